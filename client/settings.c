/* SPDX-License-Identifier: BSD-2-Clause */
#include "client/settings.h"

#include "platform/addr.h"
#include "platform/scan.h"
#include "sip/sip_digest.h"
#include "sip/sip_uri.h"

enum { AGENT = false, ACCOUNT = true };

const struct parley_setting settings_table[SET_COUNT] = {
	[SET_AGENT_NAME] = { "agent.name", PARLEY_TEXT, AGENT, 0, 100, NULL,
		"parley", "what User-Agent and Server say; empty: nothing" },
	[SET_RTP_PORTS] = { "rtp.ports", PARLEY_TEXT, AGENT, 3, 11, NULL,
		"16384-32767", "UDP ports for media, LOW-HIGH" },
	[SET_JITTER_MIN] = { "rtp.jitter_min", PARLEY_INT, AGENT, 1, 500, NULL,
		"20", "least delay of the jitter buffer, ms" },
	[SET_JITTER_MAX] = { "rtp.jitter_max", PARLEY_INT, AGENT, 20, 2000,
		NULL, "400",
		"most delay of the jitter buffer, ms; at least jitter_min" },
	/* Of 1024 descriptors half are for connections; a call takes two, and a
	 * few are open anyway.  One core carries as many calls of G.711. */
	[SET_SESSIONS_MAX] = { "agent.sessions", PARLEY_INT, AGENT, 1, 100000,
		NULL, "240", "sessions at a time; then 503" },
	/* 600 calls a second through one proxy, 300 ms away, are 180 at a time;
	 * a stranger has seven eighths, 196. */
	[SET_UNACKED] = { "agent.unacked", PARLEY_INT, AGENT, 1, 100000, NULL,
		"224", "calls answered without an ACK yet; then 503.  An "
		"eighth is for sources that have sent one before" },
	[SET_LATE_MS] = { "agent.late_ms", PARLEY_INT, AGENT, 0, 10000, NULL,
		"100", "calls are turned away, 503, while the media clock was "
		"later than so many ms through a second; 0: never" },
	[SET_TCP_SOURCE] = { "agent.tcp_source", PARLEY_INT, AGENT, 0, 100000,
		NULL, "0", "connections accepted from one IPv4 address or IPv6 "
		"/64; 0: half of all that there may be" },
	[SET_RTP_DSCP] = { "rtp.dscp", PARLEY_INT, AGENT, 0, 63, NULL,
		"46", "DiffServ code point of media packets" },
	[SET_RTP_TIMEOUT] = { "rtp.timeout", PARLEY_INT, AGENT, 0, 86400, NULL,
		"30", "seconds without a packet, RTCP included, of a peer that "
		"was heard before: then the call ends; of one never heard: "
		"then nothing more is sent to it; 0: never" },
	[SET_UNPROVEN_MS] = { "rtp.unproven_ms", PARLEY_INT, AGENT, 0, 60000,
		NULL, "4000", "how long a call that came in sends to where "
		"nobody has shown to be yet, all such calls to one IP address "
		"together, ms" },
	/* 4 s of G.711 in packets of 20 ms, headers included. */
	[SET_UNPROVEN_BYTES] = { "rtp.unproven_bytes", PARLEY_INT, AGENT, 0,
		10000000, NULL, "40000", "how much it sends there" },
	[SET_CLOSED_NETWORK] = { "rtp.closed_network", PARLEY_BOOL, AGENT, 0,
		0, NULL, "false", "media goes wherever a peer says, proved or "
		"not, as long as the call lasts" },
	[SET_LOG] = { "agent.log", PARLEY_INT, AGENT, 0, 3, NULL,
		"1", "most that on_log is told: 0 errors, 1 what else is amiss,"
		" 2 first lines of SIP messages, 3 all, secrets as ***" },
	[SET_UNKNOWN] = { "agent.unknown", PARLEY_BOOL, AGENT, 0, 0, NULL,
		"true", "the first account takes calls for unknown users" },
	[SET_DISPLAY_NAME] = { "account.display_name", PARLEY_TEXT, ACCOUNT, 0,
		100, NULL, "", "shown to those who are called" },
	[SET_AUTH_USER] = { "auth.username", PARLEY_TEXT, ACCOUNT, 0, 100, NULL,
		"", "for digest; empty: the user part of the address" },
	[SET_AUTH_PASSWORD] = { "auth.password", PARLEY_SECRET, ACCOUNT, 0,
		200, NULL, "", "for digest" },
	[SET_AUTH_REALM] = { "auth.realm", PARLEY_TEXT, ACCOUNT, 0, 100, NULL,
		"", "where the password is for; empty: wherever we register or "
		"call, and in calls that came in where we are registered" },
	[SET_AUTH_ALGORITHMS] = { "auth.algorithms", PARLEY_LIST, ACCOUNT, 3,
		100, NULL, "SHA-512-256,SHA-256,MD5",
		"digest algorithms that are answered; of those that a realm "
		"offers the one named first" },
	[SET_AUTH_REQUIRE_QOP] = { "auth.require_qop", PARLEY_BOOL, ACCOUNT, 0,
		0, NULL, "false",
		"a challenge without qop (RFC 2069) is not answered" },
	[SET_REGISTRAR] = { "sip.registrar", PARLEY_TEXT, ACCOUNT, 0, 255, NULL,
		"", "URI to register at; empty: the address's domain" },
	[SET_PROXY] = { "sip.outbound_proxy", PARLEY_TEXT, ACCOUNT, 0, 255,
		NULL, "", "URI that registering and calling go through, as a "
		"Route" },
	[SET_TRANSPORT] = { "sip.transport", PARLEY_CHOICE, ACCOUNT, 0, 0,
		"auto udp tcp", "auto", "transport where the URI names none" },
	[SET_EXPIRES] = { "sip.expires", PARLEY_INT, ACCOUNT, 10, 86400, NULL,
		"3600", "seconds that a registration is asked for" },
	[SET_RING_TIMEOUT] = { "session.ring_timeout", PARLEY_INT, ACCOUNT, 0,
		3600, NULL, "180",
		"seconds until an unanswered call ends; 0: never" },
	[SET_CALLS_MAX] = { "session.calls", PARLEY_INT, ACCOUNT, 1, 100000,
		NULL, "240", "calls of the account at a time; then 486" },
	[SET_STREAMS_MAX] = { "session.streams", PARLEY_INT, ACCOUNT, 1, 16,
		NULL, "4", "streams that a peer may have in a call; m= lines "
		"beyond are refused" },
	[SET_CODECS] = { "rtp.codecs", PARLEY_LIST, ACCOUNT, 0, 200, NULL,
		"opus,PCMU,PCMA",
		"audio codecs in order of preference; empty: all there are" },
	[SET_PTIME] = { "rtp.ptime", PARLEY_INT, ACCOUNT, 10, 120, NULL,
		"20", "milliseconds of audio in a packet sent" },
	[SET_DTMF] = { "rtp.dtmf", PARLEY_CHOICE, ACCOUNT, 0, 0,
		"auto rtp inband", "auto",
		"digits as telephone-event, as tones, or as the peer can" },
	[SET_RTP_EXTERNAL] = { "rtp.external", PARLEY_TEXT, ACCOUNT, 0, 64,
		NULL, "",
		"ADDR:PORT of a media engine elsewhere: no media is run here" },
};

