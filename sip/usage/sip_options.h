/* SPDX-License-Identifier: BSD-2-Clause
 * sip/usage/sip_options.h - OPTIONS, RFC 3261 section 11: answering it, and
 * asking a peer whether it is there.
 *
 * ENGINEs on sip_core.h, users of sip_users.h.
 * Ownership: the caller's struct.  Threads: one at a time.
 */
#ifndef SIP_OPTIONS_H
#define SIP_OPTIONS_H
#include "sip/usage/sip_exchange.h"
#include "sip/usage/sip_users.h"

/* --------------------------------------------------------------- answering */
/* What a response says beside Allow, Accept and Supported, which are those of
 * all users; borrowed.  In a dialog it tells the peer that this still is. */
struct sip_options {
	struct sip_user tu;     /* private */
	unsigned status;        /* what an INVITE would get now (11.2); 0: 200.
				 * 416 and 420 come from the request itself */
	struct slice agent;     /* Server, or empty */
	struct slice body;      /* what we can do, in SDP (11.2), or empty */
};

/* Adds itself to users.  -ENOMEM. */
MUST_USE int sip_options_init(struct sip_options *o, struct sip_users *users);
void sip_options_fini(struct sip_options *o);

/* ------------------------------------------------------------------ asking */
struct sip_ping_config {
	struct slice target;    /* Request-URI and To */
	struct slice from;      /* name-addr */
	struct slice routes;
	enum sip_transport transport;
	struct slice agent;
	mono interval;          /* from one answer to the next request; 0: ask
				 * once */
};

struct sip_ping_event {
	unsigned status;           /* any response means that it is there; 408,
				    * 503: no answer, no route */
	bool reached;
	struct slice reason;
	mono round_trip;           /* of a response */
	const struct sip_msg *msg; /* the response, or NULL */
};

struct sip_ping { /* private */
	struct sip_user tu;
	struct sip_core *core;
	struct mem *mem;
	struct sip_ping_config c;  /* its slices are borrowed */
	struct sip_dialog d;
	struct sip_exchange x;
	struct instant sent;
	bool told;
	struct sip_ping_event event;
};

/* Adds itself to users; the first goes out at their next poll, and what comes
 * of each is a result.  -EINVAL, -ENOMEM. */
MUST_USE int sip_ping_init(struct sip_ping *p, struct mem *m,
			   struct sip_users *users,
			   const struct sip_ping_config *config,
			   struct instant now);
void sip_ping_fini(struct sip_ping *p);
const struct sip_ping_event *sip_ping_result(const struct sip_result *result);
#endif
