//! Writes the forwarders of the engine's functions.

use crate::sources::{Function, Source};
use nexus_abi::handle::Kind;
use quote::ToTokens;
use std::fmt::Write;
use syn::Type;

/// Structs that functions fill, of which the host says how large its own is.
const SIZED: &[&str] = &["NexusBufferInfo", "NexusTensorInfo"];

/// The generated module: a slot, a stub and a forwarder for each function, and the list of slots.
pub fn generate(sources: &[Source]) -> String {
    let functions: Vec<&Function> = sources
        .iter()
        .filter(|source| source.engine)
        .flat_map(|source| &source.functions)
        .collect();
    let mut out = String::from(
        "/// Every function of the engine, and the slot through which its forwarder jumps.\n\
         pub static SLOTS: &[(&core::ffi::CStr, &AtomicPtr<c_void>)] = &[\n",
    );
    for function in &functions {
        let name = &function.name;
        writeln!(out, "    (c\"{name}\", &slot::{name}),").unwrap();
    }
    out.push_str("];\n\n#[allow(non_upper_case_globals)]\nmod slot {\n    use super::*;\n");
    for function in &functions {
        let name = &function.name;
        writeln!(
            out,
            "    pub static {name}: AtomicPtr<c_void> = AtomicPtr::new(stub::{name} as *mut c_void);"
        )
        .unwrap();
    }
    out.push_str("}\n\nmod stub {\n    use super::*;\n");
    functions
        .iter()
        .for_each(|function| stub(&mut out, function));
    out.push_str("}\n\n");
    functions
        .iter()
        .for_each(|function| forwarder(&mut out, function));
    out
}

fn forwarder(out: &mut String, function: &Function) {
    let Function { name, .. } = function;
    let (parameters, result) = signature(function);
    writeln!(
        out,
        "#[unsafe(naked)]\n#[unsafe(no_mangle)]\npub extern \"C\" fn {name}({parameters}){result} {{\n    jump!(slot::{name})\n}}\n"
    )
    .unwrap();
}

fn stub(out: &mut String, function: &Function) {
    let Function {
        name, parameters, ..
    } = function;
    let (declared, result) = signature(function);
    writeln!(
        out,
        "    pub unsafe extern \"C\" fn {name}({declared}){result} {{"
    )
    .unwrap();
    let arguments: Vec<&str> = parameters.iter().map(|(name, _)| name.as_str()).collect();
    if starts_python(function) {
        writeln!(
            out,
            "        if let Err(failure) = crate::engine::start() {{\n{}{}            return fail(error, failure);\n        }}",
            clear_outputs(function, "            "),
            destroy_data(function, "            ")
        )
        .unwrap();
        let types: Vec<String> = parameters
            .iter()
            .map(|(_, ty)| ty.to_token_stream().to_string())
            .collect();
        writeln!(
            out,
            "        // SAFETY: the engine is open now, so the slot has its function of this very signature.\n        \
             unsafe {{\n            let open: unsafe extern \"C\" fn({}){result} = crate::ffi::function(slot::{name}.load(Ordering::Acquire));\n            \
             open({})\n        }}",
            types.join(", "),
            arguments.join(", ")
        )
        .unwrap();
    } else {
        let handles_error = arguments.contains(&"error");
        for argument in arguments.iter().filter(|name| **name != "error") {
            if !outputs(function).any(|output| output == *argument) {
                writeln!(out, "        let _ = {argument};").unwrap();
            }
        }
        out.push_str(&clear_outputs(function, "        "));
        out.push_str(&destroy_data(function, "        "));
        let returned = match result_name(function).as_deref() {
            None => String::new(),
            Some("NexusStatus") if handles_error => "fail(error, not_started())".into(),
            Some("NexusStatus") => "NexusStatus::NEXUS_ERR_NOT_STARTED".into(),
            Some("bool") => "false".into(),
            Some("usize" | "u32" | "u64" | "i64") => "0".into(),
            Some(pointer) if pointer.starts_with('*') => "core::ptr::null_mut()".into(),
            Some(other) => panic!(
                "{name} returns {other}: say in build/forwarders.rs what that is before a start"
            ),
        };
        writeln!(out, "        {returned}").unwrap();
    }
    out.push_str("    }\n");
}

