#!/usr/bin/env bash
# Prints a Python that has pip: PYTHON, or the first of this machine. Any Python's pip can fetch the wheels of any version.
#
# usage: pip.sh [PYTHON]
set -euo pipefail
while read -r candidate; do
    if "$candidate" -I -m pip --version </dev/null >/dev/null 2>&1; then
        echo "$candidate"
        exit 0
    fi
done < <(echo "${1:-}"; "$(dirname "$0")/pythons.sh" | cut -f2)
echo "pip: no Python here has pip (Debian and Ubuntu: apt-get install python3-pip)" >&2
exit 1
