/* SPDX-License-Identifier: BSD-2-Clause
 * The door to ALSA, and an edge: PCMs on the reactor through their poll
 * descriptors.
 *
 * The clock is the capture's, or the playback's where nothing is captured:
 * each 10 ms of it is a tick.  Captured frames wait in fifo for their tick.
 * Playback is kept filled to target frames: a quantum is left out when it has
 * too much for long, and silence is put in after an underrun; both are counted.
 * A PCM that does not keep time (type null, type file over it) is found out by
 * running ahead of the reactor's clock: then the reactor's timer takes over.
 * One that gives no sound for a while (sound servers may take seconds to start)
 * is bridged with ticks of silence, started again, and given up in the end.
 */
#include <alsa/asoundlib.h>

#include "media/device/device.h"
#include "media/media_clock.h"

enum {
	FDS = 8,              /* poll descriptors of one PCM */
	CHANNELS_MAX = 8,
	QUANTUM_MAX = 480,
	FIFO = 48 * 500,      /* 500 ms at the highest rate */
	CHUNK = 1024,         /* frames read or written at once */
	PERIODS = 4,          /* in the buffer we ask for */
	READS = 16,           /* in one turn of the loop */
	QUIET = 400,          /* peak: -38 dBov */
	STALL_TICKS = 250,    /* bridged, then the PCM is started again */
	STALLS = 3            /* such in a row: the device counts as dead */
};

#define GRACE MS(60) /* without a tick, then it is bridged */

struct pcm { /* one direction; pcm NULL: not used */
	snd_pcm_t *pcm;
	struct alsa *owner;
	unsigned channels;
	uint32_t rate;
	snd_pcm_uframes_t period, buffer;
	struct pollfd fd[FDS];
	struct fdwatch *watch[FDS];
	unsigned fds;
	uint64_t frames; /* moved since start */
};

struct alsa {
	struct device base;
	struct reactor *r;
	struct mem *mem;
	void (*tick)(void *arg);
	void *arg;
	struct pcm in, out;
	struct media_clock clock;     /* of a PCM without one */
	struct reactor_timer idle;    /* bridges the gaps */
	bool timed;                   /* the PCM's clock runs us */
	mono started, last;           /* last: tick of the PCM's */
	unsigned bridged;             /* ticks since then */
	snd_pcm_sframes_t target;     /* playback fill aimed at */
	snd_pcm_sframes_t least;      /* fill seen in this second */
	unsigned fill_ticks;
	struct device_stats stats;
	bool *gone;
	bool busy;                    /* within service */
	size_t have;                  /* frames in fifo */
	int16_t fifo[FIFO];
	int16_t wide[CHUNK * CHANNELS_MAX];
};

extern const struct device_kind device_alsa;

static size_t quantum(const struct alsa *a)
{
	return a->base.rate / 100;
}

/* ----------------------------------------------------------- opening */
/* libasound writes to the standard error output otherwise. */
__attribute__((format(printf, 5, 6)))
static void silent(const char *file, int line, const char *function, int err,
		   const char *fmt, ...)
{
	(void)file;
	(void)line;
	(void)function;
	(void)err;
	(void)fmt;
}

static int set_hw(struct pcm *p, uint32_t rate, unsigned period_ms)
{
	snd_pcm_hw_params_t *hw = NULL;
	unsigned r = rate, ch = 1;
	int rc = snd_pcm_hw_params_malloc(&hw);

	if (rc < 0)
		return rc;
	rc = snd_pcm_hw_params_any(p->pcm, hw);
	if (rc >= 0)
		rc = snd_pcm_hw_params_set_access(
			p->pcm, hw, SND_PCM_ACCESS_RW_INTERLEAVED);
	if (rc >= 0)
		rc = snd_pcm_hw_params_set_format(p->pcm, hw,
						  SND_PCM_FORMAT_S16);
	if (rc >= 0)
		rc = snd_pcm_hw_params_set_channels_near(p->pcm, hw, &ch);
	if (rc >= 0)
		rc = snd_pcm_hw_params_set_rate_near(p->pcm, hw, &r, NULL);
	p->period = (snd_pcm_uframes_t)r * period_ms / 1000;
	p->buffer = p->period * PERIODS;
	if (rc >= 0)
		rc = snd_pcm_hw_params_set_period_size_near(p->pcm, hw,
							    &p->period, NULL);
	if (p->buffer < p->period * 2)
		p->buffer = p->period * 2;
	if (rc >= 0)
		rc = snd_pcm_hw_params_set_buffer_size_near(p->pcm, hw,
							    &p->buffer);
	if (rc >= 0)
		rc = snd_pcm_hw_params(p->pcm, hw);
	snd_pcm_hw_params_free(hw);
	p->channels = ch;
	p->rate = r;
	if (rc >= 0 && (ch > CHANNELS_MAX || r % 100 || r > 48000 || !ch))
		rc = -ENOTSUP; /* plughw: converts */
	return rc;
}

