/* SPDX-License-Identifier: BSD-2-Clause
 * rtp/rtp_port.h - media transports on the reactor: pairs of UDP sockets out
 * of a port range, an even one for RTP and the next for RTCP (RFC 3550 11).
 * Ownership: struct rtp_ports owns all transports; users hold handles, and a
 * stale handle finds nothing.  Threads: the reactor's.
 */
#ifndef RTP_RTP_PORT_H
#define RTP_RTP_PORT_H
#include "platform/reactor.h"
#include "rtp/rtp_symmetric.h"
#include "rtp/rtp_transport.h"

struct rtp_ports; /* opaque */

/* What a stream does with its packets.  It takes them in and may send, attach
 * and detach; on_end follows the last packet of a batch, so that it can hand
 * its own outputs on once. */
struct rtp_sink_ops {
	void (*on_rtp)(void *sink, const struct rtp_packet *p,
		       const struct addr *from, struct instant when);
	/* Of a checked compound the packets in a row that concern this stream:
	 * all, if it is alone. */
	void (*on_rtcp)(void *sink, struct slice packets,
			const struct addr *from, struct instant when);
	/* What is neither came from the peer, a keep-alive of any kind; may be
	 * NULL. */
	void (*on_alive)(void *sink, struct instant when);
	void (*on_end)(void *sink);
	/* ICMP: nobody listens where this component sends; err is an errno
	 * > 0. */
	void (*on_error)(void *sink, unsigned component, int err);
	/* The stages have become ready, or are not any more; what it was when
	 * the stream joined, rtp_transport_is_ready says.  NULL: what is sent
	 * before is just lost. */
	void (*on_ready)(void *sink, bool ready, struct instant when);
};

/* Ports lo..hi; 0..0: any free pair that the OS gives.  Which of the range
 * comes next is drawn by seed, so that nobody who calls can tell where the
 * next caller will be heard.  NULL: no memory, or a range without an even
 * port and the next. */
struct rtp_ports *rtp_ports_new(struct reactor *r, struct mem *m, uint16_t lo,
				uint16_t hi, const uint8_t seed[32]);
void rtp_ports_free(struct rtp_ports *ps);
bool rtp_ports_any(const struct rtp_ports *ps); /* is any open? */
/* Every datagram as it crosses the wire, for a packet trace; fn NULL: none. */
void rtp_ports_tap(struct rtp_ports *ps,
		   void (*fn)(void *arg, bool sent, const struct datagram *d),
		   void *arg);

/* From the loop: a transport whose stages had not gathered yet has what it is
 * described with.  fn NULL: nobody asks. */
void rtp_ports_on_gathered(struct rtp_ports *ps,
			   void (*fn)(void *arg, uint32_t port), void *arg);

/* Opens a pair on local's address (its port is ignored) or, with mux, one
 * socket alone.  *out is a handle > 0.  -EADDRINUSE: no pair left, -ENOMEM,
 * -EMFILE, -EADDRNOTAVAIL. */
MUST_USE int rtp_port_open(struct rtp_ports *ps, const struct addr *local,
			   bool mux, uint32_t *out);
/* The same transport, its streams and stages, on another address of ours: from
 * new sockets, with other ports.  The stages do not gather anew.  On that
 * address already: no effect.  Errors of rtp_port_open, -ESTALE; all is as it
 * was then. */
MUST_USE int rtp_port_move(struct rtp_ports *ps, uint32_t port,
			   const struct addr *local);
/* Closes whatever is still attached; stale handles are ignored. */
void rtp_port_close(struct rtp_ports *ps, uint32_t port);

/* The engine, to set addresses and read; NULL: stale handle. */
struct rtp_transport *rtp_port_transport(struct rtp_ports *ps, uint32_t port);
/* Address of a component, family 0: none. */
struct addr rtp_port_local(struct rtp_ports *ps, uint32_t port,
			   unsigned component);

/* Puts a stage further in than all others; its state is the transport's then.
 * -ESTALE, -ENOSPC: it stays the caller's. */
MUST_USE int rtp_port_add_stage(struct rtp_ports *ps, uint32_t port,
				const struct rtp_stage *stage);
/* Another way of finding the peer than symmetric RTP; its state outlives the
 * port.  NULL: symmetric RTP, from the beginning. */
void rtp_port_set_path(struct rtp_ports *ps, uint32_t port,
		       const struct rtp_path *path);

/* Joins a stream; *route goes with rtp_port_detach, rtp_port_send
 * and rtp_routes_*.
 * -ESTALE, -ENOSPC. */
MUST_USE int rtp_port_attach(struct rtp_ports *ps, uint32_t port,
			     const uint64_t pts[2],
			     const struct rtp_sink_ops *ops, void *sink,
			     uint32_t *route);
/* The transport closes with its last stream. */
void rtp_port_detach(struct rtp_ports *ps, uint32_t port, uint32_t route);

/* Is a one of these ports, at our own address? */
bool rtp_ports_has(const struct rtp_ports *ps, const struct addr *a);

/* Signalled addresses changed, or the mux: rearms the keep-alive. */
void rtp_port_set_remote(struct rtp_ports *ps, uint32_t port,
			 unsigned component, const struct addr *remote);
/* Sends for a stream (0: of none); the stages work in place, with cap octets of
 * room.  0, or -ESTALE, -ENOTCONN no address yet or not ready, -EAGAIN the
 * kernel has no room, what a stage says, or udp_send. */
MUST_USE int rtp_port_send(struct rtp_ports *ps, uint32_t port, uint32_t route,
			   enum rtp_kind kind, uint8_t *p, size_t n,
			   size_t cap);
/* DiffServ code point of all that it sends (46 for voice). */
void rtp_port_set_dscp(struct rtp_ports *ps, uint32_t port, unsigned dscp);
#endif
