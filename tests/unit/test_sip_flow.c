/* SPDX-License-Identifier: BSD-2-Clause */
#include "sip/sip_flow.h"

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

SUITE(sip_flow, transports_have_names_and_ports);
