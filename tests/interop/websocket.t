# SIP over WebSocket (RFC 7118): registrations and calls through Kamailio, by it
# alone and from a caller by UDP; JsSIP registers there, and asks for our OPTIONS
# through it and at our own door; and python3-websockets as either end: messages in
# one frame and in many, as text and as binary, its refusals and ours.
. "$(dirname "$0")/lib.sh"
K=$((P + 90)) W=$((P + 91)) S=$((P + 92)) N=$((P + 93))
ws="sip:127.0.0.1:$W;transport=ws"

# --- Kamailio
mkdir -p kamailio.run
start kamailio 120 kamailio -f "$here/kamailio_ws.cfg" -DD -E -m 32 -M 8 \
	-Y "$dir/kamailio.run" -w "$dir/kamailio.run" \
	--substdef="!SIP_PORT!$K!g" --substdef="!WS_PORT!$W!g"
within 20 bound udp "$K" && within 10 bound tcp "$W" ||
	bad "kamailio does not start" kamailio.err
register() { # TAG PORT [OPTION...]: parley's arguments
	echo register --aor "sip:$1@interop.test" --local "127.0.0.1:$2" \
		--registrar "$ws" --json "${@:3}"
}
timeout 20 "$parley" $(register alice "$P" --once --ws-path /sip) >reg.out 2>reg.err
same "registered" "0 registered 200" "$? $(field reg.out state) $(field reg.out code)" reg.err
timeout 20 "$parley" $(register alice "$P" --once) >path.out 2>path.err
same "another path is refused" "1 failed" "$? $(field path.out state)" path.err

start bob 60 "$parley" listen --aor sip:bob@interop.test --registrar "$ws" \
	--ws-path /sip --local "127.0.0.1:$((P + 1))" --auto-answer --json --count 2
check "bob is registered" within 10 grep -q registered bob.out
talk() { # TAG SECONDS PROXY [OPTION...]
	timeout 30 "$parley" call sip:bob@interop.test --from sip:alice@interop.test \
		--proxy "$3" --local "127.0.0.1:$((P + 2))" --json --duration "$2" \
		"${@:4}" >"$1.out" 2>"$1.err"
	same "$1" "0 ended" "$? $(field "$1.out" state)" "$1.err"
}
# Before the calls: bob goes after two of them.
js=$top/build/interop/jssip
if [ -d "$js/node_modules/jssip" ] && command -v node >/dev/null; then
	jssip() { # TAG WANTED URL AOR TARGET [register]
		NODE_PATH=$js/node_modules timeout 20 node "$here/jssip/client.js" \
			"${@:3}" >"$1.out" 2>"$1.err"
		same "JsSIP: $1" "$2" "$? $(tr '\n' ' ' <"$1.out")" "$1.err"
	}
	jssip throughkamailio "0 connected registered options 200 " \
		"ws://127.0.0.1:$W/sip" sip:jane@interop.test \
		sip:bob@interop.test register
	start door 30 "$parley" listen --local "127.0.0.1:$((P + 4))" \
		--ws-port $((P + 4)) --transport udp --json
	within 10 bound tcp $((P + 4)) || bad "parley does not listen" door.err
	jssip atourdoor "0 connected options 200 " "ws://127.0.0.1:$((P + 4))" \
		sip:jane@127.0.0.1 "sip:us@127.0.0.1"
	stop door
else
	skip "JsSIP: not fetched (tests/interop/jssip/fetch.sh)"
fi
# Kamailio's pings come every second, and are answered.
talk "a call by WebSocket" 3 "$ws" --ws-path /sip
talk "a call from UDP to WebSocket" 1 "sip:127.0.0.1:$K"
same "bob: exit status" 0 "$(ended bob 10)" bob.err
check "bob: unregistered" grep -q unregistered bob.out
stop kamailio

# --- python3-websockets as client
start server 60 "$parley" listen --local "127.0.0.1:$S" --ws-port "$S" \
	--transport udp --auto-answer --json
within 10 bound tcp "$S" || bad "parley does not listen" server.err
timeout 30 /usr/bin/python3 "$here/websocket.py" client "$S" >client.out 2>client.err
same "python3-websockets as client" 0 $? client.err client.out
while read -r verdict text; do
	same "client: $text" ok "$verdict" client.err
done <client.out
atleast "client: its checks" 9 "$(wc -l <client.out)"
stop server

# --- and as server
start far 60 /usr/bin/python3 "$here/websocket.py" server "$N"
within 10 bound tcp "$N" || bad "python does not listen" far.err
timeout 20 "$parley" register --aor sip:carol@interop.test --local "127.0.0.1:$((P + 3))" \
	--registrar "sip:127.0.0.1:$N;transport=ws" --once --json >carol.out 2>carol.err
same "registered at python's, in fragments" "0 registered" "$? $(field carol.out state)" carol.err far.err
timeout 20 "$parley" register --aor sip:carol@interop.test --local "127.0.0.1:$((P + 3))" \
	--registrar "sip:127.0.0.1:$N;transport=ws" --ws-path /other --once --json >other.out 2>other.err
same "a server without our protocol is left" "1 failed" "$? $(field other.out state)" other.err
stop far
