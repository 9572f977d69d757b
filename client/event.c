/* SPDX-License-Identifier: BSD-2-Clause */
#include "client/event.h"

#include <string.h>

#include "client/agent_line.h"
#include "client/redirect.h"
#include "client/said.h"

void event_text(char out[EVENT_TEXT], struct slice s)
{
	(void)agent_line(out, EVENT_TEXT, s);
}

void event_from_out(struct parley_event *ev, const struct agent_out *o)
{
	ev->kind = o->event;
	ev->account = o->account;
	ev->session = o->session;
	ev->stream = o->stream;
	ev->code = o->code;
	ev->end = o->end;
	ev->by_peer = o->by_peer;
	ev->digit = o->digit;
	ev->ms = o->ms;
	ev->said = o->said;
	event_text(ev->reason, o->reason);
	event_text(ev->warning, o->warning);
	event_text(ev->from, o->from);
	event_text(ev->to, o->to);
	ev->neighbour.size = 0;
}

const struct parley_neighbour *
parley_event_neighbour(const struct parley_event *ev)
{
	return ev->neighbour.size ? &ev->neighbour : NULL;
}

enum parley_event_kind parley_event_kind(const struct parley_event *ev)
{
	return ev->kind;
}

const char *parley_event_name(enum parley_event_kind kind)
{
	static const char *const name[] = {
		[PARLEY_EV_REGISTERED] = "registered",
		[PARLEY_EV_UNREGISTERED] = "unregistered",
		[PARLEY_EV_REGISTER_FAILED] = "register failed",
		[PARLEY_EV_INCOMING] = "incoming",
		[PARLEY_EV_PROGRESS] = "progress",
		[PARLEY_EV_EARLY_MEDIA] = "early media",
		[PARLEY_EV_ANSWERED] = "answered",
		[PARLEY_EV_CONFIRMED] = "confirmed",
		[PARLEY_EV_PROPOSED] = "proposed",
		[PARLEY_EV_PROPOSAL_ANSWERED] = "proposal answered",
		[PARLEY_EV_STREAM_STARTED] = "stream started",
		[PARLEY_EV_STREAM_ENDED] = "stream ended",
		[PARLEY_EV_HELD] = "held",
		[PARLEY_EV_RESUMED] = "resumed",
		[PARLEY_EV_DTMF] = "digit",
		[PARLEY_EV_MEDIA_FAILED] = "media failed",
		[PARLEY_EV_ENDED] = "ended",
		[PARLEY_EV_SHUTDOWN] = "shut down",
		[PARLEY_EV_SENDING_STOPPED] = "sending stopped",
		[PARLEY_EV_SENDING_RESUMED] = "sending resumed",
		[PARLEY_EV_REFUSED] = "refused",
		[PARLEY_EV_PLAYED] = "played",
		[PARLEY_EV_NETWORK] = "network",
		[PARLEY_EV_NEIGHBOUR_FOUND] = "neighbour found",
		[PARLEY_EV_NEIGHBOUR_CHANGED] = "neighbour changed",
		[PARLEY_EV_NEIGHBOUR_GONE] = "neighbour gone",
		[PARLEY_EV_REDIRECTED] = "redirected",
	};
	unsigned k = (unsigned)kind;

	return k < COUNT(name) && name[k] ? name[k] : "";
}

uint32_t parley_event_account(const struct parley_event *ev)
{
	return ev->account;
}

uint32_t parley_event_session(const struct parley_event *ev)
{
	return ev->session;
}

uint32_t parley_event_stream(const struct parley_event *ev)
{
	return ev->stream;
}

int parley_event_code(const struct parley_event *ev)
{
	return ev->code;
}

const char *parley_event_reason(const struct parley_event *ev)
{
	return ev->reason;
}

const char *parley_event_warning(const struct parley_event *ev)
{
	return ev->warning;
}

const char *parley_event_from(const struct parley_event *ev)
{
	return ev->from;
}

const char *parley_event_to(const struct parley_event *ev)
{
	return ev->to;
}

enum parley_end_state parley_event_end_state(const struct parley_event *ev)
{
	return ev->end;
}

bool parley_event_by_peer(const struct parley_event *ev)
{
	return ev->by_peer;
}

char parley_event_digit(const struct parley_event *ev)
{
	return ev->digit;
}

const char *parley_event_request_uri(const struct parley_event *ev)
{
	return said_uri(ev->said);
}

const char *parley_event_header(const struct parley_event *ev,
				const char *name, size_t i)
{
	return name ? said_header(ev->said, name, i) : NULL;
}

int parley_event_contact(const struct parley_event *ev, size_t i,
			 struct parley_contact *out)
{
	struct redirect_contact c[LIMIT_SIP_CONTACTS];
	struct parley_contact o = { .expires = -1 };
	size_t size = out->size < sizeof(o) ? out->size : sizeof(o);
	size_t n = ev->kind == PARLEY_EV_ENDED && ev->code >= 300 &&
		   ev->code < 400 ? redirect_contacts(ev->said, c) : 0;
	int rc;

	if (size < sizeof(size))
		return -EINVAL;
	if (i >= n)
		return -ENOENT;
	rc = slice_to_str(c[i].uri, o.uri, sizeof(o.uri)) < 0 ? -ENOSPC :
								    0;
	o.size = size;
	o.q = (int)c[i].q;
	if (c[i].has_expires)
		o.expires = c[i].expires;
	memcpy(out, &o, size);
	return rc;
}

int64_t parley_event_ms(const struct parley_event *ev)
{
	return ev->ms;
}
