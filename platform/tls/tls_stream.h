/* SPDX-License-Identifier: BSD-2-Clause
 * platform/tls/tls_stream.h - TLS connections that are struct tcp to their
 * user: all that reactor.h says of TCP holds for them, in both worlds.
 *
 * - on_open comes, and on_accept is called, when the handshake is done.  What
 *   is written before waits (tcp_set_buffer); tcp_close before it sends none.
 * - tcp_shutdown says close_notify, and on_end is the peer's.  A peer that ends
 *   the connection without one is ECONNRESET.
 * - on_closed's err tells the kind of a failure, tls_of the words of it:
 *   EACCES the peer's certificate was refused by us, ECONNABORTED the peer
 *   refused with an alert, EPROTO it speaks no TLS of ours, ETIMEDOUT the
 *   handshake took too long; ECONNREFUSED and others are TCP's own.
 *
 * Handshakes are jobs (job.h), one at a time, so that a loop with media in it
 * never waits for a public key.
 */
#ifndef PLATFORM_TLS_TLS_STREAM_H
#define PLATFORM_TLS_TLS_STREAM_H
#include "platform/job.h"
#include "platform/tls/tls.h"
#include "platform/trace.h"

struct tls_streams; /* opaque: those of a reactor */

enum {
	/* Accepted ones whose handshake is not done, of a listener; more are
	 * reset.  They hold 60 kB each, and 10 s are long. */
	TLS_PENDING = 64,
	/* ... of one source (addr_source): a silent one leaves room for the
	 * others; eight phones behind one NAT begin at a time. */
	TLS_PENDING_SOURCE = 8
};

/* jobs NULL: handshakes run in the loop.  NULL: no memory. */
struct tls_streams *tls_streams_new(struct reactor *r, struct jobs *jobs);
/* Closes what is left; before jobs_free and reactor_free, and not from within a
 * callback of one of its streams. */
void tls_streams_free(struct tls_streams *s); /* NULL is ignored */

/* As tcp_connect; the name that is verified is peer's. -EINVAL: it is none. */
MUST_USE int tls_connect(struct tls_streams *s, struct tls_conf *conf,
			 const struct addr *local, const struct addr *remote,
			 const struct tls_peer *peer, const struct tcp_ops *ops,
			 void *arg, struct tcp **out);

/* What crosses the wire from now on goes there, and with what it is decrypted
 * before it; nothing without keys.  t outlives s. */
void tls_streams_trace(struct tls_streams *s, struct trace *t);

struct tls_listen_ops {
	/* As tcp_listen's: takes t by tcp_set_ops, or it is reset. */
	void (*on_accept)(void *arg, struct tcp *t);
	/* A handshake failed; t may be asked until it returns. NULL: ignored */
	void (*on_refused)(void *arg, const struct tcp *t);
};

/* As tcp_listen; ended by tcp_listener_close. */
MUST_USE int tls_listen(struct tls_streams *s, struct tls_conf *conf,
			const struct addr *local,
			const struct tls_listen_ops *ops, void *arg,
			struct tcp_listener **out);
/* New connections show another certificate; conf must outlive the listener, or
 * the next one of these. */
void tls_listener_conf(struct tcp_listener *l, struct tls_conf *conf);

/* The machine of a connection, for tls_fault, tls_peer_cert and the like; in
 * on_closed, too.  NULL: it is TCP alone. */
const struct tls *tls_of(const struct tcp *t);
#endif