static int set_sw(struct pcm *p, snd_pcm_uframes_t start)
{
	snd_pcm_sw_params_t *sw = NULL;
	int rc = snd_pcm_sw_params_malloc(&sw);

	if (rc < 0)
		return rc;
	rc = snd_pcm_sw_params_current(p->pcm, sw);
	if (rc >= 0)
		rc = snd_pcm_sw_params_set_avail_min(p->pcm, sw, p->period);
	if (rc >= 0)
		rc = snd_pcm_sw_params_set_start_threshold(p->pcm, sw, start);
	if (rc >= 0)
		rc = snd_pcm_sw_params(p->pcm, sw);
	snd_pcm_sw_params_free(sw);
	return rc;
}

static void pcm_shut(struct pcm *p)
{
	for (unsigned i = 0; i < p->fds; i++)
		fdwatch_close(p->watch[i]);
	p->fds = 0;
	if (!p->pcm)
		return;
	snd_pcm_drop(p->pcm); /* or closing plays what is left */
	snd_pcm_close(p->pcm);
	p->pcm = NULL;
}

static int pcm_open(struct alsa *a, struct pcm *p, const char *name,
		    snd_pcm_stream_t dir, uint32_t rate, unsigned ms)
{
	int rc;

	p->owner = a;
	if (name && !*name)
		return 0;
	rc = snd_pcm_open(&p->pcm, name ? name : "default", dir,
			  SND_PCM_NONBLOCK);
	if (rc < 0) {
		p->pcm = NULL;
		return rc;
	}
	rc = set_hw(p, rate, ms);
	/* A capture is started by hand, playback by its first fill. */
	if (rc >= 0)
		rc = set_sw(p, dir == SND_PCM_STREAM_CAPTURE ? p->buffer * 2 :
				       1);
	if (rc < 0)
		pcm_shut(p);
	return rc < 0 ? rc : 0;
}

/* ---------------------------------------------------------- playback */
static void widen(const struct pcm *p, const int16_t *pcm, size_t n,
		  int16_t *out)
{
	for (size_t i = 0; i < n; i++)
		for (unsigned c = 0; c < p->channels; c++)
			*out++ = pcm ? pcm[i] : 0;
}

static void died(struct alsa *a, int rc)
{
	if (!a->stats.error)
		a->stats.error = -rc;
}

/* pcm NULL is silence.  Frames written; what does not fit is left out. */
static size_t alsa_put(struct alsa *a, const int16_t *pcm, size_t n)
{
	size_t done = 0;

	while (done < n) {
		size_t k = n - done < CHUNK ? n - done : CHUNK;
		snd_pcm_sframes_t rc;

		widen(&a->out, pcm ? pcm + done : NULL, k, a->wide);
		rc = snd_pcm_writei(a->out.pcm, a->wide, k);
		if (rc == -EAGAIN)
			break;
		if (rc < 0) {
			if (rc == -EPIPE)
				a->stats.underruns++;
			else
				a->stats.restarts++;
			rc = snd_pcm_recover(a->out.pcm, (int)rc, 1);
			if (rc < 0)
				died(a, (int)rc);
			break;
		}
		done += (size_t)rc;
	}
	a->out.frames += done;
	return done;
}

static snd_pcm_sframes_t fill_of(const struct pcm *p)
{
	snd_pcm_sframes_t avail = snd_pcm_avail_update(p->pcm);

	return avail < 0 ? avail : (snd_pcm_sframes_t)p->buffer - avail;
}

/* Silence up to the target: at the start and after an underrun. */
static void prefill(struct alsa *a)
{
	snd_pcm_sframes_t fill = fill_of(&a->out);

	if (fill < 0) {
		if (fill == -EPIPE)
			a->stats.underruns++;
		else
			a->stats.restarts++;
		fill = snd_pcm_recover(a->out.pcm, (int)fill, 1);
		if (fill < 0) {
			died(a, (int)fill);
			return;
		}
	}
	if (fill < a->target)
		alsa_put(a, NULL, (size_t)(a->target - fill));
}

