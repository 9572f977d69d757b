/* SPDX-License-Identifier: BSD-2-Clause
 * The simulated network: what its links do, and that it replays. */
#include "tests/unit/suites.h"

#include "platform/sim/sim.h"
#include "platform/sim/sim_nat.h"

struct net { /* two hosts, each with a counting UDP socket */
	struct mem mem;
	struct sim *s;
	struct sim_host *a, *b;
	struct addr ip_a, ip_b;
	struct udp *ua, *ub;
	unsigned got;
	mono last;
	unsigned errors, watched;
	uint8_t seen[20000]; /* by the number in the first two bytes */
	bool ordered;
};

static void on_datagrams(void *arg, struct datagram *d, size_t n)
{
	struct net *t = arg;

	for (size_t i = 0; i < n; i++) {
		unsigned k = d[i].n >= 2 ? read_be16(d[i].p) : 0;

		t->got++;
		t->last = d[i].when.m;
		t->seen[k]++;
		for (unsigned later = k + 1; later < k + 50; later++)
			if (t->seen[later % COUNT(t->seen)])
				t->ordered = false;
	}
}

static void on_error(void *arg, const struct addr *remote, int err)
{
	(void)remote;
	(void)err;
	((struct net *)arg)->errors++;
}

static const struct udp_ops UDP = { on_datagrams, on_error };

static void net_open(struct net *t, uint64_t seed, const struct sim_link *link)
{
	*t = (struct net){ .ordered = true,
			   .ip_a = addr_v4(192, 0, 2, 1, 5060),
			   .ip_b = addr_v4(192, 0, 2, 2, 5060) };
	mem_init(&t->mem, 0);
	t->s = sim_new(&t->mem, seed);
	ck_assert_ptr_nonnull(t->s);
	t->a = sim_host_new(t->s, "a", &t->ip_a, 1);
	t->b = sim_host_new(t->s, "b", &t->ip_b, 1);
	ck_assert(t->a && t->b);
	sim_link(t->a, 1, link, &(struct sim_link){ 0 });
	ck_assert_int_eq(udp_open(sim_host_reactor(t->a), &t->ip_a, &UDP, t,
				  &t->ua), 0);
	ck_assert_int_eq(udp_open(sim_host_reactor(t->b), &t->ip_b, &UDP, t,
				  &t->ub), 0);
}

static void net_close(struct net *t)
{
	sim_free(t->s);
	ck_assert_uint_eq(t->mem.blocks, 0);
}

/* count datagrams of n bytes from a to b, one each gap. */
static void send_many(struct net *t, unsigned count, size_t n, mono gap)
{
	static uint8_t bytes[65536];
	struct datagram d = { .remote = t->ip_b, .p = bytes, .n = n };

	for (unsigned i = 0; i < count; i++) {
		bytes[0] = (uint8_t)(i >> 8);
		bytes[1] = (uint8_t)i;
		ck_assert_int_eq(udp_send(t->ua, &d, 1), 1);
		sim_run(t->s, sim_now(t->s) + gap);
	}
	sim_run(t->s, sim_now(t->s) + SEC(10));
}

START_TEST(delay_is_exact_and_order_is_kept_under_jitter)
{
	struct sim_link link = { .delay = MS(20) };
	struct net t;
	mono at;

	net_open(&t, 1, &link);
	at = sim_now(t.s);
	send_many(&t, 1, 100, 0);
	ck_assert(t.last == at + MS(20));
	link.jitter = MS(30);
	sim_link(t.a, 1, &link, &(struct sim_link){ 0 });
	t.seen[0] = 0;
	send_many(&t, 1000, 100, MS(1));
	ck_assert_uint_eq(t.got, 1001);
	ck_assert(t.ordered);
	net_close(&t);
}
END_TEST

START_TEST(reordering_reorders_and_duplication_doubles)
{
	struct sim_link link = { .delay = MS(5), .reorder = 0.1,
				 .duplicate = 0.1 };
	struct net t;

	net_open(&t, 2, &link);
	send_many(&t, 5000, 100, MS(1));
	ck_assert(!t.ordered);
	/* Binomial(5000, 0.1): 500, and 5 standard deviations are 106. */
	ck_assert_uint_gt(t.got, 5000 + 500 - 106);
	ck_assert_uint_lt(t.got, 5000 + 500 + 106);
	for (unsigned i = 0; i < 5000; i++)
		ck_assert_msg(t.seen[i] == 1 || t.seen[i] == 2, "%u", i);
	net_close(&t);
}
END_TEST

