/*
 * profile.h - what a snapshot is an average of: the profile of its weights over time.
 *
 * The profile of a snapshot taken at time t is a density over the times up to t with the integral
 * (EMA: sum) 1:
 *   power   p(n) = (g + 1) n^g / t^(g+1), 0 <= n <= t, of the power-function average (power.h);
 *   EMA     p(n) = kappa (1 - kappa)^(t-n), n <= t, of one that has run for long.
 * All functions are pure and thread-safe.
 */
#ifndef BL_PROFILE_H
#define BL_PROFILE_H

#include "dd.h"
#include "err.h"

#include <stdbool.h>

struct bl_profile {
	bool power;    /* else EMA */
	double number; /* power: the exponent g > 0; EMA: the pull kappa per step, above 0, <= 1 */
	double first;  /* share of the first checkpoint in the snapshot; 0 where it is not known */
};

/*
 * The inner product of profile a at time s and b at time t, which are of one kind; of power both
 * times are above 0. Karras et al., "Analyzing and Improving the Training Dynamics of Diffusion
 * Models" (2024), appendix C: with t the later time,
 *   power   (a + 1) (b + 1) (s/t)^b / ((a + b + 1) t) where b is that of the later;
 *   EMA     kappa_a kappa_b (1 - kappa_b)^(t-s) / (kappa_a + kappa_b - kappa_a kappa_b).
 */
struct bl_dd bl_profile_product(const struct bl_profile *a, int64_t s, const struct bl_profile *b,
	int64_t t);

/* The order of snapshots of one time, that with the shortest memory first: less than, equal to or
 * above 0. */
int bl_profile_compare(const struct bl_profile *a, const struct bl_profile *b);

/* The mean age of the weights in a snapshot. */
double bl_profile_mean_age(const struct bl_profile *p, int64_t time);

/* When an average was taken. */
struct bl_profile_when {
	int64_t time; /* of its last checkpoint, in steps */
	double unit;  /* the time that a step took, as the checkpoints carry it: --time-unit */
};

/*
 * Reads the profile of an average, and when that was, from the provenance that belay recorded in
 * it. Errors: BL_USAGE where it is of no such profile: of another method, with a
 * warm-up, not updated at every step, with settings of its own for some tensors, or with a length
 * in checkpoints; BL_INPUT where it is no provenance.
 */
int bl_profile_recorded(const char *provenance, struct bl_profile *out,
	struct bl_profile_when *when, struct bl_err *err) BL_MUST_USE;

#endif
