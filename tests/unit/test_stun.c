/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/suites.h"

#include "platform/stun.h"

#define HEAD_REQUEST "\x00\x01\x00\x58\x21\x12\xa4\x42"
#define ID "\xb7\xe7\xa7\x01\xbc\x34\xd6\x86\xfa\x87\xdf\xae"
#define SOFTWARE "\x80\x22\x00\x0b" "test vector "

/* RFC 5769 2.1 */
static const char request[] = HEAD_REQUEST ID
	"\x80\x22\x00\x10" "STUN test client"
	"\x00\x24\x00\x04\x6e\x00\x01\xff"
	"\x80\x29\x00\x08\x93\x2f\xf9\xb1\x51\x26\x3b\x36"
	"\x00\x06\x00\x09" "evtj:h6vY   "
	"\x00\x08\x00\x14\x9a\xea\xa7\x0c\xbf\xd8\xcb\x56\x78\x1e\xf2\xb5"
	"\xb2\xd3\xf2\x49\xc1\xb5\x71\xa2"
	"\x80\x28\x00\x04\xe5\x7a\x3b\xcf";
/* 2.2 */
static const char response4[] = "\x01\x01\x00\x3c\x21\x12\xa4\x42" ID
	SOFTWARE
	"\x00\x20\x00\x08\x00\x01\xa1\x47\xe1\x12\xa6\x43"
	"\x00\x08\x00\x14\x2b\x91\xf5\x99\xfd\x9e\x90\xc3\x8c\x74\x89\xf9"
	"\x2a\xf9\xba\x53\xf0\x6b\xe7\xd7"
	"\x80\x28\x00\x04\xc0\x7d\x4c\x96";
/* 2.3 */
static const char response6[] = "\x01\x01\x00\x48\x21\x12\xa4\x42" ID
	SOFTWARE
	"\x00\x20\x00\x14\x00\x02\xa1\x47\x01\x13\xa9\xfa\xa5\xd3\xf1\x79"
	"\xbc\x25\xf4\xb5\xbe\xd2\xb9\xd9"
	"\x00\x08\x00\x14\xa3\x82\x95\x4e\x4b\xe6\x7b\xf1\x17\x84\xc9\x7c"
	"\x82\x92\xc2\x75\xbf\xe3\xed\x41"
	"\x80\x28\x00\x04\xc8\xfb\x0b\x4c";

#define OF(text) slice_of(text, sizeof(text) - 1)

static struct addr v6(void)
{
	struct addr a;

	ck_assert_int_eq(addr_parse(S("[2001:db8:1234:5678:11:2233:4455:6677]"
				      ":32853"), &a), 0);
	return a;
}

START_TEST(the_messages_of_rfc_5769_are_read)
{
	const struct addr four = addr_v4(192, 0, 2, 1, 32853), six = v6();
	struct stun_msg m;

	ck_assert_int_eq(stun_parse(OF(request), &m, NULL), 0);
	ck_assert_int_eq((int)m.is, (int)STUN_REQUEST);
	ck_assert_uint_eq(m.method, STUN_BINDING);
	ck_assert_int_eq(memcmp(m.id, ID, STUN_ID), 0);
	ck_assert_uint_eq(m.mapped.family, 0);
	ck_assert_uint_eq(m.unknown, 0x24); /* PRIORITY, of ICE */
	ck_assert(m.fingerprint);
	ck_assert_int_eq(stun_parse(OF(response4), &m, NULL), 0);
	ck_assert_int_eq((int)m.is, (int)STUN_SUCCESS);
	ck_assert(addr_same(&m.mapped, &four));
	ck_assert_uint_eq(m.unknown, 0);
	ck_assert_int_eq(stun_parse(OF(response6), &m, NULL), 0);
	ck_assert(addr_same(&m.mapped, &six));
}
END_TEST

