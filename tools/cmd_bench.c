/* SPDX-License-Identifier: BSD-2-Clause
 * parley bench: the hot paths, each with its figure: median processor time of
 * this thread over several rounds.  Nothing here is asserted anywhere. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "client/client_port.h"
#include "platform/http/ws_frame.h"
#include "platform/sim/sim.h"
#include "sdp/sdp_attr.h"
#include "sip/hdr/sip_cseq.h"
#include "sip/hdr/sip_name_addr.h"
#include "sip/hdr/sip_via.h"
#include "sip/msg/sip_msg.h"
#include "tools/bench.h"
#include "tools/tool.h"

enum { ROUNDS = 9 };

static const char invite[] =
	"INVITE sip:bob@biloxi.example.com SIP/2.0\r\n"
	"Via: SIP/2.0/UDP pc33.atlanta.example.com:5060;"
	"branch=z9hG4bK776asdhds;rport\r\n"
	"Via: SIP/2.0/TCP proxy.example.net;branch=z9hG4bK77ef4c2312983.1\r\n"
	"Max-Forwards: 69\r\n"
	"Record-Route: <sip:proxy.example.net;lr>\r\n"
	"To: Bob <sip:bob@biloxi.example.com>\r\n"
	"From: \"Alice Liddell\" <sip:alice@atlanta.example.com>;"
	"tag=1928301774\r\n"
	"Call-ID: a84b4c76e66710@pc33.atlanta.example.com\r\n"
	"CSeq: 314159 INVITE\r\n"
	"Contact: <sip:alice@pc33.atlanta.example.com>\r\n"
	"Allow: INVITE, ACK, CANCEL, OPTIONS, BYE\r\n"
	"Supported: replaces, timer\r\n"
	"User-Agent: parley\r\n"
	"Content-Type: application/sdp\r\n"
	"Content-Length: 0\r\n\r\n";

static const char description[] =
	"v=0\r\no=alice 2890844526 2890844526 IN IP4 192.0.2.1\r\ns=-\r\n"
	"c=IN IP4 192.0.2.1\r\nt=0 0\r\n"
	"m=audio 49170 RTP/AVP 96 0 8 97\r\n"
	"a=rtpmap:96 opus/48000/2\r\na=fmtp:96 useinbandfec=1\r\n"
	"a=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\n"
	"a=rtpmap:97 telephone-event/8000\r\na=fmtp:97 0-16\r\n"
	"a=ptime:20\r\na=sendrecv\r\n"
	"m=video 51372 RTP/AVP 98\r\na=rtpmap:98 VP8/90000\r\n"
	"a=recvonly\r\n";

static int64_t cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int by_value(const void *a, const void *b)
{
	double x, y;

	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	return (x > y) - (x < y);
}

/* ns of one call of fn, in rounds of 20 ms or more. */
double bench_ns(void (*fn)(void *arg), void *arg)
{
	double ns[ROUNDS];
	int64_t n = 1, t;

	for (;; n *= 2) {
		t = cpu_ns();
		for (int64_t i = 0; i < n; i++)
			fn(arg);
		t = cpu_ns() - t;
		if (t > 20000000)
			break;
	}
	for (size_t r = 0; r < ROUNDS; r++) {
		t = cpu_ns();
		for (int64_t i = 0; i < n; i++)
			fn(arg);
		ns[r] = (double)(cpu_ns() - t) / (double)n;
	}
	qsort(ns, ROUNDS, sizeof(ns[0]), by_value);
	return ns[ROUNDS / 2];
}

void bench_row(struct tool *t, const char *what, double ns, const char *of)
{
	const char *gap = *of ? " " : "";

	if (ns >= 1e6)
		tool_out(t, "  %-40s %10.2f ms%s%s\n", what, ns / 1e6, gap, of);
	else if (ns >= 1e3)
		tool_out(t, "  %-40s %10.2f us%s%s\n", what, ns / 1e3, gap, of);
	else
		tool_out(t, "  %-40s %10.0f ns%s%s\n", what, ns, gap, of);
}

/* ------------------------------------------------------------ signalling */
struct parsing {
	struct sip_msg msg;
	struct sdp sdp;
	volatile size_t sum; /* so that nothing is optimised away */
};

static void sip_lazy(void *arg)
{
	struct parsing *p = arg;
	struct sip_via via;
	struct sip_name_addr who;
	struct sip_cseq cseq;
	struct parse_error e;

	if (sip_msg_parse(slice_str(invite), &p->msg, &e) == 0 &&
	    sip_via_parse(sip_msg_get(&p->msg, SIP_HDR_VIA), &via, &e) >= 0 &&
	    sip_name_addr_parse(sip_msg_get(&p->msg, SIP_HDR_FROM), &who,
				&e) == 0 &&
	    sip_name_addr_parse(sip_msg_get(&p->msg, SIP_HDR_TO), &who,
				&e) == 0 &&
	    sip_cseq_parse(sip_msg_get(&p->msg, SIP_HDR_CSEQ), &cseq,
			   &e) == 0)
		p->sum += via.branch.n + who.tag.n;
}

static void sip_write(void *arg)
{
	struct parsing *p = arg;
	char out[2048];
	struct writer w = writer_begin(out, sizeof(out));

	sip_msg_write(&w, &p->msg);
	p->sum += w.n;
}

