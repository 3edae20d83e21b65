//! Trials: a module is imported in a child process before it is loaded in the host's
//! (`NEXUS_LOADER_TRIAL`), so that a crash, an exit or a hang becomes an error.
//!
//! One child imports many modules, as the host will; after a death the next module gets a new child. It
//! is the host's own interpreter with the host's options and `sys.path`, and runs `child.py`.
//!
//! What the module raises:
//! - An `Exception`: the trial has succeeded. The process lives, so the host may try, and gets the true
//!   exception object. Nothing is remembered, for a later import may get further, and then crash.
//! - `SystemExit`, `KeyboardInterrupt` and other exceptions that are meant to end the program: the failure
//!   that loading would have had is made here from the child's words, and the host does not try.
//!
//! What a trial cannot show: crashes after the import, in a thread for instance; what a module does only
//! with the host's other libraries around it. A module's processes that leave the session outlive it.

mod death;
mod event;
mod host;
mod protocol;
mod tail;
mod verdict;

#[cfg(unix)]
#[path = "unix/mod.rs"]
mod platform;
#[cfg(windows)]
#[path = "windows/mod.rs"]
mod platform;

use crate::gil;
use crate::log::log;
use death::{Cause, Death, span, with_output};
use event::{End, Event};
use host::Host;
use nexus_abi::log::NexusLogLevel::NEXUS_LOG_WARNING;
use nexus_abi::{Failure, NexusStatus, Result};
use nexus_inspect::Detail;
use platform::Process;
use std::ffi::OsString;
use std::path::Path;
use std::thread::{self, ThreadId};
use std::time::Duration;
use verdict::{File, Verdict};

const SCRIPT: &str = include_str!("child.py");
const DEFAULT_LIMIT: Duration = Duration::from_secs(10);
/// `site` runs what `.pth` files say, and the machine may be busy.
const START_LIMIT: Duration = Duration::from_secs(30);
/// Where the kernel does not end a child with its parent, an alarm does, so much after the time limit.
const ALARM_DELAY: u64 = 60;

/// What is to be tried.
#[derive(Clone, Copy)]
pub struct Subject<'a> {
    /// The dotted name under which the host will import it.
    pub name: &'a str,
    /// The file. It is what verdicts are remembered for.
    pub path: &'a Path,
    /// Whether it is imported by name; else it is loaded from the path, as `loader/load.rs` does it.
    pub by_import: bool,
}

/// The trials of one loader. The child is started at the first that needs it, and ended with this.
pub struct Trial {
    limit: Duration,
    search_path: Vec<OsString>,
    host: Option<Host>,
    child: Option<Child>,
    /// Why no child can be started: said again for each further module, without another try.
    refused: Option<Box<Failure>>,
    sequence: u64,
}

struct Child {
    process: Process,
    /// Linux ends a child with the thread that has started it (PR_SET_PDEATHSIG in prctl(2)), so that no
    /// other thread can rely on it.
    thread: ThreadId,
    /// How many modules it was asked to import.
    asked: u64,
    /// The last of them.
    last: String,
    knows_search_path: bool,
}

/// What a module can do to a child that lives on.
enum Survived {
    Imported,
    RaisedException,
}

/// What else can come of a trial.
enum Refused {
    Died(Death),
    Other(Box<Failure>),
}

impl Trial {
    /// `limit`: for each import; zero: 10 s. `search_path`: `sys.path`. Starts nothing; needs no GIL.
    pub fn new(limit: Duration, search_path: Vec<OsString>) -> Self {
        Self {
            limit: if limit.is_zero() {
                DEFAULT_LIMIT
            } else {
                limit
            },
            search_path,
            host: None,
            child: None,
            refused: None,
            sequence: 0,
        }
    }

    /// `sys.path` is this now, and the next imports see it.
    pub fn set_search_path(&mut self, search_path: Vec<OsString>) {
        if search_path != self.search_path {
            self.search_path = search_path;
            if let Some(child) = &mut self.child {
                child.knows_search_path = false;
            }
        }
    }

