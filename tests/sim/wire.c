/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/sim/wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sip/core/sip_timers.h"
#include "sip/msg/sip_check.h"

struct wire_tx {
	struct wire_tx *next;
	char *branch, *method, *call, *to; /* in one block with the struct */
	uint32_t cseq;
	struct addr client, server;
	uint64_t request, response;     /* hashes: of all, of the final one */
	unsigned status;                /* of the final response sent */
	mono begun, ended;              /* first request, final response */
	bool arrived;                   /* the request, at the other host */
	bool let_off;
	unsigned got_2xx, acks;         /* of an INVITE: what came to the
					 * client, and to the server */
	unsigned due, sent;             /* ACKs of 2xx: owed and sent */
	unsigned refused, nacks;        /* the same of 300..699 */
	bool bye;                       /* of an INVITE: its call has one */
};

struct seen { /* a datagram as far as the rules need it */
	struct sip_msg m;
	struct sip_seen in;
	struct slice call, method;
	uint64_t hash;
};

static uint64_t hash_of(struct slice s)
{
	uint64_t h = 14695981039346656037u; /* FNV-1a */

	for (size_t i = 0; i < s.n; i++)
		h = (h ^ (uint8_t)s.p[i]) * 1099511628211u;
	return h;
}

static void no(struct wire *w, const char *why, const struct wire_tx *t,
	       struct slice text)
{
	if (w->why) /* the first one counts */
		return;
	w->why = why;
	if (t)
		snprintf(w->what, sizeof(w->what), "%s %u %s", t->method,
			 (unsigned)t->cseq, t->branch);
	else
		snprintf(w->what, sizeof(w->what), "%.*s",
			 (int)slice_find(text, '\r'), text.p);
}

static struct wire_tx **bucket(struct wire *w, struct slice branch)
{
	return &w->bucket[hash_of(branch) % WIRE_BUCKETS];
}

static struct wire_tx *find(struct wire *w, const struct seen *s)
{
	struct wire_tx *t = *bucket(w, s->in.via.branch);

	while (t && !(slice_eq(s->in.via.branch, t->branch) &&
		      slice_eq(s->method, t->method)))
		t = t->next;
	return t;
}

/* All transactions of a call with this number, one after the other. */
static struct wire_tx *of_call(struct wire *w, const struct seen *s,
			       const char *method, struct wire_tx *after)
{
	size_t b = after ? hash_of(slice_str(after->branch)) % WIRE_BUCKETS : 0;
	struct wire_tx *t = after ? after->next : w->bucket[0];

	for (;; t = t->next) {
		while (!t && ++b < WIRE_BUCKETS)
			t = w->bucket[b];
		if (!t || (slice_eq(s->call, t->call) &&
			   strcmp(t->method, method) == 0))
			return t;
	}
}

static char *keep(char **at, struct slice s)
{
	char *p = *at;

	if (s.n)
		memcpy(p, s.p, s.n);
	*at += s.n + 1;
	return p;
}

static struct wire_tx *begin(struct wire *w, const struct seen *s,
			     const struct sim_packet *p, mono now)
{
	struct wire_tx *t = calloc(1, sizeof(*t) + s->in.via.branch.n +
				   s->method.n + s->call.n +
				   s->in.to_tag.n + 4);
	struct wire_tx **b = bucket(w, s->in.via.branch);
	char *room = (char *)(t + 1);

	if (!t)
		abort();
	t->branch = keep(&room, s->in.via.branch);
	t->method = keep(&room, s->method);
	t->call = keep(&room, s->call);
	t->to = keep(&room, s->in.to_tag);
	t->cseq = s->in.cseq.number;
	t->client = p->src;
	t->server = p->dst;
	t->request = s->hash;
	t->begun = now;
	t->next = *b;
	*b = t;
	return t;
}

/* An ACK has its own branch when it is that of a 2xx, else the INVITE's
 * (17.1.1.3).  It counts as sent where it leaves, and as the end of an answer
 * where it arrives; a BYE ends the call: who sends one owes no more ACKs. */
