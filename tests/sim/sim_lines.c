/* SPDX-License-Identifier: BSD-2-Clause
 * A kind of stream without RTP (lines.h) beside audio in a call of whole
 * agents, times seeds: it is ready at once or seconds later; refused, then
 * added by either side; lines go both ways in their order, wait while one side
 * holds, and come through loss, reordering and a partition; it is removed and
 * added again; where it cannot be connected it ends with a reason, and the
 * audio goes on; what is never ready is given up.  usage: sim_lines [SEED];
 * SEEDS=n sets how many (200). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/client_port_priv.h"
#include "tests/sim/lines.h"
#include "tests/sim/scene.h"

struct end { /* an agent of the call */
	struct scene *w;
	struct parley *agent;
	uint32_t session, account;
	bool refuses, over;
	unsigned confirmed, proposed, answers, started, gone, lines, wrong,
		ended, after;
	int code;             /* of the last proposal */
	char why[128];        /* the last stream ended */
	unsigned next;        /* line that is to come */
};

static void on_line(struct end *e, const char *text)
{
	e->lines++;
	e->wrong += strtoul(text, NULL, 10) != e->next;
	e->next++;
}

static void on_event(void *app, const struct parley_event *ev)
{
	struct end *e = app;
	uint32_t s = parley_event_session(ev);
	int rc = 0;

	e->after += e->over && s == e->session;
	switch ((unsigned)parley_event_kind(ev)) {
	case PARLEY_EV_INCOMING:
		e->session = s;
		rc = parley_accept(e->agent, s, NULL, 0);
		break;
	case PARLEY_EV_CONFIRMED:
		e->confirmed++;
		break;
	case PARLEY_EV_PROPOSED:
		e->proposed++;
		rc = e->refuses ? parley_proposal_reject(e->agent, s) :
		     parley_proposal_accept(e->agent, s, NULL, 0);
		break;
	case PARLEY_EV_PROPOSAL_ANSWERED:
		e->answers++;
		e->code = parley_event_code(ev);
		break;
	case PARLEY_EV_STREAM_STARTED:
		e->started++;
		break;
	case PARLEY_EV_STREAM_ENDED:
		e->gone++;
		snprintf(e->why, sizeof(e->why), "%s",
			 parley_event_reason(ev));
		break;
	case PARLEY_EV_ENDED:
		e->ended++;
		e->over = true;
		break;
	case LINES_EVENT:
		on_line(e, parley_event_reason(ev));
		break;
	default:
		break;
	}
	if (rc)
		(void)scene_fail(e->w, "%s", parley_error(e->agent));
}

static bool end_begin(struct end *e, struct scene *w, size_t host)
{
	struct parley_config cfg = {
		.size = sizeof(cfg), .on_event = on_event, .app = e,
		.local = host ? "10.0.0.2:5060" : "10.0.0.1:5060",
	};

	e->w = w;
	if (client_new(sim_host_reactor(w->host[host]), NULL, &cfg, &e->agent))
		return scene_fail(w, "no agent");
	return (parley_account_add(e->agent, host ? "sip:bob@10.0.0.2" :
				   "sip:alice@10.0.0.1", &e->account) == 0 &&
		parley_set(e->agent, e->account, "rtp.codecs", "PCMU") == 0) ||
	       scene_fail(w, "%s", parley_error(e->agent));
}

static struct media *lines_of(struct end *e)
{
	return client_media(e->agent, (enum parley_media)LINES_MEDIA);
}

/* Runs until *n is at least that; false (with why): not in a minute. */
static bool until(struct scene *w, const unsigned *n, unsigned least,
		  const char *what)
{
	for (unsigned i = 0; i < 600 && *n < least; i++)
		scene_until(w, scene_ms(w) + 100);
	return *n >= least || scene_fail(w, "%u of %u: %s", *n, least, what);
}

static uint32_t stream_at(struct end *e, size_t i)
{
	uint32_t s[4] = { 0 };

	(void)parley_streams(e->agent, e->session, s, 4);
	return s[i];
}

static size_t count(struct end *e)
{
	return parley_streams(e->agent, e->session, NULL, 0);
}

static bool propose(struct end *e, bool add)
{
	uint32_t s;
	int rc = add ? parley_stream_add(e->agent, e->session,
					 (enum parley_media)LINES_MEDIA, &s) :
		 parley_stream_remove(e->agent, stream_at(e, 1));

	return (rc == 0 && parley_propose(e->agent, e->session) == 0) ||
	       scene_fail(e->w, "%s", parley_error(e->agent));
}