    /// Imports it in the child. `Ok`: the host may try. The failure names the module and the file in its
    /// fields; its message does not begin with "Failed to load module …".
    ///
    /// Called with or without the GIL: takes it for a moment before the first child is started, and does
    /// not hold it while a child is waited for.
    pub fn try_one(&mut self, subject: &Subject<'_>) -> Result<()> {
        let file = File::look(subject.path);
        let known = file.as_ref().and_then(|file| file.verdict(self.limit));
        let failure = match known {
            Some(Verdict::Harmless) => return Ok(()),
            Some(Verdict::Deadly(death)) => death.failure(),
            None => match self.run(subject) {
                Ok(survived) => {
                    if let (Survived::Imported, Some(file)) = (survived, file) {
                        file.remember(Verdict::Harmless);
                    }
                    return Ok(());
                }
                Err(Refused::Other(failure)) => failure,
                Err(Refused::Died(death)) => {
                    let failure = death.failure();
                    if let (true, Some(file)) = (death.cause.is_lasting(), file) {
                        file.remember(Verdict::Deadly(death));
                    }
                    failure
                }
            },
        };
        Err(failure.in_module(subject.name).at_path(subject.path))
    }

    fn run(&mut self, subject: &Subject<'_>) -> core::result::Result<Survived, Refused> {
        if let Some(refused) = &self.refused {
            return Err(Refused::Other(refused.clone()));
        }
        let prepared = self
            .ensure_host()
            .and_then(|()| gil::without(|| self.ensure_child()));
        if let Err(failure) = prepared {
            self.refused = Some(failure.clone());
            return Err(Refused::Other(failure));
        }
        gil::without(|| self.ask(subject))
    }

    fn ensure_host(&mut self) -> Result<()> {
        if self.host.is_none() {
            let host = Host::read().map_err(|failure| not_started(&failure.message, ""))?;
            let nowhere = "this Python's interpreter program is nowhere; install it (Debian: the package \
                           python3.X beside libpython3.X)";
            self.host = Some(host.ok_or_else(|| not_started(nowhere, ""))?);
        }
        Ok(())
    }

    fn ensure_child(&mut self) -> Result<()> {
        let me = thread::current().id();
        let usable = |child: &Child| child.thread == me && !child.process.is_over();
        if self.child.as_ref().is_some_and(usable) {
            return Ok(());
        }
        self.dismiss();
        let Some(host) = &self.host else {
            return Ok(());
        };
        self.child = Some(Child {
            process: start(host, self.limit)?,
            thread: me,
            asked: 0,
            last: String::new(),
            knows_search_path: false,
        });
        Ok(())
    }

    /// Ends the child. If it has ended before, something that it had imported will do that to the host.
    fn dismiss(&mut self) {
        let Some(mut child) = self.child.take() else {
            return;
        };
        if child.asked > 0 && child.process.is_over() {
            let end = child.process.end();
            // Most likely with the thread that had started it.
            if let End::Signal {
                from_outside: true, ..
            } = end
            {
                return;
            }
            log(NEXUS_LOG_WARNING, || {
                let text = format!(
                    "the trial process {} after it had imported {}: this module, or one before it, ends \
                     its process later, in a thread perhaps",
                    end.text(),
                    child.last
                );
                with_output(text, &child.process.output())
            });
        }
    }

    fn ask(&mut self, subject: &Subject<'_>) -> core::result::Result<Survived, Refused> {
        let Some(child) = &mut self.child else {
            return Err(Refused::Other(not_started("none is there to ask", "")));
        };
        let mut request = Vec::new();
        if !child.knows_search_path {
            let folders = self
                .search_path
                .iter()
                .map(|folder| folder.as_encoded_bytes());
            request = protocol::frame([b"path".as_slice()].into_iter().chain(folders));
            child.knows_search_path = true;
        }
        self.sequence += 1;
        let sequence = self.sequence.to_string();
        let name = subject.name.as_bytes();
        request.extend(if subject.by_import {
            protocol::frame([b"import", sequence.as_bytes(), name])
        } else {
            let path = subject.path.as_os_str().as_encoded_bytes();
            protocol::frame([b"load", sequence.as_bytes(), name, path])
        });
        let before = child.asked;
        child.asked += 1;
        child.last = subject.name.to_string();
        child.process.forget_output();
        let cause = match child.process.ask(&request, self.limit) {
            Event::Answer(fields) => match answer(&fields, &sequence) {
                Some(outcome) => return outcome.map_err(Refused::Other),
                None => Cause::Nonsense,
            },
            Event::Nonsense => Cause::Nonsense,
            Event::Ended(end) => Cause::Ended(end),
            Event::TimedOut { stopped } => Cause::Hung {
                limit: self.limit,
                stopped,
            },
        };
        child.process.end();
        let output = child.process.output();
        self.child = None;
        Err(Refused::Died(Death {
            cause,
            output,
            before,
        }))
    }
}

impl Drop for Trial {
    fn drop(&mut self) {
        gil::without(|| self.dismiss());
    }
}

