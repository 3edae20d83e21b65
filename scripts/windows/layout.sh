#!/usr/bin/env bash
# Makes, of an installation that python.sh has made, another place where a host may find a Python.
#
# usage: layout.sh venv VERSION FOLDER          a virtual environment
#        layout.sh embeddable VERSION FOLDER    python.org's embeddable package, unpacked into a folder that may
#                                               have more in it, as a host's
#        layout.sh registry VERSION             the keys of PEP 514 for this user
#        layout.sh no-registry                  none of these keys
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
windows=${NEXUS_WINDOWS_DIR:-$(cd "$here/../.." && pwd)/target/windows}
what=$1 version=${2:-} folder=${3:-}
digits=${version/./}
home=$windows/python/$version

# inside PATH: as Windows programs see it.
inside() {
    local path
    path=Z:$(realpath -m "$1")
    echo "${path//\//\\}"
}

case $what in
venv)
    # As `python.exe -m venv --without-pip` writes it.
    mkdir -p "$folder/Scripts" "$folder/Lib/site-packages" "$folder/Include"
    cp "$home/Lib/venv/launcher.exe" "$folder/Scripts/python.exe"
    printf 'home = %s\ninclude-system-site-packages = false\nversion = %s\nexecutable = %s\n' "$(inside "$home")" \
        "$version.0" "$(inside "$home/python.exe")" >"$folder/pyvenv.cfg"
    ;;
embeddable)
    mkdir -p "$folder"
    cp "$home"/*.dll "$home/python.exe" "$home"/DLLs/* "$folder/"
    if [ ! -e "$home-lib.zip" ]; then
        (cd "$home/Lib" && zip -q -r -X "$home-lib.$$.zip" . -x 'site-packages/*' 'venv/*')
        mv "$home-lib.$$.zip" "$home-lib.zip"
    fi
    cp "$home-lib.zip" "$folder/python$digits.zip"
    printf 'python%s.zip\r\n.\r\n\r\n# Uncomment to run site.main() automatically\r\n#import site\r\n' "$digits" \
        >"$folder/python$digits._pth"
    ;;
registry)
    key="HKCU\\Software\\Python\\PythonCore\\$version"
    "$here/wine.sh" reg add "$key" /v SysVersion /d "$version" /f </dev/null >/dev/null
    "$here/wine.sh" reg add "$key\\InstallPath" /ve /d "$(inside "$home")\\" /f </dev/null >/dev/null
    "$here/wine.sh" reg add "$key\\InstallPath" /v ExecutablePath /d "$(inside "$home/python.exe")" /f </dev/null >/dev/null
    ;;
no-registry)
    "$here/wine.sh" reg delete 'HKCU\Software\Python' /f </dev/null >/dev/null 2>&1 || true
    ;;
*)
    sed -n '/^# usage/,/^set/s/^# \?//p' "$0" >&2
    exit 2
    ;;
esac
