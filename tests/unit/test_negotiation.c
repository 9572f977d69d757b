/* SPDX-License-Identifier: BSD-2-Clause
 * Offer and answer of one leg, without agent, session or SIP; with a kind of
 * stream beside audio that has no RTP. */
#include "tests/unit/suites.h"

#include <stdio.h>
#include <stdlib.h>

#include "client/negotiation.h"
#include "client/stream_audio.h"

/* ------------------------------------------------- lines of text over TCP */
struct text_agreed {
	struct stream_agreed head;
	char theirs[32]; /* the peer's a=path */
	char ours[32];
	bool active;     /* we connect (RFC 4145 4.1) */
};

static bool text_fits(const struct sdp_media *m)
{
	return slice_eq(m->type, "text") && slice_eq(m->proto, "TCP/LINES");
}

static int text_describe(const struct stream_ask *ask, struct stream_room *room,
			 struct sdp_stream *out)
{
	struct sdp_format *f = stream_room_formats(room, 1);
	struct writer w = stream_room_text(room);
	struct slice path;

	writer_str(&w, "path:");
	writer_u64(&w, out->port);
	if (!f || stream_room_keep(room, &w, &path))
		return -ENOSPC;
	*f = (struct sdp_format){ .text = S("*"), .pt = SDP_NO_PT };
	out->type = S("text");
	out->proto = S("TCP/LINES");
	out->formats = f;
	out->format_count = 1;
	if (stream_room_attr(room, out, path))
		return -ENOSPC;
	return stream_room_attr(room, out, ask->theirs ? S("setup:active") :
							 S("setup:actpass"));
}

static void put_text(char *to, size_t cap, struct slice s)
{
	snprintf(to, cap, "%.*s", (int)s.n, s.p);
}

static int text_agree(struct stream_line *l, struct stream_room *room,
		      struct sdp_stream *answer, struct mem *m,
		      struct stream_agreed **out)
{
	struct text_agreed *a;
	struct slice path, setup;

	(void)room;
	ck_assert(!answer == (l->role == SDP_OFFERER));
	if (!sdp_media_attr(l->remote, l->theirs, "path", &path) ||
	    !sdp_media_attr(l->remote, l->theirs, "setup", &setup)) {
		l->met.warning = 399;
		l->met.reason = "no path";
		return -ENOTSUP;
	}
	if (!out)
		return 0;
	a = mem_new(m, sizeof(*a));
	if (!a)
		return -ENOMEM;
	put_text(a->theirs, sizeof(a->theirs), path);
	ck_assert_uint_eq(l->ours->attr_count, 2);
	put_text(a->ours, sizeof(a->ours), l->ours->attrs[0]);
	a->active = !slice_eq(setup, "active");
	*out = &a->head;
	return 0;
}

static const struct stream_kind text = {
	.name = "text", .media = (enum parley_media)7, .fits = text_fits,
	.describe = text_describe, .agree = text_agree,
};

/* --------------------------------------------------------------- one side */
enum { LINES = 4 };

struct side {
	struct mem mem;
	struct settings set;
	struct negotiation n;
	struct negotiation_desk desk;
	struct negotiation_line line[LINES];
	struct negotiation_terms t;
	uint16_t port;
};

static struct side *begin(uint8_t host, bool caller)
{
	struct side *s = calloc(1, sizeof(*s));

	mem_init(&s->mem, 0);
	settings_init(&s->set, &s->mem, true);
	negotiation_init(&s->n, host);
	s->port = 4000;
	s->t = (struct negotiation_terms){
		.mem = &s->mem, .desk = &s->desk, .account = &s->set,
		.here = addr_v4(192, 0, 2, host, 0), .caller = caller,
		.host = addr_v4(192, 0, 2, (uint8_t)(3 - host), 5060),
	};
	return s;
}

