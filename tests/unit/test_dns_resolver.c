/* SPDX-License-Identifier: BSD-2-Clause
 * The stub resolver, its servers played by the test.  Times by hand: 2 s for a
 * server's first try and twice that for its second, give or take a tenth. */
#include "tests/unit/suites.h"

#include "dns/dns_resolver.h"
#include "dns/dns_write.h"
#include "tests/unit/expect.h"

static const uint8_t seed[32] = { 42 };

struct rig {
	struct mem mem;
	struct dns_conf conf;
	struct dns_resolver *r;
	mono now;
	struct dns_out last;    /* of UDP or TCP */
	char sent[600];         /* its bytes */
	struct dns_msg query;   /* in sent */
	unsigned sends, closes, answers;
	struct dns_out answer;
	char bytes[4096];       /* the answer's */
	struct dns_msg records; /* in bytes */
};

static void set_up(struct rig *g, unsigned servers)
{
	struct limits l = limits_default;

	memset(g, 0, sizeof(*g));
	mem_init(&g->mem, 0);
	(void)dns_conf_parse(S(""), &g->conf);
	for (unsigned i = 0; i < servers; i++)
		g->conf.server[g->conf.servers++] =
			addr_v4(192, 0, 2, (uint8_t)(1 + i), 53);
	l.dns_cache = 8192;
	l.dns_queries = 8;
	g->r = dns_resolver_new(&g->mem, &g->conf, &l, seed);
	ck_assert_ptr_nonnull(g->r);
}

static void tear_down(struct rig *g)
{
	dns_resolver_free(g->r);
	ck_assert_uint_eq(g->mem.blocks, 0);
}

static void drain(struct rig *g)
{
	struct dns_out o;

	while (dns_resolver_poll(g->r, &o)) {
		struct writer w = writer_begin(g->sent, sizeof(g->sent));
		bool tcp = o.kind == DNS_OUT_TCP;

		if (o.kind == DNS_OUT_CLOSE) {
			g->closes++;
			continue;
		}
		if (o.kind == DNS_OUT_ANSWER) {
			g->answers++;
			g->answer = o;
			w = writer_begin(g->bytes, sizeof(g->bytes));
			writer_put(&w, o.answer.bytes);
			if (o.answer.bytes.n)
				ck_parses(dns_msg_parse(writer_done(&w),
							&g->records, &e));
			continue;
		}
		g->sends++;
		g->last = o;
		writer_put(&w, slice_skip(o.bytes, tcp ? 2 : 0));
		if (tcp)
			ck_assert_uint_eq(read_be16((const uint8_t *)
						    o.bytes.p), w.n);
		ck_parses(dns_msg_parse(writer_done(&w), &g->query, &e));
	}
}

static struct dns_name of(const char *text)
{
	struct dns_name n;

	ck_parses(dns_name_parse(slice_str(text), &n, &e));
	return n;
}

static uint32_t ask(struct rig *g, const char *name, unsigned type)
{
	struct dns_name n = of(name);
	uint32_t h = 0;

	ck_assert_int_eq(dns_resolver_ask(g->r, &n, type, true, 7, g->now,
					  &h), 0);
	drain(g);
	return h;
}

static void at(struct rig *g, mono t)
{
	g->now = t;
	dns_resolver_on_time(g->r, t);
	drain(g);
}

/* A reply to the query sent last. */
struct reply {
	struct dns_write d;
	char room[4096];
};

static void begin(struct rig *g, struct reply *p, unsigned flags)
{
	struct dns_walk w = { 0 };
	struct dns_question q;

	dns_write_begin(&p->d, p->room + 2, sizeof(p->room) - 2, g->query.id,
			DNS_QR | DNS_RA | DNS_RD | flags);
	ck_assert(dns_question_next(&g->query, &w, &q));
	dns_write_question(&p->d, &q.name, q.type, q.class);
}

