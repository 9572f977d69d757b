# Calls to and from baresip, one a codec, all at once: speech both ways, digits
# both ways, RTCP, either side hanging up.
. "$(dirname "$0")/lib.sh"
. "$here/baresip.sh"
codecs="PCMU PCMA opus"

module() { [ "$1" = opus ] && echo opus || echo g711; }
payload() { # type that the offerer of the project or of baresip gives
	case $1 in PCMU) echo 0 ;; PCMA) echo 8 ;; *) echo 96 ;; esac
}
# What both report of a call that TAG (parley) and PEER (baresip) had.
talked() { # CODEC TAG PEER BY
	local text="$1, $2 and $3"
	same "$text: parley's state" ended "$(field "$2.out" state)" "$2.out" "$2.err"
	same "$text: who hung up" "$4" "$(field "$2.out" by)"
	same "$text: codec" "$1" "$(field "$2.out" codec | cut -d/ -f1)"
	same "$text: direction" sendrecv "$(field "$2.out" direction)"
	same "$text: packets lost" 0 "$(field "$2.out" packets_lost)"
	same "$text: digits that parley got" "4*" "$(field "$2.out" digits)"
	check "$text: baresip saw the end" bare_event "$3" 10 CALL_CLOSED
	check "$text: baresip got 1" grep -qa 'CALL_DTMF_START.*"param":"1"' "$3.events"
	check "$text: baresip got #" grep -qa 'CALL_DTMF_START.*"param":"#"' "$3.events"
	alike "$text: parley hears baresip" "$speech" "$2.wav"
	alike "$text: baresip hears parley" "$speech" "$(bare_heard "$3")"
}

capture
n=0
for c in $codecs; do
	bare_start "callee$c" 90 $((P + 10 + 2 * n)) $((M + 100 * n)) "$(module $c)" auto
	bare_start "caller$c" 90 $((P + 20 + 2 * n)) $((M + 100 * n + 50)) "$(module $c)" auto
	n=$((n + 1))
done

# Ours call, and hang up after nine seconds.
n=0
for c in $codecs; do
	start "out$c" 60 "$parley" call "sip:callee$c@127.0.0.1:$((P + 10 + 2 * n))" \
		--local "127.0.0.1:$((P + n))" --codec "$c" --play "$speech" \
		--record "out$c.wav" --duration 9 --dtmf '1#' --json \
		--rtp-ports "$((M + 300 + 20 * n))-$((M + 319 + 20 * n))"
	n=$((n + 1))
done
for c in $codecs; do
	check "callee$c: up" bare_event "callee$c" 15 CALL_ESTABLISHED
	bare "callee$c" sndcode 4
	bare "callee$c" sndcode '*'
done
for c in $codecs; do
	same "out$c: exit status" 0 "$(ended "out$c" 40)"
	talked "$c" "out$c" "callee$c" us
done

# baresip calls, and hangs up.
n=0
for c in $codecs; do
	listen "in$c" 90 $((P + 3 + n)) --auto-answer --count 1 --codec "$c" \
		--play "$speech" --record "in$c.wav" --dtmf '1#' --json \
		--rtp-ports "$((M + 400 + 20 * n))-$((M + 419 + 20 * n))"
	bare "caller$c" dial "sip:in@127.0.0.1:$((P + 3 + n))"
	n=$((n + 1))
done
for c in $codecs; do
	check "caller$c: up" bare_event "caller$c" 15 CALL_ESTABLISHED
	bare "caller$c" sndcode 4
	bare "caller$c" sndcode '*'
done
sleep 8
for c in $codecs; do bare "caller$c" hangup; done
for c in $codecs; do
	same "in$c: exit status" 0 "$(ended "in$c" 40)"
	talked "$c" "in$c" "caller$c" peer
done

ours=$(seq $P $((P + 5)))
media="src >= $M + 300"
wire_stop $ours $(seq $((P + 10)) $((P + 25)))
wire_clean $ours $(seq $((M + 300)) $((M + 459)))
same "BYE and its 200" "6 6" \
	"$(seen 'method == "BYE"') $(seen 'cseq == "BYE" && status == 200')"
same "one INVITE a call" 6 "$(seen 'method == "INVITE"')"
for c in PCMU:0 PCMA:8; do
	atleast "RTP of ours with ${c%:*}" 700 "$(seen "$media && pt == ${c#*:}")"
done
atleast "RTP of ours with opus" 700 "$(seen "$media && pt >= 96 && event == \"\" && seq != \"\"")"
atleast "events of ours (RFC 4733)" 72 "$(seen "$media && event != \"\"")"
