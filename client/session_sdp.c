/* SPDX-License-Identifier: BSD-2-Clause
 * client/session_sdp.c - a session's streams as offer and answer, RFC 3264:
 * the glue between sdp/ and the kinds of streams.  Each m= line keeps its
 * place for the life of the session; a line whose stream has ended is kept
 * disabled and may be used again (RFC 3264 8.1, 8.2). */
#include "client/agent_priv.h"

static int read_text(const char *p, size_t n, struct sdp *out)
{
	struct parse_error e;

	return sdp_parse(slice_of(p, n), SDP_WILD, out, &e);
}

static int keep(struct mem *m, char **where, uint16_t *n, struct slice text)
{
	char *copy = NULL;

	if (text.n > UINT16_MAX)
		return -E2BIG;
	if (text.n) {
		copy = mem_copy(m, text.p, text.n);
		if (!copy)
			return -ENOMEM;
	}
	mem_free(m, *where);
	*where = copy;
	*n = (uint16_t)text.n;
	return 0;
}

void session_forget_remote(struct session *s)
{
	if (s->agent->theirs_of == s->remote)
		s->agent->theirs_of = NULL;
	mem_free(s->agent->mem, s->remote);
	s->remote = NULL;
	s->remote_n = 0;
}

int session_theirs(const struct session *s, const struct sdp **out)
{
	struct agent *a = s->agent;
	int rc = 0;

	*out = &a->theirs;
	if (s->remote && a->theirs_of == s->remote)
		return 0;
	rc = read_text(s->remote, s->remote_n, &a->theirs);
	a->theirs_of = rc ? NULL : s->remote;
	return rc;
}

int session_keep_remote(struct session *s, struct slice body)
{
	if (s->agent->theirs_of == s->remote)
		s->agent->theirs_of = NULL;
	return keep(s->agent->mem, &s->remote, &s->remote_n, body);
}

int session_keep_local(struct session *s, struct slice text)
{
	return keep(s->agent->mem, &s->local, &s->local_n, text);
}

int session_try_local(struct session *s, struct slice text)
{
	char *copy = mem_copy(s->agent->mem, text.p, text.n);

	if (!copy)
		return -ENOMEM;
	mem_free(s->agent->mem, s->agreed);
	s->agreed = s->local;
	s->agreed_n = s->local_n;
	s->local = copy;
	s->local_n = (uint16_t)text.n; /* within AGENT_SDP */
	return 0;
}

void session_took_local(struct session *s)
{
	mem_free(s->agent->mem, s->agreed);
	s->agreed = NULL;
	s->agreed_mlines = s->mlines;
}

void session_undo_local(struct session *s)
{
	s->mlines = s->agreed_mlines;
	/* The places that it gave out are free for the peer's lines. */
	for (struct list *n = s->streams.next; n != &s->streams; n = n->next) {
		struct stream *st = CONTAINER(n, struct stream, link);

		if (st->state == STREAM_ADDING)
			st->mline = NO_MLINE;
	}
	if (!s->agreed)
		return;
	mem_free(s->agent->mem, s->local);
	s->local = s->agreed;
	s->local_n = s->agreed_n;
	s->agreed = NULL;
}

static struct stream *at_line(const struct session *s, size_t i)
{
	for (struct list *n = s->streams.next; n != &s->streams; n = n->next) {
		struct stream *st = CONTAINER(n, struct stream, link);

		if (st->mline == i && st->state != STREAM_GONE)
			return st;
	}
	return NULL;
}

/* ------------------------------------------------------- what we say */
static enum sdp_dir wish(const struct session *s)
{
	return s->hold ? SDP_SENDONLY : SDP_SENDRECV;
}

/* The m= section of one stream as we would have it. */
static const struct sdp_media *before(const struct plan *p, size_t i)
{
	return i < p->before.media_count ? &p->before.media[i] : NULL;
}

/* at: where it is, or would be while it has no sockets.  remote: the offer that
 * it answers, or NULL. */
static int section(struct plan *p, const struct stream *st, size_t line,
		   const struct stream *at, const struct sdp *remote,
		   struct sdp_stream *out)
{
	struct session *s = p->s;
	const struct stream_ask ask = {
		.account = &s->account->settings,
		.last = p->before.media_count ? &p->before : NULL,
		.previous = before(p, line),
		.remote = remote,
		.theirs = remote ? &remote->media[line] : NULL,
	};

