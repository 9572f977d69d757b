/* SPDX-License-Identifier: BSD-2-Clause
 * The thread of an agent (client/parley.h, "Threads"): whose calls trap in
 * builds with PARLEY_TRAP, and which thread may take it over. */
#include "tests/unit/suites.h"

#include <pthread.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client/parley.h"

#ifdef PARLEY_TRAP
enum { TRAPS = true };
#else
enum { TRAPS = false }; /* nothing is looked at: nothing to see */
#endif

static struct parley *agent(void)
{
	const struct parley_config c = { .size = sizeof(c),
					 .local = "127.0.0.1:0" };
	struct parley *p = NULL;

	ck_assert_int_eq(parley_new(&c, &p), 0);
	return p;
}

static void nothing(void *arg)
{
	(void)arg;
}

static void *asks(void *p)
{
	(void)parley_local(p);
	return NULL;
}

static void *shuts_down(void *p)
{
	parley_shutdown(p, 0);
	return NULL;
}

static void *sets(void *p)
{
	(void)!parley_set(p, 0, "agent.name", "x");
	return NULL;
}

static void *ends(void *p)
{
	(void)!parley_end(p, 1);
	return NULL;
}

static void *stops(void *p)
{
	parley_stop(p);
	return NULL;
}

static void *steps(void *p)
{
	(void)parley_step(p, 0);
	return NULL;
}

static void *frees(void *p)
{
	parley_free(p);
	return NULL;
}

static void *posts(void *p)
{
	return parley_post(p, nothing, NULL) ? p : NULL;
}

static void on_thread(void *(*fn)(void *), void *arg)
{
	pthread_t t;
	void *bad;

	if (pthread_create(&t, NULL, fn, arg) || pthread_join(t, &bad) || bad)
		_exit(9);
}

/* As a child: what it said on standard error; true: it ended well. */
static bool child(void (*run)(void *arg), void *arg, char said[256])
{
	int end[2], status;
	size_t n = 0;
	ssize_t got;
	pid_t pid;

	ck_assert_int_eq(pipe(end), 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		dup2(end[1], STDERR_FILENO);
		run(arg);
		_exit(0);
	}
	close(end[1]);
	while (n < 255 && (got = read(end[0], said + n, 255 - n)) > 0)
		n += (size_t)got;
	said[n] = '\0';
	close(end[0]);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

struct wrong {
	const char *name;
	void *(*call)(void *p);
};

static void call_elsewhere(void *arg)
{
	const struct wrong *w = arg;

	on_thread(w->call, agent());
}

START_TEST(calls_from_another_thread_trap)
{
	static struct wrong call[] = {
		{ "parley_local", asks }, { "parley_shutdown", shuts_down },
		{ "parley_set", sets }, { "parley_end", ends },
		{ "parley_stop", stops },
	};
	char said[256];

	for (size_t i = 0; TRAPS && i < COUNT(call); i++) {
		ck_assert(!child(call_elsewhere, &call[i], said));
		ck_assert_msg(strncmp(said, call[i].name,
				      strlen(call[i].name)) == 0 &&
			      strstr(said, ": not on the thread"), "%s", said);
	}
}
END_TEST

static void from_within(void *p)
{
	on_thread(steps, p);
}

static void step_in_a_turn(void *arg)
{
	struct parley *p = agent();

	(void)arg;
	if (parley_post(p, from_within, p) == 0)
		(void)parley_step(p, 1000);
}

static void come_back(void *arg)
{
	struct parley *p = agent();

	(void)arg;
	on_thread(steps, p);
	(void)parley_local(p); /* it is the other thread's now */
}

START_TEST(nobody_takes_over_in_a_turn_and_the_former_thread_is_out)
{
	char said[256];

	if (!TRAPS)
		return;
	ck_assert(!child(step_in_a_turn, NULL, said));
	ck_assert_msg(strstr(said, "parley_step: not on the"), "%s", said);
	ck_assert(!child(come_back, NULL, said));
	ck_assert_msg(strstr(said, "parley_local: not on the"), "%s", said);
}
END_TEST

static void *runs_it(void *p)
{
	(void)parley_step(p, 0);
	(void)parley_local(p);
	parley_stop(p);
	parley_run(p);
	return NULL;
}

static void hand_on(void *arg)
{
	struct parley *p = agent();
	struct parley_fd fd[16];
	int64_t ms;

	(void)arg;
	on_thread(posts, p); /* at any time */
	(void)parley_step(p, 0);
	on_thread(runs_it, p);
	on_thread(posts, p);
	(void)parley_poll_set(p, fd, COUNT(fd), &ms); /* back to this one */
	(void)parley_local(p);
	on_thread(frees, p);
}

START_TEST(an_agent_may_go_from_thread_to_thread_between_turns)
{
	char said[256];

	ck_assert_msg(child(hand_on, NULL, said), "%s", said);
}
END_TEST

SUITE(parley, calls_from_another_thread_trap,
      nobody_takes_over_in_a_turn_and_the_former_thread_is_out,
      an_agent_may_go_from_thread_to_thread_between_turns);
