/* SPDX-License-Identifier: BSD-2-Clause
 * client/agent_priv.h - what the files of the agent's engine share.
 */
#ifndef CLIENT_AGENT_PRIV_H
#define CLIENT_AGENT_PRIV_H
#include "client/agent.h"
#include "client/extra.h"
#include "client/negotiation.h"
#include "client/news.h"
#include "client/redirect.h"
#include "client/said.h"
#include "platform/htab.h"
#include "platform/list.h"
#include "sip/hdr/sip_name_addr.h"
#include "sip/usage/sip_options.h"
#include "sip/usage/sip_session.h"

enum {
	AGENT_REASON = 64,
	AGENT_WARNING = 200, /* of the text in a Warning, at most */
	AGENT_AOR = 255,  /* longest address of an account */
	AGENT_TEXT = 1536, /* room for a From or Contact made of one, and for
			    * a route: the proxy and what a registrar adds */
	AGENT_INSTANCE = 46 /* "urn:uuid:" and 36 digits, terminated */
};

struct account {
	void *app;
	struct list link;          /* of the agent's accounts, or leaving */
	uint32_t id;
	char *aor;                 /* name-addr as given, a C string */
	struct sip_name_addr who;  /* of aor */
	struct settings settings;
	struct list duties;        /* duty.h */
	struct list ending;        /* of the agent's: its duties are to be over
				    * by end_at */
	mono end_at;
	struct sip_secret secret;  /* borrowed by the duties */
	struct sip_digest_choice choice;
	struct list changed;       /* of the agent's: its duties hear of it */
	struct list noted;         /* likewise: to be said, once: */
	bool no_qop;               /* such a challenge was answered */
	bool leaving;              /* removed: only its duties are left */
	uint32_t calls;            /* sessions that are up or under way */
};

enum { STREAM_OUTS = 9, SESSION_TELLS = 16 };

struct stream {
	void *app;
	struct htab_node node;  /* by id */
	struct negotiation_line line; /* of the session's, in the order made */
	struct session *session;
	uint32_t id;
	uint16_t pending;       /* enum stream_out bits, */
	uint16_t since[STREAM_OUTS]; /* ... and what was news before */
	bool announced;
	bool opening;           /* sockets are asked for, and not there yet */
	bool moving;            /* it runs, and is to have other sockets */
	bool heard;             /* it is, and did not fall silent since */
	bool unsent_told;
	const char *unsent;     /* why nothing is sent; NULL: it is */
};

static inline struct stream *stream_of(struct list *line)
{
	return CONTAINER(line, struct stream, line.link);
}

enum stream_out { /* bits, told from the lowest up */
	STREAM_OPEN = 1 << 0,
	STREAM_START = 1 << 1,
	STREAM_STARTED = 1 << 2,
	STREAM_PROVED = 1 << 3,
	STREAM_SENDING = 1 << 4, /* stopped, or resumed */
	STREAM_ENDED = 1 << 5,
	STREAM_STOP = 1 << 6,
	STREAM_CLOSE = 1 << 7,
	STREAM_LOCATE = 1 << 8,
};

