#!/usr/bin/env bash
# Makes target/package/nexus_loader-VERSION-windows-x86_64.zip of what build.sh has made: an installation that works
# wherever it is unpacked. Prints its path. The same files give the same archive.
#
# usage: zip.sh
set -euo pipefail
cd "$(dirname "$0")/../.."
version=$(sed -n '/^\[workspace\.package\]/,/^\[/s/^version = "\(.*\)"/\1/p' Cargo.toml)
abi=$(sed -n 's/^pub const ABI: u32 = \(.*\);/\1/p' crates/abi/src/lib.rs)
built=target/windows/release
name=nexus_loader-$version-windows-x86_64
output=$PWD/target/package
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
to=$work/$name
docs=$to/share/doc/nexus_loader

install -d "$to/bin" "$to/include/nexus_loader" "$to/lib/cmake/nexus_loader" "$to/lib/pkgconfig" \
    "$to/share/nexus_loader/go" "$docs"
install -m 755 "$built/nexus_loader.dll" "$built/nexus_engine-$abi.dll" "$built/nexus.exe" "$to/bin/"
# Without what is for debuggers alone. -p: with the time that is in the file, not a new one.
x86_64-w64-mingw32-strip -p --strip-unneeded "$to/bin/nexus_loader.dll" "$to/bin/nexus_engine-$abi.dll" "$to/bin/nexus.exe"
install -m 644 "$built/libnexus_loader.dll.a" "$built/nexus_loader.lib" "$built/nexus_loader.def" "$to/lib/"
install -m 644 include/nexus_loader.h include/nexus_loader.cdef include/nexus_loader.hpp "$to/include/"
install -m 644 include/nexus_loader/*.hpp "$to/include/nexus_loader/"
for file in go/go.mod go/*.[ch] go/*.go; do
    [[ $file == *_test.go ]] || install -m 644 "$file" "$to/share/nexus_loader/go/"
done
install -m 644 README.md CHANGELOG.md LICENSE-MIT LICENSE-APACHE SECURITY.md docs/tool.md docs/troubleshooting.md \
    docs/details.md "$docs/"

# fill TEMPLATE FILE: with its @NAME@ filled in.
IFS=. read -r major minor _ <<<"$version"
fill() {
    sed -e "s|@VERSION@|$version|g" -e "s|@ABI@|$abi|g" -e "s|@MAJOR@|$major|g" -e "s|@MINOR@|$minor|g" \
        -e 's|@POINTER@|8|g' -e 's|@PREFIX@|${pcfiledir}/../..|g' -e 's|@LIBDIR@|${prefix}/lib|g' \
        -e 's|@INCLUDEDIR@|${prefix}/include|g' "packaging/$1" >"$to/lib/$2"
    chmod 644 "$to/lib/$2"
}
fill cmake/nexus_loader-config-windows.cmake.in cmake/nexus_loader/nexus_loader-config.cmake
fill cmake/nexus_loader-config-version.cmake.in cmake/nexus_loader/nexus_loader-config-version.cmake
fill nexus_loader.pc.in pkgconfig/nexus_loader.pc

# The time of the last commit, as https://reproducible-builds.org/docs/source-date-epoch/ has it.
stamp=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date +%s)}
find "$work" -exec touch -h -d "@$stamp" {} +
mkdir -p "$output"
rm -f "$output/$name.zip"
(cd "$work" && find "$name" | LC_ALL=C sort | TZ=UTC zip -q -X -9 -@ "$output/$name.zip")
echo "$output/$name.zip"
