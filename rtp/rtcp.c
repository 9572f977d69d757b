/* SPDX-License-Identifier: BSD-2-Clause */
#include "rtp/rtcp.h"

enum {
	SENDER_INFO = 20,  /* octets between the SSRC and the blocks of an SR */
	TEXT_MAX = 255,    /* an octet of length */
};

static int rtcp_fail(struct parse_error *e, size_t offset, const char *reason)
{
	if (e)
		*e = (struct parse_error){ offset, reason };
	return -EBADMSG;
}

static const uint8_t *octets(struct slice s)
{
	return (const uint8_t *)s.p;
}

/* Header, length and padding of one packet; *padded: its P bit. */
static int packet_next(struct slice *rest, struct rtcp_packet *out,
		       bool *padded, struct parse_error *e)
{
	const uint8_t *h = octets(*rest);
	size_t n;
	uint8_t pad;

	if (!rest->n)
		return 0;
	if (rest->n < RTCP_HEADER)
		return rtcp_fail(e, rest->n, "4 octets of RTCP header wanted");
	if (h[0] >> 6 != 2)
		return rtcp_fail(e, 0, "RTCP version 2 wanted");
	n = read_be16(h + 2) * (size_t)4 + RTCP_HEADER;
	if (n > rest->n)
		return rtcp_fail(e, 2, "packet longer than the compound");
	out->type = h[1];
	out->count = h[0] & 0x1F;
	out->body = slice_of(h + RTCP_HEADER, n - RTCP_HEADER);
	*padded = h[0] & 0x20;
	if (*padded) { /* 6.4.1: a multiple of four, itself included */
		pad = h[n - 1];
		if (!pad || pad % 4 || pad > out->body.n)
			return rtcp_fail(e, n - 1, "count of padding is wrong");
		out->body.n -= pad;
	}
	*rest = slice_skip(*rest, n);
	return 1;
}

int rtcp_next(struct slice *rest, struct rtcp_packet *out,
	      struct parse_error *e)
{
	struct rtcp_packet p = { 0 };
	bool padded;
	int rc = packet_next(rest, &p, &padded, e);

	if (rc > 0)
		*out = p;
	return rc;
}

static int packets_check(struct slice compound, bool whole,
			 struct parse_error *e)
{
	struct slice rest = compound;
	struct rtcp_packet p;
	struct parse_error inner = { 0 };
	bool padded = false, first = true;
	size_t at;
	int rc;

	for (;;) {
		at = compound.n - rest.n;
		if (padded && rest.n)
			return rtcp_fail(e, at,
					 "padding before the last packet");
		rc = packet_next(&rest, &p, &padded, &inner);
		if (rc < 0)
			return rtcp_fail(e, at + inner.offset, inner.reason);
		if (!rc)
			return first ? rtcp_fail(e, 0, "SR or RR wanted") : 0;
		if (whole && first && p.type != RTCP_SR && p.type != RTCP_RR)
			return rtcp_fail(e, 1, "SR or RR wanted first");
		first = false;
	}
}

int rtcp_check(struct slice compound, struct parse_error *e)
{
	return packets_check(compound, true, e);
}

int rtcp_check_part(struct slice packets, struct parse_error *e)
{
	return packets_check(packets, false, e);
}

int rtcp_report_parse(const struct rtcp_packet *p, struct rtcp_report *out,
		      struct parse_error *e)
{
	const uint8_t *b = octets(p->body);
	struct rtcp_report r = { .sender = p->type == RTCP_SR,
				 .blocks = p->count };
	size_t head = r.sender ? 4 + SENDER_INFO : 4;

	if (!r.sender && p->type != RTCP_RR)
		return rtcp_fail(e, 0, "SR or RR wanted");
	if (p->body.n < head || p->body.n - head < p->count * RTCP_BLOCK)
		return rtcp_fail(e, p->body.n, "report is too short");
	r.ssrc = read_be32(b);
	if (r.sender) {
		r.ntp = (uint64_t)read_be32(b + 4) << 32 | read_be32(b + 8);
		r.ts = read_be32(b + 12);
		r.packets = read_be32(b + 16);
		r.octets = read_be32(b + 20);
	}
	r.ext = slice_skip(p->body, head);
	r.block = slice_head(r.ext, (size_t)p->count * RTCP_BLOCK);
	r.ext = slice_skip(r.ext, r.block.n);
	*out = r;
	return 0;
}

