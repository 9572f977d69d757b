/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/worlds.h"

#include <pthread.h>
#include <time.h>

#include "platform/job.h"

struct task {
	struct job job;
	struct jobs *pool;
	unsigned *done;
	unsigned value;
	pthread_t at;
	bool again;
};

static void work(void *arg)
{
	struct task *t = arg;

	t->value *= 2;
	t->at = pthread_self();
}

static void done(void *arg)
{
	struct task *t = arg;

	++*t->done;
	if (t->again) {
		t->again = false;
		job_run(t->pool, &t->job, work, done, t);
	}
}

/* 0, 1, 2 threads in every world. */
START_TEST(every_job_is_done_once_on_the_reactors_thread)
{
	for (unsigned threads = 0; threads < 3; threads++) {
		struct world w;
		struct task t[50];
		struct jobs *p;
		unsigned n = 0;

		world_open(&w, _i);
		p = jobs_new(w.a, threads);
		ck_assert_ptr_nonnull(p);
		for (unsigned i = 0; i < COUNT(t); i++) {
			t[i] = (struct task){ .pool = p, .done = &n,
					      .value = i, .again = i == 7 };
			job_run(p, &t[i].job, work, done, &t[i]);
		}
		ck_assert_uint_eq(n, 0);
		world_until(&w, &n, COUNT(t) + 1);
		for (unsigned i = 0; i < COUNT(t); i++) {
			bool here = pthread_equal(t[i].at, pthread_self());

			ck_assert_uint_eq(t[i].value, i == 7 ? 28 : 2 * i);
			ck_assert(here == (w.sim || !threads));
			ck_assert(job_is_idle(&t[i].job));
		}
		jobs_free(p);
		world_close(&w);
	}
}
END_TEST

START_TEST(a_cancelled_job_is_never_done)
{
	for (unsigned threads = 0; threads < 2; threads++) {
		struct world w;
		struct task t[20];
		struct jobs *p;
		unsigned n = 0;

		world_open(&w, _i);
		p = jobs_new(w.a, threads);
		for (unsigned i = 0; i < COUNT(t); i++) {
			t[i] = (struct task){ .pool = p, .done = &n };
			job_run(p, &t[i].job, work, done, &t[i]);
		}
		for (unsigned i = 0; i < COUNT(t); i += 2)
			job_cancel(&t[i].job);
		world_until(&w, &n, COUNT(t) / 2);
		world_for(&w, MS(30));
		ck_assert_uint_eq(n, COUNT(t) / 2);
		jobs_free(p);
		world_close(&w);
	}
}
END_TEST

static void slow(void *arg)
{
	struct timespec ts = { .tv_nsec = 5000000 };

	nanosleep(&ts, NULL);
	work(arg);
}

START_TEST(the_pool_may_go_with_jobs_in_it)
{
	struct world w;
	struct task t[20];
	struct jobs *p;
	unsigned n = 0;

	world_open(&w, _i);
	p = jobs_new(w.a, 2);
	for (unsigned i = 0; i < COUNT(t); i++) {
		t[i] = (struct task){ .pool = p, .done = &n };
		job_run(p, &t[i].job, slow, done, &t[i]);
	}
	world_for(&w, MS(1));
	jobs_free(p);
	for (unsigned i = 0; i < COUNT(t); i++)
		ck_assert(job_is_idle(&t[i].job));
	world_for(&w, MS(30));
	ck_assert_uint_lt(n, COUNT(t));
	world_close(&w);
}
END_TEST

START_TEST(any_allocation_may_fail)
{
	for (uint64_t nth = 1, more = 1; more; nth++) {
		struct world w;

		world_open(&w, _i);
		w.mem.fail_at = w.mem.calls + nth;
		jobs_free(jobs_new(w.a, 1));
		more = w.mem.calls >= w.mem.fail_at;
		world_close(&w);
	}
}
END_TEST

WORLD_SUITE(job, WORLD_TESTS(every_job_is_done_once_on_the_reactors_thread,
			     a_cancelled_job_is_never_done,
			     any_allocation_may_fail),
	    WORLD_TESTS(the_pool_may_go_with_jobs_in_it));
