/* SPDX-License-Identifier: BSD-2-Clause
 * One connection.  The library reads from in[in_at .. in_n) and writes behind
 * out[out_n); during the handshake neither buffer is moved, so that tls_work
 * takes no memory of ours and may run beside the loop. */
#include "platform/tls/tls.h"

#include "platform/crypto.h"
#include "platform/tls/tls_priv.h"

/* What has changed its form since 2.28. */
#if MBEDTLS_VERSION_NUMBER < 0x03000000
#define SUITES_13 /* it would choose what it has not */
static const int signatures[] = { MBEDTLS_MD_SHA256, MBEDTLS_MD_SHA384,
				  MBEDTLS_MD_SHA512, MBEDTLS_MD_NONE };
static const mbedtls_ecp_group_id groups[] = {
	MBEDTLS_ECP_DP_CURVE25519, MBEDTLS_ECP_DP_SECP256R1,
	MBEDTLS_ECP_DP_SECP384R1, MBEDTLS_ECP_DP_SECP521R1,
	MBEDTLS_ECP_DP_NONE };

static void modern(mbedtls_ssl_config *c)
{
	mbedtls_ssl_conf_min_version(c, MBEDTLS_SSL_MAJOR_VERSION_3,
				     MBEDTLS_SSL_MINOR_VERSION_3);
	mbedtls_ssl_conf_sig_hashes(c, signatures);
	mbedtls_ssl_conf_curves(c, groups);
}

static bool is_ticket(int rc)
{
	(void)rc;
	return false;
}
#else
#define SUITES_13 0x1301, 0x1302, 0x1303,
static const uint16_t signatures[] = {
	MBEDTLS_TLS1_3_SIG_ECDSA_SECP256R1_SHA256,
	MBEDTLS_TLS1_3_SIG_ECDSA_SECP384R1_SHA384,
	MBEDTLS_TLS1_3_SIG_ECDSA_SECP521R1_SHA512,
	MBEDTLS_TLS1_3_SIG_RSA_PSS_RSAE_SHA256,
	MBEDTLS_TLS1_3_SIG_RSA_PSS_RSAE_SHA384,
	MBEDTLS_TLS1_3_SIG_RSA_PSS_RSAE_SHA512,
	MBEDTLS_TLS1_3_SIG_RSA_PKCS1_SHA256,
	MBEDTLS_TLS1_3_SIG_RSA_PKCS1_SHA384,
	MBEDTLS_TLS1_3_SIG_RSA_PKCS1_SHA512, MBEDTLS_TLS1_3_SIG_NONE };
static const uint16_t groups[] = {
	MBEDTLS_SSL_IANA_TLS_GROUP_X25519, MBEDTLS_SSL_IANA_TLS_GROUP_SECP256R1,
	MBEDTLS_SSL_IANA_TLS_GROUP_SECP384R1,
	MBEDTLS_SSL_IANA_TLS_GROUP_SECP521R1, MBEDTLS_SSL_IANA_TLS_GROUP_NONE };

static void modern(mbedtls_ssl_config *c)
{
	mbedtls_ssl_conf_min_tls_version(c, MBEDTLS_SSL_VERSION_TLS1_2);
	mbedtls_ssl_conf_sig_algs(c, signatures);
	mbedtls_ssl_conf_groups(c, groups);
}

static bool is_ticket(int rc)
{
	return rc == MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET;
}
#endif

/* RFC 9325 4.2, and TLS 1.3's where the library has it.  No CBC at all: the
 * library cannot be told to refuse it where the peer has no encrypt-then-MAC
 * (RFC 7366). */
static const int suites[] = {
	SUITES_13
	MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
	MBEDTLS_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
	MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
	MBEDTLS_TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
	MBEDTLS_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
	MBEDTLS_TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
	0
};

/* The library verifies signatures; which ones will do is judged by us. */
static const mbedtls_x509_crt_profile any_profile = {
	.allowed_mds = 0xFFFFFFFF,
	.allowed_pks = 0xFFFFFFFF,
	.allowed_curves = 0xFFFFFFFF,
	.rsa_min_bitlen = 0,
};

enum {
	RECORD_MORE = 64,   /* a record is longer than what is in it */
	ANSWER = 256,       /* room for what reading may have to answer */
	FLIGHT = 4096       /* of a handshake, beside the certificates */
};

