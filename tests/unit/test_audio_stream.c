/* SPDX-License-Identifier: BSD-2-Clause
 * Two streams in two graphs with a network of our own between them: delay,
 * jitter and loss from a seed, in ticks of 10 ms. */
#include "tests/unit/suites.h"

#include <math.h>

#include "media/audio_stream.h"
#include "media/measure.h"
#include "media/wav_file.h"
#include "tools/speech.h"

enum { WIRE = 512, HEARD = 16000 * 20, GRAPH_HZ = 16000 };

struct wire_packet {
	bool used, rtcp;
	mono at;
	size_t n;
	uint8_t bytes[1500];
};

struct end {
	struct mem mem;
	struct graph graph;
	struct audio_stream stream;
	struct graph_port voice, ear;
	const int16_t *say;   /* what the voice says, at GRAPH_HZ */
	size_t say_n, said;
	int16_t *heard;
	size_t heard_n;
	struct wire_packet *in; /* on the way to this end */
	struct rtp_packet last;
	unsigned rtp, rtcp, markers;
	char digits[64];
	unsigned digit_ms, codecs, ended, heards, silents;
};

struct call {
	struct end a, b;
	struct instant now;
	uint32_t seed;
	unsigned loss;      /* percent */
	mono delay, jitter;
};

static uint32_t next_random(struct call *c)
{
	c->seed = c->seed * 1664525 + 1013904223;
	return c->seed >> 8;
}

static bool voice(void *arg, int16_t *pcm, size_t n, mono now)
{
	struct end *e = arg;

	(void)now;
	if (e->say_n - e->said < n)
		return false;
	memcpy(pcm, e->say + e->said, n * sizeof(*pcm));
	e->said += n;
	return true;
}

static void ear(void *arg, const int16_t *pcm, size_t n, mono now)
{
	struct end *e = arg;

	(void)now;
	if (HEARD - e->heard_n < n)
		return;
	if (pcm)
		memcpy(e->heard + e->heard_n, pcm, n * sizeof(*pcm));
	else
		memset(e->heard + e->heard_n, 0, n * sizeof(*pcm));
	e->heard_n += n;
}

static const struct graph_ops voice_ops = { voice, NULL };
static const struct graph_ops ear_ops = { NULL, ear };

static struct audio_stream_config config(const char *codec)
{
	struct audio_stream_config c = {
		.codec = codec_named(slice_str(codec)),
		.event_pt = 101, .send = true, .receive = true,
		.graph_rate = GRAPH_HZ, .cname = S("test"), .rx_n = 5,
		.rx = { { 0, codec_named(S("PCMU")), 0 },
			{ 8, codec_named(S("PCMA")), 0 },
			{ 96, codec_named(S("L16/16000")), 0 },
			{ 101, NULL, 8000 }, { 102, NULL, 48000 } } };

	ck_assert_ptr_nonnull(c.codec);
	c.pt = c.codec->payload_type == CODEC_DYNAMIC ? 96 :
	       c.codec->payload_type;
	if (codec_named(S("opus"))) {
		c.rx[c.rx_n++] = (struct audio_stream_rx){
			97, codec_named(S("opus")), 0 };
		if (slice_ieq(slice_str(codec), "opus")) {
			c.pt = 97;
			c.event_pt = 102;
		}
	}
	return c;
}

static void end_open(struct end *e, const struct audio_stream_config *cfg,
		     uint8_t seed, struct instant now)
{
	uint8_t seeds[32] = { seed };

	memset(e, 0, sizeof(*e));
	mem_init(&e->mem, 0);
	e->heard = mem_array(&e->mem, HEARD, sizeof(*e->heard));
	e->in = mem_array(&e->mem, WIRE, sizeof(*e->in));
	ck_assert_int_eq(graph_init(&e->graph, &e->mem, GRAPH_HZ), 0);
	ck_assert_int_eq(audio_stream_init(&e->stream, &e->mem, cfg, seeds,
					   now), 0);
	ck_assert_int_eq(audio_stream_attach(&e->stream, &e->graph,
					     GRAPH_BUS(GRAPH_TO_USER),
					     GRAPH_TO_NET), 0);
	ck_assert_int_eq(graph_attach(&e->graph, &e->voice, &voice_ops, e,
				      GRAPH_HZ, GRAPH_BUS(GRAPH_TO_NET),
				      GRAPH_DEAF), 0);
	ck_assert_int_eq(graph_attach(&e->graph, &e->ear, &ear_ops, e,
				      GRAPH_HZ, 0, GRAPH_TO_USER), 0);
}

static void end_close(struct end *e)
{
	audio_stream_fini(&e->stream);
	graph_fini(&e->graph);
	mem_free(&e->mem, e->heard);
	mem_free(&e->mem, e->in);
	ck_assert_uint_eq(e->mem.blocks, 0);
}

static void call_open(struct call *c, const struct audio_stream_config *a,
		      const struct audio_stream_config *b)
{
	*c = (struct call){ .now = { SEC(1), SEC(1700000000) }, .seed = 1,
			    .delay = MS(5) };
	end_open(&c->a, a, 1, c->now);
	end_open(&c->b, b, 2, c->now);
}

static void call_close(struct call *c)
{
	end_close(&c->a);
	end_close(&c->b);
}

static void wire(struct call *c, struct end *to, const uint8_t *p, size_t n,
		 bool rtcp)
{
	if (next_random(c) % 100 < c->loss)
		return;
	for (size_t i = 0; i < WIRE; i++) {
		struct wire_packet *w = &to->in[i];

		if (w->used)
			continue;
		w->used = true;
		w->rtcp = rtcp;
		w->at = c->now.m + c->delay +
			(c->jitter ? next_random(c) % c->jitter : 0);
		w->n = n;
		ck_assert_uint_le(n, sizeof(w->bytes));
		memcpy(w->bytes, p, n);
		return;
	}
	ck_abort_msg("wire full");
}

