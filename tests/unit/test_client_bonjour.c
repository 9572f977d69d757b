/* SPDX-License-Identifier: BSD-2-Clause
 * parley_bonjour, on simulated hosts: what is told, and what is refused. */
#include "tests/unit/suites.h"

#include <string.h>

#include "client/client_port.h"
#include "platform/sim/sim.h"

enum { AGENTS = 2 };

struct side {
	struct mem mem;
	struct sim_host *host;
	struct parley *p;
	uint32_t account;
	unsigned found, changed, gone, shut;
	bool free_then; /* from its callback */
	char name[128], uri[256], note[128], id[64];
};

struct rig {
	struct mem mem;
	struct sim *sim;
	struct side s[AGENTS];
};

static void on_event(void *app, const struct parley_event *ev)
{
	struct side *s = app;
	const struct parley_neighbour *n = parley_event_neighbour(ev);
	enum parley_event_kind kind = parley_event_kind(ev);

	s->found += kind == PARLEY_EV_NEIGHBOUR_FOUND;
	s->changed += kind == PARLEY_EV_NEIGHBOUR_CHANGED;
	s->gone += kind == PARLEY_EV_NEIGHBOUR_GONE;
	s->shut += kind == PARLEY_EV_SHUTDOWN;
	ck_assert_int_eq(n != NULL, kind >= PARLEY_EV_NEIGHBOUR_FOUND &&
			 kind <= PARLEY_EV_NEIGHBOUR_GONE);
	if (!n)
		return;
	ck_assert_int_eq(slice_to_str(slice_str(n->name), s->name,
				      sizeof(s->name)), 0);
	ck_assert_int_eq(slice_to_str(slice_str(n->uri), s->uri,
				      sizeof(s->uri)), 0);
	ck_assert_int_eq(slice_to_str(slice_str(n->note), s->note,
				      sizeof(s->note)), 0);
	ck_assert_int_eq(slice_to_str(slice_str(n->instance_id), s->id,
				      sizeof(s->id)), 0);
	if (!s->free_then)
		return;
	parley_free(s->p);
	s->p = NULL;
}

static void agent_open(struct side *s)
{
	struct parley_config cfg = { .size = sizeof(cfg), .app = s,
				     .local = "0.0.0.0:5060",
				     .on_event = on_event };

	ck_assert_int_eq(client_new(sim_host_reactor(s->host), NULL, &cfg,
				    &s->p), 0);
}

static void rig_open(struct rig *r)
{
	*r = (struct rig){ .sim = NULL };
	mem_init(&r->mem, 0);
	r->sim = sim_new(&r->mem, 1);
	ck_assert_ptr_nonnull(r->sim);
	for (unsigned i = 0; i < AGENTS; i++) {
		struct addr a = addr_v4(192, 0, 2, (uint8_t)(i + 1), 0);

		mem_init(&r->s[i].mem, 0);
		r->s[i].host = sim_host_new(r->sim, "h", &a, 1);
		ck_assert_ptr_nonnull(r->s[i].host);
		sim_host_mem(r->s[i].host, &r->s[i].mem);
		agent_open(&r->s[i]);
	}
}

static void rig_close(struct rig *r)
{
	for (unsigned i = 0; i < AGENTS; i++)
		parley_free(r->s[i].p);
	sim_run(r->sim, sim_now(r->sim) + SEC(1));
	sim_free(r->sim);
	for (unsigned i = 0; i < AGENTS; i++)
		ck_assert_uint_eq(r->s[i].mem.blocks, 0);
	ck_assert_uint_eq(r->mem.blocks, 0);
}

static int join_link(struct side *s, const char *name, const char *id)
{
	struct parley_bonjour o = { .size = sizeof(o), .name = name,
				    .instance_id = id, .note = "hello" };

	return parley_bonjour(s->p, &o, &s->account);
}

static void run(struct rig *r, mono span)
{
	sim_run(r->sim, sim_now(r->sim) + span);
}

