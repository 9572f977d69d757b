/* SPDX-License-Identifier: BSD-2-Clause
 * fuzz/fuzz.h - a target is fuzz/fuzz_NAME.c with LLVMFuzzerTestOneInput; its
 * seeds stand in fuzz/corpus/NAME/, its dictionary in fuzz/dict/NAME.dict.
 * Built with PARLEY_TRAP under libFuzzer; fuzz/replay.c runs the same entry
 * point over the seeds under any compiler.
 */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H
#include "platform/base.h"
#include "platform/slice.h"

/* In a target a broken invariant always ends the process. */
#undef INVARIANT
#define INVARIANT(x) ((x) ? (void)0 : __builtin_trap())

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
#endif
