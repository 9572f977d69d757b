/* SPDX-License-Identifier: BSD-2-Clause */
#include "platform/addr.h"

#include "platform/scan.h"

/* IPv4address = 1*3DIGIT "." 1*3DIGIT "." 1*3DIGIT "." 1*3DIGIT */
static bool v4_parts(struct scan *s, uint8_t *ip)
{
	const char *p = s->p;

	for (int part = 0; part < 4; part++) {
		unsigned v = 0, digits = 0;

		if (part && (p == s->end || *p++ != '.'))
			return false;
		for (; p < s->end && is_digit(*p) && digits < 4; p++, digits++)
			v = v * 10 + (unsigned)(*p - '0');
		if (digits == 0 || digits > 3 || v > 255)
			return false;
		ip[part] = (uint8_t)v;
	}
	s->p = p;
	return true;
}

static bool v6_group(struct scan *s, uint8_t *two)
{
	struct slice hex;
	unsigned v = 0;

	if (!scan_run(s, SCAN_HEX, &hex) || hex.n > 4)
		return false;
	for (size_t i = 0; i < hex.n; i++)
		v = v << 4 | (unsigned)hex_value(hex.p[i]);
	two[0] = (uint8_t)(v >> 8);
	two[1] = (uint8_t)v;
	return true;
}

/* RFC 5118 4.10: "::" and a third colon before the IPv4 part. */
static void third_colon(struct scan *s)
{
	struct scan ahead = *s;
	uint8_t ip[4];

	if (scan_char(&ahead, ':') && v4_parts(&ahead, ip))
		s->p++;
}

/* RFC 4291 section 2.2, forms 1 to 3. */
static bool v6_parts(struct scan *s, uint8_t *ip)
{
	size_t n = 0, gap = 16;
	bool more = true;

	if (scan_str(s, "::")) {
		gap = 0;
		third_colon(s);
		more = s->p < s->end && scan_is(*s->p, SCAN_HEX);
	}
	while (more) {
		struct scan v4 = *s;

		if (n <= 12 && v4_parts(&v4, ip + n)) {
			s->p = v4.p;
			n += 4;
			break;
		}
		if (n == 16 || !v6_group(s, ip + n))
			return false;
		n += 2;
		if (scan_str(s, "::")) {
			if (gap < 16)
				return false;
			gap = n;
			third_colon(s);
			more = s->p < s->end && scan_is(*s->p, SCAN_HEX);
		} else {
			more = scan_char(s, ':');
		}
	}
	if (gap == 16)
		return n == 16;
	if (n > 14)
		return false;
	memmove(ip + 16 - (n - gap), ip + gap, n - gap);
	memset(ip + gap, 0, 16 - n);
	return true;
}

static bool v6_scope(struct scan *s, struct addr *out)
{
	return !scan_char(s, '%') || scan_u32(s, UINT32_MAX, &out->scope);
}

static bool any_ip(struct scan *s, struct addr *out)
{
	struct scan v4 = *s;
	bool bracket;

	*out = (struct addr){ .family = 4 };
	if (v4_parts(&v4, out->ip)) {
		s->p = v4.p;
		return true;
	}
	*out = (struct addr){ .family = 6 };
	bracket = scan_char(s, '[');
	return v6_parts(s, out->ip) && v6_scope(s, out) &&
	       (!bracket || scan_char(s, ']'));
}

int addr_parse_ip(struct slice in, struct addr *out)
{
	struct scan s = scan_begin(in, NULL);
	struct addr a;

	if (!any_ip(&s, &a) || !scan_end(&s))
		return -EBADMSG;
	*out = a;
	return 0;
}

int addr_parse(struct slice in, struct addr *out)
{
	struct scan s = scan_begin(in, NULL);
	struct addr a;
	uint32_t port;

	/* Without brackets an IPv6 address would swallow its port. */
	if (!any_ip(&s, &a) || (a.family == 6 && in.p[0] != '[') ||
	    !scan_char(&s, ':') || !scan_u32(&s, 65535, &port) || !scan_end(&s))
		return -EBADMSG;
	a.port = (uint16_t)port;
	*out = a;
	return 0;
}

