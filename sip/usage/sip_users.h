/* SPDX-License-Identifier: BSD-2-Clause
 * sip/usage/sip_users.h - a core and its transaction users behind one poll and
 * one deadline: who gets which of its events, and what they have to tell.
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
 * Use: after each input of the core, each action of a user and the time,
 * sip_users_poll until it says false.  Datagrams and the like come out as of
 * sip_core_poll; its events go to their users, and what these make of them for
 * whoever is above comes out as a result, before the core's next output.  Whose
 * result it is the user's kind says: sip_session_result, sip_register_result
 * ... are NULL for all others.
 *
 * Ownership: the caller's struct, which must not be moved; users are removed
 * before sip_users_fini.  Threads: one at a time.
 */
#ifndef SIP_USERS_H
#define SIP_USERS_H
#include "platform/list.h"
#include "platform/wheel.h"
#include "sip/core/sip_slots.h"
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
	/* The time of sip_user_wake has come.  May be NULL for who asks for
	 * none. */
	void (*on_time)(struct sip_user *u, struct instant now);
	/* After sip_user_tells: the next thing to tell, valid until the next
	 * call; NULL: no more.  May be NULL for who tells nothing. */
	const void *(*poll)(struct sip_user *u, struct instant now);
};

struct sip_users;

struct sip_user {
	struct list link;      /* of those that take requests */
	struct list telling;
	struct wheel_timer timer;
	struct sip_users *all; /* NULL: not among them */
	const struct sip_user_ops *ops;
	void *owner;           /* whose it is: theirs who made it */
	uint32_t id;           /* read: user of its sip_request */
};

/* What a user has to tell. */
struct sip_result {
	struct sip_user *user;
	const void *event; /* of the user's kind */
};

struct sip_users {
	struct sip_core *core;       /* read */
	struct sip_dialogs dialogs;
	struct sip_slots slots;      /* all, by id */
	struct list takers;          /* those that requests are matched with */
	struct list telling;
	struct wheel wheel;
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

/* One output: a result, or of the core. */
struct sip_users_out {
	bool is_result;
	struct sip_result result;
	/* EVENT: of none of these users, or for all: they have had it. */
	struct sip_out core;
};

/* False: empty.  What it hands out is valid until the next call of it. */
bool sip_users_poll(struct sip_users *all, struct sip_users_out *out,
		    struct instant now);
/* One event of the core, which poll hands them by itself: for tests. */
void sip_users_on_event(struct sip_users *all, const struct sip_event *ev,
			struct instant now);
void sip_users_on_time(struct sip_users *all, struct instant now);
/* Of the core and all users. */
mono sip_users_deadline(const struct sip_users *all);

/* ------------------------------------------------------- for users only */
/* on_time is wanted then, once; MONO_NEVER: not any more. */
void sip_user_wake(struct sip_user *u, mono at);
mono sip_user_wakes(const struct sip_user *u); /* when */
/* It has something to tell. */
void sip_user_tells(struct sip_user *u);

/* What all of them take, for Accept and Supported. */
void sip_users_write_accept(const struct sip_users *all, struct writer *w);
void sip_users_write_supported(const struct sip_users *all, struct writer *w);
#endif
