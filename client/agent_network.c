/* SPDX-License-Identifier: BSD-2-Clause
 * client/agent_network.c - the host's addresses change: what goes by which of
 * them, and who moves along. */
#include "client/agent_priv.h"
#include "client/duty.h"

/* The index-th session that has a way, in the order of the table. */
static const struct session *nth_session(const struct agent *a, size_t *bucket,
					 size_t *depth)
{
	for (; *bucket <= a->sessions.mask; ++*bucket, *depth = 0) {
		struct htab_node *n = a->sessions.bucket[*bucket];

		for (size_t i = 0; n && i < *depth; i++)
			n = htab_next(n);
		for (; n; n = htab_next(n)) {
			const struct session *s =
				CONTAINER(n, struct session, node);

			++*depth;
			if (session_has_way(s))
				return s;
		}
	}
	return NULL;
}

static bool session_way(const struct agent *a, struct agent_ways *at,
			struct agent_way *out)
{
	const struct session *s = nth_session(a, &at->bucket, &at->depth);

	if (!s)
		return false;
	*out = (struct agent_way){ .object = s->id, .remote = s->hop };
	if (!s->moving) /* else the peer does not know yet where it is */
		out->local = s->here;
	return true;
}

static bool account_way(const struct agent *a, struct agent_ways *at,
			struct agent_way *out)
{
	if (!at->account)
		at->account = a->accounts.next;
	for (; at->account != &a->accounts;
	     at->account = at->account->next, at->duty = 0) {
		const struct account *acc = CONTAINER(at->account,
						      struct account, link);

		out->object = acc->id;
		if (duties_way(acc, at->duty++, &out->local, &out->remote))
			return true;
	}
	return false;
}

bool agent_next_way(const struct agent *a, struct agent_ways *at,
		    struct agent_way *out)
{
	return session_way(a, at, out) || account_way(a, at, out);
}

void agent_on_moved(struct agent *a, const struct agent_way *way,
		    const struct addr *local, struct instant now)
{
	struct session *s = agent_session(a, way->object);
	struct account *acc = s ? NULL : account_find(a, way->object);

	if (s)
		session_move(s, local, now);
	else if (acc)
		duties_renew(acc, &way->local, now);
}

/* Nobody has said a word, and may have in vain, to a call of ours or to our
 * 200: once there is a network again that does not wait for a repeat. */
static void note_outage(struct agent *a)
{
	for (size_t i = 0; i <= a->sessions.mask; i++)
		for (struct htab_node *n = a->sessions.bucket[i]; n;
		     n = n->next) {
			struct session *s = CONTAINER(n, struct session, node);

			s->moving |= s->state == SESSION_ACCEPTED ||
				     (s->state == SESSION_CALLING && !s->code);
		}
}

void agent_on_network(struct agent *a, const char *why, const struct addr *was,
		      const struct addr *is)
{
	if (!is->family)
		note_outage(a);
	if (!a->network_why)
		a->network_was = *was;
	a->network_why = why;
	a->network_is = *is;
}

void agent_on_slept(struct agent *a, struct instant now)
{
	static const struct addr all = { 0 };

	for (struct list *n = a->accounts.next; n != &a->accounts; n = n->next)
		duties_renew(CONTAINER(n, struct account, link), &all, now);
}

struct slice agent_addr_text(const struct addr *a, char text[ADDR_TEXT])
{
	return a->family ? slice_str(addr_text(a, text)) : S("");
}

bool network_poll(struct agent *a, struct agent_out *out)
{
	char text[2][ADDR_TEXT];
	struct writer from = writer_begin(a->event_text[0],
					  sizeof(a->event_text[0]));
	struct writer to = writer_begin(a->event_text[1],
					sizeof(a->event_text[1]));

	if (!a->network_why)
		return false;
	writer_put(&from, agent_addr_text(&a->network_was, text[0]));
	writer_put(&to, agent_addr_text(&a->network_is, text[1]));
	*out = (struct agent_out){ .kind = AGENT_EVENT,
		.event = PARLEY_EV_NETWORK,
		.reason = slice_str(a->network_why),
		.from = writer_done(&from), .to = writer_done(&to) };
	a->network_why = NULL;
	return true;
}
