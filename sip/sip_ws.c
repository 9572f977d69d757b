/* SPDX-License-Identifier: BSD-2-Clause */
#include "sip/sip_ws.h"

#include "platform/http/ws_stream.h"

enum { PATH = 255, HOST = 255 + 8 };

/* Proxies of the web end what is silent for a minute (RFC 7118 6 leaves the
 * time open); a peer that is gone is missed after twice this. */
static const mono PING = SEC(45);

struct sip_ws {
	struct mem *mem;
	struct ws_streams *streams;
	struct ws_room room;
	size_t path_n;
	char path[PATH];
};

struct sip_ws_ear {
	struct mem *mem;
	struct ws_listener *l;
	void (*on_accept)(void *arg, struct tcp *t);
	void *arg;
};

struct sip_ws *sip_ws_new(struct reactor *r, size_t room)
{
	struct sip_ws *s = mem_new(reactor_mem(r), sizeof(*s));

	if (!s)
		return NULL;
	s->mem = reactor_mem(r);
	s->streams = ws_streams_new(r);
	s->room.most = room;
	s->path[s->path_n++] = '/';
	if (s->streams)
		return s;
	mem_free(s->mem, s);
	return NULL;
}

void sip_ws_free(struct sip_ws *s)
{
	if (!s)
		return;
	ws_streams_free(s->streams);
	mem_free(s->mem, s);
}

int sip_ws_path(struct sip_ws *s, struct slice path)
{
	const struct ws_hello h = { .path = path };

	if (!path.n || path.n > sizeof(s->path) || !ws_hello_ok(&h))
		return -EINVAL;
	memcpy(s->path, path.p, path.n);
	s->path_n = path.n;
	return 0;
}

/* ---------------------------------------------------------------- client */
static void write_host(struct writer *w, struct slice host, uint16_t port,
		       bool secure)
{
	struct addr a;

	if (addr_parse_ip(host, &a) == 0)
		addr_write_ip(w, &a, true);
	else
		writer_put(w, host);
	if (port != (secure ? 443 : 80)) { /* RFC 6455 4.1 */
		writer_char(w, ':');
		writer_u64(w, port);
	}
}

int sip_ws_connect(struct sip_ws *s, struct slice host, bool secure,
		   const struct tcp_ops *ops, void *arg, struct tcp **t)
{
	char text[HOST];
	struct writer w = writer_begin(text, sizeof(text));
	struct ws_setup setup = { .ping = PING, .room = &s->room,
		.hello = { .path = slice_of(s->path, s->path_n),
			   .protocol = S("sip") } };
	int rc;

	write_host(&w, host, tcp_remote(*t).port, secure);
	setup.hello.host = writer_done(&w);
	rc = writer_end(&w) < 0 ? -EINVAL :
	     ws_connect(s->streams, &setup, *t, ops, arg, t);
	if (rc)
		tcp_abort(*t);
	return rc;
}

/* ---------------------------------------------------------------- server */
static void ear_take(void *arg, struct tcp *t)
{
	struct sip_ws_ear *e = arg;

	e->on_accept(e->arg, t);
}

int sip_ws_listen(struct sip_ws *s,
		  void (*on_accept)(void *arg, struct tcp *t), void *arg,
		  struct sip_ws_ear **out)
{
	static const struct ws_listen_ops ops = { .on_accept = ear_take };
	/* Whatever path: SIP is all that there is. */
	struct ws_setup setup = { .server = true, .ping = PING,
		.room = &s->room, .hello = { .protocol = S("sip") } };
	struct sip_ws_ear *e = mem_new(s->mem, sizeof(*e));
	int rc;

	if (!e)
		return -ENOMEM;
	*e = (struct sip_ws_ear){ .mem = s->mem, .on_accept = on_accept,
				  .arg = arg };
	rc = ws_listener_new(s->streams, &setup, &ops, e, &e->l);
	if (rc) {
		mem_free(s->mem, e);
		return rc;
	}
	*out = e;
	return 0;
}

void sip_ws_take(struct sip_ws_ear *e, struct tcp *t)
{
	ws_listener_take(e->l, t);
}

void sip_ws_ear_free(struct sip_ws_ear *e)
{
	if (!e)
		return;
	ws_listener_free(e->l);
	mem_free(e->mem, e);
}

const char *sip_ws_fault(const struct tcp *t)
{
	const struct ws_fault *f = ws_of(t) ? ws_fault(ws_of(t)) : NULL;

	return f && f->cause != WS_FINE && f->cause != WS_CUT ? f->text : NULL;
}

const struct tcp *sip_ws_under(const struct tcp *t)
{
	return ws_under(t) ? ws_under(t) : t;
}
