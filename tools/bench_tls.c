/* SPDX-License-Identifier: BSD-2-Clause
 * TLS between two ends in memory: handshakes, whole and resumed, and data. */
#include "platform/tls/tls.h"
#include "tools/bench.h"

/* Of tests/certs: ca.pem, good.pem, leaf.key; worth nothing to anybody. */
static const char ca_pem[] =
	"-----BEGIN CERTIFICATE-----\n"
	"MIIBZjCCAQygAwIBAgICEAAwCgYIKoZIzj0EAwIwGTEXMBUGA1UEAwwOUGFybGV5\n"
	"IHRlc3QgQ0EwIBcNMjYwMTAxMDAwMDAwWhgPMjA1NjAxMDEwMDAwMDBaMBkxFzAV\n"
	"BgNVBAMMDlBhcmxleSB0ZXN0IENBMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE\n"
	"MR7TzwHbfbqsB/mwWnZZTOFhJIv6JnFlHxPBTb/v8H/G/HwVzL8Z6EttE+wPjSUy\n"
	"TtQ6aZ4e6Y9QI2frZsC6sKNCMEAwDwYDVR0TAQH/BAUwAwEB/zAOBgNVHQ8BAf8E\n"
	"BAMCAQYwHQYDVR0OBBYEFFhvqU8Bc2rnTLJr24yTzzIGWOHeMAoGCCqGSM49BAMC\n"
	"A0gAMEUCIEYpyX43aP5cB7MfcLmycuBiVZwfe6AAefh57xTB/oPzAiEApF2MmxQ2\n"
	"PDL20OLSkhAJOmuQ5426CoL1VqQdD93Mzoc=\n"
	"-----END CERTIFICATE-----\n";

static const char cert_pem[] =
	"-----BEGIN CERTIFICATE-----\n"
	"MIIB7TCCAZOgAwIBAgICEAUwCgYIKoZIzj0EAwIwGTEXMBUGA1UEAwwOUGFybGV5\n"
	"IHRlc3QgQ0EwIBcNMjYwMTAxMDAwMDAwWhgPMjA1NjAxMDEwMDAwMDBaMA8xDTAL\n"
	"BgNVBAMMBGdvb2QwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAT1fnjxfkhFo2ax\n"
	"2++wKPuudzjTS3MU6SY5J8v+9ERs8aiQSvhW1gdtj1mdfZizZMRQMUXTn/h6JhKK\n"
	"FpUmKkJHo4HSMIHPMAwGA1UdEwEB/wQCMAAwDgYDVR0PAQH/BAQDAgeAMB0GA1Ud\n"
	"JQQWMBQGCCsGAQUFBwMBBggrBgEFBQcDAjBQBgNVHREESTBHhg9zaXA6ZXhhbXBs\n"
	"ZS5jb22CC2V4YW1wbGUuY29tgg9zaXAuZXhhbXBsZS5jb22HBMAAAgGHECABDbgA\n"
	"AAAAAAAAAAAAAAEwHQYDVR0OBBYEFKvava1qsWKJt8lnbS2ueGmu8p0xMB8GA1Ud\n"
	"IwQYMBaAFFhvqU8Bc2rnTLJr24yTzzIGWOHeMAoGCCqGSM49BAMCA0gAMEUCIQDD\n"
	"tnjE92o9yvk/N8KaenNZIf5+jU/pkOFSldJIIg9AFQIgC/GTrynXPIm16B+Va1Lz\n"
	"p9sX4Oz25IISLOIlvqSF620=\n"
	"-----END CERTIFICATE-----\n";

static const char key_pem[] =
	"-----BEGIN EC PRIVATE KEY-----\n"
	"MHcCAQEEIDzq5z828JLH0GO1geSZsmKSWyRRKeiCFBUcSw2bEkwHoAoGCCqGSM49\n"
	"AwEHoUQDQgAE9X548X5IRaNmsdvvsCj7rnc400tzFOkmOSfL/vREbPGokEr4VtYH\n"
	"bY9ZnX2Ys2TEUDFF05/4eiYSihaVJipCRw==\n"
	"-----END EC PRIVATE KEY-----\n";

