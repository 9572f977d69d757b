/* SPDX-License-Identifier: BSD-2-Clause
 * A call that forks to two UASs whose early answers differ in codec, port and
 * address, both of which are heard before one of them answers, times seeds;
 * the network loses one packet in twenty.  The second wins; the first, which
 * goes on talking and repeating its 183, may answer as well, and is
 * acknowledged and hung up (RFC 3261 13.2.2.4).  usage: sim_forks [SEED];
 * SEEDS=n sets how many (200). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/client_port.h"
#include "tests/sim/forker.h"
#include "tests/sim/scene.h"

enum { FIRST, SECOND, PEERS, SECOND_EARLY = 32, ANSWER = 62, LATE = 70 };

#define SDP(ip, port, pt) "v=0\r\no=- 1 1 IN IP4 " ip "\r\ns=-\r\n" \
	"c=IN IP4 " ip "\r\nt=0 0\r\nm=audio " port " RTP/AVP " pt "\r\n"

static const struct {
	size_t host;
	uint16_t port;
	uint8_t pt; /* RFC 3551 6 */
	const char *sdp, *codec, *at;
} as[PEERS] = {
	{ 1, 6000, 0, SDP("10.0.0.2", "6000", "0"), "PCMU/8000",
	  "10.0.0.2:6000" },
	{ 3, 7000, 8, SDP("10.0.0.4", "7000", "8"), "PCMA/8000",
	  "10.0.0.4:7000" },
};

/* Who talks and listens at an address, without any signalling of its own. */
struct talker {
	struct reactor *r;
	struct udp *u;
	struct reactor_timer timer;
	struct addr to;
	uint8_t pt;
	uint16_t seq;
	unsigned sent, heard, wrong; /* wrong: another payload type */
	bool silent;
};

struct caller {
	struct scene *w;
	struct parley *agent;
	uint32_t session, account;
	unsigned early, answered, started, ended, failed;
};

static void talk(void *arg)
{
	struct talker *t = arg;
	uint8_t p[12 + 160];
	struct datagram d = { .remote = t->to, .p = p, .n = sizeof(p) };
	uint32_t ts = t->seq * 160u;

	memset(p, t->pt ? 0xd5 : 0xff, sizeof(p)); /* silence of both laws */
	p[0] = 0x80;
	p[1] = t->pt;
	p[2] = (uint8_t)(t->seq >> 8);
	p[3] = (uint8_t)t->seq++;
	for (unsigned i = 0; i < 4; i++) {
		p[4 + i] = (uint8_t)(ts >> (24 - 8 * i));
		p[8 + i] = (uint8_t)(0x40 + t->pt);
	}
	t->sent += !t->silent;
	if (!t->silent && udp_send(t->u, &d, 1) < 1)
		t->wrong++;
	reactor_timer_at(t->r, &t->timer, mono_add(reactor_now(t->r).m,
						   MS(20)));
}

static void listen(void *arg, struct datagram *d, size_t n)
{
	struct talker *t = arg;

	for (size_t i = 0; i < n; i++) {
		if (d[i].n < 12) /* a keep-alive */
			continue;
		t->heard++;
		t->wrong += (d[i].p[1] & 0x7f) != t->pt;
	}
}

static bool talker_begin(struct talker *t, struct scene *w, unsigned i,
			 const char *invite)
{
	static const struct udp_ops ops = { listen, NULL };
	struct addr at = addr_v4(10, 0, 0, (uint8_t)(as[i].host + 1),
				 as[i].port);
	const char *m = strstr(invite, "m=audio ");

	if (!m)
		return scene_fail(w, "no offer");
	t->r = sim_host_reactor(w->host[as[i].host]);
	t->pt = as[i].pt;
	t->to = addr_v4(10, 0, 0, 1, (uint16_t)strtoul(m + 8, NULL, 10));
	t->timer.fn = talk;
	t->timer.arg = t;
	if (udp_open(t->r, &at, &ops, t, &t->u))
		return scene_fail(w, "no socket");
	talk(t);
	return true;
}

static void talker_end(struct talker *t)
{
	if (!t->u)
		return;
	reactor_timer_stop(t->r, &t->timer);
	udp_close(t->u);
}

static void on_event(void *app, const struct parley_event *ev)
{
	struct caller *c = app;

	switch (parley_event_kind(ev)) {
	case PARLEY_EV_EARLY_MEDIA:
		c->early++;
		break;
	case PARLEY_EV_CONFIRMED:
		c->answered++;
		break;
	case PARLEY_EV_STREAM_STARTED:
		c->started++;
		break;
	case PARLEY_EV_ENDED:
		c->ended += parley_event_end_state(ev) == PARLEY_ENDED;
		c->failed += parley_event_end_state(ev) != PARLEY_ENDED;
		break;
	default:
		break;
	}
}

static bool caller_begin(struct caller *c, struct scene *w)
{
	struct parley_config cfg = {
		.size = sizeof(cfg), .local = "10.0.0.1:5060",
		.on_event = on_event, .app = c,
	};

	c->w = w;
	if (client_new(sim_host_reactor(w->host[0]), NULL, &cfg, &c->agent))
		return scene_fail(w, "no agent");
	return (parley_account_add(c->agent, "sip:alice@10.0.0.1",
				   &c->account) == 0 &&
		parley_set(c->agent, c->account, "rtp.codecs",
			   "PCMU,PCMA") == 0 &&
		parley_call(c->agent, c->account, "sip:bob@10.0.0.3", NULL, 0,
			    &c->session) == 0) ||
	       scene_fail(w, "%s", parley_error(c->agent));
}

