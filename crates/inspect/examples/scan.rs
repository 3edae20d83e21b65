//! Prints a line for each `.so` and `.pyd` file below the given directories: the verdict, the detail
//! number, the path and the reason.
//!
//! ```text
//! scan [--python 3.11] [--free-threaded] [--libpython PATH] [--libraries] [--time N] DIRECTORY...
//! ```
//!
//! `--libraries` also walks the tree of needed libraries. `--time N` prints nothing but the time that N
//! rounds over all files take, on one thread and on two.

use nexus_inspect::{
    Dependencies, FileName, Image, Problem, SearchOptions, SymbolSet, Target, Verdict, classify,
};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

struct Options {
    target: Target,
    dependencies: Option<Dependencies>,
    rounds: Option<u32>,
    directories: Vec<PathBuf>,
}

fn options() -> Result<Options, String> {
    let mut options = Options {
        target: Target::host((3, 11), false),
        dependencies: None,
        rounds: None,
        directories: Vec::new(),
    };
    let mut arguments = std::env::args_os().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || {
            let value = arguments.next().and_then(|value| value.into_string().ok());
            value.ok_or("an option lacks its value")
        };
        match argument.to_str() {
            Some("--python") => {
                let value = value()?;
                let (major, minor) = value
                    .split_once('.')
                    .ok_or("--python wants a version as 3.11")?;
                let number = |text: &str| text.parse::<u8>().map_err(|error| error.to_string());
                options.target.version = (number(major)?, number(minor)?);
            }
            Some("--free-threaded") => options.target.free_threaded = true,
            Some("--libpython") => {
                let symbols = SymbolSet::of_libpython(Path::new(&value()?));
                let symbols = symbols.map_err(|problem| problem.to_string())?;
                options.target.exports = Some(Arc::new(symbols));
            }
            Some("--libraries") => {
                options.dependencies = Some(Dependencies::new(SearchOptions::of_process()))
            }
            Some("--time") => {
                options.rounds = Some(value()?.parse().map_err(|_| "--time wants a number")?)
            }
            _ => options.directories.push(argument.into()),
        }
    }
    Ok(options)
}

fn files(directory: &Path, found: &mut Vec<(PathBuf, FileName)>) {
    let Ok(entries) = std::fs::read_dir(directory) else {
        eprintln!("cannot read {}", directory.display());
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            files(&path, found);
        } else if let Some(name) = FileName::parse(&entry.file_name()) {
            found.push((path, name));
        }
    }
}

fn report(path: &Path, name: &FileName, options: &Options) {
    let line = |word: &str, problem: &Problem| {
        let number = problem.detail.number();
        println!("{word:8} {number} {}: {problem}", path.display());
    };
    let image = match Image::read(path) {
        Ok(image) => image,
        Err(problem) => return line("hopeless", &problem),
    };
    match classify(path, &image, name, &options.target) {
        Verdict::Module { init } => println!("module   0   {}: {init}", path.display()),
        Verdict::Helper { detail, why } => line("helper", &Problem::new(detail, why)),
        Verdict::Hopeless(problem) => line("hopeless", &problem),
    }
    if let Some(dependencies) = &options.dependencies {
        for problem in dependencies.check(path, &image, &options.target).problems() {
            line("", &problem);
        }
    }
}

fn measure(files: &[(PathBuf, FileName)], options: &Options, rounds: u32) {
    let inspect = |part: &[(PathBuf, FileName)]| {
        let mut modules = 0;
        for (path, name) in part {
            if let Ok(image) = Image::read(path) {
                modules += u32::from(classify(path, &image, name, &options.target).is_module());
                if let Some(dependencies) = &options.dependencies {
                    std::hint::black_box(dependencies.check(path, &image, &options.target));
                }
            }
        }
        modules
    };
    for _ in 0..rounds {
        let start = Instant::now();
        let modules = inspect(files);
        let one = start.elapsed();
        let (first, second) = files.split_at(files.len() / 2);
        let start = Instant::now();
        std::thread::scope(|scope| {
            scope.spawn(|| inspect(first));
            inspect(second);
        });
        println!(
            "{} files, {modules} modules: {:.2} ms on one thread, {:.2} ms on two",
            files.len(),
            one.as_secs_f64() * 1e3,
            start.elapsed().as_secs_f64() * 1e3
        );
    }
}

fn main() -> Result<(), String> {
    let options = options()?;
    let mut found = Vec::new();
    for directory in &options.directories {
        files(directory, &mut found);
    }
    found.sort_by(|one, other| one.0.cmp(&other.0));
    if let Some(rounds) = options.rounds {
        measure(&found, &options, rounds);
        return Ok(());
    }
    for (path, name) in &found {
        report(path, name, &options);
    }
    Ok(())
}
