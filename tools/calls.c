/* SPDX-License-Identifier: BSD-2-Clause */
#include "tools/calls.h"

#include <stdio.h>
#include <string.h>

#include "platform/crypto.h"
#include "platform/writer.h"

enum { LINE_MS = 500, SHUTDOWN_MS = 35000 /* 64*T1, and a little */,
       FILE_N = 5 /* "file:" */ };

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
				       .streams = 1 };
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
static struct call *find(struct calls *c, uint32_t session)
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

static void drop(struct call *call)
{
	reactor_timer_stop(call->calls->tool->reactor, &call->timer);
	list_remove(&call->node);
	mem_free(call->calls->tool->mem, call);
}

/* "file:" and the path, each %n in it the call's number. */
static int file_spec(const struct call *call, const char *path, char *out,
		     size_t cap)
{
	struct writer w = writer_begin(out, cap - 1);

	writer_str(&w, "file:");
	for (const char *p = path; *p; p++) {
		if (p[0] == '%' && p[1] == 'n') {
			writer_u64(&w, call ? call->number : 1);
			p++;
		} else {
			writer_char(&w, *p);
		}
	}
	out[w.n] = '\0';
	return writer_end(&w);
}

static int too_long(struct calls *c, const char *path)
{
	return tool_fail(c->tool, TOOL_FAILED, "%s: %s", path,
			 strerror(ENAMETOOLONG));
}

/* Each by itself, so that it is clear which of them it is about. */
static int route(struct calls *c, uint32_t session, const char *path,
		 const char *source, const char *sink)
{
	if (parley_audio(c->agent, session, source, sink))
		return tool_fail(c->tool, TOOL_FAILED, "%s: %s", path,
				 parley_error(c->agent));
	return TOOL_RUNNING;
}

int calls_audio(struct calls *c, const struct call *call)
{
	uint32_t session = call ? call->session : 0;
	char spec[1024];
	int rc = TOOL_RUNNING;

	if (c->o.device) {
		snprintf(spec, sizeof(spec), "device:%s", c->o.device);
		rc = route(c, session, c->o.device, spec, spec);
	}
	if (rc == TOOL_RUNNING && c->o.play) {
		if (file_spec(call, c->o.play, spec, sizeof(spec)) < 0)
			return too_long(c, c->o.play);
		rc = route(c, session, spec + FILE_N, spec, NULL);
	}
	if (rc == TOOL_RUNNING && c->o.echo)
		rc = route(c, session, "--echo", "echo", NULL);
	if (rc == TOOL_RUNNING && c->o.record) {
		if (file_spec(call, c->o.record, spec, sizeof(spec)) < 0)
			return too_long(c, c->o.record);
		rc = route(c, session, spec + FILE_N, NULL, spec);
	}
	return rc;
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
	calls_say(c, "answered", "");
	if (c->tool->tty && !c->keys_shown)
		calls_say(c, "keys:", "h hold  m mute  0-9*#ABCD digits  "
			  "+ - streams  n next call  q hang up");
	c->keys_shown = true;
	if (c->o.duration < 0)
		return;
	call->timer.fn = on_duration;
	call->timer.arg = call;
	reactor_timer_at(c->tool->reactor, &call->timer,
			 mono_add(reactor_now(c->tool->reactor).m,
				  MS(c->o.duration)));
}

/* While the call is held they wait, which is said. */
static int digits(struct call *call, const char *keys)
{
	struct calls *c = call->calls;
	struct parley_session_info info = { .size = sizeof(info) };
	int rc = parley_dtmf(c->agent, call->session, keys);

	if (rc == 0 && parley_session_get(c->agent, call->session, &info) == 0
	    && (info.held_here || info.held_there))
		calls_say(c, "held; digits wait until it goes on:", keys);
	return rc;
}

static void send_dtmf(struct call *call)
{
	struct calls *c = call->calls;

	if (!c->o.dtmf || call->dtmf_sent)
		return;
	call->dtmf_sent = true;
	if (digits(call, c->o.dtmf))
		tool_err(c->tool, "parley: cannot send %s: %s\n", c->o.dtmf,
			 parley_error(c->agent));
}

