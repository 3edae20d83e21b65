//! For tests: installations as they lie on the disk.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;

/// What lies in a folder that is removed again. Programs and libraries are the header of this test's own program, enough
/// for what only reads them.
pub struct Tree(pub PathBuf);

impl Tree {
    pub fn new(name: &str) -> Self {
        let root = std::env::temp_dir().join(format!("nexus-layout-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&root);
        fs::create_dir_all(&root).unwrap();
        Self(nexus_abi::path::real(root).unwrap())
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.0.join(path)
    }

    pub fn file(&self, path: &str, content: &[u8]) -> &Self {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
        self
    }

    pub fn elf(&self, path: &str) -> &Self {
        let own = fs::read(std::env::current_exe().unwrap()).unwrap();
        self.file(path, &own[..64])
    }

    pub fn standard_library(&self, folder: &str) -> &Self {
        for name in [
            "os.py",
            "encodings/__init__.py",
            "encodings/aliases.py",
            "encodings/utf_8.py",
        ] {
            self.file(&format!("{folder}/{name}"), b"");
        }
        self
    }

    pub fn installation(name: &str, version: &str) -> Self {
        let tree = Self::new(name);
        tree.elf(&format!("bin/python{version}"))
            .elf(&format!("lib/libpython{version}.so.1.0"))
            .standard_library(&format!("lib/python{version}"));
        symlink(format!("python{version}"), tree.path("bin/python3")).unwrap();
        tree
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
