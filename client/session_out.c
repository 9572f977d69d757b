/* SPDX-License-Identifier: BSD-2-Clause
 * client/session_out.c - what a session hands out, in the order of its bits:
 * events for the application, and what media has to do. */
#include "client/agent_priv.h"
#include "sip/core/sip_reason.h"

static const struct {
	uint16_t bit;
	uint8_t event;
	bool status; /* it has a code and a reason */
} told[] = {
	{ TELL_INCOMING, PARLEY_EV_INCOMING, false },
	{ TELL_PROGRESS, PARLEY_EV_PROGRESS, true },
	{ TELL_ANSWERED, PARLEY_EV_ANSWERED, true },
	{ TELL_EARLY, PARLEY_EV_EARLY_MEDIA, false },
	{ TELL_CONFIRMED, PARLEY_EV_CONFIRMED, false },
	{ TELL_HELD, PARLEY_EV_HELD, false },
	{ TELL_RESUMED, PARLEY_EV_RESUMED, false },
	{ TELL_PROPOSED, PARLEY_EV_PROPOSED, false },
	{ TELL_PROPOSAL, PARLEY_EV_PROPOSAL_ANSWERED, true },
	{ TELL_FAILED, PARLEY_EV_MEDIA_FAILED, false },
	{ TELL_PLAYED, PARLEY_EV_PLAYED, false },
	{ TELL_MOVED, PARLEY_EV_NETWORK, false },
};

/* What came before that news; NULL: all. */
static bool stream_poll(struct stream *st, const struct news_item *next,
			struct agent_out *out)
{
	unsigned bits = news_before(st->pending, st->since, next);
	unsigned bit = bits & (0u - bits);

	if (!bit)
		return false;
	st->pending &= (uint16_t)~bit;
	out->stream = st->id;
	out->media = st->line.kind->media;
	out->kind = AGENT_EVENT;
	switch ((enum stream_out)bit) {
	case STREAM_OPEN:
		st->opening = true;
		out->kind = AGENT_OPEN;
		out->local = st->session->here;
		out->anew = st->line.opened;
		out->moves = st->moving;
		st->line.opened = false;
		break;
	case STREAM_START:
		out->kind = AGENT_START;
		out->agreed = st->line.agreed;
		break;
	case STREAM_STARTED:
		out->event = PARLEY_EV_STREAM_STARTED;
		break;
	case STREAM_PROVED:
		if (st->line.opened)
			out->kind = AGENT_PROVED;
		break;
	case STREAM_SENDING: /* what was not told needs no end */
		if (st->unsent_told == (st->unsent != NULL))
			break;
		st->unsent_told = st->unsent != NULL;
		out->event = st->unsent ? PARLEY_EV_SENDING_STOPPED :
					  PARLEY_EV_SENDING_RESUMED;
		out->reason = slice_str(st->unsent ? st->unsent : "");
		break;
	case STREAM_ENDED:
		out->event = PARLEY_EV_STREAM_ENDED;
		out->reason = slice_str(st->line.why);
		break;
	case STREAM_STOP:
		if (st->line.opened)
			out->kind = AGENT_STOP;
		break;
	case STREAM_LOCATE:
		if (st->line.locating)
			out->kind = AGENT_LOCATE;
		out->host = slice_str(st->line.host);
		break;
	case STREAM_CLOSE:
		/* Else media is elsewhere. */
		if (st->line.opened || st->opening)
			out->kind = AGENT_CLOSE;
		st->line.opened = st->opening = false;
		break;
	}
	return true;
}

/* What the last output handed out is not needed now. */
static void sweep(struct session *s)
{
	struct list *next;

	for (struct list *n = s->nego.lines.next; n != &s->nego.lines;
	     n = next) {
		struct stream *st = stream_of(n);

		next = n->next;
		if (!(st->pending & STREAM_START)) {
			mem_free(s->agent->mem, st->line.agreed);
			st->line.agreed = NULL;
		}
		if (!(st->pending & STREAM_LOCATE)) {
			mem_free(s->agent->mem, st->line.host);
			st->line.host = NULL;
		}
		if (st->line.state == STREAM_GONE && !st->pending)
			stream_free(st);
	}
}

static bool streams_poll(struct session *s, const struct news_item *next,
			 struct agent_out *out)
{
	for (struct list *n = s->nego.lines.next; n != &s->nego.lines;
	     n = n->next) {
		struct stream *st = stream_of(n);

		while (stream_poll(st, next, out))
			if (out->kind != AGENT_EVENT || out->event)
				return true;
	}
	return false;
}

static bool closed_poll(struct session *s, struct agent_out *out)
{
	for (struct list *n = s->nego.lines.next; n != &s->nego.lines;
	     n = n->next) {
		struct stream *st = stream_of(n);

		st->line.state = STREAM_GONE;
		st->pending = 0;
		if (st->line.opened || st->opening) {
			st->line.opened = st->opening = false;
			out->kind = AGENT_CLOSE;
			out->stream = st->id;
			out->media = st->line.kind->media;
			return true;
		}
	}
	return false;
}

