/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/suites.h"

#include <stdio.h>

#include "sip/hdr/sip_name_addr.h"
#include "sip/msg/sip_msg.h"
#include "tests/unit/marked.h"

static struct sip_msg m, again;

static void parse(struct slice text)
{
	struct parse_error e = { 0 };
	int rc = sip_msg_parse(text, &m, &e);

	ck_assert_msg(rc == 0, "%d: %s at %zu", rc, e.reason, e.offset);
}

static struct slice written(const struct sip_msg *of)
{
	static char buf[2][4096];
	static unsigned turn;
	struct writer w = writer_begin(buf[++turn % 2], sizeof(buf[0]));

	sip_msg_write(&w, of);
	ck_assert_int_gt(writer_end(&w), 0);
	return writer_done(&w);
}

START_TEST(methods_have_case)
{
	static const char *const names[] = {
		[SIP_METHOD_OTHER] = "",
		[SIP_INVITE] = "INVITE", [SIP_ACK] = "ACK", [SIP_BYE] = "BYE",
		[SIP_CANCEL] = "CANCEL", [SIP_OPTIONS] = "OPTIONS",
		[SIP_REGISTER] = "REGISTER", [SIP_PRACK] = "PRACK",
		[SIP_UPDATE] = "UPDATE", [SIP_INFO] = "INFO",
		[SIP_MESSAGE] = "MESSAGE", [SIP_REFER] = "REFER",
		[SIP_SUBSCRIBE] = "SUBSCRIBE", [SIP_NOTIFY] = "NOTIFY",
		[SIP_PUBLISH] = "PUBLISH",
	};

	ck_assert_uint_eq(COUNT(names), SIP_METHOD_COUNT);
	for (unsigned i = 0; i < COUNT(names); i++) {
		struct slice name = slice_str(names[i]);
		enum sip_method id = (enum sip_method)i;

		ck_assert_int_eq(sip_method_find(name), id);
		ck_assert(slice_same(sip_method_name(id), name));
		if (name.n)
			ck_assert_int_eq(sip_method_find(slice_head(name,
					 name.n - 1)), SIP_METHOD_OTHER);
	}
	ck_assert_int_eq(sip_method_find(S("invite")), SIP_METHOD_OTHER);
	ck_assert_int_eq(sip_method_find(S("INVITF")), SIP_METHOD_OTHER);
	ck_assert_int_eq(sip_method_find(S("RE%47IST%45R")), SIP_METHOD_OTHER);
}
END_TEST

START_TEST(a_request_is_indexed)
{
	struct slice v;

	parse(S("INVITE sip:bob@biloxi.com SIP/2.0\r\n"
		"Via: SIP/2.0/UDP pc33.atlanta.com;branch=z9hG4bK776\r\n"
		"X-Other:  a : b \r\n"
		"v: SIP/2.0/UDP a, SIP/2.0/TCP b\r\n"
		"TO :\r\n Bob\r\n\t<sip:bob@biloxi.com>  \r\n"
		"s :\r\n"
		"\r\nbody\r\n"));
	ck_assert_uint_eq(m.status, 0);
	ck_assert_int_eq(m.method, SIP_INVITE);
	ck_slice_eq(m.method_name, "INVITE");
	ck_slice_eq(m.uri, "sip:bob@biloxi.com");
	ck_slice_eq(m.body, "body\r\n");
	ck_assert_uint_eq(m.n, 5);
	ck_slice_eq(sip_msg_get(&m, SIP_HDR_TO),
		    "Bob\r\n\t<sip:bob@biloxi.com>");
	ck_slice_eq(m.field[3].name, "TO");
	ck_slice_eq(m.field[1].name, "X-Other");
	ck_slice_eq(m.field[1].value, "a : b");
	ck_assert_uint_eq(m.field[1].id, SIP_HDR_OTHER);
	ck_assert_uint_eq(m.field[1].next, 0);
	v = sip_msg_get(&m, SIP_HDR_SUBJECT); /* there, and empty */
	ck_assert(v.p && v.n == 0);
	ck_assert(sip_msg_has(&m, SIP_HDR_SUBJECT));
	v = sip_msg_get(&m, SIP_HDR_FROM);
	ck_assert(!v.p && v.n == 0 && !sip_msg_has(&m, SIP_HDR_FROM));
	/* The two Vias are chained. */
	ck_assert_uint_eq(m.first[SIP_HDR_VIA], 1);
	ck_assert_uint_eq(m.field[0].next, 3);
	ck_assert_uint_eq(m.field[2].next, 0);
	ck_assert_uint_eq(m.last[SIP_HDR_VIA], 3);
	ck_assert_ptr_eq(sip_msg_find(&m, "x-other"), &m.field[1]);
	ck_assert_ptr_eq(sip_msg_find(&m, "via"), &m.field[0]);
	ck_assert_ptr_eq(sip_msg_find(&m, "t"), &m.field[3]);
	ck_assert_ptr_null(sip_msg_find(&m, "From"));
	ck_assert_ptr_null(sip_msg_find(&m, "X-Othe"));
}
END_TEST

