//! Reads the Rust sources whose exported items make up the C interface.

use std::path::{Path, PathBuf};
use syn::{Attribute, FnArg, ForeignItem, Item, ItemFn, ReturnType, Type, Visibility};

/// One file and what it exports.
pub struct Source {
    pub path: PathBuf,
    /// The first line of its `//!` comment, for the header's section banner.
    pub title: String,
    pub functions: Vec<Function>,
    /// Whether its functions live in the engine and need a forwarder.
    pub engine: bool,
}

/// An exported function.
pub struct Function {
    pub name: String,
    pub parameters: Vec<(String, Type)>,
    pub result: Option<Type>,
}

/// The order of the header's sections: from what most hosts need to the rest. A file that is not
/// listed comes after these.
const ORDER: &[&str] = &[
    "crates/abi/src/status.rs",
    "crates/abi/src/handle.rs",
    "crates/abi/src/value.rs",
    "crates/abi/src/comparison.rs",
    "crates/abi/src/function.rs",
    "crates/abi/src/options.rs",
    "crates/abi/src/memory.rs",
    "crates/abi/src/state.rs",
    "crates/abi/src/log.rs",
    "src/version.rs",
    "src/python/start.rs",
    "src/python/info.rs",
    "crates/engine/src/loader/api.rs",
    "crates/engine/src/loader/report.rs",
    "crates/engine/src/import.rs",
    "crates/engine/src/object/call.rs",
    "crates/engine/src/object/attr.rs",
    "crates/engine/src/object/item.rs",
    "crates/engine/src/object/iterate.rs",
    "crates/engine/src/object/sequence.rs",
    "crates/engine/src/object/numbers.rs",
    "crates/engine/src/object/dict.rs",
    "crates/engine/src/object/set.rs",
    "crates/engine/src/object/value.rs",
    "crates/engine/src/object/number.rs",
    "crates/engine/src/object/int_text.rs",
    "crates/engine/src/object/int_bytes.rs",
    "crates/engine/src/object/complex.rs",
    "crates/engine/src/object/text.rs",
    "crates/engine/src/object/compare.rs",
    "crates/engine/src/object/types.rs",
    "crates/engine/src/object/help.rs",
    "crates/engine/src/object/json.rs",
    "crates/engine/src/object/generator.rs",
    "crates/engine/src/object/run.rs",
    "crates/engine/src/object/release.rs",
    "crates/engine/src/buffer/get.rs",
    "crates/engine/src/buffer/copy.rs",
    "crates/engine/src/buffer/memory.rs",
    "crates/engine/src/buffer/tensor/get.rs",
    "crates/engine/src/buffer/tensor/export.rs",
    "crates/engine/src/buffer/arrow/import.rs",
    "crates/engine/src/buffer/arrow/export.rs",
    "src/error.rs",
    "src/names.rs",
    "src/log.rs",
];

/// Every source file of the interface, in the order of the header.
pub fn read(root: &Path) -> Vec<Source> {
    let mut files = Vec::new();
    for folder in ["crates/abi/src", "src", "crates/engine/src"] {
        collect(&root.join(folder), &mut files);
    }
    files.sort_by_key(|file| {
        let relative = file
            .strip_prefix(root)
            .expect("below the root")
            .to_string_lossy()
            .replace('\\', "/");
        (
            ORDER
                .iter()
                .position(|known| *known == relative)
                .unwrap_or(ORDER.len()),
            relative,
        )
    });
    files.iter().map(|file| parse(root, file)).collect()
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

fn parse(root: &Path, path: &Path) -> Source {
    let text =
        std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let file = syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let engine = path.starts_with(root.join("crates/engine"));
    let functions: Vec<Function> = file
        .items
        .iter()
        .filter_map(|item| match item {
            Item::Fn(function) => exported(function),
            Item::ForeignMod(block) => {
                for item in &block.items {
                    if let ForeignItem::Fn(function) = item {
                        assert!(
                            !function.sig.ident.to_string().starts_with("nexus_"),
                            "{}: declares {}",
                            path.display(),
                            function.sig.ident
                        );
                    }
                }
                None
            }
            _ => None,
        })
        .collect();
    let title = text
        .lines()
        .next()
        .and_then(|line| line.strip_prefix("//! "))
        .unwrap_or_default()
        .trim_end_matches('.')
        .to_string();
    Source {
        path: path.to_path_buf(),
        title,
        functions,
        engine,
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
