# TLS against the openssl command: every version and suite that it has, both
# ways, and what each end says of the other.  Nothing below TLS 1.2, no RSA key
# exchange, no CBC.
. "$(dirname "$0")/lib.sh"
end=$(cd "$top" && realpath "${TLS_END:-build/release/tests/interop/tls_end}")
certs=$top/tests/certs
weak=@SECLEVEL=0

# ask PORT OPTION...: a client of openssl's that says hello; its output.
ask() {
	local port=$1
	shift
	(echo hello; sleep 0.3) | timeout 10 openssl s_client -connect \
		127.0.0.1:$port -CAfile "$certs/ca.pem" "$@" 2>&1
}
# takes PORT OPTION...: is there a session?
takes() {
	timeout 10 openssl s_client -connect 127.0.0.1:"$1" "${@:2}" \
		</dev/null 2>&1 | grep -q 'Cipher is [A-Z]'
}
ours() { # TAG PORT ARGUMENT...: a server of ours
	local tag=$1
	start "$tag" 200 "$end" server "${@:2}"
	within 10 grep -q ready "$tag.out" || bad "no server" "$tag.err"
}
ours ec $P "$certs/good.pem" "$certs/leaf.key"
ours rsa $((P + 1)) "$certs/rsa.pem" "$certs/rsa.key"
ours mutual $((P + 2)) "$certs/good.pem" "$certs/leaf.key" "$certs/ca.pem"

# ------------------------------------------------------- openssl's client
said=$(ask $P -servername example.com -verify_return_error -verify_hostname example.com)
check "openssl's client is answered" grep -q '^hello$' <<<"$said"
check "and has verified us" grep -q 'Verify return code: 0 (ok)' <<<"$said"
check "secure renegotiation is spoken of" \
	grep -q 'Secure Renegotiation IS supported' <<<"$said"
check "no compression" grep -q 'Compression: NONE' <<<"$said"
for v in tls1 tls1_1; do
	for port in $P $((P + 1)); do
		check "-$v is refused" test -z "$(takes $port -$v \
			-cipher "ALL$weak" && echo taken)"
	done
done
check "-tls1_2 is taken" takes $P -tls1_2
same "an old version is told" yes "$(grep -q 'refused its TLS version' ec.out && echo yes)" ec.out

suites=$(openssl ciphers -tls1_2 "ALL:COMPLEMENTOFALL:aNULL$weak" | tr : ' ')
atleast "suites that openssl has" 40 "$(wc -w <<<"$suites")"
wanted_ec='ECDHE-ECDSA-AES128-GCM-SHA256 ECDHE-ECDSA-AES256-GCM-SHA384 ECDHE-ECDSA-CHACHA20-POLY1305'
wanted_rsa='ECDHE-RSA-AES128-GCM-SHA256 ECDHE-RSA-AES256-GCM-SHA384 ECDHE-RSA-CHACHA20-POLY1305'
for kind in ec rsa; do
	port=$P wanted=$wanted_ec taken=
	[ $kind = ec ] || port=$((P + 1)) wanted=$wanted_rsa
	for s in $suites; do
		case $s in TLS_*) continue ;; esac # of 1.3
		takes "$port" -tls1_2 -cipher "$s$weak" && taken="$taken $s"
	done
	same "suites of our server, $kind" "$wanted" \
		"$(tr ' ' '\n' <<<"$taken" | grep . | sort | tr '\n' ' ' | sed 's/ $//')"
done

check "a session is kept" takes $P -tls1_2 -sess_out one.sess
ask $P -tls1_2 -sess_in one.sess >again
check "and resumed" grep -q '^Reused' again
said=$( (sleep 0.5; echo R; sleep 1) | timeout 10 openssl s_client -tls1_2 \
	-connect 127.0.0.1:$P 2>&1)
check "renegotiation is refused" grep -qiE 'no renegotiation|handshake failure' <<<"$said"

ask $((P + 2)) -tls1_2 >missing
check "no client certificate: refused" \
	grep -q 'refused certificate wanted, none shown' mutual.out
ask $((P + 2)) -tls1_2 -cert "$certs/client.pem" -key "$certs/client.key" >shown
check "a client certificate is taken" grep -q '^hello$' shown
check "and known" grep -q '^open .* client$' mutual.out
ask $((P + 2)) -tls1_2 -cert "$certs/unknown.pem" -key "$certs/leaf.key" >stranger
check "a stranger's is not" grep -q 'refused unknown issuer: Another CA' mutual.out

# ------------------------------------------------------- openssl's server
n=10
# theirs OPTION...: a server of openssl's at port $at, in its own process.
theirs() {
	n=$((n + 1)) at=$((P + n))
	start server$n 100 openssl s_server -accept 127.0.0.1:$at -rev "$@"
	within 10 grep -q ACCEPT server$n.out || bad "no s_server" server$n.err
}
meet() { # ARGUMENT...: what our client says
	timeout 15 "$end" client $at "$@" 2>&1
}
good=(-cert "$certs/good.pem" -key "$certs/leaf.key")
theirs "${good[@]}" -tls1_2
check "our client is answered" grep -q '^got olleh' <(meet example.com "$certs/ca.pem")
same "another name is not" "closed name mismatch: wanted example.net, got example.com" \
	"$(meet example.net "$certs/ca.pem")"
same "nor an unknown issuer" "closed unknown issuer: Parley test CA" \
	"$(meet example.com "$certs/other.pem")"
theirs -cert "$certs/purpose.pem" -key "$certs/leaf.key" -tls1_2
same "a certificate for clients alone" "closed certificate is not for this purpose (extendedKeyUsage) (purpose)" \
	"$(meet example.com "$certs/ca.pem")"
theirs -cert "$certs/critical.pem" -key "$certs/leaf.key" -tls1_2
same "a critical extension" "closed critical extension that is not understood" \
	"$(meet example.com "$certs/ca.pem")"
theirs -cert "$certs/sha1.pem" -key "$certs/leaf.key" -tls1_2 -cipher "ALL$weak"
same "SHA-1" "closed signed with a broken hash (SHA-1 or older) (sha1)" \
	"$(meet example.com "$certs/ca.pem")"
theirs "${good[@]}" -tls1_2 -Verify 1 -verify_return_error -CAfile "$certs/ca.pem"
check "a client certificate wanted" grep -q 'it wants a client certificate' \
	<(meet example.com "$certs/ca.pem")
check "and shown" grep -q '^got olleh' <(meet example.com "$certs/ca.pem" \
	"$certs/client.pem" "$certs/client.key")
for v in tls1 tls1_1; do
	theirs "${good[@]}" -$v -cipher "ALL$weak"
	check "a server of $v is refused" grep -q '^closed ' <(meet example.com "$certs/ca.pem")
done
theirs "${good[@]}" -tls1_2 -cipher "ECDHE-ECDSA-AES128-SHA256$weak"
check "a server of CBC alone is refused" grep -q '^closed the peer refused' \
	<(meet example.com "$certs/ca.pem")
theirs -cert "$certs/rsa.pem" -key "$certs/rsa.key" -tls1_2 -cipher "AES128-GCM-SHA256$weak"
check "a server of RSA key exchange alone is refused" grep -q '^closed the peer refused' \
	<(meet example.com "$certs/ca.pem")
for s in $wanted_ec; do
	theirs "${good[@]}" -tls1_2 -cipher "$s"
	check "a server of $s" grep -q '^got olleh' <(meet example.com "$certs/ca.pem")
done
