/* SPDX-License-Identifier: BSD-2-Clause */
#include "rtp/rtp_jitter.h"

#include "rtp/rtp_seq.h"

enum {
	FIRST_SLOTS = 8,
	OUTLIERS = 5,       /* of RTP_JITTER_WINDOW packets may be late: 2 % */
	REST = 64,          /* octets: slots grow in steps of this */
	MISORDER = 1000,    /* further back than this is another sequence */
	PAUSE_MS = 100,     /* so much without a packet is a pause */
	JUMP_MS = 2000,     /* no network delays by this much: another clock */
	HOLD_MS = 1000,     /* excess must last so long to be cut ... */
	HOLD_LARGE_MS = 200, /* ... when large (LARGE_MS) ... */
	HOLD_QUIET_MS = 60, /* ... while quiet, and shortage always */
	LARGE_MS = 100,
	SLOWER_MS = 200,    /* all beyond the greatest delay: a slower path */
	SLACK_MS = 10,
};

/* Slots are a ring over extended sequence numbers: number n stands at
 * n & (slots - 1).  Valid are those with next <= n <= high; what lies before
 * next keeps its number, so that a duplicate is told from a late packet. */
struct rtp_jitter_slot {
	uint8_t *p;       /* cap octets, kept for the next packet */
	uint16_t n, cap;
	uint32_t seq;     /* extended */
	uint32_t at;      /* inner timestamp: wire + shift, free of jumps */
	uint32_t ts;
	uint8_t pt;
	bool marker;
	bool full;        /* waits to be played, or skipped */
	bool skip;        /* not for playing */
	bool came;        /* seq arrived (and may be played already) */
};

static uint32_t ms(const struct rtp_jitter *j, uint32_t n)
{
	return (uint32_t)((uint64_t)j->cfg.rate * n / 1000);
}

/* now in timestamp units; only differences count. */
static uint32_t units(const struct rtp_jitter *j, mono now)
{
	uint64_t ns = now > j->epoch ? (uint64_t)(now - j->epoch) : 0;

	return (uint32_t)(ns / 1000000000u * j->cfg.rate +
			  ns % 1000000000u * j->cfg.rate / 1000000000u);
}

static struct rtp_jitter_slot *at(const struct rtp_jitter *j, uint32_t seq)
{
	return &j->slot[seq & (j->slots - 1)];
}

static int32_t gap(uint32_t a, uint32_t b) /* a - b */
{
	return (int32_t)(a - b);
}

static void jitter_drop(struct rtp_jitter *j, struct rtp_jitter_slot *s)
{
	if (!s->full)
		return;
	s->full = false;
	j->held--;
	if (!s->skip)
		j->stats.overflow++;
}

void rtp_jitter_init(struct rtp_jitter *j, struct mem *m,
		     const struct rtp_jitter_config *cfg, mono now)
{
	uint32_t slots = FIRST_SLOTS;

	*j = (struct rtp_jitter){ .mem = m, .cfg = *cfg, .epoch = now };
	if (!j->cfg.min_ms)
		j->cfg.min_ms = 20;
	if (!j->cfg.max_ms)
		j->cfg.max_ms = 500;
	if (j->cfg.max_ms < j->cfg.min_ms)
		j->cfg.max_ms = j->cfg.min_ms;
	if (!j->cfg.slots || j->cfg.slots > RTP_JITTER_SLOTS)
		j->cfg.slots = RTP_JITTER_SLOTS;
	while (slots < j->cfg.slots)
		slots *= 2;
	j->cfg.slots = (uint16_t)slots;
	j->frame = cfg->frame ? cfg->frame : ms(j, 20);
	rtp_jitter_reset(j);
	j->stats.resyncs = 0;
}

void rtp_jitter_fini(struct rtp_jitter *j)
{
	for (uint32_t i = 0; i < j->slots; i++)
		mem_free(j->mem, j->slot[i].p);
	mem_free(j->mem, j->slot);
	*j = (struct rtp_jitter){ 0 };
}

