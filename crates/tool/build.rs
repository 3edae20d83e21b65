//! Writes the C interface as Rust declarations, and puts the version into the program where it is built for
//! Windows.

#[path = "../../build/sources.rs"]
#[allow(dead_code, reason = "the header needs more of it")]
mod sources;
#[path = "../../build/version_info.rs"]
mod version_info;

use quote::{ToTokens, format_ident, quote};
use sources::{Function, is_ours};
use std::path::Path;
use syn::Item;

fn main() {
    for watched in [
        "build.rs",
        "../../build/sources.rs",
        "../../build/version_info.rs",
        "../../src",
        "../abi/src",
        "../engine/src",
    ] {
        println!("cargo:rerun-if-changed={watched}");
    }
    let out = std::env::var_os("OUT_DIR").expect("cargo sets it");
    std::fs::write(Path::new(&out).join("interface.rs"), interface()).expect("OUT_DIR is writable");
    version_info::write("nexus.exe", "Shows what becomes of compiled Python modules");
}

/// The types and numbers of the interface, and for each function a type of its name. Enumerations are
/// numbers: a newer library may have new ones.
fn interface() -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut out = String::new();
    // Structs of others, as in the header.
    for name in ["ArrowSchema", "ArrowArray", "ArrowArrayStream"] {
        out.push_str(&format!("pub type {name} = c_void;\n"));
    }
    for source in sources::read(&root) {
        for (name, item) in source.items {
            if is_ours(&name) || name.starts_with("Raw") {
                out.push_str(&declared(item));
            }
        }
        for Function {
            name,
            parameters,
            result,
        } in source.functions
        {
            let name = format_ident!("{name}");
            let types = parameters.into_iter().map(|(_, ty)| ty);
            let result = result.map(|ty| quote!(-> #ty));
            let function = quote!(pub type #name = unsafe extern "C" fn(#(#types),*) #result;);
            out.push_str(&format!("{function}\n"));
        }
    }
    for detail in nexus_inspect::Detail::all() {
        let (name, number) = (detail.name(), detail.number());
        out.push_str(&format!("pub const NEXUS_DETAIL_{name}: u32 = {number};\n"));
    }
    out
}

fn declared(item: Item) -> String {
    let tokens = match item {
        Item::Enum(item) => {
            let name = item.ident;
            let constants = item.variants.into_iter().map(|variant| {
                let (_, number) = variant
                    .discriminant
                    .unwrap_or_else(|| panic!("{} has no number", variant.ident));
                let constant = variant.ident;
                quote!(pub const #constant: #name = #number;)
            });
            quote!(pub type #name = u32; #(#constants)*)
        }
        Item::Struct(mut item) => {
            item.attrs.clear();
            quote!(#[repr(C)] #[derive(Clone, Copy)] #item)
        }
        Item::Union(mut item) => {
            item.attrs.clear();
            quote!(#[repr(C)] #[derive(Clone, Copy)] #item)
        }
        other => other.into_token_stream(),
    };
    format!("{tokens}\n")
}
