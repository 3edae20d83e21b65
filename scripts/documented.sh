#!/usr/bin/env bash
# Builds the modules of the documented complete example, crypto, network and database, for one Python,
# and prints their folder.
#
# usage: documented.sh PYTHON
set -euo pipefail
cd "$(dirname "$0")/.."
python=$1
IFS=$'\t' read -r version include < <("$python" -I -c '
import sys, sysconfig
print("%d.%d.%d" % sys.version_info[:3], sysconfig.get_path("include"), sep="\t")')
folder=$PWD/target/documented/$version
mkdir -p "$folder"
for name in crypto network database; do
    source=tests/fixtures/$name.c module=$folder/$name.so
    if [ "$source" -nt "$module" ] || [ tests/fixtures/module.h -nt "$module" ]; then
        # Never overwrite in place: a process may have it mapped.
        "${CC:-cc}" -O2 -shared -fPIC -I"$include" "$source" -o "$module.part"
        mv "$module.part" "$module"
    fi
done
echo "$folder"
