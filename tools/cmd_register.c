/* SPDX-License-Identifier: BSD-2-Clause
 * parley register: registers an address and keeps it fresh. */
#include <string.h>

#include "client/parley.h"
#include "platform/crypto.h"
#include "tools/tool.h"

struct registering {
	struct tool *tool;
	struct parley *agent;
	uint32_t account;
	const char *aor, *registrar, *user, *password, *local, *proxy;
	const char *transport, *trace, *password_file, *realm;
	char secret[201]; /* of --password-file */
	int64_t expires;
	bool once, json, stopping, verbose;
	enum { NOT_YET, REGISTERED, REFUSED, GONE } last; /* answer */
};

static const struct option options[] = {
	{ "--aor", OPTION_TEXT, offsetof(struct registering, aor), 0, 0, "URI",
	  "the address to register" },
	{ "--registrar", OPTION_TEXT, offsetof(struct registering, registrar),
	  0, 0, "URI", "where (the address's domain)" },
	ACCOUNT_OPTIONS(struct registering, ),
	{ "--local", OPTION_TEXT, offsetof(struct registering, local), 0, 0,
	  "ADDR:PORT", "address to use (0.0.0.0 and any free port)" },
	{ "--expires", OPTION_INT, offsetof(struct registering, expires), 10,
	  86400, "S", "seconds to ask for (3600)" },
	{ "--once", OPTION_FLAG, offsetof(struct registering, once), 0, 0, NULL,
	  "exit after the first answer, the binding stays" },
	{ "--trace", OPTION_TEXT, offsetof(struct registering, trace), 0, 0,
	  "FILE.pcapng", "write what crosses the wire, for Wireshark" },
	{ "--json", OPTION_FLAG, offsetof(struct registering, json), 0, 0, NULL,
	  "one JSON object a result" },
	{ "--verbose", OPTION_FLAG, offsetof(struct registering, verbose), 0, 0,
	  NULL, "say what the library logs" },
	{ 0 },
};

static void report(struct registering *r, const char *state,
		   const struct parley_event *ev)
{
	char buf[1024];
	struct writer w = writer_begin(buf, sizeof(buf));

	if (!r->json) {
		tool_out(r->tool, "%s %s: %d %s", state, r->aor,
			 parley_event_code(ev), parley_event_reason(ev));
		if (parley_event_ms(ev) > 0)
			tool_out(r->tool, ", for %lld s",
				 (long long)(parley_event_ms(ev) / 1000));
		tool_out(r->tool, "\n");
		return;
	}
	writer_str(&w, "{\"state\":");
	json_text(&w, slice_str(state));
	writer_str(&w, ",\"aor\":");
	json_text(&w, slice_str(r->aor));
	writer_str(&w, ",\"code\":");
	writer_i64(&w, parley_event_code(ev));
	writer_str(&w, ",\"reason\":");
	json_text(&w, slice_str(parley_event_reason(ev)));
	writer_str(&w, parley_event_kind(ev) == PARLEY_EV_REGISTER_FAILED ?
		   ",\"retry_s\":" : ",\"expires_s\":");
	writer_i64(&w, parley_event_ms(ev) / 1000);
	writer_str(&w, "}\n");
	r->tool->put(r->tool->ctx, false, writer_done(&w));
}

static void failed(struct registering *r, const struct parley_event *ev)
{
	if (r->json)
		report(r, "failed", ev);
	if (r->stopping && r->last == REFUSED)
		return; /* it has been said */
	r->last = REFUSED;
	if (parley_event_code(ev))
		tool_err(r->tool, "parley: %d %s from %s",
			 parley_event_code(ev), parley_event_reason(ev),
			 r->registrar ? r->registrar : r->aor);
	else
		tool_err(r->tool, "parley: %s: %s",
			 r->registrar ? r->registrar : r->aor,
			 parley_event_reason(ev));
	if (!r->once && !r->stopping && parley_event_ms(ev) > 0)
		tool_err(r->tool, "; again in %lld s",
			 (long long)(parley_event_ms(ev) / 1000));
	tool_err(r->tool, "\n");
	if (r->once || (!r->stopping && parley_event_ms(ev) <= 0))
		r->tool->done(r->tool->ctx, TOOL_FAILED); /* no retry */
}

