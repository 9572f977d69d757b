/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/sim/lines.h"

#include <string.h>

enum { LINES_ROOM = 8192 };

struct lines_agreed {
	struct stream_agreed head;
	struct addr path;
	bool active; /* we connect */
};

/* ------------------------------------------------------- in descriptions */
static bool lines_fits(const struct sdp_media *m)
{
	return slice_eq(m->type, "message") && slice_eq(m->proto, "TCP/LINES");
}

static bool lines_setup(const struct sdp_media *m, const char *word)
{
	struct slice value;

	return sdp_attr_find(m->lines, "setup", &value) &&
	       slice_eq(value, word);
}

/* RFC 4145 4.1: who may choose connects. */
static const char *lines_role(const struct stream_ask *ask)
{
	if (!ask->theirs)
		return "setup:actpass";
	return lines_setup(ask->theirs, "active") ? "setup:passive" :
						    "setup:active";
}

static int lines_describe(const struct stream_ask *ask,
			  struct stream_room *room, struct sdp_stream *out)
{
	struct sdp_format *f = stream_room_formats(room, 1);
	struct writer w = stream_room_text(room);
	char text[ADDR_TEXT];
	struct slice path;

	writer_str(&w, "path:lines://");
	writer_str(&w, addr_text(&out->addr, text));
	if (!f || stream_room_keep(room, &w, &path))
		return -ENOSPC;
	*f = (struct sdp_format){ .text = S("*"), .pt = SDP_NO_PT };
	out->type = S("message");
	out->proto = S("TCP/LINES");
	out->formats = f;
	out->format_count = 1;
	if (stream_room_attr(room, out, path) ||
	    stream_room_attr(room, out, slice_str(lines_role(ask))))
		return -ENOSPC;
	return 0;
}

static bool lines_path(const struct sdp_media *m, struct addr *out)
{
	struct slice value;

	return sdp_attr_find(m->lines, "path", &value) &&
	       slice_starts(value, "lines://") &&
	       addr_parse(slice_skip(value, 8), out) == 0;
}

static int lines_agree(struct stream_line *l, struct stream_room *room,
		       struct sdp_stream *answer, struct mem *m,
		       struct stream_agreed **out)
{
	struct lines_agreed *a;
	struct addr path;

	(void)room, (void)answer;
	if (!lines_path(l->theirs, &path)) {
		l->met.warning = 399;
		l->met.reason = "no path";
		return -ENOTSUP;
	}
	if (!out)
		return 0;
	a = mem_new(m, sizeof(*a));
	if (!a)
		return -ENOMEM;
	a->path = path;
	a->active = l->role == SDP_ANSWERER ?
		    !lines_setup(l->theirs, "active") :
		    lines_setup(l->theirs, "passive");
	*out = &a->head;
	return 0;
}

extern const struct stream_kind stream_lines;
const struct stream_kind stream_lines = {
	.name = "message", .media = (enum parley_media)LINES_MEDIA,
	.fits = lines_fits, .describe = lines_describe, .agree = lines_agree,
};

/* ---------------------------------------------------------------- at work */
struct line_stream {
	struct list link;
	struct media *m;
	uint32_t session, stream;
	struct tcp_listener *listener;
	struct tcp *tcp;
	struct addr remote;
	struct reactor_timer later;
	struct media_address at;
	int err;
	bool open, may_send, stopped, broken, deaf;
	char in[LINES_ROOM], out[LINES_ROOM];
	size_t in_n, out_n;
};

struct media {
	struct reactor *r;
	struct mem *mem;
	const struct media_events *ev;
	void *arg;
	struct list streams;
	int ready_ms, err;
	bool deaf;
};

static struct line_stream *line_find(struct media *m, uint32_t id)
{
	for (struct list *n = m->streams.next; n != &m->streams; n = n->next)
		if (CONTAINER(n, struct line_stream, link)->stream == id)
			return CONTAINER(n, struct line_stream, link);
	return NULL;
}

