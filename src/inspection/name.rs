//! The dotted name of a module: its own name after those of the packages around it.

use nexus_inspect::FileName;
use std::path::Path;

/// The name under which `import` would know the file; empty if a part of it is not UTF-8. Packages are
/// the directories upwards that have an `__init__` file and a name that can be written in Python; links
/// are not followed, since `import` does not, either.
pub fn module_name(path: &Path, name: &FileName) -> String {
    let Some(stem) = name.module_name() else {
        return String::new();
    };
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let is_package = stem == "__init__";
    let mut parts = if is_package { Vec::new() } else { vec![stem] };
    // What the compiled modules of one build are called after their stem: `.cpython-312-….so`.
    let tail = path
        .file_name()
        .and_then(|file| file.to_str()?.strip_prefix(stem))
        .unwrap_or_default();
    for folder in path.ancestors().skip(1) {
        let own = is_package && parts.is_empty();
        let Some(package) = folder.file_name().and_then(|name| name.to_str()) else {
            break;
        };
        if !(own || is_identifier(package) && has_init(folder, tail)) {
            break;
        }
        parts.push(package);
    }
    parts.reverse();
    parts.join(".")
}

fn has_init(folder: &Path, tail: &str) -> bool {
    [".py", ".pyc", tail]
        .iter()
        .any(|tail| folder.join(format!("__init__{tail}")).is_file())
}

fn is_identifier(text: &str) -> bool {
    !text.starts_with(|c: char| c.is_ascii_digit())
        && text.chars().all(|c| c.is_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_are_walked_upwards() {
        let root = std::env::temp_dir().join(format!("nexus-name-{}", std::process::id()));
        let package = root.join("site-packages/outer/inner");
        std::fs::create_dir_all(&package).unwrap();
        let of = |file: &str| {
            let path = package.join(file);
            module_name(&path, &FileName::parse(path.file_name().unwrap()).unwrap())
        };
        assert_eq!(of("_fast.abi3.so"), "_fast");
        std::fs::write(package.join("__init__.py"), "").unwrap();
        assert_eq!(of("_fast.abi3.so"), "inner._fast");
        std::fs::write(
            package.join("../__init__.cpython-312-x86_64-linux-gnu.so"),
            "",
        )
        .unwrap();
        assert_eq!(of("_fast.abi3.so"), "inner._fast");
        assert_eq!(
            of("_fast.cpython-312-x86_64-linux-gnu.so"),
            "outer.inner._fast"
        );
        // A stray file does not make a package of a directory that cannot be one.
        std::fs::write(package.join("../../__init__.py"), "").unwrap();
        assert_eq!(
            of("_fast.cpython-312-x86_64-linux-gnu.so"),
            "outer.inner._fast"
        );
        assert_eq!(
            of("__init__.cpython-312-x86_64-linux-gnu.so"),
            "outer.inner"
        );
        std::fs::remove_dir_all(root).unwrap();
    }

    #[test]
    fn without_a_package() {
        let of = |path: &str| {
            module_name(
                Path::new(path),
                &FileName::parse(Path::new(path).file_name().unwrap()).unwrap(),
            )
        };
        assert_eq!(of("/nonexistent/crypto.so"), "crypto");
        assert_eq!(of("/crypto.so"), "crypto");
        assert_eq!(of("/nonexistent/pkg/__init__.so"), "pkg");
    }
}
