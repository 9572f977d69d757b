/* SPDX-License-Identifier: BSD-2-Clause
 * A user agent server on the public interface alone, for the peers' benchmark:
 * answers every call, negotiating its SDP; media is said to be elsewhere, so
 * that only signalling is measured.  usage: uas_ours PORT (on 127.0.0.1) */
#include <parley.h>
#include <stdio.h>
#include <stdlib.h>

static struct parley *agent;

static void on_event(void *app, const struct parley_event *ev)
{
	(void)app;
	if (parley_event_kind(ev) == PARLEY_EV_INCOMING &&
	    parley_accept(agent, parley_event_session(ev), NULL, 0))
		fprintf(stderr, "accept: %s\n", parley_error(agent));
}

int main(int argc, char **argv)
{
	char local[64];
	struct parley_config cfg = {
		.size = sizeof(cfg), .local = local, .on_event = on_event,
		.memory = (size_t)1 << 30,
	};
	uint32_t account;

	if (argc != 2)
		return 2;
	snprintf(local, sizeof(local), "127.0.0.1:%s", argv[1]);
	if (parley_new(&cfg, &agent))
		return 1;
	/* No call takes descriptors here: as many as are held open. */
	if (parley_account_add(agent, "sip:uas@127.0.0.1", &account) ||
	    parley_set(agent, 0, "agent.sessions", "16384") ||
	    parley_set(agent, account, "session.calls", "16384") ||
	    parley_set(agent, account, "rtp.external", "127.0.0.1:40000"))
		return 1;
	parley_run(agent);
	return 0;
}
