//! What lies in directories beside regular files: none of it may block or be opened.

mod support;

use nexus_inspect::{Detail, Image};
use support::Directory;

#[cfg(unix)]
#[test]
fn objects_of_the_file_system() {
    use std::os::unix::fs::{OpenOptionsExt, symlink};
    let directory = Directory::new();
    let detail = |path: &std::path::Path| Image::read(path).unwrap_err();

    std::fs::create_dir(directory.join("d.so")).unwrap();
    assert_eq!(
        detail(&directory.join("d.so")).detail,
        Detail::NOT_REGULAR_FILE
    );
    assert!(
        detail(&directory.join("d.so"))
            .message
            .contains("a directory")
    );

    let fifo = directory.join("fifo.so");
    assert!(
        std::process::Command::new("mkfifo")
            .arg(&fifo)
            .status()
            .unwrap()
            .success()
    );
    // Nobody writes, so opening it would wait for ever.
    assert_eq!(detail(&fifo).detail, Detail::NOT_REGULAR_FILE);
    assert!(detail(&fifo).message.contains("a FIFO"));

    let socket = directory.join("s.so");
    let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    assert_eq!(detail(&socket).detail, Detail::NOT_REGULAR_FILE);

    symlink("/dev/zero", directory.join("zero.so")).unwrap();
    assert!(
        detail(&directory.join("zero.so"))
            .message
            .contains("a device")
    );

    symlink("nowhere", directory.join("broken.so")).unwrap();
    assert_eq!(
        detail(&directory.join("broken.so")).detail,
        Detail::BROKEN_LINK
    );
    assert!(
        detail(&directory.join("broken.so"))
            .message
            .contains("nowhere")
    );

    symlink("circle.so", directory.join("circle.so")).unwrap();
    assert_eq!(
        detail(&directory.join("circle.so")).detail,
        Detail::BROKEN_LINK
    );

    assert_eq!(
        detail(&directory.join("not-there.so")).detail,
        Detail::VANISHED
    );
    assert_eq!(
        detail(&directory.join(&"x".repeat(300))).detail,
        Detail::NAME_TOO_LONG
    );

    let text = directory.write("text.so", b"not a library\n");
    symlink(&text, directory.join("link.so")).unwrap();
    assert_eq!(detail(&directory.join("link.so")).detail, Detail::TEXT_FILE);
    assert_eq!(detail(&text.join("below.so")).detail, Detail::VANISHED);

    let secret = directory.join("secret.so");
    std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o000)
        .open(&secret)
        .unwrap();
    // root may read everything.
    let expected = match std::fs::File::open(&secret) {
        Ok(_) => Detail::EMPTY,
        Err(_) => Detail::UNREADABLE,
    };
    assert_eq!(detail(&secret).detail, expected);

    // A terabyte with nothing in it.
    let sparse = directory.join("sparse.so");
    std::fs::File::create(&sparse)
        .unwrap()
        .set_len(1 << 40)
        .unwrap();
    assert_eq!(detail(&sparse).detail, Detail::TOO_LARGE);
    std::fs::File::create(&sparse)
        .unwrap()
        .set_len(1 << 30)
        .unwrap();
    assert_eq!(detail(&sparse).detail, Detail::ZERO_FILLED);
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
