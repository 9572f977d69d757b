/* SPDX-License-Identifier: BSD-2-Clause
 * The resolver on a simulated host, whose resolv.conf and hosts file are the
 * world's; tests/sim/sim_dns.c has what goes wrong. */
#include "tests/unit/suites.h"

#include "dns/dns_port.h"
#include "platform/sim/sim.h"
#include "tests/dns/nameserver.h"
#include "tests/unit/expect.h"

static const char zone[] =
	"example 60 SOA ns.example hm.example 1 2 3 4 5\n"
	"_sip._udp.example 60 SRV 0 0 5070 a.example\n"
	"a.example 60 A 192.0.2.1\n"
	"xcap.example 60 TXT http://xcap.example/root second\n";

struct rig {
	struct mem mem, mine;
	struct sim *sim;
	struct sim_host *client, *host[2];
	struct nameserver ns[2];
	struct dns_port *port;
	unsigned told;
	enum dns_status status;
	struct dns_hop hop;
	size_t hops;
	char text[64];
	mono at; /* when it was told */
	bool frees;
};

static void set_up(struct rig *g, const char *resolv)
{
	struct addr me = addr_v4(10, 0, 0, 1, 0);
	struct dns_port_config cfg = { 0 };

	memset(g, 0, sizeof(*g));
	mem_init(&g->mem, 0);
	mem_init(&g->mine, 0);
	g->sim = sim_new(&g->mem, 1);
	g->client = sim_host_new(g->sim, "client", &me, 1);
	sim_host_mem(g->client, &g->mine);
	for (unsigned i = 0; i < 2; i++) {
		struct addr at = addr_v4(10, 0, 0, (uint8_t)(2 + i), 53);

		g->host[i] = sim_host_new(g->sim, "ns", &at, 1);
		g->ns[i].zone = slice_str(zone);
		ck_assert_int_eq(nameserver_start(&g->ns[i],
			sim_host_reactor(g->host[i]), &at), 0);
	}
	sim_host_resolv(g->client, resolv);
	ck_assert_int_eq(dns_port_new(sim_host_reactor(g->client), &g->mine,
				      &cfg, &g->port), 0);
}

static void tear_down(struct rig *g)
{
	dns_port_free(g->port);
	for (unsigned i = 0; i < 2; i++)
		nameserver_stop(&g->ns[i]);
	sim_run(g->sim, sim_now(g->sim) + SEC(60));
	ck_assert_uint_eq(g->mine.blocks, 0);
	sim_free(g->sim);
	ck_assert_uint_eq(g->mem.blocks, 0);
}

static void located(void *arg, const struct dns_locate *l)
{
	struct rig *g = arg;
	const struct dns_hop *h;

	ck_assert(dns_locate_over(l, &g->status));
	g->told++;
	g->at = sim_now(g->sim);
	g->hops = dns_locate_hops(l, &h);
	if (g->hops)
		g->hop = h[0];
	if (g->frees) {
		dns_port_free(g->port);
		g->port = NULL;
	}
}

static void locate(struct rig *g, const char *host)
{
	static const enum dns_transport use[] = { DNS_UDP };
	struct dns_sip_wish w = { .use = use, .n = 1 };
	struct dns_target t = { .host = slice_str(host) };
	struct dns_lookup *k;
	unsigned before = g->told;

	ck_assert_int_eq(dns_sip_choose(&w, &t.choice), 0);
	ck_assert_int_eq(dns_port_locate(g->port, &t, located, g, &k), 0);
	ck_assert_uint_eq(g->told, before); /* never from within */
	sim_run(g->sim, sim_now(g->sim) + SEC(40));
	ck_assert_uint_eq(g->told, before + 1);
}

static void ck_hop(struct rig *g, const char *text)
{
	char at[ADDR_TEXT];

	ck_assert_int_eq(g->status, DNS_FOUND);
	ck_assert_str_eq(addr_text(&g->hop.addr, at), text);
}

START_TEST(the_hosts_own_servers_are_asked)
{
	struct rig g;

	set_up(&g, "nameserver 10.0.0.2\n");
	locate(&g, "example");
	ck_hop(&g, "192.0.2.1:5070");
	ck_assert(g.ns[0].by_udp && !g.ns[1].by_udp);
	tear_down(&g);
}
END_TEST

