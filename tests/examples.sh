#!/bin/sh
# Runs the examples that are built; B is the folder of the variant.
p=0 f=0
ok() {
	if [ "$1" -eq 0 ]; then p=$((p + 1)); else f=$((f + 1)) && echo "FAILED: $2"; fi
}
e=$B/examples
printf 'OPTIONS sip:b@h SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: <sip:a@x>;tag=1\r\nTo: <sip:b@h>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\n\r\n' |
	$EMULATOR "$e/parse" | grep -q '^from: a at x'
ok $? parse
printf 'OPTIONS\r\n\r\n' | "$e/parse" 2>/dev/null
[ $? -eq 1 ]
ok $? 'parse refuses'
# What is heard of within 10 s.
await() {
	i=0
	while ! grep -q "$1" "$2" && [ $i -lt 100 ]; do
		sleep 0.1
		i=$((i + 1))
	done
}
at() { # where who wrote that listens
	await 'listening on' "$1"
	sed -n 's/^listening on //p' "$1"
}
if [ -x "$e/ua" ]; then
	d=$(mktemp -d)
	timeout 60 "$e/ua" 127.0.0.1:0 >"$d/ua" &
	pid=$!
	timeout 60 "$e/ua" 127.0.0.1:0 "sip:x@$(at "$d/ua")" >/dev/null
	ok $? 'ua that calls'
	wait $pid
	ok $? 'ua that is called'
	timeout 60 "$e/foreign_loop" >/dev/null
	ok $? foreign_loop

	# Beside a registrar that challenges.
	# (In the foreground a signal is passed on once.)
	timeout --foreground 60 "$B/tests/sim/desk_main" >"$d/desk" &
	desk=$!
	to=$(at "$d/desk")
	SIP_PASSWORD=secret timeout --foreground 60 "$e/answer" 127.0.0.1:0 \
		"sip:alice@$to" "sip:$to" >"$d/answer" &
	pid=$!
	await '^registered 200' "$d/answer"
	timeout 60 "$e/ua" 127.0.0.1:0 "sip:alice@$(at "$d/answer")" >/dev/null
	ok $? 'answer answers'
	await '^call 1 ended' "$d/answer"
	kill -INT $pid
	wait $pid
	ok $? "answer leaves: $(cat "$d/answer")"
	grep -q '^call 1 from .*sip:ua@localhost.* for sip:alice@.*, Call-ID .' \
		"$d/answer" && grep -q '^unregistered' "$d/answer"
	ok $? "answer tells: $(cat "$d/answer")"
	kill -INT $desk
	wait $desk
	grep -q ' registers 1 unregisters 1 wrong 0$' "$d/desk"
	ok $? "answer registers and unregisters: $(cat "$d/desk")"
	rm -rf "$d"
fi
echo "examples: $p passed, $f failed"
[ $f -eq 0 ]
