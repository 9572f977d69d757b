/* SPDX-License-Identifier: BSD-2-Clause
 * A stage beneath calls of whole agents, times seeds: it adds four octets to
 * all media, sends it to a relay, asks the relay first and again until it is
 * answered, by its own deadline, answers what the relay asks, and is ready
 * 300 ms after it began.  The network loses one packet in twenty.  With odd
 * seeds it has gathered no sooner, so that offers and answers wait for it, and
 * last it never has, which ends the call in time.  usage: sim_stage [SEED];
 * SEEDS=n sets how many (200).
 *
 * The relay's datagrams: 0x40, the far host, the far port, and media; 0x41 a
 * stage asks, 0x42 it may begin, 0x43 the relay asks, 0x44 the answer. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/client_port.h"
#include "rtp/rtp_port.h"
#include "tests/sim/scene.h"

enum { WRAP = 4, DATA = 0x40, ASK, GO, PING, PONG, RELAY_PORT = 3478,
       READY_MS = 300, AGAIN_MS = 100, TALK_MS = 8000 };

/* -------------------------------------------------------------- the stage */
struct side;

struct stage {
	struct side *owner;
	mono begun, again; /* again: MONO_NEVER once all was answered */
	/* Of each component: to be said, and whether it may begin. */
	bool ask[RTP_COMPONENTS], pong[RTP_COMPONENTS], go[RTP_COMPONENTS];
	bool ready;
};

struct side { /* an agent of the call */
	struct scene *w;
	struct sim_host *host;
	struct parley *agent;
	uint32_t session;
	bool incoming, gathers, dead; /* dead: nobody asks the relay */
	mono ended_at;
	char why[128];
	unsigned answered, ended, failed, digits;
	char digit[16];
	/* of its stages */
	unsigned stages, freed, readied, asks, pings, early;
};

static struct addr relay_at(void)
{
	return addr_v4(10, 0, 0, 3, RELAY_PORT);
}

static enum rtp_verdict stage_receive(void *state, struct rtp_datagram *d,
				      mono now)
{
	struct stage *s = state;
	struct addr relay = relay_at();

	(void)now;
	if (!addr_same(&d->peer, &relay) || d->n < WRAP)
		return RTP_REFUSED;
	switch (d->p[0]) {
	case DATA:
		d->peer = addr_v4(10, 0, 0, d->p[1], read_be16(d->p + 2));
		d->p += WRAP;
		d->n -= WRAP;
		return RTP_AGAIN;
	case GO:
		s->go[d->component] = true;
		return RTP_TAKEN;
	case PING:
		s->pong[d->component] = true;
		s->owner->pings++;
		return RTP_TAKEN;
	default:
		return RTP_REFUSED;
	}
}

static int stage_send(void *state, struct rtp_datagram *d, mono now)
{
	struct stage *s = state;

	(void)now;
	if (d->cap - d->n < WRAP)
		return -ENOSPC;
	s->owner->early += !s->ready;
	memmove(d->p + WRAP, d->p, d->n);
	d->p[0] = DATA;
	d->p[1] = d->peer.ip[3];
	d->p[2] = (uint8_t)(d->peer.port >> 8);
	d->p[3] = (uint8_t)d->peer.port;
	d->n += WRAP;
	d->peer = relay_at();
	return 0;
}

static bool stage_poll(void *state, struct rtp_datagram *out, mono now)
{
	struct stage *s = state;

	(void)now;
	for (unsigned i = 0; i < RTP_COMPONENTS; i++) {
		bool *what = s->ask[i] ? &s->ask[i] : &s->pong[i];

		if (!*what)
			continue;
		memset(out->p, 0, WRAP);
		out->p[0] = s->ask[i] ? ASK : PONG;
		out->n = WRAP;
		out->component = i;
		out->peer = relay_at();
		s->owner->asks += s->ask[i];
		*what = false;
		return true;
	}
	return false;
}

static bool answered(const struct stage *s)
{
	return !s->owner->dead && s->go[0] && s->go[1];
}

static void stage_on_time(void *state, mono now)
{
	struct stage *s = state;

	if (now >= s->again) {
		for (unsigned i = 0; i < RTP_COMPONENTS; i++)
			s->ask[i] = !s->go[i];
		s->again = answered(s) ? MONO_NEVER :
					 mono_add(now, MS(AGAIN_MS));
	}
	if (!s->ready && answered(s) && now >= s->begun + MS(READY_MS)) {
		s->ready = true;
		s->owner->readied++;
	}
}

static mono stage_deadline(const void *state)
{
	const struct stage *s = state;

	if (answered(s) && !s->ready)
		return mono_min(s->again, s->begun + MS(READY_MS));
	return s->again;
}

