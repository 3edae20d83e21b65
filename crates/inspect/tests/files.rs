//! What lies in directories beside regular files: none of it may block or be opened.

mod support;

use nexus_inspect::{Detail, Image};
use support::Directory;

#[cfg(unix)]
#[test]
fn objects_of_the_file_system() {
    use std::os::unix::fs::{OpenOptionsExt, symlink};
    let directory = Directory::new();
    let refuses = |name: &str, detail, words: &str| {
        let problem = Image::read(&directory.join(name)).unwrap_err();
        assert_eq!(problem.detail, detail, "{name}: {problem}");
        support::says(&problem.message, words);
    };

    std::fs::create_dir(directory.join("d.so")).unwrap();
    refuses("d.so", Detail::NOT_REGULAR_FILE, "a directory");

    let mut mkfifo = std::process::Command::new("mkfifo");
    let made = mkfifo.arg(directory.join("fifo.so")).status().unwrap();
    assert!(made.success());
    // Nobody writes, so opening it would wait for ever.
    refuses("fifo.so", Detail::NOT_REGULAR_FILE, "a FIFO");

    let _listener = std::os::unix::net::UnixListener::bind(directory.join("s.so")).unwrap();
    refuses("s.so", Detail::NOT_REGULAR_FILE, "");

    for (target, link) in [
        ("/dev/zero", "zero.so"),
        ("nowhere", "broken.so"),
        ("circle.so", "circle.so"),
        ("text.so", "link.so"),
    ] {
        symlink(target, directory.join(link)).unwrap();
    }
    directory.write("text.so", b"not a library\n");
    refuses("zero.so", Detail::NOT_REGULAR_FILE, "a device");
    refuses("broken.so", Detail::BROKEN_LINK, "nowhere");
    refuses("circle.so", Detail::BROKEN_LINK, "");
    refuses("not-there.so", Detail::VANISHED, "");
    refuses(&"x".repeat(300), Detail::NAME_TOO_LONG, "");
    refuses("link.so", Detail::TEXT_FILE, "");
    refuses("text.so/below.so", Detail::VANISHED, "");

    let secret = directory.join("secret.so");
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true).mode(0o000);
    options.open(&secret).unwrap();
    // root may read everything.
    let expected = match std::fs::File::open(&secret) {
        Ok(_) => Detail::EMPTY,
        Err(_) => Detail::UNREADABLE,
    };
    refuses("secret.so", expected, "");

    // A terabyte with nothing in it, and a gigabyte.
    for (size, detail) in [(1 << 40, Detail::TOO_LARGE), (1 << 30, Detail::ZERO_FILLED)] {
        let sparse = std::fs::File::create(directory.join("sparse.so")).unwrap();
        sparse.set_len(size).unwrap();
        refuses("sparse.so", detail, "");
    }
}

#[test]
fn a_file_that_shrinks_while_it_is_read() {
    // Cannot be timed, so many tries: whatever is seen, nothing worse than a problem comes of it.
    let directory = Directory::new();
    let source = format!("{}\nchar big[200000] = {{1}};", support::MODULE);
    let bytes = std::fs::read(directory.library("a.so", &source, &["-DNAME=a"])).unwrap();
    let path = directory.write("b.so", &bytes);
    let stop = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                std::fs::write(&path, &bytes[..50_000]).unwrap();
                std::fs::write(&path, &bytes).unwrap();
            }
        });
        for _ in 0..2000 {
            if let Err(problem) = Image::read(&path) {
                assert!(matches!(problem.detail.group(), 1 | 2), "{problem}");
            }
        }
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
    });
    assert!(Image::read(&path).is_ok());
}
