/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/sim/registrar.h"

#include <stdio.h>
#include <stdlib.h>

#include "platform/writer.h"

/* The line of the request that begins so, to its end. */
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

static void answer(struct registrar *r, const char *text,
		   const struct addr *from)
{
	const char *expires = strstr(text, "\r\nExpires: ");
	char out[4096], grant[32];
	struct writer w = writer_begin(out, sizeof(out));
	struct datagram d = { .remote = *from };
	int rc;

	r->requests++;
	r->registered = !r->refuse && expires &&
			strtoul(expires + 11, NULL, 10) > 0;
	writer_str(&w, "SIP/2.0 ");
	writer_str(&w, r->refuse ? r->refuse : "200 OK");
	writer_str(&w, "\r\n");
	copy_line(&w, text, "\r\nVia:", "");
	copy_line(&w, text, "\r\nFrom:", "");
	copy_line(&w, text, "\r\nTo:", ";tag=r");
	copy_line(&w, text, "\r\nCall-ID:", "");
	copy_line(&w, text, "\r\nCSeq:", "");
	snprintf(grant, sizeof(grant), ";expires=%u",
		 r->expires ? r->expires : 600);
	if (r->registered)
		copy_line(&w, text, "\r\nContact:", grant);
	writer_str(&w, "Content-Length: 0\r\n\r\n");
	d.p = (uint8_t *)out;
	d.n = w.n;
	rc = udp_send(r->u, &d, 1);
	(void)rc; /* lost: it comes again */
}

static void on_datagrams(void *arg, struct datagram *d, size_t n)
{
	char text[4096];

	for (size_t i = 0; i < n; i++) {
		snprintf(text, sizeof(text), "%.*s", (int)d[i].n,
			 (const char *)d[i].p);
		if (strncmp(text, "REGISTER ", 9) == 0)
			answer(arg, text, &d[i].remote);
	}
}

static void on_error(void *arg, const struct addr *remote, int err)
{
	(void)arg;
	(void)remote;
	(void)err; /* the client is gone: the scenario sees that */
}

static const struct udp_ops ops = { .on_datagrams = on_datagrams,
				    .on_error = on_error };

int registrar_begin(struct registrar *r, struct sim_host *host)
{
	struct addr at = addr_v4(10, 0, 0, 3, 5060);

	r->host = host;
	return udp_open(sim_host_reactor(host), &at, &ops, r, &r->u);
}

void registrar_end(struct registrar *r)
{
	if (r->host)
		udp_close(r->u);
}
