/* SPDX-License-Identifier: BSD-2-Clause */
#include "sip/hdr/sip_grammar.h"

#include "sip/hdr/sip_accept.h"
#include "sip/hdr/sip_auth.h"
#include "sip/hdr/sip_callid.h"
#include "sip/hdr/sip_cseq.h"
#include "sip/hdr/sip_date.h"
#include "sip/hdr/sip_disposition.h"
#include "sip/hdr/sip_info.h"
#include "sip/hdr/sip_media_type.h"
#include "sip/hdr/sip_name_addr.h"
#include "sip/hdr/sip_number.h"
#include "sip/hdr/sip_retry_after.h"
#include "sip/hdr/sip_text.h"
#include "sip/hdr/sip_timestamp.h"
#include "sip/hdr/sip_tokens.h"
#include "sip/hdr/sip_via.h"
#include "sip/hdr/sip_warning.h"
#include "sip/msg/sip_msg.h"

/* The functions below have two shapes: parse one value and write it, and walk
 * a list, writing a comma before each value but the first. */
static void comma(struct writer *w, const struct sip_list *l)
{
	if (l->n > 1)
		writer_str(w, ", ");
}

/* ------------------------------------------------- media, codings, tokens */
static int accept(struct slice in, struct writer *w, struct parse_error *e)
{
	struct sip_list l = sip_list_begin(in, e);
	struct sip_accept v;
	int rc;

	while ((rc = sip_accept_next(&l, &v)) > 0) {
		comma(w, &l);
		sip_accept_write(w, &v);
	}
	return rc;
}

static int accept_encoding(struct slice in, struct writer *w,
			   struct parse_error *e)
{
	struct sip_list l = sip_list_begin(in, e);
	struct sip_preference v;
	int rc;

	while ((rc = sip_accept_encoding_next(&l, &v)) > 0) {
		comma(w, &l);
		sip_preference_write(w, &v);
	}
	return rc;
}

static int accept_language(struct slice in, struct writer *w,
			   struct parse_error *e)
{
	struct sip_list l = sip_list_begin(in, e);
	struct sip_preference v;
	int rc;

	while ((rc = sip_accept_language_next(&l, &v)) > 0) {
		comma(w, &l);
		sip_preference_write(w, &v);
	}
	return rc;
}

static int content_type(struct slice in, struct writer *w,
			struct parse_error *e)
{
	struct sip_media_type v;
	int rc = sip_media_type_parse(in, &v, e);

	if (!rc)
		sip_media_type_write(w, &v);
	return rc;
}

static int content_disposition(struct slice in, struct writer *w,
			       struct parse_error *e)
{
	struct sip_disposition v;
	int rc = sip_disposition_parse(in, &v, e);

	if (!rc)
		sip_disposition_write(w, &v);
	return rc;
}

static int tokens(int rc, const struct sip_tokens *v, struct writer *w)
{
	if (!rc)
		sip_tokens_write(w, v);
	return rc;
}

static int content_encoding(struct slice in, struct writer *w,
			    struct parse_error *e)
{
	struct sip_tokens v;

	return tokens(sip_content_encoding_parse(in, &v, e), &v, w);
}

static int content_language(struct slice in, struct writer *w,
			    struct parse_error *e)
{
	struct sip_tokens v;

	return tokens(sip_content_language_parse(in, &v, e), &v, w);
}

static int allow(struct slice in, struct writer *w, struct parse_error *e)
{
	struct sip_tokens v;

	return tokens(sip_allow_parse(in, &v, e), &v, w);
}

static int supported(struct slice in, struct writer *w, struct parse_error *e)
{
	struct sip_tokens v;

	return tokens(sip_supported_parse(in, &v, e), &v, w);
}

static int require(struct slice in, struct writer *w, struct parse_error *e)
{
	struct sip_tokens v;

	return tokens(sip_require_parse(in, &v, e), &v, w);
}

static int proxy_require(struct slice in, struct writer *w,
			 struct parse_error *e)
{
	struct sip_tokens v;

	return tokens(sip_proxy_require_parse(in, &v, e), &v, w);
}

static int unsupported(struct slice in, struct writer *w,
		       struct parse_error *e)
{
	struct sip_tokens v;

	return tokens(sip_unsupported_parse(in, &v, e), &v, w);
}

