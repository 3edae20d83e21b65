#!/usr/bin/env bash
# Installs a list of packages into a folder under target/, once, with the first pip of the machine, and prints
# the folder.
#
# usage: tools.sh REQUIREMENTS NAME
set -euo pipefail
cd "$(dirname "$0")/../.."
requirements=$1 folder=$PWD/target/wheel/$2
if ! cmp -s "$requirements" "$folder/requirements.txt"; then
    rm -rf "$folder"
    mkdir -p "$folder"
    "$(scripts/pip.sh)" -I -m pip install --quiet --disable-pip-version-check --no-warn-script-location \
        --root-user-action ignore --target "$folder" --requirement "$requirements" >&2
    cp "$requirements" "$folder/requirements.txt"
fi
echo "$folder"
