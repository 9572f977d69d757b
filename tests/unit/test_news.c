/* SPDX-License-Identifier: BSD-2-Clause
 * Events of state and data in one order.  Beside digits there is a second kind
 * of data, lines of text out of a byte stream, that is known to nobody but this
 * file. */
#include "tests/unit/suites.h"

#include "client/news.h"
#include "tests/unit/agent_rig.h"

static const enum parley_event_kind LINE = (enum parley_event_kind)900;

/* What a peer sent on its connection; read as far as the agent takes it. */
struct lines {
	char text[64 << 10];
	size_t n, at;
	bool paused; /* nothing is read */
	unsigned refused;
	bool waits;  /* it has gone, but for what it sent: that is told last */
};

static struct ag_rig *up(void)
{
	struct ag_rig *w = ag_rig_new(0);

	ck_assert_ptr_nonnull(w);
	ck_assert_int_eq(ag_call(w), 0);
	ag_run(w);
	ck_assert_uint_eq(ag_count(&w->b, PARLEY_EV_CONFIRMED), 1);
	w->b.n = 0;
	w->b.late = true; /* what comes now comes in one turn */
	return w;
}

static void done(struct ag_rig *w)
{
	ck_assert_uint_eq(ag_rig_free(w), 0);
}

static uint32_t stream_of(const struct ag *g)
{
	uint32_t id = 0;

	ck_assert_uint_ge(agent_streams(g->agent, g->session, &id, 1), 1);
	return id;
}

static int digit(struct ag_rig *w, char key)
{
	const struct news n = { .kind = PARLEY_EV_DTMF,
				.session = w->b.session,
				.stream = stream_of(&w->b), .digit = key,
				.ms = 120 };

	return agent_on_news(w->b.agent, &n, w->r->now);
}

static int line(struct ag *g, struct slice text)
{
	const struct news n = { .kind = LINE, .session = g->session,
				.text = text };

	return agent_on_news(g->agent, &n, g->ua->rig->now);
}

static void lines_read(struct ag *g)
{
	struct lines *l = g->arg;

	l->paused = false;
	while (l->at < l->n && !l->paused) {
		struct slice left = slice_of(l->text + l->at, l->n - l->at);
		struct slice one = slice_head(left, slice_find(left, '\n'));
		int rc = line(g, one);

		if (rc) {
			ck_assert_int_eq(rc, -EAGAIN);
			l->refused++;
			l->paused = true;
		} else {
			l->at += one.n + 1;
		}
	}
}

static void lines_on(struct ag *g, const struct agent_out *o)
{
	struct lines *l = g->arg;

	if (o->kind == AGENT_ROOM || l->waits)
		lines_read(g);
}

/* What was told, a letter each: keys as they are, lines by their first. */
static const char *told(const struct ag *g)
{
	static char text[AG_EVENTS + 1];
	size_t n = 0;

	for (unsigned i = 0; i < g->n; i++) {
		const struct agent_out *o = &g->ev[i].o;

		text[n++] = o->event == PARLEY_EV_DTMF ? o->digit :
			    o->event == LINE ? o->reason.p[0] :
			    o->event == PARLEY_EV_HELD ? 'H' :
			    o->event == PARLEY_EV_RESUMED ? 'R' :
			    o->event == PARLEY_EV_MEDIA_FAILED ? 'F' :
			    o->event == PARLEY_EV_PLAYED ? 'P' :
			    o->event == PARLEY_EV_STREAM_STARTED ? 'S' :
			    o->event == PARLEY_EV_STREAM_ENDED ? 'G' :
			    o->event == PARLEY_EV_ENDED ? 'E' : '?';
	}
	text[n] = '\0';
	return text;
}

static void hold(struct ag_rig *w, bool on)
{
	ck_assert_int_eq(agent_hold(w->a.agent, w->a.session, on, w->r->now),
			 0);
	ag_poll(&w->a);
	rig_run(w->r); /* there and back; b's application has not run */
}

