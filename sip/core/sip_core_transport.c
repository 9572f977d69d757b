/* SPDX-License-Identifier: BSD-2-Clause
 * Transport layer, RFC 3261 section 18: listening points, connections and
 * their bytes. */
#include "sip/core/sip_priv.h"

#include "platform/stun.h"
#include "sip/msg/sip_frame.h"

static const mono CONNECT_WITHIN = SEC(10);
/* A message, once begun, and the first one on an accepted connection. */
static const mono MESSAGE_WITHIN = SEC(32);
/* Unused, a connection stays as long as RFC 5626 4.4.1 lets a client's pings
 * be apart (120 s), and well beyond the longest transaction. */
static const mono IDLE = SEC(600);
/* When others need the place; who connects to speak does so at once. */
static const mono MAY_EVICT = SEC(32), MAY_EVICT_SILENT = SEC(4);

enum { PONGS = 8 }; /* answered at a time: more is no keep-alive */

struct sip_flow *sip_flow_get(const struct sip_core *c, uint32_t handle)
{
	return handle ? sip_slots_get(&c->flows, handle) : NULL;
}

/* ---------------------------------------------------- listening points */
static void set_shown(struct sip_flow *f, const struct addr *shown)
{
	struct writer w = writer_begin(f->sent_by, sizeof(f->sent_by) - 1);

	f->shown = *shown;
	addr_write(&w, shown);
	f->sent_by[w.n] = 0;
}

static struct sip_flow *flow_new(struct sip_core *c, enum sip_transport t)
{
	struct sip_flow *f = mem_new(c->mem, sizeof(*f));

	if (!f)
		return NULL;
	f->timed.what = SIP_TIMED_FLOW;
	f->path.transport = t;
	f->path.flow = (uint32_t)sip_slots_add(&c->flows, f);
	if (!f->path.flow) {
		mem_free(c->mem, f);
		return NULL;
	}
	list_init(&f->clients);
	list_init(&f->waiting);
	list_init(&f->servers);
	return f;
}

int sip_core_add_local(struct sip_core *c, enum sip_transport t,
		       const struct addr *bound, const struct addr *shown,
		       uint32_t *point)
{
	struct sip_flow *f;

	if (t == SIP_TRANSPORT_ANY || t >= SIP_TRANSPORT_COUNT ||
	    !bound->family)
		return -EINVAL;
	f = flow_new(c, t);
	if (!f)
		return -ENOMEM;
	f->state = SIP_FLOW_POINT;
	f->path.local = *bound;
	set_shown(f, shown);
	list_append(&c->points, &f->link);
	*point = f->path.flow;
	return 0;
}

void sip_core_set_shown(struct sip_core *c, uint32_t point,
			const struct addr *shown)
{
	struct sip_flow *f = sip_flow_get(c, point);

	if (f && f->state == SIP_FLOW_POINT) {
		set_shown(f, shown);
		f->guessed = false;
	}
}

static bool is_point_for(const struct sip_flow *f, enum sip_transport t,
			 uint8_t family)
{
	return f->path.transport == t &&
	       (!family || f->path.local.family == family);
}

struct sip_flow *sip_point_for(const struct sip_core *c,
			       enum sip_transport t, uint8_t family,
			       const struct addr *local)
{
	struct sip_flow *first = NULL, *any = NULL;

	for (struct list *l = c->points.next; l != &c->points; l = l->next) {
		struct sip_flow *f = CONTAINER(l, struct sip_flow, link);

		if (!is_point_for(f, t, family))
			continue;
		if (!local || addr_same_ip(&f->path.local, local))
			return f;
		first = first ? first : f;
		any = !any && addr_is_any(&f->path.local) ? f : any;
	}
	return any ? any : first;
}

bool sip_point_by_route(const struct sip_core *c, enum sip_transport t,
			uint8_t family, bool shown)
{
	unsigned n = 0;

	for (struct list *l = c->points.next; l != &c->points; l = l->next) {
		struct sip_flow *f = CONTAINER(l, struct sip_flow, link);

		if (is_point_for(f, t, family))
			n += shown && f->guessed ? 2 : 1;
	}
	return n > 1;
}

