/* SPDX-License-Identifier: BSD-2-Clause
 * client/session_warn.c - why a description is refused, by us and by the peer:
 * Warning, RFC 3261 13.3.1.3 and 20.43. */
#include "client/agent_priv.h"
#include "platform/scan.h"
#include "sip/hdr/sip_warning.h"

void session_keep_warning(struct session *s, const struct sip_msg *m)
{
	struct sip_values v = sip_values_begin(m, SIP_HDR_WARNING);
	struct mem *mem = s->agent->mem;
	struct slice value;
	struct sip_warning one;
	char text[AGENT_WARNING], raw[AGENT_WARNING];
	struct writer w = writer_begin(text, sizeof(text) - 1);
	struct sip_list l;

	/* warn-text stands between quotes: with them escapes are undone. */
	mem_free(mem, s->warning);
	s->warning = NULL;
	if (!sip_values_next(&v, &value))
		return;
	l = sip_list_begin(value, NULL);
	if (sip_warning_next(&l, &one) <= 0)
		return;
	writer_u64(&w, one.code);
	writer_char(&w, ' ');
	writer_put(&w, slice_head(scan_unquote(slice_of(one.text.p - 1,
							  one.text.n + 2),
						 raw, sizeof(raw)),
				  sizeof(text) - 8));
	s->warning = mem_new(mem, w.n + 1);
	if (s->warning)
		(void)agent_line(s->warning, w.n + 1, writer_done(&w));
}

int session_refuse(struct session *s, unsigned status, struct sip_msg *msg,
		   struct instant now)
{
	char text[AGENT_WARNING];
	struct writer w = writer_begin(text, sizeof(text));
	struct sip_warning v = {
		.code = s->nego.warn ? s->nego.warn : 399,
		.text = slice_str(s->nego.warn ? s->nego.warn_text :
				  "not acceptable here"),
	};
	char host[ADDR_TEXT];
	struct writer h = writer_begin(host, sizeof(host));

	if (status == 488 || status == 606) {
		if (s->here.family)
			addr_write_ip(&h, &s->here, true);
		else
			writer_str(&h, "parley");
		v.agent = writer_done(&h);
		sip_warning_write(&w, &v);
		if (!msg) {
			msg = sip_core_draft(s->agent->core);
			sip_msg_response(msg, status, S(""));
		}
		if (writer_end(&w) < 0 ||
		    sip_msg_add(msg, SIP_HDR_WARNING, writer_done(&w)))
			return -ENOSPC;
	}
	if (status == 503) { /* 21.5.4 */
		w = writer_begin(text, sizeof(text));
		if (!msg) {
			msg = sip_core_draft(s->agent->core);
			sip_msg_response(msg, status, S(""));
		}
		if (!sip_msg_has(msg, SIP_HDR_RETRY_AFTER) &&
		    room_retry_after(s->agent, msg, &w))
			return -ENOSPC;
	}
	return sip_session_reject(s->agent->calls, s->sip, status, S(""), msg,
				  now);
}