enum { CLIENT, SERVER, RECORD = 1024 };

struct ends {
	struct mem m;
	struct tls_store *store;
	struct tls_conf *conf[2];
	struct tls *t[2];
	unsigned seeds;
};

static bool conf(struct ends *x, int e)
{
	uint8_t seed[32] = { (uint8_t)e, (uint8_t)++x->seeds,
			     (uint8_t)(x->seeds >> 8) };
	struct tls_setup s = { .server = e == SERVER, .store = x->store };
	const char *why;

	if (e == SERVER) {
		s.verify = TLS_VERIFY_NOT;
		s.cert = slice_str(cert_pem);
		s.key = slice_str(key_pem);
	}
	tls_conf_free(x->conf[e]);
	x->conf[e] = NULL;
	return tls_conf_new(&x->m, &s, seed, &x->conf[e], &why) == 0;
}

static void cross(struct ends *x, int from)
{
	struct slice s = tls_unsent(x->t[from]);

	if (tls_on_bytes(x->t[!from], s.p, s.n) < 0)
		return;
	tls_sent(x->t[from], s.n);
	if (tls_wants_work(x->t[!from]))
		tls_work(x->t[!from]);
	tls_settle(x->t[!from]);
}

static void part(struct ends *x)
{
	for (int e = 0; e < 2; e++) {
		tls_free(x->t[e]);
		x->t[e] = NULL;
	}
}

/* 2027-01-01, when the certificates are valid. */
static bool meet(struct ends *x)
{
	struct instant now = { 1, INT64_C(1798761600) * SEC(1) };
	struct tls_peer who = { CERT_NAME_SIP, S("example.com") }, any = { 0 };

	if (tls_new(x->conf[CLIENT], &who, now, &x->t[CLIENT]) ||
	    tls_new(x->conf[SERVER], &any, now, &x->t[SERVER]))
		return false;
	tls_work(x->t[CLIENT]);
	for (int i = 0; i < 4; i++) {
		cross(x, CLIENT);
		cross(x, SERVER);
	}
	return tls_state(x->t[CLIENT]) == TLS_OPEN &&
	       tls_state(x->t[SERVER]) == TLS_OPEN;
}

/* A conf of its own each time knows no session. */
static void bench_tls_whole(void *arg)
{
	struct ends *x = arg;

	if (conf(x, CLIENT))
		(void)meet(x);
	part(x);
}

static void resumed(void *arg)
{
	(void)meet(arg);
	part(arg);
}

static void data(void *arg)
{
	static const uint8_t zero[RECORD];
	struct ends *x = arg;
	uint8_t back[RECORD];

	(void)!tls_write(x->t[CLIENT], zero, sizeof(zero));
	cross(x, CLIENT);
	(void)!tls_read(x->t[SERVER], back, sizeof(back));
}

static void bench_run(struct tool *t)
{
	struct ends x = { .seeds = 0 };

	mem_init(&x.m, 0);
	x.store = tls_store_new(&x.m, NULL);
	if (x.store && tls_store_add(x.store, slice_str(ca_pem)) == 1 &&
	    conf(&x, CLIENT) && conf(&x, SERVER) && meet(&x)) {
		bench_row(t, "TLS: 1 kB encrypted and decrypted",
			  bench_ns(data, &x), "");
		part(&x);
		bench_row(t, "TLS: a handshake, P-256",
			  bench_ns(bench_tls_whole, &x), "for both ends");
		bench_row(t, "TLS: one resumed", bench_ns(resumed, &x),
			  "for both ends");
	}
	part(&x);
	for (int e = 0; e < 2; e++)
		tls_conf_free(x.conf[e]);
	tls_store_free(x.store);
}

extern const struct bench bench_tls;
const struct bench bench_tls = { "tls", bench_run };
