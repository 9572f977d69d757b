/* SPDX-License-Identifier: BSD-2-Clause
 * Client transactions: on what a request goes (18.1.1), one address after the
 * other (RFC 3263 4.3), matching (17.1.3), CANCEL (9.1), ACK (17.1.1.3). */
#include "sip/core/sip_priv.h"
#include "sip/core/sip_timers.h"
#include "sip/hdr/sip_retry_after.h"

/* ---------------------------------------------------------------- life */
struct sip_client *sip_client_get(const struct sip_core *c, uint64_t txn)
{
	struct sip_timed *t = sip_slots_get(&c->txns, txn);

	if (!t || t->what != SIP_TIMED_CLIENT)
		return NULL;
	return CONTAINER(t, struct sip_client, timed);
}

struct sip_client *sip_client_new(struct sip_core *c)
{
	struct sip_client *t = mem_new(c->mem, sizeof(*t));

	if (!t)
		return NULL;
	t->timed.what = SIP_TIMED_CLIENT;
	t->patience = MONO_NEVER;
	t->handle = sip_slots_add(&c->txns, &t->timed);
	if (!t->handle) {
		mem_free(c->mem, t);
		return NULL;
	}
	c->stats.clients++;
	return t;
}

void sip_client_end(struct sip_core *c, struct sip_client *t)
{
	struct sip_client *cancel = sip_client_get(c, t->cancel);

	if (t->state == SIP_CLIENT_ENDED)
		return;
	t->state = SIP_CLIENT_ENDED;
	sip_client_settled(t);
	if (t->hashed)
		htab_remove(&c->clients, &t->node);
	wheel_cancel(&c->wheel, &t->timed.timer);
	list_remove(&t->link);
	list_append(&c->ended_clients, &t->link);
	c->stats.clients--;
	if (cancel && cancel->state == SIP_CLIENT_HELD)
		sip_client_end(c, cancel); /* which has none itself */
}

void sip_client_free(struct sip_core *c, struct sip_client *t)
{
	for (unsigned i = 0; i < t->hop_n; i++) {
		uint32_t name = t->hops ? t->hops[i].name : t->hop.name;

		if (name != t->name)
			sip_whom_drop(&c->names, name);
	}
	sip_whom_drop(&c->names, t->name);
	sip_slots_remove(&c->txns, t->handle);
	mem_free(c->mem, t->text);
	mem_free(c->mem, t->ack_text);
	mem_free(c->mem, t->hops);
	mem_free(c->mem, t);
}

static void uac_tell(struct sip_core *c, struct sip_client *t,
		     enum sip_event_kind kind)
{
	struct sip_event ev = { .kind = kind, .user = t->user,
		.txn = t->handle, .tag = t->tag, .method = t->method,
		.path = t->path,
		.reason = kind == SIP_EV_UNREACHABLE ? t->reason : NULL };

	if (!t->user || (t->left && (kind != SIP_EV_RESPONSE ||
				     c->msg.status / 100 != 2)))
		return;
	if (kind == SIP_EV_RESPONSE) {
		ev.msg = &c->msg;
		ev.path = c->in.path;
		ev.from_tag = c->in.from_tag;
		ev.to_tag = c->in.to_tag;
		ev.cseq = c->in.cseq.number;
	}
	sip_out_event(c, &ev);
}

static mono deadline(const struct sip_client *t)
{
	return t->method == SIP_INVITE ? sip_ict_deadline(&t->m.ict) :
					 sip_nict_deadline(&t->m.nict);
}

static void uac_set_timer(struct sip_core *c, struct sip_client *t)
{
	if (t->state == SIP_CLIENT_RUNNING)
		wheel_set(&c->wheel, &t->timed.timer,
			  mono_min(deadline(t), t->patience));
}

/* A target is tried, for so long while another is left. */
static void be_patient(struct sip_core *c, struct sip_client *t, mono most)
{
	t->patience = t->hop_most + 1 < t->hop_n ?
		      mono_add(c->now.m, most) : MONO_NEVER;
}

/* --------------------------------------------------------------- sending */
static void write_via(const struct sip_core *c, const struct sip_client *t,
		      struct writer *w)
{
	const struct sip_flow *p = sip_flow_get(c, t->from);

