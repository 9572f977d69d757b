/* SPDX-License-Identifier: BSD-2-Clause
 * parley listen: takes calls. */
#include <errno.h>
#include <string.h>

#include "platform/writer.h"
#include "tools/calls.h"

static const struct option options[] = {
	CALLS_OPTIONS(struct calls),
	{ "--transport", OPTION_TEXT, offsetof(struct calls, o.transport), 0, 0,
	  "T", "listen on udp, tcp or tls only (all)" },
	{ "--tls-clients", OPTION_TEXT, offsetof(struct calls, o.tls_clients),
	  0, 0, "FILE", "whom these certify may connect by TLS" },
	{ "--ws-port", OPTION_INT, offsetof(struct calls, o.ws_port), 1, 65535,
	  "PORT", "take WebSockets there, too" },
	{ "--wss-port", OPTION_INT, offsetof(struct calls, o.wss_port), 1,
	  65535, "PORT", "secure ones, with --tls-cert" },
	ACCOUNT_OPTIONS(struct calls, o.),
	{ "--auto-answer", OPTION_FLAG, offsetof(struct calls, o.auto_answer),
	  0, 0, NULL, "answer by itself" },
	{ "--ring", OPTION_MS, offsetof(struct calls, o.ring), 0, 3600000, "S",
	  "ring so long, then --auto-answer or give up" },
	{ "--reject", OPTION_INT, offsetof(struct calls, o.reject), 300, 699,
	  "CODE", "turn every call away with this status" },
	{ "--calls", OPTION_TEXT, offsetof(struct calls, o.calls), 0, 0, "N",
	  "calls at a time (240); more get 503" },
	{ "--count", OPTION_INT, offsetof(struct calls, o.count), 1, 1000000000,
	  "N", "serve so many calls, then exit" },
	{ 0 },
};

/* A caller who has given up meanwhile (-ENOENT) is no failure. */
static void listen_give_up(struct call *call, int code)
{
	struct calls *c = call->calls;
	int rc = parley_reject(c->agent, call->session, code, NULL);

	if (rc && rc != -ENOENT)
		tool_err(c->tool, "parley: cannot reject: %s\n",
			 parley_error(c->agent));
}

static void listen_answer(struct call *call)
{
	struct calls *c = call->calls;
	int rc = parley_accept(c->agent, call->session, NULL, 0);

	if (rc && rc != -ENOENT) {
		tool_err(c->tool, "parley: cannot answer: %s\n",
			 parley_error(c->agent));
		listen_give_up(call, 488);
	}
}

static void on_ring(void *arg)
{
	struct call *call = arg;

	if (call->calls->o.auto_answer)
		listen_answer(call);
	else
		listen_give_up(call, 480);
}

static void incoming(struct calls *c, const struct parley_event *ev)
{
	bool enough = c->o.count && c->begun >= c->o.count;
	struct call *call = enough ? NULL :
			    calls_add(c, parley_event_session(ev));
	int rc;

	if (!call) {
		rc = parley_reject(c->agent, parley_event_session(ev),
				   enough ? 486 : 503, NULL);
		if (rc && rc != -ENOENT)
			tool_err(c->tool, "parley: out of memory\n");
		return;
	}
	calls_clear(c);
	if (!c->o.json && !c->o.quiet)
		tool_out(c->tool, "call %u from %s\n", call->number,
			 parley_event_from(ev));
	if (c->o.reject) {
		listen_give_up(call, (int)c->o.reject);
		return;
	}
	if (calls_audio(c, call) != TOOL_RUNNING) {
		c->status = TOOL_FAILED;
		listen_give_up(call, 500);
		return;
	}
	if (c->o.auto_answer && c->o.ring < 0) {
		listen_answer(call);
		return;
	}
	if (c->tool->tty && !c->o.auto_answer)
		call_say(call, "keys:", "a answers, r rejects, ? lists all");
	rc = parley_ring(c->agent, call->session);
	if (rc && rc != -ENOENT)
		tool_err(c->tool, "parley: cannot ring: %s\n",
			 parley_error(c->agent));
	if (c->o.ring < 0)
		return;
	call->timer.fn = on_ring;
	call->timer.arg = call;
	reactor_timer_at(c->tool->reactor, &call->timer,
			 mono_add(reactor_now(c->tool->reactor).m,
				  MS(c->o.ring)));
}

