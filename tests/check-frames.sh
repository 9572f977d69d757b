#!/bin/sh
# Arguments: objects of the library, as the release build makes them.  Fails
# where a function takes more than 2048 octets of stack: scratch that is larger
# belongs to its aggregate.  Read from the code itself, so that no warning stops
# who only builds; of x86-64 alone.  Those in may have more:
#	sdp_parse keeps its result apart until all of it is good;
#	on_field, sip_digest_on_answer: texts of a challenge with their escapes
#	undone, SIP_DIGEST_TEXT each, twice.
# They do not call each other, and nothing that calls them has much itself.
set -u
may='sdp_parse=2560 on_field=5120 sip_digest_on_answer=5120'
case $(uname -m) in
x86_64) ;;
*)
	echo "skipped: check-frames: reads x86-64 alone"
	exit 0
	;;
esac
objdump -d --no-show-raw-insn "$@" | awk -v may="$may" '
function hex(s,   i, n) {
	for (i = 1; i <= length(s); i++)
		n = n * 16 + index("0123456789abcdef", substr(s, i, 1)) - 1
	return n
}
BEGIN {
	n = split(may, one, " ")
	for (i = 1; i <= n; i++) {
		split(one[i], a, "=")
		most[a[1]] = a[2]
	}
}
/file format/ { object = $1; sub(/:$/, "", object) }
/^[0-9a-f]+ <.*>:$/ {
	name = $2
	gsub(/[<>:]/, "", name)
	sub(/\..*/, "", name) # of a copy that the compiler made
	seen++
}
/[ \t]subq?[ \t]+\$0x[0-9a-f]+,%rsp/ && !/\$0xffffffff/ {
	size = $0
	sub(/.*\$0x/, "", size)
	sub(/,.*/, "", size)
	size = hex(size)
	if (size > (name in most ? most[name] : 2048)) {
		print "check-frames: " object ": " name ": " size
		bad = 1
	}
}
END {
	if (seen < 300) {
		print "check-frames: hardly any function"
		bad = 1
	}
	exit bad
}' || exit 1
echo "check-frames: clean"
