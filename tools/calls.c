/* SPDX-License-Identifier: BSD-2-Clause */
#include "tools/calls.h"

#include <stdio.h>
#include <string.h>

#include "platform/crypto.h"
#include "platform/writer.h"

enum { LINE_MS = 500, SHUTDOWN_MS = 35000 /* 64*T1, and a little */ };

int calls_parse(struct tool *t, const struct command *cmd, int argc,
		char **argv, const char **uri, size_t max, size_t *words,
		void **run)
{
	struct calls *c = mem_new(t->mem, sizeof(*c));

	if (!c)
		return tool_fail(t, TOOL_FAILED, "out of memory");
	*run = c;
	c->tool = t;
	list_init(&c->calls);
	c->o = (struct calls_options){ .duration = -1, .ring = -1,
				       .streams = 1, .memory = TOOL_MEMORY };
	return options_parse(t, cmd, argc, argv, c, uri, max, words);
}

/* -------------------------------------------------------- the live line */
static void on_tick(void *arg)
{
	struct calls *c = arg;

	for (struct list *n = c->calls.next; n != &c->calls; n = n->next) {
		struct call *call = CONTAINER(n, struct call, node);

		if (call->answered) {
			calls_line(call);
			break;
		}
	}
	reactor_timer_at(c->tool->reactor, &c->tick,
			 mono_add(reactor_now(c->tool->reactor).m,
				  MS(LINE_MS)));
}

/* ---------------------------------------------------------------- calls */
static struct call *calls_find(struct calls *c, uint32_t session)
{
	for (struct list *n = c->calls.next; n != &c->calls; n = n->next) {
		struct call *call = CONTAINER(n, struct call, node);

		if (call->session == session)
			return call;
	}
	return NULL;
}

struct call *calls_add(struct calls *c, uint32_t session)
{
	struct call *call = mem_new(c->tool->mem, sizeof(*call));

	if (!call)
		return NULL;
	call->calls = c;
	call->session = session;
	call->number = ++c->begun;
	list_append(&c->calls, &call->node);
	return call;
}

static void calls_drop(struct call *call)
{
	reactor_timer_stop(call->calls->tool->reactor, &call->timer);
	list_remove(&call->node);
	mem_free(call->calls->tool->mem, call);
}

static void on_duration(void *arg)
{
	struct call *call = arg;
	int rc = parley_end(call->calls->agent, call->session);

	(void)rc; /* it is ending already */
}

static void on_answered(struct call *call)
{
	struct calls *c = call->calls;

	call->answered = true;
	call_say(call, "answered", "");
	if (c->tool->tty && !c->keys_shown)
		calls_keys_help(c);
	c->keys_shown = true;
	if (c->o.duration < 0)
		return;
	call->timer.fn = on_duration;
	call->timer.arg = call;
	reactor_timer_at(c->tool->reactor, &call->timer,
			 mono_add(reactor_now(c->tool->reactor).m,
				  MS(c->o.duration)));
}

static void send_dtmf(struct call *call)
{
	struct calls *c = call->calls;

	if (!c->o.dtmf || call->dtmf_sent)
		return;
	call->dtmf_sent = true;
	if (calls_digits(call, c->o.dtmf))
		tool_err(c->tool, "parley: cannot send %s: %s\n", c->o.dtmf,
			 parley_error(c->agent));
}

/* In a terminal the user is asked; else more streams are welcome. */
static void on_proposed(struct call *call)
{
	struct calls *c = call->calls;

	if (c->tool->tty && !c->o.auto_answer && !c->o.json) {
		call->asked = true;
		call_say(call, "the peer proposes more streams:",
			 "a accepts, r refuses");
		return;
	}
	if (parley_proposal_accept(c->agent, call->session, NULL, 0))
		call_say(call, "cannot accept:", parley_error(c->agent));
}

/* What became of the streams that were added or removed: how many there are. */
static void on_proposal_answered(struct call *call,
				 const struct parley_event *ev)
{
	const char *warning = parley_event_warning(ev);
	char text[320];
	size_t n = parley_streams(call->calls->agent, call->session, NULL, 0);

	snprintf(text, sizeof(text), "%d %s%s%s", parley_event_code(ev),
		 parley_event_reason(ev), *warning ? ": " : "", warning);
	call_say(call, "proposal:", text);
	if (!call->changing)
		return;
	call->changing = false;
	snprintf(text, sizeof(text), "%zu", n);
	call_say(call, "streams:", text);
}

