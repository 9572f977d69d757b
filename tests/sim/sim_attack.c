/* SPDX-License-Identifier: BSD-2-Clause
 * What strangers can make the program send, and to whom: scripted callers that
 * do not keep to the rules, on simulated hosts.  All is counted from what
 * leaves the attacked host.  usage: sim_attack [SCENARIO] */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rtp/rtcp.h"
#include "rtp/rtp_packet.h"
#include "tests/sim/scene.h"

enum {
	HEADERS = 28,      /* of IPv4 and UDP */
	BUDGET = 40000,    /* rtp.unproven_bytes: of RTP, headers included */
	BUDGET_MS = 4000,  /* rtp.unproven_ms */
	RTP_PORT = 30000,  /* of the caller's sockets */
	SOCKETS = 3
};

#define LISTEN "listen --local 10.0.0.2:5060 --auto-answer --json --codec PCMU"
#define VICTIM "10.0.0.99" /* nobody has it, so nothing comes back */

/* The caller: 10.0.0.1.  What it sends is written here, what it gets is looked
 * at for its 200 alone. */
struct caller {
	struct scene *w;
	struct udp *sip, *media[SOCKETS];
	const char *sdp; /* after t= */
	const char *c;   /* the address that it says to be at */
	bool acks;
	unsigned calls, answered, byes;
	unsigned changes; /* re-INVITEs in the last call */
	char tag[128];    /* the listener's there, with ";tag=" */
	uint16_t seq;
};

/* What left the listener's host. */
struct seen {
	struct scene *w;
	uint64_t octets;       /* RTP, headers included, not to the caller */
	unsigned packets, to_caller, rtcp, forbidden;
	unsigned rtcp_to_third;
	int64_t first, last;   /* RTP, ms */
	int64_t last_caller;
	uint16_t port;         /* of its media, the last that sent */
	uint16_t caller_port;  /* that the last went to */
	uint32_t ssrc;         /* of the last */
	unsigned from_first;   /* RTP that left 10.0.0.1 */
	int64_t last_first;
	unsigned goodbyes;     /* RTCP BYE of 10.0.0.1 */
};

static bool says_bye(const struct sim_packet *p)
{
	for (size_t at = 0; p->n - at >= 8; ) {
		if (p->p[at + 1] == 203)
			return true;
		at += 4 * ((size_t)p->p[at + 2] * 256 + p->p[at + 3] + 1);
		if (at > p->n)
			break;
	}
	return false;
}

static bool is_forbidden(const struct addr *a)
{
	return addr_is_multicast(a) || addr_is_loopback(a) ||
	       addr_is_link_local(a) || a->ip[0] == 0 || a->ip[0] == 255 ||
	       (a->ip[0] == 10 && a->ip[3] == 2); /* itself */
}

static void from_listener(struct seen *s, const struct sim_packet *p,
			  int64_t ms)
{
	bool rtcp = p->p[1] >= 192 && p->p[1] <= 223;

	s->forbidden += is_forbidden(&p->dst);
	if (rtcp) {
		s->rtcp++;
		s->rtcp_to_third += p->dst.ip[3] == 3;
		return;
	}
	s->port = p->src.port;
	s->ssrc = read_be32(p->p + 8);
	if (p->dst.ip[3] == 1) {
		s->to_caller++;
		s->last_caller = ms;
		s->caller_port = p->dst.port;
		return;
	}
	if (!s->packets++)
		s->first = ms;
	s->last = ms;
	s->octets += p->n + HEADERS;
}

static void look(void *arg, mono now, enum sim_fate fate,
		 const struct sim_packet *p)
{
	struct seen *s = arg;
	int64_t ms = (now - s->w->start) / MS(1);

	if (fate != SIM_SENT || p->proto != SIM_UDP || p->n < RTP_HEADER - 4 ||
	    p->p[0] >> 6 != 2)
		return;
	if (p->src.ip[3] == 2) {
		from_listener(s, p, ms);
	} else if (p->src.ip[3] == 1 && (p->p[1] < 192 || p->p[1] > 223)) {
		s->from_first++;
		s->last_first = ms;
	} else if (p->src.ip[3] == 1) {
		s->goodbyes += says_bye(p);
	}
}

/* -------------------------------------------------------------- the caller */
static void put(struct udp *u, const struct addr *to, const char *text)
{
	struct datagram d = { .remote = *to, .n = strlen(text) };
	int rc;

	memcpy(&d.p, &text, sizeof(d.p)); /* is only read */
	rc = udp_send(u, &d, 1);
	(void)rc;
}

static const struct addr *listener(void)
{
	static struct addr a;

	a = addr_v4(10, 0, 0, 2, 5060);
	return &a;
}

static void request(struct caller *c, const char *method, unsigned call,
		    const char *to, const char *body)
{
	char text[4096];

	snprintf(text, sizeof(text),
		 "%s sip:bob@10.0.0.2 SIP/2.0\r\n"
		 "Via: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bK%s%u.%u\r\n"
		 "Max-Forwards: 70\r\nFrom: <sip:m@10.0.0.1>;tag=m\r\n"
		 "To: <sip:bob@10.0.0.2>%s\r\nCall-ID: call%u@10.0.0.1\r\n"
		 "CSeq: %u %s\r\nContact: <sip:m@10.0.0.1>\r\n%s"
		 "Content-Length: %zu\r\n\r\n%s", method, method, call,
		 c->changes, to, call, c->changes + 1, method,
		 *body ? "Content-Type: application/sdp\r\n" : "",
		 strlen(body), body);
	put(c->sip, listener(), text);
}

