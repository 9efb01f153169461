/*
 * adjoint.h - the weights of a recurrence, from the last checkpoint back to the first.
 *
 * One step on the state s (order <= 3; a scalar stands for all elements of all tensors):
 *
 *   s_n = s_{n-1} - E s_{n-1} + b (gain x_n + (restore - gain) x_{n-1}),   out = l . s_{n_K}
 *
 * E = I - A is given, never A: 1 - kappa would lose the digits of a small kappa. Powers of a step
 * come from squaring X = M - I, X <- 2 X + X X, so a gap of 10^12 steps costs 40 small products and
 * the weights hold 1e-15 of sum |w| whatever the gap.
 */
#ifndef BL_ADJOINT_H
#define BL_ADJOINT_H

#include "dynamics.h"

#define BL_ORDER 3

/* Coefficients that do not change from step to step. The start is s = (x_0, 0, 0). */
struct bl_recurrence {
	unsigned order;                    /* 1..BL_ORDER: components in use */
	double decay[BL_ORDER][BL_ORDER];  /* E */
	double input[BL_ORDER];            /* b */
	double readout[BL_ORDER];          /* l; l . (1, 0, 0) = 1 */
	double restore, gain;
};

/* The recurrence of a spring: of order 2, (z, v), where the average follows the recorded model,
 * else of order 3, (z, y - z, v). False: what is read out is the path itself. */
bool bl_spring_recurrence(const struct bl_spring *s, struct bl_recurrence *r);

/*
 * Fills weight[0 .. time->count - 1]. Gaps are of 1 .. 2^54 - 1 steps. zero: the state starts at 0
 * instead, and the weights are divided by their sum (needs at least two checkpoints). No
 * allocation, same bits everywhere, thread-safe.
 */
void bl_adjoint_row(const struct bl_recurrence *r, const struct bl_timeline *time,
	enum bl_hold hold, bool zero, double *weight);

/*
 * The same for the EMA whose pull follows a schedule that bl_warmup_end has fitted to the number of
 * updates: one step for every update of the schedule, powers behind it. Where the pull never
 * differs from kappa, these are the bits of bl_adjoint_row.
 */
void bl_adjoint_warmup(const struct bl_warmup *warmup, double kappa,
	const struct bl_timeline *time, enum bl_hold hold, bool zero, double *weight);

/*
 * The same from a state s that is given at the first of the times instead of a start:
 *
 *   out = sum_j carry[j] s_j + sum_i weight[i] x_i
 *
 * where x_0 is the checkpoint at that time. carry has r->order entries. Returns the sum of the
 * weights, found without cancellation. Where restore is not gain, the path must have been at x_0,
 * so hold must be BL_HOLD_LINEAR or BL_HOLD_RIGHT.
 */
double bl_adjoint_resume(const struct bl_recurrence *r, const struct bl_timeline *time,
	enum bl_hold hold, double *carry, double *weight);

/* The same for an EMA with a schedule, whose updates are counted from the time begin. carry is one
 * number. */
double bl_adjoint_warmup_resume(const struct bl_warmup *warmup, double kappa,
	const struct bl_timeline *time, int64_t begin, enum bl_hold hold, double *carry,
	double *weight);

#endif
