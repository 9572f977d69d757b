/* SPDX-License-Identifier: BSD-2-Clause
 * tools/tool_agent.c - the agent of a command, made and set up from options. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "client/client_port.h"
#include "client/parley.h"
#include "sip/msg/sip_uri.h"
#include "tools/tool.h"

/* Which families those at uri have, which may come without its scheme: 1: IPv4,
 * 2: IPv6, both where name servers will tell; 0: it is no URI. */
static unsigned families(struct tool *t, const char *uri)
{
	enum { TRIES = 8 };
	struct addr peer[TRIES];
	struct parse_error e;
	struct sip_uri u;
	char text[256];
	struct writer w = writer_begin(text, sizeof(text));
	size_t n = 1;
	unsigned all = 0;

	if (sip_uri_parse(slice_str(uri), &u, &e) || !u.host.n) {
		writer_str(&w, "sip:");
		writer_str(&w, uri);
		if (writer_end(&w) < 0 ||
		    sip_uri_parse(writer_done(&w), &u, &e))
			return 0;
	}
	if (addr_parse_ip(u.host, &peer[0]))
		n = reactor_hosts(t->reactor, u.host, peer, TRIES);
	for (size_t i = 0; i < n && i < TRIES; i++)
		all |= peer[i].family == 6 ? 2 : 1;
	return all ? all : 3;
}

/* Without addresses of its own; a host that lacks IPv6 is content with IPv4. */
static int new_agent(struct tool *t, const struct parley_config *config,
		     const char *towards, struct parley **out)
{
	static const char *const any[] = { "0.0.0.0:0", "[::]:0" };
	unsigned f = towards && !config->locals_n ? families(t, towards) : 0;
	struct parley_config cfg = *config;
	int rc;

	if (f & 2) { /* not IPv4 alone */
		cfg.locals = f & 1 ? any : any + 1;
		cfg.locals_n = f & 1 ? 2 : 1;
	}
	rc = client_new(t->reactor, NULL, &cfg, out);
	if (rc && cfg.locals_n == 2 && !config->locals_n)
		rc = client_new(t->reactor, NULL, config, out);
	return rc;
}

int tool_agent(struct tool *t, const struct parley_config *config,
	       const char *towards, struct parley **out)
{
	struct parley_config cfg = *config;
	char local[8 * 64];
	struct writer w = writer_begin(local, sizeof(local) - 1);
	int rc = new_agent(t, &cfg, towards, out);

	for (size_t i = 0; i < cfg.locals_n; i++) {
		writer_str(&w, i ? ", " : "");
		writer_str(&w, cfg.locals[i]);
	}
	local[w.n] = '\0';
	if (rc == -EBADMSG)
		return tool_fail(t, TOOL_USAGE, "--local %s: ADDR:PORT wanted, "
				 "such as 192.0.2.1:5060 or [::1]:0", local);
	if (rc && cfg.trace) { /* which of the two was it? */
		cfg.trace = NULL;
		if (new_agent(t, &cfg, towards, out) == 0) {
			parley_free(*out);
			*out = NULL;
			return tool_fail(t, TOOL_FAILED, "%s: %s",
					 config->trace, strerror(-rc));
		}
	}
	if (rc)
		return tool_fail(t, TOOL_FAILED, "%s: %s", cfg.locals_n ?
				 local : "0.0.0.0:0", strerror(-rc));
	return TOOL_RUNNING;
}

void tool_log(struct tool *t, int level, const char *line, bool verbose)
{
	t->failed |= level == 0;
	if (level == 0 || verbose)
		tool_err(t, "parley: %s\n", line);
}

int tool_fresh(struct tool *t, const char *path, bool force)
{
	struct stat st;

	if (strcmp(path, "-") == 0) /* what is said there is for a reader */
		return tool_fail(t, TOOL_USAGE, "-: a file is wanted, "
				 "standard output will not do");
	if (force || stat(path, &st) || !S_ISREG(st.st_mode) || !st.st_size)
		return TOOL_RUNNING;
	return tool_fail(t, TOOL_FAILED, "%s: %s (--force replaces it)", path,
			 strerror(EEXIST));
}

int tool_trace(struct tool *t, const char *path, bool keys, bool force)
{
	if (!path && keys)
		return tool_fail(t, TOOL_USAGE,
				 "--trace-keys: --trace is missing");
	return path ? tool_fresh(t, path, force) : TOOL_RUNNING;
}

