/* SPDX-License-Identifier: BSD-2-Clause
 * Options and output of the program. */
#include "tests/unit/suites.h"

#include <stddef.h>

#include "tools/tool.h"

struct world {
	struct mem mem;
	struct tool tool;
	char out[8192], err[1024];
	size_t out_n, err_n;
};

static void put(void *ctx, bool err, struct slice text)
{
	struct world *w = ctx;
	char *at = err ? w->err : w->out;
	size_t *n = err ? &w->err_n : &w->out_n;

	ck_assert_uint_lt(*n + text.n, err ? sizeof(w->err) : sizeof(w->out));
	memcpy(at + *n, text.p, text.n);
	*n += text.n;
	at[*n] = '\0';
}

static struct world *begin(void)
{
	static struct world w;

	w = (struct world){ .tool = { .put = put, .ctx = &w } };
	mem_init(&w.mem, 0);
	w.tool.mem = &w.mem;
	return &w;
}

struct wishes {
	bool flag;
	const char *text;
	int64_t number, ms, often;
	struct texts texts;
};

static const struct option options[] = {
	{ "--flag", OPTION_FLAG, offsetof(struct wishes, flag), 0, 0, NULL,
	  "a flag" },
	{ "--text", OPTION_TEXT, offsetof(struct wishes, text), 0, 0, "T",
	  "a text" },
	{ "--number", OPTION_INT, offsetof(struct wishes, number), 10, 99, "N",
	  "a number" },
	{ "--time", OPTION_MS, offsetof(struct wishes, ms), 0, 60000, "S",
	  "a time" },
	{ "--texts", OPTION_TEXTS, offsetof(struct wishes, texts), 0, 0, "T",
	  "a text, again and again" },
	{ "--often", OPTION_COUNT, offsetof(struct wishes, often), 0, 0, NULL,
	  "counted" },
	{ 0 },
};

static const struct command command = {
	.name = "try", .summary = "Tries.", .usage = "[options] FILE",
	.options = options,
};

static int parse(struct world *w, struct wishes *o, const char **positional,
		 size_t *n, int argc, const char *const *argv)
{
	char *copy[16];

	for (int i = 0; i < argc; i++)
		copy[i] = (char *)(uintptr_t)argv[i];
	*o = (struct wishes){ .number = -1 };
	return options_parse(&w->tool, &command, argc, copy, o, positional, 2,
			     n);
}

#define PARSE(...) \
	parse(w, &o, pos, &n, \
	      (int)COUNT(((const char *const[]){ __VA_ARGS__ })), \
	      (const char *const[]){ __VA_ARGS__ })

START_TEST(options_stand_anywhere)
{
	struct world *w = begin();
	struct wishes o;
	const char *pos[2];
	size_t n;

	ck_assert_int_eq(PARSE("one", "--flag", "--text", "x y", "--number=42",
			       "--time", "1.5", "two"), TOOL_RUNNING);
	ck_assert(o.flag);
	ck_assert_str_eq(o.text, "x y");
	ck_assert_int_eq(o.number, 42);
	ck_assert_int_eq(o.ms, 1500);
	ck_assert_uint_eq(n, 2);
	ck_assert_str_eq(pos[1], "two");
	ck_assert_int_eq(PARSE("--", "--flag", "-"), TOOL_RUNNING);
	ck_assert(!o.flag);
	ck_assert_str_eq(pos[0], "--flag");
	ck_assert_int_eq(PARSE("--often", "x", "--often"), TOOL_RUNNING);
	ck_assert_int_eq(o.often, 2);
	ck_assert_int_eq(PARSE("--flag"), TOOL_RUNNING);
	ck_assert_int_eq(o.often, 0);
	ck_assert_int_eq(PARSE("--text="), TOOL_RUNNING);
	ck_assert_str_eq(o.text, "");
	ck_assert_uint_eq(w->err_n, 0);
}
END_TEST

START_TEST(what_may_be_given_again_is_kept_in_its_order)
{
	struct world *w = begin();
	struct wishes o;
	const char *pos[2];
	size_t n;

	ck_assert_int_eq(PARSE("--texts=a", "--texts", "b"), TOOL_RUNNING);
	ck_assert_uint_eq(o.texts.n, 2);
	ck_assert_str_eq(o.texts.text[0], "a");
	ck_assert_str_eq(o.texts.text[1], "b");
	ck_assert_int_eq(PARSE("--texts=1", "--texts=2", "--texts=3",
			       "--texts=4", "--texts=5", "--texts=6",
			       "--texts=7", "--texts=8"), TOOL_RUNNING);
	ck_assert_int_eq(PARSE("--texts=1", "--texts=2", "--texts=3",
			       "--texts=4", "--texts=5", "--texts=6",
			       "--texts=7", "--texts=8", "--texts=9"),
			 TOOL_USAGE);
	ck_assert_ptr_nonnull(strstr(w->err, "--texts: 8 times at most"));
}
END_TEST

START_TEST(times_are_thousandths)
{
	static const struct {
		const char *text;
		int64_t ms; /* -1: refused */
	} row[] = {
		{ "0", 0 }, { "1", 1000 }, { "0.5", 500 }, { "0.05", 50 },
		{ "0.005", 5 }, { "60", 60000 }, { "60.001", -1 },
		{ "0.0005", -1 }, { "61", -1 }, { "-1", -1 }, { "", -1 },
		{ "1.", -1 }, { ".5", -1 }, { "1e3", -1 }, { "1 ", -1 },
		{ "99999999999999999999", -1 }, { "1.2.3", -1 },
	};
	struct wishes o;
	const char *pos[2];
	size_t n;

	for (size_t i = 0; i < COUNT(row); i++) {
		struct world *w = begin();
		int rc = PARSE("--time", row[i].text);

		ck_assert_msg(rc == (row[i].ms < 0 ? TOOL_USAGE :
				     TOOL_RUNNING), "%s", row[i].text);
		if (row[i].ms >= 0)
			ck_assert_int_eq(o.ms, row[i].ms);
		else
			ck_assert_uint_gt(w->err_n, 0);
	}
}
END_TEST

