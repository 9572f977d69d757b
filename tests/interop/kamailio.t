# Registration with digest over UDP and TCP at Kamailio, and calls between two
# parleys through it: 407, Record-Route, hold by either side, BYE by either,
# cancelled, busy, not there.  MD5 at one Kamailio, SHA-256 at another.
. "$(dirname "$0")/lib.sh"
K=$((P + 90)) K256=$((P + 92))

kamailio_start() { # TAG PORT [OPTION...]
	local tag=$1 port=$2
	shift 2
	mkdir -p "$tag.run"
	start "$tag" 200 kamailio -f "$here/kamailio.cfg" -DD -E -m 32 -M 8 \
		-Y "$dir/$tag.run" -w "$dir/$tag.run" \
		--substdef="!SIP_PORT!$port!g" "$@"
	within 20 bound udp "$port" && within 10 bound tcp "$port" ||
		bad "$tag does not start" "$tag.err"
}
register() { # TAG USER PORT REGISTRAR [OPTION...]: parley's arguments
	echo register --aor "sip:$2@interop.test" --user "$2" \
		--local "127.0.0.1:$3" --registrar "$4" --json "${@:5}"
}
once() { # TAG USER PORT REGISTRAR PASSWORD RC
	timeout 20 "$parley" $(register "$1" "$2" "$3" "$4" --once) \
		--password "$5" >"$1.out" 2>"$1.err"
	same "$1: exit status" "$6" $? "$1.err"
}
talk() { # TAG SECONDS CALLEE PROXY PORT [OPTION...]: parley's arguments
	echo call "sip:$3@interop.test" --from sip:alice@interop.test \
		--user alice --password alice-secret --proxy "$4" \
		--local "127.0.0.1:$5" --json --play "$speech" "${@:6}"
}
code() { field "$1.out" code; }

capture
kamailio_start kamailio $K
kamailio_start kamailio256 $K256 -A DIGEST_SHA256
udp="sip:127.0.0.1:$K" tcp="sip:127.0.0.1:$K;transport=tcp"

# --- registration
once regudp alice "$P" "$udp" alice-secret 0
same "over UDP" "registered 200" "$(field regudp.out state) $(code regudp)"
once regtcp carol $((P + 1)) "$tcp" carol-secret 0
same "over TCP" "registered 200" "$(field regtcp.out state) $(code regtcp)"
once reg256 alice $((P + 2)) "sip:127.0.0.1:$K256" alice-secret 0
same "with SHA-256" "registered 200" "$(field reg256.out state) $(code reg256)"
timeout 20 "$parley" $(register gruu dave $((P + 4)) "$udp" --once) \
	--gruu public --instance urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6 \
	--password dave-secret >gruu.out 2>gruu.err
same "as an instance" "0 registered" "$? $(field gruu.out state)" gruu.err
once wrong alice $((P + 3)) "$udp" secret 1
same "a wrong password" "failed 401" "$(field wrong.out state) $(code wrong)"
check "a wrong password: one line says why" grep -q "401 .*127.0.0.1:$K" wrong.err
timeout 20 "$parley" $(register kept alice $((P + 3)) "$udp") \
	--password secret >kept.out 2>kept.err
same "a wrong password: it is not tried for ever" 1 $? kept.err
once wrong256 alice $((P + 3)) "sip:127.0.0.1:$K256" secret 1

for t in udp tcp; do
	start "long$t" 60 "$parley" $(register "long$t" "long$t" \
		$((P + 4)) "${!t}" --expires 10) --password "long$t-secret"
	refreshed() { [ "$(grep -c registered "long$t.out")" -ge 2 ]; }
	check "kept fresh over $t" within 20 refreshed
	signal "long$t" INT
	same "interrupted over $t: exit status" 0 "$(ended "long$t" 20)" "long$t.err"
	check "interrupted over $t: unregistered" grep -q unregistered "long$t.out"
	timeout 20 "$parley" $(talk "gone$t" 20 "long$t" "$udp" "$P") \
		>"gone$t.out" 2>"gone$t.err"
	same "calling who has left, $t" "1 failed 404" \
		"$? $(field "gone$t.out" state) $(code "gone$t")"
done
wire_stop $(seq $P $((P + 4))) $K $K256
wire_clean $(seq $P $((P + 4)))
# What runs over TCP leaves from ports that the kernel chose.
same "REGISTERs over TCP with credentials" 0 "$(seen "\$5 == $K && method == \"REGISTER\" &&
	head ~ /Expires: 3600/ && head ~ /Authorization: Digest/ && head !~ /realm=\"interop.test\"/")"
same "one challenge, one registration: UDP" "1 1" \
	"$(seen "dst == $P && status == 401") $(seen "dst == $P && status == 200 && cseq == \"REGISTER\"")"
same "its GRUUs: asked for, and given" "1 1" \
	"$(seen "src == $P + 4 && head ~ /Authorization:/ && head ~ /Supported: path, outbound, gruu/") $(
	seen "dst == $P + 4 && status == 200 && head ~ /pub-gruu=\"sip:dave@/ && head ~ /temp-gruu=\"sip:/")"
same "the same with SHA-256" "1 1" \
	"$(seen "dst == $P + 2 && status == 401 && head ~ /algorithm=SHA-256/") $(
	seen "src == $P + 2 && method == \"REGISTER\" && head ~ /Authorization: Digest.*algorithm=SHA-256/")"
atleast "unregistered with Expires: 0" 2 \
	"$(seen "method == \"REGISTER\" && dst == $K && head ~ /Expires: 0\\\\r/")"
mv wire.tsv wire.registrations.tsv

