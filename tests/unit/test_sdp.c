/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/suites.h"

#include <stdlib.h>

#include "sdp/sdp.h"

/* RFC 8866 5, the example, with what its grammar allows besides. */
static const char full[] =
	"v=0\r\n"
	"o=jdoe 3724394400 3724394405 IN IP4 198.51.100.1\r\n"
	"s=Call to John Smith\r\n"
	"i=SDP Offer #1\r\n"
	"u=http://www.jdoe.example.com/home.html\r\n"
	"e=Jane Doe <jane@jdoe.example.com>\r\n"
	"p=+1 617 555-6011\r\n"
	"c=IN IP4 198.51.100.1\r\n"
	"b=AS:128\r\n"
	"b=X-YZ:64\r\n"
	"t=3724394400 3724398000\r\n"
	"r=604800 3600 0 90000\r\n"
	"r=7d 1h 0 25h\r\n"
	"z=3730928400 -1h 3749680800 0\r\n"
	"t=0 0\r\n"
	"k=clear:secret\r\n"
	"a=recvonly\r\n"
	"a=group:LS 1 2\r\n"
	"m=audio 49170 RTP/AVP 0\r\n"
	"m=audio 49180 RTP/AVP 0\r\n"
	"i=second\r\n"
	"k=prompt\r\n"
	"m=video 51372/2 RTP/AVP 99 100\r\n"
	"c=IN IP6 2001:db8::2\r\n"
	"c=IN IP6 2001:db8::3\r\n"
	"b=TIAS:2000\r\n"
	"a=rtpmap:99 h263-1998/90000\r\n"
	"a=x#y^{|}~:: \r\n"
	"m=message 7394 TCP/TLS/MSRP *\r\n"
	"c=IN IP4 233.252.0.1/127/3\r\n";

static int parse(const char *text, unsigned flags, struct sdp *d,
		 struct parse_error *e)
{
	return sdp_parse(slice_str(text), flags, d, e);
}

START_TEST(every_line_of_the_grammar_is_read)
{
	struct parse_error e = { 0 };
	struct slice list, one;
	uint64_t v;
	struct sdp d;

	ck_assert_int_eq(parse(full, 0, &d, &e), 0);
	ck_slice_eq(d.origin.user, "jdoe");
	ck_slice_eq(d.origin.id, "3724394400");
	ck_slice_eq(d.origin.version, "3724394405");
	ck_slice_eq(d.origin.c.nettype, "IN");
	ck_slice_eq(d.origin.c.addrtype, "IP4");
	ck_slice_eq(d.origin.c.address, "198.51.100.1");
	ck_slice_eq(d.name, "Call to John Smith");
	ck_slice_eq(d.time, "3724394400 3724398000");
	ck_slice_eq(d.c.address, "198.51.100.1");
	ck_assert_uint_eq(d.attributes, 2);
	ck_assert_uint_eq(d.media_count, 4);
	ck_slice_eq(d.media[0].type, "audio");
	ck_assert_uint_eq(d.media[0].port, 49170);
	ck_assert_uint_eq(d.media[0].lines.n, 0);
	ck_slice_eq(d.media[2].type, "video");
	ck_slice_eq(d.media[2].proto, "RTP/AVP");
	ck_slice_eq(d.media[2].formats, "99 100");
	ck_assert_uint_eq(d.media[2].port, 51372);
	ck_assert_uint_eq(d.media[2].ports, 2);
	ck_assert_uint_eq(d.media[2].attributes, 2);
	ck_slice_eq(d.media[2].c.address, "2001:db8::2");
	ck_slice_eq(sdp_media_conn(&d, &d.media[1]).address, "198.51.100.1");
	ck_slice_eq(sdp_media_conn(&d, &d.media[2]).addrtype, "IP6");
	ck_slice_eq(d.media[3].c.address, "233.252.0.1");
	ck_assert_uint_eq(d.media[3].ports, 1);

	list = d.media[2].formats;
	ck_assert(sdp_format_next(&list, &one));
	ck_slice_eq(one, "99");
	ck_assert(sdp_format_next(&list, &one));
	ck_slice_eq(one, "100");
	ck_assert(!sdp_format_next(&list, &one));

	ck_assert(sdp_bandwidth(&d, &d.media[2], "TIAS", &v));
	ck_assert_uint_eq(v, 2000);
	ck_assert(sdp_bandwidth(&d, &d.media[2], "X-YZ", &v)); /* inherited */
	ck_assert_uint_eq(v, 64);
	ck_assert(!sdp_bandwidth(&d, &d.media[2], "CT", &v));
}
END_TEST

