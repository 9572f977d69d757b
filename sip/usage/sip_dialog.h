/* SPDX-License-Identifier: BSD-2-Clause
 * sip/usage/sip_dialog.h - the state of a dialog, RFC 3261 section 12, and of
 * what comes before one: the identity that requests outside a dialog are sent
 * with (a REGISTER's, or an INVITE's before its first response).
 *
 * Ownership: the caller's struct; its strings lie in one block from mem, so
 * sip_dialog_fini ends it (a zeroed one is ended).  Threads: one at a time.
 * What is taken from a message is copied.  On failure the object is as before.
 * Errors: -EBADMSG (a header is malformed or missing; *e says which),
 * -E2BIG (more than LIMIT_SIP_ROUTES, or 64 kB of text), -ENOMEM.
 */
#ifndef SIP_DIALOG_H
#define SIP_DIALOG_H
#include "platform/mem.h"
#include "sip/msg/sip_msg.h"

/* The first six lie in this order in the block; the tags and the bare target
 * are parts of them. */
enum sip_dialog_text {
	SIP_DIALOG_CALL_ID,
	SIP_DIALOG_LOCAL,      /* as in From: name-addr and tag */
	SIP_DIALOG_REMOTE,     /* as in To: name-addr and tag, if any */
	SIP_DIALOG_TARGET_REF, /* the remote target in angle brackets */
	SIP_DIALOG_CONTACT,    /* ours, a Contact value as we send it */
	SIP_DIALOG_ROUTES,     /* the route set in our order, Route values */
	SIP_DIALOG_TEXTS,
	SIP_DIALOG_LOCAL_TAG = SIP_DIALOG_TEXTS,
	SIP_DIALOG_REMOTE_TAG, /* empty: none (RFC 2543), or no dialog yet */
	SIP_DIALOG_TARGET      /* the URI */
};

struct sip_dialog { /* private but for what is marked */
	struct mem *mem;
	char *text;                     /* the strings, end to end ... */
	uint16_t end[SIP_DIALOG_TEXTS]; /* ... and where each ends */
	uint16_t local_tag, remote_tag; /* lengths */
	uint16_t first_route;           /* length of the first value */
	bool secure;                    /* read: sips over TLS */
	bool confirmed;                 /* read: false is early, or none */
	bool has_remote_seq;
	uint32_t local_seq;             /* read: of our last request */
	uint32_t remote_seq;
	uint32_t identity;              /* read: of its requests: sip_request */
};

/* The slice dies with the next sip_dialog_confirm, _refresh, _set_contact or
 * _fini. */
struct slice sip_dialog_text(const struct sip_dialog *d,
			     enum sip_dialog_text which);

/* --------------------------------------------------------- construction */
struct sip_dialog_base {
	struct slice call_id, local_tag; /* ours to choose: unique, random */
	struct slice local, remote;      /* From and To: any name-addr; its
					  * parameters are left out, the URI's
					  * are not.  remote empty: target */
	struct slice target;             /* Request-URI */
	struct slice contact;            /* Contact value, with brackets */
	struct slice routes;             /* preloaded Route values, or empty */
	uint32_t identity;               /* as in sip_request */
	uint32_t seq;                    /* the first request has the next;
					  * below 2^31 (8.1.1.5) */
};
/* For requests outside a dialog.  Everything goes in angle brackets (20.10):
 * a bare URI as local or remote must have no ",", ";" or "?" of its own. */
MUST_USE int sip_dialog_init(struct sip_dialog *d, struct mem *m,
			     const struct sip_dialog_base *base,
			     struct parse_error *e);
/* 12.1.2: the dialog that a 101..299 to base's last request makes.  base stays
 * what it is, for the next fork.  A missing Contact, or one that is no SIP
 * URI, leaves base's target; Record-Routes that cannot be read leave none. */
MUST_USE int sip_dialog_init_uac(struct sip_dialog *d,
				 const struct sip_dialog *base,
				 const struct sip_msg *response, bool tls,
				 struct parse_error *e);
/* 12.1.1: the dialog that our response with that To tag will make.  seq is as
 * in sip_dialog_base.  A request without a From tag is one of RFC 2543, which
 * may lack a Contact: From says then where its sender is (RFC 4475 3.4.1). */
MUST_USE int sip_dialog_init_uas(struct sip_dialog *d, struct mem *m,
				 const struct sip_msg *request,
				 struct slice local_tag, struct slice contact,
				 uint32_t seq, bool tls,
				 struct parse_error *e);
void sip_dialog_fini(struct sip_dialog *d);

/* ------------------------------------------------------------- its life */
/* UAC: a 2xx came on it; its route set and target are final now (13.2.2.4). */
MUST_USE int sip_dialog_confirm(struct sip_dialog *d,
				const struct sip_msg *response);
/* A target refresh request that is being accepted, or a 2xx to ours: the
 * Contact, if any, is the new target (12.2.1.2, 12.2.2). */
MUST_USE int sip_dialog_refresh(struct sip_dialog *d,
				const struct sip_msg *msg,
				struct parse_error *e);
/* What sip_dialog_refresh would take; empty: no Contact. */
MUST_USE int sip_dialog_contact_of(const struct sip_msg *msg,
				   struct slice *uri, struct parse_error *e);
MUST_USE int sip_dialog_set_target(struct sip_dialog *d, struct slice uri);
/* Our Contact changes (another address). */
MUST_USE int sip_dialog_set_contact(struct sip_dialog *d,
				    struct slice contact);
/* A request came in it, ACK and CANCEL apart.  False: out of order, to be
 * answered 500 (12.2.2); a number seen before counts as such. */
MUST_USE bool sip_dialog_on_cseq(struct sip_dialog *d, uint32_t number);
/* Is the message (request received, response received) of this dialog? */
bool sip_dialog_is(const struct sip_dialog *d, struct slice call_id,
		   struct slice local_tag, struct slice remote_tag);

/* ------------------------------------------------------------- requests */
/* The next request (12.2.1.1): request line, Max-Forwards, Route, From, To,
 * Call-ID, CSeq, and Contact with INVITE, UPDATE, SUBSCRIBE, NOTIFY and REFER
 * (that of a REGISTER is another thing).  Its slices lie in the dialog, in
 * method and in w's buffer: keep them until it is sent.  SIP_DIALOG_ROOM and
 * the method's length are room enough, but for a strict router with parameters
 * that no Request-URI may have.  -ENOSPC; -EOVERFLOW: CSeq is used up. */
enum { SIP_DIALOG_ROOM = 512 };
MUST_USE int sip_dialog_request(struct sip_dialog *d, struct slice method,
				struct writer *w, struct sip_msg *out);
/* The URI that its next request goes to: that of the first route, loose or
 * strict, else the target.  For a strict router the Request-URI says so and
 * the first Route does not (8.1.2, 12.2.1.1), which the message alone does not
 * tell.  The slice as that of sip_dialog_text. */
struct slice sip_dialog_hop(const struct sip_dialog *d);
/* The ACK of a 2xx to the INVITE with that number (13.2.2.4). */
MUST_USE int sip_dialog_ack(const struct sip_dialog *d, uint32_t seq,
			    struct writer *w, struct sip_msg *out);
#endif
