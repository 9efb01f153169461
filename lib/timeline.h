/*
 * timeline.h - when each checkpoint was saved, and the order that follows.
 */
#ifndef BL_TIMELINE_H
#define BL_TIMELINE_H

#include "err.h"
#include "tensor.h"

#include <stdbool.h>
#include <stdint.h>

/* Strictly ascending whole numbers, |n| < 2^53, one per checkpoint. A step is one unit of time. */
struct bl_timeline {
	const int64_t *n;
	size_t count; /* checkpoints, K + 1 in the equations; at least 1 */
};

/* How times are found. All borrowed; NULL or 0 where not asked for. */
struct bl_time_rule {
	bool index;          /* --times=index: given order, 0, 1, 2, ... */
	const char *key;     /* --time-key */
	const char *pattern; /* --time-pattern: POSIX extended regular expression, its first group or,
	                        without one, its whole match is the number */
	double unit;         /* --time-unit; 0: times must be whole as they are */
};

/* What is known of one input. */
struct bl_time_input {
	const char *path;
	const struct bl_catalog *cat;
};

/* Where the times came from, for the plan and for messages. */
enum bl_time_origin { BL_TIME_KEY, BL_TIME_PATTERN, BL_TIME_NAME, BL_TIME_INDEX };

/*
 * Fills time[i] (in units, not yet sorted) and order[] (input numbers by ascending time), count
 * entries each, and the origin; for BL_TIME_KEY *key_used is the key (borrowed from rule or static).
 * Recorded attribute first: one of step, global_step, iteration, epoch that all inputs carry; then
 * the last integer in the part of the path that differs, suffixes removed. Missing times, equal
 * times, times that are no whole multiple of the unit: BL_USAGE with a table of what was found and
 * the hint --times=index.
 */
int bl_timeline_find(const struct bl_time_input *input, size_t count,
	const struct bl_time_rule *rule, int64_t *time, size_t *order, enum bl_time_origin *origin,
	const char **key_used, struct bl_err *err) BL_MUST_USE;

#endif
