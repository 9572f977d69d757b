/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "client/audio.h"
#include "client/media.h"
#include "client/stream_audio.h"
#include "media/tone.h"
#include "media/wav_file.h"
#include "rtp/rtp_packet.h"
#include "tests/unit/worlds.h"

enum { SESSION = 1, WIDE = 1, NARROW = 2 };

static unsigned digits, played;

static struct {
	bool may;
	unsigned n;
} failing;

static int on_news(void *arg, const struct news *n)
{
	(void)arg;
	ck_assert_msg(n->kind != PARLEY_EV_MEDIA_FAILED || failing.may,
		      "%.*s", (int)n->text.n, n->text.p);
	ck_assert_uint_eq(n->session, SESSION);
	if (n->kind == PARLEY_EV_PLAYED)
		ck_assert(slice_eq(slice_head(n->text, 5), "once:"));
	digits += n->kind == PARLEY_EV_DTMF;
	failing.n += n->kind == PARLEY_EV_MEDIA_FAILED;
	played += n->kind == PARLEY_EV_PLAYED;
	return 0;
}

static struct {
	unsigned heard, silent;
} hearing;

static void on_heard(void *arg, uint32_t stream, bool heard)
{
	(void)arg, (void)stream;
	if (heard)
		hearing.heard++;
	else
		hearing.silent++;
}

static struct {
	unsigned stopped, resumed;
	const char *why;
} sending;

static void on_sending(void *arg, uint32_t stream, const char *unsent)
{
	(void)arg, (void)stream;
	if (unsent)
		sending.stopped++;
	else
		sending.resumed++;
	sending.why = unsent;
}

static struct {
	unsigned n;
	mono late; /* of the last */
} clocks;

static void on_clock(void *arg, mono late)
{
	(void)arg;
	clocks.n++;
	clocks.late = late;
}

static const struct media_events events = { .on_clock = on_clock,
					    .on_news = on_news,
					    .on_heard = on_heard,
					    .on_sending = on_sending };

static const struct media_kind *audio(void)
{
	size_t i = 0;

	while (feature_media[i] && feature_media[i]->media != PARLEY_AUDIO)
		i++;
	ck_assert_ptr_nonnull(feature_media[i]);
	return feature_media[i];
}

static const struct audio_ops *sound(void)
{
	return feature_audio[0];
}

static struct transports *transports;

static struct media *make(struct world *w)
{
	static const uint8_t seed[32] = { 1 };
	struct media *m;

	ck_assert_int_eq(feature_transport[0]->make(w->a, &w->mem, seed,
						    &transports), 0);

	ck_assert_int_eq(audio()->make(w->a, &w->mem, &events, NULL, seed, &m),
			 0);
	return m;
}

static struct audio_agreed agreed(const struct world *w, const char *codec,
				   uint32_t rate, uint8_t pt)
{
	struct audio_agreed a = {
		.head = { .dir = SDP_SENDRECV, .may_send = true,
			  .rtp = w->ip_b, .rtcp = w->ip_b },
		.pairs = 1,
	};

	a.head.rtp.port = 4000;
	a.head.rtcp.port = 4001;
	a.pair[0].name = slice_str(codec);
	a.pair[0].rate = rate;
	a.pair[0].channels = 1;
	a.pair[0].send_pt = a.pair[0].recv_pt = pt;
	return a;
}

static void temp_file(char *path)
{
	int fd = mkstemp(path);

	ck_assert_int_ge(fd, 0);
	close(fd);
}

static void unmake(struct media *m)
{
	audio()->free(m);
	feature_transport[0]->free(transports);
}

static void open_as(struct media *m, const struct world *w,
		    const struct media_config *cfg, uint32_t stream,
		    struct addr *rtp, struct addr *rtcp)
{
	const struct transport_config ports = { .dscp = 46 };
	struct transport t;
	const struct media_place place = { .session = SESSION,
					   .stream = stream, .transport = &t };
	struct media_address at;

