/* SPDX-License-Identifier: BSD-2-Clause
 * The kernel's side of simulated TCP: RFC 9293 with the congestion control of
 * RFC 5681 and RFC 6582, timers of RFC 6298.  Every segment is acknowledged at
 * once, there is no Nagle, no SACK and no window scaling (a window is told
 * whole).  Retries are those of Linux.
 */
#include "platform/sim/sim_tcb.h"

static const mono RTO_FIRST = SEC(1), RTO_MIN = MS(200), RTO_MAX = SEC(120);
static const mono LINGER_UNSENT = SEC(30), LINGER_SENT = SEC(5);
static const mono FIN_TIMEOUT = SEC(60), TIME_WAIT = SEC(60);

enum {
	SYN_RETRIES = 6,
	SYN_ACK_RETRIES = 5,
	RETRIES = 15,
	FIRST_WINDOW = 10, /* segments: RFC 6928 */
	BACKLOG = 128,
	LOOPBACK_MSS = 32768
};

static bool tcb_before(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) < 0;
}

/* ---------------------------------------------------------------- bytes */
void bytes_free(struct sim *s, struct bytes *b)
{
	mem_free(s->mem, b->p);
	*b = (struct bytes){ 0 };
}

static bool bytes_put(struct sim *s, struct bytes *b, const uint8_t *p,
		      size_t n)
{
	if (b->cap - b->off - b->n < n && b->off) {
		memmove(b->p, b->p + b->off, b->n);
		b->off = 0;
	}
	if (b->cap - b->n < n) {
		size_t cap = b->n + n > 2 * b->cap ? b->n + n : 2 * b->cap;
		uint8_t *grown = mem_resize(s->mem, b->p, cap);

		if (!grown)
			return false;
		b->p = grown;
		b->cap = cap;
	}
	if (n)
		memcpy(b->p + b->off + b->n, p, n);
	b->n += n;
	return true;
}

static void bytes_drop(struct sim *s, struct bytes *b, size_t n)
{
	b->off += n;
	b->n -= n;
	if (!b->n)
		bytes_free(s, b);
}

/* -------------------------------------------------------------- tables */
static uint64_t pair_hash(const struct addr *local, const struct addr *remote)
{
	return addr_hash(local, addr_hash(remote, SIM_TCP));
}

static struct tcb *tcb_find(const struct sim_host *h, const struct addr *local,
			    const struct addr *remote)
{
	struct htab_node *n = htab_find(&h->conns, pair_hash(local, remote));

	for (; n; n = htab_next(n)) {
		struct tcb *k = CONTAINER(n, struct tcb, node);

		if (addr_same(&k->local, local) &&
		    addr_same(&k->remote, remote))
			return k;
	}
	return NULL;
}

bool tcb_taken(const struct sim_host *h, const struct addr *local,
	       const struct addr *remote)
{
	return tcb_find(h, local, remote) != NULL;
}

static void tcb_on_timer(struct event *e);
static void on_linger(struct event *e);

static uint32_t mss_towards(const struct sim_host *h, const struct addr *local,
			    const struct addr *remote)
{
	size_t mtu = LOOPBACK_MSS, header = local->family == 6 ? 60 : 40;

	if (sim_has_addr(h, remote))
		return LOOPBACK_MSS;
	for (unsigned i = 0; i < h->n_ifs; i++)
		for (size_t a = 0; a < h->ifs[i].n; a++) {
			size_t up = lane_mtu(&h->ifs[i].up);
			size_t down = lane_mtu(&h->ifs[i].down);

			if (memcmp(h->ifs[i].addr[a].addr.ip, local->ip, 16))
				continue;
			mtu = up < down ? up : down;
		}
	return mtu > header + 8 ? (uint32_t)(mtu - header) : 8;
}

static struct tcb *tcb_new(struct sim_host *h, const struct addr *local,
			   const struct addr *remote)
{
	struct tcb *k = mem_new(h->sim->mem, sizeof(*k));

	if (!k)
		return NULL;
	k->h = h;
	k->local = *local;
	k->remote = *remote;
	k->una = k->nxt = k->max = (uint32_t)rng_next(&h->rng);
	k->mss = mss_towards(h, local, remote);
	k->ssthresh = UINT32_MAX;
	k->rto = RTO_FIRST;
	k->timer.fn = tcb_on_timer;
	k->linger.fn = on_linger;
	list_init(&k->early);
	htab_add(&h->conns, &k->node, pair_hash(local, remote));
	k->listed = true;
	return k;
}

