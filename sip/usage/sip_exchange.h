/* SPDX-License-Identifier: BSD-2-Clause
 * sip/usage/sip_exchange.h - one request of a usage, from its first sending to
 * its outcome: RFC 3261 8.1, 12.2.1 and 22.2.
 *
 * Every usage (registration, session, OPTIONS ...) keeps one for each request
 * that it has under way.  The other addresses of the same target, also after a
 * 503, are the core's business (RFC 3263 4.3); what is here is what makes a new
 * request of it: the next number, and credentials.  When to give up, and what
 * an outcome means, is for the usage.
 *
 *	identity or dialog, sip_exchange_begin
 *	each event of the core: sip_exchange_on_event
 *	COMPOSE: sip_exchange_write, what it is about, sip_exchange_compose;
 *	perhaps again, for an address that is reached in another way
 *	CHALLENGED: sip_exchange_renew, then sip_exchange_send; or the
 *	challenge is the outcome, and sip_exchange_forget ends it
 *
 * What is the same whatever way it goes, and is in no dialog, may be written
 * first and given to sip_exchange_send at once.
 *
 * Ownership: the caller's struct; zeroed is idle, sip_exchange_forget ends it.
 * Threads: one at a time.
 */
#ifndef SIP_EXCHANGE_H
#define SIP_EXCHANGE_H
#include "sip/core/sip_core.h"
#include "sip/usage/sip_dialogs.h"
#include "sip/usage/sip_digest.h"

struct sip_exchange {
	uint64_t txn; /* read: the transaction under way; 0: idle */
	uint32_t seq; /* read: its CSeq; 0: not written yet */
	bool heard;   /* a response came, */
	bool held;    /* or it is not written yet, as it is not its turn */
	uint8_t method;
	struct sip_shared *on;     /* in whose turns it is; NULL: none's */
	struct sip_exchange *next;
};

enum sip_exchange_step {
	SIP_EXCHANGE_NOTHING,    /* not this one's event, or not its turn */
	SIP_EXCHANGE_COMPOSE,    /* to be written for the outcome's path, as
				  * SIP_EV_COMPOSE says */
	SIP_EXCHANGE_PROGRESS,   /* a 1xx */
	SIP_EXCHANGE_CHALLENGED, /* 401 or 407: still under way */
	SIP_EXCHANGE_ANSWERED,   /* any other final response */
	SIP_EXCHANGE_UNANSWERED  /* none: 408 or 503 (8.1.3.1) */
};

/* What came, or never came; its slices are the event's. */
struct sip_outcome {
	unsigned status;
	struct slice reason;       /* never empty */
	const struct sip_msg *msg; /* the response, or NULL */
	struct sip_path path;      /* of msg; COMPOSE: where it is to go */
	uint64_t txn;              /* whose it is */
};

enum { SIP_EXCHANGE_ROOM = 4096 }; /* for what renew writes */

/* An identity for requests outside a dialog (8.1.1): a random From tag and,
 * where base has none, Call-ID and first number.  Errors as sip_dialog_init,
 * but -EINVAL for what is malformed. */
MUST_USE int sip_exchange_identity(struct sip_dialog *d, struct mem *m,
				   struct sip_core *core,
				   const struct sip_dialog_base *base);

/* Begins d's next request: where that goes is looked up, and then COMPOSE.
 * q: user, tag, flow, transport; the rest is set here.  Errors as
 * sip_core_request; it is idle then. */
MUST_USE int sip_exchange_begin(struct sip_exchange *x, struct sip_core *core,
				const struct sip_dialog *d,
				enum sip_method method, struct sip_request *q,
				struct instant now);
/* The same in a dialog that usages share, to where its requests go.  COMPOSE
 * comes when all before it in that dialog, of whichever usage, have had a
 * response, if only a 1xx, or were given up: else they could overtake each
 * other on the way, and the peer would refuse the one with the lower number
 * (12.2.2).  BYE alone waits for no INVITE, which it ends.  Before the dialog's
 * usage leaves (sip_usage_leave) it is ended, by its outcome,
 * sip_exchange_forget or sip_exchange_leave. */
MUST_USE int sip_exchange_begin_on(struct sip_exchange *x,
				   struct sip_shared *on,
				   enum sip_method method,
				   struct sip_request *q, struct instant now);
