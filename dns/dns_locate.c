/* SPDX-License-Identifier: BSD-2-Clause */
#include "dns/dns_locate.h"

#include "dns/dns_srv.h"
#include "platform/drbg.h"

/* RFC 8305 3 waits 50 ms for the other family; an answer may come from a server
 * far away, so more. */
static const mono PATIENCE = MS(300);

enum { NONE = -1 };

struct step {
	struct dns_step is;
	uint32_t handle;
};

struct group { /* a service found: its SRV records, or its address ("a") */
	struct dns_name name;
	size_t row;
	int step; /* of SRV; NONE: name is the target */
};

struct target { /* a host, to be asked for its addresses */
	struct dns_name name;
	size_t row;
	uint16_t port;
	int v4, v6; /* steps, or NONE */
};

struct rule { /* of NAPTR, with a use for us */
	uint16_t order, preference;
	size_t row;
	char flag; /* 's', 'a'; 0: go on with NAPTR */
	struct dns_name name;
};

enum phase { NAPTR, SRV, ADDRESSES, OVER };

struct dns_locate {
	struct mem *mem;
	struct dns_resolver *r;
	struct drbg drbg;
	struct dns_choice choice;
	struct dns_name host;
	uint32_t tag;
	bool v4, v6, v4_first;
	bool denied;   /* a SRV target of "." was seen */
	bool by_naptr; /* the groups are NAPTR's */
	bool starved;  /* something could not be asked */
	enum phase phase;
	enum dns_status status;
	unsigned links; /* NAPTR after NAPTR */
	mono deadline;
	mono until;     /* all of it */
	struct step **step;
	size_t steps;
	struct rule rule[LIMIT_DNS_NAPTR];
	struct group group[LIMIT_DNS_HOPS];
	size_t groups;
	struct target target[LIMIT_DNS_HOPS];
	size_t targets;
	struct dns_hop hop[LIMIT_DNS_HOPS];
	size_t hops;
};

static void advance(struct dns_locate *l, mono now);

/* ------------------------------------------------------------------ steps */
/* A question, or NONE: there are too many, or no memory. */
static int new_step(struct dns_locate *l, const struct dns_name *name,
		    unsigned type, bool search, mono now)
{
	struct step **all, *s;

	if (l->steps == LIMIT_DNS_STEPS)
		return NONE;
	all = mem_resize(l->mem, l->step, (l->steps + 1) * sizeof(*all));
	if (!all)
		return NONE;
	l->step = all;
	s = mem_new(l->mem, sizeof(*s));
	if (!s)
		return NONE;
	s->is.name = *name;
	s->is.type = (uint16_t)type;
	s->is.began = now;
	if (dns_resolver_ask(l->r, name, type, search, l->tag, now,
			     &s->handle)) {
		mem_free(l->mem, s);
		return NONE;
	}
	l->step[l->steps] = s;
	return (int)l->steps++;
}

static int ask(struct dns_locate *l, const struct dns_name *name,
	       unsigned type, bool search, mono now)
{
	int i;

	for (size_t k = 0; k < l->steps; k++)
		if (l->step[k]->is.type == type &&
		    dns_name_same(&l->step[k]->is.name, name))
			return (int)k;
	i = new_step(l, name, type, search, now);
	l->starved = l->starved || i == NONE;
	return i;
}

static const struct dns_step *step_at(const struct dns_locate *l, int i)
{
	return i == NONE ? NULL : &l->step[i]->is;
}

static bool waiting(const struct dns_locate *l)
{
	for (size_t i = 0; i < l->steps; i++)
		if (!l->step[i]->is.over)
			return true;
	return false;
}

/* The records of a step that was answered; false: there are none. */
static bool records(const struct dns_step *s, struct dns_msg *m)
{
	return s && s->over && s->answer.status == DNS_FOUND &&
	       dns_msg_parse(s->answer.bytes, m, NULL) == 0;
}

