/*
 * limits.h - what a run may use of the machine.
 */
#ifndef BL_LIMITS_H
#define BL_LIMITS_H

#include "run.h"
#include "settings.h"

/* Sets the kernels, the memory and the threads of a job, by --memory, --threads and BELAY_CPU.
 * Error: BL_USAGE for a BELAY_CPU that is none. */
int bl_limits_set(struct bl_job *job, const struct bl_settings *s, struct bl_err *err) BL_MUST_USE;

#endif
