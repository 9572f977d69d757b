/* SPDX-License-Identifier: BSD-2-Clause */
#include "rtp/rtp_packet.h"

static int packet_fail(struct parse_error *e, size_t offset, const char *reason)
{
	if (e)
		*e = (struct parse_error){ offset, reason };
	return -EBADMSG;
}

static const uint8_t *packet_octets(struct slice s)
{
	return (const uint8_t *)s.p;
}

/* The fixed header, 5.1.  RFC 3551 6 keeps 72..76 free, since with the marker
 * they are the packet types of RTCP. */
static int fixed(struct slice in, struct rtp_packet *p, struct parse_error *e)
{
	const uint8_t *h = packet_octets(in);

	if (in.n < RTP_HEADER)
		return packet_fail(e, in.n, "12 octets of RTP header wanted");
	if (h[0] >> 6 != 2)
		return packet_fail(e, 0, "RTP version 2 wanted");
	p->marker = h[1] >> 7;
	p->pt = h[1] & 0x7F;
	if (p->pt >= 72 && p->pt <= 76)
		return packet_fail(e, 1, "payload type is that of RTCP");
	p->seq = read_be16(h + 2);
	p->ts = read_be32(h + 4);
	p->ssrc = read_be32(h + 8);
	return 0;
}

/* Padding, 5.1: the last octet counts all of it, itself included. */
static int padding(struct slice in, struct slice *rest, struct rtp_packet *p,
		   struct parse_error *e)
{
	uint8_t n;

	if (!(packet_octets(in)[0] & 0x20))
		return 0;
	if (!rest->n)
		return packet_fail(e, in.n, "padding wanted");
	n = packet_octets(in)[in.n - 1];
	if (!n || n > rest->n)
		return packet_fail(e, in.n - 1,
				   "padding longer than the packet");
	p->padding = n;
	rest->n -= n;
	return 0;
}

int rtp_packet_parse(struct slice in, struct rtp_packet *out,
		     struct parse_error *e)
{
	struct rtp_packet p = { 0 };
	struct slice rest;
	size_t n;

	if (fixed(in, &p, e))
		return -EBADMSG;
	rest = slice_skip(in, RTP_HEADER);
	n = (packet_octets(in)[0] & 0x0Fu) * 4;
	if (rest.n < n)
		return packet_fail(e, in.n, "CSRC list wanted");
	p.csrc = slice_head(rest, n);
	rest = slice_skip(rest, n);
	if (padding(in, &rest, &p, e))
		return -EBADMSG;
	if (packet_octets(in)[0] & 0x10) { /* 5.3.1 */
		n = (size_t)(rest.p - in.p);
		if (rest.n < 4)
			return packet_fail(e, n, "header extension wanted");
		p.has_ext = true;
		p.ext_profile = read_be16(packet_octets(rest));
		n = read_be16(packet_octets(rest) + 2) * (size_t)4;
		rest = slice_skip(rest, 4);
		if (rest.n < n)
			return packet_fail(
				e, (size_t)(rest.p - in.p) - 2,
				"header extension longer than the packet");
		p.ext = slice_head(rest, n);
		rest = slice_skip(rest, n);
	}
	p.payload = rest;
	*out = p;
	return 0;
}

uint32_t rtp_packet_csrc(const struct rtp_packet *p, size_t i)
{
	INVARIANT(i < p->csrc.n / 4);
	return read_be32(packet_octets(p->csrc) + i * 4);
}

static void put_be16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static void put_be32(uint8_t *p, uint32_t v)
{
	put_be16(p, (uint16_t)(v >> 16));
	put_be16(p + 2, (uint16_t)v);
}

void rtp_header_write(uint8_t out[RTP_HEADER], uint8_t pt, bool marker,
		      uint16_t seq, uint32_t ts, uint32_t ssrc)
{
	INVARIANT(pt < 128);
	out[0] = 0x80;
	out[1] = (uint8_t)((marker ? 0x80 : 0) | (pt & 0x7F));
	put_be16(out + 2, seq);
	put_be32(out + 4, ts);
	put_be32(out + 8, ssrc);
}

static bool writable(const struct rtp_packet *p)
{
	return p->pt < 128 && !(p->pt >= 72 && p->pt <= 76) &&
	       p->csrc.n % 4 == 0 && p->csrc.n / 4 <= RTP_CSRC_MAX &&
	       p->ext.n % 4 == 0 && p->ext.n / 4 <= UINT16_MAX &&
	       (p->has_ext || !p->ext.n);
}

int rtp_packet_write(struct writer *w, const struct rtp_packet *p)
{
	uint8_t head[RTP_HEADER];

	if (!writable(p))
		return -EINVAL;
	rtp_header_write(head, p->pt, p->marker, p->seq, p->ts, p->ssrc);
	head[0] = (uint8_t)(0x80 | (p->padding ? 0x20 : 0) |
			    (p->has_ext ? 0x10 : 0) | p->csrc.n / 4);
	writer_put(w, slice_of(head, sizeof(head)));
	writer_put(w, p->csrc);
	if (p->has_ext) {
		writer_be16(w, p->ext_profile);
		writer_be16(w, (uint16_t)(p->ext.n / 4));
		writer_put(w, p->ext);
	}
	writer_put(w, p->payload);
	for (unsigned i = 1; i < p->padding; i++)
		writer_be8(w, 0);
	if (p->padding)
		writer_be8(w, p->padding);
	return w->full ? -ENOSPC : 0;
}

bool rtp_ext_next(const struct rtp_packet *p, size_t *at, struct rtp_ext *out)
{
	const uint8_t *d = packet_octets(p->ext);
	bool one = p->ext_profile == RTP_EXT_ONE;
	size_t head = one ? 1 : 2, n;
	struct rtp_ext x;

	if (!p->has_ext || (!one && (p->ext_profile & 0xFFF0) != RTP_EXT_TWO))
		return false;
	while (*at < p->ext.n && d[*at] == 0) /* 4.2, 4.3: padding */
		++*at;
	if (p->ext.n - *at < head)
		return false;
	x.id = one ? d[*at] >> 4 : d[*at];
	n = one ? (d[*at] & 0x0Fu) + 1 : d[*at + 1];
	/* 4.2: id 15 stops the processing; id 0 with a length is reserved */
	if (!x.id || (one && x.id == 15) || p->ext.n - *at - head < n)
		return false;
	x.data = slice_of(d + *at + head, n);
	*at += head + n;
	*out = x;
	return true;
}
