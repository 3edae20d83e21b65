//! The C interface of libnexus_loader, opened at run time: everything unsafe of this tool. The declarations
//! are those of `include/nexus_loader.h`; numbers stay numbers, for a newer library may have new ones.

use libloading::Library;
use std::ffi::{CStr, CString, OsStr, OsString, c_char, c_void};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// An opaque handle: `NexusLoader *` and the others.
type Handle = *mut c_void;
type Text = *const c_char;
type Status = u32;

pub const LAZY: u32 = 1;
pub const RECURSIVE: u32 = 2;
pub const TRIAL: u32 = 4;
pub const VERIFY: u32 = 8;

pub const OK: Status = 0;
pub const NOT_FOUND: Status = 3;
pub const NOT_A_DIRECTORY: Status = 4;
pub const EXCEPTION: Status = 13;

pub const LOADED: u32 = 0;
pub const LAZY_STATE: u32 = 1;
pub const FAILED: u32 = 2;
pub const SKIPPED: u32 = 3;
pub const MISSING: u32 = 4;

const NONE: u32 = 0;
const BOOLEAN: u32 = 1;
const INTEGER: u32 = 2;
const REAL: u32 = 3;
const TEXT: u32 = 4;
const BYTES: u32 = 5;

type Filter = unsafe extern "C" fn(Text, Text, *mut c_void) -> i32;
type Progress = unsafe extern "C" fn(usize, usize, Text, u32, u64, *mut c_void) -> i32;

/// `NexusLoaderOptions`.
#[repr(C)]
struct LoaderOptions {
    struct_size: usize,
    flags: u32,
    modules: *const Text,
    module_count: usize,
    filter: Option<Filter>,
    progress: Option<Progress>,
    user_data: *mut c_void,
    trial_milliseconds: u32,
    allow_list: Text,
}

/// `NexusReportEntry`.
#[repr(C)]
struct ReportEntry {
    name: Text,
    path: Text,
    state: u32,
    status: Status,
    detail: u32,
    message: Text,
    nanoseconds: u64,
}

/// `NexusPythonConfig`.
#[repr(C)]
struct PythonConfig {
    struct_size: usize,
    flags: u32,
    python: Text,
    argv: *const Text,
    argv_count: usize,
}

/// `NexusPythonInfo`.
#[repr(C)]
struct PythonInfo {
    struct_size: usize,
    version: u32,
    owned: bool,
    version_text: Text,
    library: Text,
    executable: Text,
    prefix: Text,
    reason: Text,
}

/// `NexusText`.
#[repr(C)]
#[derive(Clone, Copy)]
struct TextRange {
    data: Text,
    size: usize,
}

/// `NexusPayload`.
#[repr(C)]
union Payload {
    text: TextRange,
    boolean: bool,
    integer: i64,
    real: f64,
    object: Handle,
}

/// `NexusValue`.
#[repr(C)]
struct RawValue {
    kind: u32,
    payload: Payload,
    owner: Handle,
}

impl RawValue {
    const fn none() -> Self {
        Self::text(NONE, std::ptr::null(), 0)
    }

    const fn text(kind: u32, data: Text, size: usize) -> Self {
        Self {
            kind,
            payload: Payload {
                text: TextRange { data, size },
            },
            owner: std::ptr::null_mut(),
        }
    }
}

/// Declares a struct with a pointer to each function, and how to fill it in from a library.
macro_rules! functions {
    ($(fn $name:ident($($argument:ty),*) $(-> $result:ty)?;)*) => {
        struct Functions { $($name: unsafe extern "C" fn($($argument),*) $(-> $result)?,)* }

        impl Functions {
            /// # Safety
            /// The library is a libnexus_loader, and stays open.
            unsafe fn of(library: &Library) -> Result<Self, libloading::Error> {
                // SAFETY: these functions have these signatures in `nexus_loader.h`, whose ABI number is in
                // the name of the library that was opened.
                unsafe {
                    Ok(Self { $($name: *library.get(concat!(stringify!($name), "\0"))?,)* })
                }
            }
        }
    };
}

