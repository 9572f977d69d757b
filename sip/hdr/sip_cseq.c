/* SPDX-License-Identifier: BSD-2-Clause */
#include "sip/hdr/sip_cseq.h"

#include "sip/hdr/sip_number.h"

/* CSeq = 1*DIGIT LWS Method */
int sip_cseq_parse(struct slice in, struct sip_cseq *out,
		   struct parse_error *e)
{
	struct scan s = scan_begin(in, e);
	struct sip_cseq c;
	int rc = sip_number_scan(&s, UINT32_MAX, &c.number,
				 "sequence number wanted");

	if (rc)
		return rc;
	if (!scan_lws(&s))
		return scan_fail(&s, "space wanted");
	if (!scan_token(&s, &c.method))
		return scan_fail(&s, "method wanted");
	if (!scan_done(&s))
		return scan_fail(&s, "end of CSeq wanted");
	*out = c;
	return 0;
}

void sip_cseq_write(struct writer *w, const struct sip_cseq *c)
{
	writer_u64(w, c->number);
	writer_char(w, ' ');
	writer_put(w, c->method);
}
