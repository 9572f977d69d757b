/* SPDX-License-Identifier: BSD-2-Clause
 * platform/tls/tls.h - TLS over memory buffers, client and server, after
 * RFC 9325: TLS 1.2 (1.3 where the library has it), ECDHE with AEAD alone,
 * no renegotiation, no compression, certificates by our own rules
 * (cert_check.h).  Octets and time come in, octets and reasons go out.
 *
 * Three objects.  A store holds whom to believe, a conf the own certificate
 * and the rules, a tls is one connection.  A store or conf that is freed while
 * others stand on it goes with the last of them; so a certificate is replaced
 * by making a new conf for new connections and freeing the old one.  Sessions
 * are resumed within one conf, never across: a new conf with a new revocation
 * list or certificate verifies anew.
 *
 * Threads: one at a time, with one exception.  tls_work of one connection may
 * run on another thread while nobody else touches that connection, and while
 * no other connection whose conf or store it shares is in tls_work: the
 * library keeps precomputed points in its keys, without a lock.
 *
 * Memory: what is ours comes from the conf's struct mem.  What the library
 * takes comes from the C library, for Debian's is built without the hook for
 * another allocator (and the hook would be one for the whole process): its
 * two record buffers are charged to the budget (mem_charge).
 */
#ifndef PLATFORM_TLS_TLS_H
#define PLATFORM_TLS_TLS_H
#include "platform/drbg.h"
#include "platform/mem.h"
#include "platform/tls/cert_check.h"

struct tls_store; /* opaque */
struct tls_conf;  /* opaque */
struct tls;       /* opaque */

enum {
	/* Octets that a peer may send before its handshake is done.  A message
	 * of it has at most 16 KiB here; chains and tickets are a few. */
	LIMIT_TLS_HANDSHAKE = 96 << 10,
	/* Octets that wait to be sent before tls_write takes no more: a
	 * record and something. */
	LIMIT_TLS_UNSENT = 32 << 10,
	/* Requests to renegotiate (each is answered), and other messages that
	 * want an answer after the handshake: then the connection fails. */
	LIMIT_TLS_ANSWERS = 4,
	TLS_RECORD = 16384,      /* octets of application data in a record */
	/* Held by the library for a connection, whatever it does: a buffer
	 * for each way.  The maximum fragment length of RFC 6066 would not
	 * make them smaller in a library that was built without
	 * VARIABLE_BUFFER_LENGTH, as Debian's is, so it is not asked for. */
	TLS_CHARGE = 2 * (TLS_RECORD + 512),
	TLS_SESSIONS = 8         /* kept by a conf for clients to resume */
};

/* -------------------------------------------------------------- store */
/* Believes whom more believes, too (NULL: nobody).  NULL: no memory. */
struct tls_store *tls_store_new(struct mem *m, struct tls_store *more);
void tls_store_free(struct tls_store *s); /* NULL is ignored */
/* Adds the certificates of a PEM file, or one as DER; returns how many.  Those
 * that the library cannot read are left out.  -EBADMSG: none; -EBUSY: a conf
 * or another store stands on it already; -ENOMEM. */
MUST_USE int tls_store_add(struct tls_store *s, struct slice file);
/* The same for revocation lists.  Where one of an issuer is there, each of its
 * certificates is looked up, and a list that is out of date refuses them. */
MUST_USE int tls_store_add_crl(struct tls_store *s, struct slice file);

/* --------------------------------------------------------------- conf */
enum tls_verify {
	TLS_VERIFY,      /* a server's; a client's, where it shows one */
	TLS_VERIFY_MUST, /* a client must show one */
	TLS_VERIFY_NOT   /* anybody; clients are not asked */
};

struct tls_setup {
	bool server;
	enum tls_verify verify;
	struct tls_store *store; /* NULL: nobody is believed */
	struct slice cert, key;  /* own chain, key; PEM or DER; empty: none */
	mono handshake;          /* how long one may take; 0: 10 s */
};

/* seed: 32 octets, new ones for each conf.  Copies what it is given.  -EINVAL
 * and *why (static) says what is wrong with certificate or key; -ENOMEM. */
