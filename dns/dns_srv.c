/* SPDX-License-Identifier: BSD-2-Clause */
#include "dns/dns_srv.h"

/* Lower priority first; of one priority those of weight 0 first, as the
 * algorithm wants it.  Stable. */
static bool srv_before(const struct dns_srv_rank *a,
		       const struct dns_srv_rank *b)
{
	if (a->priority != b->priority)
		return a->priority < b->priority;
	return !a->weight && b->weight;
}

static void move(struct dns_srv_rank *v, size_t from, size_t to)
{
	struct dns_srv_rank x = v[from];

	for (; from > to; from--)
		v[from] = v[from - 1];
	v[to] = x;
}

void dns_srv_order(struct dns_srv_rank *v, size_t n, struct drbg *d)
{
	uint32_t sum, r;
	size_t end, i;

	for (i = 1; i < n; i++) {
		size_t to = i;

		while (to && srv_before(&v[i], &v[to - 1]))
			to--;
		move(v, i, to);
	}
	for (size_t at = 0; at < n; at++) {
		for (end = at, sum = 0; end < n &&
		     v[end].priority == v[at].priority; end++)
			sum += v[end].weight;
		r = drbg_below(d, sum + 1); /* 0 .. sum */
		for (i = at; i + 1 < end && v[i].weight < r; i++)
			r -= v[i].weight;
		move(v, i, at);
	}
}
