/* SPDX-License-Identifier: BSD-2-Clause */
#include "sip/usage/sip_digest.h"

enum { CNONCE = 32 };

struct sip_digest_realm {
	struct sip_digest_realm *next;
	bool proxy;      /* Proxy-Authorization, else Authorization */
	bool proven;     /* an answer with this nonce was not refused */
	bool accepted;   /* and a 2xx came, with this or an earlier one */
	uint8_t refused; /* answers in a row that were not */
	unsigned round;  /* of sip_digest_on_challenge that took it last */
	uint32_t nc;     /* used with this nonce */
	char cnonce[CNONCE]; /* of -sess: the first with this nonce */
	size_t cnonce_n;
	struct digest_challenge c; /* slices of text */
	char text[];
};

/* ------------------------------------------------------------- escapes */
static bool must_escape(char c)
{
	return c == '"' || c == '\\' || scan_is(c, SCAN_CTL);
}

struct slice sip_digest_escape(struct slice text, struct writer *room)
{
	size_t start = room->n;
	bool any = false;

	for (size_t i = 0; i < text.n; i++)
		any |= must_escape(text.p[i]);
	if (!any)
		return text;
	for (size_t i = 0; i < text.n; i++) {
		if (must_escape(text.p[i]))
			writer_char(room, '\\');
		writer_char(room, text.p[i]);
	}
	return slice_skip(writer_done(room), start);
}

/* quoted-pair excludes CR and LF (25.1); nobody's nonce has a NUL. */
static bool has_controls(struct slice s)
{
	return slice_find(s, '\r') < s.n || slice_find(s, '\n') < s.n ||
	       slice_find(s, '\0') < s.n;
}

static int unescape(struct slice field, struct writer *room, struct slice *out)
{
	int rc = sip_auth_unescape(field, room->buf + room->n,
				   room->cap - room->n, out);

	if (rc)
		return -E2BIG;
	if (out->p != field.p)
		room->n += out->n;
	return has_controls(*out) ? -EBADMSG : 0;
}

int sip_digest_read(const struct sip_credentials *c, struct writer *room,
		    struct digest_credentials *out)
{
	struct digest_credentials d = { .response = c->response, .nc = c->nc };
	const struct {
		struct slice from, *to;
	} field[] = {
		{ c->username, &d.username },   { c->realm, &d.realm },
		{ c->nonce, &d.nonce },         { c->uri, &d.uri },
		{ c->algorithm, &d.algorithm }, { c->cnonce, &d.cnonce },
		{ c->opaque, &d.opaque },       { c->qop, &d.qop },
		{ c->userhash, &d.userhash },
	};

	for (size_t i = 0; i < COUNT(field); i++) {
		int rc = unescape(field[i].from, room, field[i].to);

		if (rc)
			return rc;
	}
	*out = d;
	return 0;
}

static int read_challenge(const struct sip_challenge *c, struct writer *room,
			  struct digest_challenge *out)
{
	struct digest_challenge d = { 0 };
	const struct {
		struct slice from, *to;
	} field[] = {
		{ c->realm, &d.realm },         { c->nonce, &d.nonce },
		{ c->opaque, &d.opaque },       { c->qop, &d.qop },
		{ c->algorithm, &d.algorithm }, { c->stale, &d.stale },
		{ c->userhash, &d.userhash },
	};

	for (size_t i = 0; i < COUNT(field); i++) {
		int rc = unescape(field[i].from, room, field[i].to);

		if (rc)
			return rc;
	}
	*out = d;
	return 0;
}

/* -------------------------------------------------------------- realms */
struct slice sip_digest_accepted(const struct sip_digest *d, unsigned i)
{
	const struct sip_digest_realm *r = d->first;

	while (r && !(r->accepted && i-- == 0))
		r = r->next;
	return r ? r->c.realm : (struct slice){ 0 };
}

void sip_digest_init(struct sip_digest *d, struct mem *mem)
{
	*d = (struct sip_digest){ .mem = mem };
}

