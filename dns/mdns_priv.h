/* SPDX-License-Identifier: BSD-2-Clause
 * dns/mdns_priv.h - what the files of the multicast DNS engine share:
 *
 *	mdns.c         life, interfaces, what comes in and goes out, limits
 *	mdns_own.c     what we publish: probing, announcing, conflicts, goodbye
 *	mdns_answer.c  its records, and answers to questions about them
 *	mdns_cache.c   records of others, while their TTL lasts
 *	mdns_browse.c  what we ask, and what is found
 */
#ifndef DNS_MDNS_PRIV_H
#define DNS_MDNS_PRIV_H
#include "dns/dns_sd.h"
#include "dns/dns_write.h"
#include "dns/mdns.h"
#include "dns/mdns_rr.h"
#include "platform/drbg.h"
#include "platform/htab.h"
#include "platform/list.h"
#include "platform/wheel.h"

enum {
	MDNS_HEARD = 9000,   /* octets of a message that is read: RFC 6762 17 */
	MDNS_PACKET = 1440,  /* of one that is sent: Ethernet's, IPv6 */
	MDNS_TTL_HOST = 120, /* RFC 6762 10: of what has a host's name in it */
	MDNS_TTL = 4500,     /* and of the rest; more of others is cut to it */
	MDNS_TTL_LEGACY = 10, /* RFC 6762 6.7 */
	MDNS_QUEUE = 64,     /* packets that wait to be sent: others are lost */
	MDNS_WANTS = 64,     /* questions of a moment */
	MDNS_ECHOES = 32
};

/* ---------------------------------------------------------------- timers */
enum mdns_timer_of { MDNS_OF_OWN, MDNS_OF_LINK, MDNS_OF_ENTRY, MDNS_OF_QUERY,
		     MDNS_OF_FOUND };
struct mdns_timer {
	struct wheel_timer w;
	enum mdns_timer_of of;
};

/* --------------------------------------------------------- what is ours */
enum own_kind { OWN_PTR, OWN_SRV, OWN_TXT, OWN_META, /* of a service */
		OWN_A, OWN_AAAA,                      /* of the host */
		OWN_NSEC, OWN_KINDS };

struct own { /* the host, or a service; id 0: none */
	uint32_t id;
	enum own_state { OWN_IDLE, OWN_PROBING, OWN_ANNOUNCING, OWN_UP } state;
	bool host, tell;
	struct dns_name name, type;
	char wished[DNS_LABEL_MAX];
	uint8_t wished_n;
	unsigned number;    /* behind the label: 1 is without */
	uint16_t port;
	uint8_t *txt;
	size_t txt_n;
	unsigned sent;      /* probes, or announcements */
	unsigned conflicts; /* RFC 6762 8.1: since then */
	mono since;
	struct mdns_timer t;
};

struct sent { /* of a kind of an own, on a link */
	mono last;      /* multicast: -1 never */
	mono due;       /* to be multicast; MONO_NEVER */
	uint64_t asker; /* alone asked for it, and has more to say: TC */
};

enum { MDNS_OWNS = 1 + MDNS_SERVICES };

struct link {
	uint32_t ifindex; /* 0: none */
	unsigned families;
	struct mdns_net net[MDNS_ADDRS];
	size_t n;
	struct sent sent[MDNS_OWNS][OWN_KINDS];
	struct mdns_timer t; /* the first that is due */
};

/* ------------------------------------------------------ what is others' */
struct entry { /* a record */
	struct htab_node node;
	struct mdns_timer t;
	uint32_t ifindex, ttl;
	mono heard, dies;
	uint64_t sum;         /* hash of its rdata */
	uint16_t type, data_n;
	uint8_t name_n, step; /* asked for again so many times */
	uint8_t bytes[];      /* name, rdata */
};

struct query { /* a type that is browsed, or a host that is looked up */
	struct list link;
	struct mdns_timer t;
	uint32_t id;
	bool browse, tell;
	struct dns_name name;
	char type[32]; /* as it was given */
	mono interval, last;
};

struct found { /* an instance, on a link */
	struct list link;
	struct mdns_timer t;
	struct query *q;
	uint32_t ifindex;
	bool here;        /* its PTR is */
	bool shown;       /* the user knows it */
	enum { FOUND_QUIET, FOUND_NEW, FOUND_OTHER, FOUND_GONE } tell;
	uint64_t content; /* what the user knows of it */
	uint64_t host;    /* mdns_hash of its host's name; 0: not known */
	mono interval;
	uint8_t name_n;
	uint8_t name[];
};

struct want { /* a question for the next packet */
	struct list link;
	uint32_t ifindex; /* 0: all */
	uint16_t type;
	bool unicast;
	struct dns_name name;
};

struct packet {
	struct list link;
	uint32_t ifindex;
	struct addr to;
	size_t n;
	uint8_t bytes[];
};

struct echo { /* what we sent to a group comes back once: RFC 6762 says
	       * nothing, IP_MULTICAST_LOOP does */
	uint64_t hash;
	uint32_t ifindex;
	uint8_t family;
	mono until;
};

struct bucket { /* so many a second */
	uint32_t left;
	mono since;
};

