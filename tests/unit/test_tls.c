/* SPDX-License-Identifier: BSD-2-Clause
 * The machine of TLS at both ends of a pipe: RFC 5246, RFC 9325, RFC 5922. */
#include "tests/unit/suites.h"

#include <stdlib.h>

#include "tests/unit/tls_rig.h"

static void good_end(struct rig *r)
{
	rig_end(r);
	ck_assert_uint_eq(r->m.blocks, 0);
	ck_assert_uint_eq(r->m.used, 0);
}

static void begin(struct rig *r, const struct rig_setup *s)
{
	ck_assert_int_eq(rig_begin(r, s), 0);
}

static const char *text(const struct rig *r, enum rig_end e)
{
	return tls_fault(r->t[e])->cert.text;
}

static void opens(struct rig *r)
{
	rig_run(r);
	ck_assert_str_eq(text(r, CLIENT), "");
	ck_assert_str_eq(text(r, SERVER), "");
	ck_assert_int_eq(tls_state(r->t[CLIENT]), TLS_OPEN);
	ck_assert_int_eq(tls_state(r->t[SERVER]), TLS_OPEN);
}

/* n octets from one end arrive at the other as they were. */
static void carries(struct rig *r, enum rig_end from, size_t n)
{
	uint8_t *sent = malloc(n), *got = malloc(n + 1);
	size_t out = 0, in = 0, more;

	for (size_t i = 0; i < n; i++)
		sent[i] = (uint8_t)(i * 7 + i / 256);
	while (in < n) {
		int rc = tls_write(r->t[from], sent + out, n - out);

		ck_assert_int_ge(rc, 0);
		out += (size_t)rc;
		rig_run(r);
		while ((more = tls_read(r->t[!from], got + in,
					n + 1 - in)) > 0)
			in += more;
		ck_assert(rc || in);
	}
	ck_assert_mem_eq(sent, got, n);
	ck_assert(!tls_waits(r->t[!from]));
	ck_assert_uint_eq(tls_unsent(r->t[from]).n, 0);
	free(sent);
	free(got);
}

START_TEST(both_ends_meet_whatever_the_pieces)
{
	static const size_t pieces[] = { 0, 1, 2, 3, 7, 100, 1000 };
	static const struct rig_setup keys[] = { { 0 },
		{ .cert = "rsa.pem", .key = "rsa.key" } };

	for (size_t i = 0; i < COUNT(pieces) * COUNT(keys); i++) {
		struct rig r;
		uint8_t c;

		begin(&r, &keys[i % COUNT(keys)]);
		r.chunk = pieces[i / COUNT(keys)];
		opens(&r);
		ck_assert_str_eq(tls_version(r.t[CLIENT]), "TLSv1.2");
		ck_assert(strstr(tls_suite(r.t[CLIENT]), "ECDHE"));
		ck_assert(strstr(tls_suite(r.t[CLIENT]), "GCM"));
		ck_assert(tls_peer_cert(r.t[CLIENT]).n > 100);
		ck_assert_uint_eq(tls_peer_cert(r.t[SERVER]).n, 0);
		carries(&r, CLIENT, 1);
		carries(&r, SERVER, 40000);
		carries(&r, CLIENT, 70000);
		tls_shutdown(r.t[CLIENT]);
		ck_assert_int_eq(tls_write(r.t[CLIENT], "x", 1), -EPIPE);
		rig_run(&r);
		ck_assert_uint_eq(tls_read(r.t[SERVER], &c, 1), 0);
		ck_assert_int_eq(tls_state(r.t[SERVER]), TLS_ENDED);
		carries(&r, SERVER, 100); /* one half is still open */
		tls_shutdown(r.t[SERVER]);
		rig_run(&r);
		ck_assert_uint_eq(tls_read(r.t[CLIENT], &c, 1), 0);
		ck_assert_int_eq(tls_state(r.t[CLIENT]), TLS_ENDED);
		good_end(&r);
	}
}
END_TEST

