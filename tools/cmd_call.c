/* SPDX-License-Identifier: BSD-2-Clause
 * parley call: makes one call. */
#include <string.h>

#include "tools/calls.h"

static const struct option options[] = {
	CALLS_OPTIONS(struct calls),
	{ "--from", OPTION_TEXT, offsetof(struct calls, o.from), 0, 0, "URI",
	  "who calls" },
	ACCOUNT_OPTIONS(struct calls, o.),
	{ "--ring", OPTION_MS, offsetof(struct calls, o.ring), 0, 3600000, "S",
	  "give up without an answer so long (180; 0: never)" },
	{ "--streams", OPTION_INT, offsetof(struct calls, o.streams), 1, 8,
	  "N", "audio streams to offer (1)" },
	{ 0 },
};

static void on_event(struct calls *c, struct call *call,
		     const struct parley_event *ev)
{
	const char *peer = "";
	struct parley_session_info info = { .size = sizeof(info) };
	bool well;
	int rc;

	if (parley_event_kind(ev) == PARLEY_EV_INCOMING) { /* busy calling */
		rc = parley_reject(c->agent, parley_event_session(ev), 486,
				   NULL);
		(void)rc; /* the caller has given up */
	}
	if (parley_event_kind(ev) == PARLEY_EV_SHUTDOWN &&
	    list_empty(&c->calls))
		calls_done(c, c->status);
	if (parley_event_kind(ev) != PARLEY_EV_ENDED || !call)
		return;
	well = parley_event_end_state(ev) == PARLEY_ENDED && !call->failure[0];
	if (parley_session_get(c->agent, call->session, &info) == 0)
		peer = info.remote;
	if (!well && parley_event_code(ev) && parley_event_by_peer(ev))
		(void)tool_fail(c->tool, 0, "%d %s from %s",
				parley_event_code(ev), parley_event_reason(ev),
				peer);
	else if (parley_event_end_state(ev) == PARLEY_CANCELLED)
		(void)tool_fail(c->tool, 0, "%s: cancelled", peer);
	else if (well && c->quitting)
		(void)tool_fail(c->tool, 0, "%s: has not confirmed the end",
				peer);
	else if (!well && !call->failure[0]) /* else it has been said */
		(void)tool_fail(c->tool, 0, "%s: %s", peer,
				parley_event_reason(ev));
	c->status = well && !c->quitting ? TOOL_OK : TOOL_FAILED;
	parley_shutdown(c->agent, c->quitting ? 0 : 1000);
}

static int start(struct tool *t, const struct command *cmd, int argc,
		 char **argv, void **run)
{
	enum parley_media media[8];
	struct calls *c;
	struct call *call;
	const char *uri;
	uint32_t session;
	size_t n;
	int rc = calls_parse(t, cmd, argc, argv, &uri, 1, &n, run);

	if (rc != TOOL_RUNNING)
		return rc;
	c = *run;
	c->on_event = on_event;
	if (n != 1)
		return tool_fail(t, TOOL_USAGE,
				 "call: whom? (parley call URI)");
	c->peer = uri;
	rc = calls_begin(c);
	if (rc != TOOL_RUNNING)
		return rc;
	for (int i = 0; i < c->o.streams; i++)
		media[i] = PARLEY_AUDIO;
	if (parley_call(c->agent, c->account, uri, media,
			(size_t)c->o.streams, &session))
		return tool_fail(t, TOOL_USAGE, "%s", parley_error(c->agent));
	call = calls_add(c, session);
	if (!call)
		return tool_fail(t, TOOL_FAILED, "out of memory");
	rc = calls_audio(c, call);
	if (rc == TOOL_RUNNING && t->tty)
		calls_say(c, "calling;", "q gives up");
	return rc;
}

extern const struct command cmd_call;
const struct command cmd_call = {
	.name = "call",
	.summary = "Calls a URI; plays, records and measures.",
	.usage = "URI [options]",
	.options = options,
	.needs_reactor = true,
	.start = start,
	.key = calls_key,
	.interrupt = calls_interrupt,
	.free = calls_free,
};
