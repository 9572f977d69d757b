/* SPDX-License-Identifier: BSD-2-Clause
 * dns/mdns_own.c - the host's name and services of ours: RFC 6762 8 to 10.
 *
 *	IDLE -> PROBING -> ANNOUNCING -> UP
 *	PROBING: somebody has the name -> another one, PROBING
 *	ANNOUNCING, UP: somebody has it too -> PROBING (9)
 */
#include "dns/mdns_priv.h"

enum {
	PROBES = 3,
	ANNOUNCEMENTS = 3, /* two at least, eight at most (8.3); a third for
			    * links that lose some */
	CONFLICTS = 15,    /* within CONFLICT_SPAN: 8.1 */
	TIE_RECORDS = 24
};
static const mono PROBE_GAP = MS(250), TIE_WAIT = SEC(1);
static const mono CONFLICT_SPAN = SEC(10), CONFLICT_WAIT = SEC(5);

/* ------------------------------------------------------------------ names */
static int set_name(struct own *o, struct slice label)
{
	struct dns_name n = o->type;
	struct dns_name first = { 0 };

	if (o->host)
		return dns_sd_host(label, &o->name);
	first.wire[0] = (uint8_t)label.n;
	memcpy(first.wire + 1, label.p, label.n);
	first.n = (uint8_t)(label.n + 2);
	return dns_name_join(&first, &n, &o->name);
}

/* "name (2)" of a service, "name-2" of a host, as is custom: RFC 6762 9. */
static void own_rename(struct own *o)
{
	char suffix[24], label[DNS_LABEL_MAX];
	struct writer w = writer_begin(suffix, sizeof(suffix) - 1);
	size_t n;

	o->number++;
	writer_str(&w, o->host ? "-" : " (");
	writer_u64(&w, o->number);
	writer_str(&w, o->host ? "" : ")");
	suffix[w.n] = '\0';
	n = dns_sd_rename(slice_of(o->wished, o->wished_n), suffix, label);
	if (set_name(o, slice_of(label, n)))
		o->number--; /* as long as it was: cannot be */
}

static bool has_links(const struct mdns *d)
{
	for (size_t i = 0; i < MDNS_INTERFACES; i++)
		if (d->link[i])
			return true;
	return false;
}

static void probe_from(struct mdns *d, struct own *o, mono at)
{
	o->state = OWN_PROBING;
	o->sent = 0;
	answer_forget(d, o);
	mdns_timer_at(d, &o->t, has_links(d) ? at : MONO_NEVER);
}

/* 8.1: hosts that are switched on together do not probe together. */
static void probe_soon(struct mdns *d, struct own *o, mono now)
{
	probe_from(d, o, mono_add(now, mdns_random(d, 0, PROBE_GAP)));
}

void own_probe_all(struct mdns *d, mono now)
{
	for (size_t i = 0; i < MDNS_OWNS; i++)
		if (d->own[i].id && (i || d->own[0].state != OWN_IDLE))
			probe_soon(d, &d->own[i], now);
}

static void announce_from(struct mdns *d, struct own *o, mono at)
{
	o->state = OWN_ANNOUNCING;
	o->sent = 0;
	mdns_timer_at(d, &o->t, at);
}

void own_announce_host(struct mdns *d, mono now)
{
	if (own_is_up(&d->own[0]))
		announce_from(d, &d->own[0], now);
}

/* ----------------------------------------------------------------- sending */
static void send_probe(struct mdns *d, const struct own *o, mono now)
{
	for (size_t i = 0; i < MDNS_INTERFACES; i++) {
		struct link *l = d->link[i];
		struct dns_write w;
		int n;

		if (!l)
			continue;
		dns_write_begin(&w, d->buf, sizeof(d->buf), 0, 0);
		dns_write_question(&w, &o->name, DNS_ANY,
				   DNS_IN | DNS_MDNS_BIT);
		for (unsigned k = 0; k < OWN_NSEC; k++)
			if (own_has(o, (enum own_kind)k) && k != OWN_PTR &&
			    k != OWN_META)
				answer_write(d, l, o, (enum own_kind)k,
					     DNS_AUTHORITY, 0, &w);
		n = dns_write_end(&w);
		if (n > 0)
			mdns_send(d, l, NULL, slice_of(d->buf, (size_t)n), now);
	}
}

