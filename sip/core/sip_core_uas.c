/* SPDX-License-Identifier: BSD-2-Clause
 * Server transactions (17.2): matching (17.2.3, 9.2, 8.2.2.2) and sending. */
#include "sip/core/sip_priv.h"
#include "sip/hdr/sip_name_addr.h"

/* ------------------------------------------------------------- sending */
static mono deadline(const struct sip_server *t)
{
	return t->method == SIP_INVITE ? sip_ist_deadline(&t->m.ist) :
					 sip_nist_deadline(&t->m.nist);
}

static void uas_set_timer(struct sip_core *c, struct sip_server *t)
{
	if (!t->ended)
		wheel_set(&c->wheel, &t->timed.timer, deadline(t));
}

static void merging_end(struct sip_core *c, struct sip_server *t)
{
	if (t->merging)
		htab_remove(&c->merges, &t->merge);
	t->merging = false;
}

void sip_server_end(struct sip_core *c, struct sip_server *t)
{
	if (t->ended)
		return;
	t->ended = true;
	htab_remove(&c->servers, &t->node);
	merging_end(c, t);
	wheel_cancel(&c->wheel, &t->timed.timer);
	list_remove(&t->link);
	list_append(&c->ended_servers, &t->link);
	c->stats.servers--;
}

static size_t own_size(const struct sip_server *t)
{
	return sizeof(*t) + t->key_n + t->merge_n;
}

void sip_server_free(struct sip_core *c, struct sip_server *t)
{
	sip_slots_remove(&c->txns, t->handle);
	sip_held(c, own_size(t) + (t->head ? t->head_n : 0) + t->n, 0);
	mem_free(c->mem, t->head);
	mem_free(c->mem, t->text);
	mem_free(c->mem, t);
}

static void uas_tell(struct sip_core *c, const struct sip_server *t,
		     enum sip_event_kind kind)
{
	if (t->user)
		sip_out_event(c, &(struct sip_event){ .kind = kind,
			.user = t->user, .txn = t->handle, .tag = t->tag,
			.method = t->method, .path = t->path });
}

static void send_failed(struct sip_core *c, struct sip_server *t)
{
	unsigned out;

	if (!t->unsent)
		uas_tell(c, t, SIP_EV_UNSENT);
	t->unsent = true;
	if (t->method == SIP_INVITE)
		out = sip_ist_on_transport_error(&t->m.ist);
	else
		out = sip_nist_on_transport_error(&t->m.nist);
	if (t->method != SIP_INVITE || !out)
		sip_server_end(c, t);
	uas_set_timer(c, t);
}

/* 18.2.2: the connection of the request, or a new one to its source. */
static int over_new_connection(struct sip_core *c, struct sip_server *t)
{
	struct sip_path p = t->path;
	struct sip_flow *point = sip_point_for(c, p.transport,
					       p.remote.family, &p.local), *f;

	p.remote = t->back;
	if (point)
		p.local = point->path.local;
	f = point ? sip_flow_to(c, &p) : NULL;
	if (!f)
		return -EPIPE;
	t->path.flow = f->path.flow;
	t->path.remote = f->path.remote;
	if (f->state == SIP_FLOW_OPEN)
		return 1;
	list_remove(&t->link);
	list_append(&f->servers, &t->link);
	return 0;
}

/* Text that lies in room of the queue, or a copy of the stored one. */
static void transmit(struct sip_core *c, struct sip_server *t,
		     struct slice text)
{
	char *p;
	int rc;

	if (text.p == t->text) {
		p = sip_room(c, text.n);
		if (!p)
			return; /* as if lost on the way */
		memcpy(p, text.p, text.n);
		text.p = p;
	}
	rc = sip_send(c, &t->path, text);
	if (rc && sip_transport_row(t->path.transport)->connected) {
		rc = over_new_connection(c, t);
		if (rc == 0)
			return; /* goes when the connection is there */
		if (rc > 0)
			rc = sip_send(c, &t->path, text);
	}
	if (rc)
		send_failed(c, t);
}

static void repeat(struct sip_core *c, struct sip_server *t)
{
	if (!t->text)
		return;
	c->stats.repeats_out++;
	transmit(c, t, slice_of(t->text, t->n));
}

