/* SPDX-License-Identifier: BSD-2-Clause
 * client/transport.h - the media transports of an agent.  They are its edge's:
 * client_media.c opens one for a stream that is to have one, and puts on it
 * what the session needs (stages, a way of finding the peer); kinds of stream
 * join it, and several may join one.  A transport closes when the last stream
 * has left it.  EDGE.
 *
 * A row, so that an agent without media links without it: feature_transport[]
 * has one or none.
 */
#ifndef CLIENT_TRANSPORT_H
#define CLIENT_TRANSPORT_H
#include "platform/reactor.h"

struct rtp_ports;  /* rtp/rtp_port.h */
struct transports; /* opaque */

struct transport { /* a handle, good until it closes */
	struct rtp_ports *ports;
	uint32_t port;
	struct addr rtp, rtcp; /* where the peer may send */
};

struct transport_config { /* read at each open: settings may change */
	uint16_t port_low, port_high; /* 0, 0: any that the OS gives */
	unsigned dscp;
};

/* Puts on a transport that has just opened what it needs.  0, or a negative
 * errno: it closes again. */
typedef int transport_dress(void *arg, const struct transport *t);

struct transport_ops {
	int (*make)(struct reactor *r, struct mem *m, const uint8_t seed[32],
		    struct transports **out);
	/* All streams have left. */
	void (*free)(struct transports *ts);
	/* Every datagram as it crosses the wire, of those that open from now
	 * on; fn NULL: none. */
	void (*tap)(struct transports *ts,
		    void (*fn)(void *arg, bool sent, const struct datagram *d),
		    void *arg);
	/* dress NULL: it stays bare. */
	void (*dress)(struct transports *ts, transport_dress *fn, void *arg);
	/* fn is told, from the loop, of a transport whose open answered
	 * -EINPROGRESS: it is ready, with its addresses as they are now. */
	void (*watch)(struct transports *ts,
		      void (*fn)(void *arg, const struct transport *t),
		      void *arg);
	/* On local's address, its port ignored; a new range of ports counts
	 * when none is open.  0: it is ready to be described;
	 * -EINPROGRESS: it is open, and will be (a stage gathers).
	 * -EADDRINUSE: no pair left, -ENOMEM, -EMFILE, -EADDRNOTAVAIL. */
	int (*open)(struct transports *ts, const struct transport_config *cfg,
		    const struct addr *local, struct transport *out);
	/* One that no stream could join. */
	void (*close)(struct transports *ts, const struct transport *t);
};

extern const struct transport_ops *const feature_transport[]; /* NULL-ended */
#endif