/* Each fragment is lost on its own: three arrive with 0.7^3 = 0.343. */
START_TEST(loss_is_of_fragments)
{
	struct sim_link link = { .loss = 0.3 };
	struct net t;

	net_open(&t, 3, &link);
	send_many(&t, 10000, 1472, US(10)); /* 1500 with headers */
	ck_assert_uint_gt(t.got, 7000 - 230); /* 5 standard deviations */
	ck_assert_uint_lt(t.got, 7000 + 230);
	t.got = 0;
	send_many(&t, 10000, 4000, US(10));
	ck_assert_uint_gt(t.got, 3430 - 238);
	ck_assert_uint_lt(t.got, 3430 + 238);
	net_close(&t);
}
END_TEST

/* 1000 bytes and 28 of headers at 1 Mbit/s: 8.224 ms each. */
START_TEST(bandwidth_spaces_and_the_queue_overflows)
{
	struct sim_link link = { .bandwidth = 1000000, .queue = 10280,
				 .delay = MS(1) };
	struct net t;
	mono at;

	net_open(&t, 4, &link);
	at = sim_now(t.s);
	send_many(&t, 10, 1000, 0);
	ck_assert_uint_eq(t.got, 10);
	ck_assert(t.last == at + US(82240) + MS(1));
	send_many(&t, 30, 1000, 0); /* ten fit */
	ck_assert_uint_eq(t.got, 20);
	net_close(&t);
}
END_TEST

START_TEST(a_partition_cuts_also_what_is_under_way)
{
	struct sim_link link = { .delay = MS(50) };
	struct net t;
	struct datagram d;

	net_open(&t, 5, &link);
	d = (struct datagram){ .remote = t.ip_b };
	ck_assert_int_eq(udp_send(t.ua, &d, 1), 1);
	sim_run(t.s, sim_now(t.s) + MS(20));
	sim_group(t.b, 1);
	sim_run(t.s, sim_now(t.s) + MS(100));
	ck_assert_int_eq(udp_send(t.ua, &d, 1), 1);
	sim_run(t.s, sim_now(t.s) + MS(100));
	ck_assert_uint_eq(t.got, 0);
	sim_heal(t.s);
	ck_assert_int_eq(udp_send(t.ua, &d, 1), 1);
	sim_run(t.s, sim_now(t.s) + MS(100));
	ck_assert_uint_eq(t.got, 1);
	net_close(&t);
}
END_TEST

static void on_change(void *arg)
{
	((struct net *)arg)->watched++;
}

START_TEST(an_address_moves_and_its_watch_is_told)
{
	struct net t;
	struct datagram d;
	struct fdwatch *w;
	struct addr from, fresh = addr_v4(198, 51, 100, 7, 0);
	struct host_if all[8];

	net_open(&t, 6, &(struct sim_link){ 0 });
	ck_assert_int_eq(reactor_watch_interfaces(sim_host_reactor(t.b),
						  on_change, &t, &w), 0);
	ck_assert_int_eq(sim_addr_add(t.b, 1, &t.ip_a), -EADDRINUSE);
	ck_assert_int_eq(sim_addr_drop(t.b, &t.ip_b), 0);
	ck_assert_int_eq(sim_addr_drop(t.b, &t.ip_b), -EADDRNOTAVAIL);
	ck_assert_int_eq(reactor_route(sim_host_reactor(t.b), &t.ip_a, &from),
			 -ENETUNREACH);
	ck_assert_int_eq(sim_addr_add(t.b, 1, &fresh), 0);
	sim_run(t.s, sim_now(t.s) + MS(1));
	ck_assert_uint_eq(t.watched, 1); /* both changes in one turn */
	ck_assert_int_eq(reactor_route(sim_host_reactor(t.b), &t.ip_a, &from),
			 0);
	ck_assert(addr_same(&from, &fresh));
	ck_assert_uint_eq(reactor_interfaces(sim_host_reactor(t.b), all, 8),
			  3);
	d = (struct datagram){ .remote = t.ip_b };
	ck_assert_int_eq(udp_send(t.ua, &d, 1), 1); /* nobody is there */
	d.remote = t.ip_a;
	ck_assert_int_eq(udp_send(t.ub, &d, 1), -ENETUNREACH);
	sim_run(t.s, sim_now(t.s) + MS(100));
	ck_assert_uint_eq(t.got + t.errors, 0);
	fdwatch_close(w);
	net_close(&t);
}
END_TEST