static void drain(struct call *c, struct end *e, struct end *peer)
{
	struct audio_stream_out o;
	struct parse_error pe;

	while (audio_stream_poll(&e->stream, &o)) {
		switch (o.kind) {
		case AUDIO_STREAM_RTP:
			e->rtp++;
			ck_assert_int_eq(rtp_packet_parse(
				slice_of(o.bytes, o.n), &e->last, &pe), 0);
			e->markers += e->last.marker;
			wire(c, peer, o.bytes, o.n, false);
			break;
		case AUDIO_STREAM_RTCP:
			e->rtcp++;
			ck_assert_int_eq(rtcp_check(slice_of(o.bytes, o.n),
						    &pe), 0);
			wire(c, peer, o.bytes, o.n, true);
			break;
		case AUDIO_STREAM_DIGIT:
			e->digits[strlen(e->digits)] = o.digit;
			e->digit_ms = o.duration_ms;
			break;
		case AUDIO_STREAM_CODEC:
			e->codecs++;
			break;
		case AUDIO_STREAM_BYE:
			break;
		case AUDIO_STREAM_HEARD:
			e->heards++;
			break;
		case AUDIO_STREAM_SILENT:
			e->silents++;
			break;
		case AUDIO_STREAM_ENDED:
			e->ended++;
			break;
		}
	}
}

static void arrive(struct call *c, struct end *e)
{
	struct addr from = addr_v4(192, 0, 2, 1, 4000);
	struct parse_error pe;
	struct rtp_packet p;

	for (size_t i = 0; i < WIRE; i++) {
		struct wire_packet *w = &e->in[i];

		if (!w->used || w->at > c->now.m)
			continue;
		w->used = false;
		if (w->rtcp) {
			audio_stream_on_rtcp(&e->stream,
					     slice_of(w->bytes, w->n), &from,
					     c->now);
			continue;
		}
		ck_assert_int_eq(rtp_packet_parse(slice_of(w->bytes, w->n),
						  &p, &pe), 0);
		audio_stream_on_rtp(&e->stream, &p, &from, c->now);
	}
}

static void run_end(struct call *c, struct end *e, struct end *peer)
{
	arrive(c, e);
	if (c->now.m >= audio_stream_deadline(&e->stream))
		audio_stream_on_time(&e->stream, c->now);
	graph_tick(&e->graph, c->now.m);
	drain(c, e, peer);
}

static void run(struct call *c, unsigned ms)
{
	for (unsigned t = 0; t < ms; t += 10) {
		c->now.m += MS(10);
		c->now.wall_ns += MS(10);
		run_end(c, &c->a, &c->b);
		run_end(c, &c->b, &c->a);
	}
}

static int16_t *speech(struct mem *m, size_t *n)
{
	struct slice w = speech_wav();
	uint32_t rate;
	int16_t *pcm;

	ck_assert_int_eq(wav_load_memory(m, w.p, w.n, &pcm, n, &rate), 0);
	ck_assert_uint_eq(rate, GRAPH_HZ);
	return pcm;
}

/* a speaks six seconds to b: how much of it b heard, and how late. */
static struct measure talk(struct call *c)
{
	struct measure m;
	int16_t *pcm;
	size_t n;

	pcm = speech(&c->a.mem, &n);
	c->a.say = pcm;
	c->a.say_n = n;
	run(c, 6500);
	ck_assert_int_eq(measure_align(&c->b.mem, pcm, n, c->b.heard,
				       c->b.heard_n, 0, &m), 0);
	c->a.say = NULL;
	c->a.say_n = c->a.said = 0;
	mem_free(&c->a.mem, pcm);
	return m;
}

static unsigned lag_ms(const struct measure *m)
{
	return (unsigned)(m->lag / (GRAPH_HZ / 1000));
}

static void clean_call(const char *codec, double least)
{
	struct audio_stream_config cfg = config(codec);
	struct audio_stream_stats st;
	struct measure m;
	struct call c;

	call_open(&c, &cfg, &cfg);
	m = talk(&c);
	ck_assert_msg(m.correlation > least, "%s: %f", codec, m.correlation);
	ck_assert(fabs(m.gain_db) < 1.5);
	/* 5 ms of network; 150 ms is allowed */
	ck_assert_msg(lag_ms(&m) <= 80, "%s: %u ms", codec, lag_ms(&m));
	st = audio_stream_stats(&c.b.stream);
	ck_assert_int_eq((int)st.rtp.packets_lost, 0);
	ck_assert_uint_eq(st.refused, 0);
	ck_assert_ptr_eq(st.received, cfg.codec);
	ck_assert_uint_eq(c.b.codecs, 1);
	ck_assert(st.mos > 4.0);
	st = audio_stream_stats(&c.a.stream);
	ck_assert_ptr_eq(st.sent, cfg.codec);
	ck_assert_uint_eq(st.rtp.packets_sent, 6500 / st.ptime);
	ck_assert_uint_gt(c.a.rtcp, 0);
	call_close(&c);
}

/* The speech has 8 kHz of band; G.711 keeps 3.4 of it, which hold nearly all
 * of its energy. */
START_TEST(speech_goes_through_every_codec)
{
	clean_call("PCMU", 0.97);
	clean_call("PCMA", 0.97);
	clean_call("L16/16000", 0.999);
	if (codec_named(S("opus")))
		clean_call("opus", 0.93);
}
END_TEST

