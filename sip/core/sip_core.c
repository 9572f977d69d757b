/* SPDX-License-Identifier: BSD-2-Clause
 * Life of the core, its clock, its outputs, and the table of users. */
#include "sip/core/sip_core.h"

#include "sip/core/sip_core.h"

#include "sip/core/sip_priv.h"

enum { MATCHES = 1024 }; /* rows: the users are our own, not a peer's */

/* ---------------------------------------------------------------- life */
static int tables_init(struct sip_core *c)
{
	struct htab *t[] = { &c->clients, &c->servers, &c->merges,
			     &c->streams, &c->sources, &c->kept };

	uint8_t key[16];
	int rc;

	for (size_t i = 0; i < COUNT(t); i++) {
		drbg_bytes(&c->random, key, sizeof(key));
		rc = htab_init(t[i], c->mem, key);
		if (rc)
			return rc;
	}
	drbg_bytes(&c->random, key, sizeof(key));
	rc = sip_whom_init(&c->names, c->mem, key);
	return rc ? rc : sip_out_reserve(c, SIP_RESERVE);
}

int sip_core_new(struct mem *m, const struct limits *limits,
		 const uint8_t seed[32], struct instant now,
		 struct sip_core **out)
{
	struct sip_core *c = mem_new(m, sizeof(*c));
	int rc;

	if (!c)
		return -ENOMEM;
	c->mem = m;
	c->limits = *limits;
	c->now = now;
	c->target_timeout = MONO_NEVER;
	drbg_init(&c->random, seed);
	wheel_init(&c->wheel, now.m);
	sip_slots_init(&c->txns, m, 32);
	sip_slots_init(&c->flows, m, 16);
	sip_slots_init(&c->keeps, m, 32);
	list_init(&c->points);
	list_init(&c->uses);
	list_init(&c->opened);
	list_init(&c->racing);
	list_init(&c->failed);
	list_init(&c->unsent);
	list_init(&c->ended_clients);
	list_init(&c->ended_servers);
	rc = tables_init(c);
	if (rc) {
		sip_core_free(c);
		return rc;
	}
	*out = c;
	return 0;
}

static void free_transactions(struct sip_core *c)
{
	uint32_t at = 0;
	struct sip_timed *t;

	while ((t = sip_slots_walk(&c->txns, &at))) {
		if (t->what == SIP_TIMED_CLIENT)
			sip_client_free(c, CONTAINER(t, struct sip_client,
						     timed));
		else
			sip_server_free(c, CONTAINER(t, struct sip_server,
						     timed));
	}
	sip_slots_fini(&c->txns);
}

static void match_free(struct sip_core *c, const struct sip_match *row)
{
	mem_free(c->mem, (void *)(uintptr_t)row->name.p);
}

void sip_core_free(struct sip_core *c)
{
	if (!c)
		return;
	free_transactions(c);
	sip_keep_fini(c);
	sip_transport_fini(c);
	for (size_t i = 0; i < c->match_n; i++)
		match_free(c, &c->match[i]);
	mem_free(c->mem, c->match);
	htab_fini(&c->clients);
	htab_fini(&c->servers);
	htab_fini(&c->merges);
	htab_fini(&c->streams);
	htab_fini(&c->sources);
	sip_whom_fini(&c->names);
	sip_room_free(c);
	drbg_wipe(&c->random);
	mem_free(c->mem, c);
}

struct drbg *sip_core_random(struct sip_core *c)
{
	return &c->random;
}

struct sip_msg *sip_core_draft(struct sip_core *c)
{
	return &c->draft;
}

struct writer sip_core_draft_text(struct sip_core *c, size_t n)
{
	INVARIANT(n <= sizeof(c->draft_text));
	return writer_begin(c->draft_text, n);
}

const struct sip_core_stats *sip_core_stats(const struct sip_core *c)
{
	return &c->stats;
}

/* ---------------------------------------------------------------- time */
static void core_on_timer(struct sip_core *c, struct wheel_timer *w)
{
	struct sip_timed *t = CONTAINER(w, struct sip_timed, timer);

	switch (t->what) {
	case SIP_TIMED_CLIENT:
		sip_client_on_time(c, CONTAINER(t, struct sip_client, timed));
		break;
	case SIP_TIMED_SERVER:
		sip_server_on_time(c, CONTAINER(t, struct sip_server, timed));
		break;
	case SIP_TIMED_FLOW:
		sip_flow_on_time(c, CONTAINER(t, struct sip_flow, timed));
		break;
	case SIP_TIMED_KEEP:
		sip_keep_on_time(c, CONTAINER(t, struct sip_keep, timed));
		break;
	}
}

/* A timer makes at most RESERVE outputs; those that find no room stay due. */
void sip_core_on_time(struct sip_core *c, struct instant now)
{
	struct wheel_timer *w;

	c->now = now;
	while (!sip_out_reserve(c, SIP_RESERVE)) {
		w = wheel_pop(&c->wheel, now.m);
		if (!w)
			return;
		core_on_timer(c, w);
	}
}

mono sip_core_deadline(const struct sip_core *c)
{
	return wheel_deadline(&c->wheel);
}

/* ------------------------------------------------------------- outputs */
static void free_ended(struct sip_core *c)
{
	struct list *l;

	while ((l = list_take(&c->ended_clients)))
		sip_client_free(c, CONTAINER(l, struct sip_client, link));
	while ((l = list_take(&c->ended_servers)))
		sip_server_free(c, CONTAINER(l, struct sip_server, link));
}

