/* SPDX-License-Identifier: BSD-2-Clause
 * One multicast DNS engine and a script: RFC 6762 by its sections. */
#include "tests/unit/suites.h"

#include <stdio.h>

#include "dns/dns_sd.h"
#include "dns/dns_write.h"
#include "dns/mdns.h"

enum { IF = 3, SENT = 64 };

struct rig {
	struct mem mem;
	struct mdns *d;
	mono now;
	struct addr peer;
	unsigned sent, names, founds, changes, gones, addrs;
	struct mdns_out last; /* of what is no packet */
	char name[64], txt[200];
	struct {
		mono at;
		struct addr to;
		size_t n;
		uint8_t bytes[1500];
	} out[SENT];
};

static const uint8_t seed[32] = { 5 };

static void drain(struct rig *r)
{
	struct mdns_out o;

	while (mdns_poll(r->d, &o, r->now)) {
		if (o.kind == MDNS_OUT_SEND) {
			if (r->sent < SENT) {
				r->out[r->sent].at = r->now;
				r->out[r->sent].to = o.to;
				r->out[r->sent].n = o.bytes.n;
				memcpy(r->out[r->sent].bytes, o.bytes.p,
				       o.bytes.n);
			}
			r->sent++;
			continue;
		}
		r->last = o;
		r->names += o.kind == MDNS_OUT_NAMED;
		r->founds += o.kind == MDNS_OUT_FOUND;
		r->changes += o.kind == MDNS_OUT_CHANGED;
		r->gones += o.kind == MDNS_OUT_GONE;
		r->addrs += o.kind == MDNS_OUT_ADDRS;
		if (o.kind == MDNS_OUT_NAMED)
			ck_assert_int_eq(slice_to_str(o.name, r->name,
						      sizeof(r->name)), 0);
	}
}

/* Time goes on, to the instant. */
static void pass(struct rig *r, mono span)
{
	mono end = r->now + span;

	for (;;) {
		mono at = mdns_deadline(r->d);

		if (at > end)
			break;
		r->now = at > r->now ? at : r->now;
		mdns_on_time(r->d, r->now);
		drain(r);
	}
	r->now = end;
}

static void rig_limited(struct rig *r, const struct limits *l)
{
	struct mdns_net net = { addr_v4(192, 0, 2, 1, 0), 24 };

	*r = (struct rig){ .now = SEC(100) };
	mem_init(&r->mem, 0);
	r->d = mdns_new(&r->mem, l, seed);
	ck_assert_ptr_nonnull(r->d);
	r->peer = addr_v4(192, 0, 2, 9, MDNS_PORT);
	ck_assert_int_eq(mdns_interface(r->d, IF, MDNS_V4, &net, 1, r->now),
			 0);
}

static void rig_open(struct rig *r)
{
	rig_limited(r, &limits_default);
}

static void rig_close(struct rig *r)
{
	mdns_free(r->d);
	ck_assert_uint_eq(r->mem.blocks, 0);
	ck_assert_uint_eq(r->mem.used, 0);
}

static uint32_t publish(struct rig *r)
{
	uint32_t id;

	ck_assert_int_eq(mdns_host(r->d, S("desk"), r->now), 0);
	ck_assert_int_eq(mdns_publish(r->d, S("phone"), S("_sip._udp"), 5060,
				      S("\3a=b"), r->now, &id), 0);
	return id;
}

/* Published, announced, and silent for more than a second. */
static uint32_t published(struct rig *r)
{
	uint32_t id = publish(r);

	pass(r, SEC(10));
	ck_assert_uint_eq(r->names, 1);
	r->sent = 0;
	return id;
}

/* ------------------------------------------------------------- the script */
struct msg {
	struct dns_write w;
	uint8_t buf[4000];
};

static struct dns_name name_of(const char *text)
{
	struct dns_name n;

	ck_assert_int_eq(dns_name_parse(slice_str(text), &n, NULL), 0);
	return n;
}

static void begin(struct msg *m, unsigned flags)
{
	dns_write_begin(&m->w, m->buf, sizeof(m->buf), 0, flags);
}

static void question(struct msg *m, const char *name, unsigned type,
		     unsigned class)
{
	struct dns_name n = name_of(name);

	dns_write_question(&m->w, &n, type, class);
}

static void ptr(struct msg *m, const char *name, const char *to, uint32_t ttl)
{
	struct dns_name n = name_of(name), t = name_of(to);

	dns_write_rr(&m->w, DNS_ANSWER, &n, DNS_PTR, DNS_IN, ttl);
	dns_write_name(&m->w, &t, true);
	dns_write_rr_end(&m->w);
}

static void srv(struct msg *m, enum dns_section s, const char *name,
		const char *host, uint16_t port, uint32_t ttl)
{
	struct dns_name n = name_of(name);
	struct dns_srv v = { .port = port, .target = name_of(host) };

	dns_write_rr(&m->w, s, &n, DNS_SRV, s == DNS_AUTHORITY ? DNS_IN :
		     DNS_IN | DNS_MDNS_BIT, ttl);
	dns_write_srv(&m->w, &v);
	dns_write_rr_end(&m->w);
}

static void txt(struct msg *m, enum dns_section s, const char *name,
		const char *what, uint32_t ttl)
{
	struct dns_name n = name_of(name);

	dns_write_rr(&m->w, s, &n, DNS_TXT, s == DNS_AUTHORITY ? DNS_IN :
		     DNS_IN | DNS_MDNS_BIT, ttl);
	dns_write_txt(&m->w, slice_str(what));
	dns_write_rr_end(&m->w);
}

static void a_rr(struct msg *m, enum dns_section s, const char *name,
		 struct addr a, uint32_t ttl)
{
	struct dns_name n = name_of(name);

