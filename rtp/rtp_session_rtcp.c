/* SPDX-License-Identifier: BSD-2-Clause */
#include "platform/limits.h"
#include "rtp/rtp_session_priv.h"

enum {
	IP_UDP = 28,       /* 6.2: sizes count the lower layers' headers */
	FEW = 50,          /* 6.3.7: fewer members may leave at once */
	TIMEOUT = 5,       /* 6.2.1: intervals until a source is forgotten */
	SMALLEST = 8 + 8,  /* RR without blocks, SDES without CNAME octets */
	DEFAULT_BANDWIDTH = 64000,
	MANY = 10000,      /* BYEs counted at most */
};

static const mono TMIN = SEC(5);            /* 6.2 */
static const mono TMIN_REDUCED = MS(500);   /* however fast the session is */
static const mono TMIN_FIRST = SEC(1);      /* 6.2: unicast may begin early */

uint32_t rtp_session_units(uint32_t rate, mono span)
{
	uint64_t ns = span > 0 ? (uint64_t)span : 0;

	return (uint32_t)(ns / 1000000000u * rate +
			  ns % 1000000000u * rate / 1000000000u);
}

/* ------------------------------------------------------------ membership */

static uint32_t members(const struct rtp_session *s)
{
	uint32_t n = 1; /* ourselves */

	for (unsigned i = 0; i < s->sources; i++)
		n += s->source[i].valid && !s->source[i].bye;
	return n;
}

static uint32_t senders(const struct rtp_session *s, mono now)
{
	uint32_t n = s->we_sent;

	for (unsigned i = 0; i < s->sources; i++) {
		const struct rtp_source *src = &s->source[i];

		n += src->valid && !src->bye && src->last_rtp != MONO_NEVER &&
		     now - src->last_rtp <= 2 * s->td; /* 6.3.5 */
	}
	return n;
}

/* 6.3.5, 6.3.8: who was silent leaves the tables. */
static void time_out(struct rtp_session *s, mono now)
{
	mono td = s->td > TMIN ? s->td : TMIN;

	if (s->we_sent && now - s->last_sent > 2 * s->td)
		s->we_sent = false;
	for (unsigned i = s->sources; i-- > 0;)
		if (now - rtp_source_last(&s->source[i]) > TIMEOUT * td)
			rtp_session_remove(s, i);
	for (unsigned i = 0; i < RTP_CONFLICTS; i++) /* 8.2: 10 intervals */
		if (s->conflict[i].from.family &&
		    now - s->conflict[i].last > 10 * td)
			s->conflict[i].from.family = 0;
}

/* ---------------------------------------------------------------- timing */

static mono least(const struct rtp_session *s)
{
	mono t = TMIN;

	if (s->cfg.unicast && s->state == RTP_SESSION_OPEN) {
		/* 6.2: 360 s divided by the bandwidth in kbit/s */
		if (s->cfg.bandwidth > 72000)
			t = SEC(360000) / s->cfg.bandwidth;
		if (t < TMIN_REDUCED)
			t = TMIN_REDUCED;
		if (s->initial && t > TMIN_FIRST)
			t = TMIN_FIRST;
		return t;
	}
	return s->initial ? t / 2 : t; /* 6.3.1, 2. */
}

/* 6.3.1: T, and s->td the deterministic part of it. */
static mono interval(struct rtp_session *s, mono now)
{
	uint64_t share = s->cfg.bandwidth ? s->cfg.bandwidth :
					    DEFAULT_BANDWIDTH;
	uint32_t all = s->members, sending = 0, n = all;
	unsigned quarters = 4; /* of the share, for us and our like */
	uint64_t spread;

	share /= 160; /* 5 %, in octets a second */
	if (s->state == RTP_SESSION_OPEN)
		sending = senders(s, now);
	if (sending * 4 <= all) {
		n = s->we_sent ? sending : all - sending;
		quarters = s->we_sent ? 1 : 3;
	}
	if (!share)
		share = 1;
	s->td = (mono)((uint64_t)s->avg_size * n * (4000000000u / 16) /
		       (share * quarters));
	if (s->td < least(s))
		s->td = least(s);
	/* 0.5 to 1.5 times, divided by e - 3/2 (6.3.1, 4. and 5.) */
	spread = (UINT64_C(1) << 31) + drbg_u32(&s->drbg);
	spread = spread * 100000 / 121828; /* in 1/2^32 */
	return (mono)(((uint64_t)s->td >> 16) * (spread >> 16));
}

