//! From a path that names a Python to the Python: by its layout where that is unambiguous, otherwise by
//! asking its interpreter.

use super::ask::{self, Answer};
use super::installation::{Installation, missing_landmark};
use super::platform;
use super::release::{NEWEST, OLDEST, Release};
use super::venv::Venv;
use std::path::{Path, PathBuf};

/// What a path names: an interpreter, a virtual environment, an installation's prefix, or a libpython.
/// The error says why it cannot be used.
pub fn resolve(path: &Path) -> Result<Installation, String> {
    let path =
        std::path::absolute(path).map_err(|error| format!("it is not a valid path: {error}"))?;
    let metadata = path.metadata().map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => "it does not exist".to_owned(),
        _ => format!("it cannot be read: {error}"),
    })?;
    if metadata.is_dir() {
        return folder(&platform::installation_in(&path));
    }
    if !metadata.is_file() {
        return Err("it is neither a file nor a directory".to_owned());
    }
    let name = file_name(&path);
    if platform::is_stub_name(&name) {
        return Err(
            "it is the stable ABI's stub with no interpreter in it; name the libpython beside it"
                .to_owned(),
        );
    }
    // A link with a name of its own may lead to one: macOS's Python.framework/Python.
    let leads_to_library = |path: &Path| {
        nexus_abi::path::real(path).is_ok_and(|real| platform::version_of_library(&real).is_some())
    };
    if platform::version_of_library(&path).is_some() || leads_to_library(&path) {
        return library(&path);
    }
    program(&path)
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}

fn folder(path: &Path) -> Result<Installation, String> {
    if let Some(venv) = Venv::read(path) {
        let program = first_file(platform::programs(path)).ok_or_else(|| {
            format!(
                "it is a virtual environment without an interpreter: {}",
                looked_for(path)
            )
        })?;
        return venv_program(&program, venv);
    }
    if let Some(found) = first_file(platform::programs(path)) {
        return program(&found);
    }
    for release in releases() {
        if let Some(found) = shared_library(path, &release)? {
            return library(&found);
        }
    }
    Err(format!(
        "it is neither a virtual environment nor an installation: {}",
        looked_for(path)
    ))
}

fn looked_for(prefix: &Path) -> String {
    let first = platform::programs(prefix)
        .into_iter()
        .next()
        .unwrap_or_default();
    format!("there is no {}", first.display())
}

/// The releases that can be used, the newest first.
pub fn releases() -> impl Iterator<Item = Release> {
    (OLDEST.1..=NEWEST.1).rev().map(|minor| Release {
        major: 3,
        minor,
        flags: String::new(),
    })
}

/// The first of these that is a file.
pub fn first_file(paths: Vec<PathBuf>) -> Option<PathBuf> {
    paths.into_iter().find(|path| path.is_file())
}

/// From an interpreter, or a script that stands for one.
fn program(path: &Path) -> Result<Installation, String> {
    let path = &platform::real_program(path)?;
    if let Some(venv) = Venv::of_program(path) {
        return venv_program(path, venv);
    }
    let Ok(real) = nexus_abi::path::real(path) else {
        return Err("it cannot be resolved".to_owned());
    };
    if let Some(release) = release_of_program(&real) {
        usable(&release)?;
        if let Some(base) = real
            .parent()
            .map(|folder| read(folder, &release))
            .transpose()?
            .flatten()
        {
            return Ok(Installation {
                program: path.to_owned(),
                base_program: path.to_owned(),
                ..base
            });
        }
    }
    asked(path, None).map_err(|why| match incomplete_library(&real) {
        Some(missing) => format!("{why}; there is no {}", missing.display()),
        None => why,
    })
}

/// What is missing in the standard library that the layout suggests, for a better text.
fn incomplete_library(real: &Path) -> Option<PathBuf> {
    let release = release_of_program(real)?;
    let places = platform::standard_libraries(real.parent()?.parent()?, &release.to_string());
    let missing: Option<Vec<PathBuf>> =
        places.iter().map(|place| missing_landmark(place)).collect();
    missing?.into_iter().next()
}

