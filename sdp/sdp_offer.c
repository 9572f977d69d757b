/* SPDX-License-Identifier: BSD-2-Clause */
#include "sdp/sdp_offer.h"

/* IN IP4 192.0.2.1; without an address that of nobody. */
static void put_addr(struct writer *w, const struct addr *a)
{
	if (!a->family) {
		writer_str(w, "IN IP4 0.0.0.0");
		return;
	}
	writer_str(w, a->family == 4 ? "IN IP4 " : "IN IP6 ");
	addr_write_ip(w, a, false);
}

static void put_or(struct writer *w, struct slice s, const char *alt)
{
	writer_put(w, s.n ? s : slice_str(alt));
}

static void put_attrs(struct writer *w, const struct slice *attrs, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		writer_str(w, "a=");
		writer_put(w, attrs[i]);
		writer_str(w, "\r\n");
	}
}

static void put_number(struct writer *w, const char *name, uint32_t v)
{
	if (!v)
		return;
	writer_str(w, name);
	writer_u64(w, v);
	writer_str(w, "\r\n");
}

static void put_format(struct writer *w, const struct sdp_format *f)
{
	if (f->text.n)
		writer_put(w, f->text);
	else
		writer_u64(w, f->pt);
}

/* a=rtpmap also for static types: RFC 3264 5.1 */
static void put_maps(struct writer *w, const struct sdp_format *f)
{
	if (f->name.n) {
		writer_str(w, "a=rtpmap:");
		put_format(w, f);
		writer_char(w, ' ');
		writer_put(w, f->name);
		writer_char(w, '/');
		writer_u64(w, f->rate);
		if (f->channels > 1) {
			writer_char(w, '/');
			writer_u64(w, f->channels);
		}
		writer_str(w, "\r\n");
	}
	if (f->fmtp.n) {
		writer_str(w, "a=fmtp:");
		put_format(w, f);
		writer_char(w, ' ');
		writer_put(w, f->fmtp);
		writer_str(w, "\r\n");
	}
}

static void put_rtcp(struct writer *w, const struct addr *rtcp)
{
	if (!rtcp->port)
		return;
	writer_str(w, "a=rtcp:");
	writer_u64(w, rtcp->port);
	if (rtcp->family) {
		writer_char(w, ' ');
		put_addr(w, rtcp);
	}
	writer_str(w, "\r\n");
}

/* m= needs a format even where nothing is offered. */
static void put_media_line(struct writer *w, const struct sdp_stream *s)
{
	size_t n = s->port ? s->format_count : s->format_count > 0;

	writer_str(w, "m=");
	writer_put(w, s->type);
	writer_char(w, ' ');
	writer_u64(w, s->port);
	writer_char(w, ' ');
	writer_put(w, s->proto);
	for (size_t i = 0; i < n; i++) {
		writer_char(w, ' ');
		put_format(w, &s->formats[i]);
	}
	if (n == 0)
		writer_str(w, sdp_proto_is_rtp(s->proto) ? " 0" : " *");
	writer_str(w, "\r\n");
}

static void put_stream(struct writer *w, const struct sdp_local *l,
		       const struct sdp_stream *s)
{
	put_media_line(w, s);
	if (!s->port)
		return; /* RFC 3264 8.2: the attributes may go */
	if (s->addr.family && !addr_same_ip(&s->addr, &l->addr)) {
		writer_str(w, "c=");
		put_addr(w, &s->addr);
		writer_str(w, "\r\n");
	}
	put_number(w, "b=AS:", s->bandwidth);
	for (size_t i = 0; i < s->format_count; i++)
		put_maps(w, &s->formats[i]);
	put_number(w, "a=ptime:", s->ptime);
	put_number(w, "a=maxptime:", s->maxptime);
	put_rtcp(w, &s->rtcp);
	put_attrs(w, s->attrs, s->attr_count);
	writer_str(w, "a=");
	writer_str(w, sdp_dir_name(s->dir));
	writer_str(w, "\r\n");
}

