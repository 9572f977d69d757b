/* SPDX-License-Identifier: BSD-2-Clause */
#include "sip/msg/sip_verdict.h"

#include "sip/hdr/sip_accept.h"
#include "sip/hdr/sip_auth.h"
#include "sip/hdr/sip_media_type.h"
#include "sip/hdr/sip_name_addr.h"
#include "sip/msg/sip_body.h"
#include "sip/msg/sip_frame.h"

struct judge {
	struct slice in;
	const struct sip_ua *ua;
	const struct sip_msg *m;
	const struct sip_uri *uri;
	struct sip_verdict v;
};

static bool verdict_refuse(struct judge *j, unsigned code, const char *at,
			   const char *why)
{
	j->v.code = code;
	j->v.why = (struct parse_error){ (size_t)(at - j->in.p), why };
	return false;
}

static bool method(struct judge *j) /* 8.2.1 */
{
	if (!j->ua->methods || j->ua->methods >> j->m->method & 1)
		return true;
	return verdict_refuse(j, j->m->method == SIP_METHOD_OTHER ? 501 : 405,
			      j->m->method_name.p, "another method wanted");
}

static bool verdict_credentials(struct judge *j) /* 22.3 */
{
	struct sip_values v = sip_values_begin(j->m, SIP_HDR_AUTHORIZATION);
	struct slice one = { 0 };
	struct sip_credentials c;

	if (!j->ua->registrar || j->m->method != SIP_REGISTER)
		return true;
	while (sip_values_next(&v, &one))
		if (sip_credentials_parse(one, &c, NULL) || c.digest)
			return true;
	return !one.p ||
	       verdict_refuse(j, 401, one.p, "Digest credentials wanted");
}

static bool verdict_scheme(struct judge *j) /* 8.2.2.1 */
{
	if (!j->ua->schemes || j->ua->schemes >> j->uri->scheme & 1)
		return true;
	return verdict_refuse(j, 416, j->uri->name.p,
			      "another URI scheme wanted");
}

static bool address_of_record(struct judge *j) /* 10.3 step 5 */
{
	struct sip_name_addr to;

	if (!j->ua->registrar || j->m->method != SIP_REGISTER ||
	    sip_name_addr_parse(sip_msg_get(j->m, SIP_HDR_TO), &to, NULL) ||
	    to.uri.scheme == SIP_SCHEME_SIP || to.uri.scheme == SIP_SCHEME_SIPS)
		return true;
	return verdict_refuse(j, 400, to.uri.text.p, "SIP or SIPS URI wanted");
}

static bool verdict_has(const char *const *tags, struct slice tag)
{
	for (; *tags; tags++)
		if (slice_ieq(tag, *tags))
			return true;
	return false;
}

static bool extensions(struct judge *j) /* 8.2.2.3 */
{
	struct sip_values v = sip_values_begin(j->m, SIP_HDR_REQUIRE);
	struct slice tag;

	if (!j->ua->supported || j->m->method == SIP_CANCEL)
		return true;
	while (sip_values_next(&v, &tag))
		if (!verdict_has(j->ua->supported, tag))
			return verdict_refuse(j, 420, tag.p,
					      "extension not supported");
	return true;
}

/* Offers and answers travel in these. */
static bool has_session(const struct judge *j)
{
	return j->ua->types && (j->m->method == SIP_INVITE ||
				j->m->method == SIP_UPDATE);
}

static bool content(struct judge *j) /* 8.2.3 */
{
	struct slice coding = sip_msg_get(j->m, SIP_HDR_CONTENT_ENCODING);
	struct slice value = sip_msg_get(j->m, SIP_HDR_CONTENT_TYPE);
	const char *at = value.p ? value.p : j->m->body.p;
	struct slice session;
	int rc;

	if (!has_session(j) || !j->m->body.n)
		return true;
	rc = sip_body_read(j->m, j->ua->types, &session);
	if (rc == -EBADMSG)
		return verdict_refuse(j, 400, at,
				      "parts of a multipart wanted");
	if (rc == -E2BIG)
		return verdict_refuse(j, 413, at, "too many parts");
	if (rc && coding.n && !slice_ieq(coding, "identity"))
		return verdict_refuse(j, 415, coding.p,
				      "another coding wanted");
	return !rc || verdict_refuse(j, 415, at, "another Content-Type wanted");
}

