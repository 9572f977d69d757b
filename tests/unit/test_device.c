/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "media/device/device.h"
#include "media/graph.h"
#include "media/wav_file.h"
#include "tests/unit/worlds.h"

struct user {
	struct device *d;
	struct graph g;
	struct graph_port port;
	struct graph_echo echo;
	struct graph_port loop;
	struct reactor *r;
	unsigned ticks, close_at;
};

static void tick(void *arg)
{
	struct user *u = arg;

	u->ticks++;
	graph_tick(&u->g, reactor_now(u->r).m);
	if (u->ticks == u->close_at) {
		graph_detach(&u->port);
		device_close(u->d);
		u->d = NULL;
	}
}

static void user_open(struct user *u, struct world *w, const char *spec,
		      uint32_t rate)
{
	ck_assert_int_eq(graph_init(&u->g, &w->mem, rate), 0);
	u->r = w->a;
	ck_assert_int_eq(device_open(w->a, spec, rate, tick, u, &u->d), 0);
	ck_assert_uint_eq(u->d->rate, rate);
	ck_assert_int_eq(graph_attach(&u->g, &u->port, &device_ops, u->d, rate,
				      GRAPH_BUS(GRAPH_TO_NET),
				      GRAPH_TO_USER), 0);
	ck_assert_int_eq(graph_attach(&u->g, &u->loop, &graph_echo_ops,
				      &u->echo, rate,
				      GRAPH_BUS(GRAPH_TO_USER),
				      GRAPH_TO_NET), 0);
}

START_TEST(the_null_device_keeps_time_and_may_close_within_its_tick)
{
	struct user u = { .close_at = 0 }, v = { .close_at = 5 };
	struct world w;

	world_open(&w, _i);
	user_open(&u, &w, "null", 8000);
	user_open(&v, &w, "null", 16000);
	ck_assert(!u.d->captures && !u.d->plays);
	world_for(&w, MS(205));
	ck_assert_uint_ge(u.ticks, w.sim ? 20 : 15);
	ck_assert_uint_le(u.ticks, w.sim ? 20 : 30);
	ck_assert_uint_eq(device_stats(u.d).ticks, u.ticks);
	ck_assert_uint_eq(v.ticks, 5);
	ck_assert_ptr_null(v.d);
	device_close(u.d);
	graph_fini(&u.g);
	graph_fini(&v.g);
	world_close(&w);
}
END_TEST

/* What is played in by one file comes back through the echo in the other. */
START_TEST(the_wav_device_plays_one_file_and_records_another)
{
	char path[] = "/tmp/parley-test-XXXXXX", spec[128];
	struct user u = { .close_at = 0 };
	int16_t *in, *out;
	struct world w;
	size_t n, k;
	uint32_t rate;
	int fd;

	world_open(&w, _i);
	fd = mkstemp(path);
	ck_assert_int_ge(fd, 0);
	close(fd);
	snprintf(spec, sizeof(spec),
		 "wav:tests/unit/data/wav/s16_8000_1.wav,%s", path);
	unlink(path);
	ck_assert_int_eq(device_check(w.a, spec, 8000), 0);
	ck_assert_int_ne(access(path, F_OK), 0); /* nothing is made */
	user_open(&u, &w, spec, 8000);
	ck_assert(u.d->captures && u.d->plays);
	world_for(&w, MS(205));
	graph_detach(&u.port);
	device_close(u.d);
	ck_assert_int_eq(wav_load(&w.mem, path, &out, &n, &rate), 0);
	ck_assert_uint_eq(n, 80 * u.ticks);
	ck_assert_int_eq(wav_load(&w.mem, "tests/unit/data/wav/s16_8000_1.wav",
				  &in, &k, &rate), 0);
	ck_assert_uint_eq(k, 80);
	for (size_t i = 80; i < n; i++) /* the first tick of echo is silent */
		ck_assert_int_eq(out[i], in[i % 80]);
	mem_free(&w.mem, in);
	mem_free(&w.mem, out);
	graph_fini(&u.g);
	unlink(path);
	world_close(&w);
}
END_TEST

START_TEST(what_cannot_be_opened_says_so)
{
	struct device *d;
	struct world w;

	world_open(&w, _i);
	ck_assert_int_eq(device_open(w.a, "gramophone", 8000, tick, NULL, &d),
			 -ENOENT);
	ck_assert_int_eq(device_check(w.a, "gramophone", 8000), -ENOENT);
	ck_assert_int_eq(device_check(w.a, "wav:/none/such.wav", 8000),
			 -ENOENT);
	ck_assert_int_eq(device_check(w.a, "wav:Makefile", 8000), -EBADMSG);
	ck_assert_int_eq(device_check(w.a, "wav:,/none/such.wav", 8000),
			 -ENOENT);
	ck_assert_int_eq(device_check(w.a, "null", 8000), 0);
	ck_assert_int_eq(device_open(w.a, "", 8000, tick, NULL, &d), -ENOENT);
	ck_assert_int_eq(device_open(w.a, "wav:/none/such.wav", 8000, tick,
				     NULL, &d), -ENOENT);
	ck_assert_int_eq(device_open(w.a, "wav:Makefile", 8000, tick, NULL,
				     &d), -EBADMSG);
	world_close(&w);
}
END_TEST

WORLD_SUITE(device,
	    WORLD_TESTS(
		the_null_device_keeps_time_and_may_close_within_its_tick,
		the_wav_device_plays_one_file_and_records_another,
		what_cannot_be_opened_says_so),
	    WORLD_TESTS(NULL));
