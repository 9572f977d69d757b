#!/bin/sh
# Standard input: "RING source object" lines.  Fails where an object calls
# what its ring may not.  PURE, DOOR and ENGINE objects may call the functions
# of tests/rings.allow and what objects of rings up to their own define; a
# DOOR may reach the allocator and random bits besides (mem_*, drbg_*), for its
# library.  PURE and
# ENGINE hold no writable data; tables that are constant once relocated
# (.data.rel.ro) are none.
set -eu
t=$(mktemp -d)
trap 'rm -rf "$t"' EXIT
cat >"$t/list"
objs=$(awk '{print $3}' "$t/list")
nm -A $objs >"$t/nm"
objdump -t $objs >"$t/table"
awk '
function say(text) { print "check-rings: " text; bad = 1 }
function allowed(s, src,   p) {
	if ((s, "all") in ok || (s, src) in ok || s ~ /^feature_/)
		return 1
	for (p in prefix) # a row with * at its end
		if (index(s, p) == 1 && prefix[p] == src)
			return 1
	return 0
}
BEGIN {
	rank["PURE"] = 1; rank["DOOR"] = 2; rank["ENGINE"] = 3; rank["EDGE"] = 4
}
FILENAME ~ /list$/ { ring[$3] = $1; src[$3] = $2; next }
FILENAME ~ /allow$/ {
	if (NF < 2 || /^#/)
		next
	if (sub(/\*$/, "", $1))
		prefix[$1] = $2
	else
		ok[$1, $2] = 1
	next
}
FILENAME ~ /nm$/ { # object:value type name
	o = $1; sub(/:.*/, "", o)
	if ($(NF - 1) == "U")
		calls[++n] = o " " $NF
	else if ($(NF - 1) ~ /^[TDRBVW]$/)
		defined[$NF] = ring[o]
	next
}
/file format/ { o = $1; sub(/:$/, "", o); r = ring[o]; next }
(r == "PURE" || r == "ENGINE") && $0 ~ / O [.](data|bss|tbss|tdata)/ &&
    $0 !~ /[.]data[.]rel[.]ro/ {
	say(src[o] " (" r ") has writable data: " $NF)
}
(r == "PURE" || r == "ENGINE") && /\*COM\*/ {
	say(src[o] " (" r ") has writable data: " $NF)
}
END {
	for (i = 1; i <= n; i++) {
		split(calls[i], c, " ")
		r = ring[c[1]]; s = c[2]
		if (r == "EDGE")
			continue
		if (s in defined) {
			if (rank[defined[s]] > rank[r] && !(r == "DOOR" && s ~ /^(mem|drbg)_/))
				say(src[c[1]] " (" r ") calls " s " (" defined[s] ")")
		} else if (!allowed(s, src[c[1]]))
			say(src[c[1]] " (" r ") calls " s)
	}
	exit bad
}' "$t/list" tests/rings.allow "$t/nm" "$t/table" || exit 1
echo "check-rings: clean"
