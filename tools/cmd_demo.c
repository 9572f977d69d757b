/* SPDX-License-Identifier: BSD-2-Clause
 * parley demo: two agents of this process on the loopback interface, with real
 * sockets: a call through Opus with speech both ways, keys, hold, a second
 * stream; then a table of what was measured. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/client_port.h"
#include "media/codec/codec.h"
#include "media/measure.h"
#include "media/resample.h"
#include "media/wav_file.h"
#include "tools/speech.h"
#include "tools/tool.h"

enum { SPEECH_MS = 6500, PATH = 512, NAME = 32, RATE = 16000 };

struct side {
	struct demo *demo;
	struct parley *agent;
	uint32_t account, session;
	bool answered, over;
	mono media_at;         /* its first stream started */
	char digits[16];
	unsigned streams_started, streams_ended, held, resumed;
	struct parley_stats stats;
	struct parley_session_info info;
	char heard[PATH + NAME];
};

struct demo {
	struct tool *tool;
	struct side alice, bob; /* who calls, and who is called */
	struct reactor_timer timer;
	unsigned step;
	uint32_t second;       /* stream */
	const char *trace, *dir;
	bool trace_keys;
	char made[PATH];       /* the folder, where none was asked for */
	char sent[PATH + NAME];
	bool told;             /* where the files are: they are to stay */
	unsigned failures;
};

static const struct option options[] = {
	{ "--dir", OPTION_TEXT, offsetof(struct demo, dir), 0, 0, "DIR",
	  "for the WAV files (a new one in $TMPDIR or /tmp)" },
	TRACE_OPTIONS(struct demo, ),
	{ 0 },
};

/* ------------------------------------------------------------ the table */
static void row(struct demo *d, bool good, const char *what, const char *value,
		const char *wanted)
{
	tool_out(d->tool, "  %-34s %-22s %-14s %s\n", what, value, wanted,
		 good ? "ok" : "FAILED");
	d->failures += !good;
}

static void row_number(struct demo *d, bool good, const char *what, double v,
		       int digits, const char *unit, const char *wanted)
{
	char text[48];

	snprintf(text, sizeof(text), "%.*f%s", digits, v, unit);
	row(d, good, what, text, wanted);
}

/* -------------------------------------------------------- the recording */
struct sound {
	int16_t *pcm;
	size_t n;
};

static int load(struct demo *d, const char *path, struct sound *out)
{
	struct mem *m = d->tool->mem;
	int16_t *raw;
	uint32_t rate;
	size_t n;
	int rc = wav_load(m, path, &raw, &n, &rate);

	if (rc)
		return rc;
	rc = resample_all(m, raw, n, rate, RATE, &out->pcm, &out->n);
	mem_free(m, raw);
	return rc;
}

/* The delay is the recording's lag, less what the recorder began before the
 * player did. */
static void compare(struct demo *d, const struct side *from,
		    const struct side *to, const char *name)
{
	struct sound sent = { 0 }, got = { 0 };
	struct measure m = { 0 };
	char what[64];
	double delay;
	int rc = load(d, d->sent, &sent);

	if (rc == 0)
		rc = load(d, to->heard, &got);
	if (rc == 0)
		rc = measure_align(d->tool->mem, sent.pcm, sent.n, got.pcm,
				   got.n, 0, &m);
	delay = (double)m.lag / RATE * 1000 -
		(double)(from->media_at - to->media_at) / 1e6;
	snprintf(what, sizeof(what), "%s: correlation", name);
	row_number(d, rc == 0 && m.correlation >= 0.90, what, m.correlation, 3,
		   "", "0.90 or more");
	snprintf(what, sizeof(what), "%s: one-way delay", name);
	row_number(d, rc == 0 && delay <= 150, what, delay, 0, " ms",
		   "150 ms or less");
	mem_free(d->tool->mem, sent.pcm);
	mem_free(d->tool->mem, got.pcm);
}

