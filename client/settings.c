/* SPDX-License-Identifier: BSD-2-Clause */
#include "client/settings.h"

#include "platform/crypto.h"
#include "platform/scan.h"

void settings_init(struct settings *s, struct mem *mem, bool of_account)
{
	*s = (struct settings){ .mem = mem, .of_account = of_account };
}

static void settings_forget(struct settings *s, enum setting key)
{
	if (s->value[key] && settings_table[key].row.type == PARLEY_SECRET)
		crypto_wipe(s->value[key], strlen(s->value[key]));
	mem_free(s->mem, s->value[key]);
	s->value[key] = NULL;
}

void settings_fini(struct settings *s)
{
	for (size_t i = 0; i < SET_COUNT; i++)
		settings_forget(s, (enum setting)i);
}

enum setting settings_find(struct slice key)
{
	for (size_t i = 0; i < SET_COUNT; i++)
		if (slice_eq(key, settings_table[i].row.key))
			return (enum setting)i;
	return SET_COUNT;
}

/* All bounds of the table are >= 0, so there is no sign. */
static int check_int(const struct parley_setting *row, struct slice v)
{
	uint64_t n;

	if (v.n == 0)
		return -EBADMSG;
	for (size_t i = 0; i < v.n; i++)
		if (!scan_is(v.p[i], SCAN_DIGIT))
			return -EBADMSG;
	if (slice_u64(v, (uint64_t)row->max, &n))
		return -ERANGE;
	return n < (uint64_t)row->min ? -ERANGE : 0;
}

static int check_choice(const struct parley_setting *row, struct slice v)
{
	struct slice rest = slice_str(row->choices), word;

	do {
		(void)slice_cut(rest, ' ', &word, &rest);
		if (slice_same(word, v))
			return 0;
	} while (rest.n);
	return -EBADMSG;
}

static int check_text(const struct parley_setting *row, struct slice v)
{
	if (v.n < (size_t)row->min || v.n > (size_t)row->max)
		return -ERANGE;
	if (!utf8_valid(v))
		return -EBADMSG;
	for (size_t i = 0; i < v.n; i++) /* would break out of a header */
		if (scan_is(v.p[i], SCAN_CTL))
			return -EBADMSG;
	return 0;
}

int settings_check(enum setting key, struct slice v, const char **reason)
{
	static const char *const why[] = {
		[PARLEY_BOOL] = "true or false wanted",
		[PARLEY_INT] = "number out of range",
		[PARLEY_TEXT] = "text of another form or length wanted",
		[PARLEY_LIST] = "text of another form or length wanted",
		[PARLEY_CHOICE] = "not one of the choices",
		[PARLEY_SECRET] = "text of another form or length wanted",
	};
	const struct setting_row *of = &settings_table[key];
	const struct parley_setting *row = &of->row;
	int rc = -EBADMSG;

	switch (row->type) {
	case PARLEY_BOOL:
		rc = slice_eq(v, "true") || slice_eq(v, "false") ? 0 : -EBADMSG;
		break;
	case PARLEY_INT:
		rc = check_int(row, v);
		break;
	case PARLEY_TEXT:
	case PARLEY_LIST:
	case PARLEY_SECRET:
		rc = check_text(row, v);
		break;
	case PARLEY_CHOICE:
		rc = check_choice(row, v);
		break;
	}
	if (rc == 0 && of->check)
		rc = of->check(v);
	if (rc && reason)
		*reason = of->wanted ? of->wanted :
			  rc == -EBADMSG && row->type == PARLEY_INT ?
			  "a whole number wanted" : why[row->type];
	return rc;
}

int settings_set(struct settings *s, enum setting key, struct slice value,
		 const char **reason)
{
	char *copy;
	int rc;

	if (settings_table[key].row.of_account != s->of_account) {
		if (reason)
			*reason = s->of_account ? "a setting of the agent" :
						  "a setting of an account";
		return -EINVAL;
	}
	rc = settings_check(key, value, reason);
	if (rc)
		return rc;
	copy = mem_new(s->mem, value.n + 1); /* zeroed: the NUL is there */
	if (!copy)
		return -ENOMEM;
	if (value.n)
		memcpy(copy, value.p, value.n);
	settings_forget(s, key);
	s->value[key] = copy;
	return 0;
}

struct slice settings_text(const struct settings *s, enum setting key)
{
	const char *v = s->value[key];

	return slice_str(v ? v : settings_table[key].row.initial);
}

int64_t settings_int(const struct settings *s, enum setting key)
{
	uint64_t n = 0;

	/* Checked when it was set, and so are the defaults by a test. */
	if (slice_u64(settings_text(s, key), INT64_MAX, &n))
		return 0;
	return (int64_t)n;
}

bool settings_bool(const struct settings *s, enum setting key)
{
	return slice_eq(settings_text(s, key), "true");
}

int settings_servers(struct slice list, struct addr out[SETTINGS_SERVERS])
{
	struct slice one;
	int n = 0;

	while (list.n) {
		(void)slice_cut(list, ',', &one, &list);
		one = slice_trim(one);
		if (n == SETTINGS_SERVERS ||
		    (addr_parse(one, &out[n]) && addr_parse_ip(one, &out[n])))
			return -EBADMSG;
		if (!out[n].port)
			out[n].port = 53; /* RFC 1035 4.2 */
		n++;
	}
	return n;
}
