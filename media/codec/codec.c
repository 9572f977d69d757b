/* SPDX-License-Identifier: BSD-2-Clause */
#include "media/codec/codec.h"

const struct codec *codec_find(struct slice name, uint32_t clock_rate,
			       unsigned channels)
{
	const struct codec *const *c = feature_codec;

	if (!channels)
		channels = 1;
	for (; *c; c++)
		if (slice_ieq(name, (*c)->name) &&
		    (*c)->clock_rate == clock_rate &&
		    (*c)->channels == channels)
			return *c;
	return NULL;
}

const struct codec *codec_static(unsigned payload_type)
{
	const struct codec *const *c = feature_codec;

	for (; *c; c++)
		if ((*c)->payload_type == payload_type &&
		    payload_type != CODEC_DYNAMIC)
			return *c;
	return NULL;
}

const struct codec *codec_named(struct slice spec)
{
	const struct codec *const *c = feature_codec;
	struct slice name, tail;
	uint32_t rate = 0;

	if (slice_cut(spec, '/', &name, &tail)) {
		struct slice digits;

		(void)slice_cut(tail, '/', &digits, &tail); /* opus/48000/2 */
		if (slice_u32(digits, CODEC_RATE_MAX * 8, &rate) < 0 || !rate)
			return NULL;
	}
	for (; *c; c++)
		if (slice_ieq(name, (*c)->name) &&
		    (!rate || rate == (*c)->clock_rate))
			return *c;
	return NULL;
}

uint32_t codec_rate(const struct codec *c, uint32_t want)
{
	const uint32_t *r = c->rates;

	while (r[1] && *r < want)
		r++;
	return *r;
}

unsigned codec_ptime(const struct codec *c, const struct codec_params *remote)
{
	unsigned ms = remote->ptime ? remote->ptime : c->ptime;

	if (remote->maxptime && ms > remote->maxptime)
		ms = remote->maxptime;
	if (ms > c->max_ptime)
		ms = c->max_ptime;
	ms = ms < c->step ? c->step : ms - ms % c->step;
	for (const uint8_t *l = c->lengths; l && l[0] < ms; l++)
		if (l[1] > ms || !l[1])
			return l[0];
	return ms;
}