static void digest_forget(struct sip_digest *d, struct sip_digest_realm *r)
{
	struct sip_digest_realm **at = &d->first;

	while (*at != r)
		at = &(*at)->next;
	*at = r->next;
	d->n--;
	mem_free(d->mem, r);
}

void sip_digest_fini(struct sip_digest *d)
{
	while (d->first)
		digest_forget(d, d->first);
	d->in_a_row = 0;
}

static struct sip_digest_realm *digest_find(const struct sip_digest *d,
					    bool proxy, struct slice realm)
{
	struct sip_digest_realm *r = d->first;

	while (r && (r->proxy != proxy || !slice_same(r->c.realm, realm)))
		r = r->next;
	return r;
}

/* A copy of c with its text; NULL: no memory. */
static struct sip_digest_realm *copy(struct mem *mem,
				     const struct digest_challenge *c)
{
	struct digest_challenge k = *c;
	struct slice *part[] = { &k.realm, &k.nonce, &k.opaque, &k.qop,
				 &k.algorithm, &k.stale, &k.userhash };
	struct sip_digest_realm *r;
	size_t n = 0;

	for (size_t i = 0; i < COUNT(part); i++)
		n += part[i]->n;
	r = mem_new(mem, sizeof(*r) + n);
	if (!r)
		return NULL;
	n = 0;
	for (size_t i = 0; i < COUNT(part); i++) {
		if (!part[i]->p)
			continue;
		if (part[i]->n)
			memcpy(r->text + n, part[i]->p, part[i]->n);
		part[i]->p = r->text + n;
		n += part[i]->n;
	}
	r->c = k;
	return r;
}

/* Remembers c in place of old (which may be NULL). */
static int remember(struct sip_digest *d, struct sip_digest_realm *old,
		    bool proxy, const struct digest_challenge *c)
{
	struct sip_digest_realm *r = copy(d->mem, c), *last;

	if (!r)
		return -ENOMEM;
	r->proxy = proxy;
	r->refused = old ? old->refused : 0;
	r->accepted = old && old->accepted;
	r->round = d->round;
	if (old)
		digest_forget(d, old);
	if (d->n == SIP_DIGEST_REALMS) {
		for (last = d->first; last && last->next; last = last->next)
			continue;
		if (last)
			digest_forget(d, last);
	}
	r->next = d->first;
	d->first = r;
	d->n++;
	return 0;
}

/* The secret of that very realm, or else one for any; NULL: none. */
static const struct sip_secret *secret_of(const struct sip_secret *secret,
					  size_t n, struct slice realm)
{
	const struct sip_secret *any = NULL;

	for (size_t i = 0; i < n; i++) {
		if (slice_same(secret[i].realm, realm))
			return &secret[i];
		if (!secret[i].realm.n && !any)
			any = &secret[i];
	}
	return any;
}

/* -------------------------------------------------------------- choice */
static const struct sip_digest_choice everything = {
	.order = { DIGEST_SHA512_256, DIGEST_SHA256, DIGEST_MD5 },
	.n = SIP_DIGEST_ALGORITHMS,
};

int sip_digest_choice_parse(struct slice list, struct sip_digest_choice *out)
{
	struct sip_digest_choice p = { 0 };
	struct slice one;
	bool more = true;

	while (more) {
		enum digest_alg a;

		more = slice_cut(list, ',', &one, &list);
		one = slice_trim(one);
		if (!one.n || digest_alg_parse(one, &a) ||
		    digest_alg_base(a) != a)
			return -EBADMSG;
		for (unsigned i = 0; i < p.n; i++)
			if (p.order[i] == a)
				return -EBADMSG;
		p.order[p.n++] = a; /* three, each once: there is room */
	}
	*out = p;
	return 0;
}

/* The place of that algorithm in the secret's choice, from 0;
 * SIP_DIGEST_ALGORITHMS: the secret does not serve for it. */
