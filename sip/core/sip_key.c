/* SPDX-License-Identifier: BSD-2-Clause
 * Keys are compared by their bytes; the hash finds candidates alone. */
#include "sip/core/sip_priv.h"

static void key_add(struct sip_key *k, struct slice s)
{
	k->part[k->n++] = s;
}

/* 17.2.3: branch, sent-by and method; without the magic cookie what RFC 2543
 * told requests apart by.  (The To tag is left out of the latter: an ACK has
 * one that its INVITE had not, and a re-INVITE differs in CSeq as well.) */
void sip_key_server(struct sip_key *k, const struct sip_in *in,
		    const struct sip_msg *m, struct slice method)
{
	k->n = 0;
	k->port = in->via.port;
	key_add(k, method);
	key_add(k, in->via.host);
	key_add(k, slice_of(&k->port, sizeof(k->port)));
	if (sip_via_branch_is_3261(&in->via)) {
		key_add(k, in->via.branch);
		return;
	}
	k->number = in->cseq.number;
	key_add(k, in->via.branch);
	key_add(k, m->uri);
	key_add(k, in->from_tag);
	key_add(k, in->call_id);
	key_add(k, slice_of(&k->number, sizeof(k->number)));
}

void sip_key_merge(struct sip_key *k, const struct sip_in *in)
{
	k->n = 0;
	k->number = in->cseq.number;
	key_add(k, in->from_tag);
	key_add(k, in->call_id);
	key_add(k, slice_of(&k->number, sizeof(k->number)));
	key_add(k, in->cseq.method);
}

size_t sip_key_size(const struct sip_key *k)
{
	size_t n = 0;

	for (size_t i = 0; i < k->n; i++)
		n += sizeof(uint32_t) + k->part[i].n;
	return n;
}

void sip_key_pack(const struct sip_key *k, char *dst)
{
	for (size_t i = 0; i < k->n; i++) {
		uint32_t n = (uint32_t)k->part[i].n;

		memcpy(dst, &n, sizeof(n));
		dst += sizeof(n);
		if (n)
			memcpy(dst, k->part[i].p, n);
		dst += n;
	}
}

bool sip_key_same(const struct sip_key *k, const char *packed, size_t n)
{
	if (sip_key_size(k) != n)
		return false;
	for (size_t i = 0; i < k->n; i++) {
		uint32_t len;

		memcpy(&len, packed, sizeof(len));
		if (len != k->part[i].n)
			return false;
		packed += sizeof(len);
		if (len && memcmp(packed, k->part[i].p, len) != 0)
			return false;
		packed += len;
	}
	return true;
}
