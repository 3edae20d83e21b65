//! Makes `include/nexus_loader.cdef`: the header's declarations alone, for what parses C but has no
//! preprocessor: LuaJIT's `ffi.cdef` and Python's cffi.

const INTRODUCTION: &str = "\
/*
 * nexus_loader: the declarations of nexus_loader.h without a preprocessor line, for LuaJIT's ffi.cdef and
 * Python's cffi, which take this file whole. What each one means stands in nexus_loader.h.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 * Generated from nexus_loader.h by the build. Do not edit.
 */
";

/// The declarations of the header's text.
pub fn generate(header: &str) -> String {
    let header = without_comments(header)
        .replace("NEXUS_API ", "")
        .replace("NEXUS_API\n", "");
    let (lines, constants) = without_preprocessor(&header);
    let mut out = String::from(INTRODUCTION);
    out.push_str("enum {\n");
    for (name, value) in constants {
        out.push_str(&format!("    {name} = {value},\n"));
    }
    out.push_str("};\n");
    let mut enumeration = None;
    let mut inline = false;
    for line in lines {
        // An inline function is code, up to its last brace.
        if inline || line.starts_with("static inline ") {
            inline = line != "}";
        } else if let Some(name) = enumeration_begins(line) {
            // An integer in both languages, as the functions that take or give a plain uint32_t have it:
            // a function may return a number that has no name yet.
            out.push_str(&format!("typedef uint32_t {name};\nenum {{\n"));
            enumeration = Some(name);
        } else if enumeration.is_some_and(|name| line == format!("}} {name};")) {
            out.push_str("};\n");
            enumeration = None;
        } else {
            out.push_str(line);
            out.push('\n');
        }
    }
    out
}

fn enumeration_begins(line: &str) -> Option<&str> {
    line.strip_prefix("typedef enum ")?.strip_suffix(" {")
}

fn without_comments(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(begin) = rest.find("/*") {
        out.push_str(&rest[..begin]);
        let comment = &rest[begin..];
        let end = comment.find("*/").expect("cbindgen ends its comments") + 2;
        rest = &comment[end..];
    }
    out.push_str(rest);
    out
}

/// The lines with something on them, and the constants that were macros.
fn without_preprocessor(text: &str) -> (Vec<&str>, Vec<(&str, u64)>) {
    let mut lines = Vec::new();
    let mut constants = Vec::new();
    let mut only_cpp = false;
    for line in text.lines().map(str::trim_end) {
        if let Some(macro_text) = line.strip_prefix("#define ") {
            constants.extend(constant(macro_text, &constants));
        } else if line.starts_with('#') {
            only_cpp = line == "#ifdef __cplusplus";
        } else if !only_cpp && !line.is_empty() {
            lines.push(line);
        }
    }
    (lines, constants)
}

/// The name and number of a macro; none for the include guard, the version's text, which
/// `nexus_version_string` gives, and what stands before functions.
fn constant<'a>(text: &'a str, before: &[(&str, u64)]) -> Option<(&'a str, u64)> {
    let (name, value) = text.split_once(' ')?;
    if let Ok(number) = value.parse() {
        return Some((name, number));
    }
    if value.starts_with('"') || name == "NEXUS_API" {
        return None;
    }
    assert_eq!(name, "NEXUS_VERSION_NUMBER", "`{value}` is no number");
    let part = |part: &str| {
        let name = format!("NEXUS_VERSION_{part}");
        let found = before.iter().find(|(other, _)| *other == name);
        found.expect("the header has the parts before the whole").1
    };
    Some((
        name,
        part("MAJOR") << 16 | part("MINOR") << 8 | part("PATCH"),
    ))
}
