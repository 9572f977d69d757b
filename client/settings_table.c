/* SPDX-License-Identifier: BSD-2-Clause */
#include "client/agent_priv.h"

#include "platform/addr.h"
#include "platform/http/ws_hello.h"
#include "sip/msg/sip_uri.h"
#include "sip/usage/sip_digest.h"

/* ----------------------------------------- what a value must be, by itself */
/* LOW-HIGH with room for one even/odd pair. */
static int check_ports(struct slice v)
{
	struct slice low, high;
	uint32_t a, b;

	if (!slice_cut(v, '-', &low, &high) || slice_u32(low, 65535, &a) ||
	    slice_u32(high, 65535, &b) || a < 1 || b <= a + (a & 1))
		return -EBADMSG;
	return 0;
}

static int check_uri(struct slice v)
{
	struct sip_uri u;
	struct parse_error e;
	int rc = v.n ? sip_uri_parse(v, &u, &e) : 0;

	/* Neither a Request-URI nor a Route has headers (RFC 3261 19.1.1). */
	if (v.n && rc == 0 && ((u.scheme != SIP_SCHEME_SIP &&
			 u.scheme != SIP_SCHEME_SIPS) || u.headers.n))
		rc = -EBADMSG;
	return rc;
}

static int check_external(struct slice v)
{
	struct addr a;

	return v.n && (addr_parse(v, &a) || !a.port) ? -EBADMSG : 0;
}

static int check_servers(struct slice v)
{
	struct addr a[SETTINGS_SERVERS];
	int rc = settings_servers(v, a);

	return rc < 0 ? rc : 0;
}

static int check_path(struct slice v)
{
	const struct ws_hello h = { .path = v };

	return v.n && ws_hello_ok(&h) ? 0 : -EBADMSG;
}

static int check_algorithms(struct slice v)
{
	struct sip_digest_choice choice;

	return sip_digest_choice_parse(v, &choice);
}

