#!/bin/sh
# Prints the C files of the project, one a line, as git knows them; outside of
# git (a tarball, a repository of somebody else's, one that git does not trust)
# all that are there.  Fails where that is hardly any.
files=$(git ls-files '*.c' '*.h' 2>/dev/null)
[ -n "$files" ] || files=$(find . -name .git -prune -o -path ./build -prune -o \
	-name '*.[ch]' -print | sed 's|^\./||' | sort)
echo "$files"
[ "$(echo "$files" | wc -l)" -gt 300 ] || {
	echo "files.sh: hardly any file is found: what checks them checks nothing" >&2
	exit 1
}