static void sdp_read(void *arg)
{
	struct parsing *p = arg;
	struct parse_error e;

	if (sdp_parse(slice_str(description), 0, &p->sdp, &e) == 0)
		p->sum += p->sdp.media_count;
}

static void sdp_both(void *arg)
{
	struct parsing *p = arg;
	char out[2048];
	struct writer w = writer_begin(out, sizeof(out));

	sdp_read(arg);
	sdp_write(&w, &p->sdp);
	p->sum += w.n;
}

/* What each message that comes over WebSocket costs more. */
static void ws_unmask(void *arg)
{
	static uint8_t frame[8 + 1000] = { 0x82, 0xfe, 1000 >> 8, 1000 & 0xff,
					   0x37, 0xfa, 0x21, 0x3d };
	struct parsing *p = arg;
	struct ws_frame f;
	struct parse_error e;

	if (ws_frame_parse(slice_of(frame, sizeof(frame)), &f, &e) == 0)
		ws_mask(frame + f.head, (size_t)f.n, f.key, 0);
	p->sum += frame[8];
}

static void signalling(struct tool *t)
{
	struct parsing *p = mem_new(t->mem, sizeof(*p));

	if (!p)
		return;
	bench_row(t, "SIP: parse an INVITE to route it",
		  bench_ns(sip_lazy, p), "");
	bench_row(t, "SIP: write it", bench_ns(sip_write, p), "");
	bench_row(t, "SDP: parse a description", bench_ns(sdp_read, p), "");
	bench_row(t, "SDP: parse and write it", bench_ns(sdp_both, p), "");
	bench_row(t, "WebSocket: parse and unmask a frame",
		  bench_ns(ws_unmask, p), "of 1 kB");
	mem_free(t->mem, p);
}

/* ----------------------------------------------------------------- calls */
/* Two agents on a simulated network, media elsewhere: what it costs both of
 * them, the network included. */
struct pair {
	struct mem mem;
	struct sim *sim;
	struct parley *a, *b;
	uint32_t account;
	unsigned ended;
};

static void on_a(void *app, const struct parley_event *ev)
{
	struct pair *p = app;

	if (parley_event_kind(ev) == PARLEY_EV_CONFIRMED &&
	    parley_end(p->a, parley_event_session(ev)))
		p->ended++;
	if (parley_event_kind(ev) == PARLEY_EV_ENDED)
		p->ended++;
}

static void on_b(void *app, const struct parley_event *ev)
{
	struct pair *p = app;

	if (parley_event_kind(ev) == PARLEY_EV_INCOMING &&
	    parley_accept(p->b, parley_event_session(ev), NULL, 0))
		p->ended++;
}

static struct parley *agent_on(struct pair *p, uint8_t host,
			       void (*fn)(void *app,
					  const struct parley_event *ev))
{
	struct addr addr = addr_v4(10, 0, 0, host, 0);
	struct sim_host *h = sim_host_new(p->sim, host == 1 ? "a" : "b", &addr,
					  1);
	char local[32];
	struct parley_config cfg = { .size = sizeof(cfg), .local = local,
				     .on_event = fn, .app = p };
	struct parley *agent = NULL;

	snprintf(local, sizeof(local), "10.0.0.%u:5060", (unsigned)host);
	if (!h || client_new(sim_host_reactor(h), NULL, &cfg, &agent) ||
	    parley_account_add(agent, "sip:x@example.org", &p->account) ||
	    parley_set(agent, p->account, "rtp.external", "192.0.2.1:4000")) {
		parley_free(agent);
		return NULL;
	}
	return agent;
}

static void calls(struct tool *t)
{
	static const unsigned CALLS = 5000;
	struct pair p = { .ended = 0 };
	int64_t ns;
	uint32_t session;

	mem_init(&p.mem, 0);
	p.sim = sim_new(&p.mem, 1);
	if (!p.sim)
		return;
	p.b = agent_on(&p, 2, on_b);
	p.a = agent_on(&p, 1, on_a);
	ns = cpu_ns();
	for (unsigned i = 0; p.a && p.b && i < CALLS; i++) {
		if (parley_call(p.a, p.account, "sip:y@10.0.0.2", NULL, 0,
				&session))
			break;
		sim_run(p.sim, sim_now(p.sim) + MS(2));
	}
	sim_run(p.sim, sim_now(p.sim) + SEC(1));
	ns = cpu_ns() - ns;
	if (p.ended)
		bench_row(t, "a call: INVITE 200 ACK BYE 200",
			  (double)ns / p.ended / 2, "for each side");
	parley_free(p.a);
	parley_free(p.b);
	sim_free(p.sim);
}

static int bench_start(struct tool *t, const struct command *c, int argc,
		       char **argv, void **run)
{
	size_t n;
	int rc = options_parse(t, c, argc, argv, NULL, NULL, 0, &n);

	(void)run;
	if (rc != TOOL_RUNNING)
		return rc;
	tool_out(t, "processor time of one thread, median of %d rounds\n\n",
		 ROUNDS);
	signalling(t);
	calls(t);
	for (size_t i = 0; feature_bench[i]; i++)
		feature_bench[i]->run(t);
	return TOOL_OK;
}

extern const struct command cmd_bench;
const struct command cmd_bench = {
	.name = "bench",
	.summary = "Times the hot paths.",
	.usage = "",
	.start = bench_start,
};
