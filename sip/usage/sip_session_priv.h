/* SPDX-License-Identifier: BSD-2-Clause
 * sip/usage/sip_session_priv.h - what the files of the INVITE usage share; for
 * them only.
 *
 *	sip_session.c        life, handles, events, time, what both sides do
 *	sip_session_uac.c    INVITEs that we send
 *	sip_session_uas.c    requests that come in
 *	sip_session_bye.c    BYEs that we send
 *	sip_session_auth.c   challenges
 *	sip_session_move.c   our address has changed
 *
 * A call goes through the states below.  UP begins with the 2xx, sent or
 * received.  From ENDING on the user hears ENDED alone, as soon as the first
 * INVITE has its final response and no BYE is under way; then it is OVER, and
 * stays only for what may still come: repeated or forked 2xx, until 64*T1
 * after the first (RFC 6026: timer M).
 */
#ifndef SIP_SESSION_PRIV_H
#define SIP_SESSION_PRIV_H
#include "platform/wheel.h"
#include "sip/core/sip_slots.h"
#include "sip/core/sip_timers.h"
#include "sip/usage/sip_exchange.h"
#include "sip/usage/sip_session.h"

enum {
	SIP_TAG = 13,          /* characters of a tag: 65 random bits */
	SIP_SESSION_BYES = 5,  /* attempts to send one without memory */
	SIP_SESSION_INVITES = 4, /* answered ones kept for repeated 2xx */
	SIP_SESSION_ROOM = 1024  /* for Allow and the like on the stack */
};

/* One dialog. */
struct sip_leg {
	struct sip_usage use;
	struct sip_leg *next;
	struct sip_session *s;
	struct sip_oa oa;
	bool told;       /* the user has heard of it */
	bool acked;      /* caller: an ACK of the first 2xx went out */
	bool gone;       /* caller: the peer's BYE ended it while early.  It
			  * stays, to know a late 2xx by */
	uint8_t bye_tries;
	unsigned id;
	uint32_t preview_n, bye_fields_n;
	char *preview;   /* the first that a 1xx brought, until the answer */
	char *bye_fields; /* for the BYE under way, as header lines */
	struct sip_exchange bye;
	mono bye_at;     /* to be sent then; MONO_NEVER */
};

/* An INVITE transaction, ours or theirs, until it is settled. */
struct sip_invite {
	struct sip_invite *next;
	struct sip_leg *leg; /* NULL: first INVITE of a caller, no answer yet */
	struct sip_exchange x; /* theirs: the server transaction's */
	bool client, first;
	bool final;       /* 2xx received, or sent */
	bool acked;       /* ours, not the first: ACK went out; theirs: it
			   * counts as having come */
	bool ack_due;     /* ours: the user has to bring the answer */
	bool composed;    /* ours, not the first: it has been written */
	bool offered;     /* ours: it had an offer */
	bool cancelled;   /* ours: CANCEL asked for */
	bool cancel_due;  /* ... but there was no memory */
	/* Ours: expiry, then the end of timer M.  Theirs: expiry, then the
	 * last moment for its ACK. */
	mono at;
	mono resend;      /* ours: no 1xx for too long, or CANCEL again.
			   * Theirs: 1xx or 2xx to be sent again */
	mono interval;    /* of the 2xx */
	char *ack_body;   /* ours, with the answer */
	size_t ack_n;
	char *fields;     /* ours: credentials, as header lines */
	size_t fields_n;
	char *target;     /* theirs: the Contact, valid once accepted */
	size_t target_n;
	struct sip_dialog base; /* ours, first: what legs are made from */
	enum sip_transport transport;
	uint32_t expires; /* ours, first: of its Expires, in seconds */
};

struct sip_session {
	struct sip_sessions *all;
	uint64_t handle, tag;
	enum { SIP_SESSION_CALLING, SIP_SESSION_RINGING, SIP_SESSION_UP,
	       SIP_SESSION_ENDING, SIP_SESSION_OVER } state;
	bool caller;           /* the Call-ID is ours */
	bool bye_after_ack;
	bool moved;            /* our address is another, and the peer may not
				* know yet */
	bool untold_legs;      /* early dialogs beyond limits.forks */
	unsigned legs_made, legs_now;
	uint8_t end;           /* enum sip_session_end, once ENDING */
	uint16_t end_status;
	const char *end_reason; /* static */
	struct sip_leg *legs, *winner;
	struct sip_invite *invites; /* newest first */
	struct sip_digest digest; /* while a request is being challenged */
	mono retry_at;         /* RETRY is due */
	struct wheel_timer timer;
};

struct sip_sessions {
	struct mem *mem;
	struct sip_core *core;
	struct sip_user tu;
	struct limits limits;
	struct slice agent;
	struct instant now;
	struct wheel wheel;
	struct sip_slots slots;
	size_t count;
	struct sip_session_event *ring;
	uint32_t ring_cap, ring_at, ring_n;
	struct sip_session_event out; /* the one handed out */
	/* The challenge in hand: asked means that its event is out. */
	struct {
		uint64_t session, txn;
		bool asked;
		struct sip_event ev;
	} challenge;
	struct sip_msg edit;  /* being built */
	struct sip_msg extra; /* the same, for what is nested */
};

/* ------------------------------------------------------- sip_session.c */
struct sip_session *sip_session_get(const struct sip_sessions *s,
				    uint64_t handle);
struct sip_session *sip_session_add(struct sip_sessions *s);
void sip_session_drop(struct sip_session *c); /* without a word */
/* For a dialog that has been made; takes it over.  NULL: no memory, the
 * dialog is ended. */