static unsigned rank(const struct sip_secret *k, struct slice algorithm)
{
	const struct sip_digest_choice *p =
		k->choice && k->choice->n ? k->choice : &everything;
	enum digest_alg a;

	if (digest_alg_parse(algorithm, &a) == 0 &&
	    (!k->ha1.n || digest_alg_base(a) == k->ha1_alg))
		for (unsigned i = 0; i < p->n; i++)
			if (p->order[i] == digest_alg_base(a))
				return i;
	return SIP_DIGEST_ALGORITHMS;
}

/* ---------------------------------------------------------- challenges */

/* The credentials that a request had for the realm; false: none.  room holds
 * what they say. */
static bool had(const struct sip_msg *request, bool proxy, struct slice realm,
		char buf[SIP_DIGEST_TEXT], struct digest_credentials *out)
{
	struct sip_values v = sip_values_begin(request,
		proxy ? SIP_HDR_PROXY_AUTHORIZATION : SIP_HDR_AUTHORIZATION);
	struct sip_credentials c;
	struct slice value;

	while (sip_values_next(&v, &value)) {
		struct writer room = writer_begin(buf, SIP_DIGEST_TEXT);

		if (sip_credentials_parse(value, &c, NULL) == 0 && c.digest &&
		    sip_digest_read(&c, &room, out) == 0 &&
		    slice_same(out->realm, realm))
			return true;
	}
	return false;
}

/* Is it in vain to answer c, as the request has shown?  Counts on r (NULL:
 * nothing is remembered of that realm). */
static bool in_vain(struct sip_digest_realm *r, const struct sip_msg *request,
		    bool proxy, const struct digest_challenge *c)
{
	char buf[SIP_DIGEST_TEXT];
	struct digest_credentials sent;

	if (!had(request, proxy, c->realm, buf, &sent))
		return false;
	if (slice_same(sent.nonce, c->nonce))
		return true;
	if (!r) /* sent by somebody else: the only try that there was */
		return !digest_is_stale(c);
	if (++r->refused >= SIP_DIGEST_TRIES)
		return true;
	/* Not all servers say stale when a nonce has had its time: one that
	 * was good before may have.  And a newer one, which came with the
	 * answer to another request, has not been tried yet. */
	return !digest_is_stale(c) && !r->proven &&
	       slice_same(sent.nonce, r->c.nonce);
}

/* One challenge, if its algorithm has that place in the choice: 1 taken; 0 not
 * its turn, or another of this realm was; or as sip_digest_on_challenge. */
static int on_field(struct sip_digest *d, bool proxy, struct slice value,
		    const struct sip_msg *request, unsigned turn,
		    const struct sip_secret *secret, size_t n)
{
	char buf[SIP_DIGEST_TEXT];
	struct writer room = writer_begin(buf, sizeof(buf));
	const struct sip_secret *k;
	struct sip_digest_realm *r;
	struct sip_challenge c;
	struct digest_challenge dc;
	int rc;

	if (value.n > SIP_DIGEST_TEXT ||
	    sip_challenge_parse(value, &c, NULL) || !c.digest ||
	    read_challenge(&c, &room, &dc) || digest_usable(&dc))
		return -ENOTSUP;
	k = secret_of(secret, n, dc.realm);
	if (!k || rank(k, dc.algorithm) == SIP_DIGEST_ALGORITHMS)
		return -ENOKEY;
	if (rank(k, dc.algorithm) != turn)
		return 0;
	if (!dc.qop.p && k->choice && k->choice->require_qop)
		return -EPERM;
	r = digest_find(d, proxy, dc.realm);
	if (r && r->round == d->round)
		return 0;
	if (in_vain(r, request, proxy, &dc)) {
		if (r)
			digest_forget(d, r);
		return -EACCES;
	}
	rc = remember(d, r, proxy, &dc);
	if (rc)
		return rc;
	d->no_qop |= !dc.qop.p;
	return 1;
}

/* Refused comes before without qop, no secret, and not understood. */
static int worse(int a, int b)
{
	static const int order[] = { -ENOMEM, -EACCES, -EPERM, -ENOKEY };

	for (size_t i = 0; i < COUNT(order); i++)
		if (a == order[i] || b == order[i])
			return order[i];
	return -ENOTSUP;
}