	*out = (struct sdp_stream){ .port = at->rtp.port, .addr = at->rtp,
				    .dir = wish(s) };
	if (at->rtcp.port && at->rtcp.port != at->rtp.port + 1)
		out->rtcp = (struct addr){ .port = at->rtcp.port };
	return st->kind->describe(&ask, &s->agent->room, out);
}

static int disabled(struct plan *p, const struct sdp_media *m,
		    struct sdp_stream *out)
{
	struct sdp_format *f = stream_room_formats(&p->s->agent->room, 1);

	if (!f)
		return -ENOSPC;
	sdp_reject_stream(m, f, out);
	return 0;
}

static struct plan *plan_begin(struct session *s)
{
	struct plan *p = &s->agent->plan;

	*p = (struct plan){ .s = s };
	stream_room_reset(&s->agent->room);
	if (s->local && read_text(s->local, s->local_n, &p->before))
		p->before.media_count = 0;
	return p;
}

/* Writes it; the address of o= and c= is that of the first stream. */
static int plan_write(struct plan *p, struct slice time, struct slice *out)
{
	struct session *s = p->s;
	struct agent *a = s->agent;
	struct writer w = writer_begin(a->text, sizeof(a->text));
	struct sdp_local l = {
		.id = s->origin, .version = s->origin, .addr = s->here,
		.time = time, .streams = p->line, .stream_count = p->lines,
	};
	int rc;

	for (size_t i = p->lines; i-- > 0; )
		if (p->line[i].port && !addr_is_any(&p->line[i].addr))
			l.addr = p->line[i].addr;
	for (size_t i = 0; i < p->lines; i++)
		if (addr_same_ip(&p->line[i].addr, &l.addr))
			p->line[i].addr = (struct addr){ 0 };
	rc = sdp_local_update(&w, &l, slice_of(s->local, s->local_n));
	*out = writer_done(&w);
	return rc < 0 ? rc : 0;
}

/* A place for a new line: one that was disabled already, else the end. */
static int place(const struct plan *p)
{
	for (size_t i = 0; i < p->lines; i++)
		if (!at_line(p->s, i) && before(p, i) && !before(p, i)->port)
			return (int)i;
	return p->lines < LIMIT_SDP_MEDIA ? (int)p->lines : -E2BIG;
}

static int plan_line(struct plan *p, struct stream *st)
{
	int i = st->mline == NO_MLINE ? place(p) : st->mline;
	int rc;

	if (i < 0)
		return i;
	rc = section(p, st, (size_t)i, st, NULL, &p->line[i]);
	if (rc)
		return rc;
	st->mline = (uint16_t)i;
	if (p->lines <= (size_t)i)
		p->lines = (size_t)i + 1;
	return 0;
}

static bool is_offered(const struct stream *st, bool anew)
{
	if (st->state == STREAM_UP)
		return !anew || st->draft || !st->removing;
	return anew && st->state == STREAM_ADDING && !st->draft;
}

/* What both sides agreed on for the stream, or what we offer, goes to media
 * that runs here. */
static void stream_start(struct stream *st, struct stream_agreed *agreed)
{
	struct mem *m = st->session->agent->mem;

	mem_free(m, st->agreed);
	st->agreed = agreed;
	agent_touch_stream(st, STREAM_START);
}

/* RFC 3264 5.1: from our offer on the peer may send. */
static int expect(struct plan *p, struct stream *st)
{
	const struct sdp_stream *ours = &p->line[st->mline];
	struct stream_agreed *offered;
	int rc;

	if (st->state != STREAM_ADDING || !st->kind->expect ||
	    !st->opened) /* media runs elsewhere */
		return 0;
	rc = st->kind->expect(ours, st->session->agent->mem, &offered);
	if (rc)
		return rc;
	offered->offered = true;
	offered->dir = ours->dir;
	stream_start(st, offered);
	return 0;
}

int session_offer(struct session *s, bool anew, struct slice *out)
{
	struct plan *p = plan_begin(s);
	int rc = 0;

	p->lines = p->before.media_count;
	for (size_t i = 0; i < p->lines && rc == 0; i++)
		rc = disabled(p, &p->before.media[i], &p->line[i]);
	for (struct list *n = s->streams.next; n != &s->streams && rc == 0;
	     n = n->next) {
		struct stream *st = CONTAINER(n, struct stream, link);

		if (!is_offered(st, anew))
			continue;
		rc = plan_line(p, st);
		if (rc == 0)
			rc = expect(p, st);
	}
	if (rc)
		return rc;
	s->mlines = (uint16_t)p->lines;
	return plan_write(p, (struct slice){ 0 }, out);
}

