//! Which Python, in the order of the documentation: one that is in the process, the one that the host
//! or `NEXUS_PYTHON` names, `VIRTUAL_ENV`, `CONDA_PREFIX`, the registry (Windows), `PATH`, beside the program
//! (Windows), the system's libpython.

use super::candidate::{Candidate, Verdict, named_refused, nothing_found};
use super::config::Config;
use super::in_process::InProcess;
use super::installation::Installation;
use super::layout;
use super::venv::Venv;
use crate::platform;
use nexus_abi::log::NexusLogLevel::NEXUS_LOG_DEBUG;
use nexus_abi::{Failure, NexusStatus, Result};
use std::path::{Path, PathBuf};

/// The source of a Python that `NexusPythonConfig` names.
pub const HOST: &str = "NexusPythonConfig.python";
const VARIABLE: &str = "NEXUS_PYTHON";
const PATH: &str = "PATH";
const SYSTEM: &str = "system library";
/// PEP 514.
const REGISTRY: &str = "registry";
const BESIDE: &str = "beside the program";
/// The source of a Python that is mapped already.
pub const PROCESS: &str = "this process";

/// Decides about an installation that could be used: the last step, such as opening its library. The
/// error is why it is refused after all.
pub type Accept<'a> = dyn FnMut(&Installation) -> Result<()> + 'a;

/// The Python that a search has taken.
pub struct Found {
    pub installation: Installation,
    /// For people: where it came from, and why it was taken.
    pub reason: String,
}

struct Search<'a, 'b> {
    in_process: Option<&'a InProcess>,
    accept: &'a mut Accept<'b>,
    // Go on after one is taken, to tell about the others.
    whole: bool,
    seen: Vec<(PathBuf, Option<PathBuf>)>,
    candidates: Vec<Candidate>,
    found: Option<Found>,
}

/// Searches, and hands what it finds to `accept` until that takes one. `in_process` is a Python that is
/// mapped but not started: then only that one will do.
pub fn find(
    config: &Config,
    in_process: Option<&InProcess>,
    accept: &mut Accept<'_>,
) -> Result<Found> {
    let mut search = Search::new(in_process, accept, false);
    search.run(config)?;
    let Search {
        found, candidates, ..
    } = search;
    found.ok_or_else(|| {
        Failure::new(
            NexusStatus::NEXUS_ERR_PYTHON_NOT_FOUND,
            nothing_found(&candidates, &platform::how_to_get_python()),
        )
    })
}

/// Every candidate in order, with the reason why it would be taken or was refused. Starts and opens
/// nothing.
pub fn survey(config: &Config, in_process: Option<&InProcess>) -> Vec<Candidate> {
    let mut accept = |_: &Installation| Ok(());
    let mut search = Search::new(in_process, &mut accept, true);
    // A named one that is refused ends the search, and is the last candidate.
    let _ = search.run(config);
    search.candidates
}

impl<'a, 'b> Search<'a, 'b> {
    fn new(in_process: Option<&'a InProcess>, accept: &'a mut Accept<'b>, whole: bool) -> Self {
        Self {
            in_process,
            accept,
            whole,
            seen: Vec::new(),
            candidates: Vec::new(),
            found: None,
        }
    }

    fn run(&mut self, config: &Config) -> Result<()> {
        let mapped = self
            .in_process
            .map(|mapped| format!("{} is loaded, but not started", mapped.describe()));
        self.absent(
            PROCESS,
            mapped.unwrap_or_else(|| "no Python in it".to_owned()),
        );
        if let Some(python) = &config.python {
            return self.named(HOST, python);
        }
        if let Some(python) = platform::user_variable(VARIABLE) {
            return self.named(VARIABLE, Path::new(&python));
        }
        self.absent(VARIABLE, "not set".to_owned());
        for variable in ["VIRTUAL_ENV", "CONDA_PREFIX"] {
            match platform::user_variable(variable) {
                Some(folder) => self.offer(variable, Path::new(&folder)),
                None => self.absent(variable, "not set".to_owned()),
            }
        }
        if let Some(file) = self
            .in_process
            .filter(|mapped| !mapped.definition.is_program)
        {
            self.offer(PROCESS, &file.definition.file);
        }
        self.listed(REGISTRY, platform::registered(), "no Python in it");
        self.on_path();
        self.listed(BESIDE, platform::beside_program(), "no Python there");
        self.system();
        Ok(())
    }

    /// Those of a list, where the system has such a list.
    fn listed(&mut self, source: &'static str, list: Option<Vec<PathBuf>>, none: &str) {
        let Some(list) = list else { return };
        if list.is_empty() {
            self.absent(source, none.to_owned());
        }
        for python in list {
            self.offer(source, &python);
        }
    }

    fn done(&self) -> bool {
        self.found.is_some() && !self.whole
    }

