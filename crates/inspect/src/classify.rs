//! The verdict: module, helper library, or hopeless.
//!
//! Whoever trusts it never opens a helper or a hopeless file, so the first law is: no false alarm.
//! Only what proves that a load must fail, or crash, makes a file hopeless; in doubt it is a module,
//! and the dynamic linker and Python have the last word.

use crate::detail::Detail;
use crate::image::Image;
use crate::machine::{CLibrary, Format, Machine, Platform};
use crate::name::{ExactTag, FileName, Tag};
use crate::problem::{Problem, list_text};
use crate::python_build::PythonBuild;
use crate::symbols::{InitKind, InitSymbol, encoded_name};
use crate::target::{Target, describe};
use std::path::Path;

/// What a file is for the Python in question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// An extension module that can be tried.
    Module {
        /// The function through which Python will enter it, such as `PyInit_crypto`.
        init: String,
    },
    /// A shared library and no Python module. It is not to be opened: its constructors would run.
    Helper {
        /// HELPER_LIBRARY or IS_LIBPYTHON.
        detail: Detail,
        /// One line that says why.
        why: String,
    },
    /// A file that cannot be loaded as a module here, with the reason.
    Hopeless(Problem),
}

impl Verdict {
    /// What is to be said about a file that is no module.
    pub fn problem(&self) -> Option<Problem> {
        match self {
            Verdict::Module { .. } => None,
            Verdict::Helper { detail, why } => Some(Problem::new(*detail, why.clone())),
            Verdict::Hopeless(problem) => Some(problem.clone()),
        }
    }

    /// Whether it is a module.
    pub fn is_module(&self) -> bool {
        matches!(self, Verdict::Module { .. })
    }
}

/// Puts a file's contents and name beside the Python that would load it. `path` is only used for the
/// name of the directory, which is the module's name for `__init__` files; nothing is read.
pub fn classify(path: &Path, image: &Image, name: &FileName, target: &Target) -> Verdict {
    let file = File {
        path,
        image,
        name,
        target,
    };
    file.verdict().unwrap_or_else(Verdict::Hopeless)
}

/// CPython formats the name with `%.200s` (Python/dynload_shlib.c, fact: it looks no further).
const LONGEST_NAME: usize = 200;

/// The first version that has PyModExport functions and `.abi3t.so` (PEP 793, PEP 803).
const PY_MOD_EXPORT: (u8, u8) = (3, 15);

struct File<'a> {
    path: &'a Path,
    image: &'a Image,
    name: &'a FileName,
    target: &'a Target,
}

type Step = Result<(), Problem>;

