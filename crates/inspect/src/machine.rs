//! The names of file formats, machines, operating systems and C libraries.

use std::fmt;

/// The container format of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// Linux, the BSDs, Android, Solaris.
    Elf,
    /// Windows.
    Pe,
    /// macOS, also universal files with several machines.
    MachO,
}

/// The order of the bytes in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Endian {
    /// Least significant byte first.
    Little,
    /// Most significant byte first.
    Big,
}

/// A processor family, as far as it decides whether code can run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Machine {
    X86_64,
    /// x86_64 with 32-bit pointers.
    X32,
    I686,
    Aarch64,
    /// aarch64 with the calling convention of x86_64, which only Windows has.
    Arm64ec,
    /// aarch64 with signed pointers, as Apple's own programs have.
    Arm64e,
    /// Any 32-bit ARM.
    Armv7,
    Riscv64,
    Riscv32,
    Ppc64le,
    Ppc64,
    Ppc,
    S390x,
    S390,
    Loongarch64,
    Loongarch32,
    Mips,
    Mips64,
    Sparc,
    Sparc64,
    Alpha,
    Ia64,
    Hppa,
    M68k,
    Sh4,
    /// None of those; the format's own number.
    Other(u32),
}

impl Machine {
    /// The name as `uname -m` and wheel tags have it; an unknown one is "machine N".
    pub fn name(self) -> String {
        self.known_name()
            .map_or_else(|| self.to_string(), str::to_owned)
    }

    /// The machine of this process.
    pub fn host() -> Machine {
        Machine::from_name(
            if cfg!(target_pointer_width = "32") && cfg!(target_arch = "x86_64") {
                "x32"
            } else {
                HOST_ARCH
            },
        )
        .unwrap_or(Machine::Other(0))
    }

    /// The machine that a platform triple, wheel tag or `uname -m` calls so.
    pub fn from_name(name: &str) -> Option<Machine> {
        Some(match name {
            "x86_64" | "amd64" | "AMD64" => Machine::X86_64,
            "x32" => Machine::X32,
            "i386" | "i486" | "i586" | "i686" | "x86" | "win32" => Machine::I686,
            "aarch64" | "arm64" | "ARM64" => Machine::Aarch64,
            "arm64ec" => Machine::Arm64ec,
            "arm64e" => Machine::Arm64e,
            "arm" | "armv6l" | "armv7" | "armv7l" | "armv8l" | "armeb" => Machine::Armv7,
            "riscv64" => Machine::Riscv64,
            "riscv32" => Machine::Riscv32,
            "ppc64le" | "powerpc64le" => Machine::Ppc64le,
            "ppc64" | "powerpc64" => Machine::Ppc64,
            "ppc" | "powerpc" => Machine::Ppc,
            "s390x" => Machine::S390x,
            "s390" => Machine::S390,
            "loongarch64" => Machine::Loongarch64,
            "loongarch32" => Machine::Loongarch32,
            "mips" | "mipsel" | "mipsle" => Machine::Mips,
            "mips64" | "mips64el" | "mips64le" => Machine::Mips64,
            "sparc" => Machine::Sparc,
            "sparc64" => Machine::Sparc64,
            "alpha" => Machine::Alpha,
            "ia64" => Machine::Ia64,
            "hppa" => Machine::Hppa,
            "m68k" => Machine::M68k,
            "sh4" => Machine::Sh4,
            _ => return None,
        })
    }

    /// 32 or 64 where the machine says it, else `None` (an unknown machine).
    pub fn bits(self) -> Option<u8> {
        Some(match self {
            Machine::X86_64
            | Machine::Aarch64
            | Machine::Arm64ec
            | Machine::Arm64e
            | Machine::Riscv64
            | Machine::Ppc64le
            | Machine::Ppc64
            | Machine::S390x
            | Machine::Loongarch64
            | Machine::Mips64
            | Machine::Sparc64
            | Machine::Alpha
            | Machine::Ia64 => 64,
            Machine::Other(_) => return None,
            _ => 32,
        })
    }

    fn known_name(self) -> Option<&'static str> {
        Some(match self {
            Machine::X86_64 => "x86_64",
            Machine::X32 => "x32",
            Machine::I686 => "i686",
            Machine::Aarch64 => "aarch64",
            Machine::Arm64ec => "arm64ec",
            Machine::Arm64e => "arm64e",
            Machine::Armv7 => "armv7",
            Machine::Riscv64 => "riscv64",
            Machine::Riscv32 => "riscv32",
            Machine::Ppc64le => "ppc64le",
            Machine::Ppc64 => "ppc64",
            Machine::Ppc => "ppc",
            Machine::S390x => "s390x",
            Machine::S390 => "s390",
            Machine::Loongarch64 => "loongarch64",
            Machine::Loongarch32 => "loongarch32",
            Machine::Mips => "mips",
            Machine::Mips64 => "mips64",
            Machine::Sparc => "sparc",
            Machine::Sparc64 => "sparc64",
            Machine::Alpha => "alpha",
            Machine::Ia64 => "ia64",
            Machine::Hppa => "hppa",
            Machine::M68k => "m68k",
            Machine::Sh4 => "sh4",
            Machine::Other(_) => return None,
        })
    }
}

