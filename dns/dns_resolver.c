/* SPDX-License-Identifier: BSD-2-Clause */
#include "dns/dns_resolver.h"

#include "dns/dns_cache.h"
#include "dns/dns_reply.h"
#include "dns/dns_write.h"
#include "platform/drbg.h"
#include "platform/list.h"

enum {
	QUERY_ROOM = 2 + DNS_HEADER + DNS_NAME_MAX + 4 + 11, /* TCP's length */
	UDP_SIZE = 1232,    /* no path of IPv6 cuts it in pieces: 1280 - 48 */
	STRANGERS = 8,      /* wrong replies at a socket, then by TCP */
	DOUBLINGS = 4       /* of the time-out, at most */
};

static const mono BAD_FOR = SEC(30); /* a silent server comes last so long */

enum try { NOT_SENT, BY_UDP, BY_TCP };

/* A question to the servers.  Its waits are those who asked it; without any it
 * is over. */
struct query {
	struct list link, waits;
	struct dns_name name, at; /* what was asked; where the chain is */
	struct dns_name spelt;    /* at, as it was sent */
	uint16_t type, id;
	unsigned links;           /* of the chain so far */
	uint32_t ttl;
	uint8_t tried[DNS_SERVERS];
	bool heard;               /* some server answered, of no use */
	unsigned server, strangers;
	enum try by;
	bool sent, over;          /* the try's outputs were handed out */
	uint32_t socket, closing; /* 0: none */
	mono deadline;
	uint8_t *tcp;             /* what came so far, its length in front */
	size_t have;
};

/* Somebody's question: in a query's waits, or answered and in done. */
struct wait {
	struct list link;
	struct query *q;
	uint32_t handle, tag;
	struct dns_name name;
	uint16_t type;
	unsigned next;            /* of the candidates, see candidate() */
	bool search;
	struct dns_answer answer; /* bytes are its own */
};

struct server {
	mono bad_until;
	bool plain;               /* does not know EDNS0 */
};

struct dns_resolver {
	struct mem *mem;
	struct dns_conf conf;
	struct server server[DNS_SERVERS];
	struct dns_cache cache;
	struct drbg drbg;
	struct list queries, done;
	uint32_t most, queried;   /* waits there may be, and are */
	uint32_t next_socket, next_handle;
	struct wait *told;        /* the answer polled last */
	char room[QUERY_ROOM];
};

/* ------------------------------------------------------------------- life */
struct dns_resolver *dns_resolver_new(struct mem *m,
				      const struct dns_conf *conf,
				      const struct limits *limits,
				      const uint8_t seed[32])
{
	struct dns_resolver *r = mem_new(m, sizeof(*r));
	uint8_t key[16];

	if (!r)
		return NULL;
	r->mem = m;
	r->conf = *conf;
	r->most = limits->dns_queries;
	list_init(&r->queries);
	list_init(&r->done);
	drbg_init(&r->drbg, seed);
	drbg_bytes(&r->drbg, key, sizeof(key));
	if (dns_cache_init(&r->cache, m, key, limits->dns_cache) == 0)
		return r;
	mem_free(m, r);
	return NULL;
}

static void free_wait(struct dns_resolver *r, struct wait *w)
{
	if (!w)
		return;
	list_remove(&w->link);
	mem_free(r->mem, (void *)(uintptr_t)w->answer.bytes.p);
	mem_free(r->mem, w);
	r->queried--;
}

static void free_query(struct dns_resolver *r, struct query *q)
{
	list_remove(&q->link);
	mem_free(r->mem, q->tcp);
	mem_free(r->mem, q);
}

static void free_waits(struct dns_resolver *r, struct list *head)
{
	while (!list_empty(head))
		free_wait(r, CONTAINER(head->next, struct wait, link));
}

void dns_resolver_free(struct dns_resolver *r)
{
	if (!r)
		return;
	while (!list_empty(&r->queries)) {
		struct query *q = CONTAINER(r->queries.next, struct query,
					    link);

		free_waits(r, &q->waits);
		free_query(r, q);
	}
	free_waits(r, &r->done);
	free_wait(r, r->told);
	dns_cache_fini(&r->cache);
	drbg_wipe(&r->drbg);
	mem_free(r->mem, r);
}

