/* SPDX-License-Identifier: BSD-2-Clause
 * A multicast DNS engine that publishes, browses and looks up, and a script of
 * datagrams and time.  Each step is an octet: what comes (its low bits how many
 * of the input's next octets it takes), or how long nothing does.  What must
 * hold: what is sent is DNS, of no more than a packet; found, changed and gone
 * fit each other; what others make grow stays within its limits; packets are
 * bounded by the time that passed; in the end nothing is left. */
#include "dns/dns_msg.h"
#include "dns/dns_sd.h"
#include "dns/mdns.h"
#include "fuzz/fuzz.h"

enum { IF = 1, STEPS = 200 };

struct world {
	struct mem mem;
	struct mdns *d;
	mono now;
	unsigned sent, shown;
};

static void drain(struct world *w)
{
	struct mdns_out o;
	struct dns_msg m;

	while (mdns_poll(w->d, &o, w->now)) {
		switch (o.kind) {
		case MDNS_OUT_SEND:
			w->sent++;
			INVARIANT(o.bytes.n <= 1440 && o.ifindex == IF);
			INVARIANT(dns_msg_parse(o.bytes, &m, NULL) == 0);
			break;
		case MDNS_OUT_FOUND:
			w->shown++;
			INVARIANT(o.found.n <= MDNS_ADDRS && o.found.host);
			break;
		case MDNS_OUT_CHANGED:
			INVARIANT(w->shown);
			break;
		case MDNS_OUT_GONE:
			INVARIANT(w->shown);
			w->shown--;
			break;
		case MDNS_OUT_NAMED:
			INVARIANT(o.name.n && o.name.n <= 63);
			break;
		case MDNS_OUT_ADDRS:
			INVARIANT(o.found.n && o.found.n <= MDNS_ADDRS);
			break;
		}
	}
}

static void pass(struct world *w, mono span)
{
	mono end = w->now + span;

	while (mdns_deadline(w->d) <= end) {
		mono at = mdns_deadline(w->d);

		w->now = at > w->now ? at : w->now;
		mdns_on_time(w->d, w->now);
		drain(w);
	}
	w->now = end;
}

static void step(struct world *w, struct slice *in)
{
	uint8_t c = (uint8_t)in->p[0];
	struct addr from = addr_v4(192, 0, 2, (uint8_t)(1 + c % 8), MDNS_PORT);
	size_t n;

	*in = slice_skip(*in, 1);
	if (c >= 0xC0) {
		pass(w, MS(50) << (c & 15));
		return;
	}
	if (c & 0x40)
		from.port = 40000;
	if (in->n < 2)
		return;
	n = read_be16((const uint8_t *)in->p);
	*in = slice_skip(*in, 2);
	mdns_on_datagram(w->d, IF, &from, c & 0x20, slice_head(*in, n), w->now);
	*in = slice_skip(*in, n);
	drain(w);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t seed[32] = { 1 };
	static const char txt[] = "\x09txtvers=1";
	struct limits l = limits_default;
	struct mdns_net net = { addr_v4(192, 0, 2, 1, 0), 24 };
	struct world w = { .now = SEC(1) };
	struct slice in = slice_of(data, size);
	struct mdns_load load;
	struct dns_name host;
	uint32_t id;
	int rc;

	l.mdns_found = 8;
	l.mdns_cache = 8192;
	mem_init(&w.mem, 0);
	w.d = mdns_new(&w.mem, &l, seed);
	if (!w.d)
		return 0;
	rc = mdns_interface(w.d, IF, MDNS_V4, &net, 1, w.now);
	rc |= mdns_host(w.d, S("desk"), w.now);
	rc |= mdns_publish(w.d, S("phone"), S("_sip._udp"), 5060,
			   slice_of(txt, sizeof(txt) - 1), w.now, &id);
	rc |= mdns_browse(w.d, S("_sip._udp"), w.now, &id);
	rc |= dns_sd_host(S("h1"), &host);
	rc |= mdns_lookup(w.d, &host, w.now, &id);
	INVARIANT(rc == 0);
	for (unsigned i = 0; i < STEPS && in.n; i++)
		step(&w, &in);
	load = mdns_load(w.d);
	INVARIANT(load.found <= l.mdns_found && load.octets <= l.mdns_cache);
	INVARIANT(w.shown <= load.found);
	/* A record a second at most, and what limits allow. */
	INVARIANT(w.sent < 200 + STEPS * 8 + (unsigned)(w.now / MS(100)));
	mdns_free(w.d);
	INVARIANT(w.mem.blocks == 0);
	return 0;
}
