/*
 * resume.h - how a dynamics goes on from what was kept of it.
 *
 * What is kept are up to three vectors s_k, each a mean of the checkpoints up to x_0: its weights
 * sum to 1. The first is the average itself. They go on by
 *
 *   s'_k = (sum_j carry[k][j] s_j + sum_i part[k][i] x_i) / divisor[k],    k, j < vectors
 *
 * where x_0 is the last checkpoint that they have seen and x_1, x_2, ... are new. Each row of
 * coefficients sums to its divisor, so that they stay means. After the first checkpoint all are it.
 * mass is a number of the dynamics' own, such as how many checkpoints there were.
 */
#ifndef BL_RESUME_H
#define BL_RESUME_H

#include "plan.h"

#define BL_KEPT 3

/* Zero-initialised is empty, and what there is before the first checkpoint. */
struct bl_resume {
	unsigned vectors; /* 1..BL_KEPT; 0: the first checkpoint is time->n[0] */
	double mass;      /* before; then after */
	int64_t begin;    /* the time of the first checkpoint of all; set by bl_resume_row */
	double divisor[BL_KEPT]; /* 1 unless the slot says otherwise */
	double carry[BL_KEPT][BL_KEPT];
	double *part[BL_KEPT]; /* time->count each; owned */
};

/* For the slot of a dynamics that finds no vectors: sets their number, and the mass of one
 * checkpoint. */
static inline void bl_resume_begin(struct bl_resume *r, unsigned vectors, double mass)
{
	r->vectors = vectors;
	r->mass = mass;
}

/* How many vectors a row keeps, and the mass that they have at first. Errors: BL_USAGE; BL_LIMIT.
 */
int bl_resume_start(const struct bl_row *row, struct bl_resume *r, struct bl_err *err) BL_MUST_USE;

/*
 * Fills r, of which vectors and mass are given, for what a row keeps at checkpoint number from of
 * its own; part[k] then has row->time.count - from entries. From the very first on (vectors 0, from
 * 0) carry is 0, and part[0] and divisor[0] are those of the row itself. Errors: BL_USAGE, where
 * the row cannot be resumed; BL_LIMIT; BL_INPUT, where vectors and mass do not fit the row. Freed
 * with bl_resume_free also after a failure.
 */
int bl_resume_row(const struct bl_row *row, size_t from, struct bl_resume *r, struct bl_err *err)
	BL_MUST_USE;
void bl_resume_free(struct bl_resume *r);

#endif
