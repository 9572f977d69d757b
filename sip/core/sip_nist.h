/* SPDX-License-Identifier: BSD-2-Clause
 * sip/core/sip_nist.h - non-INVITE server transaction, RFC 3261 17.2.2, Figure
 * 8, with RFC 4320 4.1 and 4.2. Ownership: the caller's struct; no pointers
 * inside, so no destructor. Threads: one caller at a time.  Outputs: act on
 * them from the lowest bit up.
 */
#ifndef SIP_NIST_H
#define SIP_NIST_H
#include "platform/base.h"

enum sip_nist_out {
	SIP_NIST_PASS_UP = 1 << 0, /* deliver the request just started */
	SIP_NIST_SEND    = 1 << 1, /* transmit the response just fed in, or the
				    * last one again; it must be stored */
	SIP_NIST_100     = 1 << 2, /* make, store and transmit a 100 Trying */
	SIP_NIST_FAILED  = 1 << 3, /* ended: the response did not go out */
	SIP_NIST_DONE    = 1 << 4  /* ended: nothing left to absorb */
};

struct sip_nist { /* private; zeroed is idle: not started, or ended */
	enum { SIP_NIST_IDLE, SIP_NIST_TRYING,
	       SIP_NIST_PROCEEDING, SIP_NIST_COMPLETED } state;
	bool reliable;
	mono timer_100; /* absolute; RFC 4320 4.1 */
	mono timer_j;   /* end of the transaction: the client's F, then J */
};

MUST_USE unsigned sip_nist_start(struct sip_nist *t, bool reliable, mono now);
/* The same request again. */
MUST_USE unsigned sip_nist_on_request(struct sip_nist *t);
/* From the transaction user, 100..699.  Nothing comes out, and the response is
 * to be dropped, for: a 1xx (RFC 4320 4.1: only 100, and that is made here),
 * a 408 (4.2) and a second final response. */
MUST_USE unsigned sip_nist_respond(struct sip_nist *t, unsigned status,
				   mono now);
MUST_USE unsigned sip_nist_on_transport_error(struct sip_nist *t);
MUST_USE unsigned sip_nist_on_time(struct sip_nist *t, mono now);
mono sip_nist_deadline(const struct sip_nist *t); /* MONO_NEVER: no timer */
#endif
