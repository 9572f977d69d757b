/* SPDX-License-Identifier: BSD-2-Clause
 * Both laws are a sign, a binary exponent (the segment) and four bits of
 * mantissa: what a float of the magnitude holds already.  Without tables and
 * branches the loops below become vector code.
 */
#include "media/codec/g711.h"

#include <string.h>

static inline uint32_t float_bits(float f)
{
	uint32_t u;

	memcpy(&u, &f, sizeof(u));
	return u;
}

static inline float bits_float(uint32_t u)
{
	float f;

	memcpy(&f, &u, sizeof(f));
	return f;
}

/* Exponent and four bits of mantissa of f >= 32, counted from 32. */
static inline int32_t segment_code(float f)
{
	return (int32_t)(float_bits(f) >> 19) - ((127 + 5) << 4);
}

/* Table 2a: intervals of the upper 14 bits, ascending from -33 so that each
 * segment begins at a power of two; 8159 and more is the last one. */
static inline uint8_t ulaw_encode(int16_t v)
{
	int32_t sign = v >> 15;            /* 0 or -1 */
	int32_t m = ((v ^ sign) >> 2) + 33;
	int32_t code;

	m = m > 8191 ? 8191 : m;
	code = segment_code((float)m);
	return (uint8_t)(~(code | (sign & 0x80)));
}

/* Table 1a: the first two segments have the same step; even bits inverted. */
static inline uint8_t alaw_encode(int16_t v)
{
	int32_t sign = v >> 15;
	int32_t m = (v ^ sign) >> 4;       /* 0 .. 2047 */
	int32_t code = segment_code((float)m) + 32;

	code += (m - code) & -(m < 32); /* linear there */
	return (uint8_t)((code | (~sign & 0x80)) ^ 0x55);
}

/* The middle of the interval: half a step more than its mantissa says. */
static inline float segment_middle(int32_t code, int32_t exponent)
{
	return bits_float(((uint32_t)code << 19) + (1u << 18) +
			  ((uint32_t)exponent << 23));
}

static inline int16_t ulaw_decode(uint8_t c)
{
	int32_t u = ~c & 0xFF, sign = -(u >> 7);
	int32_t m = (int32_t)segment_middle(u & 0x7F, 127 + 7) - 132;

	return (int16_t)((m ^ sign) - sign);
}

static inline int16_t alaw_decode(uint8_t c)
{
	int32_t a = c ^ 0x55, sign = (a >> 7) - 1;
	int32_t code = a & 0x7F;
	int32_t m = (int32_t)segment_middle(code, 127 + 7);

	m = code < 16 ? code * 16 + 8 : m;
	return (int16_t)((m ^ sign) - sign);
}

uint8_t g711_alaw_encode(int16_t v)
{
	return alaw_encode(v);
}

uint8_t g711_ulaw_encode(int16_t v)
{
	return ulaw_encode(v);
}

int16_t g711_alaw_decode(uint8_t c)
{
	return alaw_decode(c);
}

int16_t g711_ulaw_decode(uint8_t c)
{
	return ulaw_decode(c);
}

void g711_alaw_from_pcm(const int16_t *restrict in, size_t n,
			uint8_t *restrict out)
{
	for (size_t i = 0; i < n; i++)
		out[i] = alaw_encode(in[i]);
}

void g711_ulaw_from_pcm(const int16_t *restrict in, size_t n,
			uint8_t *restrict out)
{
	for (size_t i = 0; i < n; i++)
		out[i] = ulaw_encode(in[i]);
}

void g711_alaw_to_pcm(const uint8_t *restrict in, size_t n,
		      int16_t *restrict out)
{
	for (size_t i = 0; i < n; i++)
		out[i] = alaw_decode(in[i]);
}

void g711_ulaw_to_pcm(const uint8_t *restrict in, size_t n,
		      int16_t *restrict out)
{
	for (size_t i = 0; i < n; i++)
		out[i] = ulaw_decode(in[i]);
}
