#!/bin/sh
# Reads every #include and fails on one that DESIGN's table of folders (the
# rows below) or the file's ring does not allow.
set -u
allowed() { # folder -> the folders of ours it may include
	case $1 in
	platform) echo platform ;;
	dns | sdp | rtp | presence) echo "platform $1" ;;
	sip | msrp | xcap) echo "platform dns $1" ;;
	media) echo "platform rtp media" ;;
	client) echo "platform dns sip sdp rtp msrp xcap presence media client" ;;
	tools | examples | tests | fuzz) echo "platform dns sip sdp rtp msrp \
xcap presence media client tools examples tests fuzz" ;;
	esac
}
bad=0
say() {
	echo "check-layers: $*"
	bad=1
}
for f in $(git ls-files '*.c' '*.h'); do
	dir=${f%%/*}
	ok=" $(allowed "$dir") "
	own=${f%.c}.h
	first=$(sed -n 's/^#include "\(.*\)".*/\1/p' "$f" | head -n 1)
	case $f in
	tests/* | fuzz/* | examples/* | tools/*) ;;
	*.c) [ -f "$own" ] && [ "$first" != "$own" ] &&
		say "$f: its own header must come first" ;;
	esac
	for i in $(sed -n 's/^#include "\(.*\)".*/\1/p' "$f"); do
		case $i in
		*/*) ;;
		features.h | parse.h | sdp.h | bench.h) continue ;;
		*) say "$f includes \"$i\" without its folder" && continue ;;
		esac
		case $ok in
		*" ${i%%/*} "*) ;;
		*) say "$f ($dir) may not include $i" ;;
		esac
		case $i in
		*_priv.h) [ "${i%%/*}" = "$dir" ] || case $dir in
			tests | fuzz) ;;
			*) say "$f: $i is private to ${i%%/*}/" ;;
			esac ;;
		esac
	done
	# No header of ours includes a third party's; an engine includes no OS.
	case $f in
	*.h) for i in $(sed -n 's/^#include <\(.*\)>.*/\1/p' "$f"); do
		case $i in
		std*.h | string.h | errno.h | math.h | inttypes.h | limits.h) ;;
		check.h) case $f in tests/*) ;; *) say "$f: <$i>" ;; esac ;;
		*) case $f in
			tests/* | fuzz/* | tools/*) ;;
			*_priv.h) ;;
			*) say "$f: a header includes <$i>" ;;
			esac ;;
		esac
	done ;;
	esac
done
# Rings: PURE and ENGINE files include neither the OS nor the reactor.
for ring in PURE ENGINE; do
	for f in $(make -s print-ring RING=$ring 2>/dev/null); do
		for i in $(sed -n 's/^#include <\(.*\)>.*/\1/p' "$f"); do
			case $i in
			std*.h | string.h | errno.h | math.h | limits.h | inttypes.h) ;;
			*) say "$f ($ring) includes <$i>" ;;
			esac
		done
		grep -qE '^#include "platform/(reactor|job|log|store|trace|sim)\.h"' "$f" &&
			say "$f ($ring) includes an EDGE header"
	done
done
[ $bad -eq 0 ] && echo "check-layers: clean"
exit $bad
