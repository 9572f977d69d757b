/* SPDX-License-Identifier: BSD-2-Clause */
#include "platform/log.h"

#include <stdarg.h>
#include <stdio.h>

/* What a peer sent must not move a terminal's cursor or forge a line. */
static void show_controls(char *line)
{
	for (; *line; line++)
		if ((unsigned char)*line < ' ' || *line == 0x7F)
			*line = '?';
}

void log_write(const struct log *l, enum log_level level, const char *format,
	       ...)
{
	char line[LOG_LINE];
	va_list args;
	int n;

	if (!log_wants(l, level))
		return;
	va_start(args, format);
	n = vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	if (n < 0)
		return;
	show_controls(line);
	l->sink(l->ctx, level, line);
}