START_TEST(wrong_usage_is_one_line)
{
	static const char *const bad[][3] = {
		{ "--bogus", NULL, NULL }, { "--text", NULL, NULL },
		{ "--flag=1", NULL, NULL }, { "--number", "9", NULL },
		{ "--number", "100", NULL }, { "--number", "x", NULL },
		{ "a", "b", "c" }, { "-x", NULL, NULL },
		{ "--number=", NULL, NULL }, { "--often=2", NULL, NULL },
	};
	struct wishes o;
	const char *pos[2];
	size_t n;

	for (size_t i = 0; i < COUNT(bad); i++) {
		struct world *w = begin();
		int argc = bad[i][2] ? 3 : bad[i][1] ? 2 : 1;

		ck_assert_msg(parse(w, &o, pos, &n, argc, bad[i]) ==
			      TOOL_USAGE, "%s", bad[i][0]);
		ck_assert_int_eq(strncmp(w->err, "parley: ", 8), 0);
		ck_assert_ptr_eq(strchr(w->err, '\n'),
				 w->err + w->err_n - 1);
		ck_assert_uint_eq(w->out_n, 0);
	}
}
END_TEST

START_TEST(help_lists_every_option)
{
	struct world *w = begin();
	struct wishes o;
	const char *pos[2];
	size_t n;

	ck_assert_int_eq(PARSE("--flag", "--help", "--bogus"), TOOL_OK);
	for (const struct option *p = options; p->name; p++)
		ck_assert_ptr_nonnull(strstr(w->out, p->name));
	ck_assert_ptr_nonnull(strstr(w->out, "parley try [options] FILE"));
	ck_assert_uint_eq(w->err_n, 0);
}
END_TEST

START_TEST(every_command_says_what_it_is)
{
	for (size_t i = 0; feature_command[i]; i++) {
		const struct command *c = feature_command[i];
		struct world *w = begin();

		ck_assert(c->name && c->summary && c->usage && c->start);
		ck_assert(!c->needs_reactor || (c->interrupt && c->free));
		command_help(&w->tool, c);
		ck_assert_ptr_nonnull(strstr(w->out, c->summary));
		for (const struct option *p = c->options; p && p->name; p++) {
			ck_assert_msg(p->help && p->help[0], "%s", p->name);
			ck_assert_msg((p->type <= OPTION_COUNT) == !p->arg,
				      "%s", p->name);
		}
	}
}
END_TEST

START_TEST(a_long_line_is_not_cut)
{
	struct world *w = begin();
	char text[3000];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	tool_out(&w->tool, "%s!", text);
	ck_assert_uint_eq(w->out_n, sizeof(text));
	ck_assert_int_eq(w->out[w->out_n - 1], '!');
	ck_assert_uint_eq(w->mem.blocks, 0);
}
END_TEST

static const char *json(struct slice s)
{
	static char text[256];
	struct writer w = writer_begin(text, sizeof(text) - 1);

	json_text(&w, s);
	text[w.n] = '\0';
	return text;
}

/* RFC 8259 7: quotation mark, reverse solidus and controls must be escaped. */
START_TEST(json_text_is_rfc8259_7)
{
	ck_assert_str_eq(json(S("")), "\"\"");
	ck_assert_str_eq(json(S("a\"b\\c")), "\"a\\\"b\\\\c\"");
	ck_assert_str_eq(json(S("\t\n\x01")), "\"\\u0009\\u000a\\u0001\"");
	ck_assert_str_eq(json(S("\0")), "\"\\u0000\"");
	ck_assert_str_eq(json(S("\x7f")), "\"\\u007f\"");
	/* U+009B, U+061C, U+202E and U+2069; U+00A0 is none of them */
	ck_assert_str_eq(json(S("\xC2\x9B")), "\"\\u009b\"");
	ck_assert_str_eq(json(S("\xD8\x9C")), "\"\\u061c\"");
	ck_assert_str_eq(json(S("a\xE2\x80\xAE" "b")), "\"a\\u202eb\"");
	ck_assert_str_eq(json(S("\xE2\x81\xA9")), "\"\\u2069\"");
	ck_assert_str_eq(json(S("\xC2\xA0")), "\"\xC2\xA0\"");
	ck_assert_str_eq(json(S("J\xC3\xB6rg")), "\"J\xC3\xB6rg\"");
	ck_assert_str_eq(json(S("\xF0\x9F\x93\x9E")),
			 "\"\xF0\x9F\x93\x9E\"");
	ck_assert_str_eq(json(S("a\xFF" "b")), "\"a\\ufffdb\"");
	ck_assert_str_eq(json(S("\xC3")), "\"\\ufffd\"");
	ck_assert_str_eq(json(S("\xE2\x82")), "\"\\ufffd\\ufffd\"");
	ck_assert_str_eq(json(S("\xC0\x80")), "\"\\ufffd\\ufffd\"");
}
END_TEST

SUITE(tool, what_may_be_given_again_is_kept_in_its_order,
      options_stand_anywhere, times_are_thousandths,
      wrong_usage_is_one_line, help_lists_every_option,
      every_command_says_what_it_is, a_long_line_is_not_cut,
      json_text_is_rfc8259_7);
