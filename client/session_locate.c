/* SPDX-License-Identifier: BSD-2-Clause
 * client/session_locate.c - domain names in the peer's c= lines (RFC 8866 5.7)
 * are looked up before anything is made of its description: one question a
 * stream, whose answer is kept with it.  What need not be sent to is not asked
 * for (sdp_media_host). */
#include "client/agent_priv.h"

/* As long as a name of a Request-URI may take (64*T1). */
static const mono LOCATE_TIME = SEC(32);

static void reset(struct stream *st)
{
	mem_free(st->session->agent->mem, st->host);
	st->host = NULL;
	st->found = (struct addr){ 0 };
	st->locating = false;
	st->pending &= (uint16_t)~STREAM_LOCATE;
}

/* 1: it is asked for; 0: there is nothing to ask. */
static int ask(struct stream *st, const struct sdp *remote)
{
	const struct sdp_media *m = &remote->media[st->mline];
	struct slice host = sdp_media_host(remote, m);
	struct sdp_conn c = sdp_media_conn(remote, m);
	struct mem *mem = st->session->agent->mem;

	if (!host.n)
		return 0;
	st->host = mem_new(mem, host.n + 1);
	if (!st->host)
		return -ENOMEM;
	memcpy(st->host, host.p, host.n); /* the rest is zero */
	st->family = sdp_conn_family(&c);
	st->locating = true;
	agent_touch_stream(st, STREAM_LOCATE);
	return 1;
}

int session_locate(struct session *s, enum session_late late,
		   struct instant now)
{
	const struct sdp *remote;
	int rc = session_theirs(s, &remote), n = 0;

	for (struct list *l = s->streams.next; l != &s->streams && rc >= 0;
	     l = l->next) {
		struct stream *st = CONTAINER(l, struct stream, link);

		reset(st);
		if (st->state == STREAM_GONE ||
		    st->mline >= remote->media_count)
			continue;
		rc = ask(st, remote);
		n += rc > 0;
	}
	if (rc < 0)
		session_locate_stop(s);
	if (rc < 0 || n == 0)
		return rc < 0 ? rc : 0;
	s->late = (uint8_t)late;
	agent_wait(s, mono_add(now.m, LOCATE_TIME));
	return n;
}

void session_locate_stop(struct session *s)
{
	for (struct list *l = s->streams.next; l != &s->streams; l = l->next)
		reset(CONTAINER(l, struct stream, link));
	s->late = LATE_NOTHING;
}

void session_locate_end(struct session *s, struct instant now)
{
	for (struct list *l = s->streams.next; l != &s->streams; l = l->next)
		CONTAINER(l, struct stream, link)->locating = false;
	session_located(s, now);
}