	dns_write_rr(&m->w, s, &n, DNS_A, s == DNS_AUTHORITY ? DNS_IN :
		     DNS_IN | DNS_MDNS_BIT, ttl);
	dns_write_addr(&m->w, &a);
	dns_write_rr_end(&m->w);
}

static void hear_as(struct rig *r, struct msg *m, struct addr from,
		    bool unicast)
{
	int n = dns_write_end(&m->w);

	ck_assert_int_gt(n, 0);
	mdns_on_datagram(r->d, IF, &from, unicast,
			 slice_of(m->buf, (size_t)n), r->now);
	drain(r);
}

static void hear(struct rig *r, struct msg *m)
{
	hear_as(r, m, r->peer, false);
}

static struct dns_msg parsed(const struct rig *r, unsigned i)
{
	struct dns_msg m;

	ck_assert_uint_lt(i, r->sent);
	ck_assert_int_eq(dns_msg_parse(slice_of(r->out[i].bytes, r->out[i].n),
				       &m, NULL), 0);
	return m;
}

/* The record of that type in a section; its TTL is what is looked at. */
static bool has(const struct dns_msg *m, enum dns_section s, unsigned type,
		struct dns_rr *out)
{
	struct dns_walk w = { 0 };

	while (dns_rr_next(m, s, &w, out))
		if (out->type == type)
			return true;
	return false;
}

/* A neighbour's packet, as any responder sends it. */
static void neighbour(struct msg *m, unsigned i, uint32_t ttl_host,
		      uint32_t ttl)
{
	char name[64], host[32];

	snprintf(name, sizeof(name), "n%u._sip._udp.local", i);
	snprintf(host, sizeof(host), "h%u.local", i);
	begin(m, DNS_QR | DNS_AA);
	ptr(m, "_sip._udp.local", name, ttl);
	srv(m, DNS_ANSWER, name, host, (uint16_t)(5000 + i), ttl_host);
	txt(m, DNS_ANSWER, name, "k=v", ttl);
	a_rr(m, DNS_ANSWER, host, addr_v4(192, 0, 2, (uint8_t)(10 + i), 0),
	     ttl_host);
}

static uint32_t browsing(struct rig *r)
{
	uint32_t id;

	ck_assert_int_eq(mdns_browse(r->d, S("_sip._udp"), r->now, &id), 0);
	pass(r, MS(200));
	return id;
}

/* ----------------------------------------------------------- 8: publishing */
START_TEST(three_probes_then_announcements)
{
	struct rig r;
	struct dns_msg m;
	struct dns_walk w = { 0 };
	struct dns_question q;
	struct dns_rr rr;
	unsigned probes = 0, host = 0;
	mono at[3] = { 0 }, first = 0;

	rig_open(&r);
	(void)publish(&r);
	pass(&r, SEC(20));
	for (unsigned i = 0; i < r.sent; i++) {
		m = parsed(&r, i);
		if (m.flags & DNS_QR)
			continue;
		w = (struct dns_walk){ 0 };
		ck_assert(dns_question_next(&m, &w, &q));
		/* 8.1: ANY, and unicast wanted. */
		ck_assert_uint_eq(q.type, DNS_ANY);
		ck_assert_uint_eq(q.class, DNS_IN | DNS_MDNS_BIT);
		host += q.name.n == 12; /* desk.local */
		if (q.name.n == 12)
			continue;
		ck_assert(has(&m, DNS_AUTHORITY, DNS_SRV, &rr));
		/* 10.2: never set in a probe. */
		ck_assert_uint_eq(rr.class, DNS_IN);
		at[probes++ % 3] = r.out[i].at;
	}
	ck_assert_uint_eq(probes, 3);
	ck_assert_uint_eq(host, 3);
	ck_assert_int_le(at[0], SEC(100) + MS(250));
	ck_assert_int_eq(at[1] - at[0], MS(250));
	ck_assert_int_eq(at[2] - at[1], MS(250));
	ck_assert_str_eq(r.name, "phone");
	probes = 0;
	for (unsigned i = 0; i < r.sent; i++) {
		m = parsed(&r, i);
		if (!(m.flags & DNS_QR) || !has(&m, DNS_ANSWER, DNS_SRV, &rr))
			continue;
		ck_assert_uint_eq(m.flags, DNS_QR | DNS_AA);
		ck_assert_uint_eq(rr.class, DNS_IN | DNS_MDNS_BIT);
		ck_assert_uint_eq(rr.ttl, 120);
		ck_assert(has(&m, DNS_ANSWER, DNS_TXT, &rr));
		ck_assert_uint_eq(rr.ttl, 4500);
		ck_assert(has(&m, DNS_ANSWER, DNS_PTR, &rr));
		ck_assert_uint_eq(rr.class, DNS_IN); /* others have such */
		ck_assert(addr_is_multicast(&r.out[i].to));
		/* 8.3: a second apart, then twice as long. */
		if (!probes++)
			first = r.out[i].at;
		else
			ck_assert_int_eq(r.out[i].at - first,
					 SEC(probes == 2 ? 1 : 3));
	}
	ck_assert_uint_eq(probes, 3);
	ck_assert_int_ge(first, at[2] + MS(250));
	rig_close(&r);
}
END_TEST

START_TEST(who_has_the_name_keeps_it)
{
	struct rig r;
	struct msg m;

	rig_open(&r);
	(void)publish(&r);
	pass(&r, MS(300)); /* one or two probes */
	begin(&m, DNS_QR | DNS_AA);
	srv(&m, DNS_ANSWER, "phone._sip._udp.local", "other.local", 5060, 120);
	hear(&r, &m);
	pass(&r, SEC(10));
	ck_assert_uint_eq(r.names, 1);
	ck_assert_str_eq(r.name, "phone (2)");
	rig_close(&r);
}
END_TEST