/* ----------------------------------------------------------------- TCP */
struct stream { /* a writes, b reads; both end in order */
	struct tcp *t;
	size_t left;
	unsigned bytes, ended, closed;
	int err;
	bool good;
};

static uint8_t octet(size_t i)
{
	return (uint8_t)(i * 31 + (i >> 9));
}

static void write_on(struct stream *x)
{
	while (x->left) {
		uint8_t b[1000];
		size_t n = x->left < sizeof(b) ? x->left : sizeof(b);
		int rc;

		for (size_t i = 0; i < n; i++)
			b[i] = octet(x->left - i);
		rc = tcp_write(x->t, b, n);
		ck_assert_int_ge(rc, 0);
		x->left -= (size_t)rc;
		if ((size_t)rc < n)
			return;
	}
	tcp_shutdown(x->t);
}

static void on_open(void *arg)
{
	write_on(arg);
}

static void on_bytes(void *arg, uint8_t *p, size_t n)
{
	struct stream *x = arg;

	for (size_t i = 0; i < n; i++)
		x->good = x->good && p[i] == octet(x->left - i);
	x->left -= n;
	x->bytes += (unsigned)n;
}

static void on_end(void *arg)
{
	struct stream *x = arg;

	x->ended++;
	tcp_shutdown(x->t);
}

static void on_closed(void *arg, int err)
{
	struct stream *x = arg;

	x->closed++;
	x->err = err;
}

static const struct tcp_ops TCP = { on_open, on_bytes, on_open, on_end,
				    on_closed };

static void on_accept(void *arg, struct tcp *t)
{
	struct stream *x = arg;

	x->t = t;
	tcp_set_ops(t, &TCP, x);
}

static void start(struct net *t, struct stream *from, struct stream *at,
		  size_t n)
{
	struct tcp_listener *l;

	*from = (struct stream){ .left = n, .good = true };
	*at = (struct stream){ .left = n, .good = true };
	ck_assert_int_eq(tcp_listen(sim_host_reactor(t->b), &t->ip_b,
				    on_accept, at, &l), 0);
	ck_assert_int_eq(tcp_connect(sim_host_reactor(t->a), NULL, &t->ip_b,
				     &TCP, from, &from->t), 0);
}

static unsigned largest, fins;

static void measure(void *arg, mono now, enum sim_fate fate,
		    const struct sim_packet *p)
{
	(void)arg;
	(void)now;
	if (fate == SIM_SENT && p->proto == SIM_TCP && p->n > largest)
		largest = (unsigned)p->n;
	if (fate == SIM_SENT && p->proto == SIM_TCP)
		fins += (p->flags & SIM_FIN) != 0;
}

/* Whatever a network may do to packets, a stream is what it was. */
START_TEST(streams_survive_all_that_links_do)
{
	struct sim_link link = { .delay = MS(10), .jitter = MS(10),
				 .loss = 0.1, .duplicate = 0.05,
				 .reorder = 0.05, .mtu = 576 };
	struct net t;
	struct stream x, y;

	net_open(&t, (uint64_t)_i, &link);
	sim_host_link(t.b, &link);
	largest = 0;
	sim_tap(t.s, measure, NULL);
	start(&t, &x, &y, 300000);
	for (int i = 0; i < 20; i++) { /* a reader that stops now and then */
		sim_run(t.s, sim_now(t.s) + MS(700));
		if (y.t && !y.closed)
			tcp_pause(y.t, i % 2 == 0);
	}
	sim_run(t.s, sim_now(t.s) + SEC(600));
	ck_assert_uint_eq(y.bytes, 300000);
	ck_assert(y.good);
	ck_assert_uint_eq(x.closed, 1);
	ck_assert_uint_eq(y.closed, 1);
	ck_assert_int_eq(x.err, 0);
	ck_assert_int_eq(y.err, 0);
	ck_assert_uint_eq(largest, 536); /* 576 - 40 */
	net_close(&t);
}
END_TEST

START_TEST(each_side_sends_one_fin)
{
	struct net t;
	struct stream x, y;

	net_open(&t, 1, &(struct sim_link){ .delay = MS(5) });
	fins = 0;
	sim_tap(t.s, measure, NULL);
	start(&t, &x, &y, 5000);
	sim_run(t.s, sim_now(t.s) + SEC(200));
	ck_assert_uint_eq(x.closed + y.closed, 2);
	ck_assert_uint_eq(fins, 2);
	ck_assert(!sim_step(t.s)); /* TIME-WAIT has ended too */
	net_close(&t);
}
END_TEST

