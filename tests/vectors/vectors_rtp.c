/* SPDX-License-Identifier: BSD-2-Clause
 * RTP and RTCP that others sent: tests/vectors/data/rtp, and with VECTORS=DIR
 * in the environment all below DIR/rtp.  Single packets are parsed, written
 * and parsed again; captures run through session, jitter buffer and
 * telephone-event receiver, and a table says what must come out. */
#include <stdio.h>
#include <stdlib.h>

#include "rtp/rtp_dtmf.h"
#include "rtp/rtp_jitter.h"
#include "rtp/rtp_session.h"
#include "tests/vectors/files.h"
#include "tests/vectors/pcap.h"

static bool no(const char *what)
{
	printf("  %s\n", what);
	return false;
}

/* --------------------------------------------------------- single packets */

enum verdict { ANY, RTP, RTCP, REFUSED };

static const struct {
	const char *prefix; /* the longest that fits decides */
	enum verdict verdict;
	const char *why;
} expected[] = {
	{ "packets/rtp", RTP, "aiortc's tests read them" },
	{ "packets/rtcp_", RTCP, "the same" },
	{ "packets/rtcp_rr_invalid", REFUSED, "a block is missing" },
	{ "packets/rtcp_psfb_invalid", REFUSED, "the media source is missing" },
	{ "packets/rtcp_sdes_item_truncated", REFUSED, "as named" },
	{ "packets/mediasoup-packet2.raw", REFUSED,
	  "padding of 241 octets in a packet of 240 (A.1)" },
};

static enum verdict verdict_of(const char *name)
{
	enum verdict v = ANY;
	size_t best = 0;

	for (size_t i = 0; i < COUNT(expected); i++) {
		size_t n = strlen(expected[i].prefix);

		if (n > best &&
		    slice_starts(slice_str(name), expected[i].prefix)) {
			best = n;
			v = expected[i].verdict;
		}
	}
	return v;
}

/* 1: parses and survives writing; 0: refused; -1: a defect. */
static int as_rtp(struct slice data)
{
	static char buf[70000];
	struct writer w = writer_begin(buf, sizeof(buf));
	struct parse_error e = { 0 };
	struct rtp_packet p, q;
	struct rtp_ext x;
	size_t at = 0;

	if (rtp_packet_parse(data, &p, &e))
		return e.reason && e.offset <= data.n ? 0 : -1;
	while (rtp_ext_next(&p, &at, &x))
		if (!slice_inside(x.data, p.ext))
			return -1;
	if (rtp_packet_write(&w, &p) ||
	    rtp_packet_parse(writer_done(&w), &q, NULL))
		return -1;
	return w.n == data.n && slice_same(p.payload, q.payload) &&
	       slice_same(p.ext, q.ext) && slice_same(p.csrc, q.csrc) &&
	       p.ssrc == q.ssrc && p.seq == q.seq && p.ts == q.ts ? 1 : -1;
}

/* Of a type that is known the contents must parse, too. */
static bool typed(const struct rtcp_packet *p)
{
	struct rtcp_report r;
	struct rtcp_bye b;
	struct rtcp_app a;
	struct rtcp_feedback f;

	switch (p->type) {
	case RTCP_SR:
	case RTCP_RR:
		return rtcp_report_parse(p, &r, NULL) == 0;
	case RTCP_SDES:
		return rtcp_sdes_check(p, NULL) == 0;
	case RTCP_BYE:
		return rtcp_bye_parse(p, &b, NULL) == 0;
	case RTCP_APP:
		return rtcp_app_parse(p, &a, NULL) == 0;
	case RTCP_RTPFB:
	case RTCP_PSFB:
		return rtcp_feedback_parse(p, &f, NULL) == 0;
	default: /* not an enum: an octet of the wire */
		return true;
	}
}

static int as_rtcp(struct slice data)
{
	struct slice rest = data;
	struct parse_error e = { 0 };
	struct rtcp_packet p;
	bool good = data.n != 0;
	int rc;

	while ((rc = rtcp_next(&rest, &p, &e)) > 0) {
		if (!slice_inside(p.body, data))
			return -1;
		good = typed(&p) && good;
	}
	if (rc < 0 && (!e.reason || e.offset > rest.n))
		return -1;
	e = (struct parse_error){ 0 };
	if (rtcp_check(data, &e) && (!e.reason || e.offset > data.n))
		return -1;
	return rc == 0 && good;
}

