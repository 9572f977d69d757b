/* SPDX-License-Identifier: BSD-2-Clause */
#include "platform/digest.h"

#include "platform/writer.h"

/* Each is followed by its -sess. */
static const struct {
	const char *name;
	enum hash_alg hash;
	bool session;
} algs[] = {
	[DIGEST_MD5] = { "MD5", HASH_MD5, false },
	[DIGEST_MD5_SESS] = { "MD5-sess", HASH_MD5, true },
	[DIGEST_SHA256] = { "SHA-256", HASH_SHA256, false },
	[DIGEST_SHA256_SESS] = { "SHA-256-sess", HASH_SHA256, true },
	[DIGEST_SHA512_256] = { "SHA-512-256", HASH_SHA512_256, false },
	[DIGEST_SHA512_256_SESS] = { "SHA-512-256-sess", HASH_SHA512_256,
				     true },
};

static const char *const qops[] = {
	[DIGEST_QOP_NONE] = "",
	[DIGEST_QOP_AUTH] = "auth",
	[DIGEST_QOP_AUTH_INT] = "auth-int",
};

int digest_alg_parse(struct slice s, enum digest_alg *out)
{
	if (!s.p) {
		*out = DIGEST_MD5;
		return 0;
	}
	for (unsigned i = 0; i < COUNT(algs); i++) {
		if (slice_ieq(s, algs[i].name)) {
			*out = (enum digest_alg)i;
			return 0;
		}
	}
	return -ENOTSUP;
}

const char *digest_alg_name(enum digest_alg a)
{
	return algs[a].name;
}

enum digest_alg digest_alg_base(enum digest_alg a)
{
	return algs[a].session ? (enum digest_alg)(a - 1) : a;
}

size_t digest_hex_size(enum digest_alg a)
{
	return 2 * hash_size(algs[a].hash);
}

/* LHEX of the hash over the parts with ":" between them. */
static void hash_hex(enum digest_alg a, const struct slice *part, size_t n,
		     char *hex)
{
	uint8_t sum[HASH_MAX];
	struct writer w = writer_begin(hex, DIGEST_HEX);
	struct hash h;

	hash_init(&h, algs[a].hash);
	for (size_t i = 0; i < n; i++) {
		if (i)
			hash_add(&h, S(":"));
		hash_add(&h, part[i]);
	}
	hash_end(&h, sum);
	writer_hex(&w, sum, hash_size(algs[a].hash));
}

void digest_ha1(enum digest_alg a, struct slice user, struct slice realm,
		struct slice password, char *hex)
{
	struct slice part[] = { user, realm, password };

	hash_hex(a, part, COUNT(part), hex);
}

void digest_userhash(enum digest_alg a, struct slice user, struct slice realm,
		     char *hex)
{
	struct slice part[] = { user, realm };

	hash_hex(a, part, COUNT(part), hex);
}

/* RFC 7616 3.4.2 */
static int a1(enum digest_alg a, const struct digest_credentials *c,
	      const struct digest_user *u, char *hex)
{
	size_t n = digest_hex_size(a);

	if (u->ha1.n && u->ha1.n != n)
		return -EINVAL;
	if (u->ha1.n)
		memcpy(hex, u->ha1.p, n);
	else
		digest_ha1(a, u->user, c->realm, u->password, hex);
	if (algs[a].session) {
		struct slice part[] = { slice_of(hex, n), c->nonce,
					c->cnonce };

		hash_hex(a, part, COUNT(part), hex);
	}
	return 0;
}

/* RFC 7616 3.4.3; RFC 8760 2.6 item 7: no body hashes as the empty string */
static void a2(enum digest_alg a, enum digest_qop q,
	       const struct digest_request *r, char *hex)
{
	struct slice part[] = { r->method, r->uri, { NULL, 0 } };
	size_t n = digest_hex_size(a);
	char body[DIGEST_HEX];

	if (q == DIGEST_QOP_AUTH_INT) {
		hash_hex(a, &r->body, 1, body);
		part[2] = slice_of(body, n);
	}
	hash_hex(a, part, q == DIGEST_QOP_AUTH_INT ? 3 : 2, hex);
}

