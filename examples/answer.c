/* SPDX-License-Identifier: BSD-2-Clause
 * Registers and answers: who calls hears what he says, digits are counted.
 * Ctrl-C ends its calls, takes the registration back and leaves.
 * usage: SIP_PASSWORD=PASSWORD answer LOCAL AOR REGISTRAR [USER]
 */
#include <parley.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

static struct parley *agent; /* for the signal handler */

struct call { /* what the application knows of a session */
	unsigned number, digits;
};

static void on_incoming(const struct parley_event *ev)
{
	static unsigned calls;
	uint32_t session = parley_event_session(ev);
	const char *id = parley_event_header(ev, "Call-ID", 0);
	const char *who = parley_event_header(ev, "P-Asserted-Identity", 0);
	struct call *call = calloc(1, sizeof(*call));

	if (call)
		call->number = ++calls;
	if (!call || parley_set_app(agent, session, call) ||
	    parley_audio(agent, session, "echo", NULL) ||
	    parley_accept(agent, session, NULL, 0)) {
		fprintf(stderr, "answer: %s\n", parley_error(agent));
		(void)!parley_reject(agent, session, 500, NULL);
		return; /* its end is told in any case */
	}
	printf("call %u from %s for %s, Call-ID %s\n", call->number,
	       who ? who : parley_event_from(ev),
	       parley_event_request_uri(ev), id ? id : "");
}

static void on_event(void *app, const struct parley_event *ev)
{
	enum parley_event_kind kind = parley_event_kind(ev);
	uint32_t session = parley_event_session(ev);
	struct call *call = session ? parley_app(agent, session) : NULL;

	switch (kind) {
	case PARLEY_EV_INCOMING:
		on_incoming(ev);
		break;
	case PARLEY_EV_DTMF:
		if (call)
			call->digits++;
		break;
	case PARLEY_EV_ENDED:
		if (call)
			printf("call %u ended, %u digits: %s\n", call->number,
			       call->digits, parley_event_reason(ev));
		free(call);
		break;
	case PARLEY_EV_REGISTERED:
	case PARLEY_EV_UNREGISTERED:
	case PARLEY_EV_REGISTER_FAILED:
		printf("%s %d %s\n", parley_event_name(kind),
		       parley_event_code(ev), parley_event_reason(ev));
		break;
	case PARLEY_EV_SHUTDOWN:
		parley_stop(agent);
		break;
	default:
		break;
	}
	fflush(stdout);
	(void)app;
}

static void leave(void *arg)
{
	parley_shutdown(agent, -1);
	(void)arg;
}

static void on_signal(int sig)
{
	(void)!parley_post(agent, leave, NULL);
	(void)sig;
}

int main(int argc, char **argv)
{
	const char *password = getenv("SIP_PASSWORD");
	char why[128];
	struct parley_config config = {
		.size = sizeof(config), .local = argc > 1 ? argv[1] : NULL,
		.on_event = on_event, .error = why, .error_cap = sizeof(why),
	};
	uint32_t account;
	int failed;

	if (argc < 4) {
		fprintf(stderr, "usage: SIP_PASSWORD=PASSWORD answer LOCAL AOR "
			"REGISTRAR [USER]\n");
		return 2;
	}
	if (parley_new(&config, &agent)) {
		fprintf(stderr, "answer: %s\n", why);
		return 1;
	}
	signal(SIGINT, on_signal);
	failed = parley_account_add(agent, argv[2], &account) ||
		 parley_set(agent, account, "sip.registrar", argv[3]) ||
		 (argc > 4 && parley_set(agent, account, "auth.username",
					 argv[4])) ||
		 parley_set(agent, account, "auth.password",
			    password ? password : "") ||
		 parley_register(agent, account);
	if (failed)
		fprintf(stderr, "answer: %s\n", parley_error(agent));
	else
		printf("listening on %s\n", parley_local(agent));
	fflush(stdout);
	if (!failed)
		parley_run(agent);
	signal(SIGINT, SIG_DFL);
	parley_free(agent);
	return failed;
}