	writer_str(w, "Via: SIP/2.0/");
	writer_put(w, sip_transport_row(t->path.transport)->name);
	writer_char(w, ' ');
	if (p && addr_same(&p->shown, &t->via))
		writer_str(w, p->sent_by);
	else
		addr_write(w, &t->via);
	if (addr_is_multicast(&t->path.remote)) { /* 18.1.1 */
		writer_str(w, ";maddr=");
		addr_write_ip(w, &t->path.remote, true);
		writer_str(w, ";ttl=1");
	}
	writer_str(w, ";branch=");
	writer_str(w, t->branch);
	writer_str(w, ";rport\r\n");
}

/* Start line, our Via, and what was stored behind it. */
static int uac_send_request(struct sip_core *c, const struct sip_client *t)
{
	size_t cap = t->n + SIP_VIA_ROOM;
	char *p = sip_room(c, cap);
	struct writer w = writer_begin(p, cap);

	if (!p)
		return -ENOMEM;
	writer_put(&w, slice_of(t->text, t->line));
	write_via(c, t, &w);
	writer_put(&w, slice_of(t->text + t->line, t->n - t->line));
	return sip_send(c, &t->path, writer_done(&w));
}

static struct slice method_text(const struct sip_client *t)
{
	struct slice s = { t->text, t->line };

	return slice_head(s, slice_find(s, ' '));
}

static uint64_t client_hash(const struct sip_core *c, struct slice branch,
			    struct slice method)
{
	return htab_hash_n(&c->clients,
			   (struct slice[]){ branch, method }, 2);
}

static void enter(struct sip_core *c, struct sip_client *t)
{
	if (t->hashed)
		htab_remove(&c->clients, &t->node);
	t->hashed = true;
	htab_add(&c->clients, &t->node,
		 client_hash(c, slice_of(t->branch, SIP_BRANCH),
			     method_text(t)));
}

static void new_branch(struct sip_core *c, struct sip_client *t)
{
	static const char cookie[] = "z9hG4bK"; /* 8.1.1.7 */

	memcpy(t->branch, cookie, sizeof(cookie) - 1);
	drbg_token(&c->random, t->branch + sizeof(cookie) - 1,
		   SIP_BRANCH - (sizeof(cookie) - 1));
	mem_free(c->mem, t->ack_text); /* 17.1.1.3: of the branch before */
	t->ack_text = NULL;
}

/* The path is there: the transaction begins.  False: it could not be sent. */
static bool launch(struct sip_core *c, struct sip_client *t)
{
	bool reliable = sip_transport_row(t->path.transport)->reliable;
	struct sip_flow *f = sip_flow_get(c, t->path.flow);
	unsigned out;

	if (!f)
		return false;
	if (t->ack) {
		if (uac_send_request(c, t))
			return false;
		sip_client_end(c, t);
		return true;
	}
	enter(c, t);
	sip_client_settled(t);
	be_patient(c, t, c->target_timeout);
	t->answered = t->repeated = false;
	t->state = SIP_CLIENT_RUNNING;
	list_remove(&t->link);
	list_append(&f->clients, &t->link);
	if (t->method == SIP_INVITE)
		out = sip_ict_start(&t->m.ict, reliable, c->now.m);
	else
		out = sip_nict_start(&t->m.nict, reliable, c->now.m);
	INVARIANT(out == SIP_ICT_SEND && out == SIP_NICT_SEND);
	uac_set_timer(c, t);
	return uac_send_request(c, t) == 0;
}

/* -------------------------------------------------------------- failover */
/* The one wanted, if it serves; else as the route has it. */
static struct sip_flow *point_of(const struct sip_core *c,
				 const struct sip_client *t,
				 const struct sip_way *hop,
				 enum sip_transport tr)
{
	struct sip_flow *f = sip_flow_get(c, t->point);

	if (f && f->path.transport == tr &&
	    f->path.local.family == hop->addr.family)
		return f;
	return sip_point_for(c, tr, hop->addr.family,
			     hop->local.family ? &hop->local : NULL);
}

/* On one connection or socket towards a hop.  True: sent, or waits for its
 * connection.  False: not by this transport, t->reason says why. */
