//! Where there are no trials yet.

use super::event::{End, Event};
use super::host::Host;
use std::io;
use std::time::Duration;

/// A child process: none.
pub enum Process {}

impl Process {
    /// Always fails.
    pub fn start(_host: &Host, _script: &str, _seconds: u64) -> io::Result<Self> {
        Err(io::Error::new(
            io::ErrorKind::Unsupported,
            "not supported on Windows yet",
        ))
    }

    /// Never called.
    pub fn ask(&mut self, _request: &[u8], _limit: Duration) -> Event {
        match *self {}
    }

    /// Never called.
    pub fn forget_output(&mut self) {
        match *self {}
    }

    /// Never called.
    pub fn output(&self) -> String {
        match *self {}
    }

    /// Never called.
    pub fn is_over(&self) -> bool {
        match *self {}
    }

    /// Never called.
    pub fn end(&mut self) -> End {
        match *self {}
    }
}

/// What changes when a file is changed or replaced.
pub fn identity(metadata: &std::fs::Metadata) -> [u64; 3] {
    use std::os::windows::fs::MetadataExt;
    [
        metadata.creation_time(),
        metadata.last_write_time(),
        metadata.file_size(),
    ]
}