static void put_addr(struct reply *p, const char *name, uint32_t ttl,
		     uint8_t last)
{
	struct addr a = addr_v4(198, 51, 100, last, 0);
	struct dns_name n = of(name);

	dns_write_rr(&p->d, DNS_ANSWER, &n, DNS_A, DNS_IN, ttl);
	dns_write_addr(&p->d, &a);
	dns_write_rr_end(&p->d);
}

static void put_alias(struct reply *p, unsigned type, const char *name,
		      const char *to, uint32_t ttl)
{
	struct dns_name n = of(name), t = of(to);

	dns_write_rr(&p->d, DNS_ANSWER, &n, type, DNS_IN, ttl);
	dns_write_name(&p->d, &t, false);
	dns_write_rr_end(&p->d);
}

static void put_soa(struct reply *p, const char *zone, uint32_t ttl,
		    uint32_t minimum)
{
	struct dns_name n = of(zone);
	struct dns_soa s = { n, n, 1, 2, 3, 4, minimum };

	dns_write_rr(&p->d, DNS_AUTHORITY, &n, DNS_SOA, DNS_IN, ttl);
	dns_write_soa(&p->d, &s);
	dns_write_rr_end(&p->d);
}

static struct slice done(struct reply *p)
{
	int n = dns_write_end(&p->d);

	ck_assert_int_gt(n, 0);
	return slice_of(p->room + 2, (size_t)n);
}

static void deliver(struct rig *g, struct reply *p)
{
	dns_resolver_on_datagram(g->r, g->last.socket, &g->last.to, done(p),
				 g->now);
	drain(g);
}

static void answer_a(struct rig *g, uint8_t last, uint32_t ttl)
{
	struct dns_walk w = { 0 };
	char text[DNS_NAME_TEXT];
	struct dns_question q;
	struct reply p;

	ck_assert(dns_question_next(&g->query, &w, &q));
	begin(g, &p, 0);
	put_addr(&p, dns_name_text(&q.name, text), ttl, last);
	deliver(g, &p);
}

static void ck_found(struct rig *g, unsigned answers, uint8_t last)
{
	struct dns_walk w = { 0 };
	struct dns_rr rr;
	struct addr a;

	ck_assert_uint_eq(g->answers, answers);
	ck_assert_int_eq(g->answer.answer.status, DNS_FOUND);
	ck_assert(dns_rr_next(&g->records, DNS_ANSWER, &w, &rr));
	ck_assert(dns_rr_addr(&g->records, &rr, &a) && a.ip[3] == last);
}

static void ck_told(struct rig *g, unsigned answers, enum dns_status s)
{
	ck_assert_uint_eq(g->answers, answers);
	ck_assert_int_eq(g->answer.answer.status, s);
	ck_assert_uint_eq(g->answer.answer.bytes.n, 0);
}

START_TEST(an_answer_is_told_and_kept_while_its_ttl_lasts)
{
	struct rig g;
	uint32_t h;

	set_up(&g, 1);
	h = ask(&g, "example.com", DNS_A);
	ck_assert(g.sends == 1 && g.last.kind == DNS_OUT_UDP);
	ck_assert(addr_same(&g.last.to, &g.conf.server[0]));
	ck_assert_uint_eq(g.query.udp_size, 1232);
	ck_assert_uint_eq(g.query.flags, DNS_RD);
	answer_a(&g, 1, 60);
	ck_found(&g, 1, 1);
	ck_assert(g.answer.handle == h && g.answer.tag == 7);
	ck_assert(!g.answer.answer.cached && g.answer.answer.ttl == 60);
	ck_assert(addr_same(&g.answer.answer.server, &g.conf.server[0]));
	ck_assert_uint_eq(g.closes, 1);
	ck_assert_int_eq(dns_resolver_deadline(g.r), MONO_NEVER);
	g.now = SEC(59);
	ask(&g, "EXAMPLE.com", DNS_A);
	ck_found(&g, 2, 1);
	ck_assert(g.answer.answer.cached && g.answer.answer.ttl == 1);
	ck_assert_uint_eq(g.sends, 1);
	g.now = SEC(60);
	ask(&g, "example.com", DNS_A);
	ck_assert_uint_eq(g.sends, 2);
	tear_down(&g);
}
END_TEST

