/* SPDX-License-Identifier: BSD-2-Clause
 * client/neighbours.h - who is on the link, of the service instances that were
 * found there: one neighbour, by its instance_id or its name, for all of its
 * services and all interfaces that it was found on.  Of these the best is told:
 * its own URI (_sipuri) before an address and port (_sip), TCP before UDP, as
 * the SDK has it that publishes these.
 * Ownership: neighbours_init .. neighbours_fini.  Threads: one.
 */
#ifndef CLIENT_NEIGHBOURS_H
#define CLIENT_NEIGHBOURS_H
#include "dns/mdns.h"
#include "platform/list.h"

enum { NEIGHBOUR_KEY = 128, NEIGHBOUR_ID = 64 };

struct neighbours {
	struct mem *mem;
	struct list all;
	char own[NEIGHBOUR_ID]; /* our instance_id: no neighbour */
};

struct neighbour_out { /* until the next call of anything here */
	enum { NEIGHBOUR_FOUND, NEIGHBOUR_CHANGED, NEIGHBOUR_GONE } kind;
	struct slice name, uri, id, state, note, service;
	uint32_t ifindex;
};

void neighbours_init(struct neighbours *n, struct mem *m);
void neighbours_fini(struct neighbours *n);
/* FOUND, CHANGED or GONE of a type that is browsed; without memory it is not
 * seen until it changes. */
void neighbours_on(struct neighbours *n, const struct mdns_out *o);
bool neighbours_poll(struct neighbours *n, struct neighbour_out *out);
#endif
