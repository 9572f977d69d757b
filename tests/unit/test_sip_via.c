/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/suites.h"

#include <stdio.h>

#include "platform/limits.h"
#include "sip/hdr/sip_via.h"
#include "tests/unit/marked.h"

static struct sip_via via(struct slice text)
{
	struct parse_error e = { 0 };
	struct sip_via v;

	ck_assert_msg(sip_via_parse(text, &v, &e) == 0, "%.*s: %s at %zu",
		      (int)text.n, text.p, e.reason, e.offset);
	return v;
}

/* RFC 3261 20.42, RFC 3581, RFC 4475 3.1.1.1, RFC 5118 4.5. */
START_TEST(published_examples)
{
	struct sip_via v = via(S("SIP/2.0/UDP erlang.bell-telephone.com:5060"
				 ";branch=z9hG4bK87asdks7"));

	ck_slice_eq(v.transport, "UDP");
	ck_slice_eq(v.host, "erlang.bell-telephone.com");
	ck_assert(v.has_port && v.port == 5060);
	ck_slice_eq(v.branch, "z9hG4bK87asdks7");
	ck_slice_eq(v.params, "branch=z9hG4bK87asdks7");
	ck_assert(!v.has_rport && !v.received.n && !v.maddr.n && v.ttl == 256);

	v = via(S("SIP / 2.0 / UDP first.example.com: 4000;ttl=16\r\n"
		  " ;maddr=224.2.0.1 ;branch=z9hG4bKa7c6a8dlze.1"));
	ck_slice_eq(v.host, "first.example.com");
	ck_assert_uint_eq(v.port, 4000);
	ck_assert_uint_eq(v.ttl, 16);
	ck_slice_eq(v.maddr, "224.2.0.1");
	ck_slice_eq(v.branch, "z9hG4bKa7c6a8dlze.1");

	v = via(S("SIP/2.0/UDP 10.1.1.1:4540;received=192.0.2.1;rport=9988"));
	ck_slice_eq(v.received, "192.0.2.1");
	ck_assert(v.has_rport && v.rport == 9988);
	v = via(S("SIP/2.0/UDP 10.1.1.1;rport;branch=b"));
	ck_assert(!v.has_port && v.port == 0);
	ck_assert(v.has_rport && v.rport == 0);

	v = via(S("SIP  /   2.0\r\n /UDP\r\n    192.0.2.2;branch=390skdjuw"));
	ck_slice_eq(v.host, "192.0.2.2");
	v = via(S("SIP  / 2.0  / TCP     spindle.example.com   ;\r\n"
		  "  branch  =   z9hG4bK9ikj8"));
	ck_slice_eq(v.branch, "z9hG4bK9ikj8");

	v = via(S("SIP/2.0/UDP [2001:db8::9:1];received=[2001:db8::9:255]"));
	ck_slice_eq(v.host, "[2001:db8::9:1]");
	ck_slice_eq(v.received, "[2001:db8::9:255]");
	v = via(S("SIP/2.0/UDP [2001:db8::9:1]:6050;received=2001:db8::9:255"
		  ";branch=z9hG4bKas3"));
	ck_slice_eq(v.received, "2001:db8::9:255");
	ck_slice_eq(v.branch, "z9hG4bKas3");
}
END_TEST

START_TEST(names_and_transports_have_no_case_and_no_end)
{
	struct sip_via v = via(S("sip/2.0/x-Y.1 h;BRANCH=B;Rport=1;TTL=0"
				 ";q=\"a;branch=c,\";n=[::1];e"));

	ck_slice_eq(v.transport, "x-Y.1");
	ck_slice_eq(v.branch, "B");
	ck_assert_uint_eq(v.rport, 1);
	ck_assert_uint_eq(v.ttl, 0);
	ck_slice_eq(v.params, "BRANCH=B;Rport=1;TTL=0;q=\"a;branch=c,\""
			      ";n=[::1];e");
	v = via(S(" SIP/2.0/UDP h ")); /* white space around it */
	ck_slice_eq(v.host, "h");
	v = via(S("SIP/2.0/ UDP h:65535;rport=65535;ttl=255"));
	ck_slice_eq(v.transport, "UDP");
	ck_assert(v.port == 65535 && v.rport == 65535 && v.ttl == 255);
	v = via(S("SIP/2.0/UDP h:0"));
	ck_assert(v.has_port && v.port == 0);
}
END_TEST

