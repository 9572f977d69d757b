/* SPDX-License-Identifier: BSD-2-Clause
 * client/agent.h - a user agent as an engine: accounts, registrations and
 * sessions made of streams.  It makes every decision that parley.h tells of;
 * client_port.c joins it to the reactor, to media and to the application.
 *
 * It is told the results of the users of SIP (its owner polls these), sockets
 * that were opened for streams, and the time; the functions of parley.h have
 * their counterparts here.  After each of these agent_poll is called until it
 * says false, and the users are polled.
 *
 * Ownership: agent_new .. agent_free.  Threads: one.
 */
#ifndef CLIENT_AGENT_H
#define CLIENT_AGENT_H
#include "client/agent_line.h"
#include "client/news.h"
#include "client/stream.h"
#include "platform/drbg.h"
#include "platform/limits.h"
#include "sip/usage/sip_users.h"

struct agent;

/* users must outlive it: calls, registrations and OPTIONS are added.
 * -ENOMEM. */
MUST_USE int agent_new(struct mem *m, struct sip_users *users,
		       const struct limits *limits, const uint8_t seed[32],
		       struct instant now, struct agent **out);
void agent_free(struct agent *a); /* NULL is ignored */
const char *agent_error(const struct agent *a); /* of the last failure */

/* ------------------------------------------------------------- outputs */
enum agent_out_kind {
	AGENT_OPEN,   /* sockets for stream: then agent_on_open, in time; anew:
		       * those that it has are closed first */
	AGENT_LOCATE, /* addresses of host, for stream: agent_on_located */
	AGENT_START,  /* media of stream runs as agreed, or is expected */
	AGENT_PROVED, /* the peer of stream is where its signalling is */
	AGENT_STOP,   /* media of stream ends now; its figures stay */
	AGENT_CLOSE,  /* media of stream is over, its figures as well; or it
		       * never was: what AGENT_OPEN began is off */
	AGENT_FORGET, /* the session is gone, its media routes with it */
	AGENT_FINISH, /* the session is over: what media has kept of its news
		       * is news now, or never */
	AGENT_ROOM,   /* there is room again for news of session */
	AGENT_EVENT,  /* for the application */
	AGENT_NOTE    /* reason: a line for whoever reads the log */
};

struct agent_out {
	enum agent_out_kind kind;
	uint32_t session, stream, account;
	enum parley_media media;
	struct addr local; /* OPEN: the address to use; family 0: any */
	bool anew;         /* OPEN */
	bool moves;        /* OPEN: it runs, and is to run on there */
	struct slice host; /* LOCATE: a domain name */
	const struct stream_agreed *agreed; /* START */
	/* EVENT: see parley.h; all until the next agent_poll. */
	enum parley_event_kind event;
	enum parley_end_state end;
	bool by_peer;
	int code;
	int64_t ms;
	char digit;
	const struct said *said; /* INCOMING; as the texts */
	struct slice reason, warning, from, to;
};

bool agent_poll(struct agent *a, struct agent_out *out);
bool agent_has_output(const struct agent *a); /* agent_poll may find some */

/* -------------------------------------------------------------- inputs */
/* A user has something to tell: one that the agent added. */
void agent_on_sip(struct agent *a, const struct sip_result *result,
		  struct instant now);
/* A stream that was to open is ready, and what waited for it goes on: the
 * INVITE, the answer, the proposal.  At once or later: meanwhile the call may
 * be hung up, cancelled and so on, and the owner of media sees to it that it
 * does not take too long.  err < 0: no socket was to be had.  False: the
 * stream has ended meanwhile, its sockets are to be closed. */
bool agent_on_open(struct agent *a, uint32_t stream, const struct addr *rtp,
		   const struct addr *rtcp, int err, struct instant now);
/* The addresses of a name that LOCATE asked for, best first, of both families
 * if it likes; n 0: it was not found.  The sooner the better: a call waits, for
 * 32 s at most. */
void agent_on_located(struct agent *a, uint32_t stream,
		      const struct addr *addr, size_t n, struct instant now);
/* Media of a stream could not be started. */
void agent_on_media_failed(struct agent *a, uint32_t stream, int err,
			   struct instant now);
/* A stream is broken: it ends, for this reason (static), and the peer is told;
 * the others go on, but with the last the session ends. */
void agent_on_stream_failed(struct agent *a, uint32_t stream, const char *why,
			    struct instant now);
/* The peer is heard in that stream, or is not any more. */
void agent_on_heard(struct agent *a, uint32_t stream, bool heard,
		    struct instant now);
/* Nothing is sent in that stream any more, for this reason (static), or it is
 * again (NULL). */
void agent_on_sending(struct agent *a, uint32_t stream, const char *unsent);
/* News of a session, from whoever has some; it is told in its turn.  0; or it
 * was not taken: -EAGAIN, there is no room or no memory, so AGENT_ROOM follows,
 * until then who has it keeps it and reads no more of the peer (or refuses it);
 * -E2BIG, there never is; -ENOENT, nobody is told of that session any more.
 * What is ours to say (PARLEY_EV_MEDIA_FAILED, _PLAYED) needs no room, and
 * without memory is told without its text. */