functions! {
    fn nexus_version_string() -> Text;
    fn nexus_status_string(Status) -> Text;
    fn nexus_log_set(*const c_void, *mut c_void, u32);
    fn nexus_python_start(*const PythonConfig, *mut Handle) -> Status;
    fn nexus_python_info(*mut PythonInfo, *mut Handle) -> Status;
    fn nexus_python_search(*const PythonConfig, *mut Handle, *mut Handle) -> Status;
    fn nexus_loader_open(Text, *const LoaderOptions, *mut Handle, *mut Handle) -> Status;
    fn nexus_loader_get(Handle, Text, *mut Handle, *mut Handle) -> Status;
    fn nexus_loader_contains(Handle, Text) -> bool;
    fn nexus_loader_report(Handle, *mut Handle, *mut Handle) -> Status;
    fn nexus_loader_free(Handle);
    fn nexus_report_count(Handle) -> usize;
    fn nexus_report_at(Handle, usize, *mut ReportEntry) -> Status;
    fn nexus_report_effects(Handle, usize, *mut Handle, *mut Handle) -> Status;
    fn nexus_report_free(Handle);
    fn nexus_names_count(Handle) -> usize;
    fn nexus_names_at(Handle, usize) -> Text;
    fn nexus_names_free(Handle);
    fn nexus_error_detail(Handle) -> u32;
    fn nexus_error_message(Handle) -> Text;
    fn nexus_error_module(Handle) -> Text;
    fn nexus_error_path(Handle) -> Text;
    fn nexus_error_exception(Handle) -> Text;
    fn nexus_error_traceback(Handle) -> Text;
    fn nexus_error_linker(Handle) -> Text;
    fn nexus_error_free(Handle);
    fn nexus_detail_name(u32) -> Text;
    fn nexus_detail_cure(u32) -> Text;
    fn nexus_inspect_for(Text, u32, *mut Handle, *mut Handle) -> Status;
    fn nexus_inspection_report(Handle) -> Text;
    fn nexus_inspection_json(Handle) -> Text;
    fn nexus_inspection_free(Handle);
    fn nexus_import(Text, *mut Handle, *mut Handle) -> Status;
    fn nexus_object_attr(Handle, Text, *mut RawValue, *mut Handle) -> Status;
    fn nexus_object_call_keywords(Handle, *const RawValue, usize, *const Text, *const RawValue, usize, *mut RawValue, *mut Handle) -> Status;
    fn nexus_object_new(*const RawValue, *mut Handle, *mut Handle) -> Status;
    fn nexus_object_from_json(Text, usize, *mut RawValue, *mut Handle) -> Status;
    fn nexus_object_to_json(Handle, *mut RawValue, *mut Handle) -> Status;
    fn nexus_object_repr(Handle, *mut RawValue, *mut Handle) -> Status;
    fn nexus_object_type_name(Handle, *mut RawValue, *mut Handle) -> Status;
    fn nexus_object_free(Handle);
    fn nexus_value_clear(*mut RawValue);
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
#[derive(Debug, Default)]
pub struct Failure {
    pub status: Status,
    pub status_text: String,
    pub detail: u32,
    pub message: String,
    pub module: String,
    pub path: OsString,
    pub exception: String,
    pub traceback: String,
    pub linker: String,
}

/// In a box, since it is large and seldom.
pub type Error = Box<Failure>;

/// A failure that this tool found itself: NEXUS_ERR_INVALID_ARGUMENT.
fn invalid(message: &str) -> Error {
    Box::new(Failure {
        status: 1,
        status_text: status_text(1),
        message: message.to_owned(),
        ..Failure::default()
    })
}

/// Makes a call that takes where an error goes, and takes that error.
fn checked(function: impl FnOnce(*mut Handle) -> Status) -> Result<(), Error> {
    let mut error: Handle = std::ptr::null_mut();
    let status = function(&mut error);
    if status == OK {
        return Ok(());
    }
    let failure = Box::new(Failure {
        status,
        status_text: status_text(status),
        detail: call!(nexus_error_detail(error)),
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
fn made(function: impl FnOnce(*mut Handle, *mut Handle) -> Status) -> Result<Handle, Error> {
    let mut handle: Handle = std::ptr::null_mut();
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

fn status_text(status: Status) -> String {
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
    call!(nexus_log_set(std::ptr::null(), std::ptr::null_mut(), 0));
}

/// Makes strings of a list, and frees it.
fn take_names(names: Handle) -> Vec<String> {
    let count = call!(nexus_names_count(names));
    let list = (0..count)
        .map(|index| string(call!(nexus_names_at(names, index))))
        .collect();
    call!(nexus_names_free(names));
    list
}

fn with_config<T>(
    python: Option<&Path>,
    function: impl FnOnce(&PythonConfig) -> Result<T, Error>,
) -> Result<T, Error> {
    let python = python.map(|path| c_string(path.as_os_str())).transpose()?;
    function(&PythonConfig {
        struct_size: size_of::<PythonConfig>(),
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
pub struct Python {
    pub version: String,
    pub library: OsString,
    pub executable: OsString,
    pub prefix: OsString,
    pub reason: String,
}

/// The Python of this process, which has started.
pub fn python() -> Result<Python, Error> {
    let null = std::ptr::null();
    let mut info = PythonInfo {
        struct_size: size_of::<PythonInfo>(),
        version: 0,
        owned: false,
        version_text: null,
        library: null,
        executable: null,
        prefix: null,
        reason: null,
    };
    checked(|error| call!(nexus_python_info(&mut info, error)))?;
    Ok(Python {
        version: string(info.version_text),
        library: os_string(info.library),
        executable: os_string(info.executable),
        prefix: os_string(info.prefix),
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
pub struct Loader(Handle);

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
        let raw = LoaderOptions {
            struct_size: size_of::<LoaderOptions>(),
            flags: options.flags,
            modules: if only.is_empty() {
                std::ptr::null()
            } else {
                only.as_ptr()
            },
            module_count: only.len(),
            filter: watch.map(|_| filter as Filter),
            progress: watch.map(|_| progress as Progress),
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
    pub status: Status,
    pub status_text: String,
    pub detail: u32,
    pub message: String,
    pub nanoseconds: u64,
    pub effects: Vec<String>,
}

fn entry(report: Handle, index: usize) -> Result<Entry, Error> {
    let mut raw = ReportEntry {
        name: std::ptr::null(),
        path: std::ptr::null(),
        state: 0,
        status: 0,
        detail: 0,
        message: std::ptr::null(),
        nanoseconds: 0,
    };
    let status = call!(nexus_report_at(report, index, &mut raw));
    if status != OK {
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
pub struct Value(RawValue);

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
        if self.0.kind != TEXT && self.0.kind != BYTES {
            return None;
        }
        // SAFETY: the kind says that it is the text that counts.
        let TextRange { data, size } = unsafe { self.0.payload.text };
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
            NONE => "none",
            BOOLEAN => "boolean",
            INTEGER => "integer",
            REAL => "real",
            TEXT => "text",
            BYTES => "bytes",
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
fn returned(function: impl FnOnce(*mut RawValue, *mut Handle) -> Status) -> Result<Value, Error> {
    let mut value = Value(RawValue::none());
    checked(|error| function(&mut value.0, error))?;
    Ok(value)
}

/// Makes a call that gives a text.
fn told(function: impl FnOnce(*mut RawValue, *mut Handle) -> Status) -> Result<String, Error> {
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
    fn lent(&self) -> RawValue {
        match self {
            Self::Text(text) => RawValue::text(TEXT, text.as_ptr().cast(), text.len()),
            Self::Bytes(bytes) => RawValue::text(BYTES, bytes.as_ptr().cast(), bytes.len()),
            // SAFETY: a copy of plain old data that is never cleared; the original outlives the call, since
            // `self` is borrowed by the caller for as long.
            Self::Value(value) => unsafe { std::ptr::read(&value.0) },
        }
    }
}

/// A Python object.
pub struct Object(Handle);

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
        let args: Vec<RawValue> = args.iter().map(Argument::lent).collect();
        let values: Vec<RawValue> = keywords.iter().map(|(_, value)| value.lent()).collect();
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::mem::offset_of;

    /// The binary interface, as the C compiler sees the header.
    const LIST: &str = include_str!("../../../tests/abi.txt");

    fn listed(start: &str) {
        let found = LIST.lines().any(|line| line.starts_with(start));
        assert!(found, "tests/abi.txt has no line {start}");
    }

    macro_rules! layout {
        ($ours:ident, $name:literal, $($field:ident = $theirs:literal),*) => {
            listed(&format!(concat!($name, ": {} bytes"), size_of::<$ours>()));
            let name = $name.rsplit(' ').next().unwrap();
            $(listed(&format!("field {name}.{}: at {},", $theirs, offset_of!($ours, $field)));)*
        };
    }

    #[test]
    fn structs_are_those_of_the_header() {
        layout!(
            LoaderOptions,
            "growing struct NexusLoaderOptions",
            struct_size = "struct_size",
            flags = "flags",
            modules = "modules",
            module_count = "module_count",
            filter = "filter",
            progress = "progress",
            user_data = "user_data",
            trial_milliseconds = "trial_milliseconds",
            allow_list = "allow_list"
        );
        layout!(
            ReportEntry,
            "struct NexusReportEntry",
            name = "name",
            path = "path",
            state = "state",
            status = "status",
            detail = "detail",
            message = "message",
            nanoseconds = "nanoseconds"
        );
        layout!(
            PythonConfig,
            "growing struct NexusPythonConfig",
            struct_size = "struct_size",
            flags = "flags",
            python = "python",
            argv = "argv",
            argv_count = "argv_count"
        );
        layout!(
            PythonInfo,
            "growing struct NexusPythonInfo",
            struct_size = "struct_size",
            version = "version",
            owned = "owned",
            version_text = "version_text",
            library = "library",
            executable = "executable",
            prefix = "prefix",
            reason = "reason"
        );
        layout!(TextRange, "struct NexusText", data = "data", size = "size");
        layout!(
            Payload,
            "union NexusPayload",
            text = "text",
            object = "object"
        );
        layout!(
            RawValue,
            "struct NexusValue",
            kind = "kind",
            payload = "as",
            owner = "owner"
        );
    }

    #[test]
    fn numbers_are_those_of_the_header() {
        for (name, number) in [
            ("number NEXUS_LOADER_LAZY", LAZY),
            ("number NEXUS_LOADER_RECURSIVE", RECURSIVE),
            ("number NEXUS_LOADER_TRIAL", TRIAL),
            ("number NEXUS_LOADER_VERIFY", VERIFY),
            ("constant NEXUS_OK", OK),
            ("constant NEXUS_ERR_INVALID_ARGUMENT", 1),
            ("constant NEXUS_ERR_NOT_FOUND", NOT_FOUND),
            ("constant NEXUS_ERR_NOT_A_DIRECTORY", NOT_A_DIRECTORY),
            ("constant NEXUS_ERR_EXCEPTION", EXCEPTION),
            ("constant NEXUS_STATE_LOADED", LOADED),
            ("constant NEXUS_STATE_LAZY", LAZY_STATE),
            ("constant NEXUS_STATE_FAILED", FAILED),
            ("constant NEXUS_STATE_SKIPPED", SKIPPED),
            ("constant NEXUS_STATE_MISSING", MISSING),
            ("constant NEXUS_KIND_NONE", NONE),
            ("constant NEXUS_KIND_BOOLEAN", BOOLEAN),
            ("constant NEXUS_KIND_INTEGER", INTEGER),
            ("constant NEXUS_KIND_REAL", REAL),
            ("constant NEXUS_KIND_TEXT", TEXT),
            ("constant NEXUS_KIND_BYTES", BYTES),
            ("constant NEXUS_DETAIL_FILTERED", crate::list::FILTERED),
        ] {
            let line = format!("{name} = {number}");
            assert!(LIST.lines().any(|listed| listed == line), "{line}");
        }
    }
}
