/* SPDX-License-Identifier: BSD-2-Clause
 * platform/http/ws.h - a WebSocket connection, RFC 6455, client and server, as
 * a machine over memory buffers: opening handshake, messages in fragments,
 * ping and pong, closing handshake.  Octets and time come in, octets, messages
 * and reasons go out.  What carries them, TCP or TLS, is another's.
 *
 * Every message goes out in one frame: as text when it is UTF-8, which browsers
 * hand on as a string, else as binary (RFC 7118 5 allows both).
 *
 * What a peer can make grow, and the answer: a head beyond LIMIT_HTTP_HEAD or
 * LIMIT_HTTP_FIELDS 431, a message beyond ws_setup.message 1009, unfinished
 * messages of all peers beyond ws_room 1013, one that is not whole after
 * LIMIT_WS_WHOLE 1008; handshakes, pings and closing have their times.  Pings
 * are answered one for many (5.5.3) while their answers are not taken.
 *
 * Memory is the struct mem's; control frames and refusals need none.
 */
#ifndef PLATFORM_HTTP_WS_H
#define PLATFORM_HTTP_WS_H
#include "platform/http/ws_frame.h"
#include "platform/http/ws_hello.h"
#include "platform/mem.h"

struct ws; /* opaque: one connection */

/* Between the first octet of a message and its last: as long as a SIP
 * transaction may take (64*T1).  A message is one packet or a few. */
#define LIMIT_WS_WHOLE SEC(32)

/* What unfinished messages of connections hold together, so that many peers
 * that never end one do not take all memory. */
struct ws_room {
	size_t most; /* octets */
	size_t used; /* private */
};

struct ws_setup {
	bool server;
	struct ws_hello hello; /* what it names must outlive the connection */
	size_t message;        /* octets of one at most; 0: 64 KiB - 1 */
	struct ws_room *room;  /* must outlive it; NULL: no common bound */
	mono handshake;        /* how long it may take; 0: 10 s */
	mono closing;          /* from our Close to the peer's; 0: 5 s */
	mono ping;             /* sent after so long a silence, and the peer
				* is gone after another; 0: never */
};

/* seed: 32 octets, new ones for each connection: nonce and masks come of them
 * (10.3).  A client's first octets wait.  -EINVAL: ws_hello_ok; -ENOMEM. */
MUST_USE int ws_new(struct mem *m, const struct ws_setup *s,
		    const uint8_t seed[32], mono now, struct ws **out);
void ws_free(struct ws *w); /* NULL is ignored */

enum ws_state {
	WS_HANDSHAKE,
	WS_OPEN,
	WS_CLOSING, /* we have said Close and hear on */
	WS_ENDED,   /* both have: what is unsent is to be sent, then the stream
		     * beneath to be closed */
	WS_FAILED   /* see ws_fault; a refusal or Close may wait to be sent */
};
enum ws_state ws_state(const struct ws *w);

struct ws_msg { /* borrowed: of the octets fed in, or of w: until the next */
	uint8_t *p; /* NULL: there is none */
	size_t n;
	bool text;
};

/* The stream beneath is open: the handshake's time begins.  Where it is open
 * already that is ws_new. */
void ws_on_open(struct ws *w, mono now);
/* Octets from the wire, which are changed in place; returns how many were
 * taken, all of them but behind the handshake and behind a whole message, which
 * *msg is then.  After the end or a failure all are taken and nothing comes of
 * them. */
MUST_USE size_t ws_on_bytes(struct ws *w, uint8_t *p, size_t n, mono now,
			    struct ws_msg *msg);
/* One message.  n octets are taken, or -EPIPE: closed; -EMSGSIZE: larger than
 * ws_setup.message; -ENOMEM.  What a client writes before it is open waits. */
MUST_USE int ws_write(struct ws *w, const void *p, size_t n);
/* Says Close after what was written. */
void ws_shutdown(struct ws *w, enum ws_code code, mono now);

/* Octets for the wire; they stay until ws_sent has taken them away. */
struct slice ws_unsent(struct ws *w);
void ws_sent(struct ws *w, size_t n);
/* Octets that were written and not taken away, those that wait included. */
size_t ws_waiting(const struct ws *w);

void ws_on_end(struct ws *w); /* the stream beneath ended */
/* Octets were left unread for a while and now are read again: silence and an
 * unfinished message were not the peer's. */
void ws_on_resume(struct ws *w, mono now);
void ws_on_time(struct ws *w, mono now);
mono ws_deadline(const struct ws *w);

enum ws_cause {
	WS_FINE,
	WS_REFUSED, /* handshake: by the server (status), or by us */
	WS_BROKEN,  /* the peer broke a rule; code is what it was told */
	WS_TIMEOUT,
	WS_CUT,     /* the stream ended without a Close */
	WS_NO_MEMORY
};

struct ws_fault {
	enum ws_cause cause;
	unsigned status; /* of the handshake; 0: it had none */
	unsigned code;   /* enum ws_code: of a failure, or of the peer's Close
			  * of one that ended */
	const char *text; /* static */
};
const struct ws_fault *ws_fault(const struct ws *w);
#endif