static void keep_digit(struct call *call, char digit)
{
	size_t n = strlen(call->digits);

	if (n + 1 < sizeof(call->digits))
		call->digits[n] = digit; /* the rest is zero */
}

/* A call without the sound that was asked for is not as wanted: it ends. */
static void on_media_failed(struct calls *c, struct call *call,
			    const char *reason)
{
	int rc;

	calls_clear(c);
	tool_err(c->tool, "parley: media: %s\n", reason);
	if (!call || call->failure[0])
		return;
	snprintf(call->failure, sizeof(call->failure), "%s", reason);
	rc = parley_end(c->agent, call->session);
	(void)rc; /* it is ending already */
}

/* What every command shows of what happens in a call. */
static void show_event(struct calls *c, struct call *call,
		       const struct parley_event *ev)
{
	char text[96];

	switch (parley_event_kind(ev)) {
	case PARLEY_EV_PROGRESS:
		snprintf(text, sizeof(text), "%d %s", parley_event_code(ev),
			 parley_event_reason(ev));
		call_say(call, "progress:", text);
		break;
	case PARLEY_EV_REDIRECTED:
		call_say(call, "redirected:", parley_event_to(ev));
		break;
	case PARLEY_EV_ANSWERED:
		on_answered(call);
		break;
	case PARLEY_EV_STREAM_STARTED:
		send_dtmf(call);
		break;
	case PARLEY_EV_DTMF:
		keep_digit(call, parley_event_digit(ev));
		snprintf(text, sizeof(text), "%c (%d ms)",
			 parley_event_digit(ev), (int)parley_event_ms(ev));
		call_say(call, "digit:", text);
		break;
	case PARLEY_EV_SENDING_STOPPED:
		call_say(call, "nothing is sent:", parley_event_reason(ev));
		break;
	case PARLEY_EV_SENDING_RESUMED:
		call_say(call, "sending again", "");
		break;
	case PARLEY_EV_HELD:
		call_say(call, "held by the peer", "");
		break;
	case PARLEY_EV_RESUMED:
		call_say(call, "resumed by the peer", "");
		break;
	case PARLEY_EV_PROPOSED:
		on_proposed(call);
		break;
	case PARLEY_EV_PROPOSAL_ANSWERED:
		on_proposal_answered(call, ev);
		break;
	case PARLEY_EV_STREAM_ENDED:
		calls_keep_stream(call, parley_event_stream(ev));
		call_say(call, "stream ended:", parley_event_reason(ev));
		break;
	case PARLEY_EV_MEDIA_FAILED:
		on_media_failed(c, call, parley_event_reason(ev));
		break;
	case PARLEY_EV_NETWORK:
		call->moved++;
		snprintf(text, sizeof(text), "%.40s -> %.40s",
			 parley_event_from(ev), parley_event_to(ev));
		call_say(call, "moved to another address:", text);
		break;
	case PARLEY_EV_ENDED:
		calls_report(call, ev);
		break;
	default:
		break;
	}
}

/* A registration that was wanted and is not to be had: nobody would come. */
static void on_registration(struct calls *c, const struct parley_event *ev)
{
	enum parley_event_kind kind = parley_event_kind(ev);

	if (kind == PARLEY_EV_REGISTERED || kind == PARLEY_EV_UNREGISTERED ||
	    kind == PARLEY_EV_REGISTER_FAILED || kind == PARLEY_EV_NETWORK)
		calls_clear(c);
	if (registration_on_event(&c->is, ev) != TOOL_RUNNING) {
		c->status = TOOL_FAILED;
		c->is.stopping = true;
		parley_shutdown(c->agent, SHUTDOWN_MS);
	}
	if (kind == PARLEY_EV_SHUTDOWN && c->is.last == REGISTERED)
		c->status = registration_over(&c->is);
}

static void calls_on_event(void *app, const struct parley_event *ev)
{
	struct calls *c = app;
	struct call *call = calls_find(c, parley_event_session(ev));

	if (c->is.aor)
		on_registration(c, ev);
	if (call)
		show_event(c, call, ev);
	else if (parley_event_kind(ev) == PARLEY_EV_MEDIA_FAILED)
		on_media_failed(c, NULL, parley_event_reason(ev));
	c->on_event(c, call, ev);
	if (parley_event_kind(ev) == PARLEY_EV_ENDED && call) {
		c->ended++;
		calls_drop(call);
	}
}

