# Sourced by the setup scripts: Debian's packages, as root or by sudo. Messages begin with the name in $setup.
# shellcheck shell=bash

# Who runs apt-get here, and its list of packages brought up to date.
apt_update() {
    apt_run=()
    if [ "$(id -u)" -ne 0 ]; then
        if ! command -v sudo >/dev/null 2>&1; then
            echo "$setup: run me as root: there is no sudo here" >&2
            exit 1
        fi
        apt_run=(sudo)
    fi
    export DEBIAN_FRONTEND=noninteractive
    "${apt_run[@]}" apt-get update -q </dev/null >&2
}

# apt_install PACKAGE…: after apt_update.
apt_install() {
    "${apt_run[@]}" apt-get install -y -q --no-install-recommends "$@" </dev/null >&2
}
