/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/worlds.h"

#include <stdio.h>
#include <string.h>

#include "platform/sim/sim.h"

static void real_world(struct world *w, bool v6)
{
	w->name = v6 ? "real, IPv6" : "real, IPv4";
	w->a = w->b = reactor_new_poll(&w->mem);
	ck_assert_ptr_nonnull(w->a);
	ck_assert_int_eq(addr_parse_ip(slice_str(v6 ? "::1" : "127.0.0.1"),
				       &w->ip_a), 0);
	w->ip_b = w->ip_a;
}

static struct addr simulated(bool v6, unsigned last)
{
	struct addr a = addr_v4(192, 0, 2, (uint8_t)last, 0);

	if (v6)
		a = (struct addr){ .family = 6,
				   .ip = { 0x20, 1, 0xd, 0xb8,
					   [15] = (uint8_t)last } };
	return a;
}

/* Two hosts 5 ms apart. */
static void sim_world(struct world *w, bool v6)
{
	struct sim_link link = { .delay = US(2500) };
	struct sim_host *a, *b;

	w->name = v6 ? "simulated, IPv6" : "simulated, IPv4";
	w->net = sim_new(&w->mem, 1);
	ck_assert_ptr_nonnull(w->net);
	w->ip_a = simulated(v6, 1);
	w->ip_b = simulated(v6, 2);
	a = sim_host_new(w->net, "a", &w->ip_a, 1);
	b = sim_host_new(w->net, "b", &w->ip_b, 1);
	ck_assert(a && b);
	sim_host_link(a, &link);
	w->a = sim_host_reactor(a);
	w->b = sim_host_reactor(b);
}

void world_open(struct world *w, int which)
{
	*w = (struct world){ .sim = which >= 2 };
	mem_init(&w->mem, 0);
	if (w->sim)
		sim_world(w, which & 1);
	else
		real_world(w, which & 1);
}

void world_close(struct world *w)
{
	reactor_free(w->a);
	if (w->b != w->a)
		reactor_free(w->b);
	sim_free(w->net);
	ck_assert_uint_eq(w->mem.blocks, 0);
	ck_assert_uint_eq(w->mem.used, 0);
}

bool world_has_localhost(const struct world *w)
{
	FILE *f = w->sim ? NULL : fopen("/etc/hosts", "r");
	bool found = w->sim;
	char line[256];

	while (f && !found && fgets(line, sizeof(line), f))
		found = line[0] != '#' && strstr(line, "localhost");
	if (f)
		fclose(f);
	if (!found) {
		printf("skipped: no localhost in /etc/hosts\n");
		fflush(stdout);
	}
	return found;
}

void world_until(struct world *w, const unsigned *flag, unsigned want)
{
	mono end = mono_add(reactor_clock(w->a), SEC(20));

	while (*flag < want) {
		ck_assert_msg(reactor_clock(w->a) < end, "%s: waited in vain",
			      w->name);
		ck_assert_int_ge(reactor_step(w->a, MS(50)), 0);
	}
	ck_assert_uint_eq(*flag, want);
}

void world_for(struct world *w, mono span)
{
	mono end = mono_add(reactor_clock(w->a), span);

	while (reactor_clock(w->a) < end)
		ck_assert_int_ge(reactor_step(w->a, end -
					      reactor_clock(w->a)), 0);
}

Suite *world_suite(const char *name, const TTest *const *both,
		   const TTest *const *real)
{
	Suite *s = suite_create(name);
	TCase *tc = tcase_create("both"), *alone = tcase_create("real");

	for (; *both; both++)
		tcase_add_loop_test(tc, *both, 0, WORLDS);
	for (; *real; real++)
		tcase_add_loop_test(alone, *real, 0, 2);
	suite_add_tcase(s, tc);
	suite_add_tcase(s, alone);
	return s;
}
