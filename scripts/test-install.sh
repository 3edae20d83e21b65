#!/usr/bin/env bash
# Installs into an empty prefix, builds the C, C++ and Go examples from there with pkg-config alone, away from this
# tree, and runs them on every CPython 3.11 and newer of this machine.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
prefix=$work/prefix
make --no-print-directory install PREFIX="$prefix" DESTDIR= >/dev/null

fail() {
    echo "test-install: $*" >&2
    exit 1
}

version=$(sed -n 's/^Version: //p' "$prefix/lib/pkgconfig/nexus_loader.pc")
for file in include/nexus_loader.h include/nexus_loader.cdef include/nexus_loader.hpp lib/libnexus_loader.so lib/libnexus_loader.so.1 "lib/libnexus_loader.so.$version" \
    lib/libnexus_engine.so.1 "lib/libnexus_engine.so.$version" lib/pkgconfig/nexus_loader.pc \
    lib/cmake/nexus_loader/nexus_loader-config.cmake bin/nexus share/man/man1/nexus.1 share/nexus_loader/go/go.mod \
    share/bash-completion/completions/nexus; do
    [ -e "$prefix/$file" ] || fail "$file was not installed"
done

cdef=$(PKG_CONFIG_PATH=$prefix/lib/pkgconfig pkg-config --variable=cdef nexus_loader)
[ "$(realpath "$cdef")" = "$(realpath "$prefix/include/nexus_loader.cdef")" ] || fail "pkg-config names another declaration file: $cdef"
luajit -e "
    local ffi = require('ffi')
    ffi.cdef(io.open('$cdef'):read('*a'))
    local library = ffi.load('$prefix/lib/libnexus_loader.so.$version')
    assert(ffi.string(library.nexus_version_string()) == '$version')" || fail "LuaJIT does not take what was installed"

# A package builder's way: the same files below DESTDIR, and no trace of DESTDIR in them.
make --no-print-directory install PREFIX=/usr DESTDIR="$work/destdir" >/dev/null
[ -e "$work/destdir/usr/lib/libnexus_loader.so.1" ] || fail "DESTDIR was not honoured"
if grep -rqF "$work" "$work/destdir/usr/lib/pkgconfig" "$work/destdir/usr/lib/cmake"; then
    fail "DESTDIR is in an installed file"
fi

# A user's way: the sources copied, nothing of this tree in sight.
cp -r examples/c "$work/program"
cp examples/cpp/complete.cpp "$work/program/"
export PKG_CONFIG_PATH=$prefix/lib/pkgconfig
read -ra flags < <(pkg-config --cflags --libs nexus_loader)
(cd "$work/program" &&
    "${CC:-cc}" -std=c11 -Wall -Wextra -Werror modules.c calls.c text.c "${flags[@]}" -o modules &&
    "${CC:-cc}" -std=c11 -Wall -Wextra -Werror complete.c "${flags[@]}" -o complete &&
    "${CXX:-c++}" -std=c++17 -Wall -Wextra -Werror complete.cpp "${flags[@]}" -o complete_cpp)
# A Go module of its own, as docs/go.md says; with nothing that was built before, and nothing fetched.
go=$(scripts/go.sh) || fail "no Go: run scripts/setup.sh"
cp examples/go/main.go "$work/program/"
(cd "$work/program" && mkdir go && mv main.go go/ && cd go && PATH=${go%/*}:$PATH &&
    export GOPROXY=off GOTOOLCHAIN=local GOFLAGS= GOWORK=off &&
    go mod init program &&
    go mod edit -replace "nexus_loader/nexus=$prefix/share/nexus_loader/go" &&
    go get nexus_loader/nexus &&
    go vet . && go build -o ../complete_go . &&
    # The other way, a workspace.
    mkdir ../workspace && cp main.go ../workspace/ && cd ../workspace && export GOWORK= &&
    go mod init program && go work init . "$prefix/share/nexus_loader/go" && go build -o complete_go .) 2>"$work/go.txt" || fail "the Go program: $(cat "$work/go.txt")"
export LD_LIBRARY_PATH=$prefix/lib
for program in modules complete_cpp complete_go; do
    if ldd "$work/program/$program" | grep -q "$PWD"; then
        fail "$program uses the source tree: $(ldd "$work/program/$program")"
    fi
    if ldd "$work/program/$program" | grep -q libpython; then
        fail "$program is linked to a libpython: $(ldd "$work/program/$program")"
    fi
done
if grep -qF "$PWD/go" "$work/program/complete_go"; then
    fail "the Go program was built from the source tree"
fi
(cd "$work" && "$OLDPWD/scripts/test-examples.sh" "$work/program")
echo "install: 1 passed, 0 failed"