MUST_USE int agent_on_news(struct agent *a, const struct news *n,
			   struct instant now);
/* The media clock came so late: told at each of its turns, and 0 when it stops.
 * Calls are turned away once that was more than agent.late_ms for a second. */
void agent_on_clock(struct agent *a, mono late, struct instant now);
/* What goes between which addresses: sessions, duties of accounts. */
struct agent_way {
	uint32_t object;
	struct addr local;  /* port 0; family 0: not known */
	struct addr remote; /* likewise */
};
struct agent_ways { /* zeroed at first */
	size_t bucket, depth, duty;
	struct list *account;
};
/* One after the other; false: no more.  In between nothing but agent_on_moved
 * may be called. */
bool agent_next_way(const struct agent *a, struct agent_ways *at,
		    struct agent_way *out);
/* That address is gone, or not what one goes from to there any more: it moves
 * along, to where the next lookup says.  local: from where it would go now, or
 * our main address if there is no way. */
void agent_on_moved(struct agent *a, const struct agent_way *way,
		    const struct addr *local, struct instant now);
/* For PARLEY_EV_NETWORK: why (static), our main address before and now. */
void agent_on_network(struct agent *a, const char *why, const struct addr *was,
		      const struct addr *is);
/* Time has passed that was none for us: all that is kept up is renewed. */
void agent_on_slept(struct agent *a, struct instant now);
void agent_on_time(struct agent *a, struct instant now);
mono agent_deadline(const struct agent *a);

/* ----------------------------------------- what parley.h asks for, in order */
MUST_USE int agent_set(struct agent *a, uint32_t owner, struct slice key,
		       struct slice value);
/* NULL: no such owner.  With owner 0 the agent's own. */
const struct settings *agent_settings(const struct agent *a, uint32_t owner);
MUST_USE int agent_account_add(struct agent *a, struct slice aor,
			       uint32_t *account);
MUST_USE int agent_account_remove(struct agent *a, uint32_t account,
				  struct instant now);
/* The host that a call to uri, or with an empty one a registration, is sent to
 * first, in brackets when it is IPv6; account may be 0.  -ENOENT, -EBADMSG,
 * -ENOSPC. */
MUST_USE int agent_first_hop(const struct agent *a, uint32_t account,
			     struct slice uri, char *host, size_t cap);
MUST_USE int agent_register(struct agent *a, uint32_t account, bool on,
			    struct instant now);
/* o as in parley_call_with, whole; NULL: nothing is asked for. */
MUST_USE int agent_call(struct agent *a, uint32_t account, struct slice uri,
			const struct parley_call_options *o,
			struct instant now, uint32_t *session);
MUST_USE int agent_ring(struct agent *a, uint32_t session, struct instant now);
MUST_USE int agent_accept(struct agent *a, uint32_t session,
			  const uint32_t *streams, size_t n,
			  struct instant now);
MUST_USE int agent_reject(struct agent *a, uint32_t session, int code,
			  struct slice contact, struct instant now);
MUST_USE int agent_end(struct agent *a, uint32_t session, struct instant now);
MUST_USE int agent_hold(struct agent *a, uint32_t session, bool hold,
			struct instant now);
MUST_USE int agent_stream_add(struct agent *a, uint32_t session,
			      enum parley_media media, uint32_t *stream);
MUST_USE int agent_stream_remove(struct agent *a, uint32_t stream);
MUST_USE int agent_propose(struct agent *a, uint32_t session,
			   struct instant now);
MUST_USE int agent_propose_cancel(struct agent *a, uint32_t session,
				  struct instant now);
MUST_USE int agent_proposal_accept(struct agent *a, uint32_t session,
				   const uint32_t *streams, size_t n,
				   struct instant now);
MUST_USE int agent_proposal_reject(struct agent *a, uint32_t session,
				   struct instant now);
void agent_shutdown(struct agent *a, mono deadline, struct instant now);

size_t agent_streams(const struct agent *a, uint32_t session, uint32_t *out,
		     size_t cap);
/* The session that a stream belongs to; 0: none. */
uint32_t agent_stream_session(const struct agent *a, uint32_t stream);
/* Where the application's pointer of an account, session or stream stands;
 * NULL: no such object. */
void **agent_app(struct agent *a, uint32_t object);
/* May something be asked of it?  0, -ENOENT, -EALREADY: it is over, or about to
 * be. */
MUST_USE int agent_asks(struct agent *a, uint32_t session);
MUST_USE int agent_stream_info(const struct agent *a, uint32_t stream,
			       struct parley_stats *out);
MUST_USE int agent_session_info(const struct agent *a, uint32_t session,
				struct instant now,
				struct parley_session_info *out);
/* 0 everywhere when nothing is going on: for tests. */
struct agent_load {
	size_t sessions, streams, calls;
};
struct agent_load agent_load(const struct agent *a);
#endif
