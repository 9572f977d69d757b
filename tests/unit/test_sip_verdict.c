/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/suites.h"

#include <stdio.h>

#include "sip/msg/sip_verdict.h"
#include "tests/unit/marked.h"

static struct sip_msg m;

#define HEAD(method) \
	method " sip:c@d SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1\r\n" \
	"From: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\nCall-ID: x\r\n" \
	"CSeq: 1 " method "\r\n"

static const char *const tags[] = { "100rel", "timer", NULL };
static const char *const types[] = { "application/sdp", "multipart/*", NULL };

static bool gives(const struct sip_ua *ua, const char *text, unsigned code)
{
	static struct marked k; /* m points into it until the next call */
	struct sip_verdict v;
	bool ok;

	if (k.block)
		marked_free(&k);
	k = marked(text);
	v = sip_verdict(k.in, ua, &m);
	ok = v.code == code &&
		  (code == SIP_ACCEPT ? !v.why.reason :
					v.why.reason && v.why.offset == k.at);

	if (!ok)
		fprintf(stderr, "%s: %u at %zu (%s)\n", text, v.code,
			v.why.offset, v.why.reason ? v.why.reason : "-");
	return ok;
}

START_TEST(methods_are_405_or_501) /* 8.2.1 */
{
	const struct sip_ua any = { 0 },
		ua = { .methods = 1u << SIP_INVITE | 1u << SIP_ACK };

	ck_assert(gives(&any, HEAD("NEWMETHOD") "\r\n", SIP_ACCEPT));
	ck_assert(gives(&ua, "^" HEAD("NEWMETHOD") "\r\n", 501));
	ck_assert(gives(&ua, "^" HEAD("BYE") "\r\n", 405));
	ck_assert(gives(&ua, HEAD("INVITE") "\r\n", SIP_ACCEPT));
	ck_assert(gives(&ua, HEAD("ACK") "\r\n", SIP_ACCEPT));
	ck_assert(gives(&ua, "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h\r\n"
			"From: sip:a\r\nTo: sip:b\r\nCall-ID: x\r\n"
			"CSeq: 1 BYE\r\n\r\n", SIP_ACCEPT));
}
END_TEST

START_TEST(schemes_are_416) /* 8.2.2.1 */
{
	const struct sip_ua ua = { .schemes = 1u << SIP_SCHEME_SIP },
		any = { 0 };
	static const char text[] =
		"OPTIONS ^x:y SIP/2.0\r\nVia: SIP/2.0/UDP h\r\nFrom: sip:a\r\n"
		"To: sip:b\r\nCall-ID: x\r\nCSeq: 1 OPTIONS\r\n\r\n";
	char sips[sizeof(text) + 8];

	ck_assert(gives(&ua, text, 416));
	ck_assert(gives(&any, text, SIP_ACCEPT));
	snprintf(sips, sizeof(sips), "OPTIONS ^sips:y %s", text + 13);
	ck_assert(gives(&ua, sips, 416));
	snprintf(sips, sizeof(sips), "OPTIONS sip:y %s", text + 13);
	ck_assert(gives(&ua, sips, SIP_ACCEPT));
}
END_TEST

START_TEST(required_extensions_are_420) /* 8.2.2.3 */
{
	const struct sip_ua ua = { .supported = tags }, any = { 0 };
	char buf[64];
	struct writer w = writer_begin(buf, sizeof(buf));

	ck_assert(gives(&ua, HEAD("OPTIONS") "Require: timer, 100REL\r\n\r\n",
			SIP_ACCEPT));
	ck_assert(gives(&ua, HEAD("OPTIONS") "Require: timer, ^foo,bar\r\n"
			"Require: baz\r\n\r\n", 420));
	sip_unsupported_write(&w, &m, tags);
	ck_slice_eq(writer_done(&w), "foo, bar, baz");
	ck_assert(gives(&any, HEAD("OPTIONS") "Require: foo\r\n\r\n",
			SIP_ACCEPT));
	ck_assert(gives(&ua, HEAD("CANCEL") "Require: foo\r\n\r\n",
			SIP_ACCEPT));
	ck_assert(gives(&ua, HEAD("ACK") "Require: foo\r\n\r\n", SIP_ACCEPT));
	ck_assert(gives(&ua, HEAD("OPTIONS") "Proxy-Require: foo\r\n\r\n",
			SIP_ACCEPT));
}
END_TEST