START_TEST(faults_are_found_where_they_are)
{
	static const char *const bad[] = {
		"^", "^xSIP/2.0/UDP h", "^junk SIP/2.0/UDP h", "^/2.0/UDP h",
		"SIP^", "SIP^X", "SIP/^", "SIP/^1.0/UDP h", "SIP/^7.0/UDP h",
		"SIP/2.0^", "SIP/2.0^0/UDP h", "SIP/2.0/^", "SIP/2.0/^@ h",
		"SIP/2.0/UDP^", "SIP/2.0/UDP^/x", "SIP/2.0/UDP ^",
		"SIP/2.0/UDP ^;branch=a", "SIP/2.0/UDP a^_b", "SIP/2.0/UDP ^-a",
		"SIP/2.0/UDP h:^", "SIP/2.0/UDP h:^x", "SIP/2.0/UDP h:^65536",
		"SIP/2.0/UDP h:1^x", "SIP/2.0/UDP hx ^h", "SIP/2.0/UDP h ^x",
		"SIP/2.0/UDP 192.0.2.15;^;,;,,", "SIP/2.0/UDP h;^",
		"SIP/2.0/UDP h;^a=", "SIP/2.0/UDP h;^=a",
		"SIP/2.0/UDP h;ttl^;a",
		"SIP/2.0/UDP h;ttl=^256", "SIP/2.0/UDP h;ttl=^0001",
		"SIP/2.0/UDP h;ttl=^x", "SIP/2.0/UDP h;ttl^",
		"SIP/2.0/UDP h;maddr=^", "SIP/2.0/UDP h;maddr^",
		"SIP/2.0/UDP h;maddr=^1.2.3", "SIP/2.0/UDP h;received^",
		"SIP/2.0/UDP h;received=^", "SIP/2.0/UDP h;received=^h",
		"SIP/2.0/UDP h;received=^1.2.3",
		"SIP/2.0/UDP h;received=1.2.3.4^x",
		"SIP/2.0/UDP h;received=^[::1", "SIP/2.0/UDP h;branch^",
		"SIP/2.0/UDP h;branch=^", "SIP/2.0/UDP h;branch=^\"a\"",
		"SIP/2.0/UDP h;branch=a^=", "SIP/2.0/UDP h;branch=a^\"",
		"SIP/2.0/UDP h;rport=^", "SIP/2.0/UDP h;rport=^0",
		"SIP/2.0/UDP h;rport=^65536", "SIP/2.0/UDP h;rport=^x",
		"SIP/2.0/UDP h;branch=a;^branch=b", "SIP/2.0/UDP h;a;b;^A=1",
		"SIP/2.0/UDP h;rport;^rport=1", "SIP/2.0/UDP h^, SIP/2.0/UDP i",
		"SIP/2.0/UDP h;a=\"b\"^c", "SIP/2.0/UDP h;^a=\"b",
		"SIP/2.0/UDP h;a^\r\nb",
	};

	unsigned wrong = 0;

	for (size_t i = 0; i < COUNT(bad); i++) {
		struct marked m = marked(bad[i]);
		struct parse_error e = { 0 };
		struct sip_via v = { .port = 7 };
		int rc = sip_via_parse(m.in, &v, &e);

		wrong += !marked_ok(&m, bad[i], rc, -EBADMSG, &e);
		ck_assert(v.port == 7); /* as before */
		marked_free(&m);
	}
	ck_assert_uint_eq(wrong, 0);
}
END_TEST

