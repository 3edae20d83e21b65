//! Calls that are made ready once and made many times.

use crate::border::{give_without_gil, guard};
use crate::call::arguments::Arguments;
use crate::call::direct::Direct;
use crate::call::quick::{self, Callee};
use crate::gil::{self, attach};
use crate::handles::{no_handle, objects, of};
use crate::object::call::{keyword_names, push_all, value_of};
use crate::python;
use crate::threads::interrupt;
use core::ffi::c_char;
use nexus_abi::ffi::{Inputs, bad_handle, clear, guard_or};
use nexus_abi::handle::Kind;
use nexus_abi::slots::Slots;
use nexus_abi::{Failure, NexusCall, NexusError, NexusObject, NexusStatus, NexusValue, Result};
use pyo3::ffi::{PyObject, PyThreadState};
use pyo3::prelude::*;
use pyo3::types::PyTuple;
use std::time::{Duration, Instant};

/// What a `NexusCall` stands for. Read and freed with the GIL held.
struct Prepared {
    callable: Py<PyAny>,
    keywords: Option<Py<PyTuple>>,
    keyword_count: usize,
    /// The C function behind a builtin.
    direct: Direct,
}

impl Prepared {
    #[inline]
    fn clone_ref(&self, py: Python<'_>) -> Self {
        Self {
            callable: self.callable.clone_ref(py),
            keywords: self.keywords.as_ref().map(|names| names.clone_ref(py)),
            keyword_count: self.keyword_count,
            direct: self.direct,
        }
    }
}

static CALLS: Slots<Prepared> = Slots::new(Kind::Call);

/// Makes a call ready: what does not change from call to call is looked up once. A function that is written
/// in C is then called without going through Python.
///
/// `callable`: any callable object; its handle may be freed afterwards. `keywords`: the names of the last
/// `keyword_count` arguments, UTF-8; may be NULL when there are none. `call` receives a handle that the caller
/// frees with `nexus_call_free`, and that any number of threads may use.
///
/// Returns `NEXUS_ERR_INVALID_ARGUMENT` (NULL, a name that is not UTF-8 or is given twice), `NEXUS_ERR_TYPE`
/// when the object cannot be called, or `NEXUS_ERR_NO_MEMORY`.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_call_prepare(
    callable: *const NexusObject,
    keywords: *const *const c_char,
    keyword_count: usize,
    call: *mut *mut NexusCall,
    error: *mut *mut NexusError,
) -> NexusStatus {
    give_without_gil(error, "call", call, |inputs| {
        let names = inputs.slice("keywords", keywords, keyword_count)?;
        gil::with(|py| {
            let callable = of(py, "callable", callable)?;
            if !callable.is_callable() {
                return Err(Failure::new(
                    NexusStatus::NEXUS_ERR_TYPE,
                    format!(
                        "argument 'callable' cannot be called: it is of the type {}",
                        crate::python::text::type_name(&callable.get_type())
                    ),
                ));
            }
            let keywords = keyword_names(py, inputs, names)?;
            let prepared = Box::into_raw(Box::new(Prepared {
                direct: if names.is_empty() {
                    Direct::of(callable.as_ptr())
                } else {
                    Direct::UNKNOWN
                },
                callable: callable.unbind(),
                keyword_count: names.len(),
                keywords: keywords.map(Bound::unbind),
            }));
            match CALLS.insert(prepared) {
                Some(bits) => Ok(bits as *mut NexusCall),
                None => {
                    // SAFETY: made a moment ago, and nobody else knows of it.
                    drop(unsafe { Box::from_raw(prepared) });
                    Err(no_handle())
                }
            }
        })
    })
}