void sip_server_on_open(struct sip_core *c, struct sip_server *t, bool ok)
{
	if (!ok)
		send_failed(c, t);
	else if (t->text)
		transmit(c, t, slice_of(t->text, t->n));
	if (!t->ended && t->done)
		sip_server_end(c, t);
}

/* --------------------------------------------------------- from the user */
static struct sip_server *server_get(const struct sip_core *c, uint64_t txn)
{
	struct sip_timed *t = sip_slots_get(&c->txns, txn);

	if (!t || t->what != SIP_TIMED_SERVER)
		return NULL;
	return CONTAINER(t, struct sip_server, timed);
}

/* Keeps the text for repeats; after a final one its head is not needed. */
static int store(struct sip_core *c, struct sip_server *t, struct slice text,
		 unsigned status)
{
	char *p = mem_copy(c->mem, text.p, text.n);

	if (!p)
		return -ENOMEM;
	mem_free(c->mem, t->text);
	sip_held(c, t->n, text.n);
	t->text = p;
	t->n = text.n;
	t->status = (uint16_t)status;
	if (status >= 200 && t->head) {
		sip_held(c, t->head_n, 0);
		mem_free(c->mem, t->head);
		t->head = NULL;
	}
	return 0;
}

static void end_when_sent(struct sip_core *c, struct sip_server *t)
{
	if (list_linked(&t->link)) /* waits for a connection */
		t->done = true;
	else
		sip_server_end(c, t);
}

static unsigned machine_respond(struct sip_core *c, struct sip_server *t,
				unsigned status, bool *done)
{
	unsigned out;

	*done = false;
	if (t->method == SIP_INVITE)
		return sip_ist_respond(&t->m.ist, status, c->now.m) &
		       SIP_IST_SEND;
	out = sip_nist_respond(&t->m.nist, status, c->now.m);
	*done = (out & SIP_NIST_DONE) != 0;
	return out & SIP_NIST_SEND;
}

int sip_core_respond(struct sip_core *c, uint64_t txn,
		     const struct sip_msg *msg, struct slice to_tag,
		     struct instant now)
{
	struct sip_server *t = server_get(c, txn), was;
	struct slice text;
	bool done;
	int rc;

	c->now = now;
	if (!t || t->ended)
		return -ENOENT;
	if (sip_out_reserve(c, SIP_RESERVE))
		return -ENOMEM;
	was.m = t->m;
	if (!machine_respond(c, t, msg->status, &done))
		return t->status >= 200 ? -EALREADY : 0; /* RFC 4320 */
	rc = sip_server_response(c, t, msg, to_tag, &text);
	if (!rc)
		rc = store(c, t, text, msg->status);
	if (rc) {
		t->m = was.m;
		return rc;
	}
	transmit(c, t, text);
	if (done)
		end_when_sent(c, t);
	uas_set_timer(c, t);
	return 0;
}

int sip_core_respond_stateless(struct sip_core *c, const struct sip_event *ev,
			       const struct sip_msg *msg, struct instant now)
{
	struct sip_server *t = NULL;
	int rc;

	c->now = now;
	if (!c->in.live || ev->msg != &c->msg || ev->kind != SIP_EV_REQUEST)
		return -ENOENT;
	rc = sip_send_stateless(c, msg, S(""));
	if (rc)
		return rc;
	t = sip_slots_get(&c->txns, ev->txn);
	if (t)
		sip_server_end(c, t);
	return 0;
}

int sip_core_respond_again(struct sip_core *c, uint64_t txn,
			   struct instant now)
{
	struct sip_server *t = server_get(c, txn);

	c->now = now;
	if (!t || t->ended || t->method != SIP_INVITE || !t->text)
		return -ENOENT;
	if (sip_out_reserve(c, SIP_RESERVE))
		return -ENOMEM;
	if (!sip_ist_respond(&t->m.ist, t->status, now.m))
		return -EALREADY;
	repeat(c, t);
	uas_set_timer(c, t);
	return 0;
}

int sip_core_set_tag(struct sip_core *c, uint64_t txn, uint64_t tag)
{
	struct sip_server *t = server_get(c, txn);

	if (!t || t->ended)
		return -ENOENT;
	t->tag = tag;
	return 0;
}

