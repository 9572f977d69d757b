/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <string.h>

#include "media/codec/codec.h"
#include "media/graph.h"
#include "rtp/rtp_jitter.h"
#include "tools/bench.h"

enum { LEGS = 100 };

struct coding {
	const struct codec *c;
	void *enc, *dec;
	uint32_t rate;
	size_t n;
	int len;
	int16_t pcm[CODEC_PACKET_SAMPLES];
	uint8_t packet[CODEC_PAYLOAD_MAX];
};

static void encode(void *arg)
{
	struct coding *k = arg;

	k->len = k->c->encode(k->enc, k->pcm, k->n, k->packet,
			      sizeof(k->packet));
}

static void bench_decode(void *arg)
{
	struct coding *k = arg;
	int16_t out[CODEC_PACKET_SAMPLES];

	if (k->len > 0 && k->c->decode(k->dec, k->packet, (size_t)k->len, out,
				       CODEC_PACKET_SAMPLES) < 0)
		k->len = 0;
}

/* Not silence, and not a tone that a codec likes. */
static void noise(int16_t *pcm, size_t n)
{
	uint32_t x = 1;

	for (size_t i = 0; i < n; i++) {
		x = x * 1664525 + 1013904223;
		pcm[i] = (int16_t)((int32_t)(x >> 20) - 2048);
	}
}

static void codec(struct tool *t, struct coding *k, const struct codec *c)
{
	struct codec_params p = { .fec = false };
	char what[64], of[24];

	k->c = c;
	k->rate = codec_rate(c, 48000);
	k->n = k->rate * c->ptime / 1000; /* 20 ms of some do not fit */
	snprintf(of, sizeof(of), "for %u ms", c->ptime);
	noise(k->pcm, k->n);
	if (c->encoder_open(t->mem, k->rate, &p, &k->enc))
		return;
	if (c->decoder_open(t->mem, k->rate, &k->dec) == 0) {
		snprintf(what, sizeof(what), "%s: encode", c->title);
		bench_row(t, what, bench_ns(encode, k), of);
		snprintf(what, sizeof(what), "%s: decode", c->title);
		bench_row(t, what, bench_ns(bench_decode, k), of);
		c->decoder_close(t->mem, k->dec);
	}
	c->encoder_close(t->mem, k->enc);
}

/* ------------------------------------------------------------- the graph */
struct mixing {
	struct graph graph;
	struct graph_port port[LEGS];
	int16_t pcm[GRAPH_SAMPLES_MAX];
	volatile int32_t sum;
};

static bool speak(void *arg, int16_t *pcm, size_t n, mono now)
{
	struct mixing *x = arg;

	(void)now;
	memcpy(pcm, x->pcm, n * sizeof(*pcm));
	return true;
}

static void hear(void *arg, const int16_t *pcm, size_t n, mono now)
{
	struct mixing *x = arg;

	(void)now;
	x->sum += pcm ? pcm[n - 1] : 0;
}

static const struct graph_ops leg = { speak, hear };

static void tick(void *arg)
{
	struct mixing *x = arg;

	graph_tick(&x->graph, 0);
}

static void mixer(struct tool *t)
{
	struct mixing *x = mem_new(t->mem, sizeof(*x));

	if (!x)
		return;
	noise(x->pcm, GRAPH_SAMPLES_MAX);
	if (graph_init(&x->graph, t->mem, GRAPH_RATE_MAX) == 0) {
		for (size_t i = 0; i < LEGS; i++)
			if (graph_attach(&x->graph, &x->port[i], &leg, x,
					 GRAPH_RATE_MAX,
					 GRAPH_BUS(GRAPH_TO_NET),
					 GRAPH_TO_NET))
				break;
		bench_row(t, "graph: 100 legs at 48 kHz, all speak",
			  bench_ns(tick, x), "for 10 ms");
		graph_fini(&x->graph);
	}
	mem_free(t->mem, x);
}

/* ------------------------------------------------------------------- RTP */
struct receiving {
	struct rtp_jitter jitter;
	uint32_t n;
	uint8_t packet[RTP_HEADER + 160];
	volatile size_t sum;
};

static void bench_receive(void *arg)
{
	struct receiving *r = arg;
	struct rtp_packet p;
	struct rtp_jitter_frame f;
	struct parse_error e;
	mono now = (mono)r->n * MS(20);

	rtp_header_write(r->packet, 0, false, (uint16_t)r->n, r->n * 160, 1);
	r->n++;
	if (rtp_packet_parse(slice_of(r->packet, sizeof(r->packet)), &p, &e))
		return;
	r->sum += rtp_jitter_put(&r->jitter, &p, now);
	r->sum += rtp_jitter_get(&r->jitter, now, false, &f);
	rtp_jitter_advance(&r->jitter, 160);
}

static void rtp(struct tool *t)
{
	const struct rtp_jitter_config cfg = { .rate = 8000, .frame = 160 };
	struct receiving *r = mem_new(t->mem, sizeof(*r));

	if (!r)
		return;
	rtp_jitter_init(&r->jitter, t->mem, &cfg, 0);
	bench_row(t, "RTP: parse, jitter buffer in and out",
		  bench_ns(bench_receive, r), "for a packet");
	rtp_jitter_fini(&r->jitter);
	mem_free(t->mem, r);
}

static void bench_run(struct tool *t)
{
	struct coding *k = mem_new(t->mem, sizeof(*k));

	for (size_t i = 0; k && feature_codec[i]; i++)
		codec(t, k, feature_codec[i]);
	mem_free(t->mem, k);
	mixer(t);
	rtp(t);
}

extern const struct bench bench_media;
const struct bench bench_media = { "media", bench_run };
