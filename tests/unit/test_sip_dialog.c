/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/suites.h"

#include <stdio.h>

#include "sip/usage/sip_dialog.h"

static struct sip_msg msg_of(const char *text)
{
	struct sip_msg m;
	struct parse_error e = { 0 };

	ck_assert_msg(sip_msg_parse(slice_str(text), &m, &e) == 0, "%s",
		      e.reason);
	return m;
}

/* RFC 3261 section 24.2 (F1 as received by Bob, F11), shortened: the INVITE
 * went through two loose routers that stay in the way. */
static const char invite[] =
	"INVITE sip:bob@192.0.2.4 SIP/2.0\r\n"
	"Via: SIP/2.0/UDP server10.biloxi.com;branch=z9hG4bK4b43c2ff8.1\r\n"
	"Record-Route: <sip:p2.biloxi.com;lr>, <sip:p1.atlanta.com;lr;x=1>\r\n"
	"To: Bob <sip:bob@biloxi.com>\r\n"
	"From: Alice <sip:alice@atlanta.com>;tag=1928301774\r\n"
	"Call-ID: a84b4c76e66710\r\n"
	"CSeq: 314159 INVITE\r\n"
	"Contact: <sip:alice@pc33.atlanta.com>\r\n"
	"Content-Length: 0\r\n\r\n";

static const char ok[] =
	"SIP/2.0 200 OK\r\n"
	"Via: SIP/2.0/UDP pc33.atlanta.com;branch=z9hG4bKnashds8\r\n"
	"Record-Route: <sip:p2.biloxi.com;lr>\r\n"
	"Record-Route: <sip:p1.atlanta.com;lr;x=1>\r\n"
	"To: Bob <sip:bob@biloxi.com>;tag=a6c85cf\r\n"
	"From: Alice <sip:alice@atlanta.com>;tag=1928301774\r\n"
	"Call-ID: a84b4c76e66710\r\n"
	"CSeq: 314159 INVITE\r\n"
	"Contact: <sip:bob@192.0.2.4>\r\n"
	"Content-Length: 0\r\n\r\n";

static struct sip_dialog_base base_of(const char *routes)
{
	return (struct sip_dialog_base){
		.call_id = S("a84b4c76e66710"),
		.local_tag = S("1928301774"),
		.local = S("Alice <sip:alice@atlanta.com>"),
		.remote = S("Bob <sip:bob@biloxi.com>"),
		.target = S("sip:bob@biloxi.com"),
		.contact = S("<sip:alice@pc33.atlanta.com>"),
		.routes = slice_str(routes),
		.seq = 314158,
	};
}

static void ck_text(struct sip_dialog *d, const char *method,
		    const char *expect)
{
	char room[SIP_DIALOG_ROOM], text[2048];
	struct writer w = writer_begin(room, sizeof(room));
	struct writer o = writer_begin(text, sizeof(text));
	struct sip_msg m;

	ck_assert_int_eq(sip_dialog_request(d, slice_str(method), &w, &m), 0);
	sip_msg_write(&o, &m);
	ck_slice_eq(writer_done(&o), expect);
}

START_TEST(uas_takes_the_route_set_in_order)
{
	struct mem mem;
	struct sip_dialog d = { 0 };
	struct sip_msg m = msg_of(invite);
	struct parse_error e;

	mem_init(&mem, 0);
	ck_assert_int_eq(sip_dialog_init_uas(&d, &mem, &m, S("a6c85cf"),
					     S("<sip:bob@192.0.2.4>"), 7,
					     false, &e), 0);
	ck_assert(!d.secure && !d.confirmed);
	ck_assert(sip_dialog_is(&d, S("a84b4c76e66710"), S("a6c85cf"),
				S("1928301774")));
	ck_assert(!sip_dialog_is(&d, S("a84b4c76e66710"), S("1928301774"),
				 S("a6c85cf")));
	ck_text(&d, "BYE",
		"BYE sip:alice@pc33.atlanta.com SIP/2.0\r\n"
		"Route: <sip:p2.biloxi.com;lr>,<sip:p1.atlanta.com;lr;x=1>\r\n"
		"Max-Forwards: 70\r\n"
		"From: Bob <sip:bob@biloxi.com>;tag=a6c85cf\r\n"
		"To: Alice <sip:alice@atlanta.com>;tag=1928301774\r\n"
		"Call-ID: a84b4c76e66710\r\n"
		"CSeq: 8 BYE\r\n"
		"Content-Length: 0\r\n\r\n");
	sip_dialog_fini(&d);
	ck_assert_uint_eq(mem.blocks, 0);
}
END_TEST

