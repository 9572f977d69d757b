/* SPDX-License-Identifier: BSD-2-Clause
 * sip/usage/sip_users.h - the transaction users of a core: who gets which of
 * its events, and all their deadlines as one.
 *
 * A user (registration, calls, OPTIONS, a subscription ...) is a struct
 * sip_user in what it keeps, with a const row of operations.  What comes in
 * finds it so:
 *
 *	a request in a dialog    the usage on it whose user takes the method
 *	                         (and event package); else a user that takes it
 *	                         without one; else 481.  A number out of order
 *	                         is 500 (RFC 3261 12.2.2), no dialog 481,
 *	                         without state
 *	any other request        the first user that takes method and package;
 *	                         a package that none has: 489 (RFC 6665 8.3.2)
 *	all else                 who sent, or was given, the request; to
 *	                         all what has no user
 *
 * Methods and URIs that no user takes were answered by the core (404, 405,
 * 501).
 *
 * Use: each event of the core goes to sip_users_on_event; sip_users_on_time at
 * the deadline.  What users have to tell is asked of each (sip_sessions_poll
 * ...) after these, before the next sip_core_poll.
 *
 * Ownership: the caller's struct, which must not be moved; users are removed
 * before sip_users_fini.  Threads: one at a time.
 */
#ifndef SIP_USERS_H
#define SIP_USERS_H
#include "platform/list.h"
#include "sip/usage/sip_dialogs.h"

/* No operation may remove another user. */
struct sip_user_ops {
	uint32_t methods;  /* taken: SIP_METHOD_BIT of each; 0: it only asks */
	uint32_t anywhere; /* of these, such as need no usage of its own in the
			    * dialog that they come in */
	const char *const *packages; /* of SUBSCRIBE, NOTIFY and PUBLISH, up to
				      * NULL; NULL: not looked at */
	const char *accept;    /* value of Accept: bodies of its requests */
	const char *supported; /* value of Supported; both may be NULL */
	/* SIP_EV_REQUEST, SIP_EV_ACK.  on: the dialog, its number taken; use:
	 * the usage on it.  Both NULL: outside of one.  May be NULL when
	 * methods is 0. */
	void (*request)(struct sip_user *u, const struct sip_event *ev,
			struct sip_shared *on, struct sip_usage *use,
			struct instant now);
	/* Is this usage meant, of several in a dialog?  NULL: the first. */
	bool (*is_meant)(const struct sip_usage *use,
			 const struct sip_event *ev);
	/* All other events. */
	void (*event)(struct sip_user *u, const struct sip_event *ev,
		      struct instant now);
	void (*on_time)(struct sip_user *u, struct instant now);
	mono (*deadline)(struct sip_user *u);
};

struct sip_users;

struct sip_user {
	struct list link;
	struct sip_users *all; /* NULL: not among them */
	const struct sip_user_ops *ops;
	uint32_t id;           /* read: user of its sip_request */
};

struct sip_users {
	struct sip_core *core;       /* read */
	struct sip_dialogs dialogs;
	struct list users;
	uint32_t last_id;
	struct slice agent;          /* Server of the responses written here;
				      * borrowed, or empty */
};

MUST_USE int sip_users_init(struct sip_users *all, struct mem *m,
			    struct sip_core *core); /* -ENOMEM */
void sip_users_fini(struct sip_users *all); /* zeroed: no effect */

/* ops lives as long as the user.  -ENOMEM. */
MUST_USE int sip_users_add(struct sip_users *all, struct sip_user *u,
			   const struct sip_user_ops *ops);
void sip_users_remove(struct sip_user *u); /* not added: no effect */

void sip_users_on_event(struct sip_users *all, const struct sip_event *ev,
			struct instant now);
void sip_users_on_time(struct sip_users *all, struct instant now);
mono sip_users_deadline(const struct sip_users *all);

/* What all of them take, for Accept and Supported. */
void sip_users_write_accept(const struct sip_users *all, struct writer *w);
void sip_users_write_supported(const struct sip_users *all, struct writer *w);
#endif
