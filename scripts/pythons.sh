#!/usr/bin/env bash
# Lists the CPythons 3.11 and newer of this machine that have a shared libpython, the default first:
# version, a tab, interpreter. NEXUS_TEST_PYTHONS (interpreters with colons between) names others.
set -euo pipefail

question='
import os, sys, sysconfig
v = sysconfig.get_config_var
names = [os.path.join(d, v("INSTSONAME") or "?") for d in (v("LIBDIR") or "", os.path.join(v("LIBDIR") or "", v("MULTIARCH") or ""))]
if sys.implementation.name != "cpython" or sys.version_info < (3, 11) or v("Py_GIL_DISABLED"):
    sys.exit()
if not any(os.path.isfile(n) and ".so" in n for n in names):
    sys.exit()
# The interpreter itself: a shim is not one, and a link to one we have already is not another.
print("%d.%d.%d\t%s\t%s" % (*sys.version_info[:3], sys._base_executable, os.path.realpath(sys._base_executable)))
'

if [ -n "${NEXUS_TEST_PYTHONS:-}" ]; then
    IFS=: read -ra candidates <<<"$NEXUS_TEST_PYTHONS"
else
    shopt -s nullglob
    candidates=()
    default=$(command -v python3 || true)
    if [ -n "$default" ]; then
        candidates+=("$default")
    fi
    candidates+=("${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.*/bin/python3)
    candidates+=(/usr/bin/python3 /usr/bin/python3.[0-9][0-9] /usr/local/bin/python3.[0-9][0-9])
fi

for candidate in "${candidates[@]}"; do
    if [ -x "$candidate" ]; then
        "$candidate" -I -S -c "$question" 2>/dev/null || true
    fi
done | awk -F '\t' '!seen[$3]++ { print $1 "\t" $2 }'
