/* SPDX-License-Identifier: BSD-2-Clause */
#include "platform/tls/cert_check.h"

/* ------------------------------------------------------------ faults */
static const struct {
	const char *word, *text;
} codes[] = {
	[CERT_OK] = { "ok", "certificate is good" },
	[CERT_USAGE] = { "usage", "key is not for this use (keyUsage)" },
	[CERT_PURPOSE] = { "purpose", "certificate is not for this purpose "
			   "(extendedKeyUsage)" },
	[CERT_WEAK_KEY] = { "weak-key", "key is too weak" },
	[CERT_WEAK_HASH] = { "weak-hash",
			     "signed with a broken hash (SHA-1 or older)" },
	[CERT_NAME] = { "name", "name mismatch" },
	[CERT_NO_NAME] = { "no-name", "certificate is for no name" },
	[CERT_CONSTRAINED] = { "constrained", "outside the name constraints "
			       "of its issuer" },
	[CERT_CRL_OLD] = { "crl-old", "revocation list is out of date since" },
	[CERT_NOT_YET] = { "not-yet", "certificate is not valid before" },
	[CERT_EXPIRED] = { "expired", "certificate expired on" },
	[CERT_UNKNOWN_ISSUER] = { "unknown-issuer", "unknown issuer" },
	[CERT_SELF_SIGNED] = { "self-signed", "self-signed certificate" },
	[CERT_SIGNATURE] = { "signature", "certificate chain is broken" },
	[CERT_REVOKED] = { "revoked", "certificate is revoked" },
	[CERT_CRITICAL] = { "critical", "critical extension that is not "
			    "understood" },
	[CERT_MALFORMED] = { "malformed", "certificate is malformed" },
	[CERT_MISSING] = { "missing", "certificate wanted, none shown" },
};

const char *cert_code_word(enum cert_code code)
{
	return codes[code].word;
}