/* As wanted: it was registered, and the registrar has taken that back. */
static void over(struct registering *r)
{
	if (r->last == NOT_YET)
		(void)tool_fail(r->tool, 0, "%s: was not registered", r->aor);
	if (r->last == REGISTERED)
		(void)tool_fail(r->tool, 0, "%s: still registered: no answer",
				r->aor);
	r->tool->done(r->tool->ctx, r->last == GONE ? TOOL_OK : TOOL_FAILED);
}

static void on_event(void *app, const struct parley_event *ev)
{
	struct registering *r = app;

	switch (parley_event_kind(ev)) {
	case PARLEY_EV_REGISTERED:
		report(r, "registered", ev);
		r->last = REGISTERED;
		if (r->once)
			r->tool->done(r->tool->ctx, TOOL_OK);
		break;
	case PARLEY_EV_UNREGISTERED:
		report(r, "unregistered", ev);
		if (r->last == REGISTERED)
			r->last = GONE;
		break;
	case PARLEY_EV_REGISTER_FAILED:
		failed(r, ev);
		break;
	case PARLEY_EV_SHUTDOWN:
		over(r);
		break;
	default:
		break;
	}
}

static void on_log(void *app, int level, const char *line)
{
	struct registering *r = app;

	tool_log(r->tool, level, line, r->verbose);
}

static int configure(struct registering *r)
{
	char expires[24];
	struct writer w = writer_begin(expires, sizeof(expires) - 1);
	const char *const row[][3] = {
		{ "--registrar", "sip.registrar", r->registrar },
		{ "--proxy", "sip.outbound_proxy", r->proxy },
		{ "--user", "auth.username", r->user },
		{ "--password", "auth.password", r->password },
		{ "--realm", "auth.realm", r->realm },
		{ "--transport", "sip.transport", r->transport },
		{ "--expires", "sip.expires", expires },
	};
	int rc = TOOL_RUNNING;

	writer_i64(&w, r->expires);
	expires[w.n] = '\0';
	if (parley_account_add(r->agent, r->aor, &r->account))
		return tool_fail(r->tool, TOOL_USAGE, "--aor: %s",
				 parley_error(r->agent));
	for (size_t i = 0; i < COUNT(row) && rc == TOOL_RUNNING; i++)
		rc = tool_set(r->tool, r->agent, r->account, row[i][0],
			      row[i][1], row[i][2]);
	if (rc != TOOL_RUNNING)
		return rc;
	if (parley_register(r->agent, r->account))
		return tool_fail(r->tool, TOOL_FAILED, "%s: %s", r->aor,
				 parley_error(r->agent));
	return TOOL_RUNNING;
}

static int start(struct tool *t, const struct command *cmd, int argc,
		 char **argv, void **run)
{
	struct registering *r = mem_new(t->mem, sizeof(*r));
	struct parley_config cfg = { .size = sizeof(cfg) };
	size_t n;
	int rc;

	if (!r)
		return tool_fail(t, TOOL_FAILED, "out of memory");
	*run = r;
	r->tool = t;
	r->expires = 3600;
	rc = options_parse(t, cmd, argc, argv, r, NULL, 0, &n);
	if (rc != TOOL_RUNNING)
		return rc;
	if (!r->aor)
		return tool_fail(t, TOOL_USAGE, "register: --aor is missing");
	cfg.local = r->local;
	cfg.on_event = on_event;
	cfg.on_log = on_log;
	cfg.app = r;
	cfg.trace = r->trace;
	if (r->password_file) {
		rc = tool_password(t, r->password_file, r->secret,
				   sizeof(r->secret));
		if (rc != TOOL_RUNNING)
			return rc;
		r->password = r->secret;
	}
	rc = tool_agent(t, &cfg, r->proxy ? r->proxy : r->registrar ?
			r->registrar : r->aor, &r->agent);
	return rc == TOOL_RUNNING ? configure(r) : rc;
}

static void interrupt(void *run)
{
	struct registering *r = run;

	parley_shutdown(r->agent, r->stopping ? 0 : 5000);
	r->stopping = true;
}

static void done(void *run)
{
	struct registering *r = run;
	struct mem *m = r->tool->mem;

	parley_free(r->agent);
	crypto_wipe(r->secret, sizeof(r->secret));
	mem_free(m, r);
}

extern const struct command cmd_register;
const struct command cmd_register = {
	.name = "register",
	.summary = "Registers an address and keeps it fresh.",
	.usage = "--aor URI [options]",
	.options = options,
	.needs_reactor = true,
	.start = start,
	.interrupt = interrupt,
	.free = done,
};
