//! The preparations, and `site` under a guard.

use super::main_thread;
use crate::exception;
use crate::python::text::path_to_python;
use nexus_abi::ffi::Inputs;
use nexus_abi::services::{EngineStart, START_OWNED, START_SITE};
use nexus_abi::{Failure, NexusStatus, Result};
use pyo3::exceptions::PyImportError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyModule};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// How far the start has come.
#[derive(Default)]
struct Progress {
    prepared: bool,
    /// What is to be imported after `site.main()`; unset before.
    pending: Option<Vec<&'static str>>,
}

static PROGRESS: Mutex<Progress> = Mutex::new(Progress {
    prepared: false,
    pending: None,
});

/// Finishes the start of a Python that the front has started. After a failure it may be called again, from any
/// thread: that does only what has not succeeded before.
pub fn finish(py: Python<'_>, inputs: Inputs<'_>, start: &EngineStart) -> Result<()> {
    if start.flags & START_OWNED == 0 {
        return Ok(());
    }
    // The front lets one thread in at a time, so that nobody waits for this with the GIL.
    let mut progress = PROGRESS.lock().unwrap_or_else(PoisonError::into_inner);
    let site = start.flags & START_SITE != 0;
    if !progress.prepared {
        let path = |path| inputs.path("start", path);
        let argv: Result<Vec<&Path>> = inputs
            .slice("start", start.argv, start.argv_count)?
            .iter()
            .map(|text| path(*text))
            .collect();
        let programs = [
            ("executable", path(start.executable)?),
            ("_base_executable", path(start.base_executable)?),
        ];
        prepare(py, &argv?, programs, site).map_err(|error| failed(py, "preparing it", &error))?;
        progress.prepared = true;
    }
    if site {
        run_site(py, &mut progress.pending)
            .map_err(|error| failed(py, "its site module", &error))?;
    }
    Ok(())
}

/// Before `site`: `sys.argv`, the interpreter's name, the main thread, signals, output.
fn prepare(
    py: Python<'_>,
    argv: &[&Path],
    programs: [(&str, &Path); 2],
    site: bool,
) -> PyResult<()> {
    let sys = py.import("sys")?;
    let argv = argv.iter().map(|text| path_to_python(py, text));
    sys.setattr("argv", PyList::new(py, argv.collect::<Vec<_>>())?)?;
    for (name, program) in programs {
        sys.setattr(name, path_to_python(py, program))?;
    }
    if py.version_info() < (3, 13) {
        main_thread::set(&sys)?;
    }
    signals(py)?;
    // A Python that was built without the module needs none of this.
    #[cfg(unix)]
    let _ = super::fault_handler::keep_host_signals(py);
    output(&sys)?;
    if site {
        site_flag(&sys)?;
    }
    Ok(())
}

/// The first import of `signal` takes SIGINT wherever the host has left that alone. Python's own record is put
/// right here (asyncio looks there), the process's by the front.
fn signals(py: Python<'_>) -> PyResult<()> {
    let signal = py.import("_signal")?;
    let interrupt = signal.getattr("SIGINT")?;
    let handler = signal.call_method1("getsignal", (&interrupt,))?;
    if handler.is(&signal.getattr("default_int_handler")?) {
        signal.call_method1("signal", (interrupt, signal.getattr("SIG_DFL")?))?;
    }
    Ok(())
}

/// A host may end without flushing.
fn output(sys: &Bound<'_, PyModule>) -> PyResult<()> {
    let stdout = sys.getattr("stdout")?;
    if !stdout.is_none() && !stdout.call_method0("isatty")?.is_truthy()? {
        let keywords = PyDict::new(sys.py());
        keywords.set_item("line_buffering", true)?;
        stdout.call_method("reconfigure", (), Some(&keywords))?;
    }
    Ok(())
}

