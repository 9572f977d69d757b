/* SPDX-License-Identifier: BSD-2-Clause */
#include "rtp/rtp_symmetric.h"

static struct addr remote(const void *state, unsigned component)
{
	const struct rtp_symmetric *s = state;

	return rtp_latch_remote(&s->comp[component]);
}

static bool signal(void *state, unsigned component, const struct addr *to,
		   mono now)
{
	struct rtp_symmetric *s = state;

	if (!rtp_latch_signal(&s->comp[component], to, now))
		return false;
	if (component == 0)
		rtp_latch_follow(&s->comp[1], to);
	return true;
}

static void host(void *state, const struct addr *at)
{
	struct rtp_symmetric *s = state;

	for (unsigned i = 0; i < RTP_COMPONENTS; i++)
		rtp_latch_set_host(&s->comp[i], at);
}

static bool admit(void *state, unsigned component, const struct addr *from,
		  uint32_t ssrc, const uint16_t *seq, mono now, bool *moved)
{
	struct rtp_symmetric *s = state;
	struct rtp_latch *l = &s->comp[component];
	struct addr rtp = remote(s, 0);
	bool pass = component ?
		    rtp_latch_admit_rtcp(l, &rtp, from, now, moved) :
		    rtp_latch_admit(l, from, ssrc, seq, now, moved);

	if (!pass)
		return false;
	s->heard = *from;
	if (component)
		rtp_latch_note(&s->comp[0], from);
	else if (*moved)
		rtp_latch_follow(&s->comp[1], from);
	return true;
}

/* A valid packet came from the IP address that is sent to now. */
static bool symmetric_proved(const void *state)
{
	const struct rtp_symmetric *s = state;
	struct addr to = remote(s, 0);

	return s->heard.family && addr_same_ip(&s->heard, &to);
}

static const struct rtp_path_ops ops = {
	.name = "symmetric RTP",
	.signal = signal,
	.host = host,
	.admit = admit,
	.remote = remote,
	.proved = symmetric_proved,
};

struct rtp_path rtp_symmetric_path(struct rtp_symmetric *s)
{
	return (struct rtp_path){ &ops, s };
}

bool rtp_symmetric_is_latched(const struct rtp_symmetric *s,
			      unsigned component)
{
	return component < RTP_COMPONENTS &&
	       s->comp[component].latched.family != 0;
}
