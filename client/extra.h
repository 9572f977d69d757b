/* SPDX-License-Identifier: BSD-2-Clause
 * client/extra.h - header fields that the application adds to a call: which
 * those may be, and a copy of them until the INVITE is made.  An ENGINE's part.
 */
#ifndef CLIENT_EXTRA_H
#define CLIENT_EXTRA_H
#include "client/parley.h"
#include "platform/mem.h"
#include "sip/msg/sip_msg.h"

/* So that an INVITE with them is far from what a datagram can carry, and from
 * LIMIT_SIP_FIELDS: an application has a handful. */
enum { EXTRA_FIELDS = 16, EXTRA_BYTES = 2048 };

struct extra {
	unsigned fields;
	char text[]; /* name NUL value NUL of each */
};

/* *out is NULL when n is 0; free it with mem_free.  -EBADMSG a name is no token
 * or a value no line of text; -EINVAL the stack writes that one itself, or they
 * are too many or too long; -ENOMEM.  *why then says so, static text. */
MUST_USE int extra_keep(struct mem *m, const struct parley_header *h, size_t n,
			struct extra **out, const char **why);
/* As sip_session_invite takes them; e may be NULL, and must outlive it. */
MUST_USE int extra_fields(const struct extra *e, struct sip_msg *out);
#endif