void rtp_session_rtcp_begin(struct rtp_session *s, mono now)
{
	s->initial = true;
	s->members = s->pmembers = 1;
	s->avg_size = 16 * (IP_UDP + SMALLEST + 2u + s->cname_n);
	s->tp = now;
	s->td = TMIN;
	s->tn = s->cfg.no_rtcp ? MONO_NEVER : now + interval(s, now);
}

void rtp_session_sized(struct rtp_session *s, size_t n)
{
	/* while leaving only BYEs count (6.3.7): see bye_heard */
	if (s->state == RTP_SESSION_OPEN)
		s->avg_size = (uint32_t)(n + IP_UDP) +
			      (s->avg_size * 15 + 8) / 16;
}

void rtp_session_bye_heard(struct rtp_session *s)
{
	if (s->state == RTP_SESSION_LEAVING && s->members < MANY)
		s->members++;
}

void rtp_session_reconsider(struct rtp_session *s, mono now)
{
	if (s->state != RTP_SESSION_OPEN || s->cfg.no_rtcp)
		return;
	s->members = members(s);
	if (s->members < s->pmembers) {
		mono ahead = s->tn > now ? s->tn - now : 0;

		s->tn = now + ahead / s->pmembers * s->members;
		s->tp = now - (now - s->tp) / s->pmembers * s->members;
	}
	s->pmembers = s->members;
}

mono rtp_session_deadline(const struct rtp_session *s)
{
	if (s->state == RTP_SESSION_LEFT)
		return MONO_NEVER;
	return s->rtcp_due || s->has_bye_ssrc ? s->tp : s->tn;
}

static unsigned due(struct rtp_session *s)
{
	s->rtcp_due = true;
	return s->state == RTP_SESSION_LEAVING ?
		       RTP_SESSION_RTCP | RTP_SESSION_ENDED :
		       RTP_SESSION_RTCP;
}

/* 6.3.6 */
unsigned rtp_session_on_time(struct rtp_session *s, struct instant now)
{
	mono t;

	if (now.m < rtp_session_deadline(s))
		return 0;
	if (s->rtcp_due || s->has_bye_ssrc)
		return due(s);
	if (s->state == RTP_SESSION_OPEN) {
		time_out(s, now.m);
		rtp_session_reconsider(s, now.m);
	}
	t = interval(s, now.m);
	if (s->tp + t <= now.m)
		return due(s);
	s->tn = s->tp + t;
	return 0;
}

/* 6.3.7 */
unsigned rtp_session_leave(struct rtp_session *s, struct instant now)
{
	uint32_t all = members(s);

	if (s->state != RTP_SESSION_OPEN)
		return 0;
	s->rtcp_due = s->has_bye_ssrc = false;
	if (!s->ever_sent || s->cfg.no_rtcp) {
		s->state = RTP_SESSION_LEFT;
		return RTP_SESSION_ENDED;
	}
	s->state = RTP_SESSION_LEAVING;
	if (all < FEW)
		return due(s);
	s->tp = now.m;
	s->members = s->pmembers = 1;
	s->initial = true;
	s->we_sent = false;
	s->avg_size = 16 * (IP_UDP + SMALLEST + 2u + s->cname_n + 8);
	s->tn = now.m + interval(s, now.m);
	return 0;
}

/* --------------------------------------------------------------- reports */

static struct rtcp_block block(struct rtp_source *src, mono now)
{
	struct rtcp_block b = {
		.ssrc = src->ssrc,
		.fraction = rtp_seq_fraction(&src->seq),
		.lost = rtp_seq_lost(&src->seq),
		.max_seq = src->seq.max - 0x10000, /* cycles begin at 0 */
		.jitter = rtp_seq_jitter(&src->seq),
		.lsr = src->lsr,
	};

