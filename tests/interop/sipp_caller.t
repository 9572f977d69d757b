# Scenarios of SIPp's against parley listen: ACKs lost and late, offers in the
# ACK, hold in both styles, requests that are repeated, crossed, unknown or ask
# too much, over UDP and TCP.
. "$(dirname "$0")/lib.sh"
. "$here/sipp.sh"

# ---------------------------------------------------------------- scenarios
hang_up() { call BYE "${1:-9}"; got 200; }
up() { # an ordinary call begins
	call INVITE 1 "$(sdp 1)"
	maybe 100
	maybe 180
	with 200 body 'm=audio [1-9][0-9]* RTP/AVP 0' hdr:Contact 'sip:.*127'
	call ACK 1
}
cplain() { up; later 500; hang_up; }
ctcp() { cplain; }
# SIPp passes over what is sent again, the wire shows it.
clate() { # an ACK that comes late (13.3.1.4)
	call INVITE 1 "$(sdp 1)"
	maybe 100
	maybe 180
	got 200
	later 2500
	call ACK 1
	later 4000
	hang_up
}
clost() { # no ACK ever: BYE after 64*T1 (13.3.1.4)
	call INVITE 1 "$(sdp 1)"
	maybe 100
	maybe 180
	got 200
	got BYE
	confirm 200 OK
}
coffer() { # no offer: it comes in the 200, its answer in the ACK
	call INVITE 1
	maybe 100
	maybe 180
	with 200 hdr:Content-Type application/sdp body 'm=audio [1-9]'
	call ACK 1 "$(sdp 1)"
	later 2500
	hang_up
}
chold() { # sendonly, then 0.0.0.0, then both resumed; each answered in kind
	up
	later 700
	call INVITE 2 "$(sdp 2 sendonly)"
	maybe 100
	with 200 body a=recvonly
	call ACK 2
	later 700
	call INVITE 3 "$(sdp 3)"
	maybe 100
	with 200 body a=sendrecv
	call ACK 3
	later 700
	call INVITE 4 "$(sdp 4 sendrecv 0.0.0.0)"
	maybe 100
	with 200 body 'm=audio [1-9]'
	call ACK 4
	later 700
	call INVITE 5 "$(sdp 5 inactive)"
	maybe 100
	with 200 body a=inactive
	call ACK 5
	later 700
	call INVITE 6 "$(sdp 6)"
	maybe 100
	with 200 body a=sendrecv
	call ACK 6
	later 700
	hang_up
}
cempty() { # a re-INVITE without an offer
	up
	later 500
	call INVITE 2
	maybe 100
	with 200 body 'm=audio [1-9]'
	call ACK 2 "$(sdp 2)"
	later 500
	hang_up
}
ccancel() {
	call INVITE 1 "$(sdp 1)"
	maybe 100
	with 180 hdr:To 'tag='
	BRANCH=1INVITE TO_TAG='' call CANCEL 1
	got 200
	got 487
	BRANCH=1INVITE call ACK 1
}
cagain() { # the INVITE again behind its 200: absorbed (RFC 6026 7.1), one call
	BRANCH=same call INVITE 1 "$(sdp 1)"
	maybe 100
	maybe 180
	got 200
	TO_TAG='' BRANCH=same call INVITE 1 "$(sdp 1)"
	later 200
	call ACK 1
	later 300
	hang_up
}
cmerged() { # the same request by another way: 482 (8.2.2.2)
	BRANCH=one call INVITE 1 "$(sdp 1)"
	maybe 100
	got 180
	TO_TAG='' BRANCH=two call INVITE 1 "$(sdp 1)"
	got 482
	TO_TAG='' BRANCH=two call ACK 1
	got 200
	call ACK 1
	hang_up
}
coptions() {
	call OPTIONS 1
	with 200 hdr:Allow 'INVITE.*BYE' hdr:Accept application/sdp
	up_as 2
	call OPTIONS 3
	got 200
	hang_up
}
up_as() {
	TO_TAG='' call INVITE "$1" "$(sdp 1)"
	maybe 100
	maybe 180
	got 200
	call ACK "$1"
}
cunknown() { # what no one knows, before and in a call, and the call goes on
	call BREW 1
	with 501 hdr:Allow INVITE
	up_as 2
	call BREW 3
	got 501
	call INFO 4
	echo '<recv response="200" optional="true" next="9"/>'
	echo '<recv response="405" optional="true" next="9"/>'
	got 501
	echo '<label id="9"/>'
	hang_up
}
cstray() { # requests of dialogs that are not (12.2.2), a CANCEL of nothing (9.2)
	TO_TAG=';tag=nobody' call BYE 1
	got 481
	TO_TAG='' BRANCH=none call CANCEL 2
	got 481
	TO_TAG=';tag=nobody' call INVITE 3 "$(sdp 1)"
	maybe 100
	got 481
	TO_TAG=';tag=nobody' BRANCH=3INVITE call ACK 3
}
crequire() { # 8.2.2.3
	call INVITE 1 "$(sdp 1)" "Require: time-travel"
	maybe 100
	with 420 hdr:Unsupported time-travel
	BRANCH=1INVITE call ACK 1
}
ctype() { # 8.2.3: a body that is no description
	TYPE=text/plain call INVITE 1 "beam me up"
	maybe 100
	with 415 hdr:Accept application/sdp
	BRANCH=1INVITE call ACK 1
}
cmedia() { # nothing that it could speak: 488
	call INVITE 1 "$(sdp 1 | sed '/^a=/d; s/RTP.AVP 0 101/RTP\/AVP 77/')"
	maybe 100
	got 488
	BRANCH=1INVITE call ACK 1
}
cgarbled() { # a description that is none
	call INVITE 1 "$(sdp 1 | sed 's/^v=0/v=zero/')"
	maybe 100
	echo '<recv response="488" optional="true" next="9"/>'
	got 400
	echo '<label id="9"/>'
	BRANCH=1INVITE call ACK 1
}
cvideo() { # an m= line that is not known is refused alone, in its place
	call INVITE 1 "$(sdp 1 | sed 's/^m=audio/m=video 40000 RTP\/AVP 31\n&/')"
	maybe 100
	with 200 body 'm=video 0 RTP/AVP 31' body 'm=audio [1-9]'
	call ACK 1
	later 500
	hang_up
}
cdigits() { # RFC 4733, with the number that SIPp gives them
	call INVITE 1 "$(sdp 1 | sed 's/101/96/')"
	maybe 100
	maybe 180
	got 200
	call ACK 1
	echo '<nop><action><exec play_dtmf="5"/></action></nop>'
	later 1500
	hang_up
}
corder() { # an old CSeq in a dialog: 500 (12.2.2)
	up
	call OPTIONS 7
	got 200
	call OPTIONS 3
	got 500
	hang_up
}

