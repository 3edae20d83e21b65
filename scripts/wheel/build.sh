#!/usr/bin/env bash
# Builds the wheel with the engine that `make` has built, and prints its path. Called by `make wheel`.
set -euo pipefail
cd "$(dirname "$0")/../.."
tools=$(scripts/wheel/tools.sh scripts/wheel/requirements.txt tools)
output=$PWD/target/wheel/dist
rm -rf "$output"
PATH=$PWD/scripts/wheel:$PATH "$tools/bin/maturin" build --quiet --release --manifest-path crates/engine/Cargo.toml \
    --target-dir "$PWD/target" --out "$output" --interpreter "$(scripts/pythons.sh | head -n 1 | cut -f2)" >&2
echo "$output"/*.whl
