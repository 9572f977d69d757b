/* SPDX-License-Identifier: BSD-2-Clause */
#include "platform/tls/cert.h"

/* Object identifiers as they stand in DER. */
#define PKCS1 "\x2a\x86\x48\x86\xf7\x0d\x01\x01"
#define X962  "\x2a\x86\x48\xce\x3d"
#define SHA2  "\x60\x86\x48\x01\x65\x03\x04\x02"
#define KP    "\x2b\x06\x01\x05\x05\x07\x03"
#define CE    "\x55\x1d"

struct row {
	struct slice oid;
	unsigned value;
};

/* RFC 3279, 4055, 5758 */
static const struct row signatures[] = {
	{ SLICE(PKCS1 "\x02"), CERT_HASH_BROKEN },
	{ SLICE(PKCS1 "\x04"), CERT_HASH_BROKEN },
	{ SLICE(PKCS1 "\x05"), CERT_HASH_BROKEN },
	{ SLICE(PKCS1 "\x0b"), CERT_HASH_SHA2 },
	{ SLICE(PKCS1 "\x0c"), CERT_HASH_SHA2 },
	{ SLICE(PKCS1 "\x0d"), CERT_HASH_SHA2 },
	{ SLICE(PKCS1 "\x0e"), CERT_HASH_SHA2 },
	{ SLICE("\x2b\x0e\x03\x02\x1d"), CERT_HASH_BROKEN },
	{ SLICE(X962 "\x04\x01"), CERT_HASH_BROKEN },
	{ SLICE(X962 "\x04\x03\x01"), CERT_HASH_SHA2 },
	{ SLICE(X962 "\x04\x03\x02"), CERT_HASH_SHA2 },
	{ SLICE(X962 "\x04\x03\x03"), CERT_HASH_SHA2 },
	{ SLICE(X962 "\x04\x03\x04"), CERT_HASH_SHA2 },
};

static const struct row hashes[] = {
	{ SLICE(SHA2 "\x01"), CERT_HASH_SHA2 },
	{ SLICE(SHA2 "\x02"), CERT_HASH_SHA2 },
	{ SLICE(SHA2 "\x03"), CERT_HASH_SHA2 },
	{ SLICE(SHA2 "\x04"), CERT_HASH_SHA2 },
	{ SLICE("\x2b\x0e\x03\x02\x1a"), CERT_HASH_BROKEN },
};

/* Named curves and the bits of their fields. */
static const struct row curves[] = {
	{ SLICE(X962 "\x03\x01\x01"), 192 },
	{ SLICE("\x2b\x81\x04\x00\x1f"), 192 },
	{ SLICE("\x2b\x81\x04\x00\x21"), 224 },
	{ SLICE("\x2b\x81\x04\x00\x20"), 224 },
	{ SLICE(X962 "\x03\x01\x07"), 256 },
	{ SLICE("\x2b\x81\x04\x00\x0a"), 256 },
	{ SLICE("\x2b\x81\x04\x00\x22"), 384 },
	{ SLICE("\x2b\x81\x04\x00\x23"), 521 },
	{ SLICE("\x2b\x24\x03\x03\x02\x08\x01\x01\x07"), 256 },
	{ SLICE("\x2b\x24\x03\x03\x02\x08\x01\x01\x0b"), 384 },
	{ SLICE("\x2b\x24\x03\x03\x02\x08\x01\x01\x0d"), 512 },
};

static const struct row usages[] = {
	{ SLICE(KP "\x01"), CERT_SERVER },
	{ SLICE(KP "\x02"), CERT_CLIENT },
	{ SLICE(KP "\x14"), CERT_SIP },
	{ SLICE(CE "\x25\x00"), CERT_ANY },
};

/* 0, which is "other" of every kind, for what is not in the table. */
static unsigned look(const struct row *rows, size_t n, struct slice oid)
{
	for (size_t i = 0; i < n; i++)
		if (slice_same(rows[i].oid, oid))
			return rows[i].value;
	return 0;
}

#define LOOK(table, oid) look(table, COUNT(table), oid)

/* ------------------------------------------------------- names */
/* GeneralName: the tag is [0] to [8]. */
static bool general_next(struct slice *in, enum cert_general *kind,
			 struct slice *value)
{
	unsigned tag;

	if (!der_next(in, &tag, value, NULL))
		return false;
	*kind = (enum cert_general)(tag & 0x1f);
	return (tag & 0xc0) == DER_OWN && (tag & 0x1f) <= CERT_OID;
}