struct rtcp_block rtcp_block_at(const struct rtcp_report *r, size_t i)
{
	const uint8_t *b = octets(r->block) + i * RTCP_BLOCK;
	uint32_t lost;

	INVARIANT(i < r->blocks);
	lost = read_be32(b + 4) & 0xFFFFFF;
	return (struct rtcp_block){
		.ssrc = read_be32(b),
		.fraction = b[4],
		.lost = (int32_t)lost - (lost & 0x800000 ? 0x1000000 : 0),
		.max_seq = read_be32(b + 8),
		.jitter = read_be32(b + 12),
		.lsr = read_be32(b + 16),
		.dlsr = read_be32(b + 20),
	};
}

int rtcp_bye_parse(const struct rtcp_packet *p, struct rtcp_bye *out,
		   struct parse_error *e)
{
	size_t n = (size_t)p->count * 4;
	struct rtcp_bye b = { 0 };
	struct slice rest;

	if (p->type != RTCP_BYE || p->body.n < n)
		return rtcp_fail(e, p->body.n, "sources of the BYE wanted");
	b.ssrc = slice_head(p->body, n);
	rest = slice_skip(p->body, n);
	if (rest.n) {
		size_t len = octets(rest)[0];

		if (len > rest.n - 1)
			return rtcp_fail(e, n, "reason longer than the BYE");
		b.reason = slice_head(slice_skip(rest, 1), len);
	}
	*out = b;
	return 0;
}

int rtcp_app_parse(const struct rtcp_packet *p, struct rtcp_app *out,
		   struct parse_error *e)
{
	if (p->type != RTCP_APP || p->body.n < 8)
		return rtcp_fail(e, p->body.n,
				 "SSRC and name of the APP wanted");
	*out = (struct rtcp_app){
		.ssrc = read_be32(octets(p->body)),
		.name = slice_head(slice_skip(p->body, 4), 4),
		.data = slice_skip(p->body, 8),
	};
	return 0;
}

int rtcp_feedback_parse(const struct rtcp_packet *p,
			struct rtcp_feedback *out, struct parse_error *e)
{
	if ((p->type != RTCP_RTPFB && p->type != RTCP_PSFB) || p->body.n < 8)
		return rtcp_fail(e, p->body.n, "both SSRCs of feedback wanted");
	*out = (struct rtcp_feedback){
		.ssrc = read_be32(octets(p->body)),
		.media = read_be32(octets(p->body) + 4),
		.fci = slice_skip(p->body, 8),
	};
	return 0;
}

/* 6.5: a chunk's items end with a null octet, then nulls up to the next word
 * boundary.  Offsets in the body are aligned as those in the packet. */
static int chunk_end(const struct rtcp_packet *p, struct rtcp_sdes_walk *w,
		     struct parse_error *e)
{
	const uint8_t *b = octets(p->body);

	do {
		if (w->at >= p->body.n || b[w->at])
			return rtcp_fail(e, w->at, "null octets wanted");
		w->at++;
	} while (w->at % 4);
	w->inside = false;
	return 0;
}

/* 1: an item; 0: the end; -EBADMSG. */
static int sdes_step(const struct rtcp_packet *p, struct rtcp_sdes_walk *w,
		     struct rtcp_sdes_item *out, struct parse_error *e)
{
	const uint8_t *b = octets(p->body);
	size_t left, n;

	for (;;) {
		left = p->body.n - w->at;
		if (!w->inside) {
			if (w->chunk == p->count)
				return left ? rtcp_fail(e, w->at,
							"more than the chunks")
					    : 0;
			if (left < 4)
				return rtcp_fail(e, w->at, "SDES chunk wanted");
			w->ssrc = read_be32(b + w->at);
			w->at += 4;
			w->chunk++;
			w->inside = true;
			continue;
		}
		if (!left)
			return rtcp_fail(e, w->at, "end of the chunk wanted");
		if (b[w->at] == RTCP_SDES_END) {
			if (chunk_end(p, w, e))
				return -EBADMSG;
			continue;
		}
		if (left < 2 || left - 2 < b[w->at + 1])
			return rtcp_fail(e, w->at,
					 "item longer than the packet");
		n = b[w->at + 1];
		*out = (struct rtcp_sdes_item){ w->ssrc, b[w->at],
						slice_of(b + w->at + 2, n) };
		w->at += 2 + n;
		return 1;
	}
}

