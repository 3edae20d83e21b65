#!/usr/bin/env bash
# Makes the documentation as pages with a search, in target/docs/html, and checks every link in it and in the
# Markdown files. A warning of Doxygen's is an error.
set -euo pipefail
cd "$(dirname "$0")/.."
version=$(sed -n '/^\[workspace\.package\]/,/^\[/s/^version = "\(.*\)"/\1/p' Cargo.toml)
rm -rf target/docs
mkdir -p target/docs
{
    echo '@INCLUDE = docs/site/Doxyfile'
    echo "PROJECT_NUMBER = $version"
    echo 'OUTPUT_DIRECTORY = target/docs'
    echo 'WARN_AS_ERROR = FAIL_ON_WARNINGS'
} | doxygen -
python3 scripts/check-links.py target/docs/html