/* ------------------------------------------------ certificates refused */
/* Each bad in one way (tests/certs/README.md). */
START_TEST(each_bad_certificate_has_its_own_reason)
{
	static const struct {
		struct rig_setup s;
		enum cert_code code;
		const char *text;
	} v[] = {
		{ { .cert = "expired.pem" }, CERT_EXPIRED,
		  "certificate expired on 2026-07-01 00:00:00 UTC" },
		{ { .cert = "notyet.pem" }, CERT_NOT_YET,
		  "certificate is not valid before 2030-01-01 00:00:00 UTC" },
		{ { .cert = "othername.pem" }, CERT_NAME,
		  "name mismatch: wanted example.com, got example.org" },
		{ { .cert = "wildcard.pem", .rules = CERT_NAME_SIP,
		    .name = "sip.example.com" }, CERT_NAME,
		  "name mismatch: wanted sip.example.com, got *.example.com" },
		{ { .cert = "good.pem", .rules = CERT_NAME_SIP,
		    .name = "192.0.2.2" }, CERT_NAME, "name mismatch: wanted "
		  "192.0.2.2, got example.com" },
		{ { .cert = "selfsigned.pem" }, CERT_SELF_SIGNED,
		  "self-signed certificate (selfsigned)" },
		{ { .cert = "unknown.pem" }, CERT_UNKNOWN_ISSUER,
		  "unknown issuer: Another CA" },
		{ { .cert = "good.pem", .ca = "" }, CERT_UNKNOWN_ISSUER,
		  "unknown issuer: Parley test CA" },
		{ { .cert = "revoked.pem", .crl = "ca.crl" }, CERT_REVOKED,
		  "certificate is revoked" },
		{ { .cert = "good.pem", .crl = "old.crl" }, CERT_CRL_OLD,
		  "revocation list is out of date since 2026-07-01 00:00:00 "
		  "UTC" },
		{ { .cert = "constrained.pem", .rules = CERT_NAME_SIP,
		    .name = "example.org" }, CERT_CONSTRAINED, "outside the "
		  "name constraints of its issuer (constrained)" },
		{ { .cert = "outside.pem", .ca = "limits.pem" },
		  CERT_CONSTRAINED, "outside the name constraints of its "
		  "issuer (outside)" },
		{ { .cert = "excluded.pem", .ca = "limits.pem" },
		  CERT_CONSTRAINED, "outside the name constraints of its "
		  "issuer (excluded)" },
		/* Not a root's: the library refuses what it does not know. */
		{ { .cert = "strict.pem" }, CERT_CRITICAL,
		  "critical extension that is not understood" },
		{ { .cert = "sha1.pem" }, CERT_WEAK_HASH,
		  "signed with a broken hash (SHA-1 or older) (sha1)" },
		{ { .cert = "weak.pem", .key = "weak.key" }, CERT_WEAK_KEY,
		  "key is too weak: 1024 bit (weak)" },
	};

	for (size_t i = 0; i < COUNT(v); i++) {
		struct rig r;

		begin(&r, &v[i].s);
		rig_run(&r);
		ck_assert_int_eq(tls_state(r.t[CLIENT]), TLS_FAILED);
		ck_assert_int_eq(tls_fault(r.t[CLIENT])->cause, TLS_REFUSED);
		ck_assert_str_eq(text(&r, CLIENT), v[i].text);
		ck_assert_int_eq(tls_fault(r.t[CLIENT])->cert.code, v[i].code);
		/* The server is told, and passes no data. */
		ck_assert_int_eq(tls_state(r.t[SERVER]), TLS_FAILED);
		ck_assert_int_eq(tls_fault(r.t[SERVER])->cause, TLS_ALERT);
		ck_assert(slice_starts(slice_str(text(&r, SERVER)),
				       "the peer refused: "));
		good_end(&r);
	}
}
END_TEST

START_TEST(good_certificates_are_taken)
{
	static const struct rig_setup v[] = {
		{ .cert = "noeku.pem" }, { .cert = "common.pem" },
		{ .cert = "uri.pem" }, { .cert = "within.pem" },
		{ .cert = "good.pem", .crl = "ca.crl" },
		{ .cert = "limited.pem", .ca = "limits.pem" },
		{ .cert = "good.pem", .rules = CERT_NAME_SIP,
		  .name = "192.0.2.1" },
		{ .cert = "good.pem", .rules = CERT_NAME_SIP,
		  .name = "2001:db8::1" },
		{ .cert = "good.pem", .rules = CERT_NAME_SIP,
		  .name = "Example.com." },
		{ .cert = "wildcard.pem", .rules = CERT_NAME_WEB,
		  .name = "xcap.example.com" },
		/* Trusted by itself. */
		{ .cert = "selfsigned.pem", .ca = "selfsigned.pem" },
		/* Told not to look. */
		{ .cert = "expired.pem", .ca = "", .client = TLS_VERIFY_NOT },
	};

	for (size_t i = 0; i < COUNT(v); i++) {
		struct rig r;

		begin(&r, &v[i]);
		opens(&r);
		carries(&r, SERVER, 10);
		good_end(&r);
	}
}
END_TEST

