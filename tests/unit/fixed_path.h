/* SPDX-License-Identifier: BSD-2-Clause
 * tests/unit/fixed_path.h - another way to the peer than latching. */
#ifndef TESTS_UNIT_FIXED_PATH_H
#define TESTS_UNIT_FIXED_PATH_H
#include "rtp/rtp_path.h"

struct fixed { /* what ICE would say: one pair, whatever is signalled */
	struct addr to;
	unsigned signals, hosts;
};

static inline bool fixed_signal(void *state, unsigned component,
			 const struct addr *remote, mono now)
{
	(void)component, (void)remote, (void)now;
	((struct fixed *)state)->signals++;
	return true;
}

static inline void fixed_host(void *state, const struct addr *host)
{
	(void)host;
	((struct fixed *)state)->hosts++;
}

static inline bool fixed_admit(void *state, unsigned component,
			const struct addr *from, uint32_t ssrc,
			const uint16_t *seq, mono now, bool *moved)
{
	(void)component, (void)ssrc, (void)seq, (void)now, (void)moved;
	return addr_same(&((struct fixed *)state)->to, from);
}

static inline struct addr fixed_remote(const void *state, unsigned component)
{
	(void)component;
	return ((const struct fixed *)state)->to;
}

static inline bool fixed_proved(const void *state)
{
	(void)state;
	return true;
}

static const struct rtp_path_ops fixed_ops = {
	.name = "fixed", .signal = fixed_signal, .host = fixed_host,
	.admit = fixed_admit, .remote = fixed_remote, .proved = fixed_proved,
};
#endif