static void demo_report(struct demo *d)
{
	struct side *a = &d->alice, *b = &d->bob;
	const char *codec = codec_named(S("opus")) ? "opus" : "PCMU";
	char text[64];

	tool_out(d->tool, "\n  %-34s %-22s %-14s\n", "what", "measured",
		 "wanted");
	row_number(d, a->info.setup_ms >= 0 && a->info.setup_ms < 1000,
		   "call set up in", (double)a->info.setup_ms, 0, " ms",
		   "under 1000 ms");
	row(d, !strncmp(a->stats.codec, codec, strlen(codec)), "codec",
	    a->stats.codec, codec);
	snprintf(text, sizeof(text), "%llu of %llu",
		 (unsigned long long)b->stats.packets_received,
		 (unsigned long long)a->stats.packets_sent);
	row(d, a->stats.packets_sent > 300 && b->stats.packets_received + 2 >=
	    a->stats.packets_sent, "packets, caller to callee", text, "all");
	snprintf(text, sizeof(text), "%llu of %llu",
		 (unsigned long long)a->stats.packets_received,
		 (unsigned long long)b->stats.packets_sent);
	row(d, b->stats.packets_sent > 300 && a->stats.packets_received + 2 >=
	    b->stats.packets_sent, "packets, callee to caller", text, "all");
	row_number(d, a->stats.packets_lost + b->stats.packets_lost == 0,
		   "packets lost", (double)(a->stats.packets_lost +
					    b->stats.packets_lost), 0, "",
		   "0");
	compare(d, a, b, "caller to callee");
	compare(d, b, a, "callee to caller");
	row_number(d, b->stats.mos >= 4, "MOS (G.107) at the callee",
		   b->stats.mos, 2, "", "4.0 or more");
	row(d, !strcmp(b->digits, "123#"), "keys received", b->digits, "123#");
	snprintf(text, sizeof(text), "%u and %u", b->held, b->resumed);
	row(d, b->held == 1 && b->resumed == 1, "held and resumed", text,
	    "1 and 1");
	snprintf(text, sizeof(text), "%u and %u", b->streams_started - 1,
		 b->streams_ended);
	row(d, b->streams_started == 2 && b->streams_ended == 1,
	    "streams added and removed", text, "1 and 1");
	tool_out(d->tool, "\nheard by the callee: %s\nheard by the caller: "
		 "%s\n", b->heard, a->heard);
	d->told = true;
}

/* ------------------------------------------------------------ the script */
static void next_in(struct demo *d, int64_t ms)
{
	struct reactor *r = d->tool->reactor;

	reactor_timer_at(r, &d->timer, mono_add(reactor_now(r).m, MS(ms)));
}

static void snapshot(struct side *s)
{
	uint32_t stream;

	s->info.size = sizeof(s->info);
	s->stats.size = sizeof(s->stats);
	if (parley_session_get(s->agent, s->session, &s->info) ||
	    parley_streams(s->agent, s->session, &stream, 1) == 0 ||
	    parley_stream_stats(s->agent, stream, &s->stats))
		tool_err(s->demo->tool, "parley: no statistics\n");
}

static int step_digits(struct demo *d)
{
	return parley_dtmf(d->alice.agent, d->alice.session, "123#");
}

static int step_hold(struct demo *d)
{
	return parley_hold(d->alice.agent, d->alice.session, true);
}

static int step_resume(struct demo *d)
{
	return parley_hold(d->alice.agent, d->alice.session, false);
}

static int step_add(struct demo *d)
{
	int rc = parley_stream_add(d->alice.agent, d->alice.session,
				   PARLEY_AUDIO, &d->second);

	return rc ? rc : parley_propose(d->alice.agent, d->alice.session);
}

static int step_remove(struct demo *d)
{
	int rc = parley_stream_remove(d->alice.agent, d->second);

	return rc ? rc : parley_propose(d->alice.agent, d->alice.session);
}

static int step_end(struct demo *d)
{
	snapshot(&d->alice);
	snapshot(&d->bob);
	return parley_end(d->alice.agent, d->alice.session);
}

static int step_late(struct demo *d)
{
	(void)d;
	return -ETIMEDOUT;
}

static const struct {
	int64_t after_ms;
	const char *what;
	int (*fn)(struct demo *d);
} script[] = {
	{ SPEECH_MS, "sending keys", step_digits },
	{ 1800, "hold", step_hold },
	{ 500, "resume", step_resume },
	{ 500, "adding a second audio stream", step_add },
	{ 700, "removing it", step_remove },
	{ 500, "hanging up", step_end },
	{ 5000, "waiting for the end", step_late },
};

