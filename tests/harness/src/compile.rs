//! Compiles with gcc, g++ or clang++ what is not up to date, on all cores.

use crate::process;
use std::collections::VecDeque;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, SystemTime};

/// A file to make from sources.
#[derive(Clone, Debug)]
pub struct Job {
    /// What to run: the compiler and all its arguments but the output's.
    pub arguments: Vec<String>,
    /// The file that it makes.
    pub output: PathBuf,
}

/// What happens when a job is run.
pub type Outcome = Result<(), String>;

impl Job {
    /// A job for that compiler.
    pub fn new(compiler: &str, output: PathBuf) -> Self {
        Self {
            arguments: vec![compiler.to_owned()],
            output,
        }
    }

    /// Adds arguments.
    #[must_use]
    pub fn with<S: ToString>(mut self, arguments: impl IntoIterator<Item = S>) -> Self {
        self.arguments
            .extend(arguments.into_iter().map(|argument| argument.to_string()));
        self
    }

    /// Whether that file is among the arguments.
    #[must_use]
    pub fn is_made_from(&self, file: &Path) -> bool {
        self.arguments
            .iter()
            .any(|argument| Path::new(argument) == file)
    }

    fn beside(&self, extension: &str) -> PathBuf {
        let mut name = self.output.clone().into_os_string();
        name.push(extension);
        name.into()
    }

    /// Whether the output is newer than all that it was made from, by the same command.
    fn up_to_date(&self) -> bool {
        let same = fs::read_to_string(self.beside(".cmd"))
            .is_ok_and(|text| text == self.arguments.join("\n"));
        let Some(made) = modified(&self.output).filter(|_| same) else {
            return false;
        };
        let Ok(rule) = fs::read_to_string(self.beside(".d")) else {
            return false;
        };
        // `output: source header \` as make reads it; none of our paths has a blank.
        let Some((_, sources)) = rule.split_once(':') else {
            return false;
        };
        // With several sources the rule is the last one's.
        let named = self
            .arguments
            .iter()
            .map(String::as_str)
            .filter(|word| word.ends_with(".c") || word.ends_with(".cpp"));
        sources
            .split_whitespace()
            .filter(|word| *word != "\\")
            .chain(named)
            .all(|source| modified(Path::new(source)).is_some_and(|time| time <= made))
    }

    fn run(&self) -> Outcome {
        if self.up_to_date() {
            return Ok(());
        }
        if let Some(folder) = self.output.parent() {
            fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        }
        // A run that is killed must not leave an output that looks complete, and a file that some
        // process has mapped must not change under it: write beside, then rename.
        let partial = self.beside(".part");
        let mut command = Command::new(&self.arguments[0]);
        command
            .args(&self.arguments[1..])
            .arg("-MMD")
            .arg("-MF")
            .arg(self.beside(".d"))
            .arg("-o")
            .arg(&partial);
        process::success(&mut command, Duration::from_secs(300))?;
        fs::rename(&partial, &self.output)
            .and_then(|()| fs::write(self.beside(".cmd"), self.arguments.join("\n")))
            .map_err(|error| format!("{}: {error}", self.output.display()))
    }
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|data| data.modified()).ok()
}

/// Runs the jobs on all cores; the outcomes are in the order of the jobs.
#[must_use]
pub fn all(jobs: &[Job]) -> Vec<Outcome> {
    let queue: Mutex<VecDeque<usize>> = Mutex::new((0..jobs.len()).collect());
    let outcomes = Mutex::new(vec![Ok(()); jobs.len()]);
    let workers = thread::available_parallelism().map_or(2, usize::from);
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let next = queue
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .pop_front();
                    let Some(index) = next else { break };
                    let outcome = jobs[index].run();
                    outcomes.lock().unwrap_or_else(PoisonError::into_inner)[index] = outcome;
                }
            });
        }
    });
    outcomes
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner)
}
