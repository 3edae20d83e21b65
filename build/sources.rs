//! Reads the Rust sources whose exported items make up the C interface, and says in which order.

use quote::ToTokens;
use std::path::{Path, PathBuf};
use syn::{Attribute, FnArg, Item, ItemFn, ReturnType, Type, Visibility};

/// A chapter of the header: a subject with its types and functions.
pub struct Chapter {
    /// Its name as a group of the reference.
    pub name: &'static str,
    pub title: &'static str,
    /// The files whose items it holds, in this order: of each file first the types, then the functions.
    /// C needs a type before its use: its file stands before the one that uses it.
    pub files: &'static [&'static str],
}

const fn chapter(
    name: &'static str,
    title: &'static str,
    files: &'static [&'static str],
) -> Chapter {
    Chapter { name, title, files }
}

/// The chapters, in the order in which the header is read. A file that gives anything to C has a place
/// here; the build stops at one that has none.
pub const CHAPTERS: &[Chapter] = &[
    chapter(
        "status",
        "Status and version",
        &["crates/abi/src/status.rs", "src/version.rs"],
    ),
    chapter("handles", "Handles", &["crates/abi/src/handle.rs"]),
    chapter(
        "values",
        "Values",
        &[
            "crates/abi/src/value.rs",
            "crates/engine/src/object/value.rs",
            "src/names.rs",
        ],
    ),
    chapter(
        "errors",
        "Errors",
        &["src/error.rs", "crates/engine/src/error_parts.rs"],
    ),
    chapter(
        "start",
        "Starting Python",
        &[
            "crates/abi/src/python.rs",
            "src/python/entry.rs",
            "src/python/info.rs",
        ],
    ),
    chapter(
        "loader",
        "The loader",
        &[
            "crates/abi/src/loader.rs",
            "crates/engine/src/loader/api.rs",
        ],
    ),
    chapter(
        "report",
        "The report",
        &[
            "crates/abi/src/report.rs",
            "crates/engine/src/loader/report.rs",
        ],
    ),
    chapter(
        "objects",
        "Objects",
        &[
            "crates/engine/src/import.rs",
            "crates/engine/src/object/attr.rs",
            "crates/engine/src/object/item.rs",
            "crates/engine/src/object/text.rs",
            "crates/abi/src/comparison.rs",
            "crates/engine/src/object/compare.rs",
            "crates/engine/src/object/types.rs",
            "crates/engine/src/object/json.rs",
        ],
    ),
    chapter(
        "calls",
        "Calls",
        &[
            "crates/engine/src/object/call.rs",
            "crates/engine/src/object/prepared.rs",
            "crates/engine/src/object/generator.rs",
            "crates/engine/src/object/awaitable.rs",
        ],
    ),
    chapter(
        "callbacks",
        "Callbacks",
        &[
            "crates/abi/src/function.rs",
            "crates/engine/src/object/function.rs",
            "crates/engine/src/raise.rs",
        ],
    ),
    chapter(
        "containers",
        "Containers",
        &[
            "crates/engine/src/object/iterate.rs",
            "crates/engine/src/object/sequence.rs",
            "crates/engine/src/object/dict.rs",
            "crates/engine/src/object/set.rs",
        ],
    ),
    chapter(
        "numbers",
        "Numbers",
        &[
            "crates/engine/src/object/number.rs",
            "crates/engine/src/object/integer.rs",
            "crates/engine/src/object/complex.rs",
        ],
    ),
    chapter(
        "buffers",
        "Buffers",
        &[
            "crates/abi/src/buffer.rs",
            "crates/engine/src/buffer/get.rs",
            "crates/engine/src/buffer/copy.rs",
        ],
    ),
    chapter(
        "memory",
        "Memory",
        &[
            "crates/abi/src/memory.rs",
            "crates/engine/src/buffer/memory.rs",
        ],
    ),
    chapter(
        "tensors",
        "Tensors",
        &[
            "crates/abi/src/tensor.rs",
            "crates/engine/src/buffer/tensor/get.rs",
            "crates/engine/src/buffer/tensor/export.rs",
        ],
    ),
    chapter(
        "arrow",
        "Arrow",
        &[
            "crates/engine/src/buffer/arrow/import.rs",
            "crates/engine/src/buffer/arrow/export.rs",
        ],
    ),
    chapter(
        "threads",
        "Threads",
        &[
            "crates/engine/src/threads/attach.rs",
            "crates/engine/src/threads/interrupt.rs",
        ],
    ),
    chapter(
        "inspection",
        "Inspection",
        &["src/inspection/facts.rs", "src/inspection/api.rs"],
    ),
    chapter("log", "The log", &["crates/abi/src/log.rs", "src/log.rs"]),
    chapter("details", "Detail codes", &["src/inspection/details.rs"]),
];

/// What the build makes of the sources below `src`.
pub const FORWARDERS: &str = "src/forwarders.rs";

