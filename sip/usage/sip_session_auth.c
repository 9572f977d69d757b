/* SPDX-License-Identifier: BSD-2-Clause
 * Challenges to our requests in a call, RFC 3261 22.2 and 22.3. */
#include "sip/usage/sip_session_priv.h"

bool sip_session_challenged(struct sip_session *c, const struct sip_event *ev)
{
	struct sip_sessions *s = c->all;

	if (s->challenge.session ||
	    !sip_session_tell(c, SIP_SESSION_CHALLENGE, ev))
		return false;
	s->challenge.session = c->handle;
	s->challenge.txn = ev->txn;
	s->challenge.asked = false;
	s->challenge.ev = *ev;
	return true;
}

static struct sip_invite *invite_of(const struct sip_session *c, uint64_t txn)
{
	struct sip_invite *i = c->invites;

	while (i && !(i->client && i->x.txn == txn))
		i = i->next;
	return i;
}

static struct sip_leg *leg_of(const struct sip_session *c, uint64_t txn)
{
	struct sip_leg *leg = c->legs;

	while (leg && leg->bye.txn != txn)
		leg = leg->next;
	return leg;
}

void sip_session_unanswered(struct sip_sessions *s)
{
	struct sip_session *c = sip_session_get(s, s->challenge.session);
	struct sip_invite *i;
	struct sip_leg *leg;

	if (!c || !s->challenge.asked)
		return;
	s->challenge.session = 0;
	i = invite_of(c, s->challenge.txn);
	leg = leg_of(c, s->challenge.txn);
	if (i) {
		sip_session_on_failed(c, i, &s->challenge.ev);
	} else if (leg) {
		sip_session_bye_over(leg);
		sip_session_settle(c);
	}
}

/* 13.2.2.4: the ACK of a 2xx has the credentials of its INVITE. */
static int keep_fields(struct sip_sessions *s, struct sip_invite *i,
		       const struct sip_msg *m, struct writer *w)
{
	static const enum sip_hdr which[] = { SIP_HDR_AUTHORIZATION,
					      SIP_HDR_PROXY_AUTHORIZATION };
	size_t begin = w->n;
	char *kept;

	for (size_t k = 0; k < COUNT(which); k++)
		for (unsigned at = m->first[which[k]]; at;
		     at = m->field[at - 1].next) {
			writer_put(w, sip_hdr_name(which[k]));
			writer_char(w, ':');
			writer_put(w, m->field[at - 1].value);
			writer_char(w, '\n');
		}
	kept = sip_session_keep(s, slice_of(w->buf + begin, w->n - begin));
	if (w->full || !kept) {
		mem_free(s->mem, kept);
		return w->full ? -E2BIG : -ENOMEM;
	}
	mem_free(s->mem, i->fields);
	i->fields = kept;
	i->fields_n = w->n - begin;
	return 0;
}

static int send_again(struct sip_session *c, struct sip_invite *i,
		      struct sip_leg *leg, const struct sip_secret *secret,
		      size_t n)
{
	struct sip_sessions *s = c->all;
	struct writer w = sip_core_draft_text(s->core, 2 * SIP_EXCHANGE_ROOM);
	struct sip_exchange *x = i ? &i->x : &leg->bye;
	struct sip_dialog *d = leg ? sip_leg_dialog(leg) : &i->base;
	struct sip_exchange_auth auth = { &c->digest, secret, n };
	struct sip_request r = leg ? sip_leg_request(leg) :
				     sip_invite_request(c, i);
	int rc = sip_exchange_renew(x, s->core, d, s->challenge.ev.msg, &auth,
				    &s->edit, &w);

	if (rc == 0 && i)
		rc = keep_fields(s, i, &s->edit, &w);
	return rc < 0 ? rc : sip_exchange_send(x, s->core, d, &r, s->now);
}

int sip_session_authorize(struct sip_sessions *s, uint64_t session,
			  const struct sip_secret *secret, size_t n,
			  struct instant now)
{
	struct sip_session *c = sip_session_get(s, session);
	struct sip_invite *i;
	struct sip_leg *leg;
	int rc;

	if (!c || s->challenge.session != session || !s->challenge.asked)
		return c ? -EINVAL : -ENOENT;
	s->now = now;
	i = invite_of(c, s->challenge.txn);
	leg = i ? i->leg : leg_of(c, s->challenge.txn);
	if (!i && !leg)
		return -EINVAL;
	c->digest.mem = s->mem;
	rc = send_again(c, i, leg, secret, n);
	if (rc < 0)
		return rc;
	s->challenge.session = 0;
	rc = sip_digest_had_no_qop(&c->digest);
	if (i && i->first)
		sip_session_legs_end(c, NULL);
	sip_session_settle(c);
	return rc;
}
