//! PyO3, in its safe interface: callables kept as `Py`, arguments as tuples, results by `extract`.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyMemoryView, PyString};
use std::ffi::{CStr, OsStr, c_char, c_int, c_long};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::OnceLock;

// As in contestant.h.

const DOUBLES: usize = 1_000_000;
const FEW_DOUBLES: usize = 1_000;

#[repr(C)]
pub struct Setup {
    python: *const c_char,
    callee: *const c_char,
    modules: *const c_char,
    names: *const *const c_char,
    name_count: usize,
    doubles: *const f64,
    doubles_sum: f64,
}

#[repr(C)]
pub struct Way {
    contestant: *const c_char,
    how: *const c_char,
    what: *const c_char,
    run: Option<extern "C" fn(usize) -> c_int>,
}
// SAFETY: pointers to constants.
unsafe impl Sync for Way {}

#[repr(C)]
pub struct Contestant {
    name: *const c_char,
    start: Option<extern "C" fn(*const c_char, c_int) -> c_int>,
    prepare: Option<extern "C" fn(*const Setup) -> c_int>,
    load: Option<extern "C" fn(*const c_char, c_int) -> c_long>,
    ways: *const Way,
}
// SAFETY: pointers to constants.
unsafe impl Sync for Contestant {}

const TEXT_32: &str = "The quick brown fox jumps over 1";
const fn small_a(i: usize) -> i64 {
    (i & 63) as i64
}
const fn small_b(i: usize) -> i64 {
    (i >> 6 & 63) as i64
}
const fn big_a(i: usize) -> i64 {
    1000 + (i & 1023) as i64
}
const BIG_B: i64 = 100_000;
fn real_a(i: usize) -> f64 {
    (i & 1023) as f64 * 0.5
}
const REAL_B: f64 = 0.25;

struct Prepared {
    nothing: Py<PyAny>,
    add: Py<PyAny>,
    add_reals: Py<PyAny>,
    length: Py<PyAny>,
    again: Py<PyAny>,
    ends: Py<PyAny>,
    modules: Py<PyDict>,
    names: Vec<&'static str>,
    doubles: &'static [f64],
}
static PREPARED: OnceLock<Prepared> = OnceLock::new();

fn prepared() -> &'static Prepared {
    PREPARED.get().expect("the driver prepares first")
}

// ---- The calls. True: the result was wrong. ----

