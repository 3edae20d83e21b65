//! The promises, each with the measurement that shows it.

use crate::measure::{
    CLASS, COLD, EAGER, FLOOR, FRONT, LAZY, START_NO_SITE, START_SITE, WALL, WARM, load_of,
};
use crate::samples::{Key, Samples};

/// How a promise is measured.
pub enum Measure {
    /// Our time over theirs, at most.
    AtMost(Key, Key, f64),
    /// Their time over ours, at least: how many times faster we are.
    AtLeast(Key, Key, f64),
    /// Our time in milliseconds, at most.
    Milliseconds(Key, f64),
}

/// A promise.
pub struct Target {
    /// What is promised.
    pub text: String,
    /// How it is measured.
    pub measure: Measure,
}

const CAPI: &str = "C API, vectorcall";
const CALL: &str = "nexus_object_call";
const PREPARED: &str = "nexus_call_invoke";
const INTS: &str = "two ints";

/// All of them.
pub fn all() -> Vec<Target> {
    let at_most = |text: &str, ours: Key, theirs: Key, limit: f64| Target {
        text: text.into(),
        measure: Measure::AtMost(ours, theirs, limit),
    };
    let at_least = |text: &str, ours: Key, theirs: Key, limit: f64| Target {
        text: text.into(),
        measure: Measure::AtLeast(ours, theirs, limit),
    };
    let milliseconds = |text: &str, ours: Key, limit: f64| Target {
        text: text.into(),
        measure: Measure::Milliseconds(ours, limit),
    };
    let call = |how: &str, who: &str| Key::new(INTS, how, who);
    let two = |how: &str, who: &str| Key::new("threads: 2", how, who);
    let warm = |who: &str| Key::new(&load_of(1000, WARM), WALL, who);
    let cold = |who: &str| Key::new(&load_of(1000, COLD), WALL, who);
    let start = |what: &str, who: &str| Key::new(what, WALL, who);
    let isolated = "C API, isolated PyConfig";
    vec![
        at_most(
            "two ints, attach per call, over the C API's Ensure, vectorcall, Release",
            call("per call", CALL),
            call("per call", CAPI),
            0.95,
        ),
        at_most(
            "the same, over pybind11",
            call("per call", CALL),
            call("per call", "pybind11"),
            0.55,
        ),
        at_most(
            "the same, over PyO3 (abi3)",
            call("per call", CALL),
            call("per call", "PyO3"),
            0.65,
        ),
        at_most(
            "two ints, attached, over the C API's vectorcall",
            call("attached", CALL),
            call("attached", CAPI),
            1.35,
        ),
        at_most(
            "two ints, attached, a prepared call, over the C API's vectorcall",
            call("attached", PREPARED),
            call("attached", CAPI),
            1.1,
        ),
        at_most(
            "two ints, attached, from C++, over the same from C",
            call("attached", "C++, nexus::Object::invoke"),
            call("attached", CALL),
            1.05,
        ),
        at_most(
            "two ints, attached, a prepared call from C++, over the same from C",
            call("attached", "C++, nexus::PreparedCall"),
            call("attached", PREPARED),
            1.05,
        ),
        at_most(
            "two ints from a thread that Python has never seen, over the C API",
            call("new thread", CALL),
            call("new thread", CAPI),
            0.3,
        ),
        at_least(
            "two threads at once, calls per second, to PyO3's",
            two("per call", CALL),
            two("per call", "PyO3"),
            5.0,
        ),
        at_least(
            "two threads at once, a batch of 100 in one crossing, to PyO3's single calls",
            two("batches of 100", "nexus_call_invoke_many"),
            two("per call", "PyO3"),
            20.0,
        ),
        at_most(
            "contains, over PyDict_GetItemString with the GIL taken",
            Key::new("is a name there", "per call", "nexus_loader_contains"),
            Key::new("is a name there", "per call", "C API, PyDict_GetItemString"),
            0.25,
        ),
        at_most(
            "get, over PyDict_GetItemString with the GIL taken",
            Key::new("get a module by its name", "per call", "nexus_loader_get"),
            Key::new(
                "get a module by its name",
                "per call",
                "C API, PyDict_GetItemString",
            ),
            0.4,
        ),
        at_most(
            "load of 1,000 modules, over bare dlopen and dlsym",
            warm(EAGER),
            warm(FLOOR),
            1.4,
        ),
        at_most(
            "load of 1,000 modules, over the Python class",
            warm(EAGER),
            warm(CLASS),
            0.7,
        ),
        at_most(
            "load of 1,000 modules from a cold page cache, over the Python class",
            cold(EAGER),
            cold(CLASS),
            0.6,
        ),
        milliseconds("1,000 modules lazily, ms until ready", warm(LAZY), 5.0),
        at_most(
            "start with a named Python, over an isolated PyConfig, both with site",
            start(START_SITE, EAGER),
            start(START_SITE, isolated),
            1.1,
        ),
        at_most(
            "start with a named Python, over an isolated PyConfig, both without site",
            start(START_NO_SITE, EAGER),
            start(START_NO_SITE, isolated),
            1.1,
        ),
        milliseconds("opening the front, ms", Key::new(FRONT, WALL, EAGER), 1.0),
    ]
}

impl Target {
    /// What was measured.
    pub fn measured(&self, samples: &Samples) -> Option<f64> {
        match &self.measure {
            Measure::AtMost(ours, theirs, _) => samples.ratio(ours, theirs),
            Measure::AtLeast(ours, theirs, _) => samples.ratio(theirs, ours),
            Measure::Milliseconds(ours, _) => Some(samples.median(ours)? / 1e6),
        }
    }

    /// Whether that keeps the promise.
    pub fn kept(&self, measured: f64) -> bool {
        match self.measure {
            Measure::AtMost(_, _, limit) | Measure::Milliseconds(_, limit) => measured <= limit,
            Measure::AtLeast(_, _, limit) => measured >= limit,
        }
    }

    /// The promise as people write it.
    pub fn limit(&self) -> String {
        match self.measure {
            Measure::AtMost(_, _, limit) => format!("≤ {limit}"),
            Measure::AtLeast(_, _, limit) => format!("≥ {limit}"),
            Measure::Milliseconds(_, limit) => format!("< {limit} ms"),
        }
    }
}
