//! The configuration of glibc's ldconfig(8), read as its parse_conf does (glibc, elf/ldconfig.c).

use super::bytes_path;
use std::path::{Path, PathBuf};

/// Where it lies.
pub const CONFIGURATION: &str = "/etc/ld.so.conf";

/// Files may include themselves, which ldconfig does until it has no more files to open.
const MOST_FILES: usize = 64;

/// The directories of a configuration file, and of those that it includes, in their order.
pub fn configured_directories(file: &Path) -> Vec<PathBuf> {
    let mut directories = Vec::new();
    read(file, &mut directories, &mut 0);
    directories
}

fn read(file: &Path, directories: &mut Vec<PathBuf>, files: &mut usize) {
    *files += 1;
    if *files > MOST_FILES {
        return;
    }
    for line in std::fs::read(file)
        .unwrap_or_default()
        .split(|byte| *byte == b'\n')
    {
        // There is no quoting.
        let line = line
            .split(|byte| *byte == b'#')
            .next()
            .unwrap_or_default()
            .trim_ascii();
        match keyword(line) {
            (word, Some(patterns)) if word == b"include" => {
                for pattern in patterns.split(|byte| is_blank(*byte)) {
                    for file in matching_files(file, pattern) {
                        read(&file, directories, files);
                    }
                }
            }
            // Of older versions: directories for kinds of processors. ldconfig since 2.33 passes them over.
            (word, Some(_)) if word.eq_ignore_ascii_case(b"hwcap") => {}
            _ => {
                // `/usr/lib=libc5` names a kind of library, long gone.
                let directory = line.split(|byte| *byte == b'=').next().unwrap_or_default();
                let directory = directory.trim_ascii_end();
                if !directory.is_empty() {
                    directories.push(bytes_path(directory));
                }
            }
        }
    }
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// The first word of a line, and what comes after the blank behind it.
fn keyword(line: &[u8]) -> (&[u8], Option<&[u8]>) {
    match line.iter().position(|byte| is_blank(*byte)) {
        Some(at) => (&line[..at], Some(&line[at + 1..])),
        None => (line, None),
    }
}

/// The files that an `include` in `file` names: a pattern of glob(3), from the folder of `file`.
fn matching_files(file: &Path, pattern: &[u8]) -> Vec<PathBuf> {
    // As glob(3) has it: `*` takes no file whose name begins with a dot.
    let options = glob::MatchOptions {
        require_literal_leading_dot: true,
        ..glob::MatchOptions::default()
    };
    let Ok(pattern) = str::from_utf8(pattern) else {
        return Vec::new();
    };
    let Some(folder) = file
        .parent()
        .and_then(Path::to_str)
        .filter(|_| !pattern.is_empty())
    else {
        return Vec::new();
    };
    let whole = Path::new(&glob::Pattern::escape(folder)).join(pattern);
    glob::glob_with(&whole.to_string_lossy(), options)
        .map(|files| files.flatten().collect())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn as_ldconfig_reads_it() {
        let folder = std::env::temp_dir().join(format!("nexus-ld.so-{}", std::process::id()));
        let write = |name: &str, text: &str| {
            let file = folder.join(name);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        };
        write(
            "ld.so.conf",
            "# the first\n\n/first # with a remark\n  \t/in the middle/ \t\n\
             include conf.d/*.conf\t./conf.d/?.more  conf.d/none\n\
             hwcap 1 nosegneg\nHWCAP 0 x\n/old=libc5\n = \nincluded/relative\n\
             include ld.so.conf\ninclude\n/last",
        );
        write("conf.d/b.conf", "/b\n");
        write("conf.d/a.conf", "/a\ninclude more/*\n");
        write("conf.d/.hidden.conf", "/hidden\n");
        write("conf.d/more/x", "/x\n");
        write("conf.d/1.more", "/one\n");
        write("conf.d/12.more", "/two\n");
        let found = configured_directories(&folder.join("ld.so.conf"));
        let before = [
            "/first",
            "/in the middle/",
            "/a",
            "/x",
            "/b",
            "/one",
            "/old",
            "included/relative",
        ];
        let expected = before.map(Path::new);
        assert_eq!(found[..expected.len()], expected);
        // It includes itself, as often as is allowed.
        assert_eq!(found[expected.len()..][..expected.len()], expected);
        // What no blank follows is a directory, as for ldconfig.
        assert_eq!(
            found[found.len() - 2..],
            ["include", "/last"].map(Path::new)
        );
        assert!(found.len() < 8 * MOST_FILES);
        fs::remove_dir_all(&folder).unwrap();
        assert!(configured_directories(&folder.join("ld.so.conf")).is_empty());
    }
}
