/* SPDX-License-Identifier: BSD-2-Clause
 * Audio in SDP: which codecs with which numbers and parameters.  RFC 3264 5.1
 * and 6.1, RFC 3551 6, RFC 4733 7.1, RFC 7587 7. */
#include "client/stream_audio.h"

#include "media/codec/codec.h"

enum { FIRST_DYNAMIC = 96, LAST_DYNAMIC = 127 };

static bool fits(const struct sdp_media *m)
{
	return slice_eq(m->type, "audio") &&
	       (slice_ieq(m->proto, "RTP/AVP") ||
		slice_ieq(m->proto, "RTP/AVPF"));
}

/* --------------------------------------------------------- our formats */
static bool used(const struct sdp_format *f, size_t n, uint8_t pt)
{
	for (size_t i = 0; i < n; i++)
		if (f[i].pt == pt)
			return true;
	return false;
}

static bool same_format(const struct sdp_format *a, struct slice name,
			uint32_t rate, unsigned channels)
{
	return slice_isame(a->name, name) && a->rate == rate &&
	       a->channels == channels;
}

struct numbering {
	const struct sdp_format *before; /* of our last section */
	size_t befores;
	struct sdp_format *f; /* of the section being written */
	size_t n, room;
};

/* The number that it had, else a static one, else a free one. */
static int number(const struct numbering *s, struct slice name, uint32_t rate,
		  uint8_t channels, uint8_t fixed)
{
	for (size_t i = 0; i < s->befores; i++)
		if (same_format(&s->before[i], name, rate, channels))
			return s->before[i].pt;
	if (fixed != CODEC_DYNAMIC)
		return fixed;
	for (uint8_t pt = FIRST_DYNAMIC; pt <= LAST_DYNAMIC; pt++)
		if (!used(s->f, s->n, pt) && !used(s->before, s->befores, pt))
			return pt;
	return -ENOSPC;
}

static int audio_add(struct numbering *s, struct slice name, uint32_t rate,
		     uint8_t channels, uint8_t fixed, struct slice fmtp)
{
	int pt = number(s, name, rate, channels, fixed);

	if (pt < 0 || s->n == s->room)
		return -ENOSPC;
	s->f[s->n++] = (struct sdp_format){
		.name = name, .rate = rate, .channels = channels,
		.pt = (uint8_t)pt, .fmtp = fmtp,
	};
	return 0;
}

static int add_codec(struct numbering *s, const struct codec *c,
		     struct stream_room *room)
{
	struct writer w = stream_room_text(room);
	struct codec_params ours = { .fec = true };
	struct slice fmtp;

	if (c->params_write)
		c->params_write(&ours, &w);
	if (stream_room_keep(room, &w, &fmtp))
		return -ENOSPC;
	return audio_add(s, slice_str(c->name), c->clock_rate, c->channels,
			 c->payload_type, fmtp);
}

static bool has(const struct numbering *s, const struct codec *c)
{
	for (size_t i = 0; i < s->n; i++)
		if (same_format(&s->f[i], slice_str(c->name), c->clock_rate,
				c->channels))
			return true;
	return false;
}

/* The codecs of "rtp.codecs" in its order; all of them when it is empty. */
static int add_codecs(struct numbering *s, struct slice list,
		      struct stream_room *room)
{
	struct slice word;
	int rc = 0;

	if (!list.n) {
		for (size_t i = 0; feature_codec[i] && rc == 0; i++)
			rc = add_codec(s, feature_codec[i], room);
		return rc;
	}
	while (list.n && rc == 0) {
		const struct codec *c;

		(void)slice_cut(list, ',', &word, &list);
		c = codec_named(slice_trim(word));
		if (c && !has(s, c))
			rc = add_codec(s, c, room);
	}
	return rc;
}

static int add_event(struct numbering *s, size_t codecs, uint32_t rate)
{
	for (size_t i = codecs; i < s->n; i++)
		if (s->f[i].rate == rate)
			return 0;
	return audio_add(s, S("telephone-event"), rate, 1, CODEC_DYNAMIC,
			 S("0-16"));
}

/* telephone-event at each clock rate that a codec here has (RFC 4733 2.1: the
 * event's timestamps are the stream's), and at 8000, the default of 2.4: many
 * know no other, whichever codec they speak. */
static int add_events(struct numbering *s)
{
	size_t codecs = s->n;
	int rc = 0;

	for (size_t i = 0; i < codecs && rc == 0; i++)
		rc = add_event(s, codecs, s->f[i].rate);
	return rc ? rc : add_event(s, codecs, 8000);
}

/* RTP/AVP or RTP/AVPF is the offerer's choice. */
static struct slice proto(const struct stream_ask *ask)
{
	if (ask->theirs && fits(ask->theirs))
		return ask->theirs->proto;
	if (ask->previous && fits(ask->previous))
		return ask->previous->proto;
	return S("RTP/AVP");
}

static int describe(const struct stream_ask *ask, struct stream_room *room,
		    struct sdp_stream *out)
{
	const struct settings *account = ask->account;
	struct numbering s = {
		.before = room->before,
		.f = room->format + room->formats,
		.room = STREAM_ROOM_FORMATS - room->formats,
	};
	int rc;

