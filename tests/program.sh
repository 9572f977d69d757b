#!/bin/sh
# The program as a newcomer meets it: exit statuses and their one line, help and
# manual, and what only its main has: files, keys in a terminal, signals.  B is
# the folder of the variant.
p=0 f=0
ok() {
	if [ "$1" -eq 0 ]; then p=$((p + 1)); else f=$((f + 1)) && echo "FAILED: $2"; fi
}
d=$(mktemp -d)
trap 'rm -rf "$d"' EXIT
parley=$B/parley
trap : PIPE # who left early is a failure below, not the end of this

# What needs a terminal is skipped where there is none to be had.
terminals() {
	script -qec true /dev/null >"$d/script" 2>&1 && return
	echo "skipped: keys in a terminal: $(head -n 1 "$d/script")"
	false
}

# status STATUS WORDS ARGUMENTS: fails so, and says so in one line with WORDS
status() {
	want=$1 words=$2
	shift 2
	timeout 60 "$parley" "$@" >"$d/out" 2>"$d/err" </dev/null
	[ $? -eq "$want" ] && [ "$(wc -l <"$d/err")" -eq 1 ] &&
		grep -qF -- "$words" "$d/err" && [ ! -s "$d/out" ]
	ok $? "$*: $(cat "$d/err")"
}

n=sip:a@127.0.0.1:9
status 2 'see parley help'
status 2 bogus bogus
status 2 bogus help bogus
status 2 whom call
status 2 '--bogus' call $n --bogus
status 2 'one too many' call $n b
status 2 'wants a value' call $n --duration
status 2 'from 0 to 86400' call $n --duration -1
status 2 'from 300 to 699' listen --reject 200
status 2 'not a SIP URI: tel:+123' call tel:+123
status 2 '--local 5060' call $n --local 5060
status 2 '--local 127.0.0.1:99999' listen --local 127.0.0.1:99999
status 2 '--proxy 127.0.0.1' call $n --proxy 127.0.0.1
status 2 '--registrar x' register --aor $n --registrar x
status 2 '--aor' register
status 2 '--gruu no' register --aor $n --gruu no
status 2 '--instance no' register --aor $n --instance no
status 2 '--transport sctp' listen --transport sctp
status 2 '--dtmf 12x' call $n --dtmf 12x
status 2 'a whole number wanted: 0 to 86400' call $n --media-timeout x
status 2 'number out of range: 1 to 100000' listen --calls 0
status 2 "no option '--calls'" call $n --calls 2 # which takes none
status 2 'not a SIP URI: tel:123' call tel:123 # nor port 123 of tel
status 2 '--play already' call $n --echo --play tools/speech.wav
status 2 'every call is turned away' listen --reject 486 --auto-answer
status 2 'from 2 to 1048576' listen --memory 1
status 2 "'64k'" register --aor $n --memory 64k
status 2 '--rtp-ports 7-8' call $n --rtp-ports 7-8
status 1 'nosuchcard: ' listen --device nosuchcard
status 1 '/no/x.wav: ' listen --device wav:/no/x.wav
status 1 '/no/x.pcapng' call $n --trace /no/x.pcapng
status 2 '-: a file is wanted' call $n --trace -
status 2 '-: a file is wanted' listen --record -
status 2 '-: a file is wanted' register --aor $n --trace -
status 2 'trace-keys: --trace is missing' register --aor $n --trace-keys
status 2 'trace-keys: --trace is missing' call $n --trace-keys
if "$parley" help demo >/dev/null 2>&1; then
	status 2 '-: a file is wanted' demo --trace -
fi
[ ! -e ./- ]
ok $? "a file named -"
# Nobody answers at port 9; a build without DNS knows the hosts file alone.
noname='no name server answers'
"$parley" help lookup >/dev/null 2>&1 || noname='hosts file'
status 1 "$noname" register --aor sip:a@no.such.invalid --once --dns 127.0.0.1:9
status 2 '--dns x: ADDR:PORT wanted' register --aor $n --dns x
status 1 "$d: Is a directory" decode sip "$d"
status 1 'offset 0: ' decode sip /dev/null
status 2 '--transport x' decode sip --verdict --transport x /dev/null
status 2 '--local x' decode sip --verdict --local x /dev/null
status 2 '--local is for --verdict' decode sip --local 192.0.2.1:5060 /dev/null
status 2 'no --lenient' decode sip --verdict --lenient /dev/null
head -c 300 /dev/zero | tr '\0' x >"$d/long"
status 1 'no password' register --aor $n --password-file "$d/long"
status 1 'no password' register --aor $n --password-file - --once
printf 'sip:a@b' | "$parley" decode uri - | grep -q 'host: b'
ok $? 'decode from -'

