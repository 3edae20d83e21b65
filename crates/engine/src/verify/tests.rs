//! Opening, with everything that may lie in a directory or change under it.

use super::allow::{AllowList, verify};
use super::copy::{self, Copy};
use super::folder::{Folder, Refusal};
use super::list::hex;
use nexus_abi::{Failure, NexusStatus};
use nexus_inspect::{Detail, Image};
use sha2::{Digest, Sha256};
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::{FileExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A directory `d` and one beside it, `outside`.
struct Place {
    root: TempDir,
}

impl Place {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("d/sub")).unwrap();
        fs::create_dir(root.path().join("outside")).unwrap();
        let place = Self { root };
        for name in ["d/a.so", "d/sub/b.so", "outside/c.so"] {
            fs::write(place.at(name), name).unwrap();
        }
        place
    }

    fn at(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    /// Lists names with the sums of these contents.
    fn list(&self, lines: &[(&str, &str)]) {
        let text: String = lines
            .iter()
            .map(|(name, contents)| format!("{}  {name}\n", sum_of(contents)))
            .collect();
        fs::write(self.at("d/SHA256SUMS"), text).unwrap();
    }

    fn read(&self) -> AllowList {
        AllowList::read(&self.at("d"), None).unwrap()
    }
}

fn sum_of(contents: &str) -> String {
    hex(&Sha256::digest(contents).into())
}

fn refused(list: &AllowList, path: &Path) -> Box<Failure> {
    list.open(path).err().expect("it must be refused")
}

fn detail(list: &AllowList, path: &Path) -> Detail {
    Detail::from_number(refused(list, path).detail).unwrap()
}

#[test]
fn listed_files_open() {
    let place = Place::new();
    place.list(&[("a.so", "d/a.so"), ("./sub/b.so", "d/sub/b.so")]);
    let list = place.read();
    let a = list.open(&place.at("d/a.so")).unwrap();
    assert_eq!(a.bytes().unwrap(), b"d/a.so");
    assert_eq!(fs::read(a.path()).unwrap(), b"d/a.so");
    assert_eq!(a.original(), place.at("d/a.so"));
    let b = list.open(&place.at("d/sub/b.so")).unwrap();
    assert_ne!(a.path(), b.path());
}

#[test]
fn other_spellings_of_the_directory() {
    let place = Place::new();
    place.list(&[("sub/b.so", "d/sub/b.so")]);
    let list = place.read();
    symlink(place.at("d"), place.at("link")).unwrap();
    for path in [
        "link/sub/b.so",
        "outside/../d/sub/b.so",
        "d/./sub//b.so",
        "d/sub/../sub/b.so",
    ] {
        assert!(list.covers(&place.at(path)), "{path}");
        assert!(list.open(&place.at(path)).is_ok(), "{path}");
    }
    for path in ["outside/c.so", "d/../outside/c.so", "d", "nowhere/x.so"] {
        assert!(!list.covers(&place.at(path)), "{path}");
        let found = detail(&list, &place.at(path));
        assert_eq!(found, Detail::OUTSIDE_DIRECTORY, "{path}");
    }
}

#[test]
fn what_is_not_as_listed() {
    let place = Place::new();
    place.list(&[("a.so", "other"), ("gone.so", "gone"), ("sub", "sub")]);
    let list = place.read();
    let failure = refused(&list, &place.at("d/a.so"));
    assert_eq!(failure.status, NexusStatus::NEXUS_ERR_NOT_ALLOWED);
    assert_eq!(failure.detail, Detail::HASH_DIFFERS.number());
    assert!(failure.message.contains(&sum_of("other")));
    assert!(failure.message.contains(&sum_of("d/a.so")));
    let found = |name: &str| detail(&list, &place.at(name));
    assert_eq!(found("d/sub/b.so"), Detail::NOT_ON_ALLOW_LIST);
    assert_eq!(found("d/gone.so"), Detail::VANISHED);
    assert_eq!(found("d/sub"), Detail::NOT_REGULAR_FILE);
}

#[test]
fn links() {
    let place = Place::new();
    symlink("../outside/c.so", place.at("d/out.so")).unwrap();
    symlink(place.at("outside/c.so"), place.at("d/absolute.so")).unwrap();
    symlink("../outside", place.at("d/folder")).unwrap();
    symlink("sub/b.so", place.at("d/in.so")).unwrap();
    symlink("../d/a.so", place.at("d/out_and_in.so")).unwrap();
    symlink("loop.so", place.at("d/loop.so")).unwrap();
    fs::hard_link(place.at("outside/c.so"), place.at("d/hard.so")).unwrap();
    let outside = "outside/c.so";
    place.list(&[
        ("out.so", outside),
        ("absolute.so", outside),
        ("folder/c.so", outside),
        ("in.so", "d/sub/b.so"),
        ("out_and_in.so", "d/a.so"),
        ("loop.so", ""),
        ("hard.so", outside),
    ]);
    let list = place.read();
    for name in ["out.so", "absolute.so", "folder/c.so", "out_and_in.so"] {
        let path = place.at("d").join(name);
        assert_eq!(detail(&list, &path), Detail::OUTSIDE_DIRECTORY, "{name}");
    }
    assert!(list.open(&place.at("d/in.so")).is_ok());
    assert_eq!(detail(&list, &place.at("d/loop.so")), Detail::READ_FAILED);
    // A hard link is the file itself; its bytes decide.
    assert!(list.open(&place.at("d/hard.so")).is_ok());
    fs::write(place.at("outside/c.so"), "changed").unwrap();
    assert_eq!(detail(&list, &place.at("d/hard.so")), Detail::HASH_DIFFERS);
    // A link's own name must be listed: listed bytes must not come under another name.
    symlink("a.so", place.at("d/alias.so")).unwrap();
    let found = detail(&list, &place.at("d/alias.so"));
    assert_eq!(found, Detail::NOT_ON_ALLOW_LIST);
}

