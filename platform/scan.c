/* SPDX-License-Identifier: BSD-2-Clause */
#include "platform/scan.h"

#include "platform/limits.h"

/* tests/unit/test_scan.c holds this table to the sets that scan.h names. */
const uint16_t scan_classes[256] = {
	0x0800, 0x0800, 0x0800, 0x0800, 0x0800, 0x0800, 0x0800, 0x0800,
	0x0800, 0x4a00, 0x0800, 0x0800, 0x0800, 0x0800, 0x0800, 0x0800,
	0x0800, 0x0800, 0x0800, 0x0800, 0x0800, 0x0800, 0x0800, 0x0800,
	0x0800, 0x0800, 0x0800, 0x0800, 0x0800, 0x0800, 0x0800, 0x0800,
	0x4200, 0x408c, 0x0080, 0x4000, 0x7130, 0x4084, 0x6130, 0x408c,
	0x4088, 0x4088, 0x408c, 0x71b4, 0x6110, 0xc08c, 0x408c, 0x51b0,
	0xc042, 0xc042, 0xc042, 0xc042, 0xc042, 0xc042, 0xc042, 0xc042,
	0xc042, 0xc042, 0x51a0, 0x4110, 0x4080, 0x6110, 0x4080, 0x5190,
	0x4100, 0xc041, 0xc041, 0xc041, 0xc041, 0xc041, 0xc041, 0xc001,
	0xc001, 0xc001, 0xc001, 0xc001, 0xc001, 0xc001, 0xc001, 0xc001,
	0xc001, 0xc001, 0xc001, 0xc001, 0xc001, 0xc001, 0xc001, 0xc001,
	0xc001, 0xc001, 0xc001, 0x50a0, 0x0080, 0x50a0, 0x4000, 0x408c,
	0x4084, 0xc041, 0xc041, 0xc041, 0xc041, 0xc041, 0xc041, 0xc001,
	0xc001, 0xc001, 0xc001, 0xc001, 0xc001, 0xc001, 0xc001, 0xc001,
	0xc001, 0xc001, 0xc001, 0xc001, 0xc001, 0xc001, 0xc001, 0xc001,
	0xc001, 0xc001, 0xc001, 0x4080, 0x4000, 0x4080, 0x408c, 0x0800,
	0x0400, 0x0400, 0x0400, 0x0400, 0x0400, 0x0400, 0x0400, 0x0400,
	0x0400, 0x0400, 0x0400, 0x0400, 0x0400, 0x0400, 0x0400, 0x0400,
	0x0400, 0x0400, 0x0400, 0x0400, 0x0400, 0x0400, 0x0400, 0x0400,
	0x0400, 0x0400, 0x0400, 0x0400, 0x0400, 0x0400, 0x0400, 0x0400,
	0x0400, 0x0400, 0x0400, 0x0400, 0x0400, 0x0400, 0x0400, 0x0400,
	0x0400, 0x0400, 0x0400, 0x0400, 0x0400, 0x0400, 0x0400, 0x0400,
	0x0400, 0x0400, 0x0400, 0x0400, 0x0400, 0x0400, 0x0400, 0x0400,
	0x0400, 0x0400, 0x0400, 0x0400, 0x0400, 0x0400, 0x0400, 0x0400,
	0x0400, 0x0400, 0x0400, 0x0400, 0x0400, 0x0400, 0x0400, 0x0400,
	0x0400, 0x0400, 0x0400, 0x0400, 0x0400, 0x0400, 0x0400, 0x0400,
	0x0400, 0x0400, 0x0400, 0x0400, 0x0400, 0x0400, 0x0400, 0x0400,
	0x0400, 0x0400, 0x0400, 0x0400, 0x0400, 0x0400, 0x0400, 0x0400,
	0x0400, 0x0400, 0x0400, 0x0400, 0x0400, 0x0400, 0x0400, 0x0400,
	0x0400, 0x0400, 0x0400, 0x0400, 0x0400, 0x0400, 0x0400, 0x0400,
	0x0400, 0x0400, 0x0400, 0x0400, 0x0400, 0x0400, 0x0400, 0x0400,
	0x0400, 0x0400, 0x0400, 0x0400, 0x0400, 0x0400, 0x0400, 0x0400,
};

