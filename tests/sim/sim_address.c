/* SPDX-License-Identifier: BSD-2-Clause
 * The address of a registered endpoint changes, in a call and outside of one,
 * times seeds: the new one is there before the old one goes, or a while later,
 * or the old one comes back; at each point of a call that comes in or goes out.
 * The network loses, doubles and reorders.  In the end the registration shows
 * the address alone, sound goes both ways within 2 s of the address being
 * there, and nothing is left behind.  usage: sim_address [SEED]; SEEDS=n sets
 * how many (200). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/client_port.h"
#include "sip/hdr/sip_name_addr.h"
#include "sip/msg/sip_msg.h"
#include "tests/sim/scene.h"

enum { NEW_MS = 2000, REGISTRAR_PORT = 5060 };

/* ---------------------------------------------------------- the registrar */
enum { BINDINGS = 8 };

struct book { /* of one address of record: what is bound */
	struct udp *u;
	char uri[BINDINGS][64];
	unsigned requests;
};

static char *entry(struct book *b, struct slice uri)
{
	char *empty = NULL;

	for (unsigned i = 0; i < BINDINGS; i++) {
		if (slice_same(slice_str(b->uri[i]), uri))
			return b->uri[i];
		if (!b->uri[i][0])
			empty = b->uri[i];
	}
	return empty;
}

/* RFC 3261 10.3: each Contact with its expires, or the header's. */
static void bind_all(struct book *b, const struct sip_msg *m)
{
	struct sip_values v = sip_values_begin(m, SIP_HDR_CONTACT);
	bool zero = slice_eq(sip_msg_get(m, SIP_HDR_EXPIRES), "0");
	struct sip_name_addr a;
	struct parse_error e;
	struct slice value;

	while (sip_values_next(&v, &value)) {
		uint32_t seconds = !zero;
		char *at;

		if (sip_contact_parse(value, &a, &e))
			continue;
		(void)sip_contact_expires(&a, &seconds);
		at = entry(b, a.uri.text);
		if (at)
			snprintf(at, sizeof(b->uri[0]), "%.*s",
				 seconds ? (int)a.uri.text.n : 0,
				 a.uri.text.p);
	}
}

static void write_answer(struct writer *w, const struct sip_msg *m,
			 const struct book *b)
{
	static const enum sip_hdr same[] = { SIP_HDR_VIA, SIP_HDR_FROM,
		SIP_HDR_TO, SIP_HDR_CALL_ID, SIP_HDR_CSEQ };
	static const char *const name[] = { "Via", "From", "To", "Call-ID",
					    "CSeq" };

	writer_str(w, "SIP/2.0 200 OK\r\n");
	for (unsigned i = 0; i < COUNT(same); i++) {
		writer_str(w, name[i]);
		writer_str(w, ": ");
		writer_put(w, sip_msg_get(m, same[i]));
		writer_str(w, same[i] == SIP_HDR_TO ? ";tag=r\r\n" : "\r\n");
	}
	for (unsigned i = 0; i < BINDINGS; i++)
		if (b->uri[i][0]) {
			writer_str(w, "Contact: <");
			writer_str(w, b->uri[i]);
			writer_str(w, ">;expires=600\r\n");
		}
	writer_str(w, "Content-Length: 0\r\n\r\n");
}

static void book_datagrams(void *arg, struct datagram *d, size_t n)
{
	struct book *b = arg;
	static struct sip_msg m;
	struct parse_error e;
	char text[4096];

	for (size_t i = 0; i < n; i++) {
		struct writer w = writer_begin(text, sizeof(text));
		struct datagram out = { .remote = d[i].remote };

		if (sip_msg_parse(slice_of(d[i].p, d[i].n), &m, &e) ||
		    m.method != SIP_REGISTER)
			continue;
		b->requests++;
		bind_all(b, &m);
		write_answer(&w, &m, b);
		out.p = (uint8_t *)text;
		out.n = w.n;
		(void)!udp_send(b->u, &out, 1);
	}
}

static void book_error(void *arg, const struct addr *remote, int err)
{
	(void)arg;
	(void)remote;
	(void)err; /* the address is gone: so it goes */
}