void sdp_local_write(struct writer *w, const struct sdp_local *l)
{
	writer_str(w, "v=0\r\no=");
	put_or(w, l->user, "-");
	writer_char(w, ' ');
	writer_u64(w, l->id);
	writer_char(w, ' ');
	writer_u64(w, l->version);
	writer_char(w, ' ');
	put_addr(w, &l->addr);
	writer_str(w, "\r\ns=");
	put_or(w, l->name, "-");
	writer_str(w, "\r\nc=");
	put_addr(w, &l->addr);
	writer_str(w, "\r\nt=");
	put_or(w, l->time, "0 0");
	writer_str(w, "\r\n");
	put_attrs(w, l->attrs, l->attr_count);
	for (size_t i = 0; i < l->stream_count; i++)
		put_stream(w, l, &l->streams[i]);
}

/* The version in an o= line of ours: the third word. */
static bool version_of(struct slice text, uint64_t *out)
{
	struct slice value, word;
	char type;

	while (sdp_line_next(&text, &type, &value)) {
		if (type != 'o')
			continue;
		for (int i = 0; i < 3; i++)
			if (!slice_cut(value, ' ', &word, &value))
				return false;
		return slice_u64(word, UINT64_MAX - 1, out) == 0;
	}
	return false;
}

int sdp_local_update(struct writer *w, struct sdp_local *l,
		     struct slice previous)
{
	struct writer start = *w;
	bool had = version_of(previous, &l->version);

	sdp_local_write(w, l);
	if (had && !slice_same(slice_skip(writer_done(w), start.n), previous)) {
		*w = start;
		l->version++;
		sdp_local_write(w, l);
	}
	return w->full ? -ENOSPC : (int)(w->n - start.n);
}

int sdp_slot(const struct sdp_stream *s, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (s[i].port == 0)
			return (int)i;
	return count < LIMIT_SDP_MEDIA ? (int)count : -E2BIG;
}

static bool same_format(enum sdp_role role, const struct sdp_format *l,
			const struct sdp_format *r)
{
	if (l->name.n && r->name.n)
		return l->rate == r->rate && l->channels == r->channels &&
		       slice_isame(l->name, r->name);
	if (r->pt != SDP_NO_PT) /* no mapping: its number must be our own */
		return !r->name.n && role == SDP_OFFERER && l->pt == r->pt;
	return !l->name.n && slice_same(l->text, r->text);
}

/* Of several that fit the one with the same parameters (H.264 has many). */
static size_t find_pair(enum sdp_role role, const struct sdp_format *want,
			bool want_is_local, const struct sdp_format *list,
			size_t n, uint64_t used)
{
	size_t best = n;

	for (size_t i = 0; i < n; i++) {
		if (used >> i & 1)
			continue;
		if (want_is_local ? !same_format(role, want, &list[i]) :
				    !same_format(role, &list[i], want))
			continue;
		if (slice_isame(want->fmtp, list[i].fmtp))
			return i;
		if (best == n)
			best = i;
	}
	return best;
}

size_t sdp_match(enum sdp_role role, const struct sdp_format *local, size_t nl,
		 const struct sdp_format *remote, size_t nr, bool prefer_local,
		 struct sdp_pair *out, size_t max)
{
	const struct sdp_format *lead = prefer_local ? local : remote;
	const struct sdp_format *other = prefer_local ? remote : local;
	size_t n_lead, n_other, n = 0;
	uint64_t used = 0;

