/* SPDX-License-Identifier: BSD-2-Clause
 * A blob is written aside and synced before it takes the name, and the name is
 * synced before the caller hears of it. */
#include "platform/store/store.h"

#include "platform/scan.h"
#include "platform/store/store_priv.h"
#include "platform/writer.h"

static bool name_char(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') || c == '-' || c == '_' ||
	       c == '.';
}

bool store_name_valid(struct slice name)
{
	if (name.n < 1 || name.n > STORE_NAME || name.p[0] == '-' ||
	    name.p[0] == '.')
		return false;
	for (size_t i = 0; i < name.n; i++)
		if (!name_char(name.p[i]))
			return false;
	return true;
}

static int file_of(struct slice name, char file[STORE_FILE])
{
	return store_name_valid(name) ? slice_to_str(name, file, STORE_FILE) :
					-EINVAL;
}

/* ".name.4711": no name begins with a dot. */
static void aside_of(const struct store *s, struct slice name,
		     char aside[STORE_FILE])
{
	struct writer w = writer_begin(aside, STORE_FILE - 1);

	writer_char(&w, '.');
	writer_put(&w, name);
	writer_char(&w, '.');
	writer_u64(&w, s->writer);
	aside[w.n] = '\0';
}

int store_put(struct store *s, struct slice name, struct slice blob)
{
	char file[STORE_FILE], aside[STORE_FILE];
	int rc = file_of(name, file);

	if (rc < 0)
		return rc;
	if (blob.n > STORE_BLOB)
		return -E2BIG;
	aside_of(s, name, aside);
	rc = s->disk->write(s, aside, blob);
	if (rc == 0)
		rc = s->disk->sync(s, aside);
	if (rc == 0)
		rc = s->disk->rename(s, aside, file);
	if (rc < 0)
		(void)s->disk->remove(s, aside);
	return rc < 0 ? rc : s->disk->sync_names(s);
}

int store_get(struct store *s, struct slice name, void *buf, size_t cap)
{
	char file[STORE_FILE];
	int rc = file_of(name, file);

	return rc < 0 ? rc : s->disk->read(s, file, buf, cap);
}

int store_remove(struct store *s, struct slice name)
{
	char file[STORE_FILE];
	int rc = file_of(name, file);

	if (rc == 0)
		rc = s->disk->remove(s, file);
	return rc < 0 ? rc : s->disk->sync_names(s);
}

size_t store_names(struct store *s, char (*out)[STORE_NAME + 1], size_t cap)
{
	return s->disk->names(s, out, cap);
}

void store_free(struct store *s)
{
	if (s)
		s->disk->free(s);
}