/* RFC 7616 3.4.1; without qop RFC 2617 3.2.2.1, last paragraph */
int digest_response(enum digest_alg a, enum digest_qop q,
		    const struct digest_credentials *c,
		    const struct digest_user *u,
		    const struct digest_request *r, char *hex)
{
	char ha1[DIGEST_HEX], ha2[DIGEST_HEX];
	size_t n = digest_hex_size(a);
	struct slice h1 = slice_of(ha1, n), h2 = slice_of(ha2, n);
	struct slice old[] = { h1, c->nonce, h2 };
	struct slice part[] = { h1, c->nonce, c->nc, c->cnonce,
				slice_str(qops[q]), h2 };
	int rc = a1(a, c, u, ha1);

	if (rc)
		return rc;
	a2(a, q, r, ha2);
	if (q == DIGEST_QOP_NONE)
		hash_hex(a, old, COUNT(old), hex);
	else
		hash_hex(a, part, COUNT(part), hex);
	crypto_wipe(ha1, sizeof(ha1));
	return 0;
}

/* qop-options = qop-value *("," qop-value), unknown ones ignored; an empty
 * list is taken for none. */
static int choose_qop(struct slice list, bool integrity, enum digest_qop *out)
{
	bool auth = false, auth_int = false, any = false, more = true;
	struct slice one;

	while (more) {
		more = slice_cut(list, ',', &one, &list);
		one = slice_trim(one);
		any |= one.n > 0;
		auth |= slice_ieq(one, "auth");
		auth_int |= slice_ieq(one, "auth-int");
	}
	if (!any)
		*out = DIGEST_QOP_NONE;
	else if (auth_int && (integrity || !auth))
		*out = DIGEST_QOP_AUTH_INT;
	else if (auth)
		*out = DIGEST_QOP_AUTH;
	else
		return -ENOTSUP;
	return 0;
}

int digest_usable(const struct digest_challenge *c)
{
	enum digest_alg a;
	enum digest_qop q;
	int rc = digest_alg_parse(c->algorithm, &a);

	if (!c->realm.p || !c->nonce.p)
		return -EBADMSG;
	return rc ? rc : choose_qop(c->qop, false, &q);
}

bool digest_is_stale(const struct digest_challenge *c)
{
	return slice_ieq(c->stale, "true");
}

/* What the qop brings with it; -sess needs the cnonce without qop, too. */
static void put_counted(struct digest_answer *out, struct slice cnonce,
			uint32_t nc)
{
	static const char digit[] = "0123456789abcdef";

	if (out->qop != DIGEST_QOP_NONE || algs[out->alg].session)
		out->c.cnonce = cnonce;
	if (out->qop == DIGEST_QOP_NONE)
		return;
	for (unsigned i = 0; i < DIGEST_NC_HEX; i++)
		out->nc[i] = digit[nc >> 4 * (DIGEST_NC_HEX - 1 - i) & 15];
	out->c.nc = slice_of(out->nc, DIGEST_NC_HEX);
	out->c.qop = slice_str(qops[out->qop]);
}

int digest_answer(struct digest_answer *out, const struct digest_challenge *c,
		  const struct digest_user *u, const struct digest_request *r,
		  struct slice cnonce, uint32_t nc, bool integrity)
{
	enum digest_alg a;
	enum digest_qop q;
	int rc = digest_usable(c);

	if (rc || (rc = digest_alg_parse(c->algorithm, &a)) ||
	    (rc = choose_qop(c->qop, integrity, &q)))
		return rc;
	*out = (struct digest_answer){ .alg = a, .qop = q };
	out->c = (struct digest_credentials){
		.username = u->user, .realm = c->realm, .nonce = c->nonce,
		.uri = r->uri, .algorithm = c->algorithm, .opaque = c->opaque,
	};
	put_counted(out, cnonce, nc);
	rc = digest_response(a, q, &out->c, u, r, out->response);
	if (rc)
		return rc;
	out->c.response = slice_of(out->response, digest_hex_size(a));
	if (slice_ieq(c->userhash, "true")) {
		digest_userhash(a, u->user, c->realm, out->username);
		out->c.username = slice_of(out->username, digest_hex_size(a));
		out->c.userhash = S("true");
	}
	return 0;
}

enum { NONCE_HEAD = 16, NONCE_MAC = 16 };

static void nonce_mac(const uint8_t key[32], struct slice scope,
		      const uint8_t head[NONCE_HEAD], uint8_t mac[HASH_MAX])
{
	struct slice part[] = { slice_of(head, NONCE_HEAD), scope };

	hmac_of(HASH_SHA256, slice_of(key, 32), part, COUNT(part), mac);
}

