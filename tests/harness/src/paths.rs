//! Where things lie.

use std::env;
use std::path::{Path, PathBuf};

/// The root of the repository.
#[must_use]
pub fn root() -> PathBuf {
    let harness = Path::new(env!("CARGO_MANIFEST_DIR"));
    harness
        .ancestors()
        .nth(2)
        .map_or_else(|| harness.to_owned(), Path::to_owned)
}

/// A folder of `tests/`.
#[must_use]
pub fn tests(folder: &str) -> PathBuf {
    root().join("tests").join(folder)
}

/// Where the two built libraries are: `NEXUS_LIB_DIR`, or what `cargo build --release` makes.
#[must_use]
pub fn libraries() -> PathBuf {
    env::var_os("NEXUS_LIB_DIR").map_or_else(|| root().join("target/release"), PathBuf::from)
}

/// Where the header is: `NEXUS_INCLUDE_DIR`, or the committed one.
#[must_use]
pub fn include() -> PathBuf {
    env::var_os("NEXUS_INCLUDE_DIR").map_or_else(|| root().join("include"), PathBuf::from)
}

/// Where everything that this harness compiles goes.
#[must_use]
pub fn output() -> PathBuf {
    root().join("target/hosts")
}
