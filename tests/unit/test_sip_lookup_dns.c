/* SPDX-License-Identifier: BSD-2-Clause
 * Name servers of the simulated network answer a SIP port's questions. */
#include "sip/sip_lookup.h"

#include "platform/sim/sim.h"
#include "tests/dns/nameserver.h"
#include "tests/unit/suites.h"

enum { MANY = 2000 };

static const char zone[] =
	"example 60 SOA ns.example hm.example 1 2 3 4 5\n"
	"_sip._udp.example 60 SRV 1 0 5070 a.example\n"
	"_sip._tcp.example 60 SRV 2 0 5080 a.example\n"
	"_sips._tcp.example 60 SRV 1 0 5071 a.example\n"
	"a.example 60 A 10.0.0.7\n"
	"a.example 60 AAAA 2001:db8::7\n";

struct rig {
	struct mem mem, mine;
	struct sim *sim;
	struct sim_host *client;
	struct nameserver ns;
	struct sip_lookups *l;
	unsigned told, told_of[MANY];
	struct sip_hop hop[SIP_HOPS];
	size_t n;
	bool sip, frees;
	const char *reason;
	mono at;
};

static void found(void *arg, const struct sip_found *f)
{
	struct rig *g = arg;

	g->told++;
	g->told_of[f->tag]++;
	g->n = f->n;
	g->sip = f->sip;
	g->reason = f->reason;
	g->at = sim_now(g->sim);
	for (size_t i = 0; i < f->n; i++)
		g->hop[i] = f->hop[i];
	if (g->frees) {
		feature_lookup[0]->free(g->l);
		g->l = NULL;
	}
}

static void set_up(struct rig *g, unsigned faults)
{
	struct addr me = addr_v4(10, 0, 0, 1, 0);
	struct addr at = addr_v4(10, 0, 0, 2, 53);

	memset(g, 0, sizeof(*g));
	mem_init(&g->mem, 0);
	mem_init(&g->mine, 0);
	g->sim = sim_new(&g->mem, 1);
	g->client = sim_host_new(g->sim, "client", &me, 1);
	sim_host_mem(g->client, &g->mine);
	sim_host_resolv(g->client, "nameserver 10.0.0.2\n");
	g->ns.zone = slice_str(zone);
	g->ns.faults = faults;
	ck_assert_int_eq(nameserver_start(&g->ns, sim_host_reactor(
		sim_host_new(g->sim, "ns", &at, 1)), &at), 0);
	ck_assert_int_eq(feature_lookup[0]->make(sim_host_reactor(g->client),
		&limits_default, found, g, &g->l), 0);
}

static void tear_down(struct rig *g)
{
	if (g->l)
		feature_lookup[0]->free(g->l);
	nameserver_stop(&g->ns);
	sim_run(g->sim, sim_now(g->sim) + SEC(60));
	ck_assert_uint_eq(g->mine.blocks, 0);
	sim_free(g->sim);
	ck_assert_uint_eq(g->mem.blocks, 0);
}

static int ask(struct rig *g, const struct sip_locate *what, unsigned ours,
	       uint64_t tag)
{
	struct sip_wanted w = { .sip = what, .tag = tag, .transports = ours,
		.v4 = true, .v6 = true,
		.host = what ? what->host : S("a.example") };

	return feature_lookup[0]->ask(g->l, &w);
}

static void wait_for(struct rig *g, unsigned told)
{
	mono end = sim_now(g->sim) + SEC(60);

	while (g->told < told && sim_now(g->sim) < end && sim_step(g->sim))
		;
	ck_assert_uint_eq(g->told, told);
}

#define BIT(t) (1u << (t))

static const struct sip_locate plain = { .host = SLICE("example") };

START_TEST(hops_have_transport_address_and_port)
{
	static const struct sip_locate safe = { .host = SLICE("example"),
		.transport = SIP_TLS, .secure = true };
	struct rig g;

	set_up(&g, 0);
	/* RFC 3263 4.1: by each that is ours */
	ck_assert_int_eq(ask(&g, &plain, BIT(SIP_UDP) | BIT(SIP_TCP), 1), 0);
	ck_assert_uint_eq(g.told, 0); /* never from within */
	wait_for(&g, 1);
	ck_assert(g.sip && g.n == 4 && !g.reason);
	ck_assert_int_eq(g.hop[0].transport, SIP_UDP);
	ck_assert_uint_eq(g.hop[0].addr.port, 5070);
	ck_assert_int_eq(g.hop[3].transport, SIP_TCP);
	ck_assert_uint_eq(g.hop[3].addr.port, 5080);
	ck_assert_int_eq(ask(&g, &plain, BIT(SIP_TCP), 2), 0);
	wait_for(&g, 2);
	ck_assert(g.n == 2 && g.hop[0].transport == SIP_TCP);
	ck_assert_int_eq(ask(&g, &safe, BIT(SIP_UDP) | BIT(SIP_TLS), 3), 0);
	wait_for(&g, 3);
	ck_assert(g.n == 2 && g.hop[0].transport == SIP_TLS);
	ck_assert_uint_eq(g.hop[0].addr.port, 5071);
	ck_assert_int_eq(ask(&g, &safe, BIT(SIP_UDP), 4), -EPROTONOSUPPORT);
	ck_assert_int_eq(ask(&g, NULL, 0, 5), 0); /* a name in c= */
	wait_for(&g, 4);
	ck_assert(!g.sip && g.n == 2 && g.hop[0].addr.family == 6);
	tear_down(&g);
}
END_TEST

