#!/usr/bin/env bash
# Prints the first Python of this machine that has a pip.
set -euo pipefail
cd "$(dirname "$0")/../.."
while IFS=$'\t' read -r _ python; do
    if "$python" -I -c 'import importlib.util as u, sys; sys.exit(u.find_spec("pip") is None)' </dev/null; then
        echo "$python"
        exit 0
    fi
done < <(scripts/pythons.sh)
echo "wheel: no Python here has pip (Debian, Ubuntu: apt install python3-pip)" >&2
exit 1