static void send_all(struct mdns *d, const struct own *o, unsigned how,
		     mono now)
{
	for (size_t i = 0; i < MDNS_INTERFACES; i++) {
		struct answer a = { .how = how };

		for (unsigned k = 0; k < OWN_NSEC; k++)
			a.own[o - d->own][k] = own_has(o, (enum own_kind)k) &&
				(k != OWN_META || !(how & ANSWER_GOODBYE));
		if (d->link[i])
			answer_send(d, d->link[i], &a, now);
	}
}

/* Nobody has it.  A service that points to a host which is not ours yet waits
 * for it. */
static bool taken_over(struct mdns *d, struct own *o, mono now)
{
	if (!o->host && !own_is_up(&d->own[0])) {
		mdns_timer_at(d, &o->t, mono_add(now, PROBE_GAP));
		return false;
	}
	o->state = OWN_ANNOUNCING;
	o->sent = 0;
	o->tell = true;
	return true;
}

void own_on_time(struct mdns *d, struct own *o, mono now)
{
	if (o->state == OWN_PROBING) {
		if (o->sent < PROBES) {
			o->sent++;
			send_probe(d, o, now);
			mdns_timer_at(d, &o->t, mono_add(now, PROBE_GAP));
			return;
		}
		if (!taken_over(d, o, now))
			return;
	}
	if (o->state != OWN_ANNOUNCING)
		return;
	send_all(d, o, ANSWER_MULTICAST, now);
	o->sent++;
	if (o->sent == ANNOUNCEMENTS)
		o->state = OWN_UP;
	else /* 8.3: a second, and twice as long each time */
		mdns_timer_at(d, &o->t, mono_add(now, SEC(1) << (o->sent - 1)));
}

/* --------------------------------------------------------------- conflicts */
static mono conflict_wait(struct own *o, mono now)
{
	if (!o->conflicts || now > mono_add(o->since, CONFLICT_SPAN)) {
		o->since = now;
		o->conflicts = 0;
	}
	o->conflicts++;
	return o->conflicts >= CONFLICTS ? CONFLICT_WAIT : 0;
}

/* A service shows the host's name, which is another now. */
static void host_renamed(struct mdns *d, mono now)
{
	for (size_t i = 1; i < MDNS_OWNS; i++)
		if (own_is_up(&d->own[i]))
			probe_soon(d, &d->own[i], now);
}

static void name_taken(struct mdns *d, struct own *o, mono now)
{
	mono wait = conflict_wait(o, now);

	own_rename(o);
	probe_from(d, o, mono_add(now, wait + mdns_random(d, 0, PROBE_GAP)));
	if (o->host)
		host_renamed(d, now);
}

/* Is it one of ours, on whatever link?  Two interfaces of ours may be on the
 * same one. */
static bool is_mine(struct mdns *d, const struct own *o, enum own_kind k,
		    struct slice theirs)
{
	for (size_t i = 0; i < MDNS_INTERFACES; i++) {
		int n;

		for (size_t j = 0; d->link[i] &&
		     (n = own_data(d, d->link[i], o, k, j, d->data[0])) >= 0;
		     j++)
			if (mdns_rr_same(own_type(k), theirs,
					 slice_of(d->data[0], (size_t)n)))
				return true;
	}
	return false;
}

/* A record of somebody's with a name that is ours alone. */
static void clash(struct mdns *d, struct own *o, const struct mdns_in *in,
		  const struct dns_rr *r)
{
	bool ours = false, known = false;
	int n = mdns_rr_data(in->m, r, d->data[1], MDNS_DATA);

	for (unsigned k = 0; n >= 0 && k < OWN_NSEC; k++) {
		if (!own_has(o, (enum own_kind)k) || k == OWN_PTR ||
		    k == OWN_META || own_type((enum own_kind)k) != r->type)
			continue;
		known = true;
		ours = is_mine(d, o, (enum own_kind)k,
			       slice_of(d->data[1], (size_t)n));
	}
	if (ours || r->type == MDNS_NSEC)
		return;
	if (o->state == OWN_PROBING) {
		name_taken(d, o, in->now);
	} else if (known) { /* 9: of a set that is ours alone */
		(void)conflict_wait(o, in->now);
		probe_soon(d, o, in->now);
	}
}