const struct addr *sip_core_shown(const struct sip_core *c,
				  enum sip_transport t, uint8_t family)
{
	struct sip_flow *f = sip_point_for(c, t, family, NULL);

	return f ? &f->shown : NULL;
}

void sip_core_guess_shown(struct sip_core *c, uint32_t point)
{
	struct sip_flow *f = sip_flow_get(c, point);

	if (f && f->state == SIP_FLOW_POINT)
		f->guessed = true;
}

struct addr sip_core_shown_of(const struct sip_core *c, uint32_t point)
{
	const struct sip_flow *f = sip_flow_get(c, point);

	return f && f->state == SIP_FLOW_POINT && f->guessed ? f->shown :
	       (struct addr){ 0 };
}

struct addr sip_point_shows(const struct sip_flow *point,
			    const struct addr *local)
{
	struct addr a = *local;

	if ((!point->guessed && point->shown.family) || !a.family ||
	    addr_is_any(&a))
		return point->shown;
	a.port = point->shown.port;
	return a;
}

struct addr sip_core_shown_at(const struct sip_core *c, enum sip_transport t,
			      const struct addr *local)
{
	struct sip_flow *f = sip_point_for(c, t, local->family, local);

	return f ? sip_point_shows(f, local) : *local;
}

/* --------------------------------------------------------- connections */
static uint64_t stream_hash(const struct sip_core *c, const struct sip_path *p)
{
	uint8_t b[16 + 16];
	struct writer w = writer_begin(b, sizeof(b));

	writer_be32(&w, p->identity);
	writer_be32(&w, p->name);
	writer_be32(&w, p->remote.scope);
	writer_be16(&w, p->remote.port);
	writer_be8(&w, p->remote.family);
	writer_be8(&w, (uint8_t)p->transport);
	memcpy(b + w.n, p->remote.ip, sizeof(p->remote.ip));
	return htab_hash(&c->streams, slice_of(b, sizeof(b)));
}

static struct sip_flow *stream_find(const struct sip_core *c,
				    const struct sip_path *p, uint64_t hash)
{
	struct htab_node *n = htab_find(&c->streams, hash);

	for (; n; n = htab_next(n)) {
		struct sip_flow *f = CONTAINER(n, struct sip_flow, node);

		if (f->path.transport == p->transport &&
		    f->path.identity == p->identity &&
		    f->path.name == p->name &&
		    addr_same(&f->path.remote, &p->remote))
			return f;
	}
	return NULL;
}

static bool unused(const struct sip_flow *f)
{
	return list_empty(&f->clients) && list_empty(&f->waiting) &&
	       list_empty(&f->servers);
}

static mono flow_deadline(const struct sip_core *c, const struct sip_flow *f)
{
	if (f->state == SIP_FLOW_CONNECTING)
		return mono_add(f->last, CONNECT_WITHIN);
	if (f->n || !f->heard)
		return mono_add(f->begun, MESSAGE_WITHIN);
	/* WebSockets have pings of their own, which are not seen here. */
	return mono_add(unused(f) &&
			!sip_transport_row(f->path.transport)->framed ?
			f->last : c->now.m, IDLE);
}

static void transport_set_timer(struct sip_core *c, struct sip_flow *f)
{
	wheel_set(&c->wheel, &f->timed.timer, flow_deadline(c, f));
}

/* Of an open one that is not among those just opened. */
static void touch(struct sip_core *c, struct sip_flow *f)
{
	f->last = c->now.m;
	if (!list_empty(&f->waiting) || !list_empty(&f->servers))
		return;
	list_remove(&f->link);
	list_append(&c->uses, &f->link);
}

/* What those accepted may have.  An eighth is for our own: who fills the rest
 * does not keep us from calling; and media wants descriptors, too. */
static uint32_t accepted_max(const struct sip_core *c)
{
	uint32_t flows = c->limits.flows - c->limits.flows / 8;
	uint32_t half = c->limits.descriptors / 2;

	return flows < half ? flows : half;
}

static void drop_reset(struct sip_core *c, struct sip_flow *f)
{
	f->reset = true;
	sip_flow_drop(c, f, true);
}

