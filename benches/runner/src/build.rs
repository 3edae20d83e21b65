//! Compiles the contestants and the modules, for one Python.

use nexus_tests::compile::{self, Job};
use nexus_tests::pythons::Python;
use nexus_tests::{paths, process};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// How many modules the folders have.
pub const SIZES: [usize; 3] = [10, 100, 1000];
const PYBIND11: &str = "pybind11==3.1.0";

/// Where everything lies.
pub struct Built {
    /// The program that runs the contestants.
    pub driver: PathBuf,
    /// The program that inspects a folder.
    pub inspect: PathBuf,
    /// The folder of the module whose functions are called.
    pub callee: PathBuf,
    /// The contestants' libraries.
    pub nexus: PathBuf,
    /// The same with prepared calls.
    pub nexus_prepared: PathBuf,
    /// Both from C++.
    pub nexus_cpp: PathBuf,
    /// The raw C API.
    pub capi: PathBuf,
    /// Loops inside Python.
    pub inside_python: PathBuf,
    /// pybind11.
    pub pybind11: PathBuf,
    /// PyO3.
    pub pyo3: PathBuf,
}

fn output() -> PathBuf {
    paths::root().join("target/bench")
}

fn source(path: &str) -> PathBuf {
    paths::root().join("benches").join(path)
}

/// The folder of that many modules.
pub fn modules(count: usize) -> PathBuf {
    output().join("modules").join(count.to_string())
}

/// Builds what is not up to date.
pub fn all(python: &Python) -> Result<Built, String> {
    let pybind11 = pybind11_headers(python)?;
    build_modules(python)?;
    let here = output().join(&python.tag);
    let built = Built {
        driver: output().join("driver"),
        inspect: output().join("inspect"),
        callee: here.join("callee"),
        nexus: output().join("libbench_nexus.so"),
        nexus_prepared: output().join("libbench_nexus_prepared.so"),
        nexus_cpp: output().join("libbench_nexus_cpp.so"),
        capi: here.join("libbench_capi.so"),
        inside_python: here.join("libbench_inside_python.so"),
        pybind11: here.join("libbench_pybind11.so"),
        pyo3: build_pyo3()?,
    };
    let c = |output: &Path, sources: &[&str]| {
        Job::new("gcc", output.into())
            .with(["-std=c11", "-O2", "-g", "-Wall", "-Wextra", "-Werror"])
            .with(
                sources
                    .iter()
                    .map(|name| source(name).display().to_string()),
            )
    };
    let front = |job: Job| {
        let libraries = paths::libraries().display().to_string();
        job.with([
            format!("-I{}", paths::include().display()),
            format!("-L{libraries}"),
            "-lnexus_loader".into(),
            format!("-Wl,-rpath,{libraries}"),
        ])
    };
    let shared = |job: Job| job.with(["-fPIC", "-shared"]);
    let cpp = |output: &Path, name: &str| {
        Job::new("g++", output.into())
            .with(["-std=c++17", "-O2", "-g", "-Wall", "-Wextra", "-Werror"])
            .with(["-fvisibility=hidden"])
            .with([source(name).display().to_string()])
    };
    let headers = format!("-isystem{}", python.include.display());
    let libpython = |job: Job| {
        let folder = python.library.parent().unwrap_or(Path::new("/")).display();
        job.with([
            headers.clone(),
            python.library.display().to_string(),
            format!("-Wl,-rpath,{folder}"),
        ])
    };
    let loops = format!("-DBENCH_LOOPS=\"{}\"", source("python/loops.py").display());
    let jobs = [
        c(&built.driver, &["hosts/driver.c", "hosts/samples.c"]).with(["-ldl", "-pthread"]),
        front(c(&built.inspect, &["hosts/inspect.c", "hosts/samples.c"])).with(["-pthread"]),
        front(shared(c(&built.nexus, &["hosts/nexus.c"]))),
        front(shared(c(
            &built.nexus_prepared,
            &["hosts/nexus_prepared.c"],
        ))),
        front(shared(cpp(&built.nexus_cpp, "hosts/nexus.cpp"))),
        shared(c(&built.callee.join("callee.so"), &["modules/callee.c"])).with([headers.clone()]),
        libpython(shared(c(&built.capi, &["hosts/capi.c"]))),
        libpython(shared(c(&built.inside_python, &["hosts/inside_python.c"])).with([loops])),
        libpython(
            shared(cpp(&built.pybind11, "hosts/pybind11.cpp"))
                .with([format!("-isystem{}", pybind11.display())]),
        ),
    ];
    compile::all(&jobs).into_iter().collect::<Result<(), _>>()?;
    Ok(built)
}

/// The modules are built once: for the stable ABI, so that all Pythons load the same files.
fn build_modules(python: &Python) -> Result<(), String> {
    let most = SIZES[SIZES.len() - 1];
    let made = output().join("modules/made");
    // One name for the headers, whichever Python's they are: the next Python does not build them again.
    let headers = output().join("modules/headers");
    if !headers.join("Python.h").is_file() {
        let _ = fs::remove_file(&headers);
        fs::create_dir_all(&made)
            .and_then(|()| symlink(&python.include, &headers))
            .map_err(|error| format!("{}: {error}", headers.display()))?;
    }
    let file = |index: usize| format!("many_{index:04}.so");
    let jobs: Vec<Job> = (0..most)
        .map(|index| {
            Job::new("gcc", made.join(file(index)))
                .with([
                    "-std=c11", "-O2", "-fPIC", "-shared", "-Wall", "-Wextra", "-Werror",
                ])
                .with([format!("-isystem{}", headers.display())])
                .with([format!("-DNUMBER={index:04}")])
                .with([source("modules/one_of_many.c").display().to_string()])
        })
        .collect();
    let is_there = |index: usize| made.join(file(index)).is_file();
    if !(0..most).all(is_there) {
        eprintln!("bench: compiling {most} modules, once");
    }
    compile::all(&jobs).into_iter().collect::<Result<(), _>>()?;
    for size in SIZES {
        let folder = modules(size);
        let link = || -> std::io::Result<()> {
            let _ = fs::remove_dir_all(&folder);
            fs::create_dir_all(&folder)?;
            (0..size).try_for_each(|i| fs::hard_link(made.join(file(i)), folder.join(file(i))))
        };
        link().map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    // Pages that are not on the disk yet cannot be dropped from memory later.
    rustix::fs::sync();
    Ok(())
}

fn build_pyo3() -> Result<PathBuf, String> {
    let target = output().join("pyo3");
    let mut command = Command::new("cargo");
    command
        .args(["build", "--release", "--quiet", "--manifest-path"])
        .arg(source("pyo3/Cargo.toml"))
        .arg("--target-dir")
        .arg(&target)
        // No libpython in it: one build serves all Pythons.
        .envs([
            ("PYO3_BUILD_EXTENSION_MODULE", "1"),
            ("PYO3_NO_PYTHON", "1"),
        ]);
    process::success(&mut command, Duration::from_secs(600))?;
    Ok(target.join("release/libbench_pyo3.so"))
}

fn pybind11_headers(python: &Python) -> Result<PathBuf, String> {
    let folder = output().join(PYBIND11);
    let headers = folder.join("pybind11/include");
    if !headers.is_dir() {
        let mut command = Command::new(&python.executable);
        command
            .args(["-m", "pip", "install", "--quiet", "--no-deps", "--target"])
            .arg(&folder)
            .arg(PYBIND11)
            .env("PIP_DISABLE_PIP_VERSION_CHECK", "1");
        process::success(&mut command, Duration::from_secs(300))?;
    }
    Ok(headers)
}