static void done(struct side *s)
{
	negotiation_fini(&s->n, &s->t);
	settings_fini(&s->set);
	ck_assert_uint_eq(s->mem.blocks, 0);
	free(s);
}

/* A line with its sockets. */
static struct negotiation_line *add(struct side *s, unsigned i,
				    const struct stream_kind *kind,
				    enum stream_state state)
{
	struct negotiation_line *l = &s->line[i];

	negotiation_add(&s->n, l, kind, state);
	l->opened = true;
	l->rtp = l->rtcp = s->t.here;
	l->rtp.port = s->port;
	l->rtcp.port = (uint16_t)(s->port + 1);
	s->port = (uint16_t)(s->port + 2);
	l->chosen = state == STREAM_PROPOSED;
	return l;
}

static bool ends(struct slice s, const char *with)
{
	size_t n = strlen(with);

	return s.n >= n && slice_eq(slice_skip(s, s.n - n), with);
}

static const struct stream_kind *audio(void)
{
	return stream_kind_find(PARLEY_AUDIO);
}

static const struct text_agreed *text_of(const struct negotiation_line *l)
{
	return (const struct text_agreed *)(const void *)l->agreed;
}

static int offer(struct side *s, struct slice *text_out)
{
	int rc = negotiation_offer(&s->n, &s->t, true, text_out);

	return rc ? rc : negotiation_try(&s->n, &s->t, *text_out);
}

/* Takes all lines of it that are new: the i-th of them is the side's. */
static int take(struct side *s, struct slice text_in, struct slice *answer,
		unsigned first)
{
	const struct stream_kind *kind;
	size_t i = 0;
	int rc = negotiation_keep_remote(&s->n, &s->t, text_in);

	while (rc == 0 &&
	       (rc = negotiation_next_new(&s->n, &s->t, &i, &kind)) > 0) {
		add(s, first++, kind, STREAM_PROPOSED)->at = (uint16_t)i++;
		rc = 0;
	}
	if (rc == 0)
		rc = negotiation_answer(&s->n, &s->t, answer);
	if (rc == 0)
		rc = negotiation_try(&s->n, &s->t, *answer);
	if (rc == 0) {
		negotiation_took(&s->n, &s->t);
		negotiation_settle(&s->n);
	}
	return rc;
}

static int answered(struct side *s, struct slice answer, bool early)
{
	int rc = negotiation_keep_remote(&s->n, &s->t, answer);

	if (rc == 0)
		rc = negotiation_answered(&s->n, &s->t, early);
	if (rc >= 0 && !early)
		negotiation_took(&s->n, &s->t);
	return rc;
}

START_TEST(two_sides_agree)
{
	struct side *a = begin(1, true), *b = begin(2, false);
	struct negotiation_line *la = add(a, 0, audio(), STREAM_ADDING);
	struct slice o, r;

	ck_assert_int_eq(offer(a, &o), 0);
	ck_assert_uint_eq(la->came, LINE_STARTS); /* it is expected */
	ck_assert(la->agreed->offered);
	ck_assert_int_eq(take(b, o, &r, 0), 0);
	ck_assert_uint_eq(b->line[0].came,
			  LINE_STARTS | LINE_MET | LINE_MOVED);
	ck_assert_uint_eq(b->line[0].state, STREAM_UP);
	ck_assert(!b->line[0].agreed->asked);
	ck_assert_int_eq(answered(a, r, false), 0);
	ck_assert_uint_eq(la->state, STREAM_UP);
	ck_assert_uint_eq(la->at, 0);
	ck_assert(la->agreed->asked && !la->agreed->offered);
	ck_assert(addr_same(&la->agreed->rtp, &b->line[0].rtp));
	ck_assert(addr_same(&la->remote, &b->line[0].rtp));
	ck_slice_eq(audio_agreed(la->agreed)->pair[0].name,
		    audio_agreed(b->line[0].agreed)->pair[0].name.p);
	done(a);
	done(b);
}
END_TEST