static void offer(struct caller *c, const char *to)
{
	char body[2048];

	snprintf(body, sizeof(body), "v=0\r\no=- 1 %u IN IP4 10.0.0.1\r\n"
		 "s=-\r\nc=IN IP4 %s\r\nt=0 0\r\n%s", c->changes + 1, c->c,
		 c->sdp);
	request(c, "INVITE", c->calls, to, body);
}

static void invite(struct caller *c)
{
	c->calls++;
	c->changes = 0;
	offer(c, "");
}

static void change(struct caller *c)
{
	c->changes++;
	offer(c, c->tag);
}

/* "\r\nTo: ...;tag=x" of a response. */
static void copy_tag(const char *text, char *tag, size_t cap)
{
	const char *to = strstr(text, "\r\nTo:");
	const char *at = to ? strstr(to, ";tag=") : NULL;

	snprintf(tag, cap, "%.*s", at ? (int)strcspn(at, "\r") : 0,
		 at ? at : "");
}

static void on_sip(void *arg, struct datagram *d, size_t n)
{
	struct caller *c = arg;
	char text[4096];
	const char *id;

	for (size_t i = 0; i < n; i++) {
		snprintf(text, sizeof(text), "%.*s", (int)d[i].n,
			 (const char *)d[i].p);
		c->byes += strncmp(text, "BYE ", 4) == 0; /* not answered */
		id = strstr(text, "Call-ID: call");
		if (strncmp(text, "SIP/2.0 200", 11) != 0 || !id)
			continue;
		c->answered++;
		copy_tag(text, c->tag, sizeof(c->tag));
		if (c->acks)
			request(c, "ACK", (unsigned)strtoul(id + 13, NULL, 10),
				c->tag, "");
	}
}

static void on_nothing(void *arg, struct datagram *d, size_t n)
{
	(void)arg, (void)d, (void)n;
}

static const struct udp_ops sip_ops = { .on_datagrams = on_sip },
			    silent = { .on_datagrams = on_nothing };

/* The world with a listener, and the caller before its first INVITE. */
static bool begin(struct scene *w, struct caller *c, struct seen *s,
		  const char *listen)
{
	struct reactor *r;

	if (!scene_begin(w, 1, 3))
		return false;
	s->w = c->w = w;
	sim_tap(w->sim, look, s);
	r = sim_host_reactor(w->host[0]);
	for (unsigned i = 0; i <= SOCKETS; i++) {
		struct addr a = addr_v4(10, 0, 0, 1, i ? (uint16_t)(RTP_PORT +
					2 * i - 2) : 5060);

		if (udp_open(r, &a, i ? &silent : &sip_ops, c, i ?
			     &c->media[i - 1] : &c->sip))
			return scene_fail(w, "no socket");
	}
	return !listen || scene_run(w, 1, listen);
}

static bool end(struct scene *w, struct caller *c, bool ok)
{
	for (unsigned i = 0; i < SOCKETS; i++)
		udp_close(c->media[i]);
	udp_close(c->sip);
	ok = scene_end(w) && ok;
	if (!ok)
		printf("%s: ", w->why);
	return ok;
}

/* n packets of PCMU, 20 ms apart, to the listener's media port. */
static void talk(struct scene *w, struct udp *u, uint16_t port, uint16_t *seq,
		 unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		uint8_t p[RTP_HEADER + 160];
		struct datagram d = { .p = p, .n = sizeof(p),
				      .remote = addr_v4(10, 0, 0, 2, port) };
		int rc;

		memset(p, 0xFF, sizeof(p));
		rtp_header_write(p, 0, false, *seq, *seq * 160u, 7);
		++*seq;
		rc = udp_send(u, &d, 1);
		(void)rc;
		scene_until(w, scene_ms(w) + 20);
	}
}

/* RR of the caller's: the highest number that it has got, or of nobody. */
static void report(struct udp *u, const struct seen *s, const uint32_t *highest)
{
	struct rtcp_block b = { .ssrc = s->ssrc,
				.max_seq = highest ? *highest : 0 };
	struct rtcp_report r = { .ssrc = 7 };
	uint8_t text[100];
	struct writer w = writer_begin(text, sizeof(text));
	struct datagram d = { .p = text,
			      .remote = addr_v4(10, 0, 0, 2, s->port + 1u) };
	int rc;

	rtcp_write_report(&w, &r, &b, highest ? 1 : 0);
	rtcp_write_cname(&w, 7, slice_str("m"));
	d.n = w.n;
	rc = udp_send(u, &d, 1);
	(void)rc;
}

static bool within_budget(struct scene *w, const struct seen *s)
{
	printf("%llu octets of RTP in %lld ms to the victim\n",
	       (unsigned long long)s->octets, (long long)(s->last - s->first));
	if (!s->packets)
		return scene_fail(w, "nothing was sent at all");
	if (s->octets > BUDGET || s->last - s->first > BUDGET_MS)
		return scene_fail(w, "%llu octets in %lld ms",
				  (unsigned long long)s->octets,
				  (long long)(s->last - s->first));
	return true;
}

#define ONE_LINE "m=audio 4000 RTP/AVP 0\r\n"

