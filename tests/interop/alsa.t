# Capture and playback through ALSA with a sound card that is no hardware: ALSA's
# pulse plugin on a private PulseAudio with two null sinks.  What is played into
# the sink "mic" is what parley's microphone hears; what parley's speaker plays
# is recorded from the sink "speaker".
. "$(dirname "$0")/lib.sh"
mkdir -p home
export HOME=$dir/home XDG_RUNTIME_DIR=$dir/home
export DBUS_SESSION_BUS_ADDRESS=disabled: PULSE_SERVER=unix:$dir/pulse.sock
unset DISPLAY

cat >asound.conf <<END
</usr/share/alsa/alsa.conf>
pcm.speaker { type pulse server "$PULSE_SERVER" device "speaker" }
pcm.mic { type pulse server "$PULSE_SERVER" device "mic.monitor" }
pcm.card { type asym playback.pcm "speaker" capture.pcm "mic" }
pcm.!default { type plug slave.pcm "card" }
ctl.!default { type pulse server "$PULSE_SERVER" }
END
start pulse 200 pulseaudio -n --daemonize=no --use-pid-file=no \
	--exit-idle-time=-1 --realtime=no --high-priority=no \
	--disable-shm=yes --log-level=error \
	-L "module-null-sink sink_name=speaker rate=48000 channels=2" \
	-L "module-null-sink sink_name=mic rate=48000 channels=2" \
	-L "module-native-protocol-unix socket=$dir/pulse.sock auth-anonymous=1"
within 20 test -S pulse.sock || bad "PulseAudio does not start" pulse.err
# Null sinks that nobody reads with little delay work in blocks of two seconds.
for sink in speaker mic; do
	start "reader.$sink" 200 sh -c 'exec parec -d "$0.monitor" \
		--rate=48000 --channels=1 --format=s16le --latency-msec=10 \
		--raw >/dev/null' $sink
done
sox -V1 "$speech" -r 48000 voice.wav repeat 9
start voice 200 paplay -d mic --latency-msec=50 voice.wav

# Their first two seconds are such a block all the same.
timeout 3 paplay -d speaker --latency-msec=50 --volume=655 voice.wav

# with_card TAG CODEC PORT: a call to a parley that plays and records files.
with_card() {
	local c=$1 p=$3
	start "ear.$c" 60 parec -d speaker.monitor --rate=48000 --channels=1 \
		--format=s16le --latency-msec=20 --file-format=wav "$dir/ear.$c.wav"
	listen "far.$c" 60 $((p + 1)) --auto-answer --count 1 --json \
		--codec "$2" --play "$speech" --record "far.$c.wav" \
		--rtp-ports "$M-$((M + 99))"
	ALSA_CONFIG_PATH=$dir/asound.conf start "near.$c" 60 "$parley" call \
		"sip:far@127.0.0.1:$((p + 1))" --local "127.0.0.1:$p" \
		--device default --codec "$2" --duration 8 --json \
		--rtp-ports "$((M + 100))-$((M + 199))"
	ended "near.$c" 40 >/dev/null
	signal "ear.$c" INT
	ended "ear.$c" 10 >/dev/null
	ended "far.$c" 10 >/dev/null
}
# PulseAudio has no real-time priority here: on a busy machine it skips.  Hence
# the short windows, and a call that was chopped up may be made again, twice.
well() { # TAG
	likeness "$speech" "far.$1.wav" 250 | awk '{ exit !($2 >= 0.9) }' &&
		likeness "$speech" "ear.$1.wav" 250 | awk '{ exit !($2 >= 0.9) }'
}
card() { # CODEC PORT
	local c
	for c in "$1.1" "$1.2" "$1.3"; do
		with_card "$c" "$1" "$2"
		! well "$c" || break
	done
	same "$1: exit status" 0 "$(cat "near.$c.rc")" "near.$c.err"
	same "$1: nothing to complain about" "" "$(cat "near.$c.err")"
	atleast "$1: packets sent" 350 "$(field "near.$c.out" packets_sent)"
	atleast "$1: packets received" 350 "$(field "near.$c.out" packets_received)"
	alike "$1: the far end hears the microphone" "$speech" "far.$c.wav" 0.9 250
	alike "$1: the speaker plays the far end" "$speech" "ear.$c.wav" 0.9 250
}
card opus "$P"
card PCMU $((P + 10))

# A card that is not there: one clear line.
listen farnone 30 $((P + 21)) --auto-answer --count 1
ALSA_CONFIG_PATH=$dir/asound.conf start none 30 "$parley" call \
	"sip:far@127.0.0.1:$((P + 21))" --local "127.0.0.1:$((P + 20))" \
	--device nosuchcard --json --duration 1
ended none 20 >/dev/null
check "no such card: said so" grep -q nosuchcard none.err
