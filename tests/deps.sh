#!/bin/sh
# Installs the Debian packages that building and testing need, if any is
# missing; says which, in one line.
set -eu
want="build-essential pkg-config libmbedtls-dev libopus-dev libspeexdsp-dev
libasound2-dev check gcc-multilib"
[ "${CI:-}" = true ] && want="$want clang clang-tidy cppcheck valgrind gcovr
libclang-rt-14-dev"
miss=
for p in $want ${EXTRA_DEPS:-}; do
	dpkg-query -W -f '${Status}' "$p" 2>/dev/null | grep -q 'ok installed' ||
		miss="$miss $p"
done
[ -z "$miss" ] && exit 0
echo "parley: installing$miss"
sudo=
[ "$(id -u)" = 0 ] || sudo=sudo
export DEBIAN_FRONTEND=noninteractive
# Without a lists update a fresh machine may know no package at all.
$sudo apt-get install -y -qq $miss >/dev/null 2>&1 || {
	$sudo apt-get update -qq
	$sudo apt-get install -y -qq $miss >/dev/null
}