/* ------------------------------------------------------------- a victim */
static bool unacknowledged(void)
{
	struct scene w;
	struct seen s = { 0 };
	struct caller c = { .c = VICTIM, .sdp = ONE_LINE };
	bool ok = begin(&w, &c, &s, LISTEN);

	invite(&c);
	scene_until(&w, 150000);
	ok = ok && within_budget(&w, &s) &&
	     (c.byes > 1 || scene_fail(&w, "no BYE without an ACK")) &&
	     scene_said(&w, w.actor[0], "\"reason\":\"No ACK\"", 1);
	return end(&w, &c, ok);
}

/* What the ACK proves is where the caller is, not the address in its offer. */
static bool acknowledged(void)
{
	struct scene w;
	struct seen s = { 0 };
	struct caller c = { .c = VICTIM, .sdp = ONE_LINE, .acks = true };
	bool ok = begin(&w, &c, &s, LISTEN);

	invite(&c);
	scene_until(&w, 150000);
	ok = ok && within_budget(&w, &s) &&
	     (s.rtcp > 9 || scene_fail(&w, "the reports have stopped"));
	return end(&w, &c, ok);
}

static bool many_streams(void)
{
	struct scene w;
	struct seen s = { 0 };
	char sdp[1024] = "";
	struct caller c = { .c = VICTIM, .sdp = sdp, .acks = true };
	bool ok = begin(&w, &c, &s, LISTEN);

	for (unsigned i = 0; i < 16; i++)
		snprintf(sdp + strlen(sdp), sizeof(sdp) - strlen(sdp),
			 "m=audio %u RTP/AVP 0\r\na=ptime:10\r\n",
			 4000 + 2 * i);
	invite(&c);
	scene_until(&w, 60000);
	return end(&w, &c, ok && within_budget(&w, &s));
}

/* Also when one has ended before the next begins. */
static bool many_calls(void)
{
	struct scene w;
	struct seen s = { 0 };
	struct caller c = { .c = VICTIM, .sdp = ONE_LINE };
	bool ok = begin(&w, &c, &s, LISTEN);

	for (unsigned i = 0; i < 40; i++) {
		c.acks = i & 1;
		invite(&c);
		scene_until(&w, scene_ms(&w) + 500);
	}
	scene_until(&w, 60000);
	ok = ok && within_budget(&w, &s) &&
	     (c.answered >= 40 || scene_fail(&w, "%u answers", c.answered));
	return end(&w, &c, ok);
}

/* The call has ended, and its stream with it: the address stays what it was. */
static bool one_after_another(void)
{
	struct scene w;
	struct seen s = { 0 };
	struct caller c = { .c = VICTIM, .sdp = ONE_LINE };
	bool ok = begin(&w, &c, &s, LISTEN);

	invite(&c);
	scene_until(&w, 60000); /* 32 s until the BYE, then 64 s of memory */
	invite(&c);
	scene_until(&w, 90000);
	ok = ok && within_budget(&w, &s) &&
	     (c.answered >= 2 || scene_fail(&w, "%u answers", c.answered));
	return end(&w, &c, ok);
}

/* Four lines to four hosts share the call's budget. */
static bool several_victims(void)
{
	struct scene w;
	struct seen s = { 0 };
	char sdp[1024] = "";
	struct caller c = { .c = VICTIM, .sdp = sdp, .acks = true };
	bool ok = begin(&w, &c, &s, LISTEN);

	for (unsigned i = 0; i < 4; i++)
		snprintf(sdp + strlen(sdp), sizeof(sdp) - strlen(sdp),
			 "m=audio 4000 RTP/AVP 0\r\nc=IN IP4 10.0.0.%u\r\n",
			 90 + i);
	invite(&c);
	scene_until(&w, 60000);
	return end(&w, &c, ok && within_budget(&w, &s));
}

/* Packets of 60 ms: 4 s are 34 kB, so that time is what ends it: that of a
 * call; of an address, when another call to it comes shortly before; of a call
 * again, when it moves to another address then. */
static bool long_packets(void)
{
	enum { ALONE, AGAIN, MOVED, WAYS };
	bool ok = true;

	for (unsigned i = 0; i < WAYS && ok; i++) {
		struct scene w;
		struct seen s = { 0 };
		struct caller c = { .c = VICTIM, .acks = true, .sdp =
				    "m=audio 4000 RTP/AVP 0\r\n"
				    "a=ptime:60\r\n" };

		ok = begin(&w, &c, &s, LISTEN);
		invite(&c);
		scene_until(&w, 3900);
		c.c = i == MOVED ? "10.0.0.98" : VICTIM;
		if (i == AGAIN)
			invite(&c);
		else if (i == MOVED)
			change(&c);
		scene_until(&w, 60000);
		ok = ok && within_budget(&w, &s) &&
		     (s.last - s.first > BUDGET_MS - 100 ||
		      scene_fail(&w, "%lld ms", (long long)(s.last - s.first)))
		     && (c.answered == 1 + (i != ALONE) ||
			 scene_fail(&w, "%u answers", c.answered));
		ok = end(&w, &c, ok);
	}
	return ok;
}

/* Proved where it calls from, by ACK and by its packets, the caller moves to
 * the victim and back, three times. */
