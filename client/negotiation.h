/* SPDX-License-Identifier: BSD-2-Clause
 * client/negotiation.h - offer and answer of one leg (RFC 3264): both
 * descriptions, their m= lines and what was agreed on each.
 *
 * A session has one offer and, when that is forked (RFC 3261 13.2.2.4), as many
 * answers as peers answer: each early dialog has a negotiation of its own, with
 * its own remote description and its own agreement on each line
 * (negotiation_fork).  Whoever wins gives the session its own
 * (negotiation_take); the others are freed.
 *
 * It knows no agent and no session: what a call needs comes with the call
 * (struct negotiation_terms), and what comes of it stands in the lines as bits
 * (negotiation_line.came), which the owner takes.
 *
 * Descriptions.  Ours: the last one; the one before it while a new one is
 * proposed and may be refused (negotiation_try).  They are kept as text, for
 * the next one is written from the last, and that is read when it is needed.
 * Theirs: read once, when it comes, and kept as text and as what was read
 * until it is forgotten.
 *
 * Lines.  Each keeps its place for the life of the session; one whose stream
 * has ended is kept disabled and may be used again (RFC 3264 8.1, 8.2).  A line
 * is the owner's memory (in the struct of its stream), and is the negotiation's
 * while it is in its list.
 *
 * ENGINE.  Ownership: the caller's struct, negotiation_init ..
 * negotiation_fini.  Threads: one.  Errors: -ENOMEM, -ENOSPC (the desk is
 * full), -E2BIG, -EBADMSG (no description), -ENOTSUP (nothing of it is taken).
 * Limits: LIMIT_SDP_MEDIA lines, LIMIT_SDP_BYTES.
 */
#ifndef CLIENT_NEGOTIATION_H
#define CLIENT_NEGOTIATION_H
#include "client/stream.h"
#include "platform/list.h"
#include "platform/mem.h"

enum { NO_MLINE = UINT16_MAX };

enum stream_state {
	STREAM_ADDING,   /* of ours, not yet offered or not yet answered */
	STREAM_PROPOSED, /* the peer's, not yet answered */
	STREAM_UP,
	STREAM_GONE      /* rejected or removed */
};

enum negotiation_came { /* bits: what came of a line */
	LINE_STARTS = 1 << 0, /* agreed is new: media runs as it says */
	LINE_MET = 1 << 1,    /* the peer has agreed */
	LINE_MOVED = 1 << 2,  /* ... and is somewhere else than before */
	LINE_ENDS = 1 << 3    /* the stream ends, why says for what reason */
};

struct negotiation_line { /* private, but for what stands first */
	struct list link;
	const struct stream_kind *kind;
	uint16_t at;          /* its place; NO_MLINE: none yet */
	uint8_t state;        /* enum stream_state */
	uint8_t dir;          /* enum sdp_dir, as agreed */
	bool opened;          /* media runs here, and has its sockets */
	bool chosen;          /* of the PROPOSED: to be taken */
	bool draft;           /* ADDING, removing: wished for, but not
			       * proposed yet */
	bool removing;
	bool refused;         /* by the answer that we make */
	bool held;            /* by the peer */
	bool locating;        /* the name in its c= line is looked up */
	uint8_t family;       /* of the address that is wanted */
	uint8_t came;         /* enum negotiation_came bits */
	char *host;           /* that name, until it was handed out */
	struct addr found;    /* what it is, port 0; family 0: nothing */
	const char *why;      /* ENDS, static; NULL: nobody need be told */
	struct addr rtp, rtcp; /* ours, shown to the peer */
	struct addr remote;
	struct stream_agreed *agreed; /* its kind's block, until it is taken */
};

struct negotiation { /* private */
	struct list lines;
	uint16_t mlines, agreed_mlines;
	uint16_t local_n, agreed_n, remote_n;
	uint16_t warn;         /* why lines are refused: warn-code, */
	const char *warn_text; /* ... and text */
	uint64_t origin;       /* o= */
	char *local;           /* our last description, to write the next */
	char *agreed;          /* local before our offer that is under way */
	char *remote;          /* the peer's, while it is needed, */
	struct sdp *theirs;    /* ... and what was read in it */
};

/* Scratch of all negotiations of one owner, for one call. */
struct negotiation_desk {
	struct sdp ours, theirs;
	const char *ours_of;  /* the text that ours was read from */
	unsigned reads;       /* descriptions of theirs, for tests */
	struct sdp_stream line[LIMIT_SDP_MEDIA]; /* ours in the making */
	size_t lines;
	struct sdp_stream mine;  /* of the line in hand, which is */
	struct stream_line hand; /* brought together with the peer's */
	struct stream_room room;
	char text[LIMIT_SDP_BYTES]; /* the description being written */
};

/* What a negotiation is told of its owner. */
struct negotiation_terms {
	struct mem *mem;
	struct negotiation_desk *desk;
	const struct settings *account;
	struct addr here;  /* ours, where no line has an address */
	bool hold;         /* we hold */
	bool up;           /* an answer of ours may take nothing */
	/* What stands in struct stream_agreed under the same names. */
	unsigned leg;
	bool caller, host_proved;
	struct addr host;
};

/* An early dialog's own, while it is not known who answers. */
struct negotiation_leg {
	struct negotiation_leg *next; /* the owner's */
	struct negotiation nego;
	struct addr host;             /* where its answer came from */
	unsigned leg;                 /* > 0 */
	struct negotiation_line line[]; /* of nego.lines, those offered */
};

