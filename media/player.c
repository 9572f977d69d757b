/* SPDX-License-Identifier: BSD-2-Clause */
#include "media/player.h"

#include <string.h>

enum {
	PIECE = 512,        /* frames converted at once */
	BUFFER_MAX = 1 << 20 /* bytes: 10 ms of the widest format fit */
};

int player_init(struct player *p, struct mem *m, const struct wav_format *f,
		uint32_t rate)
{
	struct player out = { .mem = m, .format = *f, .rate = rate };
	int rc;

	if (!wav_format_ok(f) || !rate || rate > GRAPH_RATE_MAX || rate % 100)
		return -EINVAL;
	out.cap = (size_t)f->rate / 10 * PLAYER_BUFFER_MS / 100 * f->frame;
	if (out.cap > BUFFER_MAX)
		out.cap = BUFFER_MAX - (size_t)BUFFER_MAX % f->frame;
	out.buf = mem_array(m, out.cap, 1);
	if (!out.buf)
		return -ENOMEM;
	if (f->rate != rate) {
		rc = resample_open(m, f->rate, rate, &out.r);
		if (rc < 0) {
			mem_free(m, out.buf);
			return rc;
		}
	}
	*p = out;
	return 0;
}

int player_set_rate(struct player *p, uint32_t rate)
{
	struct resample *r = NULL;
	int rc = 0;

	if (!rate || rate > GRAPH_RATE_MAX || rate % 100)
		return -EINVAL;
	if (p->format.rate != rate)
		rc = resample_open(p->mem, p->format.rate, rate, &r);
	if (rc < 0)
		return rc;
	resample_close(p->r);
	p->r = r;
	p->rate = rate;
	return 0;
}

void player_fini(struct player *p)
{
	if (!p->mem)
		return;
	resample_close(p->r);
	mem_free(p->mem, p->buf);
	*p = (struct player){ 0 };
}

size_t player_room(const struct player *p)
{
	return p->ended ? 0 : p->cap - p->n;
}

size_t player_on_bytes(struct player *p, const uint8_t *bytes, size_t n)
{
	size_t room = player_room(p);

	if (n > room)
		n = room;
	n -= n % p->format.frame;
	if (n > p->cap - p->at - p->n) {
		/* what was played makes room */
		memmove(p->buf, p->buf + p->at, p->n);
		p->at = 0;
	}
	if (n)
		memcpy(p->buf + p->at + p->n, bytes, n);
	p->n += n;
	return n;
}

void player_on_end(struct player *p)
{
	p->ended = true;
}

bool player_done(const struct player *p)
{
	return p->ended && p->n < p->format.frame;
}

/* Up to n samples at the file's rate: how many there were. */
static size_t player_take(struct player *p, int16_t *pcm, size_t n)
{
	size_t have = p->n / p->format.frame;

	if (n > have)
		n = have;
	wav_to_pcm(&p->format, p->buf + p->at, n, pcm);
	p->at += n * p->format.frame;
	p->n -= n * p->format.frame;
	return n;
}

/* Gives back what the resampler did not take. */
static void untake(struct player *p, size_t frames)
{
	p->at -= frames * p->format.frame;
	p->n += frames * p->format.frame;
}

static size_t player_play(struct player *p, int16_t *pcm, size_t n)
{
	size_t done = 0;

	if (!p->r)
		return player_take(p, pcm, n);
	while (done < n) {
		int16_t in[PIECE];
		/* no more than is likely used, so that little is given back */
		size_t want = (n - done) * p->format.rate / p->rate + 1;
		size_t got = player_take(p, in, want < PIECE ? want : PIECE);
		size_t used = got, given = n - done;

		if (!got)
			break;
		resample_run(p->r, in, &used, pcm + done, &given);
		if (used < got)
			untake(p, got - used);
		done += given;
		if (!used && !given)
			break;
	}
	return done;
}

static bool source(void *arg, int16_t *pcm, size_t n, mono now)
{
	struct player *p = arg;
	size_t got;

	(void)now;
	got = player_play(p, pcm, n);
	p->played += got;
	p->started = p->started || got;
	if (got < n && p->started && !p->ended)
		p->underruns++;
	if (!got)
		return false;
	memset(pcm + got, 0, (n - got) * sizeof(*pcm));
	return true;
}

const struct graph_ops player_ops = { source, NULL };