MUST_USE int tls_conf_new(struct mem *m, const struct tls_setup *s,
			  const uint8_t seed[32], struct tls_conf **out,
			  const char **why);
void tls_conf_free(struct tls_conf *c); /* NULL is ignored */

/* --------------------------------------------------------- connection */
/* Whom a client wants to meet; of a server rules is CERT_NAME_NONE. */
struct tls_peer {
	enum cert_rules rules;
	struct slice name; /* copied; a domain is sent as SNI (RFC 6066 3) */
};

enum { TLS_NAME = 255 }; /* of a peer: RFC 1035 */

/* -EINVAL: the name is none.  A client's first octets wait after tls_work. */
MUST_USE int tls_new(struct tls_conf *c, const struct tls_peer *peer,
		     struct instant now, struct tls **out);
void tls_free(struct tls *t); /* NULL is ignored */

enum tls_state {
	TLS_HANDSHAKE,
	TLS_OPEN,  /* reads and writes */
	TLS_ENDED, /* the peer has said that it sends no more; writes go on */
	TLS_FAILED /* see tls_fault; an alert may wait to be sent */
};

/* Octets from the wire, which are copied; 0 or -ENOMEM, and after a failure
 * they are ignored.  Nothing happens until tls_work. */
MUST_USE int tls_on_bytes(struct tls *t, const void *p, size_t n);
/* Goes on with the handshake as far as it gets.  This is where public keys
 * are worked with: milliseconds. */
void tls_work(struct tls *t);
/* To be called after it, on the thread of the others: gives back what only the
 * handshake needed and keeps the session. */
void tls_settle(struct tls *t);
enum tls_state tls_state(const struct tls *t);
/* Has tls_work something to do? */
bool tls_wants_work(const struct tls *t);

/* Octets for the wire; they stay until tls_sent has taken them away. */
struct slice tls_unsent(const struct tls *t);
void tls_sent(struct tls *t, size_t n);

/* Application data, decrypted: how many octets, 0: none now.  To be called
 * until it is 0, or the octets wait, which tls_waits tells. */
MUST_USE size_t tls_read(struct tls *t, void *out, size_t cap);
bool tls_waits(const struct tls *t);
/* Octets taken, 0..n; -EPIPE: not open (any more). */
MUST_USE int tls_write(struct tls *t, const void *p, size_t n);
/* Says that no more will be written (close_notify). */
void tls_shutdown(struct tls *t);

/* The stream beneath ended: without the peer's close_notify a failure. */
void tls_on_end(struct tls *t);
void tls_on_time(struct tls *t, mono now);
mono tls_deadline(const struct tls *t); /* of the handshake */

/* ------------------------------------------------------------- secrets */
/* Keeps what decrypts this connection, for a packet trace; before the first
 * tls_work.  -ENOMEM: nothing is kept. */
MUST_USE int tls_want_secrets(struct tls *t);
/* New lines in the NSS key log format, not while tls_work runs;
 * they are there until tls_forget_secrets, which wipes them.  Of a connection
 * they come in the tls_work after which the first octets stand in tls_unsent
 * that they are for. */
struct slice tls_secrets(const struct tls *t);
void tls_forget_secrets(struct tls *t);

/* ------------------------------------------------------------ findings */
enum tls_cause {
	TLS_FINE,
	TLS_REFUSED,  /* by us: see cert */
	TLS_ALERT,    /* by the peer */
	TLS_BROKEN,   /* it speaks no TLS, or no suite or version of ours */
	TLS_TIMEOUT,
	TLS_CUT,      /* the stream ended first */
	TLS_NO_MEMORY
};

struct tls_fault {
	enum tls_cause cause;
	struct cert_fault cert; /* text: of every cause */
};

/* What failed; of one that is fine too, where verify is off: the reason why it
 * would have been refused is not looked for. */
const struct tls_fault *tls_fault(const struct tls *t);
/* The peer's certificate as DER, borrowed from t; empty: it showed none. */
struct slice tls_peer_cert(const struct tls *t);
const char *tls_version(const struct tls *t); /* "TLSv1.2" */
const char *tls_suite(const struct tls *t);
bool tls_resumed(const struct tls *t);
#endif