static void line_broken(struct line_stream *s, const char *why)
{
	bool told = s->broken || s->stopped;

	s->broken = true;
	if (!told)
		s->m->ev->on_failed(s->m->arg, s->stream, why);
}

/* Whole lines are news, in their order; what is not taken stays. */
static void line_tell(struct line_stream *s)
{
	size_t at = 0, n;

	while ((n = slice_find(slice_of(s->in + at, s->in_n - at), '\n')) <
	       s->in_n - at) {
		const struct news news = {
			.kind = (enum parley_event_kind)LINES_EVENT,
			.session = s->session, .stream = s->stream,
			.text = slice_of(s->in + at, n),
		};

		if (s->m->ev->on_news(s->m->arg, &news) == -EAGAIN)
			break;
		at += n + 1;
	}
	memmove(s->in, s->in + at, s->in_n - at);
	s->in_n -= at;
	if (s->tcp)
		tcp_pause(s->tcp, s->in_n > LINES_ROOM / 2);
}

static void line_flush(struct line_stream *s)
{
	int n;

	if (!s->tcp || !s->open || !s->may_send || !s->out_n)
		return;
	n = tcp_write(s->tcp, s->out, s->out_n);
	if (n <= 0)
		return;
	memmove(s->out, s->out + n, s->out_n - (size_t)n);
	s->out_n -= (size_t)n;
}

static void line_on_open(void *arg)
{
	struct line_stream *s = arg;

	s->open = true;
	line_flush(s);
}

static void line_on_bytes(void *arg, uint8_t *p, size_t n)
{
	struct line_stream *s = arg;

	while (n && !s->broken) {
		size_t room = sizeof(s->in) - s->in_n;
		size_t some = n < room ? n : room;

		memcpy(s->in + s->in_n, p, some);
		s->in_n += some;
		p += some;
		n -= some;
		line_tell(s);
		if (n && s->in_n == sizeof(s->in))
			line_broken(s, "more came than there is room for");
	}
}

static void line_on_room(void *arg)
{
	line_flush(arg);
}

static void line_on_end(void *arg)
{
	(void)arg; /* its description says what becomes of the stream */
}

static void line_on_closed(void *arg, int err)
{
	struct line_stream *s = arg;
	bool was_open = s->open;

	s->tcp = NULL;
	s->open = false;
	if (err)
		line_broken(s, was_open ? "the connection broke" :
					  "it cannot be connected");
}

static const struct tcp_ops line_ops = {
	.on_open = line_on_open, .on_bytes = line_on_bytes,
	.on_room = line_on_room, .on_end = line_on_end,
	.on_closed = line_on_closed,
};

static void line_on_accept(void *arg, struct tcp *t)
{
	struct line_stream *s = arg;
	struct addr from = tcp_remote(t);

	/* Ahead of the answer it is not known who that may be. */
	if (s->tcp || (s->remote.family && !addr_same_ip(&from, &s->remote)))
		return; /* it is reset */
	tcp_set_ops(t, &line_ops, s);
	s->tcp = t;
	line_on_open(s);
}

static void line_deafen(struct line_stream *s)
{
	tcp_listener_close(s->listener);
	s->listener = NULL;
}

static void line_on_later(void *arg)
{
	struct line_stream *s = arg;

	s->m->ev->on_ready(s->m->arg, s->stream, &s->at, s->err);
}

static void lines_close(struct media *m, uint32_t stream);

static int lines_open(struct media *m, const struct media_config *cfg,
		      const struct media_place *place, struct media_address *at)
{
	struct line_stream *s = mem_new(m->mem, sizeof(*s));
	struct addr local = place->local;
	int rc;

	(void)cfg;
	if (!s)
		return -ENOMEM;
	local.port = 0;
	s->m = m;
	s->session = place->session;
	s->stream = place->stream;
	s->err = m->err;
	s->later.fn = line_on_later;
	s->later.arg = s;
	list_append(&m->streams, &s->link);
	rc = tcp_listen(m->r, &local, line_on_accept, s, &s->listener);
	if (rc) {
		lines_close(m, place->stream);
		return rc;
	}
	s->at.rtp = tcp_listener_local(s->listener);
	if (m->deaf)
		line_deafen(s);
	*at = s->at;
	if (!m->ready_ms)
		return m->err ? (lines_close(m, place->stream), m->err) : 0;
	if (m->ready_ms != LINES_NEVER)
		reactor_timer_at(m->r, &s->later,
				 mono_add(reactor_now(m->r).m,
					  MS(m->ready_ms)));
	return -EINPROGRESS;
}

