/* SPDX-License-Identifier: BSD-2-Clause
 * dns/mdns_answer.c - our records as they stand in messages, and answers to
 * questions about them: RFC 6762 5.4, 6, 7.1, 7.2, 7.4. */
#include "dns/mdns_priv.h"

/* RFC 6762 6: a record is multicast once a second; 250 ms where it is to be
 * defended.  Shared ones wait for those that others have, all of them for more
 * known answers when these were cut. */
static const mono ONCE = SEC(1), DEFEND = MS(250);
static const mono SHARED_LEAST = MS(20), SHARED_MOST = MS(120);
static const mono MORE_LEAST = MS(400), MORE_MOST = MS(500);

static const struct dns_name meta = { /* RFC 6763 9 */
	30, "\x09_services\x07_dns-sd\x04_udp\x05local"
};

/* ---------------------------------------------------------------- records */
static const struct {
	uint16_t type;
	bool service, shared;
	uint32_t ttl;
} row[OWN_KINDS] = {
	[OWN_PTR] = { DNS_PTR, true, true, MDNS_TTL },
	[OWN_SRV] = { DNS_SRV, true, false, MDNS_TTL_HOST },
	[OWN_TXT] = { DNS_TXT, true, false, MDNS_TTL },
	[OWN_META] = { DNS_PTR, true, true, MDNS_TTL },
	[OWN_A] = { DNS_A, false, false, MDNS_TTL_HOST },
	[OWN_AAAA] = { DNS_AAAA, false, false, MDNS_TTL_HOST },
	[OWN_NSEC] = { MDNS_NSEC, false, false, MDNS_TTL_HOST },
};

unsigned own_type(enum own_kind k)
{
	return row[k].type;
}

bool own_has(const struct own *o, enum own_kind k)
{
	return k == OWN_NSEC || row[k].service == !o->host;
}

const struct dns_name *own_name(const struct own *o, enum own_kind k)
{
	return k == OWN_PTR ? &o->type : k == OWN_META ? &meta : &o->name;
}

static bool link_has(const struct link *l, uint8_t family)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->net[i].addr.family == family)
			return true;
	return false;
}

/* RFC 6762 6.1: the name itself, and a bitmap of the types that are there, one
 * block of those below 256. */
static void write_nsec(const struct link *l, const struct own *o,
		       struct writer *w)
{
	uint8_t map[5] = { 0 }; /* up to SRV, 33 */
	size_t n = sizeof(map);

	writer_put(w, slice_of(o->name.wire, o->name.n));
	for (unsigned k = 0; k < OWN_NSEC; k++) {
		unsigned t = row[k].type;

		if (!own_has(o, (enum own_kind)k) || row[k].shared ||
		    (t == DNS_A && !link_has(l, 4)) ||
		    (t == DNS_AAAA && !link_has(l, 6)))
			continue;
		map[t / 8] |= (uint8_t)(0x80 >> t % 8);
	}
	while (n && !map[n - 1])
		n--;
	writer_be8(w, 0);
	writer_be8(w, (uint8_t)n);
	writer_put(w, slice_of(map, n));
}

static const struct addr *nth_addr(const struct link *l, uint8_t family,
				   size_t i)
{
	for (size_t k = 0; k < l->n; k++)
		if (l->net[k].addr.family == family && i-- == 0)
			return &l->net[k].addr;
	return NULL;
}

int own_data(struct mdns *d, const struct link *l, const struct own *o,
	     enum own_kind k, size_t i, uint8_t *buf)
{
	struct writer w = writer_begin(buf, MDNS_DATA);
	const struct addr *a;

