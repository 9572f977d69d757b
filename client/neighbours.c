/* SPDX-License-Identifier: BSD-2-Clause */
#include "client/neighbours.h"

#include "dns/dns_sd.h"
#include "sip/msg/sip_uri.h"

enum { URI = 256, TEXT = 128, TEXTS = 5 };

struct way { /* an instance of a service on an interface */
	struct list link;
	uint32_t handle, ifindex;
	unsigned rank;
	char instance[DNS_LABEL_MAX];
	uint8_t instance_n;
	struct slice text[TEXTS]; /* behind it */
	char service[16];
};

enum { NAME, CONTACT, ID, STATE, NOTE };

struct neighbour {
	struct list link, ways;
	bool shown, dirty;
	size_t key_n;
	char key[NEIGHBOUR_KEY];
	/* What was told, for the goodbye: */
	size_t name_n, uri_n;
	char name[TEXT], uri[URI];
};

void neighbours_init(struct neighbours *n, struct mem *m)
{
	*n = (struct neighbours){ .mem = m };
	list_init(&n->all);
}

static struct neighbour *neighbour_of(struct list *l)
{
	return CONTAINER(l, struct neighbour, link);
}

static struct way *way_of(struct list *l)
{
	return CONTAINER(l, struct way, link);
}

static void neighbour_free(struct neighbours *n, struct neighbour *b)
{
	struct list *l;

	while ((l = list_take(&b->ways)))
		mem_free(n->mem, way_of(l));
	list_remove(&b->link);
	mem_free(n->mem, b);
}

void neighbours_fini(struct neighbours *n)
{
	while (n->mem && !list_empty(&n->all))
		neighbour_free(n, neighbour_of(n->all.next));
}

/* -------------------------------------------------------------------- URIs */
static bool is_uri(struct slice s)
{
	struct sip_uri u;
	struct parse_error e;

	return s.n && s.n < URI && sip_uri_parse(s, &u, &e) == 0 &&
	       (u.scheme == SIP_SCHEME_SIP || u.scheme == SIP_SCHEME_SIPS) &&
	       u.host.n && !u.headers.n;
}

/* "<sip:...>" or bare. */
static struct slice contact_uri(struct slice contact)
{
	struct slice s = slice_trim(contact);

	if (s.n >= 2 && s.p[0] == '<' && s.p[s.n - 1] == '>')
		s = slice_of(s.p + 1, s.n - 2);
	return s;
}

/* Where its SRV says; a link-local IPv6 address has no form in a URI. */
static struct slice from_srv(const struct mdns_found *f, bool tcp, char *room)
{
	struct writer w = writer_begin(room, URI);

	for (size_t i = 0; i < f->n; i++) {
		if (f->addr[i].family == 6 && addr_is_link_local(&f->addr[i]))
			continue;
		writer_str(&w, "sip:");
		addr_write(&w, &f->addr[i]);
		writer_str(&w, tcp ? ";transport=tcp" : "");
		break;
	}
	return writer_done(&w);
}

static struct slice uri_of(const struct mdns_found *f, struct slice contact,
			   bool own, bool tcp, char *room)
{
	if (is_uri(contact_uri(contact)))
		return contact_uri(contact);
	if (own && is_uri(f->instance))
		return f->instance;
	return from_srv(f, tcp, room);
}

/* -------------------------------------------------------------------- ways */
static struct neighbour *find_way(struct neighbours *n,
				  const struct mdns_out *o, struct way **way)
{
	for (struct list *l = n->all.next; l != &n->all; l = l->next) {
		struct neighbour *b = neighbour_of(l);

		for (struct list *k = b->ways.next; k != &b->ways;
		     k = k->next) {
			struct way *w = way_of(k);

			if (w->handle != o->handle ||
			    w->ifindex != o->ifindex ||
			    !slice_same(slice_of(w->instance, w->instance_n),
					o->found.instance))
				continue;
			*way = w;
			return b;
		}
	}
	return NULL;
}

/* Whose service is it?  By instance_id, or by instance and host. */
static struct neighbour *whose(struct neighbours *n, const struct mdns_out *o,
			       struct slice id)
{
	char key[NEIGHBOUR_KEY];
	struct writer w = writer_begin(key, sizeof(key));
	struct neighbour *b;

