/* SPDX-License-Identifier: BSD-2-Clause
 * ALSA without a sound card: its null and file plugins, from a configuration
 * of our own (ALSA_CONFIG_PATH).  They move sound as fast as memory does, so
 * that these tests also show how such a PCM is kept to real time. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "media/device/device.h"
#include "media/graph.h"
#include "platform/reactor.h"
#include "tests/unit/suites.h"

static const char rc[] =
	"pcm.silence { type null }\n"
	"pcm.into { type file; slave.pcm \"silence\"; format raw;\n"
	"  file \"%s/out.raw\"; infile \"%s/in.raw\" }\n"
	"pcm.plugged { type plug; slave { pcm \"silence\"; rate 48000;\n"
	"  channels 2; format S32_LE } }\n"
	"pcm.!default { type plug; slave.pcm \"silence\" }\n";

struct bench {
	char dir[64];
	struct mem mem;
	struct reactor *r;
	struct graph g;
	struct device *d;
	struct graph_port port;
	struct graph_echo echo;
	struct graph_port loop;
	unsigned ticks;
};

static void file_path(const struct bench *b, const char *name, char *out)
{
	snprintf(out, 128, "%s/%s", b->dir, name);
}

static void tick(void *arg)
{
	struct bench *b = arg;

	b->ticks++;
	graph_tick(&b->g, reactor_now(b->r).m);
}

static void bench_open(struct bench *b)
{
	static const char dir[] = "/tmp/parley-alsa-XXXXXX";
	char path[128];
	FILE *f;

	memset(b, 0, sizeof(*b));
	memcpy(b->dir, dir, sizeof(dir));
	ck_assert_ptr_nonnull(mkdtemp(b->dir));
	file_path(b, "asound.conf", path);
	f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	fprintf(f, rc, b->dir, b->dir);
	fclose(f);
	setenv("ALSA_CONFIG_PATH", path, 1);
	file_path(b, "in.raw", path);
	f = fopen(path, "wb");
	for (int i = 0; i < 48000; i++) { /* little-endian, 16 bit */
		putc(i & 0xFF, f);
		putc(i >> 8 & 0x3F, f);
	}
	fclose(f);
	mem_init(&b->mem, 0);
	b->r = reactor_new_poll(&b->mem);
	ck_assert_ptr_nonnull(b->r);
}

static int attach(struct bench *b, const char *spec, uint32_t rate)
{
	int rv = device_open(b->r, spec, rate, tick, b, &b->d);

	if (rv < 0)
		return rv;
	ck_assert_int_eq(graph_init(&b->g, &b->mem, b->d->rate), 0);
	ck_assert_int_eq(graph_attach(&b->g, &b->port, &device_ops, b->d,
				      b->d->rate, GRAPH_BUS(GRAPH_TO_NET),
				      GRAPH_TO_USER), 0);
	ck_assert_int_eq(graph_attach(&b->g, &b->loop, &graph_echo_ops,
				      &b->echo, b->d->rate,
				      GRAPH_BUS(GRAPH_TO_USER),
				      GRAPH_TO_NET), 0);
	return 0;
}

static void run(struct bench *b, mono span)
{
	mono end = reactor_clock(b->r) + span;

	while (reactor_clock(b->r) < end)
		ck_assert_int_ge(reactor_step(b->r, MS(20)), 0);
}

static void bench_close(struct bench *b)
{
	static const char *const names[] = { "asound.conf", "in.raw",
					     "out.raw" };
	char path[128];

	graph_fini(&b->g);
	device_close(b->d);
	reactor_free(b->r);
	for (size_t i = 0; i < COUNT(names); i++) {
		file_path(b, names[i], path);
		unlink(path);
	}
	rmdir(b->dir);
	ck_assert_uint_eq(b->mem.blocks, 0);
}

/* A tick is 10 ms of real time, give or take the PCM's buffer; slow machines
 * may miss some. */
static void keeps_time(const char *spec)
{
	struct bench b;
	unsigned due;
	mono begun;

	bench_open(&b);
	begun = reactor_clock(b.r);
	ck_assert_int_eq(attach(&b, spec, 16000), 0);
	run(&b, MS(300));
	due = (unsigned)((reactor_clock(b.r) - begun) / MS(10));
	ck_assert_msg(b.ticks >= due / 3 && b.ticks <= due + 30,
		      "%s: %u ticks, not %u", spec, b.ticks, due);
	ck_assert_int_eq(device_stats(b.d).error, 0);
	bench_close(&b);
}

START_TEST(a_pcm_without_a_clock_is_kept_to_real_time)
{
	keeps_time("alsa:silence");
	keeps_time("alsa:plugged");
	keeps_time("alsa:into");
	keeps_time("alsa");
	keeps_time("alsa:silence;"); /* capture alone */
	keeps_time("alsa:;silence"); /* playback alone */
}
END_TEST

/* What is captured comes back through the echo and is played. */
START_TEST(captured_samples_are_played_in_order)
{
	char path[128];
	struct bench b;
	int last = -1, ordered = 0, lo, hi;
	FILE *f;

	bench_open(&b);
	ck_assert_int_eq(attach(&b, "alsa:into", 16000), 0);
	run(&b, MS(400));
	ck_assert_uint_ge(b.ticks, 30);
	graph_detach(&b.port);
	device_close(b.d);
	b.d = NULL;
	file_path(&b, "out.raw", path);
	f = fopen(path, "rb");
	ck_assert_ptr_nonnull(f);
	while ((lo = getc(f)) != EOF && (hi = getc(f)) != EOF) {
		ordered += (lo | hi << 8) == last + 1;
		last = lo | hi << 8;
	}
	fclose(f);
	ck_assert_int_ge(ordered, 25 * 160 - 50);
	bench_close(&b);
}
END_TEST

START_TEST(what_is_not_there_cannot_be_opened)
{
	struct bench b;

	bench_open(&b);
	ck_assert_int_lt(attach(&b, "alsa:none", 16000), 0);
	ck_assert_int_eq(attach(&b, "alsa:;", 16000), -EINVAL);
	ck_assert_int_lt(device_check(b.r, "alsa:none", 16000), 0);
	ck_assert_int_eq(device_check(b.r, "alsa:silence", 16000), 0);
	b.mem.fail_at = b.mem.calls + 1;
	ck_assert_int_eq(attach(&b, "alsa:silence", 16000), -ENOMEM);
	b.d = NULL;
	ck_assert_int_eq(graph_init(&b.g, &b.mem, 8000), 0);
	bench_close(&b);
}
END_TEST

SUITE(device_alsa, a_pcm_without_a_clock_is_kept_to_real_time,
      captured_samples_are_played_in_order,
      what_is_not_there_cannot_be_opened);
