//! One child process: starting it, talking to it, ending it. Windows.
//!
//! Its standard input is an empty pipe, its output a pipe that is read here, and commands and answers go over two
//! more. It is in a job of its own, which ends it, and what it has started, with this process; it has no console,
//! and no Ctrl-C reaches it.

mod command_line;
mod end;
mod spawn;

use super::event::{End, Event};
use super::host::Host;
use super::protocol;
use super::tail::Tail;
use end::end_of;
use spawn::{Spawned, Standard};
use std::ffi::OsString;
use std::io::{self, PipeReader, PipeWriter, Read, Write};
use std::os::windows::fs::MetadataExt;
use std::os::windows::io::{AsHandle, AsRawHandle};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How often to look whether the process still lives: its pipes may be open elsewhere.
const LOOK_AGAIN: Duration = Duration::from_millis(20);
/// A process that the kernel itself holds needs longer to end.
const END_LIMIT: Duration = Duration::from_secs(2);
/// For the rest of what an ended process has written.
const REST_LIMIT: Duration = Duration::from_millis(200);

/// A child process.
pub struct Process {
    spawned: Option<Spawned>,
    requests: PipeWriter,
    answers: Receiver<Vec<u8>>,
    received: Vec<u8>,
    tail: Arc<Mutex<Tail>>,
    /// Disconnected when all was read.
    output_end: Receiver<()>,
}

impl Process {
    /// Starts `program` with a script and `seconds`, which the job makes needless.
    pub fn start(host: &Host, script: &str, seconds: u64) -> io::Result<Self> {
        let (others_requests, requests) = io::pipe()?;
        let (answers, others_answers) = io::pipe()?;
        let (output, others_output) = io::pipe()?;
        // Its other end is closed at once.
        let (input, _) = io::pipe()?;
        let channel = [
            others_requests.as_raw_handle().addr(),
            others_answers.as_raw_handle().addr(),
        ]
        .map(|handle| handle.to_string())
        .join(",");
        let mut arguments: Vec<OsString> = vec![host.program.clone().into()];
        arguments.extend(host.arguments.iter().cloned());
        arguments.extend(["-c".into(), script.into(), channel.into()]);
        arguments.push(seconds.to_string().into());
        let spawned = spawn::spawn(
            &host.program,
            &command_line::join(&arguments),
            &Standard {
                input: input.as_handle(),
                output: others_output.as_handle(),
            },
            &[others_requests.as_handle(), others_answers.as_handle()],
        )?;
        // The child's ends are closed here when this returns, so that its end is the end of the pipes.
        let tail = Arc::default();
        Ok(Self {
            spawned: Some(spawned),
            requests,
            answers: receive(answers),
            received: Vec::new(),
            output_end: keep_tail(output, Arc::clone(&tail)),
            tail,
        })
    }

    /// Sends these bytes, and waits for one answer at most that long.
    pub fn ask(&mut self, request: &[u8], limit: Duration) -> Event {
        let deadline = Instant::now() + limit;
        // It reads whenever it is asked. If it is gone, that is told below.
        let _ = self.requests.write_all(request);
        loop {
            match protocol::take(&mut self.received) {
                Ok(Some(fields)) => return Event::Answer(fields),
                Ok(None) => {}
                Err(()) => return Event::Nonsense,
            }
            let left = deadline.saturating_duration_since(Instant::now());
            match self.answers.recv_timeout(left.min(LOOK_AGAIN)) {
                Ok(bytes) => {
                    self.received.extend(bytes);
                    continue;
                }
                Err(RecvTimeoutError::Disconnected) => {
                    // It has closed the pipe, and most likely ends.
                    std::thread::sleep(left.min(LOOK_AGAIN));
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
            if self.is_over() {
                // It may have answered, and ended since.
                while let Ok(bytes) = self.answers.recv_timeout(REST_LIMIT) {
                    self.received.extend(bytes);
                }
                return match protocol::take(&mut self.received) {
                    Ok(Some(fields)) => Event::Answer(fields),
                    _ => Event::Ended(self.end()),
                };
            }
            if Instant::now() >= deadline {
                self.end();
                return Event::TimedOut { stopped: false };
            }
        }
    }

    fn tail(&self) -> MutexGuard<'_, Tail> {
        // Nothing panics while it is half changed.
        self.tail.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets what it has written so far.
    pub fn forget_output(&mut self) {
        self.tail().clear();
    }

    /// The last lines of its output.
    pub fn output(&self) -> String {
        self.tail().text()
    }

    /// Whether it has ended, by itself or by somebody else.
    pub fn is_over(&self) -> bool {
        self.spawned
            .as_ref()
            .is_none_or(|spawned| spawned.wait(Duration::ZERO))
    }

    /// Ends it and all that it has started, and says how it had ended, if it had.
    pub fn end(&mut self) -> End {
        let Some(spawned) = self.spawned.take() else {
            return End::Unknown;
        };
        spawned.end_job();
        let end = match spawned.wait(END_LIMIT) {
            true => spawned.exit_code().map_or(End::Unknown, end_of),
            false => End::Unknown,
        };
        // What it wrote last may still be on its way.
        let _ = self.output_end.recv_timeout(REST_LIMIT);
        end
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.end();
    }
}

/// What comes from a pipe, read by a thread that ends with the pipe: Windows cannot wait for several pipes.
fn receive(mut pipe: PipeReader) -> Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let mut buffer = [0; 4096];
        let mut total = 0;
        while let Ok(size @ 1..) = pipe.read(&mut buffer) {
            total += size;
            // No answers are so long: the rest is read and forgotten, so that the writer need not wait.
            if total <= 4 * protocol::LONGEST && sender.send(buffer[..size].to_vec()).is_err() {
                break;
            }
        }
    });
    receiver
}

fn keep_tail(mut pipe: PipeReader, tail: Arc<Mutex<Tail>>) -> Receiver<()> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let mut buffer = vec![0; 16 * 1024];
        while let Ok(size @ 1..) = pipe.read(&mut buffer) {
            tail.lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(&buffer[..size]);
        }
        drop(sender);
    });
    receiver
}

/// What changes when a file is changed or replaced.
pub fn identity(metadata: &std::fs::Metadata) -> [u64; 3] {
    [
        metadata.creation_time(),
        metadata.last_write_time(),
        metadata.file_size(),
    ]
}