static void calls_on_log(void *app, int level, const char *line)
{
	struct calls *c = app;

	if (level == 0 || c->o.verbose)
		calls_clear(c);
	tool_log(c->tool, level, line, c->o.verbose > 0);
}

/* ---------------------------------------------------------------- begin */
static int settings(struct calls *c)
{
	const struct calls_options *o = &c->o;
	char ring[24];
	const struct tool_setting row[] = {
		{ "--user", "auth.username", o->user },
		{ "--password", "auth.password", o->password },
		{ "--realm", "auth.realm", o->realm },
		{ "--proxy", "sip.outbound_proxy", o->proxy },
		{ "--codec", "rtp.codecs", o->codec },
		{ "--transport", "sip.transport", o->transport },
		{ "--registrar", "sip.registrar", o->registrar },
		{ "--ring", "session.ring_timeout", o->ring < 0 ? NULL : ring },
		{ "--redirects", "sip.redirects", o->redirects },
		{ "--calls", "agent.sessions", o->calls },
		{ "--calls", "session.calls", o->calls },
		{ "--media-timeout", "rtp.timeout", o->media_timeout },
		{ "--closed-network", "rtp.closed_network",
		  o->closed_network ? "true" : NULL },
		{ "--rtp-ports", "rtp.ports", o->rtp_ports },
	};
	int rc;

	snprintf(ring, sizeof(ring), "%lld", (long long)(c->peer ?
		 (o->ring + 999) / 1000 : 0)); /* listen has its own timer */
	rc = tool_settings(c->tool, c->agent, c->account, row, COUNT(row));
	return rc != TOOL_RUNNING ? rc :
	       tool_network(c->tool, c->agent, c->account, &o->net);
}

/* On the link, without a registrar. */
static int join_link(struct calls *c)
{
	struct parley_bonjour o = { .size = sizeof(o),
				    .name = c->o.bonjour };

	if (!c->o.bonjour[0])
		return tool_fail(c->tool, TOOL_USAGE, "--bonjour: a name is "
				 "wanted");
	if (parley_bonjour(c->agent, &o, &c->account))
		return tool_fail(c->tool, TOOL_FAILED, "--bonjour: %s",
				 parley_error(c->agent));
	return settings(c);
}

static int account(struct calls *c)
{
	const char *named = c->o.aor ? c->o.aor : c->o.from;
	char aor[128];
	int rc;

	if (c->o.bonjour)
		return join_link(c);
	snprintf(aor, sizeof(aor), "sip:parley@%s", c->peer ?
		 parley_local_to(c->agent, c->o.proxy ? c->o.proxy : c->peer) :
		 parley_local(c->agent));
	rc = parley_account_add(c->agent, named ? named : aor, &c->account);
	if (rc)
		return tool_fail(c->tool, rc == -ENOMEM ? TOOL_FAILED :
				 TOOL_USAGE, "%s%s", c->o.aor ? "--aor: " :
				 c->o.from ? "--from: " : "",
				 parley_error(c->agent));
	return settings(c);
}

/* The address is registered from the start; what comes of it is told. */
static int enlist(struct calls *c)
{
	c->is.tool = c->tool;
	c->is.aor = c->o.aor;
	c->is.registrar = c->o.registrar;
	c->is.json = c->o.json;
	c->is.quiet = c->o.quiet;
	c->is.lacks_password = !c->o.password;
	if (!c->o.aor || parley_register(c->agent, c->account) == 0)
		return TOOL_RUNNING;
	return tool_fail(c->tool, TOOL_FAILED, "%s: %s", c->o.aor,
			 parley_error(c->agent));
}