	ck_assert_int_eq(feature_transport[0]->open(transports, &ports,
						    &w->ip_a, &t), 0);
	ck_assert_int_eq(audio()->open(m, cfg, &place, &at), 0);
	*rtp = t.rtp;
	*rtcp = t.rtcp;
}

static void open(struct media *m, const struct world *w, uint32_t stream)
{
	const struct media_config cfg = {
		.cname = S("x"),
		.rules = { .unproven = SEC(4), .octets = 40000 },
	};
	struct addr rtp, rtcp;

	open_as(m, w, &cfg, stream, &rtp, &rtcp);
	ck_assert_uint_eq(rtcp.port, rtp.port + 1);
}

static void write_tone(struct world *w, const char *path,
		       const struct wav_format *f, uint16_t hz)
{
	struct tone_spec spec = { .hz = { hz }, .dbov = { -12, -127 },
				  .on_ms = 1000 };
	struct wav_recorder *r;
	struct tone t;

	tone_start(&t, &spec, f->rate);
	ck_assert_int_eq(wav_recorder_open(&w->mem, path, f->rate, f, &r), 0);
	for (unsigned i = 0; i < 100; i++) {
		int16_t pcm[GRAPH_SAMPLES_MAX] = { 0 };

		(void)tone_run(&t, pcm, f->rate / 100);
		recorder_ops.sink(wav_recorder_engine(r), pcm, f->rate / 100,
				  0);
		wav_recorder_service(r);
	}
	ck_assert_int_eq(wav_recorder_close(r), 0);
}

static struct addr far_v6(void)
{
	struct addr a = { 0 };

	ck_assert_int_eq(addr_parse(S("[2001:db8::77]:4000"), &a), 0);
	return a;
}

static double sent(struct media *m, uint32_t stream)
{
	struct parley_stats s = { .size = sizeof(s) };

	audio()->stats(m, stream, &s);
	return s.level_out;
}

/* A second stream of telephone quality leaves the first as wide as it is,
 * whichever is agreed on last; also when it has stopped, and has gone. */
START_TEST(a_narrow_stream_does_not_narrow_a_wide_one)
{
	struct world w;
	struct audio_agreed wide, narrow;
	const char *why;
	struct media *m;

	world_open(&w, _i);
	wide = agreed(&w, "L16", 16000, 96);
	narrow = agreed(&w, "PCMU", 8000, 0);
	m = make(&w);
	open(m, &w, WIDE);
	ck_assert_int_eq(sound()->route(m, SESSION, "tone:6000", NULL, &why),
			 0);
	ck_assert_int_eq(audio()->start(m, WIDE, &wide.head), 0);
	open(m, &w, NARROW);
	ck_assert_int_eq(audio()->start(m, NARROW, &narrow.head), 0);
	world_for(&w, MS(200));
	ck_assert(sent(m, WIDE) > -20);
	ck_assert_double_lt(sent(m, NARROW), -50); /* beyond its band */
	ck_assert_int_eq(audio()->start(m, WIDE, &wide.head), 0);
	audio()->stop(m, NARROW);
	(void)sent(m, WIDE);
	world_for(&w, MS(200));
	ck_assert(sent(m, WIDE) > -20);
	audio()->close(m, NARROW);
	(void)sent(m, WIDE);
	world_for(&w, MS(200));
	ck_assert(sent(m, WIDE) > -20);
	unmake(m);
	world_close(&w);
}
END_TEST

static void nothing(void *arg, struct datagram *d, size_t n)
{
	(void)arg, (void)d, (void)n;
}

static void played_after(struct world *w, mono span, unsigned want)
{
	world_for(w, span);
	if (w->sim) /* else who knows how long that was */
		ck_assert_uint_eq(played, want);
}

/* A file of a second: not before the answer, 300 ms of it by PCMU, none while
 * the peer holds the call, 300 ms by L16, and the rest by PCMU. */