START_TEST(parameters_have_a_limit)
{
	char text[512];
	size_t at = (size_t)snprintf(text, sizeof(text), "SIP/2.0/UDP h");
	struct parse_error e = { 0 };
	struct sip_via v;

	for (unsigned i = 0; i < LIMIT_SIP_PARAMS; i++)
		at += (size_t)snprintf(text + at, sizeof(text) - at, ";p%u", i);
	ck_assert_int_eq(sip_via_parse(slice_of(text, at), &v, &e), 0);
	ck_assert_int_eq(sip_via_parse(slice_of(text, at + (size_t)
			 snprintf(text + at, sizeof(text) - at, ";x")), &v, &e),
			 -E2BIG);
	ck_assert_uint_eq(e.offset, at + 1); /* the name too many */
}
END_TEST

static void written(const char *text, const char *want)
{
	char buf[256];
	struct writer w = writer_begin(buf, sizeof(buf));
	struct sip_via v = via(slice_str(text));

	sip_via_write(&w, &v);
	ck_slice_eq(writer_done(&w), want);
}

START_TEST(typed_parameters_are_written_before_the_others)
{
	written("SIP / 2.0 / TLS h : 5061 ; x = \"a;b\" ; ttl = 007 ; y "
		"; maddr = m ; rport ; received = 2001:db8::1 ; branch = b",
		"SIP/2.0/TLS h:5061;branch=b;received=2001:db8::1;rport"
		";maddr=m;ttl=7;x=\"a;b\";y");
	written("SIP/2.0/UDP h;rport=5;branch=b",
		"SIP/2.0/UDP h;branch=b;rport=5");
	written("SIP/2.0/UDP h:0;a;branch=b;c", "SIP/2.0/UDP h:0;branch=b;a;c");
	written("SIP/2.0/UDP h", "SIP/2.0/UDP h");
	written("SIP/2.0/UDP h;z;received=[::1]",
		"SIP/2.0/UDP h;received=[::1];z");
	written("SIP/2.0/UDP h;ttl=255", "SIP/2.0/UDP h;ttl=255");
}
END_TEST

START_TEST(a_via_is_made_from_values)
{
	char buf[128];
	struct writer w = writer_begin(buf, sizeof(buf));
	struct sip_via v = { .transport = S("UDP"), .host = S("192.0.2.1"),
			     .ttl = 256, .has_rport = true,
			     .branch = S("z9hG4bK1") };

	sip_via_write(&w, &v);
	ck_slice_eq(writer_done(&w),
		    "SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1;rport");
}
END_TEST

/* 8.1.1.7; RFC 4475 3.2.1: the cookie alone is no branch of RFC 3261. */
START_TEST(the_magic_cookie_is_followed_by_something)
{
	struct sip_via v = { .branch = S("z9hG4bK1") };

	ck_assert(sip_via_branch_is_3261(&v));
	v.branch = S("z9hG4bK");
	ck_assert(!sip_via_branch_is_3261(&v));
	v.branch = S("Z9hG4bK1");
	ck_assert(!sip_via_branch_is_3261(&v));
	v.branch = S("");
	ck_assert(!sip_via_branch_is_3261(&v));
}
END_TEST

static void prefix(struct slice in)
{
	struct parse_error e = { 0 };
	struct sip_via v;

	if (sip_via_parse(in, &v, &e))
		ck_assert(e.reason && e.offset <= in.n);
	else
		ck_assert(slice_inside(v.params, in) && v.host.n);
}

START_TEST(no_prefix_is_read_beyond)
{
	each_prefix(S("SIP / 2.0 / TLS h : 5061 ; x = \"a;b\" ; ttl = 7 ; y "
		      "; maddr = m ; rport = 1 ; received = 2001:db8::1 ;"
		      "branch = b"), prefix);
	each_prefix(S("SIP/2.0/UDP [::1]:1;received=[::1];a=[::1]"), prefix);
}
END_TEST

SUITE(sip_via, published_examples,
      names_and_transports_have_no_case_and_no_end,
      faults_are_found_where_they_are, parameters_have_a_limit,
      typed_parameters_are_written_before_the_others,
      a_via_is_made_from_values, the_magic_cookie_is_followed_by_something,
      no_prefix_is_read_beyond);
