/* SPDX-License-Identifier: BSD-2-Clause
 * SipHash-2-4 after Aumasson and Bernstein, "SipHash: a fast short-input PRF"
 * (2012), section 2; chained buckets, a power of two of them. */
#include "platform/htab.h"

/* An eighth full, a table of MANY shrinks to a quarter, which is half full. */
enum { FIRST_BUCKETS = 16, MANY_BUCKETS = 256 };

/* Bytes wait in word until eight are there. */
struct sip {
	uint64_t v[4], word;
	uint64_t n; /* bytes taken in so far */
};

static uint64_t rotl(uint64_t x, unsigned by)
{
	return x << by | x >> (64 - by);
}

static uint64_t le64(const uint8_t *p, size_t n)
{
	uint64_t x = 0;

	for (size_t i = 0; i < n; i++)
		x |= (uint64_t)p[i] << 8 * i;
	return x;
}

static void rounds(uint64_t *v, unsigned n)
{
	while (n--) {
		v[0] += v[1];
		v[2] += v[3];
		v[1] = rotl(v[1], 13) ^ v[0];
		v[3] = rotl(v[3], 16) ^ v[2];
		v[0] = rotl(v[0], 32);
		v[2] += v[1];
		v[0] += v[3];
		v[1] = rotl(v[1], 17) ^ v[2];
		v[3] = rotl(v[3], 21) ^ v[0];
		v[2] = rotl(v[2], 32);
	}
}

static void compress(struct sip *s, uint64_t m)
{
	s->v[3] ^= m;
	rounds(s->v, 2);
	s->v[0] ^= m;
}

static struct sip sip_begin(const uint8_t key[16])
{
	uint64_t k0 = le64(key, 8), k1 = le64(key + 8, 8);

	return (struct sip){ .v = { k0 ^ 0x736f6d6570736575,
				    k1 ^ 0x646f72616e646f6d,
				    k0 ^ 0x6c7967656e657261,
				    k1 ^ 0x7465646279746573 } };
}

/* Written out, so that the compiler makes one load of it. */
static uint64_t le64_8(const uint8_t *p)
{
	return (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 |
	       (uint64_t)p[3] << 24 | (uint64_t)p[4] << 32 |
	       (uint64_t)p[5] << 40 | (uint64_t)p[6] << 48 |
	       (uint64_t)p[7] << 56;
}

/* `at` of the word's bytes are there already: eight more go in below the
 * word's end and, the rest of them, into the next word. */
static void sip_add(struct sip *s, const void *bytes, size_t n)
{
	unsigned at = 8 * (unsigned)(s->n % 8);
	const uint8_t *p = bytes;
	uint64_t x;

	s->n += n;
	for (; n >= 8; n -= 8, p += 8) {
		x = le64_8(p);
		compress(s, s->word | x << at);
		s->word = at ? x >> (64 - at) : 0;
	}
	if (!n)
		return;
	x = le64(p, n);
	s->word |= x << at;
	if (at + 8 * n < 64)
		return;
	compress(s, s->word);
	s->word = at ? x >> (64 - at) : 0;
}

static uint64_t sip_end(struct sip *s)
{
	compress(s, s->word | s->n << 56);
	s->v[2] ^= 0xff;
	rounds(s->v, 4);
	return s->v[0] ^ s->v[1] ^ s->v[2] ^ s->v[3];
}

uint64_t htab_hash(const struct htab *t, struct slice key)
{
	struct sip s = sip_begin(t->key);

	sip_add(&s, key.p, key.n);
	return sip_end(&s);
}

/* The length behind each part keeps the parts apart. */
uint64_t htab_hash_n(const struct htab *t, const struct slice *part, size_t n)
{
	struct sip s = sip_begin(t->key);

	for (size_t i = 0; i < n; i++) {
		uint64_t len = part[i].n;

		sip_add(&s, part[i].p, part[i].n);
		sip_add(&s, &len, sizeof(len));
	}
	return sip_end(&s);
}

int htab_init(struct htab *t, struct mem *m, const uint8_t key[16])
{
	struct htab_node **b = mem_array(m, FIRST_BUCKETS, sizeof(*b));

	if (!b)
		return -ENOMEM;
	*t = (struct htab){ .mem = m, .bucket = b, .mask = FIRST_BUCKETS - 1 };
	memcpy(t->key, key, sizeof(t->key));
	return 0;
}

void htab_fini(struct htab *t)
{
	if (t->mem)
		mem_free(t->mem, t->bucket);
	*t = (struct htab){ .mem = NULL };
}

static void link_in(struct htab *t, struct htab_node *n)
{
	size_t at = (size_t)n->hash & t->mask;

	n->next = t->bucket[at];
	t->bucket[at] = n;
	if (at < t->low)
		t->low = at;
}

static void rebuild(struct htab *t, size_t count)
{
	struct htab_node **old = t->bucket, *n, *next;
	size_t was = t->mask + 1;
	struct htab_node **b = mem_array(t->mem, count, sizeof(*b));

	if (!b)
		return; /* longer chains, or too many buckets, until later */
	t->bucket = b;
	t->mask = count - 1;
	t->low = 0;
	for (size_t i = 0; i < was; i++) {
		for (n = old[i]; n; n = next) {
			next = n->next;
			link_in(t, n);
		}
	}
	mem_free(t->mem, old);
}

void htab_add(struct htab *t, struct htab_node *n, uint64_t hash)
{
	n->hash = hash;
	if (t->count > t->mask)
		rebuild(t, 2 * (t->mask + 1));
	link_in(t, n);
	t->count++;
}

void htab_remove(struct htab *t, struct htab_node *n)
{
	struct htab_node **at = &t->bucket[(size_t)n->hash & t->mask];

	while (*at && *at != n)
		at = &(*at)->next;
	INVARIANT(*at == n);
	if (!*at)
		return;
	*at = n->next;
	n->next = NULL;
	t->count--;
	if (t->mask >= MANY_BUCKETS && t->count < t->mask / 8)
		rebuild(t, (t->mask + 1) / 4);
}

static struct htab_node *match(struct htab_node *n, uint64_t hash)
{
	while (n && n->hash != hash)
		n = n->next;
	return n;
}

struct htab_node *htab_find(const struct htab *t, uint64_t hash)
{
	return match(t->bucket[(size_t)hash & t->mask], hash);
}

struct htab_node *htab_next(const struct htab_node *n)
{
	return match(n->next, n->hash);
}

struct htab_node *htab_any(struct htab *t)
{
	if (t->count == 0)
		return NULL;
	while (!t->bucket[t->low]) /* stops: count is not 0 */
		t->low++;
	return t->bucket[t->low];
}