START_TEST(neighbours_see_what_becomes_of_one)
{
	struct rig r;
	struct side *a, *b;
	struct addr other = addr_v4(192, 0, 2, 77, 0);
	struct addr old = addr_v4(192, 0, 2, 1, 0);

	rig_open(&r);
	a = &r.s[0];
	b = &r.s[1];
	ck_assert_int_eq(join_link(a, "Alice", "abc"), 0);
	ck_assert_uint_gt(a->account, 0);
	ck_assert_int_eq(join_link(b, "", NULL), 0); /* looks on only */
	ck_assert_uint_eq(b->account, 0);
	run(&r, SEC(5));
	ck_assert_uint_eq(b->found, 1);
	ck_assert_uint_eq(a->found, 0);
	ck_assert_str_eq(b->name, "Alice");
	ck_assert_str_eq(b->id, "abc");
	ck_assert_str_eq(b->note, "hello");
	ck_assert(strncmp(b->uri, "sip:", 4) == 0);
	ck_assert_str_eq(b->uri + 4 + 8, "@192.0.2.1:5060;transport=tcp");
	ck_assert_int_eq(parley_bonjour_status(a->p, "busy", "at lunch"), 0);
	run(&r, SEC(5));
	ck_assert_str_eq(b->note, "at lunch");
	/* Another address is another URI of the same neighbour. */
	ck_assert_int_eq(sim_addr_add(a->host, 1, &other), 0);
	ck_assert_int_eq(sim_addr_drop(a->host, &old), 0);
	run(&r, SEC(8));
	ck_assert_uint_eq(b->found, b->gone + 1);
	ck_assert_str_eq(b->uri + 4 + 8, "@192.0.2.77:5060;transport=tcp");
	ck_assert_str_eq(b->note, "at lunch");
	/* Its account goes, and it with that. */
	ck_assert_int_eq(parley_account_remove(a->p, a->account), 0);
	run(&r, SEC(3));
	ck_assert_uint_eq(b->gone, b->found);
	ck_assert_int_eq(parley_bonjour_status(a->p, "", ""), -ENOENT);
	rig_close(&r);
}
END_TEST

START_TEST(shutting_down_says_goodbye)
{
	struct rig r;

	rig_open(&r);
	ck_assert_int_eq(join_link(&r.s[0], "Alice", NULL), 0);
	ck_assert_int_eq(join_link(&r.s[1], "Bob", NULL), 0);
	run(&r, SEC(5));
	ck_assert_uint_eq(r.s[0].found, 1);
	ck_assert_str_eq(r.s[0].name, "Bob");
	parley_shutdown(r.s[1].p, 1000);
	run(&r, SEC(3));
	ck_assert_uint_eq(r.s[1].shut, 1);
	ck_assert_uint_eq(r.s[0].gone, 1);
	rig_close(&r);
}
END_TEST

START_TEST(what_makes_no_sense_is_refused)
{
	struct rig r;
	char text[129];
	struct parley_bonjour o = { .size = 1 };
	struct side *a;

	rig_open(&r);
	a = &r.s[0];
	ck_assert_int_eq(parley_bonjour(a->p, &o, &a->account), -EINVAL);
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	ck_assert_int_eq(join_link(a, text, NULL), -EINVAL);
	ck_assert_str_ne(parley_error(a->p), "");
	ck_assert_int_eq(join_link(a, "a", text + 64), -EINVAL);
	ck_assert_int_eq(parley_bonjour_status(a->p, "", ""), -ENOENT);
	ck_assert_int_eq(join_link(a, "a", NULL), 0);
	ck_assert_int_eq(join_link(a, "a", NULL), -EALREADY);
	ck_assert_int_lt(parley_bonjour_status(a->p, text, ""), 0);
	rig_close(&r);
}
END_TEST

START_TEST(the_agent_may_go_in_its_callback)
{
	struct rig r;

	rig_open(&r);
	r.s[1].free_then = true;
	ck_assert_int_eq(join_link(&r.s[0], "Alice", NULL), 0);
	ck_assert_int_eq(join_link(&r.s[1], "Bob", NULL), 0);
	run(&r, SEC(5));
	ck_assert_ptr_null(r.s[1].p);
	ck_assert_uint_eq(r.s[1].found, 1);
	rig_close(&r);
}
END_TEST

/* Refused, or all is well; whatever fails, nothing is left. */
START_TEST(any_allocation_may_fail)
{
	for (uint64_t nth = 1, more = 1; more; nth++) {
		struct rig r;

		rig_open(&r);
		r.s[0].mem.fail_at = r.s[0].mem.calls + nth;
		if (join_link(&r.s[0], "Alice", NULL))
			ck_assert_int_eq(join_link(&r.s[0], "Alice", NULL), 0);
		more = r.s[0].mem.calls >= r.s[0].mem.fail_at;
		run(&r, SEC(1));
		rig_close(&r);
	}
}
END_TEST

SUITE(client_bonjour, neighbours_see_what_becomes_of_one,
      shutting_down_says_goodbye, what_makes_no_sense_is_refused,
      the_agent_may_go_in_its_callback, any_allocation_may_fail);
