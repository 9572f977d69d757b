/* SPDX-License-Identifier: BSD-2-Clause
 * tools/main.c - the parley program: finds the sub-command, gives it the real
 * world and waits for it. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <termios.h>
#include <unistd.h>

#include "client/parley.h"
#include "platform/crypto.h"
#include "tools/tool.h"

enum { INPUT_MAX = 1 << 20, /* bytes of a document to decode */
       LOOK_MS = 1000 };

struct process {
	struct tool tool;
	struct mem mem;
	const struct command *command;
	void *run;
	int status;
	bool over;
	int signal_fd; /* read end of the pipe that the handler writes to */
	struct fdwatch *signals, *keys;
	struct reactor_timer look; /* whether the terminal is ours again */
	struct termios cooked;
	bool raw;
	char *input;
	size_t input_n;
};

static int signal_pipe[2] = { -1, -1 }; /* a signal handler has no argument */

static void on_signal(int sig)
{
	char c = (char)sig;
	ssize_t n = write(signal_pipe[1], &c, 1);

	(void)n; /* the pipe is full: there is a signal to read already */
}

static void main_put(void *ctx, bool err, struct slice text)
{
	(void)ctx;
	fwrite(text.p, 1, text.n, err ? stderr : stdout);
	if (!err)
		fflush(stdout);
}

/* It may have been a password's. */
static void input_free(struct process *p)
{
	if (p->input)
		crypto_wipe(p->input, p->input_n);
	free(p->input);
	p->input = NULL;
}

static int read_all(void *ctx, const char *path, struct slice *out)
{
	struct process *p = ctx;
	bool named = path && strcmp(path, "-") != 0;
	FILE *f = named ? fopen(path, "rb") : stdin;
	size_t n;
	int rc = 0;

	if (!f)
		return -errno;
	setvbuf(f, NULL, _IONBF, 0); /* no copy stays in a buffer of stdio's */
	input_free(p);
	p->input = malloc(INPUT_MAX + 1);
	n = p->input ? fread(p->input, 1, INPUT_MAX + 1, f) : 0;
	p->input_n = n;
	if (!p->input)
		rc = -ENOMEM;
	else if (ferror(f)) /* a directory, say */
		rc = errno ? -errno : -EIO;
	else if (n > INPUT_MAX)
		rc = -E2BIG;
	if (named)
		fclose(f);
	if (rc)
		return rc;
	*out = slice_of(p->input, n);
	return 0;
}

static void main_done(void *ctx, int status)
{
	struct process *p = ctx;

	p->over = true;
	p->status = status;
	reactor_stop(p->tool.reactor);
}

/* Who reads the terminal, or changes it, from the background is stopped. */
static bool in_foreground(void)
{
	return tcgetpgrp(STDIN_FILENO) == getpgrp();
}

static void keys_end(struct process *p)
{
	fdwatch_close(p->keys);
	p->keys = NULL;
}

/* An arrow or function key comes as one piece that begins with ESC: it must
 * not be taken for the letters in it. */
static void on_key(void *arg, unsigned got)
{
	struct process *p = arg;
	char c[64];
	ssize_t n;

	(void)got;
	if (!in_foreground()) {
		keys_end(p);
		reactor_timer_at(p->tool.reactor, &p->look, mono_add(
			reactor_now(p->tool.reactor).m, MS(LOOK_MS)));
		return;
	}
	n = read(STDIN_FILENO, c, sizeof(c));
	if (n <= 0)
		keys_end(p); /* end of input: no more keys */
	for (ssize_t i = 0; i < n && c[i] != '\033' && !p->over; i++)
		p->command->key(p->run, c[i]);
}

/* At the start, and when the shell has given the terminal back: as it likes
 * it. */
static void keys_begin(void *arg)
{
	struct process *p = arg;
	struct termios t;

	if (!p->command->key || p->over || !isatty(STDIN_FILENO))
		return;
	if (!in_foreground()) { /* begun with &, or continued with bg */
		reactor_timer_at(p->tool.reactor, &p->look, mono_add(
			reactor_now(p->tool.reactor).m, MS(LOOK_MS)));
		return;
	}
	if (!p->raw && tcgetattr(STDIN_FILENO, &p->cooked))
		return;
	t = p->cooked;
	t.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	t.c_cc[VMIN] = 1;
	t.c_cc[VTIME] = 0;
	p->raw = tcsetattr(STDIN_FILENO, TCSANOW, &t) == 0;
	if (!p->keys && fdwatch_open(p->tool.reactor, STDIN_FILENO,
				     REACTOR_READ, on_key, p, &p->keys))
		p->keys = NULL; /* the call goes on without keys */
}

static void on_signal_read(void *arg, unsigned got)
{
	struct process *p = arg;
	char c;

	(void)got;
	if (read(p->signal_fd, &c, 1) != 1 || p->over)
		return;
	if (c == SIGCONT)
		keys_begin(p);
	else
		p->command->interrupt(p->run);
}

