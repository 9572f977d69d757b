/* SPDX-License-Identifier: BSD-2-Clause
 * media/codec/g711.h - ITU-T G.711: A-law and u-law to and from 16 bit.
 * A-law takes the upper 13 bits of a sample, u-law the upper 14, both in the
 * upper bits of the 16 as in ITU-T G.191.
 */
#ifndef MEDIA_G711_H
#define MEDIA_G711_H
#include "platform/base.h"

enum { G711_ALAW_SILENCE = 0xD5, G711_ULAW_SILENCE = 0xFF };

uint8_t g711_alaw_encode(int16_t v);
uint8_t g711_ulaw_encode(int16_t v);
int16_t g711_alaw_decode(uint8_t c);
int16_t g711_ulaw_decode(uint8_t c);

void g711_alaw_from_pcm(const int16_t *restrict in, size_t n,
			uint8_t *restrict out);
void g711_ulaw_from_pcm(const int16_t *restrict in, size_t n,
			uint8_t *restrict out);
void g711_alaw_to_pcm(const uint8_t *restrict in, size_t n,
		      int16_t *restrict out);
void g711_ulaw_to_pcm(const uint8_t *restrict in, size_t n,
		      int16_t *restrict out);
#endif