/* What only the handshake needs. */
struct shake {
	struct cert chain[CERT_CHAIN];
	bool readable[CERT_CHAIN];
	uint32_t flags[CERT_CHAIN];
	unsigned n;
};

struct tls {
	struct tls_conf *conf;
	enum tls_state state;
	struct tls_fault fault;
	enum cert_rules rules;
	char name[TLS_NAME + 1];
	int64_t wall;               /* when it began, seconds */
	mono deadline;
	struct drbg drbg;
	mbedtls_ssl_config rules_of;
	mbedtls_ssl_context ssl;
	struct shake *shake;
	struct tls_secrets *secrets; /* NULL: nobody wants them */
	int64_t until;              /* of the certificate that was verified */
	bool begun, offered, verified, resumed;
	bool shut;                  /* close_notify was written */
	uint8_t *in, *out;
	size_t in_at, in_n, in_cap, out_at, out_n, out_cap;
	size_t heard;               /* octets of the handshake */
	bool reading;
	unsigned answers;
};

/* ------------------------------------------------------------- faults */
static void tls_fail(struct tls *t, enum tls_cause cause, const char *text)
{
	struct cert_fault *f = &t->fault.cert;
	struct writer w = writer_begin(f->text, sizeof(f->text) - 1);

	if (t->state == TLS_FAILED)
		return;
	t->state = TLS_FAILED;
	t->fault.cause = cause;
	if (cause == TLS_REFUSED && f->code != CERT_OK)
		return; /* it has said why */
	writer_str(&w, text);
	f->text[w.n] = '\0';
}

static void tls_refuse(struct tls *t, enum cert_code code)
{
	cert_blame(&t->fault.cert, code, NULL, 0);
	tls_fail(t, TLS_REFUSED, "");
}

/* RFC 5246 7.2, RFC 8446 6 */
static const struct {
	uint8_t number;
	const char *text;
} alerts[] = {
	{ 10, "unexpected message" }, { 20, "bad record MAC" },
	{ 22, "record overflow" }, { 40, "no version, suite or certificate in "
	  "common" }, { 42, "bad certificate" },
	{ 43, "unsupported certificate" }, { 44, "certificate revoked" },
	{ 45, "certificate expired" }, { 46, "certificate unknown" },
	{ 47, "illegal parameter" }, { 48, "unknown CA" },
	{ 49, "access denied" }, { 50, "decode error" },
	{ 51, "decrypt error" }, { 70, "protocol version" },
	{ 71, "insufficient security" }, { 80, "internal error" },
	{ 86, "inappropriate fallback" }, { 90, "user canceled" },
	{ 109, "missing extension" }, { 112, "unrecognized name" },
	{ 116, "certificate required" },
};

static void alerted(struct tls *t)
{
	uint8_t number = t->ssl.in_msg ? t->ssl.in_msg[1] : 0;
	const char *said = "alert";
	char text[160];
	struct writer w = writer_begin(text, sizeof(text) - 1);

	for (size_t i = 0; i < COUNT(alerts); i++)
		if (alerts[i].number == number)
			said = alerts[i].text;
	writer_str(&w, "the peer refused: ");
	/* It asked for a certificate, and there is none. */
	if (!t->conf->server && t->ssl.client_auth && !t->conf->has_cert) {
		writer_str(&w, "it wants a client certificate; ");
		t->fault.cert.code = CERT_MISSING;
	}
	writer_str(&w, said);
	writer_str(&w, " (");
	writer_u64(&w, number);
	writer_char(&w, ')');
	text[w.n] = '\0';
	tls_fail(t, TLS_ALERT, text);
}

