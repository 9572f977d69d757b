/* SPDX-License-Identifier: BSD-2-Clause */
#include "sip/core/sip_ict.h"

#include "sip/core/sip_timers.h"

static unsigned ict_end(struct sip_ict *t, unsigned outputs)
{
	*t = (struct sip_ict){ 0 };
	return outputs;
}

unsigned sip_ict_start(struct sip_ict *t, bool reliable, mono now)
{
	*t = (struct sip_ict){ .state = SIP_ICT_CALLING,
			       .reliable = reliable, .interval = SIP_T1 };
	t->timer_a = reliable ? MONO_NEVER : mono_add(now, SIP_T1);
	t->timer_b = mono_add(now, SIP_T1_64); /* 17.1.1.2: B = 64*T1 */
	return SIP_ICT_SEND;
}

static unsigned on_provisional(struct sip_ict *t)
{
	if (t->state == SIP_ICT_CALLING) {
		t->state = SIP_ICT_PROCEEDING; /* no more A, no more B */
		t->timer_a = t->timer_b = MONO_NEVER;
	}
	return SIP_ICT_PASS_UP;
}

static unsigned on_success(struct sip_ict *t, mono now)
{
	t->state = SIP_ICT_ACCEPTED;
	t->timer_a = MONO_NEVER;
	t->timer_b = mono_add(now, SIP_T1_64); /* RFC 6026 8.4: M = 64*T1 */
	return SIP_ICT_PASS_UP;
}

static unsigned on_failure(struct sip_ict *t, mono now)
{
	if (t->reliable)                       /* 17.1.1.2: D = 0 */
		return ict_end(t, SIP_ICT_ACK | SIP_ICT_PASS_UP | SIP_ICT_DONE);
	t->state = SIP_ICT_COMPLETED;
	t->timer_a = MONO_NEVER;
	t->timer_b = mono_add(now, SEC(32));   /* D: 32 s, whatever T1 is */
	return SIP_ICT_ACK | SIP_ICT_PASS_UP;
}

unsigned sip_ict_on_response(struct sip_ict *t, unsigned status, mono now)
{
	switch (t->state) {
	case SIP_ICT_IDLE:
		return 0;
	case SIP_ICT_CALLING:
	case SIP_ICT_PROCEEDING:
		if (status < 200)
			return on_provisional(t);
		return status < 300 ? on_success(t, now) : on_failure(t, now);
	case SIP_ICT_COMPLETED:                /* a repeat of the response */
		return status >= 300 ? SIP_ICT_ACK : 0;
	case SIP_ICT_ACCEPTED:                 /* a repeat, or a branch's 2xx */
		return status >= 200 && status < 300 ? SIP_ICT_PASS_UP : 0;
	}
	return 0;
}

void sip_ict_on_cancel(struct sip_ict *t, mono now)
{
	if (t->state == SIP_ICT_PROCEEDING)
		t->timer_b = mono_min(t->timer_b, mono_add(now, SIP_T1_64));
}

unsigned sip_ict_on_transport_error(struct sip_ict *t)
{
	switch (t->state) {
	case SIP_ICT_CALLING:
	case SIP_ICT_COMPLETED: /* its ACK did not go out; said once more */
		return ict_end(t, SIP_ICT_UNREACHABLE);
	case SIP_ICT_IDLE:
	case SIP_ICT_PROCEEDING:
	case SIP_ICT_ACCEPTED:
		return 0;       /* nothing of ours was being sent */
	}
	return 0;
}

unsigned sip_ict_on_time(struct sip_ict *t, mono now)
{
	if (now < sip_ict_deadline(t))
		return 0;
	if (now >= t->timer_b)
		return ict_end(t, t->state == SIP_ICT_CALLING ||
						  t->state == SIP_ICT_PROCEEDING
					  ? SIP_ICT_TIMED_OUT
					  : SIP_ICT_DONE);
	t->interval *= 2;                      /* A: T1, 2*T1, 4*T1 ... */
	t->timer_a = mono_add(now, t->interval);
	return SIP_ICT_SEND;
}

mono sip_ict_deadline(const struct sip_ict *t)
{
	if (t->state == SIP_ICT_IDLE)
		return MONO_NEVER;
	return mono_min(t->timer_a, t->timer_b);
}
