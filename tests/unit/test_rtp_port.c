/* SPDX-License-Identifier: BSD-2-Clause */
#include "rtp/rtp_port.h"
#include "tests/unit/fixed_path.h"
#include "tests/unit/worlds.h"

struct side {
	struct rtp_ports *ps;
	uint32_t port, route;
	unsigned rtp, rtcp, ends, alive;
	uint16_t seq;
	struct addr from;
	bool close_at_once, free_at_once;
};

static void on_rtp(void *sink, const struct rtp_packet *p,
		   const struct addr *from, struct instant when)
{
	struct side *s = sink;

	ck_assert(when.m > 0);
	s->rtp++;
	s->seq = p->seq;
	s->from = *from;
	if (s->close_at_once)
		rtp_port_detach(s->ps, s->port, s->route);
	if (s->free_at_once) {
		rtp_ports_free(s->ps);
		s->ps = NULL;
	}
}

static void on_rtcp(void *sink, struct slice compound, const struct addr *from,
		    struct instant when)
{
	struct side *s = sink;

	(void)from, (void)when;
	ck_assert_uint_eq(compound.n, 8);
	s->rtcp++;
}

static void on_end(void *sink)
{
	((struct side *)sink)->ends++;
}

static void on_alive(void *sink, struct instant when)
{
	struct side *s = sink;

	ck_assert(when.m);
	s->alive++;
}

static const struct rtp_sink_ops ops = {
	.on_rtp = on_rtp, .on_rtcp = on_rtcp, .on_alive = on_alive,
	.on_end = on_end,
};
static const uint64_t pcmu[2] = { 1, 0 };
static const uint8_t seed[32] = { 1 };

static void open_side(struct side *s, struct reactor *r, struct mem *m,
		      const struct addr *ip, bool mux)
{
	*s = (struct side){ .ps = rtp_ports_new(r, m, 0, 0, seed) };
	ck_assert_ptr_nonnull(s->ps);
	ck_assert_int_eq(rtp_port_open(s->ps, ip, mux, &s->port), 0);
	ck_assert_int_eq(rtp_port_attach(s->ps, s->port, pcmu, &ops, s,
					 &s->route), 0);
}

static void link_sides(struct side *a, struct side *b)
{
	struct side *from[] = { a, b }, *to[] = { b, a };

	for (unsigned k = 0; k < 2; k++)
		for (unsigned i = 0; i < RTP_COMPONENTS; i++) {
			struct addr r = rtp_port_local(to[k]->ps, to[k]->port,
						       i);

			rtp_port_set_remote(from[k]->ps, from[k]->port, i, &r);
		}
}

static int send_rtp(struct side *s, uint16_t seq)
{
	uint8_t p[RTP_HEADER + 160] = { 0 };

	rtp_header_write(p, 0, false, seq, seq * 160u, 7);
	return rtp_port_send(s->ps, s->port, s->route, RTP_KIND_RTP, p,
			     sizeof(p), sizeof(p));
}

static int send_rtcp(struct side *s)
{
	uint8_t p[] = { 0x80, 201, 0, 1, 0, 0, 0, 7 };

	return rtp_port_send(s->ps, s->port, s->route, RTP_KIND_RTCP, p,
			     sizeof(p), sizeof(p));
}

START_TEST(packets_pass_between_two_pairs)
{
	struct world w;
	struct side a, b;
	struct addr rtp, rtcp;

	world_open(&w, _i);
	open_side(&a, w.a, &w.mem, &w.ip_a, false);
	open_side(&b, w.b, &w.mem, &w.ip_b, false);
	rtp = rtp_port_local(a.ps, a.port, 0);
	rtcp = rtp_port_local(a.ps, a.port, 1);
	ck_assert_uint_eq(rtp.port % 2, 0); /* RFC 3550 11 */
	ck_assert_uint_eq(rtcp.port, rtp.port + 1);
	ck_assert_int_eq(send_rtp(&a, 1), -ENOTCONN);
	link_sides(&a, &b);
	rtp_port_set_dscp(a.ps, a.port, 46);
	ck_assert_int_eq(send_rtp(&a, 1), 0);
	ck_assert_int_eq(send_rtcp(&a), 0);
	world_until(&w, &b.rtp, 1);
	world_until(&w, &b.rtcp, 1);
	ck_assert_uint_ge(b.ends, 1);
	ck_assert(addr_same(&b.from, &rtp));
	ck_assert_int_eq(send_rtp(&b, 9), 0);
	world_until(&w, &a.rtp, 1);
	ck_assert_uint_eq(a.seq, 9);
	rtp_ports_free(a.ps);
	rtp_ports_free(b.ps);
	world_close(&w);
}
END_TEST

