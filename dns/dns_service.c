/* SPDX-License-Identifier: BSD-2-Clause */
#include "dns/dns_service.h"

const struct dns_service dns_sip[DNS_TRANSPORTS] = {
	[DNS_UDP] = { DNS_UDP, false, "SIP+D2U", "_sip._udp", 5060 },
	[DNS_TCP] = { DNS_TCP, false, "SIP+D2T", "_sip._tcp", 5060 },
	[DNS_TLS] = { DNS_TLS, true, "SIPS+D2T", "_sips._tcp", 5061 },
	[DNS_WS] = { DNS_WS, false, "SIP+D2W", "_sip._ws", 80 },
	[DNS_WSS] = { DNS_WSS, true, "SIPS+D2W", "_sips._ws", 443 },
};

const struct dns_service dns_stun[2] = {
	{ DNS_UDP, false, NULL, "_stun._udp", 3478 },
	{ DNS_TCP, false, NULL, "_stun._tcp", 3478 },
};
const struct dns_service dns_stuns[1] = {
	{ DNS_TLS, true, NULL, "_stuns._tcp", 5349 },
};
const struct dns_service dns_turn[2] = {
	{ DNS_UDP, false, NULL, "_turn._udp", 3478 },
	{ DNS_TCP, false, NULL, "_turn._tcp", 3478 },
};
const struct dns_service dns_turns[1] = {
	{ DNS_TLS, true, NULL, "_turns._tcp", 5349 },
};
const struct dns_service dns_msrp[1] = {
	{ DNS_TCP, false, NULL, "_msrp._tcp", 2855 },
};
const struct dns_service dns_msrps[1] = {
	{ DNS_TLS, true, NULL, "_msrps._tcp", 2855 },
};

static bool service_ours(const struct dns_sip_wish *w, enum dns_transport t)
{
	for (size_t i = 0; i < w->n; i++)
		if (w->use[i] == t)
			return true;
	return false;
}

/* sips over what is named: TLS over TCP, 4.1 and RFC 3261 26.2.2. */
static enum dns_transport secured(enum dns_transport t)
{
	switch (t) {
	case DNS_TCP:
	case DNS_TLS:
		return DNS_TLS;
	case DNS_WS:
	case DNS_WSS:
		return DNS_WSS;
	case DNS_UDP:
	case DNS_NO_TRANSPORT:
	case DNS_TRANSPORTS:
		break;
	}
	return DNS_NO_TRANSPORT;
}

static void service_add(struct dns_choice *c, enum dns_transport t,
			bool naptr_only)
{
	if (c->n == COUNT(c->row))
		return;
	c->row[c->n].service = &dns_sip[t];
	c->row[c->n++].naptr_only = naptr_only;
}

/* 4.1: UDP for sip, TLS for sips; what is best of ours when that is not. */
static size_t fallback(const struct dns_choice *c)
{
	size_t first = c->n;

	for (size_t i = 0; i < c->n; i++) {
		if (c->row[i].naptr_only)
			continue;
		if (c->row[i].service->transport == DNS_UDP ||
		    c->row[i].service->transport == DNS_TLS)
			return i;
		first = first == c->n ? i : first;
	}
	return first;
}

int dns_sip_choose(const struct dns_sip_wish *w, struct dns_choice *out)
{
	struct dns_choice c = { .naptr = w->transport == DNS_NO_TRANSPORT &&
					 !w->settled };
	bool plain = false;

	if (w->transport != DNS_NO_TRANSPORT) {
		enum dns_transport t = w->secure ? secured(w->transport) :
						   w->transport;

		if (t == DNS_NO_TRANSPORT || !service_ours(w, t))
			return -EPROTONOSUPPORT;
		service_add(&c, t, false);
	}
	for (size_t i = 0; i < w->n && !w->secure; i++)
		plain = plain || !dns_sip[w->use[i]].secure;
	/* sips rows of sip: by NAPTR alone (4.1), unless there are no others:
	 * who has TLS only wants nothing else. */
	for (size_t i = 0; w->transport == DNS_NO_TRANSPORT && i < w->n; i++)
		if (!w->secure || dns_sip[w->use[i]].secure)
			service_add(&c, w->use[i],
				    plain && dns_sip[w->use[i]].secure);
	c.fallback = fallback(&c);
	if (c.fallback == c.n)
		return -EPROTONOSUPPORT;
	*out = c;
	return 0;
}

struct dns_choice dns_choose(const struct dns_service *row, size_t n)
{
	struct dns_choice c = { .n = n < DNS_TRANSPORTS ? n : DNS_TRANSPORTS };

	for (size_t i = 0; i < c.n; i++)
		c.row[i].service = &row[i];
	return c;
}
