/* SPDX-License-Identifier: BSD-2-Clause
 * Two agents on simulated hosts, as their applications see them. */
#include "tests/unit/suites.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/sim_agent.h"

struct end {
	struct parley *p;
	struct mem mem;
	uint32_t account, session;
	unsigned told[PARLEY_EV_PLAYED + 1];
	int progress;      /* its last code */
	char digits[8], failed[128];
	bool live;         /* the session was there when media failed */
	unsigned after;    /* events after the end */
	char dialled[64], to[64];
	char also[64];     /* X-Also of the INVITE; "-": it had none */
	const char *next;  /* the source after the one that was played */
	char played[64];   /* the last that was */
};

struct pair {
	struct mem mem;
	struct sim *net;
	struct end a, b;
};

/* One after the other, from within the callback. */
static void keep_played(struct end *e, const struct parley_event *ev)
{
	(void)!slice_to_str(slice_str(parley_event_reason(ev)), e->played,
			    sizeof(e->played));
	ck_assert_uint_eq(parley_event_stream(ev), 0);
	if (e->next)
		ck_assert_int_eq(parley_audio(e->p, parley_event_session(ev),
					      e->next, NULL), 0);
	e->next = NULL;
}

static void keep(struct end *e, const struct parley_event *ev)
{
	struct parley_session_info i = { .size = sizeof(i) };
	size_t n = strlen(e->digits);

	e->after += e->told[PARLEY_EV_ENDED];
	e->told[parley_event_kind(ev)]++;
	if (parley_event_kind(ev) == PARLEY_EV_PROGRESS)
		e->progress = parley_event_code(ev);
	if (parley_event_kind(ev) == PARLEY_EV_DTMF && n + 1 < 8)
		e->digits[n] = parley_event_digit(ev);
	if (parley_event_kind(ev) == PARLEY_EV_PLAYED)
		keep_played(e, ev);
	if (parley_event_kind(ev) != PARLEY_EV_MEDIA_FAILED)
		return;
	(void)!slice_to_str(slice_str(parley_event_reason(ev)), e->failed,
			    sizeof(e->failed));
	e->live = parley_session_get(e->p, parley_event_session(ev), &i) == 0;
}

static void on_event(void *app, const struct parley_event *ev)
{
	struct end *e = app;
	const char *also;

	keep(e, ev);
	if (parley_event_kind(ev) != PARLEY_EV_INCOMING)
		return;
	(void)!slice_to_str(slice_str(parley_event_request_uri(ev)), e->dialled,
			    sizeof(e->dialled));
	(void)!slice_to_str(slice_str(parley_event_header(ev, "t", 0)), e->to,
			    sizeof(e->to));
	also = parley_event_header(ev, "x-also", 0);
	(void)!slice_to_str(slice_str(also ? also : "-"), e->also,
			    sizeof(e->also));
	ck_assert_ptr_nonnull(parley_event_header(ev, "call-id", 0));
	ck_assert_ptr_nonnull(parley_event_header(ev, "Call-ID", 0));
	ck_assert_ptr_null(parley_event_header(ev, "Call-ID", 1));
	ck_assert_ptr_null(parley_event_header(ev, "P-Asserted-Identity", 0));
	e->session = parley_event_session(ev);
	ck_assert_int_eq(parley_ring(e->p, e->session), 0);
	ck_assert_int_eq(parley_accept(e->p, e->session, NULL, 0), 0);
}

static void end_open(struct pair *w, struct end *e, uint8_t host)
{
	struct parley_config c = { .on_event = on_event,
				   .app = e };

	e->p = sim_agent(w->net, host, &e->mem, &c, &e->account);
	ck_assert_int_eq(parley_set(e->p, e->account, "rtp.codecs", "PCMU"),
			 0);
}

static void wait_for(struct pair *w, mono span)
{
	sim_run(w->net, mono_add(sim_now(w->net), span));
}

static struct pair *ends(void)
{
	struct pair *w = calloc(1, sizeof(*w));

	ck_assert_ptr_nonnull(w);
	mem_init(&w->mem, 0);
	w->net = sim_new(&w->mem, 1);
	ck_assert_ptr_nonnull(w->net);
	end_open(w, &w->a, 1);
	end_open(w, &w->b, 2);
	return w;
}

static struct pair *call(void)
{
	struct pair *w = ends();

	ck_assert_int_eq(parley_call(w->a.p, w->a.account, "sip:b@10.0.0.2",
				     NULL, 0, &w->a.session), 0);
	return w;
}

