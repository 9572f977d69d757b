/* SPDX-License-Identifier: BSD-2-Clause */
#include "sip/usage/sip_dialog.h"

#include "sip/hdr/sip_cseq.h"
#include "sip/hdr/sip_name_addr.h"

/* ------------------------------------------------------- the text block */
/* A block under construction: its strings are written in the order of enum
 * sip_dialog_text, then it replaces the old one. */
struct build {
	struct sip_dialog d;
	struct writer w;
	unsigned n; /* strings ended */
};

static int build_begin(struct build *b, const struct sip_dialog *from,
		       struct mem *m, size_t cap)
{
	b->d = *from;
	b->d.mem = m;
	b->n = 0;
	if (cap > UINT16_MAX)
		return -E2BIG;
	b->d.text = mem_new(m, cap ? cap : 1);
	if (!b->d.text)
		return -ENOMEM;
	b->w = writer_begin(b->d.text, cap);
	return 0;
}

static void build_text(struct build *b, struct slice s)
{
	writer_put(&b->w, s);
	b->d.end[b->n++] = (uint16_t)b->w.n;
}

static void build_angled(struct build *b, struct slice uri)
{
	writer_char(&b->w, '<');
	writer_put(&b->w, uri);
	build_text(b, S(">"));
}

static int build_abort(struct build *b, int rc)
{
	mem_free(b->d.mem, b->d.text);
	return rc;
}

/* Takes over: *d's own block, if any, is freed. */
static int build_finish(struct build *b, struct sip_dialog *d, char *old)
{
	char *fit;

	if (b->w.full)
		return build_abort(b, -E2BIG);
	fit = mem_resize(b->d.mem, b->d.text, b->w.n ? b->w.n : 1);
	if (fit)
		b->d.text = fit; /* else it stays larger than need be */
	mem_free(b->d.mem, old);
	*d = b->d;
	return 0;
}

struct slice sip_dialog_text(const struct sip_dialog *d,
			     enum sip_dialog_text which)
{
	size_t begin = 0, end = 0;

	switch (which) {
	case SIP_DIALOG_LOCAL_TAG:
		end = d->end[SIP_DIALOG_LOCAL];
		begin = end - d->local_tag;
		break;
	case SIP_DIALOG_REMOTE_TAG:
		end = d->end[SIP_DIALOG_REMOTE];
		begin = end - d->remote_tag;
		break;
	case SIP_DIALOG_TARGET:
		begin = d->end[SIP_DIALOG_REMOTE] + 1u;
		end = d->end[SIP_DIALOG_TARGET_REF] - 1u;
		break;
	case SIP_DIALOG_CALL_ID:
	case SIP_DIALOG_LOCAL:
	case SIP_DIALOG_REMOTE:
	case SIP_DIALOG_TARGET_REF:
	case SIP_DIALOG_CONTACT:
	case SIP_DIALOG_ROUTES:
		begin = which ? d->end[which - 1] : 0;
		end = d->end[which];
		break;
	}
	if (!d->text)
		return (struct slice){ 0 };
	return slice_of(d->text + begin, end - begin);
}

/* ------------------------------------------------- what messages bring */
struct routes {
	struct slice value[LIMIT_SIP_ROUTES];
	unsigned n;
	size_t bytes; /* of all, with a comma after each */
};

/* Values of Record-Route, in the order of the message or the reverse. */
static int routes_read(struct sip_values v, bool reverse, struct routes *r,
		       struct parse_error *e)
{
	struct sip_name_addr na;
	struct slice value;

	r->n = 0;
	r->bytes = 0;
	while (sip_values_next(&v, &value)) {
		int rc = sip_route_parse(value, &na, e);

		if (rc < 0)
			return rc;
		if (r->n == LIMIT_SIP_ROUTES)
			return -E2BIG;
		r->value[r->n++] = value;
		r->bytes += value.n + 1;
	}
	for (unsigned i = 0; reverse && i < r->n / 2; i++) {
		struct slice other = r->value[r->n - 1 - i];

		r->value[r->n - 1 - i] = r->value[i];
		r->value[i] = other;
	}
	return 0;
}

static struct sip_values record_route(const struct sip_msg *m)
{
	return sip_values_begin(m, SIP_HDR_RECORD_ROUTE);
}