static bool stage_ready(const void *state)
{
	return ((const struct stage *)state)->ready;
}

static void stage_free(void *state)
{
	struct stage *s = state;

	s->owner->freed++;
	free(s);
}

static const struct rtp_stage_ops stage_ops = {
	.name = "relay", .overhead = WRAP, .receive = stage_receive,
	.send = stage_send, .poll = stage_poll, .on_time = stage_on_time,
	.deadline = stage_deadline, .ready = stage_ready, .free = stage_free,
};

/* Its addresses are known when it is ready. */
static const struct rtp_stage_ops gathering_ops = {
	.name = "gathering relay", .overhead = WRAP, .receive = stage_receive,
	.send = stage_send, .poll = stage_poll, .on_time = stage_on_time,
	.deadline = stage_deadline, .gathered = stage_ready,
	.ready = stage_ready, .free = stage_free,
};

static int dress(void *arg, const struct transport *t)
{
	struct side *side = arg;
	struct stage *s = calloc(1, sizeof(*s));
	int rc;

	if (!s)
		return -ENOMEM;
	s->owner = side;
	s->begun = sim_now(side->w->sim);
	rc = rtp_port_add_stage(t->ports, t->port,
				&(struct rtp_stage){ side->gathers ?
				&gathering_ops : &stage_ops, s });
	if (rc)
		free(s);
	else
		side->stages++;
	return rc;
}

/* -------------------------------------------------------------- the relay */
struct relay {
	struct reactor *r;
	struct udp *u;
	struct reactor_timer ping;
	struct addr known[8]; /* those that asked */
	unsigned knows, asked, relayed, pongs, strange;
};

static bool knows(const struct relay *y, const struct addr *a)
{
	for (unsigned i = 0; i < y->knows; i++)
		if (addr_same(&y->known[i], a))
			return true;
	return false;
}

static void say(struct relay *y, uint8_t what, const struct addr *to)
{
	uint8_t p[WRAP] = { what };
	struct datagram d = { .p = p, .n = sizeof(p), .remote = *to };

	if (udp_send(y->u, &d, 1) < 1)
		y->strange++;
}

static void pass_on(struct relay *y, struct datagram *d)
{
	struct datagram out = { .p = d->p, .n = d->n };

	out.remote = addr_v4(10, 0, 0, d->p[1], read_be16(d->p + 2));
	d->p[1] = d->remote.ip[3];
	d->p[2] = (uint8_t)(d->remote.port >> 8);
	d->p[3] = (uint8_t)d->remote.port;
	y->relayed++;
	/* who is not there yet is not sent to: nothing would open its NAT */
	if (knows(y, &out.remote) && udp_send(y->u, &out, 1) < 1)
		y->strange++;
}

static void relay_datagrams(void *arg, struct datagram *d, size_t n)
{
	struct relay *y = arg;

	for (size_t i = 0; i < n; i++) {
		uint8_t what = d[i].n >= WRAP ? d[i].p[0] : 0;

		if (what == ASK) {
			y->asked++;
			if (!knows(y, &d[i].remote) &&
			    y->knows < COUNT(y->known))
				y->known[y->knows++] = d[i].remote;
			say(y, GO, &d[i].remote);
		} else if (what == DATA && knows(y, &d[i].remote)) {
			pass_on(y, &d[i]);
		} else if (what == PONG) {
			y->pongs++;
		} else {
			y->strange++;
		}
	}
}

static void relay_ping(void *arg)
{
	struct relay *y = arg;

	for (unsigned i = 0; i < y->knows; i++)
		say(y, PING, &y->known[i]);
	reactor_timer_at(y->r, &y->ping,
			 mono_add(reactor_now(y->r).m, SEC(1)));
}

static bool relay_begin(struct relay *y, struct sim_host *host)
{
	static const struct udp_ops ops = { relay_datagrams, NULL };
	struct addr at = relay_at();

	y->r = sim_host_reactor(host);
	y->ping.fn = relay_ping;
	y->ping.arg = y;
	if (udp_open(y->r, &at, &ops, y, &y->u))
		return false;
	relay_ping(y);
	return true;
}

static void relay_end(struct relay *y)
{
	if (!y->u)
		return;
	reactor_timer_stop(y->r, &y->ping);
	udp_close(y->u);
}