START_TEST(bodies_are_415) /* 8.2.3 */
{
	const struct sip_ua ua = { .types = types }, any = { 0 };

	ck_assert(gives(&ua, HEAD("INVITE") "c: Application/SDP;x=y\r\n\r\nv",
			SIP_ACCEPT));
	ck_assert(gives(&ua, HEAD("INVITE") "c: ^multipart/mixed\r\n\r\nv",
			400));
	/* RFC 5621 8.4 */
	ck_assert(gives(&ua, HEAD("INVITE") "c: multipart/mixed;boundary=b"
			"\r\n\r\n--b\r\nContent-Type: application/sdp\r\n"
			"\r\nv\r\n--b--", SIP_ACCEPT));
	ck_assert(gives(&ua, HEAD("INVITE") "c: ^multipart/mixed;boundary=b"
			"\r\n\r\n--b\r\nContent-Type: text/x\r\n"
			"Content-Disposition: x;handling=required\r\n"
			"\r\nv\r\n--b--", 415));
	ck_assert(gives(&ua, HEAD("INVITE") "c: ^application/x\r\n\r\nv", 415));
	ck_assert(gives(&ua, HEAD("INVITE") "c: ^text/sdp\r\n\r\nv", 415));
	ck_assert(gives(&ua, HEAD("UPDATE") "c: ^text/sdp\r\n\r\nv", 415));
	ck_assert(gives(&ua, HEAD("INVITE") "\r\n^v", 415));
	ck_assert(gives(&ua, HEAD("INVITE") "c: text/sdp\r\n\r\n", SIP_ACCEPT));
	ck_assert(gives(&ua, HEAD("MESSAGE") "c: text/sdp\r\n\r\nv",
			SIP_ACCEPT));
	ck_assert(gives(&any, HEAD("INVITE") "c: text/sdp\r\n\r\nv",
			SIP_ACCEPT));
	ck_assert(gives(&ua, HEAD("INVITE") "c: text/x\r\nContent-Disposition:"
			" x;handling=optional\r\n\r\nv", SIP_ACCEPT));
	ck_assert(gives(&ua, HEAD("INVITE") "c: ^text/x\r\nContent-Disposition:"
			" x;handling=required\r\n\r\nv", 415));
	ck_assert(gives(&ua, HEAD("INVITE") "c: application/sdp\r\ne: ^gzip\r\n"
			"\r\nv", 415));
	ck_assert(gives(&ua, HEAD("INVITE") "c: application/sdp\r\ne: IDENTITY"
			"\r\n\r\nv", SIP_ACCEPT));
}
END_TEST

START_TEST(accept_without_sdp_is_406) /* 20.1 */
{
	const struct sip_ua ua = { .types = types }, any = { 0 };

	ck_assert(gives(&ua, HEAD("INVITE") "Accept: ^text/x\r\n\r\n", 406));
	ck_assert(gives(&any, HEAD("INVITE") "Accept: text/x\r\n\r\n",
			SIP_ACCEPT));
	ck_assert(gives(&ua, HEAD("OPTIONS") "Accept: text/x\r\n\r\n",
			SIP_ACCEPT));
	ck_assert(gives(&ua, HEAD("INVITE") "Accept: ^\r\n\r\n", 406));
	ck_assert(gives(&ua, HEAD("INVITE") "Accept: a/b, */*\r\n\r\n",
			SIP_ACCEPT));
	ck_assert(gives(&ua, HEAD("INVITE") "Accept: a/b\r\nAccept: "
			"application/*;q=0.1\r\n\r\n", SIP_ACCEPT));
	/* The closest range counts. */
	ck_assert(gives(&ua, HEAD("INVITE") "Accept: ^*/*, application/sdp;q=0"
			"\r\n\r\n", 406));
	ck_assert(gives(&ua, HEAD("INVITE") "Accept: application/sdp, */*;q=0"
			"\r\n\r\n", SIP_ACCEPT));
	ck_assert(gives(&ua, HEAD("INVITE") "\r\n", SIP_ACCEPT));
}
END_TEST

