/* SPDX-License-Identifier: BSD-2-Clause */
#include "sip/msg/sip_tel.h"

#include "platform/addr.h"
#include "platform/limits.h"
#include "sip/msg/sip_escape.h"

enum {
	URIC = SCAN_UNRESERVED | SCAN_URIC_MARK,
	PARAM = SCAN_UNRESERVED | SCAN_PARAM_MARK,
};

/* visual-separator = "-" / "." / "(" / ")" */
static bool is_separator(char c)
{
	return c == '-' || c == '.' || c == '(' || c == ')';
}

static bool is_local_digit(char c)
{
	return scan_is(c, SCAN_HEX) || c == '*' || c == '#';
}

/* 1*phonedigit with at least one digit; local: of phonedigit-hex. */
static bool phone_digits(struct scan *s, bool local, struct slice *out)
{
	const char *start = s->p, *p = s->p;
	bool digit = false;

	for (; p < s->end; p++) {
		if (local ? is_local_digit(*p) : is_digit(*p))
			digit = true;
		else if (!is_separator(*p))
			break;
	}
	if (!digit)
		return false;
	*out = slice_of(start, (size_t)(p - start));
	s->p = p;
	return true;
}

/* global-number-digits = "+" *phonedigit DIGIT *phonedigit */
static bool global_digits(struct scan *s, struct slice *out)
{
	const char *start = s->p;
	struct slice digits;

	if (!scan_char(s, '+') || !phone_digits(s, false, &digits)) {
		s->p = start;
		return false;
	}
	*out = slice_of(start, (size_t)(s->p - start));
	return true;
}

/* pname = 1*( alphanum / "-" ) */
static bool pname(struct scan *s, struct slice *out)
{
	const char *start = s->p;

	while (s->p < s->end && (scan_is(*s->p, SCAN_ALNUM) || *s->p == '-'))
		s->p++;
	*out = slice_of(start, (size_t)(s->p - start));
	return out->n != 0;
}

/* descriptor = domainname / global-number-digits: no address */
static bool descriptor(struct scan *s, struct slice *out)
{
	const char *start = s->p;
	struct addr ip;

	if (global_digits(s, out))
		return true;
	if (scan_host(s, out) && addr_parse_ip(*out, &ip) != 0)
		return true;
	s->p = start;
	return false;
}

static bool some(struct slice run, struct slice *out)
{
	*out = run;
	return run.n != 0;
}

/* The rest of a parameter.  In the values, what delimits parts of the URI has
 * to be escaped (section 3), which takes ";", "=" and "?" out of uric. */
static int tel_value(struct scan *s, struct slice name, struct sip_tel *t)
{
	struct slice v;

	if (slice_ieq(name, "ext")) {
		if (!scan_char(s, '=') || !phone_digits(s, false, &t->ext))
			return scan_fail(s, "ext=digits wanted");
	} else if (slice_ieq(name, "isub")) {
		if (!scan_char(s, '=') ||
		    !some(sip_escape_run(s, URIC, ";=?"), &t->isub))
			return scan_fail(s, "isub=address wanted");
	} else if (slice_ieq(name, "phone-context")) {
		if (!scan_char(s, '=') || !descriptor(s, &t->context))
			return scan_fail(s, "phone-context=name wanted");
	} else if (scan_char(s, '=') &&
		   !some(sip_escape_run(s, PARAM, NULL), &v)) {
		return scan_fail(s, "parameter value wanted");
	}
	return 0;
}

/* *par: no name twice (section 3). */
static int parameters(struct scan *s, struct sip_tel *t)
{
	struct slice names[LIMIT_SIP_PARAMS];
	unsigned n = 0;
	int rc;

	while (scan_char(s, ';')) {
		const char *at = s->p;
		struct slice name;

		if (!pname(s, &name))
			return scan_fail(s, "parameter wanted");
		for (unsigned i = 0; i < n; i++)
			if (slice_isame(names[i], name)) {
				s->p = at;
				return scan_fail(s, "parameter twice");
			}
		if (n == LIMIT_SIP_PARAMS)
			return scan_fail_code(s, -E2BIG,
					      "too many parameters");
		names[n++] = name;
		rc = tel_value(s, name, t);
		if (rc)
			return rc;
		t->params = slice_of(names[0].p, (size_t)(s->p - names[0].p));
	}
	return scan_end(s) ? 0 : scan_fail(s, "';' or end of URI wanted");
}

int sip_tel_parse(struct slice in, struct sip_tel *out, struct parse_error *e)
{
	struct scan s = scan_begin(in, e);
	struct sip_tel t = { 0 };
	int rc;

	if (!scan_istr(&s, "tel:"))
		return scan_fail(&s, "\"tel:\" wanted");
	t.global = scan_at(&s, '+');
	if (t.global ? !global_digits(&s, &t.number) :
		       !phone_digits(&s, true, &t.number))
		return scan_fail(&s, "telephone number wanted");
	rc = parameters(&s, &t);
	if (rc)
		return rc;
	if (!t.global && !t.context.n)
		return scan_fail(&s, "phone-context wanted");
	*out = t;
	return 0;
}

/* --------------------------------------------------------- comparison */

/* Two numbers without their visual separators. */
static bool same_digits(struct slice a, struct slice b)
{
	size_t i = 0, j = 0;

	for (;; i++, j++) {
		while (i < a.n && is_separator(a.p[i]))
			i++;
		while (j < b.n && is_separator(b.p[j]))
			j++;
		if (i == a.n || j == b.n)
			return i == a.n && j == b.n;
		if (to_lower(a.p[i]) != to_lower(b.p[j]))
			return false;
	}
}

static bool same_value(struct slice name, struct slice a, struct slice b)
{
	if (slice_ieq(name, "ext"))
		return same_digits(a, b);
	if (slice_ieq(name, "phone-context") && a.p[0] == '+')
		return same_digits(a, b);
	return sip_escape_same(a, b, false);
}

/* Is each parameter of a in b, and the same? */
static bool agrees(struct slice a, struct slice b)
{
	struct slice one, name, v, rest, other, his;

	while (a.n) {
		bool same = false;

		(void)slice_cut(a, ';', &one, &a);
		(void)slice_cut(one, '=', &name, &v);
		for (rest = b; rest.n && !same;) {
			(void)slice_cut(rest, ';', &one, &rest);
			(void)slice_cut(one, '=', &other, &his);
			same = slice_isame(name, other) &&
			       same_value(name, v, his);
		}
		if (!same)
			return false;
	}
	return true;
}

bool sip_tel_same(const struct sip_tel *a, const struct sip_tel *b)
{
	return a->global == b->global && same_digits(a->number, b->number) &&
	       agrees(a->params, b->params) && agrees(b->params, a->params);
}

/* ------------------------------------------------------------ writing */

void sip_tel_write(struct writer *w, const struct sip_tel *t)
{
	writer_str(w, "tel:");
	writer_put(w, t->number);
	if (t->params.n) {
		writer_char(w, ';');
		writer_put(w, t->params);
	}
}

void sip_tel_write_digits(struct writer *w, const struct sip_tel *t)
{
	for (size_t i = 0; i < t->number.n; i++)
		if (!is_separator(t->number.p[i]))
			writer_char(w, t->number.p[i]);
}