	switch (k) {
	case OWN_PTR:
		writer_put(&w, slice_of(o->name.wire, o->name.n));
		break;
	case OWN_META:
		writer_put(&w, slice_of(o->type.wire, o->type.n));
		break;
	case OWN_SRV:
		writer_be32(&w, 0);
		writer_be16(&w, o->port);
		writer_put(&w, slice_of(d->own[0].name.wire,
					d->own[0].name.n));
		break;
	case OWN_TXT:
		writer_put(&w, slice_of(o->txt, o->txt_n));
		break;
	case OWN_A:
	case OWN_AAAA:
		a = nth_addr(l, k == OWN_A ? 4 : 6, i);
		if (!a)
			return -ENOENT;
		writer_put(&w, slice_of(a->ip, k == OWN_A ? 4 : 16));
		return writer_end(&w);
	case OWN_NSEC:
		write_nsec(l, o, &w);
		break;
	case OWN_KINDS:
		return -ENOENT;
	}
	return i ? -ENOENT : writer_end(&w);
}

static uint32_t ttl_of(enum own_kind k, unsigned how)
{
	if (how & ANSWER_GOODBYE)
		return 0;
	return how & ANSWER_LEGACY && row[k].ttl > MDNS_TTL_LEGACY ?
	       MDNS_TTL_LEGACY : row[k].ttl;
}

/* RFC 6762 10.2, 6.7: the top bit says that nobody else has that name; older
 * resolvers would not know it. */
static unsigned class_of(enum own_kind k, unsigned how)
{
	return row[k].shared || how & ANSWER_LEGACY ? DNS_IN :
	       DNS_IN | DNS_MDNS_BIT;
}

void answer_write(struct mdns *d, const struct link *l, const struct own *o,
		  enum own_kind k, enum dns_section s, unsigned how,
		  struct dns_write *w)
{
	uint8_t *data = d->data[0];
	int n;

	for (size_t i = 0; (n = own_data(d, l, o, k, i, data)) >= 0; i++) {
		/* A probe proposes, and claims nothing yet (10.2). */
		dns_write_rr(w, s, own_name(o, k), row[k].type,
			     s == DNS_AUTHORITY ? DNS_IN : class_of(k, how),
			     ttl_of(k, how));
		if (k == OWN_PTR)
			dns_write_name(w, &o->name, true);
		else
			writer_put(&w->w, slice_of(data, (size_t)n));
		dns_write_rr_end(w);
	}
}

/* ---------------------------------------------------------------- sending */
static void answer_begin(struct mdns *d, const struct answer *a,
			 struct dns_write *w)
{
	dns_write_begin(w, d->buf, sizeof(d->buf), a->id, DNS_QR | DNS_AA);
	if (a->how & ANSWER_LEGACY)
		dns_write_question(w, &a->q->name, a->q->type,
				   a->q->class & (unsigned)~DNS_MDNS_BIT);
}

static void answer_end(struct mdns *d, struct link *l, const struct answer *a,
		       struct dns_write *w, mono now)
{
	int n = dns_write_end(w);

	if (n > 0)
		mdns_send(d, l, a->to, slice_of(d->buf, (size_t)n), now);
}

/* A packet that is full goes; a record that does not fit into an empty one
 * never does. */
static void answer_put(struct mdns *d, struct link *l, const struct answer *a,
		       const struct own *o, enum own_kind k,
		       struct dns_write *w, mono now)
{
	struct dns_write before = *w;

	answer_write(d, l, o, k, DNS_ANSWER, a->how, w);
	if (!w->w.full)
		return;
	*w = before;
	if (!w->count[DNS_ANSWER])
		return;
	answer_end(d, l, a, w, now);
	answer_begin(d, a, w);
	before = *w;
	answer_write(d, l, o, k, DNS_ANSWER, a->how, w);
	if (w->w.full)
		*w = before;
}

/* RFC 6763 12: who asked for an instance will ask for these next. */
static void add_more(struct mdns *d, struct link *l, struct answer *a,
		     struct dns_write *w)
{
	bool more[MDNS_OWNS][OWN_KINDS] = { { false } };

