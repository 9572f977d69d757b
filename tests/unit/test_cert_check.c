/* SPDX-License-Identifier: BSD-2-Clause
 * RFC 5922 7, RFC 6125 6.4, RFC 5280 4.2.1.10, RFC 9325 4.5. */
#include "tests/unit/suites.h"

#include "platform/tls/cert_check.h"
#include "tests/certs/certs.h"

/* A certificate with these names (GeneralNames). */

static struct cert named(struct slice names)
{
	return (struct cert){ .alt_names = names, .subject = S("\x30\x00") };
}

static bool has(struct slice names, enum cert_rules rules, const char *want)
{
	struct cert c = named(names);

	return cert_has_name(&c, rules, slice_str(want));
}

/* RFC 5922 7.1, 7.2 */
START_TEST(domains_of_sip)
{
	struct slice uri = S("\x86\x0fsip:example.com\x82\x0b" "example.net");
	struct slice port = S("\x86\x1aSIP:Example.COM:5061;lr=on\x82\x01x");
	struct slice user = S("\x86\x15sip:alice@example.com\x82\x0b"
			      "example.net");
	struct slice sips = S("\x86\x10sips:example.com");
	struct slice wild = S("\x82\x0d*.example.com");
	struct slice nul = S("\x82\x10" "example.com\0.net");

	ck_assert(has(uri, CERT_NAME_SIP, "example.com"));
	ck_assert(has(uri, CERT_NAME_SIP, "EXAMPLE.com."));
	ck_assert(!has(uri, CERT_NAME_SIP, "example.net")); /* a URI is there */
	ck_assert(!has(uri, CERT_NAME_SIP, "www.example.com"));
	ck_assert(!has(uri, CERT_NAME_SIP, "com"));
	ck_assert(!has(uri, CERT_NAME_SIP, ""));
	ck_assert(has(port, CERT_NAME_SIP, "example.com"));
	ck_assert(!has(user, CERT_NAME_SIP, "example.com"));
	ck_assert(has(user, CERT_NAME_SIP, "example.net"));
	ck_assert(!has(sips, CERT_NAME_SIP, "example.com"));
	ck_assert(!has(wild, CERT_NAME_SIP, "sip.example.com"));
	ck_assert(has(wild, CERT_NAME_SIP, "*.example.com"));
	ck_assert(!has(nul, CERT_NAME_SIP, "example.com"));
}
END_TEST

/* RFC 6125 6.4.3 */
START_TEST(wildcards_of_other_servers)
{
	struct slice wild = S("\x82\x0d*.example.com");

	ck_assert(has(wild, CERT_NAME_WEB, "xcap.example.com"));
	ck_assert(has(wild, CERT_NAME_WEB, "XCAP.Example.com."));
	ck_assert(!has(wild, CERT_NAME_WEB, "example.com"));
	ck_assert(!has(wild, CERT_NAME_WEB, ".example.com"));
	ck_assert(!has(wild, CERT_NAME_WEB, "a.b.example.com"));
	ck_assert(!has(S("\x82\x05*.com"), CERT_NAME_WEB, "example.com"));
	ck_assert(!has(S("\x82\x0ex*.example.com"), CERT_NAME_WEB,
		       "xa.example.com"));
	ck_assert(!has(S("\x82\x0dw.*.example.c"), CERT_NAME_WEB,
		       "w.a.example.c"));
	ck_assert(!has(S("\x86\x0fsip:example.com"), CERT_NAME_WEB,
		       "example.com"));
}
END_TEST

/* An address is found in an iPAddress alone. */
START_TEST(addresses_are_names_of_their_own)
{
	struct slice ip = S("\x87\x04\xc0\x00\x02\x01\x82\x09" "192.0.2.2");
	struct slice six = S("\x87\x10\x20\x01\x0d\xb8"
			     "\0\0\0\0\0\0\0\0\0\0\0\1");

	ck_assert(has(ip, CERT_NAME_SIP, "192.0.2.1"));
	ck_assert(!has(ip, CERT_NAME_SIP, "192.0.2.2"));
	ck_assert(!has(ip, CERT_NAME_WEB, "192.0.2.2"));
	ck_assert(has(six, CERT_NAME_SIP, "2001:db8::1"));
	ck_assert(has(six, CERT_NAME_SIP, "[2001:db8::1]"));
	ck_assert(!has(six, CERT_NAME_SIP, "2001:db8::2"));
}
END_TEST

