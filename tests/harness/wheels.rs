//! Real wheels on every CPython: the modules that load are exactly those that `import` loads, and what is
//! for another platform or another Python is refused. With `NEXUS_TEST_WHEELS=all`, all that are pinned;
//! else some of them.

use libtest_mimic::{Arguments, Failed, Trial};
use nexus_tests::pythons::{self, Python};
use nexus_tests::{foreign, paths, wheels};
use std::process::ExitCode;
use std::sync::Arc;

type Test = fn(&Python) -> Result<(), String>;

const TESTS: [(&str, Test); 3] = [
    ("loaded_as_import_does", loaded_as_import_does),
    ("foreign", foreign),
    ("all_platforms_in_one_folder", all_platforms_in_one_folder),
];

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let mut cases = Vec::new();
    match pythons::all() {
        Ok(pythons) => {
            for (name, test) in TESTS {
                for python in &pythons {
                    let python = Arc::new(python.clone());
                    let name = format!("{}/wheels/{name}", python.tag);
                    cases.push(Trial::test(name, move || {
                        test(&python).map_err(Failed::from)
                    }));
                }
            }
        }
        Err(error) => cases.push(Trial::test("pythons", move || Err(Failed::from(error)))),
    }
    libtest_mimic::run(&arguments, cases).exit_code()
}

fn loaded_as_import_does(python: &Python) -> Result<(), String> {
    let environment = wheels::install(python, &wheels::list())?;
    let reference = wheels::reference(&environment)?;
    let output = environment.folder.join("told.tsv");
    let told = wheels::open(python, &environment.python, &environment.packages, &output)?;
    println!("{}: {}", python.tag, wheels::summary(&reference, &told));
    none(&wheels::differences(&reference, &told))
}

fn foreign(python: &Python) -> Result<(), String> {
    let folder = foreign::download()?;
    let output = paths::output().join(format!("foreign-{}.tsv", python.tag));
    let told = wheels::open(python, &python.executable, &folder, &output)?;
    none(&foreign::differences(&folder, python, &told)?)
}

fn all_platforms_in_one_folder(python: &Python) -> Result<(), String> {
    let folder = foreign::download()?;
    let own = wheels::install(python, &wheels::list())?.packages;
    let scratch = tempfile::tempdir_in(paths::output()).map_err(|error| error.to_string())?;
    foreign::mix(&folder, "msgpack", &own, scratch.path())?;
    let output = scratch.path().join("told.tsv");
    let told = wheels::open(python, &python.executable, scratch.path(), &output)?;
    none(&foreign::differences_of_mixed(python, &told))
}

fn none(differences: &[String]) -> Result<(), String> {
    match differences {
        [] => Ok(()),
        lines => Err(format!(
            "{} differences:\n{}",
            lines.len(),
            lines.join("\n")
        )),
    }
}