static void done(struct pair *w)
{
	parley_free(w->a.p);
	parley_free(w->b.p);
	sim_free(w->net);
	ck_assert_uint_eq(w->a.mem.blocks + w->b.mem.blocks, 0);
	ck_assert_uint_eq(w->mem.blocks, 0);
	free(w);
}

struct freer { /* frees its agent in its second event */
	struct parley *p;
	unsigned events;
};

static void on_freer(void *app, const struct parley_event *ev)
{
	struct freer *f = app;

	ck_assert_ptr_nonnull(f->p); /* none after it was freed */
	if (++f->events == 1) {
		ck_assert_int_eq(parley_event_kind(ev), PARLEY_EV_INCOMING);
		ck_assert_int_eq(parley_accept(f->p, parley_event_session(ev),
					       NULL, 0), 0);
		return;
	}
	parley_free(f->p);
	f->p = NULL;
}

/* What the first event's call set off is due in the turn of the second. */
START_TEST(an_agent_that_is_freed_makes_no_event)
{
	struct freer f = { 0 };
	struct parley_config c = { .size = sizeof(c), .local = "127.0.0.1:0" };
	struct parley *a;
	uint32_t account, other, session;
	char uri[100] = "sip:b@";

	ck_assert_int_eq(parley_new(&c, &a), 0);
	ck_assert_int_eq(parley_account_add(a, "sip:a@localhost", &account),
			 0);
	c.on_event = on_freer;
	c.app = &f;
	ck_assert_int_eq(parley_new(&c, &f.p), 0);
	ck_assert_int_eq(parley_account_add(f.p, "sip:b@localhost", &other),
			 0);
	ck_assert_int_eq(slice_to_str(slice_str(parley_local(f.p)), uri + 6,
				      sizeof(uri) - 6), 0);
	ck_assert_int_eq(parley_call(a, account, uri, NULL, 0, &session), 0);
	for (unsigned i = 0; i < 1000 && f.p; i++) {
		ck_assert_int_ge(parley_step(a, 5), 0);
		ck_assert_int_ge(parley_step(f.p, 5), 0);
	}
	ck_assert_uint_eq(f.events, 2);
	parley_free(a);
}
END_TEST

START_TEST(a_call_says_what_was_dialled)
{
	struct pair *w = call();

	wait_for(w, SEC(1));
	ck_assert_str_eq(w->b.dialled, "sip:b@10.0.0.2");
	ck_assert_str_eq(w->b.to, "<sip:b@10.0.0.2>");
	done(w);
}
END_TEST

/* What a shorter struct lacks is not asked for. */
START_TEST(a_call_takes_headers_along)
{
	static const struct parley_header h = { "X-Also", "this, and that" };
	struct parley_call_options o = { .size = sizeof(o), .headers = &h,
					 .headers_n = 1 };
	struct pair *w = ends();
	struct end *a = &w->a;

	ck_assert_int_eq(parley_call_with(a->p, a->account, "sip:b@10.0.0.2",
					  &o, &a->session), 0);
	wait_for(w, SEC(1));
	ck_assert_str_eq(w->b.also, "this, and that");
	o.size = offsetof(struct parley_call_options, headers);
	ck_assert_int_eq(parley_call_with(a->p, a->account, "sip:b@10.0.0.2",
					  &o, &a->session), 0);
	wait_for(w, SEC(1));
	ck_assert_str_eq(w->b.also, "-");
	ck_assert_int_eq(parley_call_with(a->p, a->account, "sip:b@10.0.0.2",
					  NULL, &a->session), 0);
	wait_for(w, SEC(1));
	ck_assert_uint_eq(w->b.told[PARLEY_EV_INCOMING], 3);
	o.size = 0;
	ck_assert_int_eq(parley_call_with(a->p, a->account, "sip:b@10.0.0.2",
					  &o, &a->session), -EINVAL);
	o.size = sizeof(o);
	o.headers = NULL;
	ck_assert_int_eq(parley_call_with(a->p, a->account, "sip:b@10.0.0.2",
					  &o, &a->session), -EINVAL);
	done(w);
}
END_TEST

static int call_with(struct pair *w, const char *name, const char *value,
		     size_t n)
{
	struct parley_header h[20];
	struct parley_call_options o = { .size = sizeof(o), .headers = h,
					 .headers_n = n };

	for (size_t i = 0; i < n; i++)
		h[i] = (struct parley_header){ name, value };
	return parley_call_with(w->a.p, w->a.account, "sip:b@10.0.0.2", &o,
				&w->a.session);
}

