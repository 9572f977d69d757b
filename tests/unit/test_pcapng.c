/* SPDX-License-Identifier: BSD-2-Clause
 * Headers and checksums as text2pcap 4.0.17 makes them of the same bytes:
 *   text2pcap -4 192.0.2.1,198.51.100.2 -u 5060,5062
 *   text2pcap -6 2001:db8::1,2001:db8::2 -u 5060,5062     (and -T)
 * For IPv4 it writes identification 0x1234 and no DF, for TCP sequence 0, no
 * flags and window 0x2000; their checksums below are adapted to ours by
 * RFC 1624. */
#include "tests/unit/suites.h"

#include "platform/pcapng.h"

static char buf[70000];

static struct pcapng_packet made(bool v6)
{
	struct pcapng_packet p = {
		.local = addr_v4(192, 0, 2, 1, 5060),
		.remote = addr_v4(198, 51, 100, 2, 5062),
		.out = true, .ttl = 255, .bytes = S("OPTIONS x"),
		.wall_ns = 0x0102030405060708,
	};

	if (v6) {
		ck_assert_int_eq(addr_parse(S("[2001:db8::1]:5060"), &p.local),
				 0);
		ck_assert_int_eq(addr_parse(S("[2001:db8::2]:5062"),
					    &p.remote), 0);
	}
	return p;
}

/* Where the first block's packet begins: RFC draft 4.3. */
static const uint8_t *ip(const struct writer *w)
{
	ck_assert_uint_gt(w->n, 28);
	return (const uint8_t *)w->buf + 28;
}

START_TEST(udp_over_ipv4_is_as_text2pcap_makes_it)
{
	static const uint8_t want[] = {
		0x45, 0, 0, 0x25, 0, 0, 0x40, 0, 0xff, 17, 0x8f, 0x90,
		192, 0, 2, 1, 198, 51, 100, 2,
		0x13, 0xc4, 0x13, 0xc6, 0, 0x11, 0x2e, 0x02,
		'O', 'P', 'T', 'I', 'O', 'N', 'S', ' ', 'x', 0, 0, 0,
	};
	/* type, length, interface, time, lengths */
	static const uint8_t head[] = {
		0, 0, 0, 6, 0, 0, 0, 84, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8,
		0, 0, 0, 37, 0, 0, 0, 37,
	};
	/* flags: outbound; end of options; length */
	static const uint8_t tail[] = { 0, 2, 0, 4, 0, 0, 0, 2,
					0, 0, 0, 0, 0, 0, 0, 84 };
	struct writer w = writer_begin(buf, sizeof(buf));
	struct pcapng_packet p = made(false);

	ck_assert_int_eq(pcapng_udp(&w, &p), 0);
	ck_assert_uint_eq(w.n, 84);
	ck_assert_mem_eq(buf, head, sizeof(head));
	ck_assert_mem_eq(ip(&w), want, sizeof(want));
	ck_assert_mem_eq(buf + 68, tail, sizeof(tail));
}
END_TEST

START_TEST(udp_over_ipv6_is_as_text2pcap_makes_it)
{
	static const uint8_t want[] = {
		0x60, 0, 0, 0, 0, 0x11, 17, 255,
		0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1,
		0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2,
		0x13, 0xc4, 0x13, 0xc6, 0, 0x11, 0xbe, 0xc4, 'O', 'P',
	};
	struct writer w = writer_begin(buf, sizeof(buf));
	struct pcapng_packet p = made(true);

	ck_assert_int_eq(pcapng_udp(&w, &p), 0);
	ck_assert_mem_eq(ip(&w), want, sizeof(want));
	/* Inbound: the same from the other side's point of view. */
	w = writer_begin(buf, sizeof(buf));
	p.out = false;
	ck_assert_int_eq(addr_parse(S("[2001:db8::1]:5060"), &p.remote), 0);
	ck_assert_int_eq(addr_parse(S("[2001:db8::2]:5062"), &p.local), 0);
	ck_assert_int_eq(pcapng_udp(&w, &p), 0);
	ck_assert_mem_eq(ip(&w), want, sizeof(want));
	ck_assert_uint_eq((uint8_t)buf[w.n - 9], 1); /* the flag says inbound */
}
END_TEST