START_TEST(jitter_is_taken_up_by_the_buffer)
{
	struct audio_stream_config cfg = config("PCMU");
	struct audio_stream_stats st;
	struct measure m;
	struct call c;

	call_open(&c, &cfg, &cfg);
	c.jitter = MS(30);
	m = talk(&c);
	ck_assert_msg(m.correlation > 0.85, "%f", m.correlation);
	ck_assert_msg(lag_ms(&m) <= 150, "%u ms", lag_ms(&m));
	st = audio_stream_stats(&c.b.stream);
	ck_assert_int_eq((int)st.rtp.packets_lost, 0);
	call_close(&c);
}
END_TEST

START_TEST(loss_is_concealed)
{
	struct audio_stream_config cfg = config("PCMU");
	struct audio_stream_stats st;
	struct measure m;
	struct call c;

	call_open(&c, &cfg, &cfg);
	c.loss = 5;
	m = talk(&c);
	ck_assert_msg(m.correlation > 0.9, "%f", m.correlation);
	st = audio_stream_stats(&c.b.stream);
	ck_assert_int_gt((int)st.rtp.packets_lost, 5);
	ck_assert_uint_gt(st.jitter.concealed, 0);
	ck_assert(st.loss_percent > 1 && st.loss_percent < 10);
	ck_assert(st.mos < 4.2 && st.mos > 2.5);
	call_close(&c);
}
END_TEST

/* RFC 7587: useinbandfec=1 and a report of loss make the encoder repeat. */
START_TEST(opus_rebuilds_lost_packets_from_the_next)
{
	struct audio_stream_config cfg;
	struct audio_stream_stats st;
	struct measure with, without;
	struct call c;

	if (!codec_named(S("opus")))
		return;
	cfg = config("opus");
	call_open(&c, &cfg, &cfg);
	c.loss = 10;
	without = talk(&c);
	ck_assert_uint_eq(audio_stream_stats(&c.a.stream).fec_used, 0);
	call_close(&c);
	cfg.remote.fec = true;
	call_open(&c, &cfg, &cfg);
	c.loss = 10;
	run(&c, 8000); /* until reports have told of the loss */
	c.b.heard_n = 0;
	with = talk(&c);
	st = audio_stream_stats(&c.b.stream);
	ck_assert_uint_gt(st.fec_used, 10);
	ck_assert_msg(with.correlation > without.correlation, "%f %f",
		      with.correlation, without.correlation);
	call_close(&c);
}
END_TEST

START_TEST(the_sender_may_change_its_codec_at_any_packet)
{
	static const char *const order[] = { "PCMU", "PCMA", "PCMU" };
	struct audio_stream_config cfg = config("PCMU"), next;
	uint8_t seed[32] = { 5 };
	struct measure m;
	struct call c;
	int16_t *pcm;
	size_t n;

	call_open(&c, &cfg, &cfg);
	pcm = speech(&c.a.mem, &n);
	c.a.say = pcm;
	c.a.say_n = n;
	for (size_t i = 0; i < COUNT(order); i++) {
		run(&c, 2010);
		next = config(order[(i + 1) % COUNT(order)]);
		ck_assert_int_eq(audio_stream_update(&c.a.stream, &next, seed,
						     c.now), 0);
	}
	ck_assert_int_eq(measure_align(&c.b.mem, pcm, n, c.b.heard,
				       c.b.heard_n, 0, &m), 0);
	ck_assert_msg(m.correlation > 0.95, "%f", m.correlation);
	ck_assert_uint_ge(c.b.codecs, 2);
	ck_assert_uint_eq(audio_stream_stats(&c.b.stream).rtp.switches, 0);
	mem_free(&c.a.mem, pcm);
	call_close(&c);
}
END_TEST

/* RFC 7160 4.1: another clock rate is another source. */
START_TEST(a_codec_of_another_clock_rate_goes_on_with_a_new_ssrc)
{
	struct audio_stream_config cfg = config("PCMU"), next;
	uint8_t seed[32] = { 6 };
	uint64_t sent;
	uint32_t ssrc;
	struct call c;

	call_open(&c, &cfg, &cfg);
	run(&c, 1000);
	ssrc = c.a.last.ssrc;
	sent = audio_stream_stats(&c.a.stream).rtp.packets_sent;
	ck_assert_uint_eq(sent, 50);
	next = config("L16/16000");
	ck_assert_int_eq(audio_stream_update(&c.a.stream, &next, seed, c.now),
			 0);
	c.a.say_n = 0;
	run(&c, 1000);
	ck_assert_uint_ne(c.a.last.ssrc, ssrc);
	ck_assert_uint_eq(c.a.last.pt, 96);
	ck_assert_uint_eq(audio_stream_stats(&c.a.stream).rtp.packets_sent,
			  100);
	ck_assert_ptr_eq(audio_stream_stats(&c.b.stream).received, next.codec);
	call_close(&c);
}
END_TEST

/* What is heard may go by another clock than what is said. */
START_TEST(jitter_goes_by_the_clock_of_what_is_heard)
{
	struct audio_stream_config a = config("PCMU"), b = config("L16/16000");
	struct audio_stream_stats st;
	struct call c;

	call_open(&c, &a, &b);
	run(&c, 10000);
	st = audio_stream_stats(&c.a.stream);
	ck_assert_ptr_eq(st.received, b.codec);
	ck_assert_uint_eq(st.rtp.jitter_us, 0);
	ck_assert_uint_eq(st.rtp.remote_jitter_us, 0);
	ck_assert(st.rtp.reported && st.mos > 4);
	st = audio_stream_stats(&c.b.stream);
	ck_assert_ptr_eq(st.received, a.codec);
	ck_assert_uint_eq(st.rtp.jitter_us, 0);
	call_close(&c);
}
END_TEST

