# The address of our host changes in a call with baresip, which is on the other
# side of a veth pair: at once, and with a second of no address at all.  The
# call goes on in both directions; how long that took is printed.
. "$(dirname "$0")/lib.sh"
. "$here/baresip.sh"

there=10.77.0.2 port=$((P + 10)) media=$((M + 100))
now() { date +%s.%N; }
lives() { # ADDRESS: it is ours
	ip addr add "$1/24" dev here0
}
# Seconds from then until the first packet for which that holds, in awk's words.
after() { # TIME CONDITION
	awk -F'\t' -v t="$1" '{ src = $2; dst = $3; from = $4; to = $5 }
		$1 > t && '"$2"' { printf "%.3f", $1 - t; exit }' wire.tsv
}
# moved TEXT TIME ADDRESS: sound both ways, and soon.
moved() {
	local out in
	out=$(after "$2" "src == \"$3\" && to >= $media && to < $((media + 50))")
	in=$(after "$2" "dst == \"$3\" && from >= $media && from < $((media + 50))")
	echo "$1: baresip hears us after ${out:-never} s, we it after ${in:-never} s"
	atmost "$1: baresip hears us" 5 "${out:-99}"
	atmost "$1: we hear baresip" 5 "${in:-99}"
}

start ns 60 unshare -n sh -c 'ip link set lo up; exec sleep 60'
within 5 test -f ns.pid
within 5 pgrep -P "$(cat ns.pid)"
peer=$(pgrep -P "$(cat ns.pid)" | head -n 1)
within 5 sh -c "[ \"\$(readlink /proc/$peer/ns/net)\" != \"\$(readlink /proc/self/ns/net)\" ]"
if ! ip link add here0 type veth peer name there0 netns "$peer" 2>veth.err; then
	skip "no veth pair: $(cat veth.err)"
	exit 0
fi
nsenter -t "$peer" -n ip addr add "$there/24" dev there0
nsenter -t "$peer" -n ip link set there0 up
ip link set here0 up
lives 10.77.0.1
start capture 60 tshark -i here0 -q -w capture.pcapng
within 30 test -s capture.pcapng || bad "no capture" capture.err
BARE_IP=$there BARE_IN="nsenter -t $peer -n" bare_start callee 50 "$port" "$media" g711 auto
within 10 nsenter -t "$peer" -n grep -q "$(printf ':%04X' "$port")" /proc/self/net/udp ||
	bad "baresip does not listen" callee.out

start call 40 "$parley" call "sip:callee@$there:$port" --codec PCMA --json \
	--local "0.0.0.0:$P" --play "$speech" --record out.wav --duration 7 \
	--rtp-ports "$M-$((M + 19))"
sleep 2
ip addr del 10.77.0.1/24 dev here0
first=$(now)
lives 10.77.0.11
sleep 2
ip addr del 10.77.0.11/24 dev here0
sleep 1
second=$(now)
lives 10.77.0.12
same "exit status" 0 "$(ended call 20)" call.err call.out
same "state" "ended us" "$(field call.out state) $(field call.out by)" call.out call.err
same "moved" 2 "$(field call.out moved)" call.out
sleep 0.5
signal capture INT
ended capture 10 >/dev/null
tshark -r capture.pcapng -d "udp.port==$port,sip" -T fields \
	-e frame.time_epoch -e ip.src -e ip.dst -e udp.srcport -e udp.dstport \
	-e sip.CSeq.method -e sip.Status-Code >wire.tsv 2>wire.err
moved "at once" "$first" 10.77.0.11
moved "after a second" "$second" 10.77.0.12
same "BYE of the last address, and its 200" "1 1" "$(awk -F'\t' \
	'$2 == "10.77.0.12" && $6 == "BYE"' wire.tsv | wc -l) $(awk -F'\t' \
	'$3 == "10.77.0.12" && $6 == "BYE" && $7 == 200' wire.tsv | wc -l)"
