//! What becomes of a file that does not load: its state in the report, and a line in the log.

use crate::loader::entry::Entry;
use crate::log::log;
use nexus_abi::log::NexusLogLevel::{NEXUS_LOG_DEBUG, NEXUS_LOG_WARNING};
use nexus_abi::{Failure, NexusState, NexusStatus};
use nexus_inspect::{Detail, Problem};
use std::time::Instant;

/// Settles why a module did not load.
pub fn failed(entry: &Entry, mut failure: Box<Failure>, nanoseconds: u64, effects: Vec<String>) {
    failure.message = format!(
        "Failed to load module {}: {}",
        on_one_line(&entry.name),
        failure.message
    );
    failure.module.clone_from(&entry.name);
    failure = failure.at_path(&entry.path);
    log(NEXUS_LOG_WARNING, || failure.message.clone());
    entry.settle(
        NexusState::NEXUS_STATE_FAILED,
        failure,
        nanoseconds,
        effects,
    );
}

/// A name for a message: a file's name may hold line ends and escape sequences, with which it could write
/// lines of its own into a log.
pub fn on_one_line(name: &str) -> String {
    let printable = |c: char| if c.is_control() { '\u{fffd}' } else { c };
    name.chars().map(printable).collect()
}

/// Settles that a file is not even tried, and why.
pub fn skipped(
    entry: &Entry,
    detail: Detail,
    status: NexusStatus,
    message: String,
    nanoseconds: u64,
) {
    log(NEXUS_LOG_DEBUG, || {
        format!("skipped {}: {message}", entry.path.display())
    });
    let failure = Failure::new(status, message)
        .with_detail(detail.number())
        .in_module(entry.name.as_str())
        .at_path(&entry.path);
    entry.settle(
        NexusState::NEXUS_STATE_SKIPPED,
        failure,
        nanoseconds,
        Vec::new(),
    );
}

/// Settles a file of which its reading has proved that it cannot be loaded.
pub fn unreadable(entry: &Entry, problem: &Problem, nanoseconds: u64) {
    if problem.detail == Detail::NOT_REGULAR_FILE {
        skipped(
            entry,
            problem.detail,
            NexusStatus::NEXUS_OK,
            problem.message.clone(),
            nanoseconds,
        );
    } else {
        let failure = Failure::new(NexusStatus::NEXUS_ERR_LOAD_FAILED, problem.message.clone())
            .with_detail(problem.detail.number());
        failed(entry, failure, nanoseconds, Vec::new());
    }
}

/// Time since then, for the report.
pub fn nanoseconds_since(start: Instant) -> u64 {
    u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX)
}
