/* SPDX-License-Identifier: BSD-2-Clause
 * Memory runs out inside the TLS library, which takes it from the C library:
 * at each of its calls, from reading certificates to the last record.  Who is
 * told of a failure says so, nothing leaks, and the next try succeeds.
 * There are some 70 000 of them, most for big numbers of keys: every 97th is
 * tried, and every 701st with a small SEEDS.
 * usage: fault_tls; FAULT_STEP and SEEDS as for fault_call. */
#include "tests/fault/refuse.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/certs/certs.h"

/* Reading the files is none of the library's. */
static struct slice unharmed(const char *name)
{
	bool was = armed;
	struct slice s;

	armed = false;
	s = certs_file(name);
	armed = was;
	return s;
}
#define certs_file unharmed
#include "tests/unit/tls_rig.h"

static const struct rig_setup mutual = {
	.client_cert = "client.pem", .client_key = "client.key",
	.server = TLS_VERIFY_MUST, .crl = "ca.crl" };

/* 0: all of it went well; -ENOMEM: somebody said that it did not. */
static int once(void)
{
	struct rig r;
	uint8_t c = 0;
	int rc = rig_begin(&r, &mutual);

	if (rc == 0) {
		rig_run(&r);
		(void)!tls_write(r.t[CLIENT], "x", 1);
		rig_run(&r);
		if (tls_read(r.t[SERVER], &c, 1) != 1 || c != 'x')
			rc = tls_state(r.t[SERVER]) == TLS_FAILED ||
			     tls_state(r.t[CLIENT]) == TLS_FAILED ?
				     -ENOMEM : -EPROTO;
		/* Once more with what was kept. */
		rig_part(&r);
		if (rc == 0)
			rc = rig_meet(&r, CERT_NAME_SIP, "example.com");
		if (rc == 0)
			rig_run(&r);
		if (rc == 0 && tls_state(r.t[CLIENT]) != TLS_OPEN)
			rc = -ENOMEM;
	}
	rig_end(&r);
	return r.m.blocks || r.m.used ? -EBUSY : rc;
}

static int run(unsigned long n)
{
	int rc;

	calls = 0;
	fail_at = n;
	armed = true;
	rc = once();
	armed = false;
	fail_at = 0;
	return rc;
}

int main(void)
{
	const char *env = getenv("FAULT_STEP"), *seeds = getenv("SEEDS");
	unsigned long step = env ? strtoul(env, NULL, 10) :
			     seeds && strtoul(seeds, NULL, 10) < 200 ? 701 : 97;
	unsigned long n = 1, all, passed = 0, failed = 0;
	int rc = run(0); /* what is read once is read now */

	if (rc)
		printf("FAILED: nothing failed: %d\n", rc);
	failed += rc != 0;
	all = calls;
	for (; n <= all; n += step ? step : 1) {
		long before = live;
		int sound;
		bool met;

		rc = run(n);
		met = calls >= n;
		sound = live == before ? 0 : -EBUSY;
		if ((rc == 0 || rc == -ENOMEM || rc == -EINVAL) && !sound) {
			passed++;
			continue;
		}
		printf("FAILED: call %lu of %lu: %d, %ld blocks left%s\n", n,
		       all, rc, live - before, met ? "" : " (not met)");
		failed++;
	}
	rc = run(0);
	failed += rc != 0;
	passed += rc == 0;
	printf("fault_tls: %lu passed, %lu failed\n", passed, failed);
	return failed != 0 || passed < 2;
}