struct mdns {
	struct mem *mem;
	struct limits limits;
	struct drbg drbg;
	uint8_t key[16];
	struct wheel wheel;
	uint32_t last_id;
	struct own own[MDNS_OWNS]; /* 0: the host */
	struct link *link[MDNS_INTERFACES];
	struct htab cache;
	size_t octets, records, finds, dropped, refused;
	struct list queries, found, wants, packets;
	size_t n_wants, n_packets;
	bool dirty; /* the cache says something else */
	struct bucket heard, answered;
	struct echo echo[MDNS_ECHOES];
	unsigned echoes;
	/* Room for what is compared, and for what is written. */
	uint8_t data[2][MDNS_DATA], tie[4][MDNS_DATA];
	uint8_t buf[MDNS_PACKET];
	struct packet *polled;
	struct dns_name host_found;
	uint8_t txt[MDNS_DATA];
	char name[DNS_LABEL_MAX];
};

struct mdns_in { /* a message that came */
	const struct dns_msg *m;
	struct link *l;
	struct addr from;
	mono now;
};

/* ------------------------------------------------------------------ mdns.c */
struct link *mdns_link(struct mdns *d, uint32_t ifindex); /* NULL: none */
void mdns_timer_at(struct mdns *d, struct mdns_timer *t, mono at);
mono mdns_random(struct mdns *d, mono least, mono most);
bool mdns_allow(struct bucket *b, uint32_t a_second, mono now);
/* Of a name without case, keyed; never 0. */
uint64_t mdns_hash(const struct mdns *d, struct slice name);
bool mdns_is_ours(const struct mdns *d, const struct addr *ip);
void mdns_send(struct mdns *d, struct link *l, const struct addr *to,
	       struct slice bytes, mono now); /* to NULL: the groups */

/* -------------------------------------------------------------- mdns_own.c */
void own_on_time(struct mdns *d, struct own *o, mono now);
void own_probe_all(struct mdns *d, mono now);      /* on a new link */
void own_announce_host(struct mdns *d, mono now);  /* another address */
void own_on_probe(struct mdns *d, const struct mdns_in *in);
void own_on_response(struct mdns *d, const struct mdns_in *in);
void own_fini(struct mdns *d);
static inline bool own_is_up(const struct own *o)
{
	return o->id && o->state >= OWN_ANNOUNCING;
}

/* ----------------------------------------------------------- mdns_answer.c */
enum answer_how { ANSWER_MULTICAST = 0, ANSWER_UNICAST = 1, ANSWER_LEGACY = 2,
		  ANSWER_GOODBYE = 4 };
struct answer { /* what is to be said at once; also a question to repeat */
	bool own[MDNS_OWNS][OWN_KINDS];
	unsigned how;
	const struct addr *to;
	const struct dns_question *q; /* LEGACY */
	uint16_t id;
};
/* The i-th record of a kind; its rdata in buf, or -ENOENT. */
int own_data(struct mdns *d, const struct link *l, const struct own *o,
	     enum own_kind k, size_t i, uint8_t *buf);
const struct dns_name *own_name(const struct own *o, enum own_kind k);
unsigned own_type(enum own_kind k);
bool own_has(const struct own *o, enum own_kind k);
void answer_write(struct mdns *d, const struct link *l, const struct own *o,
		  enum own_kind k, enum dns_section s, unsigned how,
		  struct dns_write *w);
void answer_send(struct mdns *d, struct link *l, struct answer *a, mono now);
void answer_on_query(struct mdns *d, const struct mdns_in *in);
void answer_on_response(struct mdns *d, const struct mdns_in *in);
void answer_on_time(struct mdns *d, struct link *l, mono now);
void answer_forget(struct mdns *d, const struct own *o);

/* ------------------------------------------------------------ mdns_cache.c */
struct slice entry_data(const struct entry *e);
/* The first and the next of that name and type on a link; NULL: no more.  Holds
 * until something is added or goes. */
struct entry *cache_first(const struct mdns *d, const uint8_t *name, size_t n,
			  unsigned type, uint32_t ifindex);
struct entry *cache_more(const struct entry *e);
void cache_on_response(struct mdns *d, const struct mdns_in *in);
void entry_on_time(struct mdns *d, struct entry *e, mono now);
void cache_forget(struct mdns *d, uint32_t ifindex); /* 0: all */

/* ----------------------------------------------------------- mdns_browse.c */
/* Is somebody interested in it? */
bool browse_wants(const struct mdns *d, const struct dns_rr *r,
		  uint32_t ifindex);
bool browse_wants_name(const struct mdns *d, const uint8_t *name, size_t n,
		       unsigned type, uint32_t ifindex);
/* A PTR of a type that is browsed came, or went. */
void browse_on_ptr(struct mdns *d, const struct entry *e, bool here, mono now);
/* A SRV came: that is where the addresses of an instance are from now on. */
void browse_on_srv(struct mdns *d, const struct entry *e);
void browse_on_query(struct mdns *d, const struct mdns_in *in);
void browse_ask(struct mdns *d, const uint8_t *name, size_t n, unsigned type,
		uint32_t ifindex);
void browse_refresh(struct mdns *d, mono now); /* after the cache changed */
void browse_flush(struct mdns *d, mono now);   /* questions into packets */
void browse_again(struct mdns *d, mono now);   /* on a new link */
void query_on_time(struct mdns *d, struct query *q, mono now);
void found_on_time(struct mdns *d, struct found *f, mono now);
bool browse_poll(struct mdns *d, struct mdns_out *out, mono now);
void browse_forget(struct mdns *d, uint32_t ifindex);
void browse_fini(struct mdns *d);
#endif
