/* SPDX-License-Identifier: BSD-2-Clause
 * sip/msg/sip_body.h - what the body of an INVITE, its responses and its ACK
 * has to say: RFC 3261 8.2.3 and 20.11, RFC 5621.
 *
 * A multipart is looked into, nested ones as well.  Its parts are taken one by
 * one: of an alternative the last that is understood, of all other multiparts,
 * unknown ones included, the first description, and the rest is ignored unless
 * its handling is required (RFC 5621 8.4).
 *
 * Deviation: handling that is not named counts as required (RFC 3261 20.11),
 * but not beside a description: location (RFC 6442) comes without a word of it,
 * and no call shall fail for that.
 * Ownership: slices borrow the message.  Nothing allocates.
 */
#ifndef SIP_SIP_BODY_H
#define SIP_SIP_BODY_H
#include "sip/msg/sip_msg.h"

/* types: "type/subtype" of what is understood, "*" as a subtype too, NULL at
 * the end; with a multipart among them its parts count, else it is refused.
 * *session: the description (application/sdp), else empty; that of the first
 * two errors as well.
 * -ENOTSUP: what must be understood is not (415); -EBADMSG: the multipart is
 * malformed (400); -E2BIG: more parts than LIMIT_MIME_PARTS (413). */
MUST_USE int sip_body_read(const struct sip_msg *m, const char *const *types,
			   struct slice *session);
/* The same for who takes descriptions and nothing else. */
extern const char *const sip_body_types[];
#define SIP_BODY_ACCEPT "application/sdp, multipart/mixed, " \
	"multipart/alternative" /* what Accept says of them */
#endif
