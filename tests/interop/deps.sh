#!/bin/sh
# Installs the peers' Debian packages, if any is missing; says which, in one
# line.  The services that some of them bring are neither started now nor
# enabled for the next boot, and whatever kept services from starting before
# stands again afterwards.
set -eu
want="baresip-core sip-tester kamailio kamailio-tls-modules kamailio-websocket-modules python3-websockets tshark sox pulseaudio
pulseaudio-utils libasound2-plugins procps iproute2 openssl xxd
knot sofia-sip-bin avahi-daemon avahi-utils dbus"
# NodeSource's nodejs brings an npm that Debian does not know.
command -v npm >/dev/null || want="$want nodejs npm"
services="kamailio knot avahi-daemon"

missing() {
	for p in $want; do
		dpkg-query -W -f '${Status}' "$p" 2>/dev/null |
			grep -q 'ok installed' || printf ' %s' "$p"
	done
}

miss=$(missing)
[ -z "$miss" ] && exit 0
if [ "$(id -u)" != 0 ]; then
	echo "parley: the peers need$miss"
	sudo -n true 2>/dev/null && exec sudo sh "$0"
	echo "parley: only root can install them:" >&2
	echo "    sudo apt-get install -y --no-install-recommends$miss" >&2
	exit 1
fi
echo "parley: installing$miss (services kept from starting)"
export DEBIAN_FRONTEND=noninteractive

# invoke-rc.d and deb-systemd-invoke ask this program; 101 is "forbidden".
policy=/usr/sbin/policy-rc.d
kept=
restore() {
	rm -f "$policy"
	[ -z "$kept" ] || mv -f "$kept" "$policy"
}
if [ -e "$policy" ] || [ -L "$policy" ]; then
	kept=$policy.kept-by-parley
	mv -f "$policy" "$kept"
fi
trap restore EXIT
trap 'exit 1' INT TERM HUP
printf '#!/bin/sh\nexit 101\n' > "$policy"
chmod 755 "$policy"

apt-get install -y -qq --no-install-recommends $miss >/dev/null 2>&1 || {
	apt-get update -qq
	apt-get install -y -qq --no-install-recommends $miss >/dev/null
}
for s in $services; do
	case " $miss " in *" $s "*) ;; *) continue ;; esac
	command -v deb-systemd-helper >/dev/null &&
		deb-systemd-helper disable "$s.service" >/dev/null 2>&1 || true
	[ -x /etc/init.d/$s ] && command -v update-rc.d >/dev/null &&
		update-rc.d "$s" disable >/dev/null 2>&1 || true
done
