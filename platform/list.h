/* SPDX-License-Identifier: BSD-2-Clause
 * platform/list.h - doubly linked ring through nodes inside the objects.
 * A head is an empty ring after list_init; a node that is zeroed or was
 * removed is in no list, and list_remove on it does nothing.
 */
#ifndef PLATFORM_LIST_H
#define PLATFORM_LIST_H
#include "platform/base.h"

struct list {
	struct list *next, *prev;
};

static inline void list_init(struct list *head)
{
	head->next = head->prev = head;
}

static inline bool list_empty(const struct list *head)
{
	return head->next == head;
}

static inline bool list_linked(const struct list *node)
{
	return node->next != NULL;
}

static inline void list_append(struct list *head, struct list *node)
{
	node->next = head;
	node->prev = head->prev;
	head->prev->next = node;
	head->prev = node;
}

static inline void list_remove(struct list *node)
{
	if (!node->next || !node->prev)
		return;
	node->next->prev = node->prev;
	node->prev->next = node->next;
	node->next = node->prev = NULL;
}

/* The first node, taken out; NULL when empty. */
static inline struct list *list_take(struct list *head)
{
	struct list *n = head->next;

	if (n == head)
		return NULL;
	list_remove(n);
	return n;
}
#endif
