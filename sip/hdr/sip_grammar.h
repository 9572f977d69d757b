/* SPDX-License-Identifier: BSD-2-Clause
 * sip/hdr/sip_grammar.h - the grammar of every header of RFC 3261 section 20 in
 * one table, for who handles them all alike: the decoder, tests, fuzzing.
 */
#ifndef SIP_GRAMMAR_H
#define SIP_GRAMMAR_H
#include "sip/hdr/sip_hdr.h"
#include "platform/writer.h"

struct sip_grammar {
	/* Parses the whole value of one field (of a list: all that stand in
	 * it) and writes it again from what was understood.  0, or what the
	 * header's parser returns, with e counting from value's begin; w has
	 * then perhaps a part. */
	int (*rewrite)(struct slice value, struct writer *w,
		       struct parse_error *e);
	const char *target; /* its fuzz target is fuzz/fuzz_<target>.c */
};

/* By enum sip_hdr; SIP_HDR_OTHER has the row of extension-header. */
extern const struct sip_grammar sip_grammar[SIP_HDR_COUNT];

/* Parses alone. */
MUST_USE int sip_grammar_check(enum sip_hdr id, struct slice value,
			       struct parse_error *e);
#endif
