# parley call against scenarios of SIPp's: refusals, redirection, digest,
# early media, answers that come twice, late, from two places or not at all,
# what a callee asks in a call.
. "$(dirname "$0")/lib.sh"
. "$here/sipp.sh"

# ---------------------------------------------------------------- scenarios
refuse() { got INVITE; reply "$1" "$2" "" "${@:3}"; got ACK; }
s302() { refuse 302 "Moved Temporarily" "Contact: <sip:elsewhere@127.0.0.1:9>"; }
s404() { refuse 404 "Not Found"; }
s486() { refuse 486 "Busy Here"; }
s603() { refuse 603 Decline; }
s503() { refuse 503 "Service Unavailable" "Retry-After: 30"; }

challenge() { # CODE HEADER... : then the answer is taken
	local code=$1 name=Authorization
	shift
	[ "$code" = 401 ] || name=Proxy-Authorization
	got INVITE
	reply "$code" "Prove It" "" "$@"
	got ACK
	with INVITE "hdr:$name" "Digest .*response=.*[0-9a-f]{32}"
	reply 200 OK "$(sdp 1)"
	got ACK
	got BYE
	confirm 200 OK
}
digest='Digest realm="interop.test", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c0"'
smd5() { challenge 401 "WWW-Authenticate: $digest, algorithm=MD5, qop=\"auth\", opaque=\"5ccc\""; }
sold() { challenge 407 "Proxy-Authenticate: $digest"; }
ssess() { challenge 401 "WWW-Authenticate: $digest, algorithm=MD5-sess, qop=\"auth\""; }
s256() { challenge 407 "Proxy-Authenticate: $digest, algorithm=SHA-256, qop=\"auth\""; }
s512() { challenge 401 "WWW-Authenticate: $digest, algorithm=SHA-512-256, qop=\"auth\""; }
sint() { challenge 401 "WWW-Authenticate: $digest, algorithm=SHA-256, qop=\"auth-int\""; }
# RFC 8760 2.4: several, the preferred first; what is not known is passed over.
sboth() {
	challenge 401 "WWW-Authenticate: Digest realm=\"interop.test\", nonce=\"aa\", algorithm=SHA3-512, qop=\"auth\"" \
		"WWW-Authenticate: $digest, algorithm=SHA-256, qop=\"auth\"" \
		"WWW-Authenticate: $digest, algorithm=MD5, qop=\"auth\""
}
sstale() {
	got INVITE
	reply 401 Unauthorized "" "WWW-Authenticate: $digest, qop=\"auth\""
	got ACK
	got INVITE
	reply 401 Unauthorized "" "WWW-Authenticate: Digest realm=\"interop.test\", nonce=\"second\", stale=true, qop=\"auth\""
	got ACK
	with INVITE hdr:Authorization 'nonce="second"'
	reply 200 OK "$(sdp 1)"
	got ACK
	got BYE
	confirm 200 OK
}
swrong() {
	got INVITE
	reply 401 Unauthorized "" "WWW-Authenticate: $digest, qop=\"auth\""
	got ACK
	got INVITE
	reply 401 Unauthorized "" "WWW-Authenticate: $digest, qop=\"auth\""
	got ACK
}