/* Room for one more connection: the one longest unused goes, if any may. */
static bool make_place(struct sip_core *c, bool accepted)
{
	if (c->stats.flows < (accepted ? accepted_max(c) : c->limits.flows))
		return true;
	for (struct list *l = c->uses.next; l != &c->uses; l = l->next) {
		struct sip_flow *f = CONTAINER(l, struct sip_flow, link);
		mono age = c->now.m - f->last;

		if (age < MAY_EVICT_SILENT)
			return false;
		if (unused(f) && f->path.flow != c->streaming &&
		    age >= (f->heard ? MAY_EVICT : MAY_EVICT_SILENT)) {
			drop_reset(c, f);
			return true;
		}
	}
	return false;
}

void sip_core_limit_source(struct sip_core *c, uint32_t flows)
{
	c->source_max = flows;
}

/* The bytes that tell one source from another. */
static uint64_t source_hash(const struct sip_core *c, const struct addr *who)
{
	uint8_t b[16 + 5];
	struct writer w = writer_begin(b, sizeof(b));

	writer_be8(&w, who->family);
	writer_be32(&w, who->scope);
	memcpy(b + w.n, who->ip, sizeof(who->ip));
	return htab_hash(&c->sources, slice_of(b, sizeof(b)));
}

static struct sip_source *source_get(struct sip_core *c,
				     const struct addr *remote)
{
	struct addr who = addr_source(remote);
	uint64_t hash = source_hash(c, &who);
	struct htab_node *n = htab_find(&c->sources, hash);
	struct sip_source *s;

	for (; n; n = htab_next(n))
		if (addr_same(&CONTAINER(n, struct sip_source, node)->who,
			      &who))
			return CONTAINER(n, struct sip_source, node);
	s = mem_new(c->mem, sizeof(*s));
	if (!s)
		return NULL;
	s->who = who;
	htab_add(&c->sources, &s->node, hash);
	return s;
}

static void source_settle(struct sip_core *c, struct sip_source *s)
{
	if (!s || s->flows)
		return;
	htab_remove(&c->sources, &s->node);
	mem_free(c->mem, s);
}

/* The source of a connection that comes in, with that one counted; NULL: it has
 * its share, or there is no memory. */
static struct sip_source *source_take(struct sip_core *c,
				      const struct addr *remote)
{
	uint32_t half = accepted_max(c) / 2;
	uint32_t max = c->source_max ? c->source_max : half ? half : 1;
	struct sip_source *s = source_get(c, remote);

	if (s && s->flows >= max)
		return NULL;
	if (s)
		s->flows++;
	return s;
}

static void source_leave(struct sip_core *c, struct sip_source *s)
{
	if (s)
		s->flows--;
	source_settle(c, s);
}

static struct sip_flow *stream_new(struct sip_core *c,
				   const struct sip_path *p, bool accepted)
{
	struct sip_flow *f = make_place(c, accepted) ?
			     flow_new(c, p->transport) : NULL;
	uint32_t handle;

	if (!f)
		return NULL;
	handle = f->path.flow;
	f->path = *p;
	f->path.flow = handle;
	f->last = f->begun = c->now.m;
	sip_whom_keep(&c->names, p->name);
	htab_add(&c->streams, &f->node, stream_hash(c, p));
	list_append(&c->uses, &f->link);
	c->stats.flows++;
	return f;
}

struct sip_flow *sip_flow_to(struct sip_core *c, const struct sip_path *p)
{
	struct sip_flow *f = stream_find(c, p, stream_hash(c, p));
	struct sip_entry *e;

	if (f)
		return f;
	f = stream_new(c, p, false);
	if (!f)
		return NULL;
	f->state = SIP_FLOW_CONNECTING;
	f->path.local.port = 0; /* any: the listener has its own */
	f->heard = true;        /* it is ours to speak first */
	transport_set_timer(c, f);
	e = sip_out_push(c, SIP_OUT_CONNECT);
	e->out.flow = f->path.flow;
	e->out.path = f->path;
	return f;
}

int sip_core_on_accept(struct sip_core *c, uint32_t point,
		       const struct addr *local, const struct addr *remote,
		       struct instant now, uint32_t *flow)
{
	struct sip_flow *p = sip_flow_get(c, point), *f;
	struct sip_path path = { .local = *local, .remote = *remote };
	struct sip_source *s;