static bool is_quiet(const int16_t *pcm, size_t n)
{
	for (size_t i = 0; pcm && i < n; i++)
		if (pcm[i] > QUIET || pcm[i] < -QUIET)
			return false;
	return true;
}

/* Is this quantum too much?  When the fill never came down to the target for a
 * second one is left out: the next quiet one, or in the end any. */
static bool too_much(struct alsa *a, snd_pcm_sframes_t fill,
		     const int16_t *pcm, size_t n)
{
	snd_pcm_sframes_t most = a->target + 2 * (snd_pcm_sframes_t)quantum(a);

	if (!a->fill_ticks || fill < a->least)
		a->least = fill;
	if (++a->fill_ticks < 100)
		return false;
	if (a->least > most && !is_quiet(pcm, n) && a->fill_ticks < 400)
		return false;
	a->fill_ticks = 0;
	return a->least > most;
}

static void alsa_write(struct device *dev, const int16_t *pcm, size_t n)
{
	struct alsa *a = CONTAINER(dev, struct alsa, base);
	snd_pcm_sframes_t fill = fill_of(&a->out);

	if (a->timed && a->bridged && a->in.pcm)
		return; /* the capture's clock stands: so does this */
	if (fill < (snd_pcm_sframes_t)a->out.period / 2 && a->timed)
		prefill(a);
	if (a->in.pcm && a->timed && too_much(a, fill, pcm, n)) {
		a->stats.skipped++;
		return;
	}
	if (alsa_put(a, pcm, n) < n && a->timed && !a->bridged)
		a->stats.skipped++;
}

/* ----------------------------------------------------------- capture */
static void narrow(const struct pcm *p, const int16_t *in, size_t n,
		   int16_t *out)
{
	for (size_t i = 0; p->channels && i < n; i++) {
		int32_t sum = 0;

		for (unsigned c = 0; c < p->channels; c++)
			sum += *in++;
		out[i] = (int16_t)(sum / (int32_t)p->channels);
	}
}

static void restart_capture(struct alsa *a, int err)
{
	int rc;

	if (err == -EPIPE)
		a->stats.overruns++;
	else
		a->stats.restarts++;
	rc = snd_pcm_recover(a->in.pcm, err, 1);
	if (rc >= 0)
		rc = snd_pcm_start(a->in.pcm);
	if (rc < 0 && rc != -EBADFD) /* -EBADFD: it runs */
		died(a, rc);
}

/* Up to most frames into fifo; false: there is nothing now. */
static bool fetch(struct alsa *a, size_t most)
{
	size_t room = FIFO - a->have;
	snd_pcm_sframes_t rc;

	if (most > room)
		most = room;
	if (most > CHUNK)
		most = CHUNK;
	if (!most)
		return false;
	rc = snd_pcm_readi(a->in.pcm, a->wide, most);
	if (rc < 0 && rc != -EAGAIN)
		restart_capture(a, (int)rc);
	if (rc <= 0)
		return false;
	narrow(&a->in, a->wide, (size_t)rc, a->fifo + a->have);
	a->have += (size_t)rc;
	a->in.frames += (uint64_t)rc;
	return true;
}

static bool alsa_read(struct device *dev, int16_t *pcm, size_t n)
{
	struct alsa *a = CONTAINER(dev, struct alsa, base);

	if (!a->timed && !a->stats.error) /* the timer's turn: as it comes */
		while (a->have < n && fetch(a, n - a->have))
			;
	if (a->have < n)
		return false;
	memcpy(pcm, a->fifo, n * sizeof(*pcm));
	a->have -= n;
	memmove(a->fifo, a->fifo + n, a->have * sizeof(*a->fifo));
	return true;
}

/* ------------------------------------------------------------- clock */
static void run_tick(struct alsa *a)
{
	a->stats.ticks++;
	a->tick(a->arg);
}

static void pcm_tick(struct alsa *a)
{
	a->last = reactor_clock(a->r);
	a->bridged = 0;
	run_tick(a);
}

static void on_clock(void *arg)
{
	struct alsa *a = arg;

	run_tick(a);
}

/* From now on the reactor's timer. */
static void untime(struct alsa *a)
{
	struct pcm *both[] = { &a->in, &a->out };

	if (!a->timed)
		return;
	a->timed = false;
	for (unsigned i = 0; i < 2; i++) {
		for (unsigned k = 0; k < both[i]->fds; k++)
			fdwatch_close(both[i]->watch[k]);
		both[i]->fds = 0;
	}
	reactor_timer_stop(a->r, &a->idle);
	media_clock_start(&a->clock, a->r, on_clock, a);
}