void rtp_jitter_reset(struct rtp_jitter *j)
{
	for (uint32_t i = 0; i < j->slots; i++) {
		jitter_drop(j, &j->slot[i]);
		j->slot[i].came = false;
	}
	j->held = j->stalled = j->shift = j->hole = 0;
	j->transits = j->transit_at = 0;
	j->target = ms(j, j->cfg.min_ms);
	j->over_since = j->under_since = j->slow_since = MONO_NEVER;
	j->started = j->playing = j->urgent = false;
	j->last = RTP_JITTER_WAIT;
	j->stats.resyncs++;
}

/* ------------------------------------------------------ delay estimate */

/* base is the least transit of the window; target what all but OUTLIERS of a
 * full window (and their share of a partial one) needed above it. */
static void estimate(struct rtp_jitter *j)
{
	int32_t top[OUTLIERS] = { 0 };
	unsigned keep = 1 + j->transits * (OUTLIERS - 1u) / RTP_JITTER_WINDOW;
	unsigned have = 0;
	uint32_t least = ms(j, j->cfg.min_ms), most = ms(j, j->cfg.max_ms);
	uint32_t need;

	j->base = j->transit[0];
	for (unsigned i = 0; i < j->transits; i++) {
		int32_t t = j->transit[i];
		unsigned k;

		if (t < j->base)
			j->base = t;
		if (have == keep && t <= top[keep - 1])
			continue;
		if (have < keep)
			have++;
		for (k = have - 1; k && top[k - 1] < t; k--)
			top[k] = top[k - 1];
		top[k] = t;
	}
	need = (uint32_t)top[keep - 1] - (uint32_t)j->base;
	j->target = need < least ? least : need > most ? most : need;
}

/* Above the fastest; they go round as timestamps do. */
static int32_t above(const struct rtp_jitter *j, int32_t transit)
{
	return gap((uint32_t)transit, (uint32_t)j->base);
}

static void learn(struct rtp_jitter *j, int32_t transit)
{
	bool lower = j->transits && above(j, transit) < 0;

	j->transit[j->transit_at] = transit;
	j->transit_at = (uint16_t)((j->transit_at + 1) % RTP_JITTER_WINDOW);
	if (j->transits < RTP_JITTER_WINDOW)
		j->transits++;
	/* the scan is long: every eighth packet, and when it must be */
	if (lower || j->transits < 16 || j->transit_at % 8 == 0 ||
	    above(j, transit) > (int32_t)j->target)
		estimate(j);
}

static void jitter_forget(struct rtp_jitter *j)
{
	j->transits = j->transit_at = 0;
	j->slow_since = MONO_NEVER;
	j->stats.resyncs++;
}

/* The path became faster or slower by more than is ever made up for: what was
 * learned of the one before is forgotten.  A burst after an outage is no such
 * thing: it does not last. */
static void moved(struct rtp_jitter *j, int32_t transit, mono arrival)
{
	int32_t most = (int32_t)ms(j, j->cfg.max_ms);

	if (j->transits && above(j, transit) < -most)
		jitter_forget(j);
	if (!j->transits || above(j, transit) <= most) {
		j->slow_since = MONO_NEVER;
		return;
	}
	if (j->slow_since == MONO_NEVER)
		j->slow_since = arrival;
	if (arrival - j->slow_since >= MS(SLOWER_MS))
		jitter_forget(j);
}

/* A clock that jumped (a sender that kept its timestamp over a hold, or began
 * anew): from here on the inner timestamps are shifted so that this packet
 * came as fast as the fastest. */
static void jitter_place(struct rtp_jitter *j, uint32_t ts, mono when)
{
	uint32_t arrival = units(j, when);
	int32_t transit = gap(arrival, ts + j->shift);
	int32_t jump = (int32_t)ms(j, JUMP_MS);

	if (!j->transits) {
		j->shift = arrival - ts; /* inner clock: transit 0 */
		transit = 0;
	} else if (above(j, transit) > jump || above(j, transit) < -jump) {
		j->shift = arrival - (uint32_t)j->base - ts;
		transit = j->base;
		j->stats.resyncs++;
	}
	moved(j, transit, when);
	learn(j, transit);
}

/* ---------------------------------------------------------------- slots */

