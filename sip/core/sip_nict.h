/* SPDX-License-Identifier: BSD-2-Clause
 * sip/core/sip_nict.h - non-INVITE client transaction, RFC 3261 17.1.2, Figure
 * 6. Ownership: the caller's struct; no pointers inside, so no destructor.
 * Threads: one caller at a time.  Outputs: act on them from the lowest bit up.
 */
#ifndef SIP_NICT_H
#define SIP_NICT_H
#include "platform/base.h"

enum sip_nict_out {
	SIP_NICT_SEND        = 1 << 0, /* (re)transmit the stored request */
	SIP_NICT_PASS_UP     = 1 << 1, /* deliver the response just fed in */
	SIP_NICT_TIMED_OUT   = 1 << 2, /* ended: treat as 408 (8.1.3.1) */
	SIP_NICT_UNREACHABLE = 1 << 3, /* ended: treat as 503 (8.1.3.1) */
	SIP_NICT_DONE        = 1 << 4  /* ended: nothing left to absorb */
};

struct sip_nict { /* private; zeroed is idle: not started, or ended */
	enum { SIP_NICT_IDLE, SIP_NICT_TRYING,
	       SIP_NICT_PROCEEDING, SIP_NICT_COMPLETED } state;
	bool reliable;
	mono interval;          /* current value of timer E */
	mono timer_e, timer_fk; /* absolute; F until Completed, then K */
};

MUST_USE unsigned sip_nict_start(struct sip_nict *t, bool reliable, mono now);
/* status is 100..699: the message parser has refused all others. */
MUST_USE unsigned sip_nict_on_response(struct sip_nict *t, unsigned status,
				       mono now);
MUST_USE unsigned sip_nict_on_transport_error(struct sip_nict *t);
MUST_USE unsigned sip_nict_on_time(struct sip_nict *t, mono now);
mono sip_nict_deadline(const struct sip_nict *t); /* MONO_NEVER: no timer */
#endif
