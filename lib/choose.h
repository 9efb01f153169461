/*
 * choose.h - which of the checkpoints that are given are taken.
 *
 * What is asked for is applied in this order, each to what is left by those before it:
 *
 *   first time    those before it go
 *   last time     those after it go
 *   interval      from the last one back: those nearer than this to the next one that stays go
 *   every N       from the last one back: the last, the Nth before it, the 2Nth before it stay
 *   last N        the N last stay
 *   best N        the N with the best metric stay; of equal ones the later
 *
 * So the last checkpoint goes only by its time or its metric, and where N are asked for, N are
 * taken if there are as many.
 */
#ifndef BL_CHOOSE_H
#define BL_CHOOSE_H

#include "settings.h"

/* What is asked for. Numbers of 0 ask for nothing. */
struct bl_choice_rule {
	int64_t first, last; /* times that bound, themselves in bounds */
	int64_t interval;    /* in units of times */
	uint64_t every;
	uint64_t newest;     /* last N */
	uint64_t best;
	bool most;           /* the best metric is the largest one, else the smallest */
};

/* By what a checkpoint went, in the order above. */
enum bl_choice {
	BL_TAKEN,
	BL_BY_FIRST_TIME,
	BL_BY_LAST_TIME,
	BL_BY_INTERVAL,
	BL_BY_EVERY,
	BL_BY_LAST,
	BL_BY_BEST,
	BL_CHOICES
};

/* What came of it. Zero-initialised is nothing asked for. */
struct bl_chosen {
	bool asked;
	size_t given;           /* checkpoints */
	size_t n[BL_CHOICES];   /* of them, by what became of them */
};

/* The option that asks for it; c is not BL_TAKEN. */
enum bl_option bl_choice_option(enum bl_choice c);

/*
 * All but the metric. time: n of them, ascending; checkpoints of one time, which is one point for
 * every N and last N, stay or go together. choice: n, filled. Returns how many are taken.
 */
size_t bl_choose_by_time(const struct bl_choice_rule *rule, const int64_t *time, size_t n,
	enum bl_choice *choice);

/*
 * The best of those that are taken; others go. metric: n, of which only those of the taken count;
 * NaN is never among the best. Returns how many are taken, fewer than rule->best where there are
 * not as many numbers. Error: SIZE_MAX, BL_LIMIT, out of memory.
 */
size_t bl_choose_by_metric(const struct bl_choice_rule *rule, const double *metric, size_t n,
	enum bl_choice *choice, struct bl_err *err) BL_MUST_USE;

/* Counts. */
void bl_choice_count(const enum bl_choice *choice, size_t n, struct bl_chosen *chosen);

#endif
