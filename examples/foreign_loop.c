/* SPDX-License-Identifier: BSD-2-Clause
 * The agent inside a loop of the application's own, here poll(2): each turn
 * asks what to wait for, waits, and hands back what is ready.  Two agents share
 * the loop; one calls the other for a moment.  usage: foreign_loop */
#include <parley.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>

enum { AGENTS = 2, FDS = 32 };

static struct parley *agent[AGENTS];
static bool answered, ended;

static void on_event(void *app, const struct parley_event *ev)
{
	struct parley **self = app;

	switch (parley_event_kind(ev)) {
	case PARLEY_EV_INCOMING:
		if (parley_accept(*self, parley_event_session(ev), NULL, 0))
			fprintf(stderr, "%s\n", parley_error(*self));
		break;
	case PARLEY_EV_CONFIRMED:
		answered = true;
		break;
	case PARLEY_EV_ENDED:
		ended = true;
		break;
	default:
		break;
	}
}

static struct pollfd to_poll(const struct parley_fd *f)
{
	return (struct pollfd){
		.fd = f->fd,
		.events = (short)((f->want & PARLEY_READ ? POLLIN : 0) |
				  (f->want & PARLEY_WRITE ? POLLOUT : 0)),
	};
}

static unsigned from_poll(const struct pollfd *f)
{
	return (f->revents & (POLLIN | POLLERR | POLLHUP) ? PARLEY_READ : 0u) |
	       (f->revents & POLLOUT ? PARLEY_WRITE : 0u);
}

/* One turn for all agents, of at most 20 ms. */
static int turn(void)
{
	struct parley_fd fds[AGENTS][FDS];
	struct pollfd set[AGENTS * FDS];
	size_t n[AGENTS], all = 0, at = 0;
	int64_t wait = 20;

	for (int i = 0; i < AGENTS; i++) {
		int64_t t;

		n[i] = parley_poll_set(agent[i], fds[i], FDS, &t);
		if (n[i] > FDS)
			return -1;
		if (t >= 0 && t < wait)
			wait = t;
		for (size_t k = 0; k < n[i]; k++)
			set[all++] = to_poll(&fds[i][k]);
	}
	if (poll(set, all, (int)wait) < 0)
		return -1;
	for (int i = 0; i < AGENTS; i++) {
		for (size_t k = 0; k < n[i]; k++)
			fds[i][k].got = from_poll(&set[at++]);
		parley_dispatch(agent[i], fds[i], n[i]);
	}
	return 0;
}

int main(void)
{
	char uri[128];
	uint32_t account[AGENTS], session;

	for (int i = 0; i < AGENTS; i++) {
		struct parley_config config = {
			.size = sizeof(config), .local = "127.0.0.1:0",
			.on_event = on_event, .app = &agent[i],
		};

		if (parley_new(&config, &agent[i]) ||
		    parley_account_add(agent[i], "sip:a@localhost",
				       &account[i]))
			return 1;
	}
	snprintf(uri, sizeof(uri), "sip:b@%s", parley_local(agent[1]));
	if (parley_call(agent[0], account[0], uri, NULL, 0, &session))
		return 1;
	for (int i = 0, up = 0; i < 5000 && !ended; i++) {
		if (turn())
			return 1;
		if (answered && ++up == 60 && parley_end(agent[0], session))
			return 1;
	}
	printf("answered: %s, ended: %s\n", answered ? "yes" : "no",
	       ended ? "yes" : "no");
	for (int i = 0; i < AGENTS; i++)
		parley_free(agent[i]);
	return !(answered && ended);
}
