#!/usr/bin/env bash
# Installs pinned wheels for one Python, unless they are there already, and prints the folder.
#
# usage: wheels.sh PYTHON [FOLDER [PINS]]
#   PYTHON   an interpreter, or a version such as 3.14
#   PINS     a list for pip; examples/wheels.txt if not given
set -euo pipefail
cd "$(dirname "$0")/.."
python=$1
pins=${3:-examples/wheels.txt}
if [[ $python =~ ^3\.[0-9]+$ ]]; then
    version=$python
else
    version=$("$python" -I -S -c 'import sys; print("%d.%d" % sys.version_info[:2])')
fi
folder=${2:-target/wheels/cp${version/./}}

if cmp -s "$pins" "$folder/.installed"; then
    echo "$folder"
    exit 0
fi

pip=$(scripts/pip.sh "$([ "$python" = "$version" ] || echo "$python")")

rm -rf "$folder" "$folder.part"
mkdir -p "$folder.part"
echo "wheels: installing $pins for CPython $version" >&2
install=("$pip" -m pip install --quiet --disable-pip-version-check --root-user-action ignore --no-deps --no-compile
    --only-binary :all: --implementation cp --python-version "$version" --target "$folder.part")
if ! "${install[@]}" --requirement "$pins" 2>"$folder.part/.log" >&2; then
    # A wheel that nobody has built for a new CPython yet must not take the others with it.
    grep -v '^ *\(#\|$\)' "$pins" | while read -r pin; do
        "${install[@]}" "$pin" 2>>"$folder.part/.log" >&2 || echo "wheels: no wheel of $pin for CPython $version" >&2
    done
fi
if ! find "$folder.part" -name '*.so' | grep -q .; then
    cat "$folder.part/.log" >&2
    echo "wheels: nothing could be installed" >&2
    exit 1
fi
cp "$pins" "$folder.part/.installed"
mv "$folder.part" "$folder"
echo "$folder"
