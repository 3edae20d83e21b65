//! `nexus call`: calls a function of a module.

use crate::arguments;
use crate::crash;
use crate::ffi::{self, Argument, LAZY, Loader, Object, Options, RECURSIVE, Value};
use crate::output::{FINE, Output, Trouble, WRONG};
use crate::text::visible_lines;
use serde::Serialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;
use std::ffi::OsStr;
use std::io::Write;
use std::path::Path;

/// What came of the call, as JSON.
#[derive(Serialize)]
#[serde(untagged)]
enum Answer {
    Result {
        kind: &'static str,
        r#type: String,
        /// None: it cannot be told in JSON, and `repr` must do.
        result: Option<Box<RawValue>>,
        repr: String,
    },
    Error {
        error: ffi::Error,
    },
}

pub fn run(
    options: &arguments::Call,
    python: Option<&Path>,
    json: bool,
    output: &mut Output,
) -> Result<u8, Trouble> {
    let value = match called(options, python) {
        Err(Trouble::Library(error)) if json => {
            output.json(&Answer::Error { error })?;
            return Ok(WRONG);
        }
        other => other?,
    };
    if let Some(bytes) = value.as_bytes().filter(|_| options.raw) {
        output.raw(bytes)?;
        return Ok(FINE);
    }
    let object = value.object()?;
    // What is no JSON, such as bytes, a NaN or an object, is told by its repr.
    let text = object.to_json().ok();
    if json {
        let result = text.and_then(|text| RawValue::from_string(text).ok());
        output.json(&Answer::Result {
            kind: value.kind(),
            r#type: object.type_name()?,
            result,
            repr: object.repr()?,
        })?;
    } else {
        let text = text.map_or_else(|| object.repr(), Ok)?;
        writeln!(output, "{}", visible_lines(&text))?;
    }
    Ok(FINE)
}

fn called(options: &arguments::Call, python: Option<&Path>) -> Result<Value, Trouble> {
    ffi::start_python(python)?;
    let loader = Loader::open(
        &options.directory,
        &Options {
            flags: LAZY | RECURSIVE,
            ..Options::default()
        },
    )
    .map_err(|error| match error.status {
        ffi::NOT_FOUND | ffi::NOT_A_DIRECTORY => Trouble::Usage(error.message),
        _ => Trouble::Library(error),
    })?;
    // Loading the module is a part of it.
    crash::running(&options.function);
    let function = found(&loader, &options.function)?;
    let args = options
        .args
        .iter()
        .map(|text| argument(text, options.text))
        .collect::<Result<Vec<_>, _>>()?;
    let keywords = options
        .keyword
        .iter()
        .map(|(name, text)| Ok((name.clone(), argument(text.as_ref(), options.text)?)))
        .collect::<Result<Vec<_>, ffi::Error>>()?;
    let value = function.call(&args, &keywords)?;
    crash::over();
    Ok(value)
}

/// The object of a dotted name: a module of the loader, the longest that fits, then attributes.
fn found(loader: &Loader, name: &str) -> Result<Object, Trouble> {
    let ends = name.rmatch_indices('.').map(|(end, _)| end);
    let Some((module, rest)) = ends
        .map(|end| (&name[..end], &name[end + 1..]))
        .find(|(module, _)| loader.contains(module))
    else {
        let Some((module, _)) = name.split_once('.') else {
            let text = format!("`{name}` names no function: it must be MODULE.FUNCTION");
            return Err(Trouble::Usage(text));
        };
        // For the library's own words, with the names that there are.
        loader.get(module)?;
        return Err(Trouble::Usage(format!("no module of that name: {name}")));
    };
    let mut object = loader.get(module)?;
    for part in rest.split('.') {
        object = object.attr(part)?.object()?;
    }
    Ok(object)
}

/// JSON where it is JSON, otherwise text; what is not UTF-8 as Python's `sys.argv` has it.
fn argument(text: &OsStr, plain: bool) -> Result<Argument, ffi::Error> {
    let Some(utf8) = text.to_str() else {
        let bytes = Argument::Bytes(text.as_encoded_bytes().to_vec());
        let decode = Object::import("os")?.attr("fsdecode")?.object()?;
        return decode.call(&[bytes], &[]).map(Argument::Value);
    };
    if !plain && serde_json::from_str::<IgnoredAny>(utf8).is_ok() {
        return Value::from_json(utf8).map(Argument::Value);
    }
    Ok(Argument::Text(utf8.to_owned()))
}
