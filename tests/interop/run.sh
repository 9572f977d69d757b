#!/bin/bash
# Runs the interoperability tests, tests/interop/*.t or those that are named,
# one after the other, and adds up their counts; ends with
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

[ $# -gt 0 ] || set -- "$here"/*.t
passed=0 failed=0 n=0
for t; do
	export INTEROP_PORT=$((15000 + 100 * n)) INTEROP_MEDIA=$((20000 + 500 * n))
	n=$((n + 1))
	begin=$SECONDS
	timeout -k 10 "${INTEROP_LIMIT:-300}" bash "$t" >"$INTEROP_TMP/said" 2>&1 </dev/null
	rc=$?
	line=$(grep -aE '^[a-z0-9_]+: [0-9]+ passed, [0-9]+ failed$' \
		"$INTEROP_TMP/said" | tail -n 1)
	p=0 f=1
	if [ -n "$line" ]; then
		p=${line#*: } p=${p%% *} f=${line##*, } f=${f%% *}
		[ $rc -eq 0 ] || [ "$f" -ne 0 ] || f=1
	fi
	passed=$((passed + p)) failed=$((failed + f))
	if [ "$f" -eq 0 ]; then
		grep -aE '^(ok|SKIPPED|note):' "$INTEROP_TMP/said"
	else
		[ -n "$line" ] || line="$(basename "$t" .t): ended with status $rc"
		cat "$INTEROP_TMP/said"
	fi
	echo "$line ($((SECONDS - begin)) s)"
done
echo "interop: $passed passed, $failed failed"
[ $failed -eq 0 ]
