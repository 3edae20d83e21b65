//! The command line.

use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;
use std::ffi::OsString;
use std::path::PathBuf;

/// What each exit code means.
pub const EXIT_CODES: [(&str, &str); 3] = [
    ("0", "all is well"),
    (
        "1",
        "something is wrong with a module or with Python: one did not load, a call raised, none was found",
    ),
    (
        "2",
        "the command could not be carried out: wrong usage, no such directory, no library",
    ),
];

/// Which variables count.
pub const ENVIRONMENT: [(&str, &str); 3] = [
    ("NEXUS_PYTHON", "which Python, as --python"),
    (
        "NEXUS_LOG",
        "error, warning, info or debug: the library's log on stderr",
    ),
    ("NO_COLOR", "no colours"),
];

/// A last word.
pub const NOTES: &str =
    "What modules print comes out on stderr: stdout has the command's answer and nothing else.";

/// What stands below the options.
fn after_help() -> String {
    let list = |items: &[(&str, &str)], width: usize| -> String {
        items
            .iter()
            .map(|(name, meaning)| format!("  {name:width$}  {meaning}\n"))
            .collect()
    };
    format!(
        "Exit codes:\n{}\nEnvironment:\n{}\n{NOTES}",
        list(&EXIT_CODES, 1),
        list(&ENVIRONMENT, 12)
    )
}

/// Shows what becomes of the compiled Python modules of a directory, and why one will not load.
#[derive(Debug, Parser)]
#[command(name = "nexus", version, after_help = after_help(), max_term_width = 100)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,

    /// Answer with JSON
    #[arg(long, global = true)]
    pub json: bool,

    /// Use this Python: an interpreter, a virtual environment, a prefix or a libpython
    #[arg(long, global = true, value_name = "PATH", value_hint = clap::ValueHint::AnyPath)]
    pub python: Option<PathBuf>,

    #[command(flatten)]
    pub color: colorchoice_clap::Color,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Load the modules of a directory, and tell what became of each
    ///
    /// Runs the code of the modules. Where no Python is found, their files are inspected instead.
    List(List),
    /// Tell what is wrong with files, and what to do about it; runs nothing of them, and needs no Python
    Inspect(Inspect),
    /// Call a function of a module, and print what it returns
    ///
    /// The result is printed as JSON if it can be, else as Python shows it (repr).
    Call(Call),
    /// List every Python of this machine that was looked at: taken or refused, and why
    Python(Python),
    /// Tell all that a bug report needs
    ///
    /// Versions, platform, every Python, the report of the directory, and an inspection of each file that
    /// did not load. Modules are tried in child processes first, so that a crash is a line of the report.
    Doctor(Doctor),
    /// Print a script that completes this command in a shell
    Completions {
        /// Which shell
        shell: Shell,
    },
    /// Write the manual pages into a directory
    Manual {
        /// Where they go; made if it is not there
        #[arg(value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
        directory: PathBuf,
    },
}

impl Command {
    /// Whether it calls libnexus_loader.
    pub fn needs_library(&self) -> bool {
        !matches!(self, Self::Completions { .. } | Self::Manual { .. })
    }
}

#[derive(Debug, Args)]
pub struct List {
    /// The directory with the modules (`.so`, on Windows `.pyd`)
    #[arg(value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    pub directory: PathBuf,

    /// Descend into packages and plain folders
    #[arg(short, long)]
    pub recursive: bool,

    /// Find the modules only: none is loaded, and no code of theirs runs
    #[arg(short, long, conflicts_with_all = ["trial", "timeout"])]
    pub lazy: bool,

    /// Import each module in a child process first: a crash, an exit or a hang becomes a line of the report
    #[arg(short, long)]
    pub trial: bool,

    /// How long a module may take in its trial; implies --trial
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub timeout: Option<u32>,

    /// Load these only: names, or patterns with `*`, `?` and `[…]`
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub only: Vec<String>,

    /// Leave these out: names or patterns
    #[arg(long, value_name = "NAME", value_delimiter = ',', value_parser = glob::Pattern::new)]
    pub except: Vec<glob::Pattern>,