/* 17 of them; 1 + 1021 + 2 octets twice are 2048, one more each are not. */
START_TEST(headers_that_are_not_the_applications_are_refused)
{
	static const char *const ours[] = {
		"Via", "v", "From", "f", "To", "T", "call-id", "i", "CSeq",
		"Contact", "m", "Max-Forwards", "ROUTE", "Record-Route",
		"Content-Type", "c", "Content-Length", "l", "content-encoding",
		"e", "Content-Disposition", "Content-Language", "Content-ID",
		"Authorization", "Proxy-Authorization", "Supported", "k",
		"Require", "Allow", "User-Agent", "Expires" };
	static const char *const name[] = { NULL, "", "X Y", "X:", "X\r\n",
					    "X\xC3\xB6" };
	static const char *const value[] = { "a\r\nX: y", "a\n b", "a\r",
					     "\t", "\x7F", "\x1B[m", "\xFF" };
	struct pair *w = ends();
	char text[1024];

	for (size_t i = 0; i < COUNT(ours); i++)
		ck_assert_msg(call_with(w, ours[i], "1", 1) == -EINVAL, "%s",
			      ours[i]);
	ck_assert_str_eq(parley_error(w->a.p),
			 "a header that is the library's own");
	for (size_t i = 0; i < COUNT(name); i++)
		ck_assert_msg(call_with(w, name[i], "1", 1) == -EBADMSG, "%zu",
			      i);
	for (size_t i = 0; i < COUNT(value); i++)
		ck_assert_msg(call_with(w, "X", value[i], 1) == -EBADMSG,
			      "%zu", i);
	ck_assert_int_eq(call_with(w, "X", "1", 17), -EINVAL);
	memset(text, 'x', sizeof(text));
	text[1022] = '\0';
	ck_assert_int_eq(call_with(w, "X", text, 2), -EINVAL);
	wait_for(w, SEC(1));
	ck_assert_uint_eq(w->b.told[PARLEY_EV_INCOMING], 0);
	ck_assert_uint_eq(w->a.told[PARLEY_EV_ENDED], 0);
	text[1021] = '\0';
	ck_assert_int_eq(call_with(w, "X", text, 2), 0);
	ck_assert_int_eq(call_with(w, "X", NULL, 16), 0);
	wait_for(w, SEC(1));
	ck_assert_uint_eq(w->b.told[PARLEY_EV_INCOMING], 2);
	done(w);
}
END_TEST

/* A square wave of 500 Hz: 8 samples up, 8 down, at 8000 Hz; 2 * 500 changes of
 * sign in a second. */
struct pcm {
	unsigned at, quanta, heard, changes;
	bool up;
	long peak;
};

static bool pcm_source(void *arg, int16_t *pcm, size_t n)
{
	struct pcm *s = arg;

	ck_assert_uint_eq(n, 80);
	s->quanta++;
	for (size_t i = 0; i < n; i++)
		pcm[i] = s->at++ / 8 % 2 ? 8000 : -8000;
	return true;
}

static void pcm_sink(void *arg, const int16_t *pcm, size_t n)
{
	struct pcm *s = arg;

	ck_assert_uint_eq(n, 160);
	s->heard++;
	for (size_t i = 0; pcm && i < n; i++) {
		s->changes += (pcm[i] > 0) != s->up;
		s->up = pcm[i] > 0;
		s->peak = pcm[i] > s->peak ? pcm[i] : s->peak;
	}
}

