/* SPDX-License-Identifier: BSD-2-Clause */
#include "client/news.h"

#include <string.h>

void news_room_init(struct news_room *r, struct mem *m, const struct limits *l)
{
	r->mem = m;
	r->used = 0;
	r->most = l->news;
	r->most_each = l->session_news;
	list_init(&r->spare);
	for (size_t i = 0; i < NEWS_SPARE; i++) {
		r->item[i].spare = true;
		list_append(&r->spare, &r->item[i].link);
	}
}

void news_init(struct news_queue *q)
{
	list_init(&q->items);
	q->used = 0;
	q->last = 0;
}

/* What it counts as, wherever it stands. */
static size_t cost(const struct news *n)
{
	return sizeof(struct news_item) + n->text.n;
}

/* A place without text needs no memory as long as there are some. */
static struct news_item *take_place(struct news_room *r, const struct news *n)
{
	struct list *spare = n->text.n ? NULL : list_take(&r->spare);

	return spare ? CONTAINER(spare, struct news_item, link) :
		       mem_new(r->mem, cost(n));
}

/* How many came from the one to the other. */
static int between(uint16_t from, uint16_t to)
{
	return (int16_t)(uint16_t)(to - from);
}

int news_add(struct news_room *r, struct news_queue *q, const struct news *n,
	     bool beyond)
{
	struct news_item *i = news_first(q);

	if (cost(n) > r->most_each || cost(n) > r->most)
		return -E2BIG;
	if (!beyond && (q->used > r->most_each - cost(n) ||
			r->used > r->most - cost(n)))
		return -EAGAIN;
	if (i && between(i->number, q->last) >= NEWS_MOST)
		return -EAGAIN;
	i = take_place(r, n);
	if (!i)
		return -ENOMEM;
	i->said = *n;
	if (n->text.n)
		memcpy(i + 1, n->text.p, n->text.n);
	i->said.text = slice_of(n->text.n ? i + 1 : NULL, n->text.n);
	i->number = ++q->last;
	list_append(&q->items, &i->link);
	q->used += (uint32_t)cost(n);
	r->used += cost(n);
	return 0;
}

struct news_item *news_first(const struct news_queue *q)
{
	return list_empty(&q->items) ? NULL :
	       CONTAINER(q->items.next, struct news_item, link);
}

void news_drop(struct news_room *r, struct news_queue *q, struct news_item *i)
{
	q->used -= (uint32_t)cost(&i->said);
	r->used -= cost(&i->said);
	list_remove(&i->link);
	if (i->spare)
		list_append(&r->spare, &i->link);
	else
		mem_free(r->mem, i);
}

void news_fini(struct news_room *r, struct news_queue *q)
{
	struct news_item *i;

	while ((i = news_first(q)) != NULL)
		news_drop(r, q, i);
}

unsigned news_before(unsigned bits, const uint16_t since[],
		     const struct news_item *i)
{
	unsigned before = 0;

	if (!i)
		return bits;
	for (unsigned k = 0; bits >> k; k++)
		if ((bits >> k & 1) && between(since[k], i->number) > 0)
			before |= 1u << k;
	return before;
}

void news_mark(const struct news_queue *q, unsigned bits, uint16_t since[])
{
	for (unsigned i = 0; bits >> i; i++)
		if (bits >> i & 1)
			since[i] = q->last;
}
