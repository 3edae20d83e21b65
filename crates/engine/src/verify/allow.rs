//! The allow-list of one directory.

use super::copy::Copy;
use super::folder::{Distrust, Folder, Refusal};
use super::list::{self, Sum, hex};
use nexus_abi::{Failure, NexusStatus, Result};
use nexus_inspect::{Dependencies, Detail, SearchOptions};
use std::collections::HashMap;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

/// The list's name when the host does not name one.
const DEFAULT_NAME: &str = "SHA256SUMS";

/// No list comes near it.
const MOST_LIST_BYTES: u64 = 256 << 20;

/// Which files of a directory may be opened. Can be used by several threads.
pub struct AllowList {
    pub(super) folder: Folder,
    pub(super) dependencies: Dependencies,
    list: PathBuf,
    /// By the path relative to the directory. What the list says about other places is left out.
    sums: HashMap<PathBuf, Sum>,
    strict: bool,
}

/// A file whose bytes are the listed ones. What its path shows never changes, even if the file does.
pub struct Verified {
    copy: Copy,
    path: PathBuf,
}

impl Verified {
    /// The path to map, inspect or read. No other file has this path in this process, and it goes with this
    /// object; what was mapped through it stays.
    pub fn path(&self) -> &Path {
        self.copy.path()
    }

    /// The file that was copied, as it was asked for.
    pub fn original(&self) -> &Path {
        &self.path
    }

    /// All bytes.
    pub fn bytes(&self) -> Result<Vec<u8>> {
        self.copy.bytes().map_err(|error| io(&self.path, &error))
    }
}

impl AllowList {
    /// Reads the list of a directory: the file `SHA256SUMS` in it, or the one that the host names. The
    /// list's paths are relative to the directory in which the list lies.
    ///
    /// Every malformed line is an error. Without a list nothing is allowed: `NEXUS_ERR_NOT_ALLOWED`.
    pub fn read(folder: &Path, list: Option<&Path>) -> Result<Self> {
        let folder = Folder::open(folder).map_err(|error| io(folder, &error))?;
        let list = list.map_or_else(|| folder.real().join(DEFAULT_NAME), Path::to_path_buf);
        let text = match read_list(&list) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Err(Failure::new(
                    NexusStatus::NEXUS_ERR_NOT_ALLOWED,
                    format!(
                        "there is no list of allowed files: {}; to make one of what is there now: cd '{}' && \
                         find . -name '*.so' -o -name '*.so.*' -o -name '*.py' | xargs -d '\\n' sha256sum > {DEFAULT_NAME}",
                        list.display(),
                        folder.real().display(),
                    ),
                )
                .at_path(&list));
            }
            Err(error) => return Err(io(&list, &error)),
        };
        let base = nexus_abi::path::real(&list)
            .map_err(|error| io(&list, &error))?
            .parent()
            .map(Path::to_path_buf)
            .unwrap_or_default();
        let listed = list::parse(&text, &base).map_err(|why| {
            Failure::new(
                NexusStatus::NEXUS_ERR_NOT_ALLOWED,
                format!("{}: {why}", list.display()),
            )
            .at_path(&list)
        })?;
        let sums = listed
            .into_iter()
            .filter_map(|(path, sum)| Some((folder.relative(&path)?, sum)))
            .collect();
        Ok(Self {
            folder,
            dependencies: Dependencies::new(SearchOptions::of_process()),
            list,
            sums,
            strict: false,
        })
    }

    /// From now on refuses what somebody other than root and this process's user may change: the
    /// directory and the list at once, and each file with the directories on the way to it when it is
    /// opened. `WRITABLE_DIRECTORY` or `UNTRUSTED_OWNER`.
    ///
    /// Windows has lists of rights in place of owners and modes: not supported there.
    #[cfg(windows)]
    pub fn trust_only_owner(&mut self) -> Result<()> {
        Err(Failure::new(
            NexusStatus::NEXUS_ERR_NOT_SUPPORTED,
            "NEXUS_LOADER_STRICT is not supported on Windows, which has no owners and modes as meant here; `icacls` shows who may write there",
        )
        .at_path(self.folder.real()))
    }

    #[cfg(unix)]
    pub fn trust_only_owner(&mut self) -> Result<()> {
        use super::folder::distrust;
        use std::os::unix::fs::MetadataExt;
        self.strict = true;
        let list = nexus_abi::path::real(&self.list).map_err(|error| io(&self.list, &error))?;
        let beside = list.parent().unwrap_or(&list);
        for path in [self.folder.real(), beside, &list] {
            let metadata = path.metadata().map_err(|error| io(path, &error))?;
            if let Some(why) = distrust(metadata.uid(), metadata.mode()) {
                return Err(distrusted(path, &why));
            }
        }
        Ok(())
    }

    /// The directory, with every link resolved.
    pub fn folder(&self) -> &Path {
        self.folder.real()
    }

    /// Whether the file lies below the directory, listed or not, so that [`Self::open`] must decide.
    pub fn covers(&self, path: &Path) -> bool {
        self.folder.relative(path).is_some()
    }

    /// What says that two loads are of the same file: where it really lies, and what is in it.
    pub(super) fn identity(&self, path: &Path) -> Result<(PathBuf, Sum)> {
        let (relative, sum) = self.listed(path)?;
        let real = self
            .folder
            .resolve(&relative)
            .map_err(|refusal| self.not_opened(refusal, &relative, path))?;
        Ok((self.folder.real().join(real), sum))
    }

    /// The path relative to the directory, and the sum that the list gives.
    fn listed(&self, path: &Path) -> Result<(PathBuf, Sum)> {
        let relative = self.folder.relative(path).ok_or_else(|| {
            let message = format!(
                "{} does not lie in {}",
                path.display(),
                self.folder.real().display()
            );
            refused(Detail::OUTSIDE_DIRECTORY, path, message)
        })?;
        match self.sums.get(&relative) {
            Some(sum) => Ok((relative, *sum)),
            None => {
                let message = format!(
                    "{} does not list {}",
                    self.list.display(),
                    relative.display()
                );
                Err(refused(Detail::NOT_ON_ALLOW_LIST, path, message))
            }
        }
    }

    fn not_opened(&self, refusal: Refusal, relative: &Path, path: &Path) -> Box<Failure> {
        match refusal {
            Refusal::Outside => {
                let message = format!(
                    "a link on the way to {} leads out of {}, or is absolute",
                    relative.display(),
                    self.folder.real().display()
                );
                refused(Detail::OUTSIDE_DIRECTORY, path, message)
            }
            Refusal::NotRegular => {
                let message = format!("{} is not a regular file", path.display());
                refused(Detail::NOT_REGULAR_FILE, path, message)
            }
            Refusal::Io(error) => io(path, &error),
        }
    }

    /// Opens a file if it is listed, lies in the directory, is a regular one, and holds the listed bytes.
    /// Costs reading it, and as much memory while it is in use.
    ///
    /// `NEXUS_ERR_NOT_ALLOWED` with `NOT_ON_ALLOW_LIST`, `OUTSIDE_DIRECTORY`, `HASH_DIFFERS`,
    /// `NOT_REGULAR_FILE`, `WRITABLE_DIRECTORY` or `UNTRUSTED_OWNER`; `NEXUS_ERR_IO` when the system
    /// refuses to read it. Needs no GIL.
    pub fn open(&self, path: &Path) -> Result<Verified> {
        let (relative, sum) = self.listed(path)?;
        let file = self
            .folder
            .open_file(&relative)
            .map_err(|refusal| self.not_opened(refusal, &relative, path))?;
        if self.strict
            && let Some((path, why)) = self
                .folder
                .distrust(&relative)
                .map_err(|refusal| self.not_opened(refusal, &relative, path))?
        {
            return Err(distrusted(&path, &why));
        }
        verify(&file, path, &sum)
    }
}