START_TEST(timestamps_count_samples_through_a_hold)
{
	struct audio_stream_config cfg = config("PCMU"), held;
	uint8_t seed[32] = { 0 };
	struct rtp_packet before;
	struct call c;

	call_open(&c, &cfg, &cfg);
	run(&c, 400);
	ck_assert_uint_eq(c.a.rtp, 20);
	ck_assert_uint_eq(c.a.markers, 1); /* the first alone */
	before = c.a.last;
	run(&c, 20);
	ck_assert_uint_eq(c.a.last.ts - before.ts, 160);
	ck_assert_uint_eq((uint16_t)(c.a.last.seq - before.seq), 1);
	held = cfg;
	held.send = false;
	ck_assert_int_eq(audio_stream_update(&c.a.stream, &held, seed, c.now),
			 0);
	before = c.a.last;
	run(&c, 1000);
	ck_assert_uint_eq(c.a.rtp, 21);
	ck_assert_uint_gt(c.b.rtp, 60);
	ck_assert_int_eq(audio_stream_update(&c.a.stream, &cfg, seed, c.now),
			 0);
	run(&c, 20);
	ck_assert_uint_eq(c.a.rtp, 22);
	ck_assert(c.a.last.marker);
	ck_assert_uint_eq((uint16_t)(c.a.last.seq - before.seq), 1);
	ck_assert_uint_eq(c.a.last.ts - before.ts, 8000 + 160);
	call_close(&c);
}
END_TEST

START_TEST(packets_last_as_long_as_the_far_end_wishes)
{
	struct audio_stream_config cfg = config("PCMU");
	struct call c;

	cfg.remote.ptime = 40;
	call_open(&c, &cfg, &cfg);
	run(&c, 400);
	ck_assert_uint_eq(c.a.rtp, 10);
	ck_assert_uint_eq(c.a.last.payload.n, 320);
	/* nobody speaks: G.711's silence, RFC 3551 4.5.14 */
	for (size_t i = 0; i < 320; i++)
		ck_assert_uint_eq((uint8_t)c.a.last.payload.p[i], 0xFF);
	call_close(&c);
}
END_TEST

#define TELLS(e, h, s)                                 \
	do {                                           \
		ck_assert_uint_eq((e).heards, (h));    \
		ck_assert_uint_eq((e).silents, (s));   \
	} while (0)

static void push(struct call *c, const char *keys, unsigned ms)
{
	for (; *keys; keys++)
		ck_assert_int_eq(audio_stream_digit(&c->a.stream, *keys, ms),
				 0);
}

static void events(const char *codec, unsigned loss)
{
	struct audio_stream_config cfg = config(codec);
	struct call c;

	call_open(&c, &cfg, &cfg);
	run(&c, 500);
	c.loss = loss;
	push(&c, "123#,4AB", 100);
	run(&c, 4000);
	ck_assert(audio_stream_digits_sent(&c.a.stream));
	ck_assert_str_eq(c.b.digits, "123#4AB");
	ck_assert_uint_eq(audio_stream_stats(&c.b.stream).digits_received, 7);
	if (!loss)
		ck_assert_uint_eq(c.b.digit_ms, 100);
	call_close(&c);
}

START_TEST(digits_go_as_telephone_events)
{
	events("PCMA", 0);
	events("PCMA", 15);
	if (codec_named(S("opus")))
		events("opus", 0);
}
END_TEST

/* Nobody has said yet who the far end is.  A key that is down when that becomes
 * known counts from there. */
START_TEST(keys_are_ignored_ahead_of_the_answer)
{
	struct audio_stream_config cfg = config("PCMU"), early = cfg;
	uint8_t seed[32] = { 9 };
	struct call c;

	early.early = true;
	call_open(&c, &cfg, &early);
	push(&c, "12", 100);
	run(&c, 1000);
	ck_assert_str_eq(c.b.digits, "");
	TELLS(c.b, 1, 0);
	push(&c, "3", 500);
	run(&c, 300);
	ck_assert_int_eq(audio_stream_update(&c.b.stream, &cfg, seed, c.now),
			 0);
	run(&c, 500);
	ck_assert_str_eq(c.b.digits, "3");
	call_close(&c);
}
END_TEST

/* RFC 4733 2.1: the timestamps are the stream's; 2.4: "rate" is the unit of
 * the durations.  Here L16 runs at 16 kHz and its events at 8 and 48 kHz. */
START_TEST(events_at_another_clock_keep_the_streams_timestamps)
{
	static const struct {
		int pt;
		uint32_t rate;
	} row[] = { { 101, 8000 }, { 102, 48000 } };

	for (size_t i = 0; i < COUNT(row); i++) {
		struct audio_stream_config cfg = config("L16/16000");
		struct call c;
		uint32_t ts;

		cfg.event_pt = row[i].pt;
		cfg.event_rate = row[i].rate;
		call_open(&c, &cfg, &cfg);
		run(&c, 500);
		ts = c.a.last.ts;
		push(&c, "1", 200);
		run(&c, 100);
		ck_assert_uint_eq(c.a.last.pt, (unsigned)row[i].pt);
		ck_assert_uint_gt(c.a.last.ts, ts);
		ck_assert_uint_le(c.a.last.ts, ts + 2 * 320);
		push(&c, "2", 100);
		run(&c, 900);
		ck_assert_str_eq(c.b.digits, "12");
		ck_assert_uint_eq(c.b.digit_ms, 100);
		ck_assert_uint_eq(c.a.last.ts, ts + 50 * 320);
		call_close(&c);
	}
}
END_TEST

/* RFC 4733 2.5.1.3: longer than 0xFFFF units of the event's clock; the segments
 * lie apart by as much of the stream's. */