/* A folded value goes out on one line. */
static void put_unfolded(struct writer *w, struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		writer_char(w, s.p[i] == '\r' || s.p[i] == '\n' ? ' ' :
			    s.p[i]);
}

static void build_routes(struct build *b, const struct routes *r)
{
	b->d.first_route = r->n ? (uint16_t)r->value[0].n : 0;
	for (unsigned i = 0; i < r->n; i++) {
		if (i)
			writer_char(&b->w, ',');
		put_unfolded(&b->w, r->value[i]);
	}
	build_text(b, (struct slice){ 0 });
}

/* The URI of the first Contact; empty when there is none. */
int sip_dialog_contact_of(const struct sip_msg *m, struct slice *uri,
			  struct parse_error *e)
{
	struct sip_values v = sip_values_begin(m, SIP_HDR_CONTACT);
	struct sip_name_addr na;
	struct slice value;
	int rc;

	*uri = (struct slice){ 0 };
	if (!sip_values_next(&v, &value))
		return 0;
	rc = sip_name_addr_parse(value, &na, e);
	if (rc < 0)
		return rc;
	if (na.uri.scheme != SIP_SCHEME_SIP &&
	    na.uri.scheme != SIP_SCHEME_SIPS) {
		*e = (struct parse_error){ 0, "Contact: SIP or SIPS wanted" };
		return -EBADMSG;
	}
	*uri = na.uri.text;
	return 0;
}

/* Who calls as RFC 2543 has it is found at the URI of its From. */
static struct slice target_of_2543(const struct sip_name_addr *from)
{
	return from->uri.scheme == SIP_SCHEME_SIP ||
	       from->uri.scheme == SIP_SCHEME_SIPS ? from->uri.text :
	       (struct slice){ 0 };
}

/* 13.2.2.4: a 2xx is acknowledged whatever its Contact says; where that cannot
 * be used, the dialog's target stays. */
static struct slice target_of_response(const struct sip_msg *response)
{
	struct slice target;
	struct parse_error e;

	if (sip_dialog_contact_of(response, &target, &e))
		return (struct slice){ 0 };
	return target;
}

/* Likewise: a route set that cannot be read is an empty one. */
static void routes_of_response(const struct sip_msg *response,
			       struct routes *r)
{
	struct parse_error e;

	if (routes_read(record_route(response), true, r, &e))
		*r = (struct routes){ .n = 0 };
}

static void build_party(struct build *b, const struct sip_name_addr *na,
			struct slice tag)
{
	if (na->display.n) {
		put_unfolded(&b->w, na->display);
		writer_char(&b->w, ' ');
	}
	writer_char(&b->w, '<');
	writer_put(&b->w, na->uri.text);
	writer_char(&b->w, '>');
	if (tag.n)
		writer_str(&b->w, ";tag=");
	build_text(b, tag);
}

static size_t party_room(const struct sip_name_addr *na)
{
	return na->display.n + na->uri.text.n + sizeof(" <>;tag=");
}

/* ----------------------------------------------------------- construction */
int sip_dialog_init(struct sip_dialog *d, struct mem *m,
		    const struct sip_dialog_base *base, struct parse_error *e)
{
	struct sip_name_addr local = { 0 }, remote = { 0 };
	struct routes r;
	struct build b;
	int rc;

	rc = routes_read(sip_values_of(SIP_HDR_RECORD_ROUTE, base->routes),
			 false, &r, e);
	if (rc == 0)
		rc = sip_name_addr_parse(base->local, &local, e);
	if (rc == 0)
		rc = base->remote.n ?
		     sip_name_addr_parse(base->remote, &remote, e) :
		     sip_uri_parse(base->target, &remote.uri, e);
	if (rc < 0)
		return rc;
	rc = build_begin(&b, &(struct sip_dialog){ 0 }, m,
			 base->call_id.n + base->local_tag.n +
			 party_room(&local) + party_room(&remote) +
			 base->target.n + 2 + base->contact.n + r.bytes);
	if (rc < 0)
		return rc;
	b.d.local_tag = (uint16_t)base->local_tag.n;
	b.d.local_seq = base->seq;
	b.d.identity = base->identity;
	build_text(&b, base->call_id);
	build_party(&b, &local, base->local_tag);
	build_party(&b, &remote, (struct slice){ 0 });
	build_angled(&b, base->target);
	build_text(&b, base->contact);
	build_routes(&b, &r);
	return build_finish(&b, d, NULL);
}

