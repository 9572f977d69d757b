/* SPDX-License-Identifier: BSD-2-Clause
 * tools/tool.h - what a sub-command is, and the world it runs in.
 * A command never touches the process: it is given a reactor (the real one, or
 * a simulated host's), somewhere to write and the keys that were pressed, and
 * says when it is done.  So the simulation runs the program's own code.
 */
#ifndef TOOLS_TOOL_H
#define TOOLS_TOOL_H
#include "platform/mem.h"
#include "platform/reactor.h"
#include "platform/slice.h"

enum { TOOL_OK = 0, TOOL_FAILED = 1, TOOL_USAGE = 2, TOOL_RUNNING = -1 };

struct tool { /* the world, as one run of one command sees it */
	struct reactor *reactor; /* NULL where needs_reactor is unset */
	struct mem *mem;
	void (*put)(void *ctx, bool err, struct slice text);
	/* A file, or with NULL and "-" standard input, to its end; borrowed
	 * until the next. */
	int (*read)(void *ctx, const char *path, struct slice *out);
	void (*done)(void *ctx, int status); /* the run may be freed after it */
	void *ctx;
	bool tty;        /* somebody looks at standard output: show progress */
	bool failed;     /* whatever done() says: see tool_log */
};

struct command {
	const char *name;
	const char *summary;  /* one line */
	const char *usage;    /* "URI [options]" */
	const char *notes;    /* more for --help, in whole lines; or NULL */
	const struct option *options; /* ends with a NULL name; or NULL */
	bool needs_reactor;
	/* TOOL_RUNNING: goes on until done() is called; else the status.  run
	 * is what the others get. */
	int (*start)(struct tool *t, const struct command *c, int argc,
		     char **argv, void **run);
	void (*key)(void *run, char c);     /* may be NULL */
	void (*interrupt)(void *run);       /* Ctrl-C: end in order */
	void (*free)(void *run);
};

extern const struct command *const feature_command[]; /* NULL-ended */

/* ------------------------------------------------------------- options */
enum option_type { OPTION_FLAG, OPTION_COUNT, OPTION_TEXT, OPTION_TEXTS,
		   OPTION_INT, OPTION_MS };

enum { TEXTS = 8 };
struct texts { /* of an option that may be given so often */
	const char *text[TEXTS];
	size_t n;
};

struct option { /* one row of a command's table */
	const char *name;  /* "--codec" */
	enum option_type type;
	size_t offset;     /* in the command's struct: bool, const char *,
			    * struct texts, or int64_t (COUNT: how often it
			    * was given; MS: seconds with a fraction, in
			    * ms) */
	int64_t min, max;  /* INT; MS in ms */
	const char *arg;   /* "LIST"; NULL for a flag, a count */
	const char *help;
};

/* The whole run's budget, in MiB: TOOL_MEMORY unless it is given. */
enum { TOOL_MEMORY = 256 };
#define MEMORY_OPTION(type, field)                                          \
	{ "--memory", OPTION_INT, offsetof(type, field), 2, 1 << 20, "MIB", \
	  "memory that may be used (256)" }

/* Rows of call and register about their account; in: the way to its fields. */
#define ACCOUNT_OPTIONS(type, in)                                           \
	{ "--user", OPTION_TEXT, offsetof(type, in user), 0, 0, "U",        \
	  "name for digest authentication" },                               \
	{ "--password", OPTION_TEXT, offsetof(type, in password), 0, 0, "P", \
	  "its password; whoever runs ps may see it" },                     \
	{ "--password-file", OPTION_TEXT, offsetof(type, in password_file), \
	  0, 0, "FILE",                                                     \
	  "its first line is the password (- standard input)" },            \
	{ "--realm", OPTION_TEXT, offsetof(type, in realm), 0, 0, "R",      \
	  "the only realm that the password is for" },                      \
	{ "--proxy", OPTION_TEXT, offsetof(type, in proxy), 0, 0, "URI",    \
	  "go through this outbound proxy, as a Route" }
#define TRANSPORT_OPTION(type, in)                                          \
	{ "--transport", OPTION_TEXT, offsetof(type, in transport), 0, 0,   \
	  "T", "udp, tcp, tls, ws or wss where the URI names none" }
