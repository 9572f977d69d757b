/* SPDX-License-Identifier: BSD-2-Clause
 * client/bonjour.h - an agent on its link: published without a registrar, and
 * who else is there.  EDGE; a row, so that an agent without DNS links without
 * it: feature_bonjour[] has one or none.
 */
#ifndef CLIENT_BONJOUR_H
#define CLIENT_BONJOUR_H
#include "client/parley.h"

struct bonjour; /* opaque */

struct bonjour_ops {
	/* *account: 0 where nothing is published.  What mdns_port_new says,
	 * -EINVAL, -ENOMEM; *why, static. */
	int (*open)(struct parley *p, const struct parley_bonjour *o,
		    uint32_t *account, struct bonjour **out, const char **why);
	int (*status)(struct bonjour *b, const char *state, const char *note);
	/* Says goodbye; who was found is not told of any more. */
	void (*close)(struct bonjour *b);
};

extern const struct bonjour_ops *const feature_bonjour[]; /* NULL-ended */
#endif
