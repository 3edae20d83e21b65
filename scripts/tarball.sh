#!/usr/bin/env bash
# Makes target/package/nexus_loader-VERSION-SYSTEM-MACHINE.tar.gz: an installation that works wherever it is
# unpacked. Called by `make tarball`. The same files give the same archive.
#
# usage: tarball.sh LIBRARIES VERSION ABI
#        SYSTEM and TOOL in the environment: as for install.sh; MACHINE: what `uname -m` says there
set -euo pipefail
cd "$(dirname "$0")/.."
libraries=$1 version=$2 abi=$3
system=${SYSTEM:-$(uname -s)}
name=nexus_loader-$version-$(tr '[:upper:]' '[:lower:]' <<<"${system/Darwin/macOS}")-${MACHINE:-$(uname -m)}
output=$PWD/target/package
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

scripts/install.sh "$libraries" "$version" "$abi" "$work" "/$name" "/$name/lib" "/$name/include" "/$name/bin" \
    "/$name/share" >/dev/null
# What is for macOS is linked without what this takes away, and signed.
[ "$system" = Darwin ] || strip --strip-unneeded "$work/$name/lib"/lib*.so.*.* "$work/$name/bin/nexus"
install -d "$work/$name/share/doc/nexus_loader"
install -m 644 README.md CHANGELOG.md LICENSE-MIT LICENSE-APACHE SECURITY.md docs/tool.md docs/troubleshooting.md \
    docs/details.md "$work/$name/share/doc/nexus_loader/"

mkdir -p "$output"
# The time of the last commit, as https://reproducible-builds.org/docs/source-date-epoch/ has it.
stamp=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date +%s)}
tar -C "$work" --sort=name --mtime="@$stamp" --owner=0 --group=0 --numeric-owner --mode=go-w -cf - "$name" |
    gzip -9n >"$output/$name.tar.gz"
echo "$output/$name.tar.gz"
