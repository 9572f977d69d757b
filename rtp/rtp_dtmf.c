/* SPDX-License-Identifier: BSD-2-Clause */
#include "rtp/rtp_dtmf.h"

enum {
	ENDS = 3,         /* 2.5.1.4: the final report goes out three times */
	LONGEST = 0xFFFF, /* 2.5.1.3: what one segment can say */
	FAR = 0x80000     /* units, 10 s at 48 kHz: no network delays by more,
			   * nor by a segment of the slowest events there */
};

/* 2.5.2.2 bounds the silence after which a tone has ended by three packet
 * times; updates come at least every 50 ms, and jitter adds to that. */
static const mono PATIENCE = MS(200);

void rtp_dtmf_tx_init(struct rtp_dtmf_tx *t, uint32_t pause, uint8_t volume)
{
	*t = (struct rtp_dtmf_tx){ .pause = pause, .volume = volume };
}

int rtp_dtmf_tx_add(struct rtp_dtmf_tx *t, uint8_t code, uint32_t duration)
{
	unsigned at = (t->head + t->count) % RTP_DTMF_QUEUE;

	if (!duration || duration > INT32_MAX)
		return -EINVAL;
	if (t->count == RTP_DTMF_QUEUE)
		return -ENOSPC;
	t->queue[at].code = code;
	t->queue[at].duration = duration;
	t->count++;
	return 0;
}

static void dtmf_report(struct rtp_dtmf_tx *t, uint32_t duration, bool end,
			struct rtp_dtmf_packet *p)
{
	struct rtp_event v = { .code = t->queue[t->head].code,
			       .end = end,
			       .volume = t->volume,
			       .duration = (uint16_t)duration };

	p->ts = t->segment;
	p->marker = t->fresh; /* 2.5.1.2: the first of an event alone */
	rtp_event_write(p->payload, &v);
	t->fresh = false;
	t->last = v.duration;
}

static void dtmf_begin(struct rtp_dtmf_tx *t, uint32_t now)
{
	t->state = RTP_DTMF_TX_TONE;
	t->segment = now;
	t->until = now + t->queue[t->head].duration;
	t->fresh = true;
}

/* The report covers the tone up to the end of this packet time. */
static unsigned tone(struct rtp_dtmf_tx *t, uint32_t end,
		     struct rtp_dtmf_packet *p)
{
	bool over = (int32_t)(end - t->until) >= 0;
	uint32_t duration = (over ? t->until : end) - t->segment;

	if (duration > LONGEST) { /* 2.5.1.3: full, no E; the next goes on */
		dtmf_report(t, LONGEST, false, p);
		t->segment += LONGEST;
		return RTP_DTMF_SEND | RTP_DTMF_BUSY;
	}
	dtmf_report(t, duration, over, p);
	if (over) {
		t->state = RTP_DTMF_TX_REPEAT;
		t->ends = 1;
	}
	return RTP_DTMF_SEND | RTP_DTMF_BUSY;
}

static void dtmf_next(struct rtp_dtmf_tx *t, uint32_t now)
{
	t->head = (uint8_t)((t->head + 1) % RTP_DTMF_QUEUE);
	t->count--;
	t->state = RTP_DTMF_TX_PAUSE;
	/* the pause began with the end of the tone; the repeated ends have
	 * taken a part of it */
	t->until += t->pause;
	if ((int32_t)(t->until - now) <= 0)
		t->state = RTP_DTMF_TX_IDLE;
}

unsigned rtp_dtmf_tx_on_tick(struct rtp_dtmf_tx *t, uint32_t now,
			     uint32_t samples, struct rtp_dtmf_packet *p)
{
	if (t->state == RTP_DTMF_TX_REPEAT && t->ends == ENDS)
		dtmf_next(t, now);
	if (t->state == RTP_DTMF_TX_PAUSE && (int32_t)(t->until - now) <= 0)
		t->state = RTP_DTMF_TX_IDLE;
	if (t->state == RTP_DTMF_TX_IDLE && t->count)
		dtmf_begin(t, now);
	switch (t->state) {
	case RTP_DTMF_TX_IDLE:
	case RTP_DTMF_TX_PAUSE: /* the audio plays */
		return 0;
	case RTP_DTMF_TX_TONE:
		return tone(t, now + samples, p);
	case RTP_DTMF_TX_REPEAT:
		t->ends++;
		dtmf_report(t, t->last, true, p);
		return RTP_DTMF_SEND | RTP_DTMF_BUSY;
	}
	return 0;
}

