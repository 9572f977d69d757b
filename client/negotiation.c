/* SPDX-License-Identifier: BSD-2-Clause */
#include "client/negotiation.h"

#include <string.h>

static struct negotiation_line *line_of(struct list *n)
{
	return CONTAINER(n, struct negotiation_line, link);
}

/* ---------------------------------------------------------------- lines */
void negotiation_init(struct negotiation *n, uint64_t origin)
{
	*n = (struct negotiation){ .origin = origin };
	list_init(&n->lines);
}

/* A text of ours goes: what was read of it is worth nothing. */
static void negotiation_drop(const struct negotiation_terms *t, char **text)
{
	if (t->desk->ours_of == *text)
		t->desk->ours_of = NULL;
	mem_free(t->mem, *text);
	*text = NULL;
}

void negotiation_fini(struct negotiation *n, const struct negotiation_terms *t)
{
	while (!list_empty(&n->lines))
		negotiation_line_fini(line_of(n->lines.next), t->mem);
	negotiation_forget_remote(n, t->mem);
	negotiation_drop(t, &n->local);
	negotiation_drop(t, &n->agreed);
}

void negotiation_add(struct negotiation *n, struct negotiation_line *l,
		     const struct stream_kind *kind, enum stream_state state)
{
	*l = (struct negotiation_line){ .kind = kind, .at = NO_MLINE,
					.state = (uint8_t)state };
	list_append(&n->lines, &l->link);
}

void negotiation_line_fini(struct negotiation_line *l, struct mem *m)
{
	list_remove(&l->link);
	mem_free(m, l->agreed);
	mem_free(m, l->host);
	l->agreed = NULL;
	l->host = NULL;
}

bool negotiation_external(const struct settings *account, unsigned i,
			  struct addr *rtp, struct addr *rtcp)
{
	struct slice where = settings_text(account, SET_RTP_EXTERNAL);
	struct addr a;

	if (!where.n || addr_parse(where, &a) || a.port + 2 * i + 1 > 65535)
		return false;
	a.port = (uint16_t)(a.port + 2 * i);
	*rtp = *rtcp = a;
	rtcp->port++;
	return true;
}

bool negotiation_is_held(const struct negotiation *n)
{
	bool held = false, any = false;

	for (struct list *i = n->lines.next; i != &n->lines; i = i->next) {
		const struct negotiation_line *l = line_of(i);

		if (l->state != STREAM_UP)
			continue;
		held = any ? held && l->held : l->held;
		any = true;
	}
	return held;
}

static struct negotiation_line *at_line(const struct negotiation *n, size_t at)
{
	for (struct list *i = n->lines.next; i != &n->lines; i = i->next) {
		struct negotiation_line *l = line_of(i);

		if (l->at == at && l->state != STREAM_GONE)
			return l;
	}
	return NULL;
}

static void line_ends(struct negotiation_line *l, const char *why)
{
	l->why = why;
	l->came |= LINE_ENDS;
}

void negotiation_warn(struct negotiation *n, uint16_t code, const char *text)
{
	if (n->warn && n->warn != 304) /* beside a stream it is no matter */
		return;
	n->warn = code;
	n->warn_text = text;
}

/* ---------------------------------------------------------- their texts */
void negotiation_forget_remote(struct negotiation *n, struct mem *m)
{
	mem_free(m, n->theirs);
	mem_free(m, n->remote);
	n->theirs = NULL;
	n->remote = NULL;
	n->remote_n = 0;
}

/* It is read once, into the desk, and what was read kept for as long as the
 * text: of struct sdp what its lines take. */
int negotiation_keep_remote(struct negotiation *n,
			    const struct negotiation_terms *t,
			    struct slice text)
{
	struct sdp *read = &t->desk->theirs;
	struct parse_error e;
	char *copy;
	int rc;

	if (text.n > UINT16_MAX)
		return -E2BIG;
	if (!text.n)
		return -EBADMSG;
	if (n->theirs && slice_same(text, slice_of(n->remote, n->remote_n)))
		return 0;
	copy = mem_copy(t->mem, text.p, text.n);
	if (!copy)
		return -ENOMEM;
	rc = sdp_parse(slice_of(copy, text.n), SDP_WILD, read, &e);
	t->desk->reads++;
	read = rc ? NULL : mem_copy(t->mem, read, sdp_size(read));
	if (!read) {
		mem_free(t->mem, copy);
		return rc ? rc : -ENOMEM;
	}
	negotiation_forget_remote(n, t->mem);
	n->remote = copy;
	n->remote_n = (uint16_t)text.n;
	n->theirs = read;
	n->warn = 0;
	n->warn_text = NULL;
	return 0;
}

