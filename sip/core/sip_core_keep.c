/* SPDX-License-Identifier: BSD-2-Clause
 * Flows that are kept open, and known to be: RFC 5626 3.5, 4.4. */
#include "platform/stun.h"
#include "sip/core/sip_priv.h"

enum {
	KEEP_STREAM = 120, KEEP_DATAGRAM = 29, /* seconds, 4.4.1 and 4.4.2 */
	PONG_WITHIN = 10,                      /* 4.4.1 */
	KEEP_TRIES = 7, KEEP_LAST = 16         /* RFC 8489 6.2.1: Rc, Rm */
};
static const mono RTO = MS(500);

static uint64_t keep_hash(const struct sip_core *c, const struct sip_path *p)
{
	uint8_t b[4 + 4 + 4 + 16];
	struct writer w = writer_begin(b, sizeof(b));

	writer_be32(&w, p->flow);
	writer_be32(&w, p->remote.scope);
	writer_be16(&w, p->remote.port);
	writer_be16(&w, p->remote.family);
	memcpy(b + w.n, p->remote.ip, sizeof(p->remote.ip));
	return htab_hash(&c->kept, slice_of(b, sizeof(b)));
}

static struct sip_keep *keep_find(const struct sip_core *c,
				  const struct sip_path *p)
{
	struct htab_node *n = htab_find(&c->kept, keep_hash(c, p));

	for (; n; n = htab_next(n)) {
		struct sip_keep *k = CONTAINER(n, struct sip_keep, node);

		if (k->path.flow == p->flow &&
		    addr_same(&k->path.remote, &p->remote))
			return k;
	}
	return NULL;
}

static bool is_stream(const struct sip_keep *k)
{
	return sip_transport_row(k->path.transport)->connected;
}

static void keep_free(struct sip_core *c, struct sip_keep *k)
{
	wheel_cancel(&c->wheel, &k->timed.timer);
	htab_remove(&c->kept, &k->node);
	sip_slots_remove(&c->keeps, k->handle);
	mem_free(c->mem, k);
}

void sip_keep_fini(struct sip_core *c)
{
	struct htab_node *n;

	while (c->kept.bucket && (n = htab_any(&c->kept)) != NULL)
		keep_free(c, CONTAINER(n, struct sip_keep, node));
	htab_fini(&c->kept);
	sip_slots_fini(&c->keeps);
}

static void wait_for(struct sip_core *c, struct sip_keep *k, mono span)
{
	wheel_set(&c->wheel, &k->timed.timer, mono_add(c->now.m, span));
}

/* 4.4: between 80 and 100 of each hundred, another each time. */
static void keep_rest(struct sip_core *c, struct sip_keep *k)
{
	uint32_t ms = k->most * 1000;

	k->tries = 0;
	wait_for(c, k, MS(ms - drbg_below(&c->random, ms / 5 + 1)));
}

static void keep_fail(struct sip_core *c, struct sip_keep *k)
{
	struct sip_flow *f = sip_flow_get(c, k->path.flow);
	struct sip_path path = k->path;

	keep_free(c, k);
	if (f && f->state == SIP_FLOW_OPEN) {
		f->err = ETIMEDOUT;
		f->reset = true;
		sip_flow_drop(c, f, true);
	} else {
		sip_out_event(c, &(struct sip_event){
			.kind = SIP_EV_FLOW_GONE, .path = path });
	}
}

/* ---------------------------------------------------------- connections */
/* Whatever came since the ping was sent shows that it is alive. */
static void keep_stream(struct sip_core *c, struct sip_keep *k)
{
	struct sip_flow *f = sip_flow_get(c, k->path.flow);

	if (!f || f->state != SIP_FLOW_OPEN) {
		keep_fail(c, k);
		return;
	}
	if (k->tries && f->came >= k->sent) {
		k->answers |= f->pinged == false;
		keep_rest(c, k);
		return;
	}
	if (k->tries && k->answers) {
		keep_fail(c, k);
		return;
	}
	if (k->tries) { /* it never promised to answer */
		keep_rest(c, k);
		return;
	}
	k->tries = 1;
	k->sent = c->now.m;
	f->pinged = true;
	if (sip_send(c, &f->path, S("\r\n\r\n")))
		keep_fail(c, k);
	else
		wait_for(c, k, SEC(PONG_WITHIN));
}

