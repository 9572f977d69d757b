/* SPDX-License-Identifier: BSD-2-Clause
 * client/redirect.h - where a call goes that was redirected, RFC 3261 8.1.3.4
 * and 19.1.5: the Contacts of 3xx in the order of their q, each URI once.  An
 * ENGINE's part.
 */
#ifndef CLIENT_REDIRECT_H
#define CLIENT_REDIRECT_H
#include "client/said.h"
#include "sip/hdr/sip_name_addr.h"

struct redirect_contact {
	struct slice uri;   /* of said; it parses */
	unsigned q;         /* thousandths; 1000 where it does not say */
	bool has_expires;
	uint32_t expires;   /* seconds */
};

/* Of what a response said: the highest q first, equal ones as they came; how
 * many.  "*" and what is malformed is left out, and all behind the first
 * LIMIT_SIP_CONTACTS.  NULL: none. */
size_t redirect_contacts(const struct said *said,
			 struct redirect_contact out[LIMIT_SIP_CONTACTS]);
/* Does such a status name other URIs of whom is called?  Not 305, which names a
 * proxy (21.3.4), nor 380, where the body says what they are (21.3.5). */
bool redirect_names(unsigned status);

struct redirect { /* private; zeroed is empty */
	struct redirect_target *first; /* the best first */
	char *to;       /* who was called at first, as To says; NULL: the one
			 * that is called now */
	unsigned tries; /* so many of them */
};

/* What was said when peer was called.  From a sips: URI it goes to none that is
 * not (8.1.3.4, 26.2.2), and to other schemes never.  -ENOMEM: some may be
 * missing. */
MUST_USE int redirect_take(struct redirect *r, struct mem *m,
			   struct slice peer, const struct said *said);
/* The next to call, which counts as called; NULL: none is left, or it would be
 * more than most.  Valid until redirect_fini. */
const char *redirect_next(struct redirect *r, unsigned most);
void redirect_fini(struct redirect *r, struct mem *m);
#endif