static bool book_begin(struct book *b, struct sim_host *host)
{
	static const struct udp_ops ops = { book_datagrams, book_error };
	struct addr at = addr_v4(10, 0, 0, 3, REGISTRAR_PORT);

	return udp_open(sim_host_reactor(host), &at, &ops, b, &b->u) == 0;
}

/* With whatever parameters (;ob: RFC 5626 5). */
static bool is_uri(const char *bound, const char *uri)
{
	size_t n = strlen(uri);

	return strncmp(bound, uri, n) == 0 &&
	       (bound[n] == '\0' || bound[n] == ';');
}

/* Is that bound, and nothing else? */
static bool book_shows(const struct book *b, const char *uri)
{
	unsigned others = 0, found = 0;

	for (unsigned i = 0; i < BINDINGS; i++) {
		if (!b->uri[i][0])
			continue;
		found += is_uri(b->uri[i], uri);
		others += !is_uri(b->uri[i], uri);
	}
	return found == 1 && others == 0;
}

/* ---------------------------------------------------------------- the ends */
struct world;

struct side {
	struct world *w;
	struct parley *agent;
	uint32_t account, session;
	unsigned registered, up, ended, network, moved, incoming;
	bool rings;    /* it does not answer by itself */
	char why[128];
};

struct world {
	struct scene s;
	struct book book;
	struct side a, b;
	struct addr at;        /* of a, now */
	mono since;            /* ... it has that */
	mono to, from;         /* RTP between it and b: the first since then */
	const char *drop;      /* what begins so is lost */
	bool losing;
};

static void on_event(void *app, const struct parley_event *ev)
{
	struct side *s = app;

	switch (parley_event_kind(ev)) {
	case PARLEY_EV_REGISTERED:
		s->registered++;
		break;
	case PARLEY_EV_INCOMING:
		s->session = parley_event_session(ev);
		s->incoming++;
		if (s->rings ? parley_ring(s->agent, s->session) :
		    parley_accept(s->agent, s->session, NULL, 0))
			(void)scene_fail(&s->w->s, "%s",
					 parley_error(s->agent));
		break;
	case PARLEY_EV_CONFIRMED:
		s->up++;
		break;
	case PARLEY_EV_NETWORK:
		s->network += parley_event_session(ev) == 0;
		s->moved += parley_event_session(ev) != 0;
		break;
	case PARLEY_EV_ENDED:
		s->ended++;
		snprintf(s->why, sizeof(s->why), "%s",
			 parley_event_reason(ev));
		break;
	default:
		break;
	}
}

static bool side_begin(struct side *s, struct world *w, size_t host,
		       const char *aor)
{
	struct parley_config cfg = {
		.size = sizeof(cfg), .local = "0.0.0.0:5060",
		.on_event = on_event, .app = s,
	};

	s->w = w;
	return client_new(sim_host_reactor(w->s.host[host]), NULL, &cfg,
			  &s->agent) == 0 &&
	       parley_account_add(s->agent, aor, &s->account) == 0 &&
	       parley_set(s->agent, s->account, "rtp.codecs", "PCMU") == 0;
}

/* Links that lose just the packet about to cross them. */
static void lose_or_not(struct world *w, const struct sim_packet *p)
{
	struct sim_link up = w->s.link;
	bool lose = w->drop && slice_starts(slice_of(p->p, p->n), w->drop);

	if (lose)
		up.loss = 1;
	if (lose != w->losing)
		for (size_t i = 0; i < 2; i++)
			sim_link(w->s.host[i], 1, &up, &w->s.link);
	w->losing = lose;
}

static void watch(void *arg, mono now, enum sim_fate fate,
		  const struct sim_packet *p)
{
	struct world *w = arg;

	if (fate == SIM_SENT)
		lose_or_not(w, p);
	if (p->proto != SIM_UDP || fate != SIM_ARRIVED || p->n < 12 ||
	    p->p[0] != 0x80 || p->p[1] >= 200)
		return;
	if (!w->from && addr_same_ip(&p->src, &w->at))
		w->from = now;
	if (!w->to && addr_same_ip(&p->dst, &w->at))
		w->to = now;
}