/* One side speaks at 8000 Hz, the other hears at 16000. */
START_TEST(pcm_goes_in_and_comes_out)
{
	struct pcm in = { 0 }, out = { 0 };
	struct parley_pcm a = { .size = sizeof(a), .rate = 8000,
				.source = pcm_source, .arg = &in };
	struct parley_pcm b = { .size = sizeof(b), .rate = 16000,
				.sink = pcm_sink, .arg = &out };
	struct pair *w = call();
	unsigned heard;

	ck_assert_int_eq(parley_audio_pcm(w->a.p, w->a.session, &a), 0);
	wait_for(w, SEC(1));
	ck_assert_int_eq(parley_audio_pcm(w->b.p, w->b.session, &b), 0);
	a.rate = 8001;
	ck_assert_int_eq(parley_audio_pcm(w->a.p, w->a.session, &a), -EINVAL);
	b.sink = NULL;
	ck_assert_int_eq(parley_audio_pcm(w->b.p, w->b.session, &b), -EINVAL);
	wait_for(w, SEC(1));
	out.changes = heard = out.heard = 0;
	wait_for(w, SEC(2));
	ck_assert_uint_ge(out.heard, 199);
	ck_assert_uint_le(out.heard, 201);
	ck_assert_uint_ge(out.changes, 1980); /* two quanta more or less */
	ck_assert_uint_le(out.changes, 2020);
	ck_assert_int_ge(out.peak, 7000);
	/* Something else in its place; then the end. */
	heard = in.quanta;
	ck_assert_int_eq(parley_audio(w->a.p, w->a.session, "null", NULL), 0);
	wait_for(w, SEC(1));
	ck_assert_uint_eq(in.quanta, heard);
	ck_assert_int_eq(parley_end(w->a.p, w->a.session), 0);
	wait_for(w, SEC(1));
	heard = out.heard;
	wait_for(w, SEC(1));
	ck_assert_uint_eq(out.heard, heard);
	done(w);
}
END_TEST

/* 180 and 200 arrive as one batch: the 1xx has nothing to say any more. */
START_TEST(progress_never_has_a_final_code)
{
	struct pair *w = call();

	wait_for(w, SEC(1));
	ck_assert_uint_eq(w->a.told[PARLEY_EV_CONFIRMED], 1);
	ck_assert(w->a.told[PARLEY_EV_PROGRESS] == 0 ||
		  w->a.progress / 100 == 1);
	done(w);
}
END_TEST

START_TEST(digits_are_sent_all_or_none)
{
	struct pair *w = call();
	char many[200];

	ck_assert_int_eq(parley_dtmf(w->a.p, w->a.session, "1"),
			 -EINPROGRESS);
	wait_for(w, SEC(1));
	memset(many, '7', sizeof(many) - 1);
	many[sizeof(many) - 1] = '\0';
	ck_assert_int_eq(parley_dtmf(w->a.p, w->a.session, "12x"), -EINVAL);
	ck_assert_int_eq(parley_dtmf(w->a.p, w->a.session, NULL), -EINVAL);
	ck_assert_int_eq(parley_dtmf(w->a.p, w->a.session, many), -ENOSPC);
	ck_assert_str_eq(parley_error(w->a.p), "too many digits are waiting");
	ck_assert_int_eq(parley_dtmf(w->a.p, w->a.session, "34"), 0);
	wait_for(w, SEC(4));
	ck_assert_str_eq(w->b.digits, "34");
	done(w);
}
END_TEST

START_TEST(one_session_has_one_device)
{
	struct pair *w = call();

	ck_assert_int_eq(parley_audio(w->a.p, w->a.session, "device:null",
				      "device:other"), -EINVAL);
	ck_assert_str_eq(parley_error(w->a.p),
			 "source and sink are one device");
	ck_assert_int_eq(parley_audio(w->a.p, w->a.session, "device:null",
				      NULL), 0);
	ck_assert_int_eq(parley_audio(w->a.p, w->a.session, NULL,
				      "device:other"), -EINVAL);
	ck_assert_int_eq(parley_audio(w->a.p, w->a.session, NULL,
				      "device:null"), 0);
	done(w);
}
END_TEST

struct file { /* a recording that can be cut off */
	char sink[64];
	struct rlimit was;
	void (*xfsz)(int);
};

static void file_new(struct file *f)
{
	int fd;

	*f = (struct file){ .sink = "file:/tmp/parley-rec-XXXXXX" };
	fd = mkstemp(f->sink + 5);
	ck_assert_int_ge(fd, 0);
	close(fd);
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &f->was), 0);
	f->xfsz = signal(SIGXFSZ, SIG_IGN);
}

static void file_at_most(const struct file *f, rlim_t octets)
{
	struct rlimit small = { octets, f->was.rlim_max };

	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
}

static void file_gone(const struct file *f)
{
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &f->was), 0);
	signal(SIGXFSZ, f->xfsz);
	unlink(f->sink + 5);
}

