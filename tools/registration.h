/* SPDX-License-Identifier: BSD-2-Clause
 * tools/registration.h - a registration as the user sees it: what register,
 * listen and call say of it, as text or as one JSON object a result.
 */
#ifndef TOOLS_REGISTRATION_H
#define TOOLS_REGISTRATION_H
#include "client/parley.h"
#include "tools/tool.h"

struct registration {
	struct tool *tool;
	const char *aor, *registrar; /* registrar may be NULL */
	bool json, quiet;
	bool once;     /* it will not be tried again */
	bool stopping; /* set by the owner before it unregisters */
	bool lacks_password;
	enum { NOT_YET, REGISTERED, REFUSED, GONE } last; /* answer */
};

/* Says what the event means for it, if anything.  TOOL_RUNNING, or TOOL_FAILED:
 * it failed and is not tried again. */
int registration_on_event(struct registration *r,
			  const struct parley_event *ev);
/* At the end: one line of what is not as wanted.  As wanted is that it was
 * registered, and that the registrar has taken that back. */
int registration_over(const struct registration *r);
#endif
