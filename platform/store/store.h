/* SPDX-License-Identifier: BSD-2-Clause
 * platform/store/store.h - named blobs that survive, each replaced atomically.
 *
 * After store_put returned 0 the blob is there whatever happens; if it fails,
 * or power goes in its midst, the blob is what it was or what it should
 * become, never a mixture (not even of length).
 *
 * Backends: a folder of files; memory; and memory that fails and forgets as a
 * disk does, for tests.  Ownership: store_free ends one.  Threads: one.  A
 * folder may be shared by processes; the last to replace a blob wins.
 */
#ifndef PLATFORM_STORE_H
#define PLATFORM_STORE_H
#include "platform/mem.h"
#include "platform/slice.h"

struct store;

enum {
	STORE_NAME = 64,     /* bytes of a name at most */
	STORE_BLOB = 1 << 20 /* and of a blob: -E2BIG */
};

/* Names are 1 to STORE_NAME of a-z 0-9 - _ . and begin with none of - and .:
 * each is a file's name as it is.  Others: -EINVAL. */
bool store_name_valid(struct slice name);

/* 0, -EINVAL, -E2BIG, -ENOMEM, -ENOSPC, -EROFS, -EIO and others of open(2),
 * write(2), fsync(2) and rename(2). */
MUST_USE int store_put(struct store *s, struct slice name, struct slice blob);
/* The blob's size; when that is more than cap, buf was not touched.
 * -ENOENT. */
MUST_USE int store_get(struct store *s, struct slice name, void *buf,
		       size_t cap);
MUST_USE int store_remove(struct store *s, struct slice name); /* -ENOENT */
/* Names, up to cap, in no order, terminated; returns how many there are. */
size_t store_names(struct store *s, char (*out)[STORE_NAME + 1], size_t cap);
void store_free(struct store *s); /* NULL is ignored */

/* A folder, made (mode 0700) when it is not there; its files have 0600. */
MUST_USE int store_open_folder(struct mem *m, const char *path,
			       struct store **out);
struct store *store_open_mem(struct mem *m); /* NULL: no memory */

/* Of a store in memory, for tests.  The n-th operation of its disk from now
 * (write, sync, rename ...), from 1, fails with err; and all after it when
 * power is off: then store_mem_reboot switches it on again, and what was not
 * synced is lost, torn, or there, as the seed says. */
void store_mem_fail(struct store *s, uint64_t n, int err, bool power_off);
void store_mem_reboot(struct store *s, uint64_t seed);
#endif
