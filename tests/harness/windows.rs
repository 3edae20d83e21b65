//! Every host program as a Windows program, every case, every Windows CPython: see `windows` in the library beside
//! this file. `make windows` prepares what it needs.

use libtest_mimic::{Arguments, Failed, Trial};
use nexus_tests::compile;
use nexus_tests::process;
use nexus_tests::windows::not_here::NotHere;
use nexus_tests::windows::programs::Program;
use nexus_tests::windows::{fixtures, place, programs, pythons, sources};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

type Cases = Vec<Trial>;

fn main() -> ExitCode {
    process::default_signals();
    let arguments = Arguments::from_args();
    let mut cases = Cases::new();
    if let Err(error) = hosts(&mut cases) {
        fails(&mut cases, "windows".into(), error);
    }
    libtest_mimic::run(&arguments, cases).exit_code()
}

/// What could not even be prepared is a failed test.
fn fails(cases: &mut Cases, name: String, error: String) {
    cases.push(Trial::test(name, move || Err(Failed::from(error))));
}

fn hosts(cases: &mut Cases) -> Result<(), String> {
    if !place::libraries().join("nexus_loader.dll").is_file() {
        return Err("no nexus_loader.dll: run scripts/windows/build.sh first".into());
    }
    // Makes the installation of Windows before several want it at once.
    process::success(&mut place::script("wine.sh"), Duration::from_secs(300))?;
    let pythons = pythons::all()?;
    let not_here = NotHere::read()?;
    sources::copy()?;
    let lines = fixtures::lines()?;
    let mut known: Vec<String> = lines.into_iter().map(|line| line.name).collect();

    let all = programs::all()?;
    known.extend(all.iter().map(|program| program.name.clone()));
    let (all, _): (Vec<Program>, Vec<Program>) = all
        .into_iter()
        .partition(|program| !not_here.lists(&program.name));
    let mut jobs: Vec<compile::Job> = all.iter().map(Program::job).collect();
    for python in &pythons {
        jobs.extend(fixtures::jobs(python, &not_here)?);
    }
    let broken = build(cases, jobs);
    let pythons: Vec<_> = pythons.into_iter().map(Arc::new).collect();
    for python in &pythons {
        if let Err(error) = fixtures::specials(python) {
            fails(cases, format!("{}/fixtures", python.tag), error);
        }
    }
    for program in all {
        let written = program.written_cases()?;
        known.extend(
            written
                .iter()
                .map(|case| format!("{}/{case}", program.name)),
        );
        if broken.contains(&program.binary()) {
            continue;
        }
        let program = Arc::new(program);
        let there = match program.cases() {
            Ok(names) => names,
            Err(error) => {
                fails(cases, program.name.clone(), error);
                continue;
            }
        };
        for case in written {
            let name = format!("{}/{case}", program.name);
            if not_here.lists(&name) {
                continue;
            }
            if !there.contains(&case) {
                let error = format!("{name} is left out here, and not-here.txt does not say why");
                fails(cases, name, error);
                continue;
            }
            for python in &pythons {
                let (program, python, case) =
                    (Arc::clone(&program), Arc::clone(python), case.clone());
                cases.push(Trial::test(format!("{}/{name}", python.tag), move || {
                    program.run(&python, &case).map_err(Failed::from)
                }));
            }
        }
    }
    let unknown = not_here.unknown(&known).join(", ");
    if !unknown.is_empty() {
        return Err(format!("not-here.txt lists what there is not: {unknown}"));
    }
    Ok(())
}

/// Compiles, what is linked with another output after it; gives what could not be made.
fn build(cases: &mut Cases, jobs: Vec<compile::Job>) -> Vec<PathBuf> {
    let outputs: Vec<PathBuf> = jobs.iter().map(|job| job.output.clone()).collect();
    let (second, first): (Vec<_>, Vec<_>) = jobs
        .into_iter()
        .partition(|job| outputs.iter().any(|output| job.is_made_from(output)));
    let mut outcomes = compile::all(&first);
    outcomes.extend(compile::all(&second));
    let mut broken = Vec::new();
    for (job, outcome) in first.into_iter().chain(second).zip(outcomes) {
        if let Err(error) = outcome {
            let name = job
                .output
                .strip_prefix(place::output())
                .unwrap_or(&job.output);
            fails(cases, format!("build/{}", name.display()), error);
            broken.push(job.output);
        }
    }
    broken
}
