/* SPDX-License-Identifier: BSD-2-Clause
 * Each call of parley.h about a session, in each state of one: the table of
 * that header ("What fits when"), through two running agents. */
#include "tests/unit/suites.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/sim_agent.h"

enum call {
	RING, ACCEPT, REJECT, END, HOLD, ADD, PROPOSE, TAKE_BACK, AGREE,
	REFUSE, DIGITS, MUTE, SOUND, CALLS
};

enum state {
	CALLING, INCOMING, ACCEPTING, REJECTED, CANCELLED, UP, PROPOSING,
	ASKED, ENDING, HUNG_UP, SHUTTING, GONE, STATES
};

/* '.' 0, 'A' -EALREADY, 'P' -EINPROGRESS, 'N' -ENOENT; columns as the calls
 * above.  A draft is there where streams can be added: else PROPOSE has
 * nothing to say. */
static const char *const table[STATES] = {
	/*             ring acc rej end hld add prp bck agr ref dig mut snd */
	[CALLING] =   "A"  "A" "A" "." "P" "P" "P" "P" "P" "P" "P" "." ".",
	[INCOMING] =  "."  "." "." "." "P" "P" "P" "P" "P" "P" "P" "." ".",
	[ACCEPTING] = "A"  "A" "A" "." "P" "P" "P" "P" "P" "P" "P" "." ".",
	[REJECTED] =  "A"  "A" "A" "A" "A" "A" "A" "A" "A" "A" "A" "A" "A",
	[CANCELLED] = "A"  "A" "A" "A" "A" "A" "A" "A" "A" "A" "A" "A" "A",
	[UP] =        "A"  "A" "A" "." "." "." "A" "A" "A" "A" "." "." ".",
	[PROPOSING] = "A"  "A" "A" "." "." "A" "A" "." "A" "A" "." "." ".",
	[ASKED] =     "A"  "A" "A" "." "." "." "A" "A" "." "." "." "." ".",
	[ENDING] =    "A"  "A" "A" "A" "A" "A" "A" "A" "A" "A" "A" "A" "A",
	[HUNG_UP] =   "A"  "A" "A" "A" "A" "A" "A" "A" "A" "A" "A" "A" "A",
	[SHUTTING] =  "A"  "A" "A" "A" "A" "A" "A" "A" "A" "A" "A" "A" "A",
	[GONE] =      "N"  "N" "N" "N" "N" "N" "N" "N" "N" "N" "N" "N" "N",
};

struct side {
	struct parley *p;
	struct mem mem;
	uint32_t account, session;
	unsigned ended;
	int code;
};

struct play {
	struct mem mem;
	struct sim *net;
	struct side a, b; /* a calls b */
	enum state state;
	enum call call;
	bool asked;       /* the call was made */
	int rc;
};

static int ask(struct side *e, enum call call)
{
	uint32_t s = e->session, stream;

	switch (call) {
	case RING: return parley_ring(e->p, s);
	case ACCEPT: return parley_accept(e->p, s, NULL, 0);
	case REJECT: return parley_reject(e->p, s, 486, NULL);
	case END: return parley_end(e->p, s);
	case HOLD: return parley_hold(e->p, s, true);
	case ADD: return parley_stream_add(e->p, s, PARLEY_AUDIO, &stream);
	case PROPOSE: return parley_propose(e->p, s);
	case TAKE_BACK: return parley_propose_cancel(e->p, s);
	case AGREE: return parley_proposal_accept(e->p, s, NULL, 0);
	case REFUSE: return parley_proposal_reject(e->p, s);
	case DIGITS: return parley_dtmf(e->p, s, "1");
	case MUTE: return parley_mute(e->p, s, true);
	case SOUND: return parley_audio(e->p, s, "tone:440", NULL);
	case CALLS: break;
	}
	return -ENOSYS;
}

static void reached(struct play *w, struct side *e)
{
	ck_assert(!w->asked);
	w->asked = true;
	w->rc = ask(e, w->call);
	ck_assert(w->rc == 0 || *parley_error(e->p));
}

static void incoming(struct play *w)
{
	struct side *b = &w->b;

	switch (w->state) {
	case INCOMING:
		reached(w, b);
		break;
	case ACCEPTING:
		ck_assert_int_eq(parley_accept(b->p, b->session, NULL, 0), 0);
		reached(w, b);
		break;
	case REJECTED:
		ck_assert_int_eq(parley_reject(b->p, b->session, 486, NULL),
				 0);
		reached(w, b);
		break;
	case SHUTTING:
		parley_shutdown(b->p, 1000);
		reached(w, b);
		break;
	case CALLING:
	case CANCELLED: /* it only rings */
		break;
	default:
		ck_assert_int_eq(parley_accept(b->p, b->session, NULL, 0), 0);
	}
}

static void on_event(struct play *w, struct side *e,
		     const struct parley_event *ev)
{
	switch (parley_event_kind(ev)) {
	case PARLEY_EV_INCOMING:
		e->session = parley_event_session(ev);
		incoming(w);
		break;
	case PARLEY_EV_PROPOSED:
		if (w->state == ASKED)
			reached(w, e);
		break;
	case PARLEY_EV_ENDED:
		e->ended++;
		e->code = parley_event_code(ev);
		if (e == &w->b && (w->state == CANCELLED ||
				   w->state == HUNG_UP))
			reached(w, e);
		break;
	default:
		break;
	}
}

