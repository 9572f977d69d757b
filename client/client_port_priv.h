/* SPDX-License-Identifier: BSD-2-Clause
 * client/client_port_priv.h - what the files behind parley.h share:
 *
 *	client_port.c   life, loop, and what the engine wants carried out
 *	client_media.c  the media of an agent
 *	client_network.c  the network that its host is on
 *	parley.c        the calls of the application
 */
#ifndef CLIENT_CLIENT_PORT_PRIV_H
#define CLIENT_CLIENT_PORT_PRIV_H
#include <pthread.h>

#include "client/agent.h"
#include "client/bonjour.h"
#include "client/client_port.h"
#include "client/event.h"
#include "client/media.h"
#include "client/sip_log.h"
#include "platform/list.h"
#include "platform/netwatch.h"
#include "platform/trace.h"
#include "sip/sip_port.h"

enum { KINDS = 8, SHUTDOWN_MS = 3000 };

struct app_timer { /* of parley_timer_start */
	struct list link;
	struct reactor_timer t;
	struct parley *p;
	uint32_t id;
	void (*fn)(void *arg);
	void *arg;
};

struct owner { /* what parley_new made around an agent */
	struct mem mem;
	struct reactor *reactor;
};

struct parley {
	struct mem *mem;
	struct reactor *r;
	struct owner *owner;       /* NULL: the reactor is somebody else's */
	bool dead, busy;           /* busy: the callback is on the stack */
	bool trace_failed;         /* and it was told */
	const char *error;         /* of what the agent does not know */
	bool running;              /* parley_run or its like is on the stack */
	pthread_t thread;          /* which the agent is on, for PARLEY_TRAP */
	struct parley_config cfg;
	struct sip_port *sip;
	struct sip_core *core;
	struct agent *agent;
	struct media *media[KINDS]; /* by enum parley_media */
	struct transports *transports; /* of media; NULL: none needed yet */
	struct list openings;
	transport_dress *dress;     /* see client_dress */
	void *dress_arg;
	struct addr bound[PARLEY_LOCALS]; /* as asked for, with the ports */
	size_t bounds;                    /* taken; the first is the main one */
	struct addr secure[PARLEY_LOCALS]; /* TLS, where it listens */
	/* WebSocket and its secure kind, where they listen. */
	struct addr ws[PARLEY_LOCALS], wss[PARLEY_LOCALS];
	char local[ADDR_TEXT], local_to[ADDR_TEXT];
	struct netwatch *netwatch;        /* NULL: not yet */
	struct netwatch_config watched;   /* what that was made with */
	struct addr network;              /* an address of the host's */
	struct reactor_timer kick, timer;
	struct trace *trace;
	struct sip_log sip_log;
	struct drbg drbg;
	struct list timers;
	uint32_t last_timer;
	struct parley_event event;
	struct bonjour *bonjour; /* NULL: not on its link */
	uint32_t bonjour_account;
};

/* Stands first in what an application may call, parley_post excepted.  Where a
 * turn begins, and in parley_free, the calling thread takes the agent over,
 * unless a turn is under way: one thread may make it, another run it and a
 * third free it when that is over.  In the builds of INVARIANT alone. */
#ifdef PARLEY_TRAP
#define ON_ITS_THREAD(p) client_on_thread(p, __func__)
#define TAKES_OVER(p)    client_take_over(p, __func__)
#else
#define ON_ITS_THREAD(p) ((void)sizeof(p))
#define TAKES_OVER(p)    ((void)sizeof(p))
#endif
void client_on_thread(const struct parley *p, const char *call);
void client_take_over(struct parley *p, const char *call);

struct instant client_now(struct parley *p);
/* What the engine has to say is carried out from the loop, soon. */
void client_kick(struct parley *p);
/* The first that it listens by: UDP, TCP, TLS. */
enum sip_transport client_transport(const struct parley *p);
/* client_tls.c.  Is it one of an account's TLS?  Can the file be read that it
 * names?  0, or -errno. */
bool client_tls_is(enum setting row);
MUST_USE int client_tls_check(struct parley *p, enum setting row,
			      struct slice value);
/* What they say now is who the account's connections are.  -ENOMEM. */
MUST_USE int client_tls_account(struct parley *p, uint32_t account);
/* To be called when an account was removed. */
void client_tls_forget(struct parley *p);
/* What cfg says of the certificate to listen with; _wipe ends it. */
MUST_USE int client_tls_own(struct parley *p, struct sip_identity *id);
void client_tls_wipe(struct parley *p, struct sip_identity *id);

/* A setting has a new value: what the edge makes of it follows.  -ENOMEM. */
MUST_USE int client_set(struct parley *p, uint32_t owner, struct slice key);
/* Tells the application of p->event: from the loop, with no engine on the
 * stack.  False: it freed the agent, which is gone, or goes with its loop. */
bool client_tell(struct parley *p);
void client_leave_link(struct parley *p); /* bonjour, with its goodbye */
/* For config.on_log. */
void client_log(struct parley *p, int level, const char *what,
		const char *detail);
/* What the disk refuses ends the trace, not the calls; it is told once. */
void client_judge_trace(struct parley *p);

/* The address that parley_local tells: as it is shown now. */
void client_show_local(struct parley *p);
/* client_network.c: the network is watched, as the settings say. */
void client_network_watch(struct parley *p);

struct opening { /* a stream that is not ready yet */
	struct list link;
	struct parley *p;
	uint32_t stream;
	enum parley_media media;
	struct transport t;      /* ports NULL: it is alone */
	bool transport, kind;    /* what it waits for */
	int err;
	struct media_address at;
	struct reactor_timer limit;
};

/* client_media.c: the outputs AGENT_OPEN, _START, _PROVED, _STOP, _CLOSE,
 * _FORGET, _FINISH and _ROOM; all is freed. */
/* Streams that have become ready, or cannot be: the engine is told.  With
 * neither engine nor media on the stack. */
void client_media_settle(struct parley *p);
void client_media_carry_out(struct parley *p, const struct agent_out *o);
void client_media_fini(struct parley *p);
/* NULL: that kind is left out of this build. */
const struct media_kind *client_kind(enum parley_media media);
/* NULL: left out, or no memory. */
struct media *client_media(struct parley *p, enum parley_media media);
#endif
