/* SPDX-License-Identifier: BSD-2-Clause
 * platform/htab.h - hash table of nodes inside the objects, keyed by SipHash
 * with a secret (against chosen collisions).
 * Ownership: the table owns its bucket array alone; the nodes are the
 * caller's.  It grows by doubling, and shrinks when it is nearly empty; when
 * memory runs out it goes on, slower.
 * A hash match is a candidate: the caller compares the key's bytes.
 */
#ifndef PLATFORM_HTAB_H
#define PLATFORM_HTAB_H
#include "platform/mem.h"
#include "platform/slice.h"

struct htab_node {
	struct htab_node *next;
	uint64_t hash;
};

struct htab { /* private */
	struct mem *mem;
	struct htab_node **bucket;
	size_t mask, count;
	size_t low; /* no bucket below holds a node */
	uint8_t key[16];
};

/* Allocates the first buckets; -ENOMEM. */
MUST_USE int htab_init(struct htab *t, struct mem *m, const uint8_t key[16]);
void htab_fini(struct htab *t);

uint64_t htab_hash(const struct htab *t, struct slice key);
/* Of several parts, told apart ("ab","c" differs from "a","bc"). */
uint64_t htab_hash_n(const struct htab *t, const struct slice *part, size_t n);

void htab_add(struct htab *t, struct htab_node *n, uint64_t hash);
void htab_remove(struct htab *t, struct htab_node *n); /* must be in it */
/* Candidates with this hash, in no order; htab_next goes on to the next, until
 * something is added or removed. */
struct htab_node *htab_find(const struct htab *t, uint64_t hash);
struct htab_node *htab_next(const struct htab_node *n);
/* Any node, or NULL: to empty a table. */
struct htab_node *htab_any(struct htab *t);
#endif
