/* SPDX-License-Identifier: BSD-2-Clause */
#include "rtp/rtcp.h"
#include "rtp/rtp_packet.h"
#include "tools/decode.h"

static int rtp(struct tool *t, const struct decode_options *o, struct slice in,
	       struct show *s, struct parse_error *e)
{
	struct rtp_packet p;
	struct rtp_ext ext;
	size_t at = 0;
	int rc = rtp_packet_parse(in, &p, e);

	(void)t;
	(void)o;
	if (rc)
		return rc;
	show_int(s, "payload_type", p.pt);
	show_bool(s, "marker", p.marker);
	show_int(s, "sequence", p.seq);
	show_int(s, "timestamp", p.ts);
	show_int(s, "ssrc", p.ssrc);
	show_list(s, "csrc");
	for (size_t i = 0; i < p.csrc.n / 4; i++)
		show_int(s, NULL, rtp_packet_csrc(&p, i));
	show_list_end(s);
	if (p.has_ext) {
		show_begin(s, "extension");
		show_int(s, "profile", p.ext_profile);
		show_hex(s, "bytes", p.ext);
		show_list(s, "elements");
		while (rtp_ext_next(&p, &at, &ext)) {
			show_begin(s, NULL);
			show_int(s, "id", ext.id);
			show_hex(s, "data", ext.data);
			show_end(s);
		}
		show_list_end(s);
		show_end(s);
	}
	show_int(s, "padding", p.padding);
	show_int(s, "payload_bytes", (int64_t)p.payload.n);
	show_hex(s, "payload", p.payload);
	return 0;
}

static int decode_report(const struct rtcp_packet *p, struct show *s,
			 struct parse_error *e)
{
	struct rtcp_report r;
	int rc = rtcp_report_parse(p, &r, e);

	if (rc)
		return rc;
	show_int(s, "ssrc", r.ssrc);
	if (r.sender) {
		show_int(s, "ntp_seconds", (int64_t)(r.ntp >> 32));
		show_int(s, "ntp_fraction", (int64_t)(r.ntp & UINT32_MAX));
		show_int(s, "timestamp", r.ts);
		show_int(s, "packets", r.packets);
		show_int(s, "octets", r.octets);
	}
	show_list(s, "blocks");
	for (size_t i = 0; i < r.blocks; i++) {
		struct rtcp_block b = rtcp_block_at(&r, i);

		show_begin(s, NULL);
		show_int(s, "ssrc", b.ssrc);
		show_int(s, "fraction_lost", b.fraction);
		show_int(s, "lost", b.lost);
		show_int(s, "highest_sequence", b.max_seq);
		show_int(s, "jitter", b.jitter);
		show_int(s, "lsr", b.lsr);
		show_int(s, "dlsr", b.dlsr);
		show_end(s);
	}
	show_list_end(s);
	return 0;
}

static int sdes(const struct rtcp_packet *p, struct show *s,
		struct parse_error *e)
{
	static const char *const name[] = { "end", "cname", "name", "email",
		"phone", "loc", "tool", "note", "priv" };
	struct rtcp_sdes_walk w = { 0 };
	struct rtcp_sdes_item i;
	int rc = rtcp_sdes_check(p, e);

	if (rc)
		return rc;
	show_list(s, "items");
	while (rtcp_sdes_next(p, &w, &i)) {
		show_begin(s, NULL);
		show_int(s, "ssrc", i.ssrc);
		if (i.type < COUNT(name))
			show_str(s, "type", name[i.type]);
		else
			show_int(s, "type", i.type);
		show_text(s, "value", i.value);
		show_end(s);
	}
	show_list_end(s);
	return 0;
}

static int bye(const struct rtcp_packet *p, struct show *s,
	       struct parse_error *e)
{
	struct rtcp_bye b;
	int rc = rtcp_bye_parse(p, &b, e);

	if (rc)
		return rc;
	show_list(s, "ssrc");
	for (size_t i = 0; i + 4 <= b.ssrc.n; i += 4)
		show_int(s, NULL, read_be32((const uint8_t *)b.ssrc.p + i));
	show_list_end(s);
	show_text(s, "reason", b.reason);
	return 0;
}

static int app(const struct rtcp_packet *p, struct show *s,
	       struct parse_error *e)
{
	struct rtcp_app a;
	int rc = rtcp_app_parse(p, &a, e);

	if (rc)
		return rc;
	show_int(s, "ssrc", a.ssrc);
	show_text(s, "name", a.name);
	show_hex(s, "data", a.data);
	return 0;
}

static int feedback(const struct rtcp_packet *p, struct show *s,
		    struct parse_error *e)
{
	struct rtcp_feedback f;
	int rc = rtcp_feedback_parse(p, &f, e);

	if (rc)
		return rc;
	show_int(s, "ssrc", f.ssrc);
	show_int(s, "media", f.media);
	show_hex(s, "fci", f.fci);
	return 0;
}

static int other(const struct rtcp_packet *p, struct show *s,
		 struct parse_error *e)
{
	(void)e;
	show_hex(s, "body", p->body);
	return 0;
}

static const struct {
	uint8_t type;
	const char *name;
	int (*show)(const struct rtcp_packet *p, struct show *s,
		    struct parse_error *e);
} kinds[] = {
	{ RTCP_SR, "SR", decode_report },
	{ RTCP_RR, "RR", decode_report },
	{ RTCP_SDES, "SDES", sdes },
	{ RTCP_BYE, "BYE", bye },
	{ RTCP_APP, "APP", app },
	{ RTCP_RTPFB, "RTPFB", feedback },
	{ RTCP_PSFB, "PSFB", feedback },
	{ RTCP_XR, "XR", other },
};

static int one(struct slice in, const struct rtcp_packet *p, struct show *s,
	       struct parse_error *e)
{
	int rc = 0;
	size_t k = 0;

	while (k < COUNT(kinds) && kinds[k].type != p->type)
		k++;
	show_begin(s, NULL);
	show_int(s, "packet_type", p->type);
	if (k < COUNT(kinds))
		show_str(s, "name", kinds[k].name);
	show_int(s, "count", p->count);
	rc = (k < COUNT(kinds) ? kinds[k].show : other)(p, s, e);
	show_end(s);
	if (rc && p->body.n) /* e counts from the body */
		e->offset += (size_t)(p->body.p - in.p);
	return rc;
}

static int rtcp(struct tool *t, const struct decode_options *o, struct slice in,
		struct show *s, struct parse_error *e)
{
	struct rtcp_packet p;
	struct slice rest = in;
	int rc = rtcp_check(in, e);

	(void)t;
	(void)o;
	show_list(s, "packets");
	while (rc == 0) {
		int more = rtcp_next(&rest, &p, e);

		if (more <= 0) {
			rc = more;
			break;
		}
		rc = one(in, &p, s, e);
	}
	show_list_end(s);
	return rc;
}

extern const struct decoder decode_rtp, decode_rtcp;
const struct decoder decode_rtp = { "rtp", "RTP packet", false, false, rtp };
const struct decoder decode_rtcp = { "rtcp", "RTCP compound packet", false,
				     false, rtcp };
