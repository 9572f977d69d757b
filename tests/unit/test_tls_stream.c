/* SPDX-License-Identifier: BSD-2-Clause
 * What platform/reactor.h promises of TCP holds for TLS, in both worlds. */
#include "tests/unit/suites.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "platform/tls/tls_stream.h"
#include "tests/certs/certs.h"
#include "tests/unit/worlds.h"

static uint8_t octet(size_t i)
{
	return (uint8_t)(i * 7 + (i >> 8));
}

struct peer {
	struct tcp *t;
	size_t to_send, sent;
	bool end_when_sent, close_on_bytes, pause;
	unsigned opened, bytes, ended, closed, refused;
	int err;
	char why[CERT_TEXT];
};

/* Two hosts with their streams; jobs on the listening side alone, so that
 * both ways of working run. */
struct pair {
	struct world w;
	struct jobs *jobs;
	struct tls_store *ca;
	struct tls_conf *client, *server;
	struct tls_streams *a, *b;
	struct tcp_listener *l;
	struct peer pa, pb;
};

static void feed(struct peer *p)
{
	while (p->sent < p->to_send) {
		uint8_t some[3000];
		size_t n = p->to_send - p->sent;
		int rc;

		n = n < sizeof(some) ? n : sizeof(some);
		for (size_t i = 0; i < n; i++)
			some[i] = octet(p->sent + i);
		rc = tcp_write(p->t, some, n);
		ck_assert_int_ge(rc, 0);
		p->sent += (size_t)rc;
		if ((size_t)rc < n)
			return;
	}
	if (p->end_when_sent)
		tcp_shutdown(p->t);
}

static void on_open(void *arg)
{
	struct peer *p = arg;

	p->opened++;
	feed(p);
}

static void on_bytes(void *arg, uint8_t *b, size_t n)
{
	struct peer *p = arg;
	bool same = true;

	for (size_t i = 0; i < n; i++)
		same = same && b[i] == octet(p->bytes + i);
	ck_assert(same && n);
	p->bytes += (unsigned)n;
	if (p->pause)
		tcp_pause(p->t, true);
	if (p->close_on_bytes)
		tcp_close(p->t);
}

static void on_room(void *arg)
{
	feed(arg);
}

static void on_end(void *arg)
{
	((struct peer *)arg)->ended++;
}

static void note(struct peer *p, const struct tcp *t)
{
	memcpy(p->why, tls_fault(tls_of(t))->cert.text, CERT_TEXT);
}

static void on_closed(void *arg, int err)
{
	struct peer *p = arg;

	note(p, p->t);
	p->closed++;
	p->err = err;
	p->t = NULL;
}

static const struct tcp_ops OPS = { on_open, on_bytes, on_room, on_end,
				    on_closed };

static void on_accept(void *arg, struct tcp *t)
{
	struct peer *p = arg;

	p->opened++;
	p->t = t;
	tcp_set_ops(t, &OPS, p);
	feed(p);
}

static void on_refused(void *arg, const struct tcp *t)
{
	struct peer *p = arg;

	p->refused++;
	note(p, t);
}

static const struct tls_listen_ops LISTEN = { on_accept, on_refused };

static struct tls_conf *conf(struct pair *p, bool server, const char *cert,
			     enum tls_verify verify)
{
	uint8_t seed[32] = { server };
	struct slice c = cert ? certs_file(cert) : S("");
	struct slice k = cert ? certs_file("leaf.key") : S("");
	struct tls_setup s = { .server = server, .verify = verify,
			       .store = p->ca, .cert = c, .key = k };
	struct tls_conf *out = NULL;
	const char *why;

	ck_assert_int_eq(tls_conf_new(&p->w.mem, &s, seed, &out, &why), 0);
	if (cert) {
		certs_free(c);
		certs_free(k);
	}
	return out;
}

static void open_pair(struct pair *p, int which, const char *cert)
{
	struct slice ca = certs_file("ca.pem");

	*p = (struct pair){ .jobs = NULL };
	world_open(&p->w, which);
	p->jobs = jobs_new(p->w.b, 1);
	p->ca = tls_store_new(&p->w.mem, NULL);
	ck_assert(p->jobs && p->ca);
	ck_assert_int_eq(tls_store_add(p->ca, ca), 1);
	certs_free(ca);
	p->client = conf(p, false, NULL, TLS_VERIFY);
	p->server = conf(p, true, cert, TLS_VERIFY_NOT);
	p->a = tls_streams_new(p->w.a, NULL);
	p->b = tls_streams_new(p->w.b, p->jobs);
	ck_assert(p->a && p->b);
	ck_assert_int_eq(tls_listen(p->b, p->server, &p->w.ip_b, &LISTEN,
				    &p->pb, &p->l), 0);
}