START_TEST(certificates_of_clients)
{
	static const struct {
		struct rig_setup s;
		enum cert_code code; /* of the server's refusal */
		const char *text;
	} v[] = {
		{ { .client_cert = "client.pem", .client_key = "client.key",
		    .server = TLS_VERIFY_MUST }, CERT_OK, "" },
		{ { .client_cert = "client.pem", .client_key = "client.key",
		    .server = TLS_VERIFY }, CERT_OK, "" },
		{ { .server = TLS_VERIFY }, CERT_OK, "" },
		{ { .server = TLS_VERIFY_MUST }, CERT_MISSING,
		  "certificate wanted, none shown" },
		{ { .client_cert = "unknown.pem", .client_key = "leaf.key",
		    .server = TLS_VERIFY }, CERT_UNKNOWN_ISSUER,
		  "unknown issuer: Another CA" },
		{ { .client_cert = "server.pem", .client_key = "leaf.key",
		    .server = TLS_VERIFY }, CERT_PURPOSE, "certificate is not "
		  "for this purpose (extendedKeyUsage) (server)" },
		{ { .client_cert = "expired.pem", .client_key = "leaf.key",
		    .server = TLS_VERIFY_MUST }, CERT_EXPIRED,
		  "certificate expired on 2026-07-01 00:00:00 UTC" },
		{ { .client_cert = "keyuse.pem", .client_key = "client.key",
		    .server = TLS_VERIFY }, CERT_USAGE,
		  "key is not for this use (keyUsage)" },
		{ { .client_cert = "keyuse.pem", .client_key = "client.key",
		    .server = TLS_VERIFY_MUST }, CERT_USAGE,
		  "key is not for this use (keyUsage)" },
	};

	for (size_t i = 0; i < COUNT(v); i++) {
		struct rig r;

		begin(&r, &v[i].s);
		rig_run(&r);
		ck_assert_str_eq(text(&r, SERVER), v[i].text);
		ck_assert_int_eq(tls_fault(r.t[SERVER])->cert.code, v[i].code);
		if (v[i].code == CERT_OK)
			carries(&r, CLIENT, 10);
		if (v[i].code == CERT_MISSING) {
			ck_assert_str_eq(text(&r, CLIENT), "the peer refused: "
					 "it wants a client certificate; no "
					 "version, suite or certificate in "
					 "common (40)");
			ck_assert_int_eq(tls_fault(r.t[CLIENT])->cert.code,
					 CERT_MISSING);
		}
		good_end(&r);
	}
}
END_TEST

/* RFC 5922 7.4: the domains that a client stands for. */
START_TEST(who_a_client_is)
{
	struct rig_setup s = { .client_cert = "client.pem", .client_key =
			       "client.key", .server = TLS_VERIFY_MUST };
	struct slice name;
	struct cert c;
	struct rig r;

	begin(&r, &s);
	opens(&r);
	ck_assert_int_eq(cert_parse(tls_peer_cert(r.t[SERVER]), &c, NULL), 0);
	ck_assert(cert_sip_identity(&c, 0, &name));
	ck_slice_eq(name, "client.example.com");
	good_end(&r);
}
END_TEST

/* ---------------------------------------------------------- resumption */
static bool resumes(struct rig *r, const char *name)
{
	bool both;

	rig_part(r);
	ck_assert_int_eq(rig_meet(r, CERT_NAME_SIP, name), 0);
	opens(r);
	carries(r, CLIENT, 10);
	both = tls_resumed(r->t[CLIENT]);
	ck_assert(both == tls_resumed(r->t[SERVER]));
	return both;
}