/* Not one of 64 tries shares id and spelling with another, and each has a
 * socket of its own. */
START_TEST(ids_spellings_and_sockets_are_drawn_anew)
{
	char spelt[64][DNS_NAME_TEXT];
	uint16_t id[64];
	uint32_t socket = 0, flips = 0;
	struct dns_walk w;
	struct dns_question q;
	struct rig g;

	set_up(&g, 1);
	for (unsigned i = 0; i < 64; i++) {
		uint32_t h = ask(&g, "abcdefghijkl.example", DNS_A);

		w = (struct dns_walk){ 0 };
		ck_assert(dns_question_next(&g.query, &w, &q));
		dns_name_text(&q.name, spelt[i]);
		id[i] = g.query.id;
		ck_assert_uint_gt(g.last.socket, socket);
		socket = g.last.socket;
		for (unsigned k = 0; k < i; k++)
			ck_assert(id[k] != id[i] ||
				  strcmp(spelt[k], spelt[i]) != 0);
		for (const char *c = spelt[i]; *c; c++)
			flips += *c >= 'A' && *c <= 'Z';
		dns_resolver_cancel(g.r, h);
		drain(&g);
	}
	/* 64 times 19 letters: 608 large ones are to be expected; six standard
	 * deviations are 105. */
	ck_assert(flips > 503 && flips < 713);
	ck_assert_uint_eq(g.closes, 64);
	tear_down(&g);
}
END_TEST

START_TEST(what_is_no_answer_to_the_question_is_ignored)
{
	struct dns_name other = of("other.example");
	struct addr from;
	struct reply p;
	struct rig g;

	set_up(&g, 1);
	ask(&g, "example.com", DNS_A);
	begin(&g, &p, 0);
	put_addr(&p, "example.com", 60, 66);
	from = g.last.to;
	from.port = 5353; /* another port, another host */
	dns_resolver_on_datagram(g.r, g.last.socket, &from, done(&p), g.now);
	from = addr_v4(192, 0, 2, 9, 53);
	dns_resolver_on_datagram(g.r, g.last.socket, &from, done(&p), g.now);
	p.room[3] ^= 1; /* another id */
	deliver(&g, &p);
	p.room[3] ^= 1;
	p.room[4] ^= (char)0x80; /* a query */
	deliver(&g, &p);
	p.room[4] ^= (char)0x80;
	p.room[4] ^= 0x10; /* another opcode */
	deliver(&g, &p);
	dns_write_begin(&p.d, p.room + 2, sizeof(p.room) - 2, g.query.id,
			DNS_QR);
	dns_write_question(&p.d, &other, DNS_A, DNS_IN); /* another question */
	put_addr(&p, "example.com", 60, 66);
	deliver(&g, &p);
	ck_assert(g.answers == 0 && g.sends == 1);
	answer_a(&g, 1, 60);
	ck_found(&g, 1, 1);
	tear_down(&g);
}
END_TEST

static void by_tcp(struct rig *g, struct reply *p, size_t piece)
{
	struct slice m = done(p), all;

	p->room[0] = (char)(m.n >> 8);
	p->room[1] = (char)m.n;
	all = slice_of(p->room, m.n + 2);
	for (size_t i = 0; i < all.n; i += piece)
		dns_resolver_on_stream(g->r, g->last.socket,
				       slice_head(slice_skip(all, i), piece),
				       g->now);
	drain(g);
}

/* Who guesses has eight goes; a wrong spelling or a broken message shows that
 * somebody knows more than he should, or that the server is a poor one. */
