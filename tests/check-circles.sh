#!/bin/sh
# Fails where files of the library include each other in a circle: none of them
# could be understood, or tested, without the others.  X.c, X.h and X_priv.h are
# one file here; a file that includes none of
# the others, or is included by none, is taken away, again and again: who is
# left stands in a circle, or between two.
# sip_priv.h is the core's own.  parley.h stands for itself: the application's
# interface is what all of client/ implements, and not parley.c alone.
set -u
files=$(sh tests/files.sh) || exit 1
lib=$(echo "$files" |
	grep -E '^(platform|dns|sip|sdp|rtp|msrp|xcap|presence|media|client)/' |
	grep '\.[ch]$')
[ "$(echo "$lib" | wc -l)" -gt 100 ] || {
	echo "check-circles: hardly any file"
	exit 1
}
awk '
function unit(f) {
	if (f == "client/parley.h")
		return f
	sub(/\.[ch]$/, "", f)
	if (f == "sip/core/sip_priv")
		return "sip/core/sip_core"
	sub(/_priv$/, "", f)
	return f
}
FNR == 1 { from = unit(FILENAME); left[from] = 1 }
/^#[ ]*include "[a-z0-9]+\// {
	split($0, part, "\"")
	to = unit(part[2])
	if (to != from && !((from, to) in via)) {
		via[from, to] = FILENAME
		goes[from] = goes[from] " " to
	}
}
# What goes to nobody of those left, or comes from nobody, is in no circle.
function trim(   f, ends, n, i, again, out, into) {
	do {
		again = 0
		split("", out)
		split("", into)
		for (f in left) {
			n = split(goes[f], ends, " ")
			for (i = 1; i <= n; i++)
				if (ends[i] in left) {
					out[f] = 1
					into[ends[i]] = 1
				}
		}
		for (f in left)
			if (!(f in out) || !(f in into)) {
				delete left[f]
				again = 1
			}
	} while (again)
}
END {
	trim()
	for (f in left) {
		n = split(goes[f], ends, " ")
		for (i = 1; i <= n; i++)
			if (ends[i] in left) {
				print "check-circles: " via[f, ends[i]] \
					" includes " ends[i] ", in a circle"
				bad = 1
			}
	}
	exit bad
}' $lib || exit 1
echo "check-circles: clean"
