/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/suites.h"

#include <stdio.h>

#include "platform/limits.h"
#include "sip/msg/sip_tel.h"
#include "tests/unit/marked.h"

static struct sip_tel tel(const char *text)
{
	struct parse_error e = { 0 };
	struct sip_tel t;

	ck_assert_msg(sip_tel_parse(slice_str(text), &t, &e) == 0,
		      "%s: %s at %zu", text, e.reason, e.offset);
	return t;
}

/* The examples of RFC 3966 sections 6 and 5.1. */
START_TEST(examples_of_rfc_3966)
{
	struct sip_tel t = tel("tel:+1-201-555-0123");

	ck_assert(t.global && !t.context.n && !t.params.n);
	ck_slice_eq(t.number, "+1-201-555-0123");
	t = tel("tel:7042;phone-context=example.com");
	ck_assert(!t.global);
	ck_slice_eq(t.number, "7042");
	ck_slice_eq(t.context, "example.com");
	ck_slice_eq(t.params, "phone-context=example.com");
	t = tel("tel:863-1234;phone-context=+1-914-555");
	ck_slice_eq(t.context, "+1-914-555");
	t = tel("tel:*#a-f(9);isub=1%2F/2@x,y;ext=1-2;phone-context=h.;"
		"a-b=[1]");
	ck_slice_eq(t.number, "*#a-f(9)");
	ck_slice_eq(t.isub, "1%2F/2@x,y");
	ck_slice_eq(t.ext, "1-2");
	ck_slice_eq(t.context, "h.");
	t = tel("TEL:+.1;x");
	ck_slice_eq(t.number, "+.1");
	ck_slice_eq(t.params, "x");
}
END_TEST

START_TEST(faults_are_found_where_they_are)
{
	static const char *const bad[] = {
		"^", "^sip:a", "^tel", "tel:^", "tel:^+", "tel:^+-", "tel:^x",
		"tel:^-.", "tel:+1^a", "tel:+1^*", "tel:+1^ 2", "tel:1^",
		"tel:1;x=1^", "tel:+1;^", "tel:+1;^;a", "tel:+1;^_a",
		"tel:+1;a=^", "tel:+1;a=^;b", "tel:+1;a=1^=", "tel:+1;a=1^,",
		"tel:+1;ext^", "tel:+1;ext=^", "tel:+1;ext=^-",
		"tel:+1;ext=1^a",
		"tel:+1;isub^", "tel:+1;isub=^", "tel:+1;isub=1^=",
		"tel:1;phone-context^", "tel:1;phone-context=^",
		"tel:1;phone-context=^192.0.2.1", "tel:1;phone-context=^[::1]",
		"tel:1;phone-context=^+", "tel:1;phone-context=^-a",
		"tel:+1;a;^A", "tel:+1;ext=1;^ext=2", "tel:+1;a=^%4",
		"tel:+1;a=x^%4", "tel:+1;isub=x^%g1",
	};

	unsigned wrong = 0;

	for (size_t i = 0; i < COUNT(bad); i++) {
		struct marked m = marked(bad[i]);
		struct parse_error e = { 0 };
		struct sip_tel t = { .global = true };
		int rc = sip_tel_parse(m.in, &t, &e);

		wrong += !marked_ok(&m, bad[i], rc, -EBADMSG, &e);
		ck_assert(t.global && !t.number.p); /* as before */
		marked_free(&m);
	}
	ck_assert_uint_eq(wrong, 0);
}
END_TEST

START_TEST(parameters_have_a_limit)
{
	char text[512];
	size_t at = (size_t)snprintf(text, sizeof(text), "tel:+1");
	struct parse_error e = { 0 };
	struct sip_tel t;

	for (unsigned i = 0; i < LIMIT_SIP_PARAMS; i++)
		at += (size_t)snprintf(text + at, sizeof(text) - at, ";p%u", i);
	ck_assert_int_eq(sip_tel_parse(slice_of(text, at), &t, &e), 0);
	at += (size_t)snprintf(text + at, sizeof(text) - at, ";x");
	ck_assert_int_eq(sip_tel_parse(slice_of(text, at), &t, &e), -E2BIG);
	ck_assert_uint_eq(e.offset, at);
}
END_TEST

