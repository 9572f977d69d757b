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
if [ -x "$e/ua" ]; then
	out=$(mktemp)
	timeout 60 "$e/ua" 127.0.0.1:0 >"$out" &
	pid=$!
	i=0
	while ! grep -q listening "$out" && [ $i -lt 100 ]; do
		sleep 0.1
		i=$((i + 1))
	done
	timeout 60 "$e/ua" 127.0.0.1:0 \
		"sip:x@$(sed -n 's/^listening on //p' "$out")" >/dev/null
	ok $? 'ua that calls'
	wait $pid
	ok $? 'ua that is called'
	rm -f "$out"
	timeout 60 "$e/foreign_loop" >/dev/null
	ok $? foreign_loop
fi
echo "examples: $p passed, $f failed"
[ $f -eq 0 ]
