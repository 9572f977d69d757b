/* SPDX-License-Identifier: BSD-2-Clause
 * dns/dns_write.h - DNS messages written into the caller's room, with names
 * compressed where all readers take it (RFC 3597 4).
 * Questions first, then the records by section; what does not fit is told at
 * the end.  Numbers of records are counted here.
 */
#ifndef DNS_DNS_WRITE_H
#define DNS_DNS_WRITE_H
#include "dns/dns_msg.h"

enum { DNS_WRITE_NAMES = 32 }; /* label runs that later names may point to */

struct dns_write { /* private */
	struct writer w;
	uint16_t count[4];
	uint16_t at[DNS_WRITE_NAMES];
	uint8_t len[DNS_WRITE_NAMES]; /* of the name that stands there */
	unsigned names;
	size_t data; /* where the open record's length stands */
};

void dns_write_begin(struct dns_write *d, void *buf, size_t cap, uint16_t id,
		     unsigned flags);
void dns_write_question(struct dns_write *d, const struct dns_name *name,
			unsigned type, unsigned class);
/* Octets written; -ENOSPC: the room was too small. */
MUST_USE int dns_write_end(struct dns_write *d);

/* A record's head, then its rdata, then its end. */
void dns_write_rr(struct dns_write *d, enum dns_section s,
		  const struct dns_name *name, unsigned type, unsigned class,
		  uint32_t ttl);
void dns_write_rr_end(struct dns_write *d);
/* rdata; the name is compressed for CNAME, PTR and NS alone. */
void dns_write_addr(struct dns_write *d, const struct addr *a);
void dns_write_name(struct dns_write *d, const struct dns_name *n,
		    bool compressed);
void dns_write_srv(struct dns_write *d, const struct dns_srv *s);
void dns_write_naptr(struct dns_write *d, const struct dns_naptr *n);
void dns_write_soa(struct dns_write *d, const struct dns_soa *s);
/* One character-string of TXT: its first 255 octets. */
void dns_write_txt(struct dns_write *d, struct slice s);

/* All of a record that was read, whatever its type, with another TTL: names in
 * rdata that may be compressed are written anew, so that it can stand in
 * another message. */
void dns_write_copy(struct dns_write *d, enum dns_section s,
		    const struct dns_msg *m, const struct dns_rr *r,
		    uint32_t ttl);
/* OPT without options: what of UDP we take, RFC 6891 6.1.2. */
void dns_write_opt(struct dns_write *d, unsigned udp_size);
#endif
