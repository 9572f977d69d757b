/* SPDX-License-Identifier: BSD-2-Clause
 * A message of any bytes as a user agent and as a proxy judge it, from UDP and
 * from TCP. */
#include "fuzz/fuzz.h"
#include "sip/hdr/sip_cseq.h"
#include "sip/hdr/sip_name_addr.h"
#include "sip/hdr/sip_via.h"
#include "sip/msg/sip_verdict.h"

/* What who handles an accepted message may take for granted. */
static void granted(const struct sip_msg *m, bool proxy)
{
	struct sip_values v = sip_values_begin(m, SIP_HDR_VIA);
	struct sip_name_addr a;
	struct sip_cseq c;
	struct sip_via via;
	struct sip_uri u;
	struct slice top, more;

	INVARIANT(sip_values_next(&v, &top) &&
		  sip_via_parse(top, &via, NULL) == 0);
	INVARIANT(!m->status || proxy || !sip_values_next(&v, &more));
	INVARIANT(sip_name_addr_parse(sip_msg_get(m, SIP_HDR_FROM), &a,
				      NULL) == 0);
	INVARIANT(sip_name_addr_parse(sip_msg_get(m, SIP_HDR_TO), &a,
				      NULL) == 0);
	INVARIANT(sip_cseq_parse(sip_msg_get(m, SIP_HDR_CSEQ), &c, NULL) == 0);
	INVARIANT(sip_msg_get(m, SIP_HDR_CALL_ID).n);
	INVARIANT(m->status ? m->status >= 100 && m->status <= 699 :
		  sip_uri_parse(m->uri, &u, NULL) == 0 &&
		  slice_same(c.method, m->method_name));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct sip_msg m;
	struct slice in = slice_of(data, size);

	for (unsigned mode = 0; mode < 4; mode++) {
		struct sip_ua ua = sip_ua_default;
		struct sip_verdict v;

		ua.check.stream = mode & 1;
		ua.check.proxy = (mode & 2) != 0;
		v = sip_verdict(in, &ua, &m);
		INVARIANT(v.why.offset <= size &&
			  (v.code == SIP_ACCEPT) == !v.why.reason);
		INVARIANT(v.code <= SIP_DROP ||
			  (v.code >= 400 && v.code <= 513 && !m.status &&
			   m.method != SIP_ACK && m.method_name.n &&
			   sip_msg_has(&m, SIP_HDR_VIA)));
		INVARIANT(slice_inside(m.body, in));
		if (v.code == SIP_ACCEPT)
			granted(&m, ua.check.proxy);
	}
	return 0;
}
