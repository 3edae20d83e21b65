#!/usr/bin/env bash
# Prints where Debian's Rust has the source of its standard library; fails if it is not there, or is another
# version than the compiler, or older than Cargo.toml wants.
set -euo pipefail
cd "$(dirname "$0")/.."
oldest=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
if ! [ -x /usr/bin/rustc ] || ! [ -x /usr/bin/cargo ]; then
    echo "/usr/bin/rustc and cargo are not there: apt-get install rustc-web cargo-web" >&2
    exit 1
fi
version=$(/usr/bin/rustc --version | cut -d' ' -f2)
if [ "$(printf '%s\n' "$oldest" "$version" | sort -V | head -n 1)" != "$oldest" ]; then
    echo "/usr/bin/rustc is $version, older than $oldest" >&2
    exit 1
fi
source=$(/usr/bin/rustc --print sysroot)/lib/rustlib/src/rust/library
if [ ! -e "$source/std/Cargo.toml" ]; then
    echo "$source is not there: apt-get install rust-web-src" >&2
    exit 1
fi
echo "$source"
