/* SPDX-License-Identifier: BSD-2-Clause */
#include "tools/calls.h"

#include <stdio.h>
#include <string.h>

#include "client/client_port.h"
#include "platform/writer.h"

enum { LINE_MS = 500, STREAMS_MAX = 16 };

void calls_defaults(struct calls_options *o)
{
	*o = (struct calls_options){ .duration = -1, .ring = -1, .streams = 1 };
}

/* ---------------------------------------------------------- the report */
static const char *state_name(enum parley_end_state s)
{
	return s == PARLEY_ENDED ? "ended" :
	       s == PARLEY_CANCELLED ? "cancelled" : "failed";
}

static void put_number(struct writer *w, const char *name, double v)
{
	char text[48];

	snprintf(text, sizeof(text), ",\"%s\":%.2f", name, v);
	writer_str(w, text);
}

static void put_count(struct writer *w, const char *name, uint64_t v)
{
	writer_str(w, ",\"");
	writer_str(w, name);
	writer_str(w, "\":");
	writer_u64(w, v);
}

static const char *direction_name(enum parley_direction d)
{
	static const char *const name[] = { "inactive", "sendonly", "recvonly",
					    "sendrecv" };
	return name[d];
}

static void put_stream(struct writer *w, const struct parley_stats *s)
{
	writer_str(w, "{\"type\":\"audio\",\"codec\":");
	json_text(w, slice_str(s->codec));
	writer_str(w, ",\"direction\":");
	json_text(w, slice_str(direction_name(s->direction)));
	put_count(w, "packets_sent", s->packets_sent);
	put_count(w, "packets_received", s->packets_received);
	put_count(w, "packets_lost", s->packets_lost);
	put_number(w, "jitter_ms", s->jitter_ms);
	if (s->rtt_ms < 0)
		writer_str(w, ",\"rtt_ms\":null");
	else
		put_number(w, "rtt_ms", s->rtt_ms);
	if (s->mos <= 0)
		writer_str(w, ",\"mos\":null");
	else
		put_number(w, "mos", s->mos);
	writer_str(w, ",\"security\":");
	json_text(w, slice_str(s->security));
	put_count(w, "packets_late", s->packets_late);
	put_count(w, "bytes_sent", s->bytes_sent);
	put_count(w, "bytes_received", s->bytes_received);
	put_number(w, "buffer_ms", s->delay_ms);
	writer_str(w, ",\"remote\":");
	json_text(w, slice_str(s->remote));
	writer_char(w, '}');
}

static void report_json(struct call *call, const struct parley_event *ev,
			const struct parley_session_info *info)
{
	static const size_t ROOM = 8192;
	struct calls *c = call->calls;
	char *buf = mem_new(c->tool->mem, ROOM);
	struct writer w = writer_begin(buf, buf ? ROOM : 0);
	uint32_t streams[STREAMS_MAX];
	size_t n = parley_streams(c->agent, call->session, streams,
				  STREAMS_MAX), shown = 0;

	writer_str(&w, "{\"state\":");
	json_text(&w, slice_str(state_name(parley_event_end_state(ev))));
	writer_str(&w, ",\"reason\":");
	json_text(&w, slice_str(parley_event_reason(ev)));
	writer_str(&w, ",\"code\":");
	writer_i64(&w, parley_event_code(ev));
	if (info->setup_ms < 0)
		writer_str(&w, ",\"setup_ms\":null");
	else
		put_count(&w, "setup_ms", (uint64_t)info->setup_ms);
	put_number(&w, "duration_s", (double)info->duration_ms / 1000);
	put_count(&w, "call", call->number);
	writer_str(&w, ",\"by\":");
	writer_str(&w, parley_event_by_peer(ev) ? "\"peer\"" : "\"us\"");
	writer_str(&w, ",\"remote\":");
	json_text(&w, slice_str(info->remote));
	writer_str(&w, ",\"digits\":");
	json_text(&w, slice_str(call->digits));
	writer_str(&w, ",\"streams\":[");
	for (size_t i = 0; i < n && i < STREAMS_MAX; i++) {
		struct parley_stats s = { .size = sizeof(s) };

		if (parley_stream_stats(c->agent, streams[i], &s))
			continue;
		if (shown++)
			writer_char(&w, ',');
		put_stream(&w, &s);
	}
	writer_str(&w, "]}\n");
	c->tool->put(c->tool->ctx, false, writer_done(&w));
	mem_free(c->tool->mem, buf);
}

