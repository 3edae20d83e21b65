//! Writes the seeds for the fuzz targets into the given directory. See `fuzz/README.md`.

#[path = "../tests/support/mod.rs"]
mod support;

use std::path::Path;
use support::seeds;

fn main() {
    let corpus = std::env::args_os()
        .nth(1)
        .expect("the directory for the seeds");
    let write = |target: &str, name: &str, bytes: &[u8]| {
        let directory = Path::new(&corpus).join(target);
        std::fs::create_dir_all(&directory).unwrap();
        std::fs::write(directory.join(name), bytes).unwrap();
    };
    for (name, bytes) in seeds::images() {
        write("image", &name, &bytes);
    }
    for (index, name) in seeds::NAMES.iter().enumerate() {
        write("name", &index.to_string(), name.as_bytes());
    }
}