START_TEST(attributes_are_walked_and_inherited)
{
	struct sdp_attr a;
	struct slice at, v;
	struct sdp d;

	ck_assert_int_eq(parse(full, 0, &d, NULL), 0);
	at = d.media[2].lines;
	ck_assert(sdp_attr_next(&at, &a));
	ck_slice_eq(a.name, "rtpmap");
	ck_slice_eq(a.value, "99 h263-1998/90000");
	ck_assert(sdp_attr_next(&at, &a));
	ck_slice_eq(a.name, "x#y^{|}~");
	ck_slice_eq(a.value, ": ");
	ck_assert(!sdp_attr_next(&at, &a));

	ck_assert(sdp_attr_find(d.lines, "recvonly", NULL));
	ck_assert(!sdp_attr_find(d.lines, "RECVONLY", NULL));
	ck_assert(sdp_media_attr(&d, &d.media[2], "group", &v));
	ck_slice_eq(v, "LS 1 2");
	ck_assert(sdp_media_attr(&d, &d.media[2], "recvonly", &v));
	ck_assert_ptr_null(v.p);
	ck_assert(!sdp_media_attr(&d, &d.media[2], "sendonly", &v));
}
END_TEST

START_TEST(lf_alone_ends_a_line)
{
	struct sdp d;

	ck_assert_int_eq(parse("v=0\no=- 1 2 IN IP4 h.example\ns=-\nt=0 0\n"
			       "c=IN IP4 h.example\n", 0, &d, NULL),
			 -EBADMSG); /* c= after t= */
	ck_assert_int_eq(parse("v=0\no=- 1 2 IN IP4 h.example\ns=-\n"
			       "c=IN IP4 h.example\nt=0 0\nm=audio 9 RTP/AVP 0"
			       "\na=mid:1\n", 0, &d, NULL), 0);
	ck_slice_eq(d.media[0].formats, "0");
	ck_slice_eq(d.media[0].lines, "a=mid:1\n");
}
END_TEST

/* Each with the offset and the reason that point at the fault. */
#define HEAD "v=0\r\no=- 1 1 IN IP4 h\r\ns=-\r\nc=IN IP4 h\r\nt=0 0\r\n"
/* v= at 0, o= 5, s= 23, c= 28, t= 40, the next line at 47 */