static void demo_on_timer(void *arg)
{
	struct demo *d = arg;
	int rc = script[d->step].fn(d);

	if (rc) {
		d->tool->done(d->tool->ctx, tool_fail(d->tool, TOOL_FAILED,
			      "demo: %s: %s", script[d->step].what,
			      rc == -ETIMEDOUT ? strerror(-rc) :
			      parley_error(d->alice.agent)));
		return;
	}
	tool_out(d->tool, "%s\n", script[d->step].what);
	d->step++;
	next_in(d, script[d->step].after_ms);
}

static void finished(struct demo *d)
{
	if (!d->alice.over || !d->bob.over)
		return;
	reactor_timer_stop(d->tool->reactor, &d->timer);
	demo_report(d);
	d->tool->done(d->tool->ctx, d->failures ? TOOL_FAILED : TOOL_OK);
}

static void incoming(struct side *s, const struct parley_event *ev)
{
	char sink[PATH + NAME + 8], source[PATH + NAME + 8];

	s->session = parley_event_session(ev);
	snprintf(sink, sizeof(sink), "file:%s", s->heard);
	snprintf(source, sizeof(source), "file:%s", s->demo->sent);
	if (parley_audio(s->agent, s->session, source, sink) ||
	    parley_ring(s->agent, s->session) ||
	    parley_accept(s->agent, s->session, NULL, 0))
		(void)tool_fail(s->demo->tool, 0, "demo: %s",
				parley_error(s->agent));
}

static void demo_on_event(void *app, const struct parley_event *ev)
{
	struct side *s = app;
	struct demo *d = s->demo;
	size_t n = strlen(s->digits);

	switch (parley_event_kind(ev)) {
	case PARLEY_EV_INCOMING:
		incoming(s, ev);
		break;
	case PARLEY_EV_STREAM_STARTED:
		if (!s->streams_started++)
			s->media_at = reactor_clock(d->tool->reactor);
		break;
	case PARLEY_EV_STREAM_ENDED:
		s->streams_ended++;
		break;
	case PARLEY_EV_ANSWERED:
		if (s == &d->alice) {
			tool_out(d->tool, "answered; six seconds of speech "
				 "both ways\n");
			next_in(d, script[0].after_ms);
		}
		break;
	case PARLEY_EV_PROPOSED:
		if (parley_proposal_accept(s->agent, s->session, NULL, 0))
			(void)tool_fail(d->tool, 0, "demo: %s",
					parley_error(s->agent));
		break;
	case PARLEY_EV_HELD:
		s->held++;
		break;
	case PARLEY_EV_RESUMED:
		s->resumed++;
		break;
	case PARLEY_EV_DTMF:
		if (n + 1 < sizeof(s->digits))
			s->digits[n] = parley_event_digit(ev);
		break;
	case PARLEY_EV_ENDED:
		if (!d->step)
			tool_err(d->tool, "parley: demo: %s\n",
				 parley_event_reason(ev));
		s->over = true;
		finished(d);
		break;
	default:
		break;
	}
}

static void demo_on_log(void *app, int level, const char *line)
{
	struct side *s = app;

	tool_log(s->demo->tool, level, line, false);
}

/* ---------------------------------------------------------------- begin */
static int side_begin(struct demo *d, struct side *s, const char *name,
		      const char *role)
{
	struct parley_config cfg = {
		.size = sizeof(cfg),
		.local = "127.0.0.1:0",
		.on_event = demo_on_event,
		.app = s,
		.on_log = demo_on_log,
		.trace = s == &d->alice ? d->trace : NULL,
		.trace_keys = d->trace_keys,
	};
	char aor[64];
	int rc;

	s->demo = d;
	snprintf(s->heard, sizeof(s->heard), "%s/heard-by-%s.wav", d->dir,
		 role);
	rc = client_new(d->tool->reactor, NULL, &cfg, &s->agent);
	if (rc)
		return tool_fail(d->tool, TOOL_FAILED, "demo: %s",
				 strerror(-rc));
	snprintf(aor, sizeof(aor), "sip:%s@127.0.0.1", name);
	if (parley_account_add(s->agent, aor, &s->account))
		return tool_fail(d->tool, TOOL_FAILED, "demo: %s",
				 parley_error(s->agent));
	return TOOL_RUNNING;
}

