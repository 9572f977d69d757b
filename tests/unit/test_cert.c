/* SPDX-License-Identifier: BSD-2-Clause
 * RFC 5280 4.1, 4.2.  Expected values: "openssl x509 -text" of the files. */
#include "tests/unit/suites.h"

#include <stdlib.h>

#include "platform/tls/cert.h"
#include "tests/certs/certs.h"

START_TEST(a_certificate_is_read)
{
	struct slice der = certs_der("good.pem"), names, v;
	enum cert_general kind;
	unsigned n = 0;
	struct cert c;

	ck_assert_int_eq(cert_parse(der, &c, NULL), 0);
	ck_assert_int_eq(c.from, 1767225600);  /* 2026-01-01 */
	ck_assert_int_eq(c.until, 2713910400); /* 2056-01-01 */
	ck_assert_int_eq(c.hash, CERT_HASH_SHA2);
	ck_assert_int_eq(c.key, CERT_KEY_EC);
	ck_assert_uint_eq(c.bits, 256);
	ck_assert_uint_eq(c.purposes, CERT_SERVER | CERT_CLIENT);
	ck_assert(!c.ca && !c.constrained && !c.unknown.p);
	ck_slice_eq(cert_common_name(c.subject, true), "good");
	ck_slice_eq(cert_common_name(c.issuer, true), "Parley test CA");
	ck_assert(!cert_is_self_issued(&c));
	for (names = c.alt_names; cert_name_next(&names, &kind, &v); n++)
		if (n == 0) {
			ck_assert_int_eq(kind, CERT_URI);
			ck_slice_eq(v, "sip:example.com");
		} else if (n == 4) {
			ck_assert_int_eq(kind, CERT_IP);
			ck_assert_uint_eq(v.n, 16);
		}
	ck_assert_uint_eq(n, 5);
	certs_free(der);
}
END_TEST

START_TEST(keys_hashes_and_constraints)
{
	static const struct {
		const char *file;
		enum cert_key key;
		unsigned bits;
		enum cert_hash hash;
		unsigned purposes;
		bool ca, constrained, unknown;
	} v[] = {
		{ "rsa.pem", CERT_KEY_RSA, 2048, CERT_HASH_SHA2,
		  CERT_SERVER | CERT_CLIENT, 0, 0, 0 },
		{ "weak.pem", CERT_KEY_RSA, 1024, CERT_HASH_SHA2,
		  CERT_SERVER | CERT_CLIENT, 0, 0, 0 },
		{ "sha1.pem", CERT_KEY_EC, 256, CERT_HASH_BROKEN,
		  CERT_SERVER | CERT_CLIENT, 0, 0, 0 },
		{ "purpose.pem", CERT_KEY_EC, 256, CERT_HASH_SHA2, CERT_CLIENT,
		  0, 0, 0 },
		{ "noeku.pem", CERT_KEY_EC, 256, CERT_HASH_SHA2, CERT_NO_EKU,
		  0, 0, 0 },
		{ "critical.pem", CERT_KEY_EC, 256, CERT_HASH_SHA2,
		  CERT_SERVER | CERT_CLIENT, 0, 0, 1 },
		{ "ca.pem", CERT_KEY_EC, 256, CERT_HASH_SHA2, CERT_NO_EKU,
		  1, 0, 0 },
		{ "limits.pem", CERT_KEY_EC, 256, CERT_HASH_SHA2, CERT_NO_EKU,
		  1, 1, 0 },
	};

	for (unsigned i = 0; i < COUNT(v); i++) {
		struct slice der = certs_der(v[i].file);
		struct cert c;

		ck_assert_int_eq(cert_parse(der, &c, NULL), 0);
		ck_assert_int_eq(c.key, v[i].key);
		ck_assert_uint_eq(c.bits, v[i].bits);
		ck_assert_int_eq(c.hash, v[i].hash);
		ck_assert_uint_eq(c.purposes, v[i].purposes);
		ck_assert(c.ca == v[i].ca);
		ck_assert(c.constrained == v[i].constrained);
		ck_assert((c.unknown.p != NULL) == v[i].unknown);
		certs_free(der);
	}
}
END_TEST

/* Each prefix and each changed octet: refused or read, with a reason, within
 * its bounds (in a block of its exact size). */
START_TEST(what_is_cut_or_changed_is_no_danger)
{
	struct slice der = certs_der("limits.pem");
	struct cert c;

	for (size_t n = 0; n < der.n; n++) {
		struct parse_error e = { 0 };
		char *part = malloc(n ? n : 1);

		memcpy(part, der.p, n);
		ck_assert_int_eq(cert_parse(slice_of(part, n), &c, &e),
				 -EBADMSG);
		ck_assert(e.reason && e.offset <= n);
		free(part);
	}
	for (size_t i = 0; i < 8 * der.n; i++) {
		struct parse_error e = { 0 };
		char *flip = malloc(der.n);
		int rc;

		memcpy(flip, der.p, der.n);
		flip[i / 8] = (char)(flip[i / 8] ^ 1 << i % 8);
		rc = cert_parse(slice_of(flip, der.n), &c, &e);
		ck_assert(rc == 0 || (e.reason && e.offset <= der.n));
		free(flip);
	}
	certs_free(der);
}
END_TEST

START_TEST(a_revocation_list_has_an_issuer_and_an_end)
{
	struct slice der = certs_der("old.crl");
	struct cert_crl l;

	ck_assert_int_eq(cert_crl_parse(der, &l, NULL), 0);
	ck_slice_eq(cert_common_name(l.issuer, true), "Parley test CA");
	ck_assert_int_eq(l.from, 1767225600);
	ck_assert_int_eq(l.until, 1782864000); /* 2026-07-01 */
	for (size_t n = 0; n < der.n; n++) {
		struct parse_error e = { 0 };

		ck_assert_int_eq(cert_crl_parse(slice_of(der.p, n), &l, &e),
				 -EBADMSG);
		ck_assert(e.reason && e.offset <= n);
	}
	certs_free(der);
}
END_TEST

/* CN=Parley as PrintableString (0x13) and, in capitals, as UTF8String (0x0c):
 * 30 len { 31 len { 30 len { 06 03 55 04 03, string } } }. */
START_TEST(names_are_the_same_however_written)
{
	static const char one[] = "\x30\x11\x31\x0f\x30\x0d\x06\x03\x55\x04"
		"\x03\x13\x06Parley";
	static const char two[] = "\x30\x11\x31\x0f\x30\x0d\x06\x03\x55\x04"
		"\x03\x0c\x06PARLEY";
	static const char other[] = "\x30\x11\x31\x0f\x30\x0d\x06\x03\x55"
		"\x04\x0a\x13\x06Parley"; /* O= */
	struct slice a = slice_of(one, sizeof(one) - 1);
	struct slice b = slice_of(two, sizeof(two) - 1);
	struct slice none = { .p = NULL };

	ck_assert(cert_same_name(a, a) && cert_same_name(a, b));
	ck_assert(!cert_same_name(a, slice_of(other, sizeof(other) - 1)));
	ck_assert(!cert_same_name(a, none) && !cert_same_name(none, none));
	for (size_t n = 0; n < b.n; n++)
		ck_assert(!cert_same_name(a, slice_head(b, n)));
}
END_TEST

SUITE(cert, a_certificate_is_read, keys_hashes_and_constraints,
      what_is_cut_or_changed_is_no_danger,
      a_revocation_list_has_an_issuer_and_an_end,
      names_are_the_same_however_written);
