/* SPDX-License-Identifier: BSD-2-Clause */
#include "client/consent.h"

bool consent_allows(const struct addr *to, const struct addr *host,
		    const struct addr *here)
{
	static const uint8_t broadcast[4] = { 255, 255, 255, 255 };

	if (addr_is_multicast(to))
		return false;
	if (to->family == 4 && (to->ip[0] == 0 ||
				memcmp(to->ip, broadcast, 4) == 0))
		return addr_is_any(to); /* 0.0.0.0 says "nowhere": hold */
	if (addr_is_link_local(to))
		return addr_is_link_local(host);
	if (addr_is_loopback(to))
		return !host->family || addr_is_loopback(host) ||
		       addr_same_ip(host, here);
	return true;
}

const char *consent_reason(enum consent_why why)
{
	static const char *const text[] = {
		[CONSENT_GIVEN] = "",
		[CONSENT_UNPROVED] = "nothing came from the address that the "
				     "peer named yet",
		[CONSENT_UNHEARD] = "nothing was ever heard of the peer",
		[CONSENT_REFUSED] = "nobody listens there (ICMP)",
		[CONSENT_UNREPORTED] = "the peer's reports have ceased",
		[CONSENT_UNRECEIVED] = "the peer reports that nothing reaches "
				       "it",
		[CONSENT_NO_TARGET] = "the peer named an address that nothing "
				      "may be sent to",
	};

	return text[why];
}

void consent_init(struct consent *c)
{
	for (size_t i = 0; i < CONSENT_PLACES; i++) {
		c->place[i] = (struct consent_place){ 0 };
		list_init(&c->place[i].streams);
	}
}

/* ------------------------------------------------------------ the ledger */
static bool is_free(const struct consent_place *p, mono now)
{
	return !p->ip.family ||
	       (list_empty(&p->streams) && now >= p->until);
}

/* NULL: all are taken. */
static struct consent_place *consent_place_of(struct consent *c,
					      const struct addr *ip, mono now)
{
	struct consent_place *empty = NULL;

	for (size_t i = 0; i < CONSENT_PLACES; i++) {
		struct consent_place *p = &c->place[i];

		if (is_free(p, now)) {
			if (!empty)
				empty = p;
		} else if (addr_same_ip(&p->ip, ip)) {
			return p;
		}
	}
	if (!empty)
		return NULL;
	*empty = (struct consent_place){ .ip = *ip };
	list_init(&empty->streams);
	return empty;
}

/* The first packet of all that is counted there; now: none was. */
static mono begun(const struct consent_place *p, mono now)
{
	mono t = p->until > now ? p->since : now;

	if (list_empty(&p->streams))
		return t;
	return mono_min(t, CONTAINER(p->streams.next,
				     const struct consent_stream, link)->first);
}

/* Its address is right: nobody was harmed. */
static void give_back(struct consent_call *call, struct consent_stream *s)
{
	if (!s->place)
		return;
	list_remove(&s->link);
	s->place->octets -= s->octets;
	if (list_empty(&s->place->streams) && !s->place->octets)
		s->place->ip.family = 0;
	s->place = NULL;
	call->octets -= s->octets;
	s->octets = 0;
}

/* It goes elsewhere or ends, and nobody knows whom it disturbed. */
static void settle(struct consent_stream *s, mono now)
{
	struct consent_place *p = s->place;

	if (!p)
		return;
	if (p->until <= now)
		p->since = s->first;
	p->since = mono_min(p->since, s->first);
	p->until = mono_add(now, CONSENT_MEMORY);
	list_remove(&s->link);
	s->place = NULL;
	s->octets = 0;
}