static void finish(struct dns_locate *l, enum dns_status s)
{
	for (size_t i = 0; i < l->steps; i++)
		if (!l->step[i]->is.over)
			dns_resolver_cancel(l->r, l->step[i]->handle);
	l->phase = OVER;
	l->status = s;
	l->deadline = l->until = MONO_NEVER;
}

/* ------------------------------------------------------------------- hops */
static void add_hop(struct dns_locate *l, size_t row, const struct addr *a,
		    uint16_t port)
{
	struct dns_hop h = { l->choice.row[row].service, *a };

	if (!(a->family == 4 ? l->v4 : l->v6))
		return;
	h.addr.port = port;
	for (size_t i = 0; i < l->hops; i++)
		if (l->hop[i].service == h.service &&
		    addr_same(&l->hop[i].addr, &h.addr))
			return;
	if (l->hops < LIMIT_DNS_HOPS)
		l->hop[l->hops++] = h;
}

/* The n-th address of a step. */
static bool address(const struct dns_step *s, size_t n, struct addr *out)
{
	struct dns_walk w = { 0 };
	struct dns_msg m;
	struct dns_rr rr;

	if (!records(s, &m))
		return false;
	while (dns_rr_next(&m, DNS_ANSWER, &w, &rr))
		if (w.n == n + 1)
			return dns_rr_addr(&m, &rr, out);
	return false;
}

/* Of one target: its families in turn. */
static void add_addresses(struct dns_locate *l, const struct target *t)
{
	const struct dns_step *one = step_at(l, l->v4_first ? t->v4 : t->v6);
	const struct dns_step *two = step_at(l, l->v4_first ? t->v6 : t->v4);
	bool more = true;
	struct addr a;

	for (size_t i = 0; more && i < LIMIT_DNS_HOPS; i++) {
		more = false;
		if (address(one, i, &a)) {
			add_hop(l, t->row, &a, t->port);
			more = true;
		}
		if (address(two, i, &a)) {
			add_hop(l, t->row, &a, t->port);
			more = true;
		}
	}
}

/* Why there is none: what a server said before what none did. */
static enum dns_status why(const struct dns_locate *l)
{
	static const enum dns_status order[] = { DNS_NO_MEMORY, DNS_NO_SERVER,
		DNS_CHAIN, DNS_FAILED, DNS_TIMED_OUT, DNS_NODATA };
	enum dns_status s = DNS_NO_NAME;

	if (l->starved)
		return DNS_NO_MEMORY;
	for (size_t i = COUNT(order); i-- > 0;)
		for (size_t k = 0; k < l->targets; k++) {
			const struct dns_step *a = step_at(l, l->target[k].v4),
					*b = step_at(l, l->target[k].v6);

			if ((a && a->over && a->answer.status == order[i]) ||
			    (b && b->over && b->answer.status == order[i]))
				s = order[i];
		}
	return s;
}

static void tell_hops(struct dns_locate *l)
{
	for (size_t i = 0; i < l->targets; i++)
		add_addresses(l, &l->target[i]);
	finish(l, l->hops ? DNS_FOUND : why(l));
}

/* -------------------------------------------------------------- addresses */
static void add_target(struct dns_locate *l, const struct dns_name *name,
		       size_t row, uint16_t port)
{
	if (l->targets < LIMIT_DNS_HOPS)
		l->target[l->targets++] = (struct target){
			*name, row, port, NONE, NONE };
}

static void ask_addresses(struct dns_locate *l, mono now)
{
	l->phase = ADDRESSES;
	for (size_t i = 0; i < l->targets; i++) {
		struct target *t = &l->target[i];
		/* A name of a record is whole; one that a person gave may be
		 * short. */
		bool search = dns_name_same(&t->name, &l->host);

		if (l->v6)
			t->v6 = ask(l, &t->name, DNS_AAAA, search, now);
		if (l->v4)
			t->v4 = ask(l, &t->name, DNS_A, search, now);
	}
}

/* Has it an address, or nothing to wait for? */
static bool settled(const struct dns_locate *l, const struct target *t)
{
	const struct dns_step *a = step_at(l, t->v4), *b = step_at(l, t->v6);
	struct dns_msg m;

	return records(a, &m) || records(b, &m) ||
	       ((!a || a->over) && (!b || b->over));
}

