/* SPDX-License-Identifier: BSD-2-Clause
 * A ring of outputs; the bytes they point to lie in chunks that are all given
 * back when the ring has run empty. */
#include "sip/core/sip_priv.h"

enum { CHUNK = 8192, RING_FIRST = 16 };

struct sip_chunk {
	struct sip_chunk *next;
	size_t n, cap;
	char room[];
};

static struct sip_chunk *chunk_new(struct sip_core *c, size_t n)
{
	size_t cap = n > CHUNK ? n : CHUNK;
	struct sip_chunk *k = mem_resize(c->mem, NULL, sizeof(*k) + cap);

	if (!k)
		return NULL;
	k->next = c->chunk;
	k->n = 0;
	k->cap = cap;
	c->chunk = k;
	return k;
}

char *sip_room(struct sip_core *c, size_t n)
{
	struct sip_chunk *k = c->chunk;
	char *p;

	if (!k || k->cap - k->n < n)
		k = chunk_new(c, n);
	if (!k)
		return NULL;
	p = k->room + k->n;
	k->n += n;
	return p;
}

void sip_room_back(struct sip_core *c, size_t n)
{
	c->chunk->n -= n;
}

void sip_room_clear(struct sip_core *c)
{
	while (c->chunk && (c->chunk->next || c->chunk->cap > CHUNK)) {
		struct sip_chunk *next = c->chunk->next;

		mem_free(c->mem, c->chunk);
		c->chunk = next;
	}
	if (c->chunk)
		c->chunk->n = 0;
}

void sip_room_free(struct sip_core *c)
{
	sip_room_clear(c);
	mem_free(c->mem, c->chunk);
	c->chunk = NULL;
	mem_free(c->mem, c->ring);
	c->ring = NULL;
}

int sip_out_reserve(struct sip_core *c, uint32_t n)
{
	uint32_t cap = c->ring_cap ? 2 * c->ring_cap : RING_FIRST;
	struct sip_entry *ring;

	if (c->ring_cap - c->ring_n >= n)
		return 0;
	while (cap - c->ring_n < n)
		cap *= 2;
	ring = mem_array(c->mem, cap, sizeof(*ring));
	if (!ring)
		return -ENOMEM;
	for (uint32_t i = 0; i < c->ring_n; i++)
		ring[i] = c->ring[(c->ring_at + i) & (c->ring_cap - 1)];
	mem_free(c->mem, c->ring);
	c->ring = ring;
	c->ring_cap = cap;
	c->ring_at = 0;
	return 0;
}

struct sip_entry *sip_out_push(struct sip_core *c, enum sip_out_kind kind)
{
	uint32_t at = (c->ring_at + c->ring_n) & (c->ring_cap - 1);
	struct sip_entry *e = &c->ring[at];

	INVARIANT(c->ring_n < c->ring_cap);
	c->ring_n++;
	e->out = (struct sip_out){ .kind = kind };
	return e;
}

void sip_out_event(struct sip_core *c, const struct sip_event *ev)
{
	sip_out_push(c, SIP_OUT_EVENT)->event = *ev;
}

bool sip_out_take(struct sip_core *c, struct sip_out *out)
{
	struct sip_entry *e = &c->ring[c->ring_at];

	if (!c->ring_n)
		return false;
	c->ring_at = (c->ring_at + 1) & (c->ring_cap - 1);
	c->ring_n--;
	*out = e->out;
	if (out->kind == SIP_OUT_EVENT) {
		c->polled.event = e->event;
		out->event = &c->polled.event;
	} else if (out->kind == SIP_OUT_LOCATE) {
		c->polled.where = e->where;
		out->locate = &c->polled.where;
	}
	return true;
}

size_t sip_msg_room(const struct sip_msg *m)
{
	/* "SIP/2.0", status, blanks, line ends, Content-Length */
	size_t n = 64 + m->method_name.n + m->uri.n + m->reason.n + m->body.n;

	for (uint16_t i = 0; i < m->n; i++)
		n += m->field[i].name.n + m->field[i].value.n + 4;
	return n;
}

struct slice sip_msg_text(struct sip_core *c, const struct sip_msg *m)
{
	size_t n = sip_msg_room(m);
	char *p = sip_room(c, n);
	struct writer w = writer_begin(p, n);

	if (!p)
		return (struct slice){ NULL, 0 };
	sip_msg_write(&w, m);
	sip_room_back(c, n - w.n);
	return writer_done(&w);
}