# --- calls
# through TAG USER CALLEE_TRANSPORT CALLER_TRANSPORT PORT: registered, then
# called; the caller holds and resumes, then the callee; the caller hangs up,
# or with TCP the callee.  Who listens registers, too, and takes it back.
through() {
	local tag=$1 user=$2 reg=$3 proxy=$4 port=$5
	with_keys "$tag.callee" 60 listen --auto-answer --count 1 --json \
		--aor "sip:$user@interop.test" --registrar "${!reg}" \
		--user "$user" --password "$user-secret" \
		--local "127.0.0.1:$((port + 1))" --play "$speech" \
		--record "$tag.callee.wav" --rtp-ports "$M-$((M + 199))"
	within 10 grep -q '"registered"' "$tag.callee.out" ||
		bad "$tag: is not registered" "$tag.callee.said"
	with_keys "$tag.caller" 60 $(talk "$tag" 60 "$user" "${!proxy}" "$port" \
		--record "$tag.caller.wav" --rtp-ports "$((M + 200))-$((M + 399))")
}
over() { # TAG WHO: this side hung up
	local a=us b=peer f
	[ "$2" = caller ] || a=peer b=us
	same "$1: exit status" "0 0" "$(ended "$1.caller" 20) $(ended "$1.callee" 20)" \
		"$1.caller.said" "$1.callee.said"
	same "$1: the caller's view" "ended $a" \
		"$(field "$1.caller.out" state) $(field "$1.caller.out" by)" "$1.caller.said"
	same "$1: the callee's view" "ended $b" \
		"$(field "$1.callee.out" state 1) $(field "$1.callee.out" by 1)" "$1.callee.said"
	check "$1: the callee has unregistered" grep -q '"unregistered"' "$1.callee.out"
	for f in callee caller; do # before the holds
		sox -V1 "$1.$f.wav" "$1.$f.head.wav" trim 0 4
		alike "$1: what the $f hears" "$speech" "$1.$f.head.wav"
	done
}
rm -f capture.pcapng
capture
through u bob udp udp $((P + 10))
through t carol tcp tcp $((P + 20))
through m dave udp tcp $((P + 30))
sleep 4
for who in caller callee; do
	for c in u t m; do press "$c.$who" h; done
	sleep 1.5
	for c in u t m; do press "$c.$who" h; done
	sleep 1.5
done
sleep 2
press u.caller q
press t.callee q
press m.callee q
over u caller
over t callee
over m callee

# --- what does not come to be
once busy.reg erin $((P + 41)) "$udp" erin-secret 0
listen busy 30 $((P + 41)) --reject 486 --count 1 --json
timeout 20 "$parley" $(talk busy 20 erin "$udp" $((P + 40))) >busy1.out 2>busy1.err
same "busy" "1 failed 486" "$? $(field busy1.out state) $(code busy1)" busy1.err
same "busy: the callee's view" "failed 486" \
	"$(ended busy 10 >/dev/null; field busy.out state) $(code busy)"

once ring.reg frank $((P + 43)) "$tcp" frank-secret 0
listen ring 30 $((P + 43)) --ring 25 --count 1 --json
start cancel 30 "$parley" $(talk cancel 20 frank "$udp" $((P + 42)) --verbose)
rings() { tr -d '\0' <ring.out | grep -q '"state"' || [ -n "$(ss -Htn state established "sport = :$((P + 43))")" ]; }
within 10 rings || bad "it does not ring" cancel.err
sleep 1
signal cancel INT
same "cancelled" "1 cancelled 487" "$(ended cancel 10) $(field cancel.out state) $(code cancel)" cancel.err
same "cancelled: the callee's view" "cancelled 487" \
	"$(ended ring 10 >/dev/null; field ring.out state) $(code ring)" ring.err

start stranger 30 "$parley" call sip:erin@interop.test --from sip:mallory@interop.test \
	--user mallory --password guess --proxy "$udp" --local "127.0.0.1:$((P + 44))" --json
same "a caller without the password" "1 failed 407" \
	"$(ended stranger 20) $(field stranger.out state) $(code stranger)"

ours=$(seq $((P + 10)) $((P + 44)))
wire_stop $ours $K
wire_clean $ours $(seq $M $((M + 399)))
same "no SIP from one to the other but through Kamailio" 0 \
	"$(seen "(method != \"\" || status != \"\") && src >= $P && src < $K && dst >= $P && dst < $K")"
same "INVITEs that were challenged" 5 "$(seen "src == $K && status == 407 && head !~ /mallory/")"
# RFC 3261 13.2.2.4: the same credentials as the INVITE's.
same "the ACK of a 200 has the INVITE's credentials" 3 \
	"$(seen "dst == $K && method == \"ACK\" && head ~ /Proxy-Authorization/")"
# Each message stands twice on the wire, to Kamailio and from it.
again='method == "INVITE" && head ~ /To: [^\\]*tag=/'
same "holds (sendonly) through Kamailio, and resumed" "12 12" \
	"$(seen "$again && sdp ~ /sendonly/") $(seen "$again && sdp ~ /sendrecv/")"
same "what has the route in a dialog: 12 re-INVITEs, 3 BYEs" "12 3" \
	"$(seen "$again && head ~ /[^-]Route: <sip:127.0.0.1:$K;[^>]*lr/") $(
	seen "method == \"BYE\" && head ~ /[^-]Route: <sip:127.0.0.1:$K;[^>]*lr/")"
same "BYEs and their 200s, both sides of Kamailio" "6 6" \
	"$(seen 'method == "BYE"') $(seen 'cseq == "BYE" && status == 200')"