static bool go(struct sip_core *c, struct sip_client *t,
	       const struct sip_way *hop, enum sip_transport tr)
{
	struct sip_flow *point = point_of(c, t, hop, tr), *f;

	if (!point) {
		t->reason = "no transport of ours reaches it";
		return false;
	}
	if (!t->internal) /* 9.1: a CANCEL's is its INVITE's */
		t->via = point->shown;
	t->from = point->path.flow;
	t->path = (struct sip_path){ .transport = tr, .remote = hop->addr,
		.flow = point->path.flow, .identity = t->identity,
		.name = sip_transport_row(tr)->named ? hop->name : 0,
		.local = point->path.local };
	t->reason = "the request could not be sent";
	t->reused = false; /* of the hop before */
	if (!sip_transport_row(tr)->connected)
		return launch(c, t);
	f = sip_flow_to(c, &t->path);
	if (!f) {
		t->reason = "too many connections";
		return false;
	}
	t->path.flow = f->path.flow;
	t->reused = f->state == SIP_FLOW_OPEN;
	if (t->reused)
		return launch(c, t);
	t->state = SIP_CLIENT_CONNECTING;
	sip_client_waits(t, f);
	be_patient(c, t, mono_min(c->target_timeout, SIP_CONNECT_BESIDE));
	wheel_set(&c->wheel, &t->timed.timer, t->patience);
	list_remove(&t->link);
	list_append(&f->waiting, &t->link);
	return true;
}

void sip_client_ask(struct sip_core *c, struct sip_client *t)
{
	/* It may wait for its turn behind one that nobody answers. */
	wheel_set(&c->wheel, &t->timed.timer,
		  mono_add(c->now.m, 2 * SIP_T1_64));
	uac_tell(c, t, SIP_EV_COMPOSE);
}

/* Asks for its text, unless the one there is of that point and address.  False:
 * it need not be asked for. */
static bool ask_text(struct sip_core *c, struct sip_client *t,
		     const struct sip_way *hop)
{
	struct sip_flow *point = point_of(c, t, hop, hop->transport);
	struct addr shows;

	if (!t->composes || !point)
		return false;
	shows = sip_point_shows(point, &hop->local);
	if (t->text && t->written_for == point->path.flow &&
	    addr_same(&t->shows, &shows))
		return false;
	t->written_for = point->path.flow;
	t->shows = shows;
	if (t->hashed) /* by what the text begins with */
		htab_remove(&c->clients, &t->node);
	t->hashed = false;
	mem_free(c->mem, t->text);
	t->text = NULL;
	t->path = (struct sip_path){ .transport = hop->transport,
		.flow = point->path.flow, .identity = t->identity,
		.local = shows, .remote = hop->addr,
		.name = sip_transport_row(hop->transport)->named ?
			hop->name : 0 };
	t->state = SIP_CLIENT_COMPOSING;
	list_remove(&t->link);
	sip_client_ask(c, t);
	return true;
}

/* 18.1.1: large requests go by TCP, if we have it; not again by it when that
 * was refused. */
static bool try_hop(struct sip_core *c, struct sip_client *t)
{
	const struct sip_way *hop;
	enum sip_transport larger;

	sip_client_prefer_open(c, t);
	hop = sip_client_way(t);
	larger = sip_transport_row(hop->transport)->larger;

	if (ask_text(c, t, hop))
		return true;
	if (t->composes && !t->text) {
		t->reason = "no transport of ours reaches it";
		return false;
	}
	new_branch(c, t);
	if (larger && !t->by_size &&
	    t->n + SIP_VIA_ROOM / 2 > SIP_SIZE_UDP &&
	    sip_point_for(c, larger, hop->addr.family, NULL)) {
		t->by_size = true;
		if (go(c, t, hop, larger))
			return true;
	}
	return go(c, t, hop, hop->transport);
}

static void uac_give_up(struct sip_core *c, struct sip_client *t,
			enum sip_event_kind kind)
{
	if (!t->final)
		uac_tell(c, t, kind);
	t->final = true;
	sip_client_end(c, t);
}

void sip_client_try(struct sip_core *c, struct sip_client *t)
{
	if (t->hop_n)
		do {
			if (try_hop(c, t))
				return;
			t->by_size = false;
		} while (sip_client_advance(c, t));
	uac_give_up(c, t, SIP_EV_UNREACHABLE);
}

/* What was tried last has failed; true: something else is being tried. */
static bool next_hop(struct sip_core *c, struct sip_client *t)
{
	bool by_udp = t->by_size &&
		      t->path.transport != sip_client_way(t)->transport;

	if (t->final || t->cancelled || t->internal)
		return false;
	if (!by_udp && !sip_client_advance(c, t))
		return false;
	if (!by_udp)
		t->by_size = false;
	t->answered = false; /* of the one before */
	sip_client_try(c, t);
	return true;
}

