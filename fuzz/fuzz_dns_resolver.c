/* SPDX-License-Identifier: BSD-2-Clause
 * A resolver and a script: questions, replies that fit them as far as the
 * input likes, streams, errors and time.  What must hold: each question gets
 * one answer at most, the sockets that are closed were open, and when time has
 * run out all is answered and nothing is left. */
#include "dns/dns_resolver.h"
#include "fuzz/fuzz.h"
#include "platform/writer.h"

enum { SOCKETS = 4096 };

struct world {
	struct mem mem;
	struct dns_resolver *r;
	mono now;
	uint32_t socket, asked, answered;
	bool tcp;
	struct addr to;
	char query[600]; /* sent last */
	size_t n;
	uint8_t open[SOCKETS];
};

static void drain(struct world *w)
{
	struct dns_out o;
	struct dns_msg m;

	while (dns_resolver_poll(w->r, &o)) {
		INVARIANT(o.socket < SOCKETS);
		if (o.kind == DNS_OUT_ANSWER) {
			w->answered++;
			INVARIANT((o.answer.status == DNS_FOUND) ==
				  (o.answer.bytes.n != 0));
			if (o.answer.bytes.n)
				INVARIANT(dns_msg_parse(o.answer.bytes, &m,
							NULL) == 0 &&
					  m.count[DNS_ANSWER]);
			continue;
		}
		if (o.kind == DNS_OUT_CLOSE) {
			INVARIANT(w->open[o.socket] == 1);
			w->open[o.socket] = 2;
			continue;
		}
		INVARIANT(!w->open[o.socket]);
		w->open[o.socket] = 1;
		w->tcp = o.kind == DNS_OUT_TCP;
		w->socket = o.socket;
		w->to = o.to;
		w->n = o.bytes.n - (w->tcp ? 2 : 0);
		INVARIANT(w->n <= sizeof(w->query));
		memcpy(w->query, o.bytes.p + (w->tcp ? 2 : 0), w->n);
	}
}

static void ask(struct world *w, uint8_t c)
{
	static const char *const names[] = { "a", "b.example", "a.b.example",
					     "." };
	static const uint16_t type[] = { DNS_A, DNS_SRV, DNS_NAPTR, DNS_CNAME };
	struct dns_name n;
	uint32_t h;

	INVARIANT(dns_name_parse(slice_str(names[c & 3]), &n, NULL) == 0);
	if (dns_resolver_ask(w->r, &n, type[c >> 2 & 3], (c & 16) != 0, c,
			     w->now, &h))
		return;
	w->asked++;
	if ((c & 0xE0) == 0xE0 && w->asked) {
		uint32_t before = w->answered;

		drain(w);
		if (w->answered == before) {
			dns_resolver_cancel(w->r, h);
			w->asked--;
		}
	}
}

/* The question sent last, with flags, counts and records of the input. */
static void reply(struct world *w, struct slice in)
{
	char room[2 + 600 + 256];
	struct writer o = writer_begin(room + 2, sizeof(room) - 2);
	size_t q = w->n > 11 ? w->n - 11 : w->n; /* without OPT */

	if (in.n < 6 || w->n < DNS_HEADER)
		return;
	writer_put(&o, slice_of(w->query, 2));
	writer_be8(&o, (uint8_t)(in.p[0] | 0x80));
	writer_be8(&o, (uint8_t)in.p[1]);
	writer_be16(&o, 1);
	writer_be16(&o, in.p[2] & 7);
	writer_be16(&o, in.p[3] & 3);
	writer_be16(&o, in.p[4] & 3);
	writer_put(&o, slice_of(w->query + DNS_HEADER, q - DNS_HEADER));
	writer_put(&o, slice_skip(in, 5));
	room[0] = (char)(o.n >> 8);
	room[1] = (char)o.n;
	if (w->tcp)
		dns_resolver_on_stream(w->r, w->socket,
				       slice_of(room, o.n + 2), w->now);
	else
		dns_resolver_on_datagram(w->r, w->socket, &w->to,
					 slice_of(room + 2, o.n), w->now);
}

static void step(struct world *w, uint8_t op, struct slice arg)
{
	switch (op & 7) {
	case 0:
		ask(w, arg.n ? (uint8_t)arg.p[0] : op);
		break;
	case 1:
		w->now = mono_add(w->now, MS(100) * (op >> 3));
		dns_resolver_on_time(w->r, w->now);
		break;
	case 2:
		dns_resolver_on_datagram(w->r, w->socket, &w->to, arg, w->now);
		break;
	case 3:
		dns_resolver_on_stream(w->r, w->socket, arg, w->now);
		break;
	case 4:
		dns_resolver_on_error(w->r, w->socket, w->now);
		break;
	default:
		reply(w, arg);
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t seed[32];
	struct world w = { .now = 0 };
	struct dns_conf conf;

	if (size > 4096)
		return 0;
	mem_init(&w.mem, 0);
	(void)dns_conf_parse(S("nameserver 192.0.2.1\nnameserver 192.0.2.2\n"
			       "search b.example example\n"), &conf);
	w.r = dns_resolver_new(&w.mem, &conf, &limits_default, seed);
	INVARIANT(w.r);
	for (size_t i = 0; i + 2 <= size;) {
		size_t n = data[i + 1] & 127u;

		n = n > size - i - 2 ? size - i - 2 : n;
		step(&w, data[i], slice_of(data + i + 2, n));
		i += 2 + n;
		if ((data[i - n - 2] & 0x80) == 0)
			drain(&w);
	}
	drain(&w);
	for (int i = 0; i < 4096 && dns_resolver_deadline(w.r) != MONO_NEVER;
	     i++) {
		w.now = dns_resolver_deadline(w.r);
		dns_resolver_on_time(w.r, w.now);
		drain(&w);
	}
	INVARIANT(w.answered == w.asked);
	for (size_t i = 0; i < SOCKETS; i++)
		INVARIANT(w.open[i] != 1);
	dns_resolver_free(w.r);
	INVARIANT(w.mem.blocks == 0);
	return 0;
}
