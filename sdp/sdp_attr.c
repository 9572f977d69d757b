/* SPDX-License-Identifier: BSD-2-Clause */
#include "sdp/sdp_attr.h"

#include "platform/scan.h"

static const char *const dirs[] = {
	[SDP_INACTIVE] = "inactive",
	[SDP_SENDONLY] = "sendonly",
	[SDP_RECVONLY] = "recvonly",
	[SDP_SENDRECV] = "sendrecv",
};

const char *sdp_dir_name(enum sdp_dir d)
{
	return dirs[d & SDP_SENDRECV];
}

enum sdp_dir sdp_dir_reverse(enum sdp_dir d)
{
	return (enum sdp_dir)((d & SDP_SENDONLY ? SDP_RECVONLY : 0) |
			      (d & SDP_RECVONLY ? SDP_SENDONLY : 0));
}

static bool find_dir(struct slice lines, enum sdp_dir *out)
{
	struct sdp_attr a;

	while (sdp_attr_next(&lines, &a)) {
		if (a.name.n != 8 || a.value.p) /* all four names have 8 */
			continue;
		for (unsigned i = 0; i < COUNT(dirs); i++) {
			if (slice_eq(a.name, dirs[i])) {
				*out = (enum sdp_dir)i;
				return true;
			}
		}
	}
	return false;
}

enum sdp_dir sdp_media_dir(const struct sdp *d, const struct sdp_media *m)
{
	enum sdp_dir dir = SDP_SENDRECV;

	if (!find_dir(m->lines, &dir))
		(void)find_dir(d->lines, &dir);
	return dir;
}

/* RFC 3551 6, tables 4 and 5; those without a fixed rate are reserved. */
static const struct {
	const char *name;
	uint32_t rate;
	uint8_t channels;
} statics[] = {
	[0] = { "PCMU", 8000, 1 },   [3] = { "GSM", 8000, 1 },
	[4] = { "G723", 8000, 1 },   [5] = { "DVI4", 8000, 1 },
	[6] = { "DVI4", 16000, 1 },  [7] = { "LPC", 8000, 1 },
	[8] = { "PCMA", 8000, 1 },   [9] = { "G722", 8000, 1 },
	[10] = { "L16", 44100, 2 },  [11] = { "L16", 44100, 1 },
	[12] = { "QCELP", 8000, 1 }, [13] = { "CN", 8000, 1 },
	[14] = { "MPA", 90000, 1 },  [15] = { "G728", 8000, 1 },
	[16] = { "DVI4", 11025, 1 }, [17] = { "DVI4", 22050, 1 },
	[18] = { "G729", 8000, 1 },  [25] = { "CelB", 90000, 1 },
	[26] = { "JPEG", 90000, 1 }, [28] = { "nv", 90000, 1 },
	[31] = { "H261", 90000, 1 }, [32] = { "MPV", 90000, 1 },
	[33] = { "MP2T", 90000, 1 }, [34] = { "H263", 90000, 1 },
};

bool sdp_static_format(uint8_t pt, struct sdp_format *out)
{
	if (pt >= COUNT(statics) || !statics[pt].name)
		return false;
	out->pt = pt;
	out->name = slice_str(statics[pt].name);
	out->rate = statics[pt].rate;
	out->channels = statics[pt].channels;
	return true;
}

int sdp_rtpmap_parse(struct slice value, struct sdp_format *out)
{
	struct scan s = scan_begin(value, NULL);
	struct slice name, rest;
	uint32_t pt, rate, channels = 1;

	if (!scan_u32(&s, 127, &pt) || !scan_char(&s, ' ') ||
	    !scan_until(&s, '/', &name) || !name.n ||
	    slice_find(name, ' ') < name.n)
		return -EBADMSG;
	if (!scan_char(&s, '/') || !scan_u32(&s, UINT32_MAX, &rate) || !rate)
		return -EBADMSG;
	rest = scan_rest(&s);
	if (rest.n && rest.p[0] != '/')
		return -EBADMSG;
	/* encoding-params: the number of channels, for audio */
	if (slice_u32(slice_skip(rest, 1), 255, &channels) || !channels)
		channels = 1;
	out->pt = (uint8_t)pt;
	out->name = name;
	out->rate = rate;
	out->channels = (uint8_t)channels;
	return 0;
}

