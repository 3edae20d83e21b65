#!/usr/bin/env bash
# Compiles and runs every C and C++ block of the documents on every CPython 3.11 and newer of this machine.
set -euo pipefail
cd "$(dirname "$0")/.."
mapfile -t pythons < <(scripts/pythons.sh | cut -f2)
exec "${pythons[0]}" scripts/test-readme.py "${pythons[@]}"
