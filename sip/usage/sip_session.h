/* SPDX-License-Identifier: BSD-2-Clause
 * sip/usage/sip_session.h - the INVITE usage: calls as caller and as callee,
 * RFC 3261 sections 9, 13, 14 and 15, offers and answers after RFC 6337.
 *
 * An aggregate ENGINE on sip_core.h: one struct sip_sessions holds all calls
 * of a user agent.  It takes INVITE, ACK and BYE for all URIs; which account an
 * incoming call belongs to is for the user to say, who gets the request with
 * the event.  Their dialogs stand in sip_dialogs.h, where other usages may
 * share them.
 *
 * Use: it is one of the users of sip_users.h, which hands it events and the
 * time, and whose results its events are.  The actions below may be called at
 * any time; they make no event at once, and what they set off is told later.  A
 * stale or unknown handle gives -ENOENT everywhere; an action that does not fit
 * the call's state -EINVAL; then nothing has happened.
 *
 * Descriptions are opaque here.  What a body is (offer, answer, preview) comes
 * with the event; what one must be is asked by sip_session_would.
 *
 * Each call ends with exactly one SIP_SESSION_ENDED, after which its handle is
 * stale.  An attempt that fails at once (negative errno) makes none.
 *
 * Memory: a settled call holds its struct, one dialog and its strings, about
 * 1 kB; what only its set-up needed is freed 64*T1 after the answer.
 * Threads: one at a time.  Limits: struct limits (dialogs, forks).
 */
#ifndef SIP_SESSION_H
#define SIP_SESSION_H
#include "sip/usage/sip_digest.h"
#include "sip/usage/sip_oa.h"
#include "sip/usage/sip_users.h"

struct sip_sessions;

/* Adds itself to users.  agent: for User-Agent and Server of all messages, or
 * empty; copied.  -ENOMEM. */
MUST_USE int sip_sessions_new(struct mem *m, struct sip_users *users,
			      const struct limits *limits,
			      struct slice agent, struct instant now,
			      struct sip_sessions **out);
/* Without a word to any peer; NULL is ignored.  Before sip_users_fini. */
void sip_sessions_free(struct sip_sessions *s);
/* What messages say from now on.  -ENOMEM. */
MUST_USE int sip_sessions_set_agent(struct sip_sessions *s,
				    struct slice agent);

/* --------------------------------------------------------------- events */
enum sip_session_event_kind {
	/* Callee: a new call.  Then sip_session_ring, _accept, _reject. */
	SIP_SESSION_INCOMING,
	/* Our INVITE, the first or a later one, is to be written for path,
	 * whose local address it shows: sip_session_compose, now or soon
	 * (SIP_EV_COMPOSE). */
	SIP_SESSION_COMPOSE,
	/* Caller: a 1xx; leg 0 without a dialog.  Its body may be a PREVIEW. */
	SIP_SESSION_PROGRESS,
	/* Caller: another leg won, or all failed: forget this one. */
	SIP_SESSION_LEG_GONE,
	/* Caller: the call is up on leg.  Role ANSWER; or OFFER when ours was
	 * offerless: sip_session_ack must bring the answer, at once. */
	SIP_SESSION_ANSWERED,
	/* Callee: the ACK of our 200 is there, of the first or of a later
	 * INVITE.  Role ANSWER when our 200 had the offer. */
	SIP_SESSION_ACKED,
	/* The peer wants to change the session: role OFFER, or NONE when the
	 * 200 must bring one.  Then sip_session_accept, _reject.  A reinvite of
	 * ours that was not composed yet is off the table. */
	SIP_SESSION_OFFER,
	/* ... and has cancelled that; 487 is sent. */
	SIP_SESSION_WITHDRAWN,
	/* What became of our sip_session_reinvite.  200..299: role as with
	 * ANSWERED.  Else the session is as it was before; status 487 when we
	 * cancelled it. */
	SIP_SESSION_CHANGED,
	/* Ours met theirs (491, or 500 with Retry-After), and the time to wait
	 * is over (14.1): call sip_session_reinvite again if it is still
	 * wanted. */
	SIP_SESSION_RETRY,
	/* 401 or 407 in msg: call sip_session_authorize before the next poll,
	 * else it is taken for a failure. */
	SIP_SESSION_CHALLENGE,
	/* The call that was up broke (no ACK, say) and is being hung up by
	 * itself: nothing more is said in it, ENDED follows when the peer has
	 * answered the BYE, or could not.  Not told when there is no room. */
	SIP_SESSION_BROKEN,
	SIP_SESSION_ENDED,
	/* An INVITE that is no session here was answered so: status, msg. */
	SIP_SESSION_REFUSED
};

