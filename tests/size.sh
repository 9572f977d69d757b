#!/bin/sh
# Prints .text, .data and .bss in bytes of each module, and of the whole.
b=$1
shift
printf '%-10s %9s %7s %7s %6s\n' module text data bss lines
for m; do
	objs=$(find "$b/$m" -name '*.o' 2>/dev/null)
	[ -n "$objs" ] || continue
	size $objs | awk -v m="$m" -v l="$(cat "$m"/*.[ch] | grep -cvE '^[[:space:]]*($|/\*|\*)')" \
		'NR > 1 {t += $1; d += $2; s += $3}
		END {printf "%-10s %9d %7d %7d %6d\n", m, t, d, s, l}'
done | tee "$b/size.txt"
awk '{t += $2; d += $3; s += $4; l += $5}
	END {printf "%-10s %9d %7d %7d %6d\n", "all", t, d, s, l}' "$b/size.txt"
