/* SPDX-License-Identifier: BSD-2-Clause */
#include "sip/usage/sip_dialogs.h"

#include "sip/core/sip_priv.h"
#include "sip/msg/sip_uri.h"

int sip_dialogs_init(struct sip_dialogs *t, struct mem *m,
		     struct sip_core *core)
{
	uint8_t key[16];

	*t = (struct sip_dialogs){ .mem = m, .core = core };
	drbg_bytes(sip_core_random(core), key, sizeof(key));
	return htab_init(&t->table, m, key);
}

void sip_dialogs_fini(struct sip_dialogs *t)
{
	if (!t->table.mem)
		return;
	INVARIANT(!t->table.count);
	htab_fini(&t->table);
}

static uint64_t entry_hash(const struct sip_dialogs *t, struct slice call_id,
			   struct slice local_tag, struct slice remote_tag)
{
	const struct slice part[] = { call_id, local_tag, remote_tag };

	return htab_hash_n(&t->table, part, COUNT(part));
}

struct sip_shared *sip_dialogs_add(struct sip_dialogs *t, struct sip_dialog *d,
				  struct sip_usage *first,
				  struct sip_user *user)
{
	struct sip_shared *e = mem_new(t->mem, sizeof(*e));

	if (!e) {
		sip_dialog_fini(d);
		return NULL;
	}
	e->all = t;
	e->d = *d;
	htab_add(&t->table, &e->node,
		 entry_hash(t, sip_dialog_text(d, SIP_DIALOG_CALL_ID),
			    sip_dialog_text(d, SIP_DIALOG_LOCAL_TAG),
			    sip_dialog_text(d, SIP_DIALOG_REMOTE_TAG)));
	sip_usage_join(first, e, user);
	return e;
}

struct sip_shared *sip_dialogs_find(const struct sip_dialogs *t,
				   struct slice call_id,
				   struct slice local_tag,
				   struct slice remote_tag)
{
	struct htab_node *n = htab_find(&t->table,
		entry_hash(t, call_id, local_tag, remote_tag));

	for (; n; n = htab_next(n)) {
		struct sip_shared *e = CONTAINER(n, struct sip_shared, node);

		if (sip_dialog_is(&e->d, call_id, local_tag, remote_tag))
			return e;
	}
	return NULL;
}

/* --------------------------------------------------------------- usages */
void sip_usage_join(struct sip_usage *u, struct sip_shared *on,
		    struct sip_user *user)
{
	*u = (struct sip_usage){ .next = on->usages, .on = on, .user = user };
	on->usages = u;
}

void sip_usage_leave(struct sip_usage *u)
{
	struct sip_shared *e = u->on;
	struct sip_usage **at;

	if (!e)
		return;
	at = &e->usages;
	while (*at != u)
		at = &(*at)->next;
	*at = u->next;
	u->on = NULL;
	if (e->usages)
		return;
	htab_remove(&e->all->table, &e->node);
	sip_dialog_fini(&e->d);
	mem_free(e->all->mem, e);
}

bool sip_shared_is_alive(const struct sip_shared *e)
{
	for (const struct sip_usage *u = e->usages; u; u = u->next)
		if (!u->over)
			return true;
	return false;
}

/* ------------------------------------------------------------- requests */
void sip_shared_heard(struct sip_shared *e, const struct sip_path *path)
{
	e->flow = sip_transport_row(path->transport)->connected ? path->flow :
								  0;
}

/* The connection that its last message came on, when it leads to where the
 * dialog's next request goes: the route set says where that is, also when it
 * is empty (12.1.2).  A name that need not be looked up is taken to be who is
 * connected; a caller without a proxy between may be behind a NAT, and then
 * his connection is the only way. */
static uint32_t flow_to(const struct sip_shared *e, struct slice hop)
{
	const struct sip_flow *f = e->flow ?
		sip_flow_get(e->all->core, e->flow) : NULL;
	struct sip_uri u;
	struct parse_error error;
	struct slice host;
	struct addr a;

	if (!f || (!e->far && !e->ours))
		return f ? e->flow : 0;
	if (sip_uri_parse(hop, &u, &error))
		return 0;
	if (!sip_uri_param(&u, "maddr", &host) || !host.n)
		host = u.host;
	if (addr_parse_ip(host, &a))
		return !e->far ||
		       sip_dialog_text(&e->d, SIP_DIALOG_ROUTES).n ?
		       e->flow : 0;
	a.port = u.port ? u.port : sip_transport_row(f->path.transport)->port;
	return addr_same(&a, &f->path.remote) ? e->flow : 0;
}

void sip_shared_direct(const struct sip_shared *e, struct sip_request *q)
{
	q->uri = sip_dialog_hop(&e->d);
	q->flow = flow_to(e, q->uri);
}
