/* SPDX-License-Identifier: BSD-2-Clause
 * sip/usage/sip_oa.h - where offers and answers may stand, RFC 6337 (its Tables
 * 1 and 2, section 4.3), for RFC 3261 13.2.1 and 14, RFC 3262 5, RFC 3311 5.
 *
 * One machine for each dialog, early ones too; a dialog made by a fork starts
 * as a copy of the INVITE's machine.  It is fed each message of the dialog
 * that can carry a description, sent or received, and says what the body is.
 * It never looks into a body.
 * Ownership: the caller's struct; no pointers inside, so no destructor.
 * Threads: one caller at a time.
 */
#ifndef SIP_OA_H
#define SIP_OA_H
#include "platform/base.h"

enum sip_oa_kind {
	SIP_OA_1XX,         /* of INVITE, not reliable */
	SIP_OA_1XX_REL,     /* RFC 3262 */
	SIP_OA_PRACK,
	SIP_OA_PRACK_2XX,
	SIP_OA_2XX,         /* of INVITE, the first; repeats are not fed */
	SIP_OA_ACK,         /* of a 2xx */
	SIP_OA_FAILURE,     /* 300..699 to INVITE, or none at all */
	SIP_OA_INVITE,
	SIP_OA_UPDATE,
	SIP_OA_UPDATE_2XX,
	SIP_OA_UPDATE_FAIL,
	SIP_OA_KINDS
};

enum sip_oa_role {
	SIP_OA_NONE,      /* no body, and none was due */
	SIP_OA_OFFER,
	SIP_OA_ANSWER,
	SIP_OA_PREVIEW,   /* of the answer that will come (RFC 6337 3.1.1) */
	SIP_OA_IGNORE,    /* a body that says nothing here: sending, leave it
			   * out; receiving, do not look at it */
	SIP_OA_VIOLATION, /* none where one is due, or one where none may be */
	SIP_OA_PENDING,   /* request received: refuse it with 491 */
	SIP_OA_BUSY       /* request received: refuse it with 500 and a
			   * Retry-After of 0..10 s (RFC 3261 14.2) */
};

/* Of the INVITE transaction's exchange. */
enum sip_oa_step {
	SIP_OA_STEP_NONE,    /* no INVITE transaction */
	SIP_OA_STEP_OFFERED, /* offer in the INVITE, no answer yet */
	SIP_OA_STEP_WANTED,  /* INVITE without offer: one is due */
	SIP_OA_STEP_PRACK,   /* offer in a reliable 1xx: PRACK answers */
	SIP_OA_STEP_ACK,     /* offer in the 2xx: ACK answers */
	SIP_OA_STEP_DONE,    /* the exchange is over, the transaction not */
	SIP_OA_STEPS
};

struct sip_oa { /* private; zeroed is a dialog where nothing happened */
	uint8_t step;      /* enum sip_oa_step */
	bool client;       /* the INVITE is ours */
	bool final;        /* its 2xx is out, the ACK not */
	bool prack;        /* a PRACK with part in an exchange is due */
	bool prack_may_offer, prack_offer;
	bool previewed;    /* a 1xx showed the answer to our offer */
	bool update_in, update_out;             /* not yet answered */
	bool update_in_offer, update_out_offer; /* and with an offer */
	bool up;           /* an exchange has been completed */
};

/* A message was received, or is being sent: what its body is.  A received 2xx
 * without one after a PREVIEW is an ANSWER all the same: that of the preview,
 * for the first description counts (RFC 3261 13.2.1).  Who sends one repeats
 * it (RFC 6337 3.1.1).  A request that
 * is refused (PENDING, BUSY) leaves the machine as it was, and its refusal is
 * not fed.  A received VIOLATION: the exchange cannot be completed, end the
 * call.  A sent one is the caller's mistake; nothing has changed. */
enum sip_oa_role sip_oa_received(struct sip_oa *o, enum sip_oa_kind kind,
				 bool body);
enum sip_oa_role sip_oa_sent(struct sip_oa *o, enum sip_oa_kind kind,
			     bool body);
/* What a body in that message would be if sent now; *due: it must have one.
 * PENDING: the request may not be sent now. */
enum sip_oa_role sip_oa_would(const struct sip_oa *o, enum sip_oa_kind kind,
			      bool *due);
/* Has an exchange been completed, and is none under way? */
static inline bool sip_oa_is_up(const struct sip_oa *o)
{
	return o->up;
}
#endif
