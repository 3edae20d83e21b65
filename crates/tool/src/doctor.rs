//! `nexus doctor`: all that a bug report needs.

use crate::arguments;
use crate::ffi;
use crate::inspect;
use crate::list::{self, Details, Listing, Module};
use crate::output::{BAD, FINE, Output, TITLE, Trouble, WRONG};
use crate::platform::{self, Platform};
use crate::python::{self, Candidate, Started};
use crate::text::{visible, visible_lines};
use serde::Serialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;

#[derive(Serialize)]
struct Answer {
    tool_version: &'static str,
    library_version: String,
    library: String,
    platform: Platform,
    environment: BTreeMap<String, String>,
    candidates: Vec<Candidate>,
    python: Option<Started>,
    #[serde(skip_serializing_if = "Option::is_none")]
    python_error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    listing: Option<Listing>,
    #[serde(skip_serializing_if = "Option::is_none")]
    listing_error: Option<String>,
    /// Of each file that did not load.
    inspections: Vec<Box<RawValue>>,
    #[serde(skip)]
    looked_at: Vec<ffi::Inspection>,
}

pub fn run(
    options: &arguments::Doctor,
    python: Option<&Path>,
    json: bool,
    output: &mut Output,
) -> Result<u8, Trouble> {
    // Before Python starts: afterwards it is the only candidate.
    let candidates = python::candidates(python)?;
    let (started, python_error) = match Started::now(python) {
        Ok(started) => (Some(started), None),
        Err(error) => (None, Some(error.message)),
    };
    let mut answer = Answer {
        tool_version: env!("CARGO_PKG_VERSION"),
        library_version: ffi::version(),
        library: ffi::library().to_string_lossy().into_owned(),
        platform: Platform::of_this_machine(),
        environment: platform::environment().into_iter().collect(),
        candidates,
        python: started,
        python_error,
        listing: None,
        listing_error: None,
        inspections: Vec::new(),
        looked_at: Vec::new(),
    };
    if let Some(directory) = &options.directory {
        answer.look_at(directory, options.recursive, python)?;
    }
    if json {
        output.json(&answer)?;
    } else {
        answer.print(output)?;
    }
    let well = answer.python.is_some() && answer.listing_error.is_none() && {
        let modules = answer.listing.iter().flat_map(|listing| &listing.modules);
        !modules.into_iter().any(Module::is_bad)
    };
    Ok(if well { FINE } else { WRONG })
}

impl Answer {
    fn look_at(
        &mut self,
        directory: &Path,
        recursive: bool,
        python: Option<&Path>,
    ) -> Result<(), Trouble> {
        let options = arguments::List {
            directory: directory.to_owned(),
            recursive,
            lazy: false,
            // A module that crashes must not take the report with it.
            trial: true,
            timeout: None,
            only: Vec::new(),
            except: Vec::new(),
            verify: None,
            effects: true,
            traceback: true,
        };
        match Listing::of(&options, python) {
            Ok(listing) => self.listing = Some(listing),
            // Here no directory is a wrong command, as for `list`.
            Err(Trouble::Usage(text)) => return Err(Trouble::Usage(text)),
            Err(trouble) => self.listing_error = Some(list::failure(&trouble)),
        }
        let modules = self.listing.iter().flat_map(|listing| &listing.modules);
        for module in modules.filter(|module| module.is_bad() && !module.path.is_empty()) {
            self.looked_at.push(ffi::inspect(module.file(), 0)?);
        }
        let texts = self.looked_at.iter().map(inspect::json);
        self.inspections = texts.collect::<Result<_, _>>()?;
        Ok(())
    }

    fn print(&self, out: &mut impl Write) -> io::Result<()> {
        let title = |text: &str| format!("{TITLE}{text}{TITLE:#}");
        let fact = |name: &str, text: &str| format!("  {name:<13} {}", visible(text.as_ref()));
        writeln!(out, "{}", title("nexus_loader"))?;
        writeln!(out, "{}", fact("tool", self.tool_version))?;
        writeln!(out, "{}", fact("library", &self.library_version))?;
        writeln!(out, "{}", fact("file", &self.library))?;
        writeln!(out, "\n{}", title("platform"))?;
        writeln!(out, "{}", fact("system", &self.platform.system))?;
        writeln!(out, "{}", fact("machine", &self.platform.machine))?;
        writeln!(out, "{}", fact("distribution", &self.platform.distribution))?;
        writeln!(out, "{}", fact("C library", &self.platform.c_library))?;
        writeln!(out, "\n{}", title("environment"))?;
        for (name, value) in &self.environment {
            writeln!(
                out,
                "  {}={}",
                visible(name.as_ref()),
                visible(value.as_ref())
            )?;
        }
        writeln!(out, "\n{}", title("every Python that was looked at"))?;
        python::print(out, &self.candidates)?;
        writeln!(out, "\n{}", title("Python"))?;
        match &self.python {
            Some(started) => started.print(out)?,
            None => writeln!(out, "  {BAD}none{BAD:#}")?,
        }
        if let Some(error) = &self.python_error {
            writeln!(out, "  {}", visible_lines(error).replace('\n', "\n  "))?;
        }
        if let Some(error) = &self.listing_error {
            writeln!(out, "\n{}", title("directory"))?;
            writeln!(out, "  {}", visible_lines(error).replace('\n', "\n  "))?;
        }
        if let Some(listing) = &self.listing {
            writeln!(out, "\n{}", title(&visible(listing.directory.as_ref())))?;
            let details = Details {
                effects: true,
                tracebacks: true,
            };
            listing.print(out, details)?;
        }
        // Without Python, `list` has looked at all, and has shown a line of each.
        let listed = self.listing.iter().flat_map(|listing| &listing.looked_at);
        let listed = listed.filter(|inspection| !inspect::is_fine(inspection));
        for inspection in self.looked_at.iter().chain(listed) {
            writeln!(out)?;
            inspect::print(out, inspection)?;
        }
        Ok(())
    }
}