START_TEST(a_session_is_resumed_for_the_same_name)
{
	struct rig_setup s = { 0 };
	struct rig r;

	begin(&r, &s);
	opens(&r);
	ck_assert(!tls_resumed(r.t[CLIENT]));
	ck_assert(resumes(&r, "example.com"));
	ck_assert(resumes(&r, "EXAMPLE.com"));
	ck_assert(tls_peer_cert(r.t[CLIENT]).n > 100);
	good_end(&r);
	s = (struct rig_setup){ .cert = "limited.pem", .ca = "limits.pem" };
	begin(&r, &s);
	opens(&r);
	rig_part(&r);
	ck_assert_int_eq(rig_meet(&r, CERT_NAME_SIP, "example.net"), 0);
	rig_run(&r);
	ck_assert_str_eq(text(&r, CLIENT), "name mismatch: wanted "
			 "example.net, got example.com");
	good_end(&r);
}
END_TEST

START_TEST(no_session_outlives_its_certificate_or_its_conf)
{
	struct rig_setup s = { 0 };
	struct rig r;

	begin(&r, &s);
	opens(&r);
	r.now.wall_ns = INT64_C(2713910401) * SEC(1); /* 2056 and a second */
	rig_part(&r);
	ck_assert_int_eq(rig_meet(&r, CERT_NAME_SIP, "example.com"), 0);
	rig_run(&r);
	ck_assert_int_eq(tls_fault(r.t[CLIENT])->cert.code, CERT_EXPIRED);
	good_end(&r);

	/* Nor a client's, by the server's ticket. */
	s = (struct rig_setup){ .client_cert = "brief.pem",
				.client_key = "client.key",
				.server = TLS_VERIFY_MUST };
	begin(&r, &s);
	opens(&r);
	ck_assert(resumes(&r, "example.com"));
	r.now.wall_ns = INT64_C(1814400000) * SEC(1); /* 2027-07-01 */
	rig_part(&r);
	ck_assert_int_eq(rig_meet(&r, CERT_NAME_SIP, "example.com"), 0);
	rig_run(&r);
	ck_assert(!tls_resumed(r.t[SERVER]));
	ck_assert_str_eq(text(&r, SERVER),
			 "certificate expired on 2027-06-01 00:00:00 UTC");
	good_end(&r);

	s = (struct rig_setup){ 0 };
	begin(&r, &s);
	opens(&r);
	rig_part(&r);
	tls_conf_free(r.conf[SERVER]);
	ck_assert_int_eq(rig_conf(&r, SERVER, "rsa.pem", "rsa.key",
				  TLS_VERIFY), 0);
	ck_assert(!resumes(&r, "example.com"));
	ck_assert(resumes(&r, "example.com"));
	good_end(&r);
}
END_TEST

/* More names than are kept: the oldest is forgotten. */
START_TEST(sessions_that_are_kept_are_few)
{
	static const char *const names[] = { "example.com", "192.0.2.1",
					     "2001:db8::1" };
	struct rig_setup s = { .client = TLS_VERIFY };
	size_t used = 0;
	struct rig r;

	begin(&r, &s);
	opens(&r);
	for (unsigned i = 0; i < 3 * TLS_SESSIONS; i++) {
		(void)resumes(&r, names[i % COUNT(names)]);
		if (i == COUNT(names))
			used = r.m.used;
	}
	ck_assert_uint_le(r.m.used, used + 64);
	good_end(&r);
}
END_TEST

/* ------------------------------------------------------- own certificate */
START_TEST(a_certificate_is_replaced_under_open_connections)
{
	struct rig_setup s = { 0 };
	struct rig r;
	struct tls *old[2];

	begin(&r, &s);
	opens(&r);
	memcpy(old, r.t, sizeof(old));
	tls_conf_free(r.conf[SERVER]);
	ck_assert_int_eq(rig_conf(&r, SERVER, "rsa.pem", "rsa.key",
				  TLS_VERIFY), 0);
	tls_store_free(r.store[SERVER]);
	r.store[SERVER] = NULL;
	ck_assert_int_eq(rig_meet(&r, CERT_NAME_SIP, "192.0.2.1"), 0);
	opens(&r);
	ck_assert(strstr(tls_suite(r.t[CLIENT]), "RSA"));
	rig_part(&r);
	memcpy(r.t, old, sizeof(old));
	carries(&r, SERVER, 1000);
	good_end(&r);
}
END_TEST