static bool moved(void)
{
	struct scene w;
	struct seen s = { 0 };
	struct caller c = { .acks = true };
	bool ok = begin(&w, &c, &s, LISTEN);

	for (unsigned i = 0; i < 6 && ok; i++) {
		c.c = i % 2 ? VICTIM : "10.0.0.1";
		c.sdp = i % 2 ? ONE_LINE : "m=audio 30000 RTP/AVP 0\r\n";
		if (i)
			change(&c);
		else
			invite(&c);
		scene_until(&w, scene_ms(&w) + 500);
		if (i % 2)
			scene_until(&w, scene_ms(&w) + 9500);
		else
			talk(&w, c.media[0], s.port, &c.seq, 50);
	}
	ok = ok && within_budget(&w, &s) &&
	     (c.answered == 6 || scene_fail(&w, "%u answers", c.answered)) &&
	     (s.to_caller > 150 || scene_fail(&w, "the caller got %u packets",
					      s.to_caller));
	return end(&w, &c, ok);
}

/* A closed port of a host that is there: its ICMP is heeded. */
static bool refused(void)
{
	struct scene w;
	struct seen s = { 0 };
	struct caller c = { .c = "10.0.0.3", .sdp = ONE_LINE, .acks = true };
	bool ok = begin(&w, &c, &s, LISTEN);

	invite(&c);
	scene_until(&w, 30000);
	/* Three, and what left within the third one's round trip of 40 ms, at
	 * most two ticks of the clock early or late. */
	ok = ok && (s.packets >= 3 && s.packets <= 3 + 2 + 2 ? true :
		    scene_fail(&w, "%u packets", s.packets));
	return end(&w, &c, ok);
}

static bool nobodys_addresses(void)
{
	static const char *const c[] = { "0.1.2.3", "255.255.255.255",
					 "127.0.0.1", "169.254.1.1",
					 "10.0.0.2" };
	struct scene w;
	struct seen s = { 0 };
	struct caller m = { .acks = true };
	bool ok = begin(&w, &m, &s, LISTEN);

	for (size_t i = 0; i < COUNT(c); i++) {
		m.c = c[i];
		m.sdp = "m=audio 5060 RTP/AVP 0\r\n";
		invite(&m);
	}
	m.c = VICTIM;
	m.sdp = "m=audio 4000 RTP/AVP 0\r\n"
		"a=rtcp:5000 IN IP4 239.1.2.3\r\n";
	invite(&m);
	scene_until(&w, 30000);
	ok = ok && (!s.forbidden || scene_fail(&w, "%u went there",
					       s.forbidden)) &&
	     (m.answered >= COUNT(c) || scene_fail(&w, "%u answers",
						   m.answered));
	return end(&w, &m, ok);
}

/* ------------------------------------------------- who is where it says */
/* Acknowledged from the address that the offer names, but never a packet of
 * media (SIPp's scenarios): RTP ends after rtp.timeout, the call does not; the
 * first packet brings it back. */
static bool never_heard(void)
{
	struct scene w;
	struct seen s = { 0 };
	struct caller c = { .c = "10.0.0.1",
			    .sdp = "m=audio 30000 RTP/AVP 0\r\n",
			    .acks = true };
	bool ok = begin(&w, &c, &s, LISTEN " --media-timeout 20");
	unsigned before;

	invite(&c);
	scene_until(&w, 60000);
	before = s.to_caller;
	printf("%u packets until %lld ms, then none\n", before,
	       (long long)s.last_caller);
	ok = ok && (s.last_caller > 19000 && s.last_caller < 20500 ? true :
		    scene_fail(&w, "RTP until %lld ms",
			       (long long)s.last_caller)) &&
	     (!c.byes || scene_fail(&w, "it was hung up"));
	talk(&w, c.media[0], s.port, &c.seq, 1);
	scene_until(&w, scene_ms(&w) + 200);
	ok = ok && (s.to_caller > before ||
		    scene_fail(&w, "the first packet resumed nothing"));
	return end(&w, &c, ok);
}

/* Whoever sits before the program is told why nobody hears it, and when that is
 * over: with the first packet. */
static bool told(void)
{
	struct scene w;
	struct seen s = { 0 };
	struct caller c = { .c = "10.0.0.1",
			    .sdp = "m=audio 30000 RTP/AVP 0\r\n" };
	bool ok = begin(&w, &c, &s, "listen --local 10.0.0.2:5060 "
			"--auto-answer --codec PCMU");
	int64_t asked;

	invite(&c);
	scene_until(&w, 10000);
	ok = ok && (s.last_caller <= BUDGET_MS + 100 ||
		    scene_fail(&w, "RTP until %lld ms",
			       (long long)s.last_caller)) &&
	     scene_said(&w, w.actor[0], "nothing is sent: nothing came from "
			"the address that the peer named yet\n", 1) &&
	     scene_said(&w, w.actor[0], "sending again\n", 0);
	asked = scene_ms(&w);
	talk(&w, c.media[0], s.port, &c.seq, 5);
	/* one way and the next packet */
	ok = ok && (s.last_caller > asked && s.last_caller <= asked + 100 ? true
		    : scene_fail(&w, "RTP at %lld ms for a packet of %lld",
				 (long long)s.last_caller, (long long)asked)) &&
	     scene_said(&w, w.actor[0], "sending again\n", 1);
	return end(&w, &c, ok);
}

/* The caller speaks, and reports each 5 s that nothing new has come (RFC 8083
 * 4.2): six times the same number, of which five tell.  For as long it is sent
 * nothing, then again.  Or that it has heard nobody: 15 s after the last report
 * that was on us (4.1). */
