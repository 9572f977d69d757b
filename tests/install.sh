#!/bin/sh
# Installs into a folder of its own and builds against what is there: the
# stable API through pkg-config, static and shared, and one module alone.
set -eu
d=$(mktemp -d)
trap 'rm -rf "$d"' EXIT
make -s install PREFIX=/usr DESTDIR="$d" >/dev/null
sed -i "s|^prefix=.*|prefix=$d/usr|" "$d"/usr/lib/pkgconfig/*.pc
export PKG_CONFIG_PATH="$d/usr/lib/pkgconfig"
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
#include <sip/sip_uri.h>
int main(void)
{
	struct parse_error e;
	struct sip_uri u;

	return sip_uri_parse(S("sip:a@b.example"), &u, &e) || !u.has_user;
}
C
cc -Wall -Werror -o "$d/shared" "$d/a.c" $(pkg-config --cflags --libs parley)
LD_LIBRARY_PATH="$d/usr/lib" "$d/shared"
# What the application does not use itself is not its dependency.
if readelf -d "$d/shared" | grep -E 'NEEDED.*(mbed|opus|speex|asound)'; then
	exit 1
fi
(
	rm "$d"/usr/lib/libparley.so* # so that -lparley is the static one
	cc -Wall -Werror -o "$d/static" "$d/a.c" \
		$(pkg-config --static --cflags --libs parley)
)
"$d/static"
cc -Wall -Werror -o "$d/module" "$d/b.c" \
	$(pkg-config --cflags --libs parley-modules)
"$d/module"
# Each header stands alone; the stable one in C++ too.
find "$d/usr/include/parley" -name '*.h' | while read -r h; do
	echo "#include \"$h\"" | cc -std=c11 -Wall -Wextra -Wpedantic -Werror \
		$(pkg-config --cflags parley-modules) -x c -fsyntax-only -
done
if command -v c++ >/dev/null; then
	echo '#include <parley.h>' | c++ -std=c++98 -Wall -Wextra -Werror \
		$(pkg-config --cflags parley) -x c++ -fsyntax-only -
fi
test -s "$d/usr/share/man/man1/parley.1"
"$d/usr/bin/parley" --version
echo "install: 6 passed, 0 failed"
