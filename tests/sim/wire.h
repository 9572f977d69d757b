/* SPDX-License-Identifier: BSD-2-Clause
 * tests/sim/wire.h - what must hold for the SIP datagrams that cross a
 * simulated network, whatever the scenario: read from the packets alone, so
 * that a fault of both endpoints is seen as well.
 *
 * While it runs: each message is well formed (sip_check); a repeat is the same
 * message byte for byte and comes within 64*T1 (RFC 3261 17.1.1.2, 17.1.2.2,
 * 17.2.1, 17.2.2); nothing follows a final response but itself; a CSeq number
 * is used once (8.1.1.5, 12.2.1.1; CANCEL and ACK have their request's) towards
 * an address: the next one is asked the same (RFC 3263 4.3).
 * At the end: each request that arrived has a final response; each answer to an
 * INVITE has its ACK, sent once for each time that it came (13.2.2.4, 17.1.1.2)
 * and, of a 2xx, delivered; each call that was answered has its BYE.  A branch
 * has the cookie (8.1.1.7).  Of RTP: SSRC, sequence numbers, and the timestamps
 * of PCMU (RFC 3550 5.1).
 *
 * What goes over TCP is not looked at; where there is any (18.1.1: also what is
 * too long for UDP), the rules of the end are not asked for.
 * Ownership: wire_end frees all.
 */
#ifndef TESTS_SIM_WIRE_H
#define TESTS_SIM_WIRE_H
#include "platform/sim/sim.h"

enum { WIRE_BUCKETS = 1024, WIRE_RTP = 64 };

struct wire_rtp { /* the last packet from src to dst */
	struct addr src, dst;
	uint32_t ssrc, ts;
	uint16_t seq;
	uint8_t type;
	uint16_t n; /* octets of payload */
	mono when;
};

struct wire { /* zeroed: nothing seen */
	struct wire_tx *bucket[WIRE_BUCKETS]; /* by branch */
	struct addr foreign; /* a scripted peer: what it sends is its affair */
	bool streams;        /* there was TCP */
	bool bundled;        /* several sources from one address to another */
	bool poor;           /* memory runs out: an ACK may be missing */
	struct wire_rtp rtp[WIRE_RTP];
	const char *why;     /* the first thing that did not hold */
	char what[160];      /* of which message */
};

void wire_packet(struct wire *w, mono now, enum sim_fate fate,
		 const struct sim_packet *p);
/* Did all hold?  Else why and what say what did not. */
bool wire_end(struct wire *w);
#endif