START_TEST(state_and_data_are_told_as_they_came)
{
	struct ag_rig *w = up();

	ck_assert_int_eq(digit(w, '1'), 0);
	ck_assert_int_eq(line(&w->b, S("x")), 0);
	hold(w, true);
	ck_assert_int_eq(line(&w->b, S("y")), 0);
	ck_assert_int_eq(digit(w, '2'), 0);
	agent_on_sending(w->b.agent, stream_of(&w->b), "why");
	ck_assert_int_eq(digit(w, '3'), 0);
	ag_poll(&w->b);
	ck_assert_str_eq(told(&w->b), "1xHy2?3");
	ck_assert_int_eq(w->b.ev[5].o.event, PARLEY_EV_SENDING_STOPPED);
	ck_assert_uint_eq(w->b.ev[0].o.stream, stream_of(&w->b));
	ck_assert_uint_eq(w->b.ev[0].o.session, w->b.session);
	ck_assert_int_eq(w->b.ev[0].o.ms, 120);
	ck_assert(!agent_has_output(w->b.agent));
	done(w);
}
END_TEST

/* A stream starts, another goes; each is told between the keys between which it
 * came. */
START_TEST(streams_come_and_go_between_the_digits)
{
	struct ag_rig *w = up();
	uint32_t first = stream_of(&w->a), second;

	w->b.late = false;
	w->b.accept_more = true;
	ck_assert_int_eq(agent_stream_add(w->a.agent, w->a.session,
					  PARLEY_AUDIO, &second), 0);
	ck_assert_int_eq(agent_propose(w->a.agent, w->a.session, w->r->now),
			 0);
	ag_run(w);
	ck_assert_uint_eq(ag_streams(&w->b, NULL, 0), 2);
	w->b.n = 0;
	w->b.late = true;
	ck_assert_int_eq(digit(w, '1'), 0);
	ck_assert_int_eq(agent_stream_remove(w->a.agent, first), 0);
	ck_assert_int_eq(agent_propose(w->a.agent, w->a.session, w->r->now),
			 0);
	ag_poll(&w->a);
	rig_run(w->r);
	ck_assert_int_eq(digit(w, '2'), 0);
	ag_poll(&w->b);
	ck_assert_str_eq(told(&w->b), "1G2");
	done(w);
}
END_TEST

/* Keys, lines and BYE in one turn, and keys behind it (media has sockets of its
 * own); what media says when it is asked for its last comes before the end. */
START_TEST(the_end_is_told_last)
{
	struct ag_rig *w = up();
	struct lines *l = calloc(1, sizeof(*l));

	ck_assert_ptr_nonnull(l);
	l->n = (size_t)snprintf(l->text, sizeof(l->text), "z\n");
	l->waits = true;
	w->b.arg = l;
	w->b.on_news = lines_on;
	ck_assert_int_eq(digit(w, '1'), 0);
	ck_assert_int_eq(line(&w->b, S("x")), 0);
	ck_assert_int_eq(digit(w, '2'), 0);
	ck_assert_int_eq(agent_end(w->a.agent, w->a.session, w->r->now), 0);
	ag_poll(&w->a);
	rig_run(w->r);
	ck_assert_int_eq(digit(w, '3'), 0);
	ag_poll(&w->b);
	ck_assert_str_eq(told(&w->b), "1x23zE");
	ck_assert_uint_eq(w->b.finishes, 1);
	ck_assert_int_eq(line(&w->b, S("late")), -ENOENT);
	free(l);
	done(w);
}
END_TEST

static const char *numbered(unsigned i)
{
	static char text[4];

	snprintf(text, sizeof(text), "%03u", i % 1000);
	return text;
}

/* A peer that sends more than there is room for is read no more until it was
 * told: nothing is lost, and its order stays.  Neither then nor later is the
 * other session concerned. */
static void flood(bool ends)
{
	struct ag_rig *w = up();
	struct lines *l = calloc(1, sizeof(*l));
	unsigned lines = 240, next = 0;

	ck_assert_ptr_nonnull(l);
	for (unsigned i = 0; i < lines; i++)
		l->n += (size_t)snprintf(l->text + l->n,
					 sizeof(l->text) - l->n, "%03u%*s\n",
					 i, 200, "");
	w->b.arg = l;
	w->b.on_news = lines_on;
	l->waits = ends;
	/* What the default leaves of room, less than the lines need; the last
	 * that fits leaves none. */
	for (unsigned i = 0; i < 3; i++) {
		static char much[33 << 10];
		size_t item = sizeof(struct news_item), n = 32 << 10;

		if (i == 0)
			n += (limits_default.session_news - 3 * (item + n)) %
			     (item + 203);
		memset(much, '.', sizeof(much));
		ck_assert_int_eq(line(&w->b, slice_of(much, n)), 0);
	}
	lines_read(&w->b);
	ck_assert(l->paused);
	ck_assert_int_eq(digit(w, '1'), -EAGAIN); /* small, but behind them */
	ck_assert_uint_lt(l->at, l->n);
	if (ends) {
		ck_assert_int_eq(agent_end(w->a.agent, w->a.session,
					   w->r->now), 0);
		ag_poll(&w->a);
		rig_run(w->r);
	}
	ag_poll(&w->b);
	ck_assert_uint_eq(w->b.rooms, 1);
	ck_assert_uint_eq(l->at, l->n);
	ck_assert_uint_eq(w->b.n, 3 + lines + ends);
	for (unsigned i = 3; i < 3 + lines; i++, next++)
		ck_slice_eq(slice_head(w->b.ev[i].o.reason, 3),
			    numbered(next));
	if (ends)
		ck_assert_int_eq(w->b.ev[w->b.n - 1].o.event, PARLEY_EV_ENDED);
	else
		ck_assert_int_eq(digit(w, '1'), 0);
	free(l);
	done(w);
}

