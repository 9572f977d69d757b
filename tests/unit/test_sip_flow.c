/* SPDX-License-Identifier: BSD-2-Clause */
#include "sip/core/sip_flow.h"

#include "tests/unit/suites.h"

/* RFC 3261 19.1.2 and 20.42. */
START_TEST(transports_have_names_and_ports)
{
	ck_slice_eq(sip_transport_row(SIP_UDP)->name, "UDP");
	ck_assert_int_eq(sip_transport_find(S("tcp")), SIP_TCP);
	ck_assert_int_eq(sip_transport_find(S("TLS")), SIP_TLS);
	ck_assert_int_eq(sip_transport_find(S("SCTP")), SIP_TRANSPORT_ANY);
	ck_assert_int_eq(sip_transport_find(S("")), SIP_TRANSPORT_ANY);
	ck_assert_uint_eq(sip_transport_row(SIP_TCP)->port, 5060);
	ck_assert_uint_eq(sip_transport_row(SIP_TLS)->port, 5061);
	/* RFC 7118 5.2.1, 5.2.2: Via; RFC 6455 3: ports */
	ck_slice_eq(sip_transport_row(SIP_WSS)->name, "WSS");
	ck_assert_int_eq(sip_transport_find(S("ws")), SIP_WS);
	ck_assert_int_eq(sip_transport_find(S("WSS")), SIP_WSS);
	ck_assert_uint_eq(sip_transport_row(SIP_WS)->port, 80);
	ck_assert_uint_eq(sip_transport_row(SIP_WSS)->port, 443);
}
END_TEST

/* RFC 3261 17 (what repeats), 18 (connections), 18.3 (framing), 26 (TLS);
 * 18.1.1 (what is too large for UDP), 26.2.2 (sips over TCP is TLS). */
START_TEST(a_transport_is_what_its_row_says)
{
	static const struct { enum sip_transport t; bool reliable, connected,
			      framed, secure; enum sip_transport larger,
			      secured; } is[] = {
		{ SIP_UDP, false, false, true, false, SIP_TCP, SIP_TLS },
		{ SIP_TCP, true, true, false, false, SIP_TRANSPORT_ANY,
		  SIP_TLS },
		{ SIP_TLS, true, true, false, true, SIP_TRANSPORT_ANY,
		  SIP_TLS },
		/* RFC 7118 4 and 5: one message in a WebSocket message */
		{ SIP_WS, true, true, true, false, SIP_TRANSPORT_ANY,
		  SIP_WSS },
		{ SIP_WSS, true, true, true, true, SIP_TRANSPORT_ANY,
		  SIP_WSS },
	};

	ck_assert_uint_eq(COUNT(is), SIP_TRANSPORT_COUNT - 1);
	for (size_t i = 0; i < COUNT(is); i++) {
		const struct sip_transport_row *r = sip_transport_row(is[i].t);

		ck_assert_int_eq(r->reliable, is[i].reliable);
		ck_assert_int_eq(r->connected, is[i].connected);
		ck_assert_int_eq(r->framed, is[i].framed);
		ck_assert_int_eq(r->secure, is[i].secure);
		/* Whom it is towards is told by Host, too (RFC 6455 4.1). */
		ck_assert_int_eq(r->named, r->secure || is[i].t == SIP_WS);
		ck_assert_int_eq(r->larger, is[i].larger);
		ck_assert_int_eq(r->secured, is[i].secured);
	}
}
END_TEST

/* RFC 3261 19.1.1; 26.2.2: what sips means need not be said again. */
START_TEST(a_contact_says_how_it_is_reached)
{
	static const struct { bool sips; const char *user;
			      enum sip_transport t; const char *is; } row[] = {
		{ false, "bob", SIP_UDP, "<sip:bob@192.0.2.1:5060>" },
		{ false, "", SIP_TCP, "<sip:192.0.2.1:5060;transport=tcp>" },
		{ false, "", SIP_TLS, "<sip:192.0.2.1:5060;transport=tls>" },
		{ true, "bob", SIP_TLS, "<sips:bob@192.0.2.1:5060>" },
		/* RFC 7118 5.2.4: ws of both, for there is no wss */
		{ false, "", SIP_WS, "<sip:192.0.2.1:5060;transport=ws>" },
		{ false, "", SIP_WSS, "<sip:192.0.2.1:5060;transport=ws>" },
		{ true, "bob", SIP_WSS,
		  "<sips:bob@192.0.2.1:5060;transport=ws>" },
	};
	struct addr at = addr_v4(192, 0, 2, 1, 5060);
	char text[64];

	for (size_t i = 0; i < COUNT(row); i++) {
		struct writer w = writer_begin(text, sizeof(text));

		sip_contact_write(&w, row[i].sips, slice_str(row[i].user), &at,
				  row[i].t);
		ck_slice_eq(writer_done(&w), row[i].is);
	}
}
END_TEST

SUITE(sip_flow, transports_have_names_and_ports,
      a_transport_is_what_its_row_says,
      a_contact_says_how_it_is_reached);