static bool single(const char *name, struct slice data)
{
	int rtp = as_rtp(data), rtcp = as_rtcp(data);

	if (rtp < 0 || rtcp < 0)
		return no("broken promise");
	switch (verdict_of(name)) {
	case ANY:
		return true;
	case RTP:
		return rtp ? true : no("refused as RTP");
	case RTCP:
		return rtcp ? true : no("refused as RTCP");
	case REFUSED:
		return !rtp && !rtcp ? true : no("taken");
	}
	return false;
}

/* What aiortc's tests/test_rtp.py expects of the same octets. */
static bool values(const char *name, struct slice data)
{
	struct rtp_packet p;
	struct rtcp_packet c;
	struct rtcp_report r;
	struct rtcp_block b;

	if (strcmp(name, "packets/rtp.bin") == 0)
		return !rtp_packet_parse(data, &p, NULL) && !p.marker &&
		       p.pt == 0 && p.seq == 15743 && p.ts == 3937035252 &&
		       p.csrc.n == 0 && !p.has_ext && p.payload.n == 160;
	if (strcmp(name, "packets/rtp_dtmf.bin") == 0)
		return !rtp_packet_parse(data, &p, NULL) && p.marker &&
		       p.pt == 101 && p.seq == 24152 && p.ts == 4021352124 &&
		       p.payload.n == 4;
	if (strcmp(name, "packets/rtcp_sr.bin") != 0)
		return true;
	if (rtcp_next(&data, &c, NULL) != 1 || rtcp_report_parse(&c, &r, NULL))
		return false;
	b = rtcp_block_at(&r, 0);
	return r.ssrc == 1831097322 && r.ntp == 16016567581311369308u &&
	       r.ts == 1722342718 && r.packets == 269 && r.octets == 13557 &&
	       r.blocks == 1 && b.ssrc == 2398654957 && b.fraction == 0 &&
	       b.lost == 0 && b.max_seq == 246 && b.jitter == 127 &&
	       b.lsr == 0 && b.dlsr == 0;
}

/* ------------------------------------------------------------- captures */

enum { FRAMES = 20, DIGITS = 32, NONE = -1 };

static const struct capture {
	const char *name;
	int event_pt; /* telephone-event, NONE: none */
	uint32_t rate;
	int received, lost; /* NONE: not said */
	const char *digits;
	uint32_t longest; /* duration of the longest digit, 0: not said */
} captures[] = {
	/* named by what was dialled; durations read with another tool */
	{ "dtmf/dtmf_2833_0.pcap", 101, 8000, NONE, 0, "0", 2240 },
	{ "dtmf/dtmf_2833_1.pcap", 101, 8000, NONE, 0, "1", 2240 },
	{ "dtmf/dtmf_2833_2.pcap", 101, 8000, NONE, 0, "2", 2240 },
	{ "dtmf/dtmf_2833_4.pcap", 101, 8000, NONE, 0, "4", 2240 },
	{ "dtmf/dtmf_2833_5.pcap", 101, 8000, NONE, 0, "5", 2240 },
	{ "dtmf/dtmf_2833_9.pcap", 101, 8000, NONE, 0, "9", 2240 },
	{ "dtmf/dtmf_2833_pound.pcap", 101, 8000, NONE, 0, "#", 2240 },
	{ "dtmf/dtmf_rfc2833_4_digits_fast.pcap", 101, 8000, 48, NONE, "1234",
	  1280 },
	{ "dtmf/dtmf_rfc2833_4_digits_slow.pcap", 101, 8000, 48, NONE, "1234",
	  1280 },
	{ "dtmf/zendesk-34401-rfc2833.pcap", 101, 8000, NONE, NONE, "1211#",
	  800 },
	{ "dtmf/cisco-spa-525G2-zendesk34432.pcap", 101, 8000, 632, 0,
	  "6688#6688#", 1120 },
	{ "dtmf/dtmf-oob-one-hash.cap.gz", 101, 8000, 74, 0, "#", 2520 },
	{ "dtmf/dtmf-oob-two-hash.cap.gz", 101, 8000, 501, 0, "##", 2680 },
	{ "streams/asterisk-ulaw-2013785496.pcap", 101, 8000, 974, 0,
	  "2013785496", 1600 },
	{ "streams/asterisk-ulaw-3125894607.pcap", 101, 8000, 922, 0,
	  "3125894607", 1600 },
	{ "streams/asterisk-opus-3125894607.pcap", 101, 48000, 684, 0,
	  "3125894607", 1600 },
	/* names give the counts */
	{ "jitter/rtp-534late-24loss-7000total.pcapng", NONE, 48000, 7108, 24,
	  "", 0 },
	{ "jitter/rtp-60late-500total.pcapng", NONE, 48000, 404, 0, "", 0 },
	{ "jitter/secondvalid.pcapng", NONE, 48000, NONE, NONE, "", 0 },
	{ "jitter/opus-poor-quality.pcapng", NONE, 48000, 4228, 1, "", 0 },
	{ "jitter/opus-edge-congestion20_60_40.pcapng", NONE, 48000, 3083, 6,
	  "", 0 },
	{ "jitter/poor_jitter_quality_22_filter.pcapng", NONE, 48000, 1383,
	  NONE, "", 0 },
	{ "jitter/pcmu_8k_no_jitter.pcap", NONE, 8000, 2524, 0, "", 0 },
	{ "streams/g711a.pcap", NONE, 8000, 236, 0, "", 0 },
	{ "streams/g722.pcap", NONE, 8000, 5413, 0, "", 0 },
	{ "streams/milliwatt.long.pcmu.rtp.pcap", NONE, 8000, 713, 0, "", 0 },
	{ "streams/asterisk-40msalaw.pcap", NONE, 8000, 826, 0, "", 0 },
};

