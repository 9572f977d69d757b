# How calls end that never begin, and who hangs up: rejected, busy, cancelled,
# not answered, hung up by either side in either role; over UDP, and over TCP.
. "$(dirname "$0")/lib.sh"
. "$here/baresip.sh"
callee=sip:callee@127.0.0.1:$((P + 10))
media=(--rtp-ports "$((M + 200))-$((M + 299))")

# parley TAG URI [OPTION...]: a call of ours
ours() {
	local tag=$1 uri=$2
	shift 2
	start "$tag" 40 "$parley" call "$uri" --local "127.0.0.1:$P" --json \
		"${media[@]}" "$@"
}
# verdict TAG RC STATE CODE TEXT: what ours says of it
verdict() {
	same "$5: exit status" "$2" "$(ended "$1" 20)" "$1.err"
	same "$5: state and code" "$3 $4" "$(field "$1.out" state) $(field "$1.out" code)" "$1.out" "$1.err"
}
closed() { # PEER TIMES TEXT WORDS: what baresip says of the last call's end
	check "$3: baresip saw the end" bare_event "$1" 15 CALL_CLOSED "$2"
	check "$3: baresip says $4" grep -qaE "CALL_CLOSED.*\"param\":\"$4" \
		<(grep -ao 'CALL_CLOSED[^}]*' "$1.events" | tail -n 1)
}

capture
bare_start callee 100 $((P + 10)) $((M + 100)) g711 manual
bare_start caller 100 $((P + 20)) $((M + 150)) g711 manual

# --- ours call
ours rejected "$callee"
check "rejected: rings" bare_event callee 10 CALL_INCOMING
bare callee hangup
verdict rejected 1 failed 486 "rejected by baresip"
check "rejected: one line says why" grep -q "486 .* from .*callee" rejected.err

ours cancelled "$callee"
check "cancelled: rings" bare_event callee 10 CALL_INCOMING 2
sleep 0.5
signal cancelled INT
verdict cancelled 1 cancelled 487 "cancelled by us"
closed callee 2 "cancelled by us" ""

ours byus "$callee" --duration 2
check "by us: rings" bare_event callee 10 CALL_INCOMING 3
bare callee accept
verdict byus 0 ended 200 "hung up by us"
same "hung up by us: by" us "$(field byus.out by)"
closed callee 3 "hung up by us" "Connection reset by peer"

ours interrupted "$callee"
check "interrupted: rings" bare_event callee 10 CALL_INCOMING 4
bare callee accept
check "interrupted: up" bare_event callee 10 CALL_ESTABLISHED 2
sleep 1
signal interrupted INT
verdict interrupted 0 ended 200 "Ctrl-C in a call"
closed callee 4 "Ctrl-C in a call" "Connection reset by peer"

ours bypeer "$callee"
check "by baresip: rings" bare_event callee 10 CALL_INCOMING 5
bare callee accept
check "by baresip: up" bare_event callee 10 CALL_ESTABLISHED 3
sleep 1
bare callee hangup
verdict bypeer 0 ended 200 "hung up by baresip"
same "hung up by baresip: by" peer "$(field bypeer.out by)"

ours tcp "$callee;transport=tcp" --duration 2
check "over TCP: rings" bare_event callee 10 CALL_INCOMING 6
bare callee accept
verdict tcp 0 ended 200 "over TCP"
atleast "over TCP: received" 50 "$(field tcp.out packets_received)"
closed callee 6 "over TCP" "Connection reset by peer"

# --- baresip calls
theirs() { # TAG PORT [OPTION...]: baresip dials a parley of this kind
	local tag=$1 port=$2
	shift 2
	listen "$tag" 40 "$port" --count 1 --json "${media[@]}" "$@"
	bare caller dial "sip:$tag@127.0.0.1:$port${transport:-}"
}
theirs busy $((P + 1)) --reject 486
verdict busy 0 failed 486 "busy here"
closed caller 1 "busy here" "486"

theirs decline $((P + 2)) --reject 603
verdict decline 0 failed 603 "declined here"
closed caller 2 "declined here" "603"

theirs late $((P + 3)) --ring 1
verdict late 0 failed 480 "nobody answers"
closed caller 3 "nobody answers" "480"

theirs gone $((P + 4)) --ring 30
check "cancelled by baresip: rings" bare_event caller 10 CALL_RINGING 2
sleep 0.5
bare caller hangup
verdict gone 0 cancelled 487 "cancelled by baresip"

theirs takes $((P + 5)) --auto-answer --ring 1 --duration 1
verdict takes 0 ended 200 "hung up by parley listen"
same "hung up by parley listen: by" us "$(field takes.out by)"
closed caller 5 "hung up by parley listen" "Connection reset by peer"

transport=";transport=tcp" theirs takestcp $((P + 6)) --auto-answer
check "over TCP: up" bare_event caller 10 CALL_ESTABLISHED 2
sleep 2
bare caller hangup
verdict takestcp 0 ended 200 "from baresip over TCP"
atleast "from baresip over TCP: received" 50 "$(field takestcp.out packets_received)"

sip=$(seq $P $((P + 6)))
wire_stop $sip $((P + 10)) $((P + 20))
wire_clean $sip $(seq $((M + 200)) $((M + 299)))
same "CANCELs, their 200s and the 487s" "2 2 2" "$(seen 'method == "CANCEL"') $(
	seen 'cseq == "CANCEL" && status == 200') $(seen 'cseq == "INVITE" && status == 487')"
same "BYEs and their 200s" "6 6" \
	"$(seen 'method == "BYE"') $(seen 'cseq == "BYE" && status == 200')"
