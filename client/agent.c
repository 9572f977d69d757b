/* SPDX-License-Identifier: BSD-2-Clause
 * client/agent.c - the agent as a whole: its objects by number, the order of
 * its outputs, shutting down. */
#include "client/agent.h"

#include "client/agent_priv.h"
#include "client/duty.h"
#include "platform/scan.h"
#include "sip/core/sip_reason.h"

/* An ACK is no event of ours: while shutting down we look for it so often. */
static const mono LOOK = MS(100);

/* ------------------------------------------------------------- errors */
/* Remembers what is wrong, in one line; returns rc. */
int agent_fail(struct agent *a, int rc, const char *what, struct slice text)
{
	size_t n = agent_line(a->error, sizeof(a->error), slice_str(what));

	(void)agent_line(a->error + n, sizeof(a->error) - n,
			 slice_head(text, 80));
	return rc;
}

const char *agent_error(const struct agent *a)
{
	return a->error;
}

/* ------------------------------------------------------------- objects */
static uint64_t id_hash(const struct htab *t, uint32_t id)
{
	return htab_hash(t, slice_of(&id, sizeof(id)));
}

struct session *agent_session(const struct agent *a, uint32_t id)
{
	struct htab_node *n = htab_find(&a->sessions,
					id_hash(&a->sessions, id));

	for (; n; n = htab_next(n))
		if (CONTAINER(n, struct session, node)->id == id)
			return CONTAINER(n, struct session, node);
	return NULL;
}

struct stream *agent_stream(const struct agent *a, uint32_t id)
{
	struct htab_node *n = htab_find(&a->streams, id_hash(&a->streams, id));

	for (; n; n = htab_next(n))
		if (CONTAINER(n, struct stream, node)->id == id)
			return CONTAINER(n, struct stream, node);
	return NULL;
}

void agent_touch(struct session *s, unsigned bits)
{
	news_mark(&s->news, bits & ~(unsigned)s->pending, s->since);
	s->pending |= (uint16_t)bits;
	if (!list_linked(&s->link))
		list_append(&s->agent->pending, &s->link);
}

void agent_touch_stream(struct stream *st, unsigned bits)
{
	news_mark(&st->session->news, bits & ~(unsigned)st->pending, st->since);
	st->pending |= (uint16_t)bits;
	agent_touch(st->session, TELL_STREAMS);
}

void agent_wait(struct session *s, mono until)
{
	struct agent *a = s->agent;
	struct list *at = a->waiting.prev;

	list_remove(&s->waiting);
	s->until = until;
	if (until == MONO_NEVER)
		return;
	/* Most wait equally long: the place is near the end. */
	while (at != &a->waiting &&
	       CONTAINER(at, struct session, waiting)->until > until)
		at = at->prev;
	list_append(at->next, &s->waiting);
}

/* ---------------------------------------------------------------- life */
int agent_new(struct mem *m, struct sip_users *users,
	      const struct limits *limits, const uint8_t seed[32],
	      struct instant now, struct agent **out)
{
	struct agent *a = mem_new(m, sizeof(*a));
	uint8_t key[16];
	int rc;

	if (!a)
		return -ENOMEM;
	a->mem = m;
	a->users = users;
	a->core = users->core;
	a->limits = *limits;
	a->shutdown_at = a->look_at = a->late_since = a->feed_at = MONO_NEVER;
	list_init(&a->accounts);
	list_init(&a->pending);
	list_init(&a->leaving);
	list_init(&a->ending);
	list_init(&a->changed);
	list_init(&a->noted);
	list_init(&a->telling);
	list_init(&a->waiting);
	list_init(&a->starved);
	news_room_init(&a->news, m, limits);
	news_init(&a->strangers);
	settings_init(&a->settings, m, false);
	drbg_init(&a->drbg, seed);
	drbg_bytes(&a->drbg, key, sizeof(key));
	agent_make_instance(a);
	rc = htab_init(&a->sessions, m, key);
	if (rc == 0)
		rc = htab_init(&a->streams, m, key);
	if (rc == 0)
		rc = sip_sessions_new(m, users, limits,
				      settings_text(&a->settings,
						    SET_AGENT_NAME), now,
				      &a->calls);
	users->agent = a->options.agent = settings_text(&a->settings,
							SET_AGENT_NAME);
	sip_core_set_target_timeout(a->core, SEC(settings_int(&a->settings,
							SET_TARGET_TIMEOUT)));
	if (rc == 0)
		rc = sip_options_init(&a->options, users);
	if (rc) {
		agent_free(a);
		return rc;
	}
	*out = a;
	return 0;
}