/* --------------------------------------------------------------- the call */
static void on_event(void *app, const struct parley_event *ev)
{
	struct side *s = app;

	switch (parley_event_kind(ev)) {
	case PARLEY_EV_INCOMING:
		s->session = parley_event_session(ev);
		s->incoming = true;
		if (parley_accept(s->agent, s->session, NULL, 0))
			(void)scene_fail(s->w, "%s", parley_error(s->agent));
		break;
	case PARLEY_EV_CONFIRMED:
		s->answered++;
		break;
	case PARLEY_EV_DTMF:
		if (s->digits < sizeof(s->digit) - 1)
			s->digit[s->digits++] = parley_event_digit(ev);
		break;
	case PARLEY_EV_ENDED:
		s->ended_at = sim_now(s->w->sim);
		snprintf(s->why, sizeof(s->why), "%s",
			 parley_event_reason(ev));
		s->ended += parley_event_end_state(ev) == PARLEY_ENDED;
		s->failed += parley_event_end_state(ev) != PARLEY_ENDED;
		break;
	default:
		break;
	}
}

static bool side_begin(struct side *s, struct scene *w, size_t host,
		       const char *local, uint32_t *account)
{
	struct parley_config cfg = {
		.size = sizeof(cfg), .local = local,
		.on_event = on_event, .app = s,
	};

	s->w = w;
	if (client_new(sim_host_reactor(w->host[host]), NULL, &cfg,
		       &s->agent))
		return scene_fail(w, "no agent");
	client_dress(s->agent, dress, s);
	return (parley_account_add(s->agent, host ? "sip:bob@10.0.0.2" :
				   "sip:alice@10.0.0.1", account) == 0 &&
		parley_set(s->agent, *account, "rtp.codecs", "PCMU") == 0) ||
	       scene_fail(w, "%s", parley_error(s->agent));
}

/* Of 20 ms packets, at least so many, and none that the peer did not send. */
static bool heard(struct side *s, const struct side *peer, uint64_t least)
{
	struct parley_stats here = { .size = sizeof(here) },
			    there = { .size = sizeof(there) };
	uint32_t a, b;

	if (parley_streams(s->agent, s->session, &a, 1) != 1 ||
	    parley_streams(peer->agent, peer->session, &b, 1) != 1 ||
	    parley_stream_stats(s->agent, a, &here) ||
	    parley_stream_stats(peer->agent, b, &there))
		return scene_fail(s->w, "no figures");
	if (here.packets_received < least ||
	    here.packets_received > there.packets_sent)
		return scene_fail(s->w, "%llu packets heard of %llu, %llu "
				  "wanted",
				  (unsigned long long)here.packets_received,
				  (unsigned long long)there.packets_sent,
				  (unsigned long long)least);
	/* to the application the relay is not there */
	return strncmp(here.remote, s->incoming ? "10.0.0.1:" : "10.0.0.2:",
		       9) == 0 ||
	       scene_fail(s->w, "the peer is at %s", here.remote);
}

static bool talk(struct scene *w, struct side *a, struct side *b,
		 uint32_t account, const struct relay *y)
{
	if (parley_call(a->agent, account, "sip:bob@10.0.0.2", NULL, 0,
			&a->session))
		return scene_fail(w, "%s", parley_error(a->agent));
	scene_until(w, READY_MS - 1);
	if (a->readied || y->relayed)
		return scene_fail(w, "ready before its time");
	if (a->gathers == (w->mark[1].sent != 0))
		return scene_fail(w, "INVITE at %lld", (long long)
				  (w->mark[1].sent - w->start));
	while (!(a->answered && b->answered) && scene_ms(w) < 20000)
		scene_until(w, scene_ms(w) + 100);
	scene_until(w, scene_ms(w) + 1000);
	if (parley_dtmf(a->agent, a->session, "12#"))
		return scene_fail(w, "%s", parley_error(a->agent));
	scene_until(w, scene_ms(w) + TALK_MS);
	if (strcmp(b->digit, "12#") != 0)
		return scene_fail(w, "digits: '%s'", b->digit);
	/* 8 s and more of 50 packets, of which two links lose 5 % each */
	if (!heard(a, b, 340) || !heard(b, a, 340))
		return false;
	if (b->gathers && w->mark[2].sent <
	    mono_add(w->mark[1].arrived, MS(READY_MS)))
		return scene_fail(w, "answered before it was ready");
	if (parley_end(a->agent, a->session))
		return scene_fail(w, "%s", parley_error(a->agent));
	scene_until(w, scene_ms(w) + 40000);
	return (a->ended == 1 && b->ended == 1 && !a->failed && !b->failed) ||
	       scene_fail(w, "not ended");
}

/* What must hold of the stages when all is over. */
static bool judge(struct scene *w, const struct side *s)
{
	if (s->stages != 1 || s->freed != 1 || s->readied != 1)
		return scene_fail(w, "%u stages, %u ready, %u freed",
				  s->stages, s->readied, s->freed);
	if (s->early)
		return scene_fail(w, "%u sent too early", s->early);
	return s->pings >= 4 || scene_fail(w, "asked %u times", s->pings);
}

