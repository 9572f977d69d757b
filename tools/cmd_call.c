/* SPDX-License-Identifier: BSD-2-Clause
 * parley call: makes one call. */
#include <string.h>

#include "tools/calls.h"

enum { LOOK_MS = 10000 }; /* a neighbour answers within seconds, or is not */

static const struct option options[] = {
	CALLS_OPTIONS(struct calls),
	{ "--from", OPTION_TEXT, offsetof(struct calls, o.from), 0, 0, "URI",
	  "who calls" },
	ACCOUNT_OPTIONS(struct calls, o.),
	TRANSPORT_OPTION(struct calls, o.),
	{ "--ring", OPTION_MS, offsetof(struct calls, o.ring), 0, 3600000, "S",
	  "give up without an answer so long (180; 0: never)" },
	{ "--redirects", OPTION_TEXT, offsetof(struct calls, o.redirects), 0,
	  0, "N", "let a 3xx lead elsewhere, up to N times (0)" },
	{ "--streams", OPTION_INT, offsetof(struct calls, o.streams), 1, 8,
	  "N", "audio streams to offer (1)" },
	{ 0 },
};

/* With --bonjour a neighbour is called by its name. */
static bool call_is_by_name(const struct calls *c)
{
	return c->o.bonjour && !slice_istarts(slice_str(c->peer), "sip:") &&
	       !slice_istarts(slice_str(c->peer), "sips:");
}

/* Who waits is told at once; the peer that does not react may need the CANCEL
 * for longer (RFC 3261 9.1: not before it has said something). */
static void on_patience(void *arg)
{
	struct call *call = arg;
	struct calls *c = call->calls;
	struct parley_session_info info = { .size = sizeof(info) };

	if (call->answered || call->ending ||
	    parley_session_get(c->agent, call->session, &info))
		return;
	call->told = true;
	calls_clear(c);
	(void)tool_fail(c->tool, 0, "%s: not answered in %lld s", info.remote,
			(long long)((c->o.ring + 999) / 1000));
	calls_say(c, "waiting for the peer to confirm that;",
		  "Ctrl-C leaves at once");
	calls_no_wait(c);
}

static int call_begin(struct calls *c)
{
	enum parley_media media[8];
	struct call *call;
	uint32_t session;
	int rc;

	for (int i = 0; i < c->o.streams; i++)
		media[i] = PARLEY_AUDIO;
	rc = parley_call(c->agent, c->account,
			 c->found[0] ? c->found : c->peer, media,
			 (size_t)c->o.streams, &session);
	if (rc)
		return tool_fail(c->tool, rc == -ENOMEM ? TOOL_FAILED :
				 TOOL_USAGE, "%s", parley_error(c->agent));
	call = calls_add(c, session);
	if (!call)
		return tool_fail(c->tool, TOOL_FAILED, "out of memory");
	rc = calls_audio(c, call);
	if (rc == TOOL_RUNNING && c->tool->tty)
		calls_say(c, "calling;", "q gives up");
	if (rc != TOOL_RUNNING || c->o.ring <= 0)
		return rc;
	call->timer.fn = on_patience;
	call->timer.arg = call;
	reactor_timer_at(c->tool->reactor, &call->timer,
			 mono_add(reactor_now(c->tool->reactor).m,
				  SEC((c->o.ring + 999) / 1000)));
	return rc;
}

/* What a 3xx names; whether to call there is for who reads it. */
static void say_contacts(struct calls *c, const struct parley_event *ev)
{
	struct parley_contact to = { .size = sizeof(to) };
	int rc = 0;

	for (size_t i = 0; rc != -ENOENT; i++) {
		rc = parley_event_contact(ev, i, &to);
		if (rc == 0)
			calls_say(c, "to be reached at", to.uri);
	}
}

/* Why it is over, if not as wanted. */
static void say_why(struct calls *c, const struct call *call,
		    const struct parley_event *ev, const char *peer)
{
	int code = parley_event_code(ev);
	const char *warning = parley_event_warning(ev);
	bool well = parley_event_end_state(ev) == PARLEY_ENDED;

	if (call->failure[0] || (call->told && !call->answered))
		return; /* it has been said */
	if (!well && code && parley_event_by_peer(ev))
		(void)tool_fail(c->tool, 0, "%d %s from %s%s%s%s", code,
				parley_event_reason(ev), peer,
				tool_why_refused(code, !c->o.password),
				*warning ? ": " : "", warning);
	else if (parley_event_end_state(ev) == PARLEY_CANCELLED)
		(void)tool_fail(c->tool, 0, "%s: cancelled", peer);
	else if (well && c->quitting)
		(void)tool_fail(c->tool, 0, "%s: has not confirmed the end",
				peer);
	else if (!well)
		(void)tool_fail(c->tool, 0, "%s: %s", peer,
				tool_cause(parley_event_reason(ev)));
}