struct session {
	void *app;              /* the application's, see parley_set_app */
	struct said *said;      /* the INVITE, until it is told; of an outgoing
				 * call what refused it, to the end */
	struct htab_node node;  /* by id */
	struct list link;       /* of the agent's pending: it has outputs */
	struct list waiting;    /* of the agent's, for an answer until then */
	mono until;
	struct agent *agent;
	struct account *account;
	uint32_t id;
	uint64_t sip;           /* 0: over, or not begun */
	struct negotiation nego; /* its lines are those of its streams */
	struct negotiation_leg *legs; /* early dialogs, the latest first */
	unsigned leg;           /* whose description holds; 0: none yet */
	uint8_t state, change;  /* enum session_state, session_change */
	uint16_t pending;       /* enum session_event_bit, */
	uint16_t since[SESSION_TELLS]; /* ... and what was news before */
	struct news_queue news;
	struct list starved;    /* of the agent's: news of it was not taken */
	bool news_told;         /* the first of it: its callback runs */
	bool said_told;         /* likewise of the INVITE */
	bool incoming, answered, offerless, early;
	bool unacked;           /* being answered, and counted: room.c */
	bool redirected;        /* it is not who we were asked to call */
	bool hold, hold_sent, hold_agreed; /* by us: wished, said, in force */
	bool hold_told;         /* by the peer */
	bool moving;            /* to another address of ours, */
	bool silent;            /* nobody asked for the change but that */
	bool composing;         /* ... for which its streams move first */
	uint8_t move_tries;     /* so often in vain */
	bool ending;            /* the application hung up */
	bool untold;            /* the application has not heard of it */
	bool again;             /* a change waits for its turn */
	bool by_peer;
	bool there_proved;      /* see there */
	uint8_t late;           /* enum session_late */
	uint8_t end;            /* enum parley_end_state */
	int16_t code;
	uint16_t peer_n;
	const char *cause;      /* why we end it, when that is a failure */
	char *warning;          /* what the peer's refusal warned of */
	char *peer;             /* name-addr of the other side */
	struct addr here;       /* our address as the peer sees it, */
	struct addr hop;        /* ... and who that is, or its proxy */
	struct addr from;       /* ours before it moved, until that is told */
	/* Where the first INVITE, or its answer, came from.  That it was there
	 * is proved by the first ACK alone: afterwards the tag that it shows is
	 * known, and all the rest can be forged by who once was somewhere
	 * else. */
	struct addr there;
	enum sip_transport via; /* of an outgoing call: what it is sent by, */
	uint16_t via_port;      /* ... the port that its Contact shows, */
	struct extra *extra;    /* ... and the headers it gets, or NULL: until
				 * somebody has answered */
	struct redirect *redirect; /* where else it may go; NULL: nowhere */
	mono begun, up, over;
	char reason[AGENT_REASON];
};

enum session_state {
	SESSION_OPENING,   /* outgoing: where it goes first, then sockets */
	SESSION_CALLING,
	SESSION_LOCATING,  /* incoming: names first; nobody has heard of it */
	SESSION_INCOMING,
	SESSION_ACCEPTING, /* incoming: sockets first */
	SESSION_REFUSED,   /* incoming: its final status is sent, or waits
			    * for the memory to send it; ENDED follows */
	SESSION_ACCEPTED,  /* 200 sent, no ACK yet */
	SESSION_UP,
	SESSION_OVER
};

/* What is under way in a session that is up; one thing at a time. */
enum session_change {
	CHANGE_NONE,
	CHANGE_OPENING,   /* ours: sockets first */
	CHANGE_SENT,      /* ours: re-INVITE is out, or about to be written; or
			   * it met the peer's, and its time to wait runs */
	CHANGE_ASKED,     /* theirs: the application decides */
	CHANGE_ACCEPTING, /* theirs: sockets first */
	CHANGE_ACCEPTED,  /* theirs: 200 is out with our offer; ACK answers */
	CHANGE_LOCATING   /* names first, then what late says */
};

/* What waits for names in the peer's description. */
enum session_late {
	LATE_NOTHING,
	LATE_INCOMING, /* its first offer */
	LATE_ANSWERED, /* its answer in the 200 to our first offer, */
	LATE_ACKED,    /* ... in the ACK of our 200, the first */
	LATE_OFFERED,  /* a re-INVITE's offer */
	LATE_CHANGED,  /* the answer to our re-INVITE, */
	LATE_TOOK      /* ... in the ACK of our 200 to theirs */
};

enum session_event_bit { /* told from the lowest up */
	TELL_INCOMING = 1 << 0,
	TELL_PROGRESS = 1 << 1,
	TELL_ANSWERED = 1 << 2,
	TELL_STREAMS = 1 << 3, /* the streams' outputs stand here */
	TELL_EARLY = 1 << 4,
	TELL_CONFIRMED = 1 << 5,
	TELL_HELD = 1 << 6,
	TELL_RESUMED = 1 << 7,
	TELL_PROPOSED = 1 << 8,
	TELL_PROPOSAL = 1 << 9,
	TELL_FAILED = 1 << 10, /* news that there was no memory for */
	TELL_PLAYED = 1 << 11, /* as well */
	TELL_MOVED = 1 << 15,
	/* When there is no more news: */
	TELL_FINISH = 1 << 12, /* media says its last */
	TELL_ENDED = 1 << 13,
	TELL_CLOSED = 1 << 14, /* then all streams close */
	TELL_LAST = TELL_FINISH | TELL_ENDED | TELL_CLOSED
};

/* Sources of calls that were acknowledged, 256 of them in 8 kB: in sets by a
 * keyed hash, each with the latest first. */
enum { PROVED_SETS = 64, PROVED_WAYS = 4 };

struct proved {
	struct addr source; /* addr_source; family 0: free */
};