/* The fields of one kind: how many were taken. */
static int on_fields(struct sip_digest *d, bool proxy,
		     const struct sip_msg *request,
		     const struct sip_msg *response, unsigned turn,
		     const struct sip_secret *secret, size_t n, int *fault)
{
	struct sip_values v = sip_values_begin(response, proxy ?
					       SIP_HDR_PROXY_AUTHENTICATE :
					       SIP_HDR_WWW_AUTHENTICATE);
	struct slice value;
	int taken = 0;

	while (sip_values_next(&v, &value)) {
		int rc = on_field(d, proxy, value, request, turn, secret, n);

		if (rc >= 0)
			taken += rc;
		else
			*fault = worse(*fault, rc);
	}
	return taken;
}

int sip_digest_on_challenge(struct sip_digest *d,
			    const struct sip_msg *request,
			    const struct sip_msg *response,
			    const struct sip_secret *secret, size_t n)
{
	int taken = 0, fault = -ENOTSUP;

	d->round++;
	for (unsigned turn = 0; turn < SIP_DIGEST_ALGORITHMS; turn++) {
		taken += on_fields(d, false, request, response, turn, secret, n,
				   &fault);
		taken += on_fields(d, true, request, response, turn, secret, n,
				   &fault);
	}
	if (!taken)
		return fault;
	if (++d->in_a_row > SIP_DIGEST_ROUNDS) {
		sip_digest_fini(d);
		return -EACCES;
	}
	return taken;
}

/* ------------------------------------------------------------- answers */

/* RFC 7616 3.4.2: A1 of a session has the first cnonce in it.  Servers make A1
 * once, or anew from what each request says: the same is right for both. */
static struct slice session_cnonce(struct sip_digest_realm *r,
				   struct slice fresh)
{
	enum digest_alg a;

	if (digest_alg_parse(r->c.algorithm, &a) || digest_alg_base(a) == a)
		return fresh;
	if (!r->nc) {
		fresh = slice_head(fresh, sizeof(r->cnonce));
		memcpy(r->cnonce, fresh.p, fresh.n);
		r->cnonce_n = fresh.n;
	}
	return slice_of(r->cnonce, r->cnonce_n);
}

/* Credentials for one realm into room, and their value into *out. */
static int answer(struct sip_digest_realm *r, const struct sip_secret *k,
		  const struct sip_msg *m, struct slice cnonce,
		  bool integrity, struct writer *room, struct slice *out)
{
	struct digest_user u = { k->user, k->password, k->ha1 };
	struct digest_request q = { m->method_name, m->uri, m->body };
	struct digest_answer a;
	struct sip_credentials c = { .scheme = S("Digest"), .digest = true };
	size_t start;
	int rc;

	if (has_controls(k->user))
		return -EINVAL;
	rc = digest_answer(&a, &r->c, &u, &q, session_cnonce(r, cnonce),
			   r->nc + 1, integrity);
	if (rc)
		return rc;
	c.username = sip_digest_escape(a.c.username, room);
	c.realm = sip_digest_escape(a.c.realm, room);
	c.nonce = sip_digest_escape(a.c.nonce, room);
	c.opaque = sip_digest_escape(a.c.opaque, room);
	c.uri = sip_digest_escape(a.c.uri, room);
	c.response = a.c.response;
	c.algorithm = a.c.algorithm;
	c.cnonce = a.c.cnonce;
	c.qop = a.c.qop;
	c.nc = a.c.nc;
	c.userhash = a.c.userhash;
	start = room->n;
	sip_credentials_write(room, &c);
	if (writer_end(room) < 0)
		return -ENOSPC;
	*out = slice_skip(writer_done(room), start);
	r->nc++;
	return 0;
}

int sip_digest_authorize(struct sip_digest *d, struct sip_msg *request,
			 const struct sip_secret *secret, size_t n,
			 struct slice cnonce, bool integrity,
			 struct writer *room)
{
	int count = 0, rc = 0;