START_TEST(a_full_queue_stops_the_peer_and_drops_nothing)
{
	flood(false);
	flood(true);
}
END_TEST

static void no_memory(struct ag *g, bool none)
{
	g->ua->mem.fail_at = none ? g->ua->mem.calls + 1 : 0;
	g->ua->mem.fail_on = none;
}

/* Keys have spare places; failures and what was played are states then; text
 * waits for memory, a tenth of a second at a time. */
START_TEST(without_memory_nothing_is_lost)
{
	struct ag_rig *w = up();
	struct lines *l = calloc(1, sizeof(*l));
	struct news fail = { .kind = PARLEY_EV_MEDIA_FAILED,
			     .session = w->b.session, .text = S("disk") };
	struct news played = { .kind = PARLEY_EV_PLAYED,
			       .session = w->b.session, .text = S("once:") };

	ck_assert_ptr_nonnull(l);
	l->n = (size_t)snprintf(l->text, sizeof(l->text), "x\n");
	w->b.arg = l;
	w->b.on_news = lines_on;
	no_memory(&w->b, true);
	for (unsigned i = 0; i < NEWS_SPARE; i++)
		ck_assert_int_eq(digit(w, '1'), 0);
	ck_assert_int_eq(digit(w, '2'), -EAGAIN);
	ck_assert_int_eq(agent_on_news(w->b.agent, &fail, w->r->now), 0);
	ck_assert_int_eq(agent_on_news(w->b.agent, &played, w->r->now), 0);
	ag_poll(&w->b);
	ck_assert_uint_eq(w->b.n, NEWS_SPARE + 2);
	ck_assert_str_eq(told(&w->b) + NEWS_SPARE, "FP");
	ck_slice_eq(w->b.ev[NEWS_SPARE].o.reason, "out of memory");
	ck_assert_int_eq(digit(w, '2'), 0); /* there is room again */
	ag_poll(&w->b);
	lines_read(&w->b);
	ck_assert(l->paused);
	ag_poll(&w->b); /* and does not ask without end */
	ck_assert(l->paused);
	no_memory(&w->b, false);
	w->b.late = false;
	w->b.n = 0;
	ck_assert_int_le(agent_deadline(w->b.agent),
			 mono_add(w->r->now.m, MS(100)));
	ag_wait(w, MS(100));
	ck_assert_str_eq(told(&w->b), "x");
	free(l);
	done(w);
}
END_TEST

START_TEST(a_line_without_end_never_fits)
{
	static char much[200 << 10];
	struct ag_rig *w = up();

	ck_assert_int_eq(line(&w->b, slice_of(much, sizeof(much))), -E2BIG);
	ag_poll(&w->b);
	ck_assert_uint_eq(w->b.n + w->b.rooms, 0);
	done(w);
}
END_TEST

/* parley.h: a state is told as it is in the end. */
START_TEST(held_and_resumed_in_one_turn_is_neither)
{
	struct ag_rig *w = up();

	hold(w, true);
	hold(w, false);
	ag_poll(&w->b);
	ck_assert_str_eq(told(&w->b), "");
	hold(w, true);
	ag_poll(&w->b);
	ck_assert_str_eq(told(&w->b), "H");
	hold(w, false);
	hold(w, true);
	ag_poll(&w->b);
	ck_assert_str_eq(told(&w->b), "H");
	done(w);
}
END_TEST