void agent_free(struct agent *a)
{
	struct htab_node *n;

	if (!a)
		return;
	while (a->sessions.bucket && (n = htab_any(&a->sessions)) != NULL)
		session_free(CONTAINER(n, struct session, node));
	while (!list_empty(&a->accounts))
		account_free(a, CONTAINER(a->accounts.next, struct account,
					  link));
	while (!list_empty(&a->leaving))
		account_free(a, CONTAINER(a->leaving.next, struct account,
					  link));
	news_fini(&a->news, &a->strangers);
	sip_sessions_free(a->calls);
	sip_options_fini(&a->options);
	a->users->agent = (struct slice){ 0 };
	htab_fini(&a->sessions);
	htab_fini(&a->streams);
	settings_fini(&a->settings);
	drbg_wipe(&a->drbg);
	mem_free(a->mem, a);
}

/* -------------------------------------------------------------- inputs */
/* Each goes to where its user belongs. */
void agent_on_sip(struct agent *a, const struct sip_result *result,
		  struct instant now)
{
	const struct sip_session_event *call = sip_session_result(result);

	if (call)
		session_on_event(a, call, now);
	else
		duty_on_result(result, now);
}

static void keep_sockets(struct stream *st, const struct addr *rtp,
			 const struct addr *rtcp)
{
	st->line.opened = true;
	st->line.rtp = *rtp;
	st->line.rtcp = *rtcp;
}

bool agent_on_open(struct agent *a, uint32_t stream, const struct addr *rtp,
		   const struct addr *rtcp, int err, struct instant now)
{
	struct stream *st = agent_stream(a, stream);
	struct session *s = st ? st->session : NULL;

	bool moves = st && st->moving;

	if (st)
		st->opening = st->moving = false;
	if (!st || st->line.state == STREAM_GONE || s->state == SESSION_OVER)
		return false;
	if (err == 0)
		keep_sockets(st, rtp, rtcp);
	if (s->ending)
		return true; /* it closes with the others */
	if (err && moves) { /* it has none any more */
		session_stream_failed(st, "no port for media there", now);
		err = 0;
	}
	if (s->ending)
		return true;
	/* What nobody waits for is asked for anew in its turn. */
	if (err && (!stream_is_awaited(st) || session_spare(st)))
		err = 0;
	if (err || !session_opening(s))
		session_on_opened(s, err, now);
	return true;
}

void agent_on_located(struct agent *a, uint32_t stream,
		      const struct addr *addr, size_t n, struct instant now)
{
	struct stream *st = agent_stream(a, stream);

	if (!st || !st->line.locating || st->session->state == SESSION_OVER)
		return;
	for (size_t i = 0; i < n && !st->line.found.family; i++)
		if (addr[i].family == st->line.family &&
		    !addr_is_multicast(&addr[i]))
			st->line.found = addr[i];
	st->line.found.port = 0;
	st->line.locating = false;
	session_located(st->session, now);
}

void agent_on_media_failed(struct agent *a, uint32_t stream, int err,
			   struct instant now)
{
	struct stream *st = agent_stream(a, stream);

	(void)err;
	if (!st || st->session->state == SESSION_OVER)
		return;
	session_hangup(st->session, "media could not be started", now);
}

void agent_on_stream_failed(struct agent *a, uint32_t stream, const char *why,
			    struct instant now)
{
	struct stream *st = agent_stream(a, stream);

	if (!st)
		return;
	session_stream_failed(st, why, now);
}

void agent_on_heard(struct agent *a, uint32_t stream, bool heard,
		    struct instant now)
{
	struct stream *st = agent_stream(a, stream);

