#!/usr/bin/env bash
# Builds nexus_loader for Windows on x86_64, on this machine: both DLLs, the tool, and import libraries. What is
# made lies in target/windows/release under the names that it is installed with:
#
#   nexus_loader.dll, nexus_engine-ABI.dll, nexus.exe
#   libnexus_loader.dll.a   the import library for mingw-w64
#   nexus_loader.lib        the import library for MSVC and clang-cl
#
# usage: build.sh
set -euo pipefail
cd "$(dirname "$0")/../.."
windows=$PWD/target/windows
target=x86_64-pc-windows-gnu
machine=x86_64-w64-mingw32
abi=$(sed -n "s/^pub const ABI: u32 = \(.*\);/\1/p" crates/abi/src/lib.rs)
built=$windows/cargo/$target/release
to=$windows/release

scripts/rust-source.sh >/dev/null
# Debian's own compiler, which has no library for Windows but has its source: -Zbuild-std builds that, once for each
# target folder. It asks for a nightly compiler, or for RUSTC_BOOTSTRAP.
# PYO3_NO_PYTHON: the stable ABI needs no interpreter to look at.
env -u RUSTFLAGS -u CARGO_ENCODED_RUSTFLAGS -u RUSTUP_TOOLCHAIN -u RUSTC_WRAPPER \
    RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1 PYO3_NO_PYTHON=1 CARGO_TARGET_DIR="$windows/cargo" \
    CARGO_TARGET_X86_64_PC_WINDOWS_GNU_LINKER=$machine-gcc \
    /usr/bin/cargo build --release --locked -Zbuild-std=std,panic_unwind --target $target \
    -p nexus_loader -p nexus_engine -p nexus_tool

mkdir -p "$to"
# copy FROM NAME: only what has changed gets a new age; and not into a file that a program may have open.
copy() {
    if ! cmp -s "$1" "$to/$2"; then
        cp "$1" "$to/$2.part"
        mv "$to/$2.part" "$to/$2"
    fi
}
copy "$built/nexus_loader.dll" nexus_loader.dll
copy "$built/nexus_engine.dll" "nexus_engine-$abi.dll"
copy "$built/nexus.exe" nexus.exe

# The import libraries: of exactly what the front exports.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$machine-objdump" -p "$to/nexus_loader.dll" |
    sed -n '/^\[Ordinal\/Name Pointer\] Table/,/^$/s/^[[:space:]]*\[[ 0-9]*\] \([^ ]*\)$/\1/p' >"$work/exports"
sed -n 's/^function .*[ *]\(nexus_[a-z0-9_]*\) (.*/\1/p' tests/abi.txt | sort >"$work/declared"
if ! diff <(sort "$work/exports") "$work/declared" >&2; then
    echo "windows build: nexus_loader.dll exports (<) other names than tests/abi.txt lists (>)" >&2
    exit 1
fi
{ echo 'LIBRARY nexus_loader.dll' && echo EXPORTS && sort "$work/exports"; } >"$work/nexus_loader.def"
"$machine-dlltool" -m i386:x86-64 -d "$work/nexus_loader.def" -l "$work/libnexus_loader.dll.a"
# As MSVC's lib.exe makes it, which binutils does not.
llvm-dlltool -m i386:x86-64 -d "$work/nexus_loader.def" -l "$work/nexus_loader.lib"
# An archive has times in it: it is made anew when the names have changed.
if ! cmp -s "$work/nexus_loader.def" "$to/nexus_loader.def" || [ ! -e "$to/nexus_loader.lib" ]; then
    copy "$work/libnexus_loader.dll.a" libnexus_loader.dll.a
    copy "$work/nexus_loader.lib" nexus_loader.lib
    copy "$work/nexus_loader.def" nexus_loader.def
fi
