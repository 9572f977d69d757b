/* SPDX-License-Identifier: BSD-2-Clause
 * client/duty_register.c - the duty to be registered: RFC 3261 section 10. */
#include "client/agent_priv.h"
#include "client/duty.h"
#include "sip/usage/sip_register.h"

struct registration {
	struct duty d;
	struct sip_register reg; /* zeroed when it is over */
	bool anew;               /* elsewhere, once it is unbound here */
	uint8_t told;            /* enum parley_event_kind; 0: it was */
	int code;
	uint32_t seconds;        /* granted, or until it tries again */
	char reason[AGENT_REASON];
};

static struct registration *of(const struct duty *d)
{
	return CONTAINER((struct duty *)(uintptr_t)d, struct registration, d);
}

/* What it asks for, of the settings; its texts are the agent's parts. */
static int duty_configure(struct registration *r,
			  struct sip_register_config *cfg)
{
	struct agent *a = r->d.agent;
	struct account *acc = r->d.account;
	struct writer p = agent_part(a, PART_ROUTE);
	struct writer t = agent_part(a, PART_TARGET);
	struct writer f = agent_part(a, PART_FROM);
	struct sip_uri target;
	struct parse_error e;

	*cfg = (struct sip_register_config){ 0 };
	account_registrar(acc, &t);
	account_from(acc, &f);
	cfg->registrar = writer_done(&t);
	cfg->aor = writer_done(&f);
	if (writer_end(&t) < 0 || writer_end(&f) < 0 ||
	    sip_uri_parse(cfg->registrar, &target, &e))
		return -EBADMSG;
	cfg->here = true;
	cfg->user = acc->who.uri.user;
	account_proxy(acc, &p);
	cfg->routes = writer_done(&p);
	cfg->transport = account_transport(acc, &target);
	cfg->identity = account_identity(acc);
	cfg->agent = settings_text(&a->settings, SET_AGENT_NAME);
	cfg->expires = (uint32_t)settings_int(&acc->settings, SET_EXPIRES);
	cfg->instance = agent_instance(a);
	cfg->reg_id = settings_bool(&acc->settings, SET_OUTBOUND) ? 1 : 0;
	cfg->nat = settings_bool(&acc->settings, SET_NAT_CONTACT);
	cfg->gruu = account_wants_gruu(acc);
	cfg->redirects = (unsigned)settings_int(&acc->settings,
						SET_REDIRECTS);
	return 0;
}

static int duty_make(struct registration *r)
{
	struct sip_register_config cfg;
	int rc = duty_configure(r, &cfg);

	if (rc == 0)
		rc = sip_register_init(&r->reg, r->d.agent->mem,
				       r->d.agent->users, &cfg);
	if (rc)
		return rc;
	r->reg.tu.owner = &r->d;
	account_secret(r->d.account);
	return 0;
}

static const char *why_not(int rc)
{
	return rc == -ENOMEM ? "out of memory" : "not a registrar's URI";
}

static int duty_begin(struct duty *d, struct instant now, const char **why)
{
	struct registration *r = of(d);
	int rc = 0;

	if (!r->reg.mem)
		rc = duty_make(r);
	*why = why_not(rc);
	if (rc == 0 && !r->anew) /* else it follows */
		sip_register_start(&r->reg, now);
	return rc;
}

static void stop(struct duty *d, struct instant now)
{
	sip_register_stop(&of(d)->reg, now);
}

/* From where it goes now on, and as that asks for. */
static void begin_anew(struct registration *r, struct instant now)
{
	int rc;

	r->anew = false;
	sip_register_fini(&r->reg);
	rc = duty_make(r);
	if (rc == 0) {
		sip_register_start(&r->reg, now);
		return;
	}
	r->told = PARLEY_EV_REGISTER_FAILED;
	r->code = 0;
	r->seconds = 0;
	(void)agent_line(r->reason, sizeof(r->reason),
			 slice_str(why_not(rc)));
	duty_over(&r->d);
}

