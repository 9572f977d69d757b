/* SPDX-License-Identifier: BSD-2-Clause
 * The input is a script, three octets a step: what, whom, and how much time or
 * how many octets.  Eight streams of four calls, four addresses.  What must
 * hold, by a list of all that was sent kept here: of what is not proved to be
 * right no address and no call has had more than the budget, nor for longer
 * than rules say; and what is paused stays so until something tells. */
#include "client/consent.h"
#include "fuzz/fuzz.h"

enum { CALLS = 4, STREAMS = 8, HOSTS = 4, SENDS = 4096 };

static const struct consent_rules rules = {
	.unproven = MS(4000), .octets = 4000, .timeout = SEC(30),
};

static struct sent {
	mono at;
	size_t octets;
	uint8_t stream, host;
	bool stands; /* for good: the stream went elsewhere, or ended */
	bool right;  /* given back */
} sent[SENDS];
static size_t sends;

static struct consent ledger;
static struct consent_call call[CALLS];
static struct consent_stream stream[STREAMS];

static struct addr host(unsigned i)
{
	return addr_v4(192, 0, 2, (uint8_t)(1 + i % HOSTS), 4000);
}

static unsigned host_of(const struct consent_stream *s)
{
	return s->ip.ip[3] - 1u;
}

/* The stream's share is given back, or stands. */
static void judge(unsigned i, bool right)
{
	for (size_t k = 0; k < sends; k++)
		if (sent[k].stream == i && !sent[k].stands) {
			sent[k].right |= right;
			sent[k].stands = true;
		}
}

static void check(mono now)
{
	uint64_t by_call[CALLS] = { 0 }, by_host[HOSTS] = { 0 };
	mono first[HOSTS], last[HOSTS];

	for (unsigned h = 0; h < HOSTS; h++)
		first[h] = MONO_NEVER, last[h] = 0;
	for (size_t k = 0; k < sends; k++) {
		const struct sent *s = &sent[k];

		if (s->right)
			continue;
		by_call[s->stream % CALLS] += s->octets;
		if (now - s->at >= CONSENT_MEMORY)
			continue;
		by_host[s->host] += s->octets;
		first[s->host] = mono_min(first[s->host], s->at);
		last[s->host] = s->at;
	}
	for (unsigned i = 0; i < CALLS; i++)
		INVARIANT(by_call[i] <= rules.octets);
	for (unsigned h = 0; h < HOSTS; h++)
		INVARIANT(by_host[h] <= rules.octets &&
			  (!by_host[h] || last[h] - first[h] < rules.unproven));
}

static void send(unsigned i, size_t octets, mono now)
{
	struct consent_stream *s = &stream[i];
	bool paused = s->why != CONSENT_GIVEN;
	bool may = consent_send(&ledger, &call[i % CALLS], s, &rules, octets,
				now);

	INVARIANT(!may || !paused);
	INVARIANT(may == (s->why == CONSENT_GIVEN));
	if (!may || s->proved || s->asked || !s->ip.family)
		return;
	INVARIANT(s->place && sends < SENDS);
	sent[sends++] = (struct sent){ .at = now, .stream = (uint8_t)i,
				       .octets = octets + CONSENT_HEADERS,
				       .host = (uint8_t)host_of(s) };
	check(now);
}

static void agree(unsigned i, uint8_t arg, mono now)
{
	struct consent_stream *s = &stream[i];
	struct consent_terms t = { .to = host(arg), .forbidden = arg & 0x80,
				   .acked = arg & 0x40, .quiet = arg & 0x20,
				   .asked = arg & 0x10 };

	if (arg & 8) /* hold of RFC 2543 */
		memset(t.to.ip, 0, sizeof(t.to.ip));
	else if (!addr_same_ip(&s->ip, &t.to))
		judge(i, false);
	consent_agree(&call[i % CALLS], s, &t, now);
	if (t.acked && !t.forbidden)
		judge(i, true);
}

static void step(uint8_t what, uint8_t arg, uint8_t much, mono now)
{
	unsigned i = what >> 4 & (STREAMS - 1);
	struct consent_stream *s = &stream[i];
	struct addr a = host(arg);

	switch (what & 7) {
	case 0:
		agree(i, arg, now);
		break;
	case 1:
		if (s->ip.family)
			consent_on_ack(&call[i % CALLS], s);
		judge(i, s->ip.family != 0);
		break;
	case 2:
		judge(i, addr_same_ip(&s->ip, &a));
		consent_on_packet(&call[i % CALLS], s, &a, now);
		INVARIANT(s->proved && (s->why == CONSENT_GIVEN ||
			  (s->why == CONSENT_UNRECEIVED &&
			   rtp_breaker_rests(&s->breaker, now))));
		break;
	case 3:
		consent_on_report(s, &(struct rtp_report){ .on_us = arg & 1,
				  .highest = arg >> 1, .rtt = MS(much) }, now);
		break;
	case 4:
		consent_on_error(s);
		break;
	case 5:
		consent_end(s, now);
		judge(i, false);
		memset(s, 0, sizeof(*s));
		break;
	default:
		if (s->ip.family)
			send(i, much, now);
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	mono now = SEC(1);

	if (size > 3 * SENDS)
		return 0;
	sends = 0;
	consent_init(&ledger);
	memset(call, 0, sizeof(call));
	memset(stream, 0, sizeof(stream));
	for (size_t i = 0; i + 3 <= size; i += 3) {
		if ((data[i] & 7) == 7)
			now += MS(data[i + 1]) * (data[i + 2] & 1 ? 200 : 1);
		else
			step(data[i], data[i + 1], data[i + 2], now);
	}
	for (unsigned i = 0; i < STREAMS; i++)
		consent_end(&stream[i], now);
	return 0;
}
