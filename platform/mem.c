/* SPDX-License-Identifier: BSD-2-Clause */
#include "platform/mem.h"

#include <stdalign.h>
#include <string.h>

/* Worth giving back: an eighth of what was in use, and some pages. */
enum { IDLE = 8 << 10 };

struct head { /* no larger than what stands behind it wants */
	_Alignas(max_align_t) size_t size; /* of the whole block, with it */
};

static bool mem_refused(struct mem *m, size_t more)
{
	m->calls++;
	if (m->fail_at && (m->calls == m->fail_at ||
			   (m->fail_on && m->calls > m->fail_at)))
		return true;
	return m->budget && (m->used > m->budget || more > m->budget - m->used);
}

static size_t small(size_t n)
{
	return n < MEM_LARGE ? n : 0;
}

static void count(struct mem *m, size_t was, size_t is)
{
	m->used += is - was; /* wraps to a subtraction when it shrinks */
	if (m->used > m->peak)
		m->peak = m->used;
	m->small += small(is) - small(was);
	if (m->small > m->high)
		m->high = m->small;
}

void *mem_resize(struct mem *m, void *p, size_t n)
{
	struct head *h = p ? (struct head *)p - 1 : NULL;
	size_t was = h ? h->size : 0, is = n + sizeof(struct head);

	if (n == 0 || is < n)
		return NULL;
	if (mem_refused(m, is > was ? is - was : 0))
		return NULL;
	h = m->resize(m->ctx, h, is);
	if (!h)
		return NULL;
	count(m, was, is);
	m->blocks += was == 0;
	h->size = is;
	return h + 1;
}

bool mem_has_idle(const struct mem *m)
{
	size_t idle = m->high - m->small;

	return idle > IDLE && idle > m->high / 8;
}

void *mem_new(struct mem *m, size_t n)
{
	void *p = mem_resize(m, NULL, n);

	if (p)
		memset(p, 0, n);
	return p;
}

void *mem_array(struct mem *m, size_t count_, size_t size)
{
	if (size && count_ > SIZE_MAX / size)
		return NULL;
	return mem_new(m, count_ * size);
}

void *mem_copy(struct mem *m, const void *p, size_t n)
{
	void *copy = mem_resize(m, NULL, n);

	if (copy)
		memcpy(copy, p, n);
	return copy;
}

void mem_free(struct mem *m, void *p)
{
	struct head *h = p ? (struct head *)p - 1 : NULL;

	if (!h)
		return;
	INVARIANT(m->used >= h->size && m->blocks > 0);
	count(m, h->size, 0);
	m->blocks--;
	(void)m->resize(m->ctx, h, 0);
}

int mem_charge(struct mem *m, size_t n)
{
	if (mem_refused(m, n))
		return -ENOMEM;
	count(m, 0, n);
	m->blocks++;
	return 0;
}

void mem_uncharge(struct mem *m, size_t n)
{
	count(m, n, 0);
	m->blocks--;
}
