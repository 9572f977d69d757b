#!/bin/sh
# What building and testing need, each part asked for by who uses it.
#   deps.sh WORD...         installs the Debian packages that are missing
#   deps.sh --look WORD...  installs nothing: says what is missing, fails
# WORD is build, or a word of the table below; one with ? behind it may stay
# away.  What is there is found by trying it, so that other systems, and
# libraries of one's own, do as well as Debian's packages.
#   CC CFLAGS LDFLAGS  as for make
#   NEEDS              rows PACKAGE:HEADER:-lLIBRARY:PART of the modules; PART
#                      is the word of WITHOUT that does without it
set -u
CC=${CC:-cc}
look=
[ "${1:-}" = --look ] && look=1 && shift

# WORD PACKAGE HEADER or !COMMAND
table='
check     check               check.h
install   pkg-config          !pkg-config
install   g++                 !c++
cross     gcc-multilib        -m32
clang     clang               !clang
fuzz      clang               !clang
fuzz      libclang-rt-14-dev  -fsanitize=fuzzer
tidy      clang-tidy          !clang-tidy
cppcheck  cppcheck            !cppcheck
valgrind  valgrind            !valgrind
coverage  gcovr               !gcovr
mutate    python3             !python3
'

# compiles HEADER [FLAG...]: a program that includes it, and is linked
compiles() {
	h=$1
	shift
	printf '#include <%s>\nint main(void) { return 0; }\n' "$h" |
		$CC ${CFLAGS:-} -x c -o /dev/null - ${LDFLAGS:-} "$@" 2>/dev/null
}
there() { # there PACKAGE WHAT
	case $2 in
	!*) command -v "${2#!}" >/dev/null ;;
	-m32) echo 'int x;' | $CC -m32 -include stdint.h -x c -fsyntax-only - \
		2>/dev/null ;;
	-fsanitize=fuzzer) echo 'int LLVMFuzzerTestOneInput(void) { return 0; }' |
		clang -fsanitize=fuzzer -x c -o /dev/null - 2>/dev/null ;;
	*) compiles "$2" ;;
	esac
}
miss= told= without= stay= cc=yes spared=yes
wants() { # wants PACKAGE NAME
	case " $miss " in *" $1 "*) ;; *) miss="$miss $1" ;; esac
	told="$told${told:+, }$2"
}
build() {
	command -v "${CC%% *}" >/dev/null || {
		case $CC in
		cc | gcc) wants gcc "$CC" ;;
		clang) wants clang "$CC" ;;
		*) echo "parley: no such compiler: CC=$CC" >&2 && exit 1 ;;
		esac
		cc=
	}
	[ "$cc" ] && compiles stdio.h || wants libc6-dev stdio.h
	for row in ${NEEDS:-}; do
		p=${row%%:*} h=${row#*:} l=${row#*:*:} w=${row##*:}
		h=${h%%:*} l=${l%%:*}
		[ "$cc" ] && compiles "$h" "$l" && continue
		wants "$p" "$h"
		[ "$w" ] && without="$without${without:+ }$w" || spared=
	done
}
for w; do
	case $w in
	build) build ;;
	*'?') stay="$stay ${w%?}" ;;
	*)
		while read -r word p h; do
			[ "$word" = "$w" ] || continue
			there "$p" "$h" || wants "$p" "${h#!}"
		done <<-T
		$table
		T
		;;
	esac
done

debian() {
	command -v apt-get >/dev/null
}
if [ "$look" ]; then
	[ -z "$miss" ] && exit 0
	echo "parley: missing: $told" >&2
	debian && echo "parley: 'make deps' installs it (packages:$miss)" >&2
	debian || echo "parley: Debian's packages with it:$miss" >&2
	[ -z "$without" ] || [ "$spared$cc" != yesyes ] ||
		echo "parley: or do without: make WITHOUT=\"$without\"" >&2
	exit 1
fi

megabytes() { # of what apt-get must fetch for PACKAGE...; fails: not known
	uris=$(apt-get install -qq --no-install-recommends --print-uris "$@" \
		2>/dev/null) || return 1
	echo "$uris" | awk '{ n += $3 } END { printf "%d MB", (n + 999999) / 1000000 }'
}
if [ "$miss" ] && ! debian; then
	echo "parley: missing: $told" >&2
	echo "parley: no apt-get here; Debian's packages with it:$miss" >&2
	exit 1
fi
sudo=
if [ "$(id -u)" != 0 ]; then
	sudo='sudo '
	command -v sudo >/dev/null || sudo=
	if [ "$miss" ] && ! sudo -n true 2>/dev/null; then
		size=$(megabytes $miss) || size= update="${sudo}apt-get update && "
		echo "parley: missing: $told" >&2
		echo "parley: only root can install it${size:+ ($size to download)}:" >&2
		echo "    ${update:-}${sudo}apt-get install -y --no-install-recommends$miss" >&2
		exit 1
	fi
fi
apt() {
	${sudo}env DEBIAN_FRONTEND=noninteractive apt-get "$@"
}
if [ "$miss" ] || [ "$stay" ]; then
	log=$(mktemp)
	trap 'rm -f "$log"' EXIT
fi
if [ "$miss" ]; then
	# Without lists a fresh machine knows no package at all.
	size=$(megabytes $miss) || {
		apt update -qq >"$log" 2>&1
		size=$(megabytes $miss) || size='unknown size'
	}
	echo "parley: installing$miss ($size to download)"
	apt install -y -qq --no-install-recommends $miss >"$log" 2>&1 || {
		apt update -qq >"$log" 2>&1 # old lists name what is gone
		apt install -y -qq --no-install-recommends $miss >>"$log" 2>&1
	} || {
		tail -n 5 "$log" >&2
		echo "parley: apt-get could not install$miss" >&2
		exit 1
	}
fi
# What may stay away is said so, and no reason to fail.
for w in $stay; do
	said=$(sh "$0" "$w" 2>&1) && {
		[ -z "$said" ] || echo "$said"
		continue
	}
	echo "skipped: $w: $(echo "$said" | tail -n 1)"
done
