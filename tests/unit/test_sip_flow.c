/* SPDX-License-Identifier: BSD-2-Clause */
#include "sip/core/sip_flow.h"

#include "tests/unit/suites.h"

/* RFC 3261 19.1.2 and 20.42. */
START_TEST(transports_have_names_and_ports)
{
	ck_slice_eq(sip_transport_name(SIP_UDP), "UDP");
	ck_assert_int_eq(sip_transport_find(S("tcp")), SIP_TCP);
	ck_assert_int_eq(sip_transport_find(S("TLS")), SIP_TLS);
	ck_assert_int_eq(sip_transport_find(S("SCTP")), SIP_TRANSPORT_ANY);
	ck_assert_int_eq(sip_transport_find(S("")), SIP_TRANSPORT_ANY);
	ck_assert_uint_eq(sip_transport_port(SIP_TCP), 5060);
	ck_assert_uint_eq(sip_transport_port(SIP_TLS), 5061);
	ck_assert(sip_transport_is_stream(SIP_TLS));
	ck_assert(!sip_transport_is_stream(SIP_UDP));
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
      a_contact_says_how_it_is_reached);