START_TEST(guesses_turn_it_to_tcp)
{
	struct reply p;
	struct rig g;

	set_up(&g, 1);
	ask(&g, "example.com", DNS_A);
	for (int i = 0; i < 8; i++) {
		ck_assert(g.last.kind == DNS_OUT_UDP);
		begin(&g, &p, 0);
		put_addr(&p, "example.com", 60, 66);
		p.room[3] ^= 1;
		deliver(&g, &p);
	}
	ck_assert(g.sends == 2 && g.last.kind == DNS_OUT_TCP && g.closes == 1);
	begin(&g, &p, 0);
	put_addr(&p, "example.com", 60, 1);
	by_tcp(&g, &p, 1);
	ck_found(&g, 1, 1);
	ask(&g, "a.example", DNS_A);
	begin(&g, &p, 0);
	put_addr(&p, "a.example", 60, 66);
	p.room[2 + 13] ^= 0x20;
	deliver(&g, &p);
	ck_assert(g.last.kind == DNS_OUT_TCP);
	begin(&g, &p, 0);
	put_addr(&p, "a.example", 60, 2);
	by_tcp(&g, &p, 1000);
	ck_found(&g, 2, 2);
	ask(&g, "b.example", DNS_A);
	begin(&g, &p, 0);
	p.room[2 + 7] = 1; /* a record is missing */
	dns_resolver_on_datagram(g.r, g.last.socket, &g.last.to,
				 slice_head(done(&p), 20), g.now);
	drain(&g);
	ck_assert(g.last.kind == DNS_OUT_TCP);
	tear_down(&g);
}
END_TEST

START_TEST(what_is_truncated_comes_by_tcp)
{
	struct reply p;
	struct rig g;

	for (size_t piece = 1; piece < 4; piece++) {
		set_up(&g, 1);
		ask(&g, "example.com", DNS_A);
		begin(&g, &p, DNS_TC);
		deliver(&g, &p);
		ck_assert(g.sends == 2 && g.last.kind == DNS_OUT_TCP);
		begin(&g, &p, 0);
		put_addr(&p, "example.com", 60, 3);
		by_tcp(&g, &p, piece);
		ck_found(&g, 1, 3);
		ck_assert_uint_eq(g.closes, 2);
		tear_down(&g);
	}
}
END_TEST

START_TEST(tcp_that_is_refused_or_talks_nonsense_is_a_failed_try)
{
	struct reply p;
	struct rig g;

	set_up(&g, 2);
	ask(&g, "example.com", DNS_A);
	begin(&g, &p, DNS_TC);
	deliver(&g, &p);
	dns_resolver_on_error(g.r, g.last.socket, g.now);
	drain(&g);
	ck_assert(g.last.kind == DNS_OUT_UDP);
	ck_assert(addr_same(&g.last.to, &g.conf.server[1]));
	begin(&g, &p, DNS_TC);
	deliver(&g, &p);
	dns_resolver_on_stream(g.r, g.last.socket, S("\0\x02zz"), g.now);
	drain(&g);
	ck_assert(g.last.kind == DNS_OUT_UDP && g.answers == 0);
	tear_down(&g);
}
END_TEST

START_TEST(silent_servers_are_tried_in_turn_and_then_given_up)
{
	/* 2 s each, then 4 s each: 1.8 to 2.2, 3.6 to 4.4 */
	static const mono least[] = { MS(1800), MS(1800), MS(3600), MS(3600) };
	struct rig g;

	set_up(&g, 2);
	ask(&g, "example.com", DNS_A);
	for (unsigned i = 0; i < 4; i++) {
		mono d = dns_resolver_deadline(g.r) - g.now;

		ck_assert_uint_eq(g.sends, i + 1);
		ck_assert_uint_eq(g.last.to.ip[3], 1 + i % 2);
		ck_assert(d >= least[i] && d <= least[i] / 9 * 11);
		at(&g, g.now + d - 1);
		ck_assert_uint_eq(g.sends, i + 1);
		at(&g, g.now + 1);
	}
	ck_told(&g, 1, DNS_TIMED_OUT);
	ck_assert(g.sends == 4 && g.closes == 4);
	tear_down(&g);
}
END_TEST