"$parley" decode uri sip:a@b | grep -q 'host: b'
ok $? 'decode uri sip:a@b'
status 1 'offset 6: ' decode uri sip:a@
status 1 'No such file' decode uri nofile
status 1 'No such file' decode sip sip:a@b
status 2 '--lenient is for' decode uri --lenient /dev/null

# Pasted text: LF alone, no empty line; a Date that no call looks at.
printf '%s\n' 'OPTIONS sip:b@192.0.2.1 SIP/2.0' 'Via: SIP/2.0/UDP h;branch=z9hG4bKa' \
	'From: <sip:a@h>;tag=1' 'To: <sip:b@192.0.2.1>' 'Call-ID: 1' 'CSeq: 1 OPTIONS' \
	'Date: today' >"$d/pasted"
status 1 'offset ' decode sip "$d/pasted"
# A status has a response alone, and a request its URI.
printf 'SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h\r\nFrom: <sip:a@x>;tag=1\r\nTo: <sip:b@h>;tag=2\r\nCall-ID: 1\r\nCSeq: 1 BYE\r\n\r\n' |
	"$parley" decode sip - >"$d/out" && grep -q '^  status: 200' "$d/out" &&
	! grep -q '^  method' "$d/out" &&
	printf 'BYE sip:b@h SIP/2.0\r\nVia: SIP/2.0/UDP h\r\nFrom: <sip:a@x>;tag=1\r\nTo: <sip:b@h>;tag=2\r\nCall-ID: 1\r\nCSeq: 1 BYE\r\n\r\n' |
	"$parley" decode sip - >"$d/out" && ! grep -q '^  status' "$d/out"
ok $? "decode of a response and a request: $(cat "$d/out")"
"$parley" decode sip --lenient "$d/pasted" >"$d/out" 2>"$d/err" &&
	grep -q 'value: today' "$d/out" && [ ! -s "$d/err" ]
ok $? "decode sip --lenient: $(cat "$d/err")"
sed 's/^CSeq.*/CSeq: x/' "$d/pasted" >"$d/bad" # 128 octets stand before the x
status 1 'offset 128: ' decode sip --lenient "$d/bad"
# Empty lines before it; a body of 25 octets on the wire, its last LF lost.
(echo && echo && cat "$d/bad") >"$d/below"
status 1 'offset 130: ' decode sip --lenient "$d/below"
(echo && cat "$d/pasted" && printf 'Content-Length: 25\n\nfirst line\nthe last one') \
	>"$d/below"
"$parley" decode sip --lenient "$d/below" | grep -q 'the last one'
ok $? 'decode sip --lenient: a body without its last LF'
printf 'v=0\nc=IN IP4 192.0.2.1\nm=audio 4000 RTP/AVP 0' >"$d/sdp" # no o= s= t=
status 1 'offset ' decode sdp "$d/sdp"
if "$parley" help demo >/dev/null 2>&1; then
	# RR, and SDES whose item is too long: 8 octets, 4 of header, SSRC.
	printf '\200\311\0\001\0\0\0\001\201\312\0\002\0\0\0\002\001\005ab' \
		>"$d/sdes"
	status 1 'offset 16: ' decode rtcp "$d/sdes"
