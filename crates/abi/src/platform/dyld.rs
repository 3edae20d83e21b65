//! macOS's dynamic linker: what it says when it refuses a file for a reason that is not in the file alone, what to do
//! about it, and which libraries are the system's own. The texts are of macOS 10.15 to 15. Compiled everywhere, so that
//! it is tested.

use std::path::Path;

/// The cure for a refusal, told from dlerror(3)'s text; `None`: the text says it all.
pub fn cure(text: &str) -> Option<&'static str> {
    // Each: what is in the text, and the cure. A text has a reason for each path that was tried, so the particular
    // ones come first.
    const CURES: &[(&[&str], &str)] = &[
        (
            &["different Team IDs", "has no Team ID"],
            "the host program validates libraries (hardened runtime): sign the file with the host's own identity, or the \
             host with the entitlement com.apple.security.cs.disable-library-validation",
        ),
        (
            &["disallowed by system policy"],
            "Gatekeeper refuses it, as it does with files from the network that are not notarized: where you trust them, \
             remove their mark with `xattr -dr com.apple.quarantine FOLDER`",
        ),
        (
            &[
                "unsigned library",
                "code signature invalid",
                "code signature in",
            ],
            "its code signature is missing or is not of these bytes: sign it anew, for this machine alone with \
             `codesign --force --sign - FILE`",
        ),
        (
            &["sandbox"],
            "the host's App Sandbox does not let it be mapped: keep modules inside the application, or in its container",
        ),
        (
            &["incompatible architecture", "wrong architecture"],
            "it, or a library that it needs, is for the other kind of processor: install the one for this process (a \
             process that Rosetta translates is x86_64)",
        ),
        (
            &["flat namespace"],
            "a name that it takes from Python is not in this one: it was built for another version of Python",
        ),
    ];
    CURES
        .iter()
        .find(|(signs, _)| signs.iter().any(|sign| text.contains(sign)))
        .map(|(_, cure)| *cure)
}

/// The linker's text with the cure after it, if there is one.
pub fn explained(text: &str) -> String {
    match cure(text) {
        Some(cure) => format!("{text}; {cure}"),
        None => text.to_owned(),
    }
}

/// Whether a mapped library is one of the system's hundreds, which are not searched for Python's names. macOS 11 and 12
/// have a Python of their own, 2.7.
#[must_use]
pub fn is_of_system(library: &Path) -> bool {
    let under = |folder: &str| library.starts_with(folder);
    under("/usr/lib")
        || under("/System/Library") && !under("/System/Library/Frameworks/Python.framework")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_systems_libraries_are_told_apart() {
        for (library, expected) in [
            ("/usr/lib/libSystem.B.dylib", true),
            ("/usr/lib/system/libdyld.dylib", true),
            (
                "/System/Library/Frameworks/AppKit.framework/Versions/C/AppKit",
                true,
            ),
            (
                "/System/Library/Frameworks/Python.framework/Versions/2.7/Python",
                false,
            ),
            ("/System/Volumes/Data/Users/a/libpython3.13.dylib", false),
            ("/usr/local/lib/libpython3.13.dylib", false),
        ] {
            assert_eq!(is_of_system(Path::new(library)), expected, "{library}");
        }
    }

    // As users of various programs have reported them.
    #[test]
    fn each_kind_of_refusal_has_its_cure() {
        for (text, expected) in [
            (
                "dlopen(/m/a.so, 0x0006): tried: '/m/a.so' (code signature in <5CE6> '/m/a.so' not valid for use in \
                 process: mapping process and mapped file (non-platform) have different Team IDs)",
                "disable-library-validation",
            ),
            (
                "dlopen(/m/Python, 0x000A): tried: '/m/Python' (code signature in <566D> '/m/Python' not valid for use \
                 in process: mapped file has no Team ID and is not a platform binary (signed with custom identity or \
                 adhoc?))",
                "disable-library-validation",
            ),
            (
                "dlopen(/m/a.so, 0x0002): tried: '/m/a.so' (code signature in <1E97> '/m/a.so' not valid for use in \
                 process: library load disallowed by system policy)",
                "com.apple.quarantine",
            ),
            (
                "tried: '/m/Python' (code signature invalid (errno=1) sliceOffset=0x00000000, codeBlobOffset=0x00349780, \
                 codeBlobSize=0x0000F6A0 for '/m/Python')",
                "codesign",
            ),
            (
                "code signature in (/m/a.dylib) not valid for use in process using Library Validation: Trying to load an \
                 unsigned library",
                "codesign",
            ),
            (
                "tried: '/m/a.so' (mach-o file, but is an incompatible architecture (have 'x86_64', need 'arm64'))",
                "Rosetta",
            ),
            (
                "tried: '/m/a.so' (file system sandbox blocked open())",
                "App Sandbox",
            ),
            (
                "dlopen(/m/a.so, 0x0002): symbol not found in flat namespace '_PyUnicode_AsUnicode'",
                "another version of Python",
            ),
        ] {
            let found = cure(text).unwrap_or_default();
            assert!(found.contains(expected), "{text}: {found}");
            assert!(explained(text).starts_with(text));
        }
    }

    #[test]
    fn what_says_it_all_stays_as_it_is() {
        let text = "dlopen(/m/a.so, 0x0002): Library not loaded: @rpath/libfoo.dylib\n  Reason: tried: '/m/libfoo.dylib' \
                    (no such file)";
        assert_eq!(cure(text), None);
        assert_eq!(explained(text), text);
    }
}