const HOST_ARCH: &str = if cfg!(target_arch = "powerpc64") {
    if cfg!(target_endian = "little") {
        "ppc64le"
    } else {
        "ppc64"
    }
} else {
    std::env::consts::ARCH
};

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self, self.known_name()) {
            (Machine::Other(number), _) => write!(f, "machine {number}"),
            (_, name) => f.write_str(name.unwrap_or_default()),
        }
    }
}

/// An operating system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Platform {
    Linux,
    Windows,
    MacOs,
    Ios,
    Android,
    FreeBsd,
    NetBsd,
    OpenBsd,
    Solaris,
    /// An ELF file for a system that is none of those.
    Other,
}

impl Platform {
    /// The name in lower case, as Python's `sys.platform` begins (but "windows", "macos").
    pub fn name(self) -> &'static str {
        match self {
            Platform::Linux => "linux",
            Platform::Windows => "windows",
            Platform::MacOs => "macos",
            Platform::Ios => "ios",
            Platform::Android => "android",
            Platform::FreeBsd => "freebsd",
            Platform::NetBsd => "netbsd",
            Platform::OpenBsd => "openbsd",
            Platform::Solaris => "solaris",
            Platform::Other => "another system",
        }
    }

    /// The system of this process.
    pub fn host() -> Platform {
        match std::env::consts::OS {
            "linux" => Platform::Linux,
            "windows" => Platform::Windows,
            "macos" => Platform::MacOs,
            "ios" => Platform::Ios,
            "android" => Platform::Android,
            "freebsd" => Platform::FreeBsd,
            "netbsd" => Platform::NetBsd,
            "openbsd" => Platform::OpenBsd,
            "solaris" | "illumos" => Platform::Solaris,
            _ => Platform::Other,
        }
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The C library that a file was linked with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CLibrary {
    /// The GNU C library.
    Glibc,
    /// musl, of Alpine Linux among others.
    Musl,
    /// The file does not tell, or the system has only one.
    Unknown,
}

impl CLibrary {
    /// "glibc", "musl" or "".
    pub fn name(self) -> &'static str {
        match self {
            CLibrary::Glibc => "glibc",
            CLibrary::Musl => "musl",
            CLibrary::Unknown => "",
        }
    }

    /// The C library of this process.
    pub fn host() -> CLibrary {
        if cfg!(all(target_os = "linux", target_env = "gnu")) {
            CLibrary::Glibc
        } else if cfg!(all(target_os = "linux", target_env = "musl")) {
            CLibrary::Musl
        } else {
            CLibrary::Unknown
        }
    }
}

/// An OpenMP run-time library. Two of the LLVM family in one process abort it; one of them beside the
/// GNU one can hang it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OpenMp {
    /// libgomp, GNU.
    Gnu,
    /// libiomp5, Intel; of the LLVM family.
    Intel,
    /// libomp, LLVM.
    Llvm,
}

impl OpenMp {
    /// The runtime that a library of this file name is, also where auditwheel added a hash
    /// (`libgomp-a34b3233.so.1.0.0`).
    pub fn from_library(file_name: &str) -> Option<OpenMp> {
        let base: &str = file_name.rsplit(['/', '\\']).next().unwrap_or_default();
        let base = base.split(['.', '-']).next().unwrap_or_default();
        match base {
            "libgomp" => Some(OpenMp::Gnu),
            "libiomp5" | "libiomp5md" => Some(OpenMp::Intel),
            "libomp" | "libomp140" | "libomp5" => Some(OpenMp::Llvm),
            _ => None,
        }
    }

    /// The library's usual name.
    pub fn name(self) -> &'static str {
        match self {
            OpenMp::Gnu => "libgomp",
            OpenMp::Intel => "libiomp5",
            OpenMp::Llvm => "libomp",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_is_known() {
        assert!(!matches!(Machine::host(), Machine::Other(_)));
        assert_eq!(Machine::host().bits(), Some(usize::BITS as u8));
    }

    #[test]
    fn names_round_trip() {
        for name in [
            "x86_64", "aarch64", "i686", "armv7", "riscv64", "ppc64le", "s390x",
        ] {
            assert_eq!(Machine::from_name(name).unwrap().name(), name);
        }
        assert_eq!(Machine::Other(7).name(), "machine 7");
    }

    #[test]
    fn openmp() {
        assert_eq!(
            OpenMp::from_library("libgomp-a34b3233.so.1.0.0"),
            Some(OpenMp::Gnu)
        );
        assert_eq!(OpenMp::from_library("libiomp5.so"), Some(OpenMp::Intel));
        assert_eq!(
            OpenMp::from_library("@rpath/libomp.dylib"),
            Some(OpenMp::Llvm)
        );
        assert_eq!(OpenMp::from_library("libompi.so"), None);
    }
}