void sip_core_set_user(struct sip_core *c, uint64_t txn, uint32_t user)
{
	struct sip_server *t = server_get(c, txn);

	if (t)
		t->user = user;
}

void sip_server_forget(struct sip_core *c, struct sip_server *t)
{
	sip_msg_response(&c->own, 500, S(""));
	if (!t->ended && t->status < 200 &&
	    sip_core_respond(c, t->handle, &c->own, S(""), c->now))
		sip_server_end(c, t); /* no memory: silence */
	t->user = 0;
}

/* ---------------------------------------------------------------- time */
static void send_100(struct sip_core *c, struct sip_server *t)
{
	struct slice text;

	sip_msg_response(&c->own, 100, S(""));
	if (sip_server_response(c, t, &c->own, S(""), &text) ||
	    store(c, t, text, 100))
		return; /* no memory: the client repeats itself */
	transmit(c, t, text);
}

void sip_server_on_time(struct sip_core *c, struct sip_server *t)
{
	bool invite = t->method == SIP_INVITE;
	unsigned out = invite ? sip_ist_on_time(&t->m.ist, c->now.m) :
				sip_nist_on_time(&t->m.nist, c->now.m);

	if (out & (invite ? SIP_IST_SEND : SIP_NIST_SEND))
		repeat(c, t);
	if (out & (invite ? SIP_IST_100 : SIP_NIST_100))
		send_100(c, t);
	if (invite && (out & SIP_IST_NO_ACK))
		uas_tell(c, t, SIP_EV_NO_ACK);
	if (out & (invite ? SIP_IST_NO_ACK | SIP_IST_DONE : SIP_NIST_DONE))
		sip_server_end(c, t);
	uas_set_timer(c, t);
}

size_t sip_core_unacknowledged(const struct sip_core *c)
{
	size_t n = 0;

	for (size_t i = 0; c->servers.bucket && i <= c->servers.mask; i++)
		for (struct htab_node *l = c->servers.bucket[i]; l;
		     l = l->next) {
			const struct sip_server *t =
				CONTAINER(l, struct sip_server, node);

			n += t->method == SIP_INVITE && !t->ended &&
			     t->m.ist.state == SIP_IST_COMPLETED &&
			     !t->m.ist.reliable;
		}
	return n;
}

/* ---------------------------------------------------- a request comes in */
static struct sip_server *uas_find(const struct sip_core *c,
				   const struct sip_key *k, uint64_t hash)
{
	struct htab_node *n = htab_find(&c->servers, hash);

	for (; n; n = htab_next(n)) {
		struct sip_server *t = CONTAINER(n, struct sip_server, node);

		if (sip_key_same(k, t->key, t->key_n))
			return t;
	}
	return NULL;
}

static bool is_merged(const struct sip_core *c, const struct sip_key *k,
		      uint64_t hash)
{
	struct htab_node *n = htab_find(&c->merges, hash);

	for (; n; n = htab_next(n)) {
		struct sip_server *t = CONTAINER(n, struct sip_server, merge);

		if (sip_key_same(k, t->key + t->key_n, t->merge_n))
			return true;
	}
	return false;
}

static void tell_request(struct sip_core *c, enum sip_event_kind kind,
			 uint32_t user, uint64_t txn, uint64_t tag)
{
	sip_out_event(c, &(struct sip_event){ .kind = kind, .user = user,
		.txn = txn, .tag = tag, .method = c->msg.method,
		.msg = &c->msg, .uri = &c->in.uri,
		.from_tag = c->in.from_tag, .to_tag = c->in.to_tag,
		.cseq = c->in.cseq.number,
		.path = c->in.path });
}

static void on_ack(struct sip_core *c, struct sip_server *t)
{
	const struct sip_match *row;
	unsigned status, out;

	if (!t) { /* of a 2xx: end to end, 13.3.1.4 */
		row = sip_dispatch(c, &status);
		if (row)
			tell_request(c, SIP_EV_ACK, row->user, 0, 0);
		else
			c->stats.unmatched++;
		return;
	}
	out = sip_ist_on_ack(&t->m.ist, c->now.m);
	if ((out & SIP_IST_PASS_UP) && t->user)
		tell_request(c, SIP_EV_ACK, t->user, t->handle, t->tag);
	/* 8.2.2.2 asks for ongoing transactions.  One that is refused and
	 * acknowledged only absorbs ACKs: the same INVITE on another branch
	 * is that of a proxy which hunts, and comes to us again. */
	if (t->m.ist.state == SIP_IST_CONFIRMED)
		merging_end(c, t);
	if (out & SIP_IST_DONE)
		sip_server_end(c, t);
	uas_set_timer(c, t);
}