void settings_init(struct settings *s, struct mem *mem, bool of_account)
{
	*s = (struct settings){ .mem = mem, .of_account = of_account };
}

static void forget(struct settings *s, enum setting key)
{
	if (s->value[key] && settings_table[key].type == PARLEY_SECRET)
		crypto_wipe(s->value[key], strlen(s->value[key]));
	mem_free(s->mem, s->value[key]);
	s->value[key] = NULL;
}

void settings_fini(struct settings *s)
{
	for (size_t i = 0; i < SET_COUNT; i++)
		forget(s, (enum setting)i);
}

enum setting settings_find(struct slice key)
{
	for (size_t i = 0; i < SET_COUNT; i++)
		if (slice_eq(key, settings_table[i].key))
			return (enum setting)i;
	return SET_COUNT;
}

/* All bounds of the table are >= 0, so there is no sign. */
static int check_int(const struct parley_setting *row, struct slice v)
{
	uint64_t n;

	if (v.n == 0)
		return -EBADMSG;
	for (size_t i = 0; i < v.n; i++)
		if (!scan_is(v.p[i], SCAN_DIGIT))
			return -EBADMSG;
	if (slice_u64(v, (uint64_t)row->max, &n))
		return -ERANGE;
	return n < (uint64_t)row->min ? -ERANGE : 0;
}

