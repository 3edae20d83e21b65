//! `nexus`: shows what becomes of the compiled Python modules of a directory, and why one will not load.

mod arguments;
mod call;
mod crash;
mod doctor;
mod ffi;
mod files;
mod inspect;
mod list;
mod names;
mod output;
mod pages;
mod platform;
mod progress;
mod python;
mod table;
mod text;

use arguments::{Arguments, Command};
use clap::Parser;
use output::{Output, Trouble, complain};
use std::io::Write;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    arguments.color.write_global();
    let output = Output::of_this_process();
    let result = output
        .map_err(Trouble::Write)
        .and_then(|mut output| run(&arguments, &mut output));
    match result {
        Ok(code) => ExitCode::from(code),
        Err(trouble) => complain(&trouble),
    }
}

fn run(arguments: &Arguments, output: &mut Output) -> Result<u8, Trouble> {
    if !arguments.command.needs_library() {
        return pages::run(&arguments.command, output);
    }
    ffi::open(&platform::libraries()).map_err(Trouble::Usage)?;
    if std::env::var_os("NEXUS_LOG").is_none() {
        ffi::silence_log();
    }
    crash::tell();
    let python = arguments.python.as_deref();
    let code = match &arguments.command {
        Command::List(options) => list::run(options, python, arguments.json, output),
        Command::Inspect(options) => inspect::run(options, python, arguments.json, output),
        Command::Call(options) => call::run(options, python, arguments.json, output),
        Command::Python(options) => python::run(options, python, arguments.json, output),
        Command::Doctor(options) => doctor::run(options, python, arguments.json, output),
        Command::Completions { .. } | Command::Manual { .. } => Ok(0),
    }?;
    output.flush()?;
    Ok(code)
}