/* What a request of ours is made of, while it is. */
enum agent_part { PART_TARGET, PART_CONTACT, PART_FROM, PART_ROUTE,
		  PART_COUNT };

struct agent {
	struct mem *mem;
	struct limits limits;
	struct sip_users *users;
	struct sip_core *core;  /* theirs */
	struct sip_sessions *calls;
	struct sip_options options;
	struct drbg drbg;
	char instance[AGENT_INSTANCE]; /* see agent_instance */
	struct settings settings;
	struct list accounts, pending;
	struct list leaving, ending, changed, noted; /* accounts: see there */
	struct list telling;    /* duties with something to tell */
	struct list waiting;    /* sessions, in the order of their until */
	struct news_room news;
	struct list starved;    /* sessions */
	mono feed_at;           /* which waits for memory, not for room */
	struct htab sessions, streams;
	size_t session_count, stream_count;
	uint32_t last_id;
	size_t unacked;         /* calls being answered, without ACK yet */
	mono late_since;        /* the media clock is; MONO_NEVER: it is not */
	struct proved proved[PROVED_SETS * PROVED_WAYS];
	bool shutting, shutdown_told;
	mono shutdown_at;
	mono look_at;         /* while shutting down: whether all is over */
	const char *network_why; /* that has changed: to be told */
	struct addr network_was, network_is;
	struct news_queue strangers; /* calls refused before they were a
				      * session: told in the same turn */
	/* Scratch, each for one turn and one of the files that use it. */
	struct negotiation_desk desk;
	char part[PART_COUNT][AGENT_TEXT];
	char event_text[2][256]; /* from and to of the event handed out */
	char error[160];
};

/* agent.c */
int agent_fail(struct agent *a, int rc, const char *what, struct slice text);
struct session *agent_session(const struct agent *a, uint32_t id);
struct stream *agent_stream(const struct agent *a, uint32_t id);
void agent_touch(struct session *s, unsigned bits);
void agent_touch_stream(struct stream *st, unsigned bits);
/* The peer waits for an answer of the application; MONO_NEVER: no more. */
void agent_wait(struct session *s, mono until);

/* account.c */
struct account *account_find(const struct agent *a, uint32_t id);
/* Whose call is it?  By Request-URI, then To; NULL: nobody's. */
struct account *account_of_request(const struct agent *a,
				   const struct sip_msg *m,
				   const struct sip_uri *u,
				   struct instant now);
void account_free(struct agent *a, struct account *acc);
/* Whose TLS settings its requests go by; 0: it has none of its own. */
uint32_t account_identity(const struct account *acc);
/* A target as people write it becomes a URI. */
void account_complete(const struct account *acc, struct slice uri,
		      struct writer *w);
enum sip_transport account_transport(const struct account *acc,
				     const struct sip_uri *target);
struct slice account_user(const struct account *acc);
void account_from(const struct account *acc, struct writer *w);
/* The outbound proxy as a Route value (RFC 3261 8.1.2); nothing: none. */
void account_proxy(const struct account *acc, struct writer *w);

/* account_reach.c */
/* The way of what is no REGISTER, as Route values; nothing: none. */
void account_route(const struct account *acc, struct instant now,
		   struct writer *w);
/* The Contact of a call by that transport, where shown is our address; true: it
 * is another than that of the user at that address. */
bool account_contact(const struct account *acc, const struct addr *shown,
		     enum sip_transport t, struct instant now,
		     struct writer *w);
bool account_wants_gruu(const struct account *acc);
bool account_is_gruu(const struct account *acc, const struct sip_uri *u,
		     struct instant now);
bool account_is_private(const struct account *acc);
void account_caller(const struct account *acc, struct writer *w); /* From */
/* Adds what a call says of the caller's privacy; w: room for it, until m is
 * written. */
MUST_USE int account_privacy(const struct account *acc, struct instant now,
			     struct sip_msg *m, struct writer *w);
/* The instance id: as set, or random for this life of the agent. */
void agent_make_instance(struct agent *a);
struct slice agent_instance(const struct agent *a);

/* account.c */
/* A setting has changed: the duties see its credentials. */
void account_secret(struct account *acc);
/* Answers the challenge that came from who to a request in a session; -EACCES:
 * not to that one. */
MUST_USE int account_authorize(const struct session *s, const struct addr *who,
			       struct instant now);
/* So has what its duties ask for: they hear of it at the next time. */
void account_changed(struct agent *a, struct account *acc);
void account_note_qop(struct agent *a, struct account *acc, bool no_qop);
/* The registrar as set, or the address's domain (10.2). */
void account_registrar(const struct account *acc, struct writer *w);
/* Its duties end, at the latest then; one that was removed goes with them. */
void account_end(struct agent *a, struct account *acc, mono until,
		 struct instant now);