/* It asks and asks: the call fails after session.ready_timeout, at the caller
 * before anything was sent, at the callee with a 503. */
static bool never(struct scene *w, struct side *a, struct side *b,
		  uint32_t account)
{
	if (parley_set(a->agent, account, "session.ready_timeout", "5") ||
	    parley_call(a->agent, account, "sip:bob@10.0.0.2", NULL, 0,
			&a->session))
		return scene_fail(w, "%s", parley_error(a->agent));
	scene_until(w, 40000);
	if (a->failed != 1 || a->stages != 1 || a->freed != 1)
		return scene_fail(w, "%u failed, %u stages", a->failed,
				  a->stages);
	if (a->dead)
		return (a->ended_at == w->start + SEC(5) && !b->stages &&
			strcmp(a->why, "no port for media") == 0) ||
		       scene_fail(w, "ended at %lld: %s", (long long)
				  (a->ended_at - w->start), a->why);
	/* that of b is the default */
	return (b->failed == 1 && b->stages == 1 && b->freed == 1 &&
		b->ended_at >= w->mark[1].arrived + SEC(10) &&
		b->ended_at < w->mark[1].arrived + SEC(11) &&
		strcmp(a->why, "Service Unavailable") == 0) ||
	       scene_fail(w, "b ended at %lld, a for: %s", (long long)
			  (b->ended_at - w->start), a->why);
}

static bool one_never(uint64_t seed, bool caller)
{
	struct side a = { .gathers = true, .dead = caller };
	struct side b = { .gathers = true, .dead = !caller };
	struct relay y = { .knows = 0 };
	struct scene w;
	uint32_t account, other;
	bool ok = scene_begin(&w, seed, 3);

	if (ok) {
		scene_look(&w, 1, "INVITE ", "");
		ok = relay_begin(&y, w.host[2]) &&
		     side_begin(&a, &w, 0, "10.0.0.1:5060", &account) &&
		     side_begin(&b, &w, 1, "10.0.0.2:5060", &other) &&
		     never(&w, &a, &b, account);
		parley_free(a.agent);
		parley_free(b.agent);
		relay_end(&y);
	}
	return scene_judged(&w, seed, ok);
}

static bool one(uint64_t seed, unsigned *again)
{
	struct sim_link l = { .delay = MS(10), .jitter = MS(5),
			      .loss = 0.025 }; /* up, and down */
	struct side a = { .gathers = seed & 1 }, b = { .gathers = seed & 1 };
	struct relay y = { .knows = 0 };
	struct scene w;
	uint32_t account, other;
	bool ok = scene_begin(&w, seed, 3);

	if (ok) {
		scene_link(&w, &l);
		scene_look(&w, 0, "\x80", ""); /* RTP as such */
		scene_look(&w, 1, "INVITE ", "");
		scene_look(&w, 2, "SIP/2.0 200", "m=audio");
		ok = relay_begin(&y, w.host[2]) &&
		     side_begin(&a, &w, 0, "10.0.0.1:5060", &account) &&
		     side_begin(&b, &w, 1, "10.0.0.2:5060", &other) &&
		     talk(&w, &a, &b, account, &y);
		parley_free(a.agent);
		parley_free(b.agent);
		relay_end(&y);
		ok = ok && judge(&w, &a) && judge(&w, &b);
		if (ok && w.mark[0].sent)
			ok = scene_fail(&w, "media went round the stage");
		if (ok && (y.strange || y.pongs < 8))
			ok = scene_fail(&w, "the relay: %u answers, %u strange",
					y.pongs, y.strange);
		*again += a.asks > RTP_COMPONENTS || b.asks > RTP_COMPONENTS;
	}
	return scene_judged(&w, seed, ok);
}

int main(int argc, char **argv)
{
	unsigned long seeds = scene_seeds();
	unsigned passed = 0, failed = 0, again = 0;

	if (argc > 1)
		return !one(strtoull(argv[1], NULL, 10), &again);
	for (uint64_t seed = 1; seed <= seeds; seed++) {
		bool ok = one(seed, &again);

		passed += ok;
		failed += !ok;
	}
	for (unsigned caller = 0; caller < 2; caller++)
		failed += !one_never(1, caller);
	if (seeds >= 20 && !again) {
		printf("FAILED: nowhere did a stage ask once more\n");
		failed++;
	}
	printf("sim_stage: %u passed, %u failed, in %u a stage asked again\n",
	       passed, failed, again);
	return failed != 0 || passed == 0;
}
