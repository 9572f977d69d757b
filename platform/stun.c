/* SPDX-License-Identifier: BSD-2-Clause */
#include "platform/stun.h"

static const uint32_t COOKIE = 0x2112a442, FINGERPRINT_XOR = 0x5354554e;

enum {
	MAPPED_ADDRESS = 0x0001, USERNAME = 0x0006,
	MESSAGE_INTEGRITY = 0x0008, ERROR_CODE = 0x0009,
	UNKNOWN_ATTRIBUTES = 0x000a, REALM = 0x0014, NONCE = 0x0015,
	MESSAGE_INTEGRITY_SHA256 = 0x001c, PASSWORD_ALGORITHM = 0x001d,
	USERHASH = 0x001e, XOR_MAPPED_ADDRESS = 0x0020,
	FINGERPRINT = 0x8028,
	OPTIONAL = 0x8000,    /* from here on none need be understood (14) */
	V4 = 1, V6 = 2
};

/* ---------------------------------------------------------------- reading */
static uint16_t be16(const char *p)
{
	return (uint16_t)((uint8_t)p[0] << 8 | (uint8_t)p[1]);
}

static uint32_t be32(const char *p)
{
	return (uint32_t)be16(p) << 16 | be16(p + 2);
}

bool stun_is(struct slice b)
{
	return b.n >= STUN_HEADER && !((uint8_t)b.p[0] & 0xc0) &&
	       be32(b.p + 4) == COOKIE && be16(b.p + 2) % 4 == 0 &&
	       be16(b.p + 2) == b.n - STUN_HEADER;
}

/* CRC-32 as of ITU V.42 (14.7), bit by bit: a keep-alive is a few dozen bytes,
 * and a table of a kilobyte has no other use here. */
