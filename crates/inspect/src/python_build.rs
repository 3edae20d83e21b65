//! Which Python a file was built for, read from its symbols and needed libraries.

/// What the contents of a file tell of the Python that it was built for; `None` where they are silent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PythonBuild {
    /// The library it is linked with: `libpython3.12.so.1.0`, `python312.dll`. Most modules have none.
    pub library: Option<String>,
    /// "cpython" or "pypy", where that is certain.
    pub implementation: Option<&'static str>,
    /// The version that the linked library names. `python3.dll` names none.
    pub version: Option<(u8, u8)>,
    /// Whether it was built for the free-threaded layout of objects. `Some(false)` means that it
    /// uses the reference counts of builds with the GIL directly.
    pub free_threaded: Option<bool>,
    /// Whether it needs functions, or a DLL, that only debug builds have.
    pub debug: bool,
}

impl PythonBuild {
    pub(crate) fn of(needed: &[String], undefined: &[String]) -> PythonBuild {
        // A DLL may need python3.dll too.
        let libraries = needed.iter().filter_map(|name| from_library(name));
        let mut build = libraries
            .reduce(|one, other| if one.version.is_some() { one } else { other })
            .unwrap_or_default();
        let mut dealloc = false;
        for name in undefined {
            match name.as_str() {
                // Free-threaded builds count references through these two (Include/refcount.h).
                "_Py_DecRefShared" | "_Py_MergeZeroLocalRefcount" => {
                    build.free_threaded = Some(true)
                }
                "_Py_Dealloc" => dealloc = true,
                // Exported only by builds with Py_REF_DEBUG or Py_TRACE_REFS (Include/object.h,
                // Include/modsupport.h).
                "_Py_RefTotal"
                | "_Py_INCREF_IncRefTotal"
                | "_Py_DECREF_DecRefTotal"
                | "PyModule_Create2TraceRefs"
                | "PyModule_FromDefAndSpec2TraceRefs" => build.debug = true,
                // PyPy's headers rename every function: PyPyList_New, _PyPy_Dealloc.
                name if name.starts_with("PyPy") || name.starts_with("_PyPy") => {
                    build.implementation = Some("pypy");
                }
                _ => {}
            }
        }
        if dealloc && build.free_threaded.is_none() {
            // Py_DECREF of a build with the GIL, written out in the module.
            build.free_threaded = Some(false);
        }
        build
    }

    /// Whether a library of this name is a Python.
    pub(crate) fn is_python(name: &str) -> bool {
        from_library(name).is_some()
    }

    /// The version of Python that a library of this name is of.
    pub(crate) fn version_of_library(name: &str) -> Option<(u8, u8)> {
        from_library(name)?.version
    }

    /// Whether it is linked with the DLL that has nothing but the stable ABI: on Windows no name tells it.
    pub fn is_stable_abi(&self) -> bool {
        self.version.is_none()
            && self.library.as_deref().is_some_and(|library| {
                ["python3.dll", "python3t.dll", "python3_d.dll"]
                    .iter()
                    .any(|name| library.eq_ignore_ascii_case(name))
            })
    }

    /// Whether the file calls one of the functions that make a module.
    pub(crate) fn makes_module(undefined: &[String]) -> bool {
        undefined.iter().any(|name| {
            matches!(
                name.as_str(),
                "PyModule_Create2"
                    | "PyModuleDef_Init"
                    | "PyModule_FromDefAndSpec2"
                    | "PyModule_FromSlotsAndSpec"
            )
        })
    }
}