	writer_put(&w, id.n ? id : o->found.instance);
	if (!id.n)
		writer_put(&w, slice_head(slice_of(o->found.host->wire,
						   o->found.host->n), 64));
	for (struct list *l = n->all.next; l != &n->all; l = l->next) {
		b = neighbour_of(l);
		if (slice_same(slice_of(b->key, b->key_n), writer_done(&w)))
			return b;
	}
	b = mem_new(n->mem, sizeof(*b));
	if (!b)
		return NULL;
	list_init(&b->ways);
	memcpy(b->key, key, w.n);
	b->key_n = w.n;
	list_append(&n->all, &b->link);
	return b;
}

static void add_way(struct neighbours *n, const struct mdns_out *o)
{
	static const char *const key[TEXTS] = { "name", "contact",
						"instance_id", "state",
						"note" };
	bool own = slice_istarts(o->found.type, "_sipuri");
	bool tcp = o->found.type.n > 4 &&
		   slice_ieq(slice_skip(o->found.type, o->found.type.n - 4),
			     "_tcp");
	struct slice text[TEXTS] = { { 0 } };
	char room[URI], *to;
	struct neighbour *b;
	struct way *w;
	size_t all = 0;

	for (size_t i = 0; i < TEXTS; i++)
		(void)dns_sd_txt_get(o->found.txt, key[i], &text[i]);
	text[ID] = slice_head(text[ID], NEIGHBOUR_ID - 1);
	if (text[ID].n && slice_eq(text[ID], n->own))
		return;
	text[CONTACT] = uri_of(&o->found, text[CONTACT], own, tcp, room);
	if (!text[CONTACT].n)
		return; /* nobody could call it */
	if (!text[NAME].n)
		text[NAME] = o->found.instance;
	text[NAME] = slice_head(text[NAME], TEXT);
	for (size_t i = 0; i < TEXTS; i++)
		all += text[i].n;
	b = whose(n, o, text[ID]);
	w = b ? mem_new(n->mem, sizeof(*w) + all) : NULL;
	if (!w)
		return;
	w->handle = o->handle;
	w->ifindex = o->ifindex;
	w->rank = (own ? 2u : 0u) + (tcp ? 1u : 0u);
	w->instance_n = (uint8_t)o->found.instance.n;
	memcpy(w->instance, o->found.instance.p, w->instance_n);
	to = (char *)(w + 1);
	for (size_t i = 0; i < TEXTS; i++) {
		w->text[i] = slice_of(to, text[i].n);
		if (text[i].n)
			memcpy(to, text[i].p, text[i].n);
		to += text[i].n;
	}
	(void)!slice_to_str(slice_head(o->found.type, sizeof(w->service) - 1),
			    w->service, sizeof(w->service));
	list_append(&b->ways, &w->link);
	b->dirty = true;
}

void neighbours_on(struct neighbours *n, const struct mdns_out *o)
{
	struct way *w = NULL;
	struct neighbour *b = find_way(n, o, &w);

	if (b) {
		list_remove(&w->link);
		mem_free(n->mem, w);
		b->dirty = true;
	}
	if (o->kind != MDNS_OUT_GONE)
		add_way(n, o);
}

/* ----------------------------------------------------------------- outputs */
static const struct way *best(const struct neighbour *b)
{
	const struct way *w = NULL;

	for (struct list *l = b->ways.next; l != &b->ways; l = l->next)
		if (!w || way_of(l)->rank > w->rank)
			w = way_of(l);
	return w;
}

static void neighbour_show(struct neighbour *b, const struct way *w,
			   struct neighbour_out *out)
{
	b->name_n = w->text[NAME].n;
	memcpy(b->name, w->text[NAME].p, b->name_n);
	b->uri_n = w->text[CONTACT].n;
	memcpy(b->uri, w->text[CONTACT].p, b->uri_n);
	out->id = w->text[ID];
	out->state = w->text[STATE];
	out->note = w->text[NOTE];
	out->service = slice_str(w->service);
	out->ifindex = w->ifindex;
}

bool neighbours_poll(struct neighbours *n, struct neighbour_out *out)
{
	struct list *l = n->all.next;

	while (l != &n->all) {
		struct neighbour *b = neighbour_of(l);
		const struct way *w = best(b);

		l = l->next;
		if (!w && !b->shown) { /* told, or never was */
			neighbour_free(n, b);
			continue;
		}
		if (!b->dirty)
			continue;
		b->dirty = false;
		*out = (struct neighbour_out){
			.kind = !w ? NEIGHBOUR_GONE : b->shown ?
				NEIGHBOUR_CHANGED : NEIGHBOUR_FOUND };
		if (w)
			neighbour_show(b, w, out);
		out->name = slice_of(b->name, b->name_n);
		out->uri = slice_of(b->uri, b->uri_n);
		b->shown = w != NULL;
		return true;
	}
	return false;
}
