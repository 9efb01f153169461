/*
 * lists.h - inputs that files name: --files-from and --files0-from.
 */
#ifndef BL_LISTS_H
#define BL_LISTS_H

#include "args.h"

#include <signal.h>

/*
 * Appends what the lists of settings name to the operands; args owns it. folder, "" or with a
 * closing slash, is put before paths that do not begin at the root. Errors: BL_USAGE, with the
 * file and line, for what is no list of paths, and for one that names nothing; BL_INPUT for a file
 * that cannot be read; BL_LIMIT, no memory; BL_OK without a text where a signal came.
 */
int bl_lists_take(const struct bl_settings *s, const char *folder, struct bl_args *args,
	const volatile sig_atomic_t *stop, struct bl_err *err) BL_MUST_USE;

/* As if no lists had been given: what they name are operands now. */
void bl_lists_drop(struct bl_settings *s);

#endif