static void unlist(struct tcb *k)
{
	if (k->listed)
		htab_remove(&k->h->conns, &k->node);
	k->listed = false;
}

static void drop_early(struct tcb *k)
{
	struct list *n;

	while ((n = list_take(&k->early)))
		packet_free(k->h->sim, CONTAINER(n, struct packet, queue));
}

static void tcb_free(struct tcb *k)
{
	struct sim *s = k->h->sim;

	unlist(k);
	list_remove(&k->accept);
	wheel_cancel(&s->wheel, &k->timer.w);
	wheel_cancel(&s->wheel, &k->linger.w);
	bytes_free(s, &k->snd);
	bytes_free(s, &k->rcv);
	drop_early(k);
	mem_free(s->mem, k);
}

/* Dead with an error: its user hears of it, without one it is gone. */
static void die(struct tcb *k, int err)
{
	struct sim *s = k->h->sim;

	if (!k->user) {
		tcb_free(k);
		return;
	}
	k->err = err;
	unlist(k);
	wheel_cancel(&s->wheel, &k->timer.w);
	bytes_free(s, &k->snd);
	drop_early(k);
	tcp_news(k);
}

void sim_tcp_drop_all(struct sim_host *h)
{
	struct htab_node *n;

	while ((n = htab_any(&h->conns)))
		tcb_free(CONTAINER(n, struct tcb, node));
}

/* -------------------------------------------------------------- output */
static uint32_t window(const struct tcb *k)
{
	return (uint32_t)(TCB_RECEIVE_BUFFER > k->rcv.n ?
			  TCB_RECEIVE_BUFFER - k->rcv.n : 0);
}

static void emit(struct tcb *k, unsigned flags, uint32_t seq, const uint8_t *p,
		 size_t n)
{
	struct sim_packet v = { .proto = SIM_TCP, .src = k->local,
				.dst = k->remote, .ttl = 64,
				.flags = (uint8_t)flags, .seq = seq,
				.window = window(k), .p = p, .n = n };

	if (flags & SIM_ACK)
		v.ack = k->rnxt;
	if (flags & SIM_SYN)
		v.mss = mss_towards(k->h, &k->local, &k->remote);
	k->edge = k->rnxt + v.window;
	sim_transmit(k->h, 0, &v);
}

static void emit_ack(struct tcb *k)
{
	emit(k, SIM_ACK, k->max, NULL, 0);
}

static void tcb_arm(struct tcb *k, mono after)
{
	struct sim *s = k->h->sim;

	wheel_set(&s->wheel, &k->timer.w, mono_add(s->now, after));
}

static void send_syn(struct tcb *k)
{
	emit(k, k->state == TCB_SYN_SENT ? SIM_SYN : SIM_SYN | SIM_ACK, k->una,
	     NULL, 0);
	k->nxt = k->max = k->una + 1;
	k->timed_at = k->h->sim->now;
	tcb_arm(k, k->rto);
}

/* One segment from nxt on, as the windows allow; false: none may go. */
static bool send_segment(struct tcb *k)
{
	uint32_t flight = k->nxt - k->una, win = k->cwnd;
	size_t left, len, room;
	bool fin;

	if (flight > k->snd.n || k->fin_acked)
		return false; /* our FIN is under way or there: that is all */
	win = win < k->wnd ? win : k->wnd;
	room = win > flight ? win - flight : 0;
	left = k->snd.n - flight;
	len = left < k->mss ? left : k->mss;
	len = len < room ? len : room;
	fin = k->shut && len == left;
	if (!len && !fin)
		return false;
	if (len < k->mss && len < left && flight)
		return false; /* RFC 9293 3.8.6.2.1: no silly window */
	if (fin && !k->peer_fin)
		k->passive = false;
	else if (fin && k->nxt == k->max)
		k->passive = true;
	emit(k, SIM_ACK | (fin ? SIM_FIN : 0u), k->nxt,
	     left ? k->snd.p + k->snd.off + flight : NULL, len);
	k->nxt += (uint32_t)len + fin;
	if (tcb_before(k->max, k->nxt)) {
		k->max = k->nxt;
		if (!k->timing) {
			k->timing = true;
			k->timed = k->nxt;
			k->timed_at = k->h->sim->now;
		}
	}
	return true;
}

