/* SPDX-License-Identifier: BSD-2-Clause
 * tests/unit/marked.h - inputs that show where their fault is: a "^" stands
 * before the byte that the parser must point at, and is taken out. */
#ifndef TESTS_UNIT_MARKED_H
#define TESTS_UNIT_MARKED_H
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "platform/slice.h"

/* n bytes that end where a page does, with a page behind them that cannot be
 * read: one byte too far ends the test, with a sanitizer or without. */
static inline char *fenced(size_t n)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t room = (n + page - 1) / page * page;
	char *p = mmap(NULL, room + page, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED || mprotect(p + room, page, PROT_NONE))
		abort();
	return p + room - n;
}

static inline void fenced_free(char *block, size_t n)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t room = (n + page - 1) / page * page;

	munmap(block + n - room, room + page);
}

/* The text without its mark, fenced.  marked_free. */
struct marked {
	char *block;
	struct slice in;
	size_t at; /* offset of the mark; in.n when there is none */
};

static inline struct marked marked(const char *text)
{
	size_t n = strlen(text), at = strcspn(text, "^");
	struct marked m = { .at = at };

	n -= at < n;
	m.block = fenced(n);
	memcpy(m.block, text, at);
	if (at < n)
		memcpy(m.block + at, text + at + 1, n - at);
	m.in = slice_of(m.block, n);
	return m;
}

static inline void marked_free(struct marked *m)
{
	fenced_free(m->block, m->in.n);
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

/* Calls one with each prefix of text, from none to all, fenced. */
static inline void each_prefix(struct slice text,
			       void (*one)(struct slice prefix))
{
	for (size_t n = 0; n <= text.n; n++) {
		char *block = fenced(n);

		if (n)
			memcpy(block, text.p, n);
		one(slice_of(block, n));
		fenced_free(block, n);
	}
}
#endif
