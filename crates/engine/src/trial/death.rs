//! How a trial process ended, in words.

use super::event::End;
use nexus_abi::{Failure, NexusStatus};
use nexus_inspect::Detail;
use std::time::Duration;

/// The death of a trial process.
#[derive(Clone, Debug)]
pub struct Death {
    /// How it ended.
    pub cause: Cause,
    /// Its last lines, or empty.
    pub output: String,
    /// How many modules it had been asked to import before this one. They may have had their part in it.
    pub before: u64,
}

impl Death {
    /// The failure of the module, without its name.
    pub fn failure(&self) -> Box<Failure> {
        let mut text = self.cause.text();
        match self.before {
            0 => {}
            1 => text.push_str(" (1 other module was imported in that process before)"),
            count => text.push_str(&format!(
                " ({count} other modules were imported in that process before)"
            )),
        }
        Failure::new(
            NexusStatus::NEXUS_ERR_LOAD_FAILED,
            with_output(text, &self.output),
        )
        .with_detail(self.detail().number())
    }

    /// Its code. An exception that nobody caught ends in `abort`, and the C++ run-time library says so before.
    fn detail(&self) -> Detail {
        const LAST_WORDS: [&str; 3] = [
            // libstdc++
            "terminate called after throwing an instance of",
            // libc++, of different ages
            "terminating due to uncaught exception",
            "terminating with uncaught exception",
        ];
        match self.cause.detail() {
            Detail::TRIAL_SIGNAL if LAST_WORDS.iter().any(|words| self.output.contains(words)) => {
                Detail::NATIVE_EXCEPTION
            }
            detail => detail,
        }
    }
}

/// How a process ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// By itself.
    Ended(End),
    /// The time limit passed. `stopped`: the process was not even running (SIGSTOP).
    Hung { limit: Duration, stopped: bool },
    /// It sent something that is not an answer.
    Nonsense,
}

impl Cause {
    /// Its code.
    pub fn detail(&self) -> Detail {
        match self {
            Self::Ended(End::Signal { .. }) => Detail::TRIAL_SIGNAL,
            Self::Ended(End::Code(_)) => Detail::TRIAL_EXIT,
            Self::Ended(End::NoChannel | End::Unknown) | Self::Nonsense => Detail::TRIAL_LOST,
            Self::Hung { .. } => Detail::TRIAL_HANG,
        }
    }

    /// Whether another trial of the same file would most likely end the same way.
    pub fn is_lasting(&self) -> bool {
        !matches!(
            self,
            Self::Ended(
                End::Signal {
                    from_outside: true,
                    ..
                } | End::Unknown
            )
        )
    }

    /// What the module did.
    fn text(&self) -> String {
        match self {
            Self::Ended(End::Signal { text, .. }) => {
                format!("killed by {text} during its trial import")
            }
            Self::Ended(End::Code(code)) => {
                format!("exited with code {code} during its trial import")
            }
            Self::Ended(End::NoChannel) => {
                "closed the trial process's connection during its trial import".into()
            }
            Self::Ended(End::Unknown) => {
                "the process ended during its trial import; how cannot be told, because this program \
                 ignores SIGCHLD or waits for children that are not its own"
                    .into()
            }
            Self::Nonsense => "wrote to the trial process's connection during its trial import".into(),
            Self::Hung { limit, stopped } => {
                let stopped = if *stopped { "stopped itself (SIGSTOP), " } else { "" };
                format!(
                    "{stopped}did not finish its trial import within {} and was killed",
                    span(*limit)
                )
            }
        }
    }
}

/// A time as people write it: `5 s`, `1.5 s`, `250 ms`.
pub fn span(time: Duration) -> String {
    if time < Duration::from_secs(1) {
        format!("{} ms", time.as_millis())
    } else {
        format!("{} s", time.as_millis() as f64 / 1000.0)
    }
}

/// A text, and the output after it if there is any.
pub fn with_output(mut text: String, output: &str) -> String {
    if !output.is_empty() {
        text.push_str("; its last output:");
        for line in output.lines() {
            text.push_str("\n  ");
            text.push_str(line);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_short() {
        assert_eq!(span(Duration::from_secs(10)), "10 s");
        assert_eq!(span(Duration::from_millis(1500)), "1.5 s");
        assert_eq!(span(Duration::from_millis(250)), "250 ms");
    }

    #[test]
    fn output_follows_the_text() {
        assert_eq!(with_output("exited".into(), ""), "exited");
        assert_eq!(
            with_output("exited".into(), "a\nb"),
            "exited; its last output:\n  a\n  b"
        );
    }

    #[test]
    fn an_exception_of_cpp_is_known_by_its_last_words() {
        let death = |output: &str| Death {
            cause: Cause::Ended(End::Signal {
                text: "SIGABRT (abort)".into(),
                from_outside: false,
            }),
            output: output.into(),
            before: 0,
        };
        let said =
            "terminate called after throwing an instance of 'std::runtime_error'\n  what():  no";
        assert_eq!(death(said).detail(), Detail::NATIVE_EXCEPTION);
        assert_eq!(death("assertion failed").detail(), Detail::TRIAL_SIGNAL);
        let failure = death(said).failure();
        assert!(
            failure
                .message
                .starts_with("killed by SIGABRT (abort) during its trial import")
        );
        assert!(failure.message.ends_with("what():  no"));
    }

    #[test]
    fn each_death_has_its_code_and_words() {
        let segfault = Cause::Ended(End::Signal {
            text: "SIGSEGV (segmentation fault)".into(),
            from_outside: false,
        });
        let hung = Cause::Hung {
            limit: Duration::from_secs(5),
            stopped: false,
        };
        for (death, detail, text) in [
            (
                segfault,
                Detail::TRIAL_SIGNAL,
                "killed by SIGSEGV (segmentation fault) during its trial import",
            ),
            (
                Cause::Ended(End::Code(0)),
                Detail::TRIAL_EXIT,
                "exited with code 0 during its trial import",
            ),
            (
                hung,
                Detail::TRIAL_HANG,
                "did not finish its trial import within 5 s and was killed",
            ),
            (
                Cause::Ended(End::NoChannel),
                Detail::TRIAL_LOST,
                "closed the trial process's connection during its trial import",
            ),
        ] {
            assert_eq!(death.detail(), detail);
            assert_eq!(death.text(), text);
            assert!(death.is_lasting());
        }
        assert!(!Cause::Ended(End::Unknown).is_lasting());
    }
}
