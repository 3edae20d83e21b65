//! Real wheels on every CPython: the modules that load are exactly those that `import` loads, and what is
//! for another platform or another Python is refused. With `NEXUS_TEST_WHEELS=all`, all that are pinned;
//! else some of them.

use libtest_mimic::{Arguments, Failed, Trial};
use nexus_tests::pythons::{self, Python};
use nexus_tests::wheels::{Environment, How};
use nexus_tests::{foreign, paths, wheels};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

type Test = fn(&Python) -> Result<(), String>;

// As in the header.
const NEXUS_LOADER_LAZY: u32 = 1;
const NEXUS_LOADER_TRIAL: u32 = 4;
const NEXUS_LOADER_VERIFY: u32 = 8;

const TESTS: [(&str, Test); 8] = [
    ("loaded_as_import_does", loaded_as_import_does),
    ("lazy", lazy),
    ("trial", trial),
    ("verified", verified),
    ("not_on_the_search_path", not_on_the_search_path),
    ("through_a_link", through_a_link),
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
    let how = How {
        executable: &environment.python,
        folder: &environment.packages,
        flags: 0,
    };
    let told = wheels::open(python, &how, &output)?;
    println!("{}: {}", python.tag, wheels::summary(&reference, &told));
    none(&wheels::differences(&reference, &told))
}

/// The same modules load however the folder is opened. `how` tells it: an environment, and a scratch folder.
fn loaded_all_the_same(
    python: &Python,
    flags: u32,
    how: impl FnOnce(&Environment, &Path) -> Result<(PathBuf, PathBuf), String>,
) -> Result<wheels::Told, String> {
    let environment = wheels::install(python, &wheels::list())?;
    let reference = wheels::reference(&environment)?;
    let scratch = scratch()?;
    let (executable, folder) = how(&environment, scratch.path())?;
    let output = scratch.path().join("told.tsv");
    let how = How {
        executable: &executable,
        folder: &folder,
        flags,
    };
    let told = wheels::open(python, &how, &output)?.moved(&folder, &environment.packages);
    none(&wheels::differences(&reference, &told)).map(|()| told)
}

fn in_environment(environment: &Environment, _: &Path) -> Result<(PathBuf, PathBuf), String> {
    Ok((environment.python.clone(), environment.packages.clone()))
}

fn lazy(python: &Python) -> Result<(), String> {
    loaded_all_the_same(python, NEXUS_LOADER_LAZY, in_environment).map(drop)
}

fn trial(python: &Python) -> Result<(), String> {
    loaded_all_the_same(python, NEXUS_LOADER_TRIAL, in_environment).map(drop)
}

/// Every file on the list: nothing is missed, and nothing is mapped but verified copies.
fn verified(python: &Python) -> Result<(), String> {
    let told = loaded_all_the_same(python, NEXUS_LOADER_VERIFY, |environment, scratch| {
        let copy = scratch.join("packages");
        wheels::copy_with_checksums(&environment.packages, &copy)?;
        Ok((python.executable.clone(), copy))
    })?;
    match told.mapped.first() {
        None => Ok(()),
        Some(path) => Err(format!("mapped unverified: {}", path.display())),
    }
}

/// As after `pip install --target`.
fn not_on_the_search_path(python: &Python) -> Result<(), String> {
    loaded_all_the_same(python, 0, |environment, _| {
        Ok((python.executable.clone(), environment.packages.clone()))
    })
    .map(drop)
}

fn through_a_link(python: &Python) -> Result<(), String> {
    loaded_all_the_same(python, 0, |environment, scratch| {
        let link = scratch.join("link");
        symlink(&environment.packages, &link).map_err(|error| error.to_string())?;
        Ok((environment.python.clone(), link))
    })
    .map(drop)
}

fn foreign(python: &Python) -> Result<(), String> {
    let folder = foreign::download()?;
    let output = paths::output().join(format!("foreign-{}.tsv", python.tag));
    let how = How {
        executable: &python.executable,
        folder: &folder,
        flags: 0,
    };
    let told = wheels::open(python, &how, &output)?;
    none(&foreign::differences(&folder, python, &told)?)?;
    none(&foreign::differences_of_libraries(&folder, python)?)
}

fn all_platforms_in_one_folder(python: &Python) -> Result<(), String> {
    let folder = foreign::download()?;
    let own = wheels::install(python, &wheels::list())?.packages;
    let scratch = scratch()?;
    let mixed = scratch.path().join("mixed");
    foreign::mix(&folder, "msgpack", &own, &mixed)?;
    let how = How {
        executable: &python.executable,
        folder: &mixed,
        flags: 0,
    };
    let told = wheels::open(python, &how, &scratch.path().join("told.tsv"))?;
    none(&foreign::differences_of_mixed(python, &told))
}

fn scratch() -> Result<tempfile::TempDir, String> {
    tempfile::tempdir_in(paths::output()).map_err(|error| error.to_string())
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