static uint32_t crc32(uint32_t crc, struct slice s)
{
	for (size_t i = 0; i < s.n; i++) {
		crc ^= (uint8_t)s.p[i];
		for (unsigned k = 0; k < 8; k++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
	}
	return crc;
}

static uint32_t fingerprint(struct slice before)
{
	return ~crc32(0xffffffffu, before) ^ FINGERPRINT_XOR;
}

/* What an address is xored with: the cookie and the id (14.2). */
static void mask(uint8_t out[16], const uint8_t id[STUN_ID])
{
	struct writer w = writer_begin(out, 16);

	writer_be32(&w, COOKIE);
	memcpy(out + 4, id, STUN_ID);
}

/* 14.1, 14.2; no: plain.  False: malformed. */
static bool read_address(struct slice v, const uint8_t *xored,
			 struct addr *out)
{
	uint8_t m[16] = { 0 };
	size_t n;

	if (v.n < 4 || (v.p[1] != V4 && v.p[1] != V6))
		return false;
	n = v.p[1] == V4 ? 4 : 16;
	if (v.n != 4 + n)
		return false;
	if (xored)
		mask(m, xored);
	*out = (struct addr){ .family = v.p[1] == V4 ? 4 : 6 };
	out->port = be16(v.p + 2) ^ (uint16_t)(m[0] << 8 | m[1]);
	for (size_t i = 0; i < n; i++)
		out->ip[i] = (uint8_t)((uint8_t)v.p[4 + i] ^ m[i]);
	return true;
}

/* 14.8 */
static bool read_error(struct slice v, struct stun_msg *m)
{
	unsigned hundreds, rest;

	if (v.n < 4)
		return false;
	hundreds = (uint8_t)v.p[2] & 7;
	rest = (uint8_t)v.p[3];
	if (hundreds < 3 || hundreds > 6 || rest > 99)
		return false;
	m->code = hundreds * 100 + rest;
	m->reason = slice_skip(v, 4);
	return true;
}

static bool is_known(uint16_t type)
{
	static const uint16_t known[] = {
		MAPPED_ADDRESS, USERNAME, MESSAGE_INTEGRITY, ERROR_CODE,
		UNKNOWN_ATTRIBUTES, REALM, NONCE, MESSAGE_INTEGRITY_SHA256,
		PASSWORD_ALGORITHM, USERHASH, XOR_MAPPED_ADDRESS,
	};

	for (size_t i = 0; i < COUNT(known); i++)
		if (known[i] == type)
			return true;
	return type >= OPTIONAL;
}

struct reading {
	struct slice all;
	size_t at;
	bool sealed;        /* behind MESSAGE-INTEGRITY only FINGERPRINT counts
			     * (14.5) */
	struct addr plain;
};

static const char *read_attribute(struct reading *r, uint16_t type,
				  struct slice v, struct stun_msg *m)
{
	if (type == FINGERPRINT) {
		if (v.n != 4 || r->at + 8 != r->all.n)
			return "FINGERPRINT at the end wanted";
		m->fingerprint = true;
		return be32(v.p) == fingerprint(slice_head(r->all, r->at)) ?
		       NULL : "the FINGERPRINT is wrong";
	}
	if (r->sealed)
		return NULL;
	r->sealed = type == MESSAGE_INTEGRITY ||
		    type == MESSAGE_INTEGRITY_SHA256;
	if (type == XOR_MAPPED_ADDRESS && !m->mapped.family &&
	    !read_address(v, m->id, &m->mapped))
		return "an address wanted";
	if (type == MAPPED_ADDRESS && !r->plain.family &&
	    !read_address(v, NULL, &r->plain))
		return "an address wanted";
	if (type == ERROR_CODE && !m->code && !read_error(v, m))
		return "an error code wanted";
	if (!is_known(type) && !m->unknown)
		m->unknown = type;
	return NULL;
}

static int stun_fail(struct parse_error *e, size_t at, const char *why, int rc)
{
	if (e)
		*e = (struct parse_error){ .offset = at, .reason = why };
	return rc;
}

static int stun_read(struct reading *r, struct stun_msg *m,
		    struct parse_error *e)
{
	for (unsigned n = 0; r->at < r->all.n; n++) {
		size_t left = r->all.n - r->at, size;
		const char *why;

		if (n == STUN_ATTRIBUTES)
			return stun_fail(e, r->at, "too many attributes",
					 -E2BIG);
		if (left < 4) /* the length is a multiple of 4: never */
			return stun_fail(e, r->at, "an attribute wanted",
					 -EBADMSG);
		size = be16(r->all.p + r->at + 2);
		if (size > left - 4 || ((size + 3) & ~(size_t)3) > left - 4)
			return stun_fail(e, r->at + 2, "it ends too early",
					 -EBADMSG);
		why = read_attribute(r, be16(r->all.p + r->at),
				     slice_of(r->all.p + r->at + 4, size), m);
		if (why)
			return stun_fail(e, r->at, why, -EBADMSG);
		r->at += 4 + ((size + 3) & ~(size_t)3);
	}
	return 0;
}

int stun_parse(struct slice in, struct stun_msg *out, struct parse_error *e)
{
	struct reading r = { .all = in, .at = STUN_HEADER };
	struct stun_msg m = { 0 };
	uint16_t type;
	int rc;

	if (!stun_is(in))
		return stun_fail(e, 0, "a STUN header wanted", -EBADMSG);
	type = be16(in.p); /* 5, Figure 3: M11..M7 C1 M6..M4 C0 M3..M0 */
	m.is = (enum stun_class)((type >> 7 & 2) | (type >> 4 & 1));
	m.method = (uint16_t)((type & 0x000f) | (type & 0x00e0) >> 1 |
			      (type & 0x3e00) >> 2);
	memcpy(m.id, in.p + 8, STUN_ID);
	rc = stun_read(&r, &m, e);
	if (rc)
		return rc;
	if (!m.mapped.family)
		m.mapped = r.plain;
	*out = m;
	return 0;
}

/* ---------------------------------------------------------------- writing */
static void write_header(struct writer *w, uint16_t type, size_t body,
			 const uint8_t id[STUN_ID])
{
	writer_be16(w, type);
	writer_be16(w, (uint16_t)body);
	writer_be32(w, COOKIE);
	writer_put(w, slice_of(id, STUN_ID));
}

static void write_fingerprint(struct writer *w, size_t begin)
{
	uint32_t crc;

	if (w->full)
		return;
	crc = fingerprint(slice_of(w->buf + begin, w->n - begin));
	writer_be16(w, FINGERPRINT);
	writer_be16(w, 4);
	writer_be32(w, crc);
}

void stun_write_request(struct writer *w, const uint8_t id[STUN_ID],
			bool with)
{
	size_t begin = w->n;

	write_header(w, 0x0001, with ? 8 : 0, id);
	if (with)
		write_fingerprint(w, begin);
}

void stun_write_success(struct writer *w, const uint8_t id[STUN_ID],
			const struct addr *mapped, bool with)
{
	size_t begin = w->n, ip = mapped->family == 4 ? 4 : 16;
	uint8_t m[16];

	mask(m, id);
	write_header(w, 0x0101, 8 + ip + (with ? 8 : 0), id);
	writer_be16(w, XOR_MAPPED_ADDRESS);
	writer_be16(w, (uint16_t)(4 + ip));
	writer_be8(w, 0);
	writer_be8(w, mapped->family == 4 ? V4 : V6);
	writer_be16(w, mapped->port ^ (uint16_t)(m[0] << 8 | m[1]));
	for (size_t i = 0; i < ip; i++)
		writer_be8(w, mapped->ip[i] ^ m[i]);
	if (with)
		write_fingerprint(w, begin);
}