/* An m= line of words and attributes beside one of RTP: each side's kind sees
 * the other's section and its own, whole. */
START_TEST(a_kind_without_rtp_agrees_beside_audio)
{
	struct side *a = begin(1, true), *b = begin(2, false);
	struct slice o, r;

	add(a, 0, audio(), STREAM_ADDING);
	add(a, 1, &text, STREAM_ADDING);
	ck_assert_int_eq(offer(a, &o), 0);
	ck_assert(ends(o, "m=text 4002 TCP/LINES *\r\n"
			     "a=path:4002\r\na=setup:actpass\r\n"
			     "a=sendrecv\r\n"));
	ck_assert_uint_eq(a->line[1].came, 0); /* nothing comes early */
	/* The library has no such kind: its owner brings one. */
	add(b, 1, &text, STREAM_PROPOSED)->at = 1;
	ck_assert_int_eq(take(b, o, &r, 0), 0);
	ck_assert(ends(r, "m=text 4000 TCP/LINES *\r\n"
			     "a=path:4000\r\na=setup:active\r\n"
			     "a=sendrecv\r\n"));
	ck_assert_str_eq(text_of(&b->line[1])->theirs, "4002");
	ck_assert_str_eq(text_of(&b->line[1])->ours, "path:4000");
	ck_assert(text_of(&b->line[1])->active);
	ck_assert_int_eq(answered(a, r, false), 0);
	ck_assert_str_eq(text_of(&a->line[1])->theirs, "4000");
	ck_assert_str_eq(text_of(&a->line[1])->ours, "path:4002");
	ck_assert(!text_of(&a->line[1])->active);
	ck_assert(addr_same(&a->line[1].agreed->rtp, &b->line[1].rtp));
	ck_assert_uint_eq(audio_agreed(a->line[0].agreed)->head.rtp.port, 4002);
	done(a);
	done(b);
}
END_TEST

/* RFC 3264 6: what a kind refuses has port 0, and its warning is the line's. */
START_TEST(a_kind_refuses_its_line)
{
	struct side *b = begin(2, false);
	struct slice r;

	add(b, 0, &text, STREAM_PROPOSED)->at = 0;
	ck_assert_int_eq(take(b, S("v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\n"
		"c=IN IP4 192.0.2.1\r\nt=0 0\r\nm=text 9 TCP/LINES *\r\n"
		"m=audio 9000 RTP/AVP 0\r\n"), &r, 1), 0);
	ck_assert(ends(r, "m=text 0 TCP/LINES *\r\n"
			     "m=audio 4002 RTP/AVP 0\r\n"
			     "a=rtpmap:0 PCMU/8000\r\na=ptime:20\r\n"
			     "a=sendrecv\r\n"));
	ck_assert_uint_eq(b->n.warn, 399);
	ck_assert_str_eq(b->n.warn_text, "no path");
	ck_assert_uint_eq(b->line[0].came, LINE_ENDS);
	ck_assert_uint_eq(b->line[1].state, STREAM_UP);
	done(b);
}
END_TEST

START_TEST(theirs_is_read_once)
{
	struct side *a = begin(1, true), *b = begin(2, false);
	struct slice o, r;

	add(a, 0, audio(), STREAM_ADDING);
	ck_assert_int_eq(offer(a, &o), 0);
	ck_assert_int_eq(take(b, o, &r, 0), 0);
	ck_assert(negotiation_takes_any(&b->n, &b->t));
	ck_assert_int_eq(negotiation_names(&b->n, &b->mem), 0);
	ck_assert_uint_eq(b->desk.reads, 1);
	ck_assert_int_eq(answered(a, r, false), 0);
	ck_assert_uint_eq(a->desk.reads, 1);
	negotiation_forget_remote(&b->n, &b->mem);
	ck_assert_int_eq(negotiation_answered(&b->n, &b->t, false), -EBADMSG);
	ck_assert_int_eq(negotiation_answer(&b->n, &b->t, &r), -EBADMSG);
	ck_assert(!negotiation_takes_any(&b->n, &b->t));
	done(a);
	done(b);
}
END_TEST

