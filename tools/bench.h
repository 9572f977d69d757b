/* SPDX-License-Identifier: BSD-2-Clause
 * tools/bench.h - rows of parley bench; those of modules that can be left out
 * are collected into feature_bench[].
 */
#ifndef TOOLS_BENCH_H
#define TOOLS_BENCH_H
#include "tools/tool.h"

struct bench {
	const char *name;
	void (*run)(struct tool *t);
};
extern const struct bench *const feature_bench[]; /* NULL-ended */

/* Processor time of one call of fn: the median of several rounds. */
double bench_ns(void (*fn)(void *arg), void *arg);
void bench_row(struct tool *t, const char *what, double ns, const char *of);
#endif
