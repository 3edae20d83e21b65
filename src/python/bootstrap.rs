//! What runs inside a Python that we have started: `prepare.py`, then `site.py`; `describe.py` when one
//! of them fails; `main_thread.py` when `threading` is imported.

use super::api::{Gil, Namespace};
use super::config::Config;
use super::installation::Installation;
use core::ffi::CStr;
use nexus_abi::{Failure, NexusStatus, Result};
use std::ffi::{OsStr, OsString};

/// The namespace of the scripts.
#[derive(Clone, Copy)]
pub struct Bootstrap {
    namespace: Namespace,
}

fn cannot(what: &str, installation: &Installation, why: &str) -> Box<Failure> {
    Failure::new(
        NexusStatus::NEXUS_ERR_PYTHON_START,
        format!(
            "{} started, but {what} failed: {why}",
            installation.describe()
        ),
    )
}

impl Bootstrap {
    /// Before `site`: `sys.argv`, the interpreter's name, the main thread, signals, output.
    pub fn prepare(gil: &Gil<'_>, config: &Config, installation: &Installation) -> Result<Self> {
        let bootstrap = Self {
            namespace: Self::filled(gil, config, installation)
                .map_err(|why| cannot("preparing it", installation, &why))?,
        };
        bootstrap.run(
            gil,
            installation,
            "preparing it",
            include_str!("prepare.py"),
            c"<nexus_loader prepare>",
        )?;
        // So that `multiprocessing` does not start its children with -S.
        if let Some(index) = gil
            .integer(bootstrap.namespace, c"no_site_index")
            .filter(|index| *index >= 0)
        {
            gil.set_flag(index, 0);
        }
        Ok(bootstrap)
    }

    fn filled(
        gil: &Gil<'_>,
        config: &Config,
        installation: &Installation,
    ) -> core::result::Result<Namespace, String> {
        let namespace = gil.namespace()?;
        let no_argv = [OsString::new()];
        // Where only a libpython is installed there is no interpreter: '' is what Python says then.
        let existing = |program: &std::path::Path| match program.is_file() {
            true => program.as_os_str().to_owned(),
            false => OsString::new(),
        };
        gil.set_texts(
            namespace,
            c"argv",
            config.argv.as_deref().unwrap_or(&no_argv),
        )?;
        gil.set_text(namespace, c"executable", &existing(&installation.program))?;
        gil.set_text(
            namespace,
            c"base_executable",
            &existing(&installation.base_program),
        )?;
        gil.set_integer(namespace, c"no_site", config.no_site().into())?;
        gil.set_integer(namespace, c"process", std::process::id().into())?;
        let code = include_str!("main_thread.py");
        gil.set_text(namespace, c"main_thread_code", code.as_ref())?;
        Ok(namespace)
    }

    /// `site`, unless the host wants none. After a failure it may be tried again.
    pub fn site(&self, gil: &Gil<'_>, installation: &Installation) -> Result<()> {
        self.run(
            gil,
            installation,
            "its site module",
            include_str!("site.py"),
            c"<nexus_loader site>",
        )
    }

    fn run(
        &self,
        gil: &Gil<'_>,
        installation: &Installation,
        what: &str,
        code: &str,
        file: &CStr,
    ) -> Result<()> {
        let run = |code, file| {
            gil.run(self.namespace, code, file)
                .map_err(|why| cannot(what, installation, &why))
        };
        run(code, file)?;
        if gil.is_none(self.namespace, c"failure") {
            return Ok(());
        }
        run(include_str!("describe.py"), c"<nexus_loader describe>")?;
        let exception = gil.text(self.namespace, c"exception").unwrap_or_default();
        let text = |name: &CStr| gil.text(self.namespace, name).unwrap_or_default();
        let lossy = |text: &OsStr| text.to_string_lossy().into_owned();
        let (exception, message, path) =
            (lossy(&exception), lossy(&text(c"message")), text(c"path"));
        let mut failure = cannot(
            what,
            installation,
            &format!("{exception}: {message} (in {})", lossy(&path)),
        );
        failure.traceback = lossy(&text(c"traceback"));
        failure.exception = exception;
        Err(failure.at_path(path.as_ref()))
    }
}
