//! Writes `include/nexus_loader.h` with cbindgen.

use crate::sources::Source;
use std::path::Path;

/// Generates the header and compares it with the committed one. A difference is written and said. Gives its
/// text without the macro before each function.
pub fn write(root: &Path, sources: &[Source]) -> String {
    let mut config =
        cbindgen::Config::from_file(root.join("cbindgen.toml")).expect("cbindgen.toml is valid");
    config.after_includes = Some(version_macros() + &crate::details::constants());
    let mut builder = cbindgen::Builder::new().with_config(config);
    // What exports nothing to C stays out: cbindgen would put private constants into the header.
    for source in sources
        .iter()
        .filter(|source| !source.functions.is_empty() || is_vocabulary(root, source))
    {
        builder = builder.with_src(&source.path);
    }
    let mut text = Vec::new();
    builder
        .generate()
        .expect("the interface is plain C")
        .write(&mut text);
    let text = guard_around_all(&String::from_utf8(text).expect("cbindgen writes UTF-8"));
    let text = without_tags(&text);
    let plain = with_banners(text, sources);
    let text = with_import(&plain);

    let header = root.join("include/nexus_loader.h");
    let committed = std::fs::read_to_string(&header).unwrap_or_default();
    if committed != text {
        // A read-only source tree (a distribution's build) is no reason to fail: the check is CI's.
        match std::fs::write(&header, &text) {
            Ok(()) => println!(
                "cargo:warning=include/nexus_loader.h differed from the sources and was written anew: commit it"
            ),
            Err(error) => {
                println!("cargo:warning=include/nexus_loader.h differs from the sources: {error}")
            }
        }
    }
    plain
}

fn is_vocabulary(root: &Path, source: &Source) -> bool {
    [
        "status.rs",
        "handle.rs",
        "value.rs",
        "comparison.rs",
        "function.rs",
        "options.rs",
        "memory.rs",
        "state.rs",
        "log.rs",
    ]
    .iter()
    .any(|name| source.path == root.join("crates/abi/src").join(name))
}

fn version_macros() -> String {
    let number =
        |name: &str| std::env::var(format!("CARGO_PKG_VERSION_{name}")).expect("cargo sets it");
    let (major, minor, patch) = (number("MAJOR"), number("MINOR"), number("PATCH"));
    format!(
        "\n/** Version of this header; compare with nexus_version_number(), the library's. */\n\
         #define NEXUS_VERSION_MAJOR {major}\n\
         #define NEXUS_VERSION_MINOR {minor}\n\
         #define NEXUS_VERSION_PATCH {patch}\n\
         #define NEXUS_VERSION_NUMBER (NEXUS_VERSION_MAJOR << 16 | NEXUS_VERSION_MINOR << 8 | NEXUS_VERSION_PATCH)\n\
         #define NEXUS_VERSION_STRING \"{major}.{minor}.{patch}\"\n\
         /** Version of the binary interface: the number in the libraries' SONAME. */\n\
         #define NEXUS_ABI {}\n\
         \n\
         /** What stands before each function: on Windows, that it comes from the DLL. A program that defines the\n \
         * functions itself, or takes their addresses in initializers, defines this macro first, as nothing. */\n\
         #if !defined(NEXUS_API) && defined(_WIN32)\n\
         #define NEXUS_API __declspec(dllimport)\n\
         #elif !defined(NEXUS_API)\n\
         #define NEXUS_API\n\
         #endif\n",
        nexus_abi::ABI
    )
}

/// cbindgen ends the include guard before the trailer; a header that is included twice needs all in it.
fn guard_around_all(header: &str) -> String {
    let end = header
        .lines()
        .find(|line| line.starts_with("#endif") && line.contains("NEXUS_LOADER_H"));
    let end = end.expect("cbindgen closes the guard that cbindgen.toml asks for");
    format!("{}\n{end}\n", header.replacen(end, "", 1).trim_end())
}

/// Writes `NexusText text;` for `struct NexusText text;`: every type has a typedef. Continuation lines of
/// declarations are indented to match.
fn without_tags(header: &str) -> String {
    let mut out = String::new();
    let mut removed = 0;
    for line in header.lines() {
        if line.starts_with("typedef") {
            out.push_str(line);
        } else {
            let indent = line.len() - line.trim_start().len();
            let continues = indent > 8;
            let text = ["enum ", "struct ", "union "]
                .iter()
                .fold(line.trim_start().to_string(), |text, tag| {
                    text.replace(&format!("{tag}Nexus"), "Nexus")
                });
            if !continues {
                let before = line.find('(').unwrap_or(0);
                removed = before - text.find('(').map_or(0, |at| at + indent).min(before);
            }
            out.push_str(&" ".repeat(if continues { indent - removed } else { indent }));
            out.push_str(&text);
        }
        out.push('\n');
    }
    out
}

/// Puts `NEXUS_API` before each function, and indents its continuation lines to match.
fn with_import(header: &str) -> String {
    const MACRO: &str = "NEXUS_API ";
    let mut out = String::new();
    let mut inside = false;
    for line in header.lines() {
        let begins = line.starts_with(|c: char| c.is_ascii_alphabetic())
            && !line.starts_with("static ")
            && line
                .split_once('(')
                .and_then(|(before, _)| before.rsplit([' ', '*']).next())
                .is_some_and(|name| name.starts_with("nexus_"));
        if begins {
            out.push_str(MACRO);
        } else if inside {
            out.push_str(&" ".repeat(MACRO.len()));
        }
        inside = (begins || inside) && !line.ends_with(';');
        out.push_str(line);
        out.push('\n');
    }
    out
}

/// Puts a banner before the first function of each file, with the first line of the file's comment.
fn with_banners(header: String, sources: &[Source]) -> String {
    let mut lines: Vec<String> = header.lines().map(str::to_string).collect();
    for source in sources {
        let Some(function) = source.functions.first() else {
            continue;
        };
        let call = format!("{}(", function.name);
        let Some(mut at) = lines
            .iter()
            .position(|line| !line.trim_start().starts_with('*') && line.contains(&call))
        else {
            panic!("{} is not in the header", function.name)
        };
        // Above the function's comment.
        while at > 0 && lines[at - 1].trim_start().starts_with(['*', '/']) {
            at -= 1;
        }
        lines.insert(
            at,
            format!(
                "/* ---- {} {} */\n",
                source.title,
                "-".repeat(90_usize.saturating_sub(source.title.len()))
            ),
        );
    }
    lines.join("\n") + "\n"
}
