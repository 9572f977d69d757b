/* SPDX-License-Identifier: BSD-2-Clause
 * Audio in SDP: which codecs with which numbers and parameters.  RFC 3264 5.1
 * and 6.1, RFC 3551 6, RFC 4733 7.1, RFC 7587 7. */
#include "client/stream.h"

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
	struct sdp_format before[LIMIT_SDP_FORMATS]; /* of our last section */
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

static int add(struct numbering *s, struct slice name, uint32_t rate,
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
	struct writer w = writer_begin(room->text + room->text_n,
				       sizeof(room->text) - room->text_n);
	struct codec_params ours = { .fec = true };

	if (c->params_write)
		c->params_write(&ours, &w);
	if (writer_end(&w) < 0)
		return -ENOSPC;
	room->text_n += w.n;
	return add(s, slice_str(c->name), c->clock_rate, c->channels,
		   c->payload_type, writer_done(&w));
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
	return add(s, S("telephone-event"), rate, 1, CODEC_DYNAMIC, S("0-16"));
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

static int describe(const struct settings *account,
		    const struct sdp_media *previous, struct stream_room *room,
		    struct sdp_stream *out)
{
	struct numbering s = {
		.f = room->format + room->formats,
		.room = STREAM_ROOM_FORMATS - room->formats,
	};
	int rc;

	if (previous)
		s.befores = sdp_formats(previous, s.before, COUNT(s.before));
	rc = add_codecs(&s, settings_text(account, SET_CODECS), room);
	if (rc == 0 && s.n == 0)
		rc = -ENOENT;
	if (rc == 0 && !slice_eq(settings_text(account, SET_DTMF), "inband"))
		rc = add_events(&s);
	if (rc)
		return rc;
	room->formats += s.n;
	*out = (struct sdp_stream){
		.type = S("audio"),
		.proto = previous && fits(previous) ? previous->proto :
						      S("RTP/AVP"),
		.formats = s.f, .format_count = s.n,
		.ptime = (uint32_t)settings_int(account, SET_PTIME),
		.dir = SDP_SENDRECV,
	};
	return 0;
}

/* ------------------------------------------------------- their answer */
static void agree_event(const struct sdp_stream *ours,
			const struct sdp_pair *p, struct stream_agreed *out)
{
	const struct sdp_format *l = &ours->formats[p->local];

	if (!slice_ieq(l->name, "telephone-event") ||
	    out->events == STREAM_EVENTS)
		return;
	out->event[out->events].rate = l->rate;
	out->event[out->events].send_pt = p->send_pt;
	out->event[out->events].recv_pt = p->recv_pt;
	out->events++;
}

/* Puts our half of a pair there; false: no codec of ours, or too many. */
static bool put_pair(struct stream_agreed *out, const struct sdp_format *l,
		     uint8_t send_pt, uint8_t recv_pt, struct slice fmtp)
{
	const struct codec *c = codec_find(l->name, l->rate, l->channels);

	if (!c || out->pairs == STREAM_PAIRS)
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

static void expect(const struct sdp_stream *ours, struct stream_agreed *out)
{
	*out = (struct stream_agreed){ .offered = true, .dir = ours->dir };
	for (size_t i = 0; i < ours->format_count; i++) {
		const struct sdp_format *f = &ours->formats[i];
		const struct sdp_pair p = { .local = (uint8_t)i,
					    .send_pt = f->pt,
					    .recv_pt = f->pt };

		if (!put_pair(out, f, f->pt, f->pt, (struct slice){ 0 }))
			agree_event(ours, &p, out);
	}
}

static int agree(const struct sdp_stream *ours, const struct sdp_negotiated *n,
		 struct stream_agreed *out)
{
	*out = (struct stream_agreed){
		.dir = n->dir, .may_send = n->may_send, .held = n->held,
		.rtp = n->rtp, .rtcp = n->rtcp,
		.ptime = n->ptime, .maxptime = n->maxptime,
	};
	for (size_t i = 0; i < n->pair_count; i++) {
		const struct sdp_pair *p = &n->pair[i];

		(void)put_pair(out, &ours->formats[p->local], p->send_pt,
			       p->recv_pt, n->remote[p->remote].fmtp);
	}
	if (n->event != SDP_NO_PT)
		agree_event(ours, &n->pair[n->event], out);
	for (size_t i = 0; i < n->pair_count; i++)
		if (i != n->event)
			agree_event(ours, &n->pair[i], out);
	return out->pairs ? 0 : -ENOTSUP;
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
	.expect = expect,
	.agree = agree,
};