START_TEST(a_response_is_indexed)
{
	parse(S("SIP/2.0 100 \r\n\r\n"));
	ck_assert_uint_eq(m.status, 100);
	ck_assert_uint_eq(m.reason.n, 0);
	ck_assert_uint_eq(m.n, 0);
	ck_assert_uint_eq(m.body.n, 0);
	ck_assert(!m.method_name.n && !m.uri.n);
	parse(S("sip/2.0 699 \"a\" <\xD0\xBD>\t\xff%\r\nl: 0\r\n\r\n"));
	ck_assert_uint_eq(m.status, 699);
	ck_slice_eq(m.reason, "\"a\" <\xD0\xBD>\t\xff%");
	ck_slice_eq(sip_msg_get(&m, SIP_HDR_CONTENT_LENGTH), "0");
}
END_TEST

START_TEST(unknown_methods_and_headers_are_kept_as_they_are)
{
	/* RFC 4475 3.1.1.2 and 3.1.1.5 */
	static const char text[] =
		"!interesting-Method0123456789_*+`.%indeed'~ sip:h SIP/2.0\r\n"
		"C%6Fntact: a\r\n"
		"extensionHeader-!.%*+_`'~: \xEF\xBB\xBF\xE5\xA4\xA7\r\n"
		"NewFangledHeader: newfangled value\r\n continued\r\n"
		"X: ;;,,;;,;\r\nX: again\r\n"
		"Content-Length: 3\r\n\r\n\x01\x00\xff";

	parse(slice_of(text, sizeof(text) - 1));
	ck_assert_int_eq(m.method, SIP_METHOD_OTHER);
	ck_assert(slice_same(written(&m), slice_of(text, sizeof(text) - 1)));
	ck_assert(!sip_msg_has(&m, SIP_HDR_CONTACT));
}
END_TEST

