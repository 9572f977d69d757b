/* SPDX-License-Identifier: BSD-2-Clause */
#include "sip/core/sip_nist.h"

#include "sip/core/sip_timers.h"

/* RFC 4320 4.1: when the client's timer E is reset to T2, that is after
 * intervals of T1, 2*T1 and 4*T1. */
static const mono TRYING_AFTER = 7 * SIP_T1;

static unsigned nist_end(struct sip_nist *t, unsigned outputs)
{
	*t = (struct sip_nist){ 0 };
	return outputs;
}

unsigned sip_nist_start(struct sip_nist *t, bool reliable, mono now)
{
	*t = (struct sip_nist){ .state = SIP_NIST_TRYING,
				.reliable = reliable };
	t->timer_100 = mono_add(now, TRYING_AFTER);
	/* Beyond the client's timer F no response is wanted: RFC 4320 4.2. */
	t->timer_j = mono_add(now, SIP_T1_64);
	return SIP_NIST_PASS_UP;
}

unsigned sip_nist_on_request(struct sip_nist *t)
{
	return t->state == SIP_NIST_PROCEEDING ||
	       t->state == SIP_NIST_COMPLETED ? SIP_NIST_SEND : 0;
}

unsigned sip_nist_respond(struct sip_nist *t, unsigned status, mono now)
{
	if (t->state != SIP_NIST_TRYING && t->state != SIP_NIST_PROCEEDING)
		return 0;
	if (status < 200 || status == 408)
		return 0;
	if (t->reliable)                      /* 17.2.2: J = 0 */
		return nist_end(t, SIP_NIST_SEND | SIP_NIST_DONE);
	t->state = SIP_NIST_COMPLETED;
	t->timer_100 = MONO_NEVER;
	t->timer_j = mono_add(now, SIP_T1_64); /* 17.2.2: J = 64*T1 */
	return SIP_NIST_SEND;
}

unsigned sip_nist_on_transport_error(struct sip_nist *t)
{
	return t->state == SIP_NIST_PROCEEDING || t->state == SIP_NIST_COMPLETED
		       ? nist_end(t, SIP_NIST_FAILED)
		       : 0; /* 17.2.4 */
}

unsigned sip_nist_on_time(struct sip_nist *t, mono now)
{
	if (now < sip_nist_deadline(t))
		return 0;
	if (now >= t->timer_j)
		return nist_end(t, SIP_NIST_DONE);
	t->state = SIP_NIST_PROCEEDING;
	t->timer_100 = MONO_NEVER;
	return SIP_NIST_100;
}

mono sip_nist_deadline(const struct sip_nist *t)
{
	if (t->state == SIP_NIST_IDLE)
		return MONO_NEVER;
	return mono_min(t->timer_100, t->timer_j);
}
