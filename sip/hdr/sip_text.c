/* SPDX-License-Identifier: BSD-2-Clause */
#include "sip/hdr/sip_text.h"

/* TEXT-UTF8char = %x21-7E / UTF8-NONASCII, the latter as RFC 3629 has it */
static bool text_char(struct scan *s)
{
	size_t left = scan_left(s);

	if (!left || scan_is(*s->p, SCAN_CTL | SCAN_WSP))
		return false;
	for (size_t n = 1; n <= 4 && n <= left; n++) {
		if (utf8_valid(slice_of(s->p, n))) {
			s->p += n;
			return true;
		}
	}
	return false;
}

/* TEXT-UTF8-TRIM = 1*TEXT-UTF8char *(*LWS TEXT-UTF8char) */
int sip_text_parse(struct slice in, struct slice *out, struct parse_error *e)
{
	struct scan s = scan_begin(in, e);
	const char *end = s.p;

	while (text_char(&s)) {
		end = s.p;
		scan_sws(&s);
	}
	if (!scan_end(&s))
		return scan_fail(&s, "UTF-8 text without controls wanted");
	*out = slice_of(s.begin, (size_t)(end - s.begin));
	return 0;
}

void sip_text_write(struct writer *w, struct slice text)
{
	sip_unfold_write(w, text);
}

/* product = token [SLASH product-version] */
static int product(struct scan *s, struct sip_product *p)
{
	if (!scan_token(s, &p->name))
		return scan_fail(s, "product or comment wanted");
	if (scan_sep(s, '/') && !scan_token(s, &p->version))
		return scan_fail(s, "product version wanted");
	return 0;
}

/* server-val *(LWS server-val); server-val = product / comment */
int sip_product_next(struct sip_list *l, struct sip_product *out)
{
	struct sip_product p = { 0 };
	struct scan *s = &l->s;
	const char *start = s->p;
	int rc = 0;

	if (l->n && scan_done(s))
		return 0;
	s->p = start;
	/* A comment takes white space in front of it along. */
	if (l->n && !scan_lws(s))
		return scan_fail(s, "space wanted");
	if (l->n == LIMIT_SIP_VALUES)
		return scan_fail_code(s, -E2BIG, "too many products");
	if (!scan_comment(s, &p.comment))
		rc = product(s, &p);
	if (rc)
		return rc;
	l->n++;
	*out = p;
	return 1;
}

void sip_product_write(struct writer *w, const struct sip_product *p)
{
	if (p->comment.p) {
		writer_char(w, '(');
		writer_put(w, p->comment);
		writer_char(w, ')');
		return;
	}
	writer_put(w, p->name);
	if (!p->version.p)
		return;
	writer_char(w, '/');
	writer_put(w, p->version);
}

/* Priority = "emergency" / "urgent" / "normal" / "non-urgent" / token */
int sip_priority_parse(struct slice in, struct sip_priority *out,
		       struct parse_error *e)
{
	static const char *const names[] = {
		[SIP_NORMAL] = "normal",
		[SIP_NON_URGENT] = "non-urgent",
		[SIP_URGENT] = "urgent",
		[SIP_EMERGENCY] = "emergency",
	};
	struct scan s = scan_begin(in, e);
	struct sip_priority p = { .urgency = SIP_NORMAL };

	if (!scan_token(&s, &p.value))
		return scan_fail(&s, "priority wanted");
	if (!scan_done(&s))
		return scan_fail(&s, "end of priority wanted");
	for (unsigned i = 0; i < COUNT(names); i++)
		if (slice_ieq(p.value, names[i]))
			p.urgency = (enum sip_urgency)i;
	*out = p;
	return 0;
}

void sip_priority_write(struct writer *w, const struct sip_priority *p)
{
	writer_put(w, p->value);
}
