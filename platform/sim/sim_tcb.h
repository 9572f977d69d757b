/* SPDX-License-Identifier: BSD-2-Clause
 * platform/sim/sim_tcb.h - the two sides of a simulated TCP connection; for
 * sim_tc*.c only.  A tcb is the kernel's: it lives in the world's memory and
 * outlives its user, as a real one does.  A sim_tcp is the user's handle.
 */
#ifndef PLATFORM_SIM_TCB_H
#define PLATFORM_SIM_TCB_H
#include "platform/sim/sim_priv.h"

enum {
	TCB_SEND_BUFFER = 65536,   /* beyond it, what tcp_set_buffer allows */
	TCB_RECEIVE_BUFFER = 65536 /* and largest window */
};

struct bytes { /* used: p[off .. off + n) of cap */
	uint8_t *p;
	size_t off, n, cap;
};

struct sim_tcp {
	struct tcp base;
	struct work w;
	struct tcb *k; /* NULL: failed before it was, or after a restart */
	int err;       /* why it failed before it was */
	bool opened;   /* on_open was called, or it was accepted */
	bool paused, want_room, shut, end_told;
};

struct sim_listener {
	struct tcp_listener base;
	struct sock sock;
	struct work w;
	struct list queue; /* of tcbs to accept */
	unsigned waiting;
};

/* Sequence numbers: una <= nxt <= max; [una, nxt) is under way; snd holds the
 * bytes from una on, after them comes our FIN.  rnxt is wanted next; rcv holds
 * bytes before it that the user has not read. */
struct tcb {
	struct htab_node node;
	struct sim_host *h;
	struct sim_tcp *user;          /* NULL: not accepted yet, or closed */
	struct list accept;            /* in its listener's queue */
	struct addr local, remote;
	enum { TCB_SYN_SENT, TCB_SYN_RCVD, TCB_OPEN } state;
	bool listed;                   /* stands in the host's table */
	int err;                       /* it is dead, and why */
	struct event timer;            /* retransmission, probe, TIME-WAIT */
	struct event linger;           /* of a closed one */
	bool closed;                   /* by its user: bytes are discarded */
	bool deaf;                     /* and now they are answered by RST */

	uint32_t una, nxt, max, wnd, wl1, wl2, mss;
	struct bytes snd;
	bool shut, fin_acked, passive; /* passive: the peer's FIN came first */
	unsigned tries;
	mono rto, srtt, rttvar, timed_at; /* RFC 6298; srtt 0: none yet */
	uint32_t timed;                /* the byte whose ACK is awaited */
	bool timing;
	uint32_t cwnd, ssthresh, recover, dupacks; /* RFC 5681, RFC 6582 */
	bool recovery;

	uint32_t rnxt, edge;           /* edge: of the window last told */
	struct bytes rcv;
	struct list early;             /* packets after a gap, in order */
	bool peer_fin;
};

/* NULL: no memory.  Sends a SYN. */
struct tcb *tcb_connect(struct sim_host *h, const struct addr *local,
			const struct addr *remote);
size_t tcb_put(struct tcb *k, const void *p, size_t n); /* how many it took */
void tcb_output(struct tcb *k);      /* what may be sent now */
void tcb_was_read(struct tcb *k);    /* tells of a window that has opened */
void tcb_shutdown(struct tcb *k);
void tcb_close(struct tcb *k);       /* its user is gone */
void tcb_reset(struct tcb *k);       /* sends a RST; k is gone */
void bytes_free(struct sim *s, struct bytes *b);
bool tcb_taken(const struct sim_host *h, const struct addr *local,
	       const struct addr *remote);

/* The kernel's news for the user, who looks in its next turn. */
void tcp_news(struct tcb *k);
struct sim_listener *listener_find(struct sim_host *h,
				   const struct addr *local);
#endif
