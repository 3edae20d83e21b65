//! Where answers and complaints go.

use crate::ffi;
use crate::text::visible_lines;
use anstream::AutoStream;
use anstyle::{AnsiColor, Style};
use serde::Serialize;
use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

pub const GOOD: Style = AnsiColor::Green.on_default();
pub const BAD: Style = AnsiColor::Red.on_default().bold();
pub const DOUBTFUL: Style = AnsiColor::Yellow.on_default();
pub const QUIET: Style = Style::new().dimmed();
pub const TITLE: Style = Style::new().bold();

/// Exit code 0: all is well.
pub const FINE: u8 = 0;
/// Exit code 1: something is wrong with a module or with Python.
pub const WRONG: u8 = 1;
/// Exit code 2: the command could not be carried out.
const NOT_DONE: u8 = 2;

/// Why there is no answer.
#[derive(Debug)]
pub enum Trouble {
    /// The command line is wrong, or the library is missing.
    Usage(String),
    /// The library says so.
    Library(ffi::Error),
    /// The answer could not be written.
    Write(io::Error),
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        Self::Write(error)
    }
}

impl From<ffi::Error> for Trouble {
    fn from(error: ffi::Error) -> Self {
        Self::Library(error)
    }
}

/// The standard output that this process was started with; without colours if it is no terminal.
pub struct Output(BufWriter<AutoStream<Stream>>);

#[cfg(unix)]
type Stream = std::fs::File;
#[cfg(not(unix))]
type Stream = io::Stdout;

impl Output {
    /// From now on, what modules and Python print to stdout goes to stderr, and cannot get into an answer
    /// that another program reads.
    #[cfg(unix)]
    pub fn of_this_process() -> io::Result<Self> {
        use rustix::io::fcntl_dupfd_cloexec;
        let stdout = fcntl_dupfd_cloexec(rustix::stdio::stdout(), 3)?;
        rustix::stdio::dup2_stdout(rustix::stdio::stderr())?;
        Ok(Self(BufWriter::new(AutoStream::auto(stdout.into()))))
    }

    #[cfg(not(unix))]
    pub fn of_this_process() -> io::Result<Self> {
        Ok(Self(BufWriter::new(AutoStream::auto(io::stdout()))))
    }

    /// A value as JSON, and a line end.
    pub fn json(&mut self, value: &impl Serialize) -> io::Result<()> {
        serde_json::to_writer_pretty(&mut self.0, value)?;
        writeln!(self.0)
    }

    /// Bytes as they are: also what looks like colours.
    pub fn raw(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.flush()?;
        let mut stream = self.0.get_ref().as_inner();
        stream.write_all(bytes)
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Says on stderr what went wrong.
pub fn say(text: &str) {
    // Where stderr is closed there is nobody to tell.
    let _ = writeln!(anstream::stderr(), "{BAD}nexus:{BAD:#} {text}");
}

/// Tells why there is no answer, and gives the exit code for it.
pub fn complain(trouble: &Trouble) -> ExitCode {
    let code = match trouble {
        Trouble::Usage(text) => {
            say(&visible_lines(text));
            NOT_DONE
        }
        Trouble::Library(error) => {
            say(&described(error));
            WRONG
        }
        // The reader has seen enough, as `head` has: no trouble.
        Trouble::Write(error) if error.kind() == io::ErrorKind::BrokenPipe => FINE,
        Trouble::Write(error) => {
            say(&format!("cannot write the answer: {error}"));
            NOT_DONE
        }
    };
    ExitCode::from(code)
}

/// An error in words: of an exception what Python prints.
pub fn described(error: &ffi::Error) -> String {
    let traceback = visible_lines(error.traceback.trim_end());
    if error.status == ffi::EXCEPTION && !traceback.is_empty() {
        return traceback;
    }
    let mut text = visible_lines(&error.message);
    let cure = ffi::detail_cure(error.detail);
    if !cure.is_empty() {
        text += &format!("\n  cure: {cure}");
    }
    if !traceback.is_empty() {
        text += &format!("\n{traceback}");
    }
    text
}
