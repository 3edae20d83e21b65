# Sourced by the scripts of this folder, from the project's folder: where the tools are.
# shellcheck shell=bash

macos=$PWD/target/macos
zig_version=0.17.0
abi3info_version=2026.9.25
abi3info=$macos/abi3info-$abi3info_version
zig=$macos/zig-$zig_version/ziglang/zig
# The oldest system that what is built here starts on: Rust's own choice for aarch64, and the first on Apple's processors.
export MACOSX_DEPLOYMENT_TARGET=11.0

# llvm NAME: the path of LLVM's tool, which Debian may have under a name with a version alone.
llvm() {
    local file
    for file in "/usr/bin/llvm-$1" "/usr/bin/llvm-$1"-[0-9]*; do
        if [ -x "$file" ]; then
            echo "$file"
            return 0
        fi
    done
    echo "macos: there is no llvm-$1 here: run scripts/macos/setup.sh" >&2
    return 1
}

# The linker: one that knows -x (LLVM 15 and newer). The newest that is here.
ld64() {
    local version
    for version in 22 19; do
        if [ -x "/usr/bin/ld64.lld-$version" ]; then
            echo "/usr/bin/ld64.lld-$version"
            return 0
        fi
    done
    echo "macos: there is no ld64.lld-19 here: run scripts/macos/setup.sh" >&2
    return 1
}
