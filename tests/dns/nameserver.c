/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/dns/nameserver.h"

enum { ROOM = 16384, UDP_ROOM = 1232 };

static void send_udp(struct udp *from, const struct addr *to, char *p, size_t n)
{
	struct datagram d = { .remote = *to, .p = (uint8_t *)p, .n = n };
	int rc = n ? udp_send(from, &d, 1) : 0;

	(void)rc; /* lost, as on any network */
}

/* An answer to everything: the evil address. */
static size_t lie(const struct nameserver *s, struct slice query, char *room,
		  size_t cap, bool other_name)
{
	struct dns_walk w = { 0 };
	struct dns_question q;
	struct dns_write d;
	struct dns_msg m;
	int n;

	if (dns_msg_parse(query, &m, NULL) || !dns_question_next(&m, &w, &q))
		return 0;
	dns_write_begin(&d, room, cap, m.id, DNS_QR | DNS_AA | DNS_RA);
	if (other_name)
		q.name.wire[1] ^= 1; /* of the first label */
	dns_write_question(&d, &q.name, q.type, DNS_IN);
	if (q.type == DNS_SRV) {
		struct dns_srv srv = { 0, 0, 666, q.name };

		dns_write_rr(&d, DNS_ANSWER, &q.name, DNS_SRV, DNS_IN, 600);
		dns_write_srv(&d, &srv);
	} else {
		dns_write_rr(&d, DNS_ANSWER, &q.name, DNS_A, DNS_IN, 600);
		dns_write_addr(&d, &s->evil);
	}
	dns_write_rr_end(&d);
	n = dns_write_end(&d);
	return n < 0 ? 0 : (size_t)n;
}

static void lies(struct nameserver *s, const struct datagram *q)
{
	struct slice query = slice_of(q->p, q->n);
	char room[1024];
	size_t n;

	if (s->faults & NS_WRONG_ID) {
		n = lie(s, query, room, sizeof(room), false);
		room[1] ^= 0x55;
		send_udp(s->udp, &q->remote, room, n);
	}
	if (s->faults & NS_WRONG_NAME) {
		n = lie(s, query, room, sizeof(room), true);
		send_udp(s->udp, &q->remote, room, n);
	}
	if (s->faults & NS_WRONG_PORT) {
		n = lie(s, query, room, sizeof(room), false);
		send_udp(s->other, &q->remote, room, n);
	}
	if (s->faults & NS_WRONG_CASE) {
		n = lie(s, query, room, sizeof(room), false);
		for (size_t i = DNS_HEADER + 1; i < n && room[i]; i++)
			if (is_alpha(room[i]))
				room[i] = to_lower(room[i]);
		/* who is right by chance has won: not in these tests */
		if (memcmp(room + DNS_HEADER, q->p + DNS_HEADER, 8) != 0)
			send_udp(s->udp, &q->remote, room, n);
	}
	s->evils += (s->faults >> 8) != 0;
}

static size_t truth(struct nameserver *s, struct slice query, size_t udp,
		    char *room)
{
	size_t n = zone_answer(s->zone, query, udp, room, ROOM);

	if (n && (s->faults & (NS_LAME | NS_FAILS))) {
		n = zone_answer(S(""), query, 0, room, ROOM);
		if (s->faults & NS_FAILS)
			room[3] = (char)((room[3] & 0xF0) | DNS_SERVFAIL);
	}
	if (n && udp && (s->faults & NS_TRUNCATES))
		room[2] |= DNS_TC >> 8;
	return n;
}

static void on_datagrams(void *arg, struct datagram *d, size_t n)
{
	struct nameserver *s = arg;
	char room[ROOM];

	for (size_t i = 0; i < n && !(s->faults & NS_SILENT); i++) {
		size_t len = truth(s, slice_of(d[i].p, d[i].n), UDP_ROOM,
				   room);

		if (!len)
			continue;
		s->by_udp++;
		lies(s, &d[i]);
		send_udp(s->udp, &d[i].remote, room,
			 s->faults & NS_BROKEN ? len / 2 : len);
	}
}

static void on_icmp(void *arg, const struct addr *remote, int err)
{
	(void)arg;
	(void)remote;
	(void)err;
}

static const struct udp_ops udp_ops = { on_datagrams, on_icmp };

/* -------------------------------------------------------------------- TCP */
struct peer {
	struct list link;
	struct nameserver *s;
	struct tcp *t;
	size_t n;
	uint8_t in[1024];
};

static void on_open(void *arg)
{
	(void)arg;
}

static void answer(struct peer *p)
{
	static char room[2 + ROOM];
	size_t want, n;

	while (p->n >= 2 && p->n - 2 >= (want = read_be16(p->in))) {
		n = truth(p->s, slice_of(p->in + 2, want), 0, room + 2);
		room[0] = (char)(n >> 8);
		room[1] = (char)n;
		p->s->by_tcp++;
		if (tcp_write(p->t, room, n + 2) < 0)
			return;
		p->n -= 2 + want;
		memmove(p->in, p->in + 2 + want, p->n);
	}
}

static void on_bytes(void *arg, uint8_t *b, size_t n)
{
	struct peer *p = arg;

	if (n > sizeof(p->in) - p->n)
		n = sizeof(p->in) - p->n;
	memcpy(p->in + p->n, b, n);
	p->n += n;
	answer(p);
}

static void drop(struct peer *p)
{
	list_remove(&p->link);
	mem_free(reactor_mem(p->s->r), p);
}

static void on_end(void *arg)
{
	struct peer *p = arg;

	tcp_close(p->t);
	drop(p);
}

static void on_closed(void *arg, int err)
{
	(void)err;
	drop(arg);
}

static const struct tcp_ops tcp_ops = { on_open, on_bytes, on_open, on_end,
					on_closed };

static void on_accept(void *arg, struct tcp *t)
{
	struct nameserver *s = arg;
	struct peer *p = s->faults & (NS_NO_TCP | NS_SILENT) ? NULL :
			 mem_new(reactor_mem(s->r), sizeof(*p));

	if (!p)
		return; /* it is reset */
	p->s = s;
	p->t = t;
	list_append(&s->peers, &p->link);
	tcp_set_ops(t, &tcp_ops, p);
}

/* ------------------------------------------------------------------- life */
int nameserver_start(struct nameserver *s, struct reactor *r,
		     const struct addr *at)
{
	struct addr a = *at, other = *at;
	int rc = udp_open(r, at, &udp_ops, s, &s->udp);

	s->r = r;
	list_init(&s->peers);
	other.port = 0;
	if (rc == 0)
		rc = udp_open(r, &other, &udp_ops, s, &s->other);
	if (rc == 0) {
		a.port = udp_local(s->udp).port;
		rc = tcp_listen(r, &a, on_accept, s, &s->tcp);
	}
	return rc;
}

struct addr nameserver_at(const struct nameserver *s)
{
	return udp_local(s->udp);
}

void nameserver_stop(struct nameserver *s)
{
	udp_close(s->udp);
	udp_close(s->other);
	if (s->tcp)
		tcp_listener_close(s->tcp);
	while (s->r && !list_empty(&s->peers)) {
		struct peer *p = CONTAINER(s->peers.next, struct peer, link);

		tcp_abort(p->t); /* which may not have gone out yet */
		drop(p);
	}
}
