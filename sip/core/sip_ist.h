/* SPDX-License-Identifier: BSD-2-Clause
 * sip/core/sip_ist.h - INVITE server transaction, RFC 3261 17.2.1 as changed by
 * RFC 6026 7.1 and 8.5 to 8.8, its Figure 7.
 * Ownership: the caller's struct; no pointers inside, so no destructor.
 * Threads: one caller at a time.  Outputs: act on them from the lowest bit up.
 */
#ifndef SIP_IST_H
#define SIP_IST_H
#include "platform/base.h"

enum sip_ist_out {
	SIP_IST_PASS_UP = 1 << 0, /* deliver the INVITE, or the ACK of a 2xx */
	SIP_IST_SEND    = 1 << 1, /* transmit the response just fed in, or the
				   * last one again; it must be stored */
	SIP_IST_100     = 1 << 2, /* make, store and transmit a 100 Trying */
	SIP_IST_FAILED  = 1 << 3, /* a response did not go out; state is kept */
	SIP_IST_NO_ACK  = 1 << 4, /* ended: the 3xx-6xx was never ACKed */
	SIP_IST_DONE    = 1 << 5  /* ended: nothing left to absorb */
};

struct sip_ist { /* private; zeroed is idle: not started, or ended */
	enum { SIP_IST_IDLE, SIP_IST_PROCEEDING, SIP_IST_COMPLETED,
	       SIP_IST_CONFIRMED, SIP_IST_ACCEPTED } state;
	bool reliable;
	bool responded;     /* there is a response to repeat */
	mono interval;      /* current value of timer G */
	mono timer_g;       /* absolute; the 200 ms of the 100, then G */
	mono timer_h;       /* H, then I; L once Accepted */
};

MUST_USE unsigned sip_ist_start(struct sip_ist *t, bool reliable, mono now);
MUST_USE unsigned sip_ist_on_invite(struct sip_ist *t); /* the same again */
MUST_USE unsigned sip_ist_on_ack(struct sip_ist *t, mono now);
/* From the transaction user, 100..699; 0: to be dropped, as a final response
 * stands already.  Repeats of a 2xx (13.3.1.4) come through here as well. */
MUST_USE unsigned sip_ist_respond(struct sip_ist *t, unsigned status,
				  mono now);
MUST_USE unsigned sip_ist_on_transport_error(struct sip_ist *t);
MUST_USE unsigned sip_ist_on_time(struct sip_ist *t, mono now);
mono sip_ist_deadline(const struct sip_ist *t); /* MONO_NEVER: no timer */
#endif