/* What is attached stays, and hears of no change but the address. */
START_TEST(a_port_moves_to_another_address_of_ours)
{
	struct world w;
	struct side a, b;
	struct addr any, nobody = addr_v4(203, 0, 113, 9, 0), was, now;

	world_open(&w, _i);
	if (w.ip_a.family == 6)
		ck_assert_int_eq(addr_parse_ip(S("[2001:db8::9:9]"), &nobody),
				 0);
	any = (struct addr){ .family = w.ip_a.family };
	open_side(&a, w.a, &w.mem, &w.ip_a, false);
	open_side(&b, w.b, &w.mem, &w.ip_b, false);
	link_sides(&a, &b);
	was = rtp_port_local(a.ps, a.port, 0);
	ck_assert_int_eq(rtp_port_move(a.ps, a.port, &w.ip_a), 0);
	ck_assert_int_eq(rtp_port_move(a.ps, a.port, &nobody),
			 -EADDRNOTAVAIL);
	now = rtp_port_local(a.ps, a.port, 0);
	ck_assert(addr_same(&was, &now));
	ck_assert_int_eq(rtp_port_move(a.ps, a.port, &any), 0);
	now = rtp_port_local(a.ps, a.port, 0);
	ck_assert(!addr_same(&was, &now) && now.port % 2 == 0);
	ck_assert_uint_eq(rtp_port_local(a.ps, a.port, 1).port, now.port + 1);
	ck_assert_int_eq(send_rtp(&a, 1), 0);
	world_until(&w, &b.rtp, 1);
	ck_assert_uint_eq(b.from.port, now.port);
	rtp_port_set_remote(b.ps, b.port, 0, &b.from);
	ck_assert_int_eq(send_rtp(&b, 2), 0);
	world_until(&w, &a.rtp, 1);
	ck_assert_int_eq(rtp_port_move(a.ps, 0, &any), -ESTALE);
	rtp_ports_free(a.ps);
	rtp_ports_free(b.ps);
	world_close(&w);
}
END_TEST

START_TEST(one_socket_serves_both_when_multiplexed)
{
	struct world w;
	struct side a, b;

	world_open(&w, _i);
	open_side(&a, w.a, &w.mem, &w.ip_a, true);
	open_side(&b, w.b, &w.mem, &w.ip_b, true);
	ck_assert_uint_eq(rtp_port_local(a.ps, a.port, 1).family, 0);
	link_sides(&a, &b);
	ck_assert_int_eq(send_rtcp(&a), 0);
	ck_assert_int_eq(send_rtp(&a, 1), 0);
	world_until(&w, &b.rtp, 1);
	world_until(&w, &b.rtcp, 1);
	rtp_ports_free(a.ps);
	rtp_ports_free(b.ps);
	world_close(&w);
}
END_TEST

START_TEST(a_sink_may_close_its_port_from_within)
{
	struct world w;
	struct side a, b;

	world_open(&w, _i);
	open_side(&a, w.a, &w.mem, &w.ip_a, false);
	open_side(&b, w.b, &w.mem, &w.ip_b, false);
	link_sides(&a, &b);
	b.close_at_once = true;
	for (uint16_t i = 0; i < 5; i++)
		ck_assert_int_eq(send_rtp(&a, i), 0);
	world_until(&w, &b.rtp, 1);
	world_for(&w, MS(20));
	ck_assert_uint_eq(b.rtp, 1);
	ck_assert_uint_eq(b.ends, 0);
	ck_assert_ptr_null(rtp_port_transport(b.ps, b.port));
	ck_assert_int_eq(send_rtp(&b, 1), -ESTALE);
	rtp_port_close(b.ps, b.port);
	rtp_port_detach(b.ps, b.port, b.route);
	ck_assert_uint_eq(rtp_port_local(b.ps, b.port, 0).family, 0);
	rtp_ports_free(a.ps);
	rtp_ports_free(b.ps);
	world_close(&w);
}
END_TEST

