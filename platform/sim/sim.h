/* SPDX-License-Identifier: BSD-2-Clause
 * platform/sim/sim.h - a simulated network in virtual time behind reactor.h.
 *
 * A world has networks, and hosts that are attached to them by links.  A host
 * has a reactor; what runs on it cannot tell it from the real one.  Time moves
 * only in sim_run, sim_step, reactor_run and reactor_step, and jumps from event
 * to event.  Everything follows from the seed: same seed and same calls, same
 * packets, byte for byte (sim_digest).
 *
 * Ownership: the world owns networks, hosts, reactors, and what is left open.
 * Threads: one.  Memory: all from the struct mem given, where running out
 * loses a packet; what a host's user opens comes from the host's, see
 * sim_host_mem.
 *
 * A NAT (sim_nat.h) is a host on two networks whose sim_forward is set: it sees
 * each packet that its network cannot deliver, and sends others with
 * sim_forward_packet.  A name server is
 * an ordinary program on a host.  Multicast stays in its network: each host
 * there that has a member gets a copy down its own link.
 */
#ifndef PLATFORM_SIM_H
#define PLATFORM_SIM_H
#include "platform/reactor.h"

struct sim;      /* opaque: a world */
struct sim_net;  /* opaque: what joins links; addresses are unique in it */
struct sim_host; /* opaque */

/* One direction of a host's link to its network.  Zeroed: perfect. */
struct sim_link {
	mono delay;         /* of every packet */
	mono jitter;        /* plus 0 .. jitter; order is kept */
	double loss;        /* probability, each fragment on its own */
	double duplicate;   /* of a second one, arriving like another */
	double reorder;     /* of arriving reorder_by late, overtaken */
	mono reorder_by;    /* 0: 10 ms */
	uint64_t bandwidth; /* bits a second; 0: unlimited */
	uint32_t queue;     /* bytes waiting for bandwidth; more are lost;
			     * 0: 64 kB */
	uint32_t mtu;       /* of IP packets; 0: 1500.  UDP above is sent in
			     * fragments, all needed; TCP segments by it */
};

/* ---------------------------------------------------------------- world */
struct sim *sim_new(struct mem *m, uint64_t seed); /* NULL: no memory */
void sim_free(struct sim *s); /* reactors included; NULL is ignored */
mono sim_now(const struct sim *s);
/* Handles what happens until then; now is until afterwards. */
void sim_run(struct sim *s, mono until);
/* Handles all that happens next, at one instant; false: nothing is left. */
bool sim_step(struct sim *s);
/* Of all packets so far: times, headers, contents and fates. */
uint64_t sim_digest(const struct sim *s);
/* A random number of the world's, for tests: 0 .. n - 1. */
uint32_t sim_random(struct sim *s, uint32_t n);

/* The hosts file of all hosts has this name too; "localhost" is in it. */
MUST_USE int sim_name(struct sim *s, const char *name, const struct addr *a);

/* ---------------------------------------------------------------- hosts */
/* The network that every world begins with. */
struct sim_net *sim_internet(struct sim *s);
struct sim_net *sim_net_new(struct sim *s, const char *name); /* or NULL */

/* A host on the internet with these addresses, n up to SIM_ADDRS (ports are
 * ignored), and loopback; or NULL. */
enum { SIM_ADDRS = 8, SIM_IFS = 4 };
struct sim_host *sim_host_new(struct sim *s, const char *name,
			      const struct addr *addrs, size_t n);
/* Another interface of it, on another network: its number, 2 .. SIM_IFS (the
 * first is 1), as in datagram.ifindex; -ENOMEM, -ENOSPC. */
MUST_USE int sim_host_attach(struct sim_host *h, struct sim_net *net,
			     const struct addr *addrs, size_t n);
struct reactor *sim_host_reactor(struct sim_host *h);
/* Where its reactor allocates from now on; before anything is open. */
void sim_host_mem(struct sim_host *h, struct mem *m);
/* What its wall clock shows beyond the world's. */
void sim_host_wall(struct sim_host *h, int64_t offset_ns);
/* It has slept so long: as others see it, this instant.  Its reactor's time
 * stood still, its wall clock did not. */
void sim_host_sleep(struct sim_host *h, mono span);
/* Its resolv.conf, from now on: borrowed.  NULL (at first): it has none. */
void sim_host_resolv(struct sim_host *h, const char *text);

/* From the host to the network, and from the network to the host. */
void sim_link(struct sim_host *h, unsigned ifindex, const struct sim_link *up,
	      const struct sim_link *down);
/* Both directions of interface 1. */
void sim_host_link(struct sim_host *h, const struct sim_link *both);

/* ------------------------------------------------------- what goes wrong */
/* Hosts of different groups cannot reach one another; all begin in 0.  What is
 * under way is lost. */
void sim_group(struct sim_host *h, unsigned group);
void sim_heal(struct sim *s); /* all in group 0 */
/* Like a pulled cable: the interface is down and keeps its addresses. */
void sim_unplug(struct sim_host *h, unsigned ifindex, bool unplugged);
/* A change of addresses; its interface watches are told.  -EADDRINUSE,
 * -ENOSPC, -EADDRNOTAVAIL.  A connection that stands on a lost one stalls. */
MUST_USE int sim_addr_add(struct sim_host *h, unsigned ifindex,
			  const struct addr *a);
MUST_USE int sim_addr_drop(struct sim_host *h, const struct addr *a);
/* Power off and on: its sockets, timers and posts are gone without a word, and
 * what comes for them is answered with resets and ICMP errors.  Its user's
 * handles make no callbacks; closing them is still due. */
void sim_restart(struct sim_host *h);

/* --------------------------------------------------------------- packets */
enum sim_proto { SIM_UDP = 17, SIM_TCP = 6, SIM_ICMP = 1 };
enum sim_flag { SIM_SYN = 2, SIM_RST = 4, SIM_FIN = 1, SIM_ACK = 16 };
enum sim_fate {
	SIM_SENT,        /* leaves its host */
	SIM_ARRIVED,     /* at the host that has its destination address */
	SIM_LOST,        /* by the link's loss or reordering of fragments */
	SIM_OVERFLOW,    /* by the queue */
	SIM_CUT,         /* by partition, unplugging or a lost address */
	SIM_UNREACHABLE  /* nobody has its destination address */
};

struct sim_packet {
	enum sim_proto proto;
	struct addr src, dst; /* ICMP: of the UDP datagram that failed, dst
			       * being the one who sent it */
	uint8_t ttl, dscp;
	/* TCP */
	uint8_t flags;        /* of enum sim_flag */
	uint32_t seq, ack, window;
	uint32_t mss;         /* of a SYN */
	/* UDP: the whole datagram */
	const uint8_t *p;
	size_t n;
};

/* Sees every packet, at its instant; changes nothing. */
void sim_tap(struct sim *s,
	     void (*fn)(void *arg, mono now, enum sim_fate fate,
			const struct sim_packet *p),
	     void *arg);

/* Makes h the way out of a network: fn sees each packet that is sent on it to
 * an address that it does not have.  fn may send others, changed copies of it,
 * on any interface of h. */
void sim_forward(struct sim_host *h, unsigned ifindex,
		 void (*fn)(void *arg, unsigned ifindex,
			    const struct sim_packet *p),
		 void *arg);
void sim_forward_packet(struct sim_host *h, unsigned ifindex,
			const struct sim_packet *p);
#endif