bool rtp_dtmf_tx_idle(const struct rtp_dtmf_tx *t)
{
	return !t->count;
}

void rtp_dtmf_rx_full(struct rtp_dtmf_rx *r, uint32_t duration, uint32_t ts)
{
	r->full = duration;
	r->full_ts = ts;
}

static void dtmf_fill(const struct rtp_dtmf_rx *r, struct rtp_dtmf_digit *d)
{
	*d = (struct rtp_dtmf_digit){ r->code, r->volume,
				      r->before + r->length };
}

static void dtmf_finish(struct rtp_dtmf_rx *r, struct rtp_dtmf_digit *d)
{
	dtmf_fill(r, d);
	r->active = false;
	r->known = true;
	r->newest = r->ts + r->length;
}

/* From before, or did the sender's clock jump back? */
static bool is_older(uint32_t ts, uint32_t than)
{
	return than - ts - 1 < FAR;
}

static uint32_t full(const struct rtp_dtmf_rx *r)
{
	return r->full ? r->full : LONGEST;
}

/* 2.5.2.3: this one begins where the segment under way ends when it is full,
 * which one report alone has said, if it came.  Where there are two clocks that
 * is rounded, and some senders know of one clock only. */
static bool goes_on(const struct rtp_dtmf_rx *r, const struct rtp_event *v,
		    uint32_t ts, bool marker)
{
	uint32_t after = ts - r->ts;

	if (marker || v->code != r->code)
		return false;
	return after == LONGEST ||
	       (r->full_ts && r->full_ts != LONGEST &&
		after + 1 - r->full_ts <= 2);
}

/* A phone that moves the timestamp with each packet of one event, its
 * duration counting from the first: against 2.2.1, and in the field. */
static bool drifts(const struct rtp_dtmf_rx *r, const struct rtp_event *v,
		   uint32_t ts, bool marker)
{
	return !marker && v->code == r->code && v->duration >= r->length &&
	       ts - r->ts <= v->duration;
}

unsigned rtp_dtmf_rx_on_event(struct rtp_dtmf_rx *r, const struct rtp_event *v,
			      uint32_t ts, bool marker, mono now,
			      struct rtp_dtmf_digit *before,
			      struct rtp_dtmf_digit *digit)
{
	unsigned out = 0;

	if (!v->duration && !v->end)
		return 0; /* 2.3.5: no state events here */
	if (r->active && ts != r->ts && !is_older(ts, r->ts)) {
		if (goes_on(r, v, ts, marker)) {
			r->before += full(r);
			r->ts = ts;
			r->length = 0;
		} else if (!drifts(r, v, ts, marker)) {
			dtmf_finish(r, before);
			out |= RTP_DTMF_END_BEFORE;
		} else {
			ts = r->ts;
		}
	}
	if (!r->active) {
		/* 2.5.2.2: what was reported is not begun again */
		if (r->known && is_older(ts, r->newest))
			return out;
		r->active = true;
		r->code = v->code;
		r->volume = v->volume;
		r->ts = ts;
		r->before = r->length = 0;
		out |= RTP_DTMF_BEGIN;
	} else if (ts != r->ts || v->code != r->code) {
		return out; /* a late report of an older event or segment */
	}
	if (v->duration > r->length)
		r->length = v->duration;
	r->timeout = mono_add(now, PATIENCE);
	dtmf_fill(r, digit);
	if (v->end) {
		dtmf_finish(r, digit);
		out |= RTP_DTMF_END;
	}
	return out;
}

unsigned rtp_dtmf_rx_on_time(struct rtp_dtmf_rx *r, mono now,
			     struct rtp_dtmf_digit *digit)
{
	if (!r->active || now < r->timeout)
		return 0;
	dtmf_finish(r, digit);
	return RTP_DTMF_END;
}

mono rtp_dtmf_rx_deadline(const struct rtp_dtmf_rx *r)
{
	return r->active ? r->timeout : MONO_NEVER;
}
