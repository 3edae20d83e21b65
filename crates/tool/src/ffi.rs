//! The C interface of libnexus_loader, opened at run time: everything unsafe of this tool.

use libloading::Library;
use std::ffi::{CStr, CString, OsStr, OsString, c_char, c_void};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// What the header declares: made by build.rs of the same sources.
#[allow(non_camel_case_types, missing_docs, dead_code)]
mod interface {
    use core::ffi::{c_char, c_void};
    include!(concat!(env!("OUT_DIR"), "/interface.rs"));
}

use interface::*;
pub use interface::{
    NEXUS_DETAIL_FILTERED as FILTERED, NEXUS_ERR_EXCEPTION as EXCEPTION,
    NEXUS_ERR_NOT_A_DIRECTORY as NOT_A_DIRECTORY, NEXUS_ERR_NOT_FOUND as NOT_FOUND,
    NEXUS_LOADER_LAZY as LAZY, NEXUS_LOADER_RECURSIVE as RECURSIVE, NEXUS_LOADER_TRIAL as TRIAL,
    NEXUS_LOADER_VERIFY as VERIFY, NEXUS_STATE_FAILED as FAILED, NEXUS_STATE_LAZY as LAZY_STATE,
    NEXUS_STATE_LOADED as LOADED, NEXUS_STATE_MISSING as MISSING, NEXUS_STATE_SKIPPED as SKIPPED,
};

type Text = *const c_char;

const fn value_of_text(kind: NexusKind, data: Text, size: usize) -> NexusValue {
    NexusValue {
        kind,
        r#as: NexusPayload {
            text: NexusText { data, size },
        },
        owner: std::ptr::null_mut(),
    }
}

/// Declares a struct with a pointer to each function, and how to fill it in from a library.
macro_rules! functions {
    ($($name:ident,)*) => {
        struct Functions { $($name: interface::$name,)* }

        impl Functions {
            /// # Safety
            /// The library is a libnexus_loader, and stays open.
            unsafe fn of(library: &Library) -> Result<Self, libloading::Error> {
                // SAFETY: these functions have these signatures in the interface, whose ABI number is in the
                // name of the library that was opened.
                unsafe {
                    Ok(Self { $($name: *library.get(concat!(stringify!($name), "\0"))?,)* })
                }
            }
        }
    };
}

functions! {
    nexus_version_string, nexus_status_string, nexus_log_set, nexus_python_start, nexus_python_info,
    nexus_python_search, nexus_loader_open, nexus_loader_get, nexus_loader_contains, nexus_loader_report,
    nexus_loader_free, nexus_report_count, nexus_report_at, nexus_report_effects, nexus_report_free,
    nexus_names_count, nexus_names_at, nexus_names_free, nexus_error_detail, nexus_error_message,
    nexus_error_module, nexus_error_path, nexus_error_exception, nexus_error_traceback,
    nexus_error_linker, nexus_error_free, nexus_detail_name, nexus_detail_cure, nexus_inspect_for,
    nexus_inspection_report, nexus_inspection_json, nexus_inspection_free,
    nexus_import, nexus_object_attr, nexus_object_call_keywords, nexus_object_new,
    nexus_object_from_json, nexus_object_to_json, nexus_object_repr, nexus_object_type_name,
    nexus_object_free, nexus_value_clear,
}

/// The library, opened once and never closed.
struct Nexus {
    functions: Functions,
    path: PathBuf,
}

static NEXUS: OnceLock<Nexus> = OnceLock::new();

/// Opens the first of these files that is there; the last is what the dynamic linker finds by itself.
///
/// # Errors
/// What the dynamic linker says about it, or which function it lacks.
pub fn open(candidates: &[PathBuf]) -> Result<(), String> {
    let path = candidates
        .iter()
        .find(|path| path.is_file())
        .or(candidates.last())
        .ok_or("nowhere to look for libnexus_loader")?;
    // SAFETY: it is our own library, whose initialization does nothing.
    let library = unsafe { Library::new(path) }
        .map_err(|error| format!("cannot open {}: {}", path.display(), cause(&error)))?;
    // SAFETY: it has the name of a libnexus_loader with our ABI number; it is never closed.
    let functions = unsafe { Functions::of(&library) }.map_err(|error| {
        format!(
            "{} is of another version: {}",
            path.display(),
            cause(&error)
        )
    })?;
    std::mem::forget(library);
    let path = path.clone();
    let _ = NEXUS.set(Nexus { functions, path });
    Ok(())
}

