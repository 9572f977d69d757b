# Server location against Knot, with the host's own resolv.conf: the order of
# RFC 3263, and beside it sip-dig's where that is right.  (It shows the first
# NAPTR and the last SRV priority alone, follows no rule that leads to another,
# and asks nothing by TCP.)  In a network and mount namespace of its own.
. "$(dirname "$0")/lib.sh"

unshare -rnm true 2>/dev/null || {
	skip "no namespaces to be had: unshare -rnm"
	exit 0
}
cp "$here/dns.zone" zone
for i in $(seq 120); do echo "big A 198.51.100.$i"; done >>zone # not by UDP
mkdir -p db
cat >knot.conf <<K
server:
    rundir: "$dir"
    pidfile: "$dir/knot.pid"
    listen: [ 127.0.0.1@53 ]
    udp-max-payload: 1232
    udp-workers: 1
    tcp-workers: 1
    background-workers: 1
database:
    storage: "$dir/db"
zone:
  - domain: example.test
    file: "$dir/zone"
    zonefile-sync: -1
    journal-content: none
K
echo "nameserver 127.0.0.1" >resolv
cat >inside <<'I'
ip link set lo up
mount --bind resolv /etc/resolv.conf
knotd -c knot.conf >knot.log 2>&1 &
k=$!
for i in $(seq 100); do
	"$1" lookup sip:one.example.test:1 >/dev/null 2>&1 && break
	sleep 0.1
done
while read -r n uri; do
	timeout 30 "$1" lookup "$uri" --json >"$n.out" 2>"$n.err"
	timeout 30 sip-dig "$uri" >"$n.dig" 2>/dev/null
done <uris
kill $k
wait $k
I
hops() { # FILE: transport, address and port of each
	grep -o '"hops":.*' "$1" | grep -o '"transport":"[^"]*","address":"[^"]*","port":[0-9]*' |
		sed 's/"transport":"\(.*\)","address":"\(.*\)","port":\(.*\)/\1 \2 \3/' | paste -sd,
}
dig() { # FILE TRANSPORT: sip-dig's
	awk -v t="$2" '$3 == t {print $3, $5, $4}' "$1" | paste -sd,
}
udp='udp 2001:db8::1 5060,udp 192.0.2.1 5060'
tcp='tcp 2001:db8::1 5060,tcp 192.0.2.1 5060,tcp 192.0.2.2 5070'
tls='tls 2001:db8::1 5061,tls 192.0.2.1 5061'
big=$(seq 16 | sed 's/.*/udp 198.51.100.& 5060/' | paste -sd,)
# DIG (yes: sip-dig's is right, too; its first transport) | URI | hops
cat >table <<T
yes|sip:example.test|$tls,$tcp,$udp,udp 192.0.2.2 5070
yes|sips:example.test|$tls
no|sip:example.test;transport=tcp|$tcp
yes|sip:srv.example.test|udp 192.0.2.2 5080
yes|sip:bare.example.test|udp 2001:db8::3 5060,udp 192.0.2.3 5060
no|sip:mixed.example.test|$udp,udp 192.0.2.2 5070,$tcp
yes|sip:aflag.example.test|$udp
no|sip:chain.example.test|$udp
yes|sip:loop.example.test|udp 192.0.2.7 5060
yes|sip:alias.example.test:5060|udp 192.0.2.2 5060
yes|sip:a.old.example.test:5060|udp 192.0.2.8 5060
no|sip:big.example.test:5060|$big
yes|sip:nosip.example.test|
yes|sip:circle.example.test:5060|
yes|sip:text.example.test|
T
awk -F'|' '{print NR, $2}' table >uris
unshare -rnm bash inside "$parley" >inside.out 2>&1
n=0
while IFS='|' read -r right uri want; do
	n=$((n + 1))
	got=$(hops $n.out)
	same "$uri" "$want" "$got" $n.err knot.log inside.out
	[ "$right" = yes ] || continue
	first=${got%% *}
	theirs=$(dig $n.dig "${first:-udp}")
	case $got in "$theirs"*) ok "$uri: as sip-dig" ;; *) bad "$uri: sip-dig: $theirs" ;; esac
	[ -z "$got" ] || check "$uri: sip-dig finds it, too" test -n "$theirs"
done <table
same "its reasons" "the domain has no such service,too many aliases,no such records" \
	"$(sed -n 's/^parley: .*: //p' 13.err 14.err 15.err | paste -sd,)"
