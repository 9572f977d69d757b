#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Makes the certificates of this folder anew, with the openssl command (3.0):
# good ones, and each bad in one way.  They are stored, so that tests see the
# same octets for ever: what is valid is so from 2026 to 2056, the clock of the
# tests stands at 2027-01-01, and no key here is worth anything.
# usage: make.sh [FOLDER]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=${1:-$here}
t=$(mktemp -d)
trap 'rm -rf "$t"' EXIT
cd "$t"

ec() { openssl ecparam -name prime256v1 -genkey -noout -out "$1"; }
for k in ca other limits between name client leaf; do ec "$k.key"; done
openssl genrsa -out rsa.key 2048 2>/dev/null
openssl genrsa -out weak.key 1024 2>/dev/null

cat >ca.cnf <<C
[req]
distinguished_name = none
prompt = no
[none]
[ca]
default_ca = one
[one]
database = $t/index
serial = $t/serial
crlnumber = $t/number
new_certs_dir = $t
default_md = sha256
policy = any
unique_subject = no
x509_extensions = none
[any]
commonName = optional
C
echo 1000 >serial
echo 01 >number
: >index

FROM=20260101000000Z UNTIL=20560101000000Z
# make NAME CA KEY SUBJECT EXTENSIONS [OPTION...]: CA "self" for a root
make() {
	n=$1 ca=$2 key=$3 subj=$4 ext=$5
	shift 5
	printf '%b\n' "$ext" >"$n.ext"
	openssl req -new -config ca.cnf -key "$key" -subj "$subj" -out "$n.csr"
	case $ca in
	self) set -- -selfsign -keyfile "$key" "$@" ;;
	*) set -- -cert "$ca.pem" -keyfile "$ca.key" "$@" ;;
	esac
	case " $* " in
	*" -startdate "*) ;;
	*) set -- -startdate $FROM -enddate $UNTIL "$@" ;;
	esac
	openssl ca -batch -notext -config ca.cnf -in "$n.csr" -out "$n.pem" \
		-extfile "$n.ext" "$@" 2>"$n.log" || { cat "$n.log"; exit 1; }
}
ROOT='basicConstraints=critical,CA:true\nkeyUsage=critical,keyCertSign,cRLSign'
NAMES='URI:sip:example.com,DNS:example.com,DNS:sip.example.com,IP:192.0.2.1,IP:2001:db8::1'
BASE='basicConstraints=critical,CA:false\nkeyUsage=critical,digitalSignature'
SERVER="$BASE\nextendedKeyUsage=serverAuth,clientAuth"
leaf() { # leaf NAME CA SAN [OPTION...]
	n=$1 ca=$2 san=$3
	shift 3
	make "$n" "$ca" leaf.key "/CN=$n" "$SERVER\nsubjectAltName=$san" "$@"
}

make ca self ca.key '/CN=Parley test CA' "$ROOT"
make other self other.key '/CN=Another CA' "$ROOT"
# Roots and a CA between that may only issue names below example.com.
make limits self limits.key '/CN=Limited CA' \
	"$ROOT\nnameConstraints=critical,permitted;DNS:example.com,permitted;URI:example.com,excluded;IP:192.0.2.0/255.255.255.0"
make between ca between.key '/CN=Between' \
	"$ROOT\nnameConstraints=permitted;DNS:example.com,permitted;URI:example.com"
make name ca name.key '/CN=Strictly between' \
	"$ROOT\nnameConstraints=critical,permitted;DNS:example.com"

leaf good ca "$NAMES"
make rsa ca rsa.key /CN=rsa "$SERVER\nsubjectAltName=$NAMES"
leaf expired ca "$NAMES" -startdate 20250101000000Z -enddate 20260701000000Z
leaf notyet ca "$NAMES" -startdate 20300101000000Z -enddate $UNTIL
leaf othername ca 'URI:sip:example.org,DNS:example.org'
leaf wildcard ca 'DNS:*.example.com'
leaf user ca 'URI:sip:alice@example.com'
leaf uri ca 'URI:sip:example.com,DNS:example.net'
make common ca leaf.key /CN=example.com "$SERVER"
make selfsigned self leaf.key /CN=selfsigned "$SERVER\nsubjectAltName=$NAMES"
leaf unknown other "$NAMES"
leaf within between 'URI:sip:example.com,DNS:sip.example.com'
leaf constrained between 'URI:sip:example.org,DNS:example.org'
leaf limited limits 'DNS:example.com'
leaf outside limits 'DNS:example.com,DNS:example.org'
leaf excluded limits 'DNS:example.com,IP:192.0.2.1'
leaf strict name 'DNS:example.com'
leaf sha1 ca "$NAMES" -md sha1
make weak ca weak.key /CN=weak "$SERVER\nsubjectAltName=$NAMES"
make purpose ca leaf.key /CN=purpose \
	"$BASE\nextendedKeyUsage=clientAuth\nsubjectAltName=$NAMES"
make server ca leaf.key /CN=server \
	"$BASE\nextendedKeyUsage=serverAuth\nsubjectAltName=$NAMES"
make noeku ca leaf.key /CN=noeku "$BASE\nsubjectAltName=$NAMES"
make critical ca leaf.key /CN=critical \
	"$SERVER\nsubjectAltName=$NAMES\n1.2.3.4=critical,ASN1:NULL"
make client ca client.key /CN=client \
	"$BASE\nextendedKeyUsage=clientAuth\nsubjectAltName=URI:sip:client.example.com"
CLIENT='extendedKeyUsage=clientAuth\nsubjectAltName=URI:sip:client.example.com'
make brief ca client.key /CN=brief "$BASE\n$CLIENT" -startdate $FROM \
	-enddate 20270601000000Z
make keyuse ca client.key /CN=keyuse \
	"basicConstraints=critical,CA:false\nkeyUsage=critical,keyEncipherment\n$CLIENT"
leaf revoked ca "$NAMES"
openssl ca -config ca.cnf -cert ca.pem -keyfile ca.key -revoke revoked.pem 2>/dev/null
crl() {
	openssl ca -config ca.cnf -cert ca.pem -keyfile ca.key -gencrl \
		-crl_lastupdate "$2" -crl_nextupdate "$3" -out "$1.crl" 2>/dev/null
}
crl ca $FROM $UNTIL
crl old $FROM 20260701000000Z

cat between.pem >>within.pem
cat between.pem >>constrained.pem
cat name.pem >>strict.pem
rm between.pem name.pem
# The parser's tests and its fuzz target read DER.
mkdir -p "$out"
rm -f "$out"/*.pem "$out"/*.key "$out"/*.crl
cp *.crl leaf.key client.key rsa.key weak.key "$out"
for f in *.pem; do
	case $f in [0-9]*) ;; *) cp "$f" "$out" ;; esac
done