/// Reads `libpython3.12.so.1.0`, `libpython3.13t.so.1.0`, `python312.dll`, `python313t_d.dll`,
/// `Python.framework/Versions/3.12/Python`, `libpypy3.10-c.so`.
fn from_library(library: &str) -> Option<PythonBuild> {
    let file = library.rsplit('/').next().unwrap_or(library);
    let lower = file.to_ascii_lowercase();
    let mut build = PythonBuild {
        library: Some(file.to_owned()),
        implementation: Some("cpython"),
        ..PythonBuild::default()
    };
    if lower.starts_with("libpypy") {
        build.implementation = Some("pypy");
        build.version = lower.strip_prefix("libpypy").and_then(dotted_version);
    } else if let Some(rest) = lower.strip_prefix("libpython") {
        // libpython3.so is the stable ABI's and names no version.
        build.version = dotted_version(rest);
        let end = rest
            .find(".so")
            .or(rest.find(".dylib"))
            .or(rest.find(".dll"))
            .unwrap_or(rest.len());
        flags(
            &mut build,
            rest[..end].trim_start_matches(|c: char| c.is_ascii_digit() || c == '.'),
        );
    } else if let Some(rest) = lower
        .strip_suffix(".dll")
        .and_then(|name| name.strip_prefix("python"))
    {
        let digits = rest
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(rest.len());
        let (version, letters) = rest.split_at(digits);
        if !version.starts_with(['2', '3']) {
            return None;
        }
        build.version = version[..1].parse().ok().zip(version[1..].parse().ok());
        // Whoever needs one of them needs no other: the letters are certain, and their absence too.
        build.free_threaded = Some(letters.starts_with('t'));
        build.debug = letters.ends_with("_d");
        if !["", "t", "_d", "t_d"].contains(&letters) {
            return None;
        }
    } else if ["Python", "Python3", "PythonT"]
        .iter()
        .any(|name| file == *name && library.contains(&format!("{name}.framework/")))
    {
        let version = library.rsplit('/').nth(1).unwrap_or_default();
        build.version = dotted_version(version);
        flags(
            &mut build,
            version.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.'),
        );
        if file == "PythonT" {
            build.free_threaded = Some(true);
        }
    } else {
        return None;
    }
    Some(build)
}

fn flags(build: &mut PythonBuild, letters: &str) {
    if build.version.is_some() && letters.contains('t') {
        build.free_threaded = Some(true);
    }
    build.debug = letters.contains('d');
}

/// "3.12.so.1.0" is 3.12; "3.so" is none.
fn dotted_version(text: &str) -> Option<(u8, u8)> {
    let (major, rest) = text.split_once('.')?;
    let end = rest
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(rest.len());
    major.parse().ok().zip(rest[..end].parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libraries() {
        let of = |name: &str| {
            from_library(name).map(|build| (build.version, build.free_threaded, build.debug))
        };
        assert_eq!(
            of("libpython3.12.so.1.0"),
            Some((Some((3, 12)), None, false))
        );
        assert_eq!(
            of("libpython3.13t.so.1.0"),
            Some((Some((3, 13)), Some(true), false))
        );
        assert_eq!(
            of("libpython3.11d.so.1.0"),
            Some((Some((3, 11)), None, true))
        );
        assert_eq!(of("libpython3.so"), Some((None, None, false)));
        assert_eq!(of("libpython2.7.so.1.0"), Some((Some((2, 7)), None, false)));
        assert_eq!(
            of("python312.dll"),
            Some((Some((3, 12)), Some(false), false))
        );
        assert_eq!(of("libpython3.12.dll"), Some((Some((3, 12)), None, false)));
        assert_eq!(
            of("PYTHON313t_d.dll"),
            Some((Some((3, 13)), Some(true), true))
        );
        assert_eq!(of("python3.dll"), Some((None, Some(false), false)));
        assert_eq!(of("python3t.dll"), Some((None, Some(true), false)));
        assert_eq!(of("python3_d.dll"), Some((None, Some(false), true)));
        for (name, stable) in [
            ("Python3.DLL", true),
            ("python3t.dll", true),
            ("python312.dll", false),
        ] {
            assert_eq!(
                from_library(name).unwrap().is_stable_abi(),
                stable,
                "{name}"
            );
        }
        assert_eq!(
            of("/Library/Frameworks/Python.framework/Versions/3.12/Python"),
            Some((Some((3, 12)), None, false))
        );
        assert_eq!(
            of("/Library/Frameworks/PythonT.framework/Versions/3.13/PythonT"),
            Some((Some((3, 13)), Some(true), false))
        );
        assert_eq!(
            of("@rpath/Python3.framework/Versions/3.9/Python3"),
            Some((Some((3, 9)), None, false))
        );
        assert_eq!(
            from_library("libpypy3.10-c.so").unwrap().implementation,
            Some("pypy")
        );
        for other in ["libpythonic.so", "libfoo.so", "pythoncom312.dll", "Python"] {
            assert!(
                from_library(other).is_none_or(|build| build.version.is_none()),
                "{other}"
            );
        }
    }

    #[test]
    fn symbols() {
        let of = |names: &[&str]| {
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            PythonBuild::of(&[], &names)
        };
        assert_eq!(of(&["_Py_Dealloc"]).free_threaded, Some(false));
        assert_eq!(
            of(&["_Py_DecRefShared", "_Py_Dealloc"]).free_threaded,
            Some(true)
        );
        assert_eq!(of(&["PyList_New"]).free_threaded, None);
        assert!(of(&["PyModule_Create2TraceRefs"]).debug);
        assert_eq!(of(&["PyPyModule_Create2"]).implementation, Some("pypy"));
    }
}
