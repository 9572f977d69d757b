/* SPDX-License-Identifier: BSD-2-Clause
 * A script of messages, sent and received.  What must hold: no answer without
 * an offer before it in the other direction, never two offers open at once,
 * and sip_oa_would tells what sip_oa_sent then does. */
#include "fuzz/fuzz.h"
#include "sip/usage/sip_oa.h"

static bool ends_exchange(enum sip_oa_kind k)
{
	return k == SIP_OA_FAILURE || k == SIP_OA_ACK ||
	       k == SIP_OA_UPDATE_FAIL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sip_oa o = { 0 };

	for (size_t i = 0; i < size; i++) {
		enum sip_oa_kind k = (data[i] >> 2) % SIP_OA_KINDS;
		bool sent = data[i] & 1, body = data[i] & 2, due;
		struct sip_oa was = o;
		enum sip_oa_role role, would = sip_oa_would(&o, k, &due);

		role = sent ? sip_oa_sent(&o, k, body) :
			      sip_oa_received(&o, k, body);
		if (sent && body && would != SIP_OA_PENDING &&
		    would != SIP_OA_IGNORE)
			INVARIANT(role == would);
		if (sent && !body && due)
			INVARIANT(role == SIP_OA_VIOLATION);
		if (role == SIP_OA_OFFER || role == SIP_OA_ANSWER ||
		    role == SIP_OA_PREVIEW || role == SIP_OA_IGNORE)
			INVARIANT(body || (was.previewed && k == SIP_OA_2XX));
		if (role == SIP_OA_NONE)
			INVARIANT(!body);
		if (role >= SIP_OA_PENDING)
			INVARIANT(!sent && was.step == o.step);
		if (sent && role == SIP_OA_VIOLATION)
			INVARIANT(was.step == o.step && was.up == o.up);
		INVARIANT(o.step < SIP_OA_STEPS && o.up >= was.up);
		INVARIANT(o.step != SIP_OA_STEP_NONE || !o.prack);
		INVARIANT(!ends_exchange(k) || role != SIP_OA_OFFER);
		if (role == SIP_OA_ANSWER)
			INVARIANT(o.up || k == SIP_OA_UPDATE_2XX);
	}
	return 0;
}
