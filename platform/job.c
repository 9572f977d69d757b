/* SPDX-License-Identifier: BSD-2-Clause
 * Workers take jobs from waiting and leave them in ready; a byte in a pipe
 * tells the reactor.  All lists and states are under the lock. */
#include "platform/job.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "platform/reactor_priv.h"

struct jobs {
	struct reactor *r;
	bool simulated;
	unsigned threads;
	pthread_t thread[JOB_THREADS];
	pthread_mutex_t lock;
	pthread_cond_t work, ended;
	struct list waiting, ready;
	struct list timed; /* jobs without threads */
	bool stop;
	bool *gone; /* of the callback that is running */
	int pipe[2];
	struct fdwatch *watch;
};

static struct job *job_of(struct list *n)
{
	return CONTAINER(n, struct job, link);
}

/* -------------------------------------------------------- worker's side */
static void *worker(void *arg)
{
	struct jobs *p = arg;

	pthread_mutex_lock(&p->lock);
	for (;;) {
		struct list *n;
		struct job *j;

		while (!p->stop && list_empty(&p->waiting))
			pthread_cond_wait(&p->work, &p->lock);
		if (p->stop)
			break;
		n = list_take(&p->waiting);
		j = job_of(n);
		j->state = JOB_RUNS;
		pthread_mutex_unlock(&p->lock);
		j->work(j->arg);
		pthread_mutex_lock(&p->lock);
		j->state = JOB_DONE;
		list_append(&p->ready, &j->link);
		pthread_cond_broadcast(&p->ended);
		/* A full pipe has told it already. */
		(void)!write(p->pipe[1], "", 1);
	}
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

/* ------------------------------------------------------- reactor's side */
static void job_finish(struct job *j)
{
	j->busy = false; /* done may start it again, or free it */
	if (j->done)
		j->done(j->arg);
}

static void on_ready(void *arg, unsigned got)
{
	struct jobs *p = arg;
	char bytes[64];
	struct list *n;
	bool gone = false;

	(void)got;
	while (read(p->pipe[0], bytes, sizeof(bytes)) > 0)
		;
	for (;;) {
		pthread_mutex_lock(&p->lock);
		n = list_take(&p->ready);
		pthread_mutex_unlock(&p->lock);
		if (!n)
			return;
		p->gone = &gone;
		job_finish(job_of(n));
		if (gone)
			return; /* the callback freed the pool */
		p->gone = NULL;
	}
}

static void on_time(void *arg)
{
	struct job *j = arg;

	list_remove(&j->link);
	j->work(j->arg);
	job_finish(j);
}

void job_run(struct jobs *p, struct job *j, void (*work)(void *arg),
	     void (*done)(void *arg), void *arg)
{
	mono delay = p->r->b->job_delay(p->r);

	INVARIANT(!j->busy);
	*j = (struct job){ .pool = p, .work = work, .done = done, .arg = arg,
			   .busy = true, .state = JOB_WAITS,
			   .timer = { .fn = on_time, .arg = j } };
	if (!p->threads) {
		list_append(&p->timed, &j->link);
		reactor_timer_at(p->r, &j->timer,
				 mono_add(reactor_now(p->r).m,
					  delay < 0 ? 0 : delay));
		return;
	}
	pthread_mutex_lock(&p->lock);
	list_append(&p->waiting, &j->link);
	pthread_cond_signal(&p->work);
	pthread_mutex_unlock(&p->lock);
}

void job_cancel(struct job *j)
{
	struct jobs *p = j->pool;

	if (!j->busy)
		return;
	if (!p->threads) {
		reactor_timer_stop(p->r, &j->timer);
		list_remove(&j->link);
		j->busy = false;
		return;
	}
	pthread_mutex_lock(&p->lock);
	while (j->state == JOB_RUNS)
		pthread_cond_wait(&p->ended, &p->lock);
	list_remove(&j->link);
	pthread_mutex_unlock(&p->lock);
	j->busy = false;
}

/* ----------------------------------------------------------------- life */
static void stop_threads(struct jobs *p)
{
	pthread_mutex_lock(&p->lock);
	p->stop = true;
	pthread_cond_broadcast(&p->work);
	pthread_mutex_unlock(&p->lock);
	for (unsigned i = 0; i < p->threads; i++)
		pthread_join(p->thread[i], NULL);
}

static void job_forget(struct list *all)
{
	struct list *n;

	while ((n = list_take(all)))
		job_of(n)->busy = false;
}

void jobs_free(struct jobs *p)
{
	struct mem *m;

	if (!p)
		return;
	m = reactor_mem(p->r);
	if (p->gone)
		*p->gone = true;
	stop_threads(p);
	fdwatch_close(p->watch);
	for (struct list *n = p->timed.next; n != &p->timed; n = n->next)
		reactor_timer_stop(p->r, &job_of(n)->timer);
	job_forget(&p->timed);
	job_forget(&p->waiting);
	job_forget(&p->ready);
	for (int i = 0; i < 2; i++)
		if (p->pipe[i] >= 0)
			close(p->pipe[i]);
	pthread_cond_destroy(&p->ended);
	pthread_cond_destroy(&p->work);
	pthread_mutex_destroy(&p->lock);
	mem_free(m, p);
}

static int open_pipe(struct jobs *p)
{
	if (pipe(p->pipe) < 0) {
		p->pipe[0] = p->pipe[1] = -1;
		return -errno;
	}
	for (int i = 0; i < 2; i++) {
		(void)fcntl(p->pipe[i], F_SETFD, FD_CLOEXEC);
		(void)fcntl(p->pipe[i], F_SETFL, O_NONBLOCK);
	}
	return fdwatch_open(p->r, p->pipe[0], REACTOR_READ, on_ready, p,
			    &p->watch);
}

/* Signals are the application's threads' business. */
static int start_threads(struct jobs *p, unsigned threads)
{
	sigset_t all, was;
	int rc = 0;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &was);
	while (p->threads < threads && rc == 0) {
		rc = pthread_create(&p->thread[p->threads], NULL, worker, p);
		p->threads += rc == 0;
	}
	pthread_sigmask(SIG_SETMASK, &was, NULL);
	return -rc;
}

struct jobs *jobs_new(struct reactor *r, unsigned threads)
{
	struct jobs *p = mem_new(reactor_mem(r), sizeof(*p));

	if (!p)
		return NULL;
	p->r = r;
	p->pipe[0] = p->pipe[1] = -1;
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->work, NULL);
	pthread_cond_init(&p->ended, NULL);
	list_init(&p->waiting);
	list_init(&p->ready);
	list_init(&p->timed);
	if (r->b->job_delay(r) >= 0)
		threads = 0; /* simulated */
	threads = threads < JOB_THREADS ? threads : JOB_THREADS;
	if (threads && (open_pipe(p) < 0 || start_threads(p, threads) < 0)) {
		jobs_free(p);
		return NULL;
	}
	return p;
}
