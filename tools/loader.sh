#!/bin/sh
# loader.sh PREFIX [gone]: after an installation there (or its end), lets the
# loader know of the library, and says what its user must set.
p=$1
export PATH="$PATH:/usr/sbin:/sbin"
case $p in
/usr | /usr/local)
	[ "$(id -u)" != 0 ] || ! command -v ldconfig >/dev/null || ldconfig
	exit 0
	;;
esac
[ "${2:-}" = gone ] ||
	echo "parley: for pkg-config: export PKG_CONFIG_PATH=$p/lib/pkgconfig"
