/* SPDX-License-Identifier: BSD-2-Clause
 * client/event.h - what is behind struct parley_event: texts copied, so that
 * an application may keep calling while it looks at them.
 */
#ifndef CLIENT_EVENT_H
#define CLIENT_EVENT_H
#include "client/agent.h"

enum { EVENT_TEXT = 256 };

struct parley_event {
	enum parley_event_kind kind;
	uint32_t account, session, stream;
	int code;
	enum parley_end_state end;
	bool by_peer;
	char digit;
	int64_t ms;
	const struct said *said; /* the session's */
	char reason[EVENT_TEXT], warning[EVENT_TEXT];
	char from[EVENT_TEXT], to[EVENT_TEXT];
	struct parley_neighbour neighbour; /* size 0: none; its texts: */
	char near[6][EVENT_TEXT];
};

void event_from_out(struct parley_event *ev, const struct agent_out *o);
void event_text(char out[EVENT_TEXT], struct slice s); /* see agent_line */
#endif
