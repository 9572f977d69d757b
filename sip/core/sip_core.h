/* SPDX-License-Identifier: BSD-2-Clause
 * sip/core/sip_core.h - transport layer, transaction layer and dispatch, RFC
 * 3261 sections 8, 9, 17 and 18, RFC 3581, RFC 4320, RFC 6026.
 *
 * An aggregate ENGINE: it is told datagrams, stream bytes, looked-up
 * addresses and the time, and after each of these sip_core_poll is called
 * until it says false, before the next input.  In between, transaction users
 * (registration, session, proxy ...) call sip_core_request, sip_core_respond
 * and their like, which append outputs.
 *
 * Transactions, flows and listening points are known by handles with a
 * generation, never 0; a stale handle finds nothing (-ENOENT).
 *
 * Ownership: sip_core_new .. sip_core_free; all slices given in are copied,
 * all handed out live as their comment says.  Threads: one at a time.
 * Limits: struct limits (transactions, flows, tcp_receive, tcp_send).
 */
#ifndef SIP_CORE_H
#define SIP_CORE_H
#include "platform/drbg.h"
#include "platform/limits.h"
#include "platform/mem.h"
#include "sip/core/sip_flow.h"
#include "sip/msg/sip_msg.h"
#include "sip/msg/sip_uri.h"

struct sip_core;

/* -ENOMEM.  seed: 32 random bytes. */
MUST_USE int sip_core_new(struct mem *m, const struct limits *limits,
			  const uint8_t seed[32], struct instant now,
			  struct sip_core **out);
void sip_core_free(struct sip_core *c); /* NULL is ignored */
/* The users above draw their tags and Call-IDs from it, too. */
struct drbg *sip_core_random(struct sip_core *c);
/* The users' one message to compose in, as its 5 kB have no place on a stack:
 * who begins it hands it to sip_core_request, sip_core_respond or their like
 * before it returns. */
struct sip_msg *sip_core_draft(struct sip_core *c);
/* And n octets, at most SIP_DRAFT_TEXT, for what its slices point to; likewise
 * for one at a time. */
enum { SIP_DRAFT_TEXT = 8192 };
struct writer sip_core_draft_text(struct sip_core *c, size_t n);

/* ------------------------------------------------------------- outputs */
enum sip_event_kind {
	/* Server side; txn is the server transaction. */
	SIP_EV_REQUEST,     /* msg: to be answered by sip_core_respond */
	SIP_EV_ACK,         /* msg: the ACK of a 2xx; txn: 0, or the INVITE's
			     * when an old client (RFC 2543) let it match */
	SIP_EV_CANCEL,      /* msg: the CANCEL, already answered 200; txn: the
			     * INVITE that it means: answer that one 487 */
	SIP_EV_NO_ACK,      /* over: a 300..699 was never acknowledged */
	SIP_EV_UNSENT,      /* over: the response could not be delivered */
	/* An INVITE that would have begun a call was refused here, and nobody
	 * else hears of it: status; msg, as far as it could be read; user 0:
	 * tell all.  Once for repeats within 64*T1, of the last 16.  Not told
	 * are 482, whose call is known by its first copy, and who has no
	 * From. */
	SIP_EV_REFUSED,
	/* Client side; txn is the client transaction, tag its user's. */
	/* A request begun without its message is to be written, for this path:
	 * remote is where it goes, local what a Contact shows (its address
	 * also for media), flow the listening point.  sip_core_compose brings
	 * it, now or within 128*T1.  Again when it failed there and its next
	 * hop is reached by another transport or from another address. */
	SIP_EV_COMPOSE,
	SIP_EV_RESPONSE,    /* msg; a 2xx to INVITE comes again when repeated */
	SIP_EV_TIMEOUT,     /* over: as if 408 had come (8.1.3.1) */
	SIP_EV_UNREACHABLE, /* over: as if 503 had come (8.1.3.1); reason */
	/* A connection ended, or a flow that was kept failed; path says
	 * which: of datagrams flow is the listening point.  user 0: tell
	 * all. */
	SIP_EV_FLOW_GONE,
};

struct sip_event {
	enum sip_event_kind kind;
	uint32_t user;             /* as in sip_core_match, sip_request */
	uint64_t txn;
	uint64_t tag;              /* as in sip_request, sip_core_set_tag */
	enum sip_method method;    /* of the transaction */
	const struct sip_msg *msg; /* the message in hand; NULL: none.  Until
				    * the next sip_core_poll.  The top Via of a
				    * request has received and rport set */
	const struct sip_uri *uri; /* a request's Request-URI, as long */
	struct slice from_tag, to_tag; /* of msg, and the number of its CSeq: */
	uint32_t cseq;             /* they need not be looked for again */
	unsigned status;           /* REFUSED */
	struct sip_path path;      /* of the message, or of the flow gone */
	const char *reason;        /* UNREACHABLE: static text, or NULL */
};

