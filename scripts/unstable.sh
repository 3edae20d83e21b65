#!/usr/bin/env bash
# Runs the tests and the demo on the CPythons of Debian's unstable suite, 3.13, 3.14 and 3.15, with the
# libraries that were built here. Those Pythons live in a folder of their own, target/unstable, which
# debootstrap fills from the mirror that apt uses here, or from NEXUS_DEBIAN_MIRROR. Needs root and Linux.
set -euo pipefail
cd "$(dirname "$0")/.."
here=$PWD
setup=pythons
. scripts/apt.sh
root=$here/target/unstable
versions=(3.13 3.14 3.15)

if [ "$(id -u)" -ne 0 ]; then
    echo "pythons: debootstrap and chroot need root: sudo make pythons" >&2
    exit 1
fi

mirror() {
    apt-get indextargets --format '$(LABEL) $(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
        awk '$1 == "Debian" { print $2; exit }'
}

if [ ! -e "$root/.complete" ] || [ "$0" -nt "$root/.complete" ]; then
    mirror=${NEXUS_DEBIAN_MIRROR:-$(mirror)}
    if [ -z "$mirror" ]; then
        echo "pythons: apt has no Debian mirror here: name one in NEXUS_DEBIAN_MIRROR" >&2
        exit 1
    fi
    if ! command -v debootstrap >/dev/null; then
        apt_update
        apt_install debootstrap
    fi
    # What the tests compile their modules and hosts with, and run them in.
    packages=gcc,g++,clang,libgtest-dev,libc6-dev,binutils,luajit,valgrind
    for version in "${versions[@]}"; do
        packages+=,libpython$version,python$version,python$version-dev
    done
    rm -rf "$root"
    debootstrap --variant=minbase --include="$packages" unstable "$root" "$mirror"
    touch "$root/.complete"
fi

# A command inside. The mounts are in a namespace of their own, and gone when it ends.
inside() {
    unshare --mount --propagation private bash -c '
        root=$1 here=$2
        shift 2
        mount --bind /proc "$root/proc"
        mount --bind /dev "$root/dev"
        exec chroot "$root" /usr/bin/env -i PATH=/usr/bin:/bin HOME=/root LANG=C.UTF-8 TERM="${TERM:-dumb}" \
            "NEXUS_TEST_PYTHONS=$NEXUS_TEST_PYTHONS" bash -c "cd \"$here\" && exec \"\$@\"" inside "$@"
    ' inside "$root" "$here" "$@"
}

# The binaries, built out here, under the same path.
rm -rf "${root:?}$here"
mkdir -p "$root$here/target/release" "$root$here/target/wheels" "$root$here/tests"
cp -P target/release/libnexus_*.so* "$root$here/target/release/"
cp -r include examples scripts Makefile Cargo.toml "$root$here/"
cp -r tests/. "$root$here/tests/"
cp -r target/examples "$root$here/target/"
harness=$(cargo test -p nexus_tests --test hosts --no-run --message-format=json |
    sed -n 's/.*"executable":"\([^"]*\)".*/\1/p' | tail -n 1)
cp "$harness" "$root$here/target/hosts-tests"

NEXUS_TEST_PYTHONS=
for version in "${versions[@]}"; do
    NEXUS_TEST_PYTHONS+=${NEXUS_TEST_PYTHONS:+:}/usr/bin/python$version
    scripts/wheels.sh "$version" "target/wheels/cp${version/./}" >/dev/null
    cp -r "target/wheels/cp${version/./}" "$root$here/target/wheels/"
    # Those of the tests, for the versions that have any (tests/harness/src/programs.rs).
    if scripts/wheels.sh "$version" "target/hosts/wheels/cp${version/./}" tests/wheels/exchange.txt >/dev/null; then
        mkdir -p "$root$here/target/hosts/wheels"
        cp -r "target/hosts/wheels/cp${version/./}" "$root$here/target/hosts/wheels/"
    fi
done
export NEXUS_TEST_PYTHONS

failed=0
inside scripts/test-examples.sh || failed=1
inside scripts/demo.sh target/examples/modules || failed=1
inside target/hosts-tests || failed=1
exit "$failed"
