//! Inspection: what a file is, told without running anything of it.

use super::facts::{self, Facts};
use super::python::Python;
use super::report;
use super::text::Text;
use core::ffi::c_char;
use nexus_abi::ffi::{clear, guard, guard_or, output};
use nexus_abi::handle::Kind;
use nexus_abi::table::Table;
use nexus_abi::{Failure, NexusError, NexusInspection, NexusStatus, Result};
use serde::Serialize;
use std::path::Path;
use std::sync::Arc;

/// What a file is for the Python that it was judged for. 32 bits wide.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[allow(non_camel_case_types)]
pub enum NexusVerdict {
    /// No living inspection was asked.
    #[default]
    #[serde(rename = "none")]
    NEXUS_VERDICT_NONE = 0,
    /// A Python module that can be tried. If it has a detail code, loading is likely to fail.
    #[serde(rename = "module")]
    NEXUS_VERDICT_MODULE = 1,
    /// A shared library and no Python module: not to be opened, for its constructors would run.
    #[serde(rename = "helper")]
    NEXUS_VERDICT_HELPER = 2,
    /// Nothing that can be loaded as a module here; the detail code says why.
    #[serde(rename = "hopeless")]
    NEXUS_VERDICT_HOPELESS = 3,
}

/// What a `NexusInspection` stands for.
pub struct Inspection {
    pub facts: Facts,
    report: Text,
    json: Text,
}

static INSPECTIONS: Table<Inspection> = Table::new(Kind::Inspection);

/// Looks at a living inspection, which stays alive meanwhile.
pub fn with<R>(
    inspection: *const NexusInspection,
    otherwise: R,
    look: impl FnOnce(&Inspection) -> R,
) -> R {
    guard_or(None, || {
        INSPECTIONS
            .get(inspection as u64)
            .map(|inspection| look(&inspection))
    })
    .unwrap_or(otherwise)
}

// The text lives in the table's own entry, so the pointer stays valid until the handle is freed.
fn text(
    inspection: *const NexusInspection,
    pick: impl FnOnce(&Inspection) -> &Text,
) -> *const c_char {
    with(inspection, c"".as_ptr(), |inspection| {
        pick(inspection).as_ptr()
    })
}

fn fact(inspection: *const NexusInspection, pick: impl FnOnce(&Facts) -> &Text) -> *const c_char {
    text(inspection, |inspection| pick(&inspection.facts))
}

fn publish(path: &Path, python: &Python) -> Result<*mut NexusInspection> {
    let facts = facts::of(path, python);
    let inspection = Inspection {
        report: report::for_people(&facts).into(),
        json: report::json(&facts).into(),
        facts,
    };
    INSPECTIONS
        .insert(Arc::new(inspection))
        .map(crate::ffi::pointer)
        .ok_or_else(|| Failure::new(NexusStatus::NEXUS_ERR_NO_MEMORY, "no free handle is left"))
}

/// Tells what a file is: a Python module, a helper library, or nothing that can be loaded, and everything
/// that is wrong with it. Nothing of the file is run or mapped, and it is read only if it is a regular
/// file: a FIFO does not block, and a damaged file does no harm.
///
/// It is judged for the Python that runs in this process; without one, for the Python that
/// `nexus_python_start(NULL, …)` would take; if there is none, whatever needs no Python version is judged
/// all the same. Needed libraries are looked for as the dynamic linker of this process would do it.
///
/// `path`: a file of any name, in the platform's bytes. `inspection` is the caller's, who frees it with
/// `nexus_inspection_free`; it is of this moment and does not change when the file does.
///
/// `NEXUS_OK`, also for a file that is missing, damaged or no file: the verdict is then
/// `NEXUS_VERDICT_HOPELESS`, with a detail code; `NEXUS_ERR_INVALID_ARGUMENT`: `path` or `inspection` is
/// NULL; `NEXUS_ERR_NO_MEMORY`: no free handle.
///
/// Any thread; needs no GIL and no Python, starts and opens nothing, and runs no code of the file. The
/// first search for a Python may run interpreters as child processes, for ten seconds each at most;
/// `nexus_inspect_for` with a version does not.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_inspect(
    path: *const c_char,
    inspection: *mut *mut NexusInspection,
    error: *mut *mut NexusError,
) -> NexusStatus {
    nexus_inspect_for(path, 0, inspection, error)
}