	_Static_assert(LIMIT_SDP_FORMATS <= 64, "used has a bit for each");
	nl = nl < LIMIT_SDP_FORMATS ? nl : LIMIT_SDP_FORMATS;
	nr = nr < LIMIT_SDP_FORMATS ? nr : LIMIT_SDP_FORMATS;
	n_lead = prefer_local ? nl : nr;
	n_other = prefer_local ? nr : nl;
	for (size_t i = 0; i < n_lead && n < max; i++) {
		size_t k = find_pair(role, &lead[i], prefer_local, other,
				     n_other, used);
		size_t at_l = prefer_local ? i : k;
		size_t at_r = prefer_local ? k : i;

		if (k == n_other)
			continue;
		used |= (uint64_t)1 << k;
		out[n++] = (struct sdp_pair){
			.local = (uint8_t)at_l, .remote = (uint8_t)at_r,
			/* RFC 3264 6.1, 7: send with the peer's numbers */
			.send_pt = remote[at_r].pt,
			.recv_pt = role == SDP_OFFERER ? local[at_l].pt :
							 remote[at_r].pt,
		};
	}
	return n;
}

bool sdp_format_is_extra(const struct sdp_format *f)
{
	static const char *const extra[] = { "telephone-event", "CN", "red",
		"rtx", "ulpfec", "flexfec-03", "parityfec", "tone" };

	for (size_t i = 0; i < COUNT(extra); i++)
		if (slice_ieq(f->name, extra[i]))
			return true;
	return false;
}

/* The first real codec, and the events that go with it. */
static bool choose(struct sdp_common *n)
{
	const struct sdp_format *f;
	size_t i = 0;

	while (i < n->pair_count &&
	       sdp_format_is_extra(&n->remote[n->pair[i].remote]))
		i++;
	if (i == n->pair_count)
		return false;
	n->codec = (uint8_t)i;
	n->event = SDP_NO_PT;
	for (i = 0; i < n->pair_count; i++) {
		f = &n->remote[n->pair[i].remote];
		if (!slice_ieq(f->name, "telephone-event"))
			continue;
		if (f->rate == n->remote[n->pair[n->codec].remote].rate) {
			n->event = (uint8_t)i;
			break;
		}
		if (n->event == SDP_NO_PT)
			n->event = (uint8_t)i;
	}
	return true;
}

struct slice sdp_media_host(const struct sdp *remote,
			    const struct sdp_media *m)
{
	struct sdp_conn c = sdp_media_conn(remote, m);
	struct addr a;

	if (!m->port || sdp_conn_addr(&c, &a) != -ENOTSUP ||
	    sdp_conn_is_nobody(&c) ||
	    !(sdp_media_dir(remote, m) & SDP_RECVONLY))
		return (struct slice){ 0 };
	return c.address;
}

static bool offer_refuse(struct sdp_meeting *n, uint16_t warning,
			 const char *reason)
{
	n->warning = warning;
	n->reason = reason;
	return false;
}

/* Where it is to go.  need: we have to send there. */
static bool find_addr(const struct sdp_stream *ours, const struct sdp *remote,
		      const struct sdp_media *m, bool need,
		      struct sdp_meeting *n)
{
	struct sdp_conn c = sdp_media_conn(remote, m);
	int rc = sdp_media_addr(remote, m, &n->rtp, &n->rtcp);

	n->family = sdp_conn_family(&c);
	if (!n->family)
		return offer_refuse(n, 300, "no usable connection address");
	if (n->rtp.family && addr_is_multicast(&n->rtp))
		return offer_refuse(n, 330, "multicast");
	n->foreign = ours->addr.family && ours->addr.family != n->family;
	if (n->foreign && need)
		return offer_refuse(n, 301, "another address family");
	if (rc && rc != -ENOTSUP && need)
		return offer_refuse(n, 301, "no usable connection address");
	if (n->foreign) /* no packet of ours gets there */
		n->rtp.family = n->rtcp.family = 0;
	if (need && rc == -ENOTSUP)
		n->host = c.address; /* as sdp_media_host */
	return true;
}

