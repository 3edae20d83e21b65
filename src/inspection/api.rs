//! Inspection: what a file is, told without running anything of it.

use super::facts::{self, Facts, NexusVerdict};
use super::judged_for::Python;
use super::report;
use super::text::{Text, TextList};
use core::ffi::c_char;
use core::fmt::Display;
use nexus_abi::ffi::{bad_handle, clear, guard, guard_or, output, sized_out};
use nexus_abi::handle::Kind;
use nexus_abi::table::Table;
use nexus_abi::{Failure, NexusError, NexusInspection, NexusStatus, RawBool, Result};
use std::path::Path;
use std::sync::Arc;

/// A list of texts.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct NexusTextList {
    /// The texts, each NUL-terminated UTF-8; NULL if there is none.
    pub items: *const *const c_char,
    /// How many there are.
    pub count: usize,
}

/// What was found out about a file. What a file does not tell is `""`, 0, false or an empty list. Texts are
/// NUL-terminated UTF-8 and never NULL. Texts and lists live as long as the inspection.
///
/// Fields that a host's `struct_size` does not cover are left alone.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct NexusInspectionFacts {
    /// `sizeof(NexusInspectionFacts)`; set it before the call.
    pub struct_size: usize,
    /// What the file is.
    pub verdict: NexusVerdict,
    /// The detail code (`NexusDetail`) of the first problem, which is the reason of the verdict if the file is
    /// no module; 0: there is no problem. A module with a code can be tried, but is likely to fail: a library
    /// that is missing now may be loaded by its package before.
    pub detail: u32,
    /// The first problem in one line about this file, such as `cut off after 2048 bytes: …`.
    pub message: *const c_char,
    /// What to do about the first problem: the text of `nexus_detail_cure`.
    pub cure: *const c_char,
    /// The Python that the file was judged for, such as
    /// `CPython 3.12 on linux x86_64 (/usr/lib/libpython3.12.so.1.0)`; `""`: none was found.
    pub judged_for: *const c_char,
    /// The dotted name of the module: the file's name after those of the packages around it, the directories
    /// with an `__init__` file. `""` also for a helper library, and for a name that is not UTF-8.
    pub module_name: *const c_char,
    /// The function through which Python will enter the module, such as `PyInit_crypto`.
    pub init_symbol: *const c_char,
    /// The container format: `"ELF"`, `"PE"` or `"Mach-O"`.
    pub format: *const c_char,
    /// The operating system: `"linux"`, `"windows"`, `"macos"` and others.
    pub platform: *const c_char,
    /// The processor, as `uname -m` calls it: `"x86_64"`, `"aarch64"`; all of a universal Mach-O file, separated
    /// by `", "`.
    pub machine: *const c_char,
    /// The C library that the file was linked with: `"glibc"` or `"musl"`.
    pub c_library: *const c_char,
    /// The ABI tag in the file's name (PEP 3149, PEP 384): `"cpython-312-x86_64-linux-gnu"`, `"abi3"`.
    pub abi_tag: *const c_char,
    /// The width of an address in bits, 32 or 64.
    pub bits: u32,
    /// The version of Python that the file was built for, `major << 16 | minor << 8`, from its tag or the
    /// libpython that it is linked with.
    pub python_version: u32,
    /// The size of the file's thread-local variables in bytes.
    pub tls_size: u64,
    /// Whether those must be in the static block (DF_STATIC_TLS, initial-exec relocations), which has little
    /// room once a process runs: glibc keeps 1664 bytes for all libraries that are opened later.
    pub static_tls: RawBool,
    /// Whether the file claims the stable ABI: by its tag (`abi3`, `abi3t`), or on Windows, where no tag tells
    /// it, by being linked with `python3.dll`.
    pub stable_abi: RawBool,
    /// Whether the tag or the contents are for free-threaded Python (PEP 703).
    pub free_threaded: RawBool,
    /// All problems, one line each with the detail code first, such as
    /// `501 MISSING_LIBRARY: libfoo.so.1 is missing, needed by libbar.so`. The first is that of `detail`.
    pub problems: NexusTextList,
    /// The functions through which Python could enter the file: `PyInit_…`, `PyInitU_…` (punycode, PEP 489),
    /// `PyModExport_…` (PEP 793). Some files have those of several modules.
    pub init_symbols: NexusTextList,
    /// The libraries that the file itself needs, in its order (DT_NEEDED, imported DLLs, LC_LOAD_DYLIB).
    pub needed: NexusTextList,
    /// All libraries that are nowhere to be found, of the whole tree, each with who needs it:
    /// `libfoo.so.1 (needed by libbar.so, needed by module.so)`. They are looked for as ld.so(8) does it, with
    /// DT_RPATH, LD_LIBRARY_PATH, DT_RUNPATH, `$ORIGIN` and the cache; what this process has loaded already is
    /// there.
    pub missing: NexusTextList,
    /// All symbol versions that the libraries found here lack, as of a system that is too old, each with who
    /// needs it: `GLIBC_2.38 of libc.so.6 (needed by module.so)`.
    pub missing_versions: NexusTextList,
    /// The functions and objects of Python that the file needs and that neither the libpython of `judged_for`
    /// nor a library of the tree has. Empty if a library is missing, and after `nexus_inspect_for` with a
    /// version: then nothing is known of them.
    pub missing_python_symbols: NexusTextList,
    /// The OpenMP run-time libraries among the needed libraries and in this process, with their paths, such as
    /// `libgomp (/usr/lib/libgomp.so.1.0.0)`; two kinds of them in one process can abort or hang it.
    pub openmp: NexusTextList,
}

