/* SPDX-License-Identifier: BSD-2-Clause
 * platform/addr.h - an IP address with its port, as a value.
 */
#ifndef PLATFORM_ADDR_H
#define PLATFORM_ADDR_H
#include "platform/slice.h"
#include "platform/writer.h"

/* Zeroed is "no address" (family 0).  ip is in network order; an IPv4 address
 * uses its first four bytes, the others are 0.  Compare with addr_same. */
struct addr {
	uint8_t family; /* 4, 6, or 0 */
	uint16_t port;  /* host order */
	uint32_t scope; /* interface of an IPv6 link-local address, else 0 */
	uint8_t ip[16];
};

enum { ADDR_TEXT = 72 }; /* room for any written form, NUL included */

/* "192.0.2.1", "2001:db8::1", "[2001:db8::1]", fe80::1%3; no port. */
MUST_USE int addr_parse_ip(struct slice in, struct addr *out);
/* An address as above (IPv6 in brackets), ":", and a port 0..65535. */
MUST_USE int addr_parse(struct slice in, struct addr *out);
struct addr addr_v4(uint8_t a, uint8_t b, uint8_t c, uint8_t d, uint16_t port);

bool addr_same(const struct addr *a, const struct addr *b); /* port too */
bool addr_same_ip(const struct addr *a, const struct addr *b);
/* Whom an address is counted as: itself if it is IPv4; if it is IPv6 the /64
 * that it is of, in which a host takes what it likes (RFC 8981).  No port. */
struct addr addr_source(const struct addr *a);
bool addr_is_any(const struct addr *a);       /* 0.0.0.0 or :: */
bool addr_is_loopback(const struct addr *a);
bool addr_is_multicast(const struct addr *a);
bool addr_is_link_local(const struct addr *a);

/* RFC 5952 form.  addr_write_ip puts IPv6 in brackets when asked to (SIP
 * hosts), never for SDP; addr_write adds ":" and the port, brackets always. */
void addr_write_ip(struct writer *w, const struct addr *a, bool brackets);
void addr_write(struct writer *w, const struct addr *a);
/* addr_write into text[ADDR_TEXT], terminated; returns text. */
const char *addr_text(const struct addr *a, char *text);
#endif
