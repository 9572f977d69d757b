# SIPp's own UAC scenario against one parley listen: 200 calls a second, no call
# fails, nothing is sent twice, and the memory of 40 s after the last call is
# that of 40 s after the first thousand.  In the waiting times parley calls
# SIPp's own UAS, time after time.  INTEROP_FULL=1: 10 000 calls.
. "$(dirname "$0")/lib.sh"
first=1000 more=1000 settle=40
[ -z "${INTEROP_FULL:-}" ] || more=9000

resident() { # TAG: kB
	awk '/^VmRSS/ { print $2 }' \
		"/proc/$(pgrep -P "$(cat "$1.pid")")/status"
}
column() { # FILE NAME: the last line's, of SIPp's statistics
	awk -F';' -v name="$2" 'NR == 1 { for (i = 1; i <= NF; i++)
		if ($i == name) at = i } { v = $at } END { print v }' "$1"
}
calls() { # TAG COUNT
	timeout -k 5 200 sipp -sn uac "127.0.0.1:$P" -i 127.0.0.1 \
		-p $((P + 2)) -mi 127.0.0.1 -mp $((M + 10)) -r 200 -m "$2" \
		-l 2000 -nostdin -timeout 180s -trace_stat -stf "$1.csv" \
		-fd 1s -trace_err -error_file "$1.errors" >"$1.screen" 2>&1
	same "$1: SIPp's exit status" 0 $? "$1.errors"
	same "$1: calls" "$2" "$(column "$1.csv" 'SuccessfulCall(C)')"
	same "$1: calls that failed" 0 "$(column "$1.csv" 'FailedCall(C)')"
	same "$1: retransmissions" 0 "$(column "$1.csv" 'Retransmissions(C)')"
	same "$1: messages in a wrong place" "0 0" \
		"$(column "$1.csv" 'OutOfCallMsgs(C)') $(column "$1.csv" 'DeadCallMsgs(C)')"
}
# parley call, one after the other, for so many seconds.
again() { # SECONDS
	local end=$((SECONDS + $1)) n=0 well=0
	while [ $SECONDS -lt $end ]; do
		n=$((n + 1))
		timeout 20 "$parley" call "sip:service@127.0.0.1:$((P + 3))" \
			--local "127.0.0.1:$((P + 4))" --duration 0.1 --json \
			--rtp-ports "$((M + 50))-$((M + 69))" \
			>again.out 2>again.err || break
		[ "$(field again.out state)" = ended ] || break
		well=$((well + 1))
	done
	same "parley call against SIPp's UAS, $n times" $n $well again.out again.err
	atleast "calls one after the other" 20 $n
}

listen load 280 "$P" --auto-answer --quiet --rtp-ports "$((M + 100))-$((M + 499))"
start uas 280 sipp -sn uas -i 127.0.0.1 -p $((P + 3)) -mi 127.0.0.1 \
	-mp $((M + 30)) -nostdin
within 10 bound udp $((P + 3)) || bad "SIPp's UAS does not start" uas.out
idle=$(resident load)
calls first "$first"
again "$settle"
before=$(resident load)
calls rest "$more"
again "$settle"
after=$(resident load)
echo "note: resident kB: idle $idle, after $first calls $before, after $((first + more)) calls $after"
atmost "resident memory after all calls (kB)" \
	"$(awk -v b="$before" 'BEGIN { print b * 1.05 }')" "$after"
signal load INT
same "parley listen ends" 0 "$(ended load 20)" load.err
same "and had nothing to complain about" "" "$(cat load.err)"