START_TEST(what_is_played_once_goes_on_from_where_it_is)
{
	char path[] = "/tmp/parley-test-XXXXXX", spec[64];
	struct audio_agreed wide, narrow, offer;
	struct wav_format f = { WAV_PCM, 16000, 1, 16, 2 };
	const char *why;
	struct media *m;
	struct world w;

	temp_file(path);
	world_open(&w, _i);
	write_tone(&w, path, &f, 1000);
	wide = agreed(&w, "L16", 16000, 96);
	offer = narrow = agreed(&w, "PCMU", 8000, 0);
	offer.head.offered = true;
	offer.head.may_send = false;
	m = make(&w);
	open(m, &w, WIDE);
	snprintf(spec, sizeof(spec), "once:%s", path);
	ck_assert_int_eq(sound()->route(m, SESSION, spec, NULL, &why), 0);
	played = 0;
	ck_assert_int_eq(audio()->start(m, WIDE, &offer.head), 0);
	played_after(&w, MS(200), 0);
	ck_assert_int_eq(audio()->start(m, WIDE, &narrow.head), 0);
	played_after(&w, MS(300), 0);
	wide.head.dir = SDP_RECVONLY;
	ck_assert_int_eq(audio()->start(m, WIDE, &wide.head), 0);
	played_after(&w, w.sim ? SEC(2) : MS(50), 0);
	wide.head.dir = SDP_SENDRECV;
	ck_assert_int_eq(audio()->start(m, WIDE, &wide.head), 0);
	played_after(&w, MS(300), 0);
	ck_assert_int_eq(audio()->start(m, WIDE, &narrow.head), 0);
	played_after(&w, MS(380), 0);
	world_until(&w, &played, 1);
	played_after(&w, MS(40), 1);
	(void)sent(m, WIDE);
	ck_assert_int_eq(audio()->start(m, WIDE, &wide.head), 0);
	played_after(&w, w.sim ? SEC(2) : MS(50), 1);
	ck_assert_double_lt(sent(m, WIDE), -90);
	unmake(m);
	unlink(path);
	world_close(&w);
}
END_TEST

/* A peer that signals another address sends from there at once, its source
 * going on: nothing of it is lost. */
START_TEST(a_peer_that_moves_is_heard_at_once)
{
	static const struct udp_ops ops = { .on_datagrams = nothing };
	const struct media_config cfg = { .cname = S("x") };
	struct parley_stats got = { .size = sizeof(got) };
	struct audio_agreed a;
	struct addr rtp, rtcp;
	struct media *m;
	struct udp *u[2];
	struct world w;

	world_open(&w, _i);
	m = make(&w);
	a = agreed(&w, "PCMU", 8000, 0);
	open_as(m, &w, &cfg, WIDE, &rtp, &rtcp);
	for (unsigned i = 0; i < 20; i++) {
		uint8_t p[RTP_HEADER + 160] = { 0 };
		struct datagram d = { .p = p, .n = sizeof(p), .remote = rtp };

		if (i % 10 == 0) { /* here, then there */
			ck_assert_int_eq(udp_open(w.b, &w.ip_b, &ops, NULL,
						  &u[i / 10]), 0);
			a.head.rtp = udp_local(u[i / 10]);
			ck_assert_int_eq(audio()->start(m, WIDE, &a.head), 0);
		}
		rtp_header_write(p, 0, false, (uint16_t)i, 160 * i, 7);
		ck_assert_int_eq(udp_send(u[i / 10], &d, 1), 1);
		world_for(&w, MS(20));
	}
	world_for(&w, MS(20));
	audio()->stats(m, WIDE, &got);
	ck_assert_uint_eq(got.packets_received, 20);
	ck_assert_uint_eq(got.packets_lost, 0);
	udp_close(u[0]);
	udp_close(u[1]);
	unmake(m);
	world_close(&w);
}
END_TEST

/* From PCMU to a wide codec in mid-call: the tone of 6 kHz is there then, the
 * one of a file too, which goes on from where it was. */