/* 1 MB at 10 Mbit/s is 0.84 s on the wire; without recovery from the queue's
 * losses it would be far more. */
START_TEST(a_stream_fills_its_link)
{
	struct sim_link link = { .delay = MS(10), .bandwidth = 10000000 };
	struct net t;
	struct stream x, y;

	net_open(&t, 9, &link);
	start(&t, &x, &y, 1000000);
	sim_run(t.s, sim_now(t.s) + SEC(3));
	ck_assert_uint_eq(x.closed, 1);
	ck_assert_uint_eq(y.bytes, 1000000);
	ck_assert(y.good);
	net_close(&t);
}
END_TEST

START_TEST(nobody_there_times_out_and_a_partition_stalls)
{
	struct net t;
	struct stream x, y;

	net_open(&t, 7, &(struct sim_link){ .delay = MS(5) });
	sim_group(t.b, 1);
	start(&t, &x, &y, 1000);
	sim_run(t.s, sim_now(t.s) + SEC(120));
	ck_assert_uint_eq(x.closed, 0);
	sim_run(t.s, sim_now(t.s) + SEC(10)); /* 1+2+4+8+16+32+64 s */
	ck_assert_int_eq(x.err, ETIMEDOUT);
	sim_heal(t.s);
	ck_assert_int_eq(tcp_connect(sim_host_reactor(t.a), NULL, &t.ip_b,
				     &TCP, &x, &x.t), 0);
	x.left = y.left = 1000000;
	x.closed = 0;
	sim_run(t.s, sim_now(t.s) + MS(50));
	sim_group(t.b, 1);
	sim_run(t.s, sim_now(t.s) + SEC(60));
	ck_assert_uint_eq(x.closed + y.closed, 0);
	sim_heal(t.s);
	sim_run(t.s, sim_now(t.s) + SEC(60));
	ck_assert_uint_eq(y.bytes, 1000000);
	ck_assert_uint_eq(x.closed + y.closed, 2);
	net_close(&t);
}
END_TEST

START_TEST(a_restart_forgets_and_its_peer_is_reset)
{
	struct net t;
	struct stream x, y;
	struct datagram d;
	struct reactor_timer timer = { .fn = on_change, .arg = &t };

	net_open(&t, 8, &(struct sim_link){ .delay = MS(5) });
	start(&t, &x, &y, 1000000);
	sim_run(t.s, sim_now(t.s) + MS(50));
	reactor_timer_at(sim_host_reactor(t.b), &timer,
			 sim_now(t.s) + SEC(1));
	sim_restart(t.b);
	sim_run(t.s, sim_now(t.s) + SEC(10));
	ck_assert_int_eq(x.err, ECONNRESET);
	ck_assert_uint_eq(y.closed, 0); /* nobody is left to be told */
	ck_assert_uint_eq(t.watched, 0);
	ck_assert_int_eq(tcp_write(y.t, "x", 1), -EPIPE);
	tcp_close(y.t);
	reactor_timer_stop(sim_host_reactor(t.b), &timer);
	d = (struct datagram){ .remote = t.ip_b };
	ck_assert_int_eq(udp_send(t.ua, &d, 1), 1);
	sim_run(t.s, sim_now(t.s) + SEC(1));
	ck_assert_uint_eq(t.errors, 1);
	udp_close(t.ub);
	ck_assert_int_eq(udp_open(sim_host_reactor(t.b), &t.ip_b, &UDP, &t,
				  &t.ub), 0);
	ck_assert_int_eq(udp_send(t.ua, &d, 1), 1);
	sim_run(t.s, sim_now(t.s) + SEC(1));
	ck_assert_uint_eq(t.got, 1);
	net_close(&t);
}
END_TEST

/* ---------------------------------------------------------------- replay */
static uint64_t digest_of(uint64_t seed)
{
	struct sim_link link = { .delay = MS(10), .jitter = MS(5),
				 .loss = 0.1, .duplicate = 0.05,
				 .reorder = 0.05, .bandwidth = 2000000 };
	struct net t;
	struct stream x, y;
	uint64_t digest;

	net_open(&t, seed, &link);
	start(&t, &x, &y, 100000);
	send_many(&t, 300, 700, MS(3));
	digest = sim_digest(t.s);
	net_close(&t);
	return digest;
}