void tcb_output(struct tcb *k)
{
	if (k->state != TCB_OPEN || k->err)
		return;
	while (send_segment(k))
		;
	if (k->una == k->max && !(k->snd.n && !k->wnd))
		return;
	if (!wheel_is_set(&k->timer.w))
		tcb_arm(k,
			k->rto); /* RFC 9293 3.8.6.1: probes at zero window */
}

static void tcb_on_timer(struct event *e)
{
	struct tcb *k = CONTAINER(e, struct tcb, timer);
	uint32_t half = (k->max - k->una) / 2;
	unsigned retries = k->state == TCB_SYN_SENT ? SYN_RETRIES :
			   k->state == TCB_SYN_RCVD ? SYN_ACK_RETRIES : RETRIES;

	if (k->fin_acked && k->peer_fin) { /* the end of TIME-WAIT */
		INVARIANT(!k->user);
		tcb_free(k);
		return;
	}
	if (k->tries++ == retries) {
		die(k, ETIMEDOUT);
		return;
	}
	k->rto = mono_min(2 * k->rto, RTO_MAX);
	k->timing = false; /* Karn: what is sent twice is not timed */
	if (k->state != TCB_OPEN) {
		send_syn(k);
		return;
	}
	if (k->una == k->max) {
		emit(k, SIM_ACK, k->una - 1, NULL, 0);
		tcb_arm(k, k->rto);
		return;
	}
	k->ssthresh = half > 2 * k->mss ? half : 2 * k->mss;
	k->cwnd = k->mss;
	k->recovery = false;
	k->dupacks = 0;
	k->nxt = k->una; /* and on from there */
	if (!k->wnd)
		k->wnd = 1; /* let one byte probe it */
	tcb_output(k);
}

/* ------------------------------------------------------------- the end */
/* Both FINs are acknowledged: who closed first waits for what is late. */
static void retire(struct tcb *k)
{
	if (!k->fin_acked || !k->peer_fin || k->user)
		return;
	wheel_cancel(&k->h->sim->wheel, &k->linger.w);
	if (k->passive)
		tcb_free(k);
	else
		tcb_arm(k, TIME_WAIT);
}

static void linger(struct tcb *k, mono span)
{
	struct sim *s = k->h->sim;

	wheel_set(&s->wheel, &k->linger.w, mono_add(s->now, span));
}

/* As tcp_poll.c does: what its user took is not sent in 30 s: reset; all is
 * with the kernel but the peer does not end: not read any more, and at last
 * dropped. */
static void on_linger(struct event *e)
{
	struct tcb *k = CONTAINER(e, struct tcb, linger);

	if (k->snd.n > TCB_SEND_BUFFER) {
		tcb_reset(k);
	} else if (!k->deaf) {
		k->deaf = true;
		linger(k, FIN_TIMEOUT);
	} else if (k->fin_acked) {
		tcb_free(k);
	} else {
		linger(k, FIN_TIMEOUT);
	}
}

void tcb_shutdown(struct tcb *k)
{
	k->shut = true;
	tcb_output(k);
}

void tcb_close(struct tcb *k)
{
	k->user = NULL;
	if (k->err || (k->state == TCB_SYN_SENT && !k->snd.n)) {
		tcb_free(k);
		return;
	}
	k->closed = true;
	bytes_free(k->h->sim, &k->rcv);
	linger(k, k->snd.n > TCB_SEND_BUFFER ? LINGER_UNSENT : LINGER_SENT);
	tcb_was_read(k);
	tcb_shutdown(k);
	retire(k);
}

void tcb_reset(struct tcb *k)
{
	if (!k->err && k->state == TCB_OPEN)
		emit(k, SIM_RST | SIM_ACK, k->max, NULL, 0);
	k->user = NULL;
	tcb_free(k);
}