void sip_client_failed(struct sip_core *c, struct sip_client *t,
		       const char *reason)
{
	bool again = t->reused && !t->answered && !t->final &&
		     !t->cancelled && !t->internal;
	unsigned out;

	list_remove(&t->link);
	if (t->state == SIP_CLIENT_RUNNING) {
		out = t->method == SIP_INVITE ?
		      sip_ict_on_transport_error(&t->m.ict) :
		      sip_nict_on_transport_error(&t->m.nict);
		if (!out)
			return; /* nothing of ours was under way */
	}
	/* A connection that was open from before may have been closed by the
	 * peer before it saw the request: once, a new one is tried. */
	if (again) {
		t->reused = false;
		sip_client_try(c, t);
		return;
	}
	if (!sip_transport_row(t->path.transport)->connected && !t->answered)
		sip_shun(c, t->path.transport, &t->path.remote, SIP_SHUN);
	if (next_hop(c, t))
		return;
	t->reason = reason;
	uac_give_up(c, t, SIP_EV_UNREACHABLE);
}

void sip_client_on_open(struct sip_core *c, struct sip_client *t)
{
	struct sip_flow *f = sip_flow_get(c, t->path.flow);

	if (f)
		t->path.local = f->path.local;
	if (!launch(c, t))
		sip_client_failed(c, t, "the request could not be sent");
}

const struct sip_msg *sip_core_sent(struct sip_core *c, uint64_t txn)
{
	struct sip_client *t = sip_client_get(c, txn);
	struct parse_error e;

	if (!t || !t->text ||
	    sip_msg_parse(slice_of(t->text, t->n), &c->edit, &e))
		return NULL;
	return &c->edit;
}

/* ----------------------------------------------------------- ACK, CANCEL
 * 17.1.1.3, 9.1: Request-URI, From, Call-ID, Route and the number of CSeq are
 * the INVITE's; To is too for CANCEL, and the response's for ACK. */
static void write_derived(struct writer *w, const struct sip_msg *invite,
			  const char *method, struct slice to, uint32_t cseq)
{
	for (uint16_t i = 0; i < invite->n; i++) {
		const struct sip_field *f = &invite->field[i];

		if (f->id != SIP_HDR_ROUTE && f->id != SIP_HDR_FROM &&
		    f->id != SIP_HDR_CALL_ID && f->id != SIP_HDR_TO)
			continue;
		writer_put(w, f->name);
		writer_str(w, ": ");
		writer_put(w, f->id == SIP_HDR_TO && to.n ? to : f->value);
		writer_str(w, "\r\n");
	}
	writer_str(w, "CSeq: ");
	writer_u64(w, cseq);
	writer_char(w, ' ');
	writer_str(w, method);
	writer_str(w, "\r\nMax-Forwards: 70\r\n");
}

static bool parse_invite(struct sip_core *c, const struct sip_client *t,
			 struct sip_cseq *cseq)
{
	struct parse_error e;

	return !sip_msg_parse(slice_of(t->text, t->n), &c->edit, &e) &&
	       !sip_cseq_parse(sip_msg_get(&c->edit, SIP_HDR_CSEQ), cseq, &e);
}

static int make_ack(struct sip_core *c, struct sip_client *t)
{
	struct slice to = sip_msg_get(&c->msg, SIP_HDR_TO);
	size_t cap = t->n + to.n + SIP_VIA_ROOM + 96;
	struct sip_cseq cseq;
	struct writer w;

	if (!parse_invite(c, t, &cseq))
		return -EINVAL;
	t->ack_text = mem_resize(c->mem, NULL, cap);
	if (!t->ack_text)
		return -ENOMEM;
	w = writer_begin(t->ack_text, cap);
	writer_str(&w, "ACK ");
	writer_put(&w, c->edit.uri);
	writer_str(&w, " SIP/2.0\r\n");
	write_via(c, t, &w);
	write_derived(&w, &c->edit, "ACK", to, cseq.number);
	writer_str(&w, "Content-Length: 0\r\n\r\n");
	t->ack_n = w.n;
	return writer_end(&w) < 0 ? -ENOSPC : 0;
}

