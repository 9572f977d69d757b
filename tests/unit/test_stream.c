/* SPDX-License-Identifier: BSD-2-Clause
 * The room that descriptions are put together in. */
#include "tests/unit/suites.h"

#include <stdlib.h>

#include "client/stream.h"

START_TEST(a_section_gets_its_attributes_one_after_the_other)
{
	struct stream_room *r = calloc(1, sizeof(*r));
	struct sdp_stream one = { .port = 1 }, two = { .port = 2 };
	struct writer w;
	struct slice text;

	stream_room_reset(r);
	w = stream_room_text(r);
	writer_str(&w, "path:");
	writer_u64(&w, 7);
	ck_assert_int_eq(stream_room_keep(r, &w, &text), 0);
	ck_assert_int_eq(stream_room_attr(r, &one, text), 0);
	ck_assert_int_eq(stream_room_attr(r, &one, S("setup:active")), 0);
	ck_assert_uint_eq(r->attrs, 2); /* in place */
	ck_assert_int_eq(stream_room_attr(r, &two, S("mid:2")), 0);
	ck_assert_int_eq(stream_room_attr(r, &one, S("mid:1")), 0);
	ck_assert_uint_eq(one.attr_count, 3);
	ck_slice_eq(one.attrs[0], "path:7");
	ck_slice_eq(one.attrs[1], "setup:active");
	ck_slice_eq(one.attrs[2], "mid:1");
	ck_assert_uint_eq(two.attr_count, 1);
	ck_slice_eq(two.attrs[0], "mid:2");
	free(r);
}
END_TEST

START_TEST(a_room_has_an_end)
{
	struct stream_room *r = calloc(1, sizeof(*r));
	struct sdp_stream one = { .port = 1 };
	struct slice text;
	struct writer w;

	ck_assert_ptr_nonnull(stream_room_formats(r, STREAM_ROOM_FORMATS));
	ck_assert_ptr_null(stream_room_formats(r, 1));
	for (size_t i = 0; i < STREAM_ROOM_ATTRS; i++)
		ck_assert_int_eq(stream_room_attr(r, &one, S("x")), 0);
	ck_assert_int_eq(stream_room_attr(r, &one, S("x")), -ENOSPC);
	ck_assert_uint_eq(one.attr_count, STREAM_ROOM_ATTRS);
	w = stream_room_text(r);
	for (size_t i = 0; i <= STREAM_ROOM_TEXT; i++)
		writer_char(&w, 'x');
	ck_assert_int_eq(stream_room_keep(r, &w, &text), -ENOSPC);
	ck_assert_uint_eq(r->text_n, 0);
	stream_room_reset(r);
	ck_assert_ptr_nonnull(stream_room_formats(r, 1));
	free(r);
}
END_TEST

SUITE(stream, a_section_gets_its_attributes_one_after_the_other,
      a_room_has_an_end);
