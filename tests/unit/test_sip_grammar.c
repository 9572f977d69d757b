/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/expect.h"

#include <stdio.h>

#include "platform/limits.h"
#include "sip/hdr/sip_grammar.h"

/* Each header of RFC 3261 section 20 with its example there (of 24.2 where
 * it has none), and what is written of it; NULL: the same. */
static const struct {
	enum sip_hdr id;
	const char *in, *out;
} example[] = {
	{ SIP_HDR_OTHER, "any\r\n value,\xC3\xA4", "any value,\xC3\xA4" },
	{ SIP_HDR_ACCEPT,
	  "application/sdp;level=1, application/x-private, text/html", NULL },
	{ SIP_HDR_ACCEPT_ENCODING, "gzip", NULL },
	{ SIP_HDR_ACCEPT_LANGUAGE, "da, en-gb;q=0.8, en;q=0.7", NULL },
	{ SIP_HDR_ALERT_INFO, "<http://www.example.com/sounds/moo.wav>",
	  NULL },
	{ SIP_HDR_ALLOW, "INVITE, ACK, OPTIONS, CANCEL, BYE", NULL },
	{ SIP_HDR_AUTHENTICATION_INFO,
	  "nextnonce=\"47364c23432d2e131a5fb210812c\"", NULL },
	{ SIP_HDR_AUTHORIZATION,
	  "Digest username=\"Alice\", realm=\"atlanta.com\",\r\n"
	  " nonce=\"84a4cc6f3082121f32b42a2187831a9e\",\r\n"
	  " response=\"7587245234b3434cc3412213e5f113a5432\"",
	  "Digest username=\"Alice\", realm=\"atlanta.com\", "
	  "nonce=\"84a4cc6f3082121f32b42a2187831a9e\", "
	  "response=\"7587245234b3434cc3412213e5f113a5432\"" },
	{ SIP_HDR_CALL_ID, "f81d4fae-7dec-11d0-a765-00a0c91e6bf6@biloxi.com",
	  NULL },
	{ SIP_HDR_CALL_INFO,
	  "<http://wwww.example.com/alice/photo.jpg> ;purpose=icon,\r\n"
	  "  <http://www.example.com/alice/> ;purpose=info",
	  "<http://wwww.example.com/alice/photo.jpg>;purpose=icon, "
	  "<http://www.example.com/alice/>;purpose=info" },
	{ SIP_HDR_CONTACT,
	  "\"Mr. Watson\" <sip:watson@worcester.bell-telephone.com>\r\n"
	  "  ;q=0.7; expires=3600,\r\n"
	  "  \"Mr. Watson\" <mailto:watson@bell-telephone.com> ;q=0.1",
	  "\"Mr. Watson\" <sip:watson@worcester.bell-telephone.com>"
	  ";q=0.7;expires=3600, "
	  "\"Mr. Watson\" <mailto:watson@bell-telephone.com>;q=0.1" },
	{ SIP_HDR_CONTACT, "*", NULL },
	{ SIP_HDR_CONTENT_DISPOSITION, "session", NULL },
	{ SIP_HDR_CONTENT_ENCODING, "gzip", NULL },
	{ SIP_HDR_CONTENT_LANGUAGE, "fr", NULL },
	{ SIP_HDR_CONTENT_LENGTH, "349", NULL },
	{ SIP_HDR_CONTENT_TYPE, "text/html; charset=ISO-8859-4",
	  "text/html;charset=ISO-8859-4" },
	{ SIP_HDR_CSEQ, "4711 INVITE", NULL },
	{ SIP_HDR_DATE, "Sat, 13 Nov 2010 23:29:00 GMT", NULL },
	{ SIP_HDR_ERROR_INFO, "<sip:not-in-service-recording@atlanta.com>",
	  NULL },
	{ SIP_HDR_EXPIRES, "5", NULL },
	{ SIP_HDR_FROM,
	  "\"A. G. Bell\" <sip:agb@bell-telephone.com> ;tag=a48s",
	  "\"A. G. Bell\" <sip:agb@bell-telephone.com>;tag=a48s" },
	{ SIP_HDR_FLOW_TIMER, "120", NULL },
	{ SIP_HDR_FROM, "sip:+12125551212@server.phone2net.com;tag=887s",
	  "<sip:+12125551212@server.phone2net.com>;tag=887s" },
	{ SIP_HDR_FROM, "Anonymous <sip:c8oqz84zk7z@privacy.org>;tag=hyh8",
	  NULL },
	{ SIP_HDR_IN_REPLY_TO,
	  "70710@saturn.bell-tel.com, 17320@saturn.bell-tel.com", NULL },
	{ SIP_HDR_MAX_FORWARDS, "6", NULL },
	{ SIP_HDR_MIN_EXPIRES, "60", NULL },
	{ SIP_HDR_MIME_VERSION, "1.0", NULL },
	{ SIP_HDR_ORGANIZATION, "Boxes by Bob", NULL },
	{ SIP_HDR_PATH, "<sip:P3.EXAMPLEHOME.COM;lr>,"
	  "<sip:P1.EXAMPLEVISITED.COM;lr>",
	  "<sip:P3.EXAMPLEHOME.COM;lr>, <sip:P1.EXAMPLEVISITED.COM;lr>" },
	{ SIP_HDR_PRIORITY, "emergency", NULL },
	{ SIP_HDR_PROXY_AUTHENTICATE,
	  "Digest realm=\"atlanta.com\",\r\n"
	  " domain=\"sip:ss1.carrier.com\", qop=\"auth\",\r\n"
	  " nonce=\"f84f1cec41e6cbe5aea9c8e88d359\",\r\n"
	  " opaque=\"\", stale=FALSE, algorithm=MD5",
	  "Digest realm=\"atlanta.com\", domain=\"sip:ss1.carrier.com\", "
	  "nonce=\"f84f1cec41e6cbe5aea9c8e88d359\", opaque=\"\", "
	  "stale=FALSE, algorithm=MD5, qop=\"auth\"" },
	{ SIP_HDR_PROXY_AUTHORIZATION,
	  "Digest username=\"Alice\", realm=\"atlanta.com\",\r\n"
	  "   nonce=\"c60f3082ee1212b402a21831ae\",\r\n"
	  "   response=\"245f23415f11432b3434341c022\"",
	  "Digest username=\"Alice\", realm=\"atlanta.com\", "
	  "nonce=\"c60f3082ee1212b402a21831ae\", "
	  "response=\"245f23415f11432b3434341c022\"" },
	{ SIP_HDR_PROXY_REQUIRE, "foo", NULL },
	{ SIP_HDR_RECORD_ROUTE,
	  "<sip:server10.biloxi.com;lr>,\r\n"
	  " <sip:bigbox3.site3.atlanta.com;lr>",
	  "<sip:server10.biloxi.com;lr>, "
	  "<sip:bigbox3.site3.atlanta.com;lr>" },
	{ SIP_HDR_REPLY_TO, "Bob <sip:bob@biloxi.com>", NULL },
	{ SIP_HDR_REQUIRE, "100rel", NULL },
	{ SIP_HDR_RETRY_AFTER, "18000;duration=3600", NULL },
	{ SIP_HDR_RETRY_AFTER, "120 (I'm in a meeting)", NULL },
	{ SIP_HDR_ROUTE,
	  "<sip:bigbox3.site3.atlanta.com;lr>,\r\n"
	  "  <sip:server10.biloxi.com;lr>",
	  "<sip:bigbox3.site3.atlanta.com;lr>, "
	  "<sip:server10.biloxi.com;lr>" },
	{ SIP_HDR_SERVER, "HomeServer v2", NULL },
	{ SIP_HDR_SERVICE_ROUTE, "<sip:P2.HOME.EXAMPLE.COM;lr>,\r\n"
	  " <sip:HSP.HOME.EXAMPLE.COM;lr>",
	  "<sip:P2.HOME.EXAMPLE.COM;lr>, "
	  "<sip:HSP.HOME.EXAMPLE.COM;lr>" },
	{ SIP_HDR_SUBJECT, "Need more boxes", NULL },
	{ SIP_HDR_SUPPORTED, "100rel", NULL },
	{ SIP_HDR_TIMESTAMP, "54", NULL },
	{ SIP_HDR_TO, "The Operator <sip:operator@cs.columbia.edu>;tag=287447",
	  NULL },
	{ SIP_HDR_TO, "sip:+12125551212@server.phone2net.com",
	  "<sip:+12125551212@server.phone2net.com>" },
	{ SIP_HDR_UNSUPPORTED, "foo", NULL },
	{ SIP_HDR_USER_AGENT, "Softphone Beta1.5", NULL },
	{ SIP_HDR_VIA, "SIP/2.0/UDP erlang.bell-telephone.com:5060"
		       ";branch=z9hG4bK87asdks7", NULL },
	{ SIP_HDR_VIA,
	  "SIP / 2.0 / UDP first.example.com: 4000;ttl=16\r\n"
	  "  ;maddr=224.2.0.1 ;branch=z9hG4bKa7c6a8dlze.1, SIP/2.0/TCP a",
	  NULL },
	{ SIP_HDR_WARNING,
	  "307 isi.edu \"Session parameter 'foo' not understood\"", NULL },
	{ SIP_HDR_WARNING,
	  "301 isi.edu \"Incompatible network address type 'E.164'\"", NULL },
	{ SIP_HDR_WWW_AUTHENTICATE, "Digest realm=\"a\", nonce=\"b\"", NULL },
};