/// Makes a prepared call.
///
/// `args`: `arg_count` values: the positional arguments, then those of the prepared keywords in their
/// order. Everything else as for `nexus_object_call`.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_call_invoke(
    call: *const NexusCall,
    args: *const NexusValue,
    arg_count: usize,
    result: *mut NexusValue,
    error: *mut *mut NexusError,
) -> NexusStatus {
    let find = || {
        let prepared = CALLS.get(call as u64)?;
        // SAFETY: alive, since the table had it and it is freed only with the GIL, which is held here.
        let prepared = unsafe { &*prepared };
        Some(Callee {
            callable: prepared.callable.as_ptr(),
            keywords: prepared
                .keywords
                .as_ref()
                .map_or(core::ptr::null_mut(), Py::as_ptr),
            keyword_count: prepared.keyword_count,
            direct: &prepared.direct,
        })
    };
    // SAFETY: what the host has passed as the header describes it, which is what `quick::call` requires.
    if let Some(status) = unsafe { quick::call(find, args, arg_count, result, error) } {
        return status;
    }
    give_without_gil(error, "result", result, |inputs| {
        let args = inputs.slice("args", args, arg_count)?;
        let attached = attach()?;
        // SAFETY: the guard above holds the GIL until the end of this block.
        let py = unsafe { Python::assume_attached() };
        let ready = Ready::of(py, call, args.len())?;
        ready.invoke(py, inputs, attached.state(), args)
    })
}

/// Makes a prepared call many times, in one crossing and with the GIL taken once: far faster than one by
/// one. The GIL is given up for a moment every 5 ms, so that other threads get on.
///
/// `args`: `args_per_call` values for each of `call_count` calls, one call's after another's. `results`:
/// room for `call_count` values; NULL when you do not want them. `done` receives how many calls have
/// succeeded; may be NULL.
///
/// Stops at the first call that fails, and returns what that call returned. Then `results` has the values of
/// the calls before it, which the caller releases with `nexus_values_clear`, and NONE for it and those after
/// it. All calls are made also when the handle is freed meanwhile. Everything else as for
/// `nexus_call_invoke`.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_call_invoke_many(
    call: *const NexusCall,
    args: *const NexusValue,
    args_per_call: usize,
    call_count: usize,
    results: *mut NexusValue,
    done: *mut usize,
    error: *mut *mut NexusError,
) -> NexusStatus {
    /// Between two looks at the clock.
    const CALLS_AT_ONCE: usize = 64;
    const TURN: Duration = Duration::from_millis(5);
    guard(error, |inputs| {
        clear(done, 0);
        let too_many = || {
            Failure::invalid(format!(
                "{call_count} calls with {args_per_call} arguments are more than memory"
            ))
        };
        let count = args_per_call.checked_mul(call_count).ok_or_else(too_many)?;
        let most = isize::MAX as usize / size_of::<NexusValue>();
        if count.max(if results.is_null() { 0 } else { call_count }) > most {
            return Err(too_many());
        }
        // The results are cleared before anything can fail.
        let wanted = if results.is_null() { 0 } else { call_count };
        let results = inputs.array_out("results", results, wanted, NexusValue::NONE)?;
        let args = inputs.slice("args", args, count)?;
        let mut attached = attach()?;
        // SAFETY: `attached` holds the GIL until the first pause.
        let mut py = unsafe { Python::assume_attached() };
        let mut ready = Ready::of(py, call, args_per_call)?;
        let mut start = Instant::now();
        for index in 0..call_count {
            if index > 0 && index % CALLS_AT_ONCE == 0 && start.elapsed() > TURN {
                // Nothing that takes the GIL for held lives through the pause.
                let (positional, kept) = (ready.positional, ready.unbind());
                attached.pause();
                // SAFETY: `attached` holds the GIL again, until the next pause.
                py = unsafe { Python::assume_attached() };
                ready = Ready::bind(py, kept, positional);
                interrupt::check()?;
                start = Instant::now();
            }
            let args = &args[index * args_per_call..(index + 1) * args_per_call];
            let value = ready.invoke(py, inputs, attached.state(), args)?;
            match results.get(index) {
                Some(place) => place.set(value),
                None => objects::release_value(value),
            }
            clear(done, index + 1);
        }
        Ok(())
    })
}

