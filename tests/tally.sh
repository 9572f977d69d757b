#!/bin/sh
# Runs each argument as a command, JOBS of them at a time (as many as there are
# processors), and adds up the last "N passed, N failed" line of each; a
# command without one counts as one test, passed when its exit status is 0.
# Lines that say what was skipped are shown.  A suite, of one command or of
# several, fails below its floor (tests/floors; not where FLOORS is set and
# empty), and so does one of that table that did not run at all.  Ends with the
# sum, alone on a line.
passed=0 failed=0
here=$(dirname "$0")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
n=0
for cmd; do
	n=$((n + 1))
	echo "$cmd" >"$dir/$n.cmd"
done
seq "$n" | xargs -P "${JOBS:-$(nproc 2>/dev/null || echo 2)}" -I '{}' sh -c "
	sh $dir/{}.cmd >$dir/{}.out 2>&1 </dev/null
	echo \$? >$dir/{}.tmp
	mv $dir/{}.tmp $dir/{}.rc" &
all=$!
at=0
for cmd; do
	at=$((at + 1))
	tmp=$dir/$at.out
	while [ ! -e "$dir/$at.rc" ] && kill -0 $all 2>/dev/null; do
		sleep 0.1
	done
	rc=$(cat "$dir/$at.rc" 2>/dev/null || echo 1)
	line=$(grep -aE '^([a-z0-9_./-]+: )?[0-9]+ passed, [0-9]+ failed' "$tmp" | tail -n 1)
	if [ -n "$line" ]; then
		p=$(echo "$line" | sed -E 's/.*(^| )([0-9]+) passed.*/\2/')
		f=$(echo "$line" | sed -E 's/.* ([0-9]+) failed.*/\1/')
		name=$(echo "$line" | sed -nE 's/^([a-z0-9_]+): .*/\1/p')
		[ -z "$name" ] || eval "of_$name=\$((\${of_$name:-0} + p))"
	else
		p=0 f=0
		[ $rc -eq 0 ] && p=1
		line="$cmd: exit $rc"
	fi
	[ $rc -ne 0 ] && [ "$f" -eq 0 ] && f=1
	passed=$((passed + p)) failed=$((failed + f))
	grep -aE '^skipped: ' "$tmp" | sort -u
	if [ "$f" -ne 0 ]; then
		echo "FAILED: $cmd"
		tail -n "${TALLY_LINES:-60}" "$tmp"
	else
		echo "$line"
	fi
done
for name in $(awk '!/^#/ && $3 != "gate" { print $1 }' "$here/floors"); do
	eval "n=\${of_$name:-0}"
	sh "$here/floor.sh" "$name" "$n" && continue
	failed=$((failed + 1))
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
