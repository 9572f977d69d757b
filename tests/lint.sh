#!/bin/sh
# Refuses what the style names: dangerous functions, blanks at a line's end,
# long lines, a file without its licence line, conditional compilation in the
# library (but for what a compiler, a C library or mbedtls's version decides,
# outside of functions), a fuzz target without seeds or dictionary, a parser
# without a fuzz target, settings that parley.h or the manual list otherwise
# than the table, a call of parley.h without a look at its thread, a
# name that is static in more than two files.  Reports, without failing,
# functions over 60 lines and files over 800.
bad=0
files=$(sh tests/files.sh) || exit 1
src=$(echo "$files" | grep -E '^(platform|dns|sip|sdp|rtp|msrp|xcap|presence|media|client|tools)/')
no() {
	echo "lint: $1"
	bad=1
}
hit=$(grep -nE '\b(strcpy|strcat|sprintf|strtok|atoi|strtol|alloca|rand|setjmp|longjmp)[ ]*\(|<ctype\.h>' $files)
[ -z "$hit" ] || no "refused function:
$hit"
hit=$(grep -nE '[ 	]+$' $files)
[ -z "$hit" ] || no "blanks at a line's end:
$hit"
hit=$(awk '{
	for (n = i = 0; i < length($0); n++)
		if (substr($0, ++i, 1) == "\t")
			n += 7 - n % 8
	if (n > 80)
		print FILENAME ":" FNR ": " n " columns"
}' $files)
[ -z "$hit" ] || no "long lines:
$hit"
hit=$(awk 'FNR == 1 && !/SPDX-License-Identifier: BSD-2-Clause/ {
	print FILENAME }' $files)
[ -z "$hit" ] || no "no SPDX line:
$hit"
hit=$(grep -nE '^[ 	]*#[ ]*(if|ifdef|ifndef|elif)' $src | grep -vE \
	'_H$|PARLEY_TRAP|__cplusplus|__GNUC__|__GLIBC__|__SSE2__|MBEDTLS_VERSION')
[ -z "$hit" ] || no "conditional compilation:
$hit"
# What is called with an agent looks first whether the thread is the agent's.
hit=$(awk '/^[a-z].*[ *]parley_[a-z_]+\((const )?struct parley \*p[,)]/ {
		name = $0
	}
	/^\}/ && name != "" {
		print FILENAME ": " name
		name = ""
	}
	/parley_post\(|^	(ON_ITS_THREAD|TAKES_OVER)\(p\);/ {name = ""}' \
	client/*.c)
[ -z "$hit" ] || no "no look at the thread (client_port_priv.h):
$hit"
# A backtrace says where it is: a name that is static in many files does not.
hit=$(awk '/^static [^=]*\(/ {
		sub(/\(.*/, "")
		name = $NF
		sub(/^\*+/, "", name)
		if (!((name, FILENAME) in seen)) {
			seen[name, FILENAME] = 1
			count[name]++
			where[name] = where[name] " " FILENAME
		}
	}
	END {
		for (name in count)
			if (count[name] > 2)
				print name ":" where[name]
	}' $(echo "$src" | grep '\.c$'))
[ -z "$hit" ] || no "static in more than two files (put the file's noun before it):
$hit"
# A fuzz target has seeds and a dictionary; a parser has a fuzz target, or a row
# of sip_grammar.c, which names one.
for f in fuzz/fuzz_*.c; do
	n=${f#fuzz/fuzz_}
	n=${n%.c}
	[ -n "$(ls "fuzz/corpus/$n" 2>/dev/null)" ] || no "no seeds: $n"
	[ -s "fuzz/dict/$n.dict" ] || no "no dictionary: $n"
done
for n in $(grep -hoE '\b[a-z0-9_]+_(parse|scan_bytes)\(' $(echo "$src" | grep -v '^tools/' |
		grep '\.h$') | sort -u); do
	grep -qF "$n" fuzz/*.c sip/hdr/sip_grammar.c ||
		no "no fuzz target: ${n%(}"
done
sh tests/check-settings.sh || bad=1
awk 'FNR == 1 {start = 0}
	/^\{/ {start = FNR}
	/^\}/ {if (start && FNR - start > 61) print "lint (habit): " FILENAME \
		":" start ": " FNR - start - 1 " lines"; start = 0}' $src
wc -l $src | awk '$2 != "total" && $1 > 800 {
	print "lint (habit): " $2 " has " $1 " lines" }'
[ $bad -eq 0 ] && echo "lint: clean"
exit $bad
