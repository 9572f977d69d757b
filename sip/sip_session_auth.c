/* SPDX-License-Identifier: BSD-2-Clause
 * Challenges to our requests in a call, RFC 3261 22.2 and 22.3. */
#include "sip/sip_session_priv.h"

#include "sip/sip_cseq.h"

enum { CREDENTIALS = 4096, CNONCE = 16 };

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

	while (i && !(i->client && i->txn == txn))
		i = i->next;
	return i;
}

static struct sip_leg *leg_of(const struct sip_session *c, uint64_t txn)
{
	struct sip_leg *leg = c->legs;

	while (leg && leg->bye != txn)
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
		leg->bye = 0;
		sip_session_settle(c);
	}
}

/* 13.2.2.4: the ACK of a 2xx has the credentials of its INVITE. */
static int keep_fields(struct sip_sessions *s, struct sip_invite *i,
		       const struct sip_msg *m)
{
	static const enum sip_hdr which[] = { SIP_HDR_AUTHORIZATION,
					      SIP_HDR_PROXY_AUTHORIZATION };
	char room[CREDENTIALS];
	struct writer w = writer_begin(room, sizeof(room));
	char *kept;

	for (size_t k = 0; k < COUNT(which); k++)
		for (unsigned at = m->first[which[k]]; at;
		     at = m->field[at - 1].next) {
			writer_put(&w, sip_hdr_name(which[k]));
			writer_char(&w, ':');
			writer_put(&w, m->field[at - 1].value);
			writer_char(&w, '\n');
		}
	kept = sip_session_keep(s, writer_done(&w));
	if (w.full || !kept) {
		mem_free(s->mem, kept);
		return w.full ? -E2BIG : -ENOMEM;
	}
	mem_free(s->mem, i->fields);
	i->fields = kept;
	i->fields_n = w.n;
	return 0;
}

/* The request again, with the next number: 22.2 wants a new CSeq. */
static int number_anew(struct sip_dialog *d, struct sip_msg *m,
		       struct writer *w)
{
	struct sip_field *f;
	size_t at = w->n;

	if (!sip_msg_has(m, SIP_HDR_CSEQ) || d->local_seq == UINT32_MAX)
		return -EINVAL;
	sip_cseq_write(w, &(struct sip_cseq){ ++d->local_seq,
					      m->method_name });
	f = &m->field[m->first[SIP_HDR_CSEQ] - 1];
	f->value = slice_of(w->buf + at, w->n - at);
	return w->full ? -ENOSPC : 0;
}

static int send_again(struct sip_session *c, struct sip_invite *i,
		      struct sip_leg *leg, const struct sip_secret *secret,
		      size_t n)
{
	struct sip_sessions *s = c->all;
	char room[CREDENTIALS], cnonce[CNONCE];
	struct writer w = writer_begin(room, sizeof(room));
	struct sip_dialog *d = leg ? &leg->d : &i->base;
	struct sip_request r = { .msg = &s->edit, .user = s->user,
				 .tag = c->handle, .uri = sip_dialog_hop(d) };
	uint64_t txn = 0;
	int rc;

	if (leg)
		r = sip_leg_request(leg);
	else
		r.transport = i->transport;
	drbg_token(sip_core_random(s->core), cnonce, sizeof(cnonce));
	rc = number_anew(d, &s->edit, &w);
	if (rc == 0)
		rc = sip_digest_authorize(&c->digest, &s->edit, secret, n,
					  slice_of(cnonce, sizeof(cnonce)),
					  false, &w);
	if (rc >= 0 && i)
		rc = keep_fields(s, i, &s->edit);
	if (rc >= 0)
		rc = sip_core_request(s->core, &r, s->now, &txn);
	if (rc < 0)
		return rc;
	if (i) {
		i->txn = txn;
		i->seq = d->local_seq;
	} else {
		leg->bye = txn;
	}
	return 0;
}

int sip_session_authorize(struct sip_sessions *s, uint64_t session,
			  const struct sip_secret *secret, size_t n,
			  struct instant now)
{
	struct sip_session *c = sip_session_get(s, session);
	const struct sip_msg *sent;
	struct sip_invite *i;
	struct sip_leg *leg;
	int rc;

	if (!c || s->challenge.session != session || !s->challenge.asked)
		return c ? -EINVAL : -ENOENT;
	s->now = now;
	i = invite_of(c, s->challenge.txn);
	leg = i ? i->leg : leg_of(c, s->challenge.txn);
	sent = sip_core_sent(s->core, s->challenge.txn);
	if (!sent || (!i && !leg))
		return -EINVAL;
	s->edit = *sent;
	c->digest.mem = s->mem;
	rc = sip_digest_on_challenge(&c->digest, &s->edit,
				     s->challenge.ev.msg, secret, n);
	if (rc >= 0)
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
