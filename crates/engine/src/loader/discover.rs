//! What lies in a directory: files that could be modules, in a fixed order. Opens none of them and needs
//! no GIL.

use crate::loader::package::Place;
use crate::log::log;
use nexus_abi::log::NexusLogLevel::NEXUS_LOG_WARNING;
use nexus_abi::{Failure, NexusStatus, Result};
use nexus_inspect::{FileName, Image, Problem};
use std::collections::HashSet;
use std::fs::DirEntry;
use std::path::{Path, PathBuf};

/// A name in the directory with a suffix of binary modules.
pub struct Found {
    /// The module's dotted name, as `nexus_loader_get` always takes it; what is not UTF-8 in it is replaced by
    /// `\u{fffd}`.
    pub name: String,
    /// The last part of its name, which `nexus_loader_get` takes where it is unambiguous; of a package's `__init__`
    /// the package's.
    pub stem: String,
    /// What Python calls it: without the folder that tells it from another of the same stem.
    pub load_name: String,
    /// The folder that belongs on `sys.path` to import it by that name; `None` to load it by its path.
    pub root: Option<PathBuf>,
    /// The absolute path, so that a host may change its directory; empty for a name without a file.
    pub path: PathBuf,
    /// With every link resolved: what makes two names the same file.
    pub real_path: PathBuf,
    /// The parts of its name.
    pub file_name: FileName,
    /// Why it cannot be a module, as far as the directory tells.
    pub problem: Option<Problem>,
    /// Whether the directory says that it is a regular file, and not a link to one.
    #[cfg_attr(not(unix), allow(dead_code))]
    pub regular: bool,
}

/// The absolute path of the directory.
pub fn directory(bin_path: &Path) -> Result<PathBuf> {
    let shown = bin_path.display();
    let metadata = std::fs::metadata(bin_path).map_err(|error| {
        let (status, text) = match error.kind() {
            std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory => (
                NexusStatus::NEXUS_ERR_NOT_FOUND,
                format!("Binary path does not exist: {shown}"),
            ),
            _ => (
                NexusStatus::NEXUS_ERR_IO,
                format!("Binary path cannot be read: {shown}: {error}"),
            ),
        };
        Failure::new(status, text).at_path(bin_path)
    })?;
    if !metadata.is_dir() {
        return Err(Failure::new(
            NexusStatus::NEXUS_ERR_NOT_A_DIRECTORY,
            format!("Binary path is not a directory: {shown}"),
        )
        .at_path(bin_path));
    }
    std::path::absolute(bin_path).map_err(|error| unreadable(bin_path, &error))
}

fn unreadable(path: &Path, error: &std::io::Error) -> Box<Failure> {
    Failure::new(
        NexusStatus::NEXUS_ERR_IO,
        format!("Binary path cannot be read: {}: {error}", path.display()),
    )
    .at_path(path)
}

/// The names in a directory, and with `recursive` in all folders below it, sorted by their bytes: the file
/// system's own order differs from machine to machine.
pub fn scan(folder: &Path, place: Place, recursive: bool) -> Result<Vec<Found>> {
    let mut found = Vec::new();
    let mut seen = HashSet::new();
    let mut folders = vec![(folder.to_path_buf(), place)];
    while let Some((folder, place)) = folders.pop() {
        let mut read = || -> std::io::Result<()> {
            let real_folder = nexus_abi::path::real(&folder)?;
            // A link can lead back up.
            if !seen.insert(real_folder.clone()) {
                return Ok(());
            }
            // Sorted here, so that there is next to nothing left to sort.
            let mut entries = std::fs::read_dir(&folder)?.collect::<std::io::Result<Vec<_>>>()?;
            entries.sort_by_cached_key(DirEntry::file_name);
            for entry in entries {
                if let Some(file_name) = FileName::parse(&entry.file_name()) {
                    found.push(look(&entry, file_name, &real_folder, &place));
                }
                // `x.so` may be a folder; it is reported, and not descended into.
                else if recursive && entry.path().is_dir() && !is_cache(&entry) {
                    folders.push((entry.path(), place.of_child(&folder, &entry.path())));
                }
            }
            Ok(())
        };
        match read() {
            Ok(()) => {}
            Err(error) if seen.len() <= 1 => return Err(unreadable(&folder, &error)),
            Err(error) => log(NEXUS_LOG_WARNING, || {
                format!("folder {} cannot be read: {error}", folder.display())
            }),
        }
    }
    found.sort_by(|one, other| one.path.as_os_str().cmp(other.path.as_os_str()));
    Ok(found)
}

fn is_cache(entry: &DirEntry) -> bool {
    entry.file_name() == "__pycache__"
}

fn look(entry: &DirEntry, file_name: FileName, real_folder: &Path, place: &Place) -> Found {
    let path = entry.path();
    // Most file systems tell the kind with the name, so that a regular file costs no system call.
    let kind = entry.file_type();
    let is_link = kind.as_ref().is_ok_and(|kind| kind.is_symlink());
    // Resolving a path costs a system call for each of its parts, so only links pay for it.
    let real_path = if is_link {
        nexus_abi::path::real(&path).ok()
    } else {
        Some(real_folder.join(entry.file_name()))
    };
    let regular = kind.is_ok_and(|kind| kind.is_file());
    let problem = if regular || std::fs::metadata(&path).is_ok_and(|it| it.is_file()) {
        None
    } else {
        // It says what there is instead, or what kind of link, and opens nothing but files.
        Image::read(&path).err()
    };
    let stem = file_name.stem.to_string_lossy();
    let name = place.module_name(&stem);
    Found {
        stem: match &place {
            Place::Package { .. } => name.rsplit('.').next().unwrap_or(&name).to_string(),
            Place::Plain { .. } => stem.to_string(),
        },
        load_name: match &place {
            Place::Package { .. } => name.clone(),
            Place::Plain { .. } => stem.into_owned(),
        },
        name,
        root: place.root().map(Path::to_path_buf),
        real_path: real_path.unwrap_or_else(|| path.clone()),
        path,
        file_name,
        problem,
        regular,
    }
}
