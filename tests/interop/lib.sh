# Sourced by every *.t: processes, checks, what parley says, what crossed the
# wire.  A test is a bash script that begins with
#   . "$(dirname "$0")/lib.sh"
# and leaves its counts to the trap set here.  It works in $dir, has the ports
# $P .. $P+99 for signalling and control and $M .. $M+499 for media, and every
# process it starts is gone when it ends.
# shellcheck shell=bash
set -u
LC_ALL=C
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$here/../.." && pwd)
name=$(basename "$0" .t)
parley=$(realpath "${PARLEY:-$top/build/parley}")
heard=$(realpath "${HEARD:-$top/build/release/tests/interop/heard}")
speech=$top/tools/speech.wav
P=${INTEROP_PORT:-15000}
M=${INTEROP_MEDIA:-20000}
root=${INTEROP_TMP:-$(mktemp -d "${TMPDIR:-/tmp}/interop.XXXXXX")}
dir=$root/$name
passed=0 failed=0 skipped=0
mkdir -p "$dir"
cd "$dir" || exit 1

# ---------------------------------------------------------------- verdicts
ok() { # TEXT
	passed=$((passed + 1))
	[ -z "${INTEROP_VERBOSE:-}" ] || echo "ok: $1"
}
bad() { # TEXT [FILE...]: the ends of the files say why
	failed=$((failed + 1))
	echo "FAILED: $name: $1"
	shift
	for f; do
		[ -s "$f" ] && echo "--- $f" && tail -n 25 "$f" && echo
	done
}
check() { # TEXT COMMAND...
	local text=$1 out
	shift
	if out=$("$@" 2>&1); then ok "$text"; else bad "$text"; echo "    $* ${out:+-> $out}"; fi
}
same() { # TEXT WANTED GOT [FILE...]
	if [ "$2" = "$3" ]; then ok "$1"; else bad "$1: wanted '$2', got '$3'" "${@:4}"; fi
}
atleast() { # TEXT LEAST GOT
	if awk -v a="$2" -v b="$3" 'BEGIN { exit !(b != "" && b + 0 >= a + 0) }'
	then ok "$1"; else bad "$1: wanted at least $2, got '$3'"; fi
}
atmost() { # TEXT MOST GOT
	if awk -v a="$2" -v b="$3" 'BEGIN { exit !(b != "" && b + 0 <= a + 0) }'
	then ok "$1"; else bad "$1: wanted at most $2, got '$3'"; fi
}
skip() { # TEXT: why; in CI nothing may be skipped
	skipped=$((skipped + 1))
	echo "SKIPPED: $name: $1"
	[ "${CI:-}" != true ] || failed=$((failed + 1))
}

