/* SPDX-License-Identifier: BSD-2-Clause
 * sip/sip_secure.h - connections whose peer shows who it is: a row of a
 * generated table, as a build may have no TLS.
 *
 * An identity is what the core's path.identity stands for: whom we believe, and
 * what we show.  0 is everybody's who has none of its own: it believes those of
 * the host's usual bundle, which is read when the first needs it, and shows
 * nothing.
 *
 * Ownership: make .. free, after all that it opened was closed, and not from
 * within a callback of one of these.  Threads: the reactor's.
 */
#ifndef SIP_SECURE_H
#define SIP_SECURE_H
#include "platform/reactor.h"
#include "platform/slice.h"
#include "platform/trace.h"

struct sip_secures; /* opaque: the row's own */

struct sip_identity { /* contents of files (PEM or DER); empty: none */
	struct slice ca;      /* whom to believe, instead of the host's */
	struct slice crl;     /* what they have taken back */
	struct slice cert, key;
	struct slice name;    /* the peer's, instead of the one asked for */
	bool anybody;         /* nothing is verified */
	const char *fault;    /* static: it is known to be none, for this */
};

struct sip_secure_ops {
	int (*make)(struct reactor *r, struct sip_secures **out);
	void (*free)(struct sip_secures *s);
	/* NULL: it is no more.  On failure *why (static) says what is wrong,
	 * and each connection by it fails with that.  -EINVAL, -ENOMEM. */
	int (*identify)(struct sip_secures *s, uint32_t number,
			const struct sip_identity *id, const char **why);
	/* The next one above that number; 0: there is none. */
	uint32_t (*next)(const struct sip_secures *s, uint32_t number);
	/* As tcp_connect; name: whom the peer has to be (RFC 5922), a domain or
	 * an address.  *why as above, or NULL. */
	int (*connect)(struct sip_secures *s, uint32_t identity,
		       struct slice name, const struct addr *local,
		       const struct addr *remote, const struct tcp_ops *ops,
		       void *arg, struct tcp **out, const char **why);
	/* As tcp_listen, with id's certificate; who connects has to show one
	 * that id believes when it has a ca, else nothing. */
	int (*listen)(struct sip_secures *s, const struct sip_identity *id,
		      const struct addr *local,
		      void (*on_accept)(void *arg, struct tcp *t), void *arg,
		      struct tcp_listener **out, const char **why);
	/* Of a connection that failed, in its on_closed: why, in words; NULL:
	 * as its err has it. */
	const char *(*fault)(const struct tcp *t);
	/* What is made from now on is written there as it crosses the wire,
	 * with its secrets; nothing when t has no keys.  t outlives s. */
	void (*trace)(struct sip_secures *s, struct trace *t);
};

extern const struct sip_secure_ops *const feature_secure[]; /* NULL-ended */
#endif
