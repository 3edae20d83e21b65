//! Runs a command in a process group of its own, with a time limit and a clean environment.

use rustix::process::{Pid, Signal, kill_process_group};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Command, Output, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// How long one case may take. Far beyond what any needs: it only ends what hangs.
pub const LIMIT: Duration = Duration::from_secs(60);

/// What a test inherits from the environment that the harness was started in. All else, above all
/// `PYTHON…`, `NEXUS_…`, `VIRTUAL_ENV` and `LD_…`, is left out.
const INHERITED: &[&str] = &[
    "PATH",
    "HOME",
    "USER",
    "TMPDIR",
    "TERM",
    "RUST_BACKTRACE",
    "ASAN_OPTIONS",
    "LSAN_OPTIONS",
    "UBSAN_OPTIONS",
];

/// What a job in the background of a script inherits is an ignored SIGINT, which the hosts would inherit in
/// turn.
pub fn default_signals() {
    for signal in [libc::SIGINT, libc::SIGQUIT] {
        // SAFETY: the default action; no handler of ours is replaced.
        unsafe { libc::signal(signal, libc::SIG_DFL) };
    }
}

/// Gives the command an environment in which nothing points to a Python.
pub fn clean(command: &mut Command) -> &mut Command {
    command.env_clear();
    for name in INHERITED {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    command
}

/// Gives a command the environment and folder that another was given.
pub fn same_environment(from: &Command, to: &mut Command) {
    to.env_clear();
    for (name, value) in from.get_envs() {
        if let Some(value) = value {
            to.env(name, value);
        }
    }
    if let Some(folder) = from.get_current_dir() {
        to.current_dir(folder);
    }
}

/// Runs the command to its end, and ends it with all its children when the limit has passed.
///
/// # Errors
/// A text for people: it could not be started, or ran too long.
pub fn output(command: &mut Command, limit: Duration) -> Result<Output, String> {
    let child = command
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("could not start {command:?}: {error}"))?;
    let group = Pid::from_child(&child);
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || sender.send(child.wait_with_output()));
    let (finished, in_time) = match receiver.recv_timeout(limit) {
        Ok(finished) => (finished, true),
        Err(_) => {
            // It may have ended in the meantime.
            let _ = kill_process_group(group, Signal::KILL);
            (receiver.recv().map_err(|error| error.to_string())?, false)
        }
    };
    let output = finished.map_err(|error| error.to_string())?;
    if in_time {
        return Ok(output);
    }
    Err(format!(
        "not finished after {} s, killed: {command:?}\n{}",
        limit.as_secs(),
        shown(&output)
    ))
}

/// Runs the command and wants exit code 0.
///
/// # Errors
/// A text for people with all that the command has printed.
pub fn success(command: &mut Command, limit: Duration) -> Result<String, String> {
    let output = output(command, limit)?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let end = match output.status.signal() {
        Some(signal) => format!("killed by signal {signal}"),
        None => format!("exit code {}", output.status.code().unwrap_or(-1)),
    };
    Err(format!("{end}: {}\n{}", called(command), shown(&output)))
}

/// The program and its arguments, without the environment.
fn called(command: &Command) -> String {
    let words = [command.get_program()]
        .into_iter()
        .chain(command.get_args());
    words
        .map(|word| word.to_string_lossy().into_owned())
        .collect::<Vec<_>>()
        .join(" ")
}

/// What was printed: of each stream the beginning and the end.
fn shown(output: &Output) -> String {
    let mut text = String::new();
    for (name, bytes) in [("stdout", &output.stdout), ("stderr", &output.stderr)] {
        if !bytes.is_empty() {
            text += &format!("--- {name}\n{}", clipped(bytes));
        }
    }
    text
}

fn clipped(bytes: &[u8]) -> String {
    const SHOWN: usize = 5000;
    if bytes.len() <= 2 * SHOWN {
        return String::from_utf8_lossy(bytes).into_owned();
    }
    let (first, last) = (&bytes[..SHOWN], &bytes[bytes.len() - SHOWN..]);
    format!(
        "{}\n[… {} bytes …]\n{}",
        String::from_utf8_lossy(first),
        bytes.len() - 2 * SHOWN,
        String::from_utf8_lossy(last)
    )
}