/* How servers are found: net is the struct tool_net in it. */
#define NET_OPTIONS(type, net)                                              \
	{ "--dns", OPTION_TEXTS, offsetof(type, net.dns), 0, 0,             \
	  "ADDR:PORT",                                                      \
	  "a name server, again for more (resolv.conf's)" },                \
	{ "--tls-ca", OPTION_TEXT, offsetof(type, net.ca), 0, 0, "FILE",    \
	  "whom to believe (the host's bundle)" },                          \
	{ "--tls-crl", OPTION_TEXT, offsetof(type, net.crl), 0, 0, "FILE",  \
	  "whom they believe no more" },                                    \
	{ "--tls-cert", OPTION_TEXT, offsetof(type, net.cert), 0, 0,        \
	  "FILE", "our certificate" },                                      \
	{ "--tls-key", OPTION_TEXT, offsetof(type, net.key), 0, 0, "FILE",  \
	  "its key" },                                                      \
	{ "--tls-name", OPTION_TEXT, offsetof(type, net.name), 0, 0,        \
	  "NAME", "the server's name (the URI's domain)" },                 \
	{ "--insecure", OPTION_FLAG, offsetof(type, net.insecure), 0, 0,    \
	  NULL, "believe anybody to be the server" },                  \
	{ "--ws-path", OPTION_TEXT, offsetof(type, net.ws_path), 0, 0,      \
	  "PATH", "of a WebSocket's URL (/)" }
/* Of commands that write a trace. */
#define TRACE_OPTIONS(type, in)                                             \
	{ "--trace", OPTION_TEXT, offsetof(type, in trace), 0, 0,           \
	  "FILE.pcapng", "write what crosses the wire, for Wireshark" },    \
	{ "--trace-keys", OPTION_FLAG, offsetof(type, in trace_keys), 0, 0, \
	  NULL, "in it: TLS as it is, and what decrypts it" }
#define REGISTRAR_OPTION(type, in)                                          \
	{ "--registrar", OPTION_TEXT, offsetof(type, in registrar), 0, 0,   \
	  "URI", "where (the address's domain)" }
#define VERBOSE_OPTION(type, in)                                            \
	{ "--verbose", OPTION_COUNT, offsetof(type, in verbose), 0, 0, NULL, \
	  "show each message's first line; twice: all of it" }

struct tool_net { /* of NET_OPTIONS */
	struct texts dns;
	const char *ca, *crl, *cert, *key, *name;
	bool insecure;
	const char *ws_path;
};

/* Fills out from argv (options anywhere, "--" ends them); *positional holds the
 * other arguments, at most max of them.  TOOL_USAGE with one line said; TOOL_OK
 * when --help was asked for and printed; else TOOL_RUNNING. */
int options_parse(struct tool *t, const struct command *c, int argc,
		  char **argv, void *out, const char **positional, size_t max,
		  size_t *n);
void command_help(struct tool *t, const struct command *c);

/* ---------------------------------------------------------------- agents */
/* An agent that can reach those at towards (NULL: nobody): without addresses in
 * cfg it has one of each family that they have, or may have.
 * tool_settings is parley_set of each row, of the account or of the agent as
 * the setting is; a value of NULL sets nothing, a password is not shown.
 * TOOL_RUNNING, or a status with one line said. */
struct parley;
struct parley_config;
int tool_agent(struct tool *t, const struct parley_config *cfg,
	       const char *towards, struct parley **out);
struct tool_setting {
	const char *flag, *key, *value;
};
int tool_settings(struct tool *t, struct parley *agent, uint32_t account,
		  const struct tool_setting *row, size_t n);
/* What NET_OPTIONS say; before anything is sent. */
int tool_network(struct tool *t, struct parley *agent, uint32_t account,
		 const struct tool_net *net);
/* What --verbose, so often given, asks the agent to log. */
int tool_verbose(struct tool *t, struct parley *agent, int64_t verbose);
/* What the agent logs: its errors, such as a trace that is cut off, are said,
 * and make the run a failure; with verbose all is said. */
void tool_log(struct tool *t, int level, const char *line, bool verbose);
/* What an own file would be lost to: that which is there already is replaced by
 * force alone.  An empty one, a device and a pipe have nothing to lose.
 * TOOL_RUNNING, or TOOL_FAILED with one line said. */
int tool_fresh(struct tool *t, const char *path, bool force);
/* The same for the file of TRACE_OPTIONS, NULL where none is asked for. */
int tool_trace(struct tool *t, const char *path, bool keys, bool force);
bool tool_same_file(const char *a, const char *b); /* NULL: no file */
/* What is the end, where it is no response of the peer's; in plain words. */
const char *tool_cause(const char *reason);
/* Behind "401 Unauthorized": the option that may be missing; or "". */
const char *tool_why_refused(int code, bool lacks_password);
/* The first line of a file, or with "-" of standard input. */
int tool_password(struct tool *t, const char *path, char *out, size_t cap);

/* --------------------------------------------------------------- output */
/* printf to standard output and error; a line is never cut. */
void tool_out(struct tool *t, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void tool_err(struct tool *t, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* "parley: " and the line on standard error; returns status. */
int tool_fail(struct tool *t, int status, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Text with JSON's escapes, quotes included; what would drive a terminal
 * (utf8_is_control) is escaped, bytes that are not UTF-8 become U+FFFD. */
void json_text(struct writer *w, struct slice s);
#endif