START_TEST(what_is_played_follows_a_wider_codec)
{
	static const char *const source[] = { "tone:6000", "file:" };
	char path[] = "/tmp/parley-test-XXXXXX", spec[64];
	struct audio_agreed wide, narrow;
	struct wav_format f = { WAV_PCM, 16000, 1, 16, 2 };
	const char *why;
	struct media *m;
	struct world w;

	temp_file(path);
	world_open(&w, _i);
	write_tone(&w, path, &f, 6000);
	wide = agreed(&w, "L16", 16000, 96);
	narrow = agreed(&w, "PCMU", 8000, 0);
	for (unsigned i = 0; i < COUNT(source); i++) {
		m = make(&w);
		open(m, &w, WIDE);
		snprintf(spec, sizeof(spec), "%s%s", source[i], i ? path : "");
		ck_assert_int_eq(sound()->route(m, SESSION, spec, NULL, &why),
				 0);
		ck_assert_int_eq(audio()->start(m, WIDE, &narrow.head), 0);
		world_for(&w, MS(200));
		ck_assert_double_lt(sent(m, WIDE), -50);
		ck_assert_int_eq(audio()->start(m, WIDE, &wide.head), 0);
		world_for(&w, MS(100));
		(void)sent(m, WIDE);
		world_for(&w, MS(200));
		ck_assert(sent(m, WIDE) > -20);
		ck_assert_int_eq(audio()->start(m, WIDE, &narrow.head), 0);
		world_for(&w, MS(100)); /* and back */
		(void)sent(m, WIDE);
		world_for(&w, MS(200));
		ck_assert_double_lt(sent(m, WIDE), -50);
		unmake(m);
	}
	unlink(path);
	world_close(&w);
}
END_TEST

/* The clock that all share is told of by its ticks, and once when it stops, as
 * what has a device has a clock of its own. */
START_TEST(the_clock_is_told_of_by_its_ticks)
{
	struct audio_agreed wide;
	const char *why;
	struct media *m;
	struct world w;
	unsigned n;

	world_open(&w, _i);
	wide = agreed(&w, "L16", 16000, 96);
	m = make(&w);
	open(m, &w, WIDE);
	n = clocks.n;
	ck_assert_int_eq(audio()->start(m, WIDE, &wide.head), 0);
	ck_assert_uint_eq(clocks.n, n);
	world_for(&w, MS(100));
	ck_assert_uint_gt(clocks.n, n);
	n = clocks.n;
	ck_assert_int_eq(sound()->route(m, SESSION, "null", "null", &why), 0);
	ck_assert_uint_eq(clocks.n, n); /* it goes on */
	ck_assert_int_eq(sound()->route(m, SESSION, "device:null", NULL, &why),
			 0);
	ck_assert_uint_eq(clocks.n, n + 1);
	ck_assert_int_eq(clocks.late, 0);
	unmake(m);
	world_close(&w);
}
END_TEST

/* It was there when it was named, and is not when the call begins: that is told
 * once, and the call goes on. */
START_TEST(what_has_gone_by_the_start_is_told)
{
	static const char *const kind[] = { "file:", "device:wav:", NULL };
	char dir[] = "/tmp/parley-gone-XXXXXX", path[64], spec[96];
	const struct wav_format f = { WAV_PCM, 16000, 1, 16, 2 };
	struct audio_agreed wide;
	const char *why;
	struct media *m;
	struct world w;

	world_open(&w, _i);
	wide = agreed(&w, "L16", 16000, 96);
	failing.may = true;
	for (size_t i = 0; i < COUNT(kind); i++) {
		memcpy(dir + sizeof(dir) - 7, "XXXXXX", 6);
		ck_assert_ptr_nonnull(mkdtemp(dir));
		snprintf(path, sizeof(path), "%s/x.wav", dir);
		snprintf(spec, sizeof(spec), "%s%s", kind[i] ? kind[i] :
			 "file:", path);
		if (kind[i])
			write_tone(&w, path, &f, 1000);
		m = make(&w);
		open(m, &w, WIDE);
		failing.n = 0;
		ck_assert_int_eq(sound()->route(m, SESSION, kind[i] ? spec :
						NULL, kind[i] ? NULL : spec,
						&why), 0);
		ck_assert_uint_eq(failing.n, 0);
		unlink(path);
		ck_assert_int_eq(rmdir(dir), 0);
		ck_assert_int_eq(audio()->start(m, WIDE, &wide.head), 0);
		ck_assert_uint_eq(failing.n, 1);
		world_for(&w, MS(100));
		ck_assert_uint_eq(failing.n, 1);
		unmake(m);
	}
	failing.may = false;
	world_close(&w);
}
END_TEST