/* Each fault at its place, and what can be read beside it. */
START_TEST(faults_are_found_where_they_are)
{
	static const struct {
		const char *text;
		int rc;
	} bad[] = {
		{ "^", -EBADMSG },
		{ "^\r\n\r\n", -EBADMSG },
		{ "INVITE^\r\n\r\n", -EBADMSG },
		{ "INVITE^\tsip:h SIP/2.0\r\n\r\n", -EBADMSG },
		{ "^<x sip:h SIP/2.0\r\n\r\n", -EBADMSG },
		{ "INVITE ^ sip:h SIP/2.0\r\n\r\n", -EBADMSG },
		{ "INVITE ^\r\n\r\n", -EBADMSG },
		{ "INVITE sip:h^\r\n\r\n", -EBADMSG },
		{ "INVITE sip:h^\tSIP/2.0\r\n\r\n", -EBADMSG },
		{ "INVITE sip:h ^ SIP/2.0\r\n\r\n", -EBADMSG },
		{ "INVITE sip:h; ^lr SIP/2.0\r\n\r\n", -EBADMSG },
		{ "INVITE sip:h SIP/2.0^ \r\n\r\n", -EBADMSG },
		{ "INVITE sip:h SIP/2.0^x\r\n\r\n", -EBADMSG },
		{ "INVITE sip:h ^SIP/2.\r\n\r\n", -EBADMSG },
		{ "INVITE sip:h ^SIP/.0\r\n\r\n", -EBADMSG },
		{ "INVITE sip:h ^SIP/20\r\n\r\n", -EBADMSG },
		{ "INVITE sip:h ^SIQ/2.0\r\n\r\n", -EBADMSG },
		{ "INVITE sip:h ^HTTP/1.1\r\n\r\n", -EBADMSG },
		{ "INVITE sip:h ^SIP/7.0\r\n\r\n", -EPROTONOSUPPORT },
		{ "INVITE sip:h ^SIP/2.01\r\n\r\n", -EPROTONOSUPPORT },
		{ "INVITE sip:h ^SIP/2.1\r\n\r\n", -EPROTONOSUPPORT },
		{ "INVITE sip:h ^SIP/12.0\r\n\r\n", -EPROTONOSUPPORT },
		{ "INVITE sip:h SIP/2.0^\n\r\n\r\n", -EBADMSG },
		{ "INVITE sip:h SIP/2.0^\r\r\n\r\n", -EBADMSG },
		{ "INVITE sip:h SIP/2.0^", -EBADMSG },
		{ "INVITE sip:h SIP/2.0^\r", -EBADMSG },
		{ "INVITE sip:h SIP/2.0\r\n^", -EAGAIN },
		{ "INVITE sip:h SIP/2.0\r\n^\r", -EBADMSG },
		{ "INVITE sip:h SIP/2.0\r\n^ a: b\r\n\r\n", -EBADMSG },
		{ "INVITE sip:h SIP/2.0\r\nTo: x\r\n^", -EAGAIN },
		{ "INVITE sip:h SIP/2.0\r\nTo: x^", -EBADMSG },
		{ "INVITE sip:h SIP/2.0\r\nTo: x^\r", -EBADMSG },
		{ "INVITE sip:h SIP/2.0\r\nTo: x^\n\r\n", -EBADMSG },
		{ "INVITE sip:h SIP/2.0\r\nTo: x^\rVia: y\r\n\r\n", -EBADMSG },
		{ "INVITE sip:h SIP/2.0\r\nTo: x^\nVia: y\r\n\r\n", -EBADMSG },
		{ "INVITE sip:h SIP/2.0\r\nTo: x\r\n y^\nVia: y\r\n\r\n",
		  -EBADMSG },
		{ "INVITE sip:h SIP/2.0\r\nFoobar ^roobar\r\n\r\n", -EBADMSG },
		{ "INVITE sip:h SIP/2.0\r\nTo^\r\n: a\r\n\r\n", -EBADMSG },
		{ "INVITE sip:h SIP/2.0\r\nTo^;: a\r\n\r\n", -EBADMSG },
		{ "INVITE sip:h SIP/2.0\r\n^: a\r\n\r\n", -EBADMSG },
		{ "INVITE sip:h SIP/2.0\r\n^\x80: a\r\n\r\n", -EBADMSG },
		{ "INVITE sip:h SIP/2.0\r\nTo^", -EBADMSG },
		{ "INVITE sip:h SIP/2.0\r\nTo:^", -EBADMSG },
		{ "SIP/2.0^\r\n\r\n", -EBADMSG },
		{ "SIP/2.0^\t200 OK\r\n\r\n", -EBADMSG },
		{ "SIP/2.0 ^20 OK\r\n\r\n", -EBADMSG },
		{ "SIP/2.0 ^2000 OK\r\n\r\n", -EBADMSG },
		{ "SIP/2.0 ^4294967301 better not\r\n\r\n", -EBADMSG },
		{ "SIP/2.0 ^099 OK\r\n\r\n", -EBADMSG },
		{ "SIP/2.0 ^700 OK\r\n\r\n", -EBADMSG },
		{ "SIP/2.0 ^ 200 OK\r\n\r\n", -EBADMSG },
		{ "SIP/2.0 ^abc OK\r\n\r\n", -EBADMSG },
		{ "SIP/2.0 200^\r\n\r\n", -EBADMSG },
		{ "SIP/2.0 200 O^\x01K\r\n\r\n", -EBADMSG },
		{ "SIP/2.0 200 O^\x7fK\r\n\r\n", -EBADMSG },
		{ "^SIP/ 200 OK\r\n\r\n", -EBADMSG },
		{ "^SIP/3.0 200 OK\r\n\r\n", -EPROTONOSUPPORT },
	};
	unsigned wrong = 0;

	for (size_t i = 0; i < COUNT(bad); i++) {
		struct marked k = marked(bad[i].text);
		struct parse_error e = { 0 };
		int rc = sip_msg_parse(k.in, &m, &e);

		wrong += !marked_ok(&k, bad[i].text, rc, bad[i].rc, &e);
		for (unsigned f = 0; f < m.n; f++)
			ck_assert(slice_inside(m.field[f].value, k.in));
		marked_free(&k);
	}
	ck_assert_uint_eq(wrong, 0);
}
END_TEST