static bool nothing_arrives(void)
{
	bool ok = true;

	for (unsigned nobody = 0; nobody < 2 && ok; nobody++) {
		const int64_t stop = nobody ? 20000 : 30000;
		const int64_t again = stop + stop - 5000;
		const uint32_t highest = 70000;
		struct scene w;
		struct seen s = { 0 };
		struct caller c = { .c = "10.0.0.1", .acks = true,
				    .sdp = "m=audio 30000 RTP/AVP 0\r\n" };
		int64_t begun, last = 0, first = 0;

		ok = begin(&w, &c, &s, LISTEN);
		invite(&c);
		scene_until(&w, 500);
		begun = scene_ms(&w);
		for (unsigned i = 1; i <= 50 * 60; i++) {
			talk(&w, c.media[0], s.port, &c.seq, 1);
			if (i % 250 == 0)
				report(c.media[1], &s, nobody && i > 250 ?
				       NULL : &highest);
			if (!last && s.last_caller < scene_ms(&w) - 100)
				last = s.last_caller - begun;
			if (last && !first && s.last_caller - begun > last)
				first = s.last_caller - begun;
		}
		printf("RTP until %lld ms, again after %lld ms; ",
		       (long long)last, (long long)first);
		ok = ok && ((last >= stop - 100 && last <= stop + 100 &&
			     first >= again - 100 && first <= again + 200) ||
			    scene_fail(&w, "RTP until %lld, then from %lld",
				       (long long)last, (long long)first));
		ok = end(&w, &c, ok);
	}
	return ok;
}

/* With --closed-network media goes wherever a peer says, to the end. */
static bool closed_network(void)
{
	struct scene w;
	struct seen s = { 0 };
	struct caller c = { .c = VICTIM, .sdp = ONE_LINE, .acks = true };
	bool ok = begin(&w, &c, &s, LISTEN " --closed-network");

	invite(&c);
	scene_until(&w, 60000);
	ok = ok && (s.packets > 2900 || scene_fail(&w, "%u packets",
						   s.packets));
	return end(&w, &c, ok);
}

/* Proved by its packets, without an ACK: RTP goes on until "No ACK", not for as
 * long as the BYE is repeated. */
static bool no_ack_ends_media(void)
{
	struct scene w;
	struct seen s = { 0 };
	struct caller c = { .c = "10.0.0.1",
			    .sdp = "m=audio 30000 RTP/AVP 0\r\n" };
	bool ok = begin(&w, &c, &s, LISTEN);

	invite(&c);
	scene_until(&w, 500);
	talk(&w, c.media[0], s.port, &c.seq, 3000);
	/* 13.3.1.4: 64*T1 = 32 s after the 200 */
	ok = ok && (s.last_caller > 31900 && s.last_caller < 32200 ? true :
		    scene_fail(&w, "RTP until %lld ms",
			       (long long)s.last_caller));
	return end(&w, &c, ok);
}

/* The caller's NAT gives it another port, after a while of silence.  Nobody
 * else behind that NAT has its place while it speaks. */
static bool rebound(void)
{
	struct scene w;
	struct seen s = { 0 };
	struct caller c = { .c = "10.0.0.1",
			    .sdp = "m=audio 30000 RTP/AVP 0\r\n",
			    .acks = true };
	uint16_t other = 0;
	bool ok = begin(&w, &c, &s, LISTEN);

	invite(&c);
	scene_until(&w, 500);
	talk(&w, c.media[0], s.port, &c.seq, 100);
	ok = ok && (s.caller_port == RTP_PORT || scene_fail(&w, "port"));
	scene_until(&w, scene_ms(&w) + 2500);
	talk(&w, c.media[1], s.port, &c.seq, 20);
	ok = ok && (s.caller_port == RTP_PORT + 2 ||
		    scene_fail(&w, "RTP did not follow"));
	for (unsigned i = 0; i < 100 && ok; i++) {
		talk(&w, c.media[1], s.port, &c.seq, 1);
		talk(&w, c.media[2], s.port, &other, 4);
		ok = s.caller_port == RTP_PORT + 2 ||
		     scene_fail(&w, "RTP went to another");
	}
	return end(&w, &c, ok);
}

/* ------------------------------------------------------------ a stranger */
/* A call of two; a third floods the listener's port from two of its own, while
 * the caller talks and while it is cut off. */
static bool stranger(void)
{
	struct scene w;
	struct seen s = { 0 };
	struct caller c = { 0 };
	struct addr here = addr_v4(10, 0, 0, 3, 4000);
	struct udp *u = NULL;
	uint16_t seq = 0;
	bool ok = scene_begin(&w, 1, 3);

	s.w = &w;
	sim_tap(w.sim, look, &s);
	ok = ok && udp_open(sim_host_reactor(w.host[2]), &here, &silent, &c,
			    &u) == 0 &&
	     scene_run(&w, 1, LISTEN " --count 1") &&
	     scene_run(&w, 0, "call sip:bob@10.0.0.2 --local 10.0.0.1:5060 "
		       "--json --codec PCMU --duration 14");
	scene_until(&w, 1000);
	talk(&w, u, s.port, &seq, 100);
	sim_group(w.host[0], 1);
	talk(&w, u, s.port, &seq, 400);
	sim_heal(w.sim);
	talk(&w, u, s.port, &seq, 100);
	ok = ok && scene_over(&w, 30000) &&
	     (!s.packets || scene_fail(&w, "the stranger got %u packets",
				       s.packets)) &&
	     /* and gave none: 8 s of 50 a second were cut off or lost */
	     scene_said(&w, w.actor[0], "\"mos\":", 1);
	if (ok) {
		const char *got = strstr(w.actor[0]->out,
					 "\"packets_received\":");
		unsigned long n = got ? strtoul(got + 19, NULL, 10) : 0;

		ok = (n > 200 && n <= 50 * 6 + 20) ||
		     scene_fail(&w, "%lu packets were received", n);
	}
	udp_close(u);
	return scene_end(&w) && ok;
}

