#!/usr/bin/env bash
# Makes target/package/nexus-loader_VERSION_ARCHITECTURE.deb, with the libraries, the headers and the tool.
# Called by `make deb`, on Debian and its kin.
#
# usage: deb.sh LIBRARIES VERSION ABI
set -euo pipefail
cd "$(dirname "$0")/.."
libraries=$1 version=$2 abi=$3
package=nexus-loader
architecture=$(dpkg --print-architecture)
triplet=$(dpkg-architecture -qDEB_HOST_MULTIARCH)
output=$PWD/target/package
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root

ZSHDIR=/usr/share/zsh/vendor-completions scripts/install.sh "$libraries" "$version" "$abi" "$root" \
    /usr "/usr/lib/$triplet" /usr/include /usr/bin /usr/share >/dev/null
lib=$root/usr/lib/$triplet
strip --strip-unneeded --remove-section=.comment --remove-section=.note "$lib"/lib*.so.*.* "$root/usr/bin/nexus"
# Debian policy 10.2: libraries are not executable.
chmod 644 "$lib"/lib*.so.*.*
gzip -9n "$root"/usr/share/man/man1/*.1

documents=$root/usr/share/doc/$package
install -d "$documents" "$root/DEBIAN"
install -m 644 packaging/deb/copyright "$documents/copyright"
stamp=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date +%s)}
# As Debian's own tools take it from the environment (debchange(1)).
maintainer="${DEBFULLNAME:-The nexus_loader developers} <${DEBEMAIL:-nexus-loader@localhost}>"
# The project's changelog is the upstream one, with `-1` a package's own beside it (Debian policy 12.7).
gzip -9nc CHANGELOG.md >"$documents/changelog.gz"
gzip -9nc >"$documents/changelog.Debian.gz" <<END
$package ($version-1) unstable; urgency=medium

  * Version $version, as made by \`make deb\`.

 -- $maintainer  $(LC_ALL=C date -u -R -d "@$stamp")
END
install -d "$root/usr/share/lintian/overrides"
install -m 644 packaging/deb/lintian-overrides "$root/usr/share/lintian/overrides/$package"

# What the libraries and the tool need of others, as Debian's own tool finds it; it wants a source package.
mkdir -p "$work/debian"
printf 'Source: %s\n\nPackage: %s\nArchitecture: any\n' "$package" "$package" >"$work/debian/control"
depends=$(cd "$work" && dpkg-shlibdeps -O --ignore-missing-info -l"$lib" "$lib"/lib*.so.*.* root/usr/bin/nexus 2>"$work/shlibdeps.log" |
    sed -n 's/^shlibs:Depends=//p')
if [ -z "$depends" ]; then
    cat "$work/shlibdeps.log" >&2
    exit 1
fi

printf 'libnexus_loader %s %s (>= %s)\nlibnexus_engine %s %s (>= %s)\n' \
    "$abi" "$package" "$version" "$abi" "$package" "$version" >"$root/DEBIAN/shlibs"
printf 'activate-noawait ldconfig\n' >"$root/DEBIAN/triggers"
size=$(du -k -s --apparent-size --exclude=DEBIAN "$root" | cut -f1)
sed -e "s|@VERSION@|$version-1|" -e "s|@ARCHITECTURE@|$architecture|" -e "s|@SIZE@|$size|" \
    -e "s|@DEPENDS@|$depends|" -e "s|@MAINTAINER@|$maintainer|" packaging/deb/control.in >"$root/DEBIAN/control"
(cd "$root" && find usr -type f -print0 | sort -z | xargs -0 md5sum) >"$root/DEBIAN/md5sums"

find "$root" -type d -exec chmod 755 {} +
find "$root/DEBIAN" -type f -exec chmod 644 {} +
mkdir -p "$output"
deb=$output/${package}_$version-1_$architecture.deb
SOURCE_DATE_EPOCH=$stamp dpkg-deb --root-owner-group --build "$root" "$deb" >/dev/null
echo "$deb"
