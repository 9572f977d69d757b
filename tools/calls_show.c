/* SPDX-License-Identifier: BSD-2-Clause
 * tools/calls_show.c - what call and listen show: lines as things happen, a
 * live line in a terminal, and the report when a call is over. */
#include "tools/calls.h"

#include <stdio.h>
#include <string.h>

#include "platform/writer.h"

enum { COLUMNS = 79, KNOWN = 24 };

void calls_clear(struct calls *c)
{
	if (c->line_shown)
		tool_out(c->tool, "\r\033[K");
	c->line_shown = false;
}

void calls_say(struct calls *c, const char *what, const char *detail)
{
	calls_clear(c);
	if (!c->o.json && !c->o.quiet)
		tool_out(c->tool, "%s%s%s\n", what, *detail ? " " : "", detail);
}

void call_say(struct call *call, const char *what, const char *detail)
{
	struct calls *c = call->calls;

	calls_clear(c);
	if (!c->o.json && !c->o.quiet && c->begun > 1)
		tool_out(c->tool, "call %u: ", call->number);
	calls_say(c, what, detail);
}

/* ------------------------------------------------------------ the report */
static const char *state_name(const struct call *call,
			      enum parley_end_state s)
{
	return call->failure[0] || s == PARLEY_FAILED ? "failed" :
	       s == PARLEY_CANCELLED ? "cancelled" : "ended";
}

