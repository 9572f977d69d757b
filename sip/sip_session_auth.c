/* SPDX-License-Identifier: BSD-2-Clause */
#include "sip/sip_session_priv.h"
bool sip_session_challenged(struct sip_session *c, const struct sip_event *ev,
			    unsigned tries){(void)c;(void)ev;(void)tries;return false;}
void sip_session_unanswered(struct sip_sessions *s){(void)s;}

int sip_session_authorize(struct sip_sessions *s, uint64_t session,
			  struct slice user, struct slice password,
			  struct instant now)
{
	(void)s;
	(void)session;
	(void)user;
	(void)password;
	(void)now;
	return -ENOTSUP;
}