	if (!st)
		return;
	st->heard = heard;
	if (heard)
		session_on_heard(st->session);
	else
		session_on_silence(st->session, now);
}

void agent_on_sending(struct agent *a, uint32_t stream, const char *unsent)
{
	struct stream *st = agent_stream(a, stream);

	if (!st || st->line.state == STREAM_GONE)
		return;
	st->unsent = unsent;
	agent_touch_stream(st, STREAM_SENDING);
}

/* PARLEY_EV_ENDED of it is still to come, and it was told that there is one. */
static bool is_told(const struct session *s)
{
	return !s->untold &&
	       (s->state != SESSION_OVER || (s->pending & TELL_ENDED));
}

/* What is ours to say, and comes but now and then, needs no room; that it
 * happened is a state, so that without memory a bit says so.  0: it is a
 * peer's. */
static unsigned bit_of(const struct news *n)
{
	return n->kind == PARLEY_EV_MEDIA_FAILED ? TELL_FAILED :
	       n->kind == PARLEY_EV_PLAYED ? TELL_PLAYED : 0;
}

/* An empty room that takes nothing lacks memory: that may come with time, but
 * a session that is over does not wait for it. */
int agent_on_news(struct agent *a, const struct news *n, struct instant now)
{
	struct session *s = agent_session(a, n->session);
	bool over = s && s->state == SESSION_OVER;
	unsigned bit = bit_of(n);
	int rc;

	if (!s || !is_told(s))
		return -ENOENT;
	rc = news_add(&a->news, &s->news, n, over || bit);
	agent_touch(s, rc ? bit : 0);
	if (bit)
		return 0;
	if (rc == 0 || rc == -E2BIG)
		return rc;
	if (!a->news.used && over)
		return -ENOENT;
	if (!a->news.used)
		a->feed_at = mono_add(now.m, LOOK);
	if (!list_linked(&s->starved))
		list_append(&a->starved, &s->starved);
	return -EAGAIN;
}

/* The time to shut down is over: sessions end without their peers' word. */
static void agent_give_up(struct agent *a, struct instant now)
{
	for (size_t i = 0; i <= a->sessions.mask; i++)
		for (struct htab_node *n = a->sessions.bucket[i]; n;
		     n = n->next) {
			struct session *s = CONTAINER(n, struct session, node);

			/* Which it counts as: nothing came; cancelled. */
			session_over(s, s->answered ? PARLEY_ENDED :
				     PARLEY_CANCELLED, s->answered ? 408 : 487,
				     S("the peer did not answer in time"),
				     false, now);
		}
}

void agent_on_time(struct agent *a, struct instant now)
{
	while (!list_empty(&a->waiting)) {
		struct session *s = CONTAINER(a->waiting.next, struct session,
					      waiting);

		if (s->until > now.m)
			break;
		agent_wait(s, MONO_NEVER);
		session_on_wait(s, now);
		}
	if (a->look_at != MONO_NEVER)
		a->look_at = a->shutdown_told ? MONO_NEVER :
			     mono_add(now.m, LOOK);
	if (now.m >= a->feed_at)
		a->feed_at = MONO_NEVER; /* agent_poll says so */
	account_on_time(a, now);
	if (now.m >= a->shutdown_at) {
		a->shutdown_at = MONO_NEVER; /* agent_poll says so */
		agent_give_up(a, now);
	}
}

mono agent_deadline(const struct agent *a)
{
	mono d = MONO_NEVER;

	if (!list_empty(&a->waiting))
		d = mono_min(d, CONTAINER(a->waiting.next, struct session,
					  waiting)->until);
	d = mono_min(d, mono_min(a->feed_at, account_deadline(a)));
	return mono_min(d, mono_min(a->shutdown_at, a->look_at));
}

