# TLS with others: registration and a call at Kamailio, which shows its
# certificate and at a second one wants ours; calls between parley and baresip,
# both ways.  What is wrong with a certificate is said.
. "$(dirname "$0")/lib.sh"
. "$here/baresip.sh"
certs=$top/tests/certs
K=$((P + 80)) KT=$((P + 81)) K2=$((P + 84)) KT2=$((P + 85))
ca="--tls-ca $certs/ca.pem"

kamailio_start() { # TAG PORT TLS_PORT [OPTION...]
	local tag=$1 port=$2 tls=$3
	shift 3
	mkdir -p "$tag.run"
	start "$tag" 120 kamailio -f "$here/kamailio.cfg" -DD -E -m 64 -M 8 \
		-Y "$dir/$tag.run" -w "$dir/$tag.run" -A WITH_TLS \
		--substdef="!SIP_PORT!$port!g" --substdef="!TLS_PORT!$tls!g" \
		--substdef="!CERTS!$certs!g" "$@"
	within 20 bound tcp "$tls" || bad "$tag does not start" "$tag.err"
}
once() { # TAG TLS_PORT [OPTION...]: registers, and says how it went
	local tag=$1 port=$2
	shift 2
	timeout 20 "$parley" register --aor sip:alice@interop.test --once --json \
		--registrar "sip:127.0.0.1:$port;transport=tls" --user alice \
		--password alice-secret --local "127.0.0.1:$P" "$@" \
		>"$tag.out" 2>"$tag.err"
	echo "$? $(field "$tag.out" state) $(field "$tag.out" code)"
}
kamailio_start kam $K $KT
kamailio_start kam2 $K2 $KT2 -A CLIENT_CERTIFICATE

# --- registration
same "registered over TLS" "0 registered 200" \
	"$(once reg $KT $ca --tls-name example.com --trace keys.pcapng --trace-keys)" reg.err
# Wireshark decrypts the trace with what is in it, and with nothing else.
readable() { # FILE: the methods, as they are found in TLS alone
	tshark -r "$1" -d "tcp.port==$KT,tls" -d "tls.port==$KT,sip" \
		-Y 'tls and sip.Method' -T fields -e sip.Method 2>tshark.err | uniq
}
same "with --trace-keys: decrypted" REGISTER "$(readable keys.pcapng)" tshark.err
same "with --trace-keys: nothing in clear" 0 "$(grep -ca REGISTER keys.pcapng)"
same "with --trace-keys: its mode" 600 "$(stat -c %a keys.pcapng)"
same "an address that the certificate has not" "1 failed 0" "$(once ip $KT $ca)"
check "an address: its reason" \
	grep -q 'name mismatch: wanted 127.0.0.1, got ' ip.err
same "an issuer that the host does not know" "1 failed 0" \
	"$(once host $KT --tls-name example.com)"
check "an issuer: its reason" grep -qF 'self-signed certificate (Parley test CA)' host.err
same "not verified" "0 registered 200" "$(once any $KT --insecure)" any.err
check "not verified: it is said" grep -q 'WHOEVER ANSWERS IS BELIEVED' any.err
same "without a certificate where one is wanted" "1 failed 0" \
	"$(once none $KT2 $ca --tls-name example.com)"
check "without a certificate: its reason" \
	grep -q 'it wants a client certificate' none.err
same "with a certificate of ours" "0 registered 200" \
	"$(once mine $KT2 $ca --tls-name example.com --tls-cert "$certs/client.pem" \
		--tls-key "$certs/client.key")" mine.err

# --- a call through it: the callee by the connection that it registered by
proxy="sip:127.0.0.1:$KT;transport=tls"
start callee 60 "$parley" listen --auto-answer --count 1 --json --transport tls \
	--aor sip:dave@interop.test --registrar "$proxy" --user dave \
	--password dave-secret --local "127.0.0.1:$((P + 10))" --play "$speech" \
	--record callee.wav --rtp-ports "$M-$((M + 49))" $ca --tls-name example.com
within 10 grep -q '"registered"' callee.out || bad "not registered" callee.err
start caller 60 "$parley" call sip:dave@interop.test --from sip:alice@interop.test \
	--user alice --password alice-secret --proxy "$proxy" --json --transport tls \
	--local "127.0.0.1:$((P + 12))" --play "$speech" --record caller.wav \
	--duration 4 --rtp-ports "$((M + 50))-$((M + 99))" $ca --tls-name example.com \
	--trace tls.pcapng

# --- baresip, both ways
cat "$certs/good.pem" "$certs/leaf.key" >bare.pem
BARE_EXTRA="sip_certificate $dir/bare.pem
sip_cafile $certs/ca.pem"
bare_start bcallee 60 $((P + 20)) $((M + 100)) g711 auto
bare_start bcaller 60 $((P + 22)) $((M + 150)) g711 auto
start out 40 "$parley" call "sip:bcallee@127.0.0.1:$((P + 21));transport=tls" \
	--local "127.0.0.1:$((P + 30))" --codec PCMU --play "$speech" \
	--record out.wav --duration 4 --json --rtp-ports "$((M + 200))-$((M + 249))" \
	$ca --tls-name example.com
listen in 40 $((P + 32)) --auto-answer --count 1 --json --codec PCMU \
	--play "$speech" --record in.wav --rtp-ports "$((M + 250))-$((M + 299))" \
	--tls-cert "$certs/good.pem" --tls-key "$certs/leaf.key"
bare bcaller dial "sip:x@127.0.0.1:$((P + 33));transport=tls"
check "baresip called over TLS: up" bare_event bcaller 15 CALL_ESTABLISHED
sleep 4
bare bcaller hangup

same "through Kamailio: exit status" "0 0" "$(ended caller 40) $(ended callee 20)" \
	caller.err callee.err kam.err
same "through Kamailio: state" "ended ended" \
	"$(field caller.out state 1) $(field callee.out state 1)"
alike "through Kamailio: the callee hears" "$speech" callee.wav
alike "through Kamailio: the caller hears" "$speech" caller.wav
check "its trace has SIP in clear" grep -qa "INVITE sip:dave@interop.test" tls.pcapng
same "to baresip: exit status" 0 "$(ended out 40)" out.err
same "to baresip: state" ended "$(field out.out state)" out.err bcallee.err
alike "to baresip: heard" "$speech" out.wav
alike "to baresip: heard there" "$speech" "$(bare_heard bcallee)"
same "from baresip: exit status" 0 "$(ended in 40)" in.err bcaller.err
same "from baresip: state" ended "$(field in.out state)" in.out
alike "from baresip: heard" "$speech" in.wav
alike "from baresip: heard there" "$speech" "$(bare_heard bcaller)"
