/* SPDX-License-Identifier: BSD-2-Clause
 * platform/store/store_priv.h - what a backend of store.h does; store.c does
 * the rest, the order of these steps above all.
 */
#ifndef PLATFORM_STORE_PRIV_H
#define PLATFORM_STORE_PRIV_H
#include "platform/store/store.h"

enum { STORE_FILE = STORE_NAME + 24 }; /* a temporary's name, NUL included */

/* 0 or -errno; names are valid, or a valid one between '.' and a suffix. */
struct disk {
	int (*write)(struct store *s, const char *file, struct slice bytes);
	int (*sync)(struct store *s, const char *file);
	int (*rename)(struct store *s, const char *from, const char *to);
	int (*sync_names)(struct store *s);
	int (*remove)(struct store *s, const char *file);
	int (*read)(struct store *s, const char *file, void *buf, size_t cap);
	size_t (*names)(struct store *s, char (*out)[STORE_NAME + 1],
			size_t cap);
	void (*free)(struct store *s);
};

struct store {
	const struct disk *disk;
	struct mem *mem;
	uint32_t writer; /* tells apart the temporaries of those who share */
};
#endif