static bool is_hex(char c)
{
	return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

/* RFC 5626 4.1 has UUIDs alone, RFC 4122 section 3 any URN of theirs: its
 * characters are such as need no escape in a Contact. */
static int check_instance(struct slice v)
{
	if (!v.n)
		return 0;
	if (v.n != AGENT_INSTANCE - 1 || !slice_istarts(v, "urn:uuid:"))
		return -EBADMSG;
	for (size_t i = 9; i < v.n; i++) {
		bool dash = i == 17 || i == 22 || i == 27 || i == 32;

		if (dash ? v.p[i] != '-' : !is_hex(v.p[i]))
			return -EBADMSG;
	}
	return 0;
}

/* RFC 3323 4.2, RFC 3325 9.3 */
static int check_privacy(struct slice v)
{
	static const char *const word[] = { "header", "session", "user",
					    "none", "id", "critical" };
	struct slice one;

	while (v.n) {
		size_t i = 0;

		(void)slice_cut(v, ',', &one, &v);
		while (i < COUNT(word) && !slice_eq(one, word[i]))
			i++;
		if (i == COUNT(word))
			return -EBADMSG;
	}
	return 0;
}

/* --------------------------------------------- what SIP keeps of it follows */
static int agent_renamed(struct agent *a, struct account *acc)
{
	(void)acc;
	a->options.agent = settings_text(&a->settings, SET_AGENT_NAME);
	a->users->agent = a->options.agent;
	return sip_sessions_set_agent(a->calls, a->options.agent);
}

static int source_limited(struct agent *a, struct account *acc)
{
	(void)acc;
	sip_core_limit_source(a->core, (uint32_t)settings_int(&a->settings,
							      SET_TCP_SOURCE));
	return 0;
}

static int target_limited(struct agent *a, struct account *acc)
{
	(void)acc;
	sip_core_set_target_timeout(a->core, SEC(settings_int(&a->settings,
							SET_TARGET_TIMEOUT)));
	return 0;
}

static int secret_changed(struct agent *a, struct account *acc)
{
	(void)a;
	account_secret(acc);
	return 0;
}

static int duties_asked(struct agent *a, struct account *acc)
{
	account_changed(a, acc);
	return 0;
}

/* ---------------------------------------------------------------- the table */
enum { AGENT = false, ACCOUNT = true };

const struct setting_row settings_table[SET_COUNT] = {
	[SET_AGENT_NAME] = { .row = { "agent.name", PARLEY_TEXT, AGENT, 0, 100,
		NULL, "parley",
		"what User-Agent and Server say; empty: nothing" },
		.apply = agent_renamed },
	[SET_RTP_PORTS] = { .row = { "rtp.ports", PARLEY_TEXT, AGENT, 3, 11,
		NULL, "16384-32767", "UDP ports for media, LOW-HIGH" },
		.check = check_ports,
		.wanted = "LOW-HIGH wanted, with an even port and its next" },
	[SET_JITTER_MIN] = { .row = { "rtp.jitter_min", PARLEY_INT, AGENT, 1,
		500, NULL, "20", "least delay of the jitter buffer, ms" } },
	[SET_JITTER_MAX] = { .row = { "rtp.jitter_max", PARLEY_INT, AGENT, 20,
		2000, NULL, "400",
		"most delay of the jitter buffer, ms; at least jitter_min" } },
	/* Of 1024 descriptors half are for connections; a call takes two, and a
	 * few are open anyway.  One core carries as many calls of G.711. */
	[SET_SESSIONS_MAX] = { .row = { "agent.sessions", PARLEY_INT, AGENT, 1,
		100000, NULL, "240", "sessions at a time; then 503" } },
	/* 600 calls a second through one proxy, 300 ms away, are 180 at a time;
	 * a stranger has seven eighths, 196. */
	[SET_UNACKED] = { .row = { "agent.unacked", PARLEY_INT, AGENT, 1,
		100000, NULL, "224",
		"calls answered without an ACK yet; then 503.  An "
		"eighth is for sources that have sent one before" } },
	[SET_LATE_MS] = { .row = { "agent.late_ms", PARLEY_INT, AGENT, 0,
		10000, NULL, "100",
		"calls are turned away, 503, while the media clock was "
		"later than so many ms through a second; 0: never" } },
	[SET_TCP_SOURCE] = { .row = { "agent.tcp_source", PARLEY_INT, AGENT, 0,
		100000, NULL, "0",
		"connections accepted from one IPv4 address or IPv6 "
		"/64; 0: half of all that there may be" },
		.apply = source_limited },
	/* Four copies of a request over UDP have gone out by then. */
	[SET_TARGET_TIMEOUT] = { .row = { "sip.target_timeout", PARLEY_INT,
		AGENT, 1, 32, NULL, "4",
		"seconds that an address may be silent while a request has "
		"another one to go to" },
		.apply = target_limited },
	[SET_DNS_SERVERS] = { .row = { "dns.servers", PARLEY_LIST, AGENT, 0,
		400, NULL, "",
		"name servers to ask, ADDR:PORT, 8 at most; empty: the "
		"host's (resolv.conf)" },
		.check = check_servers,
		.wanted = "ADDR:PORT wanted, 8 at most, with commas" },
	[SET_NET_WATCH] = { .row = { "net.watch", PARLEY_BOOL, AGENT, 0, 0,
		NULL, "true",
		"when this host's addresses or routes change, registrations "
		"and calls move along by themselves" } },
	/* A link, its address and its route come within some 10 ms of each
	 * other; a call has no sound for as long. */
	[SET_NET_QUIET] = { .row = { "net.quiet", PARLEY_INT, AGENT, 0, 5000,
		NULL, "100",
		"ms without a further change until they do; at most "
		"ten times as long after the first" } },
	[SET_NET_POLL] = { .row = { "net.poll", PARLEY_INT, AGENT, 1, 3600,
		NULL, "5",
		"seconds between looks at the interfaces where the system "
		"does not tell of changes" } },
	[SET_WS_PATH] = { .row = { "sip.ws_path", PARLEY_TEXT, AGENT, 0, 255,
		NULL, "/", "path of the URL that a WebSocket is asked for at" },
		.check = check_path, .wanted = "/ and what a URL may have" },
	[SET_RTP_DSCP] = { .row = { "rtp.dscp", PARLEY_INT, AGENT, 0, 63, NULL,
		"46", "DiffServ code point of media packets" } },
	[SET_RTP_TIMEOUT] = { .row = { "rtp.timeout", PARLEY_INT, AGENT, 0,
		86400, NULL, "30",
		"seconds without a packet, RTCP included, of a peer that "
		"was heard before: then the call ends; of one never heard: "
		"then nothing more is sent to it; 0: never" } },
	[SET_UNPROVEN_MS] = { .row = { "rtp.unproven_ms", PARLEY_INT, AGENT, 0,
		60000, NULL, "4000",
		"how long a call that came in sends to where "
		"nobody has shown to be yet, all such calls to one IP address "
		"together, ms" } },
	/* 4 s of G.711 in packets of 20 ms, headers included. */
	[SET_UNPROVEN_BYTES] = { .row = { "rtp.unproven_bytes", PARLEY_INT,
		AGENT, 0, 10000000, NULL, "40000",
		"how much it sends there" } },
	[SET_CLOSED_NETWORK] = { .row = { "rtp.closed_network", PARLEY_BOOL,
		AGENT, 0, 0, NULL, "false",
		"media goes wherever a peer says, proved or "
		"not, as long as the call lasts" } },
	[SET_LOG] = { .row = { "agent.log", PARLEY_INT, AGENT, 0, 3, NULL, "1",
		"most that on_log is told: 0 errors, 1 what else is amiss,"
		" 2 first lines of SIP messages, 3 all, secrets as ***" } },
	[SET_UNKNOWN] = { .row = { "agent.unknown", PARLEY_BOOL, AGENT, 0, 0,
		NULL, "true", "the first account takes calls for unknown users"
		} },
	[SET_INSTANCE] = { .row = { "agent.instance", PARLEY_TEXT, AGENT, 0,
		45, NULL, "",
		"URN of this device, urn:uuid:...; empty: another each time"
		}, .check = check_instance,
		.wanted = "urn:uuid: and 36 digits wanted" },
	[SET_DISPLAY_NAME] = { .row = { "account.display_name", PARLEY_TEXT,
		ACCOUNT, 0, 100, NULL, "", "shown to those who are called" } },
	[SET_AUTH_USER] = { .row = { "auth.username", PARLEY_TEXT, ACCOUNT, 0,
		100, NULL, "",
		"for digest; empty: the user part of the address" },
		.apply = secret_changed },
	[SET_AUTH_PASSWORD] = { .row = { "auth.password", PARLEY_SECRET,
		ACCOUNT, 0, 200, NULL, "", "for digest" },
		.apply = secret_changed },
	[SET_AUTH_REALM] = { .row = { "auth.realm", PARLEY_TEXT, ACCOUNT, 0,
		100, NULL, "",
		"where the password is for; empty: wherever we register or "
		"call, and in calls that came in where we are registered" },
		.apply = secret_changed },
	[SET_AUTH_ALGORITHMS] = { .row = { "auth.algorithms", PARLEY_LIST,
		ACCOUNT, 3, 100, NULL, "SHA-512-256,SHA-256,MD5",
		"digest algorithms that are answered; of those that a realm "
		"offers the one named first" },
		.check = check_algorithms, .apply = secret_changed,
		.wanted = "SHA-512-256, SHA-256 and MD5 wanted, with commas" },
	[SET_AUTH_REQUIRE_QOP] = { .row = { "auth.require_qop", PARLEY_BOOL,
		ACCOUNT, 0, 0, NULL, "false",
		"a challenge without qop (RFC 2069) is not answered" },
		.apply = secret_changed },
	[SET_REGISTRAR] = { .row = { "sip.registrar", PARLEY_TEXT, ACCOUNT, 0,
		255, NULL, "",
		"URI to register at; empty: the address's domain" },
		.check = check_uri, .wanted = "a SIP URI wanted",
		.apply = duties_asked },
	[SET_PROXY] = { .row = { "sip.outbound_proxy", PARLEY_TEXT, ACCOUNT, 0,
		255, NULL, "",
		"URI that registering and calling go through, as a " "Route" },
		.check = check_uri, .wanted = "a SIP URI wanted",
		.apply = duties_asked },
	[SET_TRANSPORT] = { .row = { "sip.transport", PARLEY_CHOICE, ACCOUNT,
		0, 0, "auto udp tcp tls ws wss", "auto",
		"transport where the URI names none" },
		.apply = duties_asked },
	[SET_EXPIRES] = { .row = { "sip.expires", PARLEY_INT, ACCOUNT, 10,
		86400, NULL, "3600", "seconds that a registration is asked for"
		}, .apply = duties_asked },
	/* A registrar that knows none of it leaves it alone (RFC 3261 8.2.2),
	 * and one that does finds us behind any NAT. */
	[SET_OUTBOUND] = { .row = { "sip.outbound", PARLEY_BOOL, ACCOUNT, 0, 0,
		NULL, "true",
		"registrations ask to be kept as flows (RFC 5626)" },
		.apply = duties_asked },
	/* Without it whoever is behind a NAT is found by nobody; where there is
	 * none it does nothing. */
	[SET_NAT_CONTACT] = { .row = { "sip.nat_contact", PARLEY_BOOL, ACCOUNT,
		0, 0, NULL, "true",
		"the registered Contact is where the registrar has seen us" },
		.apply = duties_asked },
	[SET_GRUU] = { .row = { "sip.gruu", PARLEY_CHOICE, ACCOUNT, 0, 0,
		"none public temporary", "none",
		"which GRUU (RFC 5627) of the registrar is the Contact of "
		"calls" }, .apply = duties_asked },
	/* Nobody is sent elsewhere who has not asked for it, as whom a call
	 * goes to may be what it costs; five are more than any chain that
	 * ends. */
	[SET_REDIRECTS] = { .row = { "sip.redirects", PARLEY_INT, ACCOUNT, 0,
		5, NULL, "0",
		"how many URIs that a 3xx names a call goes to, and 3xx in a "
		"row a registration follows" },
		.apply = duties_asked },
	[SET_PRIVACY] = { .row = { "sip.privacy", PARLEY_LIST, ACCOUNT, 0, 60,
		NULL, "",
		"Privacy of calls (RFC 3323): header, session, user, id, none, "
		"critical; then From is anonymous" },
		.check = check_privacy, .wanted = "header, session, user, id, "
		"none, critical wanted, with commas" },
	[SET_IDENTITY] = { .row = { "sip.identity", PARLEY_TEXT, ACCOUNT, 0,
		255, NULL, "",
		"P-Preferred-Identity (RFC 3325) of calls by a proxy; empty: "
		"of anonymous ones, the address" },
		.check = check_uri, .wanted = "a SIP URI wanted" },
	[SET_RING_TIMEOUT] = { .row = { "session.ring_timeout", PARLEY_INT,
		ACCOUNT, 0, 3600, NULL, "180",
		"seconds until an unanswered call ends; 0: never" } },
	/* Who gathers asks a server five times within 7.5 s (RFC 8489 6.2.1),
	 * and its answer has time; nobody who pressed a button waits longer. */
	[SET_READY_TIMEOUT] = { .row = { "session.ready_timeout", PARLEY_INT,
		ACCOUNT, 1, 30, NULL, "10", "seconds until a stream that is "
		"not ready to be described is given up" } },
	[SET_CALLS_MAX] = { .row = { "session.calls", PARLEY_INT, ACCOUNT, 1,
		100000, NULL, "240", "calls of the account at a time; then 486"
		} },
	[SET_STREAMS_MAX] = { .row = { "session.streams", PARLEY_INT, ACCOUNT,
		1, 16, NULL, "4",
		"streams that a peer may have in a call; m= lines "
		"beyond are refused" } },
	[SET_CODECS] = { .row = { "rtp.codecs", PARLEY_LIST, ACCOUNT, 0, 200,
		NULL, "opus,PCMU,PCMA",
		"audio codecs in order of preference; empty: all there are" } },
	[SET_PTIME] = { .row = { "rtp.ptime", PARLEY_INT, ACCOUNT, 10, 120,
		NULL, "20", "milliseconds of audio in a packet sent" } },
	[SET_DTMF] = { .row = { "rtp.dtmf", PARLEY_CHOICE, ACCOUNT, 0, 0,
		"auto rtp inband", "auto",
		"digits as telephone-event, as tones, or as the peer can" } },
	[SET_RTP_EXTERNAL] = { .row = { "rtp.external", PARLEY_TEXT, ACCOUNT,
		0, 64, NULL, "",
		"ADDR:PORT of a media engine elsewhere: no media is run here" },
		.check = check_external, .wanted = "ADDR:PORT wanted" },
	[SET_TLS_CA] = { .row = { "tls.ca", PARLEY_TEXT, ACCOUNT, 0, 500, NULL,
		"", "file of the certificates that are believed; empty: the "
		"host's usual bundle" } },
	[SET_TLS_CRL] = { .row = { "tls.crl", PARLEY_TEXT, ACCOUNT, 0, 500,
		NULL, "", "file of revocation lists" } },
	[SET_TLS_CERT] = { .row = { "tls.cert", PARLEY_TEXT, ACCOUNT, 0, 500,
		NULL, "", "file of our certificate, for servers that ask for "
		"one" } },
	[SET_TLS_KEY] = { .row = { "tls.key", PARLEY_TEXT, ACCOUNT, 0, 500,
		NULL, "", "file of its key" } },
	[SET_TLS_VERIFY] = { .row = { "tls.verify", PARLEY_BOOL, ACCOUNT, 0, 0,
		NULL, "true", "false: anybody is believed to be the server" }
		},
	[SET_TLS_NAME] = { .row = { "tls.name", PARLEY_TEXT, ACCOUNT, 0, 255,
		NULL, "", "name that the server's certificate has to have; "
		"empty: the domain of the URI" } },
};