static void credit(struct wire *w, const struct seen *s, bool arrived)
{
	bool ack = slice_eq(s->method, "ACK"), bye = slice_eq(s->method, "BYE");
	struct wire_tx *t = NULL;

	if (!ack && !bye)
		return;
	while ((t = of_call(w, s, "INVITE", t))) {
		bool same = slice_eq(s->in.via.branch, t->branch);

		t->bye |= bye;
		/* A UAS has it that who ends the call, or changes it once
		 * more, has had the answer. */
		t->acks += arrived && !same &&
			   (bye || t->cseq == s->in.cseq.number);
		if (!ack || arrived || t->cseq != s->in.cseq.number)
			continue;
		t->nacks += same;
		t->sent += !same;
	}
}

static void on_request_sent(struct wire *w, mono now, const struct seen *s,
			    const struct sim_packet *p)
{
	bool own = !slice_eq(s->method, "ACK") &&
		   !slice_eq(s->method, "CANCEL");
	struct wire_tx *t = find(w, s), *other = NULL;

	credit(w, s, false);
	if (!slice_starts(s->in.via.branch, "z9hG4bK"))
		no(w, "a branch without the cookie", NULL, s->call);
	if (t) {
		if (t->request != s->hash)
			no(w, "a request changed when sent again", t, s->call);
		if (now - t->begun > SIP_T1_64)
			no(w, "sent again after 64*T1", t, s->call);
		return;
	}
	t = begin(w, s, p, now);
	while (own && (other = of_call(w, s, t->method, other)))
		if (other != t && other->cseq == t->cseq &&
		    strcmp(other->to, t->to) == 0 &&
		    addr_same(&other->server, &t->server))
			no(w, "a CSeq number used twice", t, s->call);
}

static void on_response_sent(struct wire *w, mono now, const struct seen *s,
			     const struct sim_packet *p)
{
	struct wire_tx *t = find(w, s);

	if (!t && addr_same_ip(&p->dst, &w->foreign))
		return; /* to what it sent */
	if (!t) {
		no(w, "a response to nothing", NULL, s->call);
		return;
	}
	if (!t->status && s->m.status >= 200) {
		t->status = s->m.status;
		t->response = s->hash;
		t->ended = now;
	}
	if (t->status && t->response != s->hash)
		no(w, "another response after the final one", t, s->call);
	if (t->status && now - t->ended > SIP_T1_64 + SIP_T4)
		no(w, "a final response long after the first", t, s->call);
}

static void on_arrived(struct wire *w, const struct seen *s)
{
	struct wire_tx *t = find(w, s);

	if (!s->m.status)
		credit(w, s, true);
	if (t && !s->m.status) {
		t->arrived = true;
	} else if (t && slice_eq(s->method, "INVITE")) {
		t->got_2xx += s->m.status / 100 == 2;
		t->due += s->m.status / 100 == 2 && !t->bye;
		t->refused += s->m.status >= 300;
	}
}

/* Nobody listened there: what arrived met no endpoint. */
static void on_unreachable(struct wire *w, const struct sim_packet *p)
{
	for (size_t b = 0; b < WIRE_BUCKETS; b++)
		for (struct wire_tx *t = w->bucket[b]; t; t = t->next)
			t->let_off |= !t->status &&
				      addr_same(&t->client, &p->dst) &&
				      addr_same(&t->server, &p->src);
}

static bool read_sip(struct wire *w, const struct sim_packet *p, struct seen *s)
{
	struct sip_check c = { .seen = &s->in };
	struct slice text = slice_of(p->p, p->n);
	struct sip_verdict v;

	*s = (struct seen){ .hash = hash_of(text) };
	v = sip_check(text, &c, &s->m);
	if (v.code != SIP_ACCEPT) {
		no(w, v.why.reason, NULL, text);
		return false;
	}
	s->call = sip_msg_get(&s->m, SIP_HDR_CALL_ID);
	s->method = s->in.cseq.method;
	return true;
}

/* RFC 3550 5.1: who goes on sending keeps its SSRC and counts its packets; of
 * PCMU a timestamp is a sample (RFC 3551 4.5.14). */
