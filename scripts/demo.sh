#!/usr/bin/env bash
# Opens real extension modules with the C example: first those of the default Python, then those of
# every other CPython 3.11 and newer of this machine, with the same binaries.
#
# usage: demo.sh PROGRAM      PROGRAM: examples/c/modules.c, compiled
set -euo pipefail
cd "$(dirname "$0")/.."
program=$1

# The folders that a plain (not recursive) open needs to see all modules of a folder of wheels.
folders() {
    find "$1" -name '*.so' -printf '%h\n' | sort -u
}

bold='' plain=''
if [ -t 1 ]; then
    bold=$'\033[1m' plain=$'\033[0m'
fi
title() {
    printf '\n%s== %s ==%s\n\n' "$bold" "$1" "$plain"
}

# The whole folder when the library can descend into packages; until then each folder by itself.
open_wheels() {
    local python=$1 wheels answer opened
    shift
    wheels=$(scripts/wheels.sh "$python")
    if answer=$("$program" --python "$python" "$@" --recursive "$wheels" 2>&1); then
        printf '%s\n' "$answer"
    elif [[ $answer == *"does not support"* ]]; then
        echo 'Folder by folder: a file that needs the rest of its package fails, as Python itself would say.'
        echo
        mapfile -t opened < <(folders "$wheels")
        "$program" --python "$python" "$@" "${opened[@]}"
    else
        printf '%s\n' "$answer" >&2
        return 1
    fi
}

mapfile -t pythons < <(scripts/pythons.sh)
if [ "${#pythons[@]}" -eq 0 ]; then
    echo "demo: no CPython 3.11 or newer with a shared libpython here: run make setup" >&2
    exit 1
fi

IFS=$'\t' read -r version python <<<"${pythons[0]}"
title "CPython $version: its own extension modules"
if [ -n "${NEXUS_TEST_PYTHONS:-}" ]; then
    "$program" --python "$python"
else
    "$program" # finds that Python itself, and says why
fi
title "CPython $version: wheels from PyPI"
open_wheels "$python"

for line in "${pythons[@]:1}"; do
    IFS=$'\t' read -r version python <<<"$line"
    title "The same program and libraries on CPython $version: its own extension modules"
    "$program" --brief --python "$python"
    title "The same program and libraries on CPython $version: wheels from PyPI"
    open_wheels "$python" --brief
done

printf '\nOne program and one build of nexus_loader, on %d CPython(s):' "${#pythons[@]}"
printf ' %s' "${pythons[@]%%$'\t'*}"
printf '\n'
