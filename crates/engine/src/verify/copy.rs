//! A file's bytes where nobody can change them any more, under a path that the linker takes.
//!
//! On Linux a sealed memfd: no process can write to it, whoever it is (`man 2 F_ADD_SEALS`). Elsewhere, and
//! where memfds or `/proc` are forbidden, a file in a directory that only this user can enter.

use super::list::Sum;
use sha2::{Digest, Sha256};
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::{Path, PathBuf};

/// No module comes near it, and an unlisted file must not fill the memory before its sum is known.
const MOST_BYTES: u64 = 4 << 30;

/// The bytes of a file at one moment. The path is valid while this lives; what was mapped stays mapped.
pub struct Copy {
    path: PathBuf,
    file: File,
    #[cfg(unix)]
    _folder: Option<tempfile::TempDir>,
}

impl Copy {
    /// The file itself: as `Folder` opens files, nobody can write to, replace or delete them until they are
    /// closed; and what is mapped as code stays so.
    #[cfg(windows)]
    pub fn of(source: &File, _name: &OsStr) -> io::Result<Self> {
        if source.metadata()?.len() > MOST_BYTES {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        Ok(Self {
            path: final_path(source)?,
            file: source.try_clone()?,
        })
    }

    /// Copies an open file. `name` is what debuggers show.
    #[cfg(unix)]
    pub fn of(source: &File, name: &OsStr) -> io::Result<Self> {
        #[cfg(target_os = "linux")]
        if let Some(memory) = memory::new(name)? {
            fill(source, &memory.file)?;
            memory::seal(&memory.file)?;
            return Ok(memory);
        }
        private(source, name)
    }

    /// Under this path the linker and everybody else of this process finds the copy. No other copy of this
    /// process ever has the same path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The sum of the copy's bytes.
    pub fn sum(&self) -> io::Result<Sum> {
        let mut hasher = Sha256::new();
        let mut file = &self.file;
        let mut buffer = vec![0; 128 << 10];
        file.rewind()?;
        loop {
            match file.read(&mut buffer) {
                Ok(0) => return Ok(hasher.finalize().into()),
                Ok(count) => hasher.update(&buffer[..count]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// All bytes.
    pub fn bytes(&self) -> io::Result<Vec<u8>> {
        let mut file = &self.file;
        let mut bytes = Vec::new();
        file.rewind()?;
        file.read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

#[cfg(unix)]
fn fill(source: &File, mut target: &File) -> io::Result<()> {
    let count = io::copy(&mut source.take(MOST_BYTES + 1), &mut target)?;
    if count > MOST_BYTES {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    Ok(())
}

/// In a new directory of mode 0700; other users, root aside, cannot reach the file.
#[cfg(unix)]
pub(super) fn private(source: &File, name: &OsStr) -> io::Result<Copy> {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::Builder::new()
        .prefix("nexus_loader-")
        .permissions(std::fs::Permissions::from_mode(0o700))
        .tempdir()?;
    let path = folder.path().join(name);
    let file = File::create_new(&path)?;
    fill(source, &file)?;
    drop(file);
    Ok(Copy {
        file: File::open(&path)?,
        path,
        _folder: Some(folder),
    })
}

/// The path of an open file with every link resolved.
#[cfg(windows)]
pub(super) fn final_path(file: &File) -> io::Result<PathBuf> {
    use std::os::windows::io::AsRawHandle;
    use windows_sys::Win32::Storage::FileSystem::{
        FILE_NAME_NORMALIZED, GetFinalPathNameByHandleW,
    };
    // SAFETY: an open file, and a buffer of that size.
    let path = nexus_abi::platform::windows::path_from(|name, size| unsafe {
        GetFinalPathNameByHandleW(file.as_raw_handle(), name, size, FILE_NAME_NORMALIZED)
    })
    .ok_or_else(io::Error::last_os_error)?;
    Ok(nexus_abi::path::simplified(&path).to_path_buf())
}

#[cfg(target_os = "linux")]
mod memory {
    use super::{Copy, File, OsStr, PathBuf, io};
    use core::sync::atomic::{AtomicU64, Ordering};
    use rustix::fs::{MemfdFlags, SealFlags};
    use rustix::io::Errno;
    use std::os::fd::AsRawFd;
    use std::os::unix::ffi::OsStrExt;

    /// The kernel's limit, less its prefix `memfd:` and the NUL.
    const MOST_NAME_BYTES: usize = 249;

    /// An empty memfd, unless this system forbids them or their paths.
    pub fn new(name: &OsStr) -> io::Result<Option<Copy>> {
        let name = name.as_bytes();
        let name = OsStr::from_bytes(&name[..name.len().min(MOST_NAME_BYTES)]);
        let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
        // Not executable as a program, which is all that `vm.memfd_noexec=2` allows; mapping as code asks
        // for no such bit. Linux before 6.3 does not know the flag.
        let made = match rustix::fs::memfd_create(name, flags | MemfdFlags::NOEXEC_SEAL) {
            Err(Errno::INVAL) => rustix::fs::memfd_create(name, flags),
            other => other,
        };
        let file = match made {
            Ok(file) => File::from(file),
            Err(Errno::NOSYS | Errno::PERM | Errno::ACCESS) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let path = unique_path(file.as_raw_fd());
        Ok(path.metadata().is_ok().then_some(Copy {
            path,
            file,
            _folder: None,
        }))
    }

    /// `/proc/self/fd/N` in a spelling that was never used before. glibc takes a library of the same name
    /// for the same library without looking (`_dl_map_object`), and CPython does so with single-phase
    /// modules, so a number that is used again must not make the same name again. The spelling counts in
    /// binary: `/` is 0, `./` is 1, after which comes the number.
    fn unique_path(number: i32) -> PathBuf {
        static COUNT: AtomicU64 = AtomicU64::new(1);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let mut path = String::from("/proc/self/fd/");
        for digit in format!("{count:b}").chars() {
            path.push_str(if digit == '1' { "./" } else { "/" });
        }
        path.push_str(&number.to_string());
        path.into()
    }

    /// From now on nobody can change it.
    pub fn seal(file: &File) -> io::Result<()> {
        let seals = SealFlags::WRITE | SealFlags::SHRINK | SealFlags::GROW | SealFlags::SEAL;
        Ok(rustix::fs::fcntl_add_seals(file, seals)?)
    }
}
