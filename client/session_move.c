/* SPDX-License-Identifier: BSD-2-Clause
 * client/session_move.c - the address that a session goes from is another. */
#include "client/agent_priv.h"

bool session_has_way(const struct session *s)
{
	return s->sip && !s->ending && s->state != SESSION_OVER &&
	       s->state != SESSION_REFUSED;
}

void session_move(struct session *s, struct instant now)
{
	(void)s;
	(void)now;
}
