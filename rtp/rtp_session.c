/* SPDX-License-Identifier: BSD-2-Clause */
#include "rtp/rtp_session.h"

#include "platform/limits.h"
#include "rtp/rtp_session_priv.h"

/* A known source that turns up at another address is believed once the first
 * one was silent for so long (8.2: sources of telephony may move). */
static const mono MOVED = MS(500);

static uint32_t source_limit(const struct rtp_session *s)
{
	return s->cfg.sources ? s->cfg.sources : LIMIT_RTP_SOURCES;
}

void rtp_session_init(struct rtp_session *s, struct mem *m,
		      const struct rtp_session_config *cfg,
		      const uint8_t seed[32], struct instant now)
{
	struct slice cname = slice_head(cfg->cname, RTP_CNAME_MAX);

	*s = (struct rtp_session){ .mem = m, .cfg = *cfg, .played = -1,
				   .clock = cfg->rate, .epoch = now.m };
	if (cname.n)
		memcpy(s->cname, cname.p, cname.n);
	s->cname_n = (uint8_t)cname.n;
	s->cfg.cname = (struct slice){ 0 };
	drbg_init(&s->drbg, seed);
	s->ssrc = drbg_u32(&s->drbg);
	s->ts_base = drbg_u32(&s->drbg);
	/* the first half of the range: SRTP's roll-over counter cannot be
	 * misjudged at the start (RFC 3711 3.3.1) */
	s->seq = (uint16_t)(drbg_u32(&s->drbg) & 0x7FFF);
	s->last_sent = MONO_NEVER;
	s->stats.rtt_us = -1;
	rtp_session_rtcp_begin(s, now.m);
}

void rtp_session_fini(struct rtp_session *s)
{
	if (s->mem)
		mem_free(s->mem, s->source);
	drbg_wipe(&s->drbg);
	*s = (struct rtp_session){ .played = -1,
				   .state = RTP_SESSION_LEFT };
}

uint32_t rtp_session_ts(const struct rtp_session *s, uint32_t ts)
{
	return s->ts_base + ts;
}

void rtp_session_stamp(struct rtp_session *s, uint8_t *packet, size_t n,
		       uint8_t pt, bool marker, uint32_t ts,
		       struct instant now)
{
	rtp_header_write(packet, pt, marker, s->seq++, s->ts_base + ts,
			 s->ssrc);
	s->last_ts = s->ts_base + ts;
	s->last_sent = now.m;
	s->packets_sent++;
	s->octets_sent += (uint32_t)n;
	s->stats.packets_sent++;
	s->stats.octets_sent += n;
	s->ever_sent = true;
	s->we_sent = true; /* 6.3.8 */
}

void rtp_session_unsent(struct rtp_session *s, size_t n)
{
	s->packets_sent--;
	s->octets_sent -= (uint32_t)n;
	s->stats.packets_sent--;
	s->stats.octets_sent -= n;
}

/* -------------------------------------------------------- the source table */

static struct rtp_source *session_find(struct rtp_session *s, uint32_t ssrc)
{
	/* one source is the rule: it is found at once */
	for (unsigned i = 0; i < s->sources; i++)
		if (s->source[i].ssrc == ssrc)
			return &s->source[i];
	return NULL;
}

mono rtp_source_last(const struct rtp_source *src)
{
	if (src->last_rtp == MONO_NEVER)
		return src->last_rtcp;
	if (src->last_rtcp == MONO_NEVER)
		return src->last_rtp;
	return src->last_rtp > src->last_rtcp ? src->last_rtp :
						src->last_rtcp;
}

/* What the source counted belongs to the call when it was played. */
static void keep_counts(struct rtp_stats *t, const struct rtp_source *src)
{
	if (!src->was_played)
		return;
	t->packets_received += src->seq.received;
	t->packets_lost += (int64_t)rtp_seq_expected(&src->seq) -
			   src->seq.received;
	t->octets_received += src->octets;
	t->duplicates += src->duplicates;
	t->reordered += src->reordered;
}

void rtp_session_remove(struct rtp_session *s, unsigned i)
{
	keep_counts(&s->stats, &s->source[i]);
	if (s->played == (int)i)
		s->played = -1;
	else if (s->played == s->sources - 1)
		s->played = (int)i;
	s->source[i] = s->source[--s->sources];
}

