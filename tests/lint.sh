#!/bin/sh
# Refuses what STYLE names: dangerous functions, trailing blanks, long lines;
# reports (without failing) functions over 60 lines and files over 800.
bad=0
files=$(git ls-files '*.c' '*.h')
src=$(git ls-files 'platform/*.[ch]' 'sip/*.[ch]' 'sdp/*.[ch]' 'rtp/*.[ch]' \
	'media/*.[ch]' 'client/*.[ch]' 'tools/*.[ch]' 'dns/*.[ch]')
[ -n "$files" ] || exit 0
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
hit=$(for f in $files; do
	expand -t 8 "$f" | awk -v f="$f" 'length($0) > 80 {print f ":" NR ": " length($0) " columns"}'
done)
[ -z "$hit" ] || no "long lines:
$(echo "$hit" | head -40)"
for f in $files; do
	head -n 1 "$f" | grep -q 'SPDX-License-Identifier: BSD-2-Clause' ||
		no "$f: no SPDX line"
done
hit=$(grep -nE '#(if|ifdef|ifndef|elif)' $src | grep -vE '_H$|PARLEY_TRAP|PARLEY_[A-Z]+_H|__cplusplus|__GNUC__|__GLIBC__|MBEDTLS_VERSION' )
[ -z "$hit" ] || no "conditional compilation:
$hit"
awk '/^\{/ {start = FNR} /^\}/ {if (start && FNR - start > 61) print \
	"lint (habit): " FILENAME ":" start ": " FNR - start - 1 " lines"; start = 0}' $src
for f in $src; do
	n=$(wc -l <"$f")
	[ "$n" -gt 800 ] && echo "lint (habit): $f has $n lines"
done
[ $bad -eq 0 ] && echo "lint: clean"
exit $bad
