/* SPDX-License-Identifier: BSD-2-Clause
 * tools/calls.h - what call and listen share: an agent with its account, the
 * calls that are up, their live line, keys and closing report.
 */
#ifndef TOOLS_CALLS_H
#define TOOLS_CALLS_H
#include "client/parley.h"
#include "platform/list.h"
#include "tools/registration.h"
#include "tools/tool.h"

struct calls_options { /* the fixed flags; each command shows its own */
	struct texts local;
	struct tool_net net;
	int64_t ws_port, wss_port;
	const char *from, *user, *password, *realm, *proxy, *transport;
	const char *play, *record, *device, *codec, *dtmf, *rtp_ports, *trace;
	const char *password_file, *media_timeout, *calls, *aor, *registrar;
	const char *bonjour, *redirects;
	const char *tls_clients;
	bool json, echo, auto_answer, quiet, force;
	bool closed_network, trace_keys;
	int64_t duration, ring; /* ms; -1: not given */
	int64_t memory;         /* MiB */
	int64_t reject, count, streams, verbose;
};

enum { STREAMS_MAX = 16, PAST_MAX = 4, PASSWORD_MAX = 200 };

struct call { /* one session */
	struct list node;
	struct calls *calls;
	uint32_t session;
	unsigned number;       /* from 1 */
	bool answered, held, muted, dtmf_sent, ending;
	bool asked;            /* a proposal waits for a key */
	bool changing;         /* streams, by one of ours */
	bool told;             /* that it is given up */
	char digits[64];       /* the peer's, as they came; what fits */
	unsigned moved;        /* so often to another address of ours */
	char failure[160];     /* of media: why it was hung up */
	struct parley_stats past[PAST_MAX]; /* streams that ended before it */
	unsigned past_n;
	struct reactor_timer timer; /* ring, then duration */
};

struct calls {
	struct tool *tool;
	struct calls_options o;
	struct parley *agent;
	uint32_t account;
	char password[PASSWORD_MAX + 1]; /* of --password-file */
	struct list calls;
	struct registration is; /* where is.aor is set */
	const char *peer;      /* who is called; NULL: we are */
	char found[256];       /* the URI of a neighbour of that name */
	unsigned begun, ended;
	unsigned recorded;     /* the last number in a recording's name */
	bool stopping, quitting, line_shown, keys_shown;
	int status;
	struct reactor_timer tick; /* of the live line */
	/* What the command does about events of its own; the call is NULL for
	 * an unknown session. */
	void (*on_event)(struct calls *c, struct call *call,
			 const struct parley_event *ev);
};

/* Rows of the option table that both show. */
#define CALLS_OPTIONS(type)                                               \
	{ "--local", OPTION_TEXTS, offsetof(type, o.local), 0, 0, "ADDR:PORT",\
	  "address to use, again for more (all, any free port)" },        \
	NET_OPTIONS(type, o.net),                                         \
	{ "--play", OPTION_TEXT, offsetof(type, o.play), 0, 0, "IN.wav",  \
	  "send this file, in a loop" },                                  \
	{ "--record", OPTION_TEXT, offsetof(type, o.record), 0, 0,        \
	  "OUT.wav", "keep what is heard; %n is the call's number" },     \
	{ "--force", OPTION_FLAG, offsetof(type, o.force), 0, 0, NULL,    \
	  "replace a recording or trace that is there already" },         \
	{ "--device", OPTION_TEXT, offsetof(type, o.device), 0, 0, "NAME",\
	  "speak and hear through this sound device" },                   \
	{ "--echo", OPTION_FLAG, offsetof(type, o.echo), 0, 0, NULL,      \
	  "send back what is heard" },                                    \
	{ "--codec", OPTION_TEXT, offsetof(type, o.codec), 0, 0, "LIST",  \
	  "of PCMU,PCMA,L16 and opus where built, best first" },          \
	{ "--duration", OPTION_MS, offsetof(type, o.duration), 0,         \
	  86400000, "S", "hang up so long after the answer" },            \
	MEMORY_OPTION(type, o.memory),                                    \
	{ "--rtp-ports", OPTION_TEXT, offsetof(type, o.rtp_ports), 0, 0,  \
	  "A-B", "UDP ports for media" },                                 \
	{ "--media-timeout", OPTION_TEXT, offsetof(type, o.media_timeout),\
	  0, 0, "S", "hang up on a peer silent for so long (30; 0: never)" },\
	{ "--closed-network", OPTION_FLAG,                                \
	  offsetof(type, o.closed_network), 0, 0, NULL,                   \
	  "send media wherever a peer says, proved or not" },             \
	{ "--dtmf", OPTION_TEXT, offsetof(type, o.dtmf), 0, 0, "123#",    \
	  "send these digits once media runs; , is a pause" },            \
	TRACE_OPTIONS(type, o.),                                          \
	{ "--json", OPTION_FLAG, offsetof(type, o.json), 0, 0, NULL,      \
	  "end a call with one JSON object" },                            \
	{ "--quiet", OPTION_FLAG, offsetof(type, o.quiet), 0, 0, NULL,    \
	  "say nothing but errors" },                                     \
	VERBOSE_OPTION(type, o.),                                         \
	{ "--bonjour", OPTION_TEXT, offsetof(type, o.bonjour), 0, 0,      \
	  "NAME", "be called so on the link, without a registrar" },      \
	{ "--aor", OPTION_TEXT, offsetof(type, o.aor), 0, 0, "URI",       \
	  "register this address, and stay so to the end" },              \
	REGISTRAR_OPTION(type, o.)

/* calls_show.c: the live line goes; a line is said unless it shall be quiet; a
 * stream that is ending is kept for the report. */
void calls_clear(struct calls *c);
void calls_say(struct calls *c, const char *what, const char *detail);
/* Of a call, with its number where there is more than one. */
void call_say(struct call *call, const char *what, const char *detail);
void calls_keep_stream(struct call *call, uint32_t stream);
void calls_line(struct call *call);
void calls_report(struct call *call, const struct parley_event *ev);

/* What both commands begin with: *run, with the options read and up to max
 * words in uri.  TOOL_RUNNING, or a status with one line said. */
int calls_parse(struct tool *t, const struct command *cmd, int argc,
		char **argv, const char **uri, size_t max, size_t *words,
		void **run);
int calls_begin(struct calls *c);
/* A call that was made or came in; NULL: no memory. */
struct call *calls_add(struct calls *c, uint32_t session);
/* calls_audio.c.  The files asked for are there, or may be made, and are not
 * one; before the agent replaces any. */
int calls_files(struct calls *c);
/* Sets file, echo or device as asked for, %n filled in; without a call it only
 * looks at them.  TOOL_RUNNING, or a status with one line said. */
int calls_audio(struct calls *c, struct call *call);
/* While the call is held they wait, which is said. */
int calls_digits(struct call *call, const char *digits);
void calls_done(struct calls *c, int status);
/* A command's, on its run: a struct calls.  calls_keys.c: */
void calls_key(void *run, char key);
void calls_keys_help(struct calls *c);
/* calls.c: ends all in order; asked again, at once. */
void calls_interrupt(void *run);
/* The next interrupt is the second one. */
void calls_no_wait(struct calls *c);
void calls_free(void *run);
#endif