/* ---------------------------------------------------- what was agreed */
/* All but what is the kind's own. */
static void fill_agreed(const struct stream *st, const struct stream_line *l,
			struct stream_agreed *out)
{
	const struct session *s = st->session;

	out->offered = false;
	out->leg = 0;
	out->dir = l->met.dir;
	out->may_send = l->met.may_send;
	out->held = l->met.held;
	out->rtp = l->met.rtp;
	out->rtcp = l->met.rtcp;
	out->host = s->there;
	out->host_proved = s->there_proved;
	/* Nothing was agreed on before: so it answers our INVITE. */
	out->asked = !s->incoming && !s->agreed_mlines;
	if (!(l->ours->dir & SDP_RECVONLY)) /* held: not our sound, either */
		out->dir = SDP_INACTIVE;
}

/* The stream is as the line was agreed on; agreed NULL: media is elsewhere. */
static void stream_agree(struct stream *st, const struct stream_line *l,
			 struct stream_agreed *agreed)
{
	if (agreed) {
		fill_agreed(st, l, agreed);
		stream_start(st, agreed);
	}
	st->dir = (uint8_t)l->met.dir;
	st->held = l->met.held;
	if (!addr_same(&st->remote, &l->met.rtp))
		st->heard = false; /* there it is yet to be */
	st->remote = l->met.rtp;
	if (!st->announced)
		agent_touch_stream(st, STREAM_STARTED);
	st->announced = true;
}

static void tell_hold(struct session *s)
{
	bool held = false, any = false;

	for (struct list *n = s->streams.next; n != &s->streams; n = n->next) {
		struct stream *st = CONTAINER(n, struct stream, link);

		if (st->state != STREAM_UP)
			continue;
		held = any ? held && st->held : st->held;
		any = true;
	}
	if (held == s->hold_told)
		return;
	s->hold_told = held;
	/* Both in one turn: nothing is, in the end. */
	if (s->pending & (TELL_HELD | TELL_RESUMED))
		s->pending &= (uint16_t)~(TELL_HELD | TELL_RESUMED);
	else
		agent_touch(s, held ? TELL_HELD : TELL_RESUMED);
}

/* The name that the line has is known by now, or it is of no use.  A preview
 * waits for none: it is only heard. */
static void put_host(const struct stream *st, bool early,
		     struct sdp_meeting *n)
{
	if (!n->accepted || !n->host.n)
		return;
	if (!st->found.family) {
		n->may_send = false;
		n->accepted = early;
		n->warning = 399;
		n->reason = "a name in c= is not found";
		return;
	}
	memcpy(n->rtp.ip, st->found.ip, sizeof(n->rtp.ip));
	n->rtp.family = st->found.family;
	if (!n->rtcp.family) {
		memcpy(n->rtcp.ip, st->found.ip, sizeof(n->rtcp.ip));
		n->rtcp.family = st->found.family;
	}
	if (addr_is_any(&n->rtp)) {
		n->may_send = false;
		n->held = true;
	}
}

/* Ports, addresses, what is the kind's own, and names: in this order, for the
 * first that does not fit is told.  answer: NULL when they answer.  agreed
 * NULL: it is only asked; *agreed NULL: media runs elsewhere.  -ENOTSUP: not
 * accepted, l->met says why. */
static int meet(struct plan *p, const struct stream *st, struct stream_line *l,
		bool early, struct sdp_stream *answer,
		struct stream_agreed **agreed)
{
	struct agent *a = p->s->agent;
	bool here = agreed && st->opened;
	int rc;

	if (agreed)
		*agreed = NULL;
	sdp_meet(l->ours, l->remote, l->theirs, &l->met);
	if (!l->met.accepted)
		return -ENOTSUP;
	if (answer) {
		struct sdp_format *f = stream_room_formats(&a->room, 1);

		if (!f)
			return -ENOSPC;
		sdp_answer_stream(l->ours, l->theirs, &l->met, f, answer);
		if (answer->formats != f)
			a->room.formats--;
	}
	rc = st->kind->agree(l, &a->room, answer, a->mem,
			     here ? agreed : NULL);
	if (rc) {
		l->met.accepted = false;
		return rc;
	}
	put_host(st, early, &l->met);
	if (l->met.accepted)
		return 0;
	if (here) {
		mem_free(a->mem, *agreed);
		*agreed = NULL;
	}
	return -ENOTSUP;
}

