//! All that was found out about one file, in plain values. The fields are the JSON text's, in this order.

use super::judged_for::Python;
use super::libraries;
use super::name::module_name;
use super::text::Text;
use NexusVerdict::{NEXUS_VERDICT_HELPER, NEXUS_VERDICT_HOPELESS, NEXUS_VERDICT_MODULE};
use core::fmt;
use nexus_inspect::{
    Dependencies, Detail, FileName, Format, Image, LibraryState, Report, Suffix, Tag, Target,
    Verdict, classify,
};
use serde::Serialize;
use std::path::Path;

/// What a file is for the Python that it was judged for. 32 bits wide.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[allow(non_camel_case_types)]
pub enum NexusVerdict {
    /// Nothing was found out: there is no such inspection.
    #[default]
    #[serde(rename = "none")]
    NEXUS_VERDICT_NONE = 0,
    /// A Python module that can be tried. If it has a detail code, loading is likely to fail.
    #[serde(rename = "module")]
    NEXUS_VERDICT_MODULE = 1,
    /// A shared library and no Python module: not to be opened, for its constructors would run.
    #[serde(rename = "helper")]
    NEXUS_VERDICT_HELPER = 2,
    /// Nothing that can be loaded as a module here; the detail code says why.
    #[serde(rename = "hopeless")]
    NEXUS_VERDICT_HOPELESS = 3,
}

/// Everything about one file. What a file does not tell is empty, 0 or false.
#[derive(Default, Serialize)]
pub struct Facts {
    pub path: Text,
    pub judged_for: Text,
    pub verdict: NexusVerdict,
    pub detail: u32,
    pub message: Text,
    pub cure: Text,
    /// All of them; the first is the detail, message and cure above.
    pub problems: Vec<Problem>,
    pub module_name: Text,
    pub init_symbol: Text,
    pub init_symbols: Vec<String>,
    pub format: Text,
    pub platform: Text,
    pub machine: Text,
    pub bits: u32,
    pub c_library: Text,
    pub abi_tag: Text,
    pub python_version: Version,
    pub stable_abi: bool,
    pub free_threaded: bool,
    pub soname: Text,
    pub needed: Vec<String>,
    /// The whole tree of needed libraries.
    pub libraries: Vec<Library>,
    pub missing: Vec<Missing>,
    pub missing_versions: Vec<Lacking>,
    pub missing_functions: Vec<Lacking>,
    pub missing_python_symbols: Vec<String>,
    /// Bytes of thread-local variables, and whether they must be in the static block.
    pub tls_size: u64,
    pub static_tls: bool,
    /// Bytes of static thread-local storage that the file and its libraries take.
    pub static_tls_of_tree: u64,
    /// Run-time libraries of the tree and of the process, with their paths.
    pub openmp: Vec<String>,
    pub size: u64,
}

/// One thing that is wrong.
#[derive(Serialize)]
pub struct Problem {
    pub detail: u32,
    pub name: &'static str,
    pub message: String,
    pub cause: &'static str,
    pub cure: &'static str,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.detail, self.name, self.message)
    }
}

/// A Python version; 0.0 is none.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Version(pub u8, pub u8);

impl Version {
    /// `major << 16 | minor << 8`.
    pub fn number(self) -> u32 {
        u32::from(self.0) << 16 | u32::from(self.1) << 8
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::default() {
            Ok(())
        } else {
            write!(f, "{}.{}", self.0, self.1)
        }
    }
}

impl Serialize for Version {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A library of the tree. `needed_by` begins with the one that needs it directly.
#[derive(Serialize)]
pub struct Library {
    pub name: String,
    pub path: Text,
    pub state: &'static str,
    pub needed_by: Vec<String>,
    /// Whether the file loads without it.
    pub optional: bool,
}

/// A library that was not found.
#[derive(Serialize)]
pub struct Missing {
    pub name: String,
    pub needed_by: Vec<String>,
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} (needed by {})",
            self.name,
            self.needed_by.join(", needed by ")
        )
    }
}

/// What the library that was found here does not have.
#[derive(Serialize)]
pub struct Lacking {
    #[serde(flatten)]
    pub what: What,
    pub library: String,
    pub path: Text,
    pub needed_by: String,
}

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
pub enum What {
    Function(String),
    Version(String),
}

impl fmt::Display for Lacking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (What::Function(what) | What::Version(what)) = &self.what;
        write!(
            f,
            "{what} of {} (needed by {})",
            self.library, self.needed_by
        )
    }
}

