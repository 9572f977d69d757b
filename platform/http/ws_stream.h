/* SPDX-License-Identifier: BSD-2-Clause
 * platform/http/ws_stream.h - WebSocket connections (ws.h) that are struct tcp
 * to their user, above a struct tcp of TCP or of TLS (tls_stream.h), in both
 * worlds.  What reactor.h says of TCP holds for them, with these differences:
 *
 * - Each on_bytes is one whole message, and each tcp_write is one: taken whole,
 *   or 0 octets of it, and on_room comes when there is room; -EMSGSIZE: larger
 *   than one may be, or than tcp_set_buffer's octets.  Empty ones are neither
 *   sent nor told.
 * - on_open comes, and on_accept is called, when the handshake is done.  What
 *   is written before waits.
 * - There is no half of an end: after the peer's Close, which is answered,
 *   on_closed comes with 0, and on_end never.  tcp_shutdown and tcp_close say
 *   Close.
 * - on_closed's err tells the kind of a failure, ws_of the words of it:
 *   ECONNABORTED the peer refused the handshake or closed with an error's code,
 *   EPROTO it broke a rule, ETIMEDOUT handshake, Close or ping, ECONNRESET the
 *   connection ended without a Close; others are those of the stream beneath,
 *   ws_under.
 */
#ifndef PLATFORM_HTTP_WS_STREAM_H
#define PLATFORM_HTTP_WS_STREAM_H
#include "platform/http/ws.h"
#include "platform/reactor.h"

struct ws_streams;  /* opaque: those of a reactor */
struct ws_listener; /* opaque */

enum {
	/* Accepted ones whose handshake is not done, of a listener; more are
	 * reset.  They hold some 10 kB each, for 10 s. */
	WS_PENDING = 64,
	/* ... of one source (addr_source): a silent one leaves room for the
	 * others; as many as of TLS. */
	WS_PENDING_SOURCE = 8
};

/* NULL: no memory, or no random seed. */
struct ws_streams *ws_streams_new(struct reactor *r);
/* Closes what is left, what is beneath included; before reactor_free and
 * tls_streams_free, and not from within a callback of one of its streams. */
void ws_streams_free(struct ws_streams *s); /* NULL is ignored */

/* A client's above under, which tcp_connect or tls_connect has just made and
 * which is this stream's from now on; under's ops are replaced.  -EINVAL,
 * -ENOMEM: under is the caller's still. */
MUST_USE int ws_connect(struct ws_streams *s, const struct ws_setup *setup,
			struct tcp *under, const struct tcp_ops *ops,
			void *arg, struct tcp **out);

struct ws_listen_ops {
	/* As tcp_listen's: takes t by tcp_set_ops, or it is reset. */
	void (*on_accept)(void *arg, struct tcp *t);
	/* A handshake failed; t may be asked until it returns. NULL: ignored */
	void (*on_refused)(void *arg, const struct tcp *t);
};

/* Of setup, ops and arg; ops must outlive it.  -EINVAL, -ENOMEM. */
MUST_USE int ws_listener_new(struct ws_streams *s,
			     const struct ws_setup *setup,
			     const struct ws_listen_ops *ops, void *arg,
			     struct ws_listener **out);
/* Ends those whose handshake is not done; what was accepted stays.  NULL is
 * ignored. */
void ws_listener_free(struct ws_listener *l);
/* To be called from the on_accept of a listener of TCP or TLS.  What is not
 * taken over is reset, as there. */
void ws_listener_take(struct ws_listener *l, struct tcp *under);

/* The machine of a connection, for ws_fault; in on_closed, too.  NULL: it is
 * no WebSocket. */
const struct ws *ws_of(const struct tcp *t);
/* The stream beneath, in on_closed, too (tls_of of it says what TLS found);
 * NULL: there is none. */
const struct tcp *ws_under(const struct tcp *t);
#endif