	for (size_t i = 1; i < MDNS_OWNS; i++) {
		bool *own = a->own[i];

		more[i][OWN_SRV] = own[OWN_PTR] && !own[OWN_SRV];
		more[i][OWN_TXT] = own[OWN_PTR] && !own[OWN_TXT];
		if (own[OWN_PTR] || own[OWN_SRV])
			more[0][OWN_A] = more[0][OWN_AAAA] = true;
	}
	for (size_t i = MDNS_OWNS; i-- > 0;)
		for (unsigned k = 0; k < OWN_KINDS; k++) {
			struct dns_write before = *w;

			if (!more[i][k] || a->own[i][k] || !d->own[i].id)
				continue;
			answer_write(d, l, &d->own[i], (enum own_kind)k,
				     DNS_ADDITIONAL, a->how, w);
			if (w->w.full)
				*w = before; /* it will be asked for */
			else
				a->own[i][k] = true;
		}
}

void answer_send(struct mdns *d, struct link *l, struct answer *a, mono now)
{
	struct dns_write w;
	bool any = false;

	answer_begin(d, a, &w);
	for (size_t i = 0; i < MDNS_OWNS; i++)
		for (unsigned k = 0; k < OWN_KINDS; k++)
			if (a->own[i][k] && d->own[i].id) {
				answer_put(d, l, a, &d->own[i],
					   (enum own_kind)k, &w, now);
				any = true;
			}
	if (!any)
		return;
	if (!(a->how & (ANSWER_GOODBYE | ANSWER_LEGACY)))
		add_more(d, l, a, &w);
	if (w.count[DNS_ANSWER])
		answer_end(d, l, a, &w, now);
	if (a->to)
		return;
	for (size_t i = 0; i < MDNS_OWNS; i++)
		for (unsigned k = 0; k < OWN_KINDS; k++)
			if (a->own[i][k])
				l->sent[i][k] = (struct sent){
					.last = now, .due = MONO_NEVER };
}

static void arm_link(struct mdns *d, struct link *l)
{
	mono at = MONO_NEVER;

	for (size_t i = 0; i < MDNS_OWNS; i++)
		for (unsigned k = 0; k < OWN_KINDS; k++)
			at = mono_min(at, l->sent[i][k].due);
	mdns_timer_at(d, &l->t, at);
}

void answer_on_time(struct mdns *d, struct link *l, mono now)
{
	struct answer a = { .how = ANSWER_MULTICAST };

	for (size_t i = 0; i < MDNS_OWNS; i++)
		for (unsigned k = 0; k < OWN_KINDS; k++)
			if (l->sent[i][k].due <= now) {
				l->sent[i][k].due = MONO_NEVER;
				a.own[i][k] = own_is_up(&d->own[i]);
			}
	answer_send(d, l, &a, now);
	arm_link(d, l);
}

void answer_forget(struct mdns *d, const struct own *o)
{
	for (size_t i = 0; i < MDNS_INTERFACES; i++)
		for (unsigned k = 0; d->link[i] && k < OWN_KINDS; k++)
			d->link[i]->sent[o - d->own][k] =
				(struct sent){ .last = -1, .due = MONO_NEVER };
}

/* -------------------------------------------------------------- questions */
static bool type_fits(unsigned asked, unsigned type)
{
	return asked == type || asked == DNS_ANY;
}

/* What of one of ours answers a question. */
static void match(const struct own *o, const struct link *l,
		  const struct dns_question *q, bool *out)
{
	bool mine = dns_name_same(&q->name, &o->name), some = false;

	if ((q->class & ~DNS_MDNS_BIT) != DNS_IN &&
	    (q->class & ~DNS_MDNS_BIT) != DNS_ANY_CLASS)
		return;
	for (unsigned k = 0; k < OWN_NSEC; k++) {
		if (!own_has(o, (enum own_kind)k) ||
		    !type_fits(q->type, row[k].type) ||
		    (k == OWN_A && !link_has(l, 4)) ||
		    (k == OWN_AAAA && !link_has(l, 6)) ||
		    !dns_name_same(&q->name, own_name(o, (enum own_kind)k)))
			continue;
		out[k] = some = true;
	}
	/* RFC 6762 6.1: a name that is ours, without such a record. */
	if (mine && !some)
		out[OWN_NSEC] = true;
}

