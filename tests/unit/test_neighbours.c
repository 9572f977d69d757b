/* SPDX-License-Identifier: BSD-2-Clause
 * Service instances become neighbours. */
#include "tests/unit/suites.h"

#include "client/neighbours.h"
#include "dns/dns_sd.h"

struct rig {
	struct mem mem;
	struct neighbours n;
	struct neighbour_out o;
	struct dns_name host;
};

static void rig_open(struct rig *r)
{
	mem_init(&r->mem, 0);
	neighbours_init(&r->n, &r->mem);
	ck_assert_int_eq(dns_sd_host(S("h"), &r->host), 0);
}

static void rig_close(struct rig *r)
{
	neighbours_fini(&r->n);
	ck_assert_uint_eq(r->mem.blocks, 0);
}

/* Browse 1 to 4 is _sipuri._udp, _sipuri._tcp, _sip._udp, _sip._tcp. */
static void hear(struct rig *r, enum mdns_out_kind kind, unsigned browse,
		 const char *instance, const char *const *txt)
{
	static const char *const type[] = { "_sipuri._udp", "_sipuri._tcp",
					    "_sip._udp", "_sip._tcp" };
	char room[600];
	struct writer w = writer_begin(room, sizeof(room));
	struct mdns_out o = {
		.kind = kind, .handle = browse, .ifindex = 2,
		.found = { .instance = slice_str(instance),
			   .type = slice_str(type[browse - 1]),
			   .host = &r->host, .port = 5070, .n = 2,
			   .addr = { { .family = 6, .port = 5070,
				       .ip = { 0xFE, 0x80, [15] = 1 } },
				     addr_v4(192, 0, 2, 7, 5070) } },
	};

	for (; txt && *txt; txt += 2)
		dns_sd_txt_put(&w, txt[0], slice_str(txt[1]));
	o.found.txt = writer_done(&w);
	neighbours_on(&r->n, &o);
}

static const char *const alice[] = {
	"txtvers", "1", "name", "Alice", "contact", "<sip:1@192.0.2.7:5060>",
	"instance_id", "abc", "state", "busy", "note", "at lunch", NULL };
static const char *const alice_tcp[] = {
	"txtvers", "1", "name", "Alice", "contact",
	"<sip:1@192.0.2.7:5060;transport=tcp>", "instance_id", "abc", NULL };

START_TEST(several_services_are_one_neighbour_by_its_best)
{
	struct rig r;

	rig_open(&r);
	hear(&r, MDNS_OUT_FOUND, 1, "sip:1@192.0.2.7:5060", alice);
	ck_assert(neighbours_poll(&r.n, &r.o));
	ck_assert_int_eq(r.o.kind, NEIGHBOUR_FOUND);
	ck_slice_eq(r.o.name, "Alice");
	ck_slice_eq(r.o.uri, "sip:1@192.0.2.7:5060");
	ck_slice_eq(r.o.id, "abc");
	ck_slice_eq(r.o.state, "busy");
	ck_slice_eq(r.o.note, "at lunch");
	ck_slice_eq(r.o.service, "_sipuri._udp");
	ck_assert_uint_eq(r.o.ifindex, 2);
	ck_assert(!neighbours_poll(&r.n, &r.o));
	hear(&r, MDNS_OUT_FOUND, 2, "sip:1@192.0.2.7:5060;transport=tcp",
	     alice_tcp);
	ck_assert(neighbours_poll(&r.n, &r.o));
	ck_assert_int_eq(r.o.kind, NEIGHBOUR_CHANGED);
	ck_slice_eq(r.o.uri, "sip:1@192.0.2.7:5060;transport=tcp");
	hear(&r, MDNS_OUT_GONE, 2, "sip:1@192.0.2.7:5060;transport=tcp", NULL);
	ck_assert(neighbours_poll(&r.n, &r.o));
	ck_slice_eq(r.o.service, "_sipuri._udp");
	hear(&r, MDNS_OUT_GONE, 1, "sip:1@192.0.2.7:5060", NULL);
	ck_assert(neighbours_poll(&r.n, &r.o));
	ck_assert_int_eq(r.o.kind, NEIGHBOUR_GONE);
	ck_slice_eq(r.o.name, "Alice");
	ck_slice_eq(r.o.uri, "sip:1@192.0.2.7:5060");
	ck_assert(!neighbours_poll(&r.n, &r.o));
	rig_close(&r);
}
END_TEST

