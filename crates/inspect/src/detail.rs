//! The table of detail codes: what exactly is wrong with a file, or went wrong with a module.
//!
//! This is the only place where the numbers are given. They are part of the C interface
//! (`nexus_error_detail`) and of the documentation that is generated from here: a number is never
//! reused and never changes its meaning. The hundreds are groups:
//!
//! | group | subject |
//! | --- | --- |
//! | 1xx | the file system |
//! | 2xx | damage |
//! | 3xx | built for something else |
//! | 4xx | contents: not an extension module, or not of that name |
//! | 5xx | dependencies |
//! | 6xx | loading |
//! | 7xx | the trial in a child process |
//! | 8xx | policy of the host |

use std::fmt;

/// One kind of problem, with a stable number. Zero is never a detail: the C interface uses it for
/// "nothing to report".
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Detail(u32);

struct Row {
    number: u32,
    name: &'static str,
    meaning: &'static str,
    cause: &'static str,
    cure: &'static str,
}

macro_rules! details {
    ($($number:literal $name:ident: $meaning:literal, $cause:literal, $cure:literal;)*) => {
        impl Detail {
            $(#[doc = concat!($meaning, ".")] pub const $name: Detail = Detail($number);)*
        }
        /// Ordered by number, which `Detail::row` relies on.
        static TABLE: &[Row] = &[$(Row {
            number: $number,
            name: stringify!($name),
            meaning: $meaning,
            cause: $cause,
            cure: $cure,
        },)*];
    };
}

details! {
    101 NOT_REGULAR_FILE: "not a regular file",
        "The name belongs to a directory, FIFO, socket or device, which is never opened.",
        "Remove it from the directory, or give it another suffix.";
    102 UNREADABLE: "the file cannot be read",
        "The process has no permission to read the file or to enter one of its directories.",
        "Give read permission: chmod a+r FILE, and a+x on its directories.";
    103 VANISHED: "the file is not there",
        "It was removed or renamed between the scan of the directory and its reading.",
        "Install modules by rename into a directory that is not in use, then open it.";
    104 EMPTY: "the file is empty",
        "A copy, download or build stopped before the first byte, or the disk was full.",
        "Copy or build the file again.";
    105 NAME_TOO_LONG: "the module name is too long",
        "CPython looks up at most 200 bytes of a module's name, so the init function is never found.",
        "Give the module a shorter name.";
    106 TOO_LARGE: "the file is too large",
        "A file of more than 64 GiB is no extension module; most likely it is sparse or was made by mistake.",
        "Remove the file.";
    107 READ_FAILED: "reading the file failed",
        "The disk, the network file system or the kernel reported an error.",
        "See the operating system's text in the message; check the disk.";
    108 CHANGED: "the file changed while it was read",
        "Another program was writing the file in place.",
        "Install modules by writing a temporary file and renaming it.";
    109 BROKEN_LINK: "the symbolic link leads nowhere",
        "Its target does not exist, or links point at each other in a circle.",
        "Correct or remove the link.";
    110 NAME_NOT_UTF8: "the module name is not UTF-8",
        "Python module names are Unicode; a name in another encoding matches no init function.",
        "Rename the file.";

    201 TEXT_FILE: "a text file, not a compiled module",
        "A script, an error page, a version-control pointer or a source file has the name of a module.",
        "Download or build the real file.";
    202 UNKNOWN_FORMAT: "no known executable format",
        "The file begins with none of the marks of ELF, PE or Mach-O files.",
        "Check how the file was made or downloaded; it may be compressed or encrypted.";
    203 TRUNCATED: "the file is cut off",
        "A copy, download or build stopped before the end. Loading such a file would end the process with SIGBUS.",
        "Copy or build the file again.";
    204 BAD_HEADER: "the file header is damaged",
        "A field at the beginning of the file has an impossible value.",
        "Copy or build the file again.";
    205 BAD_SEGMENTS: "the segment table is damaged",
        "A program header describes memory that cannot be mapped from this file.",
        "Copy or build the file again; if a tool rewrote it (strip, patchelf), use a newer one.";
    206 BAD_DYNAMIC: "the dynamic section is damaged",
        "The table that the dynamic linker reads first is missing, lacks its end, or points outside the file.",
        "Copy or build the file again; if a tool rewrote it (strip, patchelf), use a newer one.";
    207 BAD_STRINGS: "the string table is damaged",
        "A name lies outside the table, or the table outside the file.",
        "Copy or build the file again.";
    208 BAD_SYMBOLS: "the symbol table is damaged",
        "A symbol's name or address lies outside the file, or the table itself does.",
        "Copy or build the file again.";
    209 BAD_RELOCATIONS: "a relocation table is damaged",
        "A table of relocations lies outside the file or has entries of the wrong size.",
        "Copy or build the file again.";
    210 BAD_INITIALIZERS: "the table of constructors is damaged",
        "The addresses of the functions that run at load lie outside the file.",
        "Copy or build the file again.";
    211 BAD_VERSIONS: "the symbol version tables are damaged",
        "The tables of needed or defined versions lie outside the file or do not end.",
        "Copy or build the file again.";
    212 WRONG_CLASS: "the word size contradicts the machine",
        "The header says 32 bits for a machine of 64 bits, or the reverse, or a wrong byte order.",
        "Copy or build the file again.";
    213 BAD_HASH_TABLE: "the symbol hash table is damaged",
        "The table through which symbols are found is missing, points outside the file or never ends.",
        "Copy or build the file again.";
    214 BAD_TLS: "the thread-local segment is damaged",
        "The segment of thread-local variables has an impossible size or alignment.",
        "Copy or build the file again.";
    215 BAD_SECTIONS: "a section lies outside the file",
        "A section of a PE file has its bytes outside the file.",
        "Copy or build the file again.";
    216 ZERO_FILLED: "the file holds only zero bytes",
        "The disk space was reserved, but the contents were never written.",
        "Copy or build the file again.";
    217 DEBUG_INFORMATION_ONLY: "separate debug information, no code",
        "The file was made by objcopy --only-keep-debug; it has no contents to load.",
        "Use the stripped library itself, and keep the .debug file elsewhere.";
    218 BAD_IMPORTS: "the import or export table is damaged",
        "A table of a PE or Mach-O file lies outside the file.",
        "Copy or build the file again.";

    301 MACHINE: "built for another machine",
        "The file holds code of another processor.",
        "Install or build it for this processor.";
    302 BITS: "built for another word size",
        "The file holds 32-bit code and this is a 64-bit process, or the reverse.",
        "Install or build it for this word size.";
    303 PLATFORM: "built for another operating system",
        "The file is in the format of another system, or marked for it.",
        "Install or build it for this system.";
    304 C_LIBRARY: "built for another C library",
        "A library for musl does not work in a process with glibc, nor the reverse.",
        "Install the manylinux wheel for glibc or the musllinux wheel for musl.";
    305 PYTHON_VERSION: "built for another version of Python",
        "The file's tag or the functions it needs are those of another version.",
        "Install or build the module for this version, or start the version it was built for.";
    306 FREE_THREADED: "built for free-threaded Python",
        "Objects have another layout in free-threaded Python; loading the file would crash.",
        "Install the module without the t in its tag, or start the free-threaded Python.";
    307 NOT_FREE_THREADED: "not built for free-threaded Python",
        "Objects have another layout in free-threaded Python; loading the file would crash.",
        "Install the module with the t in its tag, or start the Python with the GIL.";
    308 DEBUG_PYTHON: "built for a debug build of Python",
        "It needs functions that only a Python configured with --with-pydebug or --with-trace-refs has, or its DLL.",
        "Build the module for this Python.";
    309 IMPLEMENTATION: "built for another implementation of Python",
        "The file is for PyPy, GraalPy or another implementation, not for CPython.",
        "Install or build it for CPython.";
    310 STABLE_ABI: "a stable ABI that this Python does not have",
        "The tag names a stable ABI that came with a later version of CPython.",
        "Install or build the module for this version.";
    311 TAG_DISAGREES: "the file name contradicts the contents",
        "The tag in the file name says one platform or version, the contents another.",
        "Rename the file to what it is, or build it again.";

    401 HELPER_LIBRARY: "a shared library, not a Python module",
        "It exports no PyInit function; other modules use it. It is skipped, and its constructors do not run.",
        "Nothing to do. If it was meant as a module, export its PyInit function.";
    402 EXECUTABLE: "an executable program",
        "Programs, position-independent ones too, cannot be loaded into a process.",
        "Build it as a shared library: gcc -shared -fPIC.";
    403 OBJECT_FILE: "an object file that was not linked",
        "The compiler's output (.o) has been given the name of a module.",
        "Link it: gcc -shared -o NAME.so NAME.o.";
    404 STATIC_ARCHIVE: "a static library",
        "An archive (.a) of object files has been given the name of a module.",
        "Link it into a shared library.";
    405 NO_INIT_SYMBOL: "no PyInit function is exported",
        "The file makes a Python module but hides its init function, or lacks it.",
        "Declare it PyMODINIT_FUNC PyInit_NAME(void); do not hide it with -fvisibility or a version script.";
    406 INIT_SYMBOL_NAME: "the file name is not the module's name",
        "Python looks for PyInit_ followed by the file's name, and the file exports another one.",
        "Rename the file to the name that the message gives.";
    407 IS_LIBPYTHON: "a Python interpreter library",
        "The file is a libpython, not an extension module.",
        "Nothing to do: it is skipped. To use it as the interpreter, name it in the configuration.";
    408 CORE_DUMP: "a core dump",
        "The file is the memory image of a process that crashed.",
        "Remove it from the directory.";
    409 LINKER_SCRIPT: "a text file for the linker",
        "Development packages have such files with the suffix .so; only the linker reads them.",
        "Name the real library that the file mentions.";

    501 MISSING_LIBRARY: "a needed library is missing",
        "A library that the module, or one of its libraries, needs is nowhere in the search order.",
        "Install the package that has the library, or put it where the message says it is looked for.";
    502 LIBRARY_OF_OTHER_MACHINE: "a needed library is for another machine",
        "The only library of that name is for another processor or word size.",
        "Install the library for this machine.";
    503 GLIBC_TOO_OLD: "the system's C library is too old",
        "The module was built on a newer system and needs a version of glibc that this one lacks.",
        "Use a wheel for an older manylinux, build on this system, or upgrade it.";
    504 GLIBCXX_TOO_OLD: "the C++ run-time library is too old",
        "The module needs a version of libstdc++ or libgcc that the one found here lacks.",
        "Install a newer libstdc++, or remove the older copy that is found first.";
    505 MISSING_PYTHON_SYMBOL: "Python functions that this Python does not have",
        "The module was built for another version, or claims the stable ABI without keeping to it.",
        "Install or build the module for this version.";
    506 STATIC_TLS: "no room for static thread-local storage",
        "The module or its libraries want more static thread-local storage than is left in the process.",
        "Load it earlier, or set GLIBC_TUNABLES=glibc.rtld.optional_static_tls=16384 before the program starts.";
    507 TWO_OPENMP_RUNTIMES: "two OpenMP run-time libraries",
        "Two modules bring different OpenMP libraries; together they can abort or hang the process.",
        "Install builds that share one, for example all from the same distributor.";
    508 DAMAGED_LIBRARY: "a needed library is damaged",
        "A library that the module needs was found, and it is cut off or damaged.",
        "Install that library again.";
    509 LIBRARY_TOO_OLD: "a needed library is too old",
        "The library that is found lacks a symbol version that the module needs.",
        "Install a newer version of that library, or remove the older copy that is found first.";
    510 SECOND_LIBPYTHON: "it would bring a second libpython",
        "The module is linked against a libpython of another version; two in one process crash.",
        "Build the module without linking libpython.";

    511 MISSING_FUNCTION: "a needed library lacks a function",
        "The library that is found is another version than the one that the module was linked with.",
        "Install the version that belongs to the module, or remove the other copy that is found first.";
    512 SYSTEM_TOO_OLD: "the operating system is too old",
        "The module was built for a later version of macOS, and may need what this one lacks.",
        "Install a wheel for an older macOS (the macosx_X_Y in its name), or upgrade the system.";
    513 NOT_SIGNED: "it has no code signature",
        "On Apple silicon macOS runs only code that is signed, if only by its maker's computer; a tool has removed it.",
        "Sign it anew: codesign --force --sign - FILE.";

    601 DLOPEN_FAILED: "the dynamic linker refused the file",
        "The system's own text is in the message.",
        "See the message; inspection with nexus_inspect may tell more.";
    602 INIT_RAISED: "the module's init raised an exception",
        "The module's own code failed while it was imported.",
        "See the exception and its traceback.";
    603 INIT_NOT_A_MODULE: "the init function did not return a module",
        "It returned an object of another type.",
        "Report it to the module's authors.";
    604 INIT_RETURNED_NULL: "the init function failed without an exception",
        "It returned NULL and set no exception.",
        "Report it to the module's authors.";
    605 IMPORT_NOT_FOUND: "a module that it imports is not installed",
        "The module, or its package, imports something that is not on the search path.",
        "Install what the message names, into the Python that the message names.";
    606 PACKAGE_FAILED: "the package around it failed to import",
        "An __init__.py above the module raised an exception.",
        "See the exception and its traceback.";
    607 SYSTEM_EXIT: "the module tried to exit",
        "Its init raised SystemExit, which was caught.",
        "Report it to the module's authors.";
    608 KEYBOARD_INTERRUPT: "the import was interrupted",
        "KeyboardInterrupt was raised during init.",
        "Load again.";
    609 STANDARD_LIBRARY_NAME: "the name belongs to the standard library",
        "Loading a module under this name would replace one that Python itself uses.",
        "Rename the module, or put it into a package.";
    610 AMBIGUOUS_NAME: "several modules have this name",
        "The short name belongs to more than one loaded module.",
        "Use one of the dotted names that the message lists.";
    611 OUT_OF_MEMORY: "memory ran out during init",
        "Python raised MemoryError.",
        "Free memory, or load fewer modules.";
    612 NOT_FOUND: "no file of that name",
        "A module was asked for by name, and the directory has no file for it.",
        "Check the spelling; the report lists what is there.";
    613 NATIVE_EXCEPTION: "a C++ exception left the init function",
        "The module's code threw an exception that nobody caught, which ended the trial process.",
        "Report it to the module's authors.";

    701 TRIAL_SIGNAL: "the trial process was killed by a signal",
        "Importing the module crashed. The signal is in the message.",
        "Report it to the module's authors; python -c 'import NAME' alone shows the same, with a core dump if wanted.";
    702 TRIAL_EXIT: "the trial process exited during the import",
        "The module called exit or _exit while it was imported.",
        "Report it to the module's authors.";
    703 TRIAL_HANG: "the trial did not end in time",
        "Importing the module took longer than the time limit.",
        "Raise the limit, or see what the module waits for.";
    704 TRIAL_NOT_STARTED: "the trial process could not be started",
        "The system refused a new process, or no interpreter was found for it.",
        "See the message; load without NEXUS_LOADER_TRIAL.";
    705 TRIAL_LOST: "the trial process broke the connection",
        "The module closed or wrote to the descriptor on which the result is sent; or the process ended, and the host's handling of SIGCHLD hid how.",
        "See the message; report it to the module's authors.";

    801 NOT_ON_ALLOW_LIST: "not on the allow-list",
        "NEXUS_LOADER_VERIFY is set, and the list does not name the file.",
        "Add the file to the list.";
    802 HASH_DIFFERS: "the contents differ from the allow-list",
        "The file's SHA-256 is not the listed one.",
        "Install the listed file, or update the list if the change is known.";
    803 FILTERED: "the host's filter said no",
        "The filter callback refused the module.",
        "Nothing to do.";
    804 CANCELLED: "cancelled before its turn",
        "The progress callback or another thread cancelled the loading.",
        "Open the directory again to load the rest.";
    806 OUTSIDE_DIRECTORY: "a link leads out of the directory",
        "NEXUS_LOADER_VERIFY is set, and the path leaves the directory through a link.",
        "Put the file itself into the directory.";
    807 WRITABLE_DIRECTORY: "others may write the directory",
        "The directory is writable for its group or for everyone, so its contents cannot be trusted.",
        "chmod go-w the directory.";
    808 SHADOWED: "another file of the same module is preferred",
        "Python takes the file with the exact tag before .abi3.so before .so.",
        "Remove the file that is not used.";
    809 NOT_REQUESTED: "not asked for",
        "A list of modules was given, and it does not name this one.",
        "Nothing to do.";
    810 UNTRUSTED_OWNER: "the file belongs to another user",
        "The file's owner is neither root nor the user of this process.",
        "chown the file.";
    811 NOT_VERIFIED: "loaded before without the list",
        "The module was in the process already, from bytes that nobody has compared with the allow-list.",
        "Open the directory with NEXUS_LOADER_VERIFY before anything else imports the module.";
}

impl Detail {
    /// The stable number, as `nexus_error_detail` returns it.
    pub const fn number(self) -> u32 {
        self.0
    }

    /// The detail with this number, if there is one.
    pub fn from_number(number: u32) -> Option<Detail> {
        TABLE
            .binary_search_by_key(&number, |row| row.number)
            .is_ok()
            .then_some(Detail(number))
    }

    /// The name of the constant, such as `TRUNCATED`.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// What it means, in a few words that can stand alone.
    pub fn meaning(self) -> &'static str {
        self.row().meaning
    }

    /// How it comes about: one or two sentences.
    pub fn cause(self) -> &'static str {
        self.row().cause
    }

    /// What to do about it: one or two sentences.
    pub fn cure(self) -> &'static str {
        self.row().cure
    }

    /// The group, as the hundreds of the number: 1 for the file system, 2 for damage, and so on.
    pub const fn group(self) -> u32 {
        self.0 / 100
    }

    /// All details, ordered by number.
    pub fn all() -> impl ExactSizeIterator<Item = Detail> {
        TABLE.iter().map(|row| Detail(row.number))
    }

    fn row(self) -> &'static Row {
        // Values are only made from the table, so the number is found; the first row is no worse than
        // a panic in a library that must not panic.
        TABLE
            .binary_search_by_key(&self.0, |row| row.number)
            .map_or(&TABLE[0], |index| &TABLE[index])
    }
}

impl fmt::Debug for Detail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}({})", self.name(), self.0)
    }
}

impl fmt::Display for Detail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.meaning())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_ascend_and_texts_are_complete() {
        for pair in TABLE.windows(2) {
            assert!(pair[0].number < pair[1].number, "{}", pair[1].name);
        }
        for detail in Detail::all() {
            assert!((1..=8).contains(&detail.group()), "{detail:?}");
            assert!(!detail.meaning().ends_with('.'), "{detail:?}");
            assert!(detail.cause().ends_with('.'), "{detail:?}");
            assert!(detail.cure().ends_with('.'), "{detail:?}");
            assert_eq!(Detail::from_number(detail.number()), Some(detail));
        }
        assert_eq!(Detail::from_number(0), None);
        assert_eq!(Detail::TRUNCATED.number(), 203);
        assert_eq!(Detail::TRUNCATED.name(), "TRUNCATED");
    }

    #[test]
    fn names_are_unique() {
        let mut names: Vec<_> = Detail::all().map(Detail::name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), TABLE.len());
    }
}