/// One file of a chapter, and what it gives to C.
pub struct Source {
    pub path: PathBuf,
    /// The first line of its `//!` comment.
    pub title: String,
    /// Its chapter's name.
    pub chapter: &'static str,
    /// Its types and constants.
    pub items: Vec<(String, Item)>,
    pub functions: Vec<Function>,
    /// Whether its functions live in the engine and need a forwarder.
    pub engine: bool,
}

impl Source {
    /// The names of all that it gives to C, and of what else it has for Rust.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let functions = self.functions.iter().map(|function| &function.name);
        let items = self.items.iter().map(|(name, _)| name);
        items.chain(functions).map(String::as_str)
    }
}

/// An exported function.
pub struct Function {
    pub name: String,
    pub parameters: Vec<(String, Type)>,
    pub result: Option<Type>,
}

/// Every source file of the interface, in the order of the header.
pub fn read(root: &Path) -> Vec<Source> {
    let placed = CHAPTERS.iter().flat_map(|chapter| {
        let files = chapter.files.iter();
        files.map(|file| parse(root, &root.join(file), chapter.name))
    });
    let placed: Vec<Source> = placed.collect();
    let mut files = Vec::new();
    for folder in ["crates/abi/src", "src", "crates/engine/src"] {
        collect(&root.join(folder), &mut files);
    }
    for file in files {
        if file == root.join(FORWARDERS) || placed.iter().any(|source| source.path == file) {
            continue;
        }
        let lost = parse(root, &file, "");
        if let Some(name) = lost.names().find(|name| is_ours(name)) {
            panic!(
                "{} exports {name}, and no chapter of the header has this file: add it to CHAPTERS in \
                 build/sources.rs",
                file.display()
            );
        }
    }
    placed
}

/// Whether a name is one that C may see.
pub fn is_ours(name: &str) -> bool {
    ["nexus_", "Nexus", "NEXUS_"]
        .iter()
        .any(|start| name.starts_with(start))
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in
        std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
    {
        let path = entry.expect("readable folder").path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

fn parse(root: &Path, path: &Path, chapter: &'static str) -> Source {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| {
        panic!(
            "{}: {error} (the chapters of the header are in build/sources.rs)",
            path.display()
        )
    });
    let file = syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut items = Vec::new();
    let mut functions = Vec::new();
    for item in file.items {
        let (visibility, name) = match &item {
            Item::Fn(function) => {
                functions.extend(exported(function));
                continue;
            }
            // cbindgen would take it for one of ours.
            Item::ForeignMod(block) => {
                assert!(
                    !block.to_token_stream().to_string().contains("fn nexus_"),
                    "{}: declares a function of ours",
                    path.display()
                );
                continue;
            }
            Item::Struct(item) => (&item.vis, &item.ident),
            Item::Enum(item) => (&item.vis, &item.ident),
            Item::Union(item) => (&item.vis, &item.ident),
            Item::Type(item) => (&item.vis, &item.ident),
            Item::Const(item) => (&item.vis, &item.ident),
            _ => continue,
        };
        if matches!(visibility, Visibility::Public(_)) {
            items.push((name.to_string(), item));
        }
    }
    let title = text
        .lines()
        .next()
        .and_then(|line| line.strip_prefix("//! "));
    Source {
        path: path.to_path_buf(),
        title: title.unwrap_or_default().trim_end_matches('.').to_string(),
        chapter,
        items,
        functions,
        engine: path.starts_with(root.join("crates/engine")),
    }
}

fn exported(function: &ItemFn) -> Option<Function> {
    let name = function.sig.ident.to_string();
    if !function.attrs.iter().any(no_mangle)
        || !name.starts_with("nexus_")
        || name.starts_with("nexus_engine_")
    {
        return None;
    }
    assert!(
        matches!(function.vis, Visibility::Public(_)),
        "{name} is exported but not pub"
    );
    assert!(
        function
            .attrs
            .iter()
            .any(|attribute| attribute.path().is_ident("doc")),
        "{name} is exported without a comment"
    );
    let parameters = function
        .sig
        .inputs
        .iter()
        .map(|input| match input {
            FnArg::Typed(parameter) => {
                let syn::Pat::Ident(ident) = &*parameter.pat else {
                    panic!("{name}: a parameter without a name")
                };
                (ident.ident.to_string(), (*parameter.ty).clone())
            }
            FnArg::Receiver(_) => panic!("{name} has a self"),
        })
        .collect();
    let result = match &function.sig.output {
        ReturnType::Default => None,
        ReturnType::Type(_, result) => Some((**result).clone()),
    };
    Some(Function {
        name,
        parameters,
        result,
    })
}

fn no_mangle(attribute: &Attribute) -> bool {
    if attribute.path().is_ident("no_mangle") {
        return true;
    }
    let mut found = false;
    if attribute.path().is_ident("unsafe") {
        let _ = attribute.parse_nested_meta(|meta| {
            found |= meta.path.is_ident("no_mangle");
            Ok(())
        });
    }
    found
}