/* Sessions have a share each, and all of them one room. */
START_TEST(the_room_is_shared)
{
	struct limits l = limits_default;
	struct news_queue q[2];
	struct news_room r;
	struct news n = { .text = S("0123456789") };
	size_t one = sizeof(struct news_item) + 10;
	struct mem m;

	mem_init(&m, 0);
	l.news = 3 * one;
	l.session_news = 2 * one;
	news_room_init(&r, &m, &l);
	news_init(&q[0]);
	news_init(&q[1]);
	ck_assert_int_eq(news_add(&r, &q[0], &n, false), 0);
	ck_assert_int_eq(news_add(&r, &q[0], &n, false), 0);
	ck_assert_int_eq(news_add(&r, &q[0], &n, false), -EAGAIN);
	ck_assert_int_eq(news_add(&r, &q[1], &n, false), 0);
	ck_assert_int_eq(news_add(&r, &q[1], &n, false), -EAGAIN);
	ck_assert_int_eq(news_add(&r, &q[1], &n, true), 0);
	ck_assert_int_eq(news_add(&r, &q[1], &n, false), -EAGAIN);
	n.text = slice_head(n.text, 0);
	ck_assert_int_eq(news_add(&r, &q[0], &n, false), -EAGAIN);
	news_drop(&r, &q[0], news_first(&q[0]));
	ck_assert_int_eq(news_add(&r, &q[0], &n, false), -EAGAIN);
	news_drop(&r, &q[1], news_first(&q[1]));
	ck_assert_int_eq(news_add(&r, &q[0], &n, false), 0);
	ck_slice_eq(news_first(&q[0])->said.text, "0123456789");
	ck_assert_uint_eq(news_first(&q[0])->number, 2);
	news_fini(&r, &q[0]);
	news_fini(&r, &q[1]);
	ck_assert_uint_eq(m.blocks, 0);
	ck_assert_uint_eq(r.used, 0);
}
END_TEST

/* A bit set after the n-th news is told behind it and before the next, also
 * where their numbers, of 16 bits, begin anew. */
START_TEST(a_long_call_keeps_the_order)
{
	const struct news n = { .digit = '1' };
	struct news_queue q;
	struct news_room r;
	uint16_t since[2];
	struct mem m;

	mem_init(&m, 0);
	news_room_init(&r, &m, &limits_default);
	news_init(&q);
	for (unsigned i = 0; i < 40000; i++) {
		news_mark(&q, 1, since);
		ck_assert_int_eq(news_add(&r, &q, &n, false), 0);
		news_mark(&q, 2, since);
		ck_assert_uint_eq(news_before(3, since, news_first(&q)), 1);
		ck_assert_int_eq(news_add(&r, &q, &n, false), 0);
		news_drop(&r, &q, news_first(&q));
		ck_assert_uint_eq(news_before(3, since, news_first(&q)), 3);
		news_drop(&r, &q, news_first(&q));
		ck_assert_uint_eq(news_before(3, since, news_first(&q)), 3);
	}
	ck_assert_uint_eq(m.blocks, 0);
}
END_TEST

/* However small they are and whatever the limits say, NEWS_MOST are between
 * the first and the last. */
START_TEST(no_more_wait_than_can_be_told_apart)
{
	const struct news n = { .digit = '1' };
	struct limits l = limits_default;
	struct news_queue q;
	struct news_room r;
	struct mem m;
	unsigned i = 0;

	mem_init(&m, 0);
	l.news = l.session_news = 100u << 20;
	news_room_init(&r, &m, &l);
	news_init(&q);
	while (i < 30000 && news_add(&r, &q, &n, true) == 0)
		i++;
	ck_assert_uint_eq(i, NEWS_MOST + 1);
	ck_assert_int_eq(news_add(&r, &q, &n, true), -EAGAIN);
	news_drop(&r, &q, news_first(&q));
	ck_assert_int_eq(news_add(&r, &q, &n, true), 0);
	news_fini(&r, &q);
	ck_assert_uint_eq(m.blocks, 0);
}
END_TEST

SUITE(news, state_and_data_are_told_as_they_came,
      streams_come_and_go_between_the_digits, the_end_is_told_last,
      a_full_queue_stops_the_peer_and_drops_nothing,
      without_memory_nothing_is_lost, a_line_without_end_never_fits,
      held_and_resumed_in_one_turn_is_neither, the_room_is_shared,
      a_long_call_keeps_the_order, no_more_wait_than_can_be_told_apart);