/* ------------------------------------------------------------ datagrams */
/* Without a promise: what nobody has to answer opens the way as well, and is
 * ignored where messages are wanted (RFC 3261 7.5). */
static int keep_send(struct sip_core *c, struct sip_keep *k)
{
	char *room;
	struct writer w;

	if (!k->answers)
		return sip_send(c, &k->path, S("\r\n\r\n"));
	room = sip_room(c, STUN_HEADER);
	w = writer_begin(room, room ? STUN_HEADER : 0);
	if (!room)
		return 0; /* as if lost */
	stun_write_request(&w, k->id, false);
	return sip_send(c, &k->path, writer_done(&w));
}

static void keep_datagram(struct sip_core *c, struct sip_keep *k)
{
	if (k->tries == KEEP_TRIES) {
		keep_fail(c, k);
		return;
	}
	if (!k->tries)
		drbg_bytes(&c->random, k->id, sizeof(k->id));
	if (keep_send(c, k)) {
		keep_fail(c, k);
		return;
	}
	if (!k->answers) {
		keep_rest(c, k);
		return;
	}
	k->tries++;
	wait_for(c, k, k->tries == KEEP_TRIES ? KEEP_LAST * RTO :
					       RTO << (k->tries - 1));
}

void sip_keep_on_time(struct sip_core *c, struct sip_keep *k)
{
	if (is_stream(k))
		keep_stream(c, k);
	else
		keep_datagram(c, k);
}

/* 4.4.2: an error, or another address than the first, is the flow's end. */
void sip_keep_on_stun(struct sip_core *c, const struct sip_path *path,
		      struct slice bytes)
{
	struct sip_keep *k = keep_find(c, path);
	struct stun_msg m;

	if (!k || !k->tries || stun_parse(bytes, &m, NULL) < 0 ||
	    (m.is != STUN_SUCCESS && m.is != STUN_ERROR) ||
	    m.method != STUN_BINDING || memcmp(m.id, k->id, sizeof(k->id)))
		return;
	if (m.is == STUN_ERROR || !m.mapped.family || m.unknown ||
	    (k->mapped.family && !addr_same(&k->mapped, &m.mapped))) {
		keep_fail(c, k);
		return;
	}
	k->mapped = m.mapped;
	keep_rest(c, k);
}

/* Nothing listens there any more. */
void sip_keep_on_error(struct sip_core *c, const struct sip_path *path)
{
	struct sip_keep *k = keep_find(c, path);

	if (k && k->answers)
		keep_fail(c, k);
}

/* ------------------------------------------------------------ who asks */
int sip_core_keep(struct sip_core *c, const struct sip_path *path,
		  uint32_t most, bool answers, struct instant now,
		  uint64_t *keep)
{
	bool stream = sip_transport_row(path->transport)->connected;
	struct sip_keep *k = keep_find(c, path);
	bool is_new = !k;

	c->now = now;
	if (!most)
		most = stream ? KEEP_STREAM : KEEP_DATAGRAM;
	if (most > KEEP_MOST)
		most = KEEP_MOST;
	if (is_new) {
		k = mem_new(c->mem, sizeof(*k));
		if (!k)
			return -ENOMEM;
		k->handle = sip_slots_add(&c->keeps, k);
		if (!k->handle) {
			mem_free(c->mem, k);
			return -ENOMEM;
		}
		k->timed.what = SIP_TIMED_KEEP;
		k->path = *path;
		htab_add(&c->kept, &k->node, keep_hash(c, path));
	}
	k->uses++;
	k->answers |= answers;
	if (is_new || most < k->most) {
		k->most = most;
		if (!k->tries)
			keep_rest(c, k);
	}
	*keep = k->handle;
	return 0;
}

void sip_core_unkeep(struct sip_core *c, uint64_t keep)
{
	struct sip_keep *k = keep ? sip_slots_get(&c->keeps, keep) : NULL;

	if (k && --k->uses == 0)
		keep_free(c, k);
}
