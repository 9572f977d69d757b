/* SPDX-License-Identifier: BSD-2-Clause
 * client/duty.h - what an account keeps up by itself: a registration, a
 * subscription, a publication.  An ENGINE's part.
 *
 * A duty is a const row of operations and a struct of its own that begins with
 * a struct duty: its state, and its last outcome.  Its requests are those of a
 * transaction user (sip_users.h) whose owner is the duty, so that its results
 * find it, and which keeps its own time.
 *
 *	add -> start .. outcomes, told in the order in which they came ..
 *	stop -> duty_over -> what is left is told -> free
 *
 * Removal of the account and shutdown of the agent stop all of an account's
 * duties; those that are not over in time go without their peer's word.
 *
 * Ownership: the account's, from duty_add until it is over and told, or the
 * account goes.
 */
#ifndef CLIENT_DUTY_H
#define CLIENT_DUTY_H
#include "platform/list.h"
#include "sip/usage/sip_users.h"

struct account;
struct agent;
struct agent_out;
struct duty;

struct duty_ops {
	size_t size; /* of its struct */
	/* It is not ended by the removal of its account, which is refused:
	 * whoever asked for it takes it back first. */
	bool holds;
	/* Begins, or begins anew.  On failure all is as before; *why,
	 * static. */
	int (*start)(struct duty *d, struct instant now, const char **why);
	/* To be ended: duty_over follows, at once or when the peer has
	 * answered, or could not.  Again: no effect. */
	void (*stop)(struct duty *d, struct instant now);
	/* The account's secret is another.  NULL: it asks each time. */
	void (*secret)(struct duty *d);
	/* So is where it goes, or what it asks for (sip.*).  NULL: it asks
	 * each time. */
	void (*changed)(struct duty *d, struct instant now);
	/* The network has changed, or time has passed unseen: what is kept up
	 * is asked for anew.  NULL: nothing is. */
	void (*renew)(struct duty *d, struct instant now);
	/* Between which addresses its last request went, of ours and theirs;
	 * false: none did, or nothing is kept up.  NULL: none does. */
	bool (*way)(const struct duty *d, struct addr *here,
		    struct addr *there);
	void (*on_result)(struct duty *d, const struct sip_result *result,
			  struct instant now);
	/* The i-th realm that took the account's secret, when who is where it
	 * did; empty: no more.  NULL: none. */
	struct slice (*realm)(const struct duty *d, const struct addr *who,
			      unsigned i);
	/* What is to be told, of kind, account and what they all have set
	 * already; false: no more.  Its slices live until the next call. */
	bool (*tell)(struct duty *d, struct agent_out *out);
	/* Its own part, whatever state it is in. */
	void (*fini)(struct duty *d);
};

struct duty {
	struct list link;    /* of the account's */
	struct list telling; /* of the agent's, in their order */
	const struct duty_ops *ops;
	struct agent *agent;
	struct account *account;
	bool ending;         /* asked to */
	bool over;           /* freed once it has no more to tell */
};

/* NULL: no memory. */
struct duty *duty_add(struct agent *a, struct account *acc,
		      const struct duty_ops *ops);
/* The first of that kind, also one that is over; NULL: none. */
struct duty *duty_find(const struct account *acc, const struct duty_ops *ops);
MUST_USE int duty_start(struct duty *d, struct instant now, const char **why);
void duty_stop(struct duty *d, struct instant now);

/* For duties: there is something to tell; it has ended. */
void duty_tells(struct duty *d);
void duty_over(struct duty *d);

/* The agent's: the outcome of whichever it is; the next that is told. */
void duty_on_result(const struct sip_result *result, struct instant now);
bool duty_poll(struct agent *a, struct agent_out *out);

/* The account's registration, while a binding of it is in place; NULL: none. */
struct sip_register;
const struct sip_register *duty_registered(const struct account *acc,
					   struct instant now);

/* All of an account. */
void duties_secret(struct account *acc);
void duties_changed(struct account *acc, struct instant now);
void duties_stop(struct account *acc, struct instant now);
/* The network has changed.  Those whose requests went from here, or with
 * family 0 all. */
void duties_renew(struct account *acc, const struct addr *here,
		  struct instant now);
bool duties_way(const struct account *acc, size_t i, struct addr *here,
		struct addr *there); /* of the i-th that has one */
void duties_free(struct account *acc); /* whatever state they are in */
bool duties_hold(const struct account *acc); /* it cannot be removed */
struct slice duties_realm(const struct account *acc, const struct addr *who,
			  unsigned i);

extern const struct duty_ops duty_register;
#endif