static void send_ack(struct sip_core *c, struct sip_client *t)
{
	char *p;

	if (!t->ack_text && make_ack(c, t))
		return; /* no memory: the response will come again */
	p = sip_room(c, t->ack_n);
	if (!p)
		return;
	memcpy(p, t->ack_text, t->ack_n);
	if (sip_send(c, &t->path, slice_of(p, t->ack_n)))
		return; /* 17.1.1.2 would have it told; the final was told */
}

static struct sip_client *make_cancel(struct sip_core *c,
				      const struct sip_client *t,
				      const struct sip_msg *extra)
{
	size_t cap = t->n + 128 + (extra ? sip_msg_room(extra) : 0);
	struct sip_client *k = sip_client_new(c);
	struct sip_cseq cseq;
	struct writer w;

	if (!k)
		return NULL;
	k->method = SIP_CANCEL;
	k->internal = true;
	k->text = mem_resize(c->mem, NULL, cap);
	if (!k->text || !parse_invite(c, t, &cseq)) {
		sip_client_end(c, k);
		return NULL;
	}
	w = writer_begin(k->text, cap);
	writer_str(&w, "CANCEL ");
	writer_put(&w, c->edit.uri);
	writer_str(&w, " SIP/2.0\r\n");
	k->line = w.n;
	write_derived(&w, &c->edit, "CANCEL", S(""), cseq.number);
	for (uint16_t i = 0; extra && i < extra->n; i++) {
		writer_put(&w, extra->field[i].name);
		writer_str(&w, ": ");
		writer_put(&w, extra->field[i].value);
		writer_str(&w, "\r\n");
	}
	writer_str(&w, "Content-Length: 0\r\n\r\n");
	k->n = w.n;
	return k;
}

/* 9.1: to where the INVITE went, with its branch; over a new connection when
 * that one is gone. */
static void launch_cancel(struct sip_core *c, struct sip_client *t)
{
	struct sip_client *k = sip_client_get(c, t->cancel);
	const struct sip_way hop = { t->path.transport, t->path.name, 0,
				     t->path.remote, t->path.local };

	if (!k || k->state != SIP_CLIENT_HELD)
		return;
	k->point = t->from;
	k->via = t->via;
	k->identity = t->identity;
	k->name = t->path.name;
	sip_whom_keep(&c->names, k->name);
	memcpy(k->branch, t->branch, sizeof(k->branch));
	if (!go(c, k, &hop, hop.transport))
		sip_client_end(c, k);
	sip_ict_on_cancel(&t->m.ict, c->now.m);
	uac_set_timer(c, t);
}

int sip_core_cancel(struct sip_core *c, uint64_t txn,
		    const struct sip_msg *extra, struct instant now)
{
	struct sip_client *t = sip_client_get(c, txn), *k;

	c->now = now;
	if (!t || t->method != SIP_INVITE || t->ack)
		return -ENOENT;
	if (t->cancelled || t->state == SIP_CLIENT_ENDED ||
	    (t->state == SIP_CLIENT_RUNNING &&
	     t->m.ict.state != SIP_ICT_CALLING &&
	     t->m.ict.state != SIP_ICT_PROCEEDING))
		return -EALREADY;
	if (sip_out_reserve(c, SIP_RESERVE))
		return -ENOMEM;
	if (t->state != SIP_CLIENT_RUNNING) { /* it never went out */
		t->cancelled = true;
		uac_give_up(c, t, SIP_EV_TIMEOUT);
		return 0;
	}
	k = make_cancel(c, t, extra);
	if (!k)
		return -ENOMEM;
	t->cancelled = true;
	t->cancel = k->handle;
	if (t->m.ict.state == SIP_ICT_PROCEEDING)
		launch_cancel(c, t);
	return 0;
}

void sip_client_forget(struct sip_core *c, struct sip_client *t)
{
	t->user = 0;
	if (t->state == SIP_CLIENT_COMPOSING ||
	    (t->state == SIP_CLIENT_LOCATING && t->composes)) {
		sip_client_end(c, t); /* nobody would write it */
		return;
	}
	if (t->method == SIP_INVITE && !t->ack &&
	    sip_core_cancel(c, t->handle, NULL, c->now))
		return; /* over, or no memory: it ends by itself */
}