static const struct {
	int rc;
	const char *text;
} troubles[] = {
	{ MBEDTLS_ERR_SSL_INVALID_RECORD, "no TLS, or a broken record" },
	{ MBEDTLS_ERR_SSL_INVALID_MAC, "a record was changed on its way" },
	{ MBEDTLS_ERR_SSL_BAD_HS_PROTOCOL_VERSION, "its TLS version is not "
	  "supported: too old" },
	{ MBEDTLS_ERR_SSL_NO_CIPHER_CHOSEN, "no cipher suite in common" },
	{ MBEDTLS_ERR_SSL_NO_USABLE_CIPHERSUITE, "no cipher suite for our "
	  "certificate in common" },
	{ MBEDTLS_ERR_SSL_UNEXPECTED_MESSAGE, "unexpected message" },
	{ MBEDTLS_ERR_SSL_BAD_HS_SERVER_KEY_EXCHANGE,
	  "a key exchange that is not supported" },
	{ MBEDTLS_ERR_SSL_BAD_HS_SERVER_HELLO, "bad ServerHello, or a suite "
	  "or version that was not offered" },
	{ MBEDTLS_ERR_SSL_BAD_HS_CLIENT_HELLO, "bad ClientHello" },
	{ MBEDTLS_ERR_SSL_BUFFER_TOO_SMALL, "a message is too long" },
	{ MBEDTLS_ERR_SSL_NON_FATAL, "too many requests to renegotiate" },
};

/* X.509's own codes lie here; the low ones are added to them. */
static bool is_x509(int rc)
{
	return rc <= -0x2080 && rc > -0x3000;
}

static void broke(struct tls *t, int rc)
{
	const char *text = "TLS failed";

	if (t->fault.cert.code != CERT_OK) {
		tls_fail(t, TLS_REFUSED, "");
		return;
	}
	if (rc == MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE) {
		alerted(t);
		return;
	}
	if (rc == MBEDTLS_ERR_SSL_ALLOC_FAILED ||
	    rc == MBEDTLS_ERR_X509_ALLOC_FAILED ||
	    (-rc & 0x7f) == -MBEDTLS_ERR_ASN1_ALLOC_FAILED ||
	    (-rc & 0x7f) == -MBEDTLS_ERR_MPI_ALLOC_FAILED) {
		tls_fail(t, TLS_NO_MEMORY, "no memory");
		return;
	}
	if (rc == MBEDTLS_ERR_SSL_NO_CLIENT_CERTIFICATE) {
		/* RFC 5246 7.4.6; the library says nothing by itself. */
		(void)mbedtls_ssl_send_alert_message(
			&t->ssl, MBEDTLS_SSL_ALERT_LEVEL_FATAL,
			MBEDTLS_SSL_ALERT_MSG_HANDSHAKE_FAILURE);
		tls_refuse(t, CERT_MISSING);
		return;
	}
	if (rc == MBEDTLS_ERR_SSL_CA_CHAIN_REQUIRED) {
		tls_refuse(t, CERT_UNKNOWN_ISSUER);
		return;
	}
	/* The library parses what the peer shows before we see it; what of
	 * extensions it does not know and is critical ends there. */
	if (is_x509(rc)) {
		tls_refuse(t,
			   (-rc & ~0x7f) == -MBEDTLS_ERR_X509_INVALID_EXTENSIONS
				   ? CERT_CRITICAL
				   : CERT_MALFORMED);
		return;
	}
	if (rc == MBEDTLS_ERR_SSL_BAD_HS_CERTIFICATE ||
	    rc == MBEDTLS_ERR_X509_CERT_VERIFY_FAILED) {
		tls_refuse(t, CERT_USAGE);
		return;
	}
	for (size_t i = 0; i < COUNT(troubles); i++)
		if (troubles[i].rc == rc)
			text = troubles[i].text;
	tls_fail(t, TLS_BROKEN, text);
}

/* ----------------------------------------------------------- verifying */
/* What only the library has found out; at depth 0 all of it is known. */
static void judge_flags(struct tls *t, const struct shake *s)
{
	struct cert_fault *f = &t->fault.cert;
	uint32_t all = 0;

	for (unsigned i = 0; i < s->n; i++) {
		all |= s->flags[i];
		if (s->flags[i] & MBEDTLS_X509_BADCERT_REVOKED)
			cert_blame(f, CERT_REVOKED,
				   i ? &s->chain[i] : NULL, 0);
		tls_store_judge(t->conf->store, &s->chain[i], t->wall, f);
	}
	if (all & (MBEDTLS_X509_BADCRL_NOT_TRUSTED |
		   MBEDTLS_X509_BADCRL_BAD_MD | MBEDTLS_X509_BADCRL_BAD_PK |
		   MBEDTLS_X509_BADCRL_BAD_KEY))
		cert_blame(f, CERT_SIGNATURE, NULL, 0);
	if (all & (MBEDTLS_X509_BADCERT_KEY_USAGE |
		   MBEDTLS_X509_BADCERT_NS_CERT_TYPE))
		cert_blame(f, CERT_USAGE, NULL, 0);
	if (all & MBEDTLS_X509_BADCERT_NOT_TRUSTED && s->n)
		cert_blame(f, cert_is_self_issued(&s->chain[s->n - 1]) ?
				      CERT_SELF_SIGNED : CERT_UNKNOWN_ISSUER,
			   &s->chain[s->n - 1], 0);
}

