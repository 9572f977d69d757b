/* SPDX-License-Identifier: BSD-2-Clause
 * Session descriptions that others published: tests/vectors/data/sdp, and with
 * VECTORS=DIR in the environment all below DIR/sdp.  Each is parsed strictly
 * and leniently; where the collection says what it is, the verdict must be
 * that; of the rest only what holds for any input is asked. */
#include <stdio.h>
#include <stdlib.h>

#include "sdp/sdp_offer.h"
#include "tests/vectors/files.h"

enum verdict { ANY, STRICT, WILD, REFUSED };

/* The longest prefix that fits decides. */
static const struct {
	const char *prefix;
	enum verdict verdict;
	const char *why;
} expected[] = {
	{ "rfc/", STRICT, "printed in an RFC" },
	{ "rfc/rfc3204-001", WILD, "t= without the second time" },
	{ "rfc/rfc3204-002", WILD, "blank at a line's end" },
	{ "rfc/rfc3264-001", WILD, "e= behind c=" },
	{ "rfc/rfc4567-", WILD, "lines out of order" },
	{ "rfc/rfc4585-001", WILD, "lines out of order" },
	{ "rfc/rfc5104-001", WILD, "lines out of order" },
	{ "rfc/rfc5109-001", WILD, "lines out of order" },
	{ "rfc/rfc5124-", WILD, "lines out of order" },
	{ "rfc/rfc4588-", WILD, "abbreviated: no s=, t=" },
	{ "rfc/rfc5104-002", WILD, "no t=" },
	{ "rfc/rfc5104-003", WILD, "no t=" },
	{ "rfc/rfc5104-004", WILD, "no t=" },
	{ "rfc/rfc5104-005", WILD, "no t=" },
	{ "rfc/rfc5104-006", WILD, "no t=" },
	{ "rfc/rfc5104-007", WILD, "no t=" },
	{ "rfc/rfc5853-001", WILD, "no s=, t=" },
	{ "rfc/rfc5853-002", WILD, "no s=, t=" },
	{ "rfc/rfc5853-004", WILD, "no s=, t=" },
	{ "rfc/rfc5245-002", REFUSED, "$NAT-PUB-1.PORT is no port" },
	{ "rfc/rfc5245-004", REFUSED, "the same" },
	{ "rfc/rfc8839-002", REFUSED, "the same" },
	{ "rfc/rfc8839-004", REFUSED, "the same" },
	{ "rfc/rfc8859-007", REFUSED, "m= without a protocol" },
	{ "rfc/rfc8859-009", REFUSED, "m= without a port" },
	{ "rfc/rfc5888-", WILD, "no s=" },
	{ "rfc/rfc6465-", WILD, "c= behind t=" },
	{ "rfc/rfc7701-", WILD, "no t=" },
	{ "rfc/rfc8859-004", WILD, "no s=" },
	{ "browsers/", WILD, "offers of browsers" },
	{ "sdp-transform/", WILD, "all parse but one" },
	{ "sdp-transform/invalid", REFUSED, "a line f=" },
	{ "sofia-sip/", WILD, "all parse but one" },
	{ "sofia-sip/message-1.", ANY, "v=0 and no more" },
};

static enum verdict verdict_of(const char *name)
{
	enum verdict v = ANY;
	size_t best = 0;

	for (size_t i = 0; i < COUNT(expected); i++) {
		size_t n = strlen(expected[i].prefix);

		if (n > best && slice_starts(slice_str(name),
					     expected[i].prefix)) {
			best = n;
			v = expected[i].verdict;
		}
	}
	return v;
}

/* Where an RFC has "s= " the blank at the line's end is often lost. */
static bool empty_name(struct slice data, struct parse_error e)
{
	return e.offset >= 3 && e.offset < data.n &&
	       memcmp(data.p + e.offset - 3, "\ns=", 3) == 0;
}

static bool no(const char *what, struct parse_error e)
{
	printf("  %s (offset %zu: %s)\n", what, e.offset,
	       e.reason ? e.reason : "-");
	return false;
}

static char text[2][2 * LIMIT_SDP_BYTES];

/* Written and read again it is the same, and written once more, too. */
static bool stable(const struct sdp *d, unsigned flags)
{
	struct parse_error e = { 0 };
	struct writer w[2];
	struct sdp again;

	w[0] = writer_begin(text[0], sizeof(text[0]));
	sdp_write(&w[0], d);
	if (writer_end(&w[0]) < 0)
		return no("does not fit", e);
	if (w[0].n > LIMIT_SDP_BYTES)
		return true; /* LF became CRLF, at the limit */
	if (sdp_parse(writer_done(&w[0]), flags, &again, &e))
		return no("what was written is refused", e);
	w[1] = writer_begin(text[1], sizeof(text[1]));
	sdp_write(&w[1], &again);
	if (!slice_same(writer_done(&w[0]), writer_done(&w[1])) ||
	    again.media_count != d->media_count)
		return no("changed by writing", e);
	return true;
}

/* Walks all that can be walked. */
static bool walked(const struct sdp *d, struct slice in)
{
	struct sdp_format f[LIMIT_SDP_FORMATS];
	struct addr rtp, rtcp;
	uint64_t v;

	for (size_t i = 0; i < d->media_count; i++) {
		const struct sdp_media *m = &d->media[i];
		size_t n = sdp_formats(m, f, COUNT(f));

		for (size_t k = 0; k < n; k++)
			if (!slice_inside(f[k].text, in) ||
			    !slice_inside(f[k].fmtp, in))
				return no("outside", (struct parse_error){ 0 });
		if (sdp_media_addr(d, m, &rtp, &rtcp) == 0 &&
		    rtp.port != m->port)
			return no("port", (struct parse_error){ 0 });
		(void)sdp_media_dir(d, m);
		(void)sdp_bandwidth(d, m, "AS", &v);
		(void)sdp_ptime(m);
	}
	return true;
}

static bool one(const char *name, struct slice data)
{
	static const unsigned flags[] = { 0, SDP_WILD };
	enum verdict want = verdict_of(name);
	bool ok[2];

	for (int i = 0; i < 2; i++) {
		struct parse_error e = { 0 };
		struct sdp d;
		int rc = sdp_parse(data, flags[i], &d, &e);

		ok[i] = rc == 0;
		if (rc && (!e.reason || e.offset > data.n))
			return no("error outside the input", e);
		if (!rc && (!stable(&d, flags[i]) || !walked(&d, data)))
			return false;
		if (rc && want == STRICT && i == 0 && empty_name(data, e))
			want = WILD;
		if (rc && (want == STRICT || (want == WILD && i == 1)))
			return no("refused", e);
	}
	if (ok[0] && !ok[1])
		return no("lenient is stricter", (struct parse_error){ 0 });
	if ((want == REFUSED && ok[1]) || (want == WILD && !ok[1]))
		return no("taken", (struct parse_error){ 0 });
	return true;
}

int main(int argc, char **argv)
{
	unsigned failed = 0, passed = 0;

	if (argc > 1)
		passed += files_each(argv[1], one, &failed);
	passed += files_extra("sdp", one, &failed);
	printf("vectors_sdp: %u passed, %u failed\n", passed, failed);
	return failed != 0 || (argc > 1 && passed == 0);
}
