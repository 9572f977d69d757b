/* SPDX-License-Identifier: BSD-2-Clause */
#include "sip/hdr/sip_name_addr.h"

#include "sip/hdr/sip_param.h"

/* URI at the cursor, which is all of text; its faults count from the start of
 * the header value. */
static int uri(struct scan *s, struct slice text, struct sip_uri *out)
{
	struct parse_error e = { 0 };
	int rc = sip_uri_parse(text, out, &e);

	s->p = text.p + (rc ? e.offset : text.n);
	return rc ? scan_fail_code(s, rc, e.reason) : 0;
}

/* display-name = *( token LWS ) / quoted-string.  The LWS behind the last
 * token is often forgotten (RFC 4475 3.1.1.6).  The cursor goes to "<", or
 * stays where there is none to go to. */
static void display(struct scan *s, struct slice *out)
{
	const char *start = s->p, *end = s->p;

	if (scan_at(s, '"')) {
		if (!scan_quoted(s, NULL))
			return;
		end = s->p;
		scan_sws(s);
	} else {
		while (scan_token(s, NULL)) {
			end = s->p;
			scan_sws(s);
		}
	}
	if (scan_at(s, '<'))
		*out = slice_of(start, (size_t)(end - start));
	else
		s->p = start;
}

/* addr-spec = SIP-URI / SIPS-URI / absoluteURI without brackets: 20.10 keeps
 * comma, "?" and ";" out of it. */
static int bare(struct scan *s, struct sip_name_addr *a)
{
	const char *p = s->p;
	int rc;

	if (scan_at(s, '"'))
		return scan_fail(s, "name-addr wanted");
	while (p < s->end && (unsigned char)*p > ' ' && *p != ';' &&
	       *p != ',' && *p != '?')
		p++;
	rc = uri(s, slice_of(s->p, (size_t)(p - s->p)), &a->uri);
	if (rc)
		return rc;
	return scan_at(s, '?') ? scan_fail(s, "'<' wanted before it") : 0;
}

/* name-addr = [ display-name ] LAQUOT addr-spec RAQUOT */
static int name_addr_address(struct scan *s, struct sip_name_addr *a,
			     bool brackets)
{
	struct slice text;
	int rc;

	scan_sws(s);
	display(s, &a->display);
	if (!scan_char(s, '<'))
		return brackets ? scan_fail(s, "name-addr wanted") :
				  bare(s, a);
	a->brackets = true;
	if (!scan_until(s, '>', &text)) {
		s->p = s->end;
		return scan_fail(s, "'>' wanted");
	}
	rc = uri(s, text, &a->uri);
	if (rc == 0)
		s->p++; /* the ">" */
	return rc;
}

enum kind { FROM_TO, CONTACT, ROUTE };

/* tag-param = "tag" EQUAL token: of the values that scan_param takes, a token
 * is the one that begins like one. */
static int tag(struct scan *s, struct slice val, struct slice *out)
{
	if (!val.n || !scan_is(val.p[0], SCAN_TOKEN)) {
		s->p = val.n ? val.p : s->p;
		return scan_fail(s, "tag=token wanted");
	}
	*out = val;
	return 0;
}

/* *( SEMI generic-param ), with the tag of From and To */
static int name_addr_params(struct scan *s, enum kind kind,
			    struct sip_name_addr *a)
{
	struct sip_names seen;
	struct slice name, val;
	int rc;

	seen.n = 0;
	while (scan_sep(s, ';')) {
		const char *at = s->p;

		if (!scan_param(s, &name, &val))
			return scan_fail(s, "parameter wanted");
		rc = sip_names_add(&seen, name);
		if (rc) {
			s->p = at;
			return scan_fail_code(s, rc, rc == -E2BIG ?
					      "too many parameters" :
					      "parameter twice");
		}
		rc = kind == FROM_TO && slice_isame(name, S("tag")) ?
			tag(s, val, &a->tag) : 0;
		if (rc)
			return rc;
		a->params = slice_of(seen.name[0].p,
				     (size_t)(s->p - seen.name[0].p));
	}
	return 0;
}

static int parse(struct slice in, struct sip_name_addr *out, enum kind kind,
		 struct parse_error *e)
{
	struct scan s = scan_begin(in, e);
	struct sip_name_addr a; /* uri is set when address succeeds */
	int rc;

	a.brackets = a.star = false;
	a.display = a.params = a.tag = (struct slice){ 0 };
	rc = name_addr_address(&s, &a, kind == ROUTE);
	if (rc == 0)
		rc = name_addr_params(&s, kind, &a);
	if (rc == 0 && !scan_done(&s))
		rc = scan_fail(&s, "';' or end wanted");
	if (rc == 0)
		*out = a;
	return rc;
}

int sip_tag_parse(struct slice in, struct slice *out, struct parse_error *e)
{
	struct scan s = scan_begin(in, e);
	struct sip_name_addr a; /* only its params and tag are of use */
	int rc;

	a.params = a.tag = (struct slice){ 0 };
	scan_sws(&s);
	display(&s, &a.display);
	if (scan_char(&s, '<')) {
		if (!scan_until(&s, '>', NULL)) {
			s.p = s.end;
			return scan_fail(&s, "'>' wanted");
		}
		s.p++;
	} else {
		s.p += slice_find(slice_of(s.p, scan_left(&s)), ';');
	}
	rc = name_addr_params(&s, FROM_TO, &a);
	if (rc == 0 && !scan_done(&s))
		rc = scan_fail(&s, "';' or end wanted");
	if (rc == 0)
		*out = a.tag;
	return rc;
}

int sip_name_addr_parse(struct slice in, struct sip_name_addr *out,
			struct parse_error *e)
{
	return parse(in, out, FROM_TO, e);
}

int sip_contact_parse(struct slice in, struct sip_name_addr *out,
		      struct parse_error *e)
{
	if (slice_eq(slice_trim(in), "*")) {
		*out = (struct sip_name_addr){ .star = true };
		return 0;
	}
	return parse(in, out, CONTACT, e);
}

int sip_route_parse(struct slice in, struct sip_name_addr *out,
		    struct parse_error *e)
{
	return parse(in, out, ROUTE, e);
}

bool sip_name_addr_param(const struct sip_name_addr *a, const char *name,
			 struct slice *value)
{
	return sip_param_find(a->params, name, value);
}

bool sip_contact_expires(const struct sip_name_addr *a, uint32_t *seconds)
{
	struct slice v;

	return sip_name_addr_param(a, "expires", &v) &&
	       slice_u32(v, UINT32_MAX, seconds) == 0;
}

bool sip_contact_q(const struct sip_name_addr *a, unsigned *thousandths)
{
	struct slice v;

	return sip_name_addr_param(a, "q", &v) &&
	       sip_qvalue_parse(v, thousandths) == 0;
}

void sip_name_addr_write(struct writer *w, const struct sip_name_addr *a)
{
	if (a->star) {
		writer_char(w, '*');
		return;
	}
	if (a->display.n) {
		writer_put(w, a->display);
		writer_char(w, ' ');
	}
	writer_char(w, '<');
	sip_uri_write(w, &a->uri);
	writer_char(w, '>');
	sip_params_write(w, a->params);
}
