package nexus

// #include "bridge.h"
import "C"

// Detail says what exactly is wrong with a file, or went wrong with a module; docs/details.md has the cause and
// cure of each. Programs must expect numbers that they do not know yet.
type Detail uint32

// String is the detail's name, such as "TRUNCATED".
func (d Detail) String() string { return C.GoString(C.nexus_detail_name(C.uint32_t(d))) }

// Meaning says what it means, in a few words: "the file is cut off".
func (d Detail) Meaning() string { return C.GoString(C.nexus_detail_meaning(C.uint32_t(d))) }

// Cause says how it comes about.
func (d Detail) Cause() string { return C.GoString(C.nexus_detail_cause(C.uint32_t(d))) }

// Cure says what to do about it.
func (d Detail) Cure() string { return C.GoString(C.nexus_detail_cure(C.uint32_t(d))) }

// The details.
const (
	// DetailNone: nothing to report.
	DetailNone Detail = C.NEXUS_DETAIL_NONE
	// DetailNotRegularFile: not a regular file.
	DetailNotRegularFile Detail = C.NEXUS_DETAIL_NOT_REGULAR_FILE
	// DetailUnreadable: the file cannot be read.
	DetailUnreadable Detail = C.NEXUS_DETAIL_UNREADABLE
	// DetailVanished: the file is not there.
	DetailVanished Detail = C.NEXUS_DETAIL_VANISHED
	// DetailEmpty: the file is empty.
	DetailEmpty Detail = C.NEXUS_DETAIL_EMPTY
	// DetailNameTooLong: the module name is too long.
	DetailNameTooLong Detail = C.NEXUS_DETAIL_NAME_TOO_LONG
	// DetailTooLarge: the file is too large.
	DetailTooLarge Detail = C.NEXUS_DETAIL_TOO_LARGE
	// DetailReadFailed: reading the file failed.
	DetailReadFailed Detail = C.NEXUS_DETAIL_READ_FAILED
	// DetailChanged: the file changed while it was read.
	DetailChanged Detail = C.NEXUS_DETAIL_CHANGED
	// DetailBrokenLink: the symbolic link leads nowhere.
	DetailBrokenLink Detail = C.NEXUS_DETAIL_BROKEN_LINK
	// DetailNameNotUTF8: the module name is not UTF-8.
	DetailNameNotUTF8 Detail = C.NEXUS_DETAIL_NAME_NOT_UTF8
	// DetailTextFile: a text file, not a compiled module.
	DetailTextFile Detail = C.NEXUS_DETAIL_TEXT_FILE
	// DetailUnknownFormat: no known executable format.
	DetailUnknownFormat Detail = C.NEXUS_DETAIL_UNKNOWN_FORMAT
	// DetailTruncated: the file is cut off.
	DetailTruncated Detail = C.NEXUS_DETAIL_TRUNCATED
	// DetailBadHeader: the file header is damaged.
	DetailBadHeader Detail = C.NEXUS_DETAIL_BAD_HEADER
	// DetailBadSegments: the segment table is damaged.
	DetailBadSegments Detail = C.NEXUS_DETAIL_BAD_SEGMENTS
	// DetailBadDynamic: the dynamic section is damaged.
	DetailBadDynamic Detail = C.NEXUS_DETAIL_BAD_DYNAMIC
	// DetailBadStrings: the string table is damaged.
	DetailBadStrings Detail = C.NEXUS_DETAIL_BAD_STRINGS
	// DetailBadSymbols: the symbol table is damaged.
	DetailBadSymbols Detail = C.NEXUS_DETAIL_BAD_SYMBOLS
	// DetailBadRelocations: a relocation table is damaged.
	DetailBadRelocations Detail = C.NEXUS_DETAIL_BAD_RELOCATIONS
	// DetailBadInitializers: the table of constructors is damaged.
	DetailBadInitializers Detail = C.NEXUS_DETAIL_BAD_INITIALIZERS
	// DetailBadVersions: the symbol version tables are damaged.
	DetailBadVersions Detail = C.NEXUS_DETAIL_BAD_VERSIONS
	// DetailWrongClass: the word size contradicts the machine.
	DetailWrongClass Detail = C.NEXUS_DETAIL_WRONG_CLASS
	// DetailBadHashTable: the symbol hash table is damaged.
	DetailBadHashTable Detail = C.NEXUS_DETAIL_BAD_HASH_TABLE
	// DetailBadTLS: the thread-local segment is damaged.
	DetailBadTLS Detail = C.NEXUS_DETAIL_BAD_TLS
	// DetailBadSections: a section lies outside the file.
	DetailBadSections Detail = C.NEXUS_DETAIL_BAD_SECTIONS
	// DetailZeroFilled: the file holds only zero bytes.
	DetailZeroFilled Detail = C.NEXUS_DETAIL_ZERO_FILLED
	// DetailDebugInformationOnly: separate debug information, no code.
	DetailDebugInformationOnly Detail = C.NEXUS_DETAIL_DEBUG_INFORMATION_ONLY
	// DetailBadImports: the import or export table is damaged.
	DetailBadImports Detail = C.NEXUS_DETAIL_BAD_IMPORTS
	// DetailMachine: built for another machine.
	DetailMachine Detail = C.NEXUS_DETAIL_MACHINE
	// DetailBits: built for another word size.
	DetailBits Detail = C.NEXUS_DETAIL_BITS
	// DetailPlatform: built for another operating system.
	DetailPlatform Detail = C.NEXUS_DETAIL_PLATFORM
	// DetailCLibrary: built for another C library.
	DetailCLibrary Detail = C.NEXUS_DETAIL_C_LIBRARY
	// DetailPythonVersion: built for another version of Python.
	DetailPythonVersion Detail = C.NEXUS_DETAIL_PYTHON_VERSION
	// DetailFreeThreaded: built for free-threaded Python.
	DetailFreeThreaded Detail = C.NEXUS_DETAIL_FREE_THREADED
	// DetailNotFreeThreaded: not built for free-threaded Python.
	DetailNotFreeThreaded Detail = C.NEXUS_DETAIL_NOT_FREE_THREADED
	// DetailDebugPython: built for a debug build of Python.
	DetailDebugPython Detail = C.NEXUS_DETAIL_DEBUG_PYTHON
	// DetailImplementation: built for another implementation of Python.
	DetailImplementation Detail = C.NEXUS_DETAIL_IMPLEMENTATION
	// DetailStableABI: a stable ABI that this Python does not have.
	DetailStableABI Detail = C.NEXUS_DETAIL_STABLE_ABI
	// DetailTagDisagrees: the file name contradicts the contents.
	DetailTagDisagrees Detail = C.NEXUS_DETAIL_TAG_DISAGREES
	// DetailHelperLibrary: a shared library, not a Python module.
	DetailHelperLibrary Detail = C.NEXUS_DETAIL_HELPER_LIBRARY
	// DetailExecutable: an executable program.
	DetailExecutable Detail = C.NEXUS_DETAIL_EXECUTABLE
	// DetailObjectFile: an object file that was not linked.
	DetailObjectFile Detail = C.NEXUS_DETAIL_OBJECT_FILE
	// DetailStaticArchive: a static library.
	DetailStaticArchive Detail = C.NEXUS_DETAIL_STATIC_ARCHIVE
	// DetailNoInitSymbol: no PyInit function is exported.
	DetailNoInitSymbol Detail = C.NEXUS_DETAIL_NO_INIT_SYMBOL
	// DetailInitSymbolName: the file name is not the module's name.
	DetailInitSymbolName Detail = C.NEXUS_DETAIL_INIT_SYMBOL_NAME
	// DetailIsLibpython: a Python interpreter library.
	DetailIsLibpython Detail = C.NEXUS_DETAIL_IS_LIBPYTHON
	// DetailCoreDump: a core dump.
	DetailCoreDump Detail = C.NEXUS_DETAIL_CORE_DUMP
	// DetailLinkerScript: a text file for the linker.
	DetailLinkerScript Detail = C.NEXUS_DETAIL_LINKER_SCRIPT
	// DetailMissingLibrary: a needed library is missing.
	DetailMissingLibrary Detail = C.NEXUS_DETAIL_MISSING_LIBRARY
	// DetailLibraryOfOtherMachine: a needed library is for another machine.
	DetailLibraryOfOtherMachine Detail = C.NEXUS_DETAIL_LIBRARY_OF_OTHER_MACHINE
	// DetailGlibcTooOld: the system's C library is too old.
	DetailGlibcTooOld Detail = C.NEXUS_DETAIL_GLIBC_TOO_OLD
	// DetailGlibcxxTooOld: the C++ run-time library is too old.
	DetailGlibcxxTooOld Detail = C.NEXUS_DETAIL_GLIBCXX_TOO_OLD
	// DetailMissingPythonSymbol: python functions that this Python does not have.
	DetailMissingPythonSymbol Detail = C.NEXUS_DETAIL_MISSING_PYTHON_SYMBOL
	// DetailStaticTLS: no room for static thread-local storage.
	DetailStaticTLS Detail = C.NEXUS_DETAIL_STATIC_TLS
	// DetailTwoOpenMPRuntimes: two OpenMP run-time libraries.
	DetailTwoOpenMPRuntimes Detail = C.NEXUS_DETAIL_TWO_OPENMP_RUNTIMES
	// DetailDamagedLibrary: a needed library is damaged.
	DetailDamagedLibrary Detail = C.NEXUS_DETAIL_DAMAGED_LIBRARY
	// DetailLibraryTooOld: a needed library is too old.
	DetailLibraryTooOld Detail = C.NEXUS_DETAIL_LIBRARY_TOO_OLD
	// DetailSecondLibpython: it would bring a second libpython.
	DetailSecondLibpython Detail = C.NEXUS_DETAIL_SECOND_LIBPYTHON
	// DetailMissingFunction: a needed library lacks a function.
	DetailMissingFunction Detail = C.NEXUS_DETAIL_MISSING_FUNCTION
	// DetailSystemTooOld: the operating system is too old.
	DetailSystemTooOld Detail = C.NEXUS_DETAIL_SYSTEM_TOO_OLD
	// DetailNotSigned: it has no code signature.
	DetailNotSigned Detail = C.NEXUS_DETAIL_NOT_SIGNED
	// DetailDlopenFailed: the dynamic linker refused the file.
	DetailDlopenFailed Detail = C.NEXUS_DETAIL_DLOPEN_FAILED
	// DetailInitRaised: the module's init raised an exception.
	DetailInitRaised Detail = C.NEXUS_DETAIL_INIT_RAISED
	// DetailInitNotAModule: the init function did not return a module.
	DetailInitNotAModule Detail = C.NEXUS_DETAIL_INIT_NOT_A_MODULE
	// DetailInitReturnedNull: the init function failed without an exception.
	DetailInitReturnedNull Detail = C.NEXUS_DETAIL_INIT_RETURNED_NULL
	// DetailImportNotFound: a module that it imports is not installed.
	DetailImportNotFound Detail = C.NEXUS_DETAIL_IMPORT_NOT_FOUND
	// DetailPackageFailed: the package around it failed to import.
	DetailPackageFailed Detail = C.NEXUS_DETAIL_PACKAGE_FAILED
	// DetailSystemExit: the module tried to exit.
	DetailSystemExit Detail = C.NEXUS_DETAIL_SYSTEM_EXIT
	// DetailKeyboardInterrupt: the import was interrupted.
	DetailKeyboardInterrupt Detail = C.NEXUS_DETAIL_KEYBOARD_INTERRUPT
	// DetailStandardLibraryName: the name belongs to the standard library.
	DetailStandardLibraryName Detail = C.NEXUS_DETAIL_STANDARD_LIBRARY_NAME
	// DetailAmbiguousName: several modules have this name.
	DetailAmbiguousName Detail = C.NEXUS_DETAIL_AMBIGUOUS_NAME
	// DetailOutOfMemory: memory ran out during init.
	DetailOutOfMemory Detail = C.NEXUS_DETAIL_OUT_OF_MEMORY
	// DetailNotFound: no file of that name.
	DetailNotFound Detail = C.NEXUS_DETAIL_NOT_FOUND
	// DetailNativeException: a C++ exception left the init function.
	DetailNativeException Detail = C.NEXUS_DETAIL_NATIVE_EXCEPTION
	// DetailTrialSignal: the trial process was killed by a signal.
	DetailTrialSignal Detail = C.NEXUS_DETAIL_TRIAL_SIGNAL
	// DetailTrialExit: the trial process exited during the import.
	DetailTrialExit Detail = C.NEXUS_DETAIL_TRIAL_EXIT
	// DetailTrialHang: the trial did not end in time.
	DetailTrialHang Detail = C.NEXUS_DETAIL_TRIAL_HANG
	// DetailTrialNotStarted: the trial process could not be started.
	DetailTrialNotStarted Detail = C.NEXUS_DETAIL_TRIAL_NOT_STARTED
	// DetailTrialLost: the trial process broke the connection.
	DetailTrialLost Detail = C.NEXUS_DETAIL_TRIAL_LOST
	// DetailNotOnAllowList: not on the allow-list.
	DetailNotOnAllowList Detail = C.NEXUS_DETAIL_NOT_ON_ALLOW_LIST
	// DetailHashDiffers: the contents differ from the allow-list.
	DetailHashDiffers Detail = C.NEXUS_DETAIL_HASH_DIFFERS
	// DetailFiltered: the host's filter said no.
	DetailFiltered Detail = C.NEXUS_DETAIL_FILTERED
	// DetailCancelled: cancelled before its turn.
	DetailCancelled Detail = C.NEXUS_DETAIL_CANCELLED
	// DetailOutsideDirectory: a link leads out of the directory.
	DetailOutsideDirectory Detail = C.NEXUS_DETAIL_OUTSIDE_DIRECTORY
	// DetailWritableDirectory: others may write the directory.
	DetailWritableDirectory Detail = C.NEXUS_DETAIL_WRITABLE_DIRECTORY
	// DetailShadowed: another file of the same module is preferred.
	DetailShadowed Detail = C.NEXUS_DETAIL_SHADOWED
	// DetailNotRequested: not asked for.
	DetailNotRequested Detail = C.NEXUS_DETAIL_NOT_REQUESTED
	// DetailUntrustedOwner: the file belongs to another user.
	DetailUntrustedOwner Detail = C.NEXUS_DETAIL_UNTRUSTED_OWNER
	// DetailNotVerified: it was loaded before, and not verified.
	DetailNotVerified Detail = C.NEXUS_DETAIL_NOT_VERIFIED
)
