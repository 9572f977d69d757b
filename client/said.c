/* SPDX-License-Identifier: BSD-2-Clause */
#include "client/said.h"

#include "client/agent_line.h"

/* Known names in full, so that a compact one is found by it. */
static struct slice said_name_of(const struct sip_field *f)
{
	return f->id ? sip_hdr_name((enum sip_hdr)f->id) : f->name;
}

int said_keep(struct mem *m, const struct sip_msg *msg, struct said **out)
{
	size_t room = sizeof(struct said) + msg->uri.n + 1, at = 0;
	struct said *s;

	for (unsigned i = 0; i < msg->n; i++)
		room += said_name_of(&msg->field[i]).n + msg->field[i].value.n +
			2;
	s = mem_new(m, room);
	if (!s)
		return -ENOMEM;
	s->fields = msg->n;
	at += agent_line(s->text, msg->uri.n + 1, msg->uri) + 1;
	for (unsigned i = 0; i < msg->n; i++) {
		struct slice name = said_name_of(&msg->field[i]);
		struct slice value = msg->field[i].value;

		at += agent_line(s->text + at, name.n + 1, name) + 1;
		at += agent_line(s->text + at, value.n + 1, value) + 1;
	}
	*out = s;
	return 0;
}

const char *said_uri(const struct said *s)
{
	return s ? s->text : "";
}

const char *said_header(const struct said *s, const char *name, size_t i)
{
	enum sip_hdr id = sip_hdr_find(slice_str(name));
	struct slice wanted = id ? sip_hdr_name(id) : slice_str(name);
	const char *at;

	if (!s)
		return NULL;
	at = s->text + strlen(s->text) + 1;
	for (unsigned k = 0; k < s->fields; k++) {
		const char *value = at + strlen(at) + 1;

		if (slice_isame(wanted, slice_str(at)) && i-- == 0)
			return value;
		at = value + strlen(value) + 1;
	}
	return NULL;
}
