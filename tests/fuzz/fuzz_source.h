/*
 * fuzz_source.h - everything that can be asked of an open checkpoint.
 */
#ifndef BL_FUZZ_SOURCE_H
#define BL_FUZZ_SOURCE_H

#include "io.h"

/* Reads all values that are not very many, by ranges and by chunks, and asks for the rest; what
 * fails must say so. */
void fuzz_source_read(const struct bl_source *src);

#endif