int sdp_fmtp_parse(struct slice value, struct slice *fmt, struct slice *params)
{
	struct slice f, p;

	if (!slice_cut(value, ' ', &f, &p) || !f.n)
		return -EBADMSG;
	p = slice_trim(p);
	if (!p.n)
		return -EBADMSG;
	*fmt = f;
	*params = p;
	return 0;
}

bool sdp_param_next(struct slice *params, struct slice *name,
		    struct slice *value)
{
	struct slice one;

	while (params->n) {
		(void)slice_cut(*params, ';', &one, params);
		if (!slice_cut(one, '=', name, value))
			*value = slice_of(NULL, 0);
		else
			*value = slice_trim(*value);
		*name = slice_trim(*name);
		if (name->n)
			return true;
	}
	return false;
}

bool sdp_fmtp_param(struct slice params, const char *name,
		    struct slice *value)
{
	struct slice want = slice_str(name), n, v;

	while (sdp_param_next(&params, &n, &v)) {
		if (!slice_isame(n, want))
			continue;
		if (value)
			*value = v;
		return true;
	}
	return false;
}

uint32_t sdp_fmtp_u32(struct slice params, const char *name, uint32_t alt)
{
	struct slice v;
	uint32_t n;

	if (!sdp_fmtp_param(params, name, &v) || slice_u32(v, UINT32_MAX, &n))
		return alt;
	return n;
}

enum { MANY_PT = 128 };

/* The m= line's list, each once; at[] maps payload types to places. */
static size_t list_formats(const struct sdp_media *m, struct sdp_format *out,
			   size_t max, uint8_t at[MANY_PT])
{
	bool rtp = sdp_proto_is_rtp(m->proto);
	struct slice list = m->formats, one;
	size_t n = 0, i;
	uint32_t pt;

	while (n < max && sdp_format_next(&list, &one)) {
		struct sdp_format f = { .text = one, .pt = SDP_NO_PT };

		if (rtp && slice_u32(one, MANY_PT - 1, &pt) == 0) {
			if (at[pt] != SDP_NO_PT)
				continue;
			at[pt] = (uint8_t)n;
			f.pt = (uint8_t)pt;
		} else {
			for (i = 0; i < n && !slice_same(out[i].text, one);)
				i++;
			if (i < n)
				continue;
		}
		out[n++] = f;
	}
	return n;
}

static void put_rtpmap(struct slice value, struct sdp_format *out,
		       const uint8_t at[MANY_PT])
{
	struct sdp_format map, *f;

	if (sdp_rtpmap_parse(slice_trim(value), &map) ||
	    at[map.pt] == SDP_NO_PT)
		return;
	f = &out[at[map.pt]];
	if (f->name.n) /* the first one holds */
		return;
	f->name = map.name;
	f->rate = map.rate;
	f->channels = map.channels;
}

static void put_fmtp(struct slice value, struct sdp_format *out, size_t n)
{
	struct slice fmt, params;

	if (sdp_fmtp_parse(value, &fmt, &params))
		return;
	for (size_t i = 0; i < n; i++) {
		if (!slice_same(out[i].text, fmt))
			continue;
		if (!out[i].fmtp.n)
			out[i].fmtp = params;
		return;
	}
}

size_t sdp_formats(const struct sdp_media *m, struct sdp_format *out,
		   size_t max)
{
	struct slice lines = m->lines;
	struct sdp_attr a;
	uint8_t at[MANY_PT];
	size_t n;

	memset(at, SDP_NO_PT, sizeof(at));
	n = list_formats(m, out, max < SDP_NO_PT ? max : SDP_NO_PT, at);
	while (sdp_attr_next(&lines, &a)) {
		if (slice_eq(a.name, "rtpmap"))
			put_rtpmap(a.value, out, at);
		else if (slice_eq(a.name, "fmtp"))
			put_fmtp(a.value, out, n);
	}
	for (size_t i = 0; i < n; i++)
		if (!out[i].name.n)
			(void)sdp_static_format(out[i].pt, &out[i]);
	return n;
}

/* non-zero-int-or-real, rounded up */
static uint32_t milliseconds(const struct sdp_media *m, const char *name)
{
	struct slice value, whole, part;
	uint32_t ms;

	if (!sdp_attr_find(m->lines, name, &value))
		return 0;
	if (slice_cut(slice_trim(value), '.', &whole, &part) && !part.n)
		return 0;
	if (slice_u32(whole, 65535, &ms))
		return 0;
	for (size_t i = 0; i < part.n; i++)
		if (!is_digit(part.p[i]))
			return 0;
	for (size_t i = 0; i < part.n; i++)
		if (part.p[i] != '0')
			return ms + 1;
	return ms;
}

