/* SPDX-License-Identifier: BSD-2-Clause */
#include "sip/hdr/sip_auth.h"

/* How a parameter is read and written.  By the grammar each may also be an
 * auth-param, and so have either form; where peers use that, it is read. */
enum form {
	QUOTED, /* quoted-string */
	LIST,   /* read in either form, written quoted */
	WORD,   /* read in either form, written as a token where it can be */
	HEX,    /* LDQUOT *LHEX RDQUOT */
	NC      /* 8LHEX */
};

struct rule {
	const char *name;
	size_t at; /* its slice within the struct */
	enum form form;
};

#define AT(member) offsetof(struct sip_challenge, member)
static const struct rule challenge_rules[] = {
	{ "realm", AT(realm), QUOTED },   { "domain", AT(domain), QUOTED },
	{ "nonce", AT(nonce), QUOTED },   { "opaque", AT(opaque), QUOTED },
	{ "stale", AT(stale), WORD },     { "algorithm", AT(algorithm), WORD },
	{ "qop", AT(qop), LIST },         { "userhash", AT(userhash), WORD },
	{ "charset", AT(charset), WORD }, { NULL, 0, WORD },
};
#undef AT

#define AT(member) offsetof(struct sip_credentials, member)
static const struct rule credentials_rules[] = {
	{ "username", AT(username), QUOTED }, { "realm", AT(realm), QUOTED },
	{ "nonce", AT(nonce), QUOTED },       { "uri", AT(uri), QUOTED },
	{ "response", AT(response), HEX },
	{ "algorithm", AT(algorithm), WORD },
	{ "cnonce", AT(cnonce), QUOTED },     { "opaque", AT(opaque), QUOTED },
	{ "qop", AT(qop), WORD },             { "nc", AT(nc), NC },
	{ "userhash", AT(userhash), WORD },   { NULL, 0, WORD },
};
#undef AT

#define AT(member) offsetof(struct sip_auth_info, member)
static const struct rule info_rules[] = {
	{ "nextnonce", AT(nextnonce), QUOTED },
	{ "qop", AT(qop), WORD },
	{ "rspauth", AT(rspauth), HEX },
	{ "cnonce", AT(cnonce), QUOTED },
	{ "nc", AT(nc), NC },
	{ NULL, 0, WORD },
};
#undef AT

static const struct rule no_rules[] = { { NULL, 0, WORD } };

static const struct rule *auth_find(const struct rule *r, struct slice name)
{
	while (r->name && !slice_ieq(name, r->name))
		r++;
	return r->name ? r : NULL;
}

/* LHEX = DIGIT / %x61-66 */
static bool is_lhex(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!is_digit(s.p[i]) && (s.p[i] < 'a' || s.p[i] > 'f'))
			return false;
	return true;
}

/* Takes the quotes off where there may be any; NULL, or what was wanted. */
static const char *auth_take(enum form form, struct slice value,
			     struct slice *out)
{
	bool quoted = value.p[0] == '"';

	if (quoted)
		value = slice_of(value.p + 1, value.n - 2);
	if (!quoted && (form == QUOTED || form == HEX))
		return "quoted string wanted";
	if (form == HEX && !is_lhex(value))
		return "lower case hex digits wanted";
	if (form == NC && (quoted || value.n != 8 || !is_lhex(value)))
		return "8 lower case hex digits wanted";
	*out = value;
	return NULL;
}

/* auth-param *(COMMA auth-param), up to the end; base holds the slices that
 * the rules tell of. */
static int auth_params(struct scan *s, const struct rule *rules, void *base,
		       struct slice *text)
{
	const char *start = s->p;
	struct slice name, value;
	struct sip_names seen;

	seen.n = 0;
	do {
		const char *at = s->p, *wanted = NULL;
		const struct rule *r;
		int rc;

		if (!sip_pair_scan(s, &name, &value))
			return scan_fail(s, "name=value wanted");
		*text = slice_of(start, (size_t)(s->p - start));
		rc = sip_names_add(&seen, name);
		r = auth_find(rules, name);
		if (!rc && r)
			wanted = auth_take(r->form, value,
					   (void *)((char *)base + r->at));
		if (rc || wanted) {
			s->p = rc ? at : value.p;
			return scan_fail_code(s, rc ? rc : -EBADMSG,
				rc == -E2BIG ? "too many parameters" :
				rc ? "parameter twice" : wanted);
		}
	} while (scan_sep(s, ','));
	return scan_done(s) ? 0 : scan_fail(s, "comma or end wanted");
}

/* auth-scheme LWS; Digest has parameters that we know */
static int auth_scheme(struct scan *s, struct slice *out, bool *digest)
{
	if (!scan_token(s, out))
		return scan_fail(s, "auth-scheme wanted");
	if (!scan_lws(s))
		return scan_fail(s, "space wanted");
	*digest = slice_ieq(*out, "Digest");
	return 0;
}

