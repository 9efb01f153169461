/*
 * streams.h - the standard streams of a program, and how it ends.
 */
#ifndef BL_STREAMS_H
#define BL_STREAMS_H

#include "err.h"

/* Comes first in main: fills the places of standard streams that are closed. */
void bl_streams_hold(void);

/* Closes standard output: what was printed must have arrived. Error: BL_OUTPUT. */
int bl_streams_close(struct bl_err *err) BL_MUST_USE;

/* Comes last: prints what has failed (rc is not 0), and returns the exit code. */
int bl_streams_end(const char *program, int rc, const struct bl_err *err);

#endif