START_TEST(a_long_event_at_another_clock_is_one)
{
	static const struct {
		const char *codec;
		int pt;
		uint32_t rate;
		unsigned ms;
	} row[] = { { "L16/16000", 101, 8000, 9000 },
		    { "L16/16000", 102, 48000, 4000 },
		    { "opus", 101, 8000, 9000 },
		    { "PCMU", 102, 48000, 6000 } };

	for (size_t i = 0; i < COUNT(row); i++) {
		struct audio_stream_config cfg;
		struct call c;

		if (!codec_named(slice_str(row[i].codec)))
			continue;
		cfg = config(row[i].codec);
		cfg.event_pt = row[i].pt;
		cfg.event_rate = row[i].rate;
		call_open(&c, &cfg, &cfg);
		c.jitter = MS(30); /* the first report of a segment may
				    * overtake the last of the other */
		run(&c, 500);
		push(&c, "1", row[i].ms);
		run(&c, row[i].ms + 1000);
		ck_assert_str_eq(c.b.digits, "1");
		ck_assert_uint_ge(c.b.digit_ms, row[i].ms - 1);
		ck_assert_uint_le(c.b.digit_ms, row[i].ms);
		call_close(&c);
	}
}
END_TEST

/* A key of 50 ms as its packets come: begin, and its end three times. */
static void key_comes(struct call *c, uint16_t *seq, unsigned i, uint8_t code)
{
	struct addr from = addr_v4(192, 0, 2, 1, 4000);

	for (unsigned k = 0; k < 4; k++) {
		const struct rtp_event v = { .code = code, .end = k > 0,
					     .duration = 400 };
		uint8_t b[RTP_EVENT_SIZE];
		const struct rtp_packet p = {
			.marker = k == 0, .pt = 101, .ssrc = 7,
			.seq = (*seq)++, .ts = 1000 * i,
			.payload = slice_of(b, sizeof(b)),
		};

		rtp_event_write(b, &v);
		audio_stream_on_rtp(&c->b.stream, &p, &from, c->now);
	}
}

/* Nobody polls, or whoever does has no room: as many keys wait as there are
 * places for, and none of them falls out; one that goes on when there is room
 * again is read then. */
START_TEST(keys_that_are_not_taken_wait)
{
	struct audio_stream_config cfg = config("PCMU");
	struct audio_stream_out o;
	char keys[64] = "";
	uint16_t seq = 1;
	unsigned n = 0;
	struct call c;

	cfg.event_pt = 101;
	call_open(&c, &cfg, &cfg);
	for (unsigned i = 0; i < AUDIO_STREAM_PRESSES + 8; i++)
		key_comes(&c, &seq, i, (uint8_t)(i % 10));
	while (audio_stream_poll(&c.b.stream, &o))
		if (o.kind == AUDIO_STREAM_DIGIT)
			break;
	ck_assert_int_eq(o.kind, AUDIO_STREAM_DIGIT);
	ck_assert_int_eq(o.digit, '0');
	audio_stream_untaken(&c.b.stream);
	while (audio_stream_poll(&c.b.stream, &o)) {
		ck_assert_int_eq(o.kind, AUDIO_STREAM_DIGIT);
		ck_assert_uint_eq(o.duration_ms, 50);
		keys[n++] = o.digit;
	}
	ck_assert_uint_ge(n, AUDIO_STREAM_PRESSES - 1); /* a packet may bring
							 * two */
	for (unsigned i = 0; i < n; i++)
		ck_assert_int_eq(keys[i], '0' + (char)(i % 10));
	key_comes(&c, &seq, AUDIO_STREAM_PRESSES + 7, 11); /* still down */
	ck_assert(audio_stream_poll(&c.b.stream, &o));
	ck_assert_int_eq(o.digit, '#');
	call_close(&c);
}
END_TEST

START_TEST(digits_go_as_tones_where_events_are_not_understood)
{
	struct audio_stream_config cfg = config("PCMU");
	struct dtmf_detect d;
	struct call c;
	char got[16];
	size_t n;

	cfg.event_pt = -1;
	call_open(&c, &cfg, &cfg);
	push(&c, "159D", 100);
	run(&c, 1500);
	dtmf_detect_init(&d, GRAPH_HZ);
	n = dtmf_detect_run(&d, c.b.heard, c.b.heard_n, got, sizeof(got) - 1);
	got[n] = '\0';
	ck_assert_str_eq(got, "159D");
	ck_assert_str_eq(c.b.digits, "");
	ck_assert_int_eq(audio_stream_digit(&c.a.stream, 'x', 100), -EINVAL);
	for (int i = 0; i < AUDIO_STREAM_DIGITS; i++)
		ck_assert_int_eq(audio_stream_digit(&c.a.stream, '1', 50), 0);
	ck_assert_int_eq(audio_stream_digit(&c.a.stream, '1', 50), -ENOSPC);
	call_close(&c);
}
END_TEST

START_TEST(dtx_sends_nothing_in_silence_and_marks_what_follows)
{
	struct audio_stream_config cfg;
	unsigned before;
	struct measure m;
	struct call c;

	if (!codec_named(S("opus")))
		return;
	cfg = config("opus");
	cfg.remote.dtx = true;
	call_open(&c, &cfg, &cfg);
	run(&c, 2000);
	before = c.a.rtp;
	run(&c, 2000);
	ck_assert_uint_lt(c.a.rtp - before, 20); /* of 100 */
	ck_assert_uint_gt(audio_stream_stats(&c.a.stream).dtx, 80);
	before = c.a.markers;
	c.b.heard_n = 0;
	m = talk(&c);
	ck_assert_msg(m.correlation > 0.9, "%f", m.correlation);
	ck_assert_uint_gt(c.a.markers, before);
	ck_assert_int_eq((int)audio_stream_stats(&c.b.stream).rtp.packets_lost,
			 0);
	call_close(&c);
}
END_TEST

