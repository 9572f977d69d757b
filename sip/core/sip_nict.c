/* SPDX-License-Identifier: BSD-2-Clause */
#include "sip/core/sip_nict.h"

#include "sip/core/sip_timers.h"

static unsigned nict_end(struct sip_nict *t, unsigned outputs)
{
	*t = (struct sip_nict){ 0 };
	return outputs;
}

static bool awaiting(const struct sip_nict *t)
{
	return t->state == SIP_NICT_TRYING || t->state == SIP_NICT_PROCEEDING;
}

unsigned sip_nict_start(struct sip_nict *t, bool reliable, mono now)
{
	*t = (struct sip_nict){ .state = SIP_NICT_TRYING,
				.reliable = reliable, .interval = SIP_T1 };
	t->timer_e = reliable ? MONO_NEVER : mono_add(now, SIP_T1);
	t->timer_fk = mono_add(now, SIP_T1_64); /* 17.1.2.2: F = 64*T1 */
	return SIP_NICT_SEND;
}

unsigned sip_nict_on_response(struct sip_nict *t, unsigned status, mono now)
{
	if (!awaiting(t))
		return 0;                     /* Completed absorbs repeats */
	if (status < 200) {                   /* 1xx: E and F run on */
		t->state = SIP_NICT_PROCEEDING;
		return SIP_NICT_PASS_UP;
	}
	if (t->reliable)                      /* 17.1.2.2: K = 0 */
		return nict_end(t, SIP_NICT_PASS_UP | SIP_NICT_DONE);
	t->state = SIP_NICT_COMPLETED;
	t->timer_e = MONO_NEVER;
	t->timer_fk = mono_add(now, SIP_T4);  /* 17.1.2.2: K = T4 */
	return SIP_NICT_PASS_UP;
}

unsigned sip_nict_on_transport_error(struct sip_nict *t)
{
	return awaiting(t) ? nict_end(t, SIP_NICT_UNREACHABLE) : 0; /* 17.1.4 */
}

unsigned sip_nict_on_time(struct sip_nict *t, mono now)
{
	if (now < sip_nict_deadline(t))
		return 0;
	if (now >= t->timer_fk)               /* F, or K once Completed */
		return nict_end(t, t->state == SIP_NICT_COMPLETED
					   ? SIP_NICT_DONE
					   : SIP_NICT_TIMED_OUT);
	t->interval *= 2;                     /* Trying: MIN(2*E, T2) */
	if (t->state == SIP_NICT_PROCEEDING || t->interval > SIP_T2)
		t->interval = SIP_T2;         /* Proceeding: always T2 */
	t->timer_e = mono_add(now, t->interval);
	return SIP_NICT_SEND;
}

mono sip_nict_deadline(const struct sip_nict *t)
{
	if (t->state == SIP_NICT_IDLE)
		return MONO_NEVER;
	return mono_min(t->timer_e, t->timer_fk);
}
