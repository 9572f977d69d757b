#!/bin/sh
# libparley.a and libparley.so show parley_* and nothing else.
bad=0
for lib; do
	case $lib in
	*.so) n="nm -D --defined-only" ;;
	*) n="nm -g --defined-only" ;;
	esac
	$n "$lib" | awk 'NF == 3 {print $3}' |
		grep -vE '^(parley_|_init$|_fini$|_edata$|_end$|__bss_start$|DW\.ref)' |
		sed "s|^|check-names: $lib shows |" | head -20 | grep . && bad=1
done
[ $bad -eq 0 ] && echo "check-names: clean"
exit $bad