/* So that the library tells the peer what fits (RFC 5246 7.2.2). */
static uint32_t told(enum cert_code code)
{
	switch (code) {
	case CERT_OK:
		return 0;
	case CERT_EXPIRED:
	case CERT_NOT_YET:
		return MBEDTLS_X509_BADCERT_EXPIRED;
	case CERT_UNKNOWN_ISSUER:
	case CERT_SELF_SIGNED:
		return MBEDTLS_X509_BADCERT_NOT_TRUSTED;
	case CERT_REVOKED:
		return MBEDTLS_X509_BADCERT_REVOKED;
	case CERT_USAGE:
	case CERT_PURPOSE:
		return MBEDTLS_X509_BADCERT_EXT_KEY_USAGE;
	case CERT_WEAK_KEY:
	case CERT_WEAK_HASH:
	case CERT_NAME:
	case CERT_NO_NAME:
	case CERT_CONSTRAINED:
	case CERT_CRL_OLD:
	case CERT_SIGNATURE:
	case CERT_CRITICAL:
	case CERT_MALFORMED:
	case CERT_MISSING:
		break;
	}
	return MBEDTLS_X509_BADCERT_CN_MISMATCH; /* "bad certificate" */
}

static void tls_judge(struct tls *t, struct shake *s)
{
	struct cert_want w = {
		.rules = t->rules, .name = slice_str(t->name), .now = t->wall,
		.purposes = t->conf->server ? CERT_CLIENT | CERT_SIP :
					      CERT_SERVER | CERT_SIP,
	};

	for (unsigned i = 0; i < s->n; i++)
		if (!s->readable[i])
			cert_blame(&t->fault.cert, CERT_MALFORMED, NULL, 0);
	if (t->fault.cert.code != CERT_OK)
		return;
	judge_flags(t, s);
	cert_judge(s->chain, s->n, &w, &t->fault.cert);
	t->verified = true;
	t->until = INT64_MAX;
	for (unsigned i = 0; i < s->n; i++)
		if (s->chain[i].until < t->until)
			t->until = s->chain[i].until;
}

/* Called for each certificate, the trusted one first, the peer's last. */
static int on_certificate(void *arg, mbedtls_x509_crt *crt, int depth,
			  uint32_t *flags)
{
	struct tls *t = arg;
	struct shake *s = t->shake;
	unsigned i = (unsigned)depth;

	if (i >= CERT_CHAIN) {
		cert_blame(&t->fault.cert, CERT_SIGNATURE, NULL, 0);
		return MBEDTLS_ERR_X509_FATAL_ERROR;
	}
	if (s->n == 0)
		s->n = i + 1;
	s->flags[i] = *flags;
	/* Of the peer's the library looks after us, and where verifying is
	 * optional forgets what it found.  All suites sign (RFC 8422 5.3). */
	if (i == 0 && mbedtls_x509_crt_check_key_usage(
			      crt, MBEDTLS_X509_KU_DIGITAL_SIGNATURE))
		s->flags[i] |= MBEDTLS_X509_BADCERT_KEY_USAGE;
	s->readable[i] = cert_parse(slice_of(crt->raw.p, crt->raw.len),
				    &s->chain[i], NULL) == 0;
	*flags = 0;
	if (i > 0)
		return 0;
	tls_judge(t, s);
	*flags = told(t->fault.cert.code);
	/* Where a certificate may be missing, a bad one must not do. */
	return *flags && t->conf->server && t->conf->verify == TLS_VERIFY ?
		       MBEDTLS_ERR_X509_FATAL_ERROR : 0;
}