void negotiation_init(struct negotiation *n, uint64_t origin);
/* Its lines have left, or are freed with it (of a fork). */
void negotiation_fini(struct negotiation *n,
		      const struct negotiation_terms *t);

/* ---------------------------------------------------------------- lines */
void negotiation_add(struct negotiation *n, struct negotiation_line *l,
		     const struct stream_kind *kind, enum stream_state state);
/* Leaves, and frees what it holds. */
void negotiation_line_fini(struct negotiation_line *l, struct mem *m);
/* The place of the i-th line at a media engine elsewhere (rtp.external); false:
 * it runs here. */
bool negotiation_external(const struct settings *account, unsigned i,
			  struct addr *rtp, struct addr *rtcp);
/* Do all lines that are up say that the peer holds?  false: or none is up. */
bool negotiation_is_held(const struct negotiation *n);

/* --------------------------------------------------------- descriptions */
/* All that write put the text into the desk, where *out is until the next
 * call.  anew: what is being added and removed is in it. */
MUST_USE int negotiation_offer(struct negotiation *n,
			       const struct negotiation_terms *t, bool anew,
			       struct slice *out);
/* Answers theirs with the lines that are UP or chosen.  -ENOTSUP: none of them
 * can be taken. */
MUST_USE int negotiation_answer(struct negotiation *n,
				const struct negotiation_terms *t,
				struct slice *out);
/* Could any line of theirs be taken, as the settings are now and its names were
 * found?  If not, warn says why. */
bool negotiation_takes_any(struct negotiation *n,
			   const struct negotiation_terms *t);
/* Theirs answers our last offer: lines start, go on or end as it says.
 * early: it is a preview, of which none ends.  -ENOTSUP: nothing is left of
 * it; -EADDRNOTAVAIL, -EHOSTUNREACH: because nothing can be sent there, or a
 * name was not found.  1: it takes a line that we cannot use, which is to be
 * proposed to go. */
MUST_USE int negotiation_answered(struct negotiation *n,
				  const struct negotiation_terms *t,
				  bool early);
/* The description went out and was taken: what it removed ends. */
void negotiation_settle(struct negotiation *n);

/* Theirs, copied and read; the same again is not. */
MUST_USE int negotiation_keep_remote(struct negotiation *n,
				     const struct negotiation_terms *t,
				     struct slice text);
void negotiation_forget_remote(struct negotiation *n, struct mem *m);
/* The next line of theirs from *i on that is new and that a kind here takes: 1,
 * and it is for the owner to add.  0: no more.  -EBADMSG: it has fewer lines
 * than ours (RFC 3264 8).  What is not taken, warn says. */
MUST_USE int negotiation_next_new(struct negotiation *n,
				  const struct negotiation_terms *t, size_t *i,
				  const struct stream_kind **kind);
/* The names in theirs that have to be known (RFC 8866 5.7): lines are locating,
 * and have host.  How many. */
MUST_USE int negotiation_names(struct negotiation *n, struct mem *m);
void negotiation_line_unname(struct negotiation_line *l, struct mem *m);
bool negotiation_locating(const struct negotiation *n);

/* ----------------------------------------------------------------- forks */
/* Another answer to the offer of n: a copy of what was offered.  A call has as
 * many as SIP has early dialogs of it (limits.forks, 8: a ring group of eight
 * phones; each costs two kilobytes until the call is answered).  -ENOMEM. */
MUST_USE int negotiation_fork(const struct negotiation *n,
			      const struct negotiation_terms *t,
			      struct negotiation_leg **out);
void negotiation_leg_free(struct negotiation_leg *l,
			  const struct negotiation_terms *t);
/* What was agreed in the leg's early answer holds for the lines of n now: its
 * blocks become theirs.
 *
 * All legs send to the same sockets.  What comes is told apart by its address,
 * the one thing that a description names: the path (rtp_path.h) ranks the leg's
 * that was shown last above all others, and shuts out the one before it.  Its
 * SSRC nobody has announced, and its payload types are those of our offer,
 * which mean the same on every leg, so that neither could tell, and nothing
 * that slips through in between is decoded as what it is not.  So one leg
 * plays: the one whose first description came last, for that peer has changed
 * something since, and a proxy that hunts (RFC 3261 16.6) reports its latest
 * target last; one that only repeats its description does not take the place
 * back.  When it is gone, the one before it plays again.  To mix them would
 * need a decoder and a jitter buffer a leg, for ring-back tones on top of each
 * other. */
void negotiation_show(struct negotiation *n, const struct negotiation_terms *t,
		      struct negotiation_leg *from);
/* The leg has won: what it said and what was agreed is that of n. */
void negotiation_take(struct negotiation *n, const struct negotiation_terms *t,
		      struct negotiation_leg *from);

/* Ours: the first; a new one that is about to go out; it was taken; it was
 * refused, and all is as after the last negotiation_took. */
MUST_USE int negotiation_keep(struct negotiation *n,
			      const struct negotiation_terms *t,
			      struct slice text);
MUST_USE int negotiation_try(struct negotiation *n,
			     const struct negotiation_terms *t,
			     struct slice text);
void negotiation_took(struct negotiation *n,
		      const struct negotiation_terms *t);
void negotiation_undo(struct negotiation *n,
		      const struct negotiation_terms *t);
/* Our first offer was heard by nobody: nothing was said. */
void negotiation_unsay(struct negotiation *n,
		       const struct negotiation_terms *t);

/* Why lines are refused: the first that is told since theirs came stays; 304,
 * that a kind is unknown, only when there is nothing else. */
void negotiation_warn(struct negotiation *n, uint16_t code, const char *text);
#endif