START_TEST(fifteen_conflicts_slow_it_down)
{
	struct rig r;
	struct msg m;
	char name[64];
	mono since;

	rig_open(&r);
	(void)publish(&r);
	for (unsigned i = 1; i <= 15; i++) {
		r.sent = 0;
		while (!r.sent)
			pass(&r, MS(10));
		snprintf(name, sizeof(name), i == 1 ?
			 "phone._sip._udp.local" :
			 "phone\\ (%u)._sip._udp.local", i);
		begin(&m, DNS_QR | DNS_AA);
		srv(&m, DNS_ANSWER, name, "other.local", 5060, 120);
		hear(&r, &m);
	}
	since = r.now;
	pass(&r, SEC(20));
	/* 8.1: five seconds before the next probe, three of these. */
	ck_assert_str_eq(r.name, "phone (16)");
	for (unsigned i = 0; i < r.sent && i < SENT; i++) {
		struct dns_msg p = parsed(&r, i);
		struct dns_rr rr;

		if (!(p.flags & DNS_QR) && r.out[i].at > since &&
		    has(&p, DNS_AUTHORITY, DNS_SRV, &rr))
			ck_assert_int_ge(r.out[i].at, since + SEC(5));
	}
	rig_close(&r);
}
END_TEST

/* 8.2: the same SRV but for the port; the greater one goes on, the other waits
 * a second, and then finds whether the name is taken. */
static void tie(const char *their_txt, uint16_t their_port, bool we_win)
{
	struct rig r;
	struct msg m;
	mono began;

	rig_open(&r);
	(void)publish(&r);
	r.sent = 0;
	while (!r.sent)
		pass(&r, MS(10));
	began = r.now;
	begin(&m, 0);
	question(&m, "phone._sip._udp.local", DNS_ANY, DNS_IN | DNS_MDNS_BIT);
	srv(&m, DNS_AUTHORITY, "phone._sip._udp.local", "desk.local",
	    their_port, 120);
	if (their_txt)
		txt(&m, DNS_AUTHORITY, "phone._sip._udp.local", their_txt,
		    4500);
	hear(&r, &m);
	pass(&r, MS(1000));
	ck_assert_uint_eq(r.names, we_win ? 1 : 0);
	pass(&r, SEC(1));
	ck_assert_uint_eq(r.names, 1);
	ck_assert_str_eq(r.name, "phone");
	ck_assert_int_lt(r.now, began + SEC(3));
	rig_close(&r);
}

START_TEST(of_two_that_probe_the_later_wins)
{
	/* In order of their types: TXT, 16, before SRV, 33. */
	tie("a=b", 5059, true);
	tie("a=b", 5060, true); /* the very same: no conflict */
	tie("a=b", 5061, false);
	tie("a=a", 5061, true);
	tie("a=c", 5059, false);
	tie(NULL, 5059, false); /* theirs begins with SRV, ours with TXT */
}
END_TEST

START_TEST(a_host_ties_by_its_address)
{
	struct rig r;
	struct msg m;
	uint32_t id;

	/* 8.2.1: ours is .1, theirs .50: they win; and with .0 we do. */
	for (unsigned i = 0; i < 2; i++) {
		rig_open(&r);
		ck_assert_int_eq(mdns_host(r.d, S("desk"), r.now), 0);
		ck_assert_int_eq(mdns_publish(r.d, S("p"), S("_sip._udp"), 1,
					      S(""), r.now, &id), 0);
		pass(&r, MS(260));
		begin(&m, 0);
		question(&m, "desk.local", DNS_ANY, DNS_IN | DNS_MDNS_BIT);
		a_rr(&m, DNS_AUTHORITY, "desk.local",
		     addr_v4(192, 0, 2, i ? 0 : 50, 0), 120);
		hear(&r, &m);
		pass(&r, MS(1250));
		/* A service is not announced before its host. */
		ck_assert_uint_eq(r.names, i);
		pass(&r, SEC(2));
		ck_assert_uint_eq(r.names, 1);
		rig_close(&r);
	}
}
END_TEST

/* Records of a type go by their rdata (8.2.1), in whatever order they stand: of
 * .1, .7, .9 and .1, .8 the second win. */
START_TEST(a_host_of_several_addresses_ties_in_order)
{
	const struct mdns_net net[] = { { addr_v4(192, 0, 2, 1, 0), 24 },
					{ addr_v4(192, 0, 2, 9, 0), 24 },
					{ addr_v4(192, 0, 2, 7, 0), 24 } };
	struct rig r;
	struct msg m;
	uint32_t id;

	rig_open(&r);
	ck_assert_int_eq(mdns_interface(r.d, IF, MDNS_V4, net, COUNT(net),
					r.now), 0);
	ck_assert_int_eq(mdns_host(r.d, S("desk"), r.now), 0);
	ck_assert_int_eq(mdns_publish(r.d, S("p"), S("_sip._udp"), 1, S(""),
				      r.now, &id), 0);
	pass(&r, MS(260));
	begin(&m, 0);
	question(&m, "desk.local", DNS_ANY, DNS_IN | DNS_MDNS_BIT);
	a_rr(&m, DNS_AUTHORITY, "desk.local", addr_v4(192, 0, 2, 8, 0), 120);
	a_rr(&m, DNS_AUTHORITY, "desk.local", addr_v4(192, 0, 2, 1, 0), 120);
	hear(&r, &m);
	pass(&r, MS(1250));
	ck_assert_uint_eq(r.names, 0);
	rig_close(&r);
}
END_TEST