/* ------------------------------------------------------------- buffers */
static int tls_take(void *arg, unsigned char *p, size_t n)
{
	struct tls *t = arg;
	size_t left = t->in_n - t->in_at;

	if (left == 0)
		return MBEDTLS_ERR_SSL_WANT_READ;
	n = n < left ? n : left;
	memcpy(p, t->in + t->in_at, n);
	t->in_at += n;
	return (int)n;
}

static int give(void *arg, const unsigned char *p, size_t n)
{
	struct tls *t = arg;

	if (t->reading && ++t->answers > LIMIT_TLS_ANSWERS)
		return MBEDTLS_ERR_SSL_NON_FATAL;
	if (n > t->out_cap - t->out_n)
		return MBEDTLS_ERR_SSL_BUFFER_TOO_SMALL;
	memcpy(t->out + t->out_n, p, n);
	t->out_n += n;
	return (int)n;
}

/* Room for n more behind what waits. */
static bool room(struct mem *m, uint8_t **buf, size_t *at, size_t *have,
		 size_t *cap, size_t n)
{
	uint8_t *grown;

	if (*at && *have + n > *cap) {
		memmove(*buf, *buf + *at, *have - *at);
		*have -= *at;
		*at = 0;
	}
	if (*have + n <= *cap)
		return true;
	grown = mem_resize(m, *buf, *have + n);
	if (!grown)
		return false;
	*buf = grown;
	*cap = *have + n;
	return true;
}

static bool room_out(struct tls *t, size_t n)
{
	return room(t->conf->m, &t->out, &t->out_at, &t->out_n, &t->out_cap,
		    n);
}

static void tls_drop(struct tls *t, uint8_t **buf, size_t *at, size_t *have,
		     size_t *cap)
{
	mem_free(t->conf->m, *buf);
	*buf = NULL;
	*at = *have = *cap = 0;
}

static void drop_in(struct tls *t)
{
	if (t->in_at == t->in_n)
		tls_drop(t, &t->in, &t->in_at, &t->in_n, &t->in_cap);
}

int tls_on_bytes(struct tls *t, const void *p, size_t n)
{
	if (n == 0 || t->state == TLS_FAILED || t->state == TLS_ENDED)
		return 0;
	if (t->state == TLS_HANDSHAKE) {
		t->heard += n;
		if (t->heard > LIMIT_TLS_HANDSHAKE) {
			tls_fail(t, TLS_BROKEN, "the handshake is too long");
			return 0;
		}
	}
	if (!room(t->conf->m, &t->in, &t->in_at, &t->in_n, &t->in_cap, n))
		return -ENOMEM;
	memcpy(t->in + t->in_n, p, n);
	t->in_n += n;
	return 0;
}

struct slice tls_unsent(const struct tls *t)
{
	return t->out_n == t->out_at ? S("") :
			slice_of(t->out + t->out_at, t->out_n - t->out_at);
}

void tls_sent(struct tls *t, size_t n)
{
	t->out_at += n;
	if (t->out_at != t->out_n)
		return;
	t->out_at = t->out_n = 0;
	if (t->state != TLS_HANDSHAKE)
		tls_drop(t, &t->out, &t->out_at, &t->out_n, &t->out_cap);
}

/* ------------------------------------------------------------ handshake */
static int parse_ticket(void *arg, mbedtls_ssl_session *session,
			unsigned char *buf, size_t n)
{
	struct tls *t = arg;
	int rc = mbedtls_ssl_ticket_parse(&t->conf->tickets, session, buf, n);
	const mbedtls_x509_crt *crt = rc == 0 ? session->peer_cert : NULL;
	struct cert c;

	/* A client's certificate may have ended since: it shows one anew. */
	if (crt && (cert_parse(slice_of(crt->raw.p, crt->raw.len), &c, NULL) ||
		    t->wall > c.until))
		rc = MBEDTLS_ERR_SSL_SESSION_TICKET_EXPIRED;
	t->resumed = rc == 0;
	return rc;
}

static int write_ticket(void *arg, const mbedtls_ssl_session *session,
			unsigned char *start, const unsigned char *end,
			size_t *n, uint32_t *lifetime)
{
	struct tls *t = arg;

	return mbedtls_ssl_ticket_write(&t->conf->tickets, session, start, end,
					n, lifetime);
}

