/* SPDX-License-Identifier: BSD-2-Clause
 * The addresses of a request, one after the other (RFC 3263 4.3), those that
 * have failed before at last; connections are made beside each other (RFC 8305
 * 5), and the first one that is there is gone by. */
#include "sip/core/sip_priv.h"

/* ------------------------------------------------------ who has failed */
static struct sip_shunned *shunned(struct sip_core *c, enum sip_transport t,
				   const struct addr *a)
{
	for (unsigned i = 0; i < c->shunned_n; i++)
		if (c->shunned[i].transport == t &&
		    addr_same(&c->shunned[i].addr, a))
			return &c->shunned[i];
	return NULL;
}

/* A new one, or that which is over first. */
static struct sip_shunned *place(struct sip_core *c)
{
	struct sip_shunned *s = &c->shunned[0];

	if (c->shunned_n < SIP_SHUNNED)
		return &c->shunned[c->shunned_n++];
	for (unsigned i = 1; i < SIP_SHUNNED; i++)
		if (c->shunned[i].until < s->until)
			s = &c->shunned[i];
	return s;
}

void sip_shun(struct sip_core *c, enum sip_transport t, const struct addr *a,
	      mono span)
{
	struct sip_shunned *s = shunned(c, t, a);

	if (!s)
		s = place(c);
	*s = (struct sip_shunned){ *a, t, mono_add(c->now.m, span) };
}

void sip_unshun(struct sip_core *c, enum sip_transport t, const struct addr *a)
{
	struct sip_shunned *s = shunned(c, t, a);

	if (s)
		*s = c->shunned[--c->shunned_n];
}

static bool is_shunned(const struct sip_core *c, const struct sip_way *w)
{
	for (unsigned i = 0; i < c->shunned_n; i++)
		if (c->shunned[i].transport == w->transport &&
		    c->shunned[i].until > c->now.m &&
		    addr_same(&c->shunned[i].addr, &w->addr))
			return true;
	return false;
}

void sip_shun_sort(const struct sip_core *c, struct sip_way *way, size_t n)
{
	struct sip_way last[SIP_HOPS] = { { 0 } };
	size_t kept = 0, put = 0;

	for (size_t i = 0; i < n; i++)
		if (is_shunned(c, &way[i]))
			last[put++] = way[i];
		else
			way[kept++] = way[i];
	for (size_t i = 0; i < put; i++)
		way[kept + i] = last[i];
}

/* ------------------------------------------------------ one after the other */

const struct sip_way *sip_client_way(const struct sip_client *t)
{
	return t->hops ? &t->hops[t->hop_at] : &t->hop;
}

/* Its way at i, when there are several. */
static struct sip_flow *raced(const struct sip_core *c,
			      const struct sip_client *t, unsigned i)
{
	return t->hops ? sip_flow_get(c, t->hops[i].flow) : NULL;
}

void sip_client_waits(struct sip_client *t, const struct sip_flow *f)
{
	if (t->hops)
		t->hops[t->hop_at].flow = f->path.flow;
}

bool sip_client_advance(struct sip_core *c, struct sip_client *t)
{
	if (t->hop_most + 1 < t->hop_n) {
		t->hop_at = ++t->hop_most;
		return true;
	}
	if (!list_linked(&t->race))
		return false;
	if (t->hops) /* it has failed, or is past waiting for */
		t->hops[t->hop_at].flow = 0;
	for (unsigned i = 0; i < t->hop_n; i++)
		if (raced(c, t, i)) {
			t->hop_at = i;
			return true;
		}
	return false;
}

/* -------------------------------------------------- beside each other */
void sip_client_race(struct sip_core *c, struct sip_client *t)
{
	if (!list_linked(&t->race))
		list_append(&c->racing, &t->race);
}

void sip_client_settled(struct sip_client *t)
{
	list_remove(&t->race);
	if (t->hops)
		for (unsigned i = 0; i < t->hop_n; i++)
			t->hops[i].flow = 0;
}

static bool is_open(const struct sip_core *c, const struct sip_client *t,
		    unsigned i)
{
	const struct sip_flow *f = raced(c, t, i);

	return f && f->state == SIP_FLOW_OPEN;
}

void sip_client_prefer_open(struct sip_core *c, struct sip_client *t)
{
	if (!list_linked(&t->race) || is_open(c, t, t->hop_at))
		return;
	for (unsigned i = 0; i < t->hop_n; i++)
		if (is_open(c, t, i)) {
			t->hop_at = i;
			return;
		}
}

bool sip_race_won(struct sip_core *c, const struct sip_flow *f)
{
	for (struct list *l = c->racing.next; l != &c->racing; l = l->next) {
		struct sip_client *t = CONTAINER(l, struct sip_client, race);

		for (unsigned i = 0; i < t->hop_n; i++) {
			if (t->state != SIP_CLIENT_CONNECTING ||
			    raced(c, t, i) != f)
				continue;
			list_remove(&t->link);
			t->hop_at = i;
			sip_client_try(c, t);
			return true;
		}
	}
	return false;
}
