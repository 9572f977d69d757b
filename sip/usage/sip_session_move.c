/* SPDX-License-Identifier: BSD-2-Clause
 * Calls of which our address has changed: what was under way there is given up,
 * so that the peer can be told where we are (RFC 3261 12.2, target refresh). */
#include "sip/usage/sip_session_priv.h"

/* The peer may have answered it, and wait for its ACK: one for an INVITE that
 * is not answered yet is ignored. */
static void give_up(struct sip_session *c, struct sip_invite *i)
{
	struct sip_sessions *s = c->all;

	if (i->composed) {
		sip_oa_received(&i->leg->oa, SIP_OA_FAILURE, false);
		sip_leg_preview_drop(i->leg);
		sip_session_send_ack(i, i->leg);
	}
	sip_core_abandon(s->core, i->x.txn, s->now);
	sip_invite_drop(c, i);
}

static void acknowledge(struct sip_session *c, struct sip_invite *i)
{
	bool acked = i->first ? c->winner && c->winner->acked : i->acked;

	if (acked && c->winner)
		sip_session_send_ack(i, c->winner);
}

/* 13.3.1.4: our 200 goes on being repeated, from now, for it may have been
 * lost. */
static void presume_ack(struct sip_session *c, struct sip_invite *i)
{
	struct sip_oa oa = c->winner->oa;

	if (i->acked || sip_oa_received(&oa, SIP_OA_ACK, false) ==
			SIP_OA_VIOLATION)
		return;
	c->winner->oa = oa;
	i->acked = true;
	i->resend = c->all->now.m;
	i->interval = SIP_T1 / 2;
}

int sip_session_moved(struct sip_sessions *s, uint64_t session,
		      struct instant now)
{
	struct sip_session *c = sip_session_get(s, session);
	struct sip_invite *i, *next;

	if (!c || c->state == SIP_SESSION_OVER)
		return -ENOENT;
	if (c->state != SIP_SESSION_UP)
		return -EINVAL;
	s->now = now;
	c->moved = true;
	c->retry_at = MONO_NEVER;
	for (i = c->invites; i; i = next) {
		next = i->next;
		if (i->client && i->final)
			acknowledge(c, i);
		else if (i->client && !i->first)
			give_up(c, i);
		else if (!i->client && i->final)
			presume_ack(c, i);
	}
	sip_session_settle(c);
	return 0;
}

void sip_session_leave(struct sip_sessions *s, uint64_t session,
		       struct instant now)
{
	struct sip_session *c = sip_session_get(s, session);
	struct sip_invite *i = c ? sip_invite_open(c, true) : NULL;

	if (!c || c->state != SIP_SESSION_CALLING)
		return;
	s->now = now;
	if (i)
		sip_core_abandon(s->core, i->x.txn, now);
	sip_session_drop(c);
}
