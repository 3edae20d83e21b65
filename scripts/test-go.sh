#!/usr/bin/env bash
# Tests the Go package: formatted and vetted, its tests, runnable examples and benchmarks (a round of each), on every
# CPython 3.11 and newer of this machine, with the same binary; on one of them with the race detector, too.
# Then the Go blocks of the documents. (test-examples.sh has the example program.)
#
# usage: test-go.sh [ARGUMENTS OF THE TEST BINARY…]     such as -test.run Callback; nothing else then
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
work=$root/target/go
mkdir -p "$work"

fail() {
    echo "test-go: $*" >&2
    exit 1
}

. scripts/go-env.sh
export LD_LIBRARY_PATH=$go_prefix/lib

unformatted=$(gofmt -l go examples/go)
[ -z "$unformatted" ] || fail "gofmt would change: $unformatted"
for compiler in gcc clang; do
    "$compiler" -std=gnu11 -Wall -Wextra -Werror -I"$go_prefix/include" -fsyntax-only go/*.c
done
(
    cd go
    go vet ./...
    go test -c -o "$work/nexus.test" .
)
if [ $# -eq 0 ]; then
    (cd go && go test -race -c -o "$work/nexus.race.test" .)
    (cd examples/go && go vet ./...)
fi

# modules VERSION PYTHON: builds the test modules for a Python.
modules() {
    local folder=$work/modules/$1 include
    include=$("$2" -I -c 'import sysconfig; print(sysconfig.get_path("include"))')
    mkdir -p "$folder/values" "$folder/one_bad"
    # module OUTPUT SOURCE FLAGS…: never overwritten in place, since a process may have it mapped.
    module() {
        local output=$folder/$1 source=tests/fixtures/$2
        shift 2
        if [ "$source" -nt "$output" ] || [ tests/fixtures/module.h -nt "$output" ]; then
            "${CC:-cc}" -O2 -shared -fPIC -I"$include" "$source" "$@" -o "$output.part"
            mv "$output.part" "$output"
        fi
    }
    module values/values.so values.c
    module one_bad/crypto.so crypto.c
    module one_bad/broken.so odd.c -DMODULE=broken '-DINIT_CODE="raise ValueError(\"no licence\")"'
    scripts/documented.sh "$2" >/dev/null
}

# test_on VERSION PYTHON BINARY NAME ARGUMENTS…: prints what has failed, and a line for what has passed.
test_on() {
    local log=$work/$1$4.log version=$1 python=$2 binary=$3 name=$4 code=0
    shift 4
    (
        cd go
        export NEXUS_PYTHON=$python NEXUS_GO_MODULES=$work/modules/$version NEXUS_GO_DOCUMENTED=$root/target/documented/$version
        exec "$binary" -test.v -test.timeout 240s "$@"
    ) >"$log" 2>&1 </dev/null || code=$?
    local passed skipped
    passed=$(grep -c '^ *--- PASS' "$log" || true)
    skipped=$(grep -c '^ *--- SKIP' "$log" || true)
    if [ "$code" -ne 0 ] || [ "$passed" -eq 0 ] || [ "$skipped" -ne 0 ]; then
        grep -v '^=== \|^ *--- PASS' "$log" | head -n 200 >&2
        echo "go$name: FAILED on CPython $version ($python): code $code, $passed passed, $skipped skipped" >&2
        return 1
    fi
    echo "go$name on CPython $version: $passed passed"
}

mapfile -t pythons < <(scripts/pythons.sh)
[ ${#pythons[@]} -gt 0 ] || fail "no CPython 3.11 or newer"
jobs=()
for line in "${pythons[@]}"; do
    IFS=$'\t' read -r version python <<<"$line"
    modules "$version" "$python"
    # Two at a time.
    while [ "$(jobs -pr | wc -l)" -ge 2 ]; do wait -n || true; done
    if [ $# -gt 0 ]; then
        test_on "$version" "$python" "$work/nexus.test" "" "$@" &
    else
        test_on "$version" "$python" "$work/nexus.test" "" -test.bench . -test.benchtime 1x &
    fi
    jobs+=($!)
done
if [ $# -eq 0 ]; then
    IFS=$'\t' read -r version python <<<"${pythons[0]}"
    while [ "$(jobs -pr | wc -l)" -ge 2 ]; do wait -n || true; done
    test_on "$version" "$python" "$work/nexus.race.test" " with the race detector" &
    jobs+=($!)
fi
failed=0
for job in "${jobs[@]}"; do wait "$job" || failed=$((failed + 1)); done
if [ $# -eq 0 ]; then
    mapfile -t interpreters < <(printf '%s\n' "${pythons[@]}" | cut -f2)
    "${interpreters[0]}" scripts/test-go-docs.py "${interpreters[@]}" || failed=$((failed + 1))
fi
echo "go: $((${#jobs[@]} - failed)) passed, $failed failed"
[ "$failed" -eq 0 ]
