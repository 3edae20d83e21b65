//! The facts that are read out of one file.

use crate::machine::{CLibrary, Endian, Format, Machine, OpenMp, Platform};
use crate::python_build::PythonBuild;
use crate::symbols::InitSymbol;
use std::ffi::OsString;

/// What a file says about itself. Its tables have been checked against the size of the file; that is
/// the proof that the dynamic linker will not run into a hole, not that the code is good.
///
/// For a universal Mach-O file the fields describe the part for this process's machine if there is one,
/// otherwise the first part; `machines` has all.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Image {
    /// The container format.
    pub format: Format,
    /// The processor.
    pub machine: Machine,
    /// All processors of a universal Mach-O file, otherwise just the one.
    pub machines: Vec<Machine>,
    /// 32 or 64: the width of addresses.
    pub bits: u8,
    /// The byte order.
    pub endian: Endian,
    /// The operating system. An ELF file that does not name one is taken to be for Linux.
    pub platform: Platform,
    /// The C library, as far as needed libraries, versions and interpreter tell.
    pub c_library: CLibrary,
    /// The size of the file in bytes.
    pub size: u64,
    /// The name that the library gives itself (DT_SONAME, LC_ID_DYLIB, the export directory's name).
    pub soname: Option<String>,
    /// The program interpreter (PT_INTERP), which few libraries have.
    pub interpreter: Option<String>,
    /// The libraries it needs, in its order (DT_NEEDED, DLL names, LC_LOAD_DYLIB without weak ones).
    pub needed: Vec<String>,
    /// Libraries that it can do without: weak ones (LC_LOAD_WEAK_DYLIB), and those that are loaded when one
    /// of their functions is called first (delay-loaded DLLs, LC_LAZY_LOAD_DYLIB).
    pub optional: Vec<String>,
    /// What it needs of each DLL, those that it can do without among them. PE files only.
    pub imports: Vec<Import>,
    /// DT_RPATH, unexpanded, separated by colons.
    pub rpath: Option<OsString>,
    /// DT_RUNPATH or all LC_RPATH, unexpanded, separated by colons.
    pub runpath: Option<OsString>,
    /// The exported functions through which Python can enter it.
    pub init_symbols: Vec<InitSymbol>,
    /// Names beginning with `Py` or `_Py` that another library must define, in the file's order; weak
    /// ones left out.
    pub undefined_python: Vec<String>,
    /// Whether it refers to any such name, or needs a Python library.
    pub uses_python: bool,
    /// Whether it is a Python interpreter itself: it defines `Py_IsInitialized`.
    pub defines_python: bool,
    /// Symbol versions that it needs of other libraries.
    pub version_needs: Vec<VersionNeed>,
    /// Symbol versions that it defines, as a libc does.
    pub version_definitions: Vec<String>,
    /// Size of its thread-local variables in bytes.
    pub tls_size: u64,
    /// Whether those must be in the static block, which has little room once the process runs
    /// (DF_STATIC_TLS, or initial-exec relocations).
    pub static_tls: bool,
    /// OpenMP run-time libraries that it needs directly.
    pub openmp: Vec<OpenMp>,
    /// A program and no library: ET_EXEC, a position-independent executable, an .exe, MH_EXECUTE.
    pub is_executable: bool,
    /// The oldest version of macOS that it is for, as (11, 0) (LC_BUILD_VERSION, LC_VERSION_MIN_MACOSX).
    pub minimum_system: Option<(u16, u16)>,
    /// Whether it has a signature (LC_CODE_SIGNATURE), which is not verified here. Mach-O files only.
    pub is_signed: bool,
    /// A driver of Windows, which only its kernel loads.
    pub is_driver: bool,
    /// A .NET assembly: code for the common language runtime, perhaps beside machine code.
    pub is_managed: bool,
    /// Whether it wants an executable stack, which glibc refuses from 2.41.
    pub executable_stack: bool,
    /// Which Python it was built for, as far as its symbols and needed libraries tell.
    pub python: PythonBuild,
    /// The exported names that begin with `nexus_engine_`, which only an engine of nexus_loader has.
    pub engine: Vec<String>,
}

/// The versions that a file needs of one library.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionNeed {
    /// The library's soname, as `libc.so.6`.
    pub library: String,
    /// The versions, as `GLIBC_2.34`. Weak ones, which may be missing, are left out.
    pub versions: Vec<String>,
}

/// The functions and objects that a file needs of one DLL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// The DLL's name, as the file has it.
    pub library: String,
    /// Whether the DLL is loaded only when one of the functions is called.
    pub delayed: bool,
    /// Those that are needed by name.
    pub names: Vec<String>,
    /// Those that are needed by number.
    pub ordinals: Vec<u16>,
}

impl Image {
    /// A new image with no facts yet.
    pub(crate) fn new(format: Format, machine: Machine, bits: u8, endian: Endian) -> Image {
        Image {
            format,
            machine,
            machines: vec![machine],
            bits,
            endian,
            platform: Platform::Other,
            c_library: CLibrary::Unknown,
            size: 0,
            soname: None,
            interpreter: None,
            needed: Vec::new(),
            optional: Vec::new(),
            imports: Vec::new(),
            rpath: None,
            runpath: None,
            init_symbols: Vec::new(),
            undefined_python: Vec::new(),
            uses_python: false,
            defines_python: false,
            version_needs: Vec::new(),
            version_definitions: Vec::new(),
            tls_size: 0,
            static_tls: false,
            openmp: Vec::new(),
            is_executable: false,
            minimum_system: None,
            is_signed: false,
            is_driver: false,
            is_managed: false,
            executable_stack: false,
            python: PythonBuild::default(),
            engine: Vec::new(),
        }
    }
}
