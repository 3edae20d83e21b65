#!/usr/bin/env bash
# Downloads the wheels of foreign.txt and unpacks each line's into a folder of its name, unless that was done
# before; prints the folder above them.
set -euo pipefail
cd "$(dirname "$0")/../.."
folder=$PWD/target/wheels/foreign
wanted=$(cat tests/wheels/foreign.txt "$0")

# One at a time.
mkdir -p "${folder%/*}"
exec 9>"$folder.lock"
flock 9

if cmp -s <(echo "$wanted") "$folder.installed"; then
    echo "$folder"
    exit 0
fi

python=$(scripts/pip.sh)

# One line of the list. All are read, so that a full disk or a lost wheel is an error and no gap.
unpack() {
    local python=$1 folder=$2 name=$3 platform=$4 version=$5 implementation=$6 abi=$7 packages=$8 wheel
    mkdir -p "$folder/.wheels/$name" "$folder/$name"
    # shellcheck disable=SC2086
    "$python" -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: \
        --platform "$platform" --python-version "$version" --implementation "$implementation" --abi "$abi" \
        --dest "$folder/.wheels/$name" ${packages//,/ } >&2
    for wheel in "$folder/.wheels/$name"/*.whl; do
        "$python" -m zipfile -e "$wheel" "$folder/$name"
    done
}
export -f unpack

rm -rf "$folder"
echo "wheels: downloading tests/wheels/foreign.txt" >&2
grep -v '^ *\(#\|$\)' tests/wheels/foreign.txt | awk '{ print $1, $2, $3, $4, $5, $6 }' |
    xargs -P 4 -L 1 bash -euo pipefail -c 'unpack "$@"' unpack "$python" "$folder"
rm -rf "$folder/.wheels"
echo "$wanted" >"$folder.installed"
echo "$folder"
