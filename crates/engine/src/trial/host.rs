//! What a child must be started with to be like the Python of this process.

use crate::exception::OrRaised as _;
use crate::gil;
use nexus_abi::Result;
use pyo3::prelude::*;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// How to start the interpreter.
pub struct Host {
    /// The interpreter, in the virtual environment if there is one.
    pub program: PathBuf,
    /// The options that this process was started with, or would have been.
    pub arguments: Vec<OsString>,
    /// `sys.implementation.cache_tag` and `sys.abiflags`, such as `cpython-313t`: what a child must be to
    /// tell anything about this process.
    pub release: String,
}

impl Host {
    /// Reads it from `sys`; takes the GIL. `None`: there is no interpreter program.
    pub fn read() -> Result<Option<Self>> {
        gil::with(|py| read(py).or_raised(py))
    }
}

fn read(py: Python<'_>) -> PyResult<Option<Host>> {
    let sys = py.import("sys")?;
    let text = |name: &str| sys.getattr(name)?.extract::<OsString>();
    let version = py.version_info();
    let prefix = PathBuf::from(text("base_exec_prefix")?);
    let installed = if cfg!(windows) {
        prefix.join("python.exe")
    } else {
        let name = format!("python{}.{}", version.major, version.minor);
        prefix.join("bin").join(name)
    };
    let candidates = [
        PathBuf::from(text("executable").unwrap_or_default()),
        PathBuf::from(text("_base_executable").unwrap_or_default()),
        installed,
    ];
    let Some(program) = candidates.into_iter().find(|path| is_interpreter(path)) else {
        return Ok(None);
    };
    let tag: String = sys
        .getattr("implementation")?
        .getattr("cache_tag")?
        .extract()?;
    // Windows has it since 3.14.
    let flags = match sys.getattr_opt("abiflags")? {
        Some(flags) => flags.extract()?,
        None => String::new(),
    };
    Ok(Some(Host {
        program,
        arguments: arguments(&sys)?,
        release: format!("{tag}{flags}"),
    }))
}

/// In a program with Python inside, `sys.executable` may be that program, which must not be started again.
fn is_interpreter(path: &Path) -> bool {
    path.is_absolute()
        && path.is_file()
        && path.file_name().is_some_and(|name| {
            name.to_string_lossy()
                .to_ascii_lowercase()
                .contains("python")
        })
}

fn arguments(sys: &Bound<'_, PyModule>) -> PyResult<Vec<OsString>> {
    let flags = sys.getattr("flags")?;
    let flag = |name: &str| -> PyResult<usize> {
        match flags.getattr_opt(name)? {
            Some(value) => Ok(usize::try_from(value.extract::<i64>()?).unwrap_or(0)),
            None => Ok(0),
        }
    };
    // Output at once, so that the last lines are there when it crashes. No folder of its own on the path.
    let mut arguments: Vec<OsString> = ["-u", "-P"].map(OsString::from).to_vec();
    for (name, option) in [
        ("isolated", "-I"),
        ("ignore_environment", "-E"),
        ("no_user_site", "-s"),
        ("no_site", "-S"),
        ("dont_write_bytecode", "-B"),
        ("optimize", "-O"),
        ("bytes_warning", "-b"),
    ] {
        arguments.extend(std::iter::repeat_n(
            OsString::from(option),
            flag(name)?.min(2),
        ));
    }
    arguments.extend([
        "-X".into(),
        format!("utf8={}", flag("utf8_mode")?.min(1)).into(),
    ]);
    if flag("dev_mode")? != 0 {
        arguments.extend(["-X".into(), "dev".into()]);
    }
    // Free-threaded builds: `-X gil=0` keeps it off whatever a module says.
    if let Ok(value) = sys.getattr("_xoptions")?.get_item("gil") {
        arguments.extend(["-X".into(), format!("gil={}", value.str()?).into()]);
    }
    for option in sys.getattr("warnoptions")?.try_iter()? {
        arguments.extend(["-W".into(), option?.extract::<OsString>()?]);
    }
    Ok(arguments)
}
