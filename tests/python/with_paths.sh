#!/usr/bin/env bash
# Runs a command where the folders of the documentation exist: /path/to, /opt/app and /opt/myapp, which lie in a
# folder of ours. In namespaces of its own, so that nothing of the machine is changed, and no root is needed; in a
# container that has none, as links that are taken away afterwards.
#
# usage: with_paths.sh FOLDER COMMAND…      FOLDER has path/to, opt/app and opt/myapp in it
set -euo pipefail

# The test deletes what is in these folders, and wants to be sure whose they are.
export NEXUS_TEST_PATHS=documented

with_links() {
    local folder=$1 name
    shift
    # One at a time on this machine.
    exec 9>"${TMPDIR:-/tmp}/nexus-documented-paths.lock"
    flock 9
    for name in path opt/app opt/myapp; do
        if [ -e "/$name" ]; then
            echo "with_paths: there are no namespaces here (unshare), and /$name exists" >&2
            exit 1
        fi
    done
    trap 'rm -f /path /opt/app /opt/myapp' EXIT
    mkdir -p /opt
    ln -s "$folder/path" /path
    ln -s "$folder/opt/app" /opt/app
    ln -s "$folder/opt/myapp" /opt/myapp
    "$@"
}

if [ "${1:-}" != --inside ]; then
    if unshare --user --map-root-user --mount true 2>/dev/null; then
        exec unshare --user --map-root-user --mount "$0" --inside "$@"
    fi
    with_links "$@"
    exit
fi
folder=$2
shift 2
root=$folder/root
mkdir -p "$root"
mount -t tmpfs documented "$root"

# Everything of that folder as it is, but for one name.
show() {
    local from=$1 to=$2 entry name
    for entry in "$from"/* "$from"/.[!.]*; do
        name=${entry##*/}
        [ "${entry#/}" = "$3" ] && continue
        if [ -L "$entry" ]; then
            cp -P "$entry" "$to/$name"
        elif [ -d "$entry" ]; then
            mkdir "$to/$name"
            mount --rbind "$entry" "$to/$name"
        elif [ -f "$entry" ]; then
            : >"$to/$name"
            mount --bind "$entry" "$to/$name"
        fi
    done
}
show "" "$root" opt
mkdir -p "$root/path" "$root/opt/app" "$root/opt/myapp"
[ -d /opt ] && show /opt "$root/opt" opt/app
mount --rbind "$folder/path" "$root/path"
mount --rbind "$folder/opt/app" "$root/opt/app"
mount --rbind "$folder/opt/myapp" "$root/opt/myapp"
here=$PWD
# The command's end is the end of the namespaces, and of all that is mounted in them; the folder goes with it.
exec chroot "$root" /bin/sh -c 'cd "$1" && shift && exec "$@"' sh "$here" "$@"