bool cert_name_next(struct slice *names, enum cert_general *kind,
		    struct slice *value)
{
	return general_next(names, kind, value);
}

bool cert_subtree_next(struct slice *trees, enum cert_general *kind,
		       struct slice *value)
{
	struct slice tree;

	return der_take(trees, DER_SEQUENCE, &tree) &&
	       general_next(&tree, kind, value);
}

static bool is_text(unsigned tag)
{
	return tag == 0x0c || tag == 0x13 || tag == 0x14 || tag == 0x16;
}

/* RDNSequence: one attribute of each set is looked at; more are rare. */
struct slice cert_common_name(struct slice name, bool only_common)
{
	struct slice rdns, set, pair, oid, value, last = { NULL, 0 };
	struct slice common = { NULL, 0 };
	unsigned tag;

	if (!der_take(&name, DER_SEQUENCE, &rdns))
		return last;
	while (der_take(&rdns, DER_SET, &set) &&
	       der_take(&set, DER_SEQUENCE, &pair) &&
	       der_take(&pair, DER_OID, &oid) &&
	       der_next(&pair, &tag, &value, NULL)) {
		if (!is_text(tag))
			continue;
		last = value;
		if (slice_same(oid, S("\x55\x04\x03")))
			common = value;
	}
	return common.p || only_common ? common : last;
}

bool cert_same_name(struct slice a, struct slice b)
{
	struct slice all[2], set[2], pair[2], oid[2], value[2];
	unsigned tag;

	if (!der_take(&a, DER_SEQUENCE, &all[0]) ||
	    !der_take(&b, DER_SEQUENCE, &all[1]))
		return false;
	while (all[0].n && all[1].n) { /* each takes octets */
		if (!der_take(&all[0], DER_SET, &set[0]) ||
		    !der_take(&all[1], DER_SET, &set[1]))
			return false;
		while (set[0].n && set[1].n) {
			for (size_t i = 0; i < 2; i++)
				if (!der_take(&set[i], DER_SEQUENCE,
					      &pair[i]) ||
				    !der_take(&pair[i], DER_OID, &oid[i]) ||
				    !der_next(&pair[i], &tag, &value[i],
					      NULL))
					return false;
			if (!slice_same(oid[0], oid[1]) ||
			    !slice_isame(value[0], value[1]))
				return false;
		}
		if (set[0].n || set[1].n)
			return false;
	}
	return !all[0].n && !all[1].n;
}

bool cert_is_self_issued(const struct cert *c)
{
	return slice_same(c->issuer, c->subject);
}

/* ------------------------------------------------- algorithms, keys */
/* RSASSA-PSS-params (RFC 4055 3.1): the hash is SHA-1 when none is named. */
static enum cert_hash pss_hash(struct slice alg)
{
	struct slice params, own, id, oid;

	if (!der_take(&alg, DER_SEQUENCE, &params) ||
	    !der_maybe(&params, DER_OWN_SEQ, &own))
		return CERT_HASH_OTHER;
	if (!own.p)
		return CERT_HASH_BROKEN;
	if (!der_take(&own, DER_SEQUENCE, &id) ||
	    !der_take(&id, DER_OID, &oid))
		return CERT_HASH_OTHER;
	return (enum cert_hash)LOOK(hashes, oid);
}

static bool signature_hash(struct slice alg, enum cert_hash *out)
{
	struct slice oid;

	if (!der_take(&alg, DER_OID, &oid))
		return false;
	*out = slice_same(oid, S(PKCS1 "\x0a")) ?
		       pss_hash(alg) :
		       (enum cert_hash)LOOK(signatures, oid);
	return true;
}

static bool rsa_bits(struct slice key, unsigned *bits)
{
	struct slice rsa, n;
	unsigned top;

	/* The BIT STRING's first octet: no unused bits. */
	if (key.n < 2 || key.p[0] != 0)
		return false;
	key = slice_skip(key, 1);
	if (!der_take(&key, DER_SEQUENCE, &rsa) ||
	    !der_take(&rsa, DER_INTEGER, &n))
		return false;
	while (n.n && n.p[0] == 0)
		n = slice_skip(n, 1);
	*bits = (unsigned)(8 * n.n);
	for (top = n.n ? (uint8_t)n.p[0] : 0x80; !(top & 0x80); top <<= 1)
		--*bits;
	return true;
}

