/* SPDX-License-Identifier: BSD-2-Clause */
#include "sip/sip_check.h"

#include "sip/sip_cseq.h"
#include "sip/sip_grammar.h"
#include "sip/sip_number.h"
#include "sip/sip_uri.h"
#include "sip/sip_via.h"

enum {
	REQ = 1,  /* its value is judged in requests */
	RESP = 2, /* and in responses */
	ONE = 4,  /* may stand there once only (7.3.1) */
	BOTH = REQ | RESP,
};

static const uint8_t rules[SIP_HDR_COUNT] = {
	[SIP_HDR_VIA] = BOTH,
	[SIP_HDR_FROM] = BOTH | ONE,
	[SIP_HDR_TO] = BOTH | ONE,
	[SIP_HDR_CALL_ID] = BOTH | ONE,
	[SIP_HDR_CSEQ] = BOTH | ONE,
	[SIP_HDR_MAX_FORWARDS] = REQ | ONE,
	[SIP_HDR_CONTACT] = BOTH,
	[SIP_HDR_ROUTE] = REQ,
	[SIP_HDR_RECORD_ROUTE] = BOTH,
	[SIP_HDR_CONTENT_LENGTH] = BOTH | ONE,
	[SIP_HDR_CONTENT_TYPE] = BOTH | ONE,
	[SIP_HDR_CONTENT_ENCODING] = BOTH,
	[SIP_HDR_CONTENT_DISPOSITION] = BOTH | ONE,
	[SIP_HDR_EXPIRES] = REQ | ONE,
	[SIP_HDR_REQUIRE] = BOTH,
	[SIP_HDR_ACCEPT] = REQ,
};

/* A message under judgement. */
struct judge {
	struct slice in;
	const struct sip_check *c;
	struct sip_msg *m;
	struct sip_verdict v;
};

/* False, so that a chain of checks ends there. */
static bool refuse(struct judge *j, unsigned code, const char *at,
		   const char *why)
{
	j->v.code = code;
	j->v.why = (struct parse_error){ (size_t)(at - j->in.p), why };
	return false;
}

static bool refuse_in(struct judge *j, struct slice part,
		      const struct parse_error *e)
{
	return refuse(j, 400, part.p + e->offset, e->reason);
}

/* The empty line: where a header that is missing could still have come. */
static const char *end_of_head(const struct judge *j)
{
	return j->m->body.p - 2;
}

/* Two messages of RFC 5118 have lost their empty line.  Where a header says
 * that there is no body nothing that counts can be missing. */
static bool ends_early(const struct judge *j)
{
	uint32_t n;

	return !j->c->stream && sip_content_length_parse(
		sip_msg_get(j->m, SIP_HDR_CONTENT_LENGTH), &n, NULL) == 0 &&
		n == 0;
}

static bool parsed(struct judge *j)
{
	struct parse_error e = { 0 };
	int rc = sip_msg_parse(j->in, j->m, &e);

	if (rc == 0 || (rc == -EAGAIN && ends_early(j)))
		return true;
	return refuse(j, rc == -EPROTONOSUPPORT ? 505 : rc == -E2BIG ? 513 :
		      400, j->in.p + e.offset, e.reason);
}

static bool complete(struct judge *j)
{
	static const struct {
		enum sip_hdr id;
		const char *why;
	} must[] = {
		{ SIP_HDR_VIA, "no Via" },
		{ SIP_HDR_FROM, "no From" },
		{ SIP_HDR_TO, "no To" },
		{ SIP_HDR_CALL_ID, "no Call-ID" },
		{ SIP_HDR_CSEQ, "no CSeq" },
	};

	for (size_t i = 0; i < COUNT(must); i++)
		if (!sip_msg_has(j->m, must[i].id))
			return refuse(j, 400, end_of_head(j), must[i].why);
	return true;
}

static bool request_uri(struct judge *j)
{
	struct parse_error e = { 0 };
	struct sip_uri u;

	return j->m->status || sip_uri_parse(j->m->uri, &u, &e) == 0 ||
	       refuse_in(j, j->m->uri, &e);
}

