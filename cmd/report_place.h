/*
 * report_place.h - where the report goes.
 */
#ifndef BL_REPORT_PLACE_H
#define BL_REPORT_PLACE_H

#include "events.h"

/* Finds out what kind of place the settings name, and opens streams: path, table, fd and flags of
 * e. Errors: those of bl_events_open; path is NULL after one, unless the report can tell
 * of it all the same. */
int bl_report_place(
	struct bl_events *e, const struct bl_call *call, struct bl_err *err) BL_MUST_USE;

/* Can a file be written there that takes the place of nothing but an older one of its kind, which
 * begins with head (NULL: a report of the program)? flags: enum bl_output_flag, for bl_write.
 * Errors: BL_USAGE, those of bl_output_examine. */
int bl_report_file(const char *path, const char *head, const struct bl_call *call, unsigned *flags,
	struct bl_err *err) BL_MUST_USE;

#endif
