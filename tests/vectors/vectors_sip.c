/* SPDX-License-Identifier: BSD-2-Clause
 * SIP messages that others published: tests/vectors/data/sip, and with
 * VECTORS=DIR in the environment all below DIR/sip.  For the torture tests of
 * RFC 4475 and RFC 5118 the verdict is what their text asks for; for other
 * collections, what they say of themselves.  Of any message it is asked that
 * offsets stay inside it and that what was written reads the same. */
#include <stdio.h>
#include <stdlib.h>

#include "sip/msg/sip_frame.h"
#include "sip/msg/sip_verdict.h"
#include "tests/vectors/files.h"

/* What a collection says of its files: a fault that any element would find, or
 * none.  The longest prefix decides. */
enum form { ANY, GOOD, BAD };

static const struct {
	const char *prefix;
	enum form form;
	const char *why; /* where it is not what the collection says */
} forms[] = {
	{ "rfc-flows/", GOOD, NULL },
	{ "rfc-flows/CONTENT-LENGTH", ANY, NULL },
	{ "rfc-flows/rfc3261-003", BAD, "To is <bob@biloxi.com>, no URI" },
	{ "rfc-flows/rfc3428-001", BAD, "\";;\"" },
	{ "rfc-flows/rfc3428-002", BAD, "\";;\"" },
	{ "rfc-flows/rfc3581-", BAD, "abbreviated: no From" },
	{ "rfc-flows/rfc3608-001", BAD, "abbreviated by dots" },
	{ "rfc-flows/rfc3608-002", BAD, "abbreviated by dots" },
	{ "rfc-flows/rfc3608-006", BAD, "abbreviated by dots" },
	{ "rfc-flows/rfc3608-007", BAD, "abbreviated by dots" },
	{ "rfc-flows/rfc3608-008", BAD, "abbreviated by dots" },
	{ "rfc-flows/rfc3608-009", BAD, "abbreviated by dots" },
	{ "rfc-flows/rfc4660-001", BAD, "\"tag:\"" },
	{ "rfc-flows/rfc5359-105", BAD, "received is cut: 120." },
	{ "rfc-flows/rfc5626-001", BAD, "\"; ;\"" },
	{ "rfc-flows/rfc5763-", GOOD, NULL },
	{ "rfc-flows/rfc5763-001", BAD, "Content-Length: xxxx" },
	{ "rfc-flows/rfc5763-002", BAD, "Content-Length: xxxx" },
	{ "rfc-flows/rfc5853-001", BAD, "abbreviated: no From" },
	{ "rfc-flows/rfc5853-002", BAD, "abbreviated: no From" },
	{ "rfc-flows/rfc5853-003", BAD, "abbreviated: no From" },
	{ "rfc-flows/rfc6873-001", BAD, "To is <bob@example.com>, no URI" },
	{ "rfc-flows/rfc8599-001", BAD, "a URI on several lines" },
	{ "rfc-flows/rfc8599-002", BAD, "a URI on several lines" },
	{ "rfc6216/", GOOD, NULL },
	{ "rfc6216/smime-msg-what", ANY, "a MIME part" },
	{ "rfc4474/bye.message", GOOD, NULL },
	{ "rfc4474/invite.message", GOOD, NULL },
	{ "misc/", GOOD, NULL },
	{ "misc/badcseq", BAD, NULL },
	{ "kamailio/bad_", BAD, NULL },
	{ "kamailio/no_eom_", BAD, NULL },
	{ "sofia-sip/own3", GOOD, NULL },
	{ "sofia-sip/own4", GOOD, NULL },
	{ "sofia-sip/own5", GOOD, NULL },
	{ "sofia-sip/own6", BAD, "a URI on several lines" },
	{ "sofia-sip/test10.", GOOD, "a second message behind it: dropped" },
	{ "sofia-sip/test13", BAD, NULL },
	{ "sofia-sip/test14.", GOOD, NULL },
	{ "sofia-sip/test16", BAD, NULL },
	{ "sofia-sip/test17", BAD, NULL },
	{ "sofia-sip/test18", GOOD, "text behind the body: dropped" },
	{ "sofia-sip/test2.", GOOD, NULL },
	{ "sofia-sip/test20", BAD, "blank behind the Request-Line" },
	{ "sofia-sip/test22", BAD, NULL },
	{ "sofia-sip/test23", BAD, "two blanks in the Request-Line" },
	{ "sofia-sip/test24", GOOD, NULL },
	{ "sofia-sip/test27", GOOD, NULL },
	{ "sofia-sip/test28", GOOD, NULL },
	{ "sofia-sip/test29", BAD, NULL },
	{ "sofia-sip/test30", BAD, "Expires was a date in RFC 2543 alone" },
	{ "sofia-sip/test31", GOOD, NULL },
	{ "sofia-sip/test36", GOOD, NULL },
	{ "sofia-sip/test37", GOOD, NULL },
	{ "sofia-sip/test38", GOOD, NULL },
	{ "sofia-sip/test39", GOOD, NULL },
	{ "sofia-sip/test4.", BAD, "Expires was a date in RFC 2543 alone" },
	{ "sofia-sip/test40", BAD, NULL },
	{ "sofia-sip/test41", BAD, "SIP/7.0" },
	{ "sofia-sip/test42", BAD, "SIP/7.0" },
	{ "sofia-sip/test7", GOOD, NULL },
	{ "sofia-sip/test8", GOOD, NULL },
	{ "sofia-sip/test9", BAD, "it has no empty line, no Content-Length" },
};

