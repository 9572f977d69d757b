/* SPDX-License-Identifier: BSD-2-Clause
 * A location whose every question is answered with records of the input: NAPTR
 * with any services, flags and regexps, SRV and addresses.  What must hold: it
 * ends, within its limits, with hops or a reason, and leaves nothing. */
#include "dns/dns_locate.h"
#include "fuzz/fuzz.h"
#include "platform/writer.h"

struct world {
	struct mem mem;
	struct dns_resolver *r;
	struct dns_locate *l;
	struct slice in;
	mono now;
};

/* The question, and the next piece of the input: a count, a length, records. */
static size_t reply(struct world *w, struct slice query, char *room,
		    size_t cap)
{
	struct writer o = writer_begin(room, cap);
	uint8_t count = 0, n = 0;
	struct slice piece;

	if (w->in.n >= 2) {
		count = (uint8_t)w->in.p[0];
		n = (uint8_t)w->in.p[1];
		w->in = slice_skip(w->in, 2);
	}
	piece = slice_head(w->in, n);
	w->in = slice_skip(w->in, n);
	writer_put(&o, slice_head(query, 2));
	writer_be16(&o, 0x8180);
	writer_be16(&o, 1);
	writer_be16(&o, count);
	writer_be32(&o, 0);
	writer_put(&o, slice_of(query.p + 12, query.n - 12 - 11));
	writer_put(&o, piece);
	return o.n;
}

static void drain(struct world *w)
{
	char room[1024];
	struct dns_out o;

	while (dns_resolver_poll(w->r, &o)) {
		if (o.kind == DNS_OUT_ANSWER)
			dns_locate_on_answer(w->l, o.handle, &o.answer,
					     w->now);
		if (o.kind == DNS_OUT_UDP)
			dns_resolver_on_datagram(w->r, o.socket, &o.to,
				slice_of(room, reply(w, o.bytes, room,
						     sizeof(room))), w->now);
		if (o.kind == DNS_OUT_TCP)
			dns_resolver_on_error(w->r, o.socket, w->now);
	}
}

static void judge(struct world *w)
{
	const struct dns_hop *h;
	enum dns_status s;
	size_t n = dns_locate_hops(w->l, &h);

	INVARIANT(dns_locate_over(w->l, &s));
	INVARIANT((s == DNS_FOUND) == (n != 0) && n <= LIMIT_DNS_HOPS);
	INVARIANT(dns_locate_steps(w->l) <= LIMIT_DNS_STEPS);
	for (size_t i = 0; i < n; i++)
		INVARIANT(h[i].addr.family && h[i].service);
	for (size_t i = 0; i < dns_locate_steps(w->l); i++)
		INVARIANT(dns_locate_step(w->l, i)->name.n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum dns_transport all[] = { DNS_UDP, DNS_TCP, DNS_TLS,
						  DNS_WS, DNS_WSS };
	static const uint8_t seed[32];
	struct dns_sip_wish wish = { .use = all, .n = COUNT(all) };
	struct dns_target t = { .host = S("a.example") };
	struct world w = { .now = 0 };
	struct dns_conf conf;
	enum dns_status s;

	if (size < 1 || size > 8192)
		return 0;
	mem_init(&w.mem, 0);
	(void)dns_conf_parse(S("nameserver 192.0.2.1"), &conf);
	wish.transport = (enum dns_transport)(data[0] % DNS_TRANSPORTS);
	wish.secure = (data[0] & 0x80) != 0 && wish.transport != DNS_UDP;
	INVARIANT(dns_sip_choose(&wish, &t.choice) == 0);
	w.in = slice_of(data + 1, size - 1);
	w.r = dns_resolver_new(&w.mem, &conf, &limits_default, seed);
	w.l = w.r ? dns_locate_new(&w.mem, w.r, &t, 0, seed, 0) : NULL;
	INVARIANT(w.l);
	drain(&w);
	for (int i = 0; i < 4096 && !dns_locate_over(w.l, &s); i++) {
		w.now = mono_min(dns_locate_deadline(w.l),
				 dns_resolver_deadline(w.r));
		dns_resolver_on_time(w.r, w.now);
		dns_locate_on_time(w.l, w.now);
		drain(&w);
	}
	judge(&w);
	dns_locate_free(w.l);
	w.l = NULL;
	dns_resolver_free(w.r);
	INVARIANT(w.mem.blocks == 0);
	return 0;
}
