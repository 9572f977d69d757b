/* SPDX-License-Identifier: BSD-2-Clause
 * client/consent.h - may media be sent there?  Whoever calls us names an
 * address, and it may be a third party's, who never asked for it.
 *
 * An address is proved by a valid RTP or RTCP packet from its IP address, or,
 * when signalling comes from the same, by an ACK with our To tag (in calls of
 * ours by the response to our INVITE): only who got our answer knows that.
 * Before it is proved a call that came in sends at most rules.unproven of time
 * and rules.octets of packets, IP and UDP headers counted: all its streams
 * together, and all unproven streams to one IP address together, whichever
 * calls they belong to.  What was spent on an address that then proves to be
 * right is given back; what is never proved stands for CONSENT_MEMORY after its
 * stream has ended.  Where a call of ours was answered to is exempt: nobody
 * made us call.
 *
 * After that: to a peer never heard RTP stops rules.timeout after the last
 * agreement, unless an ACK proves the address and the peer has no reason to
 * send.  It stops when CONSENT_ERRORS ICMP errors came without a packet in
 * between, and when a circuit breaker opens (rtp_breaker.h).  A valid packet
 * resumes at once, or, where the peer's reports said that nothing arrives, when
 * the breaker has rested; a new description begins anew.
 *
 * Source addresses can be forged, so who can do that, or is on the way, can
 * have media sent to others all the same.  Only SRTP ends that.
 *
 * An engine.  Ownership: the callers' structs, zeroed but for consent_init's;
 * a stream stays where it is until consent_end.  Threads: one.
 */
#ifndef CLIENT_CONSENT_H
#define CLIENT_CONSENT_H
#include "platform/addr.h"
#include "platform/list.h"
#include "rtp/rtp_breaker.h"

enum {
	/* IP addresses that unproven media goes to at a time: beyond that it
	 * waits for its proof, which a caller that means it soon gives. */
	CONSENT_PLACES = 256,
	CONSENT_ERRORS = 3,
	CONSENT_HEADERS = 28 /* of IPv4 and UDP */
};
#define CONSENT_MEMORY SEC(64)

enum consent_why { /* nothing is sent */
	CONSENT_GIVEN, /* it is */
	CONSENT_UNPROVED,
	CONSENT_UNHEARD,
	CONSENT_REFUSED,    /* ICMP */
	CONSENT_UNREPORTED, /* RFC 8083 4.1 */
	CONSENT_UNRECEIVED, /* 4.2 */
	CONSENT_NO_TARGET   /* such an address is nobody's */
};

struct consent_rules {
	bool off;        /* closed networks: all is given */
	mono unproven;   /* time and octets before the proof */
	uint64_t octets;
	mono timeout;    /* of a peer never heard; 0: never */
};

struct consent_place { /* private: an IP address that is not proved */
	struct addr ip;       /* family 0: free */
	struct list streams;  /* that were charged, the first sender first */
	uint64_t octets;      /* of these and of those that ended so */
	mono since, until;    /* of those that ended so; 0: none did */
};

struct consent { /* private: of an agent */
	struct consent_place place[CONSENT_PLACES];
};

struct consent_call { /* private */
	uint64_t octets; /* unproven */
	mono since;
};

struct consent_stream { /* private but for why */
	struct list link;
	struct consent_place *place; /* where it is charged; NULL: nowhere */
	struct addr ip;
	uint64_t octets;
	mono first;    /* packet that was charged */
	mono agreed, heard;
	struct rtp_breaker breaker;
	bool proved, acked, asked, is_heard, quiet;
	uint8_t errors;
	enum consent_why why;
};

/* What was agreed on for a stream. */
struct consent_terms {
	struct addr to;    /* family 0 or port 0: nowhere */
	bool forbidden;    /* see consent_allows */
	bool acked;        /* proved by an ACK, or by our being answered */
	bool asked;        /* the answer to a call of ours */
	bool quiet;        /* the peer need not send: held, holds, listens */
};

/* May anything be sent to an address that a peer at host named?  0/8,
 * 255.255.255.255 and multicast are no peer's; link-local and loopback
 * addresses those of peers whose signalling comes from such a one, or, for
 * loopback, from here. */
bool consent_allows(const struct addr *to, const struct addr *host,
		    const struct addr *here);
const char *consent_reason(enum consent_why why); /* static text */

void consent_init(struct consent *c);
/* A new agreement. */
void consent_agree(struct consent_call *call, struct consent_stream *s,
		   const struct consent_terms *t,
		   mono now);
/* The ACK is there. */
void consent_on_ack(struct consent_call *call, struct consent_stream *s);
/* A valid packet came; from: where media is sent to now, if that is
 * where it came from. */
void consent_on_packet(struct consent_call *call, struct consent_stream *s,
		       const struct addr *from, mono now);
void consent_on_report(struct consent_stream *s, const struct rtp_report *r,
		       mono now);
void consent_on_error(struct consent_stream *s); /* ICMP */
/* May these octets be sent now?  If so they are counted. */
bool consent_send(struct consent *c, struct consent_call *call,
		  struct consent_stream *s, const struct consent_rules *r,
		  size_t octets, mono now);
/* The stream is over. */
void consent_end(struct consent_stream *s, mono now);
#endif
