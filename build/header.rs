//! Writes `include/nexus_loader.h`: the declarations that cbindgen makes, in chapters.

use crate::sources::{CHAPTERS, Chapter, Function, Source};
use std::fmt::Write;
use std::path::Path;

/// A declaration of the header with its comment.
struct Item {
    name: String,
    text: String,
}

/// Makes the header's text.
pub fn generate(root: &Path, sources: &[Source]) -> String {
    let mut config =
        cbindgen::Config::from_file(root.join("cbindgen.toml")).expect("cbindgen.toml is valid");
    let conventions = config.header.take().expect("cbindgen.toml has a header");
    let inline = config.trailer.take().expect("cbindgen.toml has a trailer");
    let mut items = items(&declarations(config, sources));

    let mut out = format!(
        "{}\n#ifndef NEXUS_LOADER_H\n#define NEXUS_LOADER_H\n\n\
         #include <stdbool.h>\n#include <stddef.h>\n#include <stdint.h>\n\n{}\n\
         #ifdef __cplusplus\nextern \"C\" {{\n#endif\n",
        conventions.trim(),
        version_macros()
    );
    for chapter in CHAPTERS {
        let (name, title) = (chapter.name, chapter.title);
        let line = "=".repeat(90 - title.len());
        write!(
            out,
            "\n/* ==== {title} {line} */\n\n/**\n * @defgroup nexus_{name} {title}\n * @{{\n */\n"
        )
        .unwrap();
        if name == "details" {
            write!(out, "\n{}", crate::details::constants()).unwrap();
        }
        write_chapter(&mut out, chapter, sources, &mut items, &inline);
        out.push_str("\n/** @} */\n");
    }
    if let Some(Item { name, .. }) = items.first() {
        panic!("cbindgen declares {name}, which is in no source file of build/sources.rs");
    }
    out.push_str("\n#ifdef __cplusplus\n}\n#endif\n\n#endif /* NEXUS_LOADER_H */\n");
    out
}

/// What cbindgen makes of the sources: all types first, then all functions.
fn declarations(config: cbindgen::Config, sources: &[Source]) -> String {
    let mut builder = cbindgen::Builder::new().with_config(config);
    for source in sources {
        builder = builder.with_src(&source.path);
    }
    let mut text = Vec::new();
    builder
        .generate()
        .expect("the interface is plain C")
        .write(&mut text);
    String::from_utf8(text).expect("cbindgen writes UTF-8")
}

/// Takes cbindgen's text apart: each declaration is a comment and what follows it, up to the end of a macro's
/// line or a semicolon outside braces.
fn items(text: &str) -> Vec<Item> {
    let mut items = Vec::new();
    let (mut item, mut code) = (String::new(), String::new());
    let mut comment = false;
    for line in text.lines().filter(|line| !line.is_empty()) {
        item.push_str(line);
        item.push('\n');
        let trimmed = line.trim_start();
        comment |= trimmed.starts_with("/*");
        if comment {
            comment = !trimmed.ends_with("*/");
            continue;
        }
        code.push_str(line);
        let open = code.matches('{').count() > code.matches('}').count();
        if line.starts_with("#define ") || (line.ends_with(';') && !open) {
            let name = name(&code);
            // A struct, union or enumeration has a tag too: a host may declare it in advance.
            let text = ["struct", "union", "enum"].iter().fold(item, |text, kind| {
                let typedef = format!("typedef {kind} ");
                text.replace(&format!("{typedef}{{"), &format!("{typedef}{name} {{"))
            });
            items.push(Item {
                name,
                text: short_comments(&text),
            });
            (item, code) = (String::new(), String::new());
        }
    }
    assert!(item.is_empty(), "no declaration ends: {item}");
    items
}

/// Writes a comment of one line in one line.
fn short_comments(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, comment)) = rest.split_once("/**\n") {
        out.push_str(before);
        let (comment, after) = comment
            .split_once("*/")
            .expect("cbindgen ends its comments");
        match comment.trim_end().lines().collect::<Vec<_>>()[..] {
            [line] if line.len() <= 95 => {
                write!(out, "/** {} */", line.trim_start_matches([' ', '*'])).unwrap();
            }
            _ => write!(out, "/**\n{comment}*/").unwrap(),
        }
        rest = after;
    }
    out + rest
}

/// What a declaration declares.
fn name(code: &str) -> String {
    let before_parenthesis = || code.split('(').next()?.rsplit([' ', '*']).next();
    let name = if let Some(function_type) = code.split("(*").nth(1) {
        function_type.split(')').next()
    } else if code.starts_with("#define ") {
        code.split(' ').nth(1)
    } else if code.starts_with("typedef ") {
        code.trim_end_matches(';').rsplit([' ', '}']).next()
    } else {
        before_parenthesis()
    };
    name.unwrap_or_else(|| panic!("what does `{code}` declare?"))
        .to_string()
}

/// Moves the chapter's items into the header, of each file the types and then the functions. A banner tells
/// the subjects of a chapter apart.
fn write_chapter(
    out: &mut String,
    chapter: &Chapter,
    sources: &[Source],
    items: &mut Vec<Item>,
    inline: &str,
) {
    let sources = sources
        .iter()
        .filter(|source| source.chapter == chapter.name);
    let several = sources
        .clone()
        .filter(|source| !source.functions.is_empty())
        .count()
        > 1;
    for source in sources {
        let mine = items.extract_if(.., |item| source.names().any(|name| name == item.name));
        let is_function = |item: &Item| item.name.starts_with("nexus_");
        let (functions, types): (Vec<Item>, Vec<Item>) = mine.partition(is_function);
        let write_all = |out: &mut String, items: Vec<Item>| {
            for item in items {
                write!(out, "\n{}", item.text).unwrap();
            }
        };
        write_all(out, types);
        if source.names().any(|name| name == "NexusValue") {
            write!(out, "\n{}\n", inline.trim()).unwrap();
        }
        for Function { name, .. } in &source.functions {
            assert!(
                functions.iter().any(|item| item.name == *name),
                "cbindgen does not declare {name} of {}",
                source.path.display()
            );
        }
        if several && !functions.is_empty() {
            let title = &source.title;
            let line = "-".repeat(90_usize.saturating_sub(title.len()));
            write!(out, "\n/* ---- {title} {line} */\n").unwrap();
        }
        write_all(out, functions);
    }
}

fn version_macros() -> String {
    let number =
        |name: &str| std::env::var(format!("CARGO_PKG_VERSION_{name}")).expect("cargo sets it");
    let (major, minor, patch) = (number("MAJOR"), number("MINOR"), number("PATCH"));
    format!(
        "/** Version of this header; compare with nexus_version_number(), the library's. */\n\
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
