/* SPDX-License-Identifier: BSD-2-Clause */
#include "sip/core/sip_ist.h"

#include "sip/core/sip_timers.h"

static unsigned ist_end(struct sip_ist *t, unsigned outputs)
{
	*t = (struct sip_ist){ 0 };
	return outputs;
}

unsigned sip_ist_start(struct sip_ist *t, bool reliable, mono now)
{
	*t = (struct sip_ist){ .state = SIP_IST_PROCEEDING,
			       .reliable = reliable, .interval = SIP_T1 };
	t->timer_g = mono_add(now, MS(200)); /* 17.2.1: 100 unless answered */
	t->timer_h = MONO_NEVER;
	return SIP_IST_PASS_UP;
}

unsigned sip_ist_on_invite(struct sip_ist *t)
{
	switch (t->state) {
	case SIP_IST_PROCEEDING:
	case SIP_IST_COMPLETED:
		return t->responded ? SIP_IST_SEND : 0;
	case SIP_IST_IDLE:
	case SIP_IST_CONFIRMED:
	case SIP_IST_ACCEPTED: /* RFC 6026 8.7: absorbed */
		return 0;
	}
	return 0;
}

unsigned sip_ist_on_ack(struct sip_ist *t, mono now)
{
	if (t->state == SIP_IST_ACCEPTED)
		return SIP_IST_PASS_UP;
	if (t->state != SIP_IST_COMPLETED)
		return 0;
	if (t->reliable)                       /* 17.2.1: I = 0 */
		return ist_end(t, SIP_IST_DONE);
	t->state = SIP_IST_CONFIRMED;
	t->timer_g = MONO_NEVER;
	t->timer_h = mono_add(now, SIP_T4);    /* 17.2.1: I = T4 */
	return 0;
}

unsigned sip_ist_respond(struct sip_ist *t, unsigned status, mono now)
{
	bool success = status >= 200 && status < 300;

	if (t->state == SIP_IST_ACCEPTED)
		return success ? SIP_IST_SEND : 0;
	if (t->state != SIP_IST_PROCEEDING)
		return 0;
	t->responded = true;
	t->timer_g = MONO_NEVER;
	if (status < 200)
		return SIP_IST_SEND;
	t->timer_h = mono_add(now, SIP_T1_64); /* H and L: 64*T1 */
	t->state = success ? SIP_IST_ACCEPTED : SIP_IST_COMPLETED;
	if (!success && !t->reliable)
		t->timer_g = mono_add(now, t->interval); /* G = T1 */
	return SIP_IST_SEND;
}

unsigned sip_ist_on_transport_error(struct sip_ist *t)
{
	/* RFC 6026 8.8: it stays, to absorb the INVITE's repeats. */
	return t->state == SIP_IST_IDLE || t->state == SIP_IST_CONFIRMED ?
	       0 : SIP_IST_FAILED;
}

unsigned sip_ist_on_time(struct sip_ist *t, mono now)
{
	if (now < sip_ist_deadline(t))
		return 0;
	if (now >= t->timer_h)
		return ist_end(t, t->state == SIP_IST_COMPLETED ? SIP_IST_NO_ACK
								: SIP_IST_DONE);
	if (t->state == SIP_IST_PROCEEDING) {
		t->responded = true;
		t->timer_g = MONO_NEVER;
		return SIP_IST_100;
	}
	t->interval *= 2;                      /* G: MIN(2*G, T2) */
	if (t->interval > SIP_T2)
		t->interval = SIP_T2;
	t->timer_g = mono_add(now, t->interval);
	return SIP_IST_SEND;
}

mono sip_ist_deadline(const struct sip_ist *t)
{
	if (t->state == SIP_IST_IDLE)
		return MONO_NEVER;
	return mono_min(t->timer_g, t->timer_h);
}
