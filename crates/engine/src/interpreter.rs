//! Facts about the interpreter that loading needs, read once.

use crate::exception;
use nexus_abi::Result;
use nexus_inspect::Target;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PySet, PyString};
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
    pub create_dynamic: Py<PyAny>,
    /// `_imp.exec_dynamic`.
    pub exec_dynamic: Py<PyAny>,
    /// `importlib.machinery.ModuleSpec`.
    pub module_spec: Py<PyAny>,
    /// `importlib.machinery.ExtensionFileLoader`.
    pub extension_loader: Py<PyAny>,
    /// `sys.modules`.
    pub modules: Py<PyDict>,
    /// `sys.stdlib_module_names` and `sys.builtin_module_names`: the names under which nothing else may be
    /// loaded.
    pub standard_names: Py<PySet>,
}

static INTERPRETER: OnceLock<Interpreter> = OnceLock::new();

/// The interpreter. Set when the engine was opened.
pub fn get() -> &'static Interpreter {
    INTERPRETER.get().expect("set when the engine was opened")
}

/// Reads the facts.
pub fn init(py: Python<'_>) -> Result<()> {
    let facts = read(py).map_err(|error| exception::failure(py, &error))?;
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
    let standard_names = PySet::new(py, ["__main__"])?;
    for names in ["stdlib_module_names", "builtin_module_names"] {
        standard_names.call_method1("update", (sys.getattr(names)?,))?;
    }
    let soabi = suffixes.first().and_then(|suffix| {
        suffix
            .strip_prefix('.')?
            .strip_suffix(".so")
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
            module_spec: bootstrap.getattr("ModuleSpec")?.unbind(),
            extension_loader: external.getattr("ExtensionFileLoader")?.unbind(),
            modules: sys.getattr("modules")?.cast_into::<PyDict>()?.unbind(),
            standard_names: standard_names.unbind(),
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
                if let Ok(folder) = folder.canonicalize()
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
}

/// The platform's bytes as Python sees file names: undecodable bytes become lone surrogates (PEP 383).
pub fn path_to_python<'py>(py: Python<'py>, path: &Path) -> Bound<'py, PyString> {
    let Ok(string) = path.as_os_str().into_pyobject(py);
    string
}