static const char *reason_of(const struct call *call,
			     const struct parley_event *ev)
{
	return call->failure[0] ? call->failure : parley_event_reason(ev);
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

static void put_known(struct writer *w, const char *name, double v, bool known)
{
	if (known) {
		put_number(w, name, v);
		return;
	}
	writer_str(w, ",\"");
	writer_str(w, name);
	writer_str(w, "\":null");
}

static void put_stream(struct writer *w, const struct parley_stats *s,
		       bool ended)
{
	writer_str(w, "{\"type\":\"audio\",\"ended\":");
	writer_str(w, ended ? "true" : "false");
	writer_str(w, ",\"codec\":");
	json_text(w, slice_str(s->codec));
	writer_str(w, ",\"direction\":");
	json_text(w, slice_str(direction_name(s->direction)));
	put_count(w, "packets_sent", s->packets_sent);
	put_count(w, "packets_received", s->packets_received);
	put_count(w, "packets_lost", s->packets_lost);
	put_number(w, "jitter_ms", s->jitter_ms);
	put_known(w, "rtt_ms", s->rtt_ms, s->rtt_ms >= 0);
	put_known(w, "mos", s->mos, s->mos > 0);
	writer_str(w, ",\"security\":");
	json_text(w, slice_str(s->security));
	writer_str(w, ",\"digits_as\":");
	json_text(w, slice_str(s->digits_as));
	put_count(w, "packets_late", s->packets_late);
	put_count(w, "bytes_sent", s->bytes_sent);
	put_count(w, "bytes_received", s->bytes_received);
	put_number(w, "buffer_ms", s->delay_ms);
	writer_str(w, ",\"remote\":");
	json_text(w, slice_str(s->remote));
	writer_char(w, '}');
}

/* Those that ended before the call did, then the others. */
static void put_streams(struct writer *w, const struct call *call)
{
	uint32_t streams[STREAMS_MAX];
	size_t n = parley_streams(call->calls->agent, call->session, streams,
				  STREAMS_MAX), shown = 0;

	for (unsigned i = 0; i < call->past_n; i++) {
		if (shown++)
			writer_char(w, ',');
		put_stream(w, &call->past[i], true);
	}
	for (size_t i = 0; i < n && i < STREAMS_MAX; i++) {
		struct parley_stats s = { .size = sizeof(s) };

		if (parley_stream_stats(call->calls->agent, streams[i], &s))
			continue;
		if (shown++)
			writer_char(w, ',');
		put_stream(w, &s, false);
	}
}

static void report_json(struct call *call, const struct parley_event *ev,
			const struct parley_session_info *info)
{
	/* A stream takes less than 512 bytes, the rest less than 4 kB. */
	static const size_t ROOM = 4096 + 512 * (STREAMS_MAX + PAST_MAX);
	struct calls *c = call->calls;
	char *buf = mem_new(c->tool->mem, ROOM);
	struct writer w = writer_begin(buf, buf ? ROOM : 0);

	writer_str(&w, "{\"state\":");
	json_text(&w, slice_str(state_name(call, parley_event_end_state(ev))));
	writer_str(&w, ",\"reason\":");
	json_text(&w, slice_str(reason_of(call, ev)));
	writer_str(&w, ",\"warning\":");
	json_text(&w, slice_str(parley_event_warning(ev)));
	writer_str(&w, ",\"code\":");
	writer_i64(&w, parley_event_code(ev));
	if (info->setup_ms >= 0)
		put_count(&w, "setup_ms", (uint64_t)info->setup_ms);
	else
		writer_str(&w, ",\"setup_ms\":null");
	put_number(&w, "duration_s", (double)info->duration_ms / 1000);
	put_count(&w, "call", call->number);
	writer_str(&w, ",\"by\":");
	writer_str(&w, parley_event_by_peer(ev) ? "\"peer\"" : "\"us\"");
	writer_str(&w, ",\"remote\":");
	json_text(&w, slice_str(info->remote));
	writer_str(&w, ",\"digits\":");
	json_text(&w, slice_str(call->digits));
	put_count(&w, "moved", call->moved);
	writer_str(&w, ",\"streams\":[");
	put_streams(&w, call);
	writer_str(&w, "]}\n");
	if (writer_end(&w) >= 0)
		c->tool->put(c->tool->ctx, false, writer_done(&w));
	else
		tool_err(c->tool, "parley: no memory for the report\n");
	mem_free(c->tool->mem, buf);
}

/* "-": not known. */
static const char *show_known(char text[KNOWN], double v, bool is, int digits,
			      const char *unit)
{
	if (is)
		snprintf(text, KNOWN, "%.*f%s", digits, v, unit);
	else
		snprintf(text, KNOWN, "-");
	return text;
}

static void stream_text(struct calls *c, const struct parley_stats *s)
{
	char rtt[KNOWN], mos[KNOWN];

	if (!s->codec[0])
		return;
	tool_out(c->tool,
		 "  audio %s %s: sent %llu, received %llu, lost %llu, "
		 "jitter %.1f ms, round trip %s, MOS %s\n",
		 s->codec, direction_name(s->direction),
		 (unsigned long long)s->packets_sent,
		 (unsigned long long)s->packets_received,
		 (unsigned long long)s->packets_lost, s->jitter_ms,
		 show_known(rtt, s->rtt_ms, s->rtt_ms >= 0, 1, " ms"),
		 show_known(mos, s->mos, s->mos > 0, 2, ""));
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
	tool_out(c->tool, "call %u with %s: %s after %.1f s%s\n", call->number,
		 info->remote, state_name(call, parley_event_end_state(ev)),
		 (double)info->duration_ms / 1000,
		 parley_event_by_peer(ev) ? " by the peer" : "");
	for (unsigned i = 0; i < call->past_n; i++)
		stream_text(c, &call->past[i]);
	for (size_t i = 0; i < n && i < STREAMS_MAX; i++) {
		struct parley_stats s = { .size = sizeof(s) };

		if (parley_stream_stats(c->agent, streams[i], &s) == 0)
			stream_text(c, &s);
	}
}

void calls_report(struct call *call, const struct parley_event *ev)
{
	struct calls *c = call->calls;
	struct parley_session_info info = { .size = sizeof(info) };

	if (parley_session_get(c->agent, call->session, &info))
		info.setup_ms = -1;
	calls_clear(c);
	if (c->o.json)
		report_json(call, ev, &info);
	else
		report_text(call, ev, &info);
}

void calls_keep_stream(struct call *call, uint32_t stream)
{
	struct parley_stats s = { .size = sizeof(s) };

	if (call->past_n < PAST_MAX &&
	    parley_stream_stats(call->calls->agent, stream, &s) == 0 &&
	    s.codec[0])
		call->past[call->past_n++] = s;
}

/* --------------------------------------------------------- the live line */
void calls_line(struct call *call)
{
	struct calls *c = call->calls;
	struct parley_session_info info = { .size = sizeof(info) };
	struct parley_stats s = { .size = sizeof(s), .rtt_ms = -1 };
	char line[256], number[16] = "", rtt[KNOWN], mos[KNOWN];
	uint32_t stream = 0;
	int64_t secs;

	if (parley_session_get(c->agent, call->session, &info) ||
	    parley_streams(c->agent, call->session, &stream, 1) == 0 ||
	    parley_stream_stats(c->agent, stream, &s))
		return;
	secs = info.duration_ms / 1000;
	if (c->begun > 1)
		snprintf(number, sizeof(number), "%u: ", call->number);
	snprintf(line, sizeof(line),
		 "%s%02d:%02d%s%s%s %.*s in %.0f out %.0f "
		 "dB loss %.1f%% jitter %.1f ms rtt %s MOS %s",
		 number, (int)(secs / 60), (int)(secs % 60),
		 call->held ? " held" : "", call->muted ? " muted" : "",
		 s.waiting ? " sends nothing" : "", (int)strcspn(s.codec, "/"),
		 s.codec, s.level_in, s.level_out, s.loss_percent, s.jitter_ms,
		 show_known(rtt, s.rtt_ms, s.rtt_ms >= 0, 0, " ms"),
		 show_known(mos, s.mos, s.mos > 0, 1, ""));
	/* One that wraps would stay behind: for a narrower terminal that is
	 * turned off meanwhile (DECAWM). */
	tool_out(c->tool, "\r\033[?7l%.*s\033[K\033[?7h", COLUMNS, line);
	c->line_shown = true;
}