struct scan scan_begin(struct slice in, struct parse_error *e)
{
	static const char empty[1];
	const char *p = in.n ? in.p : empty;

	return (struct scan){ .p = p, .end = p + in.n, .begin = p, .e = e };
}

int scan_fail_code(struct scan *s, int code, const char *reason)
{
	if (s->e)
		*s->e = (struct parse_error){ (size_t)(s->p - s->begin),
					      reason };
	return code;
}

int scan_fail(struct scan *s, const char *reason)
{
	return scan_fail_code(s, -EBADMSG, reason);
}

bool scan_done(struct scan *s)
{
	scan_sws(s);
	return scan_end(s);
}

struct slice scan_rest(struct scan *s)
{
	struct slice rest = slice_of(s->p, scan_left(s));

	s->p = s->end;
	return rest;
}

bool scan_str(struct scan *s, const char *lit)
{
	if (!slice_starts(slice_of(s->p, scan_left(s)), lit))
		return false;
	s->p += strlen(lit);
	return true;
}

bool scan_istr(struct scan *s, const char *lit)
{
	if (!slice_istarts(slice_of(s->p, scan_left(s)), lit))
		return false;
	s->p += strlen(lit);
	return true;
}

/* LWS = [*WSP CRLF] 1*WSP; several in a row are taken as one. */
bool scan_lws(struct scan *s)
{
	const char *start = s->p;

	for (;;) {
		if (s->p < s->end && scan_is(*s->p, SCAN_WSP))
			s->p++;
		else if (scan_left(s) >= 3 && s->p[0] == '\r' &&
			 s->p[1] == '\n' && scan_is(s->p[2], SCAN_WSP))
			s->p += 3;
		else
			return s->p != start;
	}
}

const char *scan_span(const char *p, const char *end, unsigned set)
{
	for (; end - p >= 4; p += 4) { /* four at a time: one check of end */
		if (!scan_is(p[0], set))
			return p;
		if (!scan_is(p[1], set))
			return p + 1;
		if (!scan_is(p[2], set))
			return p + 2;
		if (!scan_is(p[3], set))
			return p + 3;
	}
	while (p < end && scan_is(*p, set))
		p++;
	return p;
}

bool scan_word(struct scan *s, struct slice *out)
{
	return scan_run(s, SCAN_WORD, out);
}

bool scan_u64(struct scan *s, uint64_t max, uint64_t *out)
{
	const char *start = s->p;
	struct slice digits;
	uint64_t v;

	if (!scan_run(s, SCAN_DIGIT, &digits))
		return false;
	if (slice_u64(digits, max, &v)) {
		s->p = start;
		return false;
	}
	if (out)
		*out = v;
	return true;
}

bool scan_u32(struct scan *s, uint32_t max, uint32_t *out)
{
	uint64_t v;

	if (!scan_u64(s, max, &v))
		return false;
	if (out)
		*out = (uint32_t)v;
	return true;
}

bool scan_until(struct scan *s, char c, struct slice *out)
{
	struct slice rest = slice_of(s->p, scan_left(s));
	size_t at = slice_find(rest, c);

	if (at == rest.n)
		return false;
	if (out)
		*out = slice_head(rest, at);
	s->p += at;
	return true;
}

/* RFC 3629 section 4: no overlong form, no surrogate, at most U+10FFFF.
 * Returns the length of the sequence at p, or 0. */
static size_t utf8_sequence(const unsigned char *p, size_t n)
{
	size_t len;
	unsigned char low = 0x80, high = 0xBF;

	if (p[0] < 0x80)
		return 1;
	if (p[0] < 0xC2 || p[0] > 0xF4)
		return 0;
	len = p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : 4;
	if (n < len)
		return 0;
	if (p[0] == 0xE0)
		low = 0xA0;
	else if (p[0] == 0xED)
		high = 0x9F;
	else if (p[0] == 0xF0)
		low = 0x90;
	else if (p[0] == 0xF4)
		high = 0x8F;
	if (p[1] < low || p[1] > high)
		return 0;
	for (size_t i = 2; i < len; i++)
		if (p[i] < 0x80 || p[i] > 0xBF)
			return 0;
	return len;
}

size_t utf8_first(struct slice s)
{
	return s.n ? utf8_sequence((const unsigned char *)s.p, s.n) : 0;
}