static bool grow(struct rtp_jitter *j, uint32_t slots)
{
	struct rtp_jitter_slot *old = j->slot, *now;
	uint32_t n = j->slots;

	now = mem_array(j->mem, slots, sizeof(*now));
	if (!now)
		return false;
	j->slot = now;
	j->slots = slots;
	for (uint32_t i = 0; i < n; i++) {
		/* two old numbers never meet: they differ modulo less */
		if (old[i].came)
			*at(j, old[i].seq) = old[i];
		else
			mem_free(j->mem, old[i].p);
	}
	mem_free(j->mem, old);
	return true;
}

/* Gives number seq its place: the ring reaches from next to seq. */
static bool make_room(struct rtp_jitter *j, uint32_t seq)
{
	uint32_t want = j->slots ? j->slots : FIRST_SLOTS;
	uint32_t span = (gap(seq, j->high) > 0 ? seq : j->high) - j->next + 1;

	while (want < span && want < j->cfg.slots)
		want *= 2;
	if (want > j->slots && !grow(j, want) && !j->slots)
		return false;
	if (span <= j->slots)
		return true;
	/* what does not fit is the oldest */
	span -= j->slots;
	for (uint32_t i = 0; i < span && i < j->slots; i++)
		jitter_drop(j, at(j, j->next + i));
	j->next += span;
	return gap(seq, j->next) >= 0;
}

static bool jitter_fill(struct rtp_jitter *j, struct rtp_jitter_slot *s,
			struct slice payload)
{
	size_t cap = (payload.n + REST - 1) / REST * REST;
	uint8_t *p;

	if (payload.n > UINT16_MAX - REST)
		return false;
	if (cap > s->cap) {
		p = mem_resize(j->mem, s->p, cap);
		if (!p)
			return false;
		s->p = p;
		s->cap = (uint16_t)cap;
	}
	if (payload.n)
		memcpy(s->p, payload.p, payload.n);
	s->n = (uint16_t)payload.n;
	return true;
}

/* ------------------------------------------------------------------ put */

static void jitter_start(struct rtp_jitter *j, uint16_t seq)
{
	j->next = 0x10000u + seq;
	j->high = j->next - 1;
	j->started = true;
	j->playing = j->begun = false;
}

/* Extended number; a far one is the start of another sequence. */
static uint32_t extend(struct rtp_jitter *j, uint16_t seq)
{
	int32_t ahead;

	if (j->started) {
		ahead = gap(rtp_seq_extend(j->high, seq), j->high);
		if (ahead < -MISORDER || ahead > 3 * MISORDER)
			rtp_jitter_reset(j);
	}
	if (!j->started)
		jitter_start(j, seq);
	return rtp_seq_extend(j->high, seq);
}

/* Before the first packet is played, older ones may still take their place in
 * front of it. */
static void reach_back(struct rtp_jitter *j, uint32_t seq)
{
	if (!j->begun && gap(seq, j->next) < 0 &&
	    j->high - seq < j->cfg.slots)
		j->next = seq;
}

enum rtp_jitter_put rtp_jitter_put(struct rtp_jitter *j,
				   const struct rtp_packet *p, mono arrival)
{
	uint32_t seq = extend(j, p->seq);
	struct rtp_jitter_slot *s;

	reach_back(j, seq);
	s = j->slots && gap(j->high, seq) >= 0 && j->high - seq < j->slots ?
		    at(j, seq) : NULL;
	if (s && s->came && s->seq == seq) {
		j->stats.duplicate++;
		return RTP_JITTER_DUPLICATE;
	}
	jitter_place(j, p->ts, arrival);
	if (gap(seq, j->next) < 0 ||
	    (j->playing && gap(p->ts + j->shift, j->play) < 0 &&
	     gap(seq, j->high) < 0)) {
		j->stats.late++;
		j->urgent = true;
		return RTP_JITTER_LATE;
	}
	if (!make_room(j, seq) || !jitter_fill(j, s = at(j, seq), p->payload)) {
		j->stats.overflow++;
		return RTP_JITTER_NO_ROOM;
	}
	s->seq = seq;
	s->at = p->ts + j->shift;
	s->ts = p->ts;
	s->pt = p->pt;
	s->marker = p->marker;
	s->full = s->came = true;
	s->skip = false;
	j->held++;
	if (gap(seq, j->high) > 0)
		j->high = seq;
	return RTP_JITTER_STORED;
}