/* Whoever is before the caller has its sound, until the caller's first packet;
 * never again, however long that is silent, and no report, whatever it sends to
 * the port of RTCP. */
static bool stranger_first(void)
{
	static const uint8_t bye[] = { 0x80, 201, 0, 1, 0, 0, 0, 7,
				       0x81, 203, 0, 1, 0, 0, 0, 7 };
	struct scene w;
	struct seen s = { 0 };
	struct caller c = { .c = "10.0.0.1", .acks = true,
			    .sdp = "m=audio 30000 RTP/AVP 0\r\n" };
	struct addr here = addr_v4(10, 0, 0, 3, 4000);
	struct udp *u = NULL;
	uint16_t seq = 0;
	unsigned before;
	bool ok = begin(&w, &c, &s, LISTEN) &&
		  udp_open(sim_host_reactor(w.host[2]), &here, &silent, &c,
			   &u) == 0;

	invite(&c);
	scene_until(&w, 500);
	if (ok)
		talk(&w, u, s.port, &seq, 50);
	before = s.packets;
	ok = ok && (before > 40 || scene_fail(&w, "%u to the first", before));
	talk(&w, c.media[0], s.port, &c.seq, 2); /* one way takes 20 ms */
	before = s.packets;
	for (unsigned i = 0; i < 500 && ok; i++) { /* 10 s */
		uint8_t p[sizeof(bye)];
		struct datagram d = { .p = p, .n = sizeof(p), .remote =
				      addr_v4(10, 0, 0, 2, s.port + 1u) };

		memcpy(p, bye, sizeof(p));
		ok = udp_send(u, &d, 1) == 1;
		if (i < 100)
			talk(&w, c.media[0], s.port, &c.seq, 1);
		talk(&w, u, s.port, &seq, 1);
	}
	printf("%u packets before, %u after; ", before, s.packets - before);
	ok = ok && (s.packets <= before + 1 ||
		    scene_fail(&w, "the stranger got %u more packets",
			       s.packets - before)) &&
	     (!s.rtcp_to_third || scene_fail(&w, "the stranger got %u reports",
					     s.rtcp_to_third)) &&
	     (s.last_caller > scene_ms(&w) - 100 ||
	      scene_fail(&w, "the caller gets nothing"));
	udp_close(u);
	return end(&w, &c, ok);
}

/* ------------------------------------------------------------ hanging up */
/* Nobody answers the BYE: the microphone is off all the same, and the duration
 * is that of the call.  By key and by --duration. */
static bool hung_up(void)
{
	bool ok = true;

	for (unsigned i = 0; i < 2 && ok; i++) {
		struct scene w;
		struct seen s = { 0 };
		struct actor *a;

		ok = scene_begin(&w, 1, 2);
		s.w = &w;
		sim_tap(w.sim, look, &s);
		ok = ok && scene_run(&w, 1, LISTEN " --count 1");
		a = scene_run(&w, 0, i ? "call sip:bob@10.0.0.2 --local "
			      "10.0.0.1:5060 --json --codec PCMU" :
			      "call sip:bob@10.0.0.2 --local 10.0.0.1:5060 "
			      "--json --codec PCMU --duration 3");
		scene_until(&w, 2000);
		sim_group(w.host[1], 1);
		scene_until(&w, 3100);
		if (i)
			actor_key(a, 'q');
		scene_until(&w, 30000);
		ok = ok && ((s.from_first > 100 && s.last_first < 3200) ||
			    scene_fail(&w, "RTP until %lld ms",
				       (long long)s.last_first)) &&
		     (s.goodbyes == 1 || scene_fail(&w, "%u RTCP BYE",
						    s.goodbyes)) &&
		     scene_over(&w, 90000) &&
		     scene_said(&w, a, "\"duration_s\":3.0", 1);
		ok = scene_end(&w) && ok;
		if (!ok)
			printf("%s\n", w.why);
	}
	return ok;
}

/* --------------------------------------------------------------- a flood */
enum { FLOOD = 10000 };

static struct flood {
	unsigned ok, busy, bad, large, other; /* 200, 503, 400, 513 */
	unsigned open, ended, reset;          /* connections */
} flood;

static void on_answer(void *arg, struct datagram *d, size_t n)
{
	struct flood *f = arg;

	for (size_t i = 0; i < n; i++) {
		const char *t = (const char *)d[i].p;

		if (d[i].n < 12 || memcmp(t, "SIP/2.0 ", 8) != 0)
			continue; /* a BYE, that nobody answers */
		*(memcmp(t + 8, "200", 3) == 0 ? &f->ok :
		  memcmp(t + 8, "503", 3) == 0 ? &f->busy :
		  memcmp(t + 8, "400", 3) == 0 ? &f->bad :
		  memcmp(t + 8, "513", 3) == 0 ? &f->large : &f->other) += 1;
	}
}

static void on_flood_open(void *arg)
{
	((struct flood *)arg)->open++;
}

static void on_flood_bytes(void *arg, uint8_t *p, size_t n)
{
	(void)arg, (void)p, (void)n;
}

static void on_flood_room(void *arg)
{
	(void)arg;
}

