/* SPDX-License-Identifier: BSD-2-Clause */
#include "platform/trace.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "platform/pcapng.h"

enum { WIRE = 0, CLEAR = 1 };

struct stream {
	struct list link;
	struct addr local, remote;
	struct pcapng_stream s;
	bool ended[2]; /* towards us, and by us */
};

struct trace {
	struct mem *mem;
	int fd, err;
	bool keys;
	struct list streams; /* the one used last comes last */
	size_t n_streams;
	struct writer w;
	char buf[65535 + 2 * PCAPNG_ROOM];
};

/* A pipe whose reader is slow must not stop us: what it does not take now waits
 * for the next time, until there is no room for more. */
void trace_flush(struct trace *t)
{
	struct slice left;
	bool full = false;

	if (!t)
		return;
	left = writer_done(&t->w);
	while (left.n && !t->err && !full) {
		ssize_t n = write(t->fd, left.p, left.n);

		full = n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
		if (n < 0 && errno != EINTR && !full)
			t->err = -errno;
		if (n > 0)
			left = slice_skip(left, (size_t)n);
	}
	if (left.n)
		memmove(t->buf, left.p, left.n);
	t->w = writer_begin(t->buf, sizeof(t->buf));
	t->w.n = t->err ? 0 : left.n;
}

int trace_error(const struct trace *t)
{
	return t ? t->err : 0;
}

static void want_room(struct trace *t, size_t n)
{
	if (t->w.cap - t->w.n < n + PCAPNG_ROOM)
		trace_flush(t);
	if (!t->err && t->w.cap - t->w.n < n + PCAPNG_ROOM)
		t->err = -EAGAIN; /* no block may be cut in the middle */
}

static void datagram(struct trace *t, uint32_t interface,
		     const struct datagram *d, bool out)
{
	struct pcapng_packet p = { .interface = interface, .local = d->local,
				   .remote = d->remote, .out = out,
				   .ttl = d->ttl, .wall_ns = d->when.wall_ns,
				   .bytes = slice_of(d->p, d->n) };

	if (t->err)
		return;
	want_room(t, d->n);
	if (t->err)
		return;
	(void)!pcapng_udp(&t->w, &p); /* too long for IP: never sent */
	trace_flush(t);
}

void trace_datagram(struct trace *t, const struct datagram *d, bool out)
{
	if (t)
		datagram(t, WIRE, d, out);
}

bool trace_has_keys(const struct trace *t)
{
	return t && t->keys;
}

void trace_clear(struct trace *t, const struct datagram *d, bool out)
{
	if (trace_has_keys(t))
		datagram(t, CLEAR, d, out);
}

void trace_secret(struct trace *t, struct slice key_log_line)
{
	if (!trace_has_keys(t) || t->err)
		return;
	want_room(t, key_log_line.n);
	if (t->err)
		return;
	(void)!pcapng_secrets(&t->w, key_log_line);
	trace_flush(t);
}

/* -------------------------------------------------------------- streams */
static struct stream *trace_find(struct trace *t, const struct addr *local,
				 const struct addr *remote)
{
	for (struct list *n = t->streams.prev; n != &t->streams; n = n->prev) {
		struct stream *s = CONTAINER(n, struct stream, link);

		if (addr_same(&s->local, local) &&
		    addr_same(&s->remote, remote))
			return s;
	}
	return NULL;
}

static void trace_forget(struct trace *t, struct stream *s)
{
	list_remove(&s->link);
	t->n_streams--;
	mem_free(t->mem, s);
}

static struct stream *find_or_add(struct trace *t, const struct addr *local,
				  const struct addr *remote)
{
	struct stream *s = trace_find(t, local, remote);

	if (s) {
		list_remove(&s->link);
		list_append(&t->streams, &s->link);
		return s;
	}
	if (t->n_streams == TRACE_STREAMS)
		trace_forget(t,
			     CONTAINER(t->streams.next, struct stream, link));
	s = mem_new(t->mem, sizeof(*s));
	if (!s)
		return NULL;
	s->local = *local;
	s->remote = *remote;
	list_append(&t->streams, &s->link);
	t->n_streams++;
	return s;
}

void trace_stream(struct trace *t, const struct addr *local,
		  const struct addr *remote, bool we_connected, bool out,
		  struct slice bytes, int64_t wall_ns)
{
	struct stream *s = t && !t->err ? find_or_add(t, local, remote) : NULL;

	while (s && bytes.n) {
		struct pcapng_packet p = { .local = *local, .remote = *remote,
					   .out = out, .wall_ns = wall_ns,
					   .bytes = slice_head(bytes,
							       PCAPNG_TCP) };

		want_room(t, p.bytes.n);
		if (t->err)
			return;
		(void)!pcapng_tcp(&t->w, &s->s, we_connected, &p);
		bytes = slice_skip(bytes, p.bytes.n);
	}
	if (s)
		trace_flush(t);
}

void trace_stream_end(struct trace *t, const struct addr *local,
		      const struct addr *remote, bool out, bool reset,
		      int64_t wall_ns)
{
	struct stream *s = t && !t->err ? trace_find(t, local, remote) : NULL;
	struct pcapng_packet p = { .local = *local, .remote = *remote,
				   .out = out, .wall_ns = wall_ns };

	if (!s || s->ended[out])
		return;
	want_room(t, 0);
	if (t->err)
		return;
	(void)!pcapng_tcp_end(&t->w, &s->s, reset, &p);
	trace_flush(t);
	s->ended[out] = true;
	if (reset || s->ended[!out]) /* its ports may come again */
		trace_forget(t, s);
}

/* ----------------------------------------------------------------- life */
/* What is said is nobody else's, also in a file that was there; secrets do not
 * go into one that others could open before. */
static int private(int fd, bool keys)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode) && !keys)
		return 0; /* a terminal, a pipe: its owner's affair */
	return fchmod(fd, 0600) < 0 && keys ? -errno : 0;
}

int trace_open(struct mem *m, const char *path, bool keys,
	       struct slice application, struct trace **out)
{
	/* Not mem_new: what is never filled need not be real memory. */
	struct trace *t = mem_resize(m, NULL, sizeof(*t));
	int rc;

	if (!t)
		return -ENOMEM;
	memset(t, 0, offsetof(struct trace, buf));
	t->mem = m;
	t->keys = keys;
	list_init(&t->streams);
	t->w = writer_begin(t->buf, sizeof(t->buf));
	/* A pipe without a reader, or with one that is slow, stops nobody. */
	t->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC |
		     O_NONBLOCK, 0600);
	rc = t->fd < 0 ? -errno : 0;
	if (rc == 0)
		rc = private(t->fd, keys);
	if (rc == 0)
		rc = pcapng_begin(&t->w, application);
	if (rc == 0)
		rc = pcapng_interface(&t->w, S("wire"));
	if (rc == 0 && keys)
		rc = pcapng_interface(&t->w, S("clear"));
	if (rc == 0)
		trace_flush(t); /* trace_error tells what came of it */
	if (rc < 0) {
		trace_close(t);
		return rc;
	}
	*out = t;
	return 0;
}

void trace_close(struct trace *t)
{
	if (!t)
		return;
	if (t->fd >= 0)
		trace_flush(t);
	while (!list_empty(&t->streams))
		trace_forget(t,
			     CONTAINER(t->streams.next, struct stream, link));
	if (t->fd >= 0)
		close(t->fd);
	mem_free(t->mem, t);
}
