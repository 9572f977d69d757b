/* SPDX-License-Identifier: BSD-2-Clause
 * A certificate, as DER or in a PEM file.  What must hold: slices lie in it,
 * names are walked to their end, a verdict is printable and the same twice. */
#include "fuzz/fuzz.h"

#include <stdlib.h>

#include "platform/tls/cert_check.h"
#include "platform/tls/pem.h"

static void names(const struct cert *c, struct slice der)
{
	struct slice rest = c->alt_names, v;
	enum cert_general kind;
	size_t n = 0;

	while (cert_name_next(&rest, &kind, &v)) {
		INVARIANT(slice_inside(v, der) && kind <= CERT_OID);
		INVARIANT(++n <= der.n);
	}
	INVARIANT(rest.n == 0); /* the parser has seen them all */
	for (rest = c->permitted; cert_subtree_next(&rest, &kind, &v);)
		INVARIANT(slice_inside(v, der));
	INVARIANT(rest.n == 0);
	for (unsigned i = 0; cert_sip_identity(c, i, &v) && i < 4; i++) {
		INVARIANT(slice_inside(v, der));
		INVARIANT(cert_has_name(c, CERT_NAME_SIP, v) || v.n == 0 ||
			  v.p[v.n - 1] == '.' || v.p[0] == '[' ||
			  is_digit(v.p[0]) || hex_value(v.p[0]) >= 0 ||
			  v.p[0] == ':');
	}
}

static void certificate(struct slice der)
{
	struct parse_error e = { 0 };
	struct cert_want w = { .rules = CERT_NAME_WEB, .name = S("a.b.c"),
			       .purposes = CERT_SERVER, .now = 1798761600 };
	struct cert_fault f = { 0 }, g = { 0 };
	struct cert c[2];
	int rc = cert_parse(der, &c[0], &e);

	INVARIANT(rc == 0 || rc == -EBADMSG || rc == -E2BIG);
	INVARIANT(rc == 0 || (e.reason && e.offset <= der.n));
	if (rc)
		return;
	INVARIANT(slice_inside(c[0].issuer, der) &&
		  slice_inside(c[0].subject, der) &&
		  slice_inside(c[0].serial, der));
	names(&c[0], der);
	c[1] = c[0]; /* as its own issuer */
	cert_judge(c, 2, &w, &f);
	cert_judge(c, 2, &w, &g);
	INVARIANT(f.code == g.code && memcmp(f.text, g.text, CERT_TEXT) == 0);
	for (const char *p = f.text; *p; p++)
		INVARIANT(*p >= ' ' && *p <= '~');
}

static void list(struct slice der)
{
	struct parse_error e = { 0 };
	struct cert_crl l;

	if (cert_crl_parse(der, &l, &e) == 0)
		INVARIANT(slice_inside(l.issuer, der));
	else
		INVARIANT(e.reason && e.offset <= der.n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = slice_of(data, size);
	struct pem p;

	certificate(in);
	list(in);
	while (pem_next(&in, &p)) {
		size_t cap = pem_room(&p);
		uint8_t *der = malloc(cap);
		int n = der ? pem_decode(&p, der, cap) : -ENOMEM;

		INVARIANT(slice_inside(p.whole, slice_of(data, size)));
		INVARIANT(n != -ENOSPC);
		if (n > 0)
			certificate(slice_of(der, (size_t)n));
		free(der);
	}
	return 0;
}