/* Has the message this record of ours, with as much of its TTL as counts (RFC
 * 6762 7.1: half of it, 7.4: all)? */
static bool has_record(struct mdns *d, const struct mdns_in *in,
		       const struct own *o, enum own_kind k, struct slice mine,
		       uint32_t ttl)
{
	struct dns_walk w = { 0 };
	struct dns_rr r;

	while (dns_rr_next(in->m, DNS_ANSWER, &w, &r)) {
		int n;

		if (r.type != row[k].type || r.ttl < ttl ||
		    !dns_name_same(&r.name, own_name(o, k)))
			continue;
		n = mdns_rr_data(in->m, &r, d->data[1], MDNS_DATA);
		if (n >= 0 && mdns_rr_same(r.type, mine,
					   slice_of(d->data[1], (size_t)n)))
			return true;
	}
	return false;
}

/* All records of a kind: those of a name and type are one set (10.2). */
static bool all_known(struct mdns *d, const struct mdns_in *in,
		      const struct own *o, enum own_kind k, uint32_t ttl)
{
	int n;

	if (!in->m->count[DNS_ANSWER])
		return false;
	for (size_t i = 0;
	     (n = own_data(d, in->l, o, k, i, d->data[0])) >= 0; i++)
		if (!has_record(d, in, o, k, slice_of(d->data[0], (size_t)n),
				ttl))
			return false;
	return true;
}

static uint64_t asker_of(const struct mdns *d, const struct addr *from)
{
	return htab_hash(&d->cache, slice_of(from->ip, sizeof(from->ip)));
}

/* Known answers that did not fit into the question come after it (7.2): what
 * this one alone has asked for need not be said. */
static void more_known(struct mdns *d, const struct mdns_in *in)
{
	uint64_t asker = asker_of(d, &in->from);

	for (size_t i = 0; i < MDNS_OWNS; i++)
		for (unsigned k = 0; k < OWN_KINDS; k++) {
			struct sent *s = &in->l->sent[i][k];

			if (s->due != MONO_NEVER && s->asker == asker &&
			    all_known(d, in, &d->own[i], (enum own_kind)k,
				      row[k].ttl / 2))
				s->due = MONO_NEVER;
		}
}

/* The first of two times; a record just sent waits until it may again. */
static void plan(struct mdns *d, const struct mdns_in *in, size_t i,
		 unsigned k, mono delay, bool defend)
{
	struct sent *s = &in->l->sent[i][k];
	mono at = mono_add(in->now, delay);
	mono since = defend ? DEFEND : ONCE;
	uint64_t asker = in->m->flags & DNS_TC ? asker_of(d, &in->from) : 0;

	if (s->last >= 0 && at < mono_add(s->last, since))
		at = mono_add(s->last, since);
	if (s->due != MONO_NEVER && s->asker != asker)
		asker = 0; /* more than one want it */
	s->asker = asker;
	if (at < s->due)
		s->due = at;
}

static bool any_shared(const struct answer *a)
{
	for (size_t i = 0; i < MDNS_OWNS; i++)
		if (a->own[i][OWN_PTR] || a->own[i][OWN_META])
			return true;
	return false;
}

static void plan_all(struct mdns *d, const struct mdns_in *in,
		     const struct answer *a)
{
	mono delay = 0;

	if (in->m->flags & DNS_TC)
		delay = mdns_random(d, MORE_LEAST, MORE_MOST);
	else if (any_shared(a))
		delay = mdns_random(d, SHARED_LEAST, SHARED_MOST);
	for (size_t i = 0; i < MDNS_OWNS; i++)
		for (unsigned k = 0; k < OWN_KINDS; k++) {
			/* 8.1: who probes must hear of it at once. */
			bool defend = in->m->count[DNS_AUTHORITY] &&
				      !row[k].shared;

			if (a->own[i][k])
				plan(d, in, i, k, defend ? 0 : delay, defend);
		}
	arm_link(d, in->l);
}

