/* SPDX-License-Identifier: BSD-2-Clause */
#include "tools/decode.h"

#include <string.h>

#include "platform/scan.h"

static void indent(struct show *s)
{
	for (unsigned i = 0; i < s->depth; i++)
		writer_str(&s->w, "  ");
}

static void show_name_of(struct show *s, const char *name)
{
	if (s->json) {
		if (s->comma)
			writer_char(&s->w, ',');
		if (name) {
			json_text(&s->w, slice_str(name));
			writer_char(&s->w, ':');
		}
		s->comma = true;
		return;
	}
	indent(s);
	writer_str(&s->w, name ? name : "-");
	if (name)
		writer_char(&s->w, ':');
}

static void value_of(struct show *s, const char *name)
{
	show_name_of(s, name);
	if (!s->json)
		writer_char(&s->w, ' ');
}

static void line_end(struct show *s)
{
	if (!s->json)
		writer_char(&s->w, '\n');
}

/* Control characters would let a document drive the reader's terminal; they
 * and what is no UTF-8 are shown byte by byte. */
static void plain(struct writer *w, struct slice v)
{
	while (v.n) {
		size_t len = utf8_first(v);
		struct slice c = slice_head(v, len ? len : 1);

		v = slice_skip(v, c.n);
		if (len && !utf8_is_control(c)) {
			writer_put(w, c);
			continue;
		}
		for (size_t i = 0; i < c.n; i++) {
			writer_str(w, "\\x");
			writer_hex(w, c.p + i, 1);
		}
	}
}

/* A body: its lines below its name. */
static void lines(struct show *s, const char *name, struct slice value)
{
	struct slice line;

	show_name_of(s, name);
	line_end(s);
	s->depth++;
	while (value.n) {
		(void)slice_cut(value, '\n', &line, &value);
		if (line.n && line.p[line.n - 1] == '\r')
			line.n--;
		indent(s);
		plain(&s->w, line);
		line_end(s);
	}
	s->depth--;
}

void show_text(struct show *s, const char *name, struct slice value)
{
	if (!s->json && value.n && memchr(value.p, '\n', value.n)) {
		lines(s, name, value);
		return;
	}
	value_of(s, name);
	if (s->json)
		json_text(&s->w, value);
	else
		plain(&s->w, value);
	line_end(s);
}

void show_str(struct show *s, const char *name, const char *value)
{
	show_text(s, name, slice_str(value));
}

void show_int(struct show *s, const char *name, int64_t value)
{
	value_of(s, name);
	writer_i64(&s->w, value);
	line_end(s);
}

void show_bool(struct show *s, const char *name, bool value)
{
	value_of(s, name);
	writer_str(&s->w, value ? "true" : "false");
	line_end(s);
}

void show_hex(struct show *s, const char *name, struct slice bytes)
{
	value_of(s, name);
	if (s->json)
		writer_char(&s->w, '"');
	writer_hex(&s->w, bytes.p, bytes.n);
	if (s->json)
		writer_char(&s->w, '"');
	line_end(s);
}

static void show_open(struct show *s, const char *name, char bracket)
{
	if (s->json) {
		if (s->depth || name)
			show_name_of(s, name);
		writer_char(&s->w, bracket);
	} else if (s->depth || name) {
		show_name_of(s, name);
		line_end(s);
	}
	s->comma = false;
	s->depth++;
}

static void shut(struct show *s, char bracket)
{
	s->depth--;
	if (s->json)
		writer_char(&s->w, bracket);
	s->comma = true;
}

void show_begin(struct show *s, const char *name)
{
	show_open(s, name, '{');
}

void show_list(struct show *s, const char *name)
{
	show_open(s, name, '[');
}

void show_end(struct show *s)
{
	shut(s, '}');
}

void show_list_end(struct show *s)
{
	shut(s, ']');
}