START_TEST(a_sink_may_free_all_ports_from_within)
{
	struct world w;
	struct side a, b;

	world_open(&w, _i);
	open_side(&a, w.a, &w.mem, &w.ip_a, false);
	open_side(&b, w.b, &w.mem, &w.ip_b, false);
	link_sides(&a, &b);
	b.free_at_once = true;
	ck_assert_int_eq(send_rtp(&a, 1), 0);
	ck_assert_int_eq(send_rtp(&a, 2), 0);
	world_until(&w, &b.rtp, 1);
	rtp_ports_free(a.ps);
	world_close(&w);
}
END_TEST

/* Four ports are two pairs, in either order; a third finds none, until one is
 * closed. */
START_TEST(a_range_gives_its_pairs_and_no_more)
{
	struct world w;
	struct rtp_ports *ps;
	uint32_t h[3];
	uint16_t lo = (uint16_t)(42001 + 100 * _i), p[2];

	world_open(&w, _i);
	ck_assert_ptr_null(rtp_ports_new(w.a, &w.mem, 42001, 42002, seed));
	ck_assert_ptr_null(rtp_ports_new(w.a, &w.mem, 42000, 42000, seed));
	ps = rtp_ports_new(w.a, &w.mem, lo, (uint16_t)(lo + 4), seed);
	ck_assert_ptr_nonnull(ps);
	for (unsigned i = 0; i < 2; i++) {
		ck_assert_int_eq(rtp_port_open(ps, &w.ip_a, false, &h[i]), 0);
		p[i] = rtp_port_local(ps, h[i], 0).port;
		ck_assert(p[i] == lo + 1 || p[i] == lo + 3);
		ck_assert_uint_eq(rtp_port_local(ps, h[i], 1).port, p[i] + 1);
	}
	ck_assert_uint_ne(p[0], p[1]);
	ck_assert_int_eq(rtp_port_open(ps, &w.ip_a, false, &h[2]),
			 -EADDRINUSE);
	rtp_port_close(ps, h[0]);
	ck_assert_int_eq(rtp_port_open(ps, &w.ip_a, false, &h[2]), 0);
	ck_assert_uint_ne(h[2], h[0]); /* another generation */
	ck_assert_ptr_null(rtp_port_transport(ps, h[0]));
	ck_assert_uint_eq(rtp_port_local(ps, h[2], 0).port, p[0]);
	rtp_ports_free(ps);
	world_close(&w);
}
END_TEST

/* Who calls twice knows nothing of the third: of the 500 pairs neither the
 * first nor the step to the next is the same for other seeds, nor is the step
 * the same twice. */
START_TEST(nobody_can_tell_which_port_comes_next)
{
	enum { SEEDS = 8, OPEN = 4 };
	uint16_t lo = (uint16_t)(43000 + 1000 * _i), at[SEEDS][OPEN];
	unsigned first = 0, step = 0, even = 0;
	struct world w;

	world_open(&w, _i);
	for (uint8_t k = 0; k < SEEDS; k++) {
		const uint8_t drawn[32] = { k };
		struct rtp_ports *ps = rtp_ports_new(w.a, &w.mem, lo,
						     (uint16_t)(lo + 999),
						     drawn);

		for (unsigned i = 0; i < OPEN; i++) {
			uint32_t h;

			ck_assert_int_eq(rtp_port_open(ps, &w.ip_a, false, &h),
					 0);
			at[k][i] = rtp_port_local(ps, h, 0).port;
		}
		first += at[k][0] == at[0][0];
		step += at[k][1] - at[k][0] == at[0][1] - at[0][0];
		even += at[k][2] - at[k][1] == at[k][1] - at[k][0];
		rtp_ports_free(ps);
	}
	ck_assert_uint_eq(first, 1); /* itself */
	ck_assert_uint_eq(step, 1);
	ck_assert_uint_eq(even, 0);
	world_close(&w);
}
END_TEST

/* A port is ours at the address that its socket is bound to, at any other host
 * it is that host's. */
