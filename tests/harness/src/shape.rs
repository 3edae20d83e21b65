//! What `readelf` and `nm` say about the two libraries.

use crate::{paths, process};
use std::process::Command;
use std::time::Duration;

const LIBRARIES: [&str; 2] = ["libnexus_loader.so", "libnexus_engine.so"];

fn run(tool: &str, arguments: &[&str], library: &str) -> Result<String, String> {
    let path = paths::libraries().join(library);
    let mut command = Command::new(tool);
    process::clean(&mut command).args(arguments).arg(&path);
    process::success(&mut command, Duration::from_secs(20))
}

fn dynamic(library: &str) -> Result<String, String> {
    run("readelf", &["-W", "-d"], library)
}

/// What `nm -D` lists, as (kind, name without version).
fn symbols(library: &str, which: &str) -> Result<Vec<(String, String)>, String> {
    let text = run("nm", &["-D", which], library)?;
    Ok(text
        .lines()
        .filter_map(|line| {
            let mut words = line.split_whitespace().rev();
            let name = words.next()?.split('@').next()?.to_owned();
            Some((words.next()?.to_owned(), name))
        })
        .collect())
}

fn wanted(holds: bool, library: &str, what: &str, seen: &str) -> Result<(), String> {
    if holds {
        Ok(())
    } else {
        Err(format!("{library}: {what}\n{seen}"))
    }
}

/// The front must open where no Python is: it names no Python symbol.
///
/// # Errors
/// The symbols that it names.
pub fn no_python_symbol_in_front() -> Result<(), String> {
    let undefined = symbols(LIBRARIES[0], "--undefined-only")?;
    wanted(
        !undefined.is_empty(),
        LIBRARIES[0],
        "nm lists no undefined symbol at all",
        "",
    )?;
    let python: Vec<&str> = undefined
        .iter()
        .map(|(_, name)| name.as_str())
        .filter(|name| name.trim_start_matches('_').starts_with("Py"))
        .collect();
    wanted(
        python.is_empty(),
        LIBRARIES[0],
        "names Python symbols",
        &python.join("\n"),
    )
}

/// The engine does use Python, so that the test above can tell the difference.
///
/// # Errors
/// What `nm` lists.
pub fn engine_uses_python() -> Result<(), String> {
    let undefined = symbols(LIBRARIES[1], "--undefined-only")?;
    wanted(
        undefined.iter().any(|(_, name)| name.starts_with("Py")),
        LIBRARIES[1],
        "no Python symbol",
        "",
    )
}

/// Neither is linked with a libpython.
///
/// # Errors
/// The dynamic section.
pub fn no_libpython_needed() -> Result<(), String> {
    LIBRARIES.into_iter().try_for_each(|library| {
        let text = dynamic(library)?;
        wanted(
            text.contains("(NEEDED)"),
            library,
            "needs nothing, not even libc?",
            &text,
        )?;
        wanted(
            !text.contains("libpython"),
            library,
            "is linked with libpython",
            &text,
        )
    })
}

/// Both carry the number of the binary interface in their SONAME.
///
/// # Errors
/// The dynamic section.
pub fn soname_has_abi_number() -> Result<(), String> {
    LIBRARIES.into_iter().try_for_each(|library| {
        let text = dynamic(library)?;
        wanted(
            text.contains(&format!("soname: [{library}.0]")),
            library,
            "has another SONAME",
            &text,
        )
    })
}

/// A host's `dlclose` must not unmap what threads and interpreters point into.
///
/// # Errors
/// The dynamic section.
pub fn nodelete() -> Result<(), String> {
    LIBRARIES.into_iter().try_for_each(|library| {
        let text = dynamic(library)?;
        wanted(
            text.contains("NODELETE"),
            library,
            "is not marked NODELETE",
            &text,
        )
    })
}

/// Static TLS runs out in processes with many plugins: ours must not take from it.
///
/// # Errors
/// The dynamic section.
pub fn no_static_tls() -> Result<(), String> {
    LIBRARIES.into_iter().try_for_each(|library| {
        let text = dynamic(library)?;
        wanted(
            !text.contains("STATIC_TLS"),
            library,
            "is marked STATIC_TLS",
            &text,
        )
    })
}

/// Nothing but `nexus_…` is visible to the host.
///
/// # Errors
/// The other symbols.
pub fn exports_only_nexus() -> Result<(), String> {
    LIBRARIES.into_iter().try_for_each(|library| {
        let exported = symbols(library, "--defined-only")?;
        wanted(!exported.is_empty(), library, "exports nothing", "")?;
        let others: Vec<&str> = exported
            .iter()
            .map(|(_, name)| name.as_str())
            .filter(|name| !name.starts_with("nexus_"))
            .collect();
        wanted(
            others.is_empty(),
            library,
            "exports other names",
            &others.join("\n"),
        )
    })
}

/// Each function that the header declares is exported by the front, and each that the front exports
/// is in the header.
///
/// # Errors
/// The names that are in one and not in the other.
pub fn header_and_front_agree() -> Result<(), String> {
    let header = paths::include().join("nexus_loader.h");
    let text = std::fs::read_to_string(&header)
        .map_err(|error| format!("{}: {error}", header.display()))?;
    let exported = symbols(LIBRARIES[0], "--defined-only")?;
    let undeclared: Vec<&str> = exported
        .iter()
        .map(|(_, name)| name.as_str())
        .filter(|name| !text.contains(&format!("{name}(")))
        .collect();
    wanted(
        undeclared.is_empty(),
        LIBRARIES[0],
        "exports what the header does not declare",
        &undeclared.join("\n"),
    )?;
    let missing: Vec<String> = declared(&text)
        .into_iter()
        .filter(|name| !exported.iter().any(|(_, other)| other == name))
        .collect();
    wanted(
        missing.is_empty(),
        LIBRARIES[0],
        "lacks what the header declares",
        &missing.join("\n"),
    )
}

/// The functions that a header declares: `nexus_name(` outside comments, in a declaration that ends
/// with a semicolon and is not `static`.
fn declared(header: &str) -> Vec<String> {
    let mut code = String::new();
    let mut rest = header;
    while let Some(start) = rest.find("/*") {
        code += &rest[..start];
        rest = rest[start..]
            .split_once("*/")
            .map_or("", |(_, after)| after);
    }
    code += rest;
    let lines: String = code
        .lines()
        .filter(|line| !line.trim_start().starts_with('#'))
        .flat_map(|line| [line, "\n"])
        .collect();
    lines
        .split_inclusive([';', '}', '{'])
        .filter(|piece| {
            piece.ends_with(';') && !piece.contains("typedef") && !piece.contains("return")
        })
        .filter_map(|piece| {
            let before = &piece[..piece.find('(')?];
            let name = before
                .rsplit(|c: char| !c.is_alphanumeric() && c != '_')
                .next()?;
            name.starts_with("nexus_").then(|| name.to_owned())
        })
        .collect()
}
