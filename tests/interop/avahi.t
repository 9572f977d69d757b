# Neighbours with avahi: it sees what we publish, and we what it does; it takes
# another name where ours is taken; goodbyes both ways.  In a network and mount
# namespace of its own, with a bus of its own.
. "$(dirname "$0")/lib.sh"

unshare -nm true 2>/dev/null || { # avahi wants its directory to be its user's
	skip "no namespaces to be had: unshare -nm, as root"
	exit 0
}
cat >bus.conf <<K
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
 <type>system</type><listen>unix:path=$dir/bus</listen><auth>EXTERNAL</auth>
 <policy context="default"><allow user="*"/><allow own="*"/>
 <allow send_type="*"/><allow receive_type="*"/></policy>
</busconfig>
K
cat >avahi.conf <<K
[server]
host-name=peer
use-ipv4=yes
use-ipv6=no
allow-interfaces=lo
[wide-area]
enable-wide-area=no
[publish]
publish-hinfo=no
publish-workstation=no
K
cat >inside <<'I'
ip link set lo up multicast on
ip route replace 224.0.0.0/4 dev lo
mount -t tmpfs tmpfs /run
mkdir -p /run/avahi-daemon
export DBUS_SYSTEM_BUS_ADDRESS=unix:path=$PWD/bus
dbus-daemon --config-file=bus.conf --nofork --nopidfile --nosyslog &
for i in $(seq 50); do [ -S bus ] && break; sleep 0.1; done
avahi-daemon -f avahi.conf --no-drop-root --no-rlimits --no-chroot \
	>avahi.log 2>&1 &
for i in $(seq 50); do avahi-browse -at >/dev/null 2>&1 && break; sleep 0.1; done
avahi-publish -s "Hall, 2nd floor" _sip._udp 5070 txtvers=1 >/dev/null 2>&1 &
hall=$!
avahi-browse -rp _sipuri._udp >browse.out 2>&1 &
b=$!
"$1" neighbours --name "Parley one" --note "in the tests" --json --for 5.5 \
	>near.out 2>near.err &
n=$!
for i in $(seq 40); do grep -q '^=' browse.out && break; sleep 0.1; done
ours=$(sed -n 's/^=;[^;]*;[^;]*;\([^;]*\);.*/\1/p' browse.out | head -n 1 |
	sed 's/\\058/:/g; s/\\064/@/g; s/\\\././g')
echo "$ours" >ours
avahi-publish -s "$ours" _sipuri._udp 5071 txtvers=1 name=Double \
	>double.out 2>&1 &
d=$!
timeout 9 "$1" lookup sip:PEER.local --json >local.out 2>local.err &
timeout 9 "$1" lookup sip:nobody.local >nobody.out 2>nobody.err &
sleep 2
kill $hall
wait $n
echo $? >near.rc
sleep 1.2
kill $b $d
I
start inside 30 unshare -nm --pid --fork --kill-child bash inside "$parley"
within 30 test -f inside.rc
same "neighbours ends as it should" 0 "$(cat near.rc 2>/dev/null)" near.err
said() { # TEXT FILE: fixed
	grep -qF -e "$1" "$2"
}
check "avahi resolves us" said ';"_sipuri._udp"' <(sed 's/;UNIX.*//; s/;_sipuri._udp;/;"_sipuri._udp";/' browse.out)
check "by our URI" said 'sip:' ours
check "with the keys of the SDK" grep -qE '^=;lo;IPv4;.*"name=Parley one"' browse.out
for key in '"txtvers=1"' '"contact=<sip:' '"instance_id=' '"note=in the tests"'; do
	check "and $key" said "$key" browse.out
done
check "it takes another name where ours is taken" grep -qE 'collision|#2' double.out
check "we see what it publishes" said '"neighbour":"found","name":"Hall, 2nd floor","uri":"sip:127.0.0.1:5070"' near.out
check "and the one of the other name, once" \
	test "$(grep -c '"found","name":"Double"' near.out)" = 1
check "its goodbye" said '"neighbour":"gone","name":"Hall, 2nd floor"' near.out
check "its host is looked up" said '"address":"127.0.0.1","port":5060' local.out
check "and one that is not there" said 'nobody on the link' nobody.err
check "not ourselves" test "$(grep -c 'Parley one' near.out)" = 0
check "our goodbye" grep -qE '^-;lo;IPv4;sip' browse.out