fn cause(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}

fn nexus() -> &'static Nexus {
    NEXUS.get().expect("main opens the library first")
}

/// Calls a function of the library.
macro_rules! call {
    ($name:ident($($argument:expr),* $(,)?)) => {
        // SAFETY: the pointers are valid for the call, or handles, which the library checks; it is in the
        // library's header which may be NULL.
        unsafe { (nexus().functions.$name)($($argument),*) }
    };
}

/// A string that the library gave, as bytes; empty for NULL.
fn bytes(text: Text) -> Vec<u8> {
    if text.is_null() {
        return Vec::new();
    }
    // SAFETY: the library's strings are NUL-terminated, and valid while the handle is that they came from:
    // callers hold it.
    unsafe { CStr::from_ptr(text) }.to_bytes().to_vec()
}

fn string(text: Text) -> String {
    String::from_utf8_lossy(&bytes(text)).into_owned()
}

fn os_string(text: Text) -> OsString {
    #[cfg(unix)]
    return std::os::unix::ffi::OsStringExt::from_vec(bytes(text));
    #[cfg(not(unix))]
    string(text).into()
}

/// A path or name for the library.
fn c_string(text: &OsStr) -> Result<CString, Error> {
    CString::new(text.as_encoded_bytes()).map_err(|_| invalid("a NUL byte in an argument"))
}

/// A failure with all that the library tells.
#[derive(Debug, Default, serde::Serialize)]
pub struct Failure {
    pub status: NexusStatus,
    pub status_text: String,
    pub detail: u32,
    pub detail_name: String,
    pub message: String,
    pub module: String,
    #[serde(serialize_with = "readable")]
    pub path: OsString,
    pub exception: String,
    pub traceback: String,
    pub linker: String,
}

fn readable<S: serde::Serializer>(path: &OsStr, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&path.display())
}

/// In a box, since it is large and seldom.
pub type Error = Box<Failure>;

/// A failure that this tool found itself: NEXUS_ERR_INVALID_ARGUMENT.
fn invalid(message: &str) -> Error {
    Box::new(Failure {
        status: NEXUS_ERR_INVALID_ARGUMENT,
        status_text: status_text(NEXUS_ERR_INVALID_ARGUMENT),
        message: message.to_owned(),
        ..Failure::default()
    })
}

/// Makes a call that takes where an error goes, and takes that error.
fn checked(function: impl FnOnce(*mut *mut NexusError) -> NexusStatus) -> Result<(), Error> {
    let mut error: *mut NexusError = std::ptr::null_mut();
    let status = function(&mut error);
    if status == NEXUS_OK {
        return Ok(());
    }
    let detail = call!(nexus_error_detail(error));
    let failure = Box::new(Failure {
        status,
        status_text: status_text(status),
        detail,
        detail_name: detail_name(detail),
        message: string(call!(nexus_error_message(error))),
        module: string(call!(nexus_error_module(error))),
        path: os_string(call!(nexus_error_path(error))),
        exception: string(call!(nexus_error_exception(error))),
        traceback: string(call!(nexus_error_traceback(error))),
        linker: string(call!(nexus_error_linker(error))),
    });
    call!(nexus_error_free(error));
    Err(failure)
}

/// The same for a function that makes a handle.
fn made<T>(
    function: impl FnOnce(*mut *mut T, *mut *mut NexusError) -> NexusStatus,
) -> Result<*mut T, Error> {
    let mut handle: *mut T = std::ptr::null_mut();
    checked(|error| function(&mut handle, error))?;
    Ok(handle)
}

/// The file that was opened.
pub fn library() -> &'static Path {
    &nexus().path
}

pub fn version() -> String {
    string(call!(nexus_version_string()))
}

fn status_text(status: NexusStatus) -> String {
    string(call!(nexus_status_string(status)))
}

/// The name of a detail code; empty for none.
pub fn detail_name(detail: u32) -> String {
    string(call!(nexus_detail_name(detail)))
}

/// What to do about a detail code; empty for none.
pub fn detail_cure(detail: u32) -> String {
    string(call!(nexus_detail_cure(detail)))
}

/// No log: what it would say is in the report.
pub fn silence_log() {
    call!(nexus_log_set(None, std::ptr::null_mut(), 0));
}