START_TEST(what_is_beside_a_fault_can_be_read)
{
	struct parse_error e;

	ck_assert_int_eq(sip_msg_parse(S("INVITE sip:a b SIP/2.0 \r\nVia: x\r\n"
		"broken\r\n goes on\r\nTo: y\r\nbad\nSubject: z\r\nl: 1\r\n\r\n"
		"b"), &m, &e), -EBADMSG);
	ck_assert_uint_eq(e.offset, 13);
	ck_slice_eq(m.method_name, "INVITE");
	ck_slice_eq(m.uri, "sip:a");
	ck_assert_uint_eq(m.n, 3);
	ck_slice_eq(sip_msg_get(&m, SIP_HDR_VIA), "x");
	ck_slice_eq(sip_msg_get(&m, SIP_HDR_TO), "y");
	ck_slice_eq(sip_msg_get(&m, SIP_HDR_CONTENT_LENGTH), "1");
	ck_slice_eq(m.body, "b");
	/* A value ends at a lone LF: what follows must not become a header. */
	ck_assert_int_eq(sip_msg_parse(S("INVITE sip:a SIP/2.0\r\n"
		"To: y\nVia: evil\r\n\r\n"), &m, &e), -EBADMSG);
	ck_slice_eq(sip_msg_get(&m, SIP_HDR_TO), "y");
	ck_assert(!sip_msg_has(&m, SIP_HDR_VIA));
	ck_assert_int_eq(sip_msg_parse(S("INVITE sip:a SIP/9.0\r\nTo: y\r\n\r\n"
		), &m, &e), -EPROTONOSUPPORT);
	ck_slice_eq(sip_msg_get(&m, SIP_HDR_TO), "y");
	ck_assert_int_eq(sip_msg_parse(S("SIP/2.0 20 OK\r\n\r\n"), &m, NULL),
			 -EBADMSG);
	ck_assert_uint_eq(m.status, 999);
	/* The first fault is the one reported. */
	ck_assert_int_eq(sip_msg_parse(S("A b SIP/3.0\r\nc\r\n\r\n"), &m, &e),
			 -EPROTONOSUPPORT);
	ck_assert_uint_eq(e.offset, 4);
	ck_assert_int_eq(sip_msg_parse((struct slice){ 0 }, &m, &e), -EBADMSG);
	ck_assert_uint_eq(e.offset, 0);
}
END_TEST

START_TEST(fields_and_bytes_have_a_limit)
{
	static char text[LIMIT_SIP_MESSAGE + 1];
	struct parse_error e = { 0 };
	size_t at = (size_t)snprintf(text, sizeof(text), "A b SIP/2.0\r\n"), n;

	for (unsigned i = 0; i < LIMIT_SIP_FIELDS; i++)
		at += (size_t)snprintf(text + at, sizeof(text) - at,
				       "Via: %u\r\n", i);
	n = at + (size_t)snprintf(text + at, sizeof(text) - at, "\r\nb");
	parse(slice_of(text, n));
	ck_assert_uint_eq(m.n, LIMIT_SIP_FIELDS);
	ck_assert_uint_eq(m.last[SIP_HDR_VIA], LIMIT_SIP_FIELDS);
	ck_slice_eq(m.body, "b");
	snprintf(text + at, sizeof(text) - at, "v: x\r\n\r\n");
	ck_assert_int_eq(sip_msg_parse(slice_of(text, at + 8), &m, &e), -E2BIG);
	ck_assert_uint_eq(e.offset, at);
	ck_assert_uint_eq(m.n, LIMIT_SIP_FIELDS);

	memset(text, 'x', sizeof(text));
	memcpy(text, "A b SIP/2.0\r\n\r\n", 15);
	parse(slice_of(text, LIMIT_SIP_MESSAGE));
	ck_assert_uint_eq(m.body.n, LIMIT_SIP_MESSAGE - 15);
	ck_assert_int_eq(sip_msg_parse(slice_of(text, LIMIT_SIP_MESSAGE + 1),
				       &m, &e), -E2BIG);
	ck_assert_uint_eq(e.offset, LIMIT_SIP_MESSAGE);
}
END_TEST