START_TEST(a_recording_that_is_cut_off_is_told_while_the_call_runs)
{
	struct pair *w = call();
	struct file f;

	file_new(&f);
	ck_assert_int_eq(parley_audio(w->a.p, w->a.session, NULL, f.sink), 0);
	file_at_most(&f, 65536);
	wait_for(w, SEC(20)); /* 8000 samples a second, 2 octets each */
	file_gone(&f);
	ck_assert_uint_eq(w->a.told[PARLEY_EV_MEDIA_FAILED], 1);
	ck_assert(w->a.live);
	ck_assert_ptr_nonnull(strstr(w->a.failed, "File too large"));
	ck_assert_uint_eq(w->a.told[PARLEY_EV_ENDED], 0);
	done(w);
}
END_TEST

/* 8000 samples a second of 2 octets each, PCMU being 8 kHz. */
START_TEST(a_recording_goes_on_when_what_is_played_changes)
{
	struct pair *w = call();
	char path[] = "/tmp/parley-rec-XXXXXX", sink[64] = "file:";
	struct stat st;
	int fd = mkstemp(path);

	ck_assert_int_ge(fd, 0);
	memcpy(sink + 5, path, sizeof(path));
	ck_assert_int_eq(parley_audio(w->a.p, w->a.session, NULL, sink), 0);
	wait_for(w, SEC(10));
	ck_assert_int_eq(parley_audio(w->a.p, w->a.session, "tone:440", NULL),
			 0);
	ck_assert_int_eq(parley_audio(w->a.p, w->a.session, NULL, sink), 0);
	/* What records into it already is another call. */
	ck_assert_int_eq(parley_audio(w->b.p, w->b.session, NULL, sink),
			 -EBUSY);
	wait_for(w, SEC(10));
	ck_assert_uint_eq(w->a.told[PARLEY_EV_MEDIA_FAILED], 0);
	ck_assert_int_eq(fstat(fd, &st), 0);
	ck_assert_int_ge(st.st_size, 18 * 16000);
	close(fd);
	unlink(path);
	done(w);
}
END_TEST

/* Samples of 8000, in 16 bit and mono, 8000 a second. */
static void wav_of(const char *path, uint32_t samples)
{
	static const uint8_t head[] = "RIFF\0\0\0\0WAVEfmt \x10\0\0\0\1\0\1\0"
		"\x40\x1f\0\0\x80\x3e\0\0\2\0\x10\0data";
	uint32_t bytes = 2 * samples;
	FILE *f = fopen(path, "wb");

	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(head, 1, 40, f), 40);
	for (unsigned i = 0; i < 4; i++)
		putc((int)(bytes >> 8 * i & 255), f);
	for (uint32_t i = 0; i < samples; i++)
		ck_assert(putc(8000 & 255, f) != EOF &&
			  putc(8000 >> 8, f) != EOF);
	ck_assert_int_eq(fclose(f), 0);
}

struct loud { /* what is heard of them */
	unsigned samples, quanta;
};

static void loud_sink(void *arg, const int16_t *pcm, size_t n)
{
	struct loud *l = arg;
	unsigned before = l->samples;

	for (size_t i = 0; pcm && i < n; i++)
		l->samples += pcm[i] > 4000;
	l->quanta += l->samples > before;
}

struct once { /* a file of a, to be played to b */
	struct pair *w;
	struct loud heard;
	char path[32], spec[48];
};

static void once_open(struct once *o, uint32_t samples)
{
	struct parley_pcm c = { .size = sizeof(c), .rate = 8000,
				.sink = loud_sink, .arg = &o->heard };
	int fd;

	*o = (struct once){ .w = call(), .path = "/tmp/parley-once-XXXXXX" };
	fd = mkstemp(o->path);
	ck_assert_int_ge(fd, 0);
	close(fd);
	snprintf(o->spec, sizeof(o->spec), "once:%s", o->path);
	wav_of(o->path, samples);
	ck_assert_int_eq(parley_audio(o->w->a.p, o->w->a.session, o->spec,
				      NULL), 0);
	wait_for(o->w, MS(70)); /* the 200 is under way */
	ck_assert_int_eq(parley_audio_pcm(o->w->b.p, o->w->b.session, &c), 0);
	ck_assert_uint_eq(o->w->a.told[PARLEY_EV_STREAM_STARTED], 0);
}

static void once_done(struct once *o)
{
	unlink(o->path);
	done(o->w);
}