struct sip_locate {
	struct slice host; /* as in the URI, IPv6 with brackets */
	uint16_t port;     /* 0: none given */
	enum sip_transport transport; /* ANY: none given */
	bool secure;       /* sips: secure transports only */
	bool route;        /* it matters which address of ours each hop is
			    * reached from: local of sip_hop is wanted */
};

struct sip_out {
	enum sip_out_kind { SIP_OUT_DATAGRAM, SIP_OUT_STREAM, SIP_OUT_CONNECT,
			    SIP_OUT_CLOSE, SIP_OUT_LOCATE, SIP_OUT_EVENT } kind;
	uint32_t flow;      /* DATAGRAM: the listening point; STREAM, CONNECT,
			     * CLOSE: the connection */
	struct slice bytes; /* DATAGRAM, STREAM */
	struct sip_path path;         /* DATAGRAM, STREAM, CONNECT, CLOSE */
	bool reset;         /* CLOSE: nothing of ours is under way, RST */
	uint64_t lookup;              /* LOCATE: see sip_core_on_located */
	const struct sip_locate *locate;
	const struct sip_event *event;
};

/* False: empty.  All that it hands out is valid until the next call of it. */
bool sip_core_poll(struct sip_core *c, struct sip_out *out);

/* -------------------------------------------------------------- inputs */
/* One datagram that came in at a listening point.  bytes must stay until
 * sip_core_poll has said false. */
void sip_core_on_datagram(struct sip_core *c, uint32_t point,
			  const struct addr *local, const struct addr *remote,
			  struct slice bytes, struct instant now);
/* ICMP says that nothing listens there: what waits for it fails (18.4).  err:
 * errno > 0, or 0; it becomes the reason. */
void sip_core_on_datagram_error(struct sip_core *c, uint32_t point,
				const struct addr *remote, int err,
				struct instant now);
/* The system has no way to it for what it was just given: that fails, unless it
 * went out before, and this is a repeat.  Then it is as if lost on the way, for
 * networks come back. */
void sip_core_on_unsent(struct sip_core *c, uint32_t point,
			const struct addr *remote, int err,
			struct instant now);
/* Connections accepted from one source (addr_source) at a time; 0: half of what
 * all of them may have. */
void sip_core_limit_source(struct sip_core *c, uint32_t flows);
/* A connection was accepted at a listening point.  -EMFILE: the limit of
 * flows or that of its source is reached, reset it. */
MUST_USE int sip_core_on_accept(struct sip_core *c, uint32_t point,
				const struct addr *local,
				const struct addr *remote, struct instant now,
				uint32_t *flow);
/* What SIP_OUT_CONNECT asked for is there. */
void sip_core_on_open(struct sip_core *c, uint32_t flow,
		      const struct addr *local, struct instant now);
/* The same goes for these bytes. */
void sip_core_on_stream(struct sip_core *c, uint32_t flow, struct slice bytes,
			struct instant now);
/* The connection is gone, or could not be made; no SIP_OUT_CLOSE follows.
 * Also for a STREAM output that could not be taken whole.  err as above. */
void sip_core_on_closed(struct sip_core *c, uint32_t flow, int err,
			struct instant now);
/* The same, with the reason in words: copied. */
void sip_core_on_refused(struct sip_core *c, uint32_t flow, const char *reason,
			 struct instant now);
/* The answer to LOCATE, best first, at once or later; n 0: nothing was found.
 * The first SIP_HOPS are taken, copied.  reason is static text for the user, or
 * NULL. */
enum { SIP_HOPS = 8 };
void sip_core_on_located(struct sip_core *c, uint64_t lookup,
			 const struct sip_hop *hop, size_t n,
			 const char *reason, struct instant now);
void sip_core_on_time(struct sip_core *c, struct instant now);
mono sip_core_deadline(const struct sip_core *c);

/* ---------------------------------------------------- listening points */
/* bound: where the socket is; shown: address and port for Via and Contact (the
 * same, unless bound is the any-address or a NAT stands in front).  A
 * transport can be used for sending only when it has a point of the family. */
MUST_USE int sip_core_add_local(struct sip_core *c, enum sip_transport t,
				const struct addr *bound,
				const struct addr *shown, uint32_t *point);
void sip_core_set_shown(struct sip_core *c, uint32_t point,
			const struct addr *shown);
void sip_core_remove_local(struct sip_core *c, uint32_t point);
/* The name that a path's number stands for: of a connection, to verify its peer
 * by.  Until the next sip_core_poll; empty: none. */
struct slice sip_core_name(const struct sip_core *c,
			   const struct sip_path *path);
