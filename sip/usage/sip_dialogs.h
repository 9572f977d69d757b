/* SPDX-License-Identifier: BSD-2-Clause
 * sip/usage/sip_dialogs.h - the dialogs of a user agent, RFC 3261 section 12,
 * and the usages that share them, RFC 5057.
 *
 * An entry is one dialog, the flow that its requests go by, and the usages on
 * it: a call's INVITE usage, a subscription ...  It lives as long as one of
 * them is on it, so that a subscription outlives the BYE of its call.  The
 * numbers of all their requests are the dialog's, in one row, and so are the
 * requests: each has its turn (sip_exchange_begin_on).
 *
 * Ownership: the table is the caller's struct (sip_users.h has one); entries
 * are the table's, usages are parts of what their user keeps.  Threads: one.
 */
#ifndef SIP_DIALOGS_H
#define SIP_DIALOGS_H
#include "platform/htab.h"
#include "sip/core/sip_core.h"
#include "sip/usage/sip_dialog.h"

struct sip_exchange;
struct sip_user;
struct sip_usage;

struct sip_dialogs {
	struct mem *mem;
	struct sip_core *core;
	struct htab table;
};

struct sip_shared {
	struct htab_node node; /* by Call-ID, local tag and remote tag */
	struct sip_dialogs *all;
	struct sip_usage *usages;
	struct sip_exchange *turns; /* under way, in their order */
	struct sip_dialog d;
	uint32_t flow; /* connection that its last message came on; 0: none */
	bool ours;     /* its Call-ID is ours: we began it */
	bool far;      /* a proxy stands between: who a connection leads to
			* is not the peer */
};

struct sip_usage {
	struct sip_usage *next;
	struct sip_shared *on;
	struct sip_user *user;
	bool over; /* takes no more requests: for these it is not there */
};

MUST_USE int sip_dialogs_init(struct sip_dialogs *t, struct mem *m,
			      struct sip_core *core);
void sip_dialogs_fini(struct sip_dialogs *t); /* when no usage is left */

/* For a dialog that has been made, which it takes over, and its first usage.
 * NULL: no memory, and the dialog is ended. */
struct sip_shared *sip_dialogs_add(struct sip_dialogs *t, struct sip_dialog *d,
				  struct sip_usage *first,
				  struct sip_user *user);
/* As in sip_dialog_is; NULL: no such dialog. */
struct sip_shared *sip_dialogs_find(const struct sip_dialogs *t,
				   struct slice call_id,
				   struct slice local_tag,
				   struct slice remote_tag);

/* One more on it. */
void sip_usage_join(struct sip_usage *u, struct sip_shared *on,
		    struct sip_user *user);
/* The last one takes the entry with it; one that is on none: no effect. */
void sip_usage_leave(struct sip_usage *u);
/* Does it take requests still: has it a usage that is not over? */
bool sip_shared_is_alive(const struct sip_shared *e);
/* A message came on it: later requests may go the same way. */
void sip_shared_heard(struct sip_shared *e, const struct sip_path *path);
/* Where its next request goes: uri and flow of a sip_request are set. */
void sip_shared_direct(const struct sip_shared *e, struct sip_request *q);
#endif
