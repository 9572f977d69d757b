#!/bin/sh
# Fetches JsSIP as package-lock.json pins it, into build/interop/jssip; without
# npm or its registry the test says what it skips.
here=$(cd "$(dirname "$0")" && pwd)
to=$here/../../../build/interop/jssip
mkdir -p "$to"
cmp -s "$here/package-lock.json" "$to/package-lock.json" &&
	[ -d "$to/node_modules/jssip" ] && exit 0
rm -rf "$to/node_modules" "$to/package-lock.json"
cp "$here/package.json" "$to/"
command -v npm >/dev/null || {
	echo "parley: JsSIP is not fetched: no npm"
	exit 0
}
echo "parley: fetching JsSIP (npm ci)"
cp "$here/package-lock.json" "$to/lock"
mv "$to/lock" "$to/package-lock.json"
(cd "$to" && timeout 120 npm ci --ignore-scripts --no-audit --no-fund \
	--loglevel=error >/dev/null) || {
	rm -f "$to/package-lock.json"
	echo "parley: JsSIP is not fetched: npm ci failed"
}
exit 0
