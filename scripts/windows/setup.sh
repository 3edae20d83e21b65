#!/usr/bin/env bash
# Installs what a Debian or Ubuntu machine lacks to build nexus_loader for Windows and to run it here, after
# what scripts/setup.sh installs. Does nothing, quickly, when nothing is missing.
#
# usage: setup.sh
set -euo pipefail
cd "$(dirname "$0")/../.."
setup='windows setup'
. scripts/apt.sh

have() { command -v "$1" >/dev/null 2>&1; }

# One line for each thing that is missing: the Debian packages that bring it, a tab, what it is.
missing() {
    # A compiler with the source of its standard library, which is built for Windows here: rustup's has a built one,
    # but Debian's needs no other host than Debian's. It lies beside rustup's, under /usr/bin.
    scripts/rust-source.sh >/dev/null 2>&1 ||
        printf 'rustc-web cargo-web rust-web-src\tDebian'"'"'s newest Rust, with the source of its library\n'
    have x86_64-w64-mingw32-gcc || printf 'gcc-mingw-w64-x86-64\ta C compiler for Windows (mingw-w64)\n'
    have x86_64-w64-mingw32-g++ || printf 'g++-mingw-w64-x86-64\ta C++ compiler for Windows (mingw-w64)\n'
    have clang || printf 'clang\tclang\n'
    # Makes the import library for MSVC; and links with it as MSVC does.
    have llvm-dlltool || printf 'llvm\tllvm-dlltool\n'
    have lld-link || printf 'lld\tlld-link\n'
    [ -x /usr/lib/wine/wine64 ] || printf 'wine64\tWine\n'
    have cmake || printf 'cmake\tCMake\n'
    have zip || printf 'zip\tzip\n'
    have flock || printf 'util-linux\tflock\n'
}

scripts/setup.sh test

report=$(missing)
if [ -z "$report" ]; then
    exit 0
fi
echo "windows setup: missing:" >&2
cut -f2 <<<"$report" | sed 's/^/  - /' >&2

if ! have apt-get; then
    echo "windows setup: this is not Debian or Ubuntu, and only there is this known to work" >&2
    exit 1
fi
apt_update
# shellcheck disable=SC2046 # words
apt_install $(cut -f1 <<<"$report")

report=$(missing)
if [ -n "$report" ]; then
    echo "windows setup: still missing after installing:" >&2
    cut -f2 <<<"$report" | sed 's/^/  - /' >&2
    exit 1
fi
echo "windows setup: done" >&2