/* ----------------------------------------------------------- what happens */
enum how { BEFORE, GAP, BACK, HOWS };
static const char *const how_name[] = { "before", "gap", "back" };

static void run(struct world *w, int64_t ms)
{
	sim_run(w->s.sim, sim_now(w->s.sim) + MS(ms));
}

static void is_at(struct world *w, const struct addr *at)
{
	w->at = *at;
	w->since = sim_now(w->s.sim);
	w->to = w->from = 0;
}

static void change(struct world *w, enum how how, int64_t gap)
{
	struct addr old = w->at;
	struct addr fresh = addr_v4(10, 0, 0, (uint8_t)(old.ip[3] + 10), 0);
	int rc = 0;

	if (how == BEFORE) {
		rc = sim_addr_add(w->s.host[0], 1, &fresh);
		run(w, 50);
	}
	if (rc == 0)
		rc = sim_addr_drop(w->s.host[0], &old);
	if (how != BEFORE) {
		run(w, gap);
		if (how == BACK)
			fresh = old;
		rc = sim_addr_add(w->s.host[0], 1, &fresh);
	}
	if (rc)
		(void)scene_fail(&w->s, "the address cannot change: %d", rc);
	is_at(w, &fresh);
}

static bool shown(struct world *w)
{
	char uri[64], text[ADDR_TEXT];
	struct addr at = w->at;

	at.port = 5060;
	snprintf(uri, sizeof(uri), "sip:alice@%s", addr_text(&at, text));
	return book_shows(&w->book, uri) ||
	       scene_fail(&w->s, "bound is not %s alone but %s %s", uri,
			  w->book.uri[BINDINGS - 1],
			  w->book.uri[BINDINGS - 2]);
}

/* ------------------------------------------------------------- the program */
static bool begin(struct world *w, uint64_t seed)
{
	struct sim_link l = { .delay = MS(20), .jitter = MS(5),
			      .loss = 0.01, .duplicate = 0.02,
			      .reorder = 0.02 };
	struct addr at = addr_v4(10, 0, 0, 1, 0);

	if (!scene_begin(&w->s, seed, 3))
		return false;
	scene_link(&w->s, &l);
	sim_tap(w->s.sim, watch, w);
	is_at(w, &at);
	return book_begin(&w->book, w->s.host[2]) &&
	       side_begin(&w->a, w, 0, "sip:alice@10.0.0.3") &&
	       side_begin(&w->b, w, 1, "sip:bob@10.0.0.2") &&
	       parley_register(w->a.agent, w->a.account) == 0;
}

static bool end(struct world *w, uint64_t seed, bool ok, const char *what)
{
	parley_free(w->a.agent);
	parley_free(w->b.agent);
	udp_close(w->book.u);
	ok = scene_judged(&w->s, seed, ok);
	if (!ok)
		printf("FAILED: %s\n", what);
	return ok;
}

/* Nothing else is under way: bound within 2 s, told once. */
static bool registered_only(uint64_t seed)
{
	enum how how = (enum how)(seed % HOWS);
	struct world w = { .since = 0 };
	bool ok = begin(&w, seed);

	if (ok) {
		run(&w, 3000);
		ok = shown(&w);
		change(&w, how, 1000 + sim_random(w.s.sim, 9000));
		run(&w, NEW_MS);
		/* With a loss of one in fifty each way: twice, at most. */
		ok = ok && shown(&w);
		if (ok && w.a.network != (how == BEFORE ? 1 : 2))
			ok = scene_fail(&w.s, "%u changes told", w.a.network);
	}
	return end(&w, seed, ok, how_name[how]);
}

enum point { SENT, RINGING, ANSWERED, TALKING, CHANGING, ENDING, POINTS };
static const char *const point_name[] = {
	"INVITE sent", "ringing", "answered without ACK", "talking",
	"re-INVITE under way", "BYE under way"
};

struct plan {
	enum point at;
	enum how how;
	bool called; /* the end that moves */
};

