/* SPDX-License-Identifier: BSD-2-Clause
 * sip/sip_ws.h - SIP over WebSocket, RFC 7118: what a port's connections of
 * TCP or TLS become.
 *
 * Ownership: sip_ws_new .. sip_ws_free, which closes all that is left, and not
 * from within a callback of one of them.  Threads: the reactor's.
 */
#ifndef SIP_WS_H
#define SIP_WS_H
#include "platform/reactor.h"

struct sip_ws;     /* opaque: those of a port */
struct sip_ws_ear; /* opaque: a listening point's */

/* room: octets that unfinished messages of all its connections may hold.  NULL:
 * no memory. */
struct sip_ws *sip_ws_new(struct reactor *r, size_t room);
void sip_ws_free(struct sip_ws *s); /* NULL is ignored */
/* Path of the URL that is asked for from now on; "/" at first.  -EINVAL: it is
 * none, or longer than 255 octets. */
MUST_USE int sip_ws_path(struct sip_ws *s, struct slice path);

/* *t, just made by tcp_connect or its like, becomes a WebSocket towards host,
 * which is asked for with the port of *t's unless it is the usual one.  On
 * failure it is closed. */
MUST_USE int sip_ws_connect(struct sip_ws *s, struct slice host, bool secure,
			    const struct tcp_ops *ops, void *arg,
			    struct tcp **t);

/* What is taken by it comes to on_accept when its handshake is done. */
MUST_USE int sip_ws_listen(struct sip_ws *s,
			   void (*on_accept)(void *arg, struct tcp *t),
			   void *arg, struct sip_ws_ear **out);
void sip_ws_take(struct sip_ws_ear *e, struct tcp *t);
void sip_ws_ear_free(struct sip_ws_ear *e); /* NULL is ignored */

/* Of a connection that failed, in its on_closed: why, in words; NULL: as its
 * err has it. */
const char *sip_ws_fault(const struct tcp *t);
/* The connection beneath, or t itself. */
const struct tcp *sip_ws_under(const struct tcp *t);
#endif