START_TEST(a_registrar_looks_at_to_and_credentials) /* 10.3, 22.3 */
{
	const struct sip_ua ua = { .registrar = true, .supported = tags },
		any = { 0 };
	static const char to[] =
		"REGISTER sip:d SIP/2.0\r\nVia: SIP/2.0/UDP h\r\n"
		"From: sip:a\r\nTo: ^isbn:2983792873\r\nCall-ID: x\r\n"
		"CSeq: 1 REGISTER\r\n\r\n";

	ck_assert(gives(&ua, to, 400));
	ck_assert(gives(&any, to, SIP_ACCEPT));
	ck_assert(gives(&ua, HEAD("REGISTER") "\r\n", SIP_ACCEPT));
	ck_assert(gives(&ua, HEAD("REGISTER") "Authorization: ^Other a=b"
			"\r\n\r\n", 401));
	/* What may pass is looked at further. */
	ck_assert(gives(&ua, HEAD("REGISTER") "Authorization: Digest "
			"username=\"a\",realm=\"b\",nonce=\"c\",uri=\"sip:d\","
			"response=\"00000000000000000000000000000000\"\r\n"
			"Require: ^x\r\n\r\n", 420));
	ck_assert(gives(&any, HEAD("REGISTER") "Authorization: Other a=b"
			"\r\n\r\n", SIP_ACCEPT));
	ck_assert(gives(&ua, HEAD("OPTIONS") "Authorization: Other a=b"
			"\r\n\r\n", SIP_ACCEPT));
	ck_assert(gives(&ua, HEAD("REGISTER") "Authorization: Other a=b\r\n"
			"Authorization: Digest username=\"a\",realm=\"b\","
			"nonce=\"c\",uri=\"sip:d\",response="
			"\"00000000000000000000000000000000\"\r\n\r\n",
			SIP_ACCEPT));
	ck_assert(gives(&ua, HEAD("REGISTER") "Authorization: \"\r\n\r\n",
			SIP_ACCEPT)); /* unreadable: for who authenticates */
}
END_TEST

START_TEST(of_a_stream_the_first_message_counts)
{
	const struct sip_ua ua = { .check = { .stream = true },
				   .types = types };

	ck_assert(gives(&ua, HEAD("INVITE") "l: 0\r\n\r\nrest", SIP_ACCEPT));
	ck_assert(gives(&ua, "\r\n\r\n" HEAD("INVITE") "Accept: ^x/y\r\n"
			"l: 0\r\n\r\n", 406));
	ck_assert(gives(&ua, HEAD("INVITE") "l: 3\r\n\r\nab^", SIP_DROP));
	ck_assert(gives(&ua, "^", SIP_DROP));
	ck_assert(gives(&ua, "\r\n\r\n^", SIP_DROP));
	ck_assert(gives(&ua, "^\x16\x03", SIP_DROP));
	ck_assert(gives(&ua, "\r\n" HEAD("INVITE") "l: ^-999\r\n\r\n", 400));
	ck_assert(gives(&ua, HEAD("INVITE") "l: 0\r\nl: ^0\r\n\r\n", 400));
	ck_assert(gives(&ua, HEAD("INVITE") "^\r\n", 400));
	ck_assert(gives(&ua, HEAD("ACK") "^\r\n", SIP_DROP));
	ck_assert(gives(&ua, HEAD("INVITE") "l: 65536\r\n\r\n^", 513));
	ck_assert(gives(&ua, HEAD("ACK") "l: 65536\r\n\r\n^", SIP_DROP));
}
END_TEST

static void prefix(struct slice in)
{
	struct sip_ua ua = sip_ua_default;

	for (int i = 0; i < 2; i++, ua.check.stream = true) {
		struct sip_verdict v = sip_verdict(in, &ua, &m);

		ck_assert(v.why.offset <= in.n);
		ck_assert((v.code == SIP_ACCEPT) == !v.why.reason);
	}
}

START_TEST(no_prefix_is_read_beyond)
{
	each_prefix(S("\r\n" HEAD("INVITE") "Require: a\r\nAccept: */*\r\n"
		      "c: a/b\r\nl: 2\r\n\r\nab"), prefix);
	each_prefix(S(HEAD("REGISTER") "Authorization: a b=c\r\n"
		      "Contact: *\r\nExpires: 0\r\nl: 0\r\n\r\n"), prefix);
}
END_TEST

SUITE(sip_verdict, methods_are_405_or_501, schemes_are_416,
      required_extensions_are_420, bodies_are_415, accept_without_sdp_is_406,
      a_registrar_looks_at_to_and_credentials,
      of_a_stream_the_first_message_counts, no_prefix_is_read_beyond);