static void on_repeat(struct sip_core *c, struct sip_server *t)
{
	unsigned again = t->method == SIP_INVITE ?
			 sip_ist_on_invite(&t->m.ist) & SIP_IST_SEND :
			 sip_nist_on_request(&t->m.nist) & SIP_NIST_SEND;

	c->stats.repeats_in++;
	if (again)
		repeat(c, t);
}

/* 9.2: as 17.2.3 matches a request of any method but CANCEL and ACK. */
static struct sip_server *cancelled(const struct sip_core *c)
{
	struct sip_server *t = NULL;
	struct sip_key k;

	for (unsigned m = SIP_METHOD_OTHER + 1; !t && m < SIP_METHOD_COUNT;
	     m++) {
		if (m == SIP_ACK || m == SIP_CANCEL)
			continue;
		sip_key_server(&k, &c->in, &c->msg,
			       sip_method_name((enum sip_method)m));
		t = uas_find(c, &k, htab_hash_n(&c->servers, k.part, k.n));
	}
	return t;
}

/* The To tag of its responses so far; empty: none yet, or a 100. */
static struct slice tag_sent(struct sip_core *c, const struct sip_server *t)
{
	struct slice tag = { NULL, 0 };

	if (!t->text ||
	    sip_msg_parse(slice_of(t->text, t->n), &c->edit, NULL) ||
	    sip_tag_parse(sip_msg_get(&c->edit, SIP_HDR_TO), &tag, NULL))
		tag.n = 0;
	return tag;
}

/* hash: of k. */
static struct sip_server *server_new(struct sip_core *c,
				     const struct sip_key *k, uint64_t hash,
				     const struct sip_key *merge)
{
	size_t kn = sip_key_size(k), mn = sip_key_size(merge);
	struct sip_server *t = mem_new(c->mem, sizeof(*t) + kn + mn);

	if (!t)
		return NULL;
	t->handle = sip_slots_add(&c->txns, &t->timed);
	if (!t->handle) {
		mem_free(c->mem, t);
		return NULL;
	}
	t->timed.what = SIP_TIMED_SERVER;
	t->method = c->msg.method;
	t->to_tagged = c->in.to_tag.n != 0;
	t->path = c->in.back;
	t->back = c->in.reopen;
	t->key_n = kn;
	t->merge_n = mn;
	sip_key_pack(k, t->key);
	sip_key_pack(merge, t->key + kn);
	htab_add(&c->servers, &t->node, hash);
	c->stats.servers++;
	sip_held(c, 0, own_size(t));
	return t;
}

static void uas_start(struct sip_core *c, struct sip_server *t, uint32_t user)
{
	bool reliable = sip_transport_row(t->path.transport)->reliable;
	unsigned out;

	t->user = user;
	if (t->method == SIP_INVITE)
		out = sip_ist_start(&t->m.ist, reliable, c->now.m);
	else
		out = sip_nist_start(&t->m.nist, reliable, c->now.m);
	INVARIANT(out == SIP_IST_PASS_UP && out == SIP_NIST_PASS_UP);
	c->in.server = t->handle;
	uas_set_timer(c, t);
	tell_request(c, SIP_EV_REQUEST, user, t->handle, 0);
}

/* A request of a dialog, so it says, finds room where others do not any more:
 * running calls change and end. */
static bool too_many(const struct sip_core *c)
{
	uint32_t most = c->limits.transactions;
	bool stranger = !c->in.to_tag.n && c->msg.method != SIP_CANCEL;

	if (stranger)
		most -= most / 8;
	return c->stats.clients + c->stats.servers >= most ||
	       (stranger && sip_strained(c));
}

/* 17.2.2: a CANCEL is a transaction of its own, which repeats its 200 also
 * when the other is over.  False: no room for one. */