	c->now = now;
	if (!p || p->state != SIP_FLOW_POINT || sip_out_reserve(c, SIP_RESERVE))
		return -EMFILE;
	path.transport = p->path.transport;
	s = source_take(c, remote);
	f = s ? stream_new(c, &path, true) : NULL;
	if (!f) {
		source_leave(c, s);
		return -EMFILE;
	}
	f->source = s;
	f->state = SIP_FLOW_OPEN;
	f->accepted = true;
	transport_set_timer(c, f);
	*flow = f->path.flow;
	return 0;
}

void sip_core_on_open(struct sip_core *c, uint32_t flow,
		      const struct addr *local, struct instant now)
{
	struct sip_flow *f = sip_flow_get(c, flow);

	c->now = now;
	if (!f || f->state != SIP_FLOW_CONNECTING)
		return;
	f->state = SIP_FLOW_OPEN;
	f->path.local = *local;
	f->last = now.m;
	transport_set_timer(c, f);
	/* What waits is sent from sip_core_poll, one at a time. */
	list_remove(&f->link);
	list_append(&c->opened, &f->link);
}

/* Sends the next thing that waited for a connection; false: none. */
bool sip_opened_next(struct sip_core *c)
{
	while (!list_empty(&c->opened)) {
		struct sip_flow *f = CONTAINER(c->opened.next, struct sip_flow,
					       link);

		if (!list_empty(&f->waiting)) {
			sip_client_on_open(c, CONTAINER(list_take(&f->waiting),
				struct sip_client, link));
			return true;
		}
		if (!list_empty(&f->servers)) {
			sip_server_on_open(c, CONTAINER(list_take(&f->servers),
				struct sip_server, link), true);
			return true;
		}
		if (sip_race_won(c, f))
			return true;
		list_remove(&f->link);
		list_append(&c->uses, &f->link);
	}
	return false;
}

/* For the user of what waited there. */
static const char *why(int err)
{
	switch (err) {
	case ECONNREFUSED:
		return "refused: nobody listens there";
	case EHOSTUNREACH:
		return "unreachable: the host does not react";
	case ENETUNREACH:
		return "no route to that network";
	case ETIMEDOUT:
		return "timed out: no connection";
	case ECONNRESET:
		return "the peer broke the connection";
	default:
		return "the connection failed";
	}
}

static void blame(struct list *clients, const struct sip_flow *f)
{
	for (struct list *l = clients->next; l != clients; l = l->next)
		CONTAINER(l, struct sip_client, link)->reason =
			f->words ? f->words : why(f->err);
}

void sip_core_on_refused(struct sip_core *c, uint32_t flow, const char *reason,
			 struct instant now)
{
	struct sip_flow *f = sip_flow_get(c, flow);
	char *words = c->words[c->word++ % COUNT(c->words)];
	size_t n = strlen(reason);

	n = n < SIP_WORDS ? n : SIP_WORDS - 1;
	memcpy(words, reason, n);
	words[n] = '\0';
	if (f)
		f->words = words;
	sip_core_on_closed(c, flow, 0, now);
}

void sip_core_on_closed(struct sip_core *c, uint32_t flow, int err,
			struct instant now)
{
	struct sip_flow *f = sip_flow_get(c, flow);

	c->now = now;
	if (f)
		f->err = err;
	if (f && f->state != SIP_FLOW_POINT && !sip_out_reserve(c, SIP_RESERVE))
		sip_flow_drop(c, f, false);
}

static void move_all(struct list *to, struct list *from)
{
	struct list *l;

	while ((l = list_take(from)))
		list_append(to, l);
}

