//! The binary interface as a list of lines, made by the compiler from the header: what a program that was built
//! against it relies on. `tests/abi.txt` is the committed one.
//!
//! Within one ABI number the list only grows: a line that goes away or changes breaks programs, and the number
//! (`nexus_abi::ABI`, the SONAME's) has to change with it.

use crate::{paths, process};
use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The committed list.
#[must_use]
pub fn path() -> PathBuf {
    paths::root().join("tests/abi.txt")
}

/// Makes the list of the header.
///
/// # Errors
/// What the compiler says, or what of the header is not understood.
pub fn generate() -> Result<String, String> {
    let path = paths::include().join("nexus_loader.h");
    let header =
        fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let header = without_comments(&header);
    let mut program = String::from(
        "#include <nexus_loader.h>\n#include <stdio.h>\nint main(void) {\n\
         #define SIZE(type) (int)sizeof(type)\n#define AT(type, field) (int)offsetof(type, field)\n",
    );
    // Writing to a String cannot fail.
    let mut print = |line: &str, numbers: &str| {
        let line = line.replace('"', "\\\"");
        let _ = writeln!(program, "printf(\"{line}\\n\"{numbers});");
    };
    print("abi %lld", ", (long long)NEXUS_ABI");
    for name in defines(&header) {
        print(
            &format!("number {name} = %lld"),
            &format!(", (long long){name}"),
        );
    }
    for (name, body) in blocks(&header, "typedef enum ")? {
        print(
            &format!("enum {name}: %d bytes"),
            &format!(", SIZE({name})"),
        );
        for constant in body.split(',').filter_map(|item| item.split('=').next()) {
            let constant = constant.trim();
            if !constant.is_empty() {
                print(
                    &format!("constant {constant} = %lld"),
                    &format!(", (long long){constant}"),
                );
            }
        }
    }
    for kind in ["struct", "union"] {
        for (name, body) in blocks(&header, &format!("typedef {kind} "))? {
            let grows = if body.trim_start().starts_with("size_t struct_size;") {
                "growing "
            } else {
                ""
            };
            print(
                &format!("{grows}{kind} {name}: %d bytes"),
                &format!(", SIZE({name})"),
            );
            for field in body
                .split(';')
                .map(one_line)
                .filter(|field| !field.is_empty())
            {
                let member = field.rsplit([' ', '*']).next().unwrap_or_default();
                print(
                    &format!("field {name}.{member}: at %d, %d bytes, {field}"),
                    &format!(", AT({name}, {member}), SIZE((({name} *)0)->{member})"),
                );
            }
        }
    }
    for callback in callbacks(&header) {
        print(&format!("callback {callback}"), "");
    }
    program += "return 0;\n}\n";

    let mut lines: Vec<String> = output_of(&program)?.lines().map(str::to_owned).collect();
    lines.extend(
        functions()?
            .into_iter()
            .map(|line| format!("function {line}")),
    );
    // The number first, then each kind by its names, wherever in the header they are.
    lines[1..].sort();
    lines.dedup();
    Ok(lines.join("\n") + "\n")
}

fn without_comments(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("/*") {
        out += before;
        rest = after.split_once("*/").map_or("", |(_, after)| after);
    }
    out + rest
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The flags and other numbers; not those of the version, which changes with each release.
fn defines(header: &str) -> Vec<&str> {
    let names = header.lines().filter_map(|line| {
        let mut words = line.strip_prefix("#define ")?.split_whitespace();
        let name = words.next()?;
        words.next()?.parse::<i64>().ok().map(|_| name)
    });
    names
        .filter(|name| !name.starts_with("NEXUS_VERSION_") && *name != "NEXUS_ABI")
        .collect()
}

/// `typedef enum Name { … } Name;` as (name, what is between).
fn blocks<'a>(header: &'a str, start: &str) -> Result<Vec<(&'a str, &'a str)>, String> {
    let mut found = Vec::new();
    for part in header.split(start).skip(1) {
        let (name, rest) = part.split_once([' ', ';']).unwrap_or((part, ""));
        // A declaration without fields: a handle.
        let Some(rest) = rest.strip_prefix("{") else {
            continue;
        };
        let (body, _) = rest
            .split_once('}')
            .ok_or_else(|| format!("{start}{name} has no end"))?;
        found.push((name, body));
    }
    Ok(found)
}

/// `typedef int32_t (*Name)(…);` on one line each.
fn callbacks(header: &str) -> Vec<String> {
    header
        .split(';')
        .map(one_line)
        .filter_map(|text| {
            text.rsplit_once("typedef ")
                .map(|(_, declaration)| declaration.to_owned())
        })
        .filter(|declaration| declaration.contains("(*Nexus"))
        .collect()
}

/// Compiles a program against the header, and gives what it prints.
fn output_of(program: &str) -> Result<String, String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let (source, binary) = (folder.path().join("list.c"), folder.path().join("list"));
    fs::write(&source, program).map_err(|error| error.to_string())?;
    let mut build = Command::new("gcc");
    process::clean(&mut build)
        .args(["-std=c11", "-Wall", "-Wextra", "-Werror"])
        .arg(format!("-I{}", paths::include().display()))
        .arg(&source)
        .arg("-o")
        .arg(&binary);
    process::success(&mut build, process::LIMIT)?;
    let mut run = Command::new(&binary);
    process::success(process::clean(&mut run), process::LIMIT)
}