static bool cancel_begin(struct sip_core *c, const struct sip_key *k,
			 const struct sip_msg *msg, struct slice tag)
{
	const struct sip_key none = { .n = 0 };
	struct sip_server *t = NULL;
	unsigned out;

	if (!too_many(c))
		t = server_new(c, k, c->in.hash, &none);
	if (!t)
		return false;
	out = sip_nist_start(&t->m.nist,
			     sip_transport_row(t->path.transport)->reliable,
			     c->now.m);
	INVARIANT(out == SIP_NIST_PASS_UP);
	c->in.server = t->handle;
	if (!sip_core_respond(c, t->handle, msg, tag, c->now))
		return true;
	sip_server_end(c, t);
	return false;
}

/* 9.2: the answer's To tag is that of the responses to the request; one that
 * is no INVITE goes on as if nothing had come. */
static void on_cancel(struct sip_core *c, const struct sip_key *own)
{
	struct sip_server *t = cancelled(c);
	struct slice tag;
	char made[16];

	if (!t) {
		sip_refuse(c, 481, SIP_HDR_OTHER, S(""));
		return;
	}
	tag = tag_sent(c, t);
	if (!tag.n) {
		sip_own_tag(c, t->node.hash, made);
		tag = slice_of(made, sizeof(made));
	}
	sip_msg_response(&c->own, 200, S(""));
	if (!cancel_begin(c, own, &c->own, tag) &&
	    sip_send_stateless(c, &c->own, tag))
		return; /* no memory: it will be repeated */
	if (t->status >= 200 || t->cancelled || !t->user ||
	    t->method != SIP_INVITE)
		return;
	t->cancelled = true;
	tell_request(c, SIP_EV_CANCEL, t->user, t->handle, t->tag);
}

static void busy(struct sip_core *c)
{
	c->stats.refused++;
	sip_refuse(c, 503, SIP_HDR_RETRY_AFTER, S("10"));
}

void sip_server_give_up(struct sip_core *c, struct sip_server *t)
{
	sip_server_end(c, t);
	if (sip_out_reserve(c, SIP_RESERVE))
		return; /* a repeat is a new request */
	uas_tell(c, t, SIP_EV_UNSENT);
	busy(c);
}

static void refuse_method(struct sip_core *c, unsigned status)
{
	char allow[160];
	struct writer w = writer_begin(allow, sizeof(allow));

	sip_core_write_allow(c, 0, &w);
	if (status == 404)
		w.n = 0;
	sip_refuse(c, status, SIP_HDR_ALLOW, writer_done(&w));
}

static void on_new_request(struct sip_core *c, const struct sip_key *k)
{
	const struct sip_match *row;
	struct sip_server *t;
	struct sip_key merge;
	unsigned status;
	uint64_t hash = 0;

	if (too_many(c)) {
		busy(c);
		return;
	}
	if (sip_server_copies_much(c)) {
		sip_refuse(c, 513, SIP_HDR_OTHER, S(""));
		return;
	}
	row = sip_dispatch(c, &status);
	if (!row) {
		refuse_method(c, status);
		return;
	}
	merge.n = 0;
	if (!c->in.to_tag.n) {
		sip_key_merge(&merge, &c->in);
		hash = htab_hash_n(&c->merges, merge.part, merge.n);
		if (!row->proxy && is_merged(c, &merge, hash)) {
			sip_refuse(c, 482, SIP_HDR_OTHER, S(""));
			return;
		}
	}
	t = server_new(c, k, c->in.hash, &merge);
	if (!t) {
		busy(c);
		return;
	}
	t->merging = !c->in.to_tag.n;
	if (t->merging)
		htab_add(&c->merges, &t->merge, hash);
	uas_start(c, t, row->user);
}

void sip_server_on_request(struct sip_core *c)
{
	bool ack = c->msg.method == SIP_ACK;
	struct sip_server *t;
	struct sip_key k;

	sip_key_server(&k, &c->in, &c->msg,
		       ack ? S("INVITE") : c->msg.method_name);
	c->in.hash = htab_hash_n(&c->servers, k.part, k.n);
	t = uas_find(c, &k, c->in.hash);
	if (ack)
		on_ack(c, t);
	else if (t)
		on_repeat(c, t);
	else if (c->msg.method == SIP_CANCEL)
		on_cancel(c, &k);
	else
		on_new_request(c, &k);
}
