/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/sim/actor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void put(void *ctx, bool err, struct slice text)
{
	struct actor *a = ctx;
	char *buf = err ? a->err : a->out;
	size_t *n = err ? &a->err_n : &a->out_n;

	if (text.n > ACTOR_TEXT - 1 - *n)
		text.n = ACTOR_TEXT - 1 - *n;
	memcpy(buf + *n, text.p, text.n);
	*n += text.n;
	buf[*n] = '\0';
}

static void done(void *ctx, int status)
{
	struct actor *a = ctx;

	a->over = true;
	a->status = status;
}

static int no_input(void *ctx, const char *path, struct slice *out)
{
	(void)ctx;
	(void)path;
	(void)out;
	return -ENOENT;
}

static const struct command *find(const char *name)
{
	for (size_t i = 0; feature_command[i]; i++)
		if (!strcmp(feature_command[i]->name, name))
			return feature_command[i];
	return NULL;
}

static int split(char *words, char **argv)
{
	int n = 0;

	for (char *w = words; *w && n < ACTOR_ARGS; n++) {
		argv[n] = w;
		while (*w && *w != ' ')
			w++;
		if (*w)
			*w++ = '\0';
	}
	return n;
}

struct actor *actor_start(struct sim_host *host, const char *words)
{
	return actor_start_failing(host, words, 0);
}

struct actor *actor_start_failing(struct sim_host *host, const char *words,
				  uint64_t n)
{
	struct actor *a = calloc(1, sizeof(*a));
	/* The arguments live as long as the run: options point into them. */
	char *copy = a ? calloc(1, strlen(words) + 1 + sizeof(char *) *
				ACTOR_ARGS) : NULL;
	char **argv = (char **)(void *)copy;
	int argc;

	if (!copy) {
		free(a);
		return NULL;
	}
	memcpy(copy + sizeof(char *) * ACTOR_ARGS, words, strlen(words) + 1);
	argc = split(copy + sizeof(char *) * ACTOR_ARGS, argv);
	mem_init(&a->mem, 0);
	a->mem.fail_at = n;
	a->host = host;
	a->tool = (struct tool){ .mem = &a->mem, .put = put, .done = done,
				 .read = no_input, .ctx = a,
				 .reactor = sim_host_reactor(host) };
	a->command = argc ? find(argv[0]) : NULL;
	if (!a->command) {
		free(copy);
		free(a);
		return NULL;
	}
	a->status = a->command->start(&a->tool, a->command, argc - 1, argv + 1,
				      &a->run);
	a->over = a->status != TOOL_RUNNING;
	a->words = copy;
	return a;
}

void actor_key(struct actor *a, char key)
{
	if (!a->over && a->command->key)
		a->command->key(a->run, key);
}

void actor_interrupt(struct actor *a)
{
	if (!a->over)
		a->command->interrupt(a->run);
}

bool actor_free(struct actor *a)
{
	bool clean;

	if (!a)
		return true;
	if (a->run && a->command->free)
		a->command->free(a->run);
	clean = a->mem.blocks == 0;
	free(a->words);
	free(a);
	return clean;
}

unsigned actor_said(const struct actor *a, const char *text)
{
	unsigned n = 0;

	for (const char *p = a->out; (p = strstr(p, text)); p += strlen(text))
		n++;
	return n;
}
