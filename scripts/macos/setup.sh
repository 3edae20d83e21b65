#!/usr/bin/env bash
# Installs what builds for macOS on a Debian machine: a Rust that comes with its library's source (Debian's rustc-web),
# LLVM's linker and tools for Mach-O files, and Zig, a C and C++ compiler for macOS that has the system's headers and a
# stub of its library (PyPI's wheel, in target/macos/zig-VERSION). Does nothing, quickly, when nothing is missing.
#
# usage: setup.sh
set -euo pipefail
cd "$(dirname "$0")/../.."
. scripts/macos/env.sh
setup=macos/setup
. scripts/apt.sh

missing() {
    scripts/rust-source.sh >/dev/null 2>&1 || echo rustc-web cargo-web rust-web-src
    { llvm lipo && llvm nm && llvm objdump; } >/dev/null 2>&1 || echo llvm
    ld64 >/dev/null 2>&1 || echo lld-19
    command -v git >/dev/null || echo git
}

packages=$(missing)
if [ -n "$packages" ]; then
    if ! command -v apt-get >/dev/null; then
        echo "macos/setup: this is not Debian: it needs /usr/bin/cargo with the source of Rust's library, and LLVM's tools" >&2
        exit 1
    fi
    apt_update
    # shellcheck disable=SC2086 # words
    apt_install $packages
    packages=$(missing)
    if [ -n "$packages" ]; then
        echo "macos/setup: still missing after installing:" $packages >&2
        exit 1
    fi
fi

# wheel FOLDER NAME==VERSION FILE: what PyPI has of that name, in that folder of target/macos, unless FILE of it is there.
wheel() {
    local folder=$macos/$1 package=$2 file=$3 python
    [ ! -e "$folder/$file" ] || return 0
    python=$(scripts/pip.sh) || return 1
    # Beside its place first, so that an interrupted download leaves nothing there.
    rm -rf "$folder.new"
    mkdir -p "$macos"
    "$python" -m pip install --quiet --root-user-action=ignore --disable-pip-version-check --no-deps --no-compile \
        --target "$folder.new" "$package" </dev/null >&2
    rm -rf "$folder"
    mv "$folder.new" "$folder"
}
wheel "zig-$zig_version" "ziglang==$zig_version" ziglang/zig
# The list of the stable ABI, for the check.
wheel "abi3info-$abi3info_version" "abi3info==$abi3info_version" abi3info/__init__.py

# The stub where a linker looks for it. LLVM does not know all the processors in it; what is for Apple's own arm64e
# is for arm64.
libraries=$macos/sdk/usr/lib
if [ ! -e "$libraries/libSystem.tbd" ]; then
    mkdir -p "$libraries"
    sed -E 's/arm64e\.x1-[a-z]+,? *//g; s/, *\]/ ]/; s/arm64e-/arm64-/g' \
        "${zig%/*}/lib/libc/darwin/libSystem.tbd" >"$libraries/new.tbd"
    mv "$libraries/new.tbd" "$libraries/libSystem.tbd"
fi
