/* SPDX-License-Identifier: BSD-2-Clause
 * platform/log.h - what happened, in words, to where the application wants it.
 * For EDGE files only: an engine reports by its outputs.  There is no global
 * log; who wants to write holds one.  Threads: one, as its owner.
 */
#ifndef PLATFORM_LOG_H
#define PLATFORM_LOG_H
#include "platform/base.h"

enum log_level { LOG_NOTHING, LOG_FAILED, LOG_NOTED, LOG_DETAIL };

enum { LOG_LINE = 1024 }; /* longer ones are cut, NUL included */

struct log { /* zeroed: writes nothing */
	enum log_level level; /* the most that is written */
	/* One line without its end; control characters are shown as '?'. */
	void (*sink)(void *ctx, enum log_level level, const char *line);
	void *ctx;
};

/* l may be NULL. */
static inline bool log_wants(const struct log *l, enum log_level level)
{
	return l && l->sink && level <= l->level && level != LOG_NOTHING;
}

void log_write(const struct log *l, enum log_level level, const char *format,
	       ...) __attribute__((format(printf, 3, 4)));
#endif