static void clear_line(struct calls *c)
{
	if (c->line_shown)
		tool_out(c->tool, "\r\033[K");
	c->line_shown = false;
}

static void say(struct calls *c, const char *what, const char *detail)
{
	clear_line(c);
	if (!c->o.json && !c->o.quiet)
		tool_out(c->tool, "%s%s%s\n", what, *detail ? " " : "", detail);
}

static void report_text(struct call *call, const struct parley_event *ev,
			const struct parley_session_info *info)
{
	struct calls *c = call->calls;
	uint32_t streams[STREAMS_MAX];
	size_t n = parley_streams(c->agent, call->session, streams,
				  STREAMS_MAX);

	if (c->o.quiet || !call->answered)
		return;
	clear_line(c);
	tool_out(c->tool, "call %u with %s: %s after %.1f s%s%s\n",
		 call->number, info->remote,
		 state_name(parley_event_end_state(ev)),
		 (double)info->duration_ms / 1000,
		 parley_event_by_peer(ev) ? " by the peer" : "",
		 "");
	for (size_t i = 0; i < n && i < STREAMS_MAX; i++) {
		struct parley_stats s = { .size = sizeof(s) };

		if (parley_stream_stats(c->agent, streams[i], &s) ||
		    !s.codec[0])
			continue;
		tool_out(c->tool, "  audio %s %s: sent %llu, received %llu, "
			 "lost %llu, jitter %.1f ms, MOS %.2f\n", s.codec,
			 direction_name(s.direction),
			 (unsigned long long)s.packets_sent,
			 (unsigned long long)s.packets_received,
			 (unsigned long long)s.packets_lost, s.jitter_ms,
			 s.mos);
	}
}

static void report(struct call *call, const struct parley_event *ev)
{
	struct calls *c = call->calls;
	struct parley_session_info info = { .size = sizeof(info) };

	if (parley_session_get(c->agent, call->session, &info))
		info.setup_ms = -1;
	if (c->o.json)
		report_json(call, ev, &info);
	else
		report_text(call, ev, &info);
}

/* -------------------------------------------------------- the live line */
static void show_line(struct calls *c, struct call *call)
{
	struct parley_session_info info = { .size = sizeof(info) };
	struct parley_stats s = { .size = sizeof(s), .rtt_ms = -1 };
	uint32_t stream = 0;
	double loss = 0;
	int64_t secs;

	if (parley_session_get(c->agent, call->session, &info) ||
	    parley_streams(c->agent, call->session, &stream, 1) == 0 ||
	    parley_stream_stats(c->agent, stream, &s))
		return;
	secs = info.duration_ms / 1000;
	if (s.packets_received + s.packets_lost)
		loss = 100.0 * (double)s.packets_lost /
		       (double)(s.packets_received + s.packets_lost);
	tool_out(c->tool, "\r%02d:%02d %s%s%s in %.0f dB out %.0f dB loss "
		 "%.1f %% jitter %.1f ms rtt %.0f ms MOS %.2f\033[K",
		 (int)(secs / 60), (int)(secs % 60), s.codec,
		 call->held ? " held" : "", call->muted ? " muted" : "",
		 s.level_in, s.level_out, loss, s.jitter_ms,
		 s.rtt_ms < 0 ? 0 : s.rtt_ms, s.mos);
	c->line_shown = true;
}

