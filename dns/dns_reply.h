/* SPDX-License-Identifier: BSD-2-Clause
 * dns/dns_reply.h - what a reply says to a question: RFC 1034 4.3.2 and 5.3.3,
 * RFC 2308, RFC 6672.  Of a message that may hold anything only those records
 * count that lead from the name asked for along CNAME and DNAME, those of the
 * type at the end of it, and a SOA of a zone that the end is in.
 */
#ifndef DNS_DNS_REPLY_H
#define DNS_DNS_REPLY_H
#include "dns/dns_msg.h"
#include "platform/limits.h"

enum { DNS_TTL_MAX = 86400,    /* seconds that anything is kept */
       DNS_TTL_NONE = 10800 }; /* that nothing is: RFC 2308 5 */

struct dns_reply {
	enum dns_reply_kind {
		DNS_REPLY_RECORDS,
		DNS_REPLY_NODATA,
		DNS_REPLY_NO_NAME,
		DNS_REPLY_ELSEWHERE, /* ask for end: the chain leaves here */
		DNS_REPLY_USELESS,   /* an error, or lame: ask another */
		DNS_REPLY_CHAIN      /* more links than LIMIT_DNS_CHAIN */
	} kind;
	struct dns_name end; /* of the chain; the name itself without one */
	unsigned links;      /* with those before */
	uint32_t ttl;        /* the least of all that led here; 0: not to be
			      * kept */
};

/* links, ttl: of the chain that led to name, 0 and DNS_TTL_MAX at first. */
void dns_reply_judge(const struct dns_msg *m, const struct dns_name *name,
		     unsigned type, unsigned links, uint32_t ttl,
		     struct dns_reply *out);
/* RECORDS: a message of these alone, LIMIT_DNS_RECORDS at most; its length, or
 * -ENOSPC. */
MUST_USE int dns_reply_extract(const struct dns_msg *m,
			       const struct dns_reply *r, unsigned type,
			       void *buf, size_t cap);
#endif