START_TEST(what_is_wrong_with_an_own_certificate)
{
	static const struct {
		const char *cert, *key, *why;
		bool client;
	} v[] = {
		{ "good.pem", NULL, "a certificate wants its key, and a key "
		  "its certificate", 0 },
		{ NULL, NULL, "a server needs a certificate", 0 },
		{ "leaf.key", "leaf.key", "the certificate cannot be read",
		  1 },
		{ "good.pem", "good.pem", "the key cannot be read (one with "
		  "a password is not supported)", 1 },
		{ "purpose.pem", "leaf.key", "the certificate is not for "
		  "servers (extendedKeyUsage)", 0 },
		{ "good.pem", "rsa.key", "the key is another certificate's",
		  0 },
		{ "good.pem", "client.key", "the key is another "
		  "certificate's", 1 },
	};
	static const uint8_t seed[32];

	for (size_t i = 0; i < COUNT(v); i++) {
		struct tls_setup s = { .server = !v[i].client,
			.cert = rig_file(v[i].cert),
			.key = rig_file(v[i].key) };
		struct tls_conf *c = NULL;
		const char *why;
		struct mem m;

		mem_init(&m, 0);
		ck_assert_int_eq(tls_conf_new(&m, &s, seed, &c, &why),
				 -EINVAL);
		ck_assert_str_eq(why, v[i].why);
		ck_assert_uint_eq(m.blocks, 0);
		rig_free(s.cert);
		rig_free(s.key);
	}
}
END_TEST

/* An account's store believes whom the engine's does, and others. */
START_TEST(a_store_stands_on_another)
{
	static const char *const files[] = { "good.pem", "unknown.pem",
					     "selfsigned.pem" };

	for (size_t i = 0; i < COUNT(files); i++) {
		struct rig_setup s = { .cert = files[i], .ca = "ca.pem",
				       .crl = "ca.crl" };
		struct tls_store *empty, *more;
		struct slice file = certs_file("other.pem");
		struct rig r;

		begin(&r, &s);
		rig_part(&r);
		empty = tls_store_new(&r.m, r.store[CLIENT]);
		more = tls_store_new(&r.m, empty);
		ck_assert_int_eq(tls_store_add(empty, file), -EBUSY);
		ck_assert_int_eq(tls_store_add(more, file), 1);
		ck_assert_int_eq(tls_store_add(more, S("none")), -EBADMSG);
		certs_free(file);
		tls_store_free(r.store[CLIENT]);
		tls_store_free(empty);
		tls_conf_free(r.conf[CLIENT]);
		r.store[CLIENT] = more;
		ck_assert_int_eq(rig_conf(&r, CLIENT, NULL, NULL, TLS_VERIFY),
				 0);
		ck_assert_int_eq(rig_meet(&r, CERT_NAME_SIP, "example.com"),
				 0);
		if (i < 2)
			opens(&r);
		else
			rig_run(&r);
		ck_assert_int_eq(tls_fault(r.t[CLIENT])->cert.code,
				 i < 2 ? CERT_OK : CERT_SELF_SIGNED);
		good_end(&r);
	}
}
END_TEST

/* ------------------------------------------------------ what goes wrong */
/* A peer that stops at any octet: nothing is sent or held beyond what it was
 * worth, and the deadline ends it. */
START_TEST(a_peer_that_stalls_is_given_up)
{
	struct rig_setup s = { .server = TLS_VERIFY_MUST,
		.client_cert = "client.pem", .client_key = "client.key" };
	size_t all[2];
	struct rig r;

	begin(&r, &s);
	opens(&r);
	memcpy(all, r.crossed, sizeof(all));
	good_end(&r);
	for (int e = 0; e < 2; e++)
		for (size_t n = 1; n < all[e]; n += n < 100 ? 1 : 41) {
			mono deadline;

			begin(&r, &s);
			r.stop[e] = n;
			rig_run(&r);
			ck_assert_int_eq(tls_state(r.t[!e]), TLS_HANDSHAKE);
			ck_assert_uint_lt(r.m.used, 2 * (TLS_CHARGE + 60000));
			deadline = tls_deadline(r.t[!e]);
			ck_assert_int_eq(deadline, SEC(11));
			tls_on_time(r.t[!e], deadline - 1);
			ck_assert_int_eq(tls_state(r.t[!e]), TLS_HANDSHAKE);
			tls_on_time(r.t[!e], deadline);
			ck_assert_int_eq(tls_fault(r.t[!e])->cause,
					 TLS_TIMEOUT);
			ck_assert_str_eq(text(&r, !e),
					 "the handshake took too long");
			ck_assert_int_eq(tls_deadline(r.t[!e]), MONO_NEVER);
			good_end(&r);
		}
}
END_TEST