static const struct {
	const char *text;
	size_t offset;
	const char *reason;
} bad[] = {
	{ "", 0, "v= wanted" },
	{ "s=-\r\n", 0, "v= wanted first" },
	{ "v=1\r\n", 2, "version 0 wanted" },
	{ "v=0 \r\n", 3, "end of line wanted" },
	{ "v=0\r\nv=0\r\n", 5, "line stands twice" },
	{ "v=0", 3, "end of line wanted" },
	{ "v=0\r\n\r\n", 5, "type and \"=\" wanted" },
	{ "v=0\r\nV=0\r\n", 5, "type and \"=\" wanted" },
	{ "v=0\r\nx=0\r\n", 5, "type and \"=\" wanted" },
	{ "v=0\r\n{=0\r\n", 5, "type and \"=\" wanted" },
	{ "v=0\r\no 0\r\n", 5, "type and \"=\" wanted" },
	{ "v=0\r\no\r\n", 5, "type and \"=\" wanted" },
	{ "v=0\r\no=a\rb\r\n", 8, "CR in a line" },
	{ "v=0\r\no= 1 1 IN IP4 h\r\n", 7, "username wanted" },
	{ "v=0\r\no=-  1 1 IN IP4 h\r\n", 9, "sess-id wanted" },
	{ "v=0\r\no=- x 1 IN IP4 h\r\n", 9, "sess-id wanted" },
	{ "v=0\r\no=- 1 1x IN IP4 h\r\n", 12, "sess-version wanted" },
	{ "v=0\r\no=- 1 1 IN IP4\r\n", 19,
	  "nettype, addrtype, address wanted" },
	{ "v=0\r\no=- 1 1 IN IP4 h x\r\n", 21, "end of line wanted" },
	{ "v=0\r\no=- 1 1 IN IP4 h\r\ns=\r\n", 25, "text wanted" },
	{ "v=0\r\no=- 1 1 IN IP4 h\r\ns=-\r\nt=0 0\r\nt=0\r\n", 38,
	  "start-time wanted" },
	{ "v=0\r\ns=-\r\nt=0 0\r\n", 17, "o= wanted" },
	{ "v=0\r\no=- 1 1 IN IP4 h\r\nt=0 0\r\n", 30, "s= wanted" },
	{ "v=0\r\no=- 1 1 IN IP4 h\r\ns=-\r\n", 28, "t= wanted" },
	{ "v=0\r\no=- 1 1 IN IP4 h\r\ns=-\r\nr=1 1 1\r\n", 30,
	  "t= wanted before r=" },
	{ "v=0\r\no=- 1 1 IN IP4 h\r\ns=-\r\nz=1 1\r\n", 30,
	  "t= wanted before z=" },
	{ "v=0\r\no=- 1 1 IN IP4 h\r\ns=-\r\nt=0 0\r\nm=a 1 b c\r\n", 37,
	  "c= wanted" },
	{ HEAD "t=0 3724394400\r\nt=03724394400 0\r\n", 76,
	  "start-time wanted" },
	{ HEAD "t=3724394400 5\r\n", 61, "stop-time wanted" },
	{ HEAD "r=7d 1h\r\n", 54, "typed-time wanted" },
	{ HEAD "r=7d 1h x\r\n", 55, "typed-time wanted" },
	{ HEAD "z=5 1h\r\n", 50, "time wanted" },
	{ HEAD "z=3724394400 -h\r\n", 61, "typed-time wanted" },
	{ HEAD "k=clear:\r\n", 55, "key wanted" },
	{ HEAD "k=Prompt\r\n", 49, "key-type wanted" },
	{ HEAD "k=prompt\r\nk=prompt\r\n", 57, "line stands twice" },
	{ HEAD "a=b\r\nk=prompt\r\n", 52, "line out of order" },
	{ HEAD "c=IN IP4 h\r\n", 47, "line out of order" },
	{ HEAD "a=\r\n", 49, "attribute-name wanted" },
	{ HEAD "a=b c\r\n", 50, "colon wanted" },
	{ HEAD "a=b:\r\n", 51, "attribute-value wanted" },
	{ HEAD "a=:c\r\n", 49, "attribute-name wanted" },
	{ HEAD "m=a 1 b\r\n", 54, "proto wanted" },
	{ HEAD "m=a 1 b \r\n", 55, "fmt wanted" },
	{ HEAD "m=a 1 b c \r\n", 57, "fmt wanted" },
	{ HEAD "m=a 1 b c  d\r\n", 57, "fmt wanted" },
	{ HEAD "m=a 1 b/ c\r\n", 55, "proto wanted" },
	{ HEAD "m=a 65536 b c\r\n", 51, "port wanted" },
	{ HEAD "m=a 1/0 b c\r\n", 54, "number of ports wanted" },
	{ HEAD "m=a 1/ b c\r\n", 53, "number of ports wanted" },
	{ HEAD "m=a  1 b c\r\n", 51, "port wanted" },
	{ HEAD "m= a 1 b c\r\n", 49, "media wanted" },
	{ HEAD "m=a 1 b c\r\nt=0 0\r\n", 58, "not in a media section" },
	{ HEAD "m=a 1 b c\r\na=d\r\nb=AS:1\r\n", 63, "line out of order" },
	{ HEAD "m=a 1 b c\r\ni=\r\n", 60, "text wanted" },
	{ HEAD "m=a 1 b c\r\nb=AS\r\n", 62, "bwtype and colon wanted" },
	{ HEAD "m=a 1 b c\r\nb=AS:x\r\n", 63, "bandwidth wanted" },
	{ HEAD "m=a 1 b c\r\nb=AS:1k\r\n", 64, "end of line wanted" },
	{ HEAD "m=a 1 b c\r\nc=IN IP4 1.2.3.4/\r\n", 75,
	  "nettype, addrtype, address wanted" },
	{ HEAD "m=a 1 b c\r\nc=IN IP4 1.2.3.4/1/2/3\r\n", 80,
	  "nettype, addrtype, address wanted" },
	{ HEAD "m=a 1 b c\r\nc=IN IP4 1.2.3.4/x\r\n", 76,
	  "nettype, addrtype, address wanted" },
	{ HEAD "m=a 1 b c\r\nc=IN IP4 /1\r\n", 69,
	  "nettype, addrtype, address wanted" },
	{ HEAD "m=a 1 b c\r\nu=x\r\n", 58, "not in a media section" },
	{ "v=0\r\no=- 1 1 IN IP4 h\r\ns=-\r\nu=\r\n", 30, "text wanted" },
	{ "v=0\r\no=- 1 1 IN IP4 h\r\ns=-\r\ne=\r\n", 30, "text wanted" },
};

