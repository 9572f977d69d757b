/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/vectors/pcap.h"

static const uint8_t *octets(const struct pcap *p)
{
	return (const uint8_t *)p->all.p + p->at;
}

static uint32_t u32(const struct pcap *p, size_t at)
{
	const uint8_t *b = octets(p) + at;

	return p->big ? read_be32(b) :
			(uint32_t)b[3] << 24 | (uint32_t)b[2] << 16 |
				(uint32_t)b[1] << 8 | b[0];
}

bool pcap_open(struct pcap *p, struct slice file)
{
	*p = (struct pcap){ .all = file };
	if (file.n < 24)
		return false;
	if (u32(p, 0) == 0x0A0D0D0A) {
		p->ng = true;
		return true;
	}
	p->big = u32(p, 0) == 0xD4C3B2A1;
	if (u32(p, 0) != 0xA1B2C3D4)
		return false;
	p->link[0] = u32(p, 20);
	p->at = 24;
	return true;
}

static bool udp(struct slice ip, uint8_t family, size_t head,
		struct pcap_datagram *d)
{
	const uint8_t *b = (const uint8_t *)ip.p;
	size_t len, skip = family == 4 ? 12 : 8, size = family == 4 ? 4 : 16;

	if (ip.n < head + 8)
		return false;
	d->from = d->to = (struct addr){ .family = family };
	memcpy(d->from.ip, b + skip, size);
	memcpy(d->to.ip, b + skip + size, size);
	d->from.port = read_be16(b + head);
	d->to.port = read_be16(b + head + 2);
	len = read_be16(b + head + 4);
	if (len < 8 || len > ip.n - head)
		return false;
	d->payload = slice_of(b + head + 8, len - 8);
	return true;
}

static bool frame(uint32_t link, struct slice f, struct pcap_datagram *d)
{
	const uint8_t *b = (const uint8_t *)f.p;
	size_t skip = link == 1 ? 14 : link == 113 ? 16 : 0;

	if (link == 1 && f.n >= 14 && b[12] == 0x81 && b[13] == 0)
		skip = 18;
	f = slice_skip(f, skip);
	b = (const uint8_t *)f.p;
	if (f.n >= 20 && b[0] >> 4 == 4 && b[9] == 17)
		return udp(f, 4, (b[0] & 15u) * 4, d);
	if (f.n >= 40 && b[0] >> 4 == 6 && b[6] == 17)
		return udp(f, 6, 40, d);
	return false;
}

/* Microseconds; nanoseconds where those would be past all measure. */
static mono stamp(uint64_t v)
{
	return v > INT64_MAX / 1000 ? (mono)(v & INT64_MAX) : US(v);
}

/* One block of pcapng; *got: it held a datagram. */
static bool block(struct pcap *p, struct pcap_datagram *d, bool *got)
{
	size_t left = p->all.n - p->at, n;
	uint32_t type;

	*got = false;
	if (left < 12)
		return false;
	type = u32(p, 0);
	if (type == 0x0A0D0D0A) {
		p->big = octets(p)[8] == 0x1A;
		p->links = 0;
	}
	n = u32(p, 4);
	if (n < 12 || n > left)
		return false;
	if (type == 1 && p->links < COUNT(p->link) && n >= 20)
		p->link[p->links++] = u32(p, 8) & 0xFFFF;
	if (p->big && type == 1 && p->links)
		p->link[p->links - 1] = u32(p, 8) >> 16;
	if (type == 6 && n >= 32 && u32(p, 8) < p->links &&
	    u32(p, 20) <= n - 32) {
		d->when = stamp((uint64_t)u32(p, 12) << 32 | u32(p, 16));
		*got = frame(p->link[u32(p, 8)],
			     slice_of(octets(p) + 28, u32(p, 20)), d);
	}
	p->at += n;
	return true;
}

static bool record(struct pcap *p, struct pcap_datagram *d, bool *got)
{
	size_t left = p->all.n - p->at, n;

	if (left < 16)
		return false;
	n = u32(p, 8);
	if (n > left - 16)
		return false;
	d->when = SEC(u32(p, 0)) + US(u32(p, 4));
	*got = frame(p->link[0], slice_of(octets(p) + 16, n), d);
	p->at += 16 + n;
	return true;
}

bool pcap_next(struct pcap *p, struct pcap_datagram *d)
{
	bool got = false;

	while (!got)
		if (!(p->ng ? block(p, d, &got) : record(p, d, &got)))
			return false;
	return true;
}
