/* SPDX-License-Identifier: BSD-2-Clause
 * Audio in SDP: formats by settings, what is agreed on. */
#include "tests/unit/suites.h"

#include <stdio.h>
#include <stdlib.h>

#include "client/stream_audio.h"

struct bench { /* an account's settings and room to describe in */
	struct mem mem;
	struct settings set;
	struct stream_room room;
	struct sdp_stream out;
	const struct stream_kind *kind;
};

static struct bench *begin(void)
{
	struct bench *b = calloc(1, sizeof(*b));

	mem_init(&b->mem, 0);
	settings_init(&b->set, &b->mem, true);
	b->kind = stream_kind_find(PARLEY_AUDIO);
	ck_assert_ptr_nonnull(b->kind);
	return b;
}

static void done(struct bench *b)
{
	settings_fini(&b->set);
	ck_assert_uint_eq(b->mem.blocks, 0);
	free(b);
}

static void set(struct bench *b, enum setting key, const char *value)
{
	ck_assert_int_eq(settings_set(&b->set, key, slice_str(value), NULL),
			 0);
}

static int describe(struct bench *b, const struct sdp_media *previous)
{
	const struct stream_ask ask = { .account = &b->set,
					.previous = previous };

	stream_room_reset(&b->room);
	return b->kind->describe(&ask, &b->room, &b->out);
}

static const struct sdp_format *named(const struct bench *b, const char *name,
				      uint32_t rate)
{
	for (size_t i = 0; i < b->out.format_count; i++)
		if (slice_eq(b->out.formats[i].name, name) &&
		    b->out.formats[i].rate == rate)
			return &b->out.formats[i];
	return NULL;
}

/* RFC 3551 table 4: PCMU 0, PCMA 8; dynamic ones from 96. */
START_TEST(formats_follow_the_list_and_have_their_numbers)
{
	struct bench *b = begin();

	set(b, SET_CODECS, "PCMA, PCMU,PCMA");
	ck_assert_int_eq(describe(b, NULL), 0);
	ck_assert_uint_eq(b->out.formats[0].pt, 8);
	ck_assert_uint_eq(b->out.formats[1].pt, 0);
	ck_assert_uint_eq(b->out.format_count, 3); /* one only once */
	ck_slice_eq(b->out.formats[2].name, "telephone-event");
	ck_slice_eq(b->out.formats[2].fmtp, "0-16");
	ck_assert_uint_eq(b->out.formats[2].pt, 96);
	ck_assert_uint_eq(b->out.ptime, 20);
	ck_slice_eq(b->out.proto, "RTP/AVP");
	set(b, SET_PTIME, "40");
	set(b, SET_DTMF, "inband");
	ck_assert_int_eq(describe(b, NULL), 0);
	ck_assert_uint_eq(b->out.ptime, 40);
	ck_assert_uint_eq(b->out.format_count, 2);
	set(b, SET_CODECS, "");
	ck_assert_int_eq(describe(b, NULL), 0);
	ck_assert_uint_ge(b->out.format_count, 2);
	for (size_t i = 0; i < b->out.format_count; i++)
		for (size_t k = 0; k < i; k++)
			ck_assert_uint_ne(b->out.formats[i].pt,
					  b->out.formats[k].pt);
	done(b);
}
END_TEST

START_TEST(a_list_of_strangers_leaves_nothing)
{
	struct bench *b = begin();

	set(b, SET_CODECS, "g729"); /* agent_set would have refused it */
	ck_assert_int_eq(describe(b, NULL), -ENOENT);
	done(b);
}
END_TEST

START_TEST(numbers_of_the_last_description_stay)
{
	static const char text[] = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\n"
		"c=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 4000 RTP/AVPF 0 120\r\n"
		"a=rtpmap:120 telephone-event/8000\r\n";
	struct bench *b = begin();
	struct parse_error e;
	struct sdp last;

	ck_assert_int_eq(sdp_parse(slice_str(text), 0, &last, &e), 0);
	set(b, SET_CODECS, "PCMU");
	ck_assert_int_eq(describe(b, &last.media[0]), 0);
	ck_assert_uint_eq(named(b, "telephone-event", 8000)->pt, 120);
	ck_slice_eq(b->out.proto, "RTP/AVPF");
	done(b);
}
END_TEST

START_TEST(a_full_room_is_no_description)
{
	struct bench *b = begin();
	const struct stream_ask ask = { .account = &b->set };

	set(b, SET_CODECS, "PCMU");
	stream_room_reset(&b->room);
	b->room.formats = STREAM_ROOM_FORMATS - 1;
	ck_assert_int_eq(b->kind->describe(&ask, &b->room, &b->out), -ENOSPC);
	done(b);
}
END_TEST