type Call = fn(Python<'_>, &Prepared, usize) -> PyResult<bool>;

fn none(py: Python<'_>, on: &Prepared, _: usize) -> PyResult<bool> {
    Ok(!on.nothing.bind(py).call0()?.is_none())
}

fn ints(py: Python<'_>, on: &Prepared, i: usize) -> PyResult<bool> {
    let sum: i64 = on.add.bind(py).call1((small_a(i), small_b(i)))?.extract()?;
    Ok(sum != small_a(i) + small_b(i))
}

fn big_ints(py: Python<'_>, on: &Prepared, i: usize) -> PyResult<bool> {
    let sum: i64 = on.add.bind(py).call1((big_a(i), BIG_B))?.extract()?;
    Ok(sum != big_a(i) + BIG_B)
}

fn reals(py: Python<'_>, on: &Prepared, i: usize) -> PyResult<bool> {
    let sum: f64 = on
        .add_reals
        .bind(py)
        .call1((real_a(i), REAL_B))?
        .extract()?;
    Ok(sum != real_a(i) + REAL_B)
}

fn text(py: Python<'_>, on: &Prepared, _: usize) -> PyResult<bool> {
    let size: usize = on.length.bind(py).call1((TEXT_32,))?.extract()?;
    Ok(size != TEXT_32.len())
}

fn text_back(py: Python<'_>, on: &Prepared, _: usize) -> PyResult<bool> {
    let text: String = on.again.bind(py).call1((TEXT_32,))?.extract()?;
    Ok(text != TEXT_32)
}

// PyO3 has no safe way from a slice of the host to a memoryview.
fn buffer(py: Python<'_>, on: &Prepared, count: usize) -> PyResult<bool> {
    let doubles = &on.doubles[..count];
    // SAFETY: the numbers live as long as the process; the GIL is held (`py`).
    let view = unsafe {
        Bound::from_owned_ptr_or_err(
            py,
            pyo3::ffi::PyMemoryView_FromMemory(
                doubles.as_ptr().cast_mut().cast(),
                size_of_val(doubles) as isize,
                pyo3::ffi::PyBUF_READ,
            ),
        )?
    };
    let view = view.cast_into::<PyMemoryView>()?;
    let sum: f64 = on.ends.bind(py).call1((view,))?.extract()?;
    Ok(sum != doubles[0] + doubles[count - 1])
}

fn few_doubles(py: Python<'_>, on: &Prepared, _: usize) -> PyResult<bool> {
    buffer(py, on, FEW_DOUBLES)
}

fn doubles(py: Python<'_>, on: &Prepared, _: usize) -> PyResult<bool> {
    buffer(py, on, DOUBLES)
}

fn contains(py: Python<'_>, on: &Prepared, i: usize) -> PyResult<bool> {
    Ok(!on.modules.bind(py).contains(on.names[i % on.names.len()])?)
}

fn get(py: Python<'_>, on: &Prepared, i: usize) -> PyResult<bool> {
    let module = on.modules.bind(py).get_item(on.names[i % on.names.len()])?;
    Ok(module.is_none())
}

// ---- Each with the GIL held, and taken for each call or for 100. ----

fn wrong(result: PyResult<bool>) -> bool {
    result.unwrap_or(true)
}

macro_rules! ways {
    ($($what:literal => $call:ident),* $(,)?) => {
        &[$(
            Way {
                contestant: c"PyO3".as_ptr(),
                how: c"attached".as_ptr(),
                what: $what.as_ptr(),
                run: Some({
                    extern "C" fn attached(count: usize) -> c_int {
                        const CALL: Call = $call;
                        Python::attach(|py| {
                            let on = prepared();
                            (0..count).fold(0, |all, i| all | c_int::from(wrong(CALL(py, on, i))))
                        })
                    }
                    attached
                }),
            },
            Way {
                contestant: c"PyO3".as_ptr(),
                how: c"per call".as_ptr(),
                what: $what.as_ptr(),
                run: Some({
                    extern "C" fn per_call(count: usize) -> c_int {
                        const CALL: Call = $call;
                        let on = prepared();
                        (0..count).fold(0, |all, i| {
                            all | c_int::from(wrong(Python::attach(|py| CALL(py, on, i))))
                        })
                    }
                    per_call
                }),
            },
        )*
            Way {
                contestant: c"PyO3".as_ptr(),
                how: c"batches of 100".as_ptr(),
                what: c"two ints".as_ptr(),
                run: Some(batches),
            },
            Way { contestant: std::ptr::null(), how: std::ptr::null(), what: std::ptr::null(), run: None },
        ]
    };
}

extern "C" fn batches(count: usize) -> c_int {
    let on = prepared();
    (0..count).step_by(100).fold(0, |all, start| {
        all | Python::attach(|py| {
            (start..count.min(start + 100))
                .fold(0, |all, i| all | c_int::from(wrong(ints(py, on, i))))
        })
    })
}

static WAYS: &[Way] = ways! {
    c"no arguments" => none,
    c"two ints" => ints,
    c"two ints above 256" => big_ints,
    c"two floats" => reals,
    c"a 32-byte string" => text,
    c"a 32-byte string, and one back" => text_back,
    c"a buffer of 1,000 doubles" => few_doubles,
    c"a buffer of 1,000,000 doubles" => doubles,
    c"is a name there" => contains,
    c"get a module by its name" => get,
};

// ---- Start, preparation, loading. ----

/// PyO3 can start Python in this way only: with `site`, and with the environment's settings.
extern "C" fn start(_python: *const c_char, site: c_int) -> c_int {
    if site == 0 {
        return -1;
    }
    Python::initialize();
    0
}

fn complain(error: PyErr) -> c_int {
    Python::attach(|py| error.print(py));
    -1
}

extern "C" fn prepare(setup: *const Setup) -> c_int {
    // SAFETY: the driver's own, which lives as long as the process, like all it points to.
    let setup = unsafe { &*setup };
    let made = Python::attach(|py| -> PyResult<Prepared> {
        // SAFETY: as above.
        let names: Vec<&'static str> = unsafe {
            (0..setup.name_count)
                .map(|i| CStr::from_ptr(*setup.names.add(i)).to_str().unwrap_or(""))
                .collect()
        };
        let loaded = py.import("sys")?.getattr("modules")?;
        let modules = PyDict::new(py);
        for name in &names {
            modules.set_item(PyString::new(py, name), loaded.get_item(name)?)?;
        }
        let callee = py.import("callee")?;
        let function = |name: &str| callee.getattr(name).map(Bound::unbind);
        Ok(Prepared {
            nothing: function("nothing")?,
            add: function("add")?,
            add_reals: function("add_reals")?,
            length: function("length")?,
            again: function("again")?,
            ends: function("ends")?,
            modules: modules.unbind(),
            names,
            // SAFETY: as above; the driver has made that many.
            doubles: unsafe { std::slice::from_raw_parts(setup.doubles, DOUBLES) },
        })
    });
    match made {
        Ok(prepared) => c_int::from(PREPARED.set(prepared).is_err()),
        Err(error) => complain(error),
    }
}

/// What the Python class does, by the same functions.
extern "C" fn load(folder: *const c_char, _lazy: c_int) -> c_long {
    // SAFETY: a path of the driver's.
    let folder = Path::new(OsStr::from_bytes(
        unsafe { CStr::from_ptr(folder) }.to_bytes(),
    ));
    let count = Python::attach(|py| -> PyResult<c_long> {
        let util = py.import("importlib.util")?;
        let loaded = py.import("sys")?.getattr("modules")?;
        let mut count = 0;
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            let Some(name) = path
                .file_name()
                .and_then(OsStr::to_str)
                .and_then(|name| name.strip_suffix(".so"))
            else {
                continue;
            };
            let spec = util.call_method1("spec_from_file_location", (name, &path))?;
            let module = util.call_method1("module_from_spec", (&spec,))?;
            loaded.set_item(name, &module)?;
            spec.getattr("loader")?
                .call_method1("exec_module", (&module,))?;
            count += 1;
        }
        Ok(count)
    });
    count.unwrap_or_else(|error| complain(error).into())
}

#[unsafe(no_mangle)]
pub extern "C" fn contestant() -> *const Contestant {
    static SELF: Contestant = Contestant {
        name: c"PyO3".as_ptr(),
        start: Some(start),
        prepare: Some(prepare),
        load: Some(load),
        ways: WAYS.as_ptr(),
    };
    &raw const SELF
}