/* ------------------------------------------------------------- outputs */
static bool refusal_poll(struct agent *a, struct agent_out *out)
{
	struct news_item *i = news_first(&a->strangers);
	struct writer from = writer_begin(a->event_text[0],
					  sizeof(a->event_text[0]));
	const struct news *n;

	if (!i)
		return false;
	n = &i->said;
	writer_put(&from, n->text);
	*out = (struct agent_out){ .kind = AGENT_EVENT, .event = n->kind,
		.code = n->code,
		.reason = n->why ? slice_str(n->why) :
				   sip_reason((unsigned)n->code),
		.from = writer_done(&from) };
	news_drop(&a->news, &a->strangers, i);
	return true;
}

/* Who goes before a refusal is acknowledged cannot repeat it. */
static bool at_rest(const struct agent *a)
{
	return !a->session_count && !sip_core_unacknowledged(a->core) &&
	       account_at_rest(a);
}

static bool shutdown_poll(struct agent *a, struct agent_out *out)
{
	if (!a->shutting || a->shutdown_told ||
	    (!at_rest(a) && a->shutdown_at != MONO_NEVER))
		return false;
	a->shutdown_told = true;
	a->shutdown_at = a->look_at = MONO_NEVER;
	*out = (struct agent_out){ .kind = AGENT_EVENT,
				   .event = PARLEY_EV_SHUTDOWN };
	return true;
}

static bool is_fed(const struct agent *a)
{
	return !list_empty(&a->starved) && a->feed_at == MONO_NEVER;
}

/* All is told, refusals too: there is room. */
static bool room_poll(struct agent *a, struct agent_out *out)
{
	struct session *s;

	if (!is_fed(a))
		return false;
	s = CONTAINER(list_take(&a->starved), struct session, starved);
	agent_touch(s, 0); /* its end may have waited for that */
	*out = (struct agent_out){ .kind = AGENT_ROOM, .session = s->id,
				   .account = s->account->id };
	return true;
}

bool agent_poll(struct agent *a, struct agent_out *out)
{
	while (!list_empty(&a->pending)) {
		struct session *s = CONTAINER(a->pending.next, struct session,
					      link);

		if (session_poll(s, out))
			return true;
		list_remove(&s->link);
	}
	return network_poll(a, out) || refusal_poll(a, out) ||
	       room_poll(a, out) || account_poll(a, out) ||
	       shutdown_poll(a, out);
}

bool agent_has_output(const struct agent *a)
{
	return !list_empty(&a->pending) || is_fed(a) || a->network_why ||
	       news_first(&a->strangers) ||
	       !list_empty(&a->telling) || !list_empty(&a->noted);
}

/* ------------------------------------------------------------ settings */
/* What only a kind of stream can judge. */
static int check_by_kind(enum setting row, struct slice value,
			 const char **why)
{
	int rc = 0;

	for (size_t i = 0; feature_stream[i] && rc == 0; i++)
		if (feature_stream[i]->check)
			rc = feature_stream[i]->check(row, value, why);
	return rc;
}

int agent_set(struct agent *a, uint32_t owner, struct slice key,
	      struct slice value)
{
	struct account *acc = owner ? account_find(a, owner) : NULL;
	enum setting row = settings_find(key);
	const char *why = "out of memory";
	int rc;

	if (owner && !acc)
		return agent_fail(a, -ENOENT, "no such account", S(""));
	if (row == SET_COUNT)
		return agent_fail(a, -EINVAL, "no such setting: ", key);
	/* The default names what this build may lack: that is no mistake. */
	rc = slice_eq(value, settings_table[row].row.initial) ? 0 :
	     check_by_kind(row, value, &why);
	if (rc == 0)
		rc = settings_set(acc ? &acc->settings : &a->settings, row,
				  value, &why);
	if (rc == 0 && settings_table[row].apply)
		rc = settings_table[row].apply(a, acc);
	return rc ? agent_fail(a, rc, why, S("")) : 0;
}

const struct settings *agent_settings(const struct agent *a, uint32_t owner)
{
	struct account *acc = owner ? account_find(a, owner) : NULL;

	if (!owner)
		return &a->settings;
	return acc ? &acc->settings : NULL;
}

