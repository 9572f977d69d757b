/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/suites.h"

#include "sip/hdr/sip_hdr.h"

/* RFC 3261 section 20, with the compact forms of 7.3.3; RFC 3327, 3608,
 * 5626. */
static const struct {
	enum sip_hdr id;
	const char *name;
	char compact;
	bool list;
} known[] = {
	{ SIP_HDR_ACCEPT, "Accept", 0, true },
	{ SIP_HDR_ACCEPT_ENCODING, "Accept-Encoding", 0, true },
	{ SIP_HDR_ACCEPT_LANGUAGE, "Accept-Language", 0, true },
	{ SIP_HDR_ALERT_INFO, "Alert-Info", 0, true },
	{ SIP_HDR_ALLOW, "Allow", 0, true },
	{ SIP_HDR_AUTHENTICATION_INFO, "Authentication-Info", 0, false },
	{ SIP_HDR_AUTHORIZATION, "Authorization", 0, false },
	{ SIP_HDR_CALL_ID, "Call-ID", 'i', false },
	{ SIP_HDR_CALL_INFO, "Call-Info", 0, true },
	{ SIP_HDR_CONTACT, "Contact", 'm', true },
	{ SIP_HDR_CONTENT_DISPOSITION, "Content-Disposition", 0, false },
	{ SIP_HDR_CONTENT_ENCODING, "Content-Encoding", 'e', true },
	{ SIP_HDR_CONTENT_LANGUAGE, "Content-Language", 0, true },
	{ SIP_HDR_CONTENT_LENGTH, "Content-Length", 'l', false },
	{ SIP_HDR_CONTENT_TYPE, "Content-Type", 'c', false },
	{ SIP_HDR_CSEQ, "CSeq", 0, false },
	{ SIP_HDR_DATE, "Date", 0, false },
	{ SIP_HDR_ERROR_INFO, "Error-Info", 0, true },
	{ SIP_HDR_EXPIRES, "Expires", 0, false },
	{ SIP_HDR_FLOW_TIMER, "Flow-Timer", 0, false },
	{ SIP_HDR_FROM, "From", 'f', false },
	{ SIP_HDR_IN_REPLY_TO, "In-Reply-To", 0, true },
	{ SIP_HDR_MAX_FORWARDS, "Max-Forwards", 0, false },
	{ SIP_HDR_MIN_EXPIRES, "Min-Expires", 0, false },
	{ SIP_HDR_MIME_VERSION, "MIME-Version", 0, false },
	{ SIP_HDR_ORGANIZATION, "Organization", 0, false },
	{ SIP_HDR_PATH, "Path", 0, true },
	{ SIP_HDR_PRIORITY, "Priority", 0, false },
	{ SIP_HDR_PROXY_AUTHENTICATE, "Proxy-Authenticate", 0, false },
	{ SIP_HDR_PROXY_AUTHORIZATION, "Proxy-Authorization", 0, false },
	{ SIP_HDR_PROXY_REQUIRE, "Proxy-Require", 0, true },
	{ SIP_HDR_RECORD_ROUTE, "Record-Route", 0, true },
	{ SIP_HDR_REPLY_TO, "Reply-To", 0, false },
	{ SIP_HDR_REQUIRE, "Require", 0, true },
	{ SIP_HDR_RETRY_AFTER, "Retry-After", 0, false },
	{ SIP_HDR_ROUTE, "Route", 0, true },
	{ SIP_HDR_SERVER, "Server", 0, false },
	{ SIP_HDR_SERVICE_ROUTE, "Service-Route", 0, true },
	{ SIP_HDR_SUBJECT, "Subject", 's', false },
	{ SIP_HDR_SUPPORTED, "Supported", 'k', true },
	{ SIP_HDR_TIMESTAMP, "Timestamp", 0, false },
	{ SIP_HDR_TO, "To", 't', false },
	{ SIP_HDR_UNSUPPORTED, "Unsupported", 0, true },
	{ SIP_HDR_USER_AGENT, "User-Agent", 0, false },
	{ SIP_HDR_VIA, "Via", 'v', true },
	{ SIP_HDR_WARNING, "Warning", 0, true },
	{ SIP_HDR_WWW_AUTHENTICATE, "WWW-Authenticate", 0, false },
};

/* The name in letters of all one case; 'x' leaves it. */
static enum sip_hdr find(const char *name, int (*to)(int))
{
	char buf[32];
	size_t n = strlen(name);

