//! Starting CPython 3.11 to 3.13: the global flags, and `Py_InitializeFromConfig` in the way that
//! `Py_InitializeEx(0)` calls it.
//!
//! `Py_InitializeEx` itself ends the process when it fails. It consists of `_PyConfig_InitCompatConfig`, which
//! makes a `PyConfig` from the flags, and `Py_InitializeFromConfig`, which returns a status. Both are exported;
//! of `PyConfig`, only the offset of `install_signal_handlers` is needed, the same in these finished releases
//! (Include/cpython/initconfig.h). `Py_PreInitialize` is called before: it tells CPython not to touch the locale.

use super::installation::Installation;
use crate::ffi::function;
use crate::platform::{self, Library};
use core::ffi::{CStr, c_char, c_int, c_void};

// More than any PyConfig of these releases: 424 to 448 bytes.
const CONFIG_SIZE: usize = 4096;
const INSTALL_SIGNAL_HANDLERS: usize = 4;

#[repr(C, align(16))]
struct PyConfig([c_int; CONFIG_SIZE / size_of::<c_int>()]);

/// It is the same in these releases (Include/cpython/initconfig.h), and some room.
#[repr(C)]
struct PyPreConfig {
    config_init: c_int,
    parse_argv: c_int,
    isolated: c_int,
    use_environment: c_int,
    configure_locale: c_int,
    coerce_c_locale: c_int,
    coerce_c_locale_warn: c_int,
    #[cfg(windows)]
    legacy_windows_fs_encoding: c_int,
    utf8_mode: c_int,
    dev_mode: c_int,
    allocator: c_int,
    room: [c_int; 64],
}

#[repr(C)]
struct PyStatus {
    kind: c_int,
    function: *const c_char,
    message: *const c_char,
    exit_code: c_int,
}

/// Starts Python without `site`; on success this thread holds the GIL. The error is CPython's text.
pub fn start(
    library: Library,
    installation: &Installation,
    use_environment: bool,
) -> Result<(), String> {
    let missing = |name: &CStr| format!("it has no {}", name.to_string_lossy());
    let find = |name: &'static CStr| platform::symbol(library, name).ok_or_else(|| missing(name));
    preinitialize(&find, use_environment)?;
    let init_config = find(c"_PyConfig_InitCompatConfig")?;
    let initialize = find(c"Py_InitializeFromConfig")?;
    let clear = find(c"PyConfig_Clear")?;
    let set_program_name = find(c"Py_SetProgramName")?;
    for (name, value) in [
        (c"Py_NoSiteFlag", 1),
        (c"Py_IgnoreEnvironmentFlag", c_int::from(!use_environment)),
        (c"Py_UTF8Mode", 1),
    ] {
        let flag = find(name)?.cast::<c_int>().cast_mut();
        // SAFETY: CPython's documentation: an `int` variable, read while it starts.
        unsafe { flag.write(value) };
    }
    // SAFETY: the functions have these types in 3.11 to 3.13. The program's name is copied. The config is
    // larger than a PyConfig, so what the library writes stays inside; the offset is that of an int.
    unsafe {
        let set_program_name: unsafe extern "C" fn(*const libc::wchar_t) =
            function(set_program_name);
        set_program_name(platform::wide(installation.program.as_os_str()).as_ptr());
        let mut config = Box::new(PyConfig([0; CONFIG_SIZE / size_of::<c_int>()]));
        let init_config: unsafe extern "C" fn(*mut PyConfig) = function(init_config);
        init_config(&raw mut *config);
        config.0[INSTALL_SIGNAL_HANDLERS] = 0;
        let initialize: unsafe extern "C" fn(*const PyConfig) -> PyStatus = function(initialize);
        let status = initialize(&raw const *config);
        let clear: unsafe extern "C" fn(*mut PyConfig) = function(clear);
        clear(&raw mut *config);
        text_of(&status).map_or(Ok(()), Err)
    }
}

/// The first part of the start. Python uses UTF-8 whatever the host's locale is (PEP 540). So the locale need not
/// be set: it belongs to the whole process, and takes time to load.
fn preinitialize(
    find: &dyn Fn(&'static CStr) -> Result<*const c_void, String>,
    use_environment: bool,
) -> Result<(), String> {
    let init_config = find(c"PyPreConfig_InitPythonConfig")?;
    let preinitialize = find(c"Py_PreInitialize")?;
    // SAFETY: zeros are a value of integers; the functions have these types in 3.11 to 3.13.
    let status = unsafe {
        let mut config: PyPreConfig = core::mem::zeroed();
        let init_config: unsafe extern "C" fn(*mut PyPreConfig) = function(init_config);
        init_config(&raw mut config);
        config.use_environment = c_int::from(use_environment);
        config.configure_locale = 0;
        config.coerce_c_locale = 0;
        config.coerce_c_locale_warn = 0;
        config.utf8_mode = 1;
        let preinitialize: unsafe extern "C" fn(*const PyPreConfig) -> PyStatus =
            function(preinitialize);
        preinitialize(&raw const config)
    };
    text_of(&status).map_or(Ok(()), Err)
}

// `_PyStatus_TYPE_OK` is 0, an error 1, a wish to exit 2.
fn text_of(status: &PyStatus) -> Option<String> {
    let text = |text: *const c_char| {
        if text.is_null() {
            return None;
        }
        // SAFETY: not NULL: a static string of CPython's.
        let text = unsafe { CStr::from_ptr(text) };
        Some(text.to_string_lossy().into_owned())
    };
    match status.kind {
        0 => None,
        2 => Some(format!("it wants to exit with code {}", status.exit_code)),
        _ => {
            let message = text(status.message).unwrap_or_else(|| "no reason given".to_owned());
            Some(text(status.function).map_or_else(
                || message.clone(),
                |function| format!("{function}: {message}"),
            ))
        }
    }
}
