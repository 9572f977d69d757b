/* SPDX-License-Identifier: BSD-2-Clause
 * parley neighbours: who is on the link, as they come, change and go. */
#include <string.h>

#include "client/parley.h"
#include "platform/writer.h"
#include "tools/tool.h"

struct watching {
	struct tool *tool;
	struct parley *agent;
	struct texts local;
	const char *name, *state, *note, *trace;
	int64_t span, memory;
	bool json, force, trace_keys;
	unsigned n; /* there now */
};

static const struct option options[] = {
	{ "--for", OPTION_MS, offsetof(struct watching, span), 0, 86400000,
	  "S", "look so long, then exit (until interrupted)" },
	{ "--name", OPTION_TEXT, offsetof(struct watching, name), 0, 0, "NAME",
	  "be a neighbour, too, and turn calls away" },
	{ "--state", OPTION_TEXT, offsetof(struct watching, state), 0, 0,
	  "TEXT", "what it says of itself: available, busy ..." },
	{ "--note", OPTION_TEXT, offsetof(struct watching, note), 0, 0, "TEXT",
	  "and in words" },
	{ "--local", OPTION_TEXTS, offsetof(struct watching, local), 0, 0,
	  "ADDR:PORT", "address to use (all, any free port)" },
	MEMORY_OPTION(struct watching, memory),
	TRACE_OPTIONS(struct watching, ),
	{ "--force", OPTION_FLAG, offsetof(struct watching, force), 0, 0, NULL,
	  "replace a trace that is there already" },
	{ "--json", OPTION_FLAG, offsetof(struct watching, json), 0, 0, NULL,
	  "one JSON object a line" },
	{ 0 },
};

static void json_pair(struct writer *w, const char *key, const char *value)
{
	writer_str(w, ",\"");
	writer_str(w, key);
	writer_str(w, "\":");
	json_text(w, slice_str(value));
}

static void neighbour_json(struct watching *k, const char *what,
			   const struct parley_neighbour *n)
{
	char text[8192]; /* six texts of 255 octets, each \u00XX at worst */
	struct writer w = writer_begin(text, sizeof(text));

	writer_str(&w, "{\"neighbour\":");
	json_text(&w, slice_str(what));
	json_pair(&w, "name", n->name);
	json_pair(&w, "uri", n->uri);
	json_pair(&w, "instance_id", n->instance_id);
	json_pair(&w, "state", n->state);
	json_pair(&w, "note", n->note);
	json_pair(&w, "service", n->service);
	writer_str(&w, ",\"interface\":");
	writer_u64(&w, n->ifindex);
	writer_str(&w, "}\n");
	k->tool->put(k->tool->ctx, false, writer_done(&w));
}

static void neighbour_say(struct watching *k, const char *what,
			  const struct parley_neighbour *n)
{
	if (k->json)
		neighbour_json(k, what, n);
	else
		tool_out(k->tool, "%-8s%s <%s>%s%s%s%s\n", what, n->name,
			 n->uri, n->state[0] ? " " : "", n->state,
			 n->note[0] ? ": " : "", n->note);
}

static void neighbours_on_event(void *app, const struct parley_event *ev)
{
	struct watching *k = app;
	const struct parley_neighbour *n = parley_event_neighbour(ev);
	enum parley_event_kind kind = parley_event_kind(ev);
	int rc;

	if (kind == PARLEY_EV_NEIGHBOUR_FOUND) {
		k->n++;
		neighbour_say(k, "found", n);
	} else if (kind == PARLEY_EV_NEIGHBOUR_CHANGED) {
		neighbour_say(k, "changed", n);
	} else if (kind == PARLEY_EV_NEIGHBOUR_GONE) {
		k->n--;
		neighbour_say(k, "gone", n);
	} else if (kind == PARLEY_EV_INCOMING) {
		rc = parley_reject(k->agent, parley_event_session(ev), 480,
				   NULL);
		(void)rc; /* the caller has given up */
	} else if (kind == PARLEY_EV_SHUTDOWN) {
		k->tool->done(k->tool->ctx, TOOL_OK);
	}
}

static void neighbours_on_log(void *app, int level, const char *line)
{
	struct watching *k = app;

	tool_log(k->tool, level, line, false);
}

static void neighbours_leave(void *run)
{
	struct watching *k = run;

	parley_shutdown(k->agent, 1000);
}

static int neighbours_begin(struct watching *k)
{
	struct parley_bonjour o = { .size = sizeof(o), .name = k->name,
				    .state = k->state, .note = k->note };
	uint32_t account, timer;

	if (parley_bonjour(k->agent, &o, &account))
		return tool_fail(k->tool, TOOL_FAILED, "%s",
				 parley_error(k->agent));
	if (k->span >= 0 &&
	    parley_timer_start(k->agent, k->span, neighbours_leave, k, &timer))
		return tool_fail(k->tool, TOOL_FAILED, "out of memory");
	return TOOL_RUNNING;
}

static int neighbours_start(struct tool *t, const struct command *cmd,
			    int argc, char **argv, void **run)
{
	struct watching *k = mem_new(t->mem, sizeof(*k));
	struct parley_config cfg = { .size = sizeof(cfg) };
	size_t n;
	int rc;

	if (!k)
		return tool_fail(t, TOOL_FAILED, "out of memory");
	*run = k;
	k->tool = t;
	k->span = -1;
	k->memory = TOOL_MEMORY;
	rc = options_parse(t, cmd, argc, argv, k, NULL, 0, &n);
	if (rc == TOOL_RUNNING)
		rc = tool_trace(t, k->trace, k->trace_keys, k->force);
	if (rc != TOOL_RUNNING)
		return rc;
	cfg.memory = (size_t)k->memory << 20;
	cfg.locals = k->local.text;
	cfg.locals_n = k->local.n;
	cfg.on_event = neighbours_on_event;
	cfg.on_log = neighbours_on_log;
	cfg.app = k;
	cfg.trace = k->trace;
	cfg.trace_keys = k->trace_keys;
	rc = tool_agent(t, &cfg, NULL, &k->agent);
	return rc == TOOL_RUNNING ? neighbours_begin(k) : rc;
}

static void neighbours_free(void *run)
{
	struct watching *k = run;
	struct mem *m = k->tool->mem;

	parley_free(k->agent);
	mem_free(m, k);
}

extern const struct command cmd_neighbours;
const struct command cmd_neighbours = {
	.name = "neighbours",
	.summary = "Shows who is on the link (multicast DNS).",
	.usage = "[options]",
	.options = options,
	.needs_reactor = true,
	.start = neighbours_start,
	.interrupt = neighbours_leave,
	.free = neighbours_free,
};