searly() { # 183 with a description, and sound before the answer
	got INVITE
	reply 183 "Session Progress" "$(sdp 1)"
	echo "<nop><action><exec rtp_stream=\"early.ul,1,0\"/></action></nop>"
	later 2000
	reply 200 OK "$(sdp 1)"
	got ACK
	got BYE
	confirm 200 OK
}
stwice() { # the 200 comes twice, and so does its ACK, which the wire shows
	got_invite
	reply 180 Ringing
	reply 200 OK "$(sdp 1)"
	got ACK
	reply_invite 200 OK "$(sdp 1)"
	got ACK
	got BYE
	confirm 200 OK
}
snone() { # not a word: timer B
	got INVITE
	later 36000
}
sfork() { # two places answer: both get an ACK, one a BYE at once (13.2.2.4)
	got_invite
	TAG=';tag=a[call_number]' reply 180 Ringing
	TAG=';tag=b[call_number]' reply 180 Ringing
	TAG=';tag=a[call_number]' reply 200 OK "$(sdp 1)"
	with ACK hdr:To 'tag=a'
	TAG=';tag=b[call_number]' reply_invite 200 OK "$(sdp 1)"
	with ACK hdr:To 'tag=b'
	with BYE hdr:To 'tag=b'
	confirm 200 OK
	with BYE hdr:To 'tag=a'
	confirm 200 OK
}
sbare() { # re-INVITE without an offer: it stands in the 200, the answer in the ACK
	got_invite
	reply 200 OK "$(sdp 1)"
	got ACK
	later 500
	ask INVITE 7
	maybe 100
	with 200 body 'm=audio [1-9]' hdr:Content-Type application/sdp
	ask ACK 7 "$(sdp 2 sendrecv)"
	later 500
	ask BYE 8
	got 200
}
srefused() { # a re-INVITE that cannot be: 488, and the call goes on
	got_invite
	reply 200 OK "$(sdp 1)"
	got ACK
	ask INVITE 7 "$(sdp 2 | sed 's/RTP.AVP 0 101/RTP\/AVP 77/; /rtpmap/d; /fmtp/d')"
	maybe 100
	got 488
	ask ACK 7
	ask OPTIONS 8
	got 200
	ask BYE 9
	got 200
}
scancel() { # cancelled while it rings
	got_invite
	reply 180 Ringing
	got CANCEL
	reply 200 OK
	reply_invite 487 "Request Terminated"
	got ACK
}
scross() { # CANCEL and 200 cross: ACK, then BYE (RFC 3261 15)
	got_invite
	reply 180 Ringing
	got CANCEL
	reply 200 OK
	reply_invite 200 OK "$(sdp 1)"
	got ACK
	got BYE
	confirm 200 OK
}
sslow() { # a provisional response a while before the answer, which comes late
	got INVITE
	reply 100 Trying
	later 1500
	reply 180 Ringing
	later 1500
	reply 200 OK "$(sdp 1)"
	got ACK
	got BYE
	confirm 200 OK
}

# ------------------------------------------------------------------ calling
n=0
declare -A port
# try NAME [OPTION...]: one SIPp and one parley, side by side
try() {
	local name=$1 transport=
	shift
	sipp_start "$name" 60 $((P + 2 * n)) $((M + 8 * n)) ${T:+-t "$T"}
	[ -z "${T:-}" ] || transport=";transport=tcp"
	sipp_waits $((P + 2 * n))
	start "$name.us" 60 "$parley" call \
		"sip:sipp@127.0.0.1:$((P + 2 * n))$transport" --json \
		--local "127.0.0.1:$((P + 2 * n + 1))" \
		--rtp-ports "$((M + 300))-$((M + 499))" --duration 1 "$@"
	port[$name]=$((P + 2 * n))
	n=$((n + 1))
}
# expect NAME RC STATE CODE TEXT
expect() {
	same "$5: exit status" "$2" "$(ended "$1.us" 60)" "$1.us.err"
	same "$5: state and code" "$3 $4" \
		"$(field "$1.us.out" state) $(field "$1.us.out" code)" "$1.us.err"
	sipp_good "$1" 60 "$5"
}
# The response of a digest, reckoned anew from what was sent.
reckon() { # NAME SUM TEXT
	local line a1 a2 want sum=$2
	line=$(grep -aE '^(Proxy-)?Authorization: Digest' "$1.log" | tail -n 1 | tr -d '\r')
	v() { grep -oE "[ ,]$1=(\"[^\"]*\"|[^, ]*)" <<<"$line" | head -n 1 | sed 's/^[^=]*=//; s/"//g'; }
	h() { printf '%s' "$1" | openssl dgst "-$sum" -r | cut -d' ' -f1; }
	a1=$(h "bob:interop.test:s3cret")
	[[ $(v algorithm) != *-sess ]] || a1=$(h "$a1:$(v nonce):$(v cnonce)")
	a2=INVITE:$(v uri)
	[ "$(v qop)" != auth-int ] || a2=$a2:$(openssl dgst "-$sum" -r <"$1.body" | cut -d' ' -f1)
	want=$a1:$(v nonce)
	[ -z "$(v qop)" ] || want=$want:$(v nc):$(v cnonce):$(v qop)
	want=$(h "$want:$(h "$a2")")
	same "$3: the response is right" "$want" "$(v response)" "$1.log"
}
# The body of the last INVITE in SIPp's log, byte for byte, in NAME.body.
last_body() {
	tr -d '\0' <"$1.log" | awk 'BEGIN { RS = "\r\n" }
		/(^|\n)INVITE sip:/ { on = 1; head = 1; body = ""; next }
		on && head && /^Content-Length:/ { want = $2 }
		on && head && $0 == "" { head = 0; next }
		on && !head && length(body) < want { body = body $0 "\r\n" }
		on && !head && length(body) >= want { on = 0 }
		END { printf "%s", body }' >"$1.body"
}

