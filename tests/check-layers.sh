#!/bin/sh
# Reads every #include and fails on one that ARCHITECTURE.md's table of folders (the
# rows of may[] and below[]) or the file's ring does not allow.
# A header of ours includes no third party's and no OS's.
set -u
rings=$(mktemp)
trap 'rm -f "$rings"' EXIT
for ring in PURE ENGINE; do
	for f in $(make -s print-ring RING=$ring LINTS= 2>/dev/null); do
		echo "$ring $f"
	done
done >"$rings"
[ "$(wc -l <"$rings")" -gt 50 ] || {
	echo "check-layers: hardly any file has a ring"
	exit 1
}
files=$(sh tests/files.sh) || exit 1
echo "$files" | xargs grep -nE '^#[ ]*include' /dev/null |
	awk -v rings="$rings" '
function say(text) { print "check-layers: " text; bad = 1 }
function bare(i) { # the standard headers that have no OS behind them
	return i ~ /^(std(align|arg|bool|def|int|noreturn)|string|errno|math|inttypes|limits)\.h$/
}
BEGIN {
	may["platform"] = "platform"
	may["dns"] = "platform dns"
	may["sdp"] = "platform sdp"
	may["rtp"] = "platform rtp"
	may["presence"] = "platform presence"
	may["sip"] = "platform dns sip"
	may["msrp"] = "platform dns msrp"
	may["xcap"] = "platform dns xcap"
	may["media"] = "platform rtp media"
	may["client"] = "platform dns sip sdp rtp msrp xcap presence media client"
	may["tools"] = may["client"] " tools"
	may["examples"] = may["client"]
	may["tests"] = may["fuzz"] = may["client"] " tools tests fuzz"
	# Folders below a folder: what of it they may include; "." are the files
	# that stand in none.
	below["sip/msg"] = below["sip/hdr"] = "msg hdr"
	below["sip/core"] = "msg hdr core"
	below["sip/usage"] = "msg hdr core usage"
	below["platform/."] = "."
	below["platform/http"] = ". http"
	below["platform/poll"] = ". poll"
	below["platform/sim"] = ". sim"
	below["platform/store"] = ". store"
	below["platform/tls"] = ". tls"
	below["media/codec"] = "codec"
	below["media/."] = ". codec"
	below["media/device"] = ". device"
	while ((getline l < rings) > 0) { split(l, a, " "); ring[a[2]] = a[1] }
}
function sub_of(f,   n, part) {
	n = split(f, part, "/")
	return n > 2 ? part[2] : "."
}
{
	split($0, at, ":")
	f = at[1]
	dir = f; sub("/.*", "", dir)
	loose = dir ~ /^(tests|fuzz|tools|examples)$/
	line = $0; sub("^[^#]*#[ ]*include[ ]*", "", line)
	i = line; sub("^[<\"]", "", i); sub("[>\"].*", "", i)
}
line ~ /^</ { # a system header or a library
	if (f ~ /\.h$/ && !bare(i) && !loose && f !~ /_priv\.h$/)
		say(f ": a header includes <" i ">")
	if (i == "check.h" && dir != "tests")
		say(f ": <" i ">")
	if (f in ring && !bare(i))
		say(f " (" ring[f] ") includes <" i ">")
	next
}
{
	to = i; sub("/.*", "", to)
	if (i !~ /\//) {
		# tests/bench builds inside the yardstick, beside these two.
		if (!(f ~ /^tests\/bench\// && i ~ /^(parse|sdp|uas|sip)\.h$/) &&
		    !(dir == "examples" && i == "parley.h"))
			say(f " includes \"" i "\" without its folder")
	} else if (index(" " may[dir] " ", " " to " ") == 0)
		say(f " (" dir ") may not include " i)
	else if (to == dir && (dir "/" sub_of(f)) in below &&
		 index(" " below[dir "/" sub_of(f)] " ", " " sub_of(i) " ") == 0)
		say(f " (" dir "/" sub_of(f) ") may not include " i)
	if (i ~ /_priv\.h$/ && to != dir && dir !~ /^(tests|fuzz)$/)
		say(f ": " i " is private to " to "/")
	if (f ~ /\.c$/ && !(f in first)) {
		first[f] = i
		own = f; sub("c$", "h", own)
		if (!loose && i != own && (getline l < own) >= 0)
			say(f ": its own header must come first")
	}
	if (f in ring && i ~ /^platform\/([a-z]+\/)?(reactor|job|log|store|trace|sim|.*_poll)[a-z_]*\.h$/)
		say(f " (" ring[f] ") includes " i ", of EDGE")
}
END { exit bad }'
rc=$?
[ $rc -eq 0 ] && echo "check-layers: clean"
exit $rc
