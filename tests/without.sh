#!/bin/sh
# Builds and tests with each part left out alone, and with all of them; a word
# that is none is refused.  What is to come is not counted: with nothing of it
# built there is nothing to leave out.
p=0 f=0
ok() { # ok WHAT OUTPUT: of the last status
	if [ $? -eq 0 ]; then
		p=$((p + 1))
	else
		f=$((f + 1))
		echo "FAILED: $1"
		echo "$2" | grep -aE ':[FE]:|FAILED|[Ee]rror' | head -n 20
		echo "$2" | tail -n 20
	fi
}
parts=$(make -s print-parts)
later=$(make -s print-later)
whole=$(make -s print-features)
for w in $parts "$(echo $parts $later)"; do
	out=$([ "$(make -s print-features WITHOUT="$w")" != "$whole" ] &&
		make -s WITHOUT="$w" LINTS= SEEDS=2 all check-run 2>&1)
	ok "WITHOUT=$w" "$out"
done
n=0
for w in $later; do
	out=$([ "$(make -s print-features WITHOUT="$w")" = "$whole" ])
	[ $? -eq 0 ] && n=$((n + 1)) && continue
	f=$((f + 1))
	echo "FAILED: WITHOUT=$w leaves something out: it belongs to PARTS"
done
echo "skipped: $n words: nothing of these parts is there yet: $later"
out=$(make -s WITHOUT=bogus print-parts 2>&1)
[ $? -ne 0 ] && echo "$out" | grep -q "bogus.*rtp.*media.*opus"
ok 'WITHOUT=bogus is refused' "$out"
echo "without: $p passed, $f failed"
[ $f -eq 0 ]
