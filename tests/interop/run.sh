#!/bin/bash
# Runs the interoperability tests, tests/interop/*.t or those that are named,
# two at a time (INTEROP_JOBS), and adds up their counts; ends with
# "interop: N passed, N failed".  Where the system allows it, they run in a
# network and a process namespace of their own: no port can be taken already,
# nothing else is captured, and nothing is left behind.
#   PARLEY=build/parley  HEARD=build/release/tests/interop/heard
#   INTEROP_VERBOSE=1  each check      INTEROP_FULL=1  the load at full length
#   INTEROP_KEEP=1     the logs and captures stay
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$here/../.." && pwd)
: "${PARLEY:=build/parley}" "${HEARD:=build/release/tests/interop/heard}"
export PARLEY HEARD
cd "$top" || exit 1

apart=(unshare --net --pid --fork --mount-proc --kill-child)
[ "$(id -u)" = 0 ] || apart+=(--map-root-user)
if [ -z "${INTEROP_APART:-}" ] && "${apart[@]}" true 2>/dev/null; then
	INTEROP_APART=1 exec "${apart[@]}" bash "$here/run.sh" "$@"
fi
if [ -n "${INTEROP_APART:-}" ]; then
	# ip(8) is not everywhere: SIOCSIFFLAGS of lo by whoever is there.
	ip link set lo up 2>/dev/null || ifconfig lo up 2>/dev/null || {
		echo "interop: no ip(8)"
		exit 1
	}
fi

INTEROP_TMP=$(mktemp -d "${TMPDIR:-/tmp}/interop.XXXXXX")
export INTEROP_TMP
tidy() {
	[ -n "${INTEROP_KEEP:-}" ] && echo "interop: logs in $INTEROP_TMP" ||
		rm -rf "$INTEROP_TMP"
}
trap tidy EXIT
trap 'exit 1' INT TERM HUP

# one N TEST: its output ends with its counts, whatever happened to it.
one() {
	local n=$1 t=$2 name begin=$SECONDS rc
	name=$(basename "$t" .t)
	INTEROP_PORT=$((15000 + 100 * n)) INTEROP_MEDIA=$((20000 + 500 * n)) \
		timeout -k 10 "${INTEROP_LIMIT:-280}" bash "$t" \
		>"$INTEROP_TMP/$name.said" 2>&1 </dev/null
	rc=$?
	grep -qaE "^$name: [0-9]+ passed, [0-9]+ failed$" "$INTEROP_TMP/$name.said" ||
		echo "$name: ended with status $rc
$name: 0 passed, 1 failed" >>"$INTEROP_TMP/$name.said"
	echo $((SECONDS - begin)) >"$INTEROP_TMP/$name.seconds"
}
# told TEST: what is worth reading of it, and its counts into the sum.
told() {
	local name said line p f
	name=$(basename "$1" .t)
	said=$INTEROP_TMP/$name.said
	line=$(grep -aE "^$name: [0-9]+ passed, [0-9]+ failed$" "$said" | tail -n 1)
	p=${line#*: } p=${p%% *} f=${line##*, } f=${f%% *}
	passed=$((passed + p)) failed=$((failed + f))
	if [ "$f" -eq 0 ]; then
		grep -aE '^(ok|SKIPPED|note):' "$said"
	else
		grep -avxF "$line" "$said"
	fi
	echo "$line ($(cat "$INTEROP_TMP/$name.seconds") s)"
}

# What measures sound in real time has the machine for itself; then the longest
# of the others, which mostly waits, begins.
if [ $# -eq 0 ]; then
	set -- "$here/alsa.t" "$here/sipp_load.t" \
		$(ls "$here"/*.t | grep -vE '/(alsa|sipp_load).t$')
fi
passed=0 failed=0 n=0
for t; do
	[ "$(jobs -rp | wc -l)" -lt "${INTEROP_JOBS:-2}" ] || wait -n
	one $n "$t" &
	[ "$(basename "$t")" != alsa.t ] || wait
	n=$((n + 1))
done
wait
for t; do told "$t"; done
echo "interop: $passed passed, $failed failed"
[ $failed -eq 0 ]