static const struct capture any = { "", 101, 8000, NONE, NONE, NULL, 0 };

struct run {
	struct mem mem;
	struct rtp_session s;
	struct rtp_jitter j;
	struct rtp_dtmf_rx dtmf;
	const struct capture *want;
	char digits[DIGITS];
	unsigned dialled;
	uint32_t longest;
	mono begun, now;
	int last; /* number played last, -1: none */
	uint32_t fifo;
	unsigned played, shrunk, puts;
	bool ok;
};

static void digit(struct run *r, const struct rtp_dtmf_digit *d)
{
	char c = rtp_event_to_char(d->code);

	if (r->dialled < DIGITS - 1)
		r->digits[r->dialled++] = c ? c : '?';
	if (d->duration > r->longest)
		r->longest = d->duration;
}

/* The consumer's 10 ms: frames play in order, each once. */
static void tick(struct run *r)
{
	uint32_t quantum = r->want->rate / 100, n;
	struct rtp_jitter_frame f;
	struct rtp_dtmf_digit d;

	if (rtp_dtmf_rx_on_time(&r->dtmf, r->now, &d))
		digit(r, &d);
	for (unsigned guard = 0; r->fifo < quantum && guard < 1000; guard++) {
		enum rtp_jitter_verdict v =
			rtp_jitter_get(&r->j, r->now, false, &f);

		n = v == RTP_JITTER_PLAY || v == RTP_JITTER_SHRINK ?
			    FRAMES * r->want->rate / 1000 :
			    quantum;
		if (v == RTP_JITTER_PLAY || v == RTP_JITTER_SHRINK) {
			if (r->last >= 0 &&
			    (int16_t)(uint16_t)(f.seq - r->last) <= 0)
				r->ok = no("played out of order");
			r->last = f.seq;
			r->played += v == RTP_JITTER_PLAY;
			r->shrunk += v == RTP_JITTER_SHRINK;
		}
		rtp_jitter_advance(&r->j, n);
		r->fifo += v == RTP_JITTER_SHRINK ? 0 : n;
	}
	if (r->fifo < quantum)
		r->ok = no("the buffer gives nothing");
	r->fifo -= r->fifo < quantum ? r->fifo : quantum;
}

static void advance(struct run *r, mono to)
{
	if (to - r->now > SEC(60)) /* a gap of the capture */
		r->now = to - SEC(1);
	for (; r->now < to; r->now += MS(10))
		tick(r);
}

static void event(struct run *r, const struct rtp_packet *p)
{
	struct rtp_event v[RTP_EVENTS_MAX];
	struct rtp_dtmf_digit before, now;
	uint32_t ts = p->ts;
	int n = rtp_event_parse(p->payload, v, NULL);
	unsigned out;

	rtp_jitter_skip(&r->j, p->seq);
	for (int i = 0; i < n; ts += v[i++].duration) {
		out = rtp_dtmf_rx_on_event(&r->dtmf, &v[i], ts,
					   p->marker && i == 0, r->now,
					   &before, &now);
		if (out & RTP_DTMF_END_BEFORE)
			digit(r, &before);
		if (out & RTP_DTMF_END)
			digit(r, &now);
	}
}