/* --------------------------------------------------------------- input */
static void tcb_refuse(struct sim_host *h, const struct sim_packet *v)
{
	struct sim_packet r = { .proto = SIM_TCP, .src = v->dst,
				.dst = v->src, .ttl = 64, .flags = SIM_RST };

	if (v->flags & SIM_RST)
		return;
	if (v->flags & SIM_ACK) {
		r.seq = v->ack;
	} else {
		r.flags |= SIM_ACK;
		r.ack = v->seq + (uint32_t)v->n +
			((v->flags & (SIM_SYN | SIM_FIN)) != 0);
	}
	sim_transmit(h, 0, &r);
}

/* RFC 6298 section 2. */
static void measure(struct tcb *k, mono rtt)
{
	mono off = k->srtt > rtt ? k->srtt - rtt : rtt - k->srtt;

	if (!k->srtt) {
		k->srtt = rtt;
		k->rttvar = rtt / 2;
	} else {
		k->rttvar += (off - k->rttvar) / 4;
		k->srtt += (rtt - k->srtt) / 8;
	}
}

/* After an ACK of something new the timer is backed off no more. */
static void restore_timer(struct tcb *k)
{
	mono rto = k->srtt + 4 * k->rttvar;

	k->tries = 0;
	k->rto = !k->srtt ? RTO_FIRST : rto < RTO_MIN ? RTO_MIN :
		 mono_min(rto, RTO_MAX);
}

static void opened(struct tcb *k, const struct sim_packet *v)
{
	k->state = TCB_OPEN;
	if (!k->tries) /* the SYN went once */
		measure(k, k->h->sim->now - k->timed_at);
	restore_timer(k);
	k->wnd = v->window;
	k->wl1 = v->seq;
	k->wl2 = v->ack;
	k->una = v->ack;
	k->cwnd = FIRST_WINDOW * k->mss;
	wheel_cancel(&k->h->sim->wheel, &k->timer.w);
}

static void in_syn_sent(struct tcb *k, const struct sim_packet *v)
{
	if (v->flags & SIM_ACK && v->ack != k->una + 1) {
		tcb_refuse(k->h, v);
		return;
	}
	if (v->flags & SIM_RST) {
		if (v->flags & SIM_ACK)
			die(k, ECONNREFUSED);
		return;
	}
	if (!(v->flags & SIM_SYN))
		return;
	k->rnxt = v->seq + 1;
	k->mss = v->mss && v->mss < k->mss ? v->mss : k->mss;
	if (!(v->flags & SIM_ACK)) { /* both connect at once */
		k->state = TCB_SYN_RCVD;
		send_syn(k);
		return;
	}
	opened(k, v);
	emit_ack(k);
	tcp_news(k);
	tcb_output(k);
}

/* True: it is open now, and the segment is to be looked at further. */
static bool in_syn_received(struct tcb *k, const struct sim_packet *v)
{
	struct sim_listener *l;

	if (v->flags & SIM_RST) {
		die(k, ECONNREFUSED);
		return false;
	}
	if (v->flags & SIM_SYN && v->seq == k->rnxt - 1) {
		emit(k, SIM_SYN | SIM_ACK, k->una, NULL, 0);
		if (!(v->flags & SIM_ACK))
			return false;
	}
	if (!(v->flags & SIM_ACK) || v->ack != k->una + 1)
		return false;
	opened(k, v);
	if (k->user) { /* connected from both ends */
		tcp_news(k);
		tcb_output(k);
		return true;
	}
	if (k->closed)
		return true;
	l = listener_find(k->h, &k->local);
	if (!l) {
		tcb_reset(k);
		return false;
	}
	list_append(&l->queue, &k->accept);
	l->waiting++;
	work_ready(&l->w);
	return true;
}

static void retransmit_first(struct tcb *k)
{
	size_t len = k->snd.n < k->mss ? k->snd.n : k->mss;
	bool fin = k->shut && len == k->snd.n && k->max - k->una > k->snd.n;

	if (len || fin)
		emit(k, SIM_ACK | (fin ? SIM_FIN : 0u), k->una,
		     len ? k->snd.p + k->snd.off : NULL, len);
	k->timing = false;
}