static void listen_leave(struct calls *c)
{
	c->is.stopping = true;
	parley_shutdown(c->agent, 35000);
}

/* A call that came to nothing before it was one is told, and counts: who waits
 * for it waits no longer. */
static void listen_refused(struct calls *c, const struct parley_event *ev)
{
	char text[1024];
	struct writer w = writer_begin(text, sizeof(text));
	bool enough = c->o.count && c->begun >= c->o.count;

	if (c->is.stopping || c->stopping || enough)
		return; /* no call is wanted */
	c->begun++;
	c->ended++;
	calls_clear(c);
	if (c->o.json) {
		writer_str(&w, "{\"state\":\"refused\",\"reason\":");
		json_text(&w, slice_str(parley_event_reason(ev)));
		writer_str(&w, ",\"code\":");
		writer_i64(&w, parley_event_code(ev));
		writer_str(&w, ",\"call\":");
		writer_u64(&w, c->begun);
		writer_str(&w, ",\"by\":\"us\",\"remote\":");
		json_text(&w, slice_str(parley_event_from(ev)));
		writer_str(&w, "}\n");
		c->tool->put(c->tool->ctx, false, writer_done(&w));
	} else if (!c->o.quiet) {
		tool_out(c->tool, "call %u from %s refused: %d %s%s\n",
			 c->begun, parley_event_from(ev), parley_event_code(ev),
			 parley_event_reason(ev),
			 parley_event_code(ev) == 488 &&
			 strstr(parley_event_reason(ev), "codec") ?
			 " (--codec names what is taken)" : "");
	}
	if (c->o.count && c->ended == c->o.count)
		listen_leave(c);
}

static void listen_on_event(struct calls *c, struct call *call,
			    const struct parley_event *ev)
{
	if (parley_event_kind(ev) == PARLEY_EV_INCOMING)
		incoming(c, ev);
	if (parley_event_kind(ev) == PARLEY_EV_REFUSED)
		listen_refused(c, ev);
	if (parley_event_kind(ev) == PARLEY_EV_ENDED && call && !c->o.json &&
	    !c->o.quiet && !call->answered)
		tool_out(c->tool, "call %u: %s\n", call->number,
			 parley_event_reason(ev));
	if (parley_event_kind(ev) == PARLEY_EV_ENDED && call && c->o.count &&
	    c->ended + 1 == c->o.count)
		listen_leave(c);
	if (call && call->failure[0]) /* what it was for did not work */
		c->status = TOOL_FAILED;
	if (parley_event_kind(ev) == PARLEY_EV_SHUTDOWN)
		calls_done(c, c->status);
}

/* Where, for who asked for any free port. */
static void listening(struct calls *c)
{
	const char *local = parley_local(c->agent);
	char text[128];
	struct writer w = writer_begin(text, sizeof(text));

	if (!c->o.json && !c->o.quiet)
		tool_out(c->tool, "listening on %s\n", local);
	if (!c->o.json)
		return;
	writer_str(&w, "{\"listening\":");
	json_text(&w, slice_str(local));
	writer_str(&w, ",\"port\":");
	writer_str(&w, strrchr(local, ':') + 1);
	writer_str(&w, "}\n");
	c->tool->put(c->tool->ctx, false, writer_done(&w));
}

static int listen_start(struct tool *t, const struct command *cmd, int argc,
			char **argv, void **run)
{
	struct calls *c;
	size_t n;
	int rc = calls_parse(t, cmd, argc, argv, NULL, 0, &n, run);

	if (rc != TOOL_RUNNING)
		return rc;
	c = *run;
	c->on_event = listen_on_event;
	rc = calls_begin(c);
	if (rc == TOOL_RUNNING)
		rc = calls_audio(c, NULL); /* rather now than at each call */
	if (rc != TOOL_RUNNING)
		return rc;
	listening(c);
	return TOOL_RUNNING;
}

extern const struct command cmd_listen;
const struct command cmd_listen = {
	.name = "listen",
	.summary = "Takes calls; plays, records and measures.",
	.usage = "[options]",
	.options = options,
	.needs_reactor = true,
	.start = listen_start,
	.key = calls_key,
	.interrupt = calls_interrupt,
	.free = calls_free,
};
