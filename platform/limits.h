/* SPDX-License-Identifier: BSD-2-Clause
 * platform/limits.h - everything that a peer can make grow.
 * LIMIT_* are compiled in (sizes of structs and of stacks); struct limits is
 * per engine, starts from limits_default and suits a small device.
 */
#ifndef PLATFORM_LIMITS_H
#define PLATFORM_LIMITS_H
#include "platform/base.h"

enum {
	LIMIT_COMMENT_DEPTH = 8,   /* nested comments in a header: refused */
	LIMIT_RTP_SOURCES = 16,    /* SSRCs known to a session: oldest goes */
	LIMIT_SIP_MESSAGE = 65535, /* bytes of a SIP message: 513, TCP close */
	LIMIT_SIP_FIELDS = 128,    /* header fields in a message: 513 */
	LIMIT_SIP_VALUES = 64,     /* values walked in one comma list: 400 */
	LIMIT_SIP_PARAMS = 32,     /* parameters of a URI or header: 400 */
	/* Octets of a request's topmost branch, of its Call-ID and of its
	 * tags: 400.  They are kept as long as what they name; the longest of
	 * RFC 4475 has 214. */
	LIMIT_SIP_ID = 256,
	LIMIT_SIP_COPIED = 8192,   /* bytes of a request's headers that its
				    * responses repeat (8.2.6.2): 513 */
	LIMIT_SIP_CONTACTS = 16,   /* of a 3xx: the others are not called */
	LIMIT_SIP_ROUTES = 16,     /* entries of a route set: 400 / failure */
	LIMIT_DNS_CHAIN = 8,       /* CNAME and DNAME from a name on: a failure;
				    * real ones have three or four */
	LIMIT_DNS_RECORDS = 64,    /* of a set: the others do not count */
	LIMIT_DNS_NAPTR = 8,       /* services of a domain: the others last in
				    * order are nobody's */
	LIMIT_DNS_HOPS = 16,       /* servers of a domain, and their addresses:
				    * the rest is not tried */
	LIMIT_DNS_STEPS = 48,      /* questions of one location */
	LIMIT_MIME_PARTS = 16,     /* parts of a multipart body: 413 */
	LIMIT_MIME_DEPTH = 4,      /* multiparts in one another: 415 */
	LIMIT_SDP_BYTES = 16384,   /* bytes of a description: 488 */
	LIMIT_SDP_MEDIA = 16,      /* m= sections: 488 */
	LIMIT_SDP_FORMATS = 32     /* formats on one m= line: rest ignored */
};

struct limits {
	/* Bytes that an agent may allocate, unless it is told otherwise.  Of
	 * these server transactions and messages that are not whole yet hold
	 * at most a half, and an eighth is kept for what runs: a request
	 * outside a dialog finds 503 before a call fails. */
	size_t memory;
	uint32_t transactions;    /* client and server together: 503; an eighth
				   * is for requests in dialogs */
	uint32_t dialogs;         /* 503 with Retry-After */
	uint32_t flows;           /* TCP connections open at a time: refused */
	uint32_t descriptors;     /* of the process: those accepted are at most
				   * half of it, media needs the others */
	uint32_t registrations;
	size_t tcp_receive;       /* buffered bytes of one TCP flow: closed */
	size_t tcp_send;          /* queued bytes of one TCP flow: closed */
	uint32_t forks;           /* early dialogs of one INVITE: ignored */
	/* Octets of what peers want the application to hear and it has not
	 * yet, of an agent and of each session: then their kind of stream
	 * reads no more of them, or refuses. */
	size_t news, session_news;
	size_t dns_cache;         /* octets of answers kept: oldest go */
	uint32_t dns_queries;     /* questions under way: refused */
	/* Multicast DNS, of everyone on the link: */
	size_t mdns_cache;        /* octets of records kept: others are not */
	uint32_t mdns_found;      /* instances that are browsed: the rest is
				   * not seen */
	uint32_t mdns_packets;    /* a second that are looked at: lost */
	uint32_t mdns_answers;    /* a second by unicast: not answered */
};

extern const struct limits limits_default;
#endif
