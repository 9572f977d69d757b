/* SPDX-License-Identifier: BSD-2-Clause
 * G.711 (RFC 3551 4.5.14) and L16 (4.5.11): a sample is one or two octets, in
 * network byte order.  They have no encoder state and conceal with plc.h.
 */
#include "media/codec/codec.h"
#include "media/codec/g711.h"
#include "media/codec/plc.h"

struct decoder {
	struct plc plc;
	int16_t room[];
};

static int encoder_open(struct mem *m, uint32_t rate,
			const struct codec_params *remote, void **enc)
{
	(void)m;
	(void)rate;
	(void)remote;
	*enc = NULL;
	return 0;
}

static void encoder_close(struct mem *m, void *enc)
{
	(void)m;
	(void)enc;
}

static int decoder_open(struct mem *m, uint32_t rate, void **dec)
{
	struct decoder *d;

	d = mem_new(m, sizeof(*d) + plc_room(rate) * sizeof(d->room[0]));
	if (!d)
		return -ENOMEM;
	plc_init(&d->plc, d->room, rate);
	*dec = d;
	return 0;
}

static void codec_pcm_decoder_close(struct mem *m, void *dec)
{
	mem_free(m, dec);
}

static int codec_pcm_conceal(void *dec, int16_t *pcm, size_t n)
{
	struct decoder *d = dec;

	plc_lost(&d->plc, pcm, n);
	return (int)n;
}

/* -------------------------------------------------------------- G.711 */
static int encode_ulaw(void *enc, const int16_t *pcm, size_t n, uint8_t *out,
		       size_t cap)
{
	(void)enc;
	if (n > cap)
		return -ENOSPC;
	if (pcm)
		g711_ulaw_from_pcm(pcm, n, out);
	else
		memset(out, G711_ULAW_SILENCE, n);
	return (int)n;
}

static int encode_alaw(void *enc, const int16_t *pcm, size_t n, uint8_t *out,
		       size_t cap)
{
	(void)enc;
	if (n > cap)
		return -ENOSPC;
	if (pcm)
		g711_alaw_from_pcm(pcm, n, out);
	else
		memset(out, G711_ALAW_SILENCE, n);
	return (int)n;
}

static int decode_ulaw(void *dec, const uint8_t *p, size_t n, int16_t *pcm,
		       size_t cap)
{
	struct decoder *d = dec;

	if (n > cap)
		return -ENOSPC;
	g711_ulaw_to_pcm(p, n, pcm);
	plc_good(&d->plc, pcm, n);
	return (int)n;
}

static int decode_alaw(void *dec, const uint8_t *p, size_t n, int16_t *pcm,
		       size_t cap)
{
	struct decoder *d = dec;

	if (n > cap)
		return -ENOSPC;
	g711_alaw_to_pcm(p, n, pcm);
	plc_good(&d->plc, pcm, n);
	return (int)n;
}

static int duration_g711(const struct codec *c, const uint8_t *p, size_t n)
{
	(void)p;
	return n && n <= c->clock_rate / 1000 * CODEC_PACKET_MS_MAX ?
	       (int)n : -EBADMSG;
}

/* ---------------------------------------------------------------- L16 */
static int encode_l16(void *enc, const int16_t *pcm, size_t n, uint8_t *out,
		      size_t cap)
{
	(void)enc;
	if (n > cap / 2)
		return -ENOSPC;
	if (!pcm)
		memset(out, 0, 2 * n);
	for (size_t i = 0; pcm && i < n; i++) {
		out[2 * i] = (uint8_t)((uint16_t)pcm[i] >> 8);
		out[2 * i + 1] = (uint8_t)pcm[i];
	}
	return (int)(2 * n);
}

static int decode_l16(void *dec, const uint8_t *p, size_t n, int16_t *pcm,
		      size_t cap)
{
	struct decoder *d = dec;

	if (n % 2)
		return -EBADMSG;
	if (n / 2 > cap)
		return -ENOSPC;
	for (size_t i = 0; i < n / 2; i++)
		pcm[i] = (int16_t)read_be16(p + 2 * i);
	plc_good(&d->plc, pcm, n / 2);
	return (int)(n / 2);
}

static int duration_l16(const struct codec *c, const uint8_t *p, size_t n)
{
	(void)p;
	return n && n % 2 == 0 &&
	       n / 2 <= c->clock_rate / 1000 * CODEC_PACKET_MS_MAX ?
	       (int)(n / 2) : -EBADMSG;
}

static const uint32_t rates_8[] = { 8000, 0 };
static const uint32_t rates_16[] = { 16000, 0 };
static const uint32_t rates_44[] = { 44100, 0 };

/* G.113 Appendix I, table I.4: G.711 with concealment, random loss. */
#define G711_MODEL { .ie = 0, .bpl = 25 }

#define PCM_STATE                                                              \
	.encoder_open = encoder_open, .encoder_close = encoder_close,          \
	.decoder_open = decoder_open,                                          \
	.decoder_close = codec_pcm_decoder_close, .conceal = codec_pcm_conceal

const struct codec codec_pcmu = {
	.name = "PCMU", .title = "G.711 u-law", .payload_type = 0,
	.channels = 1, .clock_rate = 8000, .rates = rates_8,
	.ptime = 20, .max_ptime = 120, .step = 10, .model = G711_MODEL,
	PCM_STATE, .encode = encode_ulaw, .decode = decode_ulaw,
	.duration = duration_g711,
};

const struct codec codec_pcma = {
	.name = "PCMA", .title = "G.711 A-law", .payload_type = 8,
	.channels = 1, .clock_rate = 8000, .rates = rates_8,
	.ptime = 20, .max_ptime = 120, .step = 10, .model = G711_MODEL,
	PCM_STATE, .encode = encode_alaw, .decode = decode_alaw,
	.duration = duration_g711,
};

const struct codec codec_l16_16 = {
	.name = "L16", .title = "linear 16 kHz",
	.payload_type = CODEC_DYNAMIC,
	.channels = 1, .clock_rate = 16000, .rates = rates_16,
	.ptime = 20, .max_ptime = 40, .step = 10, .model = G711_MODEL,
	PCM_STATE, .encode = encode_l16, .decode = decode_l16,
	.duration = duration_l16,
};

/* 20 ms would not fit in the MTU of an Ethernet. */
const struct codec codec_l16_44 = {
	.name = "L16", .title = "linear 44.1 kHz", .payload_type = 11,
	.channels = 1, .clock_rate = 44100, .rates = rates_44,
	.ptime = 10, .max_ptime = 10, .step = 10, .model = G711_MODEL,
	PCM_STATE, .encode = encode_l16, .decode = decode_l16,
	.duration = duration_l16,
};