/* Everything of from but for the remote tag, the target (when one is given)
 * and the routes (when some are given): into *d, freeing old. */
static int rebuild(struct sip_dialog *d, const struct sip_dialog *from,
		   const struct slice *remote_tag, struct slice target,
		   const struct routes *r, char *old)
{
	struct slice remote = sip_dialog_text(from, SIP_DIALOG_REMOTE);
	struct slice routes = sip_dialog_text(from, SIP_DIALOG_ROUTES);
	struct build b;
	int rc;

	if (!target.n)
		target = sip_dialog_text(from, SIP_DIALOG_TARGET);
	rc = build_begin(&b, from, from->mem, from->end[SIP_DIALOG_ROUTES] +
			 (remote_tag ? remote_tag->n + 5 : 0) +
			 target.n + (r ? r->bytes : 0));
	if (rc < 0)
		return rc;
	build_text(&b, sip_dialog_text(from, SIP_DIALOG_CALL_ID));
	build_text(&b, sip_dialog_text(from, SIP_DIALOG_LOCAL));
	writer_put(&b.w, remote);
	if (remote_tag && remote_tag->n)
		writer_str(&b.w, ";tag=");
	build_text(&b, remote_tag ? *remote_tag : (struct slice){ 0 });
	if (remote_tag)
		b.d.remote_tag = (uint16_t)remote_tag->n;
	build_angled(&b, target);
	build_text(&b, sip_dialog_text(from, SIP_DIALOG_CONTACT));
	if (r)
		build_routes(&b, r);
	else
		build_text(&b, routes);
	return build_finish(&b, d, old);
}

static int missing(struct parse_error *e, const char *reason)
{
	*e = (struct parse_error){ 0, reason };
	return -EBADMSG;
}

static bool is_success(const struct sip_msg *response)
{
	return response->status >= 200 && response->status < 300;
}

static bool is_sips(struct slice uri)
{
	return slice_istarts(uri, "sips:");
}

int sip_dialog_init_uac(struct sip_dialog *d, const struct sip_dialog *base,
			const struct sip_msg *response, bool tls,
			struct parse_error *e)
{
	struct sip_name_addr to;
	struct sip_dialog made;
	struct routes r;
	int rc = sip_name_addr_parse(sip_msg_get(response, SIP_HDR_TO), &to,
				     e);

	routes_of_response(response, &r);
	if (rc == 0)
		rc = rebuild(&made, base, &to.tag,
			     target_of_response(response), &r, NULL);
	if (rc < 0)
		return rc;
	made.secure = tls && is_sips(sip_dialog_text(base, SIP_DIALOG_TARGET));
	made.confirmed = is_success(response);
	*d = made;
	return 0;
}

int sip_dialog_init_uas(struct sip_dialog *d, struct mem *m,
			const struct sip_msg *request, struct slice local_tag,
			struct slice contact, uint32_t seq, bool tls,
			struct parse_error *e)
{
	struct slice call_id = sip_msg_get(request, SIP_HDR_CALL_ID);
	struct slice target = { 0 };
	struct sip_name_addr from, to;
	struct sip_cseq cseq;
	struct routes r;
	struct build b;
	int rc = sip_name_addr_parse(sip_msg_get(request, SIP_HDR_FROM), &from,
				     e);

