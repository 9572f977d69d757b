/* SPDX-License-Identifier: BSD-2-Clause
 * A message comes in: is it fit to be handled, what must be known of it to be
 * given to a transaction, and what the transport adds to its Via (18.2.1). */
#include "sip/core/sip_priv.h"
#include "sip/hdr/sip_name_addr.h"
#include "sip/msg/sip_check.h"

/* Does sent-by say where the message really came from? */
static bool sent_by_is(struct sip_core *c, const struct addr *from)
{
	struct slice host = c->in.via.host;
	struct writer w = writer_begin(c->seen_text, sizeof(c->seen_text));
	struct addr a;

	/* One peer sends many: its address as text is kept. */
	if (!addr_same_ip(&c->seen, from)) {
		addr_write_ip(&w, from, true);
		c->seen = *from;
		c->seen_n = w.n;
	}
	if (slice_same(host, slice_of(c->seen_text, c->seen_n)))
		return true;
	return addr_parse_ip(host, &a) == 0 && addr_same_ip(&a, from);
}

/* What stands in the first Via field behind the topmost value. */
static struct slice other_vias(const struct sip_msg *m)
{
	struct sip_values v = sip_values_begin(m, SIP_HDR_VIA);
	struct slice field = sip_msg_get(m, SIP_HDR_VIA), top;

	if (!sip_values_next(&v, &top))
		return slice_of(field.p, 0);
	return slice_skip(field, (size_t)(top.p - field.p) + top.n);
}

/* 18.2.1 and RFC 3581 section 4: received, and the value of rport. */
static int mark_via(struct sip_core *c)
{
	struct sip_field *f = &c->msg.field[c->msg.first[SIP_HDR_VIA] - 1];
	const struct addr *from = &c->in.path.remote;
	size_t cap = f->value.n + 2 * ADDR_TEXT;
	char ip[ADDR_TEXT], *p;
	struct writer w = writer_begin(ip, sizeof(ip));

	if (!c->in.via.has_rport && !c->in.via.received.n &&
	    sent_by_is(c, from))
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
	writer_put(&w, other_vias(&c->msg));
	if (writer_end(&w) < 0)
		return -ENOSPC;
	f->value = writer_done(&w);
	c->in.via.received = slice_of(NULL, 0); /* ip goes; nobody needs it */
	return 0;
}

/* 18.2.2 sends the response to whatever address maddr names: anybody's, as
 * often as it is repeated.  So it is believed where it says what we know, or
 * where the request came by multicast and the response goes the same way. */
static bool maddr_holds(const struct sip_in *in, const struct addr *maddr)
{
	return addr_same_ip(maddr, &in->path.remote) ||
	       (addr_is_multicast(maddr) &&
		addr_is_multicast(&in->path.local));
}

/* 18.2.2 and RFC 3581 section 4: where the response goes. */
static void response_path(struct sip_in *in)
{
	uint16_t port = in->via.port ? in->via.port :
			sip_transport_row(in->path.transport)->port;
	struct addr maddr;

	in->back = in->path;
	in->reopen = in->path.remote;
	in->reopen.port = port;
	if (sip_transport_row(in->path.transport)->connected)
		return;
	if (in->via.maddr.n && !addr_parse_ip(in->via.maddr, &maddr) &&
	    maddr_holds(in, &maddr)) {
		in->back.remote = maddr;
		in->back.remote.port = port;
	} else if (!in->via.has_rport) {
		in->back.remote.port = port;
	}
}

static struct slice to_tag(const struct sip_msg *m, bool *ok)
{
	struct sip_name_addr a = { .tag = { NULL, 0 } };

	*ok = sip_name_addr_parse(sip_msg_get(m, SIP_HDR_TO), &a, NULL) == 0;
	return a.tag;
}

/* What the core itself needs of a message, from what the check has seen. */
static void note(struct sip_core *c, const struct sip_seen *seen)
{
	struct sip_in *in = &c->in;

	in->live = true;
	in->back = in->path;
	in->via = seen->via;
	in->cseq = seen->cseq;
	in->uri = seen->uri;
	in->method = c->msg.status ? sip_method_find(seen->cseq.method) :
				     c->msg.method;
	in->call_id = sip_msg_get(&c->msg, SIP_HDR_CALL_ID);
	in->from_tag = seen->from_tag;
	in->to_tag = seen->to_tag;
	in->to_ok = seen->to_ok;
	if (!in->to_ok) /* it was not come to, perhaps */
		in->to_tag = to_tag(&c->msg, &in->to_ok);
	if (seen->via_ok && !c->msg.status)
		response_path(in);
}

/* SIP_ACCEPT, SIP_DROP, or the status to refuse it with. */
static unsigned in_judge(struct sip_core *c, struct slice bytes)
{
	struct sip_seen seen = { .via_ok = false };
	const struct sip_check how = {
		.stream = !sip_transport_row(c->in.path.transport)->framed,
		.proxy = c->proxies, .seen = &seen };
	struct sip_verdict v = sip_check(bytes, &how, &c->msg);

	note(c, &seen);
	if (seen.via_ok && !c->msg.status && mark_via(c))
		return SIP_DROP; /* no memory */
	return v.code;
}

static void malformed(struct sip_core *c, unsigned code)
{
	c->stats.malformed++;
	if (code != SIP_DROP)
		sip_refuse(c, code, SIP_HDR_OTHER, S(""));
}

void sip_receive(struct sip_core *c, const struct sip_path *path,
		 struct slice bytes)
{
	unsigned code;

	c->stats.received++;
	c->in = (struct sip_in){ .path = *path };
	code = in_judge(c, bytes);
	if (code != SIP_ACCEPT)
		malformed(c, code);
	else if (c->msg.status)
		sip_client_on_response(c);
	else
		sip_server_on_request(c);
}

void sip_receive_bad(struct sip_core *c, const struct sip_path *path,
		     struct slice bytes, unsigned status)
{
	unsigned code;

	c->in = (struct sip_in){ .path = *path };
	code = in_judge(c, bytes);
	if (code == SIP_ACCEPT || (code != SIP_DROP && status == 513))
		code = status;
	malformed(c, code);
}