/* Nobody of its dialog waits for it any more.  For a 2xx to INVITE, which
 * leaves it under way. */
void sip_exchange_leave(struct sip_exchange *x);
/* COMPOSE: d's request as sip_dialog_request writes it, with the next number,
 * or the one that it had when it was written for another path (RFC 3263
 * 4.3). */
MUST_USE int sip_exchange_write(struct sip_exchange *x, struct sip_dialog *d,
				struct slice method, struct writer *w,
				struct sip_msg *m);
/* ... and that, made whole.  Errors as sip_core_compose, after which it is to
 * be given up: sip_exchange_forget, sip_exchange_unsent. */
MUST_USE int sip_exchange_compose(struct sip_exchange *x, struct sip_core *core,
				  const struct sip_msg *m, struct instant now);

/* Sends q, which d's next request is in, to where that goes: q->uri is set
 * here.  After sip_exchange_renew to where the challenge came from.  Errors as
 * sip_core_request; it is idle then, or as it was. */
MUST_USE int sip_exchange_send(struct sip_exchange *x, struct sip_core *core,
			       const struct sip_dialog *d,
			       struct sip_request *q, struct instant now);
/* What to say of a request that could not even be sent; uri: the words for one
 * that cannot be used. */
struct sip_outcome sip_exchange_unsent(int rc, struct slice uri);

/* A 2xx to an INVITE leaves it under way, as repeats and those of other forks
 * are to come; all other outcomes make it idle. */
MUST_USE enum sip_exchange_step sip_exchange_on_event(struct sip_exchange *x,
						const struct sip_event *ev,
						struct sip_outcome *out);

/* Whose challenges are answered, and with what. */
struct sip_exchange_auth {
	struct sip_digest *digest;
	const struct sip_secret *secret;
	size_t n;
};
/* Credentials for all realms that have challenged, before they do again. */
MUST_USE int sip_exchange_authorize(struct sip_core *core,
				    const struct sip_exchange_auth *auth,
				    struct sip_msg *m, struct writer *w);
/* CHALLENGED: the request once more, with d's next number (22.2) and
 * credentials; into m, whose slices lie in w and in the transaction, so that
 * it is sent before the core's next poll.  Errors of sip_digest_on_challenge
 * (the number is unused then) and sip_digest_authorize; -EINVAL: the
 * transaction is gone. */
MUST_USE int sip_exchange_renew(struct sip_exchange *x, struct sip_core *core,
				struct sip_dialog *d,
				const struct sip_msg *challenge,
				const struct sip_exchange_auth *auth,
				struct sip_msg *m, struct writer *w);
/* ANSWERED with a 3xx, for a usage that follows it (8.1.3.4): the request once
 * more, as after renew, to the first Contact that is a SIP URI, of a sips URI a
 * sips URI, and not where it went.  That is the target of d, an identity, from
 * now on; credentials, which were for another, are left out.  How often it is
 * followed is for the usage to count.  -ENOENT: no such Contact, -EINVAL as of
 * renew, -ENOMEM, -E2BIG. */
MUST_USE int sip_exchange_redirect(struct sip_core *core, struct sip_dialog *d,
				   const struct sip_outcome *o,
				   struct sip_msg *m, struct writer *w);
/* Its outcome is of no interest any more; idle: no effect. */
void sip_exchange_forget(struct sip_exchange *x, struct sip_core *core,
			 struct instant now);

/* How long to wait (20.33); false: it does not say. */
bool sip_exchange_retry_after(const struct sip_msg *m, uint32_t *seconds);

/* For what is kept up by requests (registrations, subscriptions, publications).
 * Seconds after the failures-th failure in a row: growing, random (RFC 5626
 * 4.5). */
uint32_t sip_exchange_backoff(struct sip_core *core, unsigned failures);
/* The same after such an outcome, and not before its Retry-After; 0: no waiting
 * will change it. */
uint32_t sip_exchange_retry(struct sip_core *core, const struct sip_outcome *o,
			    unsigned failures);
/* How long after such a grant to refresh: before it expires. */
mono sip_exchange_refresh(struct sip_core *core, uint32_t seconds);
#endif