/* The other family is not waited for long: who asks for AAAA in vain (a name
 * server that drops it) has A. */
static void look_at_addresses(struct dns_locate *l, mono now)
{
	bool all = true;

	for (size_t i = 0; i < l->targets; i++)
		all = all && settled(l, &l->target[i]);
	if (!waiting(l))
		tell_hops(l);
	else if (all)
		l->deadline = mono_min(l->deadline, mono_add(now, PATIENCE));
}

/* -------------------------------------------------------------------- SRV */
static int srv_name(const char *prefix, const struct dns_name *host,
		    struct dns_name *out)
{
	struct dns_name p;
	int rc = dns_name_parse(slice_str(prefix), &p, NULL);

	return rc ? rc : dns_name_join(&p, host, out);
}

static void add_group(struct dns_locate *l, const struct dns_name *name,
		      size_t row, bool srv, mono now)
{
	struct group *g = &l->group[l->groups];

	if (l->groups == LIMIT_DNS_HOPS)
		return;
	*g = (struct group){ *name, row, NONE };
	if (srv)
		g->step = ask(l, name, DNS_SRV, false, now);
	if (!srv || g->step != NONE)
		l->groups++;
}

/* 4.1, last part, and 4.2: each row by its own name. */
static void ask_srv(struct dns_locate *l, mono now)
{
	struct dns_name name;

	l->phase = SRV;
	for (size_t i = 0; i < l->choice.n; i++)
		if (!l->choice.row[i].naptr_only &&
		    !srv_name(l->choice.row[i].service->srv, &l->host, &name))
			add_group(l, &name, i, true, now);
}

static void targets_of(struct dns_locate *l, const struct group *g)
{
	struct dns_srv_rank rank[DNS_SRV_MOST];
	struct dns_walk w = { 0 };
	struct dns_msg m;
	struct dns_srv s;
	struct dns_rr rr;
	size_t n = 0;

	if (g->step == NONE)
		add_target(l, &g->name, g->row,
			   l->choice.row[g->row].service->port);
	if (!records(step_at(l, g->step), &m))
		return;
	while (n < DNS_SRV_MOST && dns_rr_next(&m, DNS_ANSWER, &w, &rr))
		if (dns_rr_srv(&m, &rr, &s)) {
			rank[n] = (struct dns_srv_rank){ s.priority, s.weight,
							 (uint16_t)(w.n - 1) };
			n++;
		}
	dns_srv_order(rank, n, &l->drbg);
	for (size_t i = 0; i < n; i++) {
		w = (struct dns_walk){ 0 };
		while (dns_rr_next(&m, DNS_ANSWER, &w, &rr) &&
		       w.n - 1 != rank[i].index)
			;
		if (!dns_rr_srv(&m, &rr, &s))
			continue;
		if (s.target.n == 1) /* RFC 2782: decidedly not there */
			l->denied = true;
		else
			add_target(l, &s.target, g->row, s.port);
	}
}

/* All SRV were answered; without any the name itself is the target (4.2), by
 * the transport that NAPTR has chosen. */
static void look_at_srv(struct dns_locate *l, mono now)
{
	size_t row = l->by_naptr ? l->group[0].row : l->choice.fallback;
	size_t silent = 0;

	for (size_t i = 0; i < l->groups; i++)
		targets_of(l, &l->group[i]);
	for (size_t i = 0; i < l->steps; i++)
		silent += l->step[i]->is.answer.status == DNS_TIMED_OUT;
	if (!l->targets && l->denied) {
		finish(l, DNS_UNAVAILABLE);
		return;
	}
	if (!l->targets && l->steps > 1 && silent == l->steps) {
		finish(l, DNS_TIMED_OUT); /* whom should a third ask? */
		return;
	}
	if (!l->targets)
		add_target(l, &l->host, row,
			   l->choice.row[row].service->port);
	ask_addresses(l, now);
}