/* What is shown is a guess: the point is bound to the any-address. */
void sip_core_guess_shown(struct sip_core *c, uint32_t point);
/* The guess; family 0: it is none, or no such point. */
struct addr sip_core_shown_of(const struct sip_core *c, uint32_t point);
/* What to show to those whose messages come in at local: a guess yields. */
struct addr sip_core_shown_at(const struct sip_core *c, enum sip_transport t,
			      const struct addr *local);
/* The address to show for a transport towards a family (4, 6, 0: either): for
 * a Contact.  NULL: no such point. */
const struct addr *sip_core_shown(const struct sip_core *c,
				  enum sip_transport t, uint8_t family);

/* ------------------------------------------------------------ dispatch */
/* A row of the table by which new requests find their transaction user; the
 * first that matches, in the order added, gets it.  No row for the URI: 404;
 * none for the method: 405 with Allow, or 501 when nobody knows it.  CANCEL
 * and the ACK of a 3xx..6xx never come here. */
struct sip_match {
	uint32_t user;       /* not 0: comes back in the events */
	uint32_t methods;    /* SIP_METHOD_BIT of each; OTHER: unknown ones */
	struct slice name;   /* user part of the Request-URI; empty: any */
	struct slice host;   /* its host; empty: any */
	bool proxy;          /* forwards: no 482 for merged requests.  With any
			      * such row Max-Forwards 0 is refused (16.3), and
			      * responses may have several Vias */
};
#define SIP_METHOD_BIT(m) (1u << (m))

MUST_USE int sip_core_add_match(struct sip_core *c,
				const struct sip_match *row);
void sip_core_remove_user(struct sip_core *c, uint32_t user); /* its rows */
/* What the rows of a user (0: of all) take, as the value of an Allow. */
void sip_core_write_allow(const struct sip_core *c, uint32_t user,
			  struct writer *w);

/* --------------------------------------------------------- client side */
/* Where a request goes: to where like went, if that is still found, and then
 * to where that could have gone on to; else to flow if that is alive; else to
 * hop if it has an address; else to uri when not empty (that of the route
 * set's first element: sip_dialog_hop); else as far as the message tells: to
 * the top Route if that is a loose router, or the Request-URI.  Where a strict
 * router is before a loose one it does not tell, and uri must (8.1.2,
 * 12.2.1.1). */
struct sip_request {
	const struct sip_msg *msg; /* no Via (the core's goes on top of any that
				    * a proxy forwards); Content-Length is
				    * written by the core.  NULL: to be written
				    * for each path by its own (COMPOSE); uri
				    * says then where to */
	enum sip_method method; /* without msg */
	uint32_t user;
	uint64_t tag;
	uint32_t flow;      /* a connection, or with hop a listening point */
	uint64_t like;      /* a client transaction, or 0: the one that this
			     * request repeats with credentials */
	uint32_t identity;  /* secure transports */
	struct sip_hop hop; /* transport with address; for a secure one its
			     * name, too */
	struct slice uri;   /* whose domain is the name to verify */
	enum sip_transport transport; /* wanted where uri says none */
};

/* Starts a client transaction (INVITE or other); its outcome always comes by
 * an event.  -EINVAL (no usable URI), -EADDRNOTAVAIL (a transport
 * that is none of ours), -ENOMEM, -EAGAIN (limit reached), -E2BIG. */
MUST_USE int sip_core_request(struct sip_core *c, const struct sip_request *r,
			      struct instant now, uint64_t *txn);
/* COMPOSE once more, for one that could not be written when it came; with no
 * effect on others, and none without memory: it is over by itself then. */
void sip_core_ask_again(struct sip_core *c, uint64_t txn);
/* What COMPOSE asked for; the same errors, after which it is still asked for.
 * -ENOENT: it is not.  Over as it is sent, or could not be: by an event. */
MUST_USE int sip_core_compose(struct sip_core *c, uint64_t txn,
			      const struct sip_msg *msg, struct instant now);
/* Sends the ACK of a 2xx (13.2.2.4): no transaction, no event; call it again
 * for each repeated 2xx.  user and tag are not looked at. */
MUST_USE int sip_core_ack(struct sip_core *c, const struct sip_request *r,
			  struct instant now);
/* How long an address may be silent while the request has another one to go to
 * (RFC 3263 4.3; where a connection is made, 250 ms at most until the next is
 * tried beside it, RFC 8305 5); MONO_NEVER, as at first: until timer B or F.
 * An INVITE that is left behind so lives on: it is cancelled when its 1xx
 * comes, and its user is told of a 2xx alone, which is of a transaction not
 * known to it: to be acknowledged and ended (RFC 3261 13.2.2.4). */
void sip_core_set_target_timeout(struct sip_core *c, mono t);
/* Was it left behind somewhere?  While its last event is in hand. */
bool sip_core_leaves(const struct sip_core *c, uint64_t txn);
/* Cancels a pending INVITE: at once, or after the first 1xx (9.1).  extra may
 * be NULL: fields to add (Reason).  The final response, 487 as a rule, comes
 * as an event; SIP_EV_TIMEOUT when none does in 64*T1.  -EALREADY: a final
 * response is there already, or a CANCEL under way. */
