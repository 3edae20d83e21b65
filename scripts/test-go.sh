#!/usr/bin/env bash
# Tests the Go package: formatted, vetted, and its tests, examples and documents on every CPython 3.11 and
# newer of this machine, with the same binaries; with the race detector, too.
#
# usage: test-go.sh [ARGUMENTS OF THE TEST BINARY…]     such as -test.run Callback; without the race detector
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
work=$root/target/go
mkdir -p "$work"

fail() {
    echo "test-go: $*" >&2
    exit 1
}

# The package is built as its users build it: against an installed prefix, through pkg-config.
version=$(sed -n '/^\[workspace\.package\]/,/^\[/s/^version = "\(.*\)"/\1/p' Cargo.toml)
abi=$(sed -n 's/^pub const ABI: u32 = \(.*\);/\1/p' crates/abi/src/lib.rs)
scripts/install.sh "${NEXUS_LIB_DIR:-target/release}" "$version" "$abi" "" "$work/prefix" "$work/prefix/lib" \
    "$work/prefix/include" >/dev/null
export PKG_CONFIG_PATH=$work/prefix/lib/pkgconfig LD_LIBRARY_PATH=$work/prefix/lib
export GOFLAGS=-mod=mod GOPROXY=off GOTOOLCHAIN=local

cd "$root/go"
unformatted=$(gofmt -l . ../examples/go)
[ -z "$unformatted" ] || fail "gofmt would change: $unformatted"
go vet ./...
for compiler in gcc clang; do
    for source in *.c; do
        "$compiler" -std=c11 -Wall -Wextra -Werror -I"$work/prefix/include" -fsyntax-only "$source"
    done
done
go test -c -o "$work/nexus.test" .
if [ $# -eq 0 ]; then
    go test -race -c -o "$work/nexus.race.test" .
fi

cd "$root"
passed=0
while IFS=$'\t' read -r version python; do
    include=$("$python" -I -c 'import sysconfig; print(sysconfig.get_path("include"))')
    modules=$work/modules/$version
    mkdir -p "$modules/values" "$modules/one_bad"
    # module OUTPUT SOURCE FLAGS…: never overwritten in place, since a process may have it mapped.
    module() {
        local output=$modules/$1 source=tests/fixtures/$2
        shift 2
        if [ "$source" -nt "$output" ] || [ tests/fixtures/module.h -nt "$output" ]; then
            "${CC:-cc}" -O2 -shared -fPIC -I"$include" "$source" "$@" -o "$output.part"
            mv "$output.part" "$output"
        fi
    }
    module values/values.so values.c
    module one_bad/crypto.so crypto.c
    module one_bad/broken.so odd.c -DMODULE=broken '-DINIT_CODE="raise ValueError(\"no licence\")"'
    documented=$(scripts/documented.sh "$python")
    export NEXUS_PYTHON=$python NEXUS_GO_MODULES=$modules NEXUS_GO_DOCUMENTED=$documented
    if [ $# -gt 0 ]; then
        (cd go && "$work/nexus.test" "$@")
        continue
    fi
    (cd go && "$work/nexus.test" -test.timeout 120s) || fail "the tests failed on CPython $version ($python)"
    (cd go && "$work/nexus.race.test" -test.timeout 240s) ||
        fail "the tests with the race detector failed on CPython $version ($python)"
    passed=$((passed + 1))
done < <(scripts/pythons.sh)
[ $passed -gt 0 ] || [ $# -gt 0 ] || fail "no CPython"
echo "go: passed on $passed CPythons"
