/* SPDX-License-Identifier: BSD-2-Clause */
#include "sip/hdr/sip_accept.h"

/* *(SEMI accept-param); accept-param = ("q" EQUAL qvalue) / generic-param */
static int accept_params(struct scan *s, struct sip_preference *p)
{
	struct slice q;
	int rc = sip_params_scan(s, &p->params);

	if (rc)
		return rc;
	p->q = 1000;
	p->has_q = sip_param_find(p->params, "q", &q);
	if (p->has_q && sip_qvalue_parse(q, &p->q))
		return scan_fail(s, "q has no valid value");
	return 0;
}

/* language-tag = primary-tag *( "-" subtag ); primary-tag = 1*8ALPHA
 * A subtag may have digits since RFC 3066 ("es-419"). */
static bool language_tag(struct scan *s, struct slice *out)
{
	const char *start = s->p;
	struct slice tag;
	unsigned set = SCAN_ALPHA;

	do {
		if (!scan_run(s, set, &tag) || tag.n > 8) {
			s->p = start;
			return false;
		}
		set = SCAN_ALNUM;
	} while (scan_char(s, '-'));
	*out = slice_of(start, (size_t)(s->p - start));
	return true;
}

/* language-range = ( ( 1*8ALPHA *( "-" 1*8ALPHA ) ) / "*" ) */
static bool language_range(struct scan *s, struct slice *out)
{
	*out = slice_of(s->p, 1);
	return scan_char(s, '*') || language_tag(s, out);
}

/* One value: 1, or what sip_list_step and accept_params say. */
static int preference(struct sip_list *l,
		      bool (*value)(struct scan *, struct slice *),
		      const char *wanted, struct sip_preference *out)
{
	struct sip_preference p = { 0 };
	int rc = sip_list_step(l, NULL), bad;

	if (rc <= 0)
		return rc;
	if (!value(&l->s, &p.value))
		return scan_fail(&l->s, wanted);
	bad = accept_params(&l->s, &p);
	if (bad)
		return bad;
	*out = p;
	return 1;
}

/* Accept-Encoding = [ encoding *(COMMA encoding) ]
 * encoding = codings *(SEMI accept-param); "*" is a token */
int sip_accept_encoding_next(struct sip_list *l, struct sip_preference *out)
{
	return preference(l, scan_token, "content coding wanted", out);
}

/* Accept-Language = [ language *(COMMA language) ]
 * language = language-range *(SEMI accept-param) */
int sip_accept_language_next(struct sip_list *l, struct sip_preference *out)
{
	return preference(l, language_range, "language wanted", out);
}

void sip_preference_write(struct writer *w, const struct sip_preference *p)
{
	writer_put(w, p->value);
	sip_params_write(w, p->params);
}

/* Content-Encoding = content-coding *(COMMA content-coding) */
int sip_content_encoding_parse(struct slice in, struct sip_tokens *out,
			       struct parse_error *e)
{
	return sip_tokens_parse(in, scan_token, "content coding wanted",
				"content coding wanted", out, e);
}

/* Content-Language = language-tag *(COMMA language-tag) */
int sip_content_language_parse(struct slice in, struct sip_tokens *out,
			       struct parse_error *e)
{
	return sip_tokens_parse(in, language_tag, "language wanted",
				"language wanted", out, e);
}
