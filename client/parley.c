/* SPDX-License-Identifier: BSD-2-Clause
 * client/parley.c - parley.h: settings, accounts, sessions and audio, each a
 * call of the engine. */
#include "client/parley.h"

#include <stdio.h>
#include <string.h>

#include "client/audio.h"
#include "client/client_port_priv.h"

/* ---------------------------------------------------------------- threads */
/* on_log is not told: it would run on the wrong thread, too. */
void client_on_thread(const struct parley *p, const char *call)
{
	if (pthread_equal(p->thread, pthread_self()))
		return;
	fprintf(stderr, "%s: not on the thread that runs the agent\n", call);
	__builtin_trap();
}

void client_take_over(struct parley *p, const char *call)
{
	if (!p->running)
		p->thread = pthread_self();
	client_on_thread(p, call);
}

/* ------------------------------------------- settings, accounts, sessions */
/* After a call of the application's: what it set off is carried out from the
 * loop. */
static int after(struct parley *p, int rc)
{
	p->error = rc < 0 ? NULL : "";
	client_kick(p);
	return rc;
}

/* Of a call that the engine does not see, or that only asks. */
static int result(struct parley *p, int rc, const char *why)
{
	p->error = rc < 0 ? why : "";
	return rc;
}

const struct parley_setting *parley_setting_at(size_t i)
{
	return i < SET_COUNT ? &settings_table[i].row : NULL;
}

int parley_set(struct parley *p, uint32_t owner, const char *key,
	       const char *value)
{
	ON_ITS_THREAD(p);
	int rc = client_tls_check(p, settings_find(slice_str(key)),
				  slice_str(value));

	if (rc)
		return result(p, rc, strerror(-rc));
	rc = agent_set(p->agent, owner, slice_str(key), slice_str(value));
	if (rc == 0)
		rc = result(p, client_set(p, owner, slice_str(key)),
			    "no memory for what follows: set it again");
	else
		p->error = NULL;
	client_kick(p);
	return rc;
}

int parley_get(struct parley *p, uint32_t owner, const char *key, char *out,
	       size_t cap)
{
	ON_ITS_THREAD(p);
	const struct settings *s = agent_settings(p->agent, owner);
	enum setting row = settings_find(slice_str(key));
	struct slice v;
	int rc;

	if (!s)
		return result(p, -ENOENT, "no such account");
	if (row == SET_COUNT ||
	    settings_table[row].row.of_account != (owner != 0))
		return result(p, -EINVAL, "no such setting there");
	v = settings_text(s, row);
	rc = cap ? slice_to_str(v, out, cap) : -ENOSPC;
	return result(p, rc ? rc : (int)v.n, "no room for the value");
}

int parley_account_add(struct parley *p, const char *aor, uint32_t *account)
{
	ON_ITS_THREAD(p);
	return after(p, agent_account_add(p->agent, slice_str(aor), account));
}

int parley_account_remove(struct parley *p, uint32_t account)
{
	ON_ITS_THREAD(p);
	int rc = agent_account_remove(p->agent, account, client_now(p));

	if (rc == 0 && account == p->bonjour_account)
		client_leave_link(p);
	client_tls_forget(p);
	return after(p, rc);
}

/* What the application's header did not know yet is "". */
static int read_bonjour(struct parley_bonjour *o,
			const struct parley_bonjour *given)
{
	size_t n = given->size;

	if (n < sizeof(n))
		return -EINVAL;
	*o = (struct parley_bonjour){ 0 };
	memcpy(o, given, n < sizeof(*o) ? n : sizeof(*o));
	o->name = o->name ? o->name : "";
	o->state = o->state ? o->state : "";
	o->note = o->note ? o->note : "";
	return 0;
}

int parley_bonjour(struct parley *p, const struct parley_bonjour *options,
		   uint32_t *account)
{
	ON_ITS_THREAD(p);
	struct parley_bonjour o;
	const char *why = "size is not set";
	int rc = read_bonjour(&o, options);

	if (rc == 0 && !feature_bonjour[0])
		return result(p, -ENOTSUP, "left out of this build");
	if (rc == 0 && p->bonjour)
		return result(p, -EALREADY, "it is on its link already");
	if (rc == 0)
		rc = feature_bonjour[0]->open(p, &o, account, &p->bonjour,
					      &why);
	if (rc)
		return result(p, rc, why);
	p->bonjour_account = *account;
	return after(p, 0);
}