/* ------------------------------------------------------------------ tries */
/* The try's socket, if it was handed out, is to be closed. */
static void leave_socket(struct dns_resolver *r, struct query *q)
{
	if (q->sent)
		q->closing = q->socket;
	q->sent = false;
	q->by = NOT_SENT;
	q->socket = 0;
	q->deadline = MONO_NEVER;
	mem_free(r->mem, q->tcp);
	q->tcp = NULL;
	q->have = 0;
}

static void over(struct dns_resolver *r, struct query *q)
{
	leave_socket(r, q);
	q->over = true;
}

/* The one with the fewest tries; of these one that was not silent of late; of
 * these the first, counted from any if rotate is set.  -1: all had theirs. */
static int choose(struct dns_resolver *r, const struct query *q, mono now)
{
	unsigned n = r->conf.servers, best = 0, least = UINT32_MAX;
	unsigned from = r->conf.rotate && n ? drbg_below(&r->drbg, n) : 0;

	for (unsigned i = 0; i < n; i++) {
		unsigned s = (from + i) % n;
		unsigned rank = q->tried[s] * 2u +
				(r->server[s].bad_until > now);

		if (q->tried[s] < r->conf.attempts && rank < least) {
			best = s;
			least = rank;
		}
	}
	return least == UINT32_MAX ? -1 : (int)best;
}

/* 0x20: each letter's case is a bit that a guess must hit. */
static void spell(struct dns_resolver *r, struct query *q)
{
	uint8_t bits[DNS_NAME_MAX];

	q->spelt = q->at;
	drbg_bytes(&r->drbg, bits, q->at.n);
	for (size_t i = 0; i < q->at.n; i++)
		if (is_alpha((char)q->spelt.wire[i]) && (bits[i] & 1))
			q->spelt.wire[i] ^= 0x20;
}

/* The time a server has: doubled with each round, give or take a tenth, so that
 * those who lost a packet together do not ask together. */
static mono patience(struct dns_resolver *r, unsigned round)
{
	mono t = MS(r->conf.timeout_ms)
		 << (round < DOUBLINGS ? round : DOUBLINGS);

	return t - t / 10 + US(drbg_below(&r->drbg, (uint32_t)(t / 5 / 1000) +
					  1));
}

static void begin_try(struct dns_resolver *r, struct query *q, enum try by,
		      mono now)
{
	unsigned round = q->tried[q->server];

	leave_socket(r, q);
	if (!++r->next_socket)
		r->next_socket++;
	q->socket = r->next_socket;
	q->by = by;
	q->id = (uint16_t)drbg_u32(&r->drbg);
	q->strangers = 0;
	spell(r, q);
	q->deadline = mono_add(now, patience(r, round ? round - 1 : 0));
}

static void resolver_end(struct dns_resolver *r, struct query *q,
			 enum dns_status s, struct slice bytes, uint32_t ttl,
			 mono now);

static void next_try(struct dns_resolver *r, struct query *q, mono now)
{
	int s = choose(r, q, now);

	if (s < 0) {
		resolver_end(r, q,
			     !r->conf.servers ? DNS_NO_SERVER
			     : q->heard	      ? DNS_FAILED
					      : DNS_TIMED_OUT,
			     S(""), 0, now);
		return;
	}
	q->server = (unsigned)s;
	q->tried[s]++;
	begin_try(r, q, BY_UDP, now);
}

/* The server was silent, unreachable, or of no use. */
static void try_failed(struct dns_resolver *r, struct query *q, bool silent,
		       mono now)
{
	if (silent)
		r->server[q->server].bad_until = mono_add(now, BAD_FOR);
	else
		q->heard = true;
	next_try(r, q, now);
}

/* ---------------------------------------------------------------- waiters */
static void done(struct dns_resolver *r, struct wait *w,
		 const struct dns_answer *a)
{
	w->q = NULL;
	w->answer = *a;
	if (a->bytes.n) {
		void *p = mem_copy(r->mem, a->bytes.p, a->bytes.n);

		w->answer.bytes = slice_of(p, p ? a->bytes.n : 0);
		if (!p)
			w->answer.status = DNS_NO_MEMORY;
	} else {
		w->answer.bytes = S("");
		w->answer.bytes.p = NULL;
	}
	list_remove(&w->link);
	list_append(&r->done, &w->link);
}