static void on_rtp_sent(struct wire *w, mono now, const struct sim_packet *p)
{
	uint16_t seq = (uint16_t)(p->p[2] << 8 | p->p[3]);
	uint32_t ts = (uint32_t)p->p[4] << 24 | (uint32_t)p->p[5] << 16 |
		      (uint32_t)p->p[6] << 8 | p->p[7];
	uint32_t ssrc = (uint32_t)p->p[8] << 24 | (uint32_t)p->p[9] << 16 |
			(uint32_t)p->p[10] << 8 | p->p[11];
	size_t ext = p->p[0] & 0x10 && p->n >= 16 ?
		     4 + 4 * (size_t)(p->p[14] << 8 | p->p[15]) : 0;
	struct wire_rtp *r = w->rtp, was;

	while (r < w->rtp + WIRE_RTP && r->ssrc &&
	       !(addr_same(&r->src, &p->src) && addr_same(&r->dst, &p->dst) &&
		 (!w->bundled || r->ssrc == ssrc)))
		r++;
	if (r == w->rtp + WIRE_RTP)
		return;
	was = *r;
	*r = (struct wire_rtp){ p->src, p->dst, ssrc, ts, seq,
				(uint8_t)(p->p[1] & 127),
				(uint16_t)(p->n - 12 - ext), now };
	if (!was.ssrc || now - was.when > MS(30))
		return; /* the first, or after a pause */
	if (was.ssrc != ssrc)
		no(w, "RTP of another SSRC", NULL, S("RTP\r"));
	else if ((uint16_t)(was.seq + 1) != seq)
		no(w, "RTP out of sequence", NULL, S("RTP\r"));
	else if (was.type == 0 && r->type == 0 && was.ts + was.n != ts)
		no(w, "RTP timestamps that do not count samples", NULL,
		   S("RTP\r"));
}

void wire_packet(struct wire *w, mono now, enum sim_fate fate,
		 const struct sim_packet *p)
{
	bool foreign = addr_same_ip(&p->src, &w->foreign);
	struct seen s;

	if (p->src.port == 53 || p->dst.port == 53)
		return; /* of name servers */
	w->streams |= p->proto == SIM_TCP;
	if (p->proto == SIM_ICMP && fate == SIM_ARRIVED)
		on_unreachable(w, p);
	/* RTCP has types 192 and above (RFC 5761 4). */
	if (p->proto == SIM_UDP && fate == SIM_SENT && p->n >= 12 &&
	    p->p[0] >> 6 == 2 && (p->p[1] < 192 || p->p[1] > 223) && !foreign)
		on_rtp_sent(w, now, p);
	/* RTP and RTCP have the version in front, keep-alives nothing. */
	if (p->proto != SIM_UDP || p->n < 5 || p->p[0] < 'A' || p->p[0] > 'Z' ||
	    (fate != SIM_SENT && fate != SIM_ARRIVED) || !read_sip(w, p, &s))
		return;
	if (fate == SIM_ARRIVED)
		on_arrived(w, &s);
	else if (!foreign && s.m.status)
		on_response_sent(w, now, &s, p);
	else if (!foreign)
		on_request_sent(w, now, &s, p);
}

static void owed(struct wire *w, const struct wire_tx *t)
{
	bool foreign = addr_same_ip(&t->server, &w->foreign);

	if (t->let_off || w->streams)
		return;
	if (t->arrived && !t->status && !foreign && strcmp(t->method, "ACK"))
		no(w, "a request without a final response", t, S(""));
	if (t->got_2xx && !t->acks && !w->poor)
		no(w, "a 2xx whose ACK never came", t, S(""));
	if (t->due > t->sent && !w->poor) /* 13.2.2.4: each time it comes */
		no(w, "a 2xx without an ACK", t, S(""));
	if (t->refused > t->nacks && !w->poor) /* 17.1.1.2: Completed */
		no(w, "a refusal without an ACK", t, S(""));
	if (t->got_2xx && !t->to[0] && !t->bye)
		no(w, "an answered call without a BYE", t, S(""));
}

bool wire_end(struct wire *w)
{
	for (size_t b = 0; b < WIRE_BUCKETS; b++)
		while (w->bucket[b]) {
			struct wire_tx *t = w->bucket[b];

			owed(w, t);
			w->bucket[b] = t->next;
			free(t);
		}
	return !w->why;
}
