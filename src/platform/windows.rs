//! Windows. Names, places and headers follow CPython's installers; what the registry knows (PEP 514)
//! and the store's app aliases are not read yet.

use super::{Definition, Library};
use core::ffi::{CStr, c_char, c_int, c_void};
use nexus_abi::text::c_string;
use std::ffi::{CString, OsStr, OsString};
use std::os::windows::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

type Module = *mut c_void;

#[link(name = "kernel32")]
unsafe extern "system" {
    fn LoadLibraryExW(name: *const u16, reserved: *mut c_void, flags: u32) -> Module;
    fn FreeLibrary(module: Module) -> i32;
    fn GetProcAddress(module: Module, name: *const c_char) -> *mut c_void;
    fn GetModuleHandleExW(flags: u32, name: *const c_void, module: *mut Module) -> i32;
    fn GetModuleFileNameW(module: Module, name: *mut u16, size: u32) -> u32;
    fn GetCurrentProcess() -> *mut c_void;
    fn K32EnumProcessModules(
        process: *mut c_void,
        modules: *mut Module,
        size: u32,
        needed: *mut u32,
    ) -> i32;
}

fn wide_path(path: &Path) -> Vec<u16> {
    path.as_os_str().encode_wide().chain([0]).collect()
}

fn last_error() -> String {
    std::io::Error::last_os_error().to_string()
}

/// Opens a library. Its own folder is searched for what it needs, as python3XX.dll needs vcruntime.
/// Windows binds by library and name, so there is nothing global about it.
pub fn open_library(path: &Path, _global: bool) -> Result<Library, String> {
    const DLL_LOAD_DIR: u32 = 0x100;
    const DEFAULT_DIRS: u32 = 0x1000;
    let name = wide_path(path);
    // SAFETY: a NUL-terminated absolute path. Opening runs the library's entry: callers open a libpython
    // or the engine.
    let module = unsafe {
        LoadLibraryExW(
            name.as_ptr(),
            core::ptr::null_mut(),
            DLL_LOAD_DIR | DEFAULT_DIRS,
        )
    };
    if module.is_null() {
        Err(last_error())
    } else {
        Ok(Library(module as usize))
    }
}

/// The library of a definition, held as long as the process.
pub fn promote(definition: &Definition) -> Result<Library, String> {
    module_of(definition.address, PIN)
        .map(|module| Library(module as usize))
        .ok_or_else(last_error)
}

/// The same: here nothing is more or less visible.
pub fn hold(definition: &Definition) -> Result<Library, String> {
    promote(definition)
}

/// Gives a library back that turned out to be of no use.
pub fn close(library: Library) {
    // SAFETY: the handle came from `LoadLibraryExW`, and its user has kept no address of it.
    unsafe { FreeLibrary(library.0 as Module) };
}

/// The address of a symbol of that library.
pub fn symbol(library: Library, name: &CStr) -> Option<*const c_void> {
    // SAFETY: a module's handle and a NUL-terminated name.
    let address = unsafe { GetProcAddress(library.0 as Module, name.as_ptr()) };
    (!address.is_null()).then_some(address.cast_const())
}

const PIN: u32 = 1;
const UNCHANGED: u32 = 2;

fn module_of(address: *const c_void, flags: u32) -> Option<Module> {
    const FROM_ADDRESS: u32 = 4;
    let mut module = core::ptr::null_mut();
    // SAFETY: with that flag the name is any address; the output is ours.
    let found = unsafe { GetModuleHandleExW(FROM_ADDRESS | flags, address, &raw mut module) };
    (found != 0).then_some(module)
}

fn file_of(module: Module) -> Option<PathBuf> {
    let mut name = vec![0u16; 32_768];
    // SAFETY: the buffer has that size, the longest path of Windows.
    let length = unsafe { GetModuleFileNameW(module, name.as_mut_ptr(), 32_768) } as usize;
    (length > 0).then(|| PathBuf::from(OsString::from_wide(&name[..length])))
}

/// The file that is mapped at an address.
pub fn file_of_address(address: *const c_void) -> Option<PathBuf> {
    file_of(module_of(address, UNCHANGED)?)
}

