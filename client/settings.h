/* SPDX-License-Identifier: BSD-2-Clause
 * client/settings.h - the table of settings and the values of one owner.
 * A feature adds a row to the enum and to the table in settings_table.c; what
 * is peculiar to a setting is in its row, and nothing else knows their number.
 * Values are kept as text and read as what they are.
 */
#ifndef CLIENT_SETTINGS_H
#define CLIENT_SETTINGS_H
#include "client/parley.h"
#include "platform/addr.h"
#include "platform/mem.h"
#include "platform/slice.h"

enum setting {
	/* of the agent */
	SET_AGENT_NAME,
	SET_RTP_PORTS,
	SET_JITTER_MIN,
	SET_JITTER_MAX,
	SET_SESSIONS_MAX,
	SET_UNACKED,
	SET_LATE_MS,
	SET_TCP_SOURCE,
	SET_TARGET_TIMEOUT,
	SET_DNS_SERVERS,
	SET_NET_WATCH,
	SET_NET_QUIET,
	SET_NET_POLL,
	SET_WS_PATH,
	SET_RTP_DSCP,
	SET_RTP_TIMEOUT,
	SET_UNPROVEN_MS,
	SET_UNPROVEN_BYTES,
	SET_CLOSED_NETWORK,
	SET_UNKNOWN,
	SET_INSTANCE,
	/* of an account */
	SET_DISPLAY_NAME,
	SET_AUTH_USER,
	SET_AUTH_PASSWORD,
	SET_AUTH_REALM,
	SET_AUTH_ALGORITHMS,
	SET_AUTH_REQUIRE_QOP,
	SET_LOG,
	SET_REGISTRAR,
	SET_PROXY,
	SET_TRANSPORT,
	SET_EXPIRES,
	SET_OUTBOUND,
	SET_NAT_CONTACT,
	SET_GRUU,
	SET_REDIRECTS,
	SET_PRIVACY,
	SET_IDENTITY,
	SET_RING_TIMEOUT,
	SET_READY_TIMEOUT,
	SET_CALLS_MAX,
	SET_STREAMS_MAX,
	SET_CODECS,
	SET_PTIME,
	SET_DTMF,
	SET_RTP_EXTERNAL,
	SET_TLS_CA, /* those of TLS stand together: account_identity */
	SET_TLS_CRL,
	SET_TLS_CERT,
	SET_TLS_KEY,
	SET_TLS_VERIFY,
	SET_TLS_NAME,
	SET_COUNT
};

struct agent;
struct account;

struct setting_row {
	struct parley_setting row; /* as applications see it */
	/* Beyond type, range and bytes that may not be: 0, or a negative errno
	 * value and wanted says why.  NULL: any value will do. */
	int (*check)(struct slice value);
	const char *wanted;
	/* It has changed: what keeps a copy follows; acc NULL: the agent's.
	 * NULL: it is read where it is used. */
	int (*apply)(struct agent *a, struct account *acc);
};

struct settings { /* of one owner */
	struct mem *mem;
	bool of_account;
	char *value[SET_COUNT]; /* NULL: the default */
};

extern const struct setting_row settings_table[SET_COUNT];

void settings_init(struct settings *s, struct mem *mem, bool of_account);
void settings_fini(struct settings *s);
/* The row of that key, or SET_COUNT. */
enum setting settings_find(struct slice key);
/* Would the row take this value?  0, or -EBADMSG / -ERANGE with the reason. */
MUST_USE int settings_check(enum setting key, struct slice value,
			    const char **reason);
/* Checks and copies.  -EINVAL: the key is for the other kind of owner. */
MUST_USE int settings_set(struct settings *s, enum setting key,
			  struct slice value, const char **reason);
struct slice settings_text(const struct settings *s, enum setting key);
int64_t settings_int(const struct settings *s, enum setting key);
bool settings_bool(const struct settings *s, enum setting key);
/* The addresses of dns.servers, without a port: 53.  How many, or -EBADMSG. */
enum { SETTINGS_SERVERS = 8 };
MUST_USE int settings_servers(struct slice list,
			      struct addr out[SETTINGS_SERVERS]);
#endif
