//! What is done inside a Python that we have started: preparations, then `site`.

use super::api::Gil;
use super::config::Config;
use super::installation::Installation;
use super::main_thread;
use super::object::{Object, Outcome};
use core::ffi::CStr;
use nexus_abi::{Failure, NexusStatus, Result};
use std::ffi::{OsStr, OsString};

/// How far `site` has come.
#[derive(Default)]
pub struct Bootstrap {
    /// What is to be imported after `site.main()`; unset before.
    pending: Option<Vec<&'static CStr>>,
}

impl Bootstrap {
    /// Before `site`: `sys.argv`, the interpreter's name, the main thread, signals, output.
    pub fn prepare(gil: &Gil<'_>, config: &Config, installation: &Installation) -> Result<Self> {
        prepare(gil, config, installation)
            .map_err(|exception| describe(gil, "preparing it", installation, &exception))?;
        Ok(Self::default())
    }

    /// `site`, unless the host wants none. After a failure it may be tried again: a second run does only
    /// what has not succeeded in the first.
    pub fn site(&mut self, gil: &Gil<'_>, installation: &Installation) -> Result<()> {
        self.run_site(gil)
            .map_err(|exception| describe(gil, "its site module", installation, &exception))
    }

    /// Runs `site` as the interpreter's start does, but lets no exception end the process or get lost: `site`
    /// itself prints those of sitecustomize and usercustomize and goes on.
    fn run_site<'g>(&mut self, gil: &'g Gil<'_>) -> Outcome<'g, ()> {
        let pending = match &mut self.pending {
            Some(pending) => pending,
            None => self.pending.insert(site_main(gil)?),
        };
        while let Some(name) = pending.first() {
            if let Err(exception) = gil.import(name) {
                let is_itself = || exception.attr(c"name").is_ok_and(|own| own.is_text(name));
                if !(exception.is_exception(c"ImportError") && is_itself()) {
                    return Err(exception);
                }
            }
            pending.remove(0);
        }
        Ok(())
    }
}

fn prepare<'g>(gil: &'g Gil<'_>, config: &Config, installation: &Installation) -> Outcome<'g, ()> {
    let no_argv = [OsString::new()];
    let argv = gil.new_texts(config.argv.as_deref().unwrap_or(&no_argv))?;
    match gil.sys(c"argv") {
        Some(list) => list.set_items(&argv)?,
        None => gil.set_sys(c"argv", &argv)?,
    }
    for (name, program) in [
        (c"executable", &installation.program),
        (c"_base_executable", &installation.base_program),
    ] {
        // Where only a libpython is installed there is no interpreter: '' is what Python says then.
        let existing = if program.is_file() {
            program.as_os_str()
        } else {
            OsStr::new("")
        };
        gil.set_sys(name, &gil.new_text(existing)?)?;
    }
    let release = &installation.release;
    if (release.major, release.minor) < (3, 13) {
        main_thread::set(gil)?;
    }
    signals(gil)?;
    #[cfg(unix)]
    super::fault_handler::keep_host_signals(gil);
    output(gil)?;
    if !config.no_site() {
        site_flag(gil)?;
    }
    Ok(())
}

/// The first import of `signal` takes SIGINT wherever the host has left that alone. Python's own record is put
/// right here (asyncio looks there), the process's by the caller.
fn signals<'g>(gil: &'g Gil<'_>) -> Outcome<'g, ()> {
    let signal = gil.import(c"_signal")?;
    let interrupt = signal.attr(c"SIGINT")?;
    let handler = signal.attr(c"getsignal")?.call(&[&interrupt], &[])?;
    if handler.is(&signal.attr(c"default_int_handler")?) {
        let default = signal.attr(c"SIG_DFL")?;
        signal.attr(c"signal")?.call(&[&interrupt, &default], &[])?;
    }
    Ok(())
}

/// A host may end without flushing.
fn output<'g>(gil: &'g Gil<'_>) -> Outcome<'g, ()> {
    let Some(stdout) = gil.sys(c"stdout").filter(|stdout| !stdout.is(&gil.none())) else {
        return Ok(());
    };
    if !stdout.attr(c"isatty")?.call(&[], &[])?.is_true()? {
        let yes = gil.new_integer(1)?;
        stdout
            .attr(c"reconfigure")?
            .call(&[], &[(c"line_buffering", &yes)])?;
    }
    Ok(())
}

/// Clears `sys.flags.no_site`, so that `multiprocessing` does not start its children with -S.
fn site_flag<'g>(gil: &'g Gil<'_>) -> Outcome<'g, ()> {
    // While the flag is set, importing `site` does not run it.
    gil.import(c"site")?;
    if let Some(flags) = gil.sys(c"flags") {
        let name = gil.new_text("no_site".as_ref())?;
        let index = flags.attr(c"__match_args__")?.index_of(&name)?;
        gil.set_flag(index, 0);
    }
    Ok(())
}

/// Runs `site.main()`, and gives what it would import by itself.
fn site_main<'g>(gil: &'g Gil<'_>) -> Outcome<'g, Vec<&'static CStr>> {
    let site = gil.import(c"site")?;
    let mut replaced = Vec::new();
    for (name, function) in [
        (c"sitecustomize", c"execsitecustomize"),
        (c"usercustomize", c"execusercustomize"),
    ] {
        // A function that does nothing else than to empty a list.
        let unwanted = gil.new_texts(&[OsString::from("unwanted")])?;
        let original = site.attr(function)?;
        site.set_attr(function, &unwanted.attr(c"clear")?)?;
        replaced.push((name, function, original, unwanted));
    }
    let outcome = site.attr(c"main").and_then(|main| main.call(&[], &[]));
    let mut pending = Vec::new();
    for (name, function, original, unwanted) in replaced {
        site.set_attr(function, &original)?;
        if !unwanted.is_true()? {
            pending.push(name);
        }
    }
    outcome.map(|_| pending)
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

/// The failure for an exception, with its traceback and the file that raised it.
fn describe(
    gil: &Gil<'_>,
    what: &str,
    installation: &Installation,
    exception: &Object<'_>,
) -> Box<Failure> {
    let code = include_str!("describe.py");
    let described = gil.namespace().and_then(|namespace| {
        gil.set(namespace, c"failure", exception)?;
        gil.run(namespace, code, c"<nexus_loader describe>")?;
        Ok(namespace)
    });
    let Ok(namespace) = described else {
        return cannot(what, installation, &exception.exception_text());
    };
    let text = |name: &CStr| {
        let variable = gil.get(namespace, name);
        variable.and_then(|text| text.text()).unwrap_or_default()
    };
    let lossy = |name: &CStr| text(name).to_string_lossy().into_owned();
    let (kind, path) = (lossy(c"exception"), text(c"path"));
    let mut failure = cannot(
        what,
        installation,
        &format!(
            "{kind}: {} (in {})",
            lossy(c"message"),
            path.to_string_lossy()
        ),
    );
    failure.traceback = lossy(c"traceback");
    failure.exception = kind;
    failure.at_path(path.as_ref())
}
