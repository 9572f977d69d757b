/* SPDX-License-Identifier: BSD-2-Clause
 * sip/usage/sip_register.h - one registration: RFC 3261 section 10, with
 * what came after it: flows (RFC 5626), GRUUs (RFC 5627), Path (RFC 3327) and
 * Service-Route (RFC 3608); retried after RFC 5626 4.5.
 *
 * An ENGINE on sip_core.h, one of the users of sip_users.h.  It keeps its
 * contacts bound: refreshes before they expire, follows 423, answers
 * challenges, waits as Retry-After says or with growing, random delays, and
 * registers anew when its connection is lost.  A flow (RFC 5626), and the way
 * through a NAT, it keeps open, and notices when it breaks: registered anew
 * at once then.
 *
 * Behind a NAT, unless the registrar keeps the flow itself (RFC 5626), its
 * contact is what the registrar saw (received and rport of the 2xx's Via): it
 * is bound anew with that at once, the one before unbound in the same request;
 * what changes then changes with the next refresh, so that a NAT of an ill kind
 * makes no storm.
 * Call-ID stays the same and CSeq rises for all its life.
 *
 * Use: its users hand it events and the time; what comes of these and of each
 * action is a result of theirs.
 *
 * Ownership: the caller's struct, which must not be moved; sip_register_fini
 * ends it without a word.  Strings of the configuration are copied, but the
 * secrets are borrowed and must outlive it.  Threads: one at a time.
 */
#ifndef SIP_REGISTER_H
#define SIP_REGISTER_H
#include "sip/usage/sip_exchange.h"
#include "sip/usage/sip_users.h"

struct sip_register_config {
	struct slice registrar;  /* Request-URI: "sip:example.com" */
	struct slice aor;        /* To and From, name-addr or URI */
	struct slice contacts;   /* Contact values, comma between them */
	bool here;               /* they are one, and not given but written:
				  * user (it may be empty) at the address that
				  * the request is shown to come from */
	struct slice user;
	struct slice instance;   /* of this device: a URN, "urn:uuid:..."; or
				  * empty: neither flows nor GRUUs */
	uint32_t reg_id;         /* with here: which of its flows (RFC 5626
				  * 4.2); 0: it is none */
	bool gruu;               /* GRUUs are wanted */
	bool nat;                /* with here: the contact is what is seen */
	unsigned redirects;      /* 3xx in a row that are followed */
	struct slice routes;     /* preloaded Route values (an outbound proxy,
				  * 8.1.1.1), or empty */
	enum sip_transport transport; /* wanted where no URI says */
	uint32_t identity;     /* as in sip_request */
	struct slice agent;      /* User-Agent, or empty */
	uint32_t expires;        /* seconds to ask for; 0: 3600 */
	struct slice call_id;    /* of a former life, or empty: random */
	uint32_t seq;            /* its last CSeq */
	const struct sip_secret *secret;
	size_t secrets;
};

enum sip_register_event_kind {
	SIP_REGISTER_OK,     /* bound until expires; msg: the 200 with all
			      * bindings.  Told at each refresh */
	SIP_REGISTER_GONE,   /* unbound as asked; or nothing was bound */
	SIP_REGISTER_FAILED  /* status, reason; retry: when it tries again */
};

struct sip_register_event {
	enum sip_register_event_kind kind;
	unsigned status;           /* 408 and 503 for timeout, no route */
	struct slice reason;       /* never empty */
	uint32_t expires;          /* seconds granted, of OK */
	uint32_t retry;            /* seconds until then; 0: not by itself */
	const struct sip_msg *msg; /* the response, or NULL */
	struct sip_path path;      /* of msg */
	bool no_qop;               /* a challenge without qop was answered */
};

/* What a 2xx said, until the next one, or the binding's end. */
enum sip_register_kept {
	SIP_REGISTER_SERVICE_ROUTE, /* Route values, with commas */
	SIP_REGISTER_PATH,          /* likewise */
	SIP_REGISTER_PUB_GRUU,      /* URIs */
	SIP_REGISTER_TEMP_GRUU,
	SIP_REGISTER_KEPT
};