void negotiation_line_unname(struct negotiation_line *l, struct mem *m)
{
	mem_free(m, l->host);
	l->host = NULL;
	l->found = (struct addr){ 0 };
	l->locating = false;
}

/* 1: it has a name; 0: there is nothing to ask. */
static int negotiation_name_of(struct negotiation_line *l,
			       const struct sdp *remote, struct mem *mem)
{
	const struct sdp_media *m = &remote->media[l->at];
	struct slice host = sdp_media_host(remote, m);
	struct sdp_conn c = sdp_media_conn(remote, m);

	if (!host.n)
		return 0;
	l->host = mem_new(mem, host.n + 1);
	if (!l->host)
		return -ENOMEM;
	memcpy(l->host, host.p, host.n); /* the rest is zero */
	l->family = sdp_conn_family(&c);
	l->locating = true;
	return 1;
}

int negotiation_names(struct negotiation *n, struct mem *m)
{
	int rc = n->theirs ? 0 : -EBADMSG, found = 0;

	for (struct list *i = n->lines.next; i != &n->lines && rc >= 0;
	     i = i->next) {
		struct negotiation_line *l = line_of(i);

		negotiation_line_unname(l, m);
		if (l->state == STREAM_GONE || l->at >= n->theirs->media_count)
			continue;
		rc = negotiation_name_of(l, n->theirs, m);
		found += rc > 0;
	}
	return rc < 0 ? rc : found;
}

bool negotiation_locating(const struct negotiation *n)
{
	for (struct list *i = n->lines.next; i != &n->lines; i = i->next)
		if (line_of(i)->locating)
			return true;
	return false;
}

/* ---------------------------------------------------------------- forks */
int negotiation_fork(const struct negotiation *n,
		     const struct negotiation_terms *t,
		     struct negotiation_leg **out)
{
	struct negotiation_leg *leg;
	size_t lines = 0;

	for (struct list *i = n->lines.next; i != &n->lines; i = i->next)
		lines++;
	leg = mem_new(t->mem, sizeof(*leg) + lines * sizeof(leg->line[0]));
	if (!leg)
		return -ENOMEM;
	negotiation_init(&leg->nego, n->origin);
	leg->leg = t->leg;
	leg->host = t->host;
	leg->nego.mlines = n->mlines;
	leg->nego.agreed_mlines = n->agreed_mlines;
	if (negotiation_keep(&leg->nego, t, slice_of(n->local, n->local_n))) {
		mem_free(t->mem, leg);
		return -ENOMEM;
	}
	lines = 0;
	for (struct list *i = n->lines.next; i != &n->lines; i = i->next) {
		const struct negotiation_line *l = line_of(i);
		struct negotiation_line *to = &leg->line[lines++];

		if (l->at == NO_MLINE || l->state == STREAM_GONE)
			continue;
		negotiation_add(&leg->nego, to, l->kind,
				(enum stream_state)l->state);
		to->at = l->at;
		to->opened = l->opened;
		to->rtp = l->rtp;
		to->rtcp = l->rtcp;
	}
	*out = leg;
	return 0;
}

void negotiation_leg_free(struct negotiation_leg *l,
			  const struct negotiation_terms *t)
{
	if (!l)
		return;
	negotiation_fini(&l->nego, t);
	mem_free(t->mem, l);
}

void negotiation_show(struct negotiation *n, const struct negotiation_terms *t,
		      struct negotiation_leg *from)
{
	for (struct list *i = from->nego.lines.next; i != &from->nego.lines;
	     i = i->next) {
		struct negotiation_line *l = line_of(i);
		struct negotiation_line *to = at_line(n, l->at);

		if (!to || !(l->came & LINE_MET))
			continue;
		if (l->agreed) {
			mem_free(t->mem, to->agreed);
			to->agreed = l->agreed;
			l->agreed = NULL;
		}
		to->dir = l->dir;
		to->held = l->held;
		to->came |= l->came & (LINE_STARTS | LINE_MET);
		if (!addr_same(&to->remote, &l->remote))
			to->came |= LINE_MOVED;
		to->remote = l->remote;
		l->came = 0;
	}
}