/* 9.1 would have it wait for a 1xx, which may have come where we are not. */
void sip_core_abandon(struct sip_core *c, uint64_t txn, struct instant now)
{
	struct sip_client *t = sip_client_get(c, txn);
	bool silent = t && t->state == SIP_CLIENT_RUNNING && !t->cancelled &&
		      t->method == SIP_INVITE &&
		      t->m.ict.state == SIP_ICT_CALLING;

	sip_core_forget(c, txn, now);
	if (!silent || !t->cancelled)
		return;
	launch_cancel(c, t);
	sip_client_end(c, t);
}

/* ---------------------------------------------------- a response comes in */
/* 18.1.2: sent-by must be what we put there. */
static bool sent_by_us(const struct sip_core *c, const struct sip_client *t)
{
	const struct addr *shown = &t->via;
	const struct sip_via *v = &c->in.via;
	uint16_t port = v->has_port ? v->port :
			sip_transport_row(t->path.transport)->port;
	struct addr a;

	return addr_parse_ip(v->host, &a) == 0 && addr_same_ip(&a, shown) &&
	       port == shown->port;
}

static struct sip_client *uac_find(const struct sip_core *c)
{
	struct slice branch = c->in.via.branch, method = c->in.cseq.method;
	struct htab_node *n;

	if (branch.n != SIP_BRANCH)
		return NULL;
	n = htab_find(&c->clients, client_hash(c, branch, method));
	for (; n; n = htab_next(n)) {
		struct sip_client *t = CONTAINER(n, struct sip_client, node);

		if (memcmp(t->branch, branch.p, SIP_BRANCH) == 0 &&
		    slice_same(method_text(t), method))
			return t;
	}
	return NULL;
}

/* 21.5.4 */
static mono rest_of(const struct sip_msg *m)
{
	struct slice value = sip_msg_get(m, SIP_HDR_RETRY_AFTER);
	struct sip_retry_after r;
	struct parse_error e;

	return value.n && sip_retry_after_parse(value, &r, &e) == 0 ?
	       mono_min(SEC(r.seconds), SIP_SHUN_MOST) : SIP_SHUN;
}

/* RFC 3263 4.3: 503 sends the request on to the next address, unseen. */
static bool uac_elsewhere(struct sip_core *c, struct sip_client *t)
{
	if (c->msg.status == 503)
		sip_shun(c, t->path.transport, &t->path.remote,
			 rest_of(&c->msg));
	return c->msg.status == 503 && !t->answered_before &&
	       t->hop_most + 1 < t->hop_n && next_hop(c, t);
}

static void on_invite_response(struct sip_core *c, struct sip_client *t)
{
	unsigned status = c->msg.status;
	unsigned out = sip_ict_on_response(&t->m.ict, status, c->now.m);

	if (out & SIP_ICT_ACK)
		send_ack(c, t);
	if (out & SIP_ICT_PASS_UP) {
		if (uac_elsewhere(c, t))
			return;
		t->final = t->final || status >= 200;
		uac_tell(c, t, SIP_EV_RESPONSE);
	}
	if (status < 200)
		launch_cancel(c, t);
	if (out & SIP_ICT_DONE)
		sip_client_end(c, t);
}

static void on_other_response(struct sip_core *c, struct sip_client *t)
{
	unsigned status = c->msg.status;
	unsigned out = sip_nict_on_response(&t->m.nict, status, c->now.m);

	if (out & SIP_NICT_PASS_UP) {
		if (uac_elsewhere(c, t))
			return;
		t->final = t->final || status >= 200;
		uac_tell(c, t, SIP_EV_RESPONSE);
	}
	if (out & SIP_NICT_DONE)
		sip_client_end(c, t);
}

void sip_client_on_response(struct sip_core *c)
{
	struct sip_client *t = uac_find(c);

	if (!t || !sent_by_us(c, t)) {
		c->stats.unmatched++;
		return;
	}
	t->answered_before = t->answered;
	t->answered = true;
	t->patience = MONO_NEVER; /* somebody is there */
	sip_unshun(c, t->path.transport, &t->path.remote);
	if (t->method == SIP_INVITE)
		on_invite_response(c, t);
	else
		on_other_response(c, t);
	uac_set_timer(c, t);
}

/* ----------------------------------------------------------------- time */
static void timed_out(struct sip_core *c, struct sip_client *t)
{
	if (!t->answered)
		sip_shun(c, t->path.transport, &t->path.remote, SIP_SHUN);
	if (!t->answered && next_hop(c, t))
		return;
	uac_give_up(c, t, SIP_EV_TIMEOUT);
}

