//! Real wheels on every CPython: the modules that load are exactly those that `import` loads. With
//! `NEXUS_TEST_WHEELS=all`, all that are pinned; else some of them.

use libtest_mimic::{Arguments, Failed, Trial};
use nexus_tests::programs::{Kind, Program};
use nexus_tests::pythons::{self, Python};
use nexus_tests::{compile, process, wheels};
use std::process::{Command, ExitCode};
use std::sync::Arc;

const TREE: Program = Program {
    name: "tree",
    kind: Kind::Front,
    sources: &["c/tree.c"],
};

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let cases = match pythons::all() {
        Ok(pythons) => pythons.into_iter().map(Arc::new).map(case).collect(),
        Err(error) => vec![Trial::test("pythons", move || Err(Failed::from(error)))],
    };
    libtest_mimic::run(&arguments, cases).exit_code()
}

fn case(python: Arc<Python>) -> Trial {
    let list = wheels::list();
    let name = format!("{}/wheels/{list}", python.tag);
    Trial::test(name, move || {
        loaded_as_import_does(&python, &list).map_err(Failed::from)
    })
}

fn loaded_as_import_does(python: &Python, list: &str) -> Result<(), String> {
    let job = TREE.job(python).ok_or("no program")?;
    compile::all(&[job])
        .into_iter()
        .collect::<Result<(), String>>()?;
    let environment = wheels::install(python, list)?;
    let reference = wheels::reference(&environment)?;
    let output = environment.folder.join("told.tsv");
    let mut command = Command::new(TREE.binary(python));
    process::clean(&mut command)
        .args([&environment.packages, &output])
        .current_dir(&environment.folder)
        .env("NEXUS_PYTHON", &environment.python);
    process::success(&mut command, wheels::LIMIT)?;
    let told = wheels::told(&output)?;
    let summary = wheels::summary(&reference, &told);
    println!("{} wheels, {list}: {summary}", python.tag);
    let differences = wheels::differences(&reference, &told);
    if differences.is_empty() {
        return Ok(());
    }
    Err(format!(
        "{summary}\n{} differences:\n{}",
        differences.len(),
        differences.join("\n")
    ))
}
