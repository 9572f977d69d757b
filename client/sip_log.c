/* SPDX-License-Identifier: BSD-2-Clause */
#include "client/sip_log.h"

#include <stdio.h>

#include "client/agent_line.h"
#include "sip/msg/sip_frame.h"
#include "sip/msg/sip_mask.h"

struct piece { /* what came of a message so far */
	struct list link;
	uint32_t flow;
	char *p;
	size_t n;
};

void sip_log_init(struct sip_log *l, struct mem *m,
		  void (*line)(void *arg, const char *text), void *arg)
{
	*l = (struct sip_log){ .mem = m, .line = line, .arg = arg };
	list_init(&l->pieces);
}

static void log_drop(struct sip_log *l, struct piece *k)
{
	list_remove(&k->link);
	mem_free(l->mem, k->p);
	mem_free(l->mem, k);
	l->n--;
}

void sip_log_fini(struct sip_log *l)
{
	while (l->mem && !list_empty(&l->pieces))
		log_drop(l, CONTAINER(l->pieces.next, struct piece, link));
}

/* text has room for the longest line and what stands before it. */
static void lines(struct sip_log *l, const char *head, struct slice message,
		  bool whole, char *text, size_t cap)
{
	struct slice line;

	do {
		int n = snprintf(text, cap, "%s", head);

		(void)slice_cut(message, '\n', &line, &message);
		if (line.n && line.p[line.n - 1] == '\r')
			line.n--;
		(void)agent_line(text + n, cap - (size_t)n, line);
		l->line(l->arg, text);
		head = "   ";
	} while (whole && message.n);
}

/* Without memory it is not shown: it is nothing that anybody depends on. */
static void message(struct sip_log *l, bool sent, const struct sip_path *path,
		    struct slice bytes, bool whole)
{
	size_t cap = 4 * bytes.n + 16;
	char head[ADDR_TEXT + 16], at[ADDR_TEXT];
	char *room, *text;
	struct writer w;

	while (bytes.n && (*bytes.p == '\r' || *bytes.p == '\n'))
		bytes = slice_skip(bytes, 1); /* a keep-alive, or 7.5 */
	if (!bytes.n)
		return;
	room = mem_array(l->mem, cap, 1);
	text = mem_array(l->mem, cap + sizeof(head), 1);
	if (room && text) {
		snprintf(head, sizeof(head), "%s %s %s ", sent ? "->" : "<-",
			 sip_transport_row(path->transport)->word.p,
			 addr_text(&path->remote, at));
		w = writer_begin(room, cap);
		sip_mask(bytes, &w);
		lines(l, head, writer_done(&w), whole, text,
		      cap + sizeof(head));
	}
	mem_free(l->mem, room);
	mem_free(l->mem, text);
}

static struct piece *piece_of(struct sip_log *l, uint32_t flow)
{
	struct list *n = l->pieces.next;
	struct piece *k;

	while (n != &l->pieces &&
	       CONTAINER(n, struct piece, link)->flow != flow)
		n = n->next;
	if (n != &l->pieces)
		return CONTAINER(n, struct piece, link);
	if (l->n == SIP_LOG_PIECES)
		log_drop(l, CONTAINER(l->pieces.next, struct piece, link));
	k = mem_new(l->mem, sizeof(*k));
	if (!k)
		return NULL;
	k->flow = flow;
	list_append(&l->pieces, &k->link);
	l->n++;
	return k;
}

static bool log_keep(struct sip_log *l, struct piece *k, struct slice bytes)
{
	char *p = k->n + bytes.n > SIP_LOG_MAX ? NULL :
		  mem_resize(l->mem, k->p, k->n + bytes.n);

	if (!p)
		return false;
	memcpy(p + k->n, bytes.p, bytes.n);
	k->p = p;
	k->n += bytes.n;
	return true;
}

/* The messages at the front of a connection's bytes that are whole. */
static void received(struct sip_log *l, const struct sip_path *path,
		     struct slice bytes, bool whole)
{
	struct piece *k = piece_of(l, path->flow);
	struct sip_frame f = { 0 };
	struct parse_error e;
	struct slice all;
	int rc = 0;

	if (!k || !log_keep(l, k, bytes)) {
		if (k)
			log_drop(l, k);
		return;
	}
	list_remove(&k->link);
	list_append(&l->pieces, &k->link);
	all = slice_of(k->p, k->n);
	while (all.n && (rc = sip_frame(all, SIP_LOG_MAX, &f, &e)) == 0) {
		all = slice_skip(all, f.skip);
		message(l, false, path, slice_head(all, f.total), whole);
		all = slice_skip(all, f.total);
	}
	if (rc == -EAGAIN)
		all = slice_skip(all, f.skip);
	else if (rc) /* what nobody can follow is shown as it is */
		message(l, false, path, all, whole);
	if (all.n && rc == -EAGAIN) {
		memmove(k->p, all.p, all.n);
		k->n = all.n;
	} else {
		log_drop(l, k);
	}
}

void sip_log_packet(struct sip_log *l, bool sent, const struct sip_path *path,
		    struct slice bytes, bool whole)
{
	if (!sent && !sip_transport_row(path->transport)->framed)
		received(l, path, bytes, whole);
	else
		message(l, sent, path, bytes, whole);
}