START_TEST(uac_takes_the_route_set_in_reverse)
{
	struct mem mem;
	struct sip_dialog b = { 0 }, d = { 0 };
	struct sip_dialog_base base = base_of("<sip:out.atlanta.com;lr>");
	struct sip_msg m = msg_of(ok);
	struct parse_error e;

	mem_init(&mem, 0);
	ck_assert_int_eq(sip_dialog_init(&b, &mem, &base, &e), 0);
	ck_text(&b, "INVITE",
		"INVITE sip:bob@biloxi.com SIP/2.0\r\n"
		"Route: <sip:out.atlanta.com;lr>\r\n"
		"Max-Forwards: 70\r\n"
		"From: Alice <sip:alice@atlanta.com>;tag=1928301774\r\n"
		"To: Bob <sip:bob@biloxi.com>\r\n"
		"Call-ID: a84b4c76e66710\r\n"
		"CSeq: 314159 INVITE\r\n"
		"Contact: <sip:alice@pc33.atlanta.com>\r\n"
		"Content-Length: 0\r\n\r\n");
	ck_assert_int_eq(sip_dialog_init_uac(&d, &b, &m, true, &e), 0);
	ck_assert(d.confirmed && !d.secure);
	ck_slice_eq(sip_dialog_text(&d, SIP_DIALOG_TARGET),
		    "sip:bob@192.0.2.4");
	ck_text(&d, "BYE",
		"BYE sip:bob@192.0.2.4 SIP/2.0\r\n"
		"Route: <sip:p1.atlanta.com;lr;x=1>,<sip:p2.biloxi.com;lr>\r\n"
		"Max-Forwards: 70\r\n"
		"From: Alice <sip:alice@atlanta.com>;tag=1928301774\r\n"
		"To: Bob <sip:bob@biloxi.com>;tag=a6c85cf\r\n"
		"Call-ID: a84b4c76e66710\r\n"
		"CSeq: 314160 BYE\r\n"
		"Content-Length: 0\r\n\r\n");
	sip_dialog_fini(&b);
	sip_dialog_fini(&d);
	ck_assert_uint_eq(mem.blocks, 0);
}
END_TEST

/* RFC 3261 12.2.1.1's own example. */
START_TEST(strict_router_gets_the_target_at_the_end_of_route)
{
	struct mem mem;
	struct sip_dialog d = { 0 };
	struct sip_dialog_base base = base_of(
		"<sip:proxy1>,<sip:proxy2>,<sip:proxy3;lr>,<sip:proxy4>");
	struct parse_error e;

	mem_init(&mem, 0);
	base.target = S("sip:user@remoteua");
	ck_assert_int_eq(sip_dialog_init(&d, &mem, &base, &e), 0);
	ck_text(&d, "METHOD",
		"METHOD sip:proxy1 SIP/2.0\r\n"
		"Route: <sip:proxy2>,<sip:proxy3;lr>,<sip:proxy4>\r\n"
		"Route: <sip:user@remoteua>\r\n"
		"Max-Forwards: 70\r\n"
		"From: Alice <sip:alice@atlanta.com>;tag=1928301774\r\n"
		"To: Bob <sip:bob@biloxi.com>\r\n"
		"Call-ID: a84b4c76e66710\r\n"
		"CSeq: 314159 METHOD\r\n"
		"Content-Length: 0\r\n\r\n");
	sip_dialog_fini(&d);
}
END_TEST