void rtp_jitter_skip(struct rtp_jitter *j, uint16_t number)
{
	uint32_t seq = extend(j, number);
	struct rtp_jitter_slot *s;

	if (gap(seq, j->next) < 0 || !make_room(j, seq))
		return;
	s = at(j, seq);
	if (s->came && s->seq == seq)
		return;
	s->seq = seq;
	s->full = s->came = s->skip = true;
	j->held++;
	if (gap(seq, j->high) > 0)
		j->high = seq;
}

/* ------------------------------------------------------------------ get */

/* The oldest packet held; *lost: numbers missing in front of it. */
static struct rtp_jitter_slot *oldest(struct rtp_jitter *j, uint32_t *lost)
{
	struct rtp_jitter_slot *s;
	uint32_t n = j->next;

	*lost = 0;
	for (; j->held && gap(j->high, n) >= 0; n++) {
		s = at(j, n);
		if (!s->full || s->seq != n) {
			++*lost;
			continue;
		}
		if (!s->skip)
			return s;
		if (!*lost) { /* nothing missing in front: done with it */
			s->full = false;
			j->held--;
			j->next = n + 1;
		}
	}
	return NULL;
}

static uint32_t delay(const struct rtp_jitter *j, uint32_t now, uint32_t play)
{
	int32_t d = gap(now, play + (uint32_t)j->base);

	return d < 0 ? 0 : (uint32_t)d;
}

static enum rtp_jitter_verdict jitter_play(struct rtp_jitter *j,
					   struct rtp_jitter_slot *s,
					   uint32_t now,
					   struct rtp_jitter_frame *f)
{
	*f = (struct rtp_jitter_frame){ .payload = slice_of(s->p, s->n),
					.ts = s->ts,
					.seq = (uint16_t)s->seq,
					.pt = s->pt,
					.marker = s->marker };
	while (j->next != s->seq) { /* missing, or skipped: all behind us */
		if (at(j, j->next)->seq == j->next && at(j, j->next)->full) {
			at(j, j->next)->full = false;
			j->held--;
		}
		j->next++;
	}
	j->next++;
	s->full = false;
	j->held--;
	j->play = s->at;
	j->playing = j->begun = true;
	j->stalled = 0;
	j->stats.played++;
	j->stats.delay_ms = (uint32_t)((uint64_t)delay(j, now, s->at) * 1000 /
				       j->cfg.rate);
	return j->last = RTP_JITTER_PLAY;
}

/* Nothing is being played: the packet waits for its time. */
static enum rtp_jitter_verdict fill_up(struct rtp_jitter *j,
				       struct rtp_jitter_slot *s, uint32_t now,
				       struct rtp_jitter_frame *f)
{
	if (!s || gap(now, s->at + (uint32_t)j->base + j->target) < 0)
		return j->last = RTP_JITTER_WAIT;
	j->over_since = j->under_since = MONO_NEVER;
	j->urgent = false;
	return jitter_play(j, s, now, f);
}

static bool lasted(mono *since, bool so, mono now, uint32_t hold)
{
	if (!so) {
		*since = MONO_NEVER;
		return false;
	}
	if (*since == MONO_NEVER)
		*since = now;
	return now - *since >= MS(hold);
}

/* The packet's time has come; does the delay suit? */
static enum rtp_jitter_verdict jitter_adjust(struct rtp_jitter *j,
					     struct rtp_jitter_slot *s,
					     mono now, bool quiet,
					     struct rtp_jitter_frame *f)
{
	uint32_t u = units(j, now), d = delay(j, u, s->at);
	uint32_t limit = j->target + j->frame + ms(j, SLACK_MS);
	uint32_t hold = quiet			      ? HOLD_QUIET_MS :
			d > limit + ms(j, LARGE_MS) ? HOLD_LARGE_MS :
						      HOLD_MS;
	bool over = lasted(&j->over_since, d > limit, now, hold);
	bool under = lasted(&j->under_since, d + j->frame / 2 < j->target, now,
			    j->urgent ? 0 : HOLD_QUIET_MS);

