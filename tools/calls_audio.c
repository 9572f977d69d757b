/* SPDX-License-Identifier: BSD-2-Clause
 * tools/calls_audio.c - what call and listen play, record and send as digits:
 * the names of files, none of which is lost. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "platform/writer.h"
#include "tools/calls.h"

enum { FILE_N = 5 /* "file:" */ };

/* "file:" and the path, each %n in it the call's number, and where mark is not
 * 0 that behind the name: x-2.wav. */
static int file_spec(const struct call *call, const char *path, unsigned mark,
		     char *out, size_t cap)
{
	struct writer w = writer_begin(out, cap - 1);
	const char *slash = strrchr(path, '/');
	const char *end = strrchr(slash ? slash + 1 : path, '.');

	writer_str(&w, "file:");
	for (const char *p = path;; p++) {
		if (mark && (end ? p == end : !*p)) {
			writer_char(&w, '-');
			writer_u64(&w, mark);
		}
		if (!*p)
			break;
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

/* What would be lost; a pipe or a device is not. */
static bool holds_something(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_size;
}

static bool is_special(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && !S_ISREG(st.st_mode);
}

/* Where a call is recorded: no two have one file, and none goes over what was
 * there before, unless that is wanted.  Without %n later calls get -2, -3; so
 * does the first whose name is taken. */
static int record_spec(struct calls *c, struct call *call, char *spec,
		       size_t cap)
{
	bool numbered = strstr(c->o.record, "%n") != NULL;
	unsigned mark = call && !numbered ? call->number : 1;
	int rc = file_spec(call, c->o.record, 0, spec, cap);

	if (rc < 0 || !call || is_special(spec + FILE_N))
		return rc;
	if (!numbered && mark <= c->recorded)
		mark = c->recorded + 1;
	for (; rc >= 0; mark++) {
		rc = file_spec(call, c->o.record, mark > 1 ? mark : 0, spec,
			       cap);
		if (rc < 0 || c->o.force || !holds_something(spec + FILE_N))
			break;
	}
	c->recorded = numbered ? 0 : mark;
	if (mark > 1)
		call_say(call, "recorded in", spec + FILE_N);
	return rc;
}

int calls_files(struct calls *c)
{
	const struct calls_options *o = &c->o;
	const struct {
		const char *a, *b, *what;
	} pair[] = {
		{ o->play, o->record, "--play and --record" },
		{ o->play, o->trace, "--play and --trace" },
		{ o->record, o->trace, "--record and --trace" },
	};
	int rc = TOOL_RUNNING;

	for (size_t i = 0; i < COUNT(pair); i++)
		if (tool_same_file(pair[i].a, pair[i].b))
			return tool_fail(c->tool, TOOL_USAGE,
					 "%s: %s are one file", pair[i].a,
					 pair[i].what);
	if (o->record && !strstr(o->record, "%n"))
		rc = tool_fresh(c->tool, o->record, o->force);
	if (rc == TOOL_RUNNING)
		rc = tool_trace(c->tool, o->trace, o->trace_keys, o->force);
	return rc;
}

static int too_long(struct calls *c, const char *path)
{
	return tool_fail(c->tool, TOOL_FAILED, "%s: %s", path,
			 strerror(ENAMETOOLONG));
}

/* Each by itself, so that it is clear which of them it is about. */
static int sound_route(struct calls *c, uint32_t session, const char *path,
		       const char *source, const char *sink)
{
	if (parley_audio(c->agent, session, source, sink))
		return tool_fail(c->tool, TOOL_FAILED, "%s: %s", path,
				 parley_error(c->agent));
	return TOOL_RUNNING;
}

int calls_audio(struct calls *c, struct call *call)
{
	uint32_t session = call ? call->session : 0;
	char spec[1024];
	int rc = TOOL_RUNNING;

	if (c->o.device) {
		snprintf(spec, sizeof(spec), "device:%s", c->o.device);
		rc = sound_route(c, session, c->o.device, spec, spec);
	}
	if (rc == TOOL_RUNNING && c->o.play) {
		if (file_spec(call, c->o.play, 0, spec, sizeof(spec)) < 0)
			return too_long(c, c->o.play);
		rc = sound_route(c, session, spec + FILE_N, spec, NULL);
	}
	if (rc == TOOL_RUNNING && c->o.echo)
		rc = sound_route(c, session, "--echo", "echo", NULL);
	if (rc == TOOL_RUNNING && c->o.record) {
		if (record_spec(c, call, spec, sizeof(spec)) < 0)
			return too_long(c, c->o.record);
		rc = sound_route(c, session, spec + FILE_N, NULL, spec);
	}
	return rc;
}

int calls_digits(struct call *call, const char *digits)
{
	struct calls *c = call->calls;
	struct parley_session_info info = { .size = sizeof(info) };
	struct parley_stats s = { .size = sizeof(s) };
	int rc = parley_dtmf(c->agent, call->session, digits);
	char text[160];
	uint32_t stream;

	if (rc)
		return rc;
	/* The first stream has them.  A menu that listens for events only
	 * hears nothing of tones. */
	if (parley_streams(c->agent, call->session, &stream, 1) == 0 ||
	    parley_stream_stats(c->agent, stream, &s))
		s.digits_as[0] = '\0';
	snprintf(text, sizeof(text), "%s%s", digits, strcmp(s.digits_as,
		 "tones") ? "" : " (as tones: the peer takes no events)");
	if (parley_session_get(c->agent, call->session, &info) == 0 &&
	    (info.held_here || info.held_there))
		call_say(call, "held; digits wait until it goes on:", text);
	else
		call_say(call, "digits:", text);
	return 0;
}
