/* SPDX-License-Identifier: BSD-2-Clause */
#include "tools/tool.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "platform/scan.h"

__attribute__((format(printf, 3, 0))) static void
tool_put(struct tool *t, bool err, const char *fmt, va_list args)
{
	char line[1024], *text = line;
	va_list again;
	int n;

	va_copy(again, args);
	n = vsnprintf(line, sizeof(line), fmt, args);
	if (n >= (int)sizeof(line)) {
		text = mem_new(t->mem, (size_t)n + 1);
		if (text)
			n = vsnprintf(text, (size_t)n + 1, fmt, again);
		else
			n = (int)sizeof(line) - 1;
	}
	va_end(again);
	if (n > 0)
		t->put(t->ctx, err, slice_of(text ? text : line, (size_t)n));
	if (text != line)
		mem_free(t->mem, text);
}

void tool_out(struct tool *t, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	tool_put(t, false, fmt, args);
	va_end(args);
}

void tool_err(struct tool *t, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	tool_put(t, true, fmt, args);
	va_end(args);
}

int tool_fail(struct tool *t, int status, const char *fmt, ...)
{
	va_list args;

	t->put(t->ctx, true, S("parley: "));
	va_start(args, fmt);
	tool_put(t, true, fmt, args);
	va_end(args);
	t->put(t->ctx, true, S("\n"));
	return status;
}

/* -------------------------------------------------------------- options */
void command_help(struct tool *t, const struct command *c)
{
	tool_out(t, "usage: parley %s%s%s\n\n%s\n%s\n", c->name,
		 *c->usage ? " " : "", c->usage, c->summary,
		 c->notes ? c->notes : "");
	for (const struct option *o = c->options; o && o->name; o++) {
		char left[64];

		snprintf(left, sizeof(left), "%s%s%s", o->name,
			 o->arg ? " " : "", o->arg ? o->arg : "");
		tool_out(t, "  %-26s %s\n", left, o->help);
	}
	tool_out(t, "  %-26s %s\n", "--help", "this text");
}

static const struct option *tool_find(const struct command *c,
				      struct slice name)
{
	for (const struct option *o = c->options; o && o->name; o++)
		if (slice_eq(name, o->name))
			return o;
	return NULL;
}

/* "12", "0.5": thousandths. */
static int thousandths(struct slice v, int64_t max, int64_t *out)
{
	struct slice whole, part;
	uint64_t n, f = 0;
	size_t digits;

	if (!slice_cut(v, '.', &whole, &part))
		part = S("0");
	digits = part.n;
	if (digits > 3 || slice_u64(whole, (uint64_t)max / 1000, &n) ||
	    slice_u64(part, 999, &f))
		return -EBADMSG;
	for (; digits < 3; digits++)
		f *= 10;
	*out = (int64_t)(n * 1000 + f);
	return 0;
}

static int store(struct tool *t, const struct option *o, const char *text,
		 void *out)
{
	char *at = (char *)out + o->offset;
	bool yes = true;
	struct texts all;
	uint64_t n;
	int64_t v = 0;
	int rc = 0;

	switch (o->type) {
	case OPTION_FLAG:
		memcpy(at, &yes, sizeof(yes));
		return TOOL_RUNNING;
	case OPTION_COUNT:
		memcpy(&v, at, sizeof(v));
		v++;
		memcpy(at, &v, sizeof(v));
		return TOOL_RUNNING;
	case OPTION_TEXT:
		memcpy(at, &text, sizeof(text));
		return TOOL_RUNNING;
	case OPTION_TEXTS:
		memcpy(&all, at, sizeof(all));
		if (all.n == TEXTS)
			return tool_fail(t, TOOL_USAGE, "%s: %d times at most",
					 o->name, TEXTS);
		all.text[all.n++] = text;
		memcpy(at, &all, sizeof(all));
		return TOOL_RUNNING;
	case OPTION_INT:
		rc = slice_u64(slice_str(text), (uint64_t)o->max, &n);
		v = rc ? 0 : (int64_t)n;
		break;
	case OPTION_MS:
		rc = thousandths(slice_str(text), o->max, &v);
		break;
	}
	if (rc || v < o->min || v > o->max)
		return tool_fail(t, TOOL_USAGE,
				 "%s: '%s' is no %s from %lld to %lld",
				 o->name, text, o->type == OPTION_MS ?
				 "time in seconds" : "number",
				 (long long)(o->type == OPTION_MS ?
					     o->min / 1000 : o->min),
				 (long long)(o->type == OPTION_MS ?
					     o->max / 1000 : o->max));
	memcpy(at, &v, sizeof(v));
	return TOOL_RUNNING;
}

int options_parse(struct tool *t, const struct command *c, int argc,
		  char **argv, void *out, const char **positional, size_t max,
		  size_t *n)
{
	bool plain = false;

	*n = 0;
	for (int i = 0; i < argc; i++) {
		struct slice name, value = { 0 };
		const struct option *o;
		const char *text = NULL;
		bool eq;
		int rc;

		if (plain || argv[i][0] != '-' || !argv[i][1]) {
			if (*n == max)
				return tool_fail(t, TOOL_USAGE,
						 "%s: '%s' is one too many",
						 c->name, argv[i]);
			positional[(*n)++] = argv[i];
			continue;
		}
		if (strcmp(argv[i], "--") == 0) {
			plain = true;
			continue;
		}
		if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h")) {
			command_help(t, c);
			return TOOL_OK;
		}
		eq = slice_cut(slice_str(argv[i]), '=', &name, &value);
		o = tool_find(c, name);
		if (!o)
			return tool_fail(t, TOOL_USAGE,
					 "%s: no option '%s' (see parley %s "
					 "--help)", c->name, argv[i], c->name);
		if (o->arg)
			text = eq ? value.p : i + 1 < argc ? argv[++i] : NULL;
		if (o->arg ? !text : eq)
			return tool_fail(t, TOOL_USAGE, "%s: %s %s", c->name,
					 o->name, eq ? "takes no value" :
					 "wants a value");
		rc = store(t, o, text, out);
		if (rc != TOOL_RUNNING)
			return rc;
	}
	return TOOL_RUNNING;
}

/* ----------------------------------------------------------------- JSON */
/* RFC 8259 7.  A control that is not ASCII is in the basic plane, so that its
 * sequence of two or three bytes is one \u. */
static void json_escape(struct writer *w, struct slice c)
{
	const unsigned char *b = (const unsigned char *)c.p;
	unsigned code = c.n == 1 ? b[0] :
			c.n == 2 ? (b[0] & 0x1Fu) << 6 | (b[1] & 0x3Fu) :
			(b[0] & 0x0Fu) << 12 | (b[1] & 0x3Fu) << 6 |
			(b[2] & 0x3Fu);
	unsigned char be[2] = { (unsigned char)(code >> 8),
				(unsigned char)code };

	writer_str(w, "\\u");
	writer_hex(w, be, 2);
}

void json_text(struct writer *w, struct slice s)
{
	writer_char(w, '"');
	while (s.n) {
		size_t len = utf8_first(s);
		struct slice c = slice_head(s, len ? len : 1);

		s = slice_skip(s, c.n);
		if (!len)
			writer_str(w, "\\ufffd");
		else if (utf8_is_control(c))
			json_escape(w, c);
		else if (*c.p == '"' || *c.p == '\\')
			writer_char(w, '\\');
		if (len && !utf8_is_control(c))
			writer_put(w, c);
	}
	writer_char(w, '"');
}