/// The same as `nexus_inspect`, for another version of Python: so that a build machine can check what it
/// has built for each.
///
/// `python_version`: `major << 16 | minor << 8`, such as 0x030c00 for 3.12; the last byte does not
/// matter, so a `NexusPythonInfo.version` will do. The build with the GIL on a machine and system like
/// this one is meant; what its libpython exports is not known, so missing Python functions are not told.
/// 0: as `nexus_inspect`.
///
/// The statuses of `nexus_inspect`; `NEXUS_ERR_INVALID_ARGUMENT` also for a number that is no version of
/// Python 3.
///
/// Any thread; needs no GIL and no Python, starts and opens nothing, and runs no code of the file.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_inspect_for(
    path: *const c_char,
    python_version: u32,
    inspection: *mut *mut NexusInspection,
    error: *mut *mut NexusError,
) -> NexusStatus {
    guard(error, crate::error::publish, |inputs| {
        output("inspection", inspection, core::ptr::null_mut())?;
        let path = inputs.path("path", path)?;
        clear(
            inspection,
            publish(path, &Python::from_number(python_version)?)?,
        );
        Ok(())
    })
}

/// What the file is; `NEXUS_VERDICT_NONE` for NULL or a freed inspection. Any thread; needs no Python.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_inspection_verdict(inspection: *const NexusInspection) -> NexusVerdict {
    with(inspection, NexusVerdict::NEXUS_VERDICT_NONE, |inspection| {
        inspection.facts.verdict
    })
}

/// The detail code (`NexusDetail`) of the first problem, which is the reason of the verdict if the file is
/// no module; 0 for a module with no problem, and for NULL or a freed inspection. A module with a code
/// can be tried, but is likely to fail: a library that is missing now may be loaded by its package
/// before. Any thread; needs no Python.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_inspection_detail(inspection: *const NexusInspection) -> u32 {
    with(inspection, 0, |inspection| inspection.facts.detail)
}

/// The first problem in one line about this file, such as `cut off after 2048 bytes: …`; `""` if there is
/// none, and for NULL or a freed inspection. UTF-8, valid until the inspection is freed. Any thread;
/// needs no Python.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_inspection_message(inspection: *const NexusInspection) -> *const c_char {
    fact(inspection, |facts| &facts.message)
}

/// What to do about the first problem: the text of `nexus_detail_cure`; `""` if there is none, and for
/// NULL or a freed inspection. UTF-8, valid until the inspection is freed. Any thread; needs no Python.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_inspection_cure(inspection: *const NexusInspection) -> *const c_char {
    fact(inspection, |facts| &facts.cure)
}

/// The Python that the file was judged for, such as
/// `CPython 3.12 on linux x86_64 (/usr/lib/libpython3.12.so.1.0)`; `""` if none was found, and for NULL or
/// a freed inspection. UTF-8, valid until the inspection is freed. Any thread; needs no Python.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_inspection_judged_for(inspection: *const NexusInspection) -> *const c_char {
    fact(inspection, |facts| &facts.judged_for)
}

/// The dotted name of the module: the file's name after those of the packages around it, the directories
/// with an `__init__` file. `""` for a helper library, a name that is not UTF-8, and for NULL or a freed
/// inspection. UTF-8, valid until the inspection is freed. Any thread; needs no Python.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_inspection_module_name(
    inspection: *const NexusInspection,
) -> *const c_char {
    fact(inspection, |facts| &facts.module_name)
}

/// The function through which Python will enter the module, such as `PyInit_crypto`; `""` if the file is
/// no module, and for NULL or a freed inspection. UTF-8, valid until the inspection is freed. Any thread;
/// needs no Python.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_inspection_init_symbol(
    inspection: *const NexusInspection,
) -> *const c_char {
    fact(inspection, |facts| &facts.init_symbol)
}

/// The container format: `"ELF"`, `"PE"` or `"Mach-O"`; `""` if the file is none of them or damaged, and
/// for NULL or a freed inspection. Valid until the inspection is freed. Any thread; needs no Python.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_inspection_format(inspection: *const NexusInspection) -> *const c_char {
    fact(inspection, |facts| &facts.format)
}

/// The processor, as `uname -m` calls it: `"x86_64"`, `"aarch64"`; all of a universal Mach-O file,
/// separated by `", "`. `""` if the file could not be read, and for NULL or a freed inspection. Valid
/// until the inspection is freed. Any thread; needs no Python.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_inspection_machine(inspection: *const NexusInspection) -> *const c_char {
    fact(inspection, |facts| &facts.machine)
}

