/* SPDX-License-Identifier: BSD-2-Clause
 * platform/stun.h - STUN messages, RFC 8489 (and 5389, whose form they have):
 * what a Binding needs, which keeps a flow of SIP open (RFC 5626 8) or tells an
 * address.  Attributes of other usages (ICE, TURN) are passed over.
 *
 * PURE: slices borrow what was parsed.  Threads: any.
 */
#ifndef PLATFORM_STUN_H
#define PLATFORM_STUN_H
#include "platform/addr.h"
#include "platform/writer.h"

enum {
	STUN_ID = 12,       /* bytes of a transaction id */
	STUN_HEADER = 20,   /* and of a header */
	STUN_BINDING = 1,   /* the method */
	STUN_ATTRIBUTES = 64, /* in a message: four times what ICE and TURN
			       * put in one.  -E2BIG beyond */
	STUN_ROOM = 64      /* the most that the writers here write */
};

enum stun_class { STUN_REQUEST, STUN_INDICATION, STUN_SUCCESS, STUN_ERROR };

struct stun_msg {
	enum stun_class is;
	uint16_t method;     /* 12 bits */
	uint8_t id[STUN_ID];
	struct addr mapped;  /* XOR-MAPPED-ADDRESS, or where there is none
			      * MAPPED-ADDRESS; family 0: neither */
	unsigned code;       /* ERROR-CODE, 300..699; 0: none */
	struct slice reason; /* of it */
	uint16_t unknown;    /* the first attribute that must be understood and
			      * is not known here (14); 0: none */
	bool fingerprint;    /* it has one, which is right */
};

/* Does it look like one: the first two bits, the length, the cookie (5)?  For
 * who takes other messages from the same socket. */
bool stun_is(struct slice bytes);

/* One datagram.  -EBADMSG; -E2BIG: too many attributes.  A FINGERPRINT that is
 * not right is -EBADMSG; one that is missing is nothing. */
MUST_USE int stun_parse(struct slice in, struct stun_msg *out,
			struct parse_error *e);

/* A Binding request, and its success response with XOR-MAPPED-ADDRESS; both
 * with FINGERPRINT where asked for. */
void stun_write_request(struct writer *w, const uint8_t id[STUN_ID],
			bool fingerprint);
void stun_write_success(struct writer *w, const uint8_t id[STUN_ID],
			const struct addr *mapped, bool fingerprint);
#endif
