//! Makes the forwarders of the engine's functions: what `src/forward.rs` has a macro for.

use crate::sources::{Function, Source};
use nexus_abi::handle::Kind;
use quote::ToTokens;
use std::fmt::Write;
use syn::Type;

const INTRODUCTION: &str = "\
// The engine's functions: the signature of each, and its stub, which runs until the engine is open.
// Generated from the sources of the engine by the build. Do not edit.

";

/// Structs that functions fill, of which the host says how large its own is.
const SIZED: &[&str] = &["NexusBufferInfo", "NexusTensorInfo"];

/// How many an output array has room for: the names of the parameters that say it.
const SIZES: &[&str] = &["capacity", "count", "call_count"];

/// The text of `src/forwarders.rs`.
pub fn generate(sources: &[Source]) -> String {
    let functions = sources
        .iter()
        .filter(|source| source.engine)
        .flat_map(|source| &source.functions);
    let mut out = format!("{INTRODUCTION}forwarders! {{");
    for function in functions {
        let Function {
            name,
            parameters,
            result,
        } = function;
        writeln!(out, "\n    fn {name}(").unwrap();
        for (name, ty) in parameters {
            writeln!(out, "        {name}: {},", text(ty)).unwrap();
        }
        let result = result
            .as_ref()
            .map_or(String::new(), |ty| format!(" -> {}", text(ty)));
        writeln!(out, "    ){result} {{").unwrap();
        for line in stub(function) {
            writeln!(out, "        {line}").unwrap();
        }
        out.push_str("    }\n");
    }
    out.push_str("}\n");
    out
}

/// What a function does until the engine is open, a line each.
fn stub(function: &Function) -> Vec<String> {
    let Function {
        name, parameters, ..
    } = function;
    let names: Vec<&str> = parameters.iter().map(|(name, _)| name.as_str()).collect();
    let clear = outputs(function).map(|output| clear(function, output));
    let mut lines: Vec<String> = clear.chain(destroy_data(function)).collect();
    if starts_python(function) {
        lines.iter_mut().for_each(|line| line.insert_str(0, "    "));
        lines.insert(0, "if let Err(failure) = start_with_defaults() {".into());
        lines.push("    return fail(error, failure);".into());
        lines.push("}".into());
        // Its slot has the engine's function now.
        lines.push(format!("super::{name}({})", names.join(", ")));
        return lines;
    }
    lines.extend(
        match function.result.as_ref().map(text).as_deref() {
            None => None,
            Some("NexusStatus") if names.contains(&"error") => Some("fail(error, not_started())"),
            Some("NexusStatus") => Some("NexusStatus::NEXUS_ERR_NOT_STARTED"),
            Some("bool") => Some("false"),
            Some("usize" | "u32" | "u64" | "i64") => Some("0"),
            Some(pointer) if pointer.starts_with('*') => Some("core::ptr::null_mut()"),
            Some(other) => panic!(
                "{name} returns {other}: say in build/forwarders.rs what that is before a start"
            ),
        }
        .map(String::from),
    );
    lines
}

/// What the host hands over with a destructor is given up when nothing can be made of it.
fn destroy_data(function: &Function) -> impl Iterator<Item = String> {
    let parameters = &function.parameters;
    let pairs = parameters.iter().zip(parameters.iter().skip(1));
    pairs
        .filter(|(_, (_, ty))| text(ty) == "NexusDestructor")
        .map(|((data, _), (destroy, _))| format!("crate::ffi::destroy({destroy}, {data});"))
}

/// A function that makes a handle or a value out of no handle is a first use: it starts Python.
fn starts_python(function: &Function) -> bool {
    let takes_handle = function
        .parameters
        .iter()
        .any(|(_, ty)| pointee(ty).is_some_and(is_opaque));
    let makes_one = outputs(function)
        .any(|(_, to)| text(to) == "NexusValue" || pointee(to).is_some_and(is_opaque));
    let may_fail = function.result.as_ref().map(text).as_deref() == Some("NexusStatus");
    makes_one && may_fail && !takes_handle
}

/// The parameters through which the function returns something, and what each points to: `*mut` to
/// anything but an opaque type, untyped memory or text. `error` is seen to apart.
fn outputs(function: &Function) -> impl Iterator<Item = (&str, &Type)> {
    function.parameters.iter().filter_map(|(name, ty)| {
        let Type::Ptr(pointer) = ty else { return None };
        let to = &*pointer.elem;
        let output = matches!(pointer.mutability, syn::PointerMutability::Mut(_))
            && name != "error"
            && !is_opaque(to)
            && !matches!(text(to).as_str(), "c_void" | "c_char");
        output.then_some((name.as_str(), to))
    })
}

/// The line that clears an output.
fn clear(function: &Function, (output, to): (&str, &Type)) -> String {
    if is_array(output, to) {
        format!("zero_array({output}, {});", size(function, output))
    } else if SIZED.contains(&text(to).as_str()) {
        format!("zero_sized({output});")
    } else {
        format!("zero({output});")
    }
}

/// The rule by which an output is an array: its name is a plural. A list that has a handle is one output,
/// and so is a value that is a `bytes`.
fn is_array(output: &str, to: &Type) -> bool {
    output.ends_with('s')
        && pointee(to).is_none()
        && (output, text(to).as_str()) != ("bytes", "NexusValue")
}

/// The parameter that says how many an output array has room for.
fn size<'a>(function: &'a Function, array: &str) -> &'a str {
    let mut sizes = function
        .parameters
        .iter()
        .filter(|(name, ty)| text(ty) == "usize" && SIZES.contains(&name.as_str()));
    match (sizes.next(), sizes.next()) {
        (Some((size, _)), None) => size,
        _ => panic!(
            "{}: how many has the output array `{array}`? Give it one parameter that is called one of \
             {SIZES:?}, or teach build/forwarders.rs another name. An output that is no array has no plural \
             for its name",
            function.name
        ),
    }
}

fn pointee(ty: &Type) -> Option<&Type> {
    match ty {
        Type::Ptr(pointer) => Some(&pointer.elem),
        _ => None,
    }
}

fn is_opaque(ty: &Type) -> bool {
    // With or without the path of its module.
    let Type::Path(path) = ty else { return false };
    let name = path.path.segments.last().map(|last| last.ident.to_string());
    Kind::ALL
        .iter()
        .any(|kind| name.as_deref() == Some(kind.type_name()))
}

/// A type as it is written.
fn text(ty: &Type) -> String {
    ty.to_token_stream()
        .to_string()
        .replace("* mut ", "*mut ")
        .replace("* const ", "*const ")
}