/* 8.1.2: "the procedures ... are applied to the Request-URI" where the first
 * route is a strict router, to the first Route where it is a loose one: that is
 * the first route's URI, whatever it is, and the target where there is none. */
START_TEST(the_next_hop_is_the_first_route_strict_or_loose)
{
	static const char *const row[][3] = { /* routes, target, hop */
		{ "", "sip:u@ua", "sip:u@ua" },
		{ "", "sip:u@ua;lr", "sip:u@ua;lr" },
		{ "<sip:s1>", "sip:u@ua", "sip:s1" },
		{ "<sip:s1>", "sip:u@ua;lr", "sip:s1" },
		{ "<sip:s1;lrx=1>,<sip:l2;lr>", "sip:u@ua",
		  "sip:s1;lrx=1" },
		{ "\"P\" <sip:p@l1:5070;lr;maddr=m>;x,<sip:s2>", "sip:u@ua",
		  "sip:p@l1:5070;lr;maddr=m" },
		{ "<sip:s1>,<sip:s2>,<sip:l3;lr>", "sip:u@ua", "sip:s1" },
	};
	struct parse_error e;
	struct mem mem;

	mem_init(&mem, 0);
	for (size_t i = 0; i < COUNT(row); i++) {
		struct sip_dialog_base base = base_of(row[i][0]);
		struct sip_dialog d = { 0 };

		base.target = slice_str(row[i][1]);
		ck_assert_int_eq(sip_dialog_init(&d, &mem, &base, &e), 0);
		ck_slice_eq(sip_dialog_hop(&d), row[i][2]);
		sip_dialog_fini(&d);
	}
	ck_assert_uint_eq(mem.blocks, 0);
}
END_TEST

/* 19.1.6's example and others: what is of the URI stays in it (20.10). */
START_TEST(to_is_the_target_whole_where_none_is_given)
{
	static const char *const uri[] = {
		"sip:+358-555-1234567;postd=pp22@foo.com;user=phone",
		"sip:a,b@foo.com", "sip:what?@foo.com",
		"sip:bob@foo.com:5070;transport=tcp;x=1",
	};
	struct parse_error e;
	struct mem mem;

	mem_init(&mem, 0);
	for (size_t i = 0; i < COUNT(uri); i++) {
		struct sip_dialog_base base = base_of("");
		struct sip_dialog d = { 0 };
		char to[128];

		base.target = slice_str(uri[i]);
		base.remote = S("");
		snprintf(to, sizeof(to), "<%s>", uri[i]);
		ck_assert_int_eq(sip_dialog_init(&d, &mem, &base, &e), 0);
		ck_slice_eq(sip_dialog_text(&d, SIP_DIALOG_REMOTE), to);
		ck_slice_eq(sip_dialog_text(&d, SIP_DIALOG_TARGET), uri[i]);
		sip_dialog_fini(&d);
	}
	ck_assert_uint_eq(mem.blocks, 0);
}
END_TEST

/* 12.2.1.1 with 19.1.1, Table 1: method and headers are stripped. */
START_TEST(strict_routers_uri_loses_what_no_request_uri_may_have)
{
	static const struct { const char *route, *uri; } t[] = {
		{ "<sip:p1;method=BYE;a=b;c?x=y>", "sip:p1;a=b;c" },
		{ "<sip:u@p1:99;Method=BYE>", "sip:u@p1:99" },
		{ "<sip:p1;a=b?x=y>", "sip:p1;a=b" },
	};
	struct parse_error e;
	struct mem mem;

	mem_init(&mem, 0);
	for (size_t i = 0; i < COUNT(t); i++) {
		struct sip_dialog d = { 0 };
		struct sip_dialog_base base = base_of(t[i].route);
		char room[SIP_DIALOG_ROOM];
		struct writer w = writer_begin(room, sizeof(room));
		struct sip_msg m;

		ck_assert_int_eq(sip_dialog_init(&d, &mem, &base, &e), 0);
		ck_assert_int_eq(sip_dialog_request(&d, S("BYE"), &w, &m), 0);
		ck_slice_eq(m.uri, t[i].uri);
		sip_dialog_fini(&d);
	}
}
END_TEST

