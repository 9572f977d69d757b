/* SPDX-License-Identifier: BSD-2-Clause
 * sip/core/sip_priv.h - what the files of the core share; for this folder only.
 *
 *	sip_core.c            life, poll, time, dispatch
 *	sip_core_out.c        the queue of outputs and its room
 *	sip_core_transport.c  points, connections, streams, sending
 *	sip_core_in.c         a message comes in: checks, Via, which transaction
 *	sip_core_uac.c        client transactions: send, failover, CANCEL
 *	sip_core_target.c     requests, and where they go
 *	sip_core_keep.c       flows that are kept open
 *	sip_core_uas.c        server transactions: matching, sending
 *	sip_core_response.c   responses made from their requests
 *	sip_key.c             what transactions are known by
 *
 * An input makes at most RESERVE outputs by itself; what makes more (a broken
 * connection with many transactions on it, a chunk with many messages) is
 * taken piece by piece from sip_core_poll.
 */
#ifndef SIP_PRIV_H
#define SIP_PRIV_H
#include "platform/htab.h"
#include "platform/list.h"
#include "platform/wheel.h"
#include "sip/core/sip_core.h"
#include "sip/core/sip_ict.h"
#include "sip/core/sip_ist.h"
#include "sip/core/sip_nict.h"
#include "sip/core/sip_whom.h"
#include "sip/core/sip_nist.h"
#include "sip/core/sip_reason.h"
#include "sip/core/sip_slots.h"
#include "sip/hdr/sip_cseq.h"
#include "sip/hdr/sip_via.h"
#include "sip/msg/sip_uri.h"

enum {
	SIP_RESERVE = 8,    /* outputs of one input */
	SIP_BRANCH = 23,    /* z9hG4bK and 80 random bits */
	SIP_SIZE_UDP = 1300 /* 18.1.1: more goes by TCP */
};

/* First in everything that stands in the wheel. */
struct sip_timed {
	struct wheel_timer timer;
	enum { SIP_TIMED_CLIENT, SIP_TIMED_SERVER, SIP_TIMED_FLOW,
	       SIP_TIMED_KEEP } what;
};

/* One that connects to us: addr_source, with as many connections. */
struct sip_source {
	struct htab_node node;
	struct addr who;
	uint32_t flows;
};

/* A listening point, or a connection. */
struct sip_flow {
	struct sip_timed timed;
	enum { SIP_FLOW_POINT, SIP_FLOW_CONNECTING, SIP_FLOW_OPEN } state;
	bool heard;            /* a whole message or a ping came in */
	bool accepted;         /* the peer connected */
	struct sip_path path;  /* flow: its own handle */
	struct addr shown;     /* point: for Via and Contact */
	bool guessed;          /* shown is one of many */
	bool reset;            /* ends so: nothing of ours is on it */
	char sent_by[ADDR_TEXT];
	struct sip_source *source; /* accepted: who connected */
	struct htab_node node; /* connection: stream_hash */
	struct list link;      /* core.points, .uses or .opened */
	struct list clients;   /* requests that went on it */
	struct list waiting;   /* those that wait for it to open, */
	struct list servers;   /* and the responses */
	int err;               /* errno that it ended with, if any */
	const char *words;     /* ... or what is said of it; else NULL */
	mono came;             /* when bytes did, the last */
	bool pinged;           /* and no pong since */
	mono last, begun;      /* last use; when what is in buf began */
	char *buf;             /* the start of a message; need: its length, */
	size_t n, cap, need;   /* 0 when not known */
};

/* A flow that somebody wants to be kept open. */
struct sip_keep {
	struct sip_timed timed;
	struct htab_node node;  /* by flow and remote address */
	uint64_t handle;
	uint32_t uses;
	uint32_t most;          /* seconds from one to the next */
	bool answers;           /* it has promised to */
	unsigned tries;         /* of the one under way; 0: none */
	mono sent;              /* a ping */
	uint8_t id[12];         /* STUN transaction */
	struct addr mapped;     /* where we are seen; family 0: not yet */
	struct sip_path path;
};