static void on_tick(void *arg)
{
	struct calls *c = arg;

	for (struct list *n = c->calls.next; n != &c->calls; n = n->next) {
		struct call *call = CONTAINER(n, struct call, node);

		if (call->answered) {
			show_line(c, call);
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
static int file_spec(struct call *call, const char *path, char *out,
		     size_t cap)
{
	struct writer w = writer_begin(out, cap - 1);

	writer_str(&w, "file:");
	for (const char *p = path; *p; p++) {
		if (p[0] == '%' && p[1] == 'n') {
			writer_u64(&w, call->number);
			p++;
		} else {
			writer_char(&w, *p);
		}
	}
	out[w.n] = '\0';
	return writer_end(&w);
}

int calls_audio(struct call *call)
{
	struct calls *c = call->calls;
	char play[1024], record[1024], device[256];
	const char *source = NULL, *sink = NULL;

	if (c->o.device) {
		snprintf(device, sizeof(device), "device:%s", c->o.device);
		source = sink = device;
	}
	if (c->o.play) {
		if (file_spec(call, c->o.play, play, sizeof(play)) < 0)
			return -ENAMETOOLONG;
		source = play;
	}
	if (c->o.echo)
		source = "echo";
	if (c->o.record) {
		if (file_spec(call, c->o.record, record, sizeof(record)) < 0)
			return -ENAMETOOLONG;
		sink = record;
	}
	if (!source && !sink)
		return 0;
	return parley_audio(c->agent, call->session, source, sink);
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
	int rc;

	if (!c->o.dtmf || call->dtmf_sent)
		return;
	call->dtmf_sent = true;
	rc = parley_dtmf(c->agent, call->session, c->o.dtmf);
	if (rc < 0)
		tool_err(c->tool, "parley: cannot send %s: %s\n", c->o.dtmf,
			 parley_error(c->agent));
}

/* In a terminal the user is asked; else more streams are welcome. */
static void on_proposed(struct call *call)
{
	struct calls *c = call->calls;

	if (c->tool->tty && !c->o.auto_answer && !c->o.json) {
		call->asked = true;
		say(c, "the peer proposes more streams:",
		    "a accepts, r refuses");
		return;
	}
	if (parley_proposal_accept(c->agent, call->session, NULL, 0))
		say(c, "cannot accept:", parley_error(c->agent));
}

static void keep_digit(struct call *call, char digit)
{
	size_t n = strlen(call->digits);

	if (n + 1 < sizeof(call->digits))
		call->digits[n] = digit; /* the rest is zero */
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
		say(c, "progress:", text);
		break;
	case PARLEY_EV_ANSWERED:
		if (call)
			on_answered(call);
		say(c, "answered", "");
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
		say(c, "digit:", text);
		break;
	case PARLEY_EV_HELD:
		say(c, "held by the peer", "");
		break;
	case PARLEY_EV_RESUMED:
		say(c, "resumed by the peer", "");
		break;
	case PARLEY_EV_PROPOSED:
		if (call)
			on_proposed(call);
		break;
	case PARLEY_EV_PROPOSAL_ANSWERED:
		snprintf(text, sizeof(text), "%d %s", parley_event_code(ev),
			 parley_event_reason(ev));
		say(c, "proposal:", text);
		break;
	case PARLEY_EV_STREAM_ENDED:
		say(c, "stream ended:", parley_event_reason(ev));
		break;
	case PARLEY_EV_MEDIA_FAILED:
		clear_line(c);
		tool_err(c->tool, "parley: media: %s\n",
			 parley_event_reason(ev));
		break;
	case PARLEY_EV_ENDED:
		if (call)
			report(call, ev);
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

	if (level == 0 || c->o.verbose) {
		clear_line(c);
		tool_err(c->tool, "parley: %s\n", line);
	}
}

/* ---------------------------------------------------------------- begin */
static const char *setting_help(const char *key)
{
	const struct parley_setting *row;

	for (size_t i = 0; (row = parley_setting_at(i)) != NULL; i++)
		if (strcmp(row->key, key) == 0)
			return row->help;
	return "";
}

/* The value is not shown: it may be a password. */
static int setting(struct calls *c, uint32_t owner, const char *key,
		   const char *value)
{
	int rc = value ? parley_set(c->agent, owner, key, value) : 0;

	if (rc)
		return tool_fail(c->tool, rc == -ENOMEM ? TOOL_FAILED :
				 TOOL_USAGE, "%s: %s (%s)", key,
				 parley_error(c->agent), setting_help(key));
	return TOOL_RUNNING;
}

static int account(struct calls *c)
{
	static const struct {
		const char *key;
		size_t at;
	} row[] = {
		{ "auth.username", offsetof(struct calls_options, user) },
		{ "auth.password", offsetof(struct calls_options, password) },
		{ "sip.outbound_proxy", offsetof(struct calls_options, proxy) },
		{ "rtp.codecs", offsetof(struct calls_options, codec) },
		{ "sip.transport", offsetof(struct calls_options, transport) },
	};
	char aor[128];
	int rc;

	snprintf(aor, sizeof(aor), "sip:parley@%s", parley_local(c->agent));
	rc = parley_account_add(c->agent, c->o.from ? c->o.from : aor,
				&c->account);
	if (rc)
		return tool_fail(c->tool, rc == -ENOMEM ? TOOL_FAILED :
				 TOOL_USAGE, "%s: %s",
				 c->o.from ? c->o.from : aor,
				 parley_error(c->agent));
	for (size_t i = 0; i < COUNT(row); i++) {
		const char *v;

		memcpy(&v, (const char *)&c->o + row[i].at, sizeof(v));
		rc = setting(c, c->account, row[i].key, v);
		if (rc != TOOL_RUNNING)
			return rc;
	}
	return setting(c, 0, "rtp.ports", c->o.rtp_ports);
}

int calls_begin(struct calls *c, struct tool *t)
{
	struct parley_config cfg = {
		.size = sizeof(cfg), .local = c->o.local, .on_event = on_event,
		.app = c, .on_log = on_log, .trace = c->o.trace,
	};
	int rc;

	c->tool = t;
	list_init(&c->calls);
	cfg.no_udp = c->o.transport && !strcmp(c->o.transport, "tcp");
	cfg.no_tcp = c->o.transport && !strcmp(c->o.transport, "udp");
	rc = client_new(t->reactor, NULL, &cfg, &c->agent);
	if (rc == -EBADMSG)
		return tool_fail(t, TOOL_USAGE, "--local %s: ADDR:PORT wanted",
				 c->o.local);
	if (rc)
		return tool_fail(t, TOOL_FAILED, "%s: %s", c->o.local ?
				 c->o.local : "0.0.0.0:0", strerror(-rc));
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
	clear_line(c);
	reactor_timer_stop(c->tool->reactor, &c->tick);
	c->tool->done(c->tool->ctx, status);
}

void calls_interrupt(struct calls *c)
{
	if (c->stopping) { /* asked twice: now */
		calls_done(c, TOOL_FAILED);
		return;
	}
	c->stopping = true;
	parley_shutdown(c->agent, 3000);
}

void calls_end(struct calls *c)
{
	reactor_timer_stop(c->tool->reactor, &c->tick);
	while (!list_empty(&c->calls))
		drop(CONTAINER(c->calls.next, struct call, node));
	parley_free(c->agent);
}

/* ----------------------------------------------------------------- keys */
static int on_digit(struct calls *c, struct call *call, char key)
{
	char digit[2] = { key, '\0' };

	return parley_dtmf(c->agent, call->session, digit);
}

static void remove_last(struct calls *c, struct call *call)
{
	uint32_t s[STREAMS_MAX];
	size_t n = parley_streams(c->agent, call->session, s, STREAMS_MAX);

	if (n > 1 && n <= STREAMS_MAX &&
	    parley_stream_remove(c->agent, s[n - 1]) == 0 &&
	    parley_propose(c->agent, call->session))
		say(c, "cannot propose:", parley_error(c->agent));
}

static void add_one(struct calls *c, struct call *call)
{
	uint32_t stream;

	if (parley_stream_add(c->agent, call->session, PARLEY_AUDIO, &stream) ||
	    parley_propose(c->agent, call->session))
		say(c, "cannot propose:", parley_error(c->agent));
}

void calls_key(struct calls *c, char key)
{
	struct call *call = list_empty(&c->calls) ? NULL :
		CONTAINER(c->calls.next, struct call, node);
	int rc = 0;

	if (key == 'q') {
		calls_interrupt(c);
		return;
	}
	if (!call)
		return;
	if (key == 'h') {
		rc = parley_hold(c->agent, call->session, !call->held);
		call->held ^= rc == 0;
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
		rc = on_digit(c, call, key);
	}
	if (rc < 0)
		say(c, "not now:", parley_error(c->agent));
}