/// What a `NexusInspection` stands for.
struct Inspection {
    facts: NexusInspectionFacts,
    report: Text,
    json: Text,
    /// What `facts` points into.
    _texts: (Facts, Vec<TextList>),
}

// SAFETY: its pointers lead to texts that it owns and never changes.
unsafe impl Send for Inspection {}
// SAFETY: likewise.
unsafe impl Sync for Inspection {}

impl Inspection {
    fn new(facts: Facts) -> Self {
        fn list<T: Display>(lists: &mut Vec<TextList>, items: &[T]) -> NexusTextList {
            let texts = TextList::of(items);
            let (items, count) = texts.as_array();
            lists.push(texts);
            NexusTextList { items, count }
        }
        let mut lists = Vec::new();
        Self {
            facts: NexusInspectionFacts {
                struct_size: size_of::<NexusInspectionFacts>(),
                verdict: facts.verdict,
                detail: facts.detail,
                message: facts.message.as_ptr(),
                cure: facts.cure.as_ptr(),
                judged_for: facts.judged_for.as_ptr(),
                module_name: facts.module_name.as_ptr(),
                init_symbol: facts.init_symbol.as_ptr(),
                format: facts.format.as_ptr(),
                platform: facts.platform.as_ptr(),
                machine: facts.machine.as_ptr(),
                c_library: facts.c_library.as_ptr(),
                abi_tag: facts.abi_tag.as_ptr(),
                bits: facts.bits,
                python_version: facts.python_version.number(),
                tls_size: facts.tls_size,
                static_tls: facts.static_tls.into(),
                stable_abi: facts.stable_abi.into(),
                free_threaded: facts.free_threaded.into(),
                problems: list(&mut lists, &facts.problems),
                init_symbols: list(&mut lists, &facts.init_symbols),
                needed: list(&mut lists, &facts.needed),
                missing: list(&mut lists, &facts.missing),
                missing_versions: list(&mut lists, &facts.missing_versions),
                missing_python_symbols: list(&mut lists, &facts.missing_python_symbols),
                openmp: list(&mut lists, &facts.openmp),
            },
            report: report::for_people(&facts).into(),
            json: report::json(&facts).into(),
            _texts: (facts, lists),
        }
    }
}

static INSPECTIONS: Table<Inspection> = Table::new(Kind::Inspection);

