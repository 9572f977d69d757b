/* SPDX-License-Identifier: BSD-2-Clause */
#include "sip/msg/sip_uri.h"

#include "platform/addr.h"
#include "platform/limits.h"
#include "platform/scan.h"
#include "sip/msg/sip_escape.h"
#include "sip/msg/sip_tel.h"

enum {
	USER = SCAN_UNRESERVED | SCAN_USER_MARK,
	PASSWORD = SCAN_UNRESERVED | SCAN_PASSWORD_MARK,
	PARAM = SCAN_UNRESERVED | SCAN_PARAM_MARK,
	HEADER = SCAN_UNRESERVED | SCAN_HNV_MARK,
	URIC = SCAN_UNRESERVED | SCAN_URIC_MARK,
};

/* ------------------------------------------------------------ parsing */

/* userinfo = user [ ":" password ] "@"; it is there if an "@" is, since none
 * of what follows it can hold one. */
static int userinfo(struct scan *s, struct sip_uri *u)
{
	if (!memchr(s->p, '@', scan_left(s)))
		return 0;
	u->has_user = true;
	u->user = sip_escape_run(s, USER, NULL);
	if (u->user.n == 0)
		return scan_fail(s, "user wanted");
	if (scan_char(s, ':')) {
		u->has_password = true;
		u->password = sip_escape_run(s, PASSWORD, NULL);
	}
	return scan_char(s, '@') ? 0 : scan_fail(s, "'@' wanted");
}

/* hostport = host [ ":" port ], without white space */
static int hostport(struct scan *s, struct sip_uri *u)
{
	uint32_t port;

	if (!scan_host(s, &u->host))
		return scan_fail(s, "host wanted");
	if (scan_char(s, ':')) {
		if (!scan_u32(s, 65535, &port))
			return scan_fail(s, "port 0 to 65535 wanted");
		u->has_port = true;
		u->port = (uint16_t)port;
	}
	return 0;
}

/* name [ "=" value ] pairs, separated by c; of a URI's headers the "=" is
 * always there.  No name twice (19.1.1). */
static int pairs(struct scan *s, unsigned set, char c, struct slice *out)
{
	struct slice names[LIMIT_SIP_PARAMS];
	const char *start = s->p;
	unsigned n = 0;

	do {
		const char *at = s->p;
		struct slice name = sip_escape_run(s, set, NULL);

		if (name.n == 0)
			return scan_fail(s, "name wanted");
		for (unsigned i = 0; i < n; i++)
			if (sip_escape_same(names[i], name, false)) {
				s->p = at;
				return scan_fail(s, "name twice");
			}
		if (n == LIMIT_SIP_PARAMS)
			return scan_fail_code(s, -E2BIG, "too many names");
		names[n++] = name;
		if (scan_char(s, '=')) {
			if (sip_escape_run(s, set, NULL).n == 0 && c == ';')
				return scan_fail(s, "value wanted");
		} else if (c == '&') {
			return scan_fail(s, "'=' wanted");
		}
	} while (scan_char(s, c));
	*out = slice_of(start, (size_t)(s->p - start));
	return 0;
}

/* All behind "sip:" or "sips:". */
static int sip_parts(struct scan *s, struct sip_uri *u)
{
	int rc = userinfo(s, u);

	if (rc == 0)
		rc = hostport(s, u);
	if (rc == 0 && scan_char(s, ';'))
		rc = pairs(s, PARAM, ';', &u->params);
	if (rc == 0 && scan_char(s, '?'))
		rc = pairs(s, HEADER, '&', &u->headers);
	if (rc == 0 && !scan_end(s))
		rc = scan_fail(s, "end of URI wanted");
	return rc;
}

static enum sip_scheme scheme_of(struct slice name)
{
	if (slice_ieq(name, "sip"))
		return SIP_SCHEME_SIP;
	if (slice_ieq(name, "sips"))
		return SIP_SCHEME_SIPS;
	return slice_ieq(name, "tel") ? SIP_SCHEME_TEL : SIP_SCHEME_OTHER;
}