START_TEST(a_conflict_later_is_probed_for)
{
	struct rig r;
	struct msg m;

	rig_open(&r);
	(void)published(&r);
	begin(&m, DNS_QR | DNS_AA);
	srv(&m, DNS_ANSWER, "phone._sip._udp.local", "other.local", 5060, 120);
	hear(&r, &m);
	pass(&r, MS(300));
	ck_assert_uint_ge(r.sent, 1); /* 9: probes, and does not answer */
	ck_assert(!(parsed(&r, 0).flags & DNS_QR));
	begin(&m, DNS_QR | DNS_AA);
	srv(&m, DNS_ANSWER, "phone._sip._udp.local", "other.local", 5060, 120);
	hear(&r, &m);
	pass(&r, SEC(10));
	ck_assert_str_eq(r.name, "phone (2)");
	rig_close(&r);
}
END_TEST

/* -------------------------------------------------------------- 6: answers */
START_TEST(shared_answers_wait_and_own_ones_do_not)
{
	struct rig r;
	struct msg m;
	struct dns_msg p;
	struct dns_rr rr;
	mono asked;

	rig_open(&r);
	(void)published(&r);
	begin(&m, 0);
	question(&m, "_SIP._udp.local", DNS_PTR, DNS_IN);
	asked = r.now;
	hear(&r, &m);
	ck_assert_uint_eq(r.sent, 0);
	pass(&r, MS(121));
	ck_assert_uint_eq(r.sent, 1);
	ck_assert_int_ge(r.out[0].at, asked + MS(20));
	ck_assert_int_le(r.out[0].at, asked + MS(120));
	p = parsed(&r, 0);
	ck_assert_uint_eq(p.count[DNS_ANSWER], 1);
	/* RFC 6763 12.1 */
	ck_assert(has(&p, DNS_ADDITIONAL, DNS_SRV, &rr));
	ck_assert(has(&p, DNS_ADDITIONAL, DNS_TXT, &rr));
	ck_assert(has(&p, DNS_ADDITIONAL, DNS_A, &rr));
	pass(&r, SEC(2));
	begin(&m, 0);
	question(&m, "phone._sip._udp.local", DNS_SRV, DNS_IN);
	hear(&r, &m);
	pass(&r, 0);
	ck_assert_uint_eq(r.sent, 2);
	/* 6: not again within a second, whoever asks. */
	hear(&r, &m);
	pass(&r, MS(999));
	ck_assert_uint_eq(r.sent, 2);
	pass(&r, MS(1));
	ck_assert_uint_eq(r.sent, 3);
	/* 6.1: what the name has not is said, too. */
	pass(&r, SEC(2));
	begin(&m, 0);
	question(&m, "desk.local", DNS_AAAA, DNS_IN);
	hear(&r, &m);
	pass(&r, 0);
	p = parsed(&r, 3);
	ck_assert(has(&p, DNS_ANSWER, 47, &rr));
	/* The name, block 0 of one octet: type 1 is bit 1. */
	ck_assert_uint_eq(rr.data.n, 12 + 3);
	ck_assert_uint_eq((uint8_t)rr.data.p[13], 1);
	ck_assert_uint_eq((uint8_t)rr.data.p[14], 0x40);
	/* And what is not ours is nobody's. */
	begin(&m, 0);
	question(&m, "other.local", DNS_A, DNS_IN);
	hear(&r, &m);
	pass(&r, SEC(1));
	ck_assert_uint_eq(r.sent, 4);
	rig_close(&r);
}
END_TEST

START_TEST(what_is_known_is_not_said)
{
	struct rig r;
	struct msg m;

	rig_open(&r);
	(void)published(&r);
	for (unsigned i = 0; i < 2; i++) {
		/* 7.1: at least half of the TTL of 4500. */
		begin(&m, 0);
		question(&m, "_sip._udp.local", DNS_PTR, DNS_IN);
		ptr(&m, "_sip._udp.local", "phone._sip._udp.local",
		    i ? 2249 : 2250);
		hear(&r, &m);
		pass(&r, SEC(2));
		ck_assert_uint_eq(r.sent, i);
	}
	/* 7.2: what did not fit comes after it. */
	r.sent = 0;
	begin(&m, DNS_TC);
	question(&m, "_sip._udp.local", DNS_PTR, DNS_IN);
	hear(&r, &m);
	pass(&r, MS(300));
	ck_assert_uint_eq(r.sent, 0);
	begin(&m, 0);
	ptr(&m, "_sip._udp.local", "phone._sip._udp.local", 4000);
	hear(&r, &m);
	pass(&r, SEC(2));
	ck_assert_uint_eq(r.sent, 0);
	/* Not so if another asked as well. */
	begin(&m, DNS_TC);
	question(&m, "_sip._udp.local", DNS_PTR, DNS_IN);
	hear(&r, &m);
	begin(&m, 0);
	question(&m, "_sip._udp.local", DNS_PTR, DNS_IN);
	hear_as(&r, &m, addr_v4(192, 0, 2, 8, MDNS_PORT), false);
	begin(&m, 0);
	ptr(&m, "_sip._udp.local", "phone._sip._udp.local", 4000);
	hear(&r, &m);
	pass(&r, SEC(2));
	ck_assert_uint_eq(r.sent, 1);
	rig_close(&r);
}
END_TEST

START_TEST(who_asks_for_unicast_gets_it)
{
	struct rig r;
	struct msg m;
	struct dns_msg p;
	struct dns_rr rr;
	struct addr old = addr_v4(192, 0, 2, 9, 40000);

	rig_open(&r);
	(void)published(&r);
	/* 5.4: multicast within a quarter of 120 s. */
	begin(&m, 0);
	question(&m, "phone._sip._udp.local", DNS_SRV, DNS_IN | DNS_MDNS_BIT);
	hear(&r, &m);
	ck_assert_uint_eq(r.sent, 1);
	ck_assert(addr_same(&r.out[0].to, &r.peer));
	/* Longer ago: to all, so that their caches stay fresh. */
	pass(&r, SEC(40));
	hear(&r, &m);
	pass(&r, 0);
	ck_assert_uint_eq(r.sent, 2);
	ck_assert(addr_is_multicast(&r.out[1].to));
	/* 6.7: an old resolver: its id and question, ten seconds, no bit. */
	dns_write_begin(&m.w, m.buf, sizeof(m.buf), 0x1234, DNS_RD);
	question(&m, "phone._sip._udp.local", DNS_SRV, DNS_IN);
	hear_as(&r, &m, old, false);
	ck_assert_uint_eq(r.sent, 3);
	ck_assert(addr_same(&r.out[2].to, &old));
	p = parsed(&r, 2);
	ck_assert_uint_eq(p.id, 0x1234);
	ck_assert_uint_eq(p.count[DNS_QUESTION], 1);
	ck_assert(has(&p, DNS_ANSWER, DNS_SRV, &rr));
	ck_assert_uint_eq(rr.ttl, 10);
	ck_assert_uint_eq(rr.class, DNS_IN);
	rig_close(&r);
}
END_TEST

