# Hold by each side and resume, in a call each way, as both report it, as the
# wire shows it and as the recordings sound.
. "$(dirname "$0")/lib.sh"
. "$here/baresip.sh"

# When a key was pressed, in TAG.marks.
mark() { date +%s.%N >>"$1.marks"; }
# Each side holds for three seconds.
holds() { # TAG PEER
	check "$2: up" bare_event "$2" 15 CALL_ESTABLISHED
	sleep 3
	mark "$1"
	press "$1" h
	sleep 3
	mark "$1"
	press "$1" h
	sleep 2
	mark "$1"
	bare "$2" hold
	sleep 3
	mark "$1"
	bare "$2" resume
	sleep 5
}
# moved TAG PEER SIP_PORT MEDIA PEER_MEDIA: who sent RTP while held.
moved() {
	local tag=$1 sip=$3 mine="src >= $4 && src < $4 + 20" \
		theirs="src >= $5 && src < $5 + 50" t=() base m
	base=$(capinfos -Tm -Sr -a capture.pcapng | tail -n 1 | awk -F, '{ print $NF }')
	while read -r m; do
		t+=("$(awk -v m="$m" -v b="$base" 'BEGIN { printf "%.3f", m - b }')")
	done <"$tag.marks"
	# A second of grace after each key for the re-INVITE on a busy machine;
	# the clock of the capture and that of the marks differ by less than half.
	during() { echo "rtp && time > ${t[$1]} + 1 && time < ${t[$2]}"; }
	same "$tag: held by us, baresip is silent" 0 "$(seen "$theirs && $(during 0 1)")"
	atleast "$tag: resumed by us, baresip talks" 25 "$(seen "$theirs && $(during 1 2)")"
	atleast "$tag: resumed by us, we talk" 25 "$(seen "$mine && $(during 1 2)")"
	same "$tag: held by baresip, we are silent" 0 "$(seen "$mine && $(during 2 3)")"
	atleast "$tag: resumed by baresip, we talk" 75 \
		"$(seen "$mine && rtp && time > ${t[3]} + 1")"
	same "$tag: re-INVITEs that hold, of ours" 1 \
		"$(seen "src == $sip && method == \"INVITE\" && sdp ~ /sendonly/")"
	same "$tag: answers to them" 1 \
		"$(seen "dst == $sip && status == 200 && sdp ~ /recvonly/")"
	same "$tag: re-INVITEs that hold, of baresip's" 1 \
		"$(seen "dst == $sip && method == \"INVITE\" && sdp ~ /sendonly/")"
	same "$tag: answers of ours" 1 \
		"$(seen "src == $sip && status == 200 && sdp ~ /recvonly/")"
	same "$tag: re-INVITEs that resume" "1 1" \
		"$(seen "src == $sip && method == \"INVITE\" && sdp !~ /sendonly/ && time > ${t[1]} - 0.5") $(
		seen "dst == $sip && method == \"INVITE\" && sdp !~ /sendonly/ && time > ${t[3]} - 0.5")"
	atleast "$tag: every INVITE has its ACK" \
		"$(seen "at($sip) && method == \"INVITE\"")" \
		"$(seen "at($sip) && method == \"ACK\"")"
	same "$tag: BYE and its 200" "1 1" "$(seen "at($sip) && method == \"BYE\"") $(
		seen "at($sip) && cseq == \"BYE\" && status == 200")"
}
# What a port sent in PCMA once all holds were over, decoded by sox.  baresip's
# own recording of what it hears ends with the first hold.
sent() { # TAG PORT
	tshark -r capture.pcapng -d "udp.port==$2,rtp" -T fields -e rtp.payload \
		-Y "udp.srcport == $2 && rtp.p_type == 8 && frame.time_epoch > $(
		tail -n 1 "$1.marks") + 1" 2>/dev/null | tr -d ':\n' |
		xxd -r -p >"$1.sent.al"
	sox -V1 -t al -r 8000 -c 1 "$1.sent.al" "$1.sent.wav" 2>/dev/null
	echo "$1.sent.wav"
}
# What was heard in the last seconds, all holds over.
tail_of() { # FILE
	sox -V1 "$1" "$1.tail.wav" trim -4.5 4.3 2>/dev/null
	echo "$1.tail.wav"
}

capture
bare_start callee 90 $((P + 10)) $((M + 100)) "g711 opus" auto
bare_start caller 90 $((P + 20)) $((M + 150)) "opus g711" auto

with_keys out 60 call "sip:callee@127.0.0.1:$((P + 10))" --codec PCMA \
	--local "127.0.0.1:$P" --play "$speech" --record out.wav --json \
	--rtp-ports "$M-$((M + 1))"
with_keys in 60 listen --auto-answer --count 1 --codec opus,PCMU \
	--local "127.0.0.1:$((P + 1))" --play "$speech" --record in.wav --json \
	--rtp-ports "$((M + 20))-$((M + 39))"
within 10 bound udp $((P + 1)) || bad "parley does not listen" in.said
bare caller dial "sip:in@127.0.0.1:$((P + 1))"
( holds in caller; finished=$failed; trap - EXIT; exit "$finished" ) &
beside=$!
holds out callee
wait $beside || bad "holds of the call that came in" caller.out in.said
press out q
bare caller hangup
same "out: exit status" 0 "$(ended out 20)" out.said
same "in: exit status" 0 "$(ended in 20)" in.said
same "out: state" "ended us" "$(field out.out state) $(field out.out by)" out.out out.said
same "in: state" "ended peer" "$(field in.out state) $(field in.out by)" in.out in.said
check "callee saw the end" bare_event callee 10 CALL_CLOSED
check "caller saw the end" bare_event caller 10 CALL_CLOSED
wire_stop $P $((P + 1)) $((P + 10)) $((P + 20))
wire_clean $P $((P + 1)) $(seq $M $((M + 39)))
moved out callee $P $M $((M + 100))
moved in caller $((P + 1)) $((M + 20)) $((M + 150))
for t in out:callee in:caller; do
	alike "${t%:*}: baresip hears parley before the holds" "$speech" "$(bare_heard "${t#*:}")" 0.9 500
	alike "${t%:*}: parley hears baresip after the holds" "$speech" "$(tail_of "${t%:*}.wav")" 0.9 500
done
alike "out: parley talks after the holds" "$speech" "$(sent out $M)" 0.9 500
