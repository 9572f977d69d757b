/* SPDX-License-Identifier: BSD-2-Clause
 * Requests are taken on, and where they go: 8.1.2, RFC 3263 section 4. */
#include "sip/core/sip_priv.h"
#include "sip/core/sip_timers.h"
#include "sip/hdr/sip_name_addr.h"

/* ---------------------------------------------------------------- target */
/* 8.1.2: the topmost Route when that is a loose router, else Request-URI: all
 * that a message tells whose sender did not say (sip_core.h). */
static struct slice next_uri(const struct sip_msg *m)
{
	struct sip_values v = sip_values_begin(m, SIP_HDR_ROUTE);
	struct sip_name_addr a;
	struct parse_error e;
	struct slice value, lr;

	if (sip_values_next(&v, &value) && !sip_route_parse(value, &a, &e) &&
	    sip_uri_param(&a.uri, "lr", &lr))
		return a.uri.text;
	return m->uri;
}

static void locate(struct sip_core *c, struct sip_client *t,
		   const struct sip_locate *what)
{
	struct sip_entry *e = sip_out_push(c, SIP_OUT_LOCATE);
	char *host = sip_room(c, what->host.n);

	t->state = SIP_CLIENT_LOCATING;
	wheel_set(&c->wheel, &t->timed.timer,
		  mono_add(c->now.m, SIP_T1_64));
	e->out.lookup = t->handle;
	e->where = *what;
	if (host) /* else nothing to ask for: the answer will be "not found" */
		memcpy(host, what->host.p, what->host.n);
	e->where.host = slice_of(host, host ? what->host.n : 0);
}

static int wanted_transport(const struct sip_uri *u, enum sip_transport want,
			    enum sip_transport *out)
{
	struct slice name;

	*out = want;
	if (sip_uri_param(u, "transport", &name)) {
		*out = sip_transport_find(name);
		if (*out == SIP_TRANSPORT_ANY)
			return -EADDRNOTAVAIL;
	}
	if (u->scheme == SIP_SCHEME_SIPS) /* 26.2.2 */
		*out = sip_transport_row(*out)->secured;
	return 0;
}

/* Of a secure transport's, or of what may become one: whom its peer has to be.
 * What no domain can be is nobody. */
static int take_name(struct sip_core *c, struct sip_client *t,
		     struct slice name, enum sip_transport tr)
{
	if (tr && !sip_transport_row(tr)->named)
		return 0;
	if (name.n > SIP_NAME_MAX)
		return tr ? -EINVAL : 0;
	t->name = sip_whom_take(&c->names, name);
	return t->name ? 0 : -ENOMEM;
}

/* Family 0: either may be found. */
static bool by_route(const struct sip_core *c, const struct sip_client *t,
		     enum sip_transport tr, uint8_t family)
{
	bool shown = t->composes;

	return family ? sip_point_by_route(c, tr, family, shown) :
	       sip_point_by_route(c, tr, 4, shown) ||
	       sip_point_by_route(c, tr, 6, shown);
}

/* RFC 3263 4.1, 4.2 where no lookup is needed; else a question to the user. */
static int go_to_uri(struct sip_core *c, struct sip_client *t,
		     struct slice uri, enum sip_transport want)
{
	struct sip_locate what;
	struct parse_error e;
	struct sip_uri u;
	struct slice maddr;
	bool named;
	int rc;

