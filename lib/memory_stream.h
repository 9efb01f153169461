/*
 * memory_stream.h - streams into memory.
 *
 * They stand in for open_memstream(3), which in the GNU C library loses bytes when there is no
 * memory for them, and whose ferror() and fclose() say nothing of it.
 */
#ifndef BL_MEMORY_STREAM_H
#define BL_MEMORY_STREAM_H

#include "err.h"

#include <stddef.h>
#include <stdio.h>

/* A stream for writing, which tells its place (ftell). *text and *size are set when it is closed.
 * NULL: no memory; *text is NULL then. */
FILE *bl_memory_stream(char **text, size_t *size);

/* Closes it: *text is *size bytes and a NUL, to be freed. -1: there was no memory for all of them,
 * and *text is NULL, *size how many there were. to NULL: the same. */
int bl_memory_close(FILE *to, char **text) BL_MUST_USE;

#endif