/* Neither source nor sink, also when the stream is opened anew. */
START_TEST(a_route_without_memory_changes_nothing)
{
	struct audio_agreed wide, narrow;
	const char *why;
	struct media *m;
	struct world w;

	world_open(&w, _i);
	wide = agreed(&w, "L16", 16000, 96);
	narrow = agreed(&w, "PCMU", 8000, 0);
	m = make(&w);
	open(m, &w, WIDE);
	ck_assert_int_eq(audio()->start(m, WIDE, &narrow.head), 0);
	for (unsigned n = 1; n <= 2; n++) {
		w.mem.fail_at = w.mem.calls + n;
		ck_assert_int_eq(sound()->route(m, SESSION, "tone:1000", "null",
						&why), -ENOMEM);
		ck_assert_int_eq(audio()->start(m, WIDE, n & 1 ? &wide.head :
						&narrow.head), 0);
		world_for(&w, MS(200));
		ck_assert_double_lt(sent(m, WIDE), -50);
	}
	unmake(m);
	world_close(&w);
}
END_TEST

/* A recording is as wide as what the agreement lets come. */
START_TEST(a_recording_has_room_for_the_widest_codec)
{
	char path[] = "/tmp/parley-test-XXXXXX", spec[64];
	struct audio_agreed a;
	uint32_t rate, want[] = { 8000, 16000 };
	const char *why;
	struct media *m;
	struct world w;
	int16_t *pcm;
	size_t n;

	temp_file(path);
	world_open(&w, _i);
	a = agreed(&w, "PCMU", 8000, 0);
	snprintf(spec, sizeof(spec), "file:%s", path);
	for (unsigned i = 0; i < 2; i++) {
		m = make(&w);
		open(m, &w, WIDE);
		ck_assert_int_eq(sound()->route(m, SESSION, NULL, spec, &why),
				 0);
		ck_assert_int_eq(audio()->start(m, WIDE, &a.head), 0);
		world_for(&w, MS(50));
		unmake(m);
		ck_assert_int_eq(wav_load(&w.mem, path, &pcm, &n, &rate), 0);
		ck_assert_uint_eq(rate, want[i]);
		ck_assert_uint_ge(n, rate / 50);
		mem_free(&w.mem, pcm);
		a.pair[a.pairs++] = agreed(&w, "L16", 16000, 96).pair[0];
	}
	unlink(path);
	world_close(&w);
}
END_TEST

/* It ends with the session's last stream, not with another: 400 ms of it, and
 * nothing more however long the session is kept. */
START_TEST(a_recording_ends_with_the_last_stream)
{
	char path[] = "/tmp/parley-test-XXXXXX", spec[64];
	struct audio_agreed wide, narrow;
	uint32_t rate;
	const char *why;
	struct media *m;
	struct world w;
	int16_t *pcm;
	size_t n;

	temp_file(path);
	world_open(&w, _i);
	wide = agreed(&w, "L16", 16000, 96);
	narrow = agreed(&w, "PCMU", 8000, 0);
	snprintf(spec, sizeof(spec), "file:%s", path);
	m = make(&w);
	open(m, &w, WIDE);
	open(m, &w, NARROW);
	ck_assert_int_eq(sound()->route(m, SESSION, NULL, spec, &why), 0);
	ck_assert_int_eq(audio()->start(m, WIDE, &wide.head), 0);
	ck_assert_int_eq(audio()->start(m, NARROW, &narrow.head), 0);
	world_for(&w, MS(200));
	audio()->stop(m, NARROW);
	world_for(&w, MS(200));
	audio()->stop(m, WIDE);
	world_for(&w, MS(400));
	ck_assert_int_eq(wav_load(&w.mem, path, &pcm, &n, &rate), 0);
	ck_assert_uint_eq(rate, 16000);
	if (w.sim) { /* 400 ms of 16 a millisecond, to the tick of 10 ms */
		ck_assert_uint_ge(n, 390 * 16);
		ck_assert_uint_le(n, 410 * 16);
	}
	mem_free(&w.mem, pcm);
	unmake(m);
	unlink(path);
	world_close(&w);
}
END_TEST

