/* SPDX-License-Identifier: BSD-2-Clause
 * The program's own commands on the hosts of one link, times seeds: two are
 * neighbours of each other without a registrar (listen and call --bonjour), a
 * third looks at them (neighbours --json).  The one calls the other by its
 * name, over a link that loses, doubles and overtakes; they talk, with audio
 * both ways; and both say goodbye.
 * usage: sim_bonjour [SEED]; else as many seeds as SEEDS says. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/scene.h"

static bool watched(struct scene *w, const struct actor *a, bool perfect)
{
	const char *const found[] = {
		"{\"neighbour\":\"found\",\"name\":\"Alice-at-home\"",
		"{\"neighbour\":\"found\",\"name\":\"Bob-upstairs\"",
	};
	const char *const gone[] = {
		"{\"neighbour\":\"gone\",\"name\":\"Alice-at-home\"",
		"{\"neighbour\":\"gone\",\"name\":\"Bob-upstairs\"",
	};

	/* One neighbour each, though both have a service for UDP and one for
	 * TCP.  A goodbye may be lost: then it is gone when its SRV is. */
	for (unsigned i = 0; i < 2; i++) {
		if (!scene_said(w, a, found[i], 1))
			return false;
		if (perfect && !scene_said(w, a, gone[i], 1))
			return false;
	}
	return true;
}

static unsigned received(const struct actor *a)
{
	static const char key[] = "\"packets_received\":";
	const char *at = strstr(a->out, key);

	return at ? (unsigned)strtoul(at + sizeof(key) - 1, NULL, 10) : 0;
}

static bool meet(struct scene *w, bool perfect)
{
	struct actor *bob, *alice, *eve;

	eve = scene_run(w, 2, "neighbours --json --for 40");
	bob = scene_run(w, 0, "listen --bonjour Bob-upstairs --echo "
			"--auto-answer --count 1");
	scene_until(w, scene_ms(w) + 500);
	alice = scene_run(w, 1, "call bob-UPSTAIRS --bonjour Alice-at-home "
			  "--duration 4 --json");
	if (!eve || !bob || !alice)
		return scene_fail(w, "a command does not start");
	if (!scene_over(w, 80000))
		return false;
	if (alice->status || bob->status || eve->status)
		return scene_fail(w, "alice %d, bob %d, eve %d: %s%s%s",
				  alice->status, bob->status, eve->status,
				  alice->err, bob->err, eve->err);
	/* Four seconds are 200 packets of 20 ms. */
	if (!scene_said(w, alice, "\"state\":\"ended\"", 1) ||
	    received(alice) < 150 ||
	    !scene_said(w, bob, "call 1 from \"Alice-at-home\" <sip:", 1))
		return scene_fail(w, "no call: %s%s", alice->out, bob->out);
	return watched(w, eve, perfect);
}

static bool nobody(struct scene *w)
{
	struct actor *a = scene_run(w, 1, "call carol --bonjour Alice");

	if (!a || !scene_over(w, scene_ms(w) + 20000))
		return scene_fail(w, "does not end");
	return (a->status == 1 && strstr(a->err, "carol: no such neighbour")) ||
	       scene_fail(w, "%d: %s", a->status, a->err);
}

static bool one(uint64_t seed)
{
	static struct scene w;
	bool perfect = seed % 4 == 0, ok = scene_begin(&w, seed, 3);
	struct sim_link link = { .delay = MS(1) };

	if (!perfect)
		link = (struct sim_link){ .delay = MS(2), .jitter = MS(10),
					  .loss = 0.03, .duplicate = 0.03,
					  .reorder = 0.03,
					  .reorder_by = MS(30) };
	if (ok)
		scene_link(&w, &link);
	ok = ok && meet(&w, perfect) && (!perfect || nobody(&w));
	return scene_judged(&w, seed, ok);
}

int main(int argc, char **argv)
{
	unsigned long n = scene_seeds(), passed = 0;

	if (argc > 1)
		return !one(strtoull(argv[1], NULL, 10));
	for (unsigned long i = 1; i <= n; i++)
		passed += one(i);
	printf("sim_bonjour: %lu passed, %lu failed\n", passed, n - passed);
	return passed != n || !n;
}
