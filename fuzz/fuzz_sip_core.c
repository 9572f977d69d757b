/* SPDX-License-Identifier: BSD-2-Clause
 * A script of what can happen to a core.  Steps are separated by a byte 0xff;
 * the first byte of each says what it is, see steps[] below.  What must hold:
 * each request that was taken on has one outcome, no state stays behind, all
 * memory is given back, and outputs lead to no endless chain. */
#include <stdlib.h>

#include "fuzz/fuzz.h"
#include "sip/core/sip_core.h"

enum { OUTS = 4096, HANDLES = 16, STEPS = 256 };

struct world {
	struct mem mem;
	struct sip_core *c;
	struct instant now;
	uint32_t udp, tcp, flow;
	struct addr us, peer;
	uint64_t server[HANDLES], client[HANDLES], lookup;
	unsigned servers, clients;
	unsigned asked, finals, outs;
	char sent[2048];      /* the last request that went out */
	size_t sent_n;
	unsigned answer;      /* to requests at once; 0: later */
	bool broken;          /* nothing can be sent or connected */
};

static void respond(struct world *w, uint64_t txn, unsigned status)
{
	struct sip_msg m;

	sip_msg_response(&m, status, S(""));
	m.body = S("v=0\r\n");
	(void)!sip_core_respond(w->c, txn, &m, S("tag"), w->now);
}

static void on_event(struct world *w, const struct sip_event *ev)
{
	INVARIANT(ev->kind == SIP_EV_FLOW_GONE || ev->kind == SIP_EV_REFUSED ||
		  ev->user == 1);
	switch (ev->kind) {
	case SIP_EV_REQUEST:
		w->server[w->servers++ % HANDLES] = ev->txn;
		if (w->servers > HANDLES) /* the overwritten one */
			w->servers = HANDLES;
		if (w->answer)
			respond(w, ev->txn, w->answer);
		break;
	case SIP_EV_CANCEL:
		respond(w, ev->txn, 487);
		break;
	case SIP_EV_RESPONSE:
		w->finals += ev->msg->status >= 300 ||
			(ev->msg->status >= 200 && ev->tag == 0);
		(void)sip_core_sent(w->c, ev->txn);
		break;
	case SIP_EV_COMPOSE:
	case SIP_EV_TIMEOUT:
	case SIP_EV_UNREACHABLE:
		w->finals++;
		break;
	case SIP_EV_ACK:
	case SIP_EV_NO_ACK:
	case SIP_EV_UNSENT:
	case SIP_EV_FLOW_GONE:
		break;
	case SIP_EV_REFUSED: /* without state, and the INVITE of a call */
		INVARIANT(!ev->user && !ev->txn && ev->status >= 400 &&
			  ev->msg->method == SIP_INVITE && !ev->to_tag.n);
		break;
	}
}

/* As sip_port does: told before the next output is asked for. */
static void fails(struct world *w, const struct sip_out *o)
{
	if (o->kind == SIP_OUT_DATAGRAM)
		sip_core_on_datagram_error(w->c, o->flow, &o->path.remote, 0,
					   w->now);
	if (o->kind == SIP_OUT_STREAM || o->kind == SIP_OUT_CONNECT)
		sip_core_on_closed(w->c, o->flow, 0, w->now);
}

static void on_out(struct world *w, const struct sip_out *o)
{
	size_t n = o->bytes.n;

	if (o->kind == SIP_OUT_EVENT)
		on_event(w, o->event);
	if (o->kind == SIP_OUT_LOCATE)
		w->lookup = o->lookup;
	if (o->kind == SIP_OUT_CONNECT)
		w->flow = o->flow;
	if (o->kind != SIP_OUT_DATAGRAM && o->kind != SIP_OUT_STREAM)
		return;
	INVARIANT(n);
	if (n < sizeof(w->sent) && !slice_starts(o->bytes, "SIP/2.0") &&
	    !slice_starts(o->bytes, "\r")) {
		memcpy(w->sent, o->bytes.p, n);
		w->sent_n = n;
	}
}