START_TEST(a_seed_replays_and_another_differs)
{
	uint64_t one = digest_of(42), other = digest_of(43);

	ck_assert(one == digest_of(42));
	ck_assert(one != other);
}
END_TEST

START_TEST(an_idle_world_ends_a_run)
{
	struct net t;

	net_open(&t, 1, &(struct sim_link){ 0 });
	ck_assert(!sim_step(t.s));
	ck_assert_int_eq(reactor_step(sim_host_reactor(t.a), MONO_NEVER),
			 -EDEADLK);
	ck_assert_int_eq(reactor_step(sim_host_reactor(t.a), MS(5)), 0);
	reactor_run(sim_host_reactor(t.a)); /* returns */
	net_close(&t);
}
END_TEST

/* --------------------------------------------------------------- routing */
struct router {
	struct sim_host *h;
	unsigned seen;
};

static void pass_on(void *arg, unsigned ifindex, const struct sim_packet *p)
{
	struct router *r = arg;
	struct sim_packet q = *p;

	r->seen++;
	q.ttl--;
	sim_forward_packet(r->h, 3 - ifindex, &q);
}

/* The place of a NAT: here one that changes nothing. */
START_TEST(a_host_on_two_networks_forwards)
{
	struct net t;
	struct sim_net *lan;
	struct sim_host *inner;
	struct addr ip = addr_v4(10, 0, 0, 2, 0);
	struct addr gate = addr_v4(10, 0, 0, 1, 0);
	struct router r = { 0 };
	struct udp *u;
	struct datagram d;

	net_open(&t, 1, &(struct sim_link){ 0 });
	lan = sim_net_new(t.s, "lan");
	ck_assert_ptr_nonnull(lan);
	inner = sim_host_new(t.s, "inner", NULL, 0);
	ck_assert_int_eq(sim_host_attach(inner, lan, &ip, 1), 2);
	ck_assert_int_eq(sim_host_attach(t.a, lan, &gate, 1), 2);
	r.h = t.a;
	sim_forward(t.a, 1, pass_on, &r);
	sim_forward(t.a, 2, pass_on, &r);
	ip.port = 4000;
	ck_assert_int_eq(udp_open(sim_host_reactor(inner), &ip, &UDP, &t, &u),
			 0);
	d = (struct datagram){ .remote = t.ip_b };
	ck_assert_int_eq(udp_send(u, &d, 1), 1);
	d = (struct datagram){ .remote = udp_local(u) };
	ck_assert_int_eq(udp_send(t.ub, &d, 1), 1);
	sim_run(t.s, sim_now(t.s) + MS(10));
	ck_assert_uint_eq(r.seen, 2);
	ck_assert_uint_eq(t.got, 2);
	net_close(&t);
}
END_TEST

/* RFC 4787 4.1, 4.3, 5: one mapping for all that it goes to, kept by what goes
 * out, and only who was sent to is let in. */
START_TEST(a_nat_maps_filters_and_forgets)
{
	struct net t;
	struct sim_nat nat = { .timeout = SEC(60),
			       .shown = addr_v4(10, 0, 0, 200, 0) };
	struct addr own = addr_v4(192, 168, 0, 2, 4000);
	struct addr gate = addr_v4(192, 168, 0, 1, 0);
	struct addr at = addr_v4(10, 0, 0, 199, 0);
	struct sim_net *lan;
	struct sim_host *inner;
	struct datagram d;
	struct udp *u;

	net_open(&t, 1, &(struct sim_link){ 0 });
	lan = sim_net_new(t.s, "lan");
	inner = sim_host_new(t.s, "inner", NULL, 0);
	ck_assert_int_eq(sim_host_attach(inner, lan, &own, 1), 2);
	ck_assert_int_eq(sim_nat_begin(&nat, t.s, lan, &at, &gate), 0);
	ck_assert_int_eq(udp_open(sim_host_reactor(inner), &own, &UDP, &t,
				  &u), 0);
	for (unsigned i = 1; i <= 3; i++) { /* out to b, which answers */
		d = (struct datagram){ .remote = t.ip_b };
		ck_assert_int_eq(udp_send(u, &d, 1), 1);
		sim_run(t.s, sim_now(t.s) + SEC(59));
		d = (struct datagram){ .remote = nat.shown };
		d.remote.port = 40000;
		ck_assert_int_eq(udp_send(t.ub, &d, 1), 1);
		sim_run(t.s, sim_now(t.s) + MS(10));
		ck_assert_uint_eq(t.got, 2 * i);
	}
	ck_assert_uint_eq(nat.made, 1);
	sim_run(t.s, sim_now(t.s) + SEC(60)); /* what came in keeps nothing */
	d = (struct datagram){ .remote = nat.shown };
	d.remote.port = 40000;
	ck_assert_int_eq(udp_send(t.ub, &d, 1), 1);
	sim_run(t.s, sim_now(t.s) + MS(10));
	ck_assert_uint_eq(t.got, 6);
	d = (struct datagram){ .remote = t.ip_b };
	ck_assert_int_eq(udp_send(u, &d, 1), 1);
	sim_run(t.s, sim_now(t.s) + MS(10));
	ck_assert_uint_eq(nat.made, 2);
	net_close(&t);
}
END_TEST