fn modules() -> Vec<Module> {
    let mut modules: Vec<Module> = vec![core::ptr::null_mut(); 4096];
    let size = size_of_val(&modules[..]) as u32;
    let mut needed = 0;
    // SAFETY: the buffer has that size; the handle is the process's own.
    let done = unsafe {
        K32EnumProcessModules(
            GetCurrentProcess(),
            modules.as_mut_ptr(),
            size,
            &raw mut needed,
        )
    };
    modules.truncate(if done == 0 {
        0
    } else {
        needed.min(size) as usize / size_of::<Module>()
    });
    modules
}

/// Every definition of a symbol in the process, each once: python3.dll forwards to python3XX.dll.
pub fn definitions(name: &CStr) -> Vec<Definition> {
    let mut found: Vec<Definition> = Vec::new();
    let program = std::env::current_exe().ok();
    for module in modules() {
        let Some(address) = symbol(Library(module as usize), name) else {
            continue;
        };
        if found.iter().any(|known| known.address == address) {
            continue;
        }
        if let Some(file) = file_of_address(address) {
            let is_program = program.as_ref() == Some(&file);
            found.push(Definition {
                address,
                file,
                is_program,
            });
        }
    }
    found
}

/// The names of all mapped files.
pub fn mapped_objects() -> Vec<CString> {
    modules()
        .into_iter()
        .filter_map(file_of)
        .map(|file| c_string(bytes_of(file.as_os_str())))
        .collect()
}

/// Whether two paths are one file.
pub fn same_file(one: &Path, other: &Path) -> bool {
    match (one.canonicalize(), other.canonicalize()) {
        (Ok(one), Ok(other)) => one == other,
        _ => one == other,
    }
}

/// The interpreters of an installation or a virtual environment, the likely ones first.
pub fn programs(prefix: &Path) -> Vec<PathBuf> {
    vec![
        prefix.join("Scripts").join("python.exe"),
        prefix.join("python.exe"),
    ]
}

/// The interpreter of that version in an installation.
pub fn program_of(prefix: &Path, _version: &str) -> PathBuf {
    prefix.join("python.exe")
}

/// The version in an interpreter's file name: `python.exe` tells none, so it is asked.
pub fn version_in_program_name(name: &str) -> Option<&str> {
    name.strip_suffix(".exe")?
        .strip_prefix("python")
        .filter(|version| version.contains('.'))
}

/// Where an installation has the standard library.
pub fn standard_libraries(prefix: &Path, _version: &str) -> Vec<PathBuf> {
    vec![prefix.join("Lib")]
}

/// The same as one zip file, as the embeddable package has it.
pub fn zipped_standard_libraries(prefix: &Path, version: &str) -> Vec<PathBuf> {
    vec![prefix.join(format!("python{}.zip", digits(version)))]
}

fn digits(version: &str) -> String {
    version.chars().filter(|c| *c != '.').collect()
}

/// Names of libpython's file for a version such as `3.13`.
pub fn library_names(version: &str) -> Vec<String> {
    match version.strip_suffix('d') {
        Some(release) => vec![format!("python{}_d.dll", digits(release))],
        None => vec![format!("python{}.dll", digits(version))],
    }
}

/// The version that the path of a libpython tells, such as `3.13t` of `python313t.dll`; `None`: it is none.
pub fn version_of_library(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_str()?.to_ascii_lowercase();
    let name = name.strip_suffix(".dll")?.strip_prefix("python3")?;
    let (minor, debug) = name
        .strip_suffix("_d")
        .map_or((name, ""), |minor| (minor, "d"));
    let known = minor.trim_end_matches('t');
    let valid = !known.is_empty() && known.chars().all(|c| c.is_ascii_digit());
    valid.then(|| format!("3.{minor}{debug}"))
}

/// Whether that is the name of the stable ABI's stub, which forwards to a libpython.
pub fn is_stub_name(name: &str) -> bool {
    name.eq_ignore_ascii_case("python3.dll")
}

/// Where the libpython of an installation may lie; an installation for all users may have it in System32.
pub fn library_folders(prefix: &Path) -> Vec<PathBuf> {
    vec![prefix.to_owned()]
}