/// From the interpreter of a virtual environment.
fn venv_program(path: &Path, venv: Venv) -> Result<Installation, String> {
    if let Some(other) = venv
        .implementation
        .as_ref()
        .filter(|name| !name.eq_ignore_ascii_case("cpython"))
    {
        return Err(format!(
            "it is a virtual environment of {other}, not of CPython"
        ));
    }
    if let Some(release) = &venv.release {
        usable(release)?;
    }
    // A link leads to the interpreter; a copy has one of that name, or of the version's, at home.
    let real = nexus_abi::path::real(path)
        .ok()
        .filter(|real| !real.starts_with(&venv.root) && release_of_program(real).is_some());
    let base_program = real.clone().or_else(|| {
        let mut names = vec![venv.home.join(file_name(path))];
        names.extend(
            venv.release
                .iter()
                .map(|release| venv.home.join(format!("python{release}"))),
        );
        names.extend(platform::programs(venv.home.parent().unwrap_or(&venv.home)));
        first_file(names)
    });
    let real = real.or_else(|| nexus_abi::path::real(base_program.as_ref()?).ok());
    if let Some(release) = real.as_deref().and_then(release_of_program) {
        usable(&release)?;
        matches_venv(&venv, &release)?;
        // As CPython does: the standard library is searched from `home` upwards, links not followed.
        if let (Some(base), Some(base_program)) = (read(&venv.home, &release)?, base_program) {
            return Ok(Installation {
                program: path.to_owned(),
                base_program,
                prefix: venv.root,
                ..base
            });
        }
    }
    asked(path, Some(venv))
}

fn matches_venv(venv: &Venv, release: &Release) -> Result<(), String> {
    match &venv.release {
        Some(made_for) if !made_for.same_minor(release) => Err(format!(
            "its pyvenv.cfg was made for Python {made_for}, but its interpreter is Python {release}; make it anew"
        )),
        _ => Ok(()),
    }
}

fn usable(release: &Release) -> Result<(), String> {
    release.refusal().map_or(Ok(()), Err)
}

/// The version in the name of a program that is no script.
fn release_of_program(real: &Path) -> Option<Release> {
    let release = Release::exact(&platform::version_of_program(real)?)?;
    (!is_script(real)).then_some(release)
}

fn is_script(file: &Path) -> bool {
    use std::io::Read;
    let mut start = [0; 2];
    std::fs::File::open(file)
        .and_then(|mut file| file.read_exact(&mut start))
        .is_ok()
        && start == *b"#!"
}

/// The installation around the folder of an interpreter, if the layout alone tells what it is: the
/// first folder upwards that has the standard library (`Modules/getpath.py`), with the libpython in it.
fn read(folder: &Path, release: &Release) -> Result<Option<Installation>, String> {
    let Some((prefix, standard_library)) = prefix_around(folder, release) else {
        return Ok(None);
    };
    let Some(library) = shared_library(&prefix, release)? else {
        return Ok(None);
    };
    let program = platform::program_of(&prefix, &release.to_string());
    Ok(Some(Installation {
        release: release.clone(),
        library,
        base_program: program.clone(),
        program,
        base_prefix: prefix.clone(),
        prefix,
        standard_library,
    }))
}

fn prefix_around(folder: &Path, release: &Release) -> Option<(PathBuf, PathBuf)> {
    // A debug build has its standard library under the plain version.
    let version = release.to_string().replace('d', "");
    // The root itself is no prefix for getpath, either.
    folder
        .ancestors()
        .take_while(|prefix| prefix.parent().is_some())
        .find_map(|prefix| {
            let mut places = platform::zipped_standard_libraries(prefix, &version);
            places.extend(platform::standard_libraries(prefix, &version));
            let found = places
                .into_iter()
                .find(|place| missing_landmark(place).is_none())?;
            Some((prefix.to_owned(), found))
        })
}

/// The libpython in an installation. One of another architecture is passed over, and is the error when
/// there is no other.
fn shared_library(prefix: &Path, release: &Release) -> Result<Option<PathBuf>, String> {
    let names = platform::library_names(&release.to_string());
    let places = platform::library_folders(prefix);
    first_own(
        places
            .iter()
            .flat_map(|folder| names.iter().map(move |name| folder.join(name)))
            .filter(|file| platform::version_of_library(file).is_some()),
    )
}