/// Copies an open file and compares the copy's sum.
pub(super) fn verify(file: &File, path: &Path, expected: &Sum) -> Result<Verified> {
    let name = path.file_name().unwrap_or_default();
    let copy = Copy::of(file, name).map_err(|error| io(path, &error))?;
    let sum = copy.sum().map_err(|error| io(path, &error))?;
    if sum != *expected {
        let message = format!(
            "the SHA-256 of {} is {}, the list says {}",
            path.display(),
            hex(&sum),
            hex(expected)
        );
        return Err(refused(Detail::HASH_DIFFERS, path, message));
    }
    Ok(Verified {
        copy,
        path: path.to_path_buf(),
    })
}

fn read_list(path: &Path) -> std::io::Result<Vec<u8>> {
    // Nothing is opened that could block.
    if !path.metadata()?.is_file() {
        return Err(std::io::Error::other("it is not a regular file"));
    }
    let mut text = Vec::new();
    File::open(path)?
        .take(MOST_LIST_BYTES + 1)
        .read_to_end(&mut text)?;
    if text.len() as u64 > MOST_LIST_BYTES {
        return Err(ErrorKind::FileTooLarge.into());
    }
    Ok(text)
}

fn distrusted(path: &Path, why: &Distrust) -> Box<Failure> {
    let shown = path.display();
    match why {
        Distrust::Writable(mode) => refused(
            Detail::WRITABLE_DIRECTORY,
            path,
            format!("others may change {shown} (mode {mode:04o}); chmod go-w it"),
        ),
        Distrust::Owner(owner) => refused(
            Detail::UNTRUSTED_OWNER,
            path,
            format!("{shown} belongs to user {owner}, who is neither root nor this process's user"),
        ),
    }
}

pub(super) fn refused(detail: Detail, path: &Path, message: String) -> Box<Failure> {
    Failure::new(NexusStatus::NEXUS_ERR_NOT_ALLOWED, message)
        .with_detail(detail.number())
        .at_path(path)
}

fn io(path: &Path, error: &std::io::Error) -> Box<Failure> {
    let detail = match error.kind() {
        ErrorKind::NotFound => Detail::VANISHED,
        ErrorKind::PermissionDenied => Detail::UNREADABLE,
        ErrorKind::FileTooLarge => Detail::TOO_LARGE,
        _ => Detail::READ_FAILED,
    };
    Failure::new(
        NexusStatus::NEXUS_ERR_IO,
        format!("cannot read {}: {error}", path.display()),
    )
    .with_detail(detail.number())
    .at_path(path)
}