fi
if "$parley" decode 2>&1 | grep -q '^  dns '; then
	# A reply with one SRV record, then with its last octets missing.
	printf '\0\1\201\200\0\1\0\1\0\0\0\0\4_sip\4_udp\1b\0\0\41\0\1\300\14\0\41\0\1\0\0\0\74\0\11\0\1\0\2\23\304\1c\0' >"$d/dns"
	"$parley" decode dns "$d/dns" >"$d/out" && grep -q '^ *port: 5060' "$d/out" &&
		grep -q '^ *target: c$' "$d/out" && grep -q '^  recursion_desired: true' "$d/out"
	ok $? "decode dns: $(cat "$d/out")"
	head -c 45 "$d/dns" >"$d/cut"
	status 1 'offset 41: rdata is cut off' decode dns "$d/cut"
	printf '\0\1\0\0\0\1\0\0\0\0\0\0\300\14\0\1\0\1' >"$d/loop"
	status 1 'offset 12: pointer backwards wanted' decode dns "$d/loop"
	"$parley" decode dns --json "$d/dns" | grep -q '"type":"SRV"'
	ok $? 'decode dns --json'
fi
# RFC 6455 5.7: a masked "Hello", behind the handshake's request.
printf 'GET / HTTP/1.1\r\nHost: a\r\n\r\n\201\205\067\372\041\075\177\237\115\121\130' >"$d/ws"
"$parley" decode websocket "$d/ws" >"$d/out" && grep -q 'payload: Hello' "$d/out" &&
	grep -q 'target: /' "$d/out"
ok $? "decode websocket: $(cat "$d/out")"
printf '\201\005Hello\301' >"$d/ws"
status 1 'offset 7: reserved bits are set' decode websocket "$d/ws"
printf '\201\006Hello' >"$d/ws"
status 1 'offset 7: rest of a frame' decode websocket "$d/ws"
printf 'HTTP/1.1 426 Upgrade Required\r\nUpgrade : websocket\r\n\r\n' >"$d/http"
status 1 'offset 38: colon wanted behind the name' decode http "$d/http"
printf 'HTTP/1.1 200 OK\r\nETag: "x"\r\n\r\nabc' | "$parley" decode http --json >"$d/out"
grep -q '"status":200.*"value":"\\"x\\"".*"body":"abc"' "$d/out"
ok $? "decode http --json: $(cat "$d/out")"
"$parley" decode sdp --lenient "$d/sdp" | grep -q 'port: 4000'
ok $? 'decode sdp --lenient'