/* The stream ends at any octet. */
START_TEST(a_stream_that_ends_is_a_failure)
{
	struct rig_setup s = { 0 };
	struct rig r;

	begin(&r, &s);
	r.stop[SERVER] = 300;
	rig_run(&r);
	tls_on_end(r.t[CLIENT]);
	ck_assert_str_eq(text(&r, CLIENT),
			 "the connection ended in the handshake");
	ck_assert_int_eq(tls_fault(r.t[CLIENT])->cause, TLS_CUT);
	good_end(&r);
	begin(&r, &s);
	opens(&r);
	tls_on_end(r.t[CLIENT]);
	ck_assert_str_eq(text(&r, CLIENT),
			 "the connection was cut (no close_notify)");
	good_end(&r);
}
END_TEST

/* Any octet of the handshake changed: it never opens at both ends. */
START_TEST(a_changed_octet_is_noticed)
{
	struct rig_setup s = { 0 };
	size_t all[2];
	struct rig r;

	begin(&r, &s);
	opens(&r);
	memcpy(all, r.crossed, sizeof(all));
	good_end(&r);
	for (int e = 0; e < 2; e++)
		for (size_t n = 1; n <= all[e]; n += n < 60 ? 1 : 13) {
			/* The version of the first record: RFC 5246 E.1 */
			if (e == CLIENT && (n == 2 || n == 3))
				continue;
			begin(&r, &s);
			r.flip[e] = n;
			rig_run(&r);
			ck_assert_msg(tls_state(r.t[CLIENT]) != TLS_OPEN ||
				      tls_state(r.t[SERVER]) != TLS_OPEN,
				      "end %d, octet %zu", e, n);
			good_end(&r);
		}
}
END_TEST

static enum tls_cause hears(struct rig *r, enum rig_end e, const void *p,
			    size_t n)
{
	uint8_t c[64];

	(void)!tls_on_bytes(r->t[e], p, n);
	tls_work(r->t[e]);
	tls_settle(r->t[e]);
	while (tls_read(r->t[e], c, sizeof(c)))
		;
	return tls_fault(r->t[e])->cause;
}

/* RFC 5246 6.2.1: records of nothing, of too much, of what is none. */
START_TEST(records_that_are_none)
{
	static const struct slice bad[] = {
		SLICE("\x16\x03\x01\xff\xff"), SLICE("\x17\x03\x03\xff\xff"),
		SLICE("\x17\x03\x03\x00\x00"), SLICE("\x15\x03\x03\x00\x00"),
		SLICE("\x14\x03\x03\x00\x01\x01"), SLICE("\x99\x03\x03\0\1x"),
		SLICE("\x16\x02\x00\x00\x01\x01"), SLICE("GET / HTTP/1.1\r\n"),
		SLICE("OPTIONS sip:a SIP/2.0\r\n"), SLICE("\x80\x2e\x01\x03"
		"\x01\x00\x15\x00\x00\x00\x10\x01\x00\x80"),
	};

	for (size_t i = 0; i < COUNT(bad) * 4; i++) {
		struct rig_setup s = { 0 };
		enum rig_end e = i % 2 ? SERVER : CLIENT;
		enum tls_cause c;
		struct rig r;

		begin(&r, &s);
		if (i / 2 % 2)
			opens(&r);
		else
			tls_work(r.t[CLIENT]);
		c = hears(&r, e, bad[i / 4].p, bad[i / 4].n);
		if (c == TLS_FINE) /* an empty one may do no harm */
			for (int k = 0; k < 200 && c == TLS_FINE; k++)
				c = hears(&r, e, bad[i / 4].p, bad[i / 4].n);
		ck_assert_msg(c == TLS_BROKEN || c == TLS_ALERT, "row %zu: %d",
			      i, (int)c);
		/* After the failure nothing is heard or said but an alert. */
		ck_assert_int_eq(tls_on_bytes(r.t[e], "x", 1), 0);
		ck_assert(!tls_waits(r.t[e]) && !tls_wants_work(r.t[e]));
		ck_assert_int_eq(tls_write(r.t[e], "x", 1), -EPIPE);
		good_end(&r);
	}
}
END_TEST