/* What is left is told by sip_core_poll, one transaction at a time. */
void sip_flow_drop(struct sip_core *c, struct sip_flow *f, bool tell_port)
{
	blame(&f->waiting, f);
	blame(&f->clients, f);
	if (f->state == SIP_FLOW_CONNECTING)
		sip_shun(c, f->path.transport, &f->path.remote, SIP_SHUN);
	move_all(&c->failed, &f->waiting);
	move_all(&c->failed, &f->clients);
	move_all(&c->unsent, &f->servers);
	if (tell_port) {
		struct sip_entry *e = sip_out_push(c, SIP_OUT_CLOSE);

		e->out.flow = f->path.flow;
		e->out.path = f->path;
		e->out.reset = f->reset;
	}
	source_leave(c, f->source);
	if (f->state == SIP_FLOW_OPEN)
		sip_out_event(c, &(struct sip_event){
			.kind = SIP_EV_FLOW_GONE, .path = f->path });
	if (c->streaming == f->path.flow)
		c->streaming = 0;
	htab_remove(&c->streams, &f->node);
	sip_whom_drop(&c->names, f->path.name);
	c->stats.flows--;
	list_remove(&f->link);
	wheel_cancel(&c->wheel, &f->timed.timer);
	sip_slots_remove(&c->flows, f->path.flow);
	sip_held(c, f->cap, 0);
	if (c->in.live && c->in.path.flow == f->path.flow)
		c->orphan = f->buf; /* the one in hand may lie there */
	else
		mem_free(c->mem, f->buf);
	mem_free(c->mem, f);
}

void sip_flow_on_time(struct sip_core *c, struct sip_flow *f)
{
	if (flow_deadline(c, f) > c->now.m) {
		transport_set_timer(c, f);
		return;
	}
	if (f->state == SIP_FLOW_CONNECTING)
		f->err = ETIMEDOUT;
	f->reset = !f->heard;
	sip_flow_drop(c, f, true);
}

bool sip_core_flow(const struct sip_core *c, uint32_t flow,
		   struct sip_path *out)
{
	struct sip_flow *f = sip_flow_get(c, flow);

	if (!f || f->state == SIP_FLOW_CONNECTING)
		return false;
	*out = f->path;
	return true;
}

struct slice sip_core_name(const struct sip_core *c,
			   const struct sip_path *path)
{
	return sip_whom_text(&c->names, path->name);
}

void sip_core_remove_local(struct sip_core *c, uint32_t point)
{
	struct sip_flow *f = sip_flow_get(c, point);

	if (!f || f->state != SIP_FLOW_POINT)
		return;
	blame(&f->clients, f);
	move_all(&c->failed, &f->clients);
	list_remove(&f->link);
	sip_slots_remove(&c->flows, point);
	mem_free(c->mem, f);
}

void sip_transport_fini(struct sip_core *c)
{
	uint32_t at = 0;
	struct sip_flow *f;

	while ((f = sip_slots_walk(&c->flows, &at))) {
		source_leave(c, f->source);
		mem_free(c->mem, f->buf);
		mem_free(c->mem, f);
	}
	sip_slots_fini(&c->flows);
	mem_free(c->mem, c->orphan);
}

/* ------------------------------------------------------------- sending */
int sip_send(struct sip_core *c, const struct sip_path *path,
	     struct slice bytes)
{
	bool stream = sip_transport_row(path->transport)->connected;
	struct sip_flow *f = sip_flow_get(c, path->flow);
	struct sip_entry *e;

	if (!f || f->state != (stream ? SIP_FLOW_OPEN : SIP_FLOW_POINT))
		return -EPIPE;
	if (stream)
		touch(c, f);
	e = sip_out_push(c, stream ? SIP_OUT_STREAM : SIP_OUT_DATAGRAM);
	e->out.flow = path->flow;
	e->out.bytes = bytes;
	e->out.path = *path;
	c->stats.sent++;
	return 0;
}

int sip_core_keepalive(struct sip_core *c, const struct sip_path *p,
		       struct instant now)
{
	c->now = now;
	if (sip_out_reserve(c, SIP_RESERVE))
		return -ENOMEM;
	return sip_send(c, p, S("\r\n\r\n"));
}

/* ----------------------------------------------------------- receiving */
void sip_core_on_datagram(struct sip_core *c, uint32_t point,
			  const struct addr *local, const struct addr *remote,
			  struct slice bytes, struct instant now)
{
	struct sip_flow *f = sip_flow_get(c, point);
	struct sip_path path = { .flow = point, .local = *local,
				 .remote = *remote };

