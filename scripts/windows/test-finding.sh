#!/usr/bin/env bash
# Which Python a host gets on Windows, where there are several: each way of finding one, in their order, with another
# version at every later place.
set -euo pipefail
cd "$(dirname "$0")/../.."
windows=$PWD/target/windows
pythons=$windows/python
work=$(mktemp -d)
trap 'scripts/windows/layout.sh no-registry; rm -rf "$work"' EXIT
failed=0

# inside PATH: as Windows programs see it.
inside() {
    local path=Z:$1
    echo "${path//\//\\}"
}

x86_64-w64-mingw32-gcc -std=c11 -Wall -Wextra -Werror -Wno-strict-aliasing -Iinclude tests/windows/finding.c \
    "$windows/release/libnexus_loader.dll.a" -o "$work/finding.exe"
mkdir "$work/plain" "$work/with"
cp "$work/finding.exe" "$windows"/release/*.dll "$work/plain/"
cp "$work/finding.exe" "$windows"/release/*.dll "$work/with/"
plain=$work/plain/finding.exe
export NEXUS_WINE_LIMIT=60

# find NAME EXPECTED PROGRAM [ARGUMENT…]: the program's output has a line that matches each word of EXPECTED.
find_python() {
    local name=$1 expected=$2 output word
    shift 2
    output=$(scripts/windows/wine.sh "$@" </dev/null 2>&1 | tr -d '\r') || true
    for word in $expected; do
        if ! grep -qF -- "${word//_/ }" <<<"$output"; then
            failed=$((failed + 1))
            printf 'FAILED: %s: no "%s" in\n%s\n' "$name" "${word//_/ }" "$output" >&2
            return
        fi
    done
    echo "finding: $name"
}

unset NEXUS_PYTHON VIRTUAL_ENV WINEPATH
scripts/windows/layout.sh no-registry
find_python "nothing" "error:" "$plain"

scripts/windows/layout.sh embeddable 3.13 "$work/with"
find_python "an embeddable package beside the host" "version:_3.13 owned:_1 with\\python313.dll" "$work/with/finding.exe"

WINEPATH=$(inside "$pythons/3.12")
export WINEPATH
find_python "python.exe on PATH" "version:_3.12 PATH python312.dll" "$work/with/finding.exe"

scripts/windows/layout.sh registry 3.11
find_python "the registry" "version:_3.11 python311.dll" "$work/with/finding.exe"

scripts/windows/layout.sh venv 3.13 "$work/venv"
VIRTUAL_ENV=$(inside "$work/venv")
export VIRTUAL_ENV
find_python "VIRTUAL_ENV" "version:_3.13 reason:_VIRTUAL prefix:_$(inside "$work/venv")" "$plain"

NEXUS_PYTHON=$(inside "$pythons/3.12/python.exe")
export NEXUS_PYTHON
find_python "NEXUS_PYTHON" "version:_3.12 reason:_NEXUS" "$plain"

find_python "named by the host" "version:_3.11" "$plain" "$(inside "$pythons/3.11/python.exe")"
find_python "a folder named by the host" "version:_3.11" "$plain" "$(inside "$pythons/3.11")"

find_python "in the process" "version:_3.13 owned:_0" "$plain" --adopt "$(inside "$pythons/3.13/python313.dll")" \
    "$(inside "$pythons/3.13")"

if [ "$failed" -gt 0 ]; then
    echo "$failed ways of finding Python failed" >&2
    exit 1
fi