/* RFC 5922 7.1, 2; RFC 6125 6.4.4 */
START_TEST(a_common_name_counts_where_no_other_is)
{
	struct slice der = certs_der("common.pem"), v;
	struct cert c;

	ck_assert_int_eq(cert_parse(der, &c, NULL), 0);
	ck_assert(cert_has_name(&c, CERT_NAME_SIP, S("example.com")));
	ck_assert(cert_has_name(&c, CERT_NAME_WEB, S("example.com")));
	ck_assert(cert_sip_identity(&c, 0, &v) && slice_eq(v, "example.com"));
	ck_assert(!cert_sip_identity(&c, 1, &v));
	c.alt_names = S("\x81\x03" "a@b"); /* an email address */
	ck_assert(!cert_has_name(&c, CERT_NAME_SIP, S("example.com")));
	ck_assert(cert_has_name(&c, CERT_NAME_WEB, S("example.com")));
	c.alt_names = S("\x86\x03sip");
	ck_assert(!cert_has_name(&c, CERT_NAME_WEB, S("example.com")));
	certs_free(der);
}
END_TEST

/* ------------------------------------------------------- whole chains */
struct verdict {
	struct slice der[3];
	struct cert chain[3];
	struct cert_fault f;
	struct cert_want want;
};

static const char *judge(struct verdict *v, const char *leaf, const char *root)
{
	const char *file[2] = { leaf, root };

	v->f = (struct cert_fault){ 0 };
	if (!v->want.name.p)
		v->want = (struct cert_want){ .rules = CERT_NAME_SIP,
			.name = S("example.com"), .now = CERTS_NOW,
			.purposes = CERT_SERVER | CERT_SIP };
	for (int i = 0; i < 2; i++) {
		v->der[i] = certs_der(file[i]);
		ck_assert_int_eq(cert_parse(v->der[i], &v->chain[i], NULL), 0);
	}
	cert_judge(v->chain, 2, &v->want, &v->f);
	for (int i = 0; i < 2; i++)
		certs_free(v->der[i]);
	return v->f.text;
}

START_TEST(each_fault_has_its_own_reason)
{
	static const struct {
		const char *leaf, *root, *text;
		enum cert_code code;
	} v[] = {
		{ "good.pem", "ca.pem", "", CERT_OK },
		{ "rsa.pem", "ca.pem", "", CERT_OK },
		{ "noeku.pem", "ca.pem", "", CERT_OK },
		{ "common.pem", "ca.pem", "", CERT_OK },
		{ "uri.pem", "ca.pem", "", CERT_OK },
		{ "limited.pem", "limits.pem", "", CERT_OK },
		{ "expired.pem", "ca.pem",
		  "certificate expired on 2026-07-01 00:00:00 UTC",
		  CERT_EXPIRED },
		{ "notyet.pem", "ca.pem",
		  "certificate is not valid before 2030-01-01 00:00:00 UTC",
		  CERT_NOT_YET },
		{ "othername.pem", "ca.pem",
		  "name mismatch: wanted example.com, got example.org",
		  CERT_NAME },
		{ "wildcard.pem", "ca.pem",
		  "name mismatch: wanted example.com, got *.example.com",
		  CERT_NAME },
		{ "user.pem", "ca.pem",
		  "name mismatch: wanted example.com, got none", CERT_NO_NAME },
		{ "outside.pem", "limits.pem", "outside the name constraints "
		  "of its issuer (outside)", CERT_CONSTRAINED },
		{ "excluded.pem", "limits.pem", "outside the name constraints "
		  "of its issuer (excluded)", CERT_CONSTRAINED },
		{ "sha1.pem", "ca.pem",
		  "signed with a broken hash (SHA-1 or older) (sha1)",
		  CERT_WEAK_HASH },
		{ "weak.pem", "ca.pem",
		  "key is too weak: 1024 bit (weak)", CERT_WEAK_KEY },
		{ "purpose.pem", "ca.pem", "certificate is not for this "
		  "purpose (extendedKeyUsage) (purpose)", CERT_PURPOSE },
		{ "client.pem", "ca.pem", "name mismatch: wanted example.com, "
		  "got client.example.com", CERT_NAME },
		{ "critical.pem", "ca.pem", "critical extension that is not "
		  "understood (critical)", CERT_CRITICAL },
	};

	for (unsigned i = 0; i < COUNT(v); i++) {
		struct verdict j = { 0 };

		ck_assert_str_eq(judge(&j, v[i].leaf, v[i].root), v[i].text);
		ck_assert_int_eq(j.f.code, v[i].code);
	}
}
END_TEST