static void write_row(enum sip_hdr id, struct slice in, char *buf, size_t cap,
		      struct slice *out)
{
	struct writer w = writer_begin(buf, cap);
	struct parse_error e = { 0 };

	ck_assert_msg(sip_grammar[id].rewrite(in, &w, &e) == 0,
		      "%.*s: %s at %zu", (int)in.n, in.p,
		      e.reason ? e.reason : "-", e.offset);
	ck_assert_int_ge(writer_end(&w), 0);
	*out = writer_done(&w);
}

START_TEST(no_cell_is_missing)
{
	bool seen[SIP_HDR_COUNT] = { false };

	for (size_t i = 0; i < COUNT(example); i++)
		seen[example[i].id] = true;
	for (int id = 0; id < SIP_HDR_COUNT; id++) {
		char path[128];
		FILE *f;

		ck_assert_msg(seen[id], "no example of header %d", id);
		ck_assert(sip_grammar[id].rewrite != NULL);
		ck_assert_ptr_nonnull(sip_grammar[id].target);
		snprintf(path, sizeof(path), "fuzz/fuzz_%s.c",
			 sip_grammar[id].target);
		f = fopen(path, "r");
		ck_assert_msg(f != NULL, "%s is missing", path);
		fclose(f);
	}
}
END_TEST