static bool is_leap(int64_t y)
{
	return (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
}

void cert_date_write(struct writer *w, int64_t seconds)
{
	static const uint8_t days[] = { 31, 28, 31, 30, 31, 30,
					31, 31, 30, 31, 30, 31 };
	/* Year 0 to 9999, which is all that a certificate can say. */
	int64_t left = seconds / 86400 + 719162, y = 1, m = 0, sec;

	sec = seconds % 86400;
	if (sec < 0) {
		sec += 86400;
		left--;
	}
	if (left > 0) { /* no year is skipped: 400 years are 146097 days */
		y += left / 146097 * 400;
		left %= 146097;
	}
	while (left >= 365 + is_leap(y))
		left -= 365 + is_leap(y++);
	while (m < 11 && left >= days[m] + (m == 1 && is_leap(y))) {
		left -= days[m] + (m == 1 && is_leap(y));
		m++;
	}
	writer_pad(w, (uint64_t)y, 4);
	writer_char(w, '-');
	writer_pad(w, (uint64_t)m + 1, 2);
	writer_char(w, '-');
	writer_pad(w, (uint64_t)left + 1, 2);
	writer_char(w, ' ');
	writer_pad(w, (uint64_t)sec / 3600, 2);
	writer_char(w, ':');
	writer_pad(w, (uint64_t)sec / 60 % 60, 2);
	writer_char(w, ':');
	writer_pad(w, (uint64_t)sec % 60, 2);
	writer_str(w, " UTC");
}

/* What a stranger named himself: ASCII that a terminal takes, and not long. */
static void tame(struct writer *w, struct slice s)
{
	enum { SHOWN = 64 };

	for (size_t i = 0; i < s.n && i < SHOWN; i++)
		writer_char(w, s.p[i] >= ' ' && s.p[i] <= '~' ? s.p[i] : '?');
	if (s.n > SHOWN)
		writer_str(w, "...");
}

static struct writer text_of(struct cert_fault *f)
{
	return writer_begin(f->text, sizeof(f->text) - 1);
}

static void text_end(struct cert_fault *f, struct writer *w)
{
	f->text[w->n] = '\0';
}

static bool weightier(struct cert_fault *f, enum cert_code code)
{
	if (code <= f->code)
		return false;
	f->code = code;
	return true;
}

void cert_blame(struct cert_fault *f, enum cert_code code, const struct cert *c,
		int64_t when)
{
	struct writer w;

	if (!weightier(f, code))
		return;
	w = text_of(f);
	writer_str(&w, codes[code].text);
	if (code == CERT_EXPIRED || code == CERT_NOT_YET ||
	    code == CERT_CRL_OLD) {
		writer_char(&w, ' ');
		cert_date_write(&w, when);
	}
	if (c && code == CERT_WEAK_KEY && c->bits) {
		writer_str(&w, ": ");
		writer_u64(&w, c->bits);
		writer_str(&w, " bit");
	}
	if (c && code == CERT_UNKNOWN_ISSUER) {
		writer_str(&w, ": ");
		tame(&w, cert_common_name(c->issuer, false));
	} else if (c) {
		writer_str(&w, " (");
		tame(&w, cert_common_name(c->subject, false));
		writer_char(&w, ')');
	}
	text_end(f, &w);
}

/* -------------------------------------------------------------- names */
static struct slice without_dot(struct slice s)
{
	return s.n && s.p[s.n - 1] == '.' ? slice_head(s, s.n - 1) : s;
}

static bool same_domain(struct slice a, struct slice b)
{
	a = without_dot(a);
	b = without_dot(b);
	return a.n && slice_isame(a, b);
}

/* RFC 6125 6.4.3: a whole left-most label may be "*", for one label; what is
 * below it has two labels at least, so that nobody is "*.com". */
static bool web_domain(struct slice have, struct slice want)
{
	struct slice label, rest, below;

	if (!slice_starts(have, "*."))
		return same_domain(have, want);
	below = slice_skip(have, 2);
	return slice_cut(want, '.', &label, &rest) && label.n &&
	       slice_find(without_dot(below), '.') < without_dot(below).n &&
	       same_domain(below, rest);
}

/* sip:hostport without a user, RFC 5922 7.1: its host. */
static bool sip_uri_host(struct slice uri, struct slice *host)
{
	size_t n = 4;

	if (!slice_istarts(uri, "sip:") || slice_find(uri, '@') < uri.n)
		return false;
	while (n < uri.n && !memchr(":;?/", uri.p[n], 4))
		n++;
	*host = slice_of(uri.p + 4, n - 4);
	return host->n != 0;
}

static bool has_ip(const struct cert *c, const struct addr *ip)
{
	struct slice names = c->alt_names, v;
	size_t n = ip->family == 4 ? 4 : 16;
	enum cert_general kind;

	while (cert_name_next(&names, &kind, &v))
		if (kind == CERT_IP && slice_same(v, slice_of(ip->ip, n)))
			return true;
	return false;
}

/* The n-th value of the kind; a URI by its SIP host. */
static bool nth(const struct cert *c, enum cert_general wanted, unsigned n,
		struct slice *out)
{
	struct slice names = c->alt_names, v;
	enum cert_general kind;

	while (cert_name_next(&names, &kind, &v)) {
		if (kind != wanted ||
		    (kind == CERT_URI && !sip_uri_host(v, &v)))
			continue;
		*out = v;
		if (n-- == 0)
			return true;
	}
	return false;
}

bool cert_sip_identity(const struct cert *c, unsigned n, struct slice *out)
{
	struct slice any;

	if (nth(c, CERT_URI, 0, &any))
		return nth(c, CERT_URI, n, out);
	if (nth(c, CERT_DNS, n, out))
		return true;
	/* 7.1, 2: the common name if there is no subjectAltName at all */
	*out = c->alt_names.p ? c->alt_names :
				cert_common_name(c->subject, true);
	return !c->alt_names.p && n == 0 && out->n;
}

static bool has_host_names(const struct cert *c)
{
	struct slice names = c->alt_names, v;
	enum cert_general kind;

	while (cert_name_next(&names, &kind, &v))
		if (kind == CERT_DNS || kind == CERT_URI || kind == CERT_IP)
			return true;
	return false;
}

/* RFC 6125 6.4.4: the common name if no DNS, URI or (RFC 2818) iPAddress is
 * there. */
static bool web_identity(const struct cert *c, unsigned n, struct slice *out)
{
	if (nth(c, CERT_DNS, n, out))
		return true;
	if (has_host_names(c))
		return false;
	*out = cert_common_name(c->subject, true);
	return n == 0 && out->n;
}

static bool identity(const struct cert *c, enum cert_rules rules, unsigned n,
		     struct slice *out)
{
	return rules == CERT_NAME_SIP ? cert_sip_identity(c, n, out) :
					web_identity(c, n, out);
}

bool cert_has_name(const struct cert *c, enum cert_rules rules,
		   struct slice name)
{
	struct slice have;
	struct addr ip;

	if (addr_parse_ip(name, &ip) == 0)
		return has_ip(c, &ip);
	for (unsigned n = 0; identity(c, rules, n, &have); n++)
		if (rules == CERT_NAME_SIP ? same_domain(have, name) :
					     web_domain(have, name))
			return true;
	return false;
}

static void judge_name(const struct cert *c, const struct cert_want *want,
		       struct cert_fault *f)
{
	enum { SHOWN = 3 };
	struct slice have;
	struct writer w;
	struct addr ip;
	unsigned n = 0;

	if (want->rules == CERT_NAME_NONE ||
	    cert_has_name(c, want->rules, want->name) ||
	    f->code >= CERT_NO_NAME)
		return;
	w = text_of(f);
	writer_str(&w, "name mismatch: wanted ");
	tame(&w, want->name);
	for (; n < SHOWN && identity(c, want->rules, n, &have); n++) {
		writer_str(&w, n ? ", " : ", got ");
		tame(&w, have);
	}
	if (n == 0)
		writer_str(&w, addr_parse_ip(want->name, &ip) == 0 ?
				       ", got no iPAddress" : ", got none");
	if (n == SHOWN && identity(c, want->rules, n, &have))
		writer_str(&w, ", ...");
	f->code = n ? CERT_NAME : CERT_NO_NAME;
	text_end(f, &w);
}

/* --------------------------------------------------- name constraints */
/* Is name below or at base?  RFC 5280 4.2.1.10; ".base": below only. */
static bool dns_within(struct slice name, struct slice base)
{
	bool below = base.n && base.p[0] == '.';
	struct slice tail;

	name = without_dot(name);
	base = without_dot(below ? slice_skip(base, 1) : base);
	if (base.n == 0)
		return true;
	if (name.n < base.n)
		return false;
	tail = slice_skip(name, name.n - base.n);
	if (!slice_isame(tail, base))
		return false;
	return name.n == base.n ? !below :
				  name.p[name.n - base.n - 1] == '.';
}

/* A URI's host, of any scheme; empty when there is none. */
static struct slice uri_host(struct slice uri)
{
	size_t at = slice_find(uri, ':') + 1, end;
	struct slice s = slice_skip(uri, at);

	if (slice_starts(s, "//"))
		s = slice_skip(s, 2);
	for (end = 0; end < s.n && !memchr("/?#;", s.p[end], 4); end++)
		;
	s = slice_head(s, end);
	at = slice_find(s, '@');
	s = at < s.n ? slice_skip(s, at + 1) : s;
	return slice_starts(s, "[") ? s : slice_head(s, slice_find(s, ':'));
}

/* A host is that host alone, ".domain" all that are below it. */
static bool uri_within(struct slice uri, struct slice base)
{
	struct slice host = uri_host(uri);

	return slice_starts(base, ".") ? dns_within(host, base) :
					 same_domain(host, base);
}

static bool ip_within(struct slice ip, struct slice base)
{
	if (base.n != 2 * ip.n)
		return false;
	for (size_t i = 0; i < ip.n; i++)
		if ((ip.p[i] ^ base.p[i]) & base.p[ip.n + i])
			return false;
	return true;
}

/* Names under one name: the first relative names are the same octets.  Values
 * that only mean the same are no match. */
static bool directory_within(struct slice name, struct slice base)
{
	struct slice have, want;

	return der_take(&name, DER_SEQUENCE, &have) &&
	       der_take(&base, DER_SEQUENCE, &want) && have.n >= want.n &&
	       slice_same(slice_head(have, want.n), want);
}

enum verdict { INSIDE, OUTSIDE, UNJUDGED };

static enum verdict compare(enum cert_general kind, struct slice name,
			    struct slice base)
{
	switch (kind) {
	case CERT_DNS:
		return dns_within(name, base) ? INSIDE : OUTSIDE;
	case CERT_URI:
		return uri_within(name, base) ? INSIDE : OUTSIDE;
	case CERT_IP:
		return ip_within(name, base) ? INSIDE : OUTSIDE;
	case CERT_DIRECTORY:
		return directory_within(name, base) ? INSIDE : OUTSIDE;
	case CERT_OTHER_NAME:
	case CERT_EMAIL:
	case CERT_X400:
	case CERT_EDI:
	case CERT_OID:
		break;
	}
	return UNJUDGED;
}

/* A URI whose host is an address, or that has none, is outside of any
 * constraint on URIs (4.2.1.10). */
static bool has_host(enum cert_general kind, struct slice name)
{
	struct slice host = kind == CERT_URI ? uri_host(name) : name;
	struct addr ip;

	return kind != CERT_URI || (host.n && addr_parse_ip(host, &ip) != 0 &&
				    !slice_starts(host, "["));
}

/* Does "*.domain" cover a host that is excluded? */
static bool wildcard_reaches(enum cert_general kind, struct slice name,
			     struct slice base)
{
	base = slice_starts(base, ".") ? slice_skip(base, 1) : base;
	return kind == CERT_DNS && slice_starts(name, "*.") &&
	       dns_within(base, slice_skip(name, 2));
}

/* What cannot be judged is refused: names of kinds that are constrained and
 * not compared here, and directory names where some are excluded, for two of
 * them may differ in their octets and mean the same. */
static bool name_allowed(const struct cert *ca, enum cert_general kind,
			 struct slice name)
{
	struct slice trees = ca->permitted, base;
	bool listed = false, within = false;
	enum cert_general of;

	while (cert_subtree_next(&trees, &of, &base)) {
		if (of != kind)
			continue;
		listed = true;
		within |= compare(kind, name, base) == INSIDE;
	}
	if (listed && (!within || !has_host(kind, name)))
		return false;
	trees = ca->excluded;
	while (cert_subtree_next(&trees, &of, &base))
		if (of == kind && (kind == CERT_DIRECTORY ||
				   !has_host(kind, name) ||
				   wildcard_reaches(kind, name, base) ||
				   compare(kind, name, base) != OUTSIDE))
			return false;
	return true;
}

static bool allowed(const struct cert *ca, const struct cert *c, bool leaf)
{
	struct slice names = c->alt_names, v = { NULL, 0 };
	enum cert_general kind;

	while (cert_name_next(&names, &kind, &v))
		if (!name_allowed(ca, kind, v))
			return false;
	/* The subject is a name, too, unless it is empty (30 00); and its
	 * common name a domain where it would be taken for one. */
	if (c->subject.n > 2 && !name_allowed(ca, CERT_DIRECTORY, c->subject))
		return false;
	v = cert_common_name(c->subject, true);
	return !leaf || has_host_names(c) || !v.n ||
	       name_allowed(ca, CERT_DNS, v);
}

/* RFC 5280 6.1.3 (b), (c): self-issued ones between are not bound. */
static void judge_constraints(const struct cert *chain, size_t n,
			      struct cert_fault *f)
{
	for (size_t i = 1; i < n; i++)
		for (size_t k = 0; chain[i].constrained && k < i; k++)
			if ((k == 0 || !cert_is_self_issued(&chain[k])) &&
			    !allowed(&chain[i], &chain[k], k == 0))
				cert_blame(f, CERT_CONSTRAINED, &chain[k], 0);
}

/* ------------------------------------------------------------- the rest */
/* RFC 9325 4.5: at least 112 bits of security. */
static bool is_weak(const struct cert *c)
{
	switch (c->key) {
	case CERT_KEY_RSA:
		return c->bits < 2048;
	case CERT_KEY_EC:
		return c->bits < 224;
	case CERT_KEY_OTHER:
		break;
	}
	return true;
}

/* A root is known by itself: how it is signed, and for which uses, is not
 * asked (RFC 5280 6.1.1 (d)). */
static void judge_one(const struct cert *c, bool trusted, bool leaf,
		      const struct cert_want *w, struct cert_fault *f)
{
	if (c->unknown.p)
		cert_blame(f, CERT_CRITICAL, c, 0);
	if (w->now > c->until)
		cert_blame(f, CERT_EXPIRED, leaf ? NULL : c, c->until);
	if (w->now < c->from)
		cert_blame(f, CERT_NOT_YET, leaf ? NULL : c, c->from);
	if (is_weak(c))
		cert_blame(f, CERT_WEAK_KEY, c, 0);
	if (trusted && !leaf)
		return;
	if (c->hash != CERT_HASH_SHA2 && !trusted)
		cert_blame(f, CERT_WEAK_HASH, c, 0);
	if (!(c->purposes & (w->purposes | CERT_ANY | CERT_NO_EKU)))
		cert_blame(f, CERT_PURPOSE, c, 0);
}

void cert_judge(const struct cert *chain, size_t n, const struct cert_want *w,
		struct cert_fault *f)
{
	for (size_t i = 0; i < n; i++)
		judge_one(&chain[i], i + 1 == n, i == 0, w, f);
	judge_constraints(chain, n, f);
	if (n)
		judge_name(&chain[0], w, f);
}
