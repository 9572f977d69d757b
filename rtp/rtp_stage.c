/* SPDX-License-Identifier: BSD-2-Clause */
#include "rtp/rtp_stage.h"

enum rtp_kind rtp_kind_of(struct slice datagram, bool mux, unsigned component)
{
	uint8_t b = datagram.n ? (uint8_t)datagram.p[0] : 0xFF;
	uint8_t type;

	if (b <= 3)
		return datagram.n ? RTP_KIND_STUN : RTP_KIND_NONE;
	if (b >= 16 && b <= 19)
		return RTP_KIND_ZRTP;
	if (b >= 20 && b <= 63)
		return RTP_KIND_DTLS;
	if (b >= 64 && b <= 79)
		return RTP_KIND_TURN;
	if (b < 128 || b > 191 || datagram.n < 4)
		return RTP_KIND_NONE;
	type = (uint8_t)datagram.p[1];
	/* RFC 5761 4: payload types 64..95 are not for RTP beside RTCP */
	if (component == 1 || (mux && type >= 192 && type <= 223))
		return RTP_KIND_RTCP;
	return RTP_KIND_RTP;
}

int rtp_stages_add(struct rtp_stages *s, const struct rtp_stage *stage)
{
	if (s->n == RTP_STAGES)
		return -ENOSPC;
	s->stage[s->n++] = *stage;
	return 0;
}

void rtp_stages_free(struct rtp_stages *s)
{
	for (unsigned i = 0; i < s->n; i++)
		if (s->stage[i].ops->free)
			s->stage[i].ops->free(s->stage[i].state);
	*s = (struct rtp_stages){ 0 };
}

enum rtp_verdict rtp_stages_receive(struct rtp_stages *s,
				    struct rtp_datagram *d, bool mux, mono now)
{
	enum rtp_verdict v = RTP_AGAIN;

	/* Each stage sees it once: what claims to hold another datagram costs
	 * no more than one that does. */
	for (unsigned i = 0;; i++) {
		const struct rtp_stage *x = &s->stage[i];

		if (v == RTP_AGAIN)
			d->kind = rtp_kind_of(slice_of(d->p, d->n), mux,
					      d->component);
		if (i == s->n || !d->n)
			return RTP_PASS;
		v = x->ops->receive ? x->ops->receive(x->state, d, now) :
				      RTP_PASS;
		if (v == RTP_TAKEN || v == RTP_REFUSED)
			return v;
	}
}

int rtp_stages_send(struct rtp_stages *s, unsigned from,
		    struct rtp_datagram *d, mono now)
{
	int rc = 0;

	while (rc == 0 && from-- > 0) {
		const struct rtp_stage *x = &s->stage[from];

		if (x->ops->send)
			rc = x->ops->send(x->state, d, now);
		INVARIANT(d->n <= d->cap);
	}
	return rc;
}

bool rtp_stages_poll(struct rtp_stages *s, struct rtp_datagram *out,
		     unsigned *from, mono now)
{
	for (unsigned i = 0; i < s->n; i++)
		if (s->stage[i].ops->poll &&
		    s->stage[i].ops->poll(s->stage[i].state, out, now)) {
			*from = i;
			return true;
		}
	return false;
}

void rtp_stages_on_time(struct rtp_stages *s, mono now)
{
	for (unsigned i = 0; i < s->n; i++)
		if (s->stage[i].ops->on_time)
			s->stage[i].ops->on_time(s->stage[i].state, now);
}

mono rtp_stages_deadline(const struct rtp_stages *s)
{
	mono first = MONO_NEVER;

	for (unsigned i = 0; i < s->n; i++)
		if (s->stage[i].ops->deadline)
			first = mono_min(first, s->stage[i].ops->deadline(
						s->stage[i].state));
	return first;
}

bool rtp_stages_gathered(const struct rtp_stages *s)
{
	for (unsigned i = 0; i < s->n; i++)
		if (s->stage[i].ops->gathered &&
		    !s->stage[i].ops->gathered(s->stage[i].state))
			return false;
	return true;
}

bool rtp_stages_ready(const struct rtp_stages *s)
{
	for (unsigned i = 0; i < s->n; i++)
		if (s->stage[i].ops->ready &&
		    !s->stage[i].ops->ready(s->stage[i].state))
			return false;
	return true;
}

size_t rtp_stages_overhead(const struct rtp_stages *s)
{
	size_t n = 0;

	for (unsigned i = 0; i < s->n; i++)
		n += s->stage[i].ops->overhead;
	return n;
}
