/* SPDX-License-Identifier: BSD-2-Clause
 * sip/sip_lookup.h - who is asked where a host is that is no address and not in
 * the hosts file: a row of a generated table, as a build may have no DNS.
 *
 * Ownership: make .. free, which cancels what is under way.  Threads: the
 * reactor's.  found comes later, never from within ask, once for each question;
 * from within it all may be called, free included.
 */
#ifndef SIP_LOOKUP_H
#define SIP_LOOKUP_H
#include "platform/limits.h"
#include "platform/reactor.h"
#include "platform/trace.h"
#include "sip/core/sip_core.h"

struct sip_lookups; /* opaque: the row's own */

struct sip_wanted {
	/* SIP's next hops (RFC 3263 4); NULL: the addresses of host alone. */
	const struct sip_locate *sip;
	struct slice host;
	unsigned transports; /* those we listen by: a bit 1 << t for each */
	bool v4, v6;         /* families that are of use */
	uint64_t tag;        /* comes back */
};

struct sip_found {
	bool sip;
	uint64_t tag;
	const struct sip_hop *hop; /* n of them; of a host addr alone counts */
	size_t n;
	const char *reason;        /* n 0: why, static text */
};

struct sip_lookup_ops {
	int (*make)(struct reactor *r, const struct limits *limits,
		    void (*found)(void *arg, const struct sip_found *f),
		    void *arg, struct sip_lookups **out);
	void (*free)(struct sip_lookups *l);
	/* Whom to ask; n 0, as at first: the host's (resolv.conf).  What is
	 * under way begins anew. */
	void (*servers)(struct sip_lookups *l, const struct addr *server,
			size_t n);
	/* What is asked from now on is written there; NULL: nowhere. */
	void (*trace)(struct sip_lookups *l, struct trace *t);
	/* -ENOMEM; -EPROTONOSUPPORT: by no transport of ours. */
	int (*ask)(struct sip_lookups *l, const struct sip_wanted *w);
};

extern const struct sip_lookup_ops *const feature_lookup[]; /* NULL-ended */
#endif
