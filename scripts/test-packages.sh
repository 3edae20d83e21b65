#!/usr/bin/env bash
# What a newcomer does with an installation, the tarball and the Debian package: builds a C program with
# pkg-config and a C++ one with CMake in five lines, and uses the tool. Each is moved or unpacked to a
# place that it was not made for, and this tree is out of sight; the same programs run on every CPython.
set -euo pipefail
cd "$(dirname "$0")/.."
tree=$PWD
# The number in the SONAME, as the Makefile reads it.
abi=$(sed -n 's/^pub const ABI: u32 = \(.*\);/\1/p' crates/abi/src/lib.rs)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0

fail() {
    echo "test-packages: $*" >&2
    exit 1
}

# pass NAME: what came before it held.
pass() {
    passed=$((passed + 1))
    echo "packages: $1"
}

# --- The three kinds -----------------------------------------------------------------------------------
make --no-print-directory install PREFIX="$work/made/prefix" DESTDIR= >/dev/null
mkdir "$work/moved"
mv "$work/made/prefix" "$work/moved/elsewhere"
rmdir "$work/made"

tarball=$(make --no-print-directory -o build -o tool tarball | tail -n 1)
mkdir "$work/unpacked"
tar -C "$work/unpacked" -xzf "$tarball"
unpacked=$(echo "$work"/unpacked/*)
[ "$(ls "$work/unpacked")" = "$(basename "$tarball" .tar.gz)" ] || fail "the tarball has not one folder of its name"
for file in LICENSE-MIT LICENSE-APACHE README.md; do
    [ -s "$unpacked/share/doc/nexus_loader/$file" ] || fail "the tarball has no $file"
done
SOURCE_DATE_EPOCH=1000000000 make --no-print-directory -o build -o tool tarball >/dev/null
cp "$tarball" "$work/first.tar.gz"
SOURCE_DATE_EPOCH=1000000000 make --no-print-directory -o build -o tool tarball >/dev/null
cmp "$work/first.tar.gz" "$tarball" || fail "the tarball differs each time"

deb=$(make --no-print-directory -o build -o tool deb | tail -n 1)
mkdir "$work/deb"
dpkg-deb -x "$deb" "$work/deb"
dpkg-deb -e "$deb" "$work/control"
debian=$work/deb/usr
triplet=$(dpkg-architecture -qDEB_HOST_MULTIARCH)

# --- The Debian package --------------------------------------------------------------------------------
field() { dpkg-deb -f "$deb" "$1"; }
[ "$(field Package)" = nexus-loader ] || fail "Package is $(field Package)"
[[ $(field Version) == "$("$debian/bin/nexus" --version | cut -d' ' -f2)-"* ]] || fail "Version is $(field Version)"
[ "$(field Architecture)" = "$(dpkg --print-architecture)" ] || fail "Architecture is $(field Architecture)"
[[ $(field Depends) == *"libc6 (>= 2."* ]] || fail "Depends is $(field Depends)"
! grep -q '@[A-Z]*@' "$work/control/control" || fail "control is not filled in"
(cd "$work/deb" && md5sum --quiet -c "$work/control/md5sums") || fail "md5sums are wrong"
grep -q "^libnexus_loader $abi nexus-loader" "$work/control/shlibs" || fail "no shlibs"
grep -q ldconfig "$work/control/triggers" || fail "no trigger for ldconfig"
for file in share/doc/nexus-loader/copyright share/doc/nexus-loader/changelog.gz \
    share/doc/nexus-loader/changelog.Debian.gz share/man/man1/nexus.1.gz share/zsh/vendor-completions/_nexus; do
    [ -s "$debian/$file" ] || fail "the package has no /usr/$file"
done
gzip -dc "$debian/share/doc/nexus-loader/changelog.Debian.gz" | dpkg-parsechangelog -l- >/dev/null || fail "bad changelog"
# dpkg itself takes it, into a root directory of its own.
mkdir -p "$work/root/var/lib/dpkg/info" "$work/root/var/lib/dpkg/updates"
touch "$work/root/var/lib/dpkg/status"
if [ "$(id -u)" -eq 0 ]; then as_root=(); else as_root=(unshare --map-root-user); fi
"${as_root[@]}" dpkg --root="$work/root" --force-depends --log="$work/dpkg.log" -i "$deb" >"$work/dpkg.txt" 2>&1 ||
    fail "dpkg -i: $(cat "$work/dpkg.txt")"
"$work/root/usr/bin/nexus" python >/dev/null || fail "what dpkg has installed does not run"
"${as_root[@]}" dpkg --root="$work/root" --log="$work/dpkg.log" -r nexus-loader >"$work/dpkg.txt" 2>&1 ||
    fail "dpkg -r: $(cat "$work/dpkg.txt")"
[ ! -e "$work/root/usr/bin/nexus" ] || fail "dpkg has not removed it"
pass "the Debian package is in order"

# --- The programs --------------------------------------------------------------------------------------
# block LANGUAGE NUMBER: that block of docs/installing.md.
block() {
    awk -v start="\`\`\`$1" -v number="$2" '
        $0 == "```" { inside = 0 }
        inside
        $0 == start && ++count == number { inside = 1 }' "$tree/docs/installing.md"
}
mkdir "$work/c" "$work/cmake"
block c 1 >"$work/c/program.c"
block cpp 1 >"$work/cmake/program.cpp"
block cmake 1 >"$work/cmake/CMakeLists.txt"
[ "$(grep -c . "$work/cmake/CMakeLists.txt")" -eq 5 ] || fail "CMake's file is not five lines"

# runs PROGRAM…: on each CPython, on its test modules, and prints what crypto makes of Hello.
runs() {
    local version python modules
    while IFS=$'\t' read -r version python; do
        modules=$("$tree/scripts/documented.sh" "$python")
        said=$(NEXUS_PYTHON=$python "$@" "$modules" </dev/null) || fail "$* on CPython $version ended with $?"
        [ "$said" = 2a24600860 ] || fail "$* on CPython $version printed: $said"
    done < <("$tree/scripts/pythons.sh")
}

# out_of_sight FILE: it is bound to the installation and to nothing of this tree.
out_of_sight() {
    local needed
    needed=$(ldd "$1")
    [[ $needed != *"$tree"* && $needed != *libpython* && $needed == *"libnexus_loader.so.$abi => $2/"* ]] ||
        fail "$1 needs $needed"
}

# configured SOURCE BUILD ARGUMENT…: cmake, quietly.
configured() {
    local source=$1 build=$2
    shift 2
    cmake -S "$source" -B "$build" -DCMAKE_BUILD_TYPE=Release "$@" >"$work/cmake.txt" 2>&1
}

# built SOURCE ARGUMENT…: configured and built in a new folder.
built() {
    rm -rf "$work/build"
    configured "$1" "$work/build" "${@:2}" || fail "$(cat "$work/cmake.txt")"
    cmake --build "$work/build" >"$work/cmake.txt" 2>&1 || fail "$(cat "$work/cmake.txt")"
}

# with_pkg_config PREFIX LIBDIR: a C program, with a run path as it tells.
with_pkg_config() {
    local flags libdir
    export PKG_CONFIG_PATH=$2/pkgconfig
    read -ra flags < <(pkg-config --cflags --libs nexus_loader)
    libdir=$(pkg-config --variable=libdir nexus_loader)
    unset PKG_CONFIG_PATH
    (cd "$work/c" && "${CC:-cc}" -std=c11 -Wall -Wextra -Werror program.c "${flags[@]}" -Wl,-rpath,"$libdir" -o program)
    out_of_sight "$work/c/program" "$libdir"
    [ "$(realpath "$libdir")" = "$(realpath "$2")" ] || fail "pkg-config gives libdir=$libdir"
    runs "$work/c/program"
}

# with_cmake PREFIX LIBDIR: a C++ program, which finds the library by its run path.
with_cmake() {
    built "$work/cmake" -DCMAKE_PREFIX_PATH="$1"
    out_of_sight "$work/build/program" "$(realpath "$2")"
    runs "$work/build/program"
}

# with_tool PREFIX LIBDIR: it finds its library by itself.
with_tool() {
    local modules said
    runs sh -c "'$1/bin/nexus' call --raw \"\$1\" crypto.encrypt Hello" sh
    modules=$("$tree/scripts/documented.sh" "$("$tree/scripts/pythons.sh" | head -n 1 | cut -f2)")
    said=$("$1/bin/nexus" doctor --json | sed -n 's/.*"library": "\(.*libnexus_loader.*\)".*/\1/p')
    [[ $(realpath "$said") == "$(realpath "$2")"/* ]] || fail "the tool uses $said"
    "$1/bin/nexus" inspect "$modules/crypto.so" >/dev/null || fail "the tool does not inspect"
    # gzip gives an uncompressed page as it is.
    gzip -dcf "$1"/share/man/man1/nexus-list.1* | groff -Kutf8 -man -Tutf8 -P-cbou -ww 2>"$work/man.txt" >"$work/page.txt"
    grep -q -- recursive "$work/page.txt" || fail "the manual page has no options"
    [ ! -s "$work/man.txt" ] || fail "manual page: $(cat "$work/man.txt")"
}

cd "$work"
for kind in moved unpacked debian; do
    case $kind in
    moved) prefix=$work/moved/elsewhere libdir=$prefix/lib ;;
    unpacked) prefix=$unpacked libdir=$prefix/lib ;;
    debian) prefix=$debian libdir=$prefix/lib/$triplet ;;
    esac
    if grep -rIlF -e "$tree" -e "$work" "$prefix"; then
        fail "these files of $kind name the place where it was made"
    fi
    for way in with_pkg_config with_cmake with_tool; do
        "$way" "$prefix" "$libdir"
        pass "$kind, $way"
    done
done

# --- A project in C alone ------------------------------------------------------------------------------
mkdir "$work/c_alone"
cp "$work/c/program.c" "$work/c_alone/"
sed -e 's/CXX/C/' -e 's/program\.cpp/program.c/' "$work/cmake/CMakeLists.txt" >"$work/c_alone/CMakeLists.txt"
built "$work/c_alone" -DCMAKE_PREFIX_PATH="$work/moved/elsewhere"
runs "$work/build/program"
pass "CMake, C alone"

# --- CMake's own questions -----------------------------------------------------------------------------
for version in 0.1 0.1.0 0 0.0...0.2; do
    sed "s/nexus_loader 0.1 /nexus_loader $version /" "$work/cmake/CMakeLists.txt" >"$work/c/CMakeLists.txt"
    cp "$work/cmake/program.cpp" "$work/c/"
    rm -rf "$work/build"
    configured "$work/c" "$work/build" -DCMAKE_PREFIX_PATH="$unpacked" || fail "version $version: $(cat "$work/cmake.txt")"
done
for version in 0.0 0.2 0.1.99 1.0 0.2...1.0; do
    sed "s/nexus_loader 0.1 /nexus_loader $version /" "$work/cmake/CMakeLists.txt" >"$work/c/CMakeLists.txt"
    rm -rf "$work/build"
    ! configured "$work/c" "$work/build" -DCMAKE_PREFIX_PATH="$unpacked" || fail "version $version was taken"
    grep -q 'version: 0.1' "$work/cmake.txt" || fail "version $version: $(cat "$work/cmake.txt")"
done
rm "$unpacked/lib/libnexus_engine.so.$abi"
rm -rf "$work/build"
! configured "$work/cmake" "$work/build" -DCMAKE_PREFIX_PATH="$unpacked" || fail "half an installation was taken"
grep -q 'is missing: nexus_loader is not whole' "$work/cmake.txt" || fail "$(cat "$work/cmake.txt")"
pass "find_package asks for versions"

# --- The source tree as a part of another: built by cargo, here into the folder that is built already -----
mkdir "$work/whole"
block cmake 2 >"$work/whole/CMakeLists.txt"
cp "$work/cmake/program.cpp" "$work/whole/"
ln -s "$tree" "$work/whole/nexus_loader"
built "$work/whole" -DNEXUS_LOADER_TARGET_DIR="$tree/target"
runs "$work/build/program"
pass "add_subdirectory"

echo "packages: $passed passed, 0 failed"