void negotiation_take(struct negotiation *n, const struct negotiation_terms *t,
		      struct negotiation_leg *from)
{
	negotiation_show(n, t, from);
	negotiation_forget_remote(n, t->mem);
	n->remote = from->nego.remote;
	n->remote_n = from->nego.remote_n;
	n->theirs = from->nego.theirs;
	n->warn = from->nego.warn;
	n->warn_text = from->nego.warn_text;
	from->nego.remote = NULL;
	from->nego.theirs = NULL;
}

/* ------------------------------------------------------------ our texts */
int negotiation_keep(struct negotiation *n, const struct negotiation_terms *t,
		     struct slice text)
{
	char *copy = mem_copy(t->mem, text.p, text.n);

	if (!copy)
		return -ENOMEM;
	negotiation_drop(t, &n->local);
	n->local = copy;
	n->local_n = (uint16_t)text.n; /* within LIMIT_SDP_BYTES */
	return 0;
}

int negotiation_try(struct negotiation *n, const struct negotiation_terms *t,
		    struct slice text)
{
	char *copy = mem_copy(t->mem, text.p, text.n);

	if (!copy)
		return -ENOMEM;
	negotiation_drop(t, &n->agreed);
	n->agreed = n->local;
	n->agreed_n = n->local_n;
	n->local = copy;
	n->local_n = (uint16_t)text.n;
	return 0;
}

void negotiation_took(struct negotiation *n, const struct negotiation_terms *t)
{
	negotiation_drop(t, &n->agreed);
	n->agreed_mlines = n->mlines;
}

void negotiation_undo(struct negotiation *n, const struct negotiation_terms *t)
{
	n->mlines = n->agreed_mlines;
	/* The places that it gave out are free for the peer's lines. */
	for (struct list *i = n->lines.next; i != &n->lines; i = i->next)
		if (line_of(i)->state == STREAM_ADDING)
			line_of(i)->at = NO_MLINE;
	if (!n->agreed)
		return;
	negotiation_drop(t, &n->local);
	n->local = n->agreed;
	n->local_n = n->agreed_n;
	n->agreed = NULL;
}

void negotiation_unsay(struct negotiation *n, const struct negotiation_terms *t)
{
	negotiation_undo(n, t);
	negotiation_drop(t, &n->local);
	n->local_n = 0;
}

/* Our last one, read; without lines when there is none. */
static const struct sdp *negotiation_ours(const struct negotiation *n,
					  const struct negotiation_terms *t)
{
	struct negotiation_desk *d = t->desk;
	struct parse_error e;

	if (n->local && d->ours_of == n->local)
		return &d->ours;
	d->ours_of = n->local;
	if (!n->local || sdp_parse(slice_of(n->local, n->local_n), SDP_WILD,
				   &d->ours, &e)) {
		d->ours_of = NULL;
		d->ours.media_count = 0;
	}
	return &d->ours;
}

static const struct sdp_media *negotiation_before(const struct sdp *d, size_t i)
{
	return i < d->media_count ? &d->media[i] : NULL;
}

/* ---------------------------------------------------------- what we say */
/* The m= section of one line as we would have it.  at: where it is, or would
 * be while it has no sockets.  remote: the offer that it answers, or NULL. */
static int section(const struct negotiation *n,
		   const struct negotiation_terms *t,
		   const struct negotiation_line *l, size_t place,
		   const struct addr at[2], const struct sdp *remote,
		   struct sdp_stream *out)
{
	const struct sdp *last = negotiation_ours(n, t);
	const struct stream_ask ask = {
		.account = t->account,
		.last = last->media_count ? last : NULL,
		.previous = negotiation_before(last, place),
		.remote = remote,
		.theirs = remote ? &remote->media[place] : NULL,
	};

	*out = (struct sdp_stream){
		.port = at[0].port, .addr = at[0],
		.dir = t->hold ? SDP_SENDONLY : SDP_SENDRECV,
	};
	if (at[1].port && at[1].port != at[0].port + 1)
		out->rtcp = (struct addr){ .port = at[1].port };
	return l->kind->describe(&ask, &t->desk->room, out);
}

