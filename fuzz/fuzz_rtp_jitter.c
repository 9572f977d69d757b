/* SPDX-License-Identifier: BSD-2-Clause
 * The input is a script of steps: packets with any number, timestamp and
 * delay, pulls, resets, and memory that runs out.  What must hold: between two
 * beginnings numbers rise and no number plays twice; payloads are those put;
 * the buffer never holds more than its slots; a pull ends. */
#include <stdlib.h>

#include "fuzz/fuzz.h"
#include "rtp/rtp_jitter.h"

static void *resize(void *ctx, void *p, size_t n)
{
	(void)ctx;
	if (n)
		return realloc(p, n);
	free(p);
	return NULL;
}

struct script {
	struct rtp_jitter j;
	mono now;
	uint16_t seq;
	uint32_t ts;
	uint32_t fifo;
	uint32_t resyncs;
	int last; /* played last since the beginning, -1: none */
};

static void put(struct script *s, uint8_t a, uint8_t b)
{
	uint8_t body[130];
	struct rtp_packet p = { 0 };

	if (a & 0x20) /* elsewhere in the sequence */
		s->seq = (uint16_t)(s->seq + (int8_t)b);
	if (a & 0x10)
		s->seq = (uint16_t)(s->seq + 0x101 * b);
	if (a & 0x08)
		s->ts += (uint32_t)b << 12;
	p.seq = s->seq++;
	p.ts = s->ts;
	s->ts += 160;
	memset(body, p.seq & 0xFF, sizeof(body));
	p.payload = slice_of(body, (a & 7) ? (a & 7u) * 18 : 0);
	if (a & 0x40 && b & 1)
		rtp_jitter_skip(&s->j, p.seq);
	else
		(void)rtp_jitter_put(&s->j, &p, s->now);
}

static void came(struct script *s, const struct rtp_jitter_frame *f)
{
	for (size_t i = 0; i < f->payload.n; i++)
		INVARIANT((uint8_t)f->payload.p[i] == (f->seq & 0xFF));
	if (s->j.stats.resyncs != s->resyncs) {
		s->resyncs = s->j.stats.resyncs;
		s->last = -1;
	}
	if (s->last >= 0)
		INVARIANT((int16_t)(uint16_t)(f->seq - s->last) > 0);
	s->last = f->seq;
}

static void pull(struct script *s, bool quiet)
{
	for (unsigned guard = 0; s->fifo < 80; guard++) {
		struct rtp_jitter_frame f;
		enum rtp_jitter_verdict v =
			rtp_jitter_get(&s->j, s->now, quiet, &f);
		uint32_t n = 80;

		INVARIANT(guard <= 2 * RTP_JITTER_SLOTS);
		if (v == RTP_JITTER_PLAY || v == RTP_JITTER_SHRINK) {
			came(s, &f);
			n = 160;
		}
		if (v == RTP_JITTER_STRETCH)
			n = f.samples;
		rtp_jitter_advance(&s->j, n);
		s->fifo += v == RTP_JITTER_SHRINK ? 0 : n;
	}
	s->fifo -= 80;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct script s;
	struct mem mem = { .resize = resize };
	struct rtp_jitter_config cfg = { .rate = 8000, .frame = 160 };

	if (size < 1 || size > 8192)
		return 0;
	cfg.slots = (uint16_t)(8 << (data[0] & 3));
	mem.fail_at = data[0] >> 2;
	s = (struct script){ .last = -1, .seq = 65500, .ts = 0xFFFFF000 };
	rtp_jitter_init(&s.j, &mem, &cfg, 0);
	for (size_t i = 1; i + 2 <= size; i += 2) {
		if (data[i] & 0x80) {
			s.now += MS(data[i] & 0x3F);
			if (data[i + 1] == 0xFF)
				rtp_jitter_reset(&s.j);
			pull(&s, data[i + 1] & 1);
		} else {
			put(&s, data[i], data[i + 1]);
		}
		INVARIANT(s.j.held <= cfg.slots && s.j.slots <= cfg.slots);
		INVARIANT(rtp_jitter_stats(&s.j).target_ms <= 500);
	}
	rtp_jitter_fini(&s.j);
	INVARIANT(mem.blocks == 0 && mem.used == 0);
	return 0;
}
