/* SPDX-License-Identifier: BSD-2-Clause
 * platform/reactor.h - timers, datagrams, streams and posted calls.
 *
 * One reactor belongs to one thread and shares nothing; reactor_post is the
 * only function that other threads may call.  After fork(2) it is the parent's
 * alone: the child may only exec or _exit.  Two backends stand behind this
 * header: *_poll.c (the real world) and sim_*.c (a simulated network in
 * virtual time, sim.h).  No user can tell them apart.
 *
 * Callbacks run from reactor_run, reactor_step or reactor_dispatch with no
 * other callback of the reactor on the stack.  They may call anything here,
 * close their own object included; what is closed makes no further callback
 * and is freed after the running callback returned.  Nothing is ever called
 * back from within udp_send, tcp_write, tcp_connect and their like.
 */
#ifndef PLATFORM_REACTOR_H
#define PLATFORM_REACTOR_H
#include "platform/addr.h"
#include "platform/mem.h"
#include "platform/wheel.h"

struct reactor;      /* opaque */
struct udp;          /* opaque: one bound UDP socket */
struct tcp;          /* opaque: one TCP connection */
struct tcp_listener; /* opaque */
struct fdwatch;      /* opaque */

/* -------------------------------------------------------------- life */
/* The real world.  NULL when memory or descriptors run out: errno says which
 * (ENOMEM, EMFILE, ENFILE).  What is freed from m goes back to the system while
 * there is enough of it: every two seconds at most, and for at most 1/300
 * of the time (mem_give_back). */
struct reactor *reactor_new_poll(struct mem *m);
/* (A simulated one comes from sim_host_reactor, platform/sim/sim.h.) */
void reactor_free(struct reactor *r); /* closes all that is left open */
struct mem *reactor_mem(struct reactor *r);

/* Time of the current turn of the loop: constant within a callback, read anew
 * outside of one. */
struct instant reactor_now(struct reactor *r);
/* Time read anew: for measuring, where a turn is too coarse. */
mono reactor_clock(struct reactor *r);
/* Seed material from the OS (sim: from the seed).  -EIO when there is none. */
MUST_USE int reactor_entropy(struct reactor *r, void *out, size_t n);

/* Runs until reactor_stop.  One turn: waits for an event or until there is
 * something to do (a timer, memory), at most max_wait, and handles it; returns
 * the number of callbacks made, or a negative errno.  In the simulation both
 * move virtual time of all hosts. */
void reactor_run(struct reactor *r);
void reactor_stop(struct reactor *r);
MUST_USE int reactor_step(struct reactor *r, mono max_wait);

/* ----------------------------------------------------- foreign event loop */
enum reactor_fd_events { REACTOR_READ = 1, REACTOR_WRITE = 2 };

struct reactor_fd {
	int fd;
	unsigned want, got; /* of enum reactor_fd_events; got is the loop's */
};

/* What to wait for: up to cap descriptors (the real backend has one, whatever
 * is open; the simulation none) and the time until there is something to do
 * (MONO_NEVER: nothing).  Returns how many there are (maybe more than cap).
 * After waiting, reactor_dispatch is called with the same entries, got filled
 * in. */
size_t reactor_poll_set(struct reactor *r, struct reactor_fd *fds, size_t cap,
			mono *timeout);
void reactor_dispatch(struct reactor *r, const struct reactor_fd *fds,
		      size_t n);

/* A descriptor of the application's (terminal, sound card).  -ENOTSUP in the
 * simulation.  want may be changed; fn gets what is ready. */
MUST_USE int fdwatch_open(struct reactor *r, int fd, unsigned want,
			  void (*fn)(void *arg, unsigned got), void *arg,
			  struct fdwatch **out);
void fdwatch_want(struct fdwatch *w, unsigned want);
void fdwatch_close(struct fdwatch *w);

/* ------------------------------------------------------------- timers */
struct reactor_timer { /* the caller's; zeroed then set up once */
	struct wheel_timer w;
	void (*fn)(void *arg);
	void *arg;
};

/* Fires once at or after at (see wheel.h).  Moves a timer that is set;
 * MONO_NEVER stops it. */
void reactor_timer_at(struct reactor *r, struct reactor_timer *t, mono at);
void reactor_timer_stop(struct reactor *r, struct reactor_timer *t);

/* --------------------------------------------------------------- posts */
/* Runs fn(arg) on the reactor's thread, in the order posted, never from
 * within this call.  Thread-safe, and safe in a signal handler.  -ENOMEM: too
 * many are waiting (some thousands). */
MUST_USE int reactor_post(struct reactor *r, void (*fn)(void *arg), void *arg);

/* ----------------------------------------------------------------- UDP */
struct datagram {
	struct addr local, remote; /* sending: local.family 0 lets the OS choose
				    * the source address of the socket */
	uint32_t ifindex;          /* 0: unknown, or any */
	uint8_t ttl;               /* hop limit; 0: unknown, or the default */
	struct instant when;       /* received, by the kernel's stamp if any */
	uint8_t *p;                /* may be changed in place until the */
	size_t n;                  /* callback returns */
};

struct udp_ops {
	void (*on_datagrams)(void *arg, struct datagram *d, size_t n);
	/* An ICMP error came back for something sent there: errno > 0. */
	void (*on_error)(void *arg, const struct addr *remote, int err);
};

/* local's port 0 takes any free one.  -EADDRINUSE, -EADDRNOTAVAIL, -EMFILE,
 * -ENOMEM.  An IPv6 socket takes IPv6 only. */
MUST_USE int udp_open(struct reactor *r, const struct addr *local,
		      const struct udp_ops *ops, void *arg, struct udp **out);