static int disabled(struct negotiation_desk *d, const struct sdp_media *m,
		    struct sdp_stream *out)
{
	struct sdp_format *f = stream_room_formats(&d->room, 1);

	if (!f)
		return -ENOSPC;
	sdp_reject_stream(m, f, out);
	return 0;
}

/* Writes it; the address of o= and c= is that of the first line. */
static int write_lines(const struct negotiation *n,
		       const struct negotiation_terms *t, struct slice time,
		       struct slice *out)
{
	struct negotiation_desk *d = t->desk;
	struct writer w = writer_begin(d->text, sizeof(d->text));
	struct sdp_local l = {
		.id = n->origin, .version = n->origin, .addr = t->here,
		.time = time, .streams = d->line, .stream_count = d->lines,
	};
	int rc;

	for (size_t i = d->lines; i-- > 0; )
		if (d->line[i].port && !addr_is_any(&d->line[i].addr))
			l.addr = d->line[i].addr;
	for (size_t i = 0; i < d->lines; i++)
		if (addr_same_ip(&d->line[i].addr, &l.addr))
			d->line[i].addr = (struct addr){ 0 };
	rc = sdp_local_update(&w, &l, slice_of(n->local, n->local_n));
	*out = writer_done(&w);
	return rc < 0 ? rc : 0;
}

/* A place for a new line: one that was disabled already, else the end. */
static int negotiation_place_of(const struct negotiation *n,
				const struct sdp *last, size_t lines)
{
	for (size_t i = 0; i < lines; i++)
		if (!at_line(n, i) && negotiation_before(last, i) &&
		    !negotiation_before(last, i)->port)
			return (int)i;
	return lines < LIMIT_SDP_MEDIA ? (int)lines : -E2BIG;
}

static int offer_line(const struct negotiation *n,
		      const struct negotiation_terms *t,
		      struct negotiation_line *l)
{
	struct negotiation_desk *d = t->desk;
	const struct addr at[2] = { l->rtp, l->rtcp };
	int i = l->at == NO_MLINE ? negotiation_place_of(n, &d->ours, d->lines)
				  : l->at;
	int rc;

	if (i < 0)
		return i;
	rc = section(n, t, l, (size_t)i, at, NULL, &d->line[i]);
	if (rc)
		return rc;
	l->at = (uint16_t)i;
	if (d->lines <= (size_t)i)
		d->lines = (size_t)i + 1;
	return 0;
}

static bool is_offered(const struct negotiation_line *l, bool anew)
{
	if (l->state == STREAM_UP)
		return !anew || l->draft || !l->removing;
	return anew && l->state == STREAM_ADDING && !l->draft;
}

/* What was agreed on, or what we offer, goes to media that runs here. */
static void line_starts(struct negotiation_line *l, struct mem *m,
			struct stream_agreed *agreed)
{
	mem_free(m, l->agreed);
	l->agreed = agreed;
	l->came |= LINE_STARTS;
}

/* RFC 3264 5.1: from our offer on the peer may send. */
static int negotiation_expect(struct negotiation_line *l,
			      const struct negotiation_terms *t)
{
	const struct sdp_stream *mine = &t->desk->line[l->at];
	struct stream_agreed *offered;
	int rc;

	if (l->state != STREAM_ADDING || !l->kind->expect || !l->opened)
		return 0;
	rc = l->kind->expect(mine, t->mem, &offered);
	if (rc)
		return rc;
	offered->offered = true;
	offered->leg = 0; /* it may be any */
	offered->dir = mine->dir;
	line_starts(l, t->mem, offered);
	return 0;
}

int negotiation_offer(struct negotiation *n, const struct negotiation_terms *t,
		      bool anew, struct slice *out)
{
	struct negotiation_desk *d = t->desk;
	const struct sdp *last = negotiation_ours(n, t);
	int rc = 0;

	stream_room_reset(&d->room);
	d->lines = last->media_count;
	for (size_t i = 0; i < d->lines && rc == 0; i++)
		rc = disabled(d, &last->media[i], &d->line[i]);
	for (struct list *i = n->lines.next; i != &n->lines && rc == 0;
	     i = i->next) {
		struct negotiation_line *l = line_of(i);

		if (!is_offered(l, anew))
			continue;
		rc = offer_line(n, t, l);
		if (rc == 0)
			rc = negotiation_expect(l, t);
	}
	if (rc)
		return rc;
	n->mlines = (uint16_t)d->lines;
	return write_lines(n, t, (struct slice){ 0 }, out);
}