START_TEST(goodbye_takes_all_back)
{
	struct rig r;
	struct dns_msg p;
	struct dns_rr rr;
	uint32_t id;

	rig_open(&r);
	id = published(&r);
	mdns_withdraw(r.d, id, r.now);
	drain(&r);
	ck_assert_uint_eq(r.sent, 1);
	p = parsed(&r, 0);
	ck_assert(has(&p, DNS_ANSWER, DNS_PTR, &rr) && !rr.ttl);
	ck_assert(has(&p, DNS_ANSWER, DNS_SRV, &rr) && !rr.ttl);
	ck_assert(has(&p, DNS_ANSWER, DNS_TXT, &rr) && !rr.ttl);
	mdns_goodbye(r.d, r.now);
	drain(&r);
	p = parsed(&r, 1);
	ck_assert(has(&p, DNS_ANSWER, DNS_A, &rr) && !rr.ttl);
	rig_close(&r);
}
END_TEST

/* ------------------------------------------------------------ 5: browsing */
START_TEST(questions_come_ever_more_seldom)
{
	static const unsigned at[] = { 0, 1, 3, 7, 15, 31, 63, 127 };
	struct rig r;
	uint32_t id;
	mono first;

	rig_open(&r);
	ck_assert_int_eq(mdns_browse(r.d, S("_sip._udp"), r.now, &id), 0);
	pass(&r, SEC(200));
	ck_assert_uint_eq(r.sent, COUNT(at));
	first = r.out[0].at;
	ck_assert_int_ge(first, SEC(100) + MS(20));
	ck_assert_int_le(first, SEC(100) + MS(120));
	for (unsigned i = 0; i < COUNT(at); i++)
		ck_assert_int_eq(r.out[i].at - first, SEC(at[i]));
	/* 5.2: once an hour at last. */
	pass(&r, SEC(5000));
	r.sent = 0;
	pass(&r, SEC(36000));
	ck_assert_uint_eq(r.sent, 10);
	rig_close(&r);
}
END_TEST

START_TEST(a_neighbour_is_found_changes_and_goes)
{
	struct rig r;
	struct msg m;
	struct slice v;

	rig_open(&r);
	(void)browsing(&r);
	neighbour(&m, 1, 120, 4500);
	hear(&r, &m);
	ck_assert_uint_eq(r.founds, 1);
	ck_slice_eq(r.last.found.instance, "n1");
	ck_slice_eq(r.last.found.type, "_sip._udp");
	ck_assert_uint_eq(r.last.found.port, 5001);
	ck_assert_uint_eq(r.last.ifindex, IF);
	ck_assert_uint_eq(r.last.found.n, 1);
	ck_assert(dns_sd_txt_get(r.last.found.txt, "k", &v));
	hear(&r, &m); /* says the same */
	ck_assert_uint_eq(r.founds + r.changes + r.gones, 1);
	/* 10.2: another TXT replaces it, a second after the first. */
	pass(&r, SEC(2));
	begin(&m, DNS_QR | DNS_AA);
	txt(&m, DNS_ANSWER, "n1._sip._udp.local", "k=w", 4500);
	hear(&r, &m);
	pass(&r, SEC(2));
	ck_assert_uint_eq(r.founds, 1);
	ck_assert_uint_ge(r.changes, 1);
	ck_assert_uint_eq(mdns_load(r.d).records, 4);
	/* 10.1: a goodbye holds after a second. */
	begin(&m, DNS_QR | DNS_AA);
	ptr(&m, "_sip._udp.local", "n1._sip._udp.local", 0);
	hear(&r, &m);
	pass(&r, MS(999));
	ck_assert_uint_eq(r.gones, 0);
	pass(&r, MS(1));
	ck_assert_uint_eq(r.gones, 1);
	ck_slice_eq(r.last.found.instance, "n1");
	ck_assert_uint_eq(mdns_load(r.d).found, 0);
	rig_close(&r);
}
END_TEST

START_TEST(what_is_lacking_is_asked_for)
{
	struct rig r;
	struct msg m;
	struct dns_msg p;
	struct dns_question q;
	bool asked = false;

	rig_open(&r);
	(void)browsing(&r);
	r.sent = 0;
	begin(&m, DNS_QR | DNS_AA);
	ptr(&m, "_sip._udp.local", "n1._sip._udp.local", 4500);
	hear(&r, &m);
	pass(&r, MS(130));
	ck_assert_uint_eq(r.sent, 1);
	p = parsed(&r, 0);
	ck_assert_uint_eq(p.count[DNS_QUESTION], 2); /* SRV and TXT */
	ck_assert_uint_eq(r.founds, 0);
	begin(&m, DNS_QR | DNS_AA);
	srv(&m, DNS_ANSWER, "n1._sip._udp.local", "h1.local", 5001, 120);
	txt(&m, DNS_ANSWER, "n1._sip._udp.local", "k=v", 4500);
	hear(&r, &m);
	r.sent = 0;
	pass(&r, SEC(2));
	for (unsigned i = 0; i < r.sent; i++) {
		struct dns_walk w = { 0 };

		p = parsed(&r, i);
		while (dns_question_next(&p, &w, &q))
			asked = asked || (q.type == DNS_A && q.name.n == 10);
	}
	ck_assert(asked);
	ck_assert_uint_eq(r.founds, 0);
	begin(&m, DNS_QR | DNS_AA);
	a_rr(&m, DNS_ANSWER, "h1.local", addr_v4(192, 0, 2, 7, 0), 120);
	hear(&r, &m);
	ck_assert_uint_eq(r.founds, 1);
	rig_close(&r);
}
END_TEST

