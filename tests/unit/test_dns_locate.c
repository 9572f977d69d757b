/* SPDX-License-Identifier: BSD-2-Clause
 * RFC 3263 4, against a zone that the test answers from. */
#include "tests/unit/suites.h"

#include "dns/dns_locate.h"
#include "tests/dns/zone.h"
#include "tests/unit/expect.h"

static const char zone[] =
	"example.com 60 SOA ns.example.com hm.example.com 1 2 3 4 5\n"
	/* the example of RFC 3263 4.1, with two servers of one priority each */
	"example.com 60 NAPTR 50 50 s SIPS+D2T \"\" _sips._tcp.example.com\n"
	"example.com 60 NAPTR 90 50 s SIP+D2T \"\" _sip._tcp.example.com\n"
	"example.com 60 NAPTR 100 50 s SIP+D2U \"\" _sip._udp.example.com\n"
	"_sips._tcp.example.com 60 SRV 1 1 5061 s1.example.com\n"
	"_sip._tcp.example.com 60 SRV 0 1 5060 s1.example.com\n"
	"_sip._tcp.example.com 60 SRV 1 1 5070 s2.example.com\n"
	"_sip._udp.example.com 60 SRV 0 1 5060 s1.example.com\n"
	"s1.example.com 60 A 192.0.2.1\n"
	"s1.example.com 60 AAAA 2001:db8::1\n"
	"s2.example.com 60 A 192.0.2.2\n"
	/* no NAPTR */
	"_sip._udp.srv.example.com 60 SRV 0 0 5080 s2.example.com\n"
	"_sip._tcp.srv.example.com 60 SRV 0 0 5081 s2.example.com\n"
	"_sips._tcp.srv.example.com 60 SRV 0 0 5082 s2.example.com\n"
	/* nothing but addresses */
	"bare.example.com 60 A 192.0.2.3\n"
	"bare.example.com 60 A 192.0.2.4\n"
	"bare.example.com 60 AAAA 2001:db8::3\n"
	"bare.example.com 60 AAAA 2001:db8::4\n"
	"bare.example.com 60 AAAA 2001:db8::5\n"
	/* decidedly not there: RFC 2782 */
	"_sip._udp.nosip.example.com 60 SRV 0 0 0 .\n"
	"_sip._tcp.nosip.example.com 60 SRV 0 0 0 .\n"
	"nosip.example.com 60 A 192.0.2.9\n"
	/* services that are none of ours, order before preference, case */
	"mixed.example.com 60 NAPTR 5 0 s X-NEW+D2T \"\" _x._tcp.example.com\n"
	"mixed.example.com 60 NAPTR 20 1 s SIP+D2T \"\" "
	"_sip._tcp.example.com\n"
	"mixed.example.com 60 NAPTR 10 90 S sip+d2u \"\" "
	"_sip._udp.example.com\n"
	"mixed.example.com 60 NAPTR 10 10 u SIP+D2U \"!^.*$!sip:x@y!\" .\n"
	/* to an address at once; by another one; around */
	"aflag.example.com 60 NAPTR 1 1 a SIP+D2U \"\" s1.example.com\n"
	"chain.example.com 60 NAPTR 1 1 \"\" \"\" \"\" aflag.example.com\n"
	"loop.example.com 60 NAPTR 1 1 \"\" \"\" \"\" loop2.example.com\n"
	"loop2.example.com 60 NAPTR 1 1 \"\" \"\" \"\" loop.example.com\n"
	"loop.example.com 60 A 192.0.2.7\n"
	/* at SRV that are not there: then the name itself, by that transport */
	"dangling.example.com 60 NAPTR 1 1 s SIP+D2T \"\" "
	"_sip._tcp.no.example.com\n"
	"dangling.example.com 60 A 192.0.2.8\n"
	"txt.example.com 60 TXT none\n"
	"alias.example.com 60 CNAME bare.example.com\n"
	/* others */
	"_stun._udp.example.com 60 SRV 0 0 3479 s2.example.com\n"
	"_ws.example.com 60 TXT x\n"
	"web.example.com 60 NAPTR 1 1 s SIPS+D2W \"\" _sips._ws.example.com\n"
	"_sips._ws.example.com 60 SRV 0 0 443 s2.example.com\n";

static const uint8_t seed[32] = { 1 };

