#!/bin/sh
# Fuzzes every target for SECONDS each, two at a time, under clang's ASan and
# UBSan.  usage: fuzz.sh SECONDS
secs=${1:-10}
names=$(for f in fuzz/fuzz_*.c; do n=${f##*/fuzz_}; echo "${n%.c}"; done)
make -j2 $(for n in $names; do echo "build/fuzz/fuzz_$n"; done) >/dev/null || {
	echo "fuzz: 0 passed, 1 failed"
	exit 1
}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
for n in $names; do echo "$n"; done | xargs -P 2 -I{} sh -c \
	"make -s --no-print-directory fuzz-{} FUZZ_TIME=$secs >$dir/{}.log 2>&1 && echo ok >$dir/{}.ok"
p=0 f=0
for n in $names; do
	if [ -e "$dir/$n.ok" ]; then
		p=$((p + 1))
	else
		f=$((f + 1))
		echo "FAILED: fuzz target $n"
		tail -n 40 "$dir/$n.log"
	fi
done
echo "fuzz: $p passed, $f failed"
[ $f -eq 0 ]