/* RFC 6762 5.4: by unicast, if it was multicast within a quarter of its TTL, so
 * that the others' caches stay fresh. */
static bool is_fresh(const struct mdns_in *in, size_t i, unsigned k)
{
	const struct sent *s = &in->l->sent[i][k];

	return s->last >= 0 &&
	       in->now < mono_add(s->last, SEC(1) * row[k].ttl / 4);
}

static void reply_now(struct mdns *d, const struct mdns_in *in,
		      struct answer *a)
{
	if (!mdns_allow(&d->answered, d->limits.mdns_answers, in->now)) {
		d->dropped++;
		return;
	}
	a->to = &in->from;
	answer_send(d, in->l, a, in->now);
}

/* Of a message, whatever it asks for again. */
struct judged {
	enum { UNJUDGED, IS_KNOWN, IS_NEWS } own[MDNS_OWNS][OWN_KINDS];
};

static bool is_known(struct mdns *d, const struct mdns_in *in, size_t i,
		     unsigned k, struct judged *j)
{
	if (j->own[i][k] == UNJUDGED)
		j->own[i][k] = all_known(d, in, &d->own[i], (enum own_kind)k,
					 row[k].ttl / 2) ? IS_KNOWN : IS_NEWS;
	return j->own[i][k] == IS_KNOWN;
}

/* One question: what answers it goes where it belongs. */
static void answer_question(struct mdns *d, const struct mdns_in *in,
			    const struct dns_question *q, struct answer *late,
			    struct judged *j)
{
	struct answer now = { .q = q, .how = ANSWER_UNICAST };
	bool legacy = in->from.port != MDNS_PORT, some = false;

	for (size_t i = 0; i < MDNS_OWNS; i++) {
		bool is[OWN_KINDS] = { false };

		if (own_is_up(&d->own[i]))
			match(&d->own[i], in->l, q, is);
		for (unsigned k = 0; k < OWN_KINDS; k++) {
			bool *to = late->own[i];

			if (!is[k] || is_known(d, in, i, k, j))
				continue;
			if (legacy || (q->class & DNS_MDNS_BIT &&
				       !in->m->count[DNS_AUTHORITY] &&
				       is_fresh(in, i, k))) {
				to = now.own[i];
				some = true;
			}
			to[k] = true;
		}
	}
	if (!some)
		return;
	if (legacy) {
		now.how |= ANSWER_LEGACY;
		now.id = in->m->id;
	}
	reply_now(d, in, &now);
}

void answer_on_query(struct mdns *d, const struct mdns_in *in)
{
	struct answer late = { .how = ANSWER_MULTICAST };
	struct judged j = { { { UNJUDGED } } };
	struct dns_walk w = { 0 };
	struct dns_question q;
	unsigned n = 0;

	if (!in->m->count[DNS_QUESTION])
		more_known(d, in);
	while (n++ < MDNS_WANTS && dns_question_next(in->m, &w, &q))
		answer_question(d, in, &q, &late, &j);
	plan_all(d, in, &late);
}

/* RFC 6762 7.4: somebody else said it just now. */
void answer_on_response(struct mdns *d, const struct mdns_in *in)
{
	for (size_t i = 1; i < MDNS_OWNS; i++) {
		struct sent *s = &in->l->sent[i][OWN_META];

		if (s->due != MONO_NEVER && d->own[i].id &&
		    all_known(d, in, &d->own[i], OWN_META, row[OWN_META].ttl))
			*s = (struct sent){ .last = in->now,
					    .due = MONO_NEVER };
	}
}