struct row {
	const char *name;
	unsigned code;
	const char *why; /* where the RFC leaves a choice: why this one */
};

static const struct row rows[] = {
	{ "rfc4475/wsinv.dat", SIP_ACCEPT, NULL },
	{ "rfc4475/intmeth.dat", SIP_ACCEPT,
	  "accept|405|501: well formed; who dispatches knows the methods" },
	{ "rfc4475/esc01.dat", SIP_ACCEPT, NULL },
	{ "rfc4475/escnull.dat", SIP_ACCEPT, NULL },
	{ "rfc4475/esc02.dat", SIP_ACCEPT, NULL },
	{ "rfc4475/lwsdisp.dat", SIP_ACCEPT, NULL },
	{ "rfc4475/longreq.dat", SIP_ACCEPT, NULL },
	{ "rfc4475/dblreq.dat", SIP_ACCEPT, NULL },
	{ "rfc4475/semiuri.dat", SIP_ACCEPT, NULL },
	{ "rfc4475/transports.dat", SIP_ACCEPT, NULL },
	{ "rfc4475/mpart01.dat", SIP_ACCEPT, NULL },
	{ "rfc4475/unreason.dat", SIP_ACCEPT, NULL },
	{ "rfc4475/noreason.dat", SIP_ACCEPT, NULL },
	{ "rfc4475/badinv01.dat", 400, NULL },
	{ "rfc4475/clerr.dat", 400, NULL },
	{ "rfc4475/ncl.dat", 400, NULL },
	{ "rfc4475/scalar02.dat", 400, NULL },
	{ "rfc4475/scalarlg.dat", SIP_DROP, NULL },
	{ "rfc4475/quotbal.dat", 400, NULL },
	{ "rfc4475/ltgtruri.dat", 400, "400|accept: no lenience by default" },
	{ "rfc4475/lwsruri.dat", 400, NULL },
	{ "rfc4475/lwsstart.dat", 400, "400|accept: no lenience by default" },
	{ "rfc4475/trws.dat", 400, "400|accept: no lenience by default" },
	{ "rfc4475/escruri.dat", SIP_ACCEPT,
	  "400|accept: RFC 3261 19.1.1 has headers in a Request-URI ignored" },
	{ "rfc4475/baddate.dat", SIP_ACCEPT,
	  "accept|400: 8.2.2 has headers ignored that are not needed" },
	{ "rfc4475/regbadct.dat", 400, "400|accept: no lenience by default" },
	{ "rfc4475/badaspec.dat", 400, "400|accept: no lenience by default" },
	{ "rfc4475/baddn.dat", 400, "400|accept: no lenience by default" },
	{ "rfc4475/badvers.dat", 505, NULL },
	{ "rfc4475/mismatch01.dat", 400, NULL },
	{ "rfc4475/mismatch02.dat", 400,
	  "501|400: the form is judged before the method" },
	{ "rfc4475/bigcode.dat", SIP_DROP, NULL },
	{ "rfc4475/badbranch.dat", SIP_ACCEPT,
	  "400|accept: a bare cookie is a branch of RFC 2543" },
	{ "rfc4475/insuf.dat", 400, NULL },
	{ "rfc4475/unkscm.dat", 416, NULL },
	{ "rfc4475/novelsc.dat", 416,
	  "416|404: soap.beep is not served here" },
	{ "rfc4475/unksm2.dat", 400, NULL },
	{ "rfc4475/bext01.dat", 420, NULL },
	{ "rfc4475/invut.dat", 415, NULL },
	{ "rfc4475/regaut01.dat", 401,
	  "401|405: REGISTER is taken, and Digest is what we know" },
	{ "rfc4475/multi01.dat", 400, NULL },
	{ "rfc4475/mcl01.dat", 400, NULL },
	{ "rfc4475/bcast.dat", SIP_DROP, NULL },
	{ "rfc4475/zeromf.dat", SIP_ACCEPT, NULL },
	{ "rfc4475/cparam01.dat", SIP_ACCEPT, NULL },
	{ "rfc4475/cparam02.dat", SIP_ACCEPT, NULL },
	{ "rfc4475/regescrt.dat", SIP_ACCEPT, NULL },
	{ "rfc4475/sdp01.dat", 406, NULL },
	{ "rfc4475/inv2543.dat", SIP_ACCEPT, NULL },
	{ "rfc4475/test.dat", SIP_DROP, "400|drop: it has no Via" },
	{ "rfc5118/ipv6-good.sip", SIP_ACCEPT, NULL },
	{ "rfc5118/ipv6-bad.sip", 400, NULL },
	{ "rfc5118/port-ambiguous.sip", SIP_ACCEPT, NULL },
	{ "rfc5118/port-unambiguous.sip", SIP_ACCEPT, NULL },
	{ "rfc5118/via-received-param-with-delim.sip", SIP_ACCEPT, NULL },
	{ "rfc5118/via-received-param-no-delim.sip", SIP_ACCEPT, NULL },
	{ "rfc5118/ipv6-in-sdp.sip", SIP_ACCEPT, NULL },
	{ "rfc5118/mult-ip-in-header.sip", SIP_ACCEPT, NULL },
	{ "rfc5118/mult-ip-in-sdp.sip", SIP_ACCEPT, NULL },
	{ "rfc5118/ipv4-mapped-ipv6.sip", SIP_ACCEPT, NULL },
	{ "rfc5118/ipv6-bug-abnf-3-colons.sip", SIP_ACCEPT, NULL },
	{ "rfc5118/ipv6-correct-abnf-2-colons.sip", SIP_ACCEPT, NULL },
};