int rtcp_sdes_check(const struct rtcp_packet *p, struct parse_error *e)
{
	struct rtcp_sdes_walk w = { 0 };
	struct rtcp_sdes_item item;
	int rc = 1;

	if (p->type != RTCP_SDES)
		return rtcp_fail(e, 0, "SDES wanted");
	while (rc > 0) /* each step takes two octets at least */
		rc = sdes_step(p, &w, &item, e);
	return rc;
}

bool rtcp_sdes_next(const struct rtcp_packet *p, struct rtcp_sdes_walk *w,
		    struct rtcp_sdes_item *out)
{
	return sdes_step(p, w, out, NULL) > 0;
}

/* words: the packet's length without its header. */
static void header(struct writer *w, size_t count, enum rtcp_type type,
		   size_t words)
{
	writer_be8(w, (uint8_t)(0x80 | (count & 0x1F)));
	writer_be8(w, (uint8_t)type);
	writer_be16(w, (uint16_t)words);
}

static void block(struct writer *w, const struct rtcp_block *b)
{
	writer_be32(w, b->ssrc);
	writer_be32(w, (uint32_t)b->fraction << 24 |
			       ((uint32_t)b->lost & 0xFFFFFF));
	writer_be32(w, b->max_seq);
	writer_be32(w, b->jitter);
	writer_be32(w, b->lsr);
	writer_be32(w, b->dlsr);
}

void rtcp_write_report(struct writer *w, const struct rtcp_report *r,
		       const struct rtcp_block *blocks, size_t n)
{
	size_t head = r->sender ? 6 : 1;

	INVARIANT(n <= RTCP_BLOCKS_MAX && r->ext.n % 4 == 0);
	header(w, n, r->sender ? RTCP_SR : RTCP_RR,
	       head + n * (RTCP_BLOCK / 4) + r->ext.n / 4);
	writer_be32(w, r->ssrc);
	if (r->sender) {
		writer_be32(w, (uint32_t)(r->ntp >> 32));
		writer_be32(w, (uint32_t)r->ntp);
		writer_be32(w, r->ts);
		writer_be32(w, r->packets);
		writer_be32(w, r->octets);
	}
	for (size_t i = 0; i < n; i++)
		block(w, &blocks[i]);
	writer_put(w, r->ext);
}

void rtcp_write_cname(struct writer *w, uint32_t ssrc, struct slice cname)
{
	struct slice v = slice_head(cname, TEXT_MAX);
	size_t used = 2 + v.n;
	size_t pad = 4 - used % 4; /* 1..4 null octets end the chunk */

	header(w, 1, RTCP_SDES, 1 + (used + pad) / 4);
	writer_be32(w, ssrc);
	writer_be8(w, RTCP_SDES_CNAME);
	writer_be8(w, (uint8_t)v.n);
	writer_put(w, v);
	while (pad--)
		writer_be8(w, 0);
}

void rtcp_write_bye(struct writer *w, uint32_t ssrc, struct slice reason)
{
	struct slice v = slice_head(reason, TEXT_MAX);
	size_t used = v.n ? 1 + v.n : 0, pad = (4 - used % 4) % 4;

	header(w, 1, RTCP_BYE, 1 + (used + pad) / 4);
	writer_be32(w, ssrc);
	if (!v.n)
		return;
	writer_be8(w, (uint8_t)v.n);
	writer_put(w, v);
	while (pad--)
		writer_be8(w, 0);
}

int rtcp_write_app(struct writer *w, uint8_t subtype,
		   const struct rtcp_app *app)
{
	if (subtype > 31 || app->name.n != 4 || app->data.n % 4 ||
	    app->data.n / 4 > UINT16_MAX - 2)
		return -EINVAL;
	header(w, subtype, RTCP_APP, 2 + app->data.n / 4);
	writer_be32(w, app->ssrc);
	writer_put(w, app->name);
	writer_put(w, app->data);
	return w->full ? -ENOSPC : 0;
}

uint64_t rtcp_ntp(int64_t wall_ns)
{
	uint64_t ns = (uint64_t)wall_ns % 1000000000u;
	uint64_t s = (uint64_t)wall_ns / 1000000000u + 2208988800u;

	return s << 32 | (ns << 32) / 1000000000u;
}