/* 50 quanta and 37 samples, set before the answer; then nothing. */
START_TEST(a_file_is_played_once)
{
	struct once o;
	const unsigned *told;

	once_open(&o, 50 * 80 + 37);
	told = o.w->a.told;
	wait_for(o.w, MS(400));
	ck_assert_uint_eq(told[PARLEY_EV_STREAM_STARTED], 1);
	ck_assert_uint_eq(told[PARLEY_EV_PLAYED], 0);
	wait_for(o.w, SEC(3));
	ck_assert_uint_eq(told[PARLEY_EV_PLAYED], 1);
	ck_assert_str_eq(o.w->a.played, o.spec);
	ck_assert_uint_eq(o.heard.samples, 50 * 80 + 37);
	ck_assert_uint_eq(o.heard.quanta, 51);
	/* Again, as it is asked for again; and the next from the callback. */
	o.w->a.next = o.spec;
	ck_assert_int_eq(parley_audio(o.w->a.p, o.w->a.session, o.spec, NULL),
			 0);
	wait_for(o.w, SEC(3));
	ck_assert_uint_eq(told[PARLEY_EV_PLAYED], 3);
	ck_assert_uint_eq(o.heard.samples, 3 * (50 * 80 + 37));
	ck_assert_uint_eq(told[PARLEY_EV_MEDIA_FAILED], 0);
	once_done(&o);
}
END_TEST

/* 200 quanta; what the jitter buffer has is lost to who hears no more, 10 of
 * them at most. */
static void hold_in_it(bool by_a)
{
	struct once o;
	struct end *who;
	unsigned quanta;

	once_open(&o, 200 * 80);
	who = by_a ? &o.w->a : &o.w->b;
	wait_for(o.w, MS(500));
	ck_assert_int_eq(parley_hold(who->p, who->session, true), 0);
	wait_for(o.w, MS(500));
	quanta = o.heard.quanta;
	ck_assert_uint_gt(quanta, 20);
	ck_assert_uint_lt(quanta, 70);
	wait_for(o.w, SEC(5));
	ck_assert_uint_eq(o.heard.quanta, quanta);
	ck_assert_uint_eq(o.w->a.told[PARLEY_EV_PLAYED], 0);
	ck_assert_int_eq(parley_hold(who->p, who->session, false), 0);
	wait_for(o.w, SEC(5));
	ck_assert_uint_eq(o.w->a.told[PARLEY_EV_PLAYED], 1);
	ck_assert_uint_ge(o.heard.quanta, 190);
	ck_assert_uint_le(o.heard.quanta, 210); /* some repeated at the seam */
	/* A new agreement begins nothing anew. */
	quanta = o.heard.quanta;
	ck_assert_int_eq(parley_hold(who->p, who->session, true), 0);
	wait_for(o.w, SEC(1));
	ck_assert_int_eq(parley_hold(who->p, who->session, false), 0);
	wait_for(o.w, SEC(3));
	ck_assert_uint_eq(o.heard.quanta, quanta);
	ck_assert_uint_eq(o.w->a.told[PARLEY_EV_PLAYED], 1);
	once_done(&o);
}

START_TEST(what_is_played_once_waits_for_the_end_of_a_hold)
{
	hold_in_it(false);
	hold_in_it(true);
}
END_TEST

static void cut_short(bool by_the_end)
{
	struct once o;
	struct end *a;

	once_open(&o, 200 * 80);
	a = &o.w->a;
	wait_for(o.w, MS(500));
	if (by_the_end)
		ck_assert_int_eq(parley_end(a->p, a->session), 0);
	else
		ck_assert_int_eq(parley_audio(a->p, a->session, "null", NULL),
				 0);
	wait_for(o.w, SEC(5));
	ck_assert_uint_eq(a->told[PARLEY_EV_ENDED], (unsigned)by_the_end);
	ck_assert_uint_eq(a->told[PARLEY_EV_PLAYED], 0);
	ck_assert_uint_eq(a->after, 0);
	ck_assert_uint_lt(o.heard.quanta, 60);
	once_done(&o);
}

/* Neither hung up nor replaced it came to its end. */
START_TEST(what_was_not_played_to_its_end_is_not_told)
{
	cut_short(false);
	cut_short(true);
}
END_TEST