/// Where CPython's installers put installations of the user, and of all users.
pub fn system_library_folders() -> Vec<PathBuf> {
    let roots = [("LOCALAPPDATA", "Programs\\Python"), ("ProgramFiles", "")];
    let mut folders = Vec::new();
    for (variable, below) in roots {
        let Some(root) = user_variable(variable) else {
            continue;
        };
        folders.extend(
            (11..=15)
                .rev()
                .map(|minor| Path::new(&root).join(below).join(format!("Python3{minor}"))),
        );
    }
    folders.retain(|folder| folder.is_dir());
    folders
}

/// What to install when an interpreter of that version has no python3XX.dll.
pub fn how_to_get_library(version: &str) -> String {
    format!("install Python {version} of python.org")
}

/// What to install when there is no Python at all.
pub fn how_to_get_python() -> &'static str {
    "install one of python.org"
}

/// The directories of a `PATH`-like list, without relative ones.
pub fn split_path(list: &OsStr) -> Vec<PathBuf> {
    std::env::split_paths(list)
        .filter(|folder| folder.is_absolute())
        .collect()
}

/// An environment variable that the user has set.
pub fn user_variable(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

/// `PATH`.
pub fn search_path() -> OsString {
    user_variable("PATH").unwrap_or_default()
}

/// The interpreters' names that are looked for on `PATH`, in that order.
pub fn names_on_path() -> Vec<String> {
    vec!["python3.exe".to_owned(), "python.exe".to_owned()]
}

/// Names of the engine's file for that ABI number, the preferred first.
pub fn engine_file_names(abi: u32) -> Vec<String> {
    vec![
        format!("nexus_engine-{abi}.dll"),
        "nexus_engine.dll".to_owned(),
    ]
}

/// Windows has no programs with more rights than their user in the sense of setuid.
pub fn is_privileged() -> bool {
    false
}

/// Text as Python's `wchar_t` strings hold it: UTF-16, NUL-terminated.
pub fn wide(text: &OsStr) -> Vec<libc::wchar_t> {
    text.encode_wide().chain([0]).collect()
}

/// The bytes that C sees of a path or an argument: UTF-8.
pub fn bytes_of(text: &OsStr) -> Vec<u8> {
    text.to_string_lossy().into_owned().into_bytes()
}

/// A path or an argument from its bytes.
pub fn from_bytes(bytes: Vec<u8>) -> OsString {
    OsString::from(String::from_utf8_lossy(&bytes).into_owned())
}

/// Opens no console window for a child process.
pub fn own_group(command: &mut std::process::Command) {
    use std::os::windows::process::CommandExt;
    const CREATE_NO_WINDOW: u32 = 0x0800_0000;
    command.creation_flags(CREATE_NO_WINDOW);
}

/// Ends a child process.
pub fn kill_group(child: &mut std::process::Child) {
    let _ = child.kill();
}

/// The calling process's number.
pub fn process_id() -> u32 {
    std::process::id()
}

/// Why that file cannot be loaded into this process, told from its PE header; `None`: it can.
pub fn foreign_library(file: &Path) -> Option<String> {
    use std::io::Read;
    let mut header = Vec::new();
    match std::fs::File::open(file).and_then(|file| file.take(4096).read_to_end(&mut header)) {
        Err(error) => Some(format!("it cannot be read: {error}")),
        Ok(_) => check_header(&header),
    }
}

// The PE format: at 0x3c the offset of "PE\0\0", after which the machine stands.
fn check_header(header: &[u8]) -> Option<String> {
    let at = |offset: usize, size: usize| header.get(offset..offset + size);
    let start = at(0x3c, 4)
        .and_then(|bytes| bytes.try_into().ok())
        .map(u32::from_le_bytes)
        .unwrap_or(0) as usize;
    if at(0, 2) != Some(b"MZ") || at(start, 4) != Some(b"PE\0\0") {
        return Some("it is no library: the file has no PE header".to_owned());
    }
    let machine = at(start + 4, 2)
        .and_then(|bytes| bytes.try_into().ok())
        .map(u16::from_le_bytes)
        .unwrap_or(0);
    let own = if cfg!(target_arch = "aarch64") {
        0xaa64
    } else {
        0x8664
    };
    let name = match machine {
        0x14c => "x86 (32 bits)",
        0x8664 => "x86_64",
        0xaa64 => "aarch64",
        _ => "another machine",
    };
    (machine != own).then(|| {
        format!(
            "it is built for another architecture: {name}, and this process is {}",
            std::env::consts::ARCH
        )
    })
}