START_TEST(an_unknown_payload_type_is_ignored)
{
	struct audio_stream_config cfg = config("PCMU"), less;
	struct call c;

	less = cfg;
	less.rx[0].pt = 77; /* not PCMU any more */
	call_open(&c, &cfg, &less);
	run(&c, 500);
	ck_assert_uint_gt(audio_stream_stats(&c.b.stream).refused, 10);
	ck_assert_ptr_null(audio_stream_stats(&c.b.stream).received);
	call_close(&c);
}
END_TEST

/* 6.4.1: LSR is in our own clock; what is done to the machine's meanwhile must
 * not be taken for a round trip. */
START_TEST(a_wall_clock_that_is_set_leaves_the_round_trip_alone)
{
	static const int64_t step[] = { SEC(60), -SEC(60) };
	struct audio_stream_config cfg = config("PCMU");
	struct audio_stream_stats st;
	struct call c;

	for (unsigned i = 0; i < COUNT(step); i++) {
		call_open(&c, &cfg, &cfg);
		c.delay = MS(100);
		run(&c, 20000);
		st = audio_stream_stats(&c.a.stream);
		ck_assert_int_ge(st.rtp.rtt_us, 200000);
		ck_assert_int_le(st.rtp.rtt_us, 240000);
		c.now.wall_ns += step[i];
		run(&c, 20000);
		st = audio_stream_stats(&c.a.stream);
		ck_assert_int_ge(st.rtp.rtt_us, 200000);
		ck_assert_int_le(st.rtp.rtt_us, 240000);
		call_close(&c);
	}
}
END_TEST

START_TEST(leaving_says_bye_once)
{
	struct audio_stream_config cfg = config("PCMU");
	unsigned rtcp;
	struct call c;

	call_open(&c, &cfg, &cfg);
	run(&c, 1000);
	rtcp = c.a.rtcp;
	audio_stream_leave(&c.a.stream, c.now);
	audio_stream_leave(&c.a.stream, c.now);
	run(&c, 1000);
	ck_assert_uint_eq(c.a.rtcp, rtcp + 1);
	ck_assert_uint_eq(c.a.ended, 1);
	ck_assert_uint_eq(c.a.rtp, 50);
	call_close(&c);
}
END_TEST

/* RTCP alone, or a keep-alive, is a sign of life; nothing at all is not, to the
 * tick, from the last of them on. */
START_TEST(a_far_end_that_was_heard_and_vanished_is_told_once)
{
	struct audio_stream_config cfg = config("PCMU"), mute;
	struct call c;

	cfg.silence = SEC(10);
	mute = cfg;
	mute.send = false;
	call_open(&c, &cfg, &mute);
	c.delay = 0;
	run(&c, 30000); /* b says nothing, but reports */
	ck_assert_uint_eq(c.b.rtp, 0);
	TELLS(c.a, 1, 0);
	c.loss = 100;
	for (unsigned i = 0; i < 3; i++) {
		run(&c, i ? 9000 : 4000);
		audio_stream_on_alive(&c.a.stream, c.now);
	}
	run(&c, 9990);
	TELLS(c.a, 1, 0);
	run(&c, 10);
	TELLS(c.a, 1, 1);
	run(&c, 30000);
	TELLS(c.a, 1, 1);
	c.loss = 0;
	run(&c, 10000);
	TELLS(c.a, 2, 1);
	call_close(&c);
}
END_TEST

START_TEST(a_far_end_that_was_never_heard_is_not_missed)
{
	struct audio_stream_config cfg = config("PCMU");
	struct call c;

	cfg.silence = SEC(1);
	call_open(&c, &cfg, &cfg);
	c.loss = 100;
	run(&c, 5000);
	audio_stream_on_alive(&c.a.stream, c.now); /* no media yet */
	run(&c, 5000);
	TELLS(c.a, 0, 0);
	c.loss = 0;
	run(&c, 1000);
	c.loss = 100;
	run(&c, 100); /* what was on the way */
	audio_stream_moved(&c.a.stream); /* nor at another address */
	run(&c, 5000);
	TELLS(c.a, 1, 0);
	TELLS(c.b, 1, 1);
	call_close(&c);
}
END_TEST

/* A hold begins and ends, each a new agreement: the time counts anew. */
START_TEST(a_new_agreement_is_a_sign_of_life)
{
	struct audio_stream_config cfg = config("PCMU"), held;
	uint8_t seed[32] = { 9 };
	struct call c;

	cfg.silence = SEC(1);
	held = cfg;
	held.silence = 0;
	call_open(&c, &cfg, &cfg);
	run(&c, 500);
	c.loss = 100;
	ck_assert_int_eq(audio_stream_update(&c.a.stream, &held, seed, c.now),
			 0);
	run(&c, 5000);
	TELLS(c.a, 1, 0);
	ck_assert_int_eq(audio_stream_update(&c.a.stream, &cfg, seed, c.now),
			 0);
	run(&c, 990);
	TELLS(c.a, 1, 0);
	run(&c, 10);
	TELLS(c.a, 1, 1);
	ck_assert_int_eq(audio_stream_update(&c.a.stream, &cfg, seed, c.now),
			 0);
	run(&c, 1000); /* agreed, and silent all the same */
	TELLS(c.a, 1, 2);
	ck_assert_int_eq(audio_stream_update(&c.a.stream, &cfg, seed, c.now),
			 0);
	c.loss = 0;
	run(&c, 500); /* who was told to be silent is told to be there */
	TELLS(c.a, 2, 2);
	call_close(&c);
}
END_TEST

