#!/usr/bin/env bash
# Fails when a generated file is not what the committed sources make. The build before this wrote them
# anew. While working, a file that is not committed yet is only mentioned.
set -euo pipefail
cd "$(dirname "$0")/.."
generated=(include/nexus_loader.h include/nexus_loader.cdef src/forwarders.rs docs/details.md go/detail_codes.go)
changed=$(git status --porcelain -- "${generated[@]}")
if [ -z "$changed" ]; then
    exit 0
fi
git --no-pager diff --stat -- "${generated[@]}" >&2
printf '%s\n' "$changed" "commit what cargo build --release wrote" >&2
if [ -n "${CI:-}" ]; then
    exit 1
fi