	if (rc == 0)
		rc = sip_name_addr_parse(sip_msg_get(request, SIP_HDR_TO), &to,
					 e);
	if (rc == 0)
		rc = sip_cseq_parse(sip_msg_get(request, SIP_HDR_CSEQ), &cseq,
				    e);
	if (rc == 0)
		rc = sip_dialog_contact_of(request, &target, e);
	if (rc == 0)
		rc = routes_read(record_route(request), false, &r, e);
	if (rc)
		return rc;
	if (!target.n && !from.tag.n) /* RFC 2543 6.13: optional there */
		target = target_of_2543(&from);
	if (!target.n) /* 8.1.1.8: any request that makes a dialog has one */
		return missing(e, "Contact wanted");
	rc = build_begin(&b, &(struct sip_dialog){ 0 }, m,
			 call_id.n + party_room(&to) + local_tag.n +
			 party_room(&from) + from.tag.n + target.n + 2 +
			 contact.n + r.bytes);
	if (rc < 0)
		return rc;
	b.d.local_tag = (uint16_t)local_tag.n;
	b.d.remote_tag = (uint16_t)from.tag.n;
	b.d.local_seq = seq;
	b.d.has_remote_seq = true;
	b.d.remote_seq = cseq.number;
	b.d.secure = tls && is_sips(request->uri);
	build_text(&b, call_id);
	build_party(&b, &to, local_tag);
	build_party(&b, &from, from.tag);
	build_angled(&b, target);
	build_text(&b, contact);
	build_routes(&b, &r);
	return build_finish(&b, d, NULL);
}

void sip_dialog_fini(struct sip_dialog *d)
{
	if (d->text)
		mem_free(d->mem, d->text);
	*d = (struct sip_dialog){ 0 };
}

/* --------------------------------------------------------------- its life */
int sip_dialog_confirm(struct sip_dialog *d, const struct sip_msg *response)
{
	struct routes r;
	int rc;

	routes_of_response(response, &r);
	rc = rebuild(d, d, NULL, target_of_response(response), &r, d->text);
	if (rc < 0)
		return rc;
	d->confirmed = true;
	return 0;
}

int sip_dialog_set_target(struct sip_dialog *d, struct slice uri)
{
	if (!uri.n || slice_same(uri, sip_dialog_text(d, SIP_DIALOG_TARGET)))
		return 0;
	return rebuild(d, d, NULL, uri, NULL, d->text);
}

int sip_dialog_refresh(struct sip_dialog *d, const struct sip_msg *msg,
		       struct parse_error *e)
{
	struct slice target;
	int rc = sip_dialog_contact_of(msg, &target, e);

	return rc < 0 ? rc : sip_dialog_set_target(d, target);
}

int sip_dialog_set_contact(struct sip_dialog *d, struct slice contact)
{
	struct build b;
	int rc = build_begin(&b, d, d->mem,
			     d->end[SIP_DIALOG_ROUTES] + contact.n);

	if (rc < 0)
		return rc;
	for (unsigned i = 0; i < SIP_DIALOG_TEXTS; i++)
		build_text(&b, i == SIP_DIALOG_CONTACT ? contact :
			   sip_dialog_text(d, (enum sip_dialog_text)i));
	return build_finish(&b, d, d->text);
}

bool sip_dialog_on_cseq(struct sip_dialog *d, uint32_t number)
{
	if (d->has_remote_seq && number <= d->remote_seq)
		return false;
	d->has_remote_seq = true;
	d->remote_seq = number;
	return true;
}

bool sip_dialog_is(const struct sip_dialog *d, struct slice call_id,
		   struct slice local_tag, struct slice remote_tag)
{
	return slice_same(call_id, sip_dialog_text(d, SIP_DIALOG_CALL_ID)) &&
	       slice_same(local_tag,
			  sip_dialog_text(d, SIP_DIALOG_LOCAL_TAG)) &&
	       slice_same(remote_tag,
			  sip_dialog_text(d, SIP_DIALOG_REMOTE_TAG));
}

/* --------------------------------------------------------------- requests */
static bool takes_contact(struct slice method)
{
	static const struct slice with[] = {
		SLICE("INVITE"), SLICE("UPDATE"), SLICE("SUBSCRIBE"),
		SLICE("NOTIFY"), SLICE("REFER"),
	};

	for (size_t i = 0; i < COUNT(with); i++)
		if (slice_same(method, with[i]))
			return true;
	return false;
}

/* 19.1.1, Table 1: no method parameter and no headers in a Request-URI. */
static struct slice request_uri(const struct sip_uri *u, struct writer *w)
{
	struct slice rest = u->params, one, text;
	struct sip_uri bare = *u;
	size_t at = w->n;

