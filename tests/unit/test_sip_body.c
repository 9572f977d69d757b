/* SPDX-License-Identifier: BSD-2-Clause
 * What a body says of a session.  The rules are RFC 3261 8.2.3 and 20.11, and
 * RFC 5621's; descriptions are any text here. */
#include "tests/unit/suites.h"

#include <stdio.h>

#include "sip/msg/sip_body.h"

static struct sip_msg m;
static struct slice found;

static int read_typed(const char *type, const char *disposition,
		      const char *body)
{
	sip_msg_response(&m, 200, S(""));
	m.body = slice_str(body);
	ck_assert_int_eq(sip_msg_add(&m, SIP_HDR_CONTENT_TYPE,
				     slice_str(type)), 0);
	if (*disposition)
		ck_assert_int_eq(sip_msg_add(&m, SIP_HDR_CONTENT_DISPOSITION,
					     slice_str(disposition)), 0);
	found = S("nothing was said");
	return sip_body_read(&m, sip_body_types, &found);
}

static int read_mixed(const char *body)
{
	return read_typed("multipart/mixed;boundary=\"b\"", "", body);
}

#define SDP(text) "Content-Type: application/sdp\r\n\r\n" text
#define ISUP(handling) "Content-Type: application/isup;version=itu-t92+\r\n" \
	"Content-Disposition: signal" handling "\r\n\r\n\x01\x02"
#define PIDF "Content-Type: application/pidf+xml\r\n" \
	"Content-ID: <here@192.0.2.1>\r\n\r\n<presence/>"
#define TWO(a, b) "--b\r\n" a "\r\n--b\r\n" b "\r\n--b--\r\n"

START_TEST(the_description_is_found_beside_other_parts)
{
	ck_assert_int_eq(read_typed("application/sdp", "", "v=0"), 0);
	ck_slice_eq(found, "v=0");
	ck_assert_int_eq(read_mixed(TWO(SDP("v=0\r\n"),
					ISUP(";handling=optional"))), 0);
	ck_slice_eq(found, "v=0\r\n");
	ck_assert_int_eq(read_mixed(TWO(ISUP(";handling=optional"),
					SDP("v=0"))), 0);
	ck_slice_eq(found, "v=0");
	/* Location comes without a word of its handling. */
	ck_assert_int_eq(read_mixed(TWO(PIDF, SDP("v=0"))), 0);
	ck_slice_eq(found, "v=0");
	/* Of two the first; unknown multiparts are as mixed ones (4.2). */
	ck_assert_int_eq(read_typed("multipart/x-y; boundary=b", "",
				    TWO(SDP("1"), SDP("2"))), 0);
	ck_slice_eq(found, "1");
	ck_assert_int_eq(read_mixed("--b\r\nCONTENT-type:\r\n APPLICATION/"
				    "sdp\r\nContent-Transfer-Encoding: binary"
				    "\r\n\r\n1\r\n--b--"), 0);
	ck_slice_eq(found, "1");
}
END_TEST

/* RFC 5621 8.4: 415 for what is required. */
START_TEST(what_must_be_understood_and_is_not_is_refused)
{
	ck_assert_int_eq(read_mixed(TWO(SDP("v=0"),
					ISUP(";handling=required"))),
			 -ENOTSUP);
	ck_slice_eq(found, "v=0");
	ck_assert_int_eq(read_typed("text/plain", "", "hi"), -ENOTSUP);
	ck_assert_int_eq(read_typed("text/plain", "render", "hi"), -ENOTSUP);
	ck_assert_int_eq(read_typed("text/plain", "render;handling=optional",
				    "hi"), 0);
	ck_assert_uint_eq(found.n, 0);
	/* Nothing but what is not understood. */
	ck_assert_int_eq(read_mixed(TWO(ISUP(""), PIDF)), -ENOTSUP);
	ck_assert_int_eq(read_mixed(TWO(ISUP(";handling=optional"),
					ISUP(";handling=optional"))), 0);
	ck_assert_uint_eq(found.n, 0);
	/* 8.2: nothing is required in what may be ignored as a whole. */
	ck_assert_int_eq(read_typed("multipart/mixed;boundary=b",
				    "render;handling=optional",
				    TWO(SDP("v=0"),
					ISUP(";handling=required"))), 0);
	/* A coding, and descriptions of other contexts, are as unknown. */
	ck_assert_int_eq(read_mixed(TWO("Content-Encoding: gzip\r\n" SDP("z"),
					PIDF)), -ENOTSUP);
	ck_assert_int_eq(read_mixed(TWO("Content-Transfer-Encoding: base64\r\n"
					SDP("z"), PIDF)), -ENOTSUP);
	ck_assert_int_eq(read_mixed(TWO("Content-Disposition: early-session; "
					"handling=optional\r\n" SDP("early"),
					SDP("v=0"))), 0);
	ck_slice_eq(found, "v=0");
	ck_assert_int_eq(read_typed("application/sdp", "early-session", "v"),
			 -ENOTSUP);
}
END_TEST

