/*
 * lines.h - files that say something of each checkpoint, a line for each.
 *
 * A line is the name of a checkpoint or its time, a tab, and the text. Empty lines and lines that
 * begin with # are passed over.
 */
#ifndef BL_LINES_H
#define BL_LINES_H

#include "inputs.h"

/* What was said, by checkpoint in the order of time. Zero-initialised is empty. */
struct bl_listing {
	const char *path; /* for messages */
	char **text;  /* NULL: not listed */
	size_t *line; /* where */
	size_t n;     /* checkpoints */
};

/*
 * Reads path; - is standard input. A name is a path as the input has it, or the end of one behind a
 * slash, if it is of one input only. A time is as the inputs carry it, before --time-unit. Errors,
 * with file and line: BL_USAGE for a line that is none or longer than 1 MiB, a name or time of no
 * checkpoint or of several, a checkpoint twice, a checkpoint that is not listed; BL_INPUT for a
 * file that cannot be read. To be freed also after a failure.
 */
int bl_listing_read(struct bl_listing *l, const char *path, const struct bl_inputs *in,
	const struct bl_settings *s, struct bl_err *err) BL_MUST_USE;
void bl_listing_free(struct bl_listing *l);

/*
 * The weights of --weights, one for each checkpoint, to be freed by the caller; *given is NULL
 * where the option is not given. Errors: as above, and BL_USAGE for what is no weight.
 */
int bl_given_weights(const struct bl_inputs *in, const struct bl_settings *s, double **given,
	struct bl_err *err) BL_MUST_USE;

#endif
