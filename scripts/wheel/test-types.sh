#!/usr/bin/env bash
# Checks the wheel's type hints: against the class itself, and on the snippets of the documentation. Called by
# scripts/test-wheel.sh, after the virtual environments were made.
#
# usage: test-types.sh RESULTS      writes how many checks passed to RESULTS/types
set -euo pipefail
cd "$(dirname "$0")/../.."
python=$(scripts/pip.sh)
version=$("$python" -I -c 'import platform; print(platform.python_version())')
# For that Python alone: mypy has compiled modules.
mypy=$(scripts/wheel/tools.sh tests/python/requirements.txt "mypy-$version")
PYTHONPATH=$mypy:$PWD/target/wheel/contents "$python" -X utf8 tests/python/check_types.py \
    "target/wheel/$version/venv/bin/python" tests/python/nexus-loader-python-class.md "$PWD/target/wheel/types" >"$1/types"
