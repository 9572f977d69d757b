#!/bin/sh
# Runs each argument as a command and adds up the last "N passed, N failed"
# line of each; a command without one counts as one test, passed when its exit
# status is 0.  Ends with the sum, alone on a line.
passed=0 failed=0
tmp=$(mktemp)
trap 'rm -f "$tmp"' EXIT
for cmd; do
	sh -c "$cmd" >"$tmp" 2>&1 </dev/null
	rc=$?
	line=$(grep -aE '^([a-z0-9_./-]+: )?[0-9]+ passed, [0-9]+ failed' "$tmp" | tail -n 1)
	if [ -n "$line" ]; then
		p=$(echo "$line" | sed -E 's/.*(^| )([0-9]+) passed.*/\2/')
		f=$(echo "$line" | sed -E 's/.* ([0-9]+) failed.*/\1/')
	else
		p=0 f=0
		[ $rc -eq 0 ] && p=1
		line="$cmd: exit $rc"
	fi
	[ $rc -ne 0 ] && [ "$f" -eq 0 ] && f=1
	passed=$((passed + p)) failed=$((failed + f))
	if [ "$f" -ne 0 ]; then
		echo "FAILED: $cmd"
		tail -n "${TALLY_LINES:-60}" "$tmp"
	else
		echo "$line"
	fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