START_TEST(both_at_once_are_told_once)
{
	struct rig r;

	rig_open(&r);
	hear(&r, MDNS_OUT_FOUND, 1, "a", alice);
	hear(&r, MDNS_OUT_FOUND, 2, "b", alice_tcp);
	ck_assert(neighbours_poll(&r.n, &r.o));
	ck_assert_int_eq(r.o.kind, NEIGHBOUR_FOUND);
	ck_slice_eq(r.o.service, "_sipuri._tcp");
	ck_assert(!neighbours_poll(&r.n, &r.o));
	/* And one that has come and gone between is not told at all. */
	hear(&r, MDNS_OUT_FOUND, 3, "c", NULL);
	hear(&r, MDNS_OUT_GONE, 3, "c", NULL);
	ck_assert(!neighbours_poll(&r.n, &r.o));
	rig_close(&r);
}
END_TEST

START_TEST(whoever_gives_no_uri_is_where_his_srv_says)
{
	static const char *const bad[] = { "contact", "<http://x>", NULL };
	static const char *const tricky[] = { "contact",
		"<sip:a@b?Replaces=x>", NULL };
	struct rig r;

	rig_open(&r);
	/* A link-local address has no form in a URI. */
	hear(&r, MDNS_OUT_FOUND, 3, "hall", NULL);
	ck_assert(neighbours_poll(&r.n, &r.o));
	ck_slice_eq(r.o.name, "hall");
	ck_slice_eq(r.o.uri, "sip:192.0.2.7:5070");
	hear(&r, MDNS_OUT_FOUND, 4, "hall", NULL);
	ck_assert(neighbours_poll(&r.n, &r.o));
	ck_assert_int_eq(r.o.kind, NEIGHBOUR_CHANGED);
	ck_slice_eq(r.o.uri, "sip:192.0.2.7:5070;transport=tcp");
	hear(&r, MDNS_OUT_FOUND, 3, "bad", bad);
	ck_assert(neighbours_poll(&r.n, &r.o));
	ck_slice_eq(r.o.uri, "sip:192.0.2.7:5070");
	hear(&r, MDNS_OUT_FOUND, 3, "tricky", tricky);
	ck_assert(neighbours_poll(&r.n, &r.o));
	ck_slice_eq(r.o.uri, "sip:192.0.2.7:5070");
	/* The instance of _sipuri is a URI itself. */
	hear(&r, MDNS_OUT_FOUND, 1, "sip:bob@192.0.2.9", NULL);
	ck_assert(neighbours_poll(&r.n, &r.o));
	ck_slice_eq(r.o.uri, "sip:bob@192.0.2.9");
	rig_close(&r);
}
END_TEST

START_TEST(we_are_no_neighbour_of_our_own)
{
	struct rig r;

	rig_open(&r);
	memcpy(r.n.own, "abc", 4);
	hear(&r, MDNS_OUT_FOUND, 1, "a", alice);
	ck_assert(!neighbours_poll(&r.n, &r.o));
	rig_close(&r);
}
END_TEST

START_TEST(without_memory_it_is_not_seen)
{
	for (uint64_t nth = 1; nth <= 2; nth++) {
		struct rig r;

		rig_open(&r);
		r.mem.fail_at = nth;
		hear(&r, MDNS_OUT_FOUND, 1, "a", alice);
		ck_assert(!neighbours_poll(&r.n, &r.o));
		hear(&r, MDNS_OUT_CHANGED, 1, "a", alice);
		ck_assert(neighbours_poll(&r.n, &r.o));
		ck_assert_int_eq(r.o.kind, NEIGHBOUR_FOUND);
		rig_close(&r);
	}
}
END_TEST

SUITE(neighbours, several_services_are_one_neighbour_by_its_best,
      both_at_once_are_told_once, whoever_gives_no_uri_is_where_his_srv_says,
      we_are_no_neighbour_of_our_own, without_memory_it_is_not_seen);