static bool fits(const struct sdp_stream *ours, const struct sdp_media *m,
		 struct sdp_meeting *n)
{
	if (m->port == 0)
		return offer_refuse(n, 0, "disabled by the peer");
	if (ours->port == 0)
		return offer_refuse(n, 0, "disabled here");
	if (!slice_isame(m->type, ours->type))
		return offer_refuse(n, 304, "another media type");
	if (!slice_isame(m->proto, ours->proto))
		return offer_refuse(n, 302, "another transport protocol");
	return true;
}

void sdp_meet(const struct sdp_stream *ours, const struct sdp *remote,
	      const struct sdp_media *m, struct sdp_meeting *out)
{
	enum sdp_dir theirs = sdp_media_dir(remote, m);
	struct sdp_conn c = sdp_media_conn(remote, m);
	bool nobody = sdp_conn_is_nobody(&c);

	*out = (struct sdp_meeting){ 0 };
	if (!fits(ours, m, out) ||
	    !find_addr(ours, remote, m, (ours->dir & SDP_SENDONLY) &&
		       (theirs & SDP_RECVONLY) && !nobody, out))
		return;
	out->accepted = true;
	out->dir = out->foreign ? SDP_INACTIVE :
		   (ours->dir & sdp_dir_reverse(theirs));
	/* RFC 3264 8.4: neither RTP nor RTCP goes to 0.0.0.0 */
	out->may_send = (out->dir & SDP_SENDONLY) && !nobody;
	out->held = nobody || !(theirs & SDP_RECVONLY);
}

bool sdp_find_common(enum sdp_role role, const struct sdp_stream *ours,
		     const struct sdp_media *m, bool prefer_local,
		     struct sdp_common *out)
{
	out->event = SDP_NO_PT;
	out->codec = 0;
	out->ptime = sdp_ptime(m);
	out->maxptime = sdp_maxptime(m);
	out->remote_count = sdp_formats(m, out->remote, LIMIT_SDP_FORMATS);
	out->pair_count = sdp_match(role, ours->formats, ours->format_count,
				    out->remote, out->remote_count,
				    prefer_local, out->pair,
				    LIMIT_SDP_FORMATS);
	return choose(out);
}

void sdp_reject_stream(const struct sdp_media *m, struct sdp_format *formats,
		       struct sdp_stream *out)
{
	struct slice list = m->formats;

	formats[0] = (struct sdp_format){ .pt = SDP_NO_PT };
	*out = (struct sdp_stream){ .type = m->type, .proto = m->proto,
				    .formats = formats };
	if (sdp_format_next(&list, &formats[0].text))
		out->format_count = 1;
}

void sdp_answer_stream(const struct sdp_stream *ours,
		       const struct sdp_media *m, const struct sdp_meeting *met,
		       struct sdp_format *formats, struct sdp_stream *out)
{
	sdp_reject_stream(m, formats, out);
	if (!met->accepted)
		return;
	*out = *ours;
	out->type = m->type;
	out->proto = m->proto;
	out->dir = met->dir;
	if (met->foreign) { /* an address of ours would be of no use */
		out->addr = (struct addr){ .family = met->family };
		out->rtcp = (struct addr){ 0 };
	}
	if (!ours->format_count) {
		out->formats = formats; /* the offer's first */
		out->format_count = 1;
	}
}

void sdp_answer_formats(const struct sdp_stream *ours,
			const struct sdp_common *c, struct sdp_format *formats,
			struct sdp_stream *out)
{
	for (size_t i = 0; i < c->pair_count; i++) {
		formats[i] = ours->formats[c->pair[i].local];
		formats[i].text = slice_of(NULL, 0);
		formats[i].pt = c->pair[i].recv_pt;
	}
	out->formats = formats;
	out->format_count = c->pair_count;
}

/* Attributes that a member of struct sdp_stream says. */
static bool is_said(const struct sdp_attr *a)
{
	static const char *const said[] = { "rtpmap", "fmtp", "ptime",
		"maxptime", "rtcp", "sendrecv", "sendonly", "recvonly",
		"inactive" };

	for (size_t i = 0; i < COUNT(said); i++)
		if (slice_eq(a->name, said[i]))
			return true;
	return false;
}