static void drain(struct world *w)
{
	struct sip_out o;

	while (sip_core_poll(w->c, &o)) {
		on_out(w, &o);
		if (w->broken)
			fails(w, &o);
		INVARIANT(++w->outs < OUTS * 16);
	}
}

/* ---------------------------------------------------------------- steps */
static void datagram(struct world *w, struct slice s)
{
	sip_core_on_datagram(w->c, w->udp, &w->us, &w->peer, s, w->now);
}

static void stream(struct world *w, struct slice s)
{
	sip_core_on_stream(w->c, w->flow, s, w->now);
}

static void accept_flow(struct world *w, struct slice s)
{
	struct addr a = w->peer;

	a.port = (uint16_t)(40000 + (s.n ? (uint8_t)*s.p : 0));
	(void)!sip_core_on_accept(w->c, w->tcp, &w->us, &a, w->now, &w->flow);
}

static void open_flow(struct world *w, struct slice s)
{
	(void)s;
	sip_core_on_open(w->c, w->flow, &w->us, w->now);
}

static void close_flow(struct world *w, struct slice s)
{
	(void)s;
	sip_core_on_closed(w->c, w->flow, 0, w->now);
}

/* "5": 2^5 ms; stops at deadlines on the way. */
static void wait_for(struct world *w, mono d)
{
	mono end = w->now.m + d, at;
	unsigned turns = 0;

	while ((at = sip_core_deadline(w->c)) <= end) {
		if (at > w->now.m)
			w->now.m = at;
		sip_core_on_time(w->c, w->now);
		drain(w);
		INVARIANT(++turns < 100000);
	}
	w->now.m = end;
}

static void wait_step(struct world *w, struct slice s)
{
	wait_for(w, MS(1 << (s.n ? (*s.p & 15) : 5)));
}

static void make_request(struct world *w, struct slice uri,
			 const char *method, bool ack)
{
	char cseq[32];
	struct writer wr = writer_begin(cseq, sizeof(cseq));
	struct sip_request r = { .user = 1 };
	struct sip_msg m;
	uint64_t txn;

	sip_msg_request(&m, slice_str(method), uri);
	writer_u64(&wr, w->asked + 1);
	writer_char(&wr, ' ');
	writer_str(&wr, method);
	r.msg = &m;
	r.tag = slice_eq(slice_str(method), "INVITE");
	if (sip_msg_add(&m, SIP_HDR_FROM, S("<sip:a@a>;tag=1")) ||
	    sip_msg_add(&m, SIP_HDR_TO, S("<sip:b@b>")) ||
	    sip_msg_add(&m, SIP_HDR_CALL_ID, S("id")) ||
	    sip_msg_add(&m, SIP_HDR_CSEQ, writer_done(&wr)))
		return;
	if (ack) {
		(void)!sip_core_ack(w->c, &r, w->now);
		return;
	}
	if (sip_core_request(w->c, &r, w->now, &txn))
		return;
	w->client[w->clients++ % HANDLES] = txn;
	w->asked += !r.tag; /* an INVITE's 2xx may come many times */
}

static void options(struct world *w, struct slice s)
{
	make_request(w, s, "OPTIONS", false);
}

static void invite(struct world *w, struct slice s)
{
	make_request(w, s, "INVITE", false);
}

static void ack(struct world *w, struct slice s)
{
	make_request(w, s, "ACK", true);
}

/* "486 No\r\nX: y": answers what was sent last. */
static void answer_sent(struct world *w, struct slice s)
{
	char text[4096];
	struct writer wr = writer_begin(text, sizeof(text));
	struct parse_error e;
	struct sip_msg m;

	if (sip_msg_parse(slice_of(w->sent, w->sent_n), &m, &e) || m.status)
		return;
	writer_str(&wr, "SIP/2.0 ");
	writer_put(&wr, s);
	for (uint16_t i = 0; i < m.n; i++) {
		writer_str(&wr, "\r\n");
		writer_put(&wr, m.field[i].name);
		writer_str(&wr, ": ");
		writer_put(&wr, m.field[i].value);
	}
	writer_str(&wr, "\r\n\r\n");
	datagram(w, writer_done(&wr));
}

