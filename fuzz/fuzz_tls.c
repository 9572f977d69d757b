/* SPDX-License-Identifier: BSD-2-Clause
 * Two ends of TLS, and a script of what happens between them: octets cross,
 * are changed, come from nowhere; ends write, shut, are cut, wait too long.
 * What must hold: memory is bounded while it runs and all given back; who
 * failed says why and neither hears nor writes; data that is read is what was
 * written, whatever was done to the octets. */
#include "fuzz/fuzz.h"

#include "fuzz/tls_certs.h"
#include "platform/tls/tls.h"

enum { CLIENT, SERVER };

struct run {
	struct mem m;
	struct tls_store *store;
	struct tls_conf *conf[2];
	struct tls *t[2];
	uint8_t written[2], got[2]; /* counts of what each end's data is */
	bool flip;
	size_t waits;
};

static void begin(struct run *r, uint8_t how)
{
	static const uint8_t seed[2][32] = { { 1 }, { 2 } };
	struct tls_peer who = { CERT_NAME_SIP, S("example.com") }, any = { 0 };
	struct instant now = { 1, INT64_C(1798761600) * SEC(1) };
	const char *why;

	mem_init(&r->m, 0);
	r->store = tls_store_new(&r->m, NULL);
	INVARIANT(r->store &&
		  tls_store_add(r->store, slice_str(fuzz_ca)) == 1);
	for (int e = 0; e < 2; e++) {
		struct tls_setup s = { .server = e == SERVER,
				       .store = r->store };

		s.verify = how & 1 && e == SERVER ? TLS_VERIFY_MUST :
			   how & 2 ? TLS_VERIFY_NOT : TLS_VERIFY;
		if (e == SERVER || how & 4) {
			s.cert = slice_str(fuzz_cert);
			s.key = slice_str(fuzz_key);
		}
		INVARIANT(tls_conf_new(&r->m, &s, seed[e], &r->conf[e],
				       &why) == 0);
		INVARIANT(tls_new(r->conf[e], e == SERVER ? &any : &who, now,
				  &r->t[e]) == 0);
	}
}

/* Data of an end is 0, 1, 2 ...: it comes whole, in order, or not at all. */
static void look(struct run *r, int e)
{
	uint8_t buf[100];
	size_t n;

	tls_settle(r->t[e]);
	while ((n = tls_read(r->t[e], buf, sizeof(buf))) > 0)
		for (size_t i = 0; i < n; i++)
			INVARIANT(buf[i] == r->got[e]++);
	if (tls_state(r->t[e]) == TLS_FAILED) {
		INVARIANT(tls_fault(r->t[e])->cause != TLS_FINE);
		INVARIANT(tls_fault(r->t[e])->cert.text[0]);
		INVARIANT(tls_write(r->t[e], buf, 1) == -EPIPE);
		INVARIANT(!tls_waits(r->t[e]) && !tls_wants_work(r->t[e]));
		INVARIANT(tls_deadline(r->t[e]) == MONO_NEVER);
	}
	INVARIANT(tls_unsent(r->t[e]).n <= LIMIT_TLS_UNSENT + TLS_RECORD);
	INVARIANT(r->m.used < 400000);
}

static void hear(struct run *r, int e, const void *p, size_t n)
{
	INVARIANT(tls_on_bytes(r->t[e], p, n) == 0);
	if (tls_wants_work(r->t[e]))
		tls_work(r->t[e]);
	look(r, e);
}

static void cross(struct run *r, int from, size_t most)
{
	struct slice s = tls_unsent(r->t[from]);
	size_t n = most < s.n ? most : s.n;
	uint8_t piece[4096];

	if (n == 0)
		return;
	memcpy(piece, s.p, n);
	if (r->flip)
		piece[n / 2] ^= 0x10;
	r->flip = false;
	tls_sent(r->t[from], n);
	hear(r, !from, piece, n);
}

static void put(struct run *r, int e)
{
	uint8_t buf[100];
	int n;

	for (size_t i = 0; i < sizeof(buf); i++)
		buf[i] = (uint8_t)(r->written[e] + i);
	n = tls_write(r->t[e], buf, sizeof(buf));
	INVARIANT(n >= 0 || n == -EPIPE);
	r->written[e] = (uint8_t)(r->written[e] + (n > 0 ? n : 0));
}

static void special(struct run *r, uint8_t op)
{
	int e = op & 1;

	switch (op >> 1 & 7) {
	case 0:
		put(r, e);
		break;
	case 1:
		tls_shutdown(r->t[e]);
		break;
	case 2:
		tls_on_end(r->t[e]);
		break;
	case 3:
		tls_on_time(r->t[e], tls_deadline(r->t[e]));
		break;
	case 4:
		r->flip = true;
		break;
	default:
		if (tls_wants_work(r->t[e]))
			tls_work(r->t[e]);
		break;
	}
	look(r, e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum { OPS = 400 };
	struct slice in = slice_of(data, size);
	struct run r = { .waits = 0 };

	if (size == 0)
		return 0;
	begin(&r, data[0]);
	tls_work(r.t[CLIENT]);
	in = slice_skip(in, 1);
	for (unsigned i = 0; i < OPS && in.n; i++) {
		uint8_t op = (uint8_t)in.p[0];
		size_t n = (size_t)(op & 0x3f);
		struct slice raw;

		in = slice_skip(in, 1);
		raw = slice_head(in, n);
		if (op < 0x80)
			cross(&r, op >> 6, n == 0x3f ? 4096 : 1 + n);
		else if (op >= 0xe0)
			special(&r, op & 0x1f);
		else {
			in = slice_skip(in, n);
			hear(&r, op & 0x40 ? CLIENT : SERVER, raw.p, raw.n);
		}
	}
	for (int e = 0; e < 2; e++) {
		tls_free(r.t[e]);
		tls_conf_free(r.conf[e]);
	}
	tls_store_free(r.store);
	INVARIANT(r.m.blocks == 0 && r.m.used == 0);
	return 0;
}
