//! One child process: starting it, talking to it, ending it. Linux and macOS.
//!
//! Its standard input is `/dev/null`, its output a pipe that is read here, and commands and answers go
//! over a socket on a descriptor of a high number. It leads a session of its own, so that what it has
//! started ends with it (unless that left the session), and no terminal's Ctrl-C or job control reaches
//! it.
//!
//! The host may have any opinion on SIGCHLD. If it ignores the signal, or waits for children that are not
//! its own, the kernel forgets how ours ended: then Linux 6.15 still tells, and before that nobody.

mod end;
mod prepare;
mod watch;

use super::event::{End, Event};
use super::host::Host;
use super::protocol;
use super::tail::Tail;
use end::end_of;
use prepare::{Preparation, check};
use std::io::{self, ErrorKind, PipeReader, Read};
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How often to look where the kernel has no descriptor for a process: Linux before 5.3, and macOS.
const LOOK_AGAIN: Duration = Duration::from_millis(10);
/// SIGKILL needs longer only for a process that the kernel itself holds, on a dead network disk for one.
const END_LIMIT: Duration = Duration::from_secs(2);
/// Reading stops now and then to look at the clock: a module may write without end.
const READS_AT_ONCE: usize = 64;

/// A child process.
pub struct Process {
    child: Option<Child>,
    id: libc::pid_t,
    watch: Option<OwnedFd>,
    channel: UnixStream,
    channel_open: bool,
    received: Vec<u8>,
    output: Option<PipeReader>,
    tail: Tail,
}

impl Process {
    /// Starts `program` with a script and `seconds`, after which it may end itself if it has outlived
    /// this process.
    pub fn start(host: &Host, script: &str, seconds: u64) -> io::Result<Self> {
        reap_left();
        let (channel, others_channel) = UnixStream::pair()?;
        no_sigpipe(&channel)?;
        channel.set_nonblocking(true)?;
        let (output, others_output) = io::pipe()?;
        set_nonblocking(&output)?;
        let preparation = Preparation::new(others_channel.as_raw_fd())?;
        let mut command = Command::new(&host.program);
        command
            .args(&host.arguments)
            .arg("-c")
            .arg(script)
            .arg(preparation.channel.to_string())
            .arg(seconds.to_string())
            .stdin(Stdio::null())
            .stdout(others_output.try_clone()?)
            .stderr(others_output);
        // SAFETY: between fork and exec it makes system calls only: no allocation, no lock.
        unsafe { command.pre_exec(move || preparation.run()) };
        let child = command.spawn()?;
        let id = libc::pid_t::try_from(child.id()).map_err(io::Error::other)?;
        Ok(Self {
            child: Some(child),
            id,
            watch: watch::open(id),
            channel,
            channel_open: true,
            received: Vec::new(),
            output: Some(output),
            tail: Tail::default(),
        })
    }

    /// Sends these bytes, and waits for one answer at most that long.
    pub fn ask(&mut self, request: &[u8], limit: Duration) -> Event {
        let deadline = Instant::now() + limit;
        let mut unsent = request;
        loop {
            let now = Instant::now();
            let ready = self.wait(!unsent.is_empty(), deadline.saturating_duration_since(now));
            if ready.output {
                self.read_output();
            }
            if ready.channel {
                self.send(&mut unsent);
                self.receive();
            }
            match protocol::take(&mut self.received) {
                Ok(Some(fields)) => return Event::Answer(fields),
                Ok(None) => {}
                Err(()) => return Event::Nonsense,
            }
            if self.is_over() {
                // It may have answered, and ended since.
                self.receive();
                return match protocol::take(&mut self.received) {
                    Ok(Some(fields)) => Event::Answer(fields),
                    _ => Event::Ended(self.end()),
                };
            }
            if Instant::now() >= deadline {
                let stopped = self.state(libc::WSTOPPED) == State::Changed;
                self.end();
                return Event::TimedOut { stopped };
            }
        }
    }

    /// Forgets what it has written so far.
    pub fn forget_output(&mut self) {
        self.read_output();
        self.tail.clear();
    }

    /// The last lines of its output.
    pub fn output(&self) -> String {
        self.tail.text()
    }

    /// Whether it has ended, by itself or by somebody else.
    pub fn is_over(&self) -> bool {
        // `Lost`: ended, and waited for by somebody else, or by nobody as SIGCHLD is ignored.
        self.child.is_none() || self.state(libc::WEXITED) != State::Same
    }

