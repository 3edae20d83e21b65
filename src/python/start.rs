//! Starting a Python that a search has found.

use super::api::Api;
use super::config::Config;
use super::in_process::{self, InProcess};
use super::installation::{Installation, missing_landmark};
use super::release::NEWEST;
use super::running::Running;
use super::search::{self, Found};
use super::{environment, initconfig, legacy};
use crate::engine;
use crate::platform::{self, Library};
use core::ffi::c_char;
use nexus_abi::log::NexusLogLevel::NEXUS_LOG_WARNING;
use nexus_abi::services::{EngineStart, START_ON_MAIN_THREAD, START_OWNED, START_SITE};
use nexus_abi::text::c_string;
use nexus_abi::{Failure, NexusStatus, Result};
use std::ffi::CString;
use std::path::Path;
use std::thread::ThreadId;

/// A Python that we have started, and that still needs the engine and its `site`.
pub struct Started {
    pub api: Api,
    pub installation: Installation,
    reason: String,
    no_site: bool,
    main_thread: ThreadId,
}

/// Why a start failed.
pub struct NotStarted {
    pub failure: Box<Failure>,
    /// CPython has got so far that this process cannot start any Python any more.
    pub for_good: bool,
}

impl From<Box<Failure>> for NotStarted {
    fn from(failure: Box<Failure>) -> Self {
        Self {
            failure,
            for_good: false,
        }
    }
}

struct Opened {
    api: Api,
    handle: Library,
}

/// Finds a Python and starts it, without `site`; then this thread holds the GIL. `in_process` is one that
/// is mapped but does not run.
pub fn start(
    config: &Config,
    in_process: Option<&InProcess>,
) -> core::result::Result<Started, NotStarted> {
    let mut opened = None;
    let found = search::find(config, in_process, &mut |installation| {
        opened = Some(open(installation, in_process)?);
        Ok(())
    })?;
    let Some(Opened { api, handle }) = opened else {
        return Err(Failure::new(
            NexusStatus::NEXUS_ERR_PANIC,
            "a Python was taken, but not opened",
        )
        .into());
    };
    if let Err(not_started) = initialize(config, &api, handle, &found) {
        // So that another Python can be tried. Not one that has begun to run, nor what the host has mapped.
        if in_process.is_none() && !not_started.for_good {
            platform::close(handle);
        }
        return Err(not_started);
    }
    let Found {
        installation,
        reason,
    } = found;
    Ok(Started {
        api,
        installation,
        reason,
        no_site: config.no_site(),
        main_thread: std::thread::current().id(),
    })
}

fn open(installation: &Installation, in_process: Option<&InProcess>) -> Result<Opened> {
    let failed = |reason: String| Failure::new(NexusStatus::NEXUS_ERR_PYTHON_START, reason);
    if let Some(mapped) = in_process {
        return Ok(Opened {
            api: mapped.api,
            handle: mapped.library,
        });
    }
    let library = &installation.library;
    if let Err(damage) = nexus_inspect::Image::check_mapping(library) {
        let reason = format!("{} cannot be opened: {}", library.display(), damage.message);
        return Err(failed(reason));
    }
    let handle = platform::open_library(library, true).map_err(|linker| {
        let why = platform::explained(&linker);
        failed(format!("{} cannot be opened: {why}", library.display())).with_linker(linker)
    })?;
    let checked = in_process::release_of(handle).and_then(|release| {
        if !release.same_minor(&installation.release) {
            return Err(format!(
                "{} is Python {release}, not {}",
                library.display(),
                installation.release
            ));
        }
        Api::load(handle)
    });
    match checked {
        Ok(api) => Ok(Opened { api, handle }),
        Err(reason) => {
            platform::close(handle);
            Err(failed(reason))
        }
    }
}

fn initialize(
    config: &Config,
    api: &Api,
    handle: Library,
    found: &Found,
) -> core::result::Result<(), NotStarted> {
    let installation = &found.installation;
    let failure = |why: &str| {
        Failure::new(
            NexusStatus::NEXUS_ERR_PYTHON_START,
            format!(
                "{} did not start: {why} ({})",
                installation.describe(),
                found.reason
            ),
        )
    };
    // Python aborts the process when it cannot import `encodings`.
    if let Some(missing) = missing_landmark(&installation.standard_library) {
        return Err(failure(&format!("there is no {}", missing.display()))
            .at_path(&missing)
            .into());
    }
    if config.use_environment() {
        environment::check(installation)?;
    }
    let start = match platform::symbol(handle, c"PyInitConfig_Create") {
        Some(_) => initconfig::start,
        None => legacy::start,
    };
    let Err(why) = start(handle, installation, config.use_environment()) else {
        return Ok(());
    };
    if !api.has_thread_state() {
        return Err(failure(&why).into());
    }
    // It got as far as running Python, and has left the GIL with this thread.
    let exception = api.after_start().take_exception();
    let failure = failure(&format!(
        "{why} ({}); this process cannot start a Python any more",
        exception.as_deref().unwrap_or("no exception")
    ));
    Err(NotStarted {
        failure,
        for_good: true,
    })
}

impl Started {
    /// What follows the start: the engine is opened, and runs `site`. The calling thread, whichever it is, holds the
    /// GIL. After a failure it may be called again.
    pub fn finish(&self, config: &Config) -> Result<Running> {
        let installation = &self.installation;
        let texts: Vec<CString> = match &config.argv {
            Some(argv) => argv
                .iter()
                .map(|text| c_string(platform::bytes_of(text)))
                .collect(),
            None => vec![CString::default()],
        };
        let argv: Vec<*const c_char> = texts.iter().map(|text| text.as_ptr()).collect();
        // Where only a libpython is installed there is no interpreter: '' is what Python says then.
        let existing = |program: &Path| match program.is_file() {
            true => c_string(platform::bytes_of(program.as_os_str())),
            false => CString::default(),
        };
        let executable = existing(&installation.program);
        let base_executable = existing(&installation.base_program);
        let mut flags = START_OWNED;
        if !self.no_site {
            flags |= START_SITE;
        }
        if self.main_thread == std::thread::current().id() {
            flags |= START_ON_MAIN_THREAD;
        }
        let start = EngineStart {
            flags,
            argv: argv.as_ptr(),
            argv_count: argv.len(),
            executable: executable.as_ptr(),
            base_executable: base_executable.as_ptr(),
        };
        let facts = engine::enter(&start, &installation.library).map_err(|mut failure| {
            if failure.status == NexusStatus::NEXUS_ERR_PYTHON_START {
                failure.message = format!(
                    "{} started, but {}",
                    installation.describe(),
                    failure.message
                );
            }
            failure
        })?;
        let release = &installation.release;
        if (release.major, release.minor) > NEWEST {
            let (major, minor) = NEWEST;
            crate::log::line(NEXUS_LOG_WARNING, || {
                format!(
                    "Python {release} is newer than {major}.{minor}, the newest that nexus_loader was made for"
                )
            });
        }
        Ok(Running::new(
            self.api,
            &installation.library,
            true,
            &self.reason,
            facts,
        ))
    }
}
