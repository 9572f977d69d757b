/* SPDX-License-Identifier: BSD-2-Clause
 * sip/sip_options.h - OPTIONS, RFC 3261 section 11: answering it, and asking a
 * peer whether it is there.
 *
 * An ENGINE on sip_core.h.  Use as sip_register.h says.
 * Ownership: the caller's struct.  Threads: one at a time.
 */
#ifndef SIP_OPTIONS_H
#define SIP_OPTIONS_H
#include "sip/sip_exchange.h"

/* --------------------------------------------------------------- answering */
struct sip_options { /* what a response says beside Allow; borrowed */
	struct sip_core *core;
	uint32_t user;
	struct slice accept;    /* empty: SIP_BODY_ACCEPT */
	struct slice supported; /* empty: none */
	struct slice agent;     /* Server, or empty */
	struct slice body;      /* what we can do, in SDP (11.2), or empty */
};

/* Adds a row for OPTIONS to the core's table.  -ENOMEM. */
MUST_USE int sip_options_init(struct sip_options *o);
/* Answers a SIP_EV_REQUEST of its user: 200, or another status (486: what an
 * INVITE would get now, 11.2); 416 and 420 come from the request itself.  Other
 * events are ignored. */
void sip_options_on_event(struct sip_options *o, const struct sip_event *ev,
			  unsigned status, struct instant now);

/* ------------------------------------------------------------------ asking */
struct sip_ping_config {
	uint32_t user;          /* of the core's events */
	uint64_t tag;
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
	struct sip_core *core;
	struct mem *mem;
	struct sip_ping_config c;  /* its slices are borrowed */
	struct sip_dialog d;
	struct sip_exchange x;
	struct instant sent;
	mono at;
	bool told;
	struct sip_ping_event event;
};

/* The first goes out at the next sip_ping_on_time.  -EINVAL, -ENOMEM. */
MUST_USE int sip_ping_init(struct sip_ping *p, struct mem *m,
			   struct sip_core *core,
			   const struct sip_ping_config *config,
			   struct instant now);
void sip_ping_fini(struct sip_ping *p);
void sip_ping_on_event(struct sip_ping *p, const struct sip_event *ev,
		       struct instant now);
void sip_ping_on_time(struct sip_ping *p, struct instant now);
mono sip_ping_deadline(const struct sip_ping *p);
bool sip_ping_poll(struct sip_ping *p, struct sip_ping_event *ev);
#endif