static void walk_values(struct sip_values v, const char *const *want)
{
	struct slice value;

	for (; *want; want++) {
		ck_assert(sip_values_next(&v, &value));
		ck_assert_msg(slice_eq(value, *want), "'%.*s' '%s'",
			      (int)value.n, value.p, *want);
	}
	ck_assert(!sip_values_next(&v, &value));
	ck_assert(!sip_values_next(&v, &value));
}

/* A list in a single field is the same without its message. */
static void walk(const char *name, const char *const *want)
{
	const struct sip_field *f = sip_msg_find(&m, name);
	enum sip_hdr id = f ? (enum sip_hdr)f->id : SIP_HDR_CONTACT;

	walk_values(sip_values_begin(&m, id), want);
	if (f && f->next == 0 && sip_hdr_is_list(id))
		walk_values(sip_values_of(id, f->value), want);
}
#define WALK(name, ...) walk(name, (const char *const[]){ __VA_ARGS__, NULL })

START_TEST(values_are_split_at_commas_outside_quotes_and_brackets)
{
	parse(S("A b SIP/2.0\r\n"
		"Contact: \"a,b\\\",c\" <sip:x,y@h>;q=\",\" ,\r\n <sip:z>\r\n"
		"m: sip:w , \"\\\\\",x\r\n"
		"In-Reply-To: a\"b,c<d,e>\r\n"
		"Supported: a,,b,\r\n"
		"Allow:\r\n"
		"Require: only\r\n"
		"Subject: one, value\r\n"
		"Authorization: Digest a=\"b\", c=d\r\n"
		"Authorization: Other x, y\r\n"
		"Route: <a,<b>,c>,<d>>,e\r\n"
		"Warning: a\"\r\n"
		"X: a,b\r\n\r\n"));
	WALK("Contact", "\"a,b\\\",c\" <sip:x,y@h>;q=\",\"", "<sip:z>",
	     "sip:w", "\"\\\\\"", "x");
	WALK("In-Reply-To", "a\"b", "c<d", "e>");
	WALK("Supported", "a", "", "b", "");
	walk("Allow", (const char *const[]){ NULL });
	WALK("Require", "only");
	WALK("Subject", "one, value");
	WALK("Authorization", "Digest a=\"b\", c=d", "Other x, y");
	WALK("Route", "<a,<b>", "c>", "<d>>", "e");
	WALK("Warning", "a\"");
	parse(S("A b SIP/2.0\r\nContact: \"a, \\\r\nAllow:\r\nAllow: A\r\n"
		"\r\n"));
	WALK("Contact", "\"a, \\");
	WALK("Allow", "A"); /* an empty field has no value */
}
END_TEST

START_TEST(a_message_is_built_and_written)
{
	sip_msg_request(&m, S("BYE"), S("sip:a@b"));
	ck_assert_int_eq(m.method, SIP_BYE);
	ck_assert_int_eq(sip_msg_add(&m, SIP_HDR_VIA, S("v1")), 0);
	ck_assert_int_eq(sip_msg_add_named(&m, S("X-A"), S("x")), 0);
	ck_assert_int_eq(sip_msg_add_named(&m, S("f"), S("me")), 0);
	ck_assert_int_eq(sip_msg_add(&m, SIP_HDR_CONTENT_LENGTH, S("99")), 0);
	m.body = S("hello");
	ck_slice_eq(written(&m), "BYE sip:a@b SIP/2.0\r\nVia: v1\r\nX-A: x\r\n"
			       "f: me\r\nContent-Length: 5\r\n\r\nhello");
	ck_slice_eq(sip_msg_get(&m, SIP_HDR_FROM), "me");
	sip_msg_response(&m, 200, S("OK"));
	ck_slice_eq(written(&m), "SIP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n");
	ck_assert_uint_eq(m.n, 0);
	ck_assert(!sip_msg_has(&m, SIP_HDR_VIA));
}
END_TEST

