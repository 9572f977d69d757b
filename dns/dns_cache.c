/* SPDX-License-Identifier: BSD-2-Clause */
#include "dns/dns_cache.h"

static size_t size_of(const struct dns_cached *e)
{
	return sizeof(*e) + e->bytes.n;
}

int dns_cache_init(struct dns_cache *c, struct mem *m, const uint8_t key[16],
		   size_t most)
{
	*c = (struct dns_cache){ .mem = m, .most = most };
	list_init(&c->recent);
	return htab_init(&c->by_name, m, key);
}

static void cache_drop(struct dns_cache *c, struct dns_cached *e)
{
	htab_remove(&c->by_name, &e->node);
	list_remove(&e->link);
	c->octets -= size_of(e);
	mem_free(c->mem, e);
}

void dns_cache_clear(struct dns_cache *c)
{
	struct htab_node *n;

	while (c->mem && (n = htab_any(&c->by_name)))
		cache_drop(c, CONTAINER(n, struct dns_cached, node));
}

void dns_cache_fini(struct dns_cache *c)
{
	dns_cache_clear(c);
	if (c->mem)
		htab_fini(&c->by_name);
}

static uint64_t hash_of(const struct dns_cache *c, struct dns_name *name,
			unsigned type)
{
	uint8_t t[2] = { (uint8_t)(type >> 8), (uint8_t)type };
	struct slice part[2] = { slice_of(name->wire, name->n),
				 slice_of(t, 2) };

	dns_name_fold(name);
	return htab_hash_n(&c->by_name, part, 2);
}

static struct dns_cached *cache_find(const struct dns_cache *c,
				     const struct dns_name *name, unsigned type,
				     uint64_t hash)
{
	struct htab_node *n = htab_find(&c->by_name, hash);

	for (; n; n = htab_next(n)) {
		struct dns_cached *e = CONTAINER(n, struct dns_cached, node);

		if (e->type == type && dns_name_same(&e->name, name))
			return e;
	}
	return NULL;
}

const struct dns_cached *dns_cache_find(struct dns_cache *c,
					const struct dns_name *name,
					unsigned type, mono now)
{
	struct dns_name key = *name;
	struct dns_cached *e =
		cache_find(c, name, type, hash_of(c, &key, type));

	if (e && e->expires <= now) {
		cache_drop(c, e);
		return NULL;
	}
	if (e) {
		list_remove(&e->link);
		list_append(&c->recent, &e->link);
	}
	return e;
}

void dns_cache_add(struct dns_cache *c, const struct dns_name *name,
		   unsigned type, unsigned status, struct slice bytes,
		   mono expires)
{
	struct dns_name key = *name;
	uint64_t hash = hash_of(c, &key, type);
	struct dns_cached *e = cache_find(c, name, type, hash);
	size_t n = sizeof(*e) + bytes.n;

	if (e)
		cache_drop(c, e);
	e = n > c->most / 4 ? NULL : mem_new(c->mem, n);
	if (!e)
		return;
	e->name = key;
	e->type = (uint16_t)type;
	e->status = status;
	e->expires = expires;
	e->bytes = slice_of(e + 1, bytes.n);
	if (bytes.n)
		memcpy(e + 1, bytes.p, bytes.n);
	while (c->octets + n > c->most)
		cache_drop(c,
			   CONTAINER(c->recent.next, struct dns_cached, link));
	htab_add(&c->by_name, &e->node, hash);
	list_append(&c->recent, &e->link);
	c->octets += n;
}
