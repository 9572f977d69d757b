/* SPDX-License-Identifier: BSD-2-Clause
 * Two streams of one payload type on one transport (RFC 8843), between two
 * hosts, times seeds, with one packet in ten lost, others late and twice: the
 * first is known by its MID, which its packets carry in their first second
 * alone, the second by its SSRC, which was signalled.  Each compound RTCP is of
 * both.  usage: sim_bundle [SEED]; SEEDS=n sets how many (200).
 *
 * Each packet says of which stream it is: none may come to the other. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rtp/rtp_port.h"
#include "rtp/rtp_session.h"
#include "tests/sim/scene.h"

enum { LANES = 2, MID_EXT = 3, TICK_MS = 20, NAMED_MS = 1000, TALK_MS = 8000,
       REPORT_TICKS = 50, EXT = 8, LEAST = TALK_MS / TICK_MS * 8 / 10 };

struct side;

struct lane { /* a stream at one side */
	struct side *side;
	unsigned index;
	struct rtp_session rtp;
	uint32_t route;
	unsigned wrong, byes, reports;
};

struct side {
	struct reactor *r;
	struct rtp_ports *ports;
	uint32_t port;
	struct lane lane[LANES];
	struct reactor_timer tick;
	unsigned ticks;
};

/* ---------------------------------------------------------- what arrives */
static void on_rtp(void *sink, const struct rtp_packet *p,
		   const struct addr *from, struct instant when)
{
	struct lane *l = sink;

	l->wrong += !p->payload.n || (unsigned)p->payload.p[0] != l->index;
	(void)!rtp_session_on_rtp(&l->rtp, p, from, when);
}

static void on_rtcp(void *sink, struct slice packets, const struct addr *from,
		    struct instant when)
{
	struct lane *l = sink;
	unsigned out = rtp_session_on_rtcp(&l->rtp, packets, from, when);

	l->byes += (out & RTP_SESSION_BYE) != 0;
	l->reports += (out & RTP_SESSION_REPORTED) != 0;
}

static const struct rtp_sink_ops sink_ops = { .on_rtp = on_rtp,
					      .on_rtcp = on_rtcp };

/* ------------------------------------------------------------ what is sent */
static void send_rtp(struct lane *l)
{
	struct side *s = l->side;
	uint8_t p[RTP_HEADER + EXT + 160] = { 0 };
	size_t n = RTP_HEADER + 160;

	memset(p + RTP_HEADER, (int)l->index, 160);
	rtp_session_stamp(&l->rtp, p, 160, 0, false,
			  s->ticks * 160u, reactor_now(s->r));
	if (l->index == 0 && s->ticks * TICK_MS < NAMED_MS) {
		/* RFC 8285 4.2: one word, one element of one octet */
		static const uint8_t ext[EXT] = { 0xBE, 0xDE, 0, 1,
						  MID_EXT << 4, 'a' };

		memmove(p + RTP_HEADER + EXT, p + RTP_HEADER, 160);
		memcpy(p + RTP_HEADER, ext, EXT);
		p[0] |= 0x10;
		n += EXT;
	}
	(void)!rtp_port_send(s->ports, s->port, l->route, RTP_KIND_RTP, p, n,
			     sizeof(p));
}

/* The first source reports on both of the peer's, as one that sees the whole
 * RTP session does (RFC 3550 6.4); the second says who it is, or that it
 * leaves. */
static void send_rtcp(struct side *s, bool bye)
{
	char room[512];
	struct writer w = writer_begin(room, sizeof(room));
	struct rtcp_block b[LANES] = { { .ssrc = 0 } };
	struct slice done;

	for (unsigned i = 0; i < LANES; i++) {
		struct rtp_stats st = rtp_session_stats(&s->lane[i].rtp);

		b[i].ssrc = st.remote_ssrc;
		b[i].lost = (int32_t)st.packets_lost;
	}
	for (unsigned i = 0; i < LANES; i++) {
		struct rtp_stats st = rtp_session_stats(&s->lane[i].rtp);
		struct rtcp_report rep = { .ssrc = st.ssrc, .sender = true,
			.packets = (uint32_t)st.packets_sent };

		rtcp_write_report(&w, &rep, b, i ? 0 : LANES);
		rtcp_write_cname(&w, st.ssrc, S("both@one"));
		if (i && bye)
			rtcp_write_bye(&w, st.ssrc, S(""));
	}
	done = writer_done(&w);
	(void)!rtp_port_send(s->ports, s->port, 0, RTP_KIND_RTCP,
			     (uint8_t *)room, done.n, sizeof(room));
}

static void on_tick(void *arg)
{
	struct side *s = arg;

	for (unsigned i = 0; i < LANES; i++)
		send_rtp(&s->lane[i]);
	if (++s->ticks % REPORT_TICKS == 0)
		send_rtcp(s, false);
	reactor_timer_at(s->r, &s->tick, mono_add(reactor_now(s->r).m,
						  MS(TICK_MS)));
}