/// Makes strings of a list, and frees it.
fn take_names(names: *mut NexusNames) -> Vec<String> {
    let count = call!(nexus_names_count(names));
    let list = (0..count)
        .map(|index| string(call!(nexus_names_at(names, index))))
        .collect();
    call!(nexus_names_free(names));
    list
}

fn with_config<T>(
    python: Option<&Path>,
    function: impl FnOnce(&NexusPythonConfig) -> Result<T, Error>,
) -> Result<T, Error> {
    let python = python.map(|path| c_string(path.as_os_str())).transpose()?;
    function(&NexusPythonConfig {
        struct_size: size_of::<NexusPythonConfig>(),
        flags: 0,
        python: python
            .as_ref()
            .map_or(std::ptr::null(), |path| path.as_ptr()),
        argv: std::ptr::null(),
        argv_count: 0,
    })
}

/// Starts Python: the one that is named, or what a search finds.
pub fn start_python(python: Option<&Path>) -> Result<(), Error> {
    with_config(python, |config| {
        checked(|error| call!(nexus_python_start(config, error)))
    })
}

/// The candidates of a search, a line each.
pub fn search_python(python: Option<&Path>) -> Result<Vec<String>, Error> {
    with_config(python, |config| {
        made(|names, error| call!(nexus_python_search(config, names, error)))
    })
    .map(take_names)
}

/// Which Python runs.
#[derive(serde::Serialize)]
pub struct Python {
    pub version: String,
    pub library: String,
    pub executable: String,
    pub prefix: String,
    pub reason: String,
}

/// The Python of this process, which has started.
pub fn python() -> Result<Python, Error> {
    let null = std::ptr::null();
    let mut info = NexusPythonInfo {
        struct_size: size_of::<NexusPythonInfo>(),
        version: 0,
        owned: 0,
        version_text: null,
        library: null,
        executable: null,
        prefix: null,
        reason: null,
    };
    checked(|error| call!(nexus_python_info(&mut info, error)))?;
    Ok(Python {
        version: string(info.version_text).replace('\n', " "),
        library: string(info.library),
        executable: string(info.executable),
        prefix: string(info.prefix),
        reason: string(info.reason),
    })
}

/// How to open a directory.
#[derive(Default)]
pub struct Options<'a> {
    pub flags: u32,
    pub only: Vec<String>,
    pub trial_milliseconds: u32,
    pub checksums: Option<&'a Path>,
    pub watch: Option<&'a dyn Watch>,
}

/// Asked and told about modules while a directory is opened.
pub trait Watch {
    /// Whether the module may load; it is about to.
    fn may_load(&self, name: &str) -> bool;
    /// So many of so many modules are done.
    fn done(&self, count: usize, total: usize);
}

/// # Safety
/// As the library calls it: `watch` is a `&dyn Watch` that lives during the call.
unsafe extern "C" fn filter(name: Text, _path: Text, watch: *mut c_void) -> i32 {
    // SAFETY: `Loader::open` gave a pointer to its `&dyn Watch`, which lives until that returns.
    let watch = unsafe { *watch.cast::<&dyn Watch>() };
    i32::from(watch.may_load(&string(name)))
}

/// # Safety
/// As `filter`.
unsafe extern "C" fn progress(
    index: usize,
    total: usize,
    _name: Text,
    _state: u32,
    _nanoseconds: u64,
    watch: *mut c_void,
) -> i32 {
    // SAFETY: as in `filter`.
    let watch = unsafe { *watch.cast::<&dyn Watch>() };
    watch.done(index + 1, total);
    0
}

/// The modules of a directory.
pub struct Loader(*mut NexusLoader);

impl Loader {
    /// Opens a directory. A lazy loader asks its `watch` nothing: it loads nothing now.
    pub fn open(directory: &Path, options: &Options) -> Result<Self, Error> {
        let directory = c_string(directory.as_os_str())?;
        let only = options
            .only
            .iter()
            .map(|name| c_string(OsStr::new(name)))
            .collect::<Result<Vec<_>, _>>()?;
        let only: Vec<Text> = only.iter().map(|name| name.as_ptr()).collect();
        let checksums = options.checksums.map(|path| c_string(path.as_os_str()));
        let checksums = checksums.transpose()?;
        let watch = options.watch.filter(|_| options.flags & LAZY == 0);
        let raw = NexusLoaderOptions {
            struct_size: size_of::<NexusLoaderOptions>(),
            flags: options.flags,
            modules: if only.is_empty() {
                std::ptr::null()
            } else {
                only.as_ptr()
            },
            module_count: only.len(),
            filter: if watch.is_some() { Some(filter) } else { None },
            progress: if watch.is_some() {
                Some(progress)
            } else {
                None
            },
            user_data: watch.as_ref().map_or(std::ptr::null_mut(), |watch| {
                std::ptr::from_ref(watch).cast_mut().cast()
            }),
            trial_milliseconds: options.trial_milliseconds,
            allow_list: checksums
                .as_ref()
                .map_or(std::ptr::null(), |path| path.as_ptr()),
        };
        made(|loader, error| call!(nexus_loader_open(directory.as_ptr(), &raw, loader, error)))
            .map(Self)
    }

