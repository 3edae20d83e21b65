//! The lists of an inspection. Each call makes a new list, which the caller frees.

use super::api::with;
use super::facts::Facts;
use core::fmt::Display;
use nexus_abi::text::c_string;
use nexus_abi::{NexusInspection, NexusNames};

fn list<T: Display>(
    inspection: *const NexusInspection,
    pick: impl FnOnce(&Facts) -> &[T],
) -> *mut NexusNames {
    with(inspection, core::ptr::null_mut(), |inspection| {
        let lines = pick(&inspection.facts)
            .iter()
            .map(|line| c_string(line.to_string()));
        crate::names::publish(lines.collect())
    })
}

/// All problems, one line each with the detail code first, such as
/// `501 MISSING_LIBRARY: libfoo.so.1 is missing, needed by libbar.so`. The first is the one of
/// `nexus_inspection_detail`; a module with no problem has none. The list is the caller's, who frees it
/// with `nexus_names_free`; NULL for NULL or a freed inspection. Any thread; needs no Python.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_inspection_problems(inspection: *const NexusInspection) -> *mut NexusNames {
    list(inspection, |facts| &facts.problems)
}

/// The functions through which Python could enter the file: `PyInit_…`, `PyInitU_…` (punycode, PEP 489),
/// `PyModExport_…` (PEP 793). Some files have those of several modules. The list is the caller's, who
/// frees it with `nexus_names_free`; NULL for NULL or a freed inspection. Any thread; needs no Python.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_inspection_init_symbols(
    inspection: *const NexusInspection,
) -> *mut NexusNames {
    list(inspection, |facts| &facts.init_symbols)
}

/// The libraries that the file itself needs, in its order (DT_NEEDED, imported DLLs, LC_LOAD_DYLIB). The
/// list is the caller's, who frees it with `nexus_names_free`; NULL for NULL or a freed inspection. Any
/// thread; needs no Python.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_inspection_needed(inspection: *const NexusInspection) -> *mut NexusNames {
    list(inspection, |facts| &facts.needed)
}

/// All libraries that are nowhere to be found, of the whole tree, each with who needs it:
/// `libfoo.so.1 (needed by libbar.so, needed by module.so)`. Looked for as ld.so(8) does it, with
/// DT_RPATH, LD_LIBRARY_PATH, DT_RUNPATH, `$ORIGIN` and the cache; what this process has loaded already
/// is there. Only for ELF files of this machine; empty for others. The list is the caller's, who frees it
/// with `nexus_names_free`; NULL for NULL or a freed inspection. Any thread; needs no Python.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_inspection_missing(inspection: *const NexusInspection) -> *mut NexusNames {
    list(inspection, |facts| &facts.missing)
}

/// All symbol versions that the libraries found here lack, as of a system that is too old, each with who
/// needs it: `GLIBC_2.38 of libc.so.6 (needed by module.so)`. The list is the caller's, who frees it with
/// `nexus_names_free`; NULL for NULL or a freed inspection. Any thread; needs no Python.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_inspection_missing_versions(
    inspection: *const NexusInspection,
) -> *mut NexusNames {
    list(inspection, |facts| &facts.missing_versions)
}

/// The functions and objects of Python that the file needs and that neither the libpython of
/// `nexus_inspection_judged_for` nor a library of the tree has. Empty if a library is missing, and after
/// `nexus_inspect_for` with a version: then nothing is known of them. The list is the caller's, who frees
/// it with `nexus_names_free`; NULL for NULL or a freed inspection. Any thread; needs no Python.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_inspection_missing_python_symbols(
    inspection: *const NexusInspection,
) -> *mut NexusNames {
    list(inspection, |facts| &facts.missing_python_symbols)
}

/// The OpenMP run-time libraries among the needed libraries and in this process, with their paths, such
/// as `libgomp (/usr/lib/libgomp.so.1.0.0)`; two kinds of them in one process can abort or hang it. The
/// list is the caller's, who frees it with `nexus_names_free`; NULL for NULL or a freed inspection. Any
/// thread; needs no Python.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_inspection_openmp(inspection: *const NexusInspection) -> *mut NexusNames {
    list(inspection, |facts| &facts.openmp)
}