/* ------------------------------------------------------- what was agreed */
/* All but what is the kind's own. */
static void fill_agreed(const struct negotiation *n,
			const struct negotiation_terms *t,
			const struct stream_line *l, struct stream_agreed *out)
{
	out->offered = false;
	out->leg = t->leg;
	out->dir = l->met.dir;
	out->may_send = l->met.may_send;
	out->held = l->met.held;
	out->rtp = l->met.rtp;
	out->rtcp = l->met.rtcp;
	out->host = t->host;
	out->host_proved = t->host_proved;
	/* Nothing was agreed on before: so it answers our INVITE. */
	out->asked = t->caller && !n->agreed_mlines;
	if (!(l->ours->dir & SDP_RECVONLY)) /* held: not our sound, either */
		out->dir = SDP_INACTIVE;
}

/* The line is as the desk has it; agreed NULL: media is elsewhere. */
static void line_agrees(const struct negotiation *n,
			const struct negotiation_terms *t,
			struct negotiation_line *l,
			struct stream_agreed *agreed)
{
	const struct stream_line *hand = &t->desk->hand;

	if (agreed) {
		fill_agreed(n, t, hand, agreed);
		line_starts(l, t->mem, agreed);
	}
	l->dir = (uint8_t)hand->met.dir;
	l->held = hand->met.held;
	l->came |= addr_same(&l->remote, &hand->met.rtp) ?
		   LINE_MET : LINE_MET | LINE_MOVED;
	l->remote = hand->met.rtp;
}

/* The name that the line has is known by now, or it is of no use.  A preview
 * waits for none: it is only heard. */
static void put_host(const struct negotiation_line *l, bool early,
		     struct sdp_meeting *met)
{
	if (!met->accepted || !met->host.n)
		return;
	if (!l->found.family) {
		met->may_send = false;
		met->accepted = early;
		met->warning = 399;
		met->reason = "a name in c= is not found";
		return;
	}
	memcpy(met->rtp.ip, l->found.ip, sizeof(met->rtp.ip));
	met->rtp.family = l->found.family;
	if (!met->rtcp.family) {
		memcpy(met->rtcp.ip, l->found.ip, sizeof(met->rtcp.ip));
		met->rtcp.family = l->found.family;
	}
	if (addr_is_any(&met->rtp)) {
		met->may_send = false;
		met->held = true;
	}
}

/* Ports, addresses, what is the kind's own, and names: in this order, for the
 * first that does not fit is told.  answer: NULL when they answer.  agreed
 * NULL: it is only asked; *agreed NULL: media runs elsewhere.  -ENOTSUP: not
 * accepted, the desk's line in hand says why. */
static int meet(const struct negotiation_terms *t,
		const struct negotiation_line *l, enum sdp_role role,
		const struct sdp *remote, bool early,
		struct sdp_stream *answer, struct stream_agreed **agreed)
{
	struct stream_room *room = &t->desk->room;
	struct stream_line *hand = &t->desk->hand;
	bool here = agreed && l->opened;
	struct sdp_format *f;
	int rc;

	if (agreed)
		*agreed = NULL;
	*hand = (struct stream_line){
		.role = role, .ours = &t->desk->mine, .remote = remote,
		.theirs = &remote->media[l->at],
	};
	sdp_meet(hand->ours, remote, hand->theirs, &hand->met);
	if (!hand->met.accepted)
		return -ENOTSUP;
	if (answer) {
		f = stream_room_formats(room, 1);
		if (!f)
			return -ENOSPC;
		sdp_answer_stream(hand->ours, hand->theirs, &hand->met, f,
				  answer);
		if (answer->formats != f)
			room->formats--;
	}
	rc = l->kind->agree(hand, room, answer, t->mem, here ? agreed : NULL);
	if (rc) {
		hand->met.accepted = false;
		return rc;
	}
	put_host(l, early, &hand->met);
	if (hand->met.accepted)
		return 0;
	if (here) {
		mem_free(t->mem, *agreed);
		*agreed = NULL;
	}
	return -ENOTSUP;
}