START_TEST(a_new_resolv_conf_is_read)
{
	struct rig g;
	unsigned asked;

	set_up(&g, "nameserver 10.0.0.2\n");
	locate(&g, "example");
	asked = g.ns[0].by_udp;
	sim_host_resolv(g.client, "nameserver 10.0.0.3\n");
	locate(&g, "example"); /* and what was known is forgotten */
	ck_hop(&g, "192.0.2.1:5070");
	ck_assert(g.ns[0].by_udp == asked && g.ns[1].by_udp == asked);
	sim_host_resolv(g.client, "");
	locate(&g, "example");
	ck_assert_int_eq(g.status, DNS_NO_SERVER);
	ck_assert_uint_eq(g.hops, 0);
	tear_down(&g);
}
END_TEST

/* resolv.conf(5): without a nameserver it is one on this host; here there is
 * none, which ICMP says at once. */
START_TEST(without_a_nameserver_it_is_the_hosts_own)
{
	struct rig g;
	mono begun;

	set_up(&g, "# nothing\n");
	begun = sim_now(g.sim);
	locate(&g, "example");
	ck_assert_int_eq(g.status, DNS_TIMED_OUT);
	ck_assert_int_lt(g.at - begun, MS(10));
	tear_down(&g);
}
END_TEST

START_TEST(a_name_of_the_hosts_file_is_not_asked_for)
{
	struct addr a = addr_v4(10, 9, 9, 9, 0);
	struct rig g;

	set_up(&g, "nameserver 10.0.0.2\n");
	ck_assert_int_eq(sim_name(g.sim, "desk", &a), 0);
	locate(&g, "desk");
	ck_hop(&g, "10.9.9.9:5060");
	ck_assert_uint_eq(g.ns[0].by_udp, 0);
	tear_down(&g);
}
END_TEST

static void answered(void *arg, const struct dns_answer *a)
{
	struct rig *g = arg;
	struct dns_walk w = { 0 };
	struct dns_msg m;
	struct dns_rr r;
	struct slice s;
	size_t at = 0;

	g->told++;
	g->status = a->status;
	if (a->status != DNS_FOUND)
		return;
	ck_parses(dns_msg_parse(a->bytes, &m, &e));
	ck_assert(dns_rr_next(&m, DNS_ANSWER, &w, &r));
	ck_assert(dns_rr_txt(&r, &at, &s));
	ck_assert_int_eq(slice_to_str(s, g->text, sizeof(g->text)), 0);
}

START_TEST(one_question_alone)
{
	struct dns_lookup *k;
	struct dns_name n;
	struct rig g;

	set_up(&g, "nameserver 10.0.0.2\nsearch example\n");
	ck_parses(dns_name_parse(S("xcap"), &n, &e));
	ck_assert_int_eq(dns_port_ask(g.port, &n, DNS_TXT, true, answered, &g,
				      &k), 0);
	sim_run(g.sim, SEC(10));
	ck_assert(g.told == 1 && g.status == DNS_FOUND);
	ck_assert_str_eq(g.text, "http://xcap.example/root");
	ck_assert_int_eq(dns_port_ask(g.port, &n, DNS_PTR, true, answered, &g,
				      &k), 0);
	dns_lookup_cancel(k);
	sim_run(g.sim, SEC(30));
	ck_assert_uint_eq(g.told, 1);
	tear_down(&g);
}
END_TEST

START_TEST(who_is_told_may_free_the_port)
{
	struct rig g;

	set_up(&g, "nameserver 10.0.0.2\n");
	g.frees = true;
	locate(&g, "example");
	ck_assert_ptr_null(g.port);
	tear_down(&g);
}
END_TEST

START_TEST(a_port_may_be_freed_while_it_asks)
{
	static const enum dns_transport use[] = { DNS_UDP };
	struct dns_sip_wish w = { .use = use, .n = 1 };
	struct dns_target t = { .host = S("example") };
	struct dns_lookup *k;
	struct rig g;

	set_up(&g, "nameserver 10.0.0.2\n");
	ck_assert_int_eq(dns_sip_choose(&w, &t.choice), 0);
	ck_assert_int_eq(dns_port_locate(g.port, &t, located, &g, &k), 0);
	(void)sim_step(g.sim);
	dns_port_free(g.port);
	g.port = NULL;
	tear_down(&g);
	ck_assert_uint_eq(g.told, 0);
}
END_TEST

SUITE(dns_port, the_hosts_own_servers_are_asked, a_new_resolv_conf_is_read,
      without_a_nameserver_it_is_the_hosts_own,
      a_name_of_the_hosts_file_is_not_asked_for, one_question_alone,
      who_is_told_may_free_the_port, a_port_may_be_freed_while_it_asks);