#[test]
fn a_fifo_never_blocks() {
    let place = Place::new();
    let mode = rustix::fs::Mode::from_raw_mode(0o600);
    let kind = rustix::fs::FileType::Fifo;
    rustix::fs::mknodat(rustix::fs::CWD, place.at("d/fifo.so"), kind, mode, 0).unwrap();
    symlink("fifo.so", place.at("d/link.so")).unwrap();
    place.list(&[("fifo.so", ""), ("link.so", "")]);
    let list = place.read();
    for name in ["d/fifo.so", "d/link.so"] {
        assert_eq!(detail(&list, &place.at(name)), Detail::NOT_REGULAR_FILE);
    }
}

#[test]
fn a_directory_stays_the_one_that_was_opened() {
    let place = Place::new();
    place.list(&[("a.so", "d/a.so")]);
    let list = place.read();
    fs::rename(place.at("d"), place.at("old")).unwrap();
    fs::create_dir(place.at("d")).unwrap();
    fs::write(place.at("d/a.so"), "evil").unwrap();
    let opened = list.open(&place.at("d/a.so")).unwrap();
    assert_eq!(opened.bytes().unwrap(), b"d/a.so");
}

#[test]
fn replaced_or_overwritten_while_it_is_read() {
    let place = Place::new();
    let path = place.at("d/a.so");
    let sum = Sha256::digest("d/a.so").into();
    let folder = Folder::open(&place.at("d")).unwrap();
    let open = || match folder.open_file(Path::new("a.so")) {
        Ok(file) => file,
        Err(Refusal::Io(error)) => panic!("{error}"),
        Err(_) => panic!("refused"),
    };
    // Another file of that name, after it was opened: the opened one counts.
    let file = open();
    fs::write(place.at("d/new"), "evil").unwrap();
    fs::rename(place.at("d/new"), &path).unwrap();
    assert_eq!(
        verify(&file, &path, &sum).unwrap().bytes().unwrap(),
        b"d/a.so"
    );
    // Overwritten in place, before it was copied.
    let file = open();
    assert!(verify(&file, &path, &sum).is_err());
    // And afterwards.
    fs::write(&path, "d/a.so").unwrap();
    let verified = verify(&open(), &path, &sum).unwrap();
    fs::write(&path, "evil").unwrap();
    assert_eq!(fs::read(verified.path()).unwrap(), b"d/a.so");
}

#[cfg(target_os = "linux")]
#[test]
fn nobody_can_write_to_a_copy() {
    let place = Place::new();
    let source = File::open(place.at("d/a.so")).unwrap();
    let copy = Copy::of(&source, OsStr::new("a.so")).unwrap();
    let before = copy.sum().unwrap();
    // The directory's permissions allow it, the seals do not.
    let writer = File::options().write(true).open(copy.path());
    if let Ok(mut writer) = writer {
        assert!(writer.write_all(b"evil").is_err());
        assert!(writer.write_at(b"evil", 2).is_err());
        assert!(writer.set_len(0).is_err());
    }
    assert_eq!(copy.sum().unwrap(), before);
    assert_eq!(copy.bytes().unwrap(), b"d/a.so");
}

#[test]
fn a_private_copy() {
    let place = Place::new();
    let source = File::open(place.at("d/a.so")).unwrap();
    let copy = copy::private(&source, OsStr::new("a.so")).unwrap();
    let path = copy.path().to_path_buf();
    let mode = path.parent().unwrap().metadata().unwrap().permissions();
    assert_eq!(mode.mode() & 0o7777, 0o700);
    assert_eq!(fs::read(&path).unwrap(), b"d/a.so");
    assert_eq!(hex(&copy.sum().unwrap()), sum_of("d/a.so"));
    drop(copy);
    assert!(!path.parent().unwrap().exists());
}

