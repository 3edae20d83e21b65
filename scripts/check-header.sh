#!/usr/bin/env bash
# Fails when include/nexus_loader.h is not what the committed sources make. The build before this wrote
# it anew. While working, a header that is not committed yet is only mentioned.
set -euo pipefail
cd "$(dirname "$0")/.."
changed=$(git status --porcelain -- include/nexus_loader.h)
if [ -z "$changed" ]; then
    exit 0
fi
git --no-pager diff --stat -- include/nexus_loader.h >&2
echo "include/nexus_loader.h has changed: commit what cargo build --release wrote" >&2
if [ -n "${CI:-}" ]; then
    exit 1
fi
