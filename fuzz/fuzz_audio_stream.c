/* SPDX-License-Identifier: BSD-2-Clause
 * A script: an octet says what happens (RTP or RTCP of the given length comes
 * in, time goes on by some ticks, digits, new negotiation, leaving).  What the
 * stream sends must be well-formed, and the port is fed once a tick. */
#include "fuzz/fuzz.h"
#include "media/audio_stream.h"

struct script {
	const uint8_t *p;
	size_t n;
	struct instant now;
};

static const struct addr from = { .family = 4, .port = 4000,
				  .ip = { 192, 0, 2, 1 } };

static uint8_t next(struct script *s)
{
	if (!s->n)
		return 0;
	s->n--;
	return *s->p++;
}

static void drain(struct audio_stream *a)
{
	struct audio_stream_out o;
	struct rtp_packet p;
	struct parse_error e;

	for (int i = 0; audio_stream_poll(a, &o); i++) {
		INVARIANT(i < 64 && o.n <= o.cap);
		if (o.kind == AUDIO_STREAM_RTP)
			INVARIANT(rtp_packet_parse(slice_of(o.bytes, o.n), &p,
						   &e) == 0);
		if (o.kind == AUDIO_STREAM_RTCP)
			INVARIANT(rtcp_check(slice_of(o.bytes, o.n), &e) == 0);
	}
}

static void ticks(struct script *s, struct audio_stream *a, struct graph *g,
		  unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		s->now.m += MS(10);
		s->now.wall_ns += MS(10);
		if (s->now.m >= audio_stream_deadline(a))
			audio_stream_on_time(a, s->now);
		graph_tick(g, s->now.m);
		drain(a);
	}
}

/* A packet of our own making around fuzzed fields, so that it gets through. */
static void rtp(struct script *s, struct audio_stream *a, uint16_t *seq,
		uint32_t *ts)
{
	uint8_t how = next(s), pt = next(s), n = next(s);
	struct rtp_packet p = { .ssrc = how & 1 ? 7 : next(s),
				.seq = *seq, .ts = *ts,
				.marker = how & 2, .pt = pt % 128 };

	*seq = (uint16_t)(*seq + (how & 4 ? next(s) - 100 : 1));
	*ts += how & 8 ? (uint32_t)next(s) << (how >> 4) : 160;
	n = n < s->n ? n : (uint8_t)s->n;
	p.payload = slice_of(s->p, n);
	s->p += n;
	s->n -= n;
	audio_stream_on_rtp(a, &p, &from, s->now);
}

static void rtcp(struct script *s, struct audio_stream *a)
{
	size_t n = next(s);

	n = n < s->n ? n : s->n;
	audio_stream_on_rtcp(a, slice_of(s->p, n), &from, s->now);
	s->p += n;
	s->n -= n;
}

static struct audio_stream_config config(uint8_t how)
{
	struct audio_stream_config c = {
		.event_pt = how & 1 ? 101 : -1, .send = !(how & 2),
		.receive = !(how & 4), .graph_rate = how & 8 ? 48000 : 8000,
		.cname = S("fuzz"), .rx_n = 4,
		.rx = { { 0, codec_static(0), 0 }, { 8, codec_static(8), 0 },
			{ 96, codec_named(S("L16/16000")), 0 },
			{ 101, NULL, 8000 } } };
	size_t rows = 0;

	if (codec_named(S("opus")))
		c.rx[c.rx_n++] = (struct audio_stream_rx){
			97, codec_named(S("opus")), 0 };
	while (feature_codec[rows])
		rows++;
	c.codec = feature_codec[(how >> 4) % rows];
	c.pt = 98;
	c.remote.fec = c.remote.dtx = how & 1;
	return c;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct script s = { data, size < 4096 ? size : 4096,
			    { SEC(1), SEC(1700000000) } };
	static struct audio_stream a;
	static const uint8_t seed[32];
	struct graph_echo echo = { .full = false };
	struct graph_port loop = { 0 };
	struct audio_stream_config c = config(next(&s));
	uint16_t seq = 100;
	uint32_t ts = 0;
	struct graph g;
	struct mem m;
	unsigned budget = 400;

	mem_init(&m, 0);
	m.budget = next(&s) & 1 ? 200000 : 0; /* a small device */
	if (graph_init(&g, &m, 16000) < 0)
		return 0;
	if (audio_stream_init(&a, &m, &c, seed, s.now) < 0 ||
	    audio_stream_attach(&a, &g, GRAPH_BUS(GRAPH_TO_USER),
				GRAPH_TO_NET) < 0)
		budget = 0;
	(void)!graph_attach(&g, &loop, &graph_echo_ops, &echo, 16000,
			    GRAPH_BUS(GRAPH_TO_NET), GRAPH_TO_USER);
	while (s.n && budget) {
		uint8_t what = next(&s);
		unsigned n = what / 8 % 8 + 1;

		if (what % 8 < 4) {
			rtp(&s, &a, &seq, &ts);
		} else if (what % 8 == 4) {
			rtcp(&s, &a);
		} else if (what % 8 == 5) {
			n = n < budget ? n : budget;
			budget -= n;
			ticks(&s, &a, &g, n);
		} else if (what % 8 == 6) {
			(void)!audio_stream_digit(&a, (char)next(&s),
						  next(&s) * 4u);
		} else if (what == 0xFF) {
			audio_stream_leave(&a, s.now);
		} else {
			c = config(next(&s));
			(void)!audio_stream_update(&a, &c, seed, s.now);
		}
		drain(&a);
	}
	if (a.mem)
		(void)audio_stream_stats(&a);
	audio_stream_fini(&a);
	graph_fini(&g);
	INVARIANT(m.blocks == 0);
	return 0;
}