# Locations, from a name server of the tests.
where() { # where HOPS ARGUMENTS: transport, address and port of each
	want=$1
	shift
	timeout 60 "$parley" lookup --dns "$ns" "$@" >"$d/out" 2>"$d/err"
	got=$(sed -n '/^  hops:/,$p' "$d/out" | awk '/transport:/ {t = $2}
		/address:/ {a = $2} /^ *port:/ {printf "%s%s %s %s", s, t, a, $2; s = ", "}')
	[ "$got" = "$want" ]
	ok $? "lookup $*: $got: $(cat "$d/err")"
}
if [ -x "$B/tests/dns/server" ]; then
	cat >"$d/zone" <<'Z'
example.test 60 SOA ns.example.test hm.example.test 1 2 3 4 5
example.test 60 NAPTR 10 50 s SIPS+D2T "" _sips._tcp.example.test
example.test 60 NAPTR 20 50 s SIP+D2U "" _sip._udp.example.test
_sips._tcp.example.test 60 SRV 10 0 5061 sip1.example.test
_sip._udp.example.test 60 SRV 20 0 5070 sip2.example.test
_sip._udp.example.test 60 SRV 10 0 5060 sip1.example.test
sip1.example.test 60 A 192.0.2.1
sip1.example.test 60 AAAA 2001:db8::1
sip2.example.test 60 A 192.0.2.2
evil.example.test 60 NAPTR 1 1 s "[31m" "" x
_sip._udp.nosip.example.test 60 SRV 0 0 0 .
_sip._tcp.nosip.example.test 60 SRV 0 0 0 .
Z
	printf 'big.example.test 60 A 198.51.100.%d\n' $(seq 100) >>"$d/zone"
	"$B/tests/dns/server" "$d/zone" 127.0.0.1:0 0x700 >"$d/ns" &
	server=$!
	while [ ! -s "$d/ns" ] && kill -0 $server; do sleep 0.05; done
	ns=$(cat "$d/ns")
	udp='udp 2001:db8::1 5060, udp 192.0.2.1 5060, udp 192.0.2.2 5070'
	where "tls 2001:db8::1 5061, tls 192.0.2.1 5061, $udp" sip:a@example.test
	grep -q '^  verify: example.test$' "$d/out" &&
		grep -q '^  *- 10 50 "s" "SIPS+D2T" "" _sips._tcp.example.test$' "$d/out" &&
		grep -q "^  *server: $ns\$" "$d/out" && grep -q '^  *took_us: [0-9]' "$d/out"
	ok $? "lookup tells its steps: $(cat "$d/out")"
	where "tls 192.0.2.1 5061" sips:example.test --ipv4
	where "udp 192.0.2.1 5060, udp 192.0.2.2 5070" --transports tcp,udp --ipv4 sip:example.test
	where "tcp 2001:db8::1 5062" 'sip:sip1.example.test:5062;transport=tcp' --ipv6
	where "udp 192.0.2.7 5060" sip:a@192.0.2.7
	where "tls ::1 5061" 'sips:a@[::1]'
	where "udp 127.0.0.1 5060" sip:localhost --ipv4 # of the hosts file
	where '' sip:nosip.example.test
	grep -q 'parley: sip:nosip.example.test: the domain has no such service' "$d/err"
	ok $? "lookup of what is not there: $(cat "$d/err")"
	where '' sip:none.example.test
	grep -q ': no such name$' "$d/err"
	ok $? "lookup of no name: $(cat "$d/err")"
	timeout 60 "$parley" lookup --dns "$ns" sip:big.example.test:5060 --json \
		--trace "$d/dns.pcapng" >"$d/out" &&
		[ "$(grep -o '"port":5060' "$d/out" | wc -l)" -eq 16 ] && [ -s "$d/dns.pcapng" ]
	ok $? "lookup of what comes by TCP: $(cat "$d/out")"
	status 2 '--dns x' lookup sip:a@b --dns x
	status 2 '--transports sctp' lookup sip:a@b --transports sctp
	status 2 'not a SIP URI: tel:1' lookup tel:1
	status 2 'leave nothing' lookup sip:a@b --ipv4 --ipv6
	status 2 'lookup: what?' lookup
	status 1 'not by udp' lookup sips:a@b --transports udp
	status 1 'no such transport' lookup 'sip:a@b;transport=sctp'
	status 1 'File exists' lookup sip:a@b --trace "$d/dns.pcapng"
	status 1 'File exists' neighbours --trace "$d/dns.pcapng"
	status 2 '--for' neighbours --for x
	status 2 '--bonjour: it is --aor already' listen --bonjour a --aor sip:a@b
	status 2 '--bonjour: a name is wanted' listen --bonjour ''
	kill $server
	wait $server 2>/dev/null
	timeout 60 "$parley" lookup --dns "$ns" sip:example.test >"$d/out" 2>"$d/err"
	[ $? -eq 1 ] && grep -q 'no name server answers' "$d/err" # ICMP: at once
	ok $? "lookup where nobody is: $(cat "$d/err")"
fi

"$parley" help >/dev/full 2>/dev/null
[ $? -eq 1 ] && printf 'sip:a@b' | "$parley" decode uri 2>&1 >/dev/full |
	grep -q 'standard output'
ok $? 'standard output that is full'

# Every command is listed in one line and helps; the manual has its options.
for c in $("$parley" help | sed -n 's/^  \([a-z]*\) .*/\1/p'); do
	"$parley" help "$c" >"$d/help" && "$parley" "$c" --help |
		cmp -s - "$d/help" && "$parley" "$c" -h | cmp -s - "$d/help"
	ok $? "help $c"
	! grep '.\{81\}' "$d/help"
	ok $? "help $c: 80 columns"
	sed -n "/^\.SS $c\$/,/^\.S/p" man/parley.1 | tr -d '\\' >"$d/man"
	for o in $(sed -n 's/^  \(--[a-z0-9-]*\).*/\1/p' "$d/help"); do
		[ "$o" = --help ] || grep -q -- "^\.B.* $o\( \|\$\)" "$d/man"
		ok $? "manual: $c $o"
	done
	[ -s "$d/man" ]
	ok $? "manual: $c"
done

# What is heard of, at most 30 s later.
await() {
	i=0
	while ! grep -q "$1" "$2" 2>/dev/null && [ $i -lt 300 ]; do
		sleep 0.1
		i=$((i + 1))
	done
}

if "$parley" help demo >/dev/null 2>&1; then
	status 1 "$noname" call sip:a@no.such.invalid --dns 127.0.0.1:9
	# Nobody listens at port 9; both transports say what the system does.
	status 1 ': refused: nobody listens there' call $n
	status 1 ': refused: nobody listens there' call "$n;transport=tcp"
	status 1 ': refused: nobody listens there' register --aor $n --once
	status 1 '/no/x.wav' call $n --play /no/x.wav
	status 1 '/no/x.wav' call $n --record /no/x.wav
	status 1 '/no/x.wav' listen --local 127.0.0.1:0 --play /no/x.wav
	status 1 '/no/1.wav' listen --local 127.0.0.1:0 --record /no/%n.wav
	status 2 '--codec foo' call $n --codec foo
	status 1 'no transport of ours reaches it' call "$n;transport=sctp"
	tls='refused: nobody listens there'
	grep -aq sip_secure_tls "$parley" || tls='no transport of ours reaches it'
	for u in "$n;transport=tls" "$n;transport=wss" "sips:a@127.0.0.1"; do
		status 1 "$tls" call "$u"
		status 1 "$tls" register --aor $n --registrar "$u" --once
	done
	status 1 '/no/sent.wav' demo --dir /no

	# In a folder that nobody else can have prepared; gone with a demo that
	# did not come to its end.
	mkdir "$d/tmp"
	TMPDIR=$d/tmp timeout 60 "$parley" demo >"$d/demo" 2>"$d/err" &
	pid=$!
	await 'answered' "$d/demo"
	[ "$(stat -c %a "$d"/tmp/parley-demo-??????)" = 700 ] &&
		[ -s "$d"/tmp/parley-demo-??????/sent.wav ]
	ok $? 'a folder for demo'
	kill -INT $pid
	wait $pid
	[ $? -eq 1 ] && [ -z "$(ls "$d/tmp")" ]
	ok $? "an interrupted demo leaves nothing: $(ls -R "$d/tmp")"

	# A trace on a disk that is full fails the call that it is of.
	timeout 60 "$parley" listen --local 127.0.0.1:0 --auto-answer --count 1 \
		>"$d/traced" 2>&1 &
	pid=$!
	await 'listening on' "$d/traced"
	to=sip:x@$(sed -n 's/^listening on //p' "$d/traced")
	status 1 'the trace is cut off' call "$to" --duration 0.3 --quiet \
		--trace /dev/full
	wait $pid
	ok $? "who is called by it: $(cat "$d/traced")"

	# --verbose: first lines of messages, with direction and address; twice
	# all of them, without what lets others in.
	timeout 60 "$parley" listen --local 127.0.0.1:0 --auto-answer --count 3 \
		--verbose >"$d/heard" 2>"$d/there" &
	pid=$!
	await 'listening on' "$d/heard"
	to=$(sed -n 's/^listening on //p' "$d/heard")
	for o in '' --verbose; do
		"$parley" call "sip:x:geheim@$to" --duration 0.2 --quiet \
			--verbose $o 2>"$d/saw$o"
		grep -q "^parley: -> udp $to INVITE sip:x:\*\*\*@$to SIP/2.0\$" \
			"$d/saw$o" && ! grep -q geheim "$d/saw$o" &&
			grep -q "^parley: <- udp $to SIP/2.0 200 OK\$" "$d/saw$o"
		ok $? "--verbose $o: $(cat "$d/saw$o")"
	done
	! grep -q Via: "$d/saw" "$d/there" &&
		grep -q '^parley:    Via: SIP/2.0/UDP ' "$d/saw--verbose" &&
		grep -q '^parley:    m=audio ' "$d/saw--verbose"
	ok $? '--verbose twice shows whole messages, once it does not'
	"$parley" call "sip:x@$to;transport=tcp" --duration 0.2 --quiet
	wait $pid && [ "$(grep -c '^parley: <- tcp .* ACK sip:' "$d/there")" -eq 1 ]
	ok $? "messages in a stream: $(cat "$d/there")"

	# What was recorded or traced before is not lost: that is refused at the
	# start, later calls get names of their own, --force replaces it.
	echo before >"$d/rec.wav"
	status 1 'rec.wav: File exists (--force' call $n --record "$d/rec.wav"
	status 1 'rec.wav: File exists (--force' listen --record "$d/rec.wav"
	status 1 'rec.wav: File exists (--force' call $n --trace "$d/rec.wav"
	status 1 'rec.wav: File exists (--force' register --aor $n \
		--trace "$d/rec.wav"
	cp tools/speech.wav "$d/both.wav"
	ln "$d/both.wav" "$d/hard.wav"
	ln -s both.wav "$d/soft.wav"
	for i in both hard soft; do
		status 2 'are one file' call $n --force \
			--play "$d/both.wav" --record "$d/$i.wav"
		status 2 'are one file' call $n --force \
			--play "$d/both.wav" --trace "$d/$i.wav"
	done
	cmp -s tools/speech.wav "$d/both.wav" && [ "$(cat "$d/rec.wav")" = before ]
	ok $? 'files that are there stay as they are'
	mkdir "$d/rec"
	echo before >"$d/rec/x-2.wav"
	timeout 60 "$parley" listen --local 127.0.0.1:0 --auto-answer --count 3 \
		--codec PCMU --record "$d/rec/x.wav" >"$d/recorded" 2>&1 &
	pid=$!
	await 'listening on' "$d/recorded"
	to=sip:x@$(sed -n 's/^listening on //p' "$d/recorded")
	for i in 1 2 3; do
		"$parley" call "$to" --duration 0.5 --codec PCMU --quiet &
	done
	wait $pid
	ok $? "three calls at once are recorded: $(cat "$d/recorded")"
	wait
	[ "$(cd "$d/rec" && echo *)" = 'x-2.wav x-3.wav x-4.wav x.wav' ] &&
		[ "$(cat "$d/rec/x-2.wav")" = before ] &&
		[ -z "$(find "$d/rec" -name 'x*' ! -name x-2.wav -size -5k)" ] &&
		[ "$(stat -c %a "$d/rec/x.wav" "$d/rec/x-3.wav" | uniq)" = 600 ]
	ok $? "each has a file of its own: $(ls -l "$d/rec")"
	timeout 60 "$parley" listen --local 127.0.0.1:0 --auto-answer --count 2 \
		--force --codec PCMU --record "$d/rec.wav" >"$d/forced" 2>&1 &
	pid=$!
	await 'listening on' "$d/forced"
	to=sip:x@$(sed -n 's/^listening on //p' "$d/forced")
	"$parley" call "$to" --duration 0.5 --codec PCMU --quiet
	mkfifo "$d/unread"
	status 1 'unread: a pipe that nobody reads' call "$to" --quiet \
		--record "$d/unread"
	wait $pid && [ "$(head -c 4 "$d/rec.wav")" = RIFF ]
	ok $? '--force'

	# A pipe that nobody empties stops no call: 48000 samples a second of 2
	# octets fill its 64 kB in 0.7 s.  A trace is whole after kill -9.
	mkfifo "$d/pipe"
	exec 4<>"$d/pipe"
	timeout 60 "$parley" listen --local 127.0.0.1:0 --auto-answer --count 1 \
		--trace "$d/killed" --record "$d/pipe" >"$d/piped" 2>&1 &
	pid=$!
	await 'listening on' "$d/piped"
	to=sip:x@$(sed -n 's/^listening on //p' "$d/piped")
	"$parley" call "$to" --duration 3 --quiet
	ok $? 'a pipe as a recording'
	head -c 4 <&4 | grep -q RIFF
	ok $? 'is begun as a WAV file'
	exec 4<&-
	wait $pid
	"$parley" listen --local 127.0.0.1:0 --auto-answer \
		--force --trace "$d/killed" >"$d/shot" 2>&1 &
	killed=$!
	await 'listening on' "$d/shot"
	to=sip:x@$(sed -n 's/^listening on //p' "$d/shot")
	"$parley" call "$to" --quiet 2>/dev/null &
	pid=$!
	await answered "$d/shot"
	kill -9 $killed
	grep -aq 'INVITE sip:' "$d/killed" && [ "$(stat -c %a "$d/killed")" = 600 ]
	ok $? 'a trace after kill -9'
	kill -INT $pid
	wait

	# An arrow key is no digit; q hangs up.
	if terminals; then
	timeout 60 "$parley" listen --local 127.0.0.1:0 --auto-answer --count 1 \
		--record "$d/in-%n.wav" >"$d/listen" 2>&1 &
	pid=$!
	await 'listening on' "$d/listen"
	to=sip:x@$(sed -n 's/^listening on //p' "$d/listen")
	mkfifo "$d/keys"
	timeout 60 script -qec "$parley call $to" /dev/null \
		<"$d/keys" >"$d/screen" 2>&1 &
	exec 3>"$d/keys"
	await 'MOS' "$d/screen"
	grep -q 'calling; *q gives up' "$d/screen" && grep -q MOS "$d/screen"
	ok $? "a terminal shows keys and figures: $(cat "$d/screen")"
	printf '\033[A' >&3
	sleep 0.5
	printf h >&3
	await 'held' "$d/listen"
	sleep 0.2
	printf 5 >&3
	await 'digits wait' "$d/screen"
	sleep 0.5
	! grep digit "$d/listen"
	ok $? 'a digit waits while the call is held'
	printf h >&3
	await 'digit' "$d/listen"
	grep -q holding "$d/screen" && grep -q resuming "$d/screen"
	ok $? "h is answered: $(cat "$d/screen")"
	printf q >&3
	wait $pid
	ok $? 'listen --count 1'
	exec 3>&-
	[ "$(grep -c digit "$d/listen")" -eq 1 ] &&
		grep -q '^digit: 5 ' "$d/listen"
	ok $? "an arrow is no digit: $(grep digit "$d/listen")"
	[ -s "$d/in-1.wav" ]
	ok $? '%n'
	fi

	# Nobody is rung for what cannot be taken: both are told why at once.
	timeout 60 "$parley" listen --local 127.0.0.1:0 --count 2 \
		>"$d/turned" 2>&1 &
	pid=$!
	await 'listening on' "$d/turned"
	to=sip:x@$(sed -n 's/^listening on //p' "$d/turned")
	"$parley" call "$to" --codec L16 --ring 20 >"$d/why" 2>&1
	[ $? -eq 1 ] && grep -q ': 305 no codec in common$' "$d/why" &&
		! grep -q Ringing "$d/why" && grep -q '^call 1 from .*: 488 no codec in common (--c' "$d/turned"
	ok $? "a call without a codec in common: $(cat "$d/why" "$d/turned")"
	"$parley" call "$to" --ring 0.3 >"$d/why" 2>&1
	grep -q Ringing "$d/why" && grep -q '^call 2 from ' "$d/turned"
	ok $? "one with a codec in common rings: $(cat "$d/why" "$d/turned")"
	wait $pid

	# Ctrl-C while it rings, and of who listens; the report is one object.
	timeout 60 "$parley" listen --local 127.0.0.1:0 >"$d/ringing" 2>&1 &
	pid=$!
	await 'listening on' "$d/ringing"
	to=sip:x@$(sed -n 's/^listening on //p' "$d/ringing")
	"$parley" call "$to" --json >"$d/report" 2>"$d/why" &
	call=$!
	await 'call 1 from' "$d/ringing"
	sleep 0.5
	kill -INT $call
	wait $call
	[ $? -eq 1 ] && grep -q '^{"state":"cancelled",.*}$' "$d/report" &&
		[ "$(wc -l <"$d/report")" -eq 1 ] &&
		grep -q ': cancelled$' "$d/why"
	ok $? 'a call that is interrupted'
	kill -HUP $pid
	wait $pid
	ok $? 'a listener that is hung up on'
	"$parley" register --aor "$to" 2>"$d/told" >"$d/out" &
	pid=$!
	await again "$d/told"
	kill -INT $pid
	wait $pid
	[ $? -eq 1 ] && [ "$(wc -l <"$d/told")" -eq 1 ]
	ok $? "a registration that never was: $(cat "$d/told")"
fi
echo "program: $p passed, $f failed"
[ $f -eq 0 ]
