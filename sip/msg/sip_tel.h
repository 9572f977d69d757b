/* SPDX-License-Identifier: BSD-2-Clause
 * sip/msg/sip_tel.h - the "tel" URI, RFC 3966.  All slices borrow the parsed
 * text.
 */
#ifndef SIP_TEL_H
#define SIP_TEL_H
#include "platform/slice.h"
#include "platform/writer.h"

struct sip_tel {
	bool global;           /* number begins with "+" */
	struct slice number;   /* with its "+" and visual separators */
	struct slice params;   /* all of them, after the first ";" */
	struct slice ext;      /* empty: none */
	struct slice isub;     /* empty: none */
	struct slice context;  /* phone-context; a local number has one */
};

/* in is the whole URI, "tel:" included.  -EBADMSG (a parameter twice, too);
 * -E2BIG: more than LIMIT_SIP_PARAMS.  The order of parameters is not asked
 * for, since comparison ignores it (section 4). */
MUST_USE int sip_tel_parse(struct slice in, struct sip_tel *out,
			   struct parse_error *e);
/* Section 4. */
bool sip_tel_same(const struct sip_tel *a, const struct sip_tel *b);
/* From number and params, as they are. */
void sip_tel_write(struct writer *w, const struct sip_tel *t);
/* The number without visual separators, for a dial string or a lookup. */
void sip_tel_write_digits(struct writer *w, const struct sip_tel *t);
#endif
