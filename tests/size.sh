#!/bin/sh
# Standard input: "MODULE object ..." lines.  Prints .text, .data and .bss in
# bytes of each module, its lines of code, and the sum.
printf '%-10s %9s %7s %7s %6s\n' module text data bss lines
while read -r m objs; do
	size $objs | awk -v m="$m" -v l="$(find "$m" -name '*.[ch]' -exec cat {} + |
		grep -cvE '^[[:space:]]*($|/\*|\*)')" \
		'NR > 1 {t += $1; d += $2; s += $3}
		END {printf "%-10s %9d %7d %7d %6d\n", m, t, d, s, l}'
done | awk '{print; t += $2; d += $3; s += $4; l += $5}
	END {printf "%-10s %9d %7d %7d %6d\n", "all", t, d, s, l}'