int parley_bonjour_status(struct parley *p, const char *state, const char *note)
{
	ON_ITS_THREAD(p);
	if (!p->bonjour || !p->bonjour_account)
		return result(p, -ENOENT, "nothing is published");
	return result(p, feature_bonjour[0]->status(p->bonjour, state, note),
		      "a text is too long, or there is no memory");
}

int parley_register(struct parley *p, uint32_t account)
{
	ON_ITS_THREAD(p);
	return after(p, agent_register(p->agent, account, true,
				       client_now(p)));
}

int parley_unregister(struct parley *p, uint32_t account)
{
	ON_ITS_THREAD(p);
	return after(p, agent_register(p->agent, account, false,
				       client_now(p)));
}

int parley_call_with(struct parley *p, uint32_t account, const char *uri,
		     const struct parley_call_options *options,
		     uint32_t *session)
{
	ON_ITS_THREAD(p);
	struct parley_call_options o = { .size = sizeof(o) };

	if (options && options->size < sizeof(o.size))
		return result(p, -EINVAL, "size is not set");
	if (options)
		memcpy(&o, options, options->size < sizeof(o) ?
		       options->size : sizeof(o));
	if (o.media_n && !o.media)
		return result(p, -EINVAL, "no kinds of media given");
	if (o.headers_n && !o.headers)
		return result(p, -EINVAL, "no headers given");
	return after(p, agent_call(p->agent, account, slice_str(uri), &o,
				   client_now(p), session));
}

int parley_call(struct parley *p, uint32_t account, const char *uri,
		const enum parley_media *media, size_t n, uint32_t *session)
{
	ON_ITS_THREAD(p);
	struct parley_call_options o = { .size = sizeof(o), .media = media,
					 .media_n = n };

	return parley_call_with(p, account, uri, &o, session);
}

int parley_ring(struct parley *p, uint32_t session)
{
	ON_ITS_THREAD(p);
	return after(p, agent_ring(p->agent, session, client_now(p)));
}

int parley_accept(struct parley *p, uint32_t session, const uint32_t *streams,
		  size_t n)
{
	ON_ITS_THREAD(p);
	if (n && !streams)
		return result(p, -EINVAL, "no streams given");
	return after(p, agent_accept(p->agent, session, streams, n,
				     client_now(p)));
}

int parley_reject(struct parley *p, uint32_t session, int code,
		  const char *contact)
{
	ON_ITS_THREAD(p);
	return after(p, agent_reject(p->agent, session, code,
				     slice_str(contact), client_now(p)));
}

int parley_end(struct parley *p, uint32_t session)
{
	ON_ITS_THREAD(p);
	return after(p, agent_end(p->agent, session, client_now(p)));
}

int parley_hold(struct parley *p, uint32_t session, bool hold)
{
	ON_ITS_THREAD(p);
	return after(p, agent_hold(p->agent, session, hold, client_now(p)));
}

int parley_stream_add(struct parley *p, uint32_t session,
		      enum parley_media media, uint32_t *stream)
{
	ON_ITS_THREAD(p);
	return after(p, agent_stream_add(p->agent, session, media, stream));
}

int parley_stream_remove(struct parley *p, uint32_t stream)
{
	ON_ITS_THREAD(p);
	return after(p, agent_stream_remove(p->agent, stream));
}

int parley_propose(struct parley *p, uint32_t session)
{
	ON_ITS_THREAD(p);
	return after(p, agent_propose(p->agent, session, client_now(p)));
}

int parley_propose_cancel(struct parley *p, uint32_t session)
{
	ON_ITS_THREAD(p);
	return after(p, agent_propose_cancel(p->agent, session, client_now(p)));
}

int parley_proposal_accept(struct parley *p, uint32_t session,
			   const uint32_t *streams, size_t n)
{
	ON_ITS_THREAD(p);
	if (n && !streams)
		return result(p, -EINVAL, "no streams given");
	return after(p, agent_proposal_accept(p->agent, session, streams, n,
					      client_now(p)));
}

int parley_proposal_reject(struct parley *p, uint32_t session)
{
	ON_ITS_THREAD(p);
	return after(p, agent_proposal_reject(p->agent, session,
					      client_now(p)));
}

size_t parley_streams(struct parley *p, uint32_t session, uint32_t *out,
		      size_t cap)
{
	ON_ITS_THREAD(p);
	return agent_streams(p->agent, session, out, out ? cap : 0);
}

int parley_set_app(struct parley *p, uint32_t object, void *app)
{
	ON_ITS_THREAD(p);
	void **at = agent_app(p->agent, object);

	if (!object)
		p->cfg.app = app;
	else if (at)
		*at = app;
	else
		return result(p, -ENOENT, "no such object");
	return result(p, 0, NULL);
}

