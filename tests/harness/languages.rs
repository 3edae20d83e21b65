//! The library in other languages: see `src/languages.rs`.

use libtest_mimic::{Arguments, Conclusion, Failed, Trial};
use nexus_tests::languages::{self, HOSTS};
use nexus_tests::{process, pythons};
use std::process::ExitCode;
use std::sync::Arc;

fn main() -> ExitCode {
    process::default_signals();
    let arguments = Arguments::from_args();
    let mut cases = Vec::new();
    match pythons::all() {
        Ok(pythons) => {
            for python in pythons {
                add(&mut cases, Arc::new(python));
            }
        }
        Err(error) => cases.push(Trial::test("pythons", move || Err(Failed::from(error)))),
    }
    let conclusion: Conclusion = libtest_mimic::run(&arguments, cases);
    conclusion.exit_code()
}

fn add(cases: &mut Vec<Trial>, python: Arc<pythons::Python>) {
    if let Err(error) = languages::prepare(&python) {
        let name = format!("{}/modules", python.tag);
        cases.push(Trial::test(name, move || Err(Failed::from(error))));
    }
    for host in HOSTS {
        let name = format!("{}/{}", python.tag, host.name);
        let python = Arc::clone(&python);
        cases.push(Trial::test(name, move || {
            host.run(&python).map_err(Failed::from)
        }));
    }
    let name = format!("{}/declarations", python.tag);
    cases.push(Trial::test(name, move || {
        languages::declarations_agree(&python).map_err(Failed::from)
    }));
}
