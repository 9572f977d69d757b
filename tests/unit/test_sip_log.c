/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <string.h>

#include "client/sip_log.h"
#include "tests/unit/suites.h"

static struct {
	struct mem mem;
	struct sip_log log;
	char text[1024]; /* all lines so far */
} t;

static void line(void *arg, const char *text)
{
	size_t n = strlen(t.text);

	ck_assert_ptr_null(arg);
	snprintf(t.text + n, sizeof(t.text) - n, "%s\n", text);
}

static void begin(void)
{
	mem_init(&t.mem, 0);
	sip_log_init(&t.log, &t.mem, line, NULL);
	t.text[0] = '\0';
}

static void end(void)
{
	sip_log_fini(&t.log);
	ck_assert_uint_eq(t.mem.blocks, 0);
}

static void packet(uint32_t flow, const char *bytes, bool whole)
{
	struct sip_path path = { .transport = flow ? SIP_TCP : SIP_UDP,
				 .flow = flow,
				 .remote = addr_v4(192, 0, 2, 1, 5060) };

	sip_log_packet(&t.log, false, &path, slice_str(bytes), whole);
}

/* What has been shown since the last look at it. */
static bool shown(const char *want)
{
	bool ok = strcmp(t.text, want) == 0;

	if (!ok)
		fprintf(stderr, "'%s' is not '%s'\n", t.text, want);
	t.text[0] = '\0';
	return ok;
}

#define REST "Via: SIP/2.0/TCP h\r\nCall-ID: x\r\nContent-Length: 2\r\n\r\n"

START_TEST(a_datagram_is_shown_as_it_is)
{
	begin();
	packet(0, "OPTIONS sip:b SIP/2.0\r\nA: \x1b\r\n\r\n", true);
	ck_assert(shown("<- udp 192.0.2.1:5060 OPTIONS sip:b SIP/2.0\n"
			"   A:  \n   \n"));
	packet(0, "OPTIONS sip:b SIP/2.0\r\nA: b\r\n\r\n", false);
	ck_assert(shown("<- udp 192.0.2.1:5060 OPTIONS sip:b SIP/2.0\n"));
	packet(0, "\r\n\r\n", true); /* a keep-alive is no message */
	ck_assert(shown(""));
	end();
}
END_TEST

/* Of each connection its own: cut anywhere, and several at a time. */
START_TEST(a_message_in_pieces_is_shown_once_it_is_whole)
{
	static const char text[] = "BYE sip:b SIP/2.0\r\n" REST "hi"
				   "ACK sip:b SIP/2.0\r\n" REST "ho";

	for (size_t n = 1; n < sizeof(text) - 1; n++) {
		char first[sizeof(text)];

		begin();
		snprintf(first, sizeof(first), "%.*s", (int)n, text);
		packet(1, first, false);
		packet(2, "INVITE sip:c", false);
		packet(1, text + n, false);
		ck_assert(shown("<- tcp 192.0.2.1:5060 BYE sip:b SIP/2.0\n"
				"<- tcp 192.0.2.1:5060 ACK sip:b SIP/2.0\n"));
		packet(2, " SIP/2.0\r\n" REST "hi", false);
		ck_assert(shown("<- tcp 192.0.2.1:5060 INVITE sip:c "
				"SIP/2.0\n"));
		ck_assert_uint_eq(t.log.n, 0);
		end();
	}
}
END_TEST

START_TEST(what_nobody_can_follow_is_shown_and_forgotten)
{
	begin();
	packet(1, "BYE sip:b SIP/2.0\r\nContent-Length: x\r\n\r\n", false);
	ck_assert(shown("<- tcp 192.0.2.1:5060 BYE sip:b SIP/2.0\n"));
	ck_assert_uint_eq(t.log.n, 0);
	end();
}
END_TEST

START_TEST(halves_have_a_limit_and_the_oldest_goes)
{
	begin();
	for (uint32_t i = 1; i <= SIP_LOG_PIECES; i++)
		packet(i, "BYE sip:b SIP", false);
	packet(1, "/2.0\r\n", false); /* the second is the oldest now */
	packet(99, "BYE sip:d SIP", false);
	ck_assert_uint_eq(t.log.n, SIP_LOG_PIECES);
	packet(1, REST "hi", false);
	ck_assert(shown("<- tcp 192.0.2.1:5060 BYE sip:b SIP/2.0\n"));
	packet(2, "ACK sip:e SIP/2.0\r\n" REST "hi", false);
	ck_assert(shown("<- tcp 192.0.2.1:5060 ACK sip:e SIP/2.0\n"));
	end();
}
END_TEST

SUITE(sip_log, a_datagram_is_shown_as_it_is,
      a_message_in_pieces_is_shown_once_it_is_whole,
      what_nobody_can_follow_is_shown_and_forgotten,
      halves_have_a_limit_and_the_oldest_goes);