MUST_USE int sip_core_cancel(struct sip_core *c, uint64_t txn,
			     const struct sip_msg *extra, struct instant now);
/* The request that a client transaction sent, without our Via: to send it
 * anew with credentials, say.  Valid until the next call of the core; while a
 * SIP_EV_RESPONSE, TIMEOUT or UNREACHABLE is in hand its transaction is still
 * found.  NULL: none, or an INVITE that was answered 2xx. */
const struct sip_msg *sip_core_sent(struct sip_core *c, uint64_t txn);

/* --------------------------------------------------------- server side */
/* Answers.  msg: status, reason (empty: the usual one), fields to add, body.
 * The core puts in front Via, From, To, Call-ID and CSeq of the request (with
 * to_tag in To, when the request had none), Record-Route in 101..299, and
 * Timestamp in a 100; it writes a To tag of its own when to_tag is empty.
 * When msg has a Via it is sent as it is (a proxy's).  After a 2xx to INVITE
 * sip_core_respond_again repeats it (13.3.1.4) until 64*T1 are over; 1xx are
 * repeated the same way.  -ENOENT: over; -EALREADY: has a final response;
 * -ENOMEM, -E2BIG.  RFC 4320: too late a response is not sent (returns 0). */
MUST_USE int sip_core_respond(struct sip_core *c, uint64_t txn,
			      const struct sip_msg *msg, struct slice to_tag,
			      struct instant now);
MUST_USE int sip_core_respond_again(struct sip_core *c, uint64_t txn,
				    struct instant now);
/* The same for the request of the SIP_EV_REQUEST in hand, and its transaction
 * is forgotten: a repeated request is a new one. */
MUST_USE int sip_core_respond_stateless(struct sip_core *c,
					const struct sip_event *ev,
					const struct sip_msg *msg,
					struct instant now);
/* tag comes back in CANCEL, NO_ACK and UNSENT. */
MUST_USE int sip_core_set_tag(struct sip_core *c, uint64_t txn, uint64_t tag);
/* Whose request it is, when a row of the table above did not tell all; a stale
 * handle: no effect. */
void sip_core_set_user(struct sip_core *c, uint64_t txn, uint32_t user);

/* ---------------------------------------------------------- both sides */
/* The user goes away: no more events of this transaction.  A server
 * transaction without final response is answered 500, a client's INVITE is
 * cancelled (and a 2xx to it left alone). */
void sip_core_forget(struct sip_core *c, uint64_t txn, struct instant now);
/* Likewise of a client's INVITE whose answer cannot come any more, as our
 * address is another: it is cancelled at once, whatever was heard of it, and
 * not sent again. */
void sip_core_abandon(struct sip_core *c, uint64_t txn, struct instant now);
/* The flow of a message, as in sip_event, as long as it lives; to send on it
 * again.  False: gone. */
bool sip_core_flow(const struct sip_core *c, uint32_t flow,
		   struct sip_path *out);
/* Keeps the flow of a message open, and finds out when it breaks (RFC 5626
 * 4.4): a ping of CRLFs on a connection, a STUN Binding request from a
 * listening point; two of them at most so many seconds apart (0: 120, or 29),
 * and at least four fifths of that.  answers: the peer has promised to; who has
 * not gets no STUN, and its silence means nothing until it has answered a ping
 * once.  A flow that fails is told by SIP_EV_FLOW_GONE, to all: a connection
 * after it was closed.  Who wants the same flow kept shares it.  -ENOMEM.
 * unkeep: 0 and stale handles have no effect. */
MUST_USE int sip_core_keep(struct sip_core *c, const struct sip_path *path,
			   uint32_t most, bool answers, struct instant now,
			   uint64_t *keep);
void sip_core_unkeep(struct sip_core *c, uint64_t keep);
/* CRLF keep-alive (RFC 5626 3.5.1) along a path. */
MUST_USE int sip_core_keepalive(struct sip_core *c, const struct sip_path *p,
				struct instant now);

/* Calls that were answered 300..699 over UDP and whose ACK is still awaited:
 * who leaves now cannot repeat the answer (17.2.1). */
size_t sip_core_unacknowledged(const struct sip_core *c);

struct sip_core_stats {
	uint32_t clients, servers, flows; /* now */
	size_t held; /* octets: server transactions, messages not whole yet */
	uint64_t received, sent;          /* messages, repeats included */
	uint64_t repeats_in, repeats_out;
	uint64_t malformed, unmatched, refused; /* dropped, stray, 503 */
};
const struct sip_core_stats *sip_core_stats(const struct sip_core *c);
#endif