enum sip_session_end {
	SIP_END_LOCAL,     /* sip_session_hangup after the answer; _reject */
	SIP_END_REMOTE,    /* BYE; status 487: before anybody answered */
	SIP_END_CANCELLED, /* before the answer, by either side */
	SIP_END_EXPIRED,   /* nobody answered in time */
	SIP_END_REFUSED,   /* status 300..699: with 3xx, msg has Contacts */
	SIP_END_FAILED     /* timeout, no route, no ACK, broken offer/answer */
};

struct sip_session_event {
	enum sip_session_event_kind kind;
	uint64_t session;
	uint64_t tag;              /* as in sip_session_set_tag; 0 at first */
	unsigned leg;              /* from 1, in the order they came */
	unsigned status;           /* as received, or as we count it */
	struct slice reason;       /* never empty in ENDED and CHANGED */
	enum sip_session_end end;  /* ENDED */
	enum sip_oa_role role;     /* what body is: NONE, OFFER, ANSWER,
				    * PREVIEW */
	struct slice body;         /* a description, or empty */
	const struct sip_msg *msg; /* the message, or NULL */
	const struct sip_uri *uri; /* a request's Request-URI, as long */
	struct sip_path path;      /* of msg; COMPOSE: where it is to go */
};

/* What a result tells; NULL: it is none of a session's. */
const struct sip_session_event *sip_session_result(
					const struct sip_result *result);

/* -------------------------------------------------------------- actions */
/* extra, in all of these: fields to add, or NULL; its own start line and body
 * are not looked at.  Bodies are application/sdp; empty: none. */

struct sip_call {
	uint64_t tag;             /* as sip_session_set_tag sets it */
	struct slice target;      /* Request-URI */
	struct slice from, to;    /* name-addr; to empty: the target, as it
				   * is, with its parameters */
	struct slice contact;     /* Contact value */
	struct slice routes;      /* preloaded Route values (an outbound proxy,
				   * 8.1.1.1), or empty */
	enum sip_transport transport; /* wanted where no URI says */
	uint32_t identity;        /* as in sip_request */
	struct slice offer;       /* empty: the callee shall offer */
	uint32_t expires;         /* seconds for an answer; 0: no limit */
	const struct sip_msg *extra;
	bool compose;             /* contact, offer and extra come when it is
				   * known which way it goes: COMPOSE */
};

/* -EINVAL: an URI or header is malformed; -EAGAIN: a limit; -ENOMEM. */
MUST_USE int sip_session_invite(struct sip_sessions *s,
				const struct sip_call *call,
				struct instant now, uint64_t *session);
/* What COMPOSE asked for.  Of a later INVITE: offer empty, the peer shall make
 * one; contact empty, as it is in the dialog.  Errors as of
 * sip_session_invite, after which it is still asked for. */
MUST_USE int sip_session_compose(struct sip_sessions *s, uint64_t session,
				 struct slice contact, struct slice offer,
				 const struct sip_msg *extra,
				 struct instant now);
/* Our Contact in the dialog; without it, that of the Request-URI's user at the
 * address where the call came in.  Callee: before the first response. */
MUST_USE int sip_session_set_contact(struct sip_sessions *s, uint64_t session,
				     struct slice contact);
MUST_USE int sip_session_set_tag(struct sip_sessions *s, uint64_t session,
				 uint64_t tag);

/* Callee: 101..199; body: a preview of the answer (early media).  Repeated
 * every minute until the answer (13.3.1.1). */
MUST_USE int sip_session_ring(struct sip_sessions *s, uint64_t session,
			      unsigned status, struct slice body,
			      const struct sip_msg *extra, struct instant now);
/* 200 to the first INVITE or to one in the call, with the answer, or with the
 * offer when the INVITE had none; repeated until its ACK.  -EINVAL without a
 * body. */