static void located(struct world *w, struct slice s)
{
	struct sip_hop hop[4];
	size_t n = s.n > COUNT(hop) ? COUNT(hop) : s.n;

	for (size_t i = 0; i < n; i++)
		hop[i] = (struct sip_hop){
			.transport = s.p[i] & 1 ? SIP_TCP : SIP_UDP,
			.addr = w->peer };
	sip_core_on_located(w->c, w->lookup, hop, n, NULL, w->now);
}

static uint64_t pick(const uint64_t *h, unsigned n, struct slice s)
{
	return n ? h[(s.n ? (uint8_t)*s.p : 0) % (n < HANDLES ? n : HANDLES)]
		 : 0;
}

static void answer_later(struct world *w, struct slice s)
{
	static const unsigned status[] = { 100, 180, 200, 302, 408, 486 };

	respond(w, pick(w->server, w->servers, s),
		status[s.n > 1 ? (uint8_t)s.p[1] % COUNT(status) : 2]);
}

static void again(struct world *w, struct slice s)
{
	(void)!sip_core_respond_again(w->c, pick(w->server, w->servers, s),
				      w->now);
}

static void cancel(struct world *w, struct slice s)
{
	(void)!sip_core_cancel(w->c, pick(w->client, w->clients, s), NULL,
			       w->now);
}

static void mode(struct world *w, struct slice s)
{
	static const unsigned status[] = { 0, 180, 200, 486 };

	w->answer = status[s.n ? (uint8_t)*s.p % COUNT(status) : 0];
}

static void icmp(struct world *w, struct slice s)
{
	(void)s;
	sip_core_on_datagram_error(w->c, w->udp, &w->peer, 0, w->now);
}

static void toggle(struct world *w, struct slice s)
{
	(void)s;
	w->broken = !w->broken;
}

static const struct step {
	char name;
	void (*fn)(struct world *w, struct slice s);
} steps[] = {
	{ 'D', datagram }, { 'S', stream }, { 'A', accept_flow },
	{ 'O', open_flow }, { 'C', close_flow }, { 'W', wait_step },
	{ 'o', options }, { 'i', invite }, { 'a', ack },
	{ 'R', answer_sent }, { 'L', located }, { 'r', answer_later },
	{ 'g', again }, { 'c', cancel }, { 'M', mode }, { 'E', icmp },
	{ 'F', toggle },
};

static void run(struct world *w, struct slice script)
{
	struct slice one;

	for (unsigned n = 0; script.n && n < STEPS; n++) {
		(void)slice_cut(script, '\xff', &one, &script);
		for (size_t i = 0; one.n && i < COUNT(steps); i++)
			if (steps[i].name == *one.p)
				steps[i].fn(w, slice_skip(one, 1));
		drain(w);
	}
}

static int begin(struct world *w)
{
	static const uint8_t seed[32];

	w->now.m = SEC(1);
	w->us = addr_v4(192, 0, 2, 4, 5060);
	w->peer = addr_v4(192, 0, 2, 1, 5060);
	mem_init(&w->mem, 32u << 20);
	return sip_core_new(&w->mem, &limits_default, seed, w->now, &w->c) ||
	       sip_core_add_local(w->c, SIP_UDP, &w->us, &w->us, &w->udp) ||
	       sip_core_add_local(w->c, SIP_TCP, &w->us, &w->us, &w->tcp) ||
	       sip_core_add_match(w->c, &(struct sip_match){
			.user = 1, .methods = ~0u });
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct world w;

	memset(&w, 0, sizeof(w));
	INVARIANT(begin(&w) == 0);
	run(&w, slice_of(data, size));
	for (unsigned i = 0; i < w.clients && i < HANDLES; i++)
		sip_core_forget(w.c, w.client[i], w.now);
	wait_for(&w, SEC(400));
	INVARIANT(w.finals <= w.asked + w.clients * 4);
	if (w.clients <= HANDLES)
		INVARIANT(sip_core_stats(w.c)->clients == 0);
	sip_core_free(w.c);
	INVARIANT(w.mem.blocks == 0 && w.mem.used == 0);
	return 0;
}