    pub fn contains(&self, name: &str) -> bool {
        CString::new(name).is_ok_and(|name| call!(nexus_loader_contains(self.0, name.as_ptr())))
    }

    pub fn get(&self, name: &str) -> Result<Object, Error> {
        let name = c_string(OsStr::new(name))?;
        made(|module, error| call!(nexus_loader_get(self.0, name.as_ptr(), module, error)))
            .map(Object)
    }

    /// What became of each file and each name.
    pub fn report(&self) -> Result<Vec<Entry>, Error> {
        let report = made(|report, error| call!(nexus_loader_report(self.0, report, error)))?;
        let entries = (0..call!(nexus_report_count(report)))
            .map(|index| entry(report, index))
            .collect();
        call!(nexus_report_free(report));
        entries
    }
}

impl Drop for Loader {
    fn drop(&mut self) {
        call!(nexus_loader_free(self.0));
    }
}

/// A line of a report.
pub struct Entry {
    pub name: String,
    pub path: OsString,
    pub state: u32,
    pub status: NexusStatus,
    pub status_text: String,
    pub detail: u32,
    pub message: String,
    pub nanoseconds: u64,
    pub effects: Vec<String>,
}

fn entry(report: *mut NexusReport, index: usize) -> Result<Entry, Error> {
    let mut raw = NexusReportEntry {
        name: std::ptr::null(),
        path: std::ptr::null(),
        state: 0,
        status: 0,
        detail: 0,
        message: std::ptr::null(),
        nanoseconds: 0,
    };
    let status = call!(nexus_report_at(report, index, &mut raw));
    if status != NEXUS_OK {
        return Err(invalid("the report is shorter than it said"));
    }
    let effects = made(|names, error| call!(nexus_report_effects(report, index, names, error)))?;
    Ok(Entry {
        name: string(raw.name),
        path: os_string(raw.path),
        state: raw.state,
        status: raw.status,
        status_text: status_text(raw.status),
        detail: raw.detail,
        message: string(raw.message),
        nanoseconds: raw.nanoseconds,
        effects: take_names(effects),
    })
}

/// What was found out about a file: these fields of the library's JSON, and both texts as they are.
#[derive(serde::Deserialize)]
pub struct Inspection {
    pub verdict: String,
    pub detail: u32,
    pub message: String,
    pub cure: String,
    pub module_name: String,
    #[serde(skip)]
    pub report: String,
    #[serde(skip)]
    pub json: String,
}

/// Looks at a file; `version` 0 is the Python that would be taken.
pub fn inspect(path: &Path, version: u32) -> Result<Inspection, Error> {
    let path = c_string(path.as_os_str())?;
    let handle = made(|inspection, error| {
        call!(nexus_inspect_for(path.as_ptr(), version, inspection, error))
    })?;
    let json = string(call!(nexus_inspection_json(handle)));
    let report = string(call!(nexus_inspection_report(handle)));
    call!(nexus_inspection_free(handle));
    let facts: Inspection = serde_json::from_str(&json)
        .map_err(|error| invalid(&format!("the library gave bad JSON: {error}")))?;
    Ok(Inspection {
        report,
        json,
        ..facts
    })
}

/// A value that the library gave.
pub struct Value(NexusValue);

impl Value {
    /// Reads JSON text.
    pub fn from_json(json: &str) -> Result<Self, Error> {
        returned(|value, error| {
            call!(nexus_object_from_json(
                json.as_ptr().cast(),
                json.len(),
                value,
                error
            ))
        })
    }

