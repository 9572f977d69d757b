/* SPDX-License-Identifier: BSD-2-Clause */
#include "sip/hdr/sip_media_type.h"

/* m-type SLASH m-subtype; "*" is a token */
static int type_subtype(struct scan *s, struct sip_media_type *out)
{
	if (!scan_token(s, &out->type))
		return scan_fail(s, "media type wanted");
	if (!scan_sep(s, '/'))
		return scan_fail(s, "/ wanted");
	if (!scan_token(s, &out->subtype))
		return scan_fail(s, "media subtype wanted");
	return 0;
}

/* media-type = m-type SLASH m-subtype *(SEMI m-parameter) */
int sip_media_type_parse(struct slice in, struct sip_media_type *out,
			 struct parse_error *e)
{
	struct scan s = scan_begin(in, e);
	struct sip_media_type t;
	int rc = type_subtype(&s, &t);

	if (!rc)
		rc = sip_valued_params_scan(&s, &t.params);
	if (rc)
		return rc;
	if (!scan_done(&s))
		return scan_fail(&s, "end of media type wanted");
	*out = t;
	return 0;
}

void sip_media_type_write(struct writer *w, const struct sip_media_type *t)
{
	writer_put(w, t->type);
	writer_char(w, '/');
	writer_put(w, t->subtype);
	sip_params_write(w, t->params);
}

bool sip_media_type_is(const struct sip_media_type *t, const char *type,
		       const char *subtype)
{
	return slice_ieq(t->type, type) && slice_ieq(t->subtype, subtype);
}

/* RFC 2046 5.1.1: boundary := 0*69<bchars> bcharsnospace */
static bool is_bchar(char c)
{
	return scan_is(c, SCAN_ALNUM) || (c && strchr("'()+_,-./:=? ", c));
}

bool sip_media_type_boundary(const struct sip_media_type *t,
			     char buf[SIP_BOUNDARY_MAX], struct slice *out)
{
	struct slice raw, b;

	if (!sip_param_find(t->params, "boundary", &raw))
		return false;
	b = scan_unquote(raw, buf, SIP_BOUNDARY_MAX);
	if (!b.n || b.n > SIP_BOUNDARY_MAX || b.p[b.n - 1] == ' ')
		return false;
	for (size_t i = 0; i < b.n; i++)
		if (!is_bchar(b.p[i]))
			return false;
	*out = b;
	return true;
}

/* accept-range = media-range *(SEMI accept-param)
 * Parameters before q are the media range's, q and those behind it say how
 * welcome it is; generic-param has the form of both. */
static int accept_range(struct scan *s, struct sip_accept *out)
{
	struct sip_accept a = { .q = 1000 };
	struct slice q;
	int rc = type_subtype(s, &a.range);

	if (!rc)
		rc = sip_params_scan(s, &a.range.params);
	if (rc)
		return rc;
	a.has_q = sip_param_find(a.range.params, "q", &q);
	if (a.has_q && sip_qvalue_parse(q, &a.q))
		return scan_fail(s, "q has no valid value");
	*out = a;
	return 0;
}

int sip_accept_parse(struct slice in, struct sip_accept *out,
		     struct parse_error *e)
{
	struct scan s = scan_begin(in, e);
	struct sip_accept a;
	int rc = accept_range(&s, &a);

	if (rc)
		return rc;
	if (!scan_done(&s))
		return scan_fail(&s, "end of media range wanted");
	*out = a;
	return 0;
}

/* Accept = [ accept-range *(COMMA accept-range) ] */
int sip_accept_next(struct sip_list *l, struct sip_accept *out)
{
	int rc = sip_list_step(l, NULL), bad;

	if (rc <= 0)
		return rc;
	bad = accept_range(&l->s, out);
	return bad ? bad : 1;
}

void sip_accept_write(struct writer *w, const struct sip_accept *a)
{
	sip_media_type_write(w, &a->range);
}

unsigned sip_accept_fits(const struct sip_accept *a, const char *type,
			 const char *subtype)
{
	if (slice_eq(a->range.type, "*"))
		return slice_eq(a->range.subtype, "*");
	if (!slice_ieq(a->range.type, type))
		return 0;
	if (slice_eq(a->range.subtype, "*"))
		return 2;
	return slice_ieq(a->range.subtype, subtype) ? 3 : 0;
}
