/* SPDX-License-Identifier: BSD-2-Clause
 * client/client_tls.c - what tls.* settings and the configuration say of
 * certificates: files, which are read when they are set.  Their contents go to
 * the SIP port; a connection that they do not allow says so as it fails. */
#include <stdio.h>
#include <string.h>

#include "client/client_port_priv.h"
#include "platform/crypto.h"

enum { FILES = 4, FILE_MAX = 4 << 20 };

/* In the order of struct sip_identity. */
static const enum setting files[FILES] = { SET_TLS_CA, SET_TLS_CRL,
					   SET_TLS_CERT, SET_TLS_KEY };

static int read_open(FILE *f, struct mem *m, struct slice *out)
{
	size_t cap = 4096, n = 0;
	char *p = NULL, *more;

	while (!feof(f)) {
		if (n == cap || !p) {
			cap *= 2;
			more = cap > FILE_MAX ? NULL : mem_resize(m, p, cap);
			if (!more)
				break;
			p = more;
		}
		n += fread(p + n, 1, cap - n, f);
		if (ferror(f))
			break;
	}
	if (feof(f) && n) {
		*out = slice_of(p, n);
		return 0;
	}
	if (p)
		crypto_wipe(p, n);
	mem_free(m, p);
	return ferror(f) ? -errno : feof(f) ? -ENODATA :
	       cap > FILE_MAX ? -EFBIG : -ENOMEM;
}

static int file_read(struct mem *m, struct slice path, struct slice *out)
{
	char name[512];
	FILE *f;
	int rc;

	if (slice_to_str(path, name, sizeof(name)))
		return -ENAMETOOLONG;
	f = fopen(name, "rbe");
	if (!f)
		return -errno;
	rc = read_open(f, m, out);
	fclose(f);
	return rc;
}

static void file_wipe(struct mem *m, struct slice *s)
{
	char *p = (char *)(uintptr_t)s->p;

	if (p)
		crypto_wipe(p, s->n);
	mem_free(m, p);
	*s = (struct slice){ .p = NULL };
}

static void wipe_all(struct mem *m, struct sip_identity *id)
{
	file_wipe(m, &id->ca);
	file_wipe(m, &id->crl);
	file_wipe(m, &id->cert);
	file_wipe(m, &id->key);
}

bool client_tls_is(enum setting row)
{
	return row >= SET_TLS_CA && row <= SET_TLS_NAME;
}

int client_tls_check(struct parley *p, enum setting row, struct slice value)
{
	struct slice text = { .p = NULL };
	int rc = 0;

	for (size_t i = 0; i < FILES; i++)
		if (row == files[i] && value.n)
			rc = file_read(p->mem, value, &text);
	file_wipe(p->mem, &text);
	return rc;
}

/* Of accounts that are no more, their last words said. */
void client_tls_forget(struct parley *p)
{
	const char *why;
	uint32_t n = 0;

	while ((n = sip_port_next_identity(p->sip, n)))
		if (!agent_app(p->agent, n))
			(void)!sip_port_identify(p->sip, n, NULL, &why);
}

/* What cannot be read any more, or does not fit together, is told by the
 * connections that it fails: none goes by what was set before.  -ENOMEM. */
int client_tls_account(struct parley *p, uint32_t account)
{
	const struct settings *s = agent_settings(p->agent, account);
	struct sip_identity id = { .anybody = false };
	struct slice *to[FILES] = { &id.ca, &id.crl, &id.cert, &id.key };
	const char *why;
	int rc = 0;

	for (size_t i = 0; i < FILES && rc == 0; i++)
		if (settings_text(s, files[i]).n)
			rc = file_read(p->mem, settings_text(s, files[i]),
				       to[i]);
	id.anybody = !settings_bool(s, SET_TLS_VERIFY);
	id.name = settings_text(s, SET_TLS_NAME);
	if (rc)
		id.fault = rc == -ENOMEM ? "no memory" :
			   "a file of the account's TLS cannot be read";
	client_tls_forget(p);
	if (sip_port_identify(p->sip, account, &id, &why) == -ENOMEM)
		rc = -ENOMEM;
	wipe_all(p->mem, &id);
	return rc == -ENOMEM ? rc : 0;
}

/* ------------------------------------------------------------- listening */
int client_tls_own(struct parley *p, struct sip_identity *id)
{
	const char *name[] = { p->cfg.tls_ca, p->cfg.tls_cert,
			       p->cfg.tls_key };
	struct slice *to[] = { &id->ca, &id->cert, &id->key };
	int rc = 0;

	*id = (struct sip_identity){ .anybody = false };
	for (size_t i = 0; i < COUNT(name) && rc == 0; i++) {
		if (name[i])
			rc = file_read(p->mem, slice_str(name[i]), to[i]);
		if (rc)
			client_log(p, 0, name[i], ": cannot be read");
	}
	if (rc)
		wipe_all(p->mem, id);
	return rc;
}

void client_tls_wipe(struct parley *p, struct sip_identity *id)
{
	wipe_all(p->mem, id);
}
