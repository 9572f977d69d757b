/* SPDX-License-Identifier: BSD-2-Clause
 * The assembler takes the file in as it is; make names it as a prerequisite. */
#include "tools/speech.h"

__asm__(".pushsection .rodata\n"
	"	.balign 16\n"
	"	.hidden speech_wav_begin\n"
	"	.globl speech_wav_begin\n"
	"speech_wav_begin:\n"
	"	.incbin \"tools/speech.wav\"\n"
	"	.hidden speech_wav_end\n"
	"	.globl speech_wav_end\n"
	"speech_wav_end:\n"
	"	.popsection\n");

extern const char speech_wav_begin[], speech_wav_end[];

struct slice speech_wav(void)
{
	return slice_of(speech_wav_begin,
			(size_t)((uintptr_t)speech_wav_end -
				 (uintptr_t)speech_wav_begin));
}