START_TEST(records_are_refreshed_before_they_run_out)
{
	struct rig r;
	struct msg m;
	mono heard;
	unsigned n = 0;

	rig_open(&r);
	(void)browsing(&r);
	pass(&r, SEC(600)); /* the next question of its own is far */
	neighbour(&m, 1, 120, 4500);
	hear(&r, &m);
	heard = r.now;
	r.sent = 0;
	pass(&r, MS(119900));
	/* SRV and A: 80, 85, 90, 95 per cent of 120 s and up to 2 more; both
	 * may be in one packet. */
	ck_assert_uint_ge(r.sent, 4);
	ck_assert_uint_le(r.sent, 8);
	for (unsigned i = 0; i < r.sent; i++) {
		mono ms = (r.out[i].at - heard) / MS(1);
		mono part = (ms - 96000) / 6000;

		n |= 1u << part;
		ck_assert_int_ge(ms, 96000);
		ck_assert_int_le(ms - 96000 - part * 6000, 2400);
	}
	ck_assert_uint_eq(n, 15);
	ck_assert_uint_eq(r.gones, 0);
	pass(&r, MS(200));
	ck_assert_uint_eq(r.gones, 1);
	rig_close(&r);
}
END_TEST

/* Gone for a moment, with its SRV still known: its address is kept fresh as
 * before. */
START_TEST(who_comes_back_is_kept_like_who_comes)
{
	struct rig r;
	struct msg m;
	struct dns_question q;
	bool asked = false;

	rig_open(&r);
	(void)browsing(&r);
	neighbour(&m, 1, 120, 4500);
	hear(&r, &m);
	for (unsigned i = 0; i < 2; i++) {
		begin(&m, DNS_QR | DNS_AA);
		ptr(&m, "_sip._udp.local", "n1._sip._udp.local",
		    i ? 4500 : 0);
		hear(&r, &m);
		pass(&r, SEC(2));
	}
	ck_assert_uint_eq(r.gones, 1);
	ck_assert_uint_eq(r.founds, 2);
	r.sent = 0;
	pass(&r, SEC(100));
	for (unsigned i = 0; i < r.sent; i++) {
		struct dns_msg p = parsed(&r, i);
		struct dns_walk w = { 0 };

		while (dns_question_next(&p, &w, &q))
			asked = asked || q.type == DNS_A;
	}
	ck_assert(asked);
	rig_close(&r);
}
END_TEST

START_TEST(our_questions_have_what_we_know_in_them)
{
	struct rig r;
	struct msg m;
	struct dns_msg p;
	unsigned answers = 0, cut = 0;

	rig_open(&r);
	(void)browsing(&r);
	for (unsigned i = 0; i < 100; i++) {
		neighbour(&m, i, 120, 4500);
		hear(&r, &m);
	}
	r.sent = 0;
	while (!r.sent)
		pass(&r, MS(100));
	pass(&r, 0);
	for (unsigned i = 0; i < r.sent; i++) {
		p = parsed(&r, i);
		ck_assert_uint_le(r.out[i].n, 1440);
		/* 7.2: one question, and TC on all but the last. */
		ck_assert_uint_eq(p.count[DNS_QUESTION], i == 0);
		ck_assert_uint_eq((p.flags & DNS_TC) != 0, i + 1 < r.sent);
		cut += (p.flags & DNS_TC) != 0;
		answers += p.count[DNS_ANSWER];
	}
	ck_assert_uint_eq(answers, 100);
	ck_assert_uint_ge(cut, 1);
	rig_close(&r);
}
END_TEST

START_TEST(the_same_question_of_another_is_as_good)
{
	struct rig r;
	struct msg m;

	rig_open(&r);
	(void)browsing(&r); /* asked; again a second later */
	ck_assert_uint_eq(r.sent, 1);
	pass(&r, MS(500));
	begin(&m, 0);
	question(&m, "_sip._udp.local", DNS_PTR, DNS_IN);
	hear(&r, &m);
	pass(&r, SEC(1));
	ck_assert_uint_eq(r.sent, 1);
	/* 7.3: not if it knows what we do not. */
	pass(&r, MS(700));
	begin(&m, 0);
	question(&m, "_sip._udp.local", DNS_PTR, DNS_IN);
	ptr(&m, "_sip._udp.local", "n1._sip._udp.local", 4000);
	hear(&r, &m);
	pass(&r, SEC(2));
	ck_assert_uint_eq(r.sent, 2);
	rig_close(&r);
}
END_TEST

START_TEST(a_host_is_looked_up)
{
	struct rig r;
	struct msg m;
	struct dns_name n = name_of("h1.local");
	uint32_t id;

	rig_open(&r);
	ck_assert_int_eq(mdns_lookup(r.d, &n, r.now, &id), 0);
	pass(&r, MS(200));
	ck_assert_uint_eq(parsed(&r, 0).count[DNS_QUESTION], 2);
	begin(&m, DNS_QR | DNS_AA);
	a_rr(&m, DNS_ANSWER, "H1.local", addr_v4(192, 0, 2, 7, 0), 120);
	hear(&r, &m);
	ck_assert_uint_eq(r.addrs, 1);
	ck_assert_uint_eq(r.last.handle, id);
	ck_assert_uint_eq(r.last.found.n, 1);
	mdns_end(r.d, id);
	rig_close(&r);
}
END_TEST