/* The call's one stream is that peer's: its codec, its address, and of what it
 * sent at least so much, but no packet of the other's. */
static bool hears(struct caller *c, unsigned i, const struct talker *t,
		  unsigned least)
{
	struct parley_stats s = { .size = sizeof(s) };
	uint32_t id;

	if (parley_streams(c->agent, c->session, &id, 1) != 1 ||
	    parley_stream_stats(c->agent, id, &s))
		return scene_fail(c->w, "no figures");
	if (strcmp(s.codec, as[i].codec) != 0 ||
	    strcmp(s.remote, as[i].at) != 0)
		return scene_fail(c->w, "%s of %s, %s of %s wanted", s.codec,
				  s.remote, as[i].codec, as[i].at);
	return (s.packets_received >= least &&
		s.packets_received <= t->sent) ||
	       scene_fail(c->w, "peer %u: %llu packets heard of %u, %u wanted",
			  i + 1, (unsigned long long)s.packets_received,
			  t->sent, least);
}

static bool until(struct scene *w, const struct forker *f, unsigned tick)
{
	while (f->ticks < tick && scene_ms(w) < 60000)
		scene_until(w, scene_ms(w) + 100);
	return f->ticks >= tick || scene_fail(w, "the INVITE is lost");
}

/* early_at and answers_at are multiples of 5, and 2 for a 183, so that the
 * first of them is sent at once; it may be lost, and comes again 500 ms later:
 * 3 s are enough for all. */
static bool run(struct scene *w, struct caller *c, struct forker *f,
		struct talker t[PEERS])
{
	unsigned heard, told;

	if (!until(w, f, 2) || !talker_begin(&t[FIRST], w, FIRST, f->invite) ||
	    !until(w, f, 30) || !hears(c, FIRST, &t[FIRST], 40))
		return false;
	if (c->early != 1 || !t[FIRST].heard)
		return scene_fail(w, "the first is not spoken to");
	if (!until(w, f, SECOND_EARLY) ||
	    !talker_begin(&t[SECOND], w, SECOND, f->invite) ||
	    !until(w, f, ANSWER - 2) || !hears(c, SECOND, &t[SECOND], 40))
		return false;
	told = t[FIRST].heard;
	/* The second answers; the first may, too late. */
	scene_until(w, scene_ms(w) + 4000);
	t[FIRST].silent = true; /* by now it was told */
	heard = t[SECOND].heard;
	scene_until(w, scene_ms(w) + 5000);
	if (!hears(c, SECOND, &t[SECOND], t[SECOND].sent * 8 / 10) ||
	    c->answered != 1 || c->early != 1 || c->started != 1)
		return scene_fail(w, "%s; %u answers, %u streams", w->why,
				  c->answered, c->started);
	if (t[FIRST].wrong || t[SECOND].wrong)
		return scene_fail(w, "the codec of the other was sent");
	if (t[FIRST].heard != told)
		return scene_fail(w, "the first is still spoken to");
	if (t[SECOND].heard < heard + 200)
		return scene_fail(w, "the second is not spoken to");
	if (f->leg[1].byes || (f->leg[0].answers_at &&
			       (!f->leg[0].acks || !f->leg[0].byes)))
		return scene_fail(w, "the wrong one was hung up");
	if (parley_end(c->agent, c->session))
		return scene_fail(w, "%s", parley_error(c->agent));
	scene_until(w, scene_ms(w) + 40000);
	return (c->ended == 1 && !c->failed && f->leg[1].byes &&
		(f->leg[0].answers_at || !f->leg[0].acks)) ||
	       scene_fail(w, "not ended");
}

static bool one(uint64_t seed, unsigned *late)
{
	struct sim_link l = { .delay = MS(10), .jitter = MS(5),
			      .loss = 0.025 }; /* up, and down */
	struct caller c = { .early = 0 };
	struct talker t[PEERS] = { { .sent = 0 } };
	struct forker f = { .leg = {
		{ .early_at = 2, .sdp = as[FIRST].sdp,
		  .answers_at = seed & 1 ? LATE : 0 },
		{ .early_at = SECOND_EARLY, .sdp = as[SECOND].sdp,
		  .answers_at = ANSWER },
	} };
	struct scene w;
	bool ok = scene_begin(&w, seed, 4);

	if (ok) {
		scene_link(&w, &l);
		w.wire.foreign = addr_v4(10, 0, 0, 3, 0);
		ok = forker_begin(&f, w.host[2]) == 0 &&
		     caller_begin(&c, &w) && run(&w, &c, &f, t);
		parley_free(c.agent);
		forker_end(&f);
		for (unsigned i = 0; i < PEERS; i++)
			talker_end(&t[i]);
		*late += f.leg[0].acks > 0;
	}
	return scene_judged(&w, seed, ok);
}

int main(int argc, char **argv)
{
	unsigned long n = scene_seeds(), passed = 0, failed = 0;
	unsigned late = 0;

	if (argc > 1)
		return !one(strtoull(argv[1], NULL, 10), &late);
	for (unsigned long i = 1; i <= n; i++) {
		if (one(i, &late))
			passed++;
		else
			failed++;
	}
	printf("forks: %u of %lu with an answer of the first as well\n", late,
	       n);
	printf("sim: %lu passed, %lu failed\n", passed, failed);
	return failed != 0 || (n > 1 && !late);
}
