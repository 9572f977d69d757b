/* SPDX-License-Identifier: BSD-2-Clause
 * fuzz/fuzz_sip_row.h - what holds for every header value: a refusal says why
 * and where, and what is accepted is written so that it reads the same again.
 */
#ifndef FUZZ_FUZZ_SIP_ROW_H
#define FUZZ_FUZZ_SIP_ROW_H
#include "fuzz/fuzz.h"
#include "sip/hdr/sip_grammar.h"

/* Was it accepted? */
static inline bool sip_row_holds(enum sip_hdr id, struct slice in)
{
	char one[4096], two[sizeof(one)];
	struct writer w1 = writer_begin(one, sizeof(one));
	struct writer w2 = writer_begin(two, sizeof(two));
	struct parse_error e = { 0 }, none = { 0 };
	int rc = sip_grammar_check(id, in, &e);

	if (rc) {
		INVARIANT(rc == -EBADMSG || rc == -E2BIG);
		INVARIANT(e.reason && e.offset <= in.n);
		INVARIANT(sip_grammar_check(id, in, NULL) == rc);
		return false;
	}
	INVARIANT(!e.reason);
	INVARIANT(sip_grammar[id].rewrite(in, &w1, &none) == 0);
	if (writer_end(&w1) < 0)
		return true; /* too long for this buffer */
	INVARIANT(sip_grammar[id].rewrite(writer_done(&w1), &w2, &none) == 0);
	INVARIANT(slice_same(writer_done(&w1), writer_done(&w2)));
	return true;
}

/* The first byte of the input, a digit or beyond, chooses one of n. */
static inline size_t sip_row_choice(struct slice *in, size_t n)
{
	size_t at = in->n ? (uint8_t)(in->p[0] - '0') % n : 0;

	*in = slice_skip(*in, 1);
	return at;
}
#endif