impl File<'_> {
    fn verdict(&self) -> Result<Verdict, Problem> {
        let image = self.image;
        if image.is_executable {
            let kind = match (image.platform, image.format, image.is_driver) {
                (_, _, true) => "a driver",
                (Platform::Other, Format::Pe, _) => "a program of the firmware",
                _ => "a program",
            };
            let text = format!(
                "{kind} for {} {}, not a module",
                image.platform,
                self.machine_text()
            );
            return Err(Problem::new(Detail::EXECUTABLE, text));
        }
        if image.init_symbols.is_empty() {
            return self.without_init();
        }
        self.check_system()?;
        self.check_python()?;
        let Some(init) = self.init_symbol()? else {
            if image.defines_python {
                return Ok(self.libpython());
            }
            return Err(self.wrong_name());
        };
        self.check_symbols()?;
        Ok(Verdict::Module {
            init: init.symbol.clone(),
        })
    }

    /// Nothing through which Python could enter it.
    fn without_init(&self) -> Result<Verdict, Problem> {
        let image = self.image;
        if image.defines_python {
            return Ok(self.libpython());
        }
        let is_library = self.name.stem.as_encoded_bytes().starts_with(b"lib");
        let is_tagged = matches!(self.name.tag, Tag::Exact(_));
        let makes_module = PythonBuild::makes_module(&image.undefined_python);
        if image.uses_python && !is_library && (is_tagged || makes_module) {
            self.check_system()?;
            self.check_python()?;
            let expected = self.module_name().unwrap_or("NAME");
            return Err(Problem::new(
                Detail::NO_INIT_SYMBOL,
                format!("exports no PyInit function; PyInit_{expected} is missing or hidden"),
            ));
        }
        let why = if image.is_managed {
            "a .NET assembly: it exports no PyInit function"
        } else if image.uses_python {
            "a library for Python modules: it exports no PyInit function"
        } else {
            "an ordinary shared library: it exports no PyInit function"
        };
        Ok(Verdict::Helper {
            detail: Detail::HELPER_LIBRARY,
            why: why.to_owned(),
        })
    }

    fn libpython(&self) -> Verdict {
        Verdict::Helper {
            detail: Detail::IS_LIBPYTHON,
            why: "a Python interpreter library, not an extension module".to_owned(),
        }
    }

    /// The operating system, the machine and the C library.
    fn check_system(&self) -> Step {
        let (image, target) = (self.image, self.target);
        let format_fits = match target.platform {
            Platform::Windows => image.format == Format::Pe,
            Platform::MacOs | Platform::Ios => image.format == Format::MachO,
            _ => image.format == Format::Elf,
        };
        if !format_fits || image.platform != target.platform {
            return self.built_for(Detail::PLATFORM, false);
        }
        // Windows on ARM runs both kinds in one process; elsewhere it refuses the file itself.
        let hybrid = image.machine == Machine::Arm64ec && target.machine == Machine::X86_64;
        if !hybrid && !image.machines.contains(&target.machine) {
            let bits = target.machine.bits();
            let detail = match bits.is_some_and(|bits| bits != image.bits) {
                true if same_family(image, target) => Detail::BITS,
                _ => Detail::MACHINE,
            };
            return self.built_for(detail, false);
        }
        match (image.c_library, target.c_library) {
            (CLibrary::Unknown, _) | (_, CLibrary::Unknown) => Ok(()),
            (file, process) if file == process => Ok(()),
            _ => self.built_for(Detail::C_LIBRARY, true),
        }
    }

    /// Implementation, version and kind of the Python, from the tag and the contents.
    fn check_python(&self) -> Step {
        let (build, target) = (&self.image.python, self.target);
        if build.implementation.is_some_and(|name| name != "cpython") {
            return self.built_for(Detail::IMPLEMENTATION, false);
        }
        if self
            .image
            .init_symbols
            .iter()
            .any(|symbol| symbol.kind == InitKind::Python2)
        {
            return Err(self.not_this("built for Python 2", Detail::PYTHON_VERSION));
        }
        match &self.name.tag {
            Tag::Exact(tag) => self.check_tag(tag)?,
            Tag::Abi3 if target.free_threaded => return self.stable_abi_with_the_gil(),
            Tag::Abi3t if target.version < PY_MOD_EXPORT => {
                let text = "built for the stable ABI of CPython 3.15 and later (abi3t)";
                return Err(self.not_this(text, Detail::STABLE_ABI));
            }
            Tag::OtherAbi(abi) => {
                let text = format!("built for a stable ABI of its own ({abi})");
                return Err(self.not_this(&text, Detail::STABLE_ABI));
            }
            _ => {}
        }
        // On Windows each function is looked for in the DLL that the file names, whatever its own name says.
        let certain = self.name.tag == Tag::Plain || self.image.format == Format::Pe;
        if let Tag::Exact(tag) = &self.name.tag
            && self.image.format == Format::Pe
        {
            self.check_tag_and_library(tag)?;
        }
        match (build.free_threaded, target.free_threaded) {
            (Some(true), false) => return self.built_for(Detail::FREE_THREADED, false),
            (Some(false), true) if certain && build.is_stable_abi() => {
                return self.stable_abi_with_the_gil();
            }
            (Some(false), true) if certain => {
                return self.built_for(Detail::NOT_FREE_THREADED, false);
            }
            _ => {}
        }
        // Linked against another libpython. With the tag abi3 it may work all the same.
        let other = build
            .version
            .is_some_and(|version| version != target.version);
        if other && certain {
            return self.built_for(Detail::PYTHON_VERSION, false);
        }
        if self.image.format == Format::Pe && build.debug {
            return self.built_for(Detail::DEBUG_PYTHON, false);
        }
        Ok(())
    }

    /// The tag fits; the Python DLL that the contents need must be the same Python's.
    fn check_tag_and_library(&self, tag: &ExactTag) -> Step {
        let build = &self.image.python;
        let (Some(library), Some(version)) = (&build.library, build.version) else {
            return Ok(());
        };
        let other_version = tag.version.is_some_and(|other| other != version);
        let free_threaded = build.free_threaded == Some(true);
        if !other_version && tag.free_threaded() == free_threaded {
            return Ok(());
        }
        let kind = if free_threaded { "free-threaded " } else { "" };
        Err(Problem::new(
            Detail::TAG_DISAGREES,
            format!(
                "the name says {}, the contents are for {kind}CPython {}.{}: they need {library}",
                tag.text, version.0, version.1
            ),
        ))
    }

    fn stable_abi_with_the_gil(&self) -> Step {
        let text = "built for the stable ABI of Python with the GIL (abi3)";
        Err(self.not_this(text, Detail::NOT_FREE_THREADED))
    }

    /// `import` looks at the tag only, so a tag that does not fit is the end of it.
    fn check_tag(&self, tag: &ExactTag) -> Step {
        let target = self.target;
        if target.soabi.as_deref() == Some(&tag.text) {
            return Ok(());
        }
        if tag.implementation != "cpython" {
            return self.built_for(Detail::IMPLEMENTATION, false);
        }
        if tag.version.is_some_and(|version| version != target.version) {
            return self.built_for(Detail::PYTHON_VERSION, false);
        }
        match (tag.free_threaded(), target.free_threaded) {
            (true, false) => return self.built_for(Detail::FREE_THREADED, false),
            (false, true) => return self.built_for(Detail::NOT_FREE_THREADED, false),
            _ => {}
        }
        // The contents fit (that was checked before), so here the name is wrong.
        let other_platform = tag
            .platform()
            .is_some_and(|platform| platform != target.platform);
        let other_machine = tag
            .machine()
            .is_some_and(|machine| machine != target.machine);
        let libraries = (tag.c_library(), target.c_library);
        let other_library = libraries.0 != libraries.1
            && libraries.0 != CLibrary::Unknown
            && libraries.1 != CLibrary::Unknown
            // Alpine's older Pythons called themselves gnu.
            && (libraries.0 == CLibrary::Musl || self.image.c_library != target.c_library);
        if other_platform || other_machine || other_library {
            return Err(Problem::new(
                Detail::TAG_DISAGREES,
                format!(
                    "the name says {}, the contents are for {} {}: rename the file",
                    tag.triple,
                    self.image.platform,
                    self.machine_text()
                ),
            ));
        }
        Ok(())
    }

    /// "built for CPython 3.12 on linux aarch64, this is CPython 3.11 on linux x86_64"
    fn built_for(&self, detail: Detail, c_library: bool) -> Step {
        let image = self.image;
        let build = &image.python;
        let (mut python, mut free_threaded) = match &self.name.tag {
            Tag::Exact(tag) => (
                Some((tag.implementation.as_str(), tag.version)),
                tag.free_threaded(),
            ),
            Tag::Abi3 | Tag::Abi3t | Tag::OtherAbi(_) => (Some(("cpython", None)), false),
            Tag::Plain => (None, false),
        };
        if let (Some(implementation), None | Some((_, None))) = (build.implementation, python) {
            python = Some((implementation, build.version));
        }
        if build.free_threaded == Some(true) {
            free_threaded = true;
        }
        if matches!(detail, Detail::FREE_THREADED | Detail::NOT_FREE_THREADED) && python.is_none() {
            python = Some(("cpython", None));
        }
        let machine = *image.machines.first().unwrap_or(&image.machine);
        let library = if c_library {
            image.c_library
        } else {
            CLibrary::Unknown
        };
        let mut built = describe(python, free_threaded, image.platform, machine, library);
        if detail == Detail::DEBUG_PYTHON {
            built.insert_str(0, "a debug build of ");
        }
        for machine in image.machines.iter().skip(1) {
            built.push_str(&format!(" and {machine}"));
        }
        if detail == Detail::NOT_FREE_THREADED {
            built.push_str(" with the GIL");
        }
        Err(Problem::new(
            detail,
            format!(
                "built for {built}, this is {}",
                self.target.describe(c_library)
            ),
        ))
    }

    fn not_this(&self, built: &str, detail: Detail) -> Problem {
        Problem::new(
            detail,
            format!("{built}, this is {}", self.target.describe(false)),
        )
    }

    /// The last part of the module's name: the stem, or the directory's name for a package.
    fn module_name(&self) -> Option<&str> {
        if self.name.stem == "__init__" {
            return self.path.parent()?.file_name()?.to_str();
        }
        self.name.module_name()
    }

    /// The symbol that Python will call: the one that belongs to the file's name.
    fn init_symbol(&self) -> Result<Option<&InitSymbol>, Problem> {
        let Some(name) = self.module_name() else {
            if self.name.stem == "__init__" {
                return Ok(None);
            }
            return Err(Problem::new(
                Detail::NAME_NOT_UTF8,
                "the file name is not UTF-8, so it is no module name: rename the file",
            ));
        };
        // A dot would make it a submodule; Python takes what follows the last one.
        let names = [name, name.rsplit('.').next().unwrap_or(name)];
        let mut found = names.iter().find_map(|name| self.init_symbol_of(name));
        if self.name.stem == "__init__" {
            found = found.or_else(|| self.init_symbol_of("__init__"));
        }
        if found.is_some() && name.len() > LONGEST_NAME {
            return Err(Problem::new(
                Detail::NAME_TOO_LONG,
                format!(
                    "the module name has {} bytes, and CPython looks at {LONGEST_NAME}",
                    name.len()
                ),
            ));
        }
        if found.is_some_and(is_mod_export) && self.target.version < PY_MOD_EXPORT {
            return Err(self.not_this("built for CPython 3.15 and later", Detail::PYTHON_VERSION));
        }
        Ok(found)
    }

    fn init_symbol_of(&self, name: &str) -> Option<&InitSymbol> {
        let (encoded, unicode) = encoded_name(name)?;
        let prefixes: [&str; 2] = if unicode {
            ["PyModExportU_", "PyInitU_"]
        } else {
            ["PyModExport_", "PyInit_"]
        };
        let find = |prefix: &str| {
            self.image
                .init_symbols
                .iter()
                .find(|symbol| symbol.symbol.strip_prefix(prefix) == Some(&encoded))
        };
        // Python 3.15 tries PyModExport first; those before know only PyInit.
        let (export, init) = (find(prefixes[0]), find(prefixes[1]));
        if self.target.version >= PY_MOD_EXPORT {
            export.or(init)
        } else {
            init.or(export)
        }
    }

    fn wrong_name(&self) -> Problem {
        let symbols = &self.image.init_symbols;
        let names: Vec<&str> = symbols
            .iter()
            .map(|symbol| symbol.symbol.as_str())
            .collect();
        let stem = self.name.stem.to_string_lossy();
        let file = self.path.file_name().unwrap_or_default().to_string_lossy();
        let mut text = format!(
            "the file is called {file} but exports {}",
            list_text(&names, 3)
        );
        if let [symbol] = symbols.as_slice() {
            let tail = file
                .get(stem.len()..)
                .filter(|tail| tail.starts_with('.'))
                .unwrap_or(".so");
            text.push_str(&format!(": rename it to {}{tail}", symbol.module));
        }
        Problem::new(Detail::INIT_SYMBOL_NAME, text)
    }

    /// Functions that this libpython does not have. Another needed library might define them, unless all
    /// are the system's.
    fn check_symbols(&self) -> Step {
        let (image, target) = (self.image, self.target);
        let Some(exports) = &target.exports else {
            return Ok(());
        };
        // A PE file says of which library each function is.
        let certain = image.format == Format::Pe
            || image
                .needed
                .iter()
                .all(|library| is_system_library(library));
        if !certain {
            return Ok(());
        }
        let missing: Vec<&str> = image
            .undefined_python
            .iter()
            .map(String::as_str)
            .filter(|name| !exports.contains(name.as_bytes()))
            .collect();
        if missing.is_empty() {
            return Ok(());
        }
        Err(missing_python_symbols(
            &missing,
            image,
            &self.name.tag,
            target,
        ))
    }

    fn machine_text(&self) -> String {
        let names: Vec<String> = self
            .image
            .machines
            .iter()
            .map(|machine| machine.name())
            .collect();
        names.join(" and ")
    }
}