/* limits.dns_queries are 256, of which one location takes up to 32. */
START_TEST(a_thousand_equal_questions_are_one)
{
	struct rig g;

	set_up(&g, 0);
	for (unsigned i = 0; i < MANY; i++)
		ck_assert_int_eq(ask(&g, &plain, BIT(SIP_UDP), i), 0);
	wait_for(&g, MANY);
	for (unsigned i = 0; i < MANY; i++)
		ck_assert_uint_eq(g.told_of[i], 1);
	ck_assert_uint_le(g.ns.by_udp, 8);
	ck_assert_uint_eq(g.n, 2);
	tear_down(&g);
}
END_TEST

START_TEST(silence_has_its_time)
{
	struct rig g;
	mono begun;

	set_up(&g, NS_SILENT);
	begun = sim_now(g.sim);
	ck_assert_int_eq(ask(&g, &plain, BIT(SIP_UDP) | BIT(SIP_TCP) |
			     BIT(SIP_TLS), 1), 0);
	wait_for(&g, 1);
	ck_assert_str_eq(g.reason, "no name server answers");
	ck_assert(g.at - begun <= SEC(20));
	tear_down(&g);
}
END_TEST

START_TEST(other_servers_are_asked_anew)
{
	struct addr good = addr_v4(10, 0, 0, 2, 53);
	struct addr bad = addr_v4(10, 0, 0, 99, 53);
	struct rig g;

	set_up(&g, 0);
	feature_lookup[0]->servers(g.l, &bad, 1);
	ck_assert_int_eq(ask(&g, &plain, BIT(SIP_UDP), 1), 0);
	sim_run(g.sim, sim_now(g.sim) + MS(500));
	ck_assert_uint_eq(g.told, 0);
	feature_lookup[0]->servers(g.l, &good, 1);
	wait_for(&g, 1);
	ck_assert_uint_eq(g.n, 2);
	feature_lookup[0]->servers(g.l, NULL, 0); /* resolv.conf's */
	ck_assert_int_eq(ask(&g, &plain, BIT(SIP_UDP), 2), 0);
	wait_for(&g, 2);
	ck_assert_uint_eq(g.n, 2);
	tear_down(&g);
}
END_TEST

START_TEST(it_may_be_freed_by_who_is_told_and_in_between)
{
	struct rig g;

	set_up(&g, 0);
	g.frees = true;
	for (unsigned i = 0; i < 3; i++)
		ck_assert_int_eq(ask(&g, &plain, BIT(SIP_UDP), i), 0);
	wait_for(&g, 1);
	tear_down(&g);
	set_up(&g, NS_SILENT);
	ck_assert_int_eq(ask(&g, &plain, BIT(SIP_UDP), 1), 0);
	sim_run(g.sim, sim_now(g.sim) + MS(500));
	tear_down(&g);
}
END_TEST

START_TEST(memory_may_run_out_anywhere)
{
	struct rig g;
	bool done = false;

	for (uint64_t n = 1; !done; n++) {
		int rc;

		set_up(&g, 0);
		g.mine.fail_at = g.mine.calls + n;
		rc = ask(&g, &plain, BIT(SIP_UDP), 1);
		if (rc == 0)
			wait_for(&g, 1);
		else
			ck_assert_int_eq(rc, -ENOMEM);
		done = g.mine.calls < g.mine.fail_at;
		tear_down(&g);
		ck_assert_uint_lt(n, 300);
	}
	ck_assert_uint_eq(g.n, 2);
}
END_TEST

SUITE(sip_lookup_dns, hops_have_transport_address_and_port,
      a_thousand_equal_questions_are_one, silence_has_its_time,
      other_servers_are_asked_anew,
      it_may_be_freed_by_who_is_told_and_in_between,
      memory_may_run_out_anywhere);
