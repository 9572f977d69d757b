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
sox -V1 "$speech" twice.wav repeat 1 # the call may begin anywhere in it
start voice 200 paplay -d mic --latency-msec=50 voice.wav

# Their first two seconds are such a block all the same.
timeout 3 paplay -d speaker --latency-msec=50 --volume=655 voice.wav

# with_card CODEC: a call to a parley that plays and records files.
with_card() {
	local c=$1 p=$2
	start "ear.$c" 60 parec -d speaker.monitor --rate=48000 --channels=1 \
		--format=s16le --latency-msec=20 --file-format=wav "$dir/ear.$c.wav"
	listen "far.$c" 60 $((p + 1)) --auto-answer --count 1 --json --codec "$c" \
		--play "$speech" --record "far.$c.wav" --rtp-ports "$M-$((M + 99))"
	ALSA_CONFIG_PATH=$dir/asound.conf start "near.$c" 60 "$parley" call \
		"sip:far@127.0.0.1:$((p + 1))" --local "127.0.0.1:$p" \
		--device default --codec "$c" --duration 8 --json \
		--rtp-ports "$((M + 100))-$((M + 199))"
	same "$c: exit status" 0 "$(ended "near.$c" 40)" "near.$c.err"
	same "$c: nothing to complain about" "" "$(cat "near.$c.err")"
	signal "ear.$c" INT
	ended "ear.$c" 10 >/dev/null
	ended "far.$c" 10 >/dev/null
	atleast "$c: packets sent" 350 "$(field "near.$c.out" packets_sent)"
	atleast "$c: packets received" 350 "$(field "near.$c.out" packets_received)"
	alike "$c: the far end hears the microphone" "$dir/twice.wav" "far.$c.wav"
	alike "$c: the speaker plays the far end" "$dir/twice.wav" "ear.$c.wav"
}
with_card opus "$P"
with_card PCMU $((P + 10))

# A card that is not there: one clear line.
listen farnone 30 $((P + 21)) --auto-answer --count 1
ALSA_CONFIG_PATH=$dir/asound.conf start none 30 "$parley" call \
	"sip:far@127.0.0.1:$((P + 21))" --local "127.0.0.1:$((P + 20))" \
	--device nosuchcard --json --duration 1
ended none 20 >/dev/null
check "no such card: said so" grep -q nosuchcard none.err
