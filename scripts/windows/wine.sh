#!/usr/bin/env bash
# Runs a Windows program under Wine, in an installation of Windows of our own (target/windows/prefix, made on
# first use), without a display, and ends it when it takes too long. The environment is passed on; Wine takes
# no PATH from it, so what is to be on the program's PATH is given in WINEPATH (semicolons between).
# Inside, / is drive Z:.
#
# usage: wine.sh PROGRAM [ARGUMENT…]
#        wine.sh                       makes the installation, and starts its server
#        wine.sh --stop                stops the server
#        NEXUS_WINE_LIMIT              how many seconds a program may take, 120 if not given
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
windows=${NEXUS_WINDOWS_DIR:-$(cd "$here/../.." && pwd)/target/windows}
wine=/usr/lib/wine/wine64

export WINEPREFIX=$windows/prefix WINEARCH=win64
export WINEDEBUG=${WINEDEBUG:--all}
# No .NET, no browser, no desktop files and no debugger window: none of them is needed, and each may wait.
export WINEDLLOVERRIDES='mscoree,mshtml=;winemenubuilder.exe,winedbg.exe=d'
# File names are UTF-8, whatever the language here.
export LC_ALL=C.UTF-8
unset DISPLAY WAYLAND_DISPLAY

# Wine's server ends by itself that long after the last program; until then programs start in a moment.
linger=300

prefix() {
    local work
    mkdir -p "$windows"
    (
        flock 9
        if [ -e "$WINEPREFIX/.made" ]; then
            exit 0
        fi
        rm -rf "$WINEPREFIX"
        timeout -k 5 300 "$wine" wineboot --init </dev/null >/dev/null 2>&1 9>&-
        timeout -k 5 60 /usr/lib/wine/wineserver -w 9>&-
        # A program that crashes ends: Windows' own dialog would wait for someone.
        work=$(mktemp -d)
        cat >"$work/quiet.reg" <<'END'
Windows Registry Editor Version 5.00

[HKEY_LOCAL_MACHINE\Software\Microsoft\Windows NT\CurrentVersion\AeDebug]
"Auto"="0"
"Debugger"="false"

[HKEY_CURRENT_USER\Software\Wine\WineDbg]
"ShowCrashDialog"=dword:00000000
END
        timeout -k 5 60 "$wine" regedit /S "$work/quiet.reg" </dev/null >/dev/null 2>&1 9>&-
        # Rust's standard library needs a DLL that Windows has and Wine 8 lacks.
        x86_64-w64-mingw32-gcc -O1 -Wall -Wextra -Werror -shared -nostdlib -Wl,-e,DllMain \
            "$here/bcryptprimitives.c" -ladvapi32 \
            -o "$WINEPREFIX/drive_c/windows/system32/bcryptprimitives.dll"
        rm -rf "$work"
        touch "$WINEPREFIX/.made"
    ) 9>"$windows/prefix.lock"
}

if [ "${1:-}" = --stop ]; then
    if [ -d "$WINEPREFIX" ]; then
        /usr/lib/wine/wineserver -k || true
    fi
    exit 0
fi
if [ ! -e "$WINEPREFIX/.made" ]; then
    prefix
fi
# Does nothing if there is one.
/usr/lib/wine/wineserver -p"$linger" >/dev/null 2>&1 </dev/null || true
if [ "$#" -eq 0 ]; then
    exit 0
fi
command=(timeout -k 5 "${NEXUS_WINE_LIMIT:-120}" "$wine" "$@")
# Python cannot use a regular file of the outside as a standard stream ("Invalid handle"), but a pipe it can.
if [ -f /dev/stdin ]; then
    exec < <(exec cat)
fi
if [ ! -f /dev/stdout ] && [ ! -f /dev/stderr ]; then
    exec "${command[@]}"
fi
set +e
{
    { "${command[@]}" 3>&- | cat; exit "${PIPESTATUS[0]}"; } 2>&1 1>&3 3>&- | cat >&2
    exit "${PIPESTATUS[0]}"
} 3>&1