/* A handshake of nothing but fragments is ended by its length. */
START_TEST(a_handshake_has_an_end)
{
	static const uint8_t piece[] = { 22, 3, 3, 0, 1, 1 };
	static const uint8_t zero[1000];
	struct rig_setup s = { 0 };
	size_t n = 0;
	struct rig r;

	begin(&r, &s);
	while (hears(&r, SERVER, piece, sizeof(piece)) == TLS_FINE)
		n += sizeof(piece);
	ck_assert_uint_le(n, LIMIT_TLS_HANDSHAKE);
	good_end(&r);
	begin(&r, &s);
	for (n = 0; tls_fault(r.t[SERVER])->cause == TLS_FINE; n += 1000)
		(void)!tls_on_bytes(r.t[SERVER], zero, sizeof(zero));
	ck_assert_str_eq(text(&r, SERVER), "the handshake is too long");
	good_end(&r);
}
END_TEST

/* A peer that does not read: what waits is bounded. */
START_TEST(what_waits_to_be_sent_is_bounded)
{
	static const uint8_t zero[4096];
	struct rig_setup s = { 0 };
	size_t n = 0;
	struct rig r;
	int rc;

	begin(&r, &s);
	opens(&r);
	while ((rc = tls_write(r.t[CLIENT], zero, sizeof(zero))) > 0)
		n += (size_t)rc;
	ck_assert_int_eq(rc, 0);
	ck_assert_uint_ge(n, LIMIT_TLS_UNSENT - sizeof(zero) - 1024);
	ck_assert_uint_le(tls_unsent(r.t[CLIENT]).n, LIMIT_TLS_UNSENT + 64);
	rig_run(&r);
	ck_assert_int_gt(tls_write(r.t[CLIENT], zero, sizeof(zero)), 0);
	good_end(&r);
}
END_TEST

/* The n-th allocation fails, until one is not met. */
START_TEST(memory_that_runs_out_ends_in_a_reason)
{
	struct rig_setup s = { .server = TLS_VERIFY_MUST,
		.client_cert = "client.pem", .client_key = "client.key" };
	bool met = true;

	for (uint64_t n = 1; met; n++) {
		struct rig r = { 0 };
		uint8_t c;

		ck_assert_int_eq(rig_begin(&r, &s), 0);
		rig_part(&r);
		r.m.fail_at = r.m.calls + n;
		if (rig_meet(&r, CERT_NAME_SIP, "example.com") == 0) {
			rig_run(&r);
			(void)!tls_write(r.t[CLIENT], "hello", 5);
			rig_run(&r);
			(void)!tls_read(r.t[SERVER], &c, 1);
			tls_shutdown(r.t[SERVER]);
			rig_run(&r);
		}
		met = r.m.calls >= r.m.fail_at;
		rig_end(&r);
		ck_assert_uint_eq(r.m.blocks, 0);
		ck_assert_uint_eq(r.m.used, 0);
	}
}
END_TEST

/* The goal: 40 KiB for a connection at rest, the library's memory as charged
 * (tests/fault/fault_libs.c counts what it really takes). */
START_TEST(a_connection_at_rest_is_small)
{
	struct rig_setup s = { 0 };
	size_t before;
	struct rig r;

	begin(&r, &s);
	rig_part(&r);
	before = r.m.used;
	ck_assert_int_eq(rig_meet(&r, CERT_NAME_SIP, "example.com"), 0);
	opens(&r);
	carries(&r, CLIENT, 5000);
	ck_assert_uint_le(r.m.used - before, 2 * 40 * 1024);
	good_end(&r);
}
END_TEST

SUITE(tls, both_ends_meet_whatever_the_pieces,
      each_bad_certificate_has_its_own_reason, good_certificates_are_taken,
      certificates_of_clients, who_a_client_is,
      a_session_is_resumed_for_the_same_name,
      no_session_outlives_its_certificate_or_its_conf,
      sessions_that_are_kept_are_few,
      a_certificate_is_replaced_under_open_connections,
      what_is_wrong_with_an_own_certificate, a_store_stands_on_another,
      a_peer_that_stalls_is_given_up, a_stream_that_ends_is_a_failure,
      a_changed_octet_is_noticed, records_that_are_none,
      a_handshake_has_an_end, what_waits_to_be_sent_is_bounded,
      memory_that_runs_out_ends_in_a_reason, a_connection_at_rest_is_small);
