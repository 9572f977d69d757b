/* SPDX-License-Identifier: BSD-2-Clause
 * dns/dns_resolver.h - a stub resolver: asks the name servers it is told of,
 * and nobody else.  RFC 1034 5.3.1, 1035 7, 2308, 5452, 6891, 7766.
 *
 * It is told of questions, of what sockets heard and of time; dns_resolver_poll
 * hands out what to send on which socket, and the answers.  Each try has a
 * socket of its own with a port that nobody could know, an id and a spelling of
 * the name (0x20) drawn anew.  What comes counts only from the address asked,
 * with that id and that very question; of it, only what answers the question:
 * records of its name and type, along CNAME and DNAME (LIMIT_DNS_CHAIN), and a
 * SOA of a zone that holds the name.  Where somebody seems to guess, or what
 * comes is cut off, it asks again by TCP.
 *
 * Equal questions at a time are one.  Answers are kept (dns_cache.h).
 * Ownership: from the allocator.  Threads: one.  Times are monotonic.
 */
#ifndef DNS_DNS_RESOLVER_H
#define DNS_DNS_RESOLVER_H
#include "dns/dns_conf.h"
#include "dns/dns_msg.h"
#include "platform/limits.h"
#include "platform/mem.h"

struct dns_resolver; /* opaque */

enum dns_status {
	DNS_FOUND,      /* there are records */
	DNS_NODATA,     /* the name is there, such records are not */
	DNS_NO_NAME,    /* NXDOMAIN */
	DNS_TIMED_OUT,  /* no server answered */
	DNS_FAILED,     /* those that answered could not tell (SERVFAIL,
			 * REFUSED, lame) */
	DNS_CHAIN,      /* CNAME and DNAME lead on and on, or around */
	DNS_NO_SERVER,  /* none is configured */
	DNS_UNAVAILABLE, /* of a location: the domain has no such service, and
			  * says so (RFC 2782, target ".") */
	DNS_NO_MEMORY
};

struct dns_answer {
	enum dns_status status;
	bool cached;
	uint32_t ttl;        /* seconds that are left */
	struct addr server;  /* who told; family 0 when nobody did */
	/* FOUND: a message whose answer section has the records of the type
	 * that was asked for, and no others; their owner is where the chain
	 * ended. */
	struct slice bytes;
};

struct dns_out {
	enum dns_out_kind {
		DNS_OUT_UDP,    /* open a new socket, any port; send bytes */
		DNS_OUT_TCP,    /* connect, and write bytes */
		DNS_OUT_CLOSE,  /* the socket is done with */
		DNS_OUT_ANSWER  /* to the question handle */
	} kind;
	uint32_t socket;    /* a number of the resolver's */
	struct addr to;
	struct slice bytes; /* borrowed until the next dns_resolver_poll */
	uint32_t handle, tag;
	struct dns_answer answer; /* its bytes the same */
};

/* seed: 32 bytes.  limits: dns_cache, dns_queries.  conf is copied.  NULL: no
 * memory. */
struct dns_resolver *dns_resolver_new(struct mem *m,
				      const struct dns_conf *conf,
				      const struct limits *limits,
				      const uint8_t seed[32]);
void dns_resolver_free(struct dns_resolver *r); /* NULL is ignored */
/* Other servers: what is under way begins anew, what is kept is forgotten. */
void dns_resolver_configure(struct dns_resolver *r,
			    const struct dns_conf *conf, mono now);

/* A question, whose answer comes by dns_resolver_poll with handle (never 0) and
 * tag.  search: the name may stand in a domain of the search list, as ndots
 * has it.  -ENOMEM; -ENOBUFS: limits.dns_queries are under way. */
MUST_USE int dns_resolver_ask(struct dns_resolver *r,
			      const struct dns_name *name, unsigned type,
			      bool search, uint32_t tag, mono now,
			      uint32_t *handle);
/* No answer will come; one that is not there is ignored. */
void dns_resolver_cancel(struct dns_resolver *r, uint32_t handle);

/* Of a socket that is no more these do nothing. */
void dns_resolver_on_datagram(struct dns_resolver *r, uint32_t socket,
			      const struct addr *from, struct slice bytes,
			      mono now);
void dns_resolver_on_stream(struct dns_resolver *r, uint32_t socket,
			    struct slice bytes, mono now);
/* It could not be opened, or sent on; was refused, or closed by the peer. */
void dns_resolver_on_error(struct dns_resolver *r, uint32_t socket, mono now);
void dns_resolver_on_time(struct dns_resolver *r, mono now);
mono dns_resolver_deadline(const struct dns_resolver *r);

bool dns_resolver_poll(struct dns_resolver *r, struct dns_out *out);

const char *dns_status_text(enum dns_status s); /* "no such name", ... */
#endif