	if (sip_uri_parse(uri, &u, &e) ||
	    (u.scheme != SIP_SCHEME_SIP && u.scheme != SIP_SCHEME_SIPS))
		return -EINVAL;
	rc = wanted_transport(&u, want, &what.transport);
	if (rc)
		return rc;
	what.host = u.host;
	if (sip_uri_param(&u, "maddr", &maddr) && maddr.n)
		what.host = maddr;
	what.port = u.port;
	what.secure = u.scheme == SIP_SCHEME_SIPS;
	what.route = false;
	t->hop.transport = what.transport ? what.transport : SIP_UDP;
	named = addr_parse_ip(what.host, &t->hop.addr) != 0;
	rc = take_name(c, t, u.host, named ? what.transport :
					     t->hop.transport);
	if (rc)
		return rc;
	t->hop.name = t->name;
	what.route = by_route(c, t, t->hop.transport,
			      named ? 0 : t->hop.addr.family);
	if (named || what.route) {
		locate(c, t, &what);
		return 0;
	}
	t->hop.addr.port = u.port ? u.port :
			   sip_transport_row(t->hop.transport)->port;
	t->hop_n = 1;
	sip_client_try(c, t);
	return 0;
}

/* Where like went, and where it could have gone on to: who asked for
 * credentials may be gone when they come.  Its text is of the same path. */
static void go_on(struct sip_core *c, struct sip_client *t,
		  const struct sip_client *like)
{
	const struct sip_way *way = sip_client_way(like);
	unsigned n = like->hops ? like->hop_n - like->hop_most : 1;

	t->hop = *way;
	t->hop.flow = 0;
	t->name = way->name;
	sip_whom_keep(&c->names, t->name);
	t->hops = n > 1 ? mem_array(c->mem, n, sizeof(*t->hops)) : NULL;
	n = t->hops ? n : 1;
	for (unsigned i = 0; t->hops && i < n; i++) {
		t->hops[i] = i ? like->hops[like->hop_most + i] : *way;
		t->hops[i].flow = 0;
		if (t->hops[i].name != t->name)
			sip_whom_keep(&c->names, t->hops[i].name);
	}
	t->hop_n = n;
	t->point = like->point;
	t->identity = like->identity;
	t->composes = like->composes;
	t->written_for = like->written_for;
	t->shows = like->shows;
}

static int go_to(struct sip_core *c, struct sip_client *t,
		 const struct sip_request *r)
{
	const struct sip_client *like = sip_client_get(c, r->like);
	struct sip_flow *f = sip_flow_get(c, r->flow);

	if (like) {
		go_on(c, t, like);
		sip_client_try(c, t);
		return 0;
	}
	if (f && f->state == SIP_FLOW_POINT)
		t->point = r->flow;
	if (f && f->state != SIP_FLOW_POINT) {
		t->hop = (struct sip_way){ f->path.transport, f->path.name, 0,
					   f->path.remote, f->path.local };
		t->identity = f->path.identity;
		t->name = f->path.name;
		sip_whom_keep(&c->names, t->name);
	} else if (r->hop.addr.family) {
		enum sip_transport tr = r->hop.transport ? r->hop.transport :
							   SIP_UDP;
		int rc = r->hop.name.n ? take_name(c, t, r->hop.name, tr) : 0;

		if (rc)
			return rc;
		t->hop = (struct sip_way){ tr, t->name, 0, r->hop.addr,
					   r->hop.local };
	} else {
		return go_to_uri(c, t, r->uri.n || !r->msg ? r->uri :
				 next_uri(r->msg), r->transport);
	}
	t->hop_n = 1;
	sip_client_try(c, t);
	return 0;
}

/* Its own name, when that is not the one asked for. */
static struct sip_way way(struct sip_core *c, const struct sip_client *t,
			  const struct sip_hop *hop)
{
	struct sip_way w = { hop->transport, t->name, 0, hop->addr,
			     hop->local };
	uint32_t own = sip_whom_take(&c->names, hop->name);

	if (own == t->name)
		sip_whom_drop(&c->names, own);
	else if (own)
		w.name = own;
	return w;
}

