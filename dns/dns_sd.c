/* SPDX-License-Identifier: BSD-2-Clause */
#include "dns/dns_sd.h"

static int add_label(struct dns_name *n, struct slice label)
{
	if (!label.n || label.n > DNS_LABEL_MAX ||
	    n->n + label.n + 1 > DNS_NAME_MAX - 1)
		return -E2BIG;
	n->wire[n->n++] = (uint8_t)label.n;
	memcpy(n->wire + n->n, label.p, label.n);
	n->n = (uint8_t)(n->n + label.n);
	return 0;
}

/* What stands there is labels without the root. */
static int name_behind(const struct dns_name *front, struct slice rest,
		  struct dns_name *out)
{
	struct dns_name head = *front, tail;
	int rc = dns_name_parse(rest, &tail, NULL);

	if (rc)
		return rc;
	head.wire[head.n++] = 0;
	return dns_name_join(&head, &tail, out);
}

int dns_sd_name(struct slice instance, struct slice type, struct dns_name *out)
{
	struct dns_name n = { 0 }, t;
	char text[80];
	struct writer w = writer_begin(text, sizeof(text));
	int rc = instance.n ? add_label(&n, instance) : 0;

	if (type.n < 4 || type.p[0] != '_')
		return -EBADMSG;
	writer_put(&w, type);
	writer_str(&w, ".local");
	if (rc == 0 && writer_end(&w) < 0)
		rc = -EBADMSG;
	if (rc == 0)
		rc = name_behind(&n, writer_done(&w), &t);
	if (rc)
		return rc;
	*out = t;
	return 0;
}

int dns_sd_host(struct slice label, struct dns_name *out)
{
	struct dns_name n = { 0 }, t;
	int rc = add_label(&n, label);

	if (rc == 0)
		rc = name_behind(&n, S("local"), &t);
	if (rc)
		return rc;
	*out = t;
	return 0;
}

struct slice dns_sd_label(const struct dns_name *n)
{
	return slice_of(n->wire + 1, n->n ? n->wire[0] : 0);
}

/* The first octets of s that are whole characters of UTF-8, n at most. */
static size_t whole(struct slice s, size_t n)
{
	if (n >= s.n)
		return s.n;
	while (n && ((uint8_t)s.p[n] & 0xC0) == 0x80)
		n--;
	return n;
}

size_t dns_sd_rename(struct slice label, const char *suffix, char out[63])
{
	struct slice tail = slice_head(slice_str(suffix), DNS_LABEL_MAX);
	size_t n = whole(label, DNS_LABEL_MAX - tail.n);

	if (n)
		memcpy(out, label.p, n);
	memcpy(out + n, tail.p, tail.n);
	return n + tail.n;
}

/* -------------------------------------------------------------------- TXT */
bool dns_sd_txt_next(struct slice txt, size_t *at, struct dns_sd_pair *out)
{
	while (*at < txt.n) {
		size_t n = (uint8_t)txt.p[*at];
		struct slice s = slice_head(slice_skip(txt, *at + 1), n);

		*at += 1 + n;
		*out = (struct dns_sd_pair){ 0 };
		out->has_value = slice_cut(s, '=', &out->key, &out->value);
		if (out->key.n)
			return true;
	}
	return false;
}

bool dns_sd_txt_get(struct slice txt, const char *key, struct slice *value)
{
	struct dns_sd_pair p;
	size_t at = 0;

	while (dns_sd_txt_next(txt, &at, &p))
		if (slice_ieq(p.key, key)) {
			*value = p.value;
			return true;
		}
	return false;
}

static bool is_key(struct slice key)
{
	for (size_t i = 0; i < key.n; i++)
		if (key.p[i] < 0x20 || key.p[i] > 0x7E || key.p[i] == '=')
			return false;
	return key.n > 0 && key.n < 255;
}

void dns_sd_txt_put(struct writer *w, const char *key, struct slice value)
{
	struct slice k = slice_str(key);
	size_t n;

	if (!is_key(k))
		return;
	n = whole(value, 254 - k.n);
	writer_be8(w, (uint8_t)(k.n + 1 + n));
	writer_put(w, k);
	writer_char(w, '=');
	writer_put(w, slice_head(value, n));
}
