/* SPDX-License-Identifier: BSD-2-Clause
 * dns/mdns.h - multicast DNS and service discovery as an engine: RFC 6762,
 * RFC 6763.
 *
 * It is told of interfaces, of what is to be published, browsed and looked up,
 * of datagrams and of time; mdns_poll hands out what to send where, and what
 * was learnt.  A host name and services are probed for (RFC 6762 8.1), taken
 * with another number where somebody has them already (9), announced (8.3),
 * answered for (6) and taken back (10.1).
 *
 * Of what the link says only what was asked for is kept: instances of types
 * that are browsed, their SRV and TXT, addresses of their hosts.  What
 * strangers can make grow is bounded by struct limits (mdns_*).
 *
 * Ownership: from the allocator.  Threads: one.  Times are monotonic.
 */
#ifndef DNS_MDNS_H
#define DNS_MDNS_H
#include "dns/dns_name.h"
#include "platform/addr.h"
#include "platform/limits.h"
#include "platform/mem.h"

struct mdns; /* opaque */

enum {
	MDNS_PORT = 5353,
	MDNS_INTERFACES = 8, /* links at a time: -ENOBUFS */
	MDNS_SERVICES = 8,   /* published at a time: -ENOBUFS */
	MDNS_ADDRS = 8       /* of an interface, and of a host found: the rest
			      * does not count */
};

struct mdns_net { /* an address of ours, port 0, and what of it is the link */
	struct addr addr;
	uint8_t prefix;
};

struct mdns_found { /* borrowed: valid until the next mdns_poll */
	struct slice instance; /* as it is: no escapes; may hold anything */
	struct slice type;     /* "_sip._udp", as it was browsed */
	const struct dns_name *host;
	uint16_t port;
	struct slice txt;      /* rdata: dns_sd_txt_get */
	struct addr addr[MDNS_ADDRS]; /* with the port; IPv6 link-local ones
				       * with their scope */
	size_t n;
};

struct mdns_out {
	enum mdns_out_kind {
		MDNS_OUT_SEND,    /* bytes to to, on ifindex, with TTL 255 */
		MDNS_OUT_NAMED,   /* handle is published, as name, which may
				   * be another than was asked for; again when
				   * it had to be changed */
		MDNS_OUT_FOUND,   /* handle's: found on ifindex */
		MDNS_OUT_CHANGED, /* the same instance says something else */
		MDNS_OUT_GONE,    /* its instance alone is set */
		MDNS_OUT_ADDRS    /* handle's: found.addr, all there are now */
	} kind;
	uint32_t handle, ifindex;
	struct addr to;
	struct slice bytes;
	struct slice name;
	struct mdns_found found;
};

/* NULL: no memory. */
struct mdns *mdns_new(struct mem *m, const struct limits *limits,
		      const uint8_t seed[32]);
void mdns_free(struct mdns *d); /* says no goodbye; NULL is ignored */

/* An interface that is there, or has other addresses; families: 4 and 6 that
 * it can multicast.  n 0, or no families: it is gone, and all that was learnt
 * there.  -ENOBUFS, -ENOMEM. */
enum { MDNS_V4 = 1, MDNS_V6 = 2 };
MUST_USE int mdns_interface(struct mdns *d, uint32_t ifindex, unsigned families,
			    const struct mdns_net *nets, size_t n, mono now);

/* The host's name, one label; published with the first service.  -E2BIG. */
MUST_USE int mdns_host(struct mdns *d, struct slice label, mono now);
/* *handle is told of with NAMED.  -EINVAL no host yet, or no instance; -E2BIG
 * the instance or txt is too long, -EBADMSG no type, -ENOBUFS, -ENOMEM. */
MUST_USE int mdns_publish(struct mdns *d, struct slice instance,
			  struct slice type, uint16_t port, struct slice txt,
			  mono now, uint32_t *handle);
/* Another TXT, announced.  -ENOENT, -E2BIG, -ENOMEM. */
MUST_USE int mdns_update(struct mdns *d, uint32_t handle, struct slice txt,
			 mono now);
void mdns_withdraw(struct mdns *d, uint32_t handle, mono now); /* goodbye */
void mdns_goodbye(struct mdns *d, mono now); /* of all, the host included */

/* Until mdns_end: -ENOMEM, -EBADMSG. */
MUST_USE int mdns_browse(struct mdns *d, struct slice type, mono now,
			 uint32_t *handle);
/* The addresses of a host. */
MUST_USE int mdns_lookup(struct mdns *d, const struct dns_name *host, mono now,
			 uint32_t *handle);
void mdns_end(struct mdns *d, uint32_t handle); /* tells no more */

/* What came on that interface, to the group or (unicast) to us. */
void mdns_on_datagram(struct mdns *d, uint32_t ifindex, const struct addr *from,
		      bool unicast, struct slice bytes, mono now);
void mdns_on_time(struct mdns *d, mono now);
mono mdns_deadline(const struct mdns *d);
bool mdns_poll(struct mdns *d, struct mdns_out *out, mono now);

struct mdns_load { /* for tests, and whoever is curious */
	size_t records, octets, found; /* of others */
	size_t dropped; /* datagrams that a limit, or RFC 6762 11, refused */
	size_t refused; /* records that there was no room for */
};
struct mdns_load mdns_load(const struct mdns *d);
#endif
