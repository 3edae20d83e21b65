//! Facts about the interpreter that loading needs, read once.

use crate::exception::OrRaised as _;
use crate::{front, gil};
use nexus_abi::Result;
use nexus_inspect::Target;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use rustc_hash::FxHashSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// What does not change while the interpreter runs.
pub struct Interpreter {
    /// In the interpreter's order of preference: exact tag, `.abi3.so`, `.so`.
    pub suffixes: Vec<String>,
    /// Where the interpreter's own extension modules can be.
    own_candidates: Vec<PathBuf>,
    /// What files must fit to be loaded here.
    pub target: Target,
    /// What making a module takes.
    pub machinery: Machinery,
}

/// Objects of the import system that are there without importing anything.
pub struct Machinery {
    /// `_imp.create_dynamic`.
    create_dynamic: Py<PyAny>,
    /// `_imp.exec_dynamic`.
    exec_dynamic: Py<PyAny>,
    /// importlib's function, written in Python, through which it calls those two.
    call: Py<PyAny>,
    /// `importlib.machinery.ModuleSpec`.
    pub module_spec: Py<PyAny>,
    /// `importlib.machinery.ExtensionFileLoader`.
    pub extension_loader: Py<PyAny>,
    /// `sys.modules`.
    pub modules: Py<PyDict>,
}

/// The names of modules that come with the interpreter.
pub struct StandardNames {
    /// `sys.stdlib_module_names` and `sys.builtin_module_names`: nothing else may be loaded under these.
    pub all: FxHashSet<String>,
    /// `sys.builtin_module_names` alone.
    pub builtin: FxHashSet<String>,
}

static STANDARD_NAMES: OnceLock<StandardNames> = OnceLock::new();

/// Reads them, unless that was done: before the first directory is opened, since a start needs none.
pub fn read_standard_names(py: Python<'_>) -> Result<()> {
    if STANDARD_NAMES.get().is_some() {
        return Ok(());
    }
    let read = || -> PyResult<StandardNames> {
        let sys = py.import("sys")?;
        let names = |attribute: &str| -> PyResult<FxHashSet<String>> {
            let names = sys.getattr(attribute)?;
            names.try_iter()?.map(|name| name?.extract()).collect()
        };
        let builtin = names("builtin_module_names")?;
        let mut all = names("stdlib_module_names")?;
        all.extend(builtin.iter().cloned());
        all.insert("__main__".into());
        Ok(StandardNames { all, builtin })
    };
    let names = read().or_raised(py)?;
    let _ = STANDARD_NAMES.set(names);
    Ok(())
}

/// The names of modules that come with the interpreter.
pub fn standard_names() -> &'static StandardNames {
    STANDARD_NAMES
        .get()
        .expect("read when the first directory was opened")
}

impl Machinery {
    /// Opens the file of a spec and calls its init function. The module is not executed yet.
    pub fn create_dynamic<'py>(&self, spec: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        self.framed(&self.create_dynamic, spec)
    }

    /// Executes a module, unless it is a single-phase one, whose init function did that.
    pub fn exec_dynamic(&self, module: &Bound<'_, PyAny>) -> PyResult<()> {
        self.framed(&self.exec_dynamic, module).map(drop)
    }

    /// With a frame of Python code below, as in an `import`: some modules take it for granted that there
    /// is one and crash without (nanobind's manifold3d evaluates code with `PyEval_GetGlobals()`).
    fn framed<'py>(
        &self,
        function: &Py<PyAny>,
        argument: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = argument.py();
        self.call.bind(py).call1((function, argument))
    }
}

static INTERPRETER: OnceLock<Interpreter> = OnceLock::new();

/// The interpreter. Set when the engine was opened.
pub fn get() -> &'static Interpreter {
    INTERPRETER.get().expect("set when the engine was opened")
}

/// Reads the facts.
pub fn init(py: Python<'_>) -> Result<()> {
    let facts = read(py).or_raised(py)?;
    let _ = INTERPRETER.set(facts);
    Ok(())
}

