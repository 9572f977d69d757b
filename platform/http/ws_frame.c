/* SPDX-License-Identifier: BSD-2-Clause */
#include "platform/http/ws_frame.h"

#include "platform/scan.h"

enum { FIN = 0x80, RSV = 0x70, OPCODE = 0x0f, MASKED = 0x80, LENGTH = 0x7f };

static bool known(unsigned op)
{
	return op <= WS_BINARY || (op >= WS_CLOSE && op <= WS_PONG);
}

static int frame_fail(struct parse_error *e, size_t at, const char *reason)
{
	if (e)
		*e = (struct parse_error){ at, reason };
	return -EBADMSG;
}

/* The length behind the second octet; the shortest form alone (5.2). */
static int extended(const uint8_t *p, struct ws_frame *f,
		    struct parse_error *e)
{
	if (f->n == 126) {
		f->n = read_be16(p + 2);
		return f->n < 126 ?
		       frame_fail(e, 2, "length in too many octets") : 0;
	}
	if (f->n == 127) {
		f->n = (uint64_t)read_be32(p + 2) << 32 | read_be32(p + 6);
		if (f->n >> 63)
			return frame_fail(e, 2, "length of 63 bits wanted");
		return f->n <= 0xffff ?
		       frame_fail(e, 2, "length in too many octets") : 0;
	}
	return 0;
}

int ws_frame_parse(struct slice in, struct ws_frame *out,
		   struct parse_error *e)
{
	uint8_t p[WS_FRAME_HEAD] = { 0 };
	size_t n = in.n < sizeof(p) ? in.n : sizeof(p);
	struct ws_frame f = { .head = 2 };
	unsigned op;
	int rc;

	if (n)
		memcpy(p, in.p, n);
	op = p[0] & OPCODE;
	if (n > 0 && p[0] & RSV)
		return frame_fail(e, 0, "reserved bits are set");
	if (n > 0 && !known(op))
		return frame_fail(e, 0, "opcode is reserved");
	f.op = (enum ws_opcode)op;
	f.fin = (p[0] & FIN) != 0;
	if (n > 0 && op >= WS_CLOSE && !f.fin)
		return frame_fail(e, 0, "control frame in fragments");
	f.masked = (p[1] & MASKED) != 0;
	f.n = p[1] & LENGTH;
	if (n > 1 && op >= WS_CLOSE && f.n > WS_CONTROL)
		return frame_fail(e, 1, "control frame of over 125 octets");
	f.head += f.n == 126 ? 2 : f.n == 127 ? 8 : 0;
	rc = n >= f.head ? extended(p, &f, e) : 0;
	if (rc)
		return rc;
	if (n >= f.head + 4 && f.masked)
		memcpy(f.key, p + f.head, sizeof(f.key));
	f.head += f.masked ? sizeof(f.key) : 0;
	if (n < f.head || n < 2) {
		(void)frame_fail(e, n, "rest of a frame's head wanted");
		return -EAGAIN;
	}
	*out = f;
	return 0;
}

void ws_frame_write(struct writer *w, const struct ws_frame *f)
{
	unsigned masked = f->masked ? MASKED : 0;

	writer_be8(w, (uint8_t)((f->fin ? FIN : 0u) | (unsigned)f->op));
	if (f->n < 126) {
		writer_be8(w, (uint8_t)(masked | f->n));
	} else if (f->n <= 0xffff) {
		writer_be8(w, (uint8_t)(masked | 126));
		writer_be16(w, (uint16_t)f->n);
	} else {
		writer_be8(w, (uint8_t)(masked | 127));
		writer_be32(w, (uint32_t)(f->n >> 32));
		writer_be32(w, (uint32_t)f->n);
	}
	if (f->masked)
		writer_put(w, slice_of(f->key, sizeof(f->key)));
}

void ws_mask(uint8_t *p, size_t n, const uint8_t key[4], uint64_t at)
{
	uint8_t turned[8];
	uint64_t mask, v;

	for (size_t i = 0; i < sizeof(turned); i++)
		turned[i] = key[(at + i) & 3];
	memcpy(&mask, turned, sizeof(mask));
	for (; n >= sizeof(v); n -= sizeof(v), p += sizeof(v)) {
		memcpy(&v, p, sizeof(v));
		v ^= mask;
		memcpy(p, &v, sizeof(v));
	}
	for (size_t i = 0; i < n; i++)
		p[i] ^= turned[i];
}

/* 7.4.1, 7.4.2: of those below 3000 what is registered and may be sent. */
bool ws_code_ok(unsigned code)
{
	return (code >= 1000 && code <= 1003) ||
	       (code >= 1007 && code <= 1014) ||
	       (code >= 3000 && code <= 4999);
}

int ws_close_parse(struct slice in, unsigned *code, struct slice *words)
{
	struct slice rest = slice_skip(in, 2);

	if (in.n == 0) {
		*code = WS_NO_CODE;
		*words = rest;
		return 0;
	}
	if (in.n == 1 || !ws_code_ok(read_be16((const uint8_t *)in.p)))
		return -EBADMSG;
	if (!utf8_valid(rest))
		return -EILSEQ;
	*code = read_be16((const uint8_t *)in.p);
	*words = rest;
	return 0;
}