/// Reads the file and judges it. Whatever the file is, there is a verdict.
pub fn of(path: &Path, python: &Python) -> Facts {
    let mut facts = Facts {
        path: Text::of_path(path),
        judged_for: python.describe().into(),
        ..Facts::default()
    };
    let name = file_name(path);
    match Image::read(path) {
        Ok(image) => {
            let target = python.target(&name, &image);
            let verdict = classify(path, &image, &name, &target);
            facts.read_image(&image, &name);
            facts.read_verdict(&verdict);
            if fits_system(&verdict, image.format) {
                let report =
                    Dependencies::new(libraries::search(python)).check(path, &image, &target);
                facts.read_libraries(&report, &file_text(path));
                facts.read_python_symbols(report, &image, &target);
            }
        }
        Err(problem) => facts.read_verdict(&Verdict::Hopeless(problem)),
    }
    if facts.verdict != NEXUS_VERDICT_HELPER {
        facts.module_name = module_name(path, &name).into();
    }
    if let Some(first) = facts.problems.first() {
        facts.detail = first.detail;
        facts.message = first.message.as_str().into();
        facts.cure = first.cure.into();
    }
    facts
}

/// The parts of the file's name; a file that is not called like a module is one of that very name.
fn file_name(path: &Path) -> FileName {
    let name = path.file_name().unwrap_or_default();
    FileName::parse(name).unwrap_or_else(|| FileName {
        stem: name.to_owned(),
        tag: Tag::Plain,
        suffix: Suffix::So,
    })
}