START_TEST(tcp_begins_with_a_handshake_and_counts)
{
	static const uint16_t sums[] = { 0xddf7, 0x6eba };

	for (int v6 = 0; v6 < 2; v6++) {
		struct writer w = writer_begin(buf, sizeof(buf));
		struct pcapng_stream s = { 0 };
		struct pcapng_packet p = made(v6);
		size_t header = v6 ? 40 : 20, data;
		const uint8_t *t;

		p.bytes.n = 0;
		ck_assert_int_eq(pcapng_tcp(&w, &s, true, &p), 0);
		data = w.n;
		ck_assert_uint_eq(data, 3 * (28 + header + 20 + 16));
		p.bytes.n = 9;
		ck_assert_int_eq(pcapng_tcp(&w, &s, true, &p), 0);
		t = ip(&w) + data + header;
		ck_assert_uint_eq(read_be32(t + 4), 1); /* sequence */
		ck_assert_uint_eq(read_be32(t + 8), 1);
		ck_assert_uint_eq(t[13], 0x18); /* PSH, ACK */
		ck_assert_uint_eq(read_be16(t + 16), sums[v6]);
		data = w.n;
		p.out = false;
		ck_assert_int_eq(pcapng_tcp(&w, &s, true, &p), 0);
		t = ip(&w) + data + header;
		ck_assert_uint_eq(read_be32(t + 4), 1);
		ck_assert_uint_eq(read_be32(t + 8), 10);
		data = w.n;
		ck_assert_int_eq(pcapng_tcp_end(&w, &s, false, &p), 0);
		t = ip(&w) + data + header;
		ck_assert_uint_eq(read_be32(t + 4), 10);
		ck_assert_uint_eq(t[13], 0x11); /* FIN, ACK */
	}
}
END_TEST

START_TEST(what_does_not_fit_leaves_nothing)
{
	struct pcapng_packet p = made(false);
	struct pcapng_stream s = { 0 };
	struct writer w;
	static char big[65508];

	p.comment = S("a comment");
	for (size_t cap = 0; cap < 100; cap++) {
		w = writer_begin(buf, cap);
		if (pcapng_udp(&w, &p) == 0)
			ck_assert_uint_eq(w.n, 100);
		else
			ck_assert_uint_eq(w.n, 0);
	}
	w = writer_begin(buf, 100);
	ck_assert_int_eq(pcapng_udp(&w, &p), 0);
	ck_assert_mem_eq(buf + 68, "\0\1\0\x09" "a comment\0\0\0", 16);
	w = writer_begin(buf, 200); /* two segments fit, not three */
	ck_assert_int_eq(pcapng_tcp(&w, &s, false, &p), -ENOSPC);
	ck_assert_uint_eq(w.n, 0);
	ck_assert(!s.open);
	w = writer_begin(buf, sizeof(buf));
	p.bytes = slice_of(big, 65508);
	ck_assert_int_eq(pcapng_udp(&w, &p), -EMSGSIZE);
	p.bytes.n = 65507;
	ck_assert_int_eq(pcapng_udp(&w, &p), 0);
}
END_TEST

START_TEST(a_file_begins_with_its_section_and_interfaces)
{
	/* draft-ietf-opsawg-pcapng 4.1, 4.2 */
	static const uint8_t want[] = {
		0x0A, 0x0D, 0x0D, 0x0A, 0, 0, 0, 44, 0x1A, 0x2B, 0x3C, 0x4D,
		0, 1, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255,
		0, 4, 0, 6, 'p', 'a', 'r', 'l', 'e', 'y', 0, 0,
		0, 0, 0, 0, 0, 0, 0, 44,
		0, 0, 0, 1, 0, 0, 0, 40, 0, 101, 0, 0, 0, 0, 0, 0,
		0, 2, 0, 4, 'w', 'i', 'r', 'e', 0, 9, 0, 1, 9, 0, 0, 0,
		0, 0, 0, 0, 0, 0, 0, 40,
		0, 0, 0, 10, 0, 0, 0, 24, 'T', 'L', 'S', 'K', 0, 0, 0, 3,
		'a', ' ', 'b', 0, 0, 0, 0, 24,
	};
	struct writer w = writer_begin(buf, sizeof(buf));

	ck_assert_int_eq(pcapng_begin(&w, S("parley")), 0);
	ck_assert_int_eq(pcapng_interface(&w, S("wire")), 0);
	ck_assert_int_eq(pcapng_secrets(&w, S("a b")), 0);
	ck_assert_uint_eq(w.n, sizeof(want));
	ck_assert_mem_eq(buf, want, sizeof(want));
}
END_TEST

SUITE(pcapng, udp_over_ipv4_is_as_text2pcap_makes_it,
      udp_over_ipv6_is_as_text2pcap_makes_it,
      tcp_begins_with_a_handshake_and_counts, what_does_not_fit_leaves_nothing,
      a_file_begins_with_its_section_and_interfaces);