START_TEST(what_is_wrong_is_said_with_its_place)
{
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct parse_error e = { 0 };
		struct sdp d = { .attributes = 77 };

		ck_assert_msg(parse(bad[i].text, 0, &d, &e) == -EBADMSG,
			      "%zu is taken", i);
		ck_assert_msg(e.reason && !strcmp(e.reason, bad[i].reason) &&
			      e.offset == bad[i].offset,
			      "%zu: %zu %s, wanted %zu %s", i, e.offset,
			      e.reason, bad[i].offset, bad[i].reason);
		ck_assert_uint_eq(d.attributes, 77);
	}
}
END_TEST

START_TEST(nul_is_refused_where_it_stands)
{
	struct parse_error e = { 0 };
	struct sdp d;

	ck_assert_int_eq(sdp_parse(S("v=0\r\ns=\0\r\n"), SDP_WILD, &d, &e),
			 -EBADMSG);
	ck_assert_uint_eq(e.offset, 7);
}
END_TEST

START_TEST(each_leniency_is_its_own)
{
	static const struct {
		const char *text;
		unsigned flag, also; /* what takes it; what would, too */
	} odd[] = {
		{ "v=0\r\n", SDP_SHORT, 0 },
		{ "v=0\r\ns=\r\nm=a 1 b c\r\ni=\r\n", SDP_SHORT, 0 },
		{ HEAD "m=a 0 b\r\n", SDP_SHORT, 0 },
		{ HEAD "c=IN IP4 x\r\n", SDP_ANY_ORDER, 0 },
		{ HEAD "m=a 1 b c\r\na=x\r\nc=IN IP4 h\r\n",
		  SDP_ANY_ORDER, 0 },
		{ HEAD "m=a 1 b c\r\nt=0 0\r\nv=0\r\na=x\r\n",
		  SDP_ANY_ORDER, 0 },
		{ HEAD "a=x", SDP_SPACES, 0 },
		{ HEAD "\r\n \t\r\na=x\r\n\n", SDP_SPACES, 0 },
		{ HEAD "m=a\t1  b c \td \r\n", SDP_SPACES, 0 },
		{ HEAD "t=0  0 \r\n", SDP_SPACES, SDP_ODD },
		{ HEAD "m=a 1 b c\r\nb=x\r\n", SDP_ODD, 0 },
		{ HEAD "a=\r\na=(:\r\n", SDP_ODD, 0 },
		{ HEAD "m=a 1 b c\r\nc=IN\r\n", SDP_ODD, 0 },
	};
	struct sdp d;

	for (size_t i = 0; i < COUNT(odd); i++) {
		unsigned others = SDP_WILD & ~(odd[i].flag | odd[i].also);

		ck_assert_msg(parse(odd[i].text, odd[i].flag, &d, NULL) == 0,
			      "%zu is refused", i);
		ck_assert_msg(parse(odd[i].text, others, &d, NULL) ==
			      -EBADMSG, "%zu is taken", i);
	}
	ck_assert_int_eq(parse(HEAD "m= 1 b c\r\n", SDP_WILD, &d, NULL),
			 -EBADMSG);
	ck_assert_int_eq(parse(HEAD "m=a 1 b\r\n", SDP_WILD, &d, NULL),
			 -EBADMSG);
	ck_assert_int_eq(parse(HEAD "m=a 0 b \r\nm=a 0 b  c\r\n", SDP_WILD,
			       &d, NULL), 0);
	ck_slice_eq(d.media[1].formats, "c");
	ck_assert_int_eq(parse("v=2\r\n", SDP_WILD, &d, NULL), -EBADMSG);
	ck_assert_int_eq(parse("y=2\r\n", SDP_WILD, &d, NULL), -EBADMSG);
}
END_TEST

