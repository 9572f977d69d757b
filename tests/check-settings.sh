#!/bin/sh
# The settings that client/parley.h and man/parley.1 list are those of the table
# in client/settings_table.c: key, type and default.
d=$(mktemp -d)
trap 'rm -rf "$d"' EXIT
bad=0
# A row is [SET_X] = { "key", PARLEY_TYPE, owner, min, max, choices, "default",
# and so on: of what stands between quotes the key is the first, the default the
# second, or behind the choices the third.
awk '/settings_table\[SET_COUNT\] = / {on = 1; next}
	on && /^};/ {exit}
	on {all = all " " $0}
	END {
		n = split(all, row, /\[SET_[A-Z0-9_]+\] = /)
		for (i = 2; i <= n; i++) {
			split(row[i], text, "\"")
			type = substr(text[3], index(text[3], "PARLEY_") + 7)
			sub(/[^A-Z].*/, "", type)
			first = text[type == "CHOICE" ? 6 : 4]
			print text[2], tolower(type), first == "" ? "-" : first
		}
	}' client/settings_table.c | sort >"$d/table"
[ "$(wc -l <"$d/table")" -eq "$(grep -cE '^	\[SET_[A-Z0-9_]+\] = ' client/settings_table.c)" ] &&
	[ -s "$d/table" ] || {
	echo "check-settings: the table of client/settings_table.c cannot be read"
	bad=1
}
awk '/^ \*\t[a-z]+\.[a-z_]+ +(bool|int|text|list|choice|secret) / {
	print $2, $3, $4 == "\"\"" ? "-" : $4}' client/parley.h | sort >"$d/header"
# .BR key " (type of its values; default)"
awk '/^\.SH/ {on = $2 == "SETTINGS"}
	on && /^\.BR/ {
		key = $2
		gsub(/\\/, "")
		type = $4
		gsub(/[^a-z]/, "", type)
		sub(/.*; /, "")
		sub(/\)"$/, "")
		print key, type, $0 == "empty" ? "-" : $0
	}' man/parley.1 | sort >"$d/manual"
for at in header:client/parley.h manual:man/parley.1; do
	diff "$d/table" "$d/${at%:*}" | sed -n \
		-e "s|^< |check-settings: ${at#*:} lacks: |p" \
		-e "s|^> |check-settings: client/settings_table.c has not what ${at#*:} says: |p" \
		>"$d/diff"
	[ -s "$d/diff" ] && bad=1
	cat "$d/diff"
done
[ $bad -eq 0 ] && echo "check-settings: clean"
exit $bad
