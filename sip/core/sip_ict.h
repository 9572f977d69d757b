/* SPDX-License-Identifier: BSD-2-Clause
 * sip/core/sip_ict.h - INVITE client transaction, RFC 3261 17.1.1 as changed by
 * RFC 6026 8.4, its Figure 5.
 * Ownership: the caller's struct; no pointers inside, so no destructor.
 * Threads: one caller at a time.  Outputs: act on them from the lowest bit up.
 *
 * The ACK of a 3xx-6xx is this transaction's (17.1.1.3): built by the caller
 * from the response just fed in, or sent again as it was.  The ACK of a 2xx
 * is the transaction user's.
 */
#ifndef SIP_ICT_H
#define SIP_ICT_H
#include "platform/base.h"

enum sip_ict_out {
	SIP_ICT_SEND        = 1 << 0, /* (re)transmit the stored INVITE */
	SIP_ICT_ACK         = 1 << 1, /* (re)transmit the ACK of a 3xx-6xx */
	SIP_ICT_PASS_UP     = 1 << 2, /* deliver the response just fed in */
	SIP_ICT_TIMED_OUT   = 1 << 3, /* ended: treat as 408 (8.1.3.1) */
	SIP_ICT_UNREACHABLE = 1 << 4, /* ended: treat as 503 (8.1.3.1) */
	SIP_ICT_DONE        = 1 << 5  /* ended: nothing left to absorb */
};

struct sip_ict { /* private; zeroed is idle: not started, or ended */
	enum { SIP_ICT_IDLE, SIP_ICT_CALLING, SIP_ICT_PROCEEDING,
	       SIP_ICT_COMPLETED, SIP_ICT_ACCEPTED } state;
	bool reliable;
	mono interval; /* current value of timer A */
	mono timer_a;  /* absolute */
	mono timer_b;  /* B until Proceeding, then that of 9.1, D or M */
};

MUST_USE unsigned sip_ict_start(struct sip_ict *t, bool reliable, mono now);
/* status is 100..699. */
MUST_USE unsigned sip_ict_on_response(struct sip_ict *t, unsigned status,
				      mono now);
/* A CANCEL has been sent for it: without a final response within 64*T1 the
 * INVITE counts as cancelled (9.1) and the outputs say TIMED_OUT. */
void sip_ict_on_cancel(struct sip_ict *t, mono now);
MUST_USE unsigned sip_ict_on_transport_error(struct sip_ict *t);
MUST_USE unsigned sip_ict_on_time(struct sip_ict *t, mono now);
mono sip_ict_deadline(const struct sip_ict *t); /* MONO_NEVER: no timer */
#endif