/* The one that matters least: not valid, then left, then silent longest. */
static unsigned weakest(const struct rtp_session *s)
{
	unsigned worst = 0;

	for (unsigned i = 1; i < s->sources; i++) {
		const struct rtp_source *a = &s->source[i];
		const struct rtp_source *b = &s->source[worst];
		unsigned ra = (s->played == (int)i ? 4u : 0u) +
			      (a->valid ? 2u : 0u) + (a->bye ? 0u : 1u);
		unsigned rb = (s->played == (int)worst ? 4u : 0u) +
			      (b->valid ? 2u : 0u) + (b->bye ? 0u : 1u);

		if (ra < rb || (ra == rb && rtp_source_last(a) <
						    rtp_source_last(b)))
			worst = i;
	}
	return worst;
}

static struct rtp_source *create(struct rtp_session *s, uint32_t ssrc)
{
	struct rtp_source *src;

	if (s->sources == s->room && s->room < source_limit(s)) {
		unsigned room = s->room ? 2u * s->room : 1;

		if (room > source_limit(s))
			room = source_limit(s);
		src = mem_resize(s->mem, s->source, room * sizeof(*src));
		if (src) {
			s->source = src;
			s->room = (uint16_t)room;
		}
	}
	if (s->sources == s->room && s->sources)
		rtp_session_remove(s, weakest(s));
	if (s->sources == s->room)
		return NULL;
	src = &s->source[s->sources++];
	*src = (struct rtp_source){ .ssrc = ssrc, .rate = s->clock,
				    .last_rtp = MONO_NEVER,
				    .last_rtcp = MONO_NEVER };
	return src;
}

/* ----------------------------------------------------- collisions and loops */

/* 8.2: our own identifier came from elsewhere.  The first time from an address
 * it is taken for a collision; from then on that address is a loop. */
static unsigned collision(struct rtp_session *s, const struct addr *from,
			  mono now)
{
	unsigned at = 0;
	uint32_t old = s->ssrc;

	for (unsigned i = 0; i < RTP_CONFLICTS; i++) {
		if (s->conflict[i].from.family &&
		    addr_same(&s->conflict[i].from, from)) {
			s->conflict[i].last = now;
			s->stats.loops++;
			return 0;
		}
		if (s->conflict[i].last < s->conflict[at].last)
			at = i;
	}
	s->conflict[at].from = *from;
	s->conflict[at].last = now;
	s->stats.collisions++;
	do
		s->ssrc = drbg_u32(&s->drbg);
	while (s->ssrc == old || session_find(s, s->ssrc));
	s->packets_sent = s->octets_sent = 0; /* 6.4.1: of this SSRC */
	if (!s->ever_sent || s->cfg.no_rtcp || s->state != RTP_SESSION_OPEN)
		return RTP_SESSION_NEW_SSRC;
	if (!s->has_bye_ssrc)
		s->bye_ssrc = old;
	s->has_bye_ssrc = true;
	return RTP_SESSION_NEW_SSRC | RTP_SESSION_RTCP;
}

/* 8.2: does the packet come from where the source was first heard? */
static bool in_place(struct rtp_session *s, struct addr *known,
		     const struct addr *from, mono last, mono now)
{
	if (!known->family)
		*known = *from;
	if (addr_same(known, from))
		return true;
	if (last != MONO_NEVER && now - last < MOVED) {
		s->stats.loops++;
		s->stats.invalid++;
		return false;
	}
	*known = *from;
	return true;
}

/* ------------------------------------------------------------- data packets */

static bool plays(const struct rtp_session *s, const struct rtp_source *src)
{
	return s->played >= 0 && &s->source[s->played] == src;
}

/* Is this the source to be played from now on? */
static unsigned elect(struct rtp_session *s, struct rtp_source *src)
{
	uint32_t need = src->was_played ? RTP_RETURN_RUN : RTP_SWITCH_RUN;

	if (plays(s, src)) {
		for (unsigned i = 0; i < s->sources; i++)
			if (&s->source[i] != src)
				s->source[i].run = 0;
		return RTP_SESSION_PLAY;
	}
	src->run++;
	if (s->played >= 0 && (src->run < need || src->seq.probation) &&
	    !s->source[s->played].bye)
		return 0;
	if (s->played >= 0) {
		s->source[s->played].run = 0;
		s->stats.switches++;
	}
	s->played = (int)(src - s->source);
	src->was_played = true;
	return RTP_SESSION_SWITCHED | RTP_SESSION_PLAY;
}