START_TEST(each_fork_is_its_own_dialog_and_a_2xx_is_final)
{
	struct mem mem;
	struct sip_dialog b = { 0 }, one = { 0 }, two = { 0 };
	struct sip_dialog_base base = base_of("");
	struct sip_msg m = msg_of(ok);
	struct sip_msg ringing = msg_of(
		"SIP/2.0 180 Ringing\r\n"
		"Record-Route: <sip:elsewhere;lr>\r\n"
		"To: <sip:bob@biloxi.com>;tag=zzz\r\n"
		"From: Alice <sip:alice@atlanta.com>;tag=1928301774\r\n"
		"Call-ID: a84b4c76e66710\r\nCSeq: 314159 INVITE\r\n"
		"Contact: <sips:bob@192.0.2.5>\r\n\r\n");
	struct parse_error e;

	mem_init(&mem, 0);
	ck_assert_int_eq(sip_dialog_init(&b, &mem, &base, &e), 0);
	ck_assert_int_eq(sip_dialog_init_uac(&one, &b, &ringing, false, &e),
			 0);
	ck_assert_int_eq(sip_dialog_init_uac(&two, &b, &m, false, &e), 0);
	ck_assert(!one.confirmed && two.confirmed);
	ck_slice_eq(sip_dialog_text(&one, SIP_DIALOG_ROUTES),
		    "<sip:elsewhere;lr>");
	ck_slice_eq(sip_dialog_text(&two, SIP_DIALOG_REMOTE_TAG), "a6c85cf");
	/* 13.2.2.4: the route set is computed again from the 2xx. */
	ck_assert_int_eq(sip_dialog_confirm(&one, &m), 0);
	ck_assert(one.confirmed);
	ck_slice_eq(sip_dialog_text(&one, SIP_DIALOG_REMOTE_TAG), "zzz");
	ck_slice_eq(sip_dialog_text(&one, SIP_DIALOG_ROUTES),
		    "<sip:p1.atlanta.com;lr;x=1>,<sip:p2.biloxi.com;lr>");
	sip_dialog_fini(&b);
	sip_dialog_fini(&one);
	sip_dialog_fini(&two);
	ck_assert_uint_eq(mem.blocks, 0);
}
END_TEST

START_TEST(target_refresh_changes_target_alone)
{
	struct mem mem;
	struct sip_dialog d = { 0 };
	struct sip_msg m = msg_of(invite);
	struct sip_msg again = msg_of(
		"INVITE sip:bob@192.0.2.4 SIP/2.0\r\n"
		"Record-Route: <sip:new;lr>\r\n"
		"Contact: Al <sip:alice@[2001:db8::9]:5070;transport=tcp>;x\r\n"
		"\r\n");
	struct sip_msg none = msg_of("INVITE sip:b@c SIP/2.0\r\n\r\n");
	struct sip_msg bad = msg_of("INVITE sip:b@c SIP/2.0\r\n"
				    "Contact: <tel:+15551212>\r\n\r\n");
	struct parse_error e;

	mem_init(&mem, 0);
	ck_assert_int_eq(sip_dialog_init_uas(&d, &mem, &m, S("a6c85cf"),
					     S("<sip:bob@192.0.2.4>"), 7,
					     false, &e), 0);
	ck_assert_int_eq(sip_dialog_refresh(&d, &again, &e), 0);
	ck_assert_int_eq(sip_dialog_refresh(&d, &none, &e), 0);
	ck_assert_int_eq(sip_dialog_refresh(&d, &bad, &e), -EBADMSG);
	ck_slice_eq(sip_dialog_text(&d, SIP_DIALOG_TARGET),
		    "sip:alice@[2001:db8::9]:5070;transport=tcp");
	ck_slice_eq(sip_dialog_text(&d, SIP_DIALOG_ROUTES),
		    "<sip:p2.biloxi.com;lr>,<sip:p1.atlanta.com;lr;x=1>");
	ck_assert_int_eq(sip_dialog_set_contact(&d, S("<sip:b@192.0.2.77>")),
			 0);
	ck_slice_eq(sip_dialog_text(&d, SIP_DIALOG_CONTACT),
		    "<sip:b@192.0.2.77>");
	ck_slice_eq(sip_dialog_text(&d, SIP_DIALOG_ROUTES),
		    "<sip:p2.biloxi.com;lr>,<sip:p1.atlanta.com;lr;x=1>");
	sip_dialog_fini(&d);
	ck_assert_uint_eq(mem.blocks, 0);
}
END_TEST