static void datagram(struct run *r, const struct pcap_datagram *d)
{
	struct instant now = { d->when - r->begun, d->when };
	struct rtp_packet p;
	unsigned out;

	if (as_rtp(d->payload) < 0 || as_rtcp(d->payload) < 0)
		r->ok = no("broken promise");
	if (d->payload.n > 1 && (uint8_t)d->payload.p[1] >= 200 &&
	    (uint8_t)d->payload.p[1] <= 207) {
		(void)!rtp_session_on_rtcp(&r->s, d->payload, &d->from, now);
		return;
	}
	if (rtp_packet_parse(d->payload, &p, NULL))
		return;
	out = rtp_session_on_rtp(&r->s, &p, &d->from, now);
	if (out & (RTP_SESSION_SWITCHED | RTP_SESSION_RESTARTED)) {
		rtp_jitter_reset(&r->j);
		r->last = -1;
	}
	if (!(out & RTP_SESSION_PLAY))
		return;
	if (p.pt == r->want->event_pt) {
		event(r, &p);
		return;
	}
	r->puts++;
	(void)rtp_jitter_put(&r->j, &p, now.m);
}

static bool judged(struct run *r)
{
	const struct capture *w = r->want;
	struct rtp_stats st = rtp_session_stats(&r->s);
	struct rtp_jitter_stats js = rtp_jitter_stats(&r->j);

	if (w->received >= 0 && st.packets_received != (uint64_t)w->received)
		r->ok = no("count of packets received");
	if (w->lost >= 0 && st.packets_lost + st.duplicates > w->lost)
		r->ok = no("too many lost");
	if (w->lost > 0 && st.packets_lost != w->lost)
		r->ok = no("count of packets lost");
	if (w->digits && strcmp(w->digits, r->digits) != 0)
		r->ok = no(r->digits);
	if (w->longest && w->longest != r->longest)
		r->ok = no("duration of the longest digit");
	if (r->played + r->shrunk + js.late + js.duplicate + js.overflow <
	    r->puts)
		r->ok = no("packets vanished in the buffer");
	return r->ok;
}

static bool capture(const char *name, struct slice data)
{
	static const struct rtp_session_config session = { .rate = 8000 };
	static const uint8_t seed[32];
	struct run r = { .want = &any, .last = -1, .ok = true };
	struct rtp_jitter_config cfg = { 0 };
	struct rtp_session_config own = session;
	struct pcap_datagram d;
	struct pcap p;

	if (!pcap_open(&p, data))
		return no("no capture");
	for (size_t i = 0; i < COUNT(captures); i++)
		if (strcmp(name, captures[i].name) == 0)
			r.want = &captures[i];
	mem_init(&r.mem, 0);
	cfg.rate = own.rate = r.want->rate;
	rtp_session_init(&r.s, &r.mem, &own, seed, (struct instant){ 0, 0 });
	rtp_jitter_init(&r.j, &r.mem, &cfg, 0);
	for (bool first = true; pcap_next(&p, &d); first = false) {
		if (first)
			r.begun = d.when;
		if (d.when < r.begun)
			d.when = r.begun;
		advance(&r, d.when - r.begun);
		datagram(&r, &d);
	}
	advance(&r, r.now + SEC(2));
	(void)judged(&r);
	rtp_jitter_fini(&r.j);
	rtp_session_fini(&r.s);
	return r.mem.blocks == 0 && r.ok;
}

/* Through gzip(1), which is everywhere. */
static bool packed(const char *name, struct slice data)
{
	static char out[1 << 20];
	char path[] = "/tmp/vectors_rtp.XXXXXX", command[64];
	int fd = mkstemp(path);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "wb");
	size_t n = 0;

	if (!f)
		return no("no temporary file");
	n = fwrite(data.p, 1, data.n, f);
	fclose(f);
	snprintf(command, sizeof(command), "gzip -dc < %s", path);
	f = n == data.n ? popen(command, "r") : NULL;
	if (f) {
		n = fread(out, 1, sizeof(out), f);
		pclose(f);
	}
	remove(path);
	return f && capture(name, slice_of(out, n));
}

static bool ends(const char *name, const char *with)
{
	size_t n = strlen(name), k = strlen(with);

	return n >= k && strcmp(name + n - k, with) == 0;
}

static bool one(const char *name, struct slice data)
{
	if (ends(name, ".pcap") || ends(name, ".pcapng"))
		return capture(name, data);
	if (ends(name, ".cap.gz"))
		return packed(name, data);
	return single(name, data) &&
	       (values(name, data) || no("values differ from aiortc's"));
}

int main(int argc, char **argv)
{
	unsigned failed = 0, passed = 0;

	if (argc > 1)
		passed += files_each(argv[1], one, &failed);
	passed += files_extra("rtp", one, &failed);
	printf("vectors_rtp: %u passed, %u failed\n", passed, failed);
	return failed != 0 || (argc > 1 && passed == 0);
}