static void on_flood_end(void *arg)
{
	((struct flood *)arg)->ended++;
}

static void on_flood_closed(void *arg, int err)
{
	(void)err;
	((struct flood *)arg)->reset++;
}

static const struct udp_ops flood_ops = { .on_datagrams = on_answer };
static const struct tcp_ops idle_ops = {
	.on_open = on_flood_open, .on_bytes = on_flood_bytes,
	.on_room = on_flood_room, .on_end = on_flood_end,
	.on_closed = on_flood_closed,
};

/* A listener with a call from 10.0.0.3 that is up. */
static bool flood_begin(struct scene *w, struct caller *c, struct seen *s,
			const char *listen)
{
	struct addr a = addr_v4(10, 0, 0, 1, 5060);

	flood = (struct flood){ 0 };
	if (!begin(w, c, s, listen) ||
	    !scene_run(w, 2, "call sip:bob@10.0.0.2 --local 10.0.0.3:5060 "
		       "--codec PCMU --json --duration 30"))
		return false;
	udp_close(c->sip);
	if (udp_open(sim_host_reactor(w->host[0]), &a, &flood_ops, &flood,
		     &c->sip))
		return scene_fail(w, "no socket");
	scene_until(w, 2000);
	return true;
}

/* The call from 10.0.0.3 lost nothing, in neither direction, and ended as it
 * was to: 30 s of 20 ms are 1500 packets, each way. */
static bool call_is_whole(struct scene *w)
{
	const struct actor *call = w->actor[1];
	unsigned long sent, got;
	const char *at = strstr(call->out, "\"packets_sent\":");
	const char *in = strstr(call->out, "\"packets_received\":");

	if (!at || !in)
		return scene_fail(w, "the call has no report: %s", call->out);
	sent = strtoul(at + 15, NULL, 10);
	got = strtoul(in + 19, NULL, 10);
	printf("%lu packets sent, %lu received; ", sent, got);
	return (sent >= 1498 && sent <= 1501 && got >= 1495 ? true :
		scene_fail(w, "%lu packets sent, %lu received", sent, got)) &&
	       scene_said(w, call, "\"packets_lost\":0", 1) &&
	       scene_said(w, call, "\"packets_late\":0", 1) &&
	       scene_said(w, call, "\"state\":\"ended\"", 1);
}

/* 10 000 INVITEs in 10 s, none acknowledged: some are answered, the rest is
 * refused with a datagram each, and the call hears nothing of it. */
static bool invites(void)
{
	struct scene w;
	struct seen s = { 0 };
	struct caller c = { .c = VICTIM, .sdp = ONE_LINE };
	bool ok = flood_begin(&w, &c, &s, LISTEN " --memory 32");

	for (unsigned i = 0; i < FLOOD && ok; i++) {
		invite(&c);
		if (i % 10 == 9)
			scene_until(&w, scene_ms(&w) + 10);
	}
	scene_until(&w, 45000);
	printf("%u refused; ", flood.busy);
	/* agent.unacked, 224, less the eighth of who was seen to acknowledge.
	 * Of the ten that come with the last of them some ring already when it
	 * is answered: their 503 is repeated, ten times at most (17.2.1). */
	ok = ok && call_is_whole(&w) &&
	     ((flood.busy >= FLOOD - 196 && flood.busy <= FLOOD - 196 + 100) ||
	      scene_fail(&w, "%u of %u refused", flood.busy, FLOOD)) &&
	     (w.host_mem[1].peak <= (size_t)32 << 20 ||
	      scene_fail(&w, "%zu bytes", w.host_mem[1].peak));
	printf("%zu kB at most\n", w.host_mem[1].peak >> 10);
	return end(&w, &c, ok);
}

/* 10 000 connections that say nothing. */
static bool idle_connections(void)
{
	struct addr to = addr_v4(10, 0, 0, 2, 5060);
	static struct tcp *t[FLOOD];
	struct scene w;
	struct seen s = { 0 };
	struct caller c = { .c = VICTIM, .sdp = ONE_LINE };
	bool ok = flood_begin(&w, &c, &s, LISTEN " --memory 32");

	for (unsigned i = 0; i < FLOOD && ok; i++) {
		int rc = tcp_connect(sim_host_reactor(w.host[0]), NULL, &to,
				     &idle_ops, &flood, &t[i]);

		ok = rc == 0 || scene_fail(&w, "connect: %d", rc);
		if (i % 10 == 9)
			scene_until(&w, scene_ms(&w) + 10);
	}
	scene_until(&w, 45000);
	printf("%u of %u closed; ", flood.reset, flood.open);
	ok = ok && call_is_whole(&w) &&
	     (flood.reset >= FLOOD - 512 ||
	      scene_fail(&w, "%u were closed", flood.reset));
	printf("%zu kB at most\n", w.host_mem[1].peak >> 10);
	ok = ok && (w.host_mem[1].peak <= (size_t)32 << 20 ||
		    scene_fail(&w, "%zu bytes", w.host_mem[1].peak));
	return end(&w, &c, ok);
}

/* 500 connections with the beginning of a request each, as large as any may be:
 * that is 30 MB.  Those that find half of the memory taken are closed at once,
 * the others after a while; what calls need is there. */