uint32_t sdp_ptime(const struct sdp_media *m)
{
	return milliseconds(m, "ptime");
}

uint32_t sdp_maxptime(const struct sdp_media *m)
{
	return milliseconds(m, "maxptime");
}

int sdp_rtcp_parse(struct slice value, struct sdp_rtcp *out)
{
	struct sdp_rtcp r = { 0 };
	struct slice port, rest;
	uint32_t n;
	bool more = slice_cut(value, ' ', &port, &rest);

	if (slice_u32(port, 65535, &n))
		return -EBADMSG;
	r.port = (uint16_t)n;
	if (more && (!slice_cut(rest, ' ', &r.c.nettype, &rest) ||
		     !slice_cut(rest, ' ', &r.c.addrtype, &r.c.address) ||
		     !r.c.nettype.n || !r.c.addrtype.n || !r.c.address.n ||
		     slice_find(r.c.address, ' ') < r.c.address.n))
		return -EBADMSG;
	*out = r;
	return 0;
}

/* FQDN = 4*(alpha-numeric / "-" / "."); a name does not end in digits alone,
 * which some resolvers take for an address (RFC 1123 2.1) */
static bool is_fqdn(struct slice s)
{
	bool digits = true; /* of the last label */

	if (s.n < 4)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (!is_alpha(c) && !is_digit(c) && c != '-' && c != '.')
			return false;
		if (c == '.' && i + 1 < s.n)
			digits = true;
		else if (c != '.' && !is_digit(c))
			digits = false;
	}
	return !digits;
}

uint8_t sdp_conn_family(const struct sdp_conn *c)
{
	if (!slice_ieq(c->nettype, "IN"))
		return 0;
	return slice_ieq(c->addrtype, "IP4") ? 4 :
	       slice_ieq(c->addrtype, "IP6") ? 6 : 0;
}

bool sdp_conn_is_nobody(const struct sdp_conn *c)
{
	struct slice s = c->address;
	struct addr a;

	if (addr_parse_ip(s, &a) == 0)
		return addr_is_any(&a);
	if (s.n && s.p[s.n - 1] == '.')
		s.n--;
	if (s.n > strlen("invalid") && s.p[s.n - 1 - strlen("invalid")] == '.')
		s = slice_skip(s, s.n - strlen("invalid"));
	return slice_ieq(s, "invalid");
}

int sdp_conn_addr(const struct sdp_conn *c, struct addr *out)
{
	uint8_t family = sdp_conn_family(c);
	struct addr a;

	if (!family)
		return -EBADMSG;
	if (addr_parse_ip(c->address, &a))
		return is_fqdn(c->address) ? -ENOTSUP : -EBADMSG;
	if (a.family != family)
		return -EBADMSG;
	a.scope = 0;
	*out = a;
	return 0;
}

/* RFC 3605 2.1; what cannot be read counts as absent. */
static void find_rtcp(const struct sdp_media *m, struct addr *rtcp)
{
	struct sdp_rtcp r;
	struct slice value;
	struct addr own;

	if (!sdp_attr_find(m->lines, "rtcp", &value) ||
	    sdp_rtcp_parse(slice_trim(value), &r))
		return;
	if (r.c.nettype.n) {
		if (sdp_conn_addr(&r.c, &own) ||
		    (rtcp->family && rtcp->family != own.family))
			return;
		*rtcp = own;
	}
	rtcp->port = r.port;
}

int sdp_media_addr(const struct sdp *d, const struct sdp_media *m,
		   struct addr *rtp, struct addr *rtcp)
{
	struct sdp_conn c = sdp_media_conn(d, m);
	int rc;

	*rtp = (struct addr){ 0 };
	rc = sdp_conn_addr(&c, rtp);
	*rtcp = *rtp;
	rtp->port = m->port;
	if (m->port && m->port < 65535)
		rtcp->port = (uint16_t)(m->port + 1); /* RFC 3264 5.1 */
	if (m->port)
		find_rtcp(m, rtcp);
	return rc;
}

bool sdp_proto_is_rtp(struct slice proto)
{
	struct slice part;
	bool more = true;

	while (more) {
		more = slice_cut(proto, '/', &part, &proto);
		if (slice_ieq(part, "RTP"))
			return true;
	}
	return false;
}