void account_settle(struct agent *a, struct account *acc);
void account_on_time(struct agent *a, struct instant now);
mono account_deadline(const struct agent *a);
bool account_at_rest(const struct agent *a); /* none has a duty */
bool account_poll(struct agent *a, struct agent_out *out);

static inline struct writer agent_part(struct agent *a, enum agent_part p)
{
	return writer_begin(a->part[p], sizeof(a->part[p]));
}

/* session.c */
void session_on_event(struct agent *a, const struct sip_session_event *ev,
		      struct instant now);
/* Nobody has answered in time. */
void session_on_wait(struct session *s, struct instant now);
/* BYE, CANCEL or whatever it takes.  cause: static text when the session ends
 * because something broke, else NULL. */
void session_hangup(struct session *s, const char *cause, struct instant now);
/* Nothing more is sent or heard, and its duration stands, while SIP goes on
 * until the peer knows. */
void session_stop(struct session *s, struct instant now);
/* The peer is heard in one of the streams; it is not any more. */
void session_on_heard(struct session *s);
void session_on_silence(struct session *s, struct instant now);
/* The session, and rc 0, as long as the application may ask something of it:
 * -ENOENT, or -EALREADY when it is over or about to be. */
struct session *session_alive(struct agent *a, uint32_t id, int *rc);
mono session_ring_end(const struct session *s, struct instant now);
void session_over(struct session *s, enum parley_end_state end, int code,
		  struct slice reason, bool by_peer, struct instant now);
/* NULL: no memory. */
struct session *session_new(struct agent *a, struct account *acc, bool incoming,
			    struct instant now);
void session_free(struct session *s);
/* The other side's name-addr. */
MUST_USE int session_keep_peer(struct session *s, struct slice peer);
/* All sockets that were asked for are there, or one could not be had. */
void session_on_opened(struct session *s, int err, struct instant now);
/* The names are looked up: what waited for them goes on. */
void session_located(struct session *s, struct instant now);
/* Why an answer ends the call: rc is session_answered's. */
const char *session_answer_cause(int rc);

/* session_stream.c */
struct stream *session_stream_add(struct session *s,
				  const struct stream_kind *kind,
				  enum stream_state state);
/* why: static text, or NULL when the application need not be told. */
void stream_gone(struct stream *st, const char *why);
void stream_free(struct stream *st);
/* Of a call that is written anew: they are to be offered anew, and elsewhere:
 * from other sockets. */
void session_reopen_streams(struct session *s, bool elsewhere);
bool session_opening(const struct session *s); /* sockets are still due */
/* An offered stream that gets no sockets is refused; false: it was the last. */
bool session_spare(struct stream *st);
void session_open_streams(struct session *s);
/* Has that not what the session waits for? */
bool stream_is_awaited(const struct stream *st);
/* A stream ends that media cannot go on with, and the session if it was the
 * last.  why: static. */
void session_stream_failed(struct stream *st, const char *why,
			   struct instant now);
int session_choose(struct session *s, const uint32_t *streams, size_t n);

/* session_caller.c: it is known which way the INVITE goes, once more when that
 * led nowhere; the sockets are there, or could not be had (err < 0). */
void session_call_compose(struct session *s, const struct sip_path *path,
			  struct instant now);
void session_call_opened(struct session *s, int err, struct instant now);
/* The same call once more, as its answer cannot come any more. */
void session_call_again(struct session *s, struct instant now);
/* It is refused, or nobody answered: false, that is the end of it. */
bool session_redirect(struct session *s, const struct sip_session_event *ev,
		      struct instant now);
void session_forget_redirect(struct session *s);

/* session_callee.c */
void session_incoming(struct agent *a, const struct sip_session_event *ev,
		      struct instant now);
/* The names in its offer are looked up; its answer has its sockets. */
void session_incoming_located(struct session *s, struct instant now);
void session_accept_opened(struct session *s, int err, struct instant now);
/* Refuses it for a reason of ours; without memory for it now, in a second. */
void session_turn_away(struct session *s, unsigned status, const char *cause,
		       struct instant now);
/* A call that came to nothing before it was one: who that was, and why if its
 * status does not say it all (static), or NULL. */
void session_tell_caller(struct agent *a, const struct sip_msg *m,
			 unsigned status, const char *why);