/* --------------------------------------------------------------- numbers */
static int number(int rc, uint32_t v, struct writer *w)
{
	if (!rc)
		writer_u64(w, v);
	return rc;
}

static int max_forwards(struct slice in, struct writer *w,
			struct parse_error *e)
{
	uint32_t v = 0;
	int rc = sip_max_forwards_parse(in, &v, e);

	return number(rc, v, w);
}

static int expires(struct slice in, struct writer *w, struct parse_error *e)
{
	uint32_t v = 0;
	int rc = sip_expires_parse(in, &v, e);

	return number(rc, v, w);
}

static int min_expires(struct slice in, struct writer *w,
		       struct parse_error *e)
{
	uint32_t v = 0;
	int rc = sip_min_expires_parse(in, &v, e);

	return number(rc, v, w);
}

static int flow_timer(struct slice in, struct writer *w,
		      struct parse_error *e)
{
	uint32_t v = 0;
	int rc = sip_flow_timer_parse(in, &v, e);

	return number(rc, v, w);
}

static int content_length(struct slice in, struct writer *w,
			  struct parse_error *e)
{
	uint32_t v = 0;
	int rc = sip_content_length_parse(in, &v, e);

	return number(rc, v, w);
}

static int mime_version(struct slice in, struct writer *w,
			struct parse_error *e)
{
	struct sip_mime_version v;
	int rc = sip_mime_version_parse(in, &v, e);

	if (!rc)
		sip_mime_version_write(w, &v);
	return rc;
}

static int cseq(struct slice in, struct writer *w, struct parse_error *e)
{
	struct sip_cseq v;
	int rc = sip_cseq_parse(in, &v, e);

	if (!rc)
		sip_cseq_write(w, &v);
	return rc;
}

static int date(struct slice in, struct writer *w, struct parse_error *e)
{
	struct sip_date v;
	int rc = sip_date_parse(in, &v, e);

	if (!rc)
		sip_date_write(w, &v);
	return rc;
}

static int retry_after(struct slice in, struct writer *w,
		       struct parse_error *e)
{
	struct sip_retry_after v;
	int rc = sip_retry_after_parse(in, &v, e);

	if (!rc)
		sip_retry_after_write(w, &v);
	return rc;
}

static int timestamp(struct slice in, struct writer *w, struct parse_error *e)
{
	struct sip_timestamp v;
	int rc = sip_timestamp_parse(in, &v, e);

	if (!rc)
		sip_timestamp_write(w, &v);
	return rc;
}

/* -------------------------------------------------------- identification */
static int call_id(struct slice in, struct writer *w, struct parse_error *e)
{
	struct sip_callid v;
	int rc = sip_callid_parse(in, &v, e);

	if (!rc)
		sip_callid_write(w, &v);
	return rc;
}

static int in_reply_to(struct slice in, struct writer *w,
		       struct parse_error *e)
{
	struct sip_list l = sip_list_begin(in, e);
	struct sip_callid v;
	int rc;

	while ((rc = sip_callid_next(&l, &v)) > 0) {
		comma(w, &l);
		sip_callid_write(w, &v);
	}
	return rc;
}

static int challenge(struct slice in, struct writer *w, struct parse_error *e)
{
	struct sip_challenge v;
	int rc = sip_challenge_parse(in, &v, e);

	if (!rc)
		sip_challenge_write(w, &v);
	return rc;
}

static int grammar_credentials(struct slice in, struct writer *w,
			       struct parse_error *e)
{
	struct sip_credentials v;
	int rc = sip_credentials_parse(in, &v, e);

	if (!rc)
		sip_credentials_write(w, &v);
	return rc;
}

static int auth_info(struct slice in, struct writer *w, struct parse_error *e)
{
	struct sip_auth_info v;
	int rc = sip_auth_info_parse(in, &v, e);

	if (!rc)
		sip_auth_info_write(w, &v);
	return rc;
}

/* ------------------------------------------------------------ for people */
static int info(struct slice in, struct writer *w, struct parse_error *e)
{
	struct sip_list l = sip_list_begin(in, e);
	struct sip_info v;
	int rc;

	while ((rc = sip_info_next(&l, &v)) > 0) {
		comma(w, &l);
		sip_info_write(w, &v);
	}
	return rc;
}

static int warning(struct slice in, struct writer *w, struct parse_error *e)
{
	struct sip_list l = sip_list_begin(in, e);
	struct sip_warning v;
	int rc;

	while ((rc = sip_warning_next(&l, &v)) > 0) {
		comma(w, &l);
		sip_warning_write(w, &v);
	}
	return rc;
}