bool tool_same_file(const char *a, const char *b)
{
	struct stat x, y;

	return a && b && (strcmp(a, b) == 0 ||
			  (stat(a, &x) == 0 && stat(b, &y) == 0 &&
			   x.st_dev == y.st_dev && x.st_ino == y.st_ino));
}

const char *tool_why_refused(int code, bool lacks_password)
{
	if (code != 401 && code != 407)
		return "";
	return lacks_password ? " (without --user and --password)" :
				" (--user, --password or --realm is wrong)";
}

const char *tool_cause(const char *reason)
{
	return strcmp(reason, "Request Timeout") ? reason :
	       "timed out: nobody answers";
}

int tool_password(struct tool *t, const char *path, char *out, size_t cap)
{
	struct slice text;
	int rc = t->read(t->ctx, path, &text);
	size_t n = 0;

	if (rc)
		return tool_fail(t, TOOL_FAILED, "%s: %s", path,
				 strerror(-rc));
	while (n < text.n && text.p[n] && text.p[n] != '\n' &&
	       text.p[n] != '\r')
		n++;
	if (n == 0 || n >= cap)
		return tool_fail(t, TOOL_FAILED, "%s: no password in its first "
				 "line", path);
	memcpy(out, text.p, n);
	out[n] = '\0';
	return TOOL_RUNNING;
}

static const struct parley_setting *row_of(const char *key)
{
	const struct parley_setting *row;

	for (size_t i = 0; (row = parley_setting_at(i)) != NULL; i++)
		if (strcmp(row->key, key) == 0)
			break;
	return row;
}

static int set(struct tool *t, struct parley *agent, uint32_t account,
	       const struct tool_setting *s)
{
	const struct parley_setting *row = row_of(s->key);
	bool secret = row && row->type == PARLEY_SECRET;
	char range[64] = "";
	int rc;

	if (!s->value)
		return TOOL_RUNNING;
	rc = parley_set(agent, row && row->of_account ? account : 0, s->key,
			s->value);
	if (rc == 0)
		return TOOL_RUNNING;
	if (row && row->choices)
		snprintf(range, sizeof(range), ": %s", row->choices);
	else if (row && row->type == PARLEY_INT)
		snprintf(range, sizeof(range), ": %lld to %lld",
			 (long long)row->min, (long long)row->max);
	return tool_fail(t, rc == -ENOMEM ? TOOL_FAILED : TOOL_USAGE,
			 "%s%s%s: %s%s", s->flag, secret ? "" : " ",
			 secret ? "" : s->value, parley_error(agent), range);
}

int tool_settings(struct tool *t, struct parley *agent, uint32_t account,
		  const struct tool_setting *row, size_t n)
{
	int rc = TOOL_RUNNING;

	for (size_t i = 0; i < n && rc == TOOL_RUNNING; i++)
		rc = set(t, agent, account, &row[i]);
	return rc;
}

int tool_network(struct tool *t, struct parley *agent, uint32_t account,
		 const struct tool_net *net)
{
	char dns[TEXTS * 64] = "";
	struct writer w = writer_begin(dns, sizeof(dns) - 1);
	const struct tool_setting row[] = {
		{ "--dns", "dns.servers", net->dns.n ? dns : NULL },
		{ "--tls-ca", "tls.ca", net->ca },
		{ "--tls-crl", "tls.crl", net->crl },
		{ "--tls-cert", "tls.cert", net->cert },
		{ "--tls-key", "tls.key", net->key },
		{ "--tls-name", "tls.name", net->name },
		{ "--insecure", "tls.verify", net->insecure ? "false" : NULL },
		{ "--ws-path", "sip.ws_path", net->ws_path },
	};

	if (net->insecure)
		tool_err(t, "parley: --insecure: WHOEVER ANSWERS IS BELIEVED "
			 "TO BE THE SERVER\n");

	for (size_t i = 0; i < net->dns.n; i++) {
		writer_str(&w, i ? "," : "");
		writer_str(&w, net->dns.text[i]);
	}
	if (writer_end(&w) < 0) /* no address is so long */
		return tool_fail(t, TOOL_USAGE, "--dns: ADDR:PORT wanted");
	dns[w.n] = '\0';
	return tool_settings(t, agent, account, row, COUNT(row));
}

int tool_verbose(struct tool *t, struct parley *agent, int64_t verbose)
{
	const struct tool_setting row = { "--verbose", "agent.log",
		verbose > 1 ? "3" : verbose ? "2" : NULL };

	return tool_settings(t, agent, 0, &row, 1);
}
