//! A directory whose files are opened without ever leaving it.

use cap_std::fs::{Dir, OpenOptions, OpenOptionsExt};
use std::fs::File;
use std::io;
use std::path::{Component, Path, PathBuf};

/// An opened directory. It stays the same one, whatever happens to its path.
pub struct Folder {
    /// As the host spelled it, made absolute.
    given: PathBuf,
    /// With every link resolved.
    real: PathBuf,
    dir: Dir,
    #[cfg(unix)]
    identity: Identity,
}

/// Device and inode.
#[cfg(unix)]
type Identity = (u64, u64);

/// Why a file was not opened.
pub enum Refusal {
    /// The path leads out of the directory.
    Outside,
    /// It is a directory, FIFO, socket or device.
    NotRegular,
    /// The system said no.
    Io(io::Error),
}

/// Why others may have changed something.
#[cfg_attr(windows, allow(dead_code))]
pub enum Distrust {
    /// The mode lets the group or everyone write; the low twelve bits.
    Writable(u32),
    /// The owner's number.
    Owner(u32),
}

impl Folder {
    /// Opens it.
    pub fn open(path: &Path) -> io::Result<Self> {
        let given = std::path::absolute(path)?;
        let real = nexus_abi::path::real(&given)?;
        let dir = Dir::open_ambient_dir(&real, cap_std::ambient_authority())?;
        Ok(Self {
            given,
            real,
            #[cfg(unix)]
            identity: {
                use cap_std::fs::MetadataExt;
                let metadata = dir.dir_metadata()?;
                (metadata.dev(), metadata.ino())
            },
            dir,
        })
    }

    /// Its path with every link resolved, as it was when it was opened.
    pub fn real(&self) -> &Path {
        &self.real
    }

    /// The path of a file relative to this directory, whichever way the directory itself was spelled.
    /// `None`: the path is not below this directory. Links below it are not looked at.
    pub fn relative(&self, path: &Path) -> Option<PathBuf> {
        for base in [&self.given, &self.real] {
            if let Ok(rest) = path.strip_prefix(base)
                && is_plain(rest)
            {
                return Some(rest.into());
            }
        }
        let mut path = std::path::absolute(path).ok()?;
        if path.components().any(|part| part == Component::ParentDir) {
            path = nexus_abi::path::real(path.parent()?)
                .ok()?
                .join(path.file_name()?);
        }
        path.ancestors()
            .skip(1)
            .find(|ancestor| self.is_at(ancestor))
            .and_then(|ancestor| path.strip_prefix(ancestor).ok())
            .map(Path::to_path_buf)
    }

    #[cfg(unix)]
    fn is_at(&self, path: &Path) -> bool {
        use std::os::unix::fs::MetadataExt;
        std::fs::metadata(path).is_ok_and(|found| (found.dev(), found.ino()) == self.identity)
    }

    #[cfg(windows)]
    fn is_at(&self, path: &Path) -> bool {
        nexus_abi::path::real(path).is_ok_and(|real| real == self.real)
    }

    /// The path relative to this directory with every link resolved.
    pub fn resolve(&self, relative: &Path) -> Result<PathBuf, Refusal> {
        self.dir.canonicalize(relative).map_err(refusal)
    }

    /// Opens a regular file below this directory for reading. Links may lead about inside the directory,
    /// not out of it, at no moment: the kernel sees to that (`openat2` with `RESOLVE_BENEATH`), or where it
    /// cannot, a walk that opens each part of the path by itself. Never waits for a FIFO.
    pub fn open_file(&self, relative: &Path) -> Result<File, Refusal> {
        // What is not a file is not even opened: opening a device may do something.
        let metadata = self.dir.metadata(relative).map_err(refusal)?;
        if !metadata.is_file() {
            return Err(Refusal::NotRegular);
        }
        let mut options = OpenOptions::new();
        options.read(true);
        #[cfg(unix)]
        options.custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY);
        // Nobody can write to it, replace it or delete it until it is closed.
        #[cfg(windows)]
        options.share_mode(windows_sys::Win32::Storage::FileSystem::FILE_SHARE_READ);
        let file = self
            .dir
            .open_with(relative, &options)
            .map_err(refusal)?
            .into_std();
        if !file.metadata().map_err(Refusal::Io)?.is_file() {
            return Err(Refusal::NotRegular);
        }
        Ok(file)
    }

    /// Not told on Windows: see `AllowList::trust_only_owner`.
    #[cfg(windows)]
    pub fn distrust(&self, _relative: &Path) -> Result<Option<(PathBuf, Distrust)>, Refusal> {
        Ok(None)
    }

    /// Whether somebody other than root and this process's user may change what lies here: the directory,
    /// those on the way to the file, and the file itself. Gives the first such path.
    #[cfg(unix)]
    pub fn distrust(&self, relative: &Path) -> Result<Option<(PathBuf, Distrust)>, Refusal> {
        let real = self.resolve(relative)?;
        // Through links both ways count.
        let both = [relative, &real];
        let mut paths: Vec<&Path> = both.into_iter().flat_map(Path::ancestors).collect();
        paths.sort();
        paths.dedup();
        for path in paths {
            let metadata = if path.as_os_str().is_empty() {
                self.dir.dir_metadata()
            } else {
                self.dir.metadata(path)
            }
            .map_err(refusal)?;
            use cap_std::fs::MetadataExt;
            if let Some(distrust) = distrust(metadata.uid(), metadata.mode()) {
                return Ok(Some((self.given.join(path), distrust)));
            }
        }
        Ok(None)
    }
}

/// The same for anything whose owner and mode are known.
#[cfg(unix)]
pub fn distrust(owner: u32, mode: u32) -> Option<Distrust> {
    if owner != 0 && owner != rustix::process::geteuid().as_raw() {
        return Some(Distrust::Owner(owner));
    }
    (mode & 0o022 != 0).then_some(Distrust::Writable(mode & 0o7777))
}

fn is_plain(path: &Path) -> bool {
    let mut parts = path.components().peekable();
    parts.peek().is_some() && parts.all(|part| matches!(part, Component::Normal(_)))
}

/// cap-std's own error for a path that leads out has no number of the system.
fn refusal(error: io::Error) -> Refusal {
    if error.kind() == io::ErrorKind::PermissionDenied && error.raw_os_error().is_none() {
        Refusal::Outside
    } else {
        Refusal::Io(error)
    }
}