struct sip_register { /* private */
	struct sip_user tu;
	struct mem *mem;
	struct sip_core *core;
	struct sip_register_config c;  /* its slices: into text */
	char *text;
	struct sip_dialog d;
	struct sip_digest digest;
	char *gone;              /* contacts to be unbound with the next one */
	size_t gone_n;
	char *kept;              /* of the last 2xx, end to end: */
	uint16_t kept_end[SIP_REGISTER_KEPT];
	struct addr seen, behind; /* where we are seen, family 0: as we are;
				   * our address then, */
	enum sip_transport via;  /* ... and by what */
	bool plain;              /* 439: the way there knows no flows */
	bool agreed;             /* they are flows */
	bool moved;              /* bound anew since it was seen elsewhere */
	uint32_t flow_timer;
	unsigned redirected;     /* in a row */
	enum { SIP_REGISTER_IDLE, SIP_REGISTER_SENT, SIP_REGISTER_BOUND,
	       SIP_REGISTER_WAITING } state;
	enum { SIP_REGISTER_BIND, SIP_REGISTER_UNBIND,
	       SIP_REGISTER_CLEAR } wanted, asked;
	bool doubt;              /* contacts may be bound: nobody said */
	bool again;              /* wanted changed while one was under way */
	uint32_t expires;        /* to ask for: 423 may have raised it, */
	bool raised;             /* and has, since the last outcome */
	unsigned failures;       /* in a row */
	struct sip_exchange x;
	uint32_t flow;           /* connection of the last response */
	uint64_t keep;           /* sip_core_keep, of: */
	uint32_t kept_flow;      /* ... that flow, to peer */
	struct addr peer;        /* who sent the last 2xx */
	struct addr here, there; /* between which the last request went */
	struct instant now;      /* of the last request */
	mono until;              /* when the bindings are gone */
	bool told;               /* event is to be told, */
	struct sip_register_event event, out; /* and was */
};

/* Adds itself to users.  -EINVAL: a URI or header is malformed; -ENOMEM. */
MUST_USE int sip_register_init(struct sip_register *r, struct mem *m,
			       struct sip_users *users,
			       const struct sip_register_config *config);
void sip_register_fini(struct sip_register *r); /* a zeroed one: no effect */

/* Other credentials, borrowed like those of the configuration. */
void sip_register_set_secrets(struct sip_register *r,
			      const struct sip_secret *secret, size_t n);

/* The actions; their outcome is always told. */
void sip_register_start(struct sip_register *r, struct instant now);
/* Unbinds our contacts; all at once with CLEAR: whoever bound them (10.2.2,
 * "Contact: *"). */
void sip_register_stop(struct sip_register *r, struct instant now);
void sip_register_clear(struct sip_register *r, struct instant now);
/* Our address has changed: the old contacts are unbound in the same request
 * that binds the new ones.  -EINVAL, -ENOMEM. */
MUST_USE int sip_register_set_contacts(struct sip_register *r,
				       struct slice contacts,
				       struct instant now);

/* The network has changed, or time has passed unseen: what is kept up is
 * bound anew now, one that is under way included, as its answer may not find
 * us.  With .here its contact is written for the way that there is now; the old
 * one is unbound by the same request.  Nothing is kept up: no effect. */
void sip_register_renew(struct sip_register *r, struct instant now);

/* What a result tells, of the registration with that user; NULL: it is none of
 * a registration's. */
const struct sip_register_event *sip_register_result(
					const struct sip_result *result);

/* Who sent the last 2xx: the registrar, or the proxy before it; family 0:
 * nobody yet. */
static inline struct addr sip_register_peer(const struct sip_register *r)
{
	return r->peer;
}

/* The i-th realm where our credentials were accepted (the registrar's, proxies'
 * on the way); empty: no more.  Dies with the next input. */
static inline struct slice sip_register_realm(const struct sip_register *r,
					      unsigned i)
{
	return sip_digest_accepted(&r->digest, i);
}

/* Empty: it has said none, or it lasts no more.  Dies with the next input. */
struct slice sip_register_kept(const struct sip_register *r,
			       enum sip_register_kept what,
			       struct instant now);
/* Where we are seen, when we are at that address of ours and a NAT stands
 * before it; else shown as it is. */
struct addr sip_register_shown(const struct sip_register *r,
			       const struct addr *shown,
			       enum sip_transport t);

/* Does the registrar, or the proxy before it, keep the way to us as a flow? */
static inline bool sip_register_is_flow(const struct sip_register *r)
{
	return r->agreed;
}

/* Is a binding of ours in place, as far as we know? */
static inline bool sip_register_is_bound(const struct sip_register *r,
					 struct instant now)
{
	return r->until > now.m;
}
#endif