/* May a description be sent in the response (20.1)?  The range that fits it
 * closest says so. */
static bool acceptable(struct judge *j)
{
	struct sip_values v = sip_values_begin(j->m, SIP_HDR_ACCEPT);
	struct slice one, first = sip_msg_get(j->m, SIP_HDR_ACCEPT);
	struct sip_accept a;
	unsigned best = 0, q = 0;

	if (!has_session(j) || !first.p)
		return true;
	while (sip_values_next(&v, &one)) {
		unsigned fit = 0;

		if (sip_accept_parse(one, &a, NULL) == 0)
			fit = sip_accept_fits(&a, "application", "sdp");
		if (fit > best) {
			best = fit;
			q = a.q;
		}
	}
	return q || verdict_refuse(j, 406, first.p, "application/sdp wanted");
}

struct sip_verdict sip_ua_check(struct slice in, const struct sip_ua *ua,
				const struct sip_msg *m,
				const struct sip_uri *uri)
{
	struct judge j = { .in = in, .ua = ua, .m = m, .uri = uri };

	if (!m->status && m->method != SIP_ACK)
		(void)(method(&j) && verdict_credentials(&j) &&
		       verdict_scheme(&j) && address_of_record(&j) &&
		       extensions(&j) && content(&j) && acceptable(&j));
	return j.v;
}

/* The first message of a stream, cut out of in; false: v says what instead. */
static bool framed(struct slice *in, const struct sip_ua *ua,
		   struct sip_msg *m, struct sip_verdict *v)
{
	struct parse_error e = { 0 };
	struct sip_frame f;
	int rc = sip_frame(*in, LIMIT_SIP_MESSAGE, &f, &e);

	if (rc == 0) {
		*in = slice_head(slice_skip(*in, f.skip), f.total);
		return true;
	}
	*v = (struct sip_verdict){ SIP_DROP, e };
	if (rc == -EAGAIN)
		v->why = (struct parse_error){ in->n, "not all of it" };
	if (rc == -EAGAIN || !f.head)
		return false;
	/* Its head has the same fault, unless it is the size alone. */
	*v = sip_check(slice_head(slice_skip(*in, f.skip), f.head), &ua->check,
		       m);
	v->code = rc == -E2BIG && v->code != SIP_DROP ? 513 : v->code;
	v->why = e;
	return false;
}

struct sip_verdict sip_verdict(struct slice in, const struct sip_ua *ua,
			       struct sip_msg *m)
{
	struct slice msg = in;
	struct sip_seen seen;
	struct sip_check check = ua->check;
	struct sip_verdict v;

	sip_msg_response(m, 999, (struct slice){ 0 });
	if (ua->check.stream && !framed(&msg, ua, m, &v))
		return v;
	check.seen = &seen;
	v = sip_check(msg, &check, m);
	if (v.code == SIP_ACCEPT)
		v = sip_ua_check(msg, ua, m, &seen.uri);
	if (v.code != SIP_ACCEPT)
		v.why.offset += (size_t)(msg.p - in.p);
	return v;
}

void sip_unsupported_write(struct writer *w, const struct sip_msg *m,
			   const char *const *supported)
{
	struct sip_values v = sip_values_begin(m, SIP_HDR_REQUIRE);
	struct slice tag;
	bool more = false;

	while (sip_values_next(&v, &tag)) {
		if (verdict_has(supported, tag))
			continue;
		if (more)
			writer_str(w, ", ");
		writer_put(w, tag);
		more = true;
	}
}

static const char *const supported[] = { NULL };
const struct sip_ua sip_ua_default = {
	.schemes = SIP_UA_SCHEMES,
	.supported = supported,
	.types = sip_body_types,
	.registrar = true,
};
