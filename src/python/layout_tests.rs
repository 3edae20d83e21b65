//! Layouts of Linux.

use super::layout::resolve;
use super::tree::Tree;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

#[test]
fn an_installation_is_read_from_each_of_its_parts() {
    let tree = Tree::installation("parts", "3.12");
    for part in [
        "",
        "bin/python3",
        "bin/python3.12",
        "lib/libpython3.12.so.1.0",
    ] {
        let found = resolve(&tree.path(part)).unwrap();
        assert_eq!(
            found.library,
            tree.path("lib/libpython3.12.so.1.0"),
            "{part}"
        );
        assert_eq!(found.prefix, tree.0);
        assert_eq!(found.standard_library, tree.path("lib/python3.12"));
        assert_eq!(found.release.to_string(), "3.12");
    }
}

#[test]
fn lib64_and_multiarch_folders_are_read() {
    let tree = Tree::new("lib64");
    tree.elf("bin/python3.13")
        .elf("lib64/libpython3.13.so.1.0")
        .standard_library("lib64/python3.13");
    assert_eq!(
        resolve(&tree.0).unwrap().standard_library,
        tree.path("lib64/python3.13")
    );
    let tree = Tree::new("multiarch");
    let folder = format!("lib/{}-linux-gnu", std::env::consts::ARCH);
    tree.elf("bin/python3.11")
        .elf(&format!("{folder}/libpython3.11.so.1.0"))
        .standard_library("lib/python3.11");
    assert_eq!(
        resolve(&tree.0).unwrap().library,
        tree.path(&folder).join("libpython3.11.so.1.0")
    );
}

#[test]
fn a_virtual_environment_leads_to_its_installation() {
    let base = Tree::installation("base", "3.12");
    let venv = Tree::new("venv");
    let home = base.path("bin");
    venv.file(
        "pyvenv.cfg",
        format!("home = {}\nversion = 3.12.1\n", home.display()).as_bytes(),
    );
    fs::create_dir_all(venv.path("bin")).unwrap();
    symlink(home.join("python3.12"), venv.path("bin/python3")).unwrap();
    for part in ["", "bin/python3"] {
        let found = resolve(&venv.path(part)).unwrap();
        assert_eq!(
            (found.prefix, found.base_prefix),
            (venv.0.clone(), base.0.clone())
        );
        assert_eq!(found.program, venv.path("bin/python3"));
        assert_eq!(found.base_program, base.path("bin/python3.12"));
    }
    // One with a copy of the interpreter.
    fs::remove_file(venv.path("bin/python3")).unwrap();
    venv.elf("bin/python3");
    let found = resolve(&venv.0).unwrap();
    assert_eq!(found.base_program, base.path("bin/python3"));
    assert_eq!(found.library, base.path("lib/libpython3.12.so.1.0"));
}

#[test]
fn an_environment_of_another_python_than_its_interpreter_is_refused() {
    let base = Tree::installation("moved", "3.12");
    let venv = Tree::new("stale");
    venv.file(
        "pyvenv.cfg",
        format!("home = {}\nversion = 3.11.2\n", base.path("bin").display()).as_bytes(),
    );
    fs::create_dir_all(venv.path("bin")).unwrap();
    symlink(base.path("bin/python3.12"), venv.path("bin/python3")).unwrap();
    let why = resolve(&venv.0).unwrap_err();
    assert!(
        why.contains("made for Python 3.11") && why.contains("3.12"),
        "{why}"
    );
    venv.file("pyvenv.cfg", b"home = /x\nimplementation = PyPy\n");
    assert!(resolve(&venv.0).unwrap_err().contains("PyPy"));
    venv.file("pyvenv.cfg", b"home = /x\nversion = 3.9\n");
    assert!(resolve(&venv.0).unwrap_err().contains("it is Python 3.9"));
}

#[test]
fn what_cannot_be_used_is_told_apart() {
    let why = |path: &Path| resolve(path).unwrap_err();
    let tree = Tree::installation("old", "3.10");
    assert!(why(&tree.0).contains("3.10"));
    let tree = Tree::installation("threads", "3.13t");
    assert!(why(&tree.path("bin/python3")).contains("free-threaded"));
    let tree = Tree::installation("foreign", "3.12");
    let mut header = fs::read(tree.path("lib/libpython3.12.so.1.0")).unwrap();
    header[18] ^= 0x40;
    tree.file("lib/libpython3.12.so.1.0", &header);
    assert!(why(&tree.0).contains("another architecture"));
    let tree = Tree::new("library");
    tree.elf("lib/libpython3.12.so.1.0");
    assert!(
        why(&tree.path("lib/libpython3.12.so.1.0")).contains("lib/python3.12/os.py")
            || why(&tree.path("lib/libpython3.12.so.1.0")).contains("encodings/__init__.py")
    );
    tree.elf("lib/libpython3.so");
    assert!(why(&tree.path("lib/libpython3.so")).contains("stub"));
    assert!(why(&tree.path("nothing")).contains("does not exist"));
    let empty = Tree::new("empty");
    assert!(why(&empty.0).contains("neither a virtual environment nor an installation"));
}

#[test]
fn a_script_is_asked() {
    use std::os::unix::fs::PermissionsExt;
    let base = Tree::installation("asked", "3.12");
    let tree = Tree::new("shim");
    let shim = tree.path("python3");
    let answer = format!(
        "#!/bin/sh\nprintf 'nexus=1\\0version=3.12.1\\0implementation=cpython\\0executable={0}/bin/python3.12\\0base_executable={0}/bin/python3.12\\0base_prefix={0}\\0stdlib={0}/lib/python3.12\\0LIBDIR={0}/lib\\0INSTSONAME=libpython3.12.so.1.0\\0end=1\\0'\n",
        base.0.display()
    );
    tree.file("python3", answer.as_bytes());
    fs::set_permissions(&shim, fs::Permissions::from_mode(0o755)).unwrap();
    let found = resolve(&shim).unwrap();
    assert_eq!(
        found.program,
        base.path("bin/python3.12"),
        "the shim must not become sys.executable"
    );
    assert_eq!(found.library, base.path("lib/libpython3.12.so.1.0"));
    fs::remove_file(&found.library).unwrap();
    let why = resolve(&shim).unwrap_err();
    assert!(
        why.contains("statically linked")
            && why.contains("libpython3.12")
            && why.contains("install"),
        "{why}"
    );
}