/* Into a page that ends where the room does. */
START_TEST(a_message_needs_its_room_to_the_byte)
{
	struct slice all;

	parse(S("A b SIP/2.0\r\nTo: t\r\nX:\r\nv: c\r\n\r\nbody"));
	all = written(&m);
	for (size_t cap = 0; cap <= all.n; cap++) {
		char *room = fenced(cap);
		struct writer w = writer_begin(room, cap);

		sip_msg_write(&w, &m);
		ck_assert_int_eq(writer_end(&w), cap < all.n ? -ENOSPC :
				 (int)all.n);
		ck_assert(memcmp(room, all.p, w.n) == 0);
		fenced_free(room, cap);
	}
}
END_TEST

START_TEST(what_an_index_held_before_is_not_found)
{
	parse(S("A b SIP/2.0\r\nX: 1\r\nY: 2\r\nTo: t\r\n\r\n"));
	parse(S("A b SIP/2.0\r\nX: 1\r\n\r\n"));
	ck_assert_ptr_null(sip_msg_find(&m, "Y"));
	ck_assert_ptr_null(sip_msg_find(&m, "To"));
}
END_TEST

START_TEST(fields_are_pushed_popped_and_removed)
{
	parse(S("A b SIP/2.0\r\nTo: t\r\nVia: a , b\r\nX: x\r\nv: c\r\n\r\n"));
	ck_assert_int_eq(sip_msg_push(&m, SIP_HDR_VIA, S("new")), 0);
	WALK("Via", "new", "a", "b", "c");
	ck_assert_int_eq(sip_msg_push(&m, SIP_HDR_ROUTE, S("<r>")), 0);
	ck_slice_eq(m.field[0].value, "<r>");
	ck_slice_eq(written(&m), "A b SIP/2.0\r\nRoute: <r>\r\nTo: t\r\n"
		    "Via: new\r\nVia: a , b\r\nX: x\r\nv: c\r\n"
		    "Content-Length: 0\r\n\r\n");
	sip_msg_pop(&m, SIP_HDR_VIA);
	WALK("Via", "a", "b", "c");
	sip_msg_pop(&m, SIP_HDR_VIA);
	WALK("Via", "b", "c");
	ck_assert_uint_eq(m.n, 5);
	sip_msg_pop(&m, SIP_HDR_VIA);
	WALK("Via", "c");
	ck_assert_uint_eq(m.n, 4);
	ck_slice_eq(sip_msg_get(&m, SIP_HDR_TO), "t");
	ck_slice_eq(sip_msg_find(&m, "X")->value, "x");
	sip_msg_pop(&m, SIP_HDR_VIA);
	sip_msg_pop(&m, SIP_HDR_VIA); /* none left: nothing happens */
	ck_assert(!sip_msg_has(&m, SIP_HDR_VIA));
	sip_msg_pop(&m, SIP_HDR_TO);
	ck_slice_eq(written(&m), "A b SIP/2.0\r\nRoute: <r>\r\nX: x\r\n"
		    "Content-Length: 0\r\n\r\n");

	parse(S("A b SIP/2.0\r\nv: a\r\nTo: t, u\r\nVia: b\r\nX: c\r\n\r\n"));
	sip_msg_remove(&m, SIP_HDR_VIA);
	ck_assert_uint_eq(m.n, 2);
	ck_assert(!sip_msg_has(&m, SIP_HDR_VIA));
	ck_slice_eq(sip_msg_get(&m, SIP_HDR_TO), "t, u");
	ck_assert_uint_eq(m.first[SIP_HDR_TO], 1);
	sip_msg_pop(&m, SIP_HDR_TO); /* no list: all of it */
	ck_assert_uint_eq(m.n, 1);
}
END_TEST

START_TEST(a_full_index_takes_no_more)
{
	sip_msg_response(&m, 200, S("OK"));
	for (unsigned i = 0; i < LIMIT_SIP_FIELDS; i++)
		ck_assert_int_eq(sip_msg_add(&m, SIP_HDR_VIA, S("v")), 0);
	ck_assert_int_eq(sip_msg_add(&m, SIP_HDR_VIA, S("v")), -E2BIG);
	ck_assert_int_eq(sip_msg_push(&m, SIP_HDR_VIA, S("v")), -E2BIG);
	ck_assert_int_eq(sip_msg_add_named(&m, S("X"), S("v")), -E2BIG);
	ck_assert_uint_eq(m.n, LIMIT_SIP_FIELDS);
	sip_msg_pop(&m, SIP_HDR_VIA);
	ck_assert_int_eq(sip_msg_push(&m, SIP_HDR_TO, S("v")), 0);
	ck_assert_uint_eq(m.first[SIP_HDR_TO], 1);
	ck_assert_uint_eq(m.last[SIP_HDR_VIA], LIMIT_SIP_FIELDS);
}
END_TEST