/* Another form of its name; resolv.conf(5): with as many dots as ndots or more
 * it is asked for as it is first, with fewer last. */
static bool candidate(const struct dns_resolver *r, struct wait *w,
		      struct dns_name *out)
{
	unsigned n = w->search ? r->conf.searches : 0;
	bool first = !n || dns_name_dots(&w->name) >= r->conf.ndots;

	while (w->next <= n) {
		unsigned i = w->next++;

		if (i == (first ? 0 : n)) {
			*out = w->name;
			return true;
		}
		i -= first;
		if (dns_name_join(&w->name, &r->conf.search[i], out) == 0)
			return true;
	}
	return false;
}

static bool from_cache(struct dns_resolver *r, struct wait *w,
		       const struct dns_name *name, mono now,
		       struct dns_answer *a)
{
	const struct dns_cached *e = dns_cache_find(&r->cache, name, w->type,
						    now);

	if (!e) /* a name that is not there has no records of any type */
		e = dns_cache_find(&r->cache, name, 0, now);
	if (!e)
		return false;
	*a = (struct dns_answer){
		.status = (enum dns_status)e->status,
		.cached = true,
		.ttl = (uint32_t)((e->expires - now) / SEC(1)),
		.bytes = e->bytes,
	};
	return true;
}

static struct query *running(struct dns_resolver *r,
			     const struct dns_name *name, unsigned type)
{
	for (struct list *l = r->queries.next; l != &r->queries; l = l->next) {
		struct query *q = CONTAINER(l, struct query, link);

		if (!q->over && q->type == type &&
		    dns_name_same(&q->name, name))
			return q;
	}
	return NULL;
}

static struct query *new_query(struct dns_resolver *r,
			       const struct dns_name *name, unsigned type)
{
	struct query *q = mem_new(r->mem, sizeof(*q));

	if (!q)
		return NULL;
	q->name = q->at = *name;
	q->type = (uint16_t)type;
	q->ttl = DNS_TTL_MAX;
	q->deadline = MONO_NEVER;
	list_init(&q->waits);
	list_append(&r->queries, &q->link);
	return q;
}

static bool absent(enum dns_status s)
{
	return s == DNS_NO_NAME || s == DNS_NODATA;
}

/* The next form of its name: from the cache, with those who ask the same, or as
 * a query.  last: what the form before came to. */
static void go_on(struct dns_resolver *r, struct wait *w, mono now,
		  const struct dns_answer *last)
{
	struct dns_answer a = *last;
	struct dns_name name;
	struct query *q;

	while (candidate(r, w, &name)) {
		if (from_cache(r, w, &name, now, &a)) {
			if (absent(a.status))
				continue;
			break;
		}
		q = running(r, &name, w->type);
		w->q = q ? q : new_query(r, &name, w->type);
		if (!w->q) {
			a = (struct dns_answer){ .status = DNS_NO_MEMORY };
			break;
		}
		list_remove(&w->link);
		list_append(&w->q->waits, &w->link);
		if (!q)
			next_try(r, w->q, now);
		return;
	}
	done(r, w, &a);
}

/* To all who wait for it. */
static void resolver_end(struct dns_resolver *r, struct query *q,
			 enum dns_status s, struct slice bytes, uint32_t ttl,
			 mono now)
{
	struct dns_answer a = { .status = s, .ttl = ttl, .bytes = bytes };
	struct list *l;

	if (r->conf.servers && s != DNS_TIMED_OUT)
		a.server = r->conf.server[q->server];
	if (ttl && (s == DNS_FOUND || absent(s)))
		dns_cache_add(&r->cache, &q->name,
			      s == DNS_NO_NAME && !q->links ? 0 : q->type, s,
			      bytes, mono_add(now, SEC(ttl)));
	over(r, q); /* first, so that nobody joins it */
	while ((l = list_take(&q->waits))) {
		struct wait *w = CONTAINER(l, struct wait, link);

		if (absent(s))
			go_on(r, w, now, &a);
		else
			done(r, w, &a);
	}
}

