#!/usr/bin/env bash
# Builds both libraries and the tool for macOS on a Linux machine: each for arm64 and x86_64, then universal files of
# the two in target/macos/universal, and the C and C++ examples linked with them. Called by `make macos`.
#
# usage: build.sh
set -euo pipefail
cd "$(dirname "$0")/../.."
. scripts/macos/env.sh
abi=$(sed -n 's/^pub const ABI: u32 = \(.*\);/\1/p' crates/abi/src/lib.rs)

# Debian's compiler has the source of its library, which is built for each target once. The linker's name tells rustc
# what kind of arguments it takes; of the folder of SDKROOT it needs to know only that there is one.
export RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1 PYO3_NO_PYTHON=1 SDKROOT=$macos/sdk
LD64=$(ld64)
linker=$PWD/scripts/macos/ld-clang
export LD64 CARGO_TARGET_AARCH64_APPLE_DARWIN_LINKER=$linker CARGO_TARGET_X86_64_APPLE_DARWIN_LINKER=$linker
# Only dsymutil could put the lines into a file of their own. The linker strips: rustc would ask for a tool that Debian's
# does not have.
export CARGO_PROFILE_RELEASE_DEBUG=0 CARGO_PROFILE_RELEASE_STRIP=none
/usr/bin/cargo build --release --locked -Zbuild-std=std,panic_unwind --target-dir "$macos" \
    --target aarch64-apple-darwin --target x86_64-apple-darwin -p nexus_loader -p nexus_engine -p nexus_tool

# single NAME: the two files that Rust made, one for each machine.
single() {
    echo "$macos/aarch64-apple-darwin/release/$1" "$macos/x86_64-apple-darwin/release/$1"
}
# As cargo lays it out for one machine, so that what installs need not know.
universal=$macos/universal
rm -rf "$universal"
mkdir -p "$universal/examples"
lipo=$(llvm lipo)
# shellcheck disable=SC2046 # two words
for name in libnexus_loader.dylib libnexus_engine.dylib nexus; do
    "$lipo" -create $(single "$name") -output "$universal/$name"
done
for name in nexus_loader nexus_engine; do
    ln -s "lib$name.dylib" "$universal/lib$name.$abi.dylib"
done

# The header alone, as C and as C++, with every warning an error.
for arch in arm64 x86_64; do
    for language in c11 c++17; do
        printf '#include "nexus_loader.h"\n' | scripts/macos/clang -arch "$arch" -x "${language//[0-9]/}" "-std=$language" \
            -Wall -Wextra -Werror -Iinclude -c - -o /dev/null
    done
done

# example NAME COMPILER FLAG… SOURCE…: for both machines, with the universal library.
example() {
    local name=$1 compiler=$2 arch
    shift 2
    for arch in arm64 x86_64; do
        "scripts/macos/$compiler" -arch "$arch" -O2 -Wall -Wextra -Werror -Iinclude "$@" -L"$universal" \
            -lnexus_loader -Wl,-rpath,@loader_path/.. -o "$universal/examples/$name.$arch"
    done
    "$lipo" -create "$universal/examples/$name".{arm64,x86_64} -output "$universal/examples/$name"
    rm "$universal/examples/$name".{arm64,x86_64}
}
example modules clang -std=c11 examples/c/modules.c examples/c/calls.c examples/c/text.c
example complete clang -std=c11 examples/c/complete.c
example complete_cpp clang++ -std=c++17 examples/cpp/complete.cpp

# An extension module, for the check: a bundle that leaves Python's names to the process. The headers are this machine's
# own Python's.
IFS=$'\t' read -r version python _ < <(scripts/pythons.sh)
include=$("$python" -I -c 'import sysconfig; print(sysconfig.get_path("include"))')
tag=cpython-$(cut -d. -f1,2 <<<"$version" | tr -d .)-darwin
mkdir "$universal/modules"
parts=()
for arch in arm64 x86_64; do
    part=$universal/modules/values.$arch
    scripts/macos/clang -arch "$arch" -O2 -Wall -Wextra -Werror -isystem "$include" -c tests/fixtures/values.c -o "$part.o"
    scripts/macos/ld-clang -arch "$arch" -bundle -Wl,-undefined,dynamic_lookup "$part.o" -o "$part"
    parts+=("$part")
done
"$lipo" -create "${parts[@]}" -output "$universal/modules/values.$tag.so"
rm "$universal/modules"/values.{arm64,x86_64}{,.o}
