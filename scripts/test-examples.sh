#!/usr/bin/env bash
# Runs the C, C++ and Go examples on every CPython 3.11 and newer of this machine and compares what they print.
set -euo pipefail
cd "$(dirname "$0")/.."
examples=${1:-target/examples}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0

# check NAME COMMAND…: the command succeeds, or the test NAME has failed; output.txt and errors.txt show why.
check() {
    local name=$1
    shift
    if "$@"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED: $name on CPython $version" >&2
        head -n 40 "$work/output.txt" "$work/errors.txt" >&2
    fi
}

# run COMMAND…: keeps its output and exit code.
run() {
    code=0
    "$@" >"$work/output.txt" 2>"$work/errors.txt" </dev/null || code=$?
}

expect_complete() {
    cat >"$work/expected.txt" <<END
Loading modules from: $1

✓ Successfully loaded 3 modules:
  - crypto
  - network
  - database

--- Using Crypto Module ---
Encrypted data: $2
Decrypted data: Hello, World!

--- Using Network Module ---
Connection status: connected to 192.168.1.1:8080

--- Using Database Module ---
Query result: $3

NexusLoader(bin_path='$1', loaded=3 modules)
END
}

while IFS=$'\t' read -r version python; do
    export NEXUS_PYTHON=$python
    documented=$(scripts/documented.sh "$python")

    # The complete example, against what Python itself gets from the same modules.
    facts=$(cd "$documented" && "$python" -c '
import crypto, database
database.connect("localhost", 5432, "mydb")
print(crypto.encrypt("Hello, World!"), database.query("SELECT * FROM users LIMIT 5"), sep="\t")')
    expect_complete "$documented" "${facts%%$'\t'*}" "${facts#*$'\t'}"
    for complete in complete complete_cpp complete_go; do
        run "$examples/$complete" "$documented"
        check "$complete: exit code" [ "$code" -eq 0 ]
        check "$complete: output" diff -u "$work/expected.txt" "$work/output.txt"

        run "$examples/$complete" /no/such/folder
        check "$complete: no folder, exit code" [ "$code" -eq 1 ]
        check "$complete: no folder" grep -qxF "✗ Error: Binary path does not exist: /no/such/folder" "$work/errors.txt"

        run "$examples/$complete" "$documented/crypto.so"
        check "$complete: a file" grep -qxF "✗ Error: Binary path is not a directory: $documented/crypto.so" "$work/errors.txt"

        rm -rf "$work/folder"
        mkdir "$work/folder"
        run "$examples/$complete" "$work/folder"
        check "$complete: an empty folder" grep -qxF "✗ Error: No binary modules found in: $work/folder" "$work/errors.txt"

        cp "$documented/network.so" "$work/folder/"
        run "$examples/$complete" "$work/folder"
        check "$complete: two missing, exit code" [ "$code" -eq 0 ]
        check "$complete: two missing" grep -qxF "⚠ Warning: Missing modules: {'crypto', 'database'}" "$work/output.txt"
    done

    # The interpreter's own modules: whatever this Python can import, loads.
    run "$examples/modules"
    check "modules: exit code" [ "$code" -eq 0 ]
    check "modules: a summary" grep -qE '^  [0-9]+ found: [1-9][0-9]* loaded' "$work/output.txt"
    check "modules: this Python" grep -qF "Python   $version" "$work/output.txt"
    for name in $(awk '$2 == "FAILED" { print $1 }' "$work/output.txt"); do
        check "modules: $name" bash -c "! '$python' -c 'import $name' 2>/dev/null"
    done
    # The sample calls succeed, all but the one that shows an exception.
    check "modules: calls" grep -qE '^  [^ ].*\) *= ' "$work/output.txt"
    check "modules: no unexpected exception" bash -c "! grep -F ' raises ' '$work/output.txt' | grep -vq 'math.sqrt(-1.0)'"

    run "$examples/modules" --only crypto --only absent "$documented" --call crypto.decrypt "${facts%%$'\t'*}"
    check "modules --call: exit code" [ "$code" -eq 0 ]
    check "modules --call: result" grep -qF '= "Hello, World!"' "$work/output.txt"
    check "modules --only: missing" grep -qE '^  absent +MISSING' "$work/output.txt"

    run "$examples/modules" "$documented" --call crypto.decrypt zz
    check "modules --call: an exception's exit code" [ "$code" -eq 1 ]
    check "modules --call: an exception" grep -qF 'raises builtins.ValueError: no hexadecimal digit at 0' "$work/output.txt"

    run "$examples/modules" "$documented" --call absent.function
    check "modules --call: no such module" grep -qF "Module 'absent' not loaded. Available modules: ['crypto'" "$work/errors.txt"
    # The texts that docs/troubleshooting.md explains.
    rm -rf "$work/folder"
    mkdir "$work/folder"
    cp "$documented/crypto.so" "$work/folder/a.so"
    cp "$documented/network.so" "$work/folder/network.cpython-39-$(uname -m)-linux-gnu.so"
    echo 'int help(void) { return 1; }' | "${CC:-cc}" -shared -fPIC -x c - -o "$work/folder/libhelp.so"
    run env COLUMNS=300 "$examples/modules" "$work/folder"
    check "texts: a renamed module" grep -qF "the file is called a.so but exports PyInit_crypto: rename it to crypto.so" "$work/output.txt"
    check "texts: another version" grep -qF "built for CPython 3.9 on linux $(uname -m), this is CPython ${version%.*}" "$work/output.txt"
    check "texts: a helper library" grep -qE '^  libhelp +skipped .*exports no PyInit function' "$work/output.txt"
    run env NEXUS_PYTHON=/no/such/python "$examples/modules"
    check "texts: a wrong NEXUS_PYTHON" grep -qF "the Python that was named cannot be used" "$work/errors.txt"
    run env NEXUS_PYTHON=/no/such/python NEXUS_LOG=debug "$examples/modules"
    check "texts: the log" grep -qE '^nexus_loader: .*/no/such/python' "$work/errors.txt"
done < <(scripts/pythons.sh)

# Without its engine beside it.
front=$(ldd "$examples/modules" | sed -n 's/.*libnexus_loader.so.1 => \(.*\) (.*/\1/p')
mkdir "$work/lonely"
cp -L "$front" "$work/lonely/libnexus_loader.so.1"
version=any
unset NEXUS_PYTHON
run env LD_LIBRARY_PATH="$work/lonely" "$examples/modules"
check "texts: no engine" grep -qF "the engine libnexus_engine.so.1 is not beside $work/lonely/" "$work/errors.txt"

run "$examples/modules" --nonsense
check "modules: usage" [ "$code" -eq 2 ]

echo "examples: $passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 10 ]