int dns_resolver_ask(struct dns_resolver *r, const struct dns_name *name,
		     unsigned type, bool search, uint32_t tag, mono now,
		     uint32_t *handle)
{
	static const struct dns_answer none = { .status = DNS_NO_NAME };
	struct wait *w;

	if (r->queried >= r->most)
		return -ENOBUFS;
	w = mem_new(r->mem, sizeof(*w));
	if (!w)
		return -ENOMEM;
	r->queried++;
	if (!++r->next_handle)
		r->next_handle++;
	*handle = w->handle = r->next_handle;
	w->tag = tag;
	w->name = *name;
	w->type = (uint16_t)type;
	w->search = search;
	go_on(r, w, now, &none);
	return 0;
}

static struct wait *find_wait(struct list *head, uint32_t handle)
{
	for (struct list *l = head->next; l != head; l = l->next) {
		struct wait *w = CONTAINER(l, struct wait, link);

		if (w->handle == handle)
			return w;
	}
	return NULL;
}

void dns_resolver_cancel(struct dns_resolver *r, uint32_t handle)
{
	struct wait *w = find_wait(&r->done, handle);

	for (struct list *l = r->queries.next; !w && l != &r->queries;
	     l = l->next)
		w = find_wait(&CONTAINER(l, struct query, link)->waits,
			      handle);
	if (!w)
		return;
	if (w->q) {
		struct query *q = w->q;

		list_remove(&w->link);
		if (list_empty(&q->waits))
			over(r, q);
	}
	free_wait(r, w);
}

void dns_resolver_configure(struct dns_resolver *r,
			    const struct dns_conf *conf, mono now)
{
	struct list *next;

	r->conf = *conf;
	memset(r->server, 0, sizeof(r->server));
	dns_cache_clear(&r->cache);
	/* Queries that next_try ends may begin others, at the list's end. */
	for (struct list *l = r->queries.next; l != &r->queries; l = next) {
		struct query *q = CONTAINER(l, struct query, link);

		next = l->next;
		if (q->over)
			continue;
		memset(q->tried, 0, sizeof(q->tried));
		q->server = 0;
		q->at = q->name;
		q->links = 0;
		q->ttl = DNS_TTL_MAX;
		next_try(r, q, now);
	}
}

/* ---------------------------------------------------------------- replies */
static struct query *at_socket(struct dns_resolver *r, uint32_t socket)
{
	for (struct list *l = r->queries.next; l != &r->queries; l = l->next) {
		struct query *q = CONTAINER(l, struct query, link);

		if (socket && q->socket == socket && !q->over)
			return q;
	}
	return NULL;
}

/* RFC 5452 3: to this very question?  A server that cannot read it may leave
 * it out. */
enum match { OTHER, ALIKE, SAME };
static enum match question_of(const struct query *q, const struct dns_msg *m)
{
	struct dns_walk w = { 0 };
	struct dns_question asked;

	if (!(m->flags & DNS_QR) || (m->flags & DNS_OPCODE) || m->id != q->id)
		return OTHER;
	if (!m->count[DNS_QUESTION] &&
	    (m->rcode == DNS_FORMERR || m->rcode == DNS_NOTIMP))
		return SAME;
	if (m->count[DNS_QUESTION] != 1 || !dns_question_next(m, &w, &asked) ||
	    asked.type != q->type || asked.class != DNS_IN ||
	    !dns_name_same(&asked.name, &q->spelt))
		return OTHER;
	return dns_name_same_case(&asked.name, &q->spelt) ? SAME : ALIKE;
}

