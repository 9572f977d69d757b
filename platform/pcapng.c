/* SPDX-License-Identifier: BSD-2-Clause */
#include "platform/pcapng.h"

enum {
	SECTION_HEADER = 0x0A0D0D0A,
	BYTE_ORDER = 0x1A2B3C4D,
	INTERFACE = 1,
	PACKET = 6,
	SECRETS = 10,
	TLS_KEY_LOG = 0x544C534B,
	LINK_RAW_IP = 101,

	OPTION_END = 0,
	OPTION_COMMENT = 1,
	OPTION_FLAGS = 2,       /* of a packet */
	OPTION_NAME = 2,        /* of an interface */
	OPTION_APPLICATION = 4, /* of a section */
	OPTION_RESOLUTION = 9   /* of an interface */
};

enum { FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16 };
enum { UDP = 17, TCP = 6 };

/* --------------------------------------------------------------- blocks */
static void pad(struct writer *w, size_t n)
{
	for (; n % 4; n++)
		writer_be8(w, 0);
}

static size_t padded(size_t n)
{
	return (n + 3) / 4 * 4;
}

static void option(struct writer *w, unsigned code, struct slice value)
{
	if (!value.n)
		return;
	value = slice_head(value, 65535);
	writer_be16(w, (uint16_t)code);
	writer_be16(w, (uint16_t)value.n);
	writer_put(w, value);
	pad(w, value.n);
}

static size_t option_size(struct slice value)
{
	return value.n ? 4 + padded(value.n < 65535 ? value.n : 65535) : 0;
}

static void option_end(struct writer *w)
{
	writer_be32(w, OPTION_END);
}

static void block_begin(struct writer *w, uint32_t type, size_t body)
{
	writer_be32(w, type);
	writer_be32(w, (uint32_t)body + 12);
}

static void block_end(struct writer *w, size_t body)
{
	writer_be32(w, (uint32_t)body + 12);
}

/* All or nothing: what did not fit is taken back. */
static int block_whole(struct writer *w, size_t from)
{
	if (!w->full)
		return 0;
	w->n = from;
	w->full = false;
	return -ENOSPC;
}

int pcapng_begin(struct writer *w, struct slice application)
{
	size_t from = w->n, body = 16 + option_size(application) + 4;

	block_begin(w, SECTION_HEADER, body);
	writer_be32(w, BYTE_ORDER);
	writer_be16(w, 1); /* version 1.0 */
	writer_be16(w, 0);
	writer_be32(w, UINT32_MAX); /* section length: not known */
	writer_be32(w, UINT32_MAX);
	option(w, OPTION_APPLICATION, application);
	option_end(w);
	block_end(w, body);
	return block_whole(w, from);
}

int pcapng_interface(struct writer *w, struct slice name)
{
	static const char nanoseconds[] = { 9 }; /* 10^-9 s */
	struct slice resolution = slice_of(nanoseconds, 1);
	size_t from = w->n;
	size_t body = 8 + option_size(name) + option_size(resolution) + 4;

	block_begin(w, INTERFACE, body);
	writer_be16(w, LINK_RAW_IP);
	writer_be16(w, 0);
	writer_be32(w, 0); /* packets are whole */
	option(w, OPTION_NAME, name);
	option(w, OPTION_RESOLUTION, resolution);
	option_end(w);
	block_end(w, body);
	return block_whole(w, from);
}

int pcapng_secrets(struct writer *w, struct slice lines)
{
	size_t from = w->n, body = 8 + padded(lines.n);

	block_begin(w, SECRETS, body);
	writer_be32(w, TLS_KEY_LOG);
	writer_be32(w, (uint32_t)lines.n);
	writer_put(w, lines);
	pad(w, lines.n);
	block_end(w, body);
	return block_whole(w, from);
}