START_TEST(what_is_no_description_leaves_all_as_it_was)
{
	struct side *a = begin(1, true), *b = begin(2, false);
	struct slice o, r;

	add(a, 0, audio(), STREAM_ADDING);
	ck_assert_int_eq(offer(a, &o), 0);
	ck_assert_int_eq(take(b, o, &r, 0), 0);
	ck_assert_int_eq(negotiation_keep_remote(&b->n, &b->t, S("")),
			 -EBADMSG);
	ck_assert_int_eq(negotiation_keep_remote(&b->n, &b->t, S("m=x")),
			 -EBADMSG);
	ck_assert_uint_eq(b->n.theirs->media_count, 1);
	done(a);
	done(b);
}
END_TEST

/* RFC 3264 8: a proposal that was refused leaves no trace; the next one takes
 * the same place, and the version counts from what stood. */
START_TEST(a_refused_proposal_leaves_no_trace)
{
	struct side *a = begin(1, true), *b = begin(2, false);
	struct slice o, r;
	char before[1024];

	add(a, 0, audio(), STREAM_ADDING);
	ck_assert_int_eq(offer(a, &o), 0);
	ck_assert_int_eq(take(b, o, &r, 0), 0);
	ck_assert_int_eq(answered(a, r, false), 0);
	put_text(before, sizeof(before), slice_of(a->n.local, a->n.local_n));
	add(a, 1, &text, STREAM_ADDING);
	ck_assert_int_eq(offer(a, &o), 0);
	ck_assert_uint_eq(a->line[1].at, 1);
	ck_assert_uint_eq(a->n.mlines, 2);
	ck_assert_ptr_nonnull(strstr(a->desk.text, "o=- 1 2 IN"));
	negotiation_undo(&a->n, &a->t);
	ck_assert_uint_eq(a->line[1].at, NO_MLINE);
	ck_assert_uint_eq(a->n.mlines, 1);
	ck_slice_eq(slice_of(a->n.local, a->n.local_n), before);
	ck_assert_int_eq(offer(a, &o), 0);
	ck_assert_uint_eq(a->line[1].at, 1);
	ck_assert_ptr_nonnull(strstr(a->desk.text, "o=- 1 2 IN"));
	done(a);
	done(b);
}
END_TEST

static struct slice answer_at(const char *ip, unsigned port, unsigned pt)
{
	static char text_out[256];
	int n = snprintf(text_out, sizeof(text_out), "v=0\r\no=- 1 1 IN IP4 "
			 "%s\r\ns=-\r\nc=IN IP4 %s\r\nt=0 0\r\n"
			 "m=audio %u RTP/AVP %u\r\n", ip, ip, port, pt);

	return slice_of(text_out, (size_t)n);
}

