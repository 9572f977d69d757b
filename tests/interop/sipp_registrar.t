# parley register against scenarios of SIPp's: challenges, an interval that is
# too brief, a registrar that shortens it, refuses, or is busy; unregistered at
# the end.
. "$(dirname "$0")/lib.sh"
. "$here/sipp.sh"

digest='Digest realm="interop.test", nonce="4f2a", qop="auth"'
granted() { # SECONDS
	send <<-END
	SIP/2.0 200 OK
	[last_Via:]
	[last_From:]
	[last_To:];tag=r
	[last_Call-ID:]
	[last_CSeq:]
	[last_Contact:];expires=$1
	Content-Length: 0

	END
}
r256() {
	got REGISTER
	reply 401 Unauthorized "" "WWW-Authenticate: $digest, algorithm=SHA-256"
	with REGISTER hdr:Authorization 'algorithm=SHA-256.*response=.[0-9a-f]{64}|response=.[0-9a-f]{64}.*algorithm=SHA-256'
	granted 600
}
rproxy() { # a proxy on the way, then the registrar, each with its own realm
	got REGISTER
	reply 407 "Proxy Authentication Required" "" \
		'Proxy-Authenticate: Digest realm="way.test", nonce="77", qop="auth"'
	with REGISTER hdr:Proxy-Authorization 'realm="way.test"'
	reply 401 Unauthorized "" "WWW-Authenticate: $digest"
	with REGISTER hdr:Authorization 'realm="interop.test"' \
		hdr:Proxy-Authorization 'realm="way.test"'
	granted 600
}
rbrief() { # 10.2.8: 423 names the least
	with REGISTER hdr:Expires 60
	reply 423 "Interval Too Brief" "" "Min-Expires: 1800"
	with REGISTER hdr:Expires 1800
	granted 1800
}
rrefresh() { # granted less than was asked for: back in time; then taken back
	with REGISTER hdr:Expires 3600
	granted 4
	with REGISTER hdr:Expires 3600
	granted 300
	with REGISTER hdr:Expires 0
	TAG=';tag=r' reply 200 OK
}
rforbidden() { got REGISTER; reply 403 Forbidden; }
rtcp() { got REGISTER; granted 600; }

n=0
try() { # NAME [OPTION...]
	local name=$1 transport=
	shift
	sipp_start "$name" 40 $((P + 2 * n)) $((M + 8 * n)) ${T:+-t "$T"}
	[ -z "${T:-}" ] || transport=";transport=tcp"
	sipp_waits $((P + 2 * n))
	start "$name.us" 40 "$parley" register \
		--aor sip:alice@interop.test --user alice --password secret \
		--registrar "sip:127.0.0.1:$((P + 2 * n))$transport" --json \
		--local "127.0.0.1:$((P + 2 * n + 1))" "$@"
	n=$((n + 1))
}
expect() { # NAME RC STATE CODE EXPIRES TEXT
	same "$6: exit status" "$2" "$(ended "$1.us" 40)" "$1.us.err"
	same "$6: state, code and expiry" "$3 $4 $5" "$(field "$1.us.out" state) $(
		field "$1.us.out" code) $(field "$1.us.out" expires_s)" "$1.us.err"
	sipp_good "$1" 20 "$6"
}

capture
try r256 --once
try rproxy --once
try rbrief --once --expires 60
try rrefresh
try rforbidden --once
T=t1 try rtcp --once
expect r256 0 registered 200 600 "SHA-256"
expect rproxy 0 registered 200 600 "two challenges, two realms"
expect rbrief 0 registered 200 1800 "an interval too brief"
expect rforbidden 1 failed 403 '' "forbidden"
check "forbidden: one line says why" grep -q "403 Forbidden from sip:127.0.0.1" rforbidden.us.err
expect rtcp 0 registered 200 600 "over TCP"
twice() { [ "$(grep -c '"registered"' rrefresh.us.out)" -ge 2 ]; }
check "refreshed before it expires" within 15 twice
signal rrefresh.us INT
expect rrefresh 0 registered 200 4 "refreshed, then taken back"
check "taken back" grep -q '"unregistered"' rrefresh.us.out
wire_stop $(seq $P $((P + 15)))
wire_clean $(seq $((P + 1)) 2 $((P + 15)))