/* -------------------------------------------------------------- headers */
/* RFC 1071: the sum of 16-bit words, n odd only in the last part. */
static uint32_t sum(uint32_t s, const void *p, size_t n)
{
	const uint8_t *b = p;

	for (; n > 1; n -= 2, b += 2)
		s += read_be16(b);
	if (n)
		s += (uint32_t)b[0] << 8;
	while (s >> 16)
		s = (s & 0xFFFF) + (s >> 16);
	return s;
}

static uint16_t checksum(uint32_t s)
{
	return (uint16_t)~s;
}

static const struct addr *from_of(const struct pcapng_packet *p)
{
	return p->out ? &p->local : &p->remote;
}

static const struct addr *to_of(const struct pcapng_packet *p)
{
	return p->out ? &p->remote : &p->local;
}

static size_t ip_size(const struct pcapng_packet *p)
{
	return p->remote.family == 4 ? 20 : 40;
}

static size_t address_size(const struct pcapng_packet *p)
{
	return p->remote.family == 4 ? 4 : 16;
}

/* RFC 791 3.1 and RFC 8200 section 3; n bytes follow. */
static void ip_header(struct writer *w, const struct pcapng_packet *p,
		      unsigned proto, size_t n)
{
	uint8_t h[20] = { 0x45, (uint8_t)(p->dscp << 2) };
	struct writer v4 = writer_begin(h + 2, 8);
	uint8_t ttl = p->ttl ? p->ttl : 64;
	uint16_t sum4;

	if (p->remote.family != 4) {
		writer_be32(w, 6u << 28 | (uint32_t)p->dscp << 22);
		writer_be16(w, (uint16_t)n);
		writer_be8(w, (uint8_t)proto);
		writer_be8(w, ttl);
		writer_put(w, slice_of(from_of(p)->ip, 16));
		writer_put(w, slice_of(to_of(p)->ip, 16));
		return;
	}
	writer_be16(&v4, (uint16_t)(n + 20));
	writer_be16(&v4, 0);
	writer_be16(&v4, 0x4000); /* not to be fragmented */
	writer_be8(&v4, ttl);
	writer_be8(&v4, (uint8_t)proto);
	memcpy(h + 12, from_of(p)->ip, 4);
	memcpy(h + 16, to_of(p)->ip, 4);
	sum4 = checksum(sum(0, h, sizeof(h)));
	h[10] = (uint8_t)(sum4 >> 8);
	h[11] = (uint8_t)sum4;
	writer_put(w, slice_of(h, sizeof(h)));
}

/* Of the pseudo header (RFC 768, RFC 9293 3.1, RFC 8200 8.1), the header and
 * the bytes; every part but the last is even. */
static uint16_t transport_checksum(const struct pcapng_packet *p,
				   unsigned proto, const uint8_t *header,
				   size_t n)
{
	uint32_t s = proto + (uint32_t)(n + p->bytes.n);

	s = sum(s, from_of(p)->ip, address_size(p));
	s = sum(s, to_of(p)->ip, address_size(p));
	s = sum(s, header, n);
	return checksum(sum(s, p->bytes.p, p->bytes.n));
}

static int packet(struct writer *w, const struct pcapng_packet *p,
		  unsigned proto, const uint8_t *header, size_t n)
{
	const uint8_t flags[4] = { 0, 0, 0, p->out ? 2 : 1 };
	struct slice direction = slice_of(flags, sizeof(flags));
	size_t data = ip_size(p) + n + p->bytes.n, from = w->n;
	size_t body = 20 + padded(data) + option_size(p->comment) +
		      option_size(direction) + 4;
	uint64_t at = (uint64_t)p->wall_ns;

	block_begin(w, PACKET, body);
	writer_be32(w, p->interface);
	writer_be32(w, (uint32_t)(at >> 32));
	writer_be32(w, (uint32_t)at);
	writer_be32(w, (uint32_t)data);
	writer_be32(w, (uint32_t)data);
	ip_header(w, p, proto, n + p->bytes.n);
	writer_put(w, slice_of(header, n));
	writer_put(w, p->bytes);
	pad(w, data);
	option(w, OPTION_COMMENT, p->comment);
	option(w, OPTION_FLAGS, direction);
	option_end(w);
	block_end(w, body);
	return block_whole(w, from);
}