void own_on_response(struct mdns *d, const struct mdns_in *in)
{
	static const enum dns_section in_it[] = { DNS_ANSWER, DNS_ADDITIONAL };

	for (size_t s = 0; s < COUNT(in_it); s++) {
		struct dns_walk w = { 0 };
		struct dns_rr r;

		while (dns_rr_next(in->m, in_it[s], &w, &r)) {
			if (!r.ttl || (r.class & ~DNS_MDNS_BIT) != DNS_IN)
				continue;
			for (size_t i = 0; i < MDNS_OWNS; i++)
				if (d->own[i].id && d->own[i].state &&
				    dns_name_same(&r.name, &d->own[i].name))
					clash(d, &d->own[i], in, &r);
		}
	}
}

/* ------------------------------------------------- simultaneous probes, 8.2 */
struct tie {
	unsigned type;
	int n; /* of data */
};

/* The least of ours behind the one given (NULL: of all); rdata in data[0]. */
static bool ours_after(struct mdns *d, const struct link *l,
		       const struct own *o, const struct tie *last,
		       const uint8_t *last_data, struct tie *out, uint8_t *data)
{
	bool found = false;

	for (unsigned k = 0; k < OWN_NSEC; k++) {
		int n;

		if (!own_has(o, (enum own_kind)k) || k == OWN_PTR ||
		    k == OWN_META)
			continue;
		for (size_t i = 0; (n = own_data(d, l, o, (enum own_kind)k, i,
						 d->data[0])) >= 0; i++) {
			struct tie t = { own_type((enum own_kind)k), n };
			struct slice s = slice_of(d->data[0], (size_t)n);

			if (last && (t.type < last->type ||
				     (t.type == last->type &&
				      mdns_rr_compare(s, slice_of(last_data,
						(size_t)last->n)) <= 0)))
				continue;
			if (found && (t.type > out->type ||
				      (t.type == out->type &&
				       mdns_rr_compare(s, slice_of(data,
						(size_t)out->n)) >= 0)))
				continue;
			*out = t;
			memcpy(data, d->data[0], (size_t)n);
			found = true;
		}
	}
	return found;
}

/* The same of what they propose. */
static bool theirs_after(struct mdns *d, const struct mdns_in *in,
			 const struct own *o, const struct tie *last,
			 const uint8_t *last_data, struct tie *out,
			 uint8_t *data)
{
	struct dns_walk w = { 0 };
	struct dns_rr r;
	bool found = false;
	unsigned seen = 0;

	while (seen++ < TIE_RECORDS &&
	       dns_rr_next(in->m, DNS_AUTHORITY, &w, &r)) {
		struct tie t = { r.type, 0 };
		struct slice s;

		if (!dns_name_same(&r.name, &o->name))
			continue;
		t.n = mdns_rr_data(in->m, &r, d->data[1], MDNS_DATA);
		if (t.n < 0)
			continue;
		s = slice_of(d->data[1], (size_t)t.n);
		if (last && (t.type < last->type ||
			     (t.type == last->type &&
			      mdns_rr_compare(s, slice_of(last_data,
					(size_t)last->n)) <= 0)))
			continue;
		if (found && (t.type > out->type ||
			      (t.type == out->type &&
			       mdns_rr_compare(s, slice_of(data,
					(size_t)out->n)) >= 0)))
			continue;
		*out = t;
		memcpy(data, d->data[1], (size_t)t.n);
		found = true;
	}
	return found;
}

/* Who proposes what comes later wins: < 0 they do. */
static int tie_break(struct mdns *d, const struct mdns_in *in,
		     const struct own *o)
{
	struct tie mine[2], theirs[2]; /* by turns: this one, and the last */
	unsigned i = 0;

	for (bool first = true;; first = false, i = !i) {
		const struct tie *was[2] = { first ? NULL : &mine[!i],
					     first ? NULL : &theirs[!i] };
		bool a = ours_after(d, in->l, o, was[0], d->tie[!i], &mine[i],
				    d->tie[i]);
		bool b = theirs_after(d, in, o, was[1], d->tie[2 + !i],
				      &theirs[i], d->tie[2 + i]);
		int c;

		if (!a || !b)
			return (int)a - (int)b;
		if (mine[i].type != theirs[i].type)
			return mine[i].type < theirs[i].type ? -1 : 1;
		c = mdns_rr_compare(slice_of(d->tie[i], (size_t)mine[i].n),
				    slice_of(d->tie[2 + i],
					     (size_t)theirs[i].n));
		if (c)
			return c;
	}
}

static bool proposes(const struct mdns_in *in, const struct own *o)
{
	struct dns_walk w = { 0 };
	struct dns_rr r;

	while (dns_rr_next(in->m, DNS_AUTHORITY, &w, &r))
		if (dns_name_same(&r.name, &o->name))
			return true;
	return false;
}