	if (!sip_uri_param(u, "method", &one)) {
		text = u->text;
		if (u->headers.n) /* they end the text, after a "?" */
			text.n = (size_t)(u->headers.p - 1 - u->text.p);
		return text;
	}
	bare.params = bare.headers = (struct slice){ 0 };
	sip_uri_write(w, &bare);
	while (rest.n) {
		slice_cut(rest, ';', &one, &rest);
		if (slice_istarts(one, "method="))
			continue;
		writer_char(w, ';');
		writer_put(w, one);
	}
	return slice_of(w->buf + at, w->n - at);
}

struct slice sip_dialog_hop(const struct sip_dialog *d)
{
	struct slice routes = sip_dialog_text(d, SIP_DIALOG_ROUTES);
	struct sip_name_addr first;
	struct parse_error e;

	if (routes.n && sip_route_parse(slice_head(routes, d->first_route),
					&first, &e) == 0)
		return first.uri.text;
	return sip_dialog_text(d, SIP_DIALOG_TARGET);
}

/* 12.2.1.1: request line and Route. */
static int route(const struct sip_dialog *d, struct slice method,
		 struct writer *w, struct sip_msg *out)
{
	struct slice routes = sip_dialog_text(d, SIP_DIALOG_ROUTES), none;
	struct slice target = sip_dialog_text(d, SIP_DIALOG_TARGET);
	struct sip_name_addr first;
	struct parse_error e;
	int rc;

	if (!routes.n) {
		sip_msg_request(out, method, target);
		return 0;
	}
	rc = sip_route_parse(slice_head(routes, d->first_route), &first, &e);
	if (rc < 0)
		return rc;
	if (sip_uri_param(&first.uri, "lr", &none)) {
		sip_msg_request(out, method, target);
		return sip_msg_add(out, SIP_HDR_ROUTE, routes);
	}
	/* A strict router: it takes our Route's first value for the next
	 * Request-URI, and the target comes last. */
	sip_msg_request(out, method, request_uri(&first.uri, w));
	routes = slice_skip(routes, d->first_route + (size_t)1);
	rc = routes.n ? sip_msg_add(out, SIP_HDR_ROUTE, routes) : 0;
	return rc < 0 ? rc :
	       sip_msg_add(out, SIP_HDR_ROUTE,
			   sip_dialog_text(d, SIP_DIALOG_TARGET_REF));
}

static int dialog_compose(const struct sip_dialog *d, struct slice method,
			  uint32_t seq, struct writer *w, struct sip_msg *out)
{
	struct { enum sip_hdr id; struct slice value; } row[] = {
		{ SIP_HDR_MAX_FORWARDS, SLICE("70") },
		{ SIP_HDR_FROM, sip_dialog_text(d, SIP_DIALOG_LOCAL) },
		{ SIP_HDR_TO, sip_dialog_text(d, SIP_DIALOG_REMOTE) },
		{ SIP_HDR_CALL_ID, sip_dialog_text(d, SIP_DIALOG_CALL_ID) },
		{ SIP_HDR_CSEQ, { 0 } },
		{ SIP_HDR_CONTACT, sip_dialog_text(d, SIP_DIALOG_CONTACT) },
	};
	size_t n = takes_contact(method) ? COUNT(row) : COUNT(row) - 1, at;
	int rc = route(d, method, w, out);

	at = w->n;
	sip_cseq_write(w, &(struct sip_cseq){ seq, method });
	row[4].value = slice_of(w->buf + at, w->n - at);
	for (size_t i = 0; i < n && rc >= 0; i++)
		rc = sip_msg_add(out, row[i].id, row[i].value);
	if (rc < 0)
		return rc;
	return w->full ? -ENOSPC : 0;
}

int sip_dialog_request(struct sip_dialog *d, struct slice method,
		       struct writer *w, struct sip_msg *out)
{
	int rc;

	if (d->local_seq == UINT32_MAX)
		return -EOVERFLOW;
	rc = dialog_compose(d, method, d->local_seq + 1, w, out);
	if (rc == 0)
		d->local_seq++;
	return rc;
}

int sip_dialog_ack(const struct sip_dialog *d, uint32_t seq, struct writer *w,
		   struct sip_msg *out)
{
	return dialog_compose(d, S("ACK"), seq, w, out);
}