static unsigned session_judge(struct rtp_session *s, struct rtp_source *src,
			      uint16_t number)
{
	struct rtp_source was = { .seq = src->seq,
				  .was_played = src->was_played };

	switch (rtp_seq_on_packet(&src->seq, number)) {
	case RTP_SEQ_JUMPED: /* A.1: dropped, unless another one follows */
		s->stats.invalid++;
		return 0;
	case RTP_SEQ_DUPLICATE:
		src->duplicates++;
		return 0;
	case RTP_SEQ_RESTARTED: /* counters began anew: the old ones stay */
		keep_counts(&s->stats, &was);
		return elect(s, src) |
		       (plays(s, src) ? RTP_SESSION_RESTARTED : 0u);
	case RTP_SEQ_REORDERED:
		src->reordered++;
		return elect(s, src);
	case RTP_SEQ_VALID:
		src->valid = true;
		src->bye = false;
		return elect(s, src);
	case RTP_SEQ_PROBATION:
	case RTP_SEQ_NEXT:
		return elect(s, src);
	}
	return 0;
}

/* A straggler after the BYE is no member; one that goes on is. */
static void revive(struct rtp_source *src)
{
	if (src->bye && src->run++ >= RTP_SWITCH_RUN)
		src->bye = false;
}

void rtp_session_moved(struct rtp_session *s)
{
	for (unsigned i = 0; i < s->sources; i++)
		s->source[i].rtp_from.family =
			s->source[i].rtcp_from.family = 0;
}

void rtp_session_set_clock(struct rtp_session *s, uint32_t rate)
{
	s->clock = rate;
}

/* RFC 7160 4.3: what lies between two packets is measured by the clock of the
 * first. */
static void transit(struct rtp_session *s, struct rtp_source *src, uint32_t ts,
		    mono now)
{
	mono span = now - s->epoch;

	rtp_seq_on_transit(&src->seq, rtp_session_units(src->rate, span), ts);
	if (src->rate == s->clock)
		return;
	rtp_seq_set_rate(&src->seq, src->rate, s->clock,
			 rtp_session_units(s->clock, span) - ts);
	src->rate = s->clock;
}

unsigned rtp_session_on_rtp(struct rtp_session *s, const struct rtp_packet *p,
			    const struct addr *from, struct instant now)
{
	struct rtp_source *src;

	if (p->ssrc == s->ssrc)
		return collision(s, from, now.m);
	src = session_find(s, p->ssrc);
	if (!src)
		src = create(s, p->ssrc);
	if (!src || !in_place(s, &src->rtp_from, from, src->last_rtp, now.m)) {
		s->stats.invalid += !src;
		return 0;
	}
	if (src->last_rtp == MONO_NEVER)
		rtp_seq_init(&src->seq, p->seq);
	src->last_rtp = now.m;
	src->heard = true;
	src->octets += p->payload.n;
	revive(src);
	transit(s, src, p->ts, now.m);
	return session_judge(s, src, p->seq);
}

/* ------------------------------------------------------------ RTCP packets */

/* The source of a control packet; NULL: none, or the packet is not its. */
static struct rtp_source *control(struct rtp_session *s, uint32_t ssrc,
				  const struct addr *from, mono now)
{
	struct rtp_source *src = session_find(s, ssrc);

	if (!src)
		src = create(s, ssrc);
	if (!src || !in_place(s, &src->rtcp_from, from, src->last_rtcp, now)) {
		s->stats.invalid += !src;
		return NULL;
	}
	src->last_rtcp = now;
	return src;
}

/* 6.4.1: A - LSR - DLSR, in 1/65536 s.  An LSR from before the session, or
 * yet to come, is none of our reports. */
static void round_trip(struct rtp_session *s, const struct rtcp_block *b,
		       struct instant now)
{
	uint32_t since = rtcp_ntp_middle(rtcp_ntp(now.wall_ns)) - b->lsr;
	uint64_t age = (uint64_t)(now.m - s->epoch) / 1000000 * 65536 / 1000;
	int32_t rtt = (int32_t)(since - b->dlsr);

	if (!b->lsr || since > age)
		return;
	s->stats.rtt_us = rtt < 0 ? 0 : (int64_t)rtt * 1000000 / 65536;
}

static unsigned on_block(struct rtp_session *s, const struct rtcp_block *b,
			 struct instant now)
{
	s->stats.reported = true;
	s->stats.remote_lost = b->lost;
	s->stats.remote_fraction = b->fraction;
	s->stats.remote_seq = b->max_seq;
	s->stats.remote_jitter_us =
		(uint32_t)((uint64_t)b->jitter * 1000000 / s->cfg.rate);
	round_trip(s, b, now);
	return RTP_SESSION_REPORTED;
}