bool utf8_is_control(struct slice c)
{
	static const char *const turns[] = { "\xD8\x9C", "\xE2\x80\x8E",
					     "\xE2\x80\x8F" };
	unsigned char first = c.n ? (unsigned char)c.p[0] : 'x', third;

	if (c.n < 2)
		return first < ' ' || first == 0x7F;
	for (size_t i = 0; i < COUNT(turns); i++)
		if (slice_eq(c, turns[i]))
			return true;
	if (c.n == 2)
		return first == 0xC2 && (unsigned char)c.p[1] < 0xA0;
	third = (unsigned char)c.p[2];
	return (slice_starts(c, "\xE2\x80") && third >= 0xA8 &&
		third <= 0xAE) ||
	       (slice_starts(c, "\xE2\x81") && third >= 0xA6 &&
		third <= 0xA9);
}

bool utf8_valid(struct slice s)
{
	for (size_t i = 0, len; i < s.n; i += len) {
		len = utf8_sequence((const unsigned char *)s.p + i, s.n - i);
		if (len == 0)
			return false;
	}
	return true;
}

/* One qdtext, ctext or quoted-pair, whose exclusions (quote, parentheses) the
 * caller has seen to.  quoted-pair = "\" (%x00-09 / %x0B-0C / %x0E-7F) */
static bool text_item(struct scan *s)
{
	unsigned char c = (unsigned char)*s->p;
	size_t len;

	if (c == '\\') {
		if (scan_left(s) < 2 || s->p[1] == '\r' || s->p[1] == '\n' ||
		    (unsigned char)s->p[1] > 0x7F)
			return false;
		s->p += 2;
		return true;
	}
	if (scan_lws(s))
		return true;
	if (c < 0x21 || c == 0x7F)
		return false;
	len = utf8_sequence((const unsigned char *)s->p, scan_left(s));
	s->p += len;
	return len != 0;
}

bool scan_quoted(struct scan *s, struct slice *out)
{
	const char *start = s->p, *open;

	scan_sws(s);
	if (!scan_char(s, '"'))
		goto no;
	open = s->p;
	for (;;) {
		(void)scan_run(s, SCAN_QDTEXT, NULL);
		if (scan_at(s, '"'))
			break;
		if (s->p == s->end || !text_item(s))
			goto no;
	}
	if (out)
		*out = slice_of(open, (size_t)(s->p - open));
	s->p++;
	return true;
no:
	s->p = start;
	return false;
}

bool scan_comment(struct scan *s, struct slice *out)
{
	const char *start = s->p, *open;
	unsigned depth = 1;

	if (!scan_sep(s, '('))
		return false;
	open = s->p;
	for (;;) {
		if (s->p == s->end)
			break;
		if (scan_char(s, '(')) {
			if (++depth > LIMIT_COMMENT_DEPTH)
				break;
		} else if (scan_char(s, ')')) {
			if (--depth == 0) {
				if (out)
					*out = slice_of(open,
						(size_t)(s->p - 1 - open));
				return true;
			}
		} else if (!text_item(s)) {
			break;
		}
	}
	s->p = start;
	return false;
}

/* IPv4address = 1*3DIGIT "." 1*3DIGIT "." 1*3DIGIT "." 1*3DIGIT, each part at
 * most 255.  Takes it from s. */
static bool ipv4(struct scan *s)
{
	const char *p = s->p;

	for (int part = 0; part < 4; part++) {
		unsigned v = 0, digits = 0;

		if (part && (p == s->end || *p++ != '.'))
			return false;
		for (; p < s->end && is_digit(*p) && digits < 3; p++, digits++)
			v = v * 10 + (unsigned)(*p - '0');
		if (digits == 0 || v > 255 || (p < s->end && is_digit(*p)))
			return false;
	}
	s->p = p;
	return true;
}

/* The grammar of RFC 3261 put a third colon before an IPv4address; RFC 5118
 * 4.10: it must still be read. */
static void third_colon(struct scan *s)
{
	struct scan ahead = *s;

	if (scan_char(&ahead, ':') && ipv4(&ahead))
		s->p++;
}

/* RFC 5954 section 3: eight 16-bit groups, one "::" for one or more zero
 * groups, the last two groups may be an IPv4address. */
