#!/usr/bin/env bash
# What a newcomer does with the archive for Windows, unpacked in a folder with a blank in its name: builds a C program
# with CMake and mingw-w64, and with MSVC's import library, and runs it and the tool under Wine; builds and runs the C,
# C++ and Go examples against it.
#
# usage: test-zip.sh [3.XX]     the Python to run on; 3.13 if none is named
set -euo pipefail
cd "$(dirname "$0")/../.."
tree=$PWD
windows=$tree/target/windows
version=${1:-3.13}
machine=x86_64-w64-mingw32
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
    echo "test-zip: $*" >&2
    exit 1
}
pass() { echo "zip: $1"; }
# inside PATH: as Windows programs see it.
inside() {
    local path=Z:$1
    echo "${path//\//\\}"
}

zip=$(scripts/windows/zip.sh)
first=$(sha256sum <"$zip")
[ "$(sha256sum <"$(scripts/windows/zip.sh)")" = "$first" ] || fail "the archive differs each time"
mkdir "$work/some where"
python3 -m zipfile -e "$zip" "$work/some where"
[ "$(ls "$work/some where")" = "$(basename "$zip" .zip)" ] || fail "the archive has not one folder of its name"
prefix="$work/some where/$(basename "$zip" .zip)"
for file in bin/nexus.exe lib/nexus_loader.lib share/doc/nexus_loader/LICENSE-MIT; do
    [ -s "$prefix/$file" ] || fail "no $file"
done