static int authmode(const struct tls_conf *c)
{
	switch (c->verify) {
	case TLS_VERIFY:
		return c->server ? MBEDTLS_SSL_VERIFY_OPTIONAL :
				   MBEDTLS_SSL_VERIFY_REQUIRED;
	case TLS_VERIFY_MUST:
		return MBEDTLS_SSL_VERIFY_REQUIRED;
	case TLS_VERIFY_NOT:
		break;
	}
	return MBEDTLS_SSL_VERIFY_NONE;
}

/* A conf of the library's for each connection: random bits, verifying and
 * tickets have it for their context. */
static int tls_configure(struct tls *t)
{
	struct tls_conf *c = t->conf;
	mbedtls_ssl_config *l = &t->rules_of;
	int rc = mbedtls_ssl_config_defaults(l, c->server ?
			MBEDTLS_SSL_IS_SERVER : MBEDTLS_SSL_IS_CLIENT,
			MBEDTLS_SSL_TRANSPORT_STREAM,
			MBEDTLS_SSL_PRESET_DEFAULT);

	if (rc)
		return -ENOMEM;
	modern(l);
	mbedtls_ssl_conf_ciphersuites(l, suites);
	mbedtls_ssl_conf_rng(l, tls_random, &t->drbg);
	mbedtls_ssl_conf_authmode(l, authmode(c));
	mbedtls_ssl_conf_cert_profile(l, &any_profile);
	mbedtls_ssl_conf_verify(l, on_certificate, t);
	mbedtls_ssl_conf_ca_chain(l, tls_store_cas(c->store),
				  tls_store_crls(c->store));
	mbedtls_ssl_conf_renegotiation(l, MBEDTLS_SSL_RENEGOTIATION_DISABLED);
	/* RFC 5746 3.6: who does not know of it is not believed either. */
	mbedtls_ssl_conf_legacy_renegotiation(
		l, MBEDTLS_SSL_LEGACY_BREAK_HANDSHAKE);
	if (c->server) {
		/* The names of all whom we believe are nobody's business,
		 * and may be long. */
		mbedtls_ssl_conf_cert_req_ca_list(
			l, MBEDTLS_SSL_CERT_REQ_CA_LIST_DISABLED);
		mbedtls_ssl_conf_session_tickets_cb(l, write_ticket,
						    parse_ticket, t);
	}
	rc = c->has_cert ? mbedtls_ssl_conf_own_cert(l, &c->cert, &c->key) : 0;
	if (rc == 0)
		rc = mbedtls_ssl_setup(&t->ssl, l);
	return rc ? -ENOMEM : 0;
}

/* A session that was kept is offered; one that cannot be is no loss. */
static void offer(struct tls *t)
{
	const struct tls_ticket *k = t->conf->server ? NULL :
		tls_ticket_find(t->conf, t->rules, t->name, t->wall);
	mbedtls_ssl_session session;

	if (!k)
		return;
	mbedtls_ssl_session_init(&session);
	if (mbedtls_ssl_session_load(&session, k->p, k->n) == 0 &&
	    mbedtls_ssl_set_session(&t->ssl, &session) == 0) {
		t->offered = true;
		t->until = k->until;
	}
	mbedtls_ssl_session_free(&session);
}

static int introduce(struct tls *t, const struct tls_peer *peer)
{
	struct addr ip;
	int rc = 0;

	if (t->conf->server)
		return 0;
	/* RFC 6066 3: no dot at the end, no address. */
	if (t->name[0] && addr_parse_ip(peer->name, &ip) != 0)
		rc = mbedtls_ssl_set_hostname(&t->ssl, t->name);
	else
		rc = mbedtls_ssl_set_hostname(&t->ssl, NULL);
	return rc ? -ENOMEM : 0;
}

static int tls_name_of(struct tls *t, const struct tls_peer *peer)
{
	struct slice s = peer->name;

	if (s.n && s.p[s.n - 1] == '.')
		s = slice_head(s, s.n - 1);
	if (peer->rules != CERT_NAME_NONE && s.n == 0)
		return -EINVAL;
	t->rules = peer->rules;
	return slice_to_str(s, t->name, sizeof(t->name)) ? -EINVAL : 0;
}