/// What the child has answered; `None`: not to this question.
fn answer(fields: &[Vec<u8>], sequence: &str) -> Option<Result<Survived>> {
    let (number, rest) = fields.split_first()?;
    if number != sequence.as_bytes() {
        return None;
    }
    let (kind, rest) = rest.split_first()?;
    let detail = match (kind.as_slice(), rest) {
        (b"imported", []) => return Some(Ok(Survived::Imported)),
        (b"exception", []) => return Some(Ok(Survived::RaisedException)),
        (b"system_exit", _) => Detail::SYSTEM_EXIT,
        (b"keyboard_interrupt", _) => Detail::KEYBOARD_INTERRUPT,
        (b"other", _) => Detail::INIT_RAISED,
        _ => return None,
    };
    let [exception, message, traceback] = rest else {
        return None;
    };
    let [exception, message, traceback] =
        [exception, message, traceback].map(|field| String::from_utf8_lossy(field).into_owned());
    // As loading in the host would word it.
    let short = exception.strip_prefix("builtins.").unwrap_or(&exception);
    let message = match message.is_empty() {
        true => short.to_string(),
        false => format!("{short}: {message}"),
    };
    let mut failure =
        Failure::new(NexusStatus::NEXUS_ERR_LOAD_FAILED, message).with_detail(detail.number());
    failure.exception = exception;
    failure.traceback = traceback;
    Some(Err(failure))
}

fn start(host: &Host, limit: Duration) -> Result<Process> {
    let program = host.program.display();
    let seconds = limit.as_secs().saturating_add(ALARM_DELAY);
    let mut process = Process::start(host, SCRIPT, seconds.min(u64::from(u32::MAX)))
        .map_err(|error| not_started(&format!("{program}: {error}"), ""))?;
    let why = match process.ask(&[], START_LIMIT) {
        Event::Answer(fields) => match fields.as_slice() {
            [ready, release] if ready == b"ready" => {
                if *release == host.release.as_bytes() {
                    return Ok(process);
                }
                format!(
                    "it is {}, and the Python of this process {}",
                    String::from_utf8_lossy(release),
                    host.release
                )
            }
            _ => "it gave a strange answer".to_string(),
        },
        Event::Nonsense => "it gave a strange answer".to_string(),
        Event::Ended(end) => format!("it {}", end.text()),
        Event::TimedOut { .. } => format!("it was not ready within {}", span(START_LIMIT)),
    };
    process.end();
    Err(not_started(&format!("{program}: {why}"), &process.output()))
}

fn not_started(why: &str, output: &str) -> Box<Failure> {
    let text = format!(
        "the trial process could not be started: {why}; put that right, or load without \
         NEXUS_LOADER_TRIAL"
    );
    Failure::new(
        NexusStatus::NEXUS_ERR_LOAD_FAILED,
        with_output(text, output),
    )
    .with_detail(Detail::TRIAL_NOT_STARTED.number())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(texts: &[&str]) -> Vec<Vec<u8>> {
        texts.iter().map(|text| text.as_bytes().to_vec()).collect()
    }

    #[test]
    fn an_answer_belongs_to_its_question() {
        let survived = |texts: &[&str]| answer(&fields(texts), "7");
        assert!(matches!(
            survived(&["7", "imported"]),
            Some(Ok(Survived::Imported))
        ));
        assert!(matches!(
            survived(&["7", "exception"]),
            Some(Ok(Survived::RaisedException))
        ));
        assert!(survived(&["6", "imported"]).is_none());
        assert!(survived(&["7", "nonsense"]).is_none());
        assert!(survived(&["7", "system_exit"]).is_none());
        assert!(survived(&[""]).is_none());
    }

    #[test]
    fn an_exit_is_worded_as_in_the_host() {
        let refused = |texts: &[&str]| answer(&fields(texts), "7").unwrap().err().unwrap();
        let failure = refused(&[
            "7",
            "system_exit",
            "builtins.SystemExit",
            "3",
            "SystemExit: 3\n",
        ]);
        assert_eq!(failure.message, "SystemExit: 3");
        assert_eq!(failure.exception, "builtins.SystemExit");
        assert_eq!(failure.traceback, "SystemExit: 3\n");
        assert_eq!(failure.detail, Detail::SYSTEM_EXIT.number());
        let failure = refused(&[
            "7",
            "keyboard_interrupt",
            "builtins.KeyboardInterrupt",
            "",
            "",
        ]);
        assert_eq!(failure.message, "KeyboardInterrupt");
    }
}