/* A hop as a request keeps it: its name is the request's. */
struct sip_way {
	enum sip_transport transport;
	uint32_t name;
	uint32_t flow; /* the connection there that it waits for, or raced */
	struct addr addr, local;
};

/* Who has failed is tried last for a while: half a minute, in which a request
 * that waits for it would be given up anyway, or what its 503 says (21.5.4), an
 * hour at most.  The oldest of so many is forgotten first. */
enum { SIP_SHUNNED = 16 };
#define SIP_SHUN SEC(30)
#define SIP_SHUN_MOST SEC(3600)
struct sip_shunned {
	struct addr addr;
	enum sip_transport transport;
	mono until;
};

struct sip_client {
	struct sip_timed timed;
	enum { SIP_CLIENT_HELD, SIP_CLIENT_LOCATING, SIP_CLIENT_COMPOSING,
	       SIP_CLIENT_CONNECTING,
	       SIP_CLIENT_RUNNING, SIP_CLIENT_ENDED } state;
	enum sip_method method;
	bool ack;        /* of a 2xx: sent once, no response */
	bool left;       /* its user goes on at another address */
	bool leaves;     /* there is such a one of it */
	bool composes;   /* its text is written for each path anew */
	bool by_size;    /* TCP because of 18.1.1: UDP may be tried */
	bool reused;     /* on a connection that was open before */
	bool answered;   /* a response came from the present hop, */
	bool answered_before; /* and one before the one in hand */
	bool final;      /* its last event is told */
	bool internal;   /* a CANCEL of ours */
	bool hashed;     /* in core.clients */
	bool cancelled;  /* sip_core_cancel was called */
	bool repeated;   /* it was sent more than once where it goes now */
	uint32_t user;   /* 0: nobody listens any more */
	uint32_t point;  /* wanted, 0: any */
	uint32_t from;   /* the point whose Via it has, */
	struct addr via; /* ... and what that shows: copies are the same, also
			  * when the point shows something else by then */
	uint32_t written_for; /* the point that text was composed for, */
	struct addr shows;    /* ... and the address that it shows */
	uint32_t identity, name;
	uint64_t handle, tag;
	uint64_t cancel; /* the CANCEL's transaction, held or running */
	struct htab_node node;
	struct list link; /* flow.clients, .waiting, core.failed or
			   * .ended_clients */
	struct sip_path path;
	union {
		struct sip_ict ict;
		struct sip_nict nict;
	} m;
	char branch[SIP_BRANCH + 1];
	/* The request without our Via, which goes in at line; ack_text: of a
	 * 300..699, complete. */
	char *text, *ack_text;
	size_t n, line, ack_n;
	struct sip_way hop, *hops; /* hops: all, when a lookup gave several */
	unsigned hop_n, hop_at;
	unsigned hop_most; /* tried up to this one; hop_at may be before it,
			    * when that connection came after all */
	struct list race;  /* core.racing */
	mono patience;   /* with the present one, while another is left */
	const char *reason;
};

struct sip_server {
	struct sip_timed timed;
	enum sip_method method;
	bool ended, merging, cancelled;
	bool to_tagged;      /* the request's To has a tag */
	bool unsent;         /* that was told */
	bool done;           /* ends when its response has gone out */
	uint16_t status;     /* last sent; 0: none */
	uint32_t user;
	uint64_t handle, tag;
	struct htab_node node, merge;
	struct list link;    /* flow.servers, core.unsent, .ended_servers */
	struct sip_path path;
	struct addr back;    /* streams: where a new connection would go */
	union {
		struct sip_ist ist;
		struct sip_nist nist;
	} m;
	char *head, *text;   /* what a response copies; the last response */
	size_t head_n, n;
	size_t key_n, merge_n;
	char key[];          /* key, merge: sip_key_pack */
};