/* A PCM can be ahead of real time by its buffer, not by more. */
static bool ahead(const struct alsa *a, const struct pcm *p)
{
	mono elapsed = reactor_clock(a->r) - a->started;
	uint64_t due = (uint64_t)(elapsed / 1000) * p->rate / 1000000;

	return p->frames > due + p->buffer + p->rate / 50;
}

/* Ticks for what was captured; false: the device is gone. */
static bool pump_capture(struct alsa *a, bool *gone)
{
	for (unsigned i = 0; i < READS && a->timed && fetch(a, CHUNK); i++) {
		while (a->have >= quantum(a)) {
			size_t before = a->have;
			int16_t drop[QUANTUM_MAX];

			pcm_tick(a);
			if (*gone)
				return false;
			if (a->have == before) /* nobody took it */
				(void)alsa_read(&a->base, drop, quantum(a));
		}
		if (ahead(a, &a->in))
			untime(a);
	}
	return true;
}

/* Ticks until the playback buffer is filled to the target. */
static bool pump_playback(struct alsa *a, bool *gone)
{
	for (unsigned i = 0; i < READS && a->timed; i++) {
		snd_pcm_sframes_t fill = fill_of(&a->out);
		uint64_t before = a->out.frames;

		if (fill < 0) {
			prefill(a);
			break;
		}
		if (fill + (snd_pcm_sframes_t)quantum(a) >
		    (snd_pcm_sframes_t)a->out.buffer)
			break;
		pcm_tick(a);
		if (*gone)
			return false;
		if (a->out.frames == before) /* nobody plays: keep time */
			alsa_put(a, NULL, quantum(a));
		if (ahead(a, &a->out))
			untime(a);
		if (a->out.frames == before)
			break;
	}
	return true;
}

static void service(struct alsa *a)
{
	bool gone = false;

	if (a->busy)
		return;
	a->busy = true;
	a->gone = &gone;
	if (a->in.pcm ? !pump_capture(a, &gone) : !pump_playback(a, &gone))
		return; /* and a is freed */
	a->gone = NULL;
	a->busy = false;
	if (a->stats.error)
		untime(a);
}

static void on_fd(void *arg, unsigned got)
{
	struct pcm *p = arg;
	struct alsa *a = p->owner;
	unsigned short revents = 0;

	/* Plugins need to be told, so that they clear their descriptor; which
	 * of several it was does not matter, they look for themselves. */
	for (unsigned i = 0; i < p->fds; i++)
		p->fd[i].revents = (short)((got & REACTOR_READ ? POLLIN : 0) |
					   (got & REACTOR_WRITE ? POLLOUT : 0));
	for (unsigned i = 0; i < p->fds; i++)
		p->fd[i].revents &= p->fd[i].events;
	(void)snd_pcm_poll_descriptors_revents(p->pcm, p->fd, p->fds, &revents);
	service(a);
}

static int watch(struct alsa *a, struct pcm *p)
{
	int n = snd_pcm_poll_descriptors_count(p->pcm);
	int rc = 0;

	if (n < 1 || n > FDS)
		return -ENOTSUP;
	n = snd_pcm_poll_descriptors(p->pcm, p->fd, (unsigned)n);
	for (int i = 0; i < n && rc == 0; i++) {
		unsigned want = (p->fd[i].events & POLLIN ? REACTOR_READ : 0) |
				(p->fd[i].events & POLLOUT ? REACTOR_WRITE : 0);

		rc = fdwatch_open(a->r, p->fd[i].fd, want, on_fd, p,
				  &p->watch[i]);
		if (rc == 0)
			p->fds++;
	}
	return rc;
}

static void start_again(struct alsa *a)
{
	struct pcm *p = a->in.pcm ? &a->in : &a->out;

	a->stats.restarts++;
	snd_pcm_drop(p->pcm);
	snd_pcm_prepare(p->pcm);
	if (a->in.pcm)
		snd_pcm_start(p->pcm);
	else
		prefill(a);
}

static void on_idle(void *arg)
{
	struct alsa *a = arg;
	mono now = reactor_now(a->r).m, due = mono_add(a->last, GRACE);
	bool gone = false;

	if (now < due) {
		reactor_timer_at(a->r, &a->idle, due);
		return;
	}
	if (++a->bridged % STALL_TICKS == 0) {
		start_again(a);
		if (a->bridged / STALL_TICKS > STALLS) {
			died(a, -ETIMEDOUT);
			untime(a);
			return;
		}
	}
	a->gone = &gone;
	run_tick(a);
	if (gone)
		return;
	a->gone = NULL;
	reactor_timer_at(a->r, &a->idle, mono_add(now, MS(10)));
}