/// Clears `sys.flags.no_site`, so that `multiprocessing` does not start its children with -S.
fn site_flag(sys: &Bound<'_, PyModule>) -> PyResult<()> {
    let py = sys.py();
    // While the flag is set, importing `site` does not run it.
    py.import("site")?;
    let flags = sys.getattr("flags")?;
    let index: isize = flags
        .getattr("__match_args__")?
        .call_method1("index", ("no_site",))?
        .extract()?;
    let zero = 0_i32.into_pyobject(py)?.into_ptr();
    // SAFETY: the GIL is held; `sys.flags` is a struct sequence, the index is one of its fields, and the new
    // reference is taken over. The old value, a small integer, is never freed anyway.
    unsafe { pyo3::ffi::PyStructSequence_SetItem(flags.as_ptr(), index, zero) };
    Ok(())
}

/// Runs `site` as the interpreter's start does, but lets no exception end the process or get lost: `site` itself
/// prints those of sitecustomize and usercustomize and goes on.
fn run_site(py: Python<'_>, pending: &mut Option<Vec<&'static str>>) -> PyResult<()> {
    let pending = match pending {
        Some(pending) => pending,
        None => pending.insert(site_main(py)?),
    };
    while let Some(name) = pending.first() {
        if let Err(error) = py.import(*name) {
            let is_itself = |own: Bound<'_, PyAny>| own.eq(*name).unwrap_or(false);
            let is_missing = error.is_instance_of::<PyImportError>(py)
                && error.value(py).getattr("name").is_ok_and(is_itself);
            if !is_missing {
                return Err(error);
            }
        }
        pending.remove(0);
    }
    Ok(())
}

/// Runs `site.main()`, and gives what it would import by itself.
fn site_main(py: Python<'_>) -> PyResult<Vec<&'static str>> {
    let site = py.import("site")?;
    let mut replaced = Vec::new();
    for (name, function) in [
        ("sitecustomize", "execsitecustomize"),
        ("usercustomize", "execusercustomize"),
    ] {
        // A function that does nothing else than to empty a list.
        let unwanted = PyList::new(py, ["unwanted"])?;
        let original = site.getattr(function)?;
        site.setattr(function, unwanted.getattr("clear")?)?;
        replaced.push((name, function, original, unwanted));
    }
    let outcome = site.call_method0("main");
    let mut pending = Vec::new();
    for (name, function, original, unwanted) in replaced {
        site.setattr(function, original)?;
        if unwanted.is_empty() {
            pending.push(name);
        }
    }
    outcome.map(|_| pending)
}

/// The failure for an exception, with its traceback and the file that raised it. The front says in which Python.
fn failed(py: Python<'_>, what: &str, error: &PyErr) -> Box<Failure> {
    let path = raised_in(py, error);
    let mut failure = exception::failure(py, error);
    failure.status = NexusStatus::NEXUS_ERR_PYTHON_START;
    let said = match failure.message == failure.exception {
        true => failure.message,
        false => format!("{}: {}", failure.exception, failure.message),
    };
    failure.message = format!("{what} failed: {said} (in {})", path.display());
    failure.at_path(&path)
}

/// The innermost file in an exception's traceback.
fn raised_in(py: Python<'_>, error: &PyErr) -> PathBuf {
    let mut path = OsString::new();
    let mut entry = error.traceback(py).map(Bound::into_any);
    while let Some(here) = entry {
        if let Ok(Some(file)) = file_of(&here) {
            path = file;
        }
        let next = here.getattr("tb_next").ok();
        entry = next.filter(|next| !next.is_none());
    }
    path.into()
}

fn file_of(entry: &Bound<'_, PyAny>) -> PyResult<Option<OsString>> {
    let frame = entry.getattr("tb_frame")?;
    let file: OsString = frame.getattr("f_code")?.getattr("co_filename")?.extract()?;
    if file == "<frozen site>" {
        // A line of a .pth file: its code has no file name, but `site` has it in that variable.
        let name = frame
            .getattr("f_locals")?
            .call_method1("get", ("fullname",))?;
        return name.extract().map(Some);
    }
    Ok((!file.as_encoded_bytes().starts_with(b"<")).then_some(file))
}
