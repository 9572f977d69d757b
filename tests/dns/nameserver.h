/* SPDX-License-Identifier: BSD-2-Clause
 * tests/dns/nameserver.h - a name server on a reactor of either world, and what
 * may be wrong with one.
 */
#ifndef TESTS_DNS_NAMESERVER_H
#define TESTS_DNS_NAMESERVER_H
#include "platform/list.h"
#include "platform/reactor.h"
#include "tests/dns/zone.h"

enum nameserver_fault {
	NS_SILENT = 1 << 0,     /* hears nothing */
	NS_TRUNCATES = 1 << 1,  /* of UDP nothing but TC */
	NS_NO_TCP = 1 << 2,     /* closes connections */
	NS_LAME = 1 << 3,       /* REFUSED */
	NS_FAILS = 1 << 4,      /* SERVFAIL */
	NS_BROKEN = 1 << 5,     /* half of each message by UDP */
	/* Before each answer a wrong one, whose address is the evil one: */
	NS_WRONG_ID = 1 << 8,
	NS_WRONG_PORT = 1 << 9,
	NS_WRONG_NAME = 1 << 10,
	NS_WRONG_CASE = 1 << 11
};

struct nameserver {
	struct reactor *r;
	struct slice zone;
	unsigned faults;
	struct addr evil;
	struct udp *udp, *other;
	struct tcp_listener *tcp;
	struct list peers;       /* connections */
	unsigned by_udp, by_tcp; /* queries */
	unsigned evils;          /* wrong answers sent */
};

/* In the caller's struct, zeroed but for zone, faults and evil.  at's port may
 * be 0. */
MUST_USE int nameserver_start(struct nameserver *s, struct reactor *r,
			      const struct addr *at);
struct addr nameserver_at(const struct nameserver *s);
void nameserver_stop(struct nameserver *s);
#endif