static void on_ended(struct calls *c, struct call *call,
		     const struct parley_event *ev)
{
	struct parley_session_info info = { .size = sizeof(info) };
	bool well = parley_event_end_state(ev) == PARLEY_ENDED &&
		    !call->failure[0] && !c->quitting;

	if (parley_session_get(c->agent, call->session, &info))
		info.remote[0] = '\0';
	say_why(c, call, ev, info.remote);
	say_contacts(c, ev);
	c->status = well ? TOOL_OK : TOOL_FAILED;
	c->is.stopping = true;
	parley_shutdown(c->agent, c->quitting ? 0 : c->o.aor ? 5000 : 1000);
}

static void on_not_found(void *arg)
{
	struct calls *c = arg;

	if (c->begun || c->stopping)
		return;
	c->stopping = c->is.stopping = true;
	parley_shutdown(c->agent, 1000);
}

static int on_neighbour(struct calls *c, const struct parley_neighbour *n)
{
	if (c->begun || c->stopping || !call_is_by_name(c) ||
	    !slice_isame(slice_str(n->name), slice_str(c->peer)) ||
	    slice_to_str(slice_str(n->uri), c->found, sizeof(c->found)))
		return TOOL_RUNNING;
	return call_begin(c);
}

static int call_look(struct calls *c)
{
	uint32_t timer;

	if (parley_timer_start(c->agent, LOOK_MS, on_not_found, c, &timer))
		return tool_fail(c->tool, TOOL_FAILED, "out of memory");
	return TOOL_RUNNING;
}

static void call_on_event(struct calls *c, struct call *call,
			  const struct parley_event *ev)
{
	int rc = TOOL_RUNNING;

	switch (parley_event_kind(ev)) {
	case PARLEY_EV_INCOMING: /* busy calling */
		rc = parley_reject(c->agent, parley_event_session(ev), 486,
				   NULL);
		(void)rc; /* the caller has given up */
		break;
	case PARLEY_EV_REGISTERED: /* and so it may call */
		if (!c->begun && !c->stopping)
			rc = call_begin(c);
		if (rc != TOOL_RUNNING)
			calls_done(c, rc);
		break;
	case PARLEY_EV_NEIGHBOUR_FOUND:
		rc = on_neighbour(c, parley_event_neighbour(ev));
		if (rc != TOOL_RUNNING)
			calls_done(c, rc);
		break;
	case PARLEY_EV_SHUTDOWN:
		if (!c->begun && c->is.last != REFUSED)
			(void)tool_fail(c->tool, 0, "%s: %s", c->peer,
					call_is_by_name(c) ?
					"no such neighbour" : "not called");
		if (list_empty(&c->calls))
			calls_done(c, c->begun ? c->status : TOOL_FAILED);
		break;
	case PARLEY_EV_ENDED:
		if (call)
			on_ended(c, call, ev);
		break;
	default:
		break;
	}
}

static int call_start(struct tool *t, const struct command *cmd, int argc,
		      char **argv, void **run)
{
	struct calls *c;
	const char *uri;
	size_t n;
	int rc = calls_parse(t, cmd, argc, argv, &uri, 1, &n, run);

	if (rc != TOOL_RUNNING)
		return rc;
	c = *run;
	c->on_event = call_on_event;
	if (n != 1)
		return tool_fail(t, TOOL_USAGE,
				 "call: whom? (parley call URI)");
	c->peer = uri;
	rc = calls_begin(c);
	if (rc == TOOL_RUNNING && call_is_by_name(c))
		return call_look(c);
	return rc != TOOL_RUNNING || c->o.aor ? rc : call_begin(c);
}

extern const struct command cmd_call;
const struct command cmd_call = {
	.name = "call",
	.summary = "Calls a URI; plays, records and measures.",
	.usage = "URI [options]",
	.options = options,
	.needs_reactor = true,
	.start = call_start,
	.key = calls_key,
	.interrupt = calls_interrupt,
	.free = calls_free,
};