START_TEST(lines_that_are_ours_to_take)
{
	static const struct {
		const char *m;
		bool fits;
	} row[] = {
		{ "audio 9 RTP/AVP 0", true }, { "audio 9 RTP/AVPF 0", true },
		{ "audio 9 RTP/SAVP 0", false },
		{ "audio 9 UDP/TLS/RTP/SAVPF 0", false },
		{ "video 9 RTP/AVP 31", false },
		{ "message 9 TCP/MSRP *", false },
		{ "image 9 udptl t38", false },
	};
	struct parse_error e;
	struct sdp d;

	for (size_t i = 0; i < COUNT(row); i++) {
		char text[256];

		snprintf(text, sizeof(text), "v=0\r\no=- 1 1 IN IP4 192.0.2.1"
			 "\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=%s\r\n",
			 row[i].m);
		ck_assert_int_eq(sdp_parse(slice_str(text), 0, &d, &e), 0);
		ck_assert_msg((stream_kind_fits(&d.media[0]) != NULL) ==
			      row[i].fits, "%s", row[i].m);
	}
	ck_assert_ptr_null(stream_kind_find((enum parley_media)99));
}
END_TEST

/* RFC 3264 6.1: the offer's numbers and order, our parameters. */
START_TEST(what_both_have_is_agreed_on_and_answered)
{
	static const char text[] = "v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\ns=-\r\n"
		"c=IN IP4 192.0.2.9\r\nt=0 0\r\n"
		"m=audio 9000 RTP/AVP 8 0 100\r\na=fmtp:0 of=theirs\r\n"
		"a=rtpmap:100 telephone-event/8000\r\na=ptime:40\r\n"
		"m=audio 9002 RTP/AVP 18\r\n";
	struct bench *b = begin();
	const struct audio_agreed *got;
	struct stream_agreed *agreed = NULL;
	struct stream_line l = { .role = SDP_ANSWERER, .ours = &b->out };
	struct sdp_stream answer = { .port = 1 };
	struct parse_error e;
	uint64_t blocks;
	struct sdp d;

	ck_assert_int_eq(sdp_parse(slice_str(text), 0, &d, &e), 0);
	set(b, SET_CODECS, "PCMU,PCMA");
	ck_assert_int_eq(describe(b, NULL), 0);
	l.remote = &d;
	l.theirs = &d.media[0];
	blocks = b->mem.blocks;
	ck_assert_int_eq(b->kind->agree(&l, &b->room, &answer, &b->mem, NULL),
			 0);
	ck_assert_uint_eq(b->mem.blocks, blocks); /* only asked */
	ck_assert_int_eq(b->kind->agree(&l, &b->room, &answer, &b->mem,
					&agreed), 0);
	got = audio_agreed(agreed);
	ck_assert_uint_eq(got->pairs, 2);
	ck_slice_eq(got->pair[0].name, "PCMA");
	ck_slice_eq(got->pair[1].fmtp, "of=theirs");
	ck_assert(got->pair[1].fmtp.p >= (const char *)(got + 1));
	ck_assert_uint_eq(got->events, 1);
	ck_assert_uint_eq(got->event[0].send_pt, 100);
	ck_assert_uint_eq(got->ptime, 40);
	ck_assert_uint_eq(answer.format_count, 3);
	ck_assert_uint_eq(answer.formats[0].pt, 8);
	ck_assert_uint_eq(answer.formats[2].pt, 100);
	ck_slice_eq(answer.formats[2].fmtp, "0-16");
	mem_free(&b->mem, agreed);
	l.theirs = &d.media[1];
	ck_assert_int_eq(b->kind->agree(&l, &b->room, &answer, &b->mem,
					&agreed), -ENOTSUP);
	ck_assert_uint_eq(l.met.warning, 305);
	ck_assert_str_eq(l.met.reason, "no codec in common");
	done(b);
}
END_TEST

START_TEST(an_offer_is_expected_with_its_own_numbers)
{
	struct bench *b = begin();
	const struct audio_agreed *got;
	struct stream_agreed *agreed = NULL;

	set(b, SET_CODECS, "PCMA");
	ck_assert_int_eq(describe(b, NULL), 0);
	ck_assert_int_eq(b->kind->expect(&b->out, &b->mem, &agreed), 0);
	got = audio_agreed(agreed);
	ck_assert_uint_eq(got->pairs, 1);
	ck_assert_uint_eq(got->pair[0].recv_pt, 8);
	ck_assert_uint_eq(got->events, 1);
	ck_assert_uint_eq(got->event[0].recv_pt, 96);
	mem_free(&b->mem, agreed);
	done(b);
}
END_TEST

START_TEST(codec_names_are_checked)
{
	struct bench *b = begin();
	const char *why = NULL;

	ck_assert_int_eq(b->kind->check(SET_CODECS, S("PCMU,pcma"), &why), 0);
	ck_assert_int_eq(b->kind->check(SET_CODECS, S(""), &why), 0);
	ck_assert_int_eq(b->kind->check(SET_CODECS, S("PCMU,,PCMA"), &why),
			 -EINVAL);
	ck_assert_int_eq(b->kind->check(SET_CODECS, S("PCMU,x"), &why),
			 -EINVAL);
	ck_assert_str_eq(why, "no such codec here");
	ck_assert_int_eq(b->kind->check(SET_DTMF, S("x"), &why), 0);
	done(b);
}
END_TEST

SUITE(stream_audio, formats_follow_the_list_and_have_their_numbers,
      a_list_of_strangers_leaves_nothing, numbers_of_the_last_description_stay,
      a_full_room_is_no_description, lines_that_are_ours_to_take,
      what_both_have_is_agreed_on_and_answered,
      an_offer_is_expected_with_its_own_numbers, codec_names_are_checked);
