/* SPDX-License-Identifier: BSD-2-Clause */
#include "sip/msg/sip_check.h"

#include "sip/hdr/sip_callid.h"
#include "sip/hdr/sip_grammar.h"
#include "sip/hdr/sip_media_type.h"
#include "sip/hdr/sip_name_addr.h"
#include "sip/hdr/sip_number.h"

enum {
	REQ = 1,  /* its value is judged in requests */
	RESP = 2, /* and in responses */
	ONE = 4,  /* may stand there once only (7.3.1) */
	BOTH = REQ | RESP,
};

/* Of a response only what says whose it is: it answers a transaction even if
 * the rest is no good, and who needs one of the others judges it then. */
static const uint8_t rules[SIP_HDR_COUNT] = {
	[SIP_HDR_VIA] = BOTH,
	[SIP_HDR_FROM] = BOTH | ONE,
	[SIP_HDR_TO] = BOTH | ONE,
	[SIP_HDR_CALL_ID] = BOTH | ONE,
	[SIP_HDR_CSEQ] = BOTH | ONE,
	[SIP_HDR_MAX_FORWARDS] = REQ | ONE,
	[SIP_HDR_CONTACT] = REQ,
	[SIP_HDR_ROUTE] = REQ,
	[SIP_HDR_RECORD_ROUTE] = REQ,
	[SIP_HDR_CONTENT_LENGTH] = BOTH | ONE,
	[SIP_HDR_CONTENT_TYPE] = REQ | ONE,
	[SIP_HDR_CONTENT_ENCODING] = REQ,
	[SIP_HDR_CONTENT_DISPOSITION] = REQ | ONE,
	[SIP_HDR_EXPIRES] = REQ | ONE,
	[SIP_HDR_REQUIRE] = REQ,
	[SIP_HDR_ACCEPT] = REQ,
};

/* A message under judgement. */
struct judge {
	struct slice in;
	const struct sip_check *c;
	struct sip_msg *m;
	struct sip_seen *seen;
	struct sip_verdict v;
};

/* False, so that a chain of checks ends there. */
static bool check_refuse(struct judge *j, unsigned code, const char *at,
			 const char *why)
{
	j->v.code = code;
	j->v.why = (struct parse_error){ (size_t)(at - j->in.p), why };
	return false;
}

static bool refuse_in(struct judge *j, struct slice part,
		      const struct parse_error *e)
{
	return check_refuse(j, 400, part.p + e->offset, e->reason);
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
	return check_refuse(j,
			    rc == -EPROTONOSUPPORT ? 505
			    : rc == -E2BIG	   ? 513
						   : 400,
			    j->in.p + e.offset, e.reason);
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
			return check_refuse(j, 400, end_of_head(j),
					    must[i].why);
	return true;
}

static bool check_request_uri(struct judge *j)
{
	struct parse_error e = { 0 };

	return j->m->status ||
	       sip_uri_parse(j->m->uri, &j->seen->uri, &e) == 0 ||
	       refuse_in(j, j->m->uri, &e);
}

/* What names something is kept as long as that lasts. */
static int brief(struct slice id, struct slice in, struct parse_error *e)
{
	if (id.n <= LIMIT_SIP_ID)
		return 0;
	*e = (struct parse_error){ (size_t)(id.p - in.p) + LIMIT_SIP_ID,
				   "256 octets at most wanted" };
	return -E2BIG;
}

static int name_addr(struct slice in, struct slice *tag,
		     struct parse_error *e)
{
	struct sip_name_addr a;
	int rc = sip_name_addr_parse(in, &a, e);

	if (!rc)
		*tag = a.tag;
	return rc ? rc : brief(a.tag, in, e);
}

/* The top Via of a field with several is looked for when it is needed. */
static int one_via(struct judge *j, struct slice in)
{
	struct sip_via other;

	if (memchr(in.p, ',', in.n))
		return -EBADMSG;
	if (in.p != sip_msg_get(j->m, SIP_HDR_VIA).p)
		return sip_via_parse(in, &other, NULL) ? -EBADMSG : 0;
	if (sip_via_parse(in, &j->seen->via, NULL))
		return -EBADMSG;
	j->seen->via_ok = true;
	return 0;
}

static int one_contact(struct slice in)
{
	struct sip_name_addr a;

	return memchr(in.p, ',', in.n) ? -EBADMSG :
	       sip_contact_parse(in, &a, NULL);
}

/* Those that every message has are parsed once and remembered; the table of
 * all headers would write them as well. */
static int judge_value(struct judge *j, enum sip_hdr id, struct slice in,
		       struct parse_error *e)
{
	struct sip_media_type type;
	struct sip_callid call_id;
	uint32_t n;

