/*
 * metrics.h - a number for each checkpoint, from a file: --metrics.
 *
 * A line is the name of a checkpoint or its time, a tab, and numbers with tabs in between. A name
 * is a path as the input has it, or the end of one behind a slash; a time is as the inputs carry
 * it, before --time-unit. Empty lines and lines that begin with # are passed over, and so are those
 * of other checkpoints, such as have not been saved. Lines without a number say nothing.
 */
#ifndef BL_METRICS_H
#define BL_METRICS_H

#include "choose.h"
#include "inputs.h"

/*
 * Reads path; - is standard input. column: the name, in the first line, of the column that counts;
 * NULL: there is one. unit: of times. metric: in->n, set for those that choice has taken. Errors:
 * BL_USAGE, with file and line, for what is no such file, for a checkpoint that is taken and not
 * listed, or twice, or with what is no number, and for a line that is of several; BL_INPUT for a
 * file that cannot be read; BL_LIMIT, no memory; BL_OK without a text where a signal came.
 */
int bl_metrics_read(const struct bl_inputs *in, const char *path, const char *column, double unit,
	const enum bl_choice *choice, double *metric, struct bl_err *err) BL_MUST_USE;

#endif