static void meet(struct pair *p, const char *name)
{
	struct tls_peer who = { CERT_NAME_SIP, slice_str(name) };
	struct addr remote = tcp_listener_local(p->l);

	ck_assert_int_eq(tls_connect(p->a, p->client, NULL, &remote, &who,
				     &OPS, &p->pa, &p->pa.t), 0);
	ck_assert_uint_eq(p->pa.opened + p->pa.closed, 0);
}

static void close_pair_of(struct pair *p, struct trace *const *t)
{
	tls_streams_free(p->a);
	tls_streams_free(p->b);
	jobs_free(p->jobs);
	tls_conf_free(p->client);
	tls_conf_free(p->server);
	tls_store_free(p->ca);
	for (unsigned i = 0; t && i < 2; i++)
		trace_close(t[i]);
	world_close(&p->w);
}

static void close_pair(struct pair *p)
{
	close_pair_of(p, NULL);
}

/* The certificates are valid from 2026 to 2056, which both clocks are in or
 * not: the simulated one is set by nobody. */
static bool in_time(struct pair *p)
{
	int64_t now = reactor_now(p->w.a).wall_ns / SEC(1);

	return now >= 1767225600 && now <= 2713910400;
}

START_TEST(both_ways_and_to_the_end)
{
	struct pair p;

	open_pair(&p, _i, "good.pem");
	ck_assert(in_time(&p));
	p.pa.to_send = 300000;
	p.pb.to_send = 500000;
	p.pa.end_when_sent = p.pb.end_when_sent = true;
	meet(&p, "example.com");
	feed(&p.pa); /* before it is open: as much as there is room for */
	ck_assert_uint_gt(p.pa.sent, 1000);
	world_until(&p.w, &p.pa.closed, 1);
	world_until(&p.w, &p.pb.closed, 1);
	ck_assert_uint_eq(p.pa.bytes, 500000);
	ck_assert_uint_eq(p.pb.bytes, 300000);
	ck_assert_int_eq(p.pa.err + p.pb.err, 0);
	ck_assert_uint_eq(p.pa.ended + p.pb.ended, 2);
	ck_assert_uint_eq(p.pa.opened + p.pb.opened, 2);
	close_pair(&p);
}
END_TEST

START_TEST(a_refusal_is_told_at_both_ends)
{
	struct pair p;

	open_pair(&p, _i, "othername.pem");
	meet(&p, "example.com");
	world_until(&p.w, &p.pa.closed, 1);
	world_until(&p.w, &p.pb.refused, 1);
	ck_assert_int_eq(p.pa.err, EACCES);
	ck_assert_str_eq(p.pa.why, "name mismatch: wanted example.com, got "
			 "example.org");
	ck_assert_str_eq(p.pb.why, "the peer refused: bad certificate (42)");
	ck_assert_uint_eq(p.pa.opened + p.pb.opened + p.pb.closed, 0);
	close_pair(&p);
}
END_TEST

START_TEST(what_was_taken_is_sent_before_a_close)
{
	struct pair p;

	open_pair(&p, _i, "good.pem");
	p.pb.to_send = 100;
	p.pa.close_on_bytes = true;
	meet(&p, "example.com");
	world_until(&p.w, &p.pa.bytes, 100);
	world_until(&p.w, &p.pb.ended, 1);
	tcp_close(p.pb.t);
	world_for(&p.w, MS(100));
	ck_assert_uint_eq(p.pa.closed + p.pb.closed, 0); /* closed by users */
	close_pair(&p);
}
END_TEST

START_TEST(nothing_is_read_while_it_is_paused)
{
	struct pair p;
	unsigned got;

	open_pair(&p, _i, "good.pem");
	p.pa.to_send = 2000000;
	p.pb.pause = true;
	meet(&p, "example.com");
	world_until(&p.w, &p.pb.bytes, 3000); /* the first record */
	got = p.pb.bytes;
	world_for(&p.w, MS(200));
	ck_assert_uint_eq(p.pb.bytes, got);
	/* (A kernel may hold all of it.) */
	ck_assert(!p.w.sim || p.pa.sent < 2000000);
	p.pb.pause = false;
	tcp_pause(p.pb.t, false);
	world_until(&p.w, &p.pb.bytes, 2000000);
	close_pair(&p);
}
END_TEST

