/* SPDX-License-Identifier: BSD-2-Clause
 * Memory runs out inside a library: those that take no allocator of ours
 * (speexdsp, alsa-lib) call this program's malloc, which fails the n-th call
 * that comes from outside of the program itself.  An error is returned or the
 * work goes on, nothing leaks, and the next try succeeds.
 * alsa-lib 1.2.8 crashes by itself when memory runs out while it reads its
 * configuration, so that is read before.
 * usage: fault_libs [SWEEP [N]]; FAULT_STEP and SEEDS as for fault_call.
 *
 * glibc alone; the sanitizers and valgrind have a malloc of their own, so with
 * them this is not built (tests/module.mk). */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "media/device/device.h"
#include "media/resample.h"
#include "tests/fault/refuse.h"
#include "tests/sim/scene.h"

/* --------------------------------------------------------------- sweeps */
static void nothing(void *arg)
{
	(void)arg;
}

static int resample_once(void)
{
	static int16_t in[80], out[480];
	struct resample *r;
	struct mem m;
	int rc;

	mem_init(&m, 0);
	rc = resample_open(&m, 8000, 48000, &r);
	if (rc)
		return rc;
	for (unsigned i = 0; i < 20; i++) {
		resample_adjust(r, i % 2 ? 1003000 : 998000);
		resample_quantum(r, in, COUNT(in), out, COUNT(out));
	}
	resample_close(r);
	return m.blocks ? -EBUSY : 0;
}

static int alsa_once(void)
{
	struct mem m;
	struct reactor *r;
	struct device *d = NULL;
	int rc;

	mem_init(&m, 0);
	r = reactor_new_poll(&m);
	if (!r)
		return -ENOMEM;
	rc = device_open(r, "alsa:silence", 16000, nothing, NULL, &d);
	device_close(d);
	reactor_free(r);
	return m.blocks ? -EBUSY : rc;
}

#define SIDE " --json --codec "

/* Both ends of a call at once; what plays at another rate needs a resampler. */
static bool talk(struct scene *w, const char *codec, const char *port)
{
	char words[256];
	struct actor *a;

	snprintf(words, sizeof(words), "call sip:bob@10.0.0.2 --duration 1 "
		 "--local 10.0.0.1:%s" SIDE "%s", port, codec);
	a = scene_run(w, 0, words);
	while (a && !a->over && scene_ms(w) < 200000)
		scene_until(w, scene_ms(w) + 100);
	return a && a->over;
}

static int call_once(void)
{
	struct scene w;
	struct actor *b;
	unsigned long n = fail_at;
	bool ok = scene_begin(&w, 1, 2);

	b = ok ? scene_run(&w, 1, "listen --local 10.0.0.2:5060 --auto-answer "
			   "--play tools/speech.wav" SIDE "L16/44100,PCMU") :
			   NULL;
	ok = b && talk(&w, "L16/44100", "5060") && talk(&w, "PCMU", "5062");
	fail_at = 0;
	scene_until(&w, scene_ms(&w) + 40000);
	ok = ok && talk(&w, "PCMU", "5064") &&
	     (w.actor[w.actors - 1]->status == 0 ||
	      scene_fail(&w, "the next call: %s",
			 w.actor[w.actors - 1]->err));
	if (b)
		actor_interrupt(b);
	ok = ok && scene_over(&w, scene_ms(&w) + 5000);
	fail_at = n;
	ok = scene_end(&w) && ok;
	if (!ok)
		printf("%s\n", w.why);
	return ok ? 0 : -EPROTO;
}

static const struct sweep {
	const char *name;
	int (*once)(void);
	long lost; /* by the library itself, at most */
} sweeps[] = {
	{ "resample", resample_once, 0 },
	/* A node of its configuration, when a strdup fails in a copy of it;
	 * a PCM that we forget is ten times that. */
	{ "alsa", alsa_once, 2 },
	{ "call", call_once, 0 },
};

static int run(const struct sweep *s, unsigned long n)
{
	int rc;

	calls = 0;
	fail_at = n;
	armed = true;
	rc = s->once();
	armed = false;
	fail_at = 0;
	return rc;
}

/* The n-th call fails; *met: there was one. */
static bool one(const struct sweep *s, unsigned long n, bool *met)
{
	long before = live;
	int rc = run(s, n), sound;
	long left;

	*met = calls >= n;
	sound = run(s, 0); /* what the library keeps is there again */
	left = live - before;
	if ((rc == 0 || rc == -ENOMEM) && sound == 0 && left <= s->lost)
		return true;
	printf("FAILED: %s, call %lu: %d, then %d, %ld blocks left\n", s->name,
	       n, rc, sound, left);
	return false;
}

static bool alsa_config(char *path)
{
	int fd = mkstemp(path);
	FILE *f = fd >= 0 ? fdopen(fd, "w") : NULL;

	if (!f)
		return false;
	fprintf(f, "pcm.silence { type null }\n");
	return fclose(f) == 0 && setenv("ALSA_CONFIG_PATH", path, 1) == 0;
}

int main(int argc, char **argv)
{
	const char *env = getenv("FAULT_STEP"), *seeds = getenv("SEEDS");
	unsigned long step = env ? strtoul(env, NULL, 10) :
			     seeds && strtoul(seeds, NULL, 10) < 200 ? 7 : 1;
	unsigned passed = 0, failed = 0;
	char path[] = "/tmp/parley-fault-XXXXXX";

	if (!alsa_config(path))
		return 1;
	for (size_t i = 0; i < COUNT(sweeps); i++) {
		unsigned long n = argc > 2 ? strtoul(argv[2], NULL, 10) : 1;
		bool met = true;

		if (argc > 1 && strcmp(argv[1], sweeps[i].name) != 0)
			continue;
		/* What is read once is read now. */
		if (run(&sweeps[i], 0) == -ENOENT)
			continue; /* ALSA was left out */
		for (; met; n += step ? step : 1) {
			bool ok = one(&sweeps[i], n, &met);

			passed += ok;
			failed += !ok;
			if (argc > 2)
				break;
		}
	}
	unlink(path);
	printf("fault_libs: %u passed, %u failed\n", passed, failed);
	return failed != 0 || passed == 0;
}