static int text(struct slice in, struct writer *w, struct parse_error *e)
{
	struct slice v;
	int rc = sip_text_parse(in, &v, e);

	if (!rc)
		sip_text_write(w, v);
	return rc;
}

static int products(struct slice in, struct writer *w, struct parse_error *e)
{
	struct sip_list l = sip_list_begin(in, e);
	struct sip_product v;
	int rc;

	while ((rc = sip_product_next(&l, &v)) > 0) {
		if (l.n > 1)
			writer_char(w, ' ');
		sip_product_write(w, &v);
	}
	return rc;
}

static int priority(struct slice in, struct writer *w, struct parse_error *e)
{
	struct sip_priority v;
	int rc = sip_priority_parse(in, &v, e);

	if (!rc)
		sip_priority_write(w, &v);
	return rc;
}

/* ----------------------------------------------------- addresses and Via */
static int name_addr(struct slice in, struct writer *w, struct parse_error *e)
{
	struct sip_name_addr v;
	int rc = sip_name_addr_parse(in, &v, e);

	if (!rc)
		sip_name_addr_write(w, &v);
	return rc;
}

static int contact_value(struct slice in, struct writer *w,
			 struct parse_error *e)
{
	struct sip_name_addr v;
	int rc = sip_contact_parse(in, &v, e);

	if (!rc && v.star) { /* alone, or not at all (20.10) */
		*e = (struct parse_error){ 0, "* not alone" };
		return -EBADMSG;
	}
	if (!rc)
		sip_name_addr_write(w, &v);
	return rc;
}

static int route_value(struct slice in, struct writer *w,
		       struct parse_error *e)
{
	struct sip_name_addr v;
	int rc = sip_route_parse(in, &v, e);

	if (!rc)
		sip_name_addr_write(w, &v);
	return rc;
}

static int via_value(struct slice in, struct writer *w, struct parse_error *e)
{
	struct sip_via v;
	int rc = sip_via_parse(in, &v, e);

	if (!rc)
		sip_via_write(w, &v);
	return rc;
}

/* Those whose parser takes one value are split as a message's are; offsets
 * are then counted from the field's begin. */
static int grammar_split(enum sip_hdr id, struct slice in, struct writer *w,
			 struct parse_error *e,
			 int (*one)(struct slice, struct writer *,
				    struct parse_error *))
{
	struct parse_error inner = { 0 };
	struct slice value = { 0 };
	struct sip_values v = sip_values_of(id, in);
	unsigned n = 0;
	int rc = 0;

	while (!rc && sip_values_next(&v, &value)) {
		if (n)
			writer_str(w, ", ");
		rc = n++ == LIMIT_SIP_VALUES ? -E2BIG : one(value, w, &inner);
		if (rc == -E2BIG && !inner.reason)
			inner.reason = "too many values";
	}
	if (!rc && !n)
		rc = one(in, w, &inner);
	if (rc && e) {
		inner.offset += value.p ? (size_t)(value.p - in.p) : 0;
		*e = inner;
	}
	return rc;
}

static int contact(struct slice in, struct writer *w, struct parse_error *e)
{
	if (slice_eq(slice_trim(in), "*")) {
		writer_char(w, '*');
		return 0;
	}
	return grammar_split(SIP_HDR_CONTACT, in, w, e, contact_value);
}

static int grammar_route(struct slice in, struct writer *w,
			 struct parse_error *e)
{
	return grammar_split(SIP_HDR_ROUTE, in, w, e, route_value);
}

static int via(struct slice in, struct writer *w, struct parse_error *e)
{
	return grammar_split(SIP_HDR_VIA, in, w, e, via_value);
}

/* header-value = *(TEXT-UTF8char / UTF8-CONT / LWS) */
static int extension(struct slice in, struct writer *w, struct parse_error *e)
{
	struct scan s = scan_begin(in, e);

	while (!scan_end(&s)) {
		if (!scan_lws(&s) && scan_is(*s.p++, SCAN_CTL)) {
			s.p--;
			return scan_fail(&s, "text without controls wanted");
		}
	}
	sip_unfold_write(w, in);
	return 0;
}

