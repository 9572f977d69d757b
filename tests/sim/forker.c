/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/sim/forker.h"

#include <stdio.h>
#include <stdlib.h>

#include "platform/writer.h"

static const char *const tag[FORK_LEGS] = { "leg0", "leg1", "leg2" };

static void copy_line(struct writer *w, const char *text, const char *name,
		      const char *more)
{
	const char *at = strstr(text, name);

	if (!at)
		return;
	writer_put(w, slice_of(at + 2, strcspn(at + 2, "\r")));
	writer_str(w, more);
	writer_str(w, "\r\n");
}

static void send_with(struct forker *f, const char *request,
		      const char *status, const char *totag, int port,
		      const char *described)
{
	char out[4096], sdp[256] = "", head[512];
	struct writer w = writer_begin(out, sizeof(out));
	struct datagram d = { .remote = f->caller };
	int rc;

	if (described)
		snprintf(sdp, sizeof(sdp), "%s", described);
	else if (port)
		snprintf(sdp, sizeof(sdp), "v=0\r\no=- 1 1 IN IP4 10.0.0.3\r\n"
			 "s=-\r\nc=IN IP4 10.0.0.3\r\nt=0 0\r\n"
			 "m=audio %d RTP/AVP 0\r\n", port);
	writer_str(&w, "SIP/2.0 ");
	writer_str(&w, status);
	writer_str(&w, "\r\n");
	copy_line(&w, request, "\r\nVia:", "");
	copy_line(&w, request, "\r\nFrom:", "");
	copy_line(&w, request, "\r\nTo:", totag);
	copy_line(&w, request, "\r\nCall-ID:", "");
	copy_line(&w, request, "\r\nCSeq:", "");
	snprintf(head, sizeof(head), "Contact: <sip:%s@10.0.0.3>\r\n%s"
		 "Content-Length: %zu\r\n\r\n%s", port ? totag + 5 : "x", port ?
		 "Content-Type: application/sdp\r\n" : "", strlen(sdp), sdp);
	writer_str(&w, head);
	d.p = (uint8_t *)out;
	d.n = w.n;
	rc = udp_send(f->u, &d, 1);
	(void)rc; /* lost: it comes again */
}

static void send(struct forker *f, const char *request, const char *status,
		 const char *totag, int port)
{
	send_with(f, request, status, totag, port, NULL);
}

static void leg_send(struct forker *f, unsigned i, const char *status,
		     bool body)
{
	char t[16];

	snprintf(t, sizeof(t), ";tag=%s", tag[i]);
	send_with(f, f->invite, status, t, body ? 20000 + 2 * (int)i : 0,
		  body ? f->leg[i].sdp : NULL);
}

static bool any_acked(const struct forker *f)
{
	unsigned acks = 0;

	for (unsigned i = 0; i < FORK_LEGS; i++)
		acks += f->leg[i].acks;
	return acks > 0;
}

/* What the caller has in From is in our To, and the other way. */
static void leg_bye(struct forker *f, unsigned i)
{
	const char *uri = strstr(f->invite, "\r\nContact: <");
	char out[2048], head[256];
	struct writer w = writer_begin(out, sizeof(out));
	struct datagram d = { .remote = f->caller };
	int rc;

	if (!uri)
		return;
	uri += strlen("\r\nContact: <");
	snprintf(head, sizeof(head), "BYE %.*s SIP/2.0\r\nVia: SIP/2.0/UDP "
		 "10.0.0.3;branch=z9hG4bKbye%u\r\nFrom: <sip:bob@10.0.0.3>"
		 ";tag=%s\r\nTo:", (int)strcspn(uri, ">"), uri, i, tag[i]);
	writer_str(&w, head);
	uri = strstr(f->invite, "\r\nFrom:") + strlen("\r\nFrom:");
	writer_put(&w, slice_of(uri, strcspn(uri, "\r")));
	writer_str(&w, "\r\n");
	copy_line(&w, f->invite, "\r\nCall-ID:", "");
	writer_str(&w, "Max-Forwards: 70\r\nCSeq: 1 BYE\r\n"
		   "Content-Length: 0\r\n\r\n");
	d.p = (uint8_t *)out;
	d.n = w.n;
	rc = udp_send(f->u, &d, 1);
	(void)rc; /* lost: it comes again */
}

/* True: it has more to do. */
static bool hang_up(struct forker *f, unsigned i)
{
	unsigned at = f->leg[i].hangs_up_at;

	if (!at || f->leg[i].hung_up)
		return false;
	if (f->ticks >= at && (f->ticks - at) % 5 == 0)
		leg_bye(f, i);
	return true;
}