/* The first and the last second are valid. */
START_TEST(dates_are_judged_to_the_second)
{
	static const struct {
		int64_t now;
		enum cert_code code;
	} v[] = { { 1767225599, CERT_NOT_YET }, { 1767225600, CERT_OK },
		  { 2713910400, CERT_OK }, { 2713910401, CERT_EXPIRED } };

	for (unsigned i = 0; i < COUNT(v); i++) {
		struct verdict j = { .want = { .rules = CERT_NAME_SIP,
			.name = S("example.com"), .now = v[i].now,
			.purposes = CERT_SERVER } };

		judge(&j, "good.pem", "ca.pem");
		ck_assert_int_eq(j.f.code, v[i].code);
	}
}
END_TEST

START_TEST(the_weightiest_fault_is_told)
{
	struct cert_fault f = { 0 };

	cert_blame(&f, CERT_NAME, NULL, 0);
	cert_blame(&f, CERT_WEAK_KEY, NULL, 0);
	ck_assert_str_eq(f.text, "name mismatch");
	cert_blame(&f, CERT_REVOKED, NULL, 0);
	ck_assert_str_eq(f.text, "certificate is revoked");
	ck_assert_str_eq(cert_code_word(f.code), "revoked");
}
END_TEST

/* A name of any length and with any octets is shown as ASCII, cut. */
START_TEST(strangers_names_are_tamed)
{
	char names[400] = "\x82\x82\x01\x80";
	struct cert c;
	struct cert_fault f = { 0 };
	struct cert_want w = { .rules = CERT_NAME_SIP, .name = S("a"),
			       .now = 1 };

	memset(names + 4, 0x1b, 384);
	c = named(slice_of(names, 4 + 384));
	c.key = CERT_KEY_EC;
	c.bits = 256;
	c.hash = CERT_HASH_SHA2;
	c.purposes = CERT_NO_EKU;
	c.until = 2;
	cert_judge(&c, 1, &w, &f);
	ck_assert_int_eq(f.code, CERT_NAME);
	ck_assert(strstr(f.text, "got ????") && !strchr(f.text, 0x1b));
	ck_assert_uint_lt(strlen(f.text), 128);
}
END_TEST

/* ------------------------------------------------------ constraints */
static bool may(struct slice permitted, struct slice excluded,
		struct slice names)
{
	struct cert chain[2] = {
		{ .alt_names = names, .subject = S("\x30\x00"),
		  .issuer = S("\x30\x00"), .key = CERT_KEY_EC, .bits = 256,
		  .hash = CERT_HASH_SHA2, .purposes = CERT_NO_EKU },
		{ .permitted = permitted, .excluded = excluded,
		  .constrained = true, .subject = S("\x30\x00"),
		  .issuer = S("\x30\x00"), .key = CERT_KEY_EC, .bits = 256 } };
	struct cert_want w = { 0 };
	struct cert_fault f = { 0 };

	cert_judge(chain, 2, &w, &f);
	ck_assert(f.code == CERT_OK || f.code == CERT_CONSTRAINED);
	return f.code == CERT_OK;
}