/* Known names right behind each other, at any distance from the end: nothing
 * is read beyond it, and each is known. */
START_TEST(short_fields_are_known_up_to_the_last_byte)
{
	for (size_t pad = 0; pad < 64; pad++) {
		char text[256];
		struct marked k;
		int n = snprintf(text, sizeof(text),
				 "A b SIP/2.0\r\nX: %.*s\r\nt:1\r\nVia:2\r\n"
				 "WWW-Authenticate:3\r\nProxy-Authorization:4"
				 "\r\nl:\r\n\r\n", (int)pad,
				 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
				 "xxxxxxxxxxxxxxxxxxxx");

		ck_assert_int_lt(n, (int)sizeof(text));
		k = marked(text);
		parse(k.in);
		ck_assert_uint_eq(m.n, 6);
		ck_assert_uint_eq(m.field[0].value.n, pad);
		ck_slice_eq(sip_msg_get(&m, SIP_HDR_TO), "1");
		ck_slice_eq(sip_msg_get(&m, SIP_HDR_VIA), "2");
		ck_slice_eq(sip_msg_get(&m, SIP_HDR_WWW_AUTHENTICATE), "3");
		ck_slice_eq(sip_msg_get(&m, SIP_HDR_PROXY_AUTHORIZATION), "4");
		ck_assert(sip_msg_has(&m, SIP_HDR_CONTENT_LENGTH));
		marked_free(&k);
	}
}
END_TEST

static const char sample[] =
	"REGISTER sip:registrar.biloxi.com SIP/2.0\r\n"
	"Via: SIP/2.0/UDP bobspc.biloxi.com:5060;branch=z9hG4bKnashds7\r\n"
	"To:\r\n Bob\t\r\n\t<sip:bob@biloxi.com>\r\n"
	"Unknown-Header-With-A-Very-Long-Name : x\r\n"
	"s:\r\nContact: <sip:bob@192.0.2.4>, *\r\nExpires: 7200\r\n"
	"Content-Length: 2\r\n\r\nab";

static void prefix(struct slice in)
{
	struct parse_error e = { 0 };
	int rc = sip_msg_parse(in, &m, &e);

	ck_assert(rc == 0 || (e.reason && e.offset <= in.n));
	ck_assert(rc != 0 || in.p[in.n - 1] == '\n' || m.body.n);
	for (unsigned i = 0; i < m.n; i++)
		ck_assert(slice_inside(m.field[i].name, in) &&
			  slice_inside(m.field[i].value, in));
	ck_assert(slice_inside(m.body, in) && slice_inside(m.uri, in));
}

START_TEST(no_prefix_is_read_beyond)
{
	each_prefix(slice_of(sample, sizeof(sample) - 1), prefix);
	each_prefix(S("SIP/2.0 200 OK now\r\nVia: x\r\n y\r\n\r\n"), prefix);
}
END_TEST

START_TEST(what_is_written_reads_the_same)
{
	struct slice one, two;

	parse(slice_of(sample, sizeof(sample) - 1));
	one = written(&m);
	ck_assert_int_eq(sip_msg_parse(one, &again, NULL), 0);
	two = written(&again);
	ck_assert(slice_same(one, two));
	ck_assert_uint_eq(again.n, m.n);
	ck_slice_eq(again.body, "ab");
}
END_TEST

SUITE(sip_msg, methods_have_case, a_request_is_indexed, a_response_is_indexed,
      unknown_methods_and_headers_are_kept_as_they_are,
      faults_are_found_where_they_are, what_is_beside_a_fault_can_be_read,
      fields_and_bytes_have_a_limit,
      values_are_split_at_commas_outside_quotes_and_brackets,
      a_message_is_built_and_written, a_message_needs_its_room_to_the_byte,
      what_an_index_held_before_is_not_found,
      fields_are_pushed_popped_and_removed,
      a_full_index_takes_no_more, short_fields_are_known_up_to_the_last_byte,
      no_prefix_is_read_beyond, what_is_written_reads_the_same);
