/* SPDX-License-Identifier: BSD-2-Clause
 * client/client_port.h - an agent on a reactor that somebody else owns: the
 * program's, or a simulated host's.  Everything else is parley.h.
 */
#ifndef CLIENT_CLIENT_PORT_H
#define CLIENT_CLIENT_PORT_H
#include "client/parley.h"
#include "client/transport.h"
#include "platform/limits.h"
#include "platform/reactor.h"

/* As parley_new; the reactor must outlive the agent.  parley_run and its like
 * turn the reactor.  limits NULL: the defaults.
 * config.memory, when it is not 0, becomes the budget of the reactor's mem. */
MUST_USE int client_new(struct reactor *r, const struct limits *limits,
			const struct parley_config *config,
			struct parley **out);
/* What every media transport that opens from now on is given: stages, a way of
 * finding the peer (rtp/rtp_stage.h, rtp_path.h).  Before the first call. */
void client_dress(struct parley *p, transport_dress *fn, void *arg);
#endif
