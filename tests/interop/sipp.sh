# Sourced by the tests with SIPp's scenarios, after lib.sh.  A scenario is a
# shell function made of the words below, each of which prints its XML; what SIPp
# gets where it wants something else fails the scenario.
# shellcheck shell=bash

# scene NAME: the scenario function NAME, into NAME.xml
scene() {
	local text used
	text=$("$1")
	# SIPp refuses variables that nobody reads.
	used=$(grep -o 'assign_to="[a-z]*"' <<<"$text" | sort -u |
		sed 's/.*="//; s/"//' | paste -sd,)
	{
		echo '<?xml version="1.0" encoding="ISO-8859-1" ?>'
		echo "<scenario name=\"$1\">"
		echo "$text"
		[ -z "$used" ] || echo "<Reference variables=\"$used\"/>"
		echo '</scenario>'
	} >"$1.xml"
}
# sipp_start NAME SECONDS PORT MEDIA_PORT [ARGUMENT...]: one call of it.
sipp_start() {
	local name=$1 limit=$2 port=$3 media=$4
	shift 4
	scene "$name"
	start "$name" "$limit" sipp -sf "$name.xml" -i 127.0.0.1 -p "$port" \
		-mi 127.0.0.1 -mp "$media" -m 1 -nostdin -trace_err \
		-error_file "$name.errors" -trace_msg -message_file "$name.log" \
		-timeout "${limit}s" -timeout_error "$@"
}
sipp_waits() { # PORT
	within 10 bound "$([ -n "${T:-}" ] && echo tcp || echo udp)" "$1" || bad "no SIPp on $1"
}
sipp_good() { # NAME SECONDS TEXT
	same "$3: SIPp's verdict" 0 "$(ended "$1" "$2")" "$1.errors"
}

# ---------------------------------------------------------------- receiving
# got METHOD|CODE [ATTRIBUTE...]; with, below, says what must be in it.
got() {
	local kind=request
	[[ $1 == [1-6]* ]] && kind=response
	echo "<recv $kind=\"$1\" ${*:2}/>"
}
maybe() { got "$1" 'optional="true"'; }
# with METHOD|CODE hdr:NAME|body|msg REGEXP [hdr:...|body REGEXP...]
with() {
	local kind=request where
	[[ $1 == [1-6]* ]] && kind=response
	echo "<recv $kind=\"$1\"><action>"
	shift
	while [ $# -gt 1 ]; do
		where="search_in=\"$1\""
		[[ $1 != hdr:* ]] || where="search_in=\"hdr\" header=\"${1#hdr:}:\""
		echo "<ereg regexp=\"$2\" $where check_it=\"true\" assign_to=\"found\"/>"
		shift 2
	done
	echo "</action></recv>"
}
# The INVITE of a dialog in which SIPp will ask something, too.
got_invite() {
	cat <<-END
	<recv request="INVITE"><action>
	<ereg regexp=".*" search_in="hdr" header="Via:" assign_to="via"/>
	<ereg regexp=".*" search_in="hdr" header="From:" assign_to="from"/>
	<ereg regexp=".*" search_in="hdr" header="To:" assign_to="to"/>
	<ereg regexp="sip:[^>]*" search_in="hdr" header="Contact:" assign_to="target"/>
	<ereg regexp="[0-9]+" search_in="hdr" header="CSeq:" assign_to="cseq"/>
	</action></recv>
	END
}
later() { echo "<pause milliseconds=\"$1\"/>"; } # ms

# ------------------------------------------------------------------ sending
send() { # what stands on standard input; [ATTRIBUTE...]
	echo "<send $*><![CDATA["
	echo
	cat
	echo "]]></send>"
}
body() { # TEXT: with its headers, or none
	if [ -n "$1" ]; then
		printf "Content-Type: ${TYPE:-application/sdp}\\n"
		printf 'Content-Length: [len]\n\n%s\n' "$1"
	else
		printf 'Content-Length: 0\n\n'
	fi
}
sdp() { # VERSION [DIRECTION [ADDRESS]]
	cat <<-END
	v=0
	o=sipp 1 $1 IN IP4 [local_ip]
	s=-
	c=IN IP4 ${3:-[media_ip]}
	t=0 0
	m=audio [media_port] RTP/AVP 0 101
	a=rtpmap:0 PCMU/8000
	a=rtpmap:101 telephone-event/8000
	a=fmtp:101 0-15
	a=${2:-sendrecv}
	END
}
me="<sip:sipp@[local_ip]:[local_port];transport=[transport]>"

# Answers of a callee.  reply CODE REASON [SDP [HEADER...]]: TAG is the To tag,
# set empty for a request that has it already.
reply() {
	local h tag=${TAG-;tag=[pid]t[call_number]}
	{
		cat <<-END
		SIP/2.0 $1 $2
		[last_Via:]
		[last_From:]
		[last_To:]$tag
		[last_Call-ID:]
		[last_CSeq:]
		Contact: $me
		END
		for h in "${@:4}"; do echo "$h"; done
		body "${3:-}"
	} | send "${RETRANS:-}"
}
confirm() { TAG='' reply "$@"; }
# A response to the INVITE of got_invite when the last request was another.
reply_invite() { # CODE REASON [SDP]
	{
		cat <<-END
		SIP/2.0 $1 $2
		Via:[\$via]
		From:[\$from]
		To:[\$to]${TAG-;tag=[pid]t[call_number]}
		[last_Call-ID:]
		CSeq: [\$cseq] INVITE
		Contact: $me
		END
		body "${3:-}"
	} | send
}
# A request of the callee's in the dialog: ask METHOD CSEQ [SDP]
ask() {
	{
		cat <<-END
		$1 [\$target] SIP/2.0
		Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=z9hG4bK-[pid]-[call_number]-$2
		Max-Forwards: 70
		From: <sip:sipp@[local_ip]:[local_port]>;tag=[pid]t[call_number]
		To:[\$from]
		Call-ID: [call_id]
		CSeq: $2 $1
		Contact: $me
		END
		body "${3:-}"
	} | send
}
# Requests of a caller: call METHOD CSEQ [SDP [HEADER...]]; BRANCH, FROM_TAG,
# TO_TAG and TYPE are other ones than the call's.
call() {
	local h
	{
		cat <<-END
		$1 sip:in@[remote_ip]:[remote_port] SIP/2.0
		Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=z9hG4bK-[pid]-[call_number]-${BRANCH:-$2$1}
		Max-Forwards: 70
		From: <sip:sipp@[local_ip]:[local_port]>;tag=${FROM_TAG:-[pid]c[call_number]}
		To: <sip:in@[remote_ip]:[remote_port]>${TO_TAG-[peer_tag_param]}
		Call-ID: [call_id]
		CSeq: $2 $1
		Contact: $me
		END
		for h in "${@:4}"; do echo "$h"; done
		body "${3:-}"
	} | send
}