/* 12.2.2: lower is out of order, gaps are not. */
START_TEST(cseq_must_rise)
{
	struct sip_dialog d = { 0 };

	ck_assert(sip_dialog_on_cseq(&d, 0));
	ck_assert(!sip_dialog_on_cseq(&d, 0));
	ck_assert(sip_dialog_on_cseq(&d, 9));
	ck_assert(!sip_dialog_on_cseq(&d, 8));
	ck_assert(sip_dialog_on_cseq(&d, UINT32_MAX));
	ck_assert(!sip_dialog_on_cseq(&d, 10));
}
END_TEST

/* 13.2.2.4: the number of the INVITE, whatever was sent since. */
START_TEST(ack_has_the_number_of_its_invite)
{
	struct mem mem;
	struct sip_dialog d = { 0 };
	struct sip_dialog_base base = base_of("");
	char room[SIP_DIALOG_ROOM];
	struct writer w = writer_begin(room, sizeof(room));
	struct sip_msg m;
	struct parse_error e;

	mem_init(&mem, 0);
	ck_assert_int_eq(sip_dialog_init(&d, &mem, &base, &e), 0);
	d.local_seq = UINT32_MAX;
	ck_assert_int_eq(sip_dialog_ack(&d, 314159, &w, &m), 0);
	ck_slice_eq(sip_msg_get(&m, SIP_HDR_CSEQ), "314159 ACK");
	ck_assert(!sip_msg_has(&m, SIP_HDR_CONTACT));
	ck_assert_int_eq(sip_dialog_request(&d, S("BYE"), &w, &m),
			 -EOVERFLOW);
	sip_dialog_fini(&d);
}
END_TEST

START_TEST(no_dialog_without_contact_or_with_bad_routes)
{
	struct mem mem;
	struct sip_dialog d = { 0 };
	struct sip_msg m = msg_of(invite);
	struct parse_error e;

	mem_init(&mem, 0);
	sip_msg_remove(&m, SIP_HDR_CONTACT);
	ck_assert_int_eq(sip_dialog_init_uas(&d, &mem, &m, S("t"), S("<sip:b>"),
					     7, false, &e), -EBADMSG);
	ck_assert_str_eq(e.reason, "Contact wanted");
	m = msg_of(invite);
	for (int i = 0; i < LIMIT_SIP_ROUTES - 2; i++)
		ck_assert_int_eq(sip_msg_add(&m, SIP_HDR_RECORD_ROUTE,
					     S("<sip:p;lr>")), 0);
	ck_assert_int_eq(sip_dialog_init_uas(&d, &mem, &m, S("t"), S("<sip:b>"),
					     7, false, &e), 0);
	sip_dialog_fini(&d);
	ck_assert_int_eq(sip_msg_add(&m, SIP_HDR_RECORD_ROUTE,
				     S("<sip:p;lr>")), 0);
	ck_assert_int_eq(sip_dialog_init_uas(&d, &mem, &m, S("t"), S("<sip:b>"),
					     7, false, &e), -E2BIG);
	m = msg_of(invite);
	ck_assert_int_eq(sip_msg_add(&m, SIP_HDR_RECORD_ROUTE, S("sip:p;lr")),
			 0);
	ck_assert_int_eq(sip_dialog_init_uas(&d, &mem, &m, S("t"), S("<sip:b>"),
					     7, false, &e), -EBADMSG);
	ck_assert_uint_eq(mem.blocks, 0);
}
END_TEST