/* Nothing behind either is looked at. */
static bool same(const char *a, const char *b)
{
	struct marked p = marked(a), q = marked(b);
	struct sip_tel x, y;
	bool ab;

	ck_assert(!sip_tel_parse(p.in, &x, NULL));
	ck_assert(!sip_tel_parse(q.in, &y, NULL));
	ab = sip_tel_same(&x, &y);
	ck_assert(sip_tel_same(&x, &x) && sip_tel_same(&y, &y));
	ck_assert(sip_tel_same(&y, &x) == ab);
	marked_free(&p);
	marked_free(&q);
	return ab;
}

/* Rules of RFC 3966 section 4, in its order. */
START_TEST(comparison_of_section_4)
{
	/* Both local or both global. */
	ck_assert(!same("tel:+123", "tel:123;phone-context=a"));
	/* Visual separators do not count. */
	ck_assert(same("tel:+1-201-555-0123", "tel:+1(201)555.0123"));
	ck_assert(!same("tel:+1-201-555-0123", "tel:+1-201-555-012"));
	ck_assert(!same("tel:+1-201-555-012", "tel:+1-201-555-0124"));
	ck_assert(same("tel:1-;phone-context=a", "tel:1;phone-context=a"));
	/* phone-context: a host name, or digits. */
	ck_assert(same("tel:1;phone-context=A.b", "tel:1;phone-context=a.B"));
	ck_assert(same("tel:1;phone-context=+1-2", "tel:1;phone-context=+12"));
	ck_assert(!same("tel:1;phone-context=+1", "tel:1;phone-context=+2"));
	ck_assert(!same("tel:1;phone-context=a", "tel:1;phone-context=b"));
	ck_assert(!same("tel:1;phone-context=a-b", "tel:1;phone-context=ab"));
	ck_assert(same("tel:+1;ext=1-2", "tel:+1;ext=12"));
	ck_assert(!same("tel:+1;ext=12", "tel:+1;ext=13"));
	/* By name in any order; none may be missing. */
	ck_assert(same("tel:+1;a=1;b=2", "tel:+1;B=2;A=1"));
	ck_assert(!same("tel:+1;a=1", "tel:+1"));
	ck_assert(!same("tel:+1;a=1;b=2", "tel:+1;a=1;c=2"));
	ck_assert(!same("tel:+1;a", "tel:+1;a=1"));
	ck_assert(!same("tel:+1;a=1-2", "tel:+1;a=12"));
	/* Case does not count; escapes of what is not reserved neither. */
	ck_assert(same("tel:abc;phone-context=x", "tel:ABC;phone-context=x"));
	ck_assert(same("tel:+1;a=%41b", "tel:+1;a=aB"));
	ck_assert(!same("tel:+1;a=%2F", "tel:+1;a=/"));
}
END_TEST

START_TEST(written_as_it_was_and_as_digits)
{
	static const char text[] = "tel:+1-(201).5;ext=1-2;x=%41";
	char buf[64];
	struct writer w = writer_begin(buf, sizeof(buf));
	struct sip_tel t = tel(text);

	sip_tel_write(&w, &t);
	ck_slice_eq(writer_done(&w), text);
	w = writer_begin(buf, sizeof(buf));
	sip_tel_write_digits(&w, &t);
	ck_slice_eq(writer_done(&w), "+12015");
	t = tel("tel:*#a;phone-context=h");
	w = writer_begin(buf, sizeof(buf));
	sip_tel_write_digits(&w, &t);
	ck_slice_eq(writer_done(&w), "*#a");
	t = tel("tel:+1");
	w = writer_begin(buf, sizeof(buf));
	sip_tel_write(&w, &t);
	ck_slice_eq(writer_done(&w), "tel:+1");
}
END_TEST

static void prefix(struct slice in)
{
	struct parse_error e = { 0 };
	struct sip_tel t;

	if (sip_tel_parse(in, &t, &e))
		ck_assert(e.reason && e.offset <= in.n);
	else
		ck_assert(slice_inside(t.params, in) && t.number.n);
}

START_TEST(no_prefix_is_read_beyond)
{
	each_prefix(S("tel:+1-201;isub=1%2F;ext=1-2;phone-context=h.;a-b=[1]"),
		    prefix);
	each_prefix(S("tel:1;phone-context=+1;x=%41"), prefix);
}
END_TEST

SUITE(sip_tel, examples_of_rfc_3966, faults_are_found_where_they_are,
      parameters_have_a_limit, comparison_of_section_4,
      written_as_it_was_and_as_digits, no_prefix_is_read_beyond);
