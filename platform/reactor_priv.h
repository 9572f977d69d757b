/* SPDX-License-Identifier: BSD-2-Clause
 * platform/reactor_priv.h - what the two backends of reactor.h share.
 * Every opaque object begins with its backend's table and the fields that
 * reactor.c answers from; the backend's own struct has it as first member.
 */
#ifndef PLATFORM_REACTOR_PRIV_H
#define PLATFORM_REACTOR_PRIV_H
#include "platform/reactor.h"

struct backend {
	void (*free)(struct reactor *r);
	struct instant (*now)(struct reactor *r);
	mono (*clock)(struct reactor *r);
	int (*entropy)(struct reactor *r, void *out, size_t n);
	int (*step)(struct reactor *r, mono max_wait);
	void (*timers_changed)(struct reactor *r);
	int (*post)(struct reactor *r, void (*fn)(void *arg), void *arg);
	/* How long a job takes: -1 as long as it really does (job.h). */
	mono (*job_delay)(struct reactor *r);

	size_t (*poll_set)(struct reactor *r, struct reactor_fd *fds,
			   size_t cap, mono *timeout);
	void (*dispatch)(struct reactor *r, const struct reactor_fd *fds,
			 size_t n);
	int (*fdwatch_open)(struct reactor *r, int fd, unsigned want,
			    void (*fn)(void *arg, unsigned got), void *arg,
			    struct fdwatch **out);
	void (*fdwatch_want)(struct fdwatch *w, unsigned want);
	void (*fdwatch_close)(struct fdwatch *w);

	int (*udp_open)(struct reactor *r, const struct addr *local,
			bool shared, const struct udp_ops *ops, void *arg,
			struct udp **out);
	int (*udp_member)(struct udp *u, const struct addr *group,
			  uint32_t ifindex, bool join);
	void (*udp_close)(struct udp *u);
	int (*udp_send)(struct udp *u, const struct datagram *d, size_t n);
	void (*udp_set_dscp)(struct udp *u, unsigned dscp);

	int (*tcp_connect)(struct reactor *r, const struct addr *local,
			   const struct addr *remote, const struct tcp_ops *ops,
			   void *arg, struct tcp **out);
	int (*tcp_listen)(struct reactor *r, const struct addr *local,
			  void (*on_accept)(void *arg, struct tcp *t),
			  void *arg, struct tcp_listener **out);
	void (*tcp_listener_close)(struct tcp_listener *l);
	int (*tcp_write)(struct tcp *t, const void *p, size_t n);
	size_t (*tcp_unsent)(const struct tcp *t);
	void (*tcp_pause)(struct tcp *t, bool pause);
	void (*tcp_shutdown)(struct tcp *t);
	void (*tcp_close)(struct tcp *t);
	void (*tcp_abort)(struct tcp *t);

	size_t (*descriptors)(struct reactor *r);
	size_t (*interfaces)(struct reactor *r, struct host_if *out,
			     size_t cap);
	int (*watch_interfaces)(struct reactor *r, void (*fn)(void *arg),
				void *arg, struct fdwatch **out);
	mono (*slept)(struct reactor *r);
	int (*watch_clock)(struct reactor *r, void (*fn)(void *arg), void *arg,
			   struct fdwatch **out);
	int (*route)(struct reactor *r, const struct addr *remote,
		     struct addr *local);
	size_t (*hosts)(struct reactor *r, struct slice name, struct addr *out,
			size_t cap);
	size_t (*resolv)(struct reactor *r, char *out, size_t cap);
};

struct reactor {
	const struct backend *b;
	struct mem *mem;
	struct wheel wheel;
	bool stop; /* until reactor_run has seen it */
};

struct fdwatch {
	const struct backend *b;
};

struct udp {
	const struct backend *b;
	const struct udp_ops *ops;
	void *arg;
	struct addr local;
};

enum { TCP_BUFFER = 65536 }; /* the default of tcp_set_buffer */

struct tcp {
	const struct backend *b;
	const struct tcp_ops *ops; /* NULL: makes no callbacks (any more) */
	void *arg;
	struct addr local, remote;
	size_t room; /* bytes that may be held for the kernel */
};

struct tcp_listener {
	const struct backend *b;
	void (*on_accept)(void *arg, struct tcp *t);
	void *arg;
	struct addr local;
};

/* Calls back the timers that are due at now and were set before this call;
 * returns how many. */
int reactor_fire(struct reactor *r, mono now);
#endif
