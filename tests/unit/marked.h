/* SPDX-License-Identifier: BSD-2-Clause
 * tests/unit/marked.h - inputs that show where their fault is: a "^" stands
 * before the byte that the parser must point at, and is taken out. */
#ifndef TESTS_UNIT_MARKED_H
#define TESTS_UNIT_MARKED_H
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/slice.h"

/* The text without its mark in a heap block of exactly its size, so that a
 * sanitizer sees one byte too far.  free(in.p). */
struct marked {
	char *block;
	struct slice in;
	size_t at; /* offset of the mark; in.n when there is none */
};

static inline struct marked marked(const char *text)
{
	size_t n = strlen(text), at = strcspn(text, "^");
	struct marked m = { .at = at };

	m.block = malloc(n + 1);
	memcpy(m.block, text, at);
	if (at < n)
		memcpy(m.block + at, text + at + 1, n - at - 1);
	m.in = slice_of(m.block, at < n ? n - 1 : n);
	m.block = realloc(m.block, m.in.n ? m.in.n : 1);
	m.in.p = m.block;
	return m;
}

/* Was the outcome the wanted one, and the fault found at the mark? */
static inline bool marked_ok(const struct marked *m, const char *text, int rc,
			     int want, const struct parse_error *e)
{
	bool ok = rc == want && (rc == 0 || (e->offset == m->at && e->reason));

	if (!ok)
		fprintf(stderr, "%s: %d, %s at %zu\n", text, rc,
			e->reason ? e->reason : "-", e->offset);
	return ok;
}

/* Calls one with each prefix of text, from none to all, in such a block. */
static inline void each_prefix(struct slice text,
			       void (*one)(struct slice prefix))
{
	for (size_t n = 0; n <= text.n; n++) {
		char *block = malloc(n ? n : 1);

		if (n)
			memcpy(block, text.p, n);
		one(slice_of(block, n));
		free(block);
	}
}
#endif