/* RFC 4475 3.4.1: no From tag, no Contact; RFC 2543 sends the requests of
 * such a call to the URI of its From. */
START_TEST(who_calls_by_rfc_2543_is_found_at_its_from)
{
	struct mem mem;
	struct sip_dialog d = { 0 };
	struct sip_msg m = msg_of(invite);
	struct parse_error e;

	mem_init(&mem, 0);
	sip_msg_remove(&m, SIP_HDR_CONTACT);
	sip_msg_remove(&m, SIP_HDR_FROM);
	ck_assert_int_eq(sip_msg_add(&m, SIP_HDR_FROM,
				     S("<sip:old@192.0.2.7>")), 0);
	ck_assert_int_eq(sip_dialog_init_uas(&d, &mem, &m, S("t"), S("<sip:b>"),
					     7, false, &e), 0);
	ck_slice_eq(sip_dialog_text(&d, SIP_DIALOG_TARGET),
		    "sip:old@192.0.2.7");
	sip_dialog_fini(&d);
	sip_msg_remove(&m, SIP_HDR_FROM);
	ck_assert_int_eq(sip_msg_add(&m, SIP_HDR_FROM, S("<tel:+1555>")), 0);
	ck_assert_int_eq(sip_dialog_init_uas(&d, &mem, &m, S("t"), S("<sip:b>"),
					     7, false, &e), -EBADMSG);
	ck_assert_uint_eq(mem.blocks, 0);
}
END_TEST

START_TEST(memory_may_run_out_at_any_point)
{
	struct sip_dialog_base base = base_of("<sip:p;lr>");
	struct sip_msg m = msg_of(ok);
	struct parse_error e;
	bool through = false;

	for (uint64_t n = 1; !through; n++) {
		struct sip_dialog b = { 0 }, d = { 0 };
		struct mem mem;

		mem_init(&mem, 0);
		mem.fail_at = n;
		through = sip_dialog_init(&b, &mem, &base, &e) == 0 &&
			  sip_dialog_init_uac(&d, &b, &m, false, &e) == 0 &&
			  sip_dialog_confirm(&d, &m) == 0 &&
			  sip_dialog_set_contact(&d, S("<sip:x>")) == 0 &&
			  mem.calls < n;
		sip_dialog_fini(&b);
		sip_dialog_fini(&d);
		ck_assert_uint_eq(mem.blocks, 0);
	}
}
END_TEST

START_TEST(a_settled_dialog_is_small)
{
	struct mem mem;
	struct sip_dialog d = { 0 };
	struct sip_msg m = msg_of(invite);
	struct parse_error e;

	mem_init(&mem, 0);
	ck_assert_int_eq(sip_dialog_init_uas(&d, &mem, &m, S("a6c85cf"),
					     S("<sip:bob@192.0.2.4>"), 7,
					     false, &e), 0);
	ck_assert_uint_le(mem.used + sizeof(d), 400);
	sip_dialog_fini(&d);
}
END_TEST

SUITE(sip_dialog, uas_takes_the_route_set_in_order,
      uac_takes_the_route_set_in_reverse,
      strict_router_gets_the_target_at_the_end_of_route,
      the_next_hop_is_the_first_route_strict_or_loose,
      to_is_the_target_whole_where_none_is_given,
      strict_routers_uri_loses_what_no_request_uri_may_have,
      each_fork_is_its_own_dialog_and_a_2xx_is_final,
      target_refresh_changes_target_alone, cseq_must_rise,
      ack_has_the_number_of_its_invite,
      no_dialog_without_contact_or_with_bad_routes,
      who_calls_by_rfc_2543_is_found_at_its_from,
      memory_may_run_out_at_any_point, a_settled_dialog_is_small);
