#!/bin/sh
# Installs into a folder of its own and builds against what is there: the
# stable API through pkg-config, static and shared, and one module alone; then
# takes it away again.
set -u
d=$(mktemp -d)
trap 'rm -rf "$d"' EXIT
p=0 f=0
ok() {
	if [ $? -eq 0 ]; then p=$((p + 1)); else f=$((f + 1)) && echo "FAILED: $1"; fi
}
cat >"$d/a.c" <<'C'
#include <parley.h>
#include <stdio.h>
int main(void)
{
	struct parley_config c = { .size = sizeof(c), .local = "127.0.0.1:0" };
	struct parley *p;

	if (parley_new(&c, &p))
		return 1;
	printf("%s %s\n", parley_version(), parley_local(p));
	parley_free(p);
	return 0;
}
C
cat >"$d/b.c" <<'C'
#include <sip/msg/sip_uri.h>
int main(void)
{
	struct parse_error e;
	struct sip_uri u;

	return sip_uri_parse(S("sip:a@b.example"), &u, &e) || !u.has_user;
}
C

# Where the loader does not look: the README's line, and nothing set to run it.
make -s install PREFIX="$d/own" >"$d/said" 2>&1 && grep -q PKG_CONFIG_PATH "$d/said"
ok "make install: $(cat "$d/said")"
(
	export PKG_CONFIG_PATH="$d/own/lib/pkgconfig"
	cc -o "$d/ua" examples/ua.c $(pkg-config --cflags --libs parley) || exit
	timeout 60 "$d/ua" nonsense # is no address; 127: the loader found nothing
	[ $? -eq 1 ]
)
ok "the README's line"
make -s uninstall PREFIX="$d/own" && [ -z "$(find "$d/own" ! -type d)" ]
ok "make uninstall leaves $(find "$d/own" ! -type d)"

# As a package does.
make -s install PREFIX=/usr DESTDIR="$d" >/dev/null
ok 'make install with DESTDIR'
! grep -q rpath "$d"/usr/lib/pkgconfig/*.pc
ok 'no rpath below /usr'
sed -i "s|^prefix=.*|prefix=$d/usr|" "$d"/usr/lib/pkgconfig/*.pc
export PKG_CONFIG_PATH="$d/usr/lib/pkgconfig"
cc -Wall -Werror -o "$d/shared" "$d/a.c" \
	$(pkg-config --cflags --libs parley) &&
	LD_LIBRARY_PATH="$d/usr/lib" "$d/shared"
ok shared
# What the application does not use itself is not its dependency.
! readelf -d "$d/shared" | grep -E 'NEEDED.*(mbed|opus|speex|asound)'
ok 'no dependency of the application'
(
	rm "$d"/usr/lib/libparley.so* # so that -lparley is the static one
	cc -Wall -Werror -o "$d/static" "$d/a.c" \
		$(pkg-config --static --cflags --libs parley)
) && "$d/static"
ok static
cc -Wall -Werror -o "$d/module" "$d/b.c" \
	$(pkg-config --cflags --libs parley-modules) && "$d/module"
ok 'one module'
# Each header stands alone; the stable one in C++ too.
find "$d/usr/include/parley" -name '*.h' >"$d/headers"
while read -r h; do
	echo "#include \"$h\"" | cc -std=c11 -Wall -Wextra -Wpedantic -Werror \
		$(pkg-config --cflags parley-modules) -x c -fsyntax-only - ||
		echo "$h" >>"$d/bad"
done <"$d/headers"
[ "$(wc -l <"$d/headers")" -gt 50 ] && [ ! -e "$d/bad" ]
ok 'each header alone'
if command -v c++ >/dev/null; then
	echo '#include <parley.h>' | c++ -std=c++98 -Wall -Wextra -Werror \
		$(pkg-config --cflags parley) -x c++ -fsyntax-only -
	ok 'C++'
else
	echo 'skipped: parley.h in C++: no c++'
fi
test -s "$d/usr/share/man/man1/parley.1" && "$d/usr/bin/parley" --version
ok 'manual and program'
# The simulated network is for tests: no library and no header has it.
[ -e platform/sim/sim.h ] && [ ! -e "$d/usr/include/parley/platform/sim.h" ] &&
	! nm "$d"/usr/lib/*.a | grep -E ' [TtDd] sim_'
ok 'no simulator'
echo "install: $p passed, $f failed"
[ $f -eq 0 ]
