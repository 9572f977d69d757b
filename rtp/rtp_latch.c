/* SPDX-License-Identifier: BSD-2-Clause */
#include "rtp/rtp_latch.h"

#include "rtp/rtp_seq.h"

/* An address that can be sent to, not one that says "nowhere" (hold). */
static bool is_place(const struct addr *a)
{
	return a->family && a->port && !addr_is_any(a);
}

bool rtp_latch_signal(struct rtp_latch *l, const struct addr *remote, mono now)
{
	if (addr_same(&l->signalled, remote))
		return false;
	/* Before the first there was none to move away from: what came early
	 * came from the peer, or from nobody that the peer will not put out. */
	l->former = (struct addr){ 0 };
	if (l->signalled.family)
		l->former = l->latched.family ? l->latched : l->signalled;
	l->former_until = mono_add(now, RTP_LATCH_SILENCE);
	/* Strangers stay out when the peer moves to another port, or nowhere
	 * for a while: it was heard. */
	if (!l->place.family ||
	    (is_place(remote) && !addr_same_ip(&l->place, remote)))
		l->best = RTP_NOBODY;
	if (is_place(remote))
		l->place = *remote;
	l->signalled = *remote;
	l->latched = (struct addr){ 0 };
	l->run = 0;
	return true;
}

void rtp_latch_set_host(struct rtp_latch *l, const struct addr *host)
{
	l->host = *host;
}

enum rtp_rank rtp_latch_rank(const struct rtp_latch *l,
			     const struct addr *from)
{
	if (l->signalled.family && addr_same(&l->signalled, from))
		return RTP_SIGNALLED;
	if ((l->place.family && addr_same_ip(&l->place, from)) ||
	    (l->host.family && addr_same_ip(&l->host, from)))
		return RTP_NEAR;
	return RTP_STRANGER;
}

static void latch_remember(struct rtp_latch *l, const struct addr *from)
{
	enum rtp_rank rank = rtp_latch_rank(l, from);

	if (rank > l->best)
		l->best = (uint8_t)rank;
}

void rtp_latch_note(struct rtp_latch *l, const struct addr *from)
{
	latch_remember(l, from);
	if (l->best > RTP_STRANGER && l->latched.family &&
	    rtp_latch_rank(l, &l->latched) == RTP_STRANGER)
		l->latched = (struct addr){ 0 };
}

static void latch(struct rtp_latch *l, const struct addr *from, mono now)
{
	l->latched = *from;
	l->heard = now;
	l->run = 0;
	latch_remember(l, from);
}

/* Counts what holds together: one address, one SSRC, numbers that rise by
 * little.  RTCP has no numbers: each valid compound counts. */
static bool convinces(struct rtp_latch *l, const struct addr *from,
		      uint32_t ssrc, const uint16_t *seq)
{
	bool follows = l->run && addr_same(&l->candidate, from) &&
		       l->ssrc == ssrc;

	if (follows && seq) {
		uint16_t ahead = (uint16_t)(*seq - l->seq);

		if (!ahead)
			return false; /* a repeated packet proves nothing */
		follows = ahead <= RTP_MAX_MISORDER;
	}
	l->run = (uint8_t)(follows ? l->run + 1 : 1);
	l->candidate = *from;
	l->ssrc = ssrc;
	l->seq = seq ? *seq : 0;
	return l->run >= RTP_LATCH_PACKETS;
}

static bool still_there(struct rtp_latch *l, const struct addr *from, mono now)
{
	if (!l->latched.family || !addr_same(&l->latched, from))
		return false;
	l->heard = now;
	l->run = 0; /* nobody takes its place */
	return true;
}

bool rtp_latch_admit(struct rtp_latch *l, const struct addr *from,
		     uint32_t ssrc, const uint16_t *seq, mono now,
		     bool *now_latched)
{
	enum rtp_rank rank = rtp_latch_rank(l, from), has = RTP_NOBODY;

	if (still_there(l, from, now))
		return true;
	if (l->latched.family)
		has = rtp_latch_rank(l, &l->latched);
	if (rank != RTP_SIGNALLED && now < l->former_until &&
	    addr_same(&l->former, from))
		return false; /* still sending from before the change */
	if (rank == RTP_STRANGER && l->best > RTP_STRANGER)
		return false;
	if (rank <= has && now - l->heard < RTP_LATCH_SILENCE)
		return false;
	if ((rank == RTP_STRANGER || rank <= has) &&
	    !convinces(l, from, ssrc, seq))
		return false;
	*now_latched = true;
	latch(l, from, now);
	return true;
}

bool rtp_latch_admit_rtcp(struct rtp_latch *l, const struct addr *rtp,
			  const struct addr *from, mono now,
			  bool *now_latched)
{
	bool near = rtp->family && addr_same_ip(rtp, from);
	bool kept = l->latched.family && now - l->heard < RTCP_LATCH_SILENCE;

	if (still_there(l, from, now))
		return true;
	if (!(l->signalled.family && addr_same(&l->signalled, from))) {
		/* One port of RTP's address, while that is heard. */
		if (!near || (kept && addr_same_ip(&l->latched, rtp)))
			return false;
	}
	*now_latched = true;
	latch(l, from, now);
	return true;
}

void rtp_latch_follow(struct rtp_latch *l, const struct addr *rtp)
{
	if (!addr_same_ip(&l->latched, rtp) &&
	    !addr_same(&l->latched, &l->signalled))
		l->latched = (struct addr){ 0 };
}

struct addr rtp_latch_remote(const struct rtp_latch *l)
{
	/* Who is heard ahead of the answer may be anybody. */
	return l->signalled.family && l->latched.family ? l->latched :
							  l->signalled;
}
