/* SPDX-License-Identifier: BSD-2-Clause */
#include "sip/hdr/sip_param.h"

int sip_names_add(struct sip_names *names, struct slice name)
{
	for (unsigned i = 0; i < names->n; i++)
		if (slice_isame(names->name[i], name))
			return -EBADMSG;
	if (names->n == LIMIT_SIP_PARAMS)
		return -E2BIG;
	names->name[names->n++] = name;
	return 0;
}

bool sip_pair_scan(struct scan *s, struct slice *name, struct slice *value)
{
	const char *start = s->p, *at;

	if (!scan_token(s, name) || !scan_sep(s, '='))
		goto no;
	at = s->p;
	if (!scan_quoted(s, NULL) && !scan_token(s, NULL))
		goto no;
	*value = slice_of(at, (size_t)(s->p - at));
	return true;
no:
	s->p = start;
	return false;
}

static int params_scan(struct scan *s, bool valued, struct slice *out)
{
	struct sip_names seen;
	struct slice name, value;
	const char *begin = NULL, *end = NULL;

	seen.n = 0;
	while (scan_sep(s, ';')) {
		const char *at = s->p;
		int rc;

		if (!(valued ? sip_pair_scan(s, &name, &value) :
			       scan_param(s, &name, &value)))
			return scan_fail(s, valued ? "name=value wanted" :
						     "parameter wanted");
		rc = sip_names_add(&seen, name);
		if (rc) {
			s->p = at;
			return scan_fail_code(s, rc, rc == -E2BIG ?
					      "too many parameters" :
					      "parameter twice");
		}
		begin = begin ? begin : at;
		end = s->p;
	}
	*out = begin ? slice_of(begin, (size_t)(end - begin)) :
		       (struct slice){ 0 };
	return 0;
}

int sip_params_scan(struct scan *s, struct slice *out)
{
	return params_scan(s, false, out);
}

int sip_valued_params_scan(struct scan *s, struct slice *out)
{
	return params_scan(s, true, out);
}

bool sip_param_next(struct slice *rest, struct slice *name,
		    struct slice *value)
{
	struct scan s = scan_begin(*rest, NULL);

	(void)scan_sep(&s, ';'); /* behind the one before */
	if (!scan_param(&s, name, value))
		return false;
	*rest = scan_rest(&s);
	return true;
}

bool sip_param_find(struct slice params, const char *name,
		    struct slice *value)
{
	struct slice n, v, want = slice_str(name);

	while (sip_param_next(&params, &n, &v)) {
		if (!slice_isame(n, want))
			continue;
		if (value)
			*value = v;
		return true;
	}
	return false;
}

void sip_param_write(struct writer *w, struct slice name, struct slice value)
{
	writer_char(w, ';');
	writer_put(w, name);
	if (!value.p)
		return;
	writer_char(w, '=');
	writer_put(w, value);
}

void sip_params_write(struct writer *w, struct slice params)
{
	struct slice name, value;

	while (sip_param_next(&params, &name, &value))
		sip_param_write(w, name, value);
}

struct sip_list sip_list_begin(struct slice value, struct parse_error *e)
{
	return (struct sip_list){ .s = scan_begin(value, e) };
}

int sip_list_step(struct sip_list *l, const char *wanted)
{
	if (scan_done(&l->s)) {
		if (l->n || !wanted)
			return 0;
		return scan_fail(&l->s, wanted);
	}
	if (l->n && !scan_sep(&l->s, ','))
		return scan_fail(&l->s, "comma or end wanted");
	if (l->n == LIMIT_SIP_VALUES)
		return scan_fail_code(&l->s, -E2BIG, "too many values");
	l->n++;
	return 1;
}

int sip_qvalue_parse(struct slice in, unsigned *thousandths)
{
	unsigned v, scale = 100;

	if (in.n < 1 || in.n > 5 || (in.p[0] != '0' && in.p[0] != '1') ||
	    (in.n > 1 && in.p[1] != '.'))
		return -EBADMSG;
	v = in.p[0] == '1' ? 1000 : 0;
	for (size_t i = 2; i < in.n; i++, scale /= 10) {
		if (!is_digit(in.p[i]))
			return -EBADMSG;
		v += (unsigned)(in.p[i] - '0') * scale;
	}
	if (v > 1000)
		return -EBADMSG;
	*thousandths = v;
	return 0;
}

void sip_qvalue_write(struct writer *w, unsigned thousandths)
{
	unsigned digits = 3;

	if (thousandths >= 1000) {
		writer_char(w, '1');
		return;
	}
	writer_char(w, '0');
	if (!thousandths)
		return;
	while (thousandths % 10 == 0) {
		thousandths /= 10;
		digits--;
	}
	writer_char(w, '.');
	writer_pad(w, thousandths, digits);
}

/* uric = reserved / unreserved / escaped, and the brackets of an IPv6 host */
static bool uric(struct scan *s)
{
	if (scan_end(s))
		return false;
	if (scan_is(*s->p, SCAN_UNRESERVED | SCAN_URIC_MARK) ||
	    *s->p == '[' || *s->p == ']') {
		s->p++;
		return true;
	}
	if (scan_left(s) < 3 || *s->p != '%' || !scan_is(s->p[1], SCAN_HEX) ||
	    !scan_is(s->p[2], SCAN_HEX))
		return false;
	s->p += 3;
	return true;
}

/* absoluteURI = scheme ":" 1*uric
 * scheme = ALPHA *( ALPHA / DIGIT / "+" / "-" / "." ) */
bool sip_absolute_uri_scan(struct scan *s, struct slice *out)
{
	const char *start = s->p;

	if (scan_end(s) || !is_alpha(*s->p))
		return false;
	while (!scan_end(s) && (scan_is(*s->p, SCAN_ALNUM) || *s->p == '+' ||
				*s->p == '-' || *s->p == '.'))
		s->p++;
	if (!scan_char(s, ':') || !uric(s)) {
		s->p = start;
		return false;
	}
	while (uric(s))
		continue;
	*out = slice_of(start, (size_t)(s->p - start));
	return true;
}

int sip_angle_uri_scan(struct scan *s, struct slice *uri,
		       struct slice *params)
{
	scan_sws(s);
	if (!scan_char(s, '<'))
		return scan_fail(s, "< wanted");
	if (!sip_absolute_uri_scan(s, uri))
		return scan_fail(s, "absolute URI wanted");
	if (!scan_char(s, '>'))
		return scan_fail(s, "> wanted");
	return sip_params_scan(s, params);
}

void sip_quoted_write(struct writer *w, struct slice text)
{
	writer_char(w, '"');
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (c == '"' || c == '\\')
			writer_char(w, '\\');
		writer_char(w, scan_is(c, SCAN_CTL) ? ' ' : c);
	}
	writer_char(w, '"');
}

void sip_unfold_write(struct writer *w, struct slice text)
{
	struct scan s = scan_begin(text, NULL);

	while (!scan_end(&s)) {
		if (scan_lws(&s))
			writer_char(w, ' ');
		else
			writer_char(w, *s.p++);
	}
}