/* ------------------------------------------------- strangers, and limits */
START_TEST(what_is_not_of_the_link_is_refused)
{
	struct rig r;
	struct msg m;

	rig_open(&r);
	(void)published(&r);
	(void)browsing(&r);
	r.sent = 0;
	/* 11: unicast of another network; to the group it is of the link. */
	neighbour(&m, 1, 120, 4500);
	hear_as(&r, &m, addr_v4(198, 51, 100, 1, MDNS_PORT), true);
	ck_assert_uint_eq(r.founds, 0);
	begin(&m, 0);
	question(&m, "phone._sip._udp.local", DNS_SRV, DNS_IN | DNS_MDNS_BIT);
	hear_as(&r, &m, addr_v4(198, 51, 100, 1, MDNS_PORT), true);
	ck_assert_uint_eq(r.sent, 0);
	/* 6: a response from another port. */
	neighbour(&m, 1, 120, 4500);
	hear_as(&r, &m, addr_v4(192, 0, 2, 9, 5354), false);
	ck_assert_uint_eq(r.founds, 0);
	ck_assert_uint_eq(mdns_load(r.d).dropped, 3);
	/* 18.3, 18.11: another opcode, or an rcode, is ignored. */
	begin(&m, DNS_QR | DNS_AA | DNS_NXDOMAIN);
	ptr(&m, "_sip._udp.local", "n1._sip._udp.local", 4500);
	hear(&r, &m);
	ck_assert_uint_eq(mdns_load(r.d).found, 0);
	neighbour(&m, 1, 120, 4500);
	hear_as(&r, &m, addr_v4(198, 51, 100, 1, MDNS_PORT), false);
	ck_assert_uint_eq(r.founds, 1);
	/* What nobody asked for is not kept. */
	ck_assert_uint_eq(mdns_load(r.d).records, 4);
	begin(&m, DNS_QR | DNS_AA);
	a_rr(&m, DNS_ANSWER, "h2.local", addr_v4(192, 0, 2, 7, 0), 120);
	ptr(&m, "_http._tcp.local", "n1._http._tcp.local", 4500);
	hear(&r, &m);
	ck_assert_uint_eq(mdns_load(r.d).records, 4);
	rig_close(&r);
}
END_TEST

/* Each record that comes is compared with all of its name and type: of these
 * there are not many. */
START_TEST(a_set_has_no_more_than_are_of_use)
{
	struct limits l = limits_default;
	struct rig r;
	struct msg m;
	char name[64];

	l.mdns_found = 20;
	rig_limited(&r, &l);
	(void)browsing(&r);
	begin(&m, DNS_QR | DNS_AA);
	for (unsigned i = 0; i < 40; i++) {
		snprintf(name, sizeof(name), "n%u._sip._udp.local", i);
		ptr(&m, "_sip._udp.local", name, 4500);
	}
	hear(&r, &m);
	ck_assert_uint_eq(mdns_load(r.d).records, 20);
	ck_assert_uint_eq(mdns_load(r.d).refused, 20);
	hear(&r, &m); /* those that are there are fresh again */
	ck_assert_uint_eq(mdns_load(r.d).records, 20);
	ck_assert_uint_eq(mdns_load(r.d).refused, 40);
	rig_close(&r);
	rig_open(&r);
	(void)browsing(&r);
	neighbour(&m, 1, 120, 4500);
	for (unsigned i = 0; i < 30; i++)
		a_rr(&m, DNS_ANSWER, "h1.local",
		     addr_v4(192, 0, 2, (uint8_t)(100 + i), 0), 120);
	hear(&r, &m);
	ck_assert_uint_eq(mdns_load(r.d).records, 3 + 2 * MDNS_ADDRS);
	ck_assert_uint_eq(r.founds, 1);
	rig_close(&r);
}
END_TEST

/* 10.2: the instances of a type are nobody's alone. */
START_TEST(nobody_takes_back_the_others_instances)
{
	struct dns_name type = name_of("_sip._udp.local");
	struct dns_name to = name_of("n2._sip._udp.local");
	struct rig r;
	struct msg m;

	rig_open(&r);
	(void)browsing(&r);
	neighbour(&m, 1, 120, 4500);
	hear(&r, &m);
	ck_assert_uint_eq(r.founds, 1);
	pass(&r, SEC(2));
	begin(&m, DNS_QR | DNS_AA);
	dns_write_rr(&m.w, DNS_ANSWER, &type, DNS_PTR, DNS_IN | DNS_MDNS_BIT,
		     4500);
	dns_write_name(&m.w, &to, true);
	dns_write_rr_end(&m.w);
	hear(&r, &m);
	pass(&r, SEC(3));
	ck_assert_uint_eq(r.gones, 0);
	rig_close(&r);
}
END_TEST

