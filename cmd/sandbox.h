/*
 * sandbox.h - a program keeps to its own files: --sandbox.
 *
 * Once all inputs are open and all outputs begun, before there are threads, it gives up everything
 * but what it still has to do (confine.h).
 */
#ifndef BL_SANDBOX_H
#define BL_SANDBOX_H

#include "events.h"
#include "inputs.h"

/* Begins, unless it is off: the files that are written when all is done stay within reach, and what
 * the kernel says of the memory used. */
void bl_sandbox_begin(struct bl_confine *c, const struct bl_settings *s, const struct bl_events *e);

/* Lets processes for HDF5 be started later. */
void bl_sandbox_processes(struct bl_confine *c);

/* From here on it holds. c->why: errno where the kernel cannot do it; with --sandbox=required that
 * is BL_LIMIT. */
int bl_sandbox_end(struct bl_confine *c, const struct bl_settings *s, struct bl_err *err)
	BL_MUST_USE;

/* All of it for a program that reads these inputs. e: NULL where it has no events. */
int bl_sandbox_reading(const struct bl_inputs *in, const struct bl_settings *s,
	const struct bl_events *e, struct bl_err *err) BL_MUST_USE;

#endif