START_TEST(a_server_that_was_silent_comes_last_for_half_a_minute)
{
	struct rig g;

	set_up(&g, 2);
	ask(&g, "a.example", DNS_A);
	at(&g, SEC(3));
	ck_assert_uint_eq(g.last.to.ip[3], 2);
	answer_a(&g, 1, 60);
	ask(&g, "b.example", DNS_A);
	ck_assert_uint_eq(g.last.to.ip[3], 2);
	answer_a(&g, 1, 60);
	g.now = SEC(3) + SEC(30);
	ask(&g, "c.example", DNS_A);
	ck_assert_uint_eq(g.last.to.ip[3], 1);
	dns_resolver_on_error(g.r, g.last.socket, g.now); /* ICMP */
	drain(&g);
	ck_assert_uint_eq(g.last.to.ip[3], 2);
	tear_down(&g);
}
END_TEST

START_TEST(servers_that_cannot_tell_are_left_for_the_next)
{
	static const unsigned code[] = { DNS_SERVFAIL, DNS_REFUSED,
					 DNS_NOTIMP, 9 };
	struct dns_name zone = of("org");
	struct reply p;
	struct rig g;

	for (unsigned i = 0; i <= COUNT(code); i++) {
		set_up(&g, 2);
		ask(&g, "example.com", DNS_A);
		begin(&g, &p, i < COUNT(code) ? code[i] : 0);
		if (i == COUNT(code)) { /* a referral: lame */
			dns_write_rr(&p.d, DNS_AUTHORITY, &zone, DNS_NS,
				     DNS_IN, 60);
			dns_write_name(&p.d, &zone, true);
			dns_write_rr_end(&p.d);
			p.room[2 + 3] &= 0x7F; /* no RA */
		} else {
			dns_write_opt(&p.d, 512);
		}
		deliver(&g, &p);
		ck_assert_uint_eq(g.last.to.ip[3], 2);
		for (int k = 0; k < 3; k++) {
			begin(&g, &p, DNS_SERVFAIL);
			deliver(&g, &p);
		}
		ck_told(&g, 1, DNS_FAILED);
		tear_down(&g);
	}
}
END_TEST

/* RFC 6891 6.2.2 */
START_TEST(a_server_without_edns_is_asked_without)
{
	struct reply p;
	struct rig g;

	set_up(&g, 1);
	ask(&g, "example.com", DNS_A);
	ck_assert_uint_eq(g.query.udp_size, 1232);
	dns_write_begin(&p.d, p.room + 2, 100, g.query.id,
			DNS_QR | DNS_FORMERR); /* without a question */
	deliver(&g, &p);
	ck_assert(g.sends == 2 && g.query.udp_size == 0);
	answer_a(&g, 1, 60);
	ck_found(&g, 1, 1);
	ask(&g, "b.example", DNS_A);
	ck_assert_uint_eq(g.query.udp_size, 0); /* and stays so */
	tear_down(&g);
}
END_TEST

