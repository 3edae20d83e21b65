//! Measures nexus_loader beside the raw C API, pybind11, PyO3 and the Python class, on every CPython from 3.11
//! up, and writes docs/benchmarks.md and docs/benchmarks.svg.
//!
//! `NEXUS_BENCH_QUICK=1`: about a minute for each Python. `NEXUS_TEST_PYTHONS`: which Pythons.

mod build;
mod chart;
mod machine;
mod measure;
mod report;
mod samples;
mod targets;

use measure::Effort;
use nexus_tests::{paths, pythons};
use samples::Samples;
use std::process::ExitCode;
use std::{env, fs};

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), String> {
    let quick = env::var_os("NEXUS_BENCH_QUICK").is_some_and(|value| value == "1");
    let effort = if quick {
        Effort::QUICK
    } else {
        Effort::THOROUGH
    };
    let mut all: Vec<(String, Samples)> = Vec::new();
    for python in newest_of_each_minor(pythons::all()?) {
        eprintln!("bench: Python {}: building", python.tag);
        let built = build::all(&python)?;
        let mut samples = Samples::default();
        measure::all(&python, &built, effort, &mut samples)?;
        all.push((python.tag, samples));
    }
    let facts = machine::facts(quick);
    let text = report::markdown(&all, &facts);
    let docs = paths::root().join("docs");
    let write = |name: &str, text: &str| {
        fs::write(docs.join(name), text).map_err(|error| format!("docs/{name}: {error}"))
    };
    write("benchmarks.md", &text)?;
    write("benchmarks.svg", &chart::svg(&all)?)?;
    eprint!("{}", report::verdicts(&all));
    eprintln!("bench: wrote docs/benchmarks.md and docs/benchmarks.svg");
    Ok(())
}

/// One Python of each version: what differs between 3.11.2 and 3.11.7 is how they were built.
fn newest_of_each_minor(pythons: Vec<pythons::Python>) -> Vec<pythons::Python> {
    let mut chosen: Vec<pythons::Python> = Vec::new();
    for python in pythons {
        let minor = |python: &pythons::Python| (python.version.0, python.version.1);
        match chosen.last_mut() {
            Some(last) if minor(last) == minor(&python) => *last = python,
            _ => chosen.push(python),
        }
    }
    chosen
}