/* "mid:1", as it stands in the text. */
static struct slice offer_whole(const struct sdp_attr *a)
{
	return a->value.p ? slice_of(a->name.p, (size_t)(a->value.p -
				     a->name.p) + a->value.n) : a->name;
}

static struct addr read_rtcp(const struct sdp_media *m)
{
	struct slice value;
	struct sdp_rtcp r;
	struct addr a = { 0 };

	if (!sdp_attr_find(m->lines, "rtcp", &value) ||
	    sdp_rtcp_parse(value, &r))
		return a;
	if (r.c.address.n && sdp_conn_addr(&r.c, &a))
		a.family = 0;
	a.port = r.port;
	return a;
}

void sdp_read_stream(const struct sdp *d, const struct sdp_media *m,
		     struct sdp_format *formats, struct slice *attrs,
		     size_t max, struct sdp_stream *out)
{
	struct sdp_conn c = sdp_media_conn(d, m);
	struct slice lines = m->lines;
	struct sdp_attr a;
	uint64_t kbit = 0;

	*out = (struct sdp_stream){
		.type = m->type, .proto = m->proto, .port = m->port,
		.rtcp = read_rtcp(m), .dir = sdp_media_dir(d, m),
		.ptime = sdp_ptime(m), .maxptime = sdp_maxptime(m),
		.formats = formats, .attrs = attrs,
		.format_count = sdp_formats(m, formats, LIMIT_SDP_FORMATS),
	};
	/* A format of another protocol is a word, even if it is a number. */
	for (size_t i = 0; i < out->format_count && !sdp_proto_is_rtp(m->proto);
	     i++)
		formats[i].name = formats[i].fmtp = (struct slice){ 0 };
	if (sdp_conn_addr(&c, &out->addr))
		out->addr = (struct addr){ 0 };
	if (sdp_bandwidth(d, m, "AS", &kbit) && kbit <= UINT32_MAX)
		out->bandwidth = (uint32_t)kbit;
	while (out->attr_count < max && sdp_attr_next(&lines, &a))
		if (!is_said(&a))
			attrs[out->attr_count++] = offer_whole(&a);
}

enum { PT_DYNAMIC = 96, PT_END = 128 };

/* There is one: what looks for a number holds none of the dynamic ones, and
 * there are as many of them as formats. */
static uint8_t free_number(const bool taken[PT_END])
{
	uint8_t pt = PT_DYNAMIC;

	_Static_assert(PT_END - PT_DYNAMIC >= LIMIT_SDP_FORMATS, "see above");
	while (pt < PT_END - 1 && taken[pt])
		pt++;
	return pt;
}

void sdp_keep_numbers(struct sdp_format *ours, size_t n,
		      const struct sdp_common *c)
{
	bool taken[PT_END] = { false }, keeps[LIMIT_SDP_FORMATS] = { false };

	n = n < LIMIT_SDP_FORMATS ? n : LIMIT_SDP_FORMATS;
	for (size_t i = 0; i < c->pair_count; i++) {
		const struct sdp_pair *p = &c->pair[i];

		if (p->local >= n || p->recv_pt >= PT_END)
			continue;
		ours[p->local].pt = p->recv_pt;
		keeps[p->local] = taken[p->recv_pt] = true;
	}
	for (size_t i = 0; i < n; i++) {
		if (keeps[i] || ours[i].pt >= PT_END || taken[ours[i].pt])
			continue;
		keeps[i] = taken[ours[i].pt] = true;
	}
	for (size_t i = 0; i < n; i++) {
		if (keeps[i] || ours[i].pt >= PT_END)
			continue;
		ours[i].pt = free_number(taken);
		taken[ours[i].pt] = true;
	}
}

bool sdp_follows(const struct sdp *previous, const struct sdp *next)
{
	return next->media_count >= previous->media_count;
}
