#!/usr/bin/env bash
# Makes a Windows installation of CPython, laid out as python.org's installer does, in target/windows/python/3.XX,
# and installs wheels for Windows beside it, in target/windows/wheels/3.XX; does nothing, quickly, if they are there.
#
#   pythonXXX.dll, DLLs\    the official files, out of the wheel of panda3d, which carries them
#   vcruntime140*.dll       likewise
#   Lib\                    of this machine's CPython of the same minor version
#   python.exe, python3.dll made here (scripts/windows/python/)
#   include\, libs\         this machine's headers with a pyconfig.h for Windows; import libraries for mingw
#
# usage: python.sh [3.XX…]     3.11, 3.12 and 3.13 if none is named
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$here/../.."
windows=$PWD/target/windows
versions=("$@")
if [ "$#" -eq 0 ]; then
    versions=(3.11 3.12 3.13)
fi
panda3d=1.10.16
machine=x86_64-w64-mingw32
flags=(-O1 -Wall -Wextra -Werror -s)

# This machine's own interpreters, whatever the tests are to run on.
pythons=$(env -u NEXUS_TEST_PYTHONS scripts/pythons.sh)
pip=$(env -u NEXUS_TEST_PYTHONS scripts/pip.sh)
fetch=(--quiet --disable-pip-version-check --no-deps --only-binary=:all: --implementation cp)

# exports DLL: the names that it exports.
exports() {
    "$machine-objdump" -p "$1" | sed -n '/^\[Ordinal\/Name Pointer\] Table/,/^$/s/^[[:space:]]*\[[ 0-9]*\] \([^ ]*\)$/\1/p'
}

# library DLL NAMES FOLDER: an import library for mingw.
library() {
    local name
    name=$(basename "$1" .dll)
    { echo "LIBRARY $name.dll" && echo EXPORTS && cat "$2"; } >"$3/$name.def"
    "$machine-dlltool" -m i386:x86-64 -d "$3/$name.def" -l "$3/lib$name.a"
}