static void set_checksum(const struct pcapng_packet *p, unsigned proto,
			 uint8_t *header, size_t n, size_t at)
{
	uint16_t s = transport_checksum(p, proto, header, n);

	if (!s && proto == UDP)
		s = 0xFFFF; /* RFC 768: 0 says that there is none */
	header[at] = (uint8_t)(s >> 8);
	header[at + 1] = (uint8_t)s;
}

int pcapng_udp(struct writer *w, const struct pcapng_packet *p)
{
	uint8_t h[8] = { 0 };
	struct writer u = writer_begin(h, sizeof(h));

	if (p->bytes.n > PCAPNG_UDP)
		return -EMSGSIZE;
	writer_be16(&u, from_of(p)->port);
	writer_be16(&u, to_of(p)->port);
	writer_be16(&u, (uint16_t)(p->bytes.n + sizeof(h)));
	set_checksum(p, UDP, h, sizeof(h), 6);
	return packet(w, p, UDP, h, sizeof(h));
}

/* ----------------------------------------------------------------- TCP */
static int segment(struct writer *w, struct pcapng_stream *s, unsigned flags,
		   const struct pcapng_packet *p)
{
	uint32_t *seq = p->out ? &s->sent : &s->received;
	uint32_t ack = p->out ? s->received : s->sent;
	uint8_t h[20] = { 0 };
	struct writer t = writer_begin(h, sizeof(h));
	int rc;

	writer_be16(&t, from_of(p)->port);
	writer_be16(&t, to_of(p)->port);
	writer_be32(&t, *seq);
	writer_be32(&t, flags & ACK ? ack : 0);
	writer_be8(&t, 5 << 4); /* words in the header */
	writer_be8(&t, (uint8_t)flags);
	writer_be16(&t, 65535);
	set_checksum(p, TCP, h, sizeof(h), 16);
	rc = packet(w, p, TCP, h, sizeof(h));
	if (rc == 0)
		*seq += (uint32_t)p->bytes.n + ((flags & (SYN | FIN)) != 0);
	return rc;
}

static int handshake(struct writer *w, struct pcapng_stream *s,
		     bool we_connected, const struct pcapng_packet *p)
{
	struct pcapng_packet there = *p, back;
	int rc;

	there.bytes = there.comment = (struct slice){ 0 };
	back = there;
	there.out = we_connected;
	back.out = !we_connected;
	*s = (struct pcapng_stream){ .open = true };
	rc = segment(w, s, SYN, &there);
	if (rc == 0)
		rc = segment(w, s, SYN | ACK, &back);
	return rc < 0 ? rc : segment(w, s, ACK, &there);
}

int pcapng_tcp(struct writer *w, struct pcapng_stream *s, bool we_connected,
	       const struct pcapng_packet *p)
{
	struct pcapng_stream was = *s;
	size_t from = w->n;
	int rc = 0;

	if (p->bytes.n > PCAPNG_TCP)
		return -EMSGSIZE;
	if (!s->open)
		rc = handshake(w, s, we_connected, p);
	if (rc == 0 && p->bytes.n)
		rc = segment(w, s, PSH | ACK, p);
	if (rc < 0) {
		w->n = from;
		*s = was;
	}
	return rc;
}

int pcapng_tcp_end(struct writer *w, struct pcapng_stream *s, bool reset,
		   const struct pcapng_packet *p)
{
	struct pcapng_packet empty = *p;

	empty.bytes = (struct slice){ 0 };
	return segment(w, s, reset ? RST | ACK : FIN | ACK, &empty);
}
