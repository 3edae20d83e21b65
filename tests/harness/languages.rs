//! The library in other languages: see `src/languages.rs`.

use libtest_mimic::{Arguments, Conclusion, Failed, Trial};
use nexus_tests::languages::{self, HOSTS, Host, ONCE};
use nexus_tests::pythons::{self, Python};
use nexus_tests::{process, quotations};
use std::process::ExitCode;
use std::sync::Arc;

fn main() -> ExitCode {
    process::default_signals();
    let arguments = Arguments::from_args();
    let mut cases = Vec::new();
    match pythons::all() {
        Ok(pythons) => add(
            &mut cases,
            &pythons.into_iter().map(Arc::new).collect::<Vec<_>>(),
        ),
        Err(error) => test(&mut cases, "pythons".into(), || Err(error)),
    }
    test(&mut cases, "quotations".into(), quotations::check);
    let conclusion: Conclusion = libtest_mimic::run(&arguments, cases);
    conclusion.exit_code()
}

fn test(
    cases: &mut Vec<Trial>,
    name: String,
    run: impl FnOnce() -> Result<(), String> + Send + 'static,
) {
    cases.push(Trial::test(name, move || run().map_err(Failed::from)));
}

fn add(cases: &mut Vec<Trial>, pythons: &[Arc<Python>]) {
    for python in pythons {
        if let Err(error) = languages::prepare(python) {
            test(cases, format!("{}/modules", python.tag), || Err(error));
        }
        add_hosts(cases, HOSTS, python);
    }
    if let Some(newest) = pythons.last() {
        add_hosts(cases, ONCE, newest);
        let python = Arc::clone(newest);
        test(cases, format!("{}/declarations", newest.tag), move || {
            languages::declarations_agree(&python)
        });
    }
}

fn add_hosts(cases: &mut Vec<Trial>, hosts: &'static [Host], python: &Arc<Python>) {
    for host in hosts {
        let name = format!("{}/{}", python.tag, host.name);
        let python = Arc::clone(python);
        test(cases, name, move || host.run(&python));
    }
}