/* scheme = ALPHA *( ALPHA / DIGIT / "+" / "-" / "." ), with its ":" */
static int uri_scheme(struct scan *s, struct sip_uri *u)
{
	const char *p = s->p;

	if (scan_left(s) >= 4 && memcmp(p, "sip:", 4) == 0) {
		u->scheme = SIP_SCHEME_SIP;
		u->name = slice_of(p, 3);
		s->p += 4;
		return 0;
	}
	if (p == s->end || !is_alpha(*p))
		return scan_fail(s, "scheme wanted");
	while (p < s->end && (scan_is(*p, SCAN_ALNUM) || *p == '+' ||
			      *p == '-' || *p == '.'))
		p++;
	u->name = slice_of(s->p, (size_t)(p - s->p));
	u->scheme = scheme_of(u->name);
	s->p = p;
	return scan_char(s, ':') ? 0 : scan_fail(s, "':' wanted");
}

/* opaque-part or hier-part: of these the characters alone, with the brackets
 * that RFC 3986 allows in an authority. */
static int other_parts(struct scan *s)
{
	if (scan_end(s))
		return scan_fail(s, "URI wanted");
	do {
		(void)sip_escape_run(s, URIC, NULL);
	} while (scan_char(s, '[') || scan_char(s, ']'));
	return scan_end(s) ? 0 : scan_fail(s, "end of URI wanted");
}

/* By hand: a compiler clears a whole struct of this size in a slower way. */
static void uri_clear(struct sip_uri *u, struct slice text)
{
	const struct slice none = { 0 };

	u->scheme = SIP_SCHEME_OTHER;
	u->has_port = u->has_user = u->has_password = false;
	u->port = 0;
	u->user = u->password = u->host = none;
	u->params = u->headers = u->opaque = none;
	u->text = text;
}

int sip_uri_parse(struct slice in, struct sip_uri *out, struct parse_error *e)
{
	struct scan s = scan_begin(in, e);
	struct sip_uri u;
	struct sip_tel tel;
	int rc;

	uri_clear(&u, in);
	rc = uri_scheme(&s, &u);
	if (rc)
		return rc;
	if (u.scheme == SIP_SCHEME_SIP || u.scheme == SIP_SCHEME_SIPS) {
		rc = sip_parts(&s, &u);
	} else {
		u.opaque = slice_of(s.p, scan_left(&s));
		rc = u.scheme == SIP_SCHEME_TEL ? sip_tel_parse(in, &tel, e) :
						  other_parts(&s);
	}
	if (rc == 0)
		*out = u;
	return rc;
}

/* ---------------------------------------------------------- accessors */

/* Takes the first pair off *rest. */
static bool next_pair(struct slice *rest, char c, struct slice *name,
		      struct slice *value)
{
	struct slice one;

	if (rest->n == 0)
		return false;
	(void)slice_cut(*rest, c, &one, rest);
	(void)slice_cut(one, '=', name, value);
	return true;
}

static bool find_pair(struct slice rest, char c, struct slice want,
		      struct slice *value)
{
	struct slice name, v;

	while (next_pair(&rest, c, &name, &v))
		if (sip_escape_same(name, want, false)) {
			*value = v;
			return true;
		}
	return false;
}

bool sip_uri_param(const struct sip_uri *u, const char *name,
		   struct slice *value)
{
	struct slice v;

	return find_pair(u->params, ';', slice_str(name), value ? value : &v);
}

/* --------------------------------------------------------- comparison */

/* IPv6 addresses are the same in any of their written forms. */
static bool same_host(struct slice a, struct slice b)
{
	struct addr x, y;

	if (slice_isame(a, b))
		return true;
	return a.n && a.p[0] == '[' && addr_parse_ip(a, &x) == 0 &&
	       addr_parse_ip(b, &y) == 0 && addr_same_ip(&x, &y);
}

/* Parameters that make a difference even where only one URI has them. */
static bool counts_alone(struct slice name)
{
	static const struct slice names[] = {
		SLICE("user"), SLICE("ttl"), SLICE("method"), SLICE("maddr"),
		SLICE("transport"),
	};

	for (size_t i = 0; i < COUNT(names); i++)
		if (sip_escape_same(name, names[i], false))
			return true;
	return false;
}

