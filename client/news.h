/* SPDX-License-Identifier: BSD-2-Clause
 * client/news.h - what is data and for the application (a digit, a failure, a
 * line of text), each session's in the order in which it came, until it is
 * told.  An ENGINE's part.
 *
 * What is state only (held, answered, ended) needs no place here: it is a bit
 * of its session or stream, which takes no memory and cannot be lost.  A bit
 * knows how much news there was when it was set, so that both are told in the
 * order in which they came:
 *
 *	news       1       2            3
 *	bits   A0      B1       C2 D2        told: A 1 B 2 C D 3
 *
 * Full means that nothing is taken: who has the news keeps it, reads no more
 * of its peer or refuses it, and is told when there is room.  News without text
 * (digits) has spare places that need no memory.
 */
#ifndef CLIENT_NEWS_H
#define CLIENT_NEWS_H
#include "client/parley.h"
#include "platform/limits.h"
#include "platform/list.h"
#include "platform/mem.h"
#include "platform/slice.h"

enum {
	NEWS_SPARE = 32,  /* digits of one turn of a busy agent */
	NEWS_MOST = 20000 /* in a queue, whatever their size: their numbers are
			   * told apart by what lies between */
};

struct news {
	enum parley_event_kind kind;
	uint32_t session, stream;
	char digit;
	unsigned ms;
	int16_t code;
	const char *why; /* static, or NULL */
	struct slice text; /* handed in: borrowed for the call */
};

struct news_item { /* text stands behind it */
	struct list link;
	uint16_t number; /* from 1, and from 0 again */
	bool spare;
	struct news said;
};

struct news_room { /* an agent's; private */
	struct mem *mem;
	size_t used, most, most_each; /* octets */
	struct list spare;
	struct news_item item[NEWS_SPARE];
};

struct news_queue { /* a session's; private */
	struct list items;
	uint32_t used;
	uint16_t last; /* number of the last that came: for bits */
};

void news_room_init(struct news_room *r, struct mem *m,
		    const struct limits *l);
void news_init(struct news_queue *q);
/* 0.  -EAGAIN: no room, -E2BIG: there never is for that much, -ENOMEM; nothing
 * is taken.  beyond: whatever the limits say. */
MUST_USE int news_add(struct news_room *r, struct news_queue *q,
		      const struct news *n, bool beyond);
/* The oldest; NULL: none. */
struct news_item *news_first(const struct news_queue *q);
void news_drop(struct news_room *r, struct news_queue *q, struct news_item *i);
void news_fini(struct news_room *r, struct news_queue *q);
/* Of these bits those that came before that news; NULL: all. */
unsigned news_before(unsigned bits, const uint16_t since[],
		     const struct news_item *i);
/* These bits are set now. */
void news_mark(const struct news_queue *q, unsigned bits, uint16_t since[]);
#endif