// The text lives in the table's own entry, so the pointer stays valid until the handle is freed.
fn text(
    inspection: *const NexusInspection,
    pick: impl FnOnce(&Inspection) -> &Text,
) -> *const c_char {
    guard_or(None, || {
        INSPECTIONS.with(inspection as u64, |inspection| pick(inspection).as_ptr())
    })
    .unwrap_or(c"".as_ptr())
}

fn publish(path: &Path, python: &Python) -> Result<*mut NexusInspection> {
    INSPECTIONS
        .insert(Arc::new(Inspection::new(facts::of(path, python))))
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
/// `path`: a file of any name, in the platform's bytes.
///
/// `inspection`: receives a handle that the caller frees with `nexus_inspection_free`. It is of this moment
/// and does not change when the file does.
///
/// Returns `NEXUS_OK` also for a file that is missing, damaged or no file: the verdict is then
/// `NEXUS_VERDICT_HOPELESS`, with a detail code; `NEXUS_ERR_INVALID_ARGUMENT`: `path` or `inspection` is
/// NULL; `NEXUS_ERR_NO_MEMORY`: no free handle.
///
/// Starts no Python. The first search for one may run interpreters as child processes, for ten seconds each
/// at most; `nexus_inspect_for` with a version does not.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_inspect(
    path: *const c_char,
    inspection: *mut *mut NexusInspection,
    error: *mut *mut NexusError,
) -> NexusStatus {
    nexus_inspect_for(path, 0, inspection, error)
}

/// Does the same as `nexus_inspect`, for another version of Python: so that a build machine can check what it
/// has built for each.
///
/// `path`: as for `nexus_inspect`.
///
/// `python_version`: `major << 16 | minor << 8`, such as 0x030c00 for 3.12; the last byte does not
/// matter, so a `NexusPythonInfo.version` will do. The build with the GIL on a machine and system like
/// this one is meant; what its libpython exports is not known, so missing Python functions are not told.
/// 0: as `nexus_inspect`.
///
/// `inspection`: as for `nexus_inspect`.
///
/// Returns the statuses of `nexus_inspect`; `NEXUS_ERR_INVALID_ARGUMENT` also for a number that is no version
/// of Python 3.
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

/// Tells what was found out about a file.
///
/// `inspection`: what `nexus_inspect` gave.
///
/// `facts`: its `struct_size` is set by the caller; all other fields are set to 0, and on success to the
/// facts, which the inspection owns.
///
/// Returns `NEXUS_ERR_BAD_HANDLE`; `NEXUS_ERR_INVALID_ARGUMENT`: `facts` is NULL, or its `struct_size` is not
/// set.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_inspection_facts(
    inspection: *const NexusInspection,
    facts: *mut NexusInspectionFacts,
    error: *mut *mut NexusError,
) -> NexusStatus {
    guard(error, crate::error::publish, |_| {
        sized_out("facts", facts, None)?;
        INSPECTIONS
            .with(inspection as u64, |found| {
                sized_out("facts", facts, Some(&found.facts))
            })
            .ok_or_else(|| bad_handle("inspection", inspection))?
    })
}

/// Gives everything as one text of several lines, for people.
///
/// Returns UTF-8 that lives as long as the inspection; `""` for NULL or a freed inspection.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_inspection_report(inspection: *const NexusInspection) -> *const c_char {
    text(inspection, |inspection| &inspection.report)
}

/// Gives everything as one JSON object, for programs. Its fields have the names of `NexusInspectionFacts`, and
/// there are more of them, such as the whole tree of libraries; versions are texts such as `"3.12"`. What a
/// file does not tell is empty, 0 or false, and later versions may add fields.
///
/// Returns UTF-8 that lives as long as the inspection; other bytes in paths become U+FFFD. `""` for NULL or a
/// freed inspection.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_inspection_json(inspection: *const NexusInspection) -> *const c_char {
    text(inspection, |inspection| &inspection.json)
}

/// Frees an inspection, and with it the texts that came from it. NULL, or an inspection that is freed already,
/// does nothing.
#[unsafe(no_mangle)]
pub extern "C" fn nexus_inspection_free(inspection: *mut NexusInspection) {
    guard_or((), || drop(INSPECTIONS.remove(inspection as u64)));
}
