/* SPDX-License-Identifier: BSD-2-Clause
 * A store in memory, which fails and forgets as a disk does when told to.
 *
 * A name has two blobs: the one that is seen, and the one that would be found
 * after a power failure (old).  They are the same once the names are synced.
 * Of a blob that was not synced itself any beginning may be found.
 */
#include "platform/store/store_priv.h"

struct blob {
	unsigned refs;
	bool synced;
	size_t n;
	char bytes[];
};

struct entry {
	struct entry *next;
	struct blob *seen, *old; /* NULL: not there */
	char file[STORE_FILE];
};

struct memory {
	struct store base;
	struct entry *first;
	uint64_t ops, fail_at;
	int fail_err;
	bool power_off, off;
};

static struct memory *memory_of(struct store *s)
{
	return CONTAINER(s, struct memory, base);
}

/* Each operation asks first whether it is the one that fails. */
static int fate(struct store *s)
{
	struct memory *m = memory_of(s);

	if (m->off)
		return -EIO;
	if (!m->fail_at || ++m->ops != m->fail_at)
		return 0;
	m->fail_at = 0;
	m->off = m->power_off;
	return -m->fail_err;
}

static struct entry *store_find(struct store *s, const char *file)
{
	struct entry *e = memory_of(s)->first;

	while (e && strcmp(e->file, file) != 0)
		e = e->next;
	return e;
}

static struct entry *find_or_add(struct store *s, const char *file)
{
	struct memory *m = memory_of(s);
	struct entry *e = store_find(s, file);

	if (e)
		return e;
	e = mem_new(s->mem, sizeof(*e));
	if (!e)
		return NULL;
	memcpy(e->file, file, strlen(file) + 1);
	e->next = m->first;
	m->first = e;
	return e;
}

static void refer(struct store *s, struct blob **to, struct blob *b)
{
	if (b)
		b->refs++;
	if (*to && --(*to)->refs == 0)
		mem_free(s->mem, *to);
	*to = b;
}

static struct blob *blob_new(struct store *s, struct slice bytes)
{
	struct blob *b = mem_new(s->mem, sizeof(*b) + bytes.n);

	if (!b)
		return NULL;
	b->n = bytes.n;
	if (bytes.n)
		memcpy(b->bytes, bytes.p, bytes.n);
	return b;
}

static void drop_empty(struct store *s)
{
	struct entry **p = &memory_of(s)->first;

	while (*p) {
		struct entry *e = *p;

		if (e->seen || e->old) {
			p = &e->next;
			continue;
		}
		*p = e->next;
		mem_free(s->mem, e);
	}
}

/* A disk that fails in a write may have written some. */
static int memory_write(struct store *s, const char *file, struct slice bytes)
{
	int rc = fate(s);
	struct entry *e = find_or_add(s, file);
	struct blob *b;

	if (!e)
		return -ENOMEM;
	b = blob_new(s, rc < 0 ? slice_head(bytes, bytes.n / 2) : bytes);
	if (b)
		refer(s, &e->seen, b);
	drop_empty(s);
	return rc < 0 ? rc : b ? 0 : -ENOMEM;
}

static int memory_sync(struct store *s, const char *file)
{
	int rc = fate(s);
	struct entry *e = store_find(s, file);

	if (rc < 0)
		return rc;
	if (!e || !e->seen)
		return -ENOENT;
	e->seen->synced = true;
	return 0;
}

static int memory_rename(struct store *s, const char *from, const char *to)
{
	int rc = fate(s);
	struct entry *e = store_find(s, from), *f;

	if (rc < 0)
		return rc;
	if (!e || !e->seen)
		return -ENOENT;
	f = find_or_add(s, to);
	if (!f)
		return -ENOMEM;
	refer(s, &f->seen, e->seen);
	refer(s, &e->seen, NULL);
	drop_empty(s);
	return 0;
}

static int memory_sync_names(struct store *s)
{
	int rc = fate(s);

	if (rc < 0)
		return rc;
	for (struct entry *e = memory_of(s)->first; e; e = e->next)
		refer(s, &e->old, e->seen);
	drop_empty(s);
	return 0;
}

static int memory_remove(struct store *s, const char *file)
{
	int rc = fate(s);
	struct entry *e = store_find(s, file);

	if (rc < 0)
		return rc;
	if (!e || !e->seen)
		return -ENOENT;
	refer(s, &e->seen, NULL);
	drop_empty(s);
	return 0;
}

static int memory_read(struct store *s, const char *file, void *buf, size_t cap)
{
	int rc = fate(s);
	struct entry *e = store_find(s, file);

	if (rc < 0)
		return rc;
	if (!e || !e->seen)
		return -ENOENT;
	if (e->seen->n && e->seen->n <= cap)
		memcpy(buf, e->seen->bytes, e->seen->n);
	return (int)e->seen->n;
}

static size_t memory_names(struct store *s, char (*out)[STORE_NAME + 1],
			   size_t cap)
{
	size_t n = 0;

	for (struct entry *e = memory_of(s)->first; e; e = e->next) {
		if (!e->seen || e->file[0] == '.')
			continue;
		if (n < cap)
			memcpy(out[n], e->file, strlen(e->file) + 1);
		n++;
	}
	return n;
}

static void memory_free(struct store *s)
{
	for (struct entry *e = memory_of(s)->first; e; e = e->next) {
		refer(s, &e->seen, NULL);
		refer(s, &e->old, NULL);
	}
	drop_empty(s);
	mem_free(s->mem, memory_of(s));
}

static const struct disk memory = {
	.write = memory_write,
	.sync = memory_sync,
	.rename = memory_rename,
	.sync_names = memory_sync_names,
	.remove = memory_remove,
	.read = memory_read,
	.names = memory_names,
	.free = memory_free,
};

struct store *store_open_mem(struct mem *mem)
{
	struct memory *m = mem_new(mem, sizeof(*m));

	if (!m)
		return NULL;
	m->base = (struct store){ .disk = &memory, .mem = mem };
	return &m->base;
}

void store_mem_fail(struct store *s, uint64_t n, int err, bool power_off)
{
	struct memory *m = memory_of(s);

	m->ops = 0;
	m->fail_at = n;
	m->fail_err = err;
	m->power_off = power_off;
}

static uint64_t store_next(uint64_t *x) /* splitmix64 */
{
	uint64_t z = *x += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

/* Each name on its own is found as it was or as it was to be. */
void store_mem_reboot(struct store *s, uint64_t seed)
{
	struct memory *m = memory_of(s);

	m->off = false;
	m->fail_at = 0;
	for (struct entry *e = m->first; e; e = e->next) {
		if (store_next(&seed) & 1)
			refer(s, &e->old, e->seen);
		else
			refer(s, &e->seen, e->old);
		if (e->seen && !e->seen->synced)
			e->seen->n =
				(size_t)(store_next(&seed) % (e->seen->n + 1));
	}
	drop_empty(s);
}