/// The width of an address in bits, 32 or 64; 0 if the file could not be read, and for NULL or a freed
/// inspection. Any thread; needs no Python.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_inspection_bits(inspection: *const NexusInspection) -> u32 {
    with(inspection, 0, |inspection| inspection.facts.bits)
}

/// The operating system: `"linux"`, `"windows"`, `"macos"` and others; `""` if the file could not be read,
/// and for NULL or a freed inspection. Valid until the inspection is freed. Any thread; needs no Python.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_inspection_platform(inspection: *const NexusInspection) -> *const c_char {
    fact(inspection, |facts| &facts.platform)
}

/// The C library that the file was linked with: `"glibc"` or `"musl"`; `""` if it does not tell, and for
/// NULL or a freed inspection. Valid until the inspection is freed. Any thread; needs no Python.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_inspection_c_library(inspection: *const NexusInspection) -> *const c_char {
    fact(inspection, |facts| &facts.c_library)
}

/// The ABI tag in the file's name (PEP 3149, PEP 384): `"cpython-312-x86_64-linux-gnu"`, `"abi3"`; `""` if
/// it has none, and for NULL or a freed inspection. UTF-8, valid until the inspection is freed. Any
/// thread; needs no Python.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_inspection_abi_tag(inspection: *const NexusInspection) -> *const c_char {
    fact(inspection, |facts| &facts.abi_tag)
}

/// The version of Python that the file was built for, `major << 16 | minor << 8`, from its tag or the
/// libpython that it is linked with; 0 if neither tells, and for NULL or a freed inspection. Any thread;
/// needs no Python.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_inspection_python_version(inspection: *const NexusInspection) -> u32 {
    with(inspection, 0, |inspection| {
        inspection.facts.python_version.number()
    })
}

/// Whether the file claims the stable ABI: by its tag (`abi3`, `abi3t`), or on Windows, where no tag tells it, by
/// being linked with `python3.dll`; false for NULL or a freed inspection. Any
/// thread; needs no Python.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_inspection_stable_abi(inspection: *const NexusInspection) -> bool {
    with(inspection, false, |inspection| inspection.facts.stable_abi)
}

/// Whether the tag or the contents are for free-threaded Python (PEP 703); false for NULL or a freed
/// inspection. Any thread; needs no Python.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_inspection_free_threaded(inspection: *const NexusInspection) -> bool {
    with(inspection, false, |inspection| {
        inspection.facts.free_threaded
    })
}

/// The size of the file's thread-local variables in bytes; 0 also for NULL or a freed inspection. Any
/// thread; needs no Python.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_inspection_tls_size(inspection: *const NexusInspection) -> u64 {
    with(inspection, 0, |inspection| inspection.facts.tls_size)
}

/// Whether those must be in the static block (DF_STATIC_TLS, initial-exec relocations), which has little
/// room once a process runs: glibc keeps 1664 bytes for all libraries that are opened later. False for
/// NULL or a freed inspection. Any thread; needs no Python.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_inspection_static_tls(inspection: *const NexusInspection) -> bool {
    with(inspection, false, |inspection| inspection.facts.static_tls)
}

/// Everything in one text of several lines, for people; `""` for NULL or a freed inspection. The facts
/// are UTF-8. Valid until the inspection is freed. Any thread; needs no Python.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_inspection_report(inspection: *const NexusInspection) -> *const c_char {
    text(inspection, |inspection| &inspection.report)
}

/// Everything as one JSON object, for programs; `""` for NULL or a freed inspection. The fields are called
/// as the functions here; versions are texts such as `"3.12"`, what a file does not tell is empty, 0 or
/// false, and later versions may add fields. UTF-8: other bytes in paths become U+FFFD. Valid until the
/// inspection is freed. Any thread; needs no Python.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_inspection_json(inspection: *const NexusInspection) -> *const c_char {
    text(inspection, |inspection| &inspection.json)
}

/// Frees an inspection and the strings that came from it; lists that were made of it stay. NULL, or an
/// inspection that is freed already, does nothing. Any thread; needs no Python.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_inspection_free(inspection: *mut NexusInspection) {
    guard_or((), || drop(INSPECTIONS.remove(inspection as u64)));
}