static unsigned on_report(struct rtp_session *s, const struct rtcp_packet *p,
			  const struct addr *from, struct instant now)
{
	struct rtcp_report r;
	struct rtp_source *src;
	unsigned out = 0;

	if (rtcp_report_parse(p, &r, NULL))
		return 0;
	if (r.ssrc == s->ssrc)
		return collision(s, from, now.m);
	src = control(s, r.ssrc, from, now.m);
	if (!src)
		return 0;
	if (r.sender) {
		src->lsr = rtcp_ntp_middle(r.ntp);
		src->sr_at = now.m;
	}
	if (!r.blocks)
		out |= RTP_SESSION_ON_NOBODY;
	for (unsigned i = 0; i < r.blocks; i++) {
		struct rtcp_block b = rtcp_block_at(&r, i);

		if (b.ssrc == s->ssrc)
			out |= on_block(s, &b, now);
	}
	return out;
}

static unsigned on_sdes(struct rtp_session *s, const struct rtcp_packet *p,
			const struct addr *from, struct instant now)
{
	struct rtcp_sdes_walk w = { 0 };
	struct rtcp_sdes_item item;
	struct rtp_source *src;
	unsigned out = 0;

	if (rtcp_sdes_check(p, NULL))
		return 0;
	while (rtcp_sdes_next(p, &w, &item)) {
		if (item.type != RTCP_SDES_CNAME)
			continue;
		if (item.ssrc == s->ssrc) {
			out |= collision(s, from, now.m);
			continue;
		}
		src = control(s, item.ssrc, from, now.m);
		if (!src)
			continue;
		src->valid = true; /* 6.2.1 */
		item.value = slice_head(item.value, RTP_CNAME_MAX);
		src->cname_n = (uint8_t)item.value.n;
		if (item.value.n)
			memcpy(src->cname, item.value.p, item.value.n);
	}
	return out;
}

static unsigned on_bye(struct rtp_session *s, const struct rtcp_packet *p,
		       const struct addr *from, mono now)
{
	struct rtcp_bye b;
	struct rtp_source *src;
	unsigned out = 0;

	if (rtcp_bye_parse(p, &b, NULL))
		return 0;
	rtp_session_bye_heard(s);
	for (size_t i = 0; i < b.ssrc.n; i += 4) {
		src = session_find(s, read_be32((const uint8_t *)b.ssrc.p + i));
		/* 8.2: validated by a matching source address */
		if (!src || !src->rtcp_from.family ||
		    !addr_same(&src->rtcp_from, from))
			continue;
		src->bye = true;
		src->run = 0;
		src->last_rtcp = now;
		if (plays(s, src))
			out |= RTP_SESSION_BYE;
	}
	rtp_session_reconsider(s, now);
	return out;
}

unsigned rtp_session_on_rtcp(struct rtp_session *s, struct slice compound,
			     const struct addr *from, struct instant now)
{
	struct slice rest = compound;
	struct rtcp_packet p;
	unsigned out = 0;

	if (rtcp_check_part(compound, NULL)) {
		s->stats.invalid++;
		return 0;
	}
	s->stats.rtcp_received++;
	rtp_session_sized(s, compound.n);
	while (rtcp_next(&rest, &p, NULL) > 0) /* bounded by the datagram */
		switch (p.type) {
		case RTCP_SR:
		case RTCP_RR:
			out |= on_report(s, &p, from, now);
			break;
		case RTCP_SDES:
			out |= on_sdes(s, &p, from, now);
			break;
		case RTCP_BYE:
			out |= on_bye(s, &p, from, now.m);
			break;
		default: /* not an enum: an octet of the wire; 6.1: ignored */
			break;
		}
	return out;
}

/* -------------------------------------------------------------- statistics */

struct rtp_stats rtp_session_stats(const struct rtp_session *s)
{
	struct rtp_stats t = s->stats;

	t.ssrc = s->ssrc;
	for (unsigned i = 0; i < s->sources; i++)
		keep_counts(&t, &s->source[i]);
	if (s->played >= 0) {
		const struct rtp_source *src = &s->source[s->played];

		t.remote_ssrc = src->ssrc;
		t.jitter_us = (uint32_t)((uint64_t)rtp_seq_jitter(&src->seq) *
					 1000000 / src->rate);
	}
	return t;
}