START_TEST(names_of_the_world_are_in_every_hosts_file)
{
	struct net t;
	struct addr a;

	net_open(&t, 1, &(struct sim_link){ 0 });
	ck_assert_int_eq(sim_name(t.s, "b.example", &t.ip_b), 0);
	ck_assert_uint_eq(reactor_hosts(sim_host_reactor(t.a), S("B.example"),
					&a, 1), 1);
	ck_assert(addr_same_ip(&a, &t.ip_b));
	net_close(&t);
}
END_TEST

START_TEST(the_world_survives_any_failed_allocation)
{
	struct sim_link link = { .delay = MS(1), .loss = 0.1 };

	for (uint64_t nth = 1, more = 1; more; nth++) {
		struct mem m;
		struct addr ip[2] = { addr_v4(192, 0, 2, 1, 99),
				      addr_v4(192, 0, 2, 2, 99) };
		struct sim_host *h[2] = { NULL };
		struct stream x = { .left = 20000 }, y = { .left = 20000 };
		struct tcp_listener *l;
		struct sim *s;

		mem_init(&m, 0);
		m.fail_at = nth;
		s = sim_new(&m, 1);
		for (int i = 0; s && i < 2; i++) {
			h[i] = sim_host_new(s, "h", &ip[i], 1);
			if (h[i])
				sim_host_link(h[i], &link);
		}
		if (h[0] && h[1] &&
		    tcp_listen(sim_host_reactor(h[1]), &ip[1], on_accept, &y,
			       &l) == 0 &&
		    tcp_connect(sim_host_reactor(h[0]), NULL, &ip[1], &TCP, &x,
				&x.t) == 0) {
			sim_run(s, sim_now(s) + SEC(30));
			ck_assert_uint_eq(x.closed, 1);
		}
		more = m.calls >= nth;
		sim_free(s);
		ck_assert_uint_eq(m.blocks, 0);
		if (nth > 400)
			nth += nth / 10;
	}
}
END_TEST

Suite *suite_sim(void);
Suite *suite_sim(void)
{
	Suite *s = suite_create("sim");
	TCase *tc = tcase_create("sim");

	tcase_add_test(tc, delay_is_exact_and_order_is_kept_under_jitter);
	tcase_add_test(tc, reordering_reorders_and_duplication_doubles);
	tcase_add_test(tc, loss_is_of_fragments);
	tcase_add_test(tc, bandwidth_spaces_and_the_queue_overflows);
	tcase_add_test(tc, a_partition_cuts_also_what_is_under_way);
	tcase_add_test(tc, an_address_moves_and_its_watch_is_told);
	tcase_add_loop_test(tc, streams_survive_all_that_links_do, 0, 20);
	tcase_add_test(tc, each_side_sends_one_fin);
	tcase_add_test(tc, a_stream_fills_its_link);
	tcase_add_test(tc, nobody_there_times_out_and_a_partition_stalls);
	tcase_add_test(tc, a_restart_forgets_and_its_peer_is_reset);
	tcase_add_test(tc, a_seed_replays_and_another_differs);
	tcase_add_test(tc, an_idle_world_ends_a_run);
	tcase_add_test(tc, a_host_on_two_networks_forwards);
	tcase_add_test(tc, a_nat_maps_filters_and_forgets);
	tcase_add_test(tc, names_of_the_world_are_in_every_hosts_file);
	tcase_add_test(tc, the_world_survives_any_failed_allocation);
	suite_add_tcase(s, tc);
	return s;
}