static bool values(struct judge *j)
{
	unsigned kind = j->m->status ? RESP : REQ;

	for (unsigned i = 0; i < j->m->n; i++) {
		const struct sip_field *f = &j->m->field[i];
		struct parse_error e = { 0 };

		if (!(rules[f->id] & kind))
			continue;
		if (rules[f->id] & ONE && j->m->first[f->id] != i + 1)
			return refuse(j, 400, f->name.p,
				      "this header may stand once only");
		if (sip_grammar_check((enum sip_hdr)f->id, f->value, &e))
			return refuse_in(j, f->value, &e);
	}
	return true;
}

/* 8.1.1.5: the method of a CSeq is the request's. */
static bool cseq(struct judge *j)
{
	struct sip_cseq c;

	if (j->m->status ||
	    (sip_cseq_parse(sip_msg_get(j->m, SIP_HDR_CSEQ), &c, NULL) == 0 &&
	     slice_same(c.method, j->m->method_name)))
		return true;
	return refuse(j, 400, c.method.p, "the method of the request wanted");
}

/* 18.3: over UDP, bytes behind the body are dropped, and a body that is too
 * short is refused; a stream cannot do without the length. */
static bool body(struct judge *j)
{
	struct slice length = sip_msg_get(j->m, SIP_HDR_CONTENT_LENGTH);
	uint32_t n;

	if (!sip_msg_has(j->m, SIP_HDR_CONTENT_LENGTH))
		return !j->c->stream || refuse(j, 400, end_of_head(j),
					       "Content-Length wanted");
	if (sip_content_length_parse(length, &n, NULL) || n > j->m->body.n)
		return refuse(j, 400, length.p, "more than the body has");
	j->m->body.n = n;
	return true;
}

/* 16.3 step 3 */
static bool hops(struct judge *j)
{
	struct slice value = sip_msg_get(j->m, SIP_HDR_MAX_FORWARDS);
	uint32_t n;

	if (!j->c->proxy || j->m->status ||
	    sip_max_forwards_parse(value, &n, NULL) || n > 0)
		return true;
	return refuse(j, 483, value.p, "no hop left");
}

/* 10.2.2: "*" stands alone, in a REGISTER, with Expires 0. */
static bool star(struct judge *j)
{
	struct slice c = sip_msg_get(j->m, SIP_HDR_CONTACT);
	uint32_t expires = 1;

	if (!slice_eq(c, "*"))
		return true;
	if (j->m->status || j->m->method != SIP_REGISTER ||
	    j->m->first[SIP_HDR_CONTACT] != j->m->last[SIP_HDR_CONTACT] ||
	    sip_expires_parse(sip_msg_get(j->m, SIP_HDR_EXPIRES), &expires,
			      NULL) || expires)
		return refuse(j, 400, c.p, "\"*\" is for Expires: 0 alone");
	return true;
}

/* 18.1.2: a response that does not come to where its request left. */
static bool ours(struct judge *j, const struct sip_via *v)
{
	struct addr a;
	uint16_t port = v->has_port ? v->port :
		slice_ieq(v->transport, "TLS") ? 5061 : 5060;

	return !j->c->local || (addr_parse_ip(v->host, &a) == 0 &&
				addr_same_ip(&a, j->c->local) &&
				port == j->c->local->port);
}

static bool via(struct judge *j)
{
	struct sip_values values = sip_values_begin(j->m, SIP_HDR_VIA);
	struct slice top, second;
	struct sip_via v;

	if (!j->m->status || !sip_values_next(&values, &top))
		return true;
	if (!j->c->proxy && sip_values_next(&values, &second))
		return refuse(j, 400, second.p, "a second Via"); /* 8.1.3.3 */
	return (sip_via_parse(top, &v, NULL) == 0 && ours(j, &v)) ||
	       refuse(j, 400, top.p, "a Via of our own wanted");
}

/* Malformed, but is there somebody to tell? */
static bool answerable(const struct sip_msg *m)
{
	return !m->status && m->method_name.n && m->method != SIP_ACK &&
	       sip_msg_has(m, SIP_HDR_VIA);
}

struct sip_verdict sip_check(struct slice in, const struct sip_check *c,
			     struct sip_msg *m)
{
	struct judge j = { .in = in, .c = c, .m = m };

	if (!in.p)
		j.in.p = "";
	if (!(parsed(&j) && complete(&j) && request_uri(&j) && values(&j) &&
	      cseq(&j) && body(&j) && hops(&j) && star(&j) && via(&j)) &&
	    !answerable(m))
		j.v.code = SIP_DROP;
	return j.v;
}