	sip_msg_remove(request, SIP_HDR_AUTHORIZATION);
	sip_msg_remove(request, SIP_HDR_PROXY_AUTHORIZATION);
	for (struct sip_digest_realm *r = d->first; r && !rc; r = r->next) {
		const struct sip_secret *k = secret_of(secret, n, r->c.realm);
		struct slice value = { 0 };

		if (!k || rank(k, r->c.algorithm) == SIP_DIGEST_ALGORITHMS)
			continue;
		rc = answer(r, k, request, cnonce, integrity, room, &value);
		if (!rc)
			rc = sip_msg_add(request, r->proxy ?
					 SIP_HDR_PROXY_AUTHORIZATION :
					 SIP_HDR_AUTHORIZATION, value);
		count++;
	}
	if (!rc)
		return count;
	sip_msg_remove(request, SIP_HDR_AUTHORIZATION);
	sip_msg_remove(request, SIP_HDR_PROXY_AUTHORIZATION);
	return rc;
}

/* rspauth (RFC 7616 3.5): as the response of the request, without a method
 * and over the body of the answer. */
static bool rspauth_fits(const struct sip_auth_info *info,
			 const struct digest_credentials *sent,
			 const struct sip_msg *response,
			 const struct sip_secret *k)
{
	struct digest_user u = { k->user, k->password, k->ha1 };
	struct digest_request q = { S(""), sent->uri, response->body };
	enum digest_qop qop = slice_ieq(sent->qop, "auth-int") ?
			      DIGEST_QOP_AUTH_INT : DIGEST_QOP_AUTH;
	enum digest_alg a;
	char hex[DIGEST_HEX];

	if (!sent->qop.p) /* RFC 2069 has no rspauth: nothing to compare */
		return true;
	if (digest_alg_parse(sent->algorithm, &a) ||
	    digest_response(a, qop, sent, &u, &q, hex))
		return false;
	return info->rspauth.n == digest_hex_size(a) &&
	       crypto_same(info->rspauth.p, hex, info->rspauth.n);
}

/* The nonce of the next request; -ENOMEM. */
static int next_nonce(struct sip_digest *d, struct sip_digest_realm *r,
		      const struct sip_auth_info *info)
{
	char buf[SIP_DIGEST_TEXT];
	struct writer room = writer_begin(buf, sizeof(buf));
	struct digest_challenge c = r->c;
	int rc;

	if (!info->nextnonce.n ||
	    unescape(info->nextnonce, &room, &c.nonce) ||
	    c.nonce.n > SIP_DIGEST_TEXT || slice_same(c.nonce, r->c.nonce))
		return 0;
	rc = remember(d, r, r->proxy, &c);
	if (!rc)
		d->first->proven = true;
	return rc;
}

int sip_digest_on_answer(struct sip_digest *d, const struct sip_msg *request,
			 const struct sip_msg *response,
			 const struct sip_secret *secret, size_t n)
{
	char buf[SIP_DIGEST_TEXT];
	struct sip_digest_realm *r, *next, *user = NULL;
	struct digest_credentials sent, to_user = { 0 };
	const struct sip_secret *k;
	struct sip_auth_info info;

	d->in_a_row = 0;
	for (r = d->first; r; r = next) {
		next = r->next;
		if (!had(request, r->proxy, r->c.realm, buf, &sent) ||
		    !slice_same(sent.nonce, r->c.nonce))
			continue;
		r->proven = true;
		r->accepted = response->status < 300 ||
			      (r->accepted && response->status != 403);
		r->refused = 0;
		if (!r->proxy)
			user = r;
	}
	/* The one who answers is not a proxy (20.6). */
	if (!user || !sip_msg_has(response, SIP_HDR_AUTHENTICATION_INFO) ||
	    sip_auth_info_parse(sip_msg_get(response,
					    SIP_HDR_AUTHENTICATION_INFO),
				&info, NULL))
		return 0;
	(void)had(request, false, user->c.realm, buf, &to_user);
	k = secret_of(secret, n, user->c.realm);
	if (info.rspauth.p &&
	    (!k || !rspauth_fits(&info, &to_user, response, k)))
		return -EACCES;
	return next_nonce(d, user, &info);
}
