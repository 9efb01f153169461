/*
 * show.h - what belay-show shows: one function each.
 */
#ifndef BL_SHOW_H
#define BL_SHOW_H

#include "args.h"
#include "inputs.h"
#include "settings.h"

/* What was asked for. All borrowed. */
struct bl_show {
	const struct bl_settings *settings;
	const struct bl_args *args;
	const volatile sig_atomic_t *stop; /* a signal's number once it came */
};

/* The tensors and metadata of checkpoints. */
int bl_show_tensors(const struct bl_show *show, struct bl_err *err) BL_MUST_USE;

/* The weights of averages over time. */
int bl_show_kernel(const struct bl_show *show, struct bl_err *err) BL_MUST_USE;

/* The recipe that made an average. */
int bl_show_recipe(const struct bl_show *show, struct bl_err *err) BL_MUST_USE;

/* ---- what they share ---- */

/* Can a file be written at path, which is none of the inputs (NULL: there are none)? "-" is
 * standard output. */
int bl_show_may_write(const struct bl_show *show, const char *path, const struct bl_inputs *in,
	struct bl_err *err) BL_MUST_USE;

/* Writes size bytes there: the file appears whole or not at all. */
int bl_show_write(const struct bl_show *show, const char *path, const char *text, size_t size,
	struct bl_err *err) BL_MUST_USE;

#endif