static void count(void *arg, struct datagram *d, size_t n)
{
	(void)d;
	*(unsigned *)arg += (unsigned)n;
}

static void say(struct udp *u, const struct addr *to, uint16_t seq)
{
	uint8_t p[RTP_HEADER + 160];
	struct datagram d = { .p = p, .n = sizeof(p), .remote = *to };

	memset(p, seq & 1 ? 0x12 : 0x92, sizeof(p)); /* a loud one */
	rtp_header_write(p, 0, false, seq, 160u * seq, 7);
	ck_assert_int_eq(udp_send(u, &d, 1), 1);
}

/* RFC 6263 4.1: an empty datagram keeps alive.  Who sends one every 6 s is not
 * told to be silent after 10 s, but 10 s after the last of them. */
START_TEST(a_keep_alive_is_a_sign_of_life)
{
	static const struct udp_ops ops = { .on_datagrams = nothing };
	const struct media_config cfg = { .cname = S("x"),
					  .rules = { .timeout = SEC(10) } };
	struct addr rtp, rtcp;
	struct audio_agreed a;
	uint8_t nil = 0;
	struct datagram empty = { .p = &nil };
	struct media *m;
	struct world w;
	struct udp *u;

	world_open(&w, _i);
	m = make(&w);
	ck_assert_int_eq(udp_open(w.b, &w.ip_b, &ops, NULL, &u), 0);
	open_as(m, &w, &cfg, WIDE, &rtp, &rtcp);
	a = agreed(&w, "PCMU", 8000, 0);
	a.head.rtp = udp_local(u);
	ck_assert_int_eq(audio()->start(m, WIDE, &a.head), 0);
	hearing.heard = hearing.silent = 0;
	for (uint16_t i = 0; i < 5; i++) {
		say(u, &rtp, i);
		world_for(&w, MS(20));
	}
	ck_assert_uint_eq(hearing.heard, 1);
	empty.remote = rtp;
	for (unsigned i = 0; i < 5; i++) {
		world_for(&w, w.sim ? SEC(6) : MS(10));
		ck_assert_int_eq(udp_send(u, &empty, 1), 1);
	}
	world_for(&w, w.sim ? MS(9900) : MS(10));
	ck_assert_uint_eq(hearing.silent, 0);
	if (w.sim) {
		world_for(&w, MS(200));
		ck_assert_uint_eq(hearing.silent, 1);
	}
	ck_assert_uint_eq(hearing.heard, 1);
	udp_close(u);
	unmake(m);
	world_close(&w);
}
END_TEST

/* A whole key "1", RFC 4733 2.3. */
static void press(struct udp *u, const struct addr *to, uint16_t seq)
{
	uint8_t p[RTP_HEADER + 4] = { [RTP_HEADER] = 1, 0x8A, 0x03, 0x20 };
	struct datagram d = { .p = p, .n = sizeof(p), .remote = *to };

	rtp_header_write(p, 101, true, seq, 160u * seq, 7);
	ck_assert_int_eq(udp_send(u, &d, 1), 1);
}

/* The codec that is named is one that was agreed on, whatever was heard before
 * the last answer; of those the one that is heard. */