/* Lines first to first + n - 1 go; the other side counts. */
static bool say(struct end *e, unsigned first, unsigned n)
{
	char text[32];
	int rc = 0;

	for (unsigned i = 0; i < n && rc == 0; i++) {
		snprintf(text, sizeof(text), "%u is a line", first + i);
		rc = lines_say(lines_of(e), stream_at(e, 1), text);
	}
	return rc == 0 || scene_fail(e->w, "not said: %d, ended: %s", rc,
				     e->why);
}

static uint64_t packets(struct end *e)
{
	struct parley_stats s = { .size = sizeof(s) };

	return parley_stream_stats(e->agent, stream_at(e, 0), &s) ? 0 :
	       s.packets_received;
}

/* A second of audio reaches both; losses take half of it at most. */
static bool audio_runs(struct end *a, struct end *b)
{
	uint64_t x = packets(a), y = packets(b);

	scene_until(a->w, scene_ms(a->w) + 1000);
	return (packets(a) >= x + 25 && packets(b) >= y + 25) ||
	       scene_fail(a->w, "no audio any more");
}

/* Adds the stream; it is ready so much later at either side. */
static bool add(struct end *x, struct end *y, int x_ms, int y_ms)
{
	unsigned sx = x->started, sy = y->started, n = x->answers;
	mono from = sim_now(x->w->sim);

	lines_plan(lines_of(x), x_ms, 0, false);
	lines_plan(lines_of(y), y_ms, 0, false);
	if (!propose(x, true) || !until(x->w, &x->answers, n + 1, "answered"))
		return false;
	if (x->code != 200)
		return scene_fail(x->w, "%d for lines", x->code);
	if (sim_now(x->w->sim) < from + MS(x_ms + y_ms))
		return scene_fail(x->w, "offered before it was ready");
	return until(x->w, &x->started, sx + 1, "started") &&
	       until(x->w, &y->started, sy + 1, "started there");
}

static bool talk(struct end *x, struct end *y, unsigned n)
{
	unsigned ax = x->lines, ay = y->lines;

	x->next = y->next = 0;
	return say(x, 0, n) && say(y, 0, n) &&
	       until(x->w, &x->lines, ax + n, "lines") &&
	       until(x->w, &y->lines, ay + n, "lines there");
}

static bool refused(struct end *x, struct end *y)
{
	unsigned n = x->answers;

	y->refuses = true;
	if (!propose(x, true) || !until(x->w, &x->answers, n + 1, "refused"))
		return false;
	y->refuses = false;
	scene_until(x->w, scene_ms(x->w) + 1000);
	return (x->code == 488 && count(x) == 1 && count(y) == 1) ||
	       scene_fail(x->w, "%d, %zu and %zu streams", x->code, count(x),
			  count(y));
}

/* A hold is one of all streams: lines wait, of both sides. */
static bool held(struct end *x, struct end *y)
{
	unsigned n = x->answers, ax = x->lines, ay = y->lines;

	x->next = y->next = 0;
	if (parley_hold(x->agent, x->session, true) ||
	    !until(x->w, &x->answers, n + 1, "held"))
		return scene_fail(x->w, "no hold");
	scene_until(x->w, scene_ms(x->w) + 2000);
	if (!say(x, 0, 5) || !say(y, 0, 5))
		return false;
	scene_until(x->w, scene_ms(x->w) + 3000);
	if (x->lines != ax || y->lines != ay)
		return scene_fail(x->w, "%u lines while held",
				  x->lines - ax + y->lines - ay);
	return (parley_hold(x->agent, x->session, false) == 0 ||
		scene_fail(x->w, "no resume")) &&
	       until(x->w, &x->lines, ax + 5, "lines after hold") &&
	       until(x->w, &y->lines, ay + 5, "lines of who held");
}

static bool removed(struct end *x, struct end *y)
{
	unsigned gx = x->gone, gy = y->gone;

	if (!propose(x, false) || !until(x->w, &x->gone, gx + 1, "removed") ||
	    !until(x->w, &y->gone, gy + 1, "removed there"))
		return false;
	scene_until(x->w, scene_ms(x->w) + 2000);
	return (strcmp(x->why, "removed") == 0 &&
		strcmp(y->why, "removed by the peer") == 0 && count(x) == 1 &&
		count(y) == 1) ||
	       scene_fail(x->w, "ended: %s, %s", x->why, y->why);
}