struct rig {
	struct mem mem;
	struct dns_resolver *r;
	struct dns_locate *l;
	mono now;
	unsigned asked;
	unsigned mute; /* a type whose queries are lost */
	char text[1024];
};

static void drain(struct rig *g)
{
	char room[4096];
	struct dns_out o;
	struct dns_walk w;
	struct dns_question q;
	struct dns_msg m;
	size_t n;

	while (dns_resolver_poll(g->r, &o)) {
		if (o.kind == DNS_OUT_ANSWER && g->l)
			dns_locate_on_answer(g->l, o.handle, &o.answer, g->now);
		if (o.kind != DNS_OUT_UDP)
			continue;
		g->asked++;
		w = (struct dns_walk){ 0 };
		ck_assert_int_eq(dns_msg_parse(o.bytes, &m, NULL), 0);
		ck_assert(dns_question_next(&m, &w, &q));
		if (q.type == g->mute || g->mute == DNS_ANY)
			continue;
		n = zone_answer(slice_str(zone), o.bytes, 0, room,
				sizeof(room));
		g->now += MS(1);
		dns_resolver_on_datagram(g->r, o.socket, &o.to,
					 slice_of(room, n), g->now);
	}
}

static void set_up(struct rig *g)
{
	struct dns_conf conf;

	memset(g, 0, sizeof(*g));
	mem_init(&g->mem, 0);
	(void)dns_conf_parse(S("nameserver 192.0.2.53"), &conf);
	g->r = dns_resolver_new(&g->mem, &conf, &limits_default, seed);
	ck_assert_ptr_nonnull(g->r);
}

static void tear_down(struct rig *g)
{
	dns_locate_free(g->l);
	g->l = NULL;
	drain(g);
	dns_resolver_free(g->r);
	ck_assert_uint_eq(g->mem.blocks, 0);
}

static void wait_for(struct rig *g)
{
	enum dns_status s;

	drain(g);
	while (!dns_locate_over(g->l, &s)) {
		mono d = mono_min(dns_locate_deadline(g->l),
				  dns_resolver_deadline(g->r));

		ck_assert(d != MONO_NEVER);
		g->now = d > g->now ? d : g->now;
		dns_resolver_on_time(g->r, g->now);
		dns_locate_on_time(g->l, g->now);
		drain(g);
	}
}

/* "udp 192.0.2.1:5060, tcp ..." or the status in words. */
static const char *result(struct rig *g)
{
	static const char *const name[] = { "-", "udp", "tcp", "tls", "ws",
					    "wss" };
	struct writer w = writer_begin(g->text, sizeof(g->text) - 1);
	const struct dns_hop *h;
	enum dns_status s;
	size_t n;

	ck_assert(dns_locate_over(g->l, &s));
	n = dns_locate_hops(g->l, &h);
	ck_assert_int_eq(n != 0, s == DNS_FOUND);
	if (s != DNS_FOUND)
		writer_str(&w, dns_status_text(s));
	for (size_t i = 0; i < n; i++) {
		writer_str(&w, i ? ", " : "");
		writer_str(&w, name[h[i].service->transport]);
		writer_char(&w, ' ');
		addr_write(&w, &h[i].addr);
	}
	g->text[w.n] = '\0';
	return g->text;
}

static const enum dns_transport all[] = { DNS_UDP, DNS_TCP, DNS_TLS };

static struct dns_target target(const char *host, uint16_t port,
				enum dns_transport t, bool secure,
				const enum dns_transport *use, size_t n)
{
	struct dns_target to = { .host = slice_str(host), .port = port };
	struct addr a;
	struct dns_sip_wish w = { t, secure, port ||
		addr_parse_ip(slice_str(host), &a) == 0 || host[0] == '[',
		use, n };

	ck_assert_int_eq(dns_sip_choose(&w, &to.choice), 0);
	return to;
}

static void locate(struct rig *g, const struct dns_target *t)
{
	dns_locate_free(g->l);
	g->l = dns_locate_new(&g->mem, g->r, t, 0, seed, g->now);
	ck_assert_ptr_nonnull(g->l);
	wait_for(g);
}

