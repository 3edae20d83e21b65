# Sourced at the top of the tree: puts a new enough Go on PATH, and installs the libraries into target/go/prefix, so that
# the package is built as its users build it, through pkg-config.

go_found=$(scripts/go.sh) || {
    echo "Go 1.24 or newer is needed: scripts/setup.sh installs one" >&2
    exit 1
}
PATH=${go_found%/*}:$PATH
go_prefix=$PWD/target/go/prefix
version=$(sed -n '/^\[workspace\.package\]/,/^\[/s/^version = "\(.*\)"/\1/p' Cargo.toml)
abi=$(sed -n 's/^pub const ABI: u32 = \(.*\);/\1/p' crates/abi/src/lib.rs)
scripts/install.sh "${NEXUS_LIB_DIR:-target/release}" "$version" "$abi" "" "$go_prefix" "$go_prefix/lib" \
    "$go_prefix/include" "$go_prefix/bin" "$go_prefix/share" >/dev/null
export PKG_CONFIG_PATH=$go_prefix/lib/pkgconfig
# Nothing is fetched: the package needs the standard library only.
# What is built does not depend on the state of git.
export GOFLAGS="-mod=mod -buildvcs=false" GOPROXY=off GOTOOLCHAIN=local GOWORK=off
