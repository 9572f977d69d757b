/* SPDX-License-Identifier: BSD-2-Clause
 * parley decode: parses one document and shows it, or says what is wrong. */
#include <string.h>

#include "tools/decode.h"

enum { ROOM = 4 << 20 };

static const struct option options[] = {
	{ "--json", OPTION_FLAG, offsetof(struct decode_options, json), 0, 0,
	  NULL, "as one JSON object" },
	{ "--lenient", OPTION_FLAG, offsetof(struct decode_options, lenient), 0,
	  0, NULL, "sip, sdp: as a call takes them; lines may end in LF" },
	{ "--verdict", OPTION_FLAG, offsetof(struct decode_options, verdict), 0,
	  0, NULL, "sip: what a user agent does with it" },
	{ "--transport", OPTION_TEXT,
	  offsetof(struct decode_options, transport), 0, 0, "T",
	  "with --verdict: it came by udp (default) or tcp" },
	{ "--local", OPTION_TEXT, offsetof(struct decode_options, local), 0, 0,
	  "ADDR:PORT", "with --verdict: the user agent's address" },
	{ 0 },
};

static const struct decoder *decode_find(const char *name)
{
	for (size_t i = 0; feature_decoder[i]; i++)
		if (!strcmp(feature_decoder[i]->name, name))
			return feature_decoder[i];
	return NULL;
}

static int usage(struct tool *t, const char *name)
{
	if (name)
		(void)tool_fail(t, 0, "decode: no type '%s'; there are:", name);
	else
		(void)tool_fail(t, 0, "decode: what? (parley decode TYPE "
				"[FILE]); there are:");
	for (size_t i = 0; feature_decoder[i]; i++)
		tool_err(t, "  %-9s %s\n", feature_decoder[i]->name,
			 feature_decoder[i]->help);
	return TOOL_USAGE;
}

static int decode_bytes(struct tool *t, const struct decode_options *o,
			const struct decoder *d, struct slice in)
{
	struct parse_error e = { 0, "cannot be read" };
	struct show show = { .json = o->json };
	char *room = mem_new(t->mem, ROOM);
	int rc = -ENOMEM;

	show.w = writer_begin(room, room ? ROOM : 0);
	if (room) {
		show_begin(&show, NULL);
		rc = d->decode(t, o, in, &show, &e);
		show_end(&show);
	}
	if (rc == 0 && writer_end(&show.w) < 0)
		rc = -ENOSPC;
	if (rc == 0) {
		if (o->json)
			writer_char(&show.w, '\n');
		t->put(t->ctx, false, writer_done(&show.w));
	} else if (rc == -ENOMEM || rc == -ENOSPC) {
		(void)tool_fail(t, 0, "decode: too long to show");
	} else {
		tool_err(t, "offset %zu: %s\n", e.offset, e.reason);
	}
	mem_free(t->mem, room);
	return rc ? TOOL_FAILED : TOOL_OK;
}

/* A file, or what no file can be meant with: sip:a@b. */
static int input(struct tool *t, const struct decoder *d, const char *word,
		 struct slice *in)
{
	int rc = t->read(t->ctx, word, in);

	if (rc == -ENOENT && d->of_words && word && strchr(word, ':')) {
		*in = slice_str(word);
		rc = 0;
	}
	if (rc)
		return tool_fail(t, TOOL_FAILED, "%s: %s", word ? word :
				 "standard input", rc == -E2BIG ?
				 "longer than 1 MB" : strerror(-rc));
	return TOOL_RUNNING;
}

static int decode_start(struct tool *t, const struct command *c, int argc,
			char **argv, void **run)
{
	struct decode_options o = { 0 };
	const char *word[2] = { NULL, NULL };
	const struct decoder *d;
	struct slice in;
	struct addr local;
	size_t n;
	int rc = options_parse(t, c, argc, argv, &o, word, 2, &n);

	(void)run;
	if (rc != TOOL_RUNNING)
		return rc;
	d = n ? decode_find(word[0]) : NULL;
	if (!d)
		return usage(t, n ? word[0] : NULL);
	if (o.verdict && strcmp(d->name, "sip") != 0)
		return tool_fail(t, TOOL_USAGE, "decode: --verdict is for sip");
	if (o.lenient && !d->lenient)
		return tool_fail(t, TOOL_USAGE, "decode: --lenient is for sip "
				 "and sdp");
	if (o.lenient && o.verdict)
		return tool_fail(t, TOOL_USAGE, "decode: --verdict takes a "
				 "message as it came: no --lenient");
	if ((o.transport || o.local) && !o.verdict)
		return tool_fail(t, TOOL_USAGE, "decode: %s is for --verdict",
				 o.transport ? "--transport" : "--local");
	if (o.transport && strcmp(o.transport, "udp") != 0 &&
	    strcmp(o.transport, "tcp") != 0)
		return tool_fail(t, TOOL_USAGE, "--transport %s: udp or tcp "
				 "wanted", o.transport);
	if (o.local && addr_parse(slice_str(o.local), &local))
		return tool_fail(t, TOOL_USAGE, "--local %s: ADDR:PORT wanted",
				 o.local);
	rc = input(t, d, n > 1 ? word[1] : NULL, &in);
	return rc == TOOL_RUNNING ? decode_bytes(t, &o, d, in) : rc;
}

extern const struct command cmd_decode;
const struct command cmd_decode = {
	.name = "decode",
	.summary = "Parses one document and shows it, or says what is wrong.",
	.usage = "TYPE [FILE] [options]",
	.notes = "Without TYPE it lists the types; without FILE, or with -, it "
		 "reads\nstandard input.  A URI may stand where FILE does: "
		 "parley decode uri sip:a@b\n",
	.options = options,
	.start = decode_start,
};
