//! What lies in a directory: files that could be modules, in a fixed order. Opens none of them and needs
//! no GIL.

use nexus_abi::{Failure, NexusStatus, Result};
use nexus_inspect::{Detail, FileName, Problem};
use std::fs::{DirEntry, Metadata};
use std::path::{Path, PathBuf};

/// A name in the directory with a suffix of binary modules.
pub struct Found {
    /// The module's name; what is not UTF-8 in it is replaced by `\u{fffd}`.
    pub name: String,
    /// The absolute path.
    pub path: PathBuf,
    /// With every link resolved: what makes two names the same file.
    pub real_path: PathBuf,
    /// The parts of its name.
    pub file_name: FileName,
    /// Why it cannot be a module, as far as the directory tells.
    pub problem: Option<Problem>,
}

/// The absolute path of the directory.
pub fn folder(bin_path: &Path) -> Result<PathBuf> {
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

/// The names in a directory, sorted by their bytes: the file system's own order differs from machine to
/// machine.
pub fn scan(folder: &Path) -> Result<Vec<Found>> {
    let real_folder = folder
        .canonicalize()
        .map_err(|error| unreadable(folder, &error))?;
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(|error| unreadable(folder, &error))? {
        let entry = entry.map_err(|error| unreadable(folder, &error))?;
        if let Some(file_name) = FileName::parse(&entry.file_name()) {
            found.push(look(&entry, file_name, &real_folder));
        }
    }
    found.sort_by(|one, other| one.path.as_os_str().cmp(other.path.as_os_str()));
    Ok(found)
}

fn look(entry: &DirEntry, file_name: FileName, real_folder: &Path) -> Found {
    let path = entry.path();
    let is_link = entry.file_type().is_ok_and(|kind| kind.is_symlink());
    // Resolving a path costs a system call for each of its parts, so only links pay for it.
    let real_path = if is_link {
        path.canonicalize().ok()
    } else {
        Some(real_folder.join(entry.file_name()))
    };
    let problem = match std::fs::metadata(&path) {
        Ok(metadata) if metadata.is_file() => None,
        Ok(metadata) => Some(Problem {
            detail: Detail::NOT_REGULAR_FILE,
            message: format!("it is {}, not a file", kind_of(&metadata)),
        }),
        Err(_) if is_link => Some(Problem {
            detail: Detail::BROKEN_LINK,
            message: "it is a symbolic link that leads nowhere".into(),
        }),
        Err(error) => Some(Problem {
            detail: Detail::VANISHED,
            message: error.to_string(),
        }),
    };
    Found {
        name: file_name.stem.to_string_lossy().into_owned(),
        real_path: real_path.unwrap_or_else(|| path.clone()),
        path,
        file_name,
        problem,
    }
}

fn kind_of(metadata: &Metadata) -> &'static str {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        let kind = metadata.file_type();
        if kind.is_fifo() {
            return "a FIFO";
        }
        if kind.is_socket() {
            return "a socket";
        }
        if kind.is_block_device() || kind.is_char_device() {
            return "a device";
        }
    }
    if metadata.is_dir() {
        "a directory"
    } else {
        "something else"
    }
}
