/* SPDX-License-Identifier: BSD-2-Clause
 * client/room.c - room for those who call, when many do: calls that we
 * answered and nobody acknowledged, a host that does not keep up.
 *
 * An INVITE costs its sender nothing, and an answered one costs us two sockets
 * for 32 s.  So the calls that wait for their ACK have a limit, of which the
 * last eighth is for sources that were seen to acknowledge: who only sends
 * INVITEs, from wherever it says, keeps out its like and nobody else. */
#include "client/agent_priv.h"
#include "sip/usage/sip_session.h"

static struct proved *set_of(struct agent *a, const struct addr *source)
{
	uint64_t hash = htab_hash(&a->sessions, slice_of(source->ip,
							 sizeof(source->ip)));

	return &a->proved[hash % PROVED_SETS * PROVED_WAYS];
}

/* Its place among those of its set; PROVED_WAYS: none. */
static size_t way_of(const struct proved *set, const struct addr *source)
{
	size_t i = 0;

	while (i < PROVED_WAYS && !(set[i].source.family &&
				    addr_same(&set[i].source, source)))
		i++;
	return i;
}

static bool is_proved(struct agent *a, const struct addr *from)
{
	struct addr source = addr_source(from);

	return way_of(set_of(a, &source), &source) < PROVED_WAYS;
}

/* Newest first: the one of its set that was longest without goes. */
void room_proved(struct session *s)
{
	struct addr source = addr_source(&s->there);
	struct proved *set = set_of(s->agent, &source);
	size_t i = way_of(set, &source);

	if (i == PROVED_WAYS)
		i--;
	memmove(set + 1, set, i * sizeof(*set));
	set[0].source = source;
	room_leave(s);
}

/* Its 200 was repeated for 64*T1 in vain. */
void room_doubt(struct session *s)
{
	struct addr source = addr_source(&s->there);
	struct proved *set = set_of(s->agent, &source);
	size_t i = way_of(set, &source);

	if (s->unacked && i < PROVED_WAYS)
		set[i] = (struct proved){ 0 };
}

void room_take(struct session *s)
{
	if (!s->unacked)
		s->agent->unacked++;
	s->unacked = true;
}

void room_leave(struct session *s)
{
	if (s->unacked)
		s->agent->unacked--;
	s->unacked = false;
}

static bool is_late(const struct agent *a, struct instant now)
{
	return a->session_count && a->late_since != MONO_NEVER &&
	       now.m - a->late_since >= SEC(1);
}

bool room_for_answer(struct agent *a, const struct addr *from)
{
	size_t most = (size_t)settings_int(&a->settings, SET_UNACKED);

	return a->unacked < (is_proved(a, from) ? most : most - most / 8);
}

/* Why there is none; NULL: there is. */
const char *room_lacks(struct agent *a, const struct addr *from,
		       struct instant now)
{
	size_t most = (size_t)settings_int(&a->settings, SET_SESSIONS_MAX);
	size_t kept = is_proved(a, from) ? 0 : most / 8;

	if (a->session_count >= most)
		return "too many calls";
	if (a->unacked >= kept && a->session_count >= most - kept)
		return "the last places are not for strangers";
	if (!room_for_answer(a, from))
		return "too many calls without ACK";
	return is_late(a, now) ? "media is late" : NULL;
}

int room_retry_after(struct agent *a, struct sip_msg *m, struct writer *w)
{
	writer_u64(w, 1 + drbg_below(&a->drbg, 10));
	return writer_end(w) < 0 ? -ENOSPC :
	       sip_msg_add(m, SIP_HDR_RETRY_AFTER, writer_done(w));
}

void agent_on_clock(struct agent *a, mono late, struct instant now)
{
	int64_t most = settings_int(&a->settings, SET_LATE_MS);

	if (!most || late <= MS(most))
		a->late_since = MONO_NEVER;
	else if (a->late_since == MONO_NEVER)
		a->late_since = now.m;
}