const struct sip_grammar sip_grammar[SIP_HDR_COUNT] = {
	[SIP_HDR_OTHER] = { extension, "sip_text" },
	[SIP_HDR_ACCEPT] = { accept, "sip_media_type" },
	[SIP_HDR_ACCEPT_ENCODING] = { accept_encoding, "sip_accept" },
	[SIP_HDR_ACCEPT_LANGUAGE] = { accept_language, "sip_accept" },
	[SIP_HDR_ALERT_INFO] = { info, "sip_info" },
	[SIP_HDR_ALLOW] = { allow, "sip_tokens" },
	[SIP_HDR_AUTHENTICATION_INFO] = { auth_info, "sip_auth" },
	[SIP_HDR_AUTHORIZATION] = { grammar_credentials, "sip_auth" },
	[SIP_HDR_CALL_ID] = { call_id, "sip_callid" },
	[SIP_HDR_CALL_INFO] = { info, "sip_info" },
	[SIP_HDR_CONTACT] = { contact, "sip_name_addr" },
	[SIP_HDR_CONTENT_DISPOSITION] = { content_disposition,
					  "sip_disposition" },
	[SIP_HDR_CONTENT_ENCODING] = { content_encoding, "sip_accept" },
	[SIP_HDR_CONTENT_LANGUAGE] = { content_language, "sip_accept" },
	[SIP_HDR_CONTENT_LENGTH] = { content_length, "sip_number" },
	[SIP_HDR_CONTENT_TYPE] = { content_type, "sip_media_type" },
	[SIP_HDR_CSEQ] = { cseq, "sip_cseq" },
	[SIP_HDR_DATE] = { date, "sip_date" },
	[SIP_HDR_ERROR_INFO] = { info, "sip_info" },
	[SIP_HDR_EXPIRES] = { expires, "sip_number" },
	[SIP_HDR_FLOW_TIMER] = { flow_timer, "sip_number" },
	[SIP_HDR_FROM] = { name_addr, "sip_name_addr" },
	[SIP_HDR_IN_REPLY_TO] = { in_reply_to, "sip_callid" },
	[SIP_HDR_MAX_FORWARDS] = { max_forwards, "sip_number" },
	[SIP_HDR_MIN_EXPIRES] = { min_expires, "sip_number" },
	[SIP_HDR_MIME_VERSION] = { mime_version, "sip_number" },
	[SIP_HDR_ORGANIZATION] = { text, "sip_text" },
	[SIP_HDR_PATH] = { grammar_route, "sip_name_addr" },
	[SIP_HDR_PRIORITY] = { priority, "sip_text" },
	[SIP_HDR_PROXY_AUTHENTICATE] = { challenge, "sip_auth" },
	[SIP_HDR_PROXY_AUTHORIZATION] = { grammar_credentials, "sip_auth" },
	[SIP_HDR_PROXY_REQUIRE] = { proxy_require, "sip_tokens" },
	[SIP_HDR_RECORD_ROUTE] = { grammar_route, "sip_name_addr" },
	[SIP_HDR_REPLY_TO] = { name_addr, "sip_name_addr" },
	[SIP_HDR_REQUIRE] = { require, "sip_tokens" },
	[SIP_HDR_RETRY_AFTER] = { retry_after, "sip_retry_after" },
	[SIP_HDR_ROUTE] = { grammar_route, "sip_name_addr" },
	[SIP_HDR_SERVER] = { products, "sip_text" },
	[SIP_HDR_SERVICE_ROUTE] = { grammar_route, "sip_name_addr" },
	[SIP_HDR_SUBJECT] = { text, "sip_text" },
	[SIP_HDR_SUPPORTED] = { supported, "sip_tokens" },
	[SIP_HDR_TIMESTAMP] = { timestamp, "sip_timestamp" },
	[SIP_HDR_TO] = { name_addr, "sip_name_addr" },
	[SIP_HDR_UNSUPPORTED] = { unsupported, "sip_tokens" },
	[SIP_HDR_USER_AGENT] = { products, "sip_text" },
	[SIP_HDR_VIA] = { via, "sip_via" },
	[SIP_HDR_WARNING] = { warning, "sip_warning" },
	[SIP_HDR_WWW_AUTHENTICATE] = { challenge, "sip_auth" },
};

int sip_grammar_check(enum sip_hdr id, struct slice value,
		      struct parse_error *e)
{
	struct writer nothing = { .full = true };

	return sip_grammar[id].rewrite(value, &nothing, e);
}
