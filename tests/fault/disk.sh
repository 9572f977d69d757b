#!/bin/sh
# The program where nothing more can be written: it says so in one line and its
# status tells.  PARLEY is the program; Linux has /dev/full for it.
parley=${PARLEY:-build/parley}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
passed=0 failed=0

# says STATUS TEXT COMMAND...: ends with that status and that line alone
says() {
	want=$1 text=$2
	shift 2
	"$@" 2>"$dir/err"
	rc=$?
	if [ $rc -eq "$want" ] && grep -qF "$text" "$dir/err" &&
			[ "$(wc -l <"$dir/err")" -eq 1 ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAILED: status $rc, not $want, or other than '$text': $*"
		cat "$dir/err"
	fi
}

to_full() {
	"$@" >/dev/full
}

msg=fuzz/corpus/sip_msg/intmeth
if [ -w /dev/full ]; then
	says 1 'standard output' to_full "$parley" help
	says 1 'standard output' to_full "$parley" --version
	says 1 'standard output' to_full "$parley" decode sip "$msg"
	says 1 'standard output' to_full "$parley" decode sip --json "$msg"
fi
if "$parley" help | grep -q ' register '; then
	# Files may have no byte: as a full disk, and SIGXFSZ is not the end.
	said=$( (ulimit -f 0; "$parley" register --aor sip:a@127.0.0.1 --once \
		--registrar sip:127.0.0.1:9 --user a --password b \
		--local 127.0.0.1:0 --trace "$dir/t.pcapng") 2>&1 | cat)
	case $said in
	*'the trace is cut off: File too large'*)
		passed=$((passed + 1)) ;;
	*)
		failed=$((failed + 1))
		echo "FAILED: a trace without room is not told: $said" ;;
	esac
fi
echo "disk: $passed passed, $failed failed"
[ $failed -eq 0 ]
