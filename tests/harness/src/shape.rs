//! What `readelf` and `nm` say about the two libraries.

use crate::{abi_list, paths, process};
use std::collections::BTreeSet;
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
    let list = std::fs::read_to_string(abi_list::path()).map_err(|error| error.to_string())?;
    let number = list.lines().find_map(|line| line.strip_prefix("abi "));
    let number = number.ok_or("tests/abi.txt has no number")?;
    LIBRARIES.into_iter().try_for_each(|library| {
        let text = dynamic(library)?;
        wanted(
            text.contains(&format!("soname: [{library}.{number}]")),
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
            // In the wheel the engine is an extension module.
            .filter(|name| (library, *name) != (LIBRARIES[1], "PyInit__engine"))
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
    let exported = symbols(LIBRARIES[0], "--defined-only")?;
    let exported: BTreeSet<String> = exported.into_iter().map(|(_, name)| name).collect();
    let declared = declared()?;
    let only = |one: &BTreeSet<String>, other| {
        let names: Vec<&str> = one.difference(other).map(String::as_str).collect();
        names.join("\n")
    };
    let undeclared = only(&exported, &declared);
    let what = "exports what the header does not declare";
    wanted(undeclared.is_empty(), LIBRARIES[0], what, &undeclared)?;
    let missing = only(&declared, &exported);
    let what = "lacks what the header declares";
    wanted(missing.is_empty(), LIBRARIES[0], what, &missing)
}

/// The names of the functions that the header declares.
fn declared() -> Result<BTreeSet<String>, String> {
    let prototypes = abi_list::functions()?;
    let names = prototypes
        .iter()
        .filter_map(|line| line.split(" (").next()?.rsplit([' ', '*']).next())
        .map(str::to_owned)
        .collect();
    Ok(names)
}