/* y offers, x is to connect (RFC 4145 4.1), and nobody listens. */
static bool unconnected(struct end *x, struct end *y)
{
	unsigned gx = x->gone, gy = y->gone;

	lines_plan(lines_of(x), 0, 0, false);
	lines_plan(lines_of(y), 0, 0, true);
	if (!propose(y, true) || !until(x->w, &x->gone, gx + 1, "failed") ||
	    !until(x->w, &y->gone, gy + 1, "told of it"))
		return false;
	scene_until(x->w, scene_ms(x->w) + 2000);
	if (strcmp(x->why, "it cannot be connected") != 0 ||
	    strcmp(y->why, "removed by the peer") != 0)
		return scene_fail(x->w, "ended: %s, %s", x->why, y->why);
	return count(x) == 1 && count(y) == 1 && audio_runs(x, y);
}

/* Never ready, or not to be had: at who proposes, then at who answers. */
static bool unready(struct end *x, struct end *y, int ms, int err)
{
	unsigned n = x->answers;
	int64_t from = scene_ms(x->w);

	lines_plan(lines_of(x), ms, err, false);
	if (!propose(x, true) || !until(x->w, &x->answers, n + 1, "given up"))
		return false;
	if (x->code != 500 || (ms == LINES_NEVER &&
			       scene_ms(x->w) < from + 10000))
		return scene_fail(x->w, "%d for what is not ready", x->code);
	lines_plan(lines_of(x), 0, 0, false);
	lines_plan(lines_of(y), ms, err, false);
	if (!propose(x, true) || !until(x->w, &x->answers, n + 2, "refused"))
		return false;
	scene_until(x->w, scene_ms(x->w) + 2000);
	return (x->code == 500 && count(x) == 1 && count(y) == 1) ||
	       scene_fail(x->w, "%d, %zu and %zu streams", x->code, count(x),
			  count(y));
}

/* The last lines go, and the call with them, in one turn; or while a stream is
 * not ready. */
static bool over(struct end *x, struct end *y, bool opening)
{
	if (opening) {
		lines_plan(lines_of(x), LINES_NEVER, 0, false);
		if (!propose(x, true))
			return false;
		scene_until(x->w, scene_ms(x->w) + 500);
	}
	if (parley_end(y->agent, y->session))
		return scene_fail(x->w, "%s", parley_error(y->agent));
	if (!until(x->w, &x->ended, 1, "ended") ||
	    !until(x->w, &y->ended, 1, "ended there"))
		return false;
	scene_until(x->w, scene_ms(x->w) + 40000);
	return (!x->after && !y->after && !x->wrong && !y->wrong) ||
	       scene_fail(x->w, "%u after the end, %u lines astray",
			  x->after + y->after, x->wrong + y->wrong);
}

static bool call(struct scene *w, uint64_t seed, struct end *a, struct end *b)
{
	struct end *x = seed & 1 ? a : b, *y = seed & 1 ? b : a;
	int later = (int)(seed % 5) * 500;

	if (parley_call(a->agent, a->account, "sip:bob@10.0.0.2", NULL, 0,
			&a->session))
		return scene_fail(w, "%s", parley_error(a->agent));
	if (!until(w, &a->confirmed, 1, "confirmed") ||
	    !until(w, &b->confirmed, 1, "confirmed there"))
		return false;
	if (!refused(x, y) || !add(x, y, later, 2000 - later) ||
	    !talk(x, y, 20) || !held(y, x))
		return false;
	if (seed % 3 == 0) { /* lines come through a partition */
		sim_group(w->host[0], 1);
		if (!say(x, 5, 10))
			return false;
		y->next = 5;
		scene_until(w, scene_ms(w) + 3000);
		sim_heal(w->sim);
		if (!until(w, &y->lines, 35, "lines after the partition"))
			return false;
	}
	return removed(y, x) && audio_runs(a, b) && add(y, x, 0, later) &&
	       talk(x, y, 20) && removed(y, x) && unconnected(x, y) &&
	       unready(x, y, seed % 2 ? LINES_NEVER : later, seed % 2 ? 0 :
		       -EADDRINUSE) &&
	       audio_runs(a, b) && add(x, y, 300, 300) && talk(x, y, 3) &&
	       over(x, y, seed % 4 == 0);
}

static bool one(uint64_t seed)
{
	struct sim_link l = { .delay = MS(10), .jitter = MS(8),
			      .loss = 0.02 }; /* up, and down */
	struct end a = { .wrong = 0 }, b = { .wrong = 0 };
	struct scene w;
	bool ok = scene_begin(&w, seed, 2);

	if (ok) {
		scene_link(&w, &l);
		ok = end_begin(&a, &w, 0) && end_begin(&b, &w, 1) &&
		     call(&w, seed, &a, &b);
		parley_free(a.agent);
		parley_free(b.agent);
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
	printf("sim_lines: %u passed, %u failed\n", passed, failed);
	return failed != 0 || passed == 0;
}
