//! Measures nexus_loader beside the raw C API, pybind11, PyO3 and the Python class, on every CPython from 3.11
//! up. Writes the promises into docs/benchmarks.md, all medians to benches/results.md, a chart to docs/benchmarks.svg.
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
use std::{env, fs, io};

const PAGE: &str = "docs/benchmarks.md";

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
    let failed = |name: &str, error: io::Error| format!("{name}: {error}");
    let write = |name: &str, text: &str| {
        fs::write(paths::root().join(name), text).map_err(|error| failed(name, error))
    };
    let old = fs::read_to_string(paths::root().join(PAGE)).map_err(|error| failed(PAGE, error))?;
    write(PAGE, &report::page(&old, &all, &facts)?)?;
    write("benches/results.md", &report::results(&all, &facts))?;
    write("docs/benchmarks.svg", &chart::svg(&all)?)?;
    eprint!("{}", report::verdicts(&all));
    eprintln!("bench: wrote {PAGE}, its chart and benches/results.md");
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
