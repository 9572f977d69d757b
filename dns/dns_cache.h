/* SPDX-License-Identifier: BSD-2-Clause
 * dns/dns_cache.h - answers kept until their TTL ends, what is not there
 * included (RFC 2308).  An answer is found by name, whatever its case, and
 * type.  What was used longest ago goes first when there are too many octets.
 */
#ifndef DNS_DNS_CACHE_H
#define DNS_DNS_CACHE_H
#include "dns/dns_name.h"
#include "platform/htab.h"
#include "platform/list.h"

struct dns_cache { /* private */
	struct mem *mem;
	struct htab by_name;
	struct list recent; /* the oldest first */
	size_t octets, most;
};

struct dns_cached { /* read only */
	struct htab_node node;
	struct list link;
	mono expires;
	unsigned status;
	uint16_t type;
	struct slice bytes; /* behind the struct */
	struct dns_name name;
};

/* most: octets that all entries may hold.  -ENOMEM. */
MUST_USE int dns_cache_init(struct dns_cache *c, struct mem *m,
			    const uint8_t key[16], size_t most);
void dns_cache_fini(struct dns_cache *c);
void dns_cache_clear(struct dns_cache *c);

/* Not yet expired, or NULL; valid until the next call of these. */
const struct dns_cached *dns_cache_find(struct dns_cache *c,
					const struct dns_name *name,
					unsigned type, mono now);
/* Replaces what is there.  As far as there is memory and room: an answer of
 * more than a quarter of it is not kept. */
void dns_cache_add(struct dns_cache *c, const struct dns_name *name,
		   unsigned type, unsigned status, struct slice bytes,
		   mono expires);
#endif
