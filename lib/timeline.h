/*
 * timeline.h - when each checkpoint was saved, and the order that follows.
 */
#ifndef BL_TIMELINE_H
#define BL_TIMELINE_H

#include "err.h"
#include "tensor.h"

#include <stdbool.h>
#include <stdint.h>

/* Ascending whole numbers, |n| < 2^53, one per checkpoint, equal ones only of snapshots
 * (profile.h). A step is one unit of time. */
struct bl_timeline {
	const int64_t *n;
	size_t count; /* checkpoints, K + 1 in the equations; at least 1 */
};

/* How times are found. All borrowed; NULL or 0 where not asked for. */
struct bl_time_rule {
	bool index;          /* --times=index: given order, 0, 1, 2, ... */
	const char *key;     /* --time-key */
	const char *pattern; /* --time-pattern: a POSIX extended regular expression; its first group
	                        or, without one, its whole match is the number */
	double unit;         /* --time-unit; 0: times must be whole as they are */
	bool shared;         /* several may have one time, and names may hold more than times */
};

/* What is known of one input. */
struct bl_time_input {
	const char *path;
	const struct bl_catalog *cat; /* NULL: nothing is recorded */
};

/* Where the times came from, for the plan and for messages. */
enum bl_time_origin {
	BL_TIME_KEY,
	BL_TIME_PATTERN,
	BL_TIME_NAME,
	BL_TIME_INDEX,
	BL_TIME_PROVENANCE /* of snapshots; not found here */
};

/*
 * Fills time[i] (in units, not yet sorted) and order[] (input numbers by ascending time), count
 * entries each, and the origin; for BL_TIME_KEY *key_used is the key (borrowed from rule or
 * static), else NULL. The order does not depend on the order of the inputs, unless rule->index says
 * so.
 *
 * What the user asked for comes first: rule->index, key, pattern. Unasked, the first of step,
 * global_step, iteration, epoch that is recorded (metadata, root attribute) in all inputs counts;
 * a key that only some carry is an error. Where nothing is recorded the names tell (timename.h);
 * one input alone whose name tells nothing has the time 0.
 *
 * A recorded time, and what a pattern matches, is a decimal number: 25, 25.0, 1e3, -5. Its value t
 * gives n = t, which must be whole, or with a unit U n = round(t / U), |t / U - n| <= 1e-6.
 *
 * Errors: BL_USAGE with a table of ten rows, the offending inputs first, and a hint that names
 * --times=index; BL_LIMIT when there is no memory.
 */
int bl_timeline_find(const struct bl_time_input *input, size_t count,
	const struct bl_time_rule *rule, int64_t *time, size_t *order, enum bl_time_origin *origin,
	const char **key_used, struct bl_err *err) BL_MUST_USE;

#endif