int tls_new(struct tls_conf *c, const struct tls_peer *peer,
	    struct instant now, struct tls **out)
{
	struct tls *t = mem_new(c->m, sizeof(*t));
	size_t flight = c->cert_bytes + FLIGHT;
	uint8_t seed[32];
	int rc;

	if (!t || mem_charge(c->m, TLS_CHARGE)) {
		mem_free(c->m, t);
		return -ENOMEM;
	}
	t->conf = c;
	c->users++;
	/* A ticket repeats the client's certificate. */
	if (c->server && c->verify != TLS_VERIFY_NOT)
		flight += TLS_RECORD;
	t->wall = now.wall_ns / SEC(1);
	t->deadline = mono_add(now.m, c->handshake);
	drbg_bytes(&c->drbg, seed, sizeof(seed));
	drbg_init(&t->drbg, seed);
	crypto_wipe(seed, sizeof(seed));
	mbedtls_ssl_init(&t->ssl);
	mbedtls_ssl_config_init(&t->rules_of);
	rc = tls_name_of(t, peer);
	t->shake = rc ? NULL : mem_new(c->m, sizeof(*t->shake));
	if (rc == 0)
		rc = t->shake && room_out(t, flight) ? tls_configure(t)
						     : -ENOMEM;
	if (rc == 0)
		rc = introduce(t, peer);
	if (rc < 0) {
		tls_free(t);
		return rc;
	}
	offer(t);
	mbedtls_ssl_set_bio(&t->ssl, t, give, tls_take, NULL);
	*out = t;
	return 0;
}

void tls_free(struct tls *t)
{
	struct tls_conf *c = t ? t->conf : NULL;

	if (!t)
		return;
	mbedtls_ssl_free(&t->ssl);
	mbedtls_ssl_config_free(&t->rules_of);
	mem_free(c->m, t->in);
	mem_free(c->m, t->out);
	mem_free(c->m, t->shake);
	tls_forget_secrets(t);
	mem_free(c->m, t->secrets);
	drbg_wipe(&t->drbg);
	mem_free(c->m, t);
	mem_uncharge(c->m, TLS_CHARGE);
	tls_conf_drop(c);
}

bool tls_wants_work(const struct tls *t)
{
	return t->state == TLS_HANDSHAKE && (!t->begun || t->in_at < t->in_n);
}

void tls_work(struct tls *t)
{
	int rc;

	if (t->state != TLS_HANDSHAKE)
		return;
	t->begun = true;
	rc = mbedtls_ssl_handshake(&t->ssl);
	if (rc == 0)
		t->state = TLS_OPEN;
	else if (rc != MBEDTLS_ERR_SSL_WANT_READ)
		broke(t, rc);
}

/* What the client needs to resume.  One that finds no memory is not kept. */
static void tls_keep(struct tls *t)
{
	struct tls_conf *c = t->conf;
	mbedtls_ssl_session session;
	uint8_t *p = NULL;
	size_t n = 0;

	if (c->server || !t->name[0] || c->verify == TLS_VERIFY_NOT)
		return;
	mbedtls_ssl_session_init(&session);
	if (mbedtls_ssl_get_session(&t->ssl, &session) == 0) {
		(void)mbedtls_ssl_session_save(&session, NULL, 0, &n);
		p = mem_new(c->m, n);
		if (p && mbedtls_ssl_session_save(&session, p, n, &n) == 0) {
			tls_ticket_keep(c, t->rules, t->name, t->until, p, n);
			p = NULL;
		}
		mem_free(c->m, p);
	}
	mbedtls_ssl_session_free(&session);
}

void tls_settle(struct tls *t)
{
	if (t->state == TLS_HANDSHAKE || !t->shake)
		return;
	mem_free(t->conf->m, t->shake);
	t->shake = NULL;
	t->deadline = MONO_NEVER;
	drop_in(t);
	tls_sent(t, 0);
	if (t->state == TLS_OPEN && !t->conf->server)
		t->resumed = t->offered && !t->verified;
	if (t->state == TLS_OPEN)
		tls_keep(t);
	else if (t->offered)
		tls_ticket_keep(t->conf, t->rules, t->name, 0, NULL, 0);
}