	if (ask->previous)
		s.befores = sdp_formats(ask->previous, room->before,
					COUNT(room->before));
	rc = add_codecs(&s, settings_text(account, SET_CODECS), room);
	if (rc == 0 && s.n == 0)
		rc = -ENOENT;
	if (rc == 0 && !slice_eq(settings_text(account, SET_DTMF), "inband"))
		rc = add_events(&s);
	if (rc)
		return rc;
	room->formats += s.n;
	out->type = S("audio");
	out->proto = proto(ask);
	out->formats = s.f;
	out->format_count = s.n;
	out->ptime = (uint32_t)settings_int(account, SET_PTIME);
	return 0;
}

/* ------------------------------------------------------- their answer */
static void put_event(struct audio_agreed *out, const struct sdp_format *l,
		      uint8_t send_pt, uint8_t recv_pt)
{
	if (!slice_ieq(l->name, "telephone-event") ||
	    out->events == AUDIO_EVENTS)
		return;
	out->event[out->events].rate = l->rate;
	out->event[out->events].send_pt = send_pt;
	out->event[out->events].recv_pt = recv_pt;
	out->events++;
}

/* Puts our half of a pair there; false: no codec of ours, or too many. */
static bool put_pair(struct audio_agreed *out, const struct sdp_format *l,
		     uint8_t send_pt, uint8_t recv_pt, struct slice fmtp)
{
	const struct codec *c = codec_find(l->name, l->rate, l->channels);

	if (!c || out->pairs == AUDIO_PAIRS)
		return false;
	out->pair[out->pairs].name = slice_str(c->name);
	out->pair[out->pairs].fmtp = fmtp;
	out->pair[out->pairs].rate = c->clock_rate;
	out->pair[out->pairs].channels = c->channels;
	out->pair[out->pairs].send_pt = send_pt;
	out->pair[out->pairs].recv_pt = recv_pt;
	out->pairs++;
	return true;
}

/* With the texts in the same block: the descriptions may be gone before media
 * starts. */
static int give(struct mem *m, const struct audio_agreed *a,
		struct stream_agreed **out)
{
	struct audio_agreed *c;
	size_t n = sizeof(*c);
	char *text;

	for (size_t i = 0; i < a->pairs; i++)
		n += a->pair[i].fmtp.n;
	c = mem_new(m, n);
	if (!c)
		return -ENOMEM;
	*c = *a;
	text = (char *)(c + 1);
	for (size_t i = 0; i < c->pairs; i++) {
		struct slice *f = &c->pair[i].fmtp;

		if (f->n)
			memcpy(text, f->p, f->n);
		f->p = text;
		text += f->n;
	}
	*out = &c->head;
	return 0;
}

static int audio_expect(const struct sdp_stream *ours, struct mem *m,
			struct stream_agreed **out)
{
	struct audio_agreed a = { .pairs = 0 };

	for (size_t i = 0; i < ours->format_count; i++) {
		const struct sdp_format *f = &ours->formats[i];

		if (!put_pair(&a, f, f->pt, f->pt, (struct slice){ 0 }))
			put_event(&a, f, f->pt, f->pt);
	}
	return give(m, &a, out);
}

static void take_pairs(const struct sdp_stream *ours,
		       const struct sdp_common *c, struct audio_agreed *out)
{
	const struct sdp_pair *p = c->pair;

	*out = (struct audio_agreed){
		.ptime = c->ptime, .maxptime = c->maxptime,
	};
	for (size_t i = 0; i < c->pair_count; i++)
		(void)put_pair(out, &ours->formats[p[i].local], p[i].send_pt,
			       p[i].recv_pt, c->remote[p[i].remote].fmtp);
	if (c->event != SDP_NO_PT)
		put_event(out, &ours->formats[p[c->event].local],
			  p[c->event].send_pt, p[c->event].recv_pt);
	for (size_t i = 0; i < c->pair_count; i++)
		if (i != c->event)
			put_event(out, &ours->formats[p[i].local],
				  p[i].send_pt, p[i].recv_pt);
}

static int agree(struct stream_line *l, struct stream_room *room,
		 struct sdp_stream *answer, struct mem *m,
		 struct stream_agreed **out)
{
	struct sdp_common *c = &room->common;
	struct audio_agreed a = { .pairs = 0 };
	struct sdp_format *f;

	if (sdp_find_common(l->role, l->ours, l->theirs, false, c))
		take_pairs(l->ours, c, &a);
	if (!a.pairs) {
		l->met.warning = 305;
		l->met.reason = "no codec in common";
		return -ENOTSUP;
	}
	if (l->role == SDP_ANSWERER) {
		f = stream_room_formats(room, c->pair_count);
		if (!f)
			return -ENOSPC;
		sdp_answer_formats(l->ours, c, f, answer);
	}
	return out ? give(m, &a, out) : 0;
}

static int check(enum setting key, struct slice value, const char **why)
{
	struct slice word;

	while (key == SET_CODECS && value.n) {
		(void)slice_cut(value, ',', &word, &value);
		if (codec_named(slice_trim(word)))
			continue;
		*why = "no such codec here";
		return -EINVAL;
	}
	return 0;
}

extern const struct stream_kind stream_audio;
const struct stream_kind stream_audio = {
	.name = "audio",
	.media = PARLEY_AUDIO,
	.check = check,
	.fits = fits,
	.describe = describe,
	.expect = audio_expect,
	.agree = agree,
};