static bool dial(struct world *w, const struct plan *p)
{
	struct side *from = p->called ? &w->b : &w->a;
	const char *to = p->called ? "sip:alice@10.0.0.1" :
				     "sip:bob@10.0.0.2";

	return parley_call(from->agent, from->account, to, NULL, 0,
			   &from->session) == 0 ||
	       scene_fail(&w->s, "%s", parley_error(from->agent));
}

/* To the point where the address changes. */
static bool go_to_point(struct world *w, const struct plan *p)
{
	w->a.rings = w->b.rings = p->at == RINGING;
	if (p->at == ANSWERED)
		w->drop = "ACK ";
	if (!dial(w, p))
		return false;
	for (unsigned i = 0; p->at == ANSWERED && i < 500 &&
	     !(p->called ? &w->a : &w->b)->incoming; i++)
		run(w, 10);
	run(w, p->at == SENT ? sim_random(w->s.sim, 60) :
	       p->at == ANSWERED ? 60 : 3000);
	if (p->at == CHANGING && (parley_hold(w->a.agent, w->a.session, true) ||
				  parley_hold(w->a.agent, w->a.session, false)))
		return scene_fail(&w->s, "%s", parley_error(w->a.agent));
	if (p->at == ENDING && parley_end(w->a.agent, w->a.session))
		return scene_fail(&w->s, "%s", parley_error(w->a.agent));
	if (p->at == CHANGING || p->at == ENDING)
		run(w, sim_random(w->s.sim, 60));
	return true;
}

/* Whoever is called picks up a second later. */
static bool pick_up(struct world *w, const struct plan *p)
{
	struct side *s = p->called ? &w->a : &w->b;

	run(w, 1000);
	is_at(w, &w->at);
	return parley_accept(s->agent, s->session, NULL, 0) == 0 ||
	       scene_fail(&w->s, "cannot pick up: %s", parley_error(s->agent));
}

static bool talks(struct world *w)
{
	run(w, NEW_MS);
	return (w->to && w->from) ||
	       scene_fail(&w->s, "%s is heard of 2 s later (%s; %s)",
			  w->to ? "b alone" : w->from ? "a alone" : "nobody",
			  w->a.why, w->b.why);
}

static bool over(struct world *w, const struct plan *p)
{
	if (p->at != ENDING && parley_end(w->a.agent, w->a.session))
		return scene_fail(&w->s, "%s", parley_error(w->a.agent));
	run(w, 70000);
	return w->a.ended == (w->a.incoming ? w->a.incoming : 1) &&
	       w->b.ended == (w->b.incoming ? w->b.incoming : 1) ? true :
	       scene_fail(&w->s, "ended: a %u of %u, b %u of %u", w->a.ended,
			  w->a.incoming, w->b.ended, w->b.incoming);
}

static bool in_a_call(uint64_t seed, const struct plan *p)
{
	char what[128];
	struct world w = { .since = 0 };
	bool ok = begin(&w, seed);

	if (ok) {
		run(&w, 2000);
		ok = go_to_point(&w, p);
		change(&w, p->how, 1000 + sim_random(w.s.sim, 9000));
		w.drop = NULL;
		if (ok && p->at == RINGING)
			ok = pick_up(&w, p);
		if (p->at == ENDING)
			run(&w, NEW_MS);
		ok = ok && (p->at == ENDING || talks(&w)) && shown(&w) &&
		     over(&w, p);
	}
	snprintf(what, sizeof(what), "%s, %s, %s", point_name[p->at],
		 how_name[p->how], p->called ? "called" : "caller");
	return end(&w, seed, ok, what);
}

/* Every point and way in 18 seeds.  Who is called, and gone before the INVITE
 * is there, is not found any more. */
static bool one(uint64_t seed)
{
	bool ok = registered_only(seed);

	for (unsigned called = 0; called < (seed % POINTS == SENT ? 1 : 2);
	     called++)
		ok &= in_a_call(seed, &(struct plan){
			.at = (enum point)(seed % POINTS),
			.how = (enum how)(seed / POINTS % HOWS),
			.called = called });
	return ok;
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
	printf("sim_address: %u passed, %u failed\n", passed, failed);
	return failed != 0 || passed == 0;
}
