/*
 * writing.h - files that a program writes besides averages: pictures, tables, reports.
 */
#ifndef BL_WRITING_H
#define BL_WRITING_H

#include "inputs.h"

/* How messages name an output: "-" is standard output. */
const char *bl_output_title(const char *path);

/* Does the name ask for a table? */
bool bl_output_is_table(const char *path);

/* Can a file be written at path, which is none of the inputs (NULL: there are none)? "-" is
 * standard output. flags: enum bl_output_flag. Errors: those of bl_output_examine. */
int bl_may_write(const char *path, unsigned flags, const struct bl_inputs *in,
	struct bl_err *err) BL_MUST_USE;

/* Writes size bytes there: the file appears whole or not at all. stop: as for bl_output_open. */
int bl_write(const char *path, unsigned flags, const volatile sig_atomic_t *stop,
	const char *text, size_t size, struct bl_err *err) BL_MUST_USE;

#endif
