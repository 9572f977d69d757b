/* SPDX-License-Identifier: BSD-2-Clause */
#include "sip/core/sip_whom.h"

#include "platform/list.h"
#include "sip/core/sip_flow.h"

struct sip_name {
	struct htab_node node;
	uint32_t number, kept;
	size_t n;
	char text[];
};

int sip_whom_init(struct sip_whom *t, struct mem *m, const uint8_t key[16])
{
	t->mem = m;
	sip_slots_init(&t->slots, m, 16);
	return htab_init(&t->table, m, key);
}

void sip_whom_fini(struct sip_whom *t)
{
	uint32_t at = 0;
	struct sip_name *s;

	while ((s = sip_slots_walk(&t->slots, &at)))
		mem_free(t->mem, s);
	sip_slots_fini(&t->slots);
	htab_fini(&t->table);
}

static struct sip_name *whom_find(const struct sip_whom *t, struct slice text,
				  uint64_t hash)
{
	struct htab_node *n = htab_find(&t->table, hash);

	for (; n; n = htab_next(n)) {
		struct sip_name *s = CONTAINER(n, struct sip_name, node);

		if (slice_same(slice_of(s->text, s->n), text))
			return s;
	}
	return NULL;
}

static struct sip_name *whom_add(struct sip_whom *t, struct slice text,
				 uint64_t hash)
{
	struct sip_name *s = mem_new(t->mem, sizeof(*s) + text.n);

	if (!s)
		return NULL;
	s->number = (uint32_t)sip_slots_add(&t->slots, s);
	if (!s->number) {
		mem_free(t->mem, s);
		return NULL;
	}
	s->n = text.n;
	memcpy(s->text, text.p, text.n);
	htab_add(&t->table, &s->node, hash);
	return s;
}

uint32_t sip_whom_take(struct sip_whom *t, struct slice name)
{
	char low[SIP_NAME_MAX];
	struct slice text = { low, name.n };
	struct sip_name *s;
	uint64_t hash;

	if (!name.n || name.n > sizeof(low))
		return 0;
	for (size_t i = 0; i < name.n; i++)
		low[i] = to_lower(name.p[i]);
	hash = htab_hash(&t->table, text);
	s = whom_find(t, text, hash);
	if (!s)
		s = whom_add(t, text, hash);
	if (!s)
		return 0;
	s->kept++;
	return s->number;
}

static struct sip_name *get(const struct sip_whom *t, uint32_t n)
{
	return n ? sip_slots_get(&t->slots, n) : NULL;
}

void sip_whom_keep(struct sip_whom *t, uint32_t n)
{
	struct sip_name *s = get(t, n);

	if (s)
		s->kept++;
}

void sip_whom_drop(struct sip_whom *t, uint32_t n)
{
	struct sip_name *s = get(t, n);

	if (!s || --s->kept)
		return;
	htab_remove(&t->table, &s->node);
	sip_slots_remove(&t->slots, n);
	mem_free(t->mem, s);
}

struct slice sip_whom_text(const struct sip_whom *t, uint32_t n)
{
	const struct sip_name *s = get(t, n);

	return s ? slice_of(s->text, s->n) : (struct slice){ 0 };
}
