#!/bin/sh
# floor.sh SUITE PASSED: fails, and says so, where fewer passed than stands in
# tests/floors.  SEEDS, SAN and EMULATOR are make's; with FLOORS empty (parts
# are left out) nothing is asked.
[ "${FLOORS-yes}" ] || exit 0
awk -v s="$1" -v n="$2" -v seeds="${SEEDS:-200}" -v odd="${SAN:-}${EMULATOR:-}" '
$1 != s { next }
$3 == "plain" && odd { next }
{
	want = $3 == "seed" ? $2 * seeds : $2
	if (n < want) {
		print s ": " n " passed, at least " want " wanted (tests/floors)"
		exit 1
	}
}' tests/floors