/* ------------------------------------------------------------ shutdown */
void agent_shutdown(struct agent *a, mono deadline, struct instant now)
{
	a->shutting = true;
	a->options.status = 480;
	a->shutdown_told = false;
	a->shutdown_at = deadline;
	a->look_at = mono_add(now.m, LOOK);
	/* Ending makes outputs and frees nothing before they are polled. */
	for (size_t i = 0; i <= a->sessions.mask; i++)
		for (struct htab_node *n = a->sessions.bucket[i]; n;
		     n = n->next) {
			struct session *s = CONTAINER(n, struct session, node);
			int rc = agent_end(a, s->id, now);

			(void)rc; /* over already */
		}
	for (struct list *n = a->accounts.next; n != &a->accounts; n = n->next)
		account_end(a, CONTAINER(n, struct account, link), deadline,
			    now);
}

/* ----------------------------------------------------------- questions */
size_t agent_streams(const struct agent *a, uint32_t session, uint32_t *out,
		     size_t cap)
{
	const struct session *s = agent_session(a, session);
	size_t n = 0;

	if (!s)
		return 0;
	for (struct list *l = s->nego.lines.next; l != &s->nego.lines;
	     l = l->next) {
		const struct stream *st = stream_of(l);

		if (st->line.state == STREAM_GONE && s->state != SESSION_OVER)
			continue;
		if (n < cap)
			out[n] = st->id;
		n++;
	}
	return n;
}

void **agent_app(struct agent *a, uint32_t object)
{
	struct session *s = agent_session(a, object);
	struct stream *st = agent_stream(a, object);
	struct account *acc = account_find(a, object);

	for (struct list *n = a->leaving.next; n != &a->leaving; n = n->next)
		if (CONTAINER(n, struct account, link)->id == object)
			acc = CONTAINER(n, struct account, link);
	return s ? &s->app : st ? &st->app : acc ? &acc->app : NULL;
}

int agent_asks(struct agent *a, uint32_t session)
{
	int rc;

	(void)session_alive(a, session, &rc);
	return rc;
}

uint32_t agent_stream_session(const struct agent *a, uint32_t stream)
{
	const struct stream *st = agent_stream(a, stream);

	return st ? st->session->id : 0;
}

int agent_stream_info(const struct agent *a, uint32_t stream,
		      struct parley_stats *out)
{
	const struct stream *st = agent_stream(a, stream);
	char text[ADDR_TEXT];

	if (!st)
		return -ENOENT;
	out->media = st->line.kind->media;
	out->direction = (enum parley_direction)st->line.dir;
	out->rtt_ms = -1;
	out->level_in = out->level_out = -127;
	(void)agent_line(out->security, sizeof(out->security), S("none"));
	out->waiting = st->unsent != NULL;
	if (st->line.remote.family)
		(void)agent_line(out->remote, sizeof(out->remote),
				 slice_str(addr_text(&st->line.remote, text)));
	return 0;
}

int agent_session_info(const struct agent *a, uint32_t session,
		       struct instant now, struct parley_session_info *out)
{
	const struct session *s = agent_session(a, session);
	mono end;

	if (!s)
		return -ENOENT;
	end = s->over >= 0 ? s->over : now.m;
	out->incoming = s->incoming;
	out->answered = s->answered;
	out->ended = s->state == SESSION_OVER;
	out->held_here = s->hold;
	out->held_there = s->hold_told;
	/* What became of a later proposal is not the call's status. */
	out->code = s->answered && !out->ended && s->code >= 300 ? 200 :
		    s->code >= 200 ? s->code : 0;
	out->setup_ms = s->up >= 0 ? (s->up - s->begun) / MS(1) : -1;
	out->duration_ms = s->up >= 0 ? (end - s->up) / MS(1) : 0;
	out->account = s->account->id;
	(void)agent_line(out->local, sizeof(out->local),
			 slice_str(s->account->aor));
	(void)agent_line(out->remote, sizeof(out->remote),
			 slice_of(s->peer, s->peer_n));
	return 0;
}

struct agent_load agent_load(const struct agent *a)
{
	return (struct agent_load){ a->session_count, a->stream_count,
				    sip_sessions_count(a->calls) };
}