sox -V1 "$speech" -r 8000 -c 1 -t ul early.ul
capture
auth=(--user bob --password s3cret)
for c in 302 404 486 603 503; do try "s$c"; done
for c in md5 old sess 256 512 int both stale wrong; do try "s$c" "${auth[@]}"; done
try searly --record early.wav
for c in twice fork slow none cross cancel; do try "s$c"; done
try sbare --duration 20
try srefused --duration 20
stcp() { sslow; }
T=t1 try stcp
start nobody 30 "$parley" call sip:nobody@127.0.0.1:$((P + 98)) --json \
	--local "127.0.0.1:$((P + 99))"
rings() { grep -aq 'SIP/2.0 180' "$1.log"; }
for c in scross scancel; do
	check "$c: rings" within 20 rings $c
	signal $c.us INT
done

for c in 302 404 486 603 503; do expect "s$c" 1 failed $c "refused with $c"; done
check "302: one line says why" grep -q "302 Moved Temporarily from .*127.0.0.1" s302.us.err
for c in md5:md5 old:md5 sess:md5 256:sha256 512:sha512-256 int:sha256 both:sha256; do
	expect "s${c%:*}" 0 ended 200 "digest ${c%:*}"
	last_body "s${c%:*}"
	reckon "s${c%:*}" "${c#*:}" "digest ${c%:*}"
done
expect sstale 0 ended 200 "a stale nonce"
expect swrong 1 failed 401 "refused credentials"
expect searly 0 ended 200 "early media"
atleast "early media: heard before the answer and after (s)" 2 "$(soxi -D early.wav 2>/dev/null)"
atleast "early media: packets received" 100 "$(field searly.us.out packets_received)"
# SIPp's own pace is rough on a busy machine.
alike "early media" "$speech" early.wav 0.7
expect stwice 0 ended 200 "a 200 that comes twice"
expect sfork 0 ended 200 "two places answer"
expect sslow 0 ended 200 "a late answer"
expect scancel 1 cancelled 487 "cancelled"
expect scross 1 cancelled 487 "CANCEL crosses the 200"
expect sbare 0 ended 200 "re-INVITE without an offer"
same "re-INVITE without an offer: who hung up" peer "$(field sbare.us.out by)"
expect srefused 0 ended 200 "re-INVITE refused"
expect stcp 0 ended 200 "over TCP"
same "nobody there: exit status" 1 "$(ended nobody 40)"
same "nobody there: state" failed "$(field nobody.out state)" nobody.err
expect snone 1 failed 408 "no word from the callee"

wire_stop $(seq $P $((P + 99)))
wire_clean $(seq $((P + 1)) 2 $((P + 99))) $(seq $((M + 300)) $((M + 499)))
same "a 200 that comes twice: ACKs" 2 "$(seen "dst == ${port[stwice]} && method == \"ACK\"")"