static void running_on_time(struct sip_core *c, struct sip_client *t)
{
	bool invite = t->method == SIP_INVITE;
	unsigned out = invite ? sip_ict_on_time(&t->m.ict, c->now.m) :
				sip_nict_on_time(&t->m.nict, c->now.m);

	if (out & (invite ? SIP_ICT_SEND : SIP_NICT_SEND)) {
		c->stats.repeats_out++;
		t->repeated = true;
		if (uac_send_request(c, t) == -EPIPE) {
			sip_client_failed(c, t, "its listening point is gone");
			return;
		}
	}
	if (out & (invite ? SIP_ICT_TIMED_OUT : SIP_NICT_TIMED_OUT))
		timed_out(c, t);
	if (out & (invite ? SIP_ICT_DONE : SIP_NICT_DONE))
		sip_client_end(c, t);
	uac_set_timer(c, t);
}

void sip_core_set_target_timeout(struct sip_core *c, mono t)
{
	c->target_timeout = t;
}

/* 9.1: the peer may have it, and may still take the call.  So the transaction
 * goes on by itself; false: no room or memory for two. */
static bool leave_behind(struct sip_core *c, struct sip_client *t)
{
	struct sip_flow *f = sip_flow_get(c, t->path.flow);
	struct sip_client *g = NULL;

	if (f && c->stats.clients + c->stats.servers < c->limits.transactions)
		g = sip_client_new(c);
	if (!g)
		return false;
	g->text = mem_copy(c->mem, t->text, t->n);
	if (!g->text) {
		sip_client_end(c, g);
		return false;
	}
	g->n = t->n;
	g->line = t->line;
	g->method = t->method;
	g->user = t->user;
	g->tag = t->tag;
	g->from = t->from;
	g->via = t->via;
	g->identity = t->identity;
	g->name = t->path.name;
	sip_whom_keep(&c->names, g->name);
	g->path = t->path;
	g->m = t->m;
	g->state = SIP_CLIENT_RUNNING;
	g->patience = MONO_NEVER;
	g->left = true;
	memcpy(g->branch, t->branch, sizeof(g->branch));
	enter(c, g);
	list_append(&f->clients, &g->link);
	if (sip_core_cancel(c, g->handle, NULL, c->now)) {
		sip_client_end(c, g); /* after a 1xx nothing would end it */
		return false;
	}
	uac_set_timer(c, g);
	t->leaves = true;
	return true;
}

bool sip_core_leaves(const struct sip_core *c, uint64_t txn)
{
	const struct sip_client *t = sip_client_get(c, txn);

	return t && t->leaves;
}

/* The address is silent, and another is left. */
static void move_on(struct sip_core *c, struct sip_client *t)
{
	t->patience = MONO_NEVER;
	if (t->answered || t->final || t->cancelled ||
	    (t->state == SIP_CLIENT_RUNNING && t->method == SIP_INVITE &&
	     !leave_behind(c, t))) {
		uac_set_timer(c, t);
		return;
	}
	list_remove(&t->link);
	if (t->hashed)
		htab_remove(&c->clients, &t->node);
	t->hashed = false;
	t->reason = "nothing was heard of it in time";
	if (t->state == SIP_CLIENT_CONNECTING)
		sip_client_race(c, t);
	else
		sip_shun(c, t->path.transport, &t->path.remote, SIP_SHUN);
	t->by_size = t->reused = false;
	if (sip_client_advance(c, t))
		sip_client_try(c, t);
}

void sip_client_on_time(struct sip_core *c, struct sip_client *t)
{
	if (c->now.m >= t->patience && (t->state == SIP_CLIENT_RUNNING ||
					t->state == SIP_CLIENT_CONNECTING)) {
		move_on(c, t);
		return;
	}
	if (t->state == SIP_CLIENT_RUNNING) {
		running_on_time(c, t);
	} else if (t->state == SIP_CLIENT_LOCATING) {
		t->reason = "looking up its host took too long";
		uac_give_up(c, t, SIP_EV_UNREACHABLE);
	} else if (t->state == SIP_CLIENT_COMPOSING) {
		t->reason = "it was not written in time";
		uac_give_up(c, t, SIP_EV_UNREACHABLE);
	}
}
