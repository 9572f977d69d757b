/* SPDX-License-Identifier: BSD-2-Clause
 * platform/sim/sim_priv.h - the simulated backend's own structs; for sim_*.c
 * only.
 *
 * Each host has two sides.  Its kernel's events (a packet arrives, a TCP timer
 * runs out) stand in the world's wheel.  They put work before the user's side,
 * which has a turn later at the same instant: timers, sockets, posts, as in
 * the real backend.  So no callback is ever made from within an event, and
 * datagrams that arrive together come in one call.
 */
#ifndef PLATFORM_SIM_PRIV_H
#define PLATFORM_SIM_PRIV_H
#include "platform/htab.h"
#include "platform/reactor_priv.h"
#include "platform/sim/sim.h"

enum { SIM_LO = 64 }; /* the loopback interface's number */

struct rng { /* splitmix64: small, and enough for what is no secret */
	uint64_t x;
};

uint64_t rng_next(struct rng *r);
uint32_t rng_below(struct rng *r, uint32_t n); /* 0 .. n - 1; n > 0 */
/* p as a bound for rng_chance. */
uint64_t rng_bound(double p);
bool rng_chance(struct rng *r, uint64_t bound);

/* An event of the world's wheel. */
struct event {
	struct wheel_timer w;
	void (*fn)(struct event *e);
};

struct sim {
	struct mem *mem;
	struct wheel wheel;
	mono now;
	uint64_t digest, packets;
	struct rng rng;
	struct list hosts, nets, names;
	struct list ready; /* hosts whose turn is now */
	struct sim_net *internet;
	bool running;
	void (*tap)(void *arg, mono now, enum sim_fate fate,
		    const struct sim_packet *p);
	void *tap_arg;
};

struct sim_name {
	struct list link;
	struct addr addr;
	size_t n;
	char name[];
};

/* ---------------------------------------------------------- links, packets */
struct lane { /* a sim_link at work */
	struct sim_link p;
	uint64_t loss, duplicate, reorder; /* bounds */
	mono busy; /* until it has sent what waits */
	mono last; /* arrival that the next may not overtake */
	struct rng rng;
};

struct bound { /* an address of an interface, in its network's table */
	struct htab_node node;
	struct addr addr; /* scope and port 0 */
	struct sim_if *on;
};

struct sim_if {
	struct sim_host *h;
	struct sim_net *net;
	unsigned index;
	bool unplugged;
	struct bound addr[SIM_ADDRS];
	size_t n;
	struct lane up, down;
};

struct sim_net {
	struct list link;
	struct sim *sim;
	struct htab addrs;
	struct sim_if *way_out; /* whose host forwards; NULL: none */
	void (*forward)(void *arg, unsigned ifindex,
			const struct sim_packet *p);
	void *forward_arg;
	const char *name;
};

struct packet {
	struct event e;
	struct list queue;
	struct sim_packet v;
	struct sim_host *from;
	struct sim_if *to; /* NULL: loopback within from */
	mono when;         /* it arrived */
	uint8_t bytes[];
};

/* Sends a copy; where to, its addresses say.  ifindex 0: the route's. */
void sim_transmit(struct sim_host *h, unsigned ifindex,
		  const struct sim_packet *v);
void packet_free(struct sim *s, struct packet *p);
struct packet *packet_twin(const struct packet *p); /* NULL: no memory */
void sim_tell(struct sim *s, enum sim_fate fate, const struct sim_packet *v);
/* The address towards remote and its interface; 0 or -ENETUNREACH. */
MUST_USE int sim_route_to(struct sim_host *h, const struct addr *remote,
			  struct addr *local, unsigned *ifindex);
/* An address of an interface to send from; 0 or -ENETUNREACH. */
MUST_USE int sim_source_on(struct sim_host *h, unsigned ifindex,
			   const struct addr *remote, struct addr *local);
bool sim_has_addr(const struct sim_host *h, const struct addr *a);
void sim_addrs_changed(struct sim_host *h); /* its watches are told */
size_t lane_mtu(const struct lane *l);
void sim_if_init(struct sim_host *h, unsigned index, struct sim_net *net);
struct sim_if *sim_if_of(struct sim_host *h, unsigned ifindex);
struct sim_net *net_new(struct sim *s, const char *name);
void net_free(struct sim_net *n);

