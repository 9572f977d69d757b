/* SPDX-License-Identifier: BSD-2-Clause */
#include "rtp/rtp_breaker.h"

/* Of who sends nothing for so long nobody need report. */
static const mono PAUSE = SEC(5);

void rtp_breaker_renew(struct rtp_breaker *b, mono now)
{
	b->reported = b->arrived = now;
	b->on_nobody = b->waits = false;
	b->stuck = 0;
}

/* RFC 3550 6.4.1: an extended number; a later one is ahead of it. */
static bool is_new(const struct rtp_breaker *b, uint32_t highest)
{
	return !b->reports || (int32_t)(highest - b->highest) > 0;
}

static void arrived(struct rtp_breaker *b, mono now)
{
	b->stuck = 0;
	b->arrived = now;
	b->waits = false;
}

void rtp_breaker_on_report(struct rtp_breaker *b, const struct rtp_report *r,
			   mono now)
{
	if (!r->on_us) {
		b->on_nobody = true;
		return;
	}
	if (is_new(b, r->highest)) {
		arrived(b, now);
	} else if (b->waits && now - b->unseen >= r->rtt) {
		b->stuck++; /* no further than judge() looks: nothing is sent */
		b->waits = false;
	}
	b->reports = true;
	b->on_nobody = false;
	b->highest = r->highest;
	b->reported = now;
}

static enum rtp_breaker_state breaker_judge(const struct rtp_breaker *b,
					    mono heard, mono now)
{
	if (b->stuck >= RTP_BREAKER_REPORTS)
		return RTP_BREAKER_LOST;
	if (!b->reports || now - b->reported < RTP_BREAKER_TIMEOUT)
		return RTP_BREAKER_CLOSED;
	if (b->on_nobody)
		return RTP_BREAKER_LOST;
	return now - heard < RTP_BREAKER_TIMEOUT ? RTP_BREAKER_CLOSED :
						   RTP_BREAKER_SILENT;
}

enum rtp_breaker_state rtp_breaker_on_send(struct rtp_breaker *b, mono heard,
					   mono now)
{
	enum rtp_breaker_state state;

	if (now - b->sent >= PAUSE)
		rtp_breaker_renew(b, now);
	b->sent = now;
	state = breaker_judge(b, heard, now);
	if (state == RTP_BREAKER_LOST)
		b->rests = mono_add(now, now - b->arrived);
	if (state == RTP_BREAKER_CLOSED && !b->waits) {
		b->waits = true;
		b->unseen = now;
	}
	return state;
}

bool rtp_breaker_rests(const struct rtp_breaker *b, mono now)
{
	return now < b->rests;
}