/* --------------------------------------------------------------- the scene */
static bool side_begin(struct side *s, struct scene *w, size_t host)
{
	static const uint64_t pcmu[2] = { 1, 0 };
	struct addr at = addr_v4(10, 0, 0, (uint8_t)(host + 1), 0);
	struct rtp_session_config cfg = { .rate = 8000, .bandwidth = 160000,
					  .unicast = true,
					  .cname = S("both@one") };
	uint8_t seed[32] = { (uint8_t)host };
	struct rtp_routes *routes;

	s->r = sim_host_reactor(w->host[host]);
	s->tick.fn = on_tick;
	s->tick.arg = s;
	s->ports = rtp_ports_new(s->r, &w->host_mem[host], 0, 0, seed);
	if (!s->ports || rtp_port_open(s->ports, &at, true, &s->port))
		return false;
	routes = rtp_transport_routes(rtp_port_transport(s->ports, s->port));
	rtp_routes_set_mid_ext(routes, MID_EXT);
	for (unsigned i = 0; i < LANES; i++) {
		struct lane *l = &s->lane[i];

		l->side = s;
		l->index = i;
		for (size_t k = 0; k < sizeof(seed); k++)
			seed[k] = (uint8_t)sim_random(w->sim, 256);
		rtp_session_init(&l->rtp, &w->host_mem[host], &cfg, seed,
				 reactor_now(s->r));
		if (rtp_port_attach(s->ports, s->port, pcmu, &sink_ops, l,
				    &l->route))
			return false;
	}
	return rtp_routes_set_mid(routes, s->lane[0].route, S("a")) == 0;
}

/* What SDP would say: where the other is, and the source of its second. */
static void meet(struct side *s, struct side *peer)
{
	struct addr at = rtp_port_local(peer->ports, peer->port, 0);

	rtp_port_set_remote(s->ports, s->port, 0, &at);
	rtp_routes_bind(rtp_transport_routes(rtp_port_transport(s->ports,
								s->port)),
			s->lane[1].route,
			rtp_session_stats(&peer->lane[1].rtp).ssrc);
	reactor_timer_at(s->r, &s->tick, reactor_now(s->r).m);
}

static void side_end(struct side *s)
{
	reactor_timer_stop(s->r, &s->tick);
	for (unsigned i = 0; i < LANES; i++)
		rtp_session_fini(&s->lane[i].rtp);
	rtp_ports_free(s->ports);
}

static bool judge(struct scene *w, const struct lane *l,
		  const struct lane *peer)
{
	struct rtp_stats here = rtp_session_stats(&l->rtp);
	struct rtp_stats there = rtp_session_stats(&peer->rtp);

	if (l->wrong || here.invalid || here.switches > 1)
		return scene_fail(w, "%u of the other stream, %u invalid",
				  l->wrong, here.invalid);
	if (here.remote_ssrc != there.ssrc ||
	    here.packets_received < LEAST ||
	    here.packets_received - here.duplicates > there.packets_sent)
		return scene_fail(w, "stream %u: %llu of %llu packets",
				  l->index,
				  (unsigned long long)here.packets_received,
				  (unsigned long long)there.packets_sent);
	/* the last compound was not lost: its blocks found their streams */
	if (!l->reports || here.remote_lost != there.packets_lost)
		return scene_fail(w, "stream %u: %d lost of what is sent, the "
				  "peer misses %d", l->index,
				  (int)here.remote_lost,
				  (int)there.packets_lost);
	return l->byes == l->index ||
	       scene_fail(w, "stream %u: %u BYE", l->index, l->byes);
}

static bool one(uint64_t seed)
{
	struct sim_link l = { .delay = MS(20), .jitter = MS(10), .loss = 0.05,
			      .duplicate = 0.05, .reorder = 0.1,
			      .reorder_by = MS(30) }; /* up, and down */
	struct side a = { .ticks = 0 }, b = { .ticks = 0 };
	struct scene w;
	bool ok = scene_begin(&w, seed, 2);

	if (ok) {
		scene_link(&w, &l);
		w.wire.bundled = true;
		ok = side_begin(&a, &w, 0) && side_begin(&b, &w, 1);
		if (ok) {
			meet(&a, &b);
			meet(&b, &a);
			scene_until(&w, TALK_MS);
			reactor_timer_stop(a.r, &a.tick);
			reactor_timer_stop(b.r, &b.tick);
			scene_until(&w, TALK_MS + 500);
			scene_link(&w, &(struct sim_link){ .delay = MS(20) });
			send_rtcp(&a, true);
			send_rtcp(&b, true);
			scene_until(&w, TALK_MS + 1000);
		}
		for (unsigned i = 0; ok && i < LANES; i++)
			ok = judge(&w, &a.lane[i], &b.lane[i]) &&
			     judge(&w, &b.lane[i], &a.lane[i]);
		side_end(&a);
		side_end(&b);
	}
	return scene_judged(&w, seed, ok);
}

int main(int argc, char **argv)
{
	unsigned long seeds = scene_seeds();
	unsigned passed = 0, failed = 0;

	if (argc > 1)
		return !one(strtoull(argv[1], NULL, 10));
	for (uint64_t seed = 1; seed <= seeds; seed++) {
		bool ok = one(seed);

		passed += ok;
		failed += !ok;
	}
	printf("sim_bundle: %u passed, %u failed\n", passed, failed);
	return failed != 0 || passed == 0;
}