START_TEST(aliases_are_followed_in_a_reply_and_beyond)
{
	struct dns_walk w = { 0 };
	char text[DNS_NAME_TEXT];
	struct dns_rr rr;
	struct reply p;
	struct rig g;

	set_up(&g, 1);
	ask(&g, "a.example", DNS_A);
	begin(&g, &p, 0);
	put_addr(&p, "evil.example", 600, 66); /* nobody's */
	put_addr(&p, "c.other", 50, 3);
	put_alias(&p, DNS_CNAME, "b.example", "c.other", 40);
	put_alias(&p, DNS_CNAME, "a.example", "b.example", 60);
	deliver(&g, &p);
	ck_found(&g, 1, 3);
	ck_assert_uint_eq(g.answer.answer.ttl, 40); /* the least */
	ck_assert_uint_eq(g.records.count[DNS_ANSWER], 1);
	ck_assert(dns_rr_next(&g.records, DNS_ANSWER, &w, &rr));
	ck_assert_str_eq(dns_name_text(&rr.name, text), "c.other");
	/* the records are elsewhere: it is asked for them */
	ask(&g, "d.example", DNS_A);
	begin(&g, &p, 0);
	put_alias(&p, DNS_CNAME, "d.example", "x.other", 30);
	deliver(&g, &p);
	ck_assert_uint_eq(g.sends, 3);
	answer_a(&g, 4, 60);
	ck_found(&g, 2, 4);
	ck_assert_uint_eq(g.answer.answer.ttl, 30);
	/* RFC 6672: DNAME alone, the CNAME is not needed */
	ask(&g, "h.old.example", DNS_A);
	begin(&g, &p, 0);
	put_alias(&p, DNS_DNAME, "old.example", "new.example", 30);
	put_addr(&p, "h.new.example", 60, 5);
	deliver(&g, &p);
	ck_found(&g, 3, 5);
	tear_down(&g);
}
END_TEST

START_TEST(aliases_that_lead_around_are_given_up)
{
	struct reply p;
	struct rig g;

	set_up(&g, 1);
	ask(&g, "a.example", DNS_A);
	begin(&g, &p, 0);
	put_alias(&p, DNS_CNAME, "a.example", "b.example", 60);
	put_alias(&p, DNS_CNAME, "b.example", "a.example", 60);
	deliver(&g, &p);
	ck_told(&g, 1, DNS_CHAIN);
	/* one a reply: LIMIT_DNS_CHAIN replies, and no more */
	ask(&g, "n.example", DNS_A);
	for (unsigned i = 0; i < 8; i++) {
		char from[DNS_NAME_TEXT] = "n.example", to[32];
		struct dns_walk w = { 0 };
		struct dns_question q;
		struct writer x = writer_begin(to, sizeof(to) - 1);

		ck_assert_uint_eq(g.answers, 1);
		ck_assert(dns_question_next(&g.query, &w, &q));
		writer_char(&x, 'm');
		writer_u64(&x, i);
		to[x.n] = '\0';
		begin(&g, &p, 0);
		put_alias(&p, DNS_CNAME, dns_name_text(&q.name, from), to, 60);
		deliver(&g, &p);
	}
	answer_a(&g, 8, 60); /* behind eight links */
	ck_found(&g, 2, 8);
	tear_down(&g);
}
END_TEST

/* RFC 2308 5: the lesser of the SOA's TTL and its minimum. */
START_TEST(what_is_not_there_is_kept_as_the_soa_says)
{
	struct reply p;
	struct rig g;

	set_up(&g, 1);
	ask(&g, "no.example", DNS_A);
	begin(&g, &p, DNS_NXDOMAIN);
	put_soa(&p, "example", 100, 30);
	deliver(&g, &p);
	ck_told(&g, 1, DNS_NO_NAME);
	g.now = SEC(29);
	ask(&g, "no.example", DNS_SRV); /* no name: of no type */
	ck_told(&g, 2, DNS_NO_NAME);
	ck_assert(g.answer.answer.cached && g.sends == 1);
	g.now = SEC(30);
	ask(&g, "no.example", DNS_A);
	ck_assert_uint_eq(g.sends, 2);
	begin(&g, &p, 0);
	put_soa(&p, "example", 10, 30);
	deliver(&g, &p);
	ck_told(&g, 3, DNS_NODATA);
	g.now = SEC(39);
	ask(&g, "no.example", DNS_A);
	ck_assert(g.answers == 4 && g.sends == 2);
	ask(&g, "no.example", DNS_AAAA); /* another type is another matter */
	ck_assert_uint_eq(g.sends, 3);
	/* without a SOA of a zone above it nothing is kept */
	begin(&g, &p, DNS_NXDOMAIN);
	put_soa(&p, "other", 100, 100);
	deliver(&g, &p);
	ck_told(&g, 5, DNS_NO_NAME);
	ask(&g, "no.example", DNS_AAAA);
	ck_assert_uint_eq(g.sends, 4);
	tear_down(&g);
}
END_TEST