/* ------------------------------------------------------------------ NAPTR */
static bool read_rule(const struct dns_locate *l, const struct dns_naptr *p,
		      struct rule *out)
{
	struct rule x = { p->order, p->preference, 0, 0, p->replacement };

	if (p->regexp.n || p->replacement.n <= 1)
		return false;
	*out = x;
	if (!p->flags.n)
		return true; /* whatever it is for, its end will show */
	out->flag = to_lower(p->flags.p[0]);
	if (p->flags.n != 1 || (out->flag != 's' && out->flag != 'a'))
		return false;
	for (size_t i = 0; i < l->choice.n; i++)
		if (slice_ieq(p->service, l->choice.row[i].service->naptr)) {
			out->row = i;
			return true;
		}
	return false;
}

static bool sooner(const struct rule *a, const struct rule *b)
{
	return a->order < b->order ||
	       (a->order == b->order && a->preference < b->preference);
}

/* Those that are of use, in their order: RFC 3403 4.1, RFC 3263 4.1. */
static size_t rules_of(struct dns_locate *l, const struct dns_step *s)
{
	struct rule *rule = l->rule;
	struct dns_walk w = { 0 };
	struct dns_naptr p;
	struct dns_msg m;
	struct dns_rr rr;
	struct rule x;
	size_t n = 0, i;

	if (!records(s, &m))
		return 0;
	while (dns_rr_next(&m, DNS_ANSWER, &w, &rr)) {
		if (!dns_rr_naptr(&m, &rr, &p) || !read_rule(l, &p, &x))
			continue;
		if (n == COUNT(l->rule) && !sooner(&x, &rule[n - 1]))
			continue;
		n -= n == COUNT(l->rule); /* the last one goes */
		for (i = n++; i && sooner(&x, &rule[i - 1]); i--)
			rule[i] = rule[i - 1];
		rule[i] = x;
	}
	return n;
}

/* A rule that leads on is followed where there is none that leads to a
 * service. */
static void look_at_naptr(struct dns_locate *l, mono now)
{
	const struct rule *rule = l->rule;
	size_t n = rules_of(l, &l->step[l->steps - 1]->is);

	l->phase = SRV;
	for (size_t i = 0; i < n; i++)
		if (rule[i].flag)
			add_group(l, &rule[i].name, rule[i].row,
				  rule[i].flag == 's', now);
	if (!l->groups && n && ++l->links < LIMIT_DNS_CHAIN) {
		size_t before = l->steps;

		if (ask(l, &rule[0].name, DNS_NAPTR, false, now) ==
		    (int)before) {
			l->phase = NAPTR;
			return;
		}
	}
	l->by_naptr = l->groups != 0;
	if (!l->groups)
		ask_srv(l, now);
}

/* ------------------------------------------------------------------- life */
static void advance(struct dns_locate *l, mono now)
{
	while (l->phase != OVER && !waiting(l)) {
		switch (l->phase) {
		case NAPTR:
			look_at_naptr(l, now);
			break;
		case SRV:
			look_at_srv(l, now);
			break;
		case ADDRESSES:
			look_at_addresses(l, now);
			break;
		case OVER:
			break;
		}
	}
	if (l->phase == ADDRESSES)
		look_at_addresses(l, now);
}

static bool numeric(struct slice host, struct addr *out)
{
	if (host.n > 1 && host.p[0] == '[' && host.p[host.n - 1] == ']')
		host = slice_of(host.p + 1, host.n - 2);
	return addr_parse_ip(host, out) == 0;
}

/* Addresses that nobody has to be asked for. */
static bool known(struct dns_locate *l, const struct dns_target *t)
{
	size_t row = l->choice.fallback;
	uint16_t port = t->port ? t->port : l->choice.row[row].service->port;
	struct addr a;
	bool is = numeric(t->host, &a);

	if (is)
		add_hop(l, row, &a, port);
	for (unsigned pass = 0; !is && pass < 2; pass++)
		for (size_t i = 0; i < t->n; i++)
			if ((t->hosts[i].family == 4) ==
			    (l->v4_first == (pass == 0)))
				add_hop(l, row, &t->hosts[i], port);
	if (is || t->n)
		finish(l, l->hops ? DNS_FOUND : DNS_NODATA);
	return is || t->n;
}