static void found(struct dns_resolver *r, struct query *q,
		  const struct dns_msg *m, const struct dns_reply *is,
		  mono now)
{
	/* Names that stood compressed are written in full. */
	size_t cap = m->all.n * 4 + 1024;
	char *room;
	int n;

	cap = cap > DNS_MESSAGE_MAX ? DNS_MESSAGE_MAX : cap;
	room = mem_new(r->mem, cap);
	n = room ? dns_reply_extract(m, is, q->type, room, cap) : -ENOMEM;
	q->links = is->links;
	if (n >= 0)
		resolver_end(r, q, DNS_FOUND, slice_of(room, (size_t)n),
			     is->ttl, now);
	else
		resolver_end(r, q, n == -ENOMEM ? DNS_NO_MEMORY : DNS_FAILED,
			     S(""), 0, now);
	mem_free(r->mem, room);
}

static void resolver_elsewhere(struct dns_resolver *r, struct query *q,
			       const struct dns_reply *is, mono now)
{
	q->at = is->end;
	q->links = is->links;
	q->ttl = is->ttl;
	memset(q->tried, 0, sizeof(q->tried));
	next_try(r, q, now);
}

/* A reply that counts. */
static void on_reply(struct dns_resolver *r, struct query *q,
		     const struct dns_msg *m, mono now)
{
	struct server *s = &r->server[q->server];
	struct dns_reply is;

	s->bad_until = 0;
	if (!s->plain && !m->udp_size &&
	    (m->rcode == DNS_FORMERR || m->rcode == DNS_NOTIMP)) {
		s->plain = true; /* RFC 6891 6.2.2: again, without */
		begin_try(r, q, q->by, now);
		return;
	}
	if ((m->flags & DNS_TC) && q->by == BY_UDP) {
		begin_try(r, q, BY_TCP, now);
		return;
	}
	dns_reply_judge(m, &q->at, q->type, q->links, q->ttl, &is);
	switch (is.kind) {
	case DNS_REPLY_RECORDS:
		found(r, q, m, &is, now);
		break;
	case DNS_REPLY_NODATA:
		q->links = is.links;
		resolver_end(r, q, DNS_NODATA, S(""), is.ttl, now);
		break;
	case DNS_REPLY_NO_NAME:
		q->links = is.links;
		resolver_end(r, q, DNS_NO_NAME, S(""), is.ttl, now);
		break;
	case DNS_REPLY_CHAIN:
		resolver_end(r, q, DNS_CHAIN, S(""), 0, now);
		break;
	case DNS_REPLY_ELSEWHERE:
		resolver_elsewhere(r, q, &is, now);
		break;
	case DNS_REPLY_USELESS:
		try_failed(r, q, false, now);
		break;
	}
}

void dns_resolver_on_datagram(struct dns_resolver *r, uint32_t socket,
			      const struct addr *from, struct slice bytes,
			      mono now)
{
	struct query *q = at_socket(r, socket);
	struct dns_msg m;
	enum match is = OTHER;
	bool broken = false;

	if (!q || q->by != BY_UDP)
		return;
	if (addr_same(from, &r->conf.server[q->server])) {
		if (dns_msg_parse(bytes, &m, NULL) == 0)
			is = question_of(q, &m);
		else
			broken = bytes.n >= 2 &&
				 read_be16((const uint8_t *)bytes.p) == q->id;
	}
	/* Who guesses at ids or letters, or breaks messages, has no part in a
	 * TCP connection. */
	if (is == ALIKE || broken ||
	    (is == OTHER && ++q->strangers >= STRANGERS))
		begin_try(r, q, BY_TCP, now);
	else if (is == SAME)
		on_reply(r, q, &m, now);
}

/* RFC 7766 8: two octets of length, then the message. */
void dns_resolver_on_stream(struct dns_resolver *r, uint32_t socket,
			    struct slice bytes, mono now)
{
	struct query *q = at_socket(r, socket);
	uint8_t *mine;
	struct dns_msg m;
	size_t n;

	if (!q || q->by != BY_TCP || !bytes.n)
		return;
	if (bytes.n > 2 + DNS_MESSAGE_MAX - q->have)
		bytes = slice_head(bytes, 2 + DNS_MESSAGE_MAX - q->have);
	if (bytes.n) {
		uint8_t *p = mem_resize(r->mem, q->tcp, q->have + bytes.n);

		if (!p) {
			resolver_end(r, q, DNS_NO_MEMORY, S(""), 0, now);
			return;
		}
		memcpy(p + q->have, bytes.p, bytes.n);
		q->tcp = p;
		q->have += bytes.n;
	}
	if (q->have < 2 || q->have - 2 < (n = read_be16(q->tcp)))
		return;
	if (dns_msg_parse(slice_of(q->tcp + 2, n), &m, NULL) ||
	    question_of(q, &m) == OTHER) {
		try_failed(r, q, false, now);
		return;
	}
	mine = q->tcp; /* it outlives the try, which on_reply may end */
	q->tcp = NULL;
	q->have = 0;
	on_reply(r, q, &m, now);
	mem_free(r->mem, mine);
}

