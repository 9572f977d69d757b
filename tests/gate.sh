#!/bin/sh
# Do the checks notice what they are there for?  What counts the tests, what
# finds the files, and what is said where something is missing.  B is the folder
# of the variant.
p=0 f=0
ok() {
	if [ "$1" -eq 0 ]; then p=$((p + 1)); else f=$((f + 1)) && echo "FAILED: $2"; fi
}
d=$(mktemp -d)
trap 'rm -rf "$d"' EXIT
here=$PWD
unset FLOORS EMULATOR SAN
export SEEDS=20

# A suite that shrank or did not run; one that fails or dies; what was skipped.
mkdir "$d/t"
cp tests/tally.sh tests/floor.sh "$d/t"
cat >"$d/t/floors" <<'T'
# a comment
one    5
many   2   seed
never  9   gate
T
said() { # said STATUS TEXT COMMAND...: tally.sh over the commands
	want=$1 text=$2
	shift 2
	sed 's|tests/floors|"$(dirname "$0")"/floors|' tests/floor.sh >"$d/t/floor.sh"
	out=$(sh "$d/t/tally.sh" "$@" 2>&1)
	[ $? -eq "$want" ] && echo "$out" | grep -q "$text"
	ok $? "tally: $text: $out"
}
many='echo many: 40 passed, 0 failed'
said 0 '^45 passed, 0 failed$' 'echo one: 5 passed, 0 failed' "$many"
said 0 '^46 passed, 0 failed$' 'echo one: 3 passed, 0 failed' \
	'echo one: 2 passed, 0 failed' true "$many"
said 1 '^44 passed, 1 failed$' 'echo one: 4 passed, 0 failed' "$many"
said 1 'one: 0 passed, at least 5 wanted' "$many"
said 1 'many: 39 passed, at least 40' 'echo one: 5 passed, 0 failed' \
	'echo many: 39 passed, 0 failed'
said 1 '^45 passed, 1 failed$' 'echo one: 5 passed, 0 failed; exit 3' "$many"
said 1 '^46 passed, 2 failed$' 'echo one: 6 passed, 2 failed; exit 1' "$many"
said 0 '^skipped: why$' 'echo skipped: why; echo one: 5 passed, 0 failed' "$many"

# Vectors, files and seeds that are not there.
for v in sip sdp rtp dns; do
	[ -x "$B/tests/vectors/vectors_$v" ] || continue
	VECTORS=$d/none "$B/tests/vectors/vectors_$v" "tests/vectors/data/$v" \
		>"$d/out" 2>&1
	[ $? -eq 1 ]
	ok $? "VECTORS=DIR that is none: $(cat "$d/out")"
done
(cd "$d" && sh "$here/tests/files.sh" >/dev/null 2>&1)
[ $? -eq 1 ]
ok $? 'no files at all'

# What is missing, for root and for a user, with apt-get and without.
mkdir "$d/bin"
deps() { # deps STATUS TEXT ARGUMENTS: in a world of its own
	want=$1 text=$2
	shift 2
	out=$(PATH=$d/bin:$PATH NEEDS=$needs sh tests/deps.sh "$@" 2>&1)
	[ $? -eq "$want" ] && echo "$out" | grep -qF -- "$text"
	ok $? "deps.sh $*: $text: $out"
}
fake() {
	printf '#!/bin/sh\n%s\n' "$2" >"$d/bin/$1"
	chmod +x "$d/bin/$1"
}
fake apt-get 'case $* in *--print-uris*)
	echo "'"'http://d/a.deb'"' a.deb 52900000 MD5Sum:0"
	echo "'"'http://d/b.deb'"' b.deb 100000 MD5Sum:0" ;; esac
echo "$*" >>'"$d/apt"
fake id 'echo 1000'
fake sudo 'exit 1'
needs=
deps 0 '' build
needs='libnosuch-dev:no/such.h:-lnosuch:video libm-dev:math.h:-lm:'
deps 1 'missing: no/such.h' --look build
deps 1 'make deps' --look build
deps 1 'make WITHOUT="video"' --look build
deps 1 '    sudo apt-get install -y --no-install-recommends libnosuch-dev' build
deps 1 '(53 MB to download)' build
! grep -v print-uris "$d/apt"
ok $? "a user's deps.sh installs: $(cat "$d/apt")"
needs='libm-dev:math.h:-lnosuch:'
deps 1 'missing: math.h' --look build
! echo "$out" | grep -q WITHOUT
ok $? "nothing to leave out: $out"
fake id 'echo 0'
deps 0 'installing libm-dev (53 MB to download)' build
grep -q 'install -y .*libm-dev$' "$d/apt"
ok $? "root's deps.sh does not install: $(cat "$d/apt")"
fake apt-get 'echo "E: no network" >&2; exit 100'
fake nocc 'exit 1'
deps 1 'could not install libm-dev' build
deps 1 'E: no network' build
export CC=nocc
deps 0 'skipped: cross:' 'cross?'
export CC=nosuch-cc
deps 1 'no such compiler: CC=nosuch-cc' build
echo "gate: $p passed, $f failed"
[ $f -eq 0 ]