# python VERSION FOLDER
python() {
    local version=$1 to=$2 digits=${1/./} own library include work name
    own=$(awk -F '\t' -v v="$version." 'index($1, v) == 1 { print $2; exit }' <<<"$pythons")
    if [ -z "$own" ]; then
        echo "windows python: no CPython $version on this machine to take the standard library from" >&2
        exit 1
    fi
    library=$("$own" -I -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')
    include=$("$own" -I -c 'import sysconfig; print(sysconfig.get_path("include"))')
    work=$(mktemp -d -p "$windows")
    # shellcheck disable=SC2064 # that folder
    trap "rm -rf '$work'" RETURN

    "$pip" -m pip download "${fetch[@]}" --platform win_amd64 --python-version "$version" --dest "$work" \
        "panda3d==$panda3d" </dev/null >&2
    "$own" -I -c 'import sys, zipfile
wheel = zipfile.ZipFile(sys.argv[1])
wheel.extractall(sys.argv[2], [name for name in wheel.namelist() if name.startswith("deploy_libs/")])' \
        "$work"/panda3d-*.whl "$work"
    mkdir -p "$to/DLLs" "$to/Lib/site-packages" "$to/Scripts" "$to/libs"
    cd "$work/deploy_libs"
    cp "python$digits.dll" "$to/"
    for name in VCRUNTIME140 VCRUNTIME140_1; do
        if [ -e "$name.dll" ]; then
            cp "$name.dll" "$to/${name,,}.dll"
        fi
    done
    # The free-threaded build's lie among them; the C runtime is Wine's own.
    find . -name '*.pyd' ! -name '*.cp3??t-*' ! -name '_tkinter.pyd' -exec cp {} "$to/DLLs/" ';'
    cp libcrypto-3.dll libssl-3.dll libffi-8.dll sqlite3.dll "$to/DLLs/"
    cd - >/dev/null

    tar -C "$library" --exclude=__pycache__ --exclude=./test --exclude=./site-packages --exclude=./dist-packages \
        --exclude='*.so' --exclude='./config-*' --exclude='./_sysconfigdata*' --exclude=./lib-dynload \
        --exclude=./idlelib --exclude=./tkinter --exclude=./turtledemo -cf - . | tar -C "$to/Lib" -xf -

    exports "$to/python$digits.dll" >"$work/all"
    # The names of the stable ABI, which CPython's own test has. Where it is not installed, all names.
    "$own" -I - "$library/test/test_stable_abi_ctypes.py" >"$work/stable" <<'END' || cp "$work/all" "$work/stable"
import ast, sys
try:
    tree = ast.parse(open(sys.argv[1]).read())
except FileNotFoundError:
    sys.exit(1)
for node in ast.walk(tree):
    # SYMBOL_NAMES = (…), and for some platforms SYMBOL_NAMES += (…)
    if isinstance(node, (ast.Assign, ast.AugAssign)):
        target = node.target if isinstance(node, ast.AugAssign) else node.targets[0]
        if getattr(target, "id", "") == "SYMBOL_NAMES":
            print(*(name.value for name in node.value.elts), sep="\n")
END
    grep -Fxf "$work/stable" "$work/all" | sort -u >"$work/forwarded"
    { echo 'LIBRARY python3.dll' && echo EXPORTS && sed "s/.*/& = python$digits.&/" "$work/forwarded"; } >"$work/python3.def"
    # No import of the library that it forwards to: Windows opens that at the first use of a name.
    "$machine-gcc" "${flags[@]}" -shared -nostdlib -Wl,-e,DllMain "$here/python/forwarder.c" "$work/python3.def" \
        -o "$to/python3.dll"

    library "$to/python$digits.dll" "$work/all" "$to/libs"
    library "$to/python3.dll" "$work/forwarded" "$to/libs"
    cp -r "$include" "$to/include"
    cp "$here/python/pyconfig.h" "$to/include/pyconfig.h"
    "$machine-gcc" "${flags[@]}" -municode "$here/python/python.c" "$to/libs/libpython$digits.a" -o "$to/python.exe"
    "$machine-gcc" "${flags[@]}" -municode "$here/python/launcher.c" -o "$to/Lib/venv/launcher.exe"
}

# wheels VERSION FOLDER
wheels() {
    "$pip" -m pip install "${fetch[@]}" --root-user-action=ignore --no-compile --platform win_amd64 \
        --python-version "$1" --target "$2" --requirement tests/windows/wheels.txt </dev/null >&2
}

# foreign FOLDER: a folder in it for each platform of tests/windows/foreign.txt.
foreign() {
    local platform pin
    while read -r platform pin; do
        [[ $platform = '#'* || -z $platform ]] ||
            "$pip" -m pip install "${fetch[@]}" --root-user-action=ignore --no-compile --platform "$platform" \
                --python-version 3.12 --target "$1/$platform" "$pin" </dev/null >&2
    done <tests/windows/foreign.txt
}

# made FOLDER INPUT… -- COMMAND…: runs the command with a new folder, unless the folder was made of the same inputs.
made() {
    local folder=$1 sum inputs=()
    shift
    while [ "$1" != -- ]; do
        inputs+=("$1")
        shift
    done
    shift
    sum=$(cat "${inputs[@]}" | sha256sum)
    if [ "$(cat "$folder/.made" 2>/dev/null)" = "$sum" ]; then
        return
    fi
    echo "windows python: making ${folder#"$PWD"/}" >&2
    rm -rf "$folder" "$folder.part"
    mkdir -p "$folder.part"
    "$@" "$folder.part"
    echo "$sum" >"$folder.part/.made"
    mv "$folder.part" "$folder"
}

mkdir -p "$windows/python" "$windows/wheels"
for version in "${versions[@]}"; do
    made "$windows/python/$version" "$here/python.sh" "$here"/python/* -- python "$version"
    made "$windows/wheels/$version" tests/windows/wheels.txt -- wheels "$version"
done
made "$windows/wheels/foreign" tests/windows/foreign.txt -- foreign