void *parley_app(struct parley *p, uint32_t object)
{
	ON_ITS_THREAD(p);
	void **at = agent_app(p->agent, object);

	return !object ? p->cfg.app : at ? *at : NULL;
}

/* ------------------------------------------------------------------ audio */
int parley_dtmf(struct parley *p, uint32_t session, const char *digits)
{
	ON_ITS_THREAD(p);
	struct media *m = p->media[PARLEY_AUDIO];
	uint32_t stream;
	int rc = agent_asks(p->agent, session);

	if (rc)
		return result(p, rc, NULL);
	rc = -EINPROGRESS;
	if (m && agent_streams(p->agent, session, &stream, 1))
		rc = feature_audio[0]->digits(m, stream, digits);
	(void)after(p, rc);
	return result(p, rc, rc == -EINVAL ? "digits are 0-9 * # A-D and ," :
		      rc == -ENOSPC ? "too many digits are waiting" :
		      "no audio runs yet");
}

/* Why there is no client_media. */
static int no_audio(struct parley *p)
{
	return feature_audio[0] ?
	       result(p, -ENOMEM, "out of memory") :
	       result(p, -ENOTSUP, "audio is left out of this build");
}

int parley_mute(struct parley *p, uint32_t session, bool mute)
{
	ON_ITS_THREAD(p);
	struct media *m;
	int rc = agent_asks(p->agent, session);

	if (rc)
		return result(p, rc, NULL);
	m = client_media(p, PARLEY_AUDIO);
	if (!m)
		return no_audio(p);
	return result(p, feature_audio[0]->mute(m, session, mute),
		      "out of memory");
}

int parley_audio(struct parley *p, uint32_t object, const char *source,
		 const char *sink)
{
	ON_ITS_THREAD(p);
	uint32_t session = agent_stream_session(p->agent, object);
	struct media *m;
	const char *why = NULL;
	int rc = object ? agent_asks(p->agent, session ? session : object) : 0;

	if (rc)
		return result(p, rc, rc == -ENOENT ?
			      "no such session or stream" : NULL);
	m = client_media(p, PARLEY_AUDIO);
	if (!m)
		return no_audio(p);
	rc = feature_audio[0]->route(m, session ? session : object, source,
				     sink, &why);
	return result(p, rc, why);
}

int parley_audio_pcm(struct parley *p, uint32_t session,
		     const struct parley_pcm *pcm)
{
	ON_ITS_THREAD(p);
	struct parley_pcm c = { 0 };
	size_t size = pcm->size < sizeof(c) ? pcm->size : sizeof(c);
	int rc = agent_asks(p->agent, session);
	const char *why = NULL;
	struct media *m;

	if (rc)
		return result(p, rc, NULL);
	memcpy(&c, pcm, size);
	if (size < offsetof(struct parley_pcm, arg) || c.rate < 8000 ||
	    c.rate > 48000 || c.rate % 100 || (!c.source && !c.sink))
		return result(p, -EINVAL, "no rate, or nothing to call");
	m = client_media(p, PARLEY_AUDIO);
	if (!m)
		return no_audio(p);
	rc = feature_audio[0]->pcm(m, session, &c, &why);
	return result(p, rc, why);
}

int parley_stream_stats(struct parley *p, uint32_t stream,
			struct parley_stats *out)
{
	ON_ITS_THREAD(p);
	struct parley_stats s = { .size = sizeof(s) };
	size_t size = out->size < sizeof(s) ? out->size : sizeof(s);
	int rc = size < sizeof(size) ? -EINVAL :
		 agent_stream_info(p->agent, stream, &s);

	(void)result(p, rc, rc == -EINVAL ? "size is not set" :
		     "no such stream");
	if (rc)
		return rc;
	if (p->media[s.media] && client_kind(s.media)->stats)
		client_kind(s.media)->stats(p->media[s.media], stream, &s);
	s.size = size;
	memcpy(out, &s, size);
	return 0;
}

int parley_session_get(struct parley *p, uint32_t session,
		       struct parley_session_info *out)
{
	ON_ITS_THREAD(p);
	struct parley_session_info i = { .size = sizeof(i) };
	size_t size = out->size < sizeof(i) ? out->size : sizeof(i);
	int rc = size < sizeof(size) ? -EINVAL :
		 agent_session_info(p->agent, session, client_now(p), &i);

	(void)result(p, rc, rc == -EINVAL ? "size is not set" :
		     "no such session");
	if (rc)
		return rc;
	i.size = size;
	memcpy(out, &i, size);
	return 0;
}