static bool ipv6(struct scan *s)
{
	const char *start = s->p;
	unsigned groups = 0;
	bool gap = false, more = true;
	struct slice hex;

	if (scan_str(s, "::")) {
		gap = true;
		third_colon(s);
		more = s->p < s->end && scan_is(*s->p, SCAN_HEX);
	}
	while (more) {
		struct scan v4 = *s;

		if (groups <= 6 && ipv4(&v4)) {
			s->p = v4.p;
			groups += 2;
			break;
		}
		if (!scan_run(s, SCAN_HEX, &hex) || hex.n > 4)
			goto no;
		groups++;
		if (groups > 8)
			goto no;
		if (scan_str(s, "::")) {
			if (gap)
				goto no;
			gap = true;
			third_colon(s);
			more = s->p < s->end && scan_is(*s->p, SCAN_HEX);
		} else {
			more = scan_char(s, ':');
		}
	}
	if (gap ? groups <= 7 : groups == 8)
		return true;
no:
	s->p = start;
	return false;
}

/* hostname = *( domainlabel "." ) toplabel [ "." ]; toplabel begins with a
 * letter; no label begins or ends with "-".  Underscores, which the grammar
 * has not, are in the wild but refused here. */
static bool hostname(struct scan *s)
{
	const char *start = s->p;
	struct slice run = { 0 };
	bool top_alpha = false;

	for (;;) {
		const char *at = s->p;

		(void)scan_run(s, SCAN_LABEL, NULL);
		run = slice_of(at, (size_t)(s->p - at));
		if (run.n == 0) {
			if (at == start)
				goto no;
			break; /* after the trailing dot, or ".." */
		}
		if (run.p[0] == '-' || run.p[run.n - 1] == '-')
			goto no;
		top_alpha = is_alpha(at[0]);
		if (!scan_char(s, '.'))
			break;
	}
	if (top_alpha && !scan_at(s, '.'))
		return true;
no:
	s->p = start;
	return false;
}

bool scan_host(struct scan *s, struct slice *out)
{
	const char *start = s->p;
	struct scan v4 = *s;

	if (scan_char(s, '[')) {
		if (!ipv6(s) || !scan_char(s, ']')) {
			s->p = start;
			return false;
		}
	} else if (ipv4(&v4) &&
		   (v4.p == v4.end ||
		    (*v4.p != '.' && !scan_is(*v4.p, SCAN_LABEL)))) {
		s->p = v4.p;
	} else if (!hostname(s)) {
		return false;
	}
	if (out)
		*out = slice_of(start, (size_t)(s->p - start));
	return true;
}

bool scan_hostport(struct scan *s, struct slice *host, uint16_t *port,
		   bool *has_port)
{
	const char *start = s->p;
	uint32_t v = 0;
	bool has = false;

	if (!scan_host(s, host))
		return false;
	if (scan_sep(s, ':')) {
		has = true;
		if (!scan_u32(s, 65535, &v)) {
			s->p = start;
			return false;
		}
	}
	*port = (uint16_t)v;
	*has_port = has;
	return true;
}

bool scan_param(struct scan *s, struct slice *name, struct slice *val)
{
	const char *start = s->p, *at;

	*val = (struct slice){ 0 };
	if (!scan_token(s, name))
		return false;
	if (!scan_sep(s, '='))
		return true;
	at = s->p; /* of a host, all but IPv6references are tokens, too */
	if (!(scan_at(s, '"') ? scan_quoted(s, NULL) :
	      scan_at(s, '[') ? scan_host(s, NULL) : scan_token(s, NULL))) {
		s->p = start;
		return false;
	}
	*val = slice_of(at, (size_t)(s->p - at));
	return true;
}

struct slice scan_unquote(struct slice raw, char *dst, size_t cap)
{
	size_t n = 0;

	if (raw.n < 2 || raw.p[0] != '"' || raw.p[raw.n - 1] != '"')
		return raw;
	raw = slice_of(raw.p + 1, raw.n - 2);
	if (slice_find(raw, '\\') == raw.n || raw.n > cap)
		return raw;
	for (size_t i = 0; i < raw.n; i++) {
		if (raw.p[i] == '\\' && i + 1 < raw.n)
			i++;
		dst[n++] = raw.p[i];
	}
	return slice_of(dst, n);
}