/* Timers of a process that was stopped come before what it has yet to read. */
START_TEST(who_stood_still_itself_does_not_blame_the_far_end)
{
	struct audio_stream_config cfg = config("PCMU");
	struct call c;

	cfg.silence = SEC(1);
	call_open(&c, &cfg, &cfg);
	run(&c, 500);
	c.now.m += SEC(4);
	c.now.wall_ns += SEC(4);
	ck_assert_int_ge(c.now.m, audio_stream_deadline(&c.a.stream));
	audio_stream_on_time(&c.a.stream, c.now);
	c.loss = 100;
	run(&c, 100); /* what was on the way */
	TELLS(c.a, 1, 0);
	run(&c, 1000); /* this time it is the far end */
	TELLS(c.a, 1, 1);
	call_close(&c);
}
END_TEST

/* n packets of PCMU, 20 ms apart, heard in s's graph; the next number. */
static uint16_t far_end_says(struct audio_stream *s, uint16_t seq, unsigned n,
			     struct instant *now)
{
	const struct addr from = addr_v4(192, 0, 2, 1, 4000);

	for (unsigned i = 0; i < n; i++, seq++) {
		uint8_t bytes[RTP_HEADER + 160] = { 0 };
		struct rtp_packet p;

		rtp_header_write(bytes, 0, false, seq, seq * 160u, 7);
		ck_assert_int_eq(rtp_packet_parse(slice_of(bytes,
							   sizeof(bytes)), &p,
						  NULL), 0);
		audio_stream_on_rtp(s, &p, &from, *now);
		graph_tick(s->port.graph, now->m);
		graph_tick(s->port.graph, now->m + MS(10));
		now->m += MS(20);
		now->wall_ns += MS(20);
	}
	return seq;
}

static void far_end_says_one(struct end *e, uint16_t seq, struct instant now)
{
	const struct addr from = addr_v4(192, 0, 2, 1, 4000);
	uint8_t bytes[RTP_HEADER + 160] = { 0 }; /* of PCMU the loudest */
	struct rtp_packet p;

	rtp_header_write(bytes, 0, false, seq, seq * 160u, 7);
	ck_assert_int_eq(rtp_packet_parse(slice_of(bytes, sizeof(bytes)), &p,
					  NULL), 0);
	audio_stream_on_rtp(&e->stream, &p, &from, now);
}

/* A network that stands still for 80 ms and goes on with all of it: more than
 * the greatest delay of 40 ms lets wait.  What is too much is left out, and the
 * next is heard in its place: no pause of 10 ms (160 samples) for each. */
START_TEST(what_is_cut_leaves_no_gap)
{
	struct audio_stream_config cfg = config("PCMU");
	struct instant now = { SEC(1), SEC(1700000000) };
	uint32_t shrunk;
	unsigned quiet = 0;
	struct end e;

	cfg.jitter_max_ms = 40;
	end_open(&e, &cfg, 1, now);
	for (unsigned t = 0, sent = 0; t < 1000; t += 10) {
		bool stands = t >= 500 && t < 580;

		for (; !stands && sent <= t / 20; sent++)
			far_end_says_one(&e, (uint16_t)sent, now);
		graph_tick(&e.graph, now.m);
		now.m += MS(10);
		now.wall_ns += MS(10);
	}
	shrunk = audio_stream_stats(&e.stream).jitter.shrunk;
	ck_assert_uint_ge(shrunk, 1);
	ck_assert_uint_le(shrunk, 4); /* no more than came late */
	/* from 20 ms after it went on: full scale is 32124 (G.711) */
	for (size_t i = 600 * 16; i < e.heard_n; i++)
		quiet += e.heard[i] > -16000;
	ck_assert_uint_eq(quiet, 0);
	end_close(&e);
}
END_TEST

/* Asterisk counts what it does not send while we hold: of 100 + 400 + 100
 * packets 400 are missing by RFC 3550 A.3, which is what RTCP says, and none
 * that anybody sent.  A hold of 4000 is a jump (A.1: MAX_DROPOUT 3000). */
START_TEST(what_is_shown_begins_anew_when_our_hold_ends)
{
	static const uint8_t seed[32] = { 9 };
	static const uint16_t counted[] = { 400, 4000 };
	struct audio_stream_config cfg = config("PCMU");
	struct audio_stream_stats st;
	struct instant now = { SEC(1), SEC(1700000000) };

	for (size_t i = 0; i < COUNT(counted); i++) {
		struct audio_stream s;
		struct graph g;
		struct mem m;
		uint16_t seq;

		mem_init(&m, 0);
		cfg.receive = true;
		ck_assert_int_eq(graph_init(&g, &m, GRAPH_HZ), 0);
		ck_assert_int_eq(audio_stream_init(&s, &m, &cfg, seed, now), 0);
		ck_assert_int_eq(audio_stream_attach(&s, &g, GRAPH_BUS(
				 GRAPH_TO_USER), GRAPH_TO_NET), 0);
		/* 10 of 110 are lost before it */
		seq = far_end_says(&s, 1000, 50, &now);
		seq = far_end_says(&s, (uint16_t)(seq + 10), 50, &now);
		st = audio_stream_stats(&s);
		ck_assert_int_eq(st.rtp.packets_lost, 10);
		ck_assert_double_eq_tol(st.loss_percent, 1000.0 / 110, 1e-9);
		cfg.receive = false;
		ck_assert_int_eq(audio_stream_update(&s, &cfg, seed, now), 0);
		seq = (uint16_t)(seq + counted[i]);
		cfg.receive = true;
		ck_assert_int_eq(audio_stream_update(&s, &cfg, seed, now), 0);
		seq = far_end_says(&s, seq, 100, &now);
		st = audio_stream_stats(&s);
		ck_assert_int_eq(st.rtp.packets_lost, 10);
		ck_assert_double_eq(st.loss_percent, 0);
		ck_assert_double_gt(st.mos, 4.0);
		if (i == 0)
			ck_assert_int_eq(rtp_session_stats(&s.rtp).packets_lost,
					 10 + 400);
		/* and what is lost from here on is seen: 20 of 118 since the
		 * two that showed the end of the hold */
		(void)far_end_says(&s, (uint16_t)(seq + 20), 1, &now);
		st = audio_stream_stats(&s);
		ck_assert_int_eq(st.rtp.packets_lost, 30);
		ck_assert_double_eq_tol(st.loss_percent,
					2000.0 / (99 + 20), 1e-9);
		audio_stream_fini(&s);
		graph_fini(&g);
		ck_assert_uint_eq(m.blocks, 0);
	}
}
END_TEST