MUST_USE int sip_session_accept(struct sip_sessions *s, uint64_t session,
				struct slice body,
				const struct sip_msg *extra,
				struct instant now);
/* 300..699 to the first INVITE (486 busy, 302 with Contact in extra ...), or
 * to one in the call, which goes on as it was (488). */
MUST_USE int sip_session_reject(struct sip_sessions *s, uint64_t session,
				unsigned status, struct slice reason,
				const struct sip_msg *extra,
				struct instant now);
/* The same to the INCOMING in hand, without state (8.2.7): one datagram, and no
 * repeat of it until the INVITE is repeated, so that refusing costs less than
 * asking.  Before the next poll. */
MUST_USE int sip_session_reject_stateless(struct sip_sessions *s,
					  const struct sip_session_event *ev,
					  unsigned status,
					  const struct sip_msg *extra,
					  struct instant now);
/* There is no memory to reject it with: the core answers 500 as it can. */
void sip_session_abandon(struct sip_sessions *s, uint64_t session,
			 struct instant now);
/* Caller of an offerless INVITE: the answer to the offer of the 200. */
MUST_USE int sip_session_ack(struct sip_sessions *s, uint64_t session,
			     struct slice answer, struct instant now);
/* To change the session: COMPOSE asks for the offer when it is known which way
 * it goes, and when it is its turn among the requests of the dialog.  -EAGAIN:
 * an INVITE is under way, or its ACK (14.1). */
MUST_USE int sip_session_reinvite(struct sip_sessions *s, uint64_t session,
				  struct instant now);
/* Takes our unanswered reinvite back, or one that waits to be tried again:
 * CHANGED tells what became of it. */
MUST_USE int sip_session_withdraw(struct sip_sessions *s, uint64_t session,
				  struct instant now);
/* Our address is another.  What was answered is acknowledged once more, as the
 * ACK may have been lost; a reinvite of ours that is under way is off the table
 * without a word, and the ACK that a 200 of ours waits for counts as having
 * come, if the 200 was the answer: the peer sends it to where we are not.  So
 * sip_session_reinvite can tell the peer where we are; until that is answered,
 * the peer's silence does not end the call. */
MUST_USE int sip_session_moved(struct sip_sessions *s, uint64_t session,
			       struct instant now);
/* Caller, before the answer: the call is cancelled, and nothing of it is told
 * any more, ENDED included. */
void sip_session_leave(struct sip_sessions *s, uint64_t session,
		       struct instant now);
/* Ends the call, whatever its state: CANCEL, BYE (after the ACK, if that is
 * still due: 15), or 603 to an incoming one.  ENDED follows when the peer has
 * answered, or could not.  Again: no effect. */
MUST_USE int sip_session_hangup(struct sip_sessions *s, uint64_t session,
				const struct sip_msg *extra,
				struct instant now);
/* Answers the CHALLENGE in hand: the request is sent again with credentials
 * (22.2), which are not kept.  1: one of the call's challenges had no qop; 0:
 * none.  Errors as of sip_digest_on_challenge, -EACCES
 * for credentials that were refused among them; after one the challenge is
 * still in hand, and fails unless answered. */
MUST_USE int sip_session_authorize(struct sip_sessions *s, uint64_t session,
				   const struct sip_secret *secret, size_t n,
				   struct instant now);

/* ------------------------------------------------------------ questions */
/* What a body in that message of ours would be now, see sip_oa_would. */
enum sip_oa_role sip_session_would(const struct sip_sessions *s,
				   uint64_t session, enum sip_oa_kind kind,
				   bool *due);
/* The dialog that the call is on, or NULL (a caller before the answer). */
const struct sip_dialog *sip_session_dialog(const struct sip_sessions *s,
					    uint64_t session);
/* The same, for another usage to join it. */
struct sip_shared *sip_session_shared(const struct sip_sessions *s,
				    uint64_t session);
size_t sip_sessions_count(const struct sip_sessions *s);
/* All calls that have not ended, one after the other: *at is 0 at first; 0: no
 * more. */
uint64_t sip_sessions_next(const struct sip_sessions *s, uint32_t *at);
#endif