/* -------------------------------------------------------- their answer */
/* What we said of a line, whatever the settings say by now. */
static int offered_line(struct plan *p, size_t i, struct addr addr,
			struct sdp_stream *out)
{
	struct stream_room *r = &p->s->agent->room;
	const struct sdp_media *m = before(p, i);
	struct sdp_format *f = stream_room_formats(r, LIMIT_SDP_FORMATS);

	if (!m || !m->port)
		return -ENOTSUP;
	if (!f)
		return -ENOSPC;
	sdp_read_stream(&p->before, m, f, r->attr, COUNT(r->attr), out);
	r->attrs = out->attr_count;
	out->addr = addr;
	return 0;
}

/* -ENOTSUP: refused; -EADDRNOTAVAIL, -EHOSTUNREACH: the peer takes it, and
 * nothing can be sent there. */
static int answered_line(struct plan *p, const struct sdp *remote,
			 struct stream *st, bool early)
{
	struct stream_line *l = &p->hand;
	struct stream_agreed *agreed;
	int rc;

	if (st->mline >= remote->media_count)
		return -ENOTSUP;
	stream_room_reset(&p->s->agent->room);
	rc = offered_line(p, st->mline, st->rtp, &p->ours);
	if (rc)
		return rc;
	*l = (struct stream_line){
		.role = SDP_OFFERER, .ours = &p->ours, .remote = remote,
		.theirs = &remote->media[st->mline],
	};
	rc = meet(p, st, l, early, NULL, &agreed);
	if (rc == 0)
		stream_agree(st, l, agreed);
	if (rc != -ENOTSUP)
		return rc;
	return l->met.warning == 399 ? -EHOSTUNREACH :
	       l->met.warning == 300 || l->met.warning == 301 ||
	       l->met.warning == 330 ? -EADDRNOTAVAIL : -ENOTSUP;
}

static const char *answer_reason(const struct stream *st, int rc)
{
	return rc == -EHOSTUNREACH ? "a name in the answer is not found" :
	       rc == -EADDRNOTAVAIL ? "nothing can be sent to its address" :
	       st->removing ? "removed" : "refused by the peer";
}

int session_answered(struct session *s, bool early)
{
	struct plan *p;
	const struct sdp *remote;
	size_t up = 0;
	int rc = session_theirs(s, &remote), lost = -ENOTSUP;

	if (rc)
		return rc;
	p = plan_begin(s);
	for (struct list *n = s->streams.next; n != &s->streams; n = n->next) {
		struct stream *st = CONTAINER(n, struct stream, link);

		if (st->mline == NO_MLINE || st->state == STREAM_GONE)
			continue;
		rc = answered_line(p, remote, st, early);
		if (rc == -ENOMEM)
			return rc;
		if (rc == -EHOSTUNREACH || rc == -EADDRNOTAVAIL)
			lost = rc;
		if (rc == 0) {
			up++;
			if (!early)
				st->state = STREAM_UP;
		} else if (!early) {
			stream_gone(st, answer_reason(st, rc));
		}
	}
	if (early)
		return up ? 0 : -ENOTSUP;
	/* The peer takes a line that we cannot use: it is told to drop it. */
	s->again |= up && lost != -ENOTSUP;
	tell_hold(s);
	return up ? 0 : lost;
}

/* --------------------------------------------------------- their offer */
static size_t streams_up(const struct session *s)
{
	size_t up = 0;

	for (struct list *n = s->streams.next; n != &s->streams; n = n->next)
		up += CONTAINER(n, struct stream, link)->state == STREAM_UP;
	return up;
}

int session_read_offer(struct session *s, bool *changes)
{
	const struct sdp *remote;
	int rc = session_theirs(s, &remote), added = 0;
	size_t up = streams_up(s), most = (size_t)settings_int(
				   &s->account->settings, SET_STREAMS_MAX);

	if (rc)
		return rc;
	if (remote->media_count < s->mlines) /* RFC 3264 8 */
		return -EBADMSG;
	*changes = false;
	s->warn = 0;
	for (size_t i = 0; i < remote->media_count; i++) {
		const struct sdp_media *m = &remote->media[i];
		const struct stream_kind *kind;
		struct stream *st = at_line(s, i);

		if (st || !m->port) {
			*changes |= st != NULL;
			continue;
		}
		kind = stream_kind_fits(m);
		if (!kind)
			session_warn(s, 304, "no such stream is known here");
		if (kind && up >= most) { /* refused in place */
			session_warn(s, 399, "too many streams");
			kind = NULL;
		}
		st = kind ? session_stream_add(s, kind, STREAM_PROPOSED) : NULL;
		if (kind && !st)
			return -ENOMEM;
		if (st) {
			up++;
			st->mline = (uint16_t)i;
			added++;
		}
	}
	return added;
}

