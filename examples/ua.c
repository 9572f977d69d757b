/* SPDX-License-Identifier: BSD-2-Clause
 * A user agent in 80 lines: calls a URI for two seconds, or waits for a call;
 * sends back what it hears; ends with the first call.  usage: ua LOCAL [URI]
 */
#include <parley.h>
#include <stdio.h>

struct ua {
	struct parley *agent;
	uint32_t account;
	int status;
};

static void failed(struct ua *ua, const char *what)
{
	fprintf(stderr, "ua: %s: %s\n", what, parley_error(ua->agent));
	parley_stop(ua->agent);
}

static void on_event(void *app, const struct parley_event *ev)
{
	struct ua *ua = app;
	uint32_t session = parley_event_session(ev);

	printf("%s %s %s\n", parley_event_name(parley_event_kind(ev)),
	       parley_event_from(ev), parley_event_reason(ev));
	switch (parley_event_kind(ev)) {
	case PARLEY_EV_INCOMING:
		if (parley_audio(ua->agent, session, "echo", NULL) ||
		    parley_ring(ua->agent, session) ||
		    parley_accept(ua->agent, session, NULL, 0))
			failed(ua, "answering");
		break;
	case PARLEY_EV_ENDED:
		if (parley_event_end_state(ev) == PARLEY_ENDED)
			ua->status = 0;
		parley_shutdown(ua->agent, 2000);
		break;
	case PARLEY_EV_SHUTDOWN:
		parley_stop(ua->agent);
		break;
	default:
		break;
	}
}

static int call(struct ua *ua, const char *uri)
{
	uint32_t session;

	if (parley_call(ua->agent, ua->account, uri, NULL, 0, &session) ||
	    parley_audio(ua->agent, session, "tone:440", NULL))
		return -1;
	for (int i = 0; i < 200; i++) /* turns of 10 ms or less */
		if (parley_step(ua->agent, 10) < 0)
			return -1;
	return parley_end(ua->agent, session);
}

int main(int argc, char **argv)
{
	struct ua ua = { .status = 1 };
	struct parley_config config = {
		.size = sizeof(config), .local = argc > 1 ? argv[1] : NULL,
		.on_event = on_event, .app = &ua,
	};

	if (parley_new(&config, &ua.agent))
		return 1;
	printf("listening on %s\n", parley_local(ua.agent));
	fflush(stdout);
	if (parley_account_add(ua.agent, "sip:ua@localhost", &ua.account) ||
	    (argc > 2 && call(&ua, argv[2])))
		failed(&ua, "starting");
	parley_run(ua.agent);
	parley_free(ua.agent);
	return ua.status;
}
