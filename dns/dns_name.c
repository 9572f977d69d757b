/* SPDX-License-Identifier: BSD-2-Clause */
#include "dns/dns_name.h"

enum {
	POINTER = 0xC0,
	JUMPS = DNS_NAME_MAX / 2 /* as many as a name can have labels */
};

static int dns_name_fail(struct parse_error *e, size_t at, int code,
			 const char *why)
{
	if (e)
		*e = (struct parse_error){ at, why };
	return code;
}

/* ------------------------------------------------------------------- text */
/* \DDD or \X, RFC 1035 5.1; *i stands behind the backslash. */
static bool escaped(struct slice in, size_t *i, uint8_t *out)
{
	unsigned v = 0;

	if (*i >= in.n)
		return false;
	if (!is_digit(in.p[*i])) {
		*out = (uint8_t)in.p[(*i)++];
		return true;
	}
	for (unsigned k = 0; k < 3; k++, (*i)++) {
		if (*i >= in.n || !is_digit(in.p[*i]))
			return false;
		v = v * 10 + (unsigned)(in.p[*i] - '0');
	}
	*out = (uint8_t)v;
	return v <= 255;
}

static int label(struct slice in, size_t *i, struct dns_name *n,
		 struct parse_error *e)
{
	size_t begin = *i, head = n->n;
	uint8_t c;

	while (*i < in.n && in.p[*i] != '.') {
		size_t at = *i;

		c = (uint8_t)in.p[(*i)++];
		if (c == '\\' && !escaped(in, i, &c))
			return dns_name_fail(e, at, -EBADMSG, "escape wanted");
		if (n->n - head >= DNS_LABEL_MAX)
			return dns_name_fail(e, begin, -E2BIG,
					     "label too long");
		if (n->n + 2 >= DNS_NAME_MAX) /* this one and the root's */
			return dns_name_fail(e, begin, -E2BIG, "name too long");
		n->wire[++n->n] = c;
	}
	if (n->n == head)
		return dns_name_fail(e, begin, -EBADMSG, "label wanted");
	n->wire[head] = (uint8_t)(n->n - head);
	n->n++;
	return 0;
}

int dns_name_parse(struct slice text, struct dns_name *out,
		   struct parse_error *e)
{
	struct dns_name n = { 0 };
	size_t i = 0;
	int rc = 0;

	if (!text.n)
		return dns_name_fail(e, 0, -EBADMSG, "label wanted");
	if (slice_eq(text, "."))
		i = 1;
	while (rc == 0 && i < text.n) {
		rc = label(text, &i, &n, e);
		i += i < text.n; /* the dot; the last one ends the name */
	}
	if (rc)
		return rc;
	n.wire[n.n++] = 0;
	*out = n;
	return 0;
}

static void write_octet(struct writer *w, uint8_t c)
{
	if (c == '.' || c == '\\') {
		writer_char(w, '\\');
		writer_char(w, (char)c);
	} else if (c <= ' ' || c == 0x7F) {
		writer_char(w, '\\');
		writer_pad(w, c, 3);
	} else {
		writer_char(w, (char)c);
	}
}

void dns_name_write(struct writer *w, const struct dns_name *n)
{
	if (n->n == 1)
		writer_char(w, '.');
	for (size_t i = 0; i + 1 < n->n; i += n->wire[i] + 1u) {
		if (i)
			writer_char(w, '.');
		for (size_t k = 1; k <= n->wire[i]; k++)
			write_octet(w, n->wire[i + k]);
	}
}

const char *dns_name_text(const struct dns_name *n, char *text)
{
	struct writer w = writer_begin(text, DNS_NAME_TEXT - 1);

	dns_name_write(&w, n);
	text[w.n] = '\0';
	return text;
}