/* Bound somewhere else, it is unbound there first (10.2.2). */
static void changed(struct duty *d, struct instant now)
{
	struct registration *r = of(d);
	struct sip_register_config cfg, *was = &r->reg.c;

	if (duty_configure(r, &cfg) == 0 &&
	    slice_same(cfg.registrar, was->registrar) &&
	    slice_same(cfg.routes, was->routes) &&
	    slice_same(cfg.aor, was->aor) && cfg.transport == was->transport &&
	    cfg.expires == was->expires && cfg.reg_id == was->reg_id &&
	    cfg.nat == was->nat && cfg.gruu == was->gruu &&
	    cfg.redirects == was->redirects)
		return;
	if (!sip_register_is_bound(&r->reg, now)) {
		begin_anew(r, now);
		return;
	}
	r->anew = true;
	sip_register_stop(&r->reg, now);
}

static void secret(struct duty *d)
{
	const struct sip_secret *s = &d->account->secret;

	sip_register_set_secrets(&of(d)->reg, s, s->password.n ? 1 : 0);
}

static void renew(struct duty *d, struct instant now)
{
	sip_register_renew(&of(d)->reg, now);
}

static bool way(const struct duty *d, struct addr *here, struct addr *there)
{
	const struct sip_register *r = &of(d)->reg;

	*here = r->here;
	*there = r->there;
	return r->mem && r->state != SIP_REGISTER_IDLE;
}

static void on_result(struct duty *d, const struct sip_result *result,
		      struct instant now)
{
	static const uint8_t event[] = {
		[SIP_REGISTER_OK] = PARLEY_EV_REGISTERED,
		[SIP_REGISTER_GONE] = PARLEY_EV_UNREGISTERED,
		[SIP_REGISTER_FAILED] = PARLEY_EV_REGISTER_FAILED,
	};
	const struct sip_register_event *ev = sip_register_result(result);
	struct registration *r = of(d);
	bool failed = ev->kind == SIP_REGISTER_FAILED;

	account_note_qop(d->agent, d->account, ev->no_qop);
	if (r->anew && !d->ending && ev->kind != SIP_REGISTER_OK) {
		begin_anew(r, now);
		return;
	}
	r->told = event[ev->kind]; /* the latest is what counts */
	/* What no peer has said has a reason, and no code. */
	r->code = ev->msg || !failed ? (int)ev->status : 0;
	r->seconds = failed ? ev->retry : ev->expires;
	(void)agent_line(r->reason, sizeof(r->reason), ev->reason);
	duty_tells(d);
	/* What is bound anew already was only gone in between. */
	if (ev->kind == SIP_REGISTER_OK || !d->ending)
		return;
	sip_register_fini(&r->reg);
	r->anew = false;
	duty_over(d);
}

static struct slice realm(const struct duty *d, const struct addr *who,
			  unsigned i)
{
	struct addr peer = sip_register_peer(&of(d)->reg);

	return addr_same_ip(&peer, who) && i < SIP_DIGEST_REALMS ?
	       sip_register_realm(&of(d)->reg, i) : (struct slice){ 0 };
}

const struct sip_register *duty_registered(const struct account *acc,
					   struct instant now)
{
	const struct duty *d = duty_find(acc, &duty_register);

	return d && of(d)->reg.mem &&
	       sip_register_is_bound(&of(d)->reg, now) ? &of(d)->reg : NULL;
}

static bool duty_tell(struct duty *d, struct agent_out *out)
{
	struct registration *r = of(d);

	if (!r->told)
		return false;
	out->event = (enum parley_event_kind)r->told;
	out->code = r->code;
	out->reason = slice_str(r->reason);
	out->ms = (int64_t)r->seconds * 1000;
	out->to = settings_text(&d->account->settings, SET_REGISTRAR);
	r->told = 0;
	return true;
}

static void fini(struct duty *d)
{
	sip_register_fini(&of(d)->reg);
}

const struct duty_ops duty_register = {
	.size = sizeof(struct registration),
	.holds = true,
	.start = duty_begin,
	.stop = stop,
	.secret = secret,
	.changed = changed,
	.renew = renew,
	.way = way,
	.on_result = on_result,
	.realm = realm,
	.tell = duty_tell,
	.fini = fini,
};