START_TEST(equal_questions_are_one_query)
{
	struct rig g;
	uint32_t one, two;

	set_up(&g, 1);
	one = ask(&g, "example.com", DNS_A);
	two = ask(&g, "Example.com", DNS_A);
	ask(&g, "example.com", DNS_AAAA);
	ck_assert(g.sends == 2 && one != two);
	dns_resolver_cancel(g.r, one);
	drain(&g);
	ck_assert_uint_eq(g.closes, 0);
	dns_resolver_cancel(g.r, two);
	dns_resolver_cancel(g.r, two);
	drain(&g);
	ck_assert(g.closes == 1 && g.answers == 0);
	tear_down(&g);
}
END_TEST

START_TEST(the_search_list_is_gone_through)
{
	struct reply p;
	struct rig g;

	set_up(&g, 1);
	g.conf.search[g.conf.searches++] = of("corp.example");
	g.conf.search[g.conf.searches++] = of("example");
	dns_resolver_configure(g.r, &g.conf, g.now);
	static const char *const few[] = { "desk.corp.example",
					   "desk.example", "desk" };
	static const char *const many[] = { "a.desk", "a.desk.corp.example",
					    "a.desk.example" };
	for (unsigned k = 0; k < 2; k++) {
		ask(&g, k ? "a.desk" : "desk", DNS_A);
		for (unsigned i = 0; i < 3; i++) {
			struct dns_name n = of((k ? many : few)[i]);
			struct dns_walk w = { 0 };
			struct dns_question q;

			ck_assert(dns_question_next(&g.query, &w, &q));
			ck_assert(dns_name_same(&q.name, &n));
			ck_assert_uint_eq(g.answers, k);
			begin(&g, &p, DNS_NXDOMAIN);
			deliver(&g, &p);
		}
		ck_told(&g, k + 1, DNS_NO_NAME);
	}
	ask(&g, "x", DNS_A);
	answer_a(&g, 9, 60);
	ck_found(&g, 3, 9);
	tear_down(&g);
}
END_TEST

START_TEST(other_servers_are_asked_anew)
{
	struct rig g;

	set_up(&g, 1);
	ask(&g, "a.example", DNS_A);
	answer_a(&g, 1, 600);
	ask(&g, "b.example", DNS_A);
	g.conf.server[0] = addr_v4(203, 0, 113, 1, 53);
	dns_resolver_configure(g.r, &g.conf, g.now);
	drain(&g);
	ck_assert(g.sends == 3 && g.last.to.ip[0] == 203);
	answer_a(&g, 2, 600);
	ck_found(&g, 2, 2);
	ask(&g, "a.example", DNS_A); /* forgotten */
	ck_assert_uint_eq(g.sends, 4);
	g.conf.servers = 0;
	dns_resolver_configure(g.r, &g.conf, g.now);
	drain(&g);
	ck_told(&g, 3, DNS_NO_SERVER);
	ask(&g, "c.example", DNS_A);
	ck_told(&g, 4, DNS_NO_SERVER);
	tear_down(&g);
}
END_TEST