/* RFC 5681 3.2, RFC 6582 3.2. */
static void on_duplicate_ack(struct tcb *k)
{
	uint32_t half = (k->max - k->una) / 2;

	k->dupacks++;
	if (k->recovery) {
		k->cwnd += k->mss;
		return;
	}
	if (k->dupacks < 3)
		return;
	k->ssthresh = half > 2 * k->mss ? half : 2 * k->mss;
	k->cwnd = k->ssthresh + 3 * k->mss;
	k->recover = k->max;
	k->recovery = true;
	retransmit_first(k);
}

static void open_window(struct tcb *k, uint32_t acked)
{
	if (k->recovery && tcb_before(k->una, k->recover)) {
		retransmit_first(k); /* a partial ACK: the next gap */
		return;
	}
	if (k->recovery) {
		k->recovery = false;
		k->cwnd = k->ssthresh;
	} else if (k->cwnd < k->ssthresh) {
		k->cwnd += acked < k->mss ? acked : k->mss;
	} else {
		k->cwnd += k->mss * k->mss / k->cwnd + 1;
	}
	if (k->cwnd > 1u << 24)
		k->cwnd = 1u << 24;
}

static void on_new_ack(struct tcb *k, uint32_t ack)
{
	struct sim *s = k->h->sim;
	uint32_t acked = ack - k->una;
	size_t had = k->snd.n;
	size_t data = acked < had ? acked : had;

	if (k->timing && !tcb_before(ack, k->timed)) {
		measure(k, s->now - k->timed_at);
		k->timing = false;
	}
	restore_timer(k);
	bytes_drop(s, &k->snd, data);
	k->fin_acked = k->fin_acked || acked > data;
	k->una = ack;
	if (tcb_before(k->nxt, ack))
		k->nxt = ack;
	k->dupacks = 0;
	open_window(k, acked);
	wheel_cancel(&s->wheel, &k->timer.w);
	if (k->una != k->max)
		tcb_arm(k, k->rto);
	if (k->closed && had > TCB_SEND_BUFFER && k->snd.n <= TCB_SEND_BUFFER)
		linger(k, LINGER_SENT);
	tcp_news(k);
}

/* False: the ACK is of what was never sent. */
static bool on_ack(struct tcb *k, const struct sim_packet *v)
{
	bool opens;

	if (tcb_before(k->max, v->ack)) {
		emit_ack(k);
		return false;
	}
	opens = v->window != k->wnd;
	if (tcb_before(k->una, v->ack)) {
		on_new_ack(k, v->ack);
	} else if (v->ack == k->una) {
		if (k->una == k->max)
			k->tries = 0; /* a probe was answered */
		else if (!v->n && !(v->flags & SIM_FIN) && !opens)
			on_duplicate_ack(k);
	}
	if (!tcb_before(v->seq, k->wl1) && !tcb_before(v->ack, k->wl2)) {
		k->wl1 = v->seq;
		k->wl2 = v->ack;
		if (!k->wnd && v->window && k->una == k->max)
			wheel_cancel(&k->h->sim->wheel, &k->timer.w);
		k->wnd = v->window;
	}
	return true;
}

/* Of a segment that begins at or before rnxt, what is new. */
static void tcb_take(struct tcb *k, const struct sim_packet *v)
{
	uint32_t skip = k->rnxt - v->seq;
	size_t n = v->n > skip ? v->n - skip : 0, room = window(k);
	bool fin = v->flags & SIM_FIN && skip <= v->n && !k->peer_fin;

	if (n > room) {
		n = room;
		fin = false;
	}
	if (n && !k->closed && !bytes_put(k->h->sim, &k->rcv, v->p + skip, n))
		return; /* no memory: the peer will send it again */
	k->rnxt += (uint32_t)n;
	if (fin) {
		k->rnxt++;
		k->peer_fin = true;
	}
}

/* Takes p when true. */
static bool keep_early(struct tcb *k, struct packet *p)
{
	struct list *n = k->early.prev;

	if (p->v.seq + p->v.n - k->rnxt > TCB_RECEIVE_BUFFER)
		return false;
	while (n != &k->early &&
	       tcb_before(p->v.seq, CONTAINER(n, struct packet, queue)->v.seq))
		n = n->prev;
	if (n != &k->early &&
	    CONTAINER(n, struct packet, queue)->v.seq == p->v.seq)
		return false; /* it is there */
	list_append(n->next, &p->queue);
	return true;
}