/* ------------------------------------------- peers that are TCP alone */
static void raw_closed(void *arg, int err)
{
	struct peer *p = arg;

	p->closed++;
	p->err = err;
	p->t = NULL;
}

static void raw_bytes(void *arg, uint8_t *b, size_t n)
{
	(void)b;
	((struct peer *)arg)->bytes += (unsigned)n;
}

static const struct tcp_ops RAW = { on_open, raw_bytes, on_room, on_end,
				    raw_closed };

/* n: the real host has any number of sources: 127.0.0.0/8. */
static void raw_begin(struct pair *p, struct peer *raw, unsigned n)
{
	struct addr remote = tcp_listener_local(p->l);
	struct addr local = addr_v4(127, 0, 0, (uint8_t)(1 + n), 0);

	ck_assert_int_eq(tcp_connect(p->w.a, n ? &local : NULL, &remote, &RAW,
				     raw, &raw->t), 0);
}

static void raw_connect(struct pair *p, struct peer *raw)
{
	raw_begin(p, raw, 0);
	world_until(&p->w, &raw->opened, 1);
}

START_TEST(a_peer_that_speaks_no_tls_is_refused)
{
	struct peer raw = { 0 };
	struct pair p;

	open_pair(&p, _i, "good.pem");
	raw_connect(&p, &raw);
	ck_assert_int_gt(tcp_write(raw.t, "OPTIONS sip:a SIP/2.0\r\n", 23), 0);
	world_until(&p.w, &p.pb.refused, 1);
	world_until(&p.w, &raw.ended, 1);
	tcp_close(raw.t);
	ck_assert_uint_eq(p.pb.opened, 0);
	close_pair(&p);
}
END_TEST

/* Stalls from the first octet on; the simulation alone has the time. */
START_TEST(a_peer_that_stalls_is_closed_in_time)
{
	struct peer raw = { 0 };
	struct pair p;

	open_pair(&p, _i, "good.pem");
	if (p.w.sim) {
		raw_connect(&p, &raw);
		ck_assert_int_gt(tcp_write(raw.t, "\x16\x03", 2), 0);
		world_for(&p.w, SEC(9));
		ck_assert_uint_eq(p.pb.refused, 0);
		world_for(&p.w, SEC(2));
		ck_assert_uint_eq(p.pb.refused, 1);
		ck_assert_str_eq(p.pb.why, "the handshake took too long");
		tcp_close(raw.t);
	}
	close_pair(&p);
}
END_TEST

/* More than TLS_PENDING, and TLS_PENDING_SOURCE of a source, are reset, and
 * room comes back. */
START_TEST(handshakes_under_way_are_bounded)
{
	enum { EACH = TLS_PENDING_SOURCE, ALL = TLS_PENDING };
	struct peer raw[ALL + 1] = { { 0 } }, more = { 0 };
	unsigned alive = 0, n;
	struct pair p;

	open_pair(&p, _i, "good.pem");
	n = p.w.sim || p.w.ip_a.family == 6 ? EACH : ALL;
	for (unsigned i = 0; i < n; i++) {
		raw_begin(&p, &raw[i], i / EACH);
		world_until(&p.w, &raw[i].opened, 1);
	}
	raw_begin(&p, &more, 0);
	world_until(&p.w, &more.closed, 1);
	if (n == ALL) {
		raw_begin(&p, &raw[ALL], ALL / EACH);
		world_until(&p.w, &raw[ALL].closed, 1);
	}
	for (unsigned i = 0; i < n; i++) {
		alive += raw[i].t != NULL;
		tcp_close(raw[i].t);
	}
	ck_assert_uint_eq(alive, n);
	world_until(&p.w, &p.pb.refused, n);
	meet(&p, "example.com");
	world_until(&p.w, &p.pa.opened, 1);
	close_pair(&p);
}
END_TEST

/* Closed at any turn, by either, a listener with handshakes under way as well:
 * nothing leaks, nobody is called. */
START_TEST(closed_at_any_time)
{
	for (unsigned turns = 0; turns < 12; turns++) {
		struct pair p;

		open_pair(&p, _i, "good.pem");
		meet(&p, "example.com");
		for (unsigned i = 0; i < turns; i++)
			ck_assert_int_ge(reactor_step(p.w.a, MS(5)), 0);
		if (turns % 3 == 0)
			tcp_listener_close(p.l);
		else if (turns % 3 == 1)
			tcp_abort(p.pa.t);
		else
			tcp_close(p.pa.t);
		world_for(&p.w, MS(50));
		close_pair(&p);
	}
}
END_TEST