START_TEST(strangers_make_nothing_grow_beyond_its_limit)
{
	struct limits l = limits_default;
	struct rig r;
	struct msg m;
	struct mdns_load load;

	l.mdns_found = 20;
	rig_limited(&r, &l);
	(void)browsing(&r);
	for (unsigned i = 0; i < 50; i++) {
		neighbour(&m, i, 120, 4500);
		hear(&r, &m);
	}
	ck_assert_uint_eq(mdns_load(r.d).found, 20);
	ck_assert_uint_eq(r.founds, 20);
	rig_close(&r);
	l = limits_default;
	l.mdns_cache = 4096;
	rig_limited(&r, &l);
	(void)browsing(&r);
	for (unsigned i = 0; i < 50; i++) {
		neighbour(&m, i, 120, 4500);
		hear(&r, &m);
	}
	load = mdns_load(r.d);
	ck_assert_uint_le(load.octets, 4096);
	ck_assert_uint_gt(load.refused, 0);
	ck_assert_uint_lt(r.founds, 50);
	rig_close(&r);
	l = limits_default;
	l.mdns_packets = 10;
	rig_limited(&r, &l);
	(void)browsing(&r);
	pass(&r, SEC(2));
	for (unsigned i = 0; i < 50; i++) {
		neighbour(&m, i, 120, 4500);
		hear(&r, &m);
	}
	ck_assert_uint_eq(r.founds, 10);
	pass(&r, SEC(1));
	neighbour(&m, 50, 120, 4500);
	hear(&r, &m);
	ck_assert_uint_eq(r.founds, 11);
	rig_close(&r);
	l = limits_default;
	l.mdns_answers = 5;
	rig_limited(&r, &l);
	(void)published(&r);
	for (unsigned i = 0; i < 50; i++) {
		begin(&m, 0);
		question(&m, "desk.local", DNS_A, DNS_IN);
		hear_as(&r, &m, addr_v4(192, 0, 2, 9, 40000), false);
	}
	ck_assert_uint_eq(r.sent, 5);
	rig_close(&r);
}
END_TEST

START_TEST(what_we_sent_ourselves_is_known_when_it_comes_back)
{
	struct rig r;
	struct addr me = addr_v4(192, 0, 2, 1, MDNS_PORT);

	rig_open(&r);
	(void)browsing(&r);
	ck_assert_uint_eq(r.sent, 1);
	/* Once it is the echo; then another of this host asks the same, and
	 * spares us our next question. */
	for (unsigned i = 0; i < 2; i++) {
		mdns_on_datagram(r.d, IF, &me, false,
				 slice_of(r.out[0].bytes, r.out[0].n), r.now);
		drain(&r);
	}
	pass(&r, SEC(1));
	ck_assert_uint_eq(r.sent, 1);
	pass(&r, SEC(2));
	ck_assert_uint_eq(r.sent, 2);
	rig_close(&r);
}
END_TEST

START_TEST(an_interface_that_goes_takes_its_neighbours_along)
{
	struct rig r;
	struct msg m;

	rig_open(&r);
	(void)browsing(&r);
	neighbour(&m, 1, 120, 4500);
	hear(&r, &m);
	ck_assert_int_eq(mdns_interface(r.d, IF, 0, NULL, 0, r.now), 0);
	drain(&r);
	ck_assert_uint_eq(r.gones, 1);
	ck_assert_uint_eq(mdns_load(r.d).records, 0);
	ck_assert_uint_eq(mdns_load(r.d).octets, 0);
	hear(&r, &m);
	ck_assert_uint_eq(r.founds, 1);
	rig_close(&r);
}
END_TEST

START_TEST(a_hundred_neighbours_take_so_much)
{
	struct rig r;
	struct msg m;
	size_t before;

	rig_open(&r);
	(void)browsing(&r);
	before = r.mem.used;
	for (unsigned i = 0; i < 100; i++) {
		neighbour(&m, i, 120, 4500);
		hear(&r, &m);
	}
	ck_assert_uint_eq(r.founds, 100);
	printf("mdns: an engine %zu octets, a neighbour %zu\n", before,
	       (r.mem.used - before) / 100);
	ck_assert_uint_lt(r.mem.used, 160u << 10);
	rig_close(&r);
}
END_TEST

/* The n-th allocation fails: what is asked for is refused, or a packet is lost,
 * and nothing leaks. */
START_TEST(any_allocation_may_fail)
{
	for (uint64_t nth = 1, more = 1; more; nth++) {
		struct mdns_net net = { addr_v4(192, 0, 2, 1, 0), 24 };
		struct rig r = { .now = SEC(100) };
		struct msg m;
		uint32_t id;

		mem_init(&r.mem, 0);
		r.peer = addr_v4(192, 0, 2, 9, MDNS_PORT);
		r.mem.fail_at = nth;
		r.d = mdns_new(&r.mem, &limits_default, seed);
		if (r.d &&
		    mdns_interface(r.d, IF, MDNS_V4, &net, 1, r.now) == 0 &&
		    mdns_host(r.d, S("desk"), r.now) == 0 &&
		    mdns_publish(r.d, S("phone"), S("_sip._udp"), 5060,
				 S("\3a=b"), r.now, &id) == 0 &&
		    mdns_browse(r.d, S("_sip._udp"), r.now, &id) == 0) {
			pass(&r, SEC(3));
			neighbour(&m, 1, 120, 4500);
			hear(&r, &m);
			pass(&r, SEC(130));
		}
		more = r.mem.calls >= nth;
		rig_close(&r);
	}
}
END_TEST

SUITE(mdns, three_probes_then_announcements, who_has_the_name_keeps_it,
      fifteen_conflicts_slow_it_down, of_two_that_probe_the_later_wins,
      a_host_ties_by_its_address,
      a_host_of_several_addresses_ties_in_order,
      a_conflict_later_is_probed_for, a_set_has_no_more_than_are_of_use,
      nobody_takes_back_the_others_instances,
      shared_answers_wait_and_own_ones_do_not, what_is_known_is_not_said,
      who_asks_for_unicast_gets_it, goodbye_takes_all_back,
      questions_come_ever_more_seldom, a_neighbour_is_found_changes_and_goes,
      what_is_lacking_is_asked_for, who_comes_back_is_kept_like_who_comes,
      records_are_refreshed_before_they_run_out,
      our_questions_have_what_we_know_in_them,
      the_same_question_of_another_is_as_good, a_host_is_looked_up,
      what_is_not_of_the_link_is_refused,
      strangers_make_nothing_grow_beyond_its_limit,
      what_we_sent_ourselves_is_known_when_it_comes_back,
      an_interface_that_goes_takes_its_neighbours_along,
      a_hundred_neighbours_take_so_much, any_allocation_may_fail);
