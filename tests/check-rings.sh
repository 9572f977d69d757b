#!/bin/sh
# Standard input: "RING source object" lines.  Fails where an object calls
# what its ring may not: PURE, DOOR and ENGINE objects may call the functions
# of tests/rings.allow and those that objects of allowed rings define; only
# ENGINE and EDGE may reach the allocator (platform/mem.c); PURE and ENGINE
# hold no writable data.
set -eu
t=$(mktemp -d)
trap 'rm -rf "$t"' EXIT
cat >"$t/list"
while read -r ring src obj; do
	nm --defined-only "$obj" | awk -v r="$ring" '$2 ~ /[TDRBVW]/ {print $3, r}'
done <"$t/list" >"$t/defs"
awk '/^#/ || NF == 0 {next} {print $1, $2}' tests/rings.allow >"$t/allow"
while read -r ring src obj; do
	[ "$ring" = EDGE ] && continue
	nm -u "$obj" | awk -v ring="$ring" -v src="$src" -v defs="$t/defs" \
		-v allow="$t/allow" '
	BEGIN {
		while ((getline l < defs) > 0) { split(l, a, " "); d[a[1]] = a[2] }
		while ((getline l < allow) > 0) { split(l, a, " "); ok[a[1]] = a[2] }
		rank["PURE"] = 1; rank["DOOR"] = 2; rank["ENGINE"] = 3; rank["EDGE"] = 4
	}
	{
		s = $2
		if (s in d) {
			if (rank[d[s]] > rank[ring] && !(ring == "DOOR" && s ~ /^mem_/)) {
				print "check-rings: " src " (" ring ") calls " s " (" d[s] ")"; bad = 1
			}
			next
		}
		if (s ~ /^feature_/) next
		if ((s in ok) && (ok[s] == "all" || ok[s] == src)) next
		n = split(src, parts, "/")
		for (p in ok) { # a prefix with * for one door
			if (p ~ /\*$/ && index(s, substr(p, 1, length(p) - 1)) == 1 && ok[p] == src) next
		}
		print "check-rings: " src " (" ring ") calls " s; bad = 1
	}
	END { exit bad }' || echo x >>"$t/bad"
	case $ring in
	PURE | ENGINE)
		w=$(nm --defined-only "$obj" | awk '$2 ~ /^[bBdDC]$/ {print $3}' | grep -v '^\.L' || :)
		# .data.rel.ro tables are constant after relocation: nm says d
		for s in $w; do
			if objdump -t "$obj" | awk -v s="$s" '$NF == s' |
				grep -qv 'data\.rel\.ro\|rodata'; then
				echo "check-rings: $src ($ring) has writable static $s"
				echo x >>"$t/bad"
			fi
		done ;;
	esac
done <"$t/list"
[ -e "$t/bad" ] && exit 1
echo "check-rings: clean"
