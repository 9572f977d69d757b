/* SPDX-License-Identifier: BSD-2-Clause
 * sip/core/sip_whom.h - the names that peers are verified by, each known by a
 * number while somebody keeps it: paths are copied everywhere, and compare.
 *
 * RFC 5922 7: it is the domain of the URI (or of the proxy's), whatever its
 * lookup led to.  Without case, as domains are.
 * Ownership: the caller's struct, which must not be moved.  Threads: one.
 */
#ifndef SIP_WHOM_H
#define SIP_WHOM_H
#include "platform/htab.h"
#include "sip/core/sip_slots.h"

struct sip_whom { /* private */
	struct mem *mem;
	struct sip_slots slots;
	struct htab table;
};

MUST_USE int sip_whom_init(struct sip_whom *t, struct mem *m,
			    const uint8_t key[16]); /* -ENOMEM */
void sip_whom_fini(struct sip_whom *t); /* whoever keeps some */

/* The number of a name, kept once more: each is followed by sip_whom_drop.
 * 0: empty, more than SIP_NAME_MAX octets, or no memory. */
MUST_USE uint32_t sip_whom_take(struct sip_whom *t, struct slice name);
void sip_whom_keep(struct sip_whom *t, uint32_t n); /* 0: no effect */
void sip_whom_drop(struct sip_whom *t, uint32_t n); /* likewise */
/* In lower case, while it is kept; empty: 0, or nobody does. */
struct slice sip_whom_text(const struct sip_whom *t, uint32_t n);
#endif