/* ---------------------------------------------------------------- hosts */
/* Something of the user's that may have work in a turn. */
struct work {
	struct list open;  /* of the host's, for reactor_free */
	struct list ready; /* in the host's list of work */
	struct list grave;
	struct sim_host *h;
	void (*turn)(struct work *w);
	void (*close)(struct work *w); /* as its user would */
	void (*crash)(struct work *w); /* sim_restart */
	void *object;                  /* freed after the turn */
	bool dead; /* since a restart: makes no more callbacks */
};

struct sim_host {
	struct reactor base;
	struct list link, ready;
	struct sim *sim;
	struct event turn;  /* a second one at the same instant waits 1 us */
	struct event alarm; /* the first of its timers */
	mono last_turn;
	bool in_turn;
	int calls;
	struct list open, work, grave, posts;
	struct htab socks, conns; /* struct sock; struct tcb */
	struct sim_if ifs[SIM_IFS];
	unsigned n_ifs, group;
	int64_t wall;
	mono slept;
	struct rng rng;
	uint16_t next_port;
	const char *name;
	const char *resolv;
};

struct sim_host *host_of(struct reactor *r);
/* One turn of its at least, within max_wait; the number of its callbacks. */
int sim_host_step(struct sim_host *h, mono max_wait);
void work_open(struct sim_host *h, struct work *w, void *object);
void work_ready(struct work *w);  /* a turn is due */
void work_close(struct work *w);  /* no more turns; freed after this one */
extern const struct backend sim_backend;

/* ---------------------------------------------------------------- sockets */
/* What is bound to a port: UDP sockets and TCP listeners. */
struct sock {
	struct htab_node node;
	enum sim_proto proto;
	bool shared; /* with others that are: set before sock_bind */
	struct addr local;
};

/* Binds, choosing a port when it is 0.  -EADDRINUSE, -EADDRNOTAVAIL. */
MUST_USE int sock_bind(struct sim_host *h, struct sock *s,
		       enum sim_proto proto, const struct addr *local);
void sock_unbind(struct sim_host *h, struct sock *s);
/* Who gets what is sent to local; NULL: nobody. */
struct sock *sock_find(const struct sim_host *h, enum sim_proto proto,
		       const struct addr *local);
uint64_t addr_hash(const struct addr *a, uint64_t more);

/* Take over p. */
void sim_udp_input(struct sim_host *h, struct packet *p);
/* Is a socket of it a member of the group on that interface? */
bool sim_udp_in_group(const struct sim_host *h, const struct addr *group,
		      unsigned ifindex);
void sim_icmp_input(struct sim_host *h, struct packet *p);
void sim_tcp_input(struct sim_host *h, struct packet *p);
void sim_tcp_drop_all(struct sim_host *h); /* connections, silently */

int sim_udp_open(struct reactor *r, const struct addr *local, bool shared,
		 const struct udp_ops *ops, void *arg, struct udp **out);
int sim_udp_member(struct udp *u, const struct addr *group, uint32_t ifindex,
		   bool join);
void sim_udp_close(struct udp *u);
int sim_udp_send(struct udp *u, const struct datagram *d, size_t n);
void sim_udp_set_dscp(struct udp *u, unsigned dscp);
int sim_tcp_connect(struct reactor *r, const struct addr *local,
		    const struct addr *remote, const struct tcp_ops *ops,
		    void *arg, struct tcp **out);
int sim_tcp_listen(struct reactor *r, const struct addr *local,
		   void (*on_accept)(void *arg, struct tcp *t), void *arg,
		   struct tcp_listener **out);
void sim_tcp_listener_close(struct tcp_listener *l);
int sim_tcp_write(struct tcp *t, const void *p, size_t n);
size_t sim_tcp_unsent(const struct tcp *t);
void sim_tcp_pause(struct tcp *t, bool pause);
void sim_tcp_shutdown(struct tcp *t);
void sim_tcp_close(struct tcp *t);
void sim_tcp_abort(struct tcp *t);
#endif
