/* SPDX-License-Identifier: BSD-2-Clause
 * tests/dns/zone.h - what an authoritative name server says, from a text:
 * lines of NAME TTL TYPE RDATA as RFC 1035 5.1 has them, names in full, without
 * class, parentheses and wildcards; # begins a comment.
 */
#ifndef TESTS_DNS_ZONE_H
#define TESTS_DNS_ZONE_H
#include "dns/dns_write.h"

/* The answer to a query into room; its length, or 0: it is no query.  Beyond
 * udp octets (0: any number) it is truncated.  Names below no SOA of the zone
 * are REFUSED; CNAMEs are followed within it. */
size_t zone_answer(struct slice zone, struct slice query, size_t udp,
		   char *room, size_t cap);
#endif
