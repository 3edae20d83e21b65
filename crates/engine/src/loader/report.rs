//! Reports: what became of each file and each requested name.

use crate::border::{self, give_without_gil};
use crate::handles::{living, publish};
use crate::loader::entry::Texts;
use crate::loader::table::LOADERS;
use nexus_abi::ffi::{bad_handle, guard_or};
use nexus_abi::handle::Kind;
use nexus_abi::table::Table;
use nexus_abi::text::c_string;
use nexus_abi::{
    Failure, NexusError, NexusLoader, NexusNames, NexusReport, NexusReportEntry, NexusState,
    NexusStatus,
};
use std::ffi::CString;
use std::sync::Arc;

struct Line {
    texts: Arc<Texts>,
    state: NexusState,
    status: NexusStatus,
    detail: u32,
    message: CString,
    nanoseconds: u64,
    effects: Vec<String>,
}

static REPORTS: Table<Vec<Line>> = Table::new(Kind::Report);

/// Makes a report: one entry for each file that was found and each name that was asked for, in load
/// order. It is a snapshot: modules that load lazily later do not change it.
///
/// `report` receives a handle that the caller frees with `nexus_report_free`; it outlives the loader.
///
/// Returns `NEXUS_ERR_BAD_HANDLE` or `NEXUS_ERR_INVALID_ARGUMENT`. Needs no GIL.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_loader_report(
    loader: *const NexusLoader,
    report: *mut *mut NexusReport,
    error: *mut *mut NexusError,
) -> NexusStatus {
    give_without_gil(error, "report", report, |_| {
        let found = LOADERS.living(loader)?;
        let lines = found
            .entries
            .iter()
            .map(|entry| Line {
                texts: Arc::clone(entry.texts()),
                state: entry.state(),
                status: entry.status(),
                detail: entry.failure().map_or(0, |failure| failure.detail),
                message: c_string(entry.failure().map_or("", |failure| &failure.message)),
                nanoseconds: entry.nanoseconds(),
                effects: entry
                    .outcome()
                    .map_or_else(Vec::new, |outcome| outcome.effects.clone()),
            })
            .collect();
        publish(&REPORTS, Arc::new(lines))
    })
}

/// How many entries the report has; 0 for NULL or a freed one. Needs no GIL.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_report_count(report: *const NexusReport) -> usize {
    guard_or(0, || {
        REPORTS
            .with(report as u64, |lines| lines.len())
            .unwrap_or(0)
    })
}

/// Fills in the entry at an index from 0. Its strings live as long as the report.
///
/// Returns `NEXUS_ERR_BAD_HANDLE`, or `NEXUS_ERR_INVALID_ARGUMENT` for a NULL `entry` or an index past
/// the end; the entry is all zero then. Needs no GIL.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_report_at(
    report: *const NexusReport,
    index: usize,
    entry: *mut NexusReportEntry,
) -> NexusStatus {
    give_without_gil(core::ptr::null_mut(), "entry", entry, |_| {
        let entry_of = |line: &Line| NexusReportEntry {
            name: line.texts.name.as_ptr(),
            path: line.texts.path.as_ptr(),
            state: line.state,
            status: line.status,
            detail: line.detail,
            message: line.message.as_ptr(),
            nanoseconds: line.nanoseconds,
        };
        REPORTS
            .with(report as u64, |lines| lines.get(index).map(entry_of))
            .ok_or_else(|| bad_handle("report", report))?
            .ok_or_else(past_the_end)
    })
}

/// What loading the module at an index from 0 did to the process, a line each: signal handlers, locale,
/// floating-point environment, working directory, umask, environment variables and recursion limit that it
/// changed, which were put back; environment variables that it added, threads that it started and files that
/// it left open, which were not.
/// Threads and files of the host that came at that moment count too. A module that another loader had
/// loaded before did nothing.
///
/// `effects` receives a list, empty for most modules, that the caller frees with `nexus_names_free`.
///
/// Returns `NEXUS_ERR_BAD_HANDLE`, or `NEXUS_ERR_INVALID_ARGUMENT` for a NULL `effects` or an index past
/// the end. Needs no GIL.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_report_effects(
    report: *const NexusReport,
    index: usize,
    effects: *mut *mut NexusNames,
    error: *mut *mut NexusError,
) -> NexusStatus {
    give_without_gil(error, "effects", effects, |_| {
        let lines = living(&REPORTS, "report", report)?;
        let line = lines.get(index).ok_or_else(past_the_end)?;
        border::names(line.effects.iter().map(String::as_str))
    })
}

fn past_the_end() -> Box<Failure> {
    Failure::invalid("index past the end of the report")
}

/// Frees a report and the strings that came from it. NULL, or a report that is freed already, does
/// nothing. Needs no GIL.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_report_free(report: *mut NexusReport) {
    guard_or((), || drop(REPORTS.remove(report as u64)));
}