# ------------------------------------------------------------------ calling
n=0
declare -A port
# try NAME [OPTION...]: one parley and one SIPp, side by side
try() {
	local name=$1
	shift
	start "$name.us" 100 "$parley" listen --auto-answer --json --count 1 \
		--local "127.0.0.1:$((P + 2 * n + 1))" \
		--rtp-ports "$((M + 300))-$((M + 499))" "$@"
	port[$name]=$((P + 2 * n))
	n=$((n + 1))
}
# meet NAME SECONDS [ARGUMENT...]: SIPp begins
meet() {
	local p=${port[$1]}
	within 10 bound tcp $((p + 1)) || bad "$1: parley does not listen" "$1.us.err"
	sipp_start "$1" "$2" "$p" $((M + 4 * (p - P))) "127.0.0.1:$((p + 1))" "${@:3}"
}
# expect NAME STATE BY TEXT: parley's view, of a call that was
expect() {
	sipp_good "$1" 90 "$4"
	same "$4: parley's exit status" 0 "$(ended "$1.us" 20)" "$1.us.err"
	same "$4: parley's view" "$2 $3" \
		"$(field "$1.us.out" state) $(field "$1.us.out" by)" "$1.us.err"
}
# refused NAME TEXT: the call was none, or none was told of
refused() {
	sipp_good "$1" 60 "$2"
	signal "$1.us" INT
	same "$2: parley's exit status" 0 "$(ended "$1.us" 20)" "$1.us.err"
}

capture
up="plain late lost offer hold empty again merged options unknown video digits order"
for c in $up tcp; do
	case $c in
	merged) try "c$c" --ring 2 ;;
	offer) try "c$c" --play "$speech" ;;
	*) try "c$c" ;;
	esac
done
try ccancel --ring 20
for c in stray require type media garbled; do try "c$c"; done
for c in $up cancel stray require type media garbled; do meet "c$c" 80; done
meet ctcp 40 -t t1

for c in plain:"a plain call" tcp:"a call over TCP" late:"an ACK that comes late" \
	offer:"no offer in the INVITE" hold:"hold in both styles" \
	empty:"a re-INVITE without an offer" again:"the INVITE twice" \
	merged:"the INVITE by two ways" options:"OPTIONS" unknown:"unknown methods" \
	video:"video refused, audio taken" digits:"a digit" order:"an old CSeq"; do
	expect "c${c%%:*}" ended peer "${c#*:}"
done
same "a digit: parley's view" 5 "$(field cdigits.us.out digits)" cdigits.us.out
atleast "no offer in the INVITE: packets sent" 100 "$(field coffer.us.out packets_sent)"
expect ccancel cancelled peer "CANCEL"
refused cstray "requests of no dialog"
refused crequire "an extension that is required"
refused ctype "a body of another type"
refused cmedia "no codec in common"
refused cgarbled "a garbled description"
expect clost failed us "an ACK that never comes"

wire_stop $(seq $P $((P + 99)))
from() { # NAME STATUS [CSEQ]: what parley answered with
	seen "src == ${port[$1]} + 1 && status == $2 && cseq == \"${3:-INVITE}\""
}
atleast "an ACK that comes late: 200s" 3 "$(from clate 200)"
last=$(wire "dst == ${port[clate]} + 1 && method == \"ACK\" { print time }; 0")
same "an ACK that comes late: no 200 after it" 0 \
	"$(seen "src == ${port[clate]} + 1 && cseq == \"INVITE\" && status == 200 && time > ${last:-0} + 0.2")"
same "an ACK that never comes: 200s, T1 doubled to T2 for 64*T1" 11 "$(from clost 200)"
wire_clean $(seq $((P + 1)) 2 $((P + 99))) $(seq $((M + 300)) $((M + 499)))