static void locate_begin(struct dns_locate *l, const struct dns_target *t,
			 mono now)
{
	if (known(l, t))
		return;
	if (dns_name_parse(t->host, &l->host, NULL)) {
		finish(l, DNS_NO_NAME);
		return;
	}
	if (t->port) {
		add_target(l, &l->host, l->choice.fallback, t->port);
		ask_addresses(l, now);
	} else if (!l->choice.naptr ||
		   ask(l, &l->host, DNS_NAPTR, false, now) == NONE) {
		ask_srv(l, now);
	}
	advance(l, now);
}

struct dns_locate *dns_locate_new(struct mem *m, struct dns_resolver *r,
				  const struct dns_target *t, uint32_t tag,
				  const uint8_t seed[32], mono now)
{
	struct dns_locate *l = mem_new(m, sizeof(*l));

	if (!l)
		return NULL;
	l->mem = m;
	l->r = r;
	l->tag = tag;
	l->choice = t->choice;
	l->v4 = !t->no_v4;
	l->v6 = !t->no_v6;
	l->v4_first = t->v4_first;
	l->deadline = MONO_NEVER;
	l->until = mono_add(now, DNS_LOCATE_TIME);
	drbg_init(&l->drbg, seed);
	locate_begin(l, t, now);
	return l;
}

void dns_locate_free(struct dns_locate *l)
{
	if (!l)
		return;
	for (size_t i = 0; i < l->steps; i++) {
		struct step *s = l->step[i];

		if (!s->is.over)
			dns_resolver_cancel(l->r, s->handle);
		mem_free(l->mem, (void *)(uintptr_t)s->is.answer.bytes.p);
		mem_free(l->mem, s);
	}
	mem_free(l->mem, l->step);
	drbg_wipe(&l->drbg);
	mem_free(l->mem, l);
}

void dns_locate_on_answer(struct dns_locate *l, uint32_t handle,
			  const struct dns_answer *a, mono now)
{
	struct step *s = NULL;

	for (size_t i = 0; i < l->steps; i++)
		if (l->step[i]->handle == handle && !l->step[i]->is.over)
			s = l->step[i];
	if (!s || l->phase == OVER)
		return;
	s->is.over = true;
	s->is.took = now - s->is.began;
	s->is.answer = *a;
	s->is.answer.bytes = S("");
	s->is.answer.bytes.p = NULL;
	if (a->bytes.n) {
		void *p = mem_copy(l->mem, a->bytes.p, a->bytes.n);

		s->is.answer.bytes = slice_of(p, p ? a->bytes.n : 0);
		if (!p)
			s->is.answer.status = DNS_NO_MEMORY;
	}
	advance(l, now);
}

void dns_locate_on_time(struct dns_locate *l, mono now)
{
	if (l->phase == ADDRESSES && l->deadline <= now)
		tell_hops(l);
	if (l->until > now)
		return;
	for (size_t i = 0; i < l->targets; i++)
		add_addresses(l, &l->target[i]); /* what is known by now */
	finish(l, l->hops ? DNS_FOUND : DNS_TIMED_OUT);
}

mono dns_locate_deadline(const struct dns_locate *l)
{
	return mono_min(l->deadline, l->until);
}

bool dns_locate_over(const struct dns_locate *l, enum dns_status *s)
{
	*s = l->status;
	return l->phase == OVER;
}

size_t dns_locate_hops(const struct dns_locate *l, const struct dns_hop **out)
{
	*out = l->hop;
	return l->hops;
}

size_t dns_locate_steps(const struct dns_locate *l)
{
	return l->steps;
}

const struct dns_step *dns_locate_step(const struct dns_locate *l, size_t i)
{
	return &l->step[i]->is;
}