static bool half_messages(void)
{
	enum { CONNECTIONS = 500, PART = 60000 };
	struct addr to = addr_v4(10, 0, 0, 2, 5060);
	static uint8_t part[PART];
	unsigned at_once;
	struct tcp *t;
	struct scene w;
	struct seen s = { 0 };
	struct caller c = { .c = VICTIM, .sdp = ONE_LINE };
	bool ok = flood_begin(&w, &c, &s, LISTEN " --memory 4");

	memset(part, 'x', sizeof(part));
	memcpy(part, "OPTIONS sip:bob@10.0.0.2 SIP/2.0\r\nSubject: ", 43);
	for (unsigned i = 0; i < CONNECTIONS && ok; i++) {
		ok = tcp_connect(sim_host_reactor(w.host[0]), NULL, &to,
				 &idle_ops, &flood, &t) == 0 &&
		     tcp_write(t, part, sizeof(part)) == sizeof(part);
		if (!ok)
			(void)scene_fail(&w, "connection %u", i);
		scene_until(&w, scene_ms(&w) + 20);
	}
	at_once = flood.ended + flood.reset;
	scene_until(&w, 50000);
	printf("%u of %u closed at once, then %u; ", at_once, flood.open,
	       flood.ended + flood.reset);
	ok = ok && call_is_whole(&w) &&
	     ((at_once > 400 && flood.ended + flood.reset == CONNECTIONS) ||
	      scene_fail(&w, "%u were closed at once, %u in the end", at_once,
			 flood.ended + flood.reset));
	printf("%zu kB at most\n", w.host_mem[1].peak >> 10);
	ok = ok && (w.host_mem[1].peak < (size_t)3 << 20 ||
		    scene_fail(&w, "%zu bytes", w.host_mem[1].peak));
	return end(&w, &c, ok);
}

/* INVITEs as large as a datagram: with a branch of 60 kB, with a Record-Route
 * of 56 kB, and with as much in a header that nobody needs. */
static bool large_invites(void)
{
	enum { ROUNDS = 300, LARGE = 60000 };
	static char text[LARGE + 2048], x[LARGE + 1];
	struct scene w;
	struct seen s = { 0 };
	struct caller c = { .c = VICTIM, .sdp = ONE_LINE };
	bool ok = flood_begin(&w, &c, &s, "listen --local 10.0.0.2:5060 "
			      "--json --codec PCMU --memory 16 --auto-answer");

	memset(x, 'x', LARGE);
	for (unsigned i = 0; i < 3 * ROUNDS && ok; i++) {
		snprintf(text, sizeof(text),
			 "INVITE sip:bob@10.0.0.2 SIP/2.0\r\n"
			 "Via: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK%u%.*s\r\n"
			 "From: <sip:m@10.0.0.1>;tag=m\r\nTo: <sip:b@10.0.0.2>"
			 "\r\nCall-ID: %u\r\nCSeq: 1 INVITE\r\n"
			 "Contact: <sip:m@10.0.0.1>\r\n"
			 "Record-Route: <sip:10.0.0.1;lr;%.*s>\r\n"
			 "Subject: %.*s\r\n\r\n", i,
			 i % 3 == 0 ? LARGE : 0, x, i,
			 i % 3 == 1 ? 56000 : 1, x, i % 3 == 2 ? 56000 : 0, x);
		put(c.sip, listener(), text);
		scene_until(&w, scene_ms(&w) + 10); /* 48 Mbit/s */
	}
	scene_until(&w, 45000);
	printf("%u 400, %u 513; ", flood.bad, flood.large);
	ok = ok && call_is_whole(&w) &&
	     (flood.bad == ROUNDS || scene_fail(&w, "%u 400", flood.bad)) &&
	     (flood.large == ROUNDS || scene_fail(&w, "%u 513", flood.large));
	printf("%zu kB at most\n", w.host_mem[1].peak >> 10);
	ok = ok && (w.host_mem[1].peak <= (size_t)16 << 20 ||
		    scene_fail(&w, "%zu bytes", w.host_mem[1].peak));
	return end(&w, &c, ok);
}

static const struct {
	const char *name;
	bool (*fn)(void);
} scenarios[] = {
	{ "unacknowledged", unacknowledged },
	{ "acknowledged", acknowledged },
	{ "many_streams", many_streams },
	{ "many_calls", many_calls },
	{ "one_after_another", one_after_another },
	{ "several_victims", several_victims },
	{ "long_packets", long_packets },
	{ "moved", moved },
	{ "refused", refused },
	{ "nobodys_addresses", nobodys_addresses },
	{ "never_heard", never_heard },
	{ "told", told },
	{ "nothing_arrives", nothing_arrives },
	{ "closed_network", closed_network },
	{ "no_ack_ends_media", no_ack_ends_media },
	{ "rebound", rebound },
	{ "stranger", stranger },
	{ "stranger_first", stranger_first },
	{ "hung_up", hung_up },
	{ "invites", invites },
	{ "idle_connections", idle_connections },
	{ "half_messages", half_messages },
	{ "large_invites", large_invites },
};

int main(int argc, char **argv)
{
	unsigned passed = 0, failed = 0;

	for (size_t i = 0; i < COUNT(scenarios); i++) {
		bool ok;

		if (argc > 1 && strcmp(argv[1], scenarios[i].name) != 0)
			continue;
		printf("%s: ", scenarios[i].name);
		ok = scenarios[i].fn();
		printf("%s\n", ok ? "good" : "FAILED");
		passed += ok;
		failed += !ok;
	}
	printf("sim_attack: %u passed, %u failed\n", passed, failed);
	return failed != 0 || passed == 0;
}
