#!/bin/sh
# Makes the seeds and runs one fuzz target for a time: run.sh [image|name] [seconds]
set -eu
cd "$(dirname "$0")/.."
target=${1:-image}
seconds=${2:-60}
cargo run --quiet --example fuzz_seeds -- fuzz/corpus
# More memory than this for a file of at most 64 kB is a fault.
cargo +nightly fuzz run "$target" -- -max_total_time="$seconds" -max_len=65536 -rss_limit_mb=1024 -timeout=5