static int check_choice(const struct parley_setting *row, struct slice v)
{
	struct slice rest = slice_str(row->choices), word;

	do {
		(void)slice_cut(rest, ' ', &word, &rest);
		if (slice_same(word, v))
			return 0;
	} while (rest.n);
	return -EBADMSG;
}

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

static bool is_uri(enum setting key)
{
	return key == SET_REGISTRAR || key == SET_PROXY;
}

static int check_uri(struct slice v)
{
	struct sip_uri u;
	struct parse_error e;
	int rc = sip_uri_parse(v, &u, &e);

	/* Neither a Request-URI nor a Route has headers (RFC 3261 19.1.1). */
	if (rc == 0 && ((u.scheme != SIP_SCHEME_SIP &&
			 u.scheme != SIP_SCHEME_SIPS) || u.headers.n))
		rc = -EBADMSG;
	return rc;
}

static int check_text(enum setting key, struct slice v)
{
	const struct parley_setting *row = &settings_table[key];
	struct sip_digest_choice choice;
	struct addr a;

	if (v.n < (size_t)row->min || v.n > (size_t)row->max)
		return -ERANGE;
	if (!utf8_valid(v))
		return -EBADMSG;
	for (size_t i = 0; i < v.n; i++) /* would break out of a header */
		if (scan_is(v.p[i], SCAN_CTL))
			return -EBADMSG;
	if (key == SET_RTP_PORTS)
		return check_ports(v);
	if (key == SET_RTP_EXTERNAL && v.n)
		return addr_parse(v, &a) || !a.port ? -EBADMSG : 0;
	if (key == SET_AUTH_ALGORITHMS)
		return sip_digest_choice_parse(v, &choice);
	return is_uri(key) && v.n ? check_uri(v) : 0;
}

int settings_check(enum setting key, struct slice v, const char **reason)
{
	static const char *const why[] = {
		[PARLEY_BOOL] = "true or false wanted",
		[PARLEY_INT] = "number out of range",
		[PARLEY_TEXT] = "text of another form or length wanted",
		[PARLEY_LIST] = "text of another form or length wanted",
		[PARLEY_CHOICE] = "not one of the choices",
		[PARLEY_SECRET] = "text of another form or length wanted",
	};
	const struct parley_setting *row = &settings_table[key];
	int rc = -EBADMSG;

	switch (row->type) {
	case PARLEY_BOOL:
		rc = slice_eq(v, "true") || slice_eq(v, "false") ? 0 : -EBADMSG;
		break;
	case PARLEY_INT:
		rc = check_int(row, v);
		break;
	case PARLEY_TEXT:
	case PARLEY_LIST:
	case PARLEY_SECRET:
		rc = check_text(key, v);
		break;
	case PARLEY_CHOICE:
		rc = check_choice(row, v);
		break;
	}
	if (rc && reason)
		*reason = key == SET_AUTH_ALGORITHMS ?
			  "SHA-512-256, SHA-256 and MD5 wanted, with commas" :
			  key == SET_RTP_PORTS ?
			  "LOW-HIGH wanted, with an even port and its next" :
			  rc == -EBADMSG && is_uri(key) ? "a SIP URI wanted" :
			  rc == -EBADMSG && row->type == PARLEY_INT ?
			  "a whole number wanted" :
			  why[row->type];
	return rc;
}

int settings_set(struct settings *s, enum setting key, struct slice value,
		 const char **reason)
{
	char *copy;
	int rc;

	if (settings_table[key].of_account != s->of_account) {
		if (reason)
			*reason = s->of_account ? "a setting of the agent" :
						  "a setting of an account";
		return -EINVAL;
	}
	rc = settings_check(key, value, reason);
	if (rc)
		return rc;
	copy = mem_new(s->mem, value.n + 1); /* zeroed: the NUL is there */
	if (!copy)
		return -ENOMEM;
	if (value.n)
		memcpy(copy, value.p, value.n);
	forget(s, key);
	s->value[key] = copy;
	return 0;
}

struct slice settings_text(const struct settings *s, enum setting key)
{
	const char *v = s->value[key];

	return slice_str(v ? v : settings_table[key].initial);
}

int64_t settings_int(const struct settings *s, enum setting key)
{
	uint64_t n = 0;

	/* Checked when it was set, and so are the defaults by a test. */
	if (slice_u64(settings_text(s, key), INT64_MAX, &n))
		return 0;
	return (int64_t)n;
}

bool settings_bool(const struct settings *s, enum setting key)
{
	return slice_eq(settings_text(s, key), "true");
}