START_TEST(in_any_order_the_first_wins)
{
	struct slice list, one;
	struct sdp d;

	ck_assert_int_eq(parse("v=0\r\nt=0  0\r\nt=0 0\r\ns=a\r\ns=b\r\n"
			       "m=a  1 b c\td \r\ns=c\r\na=x\r\n"
			       "o=- 7 8 IN IP4 h\r\nc=IN IP4 i\r\n"
			       "c=IN IP4 j\r\nm=e 2 f g\r\na=y\r\n",
			       SDP_WILD, &d, NULL), 0);
	ck_slice_eq(d.name, "a");
	ck_slice_eq(d.time, "0 0");
	ck_slice_eq(d.origin.id, "7");
	ck_slice_eq(d.media[0].c.address, "i");
	ck_slice_eq(d.media[0].formats, "c\td");
	list = d.media[0].formats;
	ck_assert(sdp_format_next(&list, &one));
	ck_assert(sdp_format_next(&list, &one));
	ck_slice_eq(one, "d");
	ck_assert_uint_eq(d.media[0].attributes, 1);
	ck_assert_uint_eq(d.media[1].attributes, 1);
	ck_assert(sdp_attr_find(d.media[1].lines, "y", NULL));
}
END_TEST

START_TEST(limits_have_an_answer)
{
	static char big[LIMIT_SDP_BYTES + 1];
	char text[2048];
	struct writer w = writer_begin(text, sizeof(text));
	struct parse_error e = { 0 };
	struct sdp d;

	writer_str(&w, HEAD);
	for (int i = 0; i < LIMIT_SDP_MEDIA; i++)
		writer_str(&w, "m=a 1 b c\r\n");
	ck_assert_int_eq(sdp_parse(writer_done(&w), 0, &d, &e), 0);
	ck_assert_uint_eq(d.media_count, LIMIT_SDP_MEDIA);
	writer_str(&w, "m=a 1 b c\r\n");
	ck_assert_int_eq(sdp_parse(writer_done(&w), 0, &d, &e), -E2BIG);
	ck_assert_uint_eq(e.offset, 47 + 11 * LIMIT_SDP_MEDIA);

	memset(big, 'x', sizeof(big));
	memcpy(big, HEAD "a=", 49);
	big[LIMIT_SDP_BYTES - 1] = '\n';
	ck_assert_int_eq(sdp_parse(slice_of(big, LIMIT_SDP_BYTES), 0, &d, &e),
			 0);
	ck_assert_int_eq(sdp_parse(slice_of(big, sizeof(big)), 0, &d, &e),
			 -E2BIG);
	ck_assert_uint_eq(e.offset, LIMIT_SDP_BYTES);
}
END_TEST

START_TEST(written_as_it_was_read)
{
	char out[2048];
	struct writer w = writer_begin(out, sizeof(out));
	struct sdp d;

	ck_assert_int_eq(parse(full, 0, &d, NULL), 0);
	sdp_write(&w, &d);
	ck_slice_eq(writer_done(&w), full);

	w = writer_begin(out, sizeof(out));
	ck_assert_int_eq(parse("v=0\n\ns=\nm=a 1  b c  d \na=x", SDP_WILD, &d,
			       NULL), 0);
	sdp_write(&w, &d);
	ck_slice_eq(writer_done(&w),
		    "v=0\r\ns=\r\nm=a 1 b c d\r\na=x\r\n");
	for (size_t cap = 0; cap < 27; cap++) {
		w = writer_begin(out, cap);
		sdp_write(&w, &d);
		ck_assert_int_eq(writer_end(&w), -ENOSPC);
	}
}
END_TEST

/* A prefix is whole at its line ends from t= on, and never elsewhere. */
START_TEST(every_prefix_is_judged)
{
	size_t n = sizeof(full) - 1, t = (size_t)(strstr(full, "\nt=") - full);
	size_t good = 0;

	for (size_t i = 0; i < n; i++) {
		char *block = malloc(i ? i : 1);
		struct parse_error e = { 0 };
		struct sdp d;
		int rc;

		memcpy(block, full, i);
		rc = sdp_parse(slice_of(block, i), 0, &d, &e);
		if (rc == 0) {
			good++;
			ck_assert(i > t && full[i - 1] == '\n');
		} else {
			ck_assert(e.reason && e.offset <= i);
		}
		free(block);
	}
	ck_assert_uint_eq(good, 19); /* 20 lines from t= on, but the last */
}
END_TEST

SUITE(sdp, every_line_of_the_grammar_is_read,
      attributes_are_walked_and_inherited, lf_alone_ends_a_line,
      what_is_wrong_is_said_with_its_place, nul_is_refused_where_it_stands,
      each_leniency_is_its_own, in_any_order_the_first_wins,
      limits_have_an_answer, written_as_it_was_read, every_prefix_is_judged);