	/* with nothing behind it the network has the excess, not we */
	if ((over || d > ms(j, j->cfg.max_ms) + j->frame) && j->held > 1) {
		jitter_play(j, s, u, f);
		j->over_since = MONO_NEVER;
		j->stats.shrunk++;
		return j->last = RTP_JITTER_SHRINK;
	}
	if (under && j->last != RTP_JITTER_STRETCH) {
		j->under_since = MONO_NEVER;
		j->urgent = false;
		f->samples = j->frame;
		return j->last = RTP_JITTER_STRETCH;
	}
	return jitter_play(j, s, u, f);
}

/* The packet in front of s is missing, and what is left of the hole is its
 * last frame: in-band FEC of s tells of it. */
static bool recovers(const struct rtp_jitter *j,
		     const struct rtp_jitter_slot *s)
{
	const struct rtp_jitter_slot *before = at(j, s->seq - 1);

	return j->hole <= j->frame &&
	       !(before->came && before->seq == s->seq - 1);
}

/* Nothing to play: the timeline stands. */
static enum rtp_jitter_verdict empty(struct rtp_jitter *j)
{
	if (j->stalled >= ms(j, PAUSE_MS)) { /* a pause, or an outage */
		j->playing = false;
		j->stalled = 0;
		return j->last = RTP_JITTER_WAIT;
	}
	j->hole = 0;
	return j->last = RTP_JITTER_CONCEAL;
}

enum rtp_jitter_verdict rtp_jitter_get(struct rtp_jitter *j, mono now,
				       bool quiet, struct rtp_jitter_frame *f)
{
	uint32_t lost, used;
	struct rtp_jitter_slot *s = oldest(j, &lost);
	int32_t ahead;

	*f = (struct rtp_jitter_frame){ 0 };
	if (!j->playing)
		return fill_up(j, s, units(j, now), f);
	if (!s)
		return empty(j);
	ahead = gap(s->at, j->play);
	if (ahead > 0 && (!lost || ahead > (int32_t)ms(j, JUMP_MS))) {
		/* no packet is missing: the sender paused */
		j->playing = false;
		j->stalled = 0;
		return fill_up(j, s, units(j, now), f);
	}
	if (ahead > 0 && j->stalled) {
		/* what was made up meanwhile stands for what is missing */
		used = j->stalled < (uint32_t)ahead ? j->stalled :
						      (uint32_t)ahead;
		j->play += used;
		ahead -= (int32_t)used;
	}
	j->stalled = 0;
	if (ahead <= 0)
		return jitter_adjust(j, s, now, quiet, f);
	j->hole = (uint32_t)ahead;
	*f = (struct rtp_jitter_frame){ .payload = slice_of(s->p, s->n),
					.ts = s->ts,
					.samples = (uint32_t)ahead,
					.seq = (uint16_t)s->seq,
					.pt = s->pt,
					.marker = s->marker,
					.adjacent = recovers(j, s) };
	return j->last = RTP_JITTER_CONCEAL;
}

void rtp_jitter_advance(struct rtp_jitter *j, uint32_t samples)
{
	switch (j->last) {
	case RTP_JITTER_WAIT:
		break;
	case RTP_JITTER_PLAY:
	case RTP_JITTER_SHRINK:
		j->play += samples;
		if (samples)
			j->frame = samples;
		break;
	case RTP_JITTER_CONCEAL:
		j->stats.concealed += samples;
		if (j->hole)
			j->play += samples < j->hole ? samples : j->hole;
		else
			j->stalled += samples;
		break;
	case RTP_JITTER_STRETCH:
		j->stats.concealed += samples;
		break;
	}
}

struct rtp_jitter_stats rtp_jitter_stats(const struct rtp_jitter *j)
{
	struct rtp_jitter_stats s = j->stats;

	s.target_ms = (uint32_t)((uint64_t)j->target * 1000 / j->cfg.rate);
	return s;
}