	c->now = now;
	if (!f || f->state != SIP_FLOW_POINT || sip_out_reserve(c, SIP_RESERVE))
		return;
	path.transport = f->path.transport;
	if (stun_is(bytes)) {                  /* RFC 5626 8 */
		sip_keep_on_stun(c, &path, bytes);
		return;
	}
	while (bytes.n && (*bytes.p == '\r' || *bytes.p == '\n'))
		bytes = slice_skip(bytes, 1);  /* 7.5 */
	if (bytes.n)                           /* else a keep-alive */
		sip_receive(c, &path, bytes);
}

/* repeats: what was sent more than once fails, too. */
static void datagram_failed(struct sip_core *c, uint32_t point,
			    const struct addr *remote, int err, bool repeats)
{
	struct sip_flow *f = sip_flow_get(c, point);
	struct list *l, *next;

	if (!f || f->state != SIP_FLOW_POINT)
		return;
	for (l = f->clients.next; l != &f->clients; l = next) {
		struct sip_client *t = CONTAINER(l, struct sip_client, link);

		next = l->next;
		if (!addr_same(&t->path.remote, remote) ||
		    (t->repeated && !repeats))
			continue;
		t->reason = why(err);
		list_remove(l);
		list_append(&c->failed, l);
	}
}

void sip_core_on_datagram_error(struct sip_core *c, uint32_t point,
				const struct addr *remote, int err,
				struct instant now)
{
	c->now = now;
	datagram_failed(c, point, remote, err, true);
	if (!sip_out_reserve(c, SIP_RESERVE))
		sip_keep_on_error(c, &(struct sip_path){
			.flow = point, .remote = *remote });
}

void sip_core_on_unsent(struct sip_core *c, uint32_t point,
			const struct addr *remote, int err, struct instant now)
{
	c->now = now;
	datagram_failed(c, point, remote, err, false);
}

void sip_core_on_stream(struct sip_core *c, uint32_t flow, struct slice bytes,
			struct instant now)
{
	struct sip_flow *f = sip_flow_get(c, flow);

	c->now = now;
	if (!f || f->state != SIP_FLOW_OPEN)
		return;
	INVARIANT(!c->streaming);              /* drained: see sip_core.h */
	f->came = now.m;
	c->streaming = flow;
	c->stream = bytes;
	c->consumed = 0;
}

/* Takes n bytes off the front: of what is kept, or of what just came. */
static void consume(struct sip_core *c, struct sip_flow *f, size_t n)
{
	if (!f->n) {
		c->stream = slice_skip(c->stream, n);
		return;
	}
	f->n -= n;
	f->need = 0;
	if (f->n)
		memmove(f->buf, f->buf + n, f->n);
}

/* Moves what came behind what is kept: no more than the message needs, when
 * that is known.  False: no memory, or more than the limit. */
static bool transport_keep(struct sip_core *c, struct sip_flow *f)
{
	size_t n = c->stream.n, max = c->limits.tcp_receive;

	if (f->need > f->n && f->need - f->n < n)
		n = f->need - f->n;
	if (n > max || f->n > max - n)
		n = max - f->n;
	if (!n)
		return false;
	if (f->n + n > f->cap) {
		/* A length that is only announced takes no memory. */
		size_t cap = f->n + n > 2 * f->cap ? f->n + n : 2 * f->cap;
		char *p = f->accepted && sip_strained(c) ? NULL :
			  mem_resize(c->mem, f->buf, cap < max ? cap : max);

		if (!p)
			return false;
		cap = cap < max ? cap : max;
		sip_held(c, f->cap, cap);
		f->buf = p;
		f->cap = cap;
	}
	if (!f->n) {
		f->begun = c->now.m;
		wheel_set(&c->wheel, &f->timed.timer,
			  mono_add(f->begun, MESSAGE_WITHIN));
	}
	memcpy(f->buf + f->n, c->stream.p, n);
	f->n += n;
	c->stream = slice_skip(c->stream, n);
	return true;
}

static void forget_kept(struct sip_core *c, struct sip_flow *f)
{
	sip_held(c, f->cap, 0);
	mem_free(c->mem, f->buf);
	f->buf = NULL;
	f->n = f->cap = f->need = 0;
}

static void pong(struct sip_core *c, struct sip_flow *f, unsigned pings)
{
	struct slice crlfs = S("\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n");

	if (!pings)
		return;
	f->heard = true;
	if (pings < PONGS)
		crlfs = slice_head(crlfs, 2 * pings);
	if (sip_send(c, &f->path, crlfs))
		return;                /* it is open: never */
}

