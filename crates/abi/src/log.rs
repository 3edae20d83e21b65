//! How loud the log is.

/// The weight of a log line. 32 bits wide.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NexusLogLevel {
    /// Something that the host asked for did not work.
    NEXUS_LOG_ERROR = 1,
    /// Something is odd; `Failed to load module …` is one of these.
    NEXUS_LOG_WARNING = 2,
    /// What was chosen and loaded.
    NEXUS_LOG_INFO = 3,
    /// What was searched, found and skipped, and why.
    NEXUS_LOG_DEBUG = 4,
}