static const struct {
	const char *host;
	uint16_t port;
	enum dns_transport transport;
	bool secure;
	const char *hops;
} row[] = {
	/* numeric: UDP and 5060, TLS and 5061 (4.1, 4.2) */
	{ "192.0.2.77", 0, 0, false, "udp 192.0.2.77:5060" },
	{ "192.0.2.77", 0, 0, true, "tls 192.0.2.77:5061" },
	{ "192.0.2.77", 5080, DNS_TCP, false, "tcp 192.0.2.77:5080" },
	{ "[2001:db8::7]", 0, 0, false, "udp [2001:db8::7]:5060" },
	/* a port: no NAPTR, no SRV */
	{ "example.com", 5062, 0, false, "no such records" },
	{ "s2.example.com", 5062, 0, false, "udp 192.0.2.2:5062" },
	{ "s2.example.com", 5062, 0, true, "tls 192.0.2.2:5062" },
	{ "s2.example.com", 5062, DNS_TCP, true, "tls 192.0.2.2:5062" },
	/* NAPTR */
	{ "example.com", 0, 0, false, "tls [2001:db8::1]:5061, "
	  "tls 192.0.2.1:5061, tcp [2001:db8::1]:5060, tcp 192.0.2.1:5060, "
	  "tcp 192.0.2.2:5070, udp [2001:db8::1]:5060, udp 192.0.2.1:5060" },
	{ "example.com", 0, 0, true, "tls [2001:db8::1]:5061, "
	  "tls 192.0.2.1:5061" },
	{ "mixed.example.com", 0, 0, false, "udp [2001:db8::1]:5060, "
	  "udp 192.0.2.1:5060, tcp [2001:db8::1]:5060, tcp 192.0.2.1:5060, "
	  "tcp 192.0.2.2:5070" },
	{ "aflag.example.com", 0, 0, false, "udp [2001:db8::1]:5060, "
	  "udp 192.0.2.1:5060" },
	{ "chain.example.com", 0, 0, false, "udp [2001:db8::1]:5060, "
	  "udp 192.0.2.1:5060" },
	{ "loop.example.com", 0, 0, false, "udp 192.0.2.7:5060" },
	{ "dangling.example.com", 0, 0, false, "tcp 192.0.2.8:5060" },
	/* a transport: SRV at once */
	{ "example.com", 0, DNS_TCP, false, "tcp [2001:db8::1]:5060, "
	  "tcp 192.0.2.1:5060, tcp 192.0.2.2:5070" },
	{ "example.com", 0, DNS_TCP, true, "tls [2001:db8::1]:5061, "
	  "tls 192.0.2.1:5061" },
	{ "bare.example.com", 0, DNS_TLS, false, "tls [2001:db8::3]:5061, "
	  "tls 192.0.2.3:5061, tls [2001:db8::4]:5061, tls 192.0.2.4:5061, "
	  "tls [2001:db8::5]:5061" },
	/* SRV without NAPTR: in our order, and sip asks for _sip alone */
	{ "srv.example.com", 0, 0, false, "udp 192.0.2.2:5080, "
	  "tcp 192.0.2.2:5081" },
	{ "srv.example.com", 0, 0, true, "tls 192.0.2.2:5082" },
	/* neither: UDP, or TLS */
	{ "bare.example.com", 0, 0, false, "udp [2001:db8::3]:5060, "
	  "udp 192.0.2.3:5060, udp [2001:db8::4]:5060, udp 192.0.2.4:5060, "
	  "udp [2001:db8::5]:5060" },
	{ "alias.example.com", 5060, DNS_TCP, false, "tcp [2001:db8::3]:5060, "
	  "tcp 192.0.2.3:5060, tcp [2001:db8::4]:5060, tcp 192.0.2.4:5060, "
	  "tcp [2001:db8::5]:5060" },
	{ "nosip.example.com", 0, 0, false,
	  "the domain has no such service" },
	{ "txt.example.com", 0, 0, false, "no such records" },
	{ "no.example.com", 0, 0, false, "no such name" },
	{ "other.org", 0, 0, false, "the name servers cannot tell" },
	{ "a..b", 0, 0, false, "no such name" },
};

START_TEST(hops_are_those_of_rfc3263)
{
	struct rig g;

	set_up(&g);
	for (size_t i = 0; i < COUNT(row); i++) {
		struct dns_target t = target(row[i].host, row[i].port,
					     row[i].transport, row[i].secure,
					     all, COUNT(all));

		locate(&g, &t);
		ck_assert_msg(strcmp(result(&g), row[i].hops) == 0,
			      "%zu %s: %s", i, row[i].host, g.text);
	}
	tear_down(&g);
}
END_TEST