/* Each prefix, and each message with a bit changed: the CRC sees it. */
START_TEST(what_is_cut_or_changed_is_refused)
{
	struct stun_msg m;
	char b[sizeof(request)];

	for (size_t n = 0; n < sizeof(request) - 1; n++)
		ck_assert_int_eq(stun_parse(slice_of(request, n), &m, NULL),
				 -EBADMSG);
	for (size_t i = 0; i < 8 * (sizeof(request) - 1); i++) {
		struct parse_error e = { 0 };

		memcpy(b, request, sizeof(b));
		b[i / 8] = (char)(b[i / 8] ^ 1 << i % 8);
		if (stun_parse(OF(b), &m, &e) == 0)
			ck_assert(!m.fingerprint); /* it is called otherwise */
		else
			ck_assert_ptr_nonnull(e.reason);
	}
}
END_TEST

/* RFC 8489 14.8, 14.1: codes and plain addresses. */
START_TEST(errors_and_plain_addresses_are_read)
{
	static const char error[] = "\x01\x11\x00\x10\x21\x12\xa4\x42" ID
		"\x00\x09\x00\x09\x00\x00\x04\x14" "Alien\0\0\0";
	static const char plain[] = "\x01\x01\x00\x0c\x21\x12\xa4\x42" ID
		"\x00\x01\x00\x08\x00\x01\x80\x55\xc0\x00\x02\x01";
	const struct addr four = addr_v4(192, 0, 2, 1, 32853);
	struct stun_msg m;
	char b[sizeof(error)];

	ck_assert_int_eq(stun_parse(OF(error), &m, NULL), 0);
	ck_assert_int_eq((int)m.is, (int)STUN_ERROR);
	ck_assert_uint_eq(m.code, 420);
	ck_assert(slice_eq(m.reason, "Alien"));
	ck_assert_int_eq(stun_parse(OF(plain), &m, NULL), 0);
	ck_assert(addr_same(&m.mapped, &four));
	memcpy(b, error, sizeof(b));
	b[26] = 7; /* 720 */
	ck_assert_int_eq(stun_parse(OF(b), &m, NULL), -EBADMSG);
}
END_TEST

START_TEST(what_is_written_is_read_again)
{
	const struct addr at[] = { addr_v4(198, 51, 100, 7, 40001), v6() };
	const uint8_t *id = (const uint8_t *)ID;
	struct stun_msg m;
	char b[STUN_ROOM];

	for (unsigned with = 0; with < 2; with++) {
		struct writer w = writer_begin(b, sizeof(b));

		stun_write_request(&w, id, with);
		ck_assert_uint_eq(w.n, with ? 28 : 20);
		ck_assert_int_eq(stun_parse(slice_of(b, w.n), &m, NULL), 0);
		ck_assert_int_eq((int)m.is, (int)STUN_REQUEST);
		for (size_t i = 0; i < COUNT(at); i++) {
			w = writer_begin(b, sizeof(b));
			stun_write_success(&w, id, &at[i], with);
			ck_assert(!w.full);
			ck_assert_int_eq(stun_parse(slice_of(b, w.n), &m,
						    NULL), 0);
			ck_assert(addr_same(&m.mapped, &at[i]));
			ck_assert(m.fingerprint == (with != 0));
		}
	}
}
END_TEST

/* A limit, and no message of SIP is one of STUN. */
START_TEST(attributes_are_bounded_and_sip_is_something_else)
{
	char b[STUN_HEADER + 4 * (STUN_ATTRIBUTES + 1)] = { 0, 1 };
	struct stun_msg m;

	memcpy(b + 4, "\x21\x12\xa4\x42", 4);
	for (size_t i = STUN_HEADER; i < sizeof(b); i += 4)
		b[i] = (char)0x80;
	for (unsigned n = STUN_ATTRIBUTES; n <= STUN_ATTRIBUTES + 1; n++) {
		b[2] = (char)(4 * n >> 8);
		b[3] = (char)(4 * n);
		ck_assert_int_eq(stun_parse(slice_of(b, STUN_HEADER + 4 * n),
					    &m, NULL),
				 n > STUN_ATTRIBUTES ? -E2BIG : 0);
	}
	ck_assert(!stun_is(S("REGISTER sip:x SIP/2.0\r\n\r\n")));
	ck_assert(!stun_is(S("\r\n\r\n")));
}
END_TEST

SUITE(stun, the_messages_of_rfc_5769_are_read,
      what_is_cut_or_changed_is_refused, errors_and_plain_addresses_are_read,
      what_is_written_is_read_again,
      attributes_are_bounded_and_sip_is_something_else);
