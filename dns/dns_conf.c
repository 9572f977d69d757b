/* SPDX-License-Identifier: BSD-2-Clause */
#include "dns/dns_conf.h"

/* The next word of the line; false: there is none. */
static bool word(struct slice *line, struct slice *out)
{
	size_t n = 0;

	while (line->n && (line->p[0] == ' ' || line->p[0] == '\t'))
		*line = slice_skip(*line, 1);
	while (n < line->n && line->p[n] != ' ' && line->p[n] != '\t')
		n++;
	*out = slice_head(*line, n);
	*line = slice_skip(*line, n);
	return n != 0;
}

static bool nameserver(struct dns_conf *c, struct slice line)
{
	struct slice w;
	struct addr a;

	if (!word(&line, &w) || addr_parse_ip(w, &a))
		return false;
	a.port = DNS_PORT;
	if (c->servers < DNS_SERVERS)
		c->server[c->servers++] = a;
	return true;
}

/* The last of search and domain counts. */
static bool search(struct dns_conf *c, struct slice line)
{
	struct slice w;
	bool good = true;

	c->searches = 0;
	while (word(&line, &w)) {
		if (c->searches == DNS_SEARCH)
			break;
		if (dns_name_parse(w, &c->search[c->searches], NULL))
			good = false;
		else
			c->searches++;
	}
	return good;
}

static bool domain(struct dns_conf *c, struct slice line)
{
	struct slice w;

	return word(&line, &w) && search(c, w);
}

/* What resolv.conf(5) has beyond these (trust-ad, inet6, ...) is the C
 * library's own affair, and no fault. */
static bool options(struct dns_conf *c, struct slice line)
{
	static const struct {
		const char *name;
		uint32_t least, most, unit;
		size_t field;
	} number[] = {
		{ "ndots:", 0, 15, 1, offsetof(struct dns_conf, ndots) },
		{ "timeout:", 1, 30, 1000,
		  offsetof(struct dns_conf, timeout_ms) },
		{ "attempts:", 1, 5, 1, offsetof(struct dns_conf, attempts) },
	};
	struct slice w;
	bool good = true;
	uint32_t v;

	while (word(&line, &w)) {
		if (slice_eq(w, "rotate"))
			c->rotate = true;
		for (size_t i = 0; i < COUNT(number); i++) {
			if (!slice_starts(w, number[i].name))
				continue;
			w = slice_skip(w, strlen(number[i].name));
			if (slice_u32(w, UINT32_MAX, &v)) {
				good = false;
				continue;
			}
			v = v < number[i].least ? number[i].least :
			    v > number[i].most ? number[i].most : v;
			*(unsigned *)(void *)((char *)c + number[i].field) =
				v * number[i].unit;
		}
	}
	return good;
}

static bool conf_take(struct dns_conf *c, struct slice line)
{
	static const struct {
		const char *name;
		bool (*take)(struct dns_conf *c, struct slice line);
	} row[] = { { "nameserver", nameserver }, { "search", search },
		    { "domain", domain }, { "options", options } };
	struct slice w;

	if (!word(&line, &w) || w.p[0] == '#' || w.p[0] == ';')
		return true;
	for (size_t i = 0; i < COUNT(row); i++)
		if (slice_eq(w, row[i].name))
			return row[i].take(c, line);
	return slice_eq(w, "sortlist") || slice_eq(w, "family") ||
	       slice_eq(w, "lookup");
}

unsigned dns_conf_parse(struct slice text, struct dns_conf *out)
{
	struct slice line;
	unsigned odd = 0;

	*out = (struct dns_conf){ .ndots = 1, .timeout_ms = DNS_TIMEOUT_MS,
				  .attempts = DNS_ATTEMPTS };
	while (text.n) {
		(void)slice_cut(text, '\n', &line, &text);
		odd += !conf_take(out, slice_trim(line));
	}
	return odd;
}