/* In a terminal the user is asked; else more streams are welcome. */
static void on_proposed(struct call *call)
{
	struct calls *c = call->calls;

	if (c->tool->tty && !c->o.auto_answer && !c->o.json) {
		call->asked = true;
		calls_say(c, "the peer proposes more streams:",
		    "a accepts, r refuses");
		return;
	}
	if (parley_proposal_accept(c->agent, call->session, NULL, 0))
		calls_say(c, "cannot accept:", parley_error(c->agent));
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

/* What every command shows of an event; then its own part. */
static void on_event(void *app, const struct parley_event *ev)
{
	struct calls *c = app;
	struct call *call = find(c, parley_event_session(ev));
	char text[96];

	switch (parley_event_kind(ev)) {
	case PARLEY_EV_PROGRESS:
		snprintf(text, sizeof(text), "%d %s", parley_event_code(ev),
			 parley_event_reason(ev));
		calls_say(c, "progress:", text);
		break;
	case PARLEY_EV_ANSWERED:
		if (call)
			on_answered(call);
		break;
	case PARLEY_EV_STREAM_STARTED:
		if (call)
			send_dtmf(call);
		break;
	case PARLEY_EV_DTMF:
		if (call)
			keep_digit(call, parley_event_digit(ev));
		snprintf(text, sizeof(text), "%c (%d ms)",
			 parley_event_digit(ev), (int)parley_event_ms(ev));
		calls_say(c, "digit:", text);
		break;
	case PARLEY_EV_SENDING_STOPPED:
		calls_say(c, "nothing is sent:", parley_event_reason(ev));
		break;
	case PARLEY_EV_SENDING_RESUMED:
		calls_say(c, "sending again", "");
		break;
	case PARLEY_EV_HELD:
		calls_say(c, "held by the peer", "");
		break;
	case PARLEY_EV_RESUMED:
		calls_say(c, "resumed by the peer", "");
		break;
	case PARLEY_EV_PROPOSED:
		if (call)
			on_proposed(call);
		break;
	case PARLEY_EV_PROPOSAL_ANSWERED:
		snprintf(text, sizeof(text), "%d %s", parley_event_code(ev),
			 parley_event_reason(ev));
		calls_say(c, "proposal:", text);
		break;
	case PARLEY_EV_STREAM_ENDED:
		if (call)
			calls_keep_stream(call, parley_event_stream(ev));
		calls_say(c, "stream ended:", parley_event_reason(ev));
		break;
	case PARLEY_EV_MEDIA_FAILED:
		on_media_failed(c, call, parley_event_reason(ev));
		break;
	case PARLEY_EV_ENDED:
		if (call)
			calls_report(call, ev);
		break;
	default:
		break;
	}
	c->on_event(c, call, ev);
	if (parley_event_kind(ev) == PARLEY_EV_ENDED && call) {
		c->ended++;
		drop(call);
	}
}

static void on_log(void *app, int level, const char *line)
{
	struct calls *c = app;

	if (level == 0 || c->o.verbose)
		calls_clear(c);
	tool_log(c->tool, level, line, c->o.verbose);
}

/* ---------------------------------------------------------------- begin */
static int account(struct calls *c)
{
	static const struct {
		const char *flag, *key;
		size_t at;
	} row[] = {
		{ "--user", "auth.username",
		  offsetof(struct calls_options, user) },
		{ "--password", "auth.password",
		  offsetof(struct calls_options, password) },
		{ "--realm", "auth.realm",
		  offsetof(struct calls_options, realm) },
		{ "--proxy", "sip.outbound_proxy",
		  offsetof(struct calls_options, proxy) },
		{ "--codec", "rtp.codecs",
		  offsetof(struct calls_options, codec) },
		{ "--transport", "sip.transport",
		  offsetof(struct calls_options, transport) },
	};
	char aor[128], ring[24];
	int rc;

	snprintf(aor, sizeof(aor), "sip:parley@%s", c->peer ?
		 parley_local_to(c->agent, c->o.proxy ? c->o.proxy : c->peer) :
		 parley_local(c->agent));
	snprintf(ring, sizeof(ring), "%lld", (long long)(c->peer ?
		 (c->o.ring + 999) / 1000 : 0)); /* listen has its own timer */
	rc = parley_account_add(c->agent, c->o.from ? c->o.from : aor,
				&c->account);
	if (rc)
		return tool_fail(c->tool, rc == -ENOMEM ? TOOL_FAILED :
				 TOOL_USAGE, "%s%s", c->o.from ? "--from: " :
				 "", parley_error(c->agent));
	for (size_t i = 0; i < COUNT(row); i++) {
		const char *v;

		memcpy(&v, (const char *)&c->o + row[i].at, sizeof(v));
		rc = tool_set(c->tool, c->agent, c->account, row[i].flag,
			      row[i].key, v);
		if (rc != TOOL_RUNNING)
			return rc;
	}
	rc = tool_set(c->tool, c->agent, c->account, "--ring",
		      "session.ring_timeout", c->o.ring < 0 ? NULL : ring);
	if (rc != TOOL_RUNNING)
		return rc;
	rc = tool_set(c->tool, c->agent, 0, "--media-timeout", "rtp.timeout",
		      c->o.media_timeout);
	if (rc != TOOL_RUNNING)
		return rc;
	rc = tool_set(c->tool, c->agent, 0, "--closed-network",
		      "rtp.closed_network", c->o.closed_network ? "true" :
		      NULL);
	if (rc != TOOL_RUNNING)
		return rc;
	return tool_set(c->tool, c->agent, 0, "--rtp-ports", "rtp.ports",
			c->o.rtp_ports);
}

int calls_begin(struct calls *c)
{
	struct parley_config cfg = {
		.size = sizeof(cfg), .local = c->o.local, .on_event = on_event,
		.app = c, .on_log = on_log, .trace = c->o.trace,
	};
	struct tool *t = c->tool;
	int rc;

	if (c->o.dtmf && c->o.dtmf[strspn(c->o.dtmf, "0123456789*#ABCD,")])
		return tool_fail(t, TOOL_USAGE, "--dtmf %s: digits are 0-9 * # "
				 "A-D and ,", c->o.dtmf);
	cfg.no_udp = c->o.transport && !strcmp(c->o.transport, "tcp");
	cfg.no_tcp = c->o.transport && !strcmp(c->o.transport, "udp");
	if (c->o.password_file) {
		rc = tool_password(t, c->o.password_file, c->password,
				   sizeof(c->password));
		if (rc != TOOL_RUNNING)
			return rc;
		c->o.password = c->password;
	}
	rc = tool_agent(t, &cfg, c->o.proxy ? c->o.proxy : c->peer, &c->agent);
	if (rc == TOOL_RUNNING)
		rc = account(c);
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

void calls_interrupt(void *run)
{
	struct calls *c = run;

	if (c->quitting) { /* asked three times */
		calls_done(c, TOOL_FAILED);
		return;
	}
	c->quitting = c->stopping; /* asked twice: now */
	c->stopping = true;
	if (c->quitting)
		c->status = TOOL_FAILED;
	else if (c->tool->tty && !list_empty(&c->calls))
		calls_say(c, "ending; once more quits at once", "");
	parley_shutdown(c->agent, c->quitting ? 0 : SHUTDOWN_MS);
}

void calls_free(void *run)
{
	struct calls *c = run;
	struct mem *m = c->tool->mem;

	reactor_timer_stop(c->tool->reactor, &c->tick);
	while (!list_empty(&c->calls))
		drop(CONTAINER(c->calls.next, struct call, node));
	parley_free(c->agent);
	crypto_wipe(c->password, sizeof(c->password));
	mem_free(m, c);
}

/* ----------------------------------------------------------------- keys */
static void remove_last(struct calls *c, struct call *call)
{
	uint32_t s[STREAMS_MAX];
	size_t n = parley_streams(c->agent, call->session, s, STREAMS_MAX);

	if (n > 1 && n <= STREAMS_MAX &&
	    parley_stream_remove(c->agent, s[n - 1]) == 0 &&
	    parley_propose(c->agent, call->session))
		calls_say(c, "cannot propose:", parley_error(c->agent));
}

static void add_one(struct calls *c, struct call *call)
{
	uint32_t stream;

	if (parley_stream_add(c->agent, call->session, PARLEY_AUDIO, &stream) ||
	    parley_propose(c->agent, call->session))
		calls_say(c, "cannot propose:", parley_error(c->agent));
}

/* The call that waits for a or r, else the one that the keys are for. */
static struct call *asking(struct calls *c, struct call *current)
{
	for (struct list *n = c->calls.next; n != &c->calls; n = n->next) {
		struct call *call = CONTAINER(n, struct call, node);

		if (!call->answered || call->asked)
			return call;
	}
	return current;
}

static void next_call(struct calls *c)
{
	struct list *first = list_take(&c->calls);
	char number[16];

	list_append(&c->calls, first);
	snprintf(number, sizeof(number), "%u",
		 CONTAINER(c->calls.next, struct call, node)->number);
	calls_say(c, "keys are for call", number);
}

void calls_key(void *run, char key)
{
	struct calls *c = run;
	struct call *call = list_empty(&c->calls) ? NULL :
		CONTAINER(c->calls.next, struct call, node);
	int rc = 0;

	if (key == 'q' && (!call || call->ending)) {
		calls_interrupt(c);
		return;
	}
	if (!call)
		return;
	if (key == 'a' || key == 'r')
		call = asking(c, call);
	if (key == 'q') {
		rc = parley_end(c->agent, call->session);
		call->ending = rc == 0;
	} else if (key == 'n') {
		next_call(c);
	} else if (key == 'h') {
		rc = parley_hold(c->agent, call->session, !call->held);
		call->held ^= rc == 0;
		if (rc == 0)
			calls_say(c, call->held ? "holding" : "resuming", "");
	} else if (key == 'm') {
		rc = parley_mute(c->agent, call->session, !call->muted);
		call->muted ^= rc == 0;
	} else if (key == 'a') {
		rc = call->asked ?
		     parley_proposal_accept(c->agent, call->session, NULL, 0) :
		     parley_accept(c->agent, call->session, NULL, 0);
		call->asked = false;
	} else if (key == 'r') {
		rc = call->asked ?
		     parley_proposal_reject(c->agent, call->session) :
		     parley_reject(c->agent, call->session, 486, NULL);
		call->asked = false;
	} else if (key == '+') {
		add_one(c, call);
	} else if (key == '-') {
		remove_last(c, call);
	} else if (key > ' ' && strchr("0123456789*#ABCD", key)) {
		rc = digits(call, (char[]){ key, '\0' });
	}
	if (rc < 0)
		calls_say(c, "not now:", parley_error(c->agent));
}