START_TEST(our_own_ports_are_known)
{
	struct world w;
	struct rtp_ports *ps;
	struct addr any = { 0 }, a;
	uint32_t h[2];

	world_open(&w, _i);
	any.family = w.ip_a.family;
	ps = rtp_ports_new(w.a, &w.mem, 0, 0, seed);
	ck_assert_int_eq(rtp_port_open(ps, &w.ip_a, false, &h[0]), 0);
	a = rtp_port_local(ps, h[0], 1);
	ck_assert(rtp_ports_has(ps, &a));
	a.port += 2;
	ck_assert(!rtp_ports_has(ps, &a));
	ck_assert_int_eq(rtp_port_open(ps, &any, true, &h[1]), 0);
	a = w.ip_a;
	a.port = rtp_port_local(ps, h[1], 0).port;
	ck_assert(rtp_ports_has(ps, &a));
	a = addr_v4(203, 0, 113, 9, a.port);
	ck_assert(!rtp_ports_has(ps, &a));
	rtp_ports_free(ps);
	world_close(&w);
}
END_TEST

START_TEST(memory_may_run_out_while_opening)
{
	struct world w;

	world_open(&w, _i);
	for (uint64_t n = 1;; n++) {
		struct rtp_ports *ps;
		uint32_t h[6], route;
		unsigned good = 0;

		w.mem.fail_at = w.mem.calls + n;
		ps = rtp_ports_new(w.a, &w.mem, 0, 0, seed);
		if (!ps)
			continue;
		for (unsigned i = 0; i < COUNT(h); i++)
			if (rtp_port_open(ps, &w.ip_a, false, &h[good]) == 0)
				good++;
		ck_assert_uint_ge(good, COUNT(h) - 1);
		for (unsigned i = 0; i < good; i++)
			ck_assert_int_eq(rtp_port_attach(ps, h[i], pcmu, &ops,
							 NULL, &route), 0);
		rtp_ports_free(ps);
		if (good == COUNT(h))
			break;
	}
	w.mem.fail_at = 0;
	world_close(&w);
}
END_TEST

START_TEST(streams_share_a_port)
{
	static const uint64_t dyn[2] = { 0, UINT64_C(1) << (96 - 64) };
	struct world w;
	struct side a, b, c;
	uint8_t p[RTP_HEADER] = { 0 };

	world_open(&w, _i);
	open_side(&a, w.a, &w.mem, &w.ip_a, false);
	open_side(&b, w.b, &w.mem, &w.ip_b, false);
	link_sides(&a, &b);
	c = (struct side){ .ps = b.ps, .port = b.port };
	ck_assert_int_eq(rtp_port_attach(b.ps, b.port, dyn, &ops, &c,
					 &c.route), 0);
	ck_assert_int_eq(send_rtp(&a, 1), 0);
	rtp_header_write(p, 96, false, 1, 0, 8);
	ck_assert_int_eq(rtp_port_send(a.ps, a.port, 0, RTP_KIND_RTP, p,
				       sizeof(p), sizeof(p)), 0);
	world_until(&w, &b.rtp, 1);
	world_until(&w, &c.rtp, 1);
	rtp_port_detach(b.ps, b.port, b.route);
	ck_assert_ptr_nonnull(rtp_port_transport(b.ps, b.port));
	rtp_port_detach(b.ps, b.port, c.route);
	ck_assert_ptr_null(rtp_port_transport(b.ps, b.port));
	rtp_ports_free(a.ps);
	rtp_ports_free(b.ps);
	world_close(&w);
}
END_TEST

/* RFC 6263: an empty datagram on each component after 15 s of silence; where
 * nobody listens, an error comes back.  Real time would take too long. */
static unsigned empties, errors;

static void raw_datagrams(void *arg, struct datagram *d, size_t n)
{
	(void)arg;
	for (size_t i = 0; i < n; i++)
		empties += d[i].n == 0;
}

static void sink_error(void *sink, unsigned component, int err)
{
	(void)sink;
	ck_assert_uint_lt(component, RTP_COMPONENTS);
	ck_assert_int_eq(err, ECONNREFUSED);
	errors++;
}

static void count_sent(void *arg, bool sent, const struct datagram *d)
{
	ck_assert(d->local.port && d->remote.port && d->when.m);
	*(unsigned *)arg += sent;
}

/* A keep-alive of any kind (RFC 6263 4), from where the peer sends and from
 * nowhere else. */
