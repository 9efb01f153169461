/*
 * trial.h - one search for the times of checkpoints, and what came of it.
 */
#ifndef BL_TRIAL_H
#define BL_TRIAL_H

#include "timeline.h"

#include <check.h>
#include <inttypes.h>
#include <stdio.h>

#define TRIAL_MOST 64

struct trial {
	struct bl_time_input input[TRIAL_MOST];
	size_t count;
	struct bl_time_rule rule;
	int64_t time[TRIAL_MOST];
	size_t order[TRIAL_MOST];
	enum bl_time_origin origin;
	const char *key;
	struct bl_err err;
};

static inline int trial_find(struct trial *t)
{
	return bl_timeline_find(
		t->input, t->count, &t->rule, t->time, t->order, &t->origin, &t->key, &t->err);
}

/* The times in input order: "1 2 3". */
static inline const char *trial_times(const struct trial *t)
{
	static char text[TRIAL_MOST * 24];
	size_t at = 0;

	text[0] = '\0';
	for (size_t i = 0; i < t->count; i++)
		at += (size_t)snprintf(
			text + at, sizeof text - at, "%s%" PRId64, i ? " " : "", t->time[i]);
	return text;
}

static inline void trial_check_sorted(const struct trial *t)
{
	for (size_t i = 1; i < t->count; i++)
		ck_assert_int_lt(t->time[t->order[i - 1]], t->time[t->order[i]]);
}

#endif