void sip_core_on_located(struct sip_core *c, uint64_t lookup,
			 const struct sip_hop *hop, size_t n,
			 const char *reason, struct instant now)
{
	struct sip_client *t = sip_client_get(c, lookup);

	c->now = now;
	if (!t || t->state != SIP_CLIENT_LOCATING ||
	    sip_out_reserve(c, SIP_RESERVE))
		return;
	t->reason = reason ? reason : "its host was not found";
	if (n > SIP_HOPS)
		n = SIP_HOPS;
	if (n > 1)
		t->hops = mem_array(c->mem, n, sizeof(*t->hops));
	if (n > 1 && !t->hops)
		n = 1;
	for (size_t i = 0; t->hops && i < n; i++)
		t->hops[i] = way(c, t, &hop[i]);
	if (t->hops)
		sip_shun_sort(c, t->hops, n);
	if (n == 1)
		t->hop = way(c, t, &hop[0]);
	t->hop_n = (unsigned)n;
	sip_client_try(c, t);
}

/* ------------------------------------------------------------- requests */
static int store_text(struct sip_core *c, struct sip_client *t,
		      const struct sip_msg *m)
{
	size_t cap = sip_msg_room(m);
	char *p = mem_resize(c->mem, NULL, cap);
	struct writer w = writer_begin(p, cap);
	struct slice text;

	if (!p)
		return -ENOMEM;
	sip_msg_write(&w, m);
	text = writer_done(&w);
	t->text = p;
	t->n = text.n;
	t->line = slice_find(text, '\n') + 1;
	if (writer_end(&w) < 0 || text.n > LIMIT_SIP_MESSAGE - SIP_VIA_ROOM)
		return -E2BIG;
	return 0;
}

static int request(struct sip_core *c, const struct sip_request *r, bool ack,
		   uint64_t *txn)
{
	struct sip_client *t;
	int rc;

	if (c->stats.clients + c->stats.servers >= c->limits.transactions)
		return -EAGAIN;
	if (r->msg && r->msg->status)
		return -EINVAL;
	if (sip_out_reserve(c, SIP_RESERVE))
		return -ENOMEM;
	t = sip_client_new(c);
	if (!t)
		return -ENOMEM;
	t->method = r->msg ? r->msg->method : r->method;
	t->composes = !r->msg;
	t->ack = ack;
	t->user = ack ? 0 : r->user;
	t->tag = r->tag;
	t->identity = r->identity;
	*txn = t->handle;
	rc = r->msg ? store_text(c, t, r->msg) : 0;
	if (!rc)
		rc = go_to(c, t, r);
	if (rc) {
		sip_client_end(c, t);
		list_remove(&t->link);
		sip_client_free(c, t);
	}
	return rc;
}

int sip_core_request(struct sip_core *c, const struct sip_request *r,
		     struct instant now, uint64_t *txn)
{
	enum sip_method method = r->msg ? r->msg->method : r->method;

	c->now = now;
	if (method == SIP_ACK || method == SIP_CANCEL)
		return -EINVAL;
	return request(c, r, false, txn);
}

int sip_core_compose(struct sip_core *c, uint64_t txn,
		     const struct sip_msg *msg, struct instant now)
{
	struct sip_client *t = sip_client_get(c, txn);
	int rc;

	c->now = now;
	if (!t || t->state != SIP_CLIENT_COMPOSING)
		return -ENOENT;
	if (msg->status || msg->method != t->method)
		return -EINVAL;
	if (sip_out_reserve(c, SIP_RESERVE))
		return -ENOMEM;
	mem_free(c->mem, t->text);
	t->text = NULL;
	rc = store_text(c, t, msg);
	if (rc) {
		mem_free(c->mem, t->text);
		t->text = NULL;
		return rc;
	}
	sip_client_try(c, t);
	return 0;
}

void sip_core_ask_again(struct sip_core *c, uint64_t txn)
{
	struct sip_client *t = sip_client_get(c, txn);

	if (t && t->state == SIP_CLIENT_COMPOSING &&
	    sip_out_reserve(c, SIP_RESERVE) == 0)
		sip_client_ask(c, t);
}

int sip_core_ack(struct sip_core *c, const struct sip_request *r,
		 struct instant now)
{
	uint64_t txn;

	c->now = now;
	return request(c, r, true, &txn);
}