/* --------------------------------------------------------- their answer */
/* What we said of a line, whatever the settings say by now. */
static int offered_line(const struct negotiation *n,
			const struct negotiation_terms *t,
			const struct negotiation_line *l)
{
	struct stream_room *r = &t->desk->room;
	const struct sdp *last = negotiation_ours(n, t);
	const struct sdp_media *m = negotiation_before(last, l->at);
	struct sdp_format *f;

	stream_room_reset(r);
	f = stream_room_formats(r, LIMIT_SDP_FORMATS);
	if (!m || !m->port)
		return -ENOTSUP;
	sdp_read_stream(last, m, f, r->attr, COUNT(r->attr), &t->desk->mine);
	r->attrs = t->desk->mine.attr_count;
	t->desk->mine.addr = l->rtp;
	return 0;
}

/* -ENOTSUP: refused; -EADDRNOTAVAIL, -EHOSTUNREACH: the peer takes it, and
 * nothing can be sent there. */
static int answered_line(const struct negotiation *n,
			 const struct negotiation_terms *t,
			 struct negotiation_line *l, bool early)
{
	const struct sdp_meeting *met = &t->desk->hand.met;
	struct stream_agreed *agreed;
	int rc;

	if (l->at >= n->theirs->media_count)
		return -ENOTSUP;
	rc = offered_line(n, t, l);
	if (rc)
		return rc;
	rc = meet(t, l, SDP_OFFERER, n->theirs, early, NULL, &agreed);
	if (rc == 0)
		line_agrees(n, t, l, agreed);
	if (rc != -ENOTSUP)
		return rc;
	return met->warning == 399 ? -EHOSTUNREACH :
	       met->warning == 300 || met->warning == 301 ||
	       met->warning == 330 ? -EADDRNOTAVAIL : -ENOTSUP;
}

static const char *answer_reason(const struct negotiation_line *l, int rc)
{
	return rc == -EHOSTUNREACH ? "a name in the answer is not found" :
	       rc == -EADDRNOTAVAIL ? "nothing can be sent to its address" :
	       l->removing ? "removed" : "refused by the peer";
}

int negotiation_answered(struct negotiation *n,
			 const struct negotiation_terms *t, bool early)
{
	int rc, lost = -ENOTSUP;
	size_t up = 0;

	if (!n->theirs)
		return -EBADMSG;
	for (struct list *i = n->lines.next; i != &n->lines; i = i->next) {
		struct negotiation_line *l = line_of(i);

		if (l->at == NO_MLINE || l->state == STREAM_GONE)
			continue;
		rc = answered_line(n, t, l, early);
		if (rc == -ENOMEM)
			return rc;
		if (rc == -EHOSTUNREACH || rc == -EADDRNOTAVAIL)
			lost = rc;
		if (rc == 0) {
			up++;
			if (!early)
				l->state = STREAM_UP;
		} else if (!early) {
			line_ends(l, answer_reason(l, rc));
		}
	}
	if (early)
		return up ? 0 : -ENOTSUP;
	/* The peer takes a line that we cannot use: it is told to drop it. */
	return up ? lost != -ENOTSUP : lost;
}

/* ---------------------------------------------------------- their offer */
static size_t lines_up(const struct negotiation *n)
{
	size_t up = 0;

	for (struct list *i = n->lines.next; i != &n->lines; i = i->next)
		up += line_of(i)->state == STREAM_UP ||
		      line_of(i)->state == STREAM_PROPOSED;
	return up;
}

int negotiation_next_new(struct negotiation *n,
			 const struct negotiation_terms *t, size_t *i,
			 const struct stream_kind **kind)
{
	const struct sdp *d = n->theirs;
	size_t most = (size_t)settings_int(t->account, SET_STREAMS_MAX);

	if (!d || d->media_count < n->mlines)
		return -EBADMSG;
	for (; *i < d->media_count; ++*i) {
		if (at_line(n, *i) || !d->media[*i].port)
			continue;
		*kind = stream_kind_fits(&d->media[*i]);
		if (!*kind)
			negotiation_warn(n, 304, "no such stream is known "
					 "here");
		else if (lines_up(n) < most)
			return 1;
		else /* refused in place */
			negotiation_warn(n, 399, "too many streams");
	}
	return 0;
}

/* What becomes of a line of theirs by our settings.  -ENOTSUP: it is refused,
 * which negotiation_warn was told.  at: where it is, or would be. */
