/* SPDX-License-Identifier: BSD-2-Clause
 * sip/usage/sip_binding.h - what a 2xx to a REGISTER says of our bindings: how
 * long they last (RFC 3261 10.2.4), whether they are flows (RFC 5626 4.2.1),
 * their GRUUs (RFC 5627 4.2), the ways to and from them (RFC 3327, RFC 3608),
 * and where the request came from (RFC 3581).
 *
 * Ownership: slices out are the message's.  Threads: any.
 */
#ifndef SIP_BINDING_H
#define SIP_BINDING_H
#include "platform/addr.h"
#include "sip/msg/sip_msg.h"

/* What was asked for. */
struct sip_binding_ours {
	struct slice contacts; /* Contact values, comma between them */
	struct slice instance; /* instance id, a URN; empty: none */
	uint32_t reg_id;       /* 0: none */
	uint32_t expires;      /* seconds */
};

struct sip_binding {
	uint32_t expires;    /* seconds, of the shortest of ours; 0: no binding
			      * of ours is there */
	bool outbound;       /* they are flows, to be kept alive */
	uint32_t flow_timer; /* seconds without a word that the server bears;
			      * 0: it does not say */
	struct slice pub_gruu, temp_gruu; /* URIs; empty: none */
	struct addr seen;    /* source of the request, as its Via tells; family
			      * 0: it does not */
};

void sip_binding_read(const struct sip_msg *m,
		      const struct sip_binding_ours *ours,
		      struct sip_binding *out);
/* All values of Path or Service-Route, with commas, in their order.  False:
 * one of them cannot be used, or w is full; what stands in w then is none. */
bool sip_binding_routes(const struct sip_msg *m, enum sip_hdr id,
			struct writer *w);
#endif