/// What the host hands over with a destructor is given up when nothing can be made of it.
fn destroy_data(function: &Function, indent: &str) -> String {
    let pairs = function
        .parameters
        .iter()
        .zip(function.parameters.iter().skip(1));
    pairs
        .filter(|(_, (_, ty))| ty.to_token_stream().to_string() == "NexusDestructor")
        .map(|((data, _), (destroy, _))| {
            format!("{indent}crate::ffi::destroy({destroy}, {data});\n")
        })
        .collect()
}

fn signature(function: &Function) -> (String, String) {
    let parameters: Vec<String> = function
        .parameters
        .iter()
        .map(|(name, ty)| format!("{name}: {}", ty.to_token_stream()))
        .collect();
    let result = function
        .result
        .as_ref()
        .map_or(String::new(), |ty| format!(" -> {}", ty.to_token_stream()));
    (parameters.join(", "), result)
}

fn result_name(function: &Function) -> Option<String> {
    function
        .result
        .as_ref()
        .map(|ty| ty.to_token_stream().to_string())
}

/// A function that makes a handle or a value out of no handle is a first use: it starts Python.
fn starts_python(function: &Function) -> bool {
    let takes_handle = function
        .parameters
        .iter()
        .any(|(_, ty)| pointee(ty).is_some_and(|to| is_opaque(&to)));
    let makes_one = outputs(function).any(|output| {
        function.parameters.iter().any(|(name, ty)| {
            name == output
                && pointee(ty).is_some_and(|to| {
                    pointee(&to).is_some_and(|to| is_opaque(&to))
                        || to.to_token_stream().to_string() == "NexusValue"
                })
        })
    });
    let may_fail = result_name(function).as_deref() == Some("NexusStatus");
    makes_one && may_fail && !takes_handle
}

/// The names of the parameters through which the function returns something: `*mut` to anything but
/// an opaque type, untyped memory or text. `error` is seen to apart.
fn outputs(function: &Function) -> impl Iterator<Item = &str> {
    function.parameters.iter().filter_map(|(name, ty)| {
        let Type::Ptr(pointer) = ty else { return None };
        let to = pointer.elem.to_token_stream().to_string();
        let output = matches!(pointer.mutability, syn::PointerMutability::Mut(_))
            && name != "error"
            && !is_opaque(&pointer.elem)
            && !matches!(to.as_str(), "c_void" | "c_char");
        output.then_some(name.as_str())
    })
}

/// Outputs before a number `capacity` or `count` are arrays of so many.
fn clear_outputs(function: &Function, indent: &str) -> String {
    let parameters = &function.parameters;
    let size = parameters.iter().position(|(name, ty)| {
        matches!(name.as_str(), "capacity" | "count") && pointee(ty).is_none()
    });
    outputs(function).fold(String::new(), |mut lines, output| {
        let place = parameters.iter().position(|(name, _)| name == output);
        let sized = place
            .and_then(|place| pointee(&parameters[place].1))
            .is_some_and(|to| SIZED.contains(&to.to_token_stream().to_string().as_str()));
        match size {
            Some(size) if place < Some(size) => {
                let size = &parameters[size].0;
                writeln!(lines, "{indent}crate::ffi::zero_array({output}, {size});")
            }
            _ if sized => writeln!(lines, "{indent}crate::ffi::zero_sized({output});"),
            _ => writeln!(lines, "{indent}crate::ffi::zero({output});"),
        }
        .unwrap();
        lines
    })
}

fn pointee(ty: &Type) -> Option<Type> {
    match ty {
        Type::Ptr(pointer) => Some((*pointer.elem).clone()),
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
