/* SPDX-License-Identifier: BSD-2-Clause
 * The input is a script: each step has an octet of what and who, one of time,
 * one of length, and then that many octets of a packet.  What must hold: the
 * table stays bounded, what is written checks, deadlines are obeyed, nothing
 * follows the end, nothing leaks. */
#include <stdlib.h>

#include "fuzz/fuzz.h"
#include "rtp/rtp_session.h"

static void *resize(void *ctx, void *p, size_t n)
{
	(void)ctx;
	if (n)
		return realloc(p, n);
	free(p);
	return NULL;
}

struct script {
	struct rtp_session s;
	struct instant now;
	bool ended;
};

static void drain(struct script *x, unsigned out)
{
	static uint8_t buf[RTP_RTCP_MAX];
	int n;

	if (out & RTP_SESSION_RTCP) {
		INVARIANT(!x->ended);
		n = rtp_session_write_rtcp(&x->s, buf, sizeof(buf), x->now);
		INVARIANT(n > 0 && n <= RTP_RTCP_MAX);
		INVARIANT(rtcp_check(slice_of(buf, (size_t)n), NULL) == 0);
	}
	if (out & RTP_SESSION_ENDED)
		x->ended = true;
}

static void time_passes(struct script *x)
{
	for (unsigned i = 0; x->now.m >= rtp_session_deadline(&x->s); i++) {
		INVARIANT(i < 4);
		drain(x, rtp_session_on_time(&x->s, x->now));
	}
}

static void feed(struct script *x, uint8_t what, struct slice body)
{
	struct addr from = addr_v4(192, 0, 2, what >> 6, 4000);
	struct rtp_packet p;
	uint8_t out[RTP_HEADER + 16] = { 0 };

	switch (what & 7) {
	case 0:
	case 1:
	case 2:
		if (rtp_packet_parse(body, &p, NULL) == 0) {
			if (what & 8) /* our own: a collision */
				p.ssrc = x->s.ssrc;
			drain(x, rtp_session_on_rtp(&x->s, &p, &from, x->now));
		}
		break;
	case 3:
	case 4:
	case 5:
		drain(x, rtp_session_on_rtcp(&x->s, body, &from, x->now));
		break;
	case 6:
		if (!x->ended)
			rtp_session_stamp(&x->s, out, 16, 0, false,
					  what * 160u, x->now);
		break;
	case 7:
		if (what & 0x30)
			break;
		drain(x, rtp_session_leave(&x->s, x->now));
		break;
	default:
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mem mem = { .resize = resize };
	struct rtp_session_config cfg = { .rate = 8000, .cname = SLICE("me") };
	uint8_t seed[32] = { 7 };
	struct script x = { .now = { 0, SEC(1700000000) } };

	if (size < 2 || size > 16384)
		return 0;
	cfg.bandwidth = data[0] * 1000u;
	cfg.unicast = data[1] & 1;
	cfg.sources = data[1] & 2 ? 60 : 0;
	mem.fail_at = data[1] >> 4;
	rtp_session_init(&x.s, &mem, &cfg, seed, x.now);
	for (size_t i = 2; i + 3 <= size;) {
		size_t n = data[i + 2];

		x.now.m += MS(data[i + 1]) * (data[i + 1] & 1 ? 50 : 1);
		x.now.wall_ns = SEC(1700000000) + x.now.m;
		time_passes(&x);
		if (n > size - i - 3)
			n = size - i - 3;
		feed(&x, data[i], slice_of(data + i + 3, n));
		time_passes(&x);
		i += 3 + n;
		INVARIANT(x.s.sources <= (cfg.sources ? 60 : 16));
		INVARIANT(x.s.played < (int)x.s.sources);
		(void)rtp_session_stats(&x.s);
	}
	rtp_session_fini(&x.s);
	INVARIANT(mem.blocks == 0 && mem.used == 0);
	return 0;
}