static void out_fill(struct session *s, struct agent_out *out, bool status)
{
	struct slice aor = slice_str(s->account->aor);

	out->kind = AGENT_EVENT;
	out->code = status ? s->code : 0;
	out->reason = status ? slice_str(s->reason) : S("");
	out->warning = status ? slice_str(s->warning) : S("");
	out->end = (enum parley_end_state)s->end;
	out->by_peer = s->by_peer;
	out->ms = s->up >= 0 ? (s->up - s->begun) / MS(1) : -1;
	out->from = s->incoming ? slice_of(s->peer, s->peer_n) : aor;
	out->to = s->incoming ? aor : slice_of(s->peer, s->peer_n);
}

/* Our addresses, before and now. */
static void fill_moved(struct session *s, struct agent_out *out)
{
	struct agent *a = s->agent;
	const struct addr *what[] = { &s->from, &s->here };
	struct slice *to[] = { &out->from, &out->to };
	char text[ADDR_TEXT];

	for (size_t i = 0; i < COUNT(what); i++) {
		struct writer w = writer_begin(a->event_text[i],
					       sizeof(a->event_text[i]));

		writer_put(&w, agent_addr_text(what[i], text));
		*to[i] = writer_done(&w);
	}
	out->reason = S("moved to another address");
	s->from = (struct addr){ 0 };
}

/* What the application saw in its last callback is of no use any more. */
static void forget_told(struct session *s)
{
	if (s->said_told) {
		mem_free(s->agent->mem, s->said);
		s->said = NULL;
		s->said_told = false;
	}
	if (s->news_told)
		news_drop(&s->agent->news, &s->news, news_first(&s->news));
	s->news_told = false;
}

static void tell_news(struct session *s, const struct news *n,
		      struct agent_out *out)
{
	s->news_told = true;
	out->kind = AGENT_EVENT;
	out->event = n->kind;
	out->stream = n->stream;
	out->digit = n->digit;
	out->ms = n->ms;
	out->reason = n->text;
	if (n->kind == PARLEY_EV_REDIRECTED) {
		out->code = n->code;
		out->reason = sip_reason((unsigned)n->code);
		out->from = slice_str(s->account->aor);
		out->to = n->text;
	}
}

/* The session is over, and there is no more news of it. */
static bool last_poll(struct session *s, struct agent_out *out)
{
	if (s->pending & TELL_FINISH) {
		s->pending &= (uint16_t)~TELL_FINISH;
		out->kind = AGENT_FINISH;
		return true;
	}
	/* Media has more to say: it is asked once there is room. */
	if (list_linked(&s->starved))
		return false;
	if (s->pending & TELL_ENDED) {
		s->pending &= (uint16_t)~TELL_ENDED;
		out_fill(s, out, true);
		out->event = PARLEY_EV_ENDED;
		out->said = s->incoming ? NULL : s->said;
		return true;
	}
	if (closed_poll(s, out))
		return true;
	out->kind = AGENT_FORGET;
	out->stream = 0;
	s->pending = 0;
	session_free(s);
	return true;
}

/* Of the bits those that came before that news; NULL: all. */
static bool bits_poll(struct session *s, const struct news_item *next,
		      struct agent_out *out)
{
	unsigned bits = news_before(s->pending, s->since, next);

	for (size_t i = 0; i < COUNT(told); i++) {
		if (told[i].bit > TELL_STREAMS && (bits & TELL_STREAMS)) {
			if (streams_poll(s, next, out))
				return true;
			bits &= ~(unsigned)TELL_STREAMS;
			if (!next)
				s->pending &= (uint16_t)~TELL_STREAMS;
			sweep(s);
		}
		if (!(bits & told[i].bit))
			continue;
		s->pending &= (uint16_t)~told[i].bit;
		out_fill(s, out, told[i].status);
		if (told[i].bit == TELL_INCOMING) {
			out->said = s->said;
			s->said_told = true;
		} else if (told[i].bit == TELL_FAILED) {
			out->reason = S("out of memory");
		} else if (told[i].bit == TELL_MOVED) {
			fill_moved(s, out);
		}
		out->event = (enum parley_event_kind)told[i].event;
		return true;
	}
	return false;
}

/* The next output of the session: its news in their order, before each the bits
 * that came before it, in the order of the bits; false: none. */
bool session_poll(struct session *s, struct agent_out *out)
{
	const struct news_item *next;

	sweep(s);
	forget_told(s);
	*out = (struct agent_out){ .session = s->id,
				   .account = s->account->id };
	next = news_first(&s->news);
	if (bits_poll(s, next, out))
		return true;
	if (next) {
		tell_news(s, &next->said, out);
		return true;
	}
	if (s->pending & TELL_CLOSED)
		return last_poll(s, out);
	/* Settled: the peer's description has done its work. */
	if (s->state == SESSION_UP && s->change == CHANGE_NONE)
		negotiation_forget_remote(&s->nego, s->agent->mem);
	return false;
}
