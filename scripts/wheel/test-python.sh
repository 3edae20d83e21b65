#!/usr/bin/env bash
# Installs the wheel into a virtual environment of one Python and runs tests/python there. Called by
# scripts/test-wheel.sh.
#
# usage: test-python.sh WHEEL RESULTS VERSION PYTHON      writes how many tests passed to RESULTS/VERSION
set -euo pipefail
cd "$(dirname "$0")/../.."
wheel=$1 results=$2 version=$3 python=$4
work=$PWD/target/wheel/$version
environment=$work/venv
rm -rf "$environment"
mkdir -p "$work/paths/path/to" "$work/paths/opt/app" "$work/paths/opt/myapp"
# Debian has no ensurepip without a package of its own; another pip installs as well.
"$python" -I -m venv --without-pip "$environment"
"$(scripts/pip.sh)" -I -m pip --python "$environment/bin/python" install --quiet --no-index --no-deps \
    --disable-pip-version-check --root-user-action ignore "$wheel"

# The modules: those of the complete example, and one that has what the snippets call, by all their names.
include=$("$python" -I -c 'import sysconfig; print(sysconfig.get_path("include"))')
mkdir -p "$work/generic" "$work/odd"
ln -sfn "$(scripts/documented.sh "$python")" "$work/documented"
# compile MODULE SOURCE ARGUMENT…
compile() {
    local module=$1 source=$2
    shift 2
    if [ "$source" -nt "$module" ] || [ "$0" -nt "$module" ]; then
        "${CC:-cc}" -shared -fPIC -I"$include" "$source" "$@" -o "$module.part"
        mv "$module.part" "$module"
    fi
}
for name in module_name module1 module2 module3 my_module json crypto network database; do
    compile "$work/generic/$name.so" tests/python/generic.c -DMODULE=$name
done
compile "$work/odd/interrupted.so" tests/fixtures/odd.c -DMODULE=interrupted -DEXEC_CODE='"raise KeyboardInterrupt"'
compile "$work/odd/leaves.so" tests/fixtures/odd.c -DMODULE=leaves -DEXEC_CODE='"raise SystemExit(3)"'
compile "$work/odd/broken.so" tests/fixtures/odd.c -DMODULE=broken -DEXEC_CODE='"raise ValueError(\"no licence\")"'
compile "$work/odd/moves.so" tests/fixtures/odd.c -DMODULE=moves -DSIDE_CHDIR
compile "$work/odd/handles.so" tests/fixtures/odd.c -DMODULE=handles -DSIDE_SIGNAL

passed=0 failed=0
# suite COMMAND…: what it prints ends with unittest's summary.
suite() {
    local count code=0
    "$@" >"$work/output.txt" 2>&1 </dev/null || code=$?
    count=$(sed -n 's/^Ran \([0-9]*\) tests\{0,1\} in .*/\1/p' "$work/output.txt" | tail -n 1)
    if [ "$code" -eq 0 ] && [ "${count:-0}" -gt 0 ] && ! grep -q skipped "$work/output.txt"; then
        passed=$((passed + count))
    else
        failed=$((failed + 1))
        {
            echo "FAILED on CPython $version: $*"
            tail -n 60 "$work/output.txt"
        } >&2
    fi
}
export NEXUS_TEST_MODULES=$work NEXUS_TEST_HOST=$PWD/target/wheel/host NEXUS_TEST_FRONT=$PWD/target/release/libnexus_loader.so.1
export NEXUS_TEST_TWICE=$PWD/target/wheel/twice
unset PYTHONPATH PYTHONHOME
suite tests/python/with_paths.sh "$work/paths" "$environment/bin/python" "$PWD/tests/python/test_document.py" \
    "$PWD/tests/python/nexus-loader-python-class.md" "$work"
for suite in class process embedded tutorial; do
    suite "$environment/bin/python" "tests/python/test_$suite.py"
done
echo "$passed" >"$results/$version"
[ "$failed" -eq 0 ]