/* ------------------------------------------------------------------- wire */
int dns_name_read(struct slice msg, size_t *at, struct dns_name *out,
		  struct parse_error *e)
{
	const uint8_t *b = (const uint8_t *)msg.p;
	size_t i = *at, end = 0; /* end: behind the first pointer */
	size_t before = *at; /* where a pointer must point below */
	size_t len, n = 0;
	unsigned jumps = 0; /* bounded: else pointers to pointers cost */
	uint8_t wire[DNS_NAME_MAX];

	do {
		if (i >= msg.n)
			return dns_name_fail(e, msg.n, -EBADMSG, "name wanted");
		len = b[i];
		if ((len & POINTER) == POINTER) {
			if (msg.n - i < 2)
				return dns_name_fail(
					e, i, -EBADMSG,
					"second octet of a pointer wanted");
			len = read_be16(b + i) & 0x3FFFu;
			if (len >= before || ++jumps > JUMPS)
				return dns_name_fail(
					e, i, -EBADMSG,
					"pointer backwards wanted");
			end = end ? end : i + 2;
			before = i = len;
			len = 1; /* no end */
			continue;
		}
		if (len > DNS_LABEL_MAX)
			return dns_name_fail(e, i, -EBADMSG,
					     "unknown kind of label");
		if (msg.n - i < len + 1)
			return dns_name_fail(e, i, -EBADMSG,
					     "label is cut off");
		if (n + len + 1 + (len != 0) > DNS_NAME_MAX)
			return dns_name_fail(e, i, -EBADMSG, "name too long");
		memcpy(wire + n, b + i, len + 1);
		n += len + 1;
		i += len + 1;
	} while (len);
	out->n = (uint8_t)n;
	memcpy(out->wire, wire, n);
	*at = end ? end : i;
	return 0;
}

/* -------------------------------------------------------------- relations */
/* Lengths are below 64, which no letter is: folding does not touch them. */
static bool same(const uint8_t *a, const uint8_t *b, size_t n)
{
	return slice_isame_bytes((const char *)a, (const char *)b, n);
}

bool dns_name_same(const struct dns_name *a, const struct dns_name *b)
{
	return a->n == b->n && same(a->wire, b->wire, a->n);
}

bool dns_name_same_case(const struct dns_name *a, const struct dns_name *b)
{
	return a->n == b->n && memcmp(a->wire, b->wire, a->n) == 0;
}

bool dns_name_within(const struct dns_name *n, const struct dns_name *zone)
{
	size_t i = 0;

	if (!zone->n)
		return false;
	while (i < n->n && (size_t)(n->n - i) > zone->n)
		i += n->wire[i] + 1u;
	return (size_t)(n->n - i) == zone->n &&
	       same(n->wire + i, zone->wire, zone->n);
}

static int joined(const uint8_t *a, size_t n, const struct dns_name *b,
		  struct dns_name *out)
{
	struct dns_name r;

	if (n + b->n > DNS_NAME_MAX)
		return -E2BIG;
	memcpy(r.wire, a, n);
	memcpy(r.wire + n, b->wire, b->n);
	r.n = (uint8_t)(n + b->n);
	*out = r;
	return 0;
}

int dns_name_rebase(const struct dns_name *n, const struct dns_name *from,
		    const struct dns_name *to, struct dns_name *out)
{
	if (n->n < from->n)
		return -EINVAL;
	return joined(n->wire, (size_t)(n->n - from->n), to, out);
}

int dns_name_join(const struct dns_name *a, const struct dns_name *b,
		  struct dns_name *out)
{
	return joined(a->wire, a->n ? a->n - 1u : 0, b, out);
}

unsigned dns_name_dots(const struct dns_name *n)
{
	unsigned labels = 0;

	for (size_t i = 0; i + 1 < n->n; i += n->wire[i] + 1u)
		labels++;
	return labels ? labels - 1 : 0;
}

void dns_name_fold(struct dns_name *n)
{
	for (size_t i = 0; i < n->n; i++)
		n->wire[i] = (uint8_t)to_lower((char)n->wire[i]);
}