	for (size_t i = 0; i < n; i++)
		buf[i] = (char)(to ? to(name[i]) : name[i]);
	return sip_hdr_find(slice_of(buf, n));
}

static int upper(int c)
{
	return c >= 'a' && c <= 'z' ? c - 32 : c;
}

static int lower(int c)
{
	return c >= 'A' && c <= 'Z' ? c + 32 : c;
}

START_TEST(each_name_of_section_20_is_known_in_any_case)
{
	ck_assert_uint_eq(COUNT(known), SIP_HDR_COUNT - 1);
	for (size_t i = 0; i < COUNT(known); i++) {
		ck_assert_int_eq(find(known[i].name, NULL), known[i].id);
		ck_assert_int_eq(find(known[i].name, upper), known[i].id);
		ck_assert_int_eq(find(known[i].name, lower), known[i].id);
		ck_assert(slice_eq(sip_hdr_name(known[i].id), known[i].name));
		ck_assert_int_eq(sip_hdr_compact(known[i].id),
				 known[i].compact);
		ck_assert(sip_hdr_is_list(known[i].id) == known[i].list);
	}
	ck_assert_uint_eq(sip_hdr_name(SIP_HDR_OTHER).n, 0);
	ck_assert(!sip_hdr_is_list(SIP_HDR_OTHER));
}
END_TEST

START_TEST(compact_forms_are_single_letters_and_nothing_else_is)
{
	for (int c = 0; c < 256; c++) {
		char one = (char)c;
		enum sip_hdr want = SIP_HDR_OTHER;

		for (size_t i = 0; i < COUNT(known); i++)
			if (known[i].compact && lower(c) == known[i].compact)
				want = known[i].id;
		ck_assert_int_eq(sip_hdr_find(slice_of(&one, 1)), want);
	}
}
END_TEST

/* Names with the length and the ends of a known one meet it under the table's
 * hash; so does any with one byte changed in the middle.  None is taken for
 * it. */
START_TEST(a_name_that_collides_with_a_known_one_is_another)
{
	for (size_t i = 0; i < COUNT(known); i++) {
		size_t n = strlen(known[i].name);

		for (size_t k = 0; k < n; k++)
			for (int c = 0; c < 256; c++) {
				char buf[32];

				memcpy(buf, known[i].name, n);
				if (lower(c) == lower(buf[k]))
					continue;
				buf[k] = (char)c;
				ck_assert_int_ne(sip_hdr_find(slice_of(buf, n)),
						 known[i].id);
			}
	}
	ck_assert_int_eq(sip_hdr_find(S("Xo")), SIP_HDR_OTHER);
	ck_assert_int_eq(sip_hdr_find(S("Vxa")), SIP_HDR_OTHER);
	ck_assert_int_eq(sip_hdr_find(S("Contxct")), SIP_HDR_OTHER);
	ck_assert_int_eq(sip_hdr_find(S("C%6Fntact")), SIP_HDR_OTHER);
}
END_TEST

START_TEST(longer_and_shorter_names_are_others)
{
	for (size_t i = 0; i < COUNT(known); i++) {
		char buf[32];
		size_t n = strlen(known[i].name);

		memcpy(buf, known[i].name, n);
		buf[n] = '\0';
		ck_assert_int_eq(sip_hdr_find(slice_of(buf, n + 1)),
				 SIP_HDR_OTHER);
		buf[n] = 's';
		ck_assert_int_eq(sip_hdr_find(slice_of(buf, n + 1)),
				 SIP_HDR_OTHER);
		ck_assert_int_eq(sip_hdr_find(slice_of(buf + 1, n - 1)),
				 SIP_HDR_OTHER);
	}
	ck_assert_int_eq(sip_hdr_find(S("")), SIP_HDR_OTHER);
	ck_assert_int_eq(sip_hdr_find(S("\0\0\0\0")), SIP_HDR_OTHER);
	ck_assert_int_eq(sip_hdr_find(S("Proxy-Authenticate-To-Al")), /* 24 */
			 SIP_HDR_OTHER);
	ck_assert_int_eq(sip_hdr_find(S("Proxy-Authenticate-To-All")),
			 SIP_HDR_OTHER);
}
END_TEST

SUITE(sip_hdr, each_name_of_section_20_is_known_in_any_case,
      compact_forms_are_single_letters_and_nothing_else_is,
      a_name_that_collides_with_a_known_one_is_another,
      longer_and_shorter_names_are_others);
