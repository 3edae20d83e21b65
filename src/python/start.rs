//! Starting a Python that a search has found.

use super::api::{Api, Gil};
use super::bootstrap::Bootstrap;
use super::config::Config;
use super::in_process::{self, InProcess};
use super::installation::{Installation, missing_landmark};
use super::interpreter::Interpreter;
use super::release::NEWEST;
use super::search::{self, Failed, Found};
use super::{environment, initconfig, legacy};
use crate::platform::{self, Library};
use nexus_abi::log::NexusLogLevel::NEXUS_LOG_WARNING;
use nexus_abi::{Failure, NexusStatus, Result};
use std::thread::ThreadId;

/// A Python that we have started, and that still needs its `site`.
pub struct Started {
    pub api: Api,
    pub installation: Installation,
    reason: String,
    no_site: bool,
    main_thread: ThreadId,
    bootstrap: Option<Bootstrap>,
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
        bootstrap: None,
    })
}

fn open(
    installation: &Installation,
    in_process: Option<&InProcess>,
) -> core::result::Result<Opened, Failed> {
    let failed = |reason: String, linker: String| Failed {
        status: NexusStatus::NEXUS_ERR_PYTHON_START,
        reason,
        linker,
    };
    if let Some(mapped) = in_process {
        return Ok(Opened {
            api: mapped.api,
            handle: mapped.library,
        });
    }
    let library = &installation.library;
    if let Err(damage) = nexus_inspect::Image::check_mapping(library) {
        let reason = format!("{} cannot be opened: {}", library.display(), damage.message);
        return Err(failed(reason, String::new()));
    }
    let handle = platform::open_library(library, true).map_err(|linker| {
        let why = platform::explained(&linker);
        failed(
            format!("{} cannot be opened: {why}", library.display()),
            linker,
        )
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
            Err(failed(reason, String::new()))
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
    let gil = api.after_start();
    let exception = gil.exception_text();
    let failure = failure(&format!(
        "{why} ({exception}); this process cannot start a Python any more"
    ));
    Err(NotStarted {
        failure,
        for_good: true,
    })
}

impl Started {
    /// What follows the start under the GIL: our own preparations, then `site`. After a failure it may
    /// be called again, from any thread.
    pub fn finish(&mut self, gil: &Gil<'_>, config: &Config) -> Result<Interpreter> {
        let bootstrap = match &mut self.bootstrap {
            Some(bootstrap) => bootstrap,
            None => self
                .bootstrap
                .insert(Bootstrap::prepare(gil, config, &self.installation)?),
        };
        if !self.no_site {
            bootstrap.site(gil, &self.installation)?;
        }
        let release = &self.installation.release;
        if (release.major, release.minor) > NEWEST {
            let (major, minor) = NEWEST;
            crate::log::line(NEXUS_LOG_WARNING, || {
                format!(
                    "Python {release} is newer than {major}.{minor}, the newest that nexus_loader was made for"
                )
            });
        }
        Ok(Interpreter::read(
            gil,
            &self.api,
            &self.installation.library,
            Some(self.main_thread),
            &self.reason,
        ))
    }
}