/// Frees a prepared call. A call that is being made meanwhile ends well. NULL, or a handle that is freed
/// already, does nothing.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_call_free(call: *mut NexusCall) {
    guard_or((), || {
        let Some(prepared) = CALLS.remove(call as u64) else {
            return;
        };
        // Python is gone when this fails, and the callable with it. With PyO3's own token, without which
        // it would put the references off.
        let _ = gil::with(|_py| {
            // SAFETY: taken out of the table, by one thread. Who reads it holds the GIL, and keeps nothing
            // of it but references of its own when Python code can run.
            drop(unsafe { Box::from_raw(prepared) });
            Ok(())
        });
    });
}

/// A prepared call with references of its own: its handle may be freed while the callee runs.
struct Ready<'py> {
    callable: Bound<'py, PyAny>,
    keywords: Option<Bound<'py, PyTuple>>,
    direct: Direct,
    keyword_count: usize,
    positional: usize,
}

impl<'py> Ready<'py> {
    #[inline]
    fn of(py: Python<'py>, call: *const NexusCall, arg_count: usize) -> Result<Self> {
        let prepared = CALLS
            .get(call as u64)
            .ok_or_else(|| bad_handle("call", call))?;
        // SAFETY: alive, since the table had it and it is freed only with the GIL, which this thread holds.
        let prepared = unsafe { &*prepared };
        let Some(positional) = arg_count.checked_sub(prepared.keyword_count) else {
            return Err(Failure::invalid(format!(
                "the call has {} keywords, but only {arg_count} arguments are given",
                prepared.keyword_count
            )));
        };
        Ok(Self::bind(py, prepared.clone_ref(py), positional))
    }

    #[inline]
    fn bind(py: Python<'py>, prepared: Prepared, positional: usize) -> Self {
        Self {
            callable: prepared.callable.into_bound(py),
            keywords: prepared.keywords.map(|keywords| keywords.into_bound(py)),
            direct: prepared.direct,
            keyword_count: prepared.keyword_count,
            positional,
        }
    }

    /// Its references, without the proof that the GIL is held.
    fn unbind(self) -> Prepared {
        Prepared {
            callable: self.callable.unbind(),
            keywords: self.keywords.map(Bound::unbind),
            keyword_count: self.keyword_count,
            direct: self.direct,
        }
    }

    /// Makes one call; `state` is the thread state that holds the GIL.
    #[inline]
    fn invoke(
        &self,
        py: Python<'py>,
        inputs: Inputs<'_>,
        state: *mut PyThreadState,
        args: &[NexusValue],
    ) -> Result<NexusValue> {
        if args.len() <= quick::FEW {
            // SAFETY: as many values; `self` keeps the callee alive, and `py` proves the GIL.
            let made = unsafe { quick::make(&self.callee(), state, args.as_ptr(), args.len()) };
            if let Some(value) = made {
                return value_of(py, value);
            }
        }
        // Many arguments, or something wrong with one.
        let mut stack = Arguments::with_capacity(args.len());
        push_all(py, inputs, &mut stack, "args", args)?;
        let value = self.vectorcall(&mut stack);
        value_of(py, value)
    }

    fn callee(&self) -> Callee<&Direct> {
        Callee {
            callable: self.callable.as_ptr(),
            keywords: self
                .keywords
                .as_ref()
                .map_or(core::ptr::null_mut(), |names| names.as_ptr()),
            keyword_count: self.keyword_count,
            direct: &self.direct,
        }
    }

    #[inline]
    fn vectorcall(&self, stack: &mut Arguments) -> *mut PyObject {
        let callee = self.callee();
        // SAFETY: `stack` owns the arguments, as many as the positional ones and the names together, with
        // a free slot before them; callable and names live as long as `self`.
        unsafe {
            python::PyObject_Vectorcall(
                callee.callable,
                stack.as_ptr(),
                self.positional | python::ARGUMENTS_OFFSET,
                callee.keywords,
            )
        }
    }
}
