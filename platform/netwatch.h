/* SPDX-License-Identifier: BSD-2-Clause
 * platform/netwatch.h - the network that a host is on, watched: addresses,
 * interfaces and routes that come and go, and the host itself, which may have
 * slept.  In both worlds of the reactor.
 *
 * A change rarely comes alone (the link, its address, its route; in IPv6 an
 * address that is tentative first): it is told once, when nothing more has come
 * for a while.  What has changed is for the user to see (reactor_interfaces,
 * reactor_route): it may be nothing that matters, or nothing at all.
 *
 * Where changes are not told (no netlink, a sandbox), they are looked for.
 *
 * Ownership: netwatch_open .. netwatch_close.  Threads: the reactor's.
 */
#ifndef PLATFORM_NETWATCH_H
#define PLATFORM_NETWATCH_H
#include "platform/reactor.h"

struct netwatch; /* opaque */

enum netwatch_news {
	NETWATCH_CHANGED = 1, /* of the network */
	NETWATCH_SLEPT = 2    /* the host was suspended: reactor_now stood
			       * still, but for others time has passed */
};

struct netwatch_config {
	mono quiet; /* told when nothing has come for so long, */
	mono most;  /* ... but never later than that after the first */
	mono poll;  /* looked for so often where nobody tells; MONO_NEVER: not
		     * at all */
	bool blind; /* do so in any case: for tests */
	bool deaf;  /* nobody tells and nobody looks: netwatch_poke does */
};

/* -ENOMEM; -ENOTSUP: nobody tells, and nobody is to look. */
MUST_USE int netwatch_open(struct reactor *r,
			   const struct netwatch_config *config,
			   void (*fn)(void *arg, unsigned news), void *arg,
			   struct netwatch **out);
void netwatch_close(struct netwatch *w); /* NULL is ignored */
/* As if something had changed: for those who know it from elsewhere. */
void netwatch_poke(struct netwatch *w);
#endif