/* A folder of its own, since in /tmp names may be another user's, or links. */
static int make_dir(struct demo *d)
{
	const char *tmp = getenv("TMPDIR");
	int n;

	if (!tmp || !*tmp)
		tmp = "/tmp";
	if (!d->dir) {
		n = snprintf(d->made, sizeof(d->made), "%s/parley-demo-XXXXXX",
			     tmp);
		if (n < 0 || n >= PATH || !mkdtemp(d->made)) {
			d->made[0] = '\0';
			return tool_fail(d->tool, TOOL_FAILED, "%s: %s", tmp,
					 strerror(n < PATH ? errno :
						  ENAMETOOLONG));
		}
		d->dir = d->made;
	}
	if (strlen(d->dir) >= PATH)
		return tool_fail(d->tool, TOOL_FAILED, "%s: %s", d->dir,
				 strerror(ENAMETOOLONG));
	return TOOL_RUNNING;
}

static int write_speech(struct demo *d)
{
	struct slice wav = speech_wav();
	FILE *f;
	size_t n;

	snprintf(d->sent, sizeof(d->sent), "%s/sent.wav", d->dir);
	f = fopen(d->sent, "wb");
	n = f ? fwrite(wav.p, 1, wav.n, f) : 0;
	if (!f || fclose(f) || n != wav.n)
		return tool_fail(d->tool, TOOL_FAILED, "%s: %s", d->sent,
				 strerror(errno));
	return TOOL_RUNNING;
}

static int call(struct demo *d)
{
	struct side *a = &d->alice;
	char uri[128], sink[PATH + NAME + 8], source[PATH + NAME + 8];

	snprintf(uri, sizeof(uri), "sip:bob@%s", parley_local(d->bob.agent));
	snprintf(sink, sizeof(sink), "file:%s", a->heard);
	snprintf(source, sizeof(source), "file:%s", d->sent);
	if (parley_call(a->agent, a->account, uri, NULL, 0, &a->session) ||
	    parley_audio(a->agent, a->session, source, sink))
		return tool_fail(d->tool, TOOL_FAILED, "demo: %s",
				 parley_error(a->agent));
	tool_out(d->tool, "sip:alice@%s calls %s\n", parley_local(a->agent),
		 uri);
	return TOOL_RUNNING;
}

static int demo_start(struct tool *t, const struct command *c, int argc,
		      char **argv, void **run)
{
	struct demo *d = mem_new(t->mem, sizeof(*d));
	size_t n;
	int rc;

	if (!d)
		return tool_fail(t, TOOL_FAILED, "out of memory");
	*run = d;
	d->tool = t;
	d->timer.fn = demo_on_timer;
	d->timer.arg = d;
	rc = options_parse(t, c, argc, argv, d, NULL, 0, &n);
	if (rc == TOOL_RUNNING)
		rc = tool_trace(t, d->trace, d->trace_keys, true);
	if (rc == TOOL_RUNNING)
		rc = make_dir(d);
	if (rc == TOOL_RUNNING)
		rc = write_speech(d);
	if (rc == TOOL_RUNNING)
		rc = side_begin(d, &d->alice, "alice", "caller");
	if (rc == TOOL_RUNNING)
		rc = side_begin(d, &d->bob, "bob", "callee");
	return rc == TOOL_RUNNING ? call(d) : rc;
}

static void demo_interrupt(void *run)
{
	struct demo *d = run;

	d->tool->done(d->tool->ctx, tool_fail(d->tool, TOOL_FAILED,
					      "interrupted"));
}

static void demo_done(void *run)
{
	struct demo *d = run;
	struct mem *m = d->tool->mem;

	reactor_timer_stop(d->tool->reactor, &d->timer);
	parley_free(d->alice.agent);
	parley_free(d->bob.agent);
	if (d->made[0] && !d->told) {
		(void)remove(d->sent);
		(void)remove(d->alice.heard);
		(void)remove(d->bob.heard);
		(void)rmdir(d->made);
	}
	mem_free(m, d);
}

extern const struct command cmd_demo;
const struct command cmd_demo = {
	.name = "demo",
	.summary = "Two agents on the loopback interface talk; a table tells.",
	.usage = "[options]",
	.options = options,
	.needs_reactor = true,
	.start = demo_start,
	.interrupt = demo_interrupt,
	.free = demo_done,
};
