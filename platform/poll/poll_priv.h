/* SPDX-License-Identifier: BSD-2-Clause
 * platform/poll/poll_priv.h - the real backend's own structs; for *_poll.c
 * only.
 *
 * All descriptors of a reactor are watched by one epoll descriptor, so that a
 * turn costs what is ready and not what is open, and a foreign loop has one
 * descriptor to wait for.
 */
#ifndef PLATFORM_POLL_PRIV_H
#define PLATFORM_POLL_PRIV_H
#include <sys/socket.h>

#include "platform/reactor_priv.h"

enum { SOURCE_FAILED = 4 }; /* beside enum reactor_fd_events: error, hang-up */

/* A descriptor that is watched.  The object that begins with its kind's public
 * struct holds it, and is freed through source_close's grave. */
struct source {
	struct poll_reactor *r;
	void (*ready)(struct source *s, unsigned got);
	void (*fini)(struct source *s); /* frees what the object holds */
	void *object;                   /* what is freed in the end */
	struct list open, later, grave;
	int fd;        /* -1 once closed */
	unsigned want;
	bool added;    /* epoll knows it */
	bool always;   /* a plain file: epoll refuses it, it never blocks */
	bool own_fd;   /* closed with the source */
};

/* Room for whole datagrams, of which only the pages that were ever filled
 * are real memory.  The odd stride keeps slots apart in the cache. */
enum { RECV_BATCH = 8, RECV_SLOT = 65536 + 192 };

struct poll_reactor {
	struct reactor base;
	struct instant now; /* of this turn */
	mono tidy_at;   /* memory goes back to the system then, or MONO_NEVER */
	mono tidy_cost; /* of the last time */
	bool in_turn;
	int epoll, post[2]; /* post: a pipe of struct posted */
	struct list open;   /* sources */
	struct list later;  /* sources to call with got 0 next turn */
	struct list grave;  /* closed in this turn */
	struct list always; /* fdwatches of plain files, by their later node */
	int calls;          /* callbacks made in this turn */
	uint8_t *slots;     /* RECV_BATCH of RECV_SLOT; made on first use */
	struct poll_batch *batch; /* udp_poll.c; made on first use */
	struct source posts;
};

struct poll_watch {
	struct fdwatch base;
	struct source s;
	void (*on_fd)(void *arg, unsigned got); /* one of these two */
	void (*on_change)(void *arg);
	void *arg;
};

extern const struct backend poll_backend;

/* Watches fd, which the source owns from here, also on failure when own_fd is
 * set.  -ENOMEM, -ENOSPC. */
MUST_USE int source_open(struct poll_reactor *r, struct source *s, int fd,
			 unsigned want);
void source_want(struct source *s, unsigned want);
void source_mute(struct source *s); /* no hang-up either, till source_want */
void source_later(struct source *s);
void source_close(struct source *s);
mono poll_clock(struct reactor *r);
MUST_USE int poll_slots(struct poll_reactor *r);

static inline struct poll_reactor *poll_of(struct reactor *r)
{
	return CONTAINER(r, struct poll_reactor, base);
}

/* sock_poll.c */
socklen_t sock_from_addr(const struct addr *a, struct sockaddr_storage *ss);
struct addr sock_to_addr(const void *sockaddr);
struct addr sock_name(int fd);
/* A non-blocking socket of this kind, IPv6 only if IPv6; -errno. */
MUST_USE int sock_new(uint8_t family, int type);
void sock_option(int fd, int level, int name, int value); /* best effort */

/* The rows of poll_backend that live in other files. */
int poll_udp_open(struct reactor *r, const struct addr *local, bool shared,
		  const struct udp_ops *ops, void *arg, struct udp **out);
int poll_udp_member(struct udp *u, const struct addr *group, uint32_t ifindex,
		    bool join);
void poll_udp_close(struct udp *u);
int poll_udp_send(struct udp *u, const struct datagram *d, size_t n);
void poll_udp_set_dscp(struct udp *u, unsigned dscp);
int poll_tcp_connect(struct reactor *r, const struct addr *local,
		     const struct addr *remote, const struct tcp_ops *ops,
		     void *arg, struct tcp **out);
int poll_tcp_listen(struct reactor *r, const struct addr *local,
		    void (*on_accept)(void *arg, struct tcp *t), void *arg,
		    struct tcp_listener **out);
void poll_tcp_listener_close(struct tcp_listener *l);
int poll_tcp_write(struct tcp *t, const void *p, size_t n);
size_t poll_tcp_unsent(const struct tcp *t);
void poll_tcp_pause(struct tcp *t, bool pause);
void poll_tcp_shutdown(struct tcp *t);
void poll_tcp_close(struct tcp *t);
void poll_tcp_abort(struct tcp *t);
int poll_entropy(struct reactor *r, void *out, size_t n);
size_t poll_descriptors(struct reactor *r);
size_t poll_interfaces(struct reactor *r, struct host_if *out, size_t cap);
int poll_watch_interfaces(struct reactor *r, void (*fn)(void *arg), void *arg,
			  struct fdwatch **out);
mono poll_slept(struct reactor *r);
int poll_watch_clock(struct reactor *r, void (*fn)(void *arg), void *arg,
		     struct fdwatch **out);
int poll_route(struct reactor *r, const struct addr *remote,
	       struct addr *local);
size_t poll_hosts(struct reactor *r, struct slice name, struct addr *out,
		  size_t cap);
size_t poll_resolv(struct reactor *r, char *out, size_t cap);
#endif