/* Is each pair of a the same in b, or one that may be absent there? */
static bool agrees(struct slice a, struct slice b, char c)
{
	struct slice name, v, other;

	while (next_pair(&a, c, &name, &v))
		if (find_pair(b, c, name, &other) ?
			    !sip_escape_same(v, other, false) :
			    c == '&' || counts_alone(name))
			return false;
	return true;
}

static bool same_sip(const struct sip_uri *a, const struct sip_uri *b)
{
	return a->has_user == b->has_user &&
	       a->has_password == b->has_password &&
	       a->has_port == b->has_port && a->port == b->port &&
	       sip_escape_same(a->user, b->user, true) &&
	       sip_escape_same(a->password, b->password, true) &&
	       same_host(a->host, b->host) &&
	       agrees(a->params, b->params, ';') &&
	       agrees(b->params, a->params, ';') &&
	       agrees(a->headers, b->headers, '&') &&
	       agrees(b->headers, a->headers, '&');
}

bool sip_uri_same(const struct sip_uri *a, const struct sip_uri *b)
{
	struct sip_tel x, y;

	if (a->scheme != b->scheme)
		return false;
	switch (a->scheme) {
	case SIP_SCHEME_SIP:
	case SIP_SCHEME_SIPS:
		return same_sip(a, b);
	case SIP_SCHEME_TEL:
		return sip_tel_parse(a->text, &x, NULL) == 0 &&
		       sip_tel_parse(b->text, &y, NULL) == 0 &&
		       sip_tel_same(&x, &y);
	case SIP_SCHEME_OTHER:
		break;
	}
	return slice_isame(a->name, b->name) &&
	       slice_same(a->opaque, b->opaque);
}

/* ------------------------------------------------------------ writing */

static struct slice scheme_name(const struct sip_uri *u)
{
	static const struct slice names[] = {
		[SIP_SCHEME_SIP] = SLICE("sip"),
		[SIP_SCHEME_SIPS] = SLICE("sips"),
		[SIP_SCHEME_TEL] = SLICE("tel"),
	};

	return u->scheme == SIP_SCHEME_OTHER ? u->name : names[u->scheme];
}

void sip_uri_write(struct writer *w, const struct sip_uri *u)
{
	writer_put(w, scheme_name(u));
	writer_char(w, ':');
	if (u->scheme == SIP_SCHEME_OTHER || u->scheme == SIP_SCHEME_TEL) {
		writer_put(w, u->opaque);
		return;
	}
	if (u->has_user) {
		writer_put(w, u->user);
		if (u->has_password) {
			writer_char(w, ':');
			writer_put(w, u->password);
		}
		writer_char(w, '@');
	}
	writer_put(w, u->host);
	if (u->has_port) {
		writer_char(w, ':');
		writer_u64(w, u->port);
	}
	if (u->params.n) {
		writer_char(w, ';');
		writer_put(w, u->params);
	}
	if (u->headers.n) {
		writer_char(w, '?');
		writer_put(w, u->headers);
	}
}

int sip_unescape(struct slice in, char *dst, size_t cap)
{
	size_t n = 0;

	for (size_t i = 0; i < in.n; i++, n++) {
		char c = in.p[i];

		if (n == cap)
			return -ENOSPC;
		if (c == '%') {
			if (in.n - i < 3 || hex_value(in.p[i + 1]) < 0 ||
			    hex_value(in.p[i + 2]) < 0)
				return -EBADMSG;
			c = (char)(hex_value(in.p[i + 1]) << 4 |
				   hex_value(in.p[i + 2]));
			i += 2;
		}
		dst[n] = c;
	}
	return (int)n;
}

void sip_user_write(struct writer *w, struct slice s)
{
	static const char digit[] = "0123456789ABCDEF";

	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		char three[3] = { '%', digit[c >> 4], digit[c & 15] };

		if (scan_is(s.p[i], USER))
			writer_char(w, s.p[i]);
		else
			writer_put(w, slice_of(three, sizeof(three)));
	}
}
