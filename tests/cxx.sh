#!/bin/sh
# client/parley.h is good C++98, and its functions are C's there; CXX names the
# compiler.
cxx=${CXX:-c++}
if ! command -v "${cxx%% *}" >/dev/null; then
	echo "cxx: 0 passed, 0 failed (skipped: no C++ compiler)"
	exit 0
fi
o=$(mktemp)
trap 'rm -f "$o"' EXIT
printf '%s\n' '#include "client/parley.h"' 'const char *version();' \
	'const char *version() { return parley_version(); }' |
	$cxx -std=c++98 -Wall -Wextra -Wpedantic -Werror -I. -x c++ \
		-c -o "$o" - &&
	nm -u "$o" | grep -q ' parley_version$' && {
	echo "cxx: 1 passed, 0 failed"
	exit 0
}
echo "cxx: 0 passed, 1 failed"
exit 1