bool sip_strained(const struct sip_core *c)
{
	size_t budget = c->mem->budget ? c->mem->budget : c->limits.memory;

	return c->stats.held > budget / 2 || mem_left(c->mem) < budget / 8;
}

/* The event in hand is over, and with it the message: a request that was not
 * answered at once leaves what a later answer needs. */
static void end_of_hand(struct sip_core *c)
{
	struct sip_timed *timed = sip_slots_get(&c->txns, c->in.server);
	struct sip_server *t = timed ? CONTAINER(timed, struct sip_server,
						 timed) : NULL;

	c->in.live = false;
	c->in.server = 0;
	if (t && !sip_server_keep_head(c, t))
		sip_server_give_up(c, t);
}

static bool next_broken(struct sip_core *c)
{
	struct list *l = list_take(&c->failed);

	if (l) {
		struct sip_client *t = CONTAINER(l, struct sip_client, link);

		sip_client_failed(c, t, t->reason);
		return true;
	}
	l = list_take(&c->unsent);
	if (l)
		sip_server_on_open(c, CONTAINER(l, struct sip_server, link),
				   false);
	return l != NULL;
}

bool sip_core_poll(struct sip_core *c, struct sip_out *out)
{
	if (c->shown_hand)
		end_of_hand(c);
	c->shown_hand = false;
	while (!c->ring_n) {
		if (c->in.live) {
			end_of_hand(c);
			continue;
		}
		free_ended(c);
		sip_room_clear(c);
		mem_free(c->mem, c->orphan);
		c->orphan = NULL;
		if (!next_broken(c) && !sip_opened_next(c) &&
		    !sip_stream_next(c))
			return false;
	}
	if (!sip_out_take(c, out))
		return false;
	c->shown_hand = out->kind == SIP_OUT_EVENT && c->in.live &&
			out->event->msg == &c->msg;
	return true;
}

/* ------------------------------------------------------------ dispatch */
int sip_core_add_match(struct sip_core *c, const struct sip_match *row)
{
	struct sip_match *all = c->match, r = *row;
	size_t n = row->name.n + row->host.n;
	char *text;

	if (!row->user || c->match_n == MATCHES)
		return -EINVAL;
	all = mem_resize(c->mem, all, (c->match_n + 1) * sizeof(*all));
	if (!all)
		return -ENOMEM;
	c->match = all;
	text = mem_new(c->mem, n + 1);
	if (!text)
		return -ENOMEM;
	if (row->name.n)
		memcpy(text, row->name.p, row->name.n);
	if (row->host.n)
		memcpy(text + row->name.n, row->host.p, row->host.n);
	r.name = slice_of(text, row->name.n);
	r.host = slice_of(text + row->name.n, row->host.n);
	c->match[c->match_n++] = r;
	c->proxies += row->proxy;
	return 0;
}

void sip_core_remove_user(struct sip_core *c, uint32_t user)
{
	size_t kept = 0;

	for (size_t i = 0; i < c->match_n; i++) {
		if (c->match[i].user != user) {
			c->match[kept++] = c->match[i];
			continue;
		}
		c->proxies -= c->match[i].proxy;
		match_free(c, &c->match[i]);
	}
	c->match_n = kept;
}

static bool row_takes(const struct sip_match *row, const struct sip_uri *u)
{
	return (!row->name.n || slice_same(row->name, u->user)) &&
	       (!row->host.n || slice_isame(row->host, u->host));
}

const struct sip_match *sip_dispatch(const struct sip_core *c,
				     unsigned *status)
{
	uint32_t bit = SIP_METHOD_BIT(c->msg.method), all = 0;
	bool here = false;

	*status = 404;
	for (size_t i = 0; i < c->match_n; i++) {
		const struct sip_match *row = &c->match[i];

		all |= row->methods;
		if (!row_takes(row, &c->in.uri))
			continue;
		if (row->methods & bit)
			return row;
		here = true;
	}
	/* 21.4.6: known and not allowed there; 21.5.2: known to nobody. */
	if (!(all & bit) && c->msg.method == SIP_METHOD_OTHER)
		*status = 501;
	else if (here)
		*status = 405;
	return NULL;
}

void sip_core_write_allow(const struct sip_core *c, uint32_t user,
			  struct writer *w)
{
	uint32_t all = 0;
	bool first = true;

	for (size_t i = 0; i < c->match_n; i++)
		if (!user || c->match[i].user == user)
			all |= c->match[i].methods;
	for (unsigned m = SIP_METHOD_OTHER + 1; m < SIP_METHOD_COUNT; m++) {
		/* Who takes INVITE takes its CANCEL and ACK. */
		bool has = (all & SIP_METHOD_BIT(m)) ||
			   ((m == SIP_CANCEL || m == SIP_ACK) &&
			    (all & SIP_METHOD_BIT(SIP_INVITE)));

		if (!has)
			continue;
		if (!first)
			writer_str(w, ", ");
		writer_put(w, sip_method_name((enum sip_method)m));
		first = false;
	}
}

void sip_core_forget(struct sip_core *c, uint64_t txn, struct instant now)
{
	struct sip_timed *t = sip_slots_get(&c->txns, txn);

	c->now = now;
	if (!t || sip_out_reserve(c, SIP_RESERVE))
		return;
	if (t->what == SIP_TIMED_CLIENT)
		sip_client_forget(c, CONTAINER(t, struct sip_client, timed));
	else
		sip_server_forget(c, CONTAINER(t, struct sip_server, timed));
}