static bool public_key(struct slice spki, struct cert *c)
{
	struct slice alg, oid, bits, curve;

	if (!der_take(&spki, DER_SEQUENCE, &alg) ||
	    !der_take(&alg, DER_OID, &oid) ||
	    !der_take(&spki, DER_BITS, &bits))
		return false;
	if (slice_same(oid, S(PKCS1 "\x01"))) {
		c->key = CERT_KEY_RSA;
		return rsa_bits(bits, &c->bits);
	}
	if (slice_same(oid, S(X962 "\x02\x01")) &&
	    der_take(&alg, DER_OID, &curve)) {
		c->key = CERT_KEY_EC;
		c->bits = LOOK(curves, curve);
	}
	return true;
}

/* ------------------------------------------------------ extensions */
static bool basic_constraints(struct slice v, struct cert *c)
{
	struct slice seq, ca;

	if (!der_take(&v, DER_SEQUENCE, &seq) ||
	    !der_maybe(&seq, DER_BOOLEAN, &ca))
		return false;
	c->ca = ca.n == 1 && ca.p[0] != 0;
	return true;
}

static bool extended_usage(struct slice v, struct cert *c)
{
	struct slice seq, oid;

	if (!der_take(&v, DER_SEQUENCE, &seq) || seq.n == 0)
		return false;
	c->purposes = 0;
	while (seq.n) {
		if (!der_take(&seq, DER_OID, &oid))
			return false;
		c->purposes |= LOOK(usages, oid);
	}
	return true;
}

static bool alternative_names(struct slice v, struct cert *c)
{
	struct slice names, value;
	enum cert_general kind;

	if (!der_take(&v, DER_SEQUENCE, &c->alt_names))
		return false;
	for (names = c->alt_names; names.n;)
		if (!cert_name_next(&names, &kind, &value))
			return false;
	return true;
}

/* RFC 5280 4.2.1.10: minimum and maximum are not used with these names. */
static bool subtrees(struct slice trees)
{
	struct slice tree, value;
	enum cert_general kind;

	while (trees.n)
		if (!der_take(&trees, DER_SEQUENCE, &tree) ||
		    !general_next(&tree, &kind, &value) || tree.n)
			return false;
	return true;
}

static bool name_constraints(struct slice v, struct cert *c)
{
	struct slice seq;

	c->constrained = true;
	return der_take(&v, DER_SEQUENCE, &seq) &&
	       der_maybe(&seq, DER_OWN_SEQ, &c->permitted) &&
	       der_maybe(&seq, DER_OWN_SEQ | 1, &c->excluded) && !seq.n &&
	       subtrees(c->permitted) && subtrees(c->excluded);
}

/* The library holds certificates to these, and to their signatures. */
static bool by_library(struct slice v, struct cert *c)
{
	(void)v;
	(void)c;
	return true;
}

static const struct {
	struct slice oid;
	bool (*parse)(struct slice v, struct cert *c);
	const char *wanted;
} extensions[] = {
	{ SLICE(CE "\x0f"), by_library, "" }, /* keyUsage */
	{ SLICE(CE "\x11"), alternative_names, "subjectAltName wanted" },
	{ SLICE(CE "\x13"), basic_constraints, "basicConstraints wanted" },
	{ SLICE(CE "\x1e"), name_constraints, "nameConstraints wanted" },
	{ SLICE(CE "\x20"), by_library, "" }, /* policies: any will do */
	{ SLICE(CE "\x25"), extended_usage, "extKeyUsage wanted" },
};

static int cert_fail(struct parse_error *e, struct slice all, struct slice at,
		     const char *why)
{
	if (e)
		*e = (struct parse_error){ .reason = why,
			.offset = at.p ? (size_t)(at.p - all.p) : all.n };
	return -EBADMSG;
}

static const char *extension(struct slice ext, struct cert *c, unsigned *seen)
{
	struct slice oid, critical, value;

	if (!der_take(&ext, DER_OID, &oid) ||
	    !der_maybe(&ext, DER_BOOLEAN, &critical) ||
	    !der_take(&ext, DER_OCTETS, &value) || ext.n)
		return "extension wanted";
	for (size_t i = 0; i < COUNT(extensions); i++) {
		if (!slice_same(oid, extensions[i].oid))
			continue;
		if (*seen & 1u << i)
			return "extension twice"; /* 4.2 */
		*seen |= 1u << i;
		return extensions[i].parse(value, c) ? NULL :
						       extensions[i].wanted;
	}
	if (critical.n && critical.p[0] != 0)
		c->unknown = oid;
	return NULL;
}

static int all_extensions(struct slice all, struct slice list, struct cert *c,
			  struct parse_error *e)
{
	struct slice seq, ext;
	unsigned seen = 0;

