//! Awaitables, run to their end.

use crate::border::give;
use crate::call::{convert, script};
use crate::exception::{OrRaised as _, wrong_type};
use crate::handles::of;
use nexus_abi::{Failure, NexusError, NexusObject, NexusStatus, NexusValue, Result};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

/// The functions of `awaitable.py`.
struct Asyncio {
    is_running: Py<PyAny>,
    task: Py<PyAny>,
    run: Py<PyAny>,
    wake: Py<PyAny>,
}

static ASYNCIO: PyOnceLock<Asyncio> = PyOnceLock::new();

fn asyncio(py: Python<'_>) -> PyResult<&'static Asyncio> {
    ASYNCIO.get_or_try_init(py, || {
        let title = "nexus_loader await";
        let names = ["is_running", "task", "run", "wake"];
        let [is_running, task, run, wake] =
            script::objects(py, title, include_str!("awaitable.py"), names)?;
        Ok(Asyncio {
            is_running,
            task,
            run,
            wake,
        })
    })
}

/// Has the event loop that a thread runs look around, if it waits.
pub fn wake(py: Python<'_>, thread: u64) {
    if let Some(asyncio) = ASYNCIO.get(py) {
        // One that has just been closed cannot be woken, and need not be.
        let _ = asyncio.wake.call1(py, (thread,));
    }
}

/// Runs a coroutine or another awaitable to its end, in a new event loop on the calling thread, and gives
/// what it returns: `asyncio.run`. Runs an asynchronous iterable to its end, too, such as the generator of an
/// `async def` with `yield`, and gives a list of its items. Several threads may do so at once.
///
/// `result` receives what it returns; release it with `nexus_value_clear`.
///
/// Returns `NEXUS_ERR_TYPE` when the object is none of these (an `async def` function must be called first),
/// `NEXUS_ERR_BUSY` when an event loop runs on this thread already, as within a callback that it called:
/// the awaitable is untouched then; `NEXUS_ERR_INVALID_ARGUMENT`, or `NEXUS_ERR_EXCEPTION` with what Python
/// raised (`builtins.RuntimeError` for a coroutine that has ended). May run Python code; other threads can run
/// theirs while it waits. As after `asyncio.run`, the thread has no current event loop afterwards. The first call
/// imports `asyncio`, which takes some fifty milliseconds.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_object_await(
    awaitable: *const NexusObject,
    result: *mut NexusValue,
    error: *mut *mut NexusError,
) -> NexusStatus {
    give(error, "result", result, |py, _| {
        let returned = run(&of(py, "awaitable", awaitable)?)?;
        convert::from_python(py, returned.into_ptr())
    })
}

fn run<'py>(awaitable: &Bound<'py, PyAny>) -> Result<Bound<'py, PyAny>> {
    let py = awaitable.py();
    let asyncio = asyncio(py).or_raised(py)?;
    let running = asyncio.is_running.bind(py).call0().or_raised(py)?;
    if running.is_truthy().or_raised(py)? {
        return Err(Failure::new(
            NexusStatus::NEXUS_ERR_BUSY,
            "an event loop runs on this thread already: use another thread, or await the object inside it",
        ));
    }
    let task = asyncio.task.bind(py).call1((awaitable,)).or_raised(py)?;
    if task.is_none() {
        return Err(wrong_type("awaitable", awaitable, "awaitable"));
    }
    asyncio.run.bind(py).call1((task,)).or_raised(py)
}
