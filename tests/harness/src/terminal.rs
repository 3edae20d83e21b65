//! A pseudo-terminal: what a program does for a person who watches.

use crate::process;
use rustix::pty::{OpenptFlags, grantpt, ioctl_tiocgptpeer, openpt, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};
use std::fs::File;
use std::io::Read;
use std::process::{Command, ExitStatus, Stdio};
use std::thread;

/// Which streams of a program are the terminal; the others are pipes that are read to their end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Streams {
    /// stdout and stderr.
    Both,
    /// stderr alone.
    Stderr,
}

/// What came out.
pub struct Seen {
    /// How it ended.
    pub status: ExitStatus,
    /// All that the terminal got.
    pub terminal: String,
    /// stdout, where that is a pipe.
    pub piped: String,
}

/// Runs a command on a terminal of 100 columns.
///
/// # Errors
/// What the system says, or that it ran too long.
pub fn run(command: &mut Command, streams: Streams) -> Result<Seen, String> {
    let failed = |error: std::io::Error| format!("{command:?}: {error}");
    // The programs of tests that run beside this one must not hold it.
    let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
    let (master, slave) = openpt(flags)
        .and_then(|master| {
            grantpt(&master)?;
            unlockpt(&master)?;
            let slave = ioctl_tiocgptpeer(&master, flags)?;
            let size = Winsize {
                ws_row: 40,
                ws_col: 100,
                ws_xpixel: 0,
                ws_ypixel: 0,
            };
            tcsetwinsize(&slave, size)?;
            Ok((master, slave))
        })
        .map_err(|error| failed(error.into()))?;
    let stdout = match streams {
        Streams::Both => Stdio::from(slave.try_clone().map_err(failed)?),
        Streams::Stderr => Stdio::piped(),
    };
    let reader = thread::spawn(move || read_terminal(File::from(master)));
    let mut limited = Command::new("timeout");
    limited
        .args(["--foreground", "-s", "KILL"])
        .arg(process::LIMIT.as_secs().to_string())
        .arg(command.get_program())
        .args(command.get_args())
        .stdin(Stdio::null())
        .stdout(stdout)
        .stderr(slave);
    process::same_environment(command, &mut limited);
    let child = limited.spawn().map_err(failed)?;
    // It holds the terminal, whose end is never seen otherwise.
    drop(limited);
    let output = child.wait_with_output().map_err(failed)?;
    let terminal = reader.join().map_err(|_| "the reader panicked")?;
    Ok(Seen {
        status: output.status,
        terminal: String::from_utf8_lossy(&terminal).into_owned(),
        piped: String::from_utf8_lossy(&output.stdout).into_owned(),
    })
}

/// To its end, which Linux tells with EIO (tty_ioctl(4): the other side is closed).
fn read_terminal(mut master: File) -> Vec<u8> {
    let mut seen = Vec::new();
    let mut buffer = [0; 4096];
    while let Ok(count @ 1..) = master.read(&mut buffer) {
        seen.extend_from_slice(&buffer[..count]);
    }
    seen
}