/// The prototypes, as gcc lists them:
/// `/* …/nexus_loader.h:12:NC */ extern const char *nexus_version_string (void);`.
///
/// # Errors
/// What gcc says.
pub fn functions() -> Result<BTreeSet<String>, String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let list = folder.path().join("list");
    let mut command = Command::new("gcc");
    process::clean(&mut command)
        .args(["-std=c11", "-fsyntax-only", "-x", "c", "-aux-info"])
        .arg(&list)
        .arg(paths::include().join("nexus_loader.h"));
    process::success(&mut command, process::LIMIT)?;
    let text = fs::read_to_string(&list).map_err(|error| error.to_string())?;
    let lines = text
        .lines()
        .filter(|line| line.contains("nexus_loader.h:"))
        .filter_map(|line| line.split_once("*/ extern "))
        .map(|(_, prototype)| prototype.trim_end_matches(';').to_owned());
    Ok(lines.collect())
}

/// Compares the committed list with the header's.
///
/// # Errors
/// The lines that differ, and what to do.
pub fn up_to_date() -> Result<(), String> {
    let committed = fs::read_to_string(path()).map_err(|error| error.to_string())?;
    let made = generate()?;
    if committed == made {
        return Ok(());
    }
    let (old, new) = (lines(&committed), lines(&made));
    let mut text = String::new();
    for line in old.difference(&new) {
        text += &format!("-{line}\n");
    }
    for line in new.difference(&old) {
        text += &format!("+{line}\n");
    }
    Err(format!(
        "the binary interface is another than tests/abi.txt says:\n{text}\
         If that is meant: `cargo run -p nexus_tests --bin abi` writes the list anew; and where a line went \
         away or changed, give nexus_abi::ABI another number."
    ))
}

/// Each older list of the same ABI number, in the history of the repository, is still fulfilled by the committed
/// one. Where there is no repository (an unpacked archive), there is no history to break.
///
/// # Errors
/// The lines that a program built then relies on, and that are gone.
pub fn only_grows() -> Result<(), String> {
    let committed = fs::read_to_string(path()).map_err(|error| error.to_string())?;
    let root = paths::root();
    if !root.join(".git").exists() {
        return Ok(());
    }
    for commit in git(&root, &["log", "--format=%H", "--", "tests/abi.txt"])?.lines() {
        // A commit that took the file away has none.
        let Ok(old) = git(&root, &["show", &format!("{commit}:tests/abi.txt")]) else {
            continue;
        };
        let gone = broken(&old, &committed);
        if !gone.is_empty() {
            return Err(format!(
                "programs built at {commit} would break, though the ABI number is the same:\n{}\n\
                 Give nexus_abi::ABI another number.",
                gone.join("\n")
            ));
        }
    }
    Ok(())
}

fn git(root: &Path, arguments: &[&str]) -> Result<String, String> {
    let mut command = Command::new("git");
    process::clean(&mut command)
        // A clone that belongs to somebody else, as in a container.
        .args(["-c", "safe.directory=*", "-C"])
        .arg(root)
        .args(arguments);
    process::success(&mut command, process::LIMIT)
}

fn lines(list: &str) -> BTreeSet<&str> {
    list.lines().collect()
}

/// What of an older list a newer one with the same number lacks. A struct that begins with its size may grow.
fn broken<'a>(old: &'a str, new: &str) -> Vec<&'a str> {
    if old.lines().next() != new.lines().next() {
        return Vec::new();
    }
    let now = lines(new);
    old.lines()
        .filter(|line| !now.contains(line) && !has_grown(line, &now))
        .collect()
}

fn has_grown(line: &str, now: &BTreeSet<&str>) -> bool {
    fn parts(line: &str) -> Option<(&str, u64)> {
        let (name, size) = line.strip_prefix("growing ")?.split_once(": ")?;
        Some((name, size.strip_suffix(" bytes")?.parse().ok()?))
    }
    parts(line).is_some_and(|(name, old)| {
        now.iter()
            .filter_map(|other| parts(other))
            .any(|(other, size)| other == name && size >= old)
    })
}

/// The rules themselves: a list that lacks or changes a line is found out, one that grows is not.
///
/// # Errors
/// Which rule does not hold.
pub fn rules_hold() -> Result<(), String> {
    const OLD: &str = "abi 7\nconstant A = 1\nfield S.a: at 0, 8 bytes, long a\nfunction int f (int)\n\
                       growing struct S: 16 bytes\nstruct T: 8 bytes\n";
    let changed = |from: &str, to: &str| broken(OLD, &OLD.replace(from, to)).len();
    for (from, to, expected) in [
        ("", "", 0),
        ("A = 1", "A = 2", 1),
        ("constant A = 1\n", "", 1),
        ("at 0", "at 8", 1),
        ("f (int)", "f (long)", 1),
        ("S: 16", "S: 24", 0),
        ("S: 16", "S: 8", 1),
        ("T: 8", "T: 16", 1),
        ("constant A = 1\n", "constant A = 1\nconstant B = 2\n", 0),
        ("abi 7\nconstant A = 1", "abi 8\nconstant A = 2", 0),
    ] {
        if changed(from, to) != expected {
            return Err(format!("{from:?} to {to:?} is not {expected} broken lines"));
        }
    }
    Ok(())
}