/* The message in hand. */
struct sip_in {
	struct sip_path path;
	struct sip_path back;     /* where a response goes (18.2.2) */
	struct addr reopen;       /* streams: when that is gone */
	struct sip_via via;
	struct sip_cseq cseq;
	struct sip_uri uri;       /* of a request */
	enum sip_method method;   /* of CSeq */
	struct slice call_id, from_tag, to_tag;
	bool to_ok;               /* To is well formed: a tag may be added */
	uint64_t hash;            /* of its server transaction's key; 0: none */
	uint64_t server;          /* its transaction, once there is one */
	bool live;                /* msg may be read */
};

struct sip_entry {
	struct sip_out out;
	struct sip_event event;
	struct sip_locate where;
};

struct sip_chunk;

enum { SIP_WORDS = 320 }; /* octets of a reason in words */

struct sip_core {
	struct mem *mem;
	struct limits limits;
	struct instant now;
	struct drbg random;
	struct wheel wheel;
	struct sip_slots txns, flows, keeps;
	struct htab clients, servers, merges, streams, sources, kept;
	struct sip_whom names;
	uint32_t source_max;          /* flows of one; 0: half of all */
	mono target_timeout;
	struct list points, uses;     /* uses: connections, oldest use first */
	struct list opened;           /* connections that something awaited */
	struct sip_shunned shunned[SIP_SHUNNED];
	unsigned shunned_n;
	struct list racing; /* clients with several connections being made */
	struct list failed, unsent;   /* clients, servers whose path broke */
	struct list ended_clients, ended_servers; /* freed by the next poll */
	struct sip_core_stats stats;
	struct sip_match *match;
	size_t match_n, proxies;      /* rows, and those that forward */

	struct sip_entry *ring;
	uint32_t ring_cap, ring_at, ring_n;
	struct sip_entry polled;
	bool shown_hand;              /* its event was the last polled */
	struct sip_chunk *chunk;      /* newest first */

	uint32_t streaming;           /* connection whose bytes wait in */
	struct slice stream;
	size_t consumed;              /* of buf or stream: the one in hand */
	char *orphan;                 /* buf of the message in hand, whose
				       * connection is gone */

	struct sip_told {
		uint64_t hash;        /* of a server transaction's key */
		mono until;
	} told[16];                   /* by SIP_EV_REFUSED, as a ring */
	unsigned told_at;
	struct addr seen;             /* the last peer, and its text */
	char seen_text[ADDR_TEXT];
	size_t seen_n;
	struct sip_in in;
	struct sip_msg msg, edit;     /* edit: being built, or sip_core_sent */
	struct sip_msg own;           /* a response of the core's own */
	struct sip_msg draft;         /* sip_core_draft */
	char draft_text[SIP_DRAFT_TEXT];
	/* Reasons of the connections that were refused last: told long before
	 * as many others are. */
	char words[4][SIP_WORDS];
	unsigned word;
};

/* ---------------------------------------------------------- sip_key.c */
enum { SIP_KEY_PARTS = 8 };

struct sip_key {
	struct slice part[SIP_KEY_PARTS];
	size_t n;
	uint16_t port;      /* storage for a part */
	uint32_t number;
};

/* Server transaction, 17.2.3; ACK and CANCEL look for their INVITE's. */
void sip_key_server(struct sip_key *k, const struct sip_in *in,
		    const struct sip_msg *m, struct slice method);
void sip_key_merge(struct sip_key *k, const struct sip_in *in); /* 8.2.2.2 */
size_t sip_key_size(const struct sip_key *k);
void sip_key_pack(const struct sip_key *k, char *dst);
bool sip_key_same(const struct sip_key *k, const char *packed, size_t n);

/* ------------------------------------------------------------ sip_core.c
 * What peers make us hold.  A stranger finds no room once that is half of the
 * budget, or an eighth of it is left. */