/* RFC 5280 4.2.1.10 */
START_TEST(constraints_on_each_kind_of_name)
{
	static const struct slice none = { NULL, 0 };
	struct slice dns = S("\x30\x0d\x82\x0b" "example.com");
	struct slice dot = S("\x30\x0e\x82\x0c.example.com");
	struct slice uri = S("\x30\x0d\x86\x0b" "example.com");
	struct slice below = S("\x30\x0e\x86\x0c.example.com");
	struct slice ip = S("\x30\x0a\x87\x08\xc0\x00\x02\x00\xff\xff\xff\x00");
	struct slice mail = S("\x30\x03\x81\x01x");
	struct slice secret = S("\x30\x14\x82\x12secret.example.com");

	ck_assert(may(dns, none, S("\x82\x0b" "Example.com")));
	ck_assert(may(dns, none, S("\x82\x0f" "sip.example.com")));
	ck_assert(!may(dns, none, S("\x82\x0e" "badexample.com")));
	ck_assert(!may(dns, none, S("\x82\x03" "com")));
	ck_assert(may(dot, none, S("\x82\x0f" "sip.example.com")));
	ck_assert(!may(dot, none, S("\x82\x0b" "example.com")));
	ck_assert(!may(none, dns, S("\x82\x0f" "sip.example.com")));
	ck_assert(may(none, dns, S("\x82\x0b" "example.net")));
	ck_assert(may(uri, none, S("\x86\x0fsip:example.com")));
	ck_assert(may(uri, none, S("\x86\x15sip:alice@example.com")));
	ck_assert(may(uri, none, S("\x86\x16http://example.com:8/x")));
	ck_assert(!may(uri, none, S("\x86\x13sip:sip.example.com")));
	ck_assert(may(below, none, S("\x86\x13sip:sip.example.com")));
	ck_assert(!may(below, none, S("\x86\x0fsip:example.com")));
	ck_assert(!may(uri, none, S("\x86\x0dsip:192.0.2.1")));
	ck_assert(!may(none, uri, S("\x86\x0dsip:192.0.2.1")));
	ck_assert(may(ip, none, S("\x87\x04\xc0\x00\x02\x07")));
	ck_assert(!may(ip, none, S("\x87\x04\xc0\x00\x03\x07")));
	ck_assert(!may(none, ip, S("\x87\x04\xc0\x00\x02\x07")));
	ck_assert(!may(ip, none, S("\x87\x10" "0123456789abcdef")));
	/* Who may speak for all of a domain may do so for what is excluded. */
	ck_assert(!may(dns, secret, S("\x82\x0d*.example.com")));
	ck_assert(may(dns, secret, S("\x82\x0fsip.example.com")));
	ck_assert(may(none, secret, S("\x82\x0d*.example.net")));
	ck_assert(!may(none, S("\x30\x15\x82\x13.secret.example.com"),
		       S("\x82\x14*.secret.example.com")));
	/* Kinds that are not compared: refused where they are constrained. */
	ck_assert(!may(mail, none, S("\x81\x01x")));
	ck_assert(!may(none, mail, S("\x81\x01y")));
	ck_assert(may(mail, none, S("\x82\x01x")));
}
END_TEST

/* The subject is a name as well; one without subjectAltName has its common
 * name for a domain. */
START_TEST(constraints_on_subjects)
{
	struct slice der = certs_der("common.pem"), ca = certs_der("ca.pem");
	struct cert chain[2];
	struct cert_want w = { .now = CERTS_NOW, .purposes = CERT_SERVER };
	struct cert_fault f = { 0 };
	char tree[64] = "\x30", *p = tree + 1;
	struct slice cn;

	ck_assert_int_eq(cert_parse(der, &chain[0], NULL), 0);
	ck_assert_int_eq(cert_parse(ca, &chain[1], NULL), 0);
	chain[1].constrained = true;
	chain[1].permitted = S("\x30\x0d\x82\x0b" "example.net");
	cert_judge(chain, 2, &w, &f);
	ck_assert_int_eq(f.code, CERT_CONSTRAINED);
	/* Other kinds of names, and being a CA, make it no less a domain. */
	chain[0].alt_names = S("\x81\x05x@y.z");
	f = (struct cert_fault){ 0 };
	cert_judge(chain, 2, &w, &f);
	ck_assert_int_eq(f.code, CERT_CONSTRAINED);
	chain[0].alt_names = (struct slice){ 0 };
	chain[0].ca = true;
	f = (struct cert_fault){ 0 };
	cert_judge(chain, 2, &w, &f);
	ck_assert_int_eq(f.code, CERT_CONSTRAINED);
	chain[0].ca = false;
	f = (struct cert_fault){ 0 };

	/* [4] { the subject }, permitted; then excluded */
	cn = chain[0].subject;
	*p++ = (char)(cn.n + 2);
	*p++ = '\xa4';
	*p++ = (char)cn.n;
	memcpy(p, cn.p, cn.n);
	f = (struct cert_fault){ 0 };
	chain[1].permitted = slice_of(tree, 4 + cn.n);
	cert_judge(chain, 2, &w, &f);
	ck_assert_int_eq(f.code, CERT_OK);
	chain[1].excluded = chain[1].permitted;
	cert_judge(chain, 2, &w, &f);
	ck_assert_int_eq(f.code, CERT_CONSTRAINED);
	certs_free(der);
	certs_free(ca);
}
END_TEST

SUITE(cert_check, domains_of_sip, wildcards_of_other_servers,
      addresses_are_names_of_their_own, a_common_name_counts_where_no_other_is,
      each_fault_has_its_own_reason, dates_are_judged_to_the_second,
      the_weightiest_fault_is_told, strangers_names_are_tamed,
      constraints_on_each_kind_of_name, constraints_on_subjects);