    /// Open only what a list of checksums names, as `sha256sum` writes it; without FILE, SHA256SUMS in DIR
    #[arg(long, value_name = "FILE", num_args = 0..=1, require_equals = true, value_hint = clap::ValueHint::FilePath)]
    pub verify: Option<Option<PathBuf>>,

    /// Show what loading each module did to the process, too: signal handlers, threads, environment, …
    #[arg(short, long)]
    pub effects: bool,

    /// Show the traceback of each exception, too
    #[arg(short = 'b', long)]
    pub traceback: bool,
}

#[derive(Debug, Args)]
pub struct Inspect {
    /// Files, or directories whose modules are inspected
    #[arg(value_name = "FILE", required = true, value_hint = clap::ValueHint::AnyPath)]
    pub files: Vec<PathBuf>,

    /// Descend into the folders of directories
    #[arg(short, long)]
    pub recursive: bool,

    /// Judge for this version of Python, such as 3.12, rather than for the one that would be taken
    #[arg(long = "for", value_name = "VERSION", value_parser = version, conflicts_with = "python")]
    pub version: Option<u32>,
}

#[derive(Debug, Args)]
pub struct Call {
    /// The directory with the module
    #[arg(value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    pub directory: PathBuf,

    /// What to call: `module.function`, or deeper: `package.module.Class.method`
    #[arg(value_name = "MODULE.FUNCTION")]
    pub function: String,

    /// Arguments: JSON where they are JSON (`5`, `[1, 2]`, `"5"`, `null`), otherwise text as it is
    #[arg(value_name = "ARGS", allow_negative_numbers = true)]
    pub args: Vec<OsString>,

    /// A keyword argument, likewise; may be given several times
    #[arg(short, long = "kw", value_name = "NAME=VALUE", value_parser = keyword)]
    pub keyword: Vec<(String, String)>,

    /// Take every argument as text, JSON or not
    #[arg(short, long)]
    pub text: bool,

    /// Print a text or bytes as it is, without quotes and without a line end
    #[arg(short, long, conflicts_with = "json")]
    pub raw: bool,
}

#[derive(Debug, Args)]
pub struct Python {
    /// Start the one that is taken, and tell about it
    #[arg(short, long)]
    pub start: bool,
}

#[derive(Debug, Args)]
pub struct Doctor {
    /// The directory with the modules; without it, only the machine is looked at
    #[arg(value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    pub directory: Option<PathBuf>,

    /// Descend into packages and plain folders
    #[arg(short, long)]
    pub recursive: bool,
}

/// A number of seconds as milliseconds; the library takes 0 as its default, so there is no 0.
fn seconds(text: &str) -> Result<u32, String> {
    let seconds: f64 = text.parse().map_err(|_| "not a number of seconds")?;
    let milliseconds = (seconds * 1000.0).ceil();
    if (1.0..=f64::from(u32::MAX)).contains(&milliseconds) {
        // In range, and whole.
        Ok(milliseconds as u32)
    } else {
        Err("must be more than 0 and less than 50 days".to_owned())
    }
}

/// `3.12` as `nexus_inspect_for` takes it.
fn version(text: &str) -> Result<u32, String> {
    let minor = text
        .strip_prefix("3.")
        .and_then(|rest| rest.split('.').next())
        .and_then(|minor| minor.parse::<u8>().ok());
    minor
        .map(|minor| 3 << 16 | u32::from(minor) << 8)
        .ok_or_else(|| "not a version of Python 3, such as 3.12".to_owned())
}

fn keyword(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("must be NAME=VALUE".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_definition_holds() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn texts_become_numbers() {
        assert_eq!(seconds("1.5"), Ok(1500));
        assert_eq!(seconds("0.0001"), Ok(1));
        for wrong in ["0", "-1", "NaN", "inf", "1e9", "x"] {
            assert!(seconds(wrong).is_err(), "{wrong}");
        }
        assert_eq!(version("3.12"), Ok(0x030c00));
        assert_eq!(version("3.12.1"), Ok(0x030c00));
        for wrong in ["2.7", "3", "3.", "3.x", "3.999"] {
            assert!(version(wrong).is_err(), "{wrong}");
        }
        assert_eq!(keyword("a=b=c"), Ok(("a".into(), "b=c".into())));
        assert!(keyword("=b").is_err() && keyword("a").is_err());
    }
}
