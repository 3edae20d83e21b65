//! The host programs for Windows: how each is built and run.

use super::{fixtures, place, sources};
use crate::compile::Job;
use crate::paths;
use crate::process;
use crate::programs::{self, Kind};
use crate::pythons::Python;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A host program in C.
#[derive(Clone, Debug)]
pub struct Program {
    /// What its tests are called.
    pub name: String,
    /// Its files under `tests/`, the main one first.
    pub sources: Vec<String>,
}

/// Those of `tests/c`, and those of `tests/windows`.
///
/// # Errors
/// A folder cannot be read.
pub fn all() -> Result<Vec<Program>, String> {
    let shared = programs::all()?
        .iter()
        .filter(|program| matches!(program.kind, Kind::Front | Kind::Alone | Kind::Embedding))
        .map(|program| Program {
            name: program.name.clone(),
            sources: program.sources.clone(),
        });
    let own = ["trial", "effects", "verify", "paths", "modules"].map(|name| Program {
        name: format!("windows_{name}"),
        sources: vec![format!("windows/{name}.c")],
    });
    Ok(shared.chain(own).collect())
}

/// The arguments that give a source what it uses of POSIX.
#[must_use]
pub fn posix() -> Vec<String> {
    let folder = paths::tests("windows").join("posix");
    vec![
        format!("-I{}", folder.display()),
        "-include".to_owned(),
        folder.join("posix.h").display().to_string(),
        // The printf of C99, not that of Windows' old C library.
        "-D__USE_MINGW_ANSI_STDIO=1".to_owned(),
    ]
}

impl Program {
    /// The compiled program, the same one for every Python.
    #[must_use]
    pub fn binary(&self) -> PathBuf {
        place::output()
            .join("bin")
            .join(format!("{}.exe", self.name))
    }

    fn files(&self) -> impl Iterator<Item = PathBuf> {
        self.sources.iter().map(|source| sources::place_of(source))
    }

    /// The names of the cases that its main source has, also those that are left out on Windows.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn written_cases(&self) -> Result<Vec<String>, String> {
        let file = paths::root().join("tests").join(&self.sources[0]);
        let text = std::fs::read_to_string(&file)
            .map_err(|error| format!("{}: {error}", file.display()))?;
        let names = text
            .lines()
            .filter_map(|line| line.strip_prefix("CASE(")?.split(')').next());
        Ok(names.map(str::to_owned).collect())
    }

    /// How to build it.
    #[must_use]
    pub fn job(&self) -> Job {
        let import = place::libraries().join("libnexus_loader.dll.a");
        Job::new("x86_64-w64-mingw32-gcc", self.binary())
            .with(["-std=c11", "-g", "-O1", "-pthread", "-static"])
            .with(["-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror"])
            .with(posix())
            .with([format!("-I{}", paths::include().display())])
            // A test of Windows' own uses the headers of the others.
            .with([format!("-I{}", sources::folder().join("c").display())])
            .with(self.files().map(|file| file.display().to_string()))
            .with([import.display().to_string(), "-lpsapi".to_owned()])
    }

    /// The names of the cases that it has here.
    ///
    /// # Errors
    /// It does not run.
    pub fn cases(&self) -> Result<Vec<String>, String> {
        let mut command = Self::clean(&self.binary());
        let printed = process::success(command.arg("--list"), process::LIMIT)?;
        Ok(printed.lines().map(|line| line.trim().to_owned()).collect())
    }

    fn clean(binary: &Path) -> Command {
        let mut command = place::wine(binary);
        process::clean(&mut command)
            .env("WINEPATH", place::inside(&place::libraries()))
            // Wine ends the program itself before the harness ends Wine.
            .env("NEXUS_WINE_LIMIT", "50");
        command
    }

    /// Runs one case, as the host programs of other systems are run.
    ///
    /// # Errors
    /// What the program says.
    pub fn run(&self, python: &Python, case: &str) -> Result<(), String> {
        let scratch = place::output().join("scratch");
        let folder = std::fs::create_dir_all(&scratch)
            .and_then(|()| {
                tempfile::Builder::new()
                    .prefix("case-")
                    .tempdir_in(&scratch)
            })
            .map_err(|error| format!("{}: {error}", scratch.display()))?;
        let (major, minor, micro) = python.version;
        let inside = |path: &Path| place::inside(path);
        let wheels = place::target().join("wheels");
        let mut command = Self::clean(&self.binary());
        command
            .arg(case)
            .current_dir(folder.path())
            .env("NEXUS_PYTHON", inside(&python.executable))
            .env("NEXUS_FIXTURES", inside(&fixtures::folder(python)))
            .env(
                "NEXUS_TEST_WHEELS",
                inside(&wheels.join(format!("{major}.{minor}"))),
            )
            .env("NEXUS_TEST_FOREIGN", inside(&wheels.join("foreign")))
            .env("NEXUS_TEST_SCRATCH", inside(folder.path()))
            .env("NEXUS_TEST_LIBRARIES", inside(&place::libraries()))
            .env("NEXUS_TEST_INCLUDE", inside(&paths::include()))
            .env("NEXUS_TEST_VERSION", format!("{major}.{minor}.{micro}"))
            .env("NEXUS_TEST_EXECUTABLE", inside(&python.executable))
            .env("NEXUS_TEST_LIBPYTHON", inside(&python.library))
            .env("NEXUS_TEST_PREFIX", inside(&python.prefix))
            .env("NEXUS_TEST_DYNLOAD", inside(&python.dynload))
            .env("NEXUS_TEST_OLD_PYTHONS", "");
        process::success(&mut command, process::LIMIT).map(drop)
    }
}