void own_on_probe(struct mdns *d, const struct mdns_in *in)
{
	for (size_t i = 0; i < MDNS_OWNS; i++) {
		struct own *o = &d->own[i];

		if (o->id && o->state == OWN_PROBING && proposes(in, o) &&
		    tie_break(d, in, o) < 0)
			probe_from(d, o, mono_add(in->now, TIE_WAIT));
	}
}

/* -------------------------------------------------------------------- life */
static struct own *own_find(struct mdns *d, uint32_t id)
{
	for (size_t i = 1; id && i < MDNS_OWNS; i++)
		if (d->own[i].id == id)
			return &d->own[i];
	return NULL;
}

int mdns_host(struct mdns *d, struct slice label, mono now)
{
	struct own *o = &d->own[0];
	struct dns_name name;
	int rc = dns_sd_host(label, &name);

	if (rc)
		return rc;
	if (o->id && own_is_up(o))
		send_all(d, o, ANSWER_GOODBYE, now);
	o->name = name;
	o->host = true;
	o->number = 1;
	o->t.of = MDNS_OF_OWN;
	o->wished_n = (uint8_t)label.n;
	memcpy(o->wished, label.p, label.n);
	if (!o->id)
		o->id = ++d->last_id;
	if (o->state) {
		probe_soon(d, o, now);
		host_renamed(d, now);
	}
	return 0;
}

static int set_txt(struct mdns *d, struct own *o, struct slice txt)
{
	static const char none[1]; /* RFC 6763 6.1: one empty string */
	uint8_t *copy;

	if (txt.n > DNS_SD_TXT_MAX)
		return -E2BIG;
	if (!txt.n)
		txt = slice_of(none, 1);
	copy = mem_copy(d->mem, txt.p, txt.n);
	if (!copy)
		return -ENOMEM;
	mem_free(d->mem, o->txt);
	o->txt = copy;
	o->txt_n = txt.n;
	return 0;
}

int mdns_publish(struct mdns *d, struct slice instance, struct slice type,
		 uint16_t port, struct slice txt, mono now, uint32_t *handle)
{
	struct own *o = &d->own[1];
	struct own fresh = { .number = 1, .port = port, .t.of = MDNS_OF_OWN };
	int rc = !d->own[0].id || !instance.n ? -EINVAL :
		 dns_sd_name(instance, type, &fresh.name);

	if (rc == 0)
		rc = dns_sd_name(S(""), type, &fresh.type);
	while (o < d->own + MDNS_OWNS && o->id)
		o++;
	if (rc == 0 && o == d->own + MDNS_OWNS)
		rc = -ENOBUFS;
	if (rc == 0)
		rc = set_txt(d, &fresh, txt);
	if (rc)
		return rc;
	fresh.wished_n = (uint8_t)instance.n;
	memcpy(fresh.wished, instance.p, instance.n);
	fresh.id = *handle = ++d->last_id;
	*o = fresh;
	if (d->own[0].id && !d->own[0].state)
		probe_soon(d, &d->own[0], now);
	probe_soon(d, o, now);
	return 0;
}

int mdns_update(struct mdns *d, uint32_t handle, struct slice txt, mono now)
{
	struct own *o = own_find(d, handle);
	int rc = o ? set_txt(d, o, txt) : -ENOENT;

	if (rc == 0 && own_is_up(o))
		announce_from(d, o, now);
	return rc;
}

static void own_free(struct mdns *d, struct own *o)
{
	wheel_cancel(&d->wheel, &o->t.w);
	mem_free(d->mem, o->txt);
	answer_forget(d, o);
	*o = (struct own){ 0 };
}

void mdns_withdraw(struct mdns *d, uint32_t handle, mono now)
{
	struct own *o = own_find(d, handle);

	if (!o)
		return;
	if (own_is_up(o))
		send_all(d, o, ANSWER_GOODBYE, now);
	own_free(d, o);
}

void mdns_goodbye(struct mdns *d, mono now)
{
	for (size_t i = MDNS_OWNS; i-- > 0;) {
		if (own_is_up(&d->own[i]))
			send_all(d, &d->own[i], ANSWER_GOODBYE, now);
		own_free(d, &d->own[i]);
	}
}

void own_fini(struct mdns *d)
{
	for (size_t i = 0; i < MDNS_OWNS; i++)
		own_free(d, &d->own[i]);
}