fn first_own(files: impl Iterator<Item = PathBuf>) -> Result<Option<PathBuf>, String> {
    let mut foreign = Ok(None);
    for file in files.filter(|file| file.is_file()) {
        // A link's target is what gets mapped, and what other programs are linked with.
        let file = nexus_abi::path::real(&file).unwrap_or(file);
        match platform::foreign_library(&file) {
            None => return Ok(Some(file)),
            Some(reason) => foreign = Err(format!("{}: {reason}", file.display())),
        }
    }
    foreign
}

/// From a libpython: its installation is the folder above that has the standard library.
pub fn library(path: &Path) -> Result<Installation, String> {
    let real =
        nexus_abi::path::real(path).map_err(|error| format!("it cannot be resolved: {error}"))?;
    if let Some(reason) = platform::foreign_library(&real) {
        return Err(reason);
    }
    let name = file_name(&real);
    let release = platform::version_of_library(&real)
        .and_then(|version| Release::exact(&version))
        .ok_or_else(|| format!("its name, {name}, does not tell its version"))?;
    usable(&release)?;
    // Searched from the name that was given, then from the file that it leads to.
    let found = [path, &real]
        .into_iter()
        .find_map(|file| prefix_around(file.parent()?, &release));
    let Some((prefix, standard_library)) = found else {
        let expected = real
            .parent()
            .and_then(Path::parent)
            .and_then(|prefix| {
                platform::standard_libraries(prefix, &release.to_string())
                    .into_iter()
                    .next()
            })
            .unwrap_or_default();
        return Err(format!(
            "its standard library is missing: there is no {}, nor in a folder above; name the interpreter instead",
            expected.join("encodings").join("__init__.py").display()
        ));
    };
    let program = platform::program_of(&prefix, &release.to_string());
    Ok(Installation {
        release,
        library: real,
        base_program: program.clone(),
        program,
        base_prefix: prefix.clone(),
        prefix,
        standard_library,
    })
}

/// What the interpreter itself says.
fn asked(path: &Path, venv: Option<Venv>) -> Result<Installation, String> {
    let answer = ask::ask(path)?;
    let release = answer.release().ok_or("it does not tell its version")?;
    usable(&release)?;
    if answer.implementation() != "cpython" {
        return Err(format!("it is {}, not CPython", answer.implementation()));
    }
    let program = answer
        .executable()
        .ok_or("it does not tell its sys.executable")?;
    // A wrapper script may lead into a virtual environment.
    let venv = venv.or_else(|| Venv::of_program(&program));
    if let Some(venv) = &venv {
        matches_venv(venv, &release)?;
    }
    let base_prefix = answer
        .base_prefix()
        .ok_or("it does not tell its sys.base_prefix")?;
    let standard_library = answer
        .standard_library()
        .ok_or("it does not tell where its standard library is")?;
    if let Some(missing) = missing_landmark(&standard_library) {
        return Err(format!(
            "its standard library is incomplete: there is no {}",
            missing.display()
        ));
    }
    let library = library_of(&answer, &release, &base_prefix)?;
    let base_program = answer.base_executable().filter(|program| program.is_file());
    Ok(Installation {
        release,
        library,
        base_program: base_program.unwrap_or_else(|| program.clone()),
        program,
        prefix: venv.map_or_else(|| base_prefix.clone(), |venv| venv.root),
        base_prefix,
        standard_library,
    })
}

fn library_of(answer: &Answer, release: &Release, base_prefix: &Path) -> Result<PathBuf, String> {
    if let Some(own) = first_own(answer.libraries().into_iter())? {
        return Ok(own);
    }
    // A static interpreter may have a shared sibling: Debian's python3.11 and libpython3.11 do.
    if let Some(sibling) = shared_library(base_prefix, release)? {
        return Ok(sibling);
    }
    let mut looked: Vec<String> = answer
        .libraries()
        .iter()
        .filter_map(|file| file.parent())
        .map(show)
        .collect();
    looked.extend(
        platform::library_folders(base_prefix)
            .iter()
            .map(|folder| show(folder)),
    );
    let mut seen = Vec::new();
    looked.retain(|folder| {
        let new = !seen.contains(folder);
        seen.push(folder.clone());
        new
    });
    Err(format!(
        "it is statically linked and has no {} (looked in {}); {}",
        platform::library_names(&release.to_string())[0],
        looked.join(", "),
        platform::how_to_get_library(&release.to_string())
    ))
}

fn show(path: &Path) -> String {
    path.display().to_string()
}