static void ck_hops(struct rig *g, const struct dns_target *t,
		    const char *hops)
{
	locate(g, t);
	ck_assert_str_eq(result(g), hops);
}

START_TEST(transports_are_ours_and_in_our_order)
{
	static const enum dns_transport tcp_udp[] = { DNS_TCP, DNS_UDP },
					 tls[] = { DNS_TLS },
					 tcp[] = { DNS_TCP },
					 wss[] = { DNS_WSS, DNS_WS };
	struct dns_target t;
	struct rig g;

	set_up(&g);
	t = target("srv.example.com", 0, 0, false, tcp_udp, 2);
	ck_hops(&g, &t, "tcp 192.0.2.2:5081, udp 192.0.2.2:5080");
	/* NAPTR's order is the domain's: RFC 3263 4.1 */
	t = target("mixed.example.com", 0, 0, false, tcp_udp, 2);
	t.no_v6 = true;
	ck_hops(&g, &t, "udp 192.0.2.1:5060, tcp 192.0.2.1:5060, "
		"tcp 192.0.2.2:5070");
	/* TLS alone: sip: goes by it, too */
	t = target("srv.example.com", 0, 0, false, tls, 1);
	ck_hops(&g, &t, "tls 192.0.2.2:5082");
	t = target("192.0.2.7", 0, 0, false, tls, 1);
	ck_hops(&g, &t, "tls 192.0.2.7:5061");
	t = target("192.0.2.7", 0, 0, false, tcp, 1);
	ck_hops(&g, &t, "tcp 192.0.2.7:5060");
	t = target("web.example.com", 0, 0, true, wss, 2);
	ck_hops(&g, &t, "wss 192.0.2.2:443");
	tear_down(&g);
}
END_TEST

START_TEST(what_is_not_ours_is_refused)
{
	static const enum dns_transport udp[] = { DNS_UDP };
	struct dns_sip_wish w = { DNS_TCP, false, false, udp, 1 };
	struct dns_choice c;

	ck_assert_int_eq(dns_sip_choose(&w, &c), -EPROTONOSUPPORT);
	w.transport = DNS_UDP;
	w.secure = true; /* sips over UDP: RFC 3261 26.2.2 */
	ck_assert_int_eq(dns_sip_choose(&w, &c), -EPROTONOSUPPORT);
	w.transport = DNS_NO_TRANSPORT;
	ck_assert_int_eq(dns_sip_choose(&w, &c), -EPROTONOSUPPORT);
	w.secure = false;
	ck_assert_int_eq(dns_sip_choose(&w, &c), 0);
}
END_TEST

START_TEST(families_are_as_the_caller_has_them)
{
	struct dns_target t = target("bare.example.com", 5060, 0, false, all,
				     COUNT(all));
	struct addr hosts[] = { addr_v4(10, 0, 0, 1, 0), { .family = 6,
				.ip = { [15] = 9 } } };
	struct rig g;

	set_up(&g);
	t.v4_first = true;
	ck_hops(&g, &t, "udp 192.0.2.3:5060, udp [2001:db8::3]:5060, "
		"udp 192.0.2.4:5060, udp [2001:db8::4]:5060, "
		"udp [2001:db8::5]:5060");
	t.no_v6 = true;
	g.asked = 0;
	ck_hops(&g, &t, "udp 192.0.2.3:5060, udp 192.0.2.4:5060");
	ck_assert_uint_eq(g.asked, 0); /* cached */
	t = target("[2001:db8::1]", 0, 0, false, all, COUNT(all));
	t.no_v6 = true;
	ck_hops(&g, &t, "no such records");
	/* of the hosts file: nobody is asked */
	t = target("desk", 0, 0, false, all, COUNT(all));
	t.hosts = hosts;
	t.n = 2;
	ck_hops(&g, &t, "udp [::9]:5060, udp 10.0.0.1:5060");
	t.v4_first = true;
	ck_hops(&g, &t, "udp 10.0.0.1:5060, udp [::9]:5060");
	ck_assert_uint_eq(g.asked, 0);
	tear_down(&g);
}
END_TEST