static void on_a(void *app, const struct parley_event *ev)
{
	struct play *w = app;

	on_event(w, &w->a, ev);
}

static void on_b(void *app, const struct parley_event *ev)
{
	struct play *w = app;

	on_event(w, &w->b, ev);
}

static void side_open(struct play *w, struct side *e, uint8_t host)
{
	struct parley_config c = { .app = w,
				   .on_event = host == 1 ? on_a : on_b };

	e->p = sim_agent(w->net, host, &e->mem, &c, &e->account);
}

static void wait_for(struct play *w, mono span)
{
	sim_run(w->net, mono_add(sim_now(w->net), span));
}

static void add_more(struct side *e)
{
	uint32_t stream;

	ck_assert_int_eq(parley_stream_add(e->p, e->session, PARLEY_AUDIO,
					   &stream), 0);
	ck_assert_int_eq(parley_propose(e->p, e->session), 0);
}

/* What is not reached in a callback. */
static void go_there(struct play *w)
{
	wait_for(w, MS(500));
	switch (w->state) {
	case CALLING:
		reached(w, &w->a);
		break;
	case CANCELLED:
	case HUNG_UP:
		ck_assert_int_eq(parley_end(w->a.p, w->a.session), 0);
		break;
	case UP:
		reached(w, &w->b);
		break;
	case PROPOSING:
		add_more(&w->b);
		wait_for(w, MS(25)); /* out, and not yet answered */
		reached(w, &w->b);
		break;
	case ASKED:
		add_more(&w->a);
		break;
	case ENDING:
		ck_assert_int_eq(parley_end(w->b.p, w->b.session), 0);
		reached(w, &w->b);
		break;
	case GONE:
		ck_assert_int_eq(parley_end(w->b.p, w->b.session), 0);
		wait_for(w, SEC(1));
		ck_assert_uint_eq(w->b.ended, 1);
		reached(w, &w->b);
		break;
	default:
		break;
	}
	wait_for(w, SEC(1));
}

static void side_close(struct side *e)
{
	parley_free(e->p);
}

/* What became of the call is the same on both sides. */
static void play_end(struct play *w)
{
	parley_shutdown(w->a.p, -1);
	wait_for(w, SEC(5));
	ck_assert_uint_eq(w->a.ended, 1);
	ck_assert_uint_eq(w->b.ended, 1);
	if (w->a.code / 100 > 2 && w->state != CANCELLED &&
	    w->state != CALLING)
		ck_assert_int_eq(w->a.code, w->b.code);
	side_close(&w->a);
	side_close(&w->b);
	sim_free(w->net);
	ck_assert_uint_eq(w->a.mem.blocks + w->b.mem.blocks + w->mem.blocks,
			  0);
	free(w);
}

static char play(enum state state, enum call call)
{
	struct play *w = calloc(1, sizeof(*w));
	int rc;

	ck_assert_ptr_nonnull(w);
	w->state = state;
	w->call = call;
	mem_init(&w->mem, 0);
	w->net = sim_new(&w->mem, 1);
	ck_assert_ptr_nonnull(w->net);
	side_open(w, &w->a, 1);
	side_open(w, &w->b, 2);
	ck_assert_int_eq(parley_call(w->a.p, w->a.account, "sip:b@10.0.0.2",
				     NULL, 0, &w->a.session), 0);
	go_there(w);
	ck_assert(w->asked);
	rc = w->rc;
	play_end(w);
	return rc == 0 ? '.' : rc == -EALREADY ? 'A' :
	       rc == -EINPROGRESS ? 'P' : rc == -ENOENT ? 'N' : '?';
}

START_TEST(each_call_in_each_state)
{
	char got[CALLS + 1] = "";

	for (int c = 0; c < CALLS; c++)
		got[c] = play((enum state)_i, (enum call)c);
	ck_assert_str_eq(got, table[_i]);
}
END_TEST

/* Not in a state of a session, but in one of the agent. */
START_TEST(nothing_begins_while_shutting_down)
{
	struct play *w = calloc(1, sizeof(*w));
	uint32_t session;

	ck_assert_ptr_nonnull(w);
	mem_init(&w->mem, 0);
	w->net = sim_new(&w->mem, 1);
	side_open(w, &w->a, 1);
	parley_shutdown(w->a.p, 1000);
	ck_assert_int_eq(parley_call(w->a.p, w->a.account, "sip:b@10.0.0.2",
				     NULL, 0, &session), -EALREADY);
	ck_assert_int_eq(parley_register(w->a.p, w->a.account), -EALREADY);
	side_close(&w->a);
	sim_free(w->net);
	ck_assert_uint_eq(w->a.mem.blocks + w->mem.blocks, 0);
	free(w);
}
END_TEST

Suite *suite_states(void);
Suite *suite_states(void)
{
	Suite *s = suite_create("states");
	TCase *c = tcase_create("states");

	tcase_add_loop_test(c, each_call_in_each_state, 0, STATES);
	tcase_add_test(c, nothing_begins_while_shutting_down);
	suite_add_tcase(s, c);
	return s;
}