    /// One that was named: nothing else is looked for, whatever comes of it.
    fn named(&mut self, source: &'static str, python: &Path) -> Result<()> {
        let located = locate(python);
        match self.judge(source, &located) {
            None => Ok(()),
            Some(failed) => {
                let text = self
                    .candidates
                    .last()
                    .map(named_refused)
                    .unwrap_or_default();
                let failure = Failure::new(failed.status, text).at_path(python);
                Err(failure.with_linker(failed.linker))
            }
        }
    }

    fn offer(&mut self, source: &'static str, path: &Path) {
        if !self.done() {
            self.judge(source, path);
        }
    }

    fn judge(&mut self, source: &'static str, path: &Path) -> Option<Box<Failure>> {
        let (verdict, failed) = match self.usable(path) {
            Err(failed) => (Verdict::Refused(failed.message.clone()), Some(failed)),
            Ok(installation) if self.found.is_some() => {
                (Verdict::Usable(installation.describe()), None)
            }
            Ok(installation) => match (self.accept)(&installation) {
                Err(failed) => (Verdict::Refused(failed.message.clone()), Some(failed)),
                Ok(()) => {
                    let what = installation.describe();
                    let reason = format!("{source}: {}", path.display());
                    self.found = Some(Found {
                        installation,
                        reason,
                    });
                    (Verdict::Taken(what), None)
                }
            },
        };
        self.record(Candidate {
            source,
            path: Some(path.to_owned()),
            verdict,
        });
        failed
    }

    fn usable(&self, path: &Path) -> Result<Installation> {
        let installation = layout::resolve(path)
            .map_err(|reason| Failure::new(NexusStatus::NEXUS_ERR_PYTHON_NOT_FOUND, reason))?;
        match self.in_process {
            Some(mapped) if !mapped.fits(&installation) => Err(Failure::new(
                NexusStatus::NEXUS_ERR_PYTHON_CONFLICT,
                format!(
                    "it would be {}, but {} is in the process already",
                    installation.library.display(),
                    mapped.describe()
                ),
            )),
            _ => Ok(installation),
        }
    }

    fn absent(&mut self, source: &'static str, why: String) {
        if !self.done() {
            self.record(Candidate {
                source,
                path: None,
                verdict: Verdict::Absent(why),
            });
        }
    }

    fn record(&mut self, candidate: Candidate) {
        crate::log::line(NEXUS_LOG_DEBUG, || format!("Python: {candidate}"));
        self.candidates.push(candidate);
    }

    fn on_path(&mut self) {
        let folders = platform::split_path(&platform::search_path());
        let mut any = false;
        for name in platform::names_on_path() {
            for folder in &folders {
                let file = folder.join(&name);
                if self.done() {
                    return;
                }
                let Ok(real) = nexus_abi::path::real(&file) else {
                    continue;
                };
                if !real.is_file() {
                    continue;
                }
                any = true;
                // A virtual environment's interpreter is a link to its base's, yet another Python.
                let identity = (real, Venv::of_program(&file).map(|venv| venv.root));
                if !self.seen.contains(&identity) {
                    self.seen.push(identity);
                    self.offer(PATH, &file);
                }
            }
        }
        if !any {
            self.absent(PATH, platform::none_on_path());
        }
    }

    fn system(&mut self) {
        if self.done() {
            return;
        }
        let folders = platform::system_library_folders();
        let mut any = false;
        for release in layout::releases() {
            for name in platform::library_names(&release.to_string()) {
                let files = folders.iter().map(|folder| folder.join(&name));
                for file in files.filter(|file| platform::version_of_library(file).is_some()) {
                    let Ok(real) = nexus_abi::path::real(&file) else {
                        continue;
                    };
                    any = true;
                    let identity = (real, None);
                    if !self.seen.contains(&identity) {
                        self.seen.push(identity);
                        self.offer(SYSTEM, &file);
                    }
                }
            }
        }
        if !any {
            let names = |release: Option<_>| {
                release
                    .and_then(|release: super::release::Release| {
                        platform::library_names(&release.to_string())
                            .into_iter()
                            .next()
                    })
                    .unwrap_or_default()
            };
            let (newest, oldest) = (
                names(layout::releases().next()),
                names(layout::releases().last()),
            );
            let folders: Vec<String> = folders
                .iter()
                .map(|folder| folder.display().to_string())
                .collect();
            self.absent(
                SYSTEM,
                match folders.as_slice() {
                    [] => "no folder of an installation for it".to_owned(),
                    folders => {
                        format!("none of {newest} to {oldest} in {}", folders.join(", "))
                    }
                },
            );
        }
    }
}

/// A name without a folder, such as `python3.12`, is looked for on `PATH` unless it exists here.
fn locate(python: &Path) -> PathBuf {
    let bare = python.components().count() == 1 && !python.has_root() && !python.exists();
    if !bare {
        return python.to_owned();
    }
    platform::split_path(&platform::search_path())
        .into_iter()
        .map(|folder| folder.join(python))
        .find(|file| file.is_file())
        .unwrap_or_else(|| python.to_owned())
}

/// The installation that a name stands for, whatever runs in this process.
pub fn resolve_named(python: &Path) -> core::result::Result<Installation, String> {
    layout::resolve(&locate(python))
}
