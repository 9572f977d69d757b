/* SPDX-License-Identifier: BSD-2-Clause
 * parley register: registers an address and keeps it fresh. */
#include <string.h>

#include "client/parley.h"
#include "platform/crypto.h"
#include "tools/registration.h"

struct registering {
	struct tool *tool;
	struct parley *agent;
	uint32_t account;
	struct registration is;
	struct texts local;
	struct tool_net net;
	const char *registrar, *user, *password, *proxy;
	const char *instance, *gruu;
	const char *transport, *trace, *password_file, *realm;
	char secret[201]; /* of --password-file */
	int64_t expires, verbose, memory;
	bool force, trace_keys;
};

static const struct option options[] = {
	{ "--aor", OPTION_TEXT, offsetof(struct registering, is.aor), 0, 0,
	  "URI", "the address to register" },
	REGISTRAR_OPTION(struct registering, ),
	ACCOUNT_OPTIONS(struct registering, ),
	TRANSPORT_OPTION(struct registering, ),
	NET_OPTIONS(struct registering, net),
	{ "--local", OPTION_TEXTS, offsetof(struct registering, local), 0, 0,
	  "ADDR:PORT",
	  "address to use, again for more (all, any free port)" },
	{ "--expires", OPTION_INT, offsetof(struct registering, expires), 10,
	  86400, "S", "seconds to ask for (3600)" },
	{ "--instance", OPTION_TEXT, offsetof(struct registering, instance), 0,
	  0, "URN", "this device, urn:uuid:... (another each time)" },
	{ "--gruu", OPTION_TEXT, offsetof(struct registering, gruu), 0, 0,
	  "KIND", "ask for a GRUU, public or temporary (none)" },
	MEMORY_OPTION(struct registering, memory),
	{ "--once", OPTION_FLAG, offsetof(struct registering, is.once), 0, 0,
	  NULL, "exit after the first answer, the binding stays" },
	TRACE_OPTIONS(struct registering, ),
	{ "--force", OPTION_FLAG, offsetof(struct registering, force), 0, 0,
	  NULL, "replace a trace that is there already" },
	{ "--json", OPTION_FLAG, offsetof(struct registering, is.json), 0, 0,
	  NULL, "one JSON object a result" },
	VERBOSE_OPTION(struct registering, ),
	{ 0 },
};

static void register_on_event(void *app, const struct parley_event *ev)
{
	struct registering *r = app;
	enum parley_event_kind kind = parley_event_kind(ev);
	int rc = registration_on_event(&r->is, ev);

	if (kind == PARLEY_EV_REGISTERED && r->is.once)
		rc = TOOL_OK;
	if (kind == PARLEY_EV_SHUTDOWN)
		rc = registration_over(&r->is);
	if (rc != TOOL_RUNNING)
		r->tool->done(r->tool->ctx, rc);
	if (kind != PARLEY_EV_INCOMING)
		return;
	/* Nobody is here to answer: the caller need not wait for that. */
	rc = parley_reject(r->agent, parley_event_session(ev), 480, NULL);
	(void)rc; /* the caller has given up */
}

static void register_on_log(void *app, int level, const char *line)
{
	struct registering *r = app;

	tool_log(r->tool, level, line, r->verbose > 0);
}

static int register_configure(struct registering *r)
{
	char expires[24];
	struct writer w = writer_begin(expires, sizeof(expires) - 1);
	const struct tool_setting row[] = {
		{ "--registrar", "sip.registrar", r->registrar },
		{ "--proxy", "sip.outbound_proxy", r->proxy },
		{ "--user", "auth.username", r->user },
		{ "--password", "auth.password", r->password },
		{ "--realm", "auth.realm", r->realm },
		{ "--transport", "sip.transport", r->transport },
		{ "--expires", "sip.expires", expires },
		{ "--gruu", "sip.gruu", r->gruu },
	};
	const struct tool_setting device = { "--instance", "agent.instance",
					     r->instance };
	int rc;

	writer_i64(&w, r->expires);
	expires[w.n] = '\0';
	rc = parley_account_add(r->agent, r->is.aor, &r->account);
	if (rc)
		return tool_fail(r->tool, rc == -ENOMEM ? TOOL_FAILED :
				 TOOL_USAGE, "--aor: %s",
				 parley_error(r->agent));
	rc = tool_settings(r->tool, r->agent, 0, &device, 1);
	if (rc == TOOL_RUNNING)
		rc = tool_settings(r->tool, r->agent, r->account, row,
				   COUNT(row));
	if (rc == TOOL_RUNNING)
		rc = tool_network(r->tool, r->agent, r->account, &r->net);
	if (rc != TOOL_RUNNING)
		return rc;
	if (parley_register(r->agent, r->account))
		return tool_fail(r->tool, TOOL_FAILED, "%s: %s", r->is.aor,
				 parley_error(r->agent));
	return TOOL_RUNNING;
}

static int register_start(struct tool *t, const struct command *cmd, int argc,
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
	r->memory = TOOL_MEMORY;
	rc = options_parse(t, cmd, argc, argv, r, NULL, 0, &n);
	if (rc != TOOL_RUNNING)
		return rc;
	if (!r->is.aor)
		return tool_fail(t, TOOL_USAGE, "register: --aor is missing");
	rc = tool_trace(t, r->trace, r->trace_keys, r->force);
	if (rc != TOOL_RUNNING)
		return rc;
	cfg.memory = (size_t)r->memory << 20;
	cfg.locals = r->local.text;
	cfg.locals_n = r->local.n;
	cfg.on_event = register_on_event;
	cfg.on_log = register_on_log;
	cfg.app = r;
	cfg.trace = r->trace;
	cfg.trace_keys = r->trace_keys;
	if (r->password_file) {
		rc = tool_password(t, r->password_file, r->secret,
				   sizeof(r->secret));
		if (rc != TOOL_RUNNING)
			return rc;
		r->password = r->secret;
	}
	r->is.tool = t;
	r->is.registrar = r->registrar;
	r->is.lacks_password = !r->password;
	rc = tool_agent(t, &cfg, r->proxy ? r->proxy : r->registrar ?
			r->registrar : r->is.aor, &r->agent);
	if (rc == TOOL_RUNNING)
		rc = tool_verbose(t, r->agent, r->verbose);
	return rc == TOOL_RUNNING ? register_configure(r) : rc;
}

static void register_interrupt(void *run)
{
	struct registering *r = run;

	parley_shutdown(r->agent, r->is.stopping ? 0 : 5000);
	r->is.stopping = true;
}

static void register_done(void *run)
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
	.start = register_start,
	.interrupt = register_interrupt,
	.free = register_done,
};