/* RFC 3261 13.2.2.4: two answers to one offer, each with its own agreement. */
START_TEST(each_leg_agrees_for_itself)
{
	struct side *a = begin(1, true);
	struct negotiation_line *l = add(a, 0, audio(), STREAM_ADDING);
	struct negotiation_leg *leg[2];
	struct slice o;
	char local[1024];

	ck_assert_int_eq(offer(a, &o), 0);
	put_text(local, sizeof(local), o);
	for (unsigned i = 0; i < 2; i++) {
		a->t.leg = i + 1;
		a->t.host = addr_v4(192, 0, 2, (uint8_t)(10 + i), 5060);
		ck_assert_int_eq(negotiation_fork(&a->n, &a->t, &leg[i]), 0);
		ck_assert_int_eq(negotiation_keep_remote(&leg[i]->nego, &a->t,
				 i ? answer_at("192.0.2.21", 7000, 8) :
				     answer_at("192.0.2.20", 6000, 0)), 0);
		ck_assert_int_eq(negotiation_answered(&leg[i]->nego, &a->t,
						      true), 0);
	}
	ck_assert(l->agreed->offered); /* nobody is shown yet */
	negotiation_show(&a->n, &a->t, leg[0]);
	ck_assert_uint_eq(l->agreed->leg, 1);
	ck_assert_uint_eq(l->agreed->rtp.port, 6000);
	ck_assert_uint_eq(l->agreed->host.ip[3], 10);
	ck_slice_eq(audio_agreed(l->agreed)->pair[0].name, "PCMU");
	ck_assert_uint_eq(l->state, STREAM_ADDING);
	ck_assert_uint_eq(l->came, LINE_STARTS | LINE_MET | LINE_MOVED);
	l->came = 0;
	negotiation_take(&a->n, &a->t, leg[1]);
	ck_assert_uint_eq(l->agreed->leg, 2);
	ck_assert_uint_eq(l->agreed->rtp.port, 7000);
	ck_assert_uint_eq(l->remote.port, 7000);
	ck_slice_eq(audio_agreed(l->agreed)->pair[0].name, "PCMA");
	negotiation_leg_free(leg[0], &a->t);
	negotiation_leg_free(leg[1], &a->t);
	negotiation_leg_free(NULL, &a->t);
	/* The winner's preview was its answer: it is not read again. */
	ck_assert_uint_eq(a->desk.reads, 2);
	ck_assert_int_eq(answered(a, answer_at("192.0.2.21", 7000, 8), false),
			 0);
	ck_assert_uint_eq(a->desk.reads, 2);
	ck_assert_uint_eq(l->state, STREAM_UP);
	ck_slice_eq(slice_of(a->n.local, a->n.local_n), local);
	done(a);
}
END_TEST

START_TEST(a_leg_without_memory_is_none)
{
	struct side *a = begin(1, true);
	struct negotiation_leg *leg = NULL;
	struct slice o;

	add(a, 0, audio(), STREAM_ADDING);
	ck_assert_int_eq(offer(a, &o), 0);
	for (unsigned i = 1; i < 3; i++) {
		a->mem.fail_at = a->mem.calls + i;
		ck_assert_int_eq(negotiation_fork(&a->n, &a->t, &leg), -ENOMEM);
		ck_assert_ptr_null(leg);
	}
	done(a);
}
END_TEST

/* All of it again, each allocation failing in its turn. */
static int whole(struct side *a, struct side *b)
{
	struct slice o, r;
	int rc;

	add(a, 0, audio(), STREAM_ADDING);
	add(a, 1, &text, STREAM_ADDING);
	add(b, 1, &text, STREAM_PROPOSED)->at = 1;
	rc = offer(a, &o);
	if (rc == 0)
		rc = take(b, o, &r, 0);
	if (rc == 0)
		rc = answered(a, r, true);
	return rc ? rc : answered(a, r, false);
}

START_TEST(without_memory_nothing_is_lost)
{
	int rc = -ENOMEM, other = -ENOMEM;

	for (uint64_t at = 1; rc || other; at++) {
		struct side *a = begin(1, true), *b = begin(2, false);
		struct mem *m = at & 1 ? &a->mem : &b->mem;

		m->fail_at = m->calls + (at + 1) / 2;
		other = rc;
		rc = whole(a, b);
		ck_assert(rc == 0 || rc == -ENOMEM);
		done(a);
		done(b);
		ck_assert_uint_lt(at, 99);
	}
}
END_TEST

SUITE(negotiation, two_sides_agree, a_kind_without_rtp_agrees_beside_audio,
      a_kind_refuses_its_line, theirs_is_read_once,
      what_is_no_description_leaves_all_as_it_was,
      a_refused_proposal_leaves_no_trace, each_leg_agrees_for_itself,
      a_leg_without_memory_is_none, without_memory_nothing_is_lost);