/* Returns whether p was kept. */
static bool on_text(struct tcb *k, struct packet *p)
{
	bool kept = false;

	if (!p->v.n && !(p->v.flags & SIM_FIN)) {
		if (tcb_before(p->v.seq, k->rnxt))
			emit_ack(k); /* a probe, or one that is late */
		return false;
	}
	if (tcb_before(k->rnxt, p->v.seq))
		kept = keep_early(k, p);
	else
		tcb_take(k, &p->v);
	while (!list_empty(&k->early)) {
		struct packet *first = CONTAINER(k->early.next, struct packet,
						 queue);

		if (tcb_before(k->rnxt, first->v.seq))
			break;
		list_remove(&first->queue);
		tcb_take(k, &first->v);
		packet_free(k->h->sim, first);
	}
	emit_ack(k);
	tcp_news(k);
	return kept;
}

static bool in_open(struct tcb *k, struct packet *p)
{
	const struct sim_packet *v = &p->v;
	bool kept;

	if (v->flags & SIM_RST) { /* RFC 9293 3.10.7.4: if in the window */
		if (v->seq - k->rnxt <= TCB_RECEIVE_BUFFER)
			die(k, ECONNRESET);
		return false;
	}
	if (v->flags & SIM_SYN || !(v->flags & SIM_ACK)) {
		emit_ack(k);
		return false;
	}
	if (!on_ack(k, v))
		return false;
	if (k->deaf && v->n && tcb_before(k->rnxt, v->seq + (uint32_t)v->n)) {
		tcb_reset(k);
		return false;
	}
	kept = on_text(k, p);
	tcb_output(k);
	retire(k);
	return kept;
}

static void on_syn(struct sim_host *h, const struct sim_packet *v)
{
	struct sim_listener *l = listener_find(h, &v->dst);
	struct tcb *k;

	if (!l || v->flags & SIM_ACK) {
		tcb_refuse(h, v);
		return;
	}
	if (l->waiting >= BACKLOG)
		return; /* it tries again */
	k = tcb_new(h, &v->dst, &v->src);
	if (!k)
		return;
	k->state = TCB_SYN_RCVD;
	k->rnxt = v->seq + 1;
	k->mss = v->mss && v->mss < k->mss ? v->mss : k->mss;
	send_syn(k);
}

static bool arrive(struct sim_host *h, struct packet *p)
{
	const struct sim_packet *v = &p->v;
	struct tcb *k = tcb_find(h, &v->dst, &v->src);

	/* RFC 9293 3.10.7.4: a new connection may end an old TIME-WAIT. */
	if (k && k->fin_acked && k->peer_fin && !k->user &&
	    v->flags == SIM_SYN && tcb_before(k->rnxt, v->seq)) {
		tcb_free(k);
		k = NULL;
	}
	if (!k) {
		if (v->flags & SIM_SYN && !(v->flags & SIM_RST))
			on_syn(h, v);
		else
			tcb_refuse(h, v);
		return false;
	}
	if (k->state == TCB_SYN_SENT) {
		in_syn_sent(k, v);
		return false;
	}
	if (k->state == TCB_SYN_RCVD && !in_syn_received(k, v))
		return false;
	return in_open(k, p);
}

void sim_tcp_input(struct sim_host *h, struct packet *p)
{
	if (!arrive(h, p))
		packet_free(h->sim, p);
}

/* ---------------------------------------------------------- user's calls */
struct tcb *tcb_connect(struct sim_host *h, const struct addr *local,
			const struct addr *remote)
{
	struct tcb *k = tcb_new(h, local, remote);

	if (!k)
		return NULL;
	k->state = TCB_SYN_SENT;
	send_syn(k);
	return k;
}

size_t tcb_put(struct tcb *k, const void *p, size_t n)
{
	if (!bytes_put(k->h->sim, &k->snd, p, n))
		return 0;
	tcb_output(k);
	return n;
}

void tcb_was_read(struct tcb *k)
{
	uint32_t more = k->rnxt + window(k) - k->edge;

	if (k->state == TCB_OPEN && !k->err &&
	    (more >= 2 * k->mss || more >= TCB_RECEIVE_BUFFER / 2))
		emit_ack(k);
}
