/* SPDX-License-Identifier: BSD-2-Clause
 * RFC 1035 3.1, 4.1.4, 5.1; RFC 2181 11. */
#include "tests/unit/suites.h"

#include "dns/dns_name.h"
#include "tests/unit/expect.h"

static struct dns_name of(const char *text)
{
	struct dns_name n;

	ck_parses(dns_name_parse(slice_str(text), &n, &e));
	return n;
}

static void ck_text(const char *in, const char *out)
{
	struct dns_name n = of(in);
	char text[DNS_NAME_TEXT];

	ck_assert_str_eq(dns_name_text(&n, text), out);
}

/* RFC 1035 4.1.4's example: F.ISI.ARPA at 20, FOO.F.ISI.ARPA at 40, ARPA at 64,
 * the root at 92. */
static const char example[93] = {
	[20] = 1, 'F', 3, 'I', 'S', 'I', 4, 'A', 'R', 'P', 'A', 0,
	[40] = 3, 'F', 'O', 'O', (char)0xC0, 20,
	[64] = (char)0xC0, 26,
	[92] = 0,
};

START_TEST(the_compressed_names_of_rfc1035)
{
	static const struct {
		size_t at, end;
		const char *text;
	} row[] = { { 20, 32, "F.ISI.ARPA" }, { 40, 46, "FOO.F.ISI.ARPA" },
		    { 64, 66, "ARPA" }, { 92, 93, "." } };
	struct slice msg = slice_of(example, sizeof(example));
	char text[DNS_NAME_TEXT];
	struct dns_name n;

	for (size_t i = 0; i < COUNT(row); i++) {
		size_t at = row[i].at;

		ck_parses(dns_name_read(msg, &at, &n, &e));
		ck_assert_uint_eq(at, row[i].end);
		ck_assert_str_eq(dns_name_text(&n, text), row[i].text);
	}
}
END_TEST

START_TEST(text_is_escaped_both_ways)
{
	ck_text("example.com", "example.com");
	ck_text("example.com.", "example.com");
	ck_text(".", ".");
	ck_text("a\\.b.c", "a\\.b.c");
	ck_text("a\\\\b", "a\\\\b");
	ck_text("\\046x\\032y\\000", "\\.x\\032y\\000");
	ck_text("\\120\\_z", "x_z");
	ck_text("b\xC3\xBC" "cher.example", "b\xC3\xBC" "cher.example");
}
END_TEST