void digest_nonce_make(const uint8_t key[32], struct slice scope,
		       int64_t wall_ns, uint64_t salt,
		       char out[DIGEST_NONCE_HEX])
{
	uint8_t raw[NONCE_HEAD], mac[HASH_MAX];
	struct writer w = writer_begin(raw, sizeof(raw));
	struct writer hex = writer_begin(out, DIGEST_NONCE_HEX);

	writer_be32(&w, (uint32_t)((uint64_t)wall_ns >> 32));
	writer_be32(&w, (uint32_t)wall_ns);
	writer_be32(&w, (uint32_t)(salt >> 32));
	writer_be32(&w, (uint32_t)salt);
	nonce_mac(key, scope, raw, mac);
	writer_hex(&hex, raw, NONCE_HEAD);
	writer_hex(&hex, mac, NONCE_MAC);
}

/* 2*n hex digits and no more; either case. */
static bool unhex(struct slice s, uint8_t *out, size_t n)
{
	if (s.n != 2 * n)
		return false;
	for (size_t i = 0; i < n; i++) {
		int high = hex_value(s.p[2 * i]);
		int low = hex_value(s.p[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		out[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

int digest_nonce_check(const uint8_t key[32], struct slice scope,
		       struct slice nonce, int64_t wall_ns,
		       int64_t lifetime_ns)
{
	uint8_t raw[NONCE_HEAD + NONCE_MAC], mac[HASH_MAX];
	int64_t made;

	if (!unhex(nonce, raw, sizeof(raw)))
		return -EBADMSG;
	nonce_mac(key, scope, raw, mac);
	if (!crypto_same(raw + NONCE_HEAD, mac, NONCE_MAC))
		return -EBADMSG;
	made = (int64_t)((uint64_t)read_be32(raw) << 32 | read_be32(raw + 4));
	if (made > wall_ns || wall_ns - made > lifetime_ns)
		return -ETIMEDOUT;
	return 0;
}

int digest_nc_parse(struct slice s, uint32_t *out)
{
	uint8_t raw[DIGEST_NC_HEX / 2];

	if (!unhex(s, raw, sizeof(raw)))
		return -EBADMSG;
	*out = read_be32(raw);
	return 0;
}

/* One qop-value; absent is RFC 2069's way. */
static int read_qop(const struct digest_credentials *c, enum digest_qop *q)
{
	uint32_t nc;

	*q = DIGEST_QOP_NONE;
	if (!c->qop.p)
		return 0;
	if (slice_ieq(c->qop, "auth"))
		*q = DIGEST_QOP_AUTH;
	else if (slice_ieq(c->qop, "auth-int"))
		*q = DIGEST_QOP_AUTH_INT;
	else
		return -ENOTSUP;
	return c->cnonce.p ? digest_nc_parse(c->nc, &nc) : -EBADMSG;
}

int digest_verify(const struct digest_credentials *c,
		  const struct digest_user *u, struct slice method,
		  struct slice body)
{
	struct digest_request r = { method, c->uri, body };
	uint8_t want[DIGEST_HEX / 2], got[DIGEST_HEX / 2];
	char hex[DIGEST_HEX];
	enum digest_alg a;
	enum digest_qop q;
	size_t n;
	int rc;

	rc = digest_alg_parse(c->algorithm, &a);
	if (rc || (rc = read_qop(c, &q)))
		return rc;
	n = digest_hex_size(a);
	if (!c->nonce.p || !c->uri.p || !c->realm.p ||
	    (algs[a].session && !c->cnonce.p) ||
	    !unhex(c->response, got, n / 2))
		return -EBADMSG;
	rc = digest_response(a, q, c, u, &r, hex);
	if (rc)
		return rc;
	if (!unhex(slice_of(hex, n), want, n / 2) ||
	    !crypto_same(want, got, n / 2))
		return -EACCES;
	return 0;
}

bool digest_nc_fresh(struct digest_nc *n, uint32_t nc)
{
	uint32_t by;

	if (nc == 0)
		return false;
	if (nc > n->highest) {
		by = nc - n->highest;
		n->seen = (by < 64 ? n->seen << by : 0) | 1;
		n->highest = nc;
		return true;
	}
	by = n->highest - nc;
	if (by >= 64 || n->seen >> by & 1)
		return false;
	n->seen |= (uint64_t)1 << by;
	return true;
}