/* At once, or when it is gone until it is wanted. */
START_TEST(a_file_that_cannot_be_read_is_not_played_once)
{
	struct once o;
	struct end *a;

	once_open(&o, 80);
	a = &o.w->a;
	ck_assert_int_eq(parley_audio(a->p, 0, "once:/no/such.wav", NULL),
			 -ENOENT);
	ck_assert_int_eq(parley_audio(a->p, a->session, "once:/dev/null",
				      NULL), -EBADMSG);
	ck_assert_int_eq(parley_audio(a->p, a->session, "once", NULL),
			 -EINVAL);
	ck_assert_int_eq(parley_audio(a->p, a->session, NULL, o.spec),
			 -EINVAL);
	unlink(o.path);
	wait_for(o.w, SEC(2));
	ck_assert_uint_eq(a->told[PARLEY_EV_MEDIA_FAILED], 1);
	ck_assert_ptr_nonnull(strstr(a->failed, "No such file"));
	ck_assert_mem_eq(a->failed, o.path, strlen(o.path));
	ck_assert_uint_eq(a->told[PARLEY_EV_PLAYED], 0);
	ck_assert_uint_eq(a->told[PARLEY_EV_ENDED], 0);
	ck_assert_uint_eq(o.heard.samples, 0);
	once_done(&o);
}
END_TEST

enum { MANY = 20 };

struct many { /* calls that one side makes to the other, on real sockets */
	struct parley *a, *b;
	uint32_t made[MANY], taken[MANY];
	char digits[MANY][8];
	bool ended[MANY];
	unsigned up, takes, ends;
};

static void on_maker(void *app, const struct parley_event *ev)
{
	struct many *m = app;

	m->up += parley_event_kind(ev) == PARLEY_EV_STREAM_STARTED;
}

static void on_taker(void *app, const struct parley_event *ev)
{
	struct many *m = app;
	uint32_t s = parley_event_session(ev);
	unsigned i = 0;

	if (parley_event_kind(ev) == PARLEY_EV_INCOMING) {
		ck_assert_int_eq(parley_accept(m->b, s, NULL, 0), 0);
		m->taken[m->takes++] = s;
		return;
	}
	while (i < m->takes && m->taken[i] != s)
		i++;
	ck_assert_uint_lt(i, m->takes);
	ck_assert_msg(!m->ended[i], "%s after the end",
		      parley_event_name(parley_event_kind(ev)));
	if (parley_event_kind(ev) == PARLEY_EV_DTMF)
		m->digits[i][strlen(m->digits[i])] = parley_event_digit(ev);
	m->ended[i] = parley_event_kind(ev) == PARLEY_EV_ENDED;
	m->ends += m->ended[i];
}

static void many_open(struct many *m)
{
	struct parley_config c = { .size = sizeof(c), .local = "127.0.0.1:0",
				   .app = m, .on_event = on_maker };
	uint32_t account, other;
	char uri[100] = "sip:b@";

	ck_assert_int_eq(parley_new(&c, &m->a), 0);
	c.on_event = on_taker;
	ck_assert_int_eq(parley_new(&c, &m->b), 0);
	ck_assert_int_eq(parley_account_add(m->a, "sip:a@localhost", &account),
			 0);
	ck_assert_int_eq(parley_account_add(m->b, "sip:b@localhost", &other),
			 0);
	ck_assert_int_eq(slice_to_str(slice_str(parley_local(m->b)), uri + 6,
				      sizeof(uri) - 6), 0);
	for (unsigned i = 0; i < MANY; i++)
		ck_assert_int_eq(parley_call(m->a, account, uri, NULL, 0,
					     &m->made[i]), 0);
	for (unsigned i = 0; i < 1000 && m->up < MANY; i++) {
		ck_assert_int_ge(parley_step(m->a, 2), 0);
		ck_assert_int_ge(parley_step(m->b, 2), 0);
	}
	ck_assert_uint_eq(m->up, MANY);
}

static int64_t ms_now(struct timespec *t)
{
	clock_gettime(CLOCK_MONOTONIC, t);
	return (int64_t)t->tv_sec * 1000 + t->tv_nsec / 1000000;
}

/* One side does not get to run for half a second (a debugger, swapping): then
 * 40 digits and 20 BYEs are there at once. */
START_TEST(all_is_told_of_a_session_before_its_end)
{
	struct many m = { 0 };
	struct timespec t;
	int64_t begin;

	many_open(&m);
	for (unsigned i = 0; i < MANY; i++)
		ck_assert_int_eq(parley_dtmf(m.a, m.made[i], "47"), 0);
	begin = ms_now(&t);
	while (ms_now(&t) < begin + 500)
		ck_assert_int_ge(parley_step(m.a, 10), 0);
	for (unsigned i = 0; i < MANY; i++)
		ck_assert_int_eq(parley_end(m.a, m.made[i]), 0);
	ck_assert_int_ge(parley_step(m.a, 0), 0);
	ck_assert_int_ge(parley_step(m.a, 0), 0);
	for (unsigned i = 0; i < 1000 && m.ends < MANY; i++)
		ck_assert_int_ge(parley_step(m.b, 2), 0);
	ck_assert_uint_eq(m.ends, MANY);
	for (unsigned i = 0; i < MANY; i++)
		ck_assert_str_eq(m.digits[i], "47");
	parley_free(m.a);
	parley_free(m.b);
}
END_TEST

