#!/usr/bin/env bash
# Checks what build.sh has made. Called by `make macos`.
#
# usage: check.sh VERSION ABI
set -euo pipefail
cd "$(dirname "$0")/../.."
. scripts/macos/env.sh
python=$(scripts/pythons.sh | head -n 1 | cut -f2)
PYTHONDONTWRITEBYTECODE=1 "$python" scripts/macos/check.py "$macos/universal" "$1" "$2" "$MACOSX_DEPLOYMENT_TARGET" \
    "$(llvm objdump)" "$abi3info" target/release/nexus target/release
