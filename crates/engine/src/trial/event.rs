//! What can happen while a child is asked.

/// The outcome of one request.
pub enum Event {
    /// The fields of an answer.
    Answer(Vec<Vec<u8>>),
    /// It ended without an answer.
    Ended(End),
    /// The time limit passed; it was killed. `stopped`: it was not running, by SIGSTOP or the like.
    TimedOut { stopped: bool },
    /// It sent something that is not an answer.
    Nonsense,
}

/// How a process ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// By a signal, such as `SIGSEGV (segmentation fault)`. `from_outside`: processes hardly send it to
    /// themselves.
    Signal { text: String, from_outside: bool },
    /// It exited with this code.
    Code(i32),
    /// The script ended because its channel was broken.
    NoChannel,
    /// Nobody can tell.
    Unknown,
}

impl End {
    /// What it did, such as `exited with code 3`.
    pub fn text(&self) -> String {
        match self {
            Self::Signal { text, .. } => format!("was killed by {text}"),
            Self::Code(code) => format!("exited with code {code}"),
            Self::NoChannel => "lost its connection".into(),
            Self::Unknown => "ended".into(),
        }
    }
}
