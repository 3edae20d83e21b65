//! Shell completions and manual pages, made from the definition of the command line.

use crate::arguments::{Arguments, Command};
use crate::output::{FINE, Output, Trouble};
use clap::CommandFactory;

pub fn run(command: &Command, output: &mut Output) -> Result<u8, Trouble> {
    match command {
        Command::Completions { shell } => {
            // Into memory first: the generator panics where it cannot write.
            let mut script = Vec::new();
            clap_complete::generate(*shell, &mut Arguments::command(), "nexus", &mut script);
            output.raw(&script)?;
        }
        Command::Manual { directory } => {
            std::fs::create_dir_all(directory)?;
            clap_mangen::generate_to(Arguments::command(), directory)?;
        }
        _ => {}
    }
    Ok(FINE)
}
