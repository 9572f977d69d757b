/* SPDX-License-Identifier: BSD-2-Clause
 * client/session_legs.c - a call of ours that is forked (RFC 3261 13.2.2.4):
 * one offer, and for each early dialog that describes itself a negotiation.
 * Which of them is heard: negotiation_show. */
#include "client/agent_priv.h"

static struct negotiation_leg **place_of_leg(struct session *s, unsigned leg)
{
	struct negotiation_leg **at = &s->legs;

	while (*at && (*at)->leg != leg)
		at = &(*at)->next;
	return at;
}

static struct negotiation_terms terms_of_leg(const struct session *s,
					     unsigned leg,
					     const struct addr *host)
{
	struct negotiation_terms t = session_terms(s);

	t.leg = leg;
	t.host = *host;
	t.host_proved = true; /* it got our INVITE */
	return t;
}

/* The session's streams are as this leg has agreed. */
static void show(struct session *s, struct negotiation_leg *l)
{
	const struct negotiation_terms t = terms_of_leg(s, l->leg, &l->host);

	s->leg = l->leg;
	s->there = l->host;
	s->there_proved = true;
	negotiation_show(&s->nego, &t, l);
	session_follow(s);
}

int session_preview(struct session *s, const struct sip_session_event *ev)
{
	const struct negotiation_terms t = terms_of_leg(s, ev->leg,
							&ev->path.remote);
	struct negotiation_leg **at = place_of_leg(s, ev->leg), *l = *at;
	const struct sdp *was = l ? l->nego.theirs : NULL;
	int rc = l ? 0 : negotiation_fork(&s->nego, &t, &l);

	if (rc)
		return rc;
	rc = negotiation_keep_remote(&l->nego, &t, ev->body);
	if (rc == 0 && l->nego.theirs == was)
		return 0; /* said before */
	if (rc == 0)
		rc = negotiation_answered(&l->nego, &t, true);
	if (rc && !*at)
		negotiation_leg_free(l, &t);
	if (rc)
		return rc;
	if (*at)
		*at = l->next;
	l->next = s->legs; /* the latest first */
	s->legs = l;
	l->host = ev->path.remote;
	show(s, l);
	return 0;
}

void session_leg_gone(struct session *s, unsigned leg)
{
	struct negotiation_leg **at = place_of_leg(s, leg), *l = *at;
	struct negotiation_terms t = session_terms(s);

	if (!l)
		return;
	*at = l->next;
	negotiation_leg_free(l, &t);
	if (s->leg != leg || s->answered || s->ending || !s->legs)
		return;
	l = s->legs;
	t = terms_of_leg(s, l->leg, &l->host);
	if (negotiation_answered(&l->nego, &t, true) == 0)
		show(s, l);
}

void session_won(struct session *s, unsigned leg)
{
	const struct negotiation_terms t = session_terms(s);
	struct negotiation_leg *l = *place_of_leg(s, leg);

	s->leg = leg;
	if (l) {
		negotiation_take(&s->nego, &t, l);
		session_follow(s);
	}
	session_forget_legs(s);
}

void session_forget_legs(struct session *s)
{
	const struct negotiation_terms t = session_terms(s);

	while (s->legs) {
		struct negotiation_leg *l = s->legs;

		s->legs = l->next;
		negotiation_leg_free(l, &t);
	}
}