/* ----------------------------------------------------------------- data */
bool tls_waits(const struct tls *t)
{
	return t->state == TLS_OPEN &&
	       (t->in_at < t->in_n || mbedtls_ssl_get_bytes_avail(&t->ssl) ||
		mbedtls_ssl_check_pending(&t->ssl));
}

static void on_read_error(struct tls *t, int rc)
{
	if (rc == MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY)
		t->state = TLS_ENDED;
	else
		broke(t, rc);
}

size_t tls_read(struct tls *t, void *out, size_t cap)
{
	int rc = 0;

	while (cap && tls_waits(t)) {
		if (!room_out(t, ANSWER)) {
			tls_fail(t, TLS_NO_MEMORY, "no memory");
			break;
		}
		t->reading = true;
		rc = mbedtls_ssl_read(&t->ssl, out, cap);
		t->reading = false;
		if (rc > 0)
			break;
		if (rc == MBEDTLS_ERR_SSL_WANT_READ)
			break;
		if (is_ticket(rc))
			tls_keep(t);
		else
			on_read_error(t, rc);
	}
	drop_in(t);
	tls_sent(t, 0);
	return rc > 0 ? (size_t)rc : 0;
}

int tls_write(struct tls *t, const void *p, size_t n)
{
	int rc;

	if ((t->state != TLS_OPEN && t->state != TLS_ENDED) || t->shut)
		return -EPIPE;
	n = n < TLS_RECORD ? n : TLS_RECORD;
	if (n == 0 || t->out_n - t->out_at + n > LIMIT_TLS_UNSENT)
		return 0;
	if (!room_out(t, n + RECORD_MORE))
		return -ENOMEM;
	rc = mbedtls_ssl_write(&t->ssl, p, n);
	if (rc > 0)
		return rc;
	broke(t, rc);
	return -EPIPE;
}

void tls_shutdown(struct tls *t)
{
	if ((t->state != TLS_OPEN && t->state != TLS_ENDED) || t->shut)
		return;
	t->shut = true;
	if (room_out(t, ANSWER))
		(void)mbedtls_ssl_close_notify(&t->ssl);
}

void tls_on_end(struct tls *t)
{
	if (t->state == TLS_HANDSHAKE)
		tls_fail(t, TLS_CUT, "the connection ended in the handshake");
	else if (t->state == TLS_OPEN)
		tls_fail(t, TLS_CUT,
			 "the connection was cut (no close_notify)");
}

void tls_on_time(struct tls *t, mono now)
{
	if (now >= t->deadline && t->state == TLS_HANDSHAKE)
		tls_fail(t, TLS_TIMEOUT, "the handshake took too long");
}

mono tls_deadline(const struct tls *t)
{
	return t->state == TLS_HANDSHAKE ? t->deadline : MONO_NEVER;
}

/* -------------------------------------------------------------- secrets */
int tls_want_secrets(struct tls *t)
{
	t->secrets = mem_new(t->conf->m, sizeof(*t->secrets));
	if (!t->secrets)
		return -ENOMEM;
	tls_secrets_want(t->secrets, &t->rules_of, &t->ssl);
	return 0;
}

struct slice tls_secrets(const struct tls *t)
{
	return t->secrets ? slice_of(t->secrets->lines, t->secrets->n) :
			    S("");
}

void tls_forget_secrets(struct tls *t)
{
	if (!t->secrets)
		return;
	crypto_wipe(t->secrets->lines, t->secrets->n);
	t->secrets->n = 0;
}

/* ------------------------------------------------------------- findings */
enum tls_state tls_state(const struct tls *t)
{
	return t->state;
}

const struct tls_fault *tls_fault(const struct tls *t)
{
	return &t->fault;
}

struct slice tls_peer_cert(const struct tls *t)
{
	const mbedtls_x509_crt *c = mbedtls_ssl_get_peer_cert(&t->ssl);

	return c ? slice_of(c->raw.p, c->raw.len) : S("");
}

const char *tls_version(const struct tls *t)
{
	return mbedtls_ssl_get_version(&t->ssl);
}

const char *tls_suite(const struct tls *t)
{
	return mbedtls_ssl_get_ciphersuite(&t->ssl);
}

bool tls_resumed(const struct tls *t)
{
	return t->resumed;
}
