/* SPDX-License-Identifier: BSD-2-Clause
 * Any offer that parses gets an answer that is strictly valid, has a line for
 * each of its lines, and means the same to its reader. */
#include "fuzz/fuzz.h"
#include "sdp/sdp_offer.h"

static const struct sdp_format audio[] = {
	{ .pt = 111, .name = SLICE("opus"), .rate = 48000, .channels = 2,
	  .fmtp = SLICE("useinbandfec=1") },
	{ .pt = 0, .name = SLICE("PCMU"), .rate = 8000, .channels = 1 },
	{ .pt = 8, .name = SLICE("PCMA"), .rate = 8000, .channels = 1 },
	{ .pt = 97, .name = SLICE("H264"), .rate = 90000, .channels = 1 },
	{ .pt = 101, .name = SLICE("telephone-event"), .rate = 8000,
	  .channels = 1, .fmtp = SLICE("0-15") },
};

/* Takes whatever is on the line, as far as the formats go. */
static struct sdp_stream willing(const struct sdp_media *m)
{
	bool rtp = sdp_proto_is_rtp(m->proto);

	return (struct sdp_stream){
		.type = m->type, .proto = m->proto, .port = 5004,
		.formats = rtp ? audio : NULL,
		.format_count = rtp ? COUNT(audio) : 0,
		.dir = SDP_SENDRECV,
	};
}

static void check_pairs(const struct sdp_common *n)
{
	INVARIANT(!n->pair_count || n->codec < n->pair_count);
	INVARIANT(n->event == SDP_NO_PT || n->event < n->pair_count);
	for (size_t i = 0; i < n->pair_count; i++)
		INVARIANT(n->pair[i].local < COUNT(audio) &&
			  n->pair[i].remote < n->remote_count &&
			  n->pair[i].send_pt < 128 && n->pair[i].recv_pt < 128);
}

/* A line of both sides: what it meets, and for RTP what is in common. */
static bool negotiate(enum sdp_role role, const struct sdp_stream *ours,
		      const struct sdp *d, const struct sdp_media *m,
		      bool prefer_local, struct sdp_meeting *met,
		      struct sdp_common *c)
{
	*c = (struct sdp_common){ .event = SDP_NO_PT };
	sdp_meet(ours, d, m, met);
	INVARIANT(met->accepted || met->reason);
	if (met->accepted && sdp_proto_is_rtp(m->proto))
		met->accepted = sdp_find_common(role, ours, m, prefer_local, c);
	check_pairs(c);
	return met->accepted;
}

/* The offerer's view of our answer, as if it had offered what we can do. */
static void read_back(const struct sdp *offer, const struct sdp *answer,
		      const struct sdp_stream *sent)
{
	struct sdp_meeting met;
	struct sdp_common c;

	INVARIANT(answer->media_count == offer->media_count);
	for (size_t i = 0; i < answer->media_count; i++) {
		const struct sdp_media *m = &answer->media[i];
		struct sdp_stream theirs = willing(&offer->media[i]);

		INVARIANT(slice_same(m->type, offer->media[i].type) &&
			  slice_same(m->proto, offer->media[i].proto));
		INVARIANT(offer->media[i].port || !m->port);
		INVARIANT(negotiate(SDP_OFFERER, &theirs, answer, m, false,
				    &met, &c) == (sent[i].port != 0));
	}
	INVARIANT(sdp_follows(offer, answer));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct sdp_format f[LIMIT_SDP_MEDIA][LIMIT_SDP_FORMATS];
	static char text[4 * LIMIT_SDP_BYTES];
	struct sdp_stream s[LIMIT_SDP_MEDIA], ours;
	struct sdp_local l = { .id = 1, .addr = { .family = 4,
						  .ip = { 192, 0, 2, 1 } } };
	struct writer w = writer_begin(text, sizeof(text));
	struct sdp offer, answer;
	struct sdp_meeting met;
	struct sdp_common c;

	if (sdp_parse(slice_of(data, size), SDP_WILD, &offer, NULL))
		return 0;
	for (size_t i = 0; i < offer.media_count; i++) {
		ours = willing(&offer.media[i]);
		(void)negotiate(SDP_ANSWERER, &ours, &offer, &offer.media[i],
				size & 1, &met, &c);
		sdp_answer_stream(&ours, &offer.media[i], &met, f[i], &s[i]);
		if (met.accepted && c.pair_count)
			sdp_answer_formats(&ours, &c, f[i], &s[i]);
	}
	l.time = offer.time;
	l.streams = s;
	l.stream_count = offer.media_count;
	sdp_local_write(&w, &l);
	INVARIANT(!w.full);
	if (w.n > LIMIT_SDP_BYTES)
		return 0; /* types and protocols of kilobytes */
	INVARIANT(sdp_parse(writer_done(&w), 0, &answer, NULL) == 0);
	read_back(&offer, &answer, s);
	return 0;
}