START_TEST(the_codec_in_use_is_one_of_the_last_agreement)
{
	static const struct udp_ops ops = { .on_datagrams = count };
	const struct media_config cfg = { .cname = S("x") };
	struct parley_stats got = { .size = sizeof(got) };
	struct addr rtp, rtcp;
	struct audio_agreed a;
	unsigned back = 0;
	struct media *m;
	struct world w;
	struct udp *u;

	world_open(&w, _i);
	m = make(&w);
	ck_assert_int_eq(udp_open(w.b, &w.ip_b, &ops, &back, &u), 0);
	open_as(m, &w, &cfg, WIDE, &rtp, &rtcp);
	a = agreed(&w, "PCMU", 8000, 0);
	a.head.rtp = udp_local(u);
	ck_assert_int_eq(audio()->start(m, WIDE, &a.head), 0);
	for (unsigned i = 0; i < 10; i++) {
		say(u, &rtp, (uint16_t)i);
		world_for(&w, MS(20));
	}
	audio()->stats(m, WIDE, &got);
	ck_assert_str_eq(got.codec, "PCMU/8000");
	/* Both are left, in another order: PCMU is what is heard. */
	a.pair[1] = a.pair[0];
	a.pair[0] = agreed(&w, "PCMA", 8000, 8).pair[0];
	a.pairs = 2;
	ck_assert_int_eq(audio()->start(m, WIDE, &a.head), 0);
	audio()->stats(m, WIDE, &got);
	ck_assert_str_eq(got.codec, "PCMU/8000");
	a.pairs = 1;
	ck_assert_int_eq(audio()->start(m, WIDE, &a.head), 0);
	audio()->stats(m, WIDE, &got);
	ck_assert_str_eq(got.codec, "PCMA/8000");
	udp_close(u);
	unmake(m);
	world_close(&w);
}
END_TEST

/* RFC 3264 5.1: who has offered is ready.  The peer is learned from three
 * packets, nothing is sent to it before it has answered (a report and a
 * keep-alive would be due), no key is taken from it, and then all goes on, with
 * the offer's first codec or another. */
START_TEST(media_ahead_of_the_answer_is_heard)
{
	static const struct udp_ops ops = { .on_datagrams = count };
	const struct media_config cfg = { .cname = S("x") };
	struct parley_stats got = { .size = sizeof(got) };
	struct audio_agreed a, offer;
	struct addr rtp, rtcp;
	unsigned back = 0, n = 0;
	const char *why;
	struct media *m;
	struct world w;
	struct udp *u;

	world_open(&w, _i);
	m = make(&w);
	a = agreed(&w, "PCMU", 8000, 0);
	a.event[a.events].rate = 8000;
	a.event[a.events].send_pt = a.event[a.events].recv_pt = 101;
	a.events++;
	offer = a;
	offer.pair[0] = agreed(&w, "L16", 16000, 96).pair[0];
	offer.pair[offer.pairs++] = a.pair[0];
	offer.head.offered = true;
	offer.head.may_send = false;
	offer.head.rtp = offer.head.rtcp = (struct addr){ 0 };
	ck_assert_int_eq(udp_open(w.b, &w.ip_b, &ops, &back, &u), 0);
	open_as(m, &w, &cfg, WIDE, &rtp, &rtcp);
	ck_assert_int_eq(audio()->start(m, WIDE, &offer.head), 0);
	ck_assert_int_eq(sound()->route(m, SESSION, "once:tests/unit/data/wav/"
					"s16_8000_1.wav", NULL, &why), 0);
	digits = played = 0;
	world_for(&w, w.sim ? SEC(30) : MS(50)); /* it rings */
	for (; n < (w.sim ? 1000 : 10); n++) {
		say(u, &rtp, (uint16_t)n);
		world_for(&w, MS(20));
	}
	press(u, &rtp, (uint16_t)n++);
	world_for(&w, MS(20));
	audio()->stats(m, WIDE, &got);
	ck_assert_uint_eq(got.packets_received, n - 2);
	ck_assert_str_eq(got.codec, "PCMU/8000");
	ck_assert(got.level_in > -20);
	ck_assert_int_eq(sound()->digits(m, WIDE, "1"), -EINPROGRESS);
	ck_assert_uint_eq(digits, 0);
	ck_assert_uint_eq(back, 0);
	ck_assert_uint_eq(played, 0);
	a.head.rtp = udp_local(u);
	ck_assert_int_eq(audio()->start(m, WIDE, &a.head), 0);
	for (unsigned i = 0; i < 10; i++, n++) {
		say(u, &rtp, (uint16_t)n);
		world_for(&w, MS(20));
	}
	press(u, &rtp, (uint16_t)n++);
	world_for(&w, MS(50));
	audio()->stats(m, WIDE, &got);
	ck_assert_uint_eq(digits, 1);
	ck_assert_uint_eq(got.packets_received, n - 2);
	ck_assert_uint_eq(got.packets_lost + got.packets_late, 0);
	ck_assert(got.level_in > -20);
	ck_assert_uint_gt(back, 5);
	udp_close(u);
	unmake(m);
	world_close(&w);
}
END_TEST