	switch ((unsigned)id) {
	case SIP_HDR_FROM:
		return name_addr(in, &j->seen->from_tag, e);
	case SIP_HDR_TO:
		j->seen->to_ok = name_addr(in, &j->seen->to_tag, e) == 0;
		return j->seen->to_ok ? 0 : -EBADMSG;
	case SIP_HDR_CALL_ID:
		return sip_callid_parse(in, &call_id, e) ? -EBADMSG :
		       brief(in, in, e);
	case SIP_HDR_CSEQ:
		return sip_cseq_parse(in, &j->seen->cseq, e);
	case SIP_HDR_MAX_FORWARDS:
		return sip_max_forwards_parse(in, &n, e);
	case SIP_HDR_CONTENT_LENGTH:
		return sip_content_length_parse(in, &n, e);
	case SIP_HDR_CONTENT_TYPE:
		return sip_media_type_parse(in, &type, e);
	case SIP_HDR_VIA:
		return one_via(j, in) ? sip_grammar_check(id, in, e) : 0;
	case SIP_HDR_CONTACT:
		return one_contact(in) ? sip_grammar_check(id, in, e) : 0;
	default:
		return sip_grammar_check(id, in, e);
	}
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
			return check_refuse(j, 400, f->name.p,
					    "this header may stand once only");
		if (judge_value(j, (enum sip_hdr)f->id, f->value, &e))
			return refuse_in(j, f->value, &e);
	}
	return true;
}

/* 8.1.1.5: the method of a CSeq is the request's. */
static bool cseq(struct judge *j)
{
	struct slice method = j->seen->cseq.method;

	return j->m->status || slice_same(method, j->m->method_name) ||
	       check_refuse(j, 400, method.p,
			    "the method of the request wanted");
}

/* 18.3: over UDP, bytes behind the body are dropped, and a body that is too
 * short is refused; a stream cannot do without the length. */
static bool body(struct judge *j)
{
	struct slice length = sip_msg_get(j->m, SIP_HDR_CONTENT_LENGTH);
	uint32_t n;

	if (!sip_msg_has(j->m, SIP_HDR_CONTENT_LENGTH))
		return !j->c->stream || check_refuse(j, 400, end_of_head(j),
						     "Content-Length wanted");
	if (sip_content_length_parse(length, &n, NULL) || n > j->m->body.n)
		return check_refuse(j, 400, length.p, "more than the body has");
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
	return check_refuse(j, 483, value.p, "no hop left");
}

/* 10.2.2: "*" stands alone, in a REGISTER, with Expires 0. */
static bool star(struct judge *j)
{
	struct slice c = sip_msg_get(j->m, SIP_HDR_CONTACT);
	uint32_t expires = 1;

	if (j->m->status || !slice_eq(c, "*"))
		return true;
	if (j->m->method != SIP_REGISTER ||
	    j->m->first[SIP_HDR_CONTACT] != j->m->last[SIP_HDR_CONTACT] ||
	    sip_expires_parse(sip_msg_get(j->m, SIP_HDR_EXPIRES), &expires,
			      NULL) || expires)
		return check_refuse(j, 400, c.p,
				    "\"*\" is for Expires: 0 alone");
	return true;
}

/* 18.1.2: a response that does not come to where its request left. */
static bool check_ours(struct judge *j, const struct sip_via *v)
{
	struct addr a;
	uint16_t port = v->has_port ? v->port :
		slice_ieq(v->transport, "TLS") ? 5061 : 5060;

	return !j->c->local || (addr_parse_ip(v->host, &a) == 0 &&
				addr_same_ip(&a, j->c->local) &&
				port == j->c->local->port);
}

/* The topmost Via is remembered, also of a message that is refused. */
static struct slice top_via(struct judge *j, struct sip_values *values)
{
	struct slice top = { NULL, 0 };

	*values = sip_values_begin(j->m, SIP_HDR_VIA);
	(void)sip_values_next(values, &top); /* none: nothing to parse */
	if (!j->seen->via_ok)
		j->seen->via_ok = !sip_via_parse(top, &j->seen->via, NULL);
	return top;
}

/* A request's topmost Via may still be unread: a field can have several. */
static bool own_branch(struct judge *j)
{
	struct sip_values unused;
	struct slice branch;

	if (!j->seen->via_ok)
		(void)top_via(j, &unused);
	branch = j->seen->via.branch;
	return branch.n <= LIMIT_SIP_ID ||
	       check_refuse(j, 400, branch.p + LIMIT_SIP_ID,
			    "256 octets at most wanted");
}

static bool via(struct judge *j)
{
	struct sip_values values;
	struct slice top, second;

	if (!j->m->status)
		return own_branch(j);
	top = top_via(j, &values);
	if (!j->c->proxy && sip_values_next(&values, &second))
		return check_refuse(j, 400, second.p,
				    "a second Via"); /* 8.1.3.3 */
	return (j->seen->via_ok && check_ours(j, &j->seen->via)) ||
	       check_refuse(j, 400, top.p, "a Via of our own wanted");
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
	struct sip_seen seen = { .via_ok = false };
	struct judge j = { .in = in, .c = c, .m = m,
			   .seen = c->seen ? c->seen : &seen };
	struct sip_values unused;

	*j.seen = seen;
	if (!in.p)
		j.in.p = "";
	if (!(parsed(&j) && complete(&j) && check_request_uri(&j) &&
	      values(&j) && cseq(&j) && body(&j) && hops(&j) && star(&j) &&
	      via(&j))) {
		(void)top_via(&j, &unused);
		if (!answerable(m))
			j.v.code = SIP_DROP;
	}
	return j.v;
}