START_TEST(a_new_certificate_is_for_new_connections)
{
	struct pair p;
	struct tls_conf *next;

	open_pair(&p, _i, "othername.pem");
	next = conf(&p, true, "good.pem", TLS_VERIFY_NOT);
	tls_listener_conf(p.l, next);
	tls_conf_free(p.server);
	p.server = next;
	meet(&p, "example.com");
	world_until(&p.w, &p.pa.opened, 1);
	ck_assert_ptr_null(tls_of(p.pa.t) ? NULL : p.pa.t);
	close_pair(&p);
}
END_TEST

static const char *trace_name(char path[64], unsigned end)
{
	snprintf(path, 64, "/tmp/parley-keys-%d-%u", (int)getpid(), end);
	return path;
}

static void meet_and_part(struct pair *p)
{
	p->pa = p->pb = (struct peer){ .to_send = 100, .end_when_sent = true };
	meet(p, "example.com");
	world_until(&p->w, &p->pa.closed, 1);
	world_until(&p->w, &p->pb.closed, 1);
	ck_assert_uint_eq(p->pb.bytes, 100);
}

static const char *find(struct slice in, const void *what, size_t n)
{
	for (; in.n >= n; in = slice_skip(in, 1))
		if (memcmp(in.p, what, n) == 0)
			return in.p;
	return NULL;
}

static struct slice behind(struct slice in, const char *p)
{
	return slice_skip(in, (size_t)(p - in.p));
}

/* The secret of each connection, told as what the ClientHello is known by,
 * stands before the first octet that it decrypts: those behind the
 * ChangeCipherSpec (RFC 5246 7.1), of which each end sends one. */
static void read_secret(struct slice *file, struct slice *line)
{
	static const uint8_t change[] = { 20, 3, 3, 0, 1, 1 };
	const char *at = find(*file, "CLIENT_", 7), *spec, *end;
	uint8_t random[32];
	struct slice rest;

	ck_assert_ptr_nonnull(at);
	rest = behind(*file, at);
	end = find(rest, "\n", 1);
	spec = find(*file, change, sizeof(change));
	ck_assert(end && spec && at < spec);
	*line = slice_head(rest, (size_t)(end - at));
	at = find(*line, " ", 1);
	for (size_t i = 0; i < sizeof(random); i++) {
		const char hex[3] = { at[1 + 2 * i], at[2 + 2 * i] };

		random[i] = (uint8_t)strtoul(hex, NULL, 16);
	}
	ck_assert_ptr_nonnull(find(*file, random, sizeof(random)));
	spec = find(behind(*file, spec + 1), change, sizeof(change));
	ck_assert_ptr_nonnull(spec);
	*file = behind(*file, spec + 1);
}

START_TEST(a_trace_has_the_secrets_before_what_they_decrypt)
{
	static char text[2][40000];
	struct slice file[2], line[2];
	struct trace *t[2];
	struct pair p;
	char path[64];

	open_pair(&p, _i, "good.pem");
	for (unsigned i = 0; i < 2; i++) {
		ck_assert_int_eq(trace_open(&p.w.mem, trace_name(path, i),
					    true, S("test"), &t[i]), 0);
		tls_streams_trace(i ? p.b : p.a, t[i]);
	}
	meet_and_part(&p);
	meet_and_part(&p); /* the session is resumed */
	close_pair_of(&p, t);
	for (unsigned i = 0; i < 2; i++) {
		FILE *f = fopen(trace_name(path, i), "rb");

		file[i].p = text[i];
		file[i].n = fread(text[i], 1, sizeof(text[i]), f);
		fclose(f);
		unlink(path);
	}
	for (unsigned i = 0; i < 2; i++) {
		read_secret(&file[0], &line[0]);
		read_secret(&file[1], &line[1]);
		/* label, random, master secret (RFC 5246 8.1: 48 octets) */
		ck_assert_uint_ge(line[0].n, 13 + 1 + 64 + 1 + 96);
		ck_assert(slice_same(line[0], line[1]));
	}
}
END_TEST

WORLD_SUITE(tls_stream,
	    WORLD_TESTS(both_ways_and_to_the_end,
			a_refusal_is_told_at_both_ends,
			what_was_taken_is_sent_before_a_close,
			nothing_is_read_while_it_is_paused,
			a_peer_that_speaks_no_tls_is_refused,
			a_peer_that_stalls_is_closed_in_time,
			handshakes_under_way_are_bounded, closed_at_any_time,
			a_new_certificate_is_for_new_connections,
			a_trace_has_the_secrets_before_what_they_decrypt),
	    WORLD_TESTS(NULL));
