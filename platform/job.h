/* SPDX-License-Identifier: BSD-2-Clause
 * platform/job.h - work that is too long for the loop, done beside it.
 *
 * work runs on a worker thread, and done then on the reactor's.  With no
 * worker both run on the reactor's thread, in a later turn; in the simulation
 * so too, after a time drawn from the seed.  work may touch what arg points to
 * and nothing else; until done (or job_cancel) nobody else may.
 *
 * Ownership: the job is the caller's and stands still until done is called.
 * Threads: all functions here on the reactor's.
 */
#ifndef PLATFORM_JOB_H
#define PLATFORM_JOB_H
#include "platform/reactor.h"

struct jobs; /* opaque: a pool of workers */

struct job { /* private; zeroed: idle */
	struct list link;
	struct reactor_timer timer;
	struct jobs *pool;
	void (*work)(void *arg);
	void (*done)(void *arg);
	void *arg;
	bool busy; /* the reactor's thread alone reads and writes it */
	enum { JOB_WAITS, JOB_RUNS, JOB_DONE } state; /* of a busy one */
};

enum { JOB_THREADS = 16 }; /* at most; more asked for: this many */

/* NULL: no memory, descriptors or threads. */
struct jobs *jobs_new(struct reactor *r, unsigned threads);
/* Waits for what runs; what was not done is never. Before reactor_free. */
void jobs_free(struct jobs *p);

/* j is idle.  done may be NULL. */
void job_run(struct jobs *p, struct job *j, void (*work)(void *arg),
	     void (*done)(void *arg), void *arg);
/* done will not be called; if work runs, waits until it has ended.  Idle ones
 * are ignored. */
void job_cancel(struct job *j);

static inline bool job_is_idle(const struct job *j)
{
	return !j->busy;
}
#endif
