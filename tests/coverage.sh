#!/bin/sh
# Line coverage of the parsers in sip/, sdp/ and dns/ by the tests of a COVERAGE=1
# build: fails under 95 %.
set -eu
out=$(gcovr -r . --object-directory build/coverage build/coverage \
	--filter 'sip/' --filter 'sdp/' --filter 'dns/' --exclude '.*_port\.c' --txt - 2>/dev/null)
echo "$out" | tail -n 60
pct=$(echo "$out" | awk '$1 == "TOTAL" {sub("%", "", $4); print $4}')
[ "${pct:-0}" -ge 95 ] || {
	echo "coverage: $pct % of lines, 95 wanted"
	exit 1
}
