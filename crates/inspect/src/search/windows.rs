//! Where Windows looks for the DLLs of a module that Python loads.
//!
//! CPython calls `LoadLibraryExW` with LOAD_LIBRARY_SEARCH_DEFAULT_DIRS | LOAD_LIBRARY_SEARCH_DLL_LOAD_DIR
//! (Python/dynload_win.c). So the order is, for the module and for all that it needs: the module's own
//! folder, the program's, those of `AddDllDirectory`, and System32. PATH and the current directory do not
//! count, and of a DLL in the tree its own folder does not count either.

use std::path::{Path, PathBuf};

/// System32, and the folder around it.
pub(super) fn system_folders() -> Vec<PathBuf> {
    let root = std::env::var_os("SystemRoot").unwrap_or_else(|| r"C:\Windows".into());
    let root = PathBuf::from(root);
    vec![root.join("System32"), root]
}

/// Names that stand for no file: Windows keeps a table of the DLLs that have the functions ("API sets").
pub(crate) fn is_api_set(name: &str) -> bool {
    ["api-ms-", "ext-ms-"]
        .iter()
        .any(|start| name.starts_with(start))
}

/// DLLs that Windows always takes from System32 (the registry key KnownDLLs), and those without which no
/// Windows runs. Lower case.
pub(crate) fn is_known(name: &str) -> bool {
    const NAMES: [&str; 32] = [
        "advapi32.dll",
        "clbcatq.dll",
        "combase.dll",
        "comdlg32.dll",
        "coml2.dll",
        "difxapi.dll",
        "gdi32.dll",
        "gdiplus.dll",
        "imagehlp.dll",
        "imm32.dll",
        "kernel32.dll",
        "kernelbase.dll",
        "msctf.dll",
        "msvcrt.dll",
        "normaliz.dll",
        "nsi.dll",
        "ntdll.dll",
        "ole32.dll",
        "oleaut32.dll",
        "psapi.dll",
        "rpcrt4.dll",
        "sechost.dll",
        "setupapi.dll",
        "shcore.dll",
        "shell32.dll",
        "shlwapi.dll",
        "ucrtbase.dll",
        "user32.dll",
        "wldap32.dll",
        "wow64.dll",
        "wow64win.dll",
        "ws2_32.dll",
    ];
    NAMES.binary_search(&name).is_ok()
}

/// DLLs that a manifest brings from the side-by-side folder, where only Windows itself finds them.
pub(crate) fn is_side_by_side(name: &str) -> bool {
    [
        "msvcr80", "msvcp80", "msvcm80", "msvcr90", "msvcp90", "msvcm90", "mfc80", "mfc90",
        "atl80", "atl90", "vcomp90", "comctl32", "gdiplus",
    ]
    .iter()
    .any(|start| name.starts_with(start))
}

/// Whether delvewheel has put a hash into the name, so that no other DLL has it, least of all one of Windows:
/// `msvcp140-a4c2229bdc2a2a630acdc095b4d86008.dll`.
pub(crate) fn is_vendored(name: &str) -> bool {
    let Some((_, hash)) = name
        .strip_suffix(".dll")
        .and_then(|name| name.rsplit_once('-'))
    else {
        return false;
    };
    matches!(hash.len(), 8 | 32 | 64)
        && hash
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        && hash.bytes().any(|byte| byte.is_ascii_digit())
}

/// Folders that a package adds when it is imported, as delvewheel writes it into its `__init__.py`:
/// `pkg.libs` beside the package, whatever the name of the wheel, and `pkg/.libs`.
pub(crate) fn vendored_folders(module: &Path) -> Vec<PathBuf> {
    /// Packages are hardly nested more deeply.
    const MOST_LEVELS: usize = 6;
    let module = std::path::absolute(module).unwrap_or_else(|_| module.to_owned());
    let mut found = Vec::new();
    for folder in module.ancestors().skip(1).take(MOST_LEVELS) {
        let mut here: Vec<PathBuf> = std::fs::read_dir(folder)
            .into_iter()
            .flatten()
            .flatten()
            .filter(|entry| entry.file_name().as_encoded_bytes().ends_with(b".libs"))
            .map(|entry| entry.path())
            .filter(|path| path.is_dir())
            .collect();
        here.sort();
        found.extend(here);
        // Above this there are no packages.
        if folder
            .file_name()
            .is_some_and(|name| name == "site-packages")
        {
            break;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        assert!(is_api_set("api-ms-win-crt-runtime-l1-1-0.dll"));
        assert!(!is_api_set("apis.dll"));
        for name in ["advapi32.dll", "kernel32.dll", "ws2_32.dll", "msvcrt.dll"] {
            assert!(is_known(name), "{name}");
        }
        assert!(!is_known("vcruntime140.dll"));
        assert!(is_side_by_side("msvcr90.dll") && !is_side_by_side("msvcr100.dll"));
        for name in [
            "msvcp140-a4c2229bdc2a2a630acdc095b4d86008.dll",
            "libscipy_openblas64_-caad452230ae4ddb57899b8b3a33c55c.dll",
            "zlib1-7f3a9c21.dll",
        ] {
            assert!(is_vendored(name), "{name}");
        }
        for name in [
            "msvcp140.dll",
            "libgcc_s_seh-1.dll",
            "x-facade.dll",
            "libstdc++-6.dll",
            "api-ms-win-core-file-l1-2-0.dll",
            "libcrypto-1_1-x64.dll",
            "libcrypto-3.dll",
        ] {
            assert!(!is_vendored(name), "{name}");
        }
    }
}