START_TEST(a_text_that_is_no_name_is_refused)
{
	static const char a63[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
				  "aaaaaaaaaaaaaaaaaaa";
	char room[300];
	struct writer w = writer_begin(room, sizeof(room));
	struct dns_name n = { 0 };

	ck_fails(dns_name_parse(S(""), &n, &e), 0, "label wanted");
	ck_fails(dns_name_parse(S("a..b"), &n, &e), 2, "label wanted");
	ck_fails(dns_name_parse(S(".a"), &n, &e), 0, "label wanted");
	ck_fails(dns_name_parse(S("a\\"), &n, &e), 1, "escape wanted");
	ck_fails(dns_name_parse(S("a\\25"), &n, &e), 1, "escape wanted");
	ck_fails(dns_name_parse(S("a\\256"), &n, &e), 1, "escape wanted");
	/* 63 + 63 + 63 + 61 with four lengths and the root are 255 */
	for (int i = 0; i < 3; i++) {
		writer_str(&w, a63);
		writer_char(&w, '.');
	}
	writer_put(&w, slice_of(a63, 61));
	ck_parses(dns_name_parse(writer_done(&w), &n, &e));
	ck_assert_uint_eq(n.n, DNS_NAME_MAX);
	writer_char(&w, 'a');
	ck_fails_code(dns_name_parse(writer_done(&w), &n, &e), -E2BIG, 192,
		      "name too long");
	w.n = 63;
	writer_char(&w, 'a');
	ck_fails_code(dns_name_parse(writer_done(&w), &n, &e), -E2BIG, 0,
		      "label too long");
	ck_assert_uint_eq(n.n, DNS_NAME_MAX); /* as before */
}
END_TEST

static void ck_unread(struct slice msg, size_t from, size_t at,
		      const char *why)
{
	struct dns_name n = { .n = 7 };
	size_t i = from;

	ck_fails(dns_name_read(msg, &i, &n, &e), at, why);
	ck_assert_uint_eq(i, from);
	ck_assert_uint_eq(n.n, 7);
}

START_TEST(no_pointer_leads_forwards_or_around)
{
	ck_unread(S("\xC0\x00"), 0, 0, "pointer backwards wanted");
	ck_unread(S("\xC0\x02\x01" "a"), 0, 0, "pointer backwards wanted");
	ck_unread(S("\x01" "a\xC0\x00"), 0, 2, "pointer backwards wanted");
	ck_unread(S("\xC0\x02\xC0\x00"), 2, 0, "pointer backwards wanted");
	ck_unread(S("\x01" "a\xC0"), 0, 2, "second octet of a pointer wanted");
	ck_unread(S("\x40" "a"), 0, 0, "unknown kind of label");
	ck_unread(S("\x80" "a"), 0, 0, "unknown kind of label");
	ck_unread(S("\x02" "a"), 0, 0, "label is cut off");
	ck_unread(S("\x01" "a"), 0, 2, "name wanted");
	ck_unread(S(""), 0, 0, "name wanted");
}
END_TEST

/* 64 labels of 3 octets are 256: too long, however they are pointed to. */
START_TEST(a_name_longer_than_255_is_refused)
{
	char room[512] = { 0 };
	struct dns_name n;
	size_t at = 0;

	for (size_t i = 0; i < 63; i++)
		memcpy(room + i * 4, "\x03" "abc", 4);
	ck_parses(dns_name_read(slice_of(room, 253), &at, &n, &e));
	ck_assert_uint_eq(n.n, 253);
	memcpy(room + 253, "\x01" "x\xC0\x00", 4); /* 2 + 253 = 255 */
	at = 253;
	ck_parses(dns_name_read(slice_of(room, 257), &at, &n, &e));
	ck_assert_uint_eq(n.n, 255);
	memcpy(room + 253, "\x02" "xy\xC0\x00", 5);
	ck_unread(slice_of(room, 258), 253, 248, "name too long");
}
END_TEST

/* Each pointer leads to the one before it: as many as labels are followed. */
START_TEST(a_chain_of_pointers_is_followed_so_far)
{
	char room[300] = { 0 };
	struct dns_name n;
	size_t at;

	for (size_t i = 1; i < COUNT(room) / 2; i++) {
		room[2 * i - 1] = (char)0xC0;
		room[2 * i] = (char)(i == 1 ? 0 : 2 * i - 3);
	}
	at = 2 * 127 - 1;
	ck_parses(dns_name_read(slice_of(room, 299), &at, &n, &e));
	ck_assert_uint_eq(n.n, 1);
	ck_unread(slice_of(room, 299), 2 * 128 - 1, 1,
		  "pointer backwards wanted");
}
END_TEST

START_TEST(names_are_compared_without_case_and_by_labels)
{
	struct dns_name a = of("sip1.Example.COM"), b = of("SIP1.example.com"),
			zone = of("example.com"), other = of("ample.com"),
			root = of("."), r;

	ck_assert(dns_name_same(&a, &b));
	ck_assert(!dns_name_same_case(&a, &b));
	ck_assert(dns_name_within(&a, &zone));
	ck_assert(dns_name_within(&zone, &zone));
	ck_assert(dns_name_within(&a, &root));
	ck_assert(!dns_name_within(&a, &other)); /* bytes match, labels not */
	ck_assert(!dns_name_within(&zone, &a));
	ck_assert(!dns_name_within(&a, &(struct dns_name){ 0 }));
	ck_assert_uint_eq(dns_name_dots(&a), 2);
	ck_assert_uint_eq(dns_name_dots(&root), 0);
	dns_name_fold(&a);
	ck_assert(!dns_name_same_case(&a, &b));
	dns_name_fold(&b);
	ck_assert(dns_name_same_case(&a, &b));
	/* RFC 6672 2.2's table */
	zone = of("example.com");
	other = of("example.net");
	a = of("foo.bar.example.com");
	ck_assert_int_eq(dns_name_rebase(&a, &zone, &other, &r), 0);
	b = of("foo.bar.example.net");
	ck_assert(dns_name_same(&r, &b));
	ck_assert_int_eq(dns_name_rebase(&root, &zone, &other, &r), -EINVAL);
	a = of("desk");
	ck_assert_int_eq(dns_name_join(&a, &zone, &r), 0);
	b = of("desk.example.com");
	ck_assert(dns_name_same(&r, &b));
}
END_TEST

START_TEST(a_name_made_of_two_may_be_too_long)
{
	struct dns_name a = of("x"), r = { 0 };
	int n = 0;

	while (dns_name_join(&a, &a, &r) == 0) {
		a = r;
		n++;
	}
	/* 3, 5, 9, 17, 33, 65, 129, 257: the seventh does not go */
	ck_assert_int_eq(n, 6);
	ck_assert_uint_eq(r.n, 129);
}
END_TEST

SUITE(dns_name, the_compressed_names_of_rfc1035, text_is_escaped_both_ways,
      a_text_that_is_no_name_is_refused, no_pointer_leads_forwards_or_around,
      a_name_longer_than_255_is_refused,
      a_chain_of_pointers_is_followed_so_far,
      names_are_compared_without_case_and_by_labels,
      a_name_made_of_two_may_be_too_long);