START_TEST(questions_and_cache_have_their_limits)
{
	struct dns_name n = of("one.too.many");
	char name[] = "x0.example";
	struct rig g;
	uint32_t h = 0;

	set_up(&g, 1);
	for (unsigned i = 0; i < 8; i++) {
		name[1] = (char)('0' + i);
		h = ask(&g, name, DNS_A);
	}
	ck_assert_int_eq(dns_resolver_ask(g.r, &n, DNS_A, false, 0, g.now, &h),
			 -ENOBUFS);
	tear_down(&g);
	/* 8 kB of cache: an entry of about 350 octets; a hundred go through */
	set_up(&g, 1);
	for (unsigned i = 0; i < 100; i++) {
		name[1] = (char)('a' + i % 26);
		name[0] = (char)('a' + i / 26);
		ask(&g, name, DNS_A);
		answer_a(&g, 1, 600);
	}
	ck_assert_uint_lt(g.mem.used, 8192 + 4096);
	ask(&g, name, DNS_A); /* the last is there */
	ck_assert_uint_eq(g.sends, 100);
	ask(&g, "aa.example", DNS_A); /* the first is not */
	ck_assert_uint_eq(g.sends, 101);
	tear_down(&g);
}
END_TEST

START_TEST(rotation_begins_with_any_server)
{
	unsigned first[3] = { 0 };
	struct rig g;

	set_up(&g, 3);
	g.conf.rotate = true;
	dns_resolver_configure(g.r, &g.conf, g.now);
	for (unsigned i = 0; i < 300; i++) {
		uint32_t h = ask(&g, "example.com", DNS_A);

		first[g.last.to.ip[3] - 1]++;
		dns_resolver_cancel(g.r, h);
		drain(&g);
	}
	for (unsigned i = 0; i < 3; i++) /* 100 +- 6 * 8.2 */
		ck_assert(first[i] > 51 && first[i] < 149);
	tear_down(&g);
}
END_TEST

/* The n-th allocation fails: an answer or an error comes, and nothing leaks. */
START_TEST(memory_may_run_out_anywhere)
{
	bool through = false;

	for (uint64_t k = 1; !through; k++) {
		struct limits l = limits_default;
		struct dns_name n = of("example.com");
		uint32_t h = 0;
		struct rig g;

		memset(&g, 0, sizeof(g));
		mem_init(&g.mem, 0);
		g.mem.fail_at = k;
		(void)dns_conf_parse(S("nameserver 192.0.2.1"), &g.conf);
		g.r = dns_resolver_new(&g.mem, &g.conf, &l, seed);
		if (!g.r) {
			ck_assert_uint_eq(g.mem.blocks, 0);
			continue;
		}
		if (dns_resolver_ask(g.r, &n, DNS_A, false, 1, 0, &h) == 0) {
			drain(&g);
			if (!g.answers)
				answer_a(&g, 1, 60);
			ck_assert_uint_eq(g.answers, 1);
			ck_assert(g.answer.answer.status == DNS_FOUND ||
				  g.answer.answer.status == DNS_NO_MEMORY);
		}
		through = g.mem.calls < k;
		tear_down(&g);
	}
}
END_TEST

SUITE(dns_resolver, an_answer_is_told_and_kept_while_its_ttl_lasts,
      ids_spellings_and_sockets_are_drawn_anew,
      what_is_no_answer_to_the_question_is_ignored, guesses_turn_it_to_tcp,
      what_is_truncated_comes_by_tcp,
      tcp_that_is_refused_or_talks_nonsense_is_a_failed_try,
      silent_servers_are_tried_in_turn_and_then_given_up,
      a_server_that_was_silent_comes_last_for_half_a_minute,
      servers_that_cannot_tell_are_left_for_the_next,
      a_server_without_edns_is_asked_without,
      aliases_are_followed_in_a_reply_and_beyond,
      aliases_that_lead_around_are_given_up,
      what_is_not_there_is_kept_as_the_soa_says,
      equal_questions_are_one_query, the_search_list_is_gone_through,
      other_servers_are_asked_anew, questions_and_cache_have_their_limits,
      rotation_begins_with_any_server, memory_may_run_out_anywhere);
