/* SPDX-License-Identifier: BSD-2-Clause
 * sip/msg/sip_check.h - is a received message fit to be handled, and how is one
 * that is not to be answered?  RFC 3261 7.3, 8.1.3, 8.2, 18.3 and 20, with what
 * RFC 4475 and RFC 5118 make of them.
 *
 * The form of a message is judged here; what a user agent makes of a well
 * formed one without looking at its state, in sip_verdict.h.
 */
#ifndef SIP_CHECK_H
#define SIP_CHECK_H
#include "platform/addr.h"
#include "sip/hdr/sip_cseq.h"
#include "sip/hdr/sip_via.h"
#include "sip/msg/sip_msg.h"
#include "sip/msg/sip_uri.h"

/* What to do with a message: one of these, or the status of the answer. */
enum { SIP_ACCEPT = 0, SIP_DROP = 1 };

struct sip_verdict {
	unsigned code;
	struct parse_error why; /* offset from the start of the message; reason
				 * NULL when accepted */
};

/* What had to be parsed on the way, and who goes on with the message needs. */
struct sip_seen {
	struct sip_via via;       /* the topmost */
	struct sip_cseq cseq;
	struct sip_uri uri;       /* of a request */
	struct slice from_tag, to_tag;
	bool via_ok, to_ok;       /* they are there and well formed */
};

struct sip_check { /* zeroed: a user agent's view of a datagram */
	bool stream;  /* a message that was framed: Content-Length must be
		       * there (18.3) */
	bool proxy;   /* Max-Forwards 0 is refused (16.3), responses may have
		       * several Vias */
	struct sip_seen *seen; /* filled unless NULL; of a message that is not
				* accepted perhaps in part */
	const struct addr *local; /* of responses the top Via must say this;
				   * NULL: the caller looks (18.1.2) */
};

/* Parses in into m and judges.  Of a datagram, what is longer than its
 * Content-Length is cut off m->body.
 * SIP_DROP: a response, an ACK (8.2.6: never answered), or what cannot be
 * answered since it has no method or no Via; else 400, 483, 505 or 513.  m then
 * holds what could be read.
 *
 * Judged are the headers that a user agent needs: start line, Via, From, To,
 * Call-ID, CSeq, Max-Forwards, Contact, Route, Record-Route, Content-*,
 * Expires, Require, Accept.  Faults in others (Date, Subject ...) are for who
 * looks at them; what is not understood is ignored (8.2.2).  Max-Forwards, a
 * branch and From's tag may be missing: RFC 2543 did not have them. */
struct sip_verdict sip_check(struct slice in, const struct sip_check *c,
			     struct sip_msg *m);
#endif