START_TEST(examples_are_read_and_written)
{
	for (size_t i = 0; i < COUNT(example); i++) {
		struct slice in = slice_str(example[i].in), one, two;
		char a[512], b[512];

		ck_parses(sip_grammar_check(example[i].id, in, &e));
		write_row(example[i].id, in, a, sizeof(a), &one);
		write_row(example[i].id, one, b, sizeof(b), &two);
		ck_assert(slice_same(one, two));
		if (example[i].out)
			ck_slice_eq(one, example[i].out);
		else if (example[i].id != SIP_HDR_VIA)
			ck_slice_eq(one, example[i].in);
	}
}
END_TEST

/* A prefix is refused with a reason, or is a value that reads the same again
 * when written. */
START_TEST(prefixes)
{
	for (size_t i = 0; i < COUNT(example); i++) {
		struct slice in = slice_str(example[i].in), one, two;
		char a[512], b[512];

		for (size_t n = 0; n < in.n; n++) {
			struct parse_error e = { 9999, NULL };
			int rc = sip_grammar_check(example[i].id,
						   slice_head(in, n), &e);

			if (rc) {
				ck_assert_int_eq(rc, -EBADMSG);
				ck_assert_ptr_nonnull(e.reason);
				ck_assert_uint_le(e.offset, n);
				continue;
			}
			write_row(example[i].id, slice_head(in, n), a,
				  sizeof(a), &one);
			write_row(example[i].id, one, b, sizeof(b), &two);
			ck_assert(slice_same(one, two));
		}
	}
}
END_TEST