#[test]
fn no_path_comes_twice() {
    let place = Place::new();
    let mut paths = std::collections::HashSet::new();
    for _ in 0..300 {
        // Each descriptor is closed before the next, so the numbers repeat.
        let source = File::open(place.at("d/a.so")).unwrap();
        let copy = Copy::of(&source, OsStr::new("a.so")).unwrap();
        assert_eq!(fs::read(copy.path()).unwrap(), b"d/a.so");
        assert!(paths.insert(copy.path().as_os_str().to_owned()));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_copy_can_be_inspected() {
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    let library = maps
        .lines()
        .filter_map(|line| line.split_whitespace().nth(5))
        .find(|path| path.contains("libc.so") || path.contains("ld-musl"))
        .unwrap();
    let copy = Copy::of(&File::open(library).unwrap(), OsStr::new("libc")).unwrap();
    let image = Image::read(copy.path()).unwrap();
    assert_eq!(image.size, fs::metadata(library).unwrap().len());
    assert!(image.soname.is_some());
}

#[test]
fn lists_elsewhere() {
    let place = Place::new();
    let list = place.at("outside/allowed.txt");
    let sum = sum_of("d/a.so");
    let path = place.at("d/a.so");
    for name in [
        "../d/a.so".to_string(),
        path.to_str().unwrap().to_string(),
        place.at("link/a.so").to_str().unwrap().to_string(),
    ] {
        let _ = symlink("d", place.at("link"));
        fs::write(&list, format!("{sum}  {name}\n{sum}  other.so\n")).unwrap();
        let read = AllowList::read(&place.at("d"), Some(&list)).unwrap();
        assert!(read.open(&path).is_ok(), "{name}");
        let found = detail(&read, &place.at("d/sub/b.so"));
        assert_eq!(found, Detail::NOT_ON_ALLOW_LIST);
    }
}

#[test]
fn lists_that_cannot_be_read() {
    let place = Place::new();
    let failure = |list: Option<&str>| {
        let list = list.map(|list| place.at(list));
        AllowList::read(&place.at("d"), list.as_deref())
            .err()
            .expect("it must fail")
    };
    let missing = failure(None);
    assert_eq!(missing.status, NexusStatus::NEXUS_ERR_NOT_ALLOWED);
    assert!(missing.message.contains("SHA256SUMS"), "{missing}");
    assert!(missing.message.contains("sha256sum"), "{missing}");
    assert_eq!(failure(Some("d/sub")).status, NexusStatus::NEXUS_ERR_IO);
    fs::write(place.at("d/SHA256SUMS"), "x\n").unwrap();
    let malformed = failure(None);
    assert_eq!(malformed.status, NexusStatus::NEXUS_ERR_NOT_ALLOWED);
    assert!(malformed.message.contains("line 1"), "{malformed}");
    let place = place.at("nowhere");
    let status = AllowList::read(&place, None).err().unwrap().status;
    assert_eq!(status, NexusStatus::NEXUS_ERR_IO);
}

#[test]
fn what_others_may_change() {
    let mode = |path: &Path, mode: u32| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    };
    let place = Place::new();
    place.list(&[("a.so", "d/a.so"), ("sub/b.so", "d/sub/b.so")]);
    for (path, kind) in [("d", 0o755), ("d/sub", 0o755), ("d/SHA256SUMS", 0o644)] {
        mode(&place.at(path), kind);
    }
    for path in ["d/a.so", "d/sub/b.so"] {
        mode(&place.at(path), 0o644);
    }
    let strict = || {
        let mut list = place.read();
        list.trust_only_owner().map(|()| list)
    };
    let refused_at_once = || Detail::from_number(strict().err().unwrap().detail).unwrap();
    let list = strict().unwrap();
    assert!(list.open(&place.at("d/sub/b.so")).is_ok());

    mode(&place.at("d/sub"), 0o1777);
    let found = detail(&list, &place.at("d/sub/b.so"));
    assert_eq!(found, Detail::WRITABLE_DIRECTORY);
    assert!(list.open(&place.at("d/a.so")).is_ok());
    // Only on request.
    assert!(place.read().open(&place.at("d/sub/b.so")).is_ok());
    // Through a link, too.
    symlink("sub/b.so", place.at("d/link.so")).unwrap();
    place.list(&[("link.so", "d/sub/b.so")]);
    let found = detail(&strict().unwrap(), &place.at("d/link.so"));
    assert_eq!(found, Detail::WRITABLE_DIRECTORY);

    mode(&place.at("d/SHA256SUMS"), 0o664);
    assert_eq!(refused_at_once(), Detail::WRITABLE_DIRECTORY);
    mode(&place.at("d/SHA256SUMS"), 0o644);
    mode(&place.at("d"), 0o770);
    assert_eq!(refused_at_once(), Detail::WRITABLE_DIRECTORY);
    mode(&place.at("d"), 0o755);

    if rustix::process::geteuid().is_root() {
        let stranger = Some(12_345);
        std::os::unix::fs::chown(place.at("d/sub/b.so"), stranger, None).unwrap();
        mode(&place.at("d/sub"), 0o755);
        let found = detail(&strict().unwrap(), &place.at("d/link.so"));
        assert_eq!(found, Detail::UNTRUSTED_OWNER);
        std::os::unix::fs::chown(place.at("d"), stranger, None).unwrap();
        assert_eq!(refused_at_once(), Detail::UNTRUSTED_OWNER);
    }
}