struct sip_leg *sip_leg_add(struct sip_session *c, struct sip_dialog *d);
static inline struct sip_dialog *sip_leg_dialog(const struct sip_leg *leg)
{
	return &leg->use.on->d;
}
void sip_leg_drop(struct sip_leg *leg);
struct sip_invite *sip_invite_add(struct sip_session *c, bool client);
void sip_invite_drop(struct sip_session *c, struct sip_invite *i);
/* The one that is not answered yet, or waits for its ACK from the peer. */
struct sip_invite *sip_invite_open(const struct sip_session *c, bool client);

/* Where the next event goes, which will be told; NULL: there is no room. */
struct sip_session_event *sip_sessions_place(struct sip_sessions *s);
/* An event with its usual fields; NULL: the user is not to hear it. */
struct sip_session_event *sip_session_tell(struct sip_session *c,
					   enum sip_session_event_kind kind,
					   const struct sip_event *ev);
/* Sets the timer to the first deadline of the call; last in each input.  ENDED
 * and the end of the struct come from the timer alone. */
void sip_session_settle(struct sip_session *c);
/* ENDING, if not before, with this as the outcome. */
void sip_session_end(struct sip_session *c, enum sip_session_end end,
		     unsigned status, const char *reason);
/* ENDED at once; msg may be NULL. */
void sip_session_over(struct sip_session *c, enum sip_session_end end,
		      unsigned status, struct slice reason,
		      const struct sip_event *ev);
/* A request in the leg's dialog: what it is, and where it goes. */
struct sip_request sip_leg_request(const struct sip_leg *leg);
/* Ends the call with BYE for a reason of ours. */
void sip_session_fail(struct sip_session *c, unsigned status,
		      const char *reason);
void sip_session_cancel(struct sip_session *c, struct sip_invite *i,
			const struct sip_msg *extra);

/* The part of a message that is a description; empty: none. */
struct slice sip_session_body(const struct sip_msg *m);
/* Fields of the same kind everywhere: Allow, Supported, agent, extra, body
 * with its type.  w holds what has to be written. */
MUST_USE int sip_session_dress(const struct sip_sessions *s,
			       struct sip_msg *m, struct slice body,
			       const struct sip_msg *extra, struct writer *w);
/* A copy, or NULL for no memory; of an empty slice: one byte. */
char *sip_session_keep(struct sip_sessions *s, struct slice text);
struct slice sip_reason_of(const struct sip_msg *m);

/* --------------------------------------------------- sip_session_uac.c */
void sip_session_on_response(struct sip_session *c, struct sip_invite *i,
			     enum sip_exchange_step step,
			     const struct sip_outcome *o,
			     const struct sip_event *ev);
/* A 2xx to the first INVITE, of an address that it has left behind. */
void sip_session_on_late(struct sip_session *c, const struct sip_event *ev);
/* That of the first INVITE. */
struct sip_request sip_invite_request(const struct sip_session *c,
				      const struct sip_invite *i);
/* Should it be lost for want of memory, the 2xx comes again. */
void sip_session_send_ack(struct sip_invite *i, struct sip_leg *leg);
/* A challenge to it is not going to be answered. */
void sip_session_on_failed(struct sip_session *c, struct sip_invite *i,
			   const struct sip_event *ev);
/* What a 1xx of it described is of no more use. */
void sip_leg_preview_drop(struct sip_leg *leg);
/* The peer's BYE came in a dialog that is not, or not yet, the call's. */
void sip_session_leg_gone(struct sip_leg *leg);
/* No early dialog is left that could become the call. */
void sip_session_all_gone(struct sip_session *c);
/* All early dialogs but keep are over (13.2.2.4, 12.3). */
void sip_session_legs_end(struct sip_session *c, const struct sip_leg *keep);
/* Header lines, each ended by LF. */
MUST_USE int sip_session_add_fields(struct sip_msg *m, struct slice fields);

/* --------------------------------------------------- sip_session_uas.c */
/* An INVITE that is no session was answered so, here or in the core. */
void sip_session_tell_refused(struct sip_sessions *s,
			      const struct sip_event *ev, unsigned status);
/* leg: that of the request's dialog, or NULL. */
void sip_session_on_request(struct sip_sessions *s, struct sip_leg *leg,
			    const struct sip_event *ev);
void sip_session_on_ack(struct sip_leg *leg, const struct sip_event *ev);
void sip_session_on_unsent(struct sip_sessions *s, const struct sip_event *ev);
void sip_session_on_cancel(struct sip_sessions *s,
			   const struct sip_event *ev);
/* A response of ours within a dialog or before one (leg NULL). */
MUST_USE int sip_session_respond(struct sip_sessions *s, uint64_t txn,
				 const struct sip_leg *leg, unsigned status,
				 struct slice reason, struct slice body,
				 const struct sip_msg *extra);
/* Answers an INVITE of theirs that is still open, 487, and forgets it. */
void sip_session_terminate(struct sip_session *c, struct sip_invite *i,
			   unsigned status);

/* --------------------------------------------------- sip_session_bye.c */
void sip_leg_bye(struct sip_leg *leg, const struct sip_msg *extra);
/* The same once more: bye_at has come. */
void sip_session_bye_again(struct sip_leg *leg);
void sip_session_on_bye(struct sip_leg *leg, enum sip_exchange_step step,
			const struct sip_event *ev);
/* Its outcome is there, or will not be waited for. */
void sip_session_bye_over(struct sip_leg *leg);

/* -------------------------------------------------- sip_session_auth.c */
/* True: the event is out, and the outcome waits for the user. */
bool sip_session_challenged(struct sip_session *c, const struct sip_event *ev);
/* Before the next event or input: a challenge that was shown and not answered
 * is a failure. */
void sip_session_unanswered(struct sip_sessions *s);
#endif
