/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/suites.h"

#include "media/codec/opus_fmtp.h"

static int parse(const char *text, struct codec_params *p)
{
	struct parse_error e = { 0 };
	int rc;

	*p = (struct codec_params){ 0 };
	rc = opus_fmtp_parse(slice_str(text), p, &e);
	if (rc < 0)
		ck_assert(e.reason && e.offset <= strlen(text));
	return rc;
}

/* RFC 7587 7, example 2 (in one line). */
static const char example[] =
	"maxplaybackrate=16000; sprop-maxcapturerate=16000; "
	"maxaveragebitrate=20000; stereo=1; useinbandfec=1; usedtx=0";

START_TEST(the_rfcs_example_is_understood)
{
	struct codec_params p;

	ck_assert_int_eq(parse(example, &p), 0);
	ck_assert_uint_eq(p.max_playback_rate, 16000);
	ck_assert_uint_eq(p.sprop_capture_rate, 16000);
	ck_assert_uint_eq(p.max_bitrate, 20000);
	ck_assert(p.stereo && p.fec && !p.dtx && !p.cbr && !p.sprop_stereo);
}
END_TEST

START_TEST(what_is_written_is_read_again)
{
	struct codec_params p, q;
	char buf[256];
	struct writer w = writer_begin(buf, sizeof(buf));

	ck_assert_int_eq(parse(example, &p), 0);
	opus_fmtp_write(&p, &w);
	writer_char(&w, '\0');
	ck_assert_int_gt(writer_end(&w), 0);
	ck_assert_str_eq(buf, "maxplaybackrate=16000;sprop-maxcapturerate="
			 "16000;maxaveragebitrate=20000;stereo=1;"
			 "useinbandfec=1");
	ck_assert_int_eq(parse(buf, &q), 0);
	ck_assert_uint_eq(q.max_bitrate, p.max_bitrate);
	p = (struct codec_params){ .ptime = 40 };
	w = writer_begin(buf, sizeof(buf));
	opus_fmtp_write(&p, &w);
	ck_assert_int_eq(writer_end(&w), 0); /* nothing to say */
}
END_TEST

START_TEST(values_outside_the_rfcs_range_are_cut_or_ignored)
{
	struct codec_params p;

	ck_assert_int_eq(parse("maxaveragebitrate=5999", &p), 0);
	ck_assert_uint_eq(p.max_bitrate, 0); /* 6.1: SHOULD be ignored */
	ck_assert_int_eq(parse("maxaveragebitrate=510001", &p), 0);
	ck_assert_uint_eq(p.max_bitrate, 0);
	ck_assert_int_eq(parse("maxplaybackrate=4000", &p), 0);
	ck_assert_uint_eq(p.max_playback_rate, 8000);
	ck_assert_int_eq(parse("maxplaybackrate=96000", &p), 0);
	ck_assert_uint_eq(p.max_playback_rate, 48000);
	ck_assert_int_eq(parse("PTIME=60;maxptime=999", &p), 0);
	ck_assert_uint_eq(p.ptime, 60);
	ck_assert_uint_eq(p.maxptime, 120);
}
END_TEST

START_TEST(unknown_parameters_are_skipped)
{
	struct codec_params p;

	ck_assert_int_eq(parse("minptime=10;useinbandfec=1", &p), 0);
	ck_assert(p.fec);
	ck_assert_int_eq(parse("x-flag; y=\"a b\" ;usedtx=1;", &p), 0);
	ck_assert(p.dtx);
	ck_assert_int_eq(parse("", &p), 0);
	ck_assert_int_eq(parse("  ", &p), 0);
}
END_TEST

START_TEST(what_makes_no_sense_is_refused)
{
	static const char *const bad[] = {
		"useinbandfec=2", "useinbandfec=", "useinbandfec", "stereo=yes",
		"maxplaybackrate=x", "maxaveragebitrate=0",
		"maxplaybackrate=99999999999", "=1", ";", "usedtx=1;;cbr=1",
		"ptime=0", "usedtx 1", "cbr=-1" };
	struct codec_params p;

	for (size_t i = 0; i < COUNT(bad); i++)
		ck_assert_msg(parse(bad[i], &p) == -EBADMSG, "%s", bad[i]);
	/* as before on failure */
	ck_assert_int_eq(parse("cbr=1;stereo=7", &p), -EBADMSG);
	ck_assert(!p.cbr);
}
END_TEST

START_TEST(every_prefix_ends_in_order)
{
	struct codec_params p;

	for (size_t n = 0; n < sizeof(example); n++) {
		char text[sizeof(example)];
		int rc;

		memcpy(text, example, n);
		text[n] = '\0';
		rc = parse(text, &p);
		ck_assert(rc == 0 || rc == -EBADMSG);
	}
}
END_TEST

SUITE(opus_fmtp, the_rfcs_example_is_understood,
      what_is_written_is_read_again,
      values_outside_the_rfcs_range_are_cut_or_ignored,
      unknown_parameters_are_skipped, what_makes_no_sense_is_refused,
      every_prefix_ends_in_order);
