//! Shell completions and manual pages, made from the definition of the command line.

use crate::arguments::{Arguments, Command, ENVIRONMENT, EXIT_CODES, NOTES};
use crate::output::{FINE, Output, Trouble};
use clap::CommandFactory;
use clap::builder::Resettable;
use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::Path;

pub fn run(command: &Command, output: &mut Output) -> Result<u8, Trouble> {
    match command {
        Command::Completions { shell } => {
            // Into memory first: the generator panics where it cannot write.
            let mut script = Vec::new();
            clap_complete::generate(*shell, &mut Arguments::command(), "nexus", &mut script);
            output.raw(&script)?;
        }
        Command::Manual { directory } => manual(directory)?,
        _ => {}
    }
    Ok(FINE)
}

/// A page for each command. What stands below the options in `--help` gets sections of its own in the first.
fn manual(directory: &Path) -> io::Result<()> {
    std::fs::create_dir_all(directory)?;
    let command = Arguments::command().after_help(Resettable::Reset);
    clap_mangen::generate_to(command, directory)?;
    let mut sections = String::new();
    for (title, items) in [("EXIT STATUS", &EXIT_CODES), ("ENVIRONMENT", &ENVIRONMENT)] {
        // Writing to a String cannot fail.
        let _ = writeln!(sections, ".SH \"{title}\"");
        for (name, meaning) in items {
            let _ = writeln!(sections, ".TP\n\\fB{name}\\fR\n{}", escaped(meaning));
        }
    }
    let _ = writeln!(sections, ".SH NOTES\n{}", escaped(NOTES));
    let mut page = OpenOptions::new()
        .append(true)
        .open(directory.join("nexus.1"))?;
    page.write_all(sections.as_bytes())
}

/// For roff, which takes a bare `-` as a hyphen.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\e").replace('-', "\\-")
}