#define ALTERNATIVE(disposition, a, b) \
	"Content-Type: multipart/alternative; boundary=i\r\n" disposition \
	"\r\n--i\r\n" a "\r\n--i\r\n" b "\r\n--i--\r\n"
#define NEWER "Content-Type: application/sdpng\r\n" \
	"Content-Disposition: session;handling=required\r\n\r\n<sdpng/>"

/* RFC 2046 5.1.4: the last that can be shown; RFC 5621 8.3: the handling of
 * the parts does not count. */
START_TEST(of_an_alternative_the_last_that_is_understood_counts)
{
	ck_assert_int_eq(read_mixed(TWO(ALTERNATIVE("", SDP("1"), NEWER),
					PIDF)), 0);
	ck_slice_eq(found, "1");
	ck_assert_int_eq(read_mixed(TWO(ALTERNATIVE("", SDP("1"), SDP("2")),
					SDP("3"))), 0);
	ck_slice_eq(found, "2");
	ck_assert_int_eq(read_mixed(TWO(ALTERNATIVE("Content-Disposition: "
		"session;handling=required\r\n", NEWER, NEWER), SDP("3"))),
			 -ENOTSUP);
	ck_assert_int_eq(read_mixed(TWO(ALTERNATIVE("Content-Disposition: "
		"session;handling=optional\r\n", NEWER, NEWER), SDP("3"))), 0);
	ck_slice_eq(found, "3");
}
END_TEST

/* That many multiparts, one in the other, with a description at the end. */
static const char *nested(unsigned depth)
{
	static char text[4096];
	size_t n = 0;

	for (unsigned i = 1; i < depth; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "--%u\r\n"
			"Content-Type: multipart/mixed;boundary=%u\r\n\r\n",
			i, i + 1);
	n += (size_t)snprintf(text + n, sizeof(text) - n, "--%u\r\n"
			      SDP("v=0"), depth);
	for (unsigned i = depth; i; i--)
		n += (size_t)snprintf(text + n, sizeof(text) - n,
				      "\r\n--%u--", i);
	return text;
}

START_TEST(there_is_a_deepest_multipart)
{
	ck_assert_int_eq(read_typed("multipart/mixed;boundary=1", "",
				    nested(LIMIT_MIME_DEPTH)), 0);
	ck_slice_eq(found, "v=0");
	ck_assert_int_eq(read_typed("multipart/mixed;boundary=1", "",
				    nested(LIMIT_MIME_DEPTH + 1)), -ENOTSUP);
	ck_assert_uint_eq(found.n, 0);
}
END_TEST

START_TEST(a_malformed_multipart_is_told_apart)
{
	char many[1024];
	struct writer w = writer_begin(many, sizeof(many) - 1);

	ck_assert_int_eq(read_typed("multipart/mixed", "", "--b--"), -EBADMSG);
	ck_assert_int_eq(read_mixed("--b\r\n" SDP("v=0")), -EBADMSG);
	ck_assert_uint_eq(found.n, 0);
	ck_assert_int_eq(read_mixed(TWO("Content-Type: multipart/mixed\r\n",
					SDP("v=0"))), -EBADMSG);
	for (unsigned i = 0; i <= LIMIT_MIME_PARTS; i++)
		writer_str(&w, "--b\r\n" SDP("") "\r\n");
	writer_str(&w, "--b--");
	many[w.n] = '\0';
	ck_assert_int_eq(read_mixed(many), -E2BIG);
}
END_TEST

SUITE(sip_body, the_description_is_found_beside_other_parts,
      what_must_be_understood_and_is_not_is_refused,
      of_an_alternative_the_last_that_is_understood_counts,
      there_is_a_deepest_multipart, a_malformed_multipart_is_told_apart);
