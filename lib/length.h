/*
 * length.h - from a length and a damping ratio to the pulls kappa and gamma.
 *
 * A length names an EMA, for every method: by its half-life H, its mean age A, its decay B or its
 * relative standard deviation S. kappa and gamma are correctly rounded (dd.h).
 */
#ifndef BL_LENGTH_H
#define BL_LENGTH_H

#include "dynamics.h"

#include "dd.h"

/* Longest half-life, mean age or window, in steps. */
#define BL_LONGEST 1e18

/*
 * Sets kappa, gamma, length_option and half_life of *out from the case: raw --kappa and --gamma
 * (gamma 1 unless given), else the one length given, else a half-life of
 *     max((n_K - n_0) / 10, median gap) / divisor.
 * damping: zeta; infinity is no inertia, gamma = 1. time: the row's times, in updates.
 * Errors BL_USAGE: a value out of range, fewer than four steps in an oscillation.
 */
int bl_length_pulls(const struct bl_case *c, const struct bl_timeline *time, double damping,
	struct bl_dd divisor, struct bl_spring *out, struct bl_err *err) BL_MUST_USE;

/*
 * The length given for option o (half-life, mean-age, window; it must have been given) in updates:
 * a bare number divided by --time-unit and --update-every, a share of the covered time, or a
 * number of checkpoints. Errors BL_USAGE: negative, longer than BL_LONGEST.
 */
int bl_length_steps(const struct bl_case *c, enum bl_option o, const struct bl_timeline *time,
	struct bl_dd *steps, struct bl_err *err) BL_MUST_USE;

/* The length that made a spring, in every language. */
void bl_length_asked(const struct bl_spring *s, const struct bl_timeline *time,
	struct bl_asked *out);

/* The middle of the sorted gaps between checkpoints, the lower one of two; 0 for one checkpoint. */
int64_t bl_length_median_gap(const struct bl_timeline *time);

#endif