fn read(py: Python<'_>) -> PyResult<Interpreter> {
    let sys = py.import("sys")?;
    let imp = py.import("_imp")?;
    let bootstrap = py.import("_frozen_importlib")?;
    let external = py.import("_frozen_importlib_external")?;
    let version = py.version_info();
    let suffixes: Vec<String> = imp.call_method0("extension_suffixes")?.extract()?;
    let soabi = suffixes.first().and_then(|suffix| {
        suffix
            .strip_prefix('.')?
            .strip_suffix(if cfg!(windows) { ".pyd" } else { ".so" })
            .map(str::to_string)
    });
    let target = Target {
        soabi,
        ..Target::host((version.major, version.minor), false)
    };
    Ok(Interpreter {
        suffixes,
        own_candidates: own_candidates(&sys, (version.major, version.minor))?,
        target,
        machinery: Machinery {
            create_dynamic: imp.getattr("create_dynamic")?.unbind(),
            exec_dynamic: imp.getattr("exec_dynamic")?.unbind(),
            call: bootstrap.getattr("_call_with_frames_removed")?.unbind(),
            module_spec: bootstrap.getattr("ModuleSpec")?.unbind(),
            extension_loader: external.getattr("ExtensionFileLoader")?.unbind(),
            modules: sys.getattr("modules")?.cast_into::<PyDict>()?.unbind(),
        },
    })
}

/// `lib-dynload` under the base prefixes (`DLLs` on Windows): where `sysconfig` puts them, without the
/// cost of importing it.
fn own_candidates(sys: &Bound<'_, PyModule>, version: (u8, u8)) -> PyResult<Vec<PathBuf>> {
    let mut folders = Vec::new();
    let platlib: String = sys.getattr("platlibdir")?.extract()?;
    for prefix in ["base_exec_prefix", "base_prefix"] {
        let prefix = PathBuf::from(sys.getattr(prefix)?.extract::<OsString>()?);
        folders.extend([
            prefix
                .join(&platlib)
                .join(format!("python{}.{}", version.0, version.1))
                .join("lib-dynload"),
            prefix
                .join("lib")
                .join(format!("python{}.{}", version.0, version.1))
                .join("lib-dynload"),
            prefix.join("DLLs"),
        ]);
        // Windows' embeddable package has them beside the program.
        folders.extend(cfg!(windows).then_some(prefix));
    }
    Ok(folders)
}

impl Interpreter {
    /// The folders of the interpreter's own extension modules, by real path. Looked for at the first need.
    pub fn own_folders(&self) -> &[PathBuf] {
        static FOLDERS: OnceLock<Vec<PathBuf>> = OnceLock::new();
        FOLDERS.get_or_init(|| {
            let mut folders: Vec<PathBuf> = Vec::new();
            for folder in &self.own_candidates {
                if let Ok(folder) = nexus_abi::path::real(folder)
                    && !folders.contains(&folder)
                {
                    folders.push(folder);
                }
            }
            folders
        })
    }

    /// Whether a file, by its real path, is one of the interpreter's own modules.
    pub fn owns(&self, real_path: &Path) -> bool {
        // Both are canonical, and paths take long to compare part by part.
        real_path.parent().is_some_and(|folder| {
            let is_folder = |own: &PathBuf| own.as_os_str() == folder.as_os_str();
            self.own_folders().iter().any(is_folder)
        })
    }

    /// The interpreter's own extension module of that name, where it is a file.
    pub fn own_module(&self, stem: &str) -> Option<PathBuf> {
        self.own_folders()
            .iter()
            .flat_map(|folder| {
                let path = move |suffix| folder.join(format!("{stem}{suffix}"));
                self.suffixes.iter().map(path)
            })
            .find(|path| path.is_file())
    }
}

/// Gives the host what Python has written so far: a host may end with `_exit`, which flushes nothing.
pub fn flush_output() {
    if front::owned() {
        let _ = gil::with(|py| {
            for stream in ["stdout", "stderr"] {
                if let Ok(stream) = py.import("sys").and_then(|sys| sys.getattr(stream)) {
                    let _ = stream.call_method0("flush");
                }
            }
            Ok(())
        });
    }
}