START_TEST(a_disk_that_is_full_at_the_end_is_told_before_it)
{
	struct pair *w = call();
	struct file f;

	file_new(&f);
	ck_assert_int_eq(parley_audio(w->a.p, w->a.session, NULL, f.sink), 0);
	wait_for(w, MS(400));
	file_at_most(&f, 44); /* what is written already: the header */
	ck_assert_uint_eq(w->a.told[PARLEY_EV_MEDIA_FAILED], 0);
	ck_assert_int_eq(parley_end(w->a.p, w->a.session), 0);
	wait_for(w, SEC(1));
	file_gone(&f);
	ck_assert_uint_eq(w->a.told[PARLEY_EV_ENDED], 1);
	ck_assert_uint_eq(w->a.told[PARLEY_EV_MEDIA_FAILED], 1);
	ck_assert(w->a.live);
	ck_assert_uint_eq(w->a.after, 0);
	done(w);
}
END_TEST

static void copy_of_a_wav(const char *path)
{
	static const uint8_t wav[] = "RIFF\x26\0\0\0WAVEfmt \x10\0\0\0\1\0\1\0"
		"\x40\x1f\0\0\x80\x3e\0\0\2\0\x10\0data\2\0\0\0\1";
	FILE *f = fopen(path, "wb");

	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(wav, 1, 46, f), 46);
	fclose(f);
}

/* By its name, by another one, and by a symbolic link. */
START_TEST(what_is_played_is_not_recorded_over)
{
	static const char *const name[] = { "x.wav", "./x.wav", "link.wav",
					    "hard.wav" };
	char dir[] = "/tmp/parley-one-XXXXXX", path[64], spec[96], alias[64];
	char once[96];
	struct pair *w = call();
	struct stat st;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/x.wav", dir);
	copy_of_a_wav(path);
	snprintf(alias, sizeof(alias), "%s/link.wav", dir);
	ck_assert_int_eq(symlink("x.wav", alias), 0);
	snprintf(alias, sizeof(alias), "%s/hard.wav", dir);
	ck_assert_int_eq(link(path, alias), 0);
	snprintf(spec, sizeof(spec), "file:%s", path);
	ck_assert_int_eq(parley_audio(w->a.p, w->a.session, spec, NULL), 0);
	for (size_t i = 0; i < COUNT(name); i++) {
		snprintf(spec, sizeof(spec), "file:%s/%s", dir, name[i]);
		ck_assert_int_eq(parley_audio(w->a.p, w->a.session, NULL,
					      spec), -EINVAL);
		memcpy(once, spec, sizeof(once));
		memcpy(once, "once", 4);
		ck_assert_int_eq(parley_audio(w->a.p, 0, once, spec), -EINVAL);
		ck_assert_str_eq(parley_error(w->a.p),
				 "source and sink are one file");
		ck_assert_int_eq(parley_audio(w->a.p, 0, spec, spec), -EINVAL);
	}
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_eq(st.st_size, 46);
	unlink(alias);
	snprintf(alias, sizeof(alias), "%s/link.wav", dir);
	unlink(alias);
	unlink(path);
	rmdir(dir);
	done(w);
}
END_TEST

SUITE(applications, pcm_goes_in_and_comes_out, a_file_is_played_once,
      a_file_that_cannot_be_read_is_not_played_once,
      what_is_played_once_waits_for_the_end_of_a_hold,
      what_was_not_played_to_its_end_is_not_told,
      a_call_says_what_was_dialled, a_call_takes_headers_along,
      headers_that_are_not_the_applications_are_refused,
      all_is_told_of_a_session_before_its_end,
      a_disk_that_is_full_at_the_end_is_told_before_it,
      an_agent_that_is_freed_makes_no_event,
      progress_never_has_a_final_code,
      digits_are_sent_all_or_none, one_session_has_one_device,
      a_recording_that_is_cut_off_is_told_while_the_call_runs,
      a_recording_goes_on_when_what_is_played_changes,
      what_is_played_is_not_recorded_over);