/* -------------------------------------------------------------- life */
static void alsa_close(struct device *dev)
{
	struct alsa *a = CONTAINER(dev, struct alsa, base);

	if (a->gone)
		*a->gone = true;
	media_clock_stop(&a->clock);
	reactor_timer_stop(a->r, &a->idle);
	pcm_shut(&a->in);
	pcm_shut(&a->out);
	mem_free(a->mem, a);
}

static int alsa_begin(struct alsa *a)
{
	struct pcm *clock = a->in.pcm ? &a->in : &a->out;
	int rc = watch(a, clock);

	if (rc < 0)
		return rc;
	a->timed = true;
	a->started = reactor_clock(a->r);
	if (a->out.pcm) {
		/* A capture period may bring several ticks at once. */
		snd_pcm_uframes_t need = a->out.period +
			(a->in.pcm ? a->in.period : a->out.period);

		if (need > a->out.buffer)
			need = a->out.buffer;
		a->target = (snd_pcm_sframes_t)need;
		prefill(a);
	}
	if (a->in.pcm)
		rc = snd_pcm_start(a->in.pcm);
	a->last = a->started;
	a->idle = (struct reactor_timer){ .fn = on_idle, .arg = a };
	reactor_timer_at(a->r, &a->idle, mono_add(a->last, GRACE));
	return rc < 0 ? rc : 0;
}

static int open_both(struct alsa *a, const struct device_config *c)
{
	uint32_t rate = c->rate ? c->rate : 16000;
	unsigned ms = c->period_ms ? c->period_ms : 10;
	int rc = pcm_open(a, &a->in, c->capture, SND_PCM_STREAM_CAPTURE, rate,
			  ms);

	if (rc == 0)
		rc = pcm_open(a, &a->out, c->playback, SND_PCM_STREAM_PLAYBACK,
			      a->in.pcm ? a->in.rate : rate, ms);
	if (rc == 0 && !a->in.pcm && !a->out.pcm)
		rc = -EINVAL;
	if (rc == 0 && a->in.pcm && a->out.pcm && a->in.rate != a->out.rate)
		rc = -ENOTSUP; /* plughw: converts */
	return rc;
}

static int alsa_open(struct reactor *r, const struct device_config *c,
		     void (*tick)(void *arg), void *arg, struct device **out)
{
	struct alsa *a = mem_new(reactor_mem(r), sizeof(*a));
	int rc;

	if (!a)
		return -ENOMEM;
	a->base.kind = &device_alsa;
	a->r = r;
	a->mem = reactor_mem(r);
	a->tick = tick;
	a->arg = arg;
	snd_lib_error_set_handler(silent);
	rc = open_both(a, c);
	if (rc == 0) {
		a->base.rate = a->in.pcm ? a->in.rate : a->out.rate;
		a->base.captures = a->in.pcm != NULL;
		a->base.plays = a->out.pcm != NULL;
		rc = alsa_begin(a);
	}
	if (rc < 0) {
		alsa_close(&a->base);
		return rc;
	}
	*out = &a->base;
	return 0;
}

static int alsa_check(struct reactor *r, const struct device_config *c)
{
	struct alsa *a = mem_new(reactor_mem(r), sizeof(*a));
	int rc;

	if (!a)
		return -ENOMEM;
	a->mem = reactor_mem(r);
	snd_lib_error_set_handler(silent);
	rc = open_both(a, c);
	pcm_shut(&a->in);
	pcm_shut(&a->out);
	mem_free(a->mem, a);
	return rc;
}

static void alsa_stats(const struct device *dev, struct device_stats *out)
{
	const struct alsa *a = (const struct alsa *)(const void *)dev;
	snd_pcm_sframes_t fill = a->out.pcm ? fill_of(&a->out) : 0;

	*out = a->stats;
	out->skipped += a->clock.skipped;
	out->delay_ms = (unsigned)(((fill > 0 ? (uint64_t)fill : 0) + a->have +
				    (a->in.pcm ? a->in.period : 0)) *
				   1000 / a->base.rate);
}

const struct device_kind device_alsa = {
	"alsa", "ALSA PCMs: alsa:CAPTURE[;PLAYBACK]", alsa_open, alsa_check,
	alsa_close, alsa_read, alsa_write, alsa_stats
};