/* Is a header's end, as sip_frame sees it, among the bytes from `from` on?
 * Until then framing would look through all of them again for every piece
 * that comes. */
static bool head_ends(struct slice s, size_t from)
{
	for (size_t i = from < 3 ? 3 : from; i < s.n; i++)
		if (s.p[i] == '\n' &&
		    memcmp(s.p + i - 3, "\r\n\r", 3) == 0)
			return true;
	return false;
}

/* More is needed: true when it was there. */
static bool more(struct sip_core *c, struct sip_flow *f, bool *bad)
{
	size_t had = f->n, max = c->limits.tcp_receive;

	if (!c->stream.n)
		return false;
	*bad = !transport_keep(c, f);
	if (*bad || f->n >= max)
		return true;
	if (f->need)
		return f->n >= f->need;
	return had && (had < 4 || head_ends(slice_of(f->buf, f->n), had));
}

static void stream_broken(struct sip_core *c, struct sip_flow *f,
			  struct slice src, int rc)
{
	sip_receive_bad(c, &f->path, src, rc == -E2BIG ? 513 : 400);
	sip_flow_drop(c, f, true);
}

/* Where each comes by itself (RFC 7118 5) there is nothing to be looked for;
 * CRLFs alone are a keep-alive (RFC 5626 4.4.1). */
static void one_message(struct sip_core *c, struct sip_flow *f,
			struct slice src)
{
	unsigned pings = 0;

	while (src.n && (*src.p == '\r' || *src.p == '\n')) {
		if (slice_starts(src, "\r\n\r\n")) {
			pings++;
			src = slice_skip(src, 3);
		}
		src = slice_skip(src, 1);
	}
	touch(c, f);
	f->heard = true;
	if (src.n)
		sip_receive(c, &f->path, src);
	else
		pong(c, f, pings);
}

/* One message, when it is whole: 1; 0: more bytes are needed; negative: it
 * cannot be followed any more. */
static int next_message(struct sip_core *c, struct sip_flow *f,
			struct slice src)
{
	struct parse_error e;
	struct sip_frame fr;
	int rc;

	if (sip_transport_row(f->path.transport)->framed) {
		c->consumed = src.n;
		one_message(c, f, src);
		return 1;
	}
	rc = sip_frame(src, LIMIT_SIP_MESSAGE, &fr, &e);

	if (rc == 0) {
		pong(c, f, fr.pings);
		c->consumed = fr.skip + fr.total;
		f->heard = true;
		touch(c, f);
		sip_receive(c, &f->path,
			    slice_of(src.p + fr.skip, fr.total));
		return 1;
	}
	if (rc != -EAGAIN) {
		stream_broken(c, f, slice_skip(src, fr.skip), rc);
		return rc;
	}
	pong(c, f, fr.pings);
	consume(c, f, fr.skip);
	f->need = fr.head ? fr.total : 0;
	return 0;
}

bool sip_stream_next(struct sip_core *c)
{
	struct sip_flow *f = sip_flow_get(c, c->streaming);
	bool bad = false, framed;

	if (!f) {
		c->streaming = 0;
		return false;
	}
	framed = f->n && !c->consumed; /* what is kept: it was not enough */
	if (c->consumed)
		consume(c, f, c->consumed);
	c->consumed = 0;
	for (;; framed = false) {
		struct slice src = f->n ? slice_of(f->buf, f->n) : c->stream;
		int rc = src.n && !framed ? next_message(c, f, src) : 0;

		if (rc)
			return true;
		while (!more(c, f, &bad))
			if (!c->stream.n)
				goto out;
		if (bad) {
			sip_flow_drop(c, f, true);
			return true;
		}
	}
out:
	/* A lone CRLF is half a ping, or the pong that is awaited (5626 3.5.1):
	 * no message that has to become whole. */
	if (f->pinged && f->n == 2 && memcmp(f->buf, "\r\n", 2) == 0) {
		f->pinged = false;
		f->n = 0;
	}
	if (!f->n)
		forget_kept(c, f);
	c->streaming = 0;
	return c->ring_n != 0;
}
