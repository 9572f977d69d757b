/* SPDX-License-Identifier: BSD-2-Clause
 * sip/sip_port.h - joins a sip_core and its users (sip_users.h) to a
 * reactor: sockets, timer, lookups. No protocol decision is taken here.
 *
 * Ownership: sip_port_new .. sip_port_free, which closes all that it opened;
 * core and users are the port's.  Threads: the reactor's.
 *
 * Results and events are handed up one at a time, with no function of the core
 * on the stack: who gets them may call anything, sip_port_free included, but
 * for that where a secure transport is used (sip_secure.h).  Who
 * uses the core or its users outside of that calls sip_port_flush afterwards.
 */
#ifndef SIP_PORT_H
#define SIP_PORT_H
#include "platform/reactor.h"
#include "platform/trace.h"
#include "sip/sip_secure.h"
#include "sip/usage/sip_users.h"

struct sip_port; /* opaque */

struct sip_port_ops {
	/* What one of the users has to tell. */
	void (*on_result)(void *arg, const struct sip_result *result);
	/* An event that is none of theirs, or for all.  May be NULL. */
	void (*on_event)(void *arg, const struct sip_event *ev);
	/* Every message as it crosses the wire, for a packet trace: of a stream
	 * the bytes as they were read or written.  May be NULL. */
	void (*on_packet)(void *arg, bool sent, const struct sip_path *path,
			  struct slice bytes, struct instant when);
	/* The addresses that sip_port_find asked for; none: n 0.  May be NULL
	 * for who does not ask. */
	void (*on_found)(void *arg, uint64_t tag, const struct addr *addr,
			 size_t n);
};

/* -ENOMEM, -EIO (no random seed).  limits and ops are copied. */
MUST_USE int sip_port_new(struct reactor *r, const struct limits *limits,
			  const struct sip_port_ops *ops, void *arg,
			  struct sip_port **out);
void sip_port_free(struct sip_port *p); /* NULL is ignored */
struct sip_core *sip_port_core(struct sip_port *p);
struct sip_users *sip_port_users(struct sip_port *p);

/* Listens: port 0 takes any free one.  shown (NULL: the bound address, or when
 * that is the any-address that of an interface) stands in Via and Contact, with
 * the bound port when its port is 0.  Errors of udp_open and tcp_listen;
 * -ENOTSUP: that transport is left out. */
MUST_USE int sip_port_listen(struct sip_port *p, enum sip_transport t,
			     const struct addr *local,
			     const struct addr *shown, uint32_t *point);
/* The same where nobody can connect to: requests go out from there by a
 * transport of connections, and come in by these. */
MUST_USE int sip_port_from(struct sip_port *p, enum sip_transport t,
			   const struct addr *local, const struct addr *shown,
			   uint32_t *point);
/* Path of the URL that WebSockets from now on ask for; "/" at first.  -EINVAL:
 * it is none; -ENOMEM. */
MUST_USE int sip_port_ws_path(struct sip_port *p, struct slice path);
/* Where it really listens; family 0: no such point. */
struct addr sip_port_local(const struct sip_port *p, uint32_t point);
void sip_port_unlisten(struct sip_port *p, uint32_t point);

/* Who an identity of sip_request is (sip_secure.h); NULL: it is no more.  On
 * failure *why (static) says what is wrong with it, and its connections fail
 * with that.  -ENOTSUP: TLS is left out. */
MUST_USE int sip_port_identify(struct sip_port *p, uint32_t number,
			       const struct sip_identity *id, const char **why);
/* The next one above that number; 0: there is none. */
uint32_t sip_port_next_identity(const struct sip_port *p, uint32_t number);
/* With whose certificate secure points that are made from now on listen; to be
 * there while sip_port_listen runs, which sets *why.  NULL, as at first: they
 * listen to nobody, and requests can go out from there. */
void sip_port_own(struct sip_port *p, const struct sip_identity *id,
		  const char **why);

/* Whom to ask for names that are not in the hosts file; n 0, as at first: the
 * host's name servers.  At most 8 count.  Nothing where DNS is left out. */
void sip_port_servers(struct sip_port *p, const struct addr *server, size_t n);
/* What is asked of them is written there, too, and where it has keys what
 * crosses the wire by secure transports; outlives the port.  NULL: not. */
void sip_port_trace(struct sip_port *p, struct trace *t);
/* A host's addresses by name servers: on_found, later and once.  -ENOTSUP: DNS
 * is left out; -ENOMEM. */
MUST_USE int sip_port_find(struct sip_port *p, struct slice host, uint64_t tag);

/* The host has other addresses, these: where one is shown that was guessed and
 * is gone, another is guessed; connections from one that is gone end.  What
 * comes of these is told by the next sip_port_flush. */
void sip_port_readdress(struct sip_port *p, const struct host_if *ifs,
			size_t n);

/* Sends what the core has to send, and sets the timer. */
void sip_port_flush(struct sip_port *p);
#endif
