/* SPDX-License-Identifier: BSD-2-Clause
 * tools/main.c - the parley program: finds the sub-command, gives it the real
 * world and waits for it. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "client/parley.h"
#include "tools/tool.h"

enum { INPUT_MAX = 1 << 20 }; /* bytes of a document to decode */

struct process {
	struct tool tool;
	struct mem mem;
	const struct command *command;
	void *run;
	int status;
	bool over;
	int signal_fd; /* read end of the pipe that the handler writes to */
	struct fdwatch *signals, *keys;
	struct termios cooked;
	bool raw;
	char *input;
};

static int signal_pipe[2] = { -1, -1 }; /* a signal handler has no argument */

static void on_signal(int sig)
{
	char c = (char)sig;
	ssize_t n = write(signal_pipe[1], &c, 1);

	(void)n; /* the pipe is full: there is a signal to read already */
}

static void put(void *ctx, bool err, struct slice text)
{
	(void)ctx;
	fwrite(text.p, 1, text.n, err ? stderr : stdout);
	if (!err)
		fflush(stdout);
}

static int read_all(void *ctx, const char *path, struct slice *out)
{
	struct process *p = ctx;
	FILE *f = path ? fopen(path, "rb") : stdin;
	size_t n;

	if (!f)
		return -errno;
	p->input = malloc(INPUT_MAX + 1);
	n = p->input ? fread(p->input, 1, INPUT_MAX + 1, f) : 0;
	if (path)
		fclose(f);
	if (!p->input)
		return -ENOMEM;
	if (n > INPUT_MAX)
		return -E2BIG;
	*out = slice_of(p->input, n);
	return 0;
}

static void done(void *ctx, int status)
{
	struct process *p = ctx;

	p->over = true;
	p->status = status;
	reactor_stop(p->tool.reactor);
}

static void on_interrupt(void *arg, unsigned got)
{
	struct process *p = arg;
	char c;

	(void)got;
	if (read(p->signal_fd, &c, 1) == 1 && !p->over)
		p->command->interrupt(p->run);
}

static void on_key(void *arg, unsigned got)
{
	struct process *p = arg;
	char c;

	(void)got;
	if (read(STDIN_FILENO, &c, 1) != 1) {
		fdwatch_close(p->keys); /* end of input: no more keys */
		p->keys = NULL;
	} else if (!p->over) {
		p->command->key(p->run, c);
	}
}

static void keys_begin(struct process *p)
{
	struct termios t;

	if (!p->command->key || !isatty(STDIN_FILENO) ||
	    tcgetattr(STDIN_FILENO, &p->cooked))
		return;
	t = p->cooked;
	t.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	t.c_cc[VMIN] = 1;
	t.c_cc[VTIME] = 0;
	p->raw = tcsetattr(STDIN_FILENO, TCSANOW, &t) == 0;
	if (fdwatch_open(p->tool.reactor, STDIN_FILENO, REACTOR_READ, on_key,
			 p, &p->keys))
		p->keys = NULL; /* the call goes on without keys */
}

static int signals_begin(struct process *p)
{
	struct sigaction sa;

	if (pipe(signal_pipe))
		return -errno;
	p->signal_fd = signal_pipe[0];
	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = on_signal;
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	sa.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &sa, NULL);
	sigaction(SIGXFSZ, &sa, NULL); /* a write that fails says so itself */
	return fdwatch_open(p->tool.reactor, p->signal_fd, REACTOR_READ,
			    on_interrupt, p, &p->signals);
}

static int run(struct process *p, int argc, char **argv)
{
	const struct command *c = p->command;
	int rc;

	if (!c->needs_reactor)
		return c->start(&p->tool, c, argc, argv, &p->run);
	p->tool.reactor = reactor_new_poll(&p->mem);
	if (!p->tool.reactor || signals_begin(p))
		return tool_fail(&p->tool, TOOL_FAILED, "no descriptors left");
	rc = c->start(&p->tool, c, argc, argv, &p->run);
	if (rc == TOOL_RUNNING) {
		keys_begin(p);
		while (!p->over)
			reactor_run(p->tool.reactor);
		rc = p->status;
	}
	if (p->run && c->free)
		c->free(p->run);
	if (p->raw)
		tcsetattr(STDIN_FILENO, TCSANOW, &p->cooked);
	reactor_free(p->tool.reactor);
	return rc;
}

static void help(struct process *p)
{
	tool_out(&p->tool, "parley %s: a SIP user agent\n\n"
		 "usage: parley COMMAND [arguments]\n\n", parley_version());
	for (size_t i = 0; feature_command[i]; i++)
		tool_out(&p->tool, "  %-10s %s\n", feature_command[i]->name,
			 feature_command[i]->summary);
	tool_out(&p->tool, "\nparley COMMAND --help says more.\n");
}

/* What was to be read by somebody and was not written is a failure. */
static int finish(struct process *p, int rc)
{
	if (!fflush(stdout) && !ferror(stdout))
		return rc;
	return tool_fail(&p->tool, rc == TOOL_OK ? TOOL_FAILED : rc,
			 "standard output: it could not be written");
}

int main(int argc, char **argv)
{
	static struct process p; /* zeroed */

	mem_init(&p.mem, 0);
	p.tool = (struct tool){ .mem = &p.mem, .put = put, .read = read_all,
				.done = done, .ctx = &p,
				.tty = isatty(STDOUT_FILENO) == 1 };
	if (argc < 2 || !strcmp(argv[1], "help") ||
	    !strcmp(argv[1], "--help")) {
		help(&p);
		return finish(&p, argc < 2 ? TOOL_USAGE : TOOL_OK);
	}
	if (!strcmp(argv[1], "version") || !strcmp(argv[1], "--version")) {
		tool_out(&p.tool, "parley %s\n", parley_version());
		return finish(&p, TOOL_OK);
	}
	for (size_t i = 0; feature_command[i] && !p.command; i++)
		if (!strcmp(argv[1], feature_command[i]->name))
			p.command = feature_command[i];
	if (!p.command)
		return tool_fail(&p.tool, TOOL_USAGE,
				 "no command '%s' (see parley help)", argv[1]);
	p.status = run(&p, argc - 2, argv + 2);
	free(p.input);
	return finish(&p, p.status);
}