    /// Ends it and all that it has started, and says how it had ended, if it had.
    pub fn end(&mut self) -> End {
        let Some(mut child) = self.child.take() else {
            return End::Unknown;
        };
        // SAFETY: two numbers. The group is the child's own. Its number is taken as long as the child has
        // not been waited for; if somebody else has done that, as long as the group has a member.
        unsafe { libc::kill(-self.id, libc::SIGKILL) };
        let deadline = Instant::now() + END_LIMIT;
        while self.state(libc::WEXITED) == State::Same {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                keep_left(child);
                return End::Unknown;
            }
            self.wait(false, left);
        }
        self.read_output();
        self.output = None;
        match child.wait() {
            Ok(status) => end_of(status),
            Err(_) => match &self.watch {
                Some(watch) => watch::forgotten_end(watch),
                None => End::Unknown,
            },
        }
    }

    fn state(&self, change: libc::c_int) -> State {
        loop {
            // SAFETY: all zero is a value of this struct.
            let mut info: libc::siginfo_t = unsafe { core::mem::zeroed() };
            let options = change | libc::WNOHANG | libc::WNOWAIT;
            let id = self.id.unsigned_abs();
            // SAFETY: a struct to write to; WNOWAIT leaves the child to be waited for later.
            if unsafe { libc::waitid(libc::P_PID, id, &raw mut info, options) } == 0 {
                // SAFETY: `waitid` has filled the struct, or left it all zero: nothing has changed.
                return if unsafe { info.si_pid() } == 0 {
                    State::Same
                } else {
                    State::Changed
                };
            }
            match io::Error::last_os_error().kind() {
                ErrorKind::Interrupted => {}
                _ => return State::Lost,
            }
        }
    }

    /// Waits until something can be done, or the child ends, or the time is over.
    fn wait(&self, to_send: bool, limit: Duration) -> Ready {
        let slice = match &self.watch {
            Some(_) => limit,
            None => limit.min(LOOK_AGAIN),
        };
        // Rounded up, so as not to come back too early again and again.
        let milliseconds = slice.as_nanos().div_ceil(1_000_000);
        let entry = |fd: Option<RawFd>, events| libc::pollfd {
            // Negative ones are passed over.
            fd: fd.unwrap_or(-1),
            events,
            revents: 0,
        };
        let channel_events = if to_send {
            libc::POLLIN | libc::POLLOUT
        } else {
            libc::POLLIN
        };
        let mut entries = [
            entry(
                self.channel_open.then(|| self.channel.as_raw_fd()),
                channel_events,
            ),
            entry(self.output.as_ref().map(AsRawFd::as_raw_fd), libc::POLLIN),
            entry(self.watch.as_ref().map(AsRawFd::as_raw_fd), libc::POLLIN),
        ];
        // SAFETY: an array of that length. An error, such as EINTR, leaves `revents` at 0.
        let count = unsafe {
            libc::poll(
                entries.as_mut_ptr(),
                entries.len() as libc::nfds_t,
                libc::c_int::try_from(milliseconds).unwrap_or(libc::c_int::MAX),
            )
        };
        Ready {
            channel: count > 0 && entries[0].revents != 0,
            output: count > 0 && entries[1].revents != 0,
        }
    }

    fn send(&mut self, unsent: &mut &[u8]) {
        if unsent.is_empty() {
            return;
        }
        // SAFETY: bytes of that length. The child may be gone, which must not raise SIGPIPE.
        let sent = unsafe {
            libc::send(
                self.channel.as_raw_fd(),
                unsent.as_ptr().cast(),
                unsent.len(),
                SEND_FLAGS,
            )
        };
        if let Ok(sent) = usize::try_from(sent) {
            *unsent = &unsent[sent..];
        }
    }

    fn receive(&mut self) {
        let mut buffer = [0; 4096];
        while self.channel_open {
            match self.channel.read(&mut buffer) {
                Ok(0) => self.channel_open = false,
                Ok(size) => self.received.extend_from_slice(&buffer[..size]),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(_) => self.channel_open = false,
            }
            if self.received.len() > 2 * protocol::LONGEST {
                return;
            }
        }
    }

    fn read_output(&mut self) {
        let mut buffer = [0; 16 * 1024];
        for _ in 0..READS_AT_ONCE {
            let Some(output) = &mut self.output else {
                return;
            };
            match output.read(&mut buffer) {
                Ok(0) => self.output = None,
                Ok(size) => self.tail.push(&buffer[..size]),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(_) => self.output = None,
            }
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.end();
    }
}

#[derive(PartialEq)]
enum State {
    Same,
    Changed,
    Lost,
}