/* challenge = ("Digest" LWS digest-cln *(COMMA digest-cln))
 *             / other-challenge */
int sip_challenge_parse(struct slice in, struct sip_challenge *out,
			struct parse_error *e)
{
	struct scan s = scan_begin(in, e);
	struct sip_challenge c = { 0 };
	int rc = auth_scheme(&s, &c.scheme, &c.digest);

	if (!rc)
		rc = auth_params(&s, c.digest ? challenge_rules : no_rules, &c,
				 &c.params);
	if (rc)
		return rc;
	*out = c;
	return 0;
}

/* credentials = ("Digest" LWS digest-response) / other-response */
int sip_credentials_parse(struct slice in, struct sip_credentials *out,
			  struct parse_error *e)
{
	struct scan s = scan_begin(in, e);
	struct sip_credentials c = { 0 };
	int rc = auth_scheme(&s, &c.scheme, &c.digest);

	if (!rc)
		rc = auth_params(&s, c.digest ? credentials_rules : no_rules,
				 &c, &c.params);
	if (rc)
		return rc;
	*out = c;
	return 0;
}

/* Authentication-Info = ainfo *(COMMA ainfo); RFC 7615 3 lets any auth-param
 * stand in it. */
int sip_auth_info_parse(struct slice in, struct sip_auth_info *out,
			struct parse_error *e)
{
	struct scan s = scan_begin(in, e);
	struct sip_auth_info a = { 0 };
	int rc = auth_params(&s, info_rules, &a, &a.params);

	if (rc)
		return rc;
	*out = a;
	return 0;
}

bool sip_auth_param_next(struct slice *rest, struct slice *name,
			 struct slice *value)
{
	struct scan s = scan_begin(*rest, NULL);

	(void)scan_sep(&s, ','); /* behind the one before */
	if (!sip_pair_scan(&s, name, value))
		return false;
	*rest = scan_rest(&s);
	return true;
}

static bool is_token(struct slice v)
{
	for (size_t i = 0; i < v.n; i++)
		if (!scan_is(v.p[i], SCAN_TOKEN))
			return false;
	return v.n != 0;
}

static void write_value(struct writer *w, enum form form, struct slice v)
{
	bool bare = form == NC || (form == WORD && is_token(v));

	if (!bare)
		writer_char(w, '"');
	writer_put(w, v);
	if (!bare)
		writer_char(w, '"');
}

/* The known parameters, then those of text that no rule knows. */
static void write_params(struct writer *w, const struct rule *rules,
			 const void *base, struct slice text)
{
	struct slice name, value;
	const char *sep = "";

	for (const struct rule *r = rules; r->name; r++) {
		value = *(const struct slice *)(const void *)
				((const char *)base + r->at);
		if (!value.p)
			continue;
		writer_str(w, sep);
		writer_str(w, r->name);
		writer_char(w, '=');
		write_value(w, r->form, value);
		sep = ", ";
	}
	while (sip_auth_param_next(&text, &name, &value)) {
		if (auth_find(rules, name))
			continue;
		writer_str(w, sep);
		writer_put(w, name);
		writer_char(w, '=');
		writer_put(w, value);
		sep = ", ";
	}
}

void sip_challenge_write(struct writer *w, const struct sip_challenge *c)
{
	writer_put(w, c->scheme);
	writer_char(w, ' ');
	write_params(w, c->digest ? challenge_rules : no_rules, c, c->params);
}

void sip_credentials_write(struct writer *w, const struct sip_credentials *c)
{
	writer_put(w, c->scheme);
	writer_char(w, ' ');
	write_params(w, c->digest ? credentials_rules : no_rules, c,
		     c->params);
}

void sip_auth_info_write(struct writer *w, const struct sip_auth_info *a)
{
	write_params(w, info_rules, a, a->params);
}

bool sip_challenge_is_stale(const struct sip_challenge *c)
{
	return slice_ieq(c->stale, "true"); /* RFC 7616 3.3 */
}

/* qop-options = qop-value *("," qop-value); RFC 7616 has white space */
bool sip_challenge_offers(const struct sip_challenge *c, const char *qop)
{
	struct slice rest = c->qop, one;
	bool more = true;

	while (more) {
		more = slice_cut(rest, ',', &one, &rest);
		if (slice_ieq(slice_trim(one), qop))
			return true;
	}
	return false;
}

int sip_auth_unescape(struct slice field, char *dst, size_t cap,
		      struct slice *out)
{
	size_t n = 0;

	if (slice_find(field, '\\') == field.n) {
		*out = field;
		return 0;
	}
	if (field.n > cap)
		return -ENOSPC;
	for (size_t i = 0; i < field.n; i++) {
		if (field.p[i] == '\\' && i + 1 < field.n)
			i++;
		dst[n++] = field.p[i];
	}
	*out = slice_of(dst, n);
	return 0;
}