START_TEST(a_paused_stream_sends_reports_alone)
{
	struct audio_stream_config cfg = config("PCMU");
	struct call c;
	unsigned rtp, rtcp, markers;

	call_open(&c, &cfg, &cfg);
	run(&c, 1000);
	audio_stream_pause(&c.a.stream, true);
	run(&c, 200); /* what is on its way */
	rtp = c.a.rtp;
	rtcp = c.a.rtcp;
	markers = c.a.markers;
	run(&c, 20000);
	ck_assert_uint_eq(c.a.rtp, rtp);
	ck_assert_uint_gt(c.a.rtcp, rtcp);
	audio_stream_pause(&c.a.stream, false);
	run(&c, 1000);
	ck_assert_uint_gt(c.a.rtp, rtp + 40);
	ck_assert_uint_eq(c.a.markers, markers + 1);
	/* no number was used meanwhile */
	ck_assert_int_eq(audio_stream_stats(&c.b.stream).rtp.packets_lost, 0);
	call_close(&c);
}
END_TEST

START_TEST(every_failed_allocation_leaves_a_stream_that_goes_on)
{
	struct audio_stream_config cfg = config("PCMU");
	struct call c;
	bool done = false;

	if (codec_named(S("opus")))
		cfg = config("opus");
	for (uint64_t n = 1; !done; n++) {
		struct audio_stream s;
		uint8_t seed[32] = { 0 };
		int rc;

		call_open(&c, &cfg, &cfg);
		c.b.mem.fail_at = c.b.mem.calls + n;
		rc = audio_stream_init(&s, &c.b.mem, &cfg, seed, c.now);
		if (rc == 0)
			audio_stream_fini(&s);
		else
			ck_assert_int_eq(rc, -ENOMEM);
		c.a.say = c.a.heard; /* some sound */
		c.a.say_n = HEARD;
		run(&c, 300);
		c.b.mem.fail_at = 0;
		done = c.b.mem.calls < n;
		ck_assert_uint_ge(c.b.heard_n, 300 * 16);
		call_close(&c);
		if (n > 400)
			break;
	}
}
END_TEST

START_TEST(senseless_configurations_are_refused)
{
	struct audio_stream_config cfg = config("PCMU"), bad;
	struct instant now = { 0, 0 };
	struct audio_stream s;
	uint8_t seed[32] = { 0 };
	struct mem mem;

	mem_init(&mem, 0);
	bad = cfg;
	bad.codec = NULL;
	ck_assert_int_eq(audio_stream_init(&s, &mem, &bad, seed, now),
			 -EINVAL);
	bad = cfg;
	bad.pt = 128;
	ck_assert_int_eq(audio_stream_init(&s, &mem, &bad, seed, now),
			 -EINVAL);
	bad = cfg;
	bad.ptime = 25;
	ck_assert_int_eq(audio_stream_init(&s, &mem, &bad, seed, now),
			 -EINVAL);
	bad = cfg;
	bad.rx[3].event_rate = 0;
	ck_assert_int_eq(audio_stream_init(&s, &mem, &bad, seed, now),
			 -EINVAL);
	ck_assert_uint_eq(mem.blocks, 0);
}
END_TEST

SUITE(audio_stream, what_is_shown_begins_anew_when_our_hold_ends,
      a_paused_stream_sends_reports_alone,
      speech_goes_through_every_codec,
      jitter_is_taken_up_by_the_buffer, what_is_cut_leaves_no_gap,
      loss_is_concealed,
      opus_rebuilds_lost_packets_from_the_next,
      the_sender_may_change_its_codec_at_any_packet,
      a_codec_of_another_clock_rate_goes_on_with_a_new_ssrc,
      jitter_goes_by_the_clock_of_what_is_heard,
      timestamps_count_samples_through_a_hold,
      packets_last_as_long_as_the_far_end_wishes,
      digits_go_as_telephone_events, keys_that_are_not_taken_wait,
      keys_are_ignored_ahead_of_the_answer,
      events_at_another_clock_keep_the_streams_timestamps,
      a_long_event_at_another_clock_is_one,
      digits_go_as_tones_where_events_are_not_understood,
      dtx_sends_nothing_in_silence_and_marks_what_follows,
      an_unknown_payload_type_is_ignored,
      a_wall_clock_that_is_set_leaves_the_round_trip_alone,
      leaving_says_bye_once,
      a_far_end_that_was_heard_and_vanished_is_told_once,
      a_far_end_that_was_never_heard_is_not_missed,
      a_new_agreement_is_a_sign_of_life,
      who_stood_still_itself_does_not_blame_the_far_end,
      every_failed_allocation_leaves_a_stream_that_goes_on,
      senseless_configurations_are_refused);
