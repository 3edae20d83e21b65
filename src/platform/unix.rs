//! What Linux, the BSDs and macOS share.

use super::{Definition, Library};
use core::ffi::{CStr, c_char, c_void};
use nexus_abi::supported;
use nexus_abi::text::c_string;
use std::ffi::{CString, OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

fn c_path(path: &Path) -> CString {
    c_string(path.as_os_str().as_bytes())
}

// `dlerror` is per thread with glibc and macOS, and of the process with older systems.
fn linker_text() -> String {
    // SAFETY: `dlerror` returns NULL or a string that is valid until the next call on this thread.
    let text = unsafe { libc::dlerror() };
    if text.is_null() {
        return "no text from the dynamic linker".to_owned();
    }
    // SAFETY: not NULL, NUL-terminated.
    unsafe { CStr::from_ptr(text) }
        .to_string_lossy()
        .into_owned()
}

fn open(name: *const c_char, mode: libc::c_int) -> Result<Library, String> {
    // SAFETY: `name` is NULL or NUL-terminated. Opening runs the library's constructors: callers open
    // a libpython, the engine, or what is mapped already.
    let handle = unsafe { libc::dlopen(name, mode) };
    if handle.is_null() {
        Err(linker_text())
    } else {
        Ok(Library(handle as usize))
    }
}

/// Opens a library, its symbols bound at once; `global`: for all that is opened later to see. The error
/// is the linker's text.
pub fn open_library(path: &Path, global: bool) -> Result<Library, String> {
    let scope = if global {
        libc::RTLD_GLOBAL
    } else {
        libc::RTLD_LOCAL
    };
    open(c_path(path).as_ptr(), libc::RTLD_NOW | scope)
}

/// Makes the symbols of a library that is mapped already visible to all that is opened later. By the
/// path under which it is mapped, never by a name, which could find another file.
pub fn promote(definition: &Definition) -> Result<Library, String> {
    reopen(definition, libc::RTLD_NOW | libc::RTLD_GLOBAL)
}

/// A library that is mapped already, with its symbols as visible as they are.
pub fn hold(definition: &Definition) -> Result<Library, String> {
    reopen(definition, libc::RTLD_LAZY)
}

fn reopen(definition: &Definition, mode: libc::c_int) -> Result<Library, String> {
    if definition.is_program {
        return open(core::ptr::null(), mode);
    }
    open(c_path(&definition.file).as_ptr(), mode | libc::RTLD_NOLOAD)
}

/// Gives a library back that turned out to be of no use.
pub fn close(library: Library) {
    // SAFETY: the handle came from `dlopen`, and its user has kept no address of it.
    unsafe { libc::dlclose(library.0 as *mut c_void) };
}

/// The address of a symbol of that library or of one it depends on.
pub fn symbol(library: Library, name: &CStr) -> Option<*const c_void> {
    // SAFETY: a handle from `dlopen` and a NUL-terminated name.
    let address = unsafe { libc::dlsym(library.0 as *mut c_void, name.as_ptr()) };
    (!address.is_null()).then_some(address.cast_const())
}

struct Home {
    file: PathBuf,
    base: *const c_void,
}

fn home_of(address: *const c_void) -> Option<Home> {
    let mut info = core::mem::MaybeUninit::<libc::Dl_info>::zeroed();
    // SAFETY: `dladdr` takes any address and fills the struct when it returns other than 0.
    let info = unsafe {
        if libc::dladdr(address, info.as_mut_ptr()) == 0 {
            return None;
        }
        info.assume_init()
    };
    if info.dli_fname.is_null() {
        return None;
    }
    // SAFETY: not NULL; the linker's own string, which lives as long as the file is mapped.
    let name = unsafe { CStr::from_ptr(info.dli_fname) };
    let file = Path::new(OsStr::from_bytes(name.to_bytes()));
    let file = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
    Some(Home {
        file,
        base: info.dli_fbase,
    })
}

/// The file that is mapped at an address.
pub fn file_of_address(address: *const c_void) -> Option<PathBuf> {
    let home = home_of(address)?;
    // For the program, `dladdr` gives its argv[0], which need not be a path.
    if Some(home.base) == super::program_base() {
        return super::program_file();
    }
    Some(home.file)
}

/// Every definition of a symbol in the process, also in libraries that were opened locally, each
/// once. `dlsym` also searches what a library depends on, so it is the address that counts.
pub fn definitions(name: &CStr) -> Vec<Definition> {
    let mut found: Vec<Definition> = Vec::new();
    let program = super::program_base();
    let mut visit = |library: Library| {
        let Some(address) = symbol(library, name) else {
            return;
        };
        if found.iter().any(|known| known.address == address) {
            return;
        }
        let Some(home) = home_of(address) else { return };
        let is_program = Some(home.base) == program;
        let file = if is_program {
            super::program_file().unwrap_or(home.file)
        } else {
            home.file
        };
        found.push(Definition {
            address,
            file,
            is_program,
        });
    };
    if let Ok(global) = open(core::ptr::null(), libc::RTLD_LAZY) {
        visit(global);
        close(global);
    }
    for file in nexus_abi::platform::mapped_files() {
        if let Ok(library) = open(c_path(&file).as_ptr(), libc::RTLD_LAZY | libc::RTLD_NOLOAD) {
            visit(library);
            close(library);
        }
    }
    found
}

/// Whether two paths are one file.
pub fn same_file(one: &Path, other: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (one.metadata(), other.metadata()) {
        (Ok(one), Ok(other)) => (one.dev(), one.ino()) == (other.dev(), other.ino()),
        _ => one == other,
    }
}

/// The interpreters of an installation or a virtual environment, the likely ones first.
pub fn programs(prefix: &Path) -> Vec<PathBuf> {
    ["python3", "python"]
        .into_iter()
        .map(String::from)
        .chain(versioned_programs())
        .map(|name| prefix.join("bin").join(name))
        .collect()
}

fn versioned_programs() -> impl Iterator<Item = String> {
    supported::MINORS
        .rev()
        .map(|minor| format!("python3.{minor}"))
}

/// The interpreter of that version in an installation.
pub fn program_of(prefix: &Path, version: &str) -> PathBuf {
    prefix.join("bin").join(format!("python{version}"))
}

/// The version that an interpreter's file name tells, such as `3.13t` of `python3.13t`.
pub fn version_of_program(file: &Path) -> Option<String> {
    let version = file.file_name()?.to_str()?.strip_prefix("python")?;
    version.contains('.').then(|| version.to_owned())
}

/// The Pythons of the system's own list, which has none.
pub fn registered() -> Option<Vec<PathBuf>> {
    None
}

/// A Python that lies beside the program: not looked for, as a libpython is of the system here.
pub fn beside_program() -> Option<Vec<PathBuf>> {
    None
}

/// For the text that there is none on `PATH`.
pub fn none_on_path() -> String {
    format!(
        "no python3, nor python3.{} to python3.{}",
        supported::NEWEST,
        supported::OLDEST
    )
}

/// Before the engine is opened for that Python: nothing.
pub fn prepare_engine(_python: &Path) -> Result<(), String> {
    Ok(())
}

/// Where an installation may have the standard library of that version (`3.13`, `3.13t`): `lib`, or
/// Fedora's and SUSE's `lib64` (`sys.platlibdir`).
pub fn standard_libraries(prefix: &Path, version: &str) -> Vec<PathBuf> {
    ["lib", "lib64"]
        .into_iter()
        .map(|lib| prefix.join(lib).join(format!("python{version}")))
        .collect()
}

/// The same as one zip file, as `Modules/getpath.py` looks for it.
pub fn zipped_standard_libraries(prefix: &Path, version: &str) -> Vec<PathBuf> {
    let digits: String = version.chars().filter(|c| *c != '.').collect();
    ["lib", "lib64"]
        .into_iter()
        .map(|lib| prefix.join(lib).join(format!("python{digits}.zip")))
        .collect()
}

/// The directories of a `PATH`-like list. Relative ones are left out: there is no implicit current
/// directory.
pub fn split_path(list: &OsStr) -> Vec<PathBuf> {
    std::env::split_paths(list)
        .filter(|folder| folder.is_absolute())
        .collect()
}

/// An environment variable that the user has set. A program with more rights than its user listens to
/// none of them.
pub fn user_variable(name: &str) -> Option<OsString> {
    if super::is_privileged() {
        return None;
    }
    std::env::var_os(name).filter(|value| !value.is_empty())
}

/// `PATH`, or the system's own directories in a program with more rights than its user.
pub fn search_path() -> OsString {
    user_variable("PATH").unwrap_or_else(|| OsString::from("/usr/local/bin:/usr/bin:/bin"))
}

/// The interpreters' names that are looked for on `PATH`, in that order.
pub fn names_on_path() -> Vec<String> {
    core::iter::once("python3".to_owned())
        .chain(versioned_programs())
        .collect()
}

/// Names of the engine's file for that ABI number, the preferred first.
pub fn engine_file_names(abi: u32) -> Vec<String> {
    super::versioned_library_names("nexus_engine", abi)
}

/// Text as Python's `wchar_t` strings hold it: UTF-8 decoded with the error handler `surrogateescape`
/// (PEP 383), NUL-terminated.
pub fn wide(text: &OsStr) -> Vec<libc::wchar_t> {
    let mut wide = Vec::with_capacity(text.len() + 1);
    for chunk in text.as_bytes().utf8_chunks() {
        wide.extend(chunk.valid().chars().map(|c| c as libc::wchar_t));
        wide.extend(
            chunk
                .invalid()
                .iter()
                .map(|byte| 0xdc00 + libc::wchar_t::from(*byte)),
        );
    }
    wide.push(0);
    wide
}

/// The bytes that C sees of a path or an argument.
pub fn bytes_of(text: &OsStr) -> Vec<u8> {
    text.as_bytes().to_vec()
}

/// A path or an argument from its bytes.
pub fn from_bytes(bytes: Vec<u8>) -> OsString {
    OsString::from_vec(bytes)
}

/// Puts a child process into a group of its own, so that it can be ended with its children.
pub fn own_group(command: &mut std::process::Command) {
    use std::os::unix::process::CommandExt;
    command.process_group(0);
}

/// Ends a child process and the group that it leads. It must not have been waited for yet.
pub fn kill_group(child: &mut std::process::Child) {
    if let Ok(id) = libc::pid_t::try_from(child.id()) {
        // SAFETY: the id is taken until the child is waited for, so it is nobody else's group.
        unsafe { libc::kill(-id, libc::SIGKILL) };
    }
    let _ = child.kill();
}

/// The calling process's number: differs in a forked child.
pub fn process_id() -> u32 {
    std::process::id()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_text_keeps_bytes_that_are_not_utf8() {
        let text = OsStr::from_bytes(b"a\xc3\xa9\xff");
        assert_eq!(
            wide(text),
            [0x61, 0xe9, 0xdcff, 0].map(|unit| unit as libc::wchar_t)
        );
    }

    #[test]
    fn finds_a_symbol_of_this_program_once() {
        let found = definitions(c"malloc");
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(
            file_of_address(found[0].address).as_ref(),
            Some(&found[0].file)
        );
        assert!(definitions(c"no_such_symbol_of_nexus").is_empty());
    }

    #[test]
    fn versions_in_program_names() {
        let version = |file: &str| version_of_program(Path::new(file));
        assert_eq!(version("/usr/bin/python3.13t").as_deref(), Some("3.13t"));
        assert_eq!(version("python3"), None);
        assert_eq!(version("/opt/pypy3.11"), None);
    }
}
