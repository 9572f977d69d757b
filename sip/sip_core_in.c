/* SPDX-License-Identifier: BSD-2-Clause
 * A message comes in: what must be known of it before it can be given to a
 * transaction, and what the transport layer adds to its Via (18.2.1). */
#include "sip/sip_name_addr.h"
#include "sip/sip_number.h"
#include "sip/sip_priv.h"

static bool tag_of(const struct sip_msg *m, enum sip_hdr id,
		   struct slice *tag)
{
	struct sip_name_addr a;
	struct parse_error e;

	if (sip_name_addr_parse(sip_msg_get(m, id), &a, &e))
		return false;
	*tag = a.tag;
	return true;
}

static bool top_via(const struct sip_msg *m, struct slice *value,
		    struct sip_via *via)
{
	struct sip_values v = sip_values_begin(m, SIP_HDR_VIA);
	struct parse_error e;

	return sip_values_next(&v, value) && !sip_via_parse(*value, via, &e);
}

/* 18.3: bytes behind the body are dropped, missing ones an error. */
static bool cut_body(struct sip_msg *m)
{
	struct parse_error e;
	uint32_t n;

	if (!sip_msg_has(m, SIP_HDR_CONTENT_LENGTH))
		return true;
	if (sip_content_length_parse(sip_msg_get(m, SIP_HDR_CONTENT_LENGTH),
				     &n, &e) || n > m->body.n)
		return false;
	m->body.n = n;
	return true;
}

/* Fills the rest of c->in; false: malformed. */
static bool basics(struct sip_core *c)
{
	struct sip_in *in = &c->in;
	struct sip_msg *m = &c->msg;
	struct parse_error e;

	in->to_ok = tag_of(m, SIP_HDR_TO, &in->to_tag);
	in->call_id = sip_msg_get(m, SIP_HDR_CALL_ID);
	if (!in->to_ok || !in->call_id.n || !cut_body(m) ||
	    sip_cseq_parse(sip_msg_get(m, SIP_HDR_CSEQ), &in->cseq, &e) ||
	    !tag_of(m, SIP_HDR_FROM, &in->from_tag))
		return false;
	if (m->status) {
		in->method = sip_method_find(in->cseq.method);
		return true;
	}
	in->method = m->method;
	return slice_same(in->cseq.method, m->method_name); /* 8.1.1.5 */
}

/* Does sent-by say where the message really came from? */
static bool sent_by_is(const struct sip_via *via, const struct addr *from)
{
	struct addr a;

	return addr_parse_ip(via->host, &a) == 0 && addr_same_ip(&a, from);
}

/* 18.2.1 and RFC 3581 section 4: received, and the value of rport. */
static int mark_via(struct sip_core *c, struct slice top)
{
	struct sip_field *f = &c->msg.field[c->msg.first[SIP_HDR_VIA] - 1];
	const struct addr *from = &c->in.path.remote;
	size_t at = (size_t)(top.p - f->value.p) + top.n;
	struct slice rest = slice_skip(f->value, at);
	size_t cap = f->value.n + 2 * ADDR_TEXT;
	char ip[ADDR_TEXT], *p;
	struct writer w = writer_begin(ip, sizeof(ip));

	if (!c->in.via.has_rport && !c->in.via.received.n &&
	    sent_by_is(&c->in.via, from))
		return 0;
	addr_write_ip(&w, from, false);
	c->in.via.received = writer_done(&w);
	if (c->in.via.has_rport)
		c->in.via.rport = from->port;
	p = sip_room(c, cap);
	if (!p)
		return -ENOMEM;
	w = writer_begin(p, cap);
	sip_via_write(&w, &c->in.via);
	writer_put(&w, rest);
	if (writer_end(&w) < 0)
		return -ENOSPC;
	f->value = writer_done(&w);
	c->in.via.received = slice_of(NULL, 0); /* ip goes; nobody needs it */
	return 0;
}

/* 18.2.2 and RFC 3581 section 4: where the response goes. */
static void response_path(struct sip_in *in)
{
	uint16_t port = in->via.port ? in->via.port :
			sip_transport_port(in->path.transport);
	struct addr maddr;

	in->back = in->path;
	in->reopen = in->path.remote;
	in->reopen.port = port;
	if (sip_transport_is_stream(in->path.transport))
		return;
	if (in->via.maddr.n && !addr_parse_ip(in->via.maddr, &maddr) &&
	    maddr.family == in->path.remote.family) {
		in->back.remote = maddr;
		in->back.remote.port = port;
	} else if (!in->via.has_rport) {
		in->back.remote.port = port;
	}
}

static unsigned parse_status(int rc)
{
	if (rc == -EPROTONOSUPPORT)
		return 505;
	return rc == -E2BIG ? 513 : 400;
}

/* 0: fit to be handled; else the status to refuse it with. */
static unsigned judge(struct sip_core *c, struct slice bytes)
{
	struct parse_error e;
	struct slice top;
	int rc = sip_msg_parse(bytes, &c->msg, &e);

	c->in.back = c->in.path;
	c->in.live = true;
	if (!top_via(&c->msg, &top, &c->in.via))
		return 400;
	if (!c->msg.status) {
		response_path(&c->in);
		if (mark_via(c, top))
			return 503;
	}
	if (!basics(c))
		return rc ? parse_status(rc) : 400;
	return rc ? parse_status(rc) : 0;
}

static void malformed(struct sip_core *c, unsigned status)
{
	c->stats.malformed++;
	if (!c->msg.status && c->msg.method_name.n &&
	    sip_msg_has(&c->msg, SIP_HDR_VIA))
		sip_refuse(c, status, SIP_HDR_OTHER, S(""));
}

void sip_receive(struct sip_core *c, const struct sip_path *path,
		 struct slice bytes)
{
	unsigned status;

	c->stats.received++;
	c->in = (struct sip_in){ .path = *path };
	status = judge(c, bytes);
	if (status)
		malformed(c, status);
	else if (c->msg.status)
		sip_client_on_response(c);
	else
		sip_server_on_request(c);
}

void sip_receive_bad(struct sip_core *c, const struct sip_path *path,
		     struct slice bytes, unsigned status)
{
	c->in = (struct sip_in){ .path = *path };
	(void)judge(c, bytes);
	malformed(c, status);
}
