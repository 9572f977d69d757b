/* SPDX-License-Identifier: BSD-2-Clause
 * sip/hdr/sip_cseq.h - CSeq, RFC 3261 20.16.
 */
#ifndef SIP_CSEQ_H
#define SIP_CSEQ_H
#include "platform/scan.h"
#include "platform/writer.h"

struct sip_cseq {
	uint32_t number;     /* any of 32 bits; own requests start below 2^31
			      * (8.1.1.5) */
	struct slice method; /* case matters (7.1) */
};

/* -EBADMSG; -E2BIG: the number has more than 32 bits. */
MUST_USE int sip_cseq_parse(struct slice in, struct sip_cseq *out,
			    struct parse_error *e);
void sip_cseq_write(struct writer *w, const struct sip_cseq *c);
#endif
