#!/usr/bin/env bash
# Fetches what the hosts in other languages need, pinned, with those languages' own clients, unless it is there
# already: koffi for Node (examples/node/package-lock.json) and JNA for Java (the version below). Prints the
# folder with node_modules and jna.jar in it.
set -euo pipefail
cd "$(dirname "$0")/.."
jna=5.19.1
plugin=org.apache.maven.plugins:maven-dependency-plugin:3.11.0
folder=$PWD/target/languages
wanted=$(cat examples/node/package.json examples/node/package-lock.json "$0")

# One at a time.
mkdir -p "${folder%/*}"
exec 9>"$folder.lock"
flock 9
if cmp -s <(echo "$wanted") "$folder/installed"; then
    echo "$folder"
    exit 0
fi

rm -rf "$folder"
mkdir -p "$folder"
echo "languages: fetching koffi and JNA" >&2
cp examples/node/package.json examples/node/package-lock.json "$folder/"
# Its binary is a package of its own: no script of anybody need run.
npm ci --prefix "$folder" --ignore-scripts --no-audit --no-fund --loglevel error >&2
mvn -q -B "$plugin:copy" -Dartifact="net.java.dev.jna:jna:$jna" -DoutputDirectory="$folder" -Dmdep.stripVersion=true >&2
[ -f "$folder/jna.jar" ]
echo "$wanted" >"$folder/installed"
echo "$folder"