/* False: it is used up, or there is none left. */
static bool charge(struct consent *c, struct consent_call *call,
		   struct consent_stream *s, const struct consent_rules *r,
		   size_t octets, mono now)
{
	struct consent_place *p =
		s->place ? s->place : consent_place_of(c, &s->ip, now);
	mono call_since = call->octets ? call->since : now;

	if (!p || now - call_since >= r->unproven ||
	    now - begun(p, now) >= r->unproven ||
	    call->octets + octets > r->octets || p->octets + octets > r->octets)
		return false;
	if (!s->place) {
		s->place = p;
		s->first = now;
		list_append(&p->streams, &s->link);
	}
	if (!call->octets)
		call->since = now;
	call->octets += octets;
	p->octets += octets;
	s->octets += octets;
	return true;
}

/* -------------------------------------------------------------- a stream */
static void move(struct consent_stream *s, const struct addr *to, mono now)
{
	if (addr_same_ip(&s->ip, to))
		return;
	settle(s, now);
	s->ip = *to;
	s->proved = s->acked = s->asked = s->is_heard = false;
	s->breaker = (struct rtp_breaker){ 0 };
}

static void prove(struct consent_call *call, struct consent_stream *s)
{
	give_back(call, s);
	s->proved = true;
	if (s->why == CONSENT_UNPROVED)
		s->why = CONSENT_GIVEN;
}

void consent_agree(struct consent_call *call, struct consent_stream *s,
		   const struct consent_terms *t,
		   mono now)
{
	/* Nowhere for a while (hold of RFC 2543) is no other place. */
	if (t->to.family && t->to.port && !addr_is_any(&t->to))
		move(s, &t->to, now);
	s->agreed = now;
	s->errors = 0;
	s->quiet = t->quiet;
	s->asked |= t->asked;
	rtp_breaker_renew(&s->breaker, now);
	s->why = t->forbidden ? CONSENT_NO_TARGET : CONSENT_GIVEN;
	if (t->acked && !t->forbidden)
		consent_on_ack(call, s);
}

void consent_on_ack(struct consent_call *call, struct consent_stream *s)
{
	s->acked = true;
	prove(call, s);
}

void consent_on_packet(struct consent_call *call, struct consent_stream *s,
		       const struct addr *from, mono now)
{
	move(s, from, now);
	prove(call, s);
	s->is_heard = true;
	s->heard = now;
	s->errors = 0;
	if (s->why != CONSENT_UNRECEIVED ||
	    !rtp_breaker_rests(&s->breaker, now))
		s->why = CONSENT_GIVEN;
}

void consent_on_report(struct consent_stream *s, const struct rtp_report *r,
		       mono now)
{
	rtp_breaker_on_report(&s->breaker, r, now);
}

void consent_on_error(struct consent_stream *s)
{
	if (s->why == CONSENT_GIVEN && ++s->errors >= CONSENT_ERRORS)
		s->why = CONSENT_REFUSED;
}

static enum consent_why consent_judge(struct consent *c,
				      struct consent_call *call,
				      struct consent_stream *s,
				      const struct consent_rules *r,
				      size_t octets, mono now)
{
	if (!s->is_heard && r->timeout && now - s->agreed >= r->timeout &&
	    !(s->acked && s->quiet))
		return CONSENT_UNHEARD;
	switch (rtp_breaker_on_send(&s->breaker, s->heard, now)) {
	case RTP_BREAKER_SILENT:
		return CONSENT_UNREPORTED;
	case RTP_BREAKER_LOST:
		return CONSENT_UNRECEIVED;
	case RTP_BREAKER_CLOSED:
		break;
	}
	if (!s->proved && !s->asked &&
	    !charge(c, call, s, r, octets + CONSENT_HEADERS, now))
		return CONSENT_UNPROVED;
	return CONSENT_GIVEN;
}

bool consent_send(struct consent *c, struct consent_call *call,
		  struct consent_stream *s, const struct consent_rules *r,
		  size_t octets, mono now)
{
	if (r->off)
		s->why = CONSENT_GIVEN;
	else if (s->why == CONSENT_GIVEN)
		s->why = consent_judge(c, call, s, r, octets, now);
	return s->why == CONSENT_GIVEN;
}

void consent_end(struct consent_stream *s, mono now)
{
	settle(s, now);
}