/* RFC 8305 3: A is there, AAAA is not answered: 300 ms, not 6 s. */
START_TEST(a_silent_family_is_not_waited_for)
{
	struct dns_target t = target("s1.example.com", 5060, 0, false, all,
				     COUNT(all));
	struct rig g;

	set_up(&g);
	g.mute = DNS_AAAA;
	ck_hops(&g, &t, "udp 192.0.2.1:5060");
	ck_assert_int_eq(g.now, MS(301)); /* 1 for the answer */
	tear_down(&g);
}
END_TEST

START_TEST(silence_is_told_as_such)
{
	struct dns_target t = target("example.com", 0, 0, false, all,
				     COUNT(all));
	struct rig g;

	set_up(&g);
	g.mute = DNS_ANY;
	ck_hops(&g, &t, "no name server answers");
	/* NAPTR and SRV, 2 and 4 s each, a tenth more at most */
	ck_assert(g.now > SEC(10) && g.now < MS(13200));
	g.mute = DNS_NAPTR; /* as some home routers have it */
	ck_hops(&g, &t, "udp [2001:db8::1]:5060, udp 192.0.2.1:5060, "
		"tcp [2001:db8::1]:5060, tcp 192.0.2.1:5060, "
		"tcp 192.0.2.2:5070");
	tear_down(&g);
}
END_TEST

START_TEST(other_services_are_found_by_srv)
{
	struct dns_target t = { .host = S("example.com"),
				.choice = dns_choose(dns_stun, 2) };
	struct rig g;

	set_up(&g);
	ck_hops(&g, &t, "udp 192.0.2.2:3479");
	t.host = S("s2.example.com");
	t.choice = dns_choose(dns_turns, 1);
	ck_hops(&g, &t, "tls 192.0.2.2:5349");
	tear_down(&g);
}
END_TEST

START_TEST(each_step_is_told)
{
	struct dns_target t = target("srv.example.com", 0, DNS_TCP, false, all,
				     COUNT(all));
	const struct dns_step *s;
	char text[DNS_NAME_TEXT];
	struct rig g;

	set_up(&g);
	locate(&g, &t);
	ck_assert_uint_eq(dns_locate_steps(g.l), 3);
	s = dns_locate_step(g.l, 0);
	ck_assert_str_eq(dns_name_text(&s->name, text),
			 "_sip._tcp.srv.example.com");
	ck_assert(s->type == DNS_SRV && s->over && s->began == 0 &&
		  s->took == MS(1) && s->answer.status == DNS_FOUND &&
		  s->answer.ttl == 60 && s->answer.bytes.n);
	s = dns_locate_step(g.l, 1);
	ck_assert(s->type == DNS_AAAA && s->answer.status == DNS_NODATA);
	tear_down(&g);
}
END_TEST

START_TEST(a_location_may_be_given_up)
{
	struct dns_target t = target("example.com", 0, 0, false, all,
				     COUNT(all));
	struct rig g;

	set_up(&g);
	g.l = dns_locate_new(&g.mem, g.r, &t, 0, seed, 0);
	dns_locate_free(g.l);
	g.l = NULL;
	drain(&g);
	ck_assert_uint_eq(g.asked, 0);
	ck_assert_int_eq(dns_resolver_deadline(g.r), MONO_NEVER);
	tear_down(&g);
}
END_TEST

START_TEST(memory_may_run_out_anywhere)
{
	struct dns_target t = target("example.com", 0, 0, false, all,
				     COUNT(all));
	bool through = false;

	for (uint64_t k = 1; !through; k++) {
		enum dns_status s;
		struct rig g;

		set_up(&g);
		g.mem.fail_at = g.mem.calls + k;
		g.l = dns_locate_new(&g.mem, g.r, &t, 0, seed, 0);
		if (g.l) {
			wait_for(&g);
			ck_assert(dns_locate_over(g.l, &s));
			ck_assert(s == DNS_FOUND || s == DNS_NO_MEMORY);
		}
		through = g.mem.calls < g.mem.fail_at;
		tear_down(&g);
	}
}
END_TEST

SUITE(dns_locate, hops_are_those_of_rfc3263,
      transports_are_ours_and_in_our_order, what_is_not_ours_is_refused,
      families_are_as_the_caller_has_them, a_silent_family_is_not_waited_for,
      silence_is_told_as_such, other_services_are_found_by_srv,
      each_step_is_told, a_location_may_be_given_up,
      memory_may_run_out_anywhere);