	if (!der_take(&list, DER_SEQUENCE, &seq))
		return cert_fail(e, all, list, "extensions wanted");
	for (unsigned i = 0; seq.n; i++) {
		const char *why;

		if (i == LIMIT_CERT_EXTENSIONS) {
			(void)cert_fail(e, all, seq, "too many extensions");
			return -E2BIG;
		}
		if (!der_take(&seq, DER_SEQUENCE, &ext))
			return cert_fail(e, all, seq, "extension wanted");
		why = extension(ext, c, &seen);
		if (why)
			return cert_fail(e, all, ext, why);
	}
	return 0;
}

static bool validity(struct slice v, struct cert *c)
{
	struct slice from, until;
	unsigned a, b;

	return der_next(&v, &a, &from, NULL) &&
	       der_next(&v, &b, &until, NULL) && !v.n &&
	       der_time(a, from, &c->from) && der_time(b, until, &c->until);
}

static bool element(struct slice *in, unsigned tag, struct slice *whole)
{
	struct slice content;
	unsigned found;

	return der_next(in, &found, &content, whole) && found == tag;
}

/* Certificate and TBSCertificate, RFC 5280 4.1 */
int cert_parse(struct slice der, struct cert *out, struct parse_error *e)
{
	struct cert c = { .der = der, .purposes = CERT_NO_EKU };
	struct slice in = der, all, tbs, version, alg, v, extra;
	int rc;

	if (!der_take(&in, DER_SEQUENCE, &all) || in.n)
		return cert_fail(e, der, in, "Certificate wanted");
	if (!der_take(&all, DER_SEQUENCE, &tbs))
		return cert_fail(e, der, all, "tbsCertificate wanted");
	if (!der_take(&all, DER_SEQUENCE, &alg) ||
	    !signature_hash(alg, &c.hash) || !der_take(&all, DER_BITS, &v) ||
	    all.n)
		return cert_fail(e, der, all, "signature wanted");
	if (!der_maybe(&tbs, DER_OWN_SEQ, &version) ||
	    !der_take(&tbs, DER_INTEGER, &c.serial) || !c.serial.n ||
	    !der_take(&tbs, DER_SEQUENCE, &alg))
		return cert_fail(e, der, tbs, "serialNumber wanted");
	if (!element(&tbs, DER_SEQUENCE, &c.issuer))
		return cert_fail(e, der, tbs, "issuer wanted");
	if (!der_take(&tbs, DER_SEQUENCE, &v) || !validity(v, &c))
		return cert_fail(e, der, tbs, "validity wanted");
	if (!element(&tbs, DER_SEQUENCE, &c.subject))
		return cert_fail(e, der, tbs, "subject wanted");
	if (!der_take(&tbs, DER_SEQUENCE, &v) || !public_key(v, &c))
		return cert_fail(e, der, tbs, "subjectPublicKeyInfo wanted");
	if (!der_maybe(&tbs, DER_OWN | 1, &v) ||
	    !der_maybe(&tbs, DER_OWN | 2, &v) ||
	    !der_maybe(&tbs, DER_OWN_SEQ | 3, &extra) || tbs.n)
		return cert_fail(e, der, tbs, "extensions wanted");
	rc = extra.p ? all_extensions(der, extra, &c, e) : 0;
	if (rc)
		return rc;
	*out = c;
	return 0;
}

/* CertificateList and TBSCertList, RFC 5280 5.1 */
int cert_crl_parse(struct slice der, struct cert_crl *out,
		   struct parse_error *e)
{
	struct cert_crl c = { .until = INT64_MAX };
	struct slice in = der, all, tbs, v;
	unsigned tag;

	if (!der_take(&in, DER_SEQUENCE, &all) || in.n)
		return cert_fail(e, der, in, "CertificateList wanted");
	if (!der_take(&all, DER_SEQUENCE, &tbs) ||
	    !der_maybe(&tbs, DER_INTEGER, &v) ||
	    !der_take(&tbs, DER_SEQUENCE, &v))
		return cert_fail(e, der, all, "tbsCertList wanted");
	if (!element(&tbs, DER_SEQUENCE, &c.issuer))
		return cert_fail(e, der, tbs, "issuer wanted");
	if (!der_next(&tbs, &tag, &v, NULL) || !der_time(tag, v, &c.from))
		return cert_fail(e, der, tbs, "thisUpdate wanted");
	in = tbs;
	if (der_next(&in, &tag, &v, NULL) && tag != DER_SEQUENCE &&
	    tag != DER_OWN_SEQ && !der_time(tag, v, &c.until))
		return cert_fail(e, der, tbs, "nextUpdate wanted");
	*out = c;
	return 0;
}
