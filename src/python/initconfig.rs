//! Starting CPython 3.14 and later: `PyInitConfig` (PEP 741).

use super::environment;
use super::installation::Installation;
use crate::ffi::function;
use crate::platform::{self, Library};
use core::ffi::{CStr, c_char, c_int, c_void};
use nexus_abi::text::c_string;

type Raw = *mut c_void;

/// Starts Python without `site`; on success this thread holds the GIL. The error is CPython's text.
pub fn start(
    library: Library,
    installation: &Installation,
    use_environment: bool,
) -> Result<(), String> {
    let find = |name: &CStr| {
        platform::symbol(library, name)
            .ok_or_else(|| format!("it has no {}", name.to_string_lossy()))
    };
    // The config is an isolated one (PEP 741); what an ordinary interpreter does is switched on again.
    let numbers = [
        (c"isolated", 0),
        (c"use_environment", i64::from(use_environment)),
        (c"user_site_directory", 1),
        (c"safe_path", 0),
        (c"site_import", 0),
        (c"install_signal_handlers", 0),
        (c"configure_locale", 0),
        // UTF-8 whatever the host's locale is (PEP 540).
        (c"utf8_mode", 1),
    ];
    let seed = match use_environment {
        true => environment::hash_seed().map_err(|failure| failure.message)?,
        false => None,
    };
    let seed = seed.map_or(Vec::new(), |seed| {
        vec![(c"use_hash_seed", 1), (c"hash_seed", i64::from(seed))]
    });
    let program = c_string(platform::bytes_of(installation.program.as_os_str()));
    // SAFETY: the types are those of PEP 741; the config is freed once, and its error text is copied
    // before that.
    unsafe {
        let create: unsafe extern "C" fn() -> Raw = function(find(c"PyInitConfig_Create")?);
        let free: unsafe extern "C" fn(Raw) = function(find(c"PyInitConfig_Free")?);
        let set_int: unsafe extern "C" fn(Raw, *const c_char, i64) -> c_int =
            function(find(c"PyInitConfig_SetInt")?);
        let set_str: unsafe extern "C" fn(Raw, *const c_char, *const c_char) -> c_int =
            function(find(c"PyInitConfig_SetStr")?);
        let get_error: unsafe extern "C" fn(Raw, *mut *const c_char) -> c_int =
            function(find(c"PyInitConfig_GetError")?);
        let initialize: unsafe extern "C" fn(Raw) -> c_int =
            function(find(c"Py_InitializeFromInitConfig")?);
        let config = create();
        if config.is_null() {
            return Err("out of memory".to_owned());
        }
        let done = numbers
            .iter()
            .chain(&seed)
            .all(|(name, value)| set_int(config, name.as_ptr(), *value) == 0)
            && set_str(config, c"program_name".as_ptr(), program.as_ptr()) == 0
            && initialize(config) == 0;
        let outcome = if done {
            Ok(())
        } else {
            let mut text = core::ptr::null();
            Err(match get_error(config, &raw mut text) {
                1 if !text.is_null() => CStr::from_ptr(text).to_string_lossy().into_owned(),
                _ => "no reason given".to_owned(),
            })
        };
        free(config);
        outcome
    }
}
