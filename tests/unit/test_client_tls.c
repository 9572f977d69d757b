/* SPDX-License-Identifier: BSD-2-Clause
 * Accounts' tls.* settings on simulated hosts: what a connection goes by when
 * they change. */
#include "tests/unit/suites.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "client/client_port.h"
#include "platform/sim/sim.h"
#include "tests/certs/certs.h"

enum { AGENTS = 2 };

struct side {
	struct mem mem;
	struct sim_host *host;
	struct parley *p;
	unsigned failed;
	char reason[128];
};

struct rig {
	struct mem mem;
	struct sim *sim;
	struct side s[AGENTS];
};

static void on_event(void *app, const struct parley_event *ev)
{
	struct side *s = app;

	if (parley_event_kind(ev) != PARLEY_EV_REGISTER_FAILED)
		return;
	s->failed++;
	snprintf(s->reason, sizeof(s->reason), "%s", parley_event_reason(ev));
}

/* The second listens, with a certificate for another name. */
static void rig_open(struct rig *r)
{
	struct addr two = addr_v4(192, 0, 2, 2, 0);

	*r = (struct rig){ .sim = NULL };
	mem_init(&r->mem, 0);
	r->sim = sim_new(&r->mem, 1);
	ck_assert_ptr_nonnull(r->sim);
	ck_assert_int_eq(sim_name(r->sim, "example.com", &two), 0);
	for (unsigned i = 0; i < AGENTS; i++) {
		struct side *s = &r->s[i];
		struct addr a = addr_v4(192, 0, 2, (uint8_t)(i + 1), 0);
		struct parley_config cfg = { .size = sizeof(cfg), .app = s,
			.local = i ? "192.0.2.2:5060" : "192.0.2.1:5060",
			.tls_cert = i ? "tests/certs/othername.pem" : NULL,
			.tls_key = i ? "tests/certs/leaf.key" : NULL,
			.on_event = on_event };
		struct instant now;

		mem_init(&s->mem, 0);
		s->host = sim_host_new(r->sim, "h", &a, 1);
		ck_assert_ptr_nonnull(s->host);
		sim_host_mem(s->host, &s->mem);
		now = reactor_now(sim_host_reactor(s->host));
		sim_host_wall(s->host, SEC(CERTS_NOW) - now.wall_ns);
		ck_assert_int_eq(client_new(sim_host_reactor(s->host), NULL,
					    &cfg, &s->p), 0);
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

static uint32_t account_of(struct side *s)
{
	uint32_t account;

	ck_assert_int_eq(parley_account_add(s->p, "sip:bob@example.com",
					    &account), 0);
	return account;
}

static void set(struct side *s, uint32_t account, const char *key,
		const char *value)
{
	ck_assert_int_eq(parley_set(s->p, account, key, value), 0);
}

static void copy_file(const char *from, const char *to)
{
	struct slice s = certs_file(from);
	FILE *f = fopen(to, "wb");

	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(s.p, 1, s.n, f), s.n);
	ck_assert_int_eq(fclose(f), 0);
	certs_free(s);
}

static void try_to_register(struct rig *r, uint32_t account)
{
	ck_assert_int_eq(parley_register(r->s[0].p, account), 0);
	sim_run(r->sim, sim_now(r->sim) + SEC(5));
	ck_assert_uint_eq(r->s[0].failed, 1);
}

/* Verification that is switched on again is on, whatever became of a file that
 * was given before: nothing goes by the old rules. */
START_TEST(a_file_that_is_gone_verifies_nobody)
{
	struct rig r;
	char ca[64];
	uint32_t account;

	rig_open(&r);
	snprintf(ca, sizeof(ca), "/tmp/parley-tls-%ld.pem", (long)getpid());
	copy_file("ca.pem", ca);
	account = account_of(&r.s[0]);
	set(&r.s[0], account, "sip.transport", "tls");
	set(&r.s[0], account, "tls.ca", ca);
	set(&r.s[0], account, "tls.verify", "false");
	ck_assert_int_eq(remove(ca), 0);
	set(&r.s[0], account, "tls.verify", "true");
	try_to_register(&r, account);
	ck_assert_str_eq(r.s[0].reason,
			 "a file of the account's TLS cannot be read");
	rig_close(&r);
}
END_TEST

/* Accounts come and go: what was read for them goes, too. */
START_TEST(a_removed_account_leaves_nothing)
{
	struct rig r;
	uint64_t before = 0;

	rig_open(&r);
	for (unsigned i = 0; i < 20; i++) {
		uint32_t account = account_of(&r.s[0]);

		set(&r.s[0], account, "tls.ca", "tests/certs/ca.pem");
		ck_assert_int_eq(parley_account_remove(r.s[0].p, account), 0);
		sim_run(r.sim, sim_now(r.sim) + SEC(1));
		if (i == 1)
			before = r.s[0].mem.blocks;
	}
	ck_assert_uint_eq(r.s[0].mem.blocks, before);
	rig_close(&r);
}
END_TEST

/* Without memory it is either said, or done. */
START_TEST(any_allocation_may_fail)
{
	for (uint64_t nth = 1, more = 1; more; nth++) {
		struct rig r;
		struct mem *m = &r.s[0].mem;
		uint32_t account;
		int rc;

		rig_open(&r);
		account = account_of(&r.s[0]);
		set(&r.s[0], account, "sip.transport", "tls");
		m->fail_at = m->calls + nth;
		rc = parley_set(r.s[0].p, account, "tls.ca",
				"tests/certs/ca.pem");
		more = m->calls >= m->fail_at;
		m->fail_at = 0;
		if (rc) {
			ck_assert_int_eq(rc, -ENOMEM);
			ck_assert_str_ne(parley_error(r.s[0].p), "");
		} else {
			try_to_register(&r, account);
			ck_assert_ptr_nonnull(strstr(r.s[0].reason,
						     "name mismatch"));
		}
		rig_close(&r);
	}
}
END_TEST

SUITE(client_tls, a_file_that_is_gone_verifies_nobody,
      a_removed_account_leaves_nothing, any_allocation_may_fail);
