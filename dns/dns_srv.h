/* SPDX-License-Identifier: BSD-2-Clause
 * dns/dns_srv.h - the order of SRV records: priorities, and weights by chance,
 * RFC 2782.
 */
#ifndef DNS_DNS_SRV_H
#define DNS_DNS_SRV_H
#include "platform/drbg.h"

enum { DNS_SRV_MOST = 64 }; /* records of a set that are looked at */

struct dns_srv_rank {
	uint16_t priority, weight;
	uint16_t index; /* the caller's */
};

/* In place; n up to DNS_SRV_MOST.  Same bits of d, same order. */
void dns_srv_order(struct dns_srv_rank *v, size_t n, struct drbg *d);
#endif
