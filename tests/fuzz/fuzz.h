/*
 * fuzz.h - what the fuzz targets share.
 *
 * A target is one file, target_NAME.c, with the function that libFuzzer and AFL++ call for every
 * input. Linked with replay.c instead it is a program that runs the inputs of files and folders, as
 * `make check` does. It must take any bytes: a crash, a sanitizer's word and abort() are findings,
 * so what must hold of every input is said with fuzz_must().
 *
 *   make fuzz                         all targets, for FUZZ_SECONDS each (60)
 *   make fuzz FUZZ_TARGET=index       one of them; FUZZ_RUNS=N: until it has run N inputs
 *   make fuzz FUZZ_CC=afl-clang-fast  the same files for AFL++; it says how to start that
 *   tests/fuzz/target_index FILE...   runs inputs once more, as after a finding
 *
 * The seeds are corpus/NAME.txt, one escaped input a line, small enough to be read; of safetensors,
 * formats and index also files of tests/data/cases. A finding, once mended, becomes a line of
 * corpus/NAME.txt, which `target_NAME -t FILE` writes.
 */
#ifndef BL_FUZZ_H
#define BL_FUZZ_H

#include "err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The target. Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A mutator of the target's own, which knows what its inputs look like, and that of libFuzzer,
 * which it falls back to, where there is one; both change size bytes in place, with room for max,
 * and return the new size. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max) __attribute__((weak));

size_t fuzz_mutate(uint8_t *data, size_t size, size_t max);

/* The next random number below a bound, from a state that is never 0. */
size_t fuzz_draw(uint32_t *state, size_t below);

/* What must hold of every input. */
void fuzz_must(bool holds, const char *what);

/* What a failure must look like: a code of its own, which is no bug's, and a line of printable
 * text. */
void fuzz_must_say(const struct bl_err *err);

#endif