static void on_tick(void *arg)
{
	struct forker *f = arg;
	struct reactor *r = sim_host_reactor(f->host);
	bool due = false;

	f->ticks++;
	for (unsigned i = 0; i < FORK_LEGS; i++)
		due |= hang_up(f, i);
	due |= f->leg[0].hangs_up_at && !f->refused;
	if (f->cancelled && !f->refused && f->ticks % 5 == 0)
		leg_send(f, 0, "487 Request Terminated", false);
	for (unsigned i = 0; i < FORK_LEGS; i++) {
		bool open = f->leg[i].answers_at && !f->leg[i].acks &&
			    (!f->leg[i].hangs_up_at ||
			     f->leg[i].hung_up == 200);

		due |= open;
		if (f->leg[i].early_at && f->ticks >= f->leg[i].early_at &&
		    f->ticks % 5 == 2 && !any_acked(f))
			leg_send(f, i, "183 Session Progress", true);
		else if (i && f->ticks < (f->leg[i].hangs_up_at ?
				f->leg[i].hangs_up_at : f->leg[i].answers_at) &&
		    f->ticks % 5 == 2)
			leg_send(f, i, "180 Ringing", false);
		/* 13.3.1.4, but simpler: each 500 ms until the ACK */
		if (open && f->ticks >= f->leg[i].answers_at &&
		    (f->ticks - f->leg[i].answers_at) % 5 == 0)
			leg_send(f, i, "200 OK", true);
	}
	if (due && f->ticks < 320)
		reactor_timer_at(r, &f->timer,
				 mono_add(reactor_now(r).m, MS(100)));
}

static void on_invite(struct forker *f, const char *text,
		      const struct addr *from)
{
	if (!f->invite[0]) {
		snprintf(f->invite, sizeof(f->invite), "%s", text);
		f->caller = *from;
		on_tick(f);
	}
	send(f, f->invite, "100 Trying", "", 0);
	if (!f->leg[0].early_at)
		leg_send(f, 0, "183 Session Progress", true);
}

/* To a BYE of ours, by its branch. */
static void on_response(struct forker *f, const char *text)
{
	const char *at = strstr(text, ";branch=z9hG4bKbye");
	unsigned i = at ? (unsigned)(at[strlen(";branch=z9hG4bKbye")] - '0') :
		     FORK_LEGS;

	if (i < FORK_LEGS && text[8] != '1')
		f->leg[i].hung_up = (unsigned)strtoul(text + 8, NULL, 10);
}

static void on_message(struct forker *f, const char *text,
		       const struct addr *from)
{
	struct reactor *r = sim_host_reactor(f->host);

	if (strncmp(text, "INVITE ", 7) == 0)
		on_invite(f, text, from);
	if (strncmp(text, "CANCEL ", 7) == 0) {
		send(f, text, "200 OK", ";tag=leg0", 0);
		f->cancelled = true;
	}
	if (strncmp(text, "SIP/2.0 ", 8) == 0)
		on_response(f, text);
	for (unsigned i = 0; i < FORK_LEGS; i++) {
		const char *to = strstr(text, "\r\nTo:");
		const char *at = to ? strstr(to, tag[i]) : NULL;

		if (!at || at > to + strcspn(to + 2, "\r") + 2)
			continue;
		if (strncmp(text, "ACK ", 4) == 0)
			f->leg[i].acks++;
		f->refused |= f->cancelled && strncmp(text, "ACK ", 4) == 0;
		if (strncmp(text, "BYE ", 4) == 0) {
			if (!f->leg[i].byes++)
				f->leg[i].bye = reactor_now(r).m;
			send(f, text, "200 OK", "", 0);
		}
	}
}

static void on_datagrams(void *arg, struct datagram *d, size_t n)
{
	char text[4096];

	for (size_t i = 0; i < n; i++) {
		snprintf(text, sizeof(text), "%.*s", (int)d[i].n,
			 (const char *)d[i].p);
		on_message(arg, text, &d[i].remote);
	}
}

static void on_error(void *arg, const struct addr *remote, int err)
{
	(void)arg;
	(void)remote;
	(void)err; /* the caller is gone: the scenario sees that */
}

static const struct udp_ops ops = { .on_datagrams = on_datagrams,
				    .on_error = on_error };

int forker_begin(struct forker *f, struct sim_host *host)
{
	struct addr any = addr_v4(10, 0, 0, 3, 5060);

	f->host = host;
	f->timer.fn = on_tick;
	f->timer.arg = f;
	return udp_open(sim_host_reactor(host), &any, &ops, f, &f->u);
}

void forker_end(struct forker *f)
{
	if (!f->host)
		return;
	reactor_timer_stop(sim_host_reactor(f->host), &f->timer);
	udp_close(f->u);
}
