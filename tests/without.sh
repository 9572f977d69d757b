#!/bin/sh
# Builds and tests with each part left out alone, and with all of them.  A word
# that takes no source away (its part is not there yet) needs no build.
words="rtp media video msrp xcap presence dns tls zrtp ice opus speex gsm alsa
speexdsp vpx openh264"
whole=$(make -s print-features)
p=0 f=0
one() {
	if [ "$(make -s print-features WITHOUT="$1")" = "$whole" ]; then
		p=$((p + 1))
		return
	fi
	out=$(make -s WITHOUT="$1" LINTS= SEEDS=2 all check-run 2>&1)
	if [ $? -eq 0 ]; then
		p=$((p + 1))
	else
		f=$((f + 1))
		echo "FAILED: WITHOUT=$1"
		echo "$out" | grep -aE ':[FE]:|FAILED|[Ee]rror' | head -n 20
		echo "$out" | tail -n 20
	fi
}
for w in $words; do
	one "$w"
done
one "$(echo $words)"
echo "without: $p passed, $f failed"
[ $f -eq 0 ]
