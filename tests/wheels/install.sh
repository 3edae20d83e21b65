#!/usr/bin/env bash
# Installs pinned wheels into a virtual environment of their own, as a user would, unless that was done
# before, and prints the environment's folder.
#
# usage: install.sh PYTHON all|some NAME      NAME: of the environment
set -euo pipefail
cd "$(dirname "$0")/../.."
python=$1
list=$2
folder=$PWD/target/wheels/$list/$3
wanted=$(cat tests/wheels/all.txt "tests/wheels/$list.txt" "$0")

# One at a time.
mkdir -p "${folder%/*}"
exec 9>"$folder.lock"
flock 9

if cmp -s <(echo "$wanted") "$folder/installed"; then
    echo "$folder"
    exit 0
fi

pip=$(scripts/pip.sh "$python")

rm -rf "$folder"
mkdir -p "$folder"
"$python" -m venv --without-pip "$folder"
echo "wheels: installing tests/wheels/$list.txt for $python" >&2
# The list is complete: --no-deps makes sure that it is.
"$pip" -m pip --python "$folder/bin/python" install --quiet --disable-pip-version-check --root-user-action ignore \
    --no-compile --only-binary :all: --no-deps \
    --constraint tests/wheels/all.txt --requirement "tests/wheels/$list.txt" >&2
echo "$wanted" >"$folder/installed"
echo "$folder"