/* session_warn.c */
/* Answers what the peer has asked; a 488 or 606 says why (RFC 3261 13.3.1.3):
 * with the negotiation's warning, if there is one.  msg: what else it says, or
 * NULL; the Warning is added. */
MUST_USE int session_refuse(struct session *s, unsigned status,
			    struct sip_msg *msg, struct instant now);
/* What the peer warned of in its refusal is kept; without memory it is not. */
void session_keep_warning(struct session *s, const struct sip_msg *m);

/* room.c: a call that is being answered takes its place until its ACK, or its
 * end; room_proved, room_doubt: that came, or did not come in 64*T1. */
void room_take(struct session *s);
void room_leave(struct session *s);
void room_proved(struct session *s);
void room_doubt(struct session *s);
bool room_for_answer(struct agent *a, const struct addr *from);
/* Why a call that comes in is turned away with 503; NULL: it is not. */
const char *room_lacks(struct agent *a, const struct addr *from,
		       struct instant now);
/* Retry-After for such a 503, some seconds; w: room for its text. */
MUST_USE int room_retry_after(struct agent *a, struct sip_msg *m,
			      struct writer *w);

/* session_out.c */
bool session_poll(struct session *s, struct agent_out *out);

/* session_locate.c */
/* Asks for the addresses of the names in theirs that have to be known: how
 * many, or a negative errno.  session_located follows, unless the session
 * ends: late is kept for it. */
MUST_USE int session_locate(struct session *s, enum session_late late,
			    struct instant now);
/* They took too long: not found. */
void session_locate_end(struct session *s, struct instant now);
/* They are of no use any more. */
void session_locate_stop(struct session *s);

/* agent_network.c */
bool network_poll(struct agent *a, struct agent_out *out);
/* "" for family 0. */
struct slice agent_addr_text(const struct addr *a, char text[ADDR_TEXT]);

/* session_move.c */
/* Does it go between two addresses: is it under way, and not ending? */
bool session_has_way(const struct session *s);
/* The address that it goes from is gone, or not the one to go from any more;
 * local is what it would go from now, as far as is known. */
void session_move(struct session *s, const struct addr *local,
		  struct instant now);
/* Its re-INVITE goes by that path.  True: its streams have to move first. */
bool session_moves_streams(struct session *s, const struct sip_path *path);
/* What became of it: the peer knows, or is told again in a while. */
void session_moved(struct session *s, bool well, struct instant now);

/* session_change.c */
void change_on_wait(struct session *s, struct instant now);
void change_on_event(struct session *s, const struct sip_session_event *ev,
		     struct instant now);
void change_on_opened(struct session *s, int err, struct instant now);
void change_located(struct session *s, enum session_late late,
		    struct instant now);
/* Our re-INVITE is to be written; again, when it goes another way. */
void change_compose(struct session *s, const struct sip_path *path,
		    struct instant now);
/* What is under way is off the table, and goes again. */
void change_postpone(struct session *s);
/* What has waited for its turn is sent, unless something is under way. */
void change_next(struct session *s, struct instant now);
/* Sends what is wanted as a re-INVITE, now or when its turn comes. */
int change_send(struct session *s, struct instant now);

/* session_legs.c */
/* A provisional answer of one of those whom our call reached.  -ENOTSUP and
 * others: it is of no use, and all is as it was. */
MUST_USE int session_preview(struct session *s,
			     const struct sip_session_event *ev);
void session_leg_gone(struct session *s, unsigned leg);
/* It answers: what it said before is the session's, the others are gone. */
void session_won(struct session *s, unsigned leg);
void session_forget_legs(struct session *s);

/* session_sdp.c: the same as negotiation.h has under like names, of the
 * session's; what comes of it for its streams is told. */
struct negotiation_terms session_terms(const struct session *s);
/* Tells what came of the session's lines. */
void session_follow(struct session *s);
int session_offer(struct session *s, bool anew, struct slice *out);
int session_answer(struct session *s, struct slice *out);
bool session_takes_any(struct session *s);
/* 0, and what has to be proposed to go is (s->again), or a negative errno. */
int session_answered(struct session *s);
int session_keep_remote(struct session *s, struct slice body);
int session_keep_local(struct session *s, struct slice text);
int session_try_local(struct session *s, struct slice text);
void session_took_local(struct session *s);
void session_undo_local(struct session *s);
void session_settle(struct session *s);
/* Makes streams of the lines of theirs that are new.  How many, or a negative
 * errno. */
int session_read_offer(struct session *s);
#endif