/// "needs X and 2 more, which CPython 3.11 does not have: …"
pub(crate) fn missing_python_symbols(
    missing: &[&str],
    image: &Image,
    tag: &Tag,
    target: &Target,
) -> Problem {
    let (major, minor) = target.version;
    let (detail, reason) = if image.python.debug {
        (Detail::DEBUG_PYTHON, "built for a debug build of CPython")
    } else if *tag == Tag::Abi3 || image.python.is_stable_abi() {
        (
            Detail::MISSING_PYTHON_SYMBOL,
            "it claims the stable ABI (abi3) but is built for another version",
        )
    } else {
        (Detail::MISSING_PYTHON_SYMBOL, "built for another version")
    };
    Problem::new(
        detail,
        format!(
            "needs {}, which CPython {major}.{minor} does not have: {reason}",
            list_text(missing, 3)
        ),
    )
}

fn is_mod_export(symbol: &InitSymbol) -> bool {
    matches!(symbol.kind, InitKind::PyModExport | InitKind::PyModExportU)
}

/// i686 and x86_64, arm and aarch64: what one calls a 32-bit build.
fn same_family(image: &Image, target: &Target) -> bool {
    use Machine::*;
    [
        [X86_64, I686, X32],
        [Aarch64, Armv7, Armv7],
        [Riscv64, Riscv32, Riscv32],
        [Ppc64, Ppc, Ppc64le],
        [S390x, S390, S390],
    ]
    .iter()
    .any(|family| family.contains(&image.machine) && family.contains(&target.machine))
}

/// Libraries of the system that define no `Py…` name.
fn is_system_library(name: &str) -> bool {
    const SYSTEM: [&str; 16] = [
        "libc.so",
        "libm.so",
        "libpthread.so",
        "libdl.so",
        "librt.so",
        "libutil.so",
        "libgcc_s.so",
        "libstdc++.so",
        "libc++.so",
        "libc++abi.so",
        "libatomic.so",
        "libgomp.so",
        "libcrypt.so",
        "libz.so",
        "libc.musl-",
        "ld-",
    ];
    SYSTEM.iter().any(|start| name.starts_with(start))
        || name.starts_with("libpython3")
        || ["/usr/lib/", "/System/"]
            .iter()
            .any(|folder| name.starts_with(folder))
}