START_TEST(what_is_no_media_tells_that_the_peer_is_there)
{
	static const struct udp_ops raw = { .on_datagrams = raw_datagrams };
	uint8_t junk[3] = { 0xFF };
	struct world w;
	struct side a;
	struct udp *u[2];
	struct addr to;

	world_open(&w, _i);
	open_side(&a, w.a, &w.mem, &w.ip_a, false);
	for (unsigned i = 0; i < 2; i++)
		ck_assert_int_eq(udp_open(w.b, &w.ip_b, &raw, NULL, &u[i]), 0);
	to = udp_local(u[1]);
	rtp_port_set_remote(a.ps, a.port, 0, &to);
	for (unsigned i = 0; i < 4; i++) {
		struct datagram d = { .p = junk, .n = i & 1 ? 0 : 3,
				      .remote = rtp_port_local(a.ps, a.port,
							       0) };

		ck_assert_int_eq(udp_send(u[i / 2], &d, 1), 1);
	}
	world_until(&w, &a.alive, 2);
	world_for(&w, MS(20));
	ck_assert_uint_eq(a.alive, 2);
	ck_assert_uint_eq(a.rtp + a.rtcp, 0);
	udp_close(u[0]);
	udp_close(u[1]);
	rtp_ports_free(a.ps);
	world_close(&w);
}
END_TEST

START_TEST(silence_is_broken_and_errors_are_told)
{
	static const struct rtp_sink_ops all = { .on_rtp = on_rtp,
						 .on_rtcp = on_rtcp,
						 .on_error = sink_error };
	static const struct udp_ops raw = { raw_datagrams, NULL };
	struct world w;
	struct side a;
	struct udp *u;
	struct addr to;
	unsigned traced = 0;

	world_open(&w, _i);
	empties = errors = 0;
	a = (struct side){ .ps = rtp_ports_new(w.a, &w.mem, 0, 0, seed) };
	ck_assert_int_eq(rtp_port_open(a.ps, &w.ip_a, false, &a.port), 0);
	ck_assert_int_eq(rtp_port_attach(a.ps, a.port, pcmu, &all, &a,
					 &a.route), 0);
	ck_assert_int_eq(udp_open(w.b, &w.ip_b, &raw, NULL, &u), 0);
	to = udp_local(u);
	rtp_port_set_remote(a.ps, a.port, 0, &to);
	rtp_port_set_remote(a.ps, a.port, 1, &to);
	rtp_ports_tap(a.ps, count_sent, &traced);
	if (w.sim) {
		world_for(&w, SEC(14));
		ck_assert_uint_eq(empties, 0);
		world_for(&w, SEC(2));
		ck_assert_uint_eq(empties, 2);
		world_for(&w, SEC(10));
		ck_assert_uint_eq(empties, 2);
		world_for(&w, SEC(5));
		ck_assert_uint_eq(empties, 4);
	}
	ck_assert_uint_eq(traced, empties);
	udp_close(u);
	ck_assert_int_eq(send_rtp(&a, 1), 0);
	world_until(&w, &errors, 1);
	rtp_ports_free(a.ps);
	world_close(&w);
}
END_TEST

/* What is sent on its way to where the peer was tells nothing of where it is,
 * and nobody who forges ICMP knows that. */
START_TEST(errors_of_another_place_are_not_told)
{
	static const struct rtp_sink_ops all = { .on_rtp = on_rtp,
						 .on_rtcp = on_rtcp,
						 .on_error = sink_error };
	static const struct udp_ops raw = { raw_datagrams, NULL };
	struct world w;
	struct side a;
	struct udp *u[2];
	struct addr to[2];

	world_open(&w, _i);
	errors = 0;
	a = (struct side){ .ps = rtp_ports_new(w.a, &w.mem, 0, 0, seed) };
	ck_assert_int_eq(rtp_port_open(a.ps, &w.ip_a, false, &a.port), 0);
	ck_assert_int_eq(rtp_port_attach(a.ps, a.port, pcmu, &all, &a,
					 &a.route), 0);
	for (unsigned i = 0; i < 2; i++) {
		ck_assert_int_eq(udp_open(w.b, &w.ip_b, &raw, NULL, &u[i]), 0);
		to[i] = udp_local(u[i]);
	}
	rtp_port_set_remote(a.ps, a.port, 0, &to[0]);
	udp_close(u[0]);
	for (uint16_t i = 1; i <= 5; i++)
		ck_assert_int_eq(send_rtp(&a, i), 0);
	rtp_port_set_remote(a.ps, a.port, 0, &to[1]);
	world_for(&w, MS(200));
	ck_assert_uint_eq(errors, 0);
	udp_close(u[1]);
	ck_assert_int_eq(send_rtp(&a, 6), 0);
	world_until(&w, &errors, 1);
	rtp_ports_free(a.ps);
	world_close(&w);
}
END_TEST

