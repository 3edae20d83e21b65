#!/usr/bin/env bash
# Builds the wheel, looks at it, installs it into a virtual environment of each CPython 3.11 and newer of this
# machine and runs tests/python there, two Pythons at a time; then the type hints.
set -euo pipefail
cd "$(dirname "$0")/.."
wheel=$(scripts/wheel/build.sh 2>target/wheel-build.txt) || {
    cat target/wheel-build.txt >&2
    exit 1
}

fail() {
    echo "test-wheel: $*" >&2
    exit 1
}

# One wheel for 3.11 and all that come, whose extension module is the engine.
[[ ${wheel##*/} =~ ^nexus_loader-[0-9.]+-cp311-abi3-(many)?linux(_[0-9]+_[0-9]+)?_$(uname -m)\.whl$ ]] || fail "is called ${wheel##*/}"
contents=target/wheel/contents
rm -rf "$contents"
mkdir -p "$contents"
"$(scripts/pythons.sh | head -n 1 | cut -f2)" -I -m zipfile -e "$wheel" "$contents"
cmp "$contents/nexus_loader/_engine.abi3.so" target/release/libnexus_engine.so || fail "its extension module is not the engine"
[ -f "$contents/nexus_loader/py.typed" ] && [ -f "$contents/nexus_loader/_engine.pyi" ] || fail "it has no type hints"
needed=$(readelf -dW "$contents/nexus_loader/_engine.abi3.so" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p')
[ -n "$needed" ] || fail "readelf lists nothing that it needs"
while read -r library; do
    case $library in
    libc.so.6 | libm.so.6 | libgcc_s.so.1 | ld-linux-*.so.*) ;;
    *) fail "it needs $library" ;;
    esac
done <<<"$needed"

# Programs that have Python code within, for all Pythons.
"${CC:-cc}" -std=c11 -Wall -Wextra -Werror -Iinclude tests/python/host.c -Ltarget/release -lnexus_loader \
    -Wl,-rpath,"$PWD/target/release" -o target/wheel/host
"${CC:-cc}" -std=gnu11 -Wall -Wextra -Werror tests/python/twice.c -ldl -o target/wheel/twice

results=target/wheel/results
rm -rf "$results"
mkdir -p "$results"
status=0
scripts/pythons.sh | xargs -P 2 -L 1 scripts/wheel/test-python.sh "$wheel" "$results" || status=1
scripts/wheel/test-types.sh "$results" || status=1
[ "$(find "$results" -type f | wc -l)" -eq $(($(scripts/pythons.sh | wc -l) + 1)) ] || fail "not every Python was tried"
awk '{ passed += $1 } END { printf "wheel: %d passed\n", passed; exit passed == 0 }' "$results"/*
exit "$status"
