/* SPDX-License-Identifier: BSD-2-Clause
 * tools/decode.h - parley decode: one row a type of document, collected into
 * feature_decoder[]; what is found is shown as indented text or as JSON.
 */
#ifndef TOOLS_DECODE_H
#define TOOLS_DECODE_H
#include "platform/writer.h"
#include "tools/tool.h"

struct show { /* private */
	struct writer w;
	bool json, comma;
	unsigned depth;
};

/* Members of the object or list that is open; name NULL inside a list. */
void show_text(struct show *s, const char *name, struct slice value);
void show_str(struct show *s, const char *name, const char *value);
void show_int(struct show *s, const char *name, int64_t value);
void show_bool(struct show *s, const char *name, bool value);
void show_hex(struct show *s, const char *name, struct slice bytes);
void show_begin(struct show *s, const char *name); /* an object */
void show_list(struct show *s, const char *name);
void show_end(struct show *s);
void show_list_end(struct show *s);

struct decode_options {
	bool json, verdict, lenient;
	const char *transport, *local;
};

struct decoder {
	const char *name;
	const char *help;
	bool of_words; /* its document may stand where FILE does */
	bool lenient;  /* it knows the flag */
	/* 0, or a negative errno with *e filled in. */
	int (*decode)(struct tool *t, const struct decode_options *o,
		      struct slice in, struct show *show,
		      struct parse_error *e);
};

extern const struct decoder *const feature_decoder[]; /* NULL-ended */
#endif
