/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/suites.h"

#include "client/agent_priv.h"
#include "client/duty.h"
#include "tests/unit/agent_rig.h"

/* A duty without a peer: what it is asked is counted, and the test says what
 * becomes of it. */
struct chore {
	struct duty d;
	unsigned starts, stops, secrets;
	unsigned left; /* to tell */
	const char *name;
	bool fails;
};
static unsigned frees;

static struct chore *of(const struct duty *d)
{
	return CONTAINER((struct duty *)(uintptr_t)d, struct chore, d);
}

static int start(struct duty *d, struct instant now, const char **why)
{
	(void)now;
	*why = "it will not";
	of(d)->starts += !of(d)->fails;
	return of(d)->fails ? -EINVAL : 0;
}

static void stop(struct duty *d, struct instant now)
{
	(void)now;
	of(d)->stops++;
}

static void secret(struct duty *d)
{
	of(d)->secrets++;
}

static void on_result(struct duty *d, const struct sip_result *result,
		      struct instant now)
{
	(void)d;
	(void)result;
	(void)now;
}

static struct slice realm(const struct duty *d, const struct addr *who,
			  unsigned i)
{
	(void)who;
	return i < 2 ? slice_of(of(d)->name, i + 1) : S("");
}

static bool tell(struct duty *d, struct agent_out *out)
{
	out->kind = AGENT_NOTE;
	out->reason = slice_str(of(d)->name);
	return of(d)->left && of(d)->left--;
}

static void fini(struct duty *d)
{
	(void)d;
	frees++;
}

static const struct duty_ops chore = {
	.size = sizeof(struct chore), .start = start, .stop = stop,
	.secret = secret, .on_result = on_result, .realm = realm, .tell = tell,
	.fini = fini,
};

static struct ag_rig *w;
static struct account *acc;

static struct chore *add(const char *name)
{
	struct duty *d = duty_add(w->a.agent, acc, &chore);
	const char *why;

	ck_assert_ptr_nonnull(d);
	of(d)->name = name;
	ck_assert_int_eq(duty_start(d, w->r->now, &why), 0);
	return of(d);
}

static void begin(void)
{
	frees = 0;
	w = ag_rig_new(0);
	acc = account_find(w->a.agent, w->a.account);
}

static void end(void)
{
	ck_assert_uint_eq(ag_rig_free(w), 0);
}

/* All that is told until nothing is. */
static const char *said(void)
{
	static char text[64];
	struct writer t = writer_begin(text, sizeof(text) - 1);
	struct agent_out o;

	while (agent_poll(w->a.agent, &o)) {
		ck_assert_uint_eq(o.account, w->a.account);
		writer_put(&t, o.reason);
	}
	text[t.n] = 0;
	return text;
}

START_TEST(outcomes_are_told_in_their_order)
{
	struct chore *x, *y, *z;

	begin();
	x = add("x");
	y = add("y");
	z = add("z");
	x->left = y->left = 1;
	z->left = 2;
	duty_tells(&z->d);
	duty_tells(&x->d);
	duty_tells(&y->d);
	duty_tells(&z->d); /* it has told all when its turn comes */
	ck_assert(agent_has_output(w->a.agent));
	ck_assert_str_eq(said(), "zzxy");
	ck_assert(!agent_has_output(w->a.agent));
	end();
	ck_assert_uint_eq(frees, 3);
}
END_TEST

/* What has ended is told before it goes; what goes is not told of twice. */
START_TEST(one_that_is_over_tells_and_goes)
{
	struct chore *x;

	begin();
	x = add("x");
	x->left = 1;
	duty_stop(&x->d, w->r->now);
	ck_assert(x->d.ending);
	duty_over(&x->d);
	duty_stop(&x->d, w->r->now);
	ck_assert_uint_eq(x->stops, 1);
	ck_assert_ptr_eq(duty_find(acc, &chore), &x->d);
	ck_assert_str_eq(said(), "x");
	ck_assert_uint_eq(frees, 1);
	ck_assert_ptr_null(duty_find(acc, &chore));
	end();
}
END_TEST

