/* SPDX-License-Identifier: BSD-2-Clause
 * tools/calls_keys.c - the keys that call and listen take in a terminal.  Each
 * says what it did, or why it did nothing. */
#include <stdio.h>
#include <string.h>

#include "tools/calls.h"

void calls_keys_help(struct calls *c)
{
	calls_say(c, "keys:", "h hold  m mute  0-9*#ABCD digits  + - streams  "
		  "a answer  r reject");
	calls_say(c, "     ", "n next call  q hang up, or quit  ? these");
}

/* Of what is kept by key; 0, or negative with parley_error. */
static int key_hold(struct call *call, char key)
{
	struct calls *c = call->calls;
	int rc = parley_hold(c->agent, call->session, !call->held);

	(void)key;
	call->held ^= rc == 0;
	if (rc == 0)
		call_say(call, call->held ? "holding" : "resuming", "");
	return rc;
}

static int key_mute(struct call *call, char key)
{
	struct calls *c = call->calls;
	int rc = parley_mute(c->agent, call->session, !call->muted);

	(void)key;
	call->muted ^= rc == 0;
	if (rc == 0)
		call_say(call, call->muted ? "muted" : "no longer muted", "");
	return rc;
}

static int propose(struct call *call, const char *what)
{
	int rc = parley_propose(call->calls->agent, call->session);

	call->changing |= rc == 0;
	if (rc == 0)
		call_say(call, what, "");
	return rc;
}

static int key_add(struct call *call, char key)
{
	uint32_t stream;
	int rc = parley_stream_add(call->calls->agent, call->session,
				   PARLEY_AUDIO, &stream);

	(void)key;
	return rc ? rc : propose(call, "adding a stream");
}

static int key_remove(struct call *call, char key)
{
	struct calls *c = call->calls;
	uint32_t s[STREAMS_MAX];
	size_t n = parley_streams(c->agent, call->session, s, STREAMS_MAX);
	int rc;

	(void)key;
	if (n < 2 || n > STREAMS_MAX) {
		call_say(call, "not now: the last stream stays", "");
		return 0;
	}
	rc = parley_stream_remove(c->agent, s[n - 1]);
	return rc ? rc : propose(call, "removing a stream");
}

/* The call that waits for a or r, else the one that the keys are for. */
static struct call *asking(struct call *current)
{
	struct calls *c = current->calls;

	for (struct list *n = c->calls.next; n != &c->calls; n = n->next) {
		struct call *call = CONTAINER(n, struct call, node);

		if (!call->answered || call->asked)
			return call;
	}
	return current;
}

static int key_answer(struct call *current, char key)
{
	struct call *call = asking(current);
	struct calls *c = call->calls;
	bool yes = key == 'a', asked = call->asked;
	int rc;

	if (asked)
		rc = yes ? parley_proposal_accept(c->agent, call->session,
						  NULL, 0) :
		     parley_proposal_reject(c->agent, call->session);
	else
		rc = yes ? parley_accept(c->agent, call->session, NULL, 0) :
		     parley_reject(c->agent, call->session, 486, NULL);
	call->asked = false;
	if (rc == 0)
		call_say(call, asked ? yes ? "accepting" : "refusing" :
			 yes ? "answering" : "rejecting", "");
	return rc;
}

static int key_next(struct call *call, char key)
{
	struct calls *c = call->calls;
	struct list *first = list_take(&c->calls);
	char number[16];

	(void)key;
	list_append(&c->calls, first);
	snprintf(number, sizeof(number), "%u",
		 CONTAINER(c->calls.next, struct call, node)->number);
	calls_say(c, "keys are for call", number);
	return 0;
}

static int key_quit(struct call *call, char key)
{
	int rc = parley_end(call->calls->agent, call->session);

	(void)key;
	call->ending = rc == 0;
	if (rc == 0)
		call_say(call, call->answered || !call->calls->peer ?
			 "hanging up" : "giving up; once more leaves at once",
			 "");
	return rc;
}

static int key_digit(struct call *call, char key)
{
	return calls_digits(call, (char[]){ key, '\0' });
}

static const struct {
	const char *keys;
	int (*press)(struct call *call, char key);
} keys[] = {
	{ "h", key_hold }, { "m", key_mute }, { "+", key_add },
	{ "-", key_remove }, { "ar", key_answer }, { "n", key_next },
	{ "q", key_quit }, { "0123456789*#ABCD", key_digit },
};

void calls_key(void *run, char key)
{
	struct calls *c = run;
	struct call *call = list_empty(&c->calls) ? NULL :
		CONTAINER(c->calls.next, struct call, node);

	if (key == 'q' && (!call || call->ending)) {
		if (call && call->node.next == &c->calls)
			calls_no_wait(c); /* it is the only one */
		calls_interrupt(c);
		return;
	}
	if (key == '?')
		calls_keys_help(c);
	if (key == '?' || key <= ' ')
		return;
	for (size_t i = 0; i < COUNT(keys); i++) {
		if (!strchr(keys[i].keys, key))
			continue;
		if (!call)
			calls_say(c, "no call", "");
		else if (keys[i].press(call, key) < 0)
			call_say(call, "not now:", parley_error(c->agent));
		return;
	}
	calls_say(c, "? lists the keys", "");
}