static int signals_begin(struct process *p)
{
	struct sigaction sa, was;

	if (pipe(signal_pipe))
		return -errno;
	p->signal_fd = signal_pipe[0];
	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = on_signal;
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGCONT, &sa, NULL);
	if (sigaction(SIGHUP, NULL, &was) == 0 && was.sa_handler != SIG_IGN)
		sigaction(SIGHUP, &sa, NULL); /* not under nohup */
	sa.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &sa, NULL);
	sigaction(SIGXFSZ, &sa, NULL); /* a write that fails says so itself */
	return fdwatch_open(p->tool.reactor, p->signal_fd, REACTOR_READ,
			    on_signal_read, p, &p->signals);
}

/* As many descriptors as the system lets us have, within reason: a call takes
 * two, and a shell's soft limit of 1024 is for programs that use select(2). */
static void raise_descriptors(void)
{
	const rlim_t enough = 65536;
	struct rlimit l;

	if (getrlimit(RLIMIT_NOFILE, &l) || l.rlim_cur >= enough)
		return;
	l.rlim_cur = l.rlim_max < enough ? l.rlim_max : enough;
	(void)setrlimit(RLIMIT_NOFILE, &l); /* refused: as it was */
}

static int main_run(struct process *p, int argc, char **argv)
{
	const struct command *c = p->command;
	int rc;

	if (!c->needs_reactor)
		return c->start(&p->tool, c, argc, argv, &p->run);
	raise_descriptors();
	p->tool.reactor = reactor_new_poll(&p->mem);
	if (!p->tool.reactor || signals_begin(p))
		return tool_fail(&p->tool, TOOL_FAILED, "no descriptors left");
	p->look.fn = keys_begin;
	p->look.arg = p;
	rc = c->start(&p->tool, c, argc, argv, &p->run);
	if (rc == TOOL_RUNNING) {
		keys_begin(p);
		while (!p->over)
			reactor_run(p->tool.reactor);
		rc = p->status;
	}
	if (p->run && c->free)
		c->free(p->run);
	if (p->raw && in_foreground())
		tcsetattr(STDIN_FILENO, TCSANOW, &p->cooked);
	reactor_free(p->tool.reactor);
	return rc == TOOL_OK && p->tool.failed ? TOOL_FAILED : rc;
}

static const struct command *main_find(const char *name)
{
	for (size_t i = 0; feature_command[i]; i++)
		if (!strcmp(name, feature_command[i]->name))
			return feature_command[i];
	return NULL;
}

static int unknown(struct process *p, const char *name)
{
	return tool_fail(&p->tool, TOOL_USAGE,
			 "no command '%s' (see parley help)", name);
}

static int help(struct process *p, const char *about)
{
	if (about) {
		p->command = main_find(about);
		if (!p->command)
			return unknown(p, about);
		command_help(&p->tool, p->command);
		return TOOL_OK;
	}
	tool_out(&p->tool, "parley %s: a SIP user agent\n\n"
		 "usage: parley COMMAND [arguments]\n\n", parley_version());
	for (size_t i = 0; feature_command[i]; i++)
		tool_out(&p->tool, "  %-10s %s\n", feature_command[i]->name,
			 feature_command[i]->summary);
	tool_out(&p->tool, "\nparley help COMMAND says more.\n");
	return TOOL_OK;
}

static int main_start(struct process *p, int argc, char **argv)
{
	if (argc < 2)
		return tool_fail(&p->tool, TOOL_USAGE,
				 "which command? (see parley help)");
	if (!strcmp(argv[1], "help") || !strcmp(argv[1], "--help") ||
	    !strcmp(argv[1], "-h"))
		return help(p, argc > 2 ? argv[2] : NULL);
	if (!strcmp(argv[1], "version") || !strcmp(argv[1], "--version")) {
		tool_out(&p->tool, "parley %s\n", parley_version());
		return TOOL_OK;
	}
	p->command = main_find(argv[1]);
	if (!p->command)
		return unknown(p, argv[1]);
	return main_run(p, argc - 2, argv + 2);
}

int main(int argc, char **argv)
{
	static struct process p; /* zeroed */
	int rc;

	mem_init(&p.mem, (size_t)TOOL_MEMORY << 20);
	p.tool = (struct tool){
		.mem = &p.mem, .put = main_put, .read = read_all,
		.done = main_done, .ctx = &p,
		.tty = isatty(STDOUT_FILENO) == 1,
	};
	rc = main_start(&p, argc, argv);
	input_free(&p);
	if (fflush(stdout) || ferror(stdout)) /* a report that nobody has */
		return rc ? rc : tool_fail(&p.tool, TOOL_FAILED,
					   "standard output: cannot write");
	return rc;
}