/* What becomes of a stream of theirs by our settings.  -ENOTSUP: it is refused,
 * which session_warn was told.  at: where it is, or would be.  agreed: as for
 * meet. */
static int fit_line(struct plan *p, const struct sdp *remote,
		    const struct stream *st, const struct stream *at,
		    struct sdp_stream *answer, struct stream_agreed **agreed)
{
	struct stream_line *l = &p->hand;
	int rc = section(p, st, st->mline, at, remote, &p->ours);

	if (rc == -ENOENT) { /* the settings leave no format */
		session_warn(p->s, 305, "no codec is left here");
		return -ENOTSUP;
	}
	if (rc)
		return rc;
	*l = (struct stream_line){
		.role = SDP_ANSWERER, .ours = &p->ours, .remote = remote,
		.theirs = &remote->media[st->mline],
	};
	rc = meet(p, st, l, false, answer, agreed);
	if (rc == -ENOTSUP && l->met.warning)
		session_warn(p->s, l->met.warning, l->met.reason);
	return rc;
}

bool session_takes_any(struct session *s)
{
	struct plan *p;
	const struct sdp *remote;
	struct stream at = { .session = s };
	struct sdp_stream answer;
	uint16_t warn = s->warn;
	const char *text = s->warn_text;
	unsigned i = 0;

	if (session_theirs(s, &remote))
		return false;
	p = plan_begin(s);
	for (struct list *n = s->streams.next; n != &s->streams;
	     n = n->next, i++) {
		stream_room_reset(&s->agent->room);
		at.rtp = s->here;
		at.rtp.port = 1; /* which one is not asked */
		(void)session_external(s, i, &at);
		if (fit_line(p, remote, CONTAINER(n, struct stream, link),
			     &at, &answer, NULL) == -ENOTSUP)
			continue;
		s->warn = warn; /* of what is no matter any more */
		s->warn_text = text;
		return true;
	}
	return false;
}

static int answer_line(struct plan *p, const struct sdp *remote, size_t i)
{
	const struct sdp_media *m = &remote->media[i];
	struct stream *st = at_line(p->s, i);
	struct stream_agreed *agreed;
	int rc;

	if (!st || (st->state != STREAM_UP && !st->chosen))
		return disabled(p, m, &p->line[i]);
	rc = fit_line(p, remote, st, st, &p->line[i], &agreed);
	if (rc == -ENOTSUP) {
		st->refused = true; /* ends when the answer is out */
		return disabled(p, m, &p->line[i]);
	}
	if (rc)
		return rc;
	stream_agree(st, &p->hand, agreed);
	return 1;
}

/* Does it ask for what we have not?  On a session that is up, when nothing else
 * fits: RFC 3261 14.2, 488, and all stays as it was.  A peer that wants no
 * stream at all sets port 0. */
static bool unfit(const struct session *s, const struct sdp *remote)
{
	for (struct list *n = s->streams.next; n != &s->streams; n = n->next) {
		const struct stream *st = CONTAINER(n, struct stream, link);

		if (st->refused && remote->media[st->mline].port)
			return true;
	}
	return false;
}

int session_answer(struct session *s, struct slice *out)
{
	struct plan *p;
	const struct sdp *remote;
	int rc = session_theirs(s, &remote), taken = 0;

	if (rc)
		return rc;
	p = plan_begin(s);
	for (size_t i = 0; i < remote->media_count; i++) {
		rc = answer_line(p, remote, i);
		if (rc < 0)
			return rc;
		taken += rc;
	}
	p->lines = remote->media_count;
	/* The first answer must take something; later ones may end all. */
	if (taken == 0 && (s->state != SESSION_UP || unfit(s, remote)))
		return -ENOTSUP;
	s->mlines = (uint16_t)p->lines;
	return plan_write(p, remote->time, out);
}

void session_settle(struct session *s)
{
	struct list *next;

	for (struct list *n = s->streams.next; n != &s->streams; n = next) {
		struct stream *st = CONTAINER(n, struct stream, link);

		next = n->next;
		if (st->refused ||
		    (st->state == STREAM_PROPOSED && !st->chosen))
			stream_gone(st, st->state == STREAM_UP ?
				    "removed by the peer" : NULL);
		else if (st->state == STREAM_PROPOSED)
			st->state = STREAM_UP;
	}
	tell_hold(s);
}