# Only Windows' own DLLs, and python3.dll for the engine.
for file in "$prefix"/bin/*; do
    foreign=$($machine-objdump -p "$file" | sed -n 's/^\tDLL Name: //p' |
        grep -viE '^(kernel32|ntdll|msvcrt|bcryptprimitives|advapi32|ws2_32|userenv|user32|shell32|ole32|psapi|dbghelp|api-ms-win-[a-z0-9-]*)\.dll$' || true)
    [ -z "$foreign" ] || [[ $file == *nexus_engine* && $foreign == python3.dll ]] || fail "$file needs $foreign"
done
pass "needs no DLL but Windows' own"

export NEXUS_PYTHON WINEPATH
NEXUS_PYTHON=$(inside "$windows/python/$version/python.exe")
WINEPATH=$(inside "$prefix/bin")
wine() { scripts/windows/wine.sh "$@" </dev/null; }
modules=$windows/hosts/fixtures/documented-$version
mkdir -p "$modules"
digits=${version/./}
for name in crypto network database; do
    $machine-gcc -std=c11 -O1 -shared -static -Itests/windows/posix -include tests/windows/posix/posix.h \
        -D__USE_MINGW_ANSI_STDIO=1 -isystem"$windows/python/$version/include" "tests/fixtures/$name.c" \
        "$windows/python/$version/libs/libpython$digits.a" -o "$modules/$name.pyd"
done
modules=$(inside "$modules")

# The version information, as Windows reads it.
cat >"$work/version.c" <<'END'
#include <stdio.h>
#include <windows.h>
int main(int argc, char **argv)
{
    static char data[65536], *text;
    UINT size;
    if (argc != 3 || !GetFileVersionInfoA(argv[1], 0, sizeof data, data)) return 1;
    if (!VerQueryValueA(data, argv[2], (void **)&text, &size)) return 2;
    puts(text);
    return 0;
}
END
$machine-gcc -Wall -Wextra -Werror "$work/version.c" -o "$work/version.exe" -lversion
expected=$(sed -n '/^\[workspace\.package\]/,/^\[/s/^version = "\(.*\)"/\1/p' Cargo.toml)
for file in "$prefix"/bin/*; do
    for pair in "FileVersion:$expected" ProductName:nexus_loader "OriginalFilename:$(basename "$file")"; do
        seen=$(wine "$work/version.exe" "$(inside "$file")" "\\StringFileInfo\\040904b0\\${pair%%:*}" | tr -d '\r') ||
            fail "$file has no ${pair%%:*}"
        [ "$seen" = "${pair#*:}" ] || fail "${pair%%:*} of $file is $seen"
    done
done
pass "version information"

# A C program by CMake.
mkdir "$work/program"
cp examples/c/complete.c "$work/program/main.c"
cat >"$work/program/CMakeLists.txt" <<'END'
cmake_minimum_required(VERSION 3.18)
project(program C)
find_package(nexus_loader REQUIRED)
add_executable(program main.c)
target_link_libraries(program nexus_loader::nexus_loader)
END
cmake -S "$work/program" -B "$work/program/build" -DCMAKE_SYSTEM_NAME=Windows -DCMAKE_C_COMPILER=$machine-gcc \
    -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_FIND_ROOT_PATH_MODE_PACKAGE=BOTH >"$work/cmake.log" 2>&1 &&
    cmake --build "$work/program/build" >>"$work/cmake.log" 2>&1 || { cat "$work/cmake.log" >&2; fail "CMake"; }
# check NAME PROGRAM: what the complete example prints.
check() {
    local output
    output=$(wine "$2" "$modules" | tr -d '\r') || fail "$1 ends with an error"
    grep -q "✓ Successfully loaded 3 modules" <<<"$output" || fail "$1 printed: $output"
    grep -qF "Decrypted data: Hello, World!" <<<"$output" || fail "$1 printed: $output"
    grep -qF "NexusLoader(bin_path='${modules//\\/\\\\}', loaded=3 modules)" <<<"$output" || fail "$1 printed: $output"
    pass "$1"
}
check "C, by CMake" "$work/program/build/program.exe"

# With MSVC's import library, as clang-cl and link.exe use it; without a C library, which is not here.
cat >"$work/plain.c" <<'END'
#include <nexus_loader.h>
int mainCRTStartup(void) { return nexus_version_number() == NEXUS_VERSION_NUMBER ? 7 : 1; }
END
clang -target x86_64-pc-windows-msvc -ffreestanding -I"$prefix/include" -c "$work/plain.c" -o "$work/plain.obj"
lld-link /nologo /nodefaultlib /entry:mainCRTStartup /subsystem:console "$work/plain.obj" \
    "$prefix/lib/nexus_loader.lib" "/out:$work/plain.exe"
code=0
wine "$work/plain.exe" || code=$?
[ "$code" -eq 7 ] || fail "the program that was linked for MSVC ended with $code"
pass "C, with MSVC's import library"

# The examples.
flags=(-O1 -Wall -Wextra -Werror -static -I"$prefix/include")
$machine-gcc -std=c11 "${flags[@]}" examples/c/modules.c examples/c/calls.c examples/c/text.c -D__USE_MINGW_ANSI_STDIO=1 \
    "$prefix/lib/libnexus_loader.dll.a" -o "$work/modules.exe"
wine "$work/modules.exe" "$modules" | tr -d '\r' >"$work/modules.txt" || fail "modules.c ends with an error"
grep -q crypto "$work/modules.txt" || fail "modules.c printed: $(cat "$work/modules.txt")"
pass "examples/c/modules.c"
# The variant with threads of POSIX: the other one of Debian's has a std::mutex that does nothing.
$machine-g++-posix -std=c++17 "${flags[@]}" examples/cpp/complete.cpp "$prefix/lib/libnexus_loader.dll.a" \
    -o "$work/complete_cpp.exe"
check examples/cpp "$work/complete_cpp.exe"
go=$(scripts/go.sh)
# pkg-config takes no blank in the folder's name. What it says is no part of the key of Go's cache, CGO_LDFLAGS is: without
# the folder in it, the package of an earlier run would be taken, which looks where that run had its archive.
cp -r "$prefix" "$work/prefix"
(cd examples/go && PKG_CONFIG_PATH="$work/prefix/lib/pkgconfig" GOFLAGS='-mod=mod -buildvcs=false' GOPROXY=off \
    GOTOOLCHAIN=local GOWORK=off GOOS=windows GOARCH=amd64 CGO_ENABLED=1 CC=$machine-gcc \
    CGO_LDFLAGS="-static -L$work/prefix/lib" "$go" build -o "$work/complete_go.exe" .)
check examples/go "$work/complete_go.exe"

# The tool.
wine "$prefix/bin/nexus.exe" list "$modules" | tr -d '\r' >"$work/list.txt" || fail "nexus list ends with an error"
grep -q crypto "$work/list.txt" || fail "nexus list printed: $(cat "$work/list.txt")"
[ "$(wine "$prefix/bin/nexus.exe" --version | tr -d '\r')" = "nexus $expected" ] || fail "nexus --version"
pass "the tool"
