/* SPDX-License-Identifier: BSD-2-Clause
 * tools/speech.h - six seconds of speech, a WAV file (16 bit mono, 16 kHz)
 * held in the program itself, so that `parley demo` finds it from a build tree
 * and when installed alike.  tools/SPEECH.md tells its origin.
 */
#ifndef TOOLS_SPEECH_H
#define TOOLS_SPEECH_H
#include "platform/slice.h"

struct slice speech_wav(void);
#endif