struct Ready {
    channel: bool,
    output: bool,
}

#[cfg(any(target_os = "linux", target_os = "android"))]
const SEND_FLAGS: libc::c_int = libc::MSG_NOSIGNAL;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
const SEND_FLAGS: libc::c_int = 0;

#[cfg(any(target_os = "linux", target_os = "android"))]
fn no_sigpipe(_channel: &UnixStream) -> io::Result<()> {
    Ok(())
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn no_sigpipe(channel: &UnixStream) -> io::Result<()> {
    let on: libc::c_int = 1;
    // SAFETY: an option that takes an int, and an int.
    check(unsafe {
        libc::setsockopt(
            channel.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_NOSIGPIPE,
            (&raw const on).cast(),
            size_of::<libc::c_int>() as libc::socklen_t,
        )
    })
}

fn set_nonblocking(pipe: &PipeReader) -> io::Result<()> {
    let descriptor = pipe.as_raw_fd();
    // SAFETY: our own descriptor, and numbers. The flag is of this end of the pipe only.
    unsafe {
        let flags = libc::fcntl(descriptor, libc::F_GETFL);
        check(flags)?;
        check(libc::fcntl(
            descriptor,
            libc::F_SETFL,
            flags | libc::O_NONBLOCK,
        ))
    }
}

/// Killed children that the kernel would not let go.
static LEFT: Mutex<Vec<Child>> = Mutex::new(Vec::new());

fn keep_left(child: Child) {
    LEFT.lock()
        .unwrap_or_else(PoisonError::into_inner)
        .push(child);
}

fn reap_left() {
    LEFT.lock()
        .unwrap_or_else(PoisonError::into_inner)
        .retain_mut(|child| matches!(child.try_wait(), Ok(None)));
}

/// What changes when a file is changed or replaced. The time of its last change of any kind (ctime)
/// cannot be set back by tools that set the other.
pub fn identity(metadata: &std::fs::Metadata) -> [u64; 7] {
    [
        metadata.dev(),
        metadata.ino(),
        metadata.size(),
        metadata.mtime().cast_unsigned(),
        metadata.mtime_nsec().cast_unsigned(),
        metadata.ctime().cast_unsigned(),
        metadata.ctime_nsec().cast_unsigned(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Process {
        let host = Host {
            program: "/bin/sh".into(),
            arguments: Vec::new(),
            release: String::new(),
        };
        Process::start(&host, script, 1000).unwrap()
    }

    const LONG: Duration = Duration::from_secs(1000);

    #[test]
    fn an_end_without_an_answer_is_told_with_the_last_lines() {
        let mut process = shell("echo out; echo err >&2; kill -SEGV $$");
        let Event::Ended(End::Signal { text, .. }) = process.ask(&[], LONG) else {
            panic!("it was killed by a signal");
        };
        assert_eq!(text, "SIGSEGV (segmentation fault)");
        assert_eq!(process.output(), "out\nerr");
        assert!(process.is_over());

        let mut process = shell("exit 3");
        assert!(matches!(
            process.ask(b"request", LONG),
            Event::Ended(End::Code(3))
        ));
    }

    #[test]
    fn standard_input_is_empty() {
        let mut process = shell("read line; exit $?");
        assert!(matches!(process.ask(&[], LONG), Event::Ended(End::Code(1))));
    }

    #[test]
    fn what_it_has_started_ends_with_it() {
        // The grandchild holds the pipe, and would write.
        let mut process = shell("(sleep 1000; echo late) & echo $!; kill -ABRT $$");
        assert!(matches!(
            process.ask(&[], LONG),
            Event::Ended(End::Signal { .. })
        ));
        let grandchild: libc::pid_t = process.output().trim().parse().unwrap();
        // SAFETY: two numbers. It is gone as soon as whoever inherited it has waited for it.
        while unsafe { libc::kill(grandchild, 0) } == 0 && !is_zombie(grandchild) {
            std::thread::sleep(LOOK_AGAIN);
        }
    }

    fn is_zombie(id: libc::pid_t) -> bool {
        std::fs::read_to_string(format!("/proc/{id}/stat")).is_ok_and(|stat| stat.contains(") Z "))
    }

    #[test]
    fn one_that_does_not_answer_is_ended() {
        let short = Duration::from_millis(100);
        let mut process = shell("while :; do echo spam; done");
        assert!(matches!(
            process.ask(&[], short),
            Event::TimedOut { stopped: false }
        ));
        assert!(process.output().ends_with("spam"));
        assert!(process.is_over());
    }
}