	if (src->lsr) { /* in 1/65536 s */
		uint64_t ns = (uint64_t)(now - src->sr_at);

		b.dlsr = (uint32_t)(ns / 1000000000u * 65536 +
				    ns % 1000000000u * 65536 / 1000000000u);
	}
	return b;
}

/* 6.4: of those heard since the last report. */
static size_t blocks(struct rtp_session *s, struct rtcp_block *b, mono now)
{
	size_t n = 0;

	for (unsigned i = 0; i < s->sources && n < RTCP_BLOCKS_MAX; i++) {
		struct rtp_source *src = &s->source[i];

		if (!src->heard || !src->seq.counting)
			continue;
		b[n] = block(src, now);
		if (s->played == (int)i)
			s->stats.fraction_lost = b[n].fraction;
		src->heard = false;
		n++;
	}
	return n;
}

static void rtcp_report(struct rtp_session *s, struct writer *w,
			struct instant now)
{
	struct rtcp_block b[RTCP_BLOCKS_MAX];
	struct rtcp_report r = { .ssrc = s->ssrc, .sender = s->we_sent };
	size_t n = blocks(s, b, now.m);

	if (s->we_sent) {
		/* 6.4.1: the timestamp of this very instant */
		r.ts = s->last_ts + rtp_session_units(s->cfg.rate,
						      now.m - s->last_sent);
		r.ntp = rtcp_ntp(now.wall_ns);
		r.packets = s->packets_sent;
		r.octets = s->octets_sent;
	}
	rtcp_write_report(w, &r, b, n);
}

/* 8.2: the identifier that collided says goodbye, outside the schedule. */
static void leave_ssrc(struct rtp_session *s, struct writer *w)
{
	struct rtcp_report r = { .ssrc = s->bye_ssrc };

	rtcp_write_report(w, &r, NULL, 0);
	rtcp_write_cname(w, s->bye_ssrc, slice_of(s->cname, s->cname_n));
	rtcp_write_bye(w, s->bye_ssrc, (struct slice){ 0 });
	s->has_bye_ssrc = false;
}

/* What the compound takes at most: SR, blocks, SDES, BYE. */
static size_t room(const struct rtp_session *s)
{
	size_t n = s->sources < RTCP_BLOCKS_MAX ? s->sources : RTCP_BLOCKS_MAX;

	return 28 + n * RTCP_BLOCK + 8 + 2 + s->cname_n + 4u + 8;
}

static void sent(struct rtp_session *s, size_t n, mono now)
{
	s->stats.rtcp_sent++;
	s->ever_sent = true;
	s->rtcp_due = false;
	if (s->state == RTP_SESSION_LEAVING) {
		s->state = RTP_SESSION_LEFT;
		return;
	}
	rtp_session_sized(s, n);
	s->tp = now;
	s->initial = false; /* A.7 draws once more as if it were; 6.3.6 says
			     * that the packet sent ends it */
	s->tn = now + interval(s, now);
}

int rtp_session_write_rtcp(struct rtp_session *s, uint8_t *out, size_t cap,
			   struct instant now)
{
	struct writer w = writer_begin(out, cap < RTP_RTCP_MAX ? cap :
							   RTP_RTCP_MAX);

	if (!s->rtcp_due && !s->has_bye_ssrc)
		return 0;
	if (room(s) > w.cap)
		return -ENOSPC;
	if (s->has_bye_ssrc) {
		leave_ssrc(s, &w);
		s->rtcp_due = false;
		s->stats.rtcp_sent++;
		return writer_end(&w);
	}
	rtcp_report(s, &w, now);
	rtcp_write_cname(&w, s->ssrc, slice_of(s->cname, s->cname_n));
	if (s->state == RTP_SESSION_LEAVING)
		rtcp_write_bye(&w, s->ssrc, (struct slice){ 0 });
	sent(s, w.n, now.m);
	return writer_end(&w);
}
