/* SPDX-License-Identifier: BSD-2-Clause */
#include "sip/hdr/sip_callid.h"

/* callid = word [ "@" word ] */
static int callid(struct scan *s, struct sip_callid *out)
{
	const char *start = s->p;
	struct sip_callid c = { 0 };

	if (!scan_word(s, &c.local))
		return scan_fail(s, "Call-ID wanted");
	if (scan_char(s, '@') && !scan_word(s, &c.host))
		return scan_fail(s, "word after @ wanted");
	c.text = slice_of(start, (size_t)(s->p - start));
	*out = c;
	return 0;
}

/* Call-ID = callid */
int sip_callid_parse(struct slice in, struct sip_callid *out,
		     struct parse_error *e)
{
	struct scan s = scan_begin(in, e);
	struct sip_callid c;
	int rc = callid(&s, &c);

	if (rc)
		return rc;
	if (!scan_done(&s))
		return scan_fail(&s, "end of Call-ID wanted");
	*out = c;
	return 0;
}

/* In-Reply-To = callid *(COMMA callid) */
int sip_callid_next(struct sip_list *l, struct sip_callid *out)
{
	int rc = sip_list_step(l, "Call-ID wanted");

	if (rc > 0 && callid(&l->s, out))
		return -EBADMSG;
	return rc;
}

void sip_callid_write(struct writer *w, const struct sip_callid *c)
{
	writer_put(w, c->local);
	if (!c->host.p)
		return;
	writer_char(w, '@');
	writer_put(w, c->host);
}