/* Too long for the writer is no fault of the value. */
START_TEST(a_full_writer_is_no_parse_error)
{
	for (size_t i = 0; i < COUNT(example); i++) {
		struct slice in = slice_str(example[i].in);
		struct parse_error e = { 0 };
		char buf[4];
		struct writer w = writer_begin(buf, sizeof(buf));

		ck_assert_int_eq(sip_grammar[example[i].id].rewrite(in, &w,
								    &e), 0);
		ck_assert(in.n <= 4 || writer_end(&w) == -ENOSPC);
	}
}
END_TEST

START_TEST(offsets_count_from_the_field)
{
	ck_fails(sip_grammar_check(SIP_HDR_ROUTE, S("<sip:a>, sip:b"), &e), 9,
		 "name-addr wanted");
	ck_fails(sip_grammar_check(SIP_HDR_CONTACT, S("<sip:a>, *"), &e), 9,
		 "* not alone");
	ck_fails(sip_grammar_check(SIP_HDR_CONTACT, S("*, <sip:a>"), &e), 0,
		 "* not alone");
	ck_fails(sip_grammar_check(SIP_HDR_OTHER, S("a\tb\x01"), &e), 3,
		 "text without controls wanted");
	ck_fails(sip_grammar_check(SIP_HDR_OTHER, S("a\r\nb"), &e), 1,
		 "text without controls wanted");
	ck_assert_int_eq(sip_grammar_check(SIP_HDR_VIA, S(""), NULL),
			 -EBADMSG);
	ck_assert_int_eq(sip_grammar_check(SIP_HDR_ROUTE, S("<"), NULL),
			 -EBADMSG);
}
END_TEST

START_TEST(as_many_addresses_as_the_limit)
{
	char text[8 * (LIMIT_SIP_VALUES + 1)];

	for (int i = 0; i <= LIMIT_SIP_VALUES; i++)
		memcpy(text + 8 * i, "<sip:a>,", 8);
	ck_parses(sip_grammar_check(SIP_HDR_ROUTE,
				    slice_of(text, 8 * LIMIT_SIP_VALUES - 1),
				    &e));
	ck_fails_code(sip_grammar_check(SIP_HDR_ROUTE,
					slice_of(text, sizeof(text) - 1), &e),
		      -E2BIG, 8 * LIMIT_SIP_VALUES, "too many values");
	/* one address with too many parameters says so */
	memcpy(text, "<sip:a>", 7);
	for (int i = 0; i <= LIMIT_SIP_PARAMS; i++) {
		text[7 + 3 * i] = ';';
		text[8 + 3 * i] = (char)('a' + i % 16);
		text[9 + 3 * i] = (char)('a' + i / 16);
	}
	ck_fails_code(sip_grammar_check(SIP_HDR_ROUTE,
				slice_of(text, 10 + 3 * LIMIT_SIP_PARAMS),
				&e),
		      -E2BIG, 8 + 3 * LIMIT_SIP_PARAMS,
		      "too many parameters");
}
END_TEST

SUITE(sip_grammar, no_cell_is_missing, examples_are_read_and_written, prefixes,
      a_full_writer_is_no_parse_error, offsets_count_from_the_field,
      as_many_addresses_as_the_limit);
