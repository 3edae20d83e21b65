#!/usr/bin/env bash
# The engine's own unit tests. It has Python's symbols and is linked with no libpython, so its test program
# is linked with that of the first Python here: none of these tests starts it.
set -euo pipefail
cd "$(dirname "$0")/.."

python=$(scripts/pythons.sh | head -1 | cut -f2)
library=$("$python" -I -S -c '
import os, sysconfig
v = sysconfig.get_config_var
for folder in (v("LIBDIR"), os.path.join(v("LIBDIR"), v("MULTIARCH") or "")):
    if os.path.isfile(os.path.join(folder, v("INSTSONAME"))):
        print(os.path.join(folder, v("INSTSONAME")))
        break
')
program=$("${CARGO:-cargo}" rustc -q -p nexus_engine --lib --profile test --message-format=json -- \
    -C "link-arg=$library" -C "link-arg=-Wl,-rpath,$(dirname "$library")" |
    sed -n 's/.*"executable":"\([^"]*\)".*/\1/p')
"$program" --quiet