    /// The text or bytes of one that is such; None for others.
    pub fn as_bytes(&self) -> Option<&[u8]> {
        if self.0.kind != NEXUS_KIND_TEXT && self.0.kind != NEXUS_KIND_BYTES {
            return None;
        }
        // SAFETY: the kind says that it is the text that counts.
        let NexusText { data, size } = unsafe { self.0.r#as.text };
        if data.is_null() {
            return Some(&[]);
        }
        // SAFETY: `size` bytes that stay until the value is cleared, which its `drop` does.
        Some(unsafe { std::slice::from_raw_parts(data.cast(), size) })
    }

    /// It as an object, of whatever kind it is.
    pub fn object(&self) -> Result<Object, Error> {
        made(|object, error| call!(nexus_object_new(&self.0, object, error))).map(Object)
    }

    /// The name of its kind.
    pub fn kind(&self) -> &'static str {
        match self.0.kind {
            NEXUS_KIND_NONE => "none",
            NEXUS_KIND_BOOLEAN => "boolean",
            NEXUS_KIND_INTEGER => "integer",
            NEXUS_KIND_REAL => "real",
            NEXUS_KIND_TEXT => "text",
            NEXUS_KIND_BYTES => "bytes",
            _ => "object",
        }
    }
}

impl Drop for Value {
    fn drop(&mut self) {
        call!(nexus_value_clear(&mut self.0));
    }
}

/// Makes a call that gives a value.
fn returned(
    function: impl FnOnce(*mut NexusValue, *mut *mut NexusError) -> NexusStatus,
) -> Result<Value, Error> {
    let mut value = Value(value_of_text(NEXUS_KIND_NONE, std::ptr::null(), 0));
    checked(|error| function(&mut value.0, error))?;
    Ok(value)
}

/// Makes a call that gives a text.
fn told(
    function: impl FnOnce(*mut NexusValue, *mut *mut NexusError) -> NexusStatus,
) -> Result<String, Error> {
    let value = returned(function)?;
    Ok(String::from_utf8_lossy(value.as_bytes().unwrap_or_default()).into_owned())
}

/// An argument of a call.
pub enum Argument {
    Text(String),
    Bytes(Vec<u8>),
    Value(Value),
}

impl Argument {
    /// Lent to the library for a call.
    fn lent(&self) -> NexusValue {
        match self {
            Self::Text(text) => value_of_text(NEXUS_KIND_TEXT, text.as_ptr().cast(), text.len()),
            Self::Bytes(bytes) => {
                value_of_text(NEXUS_KIND_BYTES, bytes.as_ptr().cast(), bytes.len())
            }
            // A copy that is never cleared.
            Self::Value(value) => value.0,
        }
    }
}

/// A Python object.
pub struct Object(*mut NexusObject);

impl Object {
    pub fn import(name: &str) -> Result<Self, Error> {
        let name = c_string(OsStr::new(name))?;
        made(|module, error| call!(nexus_import(name.as_ptr(), module, error))).map(Self)
    }

    pub fn attr(&self, name: &str) -> Result<Value, Error> {
        let name = c_string(OsStr::new(name))?;
        returned(|value, error| call!(nexus_object_attr(self.0, name.as_ptr(), value, error)))
    }

    pub fn call(&self, args: &[Argument], keywords: &[(String, Argument)]) -> Result<Value, Error> {
        let args: Vec<NexusValue> = args.iter().map(Argument::lent).collect();
        let values: Vec<NexusValue> = keywords.iter().map(|(_, value)| value.lent()).collect();
        let names = keywords
            .iter()
            .map(|(name, _)| c_string(OsStr::new(name)))
            .collect::<Result<Vec<_>, _>>()?;
        let names: Vec<Text> = names.iter().map(|name| name.as_ptr()).collect();
        returned(|value, error| {
            call!(nexus_object_call_keywords(
                self.0,
                args.as_ptr(),
                args.len(),
                names.as_ptr(),
                values.as_ptr(),
                values.len(),
                value,
                error,
            ))
        })
    }

    pub fn to_json(&self) -> Result<String, Error> {
        told(|text, error| call!(nexus_object_to_json(self.0, text, error)))
    }

    pub fn repr(&self) -> Result<String, Error> {
        told(|text, error| call!(nexus_object_repr(self.0, text, error)))
    }

    pub fn type_name(&self) -> Result<String, Error> {
        told(|text, error| call!(nexus_object_type_name(self.0, text, error)))
    }
}

impl Drop for Object {
    fn drop(&mut self) {
        call!(nexus_object_free(self.0));
    }
}
