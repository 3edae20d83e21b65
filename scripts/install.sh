#!/usr/bin/env bash
# Installs what `cargo build --release` made. Called by `make install` and by the scripts that make packages.
# What is installed finds its parts from where it lies itself, so that PREFIX can be moved.
#
# usage: install.sh LIBRARIES VERSION ABI DESTDIR PREFIX LIBDIR INCLUDEDIR BINDIR DATADIR
#        ZSHDIR in the environment: where completions for zsh go
#        SYSTEM in the environment: what `uname -s` says where it is to be used, if that is another system (Darwin); then
#        TOOL: the tool `nexus` of this system, which writes the manual pages
set -euo pipefail
cd "$(dirname "$0")/.."
libraries=$1 version=$2 abi=$3 destdir=$4 prefix=$5 libdir=$6 includedir=$7 bindir=$8 datadir=$9
zshdir=${ZSHDIR:-$datadir/zsh/site-functions}
system=${SYSTEM:-$(uname -s)}
tool=${TOOL:-$libraries/nexus}

# library NAME [NUMBER]: the file name of a library, with a version or the number of the binary interface.
library() {
    case $system in
    Darwin) echo "lib$1${2:+.$2}.dylib" ;;
    *) echo "lib$1.so${2:+.$2}" ;;
    esac
}

if [[ $prefix != /* ]]; then
    echo "install: PREFIX must begin with a slash, it is $prefix" >&2
    exit 2
fi

install -d "$destdir$libdir/pkgconfig" "$destdir$libdir/cmake/nexus_loader" "$destdir$includedir" "$destdir$bindir"
install -m 644 include/nexus_loader.h include/nexus_loader.cdef include/nexus_loader.hpp "$destdir$includedir/"
# The parts of the C++ header, which it finds beside itself.
install -d "$destdir$includedir/nexus_loader"
install -m 644 include/nexus_loader/*.hpp "$destdir$includedir/nexus_loader/"

# The front finds the engine in its own folder, under the name with the ABI number.
for name in nexus_loader nexus_engine; do
    install -m 755 "$libraries/$(library $name)" "$destdir$libdir/$(library $name "$version")"
    ln -sf "$(library $name "$version")" "$destdir$libdir/$(library $name "$abi")"
done
# The Go package: a module of its own, without its tests.
install -d "$destdir$prefix/share/nexus_loader/go"
for file in go/go.mod go/*.[ch] go/*.go; do
    [[ $file == *_test.go ]] || install -m 644 "$file" "$destdir$prefix/share/nexus_loader/go/"
done

# For the linker alone; nobody links the engine.
ln -sf "$(library nexus_loader "$abi")" "$destdir$libdir/$(library nexus_loader)"

# from FOLDER TO: the way from one to the other, or TO itself where it is not a part of the prefix.
from() {
    if [[ $2/ != "$prefix"/* ]]; then
        echo "$2"
        return
    fi
    # realpath(1) of macOS knows no --relative-to. Up to the last folder that both are in, and down again.
    local common=$1 up=
    while [[ $2/ != "$common"/* ]]; do
        common=${common%/*} up=../$up
    done
    local down=${2#"$common"}
    down=$up${down#/}
    echo "${down%/}"
}

# fill TEMPLATE FILE NAME=VALUE…: a template with its @NAME@ filled in.
fill() {
    local template=$1 file=$2 pair script=()
    shift 2
    for pair; do
        script+=(-e "s|@${pair%%=*}@|${pair#*=}|g")
    done
    sed "${script[@]}" "$template" >"$file"
    chmod 644 "$file"
}

pkgconfig=$libdir/pkgconfig
if [[ $libdir/ == "$prefix"/* ]]; then
    pc_prefix='${pcfiledir}/'$(from "$pkgconfig" "$prefix")
else
    pc_prefix=$prefix
fi
# below FOLDER: with ${prefix} for the prefix.
below() {
    if [[ $1/ == "$prefix"/* ]]; then
        echo "\${prefix}${1#"$prefix"}"
    else
        echo "$1"
    fi
}
fill packaging/nexus_loader.pc.in "$destdir$pkgconfig/nexus_loader.pc" \
    PREFIX="$pc_prefix" LIBDIR="$(below "$libdir")" INCLUDEDIR="$(below "$includedir")" VERSION="$version"

cmake=$libdir/cmake/nexus_loader
IFS=. read -r major minor _ <<<"$version"
case $system in
Darwin) pointer=8 soname=@rpath/$(library nexus_loader "$abi") ;;
*)
    # The fifth byte of an ELF file, EI_CLASS: 1 for 32 bits, 2 for 64.
    pointer=$(($(od -An -tu1 -j4 -N1 "$libraries/libnexus_loader.so") * 4))
    soname=$(library nexus_loader "$abi")
    ;;
esac
for file in nexus_loader-config.cmake nexus_loader-config-version.cmake; do
    fill "packaging/cmake/$file.in" "$destdir$cmake/$file" INCLUDEDIR="$(from "$cmake" "$includedir")" \
        VERSION="$version" MAJOR="$major" MINOR="$minor" POINTER="$pointer" SONAME="$soname" \
        LOADER="$(library nexus_loader "$version")" ENGINE="$(library nexus_engine "$abi")"
done

# The tool opens the library beside itself, or in the `lib` folder of its prefix.
install -m 755 "$libraries/nexus" "$destdir$bindir/nexus"
pages=$(mktemp -d)
trap 'rm -rf "$pages"' EXIT
"$tool" manual "$pages"
install -d "$destdir$datadir/man/man1" "$destdir$datadir/bash-completion/completions" \
    "$destdir$zshdir" "$destdir$datadir/fish/vendor_completions.d"
install -m 644 "$pages"/*.1 "$destdir$datadir/man/man1/"
# completion SHELL FILE
completion() {
    "$tool" completions "$1" >"$pages/completion"
    install -m 644 "$pages/completion" "$destdir$2"
}
completion bash "$datadir/bash-completion/completions/nexus"
completion zsh "$zshdir/_nexus"
completion fish "$datadir/fish/vendor_completions.d/nexus.fish"

echo "installed nexus_loader $version into $destdir$prefix"