static int fit_line(struct negotiation *n, const struct negotiation_terms *t,
		    const struct negotiation_line *l, const struct addr at[2],
		    struct sdp_stream *answer, struct stream_agreed **agreed)
{
	const struct sdp_meeting *met = &t->desk->hand.met;
	int rc = section(n, t, l, l->at, at, n->theirs, &t->desk->mine);

	if (rc == -ENOENT) { /* the settings leave no format */
		negotiation_warn(n, 305, "no codec is left here");
		return -ENOTSUP;
	}
	if (rc)
		return rc;
	rc = meet(t, l, SDP_ANSWERER, n->theirs, false, answer, agreed);
	if (rc == -ENOTSUP && met->warning)
		negotiation_warn(n, met->warning, met->reason);
	return rc;
}

bool negotiation_takes_any(struct negotiation *n,
			   const struct negotiation_terms *t)
{
	struct sdp_stream answer;
	struct addr at[2] = { t->here };
	uint16_t warn = n->warn;
	const char *text = n->warn_text;
	unsigned k = 0;

	if (!n->theirs)
		return false;
	for (struct list *i = n->lines.next; i != &n->lines;
	     i = i->next, k++) {
		stream_room_reset(&t->desk->room);
		at[0] = t->here;
		at[0].port = 1; /* which one is not asked */
		(void)negotiation_external(t->account, k, &at[0], &at[1]);
		if (fit_line(n, t, line_of(i), at, &answer, NULL) == -ENOTSUP)
			continue;
		n->warn = warn; /* of what is no matter any more */
		n->warn_text = text;
		return true;
	}
	return false;
}

static int answer_line(struct negotiation *n, const struct negotiation_terms *t,
		       size_t i)
{
	struct negotiation_desk *d = t->desk;
	const struct sdp_media *m = &n->theirs->media[i];
	struct negotiation_line *l = at_line(n, i);
	const struct addr at[2] = { l ? l->rtp : t->here,
				    l ? l->rtcp : t->here };
	struct stream_agreed *agreed;
	int rc;

	if (!l || (l->state != STREAM_UP && !l->chosen))
		return disabled(d, m, &d->line[i]);
	rc = fit_line(n, t, l, at, &d->line[i], &agreed);
	if (rc == -ENOTSUP) {
		l->refused = true; /* ends when the answer is out */
		return disabled(d, m, &d->line[i]);
	}
	if (rc)
		return rc;
	line_agrees(n, t, l, agreed);
	return 1;
}

/* Does it ask for what we have not?  On a session that is up, when nothing else
 * fits: RFC 3261 14.2, 488, and all stays as it was.  A peer that wants no
 * stream at all sets port 0. */
static bool unfit(const struct negotiation *n)
{
	for (struct list *i = n->lines.next; i != &n->lines; i = i->next) {
		const struct negotiation_line *l = line_of(i);

		if (l->refused && n->theirs->media[l->at].port)
			return true;
	}
	return false;
}

int negotiation_answer(struct negotiation *n, const struct negotiation_terms *t,
		       struct slice *out)
{
	struct negotiation_desk *d = t->desk;
	int rc, taken = 0;

	if (!n->theirs)
		return -EBADMSG;
	stream_room_reset(&d->room);
	for (size_t i = 0; i < n->theirs->media_count; i++) {
		rc = answer_line(n, t, i);
		if (rc < 0)
			return rc;
		taken += rc;
	}
	d->lines = n->theirs->media_count;
	/* The first answer must take something; later ones may end all. */
	if (taken == 0 && (!t->up || unfit(n)))
		return -ENOTSUP;
	n->mlines = (uint16_t)d->lines;
	return write_lines(n, t, n->theirs->time, out);
}

void negotiation_settle(struct negotiation *n)
{
	for (struct list *i = n->lines.next; i != &n->lines; i = i->next) {
		struct negotiation_line *l = line_of(i);

		if (l->state == STREAM_GONE)
			continue;
		if (l->refused ||
		    (l->state == STREAM_PROPOSED && !l->chosen))
			line_ends(l, l->state == STREAM_UP ?
				  "removed by the peer" : NULL);
		else if (l->state == STREAM_PROPOSED)
			l->state = STREAM_UP;
	}
}
