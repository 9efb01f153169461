/*
 * reading.h - what is read besides checkpoints.
 */
#ifndef BL_READING_H
#define BL_READING_H

#include "settings.h"

#include <signal.h>

/*
 * Reads a file as a whole, or its first `most` bytes, which show that it is too long; - is standard
 * input. *text is malloc'd and has a NUL behind its *len bytes; NULL after a failure. Errors: code,
 * naming the file, where it cannot be read; BL_LIMIT, out of memory; BL_OK without a text where a
 * signal came.
 */
int bl_read_whole(const char *path, size_t most, enum bl_exit code,
	const volatile sig_atomic_t *stop, char **text, size_t *len, struct bl_err *err)
	BL_MUST_USE;

/* How messages name a file: path, or "standard input" for -. */
const char *bl_reading_title(const char *path);

/* Fails (BL_USAGE) where settings, those of n runs or said for all, let several things come from
 * standard input. */
int bl_stdin_once(const struct bl_settings *all, const struct bl_settings *run, size_t n,
	struct bl_err *err) BL_MUST_USE;

#endif