bool sip_strained(const struct sip_core *c);
/* Of stats.held. */
static inline void sip_held(struct sip_core *c, size_t was, size_t is)
{
	c->stats.held += is - was; /* wraps to a subtraction */
}

/* ------------------------------------------------------- sip_core_out.c */
/* Room for n bytes that live until the queue has run empty; NULL: none. */
char *sip_room(struct sip_core *c, size_t n);
void sip_room_back(struct sip_core *c, size_t n); /* of the last sip_room */
void sip_room_clear(struct sip_core *c);
void sip_room_free(struct sip_core *c);
MUST_USE int sip_out_reserve(struct sip_core *c, uint32_t n);
/* There must be room: sip_out_reserve. */
struct sip_entry *sip_out_push(struct sip_core *c, enum sip_out_kind kind);
bool sip_out_take(struct sip_core *c, struct sip_out *out);
void sip_out_event(struct sip_core *c, const struct sip_event *ev);
/* Bytes to reserve for sip_msg_write. */
size_t sip_msg_room(const struct sip_msg *m);
/* The message written into room of the queue; p NULL: no memory. */
struct slice sip_msg_text(struct sip_core *c, const struct sip_msg *m);

/* ------------------------------------------------- sip_core_transport.c */
struct sip_flow *sip_flow_get(const struct sip_core *c, uint32_t handle);
/* The point to send from to that family (0: any).  local: the address that is
 * to be ours, or NULL: the point that is bound to it, else one bound to any
 * address, else the first. */
struct sip_flow *sip_point_for(const struct sip_core *c,
			       enum sip_transport t, uint8_t family,
			       const struct addr *local);
/* What to show to who is reached from there: a guess yields to the address that
 * the route has (family 0: not known). */
struct addr sip_point_shows(const struct sip_flow *point,
			    const struct addr *local);
/* Does it depend on the route which address of ours that is, or, where one is
 * shown, which address it shows? */
bool sip_point_by_route(const struct sip_core *c, enum sip_transport t,
			uint8_t family, bool shown);
/* The connection to a remote address, opened when there is none. */
struct sip_flow *sip_flow_to(struct sip_core *c, const struct sip_path *p);
/* bytes must be room of the queue.  Along path; -EPIPE: connection gone. */
MUST_USE int sip_send(struct sip_core *c, const struct sip_path *path,
		      struct slice bytes);
void sip_flow_drop(struct sip_core *c, struct sip_flow *f, bool tell_port);
void sip_flow_on_time(struct sip_core *c, struct sip_flow *f);
/* The next thing to do outside an input: a message of the stream in hand, a
 * request that waited for a connection.  False: none. */
bool sip_stream_next(struct sip_core *c);
bool sip_opened_next(struct sip_core *c);
void sip_transport_fini(struct sip_core *c);

/* ------------------------------------------------------ sip_core_keep.c */
enum { KEEP_MOST = 86400 }; /* seconds */
void sip_keep_on_time(struct sip_core *c, struct sip_keep *k);
void sip_keep_on_stun(struct sip_core *c, const struct sip_path *path,
		      struct slice bytes);
void sip_keep_on_error(struct sip_core *c, const struct sip_path *path);
void sip_keep_fini(struct sip_core *c);

/* -------------------------------------------------------- sip_core_in.c */
void sip_receive(struct sip_core *c, const struct sip_path *path,
		 struct slice bytes);
/* What cannot be followed any more: answers it when it is a request. */
void sip_receive_bad(struct sip_core *c, const struct sip_path *path,
		     struct slice bytes, unsigned status);
/* The row for the request in hand, or NULL and a status. */
const struct sip_match *sip_dispatch(const struct sip_core *c,
				     unsigned *status);

/* ------------------------------------------------------- sip_core_uac.c */
enum { SIP_VIA_ROOM = 2 * ADDR_TEXT + 96 }; /* the Via field that we write */