/* Who connected ahead of the answer is whom that names, or nobody. */
static void line_check(struct line_stream *s, const struct addr *path)
{
	struct addr from = s->tcp ? tcp_remote(s->tcp) : *path;

	if (addr_same_ip(&from, path))
		return;
	tcp_abort(s->tcp);
	s->tcp = NULL;
	s->open = false;
}

static int lines_start(struct media *m, uint32_t stream,
		       const struct stream_agreed *head)
{
	const struct lines_agreed *a = (const void *)head; /* begins so */
	struct line_stream *s = line_find(m, stream);
	int rc = 0;

	if (!s || s->stopped || s->broken)
		return 0;
	line_check(s, &a->path);
	s->may_send = head->may_send && (head->dir & SDP_SENDONLY);
	if (!s->tcp && !addr_same(&s->remote, &a->path) && a->active)
		rc = tcp_connect(m->r, NULL, &a->path, &line_ops, s, &s->tcp);
	s->remote = a->path;
	line_flush(s);
	return rc;
}

static void lines_stop(struct media *m, uint32_t stream)
{
	struct line_stream *s = line_find(m, stream);

	if (!s)
		return;
	s->stopped = true;
	tcp_close(s->tcp);
	s->tcp = NULL;
	line_deafen(s);
	reactor_timer_stop(m->r, &s->later);
}

static void lines_close(struct media *m, uint32_t stream)
{
	struct line_stream *s = line_find(m, stream);

	if (!s)
		return;
	lines_stop(m, stream);
	list_remove(&s->link);
	mem_free(m->mem, s);
}

static void lines_room(struct media *m, uint32_t session)
{
	for (struct list *n = m->streams.next; n != &m->streams; n = n->next) {
		struct line_stream *s =
			CONTAINER(n, struct line_stream, link);

		if (s->session == session)
			line_tell(s);
	}
}

static int lines_make(struct reactor *r, struct mem *mem,
		      const struct media_events *ev, void *arg,
		      const uint8_t seed[32], struct media **out)
{
	struct media *m = mem_new(mem, sizeof(*m));

	(void)seed;
	if (!m)
		return -ENOMEM;
	m->r = r;
	m->mem = mem;
	m->ev = ev;
	m->arg = arg;
	list_init(&m->streams);
	*out = m;
	return 0;
}

static void lines_free(struct media *m)
{
	while (!list_empty(&m->streams))
		lines_close(m, CONTAINER(m->streams.next, struct line_stream,
					 link)->stream);
	mem_free(m->mem, m);
}

void lines_plan(struct media *m, int ready_ms, int err, bool deaf)
{
	m->ready_ms = ready_ms;
	m->err = err;
	m->deaf = deaf;
}

int lines_say(struct media *m, uint32_t stream, const char *text)
{
	struct line_stream *s = line_find(m, stream);
	size_t n = strlen(text);

	if (!s || s->stopped)
		return -ENOENT;
	if (sizeof(s->out) - s->out_n < n + 1)
		return -ENOSPC;
	memcpy(s->out + s->out_n, text, n);
	s->out[s->out_n + n] = '\n';
	s->out_n += n + 1;
	line_flush(s);
	return 0;
}

extern const struct media_kind media_lines;
const struct media_kind media_lines = {
	.media = (enum parley_media)LINES_MEDIA, .alone = true,
	.make = lines_make, .free = lines_free, .open = lines_open,
	.start = lines_start, .stop = lines_stop, .close = lines_close,
	.room = lines_room, .finish = lines_room,
};
