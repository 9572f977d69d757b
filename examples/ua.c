/* SPDX-License-Identifier: BSD-2-Clause
 * A user agent in 80 lines: calls a URI for 2 to 3 seconds, or waits for a
 * call and sends back what it hears.  usage: ua LOCAL [URI]
 */
#include <parley.h>
#include <stdio.h>
#include <time.h>

struct ua {
	struct parley *agent;
	uint32_t account;
	int status; /* < 0: the call is not over */
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
		ua->status = parley_event_end_state(ev) != PARLEY_ENDED;
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
	time_t end = time(NULL) + 2;
	uint32_t session;

	if (parley_call(ua->agent, ua->account, uri, NULL, 0, &session) ||
	    parley_audio(ua->agent, session, "tone:440", NULL))
		return -1;
	while (ua->status < 0 && time(NULL) <= end)
		if (parley_step(ua->agent, 100) < 0)
			return -1;
	return ua->status < 0 ? parley_end(ua->agent, session) : 0;
}

int main(int argc, char **argv)
{
	struct ua ua = { .status = -1 };
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
	return ua.status != 0;
}
