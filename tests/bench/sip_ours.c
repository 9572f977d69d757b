/* SPDX-License-Identifier: BSD-2-Clause
 * tests/bench/sip_ours.c - our side of the peers' SIP parse benchmark: their
 * interface (parse.h) on our installed headers. */
#include "parse.h"

#include "sip/hdr/sip_cseq.h"
#include "sip/hdr/sip_media_type.h"
#include "sip/hdr/sip_name_addr.h"
#include "sip/hdr/sip_number.h"
#include "sip/hdr/sip_via.h"
#include "sip/msg/sip_msg.h"

static int init(void)
{
	return 0;
}

static int length(struct slice s) /* -1: absent */
{
	return s.p ? (int)s.n : -1;
}

static int some(struct slice s) /* -1: absent or empty */
{
	return s.n ? (int)s.n : -1;
}

static int user_of(const struct sip_uri *u)
{
	return u->has_user ? (int)u->user.n : -1;
}

static int port_of(const struct sip_uri *u)
{
	return u->has_port ? u->port : -1;
}

static int count(const struct sip_msg *m, enum sip_hdr id, struct slice *first)
{
	struct sip_values v = sip_values_begin(m, id);
	struct slice one;
	int n = 0;

	while (sip_values_next(&v, &one))
		if (n++ == 0)
			*first = one;
	return n;
}

static int start_line(const struct sip_msg *m, struct sip_touch *t)
{
	struct sip_uri u;

	t->status = (int)m->status;
	t->method = t->ruri_user = t->ruri_host = t->ruri_port = -1;
	if (m->status)
		return 0;
	if (sip_uri_parse(m->uri, &u, NULL))
		return -1;
	t->method = (int)m->method_name.n;
	t->ruri_user = user_of(&u);
	t->ruri_host = length(u.host);
	t->ruri_port = port_of(&u);
	return 0;
}

static int via(const struct sip_msg *m, struct sip_touch *t)
{
	struct slice top = { 0 };
	struct sip_via v;

	t->n_via = count(m, SIP_HDR_VIA, &top);
	if (sip_via_parse(top, &v, NULL))
		return -1;
	t->via_host = length(v.host);
	t->via_port = v.has_port ? v.port : -1;
	t->via_branch = some(v.branch);
	return 0;
}

static int party(struct slice in, int *user, int *host, int *tag)
{
	struct sip_name_addr a;

	if (sip_name_addr_parse(in, &a, NULL))
		return -1;
	*user = user_of(&a.uri);
	*host = length(a.uri.host);
	*tag = some(a.tag);
	return 0;
}

static int cseq(const struct sip_msg *m, struct sip_touch *t)
{
	struct sip_cseq c;

	if (sip_cseq_parse(sip_msg_get(m, SIP_HDR_CSEQ), &c, NULL))
		return -1;
	t->cseq = (int)c.number;
	t->cseq_method = length(c.method);
	t->callid = length(sip_msg_get(m, SIP_HDR_CALL_ID));
	return 0;
}

static int contact(const struct sip_msg *m, struct sip_touch *t)
{
	struct slice first = { 0 };
	struct sip_name_addr a = { 0 };

	t->n_contact = count(m, SIP_HDR_CONTACT, &first);
	t->contact_user = t->contact_host = t->contact_port = -1;
	if (!t->n_contact)
		return 0;
	if (sip_contact_parse(first, &a, NULL))
		return -1;
	t->contact_user = user_of(&a.uri);
	t->contact_host = length(a.uri.host);
	t->contact_port = port_of(&a.uri);
	return 0;
}

static int route(const struct sip_msg *m, enum sip_hdr id, int *n, int *host)
{
	struct slice first = { 0 };
	struct sip_name_addr a;

	*n = count(m, id, &first);
	*host = -1;
	if (!*n)
		return 0;
	if (sip_route_parse(first, &a, NULL))
		return -1;
	*host = length(a.uri.host);
	return 0;
}

static int number(const struct sip_msg *m, enum sip_hdr id, int *out,
		  int (*parse)(struct slice, uint32_t *, struct parse_error *))
{
	uint32_t v;

	*out = -1;
	if (!sip_msg_has(m, id))
		return 0;
	if (parse(sip_msg_get(m, id), &v, NULL))
		return -1;
	*out = (int)v;
	return 0;
}

static int content(const struct sip_msg *m, struct sip_touch *t)
{
	struct sip_media_type type;

	t->ctype_type = t->ctype_subtype = -1;
	t->body = (int)m->body.n;
	if (!sip_msg_has(m, SIP_HDR_CONTENT_TYPE))
		return 0;
	if (sip_media_type_parse(sip_msg_get(m, SIP_HDR_CONTENT_TYPE), &type,
				 NULL))
		return -1;
	t->ctype_type = length(type.type);
	t->ctype_subtype = length(type.subtype);
	return 0;
}

static int full(const char *msg, size_t len, struct sip_touch *t)
{
	struct sip_msg m;

	if (sip_msg_parse(slice_of(msg, len), &m, NULL) ||
	    start_line(&m, t) || via(&m, t) ||
	    party(sip_msg_get(&m, SIP_HDR_FROM), &t->from_user, &t->from_host,
		  &t->from_tag) ||
	    party(sip_msg_get(&m, SIP_HDR_TO), &t->to_user, &t->to_host,
		  &t->to_tag) ||
	    cseq(&m, t) || contact(&m, t) ||
	    route(&m, SIP_HDR_ROUTE, &t->n_route, &t->route_host) ||
	    route(&m, SIP_HDR_RECORD_ROUTE, &t->n_rr, &t->rr_host) ||
	    number(&m, SIP_HDR_MAX_FORWARDS, &t->max_forwards,
		   sip_max_forwards_parse) ||
	    number(&m, SIP_HDR_CONTENT_LENGTH, &t->clen,
		   sip_content_length_parse))
		return -1;
	return content(&m, t);
}

/* Start line, top Via, tags, Call-ID, CSeq. */
static int lazy(const char *msg, size_t len, struct sip_touch *t)
{
	struct sip_msg m;
	struct sip_via v;
	struct sip_values vias;
	struct slice top, tag;

	if (sip_msg_parse(slice_of(msg, len), &m, NULL))
		return -1;
	vias = sip_values_begin(&m, SIP_HDR_VIA);
	if (!sip_values_next(&vias, &top) || sip_via_parse(top, &v, NULL) ||
	    cseq(&m, t))
		return -1;
	t->status = (int)m.status;
	t->method = length(m.method_name);
	t->via_host = length(v.host);
	t->via_port = v.has_port ? v.port : -1;
	t->via_branch = some(v.branch);
	if (sip_tag_parse(sip_msg_get(&m, SIP_HDR_FROM), &tag, NULL))
		return -1;
	t->from_tag = some(tag);
	if (sip_tag_parse(sip_msg_get(&m, SIP_HDR_TO), &tag, NULL))
		return -1;
	t->to_tag = some(tag);
	t->callid = length(sip_msg_get(&m, SIP_HDR_CALL_ID));
	return 0;
}

const struct sip_parse_peer sip_parse_peer = { "parley", init, full, lazy };