fn file_text(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// Where the file is for another system, this one's libraries say nothing about it. Files of Windows and macOS
/// bring most of theirs, so that is looked at everywhere.
fn fits_system(verdict: &Verdict, format: Format) -> bool {
    format != Format::Elf
        || !verdict.problem().is_some_and(|problem| {
            [
                Detail::MACHINE,
                Detail::BITS,
                Detail::PLATFORM,
                Detail::C_LIBRARY,
            ]
            .contains(&problem.detail)
        })
}

impl Facts {
    fn read_image(&mut self, image: &Image, name: &FileName) {
        let machines: Vec<String> = image
            .machines
            .iter()
            .map(|machine| machine.name())
            .collect();
        self.format = match image.format {
            Format::Elf => "ELF",
            Format::Pe => "PE",
            Format::MachO => "Mach-O",
        }
        .into();
        self.platform = image.platform.name().into();
        self.machine = machines.join(", ").into();
        self.bits = image.bits.into();
        self.c_library = image.c_library.name().into();
        self.size = image.size;
        self.soname = image.soname.clone().unwrap_or_default().into();
        self.needed.clone_from(&image.needed);
        self.init_symbols = image
            .init_symbols
            .iter()
            .map(|symbol| symbol.symbol.clone())
            .collect();
        self.tls_size = image.tls_size;
        self.static_tls = image.static_tls;
        let mut version = image.python.version;
        self.free_threaded = image.python.free_threaded == Some(true);
        self.abi_tag = match &name.tag {
            Tag::Exact(tag) => {
                version = tag.version.or(version);
                self.free_threaded |= tag.free_threaded();
                tag.text.as_str()
            }
            Tag::Abi3 => "abi3",
            Tag::Abi3t => "abi3t",
            Tag::OtherAbi(tag) => tag,
            Tag::Plain => "",
        }
        .into();
        self.stable_abi =
            matches!(name.tag, Tag::Abi3 | Tag::Abi3t) || image.python.is_stable_abi();
        self.python_version =
            version.map_or_else(Version::default, |(major, minor)| Version(major, minor));
    }

    fn read_verdict(&mut self, verdict: &Verdict) {
        self.verdict = match verdict {
            Verdict::Module { init } => {
                self.init_symbol = init.as_str().into();
                NEXUS_VERDICT_MODULE
            }
            Verdict::Helper { .. } => NEXUS_VERDICT_HELPER,
            Verdict::Hopeless(_) => NEXUS_VERDICT_HOPELESS,
        };
        self.problems.extend(verdict.problem().map(Problem::from));
    }

    fn read_libraries(&mut self, report: &Report, file: &str) {
        // What leads to a library, up to the file itself.
        let needed_by = |chain: &[String]| {
            chain
                .iter()
                .cloned()
                .chain([file.to_owned()])
                .collect::<Vec<_>>()
        };
        for library in &report.libraries {
            let state = match &library.state {
                LibraryState::Loaded => "loaded",
                LibraryState::Found => "found",
                LibraryState::Missing => "missing",
                LibraryState::OfSystem => "of the system",
                LibraryState::NotLookedFor => "not looked for",
                LibraryState::OtherMachine(_) => "for another machine",
                LibraryState::Damaged(_) => "damaged",
            };
            self.libraries.push(Library {
                name: library.name.clone(),
                path: library
                    .path
                    .as_deref()
                    .map(Text::of_path)
                    .unwrap_or_default(),
                state,
                needed_by: needed_by(&library.needed_by),
                optional: library.optional,
            });
        }
        self.missing = report
            .missing()
            .map(|library| Missing {
                name: library.name.clone(),
                needed_by: needed_by(&library.needed_by),
            })
            .collect();
        let lacking = |library: &str, path: &Path, needed_by: &Option<String>, what| Lacking {
            what,
            library: library.to_owned(),
            path: Text::of_path(path),
            needed_by: needed_by.clone().unwrap_or_else(|| file.to_owned()),
        };
        for it in &report.missing_versions {
            let versions = it.versions.iter().cloned().map(What::Version);
            let missing = versions.map(|what| lacking(&it.library, &it.path, &it.needed_by, what));
            self.missing_versions.extend(missing);
        }
        for it in &report.missing_functions {
            let functions = it.functions.iter().cloned().map(What::Function);
            let missing = functions.map(|what| lacking(&it.library, &it.path, &it.needed_by, what));
            self.missing_functions.extend(missing);
        }
        self.static_tls_of_tree = report.static_tls;
        self.openmp = report
            .openmp
            .iter()
            .map(|(runtime, path)| format!("{} ({})", runtime.name(), path.display()))
            .collect();
        // The verdict may have said the same already.
        let said = self.detail_of_verdict();
        let new = report
            .problems()
            .into_iter()
            .filter(|problem| Some(problem.detail.number()) != said);
        self.problems.extend(new.map(Problem::from));
    }

    fn detail_of_verdict(&self) -> Option<u32> {
        self.problems.first().map(|problem| problem.detail)
    }

    fn read_python_symbols(&mut self, report: Report, image: &Image, target: &Target) {
        self.missing_python_symbols = report.missing_python_symbols;
        let told = [Detail::MISSING_PYTHON_SYMBOL, Detail::DEBUG_PYTHON].map(Detail::number);
        if let (true, Some(exports)) = (
            told.contains(&self.detail_of_verdict().unwrap_or(0)),
            &target.exports,
        ) {
            let missing = image
                .undefined_python
                .iter()
                .filter(|name| !exports.contains(name.as_bytes()));
            self.missing_python_symbols = missing.cloned().collect();
        }
    }
}

impl From<nexus_inspect::Problem> for Problem {
    fn from(problem: nexus_inspect::Problem) -> Self {
        let detail = problem.detail;
        Self {
            detail: detail.number(),
            name: detail.name(),
            message: problem.message,
            cause: detail.cause(),
            cure: detail.cure(),
        }
    }
}

/// The builder of `nexus_inspect`'s tests.
#[cfg(test)]
#[path = "../../crates/inspect/tests/support/pe_file.rs"]
#[allow(dead_code)]
mod pe_file;

#[cfg(test)]
mod tests {
    use super::pe_file::PeFile;
    use super::*;

    fn of_file(name: &str, bytes: &[u8]) -> Facts {
        let path = std::env::temp_dir().join(format!("nexus-facts-{}-{name}", std::process::id()));
        std::fs::write(&path, bytes).unwrap();
        let facts = of(&path, &Python::Unknown);
        std::fs::remove_file(path).unwrap();
        facts
    }

    #[test]
    fn what_is_no_image_is_hopeless() {
        let facts = of_file("script.so", b"#!/bin/sh\n");
        assert_eq!(facts.verdict, NEXUS_VERDICT_HOPELESS);
        assert_eq!(facts.detail, Detail::TEXT_FILE.number());
        assert_eq!(
            facts.problems[0].to_string(),
            "201 TEXT_FILE: a script, not a compiled module"
        );
        assert_eq!(facts.cure.to_string(), Detail::TEXT_FILE.cure());
        assert!(facts.format.is_empty());
        assert_eq!(
            of(Path::new("/no/such/module.so"), &Python::Unknown).detail,
            Detail::VANISHED.number()
        );
        assert_eq!(
            of(Path::new("/"), &Python::Unknown).detail,
            Detail::NOT_REGULAR_FILE.number()
        );
        assert_eq!(
            of(Path::new(""), &Python::Unknown).verdict,
            NEXUS_VERDICT_HOPELESS
        );
    }

    #[test]
    fn this_program() {
        let facts = of(&std::env::current_exe().unwrap(), &Python::Version((3, 12)));
        assert_eq!(facts.detail, Detail::EXECUTABLE.number());
        assert_eq!(
            facts.machine.to_string(),
            nexus_inspect::Machine::host().name()
        );
        assert!(!facts.needed.is_empty() && facts.missing.is_empty());
        assert!(
            facts
                .libraries
                .iter()
                .all(|library| library.state == "loaded"),
            "its own libraries"
        );
        assert!(facts.judged_for.to_string().starts_with("CPython 3.12 on "));
    }

    #[test]
    fn a_file_of_windows_is_told_everywhere() {
        let vendored = "zlib1-0123456789abcdef0123456789abcdef.dll";
        let file = PeFile {
            imports: vec![
                ("python3.dll", vec!["PyModuleDef_Init"]),
                (vendored, vec!["f"]),
            ],
            delayed: vec![("slow.dll", vec!["f"])],
            ..PeFile::default()
        };
        let facts = of_file("a.pyd", &file.bytes());
        assert_eq!(facts.format.to_string(), "PE");
        assert_eq!(facts.platform.to_string(), "windows");
        assert!(facts.stable_abi);
        let missing = facts.missing.iter().map(|library| library.name.as_str());
        assert_eq!(missing.collect::<Vec<_>>(), [vendored]);
        let told = |name: &str| {
            let library = facts.libraries.iter().find(|library| library.name == name);
            library.map(|library| (library.state, library.optional))
        };
        assert_eq!(told("slow.dll").map(|(_, optional)| optional), Some(true));
        assert_eq!(told(vendored), Some(("missing", false)));
        let numbers: Vec<u32> = facts
            .problems
            .iter()
            .map(|problem| problem.detail)
            .collect();
        if cfg!(not(windows)) {
            let expected = [Detail::PLATFORM, Detail::MISSING_LIBRARY].map(Detail::number);
            assert_eq!(numbers, expected);
            assert_eq!(told("python3.dll"), Some(("not looked for", false)));
        }
    }

    fn texts(items: &[Lacking]) -> Vec<String> {
        items.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_the_libraries_lack() {
        let missing_versions = vec![nexus_inspect::MissingVersions {
            library: "libc.so.6".into(),
            path: "/lib/libc.so.6".into(),
            versions: vec!["GLIBC_2.38".into(), "GLIBC_2.99".into()],
            newest: None,
            needed_by: None,
        }];
        let openmp = vec![(nexus_inspect::OpenMp::Llvm, "/lib/libomp.so".into())];
        let mut report = Report::default();
        (report.missing_versions, report.openmp, report.static_tls) =
            (missing_versions, openmp, 5000);
        let mut facts = Facts::default();
        facts.read_libraries(&report, "module.so");
        let lines = texts(&facts.missing_versions);
        assert_eq!(
            lines,
            ["GLIBC_2.38", "GLIBC_2.99"]
                .map(|version| format!("{version} of libc.so.6 (needed by module.so)"))
        );
        report.missing_functions = vec![nexus_inspect::MissingFunctions {
            library: "own.dll".into(),
            path: "C:/own.dll".into(),
            functions: vec!["f".into(), "#3".into()],
            needed_by: Some("deep.dll".into()),
        }];
        facts.read_libraries(&report, "module.so");
        let lines = texts(&facts.missing_functions);
        assert_eq!(
            lines,
            ["f", "#3"].map(|function| format!("{function} of own.dll (needed by deep.dll)"))
        );
        let json = serde_json::to_string(&facts.missing_functions[0]).unwrap();
        assert!(
            json.starts_with(r#"{"function":"f","library":"own.dll","path":"#),
            "{json}"
        );
        assert_eq!(facts.openmp, ["libomp (/lib/libomp.so)"]);
        assert_eq!(facts.static_tls_of_tree, 5000);
    }

    #[test]
    fn lines() {
        let missing = Missing {
            name: "libfoo.so.1".into(),
            needed_by: vec!["libbar.so".into(), "module.so".into()],
        };
        assert_eq!(
            missing.to_string(),
            "libfoo.so.1 (needed by libbar.so, needed by module.so)"
        );
        assert_eq!(Version(3, 12).number(), 0x03_0c_00);
        assert_eq!(
            (Version::default().number(), Version::default().to_string()),
            (0, String::new())
        );
    }
}