/* What only makes sense together. */
static int calls_judge(const struct calls *c)
{
	const struct calls_options *o = &c->o;

	if (o->dtmf && o->dtmf[strspn(o->dtmf, "0123456789*#ABCD,")])
		return tool_fail(c->tool, TOOL_USAGE, "--dtmf %s: digits are "
				 "0-9 * # A-D and ,", o->dtmf);
	if (o->aor && o->from)
		return tool_fail(c->tool, TOOL_USAGE, "--from: who calls is "
				 "--aor already");
	if (o->bonjour && (o->aor || o->from))
		return tool_fail(c->tool, TOOL_USAGE, "--bonjour: it is %s "
				 "already", o->aor ? "--aor" : "--from");
	if (o->play && o->echo)
		return tool_fail(c->tool, TOOL_USAGE, "--echo: what is sent "
				 "is --play already");
	if (o->reject && o->auto_answer)
		return tool_fail(c->tool, TOOL_USAGE, "--auto-answer: every "
				 "call is turned away, --reject");
	if (o->registrar && !o->aor)
		return tool_fail(c->tool, TOOL_USAGE, "--registrar: which "
				 "address? (--aor URI)");
	return TOOL_RUNNING;
}

static bool only(const struct calls *c, const char *transport)
{
	return c->o.transport && !strcmp(c->o.transport, transport);
}

int calls_begin(struct calls *c)
{
	struct parley_config cfg = {
		.size = sizeof(cfg),
		.locals = c->o.local.text,
		.locals_n = c->o.local.n,
		.on_event = calls_on_event,
		.app = c,
		.on_log = calls_on_log,
		.trace = c->o.trace,
		.trace_keys = c->o.trace_keys,
	};
	struct tool *t = c->tool;
	int rc = calls_judge(c);

	cfg.memory = (size_t)c->o.memory << 20;
	if (rc == TOOL_RUNNING)
		rc = calls_files(c);
	if (rc != TOOL_RUNNING)
		return rc;
	cfg.ws_port = (int)c->o.ws_port;
	cfg.no_udp = only(c, "tcp") || only(c, "tls");
	cfg.no_tcp = only(c, "udp") || only(c, "tls");
	cfg.no_tls = only(c, "udp") || only(c, "tcp");
	if (!c->peer) { /* listen */
		cfg.tls_cert = c->o.net.cert;
		cfg.tls_key = c->o.net.key;
		cfg.wss_port = (int)c->o.wss_port;
		cfg.tls_ca = c->o.tls_clients;
	}
	if (c->o.password_file) {
		rc = tool_password(t, c->o.password_file, c->password,
				   sizeof(c->password));
		if (rc != TOOL_RUNNING)
			return rc;
		c->o.password = c->password;
	}
	rc = tool_agent(t, &cfg, c->o.proxy ? c->o.proxy : c->peer ? c->peer :
			c->o.registrar ? c->o.registrar : c->o.aor, &c->agent);
	if (rc == TOOL_RUNNING)
		rc = tool_verbose(t, c->agent, c->o.verbose);
	if (rc == TOOL_RUNNING)
		rc = account(c);
	if (rc == TOOL_RUNNING)
		rc = enlist(c);
	if (rc == TOOL_RUNNING && t->tty && !c->o.json && !c->o.quiet) {
		c->tick.fn = on_tick;
		c->tick.arg = c;
		reactor_timer_at(t->reactor, &c->tick,
				 mono_add(reactor_now(t->reactor).m,
					  MS(LINE_MS)));
	}
	return rc;
}

void calls_done(struct calls *c, int status)
{
	calls_clear(c);
	reactor_timer_stop(c->tool->reactor, &c->tick);
	c->tool->done(c->tool->ctx, status);
}

void calls_no_wait(struct calls *c)
{
	c->stopping = c->is.stopping = true;
}

void calls_interrupt(void *run)
{
	struct calls *c = run;

	if (c->quitting) { /* asked three times */
		calls_done(c, TOOL_FAILED);
		return;
	}
	c->quitting = c->stopping; /* asked twice: now */
	c->stopping = c->is.stopping = true;
	if (c->quitting)
		c->status = TOOL_FAILED;
	else if (!list_empty(&c->calls))
		calls_say(c, "ending;", "once more leaves at once");
	parley_shutdown(c->agent, c->quitting ? 0 : SHUTDOWN_MS);
}

void calls_free(void *run)
{
	struct calls *c = run;
	struct mem *m = c->tool->mem;

	reactor_timer_stop(c->tool->reactor, &c->tick);
	while (!list_empty(&c->calls))
		calls_drop(CONTAINER(c->calls.next, struct call, node));
	parley_free(c->agent);
	crypto_wipe(c->password, sizeof(c->password));
	mem_free(m, c);
}