/* The same on a port that others of this host may have open in this way, too
 * (SO_REUSEADDR, SO_REUSEPORT): each gets what is sent to a group that it is a
 * member of; what is sent to an address, one of them gets. */
MUST_USE int udp_open_shared(struct reactor *r, const struct addr *local,
			     const struct udp_ops *ops, void *arg,
			     struct udp **out);
void udp_close(struct udp *u); /* NULL is ignored */
/* A member of a multicast group on an interface, until it leaves or is closed:
 * what is sent to the group there comes, with the group as datagram.local; what
 * members on this host send, the socket itself included, comes as well.  A
 * datagram to a group goes out on its ifindex, and needs no membership.
 * -EINVAL: no group; -ENODEV: no such interface; -EADDRINUSE: it is one;
 * -EADDRNOTAVAIL: it is none; -ENOBUFS: of too many (20 on Linux). */
MUST_USE int udp_join(struct udp *u, const struct addr *group,
		      uint32_t ifindex);
MUST_USE int udp_leave(struct udp *u, const struct addr *group,
		       uint32_t ifindex);
struct addr udp_local(const struct udp *u);
/* How many of n went out (several a system call).  What the kernel has no
 * room for is lost, as on any network: not counted, not queued.  A negative
 * errno when the first failed for another reason (-EMSGSIZE, -ENETUNREACH,
 * -EACCES; for a lost local address it is as for a lost network). */
MUST_USE int udp_send(struct udp *u, const struct datagram *d, size_t n);
/* DiffServ code point 0..63 of what is sent; best effort. */
void udp_set_dscp(struct udp *u, unsigned dscp);

/* ----------------------------------------------------------------- TCP */
struct tcp_ops {
	void (*on_open)(void *arg);                   /* connected */
	void (*on_bytes)(void *arg, uint8_t *p, size_t n);
	void (*on_room)(void *arg);      /* after a short tcp_write */
	void (*on_end)(void *arg);       /* peer's FIN; writing still goes on */
	/* Over, and t is gone when this returns: err 0 when both sides ended
	 * in order, else errno > 0 (ECONNREFUSED, ECONNRESET, ETIMEDOUT). */
	void (*on_closed)(void *arg, int err);
};

/* Never fails at once for reasons of the network: those come by on_closed.
 * local NULL: the OS chooses. */
MUST_USE int tcp_connect(struct reactor *r, const struct addr *local,
			 const struct addr *remote, const struct tcp_ops *ops,
			 void *arg, struct tcp **out);
MUST_USE int tcp_listen(struct reactor *r, const struct addr *local,
			void (*on_accept)(void *arg, struct tcp *t), void *arg,
			struct tcp_listener **out);
void tcp_listener_close(struct tcp_listener *l);
struct addr tcp_listener_local(const struct tcp_listener *l);
/* Must be called from on_accept (or t is reset after it). */
void tcp_set_ops(struct tcp *t, const struct tcp_ops *ops, void *arg);

struct addr tcp_local(const struct tcp *t);
struct addr tcp_remote(const struct tcp *t);
/* Bytes taken, 0..n: the rest after on_room.  -EPIPE after the end.  At most
 * tcp_set_buffer's bytes (default 64 kB) are held for the kernel. */
MUST_USE int tcp_write(struct tcp *t, const void *p, size_t n);
void tcp_set_buffer(struct tcp *t, size_t bytes);
size_t tcp_unsent(const struct tcp *t);   /* taken, not yet in the kernel */
void tcp_pause(struct tcp *t, bool pause); /* back-pressure on the reader */
void tcp_shutdown(struct tcp *t);          /* FIN after what was taken */
void tcp_close(struct tcp *t);  /* sends what was taken, then ends; no more
				 * callbacks.  NULL is ignored.  What the peer
				 * does not take within 30 s is given up */
void tcp_abort(struct tcp *t);  /* reset, nothing more is sent */

/* ------------------------------------------------------------ the host */
struct host_if {
	char name[16];
	uint32_t index;
	struct addr addr; /* port 0 */
	uint8_t prefix;   /* bits of it that its network has */
	bool up, loopback, multicast;
};

/* Descriptors that the process may have open by now, sockets included: the soft
 * limit.  A simulated host has 1024, which is what Linux gives at first. */
size_t reactor_descriptors(struct reactor *r);
/* Interfaces and their addresses; returns how many there are. */
size_t reactor_interfaces(struct reactor *r, struct host_if *out, size_t cap);
/* Is it among them, on an interface that is up? */
bool host_has(const struct host_if *all, size_t n, const struct addr *a);
/* fn after any change of them, or of the routes; ended by fdwatch_close.  Each
 * is told as it comes: netwatch.h waits until there is rest. */
MUST_USE int reactor_watch_interfaces(struct reactor *r, void (*fn)(void *arg),
				      void *arg, struct fdwatch **out);
/* How long the host has slept (was suspended), beyond any earlier time: for
 * reactor_now these times were not.  0 where that cannot be told. */
mono reactor_slept(struct reactor *r);
/* fn when it has woken up, or its wall clock was set; ended by fdwatch_close.
 * -ENOTSUP. */
MUST_USE int reactor_watch_clock(struct reactor *r, void (*fn)(void *arg),
				 void *arg, struct fdwatch **out);
/* The local address the OS would use towards remote, port 0.
 * -ENETUNREACH. */
MUST_USE int reactor_route(struct reactor *r, const struct addr *remote,
			   struct addr *local);
/* Names of the hosts file (sim: of the world's); returns how many, 0: none */
size_t reactor_hosts(struct reactor *r, struct slice name, struct addr *out,
		     size_t cap);
/* The text of resolv.conf (sim: sim_host_resolv), as far as there is room;
 * octets of it, 0: there is none. */
size_t reactor_resolv(struct reactor *r, char *out, size_t cap);
#endif
