#!/usr/bin/env bash
# Installs what `cargo build --release` made. Called by `make install`.
#
# usage: install.sh LIBRARIES VERSION ABI DESTDIR PREFIX LIBDIR INCLUDEDIR
set -euo pipefail
cd "$(dirname "$0")/.."
libraries=$1 version=$2 abi=$3 destdir=$4 prefix=$5 libdir=$6 includedir=$7

if [[ $prefix != /* ]]; then
    echo "install: PREFIX must begin with a slash, it is $prefix" >&2
    exit 2
fi

install -d "$destdir$libdir/pkgconfig" "$destdir$includedir"
install -m 644 include/nexus_loader.h include/nexus_loader.cdef include/nexus_loader.hpp "$destdir$includedir/"
# The parts of the C++ header, which it finds beside itself.
install -d "$destdir$includedir/nexus_loader"
install -m 644 include/nexus_loader/*.hpp "$destdir$includedir/nexus_loader/"

# The front finds the engine in its own folder, under the name with the ABI number.
for name in nexus_loader nexus_engine; do
    install -m 755 "$libraries/lib$name.so" "$destdir$libdir/lib$name.so.$version"
    ln -sf "lib$name.so.$version" "$destdir$libdir/lib$name.so.$abi"
done
# The Go package: a module of its own, without its tests.
install -d "$destdir$prefix/share/nexus_loader/go"
for file in go/go.mod go/*.[ch] go/*.go; do
    [[ $file == *_test.go ]] || install -m 644 "$file" "$destdir$prefix/share/nexus_loader/go/"
done

# For the linker alone; nobody links the engine.
ln -sf "libnexus_loader.so.$abi" "$destdir$libdir/libnexus_loader.so"

sed -e "s|@PREFIX@|$prefix|" -e "s|@LIBDIR@|$libdir|" -e "s|@INCLUDEDIR@|$includedir|" \
    -e "s|@VERSION@|$version|" packaging/nexus_loader.pc.in >"$destdir$libdir/pkgconfig/nexus_loader.pc"
chmod 644 "$destdir$libdir/pkgconfig/nexus_loader.pc"

echo "installed nexus_loader $version into $destdir$prefix"