static void count_datagrams(void *arg, struct datagram *d, size_t n)
{
	(void)d;
	*(unsigned *)arg += (unsigned)n;
}

/* Whatever is signalled, until the port finds its own way again. */
START_TEST(a_port_takes_another_path)
{
	static const struct udp_ops raw = { .on_datagrams = count_datagrams };
	unsigned got[2] = { 0, 0 };
	struct fixed f = { .signals = 0 };
	struct rtp_path path = { &fixed_ops, &f };
	struct world w;
	struct side a;
	struct udp *u[2];
	struct addr to[2];

	world_open(&w, _i);
	open_side(&a, w.a, &w.mem, &w.ip_a, false);
	for (unsigned i = 0; i < 2; i++) {
		ck_assert_int_eq(udp_open(w.b, &w.ip_b, &raw, &got[i], &u[i]),
				 0);
		to[i] = udp_local(u[i]);
	}
	f.to = to[1];
	rtp_port_set_path(a.ps, a.port, &path);
	rtp_port_set_remote(a.ps, a.port, 0, &to[0]);
	ck_assert_uint_eq(f.signals, 1);
	ck_assert_int_eq(send_rtp(&a, 1), 0);
	world_until(&w, &got[1], 1);
	ck_assert_uint_eq(got[0], 0);
	rtp_port_set_path(a.ps, a.port, NULL);
	ck_assert_int_eq(send_rtp(&a, 2), -ENOTCONN);
	rtp_port_set_remote(a.ps, a.port, 0, &to[0]);
	ck_assert_int_eq(send_rtp(&a, 3), 0);
	world_until(&w, &got[0], 1);
	ck_assert_uint_eq(got[1], 1);
	udp_close(u[0]);
	udp_close(u[1]);
	rtp_ports_free(a.ps);
	world_close(&w);
}
END_TEST

START_TEST(stale_handles_find_nothing)
{
	struct world w;
	struct rtp_ports *ps;
	struct addr to = addr_v4(192, 0, 2, 1, 4000);
	uint32_t route;

	world_open(&w, _i);
	ps = rtp_ports_new(w.a, &w.mem, 0, 0, seed);
	ck_assert_int_eq(rtp_port_attach(ps, 1, pcmu, &ops, NULL, &route),
			 -ESTALE);
	rtp_port_set_remote(ps, 1, 0, &to);
	rtp_port_set_dscp(ps, 1, 46);
	rtp_port_close(ps, 1);
	rtp_port_close(ps, 0);
	ck_assert_ptr_null(rtp_port_transport(ps, 0xFFFFFFFF));
	rtp_ports_free(ps);
	rtp_ports_free(NULL);
	world_close(&w);
}
END_TEST

START_TEST(a_port_has_eight_streams)
{
	struct world w;
	struct rtp_ports *ps;
	uint32_t port, route;

	world_open(&w, _i);
	ps = rtp_ports_new(w.a, &w.mem, 0, 0, seed);
	ck_assert_int_eq(rtp_port_open(ps, &w.ip_a, false, &port), 0);
	for (unsigned i = 0; i < RTP_ROUTES; i++)
		ck_assert_int_eq(rtp_port_attach(ps, port, pcmu, &ops, NULL,
						 &route), 0);
	ck_assert_int_eq(rtp_port_attach(ps, port, pcmu, &ops, NULL, &route),
			 -ENOSPC);
	ck_assert_uint_eq(rtp_port_local(ps, port, 2).family, 0);
	rtp_ports_free(ps);
	world_close(&w);
}
END_TEST

WORLD_SUITE(rtp_port,
	    WORLD_TESTS(packets_pass_between_two_pairs,
			a_port_moves_to_another_address_of_ours,
			one_socket_serves_both_when_multiplexed,
			a_sink_may_close_its_port_from_within,
			a_sink_may_free_all_ports_from_within,
			what_is_no_media_tells_that_the_peer_is_there,
			a_range_gives_its_pairs_and_no_more,
			nobody_can_tell_which_port_comes_next,
			our_own_ports_are_known,
			memory_may_run_out_while_opening,
			streams_share_a_port,
			silence_is_broken_and_errors_are_told,
			errors_of_another_place_are_not_told,
			a_port_takes_another_path,
			stale_handles_find_nothing,
			a_port_has_eight_streams),
	    WORLD_TESTS(NULL));