struct sip_client *sip_client_get(const struct sip_core *c, uint64_t txn);
struct sip_client *sip_client_new(struct sip_core *c);
void sip_client_end(struct sip_core *c, struct sip_client *t);
/* Where it goes now. */
const struct sip_way *sip_client_way(const struct sip_client *t);
/* COMPOSE, for one that waits for its text. */
void sip_client_ask(struct sip_core *c, struct sip_client *t);
/* sip_core_hops.c: who has failed, for how long; and has answered. */
void sip_shun(struct sip_core *c, enum sip_transport t, const struct addr *a,
	      mono span);
void sip_unshun(struct sip_core *c, enum sip_transport t,
		const struct addr *a);
/* Those that have failed go last, the others in their order. */
void sip_shun_sort(const struct sip_core *c, struct sip_way *way, size_t n);
/* The next one to try is at hop_at; false: none is left. */
bool sip_client_advance(struct sip_core *c, struct sip_client *t);
/* It waits for that connection, at hop_at. */
void sip_client_waits(struct sip_client *t, const struct sip_flow *f);
/* It goes on to the next one beside the connection that it waits for. */
void sip_client_race(struct sip_core *c, struct sip_client *t);
/* What it goes by is settled, or it is over. */
void sip_client_settled(struct sip_client *t);
/* One of those that it raced is there: hop_at is that one's. */
void sip_client_prefer_open(struct sip_core *c, struct sip_client *t);
/* The next client that raced for that connection, which is open, goes by it;
 * false: none. */
bool sip_race_won(struct sip_core *c, const struct sip_flow *f);

/* From hop_at on; none left: UNREACHABLE. */
void sip_client_try(struct sip_core *c, struct sip_client *t);
void sip_client_on_response(struct sip_core *c);
void sip_client_on_time(struct sip_core *c, struct sip_client *t);
void sip_client_on_open(struct sip_core *c, struct sip_client *t);
void sip_client_failed(struct sip_core *c, struct sip_client *t,
		       const char *reason);
void sip_client_forget(struct sip_core *c, struct sip_client *t);
void sip_client_free(struct sip_core *c, struct sip_client *t);

/* ------------------------------------------------------- sip_core_uas.c */
void sip_server_on_request(struct sip_core *c);
void sip_server_on_time(struct sip_core *c, struct sip_server *t);
/* The connection that it waited for is there, or has failed. */
void sip_server_on_open(struct sip_core *c, struct sip_server *t, bool ok);
void sip_server_give_up(struct sip_core *c, struct sip_server *t);
void sip_server_forget(struct sip_core *c, struct sip_server *t);
void sip_server_end(struct sip_core *c, struct sip_server *t);
void sip_server_free(struct sip_core *c, struct sip_server *t);

/* -------------------------------------------------- sip_core_response.c */
/* What an answer copies, for later than the request is in hand; false: no
 * memory.  Then nothing could ever be answered, and repeats would be absorbed
 * until the client gives up: it is refused now, with 503. */
bool sip_server_keep_head(struct sip_core *c, struct sip_server *t);
/* Of the request in hand: is that more than LIMIT_SIP_COPIED? */
bool sip_server_copies_much(const struct sip_core *c);
/* The text of msg as a response to t's request, in room of the queue.  to_tag
 * empty: one of our own, if it needs one.  -ENOMEM, -E2BIG. */
int sip_server_response(struct sip_core *c, struct sip_server *t,
			const struct sip_msg *msg, struct slice to_tag,
			struct slice *text);
/* A To tag of our own: the same for each response to one request, also when
 * no state is kept (8.2.7), so made from what the request is known by. */
void sip_own_tag(const struct sip_core *c, uint64_t hash, char out[16]);
/* To the request in hand.  tag as to_tag above. */
int sip_send_stateless(struct sip_core *c, const struct sip_msg *msg,
		       struct slice tag);
/* A response of the core's own to the request in hand, without state; extra
 * may be empty: one field. */
void sip_refuse(struct sip_core *c, unsigned status, enum sip_hdr id,
		struct slice extra);
#endif