struct addr addr_v4(uint8_t a, uint8_t b, uint8_t c, uint8_t d, uint16_t port)
{
	return (struct addr){ .family = 4, .port = port, .ip = { a, b, c, d } };
}

bool addr_same_ip(const struct addr *a, const struct addr *b)
{
	return a->family == b->family && a->scope == b->scope &&
	       memcmp(a->ip, b->ip, sizeof(a->ip)) == 0;
}

bool addr_same(const struct addr *a, const struct addr *b)
{
	return a->port == b->port && addr_same_ip(a, b);
}

struct addr addr_source(const struct addr *a)
{
	struct addr s = *a;

	s.port = 0;
	if (s.family == 6)
		memset(s.ip + 8, 0, 8);
	return s;
}

bool addr_is_any(const struct addr *a)
{
	static const uint8_t zero[16];

	return memcmp(a->ip, zero, sizeof(zero)) == 0;
}

bool addr_is_loopback(const struct addr *a)
{
	static const uint8_t one[16] = { [15] = 1 };

	return a->family == 4 ? a->ip[0] == 127 :
				memcmp(a->ip, one, sizeof(one)) == 0;
}

bool addr_is_multicast(const struct addr *a)
{
	return a->family == 4 ? (a->ip[0] & 0xF0) == 0xE0 : a->ip[0] == 0xFF;
}

bool addr_is_link_local(const struct addr *a)
{
	return a->family == 4 ? a->ip[0] == 169 && a->ip[1] == 254 :
				a->ip[0] == 0xFE && (a->ip[1] & 0xC0) == 0x80;
}

static void put_v4(struct writer *w, const uint8_t *ip)
{
	for (int i = 0; i < 4; i++) {
		if (i)
			writer_char(w, '.');
		writer_u64(w, ip[i]);
	}
}

static void put_group(struct writer *w, unsigned v)
{
	static const char digit[] = "0123456789abcdef";
	int shift = 12;

	while (shift && !(v >> shift))
		shift -= 4;
	for (; shift >= 0; shift -= 4)
		writer_char(w, digit[v >> shift & 15]);
}

/* RFC 5952 section 4: the first longest run of two or more zero groups
 * becomes "::"; section 5: IPv4-mapped addresses in mixed form. */
static void put_v6(struct writer *w, const uint8_t *ip)
{
	static const uint8_t mapped[12] = { [10] = 0xFF, [11] = 0xFF };
	unsigned best = 8, best_n = 1, run = 0;

	if (memcmp(ip, mapped, sizeof(mapped)) == 0) {
		writer_str(w, "::ffff:");
		put_v4(w, ip + 12);
		return;
	}
	for (unsigned i = 0; i < 8; i++) {
		run = read_be16(ip + 2 * i) ? 0 : run + 1;
		if (run > best_n) {
			best_n = run;
			best = i + 1 - run;
		}
	}
	for (unsigned i = 0; i < 8; i++) {
		if (i == best) {
			writer_str(w, "::");
			i += best_n - 1;
			continue;
		}
		if (i && !(best < 8 && i == best + best_n))
			writer_char(w, ':');
		put_group(w, read_be16(ip + 2 * i));
	}
}

void addr_write_ip(struct writer *w, const struct addr *a, bool brackets)
{
	if (a->family == 4) {
		put_v4(w, a->ip);
		return;
	}
	if (brackets)
		writer_char(w, '[');
	put_v6(w, a->ip);
	if (a->scope) {
		writer_char(w, '%');
		writer_u64(w, a->scope);
	}
	if (brackets)
		writer_char(w, ']');
}

void addr_write(struct writer *w, const struct addr *a)
{
	addr_write_ip(w, a, true);
	writer_char(w, ':');
	writer_u64(w, a->port);
}

const char *addr_text(const struct addr *a, char *text)
{
	struct writer w = writer_begin(text, ADDR_TEXT - 1);

	if (a->family)
		addr_write(&w, a);
	else
		writer_str(&w, "none");
	text[w.n] = '\0';
	return text;
}