# --------------------------------------------------------------- processes
# start TAG SECONDS COMMAND...: in the background, with its output in TAG.out
# and TAG.err and its exit status, once it has ended, in TAG.rc.  timeout(1)
# gives it a process group of its own, whose number is in TAG.pid, hands signals
# on and ends it after so many seconds (status 124).
start() {
	local tag=$1 limit=$2
	shift 2
	rm -f "$tag.rc" "$tag.pid"
	{
		timeout -k 10 "$limit" "$@" >"$tag.out" 2>"$tag.err" </dev/null &
		echo $! >"$tag.pid"
		wait $!
		echo $? >"$tag.rc.new"
		mv "$tag.rc.new" "$tag.rc"
	} 2>/dev/null &
}
within() { # SECONDS COMMAND...: until it succeeds
	local end=$((SECONDS + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.05
	done
}
ended() { # TAG SECONDS: prints the exit status
	within "$2" test -f "$1.rc" || { echo late; return 1; }
	cat "$1.rc"
}
# To the program itself: timeout(1) would hand a signal on twice, and a second
# Ctrl-C means "now".
signal() { # TAG NAME
	within 5 test -f "$1.pid" && pkill "-$2" -P "$(cat "$1.pid")"
}
stop() { # TAG: TERM, then KILL
	[ -f "$1.rc" ] && return
	kill -TERM "$(cat "$1.pid")" 2>/dev/null
	within 5 test -f "$1.rc" || kill -KILL -- "-$(cat "$1.pid")" 2>/dev/null
	within 5 test -f "$1.rc"
}
bound() { # udp|tcp PORT: somebody takes what comes there
	local hex state=07
	[ "$1" = udp ] || state=0A # listening
	hex=$(printf '%04X' "$2")
	grep -q "^ *[0-9]*: [0-9A-F]*:$hex [0-9A-F]*:0000 $state" \
		"/proc/net/$1" "/proc/net/${1}6"
}
finish() {
	local rc=$? f
	trap - EXIT
	for f in *.pid; do
		[ -f "${f%.pid}.rc" ] || kill -KILL -- "-$(cat "$f")" 2>/dev/null
	done
	wait 2>/dev/null
	if [ $rc -ne 0 ]; then
		failed=$((failed + 1))
		echo "FAILED: $name: left with status $rc"
	fi
	[ -n "${INTEROP_TMP:-}" ] || [ $failed -ne 0 ] || rm -rf "$root"
	[ $skipped -eq 0 ] || echo "$name: $skipped skipped"
	echo "$name: $passed passed, $failed failed"
	[ $failed -eq 0 ]
	exit
}
trap finish EXIT
trap 'exit 1' INT TERM HUP

# ------------------------------------------------------------------ parley
# listen TAG SECONDS PORT [OPTION...]
listen() {
	local tag=$1 limit=$2 port=$3
	shift 3
	start "$tag" "$limit" "$parley" listen --local "127.0.0.1:$port" "$@"
	within 10 bound udp "$port" || within 1 bound tcp "$port" ||
		bad "$tag: parley does not listen on $port" "$tag.err"
}
# with_keys TAG SECONDS ARGUMENT...: parley in a terminal, for press; what it
# says on standard error is in TAG.said.  TAG.keys is open here too, or the
# first key would be the last.
with_keys() {
	local tag=$1 limit=$2 fd
	shift 2
	rm -f "$tag.keys"
	mkfifo "$tag.keys"
	exec {fd}<>"$tag.keys"
	start "$tag" "$limit" sh -c 'exec script -qefc "$1" /dev/null <"$0"' \
		"$tag.keys" "exec $(printf '%q ' "$parley" "$@") 2>$tag.said"
}
press() { # TAG KEY
	printf '%s' "$2" >"$1.keys"
}
# One field of the JSON object that a call ends with, the first of that name.
field() { # FILE NAME [CALL]
	tr -d '\r' <"$1" | grep -a '"state":' | { [ -z "${3:-}" ] && cat ||
		grep "\"call\":$3,"; } | head -n 1 |
		grep -o "\"$2\":\(\"[^\"]*\"\|[^,}]*\)" | head -n 1 |
		sed 's/^[^:]*://; s/^"//; s/"$//'
}

# -------------------------------------------------------------------- wire
# Everything on the loopback interface's ports of this test.
capture() {
	start capture 280 tshark -i lo -q -w capture.pcapng \
		-f "portrange $P-$((P + 99)) or portrange $M-$((M + 499))"
	within 30 test -s capture.pcapng ||
		bad "no capture" capture.err
	sleep 0.5
}
# wire_stop SIP_PORT...: ends it; these carry SIP.  Wireshark's reading goes to
# wire.tsv, a line a packet.
wire_stop() {
	local decode=() f
	sleep 1
	signal capture INT
	ended capture 20 >/dev/null
	for f; do decode+=(-d "udp.port==$f,sip" -d "tcp.port==$f,sip"); done
	for f in frame.time_relative udp.srcport udp.dstport tcp.srcport \
		tcp.dstport sip.Method sip.Status-Code sip.CSeq.method \
		sdp.media_attr sdp.connection_info.address rtp.p_type \
		rtpevent.event_id rtp.seq _ws.malformed _ws.expert.severity \
		sip.msg_hdr; do
		decode+=(-e "$f")
	done
	tshark -r capture.pcapng -T fields "${decode[@]}" >wire.tsv 2>wire.err
	[ -s wire.tsv ] || bad "nothing captured" capture.err wire.err
}
# wire CONDITION: the packets for which it holds, in awk's words and these.
wire() {
	awk -F'\t' 'function at(port) { return src == port || dst == port }
	{
		time = $1; src = $2 $4; dst = $3 $5; method = $6; status = $7
		cseq = $8; sdp = $9; conn = $10; pt = $11; event = $12
		seq = $13; broken = $14; severity = $15; head = $16
		rtp = pt != ""
	}
	'"$1" wire.tsv
}
seen() { # CONDITION: how many packets
	wire "$1" | wc -l
}
# What these ports sent is whole, by the judgement of another: no malformed
# packet, and no expert's error (severity 8 MiB).
wire_clean() { # PORT...
	local from=0 p
	for p; do from="$from || src == $p"; done
	same "nothing malformed on the wire" "" \
		"$(wire "($from) && (broken != \"\" || severity ~ /8388608/)")"
}

# ------------------------------------------------------------------- sound
raw() { # FILE [EFFECT...]: mono, 16 bit, 16 kHz, by another program's reading
	raw=$dir/$(echo "$*" | tr '/ ' __).raw
	[ -s "$raw" ] || sox -V1 "$1" -c 1 -r 16000 -t raw -b 16 \
		-e signed-integer -L "$raw" "${@:2}" 2>/dev/null
}
# likeness SENT GOT [MS]: what heard(1) says; SENT is played in a loop.
likeness() {
	local sent
	if [ -s "$2" ] && raw "$1" repeat 1 && sent=$raw && raw "$2"; then
		"$heard" 16000 "$sent" "$raw" ${3:-} 2>&1
	else
		echo "nothing recorded in ${2:-no file}"
	fi
}
# alike TEXT SENT GOT [LEAST [MS]]: at least 0.90 in the median second of speech,
# or in the median of windows of so many ms.
alike() {
	local least=${4:-0.90} said
	said=$(likeness "$2" "$3" "${5:-}")
	set -- "$1" $said
	if [ "${2:-}" = correlation ]; then
		atleast "$1 ($said)" "$least" "$3"
		atleast "$1: seconds of speech ($said)" 1 "$7"
	else
		bad "$1: $said"
	fi
}