static unsigned judged[COUNT(rows)];

static const struct row *row_of(const char *name)
{
	for (size_t i = 0; i < COUNT(rows); i++)
		if (slice_eq(slice_str(name), rows[i].name)) {
			judged[i]++;
			return &rows[i];
		}
	return NULL;
}

static enum form form_of(const char *name)
{
	enum form f = ANY;
	size_t best = 0;

	for (size_t i = 0; i < COUNT(forms); i++) {
		size_t n = strlen(forms[i].prefix);

		if (n > best &&
		    slice_starts(slice_str(name), forms[i].prefix)) {
			best = n;
			f = forms[i].form;
		}
	}
	return f;
}

static bool no(const char *what, struct parse_error e)
{
	printf("  %s (offset %zu: %s)\n", what, e.offset,
	       e.reason ? e.reason : "-");
	return false;
}

static char text[2][2 * LIMIT_SIP_MESSAGE];

static struct slice written(const struct sip_msg *m, char *room, size_t cap)
{
	struct writer w = writer_begin(room, cap);

	sip_msg_write(&w, m);
	return writer_end(&w) < 0 ? (struct slice){ 0 } : writer_done(&w);
}

/* All fields and the body as before, Content-Length aside. */
static bool same_fields(const struct sip_msg *a, const struct sip_msg *b)
{
	unsigned i = 0, k = 0;

	for (;; i++, k++) {
		while (i < a->n && a->field[i].id == SIP_HDR_CONTENT_LENGTH)
			i++;
		while (k < b->n && b->field[k].id == SIP_HDR_CONTENT_LENGTH)
			k++;
		if (i == a->n || k == b->n)
			return i == a->n && k == b->n;
		if (!slice_same(a->field[i].name, b->field[k].name) ||
		    !slice_same(a->field[i].value, b->field[k].value))
			return false;
	}
}