/* Offered, and it came to nothing, before and after the first packet. */
START_TEST(what_was_expected_may_never_come)
{
	static const struct udp_ops ops = { .on_datagrams = nothing };
	const struct media_config cfg = { .cname = S("x") };
	struct audio_agreed offer;
	struct addr rtp, rtcp;
	struct media *m;
	struct world w;
	struct udp *u;

	world_open(&w, _i);
	m = make(&w);
	offer = agreed(&w, "PCMU", 8000, 0);
	offer.head.offered = true;
	ck_assert_int_eq(udp_open(w.b, &w.ip_b, &ops, NULL, &u), 0);
	for (unsigned packets = 0; packets <= 4; packets += 4) {
		open_as(m, &w, &cfg, WIDE, &rtp, &rtcp);
		ck_assert_int_eq(audio()->start(m, WIDE, &offer.head), 0);
		ck_assert_int_eq(audio()->start(m, WIDE, &offer.head), 0);
		for (uint16_t i = 0; i < packets; i++)
			say(u, &rtp, i);
		world_for(&w, MS(50));
		audio()->close(m, WIDE);
		audio()->forget(m, SESSION);
	}
	udp_close(u);
	unmake(m);
	world_close(&w);
}
END_TEST

/* Where no way leads, here to the other family, nothing is sent, whatever was
 * tried. */
START_TEST(what_the_system_refuses_is_not_counted_as_sent)
{
	struct parley_stats s = { .size = sizeof(s) };
	struct audio_agreed a;
	struct media *m;
	struct world w;

	world_open(&w, _i);
	a = agreed(&w, "PCMU", 8000, 0);
	m = make(&w);
	open(m, &w, WIDE);
	ck_assert_int_eq(audio()->start(m, WIDE, &a.head), 0);
	world_for(&w, MS(200));
	audio()->stats(m, WIDE, &s);
	ck_assert_uint_gt(s.packets_sent, 0);
	audio()->close(m, WIDE);
	a.head.rtp = w.ip_a.family == 6 ? addr_v4(192, 0, 2, 77, 4000) :
					  far_v6();
	a.head.rtcp = a.head.rtp;
	open(m, &w, WIDE);
	ck_assert_int_eq(audio()->start(m, WIDE, &a.head), 0);
	world_for(&w, MS(200));
	audio()->stats(m, WIDE, &s);
	ck_assert_uint_eq(s.packets_sent, 0);
	ck_assert_uint_eq(s.bytes_sent, 0);
	unmake(m);
	world_close(&w);
}
END_TEST

WORLD_SUITE(media_audio,
	    WORLD_TESTS(a_narrow_stream_does_not_narrow_a_wide_one,
			a_peer_that_moves_is_heard_at_once,
			media_ahead_of_the_answer_is_heard,
			what_was_expected_may_never_come,
			what_the_system_refuses_is_not_counted_as_sent,
			what_is_played_follows_a_wider_codec,
			the_codec_in_use_is_one_of_the_last_agreement,
			what_is_played_once_goes_on_from_where_it_is,
			a_recording_has_room_for_the_widest_codec,
			the_clock_is_told_of_by_its_ticks,
			a_recording_ends_with_the_last_stream,
			a_keep_alive_is_a_sign_of_life,
			what_has_gone_by_the_start_is_told,
			a_route_without_memory_changes_nothing),
	    WORLD_TESTS(NULL));
