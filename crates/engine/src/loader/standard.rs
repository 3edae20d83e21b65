//! Files that are the interpreter's own extension modules, or other builds of them.
//!
//! Two of one in a process damage the standard library, however carefully the second is loaded: they keep
//! state for the whole interpreter. A second `_datetime` ends CPython 3.13 with a segmentation fault, a second
//! `_zoneinfo` makes zoneinfo of 3.11 useless.

use crate::interpreter;
use crate::loader::entry::Entry;
use nexus_inspect::{Detail, Image, Problem};
use rustc_hash::FxHashSet;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// Whether the interpreter is to import the file by its name: it lies in the interpreter's own folder, or
/// is a copy of one that does, as programs that bring a Python have them. For files that are not settled.
pub fn is_own(entry: &Entry) -> bool {
    *entry.own.get_or_init(|| {
        let interpreter = interpreter::get();
        interpreter.owns(&entry.real_path)
            || carries_standard_name(entry)
                && interpreter
                    .own_module(&entry.stem)
                    .is_some_and(|own| same_contents(&own, &entry.path).unwrap_or(false))
    })
}

fn carries_standard_name(entry: &Entry) -> bool {
    entry.root.is_none() && interpreter::standard_names().all.contains(&entry.stem)
}

fn same_contents(one: &Path, other: &Path) -> std::io::Result<bool> {
    let (mut one, mut other) = (File::open(one)?, File::open(other)?);
    if one.metadata()?.len() != other.metadata()?.len() {
        return Ok(false);
    }
    let (mut bytes, mut others) = (Vec::new(), Vec::new());
    one.read_to_end(&mut bytes)?;
    other.read_to_end(&mut others)?;
    Ok(bytes == others)
}

/// Whether it is one of CPython's own modules, and not this interpreter's: that of another installation. A
/// module of somebody else that only has the name is not one of them.
pub fn is_other_build(entry: &Entry, image: &Image) -> bool {
    if !carries_standard_name(entry) || is_own(entry) {
        return false;
    }
    let interpreter = interpreter::get();
    match interpreter.own_module(&entry.stem) {
        Some(own) => is_of_cpython(image) || is_like(image, &own),
        None => interpreter::standard_names().builtin.contains(&entry.stem) && is_of_cpython(image),
    }
}

/// Whether it calls what CPython's Argument Clinic writes into the modules of CPython's own sources: private
/// functions, which no other tool uses.
fn is_of_cpython(image: &Image) -> bool {
    const CLINIC: [&str; 6] = [
        "_PyArg_BadArgument",
        "_PyArg_CheckPositional",
        "_PyArg_NoKeywords",
        "_PyArg_NoPositional",
        "_PyArg_ParseStackAndKeywords",
        "_PyArg_UnpackKeywords",
    ];
    image
        .undefined_python
        .iter()
        .any(|name| CLINIC.contains(&name.as_str()))
}

/// Whether it needs mostly the same Python functions as the interpreter's own module of that name: two builds
/// of one source differ by a few.
fn is_like(image: &Image, own: &Path) -> bool {
    let Ok(own) = Image::read(own) else {
        return false;
    };
    let names =
        |image: &Image| -> FxHashSet<String> { image.undefined_python.iter().cloned().collect() };
    let (one, other) = (names(image), names(&own));
    let (common, all) = (one.intersection(&other).count(), one.union(&other).count());
    common * 4 >= all * 3
}

/// What is to be said about it.
pub fn problem(entry: &Entry) -> Problem {
    Problem {
        detail: Detail::STANDARD_LIBRARY_NAME,
        message: format!(
            "another build of the standard library's {}; two in one process would damage each other",
            entry.stem
        ),
    }
}