void dns_resolver_on_error(struct dns_resolver *r, uint32_t socket, mono now)
{
	struct query *q = at_socket(r, socket);

	if (q)
		try_failed(r, q, true, now);
}

void dns_resolver_on_time(struct dns_resolver *r, mono now)
{
	/* What ends here may begin others, at the list's end. */
	for (struct list *l = r->queries.next; l != &r->queries; l = l->next) {
		struct query *q = CONTAINER(l, struct query, link);

		if (q->deadline <= now)
			try_failed(r, q, true, now);
	}
}

mono dns_resolver_deadline(const struct dns_resolver *r)
{
	mono at = MONO_NEVER;

	for (struct list *l = r->queries.next; l != &r->queries; l = l->next)
		at = mono_min(at, CONTAINER(l, struct query, link)->deadline);
	return at;
}

/* ---------------------------------------------------------------- outputs */
static struct slice write_query(struct dns_resolver *r, const struct query *q)
{
	bool tcp = q->by == BY_TCP;
	struct dns_write d;
	int n;

	dns_write_begin(&d, r->room + 2, sizeof(r->room) - 2, q->id, DNS_RD);
	dns_write_question(&d, &q->spelt, q->type, DNS_IN);
	if (!r->server[q->server].plain)
		dns_write_opt(&d, UDP_SIZE);
	n = dns_write_end(&d); /* it fits: QUERY_ROOM */
	n = n < 0 ? 0 : n;
	r->room[0] = (char)(n >> 8);
	r->room[1] = (char)n;
	return slice_of(r->room + (tcp ? 0 : 2), (size_t)n + (tcp ? 2 : 0));
}

static bool poll_query(struct dns_resolver *r, struct query *q,
		       struct dns_out *out)
{
	if (q->closing) {
		out->kind = DNS_OUT_CLOSE;
		out->socket = q->closing;
		q->closing = 0;
		return true;
	}
	if (q->by == NOT_SENT || q->sent)
		return false;
	q->sent = true;
	out->kind = q->by == BY_TCP ? DNS_OUT_TCP : DNS_OUT_UDP;
	out->socket = q->socket;
	out->to = r->conf.server[q->server];
	out->bytes = write_query(r, q);
	return true;
}

bool dns_resolver_poll(struct dns_resolver *r, struct dns_out *out)
{
	struct list *next, *l;

	*out = (struct dns_out){ 0 };
	free_wait(r, r->told);
	r->told = NULL;
	for (l = r->queries.next; l != &r->queries; l = next) {
		struct query *q = CONTAINER(l, struct query, link);

		next = l->next;
		if (poll_query(r, q, out))
			return true;
		if (q->over)
			free_query(r, q);
	}
	l = list_take(&r->done);
	if (!l)
		return false;
	r->told = CONTAINER(l, struct wait, link);
	out->kind = DNS_OUT_ANSWER;
	out->handle = r->told->handle;
	out->tag = r->told->tag;
	out->answer = r->told->answer;
	return true;
}

const char *dns_status_text(enum dns_status s)
{
	static const char *const text[] = {
		[DNS_FOUND] = "found",
		[DNS_NODATA] = "no such records",
		[DNS_NO_NAME] = "no such name",
		[DNS_TIMED_OUT] = "no name server answers",
		[DNS_FAILED] = "the name servers cannot tell",
		[DNS_CHAIN] = "too many aliases",
		[DNS_NO_SERVER] = "no name server is configured",
		[DNS_UNAVAILABLE] = "the domain has no such service",
		[DNS_NO_MEMORY] = "out of memory",
	};

	return text[s];
}