START_TEST(one_that_is_over_may_begin_anew)
{
	const char *why;
	struct chore *x;

	begin();
	x = add("x");
	duty_stop(&x->d, w->r->now);
	duty_over(&x->d);
	ck_assert_int_eq(duty_start(&x->d, w->r->now, &why), 0);
	ck_assert(!x->d.over && !x->d.ending);
	ck_assert_str_eq(said(), "");
	ck_assert_uint_eq(frees, 0);
	x->fails = true; /* all is as before */
	ck_assert_int_eq(duty_start(&x->d, w->r->now, &why), -EINVAL);
	ck_assert_str_eq(why, "it will not");
	ck_assert(!x->d.over);
	end();
}
END_TEST

START_TEST(a_removed_account_waits_for_its_duties)
{
	struct chore *x, *y;

	begin();
	x = add("x");
	y = add("y");
	ck_assert_int_eq(agent_account_remove(w->a.agent, w->a.account,
					      w->r->now), 0);
	ck_assert_uint_eq(x->stops + y->stops, 2);
	/* It is removed for all who ask; its pointer is there to the end. */
	ck_assert_int_eq(agent_account_remove(w->a.agent, w->a.account,
					      w->r->now), -ENOENT);
	ck_assert_ptr_nonnull(agent_app(w->a.agent, w->a.account));
	duty_over(&x->d);
	ck_assert_str_eq(said(), "");
	ck_assert_uint_eq(frees, 1);
	ck_assert_ptr_nonnull(agent_app(w->a.agent, w->a.account));
	y->left = 1;
	duty_over(&y->d);
	ck_assert_str_eq(said(), "y");
	ck_assert_uint_eq(frees, 2);
	ck_assert_ptr_null(agent_app(w->a.agent, w->a.account));
	end();
}
END_TEST

/* RFC 3261 17.1.2.2: a request takes 32 s, and once more with credentials. */
START_TEST(a_removed_account_does_not_wait_for_ever)
{
	begin();
	(void)add("x");
	ck_assert_int_eq(agent_account_remove(w->a.agent, w->a.account,
					      w->r->now), 0);
	ag_wait(w, SEC(63));
	ck_assert_uint_eq(frees, 0);
	ag_wait(w, SEC(2));
	ck_assert_uint_eq(frees, 1);
	ck_assert_ptr_null(agent_app(w->a.agent, w->a.account));
	end();
}
END_TEST

START_TEST(shutting_down_waits_for_duties_as_long_as_it_may)
{
	struct chore *x;

	for (unsigned ends = 0; ends < 2; ends++) {
		begin();
		x = add("x");
		agent_shutdown(w->a.agent, mono_add(w->r->now.m, SEC(10)),
			       w->r->now);
		ck_assert_uint_eq(x->stops, 1);
		ag_wait(w, SEC(9));
		ck_assert_uint_eq(ag_count(&w->a, PARLEY_EV_SHUTDOWN), 0);
		if (ends)
			duty_over(&x->d);
		ag_wait(w, ends ? MS(200) : SEC(2));
		ck_assert_uint_eq(ag_count(&w->a, PARLEY_EV_SHUTDOWN), 1);
		ck_assert_uint_eq(frees, 1);
		end();
	}
}
END_TEST

START_TEST(all_hear_of_another_secret)
{
	struct chore *x, *y;

	begin();
	x = add("x");
	y = add("y");
	ck_assert_int_eq(ag_set(&w->a, w->a.account, "auth.password", "p"), 0);
	ck_assert_uint_eq(x->secrets, 1);
	ck_assert_uint_eq(y->secrets, 1);
	end();
}
END_TEST

/* What took the secret of all duties, one row after the other. */
START_TEST(realms_are_those_of_all)
{
	static const char *const all[] = { "a", "aa", "b", "bb", "" };
	struct addr who = { 0 };

	begin();
	(void)add("aa");
	(void)add("bb");
	for (unsigned i = 0; i < COUNT(all); i++)
		ck_slice_eq(duties_realm(acc, &who, i), all[i]);
	end();
}
END_TEST

SUITE(account_duty, outcomes_are_told_in_their_order,
      one_that_is_over_tells_and_goes,
      one_that_is_over_may_begin_anew, a_removed_account_waits_for_its_duties,
      a_removed_account_does_not_wait_for_ever,
      shutting_down_waits_for_duties_as_long_as_it_may,
      all_hear_of_another_secret, realms_are_those_of_all);
