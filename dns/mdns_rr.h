/* SPDX-License-Identifier: BSD-2-Clause
 * dns/mdns_rr.h - records as multicast DNS compares them: with their names in
 * full (RFC 6762 8.2), since two packets compress them in different ways.
 */
#ifndef DNS_MDNS_RR_H
#define DNS_MDNS_RR_H
#include "dns/dns_msg.h"

enum { MDNS_NSEC = 47, /* RFC 4034 4, as RFC 6762 6.1 has it */
       MDNS_DATA = 1500 /* octets of rdata that are kept: others are not */ };

/* rdata of a record with its names in full; its length, or -ENOSPC. */
MUST_USE int mdns_rr_data(const struct dns_msg *m, const struct dns_rr *r,
			  void *buf, size_t cap);
/* Do two rdata of that type say the same?  Names without case. */
bool mdns_rr_same(unsigned type, struct slice a, struct slice b);
/* Octet by octet, the shorter of two that begin alike first: < 0, 0, > 0. */
int mdns_rr_compare(struct slice a, struct slice b);
#endif