static bool stable(const struct sip_msg *m)
{
	static struct sip_msg again;
	struct parse_error e = { 0 };
	struct slice first = written(m, text[0], sizeof(text[0])), second;

	if (first.n > LIMIT_SIP_MESSAGE || m->n == LIMIT_SIP_FIELDS)
		return true; /* the Content-Length is too much */
	if (sip_msg_parse(first, &again, &e))
		return no("what was written is refused", e);
	second = written(&again, text[1], sizeof(text[1]));
	if (!slice_same(first, second) || !same_fields(m, &again) ||
	    !slice_same(m->body, again.body) || m->status != again.status ||
	    !slice_same(m->uri, again.uri) || m->method != again.method)
		return no("changed by writing", e);
	return true;
}

/* RFC 5118's archive has LF line ends; others mixed theirs up. */
static struct slice crlf(struct slice in, char *room)
{
	size_t n = 0;

	for (size_t i = 0; i < in.n; i++) {
		if (in.p[i] == '\n' && (i == 0 || in.p[i - 1] != '\r'))
			room[n++] = '\r';
		room[n++] = in.p[i];
	}
	return slice_of(room, n);
}

static bool judge(const char *name, struct slice in, bool stream)
{
	static struct sip_msg m;
	struct sip_ua ua = sip_ua_default;
	const struct row *row = stream ? NULL : row_of(name);
	struct sip_verdict v;

	ua.check.stream = stream;
	v = sip_verdict(in, &ua, &m);
	if (v.why.offset > in.n || (v.code != SIP_ACCEPT) != !!v.why.reason)
		return no("error outside the input", v.why);
	if (row && row->code != v.code) {
		printf("  verdict %u, wanted %u\n", v.code, row->code);
		return no("why", v.why);
	}
	return v.code != SIP_ACCEPT || stable(&m);
}

/* As one sees it who is neither end of it. */
static bool formed(const char *name, struct slice in)
{
	static struct sip_msg m;
	const struct sip_check c = { .proxy = true };
	enum form want = form_of(name);
	struct sip_verdict v = sip_check(in, &c, &m);
	bool bad = v.code != SIP_ACCEPT && v.code != 483;

	return want == ANY || bad == (want == BAD) ||
	       no(bad ? "refused" : "taken", v.why);
}

static bool any(const char *name, struct slice data)
{
	static struct sip_msg m;
	struct parse_error e = { 0 };
	int rc = sip_msg_parse(data, &m, &e);

	if (rc ? !e.reason || e.offset > data.n : !stable(&m))
		return no("as it is", e);
	return judge(name, data, false) && judge(name, data, true) &&
	       formed(name, data);
}

/* RFC 5118 4.6 says Content-Length 268, and the body has 251 bytes. */
static void repair(const char *name, struct slice in, char *room)
{
	size_t at = slice_find(in, '8');

	if (!slice_eq(slice_str(name), "rfc5118/ipv6-in-sdp.sip"))
		return;
	while (at < in.n && !slice_starts(slice_skip(in, at), "268"))
		at++;
	if (at < in.n)
		memcpy(room + at, "251", 3);
}

static bool one(const char *name, struct slice data)
{
	bool wire = slice_starts(slice_str(name), "rfc4475/");
	char *room = malloc(2 * data.n + 1);
	struct slice fixed = room ? crlf(data, room) : data;
	bool ok;

	if (room)
		repair(name, fixed, room);
	ok = room && any(wire ? name : "", data) && (wire || any(name, fixed));
	free(room);
	return ok;
}

int main(int argc, char **argv)
{
	unsigned failed = 0, passed = 0;

	if (argc > 1)
		passed += files_each(argv[1], one, &failed);
	for (size_t i = 0; argc > 1 && i < COUNT(rows); i++)
		if (!judged[i]) {
			printf("%s was skipped\n", rows[i].name);
			failed++;
		}
	passed += files_extra("sip", one, &failed);
	printf("vectors_sip: %u passed, %u failed\n", passed, failed);
	return failed != 0 || (argc > 1 && passed == 0);
}
